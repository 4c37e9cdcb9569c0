//! Whether rows that were read before are still as they were.
//!
//! A domain may keep in memory what it read. Before it is used, inside the read transaction of the query that wants it,
//! the [`Freshness`] of that moment is compared with the one of the moment when it was last known to be right:
//!
//! | What changes rows | What tells |
//! |---|---|
//! | native calls of this handle | they repeat the change in memory and check with [`Changes`] that SQLite counted exactly what they did: a trigger that did more drops everything |
//! | SQL of this handle, triggers | [`Watch::rows`](crate::sqlite), row by row |
//! | a DELETE that empties a table at once | the table is empty while something is in memory: each domain looks for itself |
//! | rollback of a transaction or to a savepoint, by call, by SQL, by SQLite itself | [`Watch::rollbacks`](crate::sqlite): what was read or changed inside a transaction is dropped |
//! | a statement that fails halfway and is undone | its changes were told; nothing is kept or changed while a statement is writing |
//! | other handles and processes, also through a file attached twice | `PRAGMA data_version` |
//! | schema changes, VACUUM | `PRAGMA schema_version`; statements that can set it back count as uncertainties |
//! | another file taking the place of the tables (a bound store) | the schema's name, and the handle that binds drops what is kept |
//!
//! What is dropped without need costs reading it again.

use super::Storage;
use crate::sqlite::{Connection, Sql, SqliteError, Watched};

const DATA_VERSION: Sql = Sql("pragma $.data_version");
const SCHEMA_VERSION: Sql = Sql("pragma $.schema_version");

/// What was looked at to find out that nothing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Freshness {
    schema: &'static str,
    data_version: i64,
    schema_version: i64,
    rows: u64,
    rollbacks: u64,
    uncertainties: u64,
}

/// What became of rows that were read at an earlier moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// They are as they were.
    Unchanged,
    /// Something was undone since: what was read before the transaction that was undone is as it was.
    Undone,
    /// They may have changed.
    Unknown,
}

impl Freshness {
    /// The present moment. Called inside a read transaction.
    ///
    /// Cost: about two microseconds.
    pub(crate) fn now(storage: Storage<'_>, watched: Watched) -> Result<Self, SqliteError> {
        let number = |sql| {
            let mut row = storage.query(sql, &[])?;
            row.step()?;
            Ok(row.integer(0))
        };
        let watch = storage.connection().watch();
        Ok(Self {
            schema: storage.schema(),
            data_version: number(DATA_VERSION)?,
            schema_version: number(SCHEMA_VERSION)?,
            rows: watch.rows(watched),
            rollbacks: watch.rollbacks(),
            uncertainties: watch.uncertainties(),
        })
    }

    /// What became of the rows between this moment and a later one.
    pub(crate) fn until(self, later: Self) -> Verdict {
        if self == later {
            Verdict::Unchanged
        } else if (Self { rollbacks: later.rollbacks, ..self }) == later {
            Verdict::Undone
        } else {
            Verdict::Unknown
        }
    }

    /// This handle changed so many rows itself and repeated that in memory.
    pub(crate) fn expect(&mut self, rows: u64) {
        self.rows += rows;
    }
}

/// The counters of a connection before a change that this handle makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Changes {
    watched: Watched,
    rows: u64,
    total: i64,
    rollbacks: u64,
    uncertainties: u64,
}

impl Changes {
    /// The present counts.
    pub(crate) fn now(connection: &Connection, watched: Watched) -> Self {
        let watch = connection.watch();
        Self {
            watched,
            rows: watch.rows(watched),
            total: connection.total_changes(),
            rollbacks: watch.rollbacks(),
            uncertainties: watch.uncertainties(),
        }
    }

    /// Whether none of the watched rows was changed between then and a later moment, and nothing undone. Tables that were
    /// emptied at once are not told about.
    pub(crate) fn are_of_other_rows(self, later: Self) -> bool {
        Self { total: later.total, ..self } == later
    }

    /// Whether since then exactly `rows` of the watched rows were changed, among `total` rows in all.
    pub(crate) fn were(self, connection: &Connection, rows: u64, total: u64) -> bool {
        connection.watch().rows(self.watched) == self.rows + rows
            && connection.total_changes().wrapping_sub(self.total).unsigned_abs() == total
    }
}
