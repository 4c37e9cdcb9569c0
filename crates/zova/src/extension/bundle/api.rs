//! Bundles for Rust programs.

use std::path::Path;

use super::TrustedExtension;
use crate::error::Result;
use crate::extension::ExtensionRegistry;
use crate::handle::{checked_path, checked_text};

/// Bundles to load when a database is opened.
///
/// Each is a directory ending in `.zovaext` that was trusted before (see [`trust_extension_bundle`]). They are loaded in
/// this order, into this process alone, and stay loaded until it ends.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExtensionBundles<'a> {
    /// The directories.
    pub paths: &'a [&'a Path],
    /// The file with the list of trusted bundles. `None`: `$ZOVA_TRUST_STORE`, else `zova/trusted_extensions.json` in
    /// `$XDG_CONFIG_HOME`, else in `$HOME/.config`.
    pub trust_store: Option<&'a Path>,
}

impl ExtensionBundles<'_> {
    /// The bundled extensions and these.
    pub(crate) fn registry(&self) -> Result<ExtensionRegistry> {
        for path in self.paths.iter().chain(&self.trust_store) {
            checked_path(path)?;
        }
        Ok(super::registry_with(self.paths, self.trust_store)?)
    }
}

/// How the handles that own a connection are opened with bundles.
macro_rules! bundle_constructors {
    () => {
        /// As `create`, with bundles of extensions and options for the handle. The bundles are loaded first: a fault of
        /// one of them leaves no file.
        ///
        /// # Errors
        ///
        /// Those of [`ExtensionRegistry::load_bundle`], then those of `create`.
        pub fn create_with_extensions(
            path: impl AsRef<Path>,
            options: OpenOptions,
            bundles: ExtensionBundles<'_>,
        ) -> Result<Self> {
            let path = checked_path(path.as_ref())?;
            Self::create_with_registry(path, options, &bundles.registry()?)
        }

        /// As `open_with_options`, with bundles of extensions for this one handle. Only these bundles are loaded,
        /// whatever is installed in the file; one that is installed and not among them is `ExtensionUnavailable`.
        ///
        /// # Errors
        ///
        /// Those of [`ExtensionRegistry::load_bundle`], then those of `open`.
        pub fn open_with_extensions(
            path: impl AsRef<Path>,
            options: OpenOptions,
            bundles: ExtensionBundles<'_>,
        ) -> Result<Self> {
            let path = checked_path(path.as_ref())?;
            Self::open_with_registry(path, options, &bundles.registry()?)
        }
    };
}
pub(crate) use bundle_constructors;

impl ExtensionRegistry {
    /// Loads a trusted bundle and adds its extension. All checks of [`verify_extension_bundle`] come first, on the very
    /// bytes that are loaded then. The code stays loaded until the process ends; loading an unchanged bundle again
    /// verifies it again and uses the code that is there.
    ///
    /// # Errors
    ///
    /// Those of [`verify_extension_bundle`] and [`ExtensionRegistry::add`]; `ExtensionLoadFailed` for a library that
    /// was made for another platform, cannot be loaded, lacks the entry function, or whose entry function fails;
    /// `ExtensionIncompatible` for one that was built for another plugin interface or states something else than its
    /// manifest.
    ///
    /// Cost: hashes and copies the library.
    pub fn load_bundle(&mut self, bundle: impl AsRef<Path>, trust_store: Option<&Path>) -> Result<()> {
        let (bundle, trust_store) = (checked_path(bundle.as_ref())?, checked_store(trust_store)?);
        Ok(super::load_into(self, bundle, trust_store)?)
    }
}

/// Records that the code of a bundle, as it is now, may be loaded. Nothing of it is loaded or run. Every later change of
/// its manifest or library takes the trust away. Records of the same name or path are replaced.
///
/// `trust_store` is as in [`ExtensionBundles`]; the file and its directories are made if they are missing, for the user
/// alone, and the file is replaced as a whole.
///
/// # Errors
///
/// `ExtensionInvalid` for a bundle or a list that breaks its rules; `CantOpen` for files that cannot be read or written,
/// with the reason (`FileNotFound`, `AccessDenied`, ...) in the message; `ExtensionUntrusted` for a list that every user
/// of the machine may change.
///
/// Cost: reads the library.
pub fn trust_extension_bundle(bundle: impl AsRef<Path>, trust_store: Option<&Path>) -> Result<()> {
    let (bundle, trust_store) = (checked_path(bundle.as_ref())?, checked_store(trust_store)?);
    super::trust(bundle, trust_store)?;
    Ok(())
}

/// Makes all checks that come before a bundle is loaded, and loads nothing: that its manifest follows the rules, that
/// exactly these bytes were trusted, that not every user of the machine may change them, and that this version has the
/// plugin interface they need.
///
/// # Errors
///
/// As [`trust_extension_bundle`]; `ExtensionUntrusted` for a bundle that was not trusted or changed since, or that every
/// user of the machine may change; `ExtensionIncompatible` for a bundle made for another version.
///
/// Cost: reads the library.
pub fn verify_extension_bundle(bundle: impl AsRef<Path>, trust_store: Option<&Path>) -> Result<()> {
    let (bundle, trust_store) = (checked_path(bundle.as_ref())?, checked_store(trust_store)?);
    Ok(super::verify(bundle, trust_store)?)
}

/// Takes trust away. `identifier` is the path of a bundle if it contains `/` or ends in `.zovaext`, whether or not the
/// bundle still exists; else the name of an extension. `false` if nothing was recorded.
///
/// # Errors
///
/// `ExtensionInvalid` for an identifier that is no name, and for a list that breaks its rules; `CantOpen` as for
/// [`trust_extension_bundle`].
pub fn untrust_extension_bundle(identifier: &str, trust_store: Option<&Path>) -> Result<bool> {
    checked_text("string", identifier)?;
    Ok(super::untrust(identifier, checked_store(trust_store)?)?)
}

/// The trusted bundles, in the order of the list.
///
/// # Errors
///
/// `ExtensionInvalid` for a list that breaks its rules; `CantOpen` for one that cannot be read.
pub fn trusted_extension_bundles(trust_store: Option<&Path>) -> Result<Vec<TrustedExtension>> {
    Ok(super::trusted(checked_store(trust_store)?)?)
}

fn checked_store(trust_store: Option<&Path>) -> Result<Option<&Path>> {
    trust_store.map(checked_path).transpose()
}
