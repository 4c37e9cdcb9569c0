//! Statuses and errors.

use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use zova::{Database, Error, ObjectChunkId, ObjectId, OpenOptions, Result, SharedDatabase, Status};

use crate::common::{Scratch, bare_fault};

/// Every number of the C interface with its constant and its variant.
const STATUSES: [(i32, &str, Status); 49] = [
    (1, "ZOVA_INVALID_ARGUMENT", Status::InvalidArgument),
    (2, "ZOVA_OUT_OF_MEMORY", Status::OutOfMemory),
    (3, "ZOVA_INTERNAL", Status::Internal),
    (10, "ZOVA_BUSY", Status::Busy),
    (11, "ZOVA_LOCKED", Status::Locked),
    (12, "ZOVA_CONSTRAINT", Status::Constraint),
    (13, "ZOVA_CANT_OPEN", Status::CantOpen),
    (14, "ZOVA_READ_ONLY", Status::ReadOnly),
    (15, "ZOVA_CORRUPT", Status::Corrupt),
    (16, "ZOVA_MISUSE", Status::Misuse),
    (17, "ZOVA_SQLITE_ERROR", Status::SqliteError),
    (18, "ZOVA_INTERRUPTED", Status::Interrupted),
    (30, "ZOVA_NOT_ZOVA_PATH", Status::NotZovaPath),
    (31, "ZOVA_NOT_ZOVA_DATABASE", Status::NotZovaDatabase),
    (32, "ZOVA_UNSUPPORTED_ZOVA_VERSION", Status::UnsupportedZovaVersion),
    (33, "ZOVA_DESTINATION_EXISTS", Status::DestinationExists),
    (34, "ZOVA_ZOVA_NAME_CONFLICT", Status::ZovaNameConflict),
    (50, "ZOVA_OBJECT_NOT_FOUND", Status::ObjectNotFound),
    (51, "ZOVA_OBJECT_ALREADY_EXISTS", Status::ObjectAlreadyExists),
    (52, "ZOVA_OBJECT_CHUNK_NOT_FOUND", Status::ObjectChunkNotFound),
    (53, "ZOVA_OBJECT_CHUNK_HASH_MISMATCH", Status::ObjectChunkHashMismatch),
    (54, "ZOVA_OBJECT_CORRUPT", Status::ObjectCorrupt),
    (55, "ZOVA_OBJECT_MANIFEST_INVALID", Status::ObjectManifestInvalid),
    (56, "ZOVA_OBJECT_RANGE_INVALID", Status::ObjectRangeInvalid),
    (57, "ZOVA_OBJECT_TOO_LARGE", Status::ObjectTooLarge),
    (58, "ZOVA_OBJECT_TRANSACTION_ACTIVE", Status::ObjectTransactionActive),
    (59, "ZOVA_OBJECT_WRITER_CLOSED", Status::ObjectWriterClosed),
    (60, "ZOVA_BOUND_STORE_EXISTS", Status::BoundStoreExists),
    (61, "ZOVA_BOUND_STORE_NOT_FOUND", Status::BoundStoreNotFound),
    (62, "ZOVA_BOUND_STORE_INVALID", Status::BoundStoreInvalid),
    (63, "ZOVA_OBJECT_READER_CLOSED", Status::ObjectReaderClosed),
    (70, "ZOVA_VECTOR_COLLECTION_EXISTS", Status::VectorCollectionExists),
    (71, "ZOVA_VECTOR_COLLECTION_NOT_FOUND", Status::VectorCollectionNotFound),
    (72, "ZOVA_VECTOR_NOT_FOUND", Status::VectorNotFound),
    (73, "ZOVA_VECTOR_DIMENSION_MISMATCH", Status::VectorDimensionMismatch),
    (74, "ZOVA_VECTOR_CORRUPT", Status::VectorCorrupt),
    (75, "ZOVA_VECTOR_INVALID", Status::VectorInvalid),
    (80, "ZOVA_GRAPH_EXISTS", Status::GraphExists),
    (81, "ZOVA_GRAPH_NOT_FOUND", Status::GraphNotFound),
    (82, "ZOVA_GRAPH_NODE_NOT_FOUND", Status::GraphNodeNotFound),
    (83, "ZOVA_GRAPH_EDGE_NOT_FOUND", Status::GraphEdgeNotFound),
    (84, "ZOVA_GRAPH_INVALID", Status::GraphInvalid),
    (90, "ZOVA_EXTENSION_NOT_FOUND", Status::ExtensionNotFound),
    (91, "ZOVA_EXTENSION_EXISTS", Status::ExtensionExists),
    (92, "ZOVA_EXTENSION_INVALID", Status::ExtensionInvalid),
    (93, "ZOVA_EXTENSION_INCOMPATIBLE", Status::ExtensionIncompatible),
    (94, "ZOVA_EXTENSION_UNAVAILABLE", Status::ExtensionUnavailable),
    (97, "ZOVA_EXTENSION_UNTRUSTED", Status::ExtensionUntrusted),
    (98, "ZOVA_EXTENSION_LOAD_FAILED", Status::ExtensionLoadFailed),
];

#[test]
fn every_status_has_its_number_and_its_name() {
    for (code, name, status) in STATUSES {
        assert_eq!(Status::from_raw(code), status);
        assert_eq!(status.raw(), code);
        assert_eq!(status.name(), name);
        assert_eq!(status.to_string(), name);
    }
}

#[test]
fn every_other_number_is_unknown_and_kept() {
    let known: Vec<i32> = STATUSES.iter().map(|(code, ..)| *code).collect();
    for code in (-200..=1000).chain([i32::MIN, i32::MAX]).filter(|code| !known.contains(code)) {
        let status = Status::from_raw(code);
        assert_eq!(status, Status::Unknown(code));
        assert_eq!(status.raw(), code);
        assert_eq!(status.name(), if code == 0 { "ZOVA_OK" } else { "ZOVA_UNKNOWN_STATUS" });
        assert_eq!(status.to_string(), status.name());
    }
}

#[test]
fn an_error_is_shown_as_its_constant_and_its_message() {
    let error = |message: Option<&str>| Error::Zova {
        status: Status::ObjectNotFound,
        status_name: Status::ObjectNotFound.name(),
        message: message.map(str::to_owned),
    };
    assert_eq!(error(Some("no object")).to_string(), "ZOVA_OBJECT_NOT_FOUND: no object");
    assert_eq!(error(Some("")).to_string(), "ZOVA_OBJECT_NOT_FOUND");
    assert_eq!(error(None).to_string(), "ZOVA_OBJECT_NOT_FOUND");
    assert_eq!(Error::InteriorNul { context: "sql" }.to_string(), "sql contains an interior NUL byte");
    assert_eq!(Error::NonUtf8Path.to_string(), "path is not valid UTF-8");
    assert_eq!(Error::InvalidUtf8Text.to_string(), "SQL text column is not valid UTF-8");
}

#[test]
fn only_faults_of_zova_have_a_status() {
    let fault = Error::Zova { status: Status::Busy, status_name: "ZOVA_BUSY".to_owned(), message: None };
    assert_eq!(fault.status(), Some(Status::Busy));
    for other in [Error::InteriorNul { context: "path" }, Error::NonUtf8Path, Error::InvalidUtf8Text] {
        assert_eq!(other.status(), None);
        assert!(std::error::Error::source(&other).is_none());
    }
}

#[test]
fn errors_convert_into_the_errors_programs_use() {
    fn boxed() -> std::result::Result<(), Box<dyn std::error::Error + Send + Sync + 'static>> {
        Err(Error::NonUtf8Path)?
    }
    assert_eq!(boxed().unwrap_err().to_string(), "path is not valid UTF-8");

    let input_output = std::io::Error::from(Error::InvalidUtf8Text);
    assert_eq!(input_output.to_string(), "SQL text column is not valid UTF-8");

    let from_c = Error::from(CString::new("a\0b").unwrap_err());
    assert_eq!(from_c, Error::InteriorNul { context: "string" });
}

#[test]
fn a_message_belongs_to_its_own_call_for_good() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    let first = db.exec("select * from first_missing").unwrap_err();
    let second = db.exec("select * from second_missing").unwrap_err();
    db.exec("select 1").unwrap();
    assert_eq!(first.to_string(), "ZOVA_SQLITE_ERROR: no such table: first_missing");
    assert_eq!(second.to_string(), "ZOVA_SQLITE_ERROR: no such table: second_missing");
}

#[test]
fn an_id_of_another_length_is_refused_without_a_message() {
    for length in [0, 1, 31, 33, 64] {
        bare_fault(ObjectId::try_from(&vec![0; length][..]), Status::InvalidArgument);
        bare_fault(ObjectChunkId::try_from(&vec![0; length][..]), Status::InvalidArgument);
    }
    for text in
        ["", "e3b0", &"g".repeat(64), &"0".repeat(65), &"é".repeat(32), &format!("+{}", "0".repeat(63))]
    {
        bare_fault(text.parse::<ObjectId>(), Status::InvalidArgument);
        bare_fault(text.parse::<ObjectChunkId>(), Status::InvalidArgument);
    }
}

#[track_caller]
fn interior_nul<T>(result: Result<T>, context: &'static str) {
    assert_eq!(result.err(), Some(Error::InteriorNul { context }));
}

#[test]
fn a_path_with_a_nul_byte_is_refused_before_anything_else_about_it() {
    let too_long = OpenOptions { read_only: false, busy_timeout_ms: u32::MAX };
    for path in ["a\0.zova", "\0", "missing/a.zova\0", "a\0.db"] {
        interior_nul(Database::create(path), "path");
        interior_nul(Database::open(path), "path");
        interior_nul(Database::open_with_options(path, too_long), "path");
        interior_nul(SharedDatabase::create(path), "path");
        interior_nul(SharedDatabase::open(path), "path");
        interior_nul(SharedDatabase::open_with_options(path, too_long), "path");
    }
}

#[test]
fn a_path_that_is_not_utf8_is_refused_before_its_nul_bytes() {
    for path in [&b"\xff.zova"[..], b"\xff\0.zova", b"a\0\xff.db", b"\xc3\x28/x.zova"] {
        let path = Path::new(OsStr::from_bytes(path));
        assert_eq!(Database::create(path).err(), Some(Error::NonUtf8Path));
        assert_eq!(Database::open(path).err(), Some(Error::NonUtf8Path));
        assert_eq!(SharedDatabase::create(path).err(), Some(Error::NonUtf8Path));
        assert_eq!(SharedDatabase::open(path).err(), Some(Error::NonUtf8Path));
    }
}

#[test]
fn text_arguments_with_a_nul_byte_are_refused_and_named() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    let shared = SharedDatabase::create(scratch.path("shared.zova")).unwrap();
    macro_rules! refused_by {
        ($handle:expr) => {
            interior_nul($handle.exec("select 1\0"), "sql");
            interior_nul($handle.exec("nonsense \0"), "sql");
            interior_nul($handle.prepare("\0"), "sql");
            interior_nul($handle.savepoint("a\0"), "savepoint name");
            interior_nul($handle.savepoint("_zova_\0"), "savepoint name");
            interior_nul($handle.rollback_to_savepoint("\0"), "savepoint name");
            interior_nul($handle.release_savepoint("\0"), "savepoint name");
            interior_nul($handle.with_savepoint("\0", |_| Ok(())), "savepoint name");
            let mut statement = $handle.prepare("select ?1, :name").unwrap();
            interior_nul(statement.parameter_index(":name\0"), "parameter name");
        };
    }
    refused_by!(db);
    refused_by!(shared);
    shared
        .with_exclusive(|guard| {
            refused_by!(guard);
            Ok(())
        })
        .unwrap();
    interior_nul(db.prepare_owned("\0"), "sql");
    interior_nul(db.prepare_owned("select 1").unwrap().parameter_index("\0"), "parameter name");
}

#[test]
fn nul_bytes_are_found_before_the_lock_is_taken() {
    let scratch = Scratch::new();
    let shared = SharedDatabase::create(scratch.path("a.zova")).unwrap();
    let other = shared.clone();
    let (send, receive) = mpsc::channel();
    shared
        .with_exclusive(|_| {
            std::thread::spawn(move || send.send(other.exec("\0")).unwrap());
            interior_nul(receive.recv_timeout(Duration::from_secs(20)).expect("no wait for the lock"), "sql");
            Ok(())
        })
        .unwrap();
}
