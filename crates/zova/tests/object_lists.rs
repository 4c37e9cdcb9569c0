//! Listing the stored objects, and verifying one from end to end.

mod common;
#[path = "common/damage.rs"]
mod damage;
#[path = "common/objects.rs"]
mod objects;

use zova::{Database, ObjectId, ObjectListing, SharedDatabase, Status};

use common::{Scratch, bytes, edit, native_fault, raw};
use damage::assert_allowed;
use objects::{READ_ONLY, assemble, object_id, quick_database};

/// The whole list, page by page.
fn pages(db: &mut Database, limit: usize) -> Vec<ObjectListing> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = db.list_objects(after, limit).unwrap();
        assert!(page.len() <= limit);
        let Some(last) = page.last() else { return all };
        assert!(after.is_none_or(|after: ObjectId| page[0].id.into_bytes() > after.into_bytes()));
        after = Some(last.id);
        all.extend(page);
    }
}

/// Stores `count` objects and gives their contents by ascending id.
fn stored(db: &mut Database, count: u64) -> Vec<Vec<u8>> {
    let mut contents: Vec<Vec<u8>> =
        (0..count).map(|number| bytes(number, (number * number * 37) as usize)).collect();
    contents.sort_by_key(|content| object_id(content).into_bytes());
    db.begin().unwrap();
    for content in &contents {
        db.put_object(content).unwrap();
    }
    db.commit().unwrap();
    contents
}

#[track_caller]
fn assert_lists(listings: &[ObjectListing], contents: &[Vec<u8>]) {
    assert_eq!(listings.len(), contents.len());
    for (listing, content) in listings.iter().zip(contents) {
        assert_eq!(listing.id, object_id(content));
        assert_eq!(listing.size_bytes, content.len() as u64);
        assert_eq!(listing.chunk_count, common::reference::chunks(content).len() as u64);
    }
}

#[test]
fn objects_are_listed_by_ascending_id_with_their_sizes() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    assert!(db.list_objects(None, 10).unwrap().is_empty());
    let contents = stored(&mut db, 60);
    assert_lists(&db.list_objects(None, usize::MAX).unwrap(), &contents);
    assert_lists(&db.list_objects(None, 60).unwrap(), &contents);
    assert_lists(&db.list_objects(None, 59).unwrap(), &contents[..59]);
    assert!(db.list_objects(None, 0).unwrap().is_empty());
}

#[test]
fn pages_of_any_size_give_the_whole_list() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    let contents = stored(&mut db, 40);
    for limit in [1, 2, 7, 39, 40, 41, 1000] {
        assert_lists(&pages(&mut db, limit), &contents);
    }
}

#[test]
fn a_page_begins_behind_any_id_stored_or_not() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    let contents = stored(&mut db, 30);
    let ids: Vec<ObjectId> = contents.iter().map(|content| object_id(content)).collect();
    assert_lists(&db.list_objects(Some(ObjectId::from([0; 32])), 100).unwrap(), &contents);
    assert!(db.list_objects(Some(ObjectId::from([0xff; 32])), 100).unwrap().is_empty());
    assert!(db.list_objects(Some(ids[29]), 100).unwrap().is_empty());
    assert_lists(&db.list_objects(Some(ids[11]), 5).unwrap(), &contents[12..17]);
    let mut between = ids[11].into_bytes();
    between[31] ^= 1;
    let from = ids.partition_point(|id| id.into_bytes() <= between);
    assert_lists(&db.list_objects(Some(ObjectId::from(between)), 100).unwrap(), &contents[from..]);
    db.delete_object(ids[11]).unwrap();
    assert_lists(&db.list_objects(Some(ids[11]), 5).unwrap(), &contents[12..17]);
}

#[test]
fn the_list_is_of_objects_and_of_this_handle_s_view() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    db.put_object_chunk(objects::chunk_id(b"loose"), b"loose").unwrap();
    assemble(&mut db, b"assembled", [4, 5]);
    db.begin().unwrap();
    db.put_object(b"uncommitted").unwrap();
    assert_eq!(db.list_objects(None, 10).unwrap().len(), 2);
    let mut other = Database::open_with_options(&path, READ_ONLY).unwrap();
    assert_eq!(other.list_objects(None, 10).unwrap().len(), 1);
    db.rollback().unwrap();
    let listed = db.list_objects(None, 10).unwrap();
    assert_eq!(listed, other.list_objects(None, 10).unwrap());
    assert_eq!((listed[0].id, listed[0].size_bytes, listed[0].chunk_count), (object_id(b"assembled"), 9, 2));
    drop(db);
    let shared = SharedDatabase::open(&path).unwrap();
    assert_eq!(shared.list_objects(None, 10).unwrap(), listed);
    assert_eq!(shared.with_exclusive(|guard| guard.list_objects(None, 10)).unwrap(), listed);
}

#[test]
fn damaged_rows_do_not_end_the_list_early() {
    for change in ["size_bytes = -1", "chunk_count = -5", "object_id = substr(object_id, 1, 31)"] {
        let scratch = Scratch::new();
        let (mut db, path) = quick_database(&scratch);
        let contents = stored(&mut db, 20);
        for at in [0, 7, 8, 9, 19] {
            edit(
                &path,
                &format!(
                    "update _zova_objects set {change} where object_id = x'{}'",
                    object_id(&contents[at])
                ),
            );
        }
        let sound: Vec<ObjectId> =
            (0..20).filter(|at| ![0, 7, 8, 9, 19].contains(at)).map(|at| object_id(&contents[at])).collect();
        for limit in [1, 2, 3, 100] {
            let listed = pages(&mut db, limit);
            let missing = sound.iter().filter(|id| listed.iter().all(|listing| listing.id != **id)).count();
            assert_eq!(missing, 0, "{change}: pages of {limit} miss sound objects");
        }
    }
}

#[test]
fn a_list_beside_a_lock_is_busy() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let id = db.put_object(b"content").unwrap();
    let other = raw(&path);
    other.execute_batch("begin exclusive").unwrap();
    native_fault(db.list_objects(None, 10), Status::Busy);
    native_fault(db.verify_object(id), Status::Busy);
    other.execute_batch("rollback").unwrap();
    assert_eq!(db.list_objects(None, 10).unwrap().len(), 1);
    db.verify_object(id).unwrap();
}

#[test]
fn the_objects_of_a_published_file_are_listed_and_verified() {
    let scratch = Scratch::new();
    let path = scratch.fixture("plain.zova");
    let expected = common::expected("plain.zova");
    let mut ids: Vec<String> = expected["objects"]
        .as_array()
        .unwrap()
        .iter()
        .chain([&expected["edited_object"], &expected["assembled_object"]])
        .map(|object| object["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    let mut db = Database::open_with_options(&path, READ_ONLY).unwrap();
    let listed: Vec<String> = pages(&mut db, 3).iter().map(|listing| listing.id.to_string()).collect();
    assert_eq!(listed, ids);
    for id in ids {
        db.verify_object(id.parse().unwrap()).unwrap();
    }
}

#[test]
fn verifying_meets_every_kind_of_damage() {
    for damage in damage::ALL {
        let mut victim = damage.victim();
        assert_allowed(damage.name, victim.db.verify_object(victim.id), damage.read);
    }
}

#[test]
fn deleting_works_on_every_kind_of_damage() {
    for damage in damage::ALL {
        let mut victim = damage.victim();
        assert_allowed(damage.name, victim.db.delete_object(victim.id), damage.delete);
        if damage.delete == [None] {
            assert!(!victim.db.has_object(victim.id).unwrap(), "{}", damage.name);
            victim.db.put_object(&victim.content).unwrap();
        }
    }
}

#[test]
fn sound_objects_verify_whatever_their_boundaries() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    for content in [vec![], vec![1], bytes(1, 300_000), vec![7; 200_000]] {
        let id = db.put_object(&content).unwrap();
        db.verify_object(id).unwrap();
    }
    assemble(&mut db, &bytes(2, 70_000), [1, 65536, 4463]);
    db.verify_object(object_id(&bytes(2, 70_000))).unwrap();
    native_fault(db.verify_object(object_id(b"missing")), Status::ObjectNotFound);
}
