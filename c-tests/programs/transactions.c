/* database.md, section 4; abi.md, section 12.5. */
#include "support.h"

static zova_database *make(void) {
    zova_database *db = create("x.zova");
    EXEC(db, "create table t(x unique)");
    return db;
}

static void commit_keeps_and_rollback_undoes(void) {
    zova_database *db = make();
    BEGIN(db);
    EXEC(db, "insert into t values (1)");
    COMMIT(db);
    BEGIN(db);
    EXEC(db, "insert into t values (2)");
    ROLLBACK(db);
    CHECK_OK(db, simple(zova_database_begin_immediate, db));
    EXEC(db, "insert into t values (3)");
    COMMIT(db);
    CHECK_QUERY("1,3", db, "select group_concat(x) from t");
    close_database(db);
}

static void a_second_begin_is_refused_and_changes_nothing(void) {
    zova_database *db = make();
    int pass;
    for (pass = 0; pass < 2; pass++) {
        if (pass == 0) {
            BEGIN(db);
        } else {
            SAVEPOINT(db, "s");
        }
        EXEC(db, pass == 0 ? "insert into t values (0)" : "insert into t values (1)");
        CHECK_STATUS(db, ZOVA_SQLITE_ERROR, simple(zova_database_begin, db));
        CHECK_TEXT("cannot start a transaction within a transaction", last_error(db));
        CHECK_STATUS(db, ZOVA_SQLITE_ERROR, simple(zova_database_begin_immediate, db));
        CHECK_TEXT("cannot start a transaction within a transaction", last_error(db));
        COMMIT(db);
    }
    CHECK_QUERY("2", db, "select count(*) from t");
    close_database(db);
}

static void ending_without_a_transaction_is_refused(void) {
    zova_database *db = make();
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, simple(zova_database_commit, db));
    CHECK_TEXT("cannot commit - no transaction is active", last_error(db));
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, simple(zova_database_rollback, db));
    CHECK_TEXT("cannot rollback - no transaction is active", last_error(db));
    BEGIN(db);
    COMMIT(db);
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, simple(zova_database_commit, db));
    close_database(db);
}

static void helpers_and_sql_may_be_mixed(void) {
    zova_database *db = make();
    EXEC(db, "begin; insert into t values (1)");
    COMMIT(db);
    BEGIN(db);
    EXEC(db, "insert into t values (2); commit");
    EXEC(db, "begin; insert into t values (3)");
    ROLLBACK(db);
    BEGIN(db);
    EXEC(db, "insert into t values (4); end");
    BEGIN(db);
    EXEC(db, "insert into t values (5); rollback");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, simple(zova_database_rollback, db));
    CHECK_QUERY("1,2,4", db, "select group_concat(x) from t");
    close_database(db);
}

static void a_deferred_foreign_key_violation_fails_the_commit_and_keeps_the_transaction(void) {
    zova_database *db = make();
    EXEC(db, "pragma foreign_keys = on; create table p(id integer primary key);"
             "create table c(p references p deferrable initially deferred)");
    BEGIN(db);
    EXEC(db, "insert into c values (7)");
    CHECK_STATUS(db, ZOVA_CONSTRAINT, simple(zova_database_commit, db));
    CHECK_TEXT("FOREIGN KEY constraint failed", last_error(db));
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, simple(zova_database_begin, db));
    EXEC(db, "insert into p values (7)");
    COMMIT(db);
    CHECK_QUERY("1", db, "select count(*) from c");
    close_database(db);
}

static void sqlite_may_roll_back_by_itself(void) {
    zova_database *db = make();
    zova_object_id id;
    BEGIN(db);
    EXEC(db, "insert into t values (1)");
    CHECK_OK(db, put(db, "object", 6, &id));
    CHECK_STATUS(db, ZOVA_CONSTRAINT, exec(db, "insert or rollback into t values (1)"));
    CHECK_TEXT("UNIQUE constraint failed: t.x", last_error(db));
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, simple(zova_database_rollback, db));
    CHECK_TEXT("cannot rollback - no transaction is active", last_error(db));
    CHECK_QUERY("0", db, "select count(*) from t");
    CHECK_INT(0, object_exists(db, id));
    /* The next transaction starts from nothing. */
    BEGIN(db);
    SAVEPOINT(db, "s");
    EXEC(db, "insert into t values (2)");
    RELEASE(db, "s");
    COMMIT(db);
    CHECK_QUERY("1", db, "select count(*) from t");
    close_database(db);
}

static void a_full_file_rolls_the_transaction_back(void) {
    zova_database *db = make();
    BEGIN(db);
    EXEC(db, "insert into t values (1)");
    EXEC(db, "pragma max_page_count = 1");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, "insert into t values (zeroblob(1000000))"));
    CHECK_TEXT("database or disk is full", last_error(db));
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, simple(zova_database_rollback, db));
    CHECK_QUERY("0", db, "select count(*) from t");
    close_database(db);
}

static void an_open_select_does_not_prevent_a_commit(void) {
    zova_database *db = make();
    zova_statement *rows;
    EXEC(db, "insert into t values (1), (2), (3)");
    rows = PREPARE(db, "select x from t order by x");
    STEP(db, rows, ZOVA_STEP_ROW);
    BEGIN(db);
    EXEC(db, "insert into t values (4)");
    COMMIT(db);
    STEP(db, rows, ZOVA_STEP_ROW);
    BEGIN(db);
    EXEC(db, "insert into t values (5)");
    ROLLBACK(db);
    STEP(db, rows, ZOVA_STEP_ROW);
    CHECK_INT(3, column_int64(rows, 0));
    FINALIZE(db, rows);
    CHECK_QUERY("4", db, "select count(*) from t");
    close_database(db);
}

static void a_statement_may_live_across_transactions(void) {
    zova_database *db = make();
    zova_statement *insert = PREPARE(db, "insert into t values (?1)");
    int64_t value;
    for (value = 0; value < 6; value++) {
        BEGIN(db);
        CHECK_OK(db, bind_int64(insert, 1, value));
        STEP(db, insert, ZOVA_STEP_DONE);
        RESET(db, insert);
        if (value % 2 == 0) {
            COMMIT(db);
        } else {
            ROLLBACK(db);
        }
    }
    FINALIZE(db, insert);
    CHECK_QUERY("0,2,4", db, "select group_concat(x) from t");
    close_database(db);
}

CHECK_MAIN(CASE(commit_keeps_and_rollback_undoes),
           CASE(a_second_begin_is_refused_and_changes_nothing),
           CASE(ending_without_a_transaction_is_refused),
           CASE(helpers_and_sql_may_be_mixed),
           CASE(a_deferred_foreign_key_violation_fails_the_commit_and_keeps_the_transaction),
           CASE(sqlite_may_roll_back_by_itself),
           CASE(a_full_file_rolls_the_transaction_back),
           CASE(an_open_select_does_not_prevent_a_commit),
           CASE(a_statement_may_live_across_transactions))
