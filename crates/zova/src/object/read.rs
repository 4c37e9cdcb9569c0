//! Reading objects: whole, in ranges, and what their rows say.
//!
//! Bytes are handed out only after the chunk they come from was verified against its hash; a read of the whole
//! object is verified against the object id as well.

use std::sync::mpsc;

use super::id::{Hasher, ObjectId, hash};
use super::rows::{Entry, ObjectRow, object_exists};
use super::source::{Source, find_chunk, verify, wrong_hash};
use crate::error::Fault;
use crate::session::{Session, Storage};
use crate::sqlite::{Sql, Value};

const ACTION: &str = "read the object";

const LAST_ENTRY: Sql = Sql("select chunk_index, offset, size_bytes from $._zova_object_chunks \
    where object_id = ?1 order by chunk_index desc limit 1");

/// From this size on the whole object is hashed on a thread of its own, beside reading and hashing the chunks.
const TWO_THREADS_FROM: usize = 512 * 1024;

/// Bytes handed to that thread at a time: enough to make waking it cheap.
const HANDED_OVER: usize = 256 * 1024;

/// Memory that a surface reserves for the bytes of an object, in whatever form it hands them out.
pub trait ByteBuffer: Sized {
    /// A buffer of exactly this many bytes; `None` when there is not enough memory.
    fn with_len(len: usize) -> Option<Self>;

    /// All its bytes.
    fn bytes_mut(&mut self) -> &mut [u8];
}

impl ByteBuffer for Vec<u8> {
    fn with_len(len: usize) -> Option<Self> {
        let mut bytes = Self::new();
        bytes.try_reserve_exact(len).ok()?;
        bytes.resize(len, 0);
        Some(bytes)
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        self
    }
}

impl Session {
    /// Reads and verifies a whole object.
    ///
    /// Cost: two SHA-256 passes over the object, side by side on two threads from 512 KiB on; memory for the object
    /// and one chunk.
    pub fn get_object<B: ByteBuffer>(&mut self, id: ObjectId) -> Result<B, Fault> {
        let storage = self.storage();
        let object = ObjectRow::get(storage, id, ACTION)?;
        object.require_plausible(id)?;
        let size = usize::try_from(object.size).ok();
        let mut buffer = size.and_then(B::with_len).ok_or(Fault::OutOfMemory("the bytes of the object"))?;
        read_whole(storage, id, &object, buffer.bytes_mut())?;
        Ok(buffer)
    }

    /// Copies the bytes from `offset` on, as many as there are and fit, and says how many. `room` is how many fit;
    /// `buffer` gives the place for as many as there are, which may be partly overwritten on an error.
    ///
    /// Cost: a few key look-ups to find the first chunk, one SHA-256 pass over the chunks the range overlaps; a
    /// second one when the range is the whole object. Memory for one chunk.
    pub fn read_object_range<'b>(
        &mut self,
        id: ObjectId,
        offset: u64,
        room: usize,
        buffer: impl FnOnce(usize) -> &'b mut [u8],
    ) -> Result<usize, Fault> {
        let storage = self.storage();
        let object = ObjectRow::get(storage, id, ACTION)?;
        if offset > object.size {
            return Err(Fault::ObjectRangeInvalid { id, offset, size: object.size });
        }
        let length = usize::try_from(object.size - offset).unwrap_or(usize::MAX).min(room);
        if length == 0 {
            return Ok(0);
        }
        object.require_plausible(id)?;
        if length as u64 == object.size {
            read_whole(storage, id, &object, buffer(length))?;
        } else {
            require_complete(storage, id, &object)?;
            read_part(storage, id, &object, offset, buffer(length))?;
        }
        Ok(length)
    }

    /// True if an object with this id is stored, whatever state it is in.
    ///
    /// Cost: one key look-up.
    pub fn has_object(&mut self, id: ObjectId) -> Result<bool, Fault> {
        object_exists(self.storage(), id).map_err(|error| Fault::Native { action: ACTION, error })
    }

    /// The stored size in bytes.
    ///
    /// Cost: one key look-up.
    pub fn object_size(&mut self, id: ObjectId) -> Result<u64, Fault> {
        Ok(ObjectRow::get(self.storage(), id, ACTION)?.size)
    }

    /// The stored number of chunks.
    ///
    /// Cost: one key look-up.
    pub fn object_chunk_count(&mut self, id: ObjectId) -> Result<u64, Fault> {
        Ok(ObjectRow::get(self.storage(), id, ACTION)?.chunk_count)
    }

    /// Reads an object from end to end and verifies everything about it, keeping nothing.
    ///
    /// Cost: two SHA-256 passes; memory for one chunk.
    pub fn verify_object(&mut self, id: ObjectId) -> Result<(), Fault> {
        let storage = self.storage();
        let object = ObjectRow::get(storage, id, ACTION)?;
        verify(storage, id, &object, ACTION, |_| Ok(()))
    }
}

/// Fills `buffer`, which has the object's size, and verifies everything.
fn read_whole(
    storage: Storage<'_>,
    id: ObjectId,
    object: &ObjectRow<'_>,
    buffer: &mut [u8],
) -> Result<(), Fault> {
    let found = if buffer.len() < TWO_THREADS_FROM {
        fill(storage, id, object, buffer, |_| ())?;
        hash(buffer)
    } else {
        fill_and_hash(storage, id, object, buffer)?
    };
    if found == *id.as_ref() { Ok(()) } else { Err(wrong_hash(id)) }
}

/// Fills `buffer` with the object's chunks and shows each part that is complete to `filled`.
fn fill<'b>(
    storage: Storage<'_>,
    id: ObjectId,
    object: &ObjectRow<'_>,
    mut buffer: &'b mut [u8],
    mut filled: impl FnMut(&'b [u8]),
) -> Result<(), Fault> {
    let mut source = Source::chunks(storage, id, ACTION)?;
    while !buffer.is_empty() {
        let (_, bytes) = source.next_chunk()?;
        if bytes.len() > buffer.len() {
            return Err(Fault::corrupt(id, "its chunks are longer than the object"));
        }
        let (part, rest) = buffer.split_at_mut(bytes.len());
        part.copy_from_slice(bytes);
        filled(part);
        buffer = rest;
    }
    source.require_end(object)
}

/// As [`fill`], with the whole object hashed on a second thread while this one reads and verifies the chunks.
fn fill_and_hash(
    storage: Storage<'_>,
    id: ObjectId,
    object: &ObjectRow<'_>,
    buffer: &mut [u8],
) -> Result<[u8; 32], Fault> {
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel::<Vec<&[u8]>>();
        let hashing = std::thread::Builder::new().spawn_scoped(scope, move || {
            let mut whole = Hasher::default();
            receiver.iter().flatten().for_each(|part| whole.update(part));
            whole.finish()
        });
        let Ok(hashing) = hashing else {
            // No thread to be had.
            fill(storage, id, object, buffer, |_| ())?;
            return Ok(hash(buffer));
        };
        let (mut batch, mut batched) = (Vec::new(), 0);
        let filled = fill(storage, id, object, buffer, |part| {
            batched += part.len();
            batch.push(part);
            if batched >= HANDED_OVER {
                batched = 0;
                // The other thread ends only when this sender is gone.
                let _ = sender.send(std::mem::take(&mut batch));
            }
        });
        let _ = sender.send(batch);
        drop(sender);
        // Joined in any case: a scope waits for the work of its threads, not for their end, and a program may fork next.
        let hash = hashing.join().map_err(|_| Fault::Internal);
        filled.and(hash)
    })
}

/// Copies a range that is not the whole object.
fn read_part(
    storage: Storage<'_>,
    id: ObjectId,
    object: &ObjectRow<'_>,
    offset: u64,
    mut buffer: &mut [u8],
) -> Result<(), Fault> {
    let first = find_chunk(storage, id, object, offset, None, ACTION)?;
    let mut source = Source::chunks_from(storage, id, first, ACTION)?;
    let mut skipped = (offset - first.entry.offset) as usize;
    while !buffer.is_empty() {
        let (_, bytes) = source.next_chunk()?;
        let Some(part) = bytes.get(skipped..) else {
            return Err(Fault::corrupt(id, "its list of chunks changed while it was read"));
        };
        let length = part.len().min(buffer.len());
        let (filled, rest) = buffer.split_at_mut(length);
        filled.copy_from_slice(&part[..length]);
        (buffer, skipped) = (rest, 0);
    }
    Ok(())
}

/// The last manifest entry must be the one the object's row promises: then no row can be missing at the end.
fn require_complete(storage: Storage<'_>, id: ObjectId, object: &ObjectRow<'_>) -> Result<(), Fault> {
    let failed = |error| Fault::Native { action: ACTION, error };
    let mut row = storage.query(LAST_ENTRY, &[Value::Blob(id.as_ref())]).map_err(failed)?;
    let complete = row.step().map_err(failed)?
        && u64::try_from(row.integer(0)) == Ok(object.chunk_count.wrapping_sub(1))
        && Entry::read(&mut row, 1, 2).is_some_and(|last| last.end() == object.size);
    if complete {
        Ok(())
    } else {
        Err(Fault::corrupt(id, "its list of chunks does not end where the object does"))
    }
}
