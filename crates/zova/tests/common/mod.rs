//! What the integration tests share: scratch directories, a plain SQLite connection beside Zova's own, test data,
//! and running a test's body in another process.

#![allow(dead_code, reason = "each test crate uses the part it needs")]

pub(crate) mod process;
pub(crate) mod reference;

use std::fmt::Debug;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use zova::{Database, Error, Status};

/// A directory that goes away with its value.
pub(crate) struct Scratch(TempDir);

impl Scratch {
    pub(crate) fn new() -> Self {
        Self(tempfile::Builder::new().prefix("zova-test-").tempdir().expect("a temporary directory"))
    }

    pub(crate) fn dir(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir().join(name)
    }

    /// A new database and its path.
    pub(crate) fn database(&self, name: &str) -> (Database, PathBuf) {
        let path = self.path(name);
        (Database::create(&path).expect("a new database"), path)
    }

    /// A copy of a file written by the published implementation, with its journal or WAL.
    pub(crate) fn fixture(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        copy_fixture(name, &path);
        path
    }
}

/// The directory of the files written by the published implementation.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// Copies a fixture and its side files.
pub(crate) fn copy_fixture(name: &str, destination: &Path) {
    let source = fixtures().join(name);
    std::fs::copy(&source, destination).expect("a fixture");
    for suffix in SIDE_FILES {
        let side = side_file(&source, suffix);
        if side.exists() {
            std::fs::copy(side, side_file(destination, suffix)).expect("a fixture's side file");
        }
    }
}

pub(crate) const SIDE_FILES: [&str; 3] = ["-journal", "-wal", "-shm"];

pub(crate) fn side_file(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// What `tests/fixtures/expected.json` says about a fixture.
pub(crate) fn expected(name: &str) -> serde_json::Value {
    let text = std::fs::read_to_string(fixtures().join("expected.json")).expect("expected.json");
    let all: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    all[name].clone()
}

/// The names in a directory, sorted.
pub(crate) fn entries(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(dir)
        .expect("a readable directory")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// A database made by plain SQLite under other settings, with the schema and identity of a Zova file.
pub(crate) fn built_with(scratch: &Scratch, settings: &str) -> PathBuf {
    let (_, source) = scratch.database("source.zova");
    let connection = raw(&source);
    let mut query = connection.prepare("select sql || ';' from sqlite_schema where sql is not null").unwrap();
    let schema: Vec<String> = query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let path = scratch.path("a.zova");
    edit(
        &path,
        &format!(
            "{settings}; begin; {} insert into _zova_meta values ('magic', 'zova'), ('format_version', '5'), \
             ('database_id', '{}'); commit",
            schema.concat(),
            "0".repeat(64)
        ),
    );
    path
}

/// A plain SQLite connection to a file, without a busy timeout. It is the same SQLite as Zova's, so the two may have
/// one file open in one process.
pub(crate) fn raw(path: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(path).expect("a plain SQLite connection");
    connection.busy_timeout(std::time::Duration::ZERO).expect("no busy timeout");
    connection
}

/// Edits a file with plain SQL. Foreign keys and CHECK constraints do not apply, so that damage can be done.
pub(crate) fn edit(path: &Path, sql: &str) {
    let connection = raw(path);
    connection
        .execute_batch(
            "pragma foreign_keys = off; pragma ignore_check_constraints = on; pragma synchronous = off",
        )
        .expect("connection settings");
    connection.execute_batch(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
}

/// Edits stored schema text: runs `sql`, which changes `sqlite_schema`, with the table writable.
pub(crate) fn edit_schema(path: &Path, sql: &str) {
    let connection = raw(path);
    // The new text is not parsed before the file is opened again.
    connection
        .execute_batch(&format!("pragma synchronous = off; pragma writable_schema = on; {sql}"))
        .unwrap_or_else(|error| panic!("{error}: {sql}"));
}

/// The first value of a query.
pub(crate) fn one<T: rusqlite::types::FromSql>(connection: &rusqlite::Connection, sql: &str) -> T {
    connection.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{error}: {sql}"))
}

/// The first value of a query through Zova, as text.
pub(crate) fn text_of(db: &mut Database, sql: &str) -> String {
    let mut query = db.prepare(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    query.step().unwrap_or_else(|error| panic!("{error}: {sql}"));
    query.column_text(0).expect("text").unwrap_or_else(|| panic!("no value: {sql}"))
}

/// The first value of a query through Zova, as a number.
pub(crate) fn number_of(db: &mut Database, sql: &str) -> i64 {
    text_of(db, sql).parse().unwrap_or_else(|_| panic!("no number: {sql}"))
}

/// The fault of a refused call: its status must be `status`. Gives the message.
#[track_caller]
pub(crate) fn fault<T: Debug>(result: Result<T, Error>, status: Status) -> String {
    match result.expect_err("the call must be refused") {
        Error::Zova { status: found, status_name, message } => {
            assert_eq!(found, status, "{message:?}");
            assert_eq!(status_name, status.name());
            message.expect("a message")
        }
        other => panic!("{other:?} instead of {status:?}"),
    }
}

/// The fault of a refused call of Zova's own: a sentence that begins with the error name, with facts after it, and
/// without names of private tables.
#[track_caller]
pub(crate) fn native_fault<T: Debug>(result: Result<T, Error>, status: Status) -> String {
    let message = fault(result, status);
    let facts = message.strip_prefix(&format!("{status:?}: "));
    assert!(facts.is_some_and(|facts| facts.len() > 8), "{message}");
    assert!(!message.to_lowercase().contains("_zova_"), "{message}");
    message
}

/// The fault of refused SQL: SQLite's own message.
#[track_caller]
pub(crate) fn sql_fault<T: Debug>(result: Result<T, Error>, status: Status, message: &str) {
    assert_eq!(fault(result, status), message);
}

/// The fault of a call that the Rust layer refuses by itself: no message.
#[track_caller]
pub(crate) fn bare_fault<T: Debug>(result: Result<T, Error>, status: Status) {
    assert_eq!(
        result.expect_err("the call must be refused"),
        Error::Zova { status, status_name: status.name(), message: None }
    );
}

/// The bytes that `expected.json` and the golden vectors call the SplitMix64 stream of a seed.
pub(crate) fn bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        bytes.extend(splitmix(&mut state).to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// The next number of a SplitMix64 stream.
pub(crate) fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
