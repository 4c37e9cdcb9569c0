/* extensions.md, sections 11.2 and 11.3: registries, and an extension that the program itself supplies. */
#include "registries.h"

/* ---- an extension of the program's own: a counter in one table ---- */

static const zova_ext_host *host;
static int hooks_of_check;

static zova_ext_status next(zova_ext_call *call, const zova_ext_cell *args, size_t n_args, void *user) {
    static const char SQL[] = "update _zova_ext_counter_values set n = n + ?1 returning n";
    zova_ext_stmt *stmt = NULL;
    zova_ext_cell cell;
    uint8_t has_row = 0;
    zova_ext_status status = host->prepare(host->call_context(call), SQL, strlen(SQL), &stmt);
    (void)n_args;
    (void)user;
    if (status == 0 && (status = host->bind(stmt, 1, &args[0])) == 0 && (status = host->step(stmt, &has_row)) == 0 &&
        has_row && (status = host->column(stmt, 0, &cell)) == 0) {
        host->result(call, &cell);
        status = host->step(stmt, &has_row);
    }
    host->finalize(stmt);
    return status;
}

static zova_ext_status register_sql(zova_ext_ctx *ctx, void *user) {
    zova_ext_function function = {sizeof function, "zova_counter_next", 1, ZOVA_EXT_FN_ATOMIC, next, NULL, user};
    return host->create_function(ctx, &function);
}

static zova_ext_status run(zova_ext_ctx *ctx, const char *sql) { return host->exec(ctx, sql, strlen(sql)); }

static zova_ext_status install(zova_ext_ctx *ctx, void *user) {
    (void)user;
    return run(ctx, "create table _zova_ext_counter_values(n integer not null); "
                    "insert into _zova_ext_counter_values values (0)");
}

static zova_ext_status check(zova_ext_ctx *ctx, void *user) {
    *(int *)user += 1;
    return host->context_flags(ctx) & ZOVA_EXT_CTX_SALVAGE_COPY ? 17 : 0;
}

static zova_ext_status drop(zova_ext_ctx *ctx, void *user) {
    (void)user;
    return run(ctx, "drop table if exists _zova_ext_counter_values");
}

static zova_ext_status open_check(zova_ext_ctx *ctx, void *user) {
    (void)user;
    return run(ctx, "select n from _zova_ext_counter_values") == 0 ? 0
                                                                   : host->fail(ctx, ZOVA_OBJECT_NOT_FOUND, "no values", 9);
}

static zova_ext_plugin counter(void) {
    zova_ext_plugin plugin = plugin_called("counter", "_zova_ext_counter_");
    plugin.user = &hooks_of_check;
    plugin.register_sql = register_sql;
    plugin.open_check = open_check;
    plugin.install = install;
    plugin.check = check;
    plugin.drop = drop;
    return plugin;
}

/* ---- helpers ---- */

static zova_status load(zova_extension_registry *registry, const char *path, zova_message *message) {
    zova_extension_registry_load_request request = {registry, path, "trust.json", message};
    return zova_extension_registry_load(&request);
}

static zova_extension_registry *registry_with_counter(void) {
    zova_ext_plugin plugin = counter();
    zova_extension_registry *registry = create_registry();
    host = zova_extension_host();
    CHECK_OK(NULL, add(registry, &plugin, NULL));
    memset(&plugin, 0x55, sizeof plugin); /* it was copied */
    return registry;
}

/* ---- tests ---- */

static void a_program_supplies_an_extension_of_its_own(void) {
    zova_extension_registry *registry = registry_with_counter();
    zova_database *db = create_in("x.zova", registry);
    CHECK_OK(db, call(zova_database_extension_install, db, "counter"));
    CHECK_INT(7, QUERY_INT(db, "select zova_counter_next(5) + zova_counter_next(-3)"));
    hooks_of_check = 0;
    CHECK_OK(db, call(zova_database_extension_check, db, "counter"));
    CHECK_INT(1, hooks_of_check);
    BEGIN(db);
    EXEC(db, "select zova_counter_next(100)");
    ROLLBACK(db);
    CHECK_INT(2, QUERY_INT(db, "select zova_counter_next(0)"));
    close_database(db);

    CHECK_OPEN(ZOVA_EXTENSION_UNAVAILABLE, "x.zova");
    CHECK_OK(NULL, with_registry(zova_database_open_with_registry, "x.zova", ZOVA_OPEN_READ_ONLY, registry, &db));
    CHECK_STATUS(db, ZOVA_READ_ONLY, exec(db, "select zova_counter_next(1)"));
    close_database(db);
    CHECK_OK(NULL, with_registry(zova_database_open_with_registry, "x.zova", 0, registry, &db));
    CHECK_OK(db, call(zova_database_extension_drop, db, "counter"));
    close_database(db);
    CHECK_OPEN(ZOVA_OK, "x.zova");
    CHECK_OK(NULL, zova_extension_registry_free(registry));
}

static void a_registry_is_frozen_by_its_first_open_and_serves_many(void) {
    zova_ext_plugin other = counter();
    zova_extension_registry *registry = registry_with_counter();
    zova_message message = {0};
    zova_database *first;
    zova_database *second;
    make_trusted_bundle("tags.zovaext");
    CHECK_OK(NULL, load(registry, "tags.zovaext", NULL));
    other.name = "other";
    other.storage_prefix = "_zova_ext_other_";
    first = create_in("a.zova", registry);
    second = create_in("b.zova", registry);
    CHECK_STATUS(NULL, ZOVA_MISUSE, add(registry, &other, &message));
    CHECK_BEGINS("Misuse: ", message.data);
    CHECK_STATUS(NULL, ZOVA_MISUSE, load(registry, "tags.zovaext", &message));
    CHECK_OK(first, call(zova_database_extension_install, first, "counter"));
    CHECK_OK(second, call(zova_database_extension_install, second, "tags"));
    /* It stays frozen when nobody uses it any more. */
    close_database(first);
    close_database(second);
    CHECK_STATUS(NULL, ZOVA_MISUSE, add(registry, &other, NULL));
    CHECK_OK(NULL, zova_extension_registry_free(registry));
    zova_message_free(&message);
}

static void an_open_that_fails_on_its_arguments_freezes_nothing(void) {
    zova_ext_plugin plugin = counter();
    zova_extension_registry *registry = create_registry();
    zova_database *db = NULL;
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, with_registry(zova_database_open_with_registry, "x.zova", 4, registry, &db));
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, with_registry(zova_database_open_with_registry, NULL, 0, registry, &db));
    CHECK_OK(NULL, add(registry, &plugin, NULL));
    CHECK_OK(NULL, zova_extension_registry_free(registry));
}

static void a_registry_in_use_is_not_freed(void) {
    zova_extension_registry *registry = registry_with_counter();
    zova_database *db = create_in("x.zova", registry);
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_extension_registry_free(registry));
    CHECK_OK(db, call(zova_database_extension_install, db, "counter"));
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_extension_registry_free(registry));
    close_database(db);
    CHECK_OK(NULL, zova_extension_registry_free(registry));
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_extension_registry_free(registry));
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, zova_extension_registry_free(NULL));
    CHECK_STATUS(NULL, ZOVA_MISUSE, with_registry(zova_database_open_with_registry, "x.zova", 0, registry, &db));
}

static void descriptions_that_do_not_fit_are_refused(void) {
    zova_extension_registry *registry = registry_with_counter();
    zova_message message = {0};
    zova_ext_plugin plugin = counter();
    CHECK_STATUS(NULL, ZOVA_EXTENSION_INVALID, add(registry, &plugin, &message));
    CHECK_CONTAINS("counter", message.data);
    plugin.name = "second";
    CHECK_STATUS(NULL, ZOVA_EXTENSION_INVALID, add(registry, &plugin, &message));
    CHECK_CONTAINS("storage prefix", message.data);
    plugin.storage_prefix = "_zova_ext_second_";
    plugin.install = NULL;
    CHECK_STATUS(NULL, ZOVA_EXTENSION_INVALID, add(registry, &plugin, &message));
    CHECK_CONTAINS("install", message.data);
    plugin = counter();
    plugin.abi_major = 2;
    CHECK_STATUS(NULL, ZOVA_EXTENSION_INCOMPATIBLE, add(registry, &plugin, &message));
    plugin = counter();
    plugin.struct_size = sizeof(size_t);
    CHECK_STATUS(NULL, ZOVA_EXTENSION_INCOMPATIBLE, add(registry, &plugin, &message));
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, add(registry, NULL, &message));
    zova_message_free(&message);
    CHECK_OK(NULL, zova_extension_registry_free(registry));
}

static void a_repair_open_drops_an_extension_whose_tables_are_damaged(void) {
    static const char *const damages[] = {
        "drop table _zova_ext_counter_values",
        "alter table _zova_ext_counter_values rename column n to other",
        "drop table _zova_ext_counter_values; create view _zova_ext_counter_other as select 1",
    };
    size_t at;
    for (at = 0; at < sizeof damages / sizeof *damages; at++) {
        zova_extension_registry *registry = registry_with_counter();
        zova_database *db;
        char path[16];
        check_about("%s", damages[at]);
        snprintf(path, sizeof path, "%d.zova", (int)at);
        db = create_in(path, registry);
        CHECK_OK(db, call(zova_database_extension_install, db, "counter"));
        EXEC(db, "create table mine(x); insert into mine values (5)");
        EXEC(db, damages[at]);
        close_database(db);
        CHECK_STATUS(NULL, ZOVA_EXTENSION_INVALID,
                     with_registry(zova_database_open_with_registry, path, 0, registry, &db));
        CHECK(db == NULL);
        CHECK_OK(NULL, with_registry(zova_database_open_registry_for_repair, path, ZOVA_OPEN_READ_ONLY, registry, &db));
        CHECK_INT(5, QUERY_INT(db, "select x from mine"));
        CHECK_STATUS(db, ZOVA_READ_ONLY, call(zova_database_extension_drop, db, "counter"));
        close_database(db);
        CHECK_OK(NULL, with_registry(zova_database_open_registry_for_repair, path, 0, registry, &db));
        EXEC(db, "insert into mine values (6)");
        if (at == 2) { /* what the extension knows nothing of is in its way */
            CHECK_STATUS(db, ZOVA_EXTENSION_INVALID, call(zova_database_extension_drop, db, "counter"));
            EXEC(db, "drop view _zova_ext_counter_other");
        }
        CHECK_OK(db, call(zova_database_extension_drop, db, "counter"));
        CHECK_OK(db, call(zova_database_extension_install, db, "counter"));
        CHECK_INT(3, QUERY_INT(db, "select zova_counter_next(3)"));
        close_database(db);
        CHECK_OK(NULL, with_registry(zova_database_open_with_registry, path, 0, registry, &db));
        CHECK_INT(14, QUERY_INT(db, "select sum(x) + zova_counter_next(0) from mine"));
        close_database(db);
        CHECK_OK(NULL, zova_extension_registry_free(registry));
    }
    check_about("%s", "");
}

static void a_repair_open_leaves_alone_what_it_has_no_code_for(void) {
    zova_extension_registry *registry = registry_with_counter();
    zova_extension_registry *empty = create_registry();
    zova_extension_registry *newer = create_registry();
    zova_ext_plugin plugin = counter();
    zova_database *db = create_in("x.zova", registry);
    plugin.version = "2";
    CHECK_OK(NULL, add(newer, &plugin, NULL));
    CHECK_OK(db, call(zova_database_extension_install, db, "counter"));
    EXEC(db, "create table mine(x)");
    close_database(db);
    CHECK_STATUS(NULL, ZOVA_EXTENSION_UNAVAILABLE,
                 with_registry(zova_database_open_with_registry, "x.zova", 0, empty, &db));
    CHECK_OK(NULL, with_registry(zova_database_open_registry_for_repair, "x.zova", 0, empty, &db));
    EXEC(db, "insert into mine values (1)");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, "select zova_counter_next(1)"));
    CHECK_STATUS(db, ZOVA_EXTENSION_UNAVAILABLE, call(zova_database_extension_drop, db, "counter"));
    close_database(db);
    CHECK_STATUS(NULL, ZOVA_EXTENSION_INCOMPATIBLE,
                 with_registry(zova_database_open_with_registry, "x.zova", 0, newer, &db));
    CHECK_OK(NULL, with_registry(zova_database_open_registry_for_repair, "x.zova", 0, newer, &db));
    CHECK_STATUS(db, ZOVA_EXTENSION_INCOMPATIBLE, call(zova_database_extension_drop, db, "counter"));
    /* The registry is in use, and takes nothing more. */
    CHECK_STATUS(NULL, ZOVA_MISUSE, add(newer, &plugin, NULL));
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_extension_registry_free(newer));
    close_database(db);
    CHECK_OK(NULL, zova_extension_registry_free(newer));
    CHECK_STATUS(NULL, ZOVA_MISUSE, with_registry(zova_database_open_registry_for_repair, "x.zova", 0, newer, &db));
    /* A file that is no database is none for this, either. */
    CHECK_STATUS(NULL, ZOVA_NOT_ZOVA_DATABASE,
                 with_registry(zova_database_open_registry_for_repair, "absent.zova", 0, registry, &db));
    CHECK_OK(NULL, with_registry(zova_database_open_with_registry, "x.zova", 0, registry, &db));
    CHECK_INT(1, QUERY_INT(db, "select zova_counter_next(1) from mine"));
    close_database(db);
    CHECK_OK(NULL, zova_extension_registry_free(empty));
    CHECK_OK(NULL, zova_extension_registry_free(registry));
}

static void the_bundled_extensions_cannot_be_replaced(void) {
    zova_extension_registry *registry = create_registry();
    zova_ext_plugin plugin = counter();
    plugin.name = "trgm";
    plugin.storage_prefix = "_zova_ext_trgm_";
    CHECK_STATUS(NULL, ZOVA_EXTENSION_INVALID, add(registry, &plugin, NULL));
    CHECK_OK(NULL, zova_extension_registry_free(registry));
}

static void the_table_of_services_is_complete(void) {
    const zova_ext_host *services = zova_extension_host();
    void (*const *function)(void) = (void (*const *)(void))(const void *)&services->alloc;
    size_t at;
    CHECK(services == zova_extension_host());
    CHECK_INT(sizeof(zova_ext_host), services->struct_size);
    CHECK_INT(ZOVA_EXT_ABI_MAJOR, services->abi_major);
    CHECK_INT(ZOVA_EXT_ABI_MINOR, services->abi_minor);
    CHECK_TEXT(zova_abi_version_string(), services->zova_version);
    for (at = 0; at < (sizeof *services - offsetof(zova_ext_host, alloc)) / sizeof *function; at++) {
        CHECK(function[at] != NULL);
    }
    /* Outside of a hook there is no context. */
    CHECK_INT(ZOVA_MISUSE, services->exec(NULL, "select 1", 8));
    CHECK_INT(5, services->fail(NULL, 5, "x", 1));
}

CHECK_MAIN(CASE(a_program_supplies_an_extension_of_its_own),
           CASE(a_registry_is_frozen_by_its_first_open_and_serves_many),
           CASE(an_open_that_fails_on_its_arguments_freezes_nothing),
           CASE(a_registry_in_use_is_not_freed),
           CASE(descriptions_that_do_not_fit_are_refused),
           CASE(a_repair_open_drops_an_extension_whose_tables_are_damaged),
           CASE(a_repair_open_leaves_alone_what_it_has_no_code_for),
           CASE(the_bundled_extensions_cannot_be_replaced),
           CASE(the_table_of_services_is_complete))
