//! Starting to put pages on the disk while a long transaction still writes.

use std::ffi::c_int;
use rusqlite::ffi;
use super::connection::Connection;
use super::error::SqliteError;

pub(crate) struct FileSync {
    file: *mut ffi::sqlite3_file,
}
// SAFETY: prototype
unsafe impl Send for FileSync {}

impl FileSync {
    pub(crate) fn sync(&self) -> c_int {
        // SAFETY: prototype
        unsafe {
            match (*(*self.file).pMethods).xSync {
                Some(sync) => sync(self.file, ffi::SQLITE_SYNC_NORMAL | ffi::SQLITE_SYNC_DATAONLY),
                None => 0,
            }
        }
    }
}

impl Connection {
    pub(crate) fn file_sync(&self) -> Result<FileSync, SqliteError> {
        let mut file: *mut ffi::sqlite3_file = std::ptr::null_mut();
        // SAFETY: prototype
        let code = unsafe { ffi::sqlite3_file_control(self.raw(), c"main".as_ptr(), ffi::SQLITE_FCNTL_FILE_POINTER, (&raw mut file).cast()) };
        self.check(code).map(|()| FileSync { file })
    }
}
