//! Restore: a copy of a database that nobody needs to have open.

use std::path::Path;

use super::{Job, default_extensions};
use crate::error::Fault;
use crate::extension::Code;
use crate::format::open::open_stoppable;
use crate::options::{CallLimits, OpenOptions, Watch};
use crate::session::Session;

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
    let extensions = default_extensions();
    let session = Session::with_connection(source, connection, Code::clone(&extensions.0), extensions.1)?;
    let storage = session.storage();
    let job = Job { destination, source, action: "restore the database", when, extensions };
    let outcome = job.run(watch, |copy| copy.fill_from(storage, verify), |copy| copy.verify_if(verify));
    session.close();
    outcome
}
