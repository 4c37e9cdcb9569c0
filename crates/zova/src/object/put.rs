//! Storing an object that is in memory.
//!
//! A large object costs three things: hashing the whole, cutting and hashing the chunks, and writing rows. A second
//! thread does the hashing while this one writes. Whether the object is stored already, and all of that in vain, only
//! its own hash tells. So there is a guess: content whose first chunk is not stored is new, and is written while its
//! hash is still being found; content whose first chunk is stored may be stored as a whole, so its hash comes first.
//! A wrong guess costs time and nothing else.

use std::sync::mpsc;

use super::chunker;
use super::id::{ObjectChunkId, ObjectId};
use super::rows::{Entry, object_exists};
use super::store::{Piece, Pieces, Shape, Watched, holds, insert_entry, insert_object, store, store_chunk};
use crate::error::Fault;
use crate::options::{Stages, Watch};
use crate::session::{Session, Storage};

const ACTION: &str = "store the object";

/// From this size on two threads share the work. Below, starting one would cost more than it saves.
const TWO_THREADS_FROM: usize = 512 * 1024;

/// Chunks handed from one thread to the other at a time.
const BATCH: usize = 32;

impl Session {
    /// Stores the bytes and gives their id. Content that is already stored is left as it is.
    ///
    /// Cost: two SHA-256 passes and one of cutting, from 512 KiB on beside the writing on a thread of its own, and one
    /// transaction (a savepoint inside the caller's). For content that is already stored, one SHA-256 pass and a key
    /// look-up.
    pub fn put_object(&mut self, bytes: &[u8]) -> Result<ObjectId, Fault> {
        self.put_pieces(bytes, &mut |_| Ok(()))
    }

    /// As [`Session::put_object`]; progress is in bytes stored.
    pub fn put_object_with_progress(&mut self, bytes: &[u8], watch: Watch<'_>) -> Result<ObjectId, Fault> {
        let total = bytes.len() as u64;
        let mut stages = Stages::new(0, total);
        let id = self.put_pieces(bytes, &mut |done| stages.report(watch, done))?;
        stages.end(watch)?;
        Ok(id)
    }

    fn put_pieces(
        &mut self,
        bytes: &[u8],
        watch: &mut dyn FnMut(u64) -> Result<(), Fault>,
    ) -> Result<ObjectId, Fault> {
        if i64::try_from(bytes.len()).is_err() {
            return Err(Fault::ObjectTooLarge(bytes.len() as u64));
        }
        self.require_no_running_writer()?;
        let large = bytes.len() >= TWO_THREADS_FROM;
        // A look that fails decides nothing: what is wrong is met again where it matters.
        if large && !self.is_read_only() && matches!(starts_stored(self.storage(), bytes), Ok(false)) {
            return self.put_large(bytes, None, watch);
        }
        let id = ObjectId::of(bytes);
        if is_stored(self.storage(), id)? {
            Ok(id)
        } else if large {
            self.put_large(bytes, Some(id), watch)
        } else {
            self.put_small(bytes, id, watch)
        }
    }

    /// Stores an object on this thread alone. It is cut and hashed before the write lock is taken.
    fn put_small(
        &mut self,
        bytes: &[u8],
        id: ObjectId,
        watch: &mut dyn FnMut(u64) -> Result<(), Fault>,
    ) -> Result<ObjectId, Fault> {
        let pieces: Vec<Piece<'_>> = pieces(bytes).collect();
        let shape = Shape { size: bytes.len() as u64, chunk_count: pieces.len() as u64 };
        let mut pieces = Watched::new(pieces.into_iter(), watch);
        self.atomically(ACTION, |session| store(session.storage(), id, shape, &mut pieces, ACTION))?;
        Ok(id)
    }

    /// Stores an object while a second thread finds and hashes its chunks and, if its id is not known yet, the whole.
    fn put_large(
        &mut self,
        bytes: &[u8],
        known: Option<ObjectId>,
        watch: &mut dyn FnMut(u64) -> Result<(), Fault>,
    ) -> Result<ObjectId, Fault> {
        let (sender, receiver) = mpsc::channel();
        let stored = std::thread::scope(|scope| {
            let hash = move || hash_for(sender, bytes, known);
            let mut hashing = Some(std::thread::Builder::new().spawn_scoped(scope, hash).ok()?);
            let mut join = || hashing.take().and_then(|hashing| hashing.join().ok().flatten());
            let stored = self.atomically(ACTION, |session| {
                let entries = store_chunks(session.storage(), receiver, watch)?;
                let id = join().ok_or(Fault::Internal)?;
                store_entries(session.storage(), id, bytes.len(), &entries)?;
                Ok(id)
            });
            // A scope waits for the work of its threads, not for their end, and a program may fork next.
            join();
            Some(stored)
        });
        match stored {
            // The guess was wrong, or another connection was faster: the chunks written here were taken back.
            Some(Err(Fault::ObjectAlreadyExists(id))) => Ok(id),
            // A stored chunk is damaged. An object that is stored is left as it is, damaged or not.
            Some(Err(Fault::ChunkCorrupt { id: chunk, damage })) => {
                let id = known.unwrap_or_else(|| ObjectId::of(bytes));
                match is_stored(self.storage(), id)? {
                    true => Ok(id),
                    false => Err(Fault::ChunkCorrupt { id: chunk, damage }),
                }
            }
            Some(outcome) => outcome,
            // No thread to be had.
            None => self.put_small(bytes, known.unwrap_or_else(|| ObjectId::of(bytes)), watch),
        }
    }
}

fn is_stored(storage: Storage<'_>, id: ObjectId) -> Result<bool, Fault> {
    object_exists(storage, id).map_err(|error| Fault::Native { action: ACTION, error })
}

/// Whether the first chunk of the bytes is stored.
fn starts_stored(storage: Storage<'_>, bytes: &[u8]) -> Result<bool, Fault> {
    let Some(first) = pieces(bytes).next() else { return Ok(true) };
    let found = holds(storage, first).map_err(|error| Fault::Native { action: ACTION, error })?;
    Ok(found.is_some())
}

fn pieces(bytes: &[u8]) -> impl Iterator<Item = Piece<'_>> {
    chunker::chunks(bytes).map(|chunk| Piece { id: ObjectChunkId::of(chunk), bytes: chunk })
}

/// Sends the chunks of the bytes, then hashes the whole unless its id is known; gives up when nobody listens any more.
fn hash_for<'a>(
    listener: mpsc::Sender<Vec<Piece<'a>>>,
    bytes: &'a [u8],
    known: Option<ObjectId>,
) -> Option<ObjectId> {
    let mut rest = pieces(bytes);
    loop {
        let batch: Vec<Piece<'_>> = rest.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        listener.send(batch).ok()?;
    }
    drop(listener);
    Some(known.unwrap_or_else(|| ObjectId::of(bytes)))
}

/// Stores the chunks as they arrive and gives the manifest they make.
fn store_chunks(
    storage: Storage<'_>,
    arriving: mpsc::Receiver<Vec<Piece<'_>>>,
    watch: &mut dyn FnMut(u64) -> Result<(), Fault>,
) -> Result<Vec<(ObjectChunkId, Entry)>, Fault> {
    let (mut entries, mut offset) = (Vec::new(), 0);
    for piece in arriving.into_iter().flatten() {
        watch(offset)?;
        store_chunk(storage, piece, ACTION)?;
        let entry = Entry { offset, size: piece.bytes.len() };
        entries.push((piece.id, entry));
        offset = entry.end();
    }
    watch(offset)?;
    Ok(entries)
}

fn store_entries(
    storage: Storage<'_>,
    id: ObjectId,
    size: usize,
    entries: &[(ObjectChunkId, Entry)],
) -> Result<(), Fault> {
    let shape = Shape { size: size as u64, chunk_count: entries.len() as u64 };
    if !insert_object(storage, id, shape, ACTION)? {
        return Err(Fault::ObjectAlreadyExists(id));
    }
    for (index, (chunk, entry)) in (0..).zip(entries) {
        insert_entry(storage, id, index, *chunk, *entry, ACTION)?;
    }
    Ok(())
}

impl Pieces for std::vec::IntoIter<Piece<'_>> {
    fn next(&mut self) -> Result<Option<Piece<'_>>, Fault> {
        Ok(Iterator::next(self))
    }
}
