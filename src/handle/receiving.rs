//! Calls on subscriptions, which do not take the connection lock.

use std::sync::atomic::Ordering;

use zova::engine::{Fault, Listener};

use super::table::kind_of;
use super::{CHILDREN, Kind, Refused};
use crate::event::zova_subscription;
use crate::guard::Failure;

/// What the body of a call on a subscription works on; `None` for a refused call.
pub(crate) struct Receiver<'r>(Option<&'r Listener>);

impl<'r> Receiver<'r> {
    /// The subscription. Refused calls end here, so everything that must happen in those too comes before.
    #[inline]
    pub(crate) fn listener(&self) -> Result<&'r Listener, Fault> {
        // Which fault does not matter: a refused call answers with its refusal.
        self.0.ok_or(Fault::Internal)
    }
}

/// Runs a call on a subscription handle, beside whatever call runs on its database. A call that may wait is refused
/// to a thread that is in the middle of a call on the database, which nobody could end meanwhile.
pub(crate) fn on_subscription<T>(
    handle: *mut zova_subscription,
    may_wait: bool,
    body: impl FnOnce(Receiver<'_>) -> Result<T, Fault>,
) -> Result<T, Failure> {
    let value = handle.addr() as u64;
    if value == 0 {
        return Err(Refused::Null.answer());
    }
    let child = Some(value)
        .filter(|&value| kind_of(value) == Kind::Subscription.letter())
        .and_then(|value| CHILDREN.find(value))
        .ok_or_else(|| Refused::NotLive.answer())?;
    let held = child.body.listener.lock();
    // Under this lock the subscription stays live, and with it its database.
    let listener = held.as_deref().filter(|_| child.is(value)).ok_or_else(|| Refused::NotLive.answer())?;
    // SAFETY: the slot was issued, so it names a database slot, and those are of static lifetime.
    let database = unsafe { &*child.body.parent.load(Ordering::Acquire) };
    let refused = if listener.is_poisoned() {
        Some(Refused::Poisoned(database))
    } else if may_wait && database.body.lock.is_held_by_this_thread() {
        Some(Refused::Reentered(database))
    } else {
        None
    };
    let outcome = body(Receiver(Some(listener).filter(|_| refused.is_none())));
    match (outcome, refused) {
        (_, Some(refused)) => Err(refused.answer()),
        (Ok(value), None) => {
            database.body.diagnostic.clear();
            Ok(value)
        }
        (Err(fault), None) => {
            database.body.diagnostic.record(&fault);
            Err(Failure::from(fault))
        }
    }
}
