//! What all Rust handles of one database share: the session behind one re-entrant lock.
//!
//! Every call takes the lock for its duration, so handles of one connection may be used on several threads. The
//! lock is re-entrant for the thread that runs a scoped closure: calls on any handle of the same database inside
//! the closure run as part of the scope.

use std::cell::RefCell;
use std::ffi::CString;
use std::panic::{AssertUnwindSafe, RefUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::Arc;

use parking_lot::ReentrantMutex;

use crate::error::{Error, Fault, Result};
use crate::interrupt::InterruptHandle;
use crate::options::OpenOptions;
use crate::session::Session;

/// One reference to an open database. The connection closes when the last one is gone.
#[derive(Clone)]
pub(crate) struct Handle(Arc<Lock>);

struct Lock {
    session: ReentrantMutex<RefCell<Session>>,
    interrupt: InterruptHandle,
}

// A panic in the middle of a call poisons the session (see `Handle::call`), so no half-done state is ever seen.
impl RefUnwindSafe for Lock {}

impl Handle {
    pub(crate) fn create(path: &Path) -> Result<Self> {
        Ok(Self::new(Session::create(checked_path(path)?)?))
    }

    pub(crate) fn open(path: &Path, options: OpenOptions) -> Result<Self> {
        Ok(Self::new(Session::open(checked_path(path)?, options)?))
    }

    pub(crate) fn new(session: Session) -> Self {
        let interrupt = session.interrupt_handle().clone();
        Self(Arc::new(Lock { session: ReentrantMutex::new(RefCell::new(session)), interrupt }))
    }

    /// What stops a call; it does not wait for one.
    pub(crate) fn interrupt_handle(&self) -> InterruptHandle {
        self.0.interrupt.clone()
    }

    /// One call on the session, under the lock.
    pub(crate) fn call<T, E: Into<Error>>(
        &self,
        f: impl FnOnce(&mut Session) -> std::result::Result<T, E>,
    ) -> Result<T> {
        let lock = self.0.session.lock();
        let Ok(mut session) = lock.try_borrow_mut() else {
            return Err(Fault::Misuse("a callback must not use the database handle that runs it").into());
        };
        if session.is_poisoned() {
            return Err(Fault::Internal.into());
        }
        session.begin_call();
        match catch_unwind(AssertUnwindSafe(|| f(&mut session))) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                session.after_failure();
                Err(error.into())
            }
            Err(panic) => {
                session.poison();
                resume_unwind(panic)
            }
        }
    }

    /// As [`Handle::call`], for the end of a child: nobody hears of a failure. A poisoned session releases its
    /// children, too; one that is in use by this very thread keeps the child until it closes.
    pub(crate) fn release(&self, f: impl FnOnce(&mut Session)) {
        let lock = self.0.session.lock();
        if let Ok(mut session) = lock.try_borrow_mut() {
            f(&mut session);
        }
    }

    /// Runs `f` while this thread holds the lock; other threads wait until it is done.
    pub(crate) fn exclusively<T>(&self, f: impl FnOnce() -> T) -> T {
        let _lock = self.0.session.lock();
        f()
    }

    /// Runs `body` in a transaction of its own.
    pub(crate) fn in_transaction<T>(
        &self,
        begin: impl FnOnce(&mut Session) -> std::result::Result<(), Fault>,
        body: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        self.call(begin)?;
        // The fault that led here counts, not that of the rollback: SQLite may have rolled back by itself.
        let undo = || drop(self.call(Session::rollback));
        match self.scoped(body, undo) {
            Ok(value) => match self.call(Session::commit) {
                Ok(()) => Ok(value),
                Err(error) => {
                    undo();
                    Err(error)
                }
            },
            Err(error) => {
                undo();
                Err(error)
            }
        }
    }

    /// Runs `body` in a savepoint.
    pub(crate) fn in_savepoint<T>(&self, name: &str, body: impl FnOnce() -> Result<T>) -> Result<T> {
        let name = checked_text("savepoint name", name)?;
        let name = name.to_bytes();
        let outermost = self.call(|session| {
            let outermost = !session.is_in_transaction();
            session.savepoint(name).map(|()| outermost)
        })?;
        let undo = || {
            self.call(|session| {
                session.rollback_to_savepoint(name)?;
                // Releasing a savepoint that is the transaction would commit, which readers elsewhere can prevent.
                if outermost { session.rollback() } else { session.release_savepoint(name) }
            })
        };
        match self.scoped(body, || drop(undo())) {
            Ok(value) => match self.call(|session| session.release_savepoint(name)) {
                Ok(()) => Ok(value),
                Err(error) => {
                    drop(undo());
                    Err(error)
                }
            },
            Err(error) => {
                undo()?;
                Err(error)
            }
        }
    }

    /// Runs `body`; a panic undoes the scope and goes on.
    fn scoped<T>(&self, body: impl FnOnce() -> Result<T>, undo: impl FnOnce()) -> Result<T> {
        catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
            undo();
            resume_unwind(panic)
        })
    }
}

/// A path argument: UTF-8 without NUL bytes.
pub(crate) fn checked_path(path: &Path) -> Result<&Path> {
    let text = path.to_str().ok_or(Error::NonUtf8Path)?;
    if text.contains('\0') { Err(Error::InteriorNul { context: "path" }) } else { Ok(path) }
}

/// A text argument that ends at its first NUL byte in C and so must hold none.
pub(crate) fn checked_text(context: &'static str, text: &str) -> Result<CString> {
    CString::new(text).map_err(|_| Error::InteriorNul { context })
}

/// What the methods below need in scope where they are expanded.
pub(crate) mod prelude {
    pub(crate) use std::ops::ControlFlow;
    pub(crate) use std::path::Path;

    pub(crate) use super::{Handle, checked_path, checked_text, common_methods, owner_methods};
    pub(crate) use crate::copies::copy_methods;
    pub(crate) use crate::error::{Fault, Result};
    pub(crate) use crate::extension::bundle::ExtensionBundles;
    pub(crate) use crate::extension::{ExtensionInfo, ExtensionRegistry};
    pub(crate) use crate::interrupt::InterruptHandle;
    pub(crate) use crate::object::{
        ObjectChunkId, ObjectId, ObjectListing, ObjectManifest, ObjectManifestChunk,
    };
    pub(crate) use crate::options::{BackupOptions, CallLimits, CompactOptions, OpenOptions, Progress};
    pub(crate) use crate::session::Session;
}

/// Methods that all database handles have. Each use names the receiver, since the exclusive handles take
/// `&mut self` and the shared one takes `&self`.
macro_rules! common_methods {
    ($self:ident, $($receiver:tt)+) => {
        /// Runs every statement in `sql` in order and discards rows. Stops at the first error; statements before it
        /// keep their effect unless a transaction undoes them. Empty text is fine.
        pub fn exec($($receiver)+, sql: &str) -> Result<()> {
            let sql = checked_text("sql", sql)?;
            $self.handle().call(|session| session.exec(&sql))
        }

        /// Opens a savepoint; outside a transaction it starts one. Names are 1 to 64 letters, digits and
        /// underscores, compared without regard to case.
        pub fn savepoint($($receiver)+, name: &str) -> Result<()> {
            let name = checked_text("savepoint name", name)?;
            $self.handle().call(|session| session.savepoint(name.to_bytes()))
        }

        /// Undoes everything since the innermost savepoint of this name, which stays open.
        pub fn rollback_to_savepoint($($receiver)+, name: &str) -> Result<()> {
            let name = checked_text("savepoint name", name)?;
            $self.handle().call(|session| session.rollback_to_savepoint(name.to_bytes()))
        }

        /// Ends the innermost savepoint of this name and those inside it, keeping their changes. Releasing the
        /// savepoint that started a transaction commits it.
        pub fn release_savepoint($($receiver)+, name: &str) -> Result<()> {
            let name = checked_text("savepoint name", name)?;
            $self.handle().call(|session| session.release_savepoint(name.to_bytes()))
        }

        /// Raises an event on a channel (1 to 128 letters, digits and `_ . : -`) with a payload of up to 65,536 bytes.
        /// Without a transaction it is delivered before the call returns, to every subscription on exactly that channel;
        /// in a transaction or savepoint it waits for the commit and is discarded by a rollback. Nobody has to listen.
        /// Needs no write access.
        ///
        /// # Errors
        ///
        /// `InvalidArgument` for a bad channel or payload; then nothing has happened.
        ///
        /// Cost: about a microsecond and one copy of the payload, which the receivers share.
        pub fn notify($($receiver)+, channel: &str, payload: &str) -> Result<()> {
            let channel = checked_text("notification channel", channel)?;
            $self.handle().call(|session| session.notify(channel.to_bytes(), payload.as_bytes()))
        }

        /// Rowid of the last successful INSERT of the application's own SQL; object calls leave it alone.
        pub fn last_insert_rowid($($receiver)+) -> Result<i64> {
            $self.handle().call(|session| Ok::<_, Fault>(session.last_insert_rowid()))
        }

        /// Rows changed by the last INSERT, UPDATE or DELETE of the application's own SQL.
        pub fn changes($($receiver)+) -> Result<i64> {
            $self.handle().call(|session| Ok::<_, Fault>(session.changes()))
        }

        /// Rows changed by the application's own SQL since the handle was opened.
        pub fn total_changes($($receiver)+) -> Result<i64> {
            $self.handle().call(|session| Ok::<_, Fault>(session.total_changes()))
        }

        /// Stores the bytes as an object and gives their id. Storing the same bytes again changes nothing.
        ///
        /// Cost: two SHA-256 passes and one transaction (or savepoint); one pass for content already stored.
        pub fn put_object($($receiver)+, bytes: &[u8]) -> Result<ObjectId> {
            $self.handle().call(|session| session.put_object(bytes))
        }

        /// Reads a whole object; every chunk and the object itself are verified.
        ///
        /// Cost: two SHA-256 passes.
        pub fn get_object($($receiver)+, id: ObjectId) -> Result<Vec<u8>> {
            $self.handle().call(|session| session.get_object(id))
        }

        /// Copies bytes of an object from `offset` on into `buffer` and says how many: as many as there are and
        /// fit. The chunks they come from are verified.
        ///
        /// Cost: independent of the size of the object.
        pub fn read_object_range(
            $($receiver)+, id: ObjectId, offset: u64, buffer: &mut [u8],
        ) -> Result<usize> {
            let room = buffer.len();
            $self.handle().call(|session| session.read_object_range(id, offset, room, |length| &mut buffer[..length]))
        }

        /// True if an object with this id is stored.
        pub fn has_object($($receiver)+, id: ObjectId) -> Result<bool> {
            $self.handle().call(|session| session.has_object(id))
        }

        /// Size of an object in bytes.
        pub fn object_size($($receiver)+, id: ObjectId) -> Result<u64> {
            $self.handle().call(|session| session.object_size(id))
        }

        /// Number of chunks an object is stored in.
        pub fn object_chunk_count($($receiver)+, id: ObjectId) -> Result<u64> {
            $self.handle().call(|session| session.object_chunk_count(id))
        }

        /// As `put_object`, watched: `progress` hears how many bytes have been stored and stops the call by breaking,
        /// which stores nothing and is `Interrupted`. It must not use this database.
        pub fn put_object_with_progress(
            $($receiver)+, bytes: &[u8], progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
        ) -> Result<ObjectId> {
            $self.handle().call(|session| session.put_object_with_progress(bytes, progress))
        }

        /// Stores the content of a file as an object. Progress counts each byte twice, once read and once stored;
        /// breaking stores nothing.
        ///
        /// Cost: about 2 MiB of memory, whatever the file's size.
        pub fn put_object_file(
            $($receiver)+, path: impl AsRef<Path>, progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
        ) -> Result<ObjectId> {
            let path = checked_path(path.as_ref())?;
            $self.handle().call(|session| session.put_object_file(path, progress))
        }

        /// Writes an object into a new file, which appears complete or not at all and replaces nothing. Progress is
        /// in bytes; breaking leaves no file.
        ///
        /// Cost: memory for about 1 MiB, whatever the object's size.
        pub fn get_object_file(
            $($receiver)+,
            id: ObjectId,
            path: impl AsRef<Path>,
            progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
        ) -> Result<()> {
            let path = checked_path(path.as_ref())?;
            $self.handle().call(|session| session.get_object_file(id, path, progress))
        }

        /// Reads an object from end to end and verifies everything about it.
        ///
        /// Cost: two SHA-256 passes; memory for one chunk.
        pub fn verify_object($($receiver)+, id: ObjectId) -> Result<()> {
            $self.handle().call(|session| session.verify_object(id))
        }

        /// Up to `limit` objects by ascending id, from the first one or from behind `after`.
        pub fn list_objects(
            $($receiver)+, after: Option<ObjectId>, limit: usize,
        ) -> Result<Vec<ObjectListing>> {
            $self.handle().call(|session| session.list_objects(after, limit))
        }

        /// The chunks of an object, in order. Their bytes are not read.
        pub fn object_manifest($($receiver)+, id: ObjectId) -> Result<ObjectManifest> {
            $self.handle().call(|session| session.object_manifest(id))
        }

        /// Reads and verifies a chunk.
        pub fn get_object_chunk($($receiver)+, hash: ObjectChunkId) -> Result<Vec<u8>> {
            $self.handle().call(|session| session.get_object_chunk(hash))
        }

        /// True if the chunk is stored; one that is stored but damaged is `ObjectCorrupt`.
        pub fn has_object_chunk($($receiver)+, hash: ObjectChunkId) -> Result<bool> {
            $self.handle().call(|session| session.has_object_chunk(hash))
        }

        /// Stores 1 to 65536 bytes as a chunk of their own, to be assembled into objects later.
        pub fn put_object_chunk($($receiver)+, expected_hash: ObjectChunkId, bytes: &[u8]) -> Result<()> {
            $self.handle().call(|session| session.put_object_chunk(expected_hash, bytes))
        }

        /// Deletes a chunk that no object uses; `false` if there is none or an object uses it.
        pub fn delete_object_chunk($($receiver)+, hash: ObjectChunkId) -> Result<bool> {
            $self.handle().call(|session| session.delete_object_chunk(hash))
        }

        /// Makes an object of stored chunks, given in any order and with free boundaries.
        ///
        /// Cost: two SHA-256 passes over the chunks.
        pub fn assemble_object_from_chunks(
            $($receiver)+, id: ObjectId, size_bytes: u64, chunks: &[ObjectManifestChunk],
        ) -> Result<()> {
            let entry = |at: usize| chunks[at].clone();
            $self.handle().call(|session| session.assemble_object(id, size_bytes, chunks.len(), &entry))
        }

        /// Deletes an object and the chunks that no other object uses.
        ///
        /// Cost: proportional to the number of its chunks.
        pub fn delete_object($($receiver)+, id: ObjectId) -> Result<()> {
            $self.handle().call(|session| session.delete_object(id))
        }
    };
}
pub(crate) use common_methods;

/// Methods of the handles that own their transactions; inside a scoped closure the helper owns them.
macro_rules! owner_methods {
    ($self:ident, $($receiver:tt)+) => {
        /// `BEGIN`: starts a transaction that takes its locks when it needs them.
        pub fn begin($($receiver)+) -> Result<()> {
            $self.handle().call(Session::begin)
        }

        /// `BEGIN IMMEDIATE`: starts a transaction that holds the write lock from the start.
        pub fn begin_immediate($($receiver)+) -> Result<()> {
            $self.handle().call(Session::begin_immediate)
        }

        /// `COMMIT`. When it fails the transaction stays open.
        pub fn commit($($receiver)+) -> Result<()> {
            $self.handle().call(Session::commit)
        }

        /// `ROLLBACK`.
        pub fn rollback($($receiver)+) -> Result<()> {
            $self.handle().call(Session::rollback)
        }

        /// Rebuilds the file in place and returns its free space. Not inside a transaction.
        ///
        /// Cost: rewrites the whole file.
        pub fn vacuum($($receiver)+) -> Result<()> {
            $self.handle().call(Session::vacuum)
        }

        /// Sets how many milliseconds calls wait for other connections' locks, 0 to 2147483647; 0 does not wait.
        pub fn set_busy_timeout($($receiver)+, milliseconds: u32) -> Result<()> {
            $self.handle().call(|session| session.set_busy_timeout(milliseconds))
        }

        /// Sets how many milliseconds each call on this database and its children may take, 0 to 2147483647, before
        /// it is stopped as by an interrupt; 0 for any number. No wait for a lock takes longer either.
        pub fn set_deadline($($receiver)+, milliseconds: u32) -> Result<()> {
            $self.handle().call(|session| session.set_deadline(milliseconds))
        }

        /// A handle that stops the call running on this database, from any thread.
        pub fn interrupt_handle(&self) -> InterruptHandle {
            self.handle().interrupt_handle()
        }
    };
}
pub(crate) use owner_methods;
