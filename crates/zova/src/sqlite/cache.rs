//! Statements of Zova's own, compiled once per connection.

use std::cell::RefCell;
use std::ffi::CString;

use super::connection::Connection;
use super::error::SqliteError;
use super::statement::{Prepared, SqlText};

/// SQL text of the library, in which `$` stands for the schema that holds the tables (`main`, or the name of an
/// attached store). Every private table is written with it, so that a temporary table of the same name is never
/// taken instead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sql(pub(crate) &'static str);

/// A value for a parameter of a cached statement.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
    Blob(&'a [u8]),
}

/// The statements not in use at the moment. A statement in use is taken out, so a nested use of the same text simply
/// compiles a second one.
#[derive(Default)]
pub(crate) struct StatementCache {
    /// Last used last. There are a few dozen at most, and the one wanted is usually near the end, so a search from
    /// there beats hashing two texts.
    idle: RefCell<Vec<(Key, Prepared)>>,
}

/// Which statement: the places (address and length) of its text and of its schema's name, which are constants. A
/// constant that the compiler stored twice is compiled twice, no more.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key(*const str, *const str);

// SAFETY: the addresses are only compared.
unsafe impl Send for Key {}

impl StatementCache {
    fn take(
        &self,
        connection: &Connection,
        schema: &'static str,
        sql: Sql,
    ) -> Result<(Key, Prepared), SqliteError> {
        let key = Key(sql.0, schema);
        let mut idle = self.idle.borrow_mut();
        if let Some(at) = idle.iter().rposition(|(found, _)| *found == key) {
            return Ok(idle.remove(at));
        }
        drop(idle);
        let text = CString::new(sql.0.replace('$', schema)).expect("library SQL holds no NUL");
        Ok((key, Prepared::persistent(connection, SqlText::new(&text))?))
    }

    /// Runs a statement to its end with borrowed values; rows are discarded.
    pub(crate) fn run(
        &self,
        connection: &Connection,
        schema: &'static str,
        sql: Sql,
        values: &[Value<'_>],
    ) -> Result<(), SqliteError> {
        let mut statement = Cached::new(self, connection, schema, sql)?;
        for (index, value) in (1..).zip(values) {
            match *value {
                Value::Null => statement.prepared().bind_null(connection, index)?,
                Value::Integer(value) => statement.prepared().bind_i64(connection, index, value)?,
                Value::Text(value) => statement.prepared().bind_text(connection, index, value.as_bytes())?,
                Value::Blob(value) => {
                    // SAFETY: `statement` is dropped, hence reset and cleared, before `values` can end.
                    unsafe { statement.prepared().bind_blob_borrowed(connection, index, value)? }
                }
            }
        }
        while statement.step()? {}
        Ok(())
    }

    /// A statement with its values bound (copied), ready for its first step.
    pub(crate) fn query<'s>(
        &'s self,
        connection: &'s Connection,
        schema: &'static str,
        sql: Sql,
        values: &[Value<'_>],
    ) -> Result<Cached<'s>, SqliteError> {
        let mut statement = Cached::new(self, connection, schema, sql)?;
        statement.bind_copies(values)?;
        Ok(statement)
    }
}

/// A cached statement in use; dropping it resets it, clears its values and returns it.
pub(crate) struct Cached<'s> {
    cache: &'s StatementCache,
    connection: &'s Connection,
    key: Key,
    statement: Option<Prepared>,
}

impl<'s> Cached<'s> {
    fn new(
        cache: &'s StatementCache,
        connection: &'s Connection,
        schema: &'static str,
        sql: Sql,
    ) -> Result<Self, SqliteError> {
        let (key, statement) = cache.take(connection, schema, sql)?;
        Ok(Self { cache, connection, key, statement: Some(statement) })
    }

    fn prepared(&mut self) -> &mut Prepared {
        self.statement.as_mut().expect("the statement is taken only by drop")
    }

    /// The next row: `true` if there is one.
    pub(crate) fn step(&mut self) -> Result<bool, SqliteError> {
        let connection = self.connection;
        self.prepared().step(connection)
    }

    /// Starts again with other values.
    pub(crate) fn restart(&mut self, values: &[Value<'_>]) -> Result<(), SqliteError> {
        let connection = self.connection;
        self.prepared().reset(connection)?;
        self.bind_copies(values)
    }

    /// Starts again with one text changed, whatever bytes it holds.
    pub(crate) fn restart_with_text(&mut self, index: i32, text: &[u8]) -> Result<(), SqliteError> {
        let connection = self.connection;
        self.prepared().reset(connection)?;
        self.prepared().bind_text(connection, index, text)
    }

    fn bind_copies(&mut self, values: &[Value<'_>]) -> Result<(), SqliteError> {
        let connection = self.connection;
        let statement = self.prepared();
        for (index, value) in (1..).zip(values) {
            match *value {
                Value::Null => statement.bind_null(connection, index)?,
                Value::Integer(value) => statement.bind_i64(connection, index, value)?,
                Value::Text(value) => statement.bind_text(connection, index, value.as_bytes())?,
                Value::Blob(value) => statement.bind_blob(connection, index, value)?,
            }
        }
        Ok(())
    }

    pub(crate) fn integer(&mut self, column: i32) -> i64 {
        self.prepared().column_i64(column)
    }

    /// The value as text, converted if it is none; `None` for NULL.
    pub(crate) fn text(&mut self, column: i32) -> Result<Option<&[u8]>, SqliteError> {
        self.prepared().column_text(column)
    }

    /// The value's bytes; NULL reads as empty.
    pub(crate) fn bytes(&mut self, column: i32) -> Result<&[u8], SqliteError> {
        Ok(self.prepared().column_blob(column)?.unwrap_or(&[]))
    }
}

impl Drop for Cached<'_> {
    fn drop(&mut self) {
        if let Some(mut statement) = self.statement.take() {
            // The error of the last step has been reported by that step.
            let _ = statement.reset(self.connection);
            statement.clear_bindings();
            self.cache.idle.borrow_mut().push((self.key, statement));
        }
    }
}
