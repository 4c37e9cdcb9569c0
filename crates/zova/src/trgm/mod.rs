//! `trgm`, the bundled extension: an index of trigrams for looking up short texts in spite of typing errors.
//!
//! A document is an id that the application chooses, a reference to something of the application's or of Zova's, and
//! the trigrams of a text; the text itself is not stored. A search finds the documents that share trigrams with a query
//! and ranks them by how many.
//!
//! The extension uses what [`extension`](crate::extension) offers to any extension, and nothing else. Its tables are
//! those of Zova 0.21.0, and files of either are used by the other.

mod change;
mod check;
mod functions;
mod index;
mod resident;
mod rows;
mod salvage;
mod search;
mod statement;
mod tables;
mod text;
mod value;
mod write;

use crate::{
    Extension, ExtensionContext, ExtensionManifest, ExtensionResult, RegisterContext, SalvageContext,
    SalvageReport,
};

/// The extension.
pub(crate) struct Trgm {
    manifest: ExtensionManifest,
}

impl Trgm {
    pub(crate) fn new() -> Self {
        let manifest_json = format!("{{\"extension\":\"trgm\",\"version\":\"{}\"}}", tables::VERSION);
        let capabilities = "sql,trgm".to_owned();
        let manifest = ExtensionManifest::new("trgm", tables::VERSION, "0.21.0");
        Self { manifest: ExtensionManifest { capabilities, manifest_json, ..manifest } }
    }
}

impl Extension for Trgm {
    fn manifest(&self) -> &ExtensionManifest {
        &self.manifest
    }

    fn register_sql(&self, context: &mut RegisterContext<'_>) -> ExtensionResult<()> {
        functions::register(context)
    }

    fn open_check(&self, context: &mut ExtensionContext<'_>) -> ExtensionResult<()> {
        tables::open_check(context)
    }

    fn install(&self, context: &mut ExtensionContext<'_>) -> ExtensionResult<()> {
        tables::install(context)
    }

    fn check(&self, context: &mut ExtensionContext<'_>) -> ExtensionResult<()> {
        check::check(context)
    }

    fn drop_storage(&self, context: &mut ExtensionContext<'_>) -> ExtensionResult<()> {
        tables::drop_storage(context)
    }

    fn salvage(&self, context: &mut SalvageContext<'_>) -> ExtensionResult<Option<SalvageReport>> {
        salvage::salvage(context).map(Some)
    }
}
