//! The text of a database's last fault.
//!
//! It has a lock of its own, so that reading it never waits for a call that is running. Calls record and clear it
//! while they hold the connection lock, hence in the order of the calls.

use std::ffi::{CString, c_char};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

/// See the module text.
#[derive(Default)]
pub(super) struct Diagnostic {
    present: AtomicBool,
    /// Kept when the diagnostic is cleared, so that clearing costs nothing.
    text: Mutex<CString>,
}

impl Diagnostic {
    /// Replaces the text.
    #[cold]
    pub(super) fn record(&self, fault: &impl fmt::Display) {
        let text = CString::new(fault.to_string()).unwrap_or_else(|error| {
            let end = error.nul_position();
            let mut bytes = error.into_vec();
            bytes.truncate(end);
            // Cut at the first NUL byte, so none is left.
            CString::new(bytes).unwrap_or_default()
        });
        *self.text.lock() = text;
        self.present.store(true, Ordering::Release);
    }

    /// The last call succeeded.
    #[inline]
    pub(super) fn clear(&self) {
        self.present.store(false, Ordering::Relaxed);
    }

    /// Releases the memory too; for a database that is closed.
    pub(super) fn forget(&self) {
        self.clear();
        *self.text.lock() = CString::default();
    }

    /// The text as the caller gets it, valid until the next record; `None` when `live` says that the database it
    /// would belong to is closed.
    pub(super) fn read(&self, live: impl Fn() -> bool) -> Option<*const c_char> {
        let text = self.text.lock();
        // Under the lock: a close that comes later forgets the text only after this.
        live().then(|| if self.present.load(Ordering::Acquire) { text.as_ptr() } else { c"".as_ptr() })
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;

    fn text(diagnostic: &Diagnostic) -> &CStr {
        // SAFETY: the text is valid until the next record, and the tests do not keep it that long.
        unsafe { CStr::from_ptr(diagnostic.read(|| true).unwrap()) }
    }

    #[test]
    fn the_text_is_the_last_one_and_cleared_by_success() {
        let diagnostic = Diagnostic::default();
        assert_eq!(text(&diagnostic), c"");
        diagnostic.record(&"first");
        diagnostic.record(&"second");
        assert_eq!(text(&diagnostic), c"second");
        diagnostic.clear();
        assert_eq!(text(&diagnostic), c"");
        diagnostic.record(&"third\0and more");
        assert_eq!(text(&diagnostic), c"third");
        diagnostic.forget();
        assert_eq!(text(&diagnostic), c"");
    }

    #[test]
    fn a_closed_database_has_no_text() {
        assert_eq!(Diagnostic::default().read(|| false), None);
    }
}
