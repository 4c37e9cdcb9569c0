//! Sound objects: whatever the parts, exactly the bytes.

use std::io::Read;

use zova::{Database, Status};

use crate::common::{Scratch, bytes, edit, native_fault, raw};
use crate::objects::{READ_ONLY, assemble, equal_sizes, golden_vectors, object_id, quick_database};
use crate::{read_all, read_exactly, shared_database, stored};

#[test]
fn every_golden_vector_is_read_in_parts_of_any_size() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    for golden in golden_vectors() {
        let length = golden.content.len();
        let id = db.put_object(&golden.content).unwrap();
        let mut sizes = vec![997, 65536, 300_000, length + 1];
        if length < 10_000 {
            sizes.extend([1, 2, 3]);
        }
        if length > 500_000 {
            sizes.truncate(2);
        }
        for size in sizes {
            let mut reader = db.object_reader(id).unwrap();
            assert_eq!(reader.size(), length as u64);
            let (delivered, end) = read_all(&mut reader, size);
            end.unwrap();
            assert!(delivered == golden.content, "{} in parts of {size} bytes", golden.name);
        }
        db.delete_object(id).unwrap();
    }
}

#[test]
fn every_byte_position_of_a_chunk_boundary_is_read_in_single_bytes() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    let content = bytes(1, 5000);
    assemble(&mut db, &content, [1, 1, 2, 996, 1000, 1, 2999]);
    let mut reader = db.object_reader(object_id(&content)).unwrap();
    let mut single = Vec::new();
    let mut byte = [0];
    while reader.read(&mut byte).unwrap() == 1 {
        single.push(byte[0]);
    }
    assert!(single == content);
    assert_eq!(reader.read(&mut [0; 10]).unwrap(), 0);
}

#[test]
fn a_read_fills_its_buffer_before_the_end_and_gives_nothing_at_it() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    let content = bytes(2, 100_000);
    let id = db.put_object(&content).unwrap();
    let mut reader = db.object_reader(id).unwrap();
    let mut buffer = vec![0xee; 70_000];
    let first = reader.read(&mut buffer).unwrap();
    assert!((1..=70_000).contains(&first));
    assert!(buffer[..first] == content[..first]);
    assert!(buffer[first..].iter().all(|byte| *byte == 0xee), "bytes behind the delivered ones were touched");
    let rest = read_exactly(&mut reader, 100_000 - first);
    assert!(rest == content[first..]);
    for _ in 0..3 {
        assert_eq!(reader.read(&mut buffer).unwrap(), 0);
        assert_eq!(reader.read(&mut []).unwrap(), 0);
    }
}

#[test]
fn an_empty_buffer_reads_nothing_and_changes_nothing() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    let content = bytes(3, 20_000);
    let id = db.put_object(&content).unwrap();
    let mut reader = db.object_reader(id).unwrap();
    for at in (0..20_000).step_by(2500) {
        assert_eq!(reader.read(&mut []).unwrap(), 0);
        assert!(read_exactly(&mut reader, 2500) == content[at..at + 2500]);
    }
}

#[test]
fn the_empty_object_is_at_its_end_from_the_start() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    let id = db.put_object(b"").unwrap();
    let mut reader = db.object_reader(id).unwrap();
    assert_eq!(reader.size(), 0);
    let (delivered, end) = read_all(&mut reader, 100);
    end.unwrap();
    assert!(delivered.is_empty());
}

#[test]
fn a_reader_of_a_missing_object_is_refused() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    let missing = object_id(b"missing");
    let message = native_fault(db.object_reader(missing), Status::ObjectNotFound);
    assert!(message.contains(&missing.to_string()), "{message}");
    db.put_object_chunk(crate::objects::chunk_id(b"missing"), b"missing").unwrap();
    native_fault(db.object_reader(missing), Status::ObjectNotFound);
}

#[test]
fn a_reader_of_an_unusable_object_row_is_refused() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    for change in
        ["size_bytes = -1", "chunk_count = -1", "chunker = 'other'", "size_bytes = -9223372036854775808"]
    {
        let id = db.put_object(b"content").unwrap();
        edit(&path, &format!("update _zova_objects set {change}"));
        native_fault(db.object_reader(id), Status::ObjectCorrupt);
        db.delete_object(id).unwrap();
    }
}

#[test]
fn an_assembled_object_is_read_across_its_own_boundaries() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    let content = [&bytes(4, 90_000)[..], &[5; 70_000], &bytes(4, 90_000)].concat();
    for chunk in [65536, 30_000, 1234] {
        assemble(&mut db, &content, equal_sizes(&content, chunk));
        for size in [999, chunk - 1, chunk, chunk + 1, 250_000] {
            let mut reader = db.object_reader(object_id(&content)).unwrap();
            let (delivered, end) = read_all(&mut reader, size);
            end.unwrap();
            assert!(delivered == content, "chunks of {chunk} bytes, parts of {size}");
        }
        db.delete_object(object_id(&content)).unwrap();
    }
}

#[test]
fn an_object_that_repeats_one_chunk_is_read_whole() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    let content = vec![9; 700_000];
    let id = db.put_object(&content).unwrap();
    let mut copy = Vec::new();
    db.object_reader(id).unwrap().read_to_end(&mut copy).unwrap();
    assert!(copy == content);
    copy.clear();
    std::io::copy(&mut db.object_reader(id).unwrap(), &mut copy).unwrap();
    assert!(copy == content);
}

#[test]
fn objects_of_a_published_file_are_read_in_parts() {
    let scratch = Scratch::new();
    let path = scratch.fixture("plain.zova");
    let expected = crate::common::expected("plain.zova");
    let mut db = Database::open_with_options(&path, READ_ONLY).unwrap();
    let mut objects: Vec<_> = expected["objects"].as_array().unwrap().iter().collect();
    objects.push(&expected["assembled_object"]);
    for object in objects {
        let content = bytes(object["seed"].as_u64().unwrap(), object["size"].as_u64().unwrap() as usize);
        let mut reader = db.object_reader(object["id"].as_str().unwrap().parse().unwrap()).unwrap();
        let (delivered, end) = read_all(&mut reader, 1777);
        end.unwrap();
        assert!(delivered == content, "{object}");
    }
}

#[test]
fn several_readers_of_one_handle_go_on_independently() {
    let scratch = Scratch::new();
    let (db, _) = shared_database(&scratch);
    let contents = [bytes(5, 150_000), bytes(6, 80_000)];
    let mut readers: Vec<_> = (0..6)
        .map(|number| {
            (db.object_reader(stored(&db, &contents[number % 2])).unwrap(), &contents[number % 2], 0)
        })
        .collect();
    for round in 1..40 {
        for (number, (reader, content, at)) in readers.iter_mut().enumerate() {
            let size = (round * 311 * (number + 1)).min(content.len() - *at);
            assert!(read_exactly(reader, size) == content[*at..*at + size]);
            *at += size;
        }
    }
}

#[test]
fn a_reader_holds_no_lock_between_its_calls() {
    let scratch = Scratch::new();
    let (db, path) = shared_database(&scratch);
    let content = bytes(7, 200_000);
    let mut reader = db.object_reader(stored(&db, &content)).unwrap();
    let mut delivered = Vec::new();
    let other = raw(&path);
    other.execute_batch("create table t(a)").unwrap();
    for _ in 0..10 {
        delivered.extend(read_exactly(&mut reader, 20_000));
        other.execute_batch("begin exclusive; insert into t values (1); commit").unwrap();
    }
    other.execute_batch("vacuum").unwrap();
    assert_eq!(reader.read(&mut [0; 10]).unwrap(), 0);
    assert!(delivered == content);
    // The handle itself is free, too.
    let mut reader = db.object_reader(object_id(&content)).unwrap();
    read_exactly(&mut reader, 1000);
    db.vacuum().unwrap();
    db.exec("pragma journal_mode = wal; pragma journal_mode = delete").unwrap();
    let (rest, end) = read_all(&mut reader, 30_000);
    end.unwrap();
    assert!(rest == content[1000..]);
}

#[test]
fn a_reader_goes_on_beside_statements_of_the_application() {
    let scratch = Scratch::new();
    let (db, _) = shared_database(&scratch);
    let content = bytes(8, 60_000);
    let mut reader = db.object_reader(stored(&db, &content)).unwrap();
    db.exec("create table t(a)").unwrap();
    let mut insert = db.prepare("insert into t values (1), (2) returning a").unwrap();
    insert.step().unwrap();
    let first = read_exactly(&mut reader, 30_000);
    // A new one may be started as well.
    let mut second = db.object_reader(object_id(&content)).unwrap();
    assert!(read_exactly(&mut second, 30_000) == first);
    insert.step().unwrap();
    assert!([first, read_exactly(&mut reader, 30_000)].concat() == content);
}

#[test]
fn readers_work_on_other_threads_and_keep_the_connection_open() {
    let scratch = Scratch::new();
    let (db, _) = shared_database(&scratch);
    let contents: Vec<Vec<u8>> = (0..4).map(|seed| bytes(20 + seed, 120_000)).collect();
    std::thread::scope(|scope| {
        for content in &contents {
            let mut reader = db.object_reader(stored(&db, content)).unwrap();
            let own = db.clone();
            scope.spawn(move || {
                drop(own);
                let mut parts = Vec::new();
                for _ in 0..120 {
                    parts.extend(read_exactly(&mut reader, 1000));
                }
                assert_eq!(reader.read(&mut [0]).unwrap(), 0);
                assert!(parts == *content);
            });
        }
    });
    let mut last = db.object_reader(object_id(&contents[0])).unwrap();
    drop(db);
    let (delivered, end) = std::thread::spawn(move || read_all(&mut last, 5000)).join().unwrap();
    end.unwrap();
    assert!(delivered == contents[0]);
}

#[test]
fn a_guard_reads_inside_its_transaction() {
    let scratch = Scratch::new();
    let (db, _) = shared_database(&scratch);
    let content = bytes(9, 50_000);
    let read = db
        .transaction(|guard| {
            let id = guard.put_object(&content)?;
            let (delivered, end) = read_all(&mut guard.object_reader(id)?, 7000);
            end.unwrap();
            Ok(delivered)
        })
        .unwrap();
    assert!(read == content);
}
