//! The application's own SQL: exec, prepared statements, counters.

use std::ffi::CStr;

use super::events::{Opener, matters, step};
use super::{Session, StatementId};
use crate::error::Fault;
use crate::sqlite::{ColumnKind, Prepared, SqlText, SqliteError};
use crate::statement::{ColumnType, Step};

/// Longest busy timeout, in milliseconds.
pub(crate) const MAX_BUSY_TIMEOUT_MS: u32 = i32::MAX as u32;

/// The busy timeout as SQLite takes it.
pub(crate) fn busy_timeout(milliseconds: u32) -> Result<i32, Fault> {
    i32::try_from(milliseconds).map_err(|_| {
        Fault::argument(format!(
            "a busy timeout of {milliseconds} milliseconds is above the largest, {MAX_BUSY_TIMEOUT_MS}"
        ))
    })
}

/// The longest wait for a lock under a deadline.
pub(crate) fn deadline(milliseconds: u32) -> Result<i32, Fault> {
    i32::try_from(milliseconds).map_err(|_| {
        Fault::argument(format!(
            "a deadline of {milliseconds} milliseconds is above the largest, {MAX_BUSY_TIMEOUT_MS}"
        ))
    })
}

/// The error of a call on a statement that has ended.
fn ended() -> Fault {
    Fault::Sql(SqliteError::misuse())
}

impl Session {
    /// Runs every statement in `sql` in order and discards rows; stops at the first error.
    pub fn exec(&mut self, sql: &CStr) -> Result<(), Fault> {
        self.run_script(sql, Opener::Sql)
    }

    pub(super) fn run_script(&mut self, sql: &CStr, opener: Opener) -> Result<(), Fault> {
        let mut rest = SqlText::new(sql);
        while !rest.is_empty() {
            let (mut statement, used) = Prepared::new(&self.connection, rest).map_err(Fault::Sql)?;
            if !statement.is_inert() {
                let outcome = self.run_to_end(&mut statement);
                self.counters.application_ran(&statement);
                if matters(&self.connection, &statement, outcome.is_err()) {
                    self.mattered(&statement, opener, outcome.is_err());
                }
                outcome?;
            }
            rest = rest.after(used);
        }
        Ok(())
    }

    fn run_to_end(&self, statement: &mut Prepared) -> Result<(), Fault> {
        while step(self.connection.linked(), statement).map_err(Fault::Sql)? {}
        Ok(())
    }

    /// Compiles the first statement of `sql`. Text without a statement gives an inert statement.
    pub fn prepare(&mut self, sql: &CStr) -> Result<StatementId, Fault> {
        let (statement, _) = Prepared::new(&self.connection, SqlText::new(sql)).map_err(Fault::Sql)?;
        Ok(self.statements.insert(statement))
    }

    /// Ends a statement, whatever state it is in.
    pub fn finalize(&mut self, id: StatementId) {
        if let Some(statement) = self.statements.remove(id) {
            let number = statement.number();
            drop(statement);
            self.application_stopped(number);
        }
    }

    /// Runs the statement to its next row or its end. After the end it starts again.
    #[inline]
    pub fn step(&mut self, id: StatementId) -> Result<Step, Fault> {
        let statement = self.statements.get(id).ok_or_else(ended)?;
        let outcome = step(self.connection.linked(), statement);
        if outcome == Ok(true) {
            return Ok(Step::Row);
        }
        self.counters.application_ran(statement);
        if matters(&self.connection, statement, outcome.is_err()) {
            self.stepped_to_its_end(id, outcome.is_err());
        }
        outcome.map(|_| Step::Done).map_err(Fault::Sql)
    }

    /// Rewinds the statement and keeps its values; repeats the fault of the last step, if that failed.
    #[inline]
    pub fn reset(&mut self, id: StatementId) -> Result<(), Fault> {
        let statement = self.statements.get(id).ok_or_else(ended)?;
        let (number, outcome) = (statement.number(), statement.reset(&self.connection));
        self.application_stopped(number);
        outcome.map_err(Fault::Sql)
    }

    /// Sets every parameter to NULL.
    pub fn clear_bindings(&mut self, id: StatementId) -> Result<(), Fault> {
        self.statements.get(id).map(Prepared::clear_bindings).ok_or_else(ended)
    }

    /// Binds NULL. Indexes count from 1.
    #[inline]
    pub fn bind_null(&mut self, id: StatementId, index: i32) -> Result<(), Fault> {
        self.statements.get(id).ok_or_else(ended)?.bind_null(&self.connection, index).map_err(Fault::Sql)
    }

    /// Binds an integer.
    #[inline]
    pub fn bind_i64(&mut self, id: StatementId, index: i32, value: i64) -> Result<(), Fault> {
        self.statements
            .get(id)
            .ok_or_else(ended)?
            .bind_i64(&self.connection, index, value)
            .map_err(Fault::Sql)
    }

    /// Binds a floating point number; NaN binds NULL.
    #[inline]
    pub fn bind_f64(&mut self, id: StatementId, index: i32, value: f64) -> Result<(), Fault> {
        self.statements
            .get(id)
            .ok_or_else(ended)?
            .bind_f64(&self.connection, index, value)
            .map_err(Fault::Sql)
    }

    /// Binds a copy of the bytes as text.
    #[inline]
    pub fn bind_text(&mut self, id: StatementId, index: i32, value: &[u8]) -> Result<(), Fault> {
        self.statements
            .get(id)
            .ok_or_else(ended)?
            .bind_text(&self.connection, index, value)
            .map_err(Fault::Sql)
    }

    /// Binds a copy of the bytes as a blob.
    #[inline]
    pub fn bind_blob(&mut self, id: StatementId, index: i32, value: &[u8]) -> Result<(), Fault> {
        self.statements
            .get(id)
            .ok_or_else(ended)?
            .bind_blob(&self.connection, index, value)
            .map_err(Fault::Sql)
    }

    /// The largest parameter index.
    pub fn parameter_count(&mut self, id: StatementId) -> i32 {
        self.statements.get(id).map_or(0, |statement| statement.parameter_count())
    }

    /// The 1-based index of a named parameter, 0 when there is none.
    pub fn parameter_index(&mut self, id: StatementId, name: &CStr) -> i32 {
        self.statements.get(id).map_or(0, |statement| statement.parameter_index(name))
    }

    /// The number of result columns.
    #[inline]
    pub fn column_count(&mut self, id: StatementId) -> i32 {
        self.statements.get(id).map_or(0, |statement| statement.column_count())
    }

    /// Name of a result column, borrowed until the next call.
    pub fn column_name(&mut self, id: StatementId, index: i32) -> Result<&[u8], Fault> {
        let statement = self.statements.get(id).ok_or_else(ended)?;
        if !(0..statement.column_count()).contains(&index) {
            return Err(Fault::Misuse("column index out of range"));
        }
        statement.column_name(index).ok_or(Fault::OutOfMemory("a column name"))
    }

    /// Type of a value; NULL without a row or out of range, as for the getters below.
    #[inline]
    pub fn column_type(&mut self, id: StatementId, index: i32) -> ColumnType {
        match self.statements.get(id).map_or(ColumnKind::Null, |statement| statement.column_kind(index)) {
            ColumnKind::Integer => ColumnType::Integer,
            ColumnKind::Float => ColumnType::Float,
            ColumnKind::Text => ColumnType::Text,
            ColumnKind::Blob => ColumnType::Blob,
            ColumnKind::Null => ColumnType::Null,
        }
    }

    /// A value as an integer, converted as SQLite does.
    #[inline]
    pub fn column_i64(&mut self, id: StatementId, index: i32) -> i64 {
        self.statements.get(id).map_or(0, |statement| statement.column_i64(index))
    }

    /// A value as a floating point number, converted as SQLite does.
    #[inline]
    pub fn column_f64(&mut self, id: StatementId, index: i32) -> f64 {
        self.statements.get(id).map_or(0.0, |statement| statement.column_f64(index))
    }

    /// A value as text, borrowed until the next call; `None` for NULL.
    #[inline]
    pub fn column_text(&mut self, id: StatementId, index: i32) -> Result<Option<&[u8]>, Fault> {
        self.statements.get(id).ok_or_else(ended)?.column_text(index).map_err(Fault::Sql)
    }

    /// A value as bytes, borrowed until the next call; `None` for NULL.
    #[inline]
    pub fn column_blob(&mut self, id: StatementId, index: i32) -> Result<Option<&[u8]>, Fault> {
        self.statements.get(id).ok_or_else(ended)?.column_blob(index).map_err(Fault::Sql)
    }

    /// Sets how long to wait for other connections' locks; 0 does not wait.
    pub fn set_busy_timeout(&mut self, milliseconds: u32) -> Result<(), Fault> {
        let milliseconds = busy_timeout(milliseconds)?;
        self.connection.set_busy_timeout(milliseconds).map_err(Fault::Sql)
    }

    /// Rowid of the application's last successful INSERT on this connection.
    pub fn last_insert_rowid(&mut self) -> i64 {
        self.connection.last_insert_rowid()
    }

    /// Rows changed by the application's last INSERT, UPDATE or DELETE.
    pub fn changes(&mut self) -> i64 {
        self.counters.changes(&self.connection)
    }

    /// Rows changed by the application since the database was opened.
    pub fn total_changes(&mut self) -> i64 {
        self.counters.total_changes(&self.connection)
    }
}
