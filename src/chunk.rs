//! Single chunks, addressed by their own id.

use zova::engine::{Fault, ObjectChunkId};

use crate::arg;
use crate::container::zova_buffer;
use crate::database::zova_database;
use crate::guard::guard;
use crate::handle;
use crate::mem::Block;
use crate::object::zova_object_chunk_id;
use crate::status::zova_status;

/// Request of zova_object_chunk_get.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_chunk_get_request {
    /// The database.
    pub db: *mut zova_database,
    /// The chunk.
    pub hash: zova_object_chunk_id,
    /// Receives the bytes; empty after a fault. What it holds before the call is not released.
    pub out_buffer: *mut zova_buffer,
}

/// Request of zova_object_chunk_exists.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_chunk_exists_request {
    /// The database.
    pub db: *mut zova_database,
    /// The chunk.
    pub hash: zova_object_chunk_id,
    /// Receives 1 if the chunk is stored, else 0; unchanged after a fault.
    pub out_exists: *mut u8,
}

/// Request of zova_object_chunk_put.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_chunk_put_request {
    /// The database.
    pub db: *mut zova_database,
    /// The id that the bytes must have.
    pub expected_hash: zova_object_chunk_id,
    /// The bytes, copied by the call. May be null when len is 0, which is refused.
    pub data: *const u8,
    /// Number of bytes in data, 1 to 65536.
    pub len: usize,
}

/// Request of zova_object_chunk_delete.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_chunk_delete_request {
    /// The database.
    pub db: *mut zova_database,
    /// The chunk.
    pub hash: zova_object_chunk_id,
    /// Receives 1 if the chunk was removed, 0 if there was none or an object uses it; unchanged after a fault.
    pub out_deleted: *mut u8,
}

/// Reads a chunk, whether objects use it or not. Every byte is verified against the id.
///
/// Errors, besides the common set: ZOVA_OBJECT_CHUNK_NOT_FOUND; ZOVA_OBJECT_CORRUPT.
///
/// Release the result with zova_buffer_free. Cost: one SHA-256 over at most 64 KiB.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_chunk_get(request: *const zova_object_chunk_get_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_buffer = unsafe { arg::cleared(req.out_buffer, "out_buffer") }?;
            let bytes = call.session()?.get_object_chunk::<Block>(ObjectChunkId::from(req.hash.bytes))?;
            out_buffer.set(zova_buffer::owning(bytes));
            Ok(())
        })
    })
}

/// Tells whether a chunk is stored; one that is stored but damaged is a fault.
///
/// Errors, besides the common set: ZOVA_OBJECT_CORRUPT. Cost: as reading the chunk.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_chunk_exists(
    request: *const zova_object_chunk_exists_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_exists = unsafe { arg::out(req.out_exists, "out_exists") }?;
            out_exists.set(call.session()?.has_object_chunk(ObjectChunkId::from(req.hash.bytes))?.into());
            Ok(())
        })
    })
}

/// Stores bytes as a chunk of their own, from which zova_object_assemble_from_chunks makes objects later. It stays
/// until zova_object_chunk_delete removes it, or until an object that came to use it is deleted. A chunk that is
/// stored already is ZOVA_OK and writes nothing. Transactions as in zova_object_put.
///
/// Errors, besides the common set: ZOVA_OBJECT_CORRUPT for a length that is not 1 to 65536, or if the stored chunk of
/// this id is damaged; ZOVA_OBJECT_CHUNK_HASH_MISMATCH; ZOVA_OBJECT_TRANSACTION_ACTIVE; ZOVA_BOUND_STORE_INVALID.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_chunk_put(request: *const zova_object_chunk_put_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            let hash = ObjectChunkId::from(req.expected_hash.bytes);
            let too_long = |len| Fault::chunk_of_length(hash, len);
            // SAFETY: zova.h: null, or `len` bytes readable for the whole call.
            let bytes = unsafe { arg::bytes(req.data, req.len, "data", too_long) }?;
            call.session()?.put_object_chunk(hash, bytes)
        })
    })
}

/// Removes a chunk that no object uses. Transactions as in zova_object_put.
///
/// Errors, besides the common set: ZOVA_OBJECT_TRANSACTION_ACTIVE; ZOVA_BOUND_STORE_INVALID.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_chunk_delete(
    request: *const zova_object_chunk_delete_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_deleted = unsafe { arg::out(req.out_deleted, "out_deleted") }?;
            let deleted = call.session()?.delete_object_chunk(ObjectChunkId::from(req.hash.bytes))?;
            out_deleted.set(deleted.into());
            Ok(())
        })
    })
}
