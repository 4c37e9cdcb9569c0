//! Objects from files and into files, in bounded memory.

use std::ffi::{c_char, c_int};
use std::fs::File;
use std::mem::ManuallyDrop;
use std::path::Path;

use zova::engine::{Fault, ObjectId};

use crate::arg;
use crate::database::zova_database;
use crate::guard::guard;
use crate::handle;
use crate::object::zova_object_id;
use crate::progress::zova_progress;
use crate::status::zova_status;

/// Request of zova_object_put_file.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_put_file_request {
    /// The database.
    pub db: *mut zova_database,
    /// The file, NUL-terminated, any bytes; null to read from fd.
    pub path: *const c_char,
    /// An open file descriptor, read from where it stands up to its end and left open; looked at only when path is
    /// null. It may be a pipe. Not on Windows.
    pub fd: c_int,
    /// Watches the call; may be null. Progress is in bytes, each of which counts twice: once when it was read and
    /// once when it was stored.
    pub progress: *const zova_progress,
    /// Receives the id; unchanged after a fault.
    pub out_id: *mut zova_object_id,
}

/// Request of zova_object_get_file.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_get_file_request {
    /// The database.
    pub db: *mut zova_database,
    /// The object.
    pub id: zova_object_id,
    /// The file to make, NUL-terminated, any bytes; nothing may exist there. Null to write to fd.
    pub path: *const c_char,
    /// An open file descriptor, written to from where it stands and left open; looked at only when path is null. Not
    /// on Windows.
    pub fd: c_int,
    /// Watches the call; may be null. Progress is in bytes.
    pub progress: *const zova_progress,
}

/// Stores the content of a file, or of anything that can be read through a file descriptor, as an object. As
/// zova_object_put otherwise, transactions included.
///
/// Errors, besides the common set and those of zova_object_writer_finish: ZOVA_CANT_OPEN for a file that cannot be
/// opened; ZOVA_SQLITE_ERROR for one that cannot be read; ZOVA_INTERRUPTED when the watcher stopped the call.
///
/// Cost: that of an object writer; about 2 MiB of memory, whatever the size of the file.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_put_file(request: *const zova_object_put_file_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_id = unsafe { arg::out(req.out_id, "out_id") }?;
            // SAFETY: zova.h: null, or a watcher that may be called during the call.
            let mut watcher = unsafe { zova_progress::watcher(req.progress) };
            // SAFETY: zova.h: null and then the descriptor is open during the call, or NUL-terminated.
            let id = match unsafe { place(req.path, req.fd) }? {
                Place::Path(path) => call.session()?.put_object_file(path, &mut watcher)?,
                Place::Descriptor(mut file) => {
                    call.session()?.put_object_stream(&mut *file, None, 0, &mut watcher)?
                }
            };
            out_id.set(zova_object_id { bytes: id.into_bytes() });
            Ok(())
        })
    })
}

/// Writes an object into a new file, or through a file descriptor. Every byte is verified. A file appears under its
/// name complete or not at all, is on stable storage when the call returns, and replaces nothing; its permissions are
/// read and write for all, limited by the umask. What went through a descriptor before a fault stays there.
///
/// Errors, besides the common set: ZOVA_OBJECT_NOT_FOUND; ZOVA_OBJECT_CORRUPT; ZOVA_DESTINATION_EXISTS; ZOVA_CANT_OPEN
/// for a directory that is missing or cannot be written; ZOVA_SQLITE_ERROR when the bytes cannot be written;
/// ZOVA_INTERRUPTED when the watcher stopped the call.
///
/// Cost: two SHA-256 passes over the object and, for a file, two disk syncs; less than 1 MiB of memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_get_file(request: *const zova_object_get_file_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or a watcher that may be called during the call.
            let mut watcher = unsafe { zova_progress::watcher(req.progress) };
            let id = ObjectId::from(req.id.bytes);
            // SAFETY: zova.h: null and then the descriptor is open during the call, or NUL-terminated.
            match unsafe { place(req.path, req.fd) }? {
                Place::Path(path) => call.session()?.get_object_file(id, path, &mut watcher),
                Place::Descriptor(mut file) => {
                    call.session()?.get_object_stream(id, &mut *file, &mut watcher)
                }
            }
        })
    })
}

/// Where bytes come from or go to.
enum Place<'a> {
    Path(&'a Path),
    /// The caller's descriptor, which stays open.
    #[cfg_attr(not(unix), allow(dead_code, reason = "there are no descriptors elsewhere"))]
    Descriptor(ManuallyDrop<File>),
}

/// # Safety
///
/// `path` is null or NUL-terminated for `'a`; if it is null, `fd` is negative or an open descriptor for `'a`.
unsafe fn place<'a>(path: *const c_char, fd: c_int) -> Result<Place<'a>, Fault> {
    if !path.is_null() {
        // SAFETY: the caller's promise.
        return Ok(Place::Path(unsafe { arg::path(path, "path") }?));
    }
    if fd < 0 {
        return Err(Fault::argument("path is null and fd is no file descriptor; one of them is needed"));
    }
    #[cfg(unix)]
    {
        use std::os::fd::FromRawFd;
        // SAFETY: the caller's promise; it is never closed here.
        Ok(Place::Descriptor(ManuallyDrop::new(unsafe { File::from_raw_fd(fd) })))
    }
    #[cfg(not(unix))]
    Err(Fault::argument("file descriptors are not supported on this system; pass a path"))
}
