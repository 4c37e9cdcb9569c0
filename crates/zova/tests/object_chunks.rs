//! Single chunks: storing, reading and deleting them by their own id, and what keeps them.

mod common;
#[path = "common/objects.rs"]
mod objects;

use zova::{Database, ObjectChunkId, Status};

use common::reference::{chunks, sha256};
use common::{Scratch, bytes, edit, native_fault, number_of, one, raw};
use objects::{
    READ_ONLY, assert_holds, chunk_id, drop_chunk_index, equal_sizes, loose_chunks, manifest_by_sizes,
    object_id, put_chunks, rows,
};

const LONGEST: usize = 65536;

fn put(db: &mut Database, content: &[u8]) -> ObjectChunkId {
    let id = chunk_id(content);
    db.put_object_chunk(id, content).unwrap();
    id
}

fn where_chunk(id: ObjectChunkId) -> String {
    format!("where chunk_hash = x'{id}'")
}

/// Damages a stored chunk.
fn damage(path: &std::path::Path, id: ObjectChunkId, change: &str) {
    edit(path, &format!("update _zova_chunks set {change} {}", where_chunk(id)));
}

#[test]
fn chunks_of_every_legal_size_are_stored_and_read_back() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let contents: Vec<Vec<u8>> =
        [1, 2, 777, 2047, 2048, 4096, LONGEST - 1, LONGEST].map(|size| bytes(size as u64, size)).to_vec();
    for content in &contents {
        let id = put(&mut db, content);
        assert_eq!(db.get_object_chunk(id).unwrap(), *content);
        assert!(db.has_object_chunk(id).unwrap());
        assert!(!db.has_object(object_id(content)).unwrap());
    }
    assert_holds(&path, [], contents.iter().map(Vec::as_slice));
}

#[test]
fn no_bytes_and_more_than_65536_are_no_chunk_whatever_the_id() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let mut too_long = bytes(1, LONGEST + 1);
    for content in [&[][..], &too_long] {
        native_fault(db.put_object_chunk(chunk_id(content), content), Status::ObjectCorrupt);
        // The length is looked at before the hash.
        native_fault(db.put_object_chunk(chunk_id(b"other"), content), Status::ObjectCorrupt);
    }
    too_long.truncate(LONGEST);
    put(&mut db, &too_long);
    assert_holds(&path, [], [too_long.as_slice()]);
}

#[test]
fn bytes_that_do_not_hash_to_the_given_id_are_refused() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let stored = put(&mut db, b"stored");
    for wrong in [chunk_id(b"something else"), ObjectChunkId::from([0; 32]), stored] {
        let message = native_fault(db.put_object_chunk(wrong, b"content"), Status::ObjectChunkHashMismatch);
        assert!(message.contains(&wrong.to_string()), "{message}");
        assert!(message.contains(&chunk_id(b"content").to_string()), "{message}");
    }
    assert_holds(&path, [], [&b"stored"[..]]);
}

#[test]
fn the_hash_is_looked_at_before_the_stored_chunk() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let id = put(&mut db, b"stored");
    damage(&path, id, "data = x'00', size_bytes = 1");
    native_fault(db.put_object_chunk(id, b"content"), Status::ObjectChunkHashMismatch);
    native_fault(db.put_object_chunk(id, b"stored"), Status::ObjectCorrupt);
}

#[test]
fn putting_a_stored_chunk_again_writes_nothing() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let content = bytes(7, 30_000);
    let id = put(&mut db, &content);
    let object = db.put_object(b"an object of one chunk").unwrap();
    let before = std::fs::read(&path).unwrap();
    put(&mut db, &content);
    put(&mut db, b"an object of one chunk");
    assert!(std::fs::read(&path).unwrap() == before, "the file changed");
    // Not even the write lock is needed.
    let other = raw(&path);
    other.execute_batch("begin immediate").unwrap();
    put(&mut db, &content);
    drop(other);
    assert_eq!(db.get_object_chunk(id).unwrap(), content);
    assert_eq!(db.get_object(object).unwrap(), b"an object of one chunk");
}

#[test]
fn a_damaged_chunk_is_not_overwritten() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let content = bytes(8, 5000);
    let id = put(&mut db, &content);
    for change in ["data = zeroblob(5000)", "data = x'01'", "size_bytes = 4999", "data = 'text'", "data = 7"]
    {
        edit(&path, "delete from _zova_chunks");
        put(&mut db, &content);
        damage(&path, id, change);
        let before: Vec<u8> = one(&raw(&path), "select cast(data as blob) from _zova_chunks");
        native_fault(db.put_object_chunk(id, &content), Status::ObjectCorrupt);
        let after: Vec<u8> = one(&raw(&path), "select cast(data as blob) from _zova_chunks");
        assert!(before == after, "{change}: the damaged chunk was changed");
        native_fault(db.get_object_chunk(id), Status::ObjectCorrupt);
        native_fault(db.has_object_chunk(id), Status::ObjectCorrupt);
    }
}

#[test]
fn reading_verifies_size_length_and_hash() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let content = bytes(9, 2000);
    let object = db.put_object(&content).unwrap();
    // At this size an object is one chunk.
    let id = chunk_id(&content);
    for (change, status) in [
        ("data = zeroblob(2000)", Some(Status::ObjectCorrupt)),
        ("data = substr(data, 1, 1999)", Some(Status::ObjectCorrupt)),
        ("data = substr(data, 1, 1999), size_bytes = 1999", Some(Status::ObjectCorrupt)),
        ("data = data || x'00', size_bytes = 2001", Some(Status::ObjectCorrupt)),
        ("size_bytes = 1999", Some(Status::ObjectCorrupt)),
        ("size_bytes = 2001", Some(Status::ObjectCorrupt)),
        ("size_bytes = 0", Some(Status::ObjectCorrupt)),
        ("size_bytes = -2000", Some(Status::ObjectCorrupt)),
        ("size_bytes = 65537", Some(Status::ObjectCorrupt)),
        ("size_bytes = 9223372036854775807", Some(Status::ObjectCorrupt)),
        ("size_bytes = 'many'", Some(Status::ObjectCorrupt)),
        ("size_bytes = 0, data = x''", Some(Status::ObjectCorrupt)),
        ("data = zeroblob(70000), size_bytes = 70000", Some(Status::ObjectCorrupt)),
        ("chunk_hash = zeroblob(32)", None),
        ("chunk_hash = substr(chunk_hash, 1, 31)", None),
    ] {
        let original = raw(&path);
        original.execute_batch("create table kept as select * from _zova_chunks").unwrap();
        damage(&path, id, change);
        match status {
            Some(status) => {
                let message = native_fault(db.get_object_chunk(id), status);
                assert!(message.contains(&id.to_string()), "{message}");
                native_fault(db.has_object_chunk(id), status);
            }
            None => {
                native_fault(db.get_object_chunk(id), Status::ObjectChunkNotFound);
                assert!(!db.has_object_chunk(id).unwrap());
            }
        }
        edit(&path, "delete from _zova_chunks; insert into _zova_chunks select * from kept; drop table kept");
        assert_eq!(db.get_object_chunk(id).unwrap(), content, "{change}");
        assert_eq!(db.get_object(object).unwrap(), content);
    }
}

#[test]
fn a_missing_chunk_is_not_found_and_one_in_an_object_is() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    let content = bytes(10, 100_000);
    let missing = chunk_id(b"missing");
    let message = native_fault(db.get_object_chunk(missing), Status::ObjectChunkNotFound);
    assert!(message.contains(&missing.to_string()), "{message}");
    assert!(!db.has_object_chunk(missing).unwrap());
    assert!(!db.has_object_chunk(chunk_id(b"")).unwrap());
    db.put_object(&content).unwrap();
    for chunk in chunks(&content) {
        assert_eq!(db.get_object_chunk(chunk_id(chunk)).unwrap(), chunk);
        assert!(db.has_object_chunk(chunk_id(chunk)).unwrap());
    }
    // An object of several chunks is no chunk itself.
    assert!(!db.has_object_chunk(chunk_id(&content)).unwrap());
}

#[test]
fn deleting_says_whether_there_was_a_loose_chunk() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let content = bytes(11, 50_000);
    db.put_object(&content).unwrap();
    let loose = put(&mut db, b"loose");
    assert!(!db.delete_object_chunk(chunk_id(b"absent")).unwrap());
    for chunk in chunks(&content) {
        assert!(!db.delete_object_chunk(chunk_id(chunk)).unwrap(), "a chunk of an object");
    }
    assert!(db.delete_object_chunk(loose).unwrap());
    assert!(!db.delete_object_chunk(loose).unwrap());
    native_fault(db.get_object_chunk(loose), Status::ObjectChunkNotFound);
    assert_holds(&path, [content.as_slice()], []);
}

#[test]
fn a_chunk_is_referenced_as_long_as_a_manifest_entry_names_it() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let object = db.put_object(b"one chunk").unwrap();
    edit(&path, "delete from _zova_objects");
    assert!(!db.has_object(object).unwrap());
    assert!(!db.delete_object_chunk(chunk_id(b"one chunk")).unwrap());
    edit(&path, "delete from _zova_object_chunks");
    assert!(db.delete_object_chunk(chunk_id(b"one chunk")).unwrap());
    assert_holds(&path, [], []);
}

#[test]
fn a_damaged_loose_chunk_can_be_deleted() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let id = put(&mut db, b"loose");
    damage(&path, id, "data = x'00'");
    assert!(db.delete_object_chunk(id).unwrap());
    assert_holds(&path, [], []);
}

#[test]
fn loose_chunks_outlive_puts_deletes_reopening_and_vacuum() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let (loose, content) = (bytes(12, 9000), bytes(13, 80_000));
    let id = put(&mut db, &loose);
    let object = db.put_object(&content).unwrap();
    assert_holds(&path, [content.as_slice()], [loose.as_slice()]);
    db.delete_object(object).unwrap();
    assert_holds(&path, [], [loose.as_slice()]);
    db.vacuum().unwrap();
    drop(db);
    let mut db = Database::open(&path).unwrap();
    assert_eq!(db.get_object_chunk(id).unwrap(), loose);
    db.put_object(&content).unwrap();
    assert_holds(&path, [content.as_slice()], [loose.as_slice()]);
}

#[test]
fn a_loose_chunk_that_becomes_part_of_an_object_goes_with_it() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let content = bytes(14, 60_000);
    let cut = chunks(&content);
    put(&mut db, cut[0]);
    put(&mut db, cut[2]);
    put(&mut db, b"unrelated");
    let by_put = db.put_object(&content).unwrap();
    assert_holds(&path, [content.as_slice()], [&b"unrelated"[..]]);
    assert!(!db.delete_object_chunk(chunk_id(cut[0])).unwrap());
    db.delete_object(by_put).unwrap();
    assert_holds(&path, [], [&b"unrelated"[..]]);

    let entries = manifest_by_sizes(&content, equal_sizes(&content, 25_000));
    put_chunks(&mut db, &content, &entries);
    assert_eq!(loose_chunks(&path), 4);
    db.assemble_object_from_chunks(object_id(&content), 60_000, &entries).unwrap();
    assert_eq!(loose_chunks(&path), 1);
    db.delete_object(object_id(&content)).unwrap();
    assert_holds(&path, [], [&b"unrelated"[..]]);

    put(&mut db, cut[1]);
    let mut writer = db.object_writer().unwrap();
    writer.write(&content).unwrap();
    let by_writer = writer.finish().unwrap();
    db.delete_object(by_writer).unwrap();
    assert_holds(&path, [], [&b"unrelated"[..]]);
}

#[test]
fn a_chunk_that_two_objects_share_goes_with_the_second() {
    for index in [true, false] {
        let scratch = Scratch::new();
        let (mut db, path) = scratch.database("a.zova");
        if !index {
            drop_chunk_index(&path);
        }
        let first = bytes(15, 120_000);
        let mut second = first.clone();
        second[70_000] ^= 1;
        let first_id = db.put_object(&first).unwrap();
        let second_id = db.put_object(&second).unwrap();
        assert!(rows(&path).chunks.len() < chunks(&first).len() + chunks(&second).len());
        db.delete_object(first_id).unwrap();
        assert_holds(&path, [second.as_slice()], []);
        assert_eq!(db.get_object(second_id).unwrap(), second);
        db.delete_object(second_id).unwrap();
        assert_holds(&path, [], []);
    }
}

#[test]
fn deleting_a_chunk_works_without_the_index_too() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    drop_chunk_index(&path);
    let content = bytes(16, 40_000);
    db.put_object(&content).unwrap();
    let loose = put(&mut db, b"loose");
    for chunk in chunks(&content) {
        assert!(!db.delete_object_chunk(chunk_id(chunk)).unwrap());
    }
    assert!(db.delete_object_chunk(loose).unwrap());
    assert_holds(&path, [content.as_slice()], []);
}

#[test]
fn a_read_only_handle_reads_accepts_what_is_stored_and_refuses_the_rest() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let content = bytes(17, 40_000);
    db.put_object(&content).unwrap();
    let loose = put(&mut db, b"loose");
    drop(db);
    let before = std::fs::read(&path).unwrap();
    let mut db = Database::open_with_options(&path, READ_ONLY).unwrap();
    assert_eq!(db.get_object_chunk(loose).unwrap(), b"loose");
    assert!(db.has_object_chunk(loose).unwrap());
    put(&mut db, b"loose");
    put(&mut db, chunks(&content)[0]);
    native_fault(db.put_object_chunk(chunk_id(b"new"), b"new"), Status::ReadOnly);
    native_fault(db.put_object_chunk(loose, b"new"), Status::ObjectChunkHashMismatch);
    native_fault(db.put_object_chunk(chunk_id(b""), b""), Status::ObjectCorrupt);
    for id in [loose, chunk_id(chunks(&content)[0]), chunk_id(b"absent")] {
        native_fault(db.delete_object_chunk(id), Status::ReadOnly);
    }
    drop(db);
    damage(&path, loose, "data = x'00'");
    let mut db = Database::open_with_options(&path, READ_ONLY).unwrap();
    native_fault(db.put_object_chunk(loose, b"loose"), Status::ObjectCorrupt);
    damage(&path, loose, "data = cast('loose' as blob)");
    assert!(std::fs::read(&path).unwrap().len() == before.len());
}

#[test]
fn chunk_calls_join_transactions_and_savepoints() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let kept = put(&mut db, b"kept");
    db.begin().unwrap();
    let undone = put(&mut db, b"undone");
    assert!(db.delete_object_chunk(kept).unwrap());
    assert!(db.has_object_chunk(undone).unwrap());
    assert!(!db.has_object_chunk(kept).unwrap());
    assert_holds(&path, [], [&b"kept"[..]]);
    db.rollback().unwrap();
    assert!(!db.has_object_chunk(undone).unwrap());
    assert!(db.has_object_chunk(kept).unwrap());

    db.savepoint("outer").unwrap();
    put(&mut db, b"outer");
    db.savepoint("inner").unwrap();
    put(&mut db, b"inner");
    assert!(db.delete_object_chunk(kept).unwrap());
    db.rollback_to_savepoint("inner").unwrap();
    db.release_savepoint("outer").unwrap();
    assert_holds(&path, [], [&b"kept"[..], b"outer"]);

    db.begin_immediate().unwrap();
    db.put_object(b"an object").unwrap();
    assert!(!db.delete_object_chunk(chunk_id(b"an object")).unwrap());
    db.delete_object(object_id(b"an object")).unwrap();
    put(&mut db, b"an object");
    assert!(db.delete_object_chunk(chunk_id(b"an object")).unwrap());
    assert!(db.delete_object_chunk(kept).unwrap());
    db.commit().unwrap();
    assert_holds(&path, [], [&b"outer"[..]]);
}

#[test]
fn a_failing_chunk_call_leaves_the_transaction_as_it_was() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let damaged = put(&mut db, b"damaged");
    damage(&path, damaged, "data = x'00'");
    db.begin().unwrap();
    db.exec("create table t(a); insert into t values (1)").unwrap();
    native_fault(db.put_object_chunk(damaged, b"damaged"), Status::ObjectCorrupt);
    native_fault(db.put_object_chunk(damaged, b"other"), Status::ObjectChunkHashMismatch);
    native_fault(db.get_object_chunk(chunk_id(b"absent")), Status::ObjectChunkNotFound);
    put(&mut db, b"stored");
    db.commit().unwrap();
    assert_eq!(number_of(&mut db, "select count(*) from t"), 1);
    assert!(db.has_object_chunk(chunk_id(b"stored")).unwrap());
}

#[test]
fn a_lock_held_elsewhere_is_busy_and_the_call_may_be_repeated() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let stored = put(&mut db, b"stored");
    let other = raw(&path);
    for (lock, reading) in [("begin immediate", true), ("begin exclusive", false)] {
        other.execute_batch(lock).unwrap();
        native_fault(db.put_object_chunk(chunk_id(b"new"), b"new"), Status::Busy);
        native_fault(db.delete_object_chunk(stored), Status::Busy);
        if reading {
            assert_eq!(db.get_object_chunk(stored).unwrap(), b"stored");
        } else {
            native_fault(db.get_object_chunk(stored), Status::Busy);
            native_fault(db.has_object_chunk(stored), Status::Busy);
        }
        other.execute_batch("rollback").unwrap();
    }
    put(&mut db, b"new");
    assert!(db.delete_object_chunk(stored).unwrap());
    assert_holds(&path, [], [&b"new"[..]]);
}

#[test]
fn a_half_stepped_writing_statement_stops_writes_after_the_argument_checks() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let stored = put(&mut db, b"stored");
    let damaged = put(&mut db, b"damaged");
    damage(&path, damaged, "data = x'00'");
    db.exec("create table t(a)").unwrap();
    let mut insert = db.prepare_owned("insert into t values (1), (2) returning a").unwrap();
    insert.step().unwrap();
    native_fault(db.put_object_chunk(stored, b""), Status::ObjectCorrupt);
    native_fault(db.put_object_chunk(stored, b"other"), Status::ObjectChunkHashMismatch);
    for content in [&b"stored"[..], b"damaged", b"new"] {
        let refused = db.put_object_chunk(chunk_id(content), content);
        native_fault(refused, Status::ObjectTransactionActive);
    }
    for id in [stored, damaged, chunk_id(b"new")] {
        native_fault(db.delete_object_chunk(id), Status::ObjectTransactionActive);
    }
    assert_eq!(db.get_object_chunk(stored).unwrap(), b"stored");
    insert.reset().unwrap();
    put(&mut db, b"new");
    assert!(db.delete_object_chunk(damaged).unwrap());
}

#[test]
fn an_open_cursor_does_not_stop_chunk_calls() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.exec("create table t(a); insert into t values (1), (2)").unwrap();
    let mut cursor = db.prepare_owned("select a from t").unwrap();
    cursor.step().unwrap();
    let id = put(&mut db, b"stored");
    assert_holds(&path, [], [&b"stored"[..]]);
    assert!(db.delete_object_chunk(id).unwrap());
    cursor.step().unwrap();
    assert_eq!(cursor.column_i64(0).unwrap(), 2);
    assert_holds(&path, [], []);
}

#[test]
fn chunk_calls_leave_the_application_s_counters_alone() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec("create table t(a); insert into t(rowid, a) values (41, 1), (42, 2)").unwrap();
    let id = put(&mut db, b"stored");
    db.delete_object_chunk(id).unwrap();
    assert_eq!(db.last_insert_rowid().unwrap(), 42);
    assert_eq!(db.changes().unwrap(), 2);
    assert_eq!(db.total_changes().unwrap(), 2);
}

#[test]
fn temporary_tables_of_the_same_names_are_not_touched() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.exec(
        "create temp table _zova_chunks(chunk_hash, size_bytes, data); \
         create temp table _zova_object_chunks(object_id, chunk_hash)",
    )
    .unwrap();
    let id = put(&mut db, b"stored");
    assert_holds(&path, [], [&b"stored"[..]]);
    db.exec(&format!("insert into temp._zova_object_chunks values (x'00', x'{id}')")).unwrap();
    assert_eq!(db.get_object_chunk(id).unwrap(), b"stored");
    assert!(db.delete_object_chunk(id).unwrap());
    assert_eq!(number_of(&mut db, "select count(*) from temp._zova_object_chunks"), 1);
}

#[test]
fn enforced_foreign_keys_do_not_stand_in_the_way() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.exec("pragma foreign_keys = on").unwrap();
    let content = bytes(18, 30_000);
    let loose = put(&mut db, b"loose");
    let object = db.put_object(&content).unwrap();
    assert!(!db.delete_object_chunk(chunk_id(chunks(&content)[1])).unwrap());
    assert!(db.delete_object_chunk(loose).unwrap());
    db.delete_object(object).unwrap();
    assert_holds(&path, [], []);
}

#[test]
fn an_application_table_named_like_a_pragma_function_does_not_disturb_deleting() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let content = bytes(19, 30_000);
    for name in ["pragma_index_list", "pragma_index_info"] {
        db.exec(&format!("create table {name}(a)")).unwrap();
        let object = db.put_object(&content).unwrap();
        let loose = put(&mut db, b"loose");
        db.delete_object(object).unwrap();
        assert!(db.delete_object_chunk(loose).unwrap());
        assert_holds(&path, [], []);
        db.exec(&format!("drop table {name}")).unwrap();
    }
}

#[test]
fn a_dropped_chunk_table_is_an_sqlite_error() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let id = put(&mut db, b"stored");
    edit(&path, "drop table _zova_chunks");
    native_fault(db.get_object_chunk(id), Status::SqliteError);
    native_fault(db.has_object_chunk(id), Status::SqliteError);
    native_fault(db.put_object_chunk(id, b"stored"), Status::SqliteError);
    native_fault(db.delete_object_chunk(id), Status::SqliteError);
}

#[test]
fn the_loose_chunk_of_a_published_file_is_read_kept_and_deleted() {
    let scratch = Scratch::new();
    let path = scratch.fixture("plain.zova");
    let expected = common::expected("plain.zova");
    let id: ObjectChunkId = expected["loose_chunk"]["hash"].as_str().unwrap().parse().unwrap();
    let content = bytes(6, 777);
    let mut db = Database::open(&path).unwrap();
    assert_eq!(db.get_object_chunk(id).unwrap(), content);
    put(&mut db, &content);
    let before = rows(&path);
    let added = db.put_object(&bytes(20, 90_000)).unwrap();
    db.delete_object(added).unwrap();
    assert!(rows(&path) == before, "putting and deleting an object changed other rows");
    assert!(before.chunks.contains_key(&sha256(&content)));
    assert!(db.delete_object_chunk(id).unwrap());
    assert_eq!(loose_chunks(&path), 0);
}

#[test]
fn a_chunk_and_the_object_of_the_same_bytes_share_an_id_and_nothing_else() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let id = put(&mut db, b"same");
    let object = db.put_object(b"same").unwrap();
    assert_eq!(id.into_bytes(), object.into_bytes());
    assert_holds(&path, [&b"same"[..]], []);
    db.delete_object(object).unwrap();
    assert_holds(&path, [], []);
    put(&mut db, b"same");
    native_fault(db.get_object(object), Status::ObjectNotFound);
    native_fault(db.delete_object(object), Status::ObjectNotFound);
    assert!(db.has_object_chunk(id).unwrap());
}
