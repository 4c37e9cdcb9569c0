//! What all modules of virtual tables have in common.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;

use rusqlite::ffi;

use crate::sqlite::connection::Connection;
use crate::sqlite::error::SqliteError;

/// A module that can do nothing. Without xCreate a table exists on every connection and cannot be created a second
/// time; without xUpdate SQLite refuses changes when it compiles them.
pub(in crate::sqlite) const EMPTY: ffi::sqlite3_module = ffi::sqlite3_module {
    iVersion: 2,
    xCreate: None,
    xConnect: None,
    xBestIndex: None,
    xDisconnect: None,
    xDestroy: None,
    xOpen: None,
    xClose: None,
    xFilter: None,
    xNext: None,
    xEof: None,
    xColumn: None,
    xRowid: None,
    xUpdate: None,
    xBegin: None,
    xSync: None,
    xCommit: None,
    xRollback: None,
    xFindFunction: None,
    xRename: None,
    xSavepoint: None,
    xRelease: None,
    xRollbackTo: None,
    xShadowName: None,
    xIntegrity: None,
};

/// What SQLite keeps of a table; the first member of ours.
pub(in crate::sqlite) const BASE: ffi::sqlite3_vtab =
    ffi::sqlite3_vtab { pModule: ptr::null(), nRef: 0, zErrMsg: ptr::null_mut() };

/// Makes a module known to a connection. One of the same name is replaced.
///
/// # Safety
///
/// The callbacks of the module fit `data`, which `release` is given back once, also when this fails.
pub(in crate::sqlite) unsafe fn create_module(
    connection: &Connection,
    name: &CStr,
    module: &'static ffi::sqlite3_module,
    data: *mut c_void,
    release: Option<unsafe extern "C" fn(*mut c_void)>,
) -> Result<(), SqliteError> {
    // SAFETY: the connection is open and the name NUL-terminated; the rest is as the caller says.
    let code =
        unsafe { ffi::sqlite3_create_module_v2(connection.raw(), name.as_ptr(), module, data, release) };
    connection.check(code)
}

/// Tells SQLite the columns of a table, and an option for its use.
///
/// # Safety
///
/// Called in xConnect, with its connection; the option takes no argument.
pub(in crate::sqlite) unsafe fn declare(
    db: *mut ffi::sqlite3,
    declaration: &CStr,
    option: Option<c_int>,
) -> Result<(), SqliteError> {
    // SAFETY: as the caller says; the text is NUL-terminated.
    match unsafe { ffi::sqlite3_declare_vtab(db, declaration.as_ptr()) } {
        ffi::SQLITE_OK => {}
        code => return Err(SqliteError::from_code(code)),
    }
    // SAFETY: as the caller says.
    match option.map_or(ffi::SQLITE_OK, |option| unsafe { ffi::sqlite3_vtab_config(db, option) }) {
        ffi::SQLITE_OK => Ok(()),
        code => Err(SqliteError::from_code(code)),
    }
}

/// The outcome of xConnect as SQLite takes it: the table, which `disconnect` releases, or a message.
///
/// # Safety
///
/// `T` begins with a `sqlite3_vtab`; the places are those of xConnect.
pub(in crate::sqlite) unsafe fn connected<T>(
    outcome: Result<T, SqliteError>,
    table: *mut *mut ffi::sqlite3_vtab,
    error: *mut *mut c_char,
) -> c_int {
    match outcome {
        Ok(made) => {
            // SAFETY: SQLite passes a place for the table.
            unsafe { *table = Box::into_raw(Box::new(made)).cast() };
            ffi::SQLITE_OK
        }
        Err(failure) => {
            // SAFETY: SQLite passes a place for the message and frees it.
            unsafe { *error = message(&failure.message) };
            failure.code
        }
    }
}

/// xDisconnect of a table that was made by [`connected`].
pub(in crate::sqlite) unsafe extern "C" fn disconnect<T>(table: *mut ffi::sqlite3_vtab) -> c_int {
    // SAFETY: SQLite gives back, once, the box that `connected` made. It holds nothing that has a destructor.
    drop(unsafe { Box::from_raw(table.cast::<T>()) });
    ffi::SQLITE_OK
}

/// The outcome of a callback as SQLite takes it: a result code, and the message with the table.
///
/// # Safety
///
/// `table` is null or a table that SQLite holds.
pub(in crate::sqlite) unsafe fn answer(
    table: *mut ffi::sqlite3_vtab,
    outcome: Result<(), SqliteError>,
) -> c_int {
    let Err(error) = outcome else { return ffi::SQLITE_OK };
    // SAFETY: as the caller says; SQLite frees the message, the previous one is ours to free.
    unsafe {
        if !table.is_null() {
            ffi::sqlite3_free((*table).zErrMsg.cast());
            (*table).zErrMsg = message(&error.message);
        }
    }
    error.code
}

/// A copy of the text in SQLite's memory; null when there is none.
fn message(text: &str) -> *mut c_char {
    let text = CString::new(text.replace('\0', " ")).unwrap_or_default();
    let bytes = text.as_bytes_with_nul();
    // SAFETY: the allocation has room for the bytes that are copied into it.
    unsafe {
        let copy = ffi::sqlite3_malloc64(bytes.len() as u64).cast::<u8>();
        if !copy.is_null() {
            ptr::copy_nonoverlapping(bytes.as_ptr(), copy, bytes.len());
        }
        copy.cast()
    }
}
