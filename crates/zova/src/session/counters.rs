//! The application's change counters.
//!
//! SQLite keeps one set of counters per connection, and Zova's own statements move them. What a surface reports
//! leaves those out: the last insert rowid is put back after every operation of Zova's own, the total leaves out
//! what those operations changed, and "rows changed by the last INSERT, UPDATE or DELETE" stays the application's
//! until it runs another one. (The SQL functions `changes()` and `total_changes()` are SQLite's and see everything.)

use std::cell::Cell;

use crate::sqlite::{Connection, Prepared, from_first_token};

#[derive(Default)]
pub(super) struct Counters {
    /// Rows that Zova's own statements changed since the connection was opened.
    own_total: Cell<i64>,
    /// The application's last count, while the connection's is that of one of Zova's own statements.
    kept_changes: Cell<Option<i64>>,
}

/// The application's counters before an operation of Zova's own.
#[must_use]
pub(super) struct Before {
    rowid: i64,
    changes: i64,
    total: i64,
}

impl Counters {
    pub(super) fn changes(&self, connection: &Connection) -> i64 {
        self.kept_changes.get().unwrap_or_else(|| connection.changes())
    }

    pub(super) fn total_changes(&self, connection: &Connection) -> i64 {
        connection.total_changes() - self.own_total.get()
    }

    /// Called before an operation of Zova's own that may write.
    pub(super) fn before(&self, connection: &Connection) -> Before {
        Before {
            rowid: connection.last_insert_rowid(),
            changes: self.changes(connection),
            total: connection.total_changes(),
        }
    }

    /// Called after that operation, whether it succeeded or not.
    pub(super) fn after(&self, connection: &Connection, before: Before) {
        connection.set_last_insert_rowid(before.rowid);
        self.own_total.set(self.own_total.get() + connection.total_changes() - before.total);
        self.kept_changes.set(Some(before.changes));
    }

    /// Called when a statement of the application has ended: one that counts changed rows makes the connection's count
    /// the application's again.
    #[inline]
    pub(super) fn application_ran(&self, statement: &Prepared) {
        if self.kept_changes.get().is_some()
            && !statement.is_readonly()
            && counts_changes(statement.sql().to_bytes())
        {
            self.kept_changes.set(None);
        }
    }
}

/// True for a statement that sets SQLite's count of changed rows: INSERT, REPLACE, UPDATE or DELETE, with or
/// without a WITH clause before it.
fn counts_changes(sql: &[u8]) -> bool {
    let first_word = from_first_token(sql);
    ["insert", "replace", "update", "delete", "with"].iter().any(|keyword| {
        first_word.get(..keyword.len()).is_some_and(|word| word.eq_ignore_ascii_case(keyword.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::counts_changes;

    #[test]
    fn statements_that_count_changes_are_recognised_behind_comments() {
        for sql in [
            "insert into t values (1)",
            "  /* a */ -- b\n ;REPLACE into t values (1)",
            "With x as (select 1) delete from t",
            "\u{feff}update t set a = 1",
        ] {
            assert!(counts_changes(sql.as_bytes()), "{sql}");
        }
        for sql in ["create table t(a)", "select 1", "begin", "-- insert", "/* delete", "", "drop table t"] {
            assert!(!counts_changes(sql.as_bytes()), "{sql}");
        }
    }
}
