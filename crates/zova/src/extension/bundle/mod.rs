//! Extension bundles: directories with a manifest and a native library, and the decision whether their code may run.
//!
//! A bundle's code runs only when the program names the bundle, a person has trusted it, and neither of its two files
//! changed since. Nothing in a `.zova` file leads here. Everything in this module reads; the code itself is loaded by
//! `plugin::library`, from the very bytes that were hashed here.
//!
//! | Module | Question |
//! |---|---|
//! | [`manifest`] | what does the bundle say about itself, and does that follow the rules? |
//! | [`trust`] | did somebody trust exactly these bytes? |
//! | [`platform`] | was the library made for this machine? |
//! | [`files`], [`json`] | how are untrusted files read? |

mod api;
pub(super) mod fault;
mod files;
mod json;
mod manifest;
mod platform;
mod trust;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::Fault;
use crate::extension::plugin::{self, Plugin, PrivateCopy};
use crate::extension::{Extension as _, ExtensionManifest, ExtensionRegistry};
use files::{Digest, Readable, hex};
use manifest::BundleManifest;
use trust::{TrustStore, Update};

pub(crate) use api::bundle_constructors;
pub use api::{
    ExtensionBundles, trust_extension_bundle, trusted_extension_bundles, untrust_extension_bundle,
    verify_extension_bundle,
};
pub use trust::TrustedExtension;

/// How the path of a bundle ends.
const SUFFIX: &[u8] = b".zovaext";
const MANIFEST: &str = "extension.json";
/// The largest library, in bytes.
const MAX_LIBRARY_BYTES: u64 = 256 * 1024 * 1024;

/// A bundle whose form is in order. Its files are open: what is read from them later is what was checked.
struct Bundle {
    /// Canonical.
    directory: PathBuf,
    manifest: BundleManifest,
    manifest_sha256: Digest,
    library: Readable,
    /// Whether every user of the machine may change the directory or one of the two files.
    writable_by_everyone: bool,
}

impl Bundle {
    /// Checks directory, manifest and the place of the library.
    fn open(path: &Path) -> Result<Self, Fault> {
        let invalid = |text: String| Fault::ExtensionInvalid(format!("the bundle {path:?}: {text}"));
        if !path.as_os_str().as_encoded_bytes().ends_with(SUFFIX) {
            return Err(invalid("its path must end in .zovaext, without a slash behind it".to_owned()));
        }
        let directory = files::canonical(path)?;
        let folder = std::fs::metadata(&directory).map_err(|error| files::refused(&directory, &error))?;
        if !folder.is_dir() {
            return Err(files::named(&directory, "NotDir"));
        }
        let inside = |part: &str| {
            let place = files::canonical(&directory.join(part))?;
            if place.starts_with(&directory) && place != directory {
                Ok(place)
            } else {
                Err(invalid(format!("{part} is a link that leads out of the bundle")))
            }
        };

        let irregular = || invalid(format!("{MANIFEST} is not an ordinary file"));
        let mut file = Readable::open(&inside(MANIFEST)?, irregular)?;
        let too_long = || invalid(format!("{MANIFEST} has more than {} bytes", manifest::MAX_BYTES));
        let bytes = file.read(manifest::MAX_BYTES)?.ok_or_else(too_long)?;
        let manifest = BundleManifest::parse(&bytes)
            .map_err(|reason| invalid(format!("{MANIFEST} is not acceptable: {reason}")))?;

        let irregular = || invalid(format!("{} is not an ordinary file", manifest.library));
        let library = Readable::open(&inside(&manifest.library)?, irregular)?;
        let writable_by_everyone =
            [&folder, &file.metadata, &library.metadata].into_iter().any(files::is_writable_by_everyone);
        Ok(Self {
            writable_by_everyone,
            directory,
            manifest_sha256: crate::object::hash(&bytes),
            manifest,
            library,
        })
    }

    /// Passes the library on and gives the digest of what was passed.
    fn copy_library(&mut self, sink: &mut dyn Write) -> Result<Digest, Fault> {
        let small_enough = self.library.metadata.len() <= MAX_LIBRARY_BYTES;
        let copied = if small_enough { self.library.copy(MAX_LIBRARY_BYTES, sink)? } else { None };
        copied.ok_or_else(|| {
            Fault::ExtensionInvalid(format!(
                "the library of the bundle {:?} has more than {MAX_LIBRARY_BYTES} bytes",
                self.directory
            ))
        })
    }

    /// Step 2 of loading: somebody trusted this bundle, and what was trusted are these bytes.
    fn require_trusted(&self, library_sha256: &Digest, trust_store: Option<&Path>) -> Result<(), Fault> {
        let untrusted = |why: &str| Err(fault::untrusted(format!("the bundle {:?} {why}", self.directory)));
        let store = TrustStore::read(trust_store)?;
        let Some(record) = store.of_bundle(&self.directory) else {
            return untrusted("was never trusted");
        };
        let stated = &self.manifest.stated;
        if self.writable_by_everyone {
            return untrusted("can be changed by every user of this machine; take that permission away");
        }
        if store.writable_by_everyone {
            return Err(fault::untrusted(format!(
                "the list of trusted bundles {:?} can be changed by every user of this machine",
                store.path
            )));
        }
        let described = [
            (&record.name, &stated.name),
            (&record.version, &stated.version),
            (&record.storage_prefix, &stated.storage_prefix),
        ];
        if described.into_iter().any(|(trusted, found)| trusted != found)
            || !record.manifest_sha256.eq_ignore_ascii_case(&hex(&self.manifest_sha256))
        {
            return untrusted("has another manifest than the one that was trusted");
        }
        if !record.library_sha256.eq_ignore_ascii_case(&hex(library_sha256)) {
            return untrusted("has another library than the one that was trusted");
        }
        Ok(())
    }
}

/// Records that the code of a bundle, as it is now, may run. Nothing of it is loaded. A record of the same name or
/// path is replaced.
pub fn trust(bundle: &Path, trust_store: Option<&Path>) -> Result<TrustedExtension, Fault> {
    let mut bundle = Bundle::open(bundle)?;
    let library_sha256 = bundle.copy_library(&mut io::sink())?;
    let ExtensionManifest { name, version, storage_prefix, .. } = bundle.manifest.stated;
    let record = TrustedExtension {
        name,
        version,
        storage_prefix,
        // JSON has no form for other paths.
        bundle_path: bundle
            .directory
            .to_str()
            .ok_or_else(|| files::named(&bundle.directory, "BadPathName"))?
            .to_owned(),
        manifest_sha256: hex(&bundle.manifest_sha256),
        library_sha256: hex(&library_sha256),
        trusted_at_unix: now(),
    };
    let mut update = Update::begin(trust_store)?;
    update.records.retain(|old| old.name != record.name && old.bundle_path != record.bundle_path);
    update.records.push(record.clone());
    update.finish()?;
    Ok(record)
}

/// Takes trust away, by the path or the name of a bundle. False if nothing was recorded.
pub fn untrust(identifier: &str, trust_store: Option<&Path>) -> Result<bool, Fault> {
    trust::untrust(identifier, trust_store)
}

/// What is trusted, in the order of the file.
pub fn trusted(trust_store: Option<&Path>) -> Result<Vec<TrustedExtension>, Fault> {
    TrustStore::read(trust_store).map(|store| store.records)
}

/// What is trusted, as the JSON document that the command prints.
pub fn trusted_json(trust_store: Option<&Path>) -> Result<String, Fault> {
    trusted(trust_store).map(|records| trust::document(&records))
}

/// All checks that come before a library is loaded. Nothing is loaded.
pub fn verify(bundle: &Path, trust_store: Option<&Path>) -> Result<(), Fault> {
    let mut bundle = Bundle::open(bundle)?;
    let digest = bundle.copy_library(&mut io::sink())?;
    bundle.require_trusted(&digest, trust_store)?;
    bundle.manifest.require_suitable()
}

/// Verifies a bundle and loads its code; it stays loaded until the process ends. A bundle whose very bytes are loaded
/// already is verified again and not loaded twice.
pub(crate) fn load(bundle: &Path, trust_store: Option<&Path>) -> Result<Arc<Plugin>, Fault> {
    let mut bundle = Bundle::open(bundle)?;
    let failed = |directory: &Path, reason: &str| {
        fault::load_failed(format!("the library of the bundle {directory:?} cannot be loaded: {reason}"))
    };
    let mut copy = PrivateCopy::new()
        .map_err(|error| failed(&bundle.directory, &format!("no private copy: {error}")))?;
    let library_sha256 = bundle.copy_library(copy.file())?;
    bundle.require_trusted(&library_sha256, trust_store)?;
    bundle.manifest.require_suitable()?;
    let identity = plugin::Identity {
        bundle: bundle.directory.clone(),
        manifest_sha256: bundle.manifest_sha256,
        library_sha256,
    };
    let Bundle { directory, manifest, .. } = bundle;
    let loaded = plugin::load(identity, || {
        platform::require_ours(copy.file()).map_err(|reason| failed(&directory, &reason))?;
        copy.load(manifest.entry()).map_err(|reason| failed(&directory, &reason))
    })?;
    let (code, file) = (loaded.manifest(), &manifest.stated);
    let pairs = [
        ("name", &code.name, &file.name),
        ("version", &code.version, &file.version),
        ("storage_prefix", &code.storage_prefix, &file.storage_prefix),
        ("zova_abi_min", &code.zova_abi_min, &file.zova_abi_min),
        ("capabilities", &code.capabilities, &file.capabilities),
    ];
    if let Some((field, code, file)) = pairs.into_iter().find(|(_, code, file)| code != file) {
        return Err(fault::incompatible(format!(
            "the library of the bundle {directory:?} states the {field} {code:?}, and its manifest {file:?}"
        )));
    }
    Ok(loaded)
}

/// Adds the extension of a bundle to a registry.
pub fn load_into(
    registry: &mut ExtensionRegistry,
    bundle: &Path,
    trust_store: Option<&Path>,
) -> Result<(), Fault> {
    // Before any code is loaded in vain.
    registry.require_unused()?;
    registry.admit(load(bundle, trust_store)?)
}

/// A registry of the bundled extensions and these; all are loaded before any is added.
pub fn registry_with(bundles: &[&Path], trust_store: Option<&Path>) -> Result<ExtensionRegistry, Fault> {
    let plugins: Vec<_> = bundles.iter().map(|bundle| load(bundle, trust_store)).collect::<Result<_, _>>()?;
    let mut registry = ExtensionRegistry::new();
    for plugin in plugins {
        registry.admit(plugin)?;
    }
    Ok(registry)
}

/// Unix seconds; 0 for a clock before 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
