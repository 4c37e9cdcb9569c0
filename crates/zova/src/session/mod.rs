//! A session: one open database, used by one thread at a time.
//!
//! Everything a surface can do is a method here. A session owns the SQLite connection and all statements prepared
//! on it, so it can move between threads as a whole, and nothing that points into SQLite ever leaves it: a surface
//! refers to a statement by [`StatementId`]. The surfaces add what a session lacks: a lock and handles.

mod children;
mod counters;
mod events;
mod freshness;
mod objects;
mod scope;
mod sql;

use std::ffi::CString;
use std::path::{Path, PathBuf};

use crate::error::Fault;
use crate::event::{self, Events};
use crate::extension::{self, Code, Expectation, ExtensionRegistry, Extensions};
use crate::format;
use crate::graph;
use crate::interrupt::InterruptHandle;
use crate::object::{self, Reader, Writer};
use crate::options::OpenOptions;
use crate::publish::directory;
use crate::sqlite::{
    Cached, Connection, Ended, Link, Linked, Next, Prepared, Sql, SqlText, SqliteError, StatementCache,
    StopWhen, Value,
};
use crate::vector::{self, Copies, VectorSearchStats};

pub use children::ChildId;
use children::Children;
use counters::Counters;
pub(crate) use freshness::{Changes, Freshness, Verdict};
pub(crate) use sql::{busy_timeout, deadline};

/// Marks the ids of statements.
pub struct StatementKind;
/// Marks the ids of object writers.
pub struct WriterKind;
/// Marks the ids of object readers.
pub struct ReaderKind;

/// Names a prepared statement of one session.
pub type StatementId = ChildId<StatementKind>;
/// Names an object writer of one session.
pub type WriterId = ChildId<WriterKind>;
/// Names an object reader of one session.
pub type ReaderId = ChildId<ReaderKind>;

/// One open database without locking. See the module text.
pub struct Session {
    // The order matters: statements are finalized before their connection closes.
    statements: Children<StatementKind, Prepared>,
    writers: Children<WriterKind, Writer>,
    readers: Children<ReaderKind, Reader>,
    connection: Link,
    counters: Counters,
    events: Events,
    /// The file as it was named when it was opened, made independent of the current directory.
    path: Option<PathBuf>,
    vectors: Copies,
    last_vector_search: Option<VectorSearchStats>,
    extensions: Extensions,
    poisoned: bool,
    /// Whether putting a graph node requires its target to exist.
    strict_targets: bool,
    /// The connection's, at hand: every call looks at it.
    interrupt: InterruptHandle,
    /// Milliseconds a call may take; 0 for any number.
    call_time: u32,
}

impl Session {
    /// Makes a new database file and opens it. The path is absent or holds a complete database at every moment.
    ///
    /// Cost: two disk syncs (the file, its directory).
    pub fn create(path: &Path) -> Result<Self, Fault> {
        Self::made(path, OpenOptions::default(), Code::clone(extension::default_code()))
    }

    /// As [`Session::create`], with options for opening it and a registry of extensions.
    pub fn create_with_registry(
        path: &Path,
        options: OpenOptions,
        registry: &ExtensionRegistry,
    ) -> Result<Self, Fault> {
        Self::made(path, options, registry.freeze())
    }

    fn made(path: &Path, options: OpenOptions, code: Code) -> Result<Self, Fault> {
        Self::with_connection(path, format::create(path, options)?, code, Expectation::Usable)
    }

    /// Opens an existing database; never creates, repairs or writes.
    ///
    /// Cost: one read transaction over the schema and a few metadata rows, whatever the size of the file.
    pub fn open(path: &Path, options: OpenOptions) -> Result<Self, Fault> {
        let code = Code::clone(extension::default_code());
        Self::with_connection(path, format::open(path, options)?, code, Expectation::Usable)
    }

    /// As [`Session::open`], with a registry of extensions.
    pub fn open_with_registry(
        path: &Path,
        options: OpenOptions,
        registry: &ExtensionRegistry,
    ) -> Result<Self, Fault> {
        let code = registry.freeze();
        Self::with_connection(path, format::open(path, options)?, code, Expectation::Usable)
    }

    /// As [`Session::open_with_registry`], also when installed extensions cannot be used or there is storage of others:
    /// for dropping them.
    pub fn open_for_repair(
        path: &Path,
        options: OpenOptions,
        registry: &ExtensionRegistry,
    ) -> Result<Self, Fault> {
        let code = registry.freeze();
        Self::with_connection(path, format::open(path, options)?, code, Expectation::Repairable)
    }

    /// Opens an existing database for reading and diagnosis. No code of extensions runs, and nothing is required of
    /// them but that their list is legible; with `tolerant` not even that
    /// ([`Session::illegible_extensions`]).
    pub fn inspect(path: &Path, registry: &ExtensionRegistry, tolerant: bool) -> Result<Self, Fault> {
        let options = OpenOptions { read_only: true, ..OpenOptions::default() };
        let expectation = Expectation::Inspected { must: !tolerant };
        let code = registry.freeze();
        Self::with_connection(path, format::open(path, options)?, code, expectation)
    }

    /// Takes over a connection that passed the checks of opening, and does what concerns extensions: in the read
    /// transaction of those checks, or in one of its own where there is none, which it ends.
    pub(crate) fn with_connection(
        path: &Path,
        connection: Connection,
        code: Code,
        expectation: Expectation,
    ) -> Result<Self, Fault> {
        let refused = |error| Fault::Open { path: path.to_owned(), error };
        let connection = Link::new(connection);
        let (vectors, events) = (Copies::default(), Events::default());
        register_sql(&connection, &vectors, &events).map_err(refused)?;
        let interrupt = connection.interrupt_handle().clone();
        let mut session = Self {
            statements: Children::default(),
            writers: Children::default(),
            readers: Children::default(),
            connection,
            counters: Counters::default(),
            events,
            path: std::path::absolute(path).ok(),
            vectors,
            last_vector_search: None,
            extensions: Extensions::new(code, expectation),
            poisoned: false,
            strict_targets: false,
            interrupt,
            call_time: 0,
        };
        session.begin_opening().map_err(refused)?;
        session.open_extensions(path, expectation)?;
        session.end_opening().map_err(refused)?;
        Ok(session)
    }

    /// A call of a surface begins: its time starts now, and an interrupt from before is not meant for it.
    #[inline]
    pub fn begin_call(&mut self) {
        self.interrupt.forget();
        if self.call_time != 0 {
            self.connection.set_deadline(StopWhen::within(self.call_time).deadline);
        }
    }

    /// What stops a call on this session, from any thread.
    pub fn interrupt_handle(&self) -> &InterruptHandle {
        &self.interrupt
    }

    /// Sets how many milliseconds each call may take from now on; 0 for any number. A call that takes longer is
    /// stopped as by an interrupt. Waits for locks of others take no longer than that either.
    pub fn set_deadline(&mut self, milliseconds: u32) -> Result<(), Fault> {
        let longest_wait = deadline(milliseconds)?;
        self.call_time = milliseconds;
        self.connection.set_deadline(StopWhen::within(milliseconds).deadline);
        self.connection.set_longest_wait(longest_wait).map_err(Fault::Sql)
    }

    /// After a caught panic nothing is known about what was half done: only closing is safe.
    pub fn poison(&mut self) {
        self.poisoned = true;
        self.events.poison();
    }

    /// True once [`Session::poison`] was called, or code of an extension has panicked.
    #[inline]
    pub fn is_poisoned(&self) -> bool {
        self.poisoned || self.connection.linked().is_broken()
    }

    /// Closes the database; statements are finalized, an open transaction is rolled back.
    pub fn close(self) {
        let Self { statements, connection, .. } = self;
        drop(statements);
        connection.close();
    }

    /// True if the main file cannot be written through this connection.
    pub(crate) fn is_read_only(&self) -> bool {
        self.connection.is_read_only()
    }

    /// The database file.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The directory the database file is in.
    pub(crate) fn directory(&self) -> Option<&Path> {
        self.path.as_deref().map(directory)
    }

    /// Turns on or off, for this handle, that putting a graph node requires its object, chunk or vector to exist.
    pub fn set_strict_targets(&mut self, strict: bool) {
        self.strict_targets = strict;
    }

    pub(crate) fn strict_targets(&self) -> bool {
        self.strict_targets
    }

    pub(crate) fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    pub(crate) fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.extensions
    }

    pub(crate) fn link(&self) -> &Link {
        &self.connection
    }

    /// The connection and Zova's own statements on it, for the domain modules.
    pub(crate) fn storage(&self) -> Storage<'_> {
        Storage::linked(self.connection.linked())
    }

    /// What the last vector search of this handle did, other than through SQL; `None` before the first one.
    pub fn vector_search_stats(&self) -> Option<VectorSearchStats> {
        self.last_vector_search
    }

    pub(crate) fn set_vector_search_stats(&mut self, stats: VectorSearchStats) {
        self.last_vector_search = Some(stats);
    }

    /// Sets how many bytes of memory the copies of vector collections may take; 0 for none. The first value is
    /// 256 MiB. What does not fit any more is dropped at once.
    pub fn set_vector_cache_limit(&mut self, bytes: u64) {
        self.vectors.set_limit(bytes);
    }

    /// What of the vector collections is in memory.
    pub(crate) fn vector_copies(&self) -> &Copies {
        &self.vectors
    }
}

/// The SQL functions and computed tables that every handle has.
///
/// Cost: about a microsecond each; nothing is read.
fn register_sql(connection: &Link, vectors: &Copies, events: &Events) -> Result<(), SqliteError> {
    event::register_sql(connection, events)?;
    object::register_tables(connection)?;
    vector::register_sql(connection, vectors)?;
    graph::register_tables(connection)
}

/// Where a domain's private tables live: a connection, the statements compiled for it, and the schema that holds
/// the tables.
#[derive(Clone, Copy)]
pub(crate) struct Storage<'s> {
    connection: &'s Connection,
    cache: &'s StatementCache,
    schema: &'static str,
}

impl<'s> Storage<'s> {
    /// The tables in the main file.
    pub(crate) fn main(connection: &'s Connection, cache: &'s StatementCache) -> Self {
        Self { connection, cache, schema: "main" }
    }

    /// The tables in the main file of an open session, also during a callback of SQLite.
    pub(crate) fn linked(linked: &'s Linked) -> Self {
        Self::main(linked.connection(), linked.cache())
    }

    /// Runs a statement of Zova's own to its end.
    pub(crate) fn run(self, sql: Sql, values: &[Value<'_>]) -> Result<(), SqliteError> {
        self.cache.run(self.connection, self.schema, sql, values)
    }

    /// A statement of Zova's own with its values bound, before its first row.
    pub(crate) fn query(self, sql: Sql, values: &[Value<'_>]) -> Result<Cached<'s>, SqliteError> {
        self.cache.query(self.connection, self.schema, sql, values)
    }

    /// The columns of a table, spelled as it declares them.
    pub(crate) fn column_names(self, table: &str) -> Result<Vec<Vec<u8>>, SqliteError> {
        let sql = format!("select * from {}.{table} limit 0", self.schema);
        let sql = CString::new(sql).expect("names of tables hold no NUL");
        let (mut statement, _) = Prepared::new(self.connection, SqlText::new(&sql))?;
        let columns = 0..statement.column_count();
        Ok(columns.filter_map(|column| statement.column_name(column).map(<[u8]>::to_vec)).collect())
    }

    /// Hands the records of a table to `each`, in the order of their rowids, as far as the pages of the file show them
    /// plainly ([`Connection::pages`]). `root` selects the table's root page; records are at most `longest` bytes long.
    /// Gives the rowid from which on SQLite is to read; `None` if nothing is left to do.
    pub(crate) fn rows_in_file(
        self,
        root: Sql,
        longest: usize,
        action: &'static str,
        mut each: impl FnMut(&[u8]) -> Result<Next, Fault>,
    ) -> Result<Option<i64>, Fault> {
        let failed = |error| Fault::Native { action, error };
        // As long as this stands on its row the read transaction is open.
        let mut root = self.query(root, &[]).map_err(failed)?;
        let found = root.step().map_err(failed)?;
        let page = found.then(|| u32::try_from(root.integer(0)).ok()).flatten();
        let pages = if self.schema == "main" { self.connection.pages() } else { None };
        let (Some(page), Some(mut pages)) = (page, pages) else { return Ok(Some(i64::MIN)) };
        let mut rest = Some(i64::MIN);
        let ended = pages.rows(page, longest, |rowid, record| {
            let next = each(record)?;
            if next != Next::Doubt {
                rest = rowid.checked_add(1);
            }
            Ok::<_, Fault>(next)
        })?;
        Ok(if ended == Ended::Well { None } else { rest })
    }

    pub(crate) fn connection(self) -> &'s Connection {
        self.connection
    }

    /// The schema that holds the tables.
    pub(crate) fn schema(self) -> &'static str {
        self.schema
    }

    /// Rows changed by the last statement this storage ran.
    pub(crate) fn changes(self) -> i64 {
        self.connection.changes()
    }
}
