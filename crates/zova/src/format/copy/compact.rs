//! Compact: a rebuilt copy without free pages.

use std::path::Path;

use super::meter::Meter;
use super::pages::Size;
use super::verify::count_items;
use crate::error::Fault;
use crate::options::Watch;
use crate::session::Session;
use crate::sqlite::{Prepared, SqlText, SqliteError};

/// Questions of SQLite's between two looks at how far it has come.
const QUESTIONS: u32 = 4;

impl Session {
    /// Writes a rebuilt copy of the database into a new file. Not inside a transaction, and not while a statement is in
    /// the middle of its results.
    ///
    /// Cost: reads every row and writes it anew, with a read transaction open; two disk syncs and what SQLite syncs by
    /// itself; with `verify` as [`Session::backup`].
    pub fn compact(&mut self, destination: &Path, verify: bool, watch: Watch<'_>) -> Result<(), Fault> {
        let job = self.copy_job(destination, "compact the database");
        job.run(
            watch,
            |copy| {
                let failed = |error| Fault::Native { action: job.action, error };
                let size = Size::of(self.storage().connection()).map_err(failed)?;
                let items = if verify { count_items(self.storage())? } else { 0 };
                copy.meter.expect(size.pages + items);
                self.vacuum_into(job.action, copy.file.temporary_path(), size, &mut copy.meter)?;
                copy.meter.advance(size.pages)
            },
            |copy| copy.verify_if(verify),
        )
    }

    fn vacuum_into(
        &self,
        action: &'static str,
        path: &Path,
        size: Size,
        meter: &mut Meter<'_>,
    ) -> Result<(), Fault> {
        let connection = self.storage().connection();
        let failed = |error| Fault::Native { action, error };
        // An absolute path is never taken for a URI.
        let target = std::path::absolute(path).map_err(|error| Fault::cant_open(path, error.to_string()))?;
        meter.advance(0)?;
        let (mut asked, mut stopped) = (0, None);
        let look = || {
            asked += 1;
            if asked % QUESTIONS != 0 {
                return true;
            }
            let written = std::fs::metadata(path).map_or(0, |file| file.len() / size.page_size);
            // The last page is written by the commit.
            stopped = meter.advance(written.min(size.pages.saturating_sub(1))).err();
            stopped.is_none()
        };
        let outcome = connection.metered(look, || {
            let (mut vacuum, _) = Prepared::new(connection, SqlText::new(c"vacuum main into ?1"))?;
            vacuum.bind_text(connection, 1, target.as_os_str().as_encoded_bytes())?;
            while vacuum.step(connection)? {}
            Ok::<_, SqliteError>(())
        });
        match stopped {
            Some(fault) => Err(fault),
            None => outcome.map_err(failed),
        }
    }
}
