//! Tables of Zova's own that are computed: read-only, on every connection, not stored in the file.
//!
//! A domain implements [`TableFunction`] and [`Rows`] in safe code; this file is the bridge to SQLite's virtual table
//! interface. Every callback runs under the guard, so that a panic in a domain ends the statement and not the process.
//!
//! The arguments of such a table are hidden columns: `where argument = value`, or positional in parentheses. They may
//! come from other tables of a join; `plan.rs` sees to it that these are read first.

pub(super) mod module;
mod plan;
#[cfg(test)]
mod tests;

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::fmt::Write as _;
use std::slice;

use rusqlite::ffi;

use super::error::SqliteError;
use super::guard::{closing, guarded, release_box};
use super::link::{Link, LinkRef, Linked};
use super::statement::quoted;
use super::value::{Output, OwnedArgument, SqlValue as Argument};
use module::{BASE, EMPTY, answer, connected, create_module, declare, disconnect};
use plan::Verdict;

/// What a column of a computed table is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A value of the row.
    Result,
    /// A value of the row which the table can look up: an equality constraint on it is passed, and checked again by
    /// SQLite, so the table may give more rows than it asks for.
    Key,
    /// A hidden column whose value the query must supply.
    Required,
    /// A hidden column whose value the query may supply. NULL is as none.
    Optional,
}

/// A column of a computed table. At most 28 of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    /// The declared type.
    pub(crate) kind: &'static str,
    pub(crate) role: Role,
}

impl Column {
    pub(crate) const fn new(name: &'static str, kind: &'static str, role: Role) -> Self {
        Self { name, kind, role }
    }
}

/// How much a scan costs, for SQLite's choice between plans.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Estimate {
    pub(crate) cost: f64,
    pub(crate) rows: i64,
}

/// What a query asks of a computed table.
pub(crate) struct Request<'a> {
    /// One for each column; NULL where none was supplied.
    arguments: &'a [Argument<'a>],
    /// The arguments and keys that were supplied (bit 0: column 0).
    supplied: u32,
    /// The number of rows that suffice (SQL LIMIT plus OFFSET), when SQLite takes the first rows as they come.
    pub(crate) enough: Option<u64>,
}

impl<'a> Request<'a> {
    /// The value supplied for the argument or key at this place in the list of columns.
    pub(crate) fn argument(&self, column: usize) -> Argument<'a> {
        self.arguments[column]
    }

    /// As [`Request::argument`]; `None` where none was supplied, which differs from NULL.
    pub(crate) fn supplied(&self, column: usize) -> Option<Argument<'a>> {
        (self.supplied & 1 << column != 0).then(|| self.arguments[column])
    }
}

/// A computed table.
pub(crate) trait TableFunction: 'static {
    /// Its name in SQL.
    const NAME: &'static CStr;
    /// Results first, then arguments, in positional order.
    const COLUMNS: &'static [Column];
    /// Columns by which the rows come in ascending order without equal values; -1 is the rowid.
    const ORDERED_BY: &'static [c_int];
    /// A scan in progress.
    type Rows: Rows;

    /// What a query still lacks that supplies the arguments and keys with a bit set (bit 0: column 0) and all required
    /// ones. Such a query does not compile.
    fn missing(_supplied: u32) -> Option<&'static str> {
        None
    }

    /// What a scan costs when the arguments and keys with a bit set are supplied (bit 0: column 0).
    fn estimate(supplied: u32) -> Estimate;

    /// Starts a scan, before its first row. The error's message is what the application reads.
    fn scan(&self, linked: &Linked, request: &Request<'_>) -> Result<Self::Rows, SqliteError>;
}

/// The rows of one scan.
pub(crate) trait Rows: 'static {
    /// Goes to the next row, at first to the first; false at the end.
    fn advance(&mut self, linked: &Linked) -> Result<bool, SqliteError>;

    /// Puts out the value of a result or key column of the current row.
    fn column(&mut self, linked: &Linked, column: usize, output: &mut Output<'_>) -> Result<(), SqliteError>;

    /// Identifies the current row within the scan.
    fn rowid(&self) -> i64;
}

/// Where a computed table may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Reach {
    /// Also in views and triggers, unless the file's schema is not trusted.
    #[default]
    Trusted,
    /// Also in views and triggers of a schema that is not trusted.
    Everywhere,
    /// Not in views and triggers.
    DirectOnly,
}

impl Reach {
    /// The option of SQLite that says so.
    fn option(self) -> Option<c_int> {
        match self {
            Self::Trusted => None,
            Self::Everywhere => Some(ffi::SQLITE_VTAB_INNOCUOUS),
            Self::DirectOnly => Some(ffi::SQLITE_VTAB_DIRECTONLY),
        }
    }
}

/// A computed table as the bridge sees it: all it is known by may be decided when it is registered.
pub(crate) trait Computed: 'static {
    /// A scan in progress.
    type Rows: Rows;

    /// Its name in SQL.
    fn name(&self) -> &CStr;
    /// How many columns it has, at most [`MAX_COLUMNS`]: results first, then arguments, in positional order.
    fn column_count(&self) -> usize;
    /// The name of a column.
    fn column_name(&self, column: usize) -> &str;
    /// The declared type of a column.
    fn column_type(&self, column: usize) -> &str;
    /// What a column is for.
    fn role(&self, column: usize) -> Role;
    /// Where the table may be used.
    fn reach(&self) -> Reach {
        Reach::default()
    }
    /// Whether the rows come as an ORDER BY of this many terms asks whose first is this column (-1: the rowid),
    /// ascending.
    fn is_ordered_by(&self, column: c_int, terms: usize) -> bool;
    /// As [`TableFunction::missing`].
    fn missing(&self, supplied: u32) -> Option<&'static str>;
    /// As [`TableFunction::estimate`].
    fn estimate(&self, supplied: u32) -> Estimate;
    /// As [`TableFunction::scan`].
    fn scan(&self, linked: &Linked, request: &Request<'_>) -> Result<Self::Rows, SqliteError>;
}

/// Columns a computed table has at most.
pub(crate) const MAX_COLUMNS: usize = plan::MAX_COLUMNS;

/// A table that is known when the library is compiled.
struct Fixed<T>(T);

impl<T: TableFunction> Computed for Fixed<T> {
    type Rows = T::Rows;

    fn name(&self) -> &CStr {
        T::NAME
    }

    fn column_count(&self) -> usize {
        T::COLUMNS.len()
    }

    fn column_name(&self, column: usize) -> &str {
        T::COLUMNS[column].name
    }

    fn column_type(&self, column: usize) -> &str {
        T::COLUMNS[column].kind
    }

    fn role(&self, column: usize) -> Role {
        T::COLUMNS[column].role
    }

    fn is_ordered_by(&self, column: c_int, _terms: usize) -> bool {
        T::ORDERED_BY.contains(&column)
    }

    fn missing(&self, supplied: u32) -> Option<&'static str> {
        T::missing(supplied)
    }

    fn estimate(&self, supplied: u32) -> Estimate {
        T::estimate(supplied)
    }

    fn scan(&self, linked: &Linked, request: &Request<'_>) -> Result<T::Rows, SqliteError> {
        self.0.scan(linked, request)
    }
}

struct Registered<T> {
    table: T,
    link: LinkRef,
}

/// Makes `table` known to every statement of the connection.
///
/// Cost: an allocation; SQLite connects the table when a statement first names it.
pub(crate) fn register_table<T: TableFunction>(link: &Link, table: T) -> Result<(), SqliteError> {
    const { assert!(T::COLUMNS.len() <= MAX_COLUMNS) }
    register_computed(link, Fixed(table))
}

/// Makes `table` known to every statement of the connection. One of the same name is replaced for statements that are
/// compiled from now on.
pub(crate) fn register_computed<T: Computed>(link: &Link, table: T) -> Result<(), SqliteError> {
    let name = table.name().to_owned();
    let registered = Box::new(Registered { table, link: link.reference() });
    let data = Box::into_raw(registered).cast();
    // SAFETY: the callbacks take the box, which `release_box` drops.
    unsafe {
        create_module(
            link.linked().connection(),
            &name,
            Table::<T>::MODULE,
            data,
            Some(release_box::<Registered<T>>),
        )
    }
}

/// The table as SQLite sees it.
#[repr(C)]
struct Table<T: Computed> {
    base: ffi::sqlite3_vtab,
    registered: *const Registered<T>,
}

/// A scan as SQLite sees it.
#[repr(C)]
struct Cursor<T: Computed> {
    base: ffi::sqlite3_vtab_cursor,
    rows: Option<T::Rows>,
    on_row: bool,
    /// One for each column once a scan has started.
    arguments: Vec<Option<OwnedArgument>>,
}

impl<T: Computed> Table<T> {
    const MODULE: &'static ffi::sqlite3_module = &ffi::sqlite3_module {
        xConnect: Some(connect::<T>),
        xBestIndex: Some(best_index::<T>),
        xDisconnect: Some(disconnect::<Self>),
        xOpen: Some(open::<T>),
        xClose: Some(close::<T>),
        xFilter: Some(filter::<T>),
        xNext: Some(next::<T>),
        xEof: Some(eof::<T>),
        xColumn: Some(column::<T>),
        xRowid: Some(rowid::<T>),
        ..EMPTY
    };

    /// # Safety
    ///
    /// `table` is what `connect` gave SQLite, which still holds it.
    unsafe fn registered<'a>(table: *mut ffi::sqlite3_vtab) -> &'a Registered<T> {
        // SAFETY: as the caller says; SQLite keeps the module's box for longer than any table made from it.
        unsafe { &*(*table.cast::<Self>()).registered }
    }
}

fn is_argument(role: Role) -> bool {
    matches!(role, Role::Required | Role::Optional)
}

/// The declaration that SQLite compiles for the columns.
fn declaration(table: &impl Computed) -> CString {
    let mut sql = String::from("create table x(");
    for column in 0..table.column_count() {
        let comma = if column == 0 { "" } else { ", " };
        let (name, kind) = (quoted(table.column_name(column)), table.column_type(column));
        let hidden = if is_argument(table.role(column)) { " hidden" } else { "" };
        let _ = write!(sql, "{comma}{name} {kind}{hidden}");
    }
    sql.push(')');
    CString::new(sql).unwrap_or_default()
}

unsafe extern "C" fn connect<T: Computed>(
    db: *mut ffi::sqlite3,
    registered: *mut c_void,
    _argc: c_int,
    _argv: *const *const c_char,
    table: *mut *mut ffi::sqlite3_vtab,
    error: *mut *mut c_char,
) -> c_int {
    // SAFETY: SQLite passes the box that `register_computed` made, which it holds.
    let known = unsafe { &*registered.cast_const().cast::<Registered<T>>() };
    let outcome = guarded(known.table.name(), || {
        // SAFETY: called in xConnect; the options of `Reach` take no argument.
        unsafe { declare(db, &declaration(&known.table), known.table.reach().option()) }?;
        Ok(Table::<T> { base: BASE, registered: known })
    });
    // SAFETY: the table begins with SQLite's, and the places are those of this call.
    unsafe { connected(outcome, table, error) }
}

unsafe extern "C" fn best_index<T: Computed>(
    table: *mut ffi::sqlite3_vtab,
    info: *mut ffi::sqlite3_index_info,
) -> c_int {
    let mut refused = false;
    // SAFETY: SQLite holds the table.
    let registered = unsafe { Table::<T>::registered(table) };
    let outcome = guarded(registered.table.name(), || {
        // SAFETY: SQLite passes its description of the plan, for this call alone.
        match unsafe { plan::choose(&registered.table, &mut *info) } {
            Verdict::Accepted => {}
            Verdict::Refused => refused = true,
            Verdict::Missing(argument) => {
                refused = true;
                if let Some(linked) = registered.link.get() {
                    linked.connection().set_missing_argument(registered.table.name(), argument);
                }
            }
        }
        Ok(())
    });
    if refused {
        return ffi::SQLITE_CONSTRAINT;
    }
    // SAFETY: SQLite holds the table.
    unsafe { answer(table, outcome) }
}

unsafe extern "C" fn open<T: Computed>(
    table: *mut ffi::sqlite3_vtab,
    cursor: *mut *mut ffi::sqlite3_vtab_cursor,
) -> c_int {
    // SAFETY: SQLite holds the table.
    let name = unsafe { Table::<T>::registered(table) }.table.name();
    let outcome = guarded(name, || {
        let base = ffi::sqlite3_vtab_cursor { pVtab: table };
        let made = Box::new(Cursor::<T> { base, rows: None, on_row: false, arguments: Vec::new() });
        // SAFETY: SQLite passes a place for the cursor; `close` releases the box.
        unsafe { *cursor = Box::into_raw(made).cast() };
        Ok(())
    });
    // SAFETY: SQLite holds the table.
    unsafe { answer(table, outcome) }
}

unsafe extern "C" fn close<T: Computed>(cursor: *mut ffi::sqlite3_vtab_cursor) -> c_int {
    // SAFETY: SQLite gives back, once, the box that `open` made; its table is still held.
    let (table, cursor) = unsafe { ((*cursor).pVtab, Box::from_raw(cursor.cast::<Cursor<T>>())) };
    // SAFETY: SQLite holds the table.
    let name = unsafe { Table::<T>::registered(table) }.table.name();
    let outcome = guarded(name, || {
        drop(cursor);
        Ok(())
    });
    // SAFETY: SQLite holds the table.
    unsafe { answer(table, outcome) }
}

/// Runs the body of a callback on a cursor.
///
/// # Safety
///
/// `cursor` is what `open` gave SQLite, which holds it and its table and does nothing else with it meanwhile.
unsafe fn on_cursor<T: Computed>(
    cursor: *mut ffi::sqlite3_vtab_cursor,
    body: impl FnOnce(&mut Cursor<T>, &Registered<T>, &Linked) -> Result<(), SqliteError>,
) -> c_int {
    // SAFETY: as the caller says. The body receives no way back to SQLite's pointers, so the reference is unique.
    let cursor = unsafe { &mut *cursor.cast::<Cursor<T>>() };
    let table = cursor.base.pVtab;
    // SAFETY: SQLite holds the table for longer than its cursors.
    let registered = unsafe { Table::<T>::registered(table) };
    let outcome = guarded(registered.table.name(), || {
        let linked = registered.link.get().ok_or_else(closing)?;
        body(cursor, registered, &linked)
    });
    // SAFETY: SQLite holds the table.
    unsafe { answer(table, outcome) }
}

unsafe extern "C" fn filter<T: Computed>(
    cursor: *mut ffi::sqlite3_vtab_cursor,
    plan: c_int,
    _text: *const c_char,
    count: c_int,
    values: *mut *mut ffi::sqlite3_value,
) -> c_int {
    let body = |cursor: &mut Cursor<T>, registered: &Registered<T>, linked: &Linked| {
        // SAFETY: SQLite passes `count` values, protected and live during the call; without any the pointer is not
        // read.
        let values = if count == 0 { &[] } else { unsafe { slice::from_raw_parts(values, count as usize) } };
        let mut values = values.iter();
        // A scan that is started again forgets the previous one first, whatever happens next.
        (cursor.rows, cursor.on_row) = (None, false);
        cursor.arguments.clear();
        let columns = registered.table.column_count();
        for column in 0..columns {
            cursor.arguments.push(match values.next_if_passed(plan, 1 << column) {
                // SAFETY: as above.
                Some(value) => Some(unsafe { OwnedArgument::copy(*value)? }),
                None => None,
            });
        }
        let mut bound = |bit| {
            let value = values.next_if_passed(plan, bit);
            // SAFETY: as above; each value is read once.
            value.map(|value| unsafe { Argument::read(*value) }).transpose()
        };
        let (limit, offset) = (bound(plan::LIMIT_PASSED)?, bound(plan::OFFSET_PASSED)?);
        let mut arguments = [Argument::Null; plan::MAX_COLUMNS];
        for (argument, owned) in arguments.iter_mut().zip(&cursor.arguments) {
            if let Some(owned) = owned {
                *argument = owned.get()?;
            }
        }
        let supplied = plan.cast_unsigned() & !(plan::LIMIT_PASSED | plan::OFFSET_PASSED).cast_unsigned();
        let request = Request { arguments: &arguments[..columns], supplied, enough: enough(limit, offset) };
        let mut rows = registered.table.scan(linked, &request)?;
        cursor.on_row = rows.advance(linked)?;
        cursor.rows = Some(rows);
        Ok(())
    };
    // SAFETY: SQLite passes a cursor of this module.
    unsafe { on_cursor(cursor, body) }
}

trait PassedValues<'a> {
    /// The next value, if the plan says that it was passed.
    fn next_if_passed(&mut self, plan: c_int, bit: c_int) -> Option<&'a *mut ffi::sqlite3_value>;
}

impl<'a> PassedValues<'a> for slice::Iter<'a, *mut ffi::sqlite3_value> {
    fn next_if_passed(&mut self, plan: c_int, bit: c_int) -> Option<&'a *mut ffi::sqlite3_value> {
        if plan & bit == 0 { None } else { self.next() }
    }
}

/// How many rows SQLite reads at most under a LIMIT and OFFSET. A negative limit is none, a negative offset is 0.
fn enough(limit: Option<Argument<'_>>, offset: Option<Argument<'_>>) -> Option<u64> {
    let Some(Argument::Integer(limit)) = limit else { return None };
    let offset = match offset {
        None => 0,
        Some(Argument::Integer(offset)) => u64::try_from(offset).unwrap_or(0),
        Some(_) => return None,
    };
    u64::try_from(limit).ok()?.checked_add(offset)
}

unsafe extern "C" fn next<T: Computed>(cursor: *mut ffi::sqlite3_vtab_cursor) -> c_int {
    let body = |cursor: &mut Cursor<T>, _: &Registered<T>, linked: &Linked| {
        cursor.on_row = false;
        if let Some(rows) = &mut cursor.rows {
            cursor.on_row = rows.advance(linked)?;
        }
        Ok(())
    };
    // SAFETY: SQLite passes a cursor of this module.
    unsafe { on_cursor(cursor, body) }
}

unsafe extern "C" fn eof<T: Computed>(cursor: *mut ffi::sqlite3_vtab_cursor) -> c_int {
    // SAFETY: SQLite passes a cursor of this module.
    (!unsafe { (*cursor.cast::<Cursor<T>>()).on_row }).into()
}

unsafe extern "C" fn column<T: Computed>(
    cursor: *mut ffi::sqlite3_vtab_cursor,
    context: *mut ffi::sqlite3_context,
    column: c_int,
) -> c_int {
    let body = |cursor: &mut Cursor<T>, registered: &Registered<T>, linked: &Linked| {
        // SAFETY: SQLite passes the context of this call.
        let mut output = unsafe { Output::new(context) };
        let column = column as usize;
        let is_argument = column < cursor.arguments.len() && is_argument(registered.table.role(column));
        match (is_argument, cursor.arguments.get(column), &mut cursor.rows) {
            (true, Some(Some(argument)), _) => output.argument(argument),
            (false, _, Some(rows)) => rows.column(linked, column, &mut output)?,
            _ => output.null(),
        }
        Ok(())
    };
    // SAFETY: SQLite passes a cursor of this module.
    unsafe { on_cursor(cursor, body) }
}

unsafe extern "C" fn rowid<T: Computed>(
    cursor: *mut ffi::sqlite3_vtab_cursor,
    rowid: *mut ffi::sqlite3_int64,
) -> c_int {
    let body = |cursor: &mut Cursor<T>, _: &Registered<T>, _: &Linked| {
        let value = cursor.rows.as_ref().map_or(0, Rows::rowid);
        // SAFETY: SQLite passes a place for the rowid.
        unsafe { *rowid = value };
        Ok(())
    };
    // SAFETY: SQLite passes a cursor of this module.
    unsafe { on_cursor(cursor, body) }
}
