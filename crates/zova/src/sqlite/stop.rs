//! How the work of a connection is stopped: by an interrupt from any thread, or when the call's time is up.
//!
//! SQLite asks its progress handler every few hundred instructions of a statement, and Zova's own loops ask
//! [`Connection::go_on`]. `sqlite3_interrupt` is not used. It stops every statement that is in the middle of its
//! results and every one that is started before all of those have ended, so with a cursor of the application open not
//! even the rollback of the stopped call would run; and it needs the connection to be open, which another thread cannot
//! know.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use rusqlite::ffi;

use super::connection::Connection;
use super::error::SqliteError;
use crate::interrupt::InterruptHandle;

/// Instructions of a statement between two questions: some ten microseconds.
const INSTRUCTIONS: c_int = 500;

/// What stops the work of a connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct StopWhen {
    /// An interrupt of the call.
    pub(crate) asked: InterruptHandle,
    /// The end of the call's time.
    pub(crate) deadline: Option<Instant>,
}

impl StopWhen {
    /// Stops this many milliseconds from now; never for 0.
    pub(crate) fn within(milliseconds: u32) -> Self {
        let time = Duration::from_millis(milliseconds.into());
        Self {
            asked: InterruptHandle::default(),
            deadline: (milliseconds != 0).then(|| Instant::now() + time),
        }
    }

    /// True once it is time to stop.
    #[inline]
    pub(crate) fn has_come(&self) -> bool {
        self.asked.is_asked() || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

/// How far a connection may be disturbed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Quiet {
    /// Statements and loops stop.
    No,
    /// Loops stop, statements run to their end.
    Statements,
    /// Nothing stops.
    Everything,
}

/// A function that is called while a statement runs and says whether it shall go on.
type Meter<'m> = dyn FnMut() -> bool + 'm;

/// What a connection's progress handler looks at. Its address is known to SQLite.
pub(super) struct Stops {
    asked: InterruptHandle,
    deadline: Cell<Option<Instant>>,
    quiet: Cell<Quiet>,
    meter: Cell<Option<NonNull<Meter<'static>>>>,
}

impl Stops {
    pub(super) fn new(when: StopWhen) -> Box<Self> {
        let deadline = Cell::new(when.deadline);
        Box::new(Self { asked: when.asked, deadline, quiet: Cell::new(Quiet::No), meter: Cell::new(None) })
    }

    /// Called on the content of the box that the connection keeps.
    pub(super) fn install(&self, db: *mut ffi::sqlite3) {
        let stops: *const Self = self;
        // SAFETY: the connection is open, and it is closed before the box is dropped.
        unsafe { ffi::sqlite3_progress_handler(db, INSTRUCTIONS, Some(ask), stops.cast_mut().cast()) };
    }

    #[inline]
    fn has_come(&self) -> bool {
        self.asked.is_asked() || self.deadline.get().is_some_and(|deadline| Instant::now() >= deadline)
    }
}

/// SQLite's question whether to stop the statement; not 0 for yes. It does not use the connection.
unsafe extern "C" fn ask(stops: *mut c_void) -> c_int {
    // SAFETY: `install` passed the box's content, which outlives the connection.
    let stops = unsafe { &*stops.cast_const().cast::<Stops>() };
    if stops.quiet.get() != Quiet::No {
        return 0;
    }
    if stops.has_come() {
        return 1;
    }
    match stops.meter.get() {
        // SAFETY: `metered` set it for the time of a call that is in progress, and lends it to nobody else.
        Some(mut meter) => c_int::from(!unsafe { meter.as_mut() }()),
        None => 0,
    }
}

/// Undoes [`Connection::quietly`] and its like when it is dropped.
struct Restored<'c> {
    quiet: &'c Cell<Quiet>,
    before: Quiet,
}

impl<'c> Restored<'c> {
    fn raise(quiet: &'c Cell<Quiet>, to: Quiet) -> Self {
        let before = quiet.get();
        quiet.set(before.max(to));
        Self { quiet, before }
    }
}

impl Drop for Restored<'_> {
    fn drop(&mut self) {
        self.quiet.set(self.before);
    }
}

impl Connection {
    /// The handle that stops what runs on this connection.
    pub(crate) fn interrupt_handle(&self) -> &InterruptHandle {
        &self.stops.asked
    }

    /// When this connection's call stops, for other connections that work for it.
    pub(crate) fn stop_when(&self) -> StopWhen {
        StopWhen { asked: self.stops.asked.clone(), deadline: self.stops.deadline.get() }
    }

    /// Sets when the time of the call that begins now is up.
    pub(crate) fn set_deadline(&self, deadline: Option<Instant>) {
        self.stops.deadline.set(deadline);
    }

    /// The question every loop of Zova's own asks: an error once the call is to stop.
    #[inline]
    pub(crate) fn go_on(&self) -> Result<(), SqliteError> {
        if self.is_stopped() { Err(SqliteError::interrupted()) } else { Ok(()) }
    }

    /// True once the call is to stop.
    #[inline]
    pub(crate) fn is_stopped(&self) -> bool {
        self.stops.has_come() && self.stops.quiet.get() != Quiet::Everything
    }

    /// Runs changes inside the caller's transaction. Statements run to their end, because SQLite rolls the whole
    /// transaction back when it stops one that writes; between them the work can be stopped.
    pub(crate) fn quietly<R>(&self, work: impl FnOnce() -> R) -> R {
        let _restored = Restored::raise(&self.stops.quiet, Quiet::Statements);
        work()
    }

    /// Runs what must not be stopped: undoing what was.
    pub(crate) fn undisturbed<R>(&self, work: impl FnOnce() -> R) -> R {
        let _restored = Restored::raise(&self.stops.quiet, Quiet::Everything);
        work()
    }

    /// Runs statements while `meter` is asked from time to time whether they shall go on. It must not use the
    /// connection. A panic in it stops the statement and goes on behind it.
    pub(crate) fn metered<R>(&self, mut meter: impl FnMut() -> bool, work: impl FnOnce() -> R) -> R {
        let mut panic = None;
        let mut caught = || {
            catch_unwind(AssertUnwindSafe(&mut meter)).unwrap_or_else(|payload| {
                panic = Some(payload);
                false
            })
        };
        let lent: NonNull<Meter<'_>> = NonNull::from(&mut caught as &mut Meter<'_>);
        // SAFETY: only the lifetime changes. The pointer is taken back before `caught` ends, whether `work` returns or
        // panics.
        let lent: NonNull<Meter<'static>> = unsafe { std::mem::transmute(lent) };
        let before = self.stops.meter.replace(Some(lent));
        let outcome = catch_unwind(AssertUnwindSafe(work));
        self.stops.meter.set(before);
        if let Some(payload) = panic {
            resume_unwind(payload);
        }
        outcome.unwrap_or_else(|payload| resume_unwind(payload))
    }
}
