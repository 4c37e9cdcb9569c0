//! Backup: the pages of an open database.

use std::path::Path;

use super::verify::{Depth, count_items};
use super::{Copy, Job};
use crate::error::Fault;
use crate::options::Watch;
use crate::session::{Session, Storage};
use crate::sqlite::Sql;

/// Keeps a read transaction open while it stands on its row.
const MOMENT: Sql = Sql("select 1 from $._zova_meta limit 1");

impl Session {
    /// Copies the database as last committed into a new file, page by page.
    ///
    /// Cost: reads and writes every page once, with a read transaction open; two disk syncs; with `verify` a check of
    /// the structure and a SHA-256 pass over all chunks, and a second one over the objects of several chunks, on up to
    /// four threads.
    pub fn backup(&mut self, destination: &Path, verify: bool, watch: Watch<'_>) -> Result<(), Fault> {
        let job = self.copy_job(destination, "back up the database");
        let storage = self.storage();
        job.run(watch, |copy| copy.fill_from(storage, verify), |copy| copy.verify_if(verify))
    }

    /// A copy of this session's database.
    pub(super) fn copy_job<'j>(&'j self, destination: &'j Path, action: &'static str) -> Job<'j> {
        // Without a path nothing is known of its permissions, and the copy is the owner's alone.
        let source = self.path().unwrap_or(Path::new(""));
        let when = self.storage().connection().stop_when();
        Job { destination, source, action, when, extensions: self.extensions().for_copies() }
    }
}

impl Copy<'_> {
    /// Copies the pages of a Zova database, all of one moment.
    pub(super) fn fill_from(&mut self, source: Storage<'_>, verify: bool) -> Result<(), Fault> {
        let failed = |error| Fault::Native { action: self.job.action, error };
        let mut moment = source.query(MOMENT, &[]).map_err(failed)?;
        moment.step().map_err(failed)?;
        let items = if verify { count_items(source)? } else { 0 };
        self.fill_pages(source.connection(), items)
    }

    pub(super) fn verify_if(&mut self, verify: bool) -> Result<(), Fault> {
        if verify { self.verify(Depth::Content) } else { Ok(()) }
    }
}
