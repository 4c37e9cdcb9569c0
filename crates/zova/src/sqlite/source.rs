//! Rows from memory as a table of SQL, so that one statement inserts many of them.
//!
//! A statement that is run once for each row spends more time on being started than on its row. `insert into … select …
//! from _zova_rows(?1)` is started once. The rows reach the table function as a pointer that only code of this file can
//! bind (<https://sqlite.org/bindptr.html>); without it the table is empty.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;

use rusqlite::ffi;

use super::connection::Connection;
use super::error::SqliteError;
use super::guard::guarded;
use super::statement::{Prepared, SqlText};
use super::value::SqlValue;
use super::vtab::module::{BASE, EMPTY, answer, connected, create_module, declare, disconnect};

/// Rows to insert, one after the other.
pub trait RowSource {
    /// Goes to the next row, at first to the first; `false` at the end.
    fn advance(&mut self) -> bool;

    /// True once `advance` has returned `false` because something went wrong: then the insertion fails, too. Whoever
    /// inserts knows from the source what it was.
    fn has_failed(&self) -> bool {
        false
    }

    /// A value of the current row; columns count from 0.
    fn value(&self, column: usize) -> SqlValue<'_>;

    /// The value that all rows have in a column, if it is known beforehand. It is asked for once, and then
    /// [`RowSource::value`] is not.
    fn constant(&self, column: usize) -> Option<SqlValue<'_>> {
        let _ = column;
        None
    }
}

/// Columns a row has at most.
pub(crate) const MAX_SOURCE_COLUMNS: usize = 16;

const NAME: &CStr = c"_zova_rows";
const DECLARATION: &CStr =
    c"create table x(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, source hidden)";
/// The pointer is one to a [`Source`].
const POINTER: &CStr = c"zova_rows";

/// What the pointer leads to.
type Source<'s> = &'s mut dyn RowSource;

/// Appends the rows to a table, in the order in which they come.
///
/// `target` is SQL: the table, and the columns in parentheses that take the first `columns` values of each row.
pub(crate) fn insert_rows(
    connection: &Connection,
    target: &str,
    columns: usize,
    rows: &mut dyn RowSource,
) -> Result<(), SqliteError> {
    if !(1..=MAX_SOURCE_COLUMNS).contains(&columns) {
        return Err(SqliteError::misuse());
    }
    register(connection)?;
    let constants: Vec<_> = (0..columns).map(|column| rows.constant(column)).collect();
    // The parameters of constants follow that of the source.
    let value = |(column, constant): (usize, &Option<_>)| match constant {
        Some(_) => format!("?{}", column + 2),
        None => format!("c{column}"),
    };
    let values: Vec<String> = constants.iter().enumerate().map(value).collect();
    let sql = format!("insert into {target} select {} from main._zova_rows(?1)", values.join(", "));
    let sql = CString::new(sql).map_err(|_| SqliteError::misuse())?;
    let (mut statement, _) = Prepared::new(connection, SqlText::new(&sql))?;
    for (index, constant) in (2..).zip(constants) {
        if let Some(constant) = constant {
            statement.bind_value(connection, index, constant)?;
        }
    }
    let mut source: Source<'_> = rows;
    // SAFETY: the statement is live; the source outlives it, and nothing else uses the source meanwhile.
    let code = unsafe {
        ffi::sqlite3_bind_pointer(statement.raw, 1, (&raw mut source).cast(), POINTER.as_ptr(), None)
    };
    connection.check(code)?;
    while statement.step(connection)? {}
    // Before the source.
    drop(statement);
    Ok(())
}

/// Makes the table known to the connection, once.
fn register(connection: &Connection) -> Result<(), SqliteError> {
    if connection.has_row_source() {
        return Ok(());
    }
    // SAFETY: the callbacks need no data.
    unsafe { create_module(connection, NAME, MODULE, ptr::null_mut(), None) }?;
    connection.set_row_source();
    Ok(())
}

/// A scan as SQLite sees it.
#[repr(C)]
struct Cursor {
    base: ffi::sqlite3_vtab_cursor,
    /// Null without a source.
    source: *mut Source<'static>,
    on_row: bool,
    rowid: i64,
}

const MODULE: &ffi::sqlite3_module = &ffi::sqlite3_module {
    xConnect: Some(connect),
    xBestIndex: Some(best_index),
    xDisconnect: Some(disconnect::<ffi::sqlite3_vtab>),
    xOpen: Some(open),
    xClose: Some(close),
    xFilter: Some(filter),
    xNext: Some(next),
    xEof: Some(eof),
    xColumn: Some(column),
    xRowid: Some(rowid),
    ..EMPTY
};

unsafe extern "C" fn connect(
    db: *mut ffi::sqlite3,
    _data: *mut c_void,
    _argc: c_int,
    _argv: *const *const c_char,
    table: *mut *mut ffi::sqlite3_vtab,
    error: *mut *mut c_char,
) -> c_int {
    // SAFETY: called in xConnect; this option takes no argument. The places are those of this call.
    unsafe {
        let declared = declare(db, DECLARATION, Some(ffi::SQLITE_VTAB_DIRECTONLY));
        connected(declared.map(|()| BASE), table, error)
    }
}

/// The source is the one argument; without it there is no plan but that of an empty table.
unsafe extern "C" fn best_index(_table: *mut ffi::sqlite3_vtab, info: *mut ffi::sqlite3_index_info) -> c_int {
    // SAFETY: SQLite passes its description of the plan, for this call alone, with that many constraints and as many
    // places for their use.
    unsafe {
        let info = &mut *info;
        for at in 0..usize::try_from(info.nConstraint).unwrap_or(0) {
            let constraint = &*info.aConstraint.add(at);
            let is_source = constraint.iColumn == MAX_SOURCE_COLUMNS as c_int
                && i32::from(constraint.op) == ffi::SQLITE_INDEX_CONSTRAINT_EQ;
            if is_source && constraint.usable != 0 {
                (*info.aConstraintUsage.add(at)).argvIndex = 1;
                (*info.aConstraintUsage.add(at)).omit = 1;
                info.idxNum = 1;
                break;
            }
        }
        info.estimatedCost = 1.0;
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn open(
    table: *mut ffi::sqlite3_vtab,
    cursor: *mut *mut ffi::sqlite3_vtab_cursor,
) -> c_int {
    let base = ffi::sqlite3_vtab_cursor { pVtab: table };
    let made = Box::new(Cursor { base, source: ptr::null_mut(), on_row: false, rowid: 0 });
    // SAFETY: SQLite passes a place for the cursor; `close` releases the box.
    unsafe { *cursor = Box::into_raw(made).cast() };
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(cursor: *mut ffi::sqlite3_vtab_cursor) -> c_int {
    // SAFETY: SQLite gives back, once, the box that `open` made.
    drop(unsafe { Box::from_raw(cursor.cast::<Cursor>()) });
    ffi::SQLITE_OK
}

unsafe extern "C" fn filter(
    cursor: *mut ffi::sqlite3_vtab_cursor,
    plan: c_int,
    _text: *const c_char,
    count: c_int,
    values: *mut *mut ffi::sqlite3_value,
) -> c_int {
    // SAFETY: SQLite passes a cursor of this module, and as many live values as the plan asked for. A pointer of this
    // type is one that `insert_rows` bound, to a source that outlives the statement.
    unsafe {
        let scan = &mut *cursor.cast::<Cursor>();
        scan.source = if plan == 1 && count == 1 {
            ffi::sqlite3_value_pointer(*values, POINTER.as_ptr()).cast()
        } else {
            ptr::null_mut()
        };
        scan.rowid = 0;
        advance(scan)
    }
}

unsafe extern "C" fn next(cursor: *mut ffi::sqlite3_vtab_cursor) -> c_int {
    // SAFETY: SQLite passes a cursor of this module, whose source is live.
    unsafe { advance(&mut *cursor.cast::<Cursor>()) }
}

/// # Safety
///
/// The source is null, or live and used by nothing else.
unsafe fn advance(scan: &mut Cursor) -> c_int {
    scan.on_row = false;
    if scan.source.is_null() {
        return ffi::SQLITE_OK;
    }
    // SAFETY: as the caller says.
    let source = unsafe { &mut *scan.source };
    let outcome = guarded(NAME, || {
        scan.on_row = source.advance();
        scan.rowid += 1;
        if !scan.on_row && source.has_failed() {
            return Err(SqliteError::plain("the rows to insert could not be had"));
        }
        Ok(())
    });
    // SAFETY: SQLite holds the table for longer than its cursors.
    unsafe { answer(scan.base.pVtab, outcome) }
}

unsafe extern "C" fn eof(cursor: *mut ffi::sqlite3_vtab_cursor) -> c_int {
    // SAFETY: SQLite passes a cursor of this module.
    (!unsafe { (*cursor.cast::<Cursor>()).on_row }).into()
}

unsafe extern "C" fn column(
    cursor: *mut ffi::sqlite3_vtab_cursor,
    context: *mut ffi::sqlite3_context,
    column: c_int,
) -> c_int {
    // SAFETY: SQLite passes a cursor of this module.
    let scan = unsafe { &mut *cursor.cast::<Cursor>() };
    if scan.source.is_null() || column >= MAX_SOURCE_COLUMNS as c_int {
        return ffi::SQLITE_OK;
    }
    // SAFETY: the source is live and used by nothing else.
    let source = unsafe { &*scan.source };
    let outcome = guarded(NAME, || {
        // SAFETY: SQLite passes the context of this call. It copies values when it makes the record of a row, which it
        // does before it asks for the next row, so a value may stay where it is (SQLITE_STATIC); a source does not
        // change between two calls of `advance`.
        unsafe {
            match source.value(column as usize) {
                SqlValue::Null => ffi::sqlite3_result_null(context),
                SqlValue::Integer(value) => ffi::sqlite3_result_int64(context, value),
                SqlValue::Real(value) => ffi::sqlite3_result_double(context, value),
                SqlValue::Text(text) => ffi::sqlite3_result_text64(
                    context,
                    text.as_ptr().cast(),
                    text.len() as u64,
                    ffi::SQLITE_STATIC(),
                    ffi::SQLITE_UTF8 as u8,
                ),
                SqlValue::Blob(bytes) => ffi::sqlite3_result_blob64(
                    context,
                    bytes.as_ptr().cast(),
                    bytes.len() as u64,
                    ffi::SQLITE_STATIC(),
                ),
            }
        }
        Ok(())
    });
    // SAFETY: SQLite holds the table for longer than its cursors.
    unsafe { answer(scan.base.pVtab, outcome) }
}

unsafe extern "C" fn rowid(cursor: *mut ffi::sqlite3_vtab_cursor, rowid: *mut ffi::sqlite3_int64) -> c_int {
    // SAFETY: SQLite passes a cursor of this module and a place for the rowid.
    unsafe { *rowid = (*cursor.cast::<Cursor>()).rowid };
    ffi::SQLITE_OK
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::sqlite::OpenMode;

    /// Numbers from 1, which fail after the last one or not.
    struct Numbers {
        last: i64,
        count: i64,
        fails: bool,
    }

    impl RowSource for Numbers {
        fn advance(&mut self) -> bool {
            self.last += 1;
            self.last <= self.count
        }

        fn has_failed(&self) -> bool {
            self.fails && self.last > self.count
        }

        fn value(&self, _column: usize) -> SqlValue<'_> {
            SqlValue::Integer(self.last)
        }
    }

    fn count(connection: &Connection) -> i64 {
        let (mut statement, _) =
            Prepared::new(connection, SqlText::new(c"select count(*) from t where rowid = a")).unwrap();
        assert!(statement.step(connection).unwrap());
        match statement.value(0).unwrap() {
            SqlValue::Integer(count) => count,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn rows_of_a_source_that_fails_are_not_inserted() {
        let connection = Connection::open(Path::new(""), OpenMode::Memory).unwrap();
        let (mut create, _) = Prepared::new(&connection, SqlText::new(c"create table t(a)")).unwrap();
        create.step(&connection).unwrap();
        for rows in [0, 1, 100] {
            let mut failing = Numbers { last: 0, count: rows, fails: true };
            assert!(insert_rows(&connection, "main.t (a)", 1, &mut failing).is_err());
            assert_eq!(count(&connection), 0);
        }
        insert_rows(&connection, "main.t (a)", 1, &mut Numbers { last: 0, count: 100, fails: false })
            .unwrap();
        assert_eq!(count(&connection), 100);
    }

    #[test]
    fn a_row_has_one_to_sixteen_values() {
        let connection = Connection::open(Path::new(""), OpenMode::Memory).unwrap();
        for columns in [0, 17] {
            let mut none = Numbers { last: 0, count: 0, fails: false };
            let refused = insert_rows(&connection, "main.t (a)", columns, &mut none).unwrap_err();
            assert_eq!(refused, SqliteError::misuse());
        }
    }
}
