//! Restore: a copy of a database that nobody needs to have open.

use std::path::Path;

use super::Job;
use crate::error::Fault;
use crate::format::open::open_stoppable;
use crate::options::{CallLimits, OpenOptions, Watch};
use crate::session::Storage;
use crate::sqlite::StatementCache;

/// Copies a Zova database, opened for reading only and checked as any open does, into a new file.
///
/// Cost: as a backup.
pub fn restore(
    source: &Path,
    destination: &Path,
    verify: bool,
    limits: CallLimits,
    watch: Watch<'_>,
) -> Result<(), Fault> {
    let when = limits.stop_when()?;
    let options = OpenOptions { read_only: true, busy_timeout_ms: limits.longest_wait() };
    let connection = open_stoppable(source, options, when.clone())?;
    let cache = StatementCache::default();
    let storage = Storage::main(&connection, &cache);
    let job = Job { destination, source, action: "restore the database", when };
    let outcome = job.run(watch, |copy| copy.fill_from(storage, verify), |copy| copy.verify_if(verify));
    drop(cache);
    connection.close();
    outcome
}
