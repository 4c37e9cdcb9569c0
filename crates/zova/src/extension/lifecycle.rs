//! Installing, listing, checking and dropping extensions.

use super::context::ExtensionContext;
use super::error::ExtensionResult;
use super::fault::{Verdict, installed_already, invalid, not_installed, not_provided, of_hook};
use super::hooks::shielded;
use super::installed::{self, ExtensionInfo, has_unowned_storage, owner};
use super::manifest::{ExtensionManifest, illegal_name};
use super::registry::{Entry, Extension};
use super::schema::Schema;
use crate::error::Fault;
use crate::format;
use crate::name::ExtensionName;
use crate::session::Session;
use crate::sqlite::{Sql, SqliteError, Value};

const RECORD: Sql = Sql("insert into $._zova_extensions (name, version, storage_prefix, zova_abi_min, \
    capabilities, required, installed_at_unix, manifest_json) values (?1, ?2, ?3, ?4, ?5, 1, unixepoch(), ?6)");
const REMOVE: Sql = Sql("delete from $._zova_extensions where name = ?1");

const INSTALL: &str = "install the extension";
const DROP: &str = "drop the extension";
const CHECK: &str = "check the extension";
const READ: &str = "read the list of extensions";

impl Session {
    /// Installs an extension that the process provides. All or nothing, inside the caller's transaction if there is
    /// one.
    ///
    /// Cost: what its install hook does, and two passes over the schema.
    pub fn install_extension(&mut self, name: &[u8]) -> Result<(), Fault> {
        let name = legal_name(name)?;
        let entry = self.extensions().provided(name).ok_or_else(|| not_provided(name))?.clone();
        // Before the scope, so that these come before a lock held elsewhere; inside it they count.
        require_installable(name, &self.installed_extensions(INSTALL)?)?;
        self.require_writable(INSTALL)?;
        self.atomically(INSTALL, |session| session.install(&entry))
    }

    fn install(&self, entry: &Entry) -> Result<(), Fault> {
        let failed = |error| Fault::Native { action: INSTALL, error };
        let (name, storage) = (&entry.manifest.name, self.storage());
        let before = self.installed_extensions(INSTALL)?;
        require_installable(name, &before)?;
        let schema_before = Schema::read(storage).map_err(failed)?;
        self.run_hook(entry, Verdict::Work, |extension, context| extension.install(context))?;
        self.require_scope(name)?;
        if self.installed_extensions(INSTALL)? != before {
            return Err(invalid(format!("the extension {name:?} changed the list of installed extensions")));
        }
        record(self, &entry.manifest).map_err(failed)?;
        self.register_extension_sql(entry).map_err(|error| of_hook(error, Verdict::Work))?;
        self.require_scope(name)?;
        let after = self.require_sound(&schema_before, name, INSTALL)?;
        // What another extension owned until now would be this one's, whose prefix is longer.
        if schema_before.owned_by(name, &after).any(|object| owner(&object.name, &before).is_some()) {
            return Err(invalid(format!(
                "another installed extension has storage under the prefix of {name:?}"
            )));
        }
        Ok(())
    }

    /// The installed extension of this name.
    pub fn extension_info(&mut self, name: &[u8]) -> Result<ExtensionInfo, Fault> {
        self.installed_extension(legal_name(name)?, READ)
    }

    /// All installed extensions by name.
    pub fn list_extensions(&mut self) -> Result<Vec<ExtensionInfo>, Fault> {
        self.installed_extensions(READ)
    }

    /// Runs the full check of an installed extension. What the check writes is undone.
    ///
    /// Cost: the extension's; usually one pass over its data.
    pub fn check_extension(&mut self, name: &[u8]) -> Result<(), Fault> {
        let name = legal_name(name)?;
        self.uncounted(|session| {
            session
                .in_undone_scope(CHECK, |session| session.check(&session.installed_extension(name, CHECK)?))
        })
    }

    /// Checks every installed extension in the order of the names, up to the first that fails.
    pub fn check_extensions(&mut self) -> Result<(), Fault> {
        self.uncounted(|session| {
            session.in_undone_scope(CHECK, |session| {
                for info in session.installed_extensions(CHECK)? {
                    session.in_undone_scope(CHECK, |session| session.check(&info))?;
                }
                Ok(())
            })
        })
    }

    fn check(&self, info: &ExtensionInfo) -> Result<(), Fault> {
        let entry = self.extensions().agreed(info)?;
        // The check may use the extension's SQL, which this connection lacks if another one installed it.
        self.register_extension_sql(entry).map_err(|error| of_hook(error, Verdict::Work))?;
        self.link().linked().write_put_off().map_err(|error| Fault::Native { action: CHECK, error })?;
        self.run_hook(entry, Verdict::Soundness, |extension, context| extension.check(context))
    }

    /// Drops an installed extension with all its storage, also when that is damaged. All or nothing, inside the
    /// caller's transaction if there is one.
    ///
    /// Cost: what its drop hook does, and two passes over the schema.
    pub fn drop_extension(&mut self, name: &[u8]) -> Result<(), Fault> {
        let name = legal_name(name)?;
        self.extensions().agreed(&self.installed_extension(name, DROP)?)?;
        self.require_writable(DROP)?;
        self.atomically(DROP, |session| session.drop_installed(name))
    }

    fn drop_installed(&self, name: &str) -> Result<(), Fault> {
        let failed = |error| Fault::Native { action: DROP, error };
        let storage = self.storage();
        let before = self.installed_extensions(DROP)?;
        let info = before.iter().find(|info| info.name == name).ok_or_else(|| not_installed(name))?;
        let entry = self.extensions().agreed(info)?;
        let schema_before = Schema::read(storage).map_err(failed)?;
        self.link().linked().skip_put_off(name);
        self.run_hook(entry, Verdict::Work, |extension, context| extension.drop_storage(context))?;
        self.require_scope(name)?;
        if self.installed_extensions(DROP)? != before {
            return Err(invalid(format!("the extension {name:?} changed the list of installed extensions")));
        }
        // While the extension is still listed, what is left of it is not another one's with a shorter name.
        let schema = Schema::read(storage).map_err(failed)?;
        if schema.owned_by(name, &before).next().is_some() {
            return Err(invalid(format!("the extension {name:?} did not drop all of its storage")));
        }
        refuse_strayed(&schema, &schema_before, name, &before)?;
        storage.run(REMOVE, &[Value::Text(name)]).map_err(failed)?;
        require_one_row(storage.changes()).map_err(failed)?;
        self.require_sound(&schema, name, DROP)?;
        Ok(())
    }

    /// The list of installed extensions, which must be well formed.
    pub(super) fn installed_extensions(&self, action: &'static str) -> Result<Vec<ExtensionInfo>, Fault> {
        let rows = installed::read(self.storage()).map_err(|error| Fault::Native { action, error })?;
        rows.ok_or_else(|| invalid("the database has a malformed entry in its list of extensions"))
    }

    fn installed_extension(&self, name: &str, action: &'static str) -> Result<ExtensionInfo, Fault> {
        let found = self.installed_extensions(action)?.into_iter().find(|info| info.name == name);
        found.ok_or_else(|| not_installed(name))
    }

    /// Runs a hook with the services of a context.
    fn run_hook(
        &self,
        entry: &Entry,
        verdict: Verdict,
        hook: impl FnOnce(&dyn Extension, &mut ExtensionContext<'_>) -> ExtensionResult<()>,
    ) -> Result<(), Fault> {
        let mut context = self.extension_context();
        shielded(self.link().linked(), || hook(&*entry.extension, &mut context))
            .map_err(|error| of_hook(error, verdict))
    }

    /// SQLite itself ends transactions where a statement asks for it or the disk is full. Nothing is left to undo then.
    pub(super) fn require_scope(&self, name: &str) -> Result<(), Fault> {
        if self.is_in_transaction() {
            Ok(())
        } else {
            Err(invalid(format!("the extension {name:?} rolled back the transaction it ran in")))
        }
    }

    /// What must hold after an extension changed the database: the list of extensions as it is then.
    pub(super) fn require_sound(
        &self,
        before: &Schema,
        name: &str,
        action: &'static str,
    ) -> Result<Vec<ExtensionInfo>, Fault> {
        let failed = |error| Fault::Native { action, error };
        let storage = self.storage();
        let installed = self.installed_extensions(action)?;
        refuse_strayed(&Schema::read(storage).map_err(failed)?, before, name, &installed)?;
        if has_unowned_storage(storage, &installed).map_err(failed)? {
            return Err(invalid("the database holds storage of an extension that is not installed"));
        }
        if !format::has_core_tables(storage).map_err(failed)? {
            return Err(invalid("a table of the Zova format is missing or was altered"));
        }
        Ok(installed)
    }

    /// A read-only handle is told so before any hook runs, and after everything that does not need writing.
    fn require_writable(&self, action: &'static str) -> Result<(), Fault> {
        if self.is_read_only() {
            Err(Fault::Native { action, error: SqliteError::read_only() })
        } else {
            Ok(())
        }
    }
}

/// Records the extension as installed.
pub(super) fn record(session: &Session, manifest: &ExtensionManifest) -> Result<(), SqliteError> {
    let storage = session.storage();
    let texts = [
        &manifest.name,
        &manifest.version,
        &manifest.storage_prefix,
        &manifest.zova_abi_min,
        &manifest.capabilities,
        &manifest.manifest_json,
    ];
    storage.run(RECORD, &texts.map(|text| Value::Text(text)))?;
    require_one_row(storage.changes())
}

/// A trigger of the application's on the list may have answered RAISE(IGNORE).
fn require_one_row(changes: i64) -> Result<(), SqliteError> {
    if changes == 1 { Ok(()) } else { Err(SqliteError::skipped_by_trigger()) }
}

fn legal_name(name: &[u8]) -> Result<&str, Fault> {
    ExtensionName::new(name).map(ExtensionName::as_str).ok_or_else(|| invalid(illegal_name(name)))
}

/// Refuses a name that is installed, or whose tables could have the same names.
fn require_installable(name: &str, installed: &[ExtensionInfo]) -> Result<(), Fault> {
    if installed.iter().any(|info| info.name == name) {
        return Err(installed_already(name));
    }
    match installed.iter().find(|info| info.name.eq_ignore_ascii_case(name)) {
        Some(other) => Err(invalid(format!(
            "the extension {:?} is installed, and {name:?} differs from it in letter case only",
            other.name
        ))),
        None => Ok(()),
    }
}

pub(super) fn refuse_strayed(
    now: &Schema,
    before: &Schema,
    name: &str,
    installed: &[ExtensionInfo],
) -> Result<(), Fault> {
    match now.strayed(before, name, installed) {
        None => Ok(()),
        Some(what) => Err(invalid(format!(
            "the extension {name:?} created, changed or dropped {what}, which is not its own"
        ))),
    }
}
