//! Manifests, and objects assembled from stored chunks.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/damage.rs"]
mod damage;
#[path = "../common/objects.rs"]
mod objects;

mod assembling;
mod manifests;
mod refusals;

use std::path::{Path, PathBuf};

use zova::{Database, ObjectId, ObjectManifestChunk, Status};

use common::{Scratch, bytes, native_fault};
use objects::{chunk_id, equal_sizes, manifest_by_sizes, object_id, put_chunks, quick_database, rows};

/// What every refused assembly below must leave: nothing.
#[track_caller]
fn refused(
    db: &mut Database,
    path: &Path,
    id: ObjectId,
    size: u64,
    entries: &[ObjectManifestChunk],
    status: Status,
) {
    let before = rows(path);
    native_fault(db.assemble_object_from_chunks(id, size, entries), status);
    assert!(rows(path) == before, "the refused assembly left something");
    // Beside other work of the caller's transaction it leaves nothing either.
    db.begin().unwrap();
    db.put_object_chunk(chunk_id(b"beside"), b"beside").unwrap();
    native_fault(db.assemble_object_from_chunks(id, size, entries), status);
    db.commit().unwrap();
    assert!(db.delete_object_chunk(chunk_id(b"beside")).unwrap());
    assert!(rows(path) == before, "the refused assembly left something in the caller's transaction");
}

/// A database with the chunks of a content of 10,000 bytes, cut every 1,000 bytes.
struct Kit {
    _scratch: Scratch,
    db: Database,
    path: PathBuf,
    content: Vec<u8>,
    id: ObjectId,
    entries: Vec<ObjectManifestChunk>,
}

impl Kit {
    fn new() -> Self {
        let scratch = Scratch::new();
        let (mut db, path) = quick_database(&scratch);
        let content = bytes(1, 10_000);
        let entries = manifest_by_sizes(&content, equal_sizes(&content, 1000));
        put_chunks(&mut db, &content, &entries);
        Self { _scratch: scratch, db, path, id: object_id(&content), content, entries }
    }

    #[track_caller]
    fn refuses(&mut self, entries: &[ObjectManifestChunk], status: Status) {
        refused(&mut self.db, &self.path, self.id, 10_000, entries, status);
    }

    /// The entries after a change of one of them.
    fn with(&self, index: usize, change: impl FnOnce(&mut ObjectManifestChunk)) -> Vec<ObjectManifestChunk> {
        let mut entries = self.entries.clone();
        change(&mut entries[index]);
        entries
    }

    fn assemble(&mut self) {
        self.db.assemble_object_from_chunks(self.id, 10_000, &self.entries).unwrap();
        assert_eq!(self.db.get_object(self.id).unwrap(), self.content);
    }
}
