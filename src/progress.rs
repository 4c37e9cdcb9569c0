//! How long calls are watched and stopped.

use std::ffi::{c_int, c_void};
use std::ops::ControlFlow;

use zova::engine::Progress;

/// Watches a long call.
///
/// The function is called on the calling thread, from time to time and once at the end, and must return. Within it
/// the database handle and its children must not be used. The struct is read during the call only.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct zova_progress {
    /// Called with how much is done and how much there is, in the unit the call states. done never decreases; total
    /// may be corrected while the call runs. Return 0 to go on; anything else stops the call, which then returns
    /// ZOVA_INTERRUPTED and has changed nothing. Null means that nobody watches.
    pub callback: Option<unsafe extern "C" fn(done: u64, total: u64, user: *mut c_void) -> c_int>,
    /// Passed to every call of the function.
    pub user: *mut c_void,
}

impl zova_progress {
    /// The watcher of a call that nobody watches.
    pub(crate) fn nobody() -> impl FnMut(Progress) -> ControlFlow<()> {
        |_| ControlFlow::Continue(())
    }

    /// The watcher as the core calls it.
    ///
    /// # Safety
    ///
    /// `progress` is null or readable, and its function may be called, for as long as the result is used.
    pub(crate) unsafe fn watcher(progress: *const Self) -> impl FnMut(Progress) -> ControlFlow<()> {
        // SAFETY: the caller's promise.
        let watched =
            unsafe { progress.as_ref() }.and_then(|progress| Some((progress.callback?, progress.user)));
        move |progress| match watched {
            // SAFETY: the caller's promise.
            Some((callback, user)) if unsafe { callback(progress.done, progress.total, user) } != 0 => {
                ControlFlow::Break(())
            }
            _ => ControlFlow::Continue(()),
        }
    }
}
