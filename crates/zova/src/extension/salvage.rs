//! Salvage: what an extension's hook gets and reports, and running it for every extension of a damaged database.

use std::fmt;

use super::context::{Circumstances, ExtensionContext, SalvageMode};
use super::fault::{Verdict, invalid, of_hook};
use super::hooks::{Panicked, contained, panicked};
use super::installed::ExtensionInfo;
use super::lifecycle::record;
use super::registry::Entry;
use super::schema::Schema;
use crate::error::Fault;
use crate::session::Session;

const SALVAGE: &str = "salvage the extension";
/// Left-out rows that are reported by name.
pub(super) const LISTED_ROWS: usize = 1000;

/// What [`Extension::salvage`](crate::Extension::salvage) gets: the damaged database, and in mode
/// [`SalvageMode::Copy`] the new one.
///
/// Objects, vectors and graphs are in the destination already. The hook runs in a scope of the destination that is
/// undone when it fails; what it creates there must be under its storage prefix.
pub struct SalvageContext<'a> {
    source: ExtensionContext<'a>,
    destination: Option<ExtensionContext<'a>>,
    left_out: Vec<String>,
}

impl<'a> SalvageContext<'a> {
    pub(super) fn new(source: ExtensionContext<'a>, destination: Option<ExtensionContext<'a>>) -> Self {
        Self { source, destination, left_out: Vec::new() }
    }

    /// Whether the hook plans or copies.
    pub fn mode(&self) -> SalvageMode {
        if self.destination.is_some() { SalvageMode::Copy } else { SalvageMode::Plan }
    }

    /// The damaged database. It must not be written.
    pub fn source(&self) -> &ExtensionContext<'a> {
        &self.source
    }

    /// The new database; `None` in mode [`SalvageMode::Plan`].
    pub fn destination(&self) -> Option<&ExtensionContext<'a>> {
        self.destination.as_ref()
    }

    /// Names a row that is left out, by an id that means something to the application. The first thousand are reported
    /// along with the numbers of [`SalvageReport`].
    pub fn name_left_out(&mut self, row: impl Into<String>) {
        if self.left_out.len() < LISTED_ROWS {
            self.left_out.push(row.into());
        }
    }
}

impl fmt::Debug for SalvageContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SalvageContext").field(&self.mode()).finish()
    }
}

/// What a salvage hook did, or in mode [`SalvageMode::Plan`] would do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SalvageReport {
    /// Extensions copied: 1, or 0.
    pub copied_extensions: u64,
    /// Tables, indexes, views and triggers copied or made anew.
    pub copied_private_objects: u64,
    /// Extensions skipped: 1, or 0.
    pub skipped_extensions: u64,
    /// Tables, indexes, views and triggers left out.
    pub skipped_private_objects: u64,
    /// Rows left out, in the extension's own unit (a document, say).
    pub skipped_rows: u64,
    /// The extension is usable in the destination: Zova records its installation there.
    pub installed_in_destination: bool,
}

/// What became of one installed extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionSalvage {
    /// Its name.
    pub name: String,
    /// What the hook reported; for an extension that was skipped, itself and its private storage.
    pub report: SalvageReport,
    /// The rows left out as far as the hook named them, at most a thousand.
    pub left_out: Vec<String>,
    /// Why it was skipped; `None` for one that was not, and for one without a salvage hook.
    pub fault: Option<Fault>,
}

/// What a hook reported, unless it has none, and the rows it named.
type Outcome = (Option<SalvageReport>, Vec<String>);

impl Session {
    /// Salvages the installed extensions in the order of their names: copies them into the destination, or plans it
    /// where there is none. Each is copied as a whole or not at all; one that cannot be salvaged is skipped.
    ///
    /// # Errors
    ///
    /// That the list of installed extensions cannot be read, or is malformed.
    pub fn salvage_extensions(
        &mut self,
        mut destination: Option<&mut Session>,
    ) -> Result<Vec<ExtensionSalvage>, Fault> {
        let installed = self.installed_extensions(SALVAGE)?;
        let schema =
            Schema::read(self.storage()).map_err(|error| Fault::Native { action: SALVAGE, error })?;
        let outcomes = installed.iter().map(|info| {
            let (report, left_out, fault) = match self.salvage_extension(info, destination.as_deref_mut()) {
                Ok((report, left_out)) => (report, left_out, None),
                Err(fault) => (None, Vec::new(), Some(fault)),
            };
            let skipped = || SalvageReport {
                skipped_extensions: 1,
                skipped_private_objects: schema.owned_by(&info.name, &installed).count() as u64,
                ..SalvageReport::default()
            };
            let report = report.unwrap_or_else(skipped);
            ExtensionSalvage { name: info.name.clone(), report, left_out, fault }
        });
        Ok(outcomes.collect())
    }

    fn salvage_extension(
        &self,
        info: &ExtensionInfo,
        destination: Option<&mut Session>,
    ) -> Result<Outcome, Fault> {
        let entry = self.extensions().agreed(info)?;
        self.in_undone_scope(SALVAGE, |source| match destination {
            None => source.run_salvage(entry, None),
            Some(destination) => {
                destination.atomically(SALVAGE, |destination| source.copy_extension(entry, destination))
            }
        })
    }

    fn copy_extension(&self, entry: &Entry, destination: &Self) -> Result<Outcome, Fault> {
        let failed = |error| Fault::Native { action: SALVAGE, error };
        let name = &entry.manifest.name;
        let before = destination.installed_extensions(SALVAGE)?;
        let schema_before = Schema::read(destination.storage()).map_err(failed)?;
        let (report, left_out) = self.run_salvage(entry, Some(destination))?;
        destination.require_scope(name)?;
        let mut after = destination.installed_extensions(SALVAGE)?;
        let recorded = after.iter().position(|info| info.name == *name).map(|at| after.remove(at)).is_some();
        if after.iter().ne(before.iter().filter(|info| info.name != *name)) {
            return Err(invalid(format!("the extension {name:?} changed the list of installed extensions")));
        }
        let claim = report.unwrap_or_default();
        if !claim.installed_in_destination && claim.copied_private_objects > 0 {
            return Err(invalid(format!("the extension {name:?} copied storage without installing itself")));
        }
        if claim.installed_in_destination && !recorded {
            record(destination, &entry.manifest).map_err(failed)?;
        }
        destination.require_sound(&schema_before, name, SALVAGE)?;
        Ok((report, left_out))
    }

    /// Runs the hook. A panic in it counts as any failure: what it did in the destination is undone.
    fn run_salvage(&self, entry: &Entry, destination: Option<&Self>) -> Result<Outcome, Fault> {
        let mode = if destination.is_some() { SalvageMode::Copy } else { SalvageMode::Plan };
        let context = |session: &Self| Circumstances { salvage: Some(mode), ..session.circumstances() };
        let source = self.link().linked();
        let run = |destination| {
            let source = ExtensionContext::new(source, context(self));
            let mut salvage = SalvageContext::new(source, destination);
            let report = entry.extension.salvage(&mut salvage)?;
            Ok((report, salvage.left_out))
        };
        let outcome = match destination {
            None => contained(source, || run(None)),
            Some(destination) => {
                let linked = destination.link().linked();
                let context = ExtensionContext::new(linked, context(destination));
                // Statements may be left open on either connection.
                contained(source, || match contained(linked, || run(Some(context))) {
                    Ok(outcome) => outcome,
                    Err(Panicked) => Err(panicked()),
                })
            }
        };
        outcome.unwrap_or_else(|Panicked| Err(panicked())).map_err(|error| of_hook(error, Verdict::Work))
    }
}
