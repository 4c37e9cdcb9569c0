//! Copying the pages of an open database as they are.
//!
//! In rollback mode the file is what SQLite reads pages from, and it stays as it is while a read transaction is open, so
//! its bytes are copied in large blocks. That takes a third of the time of SQLite's own copy, which moves every page
//! through two caches with two system calls. In WAL mode some pages are in the log, and SQLite copies.

use super::{Copy, ROLLBACK_MODE, VERSIONS_AT};
use crate::error::Fault;
use crate::sqlite::{Backup, Connection, MainFile, Prepared, SqlText, SqliteError};

/// Pages that SQLite copies between two looks at whether to go on.
const PAGES: i32 = 128;

/// Bytes copied at a time otherwise.
pub(super) const BLOCK: usize = 1 << 20;

/// How large the main file of a connection is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) pages: u64,
    pub(super) page_size: u64,
}

impl Size {
    pub(super) fn of(connection: &Connection) -> Result<Self, SqliteError> {
        let number = |sql| {
            let (mut pragma, _) = Prepared::new(connection, SqlText::new(sql))?;
            pragma.step(connection)?;
            Ok::<_, SqliteError>(pragma.column_i64(0).unsigned_abs())
        };
        let pages = number(c"pragma main.page_count")?;
        Ok(Self { pages, page_size: number(c"pragma main.page_size")?.max(1) })
    }
}

impl Copy<'_> {
    /// Copies all pages of a connection, which holds a read transaction. `items` more will be to do.
    pub(super) fn fill_pages(&mut self, source: &Connection, items: u64) -> Result<(), Fault> {
        let action = self.job.action;
        let failed = |error| Fault::Native { action, error };
        if source.is_writing() {
            // Its changes are in nobody's file yet.
            return Err(failed(SqliteError::busy()));
        }
        let size = Size::of(source).map_err(failed)?;
        let file = source.main_file().map_err(failed)?;
        let mut versions = [0; 2];
        file.read(&mut versions, VERSIONS_AT).map_err(failed)?;
        if versions == ROLLBACK_MODE {
            self.fill_bytes(&file, size, items).map_err(|stopped| stopped.into_fault(failed))
        } else {
            drop(file);
            self.fill_by_sqlite(source, items)
        }
    }

    /// Copies bytes; the file stays as it is meanwhile.
    pub(super) fn fill_bytes(
        &mut self,
        source: &MainFile<'_>,
        size: Size,
        items: u64,
    ) -> Result<(), Stopped> {
        let Size { pages, page_size } = size;
        let mut block = vec![0; BLOCK];
        let (mut done, end) = (0, pages.saturating_mul(page_size));
        self.meter.expect(pages + items);
        self.meter.advance(0)?;
        while done < end {
            let length = (end - done).min(BLOCK as u64) as usize;
            source.read(&mut block[..length], done).map_err(Stopped::Unreadable)?;
            self.file.write_at(done, &block[..length])?;
            done += length as u64;
            self.meter.advance(done / page_size)?;
        }
        Ok(())
    }

    fn fill_by_sqlite(&mut self, source: &Connection, items: u64) -> Result<(), Fault> {
        let Self { job, file, meter } = self;
        let failed = |error| Fault::Native { action: job.action, error };
        job.write(file, |target| {
            let mut backup = Backup::start(source, target).map_err(failed)?;
            // Nothing is copied yet, but then the number of pages is known.
            let mut more = backup.step(0).map_err(failed)?;
            loop {
                let (done, all) = backup.pages();
                meter.expect(all + items);
                meter.advance(done)?;
                if !more {
                    return Ok(());
                }
                more = backup.step(PAGES).map_err(failed)?;
            }
        })
    }
}

/// Why copying bytes ended early.
pub(super) enum Stopped {
    /// The source did not give them.
    Unreadable(SqliteError),
    Otherwise(Fault),
}

impl From<Fault> for Stopped {
    fn from(fault: Fault) -> Self {
        Self::Otherwise(fault)
    }
}

impl Stopped {
    pub(super) fn into_fault(self, unreadable: impl FnOnce(SqliteError) -> Fault) -> Fault {
        match self {
            Self::Unreadable(error) => unreadable(error),
            Self::Otherwise(fault) => fault,
        }
    }
}
