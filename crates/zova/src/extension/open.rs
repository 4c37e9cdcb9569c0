//! What opening a database does about the extensions installed in it.

use std::cell::RefCell;
use std::path::Path;

use super::context::{Circumstances, ExtensionContext};
use super::error::ExtensionResult;
use super::fault::{Verdict, incompatible, invalid, of_hook_at_open, unavailable};
use super::hooks::shielded;
use super::installed::{self, ExtensionInfo};
use super::names::Names;
use super::register::RegisterContext;
use super::registry::{Code, Entry};
use crate::error::Fault;
use crate::session::Session;

/// How much of the installed extensions must be usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expectation {
    /// All of it.
    Usable,
    /// The list must be legible. What can be registered is; the rest is left alone, so that it can be dropped.
    Repairable,
    /// The list should be legible, and if it `must` be, opening fails otherwise. No code of extensions runs.
    Inspected {
        /// Whether an illegible list makes opening fail.
        must: bool,
    },
}

/// What a session knows about extensions.
pub(crate) struct Extensions {
    code: Code,
    names: RefCell<Names>,
    /// What was expected when the database was opened.
    expectation: Expectation,
    /// Why the list of installed extensions is illegible, where that was tolerated.
    illegible: Option<Fault>,
}

impl Extensions {
    pub(crate) fn new(code: Code, expectation: Expectation) -> Self {
        Self { code, names: RefCell::default(), expectation, illegible: None }
    }

    /// With what, and how, another file is opened that must be as good as this one: a copy.
    pub(crate) fn for_copies(&self) -> (Code, Expectation) {
        (Code::clone(&self.code), self.expectation)
    }

    /// The code of an extension.
    pub(super) fn provided(&self, name: &str) -> Option<&Entry> {
        self.code.iter().find(|entry| entry.manifest.name == name)
    }

    /// The code of an installed extension, if it is that of the version that is installed.
    pub(super) fn agreed(&self, info: &ExtensionInfo) -> Result<&Entry, Fault> {
        let entry = self.provided(&info.name).ok_or_else(|| unavailable(&info.name))?;
        let manifest = &entry.manifest;
        for (what, installed, provided) in [
            ("version", &info.version, &manifest.version),
            ("minimum ABI version", &info.zova_abi_min, &manifest.zova_abi_min),
        ] {
            if installed != provided {
                return Err(incompatible(&info.name, what, installed, provided));
            }
        }
        Ok(entry)
    }
}

impl Session {
    /// Steps 11 to 15 of opening, in the read transaction in which the file was checked.
    pub(crate) fn open_extensions(&mut self, path: &Path, expectation: Expectation) -> Result<(), Fault> {
        let storage = self.storage();
        let refused = |error| Fault::Open { path: path.to_owned(), error };
        let Some(rows) = installed::read(storage).map_err(refused)? else {
            let fault = invalid(format!("{path:?} has a malformed entry in its list of extensions"));
            return match expectation {
                Expectation::Inspected { must: false } => {
                    self.extensions_mut().illegible = Some(fault);
                    Ok(())
                }
                _ => Err(fault),
            };
        };
        match expectation {
            Expectation::Inspected { .. } => Ok(()),
            Expectation::Repairable => {
                for info in &rows {
                    if let Ok(entry) = self.extensions().agreed(info) {
                        // Without its SQL the extension can still be dropped, unless its code panicked.
                        let _ = self.register_extension_sql(entry);
                        if self.is_poisoned() {
                            return Err(Fault::Internal);
                        }
                    }
                }
                Ok(())
            }
            Expectation::Usable => {
                if installed::has_unowned_storage(storage, &rows).map_err(refused)? {
                    return Err(invalid(format!(
                        "{path:?} holds storage of an extension that is not in its list of extensions"
                    )));
                }
                for info in &rows {
                    let entry = self.extensions().agreed(info)?;
                    self.register_extension_sql(entry)
                        .map_err(|error| of_hook_at_open(error, Verdict::Work, &info.name))?;
                }
                for info in &rows {
                    let entry = self.extensions().agreed(info)?;
                    let mut context = self.extension_context();
                    shielded(context.linked(), || entry.extension.open_check(&mut context))
                        .map_err(|error| of_hook_at_open(error, Verdict::Soundness, &info.name))?;
                }
                Ok(())
            }
        }
    }

    /// Why the list of installed extensions is illegible; `None` if it is not.
    pub fn illegible_extensions(&self) -> Option<&Fault> {
        self.extensions().illegible.as_ref()
    }

    /// What a hook gets that runs in a scope of Zova's.
    pub(super) fn extension_context(&self) -> ExtensionContext<'_> {
        ExtensionContext::new(self.link().linked(), self.circumstances())
    }

    pub(super) fn circumstances(&self) -> Circumstances {
        let diagnostic = matches!(self.extensions().expectation, Expectation::Inspected { .. });
        Circumstances { diagnostic, in_scope: true, ..Circumstances::default() }
    }

    /// Registers the SQL of an extension, once on a connection. Runs in a scope of Zova's.
    pub(super) fn register_extension_sql(&self, entry: &Entry) -> ExtensionResult<()> {
        let mut names = self.extensions().names.borrow_mut();
        let name = &entry.manifest.name;
        if names.is_complete(name) {
            return Ok(());
        }
        let (link, circumstances) = (self.link(), self.circumstances());
        shielded(link.linked(), || {
            entry.extension.register_sql(&mut RegisterContext::new(link, circumstances, &mut names, name))
        })?;
        names.set_complete(name);
        Ok(())
    }
}
