//! The handle of one owner.

use std::fmt;

use crate::extension::bundle::bundle_constructors;
use crate::extension::{extension_methods, registry_constructors};
use crate::graph::graph_methods;
use crate::handle::prelude::*;
use crate::statement::{OwnedStatement, Statement};
use crate::stream::{ObjectReader, ObjectWriter, OwnedObjectWriter, SharedObjectReader};
use crate::subscription::Subscription;
use crate::vector::vector_methods;

/// An open `.zova` database.
///
/// The connection closes when this handle and everything made from it are gone; a transaction still open then is
/// rolled back. The handle may move between threads; [`SharedDatabase`](crate::SharedDatabase) is for use by several
/// at once.
pub struct Database {
    handle: Handle,
}

impl Database {
    /// Makes a new database file. The path must end in `.zova` and must not exist; after a crash it is absent or
    /// holds a complete database.
    ///
    /// # Errors
    ///
    /// `NotZovaPath`, `DestinationExists`, `CantOpen` for a missing or unwritable directory.
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        Ok(Self { handle: Handle::create(path.as_ref())? })
    }

    /// Opens an existing database for reading and writing. Never creates, repairs or writes.
    ///
    /// # Errors
    ///
    /// `NotZovaPath`; `NotZovaDatabase` for a file that is absent or no Zova database; `CantOpen`;
    /// `UnsupportedZovaVersion`; `BoundStoreInvalid`; `ExtensionInvalid`, `ExtensionUnavailable`; `Busy`; `Corrupt`.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with_options(path, OpenOptions::default())
    }

    /// As [`Database::open`], read-only or with a busy timeout that already holds while opening.
    pub fn open_with_options(path: impl AsRef<Path>, options: OpenOptions) -> Result<Self> {
        Ok(Self { handle: Handle::open(path.as_ref(), options)? })
    }

    registry_constructors!();
    bundle_constructors!();

    fn handle(&self) -> &Handle {
        &self.handle
    }

    common_methods!(self, &mut self);
    vector_methods!(self, &mut self);
    graph_methods!(self, &mut self);
    extension_methods!(self, &mut self);
    owner_methods!(self, &mut self);
    copy_methods!(self, &mut self);

    /// Compiles the first statement of `sql`; what follows it is ignored.
    pub fn prepare(&mut self, sql: &str) -> Result<Statement<'_>> {
        Ok(Statement::new(self.prepare_owned(sql)?))
    }

    /// As [`Database::prepare`], without borrowing the database. The statement keeps the connection open.
    pub fn prepare_owned(&mut self, sql: &str) -> Result<OwnedStatement> {
        OwnedStatement::prepare(&self.handle, sql)
    }

    /// Starts an object whose bytes arrive in parts. Nothing is stored before `finish`.
    pub fn object_writer(&mut self) -> Result<ObjectWriter<'_>> {
        self.object_writer_owned().map(ObjectWriter::new)
    }

    /// As [`Database::object_writer`], without borrowing the database. The writer keeps the connection open.
    pub fn object_writer_owned(&mut self) -> Result<OwnedObjectWriter> {
        OwnedObjectWriter::create(&self.handle)
    }

    /// Reads an object in parts, from front to back or from anywhere, in bounded memory.
    pub fn object_reader(&mut self, id: ObjectId) -> Result<ObjectReader<'_>> {
        SharedObjectReader::open(&self.handle, id).map(ObjectReader::new)
    }

    /// Subscribes to the events of exactly this channel that are delivered from now on.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for a bad channel.
    pub fn listen(&mut self, channel: &str) -> Result<Subscription> {
        Subscription::listen(&self.handle, channel)
    }

    /// Runs `f` in a savepoint: released if it returns `Ok`, undone if it returns `Err` or panics.
    pub fn with_savepoint<T>(&mut self, name: &str, f: impl FnOnce(&mut Database) -> Result<T>) -> Result<T> {
        self.handle.clone().in_savepoint(name, || f(self))
    }

    /// Runs `f` in a transaction: committed if it returns `Ok`, rolled back if it returns `Err` or panics.
    pub fn transaction<T>(&mut self, f: impl FnOnce(&mut Database) -> Result<T>) -> Result<T> {
        self.handle.clone().in_transaction(Session::begin, || f(self))
    }

    /// As [`Database::transaction`], holding the write lock from the start.
    pub fn transaction_immediate<T>(&mut self, f: impl FnOnce(&mut Database) -> Result<T>) -> Result<T> {
        self.handle.clone().in_transaction(Session::begin_immediate, || f(self))
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Database")
    }
}
