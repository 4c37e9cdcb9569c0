//! The services of the host: the functions that a plugin calls.
//!
//! Each of them looks up what it was given ([`super::frame`]), converts the arguments, calls what every extension
//! calls, and converts the result. The safety requirements of all of them are those of the header: pointers are null
//! or valid for the call.

use std::ffi::{CStr, c_char, c_void};
use std::mem::size_of;
use std::ptr::null_mut;

use super::abi::{
    ABI_MAJOR, ABI_MINOR, numbers, zova_ext_call, zova_ext_cell, zova_ext_column, zova_ext_ctx,
    zova_ext_function, zova_ext_host, zova_ext_rows, zova_ext_salvage_counts, zova_ext_status, zova_ext_stmt,
    zova_ext_table_function,
};
use super::adapter::{Function, TableFunction};
use super::cell;
use super::deferring::{create_deferred, defer, write_deferred};
use super::frame::{self, Frame, Kind, Work, on_context, on_frame, on_statement};
use super::inserting::{insert_by_tree, insert_rows};
use crate::error::Status;
use crate::extension::salvage::LISTED_ROWS;
use crate::extension::{
    ExtensionError, ExtensionTarget, SalvageMode, SalvageReport, ScalarDefinition, SqlOutput, TableColumn,
    TableDefinition,
};
use crate::sqlite::SqlValue;

pub(super) const OK: zova_ext_status = 0;
pub(super) const INVALID_ARGUMENT: zova_ext_status = 1;
pub(super) const MISUSE: zova_ext_status = 16;

/// The table of services, the same for every plugin.
pub(super) struct Services(pub(super) zova_ext_host);

// SAFETY: functions and a static text.
unsafe impl Sync for Services {}

const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(version) => version,
    Err(_) => panic!("a version contains no NUL"),
};

pub(super) static SERVICES: Services = Services(zova_ext_host {
    struct_size: size_of::<zova_ext_host>(),
    abi_major: ABI_MAJOR,
    abi_minor: ABI_MINOR,
    zova_version: VERSION.as_ptr(),
    alloc: Some(alloc),
    free: Some(free),
    fail: Some(fail),
    context_flags: Some(context_flags),
    exec: Some(exec),
    prepare: Some(prepare),
    bind: Some(bind),
    step: Some(step),
    column_count: Some(column_count),
    column: Some(column),
    reset: Some(reset),
    finalize: Some(finalize),
    changes: Some(changes),
    target_exists: Some(target_exists),
    create_function: Some(create_function),
    create_table_function: Some(create_table_function),
    call_context: Some(call_context),
    result: Some(result),
    push_row: Some(push_row),
    salvage_source: Some(salvage_source),
    salvage_destination: Some(salvage_destination),
    salvage_report: Some(salvage_report),
    data_version: Some(data_version),
    create_deferred: Some(create_deferred),
    defer: Some(defer),
    write_deferred: Some(write_deferred),
    insert_rows: Some(insert_rows),
    insert_by_tree: Some(insert_by_tree),
    salvage_leave_out: Some(salvage_leave_out),
});

unsafe extern "C" fn alloc(size: usize) -> *mut c_void {
    // SAFETY: the size is not 0.
    unsafe { libc::malloc(size.max(1)) }
}

unsafe extern "C" fn free(ptr: *mut c_void) {
    // SAFETY: header: null, or memory of `alloc` that was not released yet.
    unsafe { libc::free(ptr) }
}

unsafe extern "C" fn fail(
    ctx: *mut zova_ext_ctx,
    code: zova_ext_status,
    message: *const c_char,
    len: usize,
) -> zova_ext_status {
    on_context(ctx, code, |frame, _| {
        // SAFETY: header: null, or readable for the call.
        if let Ok(bytes @ [_, ..]) = unsafe { cell::bytes(message.cast(), len) } {
            frame.say(String::from_utf8_lossy(bytes).into_owned());
        }
        code
    })
}

unsafe extern "C" fn context_flags(ctx: *mut zova_ext_ctx) -> u32 {
    on_context(ctx, 0, |_, context| {
        let flag = |set: bool, flag: u32| if set { flag } else { 0 };
        let mode = context.salvage_mode();
        flag(context.is_read_only(), numbers::CTX_READ_ONLY)
            | flag(context.in_transaction(), numbers::CTX_IN_TRANSACTION)
            | flag(context.is_diagnostic(), numbers::CTX_DIAGNOSTIC)
            | flag(mode == Some(SalvageMode::Plan), numbers::CTX_SALVAGE_PLAN)
            | flag(mode == Some(SalvageMode::Copy), numbers::CTX_SALVAGE_COPY)
    })
}

unsafe extern "C" fn exec(ctx: *mut zova_ext_ctx, sql: *const c_char, len: usize) -> zova_ext_status {
    on_context(ctx, MISUSE, |frame, context| {
        // SAFETY: header: null, or readable for the call.
        match unsafe { cell::text(sql, len) } {
            Ok(sql) => frame.answer(context.exec(sql)),
            Err(reason) => frame.unacceptable(reason),
        }
    })
}

unsafe extern "C" fn prepare(
    ctx: *mut zova_ext_ctx,
    sql: *const c_char,
    len: usize,
    out: *mut *mut zova_ext_stmt,
) -> zova_ext_status {
    if out.is_null() {
        return INVALID_ARGUMENT;
    }
    // SAFETY: header: writable for the call, and not null.
    unsafe { out.write(null_mut()) };
    on_context(ctx, MISUSE, |frame, context| {
        // SAFETY: header: null, or readable for the call.
        let sql = match unsafe { cell::text(sql, len) } {
            Ok(sql) => sql,
            Err(reason) => return frame.unacceptable(reason),
        };
        match context.prepare(sql) {
            Ok(statement) => {
                // SAFETY: as above.
                unsafe { out.write(frame.adopt(statement)) };
                OK
            }
            Err(error) => frame.failed(error),
        }
    })
}

unsafe extern "C" fn bind(
    stmt: *mut zova_ext_stmt,
    index: i32,
    cell: *const zova_ext_cell,
) -> zova_ext_status {
    on_statement(stmt, MISUSE, |frame, statement| {
        // SAFETY: header: null, or readable for the call.
        let Some(cell) = (unsafe { cell.as_ref() }) else { return INVALID_ARGUMENT };
        // SAFETY: header: what the cell points at is readable for the call, during which it is copied.
        match unsafe { cell::read(cell) } {
            // No parameter has the number 0, so it stands for the negative ones, too.
            Ok(value) => frame.answer(statement.bind(usize::try_from(index).unwrap_or(0), value)),
            Err(reason) => frame.unacceptable(reason),
        }
    })
}

unsafe extern "C" fn step(stmt: *mut zova_ext_stmt, out_has_row: *mut u8) -> zova_ext_status {
    if out_has_row.is_null() {
        return INVALID_ARGUMENT;
    }
    // SAFETY: header: writable for the call, and not null.
    unsafe { out_has_row.write(0) };
    on_statement(stmt, MISUSE, |frame, statement| match statement.step() {
        Ok(has_row) => {
            // SAFETY: as above.
            unsafe { out_has_row.write(u8::from(has_row)) };
            OK
        }
        Err(error) => frame.failed(error),
    })
}

unsafe extern "C" fn column_count(stmt: *mut zova_ext_stmt) -> i32 {
    on_statement(stmt, 0, |_, statement| i32::try_from(statement.column_count()).unwrap_or(i32::MAX))
}

unsafe extern "C" fn column(
    stmt: *mut zova_ext_stmt,
    index: i32,
    out_cell: *mut zova_ext_cell,
) -> zova_ext_status {
    if out_cell.is_null() {
        return INVALID_ARGUMENT;
    }
    // SAFETY: header: writable for the call, and not null.
    unsafe { out_cell.write(cell::EMPTY) };
    on_statement(stmt, MISUSE, |frame, statement| {
        let columns = statement.column_count();
        match usize::try_from(index).ok().filter(|index| *index < columns) {
            Some(index) => {
                // SAFETY: as above.
                unsafe { out_cell.write(cell::of(statement.column(index))) };
                OK
            }
            None => frame.unacceptable(format!("there is no column {index} among {columns}")),
        }
    })
}

unsafe extern "C" fn reset(stmt: *mut zova_ext_stmt) -> zova_ext_status {
    on_statement(stmt, MISUSE, |frame, statement| frame.answer(statement.reset()))
}

unsafe extern "C" fn finalize(stmt: *mut zova_ext_stmt) {
    frame::finalize(stmt);
}

unsafe extern "C" fn changes(ctx: *mut zova_ext_ctx) -> i64 {
    on_context(ctx, 0, |_, context| context.changes())
}

unsafe extern "C" fn data_version(
    ctx: *mut zova_ext_ctx,
    out_known: *mut u8,
    out_version: *mut u32,
) -> zova_ext_status {
    if out_known.is_null() || out_version.is_null() {
        return INVALID_ARGUMENT;
    }
    // SAFETY: header: writable for the call, and not null.
    unsafe {
        out_known.write(0);
        out_version.write(0);
    }
    on_context(ctx, MISUSE, |frame, context| match context.data_version() {
        Ok(None) => OK,
        Ok(Some(version)) => {
            // SAFETY: as above.
            unsafe {
                out_known.write(1);
                out_version.write(version);
            }
            OK
        }
        Err(error) => frame.failed(error),
    })
}

unsafe extern "C" fn target_exists(
    ctx: *mut zova_ext_ctx,
    target_type: i32,
    target_namespace: *const c_char,
    target_namespace_len: usize,
    target_ref: *const c_char,
    target_ref_len: usize,
    out_exists: *mut u8,
) -> zova_ext_status {
    if out_exists.is_null() {
        return INVALID_ARGUMENT;
    }
    // SAFETY: header: writable for the call, and not null.
    unsafe { out_exists.write(0) };
    on_context(ctx, MISUSE, |frame, context| {
        let target = match u32::try_from(target_type) {
            Ok(numbers::TARGET_OBJECT) => ExtensionTarget::Object,
            Ok(numbers::TARGET_OBJECT_CHUNK) => ExtensionTarget::ObjectChunk,
            Ok(numbers::TARGET_VECTOR) => ExtensionTarget::Vector,
            Ok(numbers::TARGET_GRAPH_NODE) => ExtensionTarget::GraphNode,
            _ => return frame.unacceptable(format!("{target_type} is no type of a target")),
        };
        let texts = || {
            let namespace = match target_namespace.is_null() {
                true if target_namespace_len == 0 => None,
                // SAFETY: header: readable for the call; a null one is refused here.
                _ => Some(unsafe { cell::text(target_namespace, target_namespace_len) }?),
            };
            // SAFETY: header: null, or readable for the call.
            Ok::<_, String>((namespace, unsafe { cell::text(target_ref, target_ref_len) }?))
        };
        let (namespace, reference) = match texts() {
            Ok(texts) => texts,
            Err(reason) => return frame.unacceptable(reason),
        };
        match context.target_exists(target, namespace, reference) {
            Ok(exists) => {
                // SAFETY: as above.
                unsafe { out_exists.write(u8::from(exists)) };
                OK
            }
            Err(error) => frame.failed(error),
        }
    })
}

unsafe extern "C" fn create_function(
    ctx: *mut zova_ext_ctx,
    def: *const zova_ext_function,
) -> zova_ext_status {
    // SAFETY: header: null, or a definition that is readable for the call and says how long it is.
    let Some(def) = (unsafe { sized(def, |def| def.struct_size) }) else { return INVALID_ARGUMENT };
    // From here on `destroy` is called whatever happens.
    // SAFETY: header: the functions and `user` stay valid until `destroy` was called.
    let function = unsafe { Function::new(def.call, def.destroy, def.user) };
    register(ctx, |frame, registrar| {
        let flags =
            numbers::FN_DETERMINISTIC | numbers::FN_INNOCUOUS | numbers::FN_DIRECT_ONLY | numbers::FN_ATOMIC;
        require_flags("a function", def.flags, flags)?;
        let function = function?;
        let definition = ScalarDefinition {
            // SAFETY: header: null, or NUL-terminated for the call.
            name: unsafe { terminated(def.name, "the name of a function") }?,
            arguments: def.n_args,
            deterministic: def.flags & numbers::FN_DETERMINISTIC != 0,
            innocuous: def.flags & numbers::FN_INNOCUOUS != 0,
            direct_only: def.flags & numbers::FN_DIRECT_ONLY != 0,
            atomic: def.flags & numbers::FN_ATOMIC != 0,
        };
        Ok(frame.answer(registrar.add_function(definition, function)))
    })
}

unsafe extern "C" fn create_table_function(
    ctx: *mut zova_ext_ctx,
    def: *const zova_ext_table_function,
) -> zova_ext_status {
    // SAFETY: header: null, or a definition that is readable for the call and says how long it is.
    let Some(def) = (unsafe { sized(def, |def| def.struct_size) }) else { return INVALID_ARGUMENT };
    // SAFETY: header: the functions and `user` stay valid until `destroy` was called.
    let function = unsafe { TableFunction::new(def.scan, def.destroy, def.user) };
    register(ctx, |frame, registrar| {
        require_flags("a table function", def.flags, numbers::FN_INNOCUOUS | numbers::FN_DIRECT_ONLY)?;
        let function = function?;
        // SAFETY: header: so many columns are readable for the call.
        let columns = unsafe { elements(def.columns, def.n_columns as usize) }?;
        let definition = TableDefinition {
            // SAFETY: header: null, or NUL-terminated for the call.
            name: unsafe { terminated(def.name, "the name of a table function") }?,
            // SAFETY: header: the strings of a column are null or NUL-terminated for the call.
            columns: columns.iter().map(|def| unsafe { column_of(def) }).collect::<Result<_, _>>()?,
            innocuous: def.flags & numbers::FN_INNOCUOUS != 0,
            direct_only: def.flags & numbers::FN_DIRECT_ONLY != 0,
            estimated_cost: def.estimated_cost,
            estimated_rows: def.estimated_rows,
        };
        Ok(frame.answer(registrar.add_table(definition, function)))
    })
}

/// Runs `body` if the context is that of a `register_sql` hook. The text of its error is what the plugin did wrong.
pub(super) fn register(
    ctx: *mut zova_ext_ctx,
    body: impl FnOnce(&Frame<'_>, &mut dyn frame::Registrar) -> Result<zova_ext_status, String>,
) -> zova_ext_status {
    on_context(ctx, MISUSE, |frame, _| match &frame.work {
        Work::Register(registrar) => {
            let mut registrar = registrar.borrow_mut();
            body(frame, &mut **registrar).unwrap_or_else(|reason| frame.unacceptable(reason))
        }
        _ => frame.failed(ExtensionError::new(
            Status::Misuse,
            "nothing can be registered outside of the hook register_sql",
        )),
    })
}

/// A struct that says how long it is, if it is long enough.
///
/// # Safety
///
/// Null, or a struct that begins with its size and is readable as far as it says.
pub(super) unsafe fn sized<T: Copy>(given: *const T, size: impl FnOnce(&T) -> usize) -> Option<T> {
    if given.is_null() {
        return None;
    }
    // SAFETY: the size comes first in all of these structs (a test proves it), and is always there.
    let stated = unsafe { given.cast::<usize>().read() };
    // SAFETY: the caller's promise; it says that it reaches this far.
    let whole = (stated >= size_of::<T>()).then(|| unsafe { given.read() })?;
    debug_assert_eq!(size(&whole), stated);
    Some(whole)
}

/// # Safety
///
/// As for `cell::bytes`, in elements.
pub(super) unsafe fn elements<'a, T>(data: *const T, len: usize) -> Result<&'a [T], String> {
    let size = len.saturating_mul(size_of::<T>());
    // SAFETY: the caller's promise. Only the checks are of interest.
    unsafe { cell::bytes(data.cast(), size) }?;
    if len == 0 {
        return Ok(&[]);
    }
    // SAFETY: the caller's promise; neither null nor longer than a slice can be.
    Ok(unsafe { std::slice::from_raw_parts(data, len) })
}

/// # Safety
///
/// Null, or NUL-terminated for `'a`.
pub(super) unsafe fn terminated<'a>(text: *const c_char, what: &str) -> Result<&'a str, String> {
    if text.is_null() {
        return Err(format!("{what} is null"));
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_str().map_err(|_| format!("{what} is not UTF-8"))
}

/// # Safety
///
/// The strings are null or NUL-terminated for `'a`.
unsafe fn column_of<'a>(def: &zova_ext_column) -> Result<TableColumn<'a>, String> {
    require_flags("a column", def.flags, numbers::COL_HIDDEN | numbers::COL_REQUIRED | numbers::COL_SORTED)?;
    Ok(TableColumn {
        // SAFETY: the caller's promise.
        name: unsafe { terminated(def.name, "the name of a column") }?,
        decl_type: match def.decl_type.is_null() {
            true => "",
            // SAFETY: the caller's promise.
            false => unsafe { terminated(def.decl_type, "the type of a column") }?,
        },
        hidden: def.flags & numbers::COL_HIDDEN != 0,
        required: def.flags & numbers::COL_REQUIRED != 0,
        sorted: def.flags & numbers::COL_SORTED != 0,
    })
}

fn require_flags(of: &str, given: u32, defined: u32) -> Result<(), String> {
    match given & !defined {
        0 => Ok(()),
        unknown => Err(format!("the flags of {of} have bits that are not defined: {unknown:#x}")),
    }
}

unsafe extern "C" fn call_context(call: *mut zova_ext_call) -> *mut zova_ext_ctx {
    on_frame(call, null_mut(), |frame, kind| match kind {
        Kind::Call => frame.handle(Kind::Context),
        _ => null_mut(),
    })
}

unsafe extern "C" fn result(call: *mut zova_ext_call, cell: *const zova_ext_cell) {
    on_frame(call, (), |frame, kind| {
        let (Kind::Call, Work::Call(output)) = (kind, &frame.work) else { return };
        // SAFETY: header: null, or readable for the call.
        let value = match unsafe { cell.as_ref() } {
            // SAFETY: header: what the cell points at is readable for the call, during which it is copied.
            Some(cell) => unsafe { cell::read(cell) },
            None => Err("the result of an SQL function is a null pointer".to_owned()),
        };
        *output.borrow_mut() = match value {
            Ok(SqlValue::Null) => Ok(SqlOutput::Null),
            Ok(SqlValue::Integer(value)) => Ok(SqlOutput::Integer(value)),
            Ok(SqlValue::Real(value)) => Ok(SqlOutput::Real(value)),
            Ok(SqlValue::Text(value)) => Ok(SqlOutput::Text(value.to_vec())),
            Ok(SqlValue::Blob(value)) => Ok(SqlOutput::Blob(value.to_vec())),
            Err(reason) => Err(ExtensionError::new(Status::InvalidArgument, reason)),
        };
    });
}

unsafe extern "C" fn push_row(
    rows: *mut zova_ext_rows,
    cells: *const zova_ext_cell,
    n_cells: usize,
) -> zova_ext_status {
    on_frame(rows, MISUSE, |frame, kind| {
        let (Kind::Rows, Work::Scan(taker)) = (kind, &frame.work) else { return MISUSE };
        // SAFETY: header: so many cells are readable for the call.
        let cells = match unsafe { elements(cells, n_cells) } {
            Ok(cells) => cells,
            Err(reason) => return frame.unacceptable(reason),
        };
        // Rows of up to eight values, hence nearly all, allocate nothing here.
        let mut few = [SqlValue::Null; 8];
        let mut many = Vec::new();
        let values = if let Some(few) = few.get_mut(..cells.len()) {
            few
        } else {
            many.resize(cells.len(), SqlValue::Null);
            &mut many[..]
        };
        for (value, cell) in values.iter_mut().zip(cells) {
            // SAFETY: header: what a cell points at is readable for the call, during which it is copied.
            *value = match unsafe { cell::read(cell) } {
                Ok(value) => value,
                Err(reason) => return frame.unacceptable(reason),
            };
        }
        frame.answer((taker.borrow_mut())(values))
    })
}

unsafe extern "C" fn salvage_source(ctx: *mut zova_ext_ctx) -> *mut zova_ext_ctx {
    side(ctx, Kind::Source)
}

unsafe extern "C" fn salvage_destination(ctx: *mut zova_ext_ctx) -> *mut zova_ext_ctx {
    side(ctx, Kind::Destination)
}

fn side(ctx: *mut zova_ext_ctx, kind: Kind) -> *mut zova_ext_ctx {
    on_context(ctx, null_mut(), |frame, _| frame.handle(kind))
}

unsafe extern "C" fn salvage_report(ctx: *mut zova_ext_ctx, counts: *const zova_ext_salvage_counts) {
    on_context(ctx, (), |frame, _| {
        // SAFETY: header: null, or readable for the call.
        let (Work::Salvage(salvage), Some(counts)) = (&frame.work, unsafe { counts.as_ref() }) else {
            return;
        };
        salvage.report.set(Some(SalvageReport {
            copied_extensions: counts.copied_extensions,
            copied_private_objects: counts.copied_private_objects,
            skipped_extensions: counts.skipped_extensions,
            skipped_private_objects: counts.skipped_private_objects,
            skipped_rows: counts.skipped_rows,
            installed_in_destination: counts.installed_in_destination != 0,
        }));
    });
}

unsafe extern "C" fn salvage_leave_out(
    ctx: *mut zova_ext_ctx,
    row: *const c_char,
    len: usize,
) -> zova_ext_status {
    on_context(ctx, MISUSE, |frame, _| {
        let Work::Salvage(salvage) = &frame.work else { return MISUSE };
        // SAFETY: header: null, or readable for the call.
        match unsafe { cell::text(row, len) } {
            Ok(row) => {
                let mut left_out = salvage.left_out.borrow_mut();
                // More are not reported.
                if left_out.len() < LISTED_ROWS {
                    left_out.push(row.to_owned());
                }
                OK
            }
            Err(reason) => frame.unacceptable(reason),
        }
    })
}
