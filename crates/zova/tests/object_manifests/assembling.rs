//! Objects made of stored chunks.

use proptest::prelude::*;
use zova::{Database, ObjectId, ObjectManifestChunk, Status};

use crate::Kit;
use crate::common::reference::{Rows, chunks};
use crate::common::{Scratch, bytes, expected, native_fault, number_of};
use crate::objects::{
    assemble, assert_holds, drop_chunk_index, equal_sizes, manifest_by_sizes, object_id, put_chunks,
    quick_database, rows,
};

#[test]
fn an_object_is_assembled_with_any_boundaries() {
    for sizes in [vec![10_000], vec![1; 10_000], vec![1, 9998, 1], vec![4096, 4096, 1808], vec![9999, 1]] {
        let scratch = Scratch::new();
        let (mut db, path) = scratch.database("a.zova");
        let content = bytes(3, 10_000);
        let entries = manifest_by_sizes(&content, sizes);
        put_chunks(&mut db, &content, &entries);
        let id = object_id(&content);
        db.assemble_object_from_chunks(id, 10_000, &entries).unwrap();
        assert_eq!(db.get_object(id).unwrap(), content);
        assert_eq!(db.object_manifest(id).unwrap().chunks, entries);
        assert_eq!(db.object_manifest(id).unwrap().chunker, "fastcdc-v1");
        db.verify_object(id).unwrap();
        let mut part = [0; 700];
        assert_eq!(db.read_object_range(id, 4000, &mut part).unwrap(), 700);
        assert_eq!(part, content[4000..4700]);
        // Put keeps the assembled manifest, and so does a writer.
        assert_eq!(db.put_object(&content).unwrap(), id);
        let mut writer = db.object_writer().unwrap();
        writer.write(&content).unwrap();
        assert_eq!(writer.finish().unwrap(), id);
        assert_eq!(db.object_manifest(id).unwrap().chunks, entries);
        db.delete_object(id).unwrap();
        assert_holds(&path, [], []);
    }
}

#[test]
fn chunks_of_65536_bytes_are_the_longest_that_fit() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    let content = bytes(4, 65536 + 100);
    assemble(&mut db, &content, [65536, 100]);
    assert_eq!(db.get_object(object_id(&content)).unwrap(), content);
}

#[test]
fn entries_may_come_in_any_order() {
    let mut kit = Kit::new();
    let sorted = kit.entries.clone();
    let permutations: [fn(&mut Vec<ObjectManifestChunk>); 3] = [
        |entries| entries.reverse(),
        |entries| entries.rotate_left(4),
        |entries| entries.sort_by_key(|entry| entry.hash.into_bytes()),
    ];
    for permute in permutations {
        permute(&mut kit.entries);
        kit.assemble();
        assert_eq!(kit.db.object_manifest(kit.id).unwrap().chunks, sorted);
        kit.db.delete_object(kit.id).unwrap();
        kit.entries.clone_from(&sorted);
        put_chunks(&mut kit.db, &kit.content, &sorted);
    }
}

#[test]
fn entries_may_repeat_a_chunk() {
    for index in [true, false] {
        let scratch = Scratch::new();
        let (mut db, path) = scratch.database("a.zova");
        if !index {
            drop_chunk_index(&path);
        }
        let part = bytes(5, 1234);
        let content = [&part[..], &part, b"between", &part].concat();
        assemble(&mut db, &content, [1234, 1234, 7, 1234]);
        assert_eq!(db.get_object(object_id(&content)).unwrap(), content);
        let stored = rows(&path);
        assert_eq!((stored.objects.len(), stored.entries.len(), stored.chunks.len()), (1, 4, 2));
        db.delete_object(object_id(&content)).unwrap();
        assert_holds(&path, [], []);
    }
}

#[test]
fn the_empty_object_is_assembled_from_nothing() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.assemble_object_from_chunks(object_id(b""), 0, &[]).unwrap();
    assert_holds(&path, [&b""[..]], []);
    native_fault(db.assemble_object_from_chunks(object_id(b""), 0, &[]), Status::ObjectAlreadyExists);
}

#[test]
fn a_chunk_of_a_put_object_serves_an_assembled_one() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let first = bytes(6, 100_000);
    let first_id = db.put_object(&first).unwrap();
    let cut = chunks(&first);
    let content = [cut[3], cut[1], cut[3]].concat();
    let entries = manifest_by_sizes(&content, [cut[3], cut[1], cut[3]].map(<[u8]>::len));
    let id = object_id(&content);
    db.assemble_object_from_chunks(id, content.len() as u64, &entries).unwrap();
    db.delete_object(first_id).unwrap();
    assert_eq!(db.get_object(id).unwrap(), content);
    assert_eq!(rows(&path).chunks.len(), 2);
    db.delete_object(id).unwrap();
    assert_holds(&path, [], []);
}

#[test]
fn assembly_joins_transactions_and_savepoints() {
    let mut kit = Kit::new();
    let before = rows(&kit.path);
    kit.db.begin().unwrap();
    kit.assemble();
    kit.db.rollback().unwrap();
    assert!(rows(&kit.path) == before);
    native_fault(kit.db.object_manifest(kit.id), Status::ObjectNotFound);
    kit.db.savepoint("outer").unwrap();
    kit.db.savepoint("inner").unwrap();
    kit.assemble();
    kit.db.rollback_to_savepoint("inner").unwrap();
    assert!(!kit.db.has_object(kit.id).unwrap());
    kit.assemble();
    kit.db.release_savepoint("outer").unwrap();
    let mut other = Database::open(&kit.path).unwrap();
    assert_eq!(other.get_object(kit.id).unwrap(), kit.content);
}

#[test]
fn chunks_put_and_assembled_in_one_transaction_appear_together() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.exec("pragma foreign_keys = on").unwrap();
    let content = bytes(7, 30_000);
    db.begin_immediate().unwrap();
    assemble(&mut db, &content, equal_sizes(&content, 7000));
    assert!(rows(&path) == Rows::default());
    db.commit().unwrap();
    assert_eq!(rows(&path).entries.len(), 5);
    assert_eq!(number_of(&mut db, "select count(*) from pragma_foreign_key_check"), 0);
    db.delete_object(object_id(&content)).unwrap();
    assert_holds(&path, [], []);
}

#[test]
fn assembly_leaves_the_application_s_counters_alone_and_goes_on_beside_a_cursor() {
    let mut kit = Kit::new();
    kit.db.exec("create table t(a); insert into t(rowid, a) values (41, 1), (42, 2)").unwrap();
    let mut cursor = kit.db.prepare_owned("select a from t").unwrap();
    cursor.step().unwrap();
    kit.assemble();
    cursor.step().unwrap();
    assert_eq!(cursor.column_i64(0).unwrap(), 2);
    assert_eq!(kit.db.last_insert_rowid().unwrap(), 42);
    assert_eq!((kit.db.changes().unwrap(), kit.db.total_changes().unwrap()), (2, 2));
    // Committed beside the cursor.
    assert!(Database::open(&kit.path).unwrap().has_object(kit.id).unwrap());
}

#[test]
fn the_assembled_object_of_a_published_file_is_like_any_other() {
    let scratch = Scratch::new();
    let path = scratch.fixture("plain.zova");
    let expected = expected("plain.zova");
    let id: ObjectId = expected["assembled_object"]["id"].as_str().unwrap().parse().unwrap();
    let content = bytes(5, 4000);
    assert_eq!(object_id(&content), id);
    let entries = manifest_by_sizes(&content, [1000, 3000]);
    let mut db = Database::open(&path).unwrap();
    assert_eq!(db.object_manifest(id).unwrap().chunks, entries);
    assert_eq!(db.get_object(id).unwrap(), content);
    db.verify_object(id).unwrap();
    let mut part = [0; 600];
    assert_eq!(db.read_object_range(id, 700, &mut part).unwrap(), 600);
    assert_eq!(part, content[700..1300]);
    let before = rows(&path);
    assert_eq!(db.put_object(&content).unwrap(), id);
    let mut writer = db.object_writer().unwrap();
    writer.write(&content).unwrap();
    assert_eq!(writer.finish().unwrap(), id);
    native_fault(db.assemble_object_from_chunks(id, 4000, &entries), Status::ObjectAlreadyExists);
    assert!(rows(&path) == before);
    db.delete_object(id).unwrap();
    let after = rows(&path);
    assert_eq!(after.chunks.len(), before.chunks.len() - 2);
    assemble(&mut db, &content, [1000, 3000]);
    assert!(rows(&path) == before);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn any_cut_in_any_order_assembles_and_reads_back(
        seed in 0u64..1000,
        symbols in prop::sample::select(vec![1u8, 2, 255]),
        sizes in prop::collection::vec(prop_oneof![1usize..40, 1000usize..9000, Just(65536)], 1..12),
        order in any::<u64>(),
    ) {
        let scratch = Scratch::new();
        let (mut db, path) = quick_database(&scratch);
        let content: Vec<u8> =
            bytes(seed, sizes.iter().sum()).into_iter().map(|byte| byte % symbols).collect();
        let sorted = manifest_by_sizes(&content, sizes);
        put_chunks(&mut db, &content, &sorted);
        let mut entries = sorted.clone();
        entries.sort_by_key(|entry| entry.index.wrapping_add(1).wrapping_mul(order | 1));
        let id = object_id(&content);
        db.assemble_object_from_chunks(id, content.len() as u64, &entries).unwrap();
        prop_assert_eq!(db.object_manifest(id).unwrap().chunks, sorted);
        prop_assert!(db.get_object(id).unwrap() == content);
        db.verify_object(id).unwrap();
        db.delete_object(id).unwrap();
        assert_holds(&path, [], []);
    }
}
