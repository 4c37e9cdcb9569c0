//! The handle that several threads share.

use std::fmt;
use std::marker::PhantomData;
use std::sync::MutexGuard;

use crate::extension::bundle::bundle_constructors;
use crate::extension::{extension_methods, registry_constructors};
use crate::graph::graph_methods;
use crate::handle::prelude::*;
use crate::statement::{OwnedStatement, SharedGuardStatement, SharedStatement};
use crate::stream::{ObjectReader, ObjectWriter, OwnedObjectWriter, SharedObjectReader, SharedObjectWriter};
use crate::subscription::SharedSubscription;
use crate::vector::vector_methods;

/// An open database for several threads: clones share one connection and one lock.
///
/// A call holds the lock for that call; the closures of [`transaction`](Self::transaction),
/// [`with_savepoint`](Self::with_savepoint) and [`with_exclusive`](Self::with_exclusive) hold it until they return,
/// and calls on any clone inside the closure, on the same thread, are part of the scope. `begin` and `commit` as
/// single calls protect nothing against other threads, whose calls in between join the transaction.
#[derive(Clone)]
pub struct SharedDatabase {
    handle: Handle,
}

impl SharedDatabase {
    /// As [`Database::create`](crate::Database::create).
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        Ok(Self { handle: Handle::create(path.as_ref())? })
    }

    /// As [`Database::open`](crate::Database::open).
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with_options(path, OpenOptions::default())
    }

    /// As [`Database::open_with_options`](crate::Database::open_with_options).
    pub fn open_with_options(path: impl AsRef<Path>, options: OpenOptions) -> Result<Self> {
        Ok(Self { handle: Handle::open(path.as_ref(), options)? })
    }

    registry_constructors!();
    bundle_constructors!();

    fn handle(&self) -> &Handle {
        &self.handle
    }

    common_methods!(self, &self);
    vector_methods!(self, &self);
    graph_methods!(self, &self);
    extension_methods!(self, &self);
    owner_methods!(self, &self);
    copy_methods!(self, &self);

    /// Compiles the first statement of `sql`. Between two of its steps other threads may run.
    pub fn prepare(&self, sql: &str) -> Result<SharedStatement> {
        OwnedStatement::prepare(&self.handle, sql).map(SharedStatement::new)
    }

    /// Starts an object whose bytes arrive in parts. Nothing is stored before `finish`.
    pub fn object_writer(&self) -> Result<SharedObjectWriter> {
        OwnedObjectWriter::create(&self.handle).map(SharedObjectWriter::new)
    }

    /// Reads an object in parts, from front to back or from anywhere, in bounded memory.
    pub fn object_reader(&self, id: ObjectId) -> Result<SharedObjectReader> {
        SharedObjectReader::open(&self.handle, id)
    }

    /// As [`Database::listen`](crate::Database::listen).
    pub fn listen(&self, channel: &str) -> Result<SharedSubscription> {
        SharedSubscription::listen(&self.handle, channel)
    }

    /// Runs `f` in a savepoint: released if it returns `Ok`, undone if it returns `Err` or panics.
    pub fn with_savepoint<T>(
        &self,
        name: &str,
        f: impl FnOnce(&mut SharedDatabaseGuard<'_>) -> Result<T>,
    ) -> Result<T> {
        self.guarded(|guard| guard.with_savepoint(name, f))
    }

    /// Runs `f` while no other thread can use the database. Starts and ends no transaction.
    pub fn with_exclusive<T>(&self, f: impl FnOnce(&mut SharedDatabaseGuard<'_>) -> Result<T>) -> Result<T> {
        self.guarded(f)
    }

    /// Runs `f` in a transaction: committed if it returns `Ok`, rolled back if it returns `Err` or panics.
    pub fn transaction<T>(&self, f: impl FnOnce(&mut SharedDatabaseGuard<'_>) -> Result<T>) -> Result<T> {
        self.guarded(|guard| guard.handle.in_transaction(Session::begin, || f(guard)))
    }

    /// As [`SharedDatabase::transaction`], holding the write lock from the start.
    pub fn transaction_immediate<T>(
        &self,
        f: impl FnOnce(&mut SharedDatabaseGuard<'_>) -> Result<T>,
    ) -> Result<T> {
        self.guarded(|guard| guard.handle.in_transaction(Session::begin_immediate, || f(guard)))
    }

    fn guarded<T>(&self, f: impl FnOnce(&mut SharedDatabaseGuard<'_>) -> T) -> T {
        self.handle.exclusively(|| f(&mut SharedDatabaseGuard { handle: &self.handle, thread: PhantomData }))
    }
}

impl fmt::Debug for SharedDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedDatabase")
    }
}

/// Exclusive use of a [`SharedDatabase`] inside a closure. The helper that runs the closure owns the transaction, so
/// there is no begin, commit or rollback here.
pub struct SharedDatabaseGuard<'db> {
    handle: &'db Handle,
    /// The lock belongs to this thread: the guard must not be sent to another one, where its calls would wait
    /// forever.
    thread: PhantomData<MutexGuard<'db, ()>>,
}

impl SharedDatabaseGuard<'_> {
    fn handle(&self) -> &Handle {
        self.handle
    }

    common_methods!(self, &mut self);
    vector_methods!(self, &mut self);
    graph_methods!(self, &mut self);
    extension_methods!(self, &mut self);

    /// Compiles the first statement of `sql`; what follows it is ignored.
    pub fn prepare(&mut self, sql: &str) -> Result<SharedGuardStatement<'_>> {
        OwnedStatement::prepare(self.handle, sql).map(SharedGuardStatement::new)
    }

    /// Starts an object whose bytes arrive in parts. Nothing is stored before `finish`.
    pub fn object_writer(&mut self) -> Result<ObjectWriter<'_>> {
        OwnedObjectWriter::create(self.handle).map(ObjectWriter::new)
    }

    /// Reads an object in parts, from front to back or from anywhere, in bounded memory.
    pub fn object_reader(&mut self, id: ObjectId) -> Result<ObjectReader<'_>> {
        SharedObjectReader::open(self.handle, id).map(ObjectReader::new)
    }

    /// Runs `f` in a savepoint: released if it returns `Ok`, undone if it returns `Err` or panics.
    pub fn with_savepoint<T>(
        &mut self,
        name: &str,
        f: impl FnOnce(&mut SharedDatabaseGuard<'_>) -> Result<T>,
    ) -> Result<T> {
        self.handle.in_savepoint(name, || f(self))
    }
}

impl fmt::Debug for SharedDatabaseGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedDatabaseGuard")
    }
}
