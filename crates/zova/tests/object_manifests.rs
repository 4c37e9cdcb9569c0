//! Manifests, and objects assembled from stored chunks.

mod common;
#[path = "common/damage.rs"]
mod damage;
#[path = "common/objects.rs"]
mod objects;

use proptest::prelude::*;
use zova::{Database, ObjectId, ObjectManifestChunk, Status};

use common::reference::{Rows, chunks};
use common::{Scratch, bytes, edit, native_fault, number_of, one, raw};
use damage::assert_allowed;
use objects::{
    READ_ONLY, assemble, assert_holds, chunk_id, drop_chunk_index, equal_sizes, golden_vectors,
    manifest_by_sizes, manifest_of, object_id, put_chunks, quick_database, rows,
};

/// What every refused assembly below must leave: nothing.
#[track_caller]
fn refused(
    db: &mut Database,
    path: &std::path::Path,
    id: ObjectId,
    size: u64,
    entries: &[ObjectManifestChunk],
    status: Status,
) {
    let before = rows(path);
    native_fault(db.assemble_object_from_chunks(id, size, entries), status);
    assert!(rows(path) == before, "the refused assembly left something");
    // Beside other work of the caller's transaction it leaves nothing either.
    db.begin().unwrap();
    db.put_object_chunk(chunk_id(b"beside"), b"beside").unwrap();
    native_fault(db.assemble_object_from_chunks(id, size, entries), status);
    db.commit().unwrap();
    assert!(db.delete_object_chunk(chunk_id(b"beside")).unwrap());
    assert!(rows(path) == before, "the refused assembly left something in the caller's transaction");
}

/// A database with the chunks of a content of 10,000 bytes, cut every 1,000 bytes.
struct Kit {
    _scratch: Scratch,
    db: Database,
    path: std::path::PathBuf,
    content: Vec<u8>,
    id: ObjectId,
    entries: Vec<ObjectManifestChunk>,
}

impl Kit {
    fn new() -> Self {
        let scratch = Scratch::new();
        let (mut db, path) = quick_database(&scratch);
        let content = bytes(1, 10_000);
        let entries = manifest_by_sizes(&content, equal_sizes(&content, 1000));
        put_chunks(&mut db, &content, &entries);
        Self { _scratch: scratch, db, path, id: object_id(&content), content, entries }
    }

    #[track_caller]
    fn refuses(&mut self, entries: &[ObjectManifestChunk], status: Status) {
        refused(&mut self.db, &self.path, self.id, 10_000, entries, status);
    }

    /// The entries after a change of one of them.
    fn with(&self, index: usize, change: impl FnOnce(&mut ObjectManifestChunk)) -> Vec<ObjectManifestChunk> {
        let mut entries = self.entries.clone();
        change(&mut entries[index]);
        entries
    }

    fn assemble(&mut self) {
        self.db.assemble_object_from_chunks(self.id, 10_000, &self.entries).unwrap();
        assert_eq!(self.db.get_object(self.id).unwrap(), self.content);
    }
}

#[test]
fn the_manifest_of_every_golden_vector_is_the_published_one() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    for golden in golden_vectors() {
        let id = db.put_object(&golden.content).unwrap();
        assert_eq!(id, golden.id, "{}", golden.name);
        let manifest = db.object_manifest(id).unwrap();
        assert_eq!(manifest.object_id, id);
        assert_eq!(manifest.size_bytes, golden.content.len() as u64);
        assert_eq!(manifest.chunk_count, golden.lengths.len() as u64);
        assert_eq!(manifest.chunker, "fastcdc-v1");
        golden.assert_manifest(&manifest.chunks);
    }
}

#[test]
fn the_empty_object_has_a_manifest_without_chunks() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    native_fault(db.object_manifest(object_id(b"")), Status::ObjectNotFound);
    let id = db.put_object(b"").unwrap();
    let manifest = db.object_manifest(id).unwrap();
    assert_eq!((manifest.size_bytes, manifest.chunk_count), (0, 0));
    assert!(manifest.chunks.is_empty());
    assert_eq!(manifest.chunker, "fastcdc-v1");
}

#[test]
fn a_missing_object_has_no_manifest_even_if_a_chunk_has_its_id() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.put_object_chunk(chunk_id(b"chunk"), b"chunk").unwrap();
    let message = native_fault(db.object_manifest(object_id(b"chunk")), Status::ObjectNotFound);
    assert!(message.contains(&object_id(b"chunk").to_string()), "{message}");
}

#[test]
fn a_manifest_notices_every_damage_but_that_of_bytes() {
    for damage in damage::ALL {
        let mut victim = damage.victim();
        assert_allowed(damage.name, victim.db.object_manifest(victim.id), damage.manifest);
    }
}

#[test]
fn a_damaged_chunk_is_reported_by_its_own_calls_only_where_it_is_damaged() {
    for damage in damage::ALL {
        let mut victim = damage.victim();
        assert_allowed(damage.name, victim.db.get_object_chunk(victim.chunk), damage.chunk);
        match victim.db.has_object_chunk(victim.chunk) {
            Ok(found) => {
                assert_eq!(found, damage.chunk == [None], "{}", damage.name);
            }
            refused => assert_allowed(damage.name, refused, damage.chunk),
        }
    }
}

#[test]
fn a_manifest_sees_the_handle_s_own_changes() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.begin().unwrap();
    let content = bytes(2, 50_000);
    let id = db.put_object(&content).unwrap();
    assert_eq!(db.object_manifest(id).unwrap().chunks, manifest_of(&content));
    db.rollback().unwrap();
    native_fault(db.object_manifest(id), Status::ObjectNotFound);
}

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
fn a_half_stepped_writing_statement_comes_before_everything() {
    let mut kit = Kit::new();
    kit.assemble();
    kit.db.exec("create table t(a)").unwrap();
    let mut insert = kit.db.prepare_owned("insert into t values (1), (2) returning a").unwrap();
    insert.step().unwrap();
    let id = kit.id;
    let active = Status::ObjectTransactionActive;
    native_fault(kit.db.assemble_object_from_chunks(id, 10_000, &kit.entries), active);
    native_fault(kit.db.assemble_object_from_chunks(id, u64::MAX, &[]), active);
    native_fault(kit.db.assemble_object_from_chunks(object_id(b"x"), 0, &[]), active);
    drop(insert);
    native_fault(kit.db.assemble_object_from_chunks(id, u64::MAX, &[]), Status::ObjectAlreadyExists);
}

#[test]
fn a_stored_object_is_verified_before_the_input_is_examined() {
    let mut kit = Kit::new();
    kit.assemble();
    let nonsense = [ObjectManifestChunk { index: 7, hash: chunk_id(b"x"), offset: 9, size_bytes: 0 }];
    let inputs: [(u64, &[ObjectManifestChunk]); 6] = [
        (10_000, &kit.entries),
        (9_999, &kit.entries),
        (10_000, &nonsense),
        (10_000, &[]),
        (0, &nonsense),
        (u64::MAX, &nonsense),
    ];
    for (size, entries) in inputs {
        native_fault(kit.db.assemble_object_from_chunks(kit.id, size, entries), Status::ObjectAlreadyExists);
    }
    edit(
        &kit.path,
        &format!(
            "update _zova_chunks set data = zeroblob(1000) where chunk_hash = x'{}'",
            kit.entries[9].hash
        ),
    );
    for (size, entries) in inputs {
        native_fault(kit.db.assemble_object_from_chunks(kit.id, size, entries), Status::ObjectCorrupt);
    }
}

#[test]
fn assembling_a_damaged_object_answers_by_the_damage() {
    for damage in damage::ALL {
        let mut victim = damage.victim();
        let entries = manifest_of(&victim.content);
        let before = std::fs::read(&victim.path).unwrap();
        let outcome = victim.db.assemble_object_from_chunks(victim.id, 200_000, &entries);
        assert_allowed(damage.name, outcome, damage.assemble);
        assert!(std::fs::read(&victim.path).unwrap() == before, "{}: the file changed", damage.name);
    }
}

#[test]
fn a_size_beyond_the_largest_is_too_large_whatever_the_entries() {
    let mut kit = Kit::new();
    let entries = kit.entries.clone();
    for size in [1 << 63, u64::MAX] {
        for entries in [&entries[..], &[], &entries[3..]] {
            let (id, path) = (kit.id, kit.path.clone());
            refused(&mut kit.db, &path, id, size, entries, Status::ObjectTooLarge);
            refused(&mut kit.db, &path, object_id(b""), size, entries, Status::ObjectTooLarge);
        }
    }
}

#[test]
fn an_empty_manifest_goes_with_the_empty_object_only() {
    let mut kit = Kit::new();
    let (id, path, entries) = (kit.id, kit.path.clone(), kit.entries.clone());
    let absent = ObjectManifestChunk { index: 0, hash: chunk_id(b"absent"), offset: 0, size_bytes: 0 };
    let invalid = Status::ObjectManifestInvalid;
    let db = &mut kit.db;
    refused(db, &path, id, 0, &[], invalid);
    refused(db, &path, id, 0, &entries, invalid);
    refused(db, &path, object_id(b""), 0, &entries, invalid);
    refused(db, &path, object_id(b""), 0, &[absent], invalid);
    for size in [1, 10_000, i64::MAX as u64] {
        refused(db, &path, id, size, &[], invalid);
        refused(db, &path, object_id(b""), size, &[], invalid);
    }
    kit.assemble();
}

#[test]
fn entries_that_do_not_follow_each_other_are_invalid() {
    let mut kit = Kit::new();
    let changes: [fn(&mut ObjectManifestChunk); 16] = [
        |entry| entry.index = 10,
        |entry| entry.index = 3,
        |entry| entry.index = u64::MAX,
        |entry| entry.index = 1 << 32,
        |entry| entry.offset += 1,
        |entry| entry.offset -= 1,
        |entry| entry.offset = 0,
        |entry| entry.offset = u64::MAX,
        |entry| entry.offset = 1 << 63,
        |entry| entry.size_bytes = 0,
        |entry| entry.size_bytes = 999,
        |entry| entry.size_bytes = 1001,
        |entry| entry.size_bytes = 65536,
        |entry| entry.size_bytes = 65537,
        |entry| entry.size_bytes = u64::MAX,
        |entry| entry.size_bytes += 1 << 32,
    ];
    for change in changes {
        for index in [4, 9] {
            let entries = kit.with(index, change);
            kit.refuses(&entries, Status::ObjectManifestInvalid);
            let reversed: Vec<_> = entries.into_iter().rev().collect();
            kit.refuses(&reversed, Status::ObjectManifestInvalid);
        }
    }
    // Indexes from 1 on, and a first entry behind the start.
    let shifted: Vec<_> = kit
        .entries
        .iter()
        .map(|entry| ObjectManifestChunk { index: entry.index + 1, ..entry.clone() })
        .collect();
    kit.refuses(&shifted, Status::ObjectManifestInvalid);
    let late = kit.with(0, |entry| entry.offset = 1);
    kit.refuses(&late, Status::ObjectManifestInvalid);
    kit.assemble();
}

#[test]
fn missing_and_surplus_entries_are_invalid() {
    let mut kit = Kit::new();
    let all = kit.entries.clone();
    for gone in 0..10 {
        let mut entries = all.clone();
        entries.remove(gone);
        kit.refuses(&entries, Status::ObjectManifestInvalid);
    }
    let mut twice = all.clone();
    twice.push(all[4].clone());
    kit.refuses(&twice, Status::ObjectManifestInvalid);
    let mut behind = all.clone();
    behind.push(ObjectManifestChunk { index: 10, offset: 10_000, ..all[0].clone() });
    kit.refuses(&behind, Status::ObjectManifestInvalid);
    kit.assemble();
}

#[test]
fn a_chunk_that_is_not_stored_is_not_found() {
    let mut kit = Kit::new();
    for index in [0, 5, 9] {
        let gone = kit.entries[index].clone();
        let start = gone.offset as usize;
        assert!(kit.db.delete_object_chunk(gone.hash).unwrap());
        let entries = kit.entries.clone();
        kit.refuses(&entries, Status::ObjectChunkNotFound);
        kit.db.put_object_chunk(gone.hash, &kit.content[start..start + 1000]).unwrap();
    }
    kit.assemble();
}

#[test]
fn a_damaged_chunk_is_corrupt_and_comes_before_its_size() {
    let mut kit = Kit::new();
    let hash = kit.entries[5].hash;
    for change in
        ["data = zeroblob(1000)", "data = x'00', size_bytes = 1", "size_bytes = 999", "size_bytes = 0"]
    {
        let kept: Vec<u8> =
            one(&raw(&kit.path), &format!("select data from _zova_chunks where chunk_hash = x'{hash}'"));
        edit(&kit.path, &format!("update _zova_chunks set {change} where chunk_hash = x'{hash}'"));
        let entries = kit.entries.clone();
        // `Rows` reads rows whose sizes agree only, so nothing is compared here.
        native_fault(kit.db.assemble_object_from_chunks(kit.id, 10_000, &entries), Status::ObjectCorrupt);
        // The entry's size is compared with a sound chunk only.
        let other_size = kit.with(5, |entry| entry.size_bytes = 500);
        native_fault(kit.db.assemble_object_from_chunks(kit.id, 10_000, &other_size), Status::ObjectCorrupt);
        edit(&kit.path, &format!("delete from _zova_chunks where chunk_hash = x'{hash}'"));
        kit.db.put_object_chunk(hash, &kept).unwrap();
    }
    assert!(!kit.db.has_object(kit.id).unwrap());
    kit.assemble();
}

#[test]
fn an_entry_of_another_size_than_its_chunk_is_invalid() {
    let mut kit = Kit::new();
    // Offsets and total fit: only the stored chunks have other sizes.
    let mut entries = kit.entries.clone();
    entries[3].size_bytes = 900;
    entries[4].offset = 3900;
    entries[4].size_bytes = 1100;
    kit.refuses(&entries, Status::ObjectManifestInvalid);
    kit.assemble();
}

#[test]
fn sizes_must_add_up_to_the_total_and_bytes_hash_to_the_id() {
    let mut kit = Kit::new();
    let (path, id, entries) = (kit.path.clone(), kit.id, kit.entries.clone());
    let invalid = Status::ObjectManifestInvalid;
    for size in [1, 999, 9_999, 10_001, 20_000, i64::MAX as u64] {
        refused(&mut kit.db, &path, id, size, &entries, invalid);
    }
    for wrong in [object_id(b"x"), object_id(b""), ObjectId::from([0; 32])] {
        refused(&mut kit.db, &path, wrong, 10_000, &entries, invalid);
    }
    // The same chunks in another order.
    let mut swapped = entries.clone();
    (swapped[2].hash, swapped[7].hash) = (entries[7].hash, entries[2].hash);
    kit.refuses(&swapped, invalid);
    kit.assemble();
}

/// What is wrong with one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Place,
    Absent,
    Damaged,
    Size,
}

impl Wrong {
    fn status(self) -> Status {
        match self {
            Wrong::Place | Wrong::Size => Status::ObjectManifestInvalid,
            Wrong::Absent => Status::ObjectChunkNotFound,
            Wrong::Damaged => Status::ObjectCorrupt,
        }
    }

    fn apply(self, kit: &mut Kit, index: usize) {
        let entry = kit.entries[index].clone();
        match self {
            Wrong::Place => kit.entries[index].offset += 1,
            Wrong::Absent => kit.entries[index].hash = chunk_id(format!("absent {index}").as_bytes()),
            Wrong::Damaged => edit(
                &kit.path,
                &format!(
                    "update _zova_chunks set data = zeroblob(1000) where chunk_hash = x'{}'",
                    entry.hash
                ),
            ),
            Wrong::Size => {
                kit.entries[index].size_bytes = 900;
                for later in &mut kit.entries[index + 1..] {
                    later.offset -= 100;
                }
            }
        }
    }
}

#[test]
fn the_first_wrong_entry_decides() {
    let kinds = [Wrong::Place, Wrong::Absent, Wrong::Damaged, Wrong::Size];
    for first in kinds {
        for second in kinds {
            for reversed in [false, true] {
                let mut kit = Kit::new();
                second.apply(&mut kit, 6);
                first.apply(&mut kit, 3);
                if reversed {
                    kit.entries.reverse();
                }
                let result = kit.db.assemble_object_from_chunks(kit.id, 10_000, &kit.entries);
                assert_eq!(
                    result.unwrap_err().status(),
                    Some(first.status()),
                    "{first:?} in entry 3, {second:?} in entry 6"
                );
            }
        }
    }
}

#[test]
fn one_entry_s_place_comes_before_its_chunk_and_the_chunk_before_the_total() {
    for wrong in [Wrong::Absent, Wrong::Damaged, Wrong::Size] {
        let mut kit = Kit::new();
        wrong.apply(&mut kit, 4);
        let misplaced = kit.with(4, |entry| entry.offset += 1);
        let result = kit.db.assemble_object_from_chunks(kit.id, 10_000, &misplaced);
        native_fault(result, Status::ObjectManifestInvalid);
        // The last entry is missing, the id is wrong: both come after the fault of the entry.
        let short = &kit.entries[..9];
        let result = kit.db.assemble_object_from_chunks(object_id(b"x"), 10_000, short);
        native_fault(result, wrong.status());
    }
}

#[test]
fn manifest_rows_without_their_object_are_a_contradiction() {
    let mut kit = Kit::new();
    kit.assemble();
    edit(&kit.path, "delete from _zova_objects");
    let entries = kit.entries.clone();
    kit.refuses(&entries, Status::Constraint);
    assert!(!kit.db.has_object(kit.id).unwrap());
    edit(&kit.path, "delete from _zova_object_chunks");
    kit.assemble();
}

#[test]
fn a_read_only_handle_assembles_nothing() {
    let mut kit = Kit::new();
    let mut reader = Database::open_with_options(&kit.path, READ_ONLY).unwrap();
    let refused = reader.assemble_object_from_chunks(kit.id, 10_000, &kit.entries);
    native_fault(refused, Status::ReadOnly);
    drop(reader);
    kit.assemble();
    let mut reader = Database::open_with_options(&kit.path, READ_ONLY).unwrap();
    let refused = reader.assemble_object_from_chunks(kit.id, 10_000, &kit.entries);
    assert!(
        matches!(
            refused.as_ref().unwrap_err().status(),
            Some(Status::ReadOnly | Status::ObjectAlreadyExists)
        ),
        "{refused:?}"
    );
}

#[test]
fn a_lock_held_elsewhere_is_busy_and_assembly_may_be_repeated() {
    let mut kit = Kit::new();
    let other = raw(&kit.path);
    for lock in ["begin immediate", "begin exclusive"] {
        other.execute_batch(lock).unwrap();
        native_fault(kit.db.assemble_object_from_chunks(kit.id, 10_000, &kit.entries), Status::Busy);
        other.execute_batch("rollback").unwrap();
    }
    kit.assemble();
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
    let expected = common::expected("plain.zova");
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

#[test]
fn the_manifests_of_a_published_file_are_those_of_the_format() {
    let scratch = Scratch::new();
    let mut db = Database::open(scratch.fixture("plain.zova")).unwrap();
    for object in common::expected("plain.zova")["objects"].as_array().unwrap() {
        let content = bytes(object["seed"].as_u64().unwrap(), object["size"].as_u64().unwrap() as usize);
        let manifest = db.object_manifest(object["id"].as_str().unwrap().parse().unwrap()).unwrap();
        assert_eq!(manifest.chunks, manifest_of(&content), "{}", object["name"]);
    }
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
