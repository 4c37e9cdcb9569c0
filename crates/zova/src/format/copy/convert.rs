//! Convert: a Zova database out of an ordinary SQLite database.

use std::path::Path;

use super::verify::Depth;
use super::{Copy, Job, default_extensions, source};
use crate::error::Fault;
use crate::format::create::add_schema;
use crate::options::{CallLimits, Watch};

/// Copies an SQLite database into a new file and adds Zova's tables there. The files of the source are not changed.
///
/// Cost: reads and writes every page once, with a read transaction open; two disk syncs; a check of the structure. A
/// source that was left in the middle of a transaction is copied before it is brought into order.
pub fn convert(source: &Path, destination: &Path, limits: CallLimits, watch: Watch<'_>) -> Result<(), Fault> {
    let when = limits.stop_when()?;
    let job =
        Job { destination, source, action: "convert the database", when, extensions: default_extensions() };
    job.run(watch, |copy| source::fill(copy, source, limits.longest_wait()), Copy::become_zova)
}

impl Copy<'_> {
    fn become_zova(&mut self) -> Result<(), Fault> {
        let failed = |error| Fault::Native { action: self.job.action, error };
        self.job.write(&self.file, |connection| add_schema(connection).map_err(failed))?;
        self.verify(Depth::KnownStructure)
    }
}
