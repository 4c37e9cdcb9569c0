//! Storing an object that is in memory.
//!
//! A large object costs three things: hashing the whole, cutting and hashing the chunks, and writing rows. The first
//! two go to a thread of their own where that helps. Which of them depends on a guess: content whose first chunk is
//! not stored is new, so its chunks are written while they are still being found; content whose first chunk is stored
//! is probably stored as a whole, so its own hash comes first and the chunks are found only in case. A wrong guess
//! costs time and nothing else.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use super::chunker;
use super::id::{ObjectChunkId, ObjectId};
use super::rows::{Entry, object_exists};
use super::store::{Piece, Pieces, Shape, Watched, holds, insert_entry, insert_object, store, store_chunk};
use crate::error::Fault;
use crate::options::{Watch, report};
use crate::session::{Session, Storage};

const ACTION: &str = "store the object";

/// From this size on two threads share the work. Below, starting one would cost more than it saves.
const TWO_THREADS_FROM: usize = 512 * 1024;

/// Chunks handed from one thread to the other at a time.
const BATCH: usize = 32;

/// Bytes stored between two reports of progress.
const REPORTED: u64 = 1024 * 1024;

/// What hashing found out.
enum Hashed<'a> {
    /// The object is stored already.
    Present(ObjectId),
    New(ObjectId, Vec<Piece<'a>>),
}

impl Session {
    /// Stores the bytes and gives their id. Content that is already stored is left as it is.
    ///
    /// Cost: two SHA-256 passes, side by side on two threads from 512 KiB on, one pass of cutting, and one
    /// transaction (a savepoint inside the caller's). For content that is already stored, one SHA-256 pass and a key
    /// look-up.
    pub fn put_object(&mut self, bytes: &[u8]) -> Result<ObjectId, Fault> {
        self.put_pieces(bytes, &mut |_| Ok(()))
    }

    /// As [`Session::put_object`]; progress is in bytes stored.
    pub fn put_object_with_progress(&mut self, bytes: &[u8], watch: Watch<'_>) -> Result<ObjectId, Fault> {
        let total = bytes.len() as u64;
        let mut due = 0;
        let id = self.put_pieces(bytes, &mut |done| {
            if done < due {
                return Ok(());
            }
            due = done + REPORTED;
            report(watch, done, total)
        })?;
        // The object is stored: too late to be stopped.
        let _ = report(watch, total, total);
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
        if bytes.len() < TWO_THREADS_FROM {
            let hashed = hash_in_turn(self.storage(), bytes)?;
            return self.store_hashed(bytes, hashed, watch);
        }
        if self.is_read_only() || starts_stored(self.storage(), bytes)? {
            let hashed = hash_side_by_side(self.storage(), bytes)?;
            return self.store_hashed(bytes, hashed, watch);
        }
        self.put_new(bytes, watch)
    }

    fn store_hashed(
        &mut self,
        bytes: &[u8],
        hashed: Hashed<'_>,
        watch: &mut dyn FnMut(u64) -> Result<(), Fault>,
    ) -> Result<ObjectId, Fault> {
        match hashed {
            Hashed::Present(id) => Ok(id),
            Hashed::New(id, pieces) => {
                let shape = Shape { size: bytes.len() as u64, chunk_count: pieces.len() as u64 };
                let mut pieces = Watched::new(pieces.into_iter(), watch);
                self.atomically(ACTION, |session| store(session.storage(), id, shape, &mut pieces, ACTION))?;
                Ok(id)
            }
        }
    }

    /// Stores an object while a second thread finds and hashes its chunks, then hashes the whole.
    fn put_new(
        &mut self,
        bytes: &[u8],
        watch: &mut dyn FnMut(u64) -> Result<(), Fault>,
    ) -> Result<ObjectId, Fault> {
        let (sender, receiver) = mpsc::channel();
        let stored = std::thread::scope(|scope| {
            let hashing = std::thread::Builder::new().spawn_scoped(scope, move || hash_for(sender, bytes));
            let hashing = hashing.ok()?;
            Some(self.atomically(ACTION, |session| {
                let entries = store_chunks(session.storage(), receiver, watch)?;
                let id = hashing.join().ok().flatten().ok_or(Fault::Internal)?;
                store_entries(session.storage(), id, bytes.len(), &entries)?;
                Ok(id)
            }))
        });
        match stored {
            // The guess was wrong; the chunks written for it have been taken back.
            Some(Err(Fault::ObjectAlreadyExists(id))) => Ok(id),
            Some(outcome) => outcome,
            // No thread to be had.
            None => {
                let hashed = hash_in_turn(self.storage(), bytes)?;
                self.store_hashed(bytes, hashed, watch)
            }
        }
    }
}

/// Sends the chunks of the bytes, then hashes the whole; gives up when nobody listens any more.
fn hash_for<'a>(listener: mpsc::Sender<Vec<Piece<'a>>>, bytes: &'a [u8]) -> Option<ObjectId> {
    let mut rest = pieces(bytes);
    loop {
        let batch: Vec<Piece<'_>> = rest.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        listener.send(batch).ok()?;
    }
    drop(listener);
    Some(ObjectId::of(bytes))
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

/// Whether the first chunk of the bytes is stored.
fn starts_stored(storage: Storage<'_>, bytes: &[u8]) -> Result<bool, Fault> {
    let Some(first) = pieces(bytes).next() else { return Ok(true) };
    let found = holds(storage, first).map_err(|error| Fault::Native { action: ACTION, error })?;
    Ok(found.is_some())
}

impl Pieces for std::vec::IntoIter<Piece<'_>> {
    fn next(&mut self) -> Result<Option<Piece<'_>>, Fault> {
        Ok(Iterator::next(self))
    }
}

fn is_stored(storage: Storage<'_>, id: ObjectId) -> Result<bool, Fault> {
    object_exists(storage, id).map_err(|error| Fault::Native { action: ACTION, error })
}

fn pieces(bytes: &[u8]) -> impl Iterator<Item = Piece<'_>> {
    chunker::chunks(bytes).map(|chunk| Piece { id: ObjectChunkId::of(chunk), bytes: chunk })
}

fn hash_in_turn<'a>(storage: Storage<'_>, bytes: &'a [u8]) -> Result<Hashed<'a>, Fault> {
    let id = ObjectId::of(bytes);
    if is_stored(storage, id)? {
        return Ok(Hashed::Present(id));
    }
    Ok(Hashed::New(id, pieces(bytes).collect()))
}

/// The chunks are found on a second thread while this one hashes the whole object. If that turns out to be stored
/// already, the chunks are not needed.
fn hash_side_by_side<'a>(storage: Storage<'_>, bytes: &'a [u8]) -> Result<Hashed<'a>, Fault> {
    let needless = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let cutting = std::thread::Builder::new().spawn_scoped(scope, || {
            let wanted = |_: &Piece<'_>| !needless.load(Ordering::Relaxed);
            pieces(bytes).take_while(wanted).collect::<Vec<_>>()
        });
        let Ok(cutting) = cutting else { return hash_in_turn(storage, bytes) };
        let id = ObjectId::of(bytes);
        let stored = is_stored(storage, id);
        if !matches!(stored, Ok(false)) {
            needless.store(true, Ordering::Relaxed);
            return stored.map(|_| Hashed::Present(id));
        }
        let pieces = cutting.join().map_err(|_| Fault::Internal)?;
        Ok(Hashed::New(id, pieces))
    })
}
