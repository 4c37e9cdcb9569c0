//! The columns of a statement's results.

use std::ffi::c_int;

use zova::engine::ColumnType;

use crate::arg;
use crate::container::{zova_buffer, zova_text};
use crate::guard::guard;
use crate::handle;
use crate::statement::zova_statement;
use crate::status::zova_status;

/// The type of a value, with SQLite's numbers.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum zova_column_type {
    /// A 64-bit signed integer.
    ZOVA_COLUMN_INTEGER = 1,
    /// A 64-bit floating-point number.
    ZOVA_COLUMN_FLOAT = 2,
    /// A text.
    ZOVA_COLUMN_TEXT = 3,
    /// A blob.
    ZOVA_COLUMN_BLOB = 4,
    /// NULL, and everything read where there is no value.
    ZOVA_COLUMN_NULL = 5,
}

/// Request of zova_statement_column_count.
#[repr(C)]
#[derive(Debug)]
pub struct zova_statement_column_count_request {
    /// The statement.
    pub statement: *mut zova_statement,
    /// Receives the count; unchanged after a fault.
    pub out_count: *mut c_int,
}

/// Request of zova_statement_column_name.
#[repr(C)]
#[derive(Debug)]
pub struct zova_statement_column_name_request {
    /// The statement.
    pub statement: *mut zova_statement,
    /// Index of the column, from 0.
    pub index: c_int,
    /// Receives the name; empty after a fault. What it holds from an earlier call is released or used again, so it
    /// must be initialised with zeroes before its first use.
    pub out_name: *mut zova_text,
}

/// Request of zova_statement_column_type.
#[repr(C)]
#[derive(Debug)]
pub struct zova_statement_column_type_request {
    /// The statement.
    pub statement: *mut zova_statement,
    /// Index of the column, from 0.
    pub index: c_int,
    /// Receives the type; unchanged after a fault. 4 bytes are written.
    pub out_type: *mut zova_column_type,
}

/// Request of zova_statement_column_int64.
#[repr(C)]
#[derive(Debug)]
pub struct zova_statement_column_int64_request {
    /// The statement.
    pub statement: *mut zova_statement,
    /// Index of the column, from 0.
    pub index: c_int,
    /// Receives the value; unchanged after a fault.
    pub out_value: *mut i64,
}

/// Request of zova_statement_column_double.
#[repr(C)]
#[derive(Debug)]
pub struct zova_statement_column_double_request {
    /// The statement.
    pub statement: *mut zova_statement,
    /// Index of the column, from 0.
    pub index: c_int,
    /// Receives the value; unchanged after a fault.
    pub out_value: *mut f64,
}

/// Request of zova_statement_column_text.
#[repr(C)]
#[derive(Debug)]
pub struct zova_statement_column_text_request {
    /// The statement.
    pub statement: *mut zova_statement,
    /// Index of the column, from 0.
    pub index: c_int,
    /// Receives the text; empty after a fault. What it holds from an earlier call is released or used again, so it
    /// must be initialised with zeroes before its first use.
    pub out_text: *mut zova_text,
}

/// Request of zova_statement_column_blob.
#[repr(C)]
#[derive(Debug)]
pub struct zova_statement_column_blob_request {
    /// The statement.
    pub statement: *mut zova_statement,
    /// Index of the column, from 0.
    pub index: c_int,
    /// Receives the bytes; empty after a fault. What it holds from an earlier call is released or used again, so it
    /// must be initialised with zeroes before its first use.
    pub out_buffer: *mut zova_buffer,
}

/// The number of columns in the results of a statement; 0 if it returns no rows. It needs no row. A step may change
/// it when the schema has changed since the statement was prepared. Errors: none beyond arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_statement_column_count(
    request: *const zova_statement_column_count_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_statement(req.statement, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_count = unsafe { arg::out(req.out_count, "out_count") }?;
            let (core, id) = call.statement()?;
            out_count.set(core.column_count(id));
            Ok(())
        })
    })
}

/// The name of a column: its AS name, otherwise what SQLite makes of the expression. It needs no row. Data is not
/// null on success, also for an empty name.
///
/// Errors: ZOVA_MISUSE for an index below 0 or not below the column count; ZOVA_OUT_OF_MEMORY.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_statement_column_name(
    request: *const zova_statement_column_name_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_statement(req.statement, |call| {
            // SAFETY: zova.h: null, or zero or an earlier text, and unaliased for the whole call.
            let out_name = unsafe { arg::refill(req.out_name, "out_name") }?;
            let (core, id) = call.statement()?;
            out_name.fill(core.column_name(id, req.index)?, "the name of a column")
        })
    })
}

/// The type of a value of the current row.
///
/// This holds for all five functions that read values: without a current row (before the first step and after
/// ZOVA_STEP_DONE) and for an index out of range they read NULL, with ZOVA_OK. A value is converted to the type you
/// ask for, as SQLite does it: the text "42abc" is the integer 42, NULL is 0 or an empty result. Ask for the type
/// before you read a value: reading a blob as text makes its type text.
///
/// Errors of all five: none beyond arguments, and ZOVA_OUT_OF_MEMORY for texts and blobs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_statement_column_type(
    request: *const zova_statement_column_type_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_statement(req.statement, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_type = unsafe { arg::out(req.out_type, "out_type") }?;
            let (core, id) = call.statement()?;
            out_type.set(match core.column_type(id, req.index) {
                ColumnType::Integer => zova_column_type::ZOVA_COLUMN_INTEGER,
                ColumnType::Float => zova_column_type::ZOVA_COLUMN_FLOAT,
                ColumnType::Text => zova_column_type::ZOVA_COLUMN_TEXT,
                ColumnType::Blob => zova_column_type::ZOVA_COLUMN_BLOB,
                ColumnType::Null => zova_column_type::ZOVA_COLUMN_NULL,
            });
            Ok(())
        })
    })
}

/// A value of the current row as an integer. Floating-point numbers are cut off towards zero and limited to the range
/// of 64 bits; text and blobs give the number they begin with, or 0; NULL is 0. See zova_statement_column_type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_statement_column_int64(
    request: *const zova_statement_column_int64_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_statement(req.statement, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_value = unsafe { arg::out(req.out_value, "out_value") }?;
            let (core, id) = call.statement()?;
            out_value.set(core.column_i64(id, req.index));
            Ok(())
        })
    })
}

/// A value of the current row as a floating-point number. Text and blobs give the number they begin with, or 0; NULL
/// is 0. See zova_statement_column_type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_statement_column_double(
    request: *const zova_statement_column_double_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_statement(req.statement, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_value = unsafe { arg::out(req.out_value, "out_value") }?;
            let (core, id) = call.statement()?;
            out_value.set(core.column_f64(id, req.index));
            Ok(())
        })
    })
}

/// A value of the current row as text. NULL gives data null and len 0; an empty text or blob gives len 0 with data
/// not null. Numbers are printed as SQLite prints them; the bytes of a blob are taken as they are. Text with NUL
/// bytes is returned whole: use len. See zova_statement_column_type.
///
/// The result is a copy that stays yours. Read a column in a loop into the same zova_text: its memory is used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_statement_column_text(
    request: *const zova_statement_column_text_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_statement(req.statement, |call| {
            // SAFETY: zova.h: null, or zero or an earlier text, and unaliased for the whole call.
            let out_text = unsafe { arg::refill(req.out_text, "out_text") }?;
            let (core, id) = call.statement()?;
            match core.column_text(id, req.index)? {
                Some(text) => out_text.fill(text, "the text of a column"),
                None => Ok(()),
            }
        })
    })
}

/// A value of the current row as bytes. NULL, empty texts and empty blobs give data null and len 0; the type tells
/// them apart. Numbers give the bytes of their text. See zova_statement_column_type.
///
/// The result is a copy that stays yours. Read a column in a loop into the same zova_buffer: its memory is used
/// again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_statement_column_blob(
    request: *const zova_statement_column_blob_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_statement(req.statement, |call| {
            // SAFETY: zova.h: null, or zero or an earlier buffer, and unaliased for the whole call.
            let out_buffer = unsafe { arg::refill(req.out_buffer, "out_buffer") }?;
            let (core, id) = call.statement()?;
            match core.column_blob(id, req.index)? {
                Some(bytes) if !bytes.is_empty() => out_buffer.fill(bytes, "the bytes of a column"),
                Some(_) | None => Ok(()),
            }
        })
    })
}
