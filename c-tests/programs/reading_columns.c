/* abi.md, section 12.8, column rules. */
#include "support.h"

#include <limits.h>
#include <math.h>

/* One value, read in every way. The type is asked for first, because reading may convert. */
static const struct {
    const char *sql;
    int type;
    int64_t integer;
    double number;
    const char *text; /* null: SQL NULL */
    size_t len;
} VALUES[] = {
    {"12", ZOVA_COLUMN_INTEGER, 12, 12.0, "12", 2},
    {"-9223372036854775808", ZOVA_COLUMN_INTEGER, INT64_MIN, -9223372036854775808.0, "-9223372036854775808", 20},
    {"9223372036854775807", ZOVA_COLUMN_INTEGER, INT64_MAX, 9223372036854775807.0, "9223372036854775807", 19},
    {"1.5", ZOVA_COLUMN_FLOAT, 1, 1.5, "1.5", 3},
    {"-1.9", ZOVA_COLUMN_FLOAT, -1, -1.9, "-1.9", 4},
    {"1e300", ZOVA_COLUMN_FLOAT, INT64_MAX, 1e300, "1.0e+300", 8},
    {"-1e300", ZOVA_COLUMN_FLOAT, INT64_MIN, -1e300, "-1.0e+300", 9},
    {"9e999", ZOVA_COLUMN_FLOAT, INT64_MAX, HUGE_VAL, "Inf", 3},
    {"-9e999", ZOVA_COLUMN_FLOAT, INT64_MIN, -HUGE_VAL, "-Inf", 4},
    {"'42abc'", ZOVA_COLUMN_TEXT, 42, 42.0, "42abc", 5},
    {"'-7.5e1x'", ZOVA_COLUMN_TEXT, -7, -75.0, "-7.5e1x", 7},
    {"'abc'", ZOVA_COLUMN_TEXT, 0, 0.0, "abc", 3},
    {"''", ZOVA_COLUMN_TEXT, 0, 0.0, "", 0},
    {"x'313233'", ZOVA_COLUMN_BLOB, 123, 123.0, "123", 3},
    {"x'00ff'", ZOVA_COLUMN_BLOB, 0, 0.0, "\0\xff", 2},
    {"x''", ZOVA_COLUMN_BLOB, 0, 0.0, "", 0},
    {"null", ZOVA_COLUMN_NULL, 0, 0.0, NULL, 0},
    {"cast(x'610062' as text)", ZOVA_COLUMN_TEXT, 0, 0.0, "a\0b", 3}};

enum { VALUE_COUNT = sizeof VALUES / sizeof *VALUES };

static zova_statement *value_row(zova_database *db, size_t at) {
    char sql[128];
    zova_statement *row;
    snprintf(sql, sizeof sql, "select %s", VALUES[at].sql);
    check_about("%s", sql);
    row = PREPARE(db, sql);
    STEP(db, row, ZOVA_STEP_ROW);
    return row;
}

static void values_are_converted_as_sqlite_does(void) {
    zova_database *db = create("x.zova");
    size_t at;
    for (at = 0; at < VALUE_COUNT; at++) {
        zova_statement *row = value_row(db, at);
        CHECK_INT(VALUES[at].type, column_type(row, 0));
        CHECK_INT(VALUES[at].integer, column_int64(row, 0));
        CHECK(column_double(row, 0) == VALUES[at].number);
        FINALIZE(db, row);
    }
    close_database(db);
}

static void text_is_terminated_and_tells_null_from_empty(void) {
    zova_database *db = create("x.zova");
    size_t at;
    for (at = 0; at < VALUE_COUNT; at++) {
        zova_statement *row = value_row(db, at);
        zova_text text = column_text(row, 0);
        CHECK_INT(VALUES[at].len, text.len);
        CHECK((text.data == NULL) == (VALUES[at].text == NULL));
        if (text.data != NULL) {
            CHECK_BYTES(VALUES[at].text, text.data, text.len);
            CHECK_INT(0, text.data[text.len]);
        }
        zova_text_free(&text);
        FINALIZE(db, row);
    }
    close_database(db);
}

static void a_blob_gives_the_bytes_and_null_when_there_are_none(void) {
    zova_database *db = create("x.zova");
    size_t at;
    for (at = 0; at < VALUE_COUNT; at++) {
        zova_statement *row = value_row(db, at);
        zova_buffer buffer = column_blob(row, 0);
        CHECK_INT(VALUES[at].len, buffer.len);
        CHECK((buffer.data == NULL) == (VALUES[at].len == 0));
        if (buffer.data != NULL) {
            CHECK_BYTES(VALUES[at].text, buffer.data, buffer.len);
        }
        zova_buffer_free(&buffer);
        FINALIZE(db, row);
    }
    close_database(db);
}

static void a_blob_read_as_text_reports_text_afterwards(void) {
    zova_database *db = create("x.zova");
    zova_statement *row = PREPARE(db, "select x'414243'");
    zova_text text;
    STEP(db, row, ZOVA_STEP_ROW);
    CHECK_INT(ZOVA_COLUMN_BLOB, column_type(row, 0));
    text = column_text(row, 0);
    CHECK_TEXT("ABC", text.data);
    zova_text_free(&text);
    CHECK_INT(ZOVA_COLUMN_TEXT, column_type(row, 0));
    FINALIZE(db, row);
    close_database(db);
}

static void check_reads_null(zova_statement *statement, int index) {
    zova_text text;
    zova_buffer buffer;
    CHECK_INT(ZOVA_COLUMN_NULL, column_type(statement, index));
    CHECK_INT(0, column_int64(statement, index));
    CHECK(column_double(statement, index) == 0);
    text = column_text(statement, index);
    CHECK(text.data == NULL && text.len == 0);
    buffer = column_blob(statement, index);
    CHECK(buffer.data == NULL && buffer.len == 0);
}

static void without_a_row_or_out_of_range_everything_reads_null(void) {
    static const int INDEXES[] = {-1, 2, 3, 1000, INT_MAX, INT_MIN};
    zova_database *db = create("x.zova");
    zova_statement *row = PREPARE(db, "select 1, 'two'");
    size_t at;
    check_about("before the first step");
    check_reads_null(row, 0);
    check_reads_null(row, 1);
    STEP(db, row, ZOVA_STEP_ROW);
    for (at = 0; at < sizeof INDEXES / sizeof *INDEXES; at++) {
        check_about("index %d", INDEXES[at]);
        check_reads_null(row, INDEXES[at]);
    }
    CHECK_INT(1, column_int64(row, 0));
    STEP(db, row, ZOVA_STEP_DONE);
    check_about("after the last row");
    check_reads_null(row, 0);
    RESET(db, row);
    check_about("after reset");
    check_reads_null(row, 1);
    CHECK_TEXT("", last_error(db));
    FINALIZE(db, row);
    row = PREPARE(db, "create table t(x)");
    check_about("a statement without columns");
    check_reads_null(row, 0);
    STEP(db, row, ZOVA_STEP_DONE);
    check_reads_null(row, 0);
    FINALIZE(db, row);
    close_database(db);
}

static void columns_are_counted_before_the_first_step(void) {
    static const struct {
        const char *sql;
        int count;
    } ROWS[] = {{"select 1, 2, 3", 3},          {"select * from t", 2},   {"insert into t values (1, 2)", 0},
                {"insert into t values (1, 2) returning a, b, a + b", 3}, {"create table u(x)", 0},
                {"pragma user_version", 1},     {"values (1, 2)", 2},     {"begin", 0},
                {"explain select 1", 8}};
    zova_database *db = create("x.zova");
    size_t at;
    EXEC(db, "create table t(a, b)");
    for (at = 0; at < sizeof ROWS / sizeof *ROWS; at++) {
        zova_statement *statement = PREPARE(db, ROWS[at].sql);
        check_about("%s", ROWS[at].sql);
        CHECK_INT(ROWS[at].count, column_count(statement));
        FINALIZE(db, statement);
    }
    close_database(db);
}

static void names_need_no_row_and_an_index_in_range(void) {
    static const int INDEXES[] = {-1, 4, 5, INT_MAX, INT_MIN};
    static const char *const NAMES[] = {"a", "named", "", "a"};
    zova_database *db = create("x.zova");
    zova_statement *statement;
    zova_text name = {0};
    size_t at;
    EXEC(db, "create table t(a)");
    statement = PREPARE(db, "select a, a + 1 as named, 2 as \"\", a from t");
    for (at = 0; at < 4; at++) {
        zova_statement_column_name_request request = {statement, (int)at, &name};
        check_about("column %zu", at);
        CHECK_OK(db, zova_statement_column_name(&request));
        CHECK_TEXT(NAMES[at], name.data);
        CHECK_INT(strlen(NAMES[at]), name.len);
    }
    for (at = 0; at < sizeof INDEXES / sizeof *INDEXES; at++) {
        zova_statement_column_name_request request = {statement, INDEXES[at], &name};
        zova_statement_column_name_request good = {statement, 0, &name};
        check_about("index %d", INDEXES[at]);
        CHECK_OK(db, zova_statement_column_name(&good));
        CHECK_STATUS(db, ZOVA_MISUSE, zova_statement_column_name(&request));
        CHECK_BEGINS("Misuse: ", last_error(db));
        CHECK(name.data == NULL && name.len == 0);
    }
    FINALIZE(db, statement);
    close_database(db);
}

#define LONG_TEXT "a text that is longer than a small buffer"

static void a_value_may_be_read_again_and_again(void) {
    zova_database *db = create("x.zova");
    zova_statement *row = PREPARE(db, "select '" LONG_TEXT "', 17");
    zova_text text = {0};
    zova_buffer buffer = {0};
    zova_statement_column_text_request as_text = {row, 0, &text};
    zova_statement_column_blob_request as_blob = {row, 0, &buffer};
    int round;
    STEP(db, row, ZOVA_STEP_ROW);
    for (round = 0; round < 5; round++) {
        as_text.index = round % 2;
        CHECK_OK(db, zova_statement_column_text(&as_text));
        CHECK_TEXT(round % 2 == 0 ? LONG_TEXT : "17", text.data);
        CHECK_OK(db, zova_statement_column_blob(&as_blob));
        CHECK_INT(strlen(LONG_TEXT), buffer.len);
    }
    FINALIZE(db, row);
    close_database(db);
    /* What was read outlives the statement and the database. */
    CHECK_TEXT(LONG_TEXT, text.data);
    zova_text_free(&text);
    zova_buffer_free(&buffer);
}

CHECK_MAIN(CASE(values_are_converted_as_sqlite_does),
           CASE(text_is_terminated_and_tells_null_from_empty),
           CASE(a_blob_gives_the_bytes_and_null_when_there_are_none),
           CASE(a_blob_read_as_text_reports_text_afterwards),
           CASE(without_a_row_or_out_of_range_everything_reads_null),
           CASE(columns_are_counted_before_the_first_step),
           CASE(names_need_no_row_and_an_index_in_range),
           CASE(a_value_may_be_read_again_and_again))
