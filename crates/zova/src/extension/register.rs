//! Registering SQL functions and table functions, and calling SQL functions.

use std::ffi::CString;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::context::{Circumstances, ExtensionContext};
use super::deferred::{Deferred, DeferredWriter};
use super::error::{ExtensionError, ExtensionResult};
use super::hooks::shielded;
use super::names::{Kind, Names};
use super::table::{RowSink, Table, TableDefinition};
use crate::error::Status;
use crate::session::Storage;
use crate::sqlite::{
    FunctionKind, Link, Linked, Output, Sql, SqlValue, SqliteError, register_callback, register_computed,
};

const SAVEPOINT: Sql = Sql("savepoint _zova_call");
const ROLLBACK_TO: Sql = Sql("rollback to _zova_call");
const RELEASE: Sql = Sql("release _zova_call");
const ROLLBACK: Sql = Sql("rollback");

/// An SQL function.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ScalarDefinition<'d> {
    /// Its name, by convention beginning with `zova_<extension>_`. It must not be the name of a function that SQLite,
    /// Zova or another extension provides.
    pub name: &'d str,
    /// How many arguments it takes, up to 1000; -1 for any number.
    pub arguments: i32,
    /// Equal arguments always give equal results, whatever the database holds. Such functions may be used in indexes
    /// and generated columns.
    pub deterministic: bool,
    /// Harmless even where a file's schema is not trusted.
    pub innocuous: bool,
    /// Refused in views, triggers and the rest of the schema.
    pub direct_only: bool,
    /// The function writes: each call is an atomic section ([`CallContext::atomically`]), and on a read-only handle it
    /// is refused with [`Status::ReadOnly`] before the callback runs.
    pub atomic: bool,
}

/// What an SQL function returns.
#[derive(Debug, Clone, PartialEq)]
pub enum SqlOutput {
    /// NULL.
    Null,
    /// A 64-bit integer.
    Integer(i64),
    /// A floating point number; NaN becomes NULL.
    Real(f64),
    /// Text, by convention UTF-8.
    Text(Vec<u8>),
    /// Bytes.
    Blob(Vec<u8>),
}

impl From<i64> for SqlOutput {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<f64> for SqlOutput {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<String> for SqlOutput {
    fn from(value: String) -> Self {
        Self::Text(value.into_bytes())
    }
}

impl SqlOutput {
    fn put(&self, output: &mut Output<'_>) {
        match self {
            Self::Null => output.null(),
            Self::Integer(value) => output.integer(*value),
            Self::Real(value) => output.float(*value),
            Self::Text(value) => output.text(value),
            Self::Blob(value) => output.blob(value),
        }
    }
}

/// What [`Extension::register_sql`](crate::Extension::register_sql) gets: the services of every hook, and
/// registration on the connection at hand.
///
/// Functions stay registered for as long as the connection is open, also after the extension was dropped or its
/// installation undone. Then they run without their tables and fail.
pub struct RegisterContext<'a> {
    context: ExtensionContext<'a>,
    link: &'a Link,
    names: &'a mut Names,
    extension: &'a str,
}

impl<'a> RegisterContext<'a> {
    pub(super) fn new(
        link: &'a Link,
        circumstances: Circumstances,
        names: &'a mut Names,
        extension: &'a str,
    ) -> Self {
        Self { context: ExtensionContext::new(link.linked(), circumstances), link, names, extension }
    }

    /// Makes an SQL function known to every statement of the connection.
    ///
    /// The callback runs during the statement that calls the function, on that statement's thread. Its arguments are
    /// valid during the call. Up to eight arguments cost no allocation.
    ///
    /// # Errors
    ///
    /// `ExtensionExists` for a name that SQLite, Zova or another extension provides; `ExtensionInvalid` for a name that
    /// is empty, longer than 255 bytes or contains a NUL byte, and for an impossible number of arguments.
    pub fn scalar<F>(&mut self, definition: ScalarDefinition<'_>, callback: F) -> ExtensionResult<()>
    where
        F: Fn(&mut CallContext<'_>, &[SqlValue<'_>]) -> ExtensionResult<SqlOutput> + Send + 'static,
    {
        let name = self.claim(Kind::Function, definition.name)?;
        if !(-1..=1000).contains(&definition.arguments) {
            return Err(ExtensionError::new(
                Status::ExtensionInvalid,
                format!(
                    "the SQL function {:?} cannot have {} arguments",
                    definition.name, definition.arguments
                ),
            ));
        }
        let kind = FunctionKind {
            arguments: definition.arguments,
            deterministic: definition.deterministic,
            innocuous: definition.innocuous,
            direct_only: definition.direct_only,
            numbers_as_text: false,
        };
        let atomic = definition.atomic;
        register_callback(self.link, &name, kind, move |linked, arguments, output| {
            let result = call(linked, |context| {
                if !atomic {
                    return callback(context, arguments);
                }
                if context.is_read_only() {
                    let message = "attempt to write a readonly database";
                    return Err(ExtensionError::new(Status::ReadOnly, message));
                }
                let linked = context.linked();
                in_savepoint(linked, || callback(&mut CallContext::new(linked), arguments))
            })?;
            result.put(output);
            Ok(())
        })?;
        self.names.take(Kind::Function, definition.name, self.extension);
        Ok(())
    }

    /// Makes a table function known to every statement of the connection: a table that is computed, read-only, and not
    /// stored. A table or view of the same name in the database hides it.
    ///
    /// `scan` is called once for each time SQLite goes through the table, with one entry for each hidden column: the
    /// value the query supplies for it, or `None`. It pushes the rows, which are kept in memory until SQLite has read
    /// them. A query that does not supply all required columns does not compile.
    ///
    /// # Errors
    ///
    /// `ExtensionExists` and `ExtensionInvalid` as for [`RegisterContext::scalar`]; `ExtensionInvalid` also for columns
    /// that do not obey the rules of [`TableColumn`](crate::TableColumn).
    pub fn table<F>(&mut self, definition: TableDefinition<'_>, scan: F) -> ExtensionResult<()>
    where
        F: Fn(&mut ExtensionContext<'_>, &[Option<SqlValue<'_>>], &mut RowSink<'_>) -> ExtensionResult<()>
            + Send
            + 'static,
    {
        let name = self.claim(Kind::Table, definition.name)?;
        register_computed(self.link, Table::new(name, &definition, scan)?)?;
        self.names.take(Kind::Table, definition.name, self.extension);
        Ok(())
    }

    /// Lets an extension put off what it has to write until the transaction is to be committed, so that many small
    /// changes cost less. What is put off follows the transaction and its savepoints; see [`Deferred`].
    ///
    /// Whatever reads the tables must write what is put off first ([`Deferred::flush`]). Zova does that before it checks
    /// or drops an extension, and before a statement of the application that names private tables.
    ///
    /// `name` tells this from whatever else the extension puts off. A table `_zova_deferred_<extension>_<name>` is
    /// registered for this purpose, which cannot be read.
    ///
    /// # Errors
    ///
    /// `ExtensionInvalid` for a name that is too long for that, or contains a NUL byte; `ExtensionExists` where another
    /// extension has registered the very table.
    pub fn deferred<W: DeferredWriter>(&mut self, name: &str, writer: W) -> ExtensionResult<Deferred<W>> {
        // Under this prefix the application has no table that would hide it.
        let table = format!("_zova_deferred_{}_{name}", self.extension);
        let deferred = Deferred::new(name, self.claim(Kind::Table, &table)?, writer);
        deferred.register(self.link, self.extension)?;
        self.names.take(Kind::Table, &table, self.extension);
        Ok(deferred)
    }

    /// The name of the extension that registers.
    pub(super) fn extension(&self) -> &'a str {
        self.extension
    }

    fn claim(&mut self, kind: Kind, name: &str) -> ExtensionResult<CString> {
        let text = CString::new(name).ok().filter(|name| (1..=255).contains(&name.count_bytes()));
        let text = text.ok_or_else(|| {
            ExtensionError::new(
                Status::ExtensionInvalid,
                format!("the name of {} must have 1 to 255 bytes without NUL", kind.article()),
            )
        })?;
        let storage = Storage::linked(self.context.linked());
        self.names.require_free(kind, name, self.extension, storage)?;
        Ok(text)
    }
}

impl<'a> Deref for RegisterContext<'a> {
    type Target = ExtensionContext<'a>;

    fn deref(&self) -> &Self::Target {
        &self.context
    }
}

impl DerefMut for RegisterContext<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.context
    }
}

impl fmt::Debug for RegisterContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegisterContext").field("extension", &self.extension).finish()
    }
}

/// What the callback of an SQL function gets: the services of every hook, and atomic sections.
#[derive(Debug)]
pub struct CallContext<'a> {
    context: ExtensionContext<'a>,
}

impl<'a> CallContext<'a> {
    pub(super) fn new(linked: &'a Linked) -> Self {
        Self { context: ExtensionContext::new(linked, Circumstances::default()) }
    }

    /// Runs `work` so that its writes are all kept or, when it fails, all undone, also outside a transaction.
    ///
    /// Inside a statement that itself writes (a trigger) SQLite opens no savepoint. There `work` just runs; the callback
    /// must pass its error on, so that the statement fails and undoes the writes.
    ///
    /// Cost: a savepoint; outside a transaction a commit.
    pub fn atomically<T>(
        &mut self,
        work: impl FnOnce(&mut ExtensionContext<'a>) -> ExtensionResult<T>,
    ) -> ExtensionResult<T> {
        in_savepoint(self.context.linked(), || work(&mut self.context))
    }
}

impl<'a> Deref for CallContext<'a> {
    type Target = ExtensionContext<'a>;

    fn deref(&self) -> &Self::Target {
        &self.context
    }
}

impl DerefMut for CallContext<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.context
    }
}

/// Runs the callback of an SQL function.
#[inline]
fn call<T>(
    linked: &Linked,
    callback: impl FnOnce(&mut CallContext<'_>) -> ExtensionResult<T>,
) -> Result<T, SqliteError> {
    shielded(linked, || callback(&mut CallContext::new(linked))).map_err(ExtensionError::into_sql)
}

/// See [`CallContext::atomically`].
pub(super) fn in_savepoint<T>(
    linked: &Linked,
    work: impl FnOnce() -> ExtensionResult<T>,
) -> ExtensionResult<T> {
    let (connection, storage) = (linked.connection(), Storage::linked(linked));
    let alone = connection.is_autocommit();
    match storage.run(SAVEPOINT, &[]) {
        Ok(()) => {}
        // What SQLite answers inside a statement that writes, and for nothing else.
        Err(error) if SqliteError::code_of(Status::Busy) == error.primary() => return work(),
        Err(error) => return Err(error.into()),
    }
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let value = work()?;
        storage.run(RELEASE, &[])?;
        Ok(value)
    }));
    if !matches!(outcome, Ok(Ok(_))) && !connection.is_autocommit() {
        connection.note_undone();
        // The error at hand is the one that is reported.
        connection.undisturbed(|| {
            let undone = storage.run(ROLLBACK_TO, &[]).and_then(|()| storage.run(RELEASE, &[]));
            if undone.is_err() && alone {
                let _ = storage.run(ROLLBACK, &[]);
            }
        });
    }
    outcome.unwrap_or_else(|payload| resume_unwind(payload))
}
