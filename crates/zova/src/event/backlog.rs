//! Events that wait for their transaction, channel by channel.
//!
//! Whoever receives them will have room for [`CAPACITY`] of each channel at most. So no more are kept of those that
//! share their fate, and the others are only counted: that bounds the memory of a transaction and changes nothing that
//! a receiver can see.

use std::collections::{HashMap, VecDeque};

use super::message::Event;
use super::queue::CAPACITY;
use crate::error::Fault;

/// Events of one channel that will be delivered or discarded together.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    /// How many there are.
    total: u64,
    /// The last of them by sequence number, at most [`CAPACITY`].
    last: VecDeque<Event>,
}

impl Backlog {
    pub(super) fn push(&mut self, event: Event) -> Result<(), Fault> {
        if self.last.len() >= CAPACITY {
            self.last.pop_front();
        }
        self.last.try_reserve(1).map_err(|_| Fault::OutOfMemory("a notification"))?;
        self.last.push_back(event);
        self.total += 1;
        Ok(())
    }

    /// Adds the events of another one, wherever their numbers belong.
    fn absorb(&mut self, mut other: Self) {
        if self.last.is_empty() {
            std::mem::swap(&mut self.last, &mut other.last);
        } else if self.last.back().map(|event| event.sequence)
            < other.last.front().map(|event| event.sequence)
        {
            self.last.append(&mut other.last);
        } else {
            self.last.append(&mut other.last);
            self.last.make_contiguous().sort_unstable_by_key(|event| event.sequence);
        }
        self.total += other.total;
        self.last.drain(..self.last.len().saturating_sub(CAPACITY));
    }

    /// How many come before the ones that are kept.
    pub(super) fn dropped(&self) -> u64 {
        self.total - self.last.len() as u64
    }

    pub(super) fn last(&self) -> &VecDeque<Event> {
        &self.last
    }
}

/// Events of all channels that will be delivered or discarded together.
#[derive(Debug, Default)]
pub(super) struct Channels(HashMap<Box<str>, Backlog>);

impl Channels {
    pub(super) fn push(&mut self, channel: &str, event: Event) -> Result<(), Fault> {
        if let Some(backlog) = self.0.get_mut(channel) {
            return backlog.push(event);
        }
        self.0.try_reserve(1).map_err(|_| Fault::OutOfMemory("a notification"))?;
        let mut backlog = Backlog::default();
        backlog.push(event)?;
        self.0.insert(channel.into(), backlog);
        Ok(())
    }

    pub(super) fn absorb(&mut self, mut other: Self) {
        if self.0.len() < other.0.len() {
            std::mem::swap(self, &mut other);
        }
        for (channel, backlog) in other.0 {
            self.0.entry(channel).or_default().absorb(backlog);
        }
    }

    pub(super) fn contains(&self, channel: &str) -> bool {
        self.0.contains_key(channel)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Backlog)> {
        self.0.iter().map(|(channel, backlog)| (&**channel, backlog))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::Payload;

    fn channels(sequences: impl IntoIterator<Item = u64>) -> Channels {
        let mut channels = Channels::default();
        for sequence in sequences {
            channels.push("m", Event::new(sequence, Payload::new(b"").unwrap(), None).unwrap()).unwrap();
        }
        channels
    }

    #[test]
    fn absorbing_gives_what_raising_everything_in_turn_would_have_given() {
        let cases: [(Vec<u64>, Vec<u64>); 6] = [
            ((0..10).collect(), (10..20).collect()),
            ((0..20).step_by(2).collect(), (1..20).step_by(2).collect()),
            ((0..3000).collect(), (3000..3010).collect()),
            ((0..3000).step_by(2).collect(), (1..3000).step_by(2).collect()),
            ((5..10).collect(), (0..4000).filter(|sequence| !(5..10).contains(sequence)).collect()),
            (Vec::new(), vec![7]),
        ];
        for (one, other) in cases {
            let mut all: Vec<u64> = one.iter().chain(&other).copied().collect();
            all.sort_unstable();
            let expected = channels(all);
            let mut absorbed = channels(one);
            absorbed.absorb(channels(other));
            let shape = |channels: &Channels| {
                let backlog = &channels.0["m"];
                (backlog.dropped(), backlog.last().iter().map(|event| event.sequence).collect::<Vec<_>>())
            };
            assert_eq!(shape(&absorbed), shape(&expected));
        }
    }

    #[test]
    fn of_any_number_of_events_on_a_channel_no_more_are_kept_than_a_queue_holds() {
        let channels = channels(0..100_000);
        let backlog = &channels.0["m"];
        assert_eq!((backlog.last.len(), backlog.dropped()), (CAPACITY, 100_000 - CAPACITY as u64));
        assert!(backlog.last.capacity() <= 4 * CAPACITY);
    }
}
