//! Values that SQLite hands to a callback, and the result a callback gives back.

use std::marker::PhantomData;
use std::slice;

use rusqlite::ffi;

use super::error::SqliteError;

/// An SQL value, borrowed: an argument of a function, a column of a row, a value to bind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SqlValue<'a> {
    /// NULL.
    Null,
    /// A 64-bit integer.
    Integer(i64),
    /// A floating point number. NaN is NULL to SQLite.
    Real(f64),
    /// Text as SQLite holds it: usually UTF-8, never checked, and it may contain NUL bytes.
    Text(&'a [u8]),
    /// Bytes.
    Blob(&'a [u8]),
}

impl<'a> SqlValue<'a> {
    /// # Safety
    ///
    /// `value` is a live protected value, used by nothing else during `'a`.
    pub(super) unsafe fn read(value: *mut ffi::sqlite3_value) -> Result<Self, SqliteError> {
        // SAFETY: the caller vouches for the value; each getter suits the type just asked for, and the length is
        // asked for after the bytes.
        unsafe {
            Ok(match ffi::sqlite3_value_type(value) {
                ffi::SQLITE_INTEGER => Self::Integer(ffi::sqlite3_value_int64(value)),
                ffi::SQLITE_FLOAT => Self::Real(ffi::sqlite3_value_double(value)),
                ffi::SQLITE_TEXT => Self::text(value)?,
                ffi::SQLITE_BLOB => {
                    let bytes = ffi::sqlite3_value_blob(value);
                    let length = ffi::sqlite3_value_bytes(value) as usize;
                    match (bytes.is_null(), length) {
                        (true, 0) => Self::Blob(&[]),
                        (true, _) => return Err(SqliteError::from_code(ffi::SQLITE_NOMEM)),
                        (false, length) => Self::Blob(slice::from_raw_parts(bytes.cast(), length)),
                    }
                }
                _ => Self::Null,
            })
        }
    }

    /// As [`Argument::read`], with numbers as the text that SQLite makes of them.
    ///
    /// # Safety
    ///
    /// As [`Argument::read`].
    pub(super) unsafe fn read_as_text(value: *mut ffi::sqlite3_value) -> Result<Self, SqliteError> {
        // SAFETY: the caller vouches for the value, here and below.
        match unsafe { ffi::sqlite3_value_type(value) } {
            // SAFETY: as above.
            ffi::SQLITE_INTEGER | ffi::SQLITE_FLOAT => unsafe { Self::text(value) },
            // SAFETY: as above.
            _ => unsafe { Self::read(value) },
        }
    }

    /// # Safety
    ///
    /// As [`Argument::read`].
    unsafe fn text(value: *mut ffi::sqlite3_value) -> Result<Self, SqliteError> {
        // SAFETY: the caller vouches for the value; the length is asked for after the text.
        unsafe {
            let text = ffi::sqlite3_value_text(value);
            if text.is_null() {
                return Err(SqliteError::out_of_memory());
            }
            Ok(Self::Text(slice::from_raw_parts(text, ffi::sqlite3_value_bytes(value) as usize)))
        }
    }
}

/// A copy of a value, which outlives the callback that received it.
pub(super) struct OwnedArgument(*mut ffi::sqlite3_value);

impl OwnedArgument {
    /// # Safety
    ///
    /// `value` is a live protected value.
    pub(super) unsafe fn copy(value: *mut ffi::sqlite3_value) -> Result<Self, SqliteError> {
        // SAFETY: the caller vouches for the value.
        let copy = unsafe { ffi::sqlite3_value_dup(value) };
        if copy.is_null() { Err(SqliteError::from_code(ffi::SQLITE_NOMEM)) } else { Ok(Self(copy)) }
    }

    pub(super) fn get(&self) -> Result<SqlValue<'_>, SqliteError> {
        // SAFETY: the copy is live and protected. Reading it twice gives the same bytes: they are converted at most
        // once, and the values of one connection are used by one thread.
        unsafe { SqlValue::read(self.0) }
    }
}

impl Drop for OwnedArgument {
    fn drop(&mut self) {
        // SAFETY: this owner made the copy and frees it once.
        unsafe { ffi::sqlite3_value_free(self.0) }
    }
}

/// Where a callback puts its result; NULL if it puts none.
pub(crate) struct Output<'a> {
    context: *mut ffi::sqlite3_context,
    callback: PhantomData<&'a mut ffi::sqlite3_context>,
}

impl Output<'_> {
    /// # Safety
    ///
    /// `context` is that of a running callback, and the output is dropped before the callback returns.
    pub(super) unsafe fn new(context: *mut ffi::sqlite3_context) -> Self {
        Self { context, callback: PhantomData }
    }

    pub(crate) fn integer(&mut self, value: i64) {
        // SAFETY: the context is that of the running callback, here and below.
        unsafe { ffi::sqlite3_result_int64(self.context, value) }
    }

    pub(crate) fn float(&mut self, value: f64) {
        // SAFETY: as above.
        unsafe { ffi::sqlite3_result_double(self.context, value) }
    }

    pub(crate) fn text(&mut self, value: &[u8]) {
        // SAFETY: as above; the slice is readable during the call, which copies it (SQLITE_TRANSIENT).
        unsafe {
            ffi::sqlite3_result_text64(
                self.context,
                value.as_ptr().cast(),
                value.len() as u64,
                ffi::SQLITE_TRANSIENT(),
                ffi::SQLITE_UTF8 as u8,
            );
        }
    }

    pub(crate) fn blob(&mut self, value: &[u8]) {
        // SAFETY: as above; a slice's pointer is never null, so an empty one gives an empty blob.
        unsafe {
            ffi::sqlite3_result_blob64(
                self.context,
                value.as_ptr().cast(),
                value.len() as u64,
                ffi::SQLITE_TRANSIENT(),
            );
        }
    }

    pub(crate) fn null(&mut self) {
        // SAFETY: as above.
        unsafe { ffi::sqlite3_result_null(self.context) }
    }

    pub(super) fn argument(&mut self, value: &OwnedArgument) {
        // SAFETY: as above; the value is live and protected, and SQLite copies it.
        unsafe { ffi::sqlite3_result_value(self.context, value.0) }
    }

    pub(super) fn error(&mut self, error: &SqliteError) {
        let length = error.message.len().min(i32::MAX as usize) as i32;
        // SAFETY: as above; SQLite copies the text. The code comes second, since setting the text resets it.
        unsafe {
            ffi::sqlite3_result_error(self.context, error.message.as_ptr().cast(), length);
            ffi::sqlite3_result_error_code(self.context, error.code);
        }
    }
}
