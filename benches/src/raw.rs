//! SQLite called directly, the way a C program would.

use std::ffi::{CString, c_char};
use std::path::Path;
use std::ptr::null_mut;

use libsqlite3_sys as ffi;

pub struct Raw(pub *mut ffi::sqlite3);

impl Raw {
    /// Opens or creates a file with SQLite's default flags.
    pub fn open(path: &Path) -> Self {
        let path = CString::new(path.to_str().expect("a UTF-8 path")).expect("a path without NUL");
        let mut db = null_mut();
        // SAFETY: the path is NUL-terminated and the output is writable.
        let code = unsafe { ffi::sqlite3_open(path.as_ptr(), &mut db) };
        assert_eq!(code, ffi::SQLITE_OK);
        Self(db)
    }

    pub fn exec(&self, sql: &str) {
        let sql = CString::new(sql).expect("SQL without NUL");
        // SAFETY: the connection is open.
        let code = unsafe { ffi::sqlite3_exec(self.0, sql.as_ptr(), None, null_mut(), null_mut()) };
        assert_eq!(code, ffi::SQLITE_OK, "{sql:?}");
    }

    /// Copies the main database over that of another connection, all pages in one step.
    pub fn copy_into(&self, target: &Self) {
        let main = c"main".as_ptr();
        // SAFETY: both connections are open; the backup is finished before either is used again.
        unsafe {
            let backup = ffi::sqlite3_backup_init(target.0, main, self.0, main);
            assert!(!backup.is_null());
            assert_eq!(ffi::sqlite3_backup_step(backup, -1), ffi::SQLITE_DONE);
            assert_eq!(ffi::sqlite3_backup_finish(backup), ffi::SQLITE_OK);
        }
    }

    pub fn prepare(&self, sql: &str) -> RawStatement {
        let mut statement = null_mut();
        let text: *const c_char = sql.as_ptr().cast();
        // SAFETY: the text is readable for its length.
        let code =
            unsafe { ffi::sqlite3_prepare_v2(self.0, text, sql.len() as i32, &mut statement, null_mut()) };
        assert_eq!(code, ffi::SQLITE_OK, "{sql}");
        RawStatement(statement)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // SAFETY: every statement was dropped before.
        let code = unsafe { ffi::sqlite3_close(self.0) };
        assert_eq!(code, ffi::SQLITE_OK);
    }
}

pub struct RawStatement(pub *mut ffi::sqlite3_stmt);

impl RawStatement {
    #[inline]
    pub fn bind_i64(&self, index: i32, value: i64) {
        // SAFETY: the statement is live.
        assert_eq!(unsafe { ffi::sqlite3_bind_int64(self.0, index, value) }, ffi::SQLITE_OK);
    }

    /// Binds a copy, as the C interface of Zova does.
    #[inline]
    pub fn bind_text(&self, index: i32, value: &[u8]) {
        let length = value.len() as i32;
        // SAFETY: the bytes are readable during the call, which copies them.
        let code = unsafe {
            ffi::sqlite3_bind_text(self.0, index, value.as_ptr().cast(), length, ffi::SQLITE_TRANSIENT())
        };
        assert_eq!(code, ffi::SQLITE_OK);
    }

    /// Binds without a copy; the bytes must outlive the next step.
    #[inline]
    pub fn bind_blob(&self, index: i32, value: &[u8]) {
        let length = value.len() as i32;
        // SAFETY: the callers keep the bytes until the statement was stepped and bound anew.
        let code = unsafe {
            ffi::sqlite3_bind_blob(self.0, index, value.as_ptr().cast(), length, ffi::SQLITE_STATIC())
        };
        assert_eq!(code, ffi::SQLITE_OK);
    }

    #[inline]
    pub fn step(&self) -> bool {
        // SAFETY: the statement is live.
        match unsafe { ffi::sqlite3_step(self.0) } {
            ffi::SQLITE_ROW => true,
            ffi::SQLITE_DONE => false,
            code => panic!("step failed with {code}"),
        }
    }

    #[inline]
    pub fn reset(&self) {
        // SAFETY: the statement is live.
        assert_eq!(unsafe { ffi::sqlite3_reset(self.0) }, ffi::SQLITE_OK);
    }

    #[inline]
    pub fn i64(&self, column: i32) -> i64 {
        // SAFETY: the statement is live.
        unsafe { ffi::sqlite3_column_int64(self.0, column) }
    }

    #[inline]
    pub fn text(&self, column: i32) -> &[u8] {
        // SAFETY: the text stays until the next step.
        unsafe {
            let text = ffi::sqlite3_column_text(self.0, column);
            let length = ffi::sqlite3_column_bytes(self.0, column);
            std::slice::from_raw_parts(text, length as usize)
        }
    }

    #[inline]
    pub fn blob(&self, column: i32) -> &[u8] {
        // SAFETY: the bytes stay until the next step; no benchmark stores empty ones.
        unsafe {
            let bytes = ffi::sqlite3_column_blob(self.0, column);
            let length = ffi::sqlite3_column_bytes(self.0, column);
            std::slice::from_raw_parts(bytes.cast(), length as usize)
        }
    }
}

impl Drop for RawStatement {
    fn drop(&mut self) {
        // SAFETY: the statement is live and not used again.
        unsafe { ffi::sqlite3_finalize(self.0) };
    }
}
