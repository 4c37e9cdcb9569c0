//! Services with which a plugin inserts many rows.

use std::ffi::{c_char, c_void};

use super::abi::{zova_ext_cell, zova_ext_ctx, zova_ext_next_row, zova_ext_status, zova_ext_tree};
use super::cell;
use super::frame::{Frame, on_context};
use super::host::{INVALID_ARGUMENT, MISUSE, OK, elements, sized, terminated};
use crate::extension::{ExtensionResult, RowSource, TreeRows};
use crate::sqlite::SqlValue;

type NextRow = unsafe extern "C" fn(
    cells: *mut zova_ext_cell,
    n_cells: usize,
    out_has_row: *mut u8,
    user: *mut c_void,
) -> zova_ext_status;

/// Rows that a plugin gives one by one.
struct Rows {
    next: NextRow,
    user: *mut c_void,
    cells: Vec<zova_ext_cell>,
    failure: Option<Failure>,
}

/// Why there are no more rows although the plugin has not come to their end.
enum Failure {
    /// What the plugin returned.
    Status(zova_ext_status),
    /// What was wrong with the row.
    Row(String),
}

impl Rows {
    /// The text of an error is the reason.
    ///
    /// # Safety
    ///
    /// The function is that of the header and may be called with `user` while this exists.
    unsafe fn new(next: zova_ext_next_row, user: *mut c_void, columns: usize) -> Result<Self, String> {
        let next = next.ok_or("there is no callback that gives the rows")?;
        Ok(Self { next, user, cells: vec![cell::EMPTY; columns], failure: None })
    }

    /// The status for the plugin, if these rows are why the insertion failed.
    fn answer(self, frame: &Frame<'_>) -> Option<zova_ext_status> {
        self.failure.map(|failure| match failure {
            Failure::Status(status) => status,
            Failure::Row(reason) => frame.unacceptable(reason),
        })
    }
}

impl RowSource for Rows {
    fn advance(&mut self) -> bool {
        self.cells.fill(cell::EMPTY);
        let mut has_row = 0;
        // SAFETY: promised to `new`; so many cells, and the flag, are writable.
        let status =
            unsafe { (self.next)(self.cells.as_mut_ptr(), self.cells.len(), &raw mut has_row, self.user) };
        if status != 0 {
            self.failure = Some(Failure::Status(status));
            return false;
        }
        if has_row == 0 {
            return false;
        }
        // SAFETY: header: what the cells point at stays valid until the next call.
        match self.cells.iter().find_map(|cell| unsafe { cell::read(cell) }.err()) {
            Some(reason) => {
                self.failure = Some(Failure::Row(reason));
                false
            }
            None => true,
        }
    }

    fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    fn value(&self, column: usize) -> SqlValue<'_> {
        // SAFETY: header: what the cells point at stays valid until the next call, which needs this exclusively.
        self.cells.get(column).and_then(|cell| unsafe { cell::read(cell) }.ok()).unwrap_or(SqlValue::Null)
    }
}

pub(super) unsafe extern "C" fn insert_rows(
    ctx: *mut zova_ext_ctx,
    table: *const c_char,
    columns: *const *const c_char,
    n_columns: usize,
    next: zova_ext_next_row,
    user: *mut c_void,
) -> zova_ext_status {
    on_context(ctx, MISUSE, |frame, context| {
        // SAFETY: header: null, or valid for the call: the table NUL-terminated, so many names of columns, the function
        // with its pointer.
        let given = unsafe { table_of(table).and_then(|table| Ok((table, names(columns, n_columns)?))) };
        let (table, columns) = match given {
            Ok(given) => given,
            Err(reason) => return frame.unacceptable(reason),
        };
        // SAFETY: header: the function may be called with `user` during the call.
        let mut rows = match unsafe { Rows::new(next, user, columns.len()) } {
            Ok(rows) => rows,
            Err(reason) => return frame.unacceptable(reason),
        };
        let outcome = context.insert_rows(table, &columns, &mut rows);
        rows.answer(frame).unwrap_or_else(|| frame.answer(outcome))
    })
}

pub(super) unsafe extern "C" fn insert_by_tree(
    ctx: *mut zova_ext_ctx,
    table: *const c_char,
    trees: *const zova_ext_tree,
    n_trees: usize,
    out_done: *mut u8,
) -> zova_ext_status {
    if out_done.is_null() {
        return INVALID_ARGUMENT;
    }
    // SAFETY: header: writable for the call, and not null.
    unsafe { out_done.write(0) };
    on_context(ctx, MISUSE, |frame, context| {
        // SAFETY: header: null, or valid for the call: the table NUL-terminated, and so many trees.
        let given = unsafe { table_of(table).and_then(|table| Ok((table, trees_of(trees, n_trees)?))) };
        let (table, mut trees) = match given {
            Ok(given) => given,
            Err(reason) => return frame.unacceptable(reason),
        };
        let outcome: ExtensionResult<bool> = {
            let mut trees: Vec<TreeRows<'_>> = trees.iter_mut().map(Tree::rows).collect();
            context.insert_by_tree(table, &mut trees)
        };
        if let Some(status) = trees.into_iter().find_map(|tree| tree.rows.answer(frame)) {
            return status;
        }
        match outcome {
            Ok(done) => {
                // SAFETY: as above.
                unsafe { out_done.write(u8::from(done)) };
                OK
            }
            Err(error) => frame.failed(error),
        }
    })
}

/// A B-tree with its rows, as the plugin describes it.
struct Tree<'a> {
    name: &'a str,
    columns: Vec<&'a str>,
    key: usize,
    rows: Rows,
}

impl Tree<'_> {
    fn rows(&mut self) -> TreeRows<'_> {
        TreeRows { name: self.name, columns: &self.columns, key: self.key, rows: &mut self.rows }
    }
}

/// # Safety
///
/// Null, or so many trees that are readable as far as they say, each with pointers that are null or what the header says;
/// all of it for `'a`.
unsafe fn trees_of<'a>(trees: *const zova_ext_tree, count: usize) -> Result<Vec<Tree<'a>>, String> {
    let unfit = || "the trees are null, or their struct_size is not that of a zova_ext_tree".to_owned();
    if count == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: the caller's promise.
    let first = unsafe { sized(trees, |tree| tree.struct_size) }.ok_or_else(unfit)?;
    // The trees of a newer plugin may be longer than this host's, so the size that they state is how far they are apart.
    let apart = first.struct_size;
    if !apart.is_multiple_of(align_of::<zova_ext_tree>()) {
        return Err(unfit());
    }
    // SAFETY: the caller's promise. Only the checks are of interest.
    unsafe { cell::bytes(trees.cast(), count.saturating_mul(apart)) }?;
    let mut found = Vec::new();
    for at in 0..count {
        // SAFETY: the caller's promise; as aligned as the first one.
        let given = unsafe {
            let place = trees.cast::<u8>().add(at * apart).cast::<zova_ext_tree>();
            sized(place, |tree| tree.struct_size)
        };
        let tree = given.filter(|tree| tree.struct_size == apart).ok_or_else(unfit)?;
        // SAFETY: the caller's promise, for all of these.
        let (name, columns) =
            unsafe { (terminated(tree.name, "the name of a tree")?, names(tree.columns, tree.n_columns)?) };
        // SAFETY: the caller's promise.
        let rows = unsafe { Rows::new(tree.next, tree.user, columns.len()) }?;
        found.push(Tree { name, columns, key: tree.n_key, rows });
    }
    Ok(found)
}

/// # Safety
///
/// Null, or NUL-terminated for `'a`.
unsafe fn table_of<'a>(table: *const c_char) -> Result<&'a str, String> {
    // SAFETY: the caller's promise.
    unsafe { terminated(table, "the name of a table") }
}

/// Names of columns.
///
/// # Safety
///
/// Null, or so many pointers that are null or NUL-terminated, all of it for `'a`.
unsafe fn names<'a>(columns: *const *const c_char, count: usize) -> Result<Vec<&'a str>, String> {
    // SAFETY: the caller's promise.
    let columns = unsafe { elements(columns, count) }?;
    // SAFETY: the caller's promise.
    columns.iter().map(|name| unsafe { terminated(*name, "the name of a column") }).collect()
}
