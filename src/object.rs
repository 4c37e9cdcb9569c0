//! Objects.

use zova::engine::{Fault, ObjectId, hash};

use crate::arg;
use crate::container::zova_buffer;
use crate::database::zova_database;
use crate::guard::guard;
use crate::handle;
use crate::mem::Block;
use crate::status::zova_status;

/// Names an object by its content: the SHA-256 of all its bytes. Written as text it is 64 hexadecimal digits.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct zova_object_id {
    /// The 32 bytes of the SHA-256.
    pub bytes: [u8; 32],
}

/// Names a chunk, one of the pieces an object is stored in, by its content: the SHA-256 of its bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct zova_object_chunk_id {
    /// The 32 bytes of the SHA-256.
    pub bytes: [u8; 32],
}

/// Request of zova_object_put.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_put_request {
    /// The database.
    pub db: *mut zova_database,
    /// The bytes of the object. May be null when len is 0.
    pub data: *const u8,
    /// Number of bytes in data. The empty object is an object too.
    pub len: usize,
    /// Receives the id; unchanged after a fault.
    pub out_id: *mut zova_object_id,
}

/// Request of zova_object_get.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_get_request {
    /// The database.
    pub db: *mut zova_database,
    /// The object.
    pub id: zova_object_id,
    /// Receives the bytes; empty after a fault. It is overwritten without being released, so it needs no
    /// initialisation, and an earlier result in it must be released before.
    pub out_buffer: *mut zova_buffer,
}

/// Request of zova_object_read_range.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_read_range_request {
    /// The database.
    pub db: *mut zova_database,
    /// The object.
    pub id: zova_object_id,
    /// First byte of the range, from 0 up to the size of the object.
    pub offset: u64,
    /// Receives the bytes. May be null when buffer_len is 0. After a fault its content is unspecified.
    pub buffer: *mut u8,
    /// Number of bytes that buffer has room for. May be more than the object has.
    pub buffer_len: usize,
    /// Receives how many bytes were copied; 0 after a fault.
    pub out_copied: *mut usize,
}

/// Request of zova_object_exists.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_exists_request {
    /// The database.
    pub db: *mut zova_database,
    /// The object.
    pub id: zova_object_id,
    /// Receives 1 if the object is stored, else 0; unchanged after a fault.
    pub out_exists: *mut u8,
}

/// Request of zova_object_size.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_size_request {
    /// The database.
    pub db: *mut zova_database,
    /// The object.
    pub id: zova_object_id,
    /// Receives the number of bytes; unchanged after a fault.
    pub out_size: *mut u64,
}

/// Request of zova_object_chunk_count.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_chunk_count_request {
    /// The database.
    pub db: *mut zova_database,
    /// The object.
    pub id: zova_object_id,
    /// Receives the number of chunks; unchanged after a fault.
    pub out_count: *mut u64,
}

/// Request of zova_object_delete.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_delete_request {
    /// The database.
    pub db: *mut zova_database,
    /// The object.
    pub id: zova_object_id,
}

/// The id that these bytes have as an object. Needs no database and stores nothing. data may be null when len is 0;
/// out_id is unchanged after a fault.
///
/// Errors: ZOVA_INVALID_ARGUMENT. Any thread. Cost: one SHA-256 over the bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_id_from_bytes(
    data: *const u8,
    len: usize,
    out_id: *mut zova_object_id,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or writable and unaliased for the whole call.
        let out_id = unsafe { arg::out(out_id, "out_id") }?;
        // SAFETY: zova.h: null, or `len` bytes readable for the whole call.
        let bytes = unsafe { arg::bytes(data, len, "data", |len| arg::impossible_length("data", len)) }?;
        out_id.set(zova_object_id { bytes: hash(bytes) });
        Ok(())
    })
}

/// The id that these bytes have as a chunk; the same computation, faults and cost as zova_object_id_from_bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_chunk_id_from_bytes(
    data: *const u8,
    len: usize,
    out_id: *mut zova_object_chunk_id,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or writable and unaliased for the whole call.
        let out_id = unsafe { arg::out(out_id, "out_id") }?;
        // SAFETY: zova.h: null, or `len` bytes readable for the whole call.
        let bytes = unsafe { arg::bytes(data, len, "data", |len| arg::impossible_length("data", len)) }?;
        out_id.set(zova_object_chunk_id { bytes: hash(bytes) });
        Ok(())
    })
}

/// Stores bytes and tells their id. Content that is already stored is ZOVA_OK with the same id and writes nothing.
///
/// The bytes are cut into chunks of up to 64 KiB at places that depend on the content, and every distinct chunk is
/// stored once: files that have parts in common share them.
///
/// Inside a transaction or savepoint the object is part of it and is undone with it; outside, the call is one
/// transaction of its own. Either way it takes full effect or none. A SELECT in the middle of its results is no
/// obstacle.
///
/// Errors, besides the common set: ZOVA_OBJECT_TRANSACTION_ACTIVE; ZOVA_OBJECT_TOO_LARGE; ZOVA_OBJECT_CORRUPT (a
/// chunk that is already stored has other bytes than its id says); ZOVA_CONSTRAINT (parts of a damaged object with
/// this id are stored); ZOVA_BOUND_STORE_INVALID.
///
/// Cost: one SHA-256 over the bytes and one over the chunks, and writing the chunks that are new.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_put(request: *const zova_object_put_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_id = unsafe { arg::out(req.out_id, "out_id") }?;
            // SAFETY: zova.h: null, or `len` bytes readable for the whole call.
            let bytes = unsafe { arg::bytes(req.data, req.len, "data", object_too_large) }?;
            out_id.set(zova_object_id { bytes: call.session()?.put_object(bytes)?.into_bytes() });
            Ok(())
        })
    })
}

/// A slice cannot have this length, and neither can an object.
fn object_too_large(len: usize) -> Fault {
    Fault::ObjectTooLarge(len as u64)
}

/// Reads a whole object. Every byte is verified against the id.
///
/// Errors, besides the common set: ZOVA_OBJECT_NOT_FOUND; ZOVA_OBJECT_CORRUPT.
///
/// Release the result with zova_buffer_free. Cost: memory for the whole object; zova_object_read_range reads large
/// objects piece by piece.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_get(request: *const zova_object_get_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_buffer = unsafe { arg::cleared(req.out_buffer, "out_buffer") }?;
            let bytes = call.session()?.get_object::<Block>(ObjectId::from(req.id.bytes))?;
            out_buffer.set(zova_buffer::owning(bytes));
            Ok(())
        })
    })
}

/// Reads a part of an object: as many bytes from offset on as the buffer has room for and the object has. An offset
/// equal to the size gives 0 bytes. Every chunk that the range touches is verified; a range that covers the whole
/// object is verified against the id.
///
/// Errors, besides the common set: ZOVA_OBJECT_NOT_FOUND; ZOVA_OBJECT_RANGE_INVALID for an offset above the size;
/// ZOVA_OBJECT_CORRUPT.
///
/// Cost: proportional to the range, not to the object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_read_range(
    request: *const zova_object_read_range_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_copied = unsafe { arg::cleared(req.out_copied, "out_copied") }?;
            // SAFETY: zova.h: null, or `buffer_len` bytes writable and unaliased for the whole call.
            let room = unsafe { arg::room(req.buffer, req.buffer_len, "buffer") }?;
            let (core, id) = (call.session()?, ObjectId::from(req.id.bytes));
            out_copied.set(core.read_object_range(id, req.offset, room.len(), |len| room.first(len))?);
            Ok(())
        })
    })
}

/// Deletes an object and the chunks that no other object uses. Rows of yours that mention its id are not touched.
/// The space is used again by later writes; zova_database_vacuum returns it to the system. Transactions as in
/// zova_object_put. A damaged object can be deleted too.
///
/// Errors, besides the common set: ZOVA_OBJECT_TRANSACTION_ACTIVE; ZOVA_OBJECT_NOT_FOUND; ZOVA_BOUND_STORE_INVALID.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_delete(request: *const zova_object_delete_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| call.session()?.delete_object(ObjectId::from(req.id.bytes)))
    })
}

/// Tells whether an object is stored, without reading or verifying it. Errors: the common set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_exists(request: *const zova_object_exists_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_exists = unsafe { arg::out(req.out_exists, "out_exists") }?;
            out_exists.set(call.session()?.has_object(ObjectId::from(req.id.bytes))?.into());
            Ok(())
        })
    })
}

/// The size of an object in bytes, without reading or verifying it.
///
/// Errors, besides the common set: ZOVA_OBJECT_NOT_FOUND; ZOVA_OBJECT_CORRUPT if the stored size cannot be one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_size(request: *const zova_object_size_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_size = unsafe { arg::out(req.out_size, "out_size") }?;
            out_size.set(call.session()?.object_size(ObjectId::from(req.id.bytes))?);
            Ok(())
        })
    })
}

/// The number of chunks an object is stored in; 0 for the empty object. Nothing is read or verified.
///
/// Errors, besides the common set: ZOVA_OBJECT_NOT_FOUND; ZOVA_OBJECT_CORRUPT if the stored number cannot be one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_chunk_count(
    request: *const zova_object_chunk_count_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_count = unsafe { arg::out(req.out_count, "out_count") }?;
            out_count.set(call.session()?.object_chunk_count(ObjectId::from(req.id.bytes))?);
            Ok(())
        })
    })
}
