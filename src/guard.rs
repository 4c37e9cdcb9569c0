//! The two things every function of the header does around its work: no panic leaves it, and whatever went wrong
//! becomes a number.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use zova::engine::Fault;

use crate::status::{declared, zova_status};

/// What a call that failed returns. The text of the fault is already where the caller can read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failure(zova_status);

impl Failure {
    /// A required pointer is null, and there is no database to tell it to.
    pub(crate) const INVALID_ARGUMENT: Self =
        Self(declared::zova_status::ZOVA_INVALID_ARGUMENT as zova_status);
    /// A handle is not live, or not of the kind the function takes.
    pub(crate) const MISUSE: Self = Self(declared::zova_status::ZOVA_MISUSE as zova_status);
}

const OK: zova_status = declared::zova_status::ZOVA_OK as zova_status;
const INTERNAL: zova_status = declared::zova_status::ZOVA_INTERNAL as zova_status;

/// Drops the text: for calls that have neither a database nor a message to put it in, and for faults whose text
/// is recorded.
impl From<&Fault> for Failure {
    fn from(fault: &Fault) -> Self {
        Self(fault.status().raw())
    }
}

/// As [`From<&Fault>`](Failure#impl-From<%26Fault>-for-Failure).
impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::from(&fault)
    }
}

/// Runs the work of a function that returns a status. A panic in it is `ZOVA_INTERNAL`; by then the unwinding has
/// passed the handle's lock, which poisoned the database on the way ([`crate::handle`]).
#[inline]
pub(crate) fn guard(work: impl FnOnce() -> Result<(), Failure>) -> zova_status {
    shield(INTERNAL, || match work() {
        Ok(()) => OK,
        Err(failure) => failure.0,
    })
}

/// Runs the work of a function that returns something else; `fallback` is the answer after a panic.
#[inline]
pub(crate) fn shield<T>(fallback: T, work: impl FnOnce() -> T) -> T {
    // Unwind safe: what a panic may have left half changed is the database, and that is poisoned.
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(value) => value,
        Err(payload) => {
            leave(payload);
            fallback
        }
    }
}

/// Dropping what a panic carries may run code that panics again, so it is left alone. Panics are rare.
#[cold]
fn leave(payload: Box<dyn Any + Send>) {
    std::mem::forget(payload);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_the_internal_status() {
        assert_eq!(guard(|| panic!("on purpose")), 3);
    }

    #[test]
    fn a_payload_that_panics_when_dropped_does_not_escape() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("dropped");
            }
        }
        assert_eq!(guard(|| std::panic::panic_any(Bomb)), 3);
    }

    #[test]
    fn success_and_failure_become_their_numbers() {
        assert_eq!(guard(|| Ok(())), 0);
        assert_eq!(guard(|| Err(Failure::MISUSE)), 16);
        assert_eq!(guard(|| Err(Fault::argument("x").into())), 1);
    }

    #[test]
    fn a_function_without_status_answers_its_fallback_after_a_panic() {
        assert_eq!(shield(7, || panic!("on purpose")), 7);
    }
}
