//! SQL without parameters, preparing statements, the counters, and the settings of a connection.

use std::ffi::c_char;

use crate::arg;
use crate::database::zova_database;
use crate::guard::guard;
use crate::handle;
use crate::statement::zova_statement;
use crate::status::zova_status;
use crate::transaction::zova_database_simple_request;

/// Request of zova_database_exec.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_exec_request {
    /// The database.
    pub db: *mut zova_database,
    /// Any number of SQL statements separated by semicolons, UTF-8, NUL-terminated.
    pub sql: *const c_char,
}

/// Request of zova_database_prepare.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_prepare_request {
    /// The database.
    pub db: *mut zova_database,
    /// One SQL statement, UTF-8, NUL-terminated. Text after the first statement is ignored.
    pub sql: *const c_char,
    /// Receives the statement; null after every fault. End it with zova_statement_finalize.
    pub out_statement: *mut *mut zova_statement,
}

/// Request of zova_database_last_insert_rowid.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_last_insert_rowid_request {
    /// The database.
    pub db: *mut zova_database,
    /// Receives the row id; unchanged after a fault.
    pub out_rowid: *mut i64,
}

/// Request of zova_database_changes.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_changes_request {
    /// The database.
    pub db: *mut zova_database,
    /// Receives the number of rows; unchanged after a fault.
    pub out_changes: *mut i64,
}

/// Request of zova_database_total_changes.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_total_changes_request {
    /// The database.
    pub db: *mut zova_database,
    /// Receives the number of rows; unchanged after a fault.
    pub out_total_changes: *mut i64,
}

/// Request of zova_database_set_busy_timeout.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_busy_timeout_request {
    /// The database.
    pub db: *mut zova_database,
    /// How long a call waits for a lock that another connection holds, in milliseconds: 0 to 2147483647.
    pub milliseconds: u32,
}

/// Runs every statement of an SQL text in order and discards rows. Empty text and comments are ZOVA_OK.
///
/// Stops at the first fault; the statements before it keep their effect unless a transaction undoes them. There is
/// no restriction on the SQL: schema changes, PRAGMA, ATTACH and transaction control work. Tables whose names begin
/// with _zova_ are the library's; writing to them damages the database.
///
/// Errors: the common set, with SQLite's message. The order of checks is db, sql.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_exec(request: *const zova_database_exec_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let sql = unsafe { arg::text(req.sql, "sql") }?;
            call.session()?.exec(sql)
        })
    })
}

/// Compiles the first statement of an SQL text. Prepare a statement once and run it many times: that is several
/// times faster than zova_database_exec.
///
/// Text without any statement (empty, white space, comments) gives a statement without parameters and columns whose
/// step and binds are ZOVA_MISUSE.
///
/// Errors: the common set, with SQLite's message: syntax errors and unknown names are ZOVA_SQLITE_ERROR. The order
/// of checks is db, sql, out_statement.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_prepare(request: *const zova_database_prepare_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_statement = unsafe { arg::cleared(req.out_statement, "out_statement") };
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let sql = unsafe { arg::text(req.sql, "sql") }?;
            out_statement?.set(call.adopt_statement(|core| core.prepare(sql))?);
            Ok(())
        })
    })
}

/// The row id of the last row that your SQL inserted on this handle; 0 if there was none. Storing objects does not
/// change it. Errors: none beyond arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_last_insert_rowid(
    request: *const zova_database_last_insert_rowid_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_rowid = unsafe { arg::out(req.out_rowid, "out_rowid") }?;
            out_rowid.set(call.session()?.last_insert_rowid());
            Ok(())
        })
    })
}

/// How many rows the most recent INSERT, UPDATE or DELETE on this handle changed, without those that triggers
/// changed. Ask directly after your own SQL: it is not defined after calls that store something themselves.
/// Errors: none beyond arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_changes(request: *const zova_database_changes_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_changes = unsafe { arg::out(req.out_changes, "out_changes") }?;
            out_changes.set(call.session()?.changes());
            Ok(())
        })
    })
}

/// How many rows were changed on this handle since it was opened, those that triggers changed included. Subtract two
/// readings to count what your own SQL did in between; calls that store something themselves may count too. Errors:
/// none beyond arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_total_changes(
    request: *const zova_database_total_changes_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_total_changes = unsafe { arg::out(req.out_total_changes, "out_total_changes") }?;
            out_total_changes.set(call.session()?.total_changes());
            Ok(())
        })
    })
}

/// Sets how long calls on this handle wait for a lock that another connection holds, instead of giving ZOVA_BUSY at
/// once; 0 turns waiting off. Errors: ZOVA_INVALID_ARGUMENT for more than 2147483647 milliseconds.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_set_busy_timeout(
    request: *const zova_database_busy_timeout_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| call.session()?.set_busy_timeout(req.milliseconds))
    })
}

/// Rebuilds the file so that it has no unused space. Needs free disk space of up to twice the size of the file and
/// exclusive use of it.
///
/// Errors: the common set, with SQLite's message: ZOVA_SQLITE_ERROR inside a transaction and while a statement is
/// in the middle of its results.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_vacuum(request: *const zova_database_simple_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| call.session()?.vacuum())
    })
}
