//! Deleting: which chunks go, which stay, with and without an index on the references, and on damaged objects.

use std::path::PathBuf;

use zova::{Database, Status};

use crate::common::reference::{Rows, chunks, sha256};
use crate::common::{Scratch, bytes, edit, native_fault, one, raw};
use crate::{id_of, literal, rows, rows_of};

/// What the references to chunks are indexed by. None of it may change what a delete does.
const INDEXINGS: [&str; 8] = [
    "",
    "create index i on _zova_object_chunks(chunk_hash)",
    "create index i on _zova_object_chunks(chunk_hash desc, object_id)",
    "create index i on _zova_object_chunks(chunk_hash) where chunk_index = 0",
    "create index i on _zova_object_chunks(chunk_hash) where object_id = zeroblob(32)",
    "create index i on _zova_object_chunks(object_id, chunk_hash)",
    "create index \"odd ' \"\" name\" on _zova_object_chunks(chunk_hash)",
    "create index i on _zova_object_chunks(chunk_hash collate nocase)",
];

/// A new database whose references are indexed as given instead of by the library's own index.
fn indexed(scratch: &Scratch, at: usize, indexing: &str) -> (Database, PathBuf) {
    let (db, path) = scratch.database(&format!("{at}.zova"));
    let own = one::<String>(
        &raw(&path),
        "select name from sqlite_schema where tbl_name = '_zova_object_chunks' and type = 'index' and sql is not null",
    );
    edit(&path, &format!("drop index {own}; {indexing}"));
    drop(db);
    let mut db = Database::open(&path).unwrap();
    db.exec("pragma synchronous = off").unwrap();
    (db, path)
}

#[test]
fn chunks_stay_as_long_as_another_manifest_names_them() {
    let scratch = Scratch::new();
    let first = bytes(1, 100_000);
    let second = [&first[..60_000], &bytes(2, 30_000)].concat();
    let third = [vec![5; 65536], first.clone()].concat();
    let contents = [&first[..], &second, &third, b"", &[5; 3 * 65536]];
    for (at, indexing) in INDEXINGS.into_iter().enumerate() {
        let (mut db, path) = indexed(&scratch, at, indexing);
        for content in contents {
            db.put_object(content).unwrap();
        }
        for gone in 0..contents.len() {
            db.delete_object(id_of(contents[gone])).unwrap();
            assert_eq!(rows(&path), rows_of(&contents[gone + 1..]), "{indexing}");
            native_fault(db.delete_object(id_of(contents[gone])), Status::ObjectNotFound);
        }
    }
}

#[test]
fn a_manifest_without_an_object_keeps_its_chunks() {
    let scratch = Scratch::new();
    let (first, second) = (bytes(1, 50_000), [bytes(1, 50_000), bytes(2, 20_000)].concat());
    for (at, indexing) in INDEXINGS.into_iter().enumerate() {
        let (mut db, path) = indexed(&scratch, at, indexing);
        db.put_object(&first).unwrap();
        db.put_object(&second).unwrap();
        edit(&path, &format!("delete from _zova_objects where object_id = {}", literal(&sha256(&second))));
        db.delete_object(id_of(&first)).unwrap();
        let mut expected = rows_of(&[&second]);
        expected.objects.clear();
        assert_eq!(rows(&path), expected, "{indexing}");
    }
}

/// Damage to the rows of one object, and whether it leaves chunks behind that its manifest no longer names.
fn damages(content: &[u8]) -> Vec<(String, bool)> {
    let object = literal(&sha256(content));
    let chunk = literal(&sha256(chunks(content)[1]));
    let entry = |index: i64| format!("where object_id = {object} and chunk_index = {index}");
    vec![
        (format!("update _zova_object_chunks set chunk_hash = x'00' {}", entry(1)), true),
        (format!("update _zova_object_chunks set chunk_hash = x'' {}", entry(1)), true),
        (format!("update _zova_object_chunks set chunk_hash = 'text' {}", entry(1)), true),
        (format!("update _zova_object_chunks set chunk_hash = 7 {}", entry(1)), true),
        (format!("update _zova_object_chunks set chunk_hash = zeroblob(32) {}", entry(1)), true),
        (format!("update _zova_object_chunks set chunk_hash = zeroblob(33) {}", entry(1)), true),
        (format!("update _zova_object_chunks set chunk_index = -5 {}", entry(1)), false),
        (format!("update _zova_object_chunks set chunk_index = 'text' {}", entry(1)), false),
        (format!("update _zova_object_chunks set offset = -1, size_bytes = 'x' {}", entry(1)), false),
        (format!("delete from _zova_object_chunks {}", entry(1)), true),
        (format!("delete from _zova_object_chunks where object_id = {object}"), true),
        (format!("delete from _zova_chunks where chunk_hash = {chunk}"), false),
        (format!("update _zova_chunks set data = x'00' where chunk_hash = {chunk}"), false),
        (format!("update _zova_chunks set data = 'text', size_bytes = -1 where chunk_hash = {chunk}"), false),
        (
            format!(
                "update _zova_objects set size_bytes = -1, chunk_count = 'x', chunker = '' where object_id = {object}"
            ),
            false,
        ),
        (
            format!("update _zova_objects set chunk_count = 9223372036854775807 where object_id = {object}"),
            false,
        ),
        (format!("insert into _zova_object_chunks values ({object}, 999, {chunk}, 0, 1)"), false),
    ]
}

#[test]
fn a_damaged_object_can_be_deleted_and_others_are_not_touched() {
    let scratch = Scratch::new();
    let (content, other) = (bytes(1, 70_000), bytes(2, 70_000));
    for (at, (damage, leaves_chunks)) in damages(&content).into_iter().enumerate() {
        for (part, indexing) in INDEXINGS[..2].iter().enumerate() {
            let (mut db, path) = indexed(&scratch, 2 * at + part, indexing);
            let id = db.put_object(&content).unwrap();
            let other_id = db.put_object(&other).unwrap();
            edit(&path, &damage);
            db.delete_object(id).unwrap_or_else(|error| panic!("{error}: {damage}"));
            assert!(!db.has_object(id).unwrap());
            assert_eq!(db.get_object(other_id).unwrap(), other, "{damage}");
            let (found, expected) = (rows(&path), rows_of(&[&other]));
            assert_eq!(found.objects, expected.objects, "{damage}");
            assert_eq!(found.entries, expected.entries, "{damage}");
            let left: Vec<_> =
                found.chunks.keys().filter(|hash| !expected.chunks.contains_key(*hash)).collect();
            assert_eq!(!left.is_empty(), leaves_chunks, "{damage}");
            assert!(
                expected.chunks.iter().all(|(hash, data)| found.chunks.get(hash) == Some(data)),
                "{damage}"
            );
        }
    }
}

#[test]
fn a_deleted_object_can_be_stored_again() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let content = bytes(1, 50_000);
    for _ in 0..3 {
        let id = db.put_object(&content).unwrap();
        assert_eq!(db.get_object(id).unwrap(), content);
        db.delete_object(id).unwrap();
        assert_eq!(rows(&path), Rows::default());
    }
}

#[test]
fn an_object_of_many_chunks_is_deleted_completely() {
    // More entries than are taken out at a time; boundaries as another program may have chosen them.
    let scratch = Scratch::new();
    for (at, indexing) in INDEXINGS[..2].iter().enumerate() {
        let (mut db, path) = indexed(&scratch, at, indexing);
        let content: Vec<u8> = (0..10_000u32).flat_map(|at| at.to_le_bytes()).collect();
        let id = literal(&sha256(&content));
        let mut connection = raw(&path);
        let transaction = connection.transaction().unwrap();
        transaction
            .execute(
                &format!("insert into _zova_objects values ({id}, {}, 10000, 'fastcdc-v1')", content.len()),
                [],
            )
            .unwrap();
        for (index, chunk) in content.chunks(4).enumerate() {
            transaction
                .execute("insert into _zova_chunks values (?1, 4, ?2)", (sha256(chunk), chunk))
                .unwrap();
            transaction
                .execute(
                    &format!("insert into _zova_object_chunks values ({id}, ?1, ?2, ?3, 4)"),
                    (index as i64, sha256(chunk), 4 * index as i64),
                )
                .unwrap();
        }
        transaction.commit().unwrap();
        drop(connection);
        assert_eq!(db.get_object(id_of(&content)).unwrap(), content);
        db.delete_object(id_of(&content)).unwrap();
        assert_eq!(rows(&path), Rows::default());
    }
}
