//! The message of the calls that have no database to keep it: opening and creating.

use std::ptr::NonNull;

use zova::engine::Fault;

use crate::container::{Refill, zova_message};
use crate::guard::Failure;

/// Runs `work`; a fault of it, or a panic in it, is told in `message`, which is emptied first. Null: nobody wants
/// to know.
///
/// # Safety
///
/// Null, or a message that is writable for the whole call and is zero or owns its text.
pub(crate) unsafe fn report(
    message: *mut zova_message,
    work: impl FnOnce() -> Result<(), Fault>,
) -> Result<(), Failure> {
    // SAFETY: the caller's promise.
    let message = NonNull::new(message).map(|message| unsafe { Refill::new(message) });
    // A panic on the way drops this with its presumption.
    let mut report = Report { message, outcome: Err(Fault::Internal) };
    report.outcome = work();
    report.outcome.as_ref().copied().map_err(Failure::from)
}

struct Report {
    message: Option<Refill<zova_message>>,
    outcome: Result<(), Fault>,
}

impl Drop for Report {
    fn drop(&mut self) {
        if let (Some(message), Err(fault)) = (self.message.take(), &self.outcome) {
            // Without memory for the message there is none; the status still says what happened.
            let _ = message.fill(fault.to_string().as_bytes(), "a message");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;
    use std::ptr::null_mut;

    use super::*;
    use crate::container::zova_message_free;
    use crate::guard::guard;

    #[test]
    fn the_message_belongs_to_the_last_call_and_a_panic_has_one_too() {
        let mut message = zova_message { data: null_mut(), len: 0 };
        let place = &raw mut message;
        // SAFETY: zero at first, filled by `report` afterwards.
        let code = guard(|| unsafe { report(place, || Err(Fault::argument("path must not be null"))) });
        assert_eq!(code, 1);
        // SAFETY: a fault leaves a NUL-terminated text.
        assert_eq!(unsafe { CStr::from_ptr(message.data) }, c"InvalidArgument: path must not be null");
        // SAFETY: as above.
        let code = guard(|| unsafe { report(place, || panic!("on purpose")) });
        assert_eq!(code, 3);
        // SAFETY: as above.
        assert!(unsafe { CStr::from_ptr(message.data) }.to_bytes().starts_with(b"Internal: "));
        // SAFETY: as above.
        assert_eq!(guard(|| unsafe { report(place, || Ok(())) }), 0);
        assert!(message.data.is_null() && message.len == 0);
        // SAFETY: null, and zero.
        unsafe {
            assert_eq!(guard(|| report(null_mut(), || Err(Fault::Internal))), 3);
            zova_message_free(place);
        }
    }
}
