//! Writes that an extension puts off until the transaction ends.
//!
//! Many small changes of an extension's tables cost less together than one by one. So an extension may keep what it has
//! to write in memory while a transaction is open, and write it all when the transaction is about to be committed. What
//! is kept follows the transaction: it is forgotten when that is rolled back, and where a savepoint is rolled back,
//! exactly what was added since is forgotten.
//!
//! Entries are kept in the order in which they were added, the written ones first. A savepoint remembers how many there
//! were and how many of them were written: going back to it means having just those again, because SQLite undoes what
//! was written since. Written entries are therefore kept for as long as a savepoint may need them.

use std::ffi::CString;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::context::{Circumstances, ExtensionContext};
use super::error::{ExtensionError, ExtensionResult};
use super::hooks::shielded;
use super::register::{CallContext, in_savepoint};
use crate::error::Status;
use crate::sqlite::{Link, Linked, Participant, PutOff, SqliteError, register_participant, take_part};

/// Bytes of entries that are kept before they are written, unless the writer says otherwise.
const BUDGET: usize = 96 << 20;

/// How writes that were put off are written in the end.
pub trait DeferredWriter: Send + Sync + 'static {
    /// One thing to write.
    type Entry: Send + Sync + 'static;

    /// About how many bytes of memory an entry takes until it has been written.
    fn size(&self, entry: &Self::Entry) -> usize;

    /// How many bytes of entries are put off before they are written although nobody asks: 96 MiB.
    fn budget(&self) -> usize {
        BUDGET
    }

    /// Writes the entries, which were added in this order. Not into virtual tables: SQLite does not allow that while a
    /// transaction is being committed.
    ///
    /// When this fails, all that it did is undone. If the transaction is being committed, it is rolled back, and the
    /// commit fails with the message; `Busy` and `Constraint`, after which a commit can be repeated, become `Locked` and
    /// `SqliteError` then.
    fn write(&self, context: &mut ExtensionContext<'_>, entries: &[Self::Entry]) -> ExtensionResult<()>;
}

/// Writes of an extension on one connection, put off until the transaction ends; see
/// [`RegisterContext::deferred`](crate::RegisterContext::deferred).
pub struct Deferred<W: DeferredWriter>(Arc<Log<W>>);

impl<W: DeferredWriter> Clone for Deferred<W> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<W: DeferredWriter> fmt::Debug for Deferred<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deferred").field("name", &self.0.name).finish_non_exhaustive()
    }
}

impl<W: DeferredWriter> Deferred<W> {
    /// `table` is the name of what takes part in transactions.
    pub(super) fn new(name: &str, table: CString, writer: W) -> Self {
        Self(Arc::new(Log { name: name.to_owned(), table, writer, state: Mutex::default() }))
    }

    /// Makes it take part in the transactions of a connection.
    pub(super) fn register(&self, link: &Link, extension: &str) -> Result<(), SqliteError> {
        register_participant(link, &self.0.table, Arc::clone(&self.0))?;
        link.linked().add_put_off(extension, Arc::clone(&self.0) as _);
        Ok(())
    }

    /// What the extension registered last under this name on the connection, if it has such a writer.
    pub(super) fn find(linked: &Linked, extension: &str, name: &str) -> Option<Self> {
        linked.find_put_off(extension, |log: &Log<W>| log.name == name).map(Self)
    }

    /// Adds an entry: inside a transaction, or a statement that writes, it is written when that is committed; otherwise
    /// at once, and committed. `make` decides on it in the same atomic section.
    ///
    /// Cost: that of `make`; the first of a transaction takes the lock for writing; when the entries fill the memory
    /// set aside for them ([`DeferredWriter::budget`]) they are written.
    ///
    /// # Errors
    ///
    /// Those of `make`, of taking the lock, and of writing.
    pub fn add(
        &self,
        context: &mut CallContext<'_>,
        make: impl FnOnce(&ExtensionContext<'_>) -> ExtensionResult<W::Entry>,
    ) -> ExtensionResult<()> {
        if !self.takes_part(context.linked())? {
            return context.atomically(|context| {
                let entry = make(context)?;
                self.0.writer.write(context, &[entry])
            });
        }
        let entry = make(context)?;
        let size = self.0.writer.size(&entry);
        context.linked().connection().set_put_off(true);
        let is_full = {
            let mut state = self.0.state();
            let Some(entries) = Arc::get_mut(&mut state.entries) else {
                return Err(ExtensionError::new(
                    Status::Misuse,
                    "an entry was added while what was put off is being written",
                ));
            };
            entries.push(entry);
            state.bytes += size;
            state.bytes > self.0.writer.budget()
        };
        if is_full { self.flush(context) } else { Ok(()) }
    }

    /// Writes what was put off, so that the tables can be read.
    ///
    /// # Errors
    ///
    /// Those of writing; what was put off still is then. `Misuse` in the writer itself.
    pub fn flush(&self, context: &ExtensionContext<'_>) -> ExtensionResult<()> {
        self.0.flush(context.linked())
    }

    /// A number that stays the same for as long as nothing the connection did is undone or committed; `None` while
    /// nothing is put off. What an extension saw in the tables under a number is so under the same one, unless it
    /// changed it.
    pub fn epoch(&self) -> Option<u64> {
        let state = self.0.state();
        state.takes_part.then_some(state.epoch)
    }

    /// Whether entries can be put off: until the end of a transaction, or of a statement that writes.
    fn takes_part(&self, linked: &Linked) -> ExtensionResult<bool> {
        if self.0.state().takes_part {
            return Ok(true);
        }
        if linked.connection().is_autocommit() && !linked.connection().is_writing() {
            return Ok(false);
        }
        take_part(linked, &self.0.table)?;
        // Where nothing keeps a transaction open, that was one of its own.
        Ok(self.0.state().takes_part)
    }
}

/// What is put off on one connection.
pub(super) struct Log<W: DeferredWriter> {
    name: String,
    table: CString,
    writer: W,
    state: Mutex<State<W::Entry>>,
}

struct State<E> {
    /// Shared only while they are being written.
    entries: Arc<Vec<E>>,
    /// How many of the entries are in the tables.
    written: usize,
    /// Of the entries that are not.
    bytes: usize,
    /// The open savepoints, outermost first.
    marks: Vec<Mark>,
    takes_part: bool,
    /// Writing failed where it could not be undone by itself: only going back to before helps.
    spoiled: bool,
    epoch: u64,
}

/// How things were when a savepoint began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    number: i32,
    entries: usize,
    written: usize,
    bytes: usize,
    spoiled: bool,
}

impl<E> Default for State<E> {
    fn default() -> Self {
        Self {
            entries: Arc::default(),
            written: 0,
            bytes: 0,
            marks: Vec::new(),
            takes_part: false,
            spoiled: false,
            epoch: 0,
        }
    }
}

impl<E> State<E> {
    /// As at the beginning of a transaction, and after its end.
    fn start(&mut self, takes_part: bool) {
        *self = Self { takes_part, epoch: self.epoch + 1, ..Self::default() };
    }

    /// Everything is in the tables now.
    fn set_written(&mut self, count: usize) {
        (self.written, self.bytes) = (count, 0);
        self.forget();
    }

    /// Forgets written entries that no savepoint needs.
    fn forget(&mut self) {
        let needed =
            self.written < self.entries.len() || self.marks.iter().any(|mark| mark.written < mark.entries);
        if !needed && !self.entries.is_empty() {
            self.entries = Arc::default();
            self.written = 0;
            for mark in &mut self.marks {
                (mark.entries, mark.written) = (0, 0);
            }
        }
    }

    fn release(&mut self, number: i32) {
        self.marks.retain(|mark| mark.number < number);
        self.forget();
    }

    fn savepoint(&mut self, number: i32) {
        self.marks.retain(|mark| mark.number < number);
        let (entries, written) = (self.entries.len(), self.written);
        self.marks.push(Mark { number, entries, written, bytes: self.bytes, spoiled: self.spoiled });
    }

    fn rollback_to(&mut self, number: i32) {
        self.epoch += 1;
        let mark = self.marks.iter().find(|mark| mark.number == number).copied();
        self.marks.retain(|mark| mark.number <= number);
        // A savepoint that began before anything was put off.
        let mark = mark.unwrap_or(Mark { number, entries: 0, written: 0, bytes: 0, spoiled: false });
        (self.written, self.bytes, self.spoiled) = (mark.written, mark.bytes, mark.spoiled);
        if mark.entries < self.entries.len() {
            match Arc::get_mut(&mut self.entries) {
                Some(entries) => entries.truncate(mark.entries),
                // They are being written by what is rolled back here: that must fail, too.
                None => self.spoiled = true,
            }
        }
    }
}

impl<W: DeferredWriter> Log<W> {
    fn state(&self) -> MutexGuard<'_, State<W::Entry>> {
        // No code of an extension but `size` runs under the lock, and that changes nothing.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what is not yet written, and undoes what it wrote when it fails.
    fn flush(&self, linked: &Linked) -> ExtensionResult<()> {
        {
            let mut state = self.state();
            if state.spoiled {
                return Err(spoiled());
            }
            if Arc::get_mut(&mut state.entries).is_none() {
                return Err(ExtensionError::new(Status::Misuse, "what was put off is being written"));
            }
            if state.written == state.entries.len() {
                return Ok(());
            }
        }
        in_savepoint(linked, || self.write(linked, Circumstances::default()))
    }

    fn write(&self, linked: &Linked, circumstances: Circumstances) -> ExtensionResult<()> {
        let (entries, written) = {
            let state = self.state();
            (Arc::clone(&state.entries), state.written)
        };
        let outcome =
            self.writer.write(&mut ExtensionContext::new(linked, circumstances), &entries[written..]);
        let mut state = self.state();
        let count = entries.len();
        drop(entries);
        match outcome {
            // A statement may have ended the transaction.
            Ok(()) if !state.takes_part => Err(spoiled()),
            Ok(()) => {
                state.set_written(count);
                Ok(())
            }
            Err(error) => {
                // Unless a savepoint is rolled back now, which takes this back, some of it is in the tables. With the
                // transaction all of it is gone.
                state.spoiled = state.takes_part;
                Err(error)
            }
        }
    }
}

#[cold]
fn spoiled() -> ExtensionError {
    ExtensionError::new(
        Status::SqliteError,
        "an earlier failure left changes half written: roll the transaction back",
    )
}

impl<W: DeferredWriter> PutOff for Log<W> {
    fn write_now(&self, linked: &Linked) -> Result<(), SqliteError> {
        shielded(linked, || self.flush(linked)).map_err(ExtensionError::into_sql)
    }

    fn skip(&self) {
        let mut state = self.state();
        let count = state.entries.len();
        state.set_written(count);
    }
}

impl<W: DeferredWriter> Participant for Arc<Log<W>> {
    fn begin(&self) {
        self.state().start(true);
    }

    fn sync(&self, linked: &Linked) -> Result<(), SqliteError> {
        let (is_spoiled, is_written) = {
            let state = self.state();
            (state.spoiled, state.written == state.entries.len())
        };
        let circumstances = Circumstances { committing: true, ..Circumstances::default() };
        let outcome = match (is_spoiled, is_written) {
            (true, _) => Err(spoiled()),
            (false, true) => return Ok(()),
            (false, false) => shielded(linked, || self.write(linked, circumstances)),
        };
        outcome.map_err(|error| {
            let mut error = ExtensionError::into_sql(error);
            // A commit that is answered like this is tried again. This one cannot be: SQLite rolls it back.
            let instead = [(Status::Busy, Status::Locked), (Status::Constraint, Status::SqliteError)];
            let found = instead.iter().find(|(status, _)| error.primary() == SqliteError::code_of(*status));
            if let Some((_, status)) = found {
                error.code = SqliteError::code_of(*status);
            }
            error
        })
    }

    fn end(&self) {
        self.state().start(false);
    }

    fn savepoint(&self, number: i32) {
        self.state().savepoint(number);
    }

    fn release(&self, number: i32) {
        self.state().release(number);
    }

    fn rollback_to(&self, number: i32) {
        self.state().rollback_to(number);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What SQLite does to savepoints and tables, beside the state under test.
    #[derive(Default)]
    struct Model {
        state: State<u32>,
        /// The entries in the tables.
        table: Vec<u32>,
        /// All entries that count.
        all: Vec<u32>,
        savepoints: Vec<(Vec<u32>, Vec<u32>)>,
    }

    impl Model {
        fn step(&mut self, step: u8, number: u32) {
            let depth = self.savepoints.len();
            match step {
                0..=3 => {
                    self.all.push(number);
                    Arc::get_mut(&mut self.state.entries).unwrap().push(number);
                    self.state.bytes += 1;
                }
                4 => {
                    let entries = Arc::clone(&self.state.entries);
                    self.table.extend(&entries[self.state.written..]);
                    drop(entries);
                    self.state.set_written(self.state.entries.len());
                }
                5 => {
                    self.state.savepoint(depth as i32);
                    self.savepoints.push((self.table.clone(), self.all.clone()));
                }
                6 if depth > 0 => {
                    let to = number as usize % depth;
                    self.state.release(to as i32);
                    self.savepoints.truncate(to);
                }
                7 if depth > 0 => {
                    let to = number as usize % depth;
                    self.state.rollback_to(to as i32);
                    self.savepoints.truncate(to + 1);
                    (self.table, self.all) = self.savepoints[to].clone();
                }
                _ => {}
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_put_off_and_what_is_written_are_together_what_counts(
            steps in proptest::collection::vec((0_u8..8, 0_u32..1000), 0..60)
        ) {
            let mut model = Model::default();
            for (step, number) in steps {
                model.step(step, number);
                let pending = &model.state.entries[model.state.written..];
                prop_assert_eq!(&[&model.table[..], pending].concat(), &model.all);
                prop_assert_eq!(model.state.bytes, pending.len());
                if model.savepoints.is_empty() && pending.is_empty() {
                    prop_assert!(model.state.entries.is_empty());
                }
            }
        }
    }

    #[test]
    fn going_back_to_a_savepoint_from_before_forgets_everything() {
        let mut state = State::default();
        state.savepoint(2);
        Arc::get_mut(&mut state.entries).unwrap().push(1);
        state.set_written(1);
        state.spoiled = true;
        state.rollback_to(0);
        assert!(state.entries.is_empty() && !state.spoiled && state.marks.is_empty());
        assert_eq!((state.written, state.bytes, state.epoch), (0, 0, 1));
    }
}
