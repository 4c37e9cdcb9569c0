//! The stack of scopes and the events that are pending in them.
//!
//! The stack mirrors SQLite's: at its bottom the transaction, above it the savepoints. What is not part of it are the
//! savepoints of Zova's own operations. An event is pending in the innermost scope of its moment. One that a statement
//! raised also belongs to that statement until it ends, because it is discarded if the statement fails.
//!
//! Without any scope the bottom still holds events: those of a statement that writes in a transaction of its own, and
//! those of a transaction that SQL text opened.

use super::backlog::Channels;
use super::message::{Channel, Event};
use crate::error::Fault;

/// Whose success an event depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// That of its scope alone.
    Scope,
    /// A statement of the application, by its number, which has not ended.
    Statement(usize),
    /// An operation of Zova's own.
    Native,
    /// Nothing at all: the event was raised outside any transaction and waits only for its turn behind others of its
    /// channel.
    Nothing,
}

/// The events of one scope.
#[derive(Default)]
struct Level {
    settled: Channels,
    /// Events that depend on something else, too.
    others: Vec<(Owner, Channels)>,
}

impl Level {
    fn of(&mut self, owner: Owner) -> &mut Channels {
        if owner == Owner::Scope {
            return &mut self.settled;
        }
        let place = self.others.iter().position(|(other, _)| *other == owner).unwrap_or_else(|| {
            self.others.push((owner, Channels::default()));
            self.others.len() - 1
        });
        &mut self.others[place].1
    }

    fn remove(&mut self, owner: Owner) -> Option<Channels> {
        let place = self.others.iter().position(|(other, _)| *other == owner)?;
        Some(self.others.swap_remove(place).1)
    }

    fn absorb(&mut self, level: Self) {
        self.settled.absorb(level.settled);
        for (owner, channels) in level.others {
            self.of(owner).absorb(channels);
        }
    }

    fn contains(&self, channel: &str) -> bool {
        self.settled.contains(channel) || self.others.iter().any(|(_, channels)| channels.contains(channel))
    }

    fn is_empty(&self) -> bool {
        self.settled.is_empty() && self.others.is_empty()
    }

    fn into_all(self) -> Channels {
        let mut all = self.settled;
        self.others.into_iter().for_each(|(_, channels)| all.absorb(channels));
        all
    }
}

/// A transaction opened by a call, or a savepoint.
struct Scope {
    /// As it was written; `None` for the transaction.
    name: Option<Box<[u8]>>,
    /// Whether it, or one below it, was opened by a call and not by SQL text.
    called: bool,
    level: Level,
}

/// See the module text.
#[derive(Default)]
pub(super) struct Scopes {
    bottom: Level,
    scopes: Vec<Scope>,
    /// Whether SQL text opened the transaction with BEGIN.
    begun_by_sql: bool,
}

impl Scopes {
    /// A transaction (without a name) or a savepoint was opened, by a call or by SQL text.
    pub(super) fn open(&mut self, name: Option<&[u8]>, called: bool) {
        let called = called || self.holds_call();
        self.scopes.push(Scope { name: name.map(Box::from), called, level: Level::default() });
    }

    pub(super) fn begun_by_sql(&mut self) {
        self.begun_by_sql = true;
    }

    /// The innermost scope of a name was rolled back to; it stays.
    pub(super) fn roll_back_to(&mut self, name: &[u8]) {
        if let Some(place) = self.find(name) {
            self.scopes.truncate(place + 1);
            self.scopes[place].level = Level::default();
        }
    }

    /// The innermost scope of a name was released, and with it all above; the transaction goes on.
    pub(super) fn release(&mut self, name: &[u8]) {
        if let Some(place) = self.find(name) {
            let released = self.scopes.split_off(place);
            for scope in released {
                self.innermost().absorb(scope.level);
            }
        }
    }

    /// Names match as SQLite matches them.
    fn find(&self, name: &[u8]) -> Option<usize> {
        let is_it = |scope: &Scope| scope.name.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(name));
        self.scopes.iter().rposition(is_it)
    }

    /// An event is raised.
    pub(super) fn push(&mut self, owner: Owner, channel: Channel<'_>, event: Event) -> Result<(), Fault> {
        self.innermost().of(owner).push(channel.as_str(), event)
    }

    fn innermost(&mut self) -> &mut Level {
        self.scopes.last_mut().map_or(&mut self.bottom, |scope| &mut scope.level)
    }

    /// What an owner raised no longer depends on it.
    pub(super) fn settle(&mut self, owner: Owner) {
        for level in self.levels() {
            if let Some(channels) = level.remove(owner) {
                level.settled.absorb(channels);
            }
        }
    }

    /// What an owner raised is gone.
    pub(super) fn discard(&mut self, owner: Owner) {
        for level in self.levels() {
            level.remove(owner);
        }
    }

    fn levels(&mut self) -> impl Iterator<Item = &mut Level> {
        let above = self.scopes.iter_mut().map(|scope| &mut scope.level);
        std::iter::once(&mut self.bottom).chain(above)
    }

    /// The transaction was committed: what is to be delivered.
    pub(super) fn commit(&mut self) -> Channels {
        let Self { mut bottom, scopes, .. } = std::mem::take(self);
        scopes.into_iter().for_each(|scope| bottom.absorb(scope.level));
        bottom.into_all()
    }

    /// The transaction was rolled back: what is to be delivered all the same.
    pub(super) fn roll_back(&mut self) -> Channels {
        std::mem::take(self).bottom.remove(Owner::Nothing).unwrap_or_default()
    }

    /// True when a scope on the stack was opened by a call.
    pub(super) fn holds_call(&self) -> bool {
        self.scopes.last().is_some_and(|scope| scope.called)
    }

    /// True when SQL text opened the transaction and no scope on the stack was opened by a call.
    pub(super) fn only_sql(&self) -> bool {
        !self.holds_call() && (self.begun_by_sql || !self.scopes.is_empty())
    }

    /// True when a transaction was seen to be opened.
    pub(super) fn is_transaction(&self) -> bool {
        self.begun_by_sql || !self.scopes.is_empty()
    }

    /// True when nothing is open and nothing is pending.
    pub(super) fn is_idle(&self) -> bool {
        !self.is_transaction() && self.bottom.is_empty()
    }

    /// True when an event of this channel waits outside any scope.
    pub(super) fn waits_at_bottom(&self, channel: Channel<'_>) -> bool {
        self.bottom.contains(channel.as_str())
    }

    /// True when the end of a statement or of an operation may decide about events.
    pub(super) fn await_statements(&self) -> bool {
        let undecided = |level: &Level| !level.others.is_empty();
        let implicit = !self.is_transaction() && !self.bottom.is_empty();
        implicit || undecided(&self.bottom) || self.scopes.iter().any(|scope| undecided(&scope.level))
    }
}
