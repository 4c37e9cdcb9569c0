//! One SQLite connection.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_int};
use std::path::{Component, Path, PathBuf};
use std::sync::Once;

use rusqlite::ffi;
use rusqlite::{Connection as Owner, OpenFlags};

use super::error::SqliteError;
use super::stop::{StopWhen, Stops};
use super::watch::Watch;

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OpenMode {
    /// Existing file, for reading only.
    ReadOnly,
    /// As `ReadOnly`; the index of a write-ahead log, which must exist, is only read as well.
    ReadOnlyIndex,
    /// Existing file, for reading and writing (SQLite falls back to reading where the file does not allow more).
    ReadWrite,
    /// A private database in memory.
    Memory,
}

/// An open SQLite connection with SQLite's own defaults: foreign keys off, plain file names, no busy timeout.
pub(crate) struct Connection {
    owner: Owner,
    db: *mut ffi::sqlite3,
    /// The table and the argument of it that the statement being compiled does not supply.
    missing_argument: RefCell<Option<(String, String)>>,
    /// Copies that domains keep of what they read, at most one of each type.
    resident: RefCell<Vec<Box<dyn Any + Send>>>,
    /// Its address is known to SQLite. Dropped after `owner`, which closes the connection.
    watch: Box<Watch>,
    /// As `watch`.
    pub(super) stops: Box<Stops>,
    /// The table function of `source.rs` is registered.
    row_source: Cell<bool>,
    /// An extension may have put off writing to its tables.
    put_off: Cell<bool>,
    /// Milliseconds to wait for a lock, as the application wants it.
    busy_timeout: Cell<i32>,
    /// Milliseconds a wait may take because a call may not take more; 0 for no such limit.
    longest_wait: Cell<i32>,
}

// SAFETY: `db` is the pointer inside `owner`, which is Send; neither is ever shared between threads, since
// Connection is not Sync.
unsafe impl Send for Connection {}

impl Connection {
    /// Opens `path` (ignored for [`OpenMode::Memory`]) and applies the connection defaults.
    pub(crate) fn open(path: &Path, mode: OpenMode) -> Result<Self, SqliteError> {
        Self::open_stoppable(path, mode, StopWhen::default())
    }

    /// As [`Connection::open`], for work that ends when `when` says so.
    pub(crate) fn open_stoppable(path: &Path, mode: OpenMode, when: StopWhen) -> Result<Self, SqliteError> {
        configure_library();
        let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE;
        let opened = match mode {
            OpenMode::ReadOnly => {
                Owner::open_with_flags(literal(path), flags | OpenFlags::SQLITE_OPEN_READ_ONLY)
            }
            OpenMode::ReadOnlyIndex => {
                let flags = flags | OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
                Owner::open_with_flags(uri(path, "readonly_shm=1"), flags)
            }
            OpenMode::ReadWrite => {
                Owner::open_with_flags(literal(path), flags | OpenFlags::SQLITE_OPEN_READ_WRITE)
            }
            OpenMode::Memory => Owner::open_in_memory_with_flags(
                flags | OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_MEMORY,
            ),
        };
        let owner = opened.map_err(|error| match error {
            rusqlite::Error::SqliteFailure(failure, _) => SqliteError::from_code(failure.extended_code),
            // A path that C cannot express: rusqlite refuses interior NUL bytes.
            other => SqliteError { code: ffi::SQLITE_CANTOPEN, message: other.to_string() },
        })?;
        // SAFETY: the pointer is used only through this struct, which keeps the owner alive.
        let db = unsafe { owner.handle() };
        let connection = Self {
            owner,
            db,
            missing_argument: RefCell::default(),
            resident: RefCell::default(),
            watch: Box::default(),
            stops: Stops::new(when),
            row_source: Cell::new(false),
            put_off: Cell::new(false),
            busy_timeout: Cell::new(0),
            longest_wait: Cell::new(0),
        };
        connection.stops.install(db);
        connection.use_sqlite_defaults()?;
        connection.watch.install_rollback_hook(db);
        Ok(connection)
    }

    /// The wrapper's opinions undone: rusqlite sets a busy timeout of five seconds, and the bundled build may turn
    /// foreign keys on.
    fn use_sqlite_defaults(&self) -> Result<(), SqliteError> {
        self.set_busy_timeout(0)?;
        let (off, unchecked) = (0 as c_int, std::ptr::null_mut::<c_int>());
        // SAFETY: the connection is open; this verb takes an int and a pointer to int that may be null.
        let code =
            unsafe { ffi::sqlite3_db_config(self.db, ffi::SQLITE_DBCONFIG_ENABLE_FKEY, off, unchecked) };
        self.check(code)
    }

    pub(crate) fn raw(&self) -> *mut ffi::sqlite3 {
        self.db
    }

    /// Turns a result code of the last call on this connection into a result, with SQLite's message.
    #[inline]
    pub(crate) fn check(&self, code: c_int) -> Result<(), SqliteError> {
        if code == ffi::SQLITE_OK { Ok(()) } else { Err(self.error(code)) }
    }

    /// The message belongs to `code` only right after the call that returned it.
    #[cold]
    pub(crate) fn error(&self, code: c_int) -> SqliteError {
        // SAFETY: the connection is open.
        let (current, text) =
            unsafe { (ffi::sqlite3_extended_errcode(self.db), ffi::sqlite3_errmsg(self.db)) };
        if code & 0xff == ffi::SQLITE_BUSY && self.is_stopped() {
            // The call was to stop while it waited for the lock.
            return SqliteError::interrupted();
        }
        if text.is_null() || current & 0xff != code & 0xff {
            return SqliteError::from_code(code);
        }
        // SAFETY: sqlite3_errmsg returned a NUL-terminated string, valid until the next call on the connection.
        let message = unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned();
        SqliteError { code: current, message }
    }

    /// The error of the last call, for calls that return no code.
    pub(super) fn last_error(&self) -> SqliteError {
        // SAFETY: the connection is open.
        self.error(unsafe { ffi::sqlite3_extended_errcode(self.db) })
    }

    /// The error of a statement that does not compile.
    ///
    /// A computed table cannot word the refusal of a statement that lacks an argument, since SQLite asks it about
    /// parts of the statement, too, and takes its answer for final. So the table leaves a note, and when no part led
    /// to a plan the note explains SQLite's message.
    #[cold]
    pub(super) fn compile_error(&self, code: c_int) -> SqliteError {
        let mut error = self.error(code);
        if let Some((table, argument)) = self.missing_argument.take()
            && error.message == "no query solution"
        {
            error.message = format!("no query solution: {table} needs the argument {argument}");
        }
        error
    }

    #[inline]
    pub(super) fn clear_missing_argument(&self) {
        self.missing_argument.take();
    }

    pub(super) fn set_missing_argument(&self, table: &CStr, argument: &str) {
        *self.missing_argument.borrow_mut() =
            Some((table.to_string_lossy().into_owned(), argument.to_owned()));
    }

    /// Milliseconds to wait for a lock; 0 removes the handler.
    pub(crate) fn set_busy_timeout(&self, milliseconds: i32) -> Result<(), SqliteError> {
        self.busy_timeout.set(milliseconds);
        self.apply_busy_timeout()
    }

    /// No wait for a lock shall take longer than this; 0 for no such limit.
    pub(crate) fn set_longest_wait(&self, milliseconds: i32) -> Result<(), SqliteError> {
        self.longest_wait.set(milliseconds);
        self.apply_busy_timeout()
    }

    fn apply_busy_timeout(&self) -> Result<(), SqliteError> {
        let milliseconds = match (self.busy_timeout.get(), self.longest_wait.get()) {
            (wanted, 0) => wanted,
            (wanted, longest) => wanted.min(longest),
        };
        // SAFETY: the connection is open.
        let code = unsafe { ffi::sqlite3_busy_timeout(self.db, milliseconds) };
        self.check(code)
    }

    /// Works on the copy of this type that belongs to the connection; a fresh one at first, and while it is in use.
    pub(crate) fn with_resident<T: Default + Send + 'static, R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let mut kept = {
            let mut all = self.resident.borrow_mut();
            let place = all.iter().position(|kept| kept.is::<T>());
            place.map(|place| all.swap_remove(place)).unwrap_or_else(|| Box::new(T::default()))
        };
        let result = work(kept.downcast_mut().expect("a copy is kept under its own type"));
        let mut all = self.resident.borrow_mut();
        all.retain(|other| !other.is::<T>());
        all.push(kept);
        result
    }

    /// True while the main file has uncommitted changes of this connection, or may have.
    pub(crate) fn is_writing(&self) -> bool {
        // SAFETY: the connection is open and the name is NUL-terminated.
        unsafe { ffi::sqlite3_txn_state(self.db, c"main".as_ptr()) == ffi::SQLITE_TXN_WRITE }
    }

    /// True while any database of this connection, the temporary one included, has uncommitted changes, or may have.
    pub(crate) fn is_writing_anywhere(&self) -> bool {
        // SAFETY: the connection is open; null stands for all its databases.
        unsafe { ffi::sqlite3_txn_state(self.db, std::ptr::null()) == ffi::SQLITE_TXN_WRITE }
    }

    /// Changes with every commit to the main file, whoever makes it. Valid inside a read transaction, for as long as
    /// that lasts.
    pub(crate) fn data_version(&self) -> Result<u32, SqliteError> {
        let mut version: u32 = 0;
        let (main, verb) = (c"main".as_ptr(), ffi::SQLITE_FCNTL_DATA_VERSION);
        // SAFETY: the connection is open, the name is NUL-terminated, and this verb writes one unsigned int.
        let code = unsafe { ffi::sqlite3_file_control(self.db, main, verb, (&raw mut version).cast()) };
        self.check(code).map(|()| version)
    }

    /// True when no transaction is open.
    #[inline]
    pub(crate) fn is_autocommit(&self) -> bool {
        // SAFETY: the connection is open.
        unsafe { ffi::sqlite3_get_autocommit(self.db) != 0 }
    }

    /// True if the main file was opened, or can only be opened, for reading.
    pub(crate) fn is_read_only(&self) -> bool {
        // SAFETY: the connection is open and the schema name is NUL-terminated.
        unsafe { ffi::sqlite3_db_readonly(self.db, c"main".as_ptr()) == 1 }
    }

    #[inline]
    pub(crate) fn last_insert_rowid(&self) -> i64 {
        // SAFETY: the connection is open.
        unsafe { ffi::sqlite3_last_insert_rowid(self.db) }
    }

    #[inline]
    pub(crate) fn set_last_insert_rowid(&self, rowid: i64) {
        // SAFETY: the connection is open.
        unsafe { ffi::sqlite3_set_last_insert_rowid(self.db, rowid) }
    }

    /// Rows changed by the most recently completed INSERT, UPDATE or DELETE, whoever ran it.
    #[inline]
    pub(crate) fn changes(&self) -> i64 {
        // SAFETY: the connection is open.
        unsafe { ffi::sqlite3_changes64(self.db) }
    }

    /// Rows changed since the connection was opened, whoever changed them.
    #[inline]
    pub(crate) fn total_changes(&self) -> i64 {
        // SAFETY: the connection is open.
        unsafe { ffi::sqlite3_total_changes64(self.db) }
    }

    /// What row changes this connection has seen since it was first asked, and what rollbacks.
    pub(crate) fn watch(&self) -> &Watch {
        self.watch.install(self.db);
        &self.watch
    }

    /// Zova is about to undo something of its own.
    pub(crate) fn note_undone(&self) {
        self.watch.undone();
    }

    /// The watch, without the hook that tells of row changes.
    #[inline]
    pub(super) fn marks(&self) -> &Watch {
        &self.watch
    }

    /// True once [`Connection::watch`] was called.
    #[inline]
    pub(super) fn has_watch(&self) -> bool {
        self.watch.is_installed()
    }

    /// True while a statement that writes is in the middle of its results. SQLite then opens no savepoint and
    /// commits nothing.
    ///
    /// Cost: proportional to the number of prepared statements.
    pub(crate) fn has_running_writer(&self) -> bool {
        let mut statement = std::ptr::null_mut();
        loop {
            // SAFETY: the connection is open; `statement` is null or was just returned by this function.
            statement = unsafe { ffi::sqlite3_next_stmt(self.db, statement) };
            if statement.is_null() {
                return false;
            }
            // SAFETY: a statement that sqlite3_next_stmt returned is live.
            if unsafe { ffi::sqlite3_stmt_busy(statement) != 0 && ffi::sqlite3_stmt_readonly(statement) == 0 }
            {
                return true;
            }
        }
    }

    pub(super) fn has_row_source(&self) -> bool {
        self.row_source.get()
    }

    pub(super) fn set_row_source(&self) {
        self.row_source.set(true);
    }

    /// Whether an extension may have put off writing to its tables.
    #[inline]
    pub(crate) fn has_put_off(&self) -> bool {
        self.put_off.get()
    }

    pub(crate) fn set_put_off(&self, put_off: bool) {
        self.put_off.set(put_off);
    }

    /// The whole main database as the bytes of a database file.
    pub(crate) fn serialize(&self) -> Result<Vec<u8>, SqliteError> {
        let mut size: ffi::sqlite3_int64 = 0;
        // SAFETY: the connection is open, the schema name is NUL-terminated, and no flag asks for a borrowed image.
        let image = unsafe { ffi::sqlite3_serialize(self.db, c"main".as_ptr(), &mut size, 0) };
        let Some(length) = usize::try_from(size).ok().filter(|_| !image.is_null()) else {
            return Err(SqliteError::from_code(ffi::SQLITE_NOMEM));
        };
        // SAFETY: SQLite returned `length` initialised bytes that belong to the caller.
        let bytes = unsafe { std::slice::from_raw_parts(image, length) }.to_vec();
        // SAFETY: the image was allocated by SQLite and is not used afterwards.
        unsafe { ffi::sqlite3_free(image.cast()) };
        Ok(bytes)
    }

    /// Closes the connection; an open transaction is rolled back.
    pub(crate) fn close(self) {
        drop(self.owner);
    }
}

/// Settings of the whole library, made before SQLite starts. When another user of the same SQLite was first, SQLite
/// refuses them: then [`literal`] still protects every path of Zova's own, and savepoints are slower.
///
/// - URI file names off. Builds of this workspace compile them off; the bundled build of other workspaces turns them
///   on, which would make `file:x.zova` mean something else.
/// - A savepoint keeps the old content of up to 120 KiB of changed pages in memory before it goes to a temporary file.
///   SQLite's 64 KiB are less than one stored object may touch, and from then on every page costs a system call. What
///   was kept is written to the file in one piece, and the Unix VFS writes pieces of less than 128 KiB only
///   (`seekAndWriteFd` in os_unix.c): a larger limit would end in "database or disk is full".
fn configure_library() {
    const SAVEPOINT_MEMORY: c_int = 120 * 1024;
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: both settings take one int; calls are refused, not undefined, after initialisation.
        unsafe {
            ffi::sqlite3_config(ffi::SQLITE_CONFIG_URI, 0 as c_int);
            ffi::sqlite3_config(ffi::SQLITE_CONFIG_STMTJRNL_SPILL, SAVEPOINT_MEMORY);
        }
    });
}

/// A URI for an absolute path, with a parameter.
fn uri(path: &Path, parameter: &str) -> String {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(byte) {
            uri.push((*byte).into());
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri.push('?');
    uri + parameter
}

/// A spelling of the path that SQLite cannot take for a URI or a special name.
fn literal(path: &Path) -> PathBuf {
    match path.components().next() {
        Some(Component::Normal(_)) => Path::new(".").join(path),
        _ => path.to_owned(),
    }
}
