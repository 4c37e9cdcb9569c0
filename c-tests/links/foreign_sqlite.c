/*
 * The archive in one program with a complete SQLite of its own: both work, and neither disturbs the other.
 */
#include "support.h"

/* The part of the other SQLite that is used here. */
typedef struct sqlite3 sqlite3;
int sqlite3_open(const char *path, sqlite3 **db);
int sqlite3_close(sqlite3 *db);
int sqlite3_exec(sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **), void *context, char **error);
int sqlite3_auto_extension(void (*entry)(void));
int sqlite3_config(int option, ...);
int sqlite3_initialize(void);
int sqlite3_shutdown(void);
const char *sqlite3_errmsg(sqlite3 *db);

enum { CONFIG_SINGLETHREAD = 1, CONFIG_SERIALIZED = 3 };

static int first_column(void *context, int count, char **values, char **names) {
    (void)count;
    (void)names;
    snprintf(context, 64, "%s", values[0] == NULL ? "NULL" : values[0]);
    return 0;
}

#define FOREIGN(db, sql)                                                                     \
    do {                                                                                     \
        if (sqlite3_exec((db), (sql), NULL, NULL, NULL) != 0) {                              \
            check_fail(__FILE__, __LINE__, "the other SQLite: %s", sqlite3_errmsg(db));      \
        }                                                                                    \
    } while (0)

static sqlite3 *open_foreign(const char *path) {
    sqlite3 *db = NULL;
    CHECK_INT(0, sqlite3_open(path, &db));
    return db;
}

static void both_work_side_by_side(void) {
    zova_database *db = create("ours.zova");
    sqlite3 *foreign = open_foreign("theirs.db");
    zova_object_id id;
    char value[64];
    EXEC(db, "create table t(x); insert into t values (1), (2)");
    FOREIGN(foreign, "create table t(x); insert into t values (10), (20), (30)");
    CHECK_OK(db, put(db, "both", 4, &id));
    CHECK_QUERY("3", db, "select sum(x) from t");
    CHECK_INT(0, sqlite3_exec(foreign, "select sum(x) from t", first_column, value, NULL));
    CHECK_TEXT("60", value);
    CHECK_OBJECT(db, id, "both", 4);
    CHECK_INT(0, sqlite3_close(foreign));
    close_database(db);
}

static int extensions_loaded;

static int count_connection(void) {
    extensions_loaded++;
    return 0;
}

/* What is registered with the other SQLite runs for its connections only, so there really are two. */
static void extensions_of_the_other_are_not_loaded_here(void) {
    zova_database *db;
    sqlite3 *foreign;
    CHECK_INT(0, sqlite3_auto_extension((void (*)(void))count_connection));
    db = create("ours.zova");
    CHECK_INT(0, extensions_loaded);
    foreign = open_foreign("theirs.db");
    CHECK_INT(1, extensions_loaded);
    CHECK_INT(0, sqlite3_close(foreign));
    close_database(db);
}

static void settings_of_one_do_not_reach_the_other(void) {
    zova_database *db = create("ours.zova");
    sqlite3 *foreign;
    EXEC(db, "create table t(x)");
    CHECK_INT(0, sqlite3_shutdown());
    CHECK_INT(0, sqlite3_config(CONFIG_SINGLETHREAD));
    CHECK_INT(0, sqlite3_initialize());
    foreign = open_foreign("theirs.db");
    FOREIGN(foreign, "create table t(x)");
    EXEC(db, "insert into t values (1)");
    CHECK_QUERY("1", db, "select count(*) from t");
    CHECK_INT(0, sqlite3_close(foreign));
    CHECK_INT(0, sqlite3_shutdown());
    EXEC(db, "insert into t values (2)");
    CHECK_QUERY("2", db, "select count(*) from t");
    close_database(db);
    CHECK_INT(0, sqlite3_config(CONFIG_SERIALIZED));
    db = open_existing("ours.zova");
    CHECK_QUERY("1", db, "select sqlite_compileoption_used('THREADSAFE=1')");
    close_database(db);
}

static void a_closed_file_can_be_read_by_the_other(void) {
    zova_database *db = create("ours.zova");
    sqlite3 *foreign;
    char value[64];
    CHECK_OK(db, put(db, "an object", 9, NULL));
    close_database(db);
    foreign = open_foreign("ours.zova");
    CHECK_INT(0, sqlite3_exec(foreign, "select size_bytes from _zova_objects", first_column, value, NULL));
    CHECK_TEXT("9", value);
    CHECK_INT(0, sqlite3_close(foreign));
}

/* Files of this kind come from converting such a database. */
static void make_utf16(const char *path, const char *encoding) {
    zova_database *db = create("template.zova");
    zova_statement *tables = PREPARE(db, "select sql from sqlite_schema where type = 'table' and sql is not null");
    sqlite3 *foreign = open_foreign(path);
    zova_step_result result;
    char pragma[64];
    snprintf(pragma, sizeof pragma, "pragma encoding = '%s'", encoding);
    FOREIGN(foreign, pragma);
    for (;;) {
        zova_text sql;
        CHECK_OK(db, step(tables, &result));
        if (result == ZOVA_STEP_DONE) {
            break;
        }
        sql = column_text(tables, 0);
        FOREIGN(foreign, sql.data);
        zova_text_free(&sql);
    }
    FOREIGN(foreign,
            "insert into _zova_meta values ('magic', 'zova'), ('format_version', '5'),"
            " ('database_id', '0000000000000000000000000000000000000000000000000000000000000000')");
    CHECK_INT(0, sqlite3_close(foreign));
    FINALIZE(db, tables);
    close_database(db);
    CHECK(unlink("template.zova") == 0);
}

static void utf16_files_open_and_work(void) {
    static const char *const ENCODINGS[] = {"UTF-16le", "UTF-16be"};
    size_t at;
    for (at = 0; at < 2; at++) {
        zova_database *db;
        zova_object_id id;
        check_about("%s", ENCODINGS[at]);
        unlink("utf16.zova");
        make_utf16("utf16.zova", ENCODINGS[at]);
        db = open_existing("utf16.zova");
        CHECK_QUERY(ENCODINGS[at], db, "pragma encoding");
        EXEC(db, "create table t(x); insert into t values ('gr\xc3\xbc\xc3\x9f')");
        CHECK_QUERY("gr\xc3\xbc\xc3\x9f", db, "select x from t");
        CHECK_OK(db, put(db, "sixteen", 7, &id));
        CHECK_OBJECT(db, id, "sixteen", 7);
        CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, "select * from missing"));
        CHECK_TEXT("no such table: missing", last_error(db));
        CHECK_OK(db, object_delete(db, id));
        close_database(db);
    }
}

CHECK_MAIN(CASE(both_work_side_by_side),
           CASE(extensions_of_the_other_are_not_loaded_here),
           CASE(settings_of_one_do_not_reach_the_other),
           CASE(a_closed_file_can_be_read_by_the_other),
           CASE(utf16_files_open_and_work))
