//! Transactions and savepoints.

use std::ffi::c_char;

use crate::arg;
use crate::database::zova_database;
use crate::guard::guard;
use crate::handle;
use crate::status::zova_status;

/// Request of the calls that take a database and nothing else.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_simple_request {
    /// The database.
    pub db: *mut zova_database,
}

/// Request of the three savepoint calls.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_savepoint_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the savepoint, NUL-terminated: 1 to 64 bytes, first a letter A-Z or a-z or an underscore, then also
    /// digits, not beginning with _zova_ in any letter case. Letter case does not distinguish names; SQL keywords
    /// are fine.
    pub name: *const c_char,
}

/// Begins a transaction (BEGIN). It takes a read or write lock when it first needs one. Everything done on the handle
/// and its children belongs to it until zova_database_commit or zova_database_rollback, objects included.
///
/// Errors: the common set, with SQLite's message: ZOVA_SQLITE_ERROR inside a transaction ("cannot start a
/// transaction within a transaction"; use savepoints to nest).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_begin(request: *const zova_database_simple_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| call.session()?.begin())
    })
}

/// Begins a transaction and takes the write lock at once (BEGIN IMMEDIATE), so that the writes in it cannot be
/// refused because another connection wrote in between.
///
/// Errors: those of zova_database_begin, and ZOVA_BUSY while another connection holds the write lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_begin_immediate(
    request: *const zova_database_simple_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| call.session()?.begin_immediate())
    })
}

/// Commits the open transaction with all its savepoints. Durable when it returns, as the synchronous setting of the
/// connection says. Statements in the middle of a SELECT do not prevent it.
///
/// Errors: the common set, with SQLite's message: ZOVA_SQLITE_ERROR without a transaction. After ZOVA_BUSY (another
/// connection is reading) and ZOVA_CONSTRAINT (a deferred foreign key is violated) the transaction is still open and
/// the commit can be repeated. When an extension cannot write what it had put off until then, the transaction is rolled
/// back, and the status is neither of these two.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_commit(request: *const zova_database_simple_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| call.session()?.commit())
    })
}

/// Undoes everything since the open transaction began, and ends it.
///
/// Errors: the common set, with SQLite's message: ZOVA_SQLITE_ERROR without a transaction, which is also the case
/// after an error that made SQLite roll back by itself (a full disk, for example).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_rollback(request: *const zova_database_simple_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| call.session()?.rollback())
    })
}

/// Sets a savepoint inside the open transaction; without one it begins one. Names may be used again while they are
/// set; the innermost one counts.
///
/// Errors: ZOVA_INVALID_ARGUMENT for a name that breaks the rules; the common set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_savepoint(
    request: *const zova_database_savepoint_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let name = unsafe { arg::text(req.name, "name") }?;
            call.session()?.savepoint(name.to_bytes())
        })
    })
}

/// Undoes everything since the savepoint was set. The savepoint itself stays set.
///
/// Errors: ZOVA_INVALID_ARGUMENT for a name that breaks the rules; ZOVA_SQLITE_ERROR if no such savepoint is set
/// ("no such savepoint: a"); the common set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_rollback_to_savepoint(
    request: *const zova_database_savepoint_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let name = unsafe { arg::text(req.name, "name") }?;
            call.session()?.rollback_to_savepoint(name.to_bytes())
        })
    })
}

/// Removes the savepoint and those set after it, and keeps what was done. Releasing the savepoint that began the
/// transaction commits it.
///
/// Errors: those of zova_database_rollback_to_savepoint; those of zova_database_commit where it commits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_release_savepoint(
    request: *const zova_database_savepoint_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let name = unsafe { arg::text(req.name, "name") }?;
            call.session()?.release_savepoint(name.to_bytes())
        })
    })
}
