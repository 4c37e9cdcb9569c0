/* Extensions in C that insert many rows at once (zova_ext_host.insert_rows and insert_by_tree). */
#include "registries.h"

static const zova_ext_host *host;

/* What the next call of a function uses; each test sets it. */
static struct {
    int64_t rows;              /* rows that a source gives */
    int64_t fails_at;          /* the row at which it fails, -1 for none */
    int fails_second;          /* of two sources the second one fails */
    zova_ext_status status;    /* how */
    int bad_type;              /* or with a cell of this type, if it is not 0 */
    int ignores_faults;        /* the function succeeds although the insertion failed */
    int calls;                 /* calls of sources */
    zova_ext_status inserting; /* what the last insertion answered */
    int done;                  /* *out_done of the last one */
} use;

static zova_ext_status run(zova_ext_ctx *ctx, const char *sql) { return host->exec(ctx, sql, strlen(sql)); }

/* ---- sources of rows ---- */

struct source {
    int64_t at;
    int swapped;
    char text[32];
    unsigned char blob[4];
    double real;
};

/* Whether the row is to be given; otherwise how the callback ends is in *status. */
static int go_on(struct source *source, uint8_t *out_has_row, zova_ext_status *status) {
    use.calls++;
    *status = 0;
    if (source->at == use.fails_at && source->swapped == use.fails_second && use.bad_type == 0) {
        *out_has_row = 1; /* the status counts */
        *status = use.status;
        return 0;
    }
    if (source->at >= use.rows) {
        return 0;
    }
    *out_has_row = 1;
    return 1;
}

/* Rows of all types, whose text and blob are overwritten by the next one. */
static zova_ext_status next_mixed(zova_ext_cell *cells, size_t n_cells, uint8_t *out_has_row, void *user) {
    struct source *source = user;
    zova_ext_status status;
    size_t at;
    for (at = 0; at < n_cells; at++) {
        if (cells[at].type != ZOVA_EXT_NULL || cells[at].len != 0) {
            return ZOVA_INTERNAL;
        }
    }
    if (!go_on(source, out_has_row, &status)) {
        return status;
    }
    if (n_cells != 5) {
        return ZOVA_INTERNAL;
    }
    memset(source->text, 'x', sizeof source->text);
    snprintf(source->text, sizeof source->text, "text %lld", (long long)source->at);
    memset(source->blob, (int)source->at & 0xff, sizeof source->blob);
    cells[0] = integer_cell(source->at);
    cells[1] = text_cell(source->text);
    cells[2].type = ZOVA_EXT_BLOB;
    cells[2].data = source->blob;
    cells[2].len = sizeof source->blob;
    cells[3].type = ZOVA_EXT_FLOAT;
    cells[3].real = (double)source->at / 2;
    /* The last one stays NULL. */
    if (source->at == use.fails_at) {
        cells[4].type = use.bad_type;
        cells[4].len = 1;
    }
    source->at++;
    return 0;
}

/* Pairs of a number and a blob that is in the same order. */
static zova_ext_status next_pair(zova_ext_cell *cells, size_t n_cells, uint8_t *out_has_row, void *user) {
    struct source *source = user;
    zova_ext_status status;
    if (!go_on(source, out_has_row, &status)) {
        return status;
    }
    if (n_cells != 2) {
        return ZOVA_INTERNAL;
    }
    source->blob[0] = (unsigned char)(source->at >> 8);
    source->blob[1] = (unsigned char)source->at;
    cells[source->swapped] = integer_cell(source->at);
    cells[!source->swapped].type = ZOVA_EXT_BLOB;
    cells[!source->swapped].data = source->blob;
    cells[!source->swapped].len = 2;
    source->at++;
    return 0;
}

/* ---- an extension with a table of rows, and one of pairs without rowid ---- */

static const char *const MIXED[] = {"a", "b", "c", "d", "e", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a"};
static const char *const PAIRS[] = {"a", "b"};
static const char *const SWAPPED[] = {"b", "a"};
static const char *const BROKEN[] = {"a", NULL, "c", "d", "e"};

/* The answer of a function: the status of the insertion, which is passed on unless the test says otherwise. */
static zova_ext_status finish(zova_ext_call *call, zova_ext_status status) {
    zova_ext_cell cell = integer_cell(status);
    use.inserting = status;
    host->result(call, &cell);
    return use.ignores_faults ? 0 : status;
}

/* zova_bulk_rows(how) */
static zova_ext_status bulk_rows(zova_ext_call *call, const zova_ext_cell *args, size_t n_args, void *user) {
    zova_ext_ctx *ctx = host->call_context(call);
    struct source source;
    const char *table = "_zova_ext_bulk_rows";
    const char *const *columns = MIXED;
    size_t n_columns = 5;
    zova_ext_next_row next = next_mixed;
    (void)n_args;
    (void)user;
    memset(&source, 0, sizeof source);
    use.calls = 0;
    if (is(&args[0], "no context")) {
        ctx = NULL;
    } else if (is(&args[0], "no table")) {
        table = NULL;
    } else if (is(&args[0], "unknown table")) {
        table = "_zova_ext_bulk_absent";
    } else if (is(&args[0], "table that is no text")) {
        table = "\xff";
    } else if (is(&args[0], "no columns")) {
        columns = NULL;
    } else if (is(&args[0], "null column")) {
        columns = BROKEN;
    } else if (is(&args[0], "zero columns")) {
        n_columns = 0;
    } else if (is(&args[0], "seventeen columns")) {
        n_columns = 17;
    } else if (is(&args[0], "endless columns")) {
        n_columns = (size_t)-1;
    } else if (is(&args[0], "no next")) {
        next = NULL;
    }
    return finish(call, host->insert_rows(ctx, table, columns, n_columns, next, &source));
}

/* zova_bulk_trees(how) */
static zova_ext_status bulk_trees(zova_ext_call *call, const zova_ext_cell *args, size_t n_args, void *user) {
    /* A newer plugin's trees are longer, and the size says how far they are apart. */
    struct {
        zova_ext_tree tree;
        uint64_t more;
    } newer[2];
    zova_ext_ctx *ctx = host->call_context(call);
    zova_ext_tree trees[2];
    struct source sources[2];
    const zova_ext_tree *given = trees;
    const char *table = "_zova_ext_bulk_pairs";
    size_t n_trees = 2;
    uint8_t done = 7;
    uint8_t *out_done = &done;
    zova_ext_status status;
    (void)n_args;
    (void)user;
    memset(trees, 0, sizeof trees);
    memset(sources, 0, sizeof sources);
    memset(newer, 0, sizeof newer);
    sources[1].swapped = 1;
    trees[0].struct_size = trees[1].struct_size = sizeof trees[0];
    trees[0].name = "_zova_ext_bulk_pairs";
    trees[0].columns = PAIRS;
    trees[1].name = "_zova_ext_bulk_pairs_b";
    trees[1].columns = SWAPPED;
    trees[0].n_columns = trees[1].n_columns = 2;
    trees[0].n_key = trees[1].n_key = 2;
    trees[0].next = trees[1].next = next_pair;
    trees[0].user = &sources[0];
    trees[1].user = &sources[1];
    use.calls = 0;
    if (is(&args[0], "newer")) {
        trees[0].struct_size = trees[1].struct_size = sizeof newer[0];
        newer[0].tree = trees[0];
        newer[1].tree = trees[1];
        given = &newer[0].tree;
    } else if (is(&args[0], "one of two")) {
        n_trees = 1;
    } else if (is(&args[0], "none")) {
        n_trees = 0;
        given = NULL;
    } else if (is(&args[0], "wrong columns")) {
        trees[1].columns = PAIRS;
    } else if (is(&args[0], "wrong index")) {
        trees[1].name = "_zova_ext_bulk_other";
    } else if (is(&args[0], "table with rowid")) {
        table = "_zova_ext_bulk_rows";
    } else if (is(&args[0], "unknown table")) {
        table = "_zova_ext_bulk_absent";
    } else if (is(&args[0], "no context")) {
        ctx = NULL;
    } else if (is(&args[0], "no table")) {
        table = NULL;
    } else if (is(&args[0], "no trees")) {
        given = NULL;
    } else if (is(&args[0], "endless trees")) {
        n_trees = (size_t)-1;
    } else if (is(&args[0], "short trees")) {
        trees[0].struct_size = trees[1].struct_size = sizeof(size_t);
    } else if (is(&args[0], "trees of different sizes")) {
        trees[1].struct_size++;
    } else if (is(&args[0], "crooked trees")) {
        trees[0].struct_size = trees[1].struct_size = sizeof trees[0] + 1;
        n_trees = 1;
    } else if (is(&args[0], "no name")) {
        trees[1].name = NULL;
    } else if (is(&args[0], "no columns")) {
        trees[1].columns = NULL;
    } else if (is(&args[0], "no key")) {
        trees[0].n_key = 0;
    } else if (is(&args[0], "long key")) {
        trees[0].n_key = 3;
    } else if (is(&args[0], "no next")) {
        trees[1].next = NULL;
    } else if (is(&args[0], "no place")) {
        out_done = NULL;
    }
    status = host->insert_by_tree(ctx, table, given, n_trees, out_done);
    use.done = done;
    return finish(call, status);
}

static zova_ext_status function(zova_ext_ctx *ctx, const char *name, uint32_t flags,
                                zova_ext_status (*call)(zova_ext_call *, const zova_ext_cell *, size_t, void *)) {
    zova_ext_function def = {sizeof def, NULL, 1, 0, NULL, NULL, NULL};
    def.name = name;
    def.flags = flags;
    def.call = call;
    return host->create_function(ctx, &def);
}

static zova_ext_status register_sql(zova_ext_ctx *ctx, void *user) {
    zova_ext_status status = function(ctx, "zova_bulk_rows", ZOVA_EXT_FN_ATOMIC, bulk_rows);
    (void)user;
    if (status == 0) status = function(ctx, "zova_bulk_rows_plain", 0, bulk_rows);
    if (status == 0) status = function(ctx, "zova_bulk_trees", ZOVA_EXT_FN_ATOMIC, bulk_trees);
    return status;
}

static zova_ext_status install(zova_ext_ctx *ctx, void *user) {
    (void)user;
    return run(ctx, "create table _zova_ext_bulk_rows(a, b, c, d, e, f default 7); "
                    "create table _zova_ext_bulk_pairs(a integer not null, b blob not null, primary key (a, b)) "
                    "without rowid; create index _zova_ext_bulk_pairs_b on _zova_ext_bulk_pairs(b)");
}

static zova_ext_status check(zova_ext_ctx *ctx, void *user) {
    (void)ctx;
    (void)user;
    return 0;
}

static zova_ext_status drop(zova_ext_ctx *ctx, void *user) {
    (void)user;
    return run(ctx, "drop table _zova_ext_bulk_rows; drop table _zova_ext_bulk_pairs");
}

/* ---- helpers ---- */

static zova_extension_registry *registry;

static zova_database *create_bulk(void) {
    zova_ext_plugin plugin = plugin_called("bulk", "_zova_ext_bulk_");
    zova_database *db;
    memset(&use, 0, sizeof use);
    use.fails_at = -1;
    use.rows = check_small ? 300 : 20000;
    host = zova_extension_host();
    plugin.register_sql = register_sql;
    plugin.install = install;
    plugin.check = check;
    plugin.drop = drop;
    registry = create_registry();
    CHECK_OK(NULL, add(registry, &plugin, NULL));
    db = create_in("x.zova", registry);
    CHECK_OK(db, call(zova_database_extension_install, db, "bulk"));
    return db;
}

static void end(zova_database *db) {
    CHECK_QUERY("ok", db, "pragma integrity_check");
    close_database(db);
    CHECK_OK(NULL, zova_extension_registry_free(registry));
}

#define ROWS(db) QUERY_INT(db, "select count(*) from _zova_ext_bulk_rows")
#define PAIRS_IN(db) QUERY_INT(db, "select count(*) from _zova_ext_bulk_pairs")

/* ---- tests ---- */

static void rows_are_inserted_with_the_values_of_their_cells(void) {
    zova_database *db = create_bulk();
    EXEC(db, "select zova_bulk_rows('')");
    CHECK_INT(use.rows + 1, use.calls);
    CHECK_INT(use.rows, ROWS(db));
    CHECK_INT(use.rows, QUERY_INT(db, "select count(*) from _zova_ext_bulk_rows where a = rowid - 1 and b = 'text ' || a "
                                      "and c = unhex(replace(hex(zeroblob(4)), '00', printf('%02x', a % 256))) "
                                      "and typeof(d) = 'real' and d = a / 2.0 and e is null and f = 7"));
    use.rows = 0;
    EXEC(db, "select zova_bulk_rows('')");
    CHECK_INT(1, use.calls);
    end(db);
}

static void a_source_that_fails_ends_the_insertion_with_its_status(void) {
    static const zova_ext_status statuses[] = {ZOVA_CONSTRAINT, ZOVA_GRAPH_INVALID, 4711, -1};
    zova_database *db = create_bulk();
    size_t at;
    use.rows = 200;
    for (at = 0; at < sizeof statuses / sizeof *statuses; at++) {
        int64_t row;
        use.status = statuses[at];
        for (row = 0; row <= 200; row += 100) {
            zova_status expected = use.status == ZOVA_CONSTRAINT ? ZOVA_CONSTRAINT : ZOVA_SQLITE_ERROR;
            check_about("status %d at row %d", (int)use.status, (int)row);
            use.fails_at = row;
            CHECK_STATUS(db, expected, exec(db, "select zova_bulk_rows('')"));
            CHECK_INT(statuses[at], use.inserting);
            CHECK_INT(row + 1, use.calls);
            CHECK_INT(0, ROWS(db));
            /* Also where no scope undoes it: the statement that inserts has failed, too. */
            CHECK_STATUS(db, expected, exec(db, "select zova_bulk_rows_plain('')"));
            CHECK_INT(0, ROWS(db));
            /* Inside a transaction, which goes on. */
            BEGIN(db);
            CHECK_STATUS(db, expected, exec(db, "select zova_bulk_rows('')"));
            COMMIT(db);
            CHECK_INT(0, ROWS(db));
        }
    }
    check_about("%s", "");
    /* An extension that says nothing of the fault. */
    use.ignores_faults = 1;
    CHECK_INT(statuses[3], QUERY_INT(db, "select zova_bulk_rows_plain('')"));
    CHECK_INT(0, ROWS(db));
    end(db);
}

static void cells_that_hold_no_value_are_refused(void) {
    static const int types[] = {-1, 6, ZOVA_EXT_TEXT, ZOVA_EXT_BLOB}; /* the last two: null with a length */
    zova_database *db = create_bulk();
    size_t at;
    use.rows = 200;
    use.fails_at = 100;
    for (at = 0; at < sizeof types / sizeof *types; at++) {
        use.bad_type = types[at];
        CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, "select zova_bulk_rows('')"));
        CHECK_CONTAINS(at < 2 ? "no type of a value" : "null pointer", last_error(db));
        CHECK_INT(ZOVA_INVALID_ARGUMENT, use.inserting);
        CHECK_INT(0, ROWS(db));
    }
    end(db);
}

struct attempt {
    const char *how;
    zova_status status;
};

/* Each attempt is answered with its status; nothing is inserted and no source is asked. */
static void check_attempts(zova_database *db, const char *name, const struct attempt *attempts, size_t count) {
    size_t at;
    use.ignores_faults = 1;
    for (at = 0; at < count; at++) {
        char sql[128];
        check_about("%s", attempts[at].how);
        use.done = 0;
        snprintf(sql, sizeof sql, "select %s('%s')", name, attempts[at].how);
        CHECK_INT(attempts[at].status, QUERY_INT(db, sql));
        CHECK_INT(0, use.calls);
        CHECK_INT(0, ROWS(db) + PAIRS_IN(db));
    }
    check_about("%s", "");
    use.ignores_faults = 0;
}

static void arguments_of_insert_rows_are_checked(void) {
    static const struct attempt attempts[] = {
        {"no context", ZOVA_MISUSE},
        {"no table", ZOVA_INVALID_ARGUMENT},
        {"unknown table", ZOVA_SQLITE_ERROR},
        {"table that is no text", ZOVA_INVALID_ARGUMENT},
        {"no columns", ZOVA_INVALID_ARGUMENT},
        {"null column", ZOVA_INVALID_ARGUMENT},
        {"zero columns", ZOVA_MISUSE},
        {"seventeen columns", ZOVA_MISUSE},
        {"endless columns", ZOVA_INVALID_ARGUMENT},
        {"no next", ZOVA_INVALID_ARGUMENT},
    };
    zova_database *db = create_bulk();
    check_attempts(db, "zova_bulk_rows", attempts, sizeof attempts / sizeof *attempts);
    end(db);
}

static void rows_are_inserted_into_every_tree_of_a_table(void) {
    static const char *const ways[] = {"", "newer"};
    zova_database *db = create_bulk();
    size_t at;
    for (at = 0; at < 2; at++) {
        char sql[64];
        snprintf(sql, sizeof sql, "select zova_bulk_trees('%s')", ways[at]);
        CHECK_INT(ZOVA_OK, QUERY_INT(db, sql));
        CHECK_INT(1, use.done);
        CHECK_INT(2 * (use.rows + 1), use.calls);
        CHECK_INT(use.rows, PAIRS_IN(db));
        CHECK_INT(use.rows, QUERY_INT(db, "select count(b) from _zova_ext_bulk_pairs indexed by _zova_ext_bulk_pairs_b"));
        CHECK_QUERY("ok", db, "pragma integrity_check");
        EXEC(db, "delete from _zova_ext_bulk_pairs");
    }
    /* A key that exists is what SQLite finds, and then all of it is undone. */
    EXEC(db, "insert into _zova_ext_bulk_pairs values (5, x'0005')");
    CHECK_STATUS(db, ZOVA_CONSTRAINT, exec(db, "select zova_bulk_trees('')"));
    CHECK_INT(0, use.done);
    CHECK_INT(1, PAIRS_IN(db));
    end(db);
}

static void trees_that_are_not_those_of_the_table_are_left_to_insert(void) {
    static const struct attempt attempts[] = {
        {"one of two", ZOVA_OK},       {"none", ZOVA_OK},          {"wrong columns", ZOVA_OK}, {"wrong index", ZOVA_OK},
        {"table with rowid", ZOVA_OK}, {"unknown table", ZOVA_OK},
    };
    zova_database *db = create_bulk();
    check_attempts(db, "zova_bulk_trees", attempts, sizeof attempts / sizeof *attempts);
    CHECK_INT(0, use.done);
    /* So are trees in a moment that does not allow it. */
    EXEC(db, "create table mine(x); insert into mine values (0)");
    EXEC(db, "update mine set x = zova_bulk_trees('')");
    CHECK_INT(ZOVA_OK, use.inserting);
    CHECK_INT(0, use.done);
    CHECK_INT(0, PAIRS_IN(db));
    end(db);
}

static void arguments_of_insert_by_tree_are_checked(void) {
    static const struct attempt attempts[] = {
        {"no context", ZOVA_MISUSE},
        {"no table", ZOVA_INVALID_ARGUMENT},
        {"no trees", ZOVA_INVALID_ARGUMENT},
        {"endless trees", ZOVA_INVALID_ARGUMENT},
        {"short trees", ZOVA_INVALID_ARGUMENT},
        {"trees of different sizes", ZOVA_INVALID_ARGUMENT},
        {"crooked trees", ZOVA_INVALID_ARGUMENT},
        {"no name", ZOVA_INVALID_ARGUMENT},
        {"no columns", ZOVA_INVALID_ARGUMENT},
        {"no key", ZOVA_MISUSE},
        {"long key", ZOVA_MISUSE},
        {"no next", ZOVA_INVALID_ARGUMENT},
    };
    static const struct attempt no_place = {"no place", ZOVA_INVALID_ARGUMENT};
    zova_database *db = create_bulk();
    check_attempts(db, "zova_bulk_trees", attempts, sizeof attempts / sizeof *attempts);
    CHECK_INT(0, use.done);
    check_attempts(db, "zova_bulk_trees", &no_place, 1);
    end(db);
}

static void a_tree_whose_source_fails_undoes_the_others(void) {
    zova_database *db = create_bulk();
    use.rows = 200;
    use.status = ZOVA_CORRUPT;
    for (use.fails_at = 0; use.fails_at <= 200; use.fails_at += use.fails_second ? 0 : 100) {
        CHECK_STATUS(db, ZOVA_CORRUPT, exec(db, "select zova_bulk_trees('')"));
        CHECK_INT(ZOVA_CORRUPT, use.inserting);
        CHECK_INT(0, use.done);
        CHECK_INT(use.fails_at + 1 + use.fails_second * (use.rows + 1), use.calls);
        use.fails_second = !use.fails_second;
        CHECK_INT(0, PAIRS_IN(db));
        CHECK_QUERY("ok", db, "pragma integrity_check");
    }
    end(db);
}

CHECK_MAIN(CASE(rows_are_inserted_with_the_values_of_their_cells),
           CASE(a_source_that_fails_ends_the_insertion_with_its_status),
           CASE(cells_that_hold_no_value_are_refused),
           CASE(arguments_of_insert_rows_are_checked),
           CASE(rows_are_inserted_into_every_tree_of_a_table),
           CASE(trees_that_are_not_those_of_the_table_are_left_to_insert),
           CASE(arguments_of_insert_by_tree_are_checked),
           CASE(a_tree_whose_source_fails_undoes_the_others))
