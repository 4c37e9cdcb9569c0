//! What waits in one subscription.
//!
//! A queue has a lock of its own, apart from the connection's, so that taking from it never waits for a statement.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use parking_lot::{Condvar, Mutex};

use super::backlog::Backlog;
use super::message::Event;
use crate::error::Fault;

/// Most events that wait in one subscription, and most that are kept where more can never wait.
pub(super) const CAPACITY: usize = 1024;

/// An event in a queue.
struct Queued {
    event: Event,
    /// Events of this subscription that were lost directly before this one.
    dropped_before: u64,
}

#[derive(Default)]
struct State {
    /// At most [`CAPACITY`], oldest first.
    items: VecDeque<Queued>,
    /// Events lost after the newest item: the next one that is appended tells.
    lost: u64,
    /// Nothing more will come: the subscription has ended, or a panic was caught.
    ended: Option<End>,
    /// Threads in [`Queue::wait`].
    waiting: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The subscription was closed.
    Closed,
    /// A panic was caught on the connection.
    Poisoned,
}

/// See the module text.
pub(super) struct Queue {
    channel: Box<str>,
    state: Mutex<State>,
    arrived: Condvar,
    /// True once a panic was caught on the connection.
    poisoned: AtomicBool,
}

impl Queue {
    pub(super) fn new(channel: &str) -> Self {
        Self {
            channel: channel.into(),
            state: Mutex::default(),
            arrived: Condvar::new(),
            poisoned: AtomicBool::new(false),
        }
    }

    pub(super) fn channel(&self) -> &str {
        &self.channel
    }

    /// Appends an event; a full queue loses its oldest and gives back that one's payload.
    pub(super) fn push(&self, event: &Event) -> Option<Arc<String>> {
        let mut state = self.state.lock();
        let displaced = state.push(event.clone());
        self.wake(&state, 1);
        displaced
    }

    /// Appends what was raised in a transaction.
    pub(super) fn push_all(&self, backlog: &Backlog) {
        let mut state = self.state.lock();
        let lost = backlog.dropped();
        if lost > 0 && backlog.last().len() >= CAPACITY {
            // What is lost would have pushed out everything that waits, and what is left fills the queue.
            state.lost += lost + state.items.iter().map(|item| item.dropped_before + 1).sum::<u64>();
            state.items.clear();
        } else {
            state.lost += lost;
        }
        for event in backlog.last() {
            state.push(event.clone());
        }
        self.wake(&state, backlog.last().len());
    }

    fn wake(&self, state: &State, events: usize) {
        match (state.waiting, events) {
            (0, _) => {}
            (_, 1) => drop(self.arrived.notify_one()),
            _ => drop(self.arrived.notify_all()),
        }
    }

    /// Hands the oldest event and the number of those lost before it to `take`, and removes it when that succeeds.
    /// `None` if nothing waits.
    pub(super) fn take<T>(
        &self,
        take: impl FnOnce(&Event, u64) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        let mut state = self.state.lock();
        state.check()?;
        let Some(oldest) = state.items.front() else { return Ok(None) };
        let taken = take(&oldest.event, oldest.dropped_before)?;
        state.items.pop_front();
        Ok(Some(taken))
    }

    /// Waits until something is there to be taken, or nothing will be any more, or until the deadline; `false` for
    /// the last. Somebody else may take it first.
    pub(super) fn wait(&self, deadline: Instant) -> bool {
        let mut state = self.state.lock();
        while state.items.is_empty() && state.ended.is_none() {
            state.waiting += 1;
            let timed_out = self.arrived.wait_until(&mut state, deadline).timed_out();
            state.waiting -= 1;
            if timed_out {
                return !state.items.is_empty() || state.ended.is_some();
            }
        }
        true
    }

    pub(super) fn is_poisoned(&self) -> bool {
        self.poisoned.load(Ordering::Acquire)
    }

    /// Nothing more will come; who waits is woken. What waits in the queue is discarded.
    pub(super) fn end(&self, end: End) {
        let mut state = self.state.lock();
        if end == End::Poisoned {
            self.poisoned.store(true, Ordering::Release);
        }
        state.ended.get_or_insert(end);
        state.items = VecDeque::new();
        self.arrived.notify_all();
    }
}

impl State {
    fn push(&mut self, event: Event) -> Option<Arc<String>> {
        let displaced = if self.items.len() < CAPACITY { None } else { self.items.pop_front() };
        if let Some(oldest) = &displaced {
            let lost = oldest.dropped_before + 1;
            match self.items.front_mut() {
                Some(next) => next.dropped_before += lost,
                None => self.lost += lost,
            }
        }
        if self.items.try_reserve(1).is_ok() {
            let dropped_before = std::mem::take(&mut self.lost);
            self.items.push_back(Queued { event, dropped_before });
        } else {
            self.lost += 1;
        }
        displaced.map(|oldest| oldest.event.payload)
    }

    fn check(&self) -> Result<(), Fault> {
        match self.ended {
            None => Ok(()),
            Some(End::Closed) => Err(Fault::Misuse("the subscription is closed")),
            Some(End::Poisoned) => Err(Fault::Internal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::Payload;

    fn event(sequence: u64) -> Event {
        Event::new(sequence, Payload::new(b"").unwrap(), None).unwrap()
    }

    fn take(queue: &Queue) -> Option<(u64, u64)> {
        queue.take(|event, dropped| Ok((event.sequence, dropped))).unwrap()
    }

    #[test]
    fn an_event_that_cannot_be_handed_over_stays() {
        let queue = Queue::new("m");
        queue.push(&event(1));
        let refused = queue.take(|_, _| Err::<(), _>(Fault::OutOfMemory("a test")));
        assert_eq!(refused, Err(Fault::OutOfMemory("a test")));
        assert_eq!(take(&queue), Some((1, 0)));
        assert_eq!(take(&queue), None);
    }

    #[test]
    fn a_transaction_with_more_events_than_fit_counts_as_if_each_had_been_delivered() {
        for (before, taken, raised) in
            [(0, 0, 2050), (10, 3, 1024), (10, 3, 1025), (1030, 2, 3000), (2000, 0, 5)]
        {
            let (one, other) = (Queue::new("m"), Queue::new("m"));
            let mut backlog = Backlog::default();
            for sequence in 0..before {
                for queue in [&one, &other] {
                    queue.push(&event(sequence));
                }
            }
            for _ in 0..taken {
                assert_eq!(take(&one), take(&other));
            }
            for sequence in before..before + raised {
                one.push(&event(sequence));
                backlog.push(event(sequence)).unwrap();
            }
            other.push_all(&backlog);
            assert!(backlog.last().len() <= CAPACITY);
            loop {
                let expected = take(&one);
                assert_eq!(take(&other), expected);
                if expected.is_none() {
                    break;
                }
            }
        }
    }

    #[test]
    fn an_event_that_memory_had_no_room_for_is_counted_at_the_next() {
        let queue = Queue::new("m");
        queue.push(&event(1));
        queue.state.lock().lost += 2;
        queue.push(&event(4));
        assert_eq!((take(&queue), take(&queue)), (Some((1, 0)), Some((4, 2))));
    }
}
