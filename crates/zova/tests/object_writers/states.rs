//! Open, sealed, closed: which call is answered how, and what each leaves.

use std::io::Write;

use zova::engine::{Session, WriterId};
use zova::{Database, OpenOptions, SharedDatabase, Status};

use crate::common::{Scratch, bytes, native_fault, raw};
use crate::objects::{assert_holds, object_id, quick_database, session_fault};
use crate::{assert_alone, session, store, writer};

#[track_caller]
fn assert_closed(session: &mut Session, writer: WriterId) {
    for _ in 0..2 {
        session_fault(session.write_object(writer, b"more"), Status::ObjectWriterClosed);
        session_fault(session.write_object(writer, b""), Status::ObjectWriterClosed);
        session_fault(session.finish_writer(writer), Status::ObjectWriterClosed);
        session_fault(session.cancel_writer(writer), Status::ObjectWriterClosed);
    }
}

/// A finish that met another connection's lock.
fn sealed(session: &mut Session, path: &std::path::Path, content: &[u8]) -> WriterId {
    let writer = writer(session, content);
    let other = raw(path);
    other.execute_batch("begin immediate").unwrap();
    session_fault(session.finish_writer(writer), Status::Busy);
    writer
}

#[test]
fn a_writer_stores_what_it_was_given_and_gives_its_id() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let contents = [&b"x"[..], b"", &bytes(1, 100_000), &bytes(2, 2_000_000)].map(<[u8]>::to_vec);
    for content in &contents {
        assert_eq!(store(&mut db, content), object_id(content));
        assert!(db.get_object(object_id(content)).unwrap() == *content);
    }
    assert_holds(&path, contents.iter().map(Vec::as_slice), []);
    assert_alone(&path);
}

#[test]
fn finish_without_a_write_stores_the_empty_object() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let empty = object_id(b"");
    assert_eq!(db.object_writer().unwrap().finish().unwrap(), empty);
    assert_holds(&path, [&b""[..]], []);
    let mut writer = db.object_writer().unwrap();
    writer.write(b"").unwrap();
    assert_eq!(writer.finish().unwrap(), empty);
}

#[test]
fn empty_writes_have_no_effect() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    let mut writer = db.object_writer().unwrap();
    for part in [&b""[..], b"ab", b"", b"", b"c", b""] {
        writer.write(part).unwrap();
    }
    assert_eq!(writer.finish().unwrap(), object_id(b"abc"));
}

#[test]
fn a_finished_writer_is_closed() {
    let scratch = Scratch::new();
    let (mut session, path) = session(&scratch);
    let writer = writer(&mut session, b"content");
    assert_eq!(session.finish_writer(writer).unwrap(), object_id(b"content"));
    assert_closed(&mut session, writer);
    session.destroy_writer(writer);
    assert_closed(&mut session, writer);
    assert_holds(&path, [&b"content"[..]], []);
}

#[test]
fn a_cancelled_writer_is_closed_and_leaves_nothing() {
    let scratch = Scratch::new();
    let (mut session, path) = session(&scratch);
    for content in [bytes(3, 10), bytes(3, 3_000_000)] {
        let writer = writer(&mut session, &content);
        session.cancel_writer(writer).unwrap();
        assert_closed(&mut session, writer);
        session.destroy_writer(writer);
        assert_alone(&path);
    }
    assert_holds(&path, [], []);
}

#[test]
fn a_sealed_writer_takes_no_bytes_and_finishes_when_it_can() {
    let scratch = Scratch::new();
    let (mut session, path) = session(&scratch);
    let content = bytes(4, 1_500_000);
    let writer = sealed(&mut session, &path, &content);
    assert_holds(&path, [], []);
    for part in [&b"more"[..], b""] {
        session_fault(session.write_object(writer, part), Status::ObjectWriterClosed);
    }
    // The refused writes have not changed the state.
    let other = raw(&path);
    for _ in 0..3 {
        other.execute_batch("begin immediate").unwrap();
        session_fault(session.finish_writer(writer), Status::Busy);
        other.execute_batch("rollback").unwrap();
    }
    assert_eq!(session.finish_writer(writer).unwrap(), object_id(&content));
    assert_closed(&mut session, writer);
    assert_holds(&path, [content.as_slice()], []);
}

#[test]
fn a_sealed_writer_can_be_cancelled_or_destroyed() {
    let scratch = Scratch::new();
    let (mut session, path) = session(&scratch);
    let content = bytes(5, 700_000);
    let writer = sealed(&mut session, &path, &content);
    session.cancel_writer(writer).unwrap();
    assert_closed(&mut session, writer);
    let writer = sealed(&mut session, &path, &content);
    session.destroy_writer(writer);
    assert_closed(&mut session, writer);
    assert_holds(&path, [], []);
    assert_alone(&path);
}

#[test]
fn a_half_stepped_writing_statement_refuses_finish_and_leaves_the_writer_open() {
    let scratch = Scratch::new();
    let (mut session, path) = session(&scratch);
    session.exec(c"create table t(a)").unwrap();
    let open = writer(&mut session, b"before ");
    let closed = writer(&mut session, b"closed");
    session.cancel_writer(closed).unwrap();
    let insert = session.prepare(c"insert into t values (1), (2) returning a").unwrap();
    session.step(insert).unwrap();

    for _ in 0..2 {
        session_fault(session.finish_writer(open), Status::ObjectTransactionActive);
    }
    // The state of the writer is looked at first.
    session_fault(session.finish_writer(closed), Status::ObjectWriterClosed);
    // Nothing is stored before finish, so these need no database.
    let during = session.create_writer();
    session.write_object(during, b"during").unwrap();
    session.write_object(open, b"during ").unwrap();
    let cancelled = writer(&mut session, b"cancelled");
    session.cancel_writer(cancelled).unwrap();
    session.destroy_writer(cancelled);

    session.reset(insert).unwrap();
    session.write_object(open, b"after").unwrap();
    assert_eq!(session.finish_writer(open).unwrap(), object_id(b"before during after"));
    assert_eq!(session.finish_writer(during).unwrap(), object_id(b"during"));
    session.finalize(insert);
    assert_holds(&path, [&b"before during after"[..], b"during"], []);
}

#[test]
fn a_sealed_writer_beside_a_half_stepped_writing_statement_stays_sealed() {
    let scratch = Scratch::new();
    let (mut session, path) = session(&scratch);
    session.exec(c"create table t(a)").unwrap();
    let writer = sealed(&mut session, &path, b"content");
    let insert = session.prepare(c"insert into t values (1), (2) returning a").unwrap();
    session.step(insert).unwrap();
    session_fault(session.finish_writer(writer), Status::ObjectTransactionActive);
    session.finalize(insert);
    session_fault(session.write_object(writer, b"more"), Status::ObjectWriterClosed);
    assert_eq!(session.finish_writer(writer).unwrap(), object_id(b"content"));
}

#[test]
fn a_dropped_writer_leaves_nothing() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    for size in [0, 10, 600_000, 3_000_000] {
        let content = bytes(6, size);
        let mut writer = db.object_writer().unwrap();
        writer.write(&content).unwrap();
        drop(writer);
        let mut writer = db.object_writer_owned().unwrap();
        writer.write(&content).unwrap();
        drop(writer);
        assert_alone(&path);
    }
    assert_holds(&path, [], []);
}

#[test]
fn a_writer_whose_finish_fails_is_cancelled_with_its_handle() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let other = raw(&path);
    let mut writer = db.object_writer().unwrap();
    writer.write(&bytes(7, 900_000)).unwrap();
    other.execute_batch("begin immediate").unwrap();
    native_fault(writer.finish(), Status::Busy);
    other.execute_batch("rollback").unwrap();
    drop(other);
    assert_holds(&path, [], []);
    assert_alone(&path);
    let mut writer = db.object_writer().unwrap();
    writer.write(b"another").unwrap();
    writer.cancel().unwrap();
    assert_holds(&path, [], []);
}

#[test]
fn an_owned_writer_keeps_the_connection_open() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let content = bytes(8, 800_000);
    let mut writer = db.object_writer_owned().unwrap();
    writer.write(&content[..1000]).unwrap();
    drop(db);
    writer.write(&content[1000..]).unwrap();
    assert_eq!(writer.finish().unwrap(), object_id(&content));
    assert_holds(&path, [content.as_slice()], []);

    let db = SharedDatabase::open(&path).unwrap();
    let mut writer = db.object_writer().unwrap();
    drop(db);
    writer.write(b"shared").unwrap();
    let id = writer.finish().unwrap();
    assert_eq!(Database::open(&path).unwrap().get_object(id).unwrap(), b"shared");
}

#[test]
fn writers_are_io_writers() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let content = bytes(9, 1_300_000);

    let mut writer = db.object_writer().unwrap();
    assert_eq!(Write::write(&mut writer, &content).unwrap(), content.len());
    writer.flush().unwrap();
    assert_eq!(Write::write(&mut writer, b"").unwrap(), 0);
    assert_eq!(writer.finish().unwrap(), object_id(&content));

    let mut writer = db.object_writer_owned().unwrap();
    let copied = std::io::copy(&mut &content[..1_000_000], &mut writer).unwrap();
    assert_eq!(copied, 1_000_000);
    let second = writer.finish().unwrap();
    assert_eq!(second, object_id(&content[..1_000_000]));

    let shared = SharedDatabase::open(&path).unwrap();
    let mut writer = shared.object_writer().unwrap();
    write!(writer, "formatted-{:x}", 7).unwrap();
    writer.flush().unwrap();
    assert_eq!(writer.finish().unwrap(), object_id(b"formatted-7"));

    let writer = shared.with_exclusive(|guard| {
        let mut writer = guard.object_writer()?;
        writer.write_all(b"exclusive").unwrap();
        writer.finish()
    });
    assert_eq!(writer.unwrap(), object_id(b"exclusive"));
    assert_holds(&path, [&content[..], &content[..1_000_000], b"formatted-7", b"exclusive"], []);
}

#[test]
fn a_finished_object_is_indistinguishable_from_one_that_was_put() {
    let scratch = Scratch::new();
    let content = [&bytes(10, 300_000)[..], &[0; 200_000], &bytes(10, 300_000)].concat();
    let files = ["put.zova", "written.zova"].map(|name| scratch.path(name));
    for (path, write) in files.iter().zip([false, true]) {
        let mut db = Database::create(path).unwrap();
        let id = if write { store(&mut db, &content) } else { db.put_object(&content).unwrap() };
        assert_eq!(id, object_id(&content));
        assert_eq!(db.object_size(id).unwrap(), 800_000);
    }
    let [put, written] = files.map(|path| crate::objects::rows(&path));
    assert!(put == written);
}

#[test]
fn content_that_is_stored_already_is_left_as_it_is() {
    let scratch = Scratch::new();
    let (mut session, path) = session(&scratch);
    let content = bytes(11, 1_200_000);
    let id = session.put_object(&content).unwrap();
    let before = std::fs::read(&path).unwrap();
    let stored = writer(&mut session, &content);
    assert_eq!(session.finish_writer(stored).unwrap(), id);
    assert!(std::fs::read(&path).unwrap() == before, "the file changed");
    // Not even the write lock is needed.
    let again = writer(&mut session, &content);
    let other = raw(&path);
    other.execute_batch("begin immediate").unwrap();
    assert_eq!(session.finish_writer(again).unwrap(), id);
    other.execute_batch("rollback").unwrap();
    session.delete_object(id).unwrap();
    assert_holds(&path, [], []);
}

#[test]
fn a_read_only_handle_finishes_only_what_is_stored() {
    let scratch = Scratch::new();
    let (mut session, path) = session(&scratch);
    let content = bytes(12, 1_200_000);
    let id = session.put_object(&content).unwrap();
    session.close();
    let options = OpenOptions { read_only: true, busy_timeout_ms: 0 };
    let mut session = Session::open(&path, options).unwrap();
    let stored = writer(&mut session, &content);
    assert_eq!(session.finish_writer(stored).unwrap(), id);
    let new = writer(&mut session, b"new");
    session_fault(session.finish_writer(new), Status::ReadOnly);
    session_fault(session.write_object(new, b"more"), Status::ObjectWriterClosed);
    session_fault(session.finish_writer(new), Status::ReadOnly);
    session.cancel_writer(new).unwrap();
    assert_closed(&mut session, new);
    assert_holds(&path, [content.as_slice()], []);
}
