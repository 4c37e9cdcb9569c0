/* file-format.md, section 8.2, with the files that the published implementation left behind. */
#include "support.h"

static void check_untouched(const char *path) {
    char original[4096];
    size_t len, original_len;
    unsigned char *bytes = read_file(path, &len);
    unsigned char *expected;
    snprintf(original, sizeof original, "%s/%s", check_fixtures, path);
    expected = read_file(original, &original_len);
    CHECK_INT(original_len, len);
    CHECK_BYTES(expected, bytes, len);
    free(bytes);
    free(expected);
}

static void a_hot_journal_is_rolled_back_by_opening_for_writing(void) {
    zova_database *db;
    copy_fixture("hot.zova");
    copy_fixture("hot.zova-journal");
    db = open_existing("hot.zova");
    CHECK(!exists("hot.zova-journal"));
    CHECK_QUERY("150", db, "select count(*) from _zova_vectors");
    CHECK_QUERY("0", db, "select count(*) from sqlite_schema where name = 'filler'");
    CHECK_QUERY("ok", db, "pragma integrity_check");
    CHECK_QUERY("3", db, "select count(*) from notes");
    close_database(db);
    CHECK_OPEN(ZOVA_OK, "hot.zova");
}

static void a_hot_journal_makes_a_read_only_opening_fail_and_touch_nothing(void) {
    char text[1024];
    copy_fixture("hot.zova");
    copy_fixture("hot.zova-journal");
    CHECK_STATUS(NULL, ZOVA_READ_ONLY, try_open("hot.zova", ZOVA_OPEN_READ_ONLY, text, sizeof text));
    CHECK_BEGINS("ReadOnly: ", text);
    CHECK_CONTAINS("hot.zova", text);
    check_untouched("hot.zova");
    check_untouched("hot.zova-journal");
}

static void rows_that_are_only_in_the_wal_are_there(void) {
    zova_database *db;
    copy_fixture("wal.zova");
    copy_fixture("wal.zova-wal");
    db = open_read_only("wal.zova");
    CHECK_QUERY("3", db, "select count(*) from t");
    close_database(db);
    db = open_existing("wal.zova");
    CHECK_QUERY("3", db, "select count(*) from t");
    CHECK_QUERY("wal", db, "pragma journal_mode");
    EXEC(db, "insert into t default values");
    CHECK_OK(db, put(db, "beside", 6, NULL));
    close_database(db);
    CHECK(!exists("wal.zova-wal"));
    db = open_read_only("wal.zova");
    CHECK_QUERY("4", db, "select count(*) from t");
    CHECK_OBJECT(db, id_of("beside", 6), "beside", 6);
    close_database(db);
}

static void readers_of_a_wal_file_do_not_block_its_writer(void) {
    zova_database *writer = create("x.zova");
    zova_database *reader;
    zova_statement *rows;
    zova_object_id id;
    EXEC(writer, "pragma journal_mode = wal; create table t(x); insert into t values (1), (2)");
    reader = open_existing("x.zova");
    rows = PREPARE(reader, "select x from t");
    STEP(reader, rows, ZOVA_STEP_ROW);
    EXEC(writer, "insert into t values (3)");
    CHECK_OK(writer, put(writer, "written", 7, &id));
    STEP(reader, rows, ZOVA_STEP_ROW);
    STEP(reader, rows, ZOVA_STEP_DONE);
    CHECK_INT(1, object_exists(reader, id));
    FINALIZE(reader, rows);
    close_database(reader);
    close_database(writer);
}

CHECK_MAIN(CASE(a_hot_journal_is_rolled_back_by_opening_for_writing),
           CASE(a_hot_journal_makes_a_read_only_opening_fail_and_touch_nothing),
           CASE(rows_that_are_only_in_the_wal_are_there),
           CASE(readers_of_a_wal_file_do_not_block_its_writer))
