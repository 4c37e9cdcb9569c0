//! Objects read in parts.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/damage.rs"]
mod damage;
#[path = "../common/objects.rs"]
mod objects;

mod changes;
mod damaged;
mod reading;
mod seeking;

use std::io::{self, Read};
use std::path::PathBuf;

use zova::{ObjectId, SharedDatabase};

use common::Scratch;
use objects::quick_database;

/// A new database that readers do not borrow.
fn shared_database(scratch: &Scratch) -> (SharedDatabase, PathBuf) {
    let (db, path) = quick_database(scratch);
    drop(db);
    let db = SharedDatabase::open(&path).unwrap();
    db.exec("pragma synchronous = off").unwrap();
    (db, path)
}

/// Reads to the end in parts of `size` bytes; gives what was delivered and how it ended.
fn read_all(reader: &mut impl Read, size: usize) -> (Vec<u8>, io::Result<()>) {
    let (mut delivered, mut buffer) = (Vec::new(), vec![0; size]);
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return (delivered, Ok(())),
            Ok(count) => delivered.extend(&buffer[..count]),
            Err(error) => return (delivered, Err(error)),
        }
    }
}

/// Reads exactly `count` bytes.
#[track_caller]
fn read_exactly(reader: &mut impl Read, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    reader.read_exact(&mut bytes).unwrap();
    bytes
}

/// A stored object and its content.
fn stored(db: &SharedDatabase, content: &[u8]) -> ObjectId {
    let id = db.put_object(content).unwrap();
    assert_eq!(id, objects::object_id(content));
    id
}
