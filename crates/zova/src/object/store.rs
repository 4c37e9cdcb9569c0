//! Writing an object's rows: the one way by which put and the writer store.

use std::collections::HashSet;

use super::id::{ObjectChunkId, ObjectId};
use super::rows::{Entry, object_exists};
use crate::error::Fault;
use crate::session::Storage;
use crate::sqlite::{Sql, SqliteError, Value};

const MANIFEST_EXISTS: Sql = Sql("select 1 from $._zova_object_chunks where object_id = ?1 limit 1");
const INSERT_OBJECT: Sql = Sql("insert into $._zova_objects (object_id, size_bytes, chunk_count, chunker) \
    values (?1, ?2, ?3, 'fastcdc-v1') on conflict (object_id) do nothing");
const INSERT_CHUNK: Sql = Sql("insert into $._zova_chunks (chunk_hash, size_bytes, data) \
    values (?1, ?2, ?3) on conflict (chunk_hash) do nothing");
const INSERT_ENTRY: Sql = Sql("insert into $._zova_object_chunks \
    (object_id, chunk_index, chunk_hash, offset, size_bytes) values (?1, ?2, ?3, ?4, ?5)");
const CHUNK: Sql = Sql("select size_bytes, data from $._zova_chunks where chunk_hash = ?1");

/// Chunks of the object being stored that are remembered as stored already: enough for content that repeats itself,
/// and a bound on memory.
const REMEMBERED_CHUNKS: usize = 1024;

/// A chunk as it will be stored.
#[derive(Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) id: ObjectChunkId,
    pub(super) bytes: &'a [u8],
}

/// The chunks of an object in order, one at a time.
pub(super) trait Pieces {
    /// The next chunk; `None` behind the last one.
    fn next(&mut self) -> Result<Option<Piece<'_>>, Fault>;
}

/// Chunks whose storing is watched: before each, and behind the last, `watch` hears how many bytes came before and
/// may stop it.
pub(super) struct Watched<'w, P> {
    pieces: P,
    done: u64,
    watch: &'w mut dyn FnMut(u64) -> Result<(), Fault>,
}

impl<'w, P: Pieces> Watched<'w, P> {
    pub(super) fn new(pieces: P, watch: &'w mut dyn FnMut(u64) -> Result<(), Fault>) -> Self {
        Self { pieces, done: 0, watch }
    }
}

impl<P: Pieces> Pieces for Watched<'_, P> {
    fn next(&mut self) -> Result<Option<Piece<'_>>, Fault> {
        (self.watch)(self.done)?;
        let piece = self.pieces.next()?;
        self.done += piece.map_or(0, |piece| piece.bytes.len() as u64);
        Ok(piece)
    }
}

/// What an object's row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) size: u64,
    pub(super) chunk_count: u64,
}

/// Inserts the row of an object that has none, refusing to join entries left over from another one. `false` if there
/// is a row already.
///
/// Parents go before children, here and in the callers, so that enforced foreign keys hold at every moment.
pub(super) fn insert_object(
    storage: Storage<'_>,
    id: ObjectId,
    shape: Shape,
    action: &'static str,
) -> Result<bool, Fault> {
    let failed = |error| Fault::Native { action, error };
    let object = Value::Blob(id.as_ref());
    let (size, count) = (Value::Integer(shape.size as i64), Value::Integer(shape.chunk_count as i64));
    storage.run(INSERT_OBJECT, &[object, size, count]).map_err(failed)?;
    if storage.changes() == 0 {
        return match object_exists(storage, id).map_err(failed)? {
            true => Ok(false),
            false => Err(row_skipped(action)),
        };
    }
    if storage.query(MANIFEST_EXISTS, &[object]).and_then(|mut row| row.step()).map_err(failed)? {
        return Err(Fault::ObjectRowsContradict(id));
    }
    Ok(true)
}

/// Inserts an entry of an object's manifest.
pub(super) fn insert_entry(
    storage: Storage<'_>,
    id: ObjectId,
    index: u64,
    chunk: ObjectChunkId,
    entry: Entry,
    action: &'static str,
) -> Result<(), Fault> {
    let values = [
        Value::Blob(id.as_ref()),
        Value::Integer(index as i64),
        Value::Blob(chunk.as_ref()),
        Value::Integer(entry.offset as i64),
        Value::Integer(entry.size as i64),
    ];
    storage.run(INSERT_ENTRY, &values).map_err(|error| Fault::Native { action, error })?;
    if storage.changes() == 1 { Ok(()) } else { Err(row_skipped(action)) }
}

/// A trigger of the application's on the stored rows answered RAISE(IGNORE).
pub(super) fn row_skipped(action: &'static str) -> Fault {
    Fault::Native { action, error: SqliteError::skipped_by_trigger() }
}

/// Stores an object's rows inside a transaction; `false` if the object has a row already, and then nothing changed.
///
/// Memory: a few hundred KiB, whatever the object's size.
pub(super) fn store(
    storage: Storage<'_>,
    id: ObjectId,
    shape: Shape,
    pieces: &mut impl Pieces,
    action: &'static str,
) -> Result<bool, Fault> {
    if !insert_object(storage, id, shape, action)? {
        return Ok(false);
    }
    let mut stored = HashSet::new();
    let (mut index, mut offset) = (0, 0);
    while let Some(piece) = pieces.next()? {
        if !stored.contains(&piece.id) {
            store_chunk(storage, piece, action)?;
            if stored.len() < REMEMBERED_CHUNKS {
                stored.insert(piece.id);
            }
        }
        let entry = Entry { offset, size: piece.bytes.len() };
        insert_entry(storage, id, index, piece.id, entry, action)?;
        (index, offset) = (index + 1, entry.end());
    }
    debug_assert_eq!((offset, index), (shape.size, shape.chunk_count));
    Ok(true)
}

/// Stores a chunk unless it is there already; one that is there must hold the same bytes. `true` if it was stored.
pub(super) fn store_chunk(
    storage: Storage<'_>,
    piece: Piece<'_>,
    action: &'static str,
) -> Result<bool, Fault> {
    let failed = |error| Fault::Native { action, error };
    let id = Value::Blob(piece.id.as_ref());
    let length = Value::Integer(piece.bytes.len() as i64);
    storage.run(INSERT_CHUNK, &[id, length, Value::Blob(piece.bytes)]).map_err(failed)?;
    if storage.changes() > 0 {
        return Ok(true);
    }
    match holds(storage, piece).map_err(failed)? {
        Some(true) => Ok(false),
        Some(false) => Err(damaged_copy(piece)),
        None => Err(row_skipped(action)),
    }
}

/// The chunk is stored with other bytes than the ones that hash to its id.
pub(super) fn damaged_copy(piece: Piece<'_>) -> Fault {
    let damage = "the stored bytes differ from the ones being stored under the same hash";
    Fault::ChunkCorrupt { id: piece.id, damage: damage.to_owned() }
}

/// Whether the stored chunk of this id has exactly these bytes; `None` if there is none.
pub(super) fn holds(storage: Storage<'_>, piece: Piece<'_>) -> Result<Option<bool>, SqliteError> {
    let mut row = storage.query(CHUNK, &[Value::Blob(piece.id.as_ref())])?;
    if !row.step()? {
        return Ok(None);
    }
    Ok(Some(row.integer(0) == piece.bytes.len() as i64 && row.bytes(1)? == piece.bytes))
}
