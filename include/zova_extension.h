/*
 * zova_extension.h: the plugin interface of Zova
 *
 * A plugin is a shared library with one exported function, zova_extension_entry_v1. It links neither Zova nor SQLite:
 * everything it needs comes through the table of functions that the entry point is given. The guide to writing one is
 * docs/extension-authoring.md; examples-c/tags is a complete one.
 *
 * Lifetime
 *     The host's table is valid until the process ends; so must be the strings, hooks and user pointer of the plugin.
 *     The library is never unloaded, and there is no call at the end.
 *
 * Memory
 *     Nothing that one side allocated is freed by the other, except memory of zova_ext_host.alloc, which either side
 *     releases with zova_ext_host.free. Strings passed to the host are copied during the call.
 *
 * Errors
 *     A hook or callback returns 0 or the number of a zova_status (zova.h); a number that zova.h does not know counts as
 *     ZOVA_SQLITE_ERROR (17). A statement that is left open when the hook or callback returns is finalized by the host,
 *     and the hook or callback counts as failed with ZOVA_MISUSE (16).
 *
 * Threads
 *     Hooks of different database handles may run at the same time; one handle calls one hook at a time. No thread of
 *     the plugin's own may use a context.
 *
 * What a plugin must not do
 *     Call functions of zova.h on any handle from within a hook or callback; let an exception cross into the host.
 *
 * This file is generated; the sources it is made from are in crates/zova/src/extension/plugin/.
 */

#ifndef ZOVA_EXTENSION_H
#define ZOVA_EXTENSION_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Version of this plugin interface: the major number changes when something that exists changes. */
#define ZOVA_EXT_ABI_MAJOR 1u
/** Version of this plugin interface: the minor number changes when members are appended. */
#define ZOVA_EXT_ABI_MINOR 1u

/** Marks the one function that a plugin exports. */
#if defined(_WIN32)
#define ZOVA_EXT_EXPORT __declspec(dllexport)
#else
#define ZOVA_EXT_EXPORT __attribute__((visibility("default")))
#endif

/** Types of values, with the numbers of zova_column_type in zova.h. */
enum {
    /** A signed 64-bit integer. */
    ZOVA_EXT_INTEGER = 1,
    /** A 64-bit floating-point number. */
    ZOVA_EXT_FLOAT = 2,
    /** Text, UTF-8 by convention. */
    ZOVA_EXT_TEXT = 3,
    /** Bytes. */
    ZOVA_EXT_BLOB = 4,
    /** NULL. */
    ZOVA_EXT_NULL = 5
};

/** Types of targets, with the numbers of zova_graph_target_type in zova.h, and graph nodes. */
enum {
    /** An object; the reference is its id, 64 hexadecimal digits. */
    ZOVA_EXT_TARGET_OBJECT = 2,
    /** A chunk; the reference is its id, 64 hexadecimal digits. */
    ZOVA_EXT_TARGET_OBJECT_CHUNK = 3,
    /** A vector; the namespace is its collection. */
    ZOVA_EXT_TARGET_VECTOR = 4,
    /** A graph node; the namespace is its graph. */
    ZOVA_EXT_TARGET_GRAPH_NODE = 9
};

/** Flags of a context. */
enum {
    /** The database cannot be written. */
    ZOVA_EXT_CTX_READ_ONLY = 1u << 0,
    /** A transaction is open. */
    ZOVA_EXT_CTX_IN_TRANSACTION = 1u << 1,
    /** The call is part of a diagnosis. */
    ZOVA_EXT_CTX_DIAGNOSTIC = 1u << 2,
    /** The call is part of a salvage that only plans. */
    ZOVA_EXT_CTX_SALVAGE_PLAN = 1u << 3,
    /** The call is part of a salvage that copies. */
    ZOVA_EXT_CTX_SALVAGE_COPY = 1u << 4
};

/** Flags of functions and table functions. */
enum {
    /** Equal arguments always give equal results, whatever the database holds. */
    ZOVA_EXT_FN_DETERMINISTIC = 1u << 0,
    /** Safe in views and triggers of a file that is not trusted. */
    ZOVA_EXT_FN_INNOCUOUS = 1u << 1,
    /** Only in SQL of the application itself, not in views and triggers. */
    ZOVA_EXT_FN_DIRECT_ONLY = 1u << 2,
    /** The function writes: all changes of one call are kept or all undone, and on a read-only handle it is refused. */
    ZOVA_EXT_FN_ATOMIC = 1u << 3
};

/** Flags of columns of table functions. */
enum {
    /** An argument. */
    ZOVA_EXT_COL_HIDDEN = 1u << 0,
    /** An argument that a query must give. */
    ZOVA_EXT_COL_REQUIRED = 1u << 1,
    /** Rows come in ascending order of this column. */
    ZOVA_EXT_COL_SORTED = 1u << 2
};

/** One call of a scalar function. Valid until the callback returns, on its thread. */
typedef struct zova_ext_call zova_ext_call;

/**
 * What a hook or callback may do with the database that it was called for. Valid until that hook or callback
 * returns, on its thread.
 */
typedef struct zova_ext_ctx zova_ext_ctx;

/** Where a table function puts its rows. Valid until the callback returns, on its thread. */
typedef struct zova_ext_rows zova_ext_rows;

/**
 * A prepared statement. Valid until it is finalized; every statement must be finalized before the hook or callback
 * that prepared it returns.
 */
typedef struct zova_ext_stmt zova_ext_stmt;

/**
 * Result of a call in either direction: 0 is success, any other number is that of a zova_status in zova.h.
 */
typedef int32_t zova_ext_status;

/**
 * A hook: work that the host asks for. Returns 0, or the status of what went wrong (see zova_ext_host.fail).
 */
typedef zova_ext_status (*zova_ext_hook)(struct zova_ext_ctx *ctx, void *user);

/**
 * Description of a plugin, filled by its entry point or, for an extension of the program itself, by the program.
 * Members are only ever appended. Strings, hooks and user must stay valid until the process ends.
 */
typedef struct zova_ext_plugin {
    /**
     * Before the entry point, the room that the host offers; afterwards, sizeof(zova_ext_plugin) in the plugin. Write
     * no member beyond the smaller of the two.
     */
    size_t struct_size;
    /** ZOVA_EXT_ABI_MAJOR that the plugin was built with. */
    uint32_t abi_major;
    /** ZOVA_EXT_ABI_MINOR that the plugin was built with. */
    uint32_t abi_minor;
    /**
     * Name of the extension: 1 to 64 bytes of A-Z, a-z, 0-9, "_", ".", ":" and "-", not beginning with "_zova_".
     */
    const char *name;
    /**
     * Version of the extension, 1 to 64 bytes. Code with another version does not fit an existing installation.
     */
    const char *version;
    /**
     * "_zova_ext_", the name and "_": what the names of its tables, indexes, views and triggers begin with.
     */
    const char *storage_prefix;
    /** Lowest version of Zova that will do, for example "0.21.0". */
    const char *zova_abi_min;
    /** Free text of up to 512 bytes, separated by commas by convention; null for none. */
    const char *capabilities;
    /** Free text of up to 4096 bytes, JSON by convention; null for none. */
    const char *manifest_json;
    /** Passed to the hooks. Used by several threads at once when several databases are. */
    void *user;
    /** Registers SQL functions, on every connection; must not write. May be null. */
    zova_ext_hook register_sql;
    /** A cheap look, at every opening, at whether the tables are there; must not write. May be null. */
    zova_ext_hook open_check;
    /** Makes the tables and whatever else belongs under the prefix. */
    zova_ext_hook install;
    /** Verifies everything the extension stores; must not write. */
    zova_ext_hook check;
    /** Drops everything under the prefix. */
    zova_ext_hook drop;
    /** Saves what can be saved out of a damaged database. May be null. */
    zova_ext_hook salvage;
} zova_ext_plugin;

/**
 * One SQL value. Which members count depends on the type. The bytes of text and blobs are borrowed: arguments are
 * valid until the callback returns; what zova_ext_host.column gives, until the next step, reset or finalize of the
 * statement; what a plugin passes in is copied during the call.
 */
typedef struct zova_ext_cell {
    /** ZOVA_EXT_INTEGER, ZOVA_EXT_FLOAT, ZOVA_EXT_TEXT, ZOVA_EXT_BLOB or ZOVA_EXT_NULL. */
    int32_t type;
    /** 0. */
    int32_t reserved;
    /** The value of an integer. */
    int64_t integer;
    /** The value of a float. */
    double real;
    /**
     * The bytes of a text or blob; may be null when len is 0. Text is UTF-8 by convention, which SQL does not
     * enforce: check it where it matters. Nothing stands behind the last byte.
     */
    const void *data;
    /** Number of bytes in data. */
    size_t len;
} zova_ext_cell;

/** A scalar SQL function. The strings are copied when it is registered. */
typedef struct zova_ext_function {
    /** sizeof(zova_ext_function). */
    size_t struct_size;
    /** Name in SQL; should begin with "zova_", the extension's name and "_". */
    const char *name;
    /** Number of arguments; -1 for any number. */
    int32_t n_args;
    /** ZOVA_EXT_FN_ flags. */
    uint32_t flags;
    /** One call. Sets a result with zova_ext_host.result, else the result is NULL. */
    zova_ext_status (*call)(zova_ext_call *call,
                            const zova_ext_cell *args,
                            size_t n_args,
                            void *user);
    /**
     * Called once, when the function is no longer used, also when it could not be registered. May be null.
     */
    void (*destroy)(void *user);
    /** Passed to call and destroy. Used on whatever thread uses the database, by one thread at a time. */
    void *user;
} zova_ext_function;

/** A column of a table function. */
typedef struct zova_ext_column {
    /** Name in SQL. */
    const char *name;
    /** Declared type, for example "TEXT"; "" or null for none. */
    const char *decl_type;
    /** ZOVA_EXT_COL_ flags. */
    uint32_t flags;
    /** 0. */
    uint32_t reserved;
} zova_ext_column;

/**
 * A table that is computed from arguments: SELECT ... FROM name(argument, ...). It can only be read. The strings and
 * columns are copied when it is registered.
 */
typedef struct zova_ext_table_function {
    /** sizeof(zova_ext_table_function). */
    size_t struct_size;
    /** Name in SQL; should begin with "zova_", the extension's name and "_". */
    const char *name;
    /** ZOVA_EXT_FN_INNOCUOUS and ZOVA_EXT_FN_DIRECT_ONLY. */
    uint32_t flags;
    /** Number of columns, hidden ones included. */
    uint32_t n_columns;
    /** Visible columns first, then the hidden ones in the order of the arguments. */
    const zova_ext_column *columns;
    /** What one scan costs, for the query planner: about the number of rows that have to be looked at. */
    double estimated_cost;
    /** How many rows a scan gives, for the query planner. */
    int64_t estimated_rows;
    /**
     * Gives all rows, through zova_ext_host.push_row. args and present have one entry per hidden column, in order; the
     * entry of present is 0 where the query gave no value, and that of args is NULL then.
     */
    zova_ext_status (*scan)(zova_ext_ctx *ctx,
                            const zova_ext_cell *args,
                            const uint8_t *present,
                            size_t n_args,
                            zova_ext_rows *rows,
                            void *user);
    /** Called once, when the table is no longer used, also when it could not be registered. May be null. */
    void (*destroy)(void *user);
    /** Passed to scan and destroy. Used on whatever thread uses the database, by one thread at a time. */
    void *user;
} zova_ext_table_function;

/** What a salvage hook did, or would do. */
typedef struct zova_ext_salvage_counts {
    /** 1 when the extension was carried over. */
    uint64_t copied_extensions;
    /** Tables, indexes, views and triggers of the extension that were carried over. */
    uint64_t copied_private_objects;
    /** 1 when the extension was left out. */
    uint64_t skipped_extensions;
    /** Tables, indexes, views and triggers of the extension that were left out. */
    uint64_t skipped_private_objects;
    /** Rows that were left out; what counts as a row is the extension's choice. */
    uint64_t skipped_rows;
    /**
     * 1 when the extension is installed in the destination, or would be; the host then records its installation.
     */
    uint8_t installed_in_destination;
    /** 0. */
    uint8_t reserved[7];
} zova_ext_salvage_counts;

/** Something that an extension put off writing: the bytes it passed to zova_ext_host.defer. */
typedef struct zova_ext_entry {
    /** The bytes; never null. Valid until the callback returns. */
    const void *data;
    /** Number of bytes in data. */
    size_t len;
} zova_ext_entry;

/**
 * Writes that an extension puts off until the transaction is committed, so that many small changes cost less. The
 * name is copied when it is registered.
 */
typedef struct zova_ext_deferred {
    /** sizeof(zova_ext_deferred). */
    size_t struct_size;
    /** Tells it from whatever else the extension puts off; what defer and write_deferred are given. */
    const char *name;
    /**
     * Writes the entries, which were put off in this order; n_entries is at least 1. ctx may do what that of a hook
     * may, except zova_ext_host.write_deferred with the same name, which is ZOVA_MISUSE (16). When it fails, all that
     * it did is undone. If the transaction is being committed, it is rolled back, and the commit fails with the
     * message; ZOVA_BUSY (10) and ZOVA_CONSTRAINT (12), after which a commit can be repeated, become ZOVA_LOCKED (11)
     * and ZOVA_SQLITE_ERROR (17) then.
     */
    zova_ext_status (*write)(zova_ext_ctx *ctx,
                             const zova_ext_entry *entries,
                             size_t n_entries,
                             void *user);
    /** Called once, when it is no longer used, also when it could not be registered. May be null. */
    void (*destroy)(void *user);
    /** Passed to write and destroy. Used on whatever thread uses the database, by one thread at a time. */
    void *user;
} zova_ext_deferred;

/**
 * Gives the next row, at first the first: sets *out_has_row to 1 and fills all n_cells cells, which are NULL before, or
 * leaves *out_has_row at 0 when there are no more. What the cells point at stays valid and unchanged until the next
 * call, or until the function that inserts returns. May read the database, for example step a statement, and must not
 * write to it. A status other than 0 ends the insertion with that status.
 */
typedef zova_ext_status (*zova_ext_next_row)(struct zova_ext_cell *cells,
                                             size_t n_cells,
                                             uint8_t *out_has_row,
                                             void *user);

/**
 * A B-tree of a table without rowid, that of the table itself or of an index, and the rows to insert into it.
 */
typedef struct zova_ext_tree {
    /** sizeof(zova_ext_tree), the same in all elements of an array. */
    size_t struct_size;
    /** Name of the table, or of an index of it. */
    const char *name;
    /**
     * Names of the columns of the B-tree, in its order: those of the key first. An index of a table without rowid
     * holds the columns of the primary key behind its own.
     */
    const char *const *columns;
    /** Number of columns, 1 to 16. */
    size_t n_columns;
    /** How many of the columns, from the first, no two rows have in common: 1 to n_columns. */
    size_t n_key;
    /** Gives the rows, in ascending order of the columns as SQLite compares them. */
    zova_ext_next_row next;
    /** Passed to next. */
    void *user;
} zova_ext_tree;

/**
 * Services of the host. Members are only ever appended, so a plugin that needs one compares struct_size.
 *
 * Every function that takes a context or statement answers ZOVA_MISUSE (16) to one that is not valid at the moment or
 * belongs to another thread. Text that is passed in is UTF-8.
 */
typedef struct zova_ext_host {
    /** Size of this struct in the host. */
    size_t struct_size;
    /** ZOVA_EXT_ABI_MAJOR of the host. */
    uint32_t abi_major;
    /** ZOVA_EXT_ABI_MINOR of the host. */
    uint32_t abi_minor;
    /** Version of Zova, for example "0.21.0". */
    const char *zova_version;
    /** Memory that either side releases with free; null when there is none left. */
    void *(*alloc)(size_t size);
    /** Releases memory of alloc. Null is fine. */
    void (*free)(void *ptr);
    /**
     * Records the message of the failing hook or callback, and returns code, so that it can be returned at once. For
     * an SQL function the message becomes that of the statement, for a hook that of the database handle. Without a
     * message the status speaks for itself.
     */
    zova_ext_status (*fail)(zova_ext_ctx *ctx, zova_ext_status code, const char *message, size_t len);
    /** ZOVA_EXT_CTX_ flags. */
    uint32_t (*context_flags)(zova_ext_ctx *ctx);
    /**
     * Runs every statement in sql and discards rows. Statements that begin or end transactions, attach databases or
     * change the connection are ZOVA_MISUSE.
     */
    zova_ext_status (*exec)(zova_ext_ctx *ctx, const char *sql, size_t len);
    /**
     * Compiles the first statement of sql. The host keeps compiled statements, so preparing the same text again is
     * cheap. *out is null after a fault.
     */
    zova_ext_status (*prepare)(zova_ext_ctx *ctx,
                               const char *sql,
                               size_t len,
                               zova_ext_stmt **out);
    /** Binds a value to the parameter with this number, from 1. The value is copied. */
    zova_ext_status (*bind)(zova_ext_stmt *stmt, int32_t index, const zova_ext_cell *cell);
    /** Runs the statement to its next row: *out_has_row is 1 when there is one, 0 at the end. */
    zova_ext_status (*step)(zova_ext_stmt *stmt, uint8_t *out_has_row);
    /** Number of columns of the result; 0 for a statement that is not valid. */
    int32_t (*column_count)(zova_ext_stmt *stmt);
    /** The value in a column of the current row, from 0. Its bytes are borrowed, see zova_ext_cell. */
    zova_ext_status (*column)(zova_ext_stmt *stmt, int32_t index, zova_ext_cell *out_cell);
    /** Ends the run of the statement, so that it can be bound and run again; the bound values stay. */
    zova_ext_status (*reset)(zova_ext_stmt *stmt);
    /** Ends the statement. Null is fine. */
    void (*finalize)(zova_ext_stmt *stmt);
    /** Rows changed by the last INSERT, UPDATE or DELETE of this context; 0 for one that is not valid. */
    int64_t (*changes)(zova_ext_ctx *ctx);
    /**
     * Whether an object, chunk, vector or graph node exists, wherever it is stored. The namespace is the collection
     * of a vector or the graph of a node; null for the default one, and for objects and chunks.
     */
    zova_ext_status (*target_exists)(zova_ext_ctx *ctx,
                                     int32_t target_type,
                                     const char *target_namespace,
                                     size_t target_namespace_len,
                                     const char *target_ref,
                                     size_t target_ref_len,
                                     uint8_t *out_exists);
    /**
     * Registers a scalar function; only in register_sql. ZOVA_EXTENSION_EXISTS (91) for a name that is taken.
     */
    zova_ext_status (*create_function)(zova_ext_ctx *ctx, const zova_ext_function *def);
    /**
     * Registers a table function; only in register_sql. ZOVA_EXTENSION_EXISTS (91) for a name that is taken.
     */
    zova_ext_status (*create_table_function)(zova_ext_ctx *ctx,
                                             const zova_ext_table_function *def);
    /** The context of a function call; null for a call that is not valid. */
    zova_ext_ctx *(*call_context)(zova_ext_call *call);
    /** Sets the result of a function call; the last one counts. The value is copied. */
    void (*result)(zova_ext_call *call, const zova_ext_cell *cell);
    /**
     * Adds a row of a table function: one cell for each visible column, in order. The values are copied. Return any
     * status but 0 as it is.
     */
    zova_ext_status (*push_row)(zova_ext_rows *rows, const zova_ext_cell *cells, size_t n_cells);
    /** In a salvage hook, the context of the damaged database; elsewhere null. */
    zova_ext_ctx *(*salvage_source)(zova_ext_ctx *ctx);
    /** In a salvage hook, the context of the new database; null when salvage only plans, and elsewhere. */
    zova_ext_ctx *(*salvage_destination)(zova_ext_ctx *ctx);
    /** In a salvage hook, states what was done; the last report counts. */
    void (*salvage_report)(zova_ext_ctx *ctx, const zova_ext_salvage_counts *counts);
    /**
     * A number that changes with every commit to the main database, whichever handle or process makes it: what was
     * read under a number may be used again under the same one, so an extension can keep copies in memory. *out_known
     * is 0, and *out_version too, while this connection has uncommitted changes, or may have. Valid while the database
     * is being read: in a callback of an SQL function or table, and while a statement of the extension has rows.
     *
     * ZOVA_INVALID_ARGUMENT (1) for a null pointer. Cost: no access to the file. Since minor version 1, like everything
     * below.
     */
    zova_ext_status (*data_version)(zova_ext_ctx *ctx, uint8_t *out_known, uint32_t *out_version);
    /**
     * Registers writes that are put off, for this connection; only in register_sql. ZOVA_EXTENSION_INVALID (92) for a
     * name that is longer than some 150 bytes, ZOVA_INVALID_ARGUMENT (1) without a write callback.
     */
    zova_ext_status (*create_deferred)(zova_ext_ctx *ctx, const zova_ext_deferred *def);
    /**
     * Puts off an entry, whose bytes are copied; data may be null when len is 0. Only with the context of a function
     * call (call_context); elsewhere ZOVA_MISUSE (16). Inside a transaction, or a statement that writes, the entry is
     * written when that is committed, and forgotten when it, or the savepoint it was put off in, is rolled back.
     * Otherwise it is written and committed before this returns.
     *
     * Whatever reads the tables must have written first what is put off (write_deferred). Zova does that before it
     * checks an extension, and before a statement of the application that names its tables.
     *
     * ZOVA_INVALID_ARGUMENT (1) for a null pointer with a length, and for a name that this extension has not
     * registered on this connection with create_deferred; otherwise the fault of taking the lock for writing, or that
     * of the write callback. Cost: the first entry of a transaction takes the lock for writing; 96 MiB of entries are
     * kept in memory and then written, further ones again.
     */
    zova_ext_status (*defer)(zova_ext_ctx *ctx,
                             const char *name,
                             size_t name_len,
                             const void *data,
                             size_t len);
    /**
     * Writes what is put off under a name now, so that the tables can be read; in any hook or callback. What is written
     * is part of the transaction like any other change; entries from before a savepoint that is rolled back are put off
     * again, if they were written since.
     *
     * ZOVA_INVALID_ARGUMENT (1) for a name as in defer; ZOVA_MISUSE (16) while these entries are being written;
     * otherwise the fault of the write callback, after which all is put off still. Cost: nothing but a look-up when
     * nothing is put off.
     */
    zova_ext_status (*write_deferred)(zova_ext_ctx *ctx, const char *name, size_t name_len);
    /**
     * Inserts rows into a table of the main database: the values of each into these columns, 1 to 16.
     *
     * ZOVA_INVALID_ARGUMENT (1) for a null pointer, and for a cell that next filled with something that is no value;
     * ZOVA_MISUSE (16) for another number of columns; the status of next; otherwise that of SQLite. What was inserted
     * before a fault stays until the hook or callback fails, so pass the status on. Cost: that of one INSERT for all
     * rows, which is less than half of as many INSERTs.
     */
    zova_ext_status (*insert_rows)(zova_ext_ctx *ctx,
                                   const char *table,
                                   const char *const *columns,
                                   size_t n_columns,
                                   zova_ext_next_row next,
                                   void *user);
    /**
     * Inserts rows into a table without rowid, into one of its B-trees after the other: much faster than INSERT for many
     * rows that arrive in the order of one of them only. trees are the table and all indexes of it, each with the same
     * rows in its own order.
     *
     * *out_done is 1 afterwards, and 0 after a fault. It is 0 after success, too, when nothing was inserted because the
     * table or the moment does not allow it, and INSERT is to be used: trees are not what the table has; it has a
     * trigger, or an index that is unique, partial, descending or has a collation; a statement that writes is running;
     * or the transaction is not being committed and the database has virtual tables. No next is called then.
     *
     * The rows must obey the constraints of the table, which are not looked at; SQLite finds rows whose key exists.
     *
     * Faults as for insert_rows, and ZOVA_INVALID_ARGUMENT (1) for a struct_size that is too small. After one the hook or
     * callback must fail, too, with the status. Cost: about 0.2 microseconds for each row and B-tree where the rows are
     * the last ones in its order, 1 microsecond elsewhere; 0.2 milliseconds in any case.
     */
    zova_ext_status (*insert_by_tree)(zova_ext_ctx *ctx,
                                      const char *table,
                                      const zova_ext_tree *trees,
                                      size_t n_trees,
                                      uint8_t *out_done);
    /**
     * In a salvage hook, names a row that is left out, by an id that means something to the application. The first
     * thousand are reported along with the counts of salvage_report. Elsewhere ZOVA_MISUSE (16);
     * ZOVA_INVALID_ARGUMENT (1) for a null pointer with a length, and for text that is not UTF-8.
     */
    zova_ext_status (*salvage_leave_out)(zova_ext_ctx *ctx, const char *row, size_t len);
} zova_ext_host;

/**
 * The function that a plugin exports: checks that the host fits, fills *out_plugin and returns 0. It is called once
 * per process and must not use a database. It returns 93 (ZOVA_EXTENSION_INCOMPATIBLE) when the major version of the
 * host is not the one it was built for, or the host's struct_size does not reach a member that it needs.
 */
typedef zova_ext_status (*zova_ext_entry_v1)(const struct zova_ext_host *host,
                                             zova_ext_plugin *out_plugin);

/** The function that a plugin defines and exports; see zova_ext_entry_v1. */
ZOVA_EXT_EXPORT zova_ext_status zova_extension_entry_v1(const zova_ext_host *host, zova_ext_plugin *out_plugin);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* ZOVA_EXTENSION_H */
