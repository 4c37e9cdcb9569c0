//! The main file of a connection as bytes, read through the descriptor that SQLite has open.
//!
//! Opening the file a second time would be a mistake: closing that descriptor drops the locks which any connection of
//! this process holds on the file (<https://sqlite.org/howtocorrupt.html>, section 2.2).

use std::ffi::{c_int, c_void};
use std::ops::Deref;
use std::ptr::NonNull;

use rusqlite::ffi;

use super::connection::Connection;
use super::error::SqliteError;

/// The main file. What it holds is of one moment only under a lock: the one of a read transaction, or
/// [`LockedMainFile`].
pub(crate) struct MainFile<'c> {
    file: NonNull<ffi::sqlite3_file>,
    _connection: &'c Connection,
}

/// The main file under a SHARED lock: nobody writes to it in rollback mode, moves a write-ahead log into it for good, or
/// changes the journal mode. The connection must run no statement meanwhile.
pub(crate) struct LockedMainFile<'c>(MainFile<'c>);

impl Connection {
    /// The file as SQLite has it open.
    pub(crate) fn main_file(&self) -> Result<MainFile<'_>, SqliteError> {
        let mut file: *mut ffi::sqlite3_file = std::ptr::null_mut();
        let verb = ffi::SQLITE_FCNTL_FILE_POINTER;
        // SAFETY: the connection is open, the name is NUL-terminated, and this verb writes one pointer.
        let code =
            unsafe { ffi::sqlite3_file_control(self.raw(), c"main".as_ptr(), verb, (&raw mut file).cast()) };
        self.check(code)?;
        let file = NonNull::new(file).ok_or_else(SqliteError::misuse)?;
        Ok(MainFile { file, _connection: self })
    }

    /// Takes the lock, without waiting for others.
    pub(crate) fn lock_main_file(&self) -> Result<LockedMainFile<'_>, SqliteError> {
        let main = self.main_file()?;
        let lock = main.methods()?.xLock.ok_or_else(SqliteError::misuse)?;
        // SAFETY: the connection runs no statement, so its pager holds no lock and makes no call meanwhile.
        match unsafe { lock(main.file.as_ptr(), ffi::SQLITE_LOCK_SHARED) } {
            ffi::SQLITE_OK => Ok(LockedMainFile(main)),
            code => Err(SqliteError::from_code(code)),
        }
    }
}

impl<'c> Deref for LockedMainFile<'c> {
    type Target = MainFile<'c>;

    fn deref(&self) -> &MainFile<'c> {
        &self.0
    }
}

impl MainFile<'_> {
    fn methods(&self) -> Result<&ffi::sqlite3_io_methods, SqliteError> {
        // SAFETY: the connection is open as long as this borrows it, and so is its file; the methods of an open file are
        // static, and a file that is not open has none.
        unsafe { self.file.as_ref().pMethods.as_ref() }.ok_or_else(SqliteError::misuse)
    }

    /// Its length in bytes.
    pub(crate) fn size(&self) -> Result<u64, SqliteError> {
        let size_of = self.methods()?.xFileSize.ok_or_else(SqliteError::misuse)?;
        let mut size: ffi::sqlite3_int64 = 0;
        // SAFETY: the file is open and the output is writable.
        match unsafe { size_of(self.file.as_ptr(), &mut size) } {
            ffi::SQLITE_OK => Ok(size.unsigned_abs()),
            code => Err(SqliteError::from_code(code)),
        }
    }

    /// Fills the buffer from this offset on; what lies behind the end of the file reads as zeroes.
    pub(crate) fn read(&self, buffer: &mut [u8], offset: u64) -> Result<(), SqliteError> {
        let read = self.methods()?.xRead.ok_or_else(SqliteError::misuse)?;
        let (Ok(length), Ok(offset)) = (c_int::try_from(buffer.len()), i64::try_from(offset)) else {
            return Err(SqliteError::from_code(ffi::SQLITE_TOOBIG));
        };
        let target: *mut c_void = buffer.as_mut_ptr().cast();
        // SAFETY: the file is open and the buffer has room for so many bytes.
        match unsafe { read(self.file.as_ptr(), target, length, offset) } {
            ffi::SQLITE_OK | ffi::SQLITE_IOERR_SHORT_READ => Ok(()),
            code => Err(SqliteError::from_code(code)),
        }
    }
}

impl Drop for LockedMainFile<'_> {
    fn drop(&mut self) {
        if let Some(unlock) = self.methods().ok().and_then(|methods| methods.xUnlock) {
            // SAFETY: taken by `lock_main_file`. The result can only say that there was nothing to unlock.
            unsafe { unlock(self.file.as_ptr(), ffi::SQLITE_LOCK_NONE) };
        }
    }
}
