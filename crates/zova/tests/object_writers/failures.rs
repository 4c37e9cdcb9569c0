//! Finishing beside locks, damage and a full database: nothing is stored, and the call may be repeated.

use std::path::Path;

use zova::engine::Session;
use zova::{Database, OpenOptions, Status};

use crate::common::process::{set_mode, without_privileges};
use crate::common::reference::{chunks, hex, sha256};
use crate::common::{Scratch, bytes, edit, number_of, raw};
use crate::damage;
use crate::objects::{READ_ONLY, assert_holds, manifest_by_sizes, object_id, rows, session_fault};
use crate::{assert_alone, session, store, writer};

#[test]
fn locks_of_other_connections_are_busy_and_nothing_is_stored() {
    let scratch = Scratch::new();
    let (mut session, path) = session(&scratch);
    let content = bytes(1, 1_400_000);
    let unfinished = writer(&mut session, &content);
    let other = raw(&path);
    // The last one lets the finish go as far as its commit.
    for lock in ["begin immediate", "begin exclusive", "begin; select * from _zova_meta"] {
        other.execute_batch(lock).unwrap();
        session_fault(session.finish_writer(unfinished), Status::Busy);
        other.execute_batch("rollback").unwrap();
        assert_holds(&path, [], []);
    }
    assert_eq!(session.finish_writer(unfinished).unwrap(), object_id(&content));
    assert_holds(&path, [content.as_slice()], []);
    // Content that is stored needs a read lock.
    let stored = writer(&mut session, &content);
    other.execute_batch("begin exclusive").unwrap();
    session_fault(session.finish_writer(stored), Status::Busy);
    other.execute_batch("rollback").unwrap();
    assert_eq!(session.finish_writer(stored).unwrap(), object_id(&content));
}

#[test]
fn a_finish_waits_as_long_as_the_busy_timeout_says() {
    let scratch = Scratch::new();
    let (mut session, path) = session(&scratch);
    session.set_busy_timeout(30_000).unwrap();
    let content = bytes(2, 300_000);
    let waiting = writer(&mut session, &content);
    let other = raw(&path);
    other.execute_batch("begin exclusive").unwrap();
    std::thread::scope(|scope| {
        let finish = scope.spawn(|| session.finish_writer(waiting).unwrap());
        std::thread::sleep(std::time::Duration::from_millis(60));
        other.execute_batch("rollback").unwrap();
        assert_eq!(finish.join().unwrap(), object_id(&content));
    });
    assert_holds(&path, [content.as_slice()], []);
}

#[test]
fn manifest_rows_without_their_object_are_a_contradiction() {
    let scratch = Scratch::new();
    let (mut session, path) = session(&scratch);
    let content = bytes(3, 90_000);
    session.put_object(&content).unwrap();
    edit(&path, "delete from _zova_objects");
    let before = rows(&path);
    let writer = writer(&mut session, &content);
    for _ in 0..2 {
        session_fault(session.finish_writer(writer), Status::Constraint);
        session_fault(session.write_object(writer, b"more"), Status::ObjectWriterClosed);
        assert!(rows(&path) == before);
    }
    edit(&path, "delete from _zova_object_chunks");
    assert_eq!(session.finish_writer(writer).unwrap(), object_id(&content));
    assert_holds(&path, [content.as_slice()], []);
}

#[test]
fn finishing_the_content_of_a_damaged_object_answers_by_the_damage() {
    for damage in damage::ALL {
        let mut victim = damage.victim();
        let before = std::fs::read(&victim.path).unwrap();
        let mut writer = victim.db.object_writer_owned().unwrap();
        let outcome = writer.write(&victim.content).and_then(|()| writer.finish());
        let stored = outcome.is_ok();
        damage::assert_allowed(damage.name, outcome, damage.writer);
        if stored {
            let whole = victim.db.get_object(object_id(&victim.content));
            assert!(whole.is_ok_and(|bytes| bytes == victim.content), "{}", damage.name);
        } else {
            assert!(std::fs::read(&victim.path).unwrap() == before, "{}: the file changed", damage.name);
        }
    }
}

#[test]
fn a_writer_sealed_by_a_damaged_object_finishes_after_its_repair_or_its_deletion() {
    let scratch = Scratch::new();
    let (mut session, path) = session(&scratch);
    let content = bytes(4, 200_000);
    let chunk = format!("where chunk_hash = x'{}'", hex(&sha256(chunks(&content)[3])));
    for repaired in [true, false] {
        session.put_object(&content).unwrap();
        edit(&path, &format!("create table kept as select data from _zova_chunks {chunk}"));
        edit(&path, &format!("update _zova_chunks set data = zeroblob(size_bytes) {chunk}"));
        let writer = writer(&mut session, &content);
        for _ in 0..2 {
            session_fault(session.finish_writer(writer), Status::ObjectCorrupt);
            session_fault(session.write_object(writer, b""), Status::ObjectWriterClosed);
        }
        if repaired {
            edit(&path, &format!("update _zova_chunks set data = (select data from kept) {chunk}"));
        } else {
            session.delete_object(object_id(&content)).unwrap();
        }
        edit(&path, "drop table kept");
        assert_eq!(session.finish_writer(writer).unwrap(), object_id(&content));
        assert_holds(&path, [content.as_slice()], []);
    }
}

#[test]
fn a_full_database_stores_nothing_of_the_object() {
    let scratch = Scratch::new();
    let (mut session, path) = session(&scratch);
    session.exec(c"create table t(a)").unwrap();
    let content = bytes(5, 1_300_000);
    let writer = writer(&mut session, &content);
    session.exec(c"pragma max_page_count = 200").unwrap();
    session_fault(session.finish_writer(writer), Status::SqliteError);
    assert_holds(&path, [], []);
    session.begin().unwrap();
    session.exec(c"insert into t values (1)").unwrap();
    session_fault(session.finish_writer(writer), Status::SqliteError);
    // SQLite itself may end a transaction that meets a full disk. Then it undoes all of it.
    let kept = session.commit().is_ok();
    let mut db = Database::open(&path).unwrap();
    assert_eq!(number_of(&mut db, "select count(*) from t"), i64::from(kept));
    assert_holds(&path, [], []);
    session.exec(c"pragma max_page_count = 100000").unwrap();
    assert_eq!(session.finish_writer(writer).unwrap(), object_id(&content));
    assert_holds(&path, [content.as_slice()], []);
}

#[test]
fn a_damaged_chunk_that_another_object_shares_is_not_built_upon() {
    let scratch = Scratch::new();
    let (mut session, path) = session(&scratch);
    let content = bytes(6, 700_000);
    let shorter = &content[..300_000];
    session.put_object(shorter).unwrap();
    let hash = hex(&sha256(chunks(&content)[5]));
    edit(&path, &format!("update _zova_chunks set data = zeroblob(size_bytes) where chunk_hash = x'{hash}'"));
    let before = rows(&path);
    let writer = writer(&mut session, &content);
    session_fault(session.finish_writer(writer), Status::ObjectCorrupt);
    assert!(rows(&path) == before);
    session.delete_object(object_id(shorter)).unwrap();
    assert_eq!(session.finish_writer(writer).unwrap(), object_id(&content));
    assert_holds(&path, [content.as_slice()], []);
}

#[test]
fn a_writer_needs_no_writable_directory() {
    let content = bytes(7, 2_500_000);
    let prepare = |dir: &Path| {
        let path = dir.join("a.zova");
        let mut db = Database::create(&path).unwrap();
        store(&mut db, &content);
        drop(db);
        set_mode(&path, 0o444);
        set_mode(dir, 0o555);
    };
    without_privileges(prepare, |dir| {
        let path = dir.join("a.zova");
        let mut session = Session::open(&path, READ_ONLY).unwrap();
        let stored = writer(&mut session, &content);
        assert_eq!(session.finish_writer(stored).unwrap(), object_id(&content));
        let new = writer(&mut session, &content[1..]);
        session_fault(session.finish_writer(new), Status::ReadOnly);
        session.cancel_writer(new).unwrap();
        // Opened for writing, the file is read-only all the same.
        let mut session = Session::open(&path, OpenOptions::default()).unwrap();
        let new = writer(&mut session, &content[1..]);
        session_fault(session.finish_writer(new), Status::ReadOnly);
        assert_alone(&path);
    });
}

#[test]
fn an_object_that_appears_while_finish_waits_is_verified_like_any_other() {
    let scratch = Scratch::new();
    let (mut session, path) = session(&scratch);
    let content = bytes(8, 40_000);
    let writer = writer(&mut session, &content);
    // Sealed by a lock; then another handle stores the same content with boundaries of its own.
    let other = raw(&path);
    other.execute_batch("begin immediate").unwrap();
    session_fault(session.finish_writer(writer), Status::Busy);
    drop(other);
    let mut assembler = Database::open(&path).unwrap();
    crate::objects::assemble(&mut assembler, &content, [20_000, 20_000]);
    assert_eq!(session.finish_writer(writer).unwrap(), object_id(&content));
    let manifest = crate::stored_manifest(&mut assembler, object_id(&content));
    assert_eq!(manifest, manifest_by_sizes(&content, [20_000, 20_000]));
}
