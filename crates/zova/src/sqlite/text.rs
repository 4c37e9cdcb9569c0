//! Statements of extensions: compiled once per connection and found again by their text.
//!
//! An extension prepares the same few texts in every call of its SQL functions, so compiling each anew would cost more
//! than running it. The cache is bounded: an extension may also build texts that are used once.
//!
//! Statements in use are listed, so that whatever an extension leaves open can be finalized: a connection with a live
//! statement would not close.

use std::cell::{Cell, RefCell};
use std::ffi::CString;
use std::mem::ManuallyDrop;

use rusqlite::ffi;

use super::connection::Connection;
use super::error::SqliteError;
use super::statement::{Prepared, SqlText};
use super::value::SqlValue;

/// Idle statements kept. The bundled extension uses about twenty.
const KEPT_STATEMENTS: usize = 64;
/// Texts and blobs of more bytes are not kept by a statement that is not in use.
const KEPT_BYTES: usize = 4096;

/// See the module text.
#[derive(Default)]
pub(crate) struct TextCache {
    /// Last used last.
    idle: RefCell<Vec<(Box<str>, Prepared)>>,
    /// The statements in use, the newest last.
    in_use: RefCell<Vec<*mut ffi::sqlite3_stmt>>,
    /// A value could not be handed out for want of memory; see [`Texted::value`].
    short_of_memory: Cell<bool>,
}

// SAFETY: the pointers are those of statements on the connection that the cache moves with.
unsafe impl Send for TextCache {}

impl TextCache {
    /// A statement with all its parameters NULL. `allow` decides on texts that were not compiled before.
    pub(crate) fn prepare<'s, E: From<SqliteError>>(
        &'s self,
        connection: &'s Connection,
        sql: &str,
        allow: impl FnOnce() -> Result<(), E>,
    ) -> Result<Texted<'s>, E> {
        let mut idle = self.idle.borrow_mut();
        let found = idle.iter().rposition(|(text, _)| **text == *sql);
        let (text, statement) = match found {
            Some(at) => idle.remove(at),
            None => {
                drop(idle);
                allow()?;
                let c_text = CString::new(sql).map_err(|_| SqliteError::misuse())?;
                (sql.into(), Prepared::persistent(connection, SqlText::new(&c_text))?)
            }
        };
        self.in_use.borrow_mut().push(statement.raw);
        let mut statement = Texted {
            cache: self,
            connection,
            parameters: statement.parameter_count(),
            bound: 0,
            unkept: false,
            text: ManuallyDrop::new(text),
            statement: ManuallyDrop::new(statement),
        };
        if statement.parameters > 64 {
            statement.unbind_rest()?;
        }
        Ok(statement)
    }

    /// How many statements are in use.
    pub(crate) fn in_use(&self) -> usize {
        self.in_use.borrow().len()
    }

    /// Finalizes the statements in use but for the first `kept`; true if there were any. Nothing refers to them any
    /// more: their owners were forgotten without being dropped.
    pub(crate) fn finalize_behind(&self, kept: usize) -> bool {
        let mut in_use = self.in_use.borrow_mut();
        if in_use.len() <= kept {
            return false;
        }
        for raw in in_use.drain(kept..) {
            // SAFETY: a listed statement is live; its owner leaves the list when it is dropped, and this one cannot be
            // dropped any more, since the lifetime it borrows the connection for is over.
            unsafe { ffi::sqlite3_finalize(raw) };
        }
        true
    }

    /// Whether a value could not be handed out since this was last asked.
    pub(crate) fn take_short_of_memory(&self) -> bool {
        self.short_of_memory.take()
    }
}

/// A statement in use; dropping it resets it and returns it.
///
/// It keeps its small values, for the reason given at [`Cached`](super::cache::Cached); those that the next user does
/// not bind are set to NULL before its first step.
pub(crate) struct Texted<'s> {
    cache: &'s TextCache,
    connection: &'s Connection,
    /// Parameters, until the values of earlier uses are gone from them; 0 afterwards.
    parameters: i32,
    /// Parameters bound in this use: bit 0 is parameter 1. Those beyond the 64th are never counted.
    bound: u64,
    /// A parameter holds a value too large to keep.
    unkept: bool,
    text: ManuallyDrop<Box<str>>,
    statement: ManuallyDrop<Prepared>,
}

impl Texted<'_> {
    #[inline]
    pub(crate) fn bind(&mut self, index: i32, value: SqlValue<'_>) -> Result<(), SqliteError> {
        if let SqlValue::Text(bytes) | SqlValue::Blob(bytes) = value {
            self.unkept |= bytes.len() > KEPT_BYTES;
        }
        self.statement.bind_value(self.connection, index, value)?;
        if (1..=64).contains(&index) {
            self.bound |= 1 << (index - 1);
        }
        Ok(())
    }

    /// The next row: `true` if there is one.
    #[inline]
    pub(crate) fn step(&mut self) -> Result<bool, SqliteError> {
        if self.bound.trailing_ones() < self.parameters.cast_unsigned() {
            self.unbind_rest()?;
        }
        self.statement.step(self.connection)
    }

    /// Sets what this use has not bound to NULL, once.
    #[cold]
    fn unbind_rest(&mut self) -> Result<(), SqliteError> {
        for index in 1..=self.parameters {
            if index > 64 || self.bound & 1 << (index - 1) == 0 {
                self.statement.bind_null(self.connection, index)?;
            }
        }
        self.parameters = 0;
        Ok(())
    }

    #[inline]
    pub(crate) fn reset(&mut self) -> Result<(), SqliteError> {
        self.statement.reset(self.connection)
    }

    #[inline]
    pub(crate) fn column_count(&self) -> i32 {
        self.statement.column_count()
    }

    /// The value of a column of the current row; NULL without a row, out of range, and when text in another encoding
    /// could not be converted for want of memory, which the cache remembers.
    #[inline]
    pub(crate) fn value(&self, column: i32) -> SqlValue<'_> {
        self.statement.value(column).unwrap_or_else(|_| {
            self.cache.short_of_memory.set(true);
            SqlValue::Null
        })
    }
}

impl Drop for Texted<'_> {
    fn drop(&mut self) {
        // SAFETY: both are taken here alone, and this is not used afterwards.
        let (text, mut statement) =
            unsafe { (ManuallyDrop::take(&mut self.text), ManuallyDrop::take(&mut self.statement)) };
        let mut in_use = self.cache.in_use.borrow_mut();
        if let Some(at) = in_use.iter().rposition(|raw| *raw == statement.raw) {
            in_use.remove(at);
        }
        drop(in_use);
        // The error of the last step has been reported by that step.
        let _ = statement.reset(self.connection);
        if statement.is_inert() {
            return;
        }
        if self.unkept {
            statement.clear_bindings();
        }
        let mut idle = self.cache.idle.borrow_mut();
        if idle.len() == KEPT_STATEMENTS {
            idle.remove(0);
        }
        idle.push((text, statement));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::sqlite::OpenMode;

    fn open() -> (Connection, TextCache) {
        (Connection::open(Path::new(""), OpenMode::Memory).unwrap(), TextCache::default())
    }

    fn prepare<'s>(connection: &'s Connection, cache: &'s TextCache, sql: &str) -> Texted<'s> {
        cache.prepare(connection, sql, || Ok::<_, SqliteError>(())).unwrap()
    }

    #[test]
    fn a_text_is_compiled_once_however_often_it_is_prepared() {
        let (connection, cache) = open();
        prepare(&connection, &cache, "create table t(a, b)").step().unwrap();
        prepare(&connection, &cache, "create index i on t(a, b)").step().unwrap();
        let mut raw = None;
        for round in 0..100 {
            let mut insert = prepare(&connection, &cache, "insert into t values (?1, ?2)");
            insert.bind(1, SqlValue::Integer(round)).unwrap();
            assert!(!insert.step().unwrap());
            drop(insert);
            let mut look_up = prepare(&connection, &cache, "select b from t where a = ?1 and b is ?2");
            look_up.bind(1, SqlValue::Integer(round)).unwrap();
            assert!(look_up.step().unwrap());
            assert_eq!(look_up.statement.recompilations(), 0, "round {round}");
            assert_eq!(*raw.get_or_insert(look_up.statement.raw), look_up.statement.raw);
        }
        let refused = cache.prepare(&connection, "select 1", || Err(SqliteError::plain("refused")));
        assert_eq!(refused.map(|_| ()).unwrap_err().message, "refused");
    }

    #[test]
    fn the_statements_kept_are_the_latest_used() {
        let (connection, cache) = open();
        let text = |index: usize| format!("select {index}");
        for index in 0..KEPT_STATEMENTS {
            prepare(&connection, &cache, &text(index));
        }
        prepare(&connection, &cache, &text(0));
        prepare(&connection, &cache, &text(KEPT_STATEMENTS));
        let idle = cache.idle.borrow();
        let kept = |index: usize| idle.iter().any(|(kept, _)| **kept == *text(index));
        assert_eq!(idle.len(), KEPT_STATEMENTS);
        assert!(kept(0) && !kept(1) && kept(2) && kept(KEPT_STATEMENTS));
    }

    #[test]
    fn forgotten_statements_are_finalized_and_the_connection_closes() {
        let (connection, cache) = open();
        let kept = prepare(&connection, &cache, "select 1");
        let before = cache.in_use();
        std::mem::forget(prepare(&connection, &cache, "select 2"));
        std::mem::forget(prepare(&connection, &cache, "select 2"));
        drop(prepare(&connection, &cache, "select 3"));
        assert_eq!((before, cache.in_use()), (1, 3));
        assert!(cache.finalize_behind(before) && !cache.finalize_behind(before));
        drop(kept);
        assert_eq!(cache.in_use(), 0);
        drop(cache);
        // SAFETY: the connection is open, and null asks for its first statement.
        let left = unsafe { ffi::sqlite3_next_stmt(connection.raw(), std::ptr::null_mut()) };
        assert!(left.is_null());
    }
}
