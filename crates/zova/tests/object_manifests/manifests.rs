//! What the manifest of a stored object says.

use zova::{Database, Status};

use crate::common::{Scratch, bytes, expected, native_fault};
use crate::damage;
use crate::damage::assert_allowed;
use crate::objects::{chunk_id, golden_vectors, manifest_of, object_id};

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
fn the_manifests_of_a_published_file_are_those_of_the_format() {
    let scratch = Scratch::new();
    let mut db = Database::open(scratch.fixture("plain.zova")).unwrap();
    for object in expected("plain.zova")["objects"].as_array().unwrap() {
        let content = bytes(object["seed"].as_u64().unwrap(), object["size"].as_u64().unwrap() as usize);
        let manifest = db.object_manifest(object["id"].as_str().unwrap().parse().unwrap()).unwrap();
        assert_eq!(manifest.chunks, manifest_of(&content), "{}", object["name"]);
    }
}
