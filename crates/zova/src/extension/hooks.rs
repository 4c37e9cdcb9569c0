//! Running code of extensions.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::error::{ExtensionError, ExtensionResult};
use crate::error::{Fault, Status};
use crate::sqlite::Linked;

/// Runs a hook or callback. A panic in it is [`Status::Internal`] and ends the use of the handle; a statement it left
/// open is finalized and makes it fail.
#[inline]
pub(super) fn shielded<T>(linked: &Linked, code: impl FnOnce() -> ExtensionResult<T>) -> ExtensionResult<T> {
    if linked.is_broken() {
        return Err(panicked());
    }
    contained(linked, code).unwrap_or_else(|Panicked| {
        linked.mark_broken();
        Err(panicked())
    })
}

/// Code of an extension has panicked.
pub(super) struct Panicked;

/// As [`shielded`], and the caller decides what a panic means.
#[inline]
pub(super) fn contained<T>(
    linked: &Linked,
    code: impl FnOnce() -> ExtensionResult<T>,
) -> Result<ExtensionResult<T>, Panicked> {
    let texts = linked.texts();
    let open_before = texts.in_use();
    // Unwind safe: a caller either gives up the handle after a panic or undoes all that the code did.
    let outcome = catch_unwind(AssertUnwindSafe(code));
    let left_open = texts.finalize_behind(open_before);
    let short_of_memory = texts.take_short_of_memory();
    match outcome {
        Err(payload) => {
            // Dropping what a panic carries may panic, too.
            std::mem::forget(payload);
            Err(Panicked)
        }
        Ok(Ok(_)) if short_of_memory => Ok(Err(Status::OutOfMemory.into())),
        Ok(Ok(_)) if left_open => {
            Ok(Err(ExtensionError::new(Status::Misuse, "the extension left a statement open")))
        }
        Ok(outcome) => Ok(outcome),
    }
}

#[cold]
pub(super) fn panicked() -> ExtensionError {
    let text = Fault::Internal.to_string();
    let message = text.strip_prefix("Internal: ").unwrap_or(&text).to_owned();
    ExtensionError { status: Status::Internal, message }
}
