//! Objects whose bytes arrive in parts.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/damage.rs"]
mod damage;
#[path = "../common/limit.rs"]
mod limit;
#[path = "../common/objects.rs"]
mod objects;

mod crash;
mod failures;
mod limits;
mod several;
mod splits;
mod states;
mod transactions;

use std::path::{Path, PathBuf};

use zova::engine::{Session, WriterId};
use zova::{Database, ObjectChunkId, ObjectId, ObjectManifestChunk, OpenOptions};

use common::{Scratch, entries};

/// Stores content through a writer in one write.
fn store(db: &mut Database, content: &[u8]) -> ObjectId {
    let mut writer = db.object_writer().unwrap();
    writer.write(content).unwrap();
    writer.finish().unwrap()
}

/// A session, which can call a writer again after its finish failed. The Rust handles end the writer then.
fn session(scratch: &Scratch) -> (Session, PathBuf) {
    let (db, path) = scratch.database("a.zova");
    drop(db);
    let mut session = Session::open(&path, OpenOptions::default()).unwrap();
    session.exec(c"pragma synchronous = off").unwrap();
    (session, path)
}

/// A writer of the session that was given `content`.
fn writer(session: &mut Session, content: &[u8]) -> WriterId {
    let writer = session.create_writer();
    session.write_object(writer, content).unwrap();
    writer
}

/// The manifest as it is stored, read with plain SQL.
fn stored_manifest(db: &mut Database, id: ObjectId) -> Vec<ObjectManifestChunk> {
    let sql = format!(
        "select chunk_index, chunk_hash, offset, size_bytes from _zova_object_chunks \
         where object_id = x'{id}' order by chunk_index"
    );
    let mut rows = db.prepare(&sql).unwrap();
    let mut manifest = Vec::new();
    while rows.step().unwrap() == zova::Step::Row {
        let hash = rows.column_blob(1).unwrap().unwrap();
        manifest.push(ObjectManifestChunk {
            index: rows.column_i64(0).unwrap() as u64,
            hash: ObjectChunkId::try_from(&hash[..]).unwrap(),
            offset: rows.column_i64(2).unwrap() as u64,
            size_bytes: rows.column_i64(3).unwrap() as u64,
        });
    }
    manifest
}

/// Nothing stands beside the database.
#[track_caller]
fn assert_alone(path: &Path) {
    let name = path.file_name().unwrap().to_str().unwrap();
    assert_eq!(entries(path.parent().unwrap()), [name]);
}
