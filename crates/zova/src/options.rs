//! Options of the calls that open databases, and how long work is watched.

use std::ops::ControlFlow;

use crate::error::Fault;

/// How [`Database::open_with_options`](crate::Database::open_with_options) opens a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenOptions {
    /// Open without write access: every write is [`Status::ReadOnly`](crate::Status::ReadOnly). Default: `false`.
    pub read_only: bool,
    /// Milliseconds to wait for another connection's lock, 0 to 2147483647; 0 does not wait. Default: 0.
    pub busy_timeout_ms: u32,
}

/// How far a long call has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Done so far, in the unit the call states. Never decreases.
    pub done: u64,
    /// What there is to do, as far as is known; may be corrected while the call runs.
    pub total: u64,
}

/// A function that is told how far a call has come and may stop it.
pub(crate) type Watch<'w> = &'w mut dyn FnMut(Progress) -> ControlFlow<()>;

/// Reports progress and turns a request to stop into the fault that undoes the call.
pub(crate) fn report(
    watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    done: u64,
    total: u64,
) -> Result<(), Fault> {
    match watch(Progress { done, total: total.max(done) }) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Fault::Interrupted),
    }
}
