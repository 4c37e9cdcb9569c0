//! Storing an object whose bytes arrive in parts.
//!
//! Bytes are cut and hashed as they arrive and set aside; `finish` stores everything in one transaction. How the
//! bytes are split over the calls has no influence on the result.

use std::path::Path;
use std::sync::mpsc;

use super::chunker;
use super::id::{Hasher, ObjectChunkId, ObjectId};
use super::rows::ObjectRow;
use super::source::verify;
use super::spool::{Overflow, Spool, SpoolMark};
use super::store::{Piece, Shape, Watched, store};
use crate::error::Fault;
use crate::session::Session;

const ACTION: &str = "store the object";

/// Bytes collected before they are cut and hashed, which two threads then share.
const BLOCK: usize = 768 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// A finish failed; it may be tried again, but no bytes can be added.
    Sealed,
    Closed,
}

/// An object in the making.
pub(crate) struct Writer {
    state: State,
    /// Bytes given so far.
    size: u64,
    chunk_count: u64,
    spool: Spool,
    /// The hash of all bytes given, except those of `pending` from `passed_on` on.
    whole: Hasher,
    /// Bytes not cut yet.
    pending: Vec<u8>,
    /// How many of them are in `whole` and set aside already.
    passed_on: usize,
}

/// What a failing write restores.
struct Mark {
    chunk_count: u64,
    spool: SpoolMark,
    whole: Hasher,
    pending: usize,
    passed_on: usize,
}

impl Writer {
    /// `directory` is where bytes are set aside if they are many.
    pub(crate) fn new(directory: Option<&Path>) -> Self {
        Self {
            state: State::Open,
            size: 0,
            chunk_count: 0,
            spool: Spool::new(directory),
            whole: Hasher::default(),
            pending: Vec::new(),
            passed_on: 0,
        }
    }

    /// Appends bytes. A write that fails consumes nothing.
    ///
    /// Cost: two SHA-256 passes, side by side on two threads, and one pass of cutting. Memory: less than 2 MiB
    /// per writer, whatever its size; bytes beyond that are set aside in a file without a name.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        if self.state != State::Open {
            return Err(Fault::ObjectWriterClosed);
        }
        let size = self.size.saturating_add(bytes.len() as u64);
        if i64::try_from(size).is_err() {
            return Err(Fault::ObjectTooLarge(size));
        }
        if self.pending.len() + bytes.len() < BLOCK {
            self.reserve(bytes.len())?;
            self.pending.extend(bytes);
        } else {
            let mark = self.mark();
            if let Err(fault) = self.absorb(bytes) {
                self.restore(mark);
                return Err(fault);
            }
        }
        self.size = size;
        Ok(())
    }

    fn reserve(&mut self, additional: usize) -> Result<(), Fault> {
        let needed = self.pending.len() + additional;
        if needed <= self.pending.capacity() {
            return Ok(());
        }
        // Doubled as vectors are, but not beyond what a block can need.
        let wanted = needed.max((2 * self.pending.capacity()).min(BLOCK + chunker::MAX_SIZE));
        let outcome = self.pending.try_reserve_exact(wanted - self.pending.len());
        outcome.map_err(|_| Fault::OutOfMemory("the bytes written"))
    }

    fn mark(&self) -> Mark {
        Mark {
            chunk_count: self.chunk_count,
            spool: self.spool.mark(),
            whole: self.whole.clone(),
            pending: self.pending.len(),
            passed_on: self.passed_on,
        }
    }

    fn restore(&mut self, mark: Mark) {
        self.chunk_count = mark.chunk_count;
        self.spool.restore(mark.spool);
        self.whole = mark.whole;
        self.pending.truncate(mark.pending);
        self.passed_on = mark.passed_on;
    }

    /// Cuts and hashes what is pending and what follows it, as far as cuts are certain. A second thread hashes the
    /// whole and sets the bytes aside, while this one cuts and hashes the chunks.
    fn absorb(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let before = self.pending.len();
        // The pending bytes are continued far enough to cut all of them; from there on the cuts are made in the
        // caller's bytes directly.
        let bridge = bytes.len().min(chunker::MAX_SIZE);
        self.reserve(bridge)?;
        self.pending.extend_from_slice(&bytes[..bridge]);
        let (pending, waiting) = (&self.pending[..], &self.pending[self.passed_on..before]);
        let (whole, content) = (&mut self.whole, &mut self.spool.content);
        let (list, chunk_count) = (&mut self.spool.list, &mut self.chunk_count);
        let mut pass_on = || {
            [waiting, bytes].into_iter().try_for_each(|part| {
                whole.update(part);
                content.push(part)
            })
        };
        let mut cut = || {
            let cut = list_chunks(list, chunk_count, pending, before)?;
            match cut.checked_sub(before) {
                Some(beyond) => list_chunks(list, chunk_count, &bytes[beyond..], bytes.len())
                    .map(|more| before + beyond + more),
                None => Ok(cut),
            }
        };
        let (passed_on, cut) = beside(&mut pass_on, &mut cut);
        passed_on?;
        let cut = cut?;
        match cut.checked_sub(before) {
            Some(beyond) => {
                self.pending.clear();
                self.pending.extend_from_slice(&bytes[beyond..]);
            }
            None => drop(self.pending.drain(..cut)),
        }
        self.passed_on = self.pending.len();
        Ok(())
    }

    /// No bytes will follow: cuts the rest and gives the object's id. May be repeated.
    fn seal(&mut self) -> Result<ObjectId, Fault> {
        self.state = State::Sealed;
        let mark = self.mark();
        if let Err(fault) = self.pass_on_rest() {
            self.restore(mark);
            return Err(fault);
        }
        (self.pending, self.passed_on) = (Vec::new(), 0);
        Ok(ObjectId::from(self.whole.clone().finish()))
    }

    fn pass_on_rest(&mut self) -> Result<(), Fault> {
        let waiting = &self.pending[self.passed_on..];
        self.spool.content.push(waiting)?;
        self.whole.update(waiting);
        for chunk in chunker::chunks(&self.pending) {
            self.spool.list.push_record(Piece { id: ObjectChunkId::of(chunk), bytes: chunk })?;
            self.chunk_count += 1;
        }
        Ok(())
    }

    /// How many bytes the object has so far.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    fn close(&mut self) {
        *self = Self { state: State::Closed, ..Self::new(None) };
    }

    /// Gives up; nothing of the object remains.
    pub(crate) fn cancel(&mut self) -> Result<(), Fault> {
        if self.state == State::Closed {
            return Err(Fault::ObjectWriterClosed);
        }
        self.close();
        Ok(())
    }

    /// Stores the object and gives its id. After a failure beyond the first two checks the writer can only be
    /// finished again or cancelled.
    ///
    /// Cost: linear in the number of chunks; one transaction (a savepoint inside the caller's). If the content is
    /// stored already it is read and verified.
    pub(crate) fn finish(
        &mut self,
        session: &mut Session,
        watch: &mut dyn FnMut(u64) -> Result<(), Fault>,
    ) -> Result<ObjectId, Fault> {
        if self.state == State::Closed {
            return Err(Fault::ObjectWriterClosed);
        }
        session.require_no_running_writer()?;
        let id = self.seal()?;
        let shape = Shape { size: self.size, chunk_count: self.chunk_count };
        // Another connection may store or delete the same content between looking and storing.
        while !is_sound(session, id)? {
            let mut pieces = Watched::new(self.spool.pieces(), watch);
            if session
                .atomically(ACTION, |session| store(session.storage(), id, shape, &mut pieces, ACTION))?
            {
                break;
            }
        }
        self.close();
        Ok(id)
    }
}

/// True if the object is stored and verifies, `false` if it is not stored.
fn is_sound(session: &Session, id: ObjectId) -> Result<bool, Fault> {
    let storage = session.storage();
    match ObjectRow::find(storage, id, ACTION)? {
        None => Ok(false),
        Some(object) => verify(storage, id, &object, ACTION, |_| Ok(())).map(|()| true),
    }
}

/// Cuts `bytes` up to the first chunk that starts at `until` or later, or that more bytes could still change, and adds
/// the chunks to the list; gives where that is.
fn list_chunks(
    list: &mut Overflow,
    chunk_count: &mut u64,
    bytes: &[u8],
    until: usize,
) -> Result<usize, Fault> {
    let mut start = 0;
    while start < until && bytes.len() - start >= chunker::MAX_SIZE {
        let end = start + chunker::first_cut(&bytes[start..]);
        let chunk = &bytes[start..end];
        list.push_record(Piece { id: ObjectChunkId::of(chunk), bytes: chunk })?;
        *chunk_count += 1;
        start = end;
    }
    Ok(start)
}

/// Does the first on a thread of its own while this thread does the second, or one after the other when there is no
/// thread to be had.
fn beside<A: Send>(
    first: &mut (dyn FnMut() -> Result<A, Fault> + Send),
    second: &mut dyn FnMut() -> Result<usize, Fault>,
) -> (Result<A, Fault>, Result<usize, Fault>) {
    std::thread::scope(|scope| {
        let (ready, start) = mpsc::channel();
        let running = std::thread::Builder::new().spawn_scoped(scope, move || {
            let first: &mut (dyn FnMut() -> Result<A, Fault> + Send) = start.recv().ok()?;
            Some(first())
        });
        match running {
            Ok(running) => {
                // The thread waits for its work, so this cannot fail before it has it.
                let _ = ready.send(first);
                let second = second();
                (running.join().ok().flatten().unwrap_or(Err(Fault::Internal)), second)
            }
            Err(_) => (first(), second()),
        }
    })
}
