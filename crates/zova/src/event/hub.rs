//! Who listens to what.

use std::collections::HashMap;
use std::panic::RefUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::Notification;
use super::backlog::Backlog;
use super::message::{Channel, Event};
use super::queue::{End, Queue};
use crate::error::Fault;

/// The subscriptions of one handle by channel.
#[derive(Default)]
pub(super) struct Hub(Mutex<HashMap<Box<str>, Vec<Arc<Queue>>>>);

// No code of the application runs under the locks in here, and their changes are single steps.
impl RefUnwindSafe for Hub {}
impl RefUnwindSafe for Queue {}

impl Hub {
    pub(super) fn listen(self: &Arc<Self>, channel: Channel<'_>) -> Listener {
        let queue = Arc::new(Queue::new(channel.as_str()));
        self.0.lock().entry(channel.as_str().into()).or_default().push(Arc::clone(&queue));
        Listener { hub: Arc::clone(self), queue }
    }

    /// Gives back a payload that a queue had no room for any more.
    pub(super) fn deliver(&self, channel: Channel<'_>, event: &Event) -> Option<Arc<String>> {
        let channels = self.0.lock();
        let mut displaced = None;
        for queue in channels.get(channel.as_str())? {
            displaced = queue.push(event).or(displaced);
        }
        displaced
    }

    pub(super) fn deliver_all(&self, channel: &str, backlog: &Backlog) {
        if let Some(queues) = self.0.lock().get(channel) {
            queues.iter().for_each(|queue| queue.push_all(backlog));
        }
    }

    pub(super) fn poison(&self) {
        self.0.lock().values().flatten().for_each(|queue| queue.end(End::Poisoned));
    }

    fn remove(&self, ended: &Arc<Queue>) {
        let mut channels = self.0.lock();
        if let Some(queues) = channels.get_mut(ended.channel()) {
            queues.retain(|queue| !Arc::ptr_eq(queue, ended));
            if queues.is_empty() {
                channels.remove(ended.channel());
            }
        }
    }
}

/// A subscription: receives what is delivered on its channel from when it was made until it is dropped, which also
/// discards what still waits in it and wakes who waits for it.
///
/// Nothing here uses the connection or its lock.
pub struct Listener {
    hub: Arc<Hub>,
    queue: Arc<Queue>,
}

impl Listener {
    /// The channel.
    pub fn channel(&self) -> &str {
        self.queue.channel()
    }

    /// True once a panic was caught on the connection.
    pub fn is_poisoned(&self) -> bool {
        self.queue.is_poisoned()
    }

    /// Hands payload, sequence number and the count of lost events of the oldest event to `take`, and removes the event
    /// when that succeeds; `None` if nothing waits.
    pub fn take<T>(&self, take: impl FnOnce(&str, u64, u64) -> Result<T, Fault>) -> Result<Option<T>, Fault> {
        self.queue.take(|event, dropped| take(&event.payload, event.sequence, dropped))
    }

    /// The oldest event; `None` if nothing waits.
    pub(crate) fn receive(&self) -> Result<Option<Notification>, Fault> {
        self.take(|payload, sequence, dropped_before| {
            let (channel, payload) = (self.channel().to_owned(), payload.to_owned());
            Ok(Notification { channel, payload, sequence, dropped_before })
        })
    }

    /// Waits until an event can be taken, or until the deadline; `false` for the latter.
    pub(crate) fn wait(&self, deadline: Instant) -> bool {
        self.queue.wait(deadline)
    }

    /// What threads wait with that have no hold on this.
    pub fn waiter(&self) -> Waiter {
        Waiter(Arc::clone(&self.queue))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.hub.remove(&self.queue);
        self.queue.end(End::Closed);
    }
}

/// Waits for the events of one subscription without holding anything.
pub struct Waiter(Arc<Queue>);

impl Waiter {
    /// Waits until an event can be taken, the subscription ends, or the deadline has passed; `false` for the last. An
    /// event may be taken by somebody else before the caller comes to it.
    pub fn wait(&self, deadline: Instant) -> bool {
        self.0.wait(deadline)
    }
}

/// The end of a wait that begins now; one that no clock reaches is cut to a year.
pub fn deadline(timeout: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    let now = Instant::now();
    now.checked_add(timeout).unwrap_or(now + YEAR)
}
