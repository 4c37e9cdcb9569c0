//! Whole databases from one file into another: backup, compact, restore, convert.
//!
//! All four are one [`Job`] with another way of filling the file. The new file is filled under a temporary name in the
//! directory of its destination, checked there, and gets its name last; whatever goes wrong before leaves nothing
//! behind.
//!
//! A file in WAL mode cannot be looked at without side files of its own. So while a copy is worked on, its header says
//! that it is in rollback mode; what the source's header said is put back just before the file gets its name.

mod backup;
mod compact;
mod convert;
mod meter;
mod pages;
mod restore;
mod source;
mod verify;

use std::path::Path;

use super::path::{require_short, require_suffix};
use crate::error::Fault;
use crate::extension::{Code, Expectation, default_code};
use crate::options::Watch;
use crate::publish::{Content, NewFile, require_absent};
use crate::sqlite::{Connection, OpenMode, Sql, StatementCache, StopWhen};
use meter::Meter;

pub use convert::convert;
pub use restore::restore;

/// Where in a database file its write and read versions are.
const VERSIONS_AT: u64 = 18;
/// Both versions of a file in rollback mode, and in WAL mode.
const ROLLBACK_MODE: [u8; 2] = [1, 1];
const WAL_MODE: [u8; 2] = [2, 2];

/// A copy to be made.
struct Job<'j> {
    destination: &'j Path,
    /// Whose permissions the copy must not exceed.
    source: &'j Path,
    /// What is being done, as the end of "cannot …".
    action: &'static str,
    when: StopWhen,
    /// The code of extensions that the copy is checked with, and how.
    extensions: (Code, Expectation),
}

/// A copy being made.
struct Copy<'j> {
    job: &'j Job<'j>,
    file: NewFile,
    meter: Meter<'j>,
}

/// What copies of files are checked with that no handle has open.
fn default_extensions() -> (Code, Expectation) {
    (Code::clone(default_code()), Expectation::Usable)
}

impl<'j> Job<'j> {
    /// Makes the copy: `fill` puts the database into the file, `complete` changes and checks it as needed.
    fn run(
        &'j self,
        watch: Watch<'j>,
        fill: impl FnOnce(&mut Copy<'j>) -> Result<(), Fault>,
        complete: impl FnOnce(&mut Copy<'j>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        require_suffix(self.destination)?;
        require_absent(self.destination)?;
        require_short(self.destination)?;
        let file = NewFile::start_like(self.destination, self.source)?;
        let meter = Meter::new(watch, self.when.clone());
        let mut copy = Copy { job: self, file, meter };
        fill(&mut copy)?;
        let mut versions = ROLLBACK_MODE;
        let in_wal_mode = copy.file.read_at(VERSIONS_AT, &mut versions)? && versions == WAL_MODE;
        if in_wal_mode {
            copy.file.write_at(VERSIONS_AT, &ROLLBACK_MODE)?;
        }
        complete(&mut copy)?;
        if in_wal_mode {
            copy.file.write_at(VERSIONS_AT, &WAL_MODE)?;
        }
        copy.meter.finish()?;
        copy.file.publish(Content::Database)
    }
}

/// Statements for a connection that fills a copy: the file is worth nothing before it is complete, and then it is
/// synced.
const UNPROTECTED: [Sql; 2] = [Sql("pragma $.journal_mode = off"), Sql("pragma $.synchronous = off")];

impl Job<'_> {
    /// Opens the unfinished file for `work`, which runs without the protection of a journal.
    fn write<T>(
        &self,
        file: &NewFile,
        work: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let refused = |error| Fault::Open { path: self.destination.to_owned(), error };
        let path = file.temporary_path();
        let connection =
            Connection::open_stoppable(path, OpenMode::ReadWrite, self.when.clone()).map_err(refused)?;
        let cache = StatementCache::default();
        for sql in UNPROTECTED {
            cache.run(&connection, "main", sql, &[]).map_err(refused)?;
        }
        drop(cache);
        let result = work(&connection)?;
        connection.close();
        Ok(result)
    }
}
