//! Transactions and savepoints: every one that Zova opens, for the caller or for itself, is opened here.
//!
//! The stack of scopes is SQLite's own. A caller's scope and one of Zova's are told apart by their names: a
//! savepoint of Zova's own has a reserved name, which the caller's calls refuse. What is pending in the caller's scopes
//! is kept by [`Events`](crate::event::Events), which hears of each of them here.

use std::ffi::CString;

use super::Session;
use super::events::Opener;
use crate::error::Fault;
use crate::name::SavepointName;
use crate::sqlite::{Running, Sql, SqliteError};

const BEGIN: Sql = Sql("begin");
const BEGIN_IMMEDIATE: Sql = Sql("begin immediate");
const COMMIT: Sql = Sql("commit");
const ROLLBACK: Sql = Sql("rollback");
const OWN_SAVEPOINT: Sql = Sql("savepoint _zova_own");
const ROLLBACK_TO_OWN: Sql = Sql("rollback to _zova_own");
const RELEASE_OWN: Sql = Sql("release _zova_own");

impl Session {
    /// `BEGIN`: a transaction that takes its locks when it needs them.
    pub fn begin(&mut self) -> Result<(), Fault> {
        self.begin_with(BEGIN)
    }

    /// `BEGIN IMMEDIATE`: a transaction that holds the write lock from the start.
    pub fn begin_immediate(&mut self) -> Result<(), Fault> {
        self.begin_with(BEGIN_IMMEDIATE)
    }

    /// `COMMIT`. When it fails the transaction stays open.
    pub fn commit(&mut self) -> Result<(), Fault> {
        self.end_with(COMMIT)
    }

    /// `ROLLBACK`.
    pub fn rollback(&mut self) -> Result<(), Fault> {
        self.end_with(ROLLBACK)
    }

    fn begin_with(&self, sql: Sql) -> Result<(), Fault> {
        self.control(sql).map_err(Fault::Sql)?;
        self.events.begun(&self.connection);
        Ok(())
    }

    fn end_with(&self, sql: Sql) -> Result<(), Fault> {
        let outcome = self.control(sql).map_err(Fault::Sql);
        self.events.look(&self.connection);
        outcome
    }

    /// True inside a transaction or savepoint, however it was opened.
    pub fn is_in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }

    /// `SAVEPOINT`; outside a transaction it starts one.
    pub fn savepoint(&mut self, name: &[u8]) -> Result<(), Fault> {
        self.named("savepoint", name)
    }

    /// `ROLLBACK TO`; the savepoint stays.
    pub fn rollback_to_savepoint(&mut self, name: &[u8]) -> Result<(), Fault> {
        self.named("rollback to", name)
    }

    /// `RELEASE`; releasing the savepoint that started a transaction commits it.
    pub fn release_savepoint(&mut self, name: &[u8]) -> Result<(), Fault> {
        self.named("release", name)
    }

    /// `VACUUM` of the main file.
    pub fn vacuum(&mut self) -> Result<(), Fault> {
        self.exec(c"vacuum")
    }

    /// Begins the read transaction that opening runs in, unless it is open.
    pub(super) fn begin_opening(&self) -> Result<(), SqliteError> {
        if self.is_in_transaction() { Ok(()) } else { self.control(BEGIN) }
    }

    /// Ends the read transaction that opening ran in. What hooks of extensions may have written in it, against the
    /// rules, is undone.
    pub(super) fn end_opening(&self) -> Result<(), SqliteError> {
        if self.is_in_transaction() { self.control(ROLLBACK) } else { Ok(()) }
    }

    fn named(&mut self, verb: &str, name: &[u8]) -> Result<(), Fault> {
        let name = SavepointName::new(name)?;
        let sql = CString::new(format!("{verb} {}", name.quoted())).expect("a savepoint name holds no NUL");
        self.run_script(&sql, Opener::Call)
    }

    fn control(&self, sql: Sql) -> Result<(), SqliteError> {
        self.storage().run(sql, &[])
    }

    /// Runs a change of Zova's own so that it takes full effect or none, and leaves the application's counters
    /// alone: in a transaction of its own when none is open, otherwise in a savepoint of the caller's transaction,
    /// which stays open whatever happens.
    ///
    /// `action` completes the sentence "cannot …".
    pub(crate) fn atomically<T>(
        &mut self,
        action: &'static str,
        change: impl FnOnce(&Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.uncounted(|session| session.in_own_scope(action, change))
    }

    /// Runs a change of Zova's own that is a single statement, hence atomic by itself and without need of a scope,
    /// and leaves the application's counters alone.
    pub(crate) fn uncounted<T>(
        &mut self,
        change: impl FnOnce(&Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let before = self.counters.before(&self.connection);
        self.connection.set_running(Running::Native);
        let outcome = if self.connection.is_autocommit() {
            change(self)
        } else {
            self.connection.quietly(|| change(self))
        };
        self.connection.set_running(Running::Nobody);
        self.counters.after(&self.connection, before);
        if self.connection.is_attentive() {
            // The application's triggers raised something.
            self.events.native_ended(&self.connection, outcome.is_err());
        }
        outcome
    }

    fn in_own_scope<T>(
        &self,
        action: &'static str,
        change: impl FnOnce(&Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let alone = self.connection.is_autocommit();
        if alone && self.connection.has_running_writer() {
            // A transaction could be opened now but not committed, and rolling it back would undo that statement.
            return Err(Fault::Native { action, error: SqliteError::busy_writing() });
        }
        let (open, close) = if alone { (BEGIN_IMMEDIATE, COMMIT) } else { (OWN_SAVEPOINT, RELEASE_OWN) };
        let refused = |error| Fault::Native { action, error };
        self.control(open).map_err(refused).and_then(|()| {
            let outcome = change(self).and_then(|value| {
                self.control(close).map_err(refused)?;
                Ok(value)
            });
            if outcome.is_err() {
                self.undo(alone);
            }
            outcome
        })
    }

    /// Runs something that must leave no trace, and sees one state of the database: in a savepoint, which starts a
    /// transaction when none is open, and is undone afterwards whatever happened.
    pub(crate) fn in_undone_scope<T>(
        &self,
        action: &'static str,
        work: impl FnOnce(&Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let alone = self.connection.is_autocommit();
        self.control(OWN_SAVEPOINT).map_err(|error| Fault::Native { action, error })?;
        let outcome = work(self);
        // Undoing makes the copies of vectors doubtful, so it is done where there is something to undo.
        if self.connection.is_writing_anywhere() || self.control(RELEASE_OWN).is_err() {
            self.undo(alone);
        }
        outcome
    }

    /// Undoes exactly what `atomically` opened. SQLite may have rolled everything back by itself already (disk
    /// full, I/O error); then there is nothing left to undo. A failure here has nobody to report to: the change's
    /// own fault is the one the caller sees.
    fn undo(&self, alone: bool) {
        if self.connection.is_autocommit() {
            return;
        }
        self.connection.note_undone();
        self.connection.undisturbed(|| {
            if alone {
                let _ = self.control(ROLLBACK);
            } else if self.control(ROLLBACK_TO_OWN).is_ok() {
                let _ = self.control(RELEASE_OWN);
            }
        });
    }

    /// Refuses a change that can neither join nor commit.
    pub(crate) fn require_no_running_writer(&self) -> Result<(), Fault> {
        if self.connection.has_running_writer() { Err(Fault::ObjectTransactionActive) } else { Ok(()) }
    }
}
