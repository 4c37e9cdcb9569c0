//! Objects from files and into files, in bounded memory.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use super::id::ObjectId;
use super::rows::ObjectRow;
use super::source::verify;
use super::writer::Writer;
use crate::error::Fault;
use crate::options::{Stages, Watch, report};
use crate::publish::{Content, NewFile};
use crate::session::Session;

const ACTION: &str = "read the object";

/// Bytes read from a file, or reported to a progress callback, at a time.
const BLOCK: usize = 256 * 1024;

impl Session {
    /// Stores what a file holds.
    ///
    /// Progress is in bytes, each of which counts twice: once when it was read and once when it was stored.
    ///
    /// Cost: that of an object writer; about 2 MiB of memory, whatever the file's size.
    pub fn put_object_file(&mut self, path: &Path, watch: Watch<'_>) -> Result<ObjectId, Fault> {
        let mut file = File::open(path).map_err(|error| Fault::cant_open(path, error.to_string()))?;
        let size = file.metadata().map_or(0, |metadata| metadata.len());
        self.put_object_stream(&mut file, Some(path), size, watch)
    }

    /// Stores what a stream yields up to its end. `expected` is its size if that is known, otherwise 0; it serves
    /// the progress report only.
    pub fn put_object_stream(
        &mut self,
        stream: &mut dyn Read,
        path: Option<&Path>,
        expected: u64,
        watch: Watch<'_>,
    ) -> Result<ObjectId, Fault> {
        let failed = |error: std::io::Error| Fault::Io {
            action: "read",
            path: path.map(Path::to_owned),
            reason: error.to_string(),
        };
        self.require_no_running_writer()?;
        let mut writer = Writer::new(self.directory());
        let mut block = vec![0; BLOCK];
        let mut size = 0;
        report(watch, 0, 2 * expected)?;
        loop {
            let count = read_full(stream, &mut block).map_err(failed)?;
            if count == 0 {
                break;
            }
            writer.write(&block[..count])?;
            size += count as u64;
            report(watch, size, 2 * expected.max(size))?;
            self.storage().connection().go_on().map_err(|_| Fault::Interrupted)?;
        }
        drop(block);
        let mut stages = Stages::new(size, 2 * size);
        let id = writer.finish(self, &mut |stored| stages.report(watch, stored))?;
        stages.end(watch)?;
        Ok(id)
    }

    /// Writes an object into a new file, which appears complete or not at all and replaces nothing.
    ///
    /// Progress is in bytes.
    ///
    /// Cost: two SHA-256 passes over the object and two disk syncs; memory for one chunk.
    pub fn get_object_file(&mut self, id: ObjectId, path: &Path, watch: Watch<'_>) -> Result<(), Fault> {
        // An object that is not there is reported before anything is created.
        drop(ObjectRow::get(self.storage(), id, ACTION)?);
        let mut file = NewFile::start(path)?;
        self.copy_object(id, &mut |bytes| file.write(bytes), watch)?;
        file.publish(Content::Bytes)
    }

    /// Writes an object into a stream. After a failure the stream holds a part of it.
    pub fn get_object_stream(
        &mut self,
        id: ObjectId,
        stream: &mut dyn Write,
        watch: Watch<'_>,
    ) -> Result<(), Fault> {
        let mut write = |bytes: &[u8]| {
            stream.write_all(bytes).map_err(|error| Fault::Io {
                action: "write the object",
                path: None,
                reason: error.to_string(),
            })
        };
        self.copy_object(id, &mut write, watch)
    }

    /// Hands an object's verified chunks on in blocks.
    fn copy_object(
        &mut self,
        id: ObjectId,
        write: &mut dyn FnMut(&[u8]) -> Result<(), Fault>,
        watch: Watch<'_>,
    ) -> Result<(), Fault> {
        let storage = self.storage();
        let object = ObjectRow::get(storage, id, ACTION)?;
        let mut block = Vec::with_capacity(BLOCK);
        let mut done = 0;
        report(watch, 0, object.size)?;
        verify(storage, id, &object, ACTION, |bytes| {
            if block.len() + bytes.len() > BLOCK {
                write(&block)?;
                done += block.len() as u64;
                report(watch, done, object.size)?;
                block.clear();
            }
            block.extend_from_slice(bytes);
            Ok(())
        })?;
        write(&block)?;
        report(watch, object.size, object.size)
    }
}

/// Fills the buffer as far as the stream goes; a signal in between is no end.
fn read_full(stream: &mut dyn Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match stream.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
