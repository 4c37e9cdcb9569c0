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
    let texts = linked.texts();
    let open_before = texts.in_use();
    // Unwind safe: after a panic the handle accepts only its close.
    let outcome = catch_unwind(AssertUnwindSafe(code));
    let left_open = texts.finalize_behind(open_before);
    let short_of_memory = texts.take_short_of_memory();
    match outcome {
        Err(payload) => {
            // Dropping what a panic carries may panic, too.
            std::mem::forget(payload);
            linked.mark_broken();
            Err(panicked())
        }
        Ok(Ok(_)) if short_of_memory => Err(Status::OutOfMemory.into()),
        Ok(Ok(_)) if left_open => {
            Err(ExtensionError::new(Status::Misuse, "the extension left a statement open"))
        }
        Ok(outcome) => outcome,
    }
}

#[cold]
fn panicked() -> ExtensionError {
    let text = Fault::Internal.to_string();
    let message = text.strip_prefix("Internal: ").unwrap_or(&text).to_owned();
    ExtensionError { status: Status::Internal, message }
}
