//! Events: notify and listen, and what the application's statements mean for pending events.

use super::{Session, StatementId};
use crate::error::Fault;
use crate::event::Listener;
use crate::sqlite::{Connection, Control, Linked, Prepared, Running, SqliteError, Verb};

/// Who opened a savepoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opener {
    /// The caller's SQL text.
    Sql,
    /// A call that stands for one SQL statement.
    Call,
}

impl Session {
    /// Raises an event: delivered at once, or pending until the transaction that is open ends.
    pub fn notify(&mut self, channel: &[u8], payload: &[u8]) -> Result<(), Fault> {
        self.events.notify(&self.connection, channel, payload)
    }

    /// Subscribes to a channel.
    pub fn listen(&mut self, channel: &[u8]) -> Result<Listener, Fault> {
        self.events.listen(channel)
    }

    /// Called by the surfaces after each call that failed: SQLite may have ended the transaction by itself, or code of
    /// an extension may have panicked.
    pub fn after_failure(&mut self) {
        self.events.look(&self.connection);
        if self.is_poisoned() {
            self.events.poison();
        }
    }

    #[cold]
    pub(super) fn stepped_to_its_end(&self, id: StatementId, failed: bool) {
        if let Some(statement) = self.statements.peek(id) {
            self.mattered(statement, Opener::Sql, failed);
        }
    }

    /// Called when a statement of the application that [`matters`] has run to its end or failed.
    #[cold]
    pub(super) fn mattered(&self, statement: &Prepared, opener: Opener, failed: bool) {
        self.connection.watch_application(statement);
        let control = if failed { None } else { statement.control() };
        match (control, opener) {
            (Some(Control::Savepoint(name)), Opener::Call) => self.events.opened(&self.connection, &name),
            (Some(control), _) => self.events.controlled(&self.connection, &control),
            (None, _) => self.events.statement_ended(&self.connection, statement.number(), failed),
        }
    }

    /// Called when a statement of the application was reset or finalized, which ends it wherever it was.
    #[inline]
    pub(super) fn application_stopped(&self, number: usize) {
        if self.connection.is_attentive() {
            self.events.statement_ended(&self.connection, number, false);
        }
    }
}

/// Whether the end of a statement of the application has to be looked at. Nearly always it has not.
#[inline]
pub(super) fn matters(connection: &Connection, statement: &Prepared, failed: bool) -> bool {
    statement.verb() != Verb::Other || failed || connection.is_attentive()
}

/// One step of a statement of the application.
#[inline]
pub(super) fn step(linked: &Linked, statement: &mut Prepared) -> Result<bool, SqliteError> {
    let connection = linked.connection();
    if connection.has_put_off() {
        linked.write_put_off_for(statement)?;
    }
    let (number, writes) = (statement.number(), !statement.is_readonly());
    connection.set_running(Running::Statement { number, writes });
    let outcome = statement.step(connection);
    connection.set_running(Running::Nobody);
    outcome
}
