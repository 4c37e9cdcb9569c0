//! Handles that write and read objects in parts.

use std::fmt;
use std::io::{self, SeekFrom};
use std::marker::PhantomData;
use std::ops::ControlFlow;

use crate::database::Database;
use crate::error::{Fault, Result};
use crate::handle::Handle;
use crate::object::ObjectId;
use crate::options::Progress;
use crate::session::{ReaderId, WriterId};

/// A writer that does not borrow its database and keeps the connection open.
///
/// Dropping an unfinished writer cancels it; nothing of its object is stored before `finish`.
pub struct OwnedObjectWriter {
    handle: Handle,
    id: WriterId,
}

impl OwnedObjectWriter {
    pub(crate) fn create(handle: &Handle) -> Result<Self> {
        let id = handle.call(|session| Ok::<_, Fault>(session.create_writer()))?;
        Ok(Self { handle: handle.clone(), id })
    }

    fn inner(&self) -> &Self {
        self
    }
}

impl Drop for OwnedObjectWriter {
    fn drop(&mut self) {
        self.handle.release(|session| session.destroy_writer(self.id));
    }
}

/// A writer that borrows its [`Database`].
///
/// Dropping an unfinished writer cancels it; nothing of its object is stored before `finish`.
pub struct ObjectWriter<'db> {
    owned: OwnedObjectWriter,
    database: PhantomData<&'db mut Database>,
}

impl ObjectWriter<'_> {
    pub(crate) fn new(owned: OwnedObjectWriter) -> Self {
        Self { owned, database: PhantomData }
    }

    fn inner(&self) -> &OwnedObjectWriter {
        &self.owned
    }
}

/// A writer of a [`SharedDatabase`](crate::SharedDatabase).
///
/// Dropping an unfinished writer cancels it; nothing of its object is stored before `finish`.
pub struct SharedObjectWriter {
    owned: OwnedObjectWriter,
}

impl SharedObjectWriter {
    pub(crate) fn new(owned: OwnedObjectWriter) -> Self {
        Self { owned }
    }

    fn inner(&self) -> &OwnedObjectWriter {
        &self.owned
    }
}

macro_rules! writer_methods {
    ($($type:ty),+ $(,)?) => {$(
        impl $type {
            /// Appends bytes. A write that fails consumes nothing and may be repeated.
            pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
                let OwnedObjectWriter { handle, id } = self.inner();
                handle.call(|session| session.write_object(*id, bytes))
            }

            /// Stores the object, in the caller's transaction if one is open, and gives its id.
            ///
            /// Cost: one transaction; linear in the number of chunks.
            pub fn finish(self) -> Result<ObjectId> {
                let OwnedObjectWriter { handle, id } = self.inner();
                handle.call(|session| session.finish_writer(*id))
            }

            /// As `finish`, watched: `progress` hears how many bytes have been stored and stops the call by breaking,
            /// which stores nothing and is `Interrupted`. It must not use the database.
            pub fn finish_with_progress(
                self,
                progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
            ) -> Result<ObjectId> {
                let OwnedObjectWriter { handle, id } = self.inner();
                handle.call(|session| session.finish_writer_with_progress(*id, progress))
            }

            /// Gives the object up.
            pub fn cancel(self) -> Result<()> {
                let OwnedObjectWriter { handle, id } = self.inner();
                handle.call(|session| session.cancel_writer(*id))
            }
        }

        /// Takes everything it is given; flushing does nothing, `finish` stores.
        impl io::Write for $type {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                Self::write(self, bytes)?;
                Ok(bytes.len())
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
    )+};
}

writer_methods!(OwnedObjectWriter, ObjectWriter<'_>, SharedObjectWriter);

/// Reads an object of a [`SharedDatabase`](crate::SharedDatabase) in parts, in bounded memory.
///
/// Every chunk is verified before a byte of it is delivered; a reader that runs from the first to the last byte
/// without a seek also verifies the object id, before the last bytes. It holds no lock between calls.
pub struct SharedObjectReader {
    handle: Handle,
    id: ReaderId,
    size: u64,
}

impl SharedObjectReader {
    pub(crate) fn open(handle: &Handle, id: ObjectId) -> Result<Self> {
        handle
            .call(|session| {
                let id = session.create_reader(id)?;
                Ok::<_, Fault>((id, session.reader_size(id)?))
            })
            .map(|(id, size)| Self { handle: handle.clone(), id, size })
    }

    /// Size of the object in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }
}

impl Drop for SharedObjectReader {
    fn drop(&mut self) {
        self.handle.release(|session| session.destroy_reader(self.id));
    }
}

impl io::Read for SharedObjectReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = buffer.len();
        Ok(self.handle.call(|session| session.read_object(self.id, room, |length| &mut buffer[..length]))?)
    }
}

impl io::Seek for SharedObjectReader {
    /// A position behind the end is refused.
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        let target = match position {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(distance) => self.size.checked_add_signed(distance),
            SeekFrom::Current(distance) => {
                let current = self.handle.call(|session| session.reader_position(self.id))?;
                current.checked_add_signed(distance)
            }
        };
        let target = target.ok_or(io::ErrorKind::InvalidInput)?;
        self.handle.call(|session| session.seek_reader(self.id, target))?;
        Ok(target)
    }
}

/// As [`SharedObjectReader`], for an object of a [`Database`], which it borrows.
pub struct ObjectReader<'db> {
    shared: SharedObjectReader,
    database: PhantomData<&'db mut Database>,
}

impl ObjectReader<'_> {
    pub(crate) fn new(shared: SharedObjectReader) -> Self {
        Self { shared, database: PhantomData }
    }

    /// Size of the object in bytes.
    pub fn size(&self) -> u64 {
        self.shared.size
    }
}

impl io::Read for ObjectReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.shared.read(buffer)
    }
}

impl io::Seek for ObjectReader<'_> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.shared.seek(position)
    }
}

macro_rules! plain_debug {
    ($($type:ty = $name:literal),+ $(,)?) => {$(
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($name)
            }
        }
    )+};
}

plain_debug!(
    OwnedObjectWriter = "OwnedObjectWriter",
    ObjectWriter<'_> = "ObjectWriter",
    SharedObjectWriter = "SharedObjectWriter",
    SharedObjectReader = "SharedObjectReader",
    ObjectReader<'_> = "ObjectReader",
);
