//! What a connection's own statements did to the rows of vectors and graphs, what was undone, and who is at work.
//!
//! Whoever keeps a copy of stored rows in memory has to hear of every change to them. SQLite tells about each row
//! that a statement of this connection inserts, updates or deletes (`sqlite3_update_hook`, installed when somebody
//! first asks) and about each rollback of a transaction (`sqlite3_rollback_hook`, installed always, because it costs
//! nothing until there is one). It does not tell about
//!
//! - `ROLLBACK TO`: recognised by its text, see [`Connection::watch_application`];
//! - a DELETE without a WHERE clause, which empties a table at once: whoever relies on this looks whether the table
//!   is empty, since every row that is put back afterwards is told about again;
//! - rows that REPLACE removes: the row that takes their place is told about, and where a trigger keeps it from
//!   doing so, SQLite reports the removal, too;
//! - changes of the schema, and of other connections: those have their own counters (`PRAGMA schema_version` and
//!   `data_version`); what can put these counters back is recognised by its text;
//! - commits of transactions that wrote nothing: a transaction that is over without a reported rollback was committed.
//!
//! An SQL function cannot ask SQLite which statement calls it, so whoever steps a statement says so here.

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int, c_void};

use rusqlite::ffi;

use super::connection::Connection;
use super::control::Verb;
use super::statement::Prepared;

const VECTORS: &[u8] = b"_zova_vectors";
/// What the names of the tables of graphs begin with.
const GRAPHS: &[u8] = b"_zova_graph";

/// Tables whose rows are watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Watched {
    /// The one table of all vectors.
    Vectors,
    /// Graphs, nodes and edges.
    Graphs,
}

/// Who is at work on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Running {
    /// Nobody who said so.
    #[default]
    Nobody,
    /// The application's statement of this number.
    Statement {
        /// See [`Prepared::number`].
        number: usize,
        /// Whether it can change a database file.
        writes: bool,
    },
    /// An operation of Zova's own that writes.
    Native,
}

/// Counters that only grow, and marks. Row changes are not counted before [`Connection::watch`] was first called.
#[derive(Default)]
pub(crate) struct Watch {
    installed: Cell<bool>,
    vector_rows: Cell<u64>,
    graph_rows: Cell<u64>,
    undone: Cell<u64>,
    unknown: Cell<u64>,
    /// Rollbacks of whole transactions that SQLite reported.
    rolled_back: Cell<u64>,
    running: Cell<Running>,
    /// Whether the end of any statement may matter to somebody.
    attentive: Cell<bool>,
}

impl Watch {
    /// Changes of the rows of these tables, in any schema.
    pub(crate) fn rows(&self, watched: Watched) -> u64 {
        match watched {
            Watched::Vectors => self.vector_rows.get(),
            Watched::Graphs => self.graph_rows.get(),
        }
    }

    /// How often changes were, or may have been, undone: transactions and savepoints.
    pub(crate) fn rollbacks(&self) -> u64 {
        self.undone.get()
    }

    /// How often something ran after which nothing is certain.
    pub(crate) fn uncertainties(&self) -> u64 {
        self.unknown.get()
    }

    /// Zova itself is about to undo something.
    pub(crate) fn undone(&self) {
        self.undone.set(self.undone.get() + 1);
    }

    /// Something ran after which nothing is certain.
    fn uncertain(&self) {
        self.unknown.set(self.unknown.get() + 1);
    }

    pub(super) fn install(&self, db: *mut ffi::sqlite3) {
        if !self.installed.replace(true) {
            let watch: *const Self = self;
            // SAFETY: the connection is open, and it is closed before the box that holds this watch is dropped.
            unsafe { ffi::sqlite3_update_hook(db, Some(row_changed), watch.cast_mut().cast()) };
        }
    }

    /// Called once, when the connection is opened.
    pub(super) fn install_rollback_hook(&self, db: *mut ffi::sqlite3) {
        let watch: *const Self = self;
        // SAFETY: as in `install`.
        unsafe { ffi::sqlite3_rollback_hook(db, Some(rolled_back), watch.cast_mut().cast()) };
    }
}

impl Connection {
    /// Called when a statement of the application that is more than an ordinary one has ended.
    pub(crate) fn watch_application(&self, statement: &Prepared) {
        if self.has_watch() {
            match statement.verb() {
                Verb::Rollback => self.watch().undone(),
                Verb::Change => self.watch().uncertain(),
                Verb::Pragma
                    if statement.contains(b"schema_version") || statement.contains(b"writable_schema") =>
                {
                    self.watch().uncertain();
                }
                _ => {}
            }
        }
    }

    /// Says who is about to work on the connection, or that nobody does any more.
    #[inline]
    pub(crate) fn set_running(&self, running: Running) {
        self.marks().running.set(running);
    }

    /// Who works on the connection, for what SQLite calls back.
    pub(crate) fn running(&self) -> Running {
        self.marks().running.get()
    }

    /// Asks for, or does without, being told of the end of every statement.
    pub(crate) fn set_attentive(&self, attentive: bool) {
        self.marks().attentive.set(attentive);
    }

    /// Whether somebody waits for the end of statements.
    #[inline]
    pub(crate) fn is_attentive(&self) -> bool {
        self.marks().attentive.get()
    }

    /// How many transactions of this connection were rolled back as a whole, on request or by SQLite itself.
    pub(crate) fn transactions_rolled_back(&self) -> u64 {
        self.marks().rolled_back.get()
    }
}

impl Watch {
    pub(super) fn is_installed(&self) -> bool {
        self.installed.get()
    }
}

/// Whether the text begins with a word, given in lower case.
fn begins_with(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// Neither callback can panic, and neither uses the connection.
unsafe extern "C" fn row_changed(
    watch: *mut c_void,
    _operation: c_int,
    _schema: *const c_char,
    table: *const c_char,
    _rowid: ffi::sqlite3_int64,
) {
    // SAFETY: `install` passed the watch, which outlives the connection; SQLite passes NUL-terminated names.
    let (watch, table) = unsafe { (&*watch.cast_const().cast::<Watch>(), CStr::from_ptr(table)) };
    let table = table.to_bytes();
    if table.eq_ignore_ascii_case(VECTORS) {
        watch.vector_rows.set(watch.vector_rows.get() + 1);
    } else if begins_with(table, GRAPHS) {
        watch.graph_rows.set(watch.graph_rows.get() + 1);
    }
}

unsafe extern "C" fn rolled_back(watch: *mut c_void) {
    // SAFETY: as above.
    let watch = unsafe { &*watch.cast_const().cast::<Watch>() };
    watch.rolled_back.set(watch.rolled_back.get() + 1);
    watch.undone();
}
