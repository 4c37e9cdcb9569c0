/* database.md, sections 1.5, 4 and 6: two handles, and two processes, on one file. */
#include "support.h"

static zova_status set_busy_timeout(zova_database *db, uint32_t milliseconds) {
    zova_database_busy_timeout_request request = {db, milliseconds};
    return zova_database_set_busy_timeout(&request);
}

static zova_database *make(const char *path) {
    zova_database *db = create(path);
    EXEC(db, "create table t(x); insert into t values (1)");
    return db;
}

static void a_lock_held_elsewhere_is_busy_at_once(void) {
    zova_database *holder = make("x.zova");
    zova_database *other = open_existing("x.zova");
    CHECK_OK(holder, simple(zova_database_begin_immediate, holder));
    CHECK_STATUS(other, ZOVA_BUSY, simple(zova_database_begin_immediate, other));
    CHECK_TEXT("database is locked", last_error(other));
    CHECK_STATUS(other, ZOVA_BUSY, exec(other, "insert into t values (2)"));
    CHECK_TEXT("database is locked", last_error(other));
    CHECK_STATUS(other, ZOVA_BUSY, put(other, "object", 6, NULL));
    CHECK_BEGINS("Busy: ", last_error(other));
    /* Reading goes on. */
    CHECK_QUERY("1", other, "select count(*) from t");
    CHECK_INT(0, object_exists(other, id_of("object", 6)));
    ROLLBACK(holder);
    CHECK_OK(other, put(other, "object", 6, NULL));
    EXEC(other, "insert into t values (2)");
    close_database(other);
    close_database(holder);
}

static void an_exclusive_lock_makes_reading_and_opening_busy(void) {
    zova_database *holder = make("x.zova");
    zova_database *other = open_existing("x.zova");
    zova_object_id id = id_of("object", 6);
    zova_buffer buffer;
    uint8_t found = 7;
    zova_object_exists_request look = {other, id, &found};
    char text[1024];
    EXEC(holder, "begin exclusive");
    CHECK_STATUS(other, ZOVA_BUSY, exec(other, "select count(*) from t"));
    CHECK_STATUS(other, ZOVA_BUSY, get(other, id, &buffer));
    CHECK_BEGINS("Busy: ", last_error(other));
    CHECK_STATUS(other, ZOVA_BUSY, zova_object_exists(&look));
    CHECK_INT(7, found);
    CHECK_OPEN(ZOVA_BUSY, "x.zova");
    try_open("x.zova", 0, text, sizeof text);
    CHECK_BEGINS("Busy: ", text);
    CHECK_CONTAINS("x.zova", text);
    ROLLBACK(holder);
    CHECK_OPEN(ZOVA_OK, "x.zova");
    close_database(other);
    close_database(holder);
}

static void the_timeout_is_waited_for_by_sql_and_by_objects(void) {
    zova_database *holder = make("x.zova");
    zova_database *other = open_existing("x.zova");
    double started, shortest = 1;
    int round;
    CHECK_OK(holder, simple(zova_database_begin_immediate, holder));
    CHECK_OK(other, set_busy_timeout(other, 300));
    started = seconds();
    CHECK_STATUS(other, ZOVA_BUSY, exec(other, "insert into t values (2)"));
    CHECK(seconds() - started > 0.2);
    started = seconds();
    CHECK_STATUS(other, ZOVA_BUSY, put(other, "object", 6, NULL));
    CHECK(seconds() - started > 0.2);
    CHECK_OK(other, set_busy_timeout(other, 0));
    /* Several times, because a loaded machine may be slow by itself. */
    for (round = 0; round < 5 && shortest > 0.2; round++) {
        started = seconds();
        CHECK_STATUS(other, ZOVA_BUSY, exec(other, "insert into t values (2)"));
        shortest = seconds() - started;
    }
    CHECK(shortest < 0.2);
    close_database(other);
    ROLLBACK(holder);
    close_database(holder);
}

static void the_timeout_has_its_range(void) {
    zova_database *db = make("x.zova");
    CHECK_OK(db, set_busy_timeout(db, 2147483647));
    CHECK_QUERY("2147483647", db, "pragma busy_timeout");
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, set_busy_timeout(db, 2147483648u));
    CHECK_BEGINS("InvalidArgument: ", last_error(db));
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, set_busy_timeout(db, 0xffffffffu));
    CHECK_QUERY("2147483647", db, "pragma busy_timeout");
    CHECK_OK(db, set_busy_timeout(db, 1));
    CHECK_QUERY("1", db, "pragma busy_timeout");
    CHECK_OK(db, set_busy_timeout(db, 0));
    CHECK_QUERY("0", db, "pragma busy_timeout");
    close_database(db);
}

static void a_commit_that_readers_block_can_be_repeated(void) {
    zova_database *reader = make("x.zova");
    zova_database *writer = open_existing("x.zova");
    zova_statement *rows;
    EXEC(reader, "insert into t values (2), (3)");
    rows = PREPARE(reader, "select x from t");
    BEGIN(writer);
    EXEC(writer, "insert into t values (4)");
    CHECK_OK(writer, put(writer, "object", 6, NULL));
    STEP(reader, rows, ZOVA_STEP_ROW);
    CHECK_STATUS(writer, ZOVA_BUSY, simple(zova_database_commit, writer));
    CHECK_TEXT("database is locked", last_error(writer));
    CHECK_QUERY("4", writer, "select count(*) from t");
    CHECK_STATUS(writer, ZOVA_SQLITE_ERROR, simple(zova_database_begin, writer));
    FINALIZE(reader, rows);
    COMMIT(writer);
    CHECK_QUERY("4", reader, "select count(*) from t");
    CHECK_INT(1, object_exists(reader, id_of("object", 6)));
    close_database(reader);
    close_database(writer);
}

static void a_busy_write_leaves_a_deferred_transaction_open(void) {
    zova_database *holder = make("x.zova");
    zova_database *other = open_existing("x.zova");
    BEGIN(other);
    CHECK_OK(holder, simple(zova_database_begin_immediate, holder));
    CHECK_STATUS(other, ZOVA_BUSY, exec(other, "insert into t values (2)"));
    CHECK_STATUS(other, ZOVA_BUSY, put(other, "object", 6, NULL));
    CHECK_STATUS(other, ZOVA_BUSY, put(other, "object", 6, NULL));
    ROLLBACK(holder);
    CHECK_OK(other, put(other, "object", 6, NULL));
    EXEC(other, "insert into t values (2)");
    COMMIT(other);
    CHECK_QUERY("2", holder, "select count(*) from t");
    CHECK_INT(1, object_exists(holder, id_of("object", 6)));
    close_database(other);
    close_database(holder);
}

static void uncommitted_work_is_invisible_to_another_handle(void) {
    zova_database *writer = make("x.zova");
    zova_database *reader = open_existing("x.zova");
    zova_object_id id = id_of("object", 6);
    BEGIN(writer);
    EXEC(writer, "insert into t values (2)");
    CHECK_OK(writer, put(writer, "object", 6, NULL));
    CHECK_QUERY("1", reader, "select count(*) from t");
    CHECK_INT(0, object_exists(reader, id));
    COMMIT(writer);
    CHECK_QUERY("2", reader, "select count(*) from t");
    CHECK_INT(1, object_exists(reader, id));
    close_database(reader);
    close_database(writer);
}

/* A child process that holds a lock until it is told to let go, and then for a while longer. */
typedef struct {
    pid_t process;
    int let_go;
} holder;

static holder hold_in_child(const char *path, const char *begin, long milliseconds) {
    int ready[2], let_go[2];
    char byte;
    holder child;
    CHECK(pipe(ready) == 0 && pipe(let_go) == 0);
    child.process = fork();
    CHECK(child.process >= 0);
    if (child.process == 0) {
        zova_database *db = open_with(path, 0, 60000);
        EXEC(db, begin);
        EXEC(db, "insert into t values (100)");
        CHECK(write(ready[1], "x", 1) == 1);
        CHECK(read(let_go[0], &byte, 1) == 1);
        sleep_ms(milliseconds);
        EXEC(db, "commit");
        close_database(db);
        _exit(0);
    }
    close(ready[1]);
    close(let_go[0]);
    CHECK(read(ready[0], &byte, 1) == 1);
    close(ready[0]);
    child.let_go = let_go[1];
    return child;
}

static void let_go(holder child) {
    CHECK(write(child.let_go, "x", 1) == 1);
    close(child.let_go);
}

static void check_ended(holder child) {
    int status;
    CHECK(waitpid(child.process, &status, 0) == child.process);
    CHECK_INT(0, status);
}

static void another_process_is_waited_for_by_a_write(void) {
    zova_database *db;
    holder child;
    close_database(make("x.zova"));
    child = hold_in_child("x.zova", "begin immediate", 300);
    db = open_existing("x.zova");
    CHECK_STATUS(db, ZOVA_BUSY, exec(db, "insert into t values (2)"));
    CHECK_STATUS(db, ZOVA_BUSY, put(db, "object", 6, NULL));
    CHECK_OK(db, set_busy_timeout(db, 60000));
    let_go(child);
    CHECK_OK(db, put(db, "object", 6, NULL));
    CHECK_QUERY("2", db, "select count(*) from t");
    close_database(db);
    check_ended(child);
}

static void another_process_is_waited_for_by_opening(void) {
    zova_database *db;
    holder child;
    char text[1024];
    close_database(make("x.zova"));
    child = hold_in_child("x.zova", "begin exclusive", 300);
    CHECK_STATUS(NULL, ZOVA_BUSY, try_open("x.zova", 0, text, sizeof text));
    CHECK_BEGINS("Busy: ", text);
    let_go(child);
    db = open_with("x.zova", 0, 60000);
    CHECK_QUERY("2", db, "select count(*) from t");
    close_database(db);
    check_ended(child);
}

CHECK_MAIN(CASE(a_lock_held_elsewhere_is_busy_at_once),
           CASE(an_exclusive_lock_makes_reading_and_opening_busy),
           CASE(the_timeout_is_waited_for_by_sql_and_by_objects),
           CASE(the_timeout_has_its_range),
           CASE(a_commit_that_readers_block_can_be_repeated),
           CASE(a_busy_write_leaves_a_deferred_transaction_open),
           CASE(uncommitted_work_is_invisible_to_another_handle),
           CASE(another_process_is_waited_for_by_a_write),
           CASE(another_process_is_waited_for_by_opening))
