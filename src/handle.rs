//! Handles: what they stand for, and how a call gets from one to its session.
//!
//! A handle is a value in a table ([`table`]), never an address. A database's slot holds the session and the lock
//! that it and all its children share; a child's slot holds which database that is and the name by which the
//! session knows the child. One call is one lock and one unlock:
//!
//! 1. find the slot of the value (a null handle is `ZOVA_INVALID_ARGUMENT`, any other that is not live, or is of
//!    another kind, `ZOVA_MISUSE`);
//! 2. take the lock of its database;
//! 3. look again: only now is the handle sure to stay live, because ending it needs the same lock;
//! 4. run the body, unless the database is poisoned;
//! 5. record or clear the diagnostic, and unlock.
//!
//! **Panics.** A panic in a body passes the lock on its way to the guard and poisons the session there. From then
//! on every call is answered `ZOVA_INTERNAL`, except the ending calls.
//!
//! **Reentrance.** The lock remembers its thread. A call from within a call (from a callback, for instance) is
//! `ZOVA_MISUSE` instead of a deadlock.
//!
//! **Refused calls still clear their outputs.** The body of a call runs also when the call is refused for one of
//! these two reasons, but [`Call`] gives it no session then; its first use of it ends the body, and the refusal is
//! the result. So a body first clears its outputs, then converts its inputs, then asks for the session.
//!
//! This is the only module with interior mutability of its own: [`Database::state`] is touched under the lock only,
//! [`Child::key`] is written before a handle is issued and read under the lock while it is live.

mod diagnostic;
mod lock;
mod table;

use std::cell::UnsafeCell;
use std::ffi::c_char;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::{self, null_mut};
use std::sync::atomic::{AtomicPtr, Ordering};

use zova::engine::{Fault, ObjectId, ReaderId, Session, StatementId, WriterId};

use crate::database::zova_database;
use crate::guard::Failure;
use crate::reader::zova_object_reader;
use crate::statement::zova_statement;
use crate::writer::zova_object_writer;
use diagnostic::Diagnostic;
use lock::{Lock, learn_threads};
use table::{Seat, Slot, Table, kind_of};

static DATABASES: Table<Database> = Table::new();
static CHILDREN: Table<Child> = Table::new();

/// The letter of a database handle's value.
const DATABASE: u8 = b'D';

/// What a child handle can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Statement,
    ObjectWriter,
    Subscription,
    ObjectReader,
}

impl Kind {
    /// How many kinds there are.
    const COUNT: usize = 4;

    /// The letter of the handles' values.
    fn letter(self) -> u8 {
        match self {
            Self::Statement => b'S',
            Self::ObjectWriter => b'W',
            Self::Subscription => b'N',
            Self::ObjectReader => b'R',
        }
    }
}

/// The name by which a session knows a child.
#[derive(Debug, Clone, Copy)]
enum Key {
    Statement(StatementId),
    ObjectWriter(WriterId),
    ObjectReader(ReaderId),
}

impl Key {
    fn kind(self) -> Kind {
        match self {
            Self::Statement(_) => Kind::Statement,
            Self::ObjectWriter(_) => Kind::ObjectWriter,
            Self::ObjectReader(_) => Kind::ObjectReader,
        }
    }
}

/// The body of a database's slot. Two databases used by two threads share no cache line.
#[derive(Default)]
#[repr(align(128))]
struct Database {
    lock: Lock,
    /// Under the lock only.
    state: UnsafeCell<State>,
    diagnostic: Diagnostic,
}

/// What the connection lock protects.
#[derive(Default)]
struct State {
    /// Present from just before the handle is issued until its close.
    session: Option<Session>,
    children: Children,
}

// SAFETY: `state` is reached through `Held` only, so by one thread at a time, and it can move between threads
// because sessions can (checked below).
unsafe impl Sync for Database {}

const _: () = {
    const fn can_move_between_threads<T: Send>() {}
    can_move_between_threads::<State>();
};

/// The body of a child's slot.
#[derive(Default)]
struct Child {
    /// The database, from before the handle is issued until the slot is issued again.
    parent: AtomicPtr<Slot<Database>>,
    /// Written while the slot has no handle; read under the lock of `parent` while it has.
    key: UnsafeCell<Option<Key>>,
}

// SAFETY: the key is written by the thread that owns the slot's seat and read while the handle is live: issuing
// it orders the write before every read, and ending it under the same lock as the reads, then passing the slot
// through the lock of the table, orders them before the next write. A key is plain data.
unsafe impl Sync for Child {}

/// How many children of each kind are live.
#[derive(Default, Clone, Copy)]
struct Children([u32; Kind::COUNT]);

impl Children {
    fn of(&mut self, kind: Kind) -> &mut u32 {
        &mut self.0[kind as usize]
    }

    fn any(self) -> bool {
        self.0.iter().any(|&count| count > 0)
    }
}

/// The text of a refused close.
impl fmt::Display for Children {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |kind: Kind| self.0[kind as usize];
        write!(
            f,
            "Misuse: cannot close database with live child handles: {} statements, {} object writers, {} subscriptions",
            count(Kind::Statement),
            count(Kind::ObjectWriter),
            count(Kind::Subscription),
        )?;
        match count(Kind::ObjectReader) {
            0 => Ok(()),
            readers => write!(f, ", {readers} object readers"),
        }
    }
}

/// Where a handle leads: its database's slot and, for a child, its own.
#[derive(Clone, Copy)]
struct Place {
    database: &'static Slot<Database>,
    /// `None`: the handle is the database's own.
    child: Option<&'static Slot<Child>>,
}

impl Place {
    /// # Safety
    ///
    /// This thread holds the database's lock, and nobody uses the state as long as the result lives.
    #[inline]
    unsafe fn state<'s>(self) -> &'s mut State {
        // SAFETY: the caller's promise.
        unsafe { &mut *self.database.body.state.get() }
    }

    /// The child's key; `None` for a database.
    ///
    /// # Safety
    ///
    /// This thread holds the database's lock, and the handle is live.
    #[inline]
    unsafe fn key(self) -> Option<Key> {
        // SAFETY: the caller's promise is what `Child::key` asks of its readers.
        self.child.and_then(|child| unsafe { *child.body.key.get() })
    }
}

/// A live handle, and the connection lock, which keeps it so. Dropped by a panic, it poisons the database; otherwise
/// end it with [`Held::release`].
struct Held(Place);

impl Held {
    #[inline]
    fn database(handle: *mut zova_database) -> Result<Self, Refused> {
        match Self::try_database(handle) {
            Some(held) => Ok(held),
            None => Self::wait_database(handle),
        }
    }

    #[inline]
    fn child(handle: *mut (), kind: Kind) -> Result<Self, Refused> {
        match Self::try_child(handle, kind) {
            Some(held) => Ok(held),
            None => Self::wait_child(handle, kind),
        }
    }

    // Almost every call finds a live handle and a free lock. That way in, and the way out, are small functions, not
    // inlined, because calls are short and copies in every function of the header would crowd SQLite's code out of
    // the instruction cache. Whatever stands in the way, the second attempt deals with it.

    #[inline(never)]
    fn try_database(handle: *mut zova_database) -> Option<Self> {
        Self::enter_database(handle, Lock::try_acquire).ok()
    }

    #[inline(never)]
    fn try_child(handle: *mut (), kind: Kind) -> Option<Self> {
        Self::enter_child(handle, kind, Lock::try_acquire).ok()
    }

    #[cold]
    #[inline(never)]
    fn wait_database(handle: *mut zova_database) -> Result<Self, Refused> {
        Self::enter_database(handle, Lock::acquire)
    }

    #[cold]
    #[inline(never)]
    fn wait_child(handle: *mut (), kind: Kind) -> Result<Self, Refused> {
        Self::enter_child(handle, kind, Lock::acquire)
    }

    #[inline(always)]
    fn enter_database(handle: *mut zova_database, acquire: fn(&Lock) -> bool) -> Result<Self, Refused> {
        let value = value_of(handle)?;
        let database = DATABASES.find(value).ok_or(Refused::NotLive)?;
        Self::lock(Place { database, child: None }, acquire, || database.is(value))
    }

    #[inline(always)]
    fn enter_child(handle: *mut (), kind: Kind, acquire: fn(&Lock) -> bool) -> Result<Self, Refused> {
        let value = value_of(handle)?;
        if kind_of(value) != kind.letter() {
            return Err(Refused::NotLive);
        }
        let child = CHILDREN.find(value).ok_or(Refused::NotLive)?;
        // Acquire: if the slot was ended and issued again in between, for a child of another database, then the
        // look under that database's lock sees that too.
        let parent = child.body.parent.load(Ordering::Acquire);
        // SAFETY: every slot that was ever issued names a database slot, and those are of static lifetime.
        let database = unsafe { &*parent };
        Self::lock(Place { database, child: Some(child) }, acquire, || child.is(value))
    }

    /// Takes the lock and looks again.
    #[inline(always)]
    fn lock(place: Place, acquire: fn(&Lock) -> bool, is_live: impl Fn() -> bool) -> Result<Self, Refused> {
        let lock = &place.database.body.lock;
        if !acquire(lock) {
            return Err(Refused::Reentered(place.database));
        }
        if !is_live() {
            // SAFETY: acquired just now.
            unsafe { lock.release() };
            return Err(Refused::NotLive);
        }
        Ok(Self(place))
    }

    #[inline]
    fn state(&mut self) -> &mut State {
        // SAFETY: a `Held` exists while its thread holds the lock; the state is borrowed with it.
        unsafe { self.0.state() }
    }

    #[inline]
    fn is_poisoned(&self) -> bool {
        // SAFETY: as in `state`, which could not be borrowed at the same time either.
        unsafe { self.0.state() }.session.as_ref().is_none_or(Session::is_poisoned)
    }

    /// The call failed.
    #[cold]
    fn fail(self, fault: &Fault) -> Failure {
        self.0.database.body.diagnostic.record(fault);
        self.release();
        Failure::from(fault)
    }

    /// The call succeeded.
    #[inline(never)]
    fn succeed(self) {
        self.0.database.body.diagnostic.clear();
        self.release();
    }

    #[inline]
    fn release(self) {
        // SAFETY: a `Held` exists while its thread holds the lock; it is forgotten right here.
        unsafe { self.0.database.body.lock.release() };
        std::mem::forget(self);
    }

    /// A panic passed.
    #[cold]
    fn poison(mut self) {
        if let Some(session) = &mut self.state().session {
            session.poison();
        }
        self.0.database.body.diagnostic.record(&Fault::Internal);
        self.release();
    }
}

impl Drop for Held {
    #[inline(always)]
    fn drop(&mut self) {
        // A copy, so that nobody takes the address of the original, which then stays in registers.
        Self(self.0).poison();
    }
}

/// Why a call has no session to work on.
#[derive(Clone, Copy)]
enum Refused {
    /// The handle is null.
    Null,
    /// The handle has ended, or is none, or is of another kind.
    NotLive,
    /// This thread is in the middle of a call on the database.
    Reentered(&'static Slot<Database>),
    /// A panic was caught earlier.
    Poisoned(&'static Slot<Database>),
}

impl Refused {
    #[cold]
    fn poisoned(held: Held) -> Self {
        let Place { database, .. } = held.0;
        held.release();
        Self::Poisoned(database)
    }

    /// What the call answers, after recording it where there is a database to record it on.
    #[cold]
    fn answer(self) -> Failure {
        let (database, fault) = match self {
            Self::Null => return Failure::INVALID_ARGUMENT,
            Self::NotLive => return Failure::MISUSE,
            Self::Reentered(database) => (database, Fault::Misuse(REENTERED)),
            Self::Poisoned(database) => (database, Fault::Internal),
        };
        database.body.diagnostic.record(&fault);
        Failure::from(fault)
    }
}

const REENTERED: &str = "this thread is in the middle of a call on the same database; finish that call first";

#[inline]
fn value_of<H>(handle: *mut H) -> Result<u64, Refused> {
    if handle.is_null() { Err(Refused::Null) } else { Ok(handle.addr() as u64) }
}

fn pointer_to<H>(value: u64) -> *mut H {
    ptr::without_provenance_mut(value as usize)
}

/// What the body of a call works on.
pub(crate) struct Call<'c> {
    /// `None`: the call is refused.
    place: Option<Place>,
    /// Stays locked, and is not used itself, as long as this lives.
    held: PhantomData<&'c mut Held>,
}

impl Call<'_> {
    /// The session. Refused calls end here, so everything that must happen in those too comes before.
    #[inline]
    pub(crate) fn session(&mut self) -> Result<&mut Session, Fault> {
        match &mut self.state()?.session {
            Some(session) => Ok(session),
            None => Err(Fault::Internal),
        }
    }

    /// The key of the child that the handle stands for; `None` for a refused call.
    #[inline]
    fn key(&self) -> Option<Key> {
        // SAFETY: `held` is the live handle under its lock.
        self.place.and_then(|place| unsafe { place.key() })
    }

    /// The session and the statement that the handle stands for. As [`Call::session`].
    #[inline]
    pub(crate) fn statement(&mut self) -> Result<(&mut Session, StatementId), Fault> {
        let Some(Key::Statement(id)) = self.key() else { return Err(Fault::Internal) };
        Ok((self.session()?, id))
    }

    /// The session and the object writer that the handle stands for. As [`Call::session`].
    pub(crate) fn writer(&mut self) -> Result<(&mut Session, WriterId), Fault> {
        let Some(Key::ObjectWriter(id)) = self.key() else { return Err(Fault::Internal) };
        Ok((self.session()?, id))
    }

    /// The session and the object reader that the handle stands for. As [`Call::session`].
    pub(crate) fn reader(&mut self) -> Result<(&mut Session, ReaderId), Fault> {
        let Some(Key::ObjectReader(id)) = self.key() else { return Err(Fault::Internal) };
        Ok((self.session()?, id))
    }

    /// Makes an object writer and a handle for it.
    pub(crate) fn adopt_writer(&mut self) -> Result<*mut zova_object_writer, Fault> {
        self.adopt(|session| Ok(Key::ObjectWriter(session.create_writer())))
    }

    /// Makes an object reader and a handle for it.
    pub(crate) fn adopt_reader(&mut self, object: ObjectId) -> Result<*mut zova_object_reader, Fault> {
        self.adopt(|session| session.create_reader(object).map(Key::ObjectReader))
    }

    /// Makes a statement and a handle for it.
    pub(crate) fn adopt_statement(
        &mut self,
        make: impl FnOnce(&mut Session) -> Result<StatementId, Fault>,
    ) -> Result<*mut zova_statement, Fault> {
        self.adopt(|session| make(session).map(Key::Statement))
    }

    fn adopt<H>(&mut self, make: impl FnOnce(&mut Session) -> Result<Key, Fault>) -> Result<*mut H, Fault> {
        // First the slot: once the child exists nothing may fail.
        let seat = reserve(&CHILDREN)?;
        let key = make(self.session()?)?;
        *self.state()?.children.of(key.kind()) += 1;
        let child = &seat.slot.body;
        // SAFETY: the slot has no handle, and the seat is its only owner.
        unsafe { *child.key.get() = Some(key) };
        let database = self.place.map_or(null_mut(), |place| ptr::from_ref(place.database).cast_mut());
        child.parent.store(database, Ordering::Release);
        Ok(pointer_to(seat.issue(key.kind().letter())))
    }

    #[inline]
    fn state(&mut self) -> Result<&mut State, Fault> {
        match self.place {
            // SAFETY: `held` is under its lock, and whoever borrows the state borrows this.
            Some(place) => Ok(unsafe { place.state() }),
            // Which fault does not matter: a refused call answers with its refusal.
            None => Err(Fault::Internal),
        }
    }
}

fn reserve<T: Default>(table: &'static Table<T>) -> Result<Seat<T>, Fault> {
    table.reserve().ok_or(Fault::OutOfMemory("a handle"))
}

/// Runs a call on a database handle.
#[inline]
pub(crate) fn on_database(
    handle: *mut zova_database,
    body: impl FnOnce(&mut Call<'_>) -> Result<(), Fault>,
) -> Result<(), Failure> {
    run(Held::database(handle), body)
}

/// Runs a call on a statement handle.
#[inline]
pub(crate) fn on_statement(
    handle: *mut zova_statement,
    body: impl FnOnce(&mut Call<'_>) -> Result<(), Fault>,
) -> Result<(), Failure> {
    run(Held::child(handle.cast(), Kind::Statement), body)
}

/// Runs a call on an object writer handle.
pub(crate) fn on_writer(
    handle: *mut zova_object_writer,
    body: impl FnOnce(&mut Call<'_>) -> Result<(), Fault>,
) -> Result<(), Failure> {
    run(Held::child(handle.cast(), Kind::ObjectWriter), body)
}

/// Runs a call on an object reader handle.
pub(crate) fn on_reader(
    handle: *mut zova_object_reader,
    body: impl FnOnce(&mut Call<'_>) -> Result<(), Fault>,
) -> Result<(), Failure> {
    run(Held::child(handle.cast(), Kind::ObjectReader), body)
}

#[inline]
fn run(
    entered: Result<Held, Refused>,
    body: impl FnOnce(&mut Call<'_>) -> Result<(), Fault>,
) -> Result<(), Failure> {
    let (held, refused) = match entered {
        Ok(held) if !held.is_poisoned() => (Some(held), None),
        Ok(held) => (None, Some(Refused::poisoned(held))),
        Err(refused @ Refused::Reentered(_)) => (None, Some(refused)),
        Err(refused) => return Err(refused.answer()),
    };
    let outcome = body(&mut Call { place: held.as_ref().map(|held| held.0), held: PhantomData });
    match (held, outcome) {
        (Some(held), Ok(())) => {
            held.succeed();
            Ok(())
        }
        (Some(held), Err(fault)) => Err(held.fail(&fault)),
        // The body's own fault, most likely that there is no session, gives way to the refusal.
        (None, _) => Err(refused.map_or(Failure::MISUSE, Refused::answer)),
    }
}

/// Makes a session and a handle for it.
pub(crate) fn adopt_session(
    make: impl FnOnce() -> Result<Session, Fault>,
) -> Result<*mut zova_database, Fault> {
    learn_threads();
    // First the slot: once a file exists nothing may fail.
    let seat = reserve(&DATABASES)?;
    let session = make()?;
    // Nobody else uses the state, but a thread that comes too late for the slot's last handle may hold the lock
    // for a moment.
    let mut held = Held::lock(Place { database: seat.slot, child: None }, Lock::acquire, || true)
        .map_err(|_| Fault::Misuse(REENTERED))?;
    *held.state() = State { session: Some(session), children: Children::default() };
    held.succeed();
    Ok(pointer_to(seat.issue(DATABASE)))
}

/// Ends a database handle that has no live children; poisoned or not.
pub(crate) fn close(handle: *mut zova_database) -> Result<(), Failure> {
    let mut held = Held::database(handle).map_err(Refused::answer)?;
    let Place { database, .. } = held.0;
    let children = held.state().children;
    if children.any() {
        database.body.diagnostic.record(&children);
        held.release();
        return Err(Failure::MISUSE);
    }
    database.end();
    let session = held.state().session.take();
    database.body.diagnostic.forget();
    held.release();
    DATABASES.release(database);
    if let Some(session) = session {
        session.close();
    }
    Ok(())
}

/// Ends a statement handle; poisoned or not.
pub(crate) fn finalize(handle: *mut zova_statement) -> Result<(), Failure> {
    end(handle.cast(), Kind::Statement)
}

/// Ends an object writer handle; poisoned or not.
pub(crate) fn destroy_writer(handle: *mut zova_object_writer) -> Result<(), Failure> {
    end(handle.cast(), Kind::ObjectWriter)
}

/// Ends an object reader handle; poisoned or not.
pub(crate) fn destroy_reader(handle: *mut zova_object_reader) -> Result<(), Failure> {
    end(handle.cast(), Kind::ObjectReader)
}

fn end(handle: *mut (), kind: Kind) -> Result<(), Failure> {
    let mut held = Held::child(handle, kind).map_err(Refused::answer)?;
    // SAFETY: the lock is held, and the handle was found live under it.
    let key = unsafe { held.0.key() };
    if let Some(slot) = held.0.child {
        slot.end();
        CHILDREN.release(slot);
    }
    let state = held.state();
    *state.children.of(kind) -= 1;
    if let Some(session) = &mut state.session {
        match key {
            Some(Key::Statement(id)) => session.finalize(id),
            Some(Key::ObjectWriter(id)) => session.destroy_writer(id),
            Some(Key::ObjectReader(id)) => session.destroy_reader(id),
            None => {}
        }
    }
    held.succeed();
    Ok(())
}

/// The text of a database's last fault; of no database, a text that says so. Does not wait for a running call.
pub(crate) fn diagnostic(handle: *mut zova_database) -> *const c_char {
    let value = handle.addr() as u64;
    DATABASES
        .find(value)
        .and_then(|database| database.body.diagnostic.read(|| database.is(value)))
        .unwrap_or(NO_DATABASE)
}

/// What reading the diagnostic of a handle that is not live gives.
pub(crate) const NO_DATABASE: *const c_char = c"invalid database handle".as_ptr();

#[cfg(test)]
mod tests;
