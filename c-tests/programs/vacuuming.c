/* database.md, section 7; abi.md, section 12.7. */
#include "support.h"

static void deleted_space_is_returned_and_everything_kept(void) {
    zova_database *db = create("x.zova");
    unsigned char *bytes = stream(600000, 5);
    zova_object_id gone, kept;
    off_t before;
    CHECK_OK(db, put(db, bytes, 600000, &gone));
    CHECK_OK(db, put(db, bytes, 100000, &kept));
    EXEC(db, "create table t(x); insert into t values (1), (2); pragma user_version = 3");
    CHECK_OK(db, object_delete(db, gone));
    before = file_size("x.zova");
    CHECK_OK(db, simple(zova_database_vacuum, db));
    CHECK_QUERY("0", db, "pragma freelist_count");
    CHECK(file_size("x.zova") < before - 400000);
    CHECK_OBJECT(db, kept, bytes, 100000);
    CHECK_QUERY("2", db, "select count(*) from t");
    CHECK_QUERY("3", db, "pragma user_version");
    close_database(db);
    CHECK_OPEN(ZOVA_OK, "x.zova");
    free(bytes);
}

static void it_is_refused_inside_a_transaction(void) {
    zova_database *db = create("x.zova");
    BEGIN(db);
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, simple(zova_database_vacuum, db));
    CHECK_TEXT("cannot VACUUM from within a transaction", last_error(db));
    COMMIT(db);
    SAVEPOINT(db, "s");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, simple(zova_database_vacuum, db));
    CHECK_TEXT("cannot VACUUM from within a transaction", last_error(db));
    RELEASE(db, "s");
    CHECK_OK(db, simple(zova_database_vacuum, db));
    close_database(db);
}

static void it_is_refused_while_a_statement_is_in_progress(void) {
    zova_database *db = create("x.zova");
    zova_statement *rows;
    EXEC(db, "create table t(x); insert into t values (1), (2)");
    rows = PREPARE(db, "select x from t");
    STEP(db, rows, ZOVA_STEP_ROW);
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, simple(zova_database_vacuum, db));
    CHECK_TEXT("cannot VACUUM - SQL statements in progress", last_error(db));
    RESET(db, rows);
    CHECK_OK(db, simple(zova_database_vacuum, db));
    STEP(db, rows, ZOVA_STEP_ROW);
    FINALIZE(db, rows);
    close_database(db);
}

static void a_lock_elsewhere_makes_it_busy(void) {
    zova_database *holder = create("x.zova");
    zova_database *db = open_existing("x.zova");
    CHECK_OK(holder, simple(zova_database_begin_immediate, holder));
    CHECK_STATUS(db, ZOVA_BUSY, simple(zova_database_vacuum, db));
    CHECK_TEXT("database is locked", last_error(db));
    ROLLBACK(holder);
    CHECK_OK(db, simple(zova_database_vacuum, db));
    close_database(db);
    close_database(holder);
}

CHECK_MAIN(CASE(deleted_space_is_returned_and_everything_kept),
           CASE(it_is_refused_inside_a_transaction),
           CASE(it_is_refused_while_a_statement_is_in_progress),
           CASE(a_lock_elsewhere_makes_it_busy))
