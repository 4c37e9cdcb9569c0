//! What every hook and callback of an extension can do: run SQL, and ask about the database.

use std::fmt;

use super::error::{ExtensionError, ExtensionResult};
use super::rules::require_allowed;
use super::target::{self, ExtensionTarget};
use crate::error::Status;
use crate::session::Storage;
use crate::sqlite::{
    Linked, Prepared, RowSource, SqlText, SqlValue, SqliteError, Texted, TreeRows, insert_by_tree,
    insert_rows, quoted,
};

/// Which part of a salvage is running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SalvageMode {
    /// The hook finds out what it could copy; there is no destination.
    Plan,
    /// The hook copies into the destination.
    Copy,
}

/// The database as a hook or callback of an extension sees it. Valid during that hook or callback.
///
/// SQL runs on the application's own connection, inside the application's transaction where there is one. Transactions
/// and savepoints are Zova's to open and end: BEGIN, COMMIT, END, ROLLBACK, SAVEPOINT, RELEASE, ATTACH, DETACH, VACUUM
/// and pragmas that write are refused with [`Status::Misuse`]. An interrupt of the handle stops a hook or callback at
/// its next step of SQL with [`Status::Interrupted`].
pub struct ExtensionContext<'a> {
    linked: &'a Linked,
    circumstances: Circumstances,
}

/// Why code of an extension runs.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Circumstances {
    pub(crate) diagnostic: bool,
    pub(crate) salvage: Option<SalvageMode>,
    /// The code runs in a scope of Zova's: once that has ended nothing may be written any more.
    pub(crate) in_scope: bool,
    /// The transaction is being committed.
    pub(crate) committing: bool,
}

impl<'a> ExtensionContext<'a> {
    pub(crate) fn new(linked: &'a Linked, circumstances: Circumstances) -> Self {
        Self { linked, circumstances }
    }

    /// The same once more.
    pub(super) fn duplicate(&self) -> Self {
        Self { linked: self.linked, circumstances: self.circumstances }
    }

    pub(super) fn linked(&self) -> &'a Linked {
        self.linked
    }

    /// True if the main database cannot be written through this handle.
    pub fn is_read_only(&self) -> bool {
        self.linked.connection().is_read_only()
    }

    /// True inside a transaction or savepoint, the application's or Zova's own.
    pub fn in_transaction(&self) -> bool {
        !self.linked.connection().is_autocommit()
    }

    /// True while the database is being diagnosed: nothing may be written, and the database may be damaged.
    pub fn is_diagnostic(&self) -> bool {
        self.circumstances.diagnostic
    }

    /// Which part of a salvage is running, if one is.
    pub fn salvage_mode(&self) -> Option<SalvageMode> {
        self.circumstances.salvage
    }

    /// Runs every statement of `sql` in order and discards rows. Stops at the first error; what the statements before
    /// it did stays until the hook or callback fails.
    ///
    /// Cost: compiles every statement; [`ExtensionContext::prepare`] is for statements that run often.
    ///
    /// # Errors
    ///
    /// `Misuse` for a statement that is not allowed and for text with a NUL byte, otherwise SQLite's error.
    pub fn exec(&self, sql: &str) -> ExtensionResult<()> {
        let connection = self.linked.connection();
        let text = std::ffi::CString::new(sql).map_err(|_| SqliteError::misuse())?;
        let mut rest = SqlText::new(&text);
        let mut start = 0;
        while !rest.is_empty() {
            require_allowed(&sql[start..])?;
            self.require_scope()?;
            let (mut statement, used) = Prepared::new(connection, rest)?;
            if !statement.is_inert() {
                while self.stepped(|| statement.step(connection))? {}
            }
            start += used;
            rest = rest.after(used);
        }
        Ok(())
    }

    /// Compiles the first statement of `sql`. Its parameters are NULL.
    ///
    /// Several statements may be in use at once. All must be dropped before the hook or callback returns.
    ///
    /// Cost: a look-up by text for a statement that was prepared on this handle before; up to 64 are kept, the latest
    /// used ones.
    ///
    /// # Errors
    ///
    /// `Misuse` for a statement that is not allowed and for text with a NUL byte, otherwise SQLite's error.
    pub fn prepare(&self, sql: &str) -> ExtensionResult<ExtensionStatement<'a>> {
        self.require_scope()?;
        let linked = self.linked;
        let statement = linked.texts().prepare(linked.connection(), sql, || require_allowed(sql))?;
        Ok(ExtensionStatement { statement, context: Self { linked, circumstances: self.circumstances } })
    }

    /// Inserts rows into a table: the values of each into these columns, 1 to 16.
    ///
    /// Cost: that of one INSERT for all rows, which is less than half of as many INSERTs.
    ///
    /// # Errors
    ///
    /// `Misuse` for another number of columns, `SqliteError` when the rows fail, otherwise SQLite's error. What was
    /// inserted before it stays until the hook or callback fails.
    pub fn insert_rows(
        &self,
        table: &str,
        columns: &[&str],
        rows: &mut dyn RowSource,
    ) -> ExtensionResult<()> {
        let names: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
        let target = format!("main.{} ({})", quoted(table), names.join(", "));
        self.stepped(|| insert_rows(self.linked.connection(), &target, columns.len(), rows))
    }

    /// Inserts rows into a table without rowid, into one of its B-trees after the other: much faster than an INSERT for
    /// many rows in an order that is good for one of them only. `trees` are the table and all indexes of it, each with
    /// the same rows in its own order.
    ///
    /// `false` if nothing was inserted, because the table or the moment does not allow it, and INSERT is to be used: the
    /// table has a trigger, or other indexes, or one that is unique, partial, descending or has a collation; a statement
    /// that writes is running; or the transaction is not being committed and the database has virtual tables.
    ///
    /// The rows must obey the constraints of the table, which are not looked at; SQLite finds rows whose key exists.
    /// When this fails, the hook or callback must fail, too.
    ///
    /// Cost: about 0.2 µs for each row and B-tree where the rows are the last ones in its order, 1 µs elsewhere; 0.2 ms
    /// in any case.
    pub fn insert_by_tree(&self, table: &str, trees: &mut [TreeRows<'_>]) -> ExtensionResult<bool> {
        const HAS_VIRTUAL: &str = "select exists (select 1 from pragma_table_list where type = 'virtual')";
        let connection = self.linked.connection();
        if connection.has_running_writer() {
            return Ok(false);
        }
        // The connection reads its schema again, which ends what virtual tables keep in memory.
        if !self.circumstances.committing {
            let mut row = self.prepare(HAS_VIRTUAL)?;
            if row.step()? && row.column(0) != SqlValue::Integer(0) {
                return Ok(false);
            }
        }
        self.stepped(|| insert_by_tree(connection, table, trees))
    }

    /// Rows changed by the last INSERT, UPDATE or DELETE on this connection, whoever ran it.
    pub fn changes(&self) -> i64 {
        self.linked.connection().changes()
    }

    /// A number that changes with every commit to the main database, whichever handle or process makes it; `None` while
    /// this connection has uncommitted changes, or may have. What an extension read from the database under a number may
    /// be used again under the same one, so it can keep copies in memory.
    ///
    /// Valid while the database is being read: during an SQL callback, and while a statement of the extension has rows.
    ///
    /// Cost: no access to the file.
    pub fn data_version(&self) -> ExtensionResult<Option<u32>> {
        let connection = self.linked.connection();
        if connection.is_writing() { Ok(None) } else { Ok(Some(connection.data_version()?)) }
    }

    /// Whether something exists, wherever it is stored.
    ///
    /// - [`ExtensionTarget::Object`] and [`ExtensionTarget::ObjectChunk`]: `reference` is its id, 64 hexadecimal digits
    ///   of either case; `namespace` is ignored.
    /// - [`ExtensionTarget::Vector`]: `namespace` is the collection, `reference` the vector's id.
    /// - [`ExtensionTarget::GraphNode`]: `namespace` is the graph, `reference` the node's id.
    ///
    /// A name that could not exist, or a missing namespace, is `false`.
    ///
    /// Cost: a key look-up.
    pub fn target_exists(
        &self,
        target: ExtensionTarget,
        namespace: Option<&str>,
        reference: &str,
    ) -> ExtensionResult<bool> {
        self.stepped(|| target::exists(Storage::linked(self.linked), target, namespace, reference))
    }

    /// Runs what makes SQLite step. An interrupt that came between two steps counts, too.
    #[inline]
    fn stepped<T>(&self, step: impl FnOnce() -> Result<T, SqliteError>) -> ExtensionResult<T> {
        self.linked.connection().go_on()?;
        self.require_scope()?;
        Ok(step()?)
    }

    /// After a statement ended the scope (ON CONFLICT ROLLBACK, a full disk) anything written would stay.
    #[inline]
    fn require_scope(&self) -> ExtensionResult<()> {
        if self.circumstances.in_scope && self.linked.connection().is_autocommit() {
            return Err(ExtensionError::new(
                Status::Misuse,
                "the transaction this ran in has been rolled back",
            ));
        }
        Ok(())
    }
}

impl fmt::Debug for ExtensionContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ExtensionContext").field(&self.circumstances).finish()
    }
}

/// A compiled statement of an extension. Dropping it ends it.
pub struct ExtensionStatement<'a> {
    statement: Texted<'a>,
    context: ExtensionContext<'a>,
}

impl ExtensionStatement<'_> {
    /// Sets a parameter, counted from 1, to a copy of the value. The statement must not be in the middle of its rows.
    ///
    /// # Errors
    ///
    /// `SqliteError` if there is no such parameter, `Misuse` in the middle of rows.
    #[inline]
    pub fn bind(&mut self, index: usize, value: SqlValue<'_>) -> ExtensionResult<()> {
        let index = i32::try_from(index).unwrap_or(i32::MAX);
        Ok(self.statement.bind(index, value)?)
    }

    /// Runs the statement to its next row, or its end: `true` for a row. After the end it starts again.
    #[inline]
    pub fn step(&mut self) -> ExtensionResult<bool> {
        self.context.stepped(|| self.statement.step())
    }

    /// How many columns a row has; 0 for a statement without rows.
    pub fn column_count(&self) -> usize {
        usize::try_from(self.statement.column_count()).unwrap_or(0)
    }

    /// A value of the current row, borrowed until the next step, reset or drop; columns count from 0. Without a row, and
    /// out of range, it is NULL.
    #[inline]
    pub fn column(&self, index: usize) -> SqlValue<'_> {
        self.statement.value(i32::try_from(index).unwrap_or(i32::MAX))
    }

    /// Rewinds the statement so that it can run again, and keeps its parameters. Repeats the error of the last step, if
    /// that failed.
    #[inline]
    pub fn reset(&mut self) -> ExtensionResult<()> {
        Ok(self.statement.reset()?)
    }
}

impl fmt::Debug for ExtensionStatement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExtensionStatement")
    }
}
