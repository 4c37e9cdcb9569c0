//! Assemblies that are refused: which fault decides, and that nothing is left.

use zova::{Database, ObjectId, ObjectManifestChunk, Status};

use crate::common::{edit, native_fault, one, raw};
use crate::damage::assert_allowed;
use crate::objects::{READ_ONLY, chunk_id, manifest_of, object_id};
use crate::{Kit, damage, refused};

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
