//! What may happen to a database, done to the library and to the model alike.

use std::fmt::Debug;
use std::io::Read;
use std::sync::OnceLock;

use proptest::prelude::*;
use zova::{Database, ObjectId, ObjectManifestChunk, Result, Status};

use crate::common::bytes;
use crate::common::reference::{Hash, chunks, sha256};
use crate::model::State;
use crate::objects::{equal_sizes, manifest_by_sizes, manifest_of};
use crate::{Pair, WRITERS};

/// Contents that share regions, from nothing to more than half a megabyte.
pub(crate) fn contents() -> &'static [Vec<u8>] {
    static CONTENTS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    CONTENTS.get_or_init(|| {
        let base = bytes(1, 40_000);
        let mut edited = base.clone();
        edited[20_000] ^= 1;
        let large = [&[9; 400_000][..], &base, &base, &base, &base].concat();
        let mut large_edited = large.clone();
        large_edited[450_000] ^= 1;
        vec![
            edited,
            [&base[..25_000], &bytes(2, 10_000)].concat(),
            [&bytes(3, 100)[..], &base].concat(),
            [&base[..], &base].concat(),
            vec![9; 70_000],
            vec![9; 200_000],
            Vec::new(),
            vec![b'x'],
            base[..2000].to_vec(),
            // An object that is one chunk of another.
            chunks(&base)[0].to_vec(),
            base,
            large,
            large_edited,
        ]
    })
}

/// A content with boundaries for it.
pub(crate) struct Cut {
    content: &'static [u8],
    entries: Vec<ObjectManifestChunk>,
}

impl Cut {
    fn chunk(&self, entry: &ObjectManifestChunk) -> &'static [u8] {
        &self.content[entry.offset as usize..(entry.offset + entry.size_bytes) as usize]
    }
}

/// Every content as it is cut by the format, and cut otherwise.
fn cuts() -> &'static [Cut] {
    static CUTS: OnceLock<Vec<Cut>> = OnceLock::new();
    CUTS.get_or_init(|| {
        contents()
            .iter()
            .flat_map(|content| {
                let own = manifest_of(content);
                let foreign =
                    [9000, 65_536].map(|size| manifest_by_sizes(content, equal_sizes(content, size)));
                [vec![own], foreign.to_vec()].concat().into_iter().map(|entries| Cut { content, entries })
            })
            .collect()
    })
}

/// Chunks to be put and deleted by themselves.
fn pieces() -> &'static [&'static [u8]] {
    static PIECES: OnceLock<Vec<&'static [u8]>> = OnceLock::new();
    PIECES.get_or_init(|| {
        let mut pieces: Vec<_> =
            cuts().iter().flat_map(|cut| cut.entries.iter().take(4).map(|entry| cut.chunk(entry))).collect();
        pieces.sort_unstable();
        pieces.dedup();
        pieces
    })
}

/// What is done to a manifest before it is assembled.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change {
    Nothing,
    Reversed,
    Offset(usize),
    Index(usize),
    Size(usize),
    Hash(usize, usize),
    Missing(usize),
    Twice(usize),
    Total(i64),
    Id,
    Empty,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Operation {
    Put(usize),
    Delete(usize),
    PutChunk(usize),
    DeleteChunk(usize),
    PutChunks(usize),
    Assemble(usize, Change),
    /// As above, with the chunks it needs put before.
    PutAndAssemble(usize, Change),
    Create(usize),
    Write(usize, usize, usize),
    Finish(usize),
    Cancel(usize),
    Drop(usize),
    Begin,
    BeginImmediate,
    Commit,
    Rollback,
    Savepoint(&'static str),
    Release(&'static str),
    RollbackTo(&'static str),
    Vacuum,
    Reopen,
    Read(usize),
}

fn change() -> impl Strategy<Value = Change> {
    let entry = 0usize..40;
    prop_oneof![
        6 => Just(Change::Nothing),
        2 => Just(Change::Reversed),
        1 => entry.clone().prop_map(Change::Offset),
        1 => entry.clone().prop_map(Change::Index),
        1 => entry.clone().prop_map(Change::Size),
        1 => (entry.clone(), 0..pieces().len()).prop_map(|(at, piece)| Change::Hash(at, piece)),
        1 => entry.clone().prop_map(Change::Missing),
        1 => entry.prop_map(Change::Twice),
        1 => prop_oneof![Just(-1i64), Just(1), Just(70_000)].prop_map(Change::Total),
        1 => Just(Change::Id),
        1 => Just(Change::Empty),
    ]
}

fn operation() -> impl Strategy<Value = Operation> {
    let content = 0..contents().len();
    let piece = 0..pieces().len();
    let cut = 0..cuts().len();
    let writer = 0..WRITERS;
    let name = prop::sample::select(vec!["a", "b", "c"]);
    let size = prop_oneof![1 => 0usize..100, 1 => 1000usize..70_000, 3 => Just(usize::MAX)];
    prop_oneof![
        10 => content.clone().prop_map(Operation::Put),
        7 => content.clone().prop_map(Operation::Delete),
        4 => piece.clone().prop_map(Operation::PutChunk),
        3 => piece.prop_map(Operation::DeleteChunk),
        4 => cut.clone().prop_map(Operation::PutChunks),
        3 => (cut.clone(), change()).prop_map(|(cut, change)| Operation::Assemble(cut, change)),
        6 => (cut, change()).prop_map(|(cut, change)| Operation::PutAndAssemble(cut, change)),
        1 => writer.clone().prop_map(Operation::Create),
        8 => (writer.clone(), content.clone(), size)
            .prop_map(|(writer, content, size)| Operation::Write(writer, content, size)),
        7 => writer.clone().prop_map(Operation::Finish),
        1 => writer.clone().prop_map(Operation::Cancel),
        1 => writer.prop_map(Operation::Drop),
        2 => Just(Operation::Begin),
        2 => Just(Operation::BeginImmediate),
        2 => Just(Operation::Commit),
        2 => Just(Operation::Rollback),
        4 => name.clone().prop_map(Operation::Savepoint),
        2 => name.clone().prop_map(Operation::Release),
        3 => name.prop_map(Operation::RollbackTo),
        1 => Just(Operation::Vacuum),
        1 => Just(Operation::Reopen),
        3 => content.prop_map(Operation::Read),
    ]
}

pub(crate) fn operations() -> impl Strategy<Value = Vec<Operation>> {
    prop::collection::vec(operation(), 1..70)
}

/// The library answers as the model does.
fn assert_same<T: Debug + PartialEq>(
    operation: &Operation,
    found: Result<T>,
    expected: std::result::Result<T, Status>,
) {
    let found = found.map_err(|error| error.status().expect("a status"));
    assert_eq!(found, expected, "{operation:?}");
}

/// All ways to read an object give its content.
pub(crate) fn assert_reads_back(db: &mut Database, state: &State, id: &Hash) {
    let content = state.content(id).expect("a stored object");
    assert_eq!(sha256(&content), *id, "the model itself is wrong");
    let id = ObjectId::from(*id);
    assert!(db.get_object(id).unwrap() == content);
    db.verify_object(id).unwrap();
    assert_eq!(db.object_size(id).unwrap(), content.len() as u64);
    let mut copy = Vec::new();
    db.object_reader(id).unwrap().read_to_end(&mut copy).unwrap();
    assert!(copy == content);
    let mut part = [0; 500];
    let start = content.len() / 3;
    let count = db.read_object_range(id, start as u64, &mut part).unwrap();
    assert!(part[..count] == content[start..(start + 500).min(content.len())]);
}

impl Operation {
    pub(crate) fn run(&self, pair: &mut Pair) {
        let Pair { db, writers, model, .. } = pair;
        match *self {
            Self::Put(content) => {
                let content = &contents()[content];
                model.now.put(content);
                assert_same(self, db.put_object(content), Ok(sha256(content).into()));
            }
            Self::Delete(content) => {
                let id = sha256(&contents()[content]);
                assert_same(self, db.delete_object(id.into()), model.now.delete(&id));
            }
            Self::PutChunk(piece) => {
                let piece = pieces()[piece];
                let hash = model.now.put_chunk(piece);
                assert_same(self, db.put_object_chunk(hash.into(), piece), Ok(()));
            }
            Self::DeleteChunk(piece) => {
                let hash = sha256(pieces()[piece]);
                assert_same(self, db.delete_object_chunk(hash.into()), Ok(model.now.delete_chunk(&hash)));
            }
            Self::PutChunks(cut) => {
                let cut = &cuts()[cut];
                for entry in &cut.entries {
                    let chunk = cut.chunk(entry);
                    model.now.put_chunk(chunk);
                    assert_same(self, db.put_object_chunk(entry.hash, chunk), Ok(()));
                }
            }
            Self::Assemble(cut, change) => {
                let (id, size, entries) = changed(&cuts()[cut], change);
                let expected = model.now.assemble(id, size, &entries);
                assert_same(self, db.assemble_object_from_chunks(id, size, &entries), expected);
            }
            Self::PutAndAssemble(cut, change) => {
                Self::PutChunks(cut).run(pair);
                Self::Assemble(cut, change).run(pair);
            }
            Self::Create(slot) => writers[slot] = Some((db.object_writer_owned().unwrap(), Vec::new())),
            Self::Write(slot, content, size) => {
                let (writer, written) =
                    writers[slot].get_or_insert_with(|| (db.object_writer_owned().unwrap(), Vec::new()));
                let content = &contents()[content];
                let part = &content[..size.min(content.len())];
                writer.write(part).unwrap();
                written.extend_from_slice(part);
            }
            Self::Finish(slot) => {
                let Some((writer, written)) = writers[slot].take() else { return };
                model.now.put(&written);
                assert_same(self, writer.finish(), Ok(sha256(&written).into()));
            }
            Self::Cancel(slot) => {
                let Some((writer, _)) = writers[slot].take() else { return };
                assert_same(self, writer.cancel(), Ok(()));
            }
            Self::Drop(slot) => writers[slot] = None,
            Self::Begin => assert_same(self, db.begin(), model.begin()),
            Self::BeginImmediate => assert_same(self, db.begin_immediate(), model.begin()),
            Self::Commit => assert_same(self, db.commit(), model.commit()),
            Self::Rollback => assert_same(self, db.rollback(), model.rollback()),
            Self::Savepoint(name) => assert_same(self, db.savepoint(name), model.savepoint(name)),
            Self::Release(name) => assert_same(self, db.release_savepoint(name), model.release(name)),
            Self::RollbackTo(name) => {
                assert_same(self, db.rollback_to_savepoint(name), model.rollback_to(name));
            }
            Self::Vacuum => {
                let expected = if model.in_transaction() { Err(Status::SqliteError) } else { Ok(()) };
                assert_same(self, db.vacuum(), expected);
            }
            Self::Reopen => pair.reopen(),
            Self::Read(content) => read(self, db, &model.now, &contents()[content]),
        }
    }
}

/// Reads an object, or finds it missing, in whatever transaction is open.
fn read(operation: &Operation, db: &mut Database, state: &State, content: &[u8]) {
    let id = sha256(content);
    let stored = state.objects.get(&id);
    assert_same(operation, db.has_object(id.into()), Ok(stored.is_some()));
    match stored {
        Some(manifest) => {
            assert_same(operation, db.object_chunk_count(id.into()), Ok(manifest.len() as u64));
            assert_reads_back(db, state, &id);
        }
        None => assert_same(operation, db.verify_object(id.into()), Err(Status::ObjectNotFound)),
    }
    let chunk = state.chunks.get(&id);
    assert_same(operation, db.has_object_chunk(id.into()), Ok(chunk.is_some()));
    let found = db.get_object_chunk(id.into());
    assert_same(operation, found, chunk.map(|bytes| bytes.to_vec()).ok_or(Status::ObjectChunkNotFound));
}

/// Id, size and entries to be assembled.
fn changed(cut: &Cut, change: Change) -> (ObjectId, u64, Vec<ObjectManifestChunk>) {
    let mut id = ObjectId::from(sha256(cut.content));
    let mut size = cut.content.len() as u64;
    let mut entries = cut.entries.clone();
    let count = entries.len().max(1);
    let at = |at: usize| at % count;
    match change {
        Change::Nothing => {}
        Change::Reversed => entries.reverse(),
        Change::Total(difference) => size = size.saturating_add_signed(difference),
        Change::Id => id = ObjectId::from([5; 32]),
        Change::Empty => entries.clear(),
        _ if entries.is_empty() => {}
        Change::Offset(index) => entries[at(index)].offset += 1,
        Change::Index(index) => entries[at(index)].index += 1000,
        Change::Size(index) => entries[at(index)].size_bytes -= 1,
        Change::Hash(index, piece) => entries[at(index)].hash = sha256(pieces()[piece]).into(),
        Change::Missing(index) => drop(entries.remove(at(index))),
        Change::Twice(index) => entries.push(entries[at(index)].clone()),
    }
    (id, size, entries)
}
