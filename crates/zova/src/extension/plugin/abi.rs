//! The plugin interface as Rust sees it. `include/zova_extension.h` is generated from this file (see `build.rs` and
//! `cbindgen.extension.toml` in the root package, which adds the constants), so the comments are written for a C
//! programmer.
//!
//! Layouts and numbers never change within a major version; members are only ever appended to the structs that carry
//! their size.

#![allow(non_camel_case_types, reason = "the names of the header")]

use std::ffi::{c_char, c_void};

/// Major version of the plugin interface.
///
/// cbindgen:ignore
pub const ABI_MAJOR: u32 = 1;
/// Minor version of the plugin interface.
///
/// cbindgen:ignore
pub const ABI_MINOR: u32 = 1;

/// Result of a call in either direction: 0 is success, any other number is that of a zova_status in zova.h.
pub type zova_ext_status = i32;

/// What a hook or callback may do with the database that it was called for. Valid until that hook or callback
/// returns, on its thread.
pub struct zova_ext_ctx {
    _private: [u8; 0],
}

/// A prepared statement. Valid until it is finalized; every statement must be finalized before the hook or callback
/// that prepared it returns.
pub struct zova_ext_stmt {
    _private: [u8; 0],
}

/// One call of a scalar function. Valid until the callback returns, on its thread.
pub struct zova_ext_call {
    _private: [u8; 0],
}

/// Where a table function puts its rows. Valid until the callback returns, on its thread.
pub struct zova_ext_rows {
    _private: [u8; 0],
}

/// One SQL value. Which members count depends on the type. The bytes of text and blobs are borrowed: arguments are
/// valid until the callback returns; what zova_ext_host.column gives, until the next step, reset or finalize of the
/// statement; what a plugin passes in is copied during the call.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct zova_ext_cell {
    /// ZOVA_EXT_INTEGER, ZOVA_EXT_FLOAT, ZOVA_EXT_TEXT, ZOVA_EXT_BLOB or ZOVA_EXT_NULL.
    pub r#type: i32,
    /// 0.
    pub reserved: i32,
    /// The value of an integer.
    pub integer: i64,
    /// The value of a float.
    pub real: f64,
    /// The bytes of a text or blob; may be null when len is 0. Text is UTF-8 by convention, which SQL does not
    /// enforce: check it where it matters. Nothing stands behind the last byte.
    pub data: *const c_void,
    /// Number of bytes in data.
    pub len: usize,
}

/// A hook: work that the host asks for. Returns 0, or the status of what went wrong (see zova_ext_host.fail).
pub type zova_ext_hook =
    Option<unsafe extern "C" fn(ctx: *mut zova_ext_ctx, user: *mut c_void) -> zova_ext_status>;

/// A scalar SQL function. The strings are copied when it is registered.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct zova_ext_function {
    /// sizeof(zova_ext_function).
    pub struct_size: usize,
    /// Name in SQL; should begin with "zova_", the extension's name and "_".
    pub name: *const c_char,
    /// Number of arguments; -1 for any number.
    pub n_args: i32,
    /// ZOVA_EXT_FN_ flags.
    pub flags: u32,
    /// One call. Sets a result with zova_ext_host.result, else the result is NULL.
    pub call: Option<
        unsafe extern "C" fn(
            call: *mut zova_ext_call,
            args: *const zova_ext_cell,
            n_args: usize,
            user: *mut c_void,
        ) -> zova_ext_status,
    >,
    /// Called once, when the function is no longer used, also when it could not be registered. May be null.
    pub destroy: Option<unsafe extern "C" fn(user: *mut c_void)>,
    /// Passed to call and destroy. Used on whatever thread uses the database, by one thread at a time.
    pub user: *mut c_void,
}

/// A column of a table function.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct zova_ext_column {
    /// Name in SQL.
    pub name: *const c_char,
    /// Declared type, for example "TEXT"; "" or null for none.
    pub decl_type: *const c_char,
    /// ZOVA_EXT_COL_ flags.
    pub flags: u32,
    /// 0.
    pub reserved: u32,
}

/// A table that is computed from arguments: SELECT ... FROM name(argument, ...). It can only be read. The strings and
/// columns are copied when it is registered.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct zova_ext_table_function {
    /// sizeof(zova_ext_table_function).
    pub struct_size: usize,
    /// Name in SQL; should begin with "zova_", the extension's name and "_".
    pub name: *const c_char,
    /// ZOVA_EXT_FN_INNOCUOUS and ZOVA_EXT_FN_DIRECT_ONLY.
    pub flags: u32,
    /// Number of columns, hidden ones included.
    pub n_columns: u32,
    /// Visible columns first, then the hidden ones in the order of the arguments.
    pub columns: *const zova_ext_column,
    /// What one scan costs, for the query planner: about the number of rows that have to be looked at.
    pub estimated_cost: f64,
    /// How many rows a scan gives, for the query planner.
    pub estimated_rows: i64,
    /// Gives all rows, through zova_ext_host.push_row. args and present have one entry per hidden column, in order; the
    /// entry of present is 0 where the query gave no value, and that of args is NULL then.
    pub scan: Option<
        unsafe extern "C" fn(
            ctx: *mut zova_ext_ctx,
            args: *const zova_ext_cell,
            present: *const u8,
            n_args: usize,
            rows: *mut zova_ext_rows,
            user: *mut c_void,
        ) -> zova_ext_status,
    >,
    /// Called once, when the table is no longer used, also when it could not be registered. May be null.
    pub destroy: Option<unsafe extern "C" fn(user: *mut c_void)>,
    /// Passed to scan and destroy. Used on whatever thread uses the database, by one thread at a time.
    pub user: *mut c_void,
}

/// Something that an extension put off writing: the bytes it passed to zova_ext_host.defer.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct zova_ext_entry {
    /// The bytes; never null. Valid until the callback returns.
    pub data: *const c_void,
    /// Number of bytes in data.
    pub len: usize,
}

/// Writes that an extension puts off until the transaction is committed, so that many small changes cost less. The
/// name is copied when it is registered.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct zova_ext_deferred {
    /// sizeof(zova_ext_deferred).
    pub struct_size: usize,
    /// Tells it from whatever else the extension puts off; what defer and write_deferred are given.
    pub name: *const c_char,
    /// Writes the entries, which were put off in this order; n_entries is at least 1. ctx may do what that of a hook
    /// may, except zova_ext_host.write_deferred with the same name, which is ZOVA_MISUSE (16). When it fails, all that
    /// it did is undone. If the transaction is being committed, it is rolled back, and the commit fails with the
    /// message; ZOVA_BUSY (10) and ZOVA_CONSTRAINT (12), after which a commit can be repeated, become ZOVA_LOCKED (11)
    /// and ZOVA_SQLITE_ERROR (17) then.
    pub write: Option<
        unsafe extern "C" fn(
            ctx: *mut zova_ext_ctx,
            entries: *const zova_ext_entry,
            n_entries: usize,
            user: *mut c_void,
        ) -> zova_ext_status,
    >,
    /// Called once, when it is no longer used, also when it could not be registered. May be null.
    pub destroy: Option<unsafe extern "C" fn(user: *mut c_void)>,
    /// Passed to write and destroy. Used on whatever thread uses the database, by one thread at a time.
    pub user: *mut c_void,
}

/// Gives the next row, at first the first: sets *out_has_row to 1 and fills all n_cells cells, which are NULL before, or
/// leaves *out_has_row at 0 when there are no more. What the cells point at stays valid and unchanged until the next
/// call, or until the function that inserts returns. May read the database, for example step a statement, and must not
/// write to it. A status other than 0 ends the insertion with that status.
pub type zova_ext_next_row = Option<
    unsafe extern "C" fn(
        cells: *mut zova_ext_cell,
        n_cells: usize,
        out_has_row: *mut u8,
        user: *mut c_void,
    ) -> zova_ext_status,
>;

/// A B-tree of a table without rowid, that of the table itself or of an index, and the rows to insert into it.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct zova_ext_tree {
    /// sizeof(zova_ext_tree), the same in all elements of an array.
    pub struct_size: usize,
    /// Name of the table, or of an index of it.
    pub name: *const c_char,
    /// Names of the columns of the B-tree, in its order: those of the key first. An index of a table without rowid
    /// holds the columns of the primary key behind its own.
    pub columns: *const *const c_char,
    /// Number of columns, 1 to 16.
    pub n_columns: usize,
    /// How many of the columns, from the first, no two rows have in common: 1 to n_columns.
    pub n_key: usize,
    /// Gives the rows, in ascending order of the columns as SQLite compares them.
    pub next: zova_ext_next_row,
    /// Passed to next.
    pub user: *mut c_void,
}

/// What a salvage hook did, or would do.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct zova_ext_salvage_counts {
    /// 1 when the extension was carried over.
    pub copied_extensions: u64,
    /// Tables, indexes, views and triggers of the extension that were carried over.
    pub copied_private_objects: u64,
    /// 1 when the extension was left out.
    pub skipped_extensions: u64,
    /// Tables, indexes, views and triggers of the extension that were left out.
    pub skipped_private_objects: u64,
    /// Rows that were left out; what counts as a row is the extension's choice.
    pub skipped_rows: u64,
    /// 1 when the extension is installed in the destination, or would be; the host then records its installation.
    pub installed_in_destination: u8,
    /// 0.
    pub reserved: [u8; 7],
}

/// Services of the host. Members are only ever appended, so a plugin that needs one compares struct_size.
///
/// Every function that takes a context or statement answers ZOVA_MISUSE (16) to one that is not valid at the moment or
/// belongs to another thread. Text that is passed in is UTF-8.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct zova_ext_host {
    /// Size of this struct in the host.
    pub struct_size: usize,
    /// ZOVA_EXT_ABI_MAJOR of the host.
    pub abi_major: u32,
    /// ZOVA_EXT_ABI_MINOR of the host.
    pub abi_minor: u32,
    /// Version of Zova, for example "0.21.0".
    pub zova_version: *const c_char,

    /// Memory that either side releases with free; null when there is none left.
    pub alloc: Option<unsafe extern "C" fn(size: usize) -> *mut c_void>,
    /// Releases memory of alloc. Null is fine.
    pub free: Option<unsafe extern "C" fn(ptr: *mut c_void)>,

    /// Records the message of the failing hook or callback, and returns code, so that it can be returned at once. For
    /// an SQL function the message becomes that of the statement, for a hook that of the database handle. Without a
    /// message the status speaks for itself.
    pub fail: Option<
        unsafe extern "C" fn(
            ctx: *mut zova_ext_ctx,
            code: zova_ext_status,
            message: *const c_char,
            len: usize,
        ) -> zova_ext_status,
    >,
    /// ZOVA_EXT_CTX_ flags.
    pub context_flags: Option<unsafe extern "C" fn(ctx: *mut zova_ext_ctx) -> u32>,

    /// Runs every statement in sql and discards rows. Statements that begin or end transactions, attach databases or
    /// change the connection are ZOVA_MISUSE.
    pub exec: Option<
        unsafe extern "C" fn(ctx: *mut zova_ext_ctx, sql: *const c_char, len: usize) -> zova_ext_status,
    >,
    /// Compiles the first statement of sql. The host keeps compiled statements, so preparing the same text again is
    /// cheap. *out is null after a fault.
    pub prepare: Option<
        unsafe extern "C" fn(
            ctx: *mut zova_ext_ctx,
            sql: *const c_char,
            len: usize,
            out: *mut *mut zova_ext_stmt,
        ) -> zova_ext_status,
    >,
    /// Binds a value to the parameter with this number, from 1. The value is copied.
    pub bind: Option<
        unsafe extern "C" fn(
            stmt: *mut zova_ext_stmt,
            index: i32,
            cell: *const zova_ext_cell,
        ) -> zova_ext_status,
    >,
    /// Runs the statement to its next row: *out_has_row is 1 when there is one, 0 at the end.
    pub step: Option<unsafe extern "C" fn(stmt: *mut zova_ext_stmt, out_has_row: *mut u8) -> zova_ext_status>,
    /// Number of columns of the result; 0 for a statement that is not valid.
    pub column_count: Option<unsafe extern "C" fn(stmt: *mut zova_ext_stmt) -> i32>,
    /// The value in a column of the current row, from 0. Its bytes are borrowed, see zova_ext_cell.
    pub column: Option<
        unsafe extern "C" fn(
            stmt: *mut zova_ext_stmt,
            index: i32,
            out_cell: *mut zova_ext_cell,
        ) -> zova_ext_status,
    >,
    /// Ends the run of the statement, so that it can be bound and run again; the bound values stay.
    pub reset: Option<unsafe extern "C" fn(stmt: *mut zova_ext_stmt) -> zova_ext_status>,
    /// Ends the statement. Null is fine.
    pub finalize: Option<unsafe extern "C" fn(stmt: *mut zova_ext_stmt)>,
    /// Rows changed by the last INSERT, UPDATE or DELETE of this context; 0 for one that is not valid.
    pub changes: Option<unsafe extern "C" fn(ctx: *mut zova_ext_ctx) -> i64>,

    /// Whether an object, chunk, vector or graph node exists, wherever it is stored. The namespace is the collection
    /// of a vector or the graph of a node; null for the default one, and for objects and chunks.
    pub target_exists: Option<
        unsafe extern "C" fn(
            ctx: *mut zova_ext_ctx,
            target_type: i32,
            target_namespace: *const c_char,
            target_namespace_len: usize,
            target_ref: *const c_char,
            target_ref_len: usize,
            out_exists: *mut u8,
        ) -> zova_ext_status,
    >,

    /// Registers a scalar function; only in register_sql. ZOVA_EXTENSION_EXISTS (91) for a name that is taken.
    pub create_function: Option<
        unsafe extern "C" fn(ctx: *mut zova_ext_ctx, def: *const zova_ext_function) -> zova_ext_status,
    >,
    /// Registers a table function; only in register_sql. ZOVA_EXTENSION_EXISTS (91) for a name that is taken.
    pub create_table_function: Option<
        unsafe extern "C" fn(ctx: *mut zova_ext_ctx, def: *const zova_ext_table_function) -> zova_ext_status,
    >,

    /// The context of a function call; null for a call that is not valid.
    pub call_context: Option<unsafe extern "C" fn(call: *mut zova_ext_call) -> *mut zova_ext_ctx>,
    /// Sets the result of a function call; the last one counts. The value is copied.
    pub result: Option<unsafe extern "C" fn(call: *mut zova_ext_call, cell: *const zova_ext_cell)>,
    /// Adds a row of a table function: one cell for each visible column, in order. The values are copied. Return any
    /// status but 0 as it is.
    pub push_row: Option<
        unsafe extern "C" fn(
            rows: *mut zova_ext_rows,
            cells: *const zova_ext_cell,
            n_cells: usize,
        ) -> zova_ext_status,
    >,

    /// In a salvage hook, the context of the damaged database; elsewhere null.
    pub salvage_source: Option<unsafe extern "C" fn(ctx: *mut zova_ext_ctx) -> *mut zova_ext_ctx>,
    /// In a salvage hook, the context of the new database; null when salvage only plans, and elsewhere.
    pub salvage_destination: Option<unsafe extern "C" fn(ctx: *mut zova_ext_ctx) -> *mut zova_ext_ctx>,
    /// In a salvage hook, states what was done; the last report counts.
    pub salvage_report:
        Option<unsafe extern "C" fn(ctx: *mut zova_ext_ctx, counts: *const zova_ext_salvage_counts)>,

    /// A number that changes with every commit to the main database, whichever handle or process makes it: what was
    /// read under a number may be used again under the same one, so an extension can keep copies in memory. *out_known
    /// is 0, and *out_version too, while this connection has uncommitted changes, or may have. Valid while the database
    /// is being read: in a callback of an SQL function or table, and while a statement of the extension has rows.
    ///
    /// ZOVA_INVALID_ARGUMENT (1) for a null pointer. Cost: no access to the file. Since minor version 1, like everything
    /// below.
    pub data_version: Option<
        unsafe extern "C" fn(
            ctx: *mut zova_ext_ctx,
            out_known: *mut u8,
            out_version: *mut u32,
        ) -> zova_ext_status,
    >,

    /// Registers writes that are put off, for this connection; only in register_sql. ZOVA_EXTENSION_INVALID (92) for a
    /// name that is longer than some 150 bytes, ZOVA_INVALID_ARGUMENT (1) without a write callback.
    pub create_deferred: Option<
        unsafe extern "C" fn(ctx: *mut zova_ext_ctx, def: *const zova_ext_deferred) -> zova_ext_status,
    >,
    /// Puts off an entry, whose bytes are copied; data may be null when len is 0. Only with the context of a function
    /// call (call_context); elsewhere ZOVA_MISUSE (16). Inside a transaction, or a statement that writes, the entry is
    /// written when that is committed, and forgotten when it, or the savepoint it was put off in, is rolled back.
    /// Otherwise it is written and committed before this returns.
    ///
    /// Whatever reads the tables must have written first what is put off (write_deferred). Zova does that before it
    /// checks an extension, and before a statement of the application that names its tables.
    ///
    /// ZOVA_INVALID_ARGUMENT (1) for a null pointer with a length, and for a name that this extension has not
    /// registered on this connection with create_deferred; otherwise the fault of taking the lock for writing, or that
    /// of the write callback. Cost: the first entry of a transaction takes the lock for writing; 96 MiB of entries are
    /// kept in memory and then written, further ones again.
    pub defer: Option<
        unsafe extern "C" fn(
            ctx: *mut zova_ext_ctx,
            name: *const c_char,
            name_len: usize,
            data: *const c_void,
            len: usize,
        ) -> zova_ext_status,
    >,
    /// Writes what is put off under a name now, so that the tables can be read; in any hook or callback. What is written
    /// is part of the transaction like any other change; entries from before a savepoint that is rolled back are put off
    /// again, if they were written since.
    ///
    /// ZOVA_INVALID_ARGUMENT (1) for a name as in defer; ZOVA_MISUSE (16) while these entries are being written;
    /// otherwise the fault of the write callback, after which all is put off still. Cost: nothing but a look-up when
    /// nothing is put off.
    pub write_deferred: Option<
        unsafe extern "C" fn(ctx: *mut zova_ext_ctx, name: *const c_char, name_len: usize) -> zova_ext_status,
    >,

    /// Inserts rows into a table of the main database: the values of each into these columns, 1 to 16.
    ///
    /// ZOVA_INVALID_ARGUMENT (1) for a null pointer, and for a cell that next filled with something that is no value;
    /// ZOVA_MISUSE (16) for another number of columns; the status of next; otherwise that of SQLite. What was inserted
    /// before a fault stays until the hook or callback fails, so pass the status on. Cost: that of one INSERT for all
    /// rows, which is less than half of as many INSERTs.
    pub insert_rows: Option<
        unsafe extern "C" fn(
            ctx: *mut zova_ext_ctx,
            table: *const c_char,
            columns: *const *const c_char,
            n_columns: usize,
            next: zova_ext_next_row,
            user: *mut c_void,
        ) -> zova_ext_status,
    >,
    /// Inserts rows into a table without rowid, into one of its B-trees after the other: much faster than INSERT for many
    /// rows that arrive in the order of one of them only. trees are the table and all indexes of it, each with the same
    /// rows in its own order.
    ///
    /// *out_done is 1 afterwards, and 0 after a fault. It is 0 after success, too, when nothing was inserted because the
    /// table or the moment does not allow it, and INSERT is to be used: trees are not what the table has; it has a
    /// trigger, or an index that is unique, partial, descending or has a collation; a statement that writes is running;
    /// or the transaction is not being committed and the database has virtual tables. No next is called then.
    ///
    /// The rows must obey the constraints of the table, which are not looked at; SQLite finds rows whose key exists.
    ///
    /// Faults as for insert_rows, and ZOVA_INVALID_ARGUMENT (1) for a struct_size that is too small. After one the hook or
    /// callback must fail, too, with the status. Cost: about 0.2 microseconds for each row and B-tree where the rows are
    /// the last ones in its order, 1 microsecond elsewhere; 0.2 milliseconds in any case.
    pub insert_by_tree: Option<
        unsafe extern "C" fn(
            ctx: *mut zova_ext_ctx,
            table: *const c_char,
            trees: *const zova_ext_tree,
            n_trees: usize,
            out_done: *mut u8,
        ) -> zova_ext_status,
    >,

    /// In a salvage hook, names a row that is left out, by an id that means something to the application. The first
    /// thousand are reported along with the counts of salvage_report. Elsewhere ZOVA_MISUSE (16);
    /// ZOVA_INVALID_ARGUMENT (1) for a null pointer with a length, and for text that is not UTF-8.
    pub salvage_leave_out: Option<
        unsafe extern "C" fn(ctx: *mut zova_ext_ctx, row: *const c_char, len: usize) -> zova_ext_status,
    >,
}

/// Description of a plugin, filled by its entry point or, for an extension of the program itself, by the program.
/// Members are only ever appended. Strings, hooks and user must stay valid until the process ends.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct zova_ext_plugin {
    /// Before the entry point, the room that the host offers; afterwards, sizeof(zova_ext_plugin) in the plugin. Write
    /// no member beyond the smaller of the two.
    pub struct_size: usize,
    /// ZOVA_EXT_ABI_MAJOR that the plugin was built with.
    pub abi_major: u32,
    /// ZOVA_EXT_ABI_MINOR that the plugin was built with.
    pub abi_minor: u32,
    /// Name of the extension: 1 to 64 bytes of A-Z, a-z, 0-9, "_", ".", ":" and "-", not beginning with "_zova_".
    pub name: *const c_char,
    /// Version of the extension, 1 to 64 bytes. Code with another version does not fit an existing installation.
    pub version: *const c_char,
    /// "_zova_ext_", the name and "_": what the names of its tables, indexes, views and triggers begin with.
    pub storage_prefix: *const c_char,
    /// Lowest version of Zova that will do, for example "0.21.0".
    pub zova_abi_min: *const c_char,
    /// Free text of up to 512 bytes, separated by commas by convention; null for none.
    pub capabilities: *const c_char,
    /// Free text of up to 4096 bytes, JSON by convention; null for none.
    pub manifest_json: *const c_char,
    /// Passed to the hooks. Used by several threads at once when several databases are.
    pub user: *mut c_void,
    /// Registers SQL functions, on every connection; must not write. May be null.
    pub register_sql: zova_ext_hook,
    /// A cheap look, at every opening, at whether the tables are there; must not write. May be null.
    pub open_check: zova_ext_hook,
    /// Makes the tables and whatever else belongs under the prefix.
    pub install: zova_ext_hook,
    /// Verifies everything the extension stores; must not write.
    pub check: zova_ext_hook,
    /// Drops everything under the prefix.
    pub drop: zova_ext_hook,
    /// Saves what can be saved out of a damaged database. May be null.
    pub salvage: zova_ext_hook,
}

/// The function that a plugin exports: checks that the host fits, fills *out_plugin and returns 0. It is called once
/// per process and must not use a database. It returns 93 (ZOVA_EXTENSION_INCOMPATIBLE) when the major version of the
/// host is not the one it was built for, or the host's struct_size does not reach a member that it needs.
pub type zova_ext_entry_v1 = Option<
    unsafe extern "C" fn(host: *const zova_ext_host, out_plugin: *mut zova_ext_plugin) -> zova_ext_status,
>;

/// Numbers of the header; a test compares them with what a C compiler says.
///
/// cbindgen:ignore
pub mod numbers {
    macro_rules! numbers {
        ($($name:ident = $value:expr;)*) => {
            $(#[doc = concat!("ZOVA_EXT_", stringify!($name), " of the header.")] pub const $name: u32 = $value;)*
            /// All of them with their names.
            pub const ALL: &[(&str, u32)] = &[$((concat!("ZOVA_EXT_", stringify!($name)), $value),)*];
        };
    }
    numbers! {
        INTEGER = 1;
        FLOAT = 2;
        TEXT = 3;
        BLOB = 4;
        NULL = 5;
        TARGET_OBJECT = 2;
        TARGET_OBJECT_CHUNK = 3;
        TARGET_VECTOR = 4;
        TARGET_GRAPH_NODE = 9;
        CTX_READ_ONLY = 1 << 0;
        CTX_IN_TRANSACTION = 1 << 1;
        CTX_DIAGNOSTIC = 1 << 2;
        CTX_SALVAGE_PLAN = 1 << 3;
        CTX_SALVAGE_COPY = 1 << 4;
        FN_DETERMINISTIC = 1 << 0;
        FN_INNOCUOUS = 1 << 1;
        FN_DIRECT_ONLY = 1 << 2;
        FN_ATOMIC = 1 << 3;
        COL_HIDDEN = 1 << 0;
        COL_REQUIRED = 1 << 1;
        COL_SORTED = 1 << 2;
    }
}
