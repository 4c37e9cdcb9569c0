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

/// Progress in steps large enough to be worth a call, with one call at the end. Every report comes before the work is
/// committed, so that each of them can stop it.
pub(crate) struct Stages {
    start: u64,
    total: u64,
    due: u64,
    ended: bool,
}

impl Stages {
    /// Bytes between two reports.
    const STEP: u64 = 512 * 1024;

    /// A stage of the work that begins at `start` of `total`.
    pub(crate) fn new(start: u64, total: u64) -> Self {
        Self { start, total, due: 0, ended: false }
    }

    /// `done` of this stage is done.
    pub(crate) fn report(&mut self, watch: Watch<'_>, done: u64) -> Result<(), Fault> {
        let at_end = self.start + done == self.total;
        if self.ended || (done < self.due && !at_end) {
            return Ok(());
        }
        (self.due, self.ended) = (done + Self::STEP, at_end);
        report(watch, self.start + done, self.total)
    }

    /// The work is done without having come to its end: nothing was left to do.
    pub(crate) fn end(&mut self, watch: Watch<'_>) -> Result<(), Fault> {
        self.report(watch, self.total - self.start)
    }
}

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
