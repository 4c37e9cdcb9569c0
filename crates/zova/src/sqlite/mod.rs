//! The only place that speaks to SQLite.
//!
//! Everything above works with four small owners: [`Connection`], [`Prepared`] (a compiled statement),
//! [`StatementCache`] (statements of Zova's own, compiled once per connection) and [`SqliteError`] (a result code
//! with the message that belongs to it, captured before anything else runs on the connection).
//!
//! A connection is opened without SQLite's own mutex (`SQLITE_OPEN_NOMUTEX`): the handle above holds one lock
//! around every call, so SQLite's would only be paid for twice. `Connection` is therefore `Send` but not `Sync`,
//! and a statement never leaves the session that owns its connection.
//!
//! What SQLite calls back (functions and computed tables of Zova's own) is registered through [`register_function`]
//! and [`register_table`]; such code sees the connection as [`Linked`], and a panic in it becomes an SQL error.

#![allow(unsafe_code)]

mod backup;
mod cache;
mod connection;
mod control;
mod error;
mod function;
mod guard;
mod link;
mod main_file;
mod pages;
mod participant;
mod source;
mod statement;
mod stop;
mod text;
mod tree;
mod value;
mod vtab;
mod watch;

pub(crate) use backup::Backup;
pub(crate) use cache::{Cached, Sql, StatementCache, Value};
pub(crate) use connection::{Connection, OpenMode};
pub(crate) use control::{Control, Verb};
pub use error::SqliteError;
pub(crate) use function::{FunctionKind, ScalarFunction, register_callback, register_function};
pub(crate) use link::{Link, Linked};
pub(crate) use main_file::{LockedMainFile, MainFile};
pub(crate) use pages::{Ended, Next, Stored, columns};
pub(crate) use participant::{Participant, PutOff, register_participant, take_part};
pub use source::RowSource;
pub(crate) use source::insert_rows;
pub(crate) use statement::{ColumnKind, Prepared, SqlText, from_first_token, from_next_token, quoted};
pub(crate) use stop::StopWhen;
pub(crate) use text::Texted;
pub use tree::TreeRows;
pub(crate) use tree::insert_by_tree;
pub use value::SqlValue;
pub(crate) use value::{Output, SqlValue as Argument};
pub(crate) use vtab::{
    Column, Computed, Estimate, MAX_COLUMNS, Reach, Request, Role, Rows, TableFunction, register_computed,
    register_table,
};
pub(crate) use watch::{Running, Watched};
