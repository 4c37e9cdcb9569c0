//! Manifests: the chunks that make up an object, and objects made of chunks.

use std::ffi::c_char;
use std::ptr::null_mut;

use zova::engine::{Fault, ObjectChunkId, ObjectId, ObjectManifest, ObjectManifestChunk};

use crate::arg::{self, Empty};
use crate::database::zova_database;
use crate::guard::{guard, shield};
use crate::handle;
use crate::mem::Block;
use crate::object::{zova_object_chunk_id, zova_object_id};
use crate::status::zova_status;

/// One chunk of an object.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct zova_object_manifest_chunk {
    /// Position among the object's chunks, from 0.
    pub index: u64,
    /// The chunk.
    pub hash: zova_object_chunk_id,
    /// Where the chunk starts in the object, in bytes.
    pub offset: u64,
    /// Length of the chunk, 1 to 65536 bytes.
    pub size_bytes: u64,
}

/// The chunks of an object. Release it with zova_object_manifest_free.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_manifest {
    /// The object.
    pub object_id: zova_object_id,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// The number of its chunks.
    pub chunk_count: u64,
    /// "fastcdc-v1", static text; the boundaries of an assembled object may be others.
    pub chunker: *const c_char,
    /// The chunks by ascending index; null for the empty object.
    pub chunks: *mut zova_object_manifest_chunk,
    /// Number of elements in chunks; equals chunk_count.
    pub chunks_len: usize,
}

impl Empty for zova_object_manifest {
    const EMPTY: Self = Self {
        object_id: zova_object_id { bytes: [0; 32] },
        size_bytes: 0,
        chunk_count: 0,
        chunker: std::ptr::null(),
        chunks: null_mut(),
        chunks_len: 0,
    };
}

/// Releases a manifest and sets every field to zero. Null and empty manifests are fine, so calling it twice is
/// harmless. Do not change the fields before, and do not free two copies of one manifest.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_manifest_free(manifest: *mut zova_object_manifest) {
    shield((), || {
        // SAFETY: zova.h: null, or a manifest that is zero or owns its chunks, used by nobody else.
        let Some(manifest) = (unsafe { manifest.as_mut() }) else { return };
        let chunks = std::mem::replace(manifest, zova_object_manifest::EMPTY).chunks;
        // SAFETY: null, or the block that `owned` handed out; the manifest just forgot it.
        drop(unsafe { Block::from_raw(chunks.cast()) });
    });
}

/// Request of zova_object_manifest_get.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_manifest_get_request {
    /// The database.
    pub db: *mut zova_database,
    /// The object.
    pub id: zova_object_id,
    /// Receives the manifest; empty after a fault. What it holds before the call is not released.
    pub out_manifest: *mut zova_object_manifest,
}

/// Request of zova_object_assemble_from_chunks.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_assemble_from_chunks_request {
    /// The database.
    pub db: *mut zova_database,
    /// The id that the object must have: SHA-256 of all its bytes.
    pub id: zova_object_id,
    /// The size of the object in bytes.
    pub size_bytes: u64,
    /// The chunks in any order; their indexes and offsets say where they stand. A chunk may stand in several places,
    /// and boundaries are free. May be null when chunk_count is 0.
    pub chunks: *const zova_object_manifest_chunk,
    /// Number of elements in chunks.
    pub chunk_count: usize,
}

/// The chunks of an object. The bytes of the chunks are not read.
///
/// Errors, besides the common set: ZOVA_OBJECT_NOT_FOUND; ZOVA_OBJECT_CORRUPT.
///
/// Cost: two key look-ups and 56 bytes of memory per chunk.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_manifest_get(
    request: *const zova_object_manifest_get_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_manifest = unsafe { arg::cleared(req.out_manifest, "out_manifest") }?;
            let manifest = call.session()?.object_manifest(ObjectId::from(req.id.bytes))?;
            out_manifest.set(owned(&manifest)?);
            Ok(())
        })
    })
}

/// The manifest in memory of the caller's.
fn owned(manifest: &ObjectManifest) -> Result<zova_object_manifest, Fault> {
    let chunks = manifest.chunks.iter().map(|chunk| zova_object_manifest_chunk {
        index: chunk.index,
        hash: zova_object_chunk_id { bytes: chunk.hash.into_bytes() },
        offset: chunk.offset,
        size_bytes: chunk.size_bytes,
    });
    let block = match manifest.chunks.len() {
        0 => null_mut(),
        _ => Block::array(chunks).ok_or(Fault::OutOfMemory("the manifest of the object"))?.into_raw(),
    };
    Ok(zova_object_manifest {
        object_id: zova_object_id { bytes: manifest.object_id.into_bytes() },
        size_bytes: manifest.size_bytes,
        chunk_count: manifest.chunk_count,
        chunker: c"fastcdc-v1".as_ptr(),
        chunks: block.cast(),
        chunks_len: manifest.chunks.len(),
    })
}

/// Makes an object of chunks that are stored already, after reading all of them and verifying that they hash to the
/// id. Transactions as in zova_object_put.
///
/// Errors, besides the common set, in this order: ZOVA_OBJECT_TRANSACTION_ACTIVE; ZOVA_OBJECT_ALREADY_EXISTS if the
/// object is stored, ZOVA_OBJECT_CORRUPT if it is stored but damaged; ZOVA_OBJECT_TOO_LARGE for a size above
/// 2^63 - 1; then, entry by entry, ZOVA_OBJECT_MANIFEST_INVALID (the entries have gaps, overlap, do not add up, or
/// their chunks have another size or hash), ZOVA_OBJECT_CHUNK_NOT_FOUND, ZOVA_OBJECT_CORRUPT (a damaged chunk);
/// ZOVA_CONSTRAINT (parts of a damaged object with this id are stored); ZOVA_BOUND_STORE_INVALID.
///
/// Cost: two SHA-256 passes over the object; memory for one chunk, and 4 bytes per entry if the entries are not in
/// order.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_assemble_from_chunks(
    request: *const zova_object_assemble_from_chunks_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or `chunk_count` elements readable for the whole call.
            let chunks = unsafe { arg::elements(req.chunks, req.chunk_count, "chunks") }?;
            let entry = |at: usize| ObjectManifestChunk {
                index: chunks[at].index,
                hash: ObjectChunkId::from(chunks[at].hash.bytes),
                offset: chunks[at].offset,
                size_bytes: chunks[at].size_bytes,
            };
            let id = ObjectId::from(req.id.bytes);
            call.session()?.assemble_object(id, req.size_bytes, chunks.len(), &entry)
        })
    })
}
