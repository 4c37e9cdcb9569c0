//! Damage: a reader delivers the bytes of its object or a status, never other bytes.

use std::io::{Read, Seek, SeekFrom};

use zova::{Database, ObjectId, SharedDatabase, Status};

use crate::common::reference::{chunks, hex, sha256};
use crate::common::{Scratch, bytes, edit};
use crate::damage::{self, Victim, assert_allowed};
use crate::objects::{assemble, io_fault, object_id, quick_database, zova_error};
use crate::read_all;

/// Reads the damaged object in parts of `size` bytes. What is delivered must be its bytes; the end must be allowed.
fn read_victim(damage: &damage::Damage, victim: &mut Victim, size: usize) {
    let name = format!("{} in parts of {size} bytes", damage.name);
    let mut reader = match victim.db.object_reader(victim.id) {
        Ok(reader) => reader,
        Err(error) => return assert_allowed(&name, Err::<(), _>(error), damage.read),
    };
    let (delivered, end) = read_all(&mut reader, size);
    assert!(victim.content.starts_with(&delivered), "{name}: other bytes than those stored");
    match end {
        Ok(()) => {
            assert_allowed(&name, Ok(()), damage.read);
            assert!(delivered == victim.content, "{name}: an end before the last byte");
        }
        Err(error) => {
            assert!(delivered.len() < victim.content.len(), "{name}: the last bytes were not withheld");
            let error = zova_error(error);
            let ends_the_reader =
                matches!(error.status(), Some(Status::ObjectCorrupt | Status::ObjectNotFound));
            assert_allowed(&name, Err::<(), _>(error), damage.read);
            if ends_the_reader {
                io_fault(reader.read(&mut [0; 10]), Status::ObjectReaderClosed);
                io_fault(reader.read(&mut []), Status::ObjectReaderClosed);
                io_fault(reader.seek(SeekFrom::Start(0)), Status::ObjectReaderClosed);
                io_fault(reader.seek(SeekFrom::End(0)), Status::ObjectReaderClosed);
            }
        }
    }
}

#[test]
fn every_kind_of_damage_is_met_in_parts_of_any_size() {
    for damage in damage::ALL {
        let mut victim = damage.victim();
        for size in [1500, 65536, 400_000] {
            read_victim(damage, &mut victim, size);
        }
    }
}

/// Whoever asks for as many bytes as the reader says there are, and no more, must not miss the damage either.
#[test]
fn every_kind_of_damage_is_met_by_reading_exactly_the_size() {
    for damage in damage::ALL {
        let mut victim = damage.victim();
        let Ok(mut reader) = victim.db.object_reader(victim.id) else { continue };
        let Ok(mut buffer) = usize::try_from(reader.size()).map(|size| vec![0; size.min(1_000_000)]) else {
            continue;
        };
        let outcome = reader.read_exact(&mut buffer);
        let whole = outcome.is_ok() && buffer == victim.content;
        // Nothing can be asked for when there is nothing to be had.
        if !buffer.is_empty() {
            assert_eq!(outcome.is_ok(), whole, "{}: a part was taken for the whole", damage.name);
        }
    }
}

#[test]
fn damage_in_each_chunk_is_met_before_its_first_byte() {
    let content = damage::content();
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let id = db.put_object(&content).unwrap();
    let mut start = 0;
    for chunk in chunks(&content) {
        let hash = hex(&sha256(chunk));
        edit(
            &path,
            &format!(
                "create table kept as select * from _zova_chunks where chunk_hash = x'{hash}'; \
                 update _zova_chunks set data = zeroblob(size_bytes) where chunk_hash = x'{hash}'"
            ),
        );
        for size in [500, 3000] {
            let mut reader = db.object_reader(id).unwrap();
            let (delivered, end) = read_all(&mut reader, size);
            io_fault(end, Status::ObjectCorrupt);
            assert!(delivered == content[..delivered.len()]);
            assert!((start - start % size..=start).contains(&delivered.len()), "{start}");
        }
        // A reader that never touches the chunk does not mind.
        let mut reader = db.object_reader(id).unwrap();
        let behind = start + chunk.len();
        reader.seek(SeekFrom::Start(behind as u64)).unwrap();
        let (rest, end) = read_all(&mut reader, 50_000);
        end.unwrap();
        assert!(rest == content[behind..]);
        edit(
            &path,
            "update _zova_chunks set data = (select data from kept) where chunk_hash = (select chunk_hash from kept); \
             drop table kept",
        );
        start += chunk.len();
    }
    db.verify_object(id).unwrap();
}

/// Chunks that are sound, in places that fit, but not those of the object.
#[test]
fn a_wrong_id_is_met_with_the_last_bytes_withheld() {
    for content in [bytes(1, 100_000), bytes(2, 700), bytes(3, 1)] {
        let scratch = Scratch::new();
        let (mut db, path) = quick_database(&scratch);
        db.put_object(&content).unwrap();
        let wrong = ObjectId::from([1; 32]);
        edit(
            &path,
            &format!(
                "update _zova_objects set object_id = x'{wrong}'; update _zova_object_chunks set object_id = x'{wrong}'"
            ),
        );
        let last = chunks(&content).last().unwrap().len();
        for size in [1000, 9000, 200_000] {
            let mut reader = db.object_reader(wrong).unwrap();
            let (delivered, end) = read_all(&mut reader, size);
            io_fault(end, Status::ObjectCorrupt);
            assert!(delivered.len() <= content.len() - last);
            io_fault(reader.read(&mut [0]), Status::ObjectReaderClosed);
        }
    }
}

#[test]
fn chunks_in_another_order_are_met_at_the_end() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let content = bytes(4, 50_000);
    assemble(&mut db, &content, [10_000; 5]);
    let id = object_id(&content);
    let hash = |at: usize| hex(&sha256(&content[at * 10_000..(at + 1) * 10_000]));
    edit(
        &path,
        &format!(
            "update _zova_object_chunks set chunk_hash = x'{}' where chunk_index = 1; \
             update _zova_object_chunks set chunk_hash = x'{}' where chunk_index = 3",
            hash(3),
            hash(1)
        ),
    );
    let mut reader = db.object_reader(id).unwrap();
    let (delivered, end) = read_all(&mut reader, 4000);
    io_fault(end, Status::ObjectCorrupt);
    assert!(delivered.len() <= 40_000, "{} bytes were delivered", delivered.len());
}

#[test]
fn damage_that_appears_between_reads_is_met() {
    let content = damage::content();
    for damage in damage::ALL {
        let mut victim = Victim::sound();
        let db = SharedDatabase::open(&victim.path).unwrap();
        let mut reader = db.object_reader(victim.id).unwrap();
        let mut first = vec![0; 10_000];
        reader.read_exact(&mut first).unwrap();
        damage.apply(&mut victim);
        let (rest, end) = read_all(&mut reader, 7000);
        let delivered = [first, rest].concat();
        assert!(content.starts_with(&delivered), "{}", damage.name);
        // The first row is behind the reader: it is not needed any more.
        let may_end = damage.read.contains(&None) || damage.name == "first manifest row missing";
        match end {
            Ok(()) => assert!(may_end && delivered == content, "{}: the damage was not met", damage.name),
            Err(error) => assert!(zova_error(error).status().is_some()),
        }
    }
}

#[test]
fn an_object_row_that_changes_size_between_reads_is_met() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let content = bytes(5, 90_000);
    let id = db.put_object(&content).unwrap();
    for change in
        ["size_bytes = size_bytes + 1", "size_bytes = size_bytes - 1", "size_bytes = 0, chunk_count = 0"]
    {
        let mut reader = db.object_reader(id).unwrap();
        reader.read_exact(&mut [0; 1000]).unwrap();
        edit(&path, &format!("update _zova_objects set {change}"));
        let (rest, end) = read_all(&mut reader, 2000);
        io_fault(end, Status::ObjectCorrupt);
        assert!(rest == content[1000..1000 + rest.len()]);
        edit(
            &path,
            "update _zova_objects set size_bytes = 90000, chunk_count = (select count(*) from _zova_object_chunks)",
        );
    }
    drop(db);
    let mut db = Database::open(&path).unwrap();
    db.verify_object(id).unwrap();
}
