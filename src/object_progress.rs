//! Storing objects while somebody watches.

use zova::engine::Fault;

use crate::arg;
use crate::database::zova_database;
use crate::guard::guard;
use crate::handle;
use crate::object::zova_object_id;
use crate::progress::zova_progress;
use crate::status::zova_status;
use crate::writer::zova_object_writer;

/// Request of zova_object_put_with_options.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_put_with_options_request {
    /// The database.
    pub db: *mut zova_database,
    /// The bytes. May be null when len is 0.
    pub data: *const u8,
    /// Number of bytes in data.
    pub len: usize,
    /// Watches the call; may be null. Progress is in bytes stored.
    pub progress: *const zova_progress,
    /// Receives the id; unchanged after a fault.
    pub out_id: *mut zova_object_id,
}

/// Request of zova_object_writer_finish_with_options.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_writer_finish_with_options_request {
    /// The writer.
    pub writer: *mut zova_object_writer,
    /// Watches the call; may be null. Progress is in bytes stored.
    pub progress: *const zova_progress,
    /// Receives the id of the object; unchanged after a fault.
    pub out_id: *mut zova_object_id,
}

/// As zova_object_put, watched.
///
/// Errors: those of zova_object_put; ZOVA_INTERRUPTED when the watcher stopped the call, and then nothing is stored.
///
/// Cost: that of zova_object_put.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_put_with_options(
    request: *const zova_object_put_with_options_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_id = unsafe { arg::out(req.out_id, "out_id") }?;
            let too_long = |len| Fault::ObjectTooLarge(len as u64);
            // SAFETY: zova.h: null, or `len` bytes readable for the whole call.
            let bytes = unsafe { arg::bytes(req.data, req.len, "data", too_long) }?;
            // SAFETY: zova.h: null, or a watcher that may be called during the call.
            let mut watcher = unsafe { zova_progress::watcher(req.progress) };
            let id = call.session()?.put_object_with_progress(bytes, &mut watcher)?;
            out_id.set(zova_object_id { bytes: id.into_bytes() });
            Ok(())
        })
    })
}

/// As zova_object_writer_finish, watched.
///
/// Errors: those of zova_object_writer_finish; ZOVA_INTERRUPTED when the watcher stopped the call. Nothing is stored
/// then, and the writer can be finished again.
///
/// Cost: that of zova_object_writer_finish.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_writer_finish_with_options(
    request: *const zova_object_writer_finish_with_options_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_writer(req.writer, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_id = unsafe { arg::out(req.out_id, "out_id") }?;
            // SAFETY: zova.h: null, or a watcher that may be called during the call.
            let mut watcher = unsafe { zova_progress::watcher(req.progress) };
            let (session, writer) = call.writer()?;
            let id = session.finish_writer_with_progress(writer, &mut watcher)?;
            out_id.set(zova_object_id { bytes: id.into_bytes() });
            Ok(())
        })
    })
}
