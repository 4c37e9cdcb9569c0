/*
 * A plugin that tries what the interface forbids, and tells what it was answered.
 *
 *     zova_odd(what, ...)          runs one attempt; its integer result is what the host answered
 *     zova_odd_rows(what, ...)     a table function of two visible columns
 *     zova_odd_write(value, fail)  an atomic function that writes twice and fails in between if asked
 *
 *     -DHOOK=statement             the body of the hooks install, check, open_check and drop begins with it
 */
#include "zova_extension.h"

#include <stdlib.h>
#include <string.h>

enum { MISUSE = 16 };

static const zova_ext_host *host;

/* What earlier calls were given, for use after its time. */
static zova_ext_ctx *kept_ctx;
static zova_ext_call *kept_call;
static zova_ext_stmt *kept_stmt;
static int destroyed;

static zova_ext_cell cell_of(int32_t type) {
    zova_ext_cell cell;
    memset(&cell, 0, sizeof cell);
    cell.type = type;
    return cell;
}

static void give(zova_ext_call *call, int64_t number) {
    zova_ext_cell cell = cell_of(ZOVA_EXT_INTEGER);
    cell.integer = number;
    host->result(call, &cell);
}

static zova_ext_status exec(zova_ext_ctx *ctx, const char *sql) { return host->exec(ctx, sql, strlen(sql)); }

static zova_ext_status prepare(zova_ext_ctx *ctx, const char *sql, zova_ext_stmt **out) {
    return host->prepare(ctx, sql, strlen(sql), out);
}

static int is(const zova_ext_cell *arg, const char *text) {
    return arg->type == ZOVA_EXT_TEXT && arg->len == strlen(text) && memcmp(arg->data, text, arg->len) == 0;
}

static zova_ext_status odd(zova_ext_call *call, const zova_ext_cell *args, size_t n_args, void *user) {
    zova_ext_ctx *ctx = host->call_context(call);
    zova_ext_stmt *stmt = NULL;
    zova_ext_cell cell;
    uint8_t flag = 9;
    zova_ext_status status;
    (void)user;
    if (n_args == 0) {
        return host->fail(ctx, 1, "what?", 5);
    }
    if (is(&args[0], "echo")) {
        host->result(call, &args[1]);
    } else if (is(&args[0], "nothing")) {
        /* No result is NULL. */
    } else if (is(&args[0], "last result")) {
        give(call, 1);
        give(call, 2);
    } else if (is(&args[0], "return")) {
        return (zova_ext_status)args[1].integer;
    } else if (is(&args[0], "fail")) {
        return host->fail(ctx, (zova_ext_status)args[1].integer, args[2].data, args[2].len);
    } else if (is(&args[0], "fail and succeed")) {
        host->fail(ctx, 12, "forgotten", 9);
        give(call, 7);
    } else if (is(&args[0], "exec")) {
        give(call, host->exec(ctx, args[1].data, args[1].len));
    } else if (is(&args[0], "pass on")) {
        return host->exec(ctx, args[1].data, args[1].len);
    } else if (is(&args[0], "prepare")) {
        give(call, host->prepare(ctx, args[1].data, args[1].len, &stmt));
        host->finalize(stmt);
    } else if (is(&args[0], "leave open")) {
        status = prepare(ctx, "select 1", &stmt);
        give(call, status);
        return n_args > 1 ? 12 : 0;
    } else if (is(&args[0], "keep")) {
        kept_ctx = ctx;
        kept_call = call;
        status = prepare(ctx, "select 1", &kept_stmt);
        host->finalize(kept_stmt);
        give(call, status);
    } else if (is(&args[0], "use kept context")) {
        give(call, exec(kept_ctx, "select 1"));
    } else if (is(&args[0], "use kept call")) {
        give(call, 3);
        give(kept_call, 4);
        if (host->call_context(kept_call) != NULL) {
            give(call, 5);
        }
    } else if (is(&args[0], "use kept statement")) {
        /* Every service, with a statement that was finalized. */
        host->finalize(kept_stmt);
        cell = cell_of(ZOVA_EXT_NULL);
        give(call, host->step(kept_stmt, &flag) == MISUSE && flag == 0 && host->bind(kept_stmt, 1, &cell) == MISUSE &&
                       host->column(kept_stmt, 0, &cell) == MISUSE && cell.type == ZOVA_EXT_NULL &&
                       host->reset(kept_stmt) == MISUSE && host->column_count(kept_stmt) == 0);
    } else if (is(&args[0], "foreign pointers")) {
        /* Addresses that are none of the host's numbers. */
        give(call, exec((zova_ext_ctx *)&cell, "select 1") == MISUSE && exec(NULL, "select 1") == MISUSE &&
                       exec((zova_ext_ctx *)call, "select 1") == MISUSE && host->step((zova_ext_stmt *)ctx, &flag) == MISUSE &&
                       host->step(NULL, &flag) == MISUSE && host->push_row((zova_ext_rows *)ctx, NULL, 0) == MISUSE &&
                       host->context_flags((zova_ext_ctx *)host) == 0 && host->changes(NULL) == 0 &&
                       host->salvage_source(ctx) == NULL && host->salvage_destination(ctx) == NULL);
    } else if (is(&args[0], "nested")) {
        /* The function is called again within a statement of this call, and then uses this call's context. */
        kept_ctx = ctx;
        status = prepare(ctx, "select zova_odd('use kept context')", &stmt);
        if (status == 0 && (status = host->step(stmt, &flag)) == 0 && flag) {
            host->column(stmt, 0, &cell);
            give(call, cell.integer);
        }
        host->finalize(stmt);
        /* And afterwards it is good again. */
        return status == 0 ? exec(ctx, "select 1") : status;
    } else if (is(&args[0], "many statements")) {
        zova_ext_stmt *stmts[50];
        int64_t sum = 0;
        int at;
        for (at = 0; at < 50; at++) {
            if (prepare(ctx, "select ?1 + 1", &stmts[at]) != 0) {
                return 17;
            }
            cell = cell_of(ZOVA_EXT_INTEGER);
            cell.integer = at;
            host->bind(stmts[at], 1, &cell);
        }
        for (at = 0; at < 50; at++) {
            host->step(stmts[at], &flag);
            host->column(stmts[at], 0, &cell);
            sum += cell.integer;
            host->reset(stmts[at]);
            host->finalize(stmts[at]);
        }
        give(call, sum);
    } else if (is(&args[0], "bad result")) {
        cell = cell_of((int32_t)args[1].integer);
        cell.len = 5;
        host->result(call, &cell);
    } else if (is(&args[0], "null result")) {
        host->result(call, NULL);
    } else if (is(&args[0], "bad arguments")) {
        cell = cell_of(77);
        if (prepare(ctx, "select ?1", &stmt) != 0) {
            return 17;
        }
        give(call, host->bind(stmt, 1, &cell) == 1 && host->bind(stmt, 1, NULL) == 1 && host->bind(stmt, -1, &args[0]) != 0 &&
                       host->bind(stmt, 2, &args[0]) != 0 && host->step(stmt, NULL) == 1 && host->step(stmt, &flag) == 0 &&
                       host->column(stmt, 1, &cell) == 1 && host->column(stmt, -1, &cell) == 1 &&
                       host->column(stmt, 0, NULL) == 1 && host->column_count(stmt) == 1 &&
                       host->exec(ctx, NULL, 3) == 1 && host->exec(ctx, "\xff", 1) == 1 && host->exec(ctx, NULL, 0) == 0 &&
                       host->prepare(ctx, "select 1", 8, NULL) == 1 &&
                       host->target_exists(ctx, 5, NULL, 0, "x", 1, &flag) == 1 &&
                       host->target_exists(ctx, 2, NULL, 0, "x", 1, NULL) == 1);
        host->finalize(stmt);
    } else if (is(&args[0], "target")) {
        /* type, namespace, reference */
        status = host->target_exists(ctx, (int32_t)args[1].integer, args[2].data, args[2].len, args[3].data, args[3].len,
                                     &flag);
        if (status != 0) {
            return status;
        }
        give(call, flag);
    } else if (is(&args[0], "flags")) {
        give(call, host->context_flags(ctx));
    } else if (is(&args[0], "memory")) {
        char *memory = host->alloc(100);
        void *none = host->alloc(0);
        memset(memory, 'x', 100);
        cell = cell_of(ZOVA_EXT_TEXT);
        cell.data = memory;
        cell.len = 100;
        host->result(call, &cell);
        host->free(memory);
        host->free(none);
        host->free(NULL);
    } else if (is(&args[0], "register")) {
        zova_ext_function function = {sizeof function, "zova_odd_late", 0, 0, odd, NULL, NULL};
        give(call, host->create_function(ctx, &function));
    } else if (is(&args[0], "destroyed")) {
        give(call, destroyed);
    } else if (is(&args[0], "host")) {
        give(call, host->struct_size == sizeof *host && host->abi_major == ZOVA_EXT_ABI_MAJOR &&
                       host->abi_minor == ZOVA_EXT_ABI_MINOR && strcmp(host->zova_version, "0.21.0") == 0);
    } else {
        return host->fail(ctx, 1, "no such attempt", 15);
    }
    return 0;
}

static zova_ext_status odd_rows(zova_ext_ctx *ctx, const zova_ext_cell *args, const uint8_t *present, size_t n_args,
                                zova_ext_rows *rows, void *user) {
    zova_ext_cell cells[3];
    int64_t at;
    (void)user;
    if (n_args != 2 || !present[0]) {
        return host->fail(ctx, 17, "the arguments are not the declared ones", 39);
    }
    memset(cells, 0, sizeof cells);
    if (is(&args[0], "count")) {
        for (at = 0; at < args[1].integer; at++) {
            zova_ext_status status;
            cells[0].type = ZOVA_EXT_INTEGER;
            cells[0].integer = at;
            cells[1].type = ZOVA_EXT_FLOAT;
            cells[1].real = (double)at / 2;
            if ((status = host->push_row(rows, cells, 2)) != 0) {
                return status;
            }
        }
    } else if (is(&args[0], "present")) {
        cells[0].type = ZOVA_EXT_INTEGER;
        cells[0].integer = present[1];
        cells[1] = args[1];
        return host->push_row(rows, cells, 2);
    } else if (is(&args[0], "too few")) {
        cells[0].type = ZOVA_EXT_NULL;
        return host->push_row(rows, cells, 1);
    } else if (is(&args[0], "bad cell")) {
        return host->push_row(rows, cells, 2);
    } else if (is(&args[0], "no cells")) {
        return host->push_row(rows, NULL, 2);
    } else if (is(&args[0], "leave open")) {
        zova_ext_stmt *stmt;
        return prepare(ctx, "select 1", &stmt);
    } else {
        return host->fail(ctx, 1, "no such rows", 12);
    }
    return 0;
}

static zova_ext_status odd_write(zova_ext_call *call, const zova_ext_cell *args, size_t n_args, void *user) {
    zova_ext_ctx *ctx = host->call_context(call);
    zova_ext_stmt *stmt;
    uint8_t flag;
    int at;
    (void)n_args;
    (void)user;
    for (at = 0; at < 2; at++) {
        zova_ext_status status = prepare(ctx, "insert into _zova_ext_odd_rows(value) values (?1)", &stmt);
        if (status != 0) {
            return status;
        }
        host->bind(stmt, 1, &args[0]);
        status = host->step(stmt, &flag);
        host->finalize(stmt);
        if (status != 0) {
            return status;
        }
        if (at == 0 && args[1].integer != 0) {
            return host->fail(ctx, 12, "between two writes", 18);
        }
    }
    give(call, host->changes(ctx));
    return 0;
}

static void destroy(void *user) { *(int *)user += 1; }

static zova_ext_status register_sql(zova_ext_ctx *ctx, void *user) {
    zova_ext_function functions[] = {
        {sizeof(zova_ext_function), "zova_odd", -1, 0, odd, NULL, NULL},
        {sizeof(zova_ext_function), "zova_odd_write", 2, ZOVA_EXT_FN_ATOMIC, odd_write, NULL, NULL},
        {sizeof(zova_ext_function), "zova_odd_pure", 1, ZOVA_EXT_FN_DETERMINISTIC | ZOVA_EXT_FN_INNOCUOUS, odd, NULL, NULL},
        {sizeof(zova_ext_function), "zova_odd_direct", -1, ZOVA_EXT_FN_DIRECT_ONLY, odd, destroy, &destroyed},
    };
    zova_ext_column columns[] = {
        {"number", "INTEGER", ZOVA_EXT_COL_SORTED, 0},
        {"half", NULL, 0, 0},
        {"what", "TEXT", ZOVA_EXT_COL_HIDDEN | ZOVA_EXT_COL_REQUIRED, 0},
        {"extra", "", ZOVA_EXT_COL_HIDDEN, 0},
    };
    zova_ext_table_function table = {sizeof table, "zova_odd_rows", 0, 4, columns, 10.0, 10, odd_rows, destroy, &destroyed};
    zova_ext_status status;
    size_t at;
    int ended = destroyed;
    for (at = 0; at < sizeof functions / sizeof *functions; at++) {
        if ((status = host->create_function(ctx, &functions[at])) != 0) {
            return status;
        }
        /* The strings were copied. */
        memset(&functions[at], 0x55, sizeof functions[at]);
    }
    if ((status = host->create_table_function(ctx, &table)) != 0) {
        return status;
    }
    memset(columns, 0x55, sizeof columns);
    /* What is refused is destroyed at once, if the host could know how. */
    {
        zova_ext_function taken = {sizeof taken, "upper", 1, 0, odd, destroy, &ended};
        zova_ext_function nameless = {sizeof nameless, NULL, 1, 0, odd, destroy, &ended};
        zova_ext_function idle = {sizeof idle, "zova_odd_idle", 1, 0, NULL, destroy, &ended};
        zova_ext_function flagged = {sizeof flagged, "zova_odd_flagged", 1, 1u << 9, odd, destroy, &ended};
        zova_ext_function crowded = {sizeof crowded, "zova_odd_crowded", 1001, 0, odd, destroy, &ended};
        zova_ext_function brief = {8, "zova_odd_brief", 1, 0, odd, destroy, &ended};
        zova_ext_table_function bare = {sizeof bare, "zova_odd_bare", 0, 0, NULL, 1, 1, odd_rows, destroy, &ended};
        int before = ended;
        if (host->create_function(ctx, &taken) != 91 || host->create_function(ctx, &nameless) != 1 ||
            host->create_function(ctx, &idle) != 1 || host->create_function(ctx, &flagged) != 1 ||
            host->create_function(ctx, &crowded) != 92 || host->create_function(ctx, &brief) != 1 ||
            host->create_function(ctx, NULL) != 1 || host->create_table_function(ctx, &bare) != 92 ||
            host->create_table_function(ctx, NULL) != 1 || ended != before + 6) {
            return host->fail(ctx, 17, "a registration was not refused as expected", 42);
        }
    }
    (void)user;
    return 0;
}

static zova_ext_status install(zova_ext_ctx *ctx, void *user) {
    (void)user;
#ifdef HOOK
    HOOK;
#endif
    return exec(ctx, "create table _zova_ext_odd_rows(value)");
}

static zova_ext_status check(zova_ext_ctx *ctx, void *user) {
    (void)user;
    (void)ctx;
#ifdef HOOK
    HOOK;
#endif
    return 0;
}

static zova_ext_status drop(zova_ext_ctx *ctx, void *user) {
    (void)user;
    return exec(ctx, "drop table if exists _zova_ext_odd_rows");
}

zova_ext_status zova_extension_entry_v1(const zova_ext_host *services, zova_ext_plugin *out) {
    host = services;
    out->struct_size = sizeof *out;
    out->abi_major = ZOVA_EXT_ABI_MAJOR;
    out->abi_minor = ZOVA_EXT_ABI_MINOR;
    out->name = "odd";
    out->version = "1.0.0";
    out->storage_prefix = "_zova_ext_odd_";
    out->zova_abi_min = "0.21.0";
    out->capabilities = "sql,table";
    out->register_sql = register_sql;
#ifdef CHECK_AT_OPEN
    out->open_check = check;
#endif
    out->install = install;
    out->check = check;
    out->drop = drop;
    return 0;
}
