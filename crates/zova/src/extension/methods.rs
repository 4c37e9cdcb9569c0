//! The methods that concern extensions, for all handles.

/// Methods that all database handles have.
macro_rules! extension_methods {
    ($self:ident, $($receiver:tt)+) => {
        /// Installs an extension that the process provides: creates its storage, records it, and makes its SQL known to
        /// this handle. All or nothing; inside a transaction it is part of that. Handles opened before need not see the
        /// extension's SQL.
        ///
        /// # Errors
        ///
        /// In this order: `ExtensionInvalid` for an illegal name; `ExtensionNotFound` if the process does not provide
        /// it; `ExtensionExists` if it is installed; `ExtensionInvalid` if one is installed whose name differs in letter
        /// case only; `ReadOnly`; what the extension reports; `ExtensionInvalid` if it did what it must not.
        pub fn install_extension($($receiver)+, name: &str) -> Result<()> {
            let name = checked_text("extension name", name)?;
            $self.handle().call(|session| session.install_extension(name.to_bytes()))
        }

        /// The installed extensions by name.
        pub fn list_extensions($($receiver)+) -> Result<Vec<ExtensionInfo>> {
            $self.handle().call(|session| session.list_extensions())
        }

        /// What is recorded about an installed extension.
        ///
        /// # Errors
        ///
        /// `ExtensionInvalid` for an illegal name, `ExtensionNotFound` if it is not installed.
        pub fn extension_info($($receiver)+, name: &str) -> Result<ExtensionInfo> {
            let name = checked_text("extension name", name)?;
            $self.handle().call(|session| session.extension_info(name.to_bytes()))
        }

        /// Verifies all data of an installed extension. Changes nothing.
        ///
        /// Cost: the extension's; usually one pass over its data.
        ///
        /// # Errors
        ///
        /// In this order: `ExtensionInvalid` for an illegal name, `ExtensionNotFound`, `ExtensionUnavailable`,
        /// `ExtensionIncompatible`, `ExtensionInvalid` for damage.
        pub fn check_extension($($receiver)+, name: &str) -> Result<()> {
            let name = checked_text("extension name", name)?;
            $self.handle().call(|session| session.check_extension(name.to_bytes()))
        }

        /// Verifies all data of every installed extension in the order of the names, up to the first fault.
        pub fn check_extensions($($receiver)+) -> Result<()> {
            $self.handle().call(|session| session.check_extensions())
        }

        /// Drops an installed extension with all its data, also when that is damaged. All or nothing; inside a
        /// transaction it is part of that.
        ///
        /// # Errors
        ///
        /// In this order: `ExtensionInvalid` for an illegal name, `ExtensionNotFound`, `ExtensionUnavailable`,
        /// `ExtensionIncompatible`, `ReadOnly`; `Locked` while a statement reads the extension's tables; what the
        /// extension reports; `ExtensionInvalid` if it left something or did what it must not.
        pub fn drop_extension($($receiver)+, name: &str) -> Result<()> {
            let name = checked_text("extension name", name)?;
            $self.handle().call(|session| session.drop_extension(name.to_bytes()))
        }
    };
}
pub(crate) use extension_methods;

/// How the handles that own a connection are opened with a registry.
macro_rules! registry_constructors {
    () => {
        /// As `create`, with a registry of extensions and options for the handle. The registry takes no more extensions
        /// from then on.
        pub fn create_with_registry(
            path: impl AsRef<Path>,
            options: OpenOptions,
            registry: &ExtensionRegistry,
        ) -> Result<Self> {
            let session = Session::create_with_registry(checked_path(path.as_ref())?, options, registry)?;
            Ok(Self { handle: Handle::new(session) })
        }

        /// As `open_with_options`, with a registry of extensions. The registry takes no more extensions from then on.
        ///
        /// # Errors
        ///
        /// Besides those of `open`: what an extension reports.
        pub fn open_with_registry(
            path: impl AsRef<Path>,
            options: OpenOptions,
            registry: &ExtensionRegistry,
        ) -> Result<Self> {
            let session = Session::open_with_registry(checked_path(path.as_ref())?, options, registry)?;
            Ok(Self { handle: Handle::new(session) })
        }

        /// As `open_with_registry`, but opens a database also when an installed extension is missing, does not fit or has
        /// damaged tables, and when there is storage of extensions that are not installed: to drop the extension, or to
        /// read what does not depend on it. The SQL of extensions that cannot be used is missing, so triggers that call
        /// it fail.
        ///
        /// # Errors
        ///
        /// Those of `open`, of the extensions' only `ExtensionInvalid` for a malformed list of installed extensions.
        pub fn open_for_repair(
            path: impl AsRef<Path>,
            options: OpenOptions,
            registry: &ExtensionRegistry,
        ) -> Result<Self> {
            let session = Session::open_for_repair(checked_path(path.as_ref())?, options, registry)?;
            Ok(Self { handle: Handle::new(session) })
        }
    };
}
pub(crate) use registry_constructors;
