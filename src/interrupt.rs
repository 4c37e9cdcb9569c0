//! Stopping calls: from another thread, or when their time is up.

use crate::arg;
use crate::database::zova_database;
use crate::guard::guard;
use crate::handle;
use crate::status::zova_status;

/// Request of zova_database_set_deadline.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_set_deadline_request {
    /// The database.
    pub db: *mut zova_database,
    /// How many milliseconds each later call on the handle and its children may take, counted from when it has the
    /// handle for itself: 0 (any number, as on a fresh handle) to 2147483647.
    pub milliseconds: u32,
}

/// Stops the call that is running on this database or one of its children, in whatever thread: it returns
/// ZOVA_INTERRUPTED and has changed nothing. A transaction of yours stays open, unless it was your own SQL that was
/// stopped while it wrote; then SQLite rolls the transaction back. With no call running, later calls are not affected.
///
/// The call ends a little later: SQL every few microseconds of its work, everything else between two rows, pages or
/// chunks. Not stopped are a wait for another connection's lock (the busy timeout or a deadline ends it, then with
/// ZOVA_INTERRUPTED), the disk syncs of a commit, and, inside a transaction of yours, a single statement of the
/// library's own.
///
/// Errors: ZOVA_INVALID_ARGUMENT for null; ZOVA_MISUSE for a handle that is not live; ZOVA_INTERNAL after a caught
/// panic. The message of the last fault is left alone.
///
/// Any thread, at any time, also during zova_database_close, and from a progress callback; does not wait for the
/// running call. Cost: some ten nanoseconds.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_interrupt(db: *mut zova_database) -> zova_status {
    guard(|| handle::interrupt(db))
}

/// Sets how long each later call on this handle and its children may take. A call that takes longer is stopped as by
/// zova_database_interrupt. No wait for another connection's lock is longer either, whatever the busy timeout.
///
/// Errors: ZOVA_INVALID_ARGUMENT for more than 2147483647 milliseconds.
///
/// Cost: with a deadline set, a call takes some ten nanoseconds more, and reading rows the time of a clock each.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_set_deadline(
    request: *const zova_database_set_deadline_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| call.session()?.set_deadline(req.milliseconds))
    })
}
