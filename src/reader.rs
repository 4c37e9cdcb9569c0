//! Object readers: objects read in parts, in bounded memory.

use zova::engine::ObjectId;

use crate::arg;
use crate::database::zova_database;
use crate::guard::{Failure, guard};
use crate::handle;
use crate::object::zova_object_id;
use crate::status::zova_status;

/// A position in a stored object, a child of its database.
///
/// Made by zova_object_reader_create; ended by zova_object_reader_destroy. It shares the lock and the error message
/// of its database. It holds no transaction and no file lock between calls: what it reads is looked up anew each
/// time. Every chunk is verified before a byte of it is delivered; a reader that goes from the first byte to the last
/// without a seek also verifies the object id, before it delivers the last bytes.
pub struct zova_object_reader {
    _private: [u8; 0],
}

/// Request of zova_object_reader_create.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_reader_create_request {
    /// The database.
    pub db: *mut zova_database,
    /// The object.
    pub id: zova_object_id,
    /// Receives the reader; null after a fault.
    pub out_reader: *mut *mut zova_object_reader,
}

/// Request of zova_object_reader_read.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_reader_read_request {
    /// The reader.
    pub reader: *mut zova_object_reader,
    /// Receives bytes; after a fault its content is unspecified. May be null when buffer_len is 0.
    pub buffer: *mut u8,
    /// Number of bytes the buffer has room for.
    pub buffer_len: usize,
    /// Receives how many bytes were delivered: 0 at the end of the object or for an empty buffer; 0 after a fault.
    pub out_read: *mut usize,
}

/// Request of zova_object_reader_seek.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_reader_seek_request {
    /// The reader.
    pub reader: *mut zova_object_reader,
    /// Offset of the next byte to read, from the start of the object; at most the object's size.
    pub offset: u64,
}

/// Request of zova_object_reader_size.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_reader_size_request {
    /// The reader.
    pub reader: *mut zova_object_reader,
    /// Receives the size of the object in bytes; unchanged after a fault.
    pub out_size: *mut u64,
}

/// Request of zova_object_reader_destroy.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_reader_destroy_request {
    /// The reader, which becomes null on success.
    pub reader: *mut *mut zova_object_reader,
}

/// Starts reading an object at its first byte.
///
/// Errors, besides the common set: ZOVA_OBJECT_NOT_FOUND; ZOVA_OBJECT_CORRUPT. Cost: one key look-up.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_reader_create(
    request: *const zova_object_reader_create_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_reader = unsafe { arg::cleared(req.out_reader, "out_reader") }?;
            out_reader.set(call.adopt_reader(ObjectId::from(req.id.bytes))?);
            Ok(())
        })
    })
}

/// Reads on: fills the buffer as far as the object goes.
///
/// Errors, besides the common set: ZOVA_OBJECT_CORRUPT and ZOVA_OBJECT_NOT_FOUND (deleted meanwhile), after which
/// every read is ZOVA_OBJECT_READER_CLOSED. After ZOVA_BUSY, ZOVA_LOCKED and ZOVA_INTERRUPTED nothing was delivered
/// and the call may be repeated.
///
/// Cost: a copy, for bytes of the chunk that was read last (of up to 64 KiB); for each further chunk a few key look-ups and two
/// SHA-256 passes over it. Memory for two chunks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_reader_read(
    request: *const zova_object_reader_read_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_reader(req.reader, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_read = unsafe { arg::cleared(req.out_read, "out_read") }?;
            // SAFETY: zova.h: null, or `buffer_len` bytes writable and unaliased for the whole call.
            let room = unsafe { arg::room(req.buffer, req.buffer_len, "buffer") }?;
            let (session, reader) = call.reader()?;
            out_read.set(session.read_object(reader, room.len(), |len| room.first(len))?);
            Ok(())
        })
    })
}

/// Continues reading at another byte. After a seek anywhere but to the start the object id is no longer verified by
/// this reader; chunks always are.
///
/// Errors, besides the common set: ZOVA_OBJECT_RANGE_INVALID for an offset above the size; ZOVA_OBJECT_READER_CLOSED.
/// Cost: nothing is read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_reader_seek(
    request: *const zova_object_reader_seek_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_reader(req.reader, |call| {
            let (session, reader) = call.reader()?;
            session.seek_reader(reader, req.offset)
        })
    })
}

/// The size of the object being read, as it was when the reader was made. Errors: none beyond arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_reader_size(
    request: *const zova_object_reader_size_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_reader(req.reader, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_size = unsafe { arg::out(req.out_size, "out_size") }?;
            let (session, reader) = call.reader()?;
            out_size.set(session.reader_size(reader)?);
            Ok(())
        })
    })
}

/// Ends a reader in whatever state it is and sets the caller's pointer to null. Clears the error message of the
/// database. Errors: none beyond arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_reader_destroy(
    request: *const zova_object_reader_destroy_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        // SAFETY: zova.h: null, or readable and writable for the whole call.
        let reader = unsafe { req.reader.as_mut() }.ok_or(Failure::INVALID_ARGUMENT)?;
        handle::destroy_reader(*reader)?;
        *reader = std::ptr::null_mut();
        Ok(())
    })
}
