//! Bytes set aside until an object is complete: in memory while they are few, then in files without a name.
//!
//! Nothing of an unfinished object is in the database, so a crash leaves nothing behind and nothing that happens to
//! the database meanwhile can take a chunk away. The bytes and the list of chunks they are cut into are kept apart:
//! then bytes can be set aside before it is known where they are cut, on another thread.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::chunker;
use super::id::ObjectChunkId;
use super::store::{Piece, Pieces};
use crate::error::Fault;

/// Bytes of content kept in memory before they go to a file.
const KEPT_CONTENT: usize = 256 * 1024;
/// Bytes of the list of chunks kept in memory before they go to a file.
const KEPT_LIST: usize = 64 * 1024;

/// An entry of the list: 32 bytes of hash, 4 bytes of length, least significant first.
const RECORD: usize = 32 + 4;

/// The content of an object and the list of its chunks.
pub(super) struct Spool {
    pub(super) content: Overflow,
    pub(super) list: Overflow,
}

/// A position to go back to.
#[derive(Debug, Clone, Copy)]
pub(super) struct SpoolMark {
    content: u64,
    list: u64,
}

impl Spool {
    /// `directory` is where files go: the one that will hold the object in the end has the room for it.
    pub(super) fn new(directory: Option<&Path>) -> Self {
        Self { content: Overflow::new(directory, KEPT_CONTENT), list: Overflow::new(directory, KEPT_LIST) }
    }

    pub(super) fn mark(&self) -> SpoolMark {
        SpoolMark { content: self.content.len(), list: self.list.len() }
    }

    /// Forgets everything behind the mark.
    pub(super) fn restore(&mut self, mark: SpoolMark) {
        self.content.truncate(mark.content);
        self.list.truncate(mark.list);
    }

    /// All chunks, from the first one on.
    pub(super) fn pieces(&self) -> SpoolPieces<'_> {
        SpoolPieces {
            content: Window::new(&self.content, 2 * chunker::MAX_SIZE),
            list: Window::new(&self.list, 256 * RECORD),
        }
    }
}

/// Bytes that are added at the end and read from the start.
pub(super) struct Overflow {
    directory: Option<PathBuf>,
    limit: usize,
    file: Option<File>,
    /// Bytes in the file.
    written: u64,
    /// The bytes behind them.
    kept: Vec<u8>,
}

impl Overflow {
    fn new(directory: Option<&Path>, limit: usize) -> Self {
        Self { directory: directory.map(Path::to_owned), limit, file: None, written: 0, kept: Vec::new() }
    }

    fn len(&self) -> u64 {
        self.written + self.kept.len() as u64
    }

    fn truncate(&mut self, len: u64) {
        match len.checked_sub(self.written) {
            Some(kept) => self.kept.truncate(kept as usize),
            None => {
                self.written = len;
                self.kept.clear();
            }
        }
    }

    /// Adds bytes. After a failure the caller goes back to the mark before.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        if self.kept.len() + bytes.len() > self.limit {
            let kept = std::mem::take(&mut self.kept);
            if let Err(error) = self.write(&kept) {
                self.kept = kept;
                return Err(failed(error));
            }
            if bytes.len() > self.limit {
                return self.write(bytes).map_err(failed);
            }
        }
        self.kept.try_reserve(bytes.len()).map_err(|_| Fault::OutOfMemory("the bytes written"))?;
        self.kept.extend_from_slice(bytes);
        Ok(())
    }

    /// Adds the record of a chunk.
    pub(super) fn push_record(&mut self, piece: Piece<'_>) -> Result<(), Fault> {
        let mut record = [0; RECORD];
        record[..32].copy_from_slice(piece.id.as_ref());
        record[32..].copy_from_slice(&(piece.bytes.len() as u32).to_le_bytes());
        self.push(&record)
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => nameless_file(self.directory.as_deref())?,
        };
        let outcome = file.seek(SeekFrom::Start(self.written)).and_then(|_| file.write_all(bytes));
        self.file = Some(file);
        outcome?;
        self.written += bytes.len() as u64;
        Ok(())
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

/// Reads an [`Overflow`] from front to back.
struct Window<'s> {
    source: &'s Overflow,
    /// Bytes read at a time.
    ahead: usize,
    /// How much of the source is in the window or was.
    position: u64,
    window: Vec<u8>,
    /// Where the bytes not taken yet start in the window.
    start: usize,
}

impl<'s> Window<'s> {
    fn new(source: &'s Overflow, ahead: usize) -> Self {
        Self { source, ahead, position: 0, window: Vec::new(), start: 0 }
    }

    /// The next `length` bytes; `None` at the end. Fewer than asked for before the end are a failure.
    fn take(&mut self, length: usize) -> std::io::Result<Option<&[u8]>> {
        if self.window.len() - self.start < length {
            self.refill()?;
        }
        match self.window.len() - self.start {
            0 => Ok(None),
            left if left < length => Err(std::io::ErrorKind::UnexpectedEof.into()),
            _ => {
                self.start += length;
                Ok(Some(&self.window[self.start - length..self.start]))
            }
        }
    }

    fn refill(&mut self) -> std::io::Result<()> {
        self.window.drain(..self.start);
        self.start = 0;
        let left = self.window.len();
        let in_file = self.source.written.saturating_sub(self.position).min(self.ahead as u64) as usize;
        if in_file > 0
            && let Some(mut file) = self.source.file.as_ref()
        {
            self.window.reserve_exact(in_file);
            self.window.resize(left + in_file, 0);
            file.seek(SeekFrom::Start(self.position))?;
            file.read_exact(&mut self.window[left..])?;
            self.position += in_file as u64;
        }
        // Behind the file only as much as was asked to be read ahead, too: what is kept is in memory once already.
        let behind = self.position.saturating_sub(self.source.written) as usize;
        let room = self.ahead - in_file;
        if self.position >= self.source.written {
            let kept = &self.source.kept[behind..];
            let part = &kept[..kept.len().min(room)];
            self.window.extend_from_slice(part);
            self.position += part.len() as u64;
        }
        Ok(())
    }
}

/// The chunks of a spool, in order.
pub(super) struct SpoolPieces<'s> {
    content: Window<'s>,
    list: Window<'s>,
}

impl Pieces for SpoolPieces<'_> {
    fn next(&mut self) -> Result<Option<Piece<'_>>, Fault> {
        let Some(record) = self.list.take(RECORD).map_err(failed)? else { return Ok(None) };
        let (id, length) = record.split_at(32);
        let id = ObjectChunkId::from(<[u8; 32]>::try_from(id).expect("a hash has 32 bytes"));
        let length = u32::from_le_bytes(length.try_into().expect("a length has 4 bytes"));
        let bytes = self.content.take(length as usize).map_err(failed)?;
        let bytes = bytes.ok_or_else(|| failed(std::io::ErrorKind::UnexpectedEof.into()))?;
        Ok(Some(Piece { id, bytes }))
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
        spool.content.push(&bytes).unwrap();
        spool.list.push_record(Piece { id: ObjectChunkId::of(&bytes), bytes: &bytes }).unwrap();
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
        for count in [0, 1, 5, 40, 300, 2500] {
            let mut spool = Spool::new(None);
            (0..count).for_each(|number| push(&mut spool, number));
            assert_holds(&spool, 0..count);
            assert_eq!(spool.content.file.is_some(), count >= 40, "{count} chunks");
            assert_eq!(spool.list.file.is_some(), count >= 2500, "{count} chunks");
        }
    }

    #[test]
    fn bytes_longer_than_what_is_kept_go_to_the_file_at_once() {
        let mut spool = Spool::new(None);
        let whole: Vec<u8> = (0..3).flat_map(chunk).collect();
        let long = [whole.clone(), vec![7; 2 * KEPT_CONTENT]].concat();
        spool.content.push(b"").unwrap();
        spool.content.push(&long).unwrap();
        for number in 0..3 {
            let bytes = chunk(number);
            spool.list.push_record(Piece { id: ObjectChunkId::of(&bytes), bytes: &bytes }).unwrap();
        }
        assert_holds(&spool, 0..3);
    }

    #[test]
    fn going_back_forgets_exactly_what_came_after() {
        for (before, after) in [(3, 2), (3, 60), (80, 1), (80, 100)] {
            let mut spool = Spool::new(None);
            (0..before).for_each(|number| push(&mut spool, number));
            let mark = spool.mark();
            (500..500 + after).for_each(|number| push(&mut spool, number));
            spool.restore(mark);
            assert_holds(&spool, 0..before);
            (900..960).for_each(|number| push(&mut spool, number));
            assert_holds(&spool, (0..before).chain(900..960));
        }
    }
}
