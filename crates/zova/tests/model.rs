//! Random sequences of object operations, transactions and savepoints against a model in memory.
//!
//! The contents share chunks, so that what one object leaves behind is what another needs. After every commit, and
//! at the end, the private tables must hold exactly the rows that the model's objects have by definition.

mod common;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};
use zova::{Database, ObjectId, OpenOptions, Status};

use common::reference::{Rows, sha256};
use common::{Scratch, bytes, native_fault, raw};

const CASES: u32 = 100;

#[derive(Debug, Clone)]
enum Operation {
    Put(usize),
    Delete(usize),
    Get(usize),
    Range(usize, usize, usize),
    Begin(bool),
    Commit,
    Rollback,
    Savepoint(usize),
    RollbackTo(usize),
    Release(usize),
    /// A put that fails half-way.
    FailingPut(usize),
    Vacuum,
    Reopen,
}

/// In two letter cases, which are one name.
const NAMES: [&str; 3] = ["first", "FIRST", "second"];

fn operation(contents: usize) -> impl Strategy<Value = Operation> {
    let content = 0..contents;
    let name = 0..NAMES.len();
    prop_oneof![
        8 => content.clone().prop_map(Operation::Put),
        6 => content.clone().prop_map(Operation::Delete),
        2 => content.clone().prop_map(Operation::Get),
        2 => (content.clone(), 0usize..80_000, 0usize..40_000).prop_map(|(c, o, l)| Operation::Range(c, o, l)),
        2 => any::<bool>().prop_map(Operation::Begin),
        2 => Just(Operation::Commit),
        1 => Just(Operation::Rollback),
        3 => name.clone().prop_map(Operation::Savepoint),
        2 => name.clone().prop_map(Operation::RollbackTo),
        2 => name.prop_map(Operation::Release),
        1 => content.prop_map(Operation::FailingPut),
        1 => Just(Operation::Vacuum),
        1 => Just(Operation::Reopen),
    ]
}

/// Contents that share chunks with one another.
fn contents() -> Vec<Vec<u8>> {
    let (a, b, c) = (bytes(1, 20_000), bytes(2, 20_000), bytes(3, 20_000));
    let mut edited = a.clone();
    edited[10_000] ^= 1;
    vec![
        a.clone(),
        b.clone(),
        [&a[..], &b].concat(),
        [&b[..], &a].concat(),
        [&a[..], &b, &c].concat(),
        edited,
        [&c[..], &c, &c].concat(),
        vec![0; 2 * 65536],
        Vec::new(),
        b"x".to_vec(),
    ]
}

/// A scope, and what was stored when it was opened.
struct Scope {
    /// Lower case; `None` for a transaction.
    name: Option<String>,
    before: BTreeSet<usize>,
}

/// What should be stored.
#[derive(Default)]
struct Model {
    current: BTreeSet<usize>,
    committed: BTreeSet<usize>,
    scopes: Vec<Scope>,
}

impl Model {
    fn open(&mut self, name: Option<&str>) {
        self.scopes.push(Scope { name: name.map(str::to_lowercase), before: self.current.clone() });
    }

    /// The innermost savepoint of a name.
    fn find(&self, name: &str) -> Option<usize> {
        self.scopes.iter().rposition(|scope| scope.name.as_deref() == Some(&name.to_lowercase()))
    }

    fn end(&mut self) {
        self.scopes.clear();
        self.committed = self.current.clone();
    }

    fn undo_to(&mut self, scope: usize) {
        self.current = self.scopes[scope].before.clone();
        self.scopes.truncate(scope + 1);
    }
}

struct World {
    path: PathBuf,
    db: Database,
    model: Model,
    contents: Vec<Content>,
}

/// Bytes with the id and the rows they have by definition.
#[derive(Clone)]
struct Content {
    bytes: Vec<u8>,
    id: ObjectId,
    rows: Rows,
}

fn open(path: &PathBuf) -> Database {
    let mut db = Database::open_with_options(path, OpenOptions::default()).unwrap();
    // What this file is about does not depend on the disk; foreign keys must hold at every moment.
    db.exec("pragma synchronous = off; pragma foreign_keys = on").unwrap();
    db
}

impl World {
    fn run(&mut self, operation: &Operation) -> TestCaseResult {
        match *operation {
            Operation::Put(content) => {
                prop_assert_eq!(
                    self.db.put_object(&self.contents[content].bytes).unwrap(),
                    self.contents[content].id
                );
                self.model.current.insert(content);
            }
            Operation::Delete(content) => {
                let id = self.contents[content].id;
                if self.model.current.remove(&content) {
                    self.db.delete_object(id).unwrap();
                } else {
                    native_fault(self.db.delete_object(id), Status::ObjectNotFound);
                }
            }
            Operation::Get(content) => {
                let (id, known) = (self.contents[content].id, self.model.current.contains(&content));
                prop_assert_eq!(self.db.has_object(id).unwrap(), known);
                if known {
                    prop_assert!(self.db.get_object(id).unwrap() == self.contents[content].bytes);
                } else {
                    native_fault(self.db.get_object(id), Status::ObjectNotFound);
                }
            }
            Operation::Range(content, offset, length) => self.range(content, offset, length)?,
            Operation::Begin(immediate) => {
                let begun = if immediate { self.db.begin_immediate() } else { self.db.begin() };
                prop_assert_eq!(begun.is_ok(), self.model.scopes.is_empty());
                if begun.is_ok() {
                    self.model.open(None);
                }
            }
            Operation::Commit => {
                let open = !self.model.scopes.is_empty();
                prop_assert_eq!(self.db.commit().is_ok(), open);
                self.model.end();
            }
            Operation::Rollback => {
                prop_assert_eq!(self.db.rollback().is_ok(), !self.model.scopes.is_empty());
                self.model.current = self.model.committed.clone();
                self.model.end();
            }
            Operation::Savepoint(name) => {
                self.db.savepoint(NAMES[name]).unwrap();
                self.model.open(Some(NAMES[name]));
            }
            Operation::RollbackTo(name) => {
                let scope = self.model.find(NAMES[name]);
                prop_assert_eq!(self.db.rollback_to_savepoint(NAMES[name]).is_ok(), scope.is_some());
                if let Some(scope) = scope {
                    self.model.undo_to(scope);
                }
            }
            Operation::Release(name) => {
                let scope = self.model.find(NAMES[name]);
                prop_assert_eq!(self.db.release_savepoint(NAMES[name]).is_ok(), scope.is_some());
                if let Some(scope) = scope {
                    self.model.scopes.truncate(scope);
                }
            }
            Operation::FailingPut(content) => self.failing_put(content),
            Operation::Vacuum => {
                prop_assert_eq!(self.db.vacuum().is_ok(), self.model.scopes.is_empty());
            }
            Operation::Reopen => {
                self.db = open(&self.path);
                self.model.current = self.model.committed.clone();
                self.model.end();
            }
        }
        if self.model.scopes.is_empty() {
            self.model.end();
            self.compare()?;
        }
        Ok(())
    }

    fn range(&mut self, content: usize, offset: usize, length: usize) -> TestCaseResult {
        let id = self.contents[content].id;
        let mut buffer = vec![0; length];
        let found = self.db.read_object_range(id, offset as u64, &mut buffer);
        let truth = &self.contents[content].bytes;
        if !self.model.current.contains(&content) {
            native_fault(found, Status::ObjectNotFound);
        } else if offset > truth.len() {
            native_fault(found, Status::ObjectRangeInvalid);
        } else {
            let truth = &truth[offset..truth.len().min(offset + length)];
            prop_assert_eq!(found.unwrap(), truth.len());
            prop_assert!(buffer[..truth.len()] == *truth);
        }
        Ok(())
    }

    /// A trigger stops the put at its second manifest entry. Content that is stored, or has fewer entries, is put
    /// without a fault.
    fn failing_put(&mut self, content: usize) {
        self.db
            .exec(
                "create temp trigger refuse before insert on main._zova_object_chunks when new.chunk_index = 1 \
                 begin select raise(abort, 'refused'); end",
            )
            .unwrap();
        let put = self.db.put_object(&self.contents[content].bytes);
        if self.model.current.contains(&content) || self.contents[content].rows.entries.len() < 2 {
            put.unwrap();
            self.model.current.insert(content);
        } else {
            native_fault(put, Status::Constraint);
        }
        self.db.exec("drop trigger refuse").unwrap();
    }

    /// Everything that is committed, and nothing else, is in the file.
    fn compare(&self) -> TestCaseResult {
        let mut expected = Rows::default();
        for content in &self.model.committed {
            let rows = self.contents[*content].rows.clone();
            expected.objects.extend(rows.objects);
            expected.entries.extend(rows.entries);
            expected.chunks.extend(rows.chunks);
        }
        prop_assert!(
            Rows::read(&raw(&self.path)) == expected,
            "the file differs from {:?}",
            self.model.committed
        );
        Ok(())
    }
}

/// Runs sequences on files that `prepare` has changed.
fn run_sequences(cases: u32, prepare: &str) {
    let contents: Vec<Content> = contents()
        .into_iter()
        .map(|bytes| Content { id: sha256(&bytes).into(), rows: Rows::of([bytes.as_slice()]), bytes })
        .collect();
    let statistics = RefCell::new(BTreeMap::new());
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let sequences = prop::collection::vec(operation(contents.len()), 1..40);
    let outcome = runner.run(&sequences, |sequence| {
        let scratch = Scratch::new();
        let (mut db, path) = scratch.database("a.zova");
        db.exec(prepare).unwrap();
        drop(db);
        let db = open(&path);
        let mut world = World { path, db, model: Model::default(), contents: contents.clone() };
        for operation in &sequence {
            world.run(operation)?;
        }
        // An open transaction ends with its handle.
        world.run(&Operation::Reopen)?;
        *statistics.borrow_mut().entry(world.model.committed.len()).or_insert(0) += 1;
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    // The sequences do store something: most do not end with an empty file.
    let empty = statistics.borrow().get(&0).copied().unwrap_or(0);
    assert!(empty * 2 < cases, "{:?}", statistics.borrow());
}

#[test]
fn the_rows_are_those_of_the_model_after_any_sequence() {
    run_sequences(CASES, "");
}

#[test]
fn the_rows_are_those_of_the_model_without_an_index_on_references() {
    run_sequences(CASES / 2, "drop index _zova_idx_object_chunks_by_hash");
}
