//! Stopping the call that is running on a database.
//!
//! This has a lock of its own, which nobody holds for long, so that stopping a call does not wait for it. A close takes
//! it as well: whoever stops a call finds the database open or finds nothing.

use parking_lot::Mutex;
use zova::engine::{Fault, InterruptHandle};

use super::Refused;
use crate::guard::Failure;

/// See the module text.
#[derive(Default)]
pub(super) struct Interrupt(Mutex<State>);

#[derive(Default)]
enum State {
    #[default]
    Closed,
    Open(InterruptHandle),
    Poisoned,
}

impl Interrupt {
    /// The database is about to get its handle.
    pub(super) fn open(&self, handle: InterruptHandle) {
        *self.0.lock() = State::Open(handle);
    }

    pub(super) fn poison(&self) {
        *self.0.lock() = State::Poisoned;
    }

    pub(super) fn close(&self) {
        *self.0.lock() = State::Closed;
    }

    /// Stops the call that is running; `live` says whether the handle still stands for this database.
    pub(super) fn ask(&self, live: impl Fn() -> bool) -> Result<(), Failure> {
        let state = self.0.lock();
        match &*state {
            State::Open(handle) if live() => {
                handle.interrupt();
                Ok(())
            }
            State::Poisoned if live() => Err(Failure::from(Fault::Internal)),
            _ => Err(Refused::NotLive.answer()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_of_a_database_that_is_closed_or_poisoned_cannot_be_stopped() {
        let interrupt = Interrupt::default();
        assert_eq!(interrupt.ask(|| true), Err(Failure::MISUSE));
        interrupt.open(InterruptHandle::default());
        assert_eq!(interrupt.ask(|| true), Ok(()));
        assert_eq!(interrupt.ask(|| false), Err(Failure::MISUSE));
        interrupt.poison();
        assert_eq!(interrupt.ask(|| true), Err(Failure::from(Fault::Internal)));
        interrupt.close();
        assert_eq!(interrupt.ask(|| true), Err(Failure::MISUSE));
    }
}
