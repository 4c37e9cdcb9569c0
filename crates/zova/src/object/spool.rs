//! Chunks set aside until an object is complete: in memory while they are few, then in a file without a name.
//!
//! Nothing of an unfinished object is in the database, so a crash leaves nothing behind and nothing that happens to
//! the database meanwhile can take a chunk away. Each chunk is one record: 32 bytes of hash, 4 bytes of length (least
//! significant first), the bytes.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::chunker;
use super::id::ObjectChunkId;
use super::store::{Piece, Pieces};
use crate::error::Fault;

/// Records kept in memory before they go to the file.
const KEPT: usize = 512 * 1024;
const HEADER: usize = 32 + 4;
const LONGEST_RECORD: usize = HEADER + chunker::MAX_SIZE;

pub(super) struct Spool {
    /// Where the file goes: the directory that will hold the object in the end has the room for it.
    directory: Option<PathBuf>,
    file: Option<File>,
    /// Bytes of records in the file.
    written: u64,
    /// The records behind them.
    kept: Vec<u8>,
}

impl Spool {
    pub(super) fn new(directory: Option<&Path>) -> Self {
        Self { directory: directory.map(Path::to_owned), file: None, written: 0, kept: Vec::new() }
    }

    /// Length of all records in bytes.
    pub(super) fn len(&self) -> u64 {
        self.written + self.kept.len() as u64
    }

    /// Forgets everything behind the first `len` bytes of records.
    pub(super) fn truncate(&mut self, len: u64) {
        match len.checked_sub(self.written) {
            Some(kept) => self.kept.truncate(kept as usize),
            None => {
                self.written = len;
                self.kept.clear();
            }
        }
    }

    /// Adds a chunk. After a failure the caller truncates to the length before.
    pub(super) fn push(&mut self, piece: Piece<'_>) -> Result<(), Fault> {
        let record = HEADER + piece.bytes.len();
        if self.kept.len() + record > KEPT {
            self.write_out().map_err(failed)?;
        }
        self.kept.try_reserve(record).map_err(|_| Fault::OutOfMemory("the bytes written"))?;
        self.kept.extend(piece.id.as_ref());
        self.kept.extend((piece.bytes.len() as u32).to_le_bytes());
        self.kept.extend(piece.bytes);
        Ok(())
    }

    fn write_out(&mut self) -> std::io::Result<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => nameless_file(self.directory.as_deref())?,
        };
        let outcome = file.seek(SeekFrom::Start(self.written)).and_then(|_| file.write_all(&self.kept));
        self.file = Some(file);
        outcome?;
        self.written += self.kept.len() as u64;
        self.kept.clear();
        Ok(())
    }

    /// All chunks, from the first one on.
    pub(super) fn pieces(&self) -> SpoolPieces<'_> {
        SpoolPieces { spool: self, position: 0, window: Vec::new(), start: 0 }
    }
}

/// Beside the database if that is possible, otherwise where the system keeps temporary files.
fn nameless_file(directory: Option<&Path>) -> std::io::Result<File> {
    directory.map_or_else(tempfile::tempfile, |directory| {
        tempfile::tempfile_in(directory).or_else(|_| tempfile::tempfile())
    })
}

fn failed(error: std::io::Error) -> Fault {
    Fault::Io { action: "set the written bytes aside", path: None, reason: error.to_string() }
}

/// Reads a spool from front to back.
pub(super) struct SpoolPieces<'s> {
    spool: &'s Spool,
    /// Bytes of records that are in the window or were.
    position: u64,
    window: Vec<u8>,
    /// Where the next record starts in the window.
    start: usize,
}

impl SpoolPieces<'_> {
    /// Makes sure that the next record, if there is one, is in the window as a whole.
    fn refill(&mut self) -> std::io::Result<()> {
        let left = self.window.len() - self.start;
        if left >= LONGEST_RECORD || self.position == self.spool.len() {
            return Ok(());
        }
        self.window.drain(..self.start);
        self.start = 0;
        let in_file = self.spool.written.saturating_sub(self.position);
        if in_file > 0
            && let Some(mut file) = self.spool.file.as_ref()
        {
            let length = in_file.min((2 * LONGEST_RECORD) as u64);
            file.seek(SeekFrom::Start(self.position))?;
            file.take(length).read_to_end(&mut self.window)?;
            if self.window.len() != left + length as usize {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            self.position += length;
        }
        if self.position >= self.spool.written {
            let kept = (self.position - self.spool.written) as usize;
            self.window.extend(&self.spool.kept[kept..]);
            self.position = self.spool.len();
        }
        Ok(())
    }
}

impl Pieces for SpoolPieces<'_> {
    fn next(&mut self) -> Result<Option<Piece<'_>>, Fault> {
        self.refill().map_err(failed)?;
        let Some((header, rest)) = self.window[self.start..].split_first_chunk::<HEADER>() else {
            return Ok(None);
        };
        let (id, length) = header.split_at(32);
        let id = ObjectChunkId::from(<[u8; 32]>::try_from(id).expect("a hash has 32 bytes"));
        let length = u32::from_le_bytes(length.try_into().expect("a length has 4 bytes")) as usize;
        self.start += HEADER + length;
        Ok(Some(Piece { id, bytes: &rest[..length] }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(number: usize) -> Vec<u8> {
        (0..1 + number * 7919 % chunker::MAX_SIZE).map(|at| (at * 31 + number) as u8).collect()
    }

    fn push(spool: &mut Spool, number: usize) {
        let bytes = chunk(number);
        spool.push(Piece { id: ObjectChunkId::of(&bytes), bytes: &bytes }).unwrap();
    }

    fn assert_holds(spool: &Spool, numbers: impl IntoIterator<Item = usize>) {
        let mut pieces = spool.pieces();
        for number in numbers {
            let piece = pieces.next().unwrap().unwrap();
            assert_eq!(piece.bytes, chunk(number), "chunk {number}");
            assert_eq!(piece.id, ObjectChunkId::of(piece.bytes));
        }
        assert!(pieces.next().unwrap().is_none());
    }

    #[test]
    fn chunks_come_back_in_order_from_memory_and_from_the_file() {
        for count in [0, 1, 5, 40, 300] {
            let mut spool = Spool::new(None);
            (0..count).for_each(|number| push(&mut spool, number));
            assert_holds(&spool, 0..count);
            assert_eq!(spool.file.is_some(), count >= 40, "{count} chunks");
        }
    }

    #[test]
    fn truncating_forgets_exactly_what_came_after() {
        for (before, after) in [(3, 2), (3, 60), (80, 1), (80, 100)] {
            let mut spool = Spool::new(None);
            (0..before).for_each(|number| push(&mut spool, number));
            let mark = spool.len();
            (500..500 + after).for_each(|number| push(&mut spool, number));
            spool.truncate(mark);
            assert_holds(&spool, 0..before);
            (900..960).for_each(|number| push(&mut spool, number));
            assert_holds(&spool, (0..before).chain(900..960));
        }
    }
}
