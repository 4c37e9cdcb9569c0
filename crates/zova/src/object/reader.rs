//! Reading an object in parts, from front to back or from anywhere.
//!
//! A reader holds no lock and no transaction between calls: each read looks the object up again. Chunks are
//! verified before a byte of them is handed out; a reader that has gone from the first byte to the last without a
//! seek also verifies the object id, before it hands out the last bytes.

use super::id::{Hasher, ObjectId};
use super::rows::{ObjectRow, empty_object};
use super::source::{Source, find_chunk, wrong_hash};
use crate::error::Fault;
use crate::session::Storage;

const ACTION: &str = "read the object";

/// A position in a stored object.
pub(crate) struct Reader {
    id: ObjectId,
    size: u64,
    failed: bool,
    at: Position,
}

#[derive(Clone)]
struct Position {
    offset: u64,
    /// Index of the chunk that held the last byte read, which is where to look first.
    chunk: u64,
    /// The last chunk read.
    bytes: Vec<u8>,
    /// How many of its bytes come before `offset`.
    passed: usize,
    /// The hash of everything before `offset` and in the last chunk, while the reader has not skipped anything.
    whole: Option<Hasher>,
}

impl Position {
    fn start() -> Self {
        Self { offset: 0, chunk: 0, bytes: Vec::new(), passed: 0, whole: Some(Hasher::default()) }
    }

    /// The last chunk read, from `offset` on.
    fn rest(&self) -> &[u8] {
        &self.bytes[self.passed..]
    }
}

impl Reader {
    /// A reader at the first byte. The object's row must be usable.
    pub(crate) fn open(storage: Storage<'_>, id: ObjectId) -> Result<Self, Fault> {
        let size = ObjectRow::get(storage, id, ACTION)?.size;
        Ok(Self { id, size, failed: false, at: Position::start() })
    }

    /// Size of the object in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The offset of the next byte read.
    pub(crate) fn position(&self) -> u64 {
        self.at.offset
    }

    /// Moves to another byte, at most to the end.
    pub(crate) fn seek(&mut self, offset: u64) -> Result<(), Fault> {
        if self.failed {
            return Err(Fault::ObjectReaderClosed);
        }
        if offset > self.size {
            return Err(Fault::ObjectRangeInvalid { id: self.id, offset, size: self.size });
        }
        if offset == 0 {
            self.at = Position::start();
        } else if offset != self.at.offset {
            let ahead = offset.checked_sub(self.at.offset).and_then(|ahead| usize::try_from(ahead).ok());
            match ahead.filter(|ahead| *ahead <= self.at.rest().len()) {
                Some(ahead) => self.at.passed += ahead,
                None => self.at.passed = self.at.bytes.len(),
            }
            (self.at.offset, self.at.whole) = (offset, None);
        }
        Ok(())
    }

    /// Reads on into the place that `buffer` gives for as many bytes as there are and fit (`room`), and says how many; 0
    /// only at the end or for an empty buffer. A read that was refused for the moment (`Busy`, `Locked`, `Interrupted`)
    /// has delivered nothing and may be repeated.
    ///
    /// Cost: a copy of the bytes as far as they are in the chunk read last; for each further chunk a few key look-ups
    /// and two SHA-256 passes over it (one after a seek). Memory for two chunks.
    pub(crate) fn read<'b>(
        &mut self,
        storage: Storage<'_>,
        room: usize,
        buffer: impl FnOnce(usize) -> &'b mut [u8],
    ) -> Result<usize, Fault> {
        if self.failed {
            return Err(Fault::ObjectReaderClosed);
        }
        let buffer = buffer(usize::try_from(self.size - self.at.offset).unwrap_or(usize::MAX).min(room));
        if !buffer.is_empty() && buffer.len() <= self.at.rest().len() {
            return Ok(self.at.deliver(buffer));
        }
        // What the reader has is kept until the read has succeeded.
        let mut next = self.at.clone();
        match self.read_on(storage, &mut next, buffer) {
            Ok(count) => {
                self.at = next;
                Ok(count)
            }
            Err(fault) => {
                // Both end the reader; anything else may pass.
                self.failed = matches!(fault, Fault::ObjectCorrupt { .. } | Fault::ObjectNotFound(_));
                Err(fault)
            }
        }
    }

    fn read_on(&self, storage: Storage<'_>, at: &mut Position, buffer: &mut [u8]) -> Result<usize, Fault> {
        if self.size == 0 && self.id != empty_object() {
            return Err(Fault::corrupt(self.id, "it has no bytes and is not the empty object"));
        }
        let mut filled = at.deliver(buffer);
        if filled == buffer.len() || at.offset == self.size {
            return Ok(filled);
        }
        let object = ObjectRow::get(storage, self.id, ACTION)?;
        if object.size != self.size {
            return Err(Fault::corrupt(self.id, "its stored size changed"));
        }
        object.require_plausible(self.id)?;
        let first = find_chunk(storage, self.id, &object, at.offset, Some(at.chunk), ACTION)?;
        let mut source = Source::chunks_from(storage, self.id, first, ACTION)?;
        let mut skipped = (at.offset - first.entry.offset) as usize;
        while filled < buffer.len() && at.offset < self.size {
            let (place, bytes) = source.next_chunk()?;
            let Some(bytes) = bytes.get(skipped..) else {
                return Err(Fault::corrupt(self.id, "its list of chunks changed while it was read"));
            };
            at.take(place.index, bytes);
            if place.entry.end() >= self.size {
                source.require_end(&object)?;
                self.require_whole(at)?;
            }
            skipped = 0;
            filled += at.deliver(&mut buffer[filled..]);
        }
        Ok(filled)
    }

    /// Every byte has been seen: if none was skipped, they must hash to the id.
    fn require_whole(&self, at: &Position) -> Result<(), Fault> {
        match &at.whole {
            Some(whole) if whole.clone().finish() != *self.id.as_ref() => Err(wrong_hash(self.id)),
            _ => Ok(()),
        }
    }
}

impl Position {
    /// Takes over the next chunk.
    fn take(&mut self, chunk: u64, bytes: &[u8]) {
        self.chunk = chunk;
        self.bytes.clear();
        self.bytes.extend(bytes);
        self.passed = 0;
        if let Some(whole) = &mut self.whole {
            whole.update(bytes);
        }
    }

    /// Moves bytes of the current chunk into the buffer.
    fn deliver(&mut self, buffer: &mut [u8]) -> usize {
        let count = self.rest().len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.rest()[..count]);
        self.passed += count;
        self.offset += count as u64;
        count
    }
}
