//! App events: listen and notify inside one open database handle.
//!
//! An event lives in memory only, and nothing but an accepted notify call raises one. Outside transactions it is
//! delivered at once; inside it is pending in the innermost scope and shares that scope's fate.
//!
//! | File | Question |
//! |---|---|
//! | `message` | which channels and payloads are legal |
//! | `scopes` | what is pending, in which transaction, savepoint and statement |
//! | `backlog` | how many pending events are worth keeping |
//! | `hub` | who listens |
//! | `queue` | what waits in one subscription |
//! | `sql` | the SQL function |
//!
//! What became of a transaction is SQLite's word, never a guess from SQL text: a transaction is over when the
//! connection is in autocommit mode again, and it was rolled back when SQLite reported a rollback meanwhile. The text
//! of a statement only tells which savepoint it opened, released or rolled back to. [`Session`](crate::session) asks
//! here after each statement and each call that may have changed any of that.
//!
//! Handles that never notify pay for a vector of scopes, and nothing per statement or row.

mod backlog;
mod hub;
mod message;
mod queue;
mod scopes;
mod sql;

use std::sync::Arc;

use parking_lot::Mutex;

use crate::error::Fault;
use crate::sqlite::{Connection, Control, Running};
use backlog::Channels;
use hub::Hub;
use message::{Channel, Event, Payload};
use scopes::{Owner, Scopes};

pub use hub::{Listener, Waiter, deadline};
pub(crate) use sql::register_sql;

/// A received event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The channel it was raised on.
    pub channel: String,
    /// Its payload; may contain NUL characters.
    pub payload: String,
    /// Its number: events of one handle are counted from 1 on, whoever raises them on whatever channel, also those
    /// that are discarded later. Received numbers grow, with gaps that mean nothing.
    pub sequence: u64,
    /// How many events of this subscription were lost directly before this one, because its queue was full.
    pub dropped_before: u64,
}

/// The events of one handle. Cloning gives another reference to the same ones.
#[derive(Clone, Default)]
pub(crate) struct Events(Arc<Shared>);

#[derive(Default)]
struct Shared {
    hub: Arc<Hub>,
    /// Touched by whoever uses the connection; locked because SQL functions reach it, too, and never while SQLite runs.
    pending: Mutex<Pending>,
}

#[derive(Default)]
struct Pending {
    scopes: Scopes,
    /// Number of the last event.
    sequence: u64,
    /// What a full queue gave up: most likely memory for the next payload.
    spare: Option<Arc<String>>,
    /// What the connection's count of rollbacks was when the first of what is in `scopes` got there.
    rollbacks: u64,
}

impl Events {
    /// A subscription to exactly this channel.
    pub(crate) fn listen(&self, channel: &[u8]) -> Result<Listener, Fault> {
        Channel::new(channel).map(|channel| self.0.hub.listen(channel))
    }

    /// A notify call of the application.
    pub(crate) fn notify(
        &self,
        connection: &Connection,
        channel: &[u8],
        payload: &[u8],
    ) -> Result<(), Fault> {
        let (channel, payload) = (Channel::new(channel)?, Payload::new(payload)?);
        self.work(connection, |pending, hub| {
            if connection.is_autocommit() {
                pending.deliver_in_turn(hub, channel, payload)
            } else {
                pending.hold(connection, Owner::Scope, channel, payload)
            }
        })
    }

    /// A notify call by SQL, in the middle of a statement.
    fn raise(
        &self,
        connection: &Connection,
        channel: Channel<'_>,
        payload: Payload<'_>,
    ) -> Result<Raised, Fault> {
        let (owner, may_write) = match connection.running() {
            Running::Nobody => (Owner::Scope, true),
            Running::Statement { number, writes } => (Owner::Statement(number), writes),
            Running::Native => (Owner::Native, true),
        };
        self.work(connection, |pending, hub| {
            if !connection.is_autocommit() && pending.scopes.only_sql() {
                return Ok(Raised::Untracked);
            }
            if connection.is_autocommit() && !(may_write && connection.is_writing_anywhere()) {
                pending.deliver_in_turn(hub, channel, payload)?;
            } else {
                pending.hold(connection, owner, channel, payload)?;
            }
            Ok(Raised::Accepted)
        })
    }

    /// A call has opened a transaction.
    pub(crate) fn begun(&self, connection: &Connection) {
        self.change(connection, |pending, hub| {
            pending.begin(connection, hub);
            pending.scopes.open(None, true);
        });
    }

    /// A call has opened a savepoint.
    pub(crate) fn opened(&self, connection: &Connection, name: &[u8]) {
        self.change(connection, |pending, _| pending.open(connection, name, true));
    }

    /// A statement by SQL text has changed the transaction or its savepoints.
    pub(crate) fn controlled(&self, connection: &Connection, control: &Control) {
        self.change(connection, |pending, hub| match control {
            Control::Begin => {
                pending.begin(connection, hub);
                pending.scopes.begun_by_sql();
            }
            Control::Savepoint(name) => pending.open(connection, name, false),
            Control::RollbackTo(name) => pending.scopes.roll_back_to(name),
            // Otherwise the release was the commit.
            Control::Release(name) if !connection.is_autocommit() => pending.scopes.release(name),
            Control::Release(_) | Control::End => {}
        });
    }

    /// A statement of the application has run to its end, was reset or has failed.
    pub(crate) fn statement_ended(&self, connection: &Connection, number: usize, failed: bool) {
        self.ended(connection, Owner::Statement(number), failed);
    }

    /// An operation of Zova's own has ended.
    pub(crate) fn native_ended(&self, connection: &Connection, failed: bool) {
        self.ended(connection, Owner::Native, failed);
    }

    fn ended(&self, connection: &Connection, owner: Owner, failed: bool) {
        self.change(connection, |pending, _| {
            if failed {
                pending.scopes.discard(owner);
            } else {
                pending.scopes.settle(owner);
            }
        });
    }

    /// Looks whether a transaction is over, and does then what that means for its events.
    pub(crate) fn look(&self, connection: &Connection) {
        self.change(connection, |_, _| {});
    }

    /// A panic was caught: whoever waits or receives hears of it.
    pub(crate) fn poison(&self) {
        self.0.hub.poison();
    }

    fn change(&self, connection: &Connection, change: impl FnOnce(&mut Pending, &Hub)) {
        let mut pending = self.0.pending.lock();
        change(&mut pending, &self.0.hub);
        pending.look(connection, &self.0.hub);
        connection.set_attentive(pending.scopes.await_statements());
    }

    fn work<T>(&self, connection: &Connection, work: impl FnOnce(&mut Pending, &Hub) -> T) -> T {
        let mut pending = self.0.pending.lock();
        pending.look(connection, &self.0.hub);
        let result = work(&mut pending, &self.0.hub);
        connection.set_attentive(pending.scopes.await_statements());
        result
    }
}

/// What became of a notify call by SQL.
enum Raised {
    Accepted,
    /// Refused: the transaction was opened by SQL text.
    Untracked,
}

impl Pending {
    /// A transaction has begun. What is known of another one is over, whoever ended it unnoticed.
    fn begin(&mut self, connection: &Connection, hub: &Hub) {
        if self.scopes.is_transaction() {
            self.conclude(connection, hub);
        }
        self.first(connection);
    }

    fn open(&mut self, connection: &Connection, name: &[u8], called: bool) {
        self.first(connection);
        self.scopes.open(Some(name), called);
    }

    /// Something is about to get into `scopes`.
    fn first(&mut self, connection: &Connection) {
        if self.scopes.is_idle() {
            self.rollbacks = connection.transactions_rolled_back();
        }
    }

    fn next(&mut self, payload: Payload<'_>) -> Result<Event, Fault> {
        Event::new(self.sequence + 1, payload, self.spare.take())
    }

    fn hold(
        &mut self,
        connection: &Connection,
        owner: Owner,
        channel: Channel<'_>,
        payload: Payload<'_>,
    ) -> Result<(), Fault> {
        let event = self.next(payload)?;
        self.first(connection);
        self.scopes.push(owner, channel, event)?;
        self.sequence += 1;
        Ok(())
    }

    /// Delivers an event that no transaction holds back. It takes its turn behind events of its channel that wait for
    /// a statement, so that sequence numbers grow in every subscription.
    fn deliver_in_turn(
        &mut self,
        hub: &Hub,
        channel: Channel<'_>,
        payload: Payload<'_>,
    ) -> Result<(), Fault> {
        let event = self.next(payload)?;
        if self.scopes.waits_at_bottom(channel) {
            self.scopes.push(Owner::Nothing, channel, event)?;
        } else {
            self.spare = hub.deliver(channel, &event);
        }
        self.sequence += 1;
        Ok(())
    }

    /// Delivers or discards what was pending in a transaction that is over.
    fn look(&mut self, connection: &Connection, hub: &Hub) {
        let in_progress = || !self.scopes.is_transaction() && connection.is_writing_anywhere();
        if !(self.scopes.is_idle() || !connection.is_autocommit() || in_progress()) {
            self.conclude(connection, hub);
        }
    }

    fn conclude(&mut self, connection: &Connection, hub: &Hub) {
        let delivered: Channels = if connection.transactions_rolled_back() == self.rollbacks {
            self.scopes.commit()
        } else {
            self.scopes.roll_back()
        };
        delivered.iter().for_each(|(channel, backlog)| hub.deliver_all(channel, backlog));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::session::Storage;
    use crate::sqlite::{OpenMode, Sql, StatementCache};

    fn run(connection: &Connection, cache: &StatementCache, sql: &'static str) {
        Storage::main(connection, cache).run(Sql(sql), &[]).unwrap();
    }

    fn received(listener: &Listener) -> String {
        let mut payloads = Vec::new();
        while let Some(notification) = listener.receive().unwrap() {
            payloads.push(notification.payload);
        }
        payloads.join(" ")
    }

    #[test]
    fn a_transaction_that_ended_unnoticed_is_judged_when_the_next_one_begins() {
        for (end, expected) in [("commit", "1 2"), ("rollback", "2")] {
            let connection = Connection::open(Path::new(""), OpenMode::Memory).unwrap();
            let (cache, events) = (StatementCache::default(), Events::default());
            let listener = events.listen(b"m").unwrap();
            run(&connection, &cache, "begin");
            events.begun(&connection);
            events.notify(&connection, b"m", b"1").unwrap();
            run(&connection, &cache, end);
            run(&connection, &cache, "begin");
            events.begun(&connection);
            events.notify(&connection, b"m", b"2").unwrap();
            run(&connection, &cache, "commit");
            events.look(&connection);
            assert_eq!(received(&listener), expected, "{end}");
        }
    }

    #[test]
    fn an_event_raised_by_nobody_known_depends_on_its_transaction_alone() {
        let connection = Connection::open(Path::new(""), OpenMode::Memory).unwrap();
        let (cache, events) = (StatementCache::default(), Events::default());
        let listener = events.listen(b"m").unwrap();
        let raise = |payload: &'static [u8]| {
            events.raise(&connection, Channel::new(b"m").unwrap(), Payload::new(payload).unwrap()).unwrap()
        };
        assert!(matches!(raise(b"1"), Raised::Accepted));
        assert_eq!(received(&listener), "1");
        run(&connection, &cache, "begin");
        raise(b"2");
        assert_eq!(received(&listener), "");
        run(&connection, &cache, "commit");
        events.look(&connection);
        assert_eq!(received(&listener), "2");
    }
}
