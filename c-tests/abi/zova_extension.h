#ifndef ZOVA_EXTENSION_H
#define ZOVA_EXTENSION_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ZOVA_EXT_ABI_MAJOR 1u
#define ZOVA_EXT_ABI_MINOR 1u

#if defined(_WIN32)
#define ZOVA_EXT_EXPORT __declspec(dllexport)
#else
#define ZOVA_EXT_EXPORT __attribute__((visibility("default")))
#endif

/* Same numbers as zova_status in zova.h; 0 is success. */
typedef int32_t zova_ext_status;

/* Value types, same numbers as zova_column_type in zova.h. */
enum {
    ZOVA_EXT_INTEGER = 1,
    ZOVA_EXT_FLOAT = 2,
    ZOVA_EXT_TEXT = 3,
    ZOVA_EXT_BLOB = 4,
    ZOVA_EXT_NULL = 5
};

/* Target types, same numbers as zova_graph_target_type in zova.h, plus graph node. */
enum {
    ZOVA_EXT_TARGET_OBJECT = 2,
    ZOVA_EXT_TARGET_OBJECT_CHUNK = 3,
    ZOVA_EXT_TARGET_VECTOR = 4,
    ZOVA_EXT_TARGET_GRAPH_NODE = 9
};

enum { /* context_flags */
    ZOVA_EXT_CTX_READ_ONLY = 1u << 0,
    ZOVA_EXT_CTX_IN_TRANSACTION = 1u << 1,
    ZOVA_EXT_CTX_DIAGNOSTIC = 1u << 2,
    ZOVA_EXT_CTX_SALVAGE_PLAN = 1u << 3,
    ZOVA_EXT_CTX_SALVAGE_COPY = 1u << 4
};

enum { /* zova_ext_function.flags, zova_ext_table_function.flags */
    ZOVA_EXT_FN_DETERMINISTIC = 1u << 0,
    ZOVA_EXT_FN_INNOCUOUS = 1u << 1,
    ZOVA_EXT_FN_DIRECT_ONLY = 1u << 2,
    ZOVA_EXT_FN_ATOMIC = 1u << 3   /* host wraps each call in an atomic section; implies writes */
};

enum { /* zova_ext_column.flags */
    ZOVA_EXT_COL_HIDDEN = 1u << 0,   /* argument column */
    ZOVA_EXT_COL_REQUIRED = 1u << 1, /* hidden column that must have an equality constraint */
    ZOVA_EXT_COL_SORTED = 1u << 2    /* rows are pushed in ascending order of this column */
};

typedef struct zova_ext_ctx zova_ext_ctx;
typedef struct zova_ext_stmt zova_ext_stmt;
typedef struct zova_ext_call zova_ext_call;
typedef struct zova_ext_rows zova_ext_rows;

/* One SQL value. Text and blob bytes are borrowed, see the ownership rules. */
typedef struct zova_ext_cell {
    int32_t type;
    int32_t reserved;
    int64_t integer;
    double real;
    const void *data;
    size_t len;
} zova_ext_cell;

typedef zova_ext_status (*zova_ext_hook)(zova_ext_ctx *ctx, void *user);

typedef struct zova_ext_function {
    size_t struct_size;
    const char *name;
    int32_t n_args;      /* -1: any number */
    uint32_t flags;
    zova_ext_status (*call)(zova_ext_call *call, const zova_ext_cell *args, size_t n_args, void *user);
    void (*destroy)(void *user); /* may be NULL */
    void *user;
} zova_ext_function;

typedef struct zova_ext_column {
    const char *name;
    const char *decl_type;
    uint32_t flags;
    uint32_t reserved;
} zova_ext_column;

typedef struct zova_ext_table_function {
    size_t struct_size;
    const char *name;
    uint32_t flags;
    uint32_t n_columns;
    const zova_ext_column *columns; /* visible columns first, then hidden ones in argument order */
    double estimated_cost;
    int64_t estimated_rows;
    /* args has one entry per hidden column; present[i] is 0 when it had no equality constraint. */
    zova_ext_status (*scan)(zova_ext_ctx *ctx, const zova_ext_cell *args, const uint8_t *present,
                            size_t n_args, zova_ext_rows *rows, void *user);
    void (*destroy)(void *user); /* may be NULL */
    void *user;
} zova_ext_table_function;

/* Minor version 1: something that was put off, as defer got it. */
typedef struct zova_ext_entry {
    const void *data;
    size_t len;
} zova_ext_entry;

/* Minor version 1. */
typedef struct zova_ext_deferred {
    size_t struct_size;
    const char *name;
    zova_ext_status (*write)(zova_ext_ctx *ctx, const zova_ext_entry *entries, size_t n_entries, void *user);
    void (*destroy)(void *user); /* may be NULL */
    void *user;
} zova_ext_deferred;

/* Minor version 1: fills the cells with the next row, if there is one. */
typedef zova_ext_status (*zova_ext_next_row)(zova_ext_cell *cells, size_t n_cells, uint8_t *out_has_row, void *user);

/* Minor version 1: a B-tree of a table without rowid and the rows for it. */
typedef struct zova_ext_tree {
    size_t struct_size;
    const char *name;
    const char *const *columns;
    size_t n_columns;
    size_t n_key;
    zova_ext_next_row next;
    void *user;
} zova_ext_tree;

typedef struct zova_ext_salvage_counts {
    uint64_t copied_extensions;
    uint64_t copied_private_objects;
    uint64_t skipped_extensions;
    uint64_t skipped_private_objects;
    uint64_t skipped_rows;
    uint8_t installed_in_destination;
    uint8_t reserved[7];
} zova_ext_salvage_counts;

/* Services of the host. Members are only ever appended. */
typedef struct zova_ext_host {
    size_t struct_size;
    uint32_t abi_major;
    uint32_t abi_minor;
    const char *zova_version;

    void *(*alloc)(size_t size);
    void (*free)(void *ptr);

    /* Records a message for the failing hook or call and returns code. */
    zova_ext_status (*fail)(zova_ext_ctx *ctx, zova_ext_status code, const char *message, size_t len);
    uint32_t (*context_flags)(zova_ext_ctx *ctx);

    zova_ext_status (*exec)(zova_ext_ctx *ctx, const char *sql, size_t len);
    zova_ext_status (*prepare)(zova_ext_ctx *ctx, const char *sql, size_t len, zova_ext_stmt **out);
    zova_ext_status (*bind)(zova_ext_stmt *stmt, int32_t index, const zova_ext_cell *cell);
    zova_ext_status (*step)(zova_ext_stmt *stmt, uint8_t *out_has_row);
    int32_t (*column_count)(zova_ext_stmt *stmt);
    zova_ext_status (*column)(zova_ext_stmt *stmt, int32_t index, zova_ext_cell *out_cell);
    zova_ext_status (*reset)(zova_ext_stmt *stmt);
    void (*finalize)(zova_ext_stmt *stmt);
    int64_t (*changes)(zova_ext_ctx *ctx);

    zova_ext_status (*target_exists)(zova_ext_ctx *ctx, int32_t target_type,
                                     const char *target_namespace, size_t target_namespace_len,
                                     const char *target_ref, size_t target_ref_len,
                                     uint8_t *out_exists);

    zova_ext_status (*create_function)(zova_ext_ctx *ctx, const zova_ext_function *def);
    zova_ext_status (*create_table_function)(zova_ext_ctx *ctx, const zova_ext_table_function *def);

    zova_ext_ctx *(*call_context)(zova_ext_call *call);
    void (*result)(zova_ext_call *call, const zova_ext_cell *cell);
    zova_ext_status (*push_row)(zova_ext_rows *rows, const zova_ext_cell *cells, size_t n_cells);

    zova_ext_ctx *(*salvage_source)(zova_ext_ctx *ctx);
    zova_ext_ctx *(*salvage_destination)(zova_ext_ctx *ctx); /* NULL in plan mode */
    void (*salvage_report)(zova_ext_ctx *ctx, const zova_ext_salvage_counts *counts);

    /* Since minor version 1. */
    zova_ext_status (*data_version)(zova_ext_ctx *ctx, uint8_t *out_known, uint32_t *out_version);

    zova_ext_status (*create_deferred)(zova_ext_ctx *ctx, const zova_ext_deferred *def);
    zova_ext_status (*defer)(zova_ext_ctx *ctx, const char *name, size_t name_len, const void *data, size_t len);
    zova_ext_status (*write_deferred)(zova_ext_ctx *ctx, const char *name, size_t name_len);

    zova_ext_status (*insert_rows)(zova_ext_ctx *ctx, const char *table, const char *const *columns, size_t n_columns,
                                   zova_ext_next_row next, void *user);
    zova_ext_status (*insert_by_tree)(zova_ext_ctx *ctx, const char *table, const zova_ext_tree *trees, size_t n_trees,
                                      uint8_t *out_done);
    zova_ext_status (*salvage_leave_out)(zova_ext_ctx *ctx, const char *row, size_t len);
} zova_ext_host;

/* Description of the plugin, filled by the entry point. Members are only ever appended. */
typedef struct zova_ext_plugin {
    size_t struct_size;
    uint32_t abi_major;
    uint32_t abi_minor;
    const char *name;
    const char *version;
    const char *storage_prefix;
    const char *zova_abi_min;
    const char *capabilities;
    const char *manifest_json;
    void *user;
    zova_ext_hook register_sql; /* optional */
    zova_ext_hook open_check;   /* optional */
    zova_ext_hook install;
    zova_ext_hook check;
    zova_ext_hook drop;
    zova_ext_hook salvage;      /* optional */
} zova_ext_plugin;

/* The one symbol a plugin exports. */
typedef zova_ext_status (*zova_ext_entry_v1)(const zova_ext_host *host, zova_ext_plugin *out_plugin);
ZOVA_EXT_EXPORT zova_ext_status zova_extension_entry_v1(const zova_ext_host *host,
                                                        zova_ext_plugin *out_plugin);

#ifdef __cplusplus
}
#endif

#endif
