//! Single chunks: reading, storing and deleting them by their own id.

use super::chunker;
use super::id::ObjectChunkId;
use super::read::ByteBuffer;
use super::store::{Piece, damaged_copy, holds, store_chunk};
use crate::error::Fault;
use crate::session::{Session, Storage};
use crate::sqlite::{Cached, Sql, Value};

const CHUNK: Sql = Sql("select size_bytes, data from $._zova_chunks where chunk_hash = ?1");
const DELETE_LOOSE: Sql = Sql("delete from $._zova_chunks where chunk_hash = ?1 \
    and not exists (select 1 from $._zova_object_chunks where chunk_hash = ?1)");

const READ: &str = "read the chunk";
const STORE: &str = "store the chunk";
const DELETE: &str = "delete the chunk";

impl Session {
    /// Reads and verifies a chunk, whether objects use it or not.
    ///
    /// Cost: one SHA-256 pass over at most 64 KiB.
    pub fn get_object_chunk<B: ByteBuffer>(&mut self, id: ObjectChunkId) -> Result<B, Fault> {
        let mut copy = None;
        let found = with_chunk(self.storage(), id, READ, |bytes| {
            copy = B::with_len(bytes.len()).map(|mut buffer| {
                buffer.bytes_mut().copy_from_slice(bytes);
                buffer
            });
        })?;
        if !found {
            return Err(Fault::ObjectChunkNotFound(id));
        }
        copy.ok_or(Fault::OutOfMemory("the bytes of the chunk"))
    }

    /// True if the chunk is stored; one that is stored but damaged is a fault.
    ///
    /// Cost: as reading it.
    pub fn has_object_chunk(&mut self, id: ObjectChunkId) -> Result<bool, Fault> {
        with_chunk(self.storage(), id, READ, |_| ())
    }

    /// Stores bytes as a chunk of their own. A chunk that is already stored is left as it is.
    ///
    /// Cost: one SHA-256 pass and one transaction (a savepoint inside the caller's).
    pub fn put_object_chunk(&mut self, expected: ObjectChunkId, bytes: &[u8]) -> Result<(), Fault> {
        if !(1..=chunker::MAX_SIZE).contains(&bytes.len()) {
            return Err(Fault::chunk_of_length(expected, bytes.len()));
        }
        let found = ObjectChunkId::of(bytes);
        if found != expected {
            return Err(Fault::ObjectChunkHashMismatch { expected, found });
        }
        self.require_no_running_writer()?;
        let piece = Piece { id: expected, bytes };
        let failed = |error| Fault::Native { action: STORE, error };
        match holds(self.storage(), piece).map_err(failed)? {
            Some(true) => Ok(()),
            Some(false) => Err(damaged_copy(piece)),
            None => self.atomically(STORE, |session| store_chunk(session.storage(), piece, STORE).map(drop)),
        }
    }

    /// Deletes a chunk that no object uses; `false` if there is none or an object uses it.
    ///
    /// Cost: a key look-up where chunk references are indexed (files this library created), elsewhere one scan of
    /// all manifests.
    pub fn delete_object_chunk(&mut self, id: ObjectChunkId) -> Result<bool, Fault> {
        self.require_no_running_writer()?;
        self.atomically(DELETE, |session| {
            let storage = session.storage();
            storage
                .run(DELETE_LOOSE, &[Value::Blob(id.as_ref())])
                .map_err(|error| Fault::Native { action: DELETE, error })?;
            Ok(storage.changes() > 0)
        })
    }
}

/// Hands the verified bytes of a chunk to `use_bytes`; `false` if there is no such chunk.
pub(super) fn with_chunk(
    storage: Storage<'_>,
    id: ObjectChunkId,
    action: &'static str,
    use_bytes: impl FnOnce(&[u8]),
) -> Result<bool, Fault> {
    let failed = |error| Fault::Native { action, error };
    let mut row = storage.query(CHUNK, &[Value::Blob(id.as_ref())]).map_err(failed)?;
    if !row.step().map_err(failed)? {
        return Ok(false);
    }
    use_bytes(verified(&mut row, 0, id, action)?);
    Ok(true)
}

/// The verified bytes of a chunk from its stored size and bytes, which are the columns from `column` on.
pub(super) fn verified<'r>(
    row: &'r mut Cached<'_>,
    column: i32,
    id: ObjectChunkId,
    action: &'static str,
) -> Result<&'r [u8], Fault> {
    let damaged = |damage: &str| Fault::ChunkCorrupt { id, damage: damage.to_owned() };
    let size =
        usize::try_from(row.integer(column)).ok().filter(|size| (1..=chunker::MAX_SIZE).contains(size));
    let size = size.ok_or_else(|| damaged("its stored size is not that of a chunk"))?;
    let bytes = row.bytes(column + 1).map_err(|error| Fault::Native { action, error })?;
    if bytes.len() != size {
        return Err(damaged("its bytes are not as many as its stored size says"));
    }
    if ObjectChunkId::of(bytes) != id {
        return Err(damaged("its bytes do not hash to its id"));
    }
    Ok(bytes)
}
