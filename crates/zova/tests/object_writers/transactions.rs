//! Writers beside the application's transactions, savepoints and cursors.

use zova::{Database, Status};

use crate::common::reference::chunks;
use crate::common::{Scratch, bytes, edit, native_fault, number_of};
use crate::objects::{assert_holds, chunk_id, object_id, quick_database, session_fault};
use crate::{session, store, writer};

#[test]
fn a_finish_joins_the_transaction_and_is_undone_with_it() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let content = bytes(1, 900_000);
    db.begin().unwrap();
    let id = store(&mut db, &content);
    assert!(db.get_object(id).unwrap() == content);
    assert_holds(&path, [], []);
    db.rollback().unwrap();
    assert!(!db.has_object(id).unwrap());
    assert_holds(&path, [], []);
    db.begin_immediate().unwrap();
    store(&mut db, &content);
    db.commit().unwrap();
    assert_holds(&path, [content.as_slice()], []);
}

#[test]
fn a_finish_is_undone_with_its_savepoint_only() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let (first, second) = (bytes(2, 100_000), bytes(3, 100_000));
    db.savepoint("outer").unwrap();
    store(&mut db, &first);
    db.savepoint("inner").unwrap();
    store(&mut db, &second);
    db.rollback_to_savepoint("inner").unwrap();
    db.release_savepoint("inner").unwrap();
    db.release_savepoint("outer").unwrap();
    assert_holds(&path, [first.as_slice()], []);
}

#[test]
fn the_writer_is_closed_although_its_finish_was_rolled_back() {
    let scratch = Scratch::new();
    let (mut session, path) = session(&scratch);
    let writer = writer(&mut session, b"content");
    session.begin().unwrap();
    session.finish_writer(writer).unwrap();
    session.rollback().unwrap();
    session_fault(session.finish_writer(writer), Status::ObjectWriterClosed);
    session_fault(session.write_object(writer, b"more"), Status::ObjectWriterClosed);
    assert_holds(&path, [], []);
}

#[test]
fn bytes_given_in_a_transaction_do_not_belong_to_it() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let content = bytes(4, 2_400_000);
    let mut writer = db.object_writer_owned().unwrap();
    let mut parts = content.chunks(400_000);
    let mut write_next = || writer.write(parts.next().unwrap()).unwrap();
    write_next();
    db.begin().unwrap();
    write_next();
    db.rollback().unwrap();
    db.begin_immediate().unwrap();
    db.savepoint("a").unwrap();
    write_next();
    db.rollback_to_savepoint("a").unwrap();
    write_next();
    db.commit().unwrap();
    write_next();
    db.begin().unwrap();
    write_next();
    assert_eq!(writer.finish().unwrap(), object_id(&content));
    db.commit().unwrap();
    assert_holds(&path, [content.as_slice()], []);
}

#[test]
fn cancel_and_drop_in_a_transaction_leave_nothing_whichever_way_it_ends() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let content = bytes(5, 1_600_000);
    for commit in [true, false] {
        for cancel in [true, false] {
            let mut writer = db.object_writer_owned().unwrap();
            writer.write(&content[..800_000]).unwrap();
            db.begin().unwrap();
            writer.write(&content[800_000..]).unwrap();
            if cancel {
                writer.cancel().unwrap();
            } else {
                drop(writer);
            }
            if commit {
                db.commit().unwrap()
            } else {
                db.rollback().unwrap()
            }
            assert_holds(&path, [], []);
        }
    }
}

#[test]
fn a_failing_finish_undoes_exactly_its_own_part() {
    let scratch = Scratch::new();
    let (mut session, path) = session(&scratch);
    let content = bytes(6, 300_000);
    // The last chunk is stored damaged: finish meets it after it has stored the others.
    let last = *chunks(&content).last().unwrap();
    session.put_object_chunk(chunk_id(last), last).unwrap();
    edit(&path, "update _zova_chunks set data = zeroblob(size_bytes)");
    let writer = writer(&mut session, &content);
    session_fault(session.finish_writer(writer), Status::ObjectCorrupt);

    session.begin().unwrap();
    session.exec(c"create table t(a); insert into t values (1)").unwrap();
    session.put_object(b"beside").unwrap();
    session_fault(session.finish_writer(writer), Status::ObjectCorrupt);
    session.exec(c"insert into t values (2)").unwrap();
    session.commit().unwrap();
    edit(&path, "delete from _zova_chunks where data = zeroblob(size_bytes)");
    assert_holds(&path, [&b"beside"[..]], []);
    let mut db = Database::open(&path).unwrap();
    assert_eq!(number_of(&mut db, "select count(*) from t"), 2);

    assert_eq!(session.finish_writer(writer).unwrap(), object_id(&content));
    assert_holds(&path, [&b"beside"[..], &content], []);
}

#[test]
fn a_finish_goes_on_beside_a_cursor() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    db.exec("create table t(a); insert into t values (1), (2), (3)").unwrap();
    let mut cursor = db.prepare_owned("select a from t").unwrap();
    cursor.step().unwrap();
    let content = bytes(7, 1_000_000);
    store(&mut db, &content);
    // Committed, although the cursor is open.
    assert_holds(&path, [content.as_slice()], []);
    cursor.step().unwrap();
    assert_eq!(cursor.column_i64(0).unwrap(), 2);
}

#[test]
fn a_finish_leaves_the_application_s_counters_alone() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    db.exec("create table t(a); insert into t(rowid, a) values (41, 1), (42, 2)").unwrap();
    store(&mut db, &bytes(8, 100_000));
    store(&mut db, &bytes(8, 100_000));
    assert_eq!(db.last_insert_rowid().unwrap(), 42);
    assert_eq!((db.changes().unwrap(), db.total_changes().unwrap()), (2, 2));
}

#[test]
fn enforced_foreign_keys_do_not_stand_in_the_way() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    db.exec("pragma foreign_keys = on").unwrap();
    let content = bytes(9, 200_000);
    let id = store(&mut db, &content);
    assert_holds(&path, [content.as_slice()], []);
    db.delete_object(id).unwrap();
    assert_holds(&path, [], []);
}

#[test]
fn a_deferred_transaction_that_cannot_get_the_lock_keeps_the_writer() {
    let scratch = Scratch::new();
    let (mut session, path) = session(&scratch);
    let content = bytes(10, 50_000);
    let writer = writer(&mut session, &content);
    let mut other = Database::open(&path).unwrap();
    other.begin_immediate().unwrap();
    session.begin().unwrap();
    session_fault(session.finish_writer(writer), Status::Busy);
    other.rollback().unwrap();
    assert_eq!(session.finish_writer(writer).unwrap(), object_id(&content));
    session.commit().unwrap();
    assert_holds(&path, [content.as_slice()], []);
}

#[test]
fn a_finish_in_a_scoped_transaction_is_undone_by_its_error() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let content = bytes(11, 70_000);
    let undone = db.transaction(|db| {
        let mut writer = db.object_writer()?;
        writer.write(&content)?;
        let id = writer.finish()?;
        db.delete_object(object_id(b"missing"))?;
        Ok(id)
    });
    native_fault(undone, Status::ObjectNotFound);
    assert_holds(&path, [], []);
    let kept = db.transaction_immediate(|db| {
        let mut writer = db.object_writer()?;
        writer.write(&content)?;
        writer.finish()
    });
    assert_eq!(kept.unwrap(), object_id(&content));
    assert_holds(&path, [content.as_slice()], []);
}

#[test]
fn a_transaction_with_an_outdated_view_cannot_take_a_finish_and_the_writer_stays() {
    let scratch = Scratch::new();
    let (mut session, path) = session(&scratch);
    session.exec(c"pragma journal_mode = wal").unwrap();
    let content = bytes(12, 600_000);
    let writer = writer(&mut session, &content);
    session.begin().unwrap();
    assert!(!session.has_object(object_id(&content)).unwrap());
    let mut other = Database::open(&path).unwrap();
    other.put_object(b"meanwhile").unwrap();
    session_fault(session.finish_writer(writer), Status::Busy);
    session_fault(session.finish_writer(writer), Status::Busy);
    session.rollback().unwrap();
    assert_eq!(session.finish_writer(writer).unwrap(), object_id(&content));
    assert_holds(&path, [&b"meanwhile"[..], &content], []);
}
