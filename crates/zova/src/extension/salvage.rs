//! What an extension's salvage hook gets and reports.

use std::fmt;

use super::context::{ExtensionContext, SalvageMode};

/// What [`Extension::salvage`](crate::Extension::salvage) gets: the damaged database, and in mode
/// [`SalvageMode::Copy`] the new one.
///
/// Objects, vectors and graphs are in the destination already. The hook runs in a scope of the destination that is
/// undone when it fails; what it creates there must be under its storage prefix.
pub struct SalvageContext<'a> {
    source: ExtensionContext<'a>,
    destination: Option<ExtensionContext<'a>>,
}

impl<'a> SalvageContext<'a> {
    pub(super) fn new(source: ExtensionContext<'a>, destination: Option<ExtensionContext<'a>>) -> Self {
        Self { source, destination }
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
