//! Moving to any byte of an object.

use std::io::{ErrorKind, Read, Seek, SeekFrom};

use proptest::prelude::*;
use zova::{ObjectId, Status};

use crate::common::reference::{chunks, hex};
use crate::common::{Scratch, bytes, edit};
use crate::objects::{assemble, equal_sizes, io_fault, object_id, quick_database};
use crate::{read_all, read_exactly};

#[test]
fn a_reader_continues_wherever_it_is_moved_to() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    let content = bytes(1, 150_000);
    let id = db.put_object(&content).unwrap();
    let mut reader = db.object_reader(id).unwrap();
    for at in [0, 1, 70_000, 149_999, 3, 150_000, 99_999, 100_000, 100_001, 0, 0, 149_000, 10] {
        assert_eq!(reader.seek(SeekFrom::Start(at)).unwrap(), at);
        assert_eq!(reader.stream_position().unwrap(), at);
        let size = (150_000 - at as usize).min(1500);
        assert!(read_exactly(&mut reader, size) == content[at as usize..][..size], "at {at}");
        assert_eq!(reader.stream_position().unwrap(), at + size as u64);
    }
}

#[test]
fn positions_count_from_start_end_and_here() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    let content = bytes(2, 90_000);
    let id = db.put_object(&content).unwrap();
    let mut reader = db.object_reader(id).unwrap();
    assert_eq!(reader.seek(SeekFrom::End(-10)).unwrap(), 89_990);
    assert!(read_exactly(&mut reader, 10) == content[89_990..]);
    assert_eq!(reader.read(&mut [0; 5]).unwrap(), 0);
    assert_eq!(reader.seek(SeekFrom::Current(-20_000)).unwrap(), 70_000);
    assert!(read_exactly(&mut reader, 100) == content[70_000..70_100]);
    assert_eq!(reader.stream_position().unwrap(), 70_100);
    assert_eq!(reader.seek(SeekFrom::Current(5)).unwrap(), 70_105);
    assert!(read_exactly(&mut reader, 100) == content[70_105..70_205]);
    reader.seek_relative(-205).unwrap();
    assert!(read_exactly(&mut reader, 5) == content[70_000..70_005]);
    assert_eq!(reader.seek(SeekFrom::End(0)).unwrap(), 90_000);
    assert_eq!(reader.read(&mut [0; 5]).unwrap(), 0);
    assert_eq!(reader.seek(SeekFrom::End(-90_000)).unwrap(), 0);
    reader.seek(SeekFrom::Start(50_000)).unwrap();
    reader.rewind().unwrap();
    let (delivered, end) = read_all(&mut reader, 8000);
    end.unwrap();
    assert!(delivered == content);
}

#[test]
fn positions_outside_the_object_are_refused_and_the_reader_stays_where_it_is() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    let content = bytes(3, 50_000);
    let id = db.put_object(&content).unwrap();
    let mut reader = db.object_reader(id).unwrap();
    read_exactly(&mut reader, 20_000);
    for behind in [
        SeekFrom::Start(50_001),
        SeekFrom::Start(u64::MAX),
        SeekFrom::Start(1 << 63),
        SeekFrom::End(1),
        SeekFrom::End(i64::MAX),
        SeekFrom::Current(30_001),
        SeekFrom::Current(i64::MAX),
    ] {
        let message = io_fault(reader.seek(behind), Status::ObjectRangeInvalid);
        assert!(message.contains("50000"), "{message}");
        assert_eq!(reader.stream_position().unwrap(), 20_000);
    }
    for before in [
        SeekFrom::End(-50_001),
        SeekFrom::End(i64::MIN),
        SeekFrom::Current(-20_001),
        SeekFrom::Current(i64::MIN),
    ] {
        assert_eq!(reader.seek(before).unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(reader.stream_position().unwrap(), 20_000);
    }
    let (rest, end) = read_all(&mut reader, 999);
    end.unwrap();
    assert!(rest == content[20_000..]);
}

#[test]
fn the_empty_object_has_one_position() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    let id = db.put_object(b"").unwrap();
    let mut reader = db.object_reader(id).unwrap();
    for position in [SeekFrom::Start(0), SeekFrom::End(0), SeekFrom::Current(0)] {
        assert_eq!(reader.seek(position).unwrap(), 0);
        assert_eq!(reader.read(&mut [0; 3]).unwrap(), 0);
    }
    io_fault(reader.seek(SeekFrom::Start(1)), Status::ObjectRangeInvalid);
}

#[test]
fn chunks_are_verified_behind_a_seek_and_the_id_only_without_one() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let content = bytes(4, 100_000);
    db.put_object(&content).unwrap();
    let wrong = ObjectId::from([7; 32]);
    let moved = hex(wrong.as_ref());
    edit(
        &path,
        &format!(
            "update _zova_objects set object_id = x'{moved}'; update _zova_object_chunks set object_id = x'{moved}'"
        ),
    );
    // From the middle to the end nothing tells that the id is wrong.
    let mut reader = db.object_reader(wrong).unwrap();
    reader.seek(SeekFrom::Start(60_000)).unwrap();
    let (rest, end) = read_all(&mut reader, 5000);
    end.unwrap();
    assert!(rest == content[60_000..]);
    // From the first byte it does, also after moving about.
    reader.rewind().unwrap();
    let (delivered, end) = read_all(&mut reader, 5000);
    io_fault(end, Status::ObjectCorrupt);
    assert!(delivered.len() < content.len());
    io_fault(reader.seek(SeekFrom::Start(0)), Status::ObjectReaderClosed);
    io_fault(reader.read(&mut [0; 10]), Status::ObjectReaderClosed);

    let cut = chunks(&content);
    let last = cut.last().unwrap().len();
    let hash = hex(&crate::common::reference::sha256(cut[cut.len() - 1]));
    edit(&path, &format!("update _zova_chunks set data = zeroblob(size_bytes) where chunk_hash = x'{hash}'"));
    let mut reader = db.object_reader(wrong).unwrap();
    reader.seek(SeekFrom::End(-(last as i64) - 10)).unwrap();
    assert!(read_exactly(&mut reader, 10) == content[100_000 - last - 10..100_000 - last]);
    io_fault(reader.read(&mut [0; 1]), Status::ObjectCorrupt);
    io_fault(reader.seek(SeekFrom::Start(5)), Status::ObjectReaderClosed);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn any_sequence_of_seeks_and_reads_gives_the_bytes_of_the_object(
        length in prop_oneof![0usize..5000, 60_000usize..200_000],
        foreign in prop::option::of(500usize..60_000),
        steps in prop::collection::vec((prop::option::of(any::<u32>()), 0usize..30_000), 1..40),
    ) {
        let scratch = Scratch::new();
        let (mut db, _) = quick_database(&scratch);
        let content = bytes(5, length);
        match foreign {
            Some(size) => assemble(&mut db, &content, equal_sizes(&content, size)),
            None => drop(db.put_object(&content).unwrap()),
        }
        let mut reader = db.object_reader(object_id(&content)).unwrap();
        let mut at = 0;
        for (seek, size) in steps {
            if let Some(target) = seek {
                at = target as usize % (length + 1);
                prop_assert_eq!(reader.seek(SeekFrom::Start(at as u64)).unwrap(), at as u64);
            }
            let mut buffer = vec![0; size];
            let count = reader.read(&mut buffer).unwrap();
            prop_assert!(count <= size && (count > 0 || size == 0 || at == length));
            prop_assert!(buffer[..count] == content[at..at + count]);
            at += count;
            prop_assert_eq!(reader.stream_position().unwrap(), at as u64);
        }
    }
}
