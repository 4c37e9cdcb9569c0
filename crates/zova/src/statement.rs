//! Prepared statements.
//!
//! [`OwnedStatement`] does the work; the other three hold one and differ in what they borrow.

use std::fmt;
use std::marker::PhantomData;

use crate::database::Database;
use crate::error::{Error, Fault, Result, Status};
use crate::handle::{Handle, checked_text};
use crate::session::StatementId;
use crate::shared::SharedDatabaseGuard;

/// What a step arrived at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A row is ready to be read.
    Row,
    /// The statement has run to its end; the next step starts it again.
    Done,
}

/// Type of a column value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// 64-bit signed integer.
    Integer,
    /// 64-bit floating point number.
    Float,
    /// Text.
    Text,
    /// Bytes.
    Blob,
    /// NULL; also what a value is without a row, or out of range.
    Null,
}

/// A prepared statement that does not borrow its database and keeps the connection open.
pub struct OwnedStatement {
    handle: Handle,
    id: StatementId,
}

impl OwnedStatement {
    pub(crate) fn prepare(handle: &Handle, sql: &str) -> Result<Self> {
        let sql = checked_text("sql", sql)?;
        let id = handle.call(|session| session.prepare(&sql))?;
        Ok(Self { handle: handle.clone(), id })
    }

    fn inner(&mut self) -> &mut Self {
        self
    }
}

impl Drop for OwnedStatement {
    fn drop(&mut self) {
        self.handle.release(|session| session.finalize(self.id));
    }
}

/// A prepared statement that borrows its [`Database`] until its last use.
pub struct Statement<'db> {
    // Nothing in here runs code for 'db when dropped, so the borrow ends with the last use of the statement and not
    // at the end of the scope.
    owned: OwnedStatement,
    database: PhantomData<&'db mut Database>,
}

/// A prepared statement of a [`SharedDatabase`](crate::SharedDatabase).
pub struct SharedStatement {
    owned: OwnedStatement,
}

/// A prepared statement that borrows the guard of a scoped closure.
pub struct SharedGuardStatement<'guard> {
    owned: OwnedStatement,
    guard: PhantomData<&'guard mut SharedDatabaseGuard<'guard>>,
}

impl Statement<'_> {
    pub(crate) fn new(owned: OwnedStatement) -> Self {
        Self { owned, database: PhantomData }
    }

    fn inner(&mut self) -> &mut OwnedStatement {
        &mut self.owned
    }
}

impl SharedStatement {
    pub(crate) fn new(owned: OwnedStatement) -> Self {
        Self { owned }
    }

    fn inner(&mut self) -> &mut OwnedStatement {
        &mut self.owned
    }
}

impl SharedGuardStatement<'_> {
    pub(crate) fn new(owned: OwnedStatement) -> Self {
        Self { owned, guard: PhantomData }
    }

    fn inner(&mut self) -> &mut OwnedStatement {
        &mut self.owned
    }
}

/// A 1-based parameter index as SQLite takes it.
fn parameter(index: usize) -> Result<i32> {
    if index == 0 { Err(Error::bare(Status::InvalidArgument)) } else { column(index) }
}

/// A 0-based column index as SQLite takes it.
fn column(index: usize) -> Result<i32> {
    i32::try_from(index).map_err(|_| Error::bare(Status::InvalidArgument))
}

fn count(number: i32) -> usize {
    usize::try_from(number).unwrap_or(0)
}

macro_rules! statement_methods {
    ($($type:ty),+ $(,)?) => {$(
        impl $type {
            /// The largest parameter index.
            pub fn parameter_count(&mut self) -> Result<usize> {
                let OwnedStatement { handle, id } = self.inner();
                handle.call(|session| Ok::<_, Fault>(count(session.parameter_count(*id))))
            }

            /// The index of a named parameter, `None` if there is none. The name includes its prefix: `:a`, `@a`,
            /// `$a`, `?1`.
            pub fn parameter_index(&mut self, name: &str) -> Result<Option<usize>> {
                let name = checked_text("parameter name", name)?;
                let OwnedStatement { handle, id } = self.inner();
                let index = handle.call(|session| Ok::<_, Fault>(session.parameter_index(*id, &name)))?;
                Ok(Some(count(index)).filter(|index| *index > 0))
            }

            /// Binds NULL. Indexes start at 1.
            pub fn bind_null(&mut self, index: usize) -> Result<()> {
                let index = parameter(index)?;
                let OwnedStatement { handle, id } = self.inner();
                handle.call(|session| session.bind_null(*id, index))
            }

            /// Binds an integer. Indexes start at 1.
            pub fn bind_i64(&mut self, index: usize, value: i64) -> Result<()> {
                let index = parameter(index)?;
                let OwnedStatement { handle, id } = self.inner();
                handle.call(|session| session.bind_i64(*id, index, value))
            }

            /// Binds a floating point number; NaN binds NULL. Indexes start at 1.
            pub fn bind_f64(&mut self, index: usize, value: f64) -> Result<()> {
                let index = parameter(index)?;
                let OwnedStatement { handle, id } = self.inner();
                handle.call(|session| session.bind_f64(*id, index, value))
            }

            /// Binds a copy of the text, NUL bytes included. Indexes start at 1.
            pub fn bind_text(&mut self, index: usize, value: &str) -> Result<()> {
                let index = parameter(index)?;
                let OwnedStatement { handle, id } = self.inner();
                handle.call(|session| session.bind_text(*id, index, value.as_bytes()))
            }

            /// Binds a copy of the bytes. Indexes start at 1.
            pub fn bind_blob(&mut self, index: usize, value: &[u8]) -> Result<()> {
                let index = parameter(index)?;
                let OwnedStatement { handle, id } = self.inner();
                handle.call(|session| session.bind_blob(*id, index, value))
            }

            /// Runs the statement to its next row or its end. After the end, and after a failure, it starts again.
            pub fn step(&mut self) -> Result<Step> {
                let OwnedStatement { handle, id } = self.inner();
                handle.call(|session| session.step(*id))
            }

            /// Rewinds the statement and keeps its values. If the last step failed its error is returned once more;
            /// the statement is rewound all the same.
            pub fn reset(&mut self) -> Result<()> {
                let OwnedStatement { handle, id } = self.inner();
                handle.call(|session| session.reset(*id))
            }

            /// Sets every parameter to NULL.
            pub fn clear_bindings(&mut self) -> Result<()> {
                let OwnedStatement { handle, id } = self.inner();
                handle.call(|session| session.clear_bindings(*id))
            }

            /// The number of result columns, 0 for a statement that returns no rows.
            pub fn column_count(&mut self) -> Result<usize> {
                let OwnedStatement { handle, id } = self.inner();
                handle.call(|session| Ok::<_, Fault>(count(session.column_count(*id))))
            }

            /// Name of a result column; out of range is `Misuse`. Indexes start at 0, here and below.
            pub fn column_name(&mut self, index: usize) -> Result<String> {
                let index = column(index)?;
                let OwnedStatement { handle, id } = self.inner();
                let name = handle.call(|session| session.column_name(*id, index).map(<[u8]>::to_vec))?;
                String::from_utf8(name).map_err(|_| Error::InvalidUtf8Text)
            }

            /// Type of a value of the current row.
            pub fn column_type(&mut self, index: usize) -> Result<ColumnType> {
                let index = column(index)?;
                let OwnedStatement { handle, id } = self.inner();
                handle.call(|session| Ok::<_, Fault>(session.column_type(*id, index)))
            }

            /// A value as an integer, converted as SQLite does.
            pub fn column_i64(&mut self, index: usize) -> Result<i64> {
                let index = column(index)?;
                let OwnedStatement { handle, id } = self.inner();
                handle.call(|session| Ok::<_, Fault>(session.column_i64(*id, index)))
            }

            /// A value as a floating point number, converted as SQLite does.
            pub fn column_f64(&mut self, index: usize) -> Result<f64> {
                let index = column(index)?;
                let OwnedStatement { handle, id } = self.inner();
                handle.call(|session| Ok::<_, Fault>(session.column_f64(*id, index)))
            }

            /// A value as text, `None` for NULL; bytes that are not UTF-8 are [`Error::InvalidUtf8Text`].
            pub fn column_text(&mut self, index: usize) -> Result<Option<String>> {
                let index = column(index)?;
                let OwnedStatement { handle, id } = self.inner();
                let text = handle.call(|session| {
                    session.column_text(*id, index).map(|text| text.map(<[u8]>::to_vec))
                })?;
                text.map(String::from_utf8).transpose().map_err(|_| Error::InvalidUtf8Text)
            }

            /// A value as bytes, `None` for NULL.
            pub fn column_blob(&mut self, index: usize) -> Result<Option<Vec<u8>>> {
                let index = column(index)?;
                let OwnedStatement { handle, id } = self.inner();
                handle.call(|session| {
                    session.column_blob(*id, index).map(|bytes| bytes.map(<[u8]>::to_vec))
                })
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($type).split('<').next().unwrap_or_default().trim())
            }
        }
    )+};
}

statement_methods!(OwnedStatement, Statement<'_>, SharedStatement, SharedGuardStatement<'_>);
