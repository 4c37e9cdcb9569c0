/* abi.md, section 12.8; database.md, section 2.2. */
#include "support.h"

static zova_status try_prepare(zova_database *db, const char *sql) {
    zova_statement *statement = (zova_statement *)(void *)&statement;
    zova_database_prepare_request request = {db, sql, &statement};
    zova_status status = zova_database_prepare(&request);
    if (status == ZOVA_OK) {
        FINALIZE(db, statement);
    } else {
        CHECK(statement == NULL);
    }
    return status;
}

static void the_first_statement_is_compiled_and_the_rest_ignored(void) {
    zova_database *db = create("x.zova");
    zova_statement *statement = PREPARE(db, "create table t(x); this is no SQL at all 'open");
    STEP(db, statement, ZOVA_STEP_DONE);
    FINALIZE(db, statement);
    CHECK_QUERY("0", db, "select count(*) from t");
    statement = PREPARE(db, "-- a comment\n /* another */ select 7; select 8, 9");
    CHECK_INT(1, column_count(statement));
    STEP(db, statement, ZOVA_STEP_ROW);
    CHECK_INT(7, column_int64(statement, 0));
    FINALIZE(db, statement);
    close_database(db);
}

static void what_does_not_compile_gives_the_text_of_sqlite(void) {
    static const char *const ROWS[][2] = {{"select * from", "incomplete input"},
                                          {"foo bar", "near \"foo\": syntax error"},
                                          {"select * from missing", "no such table: missing"},
                                          {"select missing", "no such column: missing"},
                                          {"insert into missing values (1)", "no such table: missing"}};
    zova_database *db = create("x.zova");
    zova_statement *statement = NULL;
    zova_database_prepare_request request = {db, NULL, NULL};
    size_t at;
    for (at = 0; at < sizeof ROWS / sizeof *ROWS; at++) {
        check_about("%s", ROWS[at][0]);
        CHECK_STATUS(db, ZOVA_SQLITE_ERROR, try_prepare(db, ROWS[at][0]));
        CHECK_TEXT(ROWS[at][1], last_error(db));
    }
    /* sql is checked before out_statement. */
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, zova_database_prepare(&request));
    CHECK_CONTAINS("sql", last_error(db));
    request.sql = "select";
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, zova_database_prepare(&request));
    CHECK_CONTAINS("out_statement", last_error(db));
    request.sql = "select 1";
    request.out_statement = &statement;
    CHECK_OK(db, zova_database_prepare(&request));
    FINALIZE(db, statement);
    close_database(db);
}

static void rows_come_one_after_another_and_done_restarts(void) {
    zova_database *db = create("x.zova");
    zova_statement *rows;
    int round;
    EXEC(db, "create table t(x); insert into t values (1), (2)");
    rows = PREPARE(db, "select x from t order by x");
    for (round = 0; round < 3; round++) {
        STEP(db, rows, ZOVA_STEP_ROW);
        CHECK_INT(1, column_int64(rows, 0));
        STEP(db, rows, ZOVA_STEP_ROW);
        CHECK_INT(2, column_int64(rows, 0));
        STEP(db, rows, ZOVA_STEP_DONE);
    }
    FINALIZE(db, rows);
    close_database(db);
}

static void a_finished_insert_is_executed_again_with_its_bindings(void) {
    zova_database *db = create("x.zova");
    zova_statement *insert;
    EXEC(db, "create table t(x)");
    insert = PREPARE(db, "insert into t values (?1)");
    CHECK_OK(db, bind_int64(insert, 1, 5));
    STEP(db, insert, ZOVA_STEP_DONE);
    STEP(db, insert, ZOVA_STEP_DONE);
    RESET(db, insert);
    STEP(db, insert, ZOVA_STEP_DONE);
    CHECK_QUERY("5,5,5", db, "select group_concat(x) from t");
    FINALIZE(db, insert);
    close_database(db);
}

static void reset_starts_over_in_the_middle_of_a_result(void) {
    zova_database *db = create("x.zova");
    zova_statement *rows = PREPARE(db, "values (1), (2), (3)");
    STEP(db, rows, ZOVA_STEP_ROW);
    STEP(db, rows, ZOVA_STEP_ROW);
    RESET(db, rows);
    RESET(db, rows);
    STEP(db, rows, ZOVA_STEP_ROW);
    CHECK_INT(1, column_int64(rows, 0));
    FINALIZE(db, rows);
    close_database(db);
}

static void a_failed_step_is_reported_once_more_by_reset(void) {
    zova_database *db = create("x.zova");
    zova_statement *insert;
    zova_step_result result = (zova_step_result)99;
    EXEC(db, "create table t(x unique); insert into t values (1)");
    insert = PREPARE(db, "insert into t values (?1)");
    CHECK_OK(db, bind_int64(insert, 1, 1));
    CHECK_STATUS(db, ZOVA_CONSTRAINT, step(insert, &result));
    CHECK_TEXT("UNIQUE constraint failed: t.x", last_error(db));
    CHECK_INT(99, result);
    CHECK_STATUS(db, ZOVA_CONSTRAINT, zova_statement_reset(insert));
    CHECK_TEXT("UNIQUE constraint failed: t.x", last_error(db));
    CHECK_OK(db, zova_statement_reset(insert));
    CHECK_TEXT("", last_error(db));
    /* It is reset: binding works, and so does the next step. */
    CHECK_OK(db, bind_int64(insert, 1, 2));
    STEP(db, insert, ZOVA_STEP_DONE);
    CHECK_QUERY("1,2", db, "select group_concat(x) from t");
    FINALIZE(db, insert);
    close_database(db);
}

static void a_failed_step_is_followed_by_a_fresh_one(void) {
    zova_database *db = create("x.zova");
    zova_statement *insert;
    zova_step_result result;
    EXEC(db, "create table t(x unique); insert into t values (1)");
    insert = PREPARE(db, "insert into t values (1)");
    CHECK_STATUS(db, ZOVA_CONSTRAINT, step(insert, &result));
    CHECK_STATUS(db, ZOVA_CONSTRAINT, step(insert, &result));
    EXEC(db, "delete from t");
    STEP(db, insert, ZOVA_STEP_DONE);
    RESET(db, insert);
    FINALIZE(db, insert);
    close_database(db);
}

static void finalize_succeeds_after_a_failed_step_and_clears_the_text(void) {
    zova_database *db = create("x.zova");
    zova_statement *statement = PREPARE(db, "select abs(-9223372036854775807 - 1)");
    zova_step_result result;
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, step(statement, &result));
    CHECK_TEXT("integer overflow", last_error(db));
    CHECK_OK(db, zova_statement_finalize(statement));
    CHECK_TEXT("", last_error(db));
    close_database(db);
}

static void statements_survive_a_change_of_the_schema(void) {
    zova_database *db = create("x.zova");
    zova_statement *rows;
    EXEC(db, "create table t(a); insert into t values (1)");
    rows = PREPARE(db, "select * from t");
    CHECK_INT(1, column_count(rows));
    EXEC(db, "alter table t add column b default 2");
    STEP(db, rows, ZOVA_STEP_ROW);
    CHECK_INT(2, column_count(rows));
    CHECK_INT(2, column_int64(rows, 1));
    RESET(db, rows);
    EXEC(db, "drop table t");
    zova_step_result result;
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, step(rows, &result));
    CHECK_TEXT("no such table: t", last_error(db));
    EXEC(db, "create table t(z); insert into t values (9)");
    STEP(db, rows, ZOVA_STEP_ROW);
    CHECK_INT(9, column_int64(rows, 0));
    FINALIZE(db, rows);
    close_database(db);
}

static void a_rollback_that_changed_the_schema_ends_open_selects(void) {
    zova_database *db = create("x.zova");
    zova_statement *rows;
    zova_step_result result;
    EXEC(db, "create table t(x); insert into t values (1), (2), (3)");
    BEGIN(db);
    EXEC(db, "create table u(x)");
    rows = PREPARE(db, "select x from t");
    STEP(db, rows, ZOVA_STEP_ROW);
    ROLLBACK(db);
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, step(rows, &result));
    CHECK_TEXT("abort due to ROLLBACK", last_error(db));
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, zova_statement_reset(rows));
    STEP(db, rows, ZOVA_STEP_ROW);
    FINALIZE(db, rows);
    close_database(db);
}

static void text_without_a_statement_prepares_to_an_inert_statement(void) {
    static const char *const EMPTY[] = {"", "  \n", "-- comment", "/* comment */", ";", ";;", " ; ; "};
    zova_database *db = create("x.zova");
    size_t at;
    for (at = 0; at < sizeof EMPTY / sizeof *EMPTY; at++) {
        zova_statement *inert = PREPARE(db, EMPTY[at]);
        zova_step_result result = (zova_step_result)99;
        zova_text text = {0};
        zova_buffer buffer = {0};
        zova_statement_column_name_request name = {inert, 0, &text};
        check_about("%s", EMPTY[at]);
        CHECK_INT(0, column_count(inert));
        CHECK_INT(0, parameter_count(inert));
        CHECK_INT(0, parameter_index(inert, ":a"));
        CHECK_STATUS(db, ZOVA_MISUSE, step(inert, &result));
        CHECK(last_error(db)[0] != '\0');
        CHECK_INT(99, result);
        CHECK_STATUS(db, ZOVA_MISUSE, bind_null(inert, 1));
        CHECK_STATUS(db, ZOVA_MISUSE, bind_int64(inert, 1, 1));
        CHECK_STATUS(db, ZOVA_MISUSE, bind_double(inert, 1, 1));
        CHECK_STATUS(db, ZOVA_MISUSE, bind_text(inert, 1, "x", 1));
        CHECK_STATUS(db, ZOVA_MISUSE, bind_text(inert, 1, NULL, 0));
        CHECK_STATUS(db, ZOVA_MISUSE, bind_blob(inert, 1, "x", 1));
        CHECK_STATUS(db, ZOVA_MISUSE, bind_blob(inert, 1, NULL, 0));
        CHECK_STATUS(db, ZOVA_MISUSE, bind_int64(inert, 0, 1));
        CHECK_OK(db, zova_statement_clear_bindings(inert));
        CHECK_OK(db, zova_statement_reset(inert));
        CHECK_INT(ZOVA_COLUMN_NULL, column_type(inert, 0));
        CHECK_INT(0, column_int64(inert, 0));
        CHECK(column_double(inert, 0) == 0);
        text = column_text(inert, 0);
        CHECK(text.data == NULL && text.len == 0);
        buffer = column_blob(inert, 0);
        CHECK(buffer.data == NULL && buffer.len == 0);
        CHECK_STATUS(db, ZOVA_MISUSE, zova_statement_column_name(&name));
        CHECK_STATUS(db, ZOVA_MISUSE, zova_database_close(db));
        CHECK_OK(db, zova_statement_finalize(inert));
    }
    close_database(db);
}

static void statements_end_in_any_order_and_state(void) {
    zova_database *db = create("x.zova");
    zova_statement *fresh, *running, *done, *failed;
    zova_step_result result;
    EXEC(db, "create table t(x); insert into t values (1), (2)");
    fresh = PREPARE(db, "select x from t");
    running = PREPARE(db, "select x from t");
    done = PREPARE(db, "insert into t values (3)");
    failed = PREPARE(db, "select abs(-9223372036854775807 - 1)");
    STEP(db, running, ZOVA_STEP_ROW);
    STEP(db, done, ZOVA_STEP_DONE);
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, step(failed, &result));
    FINALIZE(db, running);
    FINALIZE(db, fresh);
    FINALIZE(db, failed);
    FINALIZE(db, done);
    close_database(db);
}

CHECK_MAIN(CASE(the_first_statement_is_compiled_and_the_rest_ignored),
           CASE(what_does_not_compile_gives_the_text_of_sqlite),
           CASE(rows_come_one_after_another_and_done_restarts),
           CASE(a_finished_insert_is_executed_again_with_its_bindings),
           CASE(reset_starts_over_in_the_middle_of_a_result),
           CASE(a_failed_step_is_reported_once_more_by_reset),
           CASE(a_failed_step_is_followed_by_a_fresh_one),
           CASE(finalize_succeeds_after_a_failed_step_and_clears_the_text),
           CASE(statements_survive_a_change_of_the_schema),
           CASE(a_rollback_that_changed_the_schema_ends_open_selects),
           CASE(text_without_a_statement_prepares_to_an_inert_statement),
           CASE(statements_end_in_any_order_and_state))
