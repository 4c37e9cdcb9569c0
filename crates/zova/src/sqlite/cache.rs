//! Statements of Zova's own, compiled once per connection.

use std::cell::RefCell;
use std::ffi::CString;

use super::connection::Connection;
use super::error::SqliteError;
use super::statement::{ColumnKind, Prepared, SqlText};

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
                // SAFETY: `statement` is dropped, hence reset and rid of the blob, before `values` can end.
                Value::Blob(value) => unsafe { statement.lend(index, value)? },
                value => statement.bind(index, value)?,
            }
        }
        statement.unbind_from(values.len())?;
        while statement.step()? {}
        Ok(())
    }

    /// A statement with its values bound (copied) and NULL for further parameters, ready for its first step.
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

/// Values of more bytes are not kept by a statement that is not in use.
const KEPT_BYTES: usize = 4096;

/// A cached statement in use; dropping it resets it and returns it.
///
/// It keeps its small values. `sqlite3_clear_bindings` would make SQLite compile the statement anew for its next use:
/// the truth probability of `column = ?` is estimated from whether the value is 0 or 1, so a parameter in such a term
/// counts as one the plan depends on, and clearing all values as a change of it (bits `expmask` and `smimask` in
/// SQLite's source). A put of a graph node took 45 us that way instead of 4 us.
pub(crate) struct Cached<'s> {
    cache: &'s StatementCache,
    connection: &'s Connection,
    key: Key,
    statement: Option<Prepared>,
    /// Parameters whose values the statement must not keep: bit 0 is parameter 1. Borrowed ones are among them.
    unkept: u64,
}

impl<'s> Cached<'s> {
    fn new(
        cache: &'s StatementCache,
        connection: &'s Connection,
        schema: &'static str,
        sql: Sql,
    ) -> Result<Self, SqliteError> {
        let (key, statement) = cache.take(connection, schema, sql)?;
        Ok(Self { cache, connection, key, statement: Some(statement), unkept: 0 })
    }

    fn prepared(&mut self) -> &mut Prepared {
        self.statement.as_mut().expect("the statement is taken only by drop")
    }

    /// The next row: `true` if there is one. Every loop over stored rows comes by here, so this is where a call that
    /// is to stop does.
    pub(crate) fn step(&mut self) -> Result<bool, SqliteError> {
        let connection = self.connection;
        connection.go_on()?;
        self.prepared().step(connection)
    }

    /// Starts again with other values.
    pub(crate) fn restart(&mut self, values: &[Value<'_>]) -> Result<(), SqliteError> {
        let connection = self.connection;
        self.prepared().reset(connection)?;
        self.bind_copies(values)
    }

    /// Runs the statement to its end with other values, as [`StatementCache::run`] does.
    pub(crate) fn rerun(&mut self, values: &[Value<'_>]) -> Result<(), SqliteError> {
        let connection = self.connection;
        self.prepared().reset(connection)?;
        self.bind_copies(values)?;
        while self.step()? {}
        Ok(())
    }

    /// Starts again with one text changed, whatever bytes it holds.
    pub(crate) fn restart_with_text(&mut self, index: i32, text: &[u8]) -> Result<(), SqliteError> {
        let connection = self.connection;
        self.prepared().reset(connection)?;
        self.do_not_keep(index, text.len());
        self.prepared().bind_text(connection, index, text)
    }

    /// Binds the values as copies, and NULL to the parameters after them.
    fn bind_copies(&mut self, values: &[Value<'_>]) -> Result<(), SqliteError> {
        for (index, value) in (1..).zip(values) {
            self.bind(index, *value)?;
        }
        self.unbind_from(values.len())
    }

    #[inline]
    fn bind(&mut self, index: i32, value: Value<'_>) -> Result<(), SqliteError> {
        let connection = self.connection;
        match value {
            Value::Null => self.prepared().bind_null(connection, index),
            Value::Integer(value) => self.prepared().bind_i64(connection, index, value),
            Value::Text(value) => {
                self.do_not_keep(index, value.len());
                self.prepared().bind_text(connection, index, value.as_bytes())
            }
            Value::Blob(value) => {
                self.do_not_keep(index, value.len());
                self.prepared().bind_blob(connection, index, value)
            }
        }
    }

    /// Binds a blob without copying it.
    ///
    /// # Safety
    ///
    /// This is dropped before the blob ends.
    unsafe fn lend(&mut self, index: i32, value: &[u8]) -> Result<(), SqliteError> {
        let connection = self.connection;
        self.do_not_keep(index, usize::MAX);
        // SAFETY: dropping this takes the value away; the caller sees to it that this happens in time.
        unsafe { self.prepared().bind_blob_borrowed(connection, index, value) }
    }

    /// What an earlier use bound behind the first `values` parameters must not be seen by this one.
    fn unbind_from(&mut self, values: usize) -> Result<(), SqliteError> {
        let connection = self.connection;
        for index in (values as i32 + 1)..=self.prepared().parameter_count() {
            self.prepared().bind_null(connection, index)?;
        }
        Ok(())
    }

    #[inline]
    fn do_not_keep(&mut self, index: i32, bytes: usize) {
        if bytes > KEPT_BYTES {
            debug_assert!((1..=64).contains(&index));
            self.unkept |= 1 << (index - 1);
        }
    }

    pub(crate) fn kind(&mut self, column: i32) -> ColumnKind {
        self.prepared().column_kind(column)
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
            while self.unkept != 0 {
                let index = self.unkept.trailing_zeros() as i32 + 1;
                if statement.bind_null(self.connection, index).is_err() {
                    // A statement that may still hold a borrowed value is not used again.
                    return;
                }
                self.unkept &= self.unkept - 1;
            }
            self.cache.idle.borrow_mut().push((self.key, statement));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::sqlite::OpenMode;

    const TABLE: Sql = Sql("create table $.t(a text, b text, c)");
    /// A choice of indexes, so that the plan depends on both terms of the look-up.
    const INDEXES: [Sql; 2] = [Sql("create index $.ab on t(a, b)"), Sql("create index $.ac on t(a, c)")];
    const INSERT: Sql = Sql("insert into $.t values (?1, ?2, ?3)");
    const LOOK_UP: Sql = Sql("select case when exists (select 1 from $.t where a = ?1 and b = ?2) then \
        (select c from $.t where a = ?1 order by c desc limit 1) end");
    const ALL: Sql = Sql("select group_concat(quote(b) || quote(c), ' ') from $.t");

    fn run(connection: &Connection, cache: &StatementCache, sql: Sql, values: &[Value<'_>]) {
        cache.run(connection, "main", sql, values).unwrap();
    }

    #[test]
    fn a_statement_is_compiled_once_however_often_it_is_used() {
        let connection = Connection::open(Path::new(""), OpenMode::Memory).unwrap();
        let cache = StatementCache::default();
        run(&connection, &cache, TABLE, &[]);
        INDEXES.iter().for_each(|sql| run(&connection, &cache, *sql, &[]));
        let large = "x".repeat(2 * KEPT_BYTES);
        for round in 0..10 {
            let name = format!("name {round}");
            let values = [Value::Text(&name), Value::Text(&name), Value::Integer(round)];
            run(&connection, &cache, INSERT, &values);
            let wanted = [Value::Text(&name), Value::Text(if round % 2 == 0 { &name } else { &large })];
            let mut row = cache.query(&connection, "main", LOOK_UP, &wanted).unwrap();
            assert!(row.step().unwrap());
            assert_eq!(row.prepared().recompilations(), 0, "round {round}");
        }
    }

    #[test]
    fn values_of_an_earlier_use_are_neither_seen_nor_kept_when_they_are_large_or_borrowed() {
        let connection = Connection::open(Path::new(""), OpenMode::Memory).unwrap();
        let cache = StatementCache::default();
        run(&connection, &cache, TABLE, &[]);
        let blob = vec![7_u8; 3];
        run(&connection, &cache, INSERT, &[Value::Text("a"), Value::Text("b"), Value::Blob(&blob)]);
        drop(blob);
        run(&connection, &cache, INSERT, &[Value::Text("c"), Value::Text("d")]);
        run(&connection, &cache, INSERT, &[Value::Text("e")]);
        let mut row = cache.query(&connection, "main", ALL, &[]).unwrap();
        assert!(row.step().unwrap());
        assert_eq!(row.text(0).unwrap(), Some(&b"'b'X'070707' 'd'NULL NULLNULL"[..]));
    }
}
