//! A compiled statement.

use std::ffi::{CStr, c_char, c_int};
use std::ptr;

use rusqlite::ffi;

use super::connection::Connection;
use super::control::{Control, Verb};
use super::error::SqliteError;
use super::value::SqlValue;

/// Storage class of a column value (<https://sqlite.org/c3ref/c_blob.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    Integer,
    Float,
    Text,
    Blob,
    Null,
}

/// SQL text: bytes that end in a NUL byte, which is the only one.
#[derive(Clone, Copy)]
pub(crate) struct SqlText<'a>(&'a [u8]);

impl<'a> SqlText<'a> {
    pub(crate) fn new(sql: &'a CStr) -> Self {
        Self(sql.to_bytes_with_nul())
    }

    /// The text behind its first `used` bytes. Costs nothing, so that a long script is not measured anew for each of
    /// its statements.
    pub(crate) fn after(self, used: usize) -> Self {
        Self(&self.0[used.min(self.0.len() - 1)..])
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0.len() <= 1
    }
}

/// A name as SQL takes it, whatever it contains.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A compiled statement, or the inert statement that text without SQL compiles to.
///
/// Invariant: the owner drops it before the connection it was prepared on, and calls it only while it holds that
/// connection. Both hold because statements live inside the session next to their connection (see `session.rs`),
/// which is why this type is `Send` but not `Sync`.
pub(crate) struct Prepared {
    pub(super) raw: *mut ffi::sqlite3_stmt,
    verb: Verb,
    readonly: bool,
}

// SAFETY: a statement moves between threads only together with the session that owns its connection.
unsafe impl Send for Prepared {}

impl Prepared {
    /// Compiles the first statement of `sql`; also gives how many bytes of the text it took.
    pub(crate) fn new(connection: &Connection, sql: SqlText<'_>) -> Result<(Self, usize), SqliteError> {
        Self::compile(connection, sql, 0)
    }

    /// As [`Prepared::new`], for a statement that will be kept for long.
    pub(crate) fn persistent(connection: &Connection, sql: SqlText<'_>) -> Result<Self, SqliteError> {
        Self::compile(connection, sql, ffi::SQLITE_PREPARE_PERSISTENT).map(|(statement, _)| statement)
    }

    fn compile(connection: &Connection, sql: SqlText<'_>, flags: u32) -> Result<(Self, usize), SqliteError> {
        connection.clear_missing_argument();
        let mut raw = ptr::null_mut();
        let mut tail = ptr::null();
        let text: *const c_char = sql.0.as_ptr().cast();
        // The length counts the terminator, which spares SQLite a copy of the text. A longer one than the argument
        // can say is passed as "up to the terminator"; SQLite then refuses the text by its own limit.
        let length = c_int::try_from(sql.0.len()).unwrap_or(-1);
        // SAFETY: the connection is open, the text ends in a NUL byte, both outputs are writable.
        let code =
            unsafe { ffi::sqlite3_prepare_v3(connection.raw(), text, length, flags, &mut raw, &mut tail) };
        if code != ffi::SQLITE_OK {
            return Err(connection.compile_error(code));
        }
        // SAFETY: on success SQLite points `tail` into the text or at its terminator.
        let used = unsafe { tail.offset_from(text) };
        // SAFETY: the statement is null or live.
        let readonly = raw.is_null() || unsafe { ffi::sqlite3_stmt_readonly(raw) != 0 };
        Ok((Self { raw, verb: Verb::of(sql.0), readonly }, used as usize))
    }

    /// True for text without a statement in it.
    #[inline]
    pub(crate) fn is_inert(&self) -> bool {
        self.raw.is_null()
    }

    /// The statement's own text.
    pub(crate) fn sql(&self) -> &CStr {
        if self.raw.is_null() {
            return c"";
        }
        // SAFETY: the statement is live and keeps its text; prepare_v3 always records it.
        unsafe { CStr::from_ptr(ffi::sqlite3_sql(self.raw)) }
    }

    /// What the statement does to transactions.
    #[inline]
    pub(crate) fn verb(&self) -> Verb {
        self.verb
    }

    /// What the statement does to the stack of transaction and savepoints when it succeeds; `None` for nothing.
    pub(crate) fn control(&self) -> Option<Control> {
        Control::of(self.verb, self.sql().to_bytes())
    }

    /// A number that no other live statement has, never 0.
    #[inline]
    pub(crate) fn number(&self) -> usize {
        self.raw.addr()
    }

    /// True when the statement cannot change a database file.
    #[inline]
    pub(crate) fn is_readonly(&self) -> bool {
        self.readonly
    }

    /// Whether the statement's text contains a word, given in lower case.
    pub(super) fn contains(&self, word: &[u8]) -> bool {
        self.sql().to_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
    }

    /// True between the first step and the end, or the next reset.
    pub(super) fn is_running(&self) -> bool {
        // SAFETY: SQLite accepts null here, and the statement is null or live.
        unsafe { ffi::sqlite3_stmt_busy(self.raw) != 0 }
    }

    /// One step: `true` for a row, `false` at the end.
    #[inline]
    pub(crate) fn step(&mut self, connection: &Connection) -> Result<bool, SqliteError> {
        if self.raw.is_null() {
            return Err(SqliteError::misuse());
        }
        // SAFETY: the statement is live.
        match unsafe { ffi::sqlite3_step(self.raw) } {
            ffi::SQLITE_ROW => Ok(true),
            ffi::SQLITE_DONE => Ok(false),
            code => Err(connection.error(code)),
        }
    }

    /// Rewinds the statement. The error is that of the last step, if it failed; the statement is reset either way.
    #[inline]
    pub(crate) fn reset(&mut self, connection: &Connection) -> Result<(), SqliteError> {
        // SAFETY: SQLite accepts null here, and the statement is null or live.
        connection.check(unsafe { ffi::sqlite3_reset(self.raw) })
    }

    /// How often SQLite compiled the statement anew by itself.
    #[cfg(test)]
    pub(super) fn recompilations(&self) -> i32 {
        // SAFETY: the statement is live.
        unsafe { ffi::sqlite3_stmt_status(self.raw, ffi::SQLITE_STMTSTATUS_REPREPARE, 0) }
    }

    pub(crate) fn clear_bindings(&mut self) {
        if !self.raw.is_null() {
            // SAFETY: the statement is live. The call cannot fail.
            unsafe { ffi::sqlite3_clear_bindings(self.raw) };
        }
    }

    #[inline]
    pub(crate) fn bind_null(&mut self, connection: &Connection, index: i32) -> Result<(), SqliteError> {
        // SAFETY: SQLite answers MISUSE for null; otherwise the statement is live.
        self.bound(connection, unsafe { ffi::sqlite3_bind_null(self.raw, index) })
    }

    #[inline]
    pub(crate) fn bind_i64(
        &mut self,
        connection: &Connection,
        index: i32,
        value: i64,
    ) -> Result<(), SqliteError> {
        // SAFETY: as for bind_null.
        self.bound(connection, unsafe { ffi::sqlite3_bind_int64(self.raw, index, value) })
    }

    #[inline]
    pub(crate) fn bind_f64(
        &mut self,
        connection: &Connection,
        index: i32,
        value: f64,
    ) -> Result<(), SqliteError> {
        // SAFETY: as for bind_null.
        self.bound(connection, unsafe { ffi::sqlite3_bind_double(self.raw, index, value) })
    }

    /// Binds a copy of `value` as text, whatever bytes it holds. An empty slice is an empty text.
    #[inline]
    pub(crate) fn bind_text(
        &mut self,
        connection: &Connection,
        index: i32,
        value: &[u8],
    ) -> Result<(), SqliteError> {
        self.bindable(value)?;
        // SAFETY: the slice is readable during the call, which copies it (SQLITE_TRANSIENT); a slice's pointer is
        // never null, so an empty one binds empty text.
        let code = unsafe {
            ffi::sqlite3_bind_text64(
                self.raw,
                index,
                value.as_ptr().cast(),
                value.len() as u64,
                ffi::SQLITE_TRANSIENT(),
                ffi::SQLITE_UTF8 as u8,
            )
        };
        self.bound(connection, code)
    }

    /// Binds a copy of `value` as a blob. An empty slice is an empty blob.
    #[inline]
    pub(crate) fn bind_blob(
        &mut self,
        connection: &Connection,
        index: i32,
        value: &[u8],
    ) -> Result<(), SqliteError> {
        self.bindable(value)?;
        let code = if value.is_empty() {
            // SAFETY: as for bind_null.
            unsafe { ffi::sqlite3_bind_zeroblob(self.raw, index, 0) }
        } else {
            // SAFETY: the slice is readable during the call, which copies it (SQLITE_TRANSIENT).
            unsafe {
                ffi::sqlite3_bind_blob64(
                    self.raw,
                    index,
                    value.as_ptr().cast(),
                    value.len() as u64,
                    ffi::SQLITE_TRANSIENT(),
                )
            }
        };
        self.bound(connection, code)
    }

    /// Binds `value` without copying it.
    ///
    /// # Safety
    ///
    /// The parameter must be bound anew or cleared, on a reset statement, before `value` is released or changed.
    pub(crate) unsafe fn bind_blob_borrowed(
        &mut self,
        connection: &Connection,
        index: i32,
        value: &[u8],
    ) -> Result<(), SqliteError> {
        self.bindable(value)?;
        // SAFETY: the caller keeps the slice in place for as long as it is bound.
        let code = unsafe {
            ffi::sqlite3_bind_blob64(
                self.raw,
                index,
                value.as_ptr().cast(),
                value.len() as u64,
                ffi::SQLITE_STATIC(),
            )
        };
        self.bound(connection, code)
    }

    /// Values of 2 GiB and more are beyond what SQLite can hold in memory at all; it has no text for that.
    #[inline]
    fn bindable(&self, value: &[u8]) -> Result<(), SqliteError> {
        if self.raw.is_null() {
            Err(SqliteError::misuse())
        } else if value.len() > i32::MAX as usize {
            Err(SqliteError::from_code(ffi::SQLITE_NOMEM))
        } else {
            Ok(())
        }
    }

    #[inline]
    fn bound(&self, connection: &Connection, code: c_int) -> Result<(), SqliteError> {
        if code == ffi::SQLITE_OK {
            Ok(())
        } else if self.raw.is_null() {
            Err(SqliteError::misuse())
        } else {
            Err(connection.error(code))
        }
    }

    pub(crate) fn parameter_count(&self) -> i32 {
        // SAFETY: SQLite accepts null here, and the statement is null or live.
        unsafe { ffi::sqlite3_bind_parameter_count(self.raw) }
    }

    /// 1-based index of a named parameter, 0 when there is none.
    pub(crate) fn parameter_index(&self, name: &CStr) -> i32 {
        // SAFETY: SQLite accepts a null statement; the name is NUL-terminated.
        unsafe { ffi::sqlite3_bind_parameter_index(self.raw, name.as_ptr()) }
    }

    #[inline]
    pub(crate) fn column_count(&self) -> i32 {
        // SAFETY: SQLite accepts null here, and the statement is null or live.
        unsafe { ffi::sqlite3_column_count(self.raw) }
    }

    /// Name of a result column; `None` when the index is out of range or memory ran out.
    pub(crate) fn column_name(&mut self, index: i32) -> Option<&[u8]> {
        // SAFETY: the statement is null or live; SQLite answers null for a column that does not exist.
        let name = unsafe { ffi::sqlite3_column_name(self.raw, index) };
        if name.is_null() {
            return None;
        }
        // SAFETY: a column name is NUL-terminated and stays until the statement is next used, which needs `self`.
        Some(unsafe { CStr::from_ptr(name) }.to_bytes())
    }

    // The value getters below accept any index and any state: without a row, or out of range, SQLite answers for
    // the value NULL. (https://sqlite.org/c3ref/column_blob.html leaves that undefined; columnMem() in vdbeapi.c
    // defines it, and a test holds it.)

    #[inline]
    pub(crate) fn column_kind(&self, index: i32) -> ColumnKind {
        // SAFETY: the statement is null or live.
        match unsafe { ffi::sqlite3_column_type(self.raw, index) } {
            ffi::SQLITE_INTEGER => ColumnKind::Integer,
            ffi::SQLITE_FLOAT => ColumnKind::Float,
            ffi::SQLITE_TEXT => ColumnKind::Text,
            ffi::SQLITE_BLOB => ColumnKind::Blob,
            _ => ColumnKind::Null,
        }
    }

    #[inline]
    pub(crate) fn column_i64(&self, index: i32) -> i64 {
        // SAFETY: the statement is null or live.
        unsafe { ffi::sqlite3_column_int64(self.raw, index) }
    }

    #[inline]
    pub(crate) fn column_f64(&self, index: i32) -> f64 {
        // SAFETY: the statement is null or live.
        unsafe { ffi::sqlite3_column_double(self.raw, index) }
    }

    /// The value as UTF-8 text, converted in place if it is not text; `None` for NULL.
    #[inline]
    pub(crate) fn column_text(&mut self, index: i32) -> Result<Option<&[u8]>, SqliteError> {
        // SAFETY: the statement is null or live.
        let text = unsafe { ffi::sqlite3_column_text(self.raw, index) };
        if text.is_null() {
            return self.absent_or_empty(index);
        }
        // SAFETY: the text was just fetched, so this only reports its length.
        let length = unsafe { ffi::sqlite3_column_bytes(self.raw, index) };
        // SAFETY: SQLite holds `length` bytes at `text` until the statement is next used, which needs `self`.
        Ok(Some(unsafe { std::slice::from_raw_parts(text, length as usize) }))
    }

    /// The value as bytes; `None` for NULL.
    #[inline]
    pub(crate) fn column_blob(&mut self, index: i32) -> Result<Option<&[u8]>, SqliteError> {
        // SAFETY: the statement is null or live.
        let bytes = unsafe { ffi::sqlite3_column_blob(self.raw, index) };
        if bytes.is_null() {
            return self.absent_or_empty(index);
        }
        // SAFETY: the bytes were just fetched, so this only reports their length.
        let length = unsafe { ffi::sqlite3_column_bytes(self.raw, index) };
        // SAFETY: SQLite holds `length` bytes there until the statement is next used, which needs `self`.
        Ok(Some(unsafe { std::slice::from_raw_parts(bytes.cast(), length as usize) }))
    }

    /// The value as it is, without conversion. The bytes stay until the statement is next stepped, reset, compiled
    /// anew or dropped: reading other columns, or this one again, moves none of them.
    #[inline]
    pub(super) fn value(&self, index: i32) -> Result<SqlValue<'_>, SqliteError> {
        let (bytes, is_text) = match self.column_kind(index) {
            ColumnKind::Null => return Ok(SqlValue::Null),
            ColumnKind::Integer => return Ok(SqlValue::Integer(self.column_i64(index))),
            ColumnKind::Float => return Ok(SqlValue::Real(self.column_f64(index))),
            // SAFETY: the statement is live, since it has a value. Text that is not UTF-8 yet is converted by the first
            // reading and stays so; no getter for another type is ever called for this column.
            ColumnKind::Text => (unsafe { ffi::sqlite3_column_text(self.raw, index) }, true),
            // SAFETY: the statement is live.
            ColumnKind::Blob => (unsafe { ffi::sqlite3_column_blob(self.raw, index) }.cast(), false),
        };
        let bytes = if bytes.is_null() {
            self.absent_or_empty(index)?.unwrap_or_default()
        } else {
            // SAFETY: the bytes were just fetched, so this only reports their length.
            let length = unsafe { ffi::sqlite3_column_bytes(self.raw, index) };
            // SAFETY: SQLite holds `length` bytes there until the statement is next used in a way that needs it
            // exclusively.
            unsafe { std::slice::from_raw_parts(bytes, length as usize) }
        };
        Ok(if is_text { SqlValue::Text(bytes) } else { SqlValue::Blob(bytes) })
    }

    /// Binds a copy of a value.
    #[inline]
    pub(super) fn bind_value(
        &mut self,
        connection: &Connection,
        index: i32,
        value: SqlValue<'_>,
    ) -> Result<(), SqliteError> {
        match value {
            SqlValue::Null => self.bind_null(connection, index),
            SqlValue::Integer(value) => self.bind_i64(connection, index, value),
            SqlValue::Real(value) => self.bind_f64(connection, index, value),
            SqlValue::Text(value) => self.bind_text(connection, index, value),
            SqlValue::Blob(value) => self.bind_blob(connection, index, value),
        }
    }

    /// What a null pointer from a value getter means: NULL, an empty value, or a conversion that ran out of memory.
    #[cold]
    fn absent_or_empty(&self, index: i32) -> Result<Option<&[u8]>, SqliteError> {
        // SAFETY: the statement is null or live; this reports the length of the value as it is.
        let length = unsafe { ffi::sqlite3_column_bytes(self.raw, index) };
        match self.column_kind(index) {
            ColumnKind::Null => Ok(None),
            ColumnKind::Text | ColumnKind::Blob if length == 0 => Ok(Some(&[])),
            _ => Err(SqliteError::from_code(ffi::SQLITE_NOMEM)),
        }
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        // SAFETY: null is accepted; a live statement is finalized exactly once, before its connection closes. The
        // result repeats the error of the last step and is of no interest.
        unsafe { ffi::sqlite3_finalize(self.raw) };
    }
}

/// The text from the first token of a statement on, as SQLite's tokenizer sees it.
pub(crate) fn from_first_token(mut sql: &[u8]) -> &[u8] {
    loop {
        sql = from_next_token(sql);
        match sql {
            [b';', rest @ ..] => sql = rest,
            _ => return sql,
        }
    }
}

/// The text behind white space and comments.
pub(crate) fn from_next_token(mut sql: &[u8]) -> &[u8] {
    loop {
        // The vertical tab is one of SQLite's spaces and none of ASCII's.
        let start = sql.iter().position(|byte| !byte.is_ascii_whitespace() && *byte != 0x0b);
        sql = &sql[start.unwrap_or(sql.len())..];
        let end = match sql {
            [b'-', b'-', rest @ ..] => rest.iter().position(|byte| *byte == b'\n').map(|at| at + 3),
            [b'/', b'*', rest @ ..] => rest.windows(2).position(|pair| pair == b"*/").map(|at| at + 4),
            // A byte order mark is white space to SQLite.
            [0xef, 0xbb, 0xbf, ..] => Some(3),
            _ => return sql,
        };
        match end {
            Some(end) => sql = &sql[end..],
            None => return &[],
        }
    }
}
