//! Files written by the published implementation are read, extended and emptied here, and hold what this library
//! would have written.

use serde_json::Value;
use zova::{Database, ObjectId, Status};

use crate::common::reference::{Rows, from_hex, sha256};
use crate::common::{Scratch, bytes, edit, expected, number_of, one, raw, text_of};
use crate::{READ_ONLY, open_accepted, open_refused};

/// An object that `expected.json` describes.
struct Known {
    id: ObjectId,
    content: Vec<u8>,
    /// Lengths of its chunks where they are not those of the chunker.
    foreign_chunks: Option<Vec<usize>>,
}

fn known_objects(fixture: &str) -> Vec<Known> {
    let expected = expected(fixture);
    let number = |value: &Value| value.as_u64().expect("a number");
    let id = |value: &Value| ObjectId::from(from_hex(value["id"].as_str().expect("an id")));
    let mut known: Vec<Known> = expected["objects"]
        .as_array()
        .expect("objects")
        .iter()
        .map(|object| Known {
            id: id(object),
            content: bytes(number(&object["seed"]), number(&object["size"]) as usize),
            foreign_chunks: None,
        })
        .collect();
    let edited = &expected["edited_object"];
    let base =
        expected["objects"].as_array().unwrap().iter().position(|o| o["name"] == edited["base"]).unwrap();
    let mut content = known[base].content.clone();
    content[75_000] ^= number(&edited["xor_byte_75000_with"]) as u8;
    known.push(Known { id: id(edited), content, foreign_chunks: None });
    let assembled = &expected["assembled_object"];
    known.push(Known {
        id: id(assembled),
        content: bytes(number(&assembled["seed"]), number(&assembled["size"]) as usize),
        foreign_chunks: Some(
            assembled["chunk_sizes"].as_array().unwrap().iter().map(|size| number(size) as usize).collect(),
        ),
    });
    known
}

#[test]
fn files_of_the_published_implementation_open_and_stay_as_they_are() {
    let scratch = Scratch::new();
    for name in ["empty.zova", "plain.zova"] {
        let path = scratch.fixture(name);
        open_accepted(&path);
        let mut db = Database::open(&path).unwrap();
        assert_eq!(text_of(&mut db, "pragma integrity_check"), "ok");
        drop(db);
        open_accepted(&path);
    }
}

#[test]
fn its_stores_and_what_is_bound_to_them_are_refused_with_their_own_status() {
    let scratch = Scratch::new();
    for name in ["bound_objects.zova", "bound_vectors.zova"] {
        open_refused(&scratch.fixture(name), Status::BoundStoreInvalid);
    }
    // This version has no stores yet; the file must never open as if it were empty.
    open_refused(&scratch.fixture("bound_main.zova"), Status::BoundStoreInvalid);
}

#[test]
fn a_file_with_a_bundled_extension_opens() {
    let scratch = Scratch::new();
    drop(Database::open_with_options(scratch.fixture("full.zova"), READ_ONLY).unwrap());
}

#[test]
fn a_file_whose_extension_has_another_version_is_refused_and_names_it() {
    let scratch = Scratch::new();
    let path = scratch.fixture("full.zova");
    edit(&path, "update _zova_extensions set version = '9.9.9'");
    let message = open_refused(&path, Status::ExtensionIncompatible);
    assert!(message.contains("trgm"), "{message}");
}

#[test]
fn its_objects_read_back_whole() {
    let scratch = Scratch::new();
    let mut db = Database::open_with_options(scratch.fixture("plain.zova"), READ_ONLY).unwrap();
    let known = known_objects("plain.zova");
    assert_eq!(known.len(), 7);
    for Known { id, content, .. } in known {
        assert_eq!(id.into_bytes(), sha256(&content));
        assert!(db.has_object(id).unwrap());
        assert_eq!(db.object_size(id).unwrap(), content.len() as u64);
        assert_eq!(db.get_object(id).unwrap(), content);
    }
}

#[test]
fn its_objects_read_back_in_ranges() {
    let scratch = Scratch::new();
    let mut db = Database::open(scratch.fixture("plain.zova")).unwrap();
    for Known { id, content, .. } in known_objects("plain.zova") {
        let size = content.len();
        for offset in
            [0, 1, 999, 1000, 1001, 2047, 2048, 65535, 65536, 75_000, 100_000, size.saturating_sub(1), size]
        {
            for length in [0, 1, 2, 1000, 9000, 70_000, 200_000] {
                if offset > size {
                    continue;
                }
                let mut buffer = vec![0xee; length];
                let copied = db.read_object_range(id, offset as u64, &mut buffer).unwrap();
                assert_eq!(copied, length.min(size - offset));
                assert_eq!(buffer[..copied], content[offset..offset + copied]);
                assert!(buffer[copied..].iter().all(|byte| *byte == 0xee), "{offset}+{length}");
            }
        }
    }
}

#[test]
fn its_records_read_back() {
    let scratch = Scratch::new();
    let mut db = Database::open(scratch.fixture("plain.zova")).unwrap();
    assert_eq!(number_of(&mut db, "select count(*) from notes"), 3);
    assert_eq!(text_of(&mut db, "select body from notes order by rowid limit 1"), "hello");
    assert_eq!(text_of(&mut db, "select body from notes order by rowid limit 1 offset 2"), "\u{1f600}");
    assert_eq!(number_of(&mut db, "select max(length(payload)) from notes"), 9000);
}

#[test]
fn the_same_bytes_are_stored_in_the_same_rows_here() {
    let scratch = Scratch::new();
    let theirs = Rows::read(&raw(&scratch.fixture("plain.zova")));
    let (mut db, path) = scratch.database("a.zova");
    let known = known_objects("plain.zova");
    for object in known.iter().filter(|object| object.foreign_chunks.is_none()) {
        assert_eq!(db.put_object(&object.content).unwrap(), object.id);
    }
    let ours = Rows::read(&raw(&path));
    assert_eq!(ours, Rows::of(known.iter().filter(|o| o.foreign_chunks.is_none()).map(|o| &o.content[..])));
    for (id, row) in &ours.objects {
        assert_eq!(theirs.objects.get(id), Some(row));
    }
    for (place, entry) in &ours.entries {
        assert_eq!(theirs.entries.get(place), Some(entry));
    }
    for (hash, data) in &ours.chunks {
        assert_eq!(theirs.chunks.get(hash), Some(data));
    }
    // What only they have: the assembled object, and the loose chunk.
    assert_eq!(theirs.objects.len(), ours.objects.len() + 1);
    let assembled = known.iter().find(|object| object.foreign_chunks.is_some()).unwrap();
    let lengths: Vec<i64> = theirs
        .entries
        .range((assembled.id.into_bytes(), 0)..=(assembled.id.into_bytes(), i64::MAX))
        .map(|(_, entry)| entry.size)
        .collect();
    assert_eq!(lengths, [1000, 3000]);
}

#[test]
fn new_objects_join_theirs_and_share_their_chunks() {
    let scratch = Scratch::new();
    let path = scratch.fixture("plain.zova");
    let before = Rows::read(&raw(&path));
    let known = known_objects("plain.zova");
    let mut db = Database::open(&path).unwrap();
    for object in &known {
        assert_eq!(db.put_object(&object.content).unwrap(), object.id);
    }
    assert_eq!(Rows::read(&raw(&path)), before);

    let mut extended = known[4].content.clone();
    extended.extend(bytes(77, 30_000));
    let id = db.put_object(&extended).unwrap();
    let mut after = before.clone();
    after.add(&extended);
    assert_eq!(Rows::read(&raw(&path)), after);
    assert!(after.chunks.len() < before.chunks.len() + 10, "no chunk was shared");
    assert_eq!(db.get_object(id).unwrap(), extended);
    db.delete_object(id).unwrap();
    assert_eq!(Rows::read(&raw(&path)), before);
}

#[test]
fn deleting_their_objects_one_by_one_keeps_what_others_use_and_the_loose_chunk() {
    let scratch = Scratch::new();
    let path = scratch.fixture("plain.zova");
    let loose = expected("plain.zova")["loose_chunk"].clone();
    let loose = (from_hex(loose["hash"].as_str().unwrap()), bytes(6, 777));
    assert_eq!(
        one::<i64>(
            &raw(&path),
            "select count(*) from sqlite_schema where name like '\\_zova\\_idx%' escape '\\'"
        ),
        0
    );
    let mut db = Database::open(&path).unwrap();
    let mut known = known_objects("plain.zova");
    while let Some(deleted) = known.pop() {
        db.delete_object(deleted.id).unwrap();
        assert!(!db.has_object(deleted.id).unwrap());
        for other in &known {
            assert_eq!(db.get_object(other.id).unwrap(), other.content);
        }
        let mut rest = Rows::of(known.iter().map(|object| &object.content[..]));
        rest.chunks.insert(loose.0, loose.1.clone());
        assert_eq!(Rows::read(&raw(&path)), rest);
    }
    assert_eq!(text_of(&mut db, "pragma integrity_check"), "ok");
    assert_eq!(number_of(&mut db, "select count(*) from pragma_foreign_key_check"), 0);
}

#[test]
fn opening_their_file_adds_no_index_to_it() {
    let scratch = Scratch::new();
    let path = scratch.fixture("plain.zova");
    let schema = "select group_concat(name || coalesce(sql, ''), char(10)) from sqlite_schema";
    let before = one::<String>(&raw(&path), schema);
    let mut db = Database::open(&path).unwrap();
    let id = db.put_object(b"new here").unwrap();
    db.delete_object(id).unwrap();
    drop(db);
    assert_eq!(one::<String>(&raw(&path), schema), before);
}
