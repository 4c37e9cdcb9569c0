//! What happens to the object while it is read: deletes, new puts, transactions, locks.

use std::io::{Read, Seek};
use std::process::Stdio;
use std::time::Duration;

use zova::{Database, Status};

use crate::common::process::{child, child_dir, test_of, this_executable};
use crate::common::{Scratch, bytes, raw};
use crate::objects::{assemble, equal_sizes, io_fault, object_id};
use crate::{read_all, read_exactly, shared_database, stored};

#[test]
fn a_deleted_object_is_not_found_and_ends_the_reader() {
    let scratch = Scratch::new();
    let (db, path) = shared_database(&scratch);
    let content = bytes(1, 200_000);
    for (read, by_other) in [(0, false), (50_000, false), (0, true), (50_000, true), (100_000, true)] {
        let id = stored(&db, &content);
        let mut reader = db.object_reader(id).unwrap();
        read_exactly(&mut reader, read);
        if by_other {
            Database::open(&path).unwrap().delete_object(id).unwrap();
        } else {
            db.delete_object(id).unwrap();
        }
        let (rest, end) = read_all(&mut reader, 3000);
        let message = io_fault(end, Status::ObjectNotFound);
        assert!(message.contains(&id.to_string()), "{message}");
        // What was verified before may still be delivered: less than a chunk.
        assert!(rest.len() < 65536 && rest == content[read..read + rest.len()]);
        io_fault(reader.read(&mut [0; 10]), Status::ObjectReaderClosed);
        // For good: the object's return does not help this reader.
        stored(&db, &content);
        io_fault(reader.read(&mut [0; 10]), Status::ObjectReaderClosed);
        io_fault(reader.rewind(), Status::ObjectReaderClosed);
        let (again, end) = read_all(&mut db.object_reader(id).unwrap(), 40_000);
        end.unwrap();
        assert!(again == content);
        db.delete_object(id).unwrap();
    }
}

#[test]
fn a_delete_and_a_new_put_in_between_go_unnoticed() {
    let scratch = Scratch::new();
    let (db, _) = shared_database(&scratch);
    let content = bytes(2, 150_000);
    let id = stored(&db, &content);
    let mut reader = db.object_reader(id).unwrap();
    let mut delivered: Vec<u8> = Vec::new();
    for _ in 0..15 {
        delivered.extend(read_exactly(&mut reader, 10_000));
        db.delete_object(id).unwrap();
        stored(&db, &content);
    }
    assert_eq!(reader.read(&mut [0]).unwrap(), 0);
    assert!(delivered == content);
}

#[test]
fn other_boundaries_in_between_go_unnoticed() {
    let scratch = Scratch::new();
    let (db, path) = shared_database(&scratch);
    let mut other = Database::open(&path).unwrap();
    other.exec("pragma synchronous = off").unwrap();
    let content = bytes(3, 180_000);
    let id = stored(&db, &content);
    for part in [1000, 7777, 30_000] {
        let mut reader = db.object_reader(id).unwrap();
        let mut delivered: Vec<u8> = Vec::new();
        for size in [300, 65536, 1234, 60_000, 9999].into_iter().cycle() {
            let mut buffer = vec![0; part];
            let count = reader.read(&mut buffer).unwrap();
            if count == 0 {
                break;
            }
            delivered.extend(&buffer[..count]);
            if delivered.len().is_multiple_of(3) || part > 5000 {
                other.delete_object(id).unwrap();
                assemble(&mut other, &content, equal_sizes(&content, size));
            }
        }
        assert!(delivered == content, "parts of {part} bytes");
    }
}

#[test]
fn a_reader_sees_the_handle_s_own_changes_and_their_rollback() {
    let scratch = Scratch::new();
    let (db, _) = shared_database(&scratch);
    let content = bytes(4, 100_000);
    db.begin().unwrap();
    let id = stored(&db, &content);
    let mut reader = db.object_reader(id).unwrap();
    assert!(read_exactly(&mut reader, 40_000) == content[..40_000]);
    db.rollback().unwrap();
    let (_, end) = read_all(&mut reader, 30_000);
    io_fault(end, Status::ObjectNotFound);

    stored(&db, &content);
    db.savepoint("a").unwrap();
    let mut reader = db.object_reader(id).unwrap();
    read_exactly(&mut reader, 1000);
    db.delete_object(id).unwrap();
    db.rollback_to_savepoint("a").unwrap();
    db.release_savepoint("a").unwrap();
    let (rest, end) = read_all(&mut reader, 30_000);
    end.unwrap();
    assert!(rest == content[1000..]);

    // A reader that is open neither keeps a transaction from ending nor ends with it.
    let mut reader = db.object_reader(id).unwrap();
    db.begin_immediate().unwrap();
    read_exactly(&mut reader, 20_000);
    db.commit().unwrap();
    db.begin().unwrap();
    read_exactly(&mut reader, 20_000);
    db.rollback().unwrap();
    assert!(read_exactly(&mut reader, 60_000) == content[40_000..]);
}

#[test]
fn uncommitted_objects_of_another_handle_are_not_there() {
    let scratch = Scratch::new();
    let (db, path) = shared_database(&scratch);
    db.begin_immediate().unwrap();
    let id = stored(&db, b"uncommitted");
    let mut other = Database::open(&path).unwrap();
    crate::common::native_fault(other.object_reader(id), Status::ObjectNotFound);
    db.commit().unwrap();
    assert!(read_exactly(&mut other.object_reader(id).unwrap(), 11) == b"uncommitted");
}

/// Another process holds the file; until it lets go, reads are busy, and they lose no byte.
#[test]
fn a_read_that_met_a_lock_of_another_process_may_be_repeated() {
    if let Some(dir) = child_dir() {
        let connection = raw(&dir.join("a.zova"));
        for round in 0..4 {
            wait_for(&dir.join(format!("lock {round}")));
            connection.execute_batch("begin exclusive").unwrap();
            std::fs::write(dir.join(format!("locked {round}")), b"").unwrap();
            wait_for(&dir.join(format!("release {round}")));
            connection.execute_batch("commit").unwrap();
            std::fs::write(dir.join(format!("released {round}")), b"").unwrap();
        }
        return;
    }
    let scratch = Scratch::new();
    let (db, _) = shared_database(&scratch);
    let content = bytes(5, 160_000);
    let id = stored(&db, &content);
    let mut reader = db.object_reader(id).unwrap();
    let mut holding = child(&this_executable(), test_of(&|| ()), scratch.dir())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut delivered: Vec<u8> = Vec::new();
    for round in 0..4 {
        std::fs::write(scratch.path(&format!("lock {round}")), b"").unwrap();
        wait_for(&scratch.path(&format!("locked {round}")));
        // What is in memory is delivered all the same; then the file is needed.
        let mut buffer = vec![0; 5000];
        let mut refused = None;
        for _ in 0..20 {
            match reader.read(&mut buffer) {
                Ok(count) => delivered.extend(&buffer[..count]),
                Err(error) => {
                    refused = Some(error);
                    break;
                }
            }
        }
        io_fault(Err::<(), _>(refused.expect("a refused read")), Status::Busy);
        for size in [5000, 100_000, 1_000_000] {
            io_fault(reader.read(&mut vec![0; size]), Status::Busy);
        }
        crate::common::native_fault(db.object_reader(id), Status::Busy);
        std::fs::write(scratch.path(&format!("release {round}")), b"").unwrap();
        wait_for(&scratch.path(&format!("released {round}")));
        delivered.extend(read_exactly(&mut reader, 20_000));
    }
    assert!(holding.wait().unwrap().success());
    let (rest, end) = read_all(&mut reader, 50_000);
    end.unwrap();
    delivered.extend(rest);
    assert!(delivered == content);
}

fn wait_for(path: &std::path::Path) {
    for _ in 0..60_000 {
        if path.exists() {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("{path:?} did not appear");
}

#[test]
fn an_open_reader_does_not_stop_writers_of_any_handle() {
    let scratch = Scratch::new();
    let (db, path) = shared_database(&scratch);
    let content = bytes(6, 100_000);
    let mut reader = db.object_reader(stored(&db, &content)).unwrap();
    let mut other = Database::open(&path).unwrap();
    for at in 0..10u64 {
        assert!(read_exactly(&mut reader, 10_000) == content[at as usize * 10_000..][..10_000]);
        other.put_object(&bytes(100 + at, 3000)).unwrap();
        db.delete_object(object_id(&bytes(100 + at, 3000))).unwrap();
    }
}

#[test]
fn with_a_write_ahead_log_a_reader_never_waits() {
    let scratch = Scratch::new();
    let (db, path) = shared_database(&scratch);
    db.exec("pragma journal_mode = wal").unwrap();
    let content = bytes(7, 150_000);
    let id = stored(&db, &content);
    let mut reader = db.object_reader(id).unwrap();
    let mut other = Database::open(&path).unwrap();
    other.begin_immediate().unwrap();
    other.delete_object(id).unwrap();
    assert!(read_exactly(&mut reader, 100_000) == content[..100_000]);
    other.commit().unwrap();
    let (_, end) = read_all(&mut reader, 20_000);
    io_fault(end, Status::ObjectNotFound);
}
