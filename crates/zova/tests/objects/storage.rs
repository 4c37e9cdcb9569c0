//! Ids, chunk boundaries, and the rows that a put makes.

use serde_json::Value;
use zova::{Database, Status};

use crate::common::reference::{Rows, chunks, from_hex, hex, sha256};
use crate::common::{Scratch, bytes, edit, native_fault, number_of, raw};
use crate::{id_of, literal, rows, rows_of};

#[test]
fn ids_are_the_sha256_of_the_bytes() {
    for (content, id) in [
        (&b""[..], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (&[b'a'; 1_000_000], "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ] {
        assert_eq!(zova::object_id(content).unwrap().into_bytes(), from_hex(id));
        assert_eq!(zova::object_chunk_id(content).unwrap().into_bytes(), from_hex(id));
    }
}

/// The inputs of the golden vectors, each given by a formula.
fn input(spec: &Value) -> Vec<u8> {
    let number = |key: &str| match &spec[key] {
        Value::String(text) => u64::from_str_radix(text.trim_start_matches("0x"), 16).expect("a number"),
        value => value.as_u64().unwrap_or_else(|| panic!("{key} in {spec}")),
    };
    let length = || number("length") as usize;
    match spec["kind"].as_str().expect("a kind") {
        "splitmix64" => bytes(number("seed"), length()),
        "fill" => vec![number("byte") as u8; length()],
        "repeat" => spec["text"].as_str().expect("a text").bytes().cycle().take(length()).collect(),
        "affine" => {
            let (a, b, c, m) = (number("a"), number("b"), number("c"), number("m"));
            (0..number("length")).map(|i| ((a * i + i / b + c) % m) as u8).collect()
        }
        "concat" => spec["parts"].as_array().expect("parts").iter().flat_map(input).collect(),
        kind => panic!("unknown input kind {kind}"),
    }
}

#[test]
fn every_golden_vector_is_stored_in_the_published_chunks() {
    let golden: Value = serde_json::from_str(include_str!("../data/fastcdc-v1-vectors.json")).unwrap();
    let vectors = golden["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 34);
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.exec("pragma synchronous = off").unwrap();
    let connection = raw(&path);
    let mut manifest = connection
        .prepare("select size_bytes, chunk_hash from _zova_object_chunks where object_id = ?1 order by chunk_index")
        .unwrap();
    for vector in vectors {
        let name = vector["name"].as_str().unwrap();
        let content = input(&vector["input"]);
        let id = db.put_object(&content).unwrap();
        assert_eq!(hex(id.as_ref()), vector["sha256"].as_str().unwrap(), "{name}");
        let stored: Vec<(i64, Vec<u8>)> = manifest
            .query_map([id.as_ref()], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let lengths: Vec<i64> = stored.iter().map(|(length, _)| *length).collect();
        let expected: Vec<i64> = vector["chunk_lengths"]
            .as_array()
            .unwrap()
            .iter()
            .map(|length| length.as_i64().unwrap())
            .collect();
        assert_eq!(lengths, expected, "{name}");
        assert_eq!(db.object_chunk_count(id).unwrap(), vector["chunk_count"].as_u64().unwrap(), "{name}");
        assert_eq!(db.object_size(id).unwrap(), content.len() as u64);
        let hashes: Vec<u8> = stored.into_iter().flat_map(|(_, hash)| hash).collect();
        assert_eq!(hex(&sha256(&hashes)), vector["chunk_hashes_sha256"].as_str().unwrap(), "{name}");
        assert!(db.get_object(id).unwrap() == content, "{name}");
    }
}

#[test]
fn sizes_around_every_limit_are_stored_and_read_back() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.exec("pragma synchronous = off").unwrap();
    let mut contents = Vec::new();
    for size in
        [0, 1, 2, 2047, 2048, 2049, 2050, 8191, 8192, 8193, 65535, 65536, 65537, 131_071, 131_072, 131_073]
    {
        contents.push(bytes(size as u64, size));
        contents.push(vec![7; size]);
    }
    for content in &contents {
        let id = db.put_object(content).unwrap();
        assert_eq!(id, id_of(content));
        assert_eq!(db.get_object(id).unwrap(), *content);
    }
    assert_eq!(rows(&path), Rows::of(contents.iter().map(Vec::as_slice)));
}

#[test]
fn the_empty_object_is_an_object_without_chunks() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    native_fault(db.get_object(id_of(b"")), Status::ObjectNotFound);
    let id = db.put_object(b"").unwrap();
    assert_eq!((db.object_size(id).unwrap(), db.object_chunk_count(id).unwrap()), (0, 0));
    assert_eq!(db.get_object(id).unwrap(), b"");
    assert_eq!(rows(&path), rows_of(&[b""]));
    db.delete_object(id).unwrap();
    assert_eq!(rows(&path), Rows::default());
}

#[test]
fn storing_the_same_bytes_again_changes_nothing() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let content = bytes(1, 50_000);
    let id = db.put_object(&content).unwrap();
    let before = std::fs::read(&path).unwrap();
    for _ in 0..3 {
        assert_eq!(db.put_object(&content).unwrap(), id);
        assert_eq!(Database::open(&path).unwrap().put_object(&content).unwrap(), id);
    }
    assert!(std::fs::read(&path).unwrap() == before, "the file was written to");
}

#[test]
fn a_chunk_is_stored_once_however_often_it_is_used() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    // One chunk three times, and the same chunk as an object of its own.
    let repeated = vec![9; 3 * 65536];
    db.put_object(&repeated).unwrap();
    db.put_object(&repeated[..65536]).unwrap();
    let found = rows(&path);
    assert_eq!((found.objects.len(), found.entries.len(), found.chunks.len()), (2, 4, 1));
    assert_eq!(found, rows_of(&[&repeated, &repeated[..65536]]));

    // An edit in the middle replaces few chunks of many.
    let content = bytes(2, 200_000);
    let mut edited = content.clone();
    edited.splice(100_000..100_000, *b"inserted");
    db.put_object(&content).unwrap();
    let before = rows(&path).chunks.len();
    db.put_object(&edited).unwrap();
    let found = rows(&path);
    assert!(found.chunks.len() <= before + 3, "{before} chunks, then {}", found.chunks.len());
    assert_eq!(found, rows_of(&[&repeated, &repeated[..65536], &content, &edited]));
}

#[test]
fn missing_objects_are_not_found_and_named() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.put_object(b"another").unwrap();
    let id = id_of(b"missing");
    assert!(!db.has_object(id).unwrap());
    for message in [
        native_fault(db.get_object(id), Status::ObjectNotFound),
        native_fault(db.object_size(id), Status::ObjectNotFound),
        native_fault(db.object_chunk_count(id), Status::ObjectNotFound),
        native_fault(db.read_object_range(id, 0, &mut []), Status::ObjectNotFound),
        native_fault(db.read_object_range(id, u64::MAX, &mut [0; 9]), Status::ObjectNotFound),
        native_fault(db.delete_object(id), Status::ObjectNotFound),
    ] {
        assert!(message.contains(&id.to_string()), "{message}");
    }
}

#[test]
fn enforced_foreign_keys_hold_at_every_moment() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.exec("pragma foreign_keys = on").unwrap();
    let (content, edited) = (bytes(1, 80_000), [bytes(1, 80_000), b"more".to_vec()].concat());
    for begin in [false, true] {
        if begin {
            db.begin().unwrap();
        }
        let first = db.put_object(&content).unwrap();
        let second = db.put_object(&edited).unwrap();
        db.put_object(b"").unwrap();
        db.delete_object(first).unwrap();
        db.delete_object(id_of(b"")).unwrap();
        assert_eq!(db.get_object(second).unwrap(), edited);
        db.delete_object(second).unwrap();
        if begin {
            db.commit().unwrap();
        }
        assert_eq!(rows(&path), Rows::default());
    }
}

#[test]
fn temporary_and_attached_tables_of_the_same_names_divert_nothing() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let kept = bytes(1, 30_000);
    let kept_id = db.put_object(&kept).unwrap();
    let (_, other) = scratch.database("other.zova");
    db.exec(&format!("attach '{}' as object_store", other.display())).unwrap();
    db.exec(
        "create temp table _zova_objects(object_id, size_bytes, chunk_count, chunker); \
         create temp table _zova_chunks(chunk_hash primary key, size_bytes, data); \
         create temp view _zova_object_chunks as select 1 as object_id, 2 as chunk_index; \
         create temp table _zova_meta(key, value); \
         insert into temp._zova_objects values (zeroblob(32), 5, 1, 'fastcdc-v1')",
    )
    .unwrap();
    let content = bytes(2, 40_000);
    let id = db.put_object(&content).unwrap();
    assert_eq!(db.get_object(id).unwrap(), content);
    assert_eq!(db.get_object(kept_id).unwrap(), kept);
    let mut part = [0; 100];
    db.read_object_range(id, 20_000, &mut part).unwrap();
    assert_eq!(part, content[20_000..20_100]);
    assert!(!db.has_object([0; 32].into()).unwrap());
    assert_eq!(rows(&path), rows_of(&[&kept, &content]));
    db.delete_object(id).unwrap();
    assert_eq!(rows(&path), rows_of(&[&kept]));
    assert_eq!(rows(&other), Rows::default());
    assert_eq!(number_of(&mut db, "select count(*) from temp._zova_objects"), 1);
    assert_eq!(number_of(&mut db, "select count(*) from temp._zova_chunks"), 0);
}

#[test]
fn the_rows_of_the_application_are_never_touched() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let content = bytes(1, 30_000);
    let id = db.put_object(&content).unwrap();
    let hash = literal(id.as_ref());
    let node = id.to_string();
    edit(
        &path,
        &format!(
            "create table attachments(object blob references _zova_objects(object_id)); \
             insert into attachments values ({hash}); insert into _zova_graphs values ('g', 1); \
             insert into _zova_graph_nodes values ('g', 'n', 'k', 'object', null, '{node}', 1)"
        ),
    );
    db.delete_object(id).unwrap();
    assert_eq!(number_of(&mut db, "select count(*) from attachments"), 1);
    assert_eq!(
        number_of(&mut db, &format!("select count(*) from _zova_graph_nodes where target_ref = '{node}'")),
        1
    );
}

#[test]
fn a_loose_chunk_is_adopted_and_goes_with_its_object() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let content = bytes(1, 60_000);
    let first = chunks(&content)[0];
    let loose = b"stays loose";
    for chunk in [first, loose] {
        edit(
            &path,
            &format!(
                "insert into _zova_chunks values ({}, {}, {})",
                literal(&sha256(chunk)),
                chunk.len(),
                literal(chunk)
            ),
        );
    }
    let id = db.put_object(&content).unwrap();
    let mut expected = rows_of(&[&content]);
    expected.chunks.insert(sha256(loose), loose.to_vec());
    assert_eq!(rows(&path), expected);
    db.delete_object(id).unwrap();
    let mut expected = Rows::default();
    expected.chunks.insert(sha256(loose), loose.to_vec());
    assert_eq!(rows(&path), expected);
    db.vacuum().unwrap();
    assert_eq!(rows(&path), expected);
}

#[test]
fn a_put_does_not_build_on_a_damaged_chunk() {
    let content = bytes(1, 60_000);
    let chunk = chunks(&content)[2];
    let hash = literal(&sha256(chunk));
    let changed = [&chunk[..chunk.len() - 1], b"?"].concat();
    for damage in [
        format!("insert into _zova_chunks values ({hash}, {}, {})", chunk.len(), literal(&changed)),
        format!("insert into _zova_chunks values ({hash}, {}, {})", chunk.len() - 1, literal(&chunk[1..])),
        format!("insert into _zova_chunks values ({hash}, {}, {})", chunk.len() + 1, literal(chunk)),
        format!("insert into _zova_chunks values ({hash}, 'x', '')"),
    ] {
        let scratch = Scratch::new();
        let (mut db, path) = scratch.database("a.zova");
        edit(&path, &damage);
        for begin in [false, true] {
            if begin {
                db.exec("begin; create table t(a)").unwrap();
            }
            native_fault(db.put_object(&content), Status::ObjectCorrupt);
            if begin {
                db.commit().unwrap();
                assert_eq!(number_of(&mut db, "select count(*) from t"), 0);
            }
            assert_eq!(number_of(&mut db, "select count(*) from _zova_objects"), 0);
            assert_eq!(number_of(&mut db, "select count(*) from _zova_object_chunks"), 0);
            assert_eq!(number_of(&mut db, "select count(*) from _zova_chunks"), 1);
        }
    }
}

#[test]
fn a_put_does_not_adopt_a_manifest_without_an_object() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let content = bytes(1, 60_000);
    db.put_object(&content).unwrap();
    edit(&path, "delete from _zova_objects");
    let before = rows(&path);
    native_fault(db.put_object(&content), Status::Constraint);
    db.begin().unwrap();
    native_fault(db.put_object(&content), Status::Constraint);
    db.commit().unwrap();
    native_fault(db.delete_object(id_of(&content)), Status::ObjectNotFound);
    assert_eq!(rows(&path), before);
}

#[test]
fn a_put_does_not_repair() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let content = bytes(1, 60_000);
    let id = db.put_object(&content).unwrap();
    edit(
        &path,
        &format!("delete from _zova_chunks where chunk_hash = {}", literal(&sha256(chunks(&content)[1]))),
    );
    let before = rows(&path);
    assert_eq!(db.put_object(&content).unwrap(), id);
    native_fault(db.get_object(id), Status::ObjectCorrupt);
    assert_eq!(rows(&path), before);
}
