/* Extensions in C that put off what they write (zova_ext_host.create_deferred, defer and write_deferred). */
#include "registries.h"

#define LINES "lines"

static const zova_ext_host *host;

/* What a test asks the hooks to do, and what they saw. */
static struct {
    int writes;                 /* calls of the callback that writes */
    int entries;                /* entries in the last one */
    int destroyed;              /* calls of destroy */
    int writes_in_itself;       /* the callback also asks for what it is doing */
    zova_ext_status in_itself;  /* the answer to that */
    int64_t stored_in_check;    /* lines in the table during the last check */
    zova_ext_status in_install; /* defer in the hook install */
    zova_ext_status left_out;   /* salvage_leave_out outside of a salvage */
    zova_ext_status too_long;   /* create_deferred with a very long name */
    zova_ext_status incomplete; /* create_deferred without a callback */
    zova_ext_status too_short;  /* create_deferred with a description that is too short */
    zova_ext_status nothing;    /* create_deferred with null */
} seen;

static zova_ext_status fail(zova_ext_ctx *ctx, zova_ext_status code, const char *why) {
    return host->fail(ctx, code, why, strlen(why));
}

static zova_ext_status run(zova_ext_ctx *ctx, const char *sql) { return host->exec(ctx, sql, strlen(sql)); }

static void give(zova_ext_call *call, int64_t value) {
    zova_ext_cell cell = integer_cell(value);
    host->result(call, &cell);
}

/* ---- an extension that keeps lines of text, numbered in the order in which they are written ---- */

struct lines {
    const zova_ext_entry *entries;
    size_t left;
};

static zova_ext_status next_line(zova_ext_cell *cells, size_t n_cells, uint8_t *out_has_row, void *user) {
    struct lines *lines = user;
    if (n_cells != 1) {
        return ZOVA_INTERNAL;
    }
    if (lines->left > 0) {
        cells[0].type = ZOVA_EXT_TEXT;
        cells[0].data = lines->entries->data;
        cells[0].len = lines->entries->len;
        lines->entries++;
        lines->left--;
        *out_has_row = 1;
    }
    return 0;
}

static zova_ext_status write_lines(zova_ext_ctx *ctx, const zova_ext_entry *entries, size_t n_entries, void *user) {
    static const char *const columns[] = {"line"};
    struct lines lines;
    size_t at;
    zova_ext_status status;
    lines.entries = entries;
    lines.left = n_entries;
    seen.writes++;
    seen.entries = (int)n_entries;
    if (user != &seen || n_entries == 0) {
        return ZOVA_INTERNAL;
    }
    if (seen.writes_in_itself) {
        seen.in_itself = host->write_deferred(ctx, LINES, strlen(LINES));
    }
    status = host->insert_rows(ctx, "_zova_ext_late_lines", columns, 1, next_line, &lines);
    for (at = 0; status == 0 && at < n_entries; at++) {
        if (entries[at].data == NULL) {
            return ZOVA_INTERNAL;
        }
        if (entries[at].len == 3 && memcmp(entries[at].data, "bad", 3) == 0) {
            return fail(ctx, ZOVA_CONSTRAINT, "a bad line");
        }
    }
    return status;
}

static void destroy(void *user) {
    if (user == &seen) {
        seen.destroyed++;
    }
}

/* zova_late_add(line) */
static zova_ext_status add_line(zova_ext_call *call, const zova_ext_cell *args, size_t n_args, void *user) {
    (void)n_args;
    (void)user;
    return host->defer(host->call_context(call), LINES, strlen(LINES), args[0].data, args[0].len);
}

/* How many lines are in the table. */
static zova_ext_status count(zova_ext_ctx *ctx, int64_t *out) {
    static const char SQL[] = "select count(*) from _zova_ext_late_lines";
    zova_ext_stmt *stmt = NULL;
    zova_ext_cell cell;
    uint8_t has_row = 0;
    zova_ext_status status = host->prepare(ctx, SQL, strlen(SQL), &stmt);
    if (status == 0 && (status = host->step(stmt, &has_row)) == 0 && (status = host->column(stmt, 0, &cell)) == 0) {
        *out = cell.integer;
    }
    host->finalize(stmt);
    return status;
}

/* zova_late_stored(): how many lines are in the table, without writing what is put off */
static zova_ext_status stored(zova_ext_call *call, const zova_ext_cell *args, size_t n_args, void *user) {
    int64_t lines = -1;
    zova_ext_status status = count(host->call_context(call), &lines);
    (void)args;
    (void)n_args;
    (void)user;
    give(call, lines);
    return status;
}

/* zova_late_write(): writes what is put off */
static zova_ext_status write_now(zova_ext_call *call, const zova_ext_cell *args, size_t n_args, void *user) {
    (void)args;
    (void)n_args;
    (void)user;
    return host->write_deferred(host->call_context(call), LINES, strlen(LINES));
}

/* zova_late_try(what): the status of an attempt */
static zova_ext_status attempt(zova_ext_call *call, const zova_ext_cell *args, size_t n_args, void *user) {
    zova_ext_ctx *ctx = host->call_context(call);
    zova_ext_deferred def = {sizeof def, "zova_late_more", write_lines, NULL, NULL};
    zova_ext_status status = -1;
    (void)n_args;
    (void)user;
    if (is(&args[0], "no context")) {
        status = host->defer(NULL, LINES, strlen(LINES), "x", 1);
    } else if (is(&args[0], "call as context")) {
        status = host->defer((zova_ext_ctx *)(void *)call, LINES, strlen(LINES), "x", 1);
    } else if (is(&args[0], "unknown name")) {
        status = host->defer(ctx, "zova_late_other", 15, "x", 1);
    } else if (is(&args[0], "name of a function")) {
        status = host->defer(ctx, "zova_late_add", 13, "x", 1);
    } else if (is(&args[0], "part of the name")) {
        status = host->defer(ctx, LINES, 4, "x", 1);
    } else if (is(&args[0], "no name")) {
        status = host->defer(ctx, NULL, 0, "x", 1);
    } else if (is(&args[0], "null name")) {
        status = host->defer(ctx, NULL, 4, "x", 1);
    } else if (is(&args[0], "name that is no text")) {
        status = host->defer(ctx, "\xff\xff", 2, "x", 1);
    } else if (is(&args[0], "null data")) {
        status = host->defer(ctx, LINES, strlen(LINES), NULL, 1);
    } else if (is(&args[0], "endless data")) {
        status = host->defer(ctx, LINES, strlen(LINES), "x", (size_t)-1);
    } else if (is(&args[0], "empty data")) {
        status = host->defer(ctx, LINES, strlen(LINES), NULL, 0);
    } else if (is(&args[0], "register")) {
        status = host->create_deferred(ctx, &def);
    } else if (is(&args[0], "write unknown name")) {
        status = host->write_deferred(ctx, "zova_late_other", 15);
    } else if (is(&args[0], "write without context")) {
        status = host->write_deferred(NULL, LINES, strlen(LINES));
    } else if (is(&args[0], "version without places")) {
        status = host->data_version(ctx, NULL, NULL);
    } else if (is(&args[0], "version without context")) {
        uint8_t known = 7;
        uint32_t version = 7;
        status = host->data_version(NULL, &known, &version);
        status = known == 0 && version == 0 ? status : -1;
    }
    give(call, status);
    return 0;
}

/* zova_late_rows(): one row; tries to put off an entry */
static zova_ext_status scan(zova_ext_ctx *ctx, const zova_ext_cell *args, const uint8_t *present, size_t n_args,
                            zova_ext_rows *rows, void *user) {
    zova_ext_cell cell = integer_cell(host->defer(ctx, LINES, strlen(LINES), "x", 1));
    (void)args;
    (void)present;
    (void)n_args;
    (void)user;
    return host->push_row(rows, &cell, 1);
}

/* zova_late_version(): the number of the database's state, -1 while there is none */
static zova_ext_status data_version(zova_ext_call *call, const zova_ext_cell *args, size_t n_args, void *user) {
    uint8_t known = 7;
    uint32_t version = 7;
    zova_ext_status status = host->data_version(host->call_context(call), &known, &version);
    (void)args;
    (void)n_args;
    (void)user;
    if (known > 1 || (known == 0 && version != 0)) {
        return ZOVA_INTERNAL;
    }
    give(call, known ? (int64_t)version : -1);
    return status;
}

static zova_ext_status function(zova_ext_ctx *ctx, const char *name, int32_t n_args, uint32_t flags,
                                zova_ext_status (*call)(zova_ext_call *, const zova_ext_cell *, size_t, void *)) {
    zova_ext_function def = {sizeof def, NULL, 0, 0, NULL, NULL, NULL};
    def.name = name;
    def.n_args = n_args;
    def.flags = flags;
    def.call = call;
    return host->create_function(ctx, &def);
}

static zova_ext_status register_sql(zova_ext_ctx *ctx, void *user) {
    static const zova_ext_column columns[] = {{"status", NULL, 0, 0}};
    char long_name[300] = "";
    zova_ext_deferred def = {sizeof def, LINES, write_lines, destroy, NULL};
    zova_ext_table_function table = {sizeof table, "zova_late_rows", 0, 1, columns, 1, 1, scan, NULL, NULL};
    zova_ext_status status;
    def.user = user;
    if ((status = host->create_deferred(ctx, &def)) != 0 ||
        (status = function(ctx, "zova_late_add", 1, 0, add_line)) != 0 ||
        (status = function(ctx, "zova_late_add_atomic", 1, ZOVA_EXT_FN_ATOMIC, add_line)) != 0 ||
        (status = function(ctx, "zova_late_stored", 0, 0, stored)) != 0 ||
        (status = function(ctx, "zova_late_write", 0, 0, write_now)) != 0 ||
        (status = function(ctx, "zova_late_try", 1, 0, attempt)) != 0 ||
        (status = function(ctx, "zova_late_version", 0, 0, data_version)) != 0 ||
        (status = host->create_table_function(ctx, &table)) != 0) {
        return status;
    }
    /* Refusals; destroy is called for the first two. */
    memset(long_name, 'n', sizeof long_name - 1);
    def.name = long_name;
    seen.too_long = host->create_deferred(ctx, &def);
    def.name = "zova_late_more";
    def.write = NULL;
    seen.incomplete = host->create_deferred(ctx, &def);
    def.struct_size = sizeof(size_t);
    seen.too_short = host->create_deferred(ctx, &def);
    seen.nothing = host->create_deferred(ctx, NULL);
    return 0;
}

static zova_ext_status install(zova_ext_ctx *ctx, void *user) {
    (void)user;
    seen.in_install = host->defer(ctx, LINES, strlen(LINES), "x", 1);
    seen.left_out = host->salvage_leave_out(ctx, "x", 1);
    return run(ctx, "create table _zova_ext_late_lines(at integer primary key, line text not null)");
}

static zova_ext_status check(zova_ext_ctx *ctx, void *user) {
    (void)user;
    return count(ctx, &seen.stored_in_check);
}

static zova_ext_status drop(zova_ext_ctx *ctx, void *user) {
    (void)user;
    return run(ctx, "drop table _zova_ext_late_lines");
}

/* ---- helpers ---- */

static zova_extension_registry *registry_with_late(void) {
    zova_ext_plugin plugin = plugin_called("late", "_zova_ext_late_");
    zova_extension_registry *registry = create_registry();
    memset(&seen, 0, sizeof seen);
    host = zova_extension_host();
    plugin.user = &seen;
    plugin.register_sql = register_sql;
    plugin.install = install;
    plugin.check = check;
    plugin.drop = drop;
    CHECK_OK(NULL, add(registry, &plugin, NULL));
    return registry;
}

static zova_database *create_late(const char *path, zova_extension_registry *registry) {
    zova_database *db = create_in(path, registry);
    CHECK_OK(db, call(zova_database_extension_install, db, "late"));
    return db;
}

static void end(zova_database *db, zova_extension_registry *registry) {
    close_database(db);
    CHECK_OK(NULL, zova_extension_registry_free(registry));
}

/* The lines, in the order in which they were written. The statement names the table, so Zova writes first. */
#define CHECK_LINES(expected, db) \
    CHECK_QUERY(expected, db, "select coalesce(group_concat(line, ' ' order by at), '') from _zova_ext_late_lines")

/* ---- tests ---- */

static void entries_are_written_in_order_when_the_transaction_is_committed(void) {
    zova_extension_registry *registry = registry_with_late();
    zova_database *db = create_late("x.zova", registry);
    int at;
    BEGIN(db);
    EXEC(db, "select zova_late_add('one'); select zova_late_add_atomic('two'), zova_late_add('three')");
    CHECK_INT(0, QUERY_INT(db, "select zova_late_stored()"));
    CHECK_INT(0, seen.writes);
    COMMIT(db);
    CHECK_INT(1, seen.writes);
    CHECK_INT(3, seen.entries);
    CHECK_INT(3, QUERY_INT(db, "select zova_late_stored()"));
    CHECK_LINES("one two three", db);
    BEGIN(db);
    for (at = 0; at < 1000; at++) {
        EXEC(db, "select zova_late_add('line')");
    }
    COMMIT(db);
    CHECK_INT(2, seen.writes);
    CHECK_INT(1000, seen.entries);
    CHECK_INT(1003, QUERY_INT(db, "select zova_late_stored()"));
    close_database(db);
    CHECK_OK(NULL, with_registry(zova_database_open_with_registry, "x.zova", 0, registry, &db));
    CHECK_INT(1003, QUERY_INT(db, "select zova_late_stored()"));
    end(db, registry);
}

static void rollbacks_forget_exactly_what_was_put_off_since(void) {
    zova_extension_registry *registry = registry_with_late();
    zova_database *db = create_late("x.zova", registry);
    BEGIN(db);
    EXEC(db, "select zova_late_add('lost')");
    ROLLBACK(db);
    CHECK_INT(0, seen.writes);
    CHECK_LINES("", db);

    BEGIN(db);
    EXEC(db, "select zova_late_add('a')");
    SAVEPOINT(db, "outer");
    EXEC(db, "select zova_late_add('b')");
    SAVEPOINT(db, "inner");
    EXEC(db, "select zova_late_add('c')");
    ROLLBACK_TO(db, "inner");
    EXEC(db, "select zova_late_add('d')");
    RELEASE(db, "inner");
    SAVEPOINT(db, "inner");
    EXEC(db, "select zova_late_add('e')");
    ROLLBACK_TO(db, "inner");
    RELEASE(db, "inner");
    COMMIT(db);
    CHECK_INT(1, seen.writes);
    CHECK_LINES("a b d", db);

    /* What was written since is put off again. */
    BEGIN(db);
    EXEC(db, "select zova_late_add('f')");
    SAVEPOINT(db, "s");
    EXEC(db, "select zova_late_add('g'); select zova_late_write()");
    CHECK_INT(5, QUERY_INT(db, "select zova_late_stored()"));
    ROLLBACK_TO(db, "s");
    CHECK_INT(3, QUERY_INT(db, "select zova_late_stored()"));
    EXEC(db, "select zova_late_add('h')");
    COMMIT(db);
    CHECK_LINES("a b d f h", db);

    /* A savepoint from before anything was put off. */
    SAVEPOINT(db, "alone");
    EXEC(db, "select zova_late_add('i')");
    ROLLBACK_TO(db, "alone");
    EXEC(db, "select zova_late_add('j')");
    RELEASE(db, "alone");
    CHECK_LINES("a b d f h j", db);

    /* The close of the handle rolls back. */
    BEGIN(db);
    EXEC(db, "select zova_late_add('k')");
    close_database(db);
    CHECK_OK(NULL, with_registry(zova_database_open_with_registry, "x.zova", 0, registry, &db));
    CHECK_LINES("a b d f h j", db);
    end(db, registry);
}

static void outside_of_a_transaction_an_entry_is_written_at_once(void) {
    zova_extension_registry *registry = registry_with_late();
    zova_database *db = create_late("x.zova", registry);
    zova_database *other = NULL;
    EXEC(db, "select zova_late_add('one')");
    CHECK_INT(1, seen.writes);
    CHECK_INT(1, QUERY_INT(db, "select zova_late_stored()"));
    CHECK_OK(NULL, with_registry(zova_database_open_with_registry, "x.zova", 0, registry, &other));
    CHECK_INT(1, QUERY_INT(other, "select zova_late_stored()"));
    EXEC(other, "select zova_late_add_atomic('two')");
    CHECK_LINES("one two", db);
    /* A statement that writes is a transaction of its own. */
    EXEC(db, "create table mine(x); create trigger each after insert on mine begin select zova_late_add(new.x); end");
    seen.writes = 0;
    EXEC(db, "insert into mine values ('three'), ('four'), ('five')");
    CHECK_INT(1, seen.writes);
    CHECK_INT(3, seen.entries);
    CHECK_LINES("one two three four five", other);
    close_database(other);
    CHECK_OK(NULL, with_registry(zova_database_open_with_registry, "x.zova", ZOVA_OPEN_READ_ONLY, registry, &other));
    CHECK_STATUS(other, ZOVA_READ_ONLY, exec(other, "select zova_late_add('six')"));
    close_database(other);
    CHECK_LINES("one two three four five", db);
    end(db, registry);
}

static void a_write_that_fails_rolls_the_commit_back_and_says_why(void) {
    zova_extension_registry *registry = registry_with_late();
    zova_database *db = create_late("x.zova", registry);
    EXEC(db, "create table mine(x)");
    BEGIN(db);
    EXEC(db, "insert into mine values (1); select zova_late_add('good'), zova_late_add('bad')");
    /* Not the status of the callback: after that one a commit could be repeated. */
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, simple(zova_database_commit, db));
    CHECK_CONTAINS("a bad line", last_error(db));
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, simple(zova_database_commit, db));
    CHECK_CONTAINS("no transaction", last_error(db));
    CHECK_INT(0, QUERY_INT(db, "select zova_late_stored() + (select count(*) from mine)"));
    /* Nothing is left of it, and the next transaction is a new one. */
    seen.writes = 0;
    BEGIN(db);
    EXEC(db, "select zova_late_add('fine')");
    COMMIT(db);
    CHECK_INT(1, seen.writes);
    CHECK_LINES("fine", db);
    CHECK_STATUS(db, ZOVA_CONSTRAINT, exec(db, "select zova_late_add('bad')"));
    CHECK_CONTAINS("a bad line", last_error(db));
    CHECK_LINES("fine", db);
    /* When it fails before the commit, all is put off still, and the transaction goes on. */
    BEGIN(db);
    EXEC(db, "select zova_late_add('more')");
    SAVEPOINT(db, "s");
    EXEC(db, "select zova_late_add('bad')");
    CHECK_STATUS(db, ZOVA_CONSTRAINT, exec(db, "select zova_late_write()"));
    CHECK_INT(1, QUERY_INT(db, "select zova_late_stored()"));
    ROLLBACK_TO(db, "s");
    COMMIT(db);
    CHECK_LINES("fine more", db);
    end(db, registry);
}

static void what_reads_the_tables_finds_what_was_put_off(void) {
    zova_extension_registry *registry = registry_with_late();
    zova_database *db = create_late("x.zova", registry);
    BEGIN(db);
    EXEC(db, "select zova_late_add('one')");
    CHECK_INT(0, QUERY_INT(db, "select zova_late_stored()"));
    EXEC(db, "select zova_late_write()");
    CHECK_INT(1, QUERY_INT(db, "select zova_late_stored()"));
    EXEC(db, "select zova_late_write()");
    CHECK_INT(1, seen.writes);
    /* A statement of the application that names the table, and a check. */
    EXEC(db, "select zova_late_add('two')");
    CHECK_LINES("one two", db);
    EXEC(db, "select zova_late_add('three')");
    CHECK_OK(db, call(zova_database_extension_check, db, "late"));
    CHECK_INT(3, seen.stored_in_check);
    /* A check changes nothing: what was written for it is put off again. */
    CHECK_INT(2, QUERY_INT(db, "select zova_late_stored()"));
    CHECK_LINES("one two three", db);
    SAVEPOINT(db, "s");
    EXEC(db, "select zova_late_add('four')");
    SAVEPOINT(db, "t");
    CHECK_LINES("one two three four", db);
    ROLLBACK_TO(db, "t");
    CHECK_LINES("one two three four", db);
    ROLLBACK_TO(db, "s");
    CHECK_LINES("one two three", db);
    EXEC(db, "select zova_late_add('five')");
    COMMIT(db);
    CHECK_LINES("one two three five", db);
    /* What is put off is dropped with the table. */
    BEGIN(db);
    EXEC(db, "select zova_late_add('six')");
    CHECK_OK(db, call(zova_database_extension_drop, db, "late"));
    COMMIT(db);
    CHECK_OK(db, call(zova_database_extension_install, db, "late"));
    CHECK_LINES("", db);
    end(db, registry);
}

static void misuse_is_answered_with_a_status(void) {
    static const struct {
        const char *attempt;
        zova_status status;
    } attempts[] = {
        {"no context", ZOVA_MISUSE},
        {"call as context", ZOVA_MISUSE},
        {"unknown name", ZOVA_INVALID_ARGUMENT},
        {"name of a function", ZOVA_INVALID_ARGUMENT},
        {"part of the name", ZOVA_INVALID_ARGUMENT},
        {"no name", ZOVA_INVALID_ARGUMENT},
        {"null name", ZOVA_INVALID_ARGUMENT},
        {"name that is no text", ZOVA_INVALID_ARGUMENT},
        {"null data", ZOVA_INVALID_ARGUMENT},
        {"endless data", ZOVA_INVALID_ARGUMENT},
        {"register", ZOVA_MISUSE},
        {"write unknown name", ZOVA_INVALID_ARGUMENT},
        {"write without context", ZOVA_MISUSE},
        {"version without places", ZOVA_INVALID_ARGUMENT},
        {"version without context", ZOVA_MISUSE},
    };
    zova_extension_registry *registry = registry_with_late();
    zova_database *db = create_late("x.zova", registry);
    size_t at;
    CHECK_INT(ZOVA_MISUSE, seen.in_install);
    CHECK_INT(ZOVA_MISUSE, QUERY_INT(db, "select status from zova_late_rows"));
    for (at = 0; at < 2 * (sizeof attempts / sizeof *attempts); at++) {
        const char *what = attempts[at / 2].attempt;
        char sql[128];
        check_about("%s", what);
        if (at % 2 == 1) {
            BEGIN(db);
        }
        snprintf(sql, sizeof sql, "select zova_late_try('%s')", what);
        CHECK_INT(attempts[at / 2].status, QUERY_INT(db, sql));
        if (at % 2 == 1) {
            COMMIT(db);
        }
    }
    check_about("%s", "");
    CHECK_INT(0, seen.writes);
    CHECK_INT(0, QUERY_INT(db, "select zova_late_stored()"));
    /* No bytes are an entry like any other. */
    CHECK_INT(0, QUERY_INT(db, "select zova_late_try('empty data')"));
    CHECK_INT(1, QUERY_INT(db, "select zova_late_stored()"));
    /* Nothing can be written while it is being written, and neither can anything be put off then. */
    seen.writes_in_itself = 1;
    BEGIN(db);
    EXEC(db, "select zova_late_add('x')");
    COMMIT(db);
    CHECK_INT(ZOVA_MISUSE, seen.in_itself);
    CHECK_INT(2, QUERY_INT(db, "select zova_late_stored()"));
    /* What takes part in transactions for it is not a table which anybody could use. */
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, "create virtual table t using _zova_deferred_late_" LINES));
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, "select count(*) from _zova_deferred_late_" LINES));
    end(db, registry);
}

static void destroy_is_called_once_for_each_registration(void) {
    zova_extension_registry *registry = registry_with_late();
    zova_database *db = create_late("x.zova", registry);
    zova_database *other = NULL;
    CHECK_INT(ZOVA_MISUSE, seen.left_out);
    CHECK_INT(ZOVA_EXTENSION_INVALID, seen.too_long);
    CHECK_INT(ZOVA_INVALID_ARGUMENT, seen.incomplete);
    CHECK_INT(ZOVA_INVALID_ARGUMENT, seen.too_short);
    CHECK_INT(ZOVA_INVALID_ARGUMENT, seen.nothing);
    CHECK_INT(2, seen.destroyed);
    CHECK_OK(NULL, with_registry(zova_database_open_with_registry, "x.zova", 0, registry, &other));
    CHECK_INT(4, seen.destroyed);
    close_database(other);
    CHECK_INT(5, seen.destroyed);
    BEGIN(db);
    EXEC(db, "select zova_late_add('never written')");
    close_database(db);
    CHECK_INT(6, seen.destroyed);
    CHECK_OK(NULL, zova_extension_registry_free(registry));
    CHECK_INT(6, seen.destroyed);
}

static void every_handle_puts_off_its_own_entries(void) {
    zova_extension_registry *registry = registry_with_late();
    zova_database *first = create_late("a.zova", registry);
    zova_database *second = create_late("b.zova", registry);
    BEGIN(first);
    BEGIN(second);
    EXEC(first, "select zova_late_add('a')");
    EXEC(second, "select zova_late_add('b')");
    EXEC(first, "select zova_late_add('c')");
    ROLLBACK(second);
    COMMIT(first);
    CHECK_LINES("a c", first);
    CHECK_LINES("", second);
    close_database(first);
    EXEC(second, "select zova_late_add('d')");
    CHECK_LINES("d", second);
    end(second, registry);
}

static void the_data_version_changes_with_every_commit_and_is_unknown_between(void) {
    zova_extension_registry *registry = registry_with_late();
    zova_database *db = create_late("x.zova", registry);
    zova_database *other = NULL;
    int64_t version = QUERY_INT(db, "select zova_late_version()");
    CHECK(version >= 0);
    CHECK_INT(version, QUERY_INT(db, "select zova_late_version()"));
    EXEC(db, "create table mine(x)");
    CHECK(version != QUERY_INT(db, "select zova_late_version()"));
    version = QUERY_INT(db, "select zova_late_version()");
    CHECK_OK(NULL, with_registry(zova_database_open_with_registry, "x.zova", 0, registry, &other));
    EXEC(other, "insert into mine values (1)");
    CHECK(version != QUERY_INT(db, "select zova_late_version() from mine"));
    close_database(other);
    BEGIN(db);
    CHECK(QUERY_INT(db, "select zova_late_version()") >= 0);
    EXEC(db, "insert into mine values (2)");
    CHECK_INT(-1, QUERY_INT(db, "select zova_late_version()"));
    ROLLBACK(db);
    CHECK(QUERY_INT(db, "select zova_late_version()") >= 0);
    end(db, registry);
}

CHECK_MAIN(CASE(entries_are_written_in_order_when_the_transaction_is_committed),
           CASE(rollbacks_forget_exactly_what_was_put_off_since),
           CASE(outside_of_a_transaction_an_entry_is_written_at_once),
           CASE(a_write_that_fails_rolls_the_commit_back_and_says_why),
           CASE(what_reads_the_tables_finds_what_was_put_off),
           CASE(misuse_is_answered_with_a_status),
           CASE(destroy_is_called_once_for_each_registration),
           CASE(every_handle_puts_off_its_own_entries),
           CASE(the_data_version_changes_with_every_commit_and_is_unknown_between))
