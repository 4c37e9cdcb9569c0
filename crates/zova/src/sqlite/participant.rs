//! Taking part in the transactions of a connection.
//!
//! SQLite tells about the end of every transaction, and about every savepoint in it, to the virtual tables that were
//! written to in it (<https://sqlite.org/vtab.html#the_xbegin_method>). So somebody who has to hear of these registers
//! a table that has no rows and takes part by "inserting" into it: whatever ends the transaction, a statement of the
//! application, SQLite itself on a full disk, or the close of the connection, it is told.

use std::any::Any;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;

use rusqlite::ffi;

use super::error::SqliteError;
use super::guard::{closing, guarded};
use super::link::{Link, LinkRef, Linked};
use super::statement::{Prepared, SqlText};
use super::vtab::{answer, message};

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
    let connection = link.linked().connection();
    // SAFETY: the connection is open, the name is NUL-terminated, the module is a constant. SQLite calls `release_box`
    // exactly once for the box, also when this call fails.
    let code = unsafe {
        ffi::sqlite3_create_module_v2(
            connection.raw(),
            name.as_ptr(),
            Table::<P>::MODULE,
            Box::into_raw(registered).cast(),
            Some(release_box::<P>),
        )
    };
    connection.check(code)
}

/// Makes the participant of this name take part in the transaction that is open, which becomes one that writes.
pub(crate) fn take_part(linked: &Linked, name: &CStr) -> Result<(), SqliteError> {
    let connection = linked.connection();
    let name = name.to_string_lossy().replace('"', "\"\"");
    let sql = CString::new(format!("insert into main.\"{name}\" values (null)")).unwrap_or_default();
    let (mut statement, _) = Prepared::new(connection, SqlText::new(&sql))?;
    while statement.step(connection)? {}
    Ok(())
}

/// The table as SQLite sees it.
#[repr(C)]
struct Table<P: Participant> {
    base: ffi::sqlite3_vtab,
    registered: *const Registered<P>,
}

impl<P: Participant> Table<P> {
    // No xCreate: the table exists on every connection and cannot be created a second time.
    const MODULE: &'static ffi::sqlite3_module = &ffi::sqlite3_module {
        iVersion: 2,
        xCreate: None,
        xConnect: Some(connect::<P>),
        xBestIndex: Some(best_index),
        xDisconnect: Some(disconnect::<P>),
        xDestroy: None,
        xOpen: Some(open),
        xClose: Some(close),
        xFilter: Some(filter),
        xNext: Some(next),
        xEof: Some(eof),
        xColumn: Some(column),
        xRowid: Some(rowid),
        xUpdate: Some(update),
        xBegin: Some(begin::<P>),
        xSync: Some(sync::<P>),
        xCommit: Some(end::<P>),
        xRollback: Some(end::<P>),
        xFindFunction: None,
        xRename: None,
        xSavepoint: Some(savepoint::<P>),
        xRelease: Some(release::<P>),
        xRollbackTo: Some(rollback_to::<P>),
        xShadowName: None,
        xIntegrity: None,
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
        // SAFETY: SQLite passes the connection that is compiling a statement; the text is NUL-terminated; the option is
        // set from within this very callback and takes no argument.
        let codes = unsafe {
            [
                ffi::sqlite3_declare_vtab(db, c"create table x(entry)".as_ptr()),
                ffi::sqlite3_vtab_config(db, ffi::SQLITE_VTAB_DIRECTONLY),
            ]
        };
        if let Some(code) = codes.into_iter().find(|code| *code != ffi::SQLITE_OK) {
            return Err(SqliteError::from_code(code));
        }
        let base = ffi::sqlite3_vtab { pModule: ptr::null(), nRef: 0, zErrMsg: ptr::null_mut() };
        // SAFETY: SQLite passes a place for the table; `disconnect` releases the box.
        unsafe { *table = Box::into_raw(Box::new(Table::<P> { base, registered: known })).cast() };
        Ok(())
    });
    match outcome {
        Ok(()) => ffi::SQLITE_OK,
        Err(failure) => {
            // SAFETY: SQLite passes a place for the message and frees it.
            unsafe { *error = message(&failure.message) };
            failure.code
        }
    }
}

unsafe extern "C" fn disconnect<P: Participant>(table: *mut ffi::sqlite3_vtab) -> c_int {
    // SAFETY: SQLite gives back, once, the box that `connect` made. It holds nothing that has a destructor.
    drop(unsafe { Box::from_raw(table.cast::<Table<P>>()) });
    ffi::SQLITE_OK
}

unsafe extern "C" fn release_box<P: Participant>(registered: *mut c_void) {
    let _ = guarded(c"a participant", || {
        // SAFETY: SQLite gives back, once, the box that `register_participant` made.
        drop(unsafe { Box::from_raw(registered.cast::<Registered<P>>()) });
        Ok(())
    });
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

// The table has no rows, and inserting into it does nothing but take part.

unsafe extern "C" fn update(
    _table: *mut ffi::sqlite3_vtab,
    _count: c_int,
    _values: *mut *mut ffi::sqlite3_value,
    _rowid: *mut ffi::sqlite3_int64,
) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn best_index(
    _table: *mut ffi::sqlite3_vtab,
    _info: *mut ffi::sqlite3_index_info,
) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn open(
    table: *mut ffi::sqlite3_vtab,
    cursor: *mut *mut ffi::sqlite3_vtab_cursor,
) -> c_int {
    // SAFETY: SQLite passes a place for the cursor; `close` releases the box.
    unsafe { *cursor = Box::into_raw(Box::new(ffi::sqlite3_vtab_cursor { pVtab: table })) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(cursor: *mut ffi::sqlite3_vtab_cursor) -> c_int {
    // SAFETY: SQLite gives back, once, the box that `open` made.
    drop(unsafe { Box::from_raw(cursor) });
    ffi::SQLITE_OK
}

unsafe extern "C" fn filter(
    _cursor: *mut ffi::sqlite3_vtab_cursor,
    _plan: c_int,
    _text: *const c_char,
    _count: c_int,
    _values: *mut *mut ffi::sqlite3_value,
) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn next(_cursor: *mut ffi::sqlite3_vtab_cursor) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn eof(_cursor: *mut ffi::sqlite3_vtab_cursor) -> c_int {
    1
}

unsafe extern "C" fn column(
    _cursor: *mut ffi::sqlite3_vtab_cursor,
    _context: *mut ffi::sqlite3_context,
    _column: c_int,
) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn rowid(_cursor: *mut ffi::sqlite3_vtab_cursor, _rowid: *mut ffi::sqlite3_int64) -> c_int {
    ffi::SQLITE_OK
}
