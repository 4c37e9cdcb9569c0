/* abi.md, section 12.8, bind rules. */
#include "support.h"

#include <limits.h>
#include <math.h>
#include <sys/mman.h>

static void indexes_out_of_range_are_an_sqlite_error(void) {
    static const int INDEXES[] = {0, -1, 3, 1000, INT_MAX, INT_MIN};
    zova_database *db = create("x.zova");
    zova_statement *statement = PREPARE(db, "select ?1, ?2");
    size_t at;
    for (at = 0; at < sizeof INDEXES / sizeof *INDEXES; at++) {
        check_about("index %d", INDEXES[at]);
        CHECK_STATUS(db, ZOVA_SQLITE_ERROR, bind_null(statement, INDEXES[at]));
        CHECK_TEXT("column index out of range", last_error(db));
        CHECK_STATUS(db, ZOVA_SQLITE_ERROR, bind_int64(statement, INDEXES[at], 1));
        CHECK_TEXT("column index out of range", last_error(db));
        CHECK_STATUS(db, ZOVA_SQLITE_ERROR, bind_double(statement, INDEXES[at], 1));
        CHECK_TEXT("column index out of range", last_error(db));
        CHECK_STATUS(db, ZOVA_SQLITE_ERROR, bind_text(statement, INDEXES[at], "x", 1));
        CHECK_TEXT("column index out of range", last_error(db));
        CHECK_STATUS(db, ZOVA_SQLITE_ERROR, bind_blob(statement, INDEXES[at], "x", 1));
        CHECK_TEXT("column index out of range", last_error(db));
    }
    FINALIZE(db, statement);
    statement = PREPARE(db, "select 1");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, bind_int64(statement, 1, 1));
    FINALIZE(db, statement);
    close_database(db);
}

static void binding_between_step_and_reset_is_misuse(void) {
    zova_database *db = create("x.zova");
    zova_statement *statement = PREPARE(db, "select ?1");
    int state;
    CHECK_OK(db, bind_int64(statement, 1, 10));
    STEP(db, statement, ZOVA_STEP_ROW);
    for (state = 0; state < 2; state++) {
        check_about(state == 0 ? "after a row" : "after done");
        CHECK_STATUS(db, ZOVA_MISUSE, bind_int64(statement, 1, 11));
        CHECK_TEXT("bad parameter or other API misuse", last_error(db));
        CHECK_STATUS(db, ZOVA_MISUSE, bind_null(statement, 1));
        CHECK_STATUS(db, ZOVA_MISUSE, bind_double(statement, 1, 1));
        CHECK_STATUS(db, ZOVA_MISUSE, bind_text(statement, 1, "x", 1));
        CHECK_STATUS(db, ZOVA_MISUSE, bind_blob(statement, 1, "x", 1));
        if (state == 0) {
            STEP(db, statement, ZOVA_STEP_DONE);
        }
    }
    RESET(db, statement);
    STEP(db, statement, ZOVA_STEP_ROW);
    CHECK_INT(10, column_int64(statement, 0));
    RESET(db, statement);
    CHECK_OK(db, bind_int64(statement, 1, 12));
    STEP(db, statement, ZOVA_STEP_ROW);
    CHECK_INT(12, column_int64(statement, 0));
    FINALIZE(db, statement);
    close_database(db);
}

static void clearing_makes_every_parameter_null_at_any_time(void) {
    zova_database *db = create("x.zova");
    zova_statement *statement = PREPARE(db, "select ?1, ?2");
    CHECK_OK(db, bind_int64(statement, 1, 1));
    CHECK_OK(db, bind_text(statement, 2, "two", 3));
    STEP(db, statement, ZOVA_STEP_ROW);
    CHECK_OK(db, zova_statement_clear_bindings(statement));
    RESET(db, statement);
    STEP(db, statement, ZOVA_STEP_ROW);
    CHECK_INT(ZOVA_COLUMN_NULL, column_type(statement, 0));
    CHECK_INT(ZOVA_COLUMN_NULL, column_type(statement, 1));
    STEP(db, statement, ZOVA_STEP_DONE);
    CHECK_OK(db, zova_statement_clear_bindings(statement));
    FINALIZE(db, statement);
    close_database(db);
}

static void integers_keep_all_64_bits(void) {
    static const int64_t VALUES[] = {0, 1, -1, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, INT64_C(1) << 53};
    zova_database *db = create("x.zova");
    zova_statement *statement = PREPARE(db, "select ?1, typeof(?1)");
    size_t at;
    for (at = 0; at < sizeof VALUES / sizeof *VALUES; at++) {
        CHECK_OK(db, bind_int64(statement, 1, VALUES[at]));
        STEP(db, statement, ZOVA_STEP_ROW);
        CHECK_INT(VALUES[at], column_int64(statement, 0));
        CHECK_INT(ZOVA_COLUMN_INTEGER, column_type(statement, 0));
        RESET(db, statement);
    }
    FINALIZE(db, statement);
    close_database(db);
}

static void nan_binds_null_and_infinities_are_kept(void) {
    zova_database *db = create("x.zova");
    zova_statement *statement = PREPARE(db, "select ?1");
    static const double VALUES[] = {0.0, -0.0, 1.5, 1e300, -1e300, 5e-324, HUGE_VAL, -HUGE_VAL};
    size_t at;
    for (at = 0; at < sizeof VALUES / sizeof *VALUES; at++) {
        double got;
        check_about("%g", VALUES[at]);
        CHECK_OK(db, bind_double(statement, 1, VALUES[at]));
        STEP(db, statement, ZOVA_STEP_ROW);
        CHECK_INT(ZOVA_COLUMN_FLOAT, column_type(statement, 0));
        got = column_double(statement, 0);
        CHECK(got == VALUES[at]);
        RESET(db, statement);
    }
    check_about("NaN");
    CHECK_OK(db, bind_double(statement, 1, (double)NAN));
    STEP(db, statement, ZOVA_STEP_ROW);
    CHECK_INT(ZOVA_COLUMN_NULL, column_type(statement, 0));
    FINALIZE(db, statement);
    close_database(db);
}

static void text_is_stored_as_given(void) {
    /* An embedded NUL, bytes that are no UTF-8, a surrogate, nothing at all. */
    static const struct {
        const char *bytes;
        size_t len;
    } VALUES[] = {{"plain", 5}, {"a\0b", 3}, {"\0", 1}, {"\xff\xfe\x80", 3}, {"\xed\xa0\x80", 3}, {"", 0}};
    zova_database *db = create("x.zova");
    zova_statement *insert, *rows;
    size_t at;
    EXEC(db, "create table t(x)");
    insert = PREPARE(db, "insert into t values (?1)");
    for (at = 0; at < sizeof VALUES / sizeof *VALUES; at++) {
        CHECK_OK(db, bind_text(insert, 1, VALUES[at].bytes, VALUES[at].len));
        STEP(db, insert, ZOVA_STEP_DONE);
        RESET(db, insert);
    }
    FINALIZE(db, insert);
    rows = PREPARE(db, "select x, typeof(x), length(cast(x as blob)) from t order by rowid");
    for (at = 0; at < sizeof VALUES / sizeof *VALUES; at++) {
        zova_text text;
        check_about("value %zu", at);
        STEP(db, rows, ZOVA_STEP_ROW);
        CHECK_INT(ZOVA_COLUMN_TEXT, column_type(rows, 0));
        CHECK_INT(VALUES[at].len, column_int64(rows, 2));
        text = column_text(rows, 0);
        CHECK(text.data != NULL);
        CHECK_INT(VALUES[at].len, text.len);
        CHECK_BYTES(VALUES[at].bytes, text.data, text.len);
        CHECK_INT(0, text.data[text.len]);
        zova_text_free(&text);
    }
    FINALIZE(db, rows);
    close_database(db);
}

static void empty_values_are_not_null(void) {
    zova_database *db = create("x.zova");
    zova_statement *statement = PREPARE(db, "select ?1, ?2, typeof(?1), typeof(?2), length(?1), length(?2)");
    int pass;
    for (pass = 0; pass < 2; pass++) {
        const char *data = pass == 0 ? NULL : "x";
        check_about(pass == 0 ? "null pointer" : "pointer");
        CHECK_OK(db, bind_text(statement, 1, data, 0));
        CHECK_OK(db, bind_blob(statement, 2, data, 0));
        STEP(db, statement, ZOVA_STEP_ROW);
        CHECK_INT(ZOVA_COLUMN_TEXT, column_type(statement, 0));
        CHECK_INT(ZOVA_COLUMN_BLOB, column_type(statement, 1));
        CHECK_INT(0, column_int64(statement, 4));
        CHECK_INT(0, column_int64(statement, 5));
        CHECK_INT(ZOVA_COLUMN_INTEGER, column_type(statement, 4));
        RESET(db, statement);
    }
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, bind_text(statement, 1, NULL, 1));
    CHECK_BEGINS("InvalidArgument: ", last_error(db));
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, bind_blob(statement, 1, NULL, 1));
    FINALIZE(db, statement);
    close_database(db);
}

static void values_are_copied(void) {
    zova_database *db = create("x.zova");
    zova_statement *statement = PREPARE(db, "select ?1, ?2");
    char *text = malloc(6);
    unsigned char *blob = malloc(3);
    zova_text text_back;
    zova_buffer blob_back;
    CHECK(text != NULL && blob != NULL);
    memcpy(text, "kept!", 6);
    memcpy(blob, "\1\2\3", 3);
    CHECK_OK(db, bind_text(statement, 1, text, 5));
    CHECK_OK(db, bind_blob(statement, 2, blob, 3));
    memset(text, 'x', 6);
    memset(blob, 'x', 3);
    free(text);
    free(blob);
    STEP(db, statement, ZOVA_STEP_ROW);
    text_back = column_text(statement, 0);
    blob_back = column_blob(statement, 1);
    CHECK_TEXT("kept!", text_back.data);
    CHECK_INT(3, blob_back.len);
    CHECK_BYTES("\1\2\3", blob_back.data, 3);
    zova_text_free(&text_back);
    zova_buffer_free(&blob_back);
    FINALIZE(db, statement);
    close_database(db);
}

static void values_beyond_the_limit_of_sqlite_are_refused(void) {
    const size_t over = 1000000001;
    const size_t two_gib = (size_t)3 << 30;
    zova_database *db = create("x.zova");
    zova_statement *statement = PREPARE(db, "select ?1");
    /* Address space that nobody may have to read. */
    void *zeros = mmap(NULL, two_gib, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(zeros != MAP_FAILED);
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, bind_text(statement, 1, zeros, over));
    CHECK_TEXT("string or blob too big", last_error(db));
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, bind_blob(statement, 1, zeros, over));
    CHECK_TEXT("string or blob too big", last_error(db));
    CHECK_STATUS(db, ZOVA_OUT_OF_MEMORY, bind_text(statement, 1, zeros, two_gib));
    CHECK_STATUS(db, ZOVA_OUT_OF_MEMORY, bind_blob(statement, 1, zeros, two_gib));
    CHECK(munmap(zeros, two_gib) == 0);
    CHECK_OK(db, bind_int64(statement, 1, 1));
    STEP(db, statement, ZOVA_STEP_ROW);
    FINALIZE(db, statement);
    close_database(db);
}

static void large_values_arrive_whole(void) {
    const size_t len = check_small ? 300000 : 20000000;
    zova_database *db = create("x.zova");
    unsigned char *bytes = stream(len, 3);
    zova_statement *insert, *rows;
    zova_buffer back;
    EXEC(db, "create table t(x)");
    insert = PREPARE(db, "insert into t values (?1)");
    CHECK_OK(db, bind_blob(insert, 1, bytes, len));
    STEP(db, insert, ZOVA_STEP_DONE);
    FINALIZE(db, insert);
    rows = PREPARE(db, "select x from t");
    STEP(db, rows, ZOVA_STEP_ROW);
    back = column_blob(rows, 0);
    CHECK_INT(len, back.len);
    CHECK_BYTES(bytes, back.data, len);
    zova_buffer_free(&back);
    FINALIZE(db, rows);
    free(bytes);
    close_database(db);
}

static void parameters_are_counted_and_found_by_their_full_name(void) {
    static const struct {
        const char *sql;
        int count;
        const char *name;
        int index;
    } ROWS[] = {{"select 1", 0, ":a", 0},           {"select ?", 1, "?", 0},
                {"select ?, ?", 2, "?1", 0},        {"select ?5", 5, "?5", 5},
                {"select ?5", 5, "?1", 0},          {"select :a, @b, $c", 3, ":a", 1},
                {"select :a, @b, $c", 3, "@b", 2},  {"select :a, @b, $c", 3, "$c", 3},
                {"select :a, @b, $c", 3, "a", 0},   {"select :a, @b, $c", 3, "@a", 0},
                {"select :a, @b, $c", 3, "", 0},    {"select :a, :a, :A", 2, ":A", 2},
                {"select :a, ?2, :c", 3, ":c", 3},  {"select :gr\xc3\xbc\xc3\x9f", 1, ":gr\xc3\xbc\xc3\x9f", 1},
                {"select :a", 1, ":ab", 0},         {"select ?3, :a", 4, ":a", 4}};
    zova_database *db = create("x.zova");
    size_t at;
    for (at = 0; at < sizeof ROWS / sizeof *ROWS; at++) {
        zova_statement *statement = PREPARE(db, ROWS[at].sql);
        check_about("%s, %s", ROWS[at].sql, ROWS[at].name);
        CHECK_INT(ROWS[at].count, parameter_count(statement));
        CHECK_INT(ROWS[at].index, parameter_index(statement, ROWS[at].name));
        FINALIZE(db, statement);
    }
    close_database(db);
}

CHECK_MAIN(CASE(indexes_out_of_range_are_an_sqlite_error),
           CASE(binding_between_step_and_reset_is_misuse),
           CASE(clearing_makes_every_parameter_null_at_any_time),
           CASE(integers_keep_all_64_bits),
           CASE(nan_binds_null_and_infinities_are_kept),
           CASE(text_is_stored_as_given),
           CASE(empty_values_are_not_null),
           CASE(values_are_copied),
           CASE(values_beyond_the_limit_of_sqlite_are_refused),
           CASE(large_values_arrive_whole),
           CASE(parameters_are_counted_and_found_by_their_full_name))
