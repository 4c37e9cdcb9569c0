//! Random sequences of everything that changes objects, against a model in memory.
//!
//! Contents share regions, so that deduplication and collection matter. After each sequence the private tables, read
//! with plain SQL, hold exactly what the model says, and every object reads back. Files with and without the index on
//! chunk references are tried, with foreign keys enforced and not, with either kind of journal.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/objects.rs"]
mod objects;

mod model;
mod operations;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use proptest::prelude::*;
use zova::{Database, OwnedObjectWriter};

use common::{Scratch, entries, one, raw};
use model::Model;
use objects::{drop_chunk_index, rows};
use operations::{Operation, operations};

/// How the file is made and opened.
#[derive(Debug, Clone, Copy)]
struct Variant {
    index: bool,
    foreign_keys: bool,
    wal: bool,
}

/// Writers that may be open at the same time.
const WRITERS: usize = 3;

/// The library and the model, side by side.
struct Pair {
    variant: Variant,
    path: PathBuf,
    db: Database,
    /// With the bytes each was given.
    writers: [Option<(OwnedObjectWriter, Vec<u8>)>; WRITERS],
    model: Model,
}

/// The bytes of an empty database.
fn template(index: bool) -> &'static [u8] {
    static FILES: [OnceLock<Vec<u8>>; 2] = [OnceLock::new(), OnceLock::new()];
    FILES[usize::from(index)].get_or_init(|| {
        let scratch = Scratch::new();
        let (db, path) = scratch.database("a.zova");
        drop(db);
        if !index {
            drop_chunk_index(&path);
        }
        std::fs::read(path).unwrap()
    })
}

fn open(path: &Path, variant: Variant) -> Database {
    let mut db = Database::open(path).unwrap();
    db.exec("pragma synchronous = off").unwrap();
    if variant.foreign_keys {
        db.exec("pragma foreign_keys = on").unwrap();
    }
    if variant.wal {
        db.exec("pragma journal_mode = wal").unwrap();
    }
    db
}

impl Pair {
    fn new(scratch: &Scratch, variant: Variant) -> Self {
        let path = scratch.path("a.zova");
        std::fs::write(&path, template(variant.index)).unwrap();
        let db = open(&path, variant);
        Self { variant, path, db, writers: [const { None }; WRITERS], model: Model::default() }
    }

    /// Closes the database, which undoes what is not committed, and opens it again.
    fn reopen(&mut self) {
        self.writers = [const { None }; WRITERS];
        self.db = open(&self.path, self.variant);
        let _ = self.model.rollback();
    }

    fn end(&mut self, commit: bool) {
        self.writers = [const { None }; WRITERS];
        if self.model.in_transaction() {
            if commit {
                self.db.commit().unwrap();
                self.model.commit().unwrap();
            } else {
                self.db.rollback().unwrap();
                self.model.rollback().unwrap();
            }
        }
    }

    /// The tables hold what the model says, and every object reads back.
    fn check(&mut self) {
        let expected = self.model.now.rows();
        let found = rows(&self.path);
        assert_eq!(found.objects, expected.objects);
        assert_eq!(found.entries, expected.entries);
        let hashes = |rows: &common::reference::Rows| rows.chunks.keys().copied().collect::<Vec<_>>();
        assert_eq!(hashes(&found), hashes(&expected), "other chunks than expected");
        assert!(found.chunks == expected.chunks, "chunks with other bytes than expected");
        let connection = raw(&self.path);
        assert_eq!(one::<String>(&connection, "pragma quick_check"), "ok");
        assert_eq!(one::<i64>(&connection, "select count(*) from pragma_foreign_key_check"), 0);
        drop(connection);
        for id in expected.objects.keys() {
            operations::assert_reads_back(&mut self.db, &self.model.now, id);
        }
        assert_eq!(self.db.list_objects(None, 1000).unwrap().len(), expected.objects.len());
        if !self.variant.wal {
            assert_eq!(entries(self.path.parent().unwrap()), ["a.zova"]);
        }
    }
}

fn run(variant: Variant, operations: &[Operation], commit: bool) {
    let scratch = Scratch::new();
    let mut pair = Pair::new(&scratch, variant);
    for operation in operations {
        operation.run(&mut pair);
    }
    pair.end(commit);
    pair.check();
    // What was collected is gone for good: deleting everything leaves the loose chunks alone.
    for id in pair.model.now.objects.keys().copied().collect::<Vec<_>>() {
        pair.db.delete_object(id.into()).unwrap();
        pair.model.now.delete(&id).unwrap();
    }
    pair.check();
}

proptest! {
    #![proptest_config(ProptestConfig {
        max_shrink_iters: 2000,
        failure_persistence: None,
        ..ProptestConfig::with_cases(150)
    })]

    #[test]
    fn any_sequence_leaves_what_the_model_says(
        (index, foreign_keys, commit) in any::<(bool, bool, bool)>(),
        wal in prop::bool::weighted(0.2),
        operations in operations(),
    ) {
        run(Variant { index, foreign_keys, wal }, &operations, commit);
    }
}
