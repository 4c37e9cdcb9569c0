//! Object writers and readers as children of the session.

use super::{ReaderId, Session, WriterId};
use crate::error::Fault;
use crate::object::{ObjectId, Reader, Writer};
use crate::options::{Stages, Watch, unwatched};

impl Session {
    /// Starts an object whose bytes arrive in parts.
    pub fn create_writer(&mut self) -> WriterId {
        let writer = Writer::new(self.directory());
        self.writers.insert(writer)
    }

    /// Appends bytes to the object; a write that fails consumes nothing.
    pub fn write_object(&mut self, id: WriterId, bytes: &[u8]) -> Result<(), Fault> {
        self.writers.get(id).ok_or(Fault::ObjectWriterClosed)?.write(bytes)
    }

    /// Stores the object and gives its id.
    pub fn finish_writer(&mut self, id: WriterId) -> Result<ObjectId, Fault> {
        self.finish_writer_with_progress(id, &mut unwatched)
    }

    /// As [`Session::finish_writer`]; progress is in bytes stored. A writer that was stopped can be finished again.
    pub fn finish_writer_with_progress(&mut self, id: WriterId, watch: Watch<'_>) -> Result<ObjectId, Fault> {
        let mut writer = self.writers.lend(id).ok_or(Fault::ObjectWriterClosed)?;
        let mut stages = Stages::new(0, writer.size());
        let outcome = writer.finish(self, &mut |stored| stages.report(watch, stored));
        self.writers.give_back(id, writer);
        if outcome.is_ok() {
            // For content that was stored already: nothing is left to be stopped.
            let _ = stages.end(watch);
        }
        outcome
    }

    /// Gives the object up.
    pub fn cancel_writer(&mut self, id: WriterId) -> Result<(), Fault> {
        self.writers.get(id).ok_or(Fault::ObjectWriterClosed)?.cancel()
    }

    /// Ends a writer in whatever state it is; one that is not finished leaves nothing behind.
    pub fn destroy_writer(&mut self, id: WriterId) {
        drop(self.writers.remove(id));
    }

    /// Starts reading an object at its first byte.
    pub fn create_reader(&mut self, id: ObjectId) -> Result<ReaderId, Fault> {
        let reader = Reader::open(self.storage(), id)?;
        Ok(self.readers.insert(reader))
    }

    /// Reads on into the place that `buffer` gives for as many bytes as there are and fit (`room`); 0 bytes only at
    /// the end or for no room.
    pub fn read_object<'b>(
        &mut self,
        id: ReaderId,
        room: usize,
        buffer: impl FnOnce(usize) -> &'b mut [u8],
    ) -> Result<usize, Fault> {
        let mut reader = self.readers.lend(id).ok_or(Fault::ObjectReaderClosed)?;
        let outcome = reader.read(self.storage(), room, buffer);
        self.readers.give_back(id, reader);
        outcome
    }

    /// Continues reading at another byte.
    pub fn seek_reader(&mut self, id: ReaderId, offset: u64) -> Result<(), Fault> {
        self.readers.get(id).ok_or(Fault::ObjectReaderClosed)?.seek(offset)
    }

    /// Size of the object a reader reads.
    pub fn reader_size(&mut self, id: ReaderId) -> Result<u64, Fault> {
        self.readers.get(id).map(|reader| reader.size()).ok_or(Fault::ObjectReaderClosed)
    }

    /// Offset of the next byte a reader reads.
    pub fn reader_position(&mut self, id: ReaderId) -> Result<u64, Fault> {
        self.readers.get(id).map(|reader| reader.position()).ok_or(Fault::ObjectReaderClosed)
    }

    /// Ends a reader.
    pub fn destroy_reader(&mut self, id: ReaderId) {
        drop(self.readers.remove(id));
    }
}
