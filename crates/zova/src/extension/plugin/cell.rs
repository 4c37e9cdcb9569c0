//! SQL values on their way between a plugin and the host.

use std::ffi::c_void;
use std::ptr::null;

use super::abi::{numbers, zova_ext_cell};
use crate::sqlite::SqlValue;

const INTEGER: i32 = numbers::INTEGER as i32;
const FLOAT: i32 = numbers::FLOAT as i32;
const TEXT: i32 = numbers::TEXT as i32;
const BLOB: i32 = numbers::BLOB as i32;
const NULL: i32 = numbers::NULL as i32;

/// SQL NULL.
pub(super) const EMPTY: zova_ext_cell =
    zova_ext_cell { r#type: NULL, reserved: 0, integer: 0, real: 0.0, data: null(), len: 0 };

/// A value as a plugin sees it. Text and blobs are borrowed from `value`.
pub(super) fn of(value: SqlValue<'_>) -> zova_ext_cell {
    let bytes = |r#type, bytes: &[u8]| zova_ext_cell {
        r#type,
        data: bytes.as_ptr().cast::<c_void>(),
        len: bytes.len(),
        ..EMPTY
    };
    match value {
        SqlValue::Null => EMPTY,
        SqlValue::Integer(integer) => zova_ext_cell { r#type: INTEGER, integer, ..EMPTY },
        SqlValue::Real(real) => zova_ext_cell { r#type: FLOAT, real, ..EMPTY },
        SqlValue::Text(text) => bytes(TEXT, text),
        SqlValue::Blob(blob) => bytes(BLOB, blob),
    }
}

/// A value of a plugin; the text of an error is the reason.
///
/// # Safety
///
/// The bytes of text and blobs are readable and unchanged for `'a`.
pub(super) unsafe fn read<'a>(cell: &zova_ext_cell) -> Result<SqlValue<'a>, String> {
    // SAFETY: the caller's promise.
    let bytes = || unsafe { bytes(cell.data.cast(), cell.len) };
    match cell.r#type {
        INTEGER => Ok(SqlValue::Integer(cell.integer)),
        FLOAT => Ok(SqlValue::Real(cell.real)),
        TEXT => bytes().map(SqlValue::Text),
        BLOB => bytes().map(SqlValue::Blob),
        NULL => Ok(SqlValue::Null),
        other => Err(format!("{other} is no type of a value")),
    }
}

/// Bytes of a plugin with their length; null is fine for none.
///
/// # Safety
///
/// Null, or `len` bytes that are readable and unchanged for `'a`; not looked at when `len` is 0.
pub(super) unsafe fn bytes<'a>(data: *const u8, len: usize) -> Result<&'a [u8], String> {
    if len == 0 {
        Ok(&[])
    } else if data.is_null() {
        Err(format!("a null pointer was passed with the length {len}"))
    } else if isize::try_from(len).is_err() {
        Err(format!("no memory can have the length {len}"))
    } else {
        // SAFETY: the caller's promise; neither null nor longer than a slice can be.
        Ok(unsafe { std::slice::from_raw_parts(data, len) })
    }
}

/// Text of a plugin with its length.
///
/// # Safety
///
/// As [`bytes`].
pub(super) unsafe fn text<'a>(data: *const std::ffi::c_char, len: usize) -> Result<&'a str, String> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { bytes(data.cast(), len) }?;
    std::str::from_utf8(bytes).map_err(|_| "a text that was passed is not UTF-8".to_owned())
}
