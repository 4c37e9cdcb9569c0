//! Other connections: locks, and what a reader sees while others write.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use zova::{Database, OpenOptions, Status, Step};

use crate::common::{Scratch, bytes, native_fault, number_of, raw, text_of};
use crate::{id_of, rows, rows_of};

#[test]
fn another_writer_makes_mutations_busy_and_leaves_nothing_of_them() {
    let (kept, content) = (bytes(1, 40_000), bytes(2, 60_000));
    for journal_mode in ["delete", "wal"] {
        let scratch = Scratch::new();
        let (mut db, path) = scratch.database("a.zova");
        assert_eq!(text_of(&mut db, &format!("pragma journal_mode = {journal_mode}")), journal_mode);
        db.put_object(&kept).unwrap();
        let other = raw(&path);
        other.execute_batch("begin immediate").unwrap();
        for begin in [false, true] {
            if begin {
                db.begin().unwrap();
            }
            native_fault(db.put_object(&content), Status::Busy);
            native_fault(db.delete_object(id_of(&kept)), Status::Busy);
            // Content that is stored already needs no lock.
            assert_eq!(db.put_object(&kept).unwrap(), id_of(&kept));
            assert_eq!(db.get_object(id_of(&kept)).unwrap(), kept);
            if begin {
                db.commit().unwrap();
            }
        }
        other.execute_batch("commit").unwrap();
        assert_eq!(rows(&path), rows_of(&[&kept]));
        db.put_object(&content).unwrap();
        db.delete_object(id_of(&kept)).unwrap();
        assert_eq!(rows(&path), rows_of(&[&content]));
    }
}

#[test]
fn a_reader_that_blocks_the_commit_makes_mutations_busy_and_leaves_nothing_of_them() {
    let (kept, content) = (bytes(1, 40_000), bytes(2, 60_000));
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.put_object(&kept).unwrap();
    let other = raw(&path);
    let mut query = other.prepare("select 1 from _zova_objects union all select 2").unwrap();
    let mut reading = query.query([]).unwrap();
    reading.next().unwrap().unwrap();
    native_fault(db.put_object(&content), Status::Busy);
    native_fault(db.delete_object(id_of(&kept)), Status::Busy);
    // No transaction stays open, and no lock.
    assert_eq!(db.commit().unwrap_err().status(), Some(Status::SqliteError));
    native_fault(db.get_object(id_of(&content)), Status::ObjectNotFound);
    drop(reading);
    raw(&path).execute_batch("create table t(a)").unwrap();
    assert_eq!(rows(&path), rows_of(&[&kept]));
    db.put_object(&content).unwrap();
    db.delete_object(id_of(&kept)).unwrap();
    assert_eq!(rows(&path), rows_of(&[&content]));
}

#[test]
fn a_busy_mutation_waits_for_the_timeout() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let other = raw(&path);
    other.execute_batch("begin exclusive").unwrap();
    db.set_busy_timeout(120).unwrap();
    let started = Instant::now();
    native_fault(db.put_object(b"waits"), Status::Busy);
    native_fault(db.get_object(id_of(b"waits")), Status::Busy);
    assert!(started.elapsed() >= Duration::from_millis(220), "{:?}", started.elapsed());
}

#[test]
fn an_exclusive_lock_makes_reads_busy() {
    let content = bytes(1, 40_000);
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let id = db.put_object(&content).unwrap();
    let other = raw(&path);
    other.execute_batch("begin exclusive").unwrap();
    native_fault(db.get_object(id), Status::Busy);
    native_fault(db.read_object_range(id, 0, &mut [0; 10]), Status::Busy);
    native_fault(db.has_object(id), Status::Busy);
    native_fault(db.object_size(id), Status::Busy);
    native_fault(db.object_chunk_count(id), Status::Busy);
    native_fault(db.put_object(&content), Status::Busy);
    native_fault(db.delete_object(id), Status::Busy);
    other.execute_batch("commit").unwrap();
    assert_eq!(db.get_object(id).unwrap(), content);
}

#[test]
fn a_read_only_handle_stores_only_what_is_there() {
    let (kept, content) = (bytes(1, 40_000), bytes(2, 60_000));
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.put_object(&kept).unwrap();
    drop(db);
    let options = OpenOptions { read_only: true, busy_timeout_ms: 0 };
    let mut db = Database::open_with_options(&path, options).unwrap();
    for begin in [false, true] {
        if begin {
            db.begin().unwrap();
        }
        assert_eq!(db.put_object(&kept).unwrap(), id_of(&kept));
        native_fault(db.put_object(&content), Status::ReadOnly);
        native_fault(db.put_object(b""), Status::ReadOnly);
        native_fault(db.delete_object(id_of(&kept)), Status::ReadOnly);
        native_fault(db.delete_object(id_of(&content)), Status::ObjectNotFound);
        assert_eq!(db.get_object(id_of(&kept)).unwrap(), kept);
    }
    db.commit().unwrap();
    assert_eq!(rows(&path), rows_of(&[&kept]));
}

#[test]
fn two_handles_that_store_the_same_content_both_succeed() {
    let scratch = Scratch::new();
    let (db, path) = scratch.database("a.zova");
    drop(db);
    let contents: Vec<Vec<u8>> = (0..8).map(|seed| bytes(seed, 30_000)).collect();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let (path, contents) = (&path, &contents);
            scope.spawn(move || {
                let options = OpenOptions { read_only: false, busy_timeout_ms: 30_000 };
                let mut db = Database::open_with_options(path, options).unwrap();
                db.exec("pragma synchronous = off").unwrap();
                for content in contents {
                    assert_eq!(db.put_object(content).unwrap(), id_of(content));
                }
            });
        }
    });
    assert_eq!(rows(&path), rows_of(&contents.iter().map(Vec::as_slice).collect::<Vec<_>>()));
}

/// One handle stores and deletes an object again and again, another reads it: it is there whole or not at all.
#[test]
fn a_reader_never_sees_half_an_object() {
    for journal_mode in ["delete", "wal"] {
        let content = bytes(1, 60_000);
        let id = id_of(&content);
        let scratch = Scratch::new();
        let (mut writer, path) = scratch.database("a.zova");
        writer.exec(&format!("pragma journal_mode = {journal_mode}; pragma synchronous = off")).unwrap();
        let options = OpenOptions { read_only: false, busy_timeout_ms: 30_000 };
        let mut reader = Database::open_with_options(&path, options).unwrap();
        writer.set_busy_timeout(30_000).unwrap();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let (done, content) = (&done, &content);
            scope.spawn(move || {
                for _ in 0..60 {
                    writer.put_object(content).unwrap();
                    writer.delete_object(id).unwrap();
                }
                done.store(true, Ordering::Relaxed);
            });
            while !done.load(Ordering::Relaxed) {
                match reader.get_object(id) {
                    Ok(found) => assert!(found == *content),
                    absent => drop(native_fault(absent, Status::ObjectNotFound)),
                }
                let mut part = vec![0; 30_000];
                match reader.read_object_range(id, 20_000, &mut part) {
                    Ok(30_000) => assert!(part == content[20_000..50_000]),
                    absent => drop(native_fault(absent, Status::ObjectNotFound)),
                }
            }
        });
        assert_eq!(number_of(&mut reader, "select count(*) from _zova_chunks"), 0);
    }
}

#[test]
fn reads_hold_no_lock_between_calls() {
    let content = bytes(1, 60_000);
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let id = db.put_object(&content).unwrap();
    db.get_object(id).unwrap();
    db.read_object_range(id, 30_000, &mut [0; 10]).unwrap();
    db.object_size(id).unwrap();
    native_fault(db.get_object(id_of(b"missing")), Status::ObjectNotFound);
    native_fault(db.read_object_range(id, 60_001, &mut [0; 10]), Status::ObjectRangeInvalid);
    raw(&path).execute_batch("begin exclusive; create table t(a); commit").unwrap();
    let mut query = db.prepare("select count(*) from t").unwrap();
    assert_eq!(query.step().unwrap(), Step::Row);
}
