//! Options of the calls that open databases, and how long work is watched.

use std::ops::ControlFlow;

use crate::error::Fault;
use crate::session::{busy_timeout, deadline};
use crate::sqlite::StopWhen;

/// How [`Database::open_with_options`](crate::Database::open_with_options) opens a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenOptions {
    /// Open without write access: every write is [`Status::ReadOnly`](crate::Status::ReadOnly). Default: `false`.
    pub read_only: bool,
    /// Milliseconds to wait for another connection's lock, 0 to 2147483647; 0 does not wait. Default: 0.
    pub busy_timeout_ms: u32,
}

macro_rules! copy_options {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub struct $name {
                /// Check the copy before it gets its name: its structure, every object, chunk and vector. Default:
                /// `true`.
                pub verify: bool,
            }

            impl Default for $name {
                fn default() -> Self {
                    Self { verify: true }
                }
            }
        )*
    };
}

copy_options! {
    /// How [`Database::backup_to`](crate::Database::backup_to) copies.
    BackupOptions;
    /// How [`Database::compact_to`](crate::Database::compact_to) copies.
    CompactOptions;
    /// How [`restore_backup`](crate::restore_backup) copies.
    RestoreOptions;
}

/// How long a call without a database handle may wait and take. A handle has
/// [`set_busy_timeout`](crate::Database::set_busy_timeout) and [`set_deadline`](crate::Database::set_deadline).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CallLimits {
    /// Milliseconds to wait for another connection's lock, 0 to 2147483647; 0 does not wait. Default: 0.
    pub busy_timeout_ms: u32,
    /// Milliseconds the call may take, 0 to 2147483647, before it is stopped with
    /// [`Status::Interrupted`](crate::Status::Interrupted); 0 for any number. Default: 0.
    pub deadline_ms: u32,
}

impl CallLimits {
    /// What stops a call that begins now.
    pub(crate) fn stop_when(self) -> Result<StopWhen, Fault> {
        busy_timeout(self.busy_timeout_ms)?;
        deadline(self.deadline_ms)?;
        Ok(StopWhen::within(self.deadline_ms))
    }

    /// No wait for a lock goes beyond the time of the call.
    pub(crate) fn longest_wait(self) -> u32 {
        match self.deadline_ms {
            0 => self.busy_timeout_ms,
            deadline => self.busy_timeout_ms.min(deadline),
        }
    }
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

/// Nobody watches.
pub(crate) fn unwatched(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
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
