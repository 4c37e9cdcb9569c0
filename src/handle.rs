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
//! **Subscriptions.** Receiving does not take the connection lock, so that it never waits for a call that runs. What
//! a receiver needs has a lock of its own in the child's slot ([`Child::listener`]), and ending the subscription needs
//! both.
//!
//! This is the only module with interior mutability of its own: [`Database::state`] is touched under the lock only,
//! [`Child::key`] is written before a handle is issued and read under the lock while it is live.

mod call;
mod diagnostic;
mod interrupt;
mod lock;
mod receiving;
mod registry;
mod table;

use std::cell::UnsafeCell;
use std::ffi::c_char;
use std::fmt;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use parking_lot::Mutex;
use zova::engine::{Fault, Listener, ReaderId, Session, StatementId, WriterId};

use crate::database::zova_database;
use crate::event::zova_subscription;
use crate::guard::Failure;
use crate::reader::zova_object_reader;
use crate::statement::zova_statement;
use crate::writer::zova_object_writer;
pub(crate) use call::Call;
use call::Work;
use diagnostic::Diagnostic;
use interrupt::Interrupt;
use lock::{Lock, is_only_thread, learn_threads};
pub(crate) use receiving::on_subscription;
pub(crate) use registry::{adopt_registry, free_registry, on_registry, require_registry};
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
    #[inline]
    const fn letter(self) -> u8 {
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
    /// Known by its listener, see [`Child::listener`].
    Subscription,
}

impl Key {
    fn kind(self) -> Kind {
        match self {
            Self::Statement(_) => Kind::Statement,
            Self::ObjectWriter(_) => Kind::ObjectWriter,
            Self::ObjectReader(_) => Kind::ObjectReader,
            Self::Subscription => Kind::Subscription,
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
    interrupt: Interrupt,
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
    /// Present while the handle is a live subscription. Boxed, so that a slot stays within 64 bytes.
    listener: Mutex<Option<Box<Listener>>>,
}

const _: () = assert!(size_of::<Slot<Child>>() == 64);

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

/// Takes a lock, waiting for other threads; `false` when this very thread holds it.
fn acquire(lock: &Lock) -> bool {
    if is_only_thread() { lock.acquire_alone() } else { lock.acquire() }
}

impl Held {
    // Almost every call finds a live handle and a free lock. That way in is a small function that needs no stack,
    // and not inlined, because calls are short and copies of it in every function of the header would crowd SQLite's
    // code out of the instruction cache. Whatever stands in the way, a second attempt deals with it.

    #[inline]
    fn database(handle: *mut zova_database) -> Result<Self, Refused> {
        let value = handle.addr() as u64;
        Self::try_database(value).map_or_else(|| Self::wait_database(value), Ok)
    }

    #[inline]
    fn child(handle: *mut (), kind: Kind) -> Result<Self, Refused> {
        let (value, letter) = (handle.addr() as u64, kind.letter());
        Self::try_child(value, letter).map_or_else(|| Self::wait_child(value, letter), Ok)
    }

    #[inline(never)]
    fn try_database(value: u64) -> Option<Self> {
        if is_only_thread() {
            Self::enter_database(value, Lock::acquire_alone).ok()
        } else {
            Self::try_shared_database(value)
        }
    }

    #[inline(never)]
    fn try_child(value: u64, letter: u8) -> Option<Self> {
        if is_only_thread() {
            Self::enter_child(value, letter, Lock::acquire_alone).ok()
        } else {
            Self::try_shared_child(value, letter)
        }
    }

    #[inline(never)]
    fn try_shared_database(value: u64) -> Option<Self> {
        Self::enter_database(value, Lock::try_acquire).ok()
    }

    #[inline(never)]
    fn try_shared_child(value: u64, letter: u8) -> Option<Self> {
        Self::enter_child(value, letter, Lock::try_acquire).ok()
    }

    #[cold]
    #[inline(never)]
    fn wait_database(value: u64) -> Result<Self, Refused> {
        if value == 0 { Err(Refused::Null) } else { Self::enter_database(value, acquire) }
    }

    #[cold]
    #[inline(never)]
    fn wait_child(value: u64, letter: u8) -> Result<Self, Refused> {
        if value == 0 { Err(Refused::Null) } else { Self::enter_child(value, letter, acquire) }
    }

    #[inline(always)]
    fn enter_database(value: u64, acquire: fn(&Lock) -> bool) -> Result<Self, Refused> {
        let database = DATABASES.find(value).ok_or(Refused::NotLive)?;
        Self::lock(Place { database, child: None }, acquire, || database.is(value))
    }

    #[inline(always)]
    fn enter_child(value: u64, letter: u8, acquire: fn(&Lock) -> bool) -> Result<Self, Refused> {
        if kind_of(value) != letter {
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

    /// What the call works on; `None` if the database is poisoned.
    #[inline]
    fn work<'w>(&self) -> Option<Work<'w>> {
        // SAFETY: under the lock; `run`, the only caller, uses nothing of this after it gave up the lock, and does
        // not use the state in any other way.
        match unsafe { self.0.state() } {
            State { session: Some(session), children } if !session.is_poisoned() => {
                Some(Work { session, children, place: self.0 })
            }
            _ => None,
        }
    }

    /// The call failed.
    #[cold]
    fn fail(mut self, fault: &Fault) -> Failure {
        if let Some(session) = &mut self.state().session {
            session.after_failure();
        }
        self.0.database.body.diagnostic.record(fault);
        self.release();
        Failure::from(fault)
    }

    /// The call succeeded.
    #[inline]
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
        self.0.database.body.interrupt.poison();
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

fn pointer_to<H>(value: u64) -> *mut H {
    ptr::without_provenance_mut(value as usize)
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
    let (held, work, refused) = match entered {
        Ok(held) => match held.work() {
            Some(work) => (Some(held), Some(work), Refused::NotLive),
            None => (None, None, Refused::poisoned(held)),
        },
        Err(refused @ Refused::Reentered(_)) => (None, None, refused),
        Err(refused) => return Err(refused.answer()),
    };
    let outcome = body(&mut Call { work });
    match (outcome, held) {
        (Ok(()), Some(held)) => {
            held.succeed();
            Ok(())
        }
        (Err(fault), Some(held)) => Err(held.fail(&fault)),
        // The body's own fault, most likely that there is no session, gives way to the refusal.
        (_, None) => Err(refused.answer()),
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
    let mut held = Held::lock(Place { database: seat.slot, child: None }, acquire, || true)
        .map_err(|_| Fault::Misuse(REENTERED))?;
    seat.slot.body.interrupt.open(session.interrupt_handle().clone());
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
    database.body.interrupt.close();
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

/// Ends a subscription handle; poisoned or not. Who waits on it is woken.
pub(crate) fn close_subscription(handle: *mut zova_subscription) -> Result<(), Failure> {
    end(handle.cast(), Kind::Subscription)
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
        drop(slot.body.listener.lock().take());
        CHILDREN.release(slot);
    }
    let state = held.state();
    *state.children.of(kind) -= 1;
    if let Some(session) = &mut state.session {
        match key {
            Some(Key::Statement(id)) => session.finalize(id),
            Some(Key::ObjectWriter(id)) => session.destroy_writer(id),
            Some(Key::ObjectReader(id)) => session.destroy_reader(id),
            Some(Key::Subscription) | None => {}
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

/// Stops the call that is running on a database; does not wait for it.
pub(crate) fn interrupt(handle: *mut zova_database) -> Result<(), Failure> {
    let value = handle.addr() as u64;
    match DATABASES.find(value) {
        Some(database) => database.body.interrupt.ask(|| database.is(value)),
        None if value == 0 => Err(Refused::Null.answer()),
        None => Err(Refused::NotLive.answer()),
    }
}

/// What reading the diagnostic of a handle that is not live gives.
pub(crate) const NO_DATABASE: *const c_char = c"invalid database handle".as_ptr();

#[cfg(test)]
mod tests;
