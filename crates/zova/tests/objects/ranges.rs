//! Reading parts of objects.

use zova::{Database, Status};

use crate::common::reference::sha256;
use crate::common::{Scratch, bytes, edit, native_fault, raw, splitmix};
use crate::{id_of, literal};

/// What is behind the bytes that were read.
const UNTOUCHED: u8 = 0xee;

#[track_caller]
fn assert_range(db: &mut Database, content: &[u8], offset: usize, length: usize) {
    let mut buffer = vec![UNTOUCHED; length];
    let copied = db.read_object_range(id_of(content), offset as u64, &mut buffer).unwrap();
    assert_eq!(copied, length.min(content.len() - offset), "{offset}+{length}");
    assert!(buffer[..copied] == content[offset..offset + copied], "{offset}+{length}");
    assert!(buffer[copied..].iter().all(|byte| *byte == UNTOUCHED), "{offset}+{length}");
}

#[test]
fn a_range_ends_where_the_object_or_the_buffer_does() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    for content in [bytes(1, 1), bytes(2, 2048), bytes(3, 9000), bytes(4, 70_000), vec![3; 131_072]] {
        db.put_object(&content).unwrap();
        let size = content.len();
        for offset in [0, 1, 2, size / 3, size / 2, size.saturating_sub(2), size - 1, size] {
            for length in [0, 1, 2, 3, size / 2, size.saturating_sub(1), size, size + 1, 2 * size + 100] {
                assert_range(&mut db, &content, offset.min(size), length);
            }
        }
    }
}

#[test]
fn every_range_around_chunk_boundaries_is_right() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    let content = bytes(5, 60_000);
    db.put_object(&content).unwrap();
    let mut boundary = 0;
    for chunk in crate::common::reference::chunks(&content) {
        boundary += chunk.len();
        for offset in boundary.saturating_sub(2)..(boundary + 3).min(content.len()) {
            for length in [1, 2, 3, 4, 20_000] {
                assert_range(&mut db, &content, offset, length);
            }
        }
    }
}

#[test]
fn a_range_that_starts_past_the_end_is_invalid_even_when_empty() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    for content in [&b""[..], b"short", &bytes(1, 70_000)] {
        let id = db.put_object(content).unwrap();
        let size = content.len() as u64;
        for offset in [size + 1, size + 2, 1 << 31, 1 << 32, i64::MAX as u64, i64::MAX as u64 + 1, u64::MAX] {
            for length in [0, 1, 100_000] {
                let message = native_fault(
                    db.read_object_range(id, offset, &mut vec![0; length]),
                    Status::ObjectRangeInvalid,
                );
                assert!(
                    message.contains(&offset.to_string()) && message.contains(&size.to_string()),
                    "{message}"
                );
            }
        }
        assert_eq!(db.read_object_range(id, size, &mut [0; 5]).unwrap(), 0);
        assert_eq!(db.read_object_range(id, size, &mut []).unwrap(), 0);
    }
}

#[test]
fn an_empty_range_looks_at_no_chunk() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let content = bytes(1, 50_000);
    let id = db.put_object(&content).unwrap();
    edit(&path, "delete from _zova_chunks; delete from _zova_object_chunks");
    assert_eq!(db.read_object_range(id, 0, &mut []).unwrap(), 0);
    assert_eq!(db.read_object_range(id, 25_000, &mut []).unwrap(), 0);
    assert_eq!(db.read_object_range(id, 50_000, &mut [0; 10]).unwrap(), 0);
    native_fault(db.read_object_range(id, 50_001, &mut []), Status::ObjectRangeInvalid);
    native_fault(db.read_object_range(id, 0, &mut [0; 1]), Status::ObjectCorrupt);
}

/// Stores an object in chunks of these sizes, as another program may have cut it.
fn store_cut(path: &std::path::Path, content: &[u8], sizes: impl Iterator<Item = usize>) {
    let mut connection = raw(path);
    let transaction = connection.transaction().unwrap();
    let id = sha256(content);
    let (mut offset, mut count) = (0, 0);
    for size in sizes {
        let chunk = &content[offset..(offset + size).min(content.len())];
        let hash = sha256(chunk);
        transaction
            .execute(
                "insert or ignore into _zova_chunks values (?1, ?2, ?3)",
                (hash, chunk.len() as i64, chunk),
            )
            .unwrap();
        transaction
            .execute(
                "insert into _zova_object_chunks values (?1, ?2, ?3, ?4, ?5)",
                (id, count, hash, offset as i64, chunk.len() as i64),
            )
            .unwrap();
        (offset, count) = (offset + chunk.len(), count + 1);
        if offset == content.len() {
            break;
        }
    }
    assert_eq!(offset, content.len());
    let id = literal(&id);
    transaction
        .execute(&format!("insert into _zova_objects values ({id}, {offset}, {count}, 'fastcdc-v1')"), [])
        .unwrap();
    transaction.commit().unwrap();
}

#[test]
fn foreign_chunk_boundaries_are_found_wherever_they_are() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let mut state = 3;
    let mut random = move |limit: usize| 1 + splitmix(&mut state) as usize % limit;
    let content = bytes(1, 200_000);
    let cuts: [Vec<usize>; 5] = [
        // Evenly; small ones before large ones, and the other way round; one byte each at an end; at random.
        std::iter::repeat_n(1000, 200).collect(),
        std::iter::repeat_n(1, 500).chain(std::iter::repeat_n(65536, 4)).collect(),
        std::iter::repeat_n(65536, 3).chain(std::iter::repeat_n(1, 5000)).collect(),
        [1, 65536, 1, 65536, 1]
            .into_iter()
            .chain(std::iter::repeat_n(1, 100_000))
            .take(3000)
            .chain([65536; 4])
            .collect(),
        (0..4000).map(|at| random(if at % 7 == 0 { 3000 } else { 40 })).chain([65536; 4]).collect(),
    ];
    for (at, sizes) in cuts.into_iter().enumerate() {
        // Another content for each, so that each is an object of its own.
        let content = &content[at..];
        store_cut(&path, content, sizes.into_iter());
        assert!(db.get_object(id_of(content)).unwrap() == content);
        for offset in [0, 1, 499, 500, 501, 65535, 65536, 65537, 131_072, 196_607, 196_608, content.len() - 1]
        {
            for length in [1, 2, 70_000] {
                assert_range(&mut db, content, offset, length);
            }
        }
        for _ in 0..25 {
            assert_range(&mut db, content, random(content.len()) - 1, random(5000));
        }
    }
}

#[test]
fn consecutive_ranges_join_into_the_object() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    let content = bytes(6, 120_000);
    let id = db.put_object(&content).unwrap();
    for step in [4096, 10_007, 65_536] {
        let mut joined = Vec::new();
        let mut buffer = vec![0; step];
        loop {
            let copied = db.read_object_range(id, joined.len() as u64, &mut buffer).unwrap();
            if copied == 0 {
                break;
            }
            joined.extend_from_slice(&buffer[..copied]);
        }
        assert!(joined == content, "in steps of {step}");
    }
}

/// The library promises a cost that does not depend on the object's size; ten thousand chunks before the range must
/// not be walked through.
#[test]
fn a_short_range_of_a_long_object_touches_few_rows() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let content = bytes(7, 120_000);
    store_cut(&path, &content, std::iter::repeat_n(6, 20_000));
    let id = id_of(&content);
    let started = std::time::Instant::now();
    db.get_object(id).unwrap();
    let whole = started.elapsed();
    let started = std::time::Instant::now();
    const RANGES: u32 = 20;
    for at in 0..RANGES {
        db.read_object_range(id, 100_000 + u64::from(at), &mut [0; 10]).unwrap();
    }
    let each = started.elapsed() / RANGES;
    assert!(each * 20 < whole, "a range took {each:?}, the whole object {whole:?}");
}
