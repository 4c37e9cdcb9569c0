//! Database handles: creating, opening, closing, and the text of the last fault.

use std::ffi::c_char;
use std::path::Path;

use zova::engine::{Fault, OpenOptions, Session};

use crate::arg;
use crate::container::zova_message;
use crate::guard::{guard, shield};
use crate::handle;
use crate::message::report;
use crate::status::zova_status;

/// An open database: one connection to one .zova file, with its own transaction, change counters and error message.
///
/// Made by zova_database_create, zova_database_open and zova_database_open_with_options; ended by
/// zova_database_close. Any thread may use it; calls on it and on its children run one at a time.
pub struct zova_database {
    _private: [u8; 0],
}

/// Request of zova_database_create and zova_database_open.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_open_request {
    /// Path of the file, NUL-terminated. It must end in ".zova". On Unix any bytes are accepted; on Windows UTF-8.
    /// A relative path is resolved from the current directory of the process.
    pub path: *const c_char,
    /// Receives the handle; null after every fault.
    pub out_db: *mut *mut zova_database,
    /// Receives the reason of a fault. Null if you do not want it. What it holds from an earlier call is released
    /// first, so it must be initialised with zeroes before its first use.
    pub out_error_message: *mut zova_message,
}

/// Request of zova_database_open_with_options.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_open_options_request {
    /// As in zova_database_open_request.
    pub path: *const c_char,
    /// 0 or ZOVA_OPEN_READ_ONLY. Any other bit is ZOVA_INVALID_ARGUMENT.
    pub flags: u32,
    /// How many milliseconds a call waits for a lock that another connection holds before it gives ZOVA_BUSY: 0 (do
    /// not wait) to 2147483647. Opening itself waits too. zova_database_set_busy_timeout changes it later.
    pub busy_timeout_ms: u32,
    /// As in zova_database_open_request.
    pub out_db: *mut *mut zova_database,
    /// As in zova_database_open_request.
    pub out_error_message: *mut zova_message,
}

/// Makes a new database file and opens it for reading and writing.
///
/// The file appears complete or not at all: after a fault or a crash nothing stands under the path, and of two
/// concurrent creators exactly one succeeds. The directory must exist. The file's permissions are read and write
/// for everybody, limited by the umask.
///
/// Errors, in this order: ZOVA_INVALID_ARGUMENT; ZOVA_NOT_ZOVA_PATH; ZOVA_DESTINATION_EXISTS (anything exists under
/// the path: a file, a directory, a symbolic link); ZOVA_CANT_OPEN (the directory is missing or not writable); the
/// common set.
///
/// Any thread. Cost: one small transaction, with the disk syncs that make it durable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_create(request: *const zova_database_open_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        // SAFETY: zova.h: pointers that are null or valid for the whole call.
        let work = || unsafe { open_into(req.out_db, req.path, Session::create) };
        // SAFETY: zova.h: null, or zero or an earlier message, and unaliased for the whole call.
        unsafe { report(req.out_error_message, work) }
    })
}

/// Opens an existing database for reading and writing. Nothing is created, migrated, repaired or written, and no
/// PRAGMA is changed: foreign keys are off as in SQLite, the journal mode is the file's. There is no busy timeout.
///
/// A file that the process may read but not write opens too; writing to it is ZOVA_READ_ONLY.
///
/// Errors, besides the common set:
///
/// - ZOVA_NOT_ZOVA_PATH: the path does not end in ".zova";
/// - ZOVA_NOT_ZOVA_DATABASE: the file does not exist, or is not a valid Zova database;
/// - ZOVA_CANT_OPEN: the directory does not exist or cannot be searched, the path is a directory, or the file cannot
///   be read;
/// - ZOVA_UNSUPPORTED_ZOVA_VERSION: the file has another format version;
/// - ZOVA_BOUND_STORE_INVALID: the file is itself a bound store, or its bound stores do not match or cannot be used;
/// - ZOVA_EXTENSION_UNAVAILABLE, ZOVA_EXTENSION_INCOMPATIBLE, ZOVA_EXTENSION_INVALID: an extension that is installed
///   in the file is not provided by this library, does not fit it, or has damaged data.
///
/// Any thread. Cost: a few small reads, whatever the size of the file.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_open(request: *const zova_database_open_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        let open = |path: &Path| Session::open(path, OpenOptions::default());
        // SAFETY: zova.h: pointers that are null or valid for the whole call.
        let work = || unsafe { open_into(req.out_db, req.path, open) };
        // SAFETY: zova.h: null, or zero or an earlier message, and unaliased for the whole call.
        unsafe { report(req.out_error_message, work) }
    })
}

/// As zova_database_open, with flags and a busy timeout.
///
/// With ZOVA_OPEN_READ_ONLY every write to the file is ZOVA_READ_ONLY; reading, transactions without writes and
/// temporary tables work.
///
/// Errors: those of zova_database_open, and ZOVA_INVALID_ARGUMENT for an unknown flag or a timeout above 2147483647.
///
/// Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_open_with_options(
    request: *const zova_database_open_options_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        let open = |path: &Path| Session::open(path, open_options(req.flags, req.busy_timeout_ms)?);
        // SAFETY: zova.h: pointers that are null or valid for the whole call.
        let work = || unsafe { open_into(req.out_db, req.path, open) };
        // SAFETY: zova.h: null, or zero or an earlier message, and unaliased for the whole call.
        unsafe { report(req.out_error_message, work) }
    })
}

/// `ZOVA_OPEN_READ_ONLY`, which the header declares by itself (`cbindgen.toml`).
const OPEN_READ_ONLY: u32 = 1;

/// Opens a database for a request: its output, its path, and what opening comes to.
///
/// # Safety
///
/// `out_db` is null, or writable and unaliased for the whole call; `path` is null, or NUL-terminated for the whole call.
pub(crate) unsafe fn open_into(
    out_db: *mut *mut zova_database,
    path: *const c_char,
    opening: impl FnOnce(&Path) -> Result<Session, Fault>,
) -> Result<(), Fault> {
    // SAFETY: the caller's promise.
    let out_db = unsafe { arg::cleared(out_db, "out_db") }?;
    // SAFETY: the caller's promise.
    let path = unsafe { arg::path(path, "path") }?;
    out_db.set(handle::adopt_session(|| opening(path))?);
    Ok(())
}

/// The options that the flags and the timeout of a request stand for.
pub(crate) fn open_options(flags: u32, busy_timeout_ms: u32) -> Result<OpenOptions, Fault> {
    let read_only = arg::flags(flags, OPEN_READ_ONLY)? != 0;
    Ok(OpenOptions { read_only, busy_timeout_ms })
}

/// Ends a database handle. An open transaction is rolled back. All statements and other children of the handle must
/// have been ended before.
///
/// Errors: ZOVA_INVALID_ARGUMENT for null; ZOVA_MISUSE for a handle that was closed before or is no database, and
/// while children are live: then the handle stays usable, and the message counts them ("Misuse: cannot close
/// database with live child handles: 1 statements, 0 object writers, 0 subscriptions"). Otherwise ZOVA_OK, also
/// after ZOVA_INTERNAL.
///
/// Threads: make this the last use of the handle. A thread that comes too late gets ZOVA_MISUSE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_close(db: *mut zova_database) -> zova_status {
    guard(|| handle::close(db))
}

/// Why the last call on this database or one of its children failed: one UTF-8 sentence, or "" if it succeeded or
/// there was none. For SQL, statements, transactions and savepoints it is SQLite's own message ("no such table: t");
/// for everything else it begins with the error name ("ObjectNotFound: no object 60af..."). For a null, closed or
/// foreign handle it is "invalid database handle". Never null.
///
/// The text is borrowed: it is valid until the next other call on the database or one of its children, by any
/// thread. Copy it if threads share the handle.
///
/// Any thread; does not wait for a call that is running. Reading the message changes nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_last_error_message(db: *mut zova_database) -> *const c_char {
    shield(handle::NO_DATABASE, || handle::diagnostic(db))
}
