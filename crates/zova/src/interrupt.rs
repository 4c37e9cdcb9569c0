//! Stopping a call from another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Stops the call that is running on a database, from any thread and at any time.
///
/// The stopped call returns [`Status::Interrupted`](crate::Status::Interrupted) and has changed nothing. With no call
/// running it does nothing, also to later calls. The handle neither keeps the database open nor waits for its lock;
/// once the database is closed it does nothing.
#[derive(Debug, Clone, Default)]
pub struct InterruptHandle(Arc<Flag>);

/// Alone on its cache line: every call of one database writes it, and those of another must not notice.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Flag(AtomicBool);

impl InterruptHandle {
    /// Asks the running call to stop. Returns at once; the call ends a little later.
    pub fn interrupt(&self) {
        self.0.0.store(true, Ordering::Relaxed);
    }

    /// A call begins: what was asked of an earlier one is forgotten.
    #[inline]
    pub(crate) fn forget(&self) {
        self.0.0.store(false, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn is_asked(&self) -> bool {
        self.0.0.load(Ordering::Relaxed)
    }
}
