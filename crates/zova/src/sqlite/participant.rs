//! Taking part in the transactions of a connection.
//!
//! SQLite tells about the end of every transaction, and about every savepoint in it, to the virtual tables that were
//! written to in it (<https://sqlite.org/vtab.html#the_xbegin_method>). So somebody who has to hear of these registers
//! a table that cannot be read and takes part by "inserting" into it: whatever ends the transaction, a statement of the
//! application, SQLite itself on a full disk, or the close of the connection, it is told.

use std::any::Any;
use std::ffi::{CStr, CString, c_char, c_int, c_void};

use rusqlite::ffi;

use super::error::SqliteError;
use super::guard::{closing, guarded, release_box};
use super::link::{Link, LinkRef, Linked};
use super::statement::quoted;
use super::vtab::module::{BASE, EMPTY, answer, connected, create_module, declare, disconnect};

/// Somebody who takes part in transactions. Savepoints have numbers that grow inwards.
pub(crate) trait Participant: 'static {
    /// It takes part from now on.
    fn begin(&self);
    /// The transaction is about to be committed. An error rolls it back instead.
    fn sync(&self, linked: &Linked) -> Result<(), SqliteError>;
    /// The transaction is over, committed or rolled back.
    fn end(&self);
    /// A savepoint begins. For those begun before, of which there may be some, only the outermost number is told.
    fn savepoint(&self, number: i32);
    /// This savepoint and those inside it have ended.
    fn release(&self, number: i32);
    /// All is as it was when this savepoint began, which goes on; those inside it have ended.
    fn rollback_to(&self, number: i32);
}

/// Work on the tables that was put off, whatever it is.
pub(crate) trait PutOff: Any {
    /// Does it now.
    fn write_now(&self, linked: &Linked) -> Result<(), SqliteError>;
    /// Takes it for done: the tables are dropped.
    fn skip(&self);
}

struct Registered<P> {
    name: CString,
    participant: P,
    link: LinkRef,
}

/// Makes a participant known to the connection under a name that no table has.
pub(crate) fn register_participant<P: Participant>(
    link: &Link,
    name: &CStr,
    participant: P,
) -> Result<(), SqliteError> {
    let registered = Box::new(Registered { name: name.to_owned(), participant, link: link.reference() });
    let data = Box::into_raw(registered).cast();
    // SAFETY: the callbacks take the box, which `release_box` drops.
    unsafe {
        create_module(
            link.linked().connection(),
            name,
            Table::<P>::MODULE,
            data,
            Some(release_box::<Registered<P>>),
        )
    }
}

/// Makes the participant of this name take part in the transaction that is open, which becomes one that writes.
pub(crate) fn take_part(linked: &Linked, name: &CStr) -> Result<(), SqliteError> {
    let sql = format!("insert into main.{} values (null)", quoted(&name.to_string_lossy()));
    let mut statement = linked.texts().prepare(linked.connection(), &sql, || Ok::<_, SqliteError>(()))?;
    while statement.step()? {}
    Ok(())
}

/// The table as SQLite sees it.
#[repr(C)]
struct Table<P: Participant> {
    base: ffi::sqlite3_vtab,
    registered: *const Registered<P>,
}

impl<P: Participant> Table<P> {
    const MODULE: &'static ffi::sqlite3_module = &ffi::sqlite3_module {
        xConnect: Some(connect::<P>),
        xBestIndex: Some(best_index),
        xDisconnect: Some(disconnect::<Self>),
        xUpdate: Some(update),
        xBegin: Some(begin::<P>),
        xSync: Some(sync::<P>),
        xCommit: Some(end::<P>),
        xRollback: Some(end::<P>),
        xSavepoint: Some(savepoint::<P>),
        xRelease: Some(release::<P>),
        xRollbackTo: Some(rollback_to::<P>),
        ..EMPTY
    };
}

unsafe extern "C" fn connect<P: Participant>(
    db: *mut ffi::sqlite3,
    registered: *mut c_void,
    _argc: c_int,
    _argv: *const *const c_char,
    table: *mut *mut ffi::sqlite3_vtab,
    error: *mut *mut c_char,
) -> c_int {
    // SAFETY: SQLite passes the box that `register_participant` made, which it holds.
    let known = unsafe { &*registered.cast_const().cast::<Registered<P>>() };
    let outcome = guarded(&known.name, || {
        // SAFETY: called in xConnect; this option takes no argument.
        unsafe { declare(db, c"create table x(entry)", Some(ffi::SQLITE_VTAB_DIRECTONLY)) }?;
        Ok(Table::<P> { base: BASE, registered: known })
    });
    // SAFETY: the table begins with SQLite's, and the places are those of this call.
    unsafe { connected(outcome, table, error) }
}

/// Runs what a callback is for.
///
/// # Safety
///
/// `table` is what `connect` gave SQLite, which still holds it.
unsafe fn on_table<P: Participant>(
    table: *mut ffi::sqlite3_vtab,
    body: impl FnOnce(&Registered<P>) -> Result<(), SqliteError>,
) -> c_int {
    // SAFETY: as the caller says; SQLite keeps the module's box for longer than any table made from it.
    let registered = unsafe { &*(*table.cast::<Table<P>>()).registered };
    let outcome = guarded(&registered.name, || body(registered));
    // SAFETY: SQLite holds the table.
    unsafe { answer(table, outcome) }
}

/// Runs what a callback is for that cannot fail.
///
/// # Safety
///
/// As for [`on_table`].
unsafe fn tell<P: Participant>(table: *mut ffi::sqlite3_vtab, what: impl FnOnce(&P)) -> c_int {
    let body = |registered: &Registered<P>| {
        what(&registered.participant);
        Ok(())
    };
    // SAFETY: as the caller says.
    unsafe { on_table(table, body) }
}

unsafe extern "C" fn begin<P: Participant>(table: *mut ffi::sqlite3_vtab) -> c_int {
    // SAFETY: SQLite passes a table of this module, here and below.
    unsafe { tell(table, P::begin) }
}

unsafe extern "C" fn sync<P: Participant>(table: *mut ffi::sqlite3_vtab) -> c_int {
    let body = |registered: &Registered<P>| {
        let linked = registered.link.get().ok_or_else(closing)?;
        registered.participant.sync(&linked)
    };
    // SAFETY: as above.
    unsafe { on_table(table, body) }
}

unsafe extern "C" fn end<P: Participant>(table: *mut ffi::sqlite3_vtab) -> c_int {
    // SAFETY: as above.
    unsafe { tell(table, P::end) }
}

unsafe extern "C" fn savepoint<P: Participant>(table: *mut ffi::sqlite3_vtab, number: c_int) -> c_int {
    // SAFETY: as above.
    unsafe { tell(table, |participant: &P| participant.savepoint(number)) }
}

unsafe extern "C" fn release<P: Participant>(table: *mut ffi::sqlite3_vtab, number: c_int) -> c_int {
    // SAFETY: as above.
    unsafe { tell(table, |participant: &P| participant.release(number)) }
}

unsafe extern "C" fn rollback_to<P: Participant>(table: *mut ffi::sqlite3_vtab, number: c_int) -> c_int {
    let body = |registered: &Registered<P>| {
        registered.participant.rollback_to(number);
        // What was written since is put off again.
        if let Some(linked) = registered.link.get() {
            linked.connection().set_put_off(true);
        }
        Ok(())
    };
    // SAFETY: as above.
    unsafe { on_table(table, body) }
}

/// Inserting does nothing but take part.
unsafe extern "C" fn update(
    _table: *mut ffi::sqlite3_vtab,
    _count: c_int,
    _values: *mut *mut ffi::sqlite3_value,
    _rowid: *mut ffi::sqlite3_int64,
) -> c_int {
    ffi::SQLITE_OK
}

/// There is nothing to read, and no plan to do so.
unsafe extern "C" fn best_index(
    _table: *mut ffi::sqlite3_vtab,
    _info: *mut ffi::sqlite3_index_info,
) -> c_int {
    ffi::SQLITE_CONSTRAINT
}
