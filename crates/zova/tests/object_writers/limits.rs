//! Files that cannot grow: what a failed write and a failed finish leave.

#![cfg(all(unix, target_pointer_width = "64"))]

use std::io::Write;
use std::path::Path;

use zova::engine::Session;
use zova::{Database, OpenOptions, Status};

use crate::common::process::in_own_directory;
use crate::common::{bytes, native_fault};
use crate::limit::limit_files;
use crate::objects::{assert_holds, golden_vectors, io_fault, manifest_of, object_id, session_fault};
use crate::{assert_alone, stored_manifest};

fn new_session(path: &Path) -> Session {
    drop(Database::create(path).unwrap());
    Session::open(path, OpenOptions::default()).unwrap()
}

/// Content that is cut every 2050 bytes, which makes for a long list of chunks.
fn many_chunks(size: usize) -> Vec<u8> {
    let golden = golden_vectors().into_iter().find(|golden| golden.name == "first-cut-2050").unwrap();
    assert_eq!(golden.lengths[0], 2050);
    golden.content[..2050].iter().copied().cycle().take(size).collect()
}

#[test]
fn a_failed_write_consumes_nothing_and_may_be_repeated() {
    in_own_directory(|dir| {
        let contents = [
            (bytes(1, 2_700_000), vec![140_000, 1_200_000, 2_700_000]),
            (many_chunks(6_000_000), vec![1_500_000, 6_000_000]),
        ];
        for (content, parts) in contents {
            for part in parts {
                for limit in [0, 300_000, 1_000_001] {
                    write_against(dir, &content, part, limit);
                }
            }
        }
    });
}

/// Writes content in parts while files may not grow beyond `limit`; what fails is repeated without it.
fn write_against(dir: &Path, content: &[u8], part: usize, limit: u64) {
    let path = dir.join("a.zova");
    let mut db = Database::create(&path).unwrap();
    let mut writer = db.object_writer().unwrap();
    let mut failed = 0;
    limit_files(Some(limit));
    for part in content.chunks(part) {
        if let Err(error) = writer.write(part) {
            failed += 1;
            native_fault(Err::<(), _>(error), Status::SqliteError);
            native_fault(writer.write(part), Status::SqliteError);
            limit_files(None);
            writer.write(part).unwrap();
            limit_files(Some(limit));
        }
    }
    limit_files(None);
    assert!(failed > 0, "no write failed at {limit} bytes");
    let id = writer.finish().unwrap();
    assert_eq!(id, object_id(content), "parts of {part} bytes, limit {limit}");
    db.verify_object(id).unwrap();
    assert_eq!(stored_manifest(&mut db, id), manifest_of(content));
    drop(db);
    assert_alone(&path);
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn other_bytes_may_follow_a_failed_write() {
    in_own_directory(|dir| {
        let path = dir.join("a.zova");
        let mut db = Database::create(&path).unwrap();
        let (first, lost, second) = (bytes(2, 900_000), bytes(3, 2_500_000), bytes(4, 1_700_000));
        let mut writer = db.object_writer().unwrap();
        writer.write(&first).unwrap();
        limit_files(Some(400_000));
        native_fault(writer.write(&lost), Status::SqliteError);
        native_fault(writer.write(&lost[1000..]), Status::SqliteError);
        // Small writes need no file yet.
        writer.write(&second[..10]).unwrap();
        native_fault(writer.write(&lost), Status::SqliteError);
        limit_files(None);
        writer.write(&second[10..]).unwrap();
        let content = [first, second].concat();
        assert_eq!(writer.finish().unwrap(), object_id(&content));
        assert_holds(&path, [content.as_slice()], []);
    });
}

#[test]
fn a_failed_write_through_io_write_consumes_nothing() {
    in_own_directory(|dir| {
        let mut db = Database::create(dir.join("a.zova")).unwrap();
        let content = bytes(5, 3_000_000);
        let mut writer = db.object_writer_owned().unwrap();
        limit_files(Some(10));
        io_fault(writer.write_all(&content), Status::SqliteError);
        limit_files(None);
        writer.write_all(&content).unwrap();
        assert_eq!(writer.finish().unwrap(), object_id(&content));
    });
}

#[test]
fn a_writer_that_failed_can_be_cancelled_dropped_or_finished() {
    in_own_directory(|dir| {
        let path = dir.join("a.zova");
        let mut session = new_session(&path);
        for outcome in 0..3 {
            let writer = session.create_writer();
            session.write_object(writer, b"kept").unwrap();
            limit_files(Some(0));
            session_fault(session.write_object(writer, &bytes(6, 2_000_000)), Status::SqliteError);
            limit_files(None);
            match outcome {
                0 => session.cancel_writer(writer).unwrap(),
                1 => session.destroy_writer(writer),
                _ => assert_eq!(session.finish_writer(writer).unwrap(), object_id(b"kept")),
            }
        }
        assert_holds(&path, [&b"kept"[..]], []);
        drop(session);
        assert_alone(&path);
    });
}

#[test]
fn a_finish_that_cannot_set_the_last_bytes_aside_seals_the_writer() {
    in_own_directory(|dir| {
        let path = dir.join("a.zova");
        let mut session = new_session(&path);
        for (seed, size) in [(7, 1_040_000), (8, 3_100_000)] {
            let content = bytes(seed, size);
            let writer = session.create_writer();
            for part in content.chunks(130_000) {
                session.write_object(writer, part).unwrap();
            }
            limit_files(Some(0));
            for _ in 0..3 {
                session_fault(session.finish_writer(writer), Status::SqliteError);
                session_fault(session.write_object(writer, b"more"), Status::ObjectWriterClosed);
            }
            limit_files(None);
            assert_eq!(session.finish_writer(writer).unwrap(), object_id(&content));
            session.verify_object(object_id(&content)).unwrap();
        }
        assert_holds(&path, [&bytes(7, 1_040_000)[..], &bytes(8, 3_100_000)], []);
    });
}

#[test]
fn a_finish_that_cannot_write_the_database_stores_nothing_and_may_be_repeated() {
    in_own_directory(|dir| {
        let path = dir.join("a.zova");
        let mut session = new_session(&path);
        let beside = session.put_object(b"beside").unwrap();
        let size = std::fs::metadata(&path).unwrap().len();
        for (seed, length, in_transaction) in
            [(9, 400_000, false), (10, 5_000_000, false), (11, 400_000, true)]
        {
            let content = bytes(seed, length);
            let writer = session.create_writer();
            session.write_object(writer, &content).unwrap();
            if in_transaction {
                // The commit is the caller's: the finish itself only fills the page cache.
                session.begin().unwrap();
                session.exec(c"create table t(a)").unwrap();
                session.finish_writer(writer).unwrap();
                limit_files(Some(size + 50_000));
                session.commit().unwrap_err();
                limit_files(None);
                session.get_object::<Vec<u8>>(beside).unwrap();
                drop(session.rollback());
                assert!(!session.has_object(object_id(&content)).unwrap());
                continue;
            }
            // The bytes are set aside by a first finish that meets a lock.
            let other = crate::common::raw(&path);
            other.execute_batch("begin immediate").unwrap();
            session_fault(session.finish_writer(writer), Status::Busy);
            drop(other);
            for limit in [size, size + 50_000, size + 200_000] {
                limit_files(Some(limit));
                session_fault(session.finish_writer(writer), Status::SqliteError);
                limit_files(None);
                assert_holds(&path, [&b"beside"[..]], []);
                session_fault(session.write_object(writer, b"more"), Status::ObjectWriterClosed);
            }
            assert_eq!(session.finish_writer(writer).unwrap(), object_id(&content));
            session.verify_object(object_id(&content)).unwrap();
            session.delete_object(object_id(&content)).unwrap();
            session.vacuum().unwrap();
        }
        assert_holds(&path, [&b"beside"[..]], []);
    });
}
