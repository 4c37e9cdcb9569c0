//! Prepared statements: running them and their parameters. Their columns are in [`crate::column`].

use std::ffi::{c_char, c_int};

use zova::engine::{Fault, Step};

use crate::arg;
use crate::guard::guard;
use crate::handle;
use crate::status::zova_status;

/// A prepared statement, a child of the database it was prepared on.
///
/// Made by zova_database_prepare; ended by zova_statement_finalize. It shares the lock and the error message of its
/// database.
pub struct zova_statement {
    _private: [u8; 0],
}

/// What a step found.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum zova_step_result {
    /// A row is ready; the column functions read it.
    ZOVA_STEP_ROW = 1,
    /// The statement has finished.
    ZOVA_STEP_DONE = 2,
}

/// Request of zova_statement_step.
#[repr(C)]
#[derive(Debug)]
pub struct zova_statement_step_request {
    /// The statement.
    pub statement: *mut zova_statement,
    /// Receives what the step found; unchanged after a fault. 4 bytes are written.
    pub out_result: *mut zova_step_result,
}

/// Request of zova_statement_bind_null.
#[repr(C)]
#[derive(Debug)]
pub struct zova_statement_bind_null_request {
    /// The statement.
    pub statement: *mut zova_statement,
    /// Index of the parameter, from 1.
    pub index: c_int,
}

/// Request of zova_statement_bind_int64.
#[repr(C)]
#[derive(Debug)]
pub struct zova_statement_bind_int64_request {
    /// The statement.
    pub statement: *mut zova_statement,
    /// Index of the parameter, from 1.
    pub index: c_int,
    /// The value.
    pub value: i64,
}

/// Request of zova_statement_bind_double.
#[repr(C)]
#[derive(Debug)]
pub struct zova_statement_bind_double_request {
    /// The statement.
    pub statement: *mut zova_statement,
    /// Index of the parameter, from 1.
    pub index: c_int,
    /// The value. NaN binds NULL; infinities are kept.
    pub value: f64,
}

/// Request of zova_statement_bind_text.
#[repr(C)]
#[derive(Debug)]
pub struct zova_statement_bind_text_request {
    /// The statement.
    pub statement: *mut zova_statement,
    /// Index of the parameter, from 1.
    pub index: c_int,
    /// The text, copied by the call. It should be UTF-8, which is not checked, and may contain NUL bytes. May be null
    /// when len is 0.
    pub data: *const u8,
    /// Number of bytes in data. 0 binds the empty text, not NULL.
    pub len: usize,
}

/// Request of zova_statement_bind_blob.
#[repr(C)]
#[derive(Debug)]
pub struct zova_statement_bind_blob_request {
    /// The statement.
    pub statement: *mut zova_statement,
    /// Index of the parameter, from 1.
    pub index: c_int,
    /// The bytes, copied by the call. May be null when len is 0.
    pub data: *const u8,
    /// Number of bytes in data. 0 binds the empty blob, not NULL.
    pub len: usize,
}

/// Request of zova_statement_parameter_count.
#[repr(C)]
#[derive(Debug)]
pub struct zova_statement_parameter_count_request {
    /// The statement.
    pub statement: *mut zova_statement,
    /// Receives the count; unchanged after a fault.
    pub out_count: *mut c_int,
}

/// Request of zova_statement_parameter_index.
#[repr(C)]
#[derive(Debug)]
pub struct zova_statement_parameter_index_request {
    /// The statement.
    pub statement: *mut zova_statement,
    /// Name of the parameter with its first character, NUL-terminated: ":id", "@id", "$id" or "?3".
    pub name: *const c_char,
    /// Receives the index, from 1, or 0 if the statement has no such parameter; unchanged after a fault.
    pub out_index: *mut c_int,
}

/// Ends a statement, in whatever state it is. Clears the error message of the database, so read that first.
///
/// Errors: ZOVA_INVALID_ARGUMENT for null; ZOVA_MISUSE for a handle that was ended before or is no statement.
/// Otherwise ZOVA_OK, whatever the last step gave.
///
/// Threads: make this the last use of the handle. A thread that comes too late gets ZOVA_MISUSE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_statement_finalize(statement: *mut zova_statement) -> zova_status {
    guard(|| handle::finalize(statement))
}

/// Runs a statement up to its next row or its end.
///
/// After ZOVA_STEP_DONE or a fault the next step starts again from the beginning with the same parameters, without a
/// reset: an INSERT is then executed once more. Reset a SELECT that you do not read to its end; until then it keeps
/// its snapshot of the database.
///
/// Errors: the common set, with SQLite's message. ZOVA_MISUSE for a statement prepared from text without any SQL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_statement_step(request: *const zova_statement_step_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_statement(req.statement, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_result = unsafe { arg::out(req.out_result, "out_result") }?;
            let (core, id) = call.running_statement()?;
            out_result.set(match core.step(id)? {
                Step::Row => zova_step_result::ZOVA_STEP_ROW,
                Step::Done => zova_step_result::ZOVA_STEP_DONE,
            });
            Ok(())
        })
    })
}

/// Rewinds a statement so that the next step starts it again. Parameters keep their values.
///
/// Errors: if the last step failed, its status once more, with the statement reset nevertheless; otherwise none
/// beyond arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_statement_reset(statement: *mut zova_statement) -> zova_status {
    guard(|| {
        handle::on_statement(statement, |call| {
            let (core, id) = call.statement()?;
            core.reset(id)
        })
    })
}

/// Sets all parameters to NULL. Errors: none beyond arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_statement_clear_bindings(statement: *mut zova_statement) -> zova_status {
    guard(|| {
        handle::on_statement(statement, |call| {
            let (core, id) = call.statement()?;
            core.clear_bindings(id)
        })
    })
}

/// Sets a parameter to NULL. This holds for all five binds: the value stays bound over resets until it is bound
/// again or cleared.
///
/// Errors of all five: ZOVA_SQLITE_ERROR for an index below 1 or above the parameter count ("column index out of
/// range"); ZOVA_MISUSE between a step and the next reset ("bad parameter or other API misuse"), and for a
/// statement prepared from text without any SQL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_statement_bind_null(
    request: *const zova_statement_bind_null_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_statement(req.statement, |call| {
            let (core, id) = call.statement()?;
            core.bind_null(id, req.index)
        })
    })
}

/// Sets a parameter to an integer. Errors: as zova_statement_bind_null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_statement_bind_int64(
    request: *const zova_statement_bind_int64_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_statement(req.statement, |call| {
            let (core, id) = call.statement()?;
            core.bind_i64(id, req.index, req.value)
        })
    })
}

/// Sets a parameter to a floating-point number. Errors: as zova_statement_bind_null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_statement_bind_double(
    request: *const zova_statement_bind_double_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_statement(req.statement, |call| {
            let (core, id) = call.statement()?;
            core.bind_f64(id, req.index, req.value)
        })
    })
}

/// Sets a parameter to a text, which is copied.
///
/// Errors: as zova_statement_bind_null; ZOVA_SQLITE_ERROR for more than 1000000000 bytes ("string or blob too big"),
/// which from about 2 GiB on is ZOVA_OUT_OF_MEMORY.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_statement_bind_text(
    request: *const zova_statement_bind_text_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_statement(req.statement, |call| {
            // SAFETY: zova.h: null, or `len` bytes readable for the whole call.
            let data = unsafe { arg::bytes(req.data, req.len, "data", value_too_long) }?;
            let (core, id) = call.statement()?;
            core.bind_text(id, req.index, data)
        })
    })
}

/// Sets a parameter to a blob, which is copied. Errors: as zova_statement_bind_text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_statement_bind_blob(
    request: *const zova_statement_bind_blob_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_statement(req.statement, |call| {
            // SAFETY: zova.h: null, or `len` bytes readable for the whole call.
            let data = unsafe { arg::bytes(req.data, req.len, "data", value_too_long) }?;
            let (core, id) = call.statement()?;
            core.bind_blob(id, req.index, data)
        })
    })
}

/// As the core answers lengths far above SQLite's limit.
fn value_too_long(_: usize) -> Fault {
    Fault::OutOfMemory("a value of this length")
}

/// The largest parameter index of a statement: "?5" alone makes it 5. Errors: none beyond arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_statement_parameter_count(
    request: *const zova_statement_parameter_count_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_statement(req.statement, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_count = unsafe { arg::out(req.out_count, "out_count") }?;
            let (core, id) = call.statement()?;
            out_count.set(core.parameter_count(id));
            Ok(())
        })
    })
}

/// The index of a named parameter. A name that the statement does not have is ZOVA_OK with index 0, also one without
/// its first character. Errors: none beyond arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_statement_parameter_index(
    request: *const zova_statement_parameter_index_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_statement(req.statement, |call| {
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let name = unsafe { arg::text(req.name, "name") }?;
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_index = unsafe { arg::out(req.out_index, "out_index") }?;
            let (core, id) = call.statement()?;
            out_index.set(core.parameter_index(id, name));
            Ok(())
        })
    })
}
