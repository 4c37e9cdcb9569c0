/* file-format.md, sections 1.2, 3.4, 4, 7, 8 and 9: which files open, and the status of each that does not. */
#include "support.h"

static const char OBJECTS[] =
    "create table _zova_objects (object_id blob not null primary key check (length(object_id) = 32), "
    "size_bytes integer not null check (size_bytes >= 0), chunk_count integer not null check (chunk_count >= 0), "
    "chunker text not null check (chunker = 'fastcdc-v1'))";

static const char BOUND_STORES[] =
    "create table _zova_bound_stores (role text not null check (role in ('object_store', 'vector_store')), "
    "name text not null check (name = 'default'), path text not null, "
    "store_id text not null check (length(store_id) = 64), bound_set_id text not null check (length(bound_set_id) = 64), "
    "object_epoch integer check (object_epoch is null or object_epoch >= 0), "
    "vector_epoch integer check (vector_epoch is null or vector_epoch >= 0), created_at_unix integer not null, "
    "primary key (role, name))";

/* Makes edited.zova: a new database after this SQL. */
static void edit(const char *sql) {
    zova_database *db;
    if (!exists("new.zova")) {
        close_database(create("new.zova"));
    }
    copy_file("new.zova", "edited.zova");
    db = open_existing("edited.zova");
    EXEC(db, "pragma synchronous = off");
    EXEC(db, sql);
    close_database(db);
}

static void check_edit_at(const char *file, int line, zova_status expected, const char *sql) {
    check_about("%.400s", sql);
    edit(sql);
    check_open_at(file, line, expected, "edited.zova");
}

#define CHECK_EDIT(expected, sql) check_edit_at(__FILE__, __LINE__, (expected), (sql))

/* Stores another text for the objects table, as another writer could have. */
static void check_text_of_objects_at(const char *file, int line, zova_status expected, const char *text) {
    char *sql = malloc(strlen(text) + 400);
    CHECK(sql != NULL);
    sprintf(sql,
            "pragma writable_schema = on;"
            "update sqlite_schema set sql = \"%s\" where name = '_zova_objects';"
            "pragma writable_schema = reset",
            text);
    check_edit_at(file, line, expected, sql);
    free(sql);
}

#define CHECK_TEXT_OF_OBJECTS(expected, text) check_text_of_objects_at(__FILE__, __LINE__, (expected), (text))

/* The objects table dropped and made again in another way. */
static void check_new_objects_at(const char *file, int line, zova_status expected, const char *sql) {
    char text[2048];
    snprintf(text, sizeof text, "drop table _zova_objects; %s", sql);
    check_edit_at(file, line, expected, text);
}

#define CHECK_NEW_OBJECTS(expected, sql) check_new_objects_at(__FILE__, __LINE__, (expected), (sql))

/* The canonical text with one part replaced. */
static const char *replaced(const char *part, const char *by) {
    static char text[1024];
    const char *found = strstr(OBJECTS, part);
    CHECK(found != NULL);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(found - OBJECTS), OBJECTS, by, found + strlen(part));
    return text;
}

static void tolerated_spellings_of_a_table_open(void) {
    char text[2048];
    size_t from, to = 0;
    CHECK_TEXT_OF_OBJECTS(ZOVA_OK, OBJECTS);
    /* Every blank a line break and a tab; then none that can go. */
    for (from = 0; OBJECTS[from] != '\0'; from++) {
        if (OBJECTS[from] == ' ') {
            text[to++] = '\n';
            text[to++] = '\t';
            text[to++] = '\f';
            text[to++] = '\r';
        } else {
            text[to++] = OBJECTS[from];
        }
    }
    text[to] = '\0';
    CHECK_TEXT_OF_OBJECTS(ZOVA_OK, text);
    CHECK_TEXT_OF_OBJECTS(ZOVA_OK, replaced("size_bytes >= 0", "size_bytes>=0"));
    CHECK_TEXT_OF_OBJECTS(ZOVA_OK, replaced("blob not null primary key check", "BLOB NOT NULL Primary Key CHECK"));
    CHECK_TEXT_OF_OBJECTS(ZOVA_OK, replaced("'fastcdc-v1'", "'FASTCDC-v1'"));
    CHECK_TEXT_OF_OBJECTS(ZOVA_OK, replaced("create table", "CREATE TABLE"));
    CHECK_NEW_OBJECTS(ZOVA_OK, OBJECTS);
    snprintf(text, sizeof text, "create table if not exists main.%s", OBJECTS + strlen("create table "));
    CHECK_NEW_OBJECTS(ZOVA_OK, text);
    snprintf(text, sizeof text, "create table /* a comment */ %s", OBJECTS + strlen("create table "));
    CHECK_NEW_OBJECTS(ZOVA_OK, text);
    CHECK_EDIT(ZOVA_OK, "alter table _zova_objects rename column chunker to c; alter table _zova_objects rename column c to chunker");
    CHECK_EDIT(ZOVA_OK, "alter table _zova_objects add column x; alter table _zova_objects drop column x");
    CHECK_EDIT(ZOVA_OK, "vacuum");
}

static void other_tables_under_the_name_are_refused(void) {
    static const char *const CHANGES[][2] = {
        {"size_bytes integer", "SIZE_BYTES integer"},
        {"size_bytes integer", "\"size_bytes\" integer"},
        {"_zova_objects (", "\"_zova_objects\" ("},
        {"_zova_objects (", "_ZOVA_OBJECTS ("},
        {"'fastcdc-v1'))", "'fastcdc-v1')) without rowid"},
        {"size_bytes integer", "/* a comment */ size_bytes integer"},
        {"chunker = 'fastcdc-v1'))", "chunker = 'fastcdc-v1')) strict"},
        {"check (size_bytes >= 0)", ""},
        {"check (size_bytes >= 0)", "check (size_bytes > 0)"},
        {"size_bytes integer not null", "size_bytes integer"},
        {"blob not null primary key", "blob not null"},
        {"not null primary key", "primary key not null"},
        {"size_bytes integer not null", "size_bytes int not null"},
        {"size_bytes integer not null", "size_bytes integer not null default 0"},
        {"chunker = 'fastcdc-v1'))", "chunker = 'fastcdc-v1'), extra)"},
        {"chunker = 'fastcdc-v1'))", "chunker = 'fastcdc-v2'))"},
        {"size_bytes integer not null check (size_bytes >= 0), chunk_count integer not null check (chunk_count >= 0)",
         "chunk_count integer not null check (chunk_count >= 0), size_bytes integer not null check (size_bytes >= 0)"}};
    size_t at;
    for (at = 0; at < sizeof CHANGES / sizeof *CHANGES; at++) {
        CHECK_NEW_OBJECTS(ZOVA_NOT_ZOVA_DATABASE, replaced(CHANGES[at][0], CHANGES[at][1]));
    }
    CHECK_NEW_OBJECTS(ZOVA_NOT_ZOVA_DATABASE, "create view _zova_objects as select 1 as object_id, 2 as size_bytes, 3 as chunk_count, 4 as chunker");
    CHECK_EDIT(ZOVA_NOT_ZOVA_DATABASE, "alter table _zova_objects add column extra");
    CHECK_EDIT(ZOVA_NOT_ZOVA_DATABASE, "alter table _zova_objects rename column chunker to c");
    CHECK_EDIT(ZOVA_NOT_ZOVA_DATABASE, "alter table _zova_objects rename to o");
}

static void a_missing_private_table_is_no_zova_database(void) {
    static const char *const TABLES[] = {"meta",    "extensions", "objects", "chunks",      "object_chunks", "vector_collections",
                                         "vectors", "graphs",     "graph_nodes", "graph_edges"};
    char sql[128], text[1024];
    size_t at;
    for (at = 0; at < sizeof TABLES / sizeof *TABLES; at++) {
        snprintf(sql, sizeof sql, "drop table _zova_%s", TABLES[at]);
        CHECK_EDIT(ZOVA_NOT_ZOVA_DATABASE, sql);
        try_open("edited.zova", 0, text, sizeof text);
        CHECK_BEGINS("NotZovaDatabase: ", text);
        CHECK_CONTAINS("edited.zova", text);
    }
}

static void the_metadata_decide_before_the_tables(void) {
    /* magic */
    CHECK_EDIT(ZOVA_NOT_ZOVA_DATABASE, "delete from _zova_meta where key = 'magic'");
    CHECK_EDIT(ZOVA_NOT_ZOVA_DATABASE, "update _zova_meta set value = 'Zova' where key = 'magic'");
    CHECK_EDIT(ZOVA_NOT_ZOVA_DATABASE, "update _zova_meta set value = 'zova ' where key = 'magic'");
    CHECK_EDIT(ZOVA_NOT_ZOVA_DATABASE, "update _zova_meta set key = 'MAGIC' where key = 'magic'");
    CHECK_EDIT(ZOVA_NOT_ZOVA_DATABASE, "update _zova_meta set value = '' where key = 'magic'");
    CHECK_EDIT(ZOVA_OK, "update _zova_meta set value = x'7a6f7661' where key = 'magic'");
    /* format_version */
    CHECK_EDIT(ZOVA_NOT_ZOVA_DATABASE, "delete from _zova_meta where key = 'format_version'");
    CHECK_EDIT(ZOVA_OK, "update _zova_meta set value = 5 where key = 'format_version'");
    CHECK_EDIT(ZOVA_OK, "update _zova_meta set value = x'35' where key = 'format_version'");
    /* magic before format_version, format_version before store_role and tables, store_role before tables */
    CHECK_EDIT(ZOVA_NOT_ZOVA_DATABASE, "update _zova_meta set value = '4' where key = 'format_version'; delete from _zova_meta where key = 'magic'");
    CHECK_EDIT(ZOVA_UNSUPPORTED_ZOVA_VERSION, "update _zova_meta set value = '4' where key = 'format_version'; drop table _zova_objects; insert into _zova_meta values ('store_role', 'object_store')");
    CHECK_EDIT(ZOVA_BOUND_STORE_INVALID, "drop table _zova_objects; insert into _zova_meta values ('store_role', 'object_store')");
    /* store_role */
    CHECK_EDIT(ZOVA_BOUND_STORE_INVALID, "insert into _zova_meta values ('store_role', 'object_store')");
    CHECK_EDIT(ZOVA_BOUND_STORE_INVALID, "insert into _zova_meta values ('store_role', 'vector_store')");
    CHECK_EDIT(ZOVA_NOT_ZOVA_DATABASE, "insert into _zova_meta values ('store_role', 'main')");
    CHECK_EDIT(ZOVA_NOT_ZOVA_DATABASE, "insert into _zova_meta values ('store_role', '')");
    CHECK_EDIT(ZOVA_NOT_ZOVA_DATABASE, "insert into _zova_meta values ('store_role', 'Object_store')");
    /* what is not looked at */
    CHECK_EDIT(ZOVA_OK, "delete from _zova_meta where key = 'database_id'");
    CHECK_EDIT(ZOVA_OK, "update _zova_meta set value = 'no id' where key = 'database_id'");
    CHECK_EDIT(ZOVA_OK, "insert into _zova_meta values ('some_key', 'x'), ('STORE_ROLE', 'object_store')");
    /* its shape is free as long as the pairs can be read */
    CHECK_EDIT(ZOVA_OK, "alter table _zova_meta add column extra");
    CHECK_EDIT(ZOVA_OK, "create table m as select * from _zova_meta; drop table _zova_meta; create view _zova_meta as select * from m");
    CHECK_EDIT(ZOVA_NOT_ZOVA_DATABASE, "alter table _zova_meta rename column value to v");
    CHECK_EDIT(ZOVA_NOT_ZOVA_DATABASE, "drop table _zova_meta; create table _zova_meta(a)");
}

static void another_format_version_is_unsupported(void) {
    static const char *const VERSIONS[] = {"1", "2", "3", "4", "6", "05", "5 ", " 5", "50", "5.0", "", "five", "-5"};
    char sql[128], text[1024];
    size_t at;
    for (at = 0; at < sizeof VERSIONS / sizeof *VERSIONS; at++) {
        snprintf(sql, sizeof sql, "update _zova_meta set value = '%s' where key = 'format_version'", VERSIONS[at]);
        CHECK_EDIT(ZOVA_UNSUPPORTED_ZOVA_VERSION, sql);
        try_open("edited.zova", 0, text, sizeof text);
        CHECK_BEGINS("UnsupportedZovaVersion: ", text);
        CHECK_CONTAINS(VERSIONS[at], text);
        CHECK_CONTAINS("edited.zova", text);
    }
}

static void bound_stores_are_refused_with_a_clear_message(void) {
    char sql[2048], text[1024];
    CHECK_EDIT(ZOVA_OK, BOUND_STORES);
    CHECK_EDIT(ZOVA_NOT_ZOVA_DATABASE, "create table _zova_bound_stores(role, name)");
    snprintf(sql, sizeof sql,
             "%s; insert into _zova_bound_stores values ('object_store', 'default', 'objects.zova', "
             "printf('%%064d', 1), printf('%%064d', 2), 0, null, 0)",
             BOUND_STORES);
    CHECK_EDIT(ZOVA_BOUND_STORE_INVALID, sql);
    try_open("edited.zova", 0, text, sizeof text);
    CHECK_BEGINS("BoundStoreInvalid: ", text);
    CHECK_CONTAINS("edited.zova", text);
    CHECK_EDIT(ZOVA_BOUND_STORE_INVALID, "insert into _zova_meta values ('store_role', 'object_store')");
    try_open("edited.zova", 0, text, sizeof text);
    CHECK_BEGINS("BoundStoreInvalid: ", text);
    CHECK_CONTAINS("store", text + strlen("BoundStoreInvalid: "));
}

#define EXTENSION(name, version, prefix)                                                       \
    "insert into _zova_extensions values ('" name "', '" version "', '" prefix "', '0.21.0', " \
    "'sql', 1, 1700000000, '{}');"

static void extensions_are_checked_in_order(void) {
    char text[1024];
    /* The shape of a row: name, version, prefix, minimum ABI, capabilities, required, manifest. */
    CHECK_EDIT(ZOVA_EXTENSION_INVALID, EXTENSION("_zova_x", "1", "_zova_ext__zova_x_"));
    CHECK_EDIT(ZOVA_EXTENSION_INVALID, EXTENSION("", "1", "_zova_ext__"));
    CHECK_EDIT(ZOVA_EXTENSION_INVALID, EXTENSION("a b", "1", "_zova_ext_a b_"));
    CHECK_EDIT(ZOVA_EXTENSION_INVALID, EXTENSION("x", "", "_zova_ext_x_"));
    CHECK_EDIT(ZOVA_EXTENSION_INVALID, EXTENSION("x", "1", "_zova_ext_y_"));
    CHECK_EDIT(ZOVA_EXTENSION_INVALID, EXTENSION("x", "1", "_zova_ext_x"));
    CHECK_EDIT(ZOVA_EXTENSION_INVALID, EXTENSION("x", "1", "_zova_ext_x_") "update _zova_extensions set zova_abi_min = ''");
    CHECK_EDIT(ZOVA_EXTENSION_INVALID, EXTENSION("x", "1", "_zova_ext_x_") "update _zova_extensions set required = 0");
    CHECK_EDIT(ZOVA_EXTENSION_INVALID, EXTENSION("x", "1", "_zova_ext_x_") "update _zova_extensions set manifest_json = printf('%4097s', '')");
    CHECK_EDIT(ZOVA_EXTENSION_INVALID, EXTENSION("x", "1", "_zova_ext_x_") "update _zova_extensions set capabilities = printf('%513s', '')");
    CHECK_EDIT(ZOVA_EXTENSION_INVALID, EXTENSION("x", "1", "_zova_ext_x_") "update _zova_extensions set version = printf('%65s', '')");
    /* Storage without an owner, of any schema type; the prefix is compared with its case. */
    CHECK_EDIT(ZOVA_EXTENSION_INVALID, "create table _zova_ext_orphan(x)");
    CHECK_EDIT(ZOVA_EXTENSION_INVALID, "create table t(x); create index _zova_ext_i on t(x)");
    CHECK_EDIT(ZOVA_EXTENSION_INVALID, "create view _zova_ext_v as select 1");
    CHECK_EDIT(ZOVA_EXTENSION_INVALID, "create table t(x); create trigger _zova_ext_t after insert on t begin select 1; end");
    CHECK_EDIT(ZOVA_OK, "create table _ZOVA_EXT_orphan(x)");
    try_open("edited.zova", 0, text, sizeof text);
    CHECK_TEXT("", text);
    /* Malformed rows before orphans, orphans before missing code. */
    CHECK_EDIT(ZOVA_EXTENSION_UNAVAILABLE, EXTENSION("nobody", "1", "_zova_ext_nobody_") "create table _zova_ext_nobody_t(x)");
    try_open("edited.zova", 0, text, sizeof text);
    CHECK_BEGINS("ExtensionUnavailable: ", text);
    CHECK_CONTAINS("nobody", text);
    CHECK_EDIT(ZOVA_EXTENSION_INVALID, EXTENSION("nobody", "1", "_zova_ext_nobody_") "create table _zova_ext_other_t(x)");
    try_open("edited.zova", 0, text, sizeof text);
    CHECK_BEGINS("ExtensionInvalid: ", text);
    CHECK_EDIT(ZOVA_EXTENSION_INVALID, EXTENSION("nobody", "1", "_zova_ext_nobody_") EXTENSION("x", "", "_zova_ext_x_"));
}

static void additions_to_the_schema_are_tolerated(void) {
    CHECK_EDIT(ZOVA_OK,
               "create index some_index on _zova_object_chunks(chunk_hash);"
               "create index _zova_idx_more on _zova_graph_edges(graph_name, to_node_id);"
               "create table log(x);"
               "create trigger t after insert on _zova_objects begin insert into log values (new.object_id); end;"
               "create table _zova_more(x); create table _zova(x);"
               "create table zova_vector_search(x); create table object_store(x);"
               "insert into _zova_meta values ('more', 'x')");
    CHECK_EDIT(ZOVA_OK, "insert into _zova_objects values (zeroblob(32), 5, 5, 'fastcdc-v1')");
}

static void properties_of_the_container_are_free(void) {
    static const int PAGE_SIZES[] = {512, 1024, 8192, 65536};
    char sql[128];
    size_t at;
    zova_database *db;
    for (at = 0; at < sizeof PAGE_SIZES / sizeof *PAGE_SIZES; at++) {
        zova_object_id id;
        snprintf(sql, sizeof sql, "pragma page_size = %d; vacuum", PAGE_SIZES[at]);
        CHECK_EDIT(ZOVA_OK, sql);
        db = open_existing("edited.zova");
        CHECK_INT(PAGE_SIZES[at], QUERY_INT(db, "pragma page_size"));
        CHECK_OK(db, put(db, "paged", 5, &id));
        CHECK_OBJECT(db, id, "paged", 5);
        close_database(db);
    }
    CHECK_EDIT(ZOVA_OK, "pragma auto_vacuum = 1; vacuum");
    CHECK_EDIT(ZOVA_OK, "pragma auto_vacuum = 2; vacuum");
    CHECK_EDIT(ZOVA_OK, "pragma application_id = 1234567; pragma user_version = -7");
    db = open_existing("edited.zova");
    CHECK_QUERY("1234567", db, "pragma application_id");
    CHECK_QUERY("-7", db, "pragma user_version");
    close_database(db);
    CHECK_EDIT(ZOVA_OK, "pragma journal_mode = wal");
    /* A write version from the future makes the file read-only. */
    edit("create table t(x)");
    patch_file("edited.zova", 18, "\3", 1);
    CHECK_OPEN(ZOVA_OK, "edited.zova");
    db = open_existing("edited.zova");
    CHECK_QUERY("0", db, "select count(*) from t");
    CHECK_STATUS(db, ZOVA_READ_ONLY, exec(db, "insert into t values (1)"));
    close_database(db);
}

static void what_is_no_sqlite_file_is_no_zova_database(void) {
    char zeros[4096] = {0};
    char text[1024];
    write_file("x.zova", "", 0);
    CHECK_OPEN(ZOVA_NOT_ZOVA_DATABASE, "x.zova");
    try_open("x.zova", 0, text, sizeof text);
    CHECK_BEGINS("NotZovaDatabase: ", text);
    CHECK_CONTAINS("x.zova", text);
    CHECK_INT(0, file_size("x.zova"));
    write_file("x.zova", "a short text", 12);
    CHECK_OPEN(ZOVA_NOT_ZOVA_DATABASE, "x.zova");
    write_file("x.zova", zeros, sizeof zeros);
    CHECK_OPEN(ZOVA_NOT_ZOVA_DATABASE, "x.zova");
    memset(zeros, 'x', sizeof zeros);
    write_file("x.zova", zeros, sizeof zeros);
    CHECK_OPEN(ZOVA_NOT_ZOVA_DATABASE, "x.zova");
    edit("select 1");
    patch_file("edited.zova", 0, "sqlite", 6);
    CHECK_OPEN(ZOVA_NOT_ZOVA_DATABASE, "edited.zova");
    edit("select 1");
    patch_file("edited.zova", 19, "\3", 1);
    CHECK_OPEN(ZOVA_NOT_ZOVA_DATABASE, "edited.zova");
    edit("select 1");
    patch_file("edited.zova", 44, "\0\0\0\11", 4);
    CHECK_OPEN(ZOVA_NOT_ZOVA_DATABASE, "edited.zova");
    /* An ordinary SQLite database. */
    CHECK_EDIT(ZOVA_NOT_ZOVA_DATABASE,
               "drop table _zova_object_chunks; drop table _zova_objects; drop table _zova_chunks;"
               "drop table _zova_vectors; drop table _zova_vector_collections; drop table _zova_graph_edges;"
               "drop table _zova_graph_nodes; drop table _zova_graphs; drop table _zova_extensions;"
               "drop table _zova_meta; create table notes(body); vacuum");
    try_open("edited.zova", 0, text, sizeof text);
    CHECK_BEGINS("NotZovaDatabase: ", text);
}

static void a_cut_or_malformed_file_is_corrupt(void) {
    static const long LENGTHS[] = {4096, 8192, 3000, 2048, 1024, 512};
    unsigned char garbage[100];
    size_t at;
    char text[1024];
    for (at = 0; at < sizeof LENGTHS / sizeof *LENGTHS; at++) {
        check_about("cut to %ld bytes", LENGTHS[at]);
        edit("select 1");
        CHECK(truncate("edited.zova", LENGTHS[at]) == 0);
        CHECK_OPEN(ZOVA_CORRUPT, "edited.zova");
        try_open("edited.zova", 0, text, sizeof text);
        CHECK_BEGINS("Corrupt: ", text);
        CHECK_CONTAINS("edited.zova", text);
    }
    memset(garbage, 0xff, sizeof garbage);
    edit("select 1");
    patch_file("edited.zova", 100, garbage, sizeof garbage);
    CHECK_OPEN(ZOVA_CORRUPT, "edited.zova");
}

static void plain_sql_may_touch_private_tables(void) {
    zova_database *db = create("x.zova");
    EXEC(db, "create table _zova_anything(x); insert into _zova_meta values ('k', 'v')");
    CHECK_QUERY("4", db, "select count(*) from _zova_meta");
    EXEC(db, "drop table _zova_graph_edges");
    close_database(db);
    CHECK_OPEN(ZOVA_NOT_ZOVA_DATABASE, "x.zova");
}

CHECK_MAIN(CASE(tolerated_spellings_of_a_table_open),
           CASE(other_tables_under_the_name_are_refused),
           CASE(a_missing_private_table_is_no_zova_database),
           CASE(the_metadata_decide_before_the_tables),
           CASE(another_format_version_is_unsupported),
           CASE(bound_stores_are_refused_with_a_clear_message),
           CASE(extensions_are_checked_in_order),
           CASE(additions_to_the_schema_are_tolerated),
           CASE(properties_of_the_container_are_free),
           CASE(what_is_no_sqlite_file_is_no_zova_database),
           CASE(a_cut_or_malformed_file_is_corrupt),
           CASE(plain_sql_may_touch_private_tables))
