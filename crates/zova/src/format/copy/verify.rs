//! What a copy must pass before it gets its name.

use std::ffi::{CStr, CString};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::Duration;

use super::meter::Meter;
use super::{Copy, Job};
use crate::error::{Fault, Status};
use crate::extension::{Code, Expectation};
use crate::format::open::open_as;
use crate::options::OpenOptions;
use crate::session::{Session, Storage};
use crate::sqlite::{Connection, OpenMode, Prepared, Sql, SqlText, SqliteError, StopWhen};
use crate::{object, vector};

const ACTION: &str = "verify the copy";
const TABLES: Sql =
    Sql("select 'pragma main.quick_check(' || quote(name) || ')' from $.sqlite_schema where type = 'table'");

/// Time between two reports while nothing is counted.
const TICK: Duration = Duration::from_millis(50);

/// How much of a copy is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// The structure, as far as this process knows the functions and collations that the schema needs.
    KnownStructure,
    /// The structure, and every object, chunk and vector.
    Content,
}

/// How many objects, chunks and vectors there are to verify.
pub(super) fn count_items(storage: Storage<'_>) -> Result<u64, Fault> {
    Ok(object::count_stored(storage)? + vector::count_stored(storage)?)
}

impl Copy<'_> {
    /// Opens the unfinished file for reading, through the checks of every open, and verifies what it holds. The disk,
    /// which takes its time, gets the file meanwhile.
    pub(super) fn verify(&mut self, depth: Depth) -> Result<(), Fault> {
        let Self { job, file, meter } = self;
        let file = &*file;
        std::thread::scope(|scope| {
            // Without a thread for it, publishing the file does all of this.
            let syncing = std::thread::Builder::new().spawn_scoped(scope, || file.sync()).ok();
            let verified = job.verify(file.temporary_path(), depth, meter);
            match syncing.map(std::thread::ScopedJoinHandle::join) {
                // A failure to write is told once; publishing would not hear of it.
                Some(Ok(synced)) => verified.and(synced),
                Some(Err(_)) => Err(Fault::Internal),
                None => verified,
            }
        })
    }
}

impl Job<'_> {
    /// Verifies the unfinished file: the structure and the chunks on threads of their own, the objects and vectors on this
    /// one. Where several find damage, the structure's finding counts most, then that of objects, chunks and vectors.
    fn verify(&self, path: &Path, depth: Depth, meter: &mut Meter<'_>) -> Result<(), Fault> {
        let session = self.open(path, self.when.clone())?;
        let cancelled = StopWhen::default();
        let chunks_done = AtomicU64::new(0);
        let structure = || self.check_structure(path, depth, cancelled.clone());
        let chunks = || match depth {
            Depth::KnownStructure => Ok(()),
            Depth::Content => self.verify_chunks(path, cancelled.clone(), &chunks_done),
        };
        let outcome = std::thread::scope(|scope| {
            let structure = Beside::start(scope, &structure);
            let chunks = Beside::start(scope, &chunks);
            let before = meter.done();
            let counted = |done, meter: &mut Meter<'_>| {
                meter.advance(before + done + chunks_done.load(Ordering::Relaxed))
            };
            let (mut objects, mut vectors, mut items) = (Ok(()), Ok(()), 0);
            if depth == Depth::Content {
                let storage = session.storage();
                objects = object::verify_objects(storage, &mut |done| {
                    items = done;
                    counted(done, meter)
                });
                if objects.is_ok() {
                    vectors = vector::verify_all(storage, &mut |done| counted(items + done, meter));
                }
            }
            let stopped = |outcome: &Result<(), Fault>| {
                outcome.as_ref().is_err_and(|fault| fault.status() == Status::Interrupted)
            };
            if stopped(&objects) || stopped(&vectors) {
                cancelled.asked.interrupt();
                return objects.and(vectors);
            }
            let mut tick = || {
                let ticked = counted(items, meter).and_then(|()| meter.tick());
                ticked.inspect_err(|_| cancelled.asked.interrupt())
            };
            let structure = structure.outcome(&mut tick)?;
            let chunks = chunks.outcome(&mut tick)?;
            structure.and(objects).and(chunks).and(vectors)
        });
        session.close();
        outcome
    }

    /// Verifies the chunks, counting them.
    fn verify_chunks(&self, path: &Path, when: StopWhen, done: &AtomicU64) -> Result<(), Fault> {
        let session = self.open(path, when)?;
        let storage = session.storage();
        let outcome = object::verify_chunks(storage, &mut || {
            done.fetch_add(1, Ordering::Relaxed);
            storage.connection().go_on().map_err(|error| Fault::Native { action: ACTION, error })
        });
        session.close();
        outcome
    }

    /// The one place where a copy is opened as a database.
    fn open(&self, path: &Path, when: StopWhen) -> Result<Session, Fault> {
        let options = OpenOptions { read_only: true, busy_timeout_ms: 0 };
        let connection = open_as(path, self.destination, options, when)?;
        let (code, expectation) = &self.extensions;
        Session::with_connection(self.destination, connection, Code::clone(code), *expectation)
    }

    /// The check that SQLite has for whole files.
    fn check_structure(&self, path: &Path, depth: Depth, when: StopWhen) -> Result<(), Fault> {
        let failed = |error| Fault::Native { action: ACTION, error };
        let connection = Connection::open_stoppable(path, OpenMode::ReadOnly, when).map_err(failed)?;
        // With the SQL of Zova's own and of the extensions, which a schema may need.
        let expectation = match self.extensions.1 {
            Expectation::Usable => Expectation::Repairable,
            other => other,
        };
        let code = Code::clone(&self.extensions.0);
        let session = Session::with_connection(self.destination, connection, code, expectation)?;
        let outcome = quick_check(&session, c"pragma main.quick_check(1)");
        let finding = match outcome {
            Err(error) if depth == Depth::KnownStructure && error.means_not_a_database() => {
                check_known_tables(&session)
            }
            outcome => outcome,
        };
        session.close();
        match finding.map_err(failed)? {
            None => Ok(()),
            Some(finding) => Err(Fault::DamagedCopy { path: self.destination.to_owned(), finding }),
        }
    }
}

/// Work that another thread does, or this one in the end if there was no thread to be had.
///
/// A scope ends when its threads have done their work, and leaves their end to the system. A program may fork next, so
/// each thread is joined.
enum Beside<'s, 'w> {
    There { outcome: Receiver<Result<(), Fault>>, thread: Option<ScopedJoinHandle<'s, ()>> },
    Here(&'w (dyn Fn() -> Result<(), Fault> + Sync)),
}

impl<'s, 'w: 's> Beside<'s, 'w> {
    fn start(scope: &'s Scope<'s, '_>, work: &'w (dyn Fn() -> Result<(), Fault> + Sync)) -> Self {
        let (sender, outcome) = channel();
        match std::thread::Builder::new().spawn_scoped(scope, move || drop(sender.send(work()))) {
            Ok(thread) => Self::There { outcome, thread: Some(thread) },
            Err(_) => Self::Here(work),
        }
    }

    /// Waits for the work to end. `tick` is called from time to time and may end the waiting.
    fn outcome(&self, tick: &mut dyn FnMut() -> Result<(), Fault>) -> Result<Result<(), Fault>, Fault> {
        match self {
            Self::Here(work) => Ok(work()),
            Self::There { outcome, .. } => loop {
                match outcome.recv_timeout(TICK) {
                    Ok(outcome) => return Ok(outcome),
                    // It panicked.
                    Err(RecvTimeoutError::Disconnected) => return Err(Fault::Internal),
                    Err(RecvTimeoutError::Timeout) => tick()?,
                }
            },
        }
    }
}

impl Drop for Beside<'_, '_> {
    fn drop(&mut self) {
        if let Self::There { thread, .. } = self
            && let Some(thread) = thread.take()
        {
            // What it found, a panic included, was received or is not wanted.
            let _ = thread.join();
        }
    }
}

/// Each table that can be checked with the functions and collations there are.
fn check_known_tables(session: &Session) -> Result<Option<String>, SqliteError> {
    let mut tables = session.storage().query(TABLES, &[])?;
    while tables.step()? {
        let sql = tables.text(0)?.unwrap_or_default();
        let Ok(sql) = CString::new(sql) else { continue };
        match quick_check(session, &sql) {
            Ok(None) => {}
            Err(error) if error.means_not_a_database() => {}
            found => return found,
        }
    }
    Ok(None)
}

/// The first thing that is wrong.
fn quick_check(session: &Session, sql: &CStr) -> Result<Option<String>, SqliteError> {
    let connection = session.storage().connection();
    let (mut check, _) = Prepared::new(connection, SqlText::new(sql))?;
    let mut finding = Some("it gives no result".to_owned());
    while check.step(connection)? {
        let row = check.column_text(0)?.unwrap_or_default();
        finding = (row != b"ok").then(|| String::from_utf8_lossy(row).into_owned());
        if finding.is_some() {
            break;
        }
    }
    Ok(finding)
}
