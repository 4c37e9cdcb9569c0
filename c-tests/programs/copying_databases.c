/* Backup, compact, restore and conversion: database.md, sections 8 and 9; abi.md, section 12.7. */
#include "support.h"

enum { OBJECT = 300000 };

static const char *const ROWS = "select (select count(*) from t) || ' ' || (select count(*) from _zova_objects)";

/* A database with a row and an object. */
static zova_database *filled(const char *path) {
    zova_database *db = create(path);
    unsigned char *bytes = stream(OBJECT, 41);
    EXEC(db, "create table t(a); insert into t values (1)");
    CHECK_OK(db, put(db, bytes, OBJECT, NULL));
    free(bytes);
    return db;
}

static void check_copy(const char *path) {
    zova_database *db = open_existing(path);
    unsigned char *bytes = stream(OBJECT, 41);
    CHECK_QUERY("1 1", db, ROWS);
    CHECK_QUERY("ok", db, "pragma integrity_check");
    CHECK_OBJECT(db, id_of(bytes, OBJECT), bytes, OBJECT);
    free(bytes);
    close_database(db);
}

static void copies_hold_everything_and_stand_alone(void) {
    zova_database *db = filled("x.zova");
    CHECK_OK(db, backup(db, "backup.zova", 0));
    CHECK_OK(db, compact(db, "compact.zova", 0));
    CHECK_OK(NULL, restore("x.zova", "restored.zova", 0, NULL, 0));
    CHECK_OK(db, backup(db, "unverified.zova", ZOVA_BACKUP_NO_VERIFY));
    CHECK_OK(db, compact(db, "unverified compact.zova", ZOVA_COMPACT_NO_VERIFY));
    CHECK_OK(NULL, restore("backup.zova", "unverified restored.zova", ZOVA_RESTORE_NO_VERIFY, NULL, 0));
    close_database(db);
    CHECK(unlink("x.zova") == 0);
    check_copy("backup.zova");
    check_copy("compact.zova");
    check_copy("restored.zova");
    check_copy("unverified.zova");
    check_copy("unverified compact.zova");
    check_copy("unverified restored.zova");
    CHECK_INT(6, entries("."));
}

static void a_read_only_handle_can_be_copied(void) {
    zova_database *db;
    close_database(filled("x.zova"));
    db = open_read_only("x.zova");
    CHECK_OK(db, backup(db, "backup.zova", 0));
    CHECK_OK(db, compact(db, "compact.zova", 0));
    close_database(db);
    check_copy("backup.zova");
    check_copy("compact.zova");
}

static void a_copy_of_a_database_in_wal_mode_has_no_side_files(void) {
    zova_database *db = create("x.zova");
    CHECK_QUERY("wal", db, "pragma journal_mode = wal");
    EXEC(db, "create table t(a); insert into t values (1)");
    CHECK_OK(db, backup(db, "backup.zova", 0));
    CHECK_OK(db, compact(db, "compact.zova", 0));
    CHECK_INT(5, entries("."));
    close_database(db);
    CHECK_INT(3, entries("."));
    db = open_existing("backup.zova");
    CHECK_QUERY("wal", db, "pragma journal_mode");
    CHECK_QUERY("1", db, "select count(*) from t");
    close_database(db);
    db = open_existing("compact.zova");
    CHECK_QUERY("delete", db, "pragma journal_mode");
    close_database(db);
}

/* Arguments, then the source of a restore, then the destination. */
static void checks_come_in_the_order_of_the_table(void) {
    zova_database *db = filled("x.zova");
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, backup(db, NULL, 0));
    CHECK_BEGINS("InvalidArgument: destination_path", last_error(db));
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, backup(db, "x", 2));
    CHECK_BEGINS("InvalidArgument: flags", last_error(db));
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, compact(db, NULL, 0xffffffff));
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, compact(db, "x", 4));
    CHECK_STATUS(db, ZOVA_NOT_ZOVA_PATH, backup(db, "x", 0));
    CHECK_STATUS(db, ZOVA_NOT_ZOVA_PATH, compact(db, "no/x.ZOVA", 0));
    CHECK_STATUS(db, ZOVA_DESTINATION_EXISTS, backup(db, "x.zova", 0));
    CHECK_STATUS(db, ZOVA_DESTINATION_EXISTS, compact(db, "././x.zova", 0));
    CHECK_STATUS(db, ZOVA_CANT_OPEN, backup(db, "no/x.zova", 0));
    CHECK_BEGINS("CantOpen: ", last_error(db));
    CHECK_CONTAINS("no/x.zova", last_error(db));
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, restore(NULL, NULL, 2, NULL, 0));
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, restore("no", "no", 2, NULL, 0));
    CHECK_STATUS(NULL, ZOVA_NOT_ZOVA_PATH, restore("no", "no", 0, NULL, 0));
    CHECK_STATUS(NULL, ZOVA_NOT_ZOVA_DATABASE, restore("no.zova", "no", 0, NULL, 0));
    CHECK_STATUS(NULL, ZOVA_NOT_ZOVA_PATH, restore("x.zova", "no", 0, NULL, 0));
    CHECK_STATUS(NULL, ZOVA_DESTINATION_EXISTS, restore("x.zova", "x.zova", 0, NULL, 0));
    CHECK_STATUS(NULL, ZOVA_CANT_OPEN, restore("x.zova", "no/x.zova", 0, NULL, 0));
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, convert(NULL, "y.zova", NULL, 0));
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, convert("no", NULL, NULL, 0));
    CHECK_STATUS(NULL, ZOVA_NOT_ZOVA_PATH, convert("no", "y", NULL, 0));
    CHECK_STATUS(NULL, ZOVA_DESTINATION_EXISTS, convert("no", "x.zova", NULL, 0));
    CHECK_STATUS(NULL, ZOVA_CANT_OPEN, convert("no", "no/y.zova", NULL, 0));
    CHECK_STATUS(NULL, ZOVA_CANT_OPEN, convert("no", "y.zova", NULL, 0));
    CHECK_STATUS(NULL, ZOVA_ZOVA_NAME_CONFLICT, convert("x.zova", "y.zova", NULL, 0));
    CHECK_INT(1, entries("."));
    close_database(db);
}

static void what_is_not_committed_is_not_copied(void) {
    zova_database *db = filled("x.zova");
    zova_statement *cursor;
    BEGIN(db);
    CHECK_OK(db, backup(db, "deferred.zova", 0));
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, compact(db, "y.zova", 0));
    CHECK_BEGINS("SqliteError: ", last_error(db));
    CHECK_CONTAINS("cannot VACUUM from within a transaction", last_error(db));
    EXEC(db, "insert into t values (2)");
    CHECK_STATUS(db, ZOVA_BUSY, backup(db, "y.zova", 0));
    ROLLBACK(db);
    cursor = PREPARE(db, "select a from t");
    STEP(db, cursor, ZOVA_STEP_ROW);
    CHECK_OK(db, backup(db, "cursor.zova", 0));
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, compact(db, "y.zova", 0));
    FINALIZE(db, cursor);
    close_database(db);
    check_copy("deferred.zova");
    check_copy("cursor.zova");
    CHECK_INT(3, entries("."));
}

static void a_damaged_object_stops_a_copy_that_is_verified(void) {
    zova_database *db = filled("x.zova");
    EXEC(db, "update _zova_chunks set data = zeroblob(size_bytes) where rowid = 2");
    CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT, backup(db, "y.zova", 0));
    CHECK_BEGINS("ObjectCorrupt: object ", last_error(db));
    CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT, compact(db, "y.zova", 0));
    CHECK_STATUS(NULL, ZOVA_OBJECT_CORRUPT, restore("x.zova", "y.zova", 0, NULL, 0));
    CHECK_INT(1, entries("."));
    CHECK_OK(db, backup(db, "y.zova", ZOVA_BACKUP_NO_VERIFY));
    close_database(db);
}

static void conversion_keeps_everything_and_names_what_is_in_its_way(void) {
    zova_database *db;
    char text[1024];
    unsigned char *before, *after;
    size_t len, len_after;
    make_plain_sqlite("app.db",
                      "create table t(a integer primary key autoincrement, b); insert into t(b) values (1), ('x');"
                      "create virtual table f using fts5(a); insert into f values ('some words');"
                      "pragma user_version = 42; pragma application_id = 7");
    before = read_file("app.db", &len);
    CHECK_OK(NULL, convert("app.db", "app.zova", NULL, 0));
    after = read_file("app.db", &len_after);
    CHECK_INT((long long)len, (long long)len_after);
    CHECK(memcmp(before, after, len) == 0);
    free(before);
    free(after);
    CHECK_INT(2, entries("."));
    db = open_existing("app.zova");
    CHECK_QUERY("2", db, "select count(*) from t");
    CHECK_QUERY("2", db, "select seq from sqlite_sequence");
    CHECK_QUERY("1", db, "select count(*) from f where f match 'words'");
    CHECK_QUERY("42", db, "pragma user_version");
    CHECK_QUERY("7", db, "pragma application_id");
    CHECK_OK(db, put(db, "new", 3, NULL));
    close_database(db);
    make_plain_sqlite("clash.db", "create table \"_ZoVa_mine\"(a)");
    CHECK_STATUS(NULL, ZOVA_ZOVA_NAME_CONFLICT, convert("clash.db", "clash.zova", text, sizeof text));
    CHECK_BEGINS("ZovaNameConflict: ", text);
    CHECK_CONTAINS("_ZoVa_mine", text);
    write_file("text.db", "This is no database, whatever its name says.", 44);
    CHECK_STATUS(NULL, ZOVA_SQLITE_ERROR, convert("text.db", "text.zova", text, sizeof text));
    CHECK_BEGINS("SqliteError: ", text);
    CHECK_CONTAINS("text.db", text);
    CHECK(!exists("clash.zova") && !exists("text.zova"));
}

static void a_copy_is_no_more_readable_than_its_source(void) {
    struct stat info;
    zova_database *db = filled("x.zova");
    CHECK(chmod("x.zova", 0600) == 0);
    CHECK_OK(db, backup(db, "backup.zova", 0));
    CHECK_OK(db, compact(db, "compact.zova", 0));
    CHECK_OK(NULL, restore("x.zova", "restored.zova", 0, NULL, 0));
    close_database(db);
    CHECK(stat("backup.zova", &info) == 0);
    CHECK_INT(0600, info.st_mode & 0777);
    CHECK(stat("compact.zova", &info) == 0);
    CHECK_INT(0600, info.st_mode & 0777);
    CHECK(stat("restored.zova", &info) == 0);
    CHECK_INT(0600, info.st_mode & 0777);
}

/* ---- watching ---- */

typedef struct {
    int calls, stop_at;
    uint64_t done, total;
    zova_database *db;
} watcher;

static int watch(uint64_t done, uint64_t total, void *user) {
    watcher *watched = user;
    CHECK(done >= watched->done && done <= total);
    watched->done = done;
    watched->total = total;
    watched->calls++;
    if (watched->db != NULL) {
        /* The handle is busy with the copy; stopping it is what can be done. */
        CHECK_INT(ZOVA_MISUSE, exec(watched->db, "select 1"));
        CHECK_INT(ZOVA_OK, zova_database_interrupt(watched->db));
    }
    return watched->calls == watched->stop_at;
}

enum { WAYS = 4 };

static zova_status watched_copy(int way, zova_database *db, watcher *watched) {
    zova_progress progress = {watch, watched};
    zova_message message = {0};
    zova_status status = ZOVA_OK;
    zova_database_backup_with_options_request as_backup = {db, "y.zova", 0, &progress};
    zova_database_compact_with_options_request as_compact = {db, "y.zova", 0, &progress};
    zova_database_restore_with_options_request as_restore = {"x.zova", "y.zova", 0, 0, 0, &progress, &message};
    zova_convert_sqlite_to_zova_with_options_request as_convert = {"app.db", "y.zova", 0, 0, &progress, &message};
    switch (way) {
    case 0:
        status = zova_database_backup_with_options(&as_backup);
        break;
    case 1:
        status = zova_database_compact_with_options(&as_compact);
        break;
    case 2:
        status = zova_database_restore_with_options(&as_restore);
        break;
    default:
        status = zova_convert_sqlite_to_zova_with_options(&as_convert);
    }
    if (status != ZOVA_OK) {
        CHECK_BEGINS("Interrupted: ", way < 2 ? last_error(db) : message.data);
    }
    zova_message_free(&message);
    return status;
}

static void every_call_of_the_watcher_can_stop_a_copy(void) {
    zova_database *db = filled("x.zova");
    int way, stop_at;
    EXEC(db, "create table u as select randomblob(3000000)");
    make_plain_sqlite("app.db", "create table t(a); insert into t values (randomblob(3000000))");
    for (way = 0; way < WAYS; way++) {
        for (stop_at = 1;; stop_at++) {
            watcher watched = {0};
            zova_status status;
            check_about("way %d, stopped at call %d", way, stop_at);
            watched.stop_at = stop_at;
            status = watched_copy(way, db, &watched);
            if (watched.calls < stop_at) {
                CHECK_INT(ZOVA_OK, status);
                CHECK(watched.done == watched.total && watched.total > 0);
                break;
            }
            CHECK_INT(ZOVA_INTERRUPTED, status);
            CHECK_INT(2, entries("."));
        }
        CHECK(stop_at > 3);
        CHECK(unlink("y.zova") == 0);
    }
    close_database(db);
}

static void a_watcher_can_interrupt_and_do_nothing_else(void) {
    zova_database *db = filled("x.zova");
    int way;
    for (way = 0; way < 2; way++) {
        watcher watched = {0};
        watched.db = db;
        CHECK_INT(ZOVA_INTERRUPTED, watched_copy(way, db, &watched));
        CHECK_INT(1, entries("."));
        watched.db = NULL;
        CHECK_OK(db, watched_copy(way, db, &watched));
        CHECK(unlink("y.zova") == 0);
    }
    close_database(db);
}

static void restore_and_conversion_wait_as_long_as_they_are_told(void) {
    zova_database *db = filled("x.zova");
    zova_message message = {0};
    zova_database_restore_with_options_request request = {"x.zova", "y.zova", 0, 100, 0, NULL, &message};
    zova_convert_sqlite_to_zova_with_options_request of_plain = {"app.db", "y.zova", 100, 0, NULL, &message};
    double start = seconds();
    EXEC(db, "begin exclusive");
    CHECK_STATUS(NULL, ZOVA_BUSY, zova_database_restore(&(zova_database_restore_request){"x.zova", "y.zova", 0, NULL}));
    CHECK_STATUS(NULL, ZOVA_BUSY, zova_database_restore_with_options(&request));
    CHECK(seconds() - start > 0.09);
    CHECK_BEGINS("Busy: ", message.data);
    request.busy_timeout_ms = 60000;
    request.deadline_ms = 50;
    CHECK_STATUS(NULL, ZOVA_INTERRUPTED, zova_database_restore_with_options(&request));
    CHECK_BEGINS("Interrupted: ", message.data);
    request.busy_timeout_ms = 2147483648u;
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, zova_database_restore_with_options(&request));
    of_plain.deadline_ms = 2147483648u;
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, zova_convert_sqlite_to_zova_with_options(&of_plain));
    ROLLBACK(db);
    zova_message_free(&message);
    close_database(db);
    CHECK_INT(1, entries("."));
}

CHECK_MAIN(CASE(copies_hold_everything_and_stand_alone), CASE(a_read_only_handle_can_be_copied),
           CASE(a_copy_of_a_database_in_wal_mode_has_no_side_files), CASE(checks_come_in_the_order_of_the_table),
           CASE(what_is_not_committed_is_not_copied), CASE(a_damaged_object_stops_a_copy_that_is_verified),
           CASE(conversion_keeps_everything_and_names_what_is_in_its_way),
           CASE(a_copy_is_no_more_readable_than_its_source), CASE(every_call_of_the_watcher_can_stop_a_copy),
           CASE(a_watcher_can_interrupt_and_do_nothing_else),
           CASE(restore_and_conversion_wait_as_long_as_they_are_told))
