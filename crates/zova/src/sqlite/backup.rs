//! Copying a database page by page (<https://sqlite.org/backup.html>).

use std::ptr::NonNull;

use rusqlite::ffi;

use super::connection::Connection;
use super::error::SqliteError;

/// A copy in progress, from the main database of one connection to that of another, which it replaces.
///
/// As long as the source holds a read transaction of its own, all pages are of one moment.
pub(crate) struct Backup<'c> {
    raw: NonNull<ffi::sqlite3_backup>,
    /// Both stay open, and the destination is not used otherwise.
    _connections: (&'c Connection, &'c Connection),
}

impl<'c> Backup<'c> {
    pub(crate) fn start(source: &'c Connection, destination: &'c Connection) -> Result<Self, SqliteError> {
        let main = c"main".as_ptr();
        // SAFETY: both connections are open and differ, the names are NUL-terminated.
        let raw = unsafe { ffi::sqlite3_backup_init(destination.raw(), main, source.raw(), main) };
        match NonNull::new(raw) {
            Some(raw) => Ok(Self { raw, _connections: (source, destination) }),
            None => Err(destination.last_error()),
        }
    }

    /// Copies some pages; `false` once all are copied and committed.
    pub(crate) fn step(&mut self, pages: i32) -> Result<bool, SqliteError> {
        // SAFETY: the backup is not finished, and its connections are open.
        match unsafe { ffi::sqlite3_backup_step(self.raw.as_ptr(), pages) } {
            ffi::SQLITE_OK => Ok(true),
            ffi::SQLITE_DONE => Ok(false),
            code => Err(SqliteError::from_code(code)),
        }
    }

    /// How many pages are copied, and how many there are; after the first step.
    pub(crate) fn pages(&self) -> (u64, u64) {
        // SAFETY: as above.
        let (left, all) = unsafe {
            (
                ffi::sqlite3_backup_remaining(self.raw.as_ptr()),
                ffi::sqlite3_backup_pagecount(self.raw.as_ptr()),
            )
        };
        let all = u64::try_from(all).unwrap_or(0);
        (all.saturating_sub(u64::try_from(left).unwrap_or(0)), all)
    }
}

impl Drop for Backup<'_> {
    fn drop(&mut self) {
        // SAFETY: finished exactly once. The result repeats the error of the last step.
        unsafe { ffi::sqlite3_backup_finish(self.raw.as_ptr()) };
    }
}
