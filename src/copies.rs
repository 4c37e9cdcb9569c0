//! Copies of whole databases.

use std::ffi::c_char;
use std::ops::ControlFlow;
use std::path::Path;
use std::ptr;

use zova::engine::{self, CallLimits, Fault, Progress, Session};

use crate::arg;
use crate::container::zova_message;
use crate::database::zova_database;
use crate::guard::{Failure, guard};
use crate::handle;
use crate::message::report;
use crate::progress::zova_progress;
use crate::status::zova_status;

/// Request of zova_database_backup.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_backup_request {
    /// The database.
    pub db: *mut zova_database,
    /// The file to make, NUL-terminated; it must end in ".zova", and nothing may exist there.
    pub destination_path: *const c_char,
    /// 0 or ZOVA_BACKUP_NO_VERIFY.
    pub flags: u32,
}

/// Request of zova_database_compact.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_compact_request {
    /// The database.
    pub db: *mut zova_database,
    /// As in zova_database_backup_request.
    pub destination_path: *const c_char,
    /// 0 or ZOVA_COMPACT_NO_VERIFY.
    pub flags: u32,
}

/// Request of zova_database_restore.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_restore_request {
    /// The database to copy, NUL-terminated; it must end in ".zova".
    pub source_path: *const c_char,
    /// As in zova_database_backup_request.
    pub destination_path: *const c_char,
    /// 0 or ZOVA_RESTORE_NO_VERIFY.
    pub flags: u32,
    /// Receives the reason of a fault, as in zova_database_open_request.
    pub out_error_message: *mut zova_message,
}

/// Request of zova_convert_sqlite_to_zova.
#[repr(C)]
#[derive(Debug)]
pub struct zova_convert_sqlite_to_zova_request {
    /// The SQLite database to copy, NUL-terminated; any name.
    pub source_path: *const c_char,
    /// As destination_path in zova_database_backup_request.
    pub dest_path: *const c_char,
    /// Receives the reason of a fault, as in zova_database_open_request.
    pub out_error_message: *mut zova_message,
}

/// Request of zova_database_backup_with_options.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_backup_with_options_request {
    /// The database.
    pub db: *mut zova_database,
    /// As in zova_database_backup_request.
    pub destination_path: *const c_char,
    /// As in zova_database_backup_request.
    pub flags: u32,
    /// Watches the call; may be null. Done and total count the pages of the source, then the objects, chunks and
    /// vectors that are verified, on one scale. The file gets its name after the last call, so each call can stop it.
    pub progress: *const zova_progress,
}

/// Request of zova_database_compact_with_options.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_compact_with_options_request {
    /// The database.
    pub db: *mut zova_database,
    /// As in zova_database_backup_request.
    pub destination_path: *const c_char,
    /// As in zova_database_compact_request.
    pub flags: u32,
    /// As in zova_database_backup_with_options_request.
    pub progress: *const zova_progress,
}

/// Request of zova_database_restore_with_options.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_restore_with_options_request {
    /// As in zova_database_restore_request.
    pub source_path: *const c_char,
    /// As in zova_database_backup_request.
    pub destination_path: *const c_char,
    /// As in zova_database_restore_request.
    pub flags: u32,
    /// How many milliseconds to wait for a lock on the source, 0 (do not wait) to 2147483647.
    pub busy_timeout_ms: u32,
    /// How many milliseconds the call may take before it is stopped with ZOVA_INTERRUPTED, 0 (any number) to
    /// 2147483647.
    pub deadline_ms: u32,
    /// As in zova_database_backup_with_options_request.
    pub progress: *const zova_progress,
    /// As in zova_database_restore_request.
    pub out_error_message: *mut zova_message,
}

/// Request of zova_convert_sqlite_to_zova_with_options.
#[repr(C)]
#[derive(Debug)]
pub struct zova_convert_sqlite_to_zova_with_options_request {
    /// As in zova_convert_sqlite_to_zova_request.
    pub source_path: *const c_char,
    /// As in zova_convert_sqlite_to_zova_request.
    pub dest_path: *const c_char,
    /// As in zova_database_restore_with_options_request.
    pub busy_timeout_ms: u32,
    /// As in zova_database_restore_with_options_request.
    pub deadline_ms: u32,
    /// Watches the call; may be null. Done and total count the pages of the source.
    pub progress: *const zova_progress,
    /// As in zova_convert_sqlite_to_zova_request.
    pub out_error_message: *mut zova_message,
}

/// The one flag of each copy, which the header declares by itself (`cbindgen.toml`).
const NO_VERIFY: u32 = 1;

/// Whether to verify.
fn verify(flags: u32) -> Result<bool, Fault> {
    arg::flags(flags, NO_VERIFY).map(|flags| flags & NO_VERIFY == 0)
}

/// Copies the database as last committed into a new file, page by page, and verifies the copy: the checks of opening,
/// its structure (PRAGMA quick_check), every object, every chunk and every vector. Everything in the database arrives;
/// the copy has the same database id. Attached and temporary databases are not copied.
///
/// The file appears under its name complete and on stable storage or not at all, and nothing is left after a fault.
/// It is never written over another, and nobody may read or write it who may not read or write this database. The
/// copy of a database in WAL mode is in WAL mode.
///
/// Errors, in this order: ZOVA_INVALID_ARGUMENT; ZOVA_NOT_ZOVA_PATH; ZOVA_DESTINATION_EXISTS (anything exists there: a
/// file, a directory, a link, this database under another spelling); ZOVA_CANT_OPEN (the directory is missing or not
/// writable). Then: ZOVA_BUSY while this handle has uncommitted changes, or while another process locks readers out;
/// ZOVA_SQLITE_ERROR for a full disk; of verification ZOVA_CORRUPT, ZOVA_OBJECT_CORRUPT, ZOVA_VECTOR_CORRUPT,
/// ZOVA_VECTOR_COLLECTION_NOT_FOUND, ZOVA_VECTOR_INVALID and what opening can give; ZOVA_INTERRUPTED.
///
/// Cost: every page is read and written once, with a read transaction open; two disk syncs; verification reads
/// everything once more, with one SHA-256 pass over all chunks and another over the objects of several chunks, on up to
/// four threads that end with the call. Other threads wait for the handle meanwhile; use a second handle to go on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_backup(request: *const zova_database_backup_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        // SAFETY: zova.h: the path is null, or NUL-terminated for the whole call.
        unsafe { copy(req.db, req.destination_path, req.flags, ptr::null(), Session::backup) }
    })
}

/// Writes a rebuilt copy of the database, without free pages, into a new file and verifies it; otherwise as
/// zova_database_backup. Works on read-only handles. The copy is in rollback mode.
///
/// Errors: those of zova_database_backup; ZOVA_SQLITE_ERROR inside a transaction ("cannot VACUUM from within a
/// transaction"), while a statement is in the middle of its results, and for a schema that needs an SQL function or a
/// collation which this process does not know.
///
/// Cost: every row is read and written anew, with a read transaction open; verification as in zova_database_backup.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_compact(request: *const zova_database_compact_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        // SAFETY: zova.h: the path is null, or NUL-terminated for the whole call.
        unsafe { copy(req.db, req.destination_path, req.flags, ptr::null(), Session::compact) }
    })
}

/// Copies a database that needs no handle into a new file; otherwise as zova_database_backup. The source is opened for
/// reading only, with the checks of zova_database_open, and is not changed.
///
/// Errors: ZOVA_INVALID_ARGUMENT; those of zova_database_open for the source (ZOVA_READ_ONLY if it was left in the middle
/// of a transaction: open it for writing once); then those of zova_database_backup. ZOVA_BUSY at once if the source is
/// locked.
///
/// Any thread. Cost: as zova_database_backup.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_restore(request: *const zova_database_restore_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        let work = || {
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let (source, destination) =
                unsafe { paths(req.source_path, req.destination_path, "destination_path") }?;
            let limits = CallLimits::default();
            engine::restore(source, destination, verify(req.flags)?, limits, &mut zova_progress::nobody())
        };
        // SAFETY: zova.h: null, or zero or an earlier message, and unaliased for the whole call.
        unsafe { report(req.out_error_message, work) }
    })
}

/// Makes a new Zova database out of an SQLite database, whatever that file is called, and checks its structure (PRAGMA
/// quick_check, as far as this process knows the functions and collations that the schema needs). Everything arrives:
/// tables, indexes, views, triggers, virtual tables, rowids, user_version, application_id, encoding, page size; also
/// what is still in a write-ahead log. The files of the source keep every byte. What is left of an unfinished
/// transaction is rolled back in the copy. The new file appears as with zova_database_backup, with its permissions
/// limited to those of the source.
///
/// Errors, in this order: ZOVA_INVALID_ARGUMENT; ZOVA_NOT_ZOVA_PATH, ZOVA_DESTINATION_EXISTS, ZOVA_CANT_OPEN for the
/// destination; for the source ZOVA_CANT_OPEN (missing, unreadable, no regular file), ZOVA_SQLITE_ERROR (no SQLite
/// database), ZOVA_CORRUPT, ZOVA_BUSY (at once), ZOVA_ZOVA_NAME_CONFLICT (a table, index, view or trigger whose name
/// begins with _zova_ in any case of letters; the message names it; a Zova database is refused this way too);
/// ZOVA_SQLITE_ERROR for a full disk; ZOVA_CORRUPT for damage anywhere; ZOVA_INTERRUPTED.
///
/// Any thread. Cost: every page is read and written once, and read again for the check; two disk syncs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_convert_sqlite_to_zova(
    request: *const zova_convert_sqlite_to_zova_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        let work = || {
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let (source, destination) = unsafe { paths(req.source_path, req.dest_path, "dest_path") }?;
            engine::convert(source, destination, CallLimits::default(), &mut zova_progress::nobody())
        };
        // SAFETY: zova.h: null, or zero or an earlier message, and unaliased for the whole call.
        unsafe { report(req.out_error_message, work) }
    })
}

/// As zova_database_backup, watched. Also stopped by zova_database_interrupt and the handle's deadline, as every call.
///
/// Errors: those of zova_database_backup; ZOVA_INTERRUPTED when the watcher stopped it. Nothing is left then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_backup_with_options(
    request: *const zova_database_backup_with_options_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        // SAFETY: zova.h: the path is null, or NUL-terminated, and progress null, or a watcher, for the whole call.
        unsafe { copy(req.db, req.destination_path, req.flags, req.progress, Session::backup) }
    })
}

/// As zova_database_compact, watched as zova_database_backup_with_options.
///
/// Errors: those of zova_database_compact; ZOVA_INTERRUPTED when the watcher stopped it. Nothing is left then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_compact_with_options(
    request: *const zova_database_compact_with_options_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        // SAFETY: zova.h: the path is null, or NUL-terminated, and progress null, or a watcher, for the whole call.
        unsafe { copy(req.db, req.destination_path, req.flags, req.progress, Session::compact) }
    })
}

/// As zova_database_restore, watched as zova_database_backup_with_options, with a busy timeout and a deadline.
///
/// Errors: those of zova_database_restore; ZOVA_INTERRUPTED when the watcher or the deadline stopped it. Nothing is left
/// then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_restore_with_options(
    request: *const zova_database_restore_with_options_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        let work = || {
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let (source, destination) =
                unsafe { paths(req.source_path, req.destination_path, "destination_path") }?;
            let verify = verify(req.flags)?;
            let limits = CallLimits { busy_timeout_ms: req.busy_timeout_ms, deadline_ms: req.deadline_ms };
            // SAFETY: zova.h: null, or a watcher that may be called during the call.
            let mut watcher = unsafe { zova_progress::watcher(req.progress) };
            engine::restore(source, destination, verify, limits, &mut watcher)
        };
        // SAFETY: zova.h: null, or zero or an earlier message, and unaliased for the whole call.
        unsafe { report(req.out_error_message, work) }
    })
}

/// As zova_convert_sqlite_to_zova, watched as zova_database_backup_with_options, with a busy timeout and a deadline.
///
/// Errors: those of zova_convert_sqlite_to_zova; ZOVA_INTERRUPTED when the watcher or the deadline stopped it. Nothing is
/// left then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_convert_sqlite_to_zova_with_options(
    request: *const zova_convert_sqlite_to_zova_with_options_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        let work = || {
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let (source, destination) = unsafe { paths(req.source_path, req.dest_path, "dest_path") }?;
            let limits = CallLimits { busy_timeout_ms: req.busy_timeout_ms, deadline_ms: req.deadline_ms };
            // SAFETY: zova.h: null, or a watcher that may be called during the call.
            let mut watcher = unsafe { zova_progress::watcher(req.progress) };
            engine::convert(source, destination, limits, &mut watcher)
        };
        // SAFETY: zova.h: null, or zero or an earlier message, and unaliased for the whole call.
        unsafe { report(req.out_error_message, work) }
    })
}

/// A copy of an open database.
///
/// # Safety
///
/// The path is null or NUL-terminated, and `progress` null or a watcher that may be called, for the whole call.
unsafe fn copy(
    db: *mut zova_database,
    destination: *const c_char,
    flags: u32,
    progress: *const zova_progress,
    copy: impl FnOnce(&mut Session, &Path, bool, &mut dyn FnMut(Progress) -> ControlFlow<()>) -> Result<(), Fault>,
) -> Result<(), Failure> {
    handle::on_database(db, |call| {
        // SAFETY: the caller's promise, here and below.
        let destination = unsafe { arg::path(destination, "destination_path") }?;
        let verify = verify(flags)?;
        // SAFETY: as above.
        let mut watcher = unsafe { zova_progress::watcher(progress) };
        copy(call.session()?, destination, verify, &mut watcher)
    })
}

/// Source and destination, in this order.
///
/// # Safety
///
/// Each is null, or NUL-terminated for `'a`.
unsafe fn paths<'a>(
    source: *const c_char,
    destination: *const c_char,
    destination_field: &'static str,
) -> Result<(&'a Path, &'a Path), Fault> {
    // SAFETY: the caller's promise.
    unsafe { Ok((arg::path(source, "source_path")?, arg::path(destination, destination_field)?)) }
}
