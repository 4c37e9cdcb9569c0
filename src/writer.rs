//! Object writers: objects whose bytes arrive in parts.

use crate::arg;
use crate::database::zova_database;
use crate::guard::guard;
use crate::handle;
use crate::object::zova_object_id;
use crate::status::zova_status;
use zova::engine::Fault;

/// An object in the making, a child of the database it will be stored in.
///
/// Made by zova_object_writer_create; ended by zova_object_writer_destroy. It shares the lock and the error message
/// of its database. Nothing of the object is in the database before zova_object_writer_finish; bytes are set aside in
/// memory, and beyond 256 KiB in a file without a name beside the database. Any number of writers may be live at once.
pub struct zova_object_writer {
    _private: [u8; 0],
}

/// Request of zova_object_writer_create.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_writer_create_request {
    /// The database.
    pub db: *mut zova_database,
    /// Receives the writer; null after a fault.
    pub out_writer: *mut *mut zova_object_writer,
}

/// Request of zova_object_writer_write.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_writer_write_request {
    /// The writer.
    pub writer: *mut zova_object_writer,
    /// The next bytes of the object. May be null when len is 0.
    pub data: *const u8,
    /// Number of bytes in data.
    pub len: usize,
}

/// Request of zova_object_writer_finish.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_writer_finish_request {
    /// The writer.
    pub writer: *mut zova_object_writer,
    /// Receives the id of the object; unchanged after a fault.
    pub out_id: *mut zova_object_id,
}

/// Request of zova_object_writer_cancel.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_writer_cancel_request {
    /// The writer.
    pub writer: *mut zova_object_writer,
}

/// Starts an object whose bytes arrive in parts. Works inside and outside transactions and on a read-only handle,
/// where finishing content that is not stored fails. Errors: the common set. Cost: an allocation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_writer_create(
    request: *const zova_object_writer_create_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_writer = unsafe { arg::cleared(req.out_writer, "out_writer") }?;
            out_writer.set(call.adopt_writer()?);
            Ok(())
        })
    })
}

/// Appends bytes to the object. How the bytes are split over the calls has no influence on the object or its chunks.
/// A write that fails consumes nothing: the same bytes may be offered again.
///
/// Errors, besides the common set: ZOVA_OBJECT_WRITER_CLOSED after a finish or cancel that succeeded, or a finish that
/// failed; ZOVA_OBJECT_TOO_LARGE above 2^63 - 1 bytes in all. ZOVA_SQLITE_ERROR when the bytes cannot be set aside
/// (disk full).
///
/// Cost: two SHA-256 passes over the bytes, on two threads; about 2 MiB of memory per writer, whatever its size. The
/// second thread lives for the length of the call at most.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_writer_write(
    request: *const zova_object_writer_write_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_writer(req.writer, |call| {
            let too_long = |len| Fault::ObjectTooLarge(len as u64);
            // SAFETY: zova.h: null, or `len` bytes readable for the whole call.
            let bytes = unsafe { arg::bytes(req.data, req.len, "data", too_long) }?;
            let (session, writer) = call.writer()?;
            session.write_object(writer, bytes)
        })
    })
}

/// Stores the object in one transaction, or as part of the caller's, and tells its id. The writer is closed then;
/// destroy it. Content that is stored already is ZOVA_OK with its id; without any bytes the result is the empty
/// object. After a fault beyond the first two below, no bytes can be added, but finish may be called again.
///
/// Errors, besides the common set: ZOVA_OBJECT_WRITER_CLOSED; ZOVA_OBJECT_TRANSACTION_ACTIVE (a statement that writes
/// is in the middle of its results); ZOVA_OBJECT_CORRUPT (the same content is stored but damaged);
/// ZOVA_CONSTRAINT (parts of a damaged object with this id are stored); ZOVA_BOUND_STORE_INVALID.
///
/// Cost: writing the chunks that are new; for content that is stored already, reading and verifying it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_writer_finish(
    request: *const zova_object_writer_finish_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_writer(req.writer, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_id = unsafe { arg::out(req.out_id, "out_id") }?;
            let (session, writer) = call.writer()?;
            out_id.set(zova_object_id { bytes: session.finish_writer(writer)?.into_bytes() });
            Ok(())
        })
    })
}

/// Gives the object up and closes the writer; nothing of it remains. Destroy the writer afterwards.
///
/// Errors, besides the common set: ZOVA_OBJECT_WRITER_CLOSED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_writer_cancel(
    request: *const zova_object_writer_cancel_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_writer(req.writer, |call| {
            let (session, writer) = call.writer()?;
            session.cancel_writer(writer)
        })
    })
}

/// Ends a writer in whatever state it is. One that is neither finished nor cancelled is cancelled. Clears the error
/// message of the database. Errors: none beyond arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_writer_destroy(writer: *mut zova_object_writer) -> zova_status {
    guard(|| handle::destroy_writer(writer))
}
