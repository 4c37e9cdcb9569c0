//! No panic unwinds into SQLite.

use std::any::Any;
use std::ffi::{CStr, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::error::SqliteError;

/// Runs the body of a callback; a panic in it becomes an SQL error that names `what`.
pub(super) fn guarded<T>(
    what: &CStr,
    body: impl FnOnce() -> Result<T, SqliteError>,
) -> Result<T, SqliteError> {
    // What the body was changing belongs to the statement that called it, and that statement ends with the error.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| Err(caught(what, payload)))
}

#[cold]
fn caught(what: &CStr, payload: Box<dyn Any + Send>) -> SqliteError {
    // Dropping the payload runs foreign code that may panic, too.
    std::mem::forget(payload);
    SqliteError::plain(format!(
        "an internal error was caught in {}, please report it",
        what.to_string_lossy()
    ))
}

/// The error of a callback that finds its connection closing.
pub(super) fn closing() -> SqliteError {
    SqliteError::misuse()
}

/// Drops the box that callbacks were registered with.
///
/// # Safety
///
/// `data` is a box of `T` as a raw pointer, which is not used afterwards.
pub(super) unsafe extern "C" fn release_box<T>(data: *mut c_void) {
    let _ = guarded(c"the release of a callback", || {
        // SAFETY: as the caller says.
        drop(unsafe { Box::from_raw(data.cast::<T>()) });
        Ok(())
    });
}
