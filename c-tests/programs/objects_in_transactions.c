/* objects.md, section 5; database.md, section 6. */
#include "support.h"

static const char BYTES[] = "an object that is stored in a transaction";

static zova_object_id put_bytes(zova_database *db, const char *bytes) {
    zova_object_id id;
    CHECK_OK(db, put(db, bytes, strlen(bytes), &id));
    return id;
}

static void objects_are_committed_with_the_rows_of_the_application(void) {
    zova_database *db = create("x.zova");
    zova_database *other = open_existing("x.zova");
    zova_object_id id;
    EXEC(db, "create table t(id blob)");
    BEGIN(db);
    id = put_bytes(db, BYTES);
    EXEC(db, "insert into t select object_id from _zova_objects");
    CHECK_OBJECT(db, id, BYTES, strlen(BYTES));
    CHECK_INT(1, object_exists(db, id));
    CHECK_INT(0, object_exists(other, id));
    COMMIT(db);
    CHECK_OBJECT(other, id, BYTES, strlen(BYTES));
    CHECK_QUERY("1", other, "select count(*) from t");
    close_database(other);
    close_database(db);
}

static void a_rollback_undoes_puts_and_deletes(void) {
    zova_database *db = create("x.zova");
    unsigned char *bytes = stream(100000, 3);
    zova_object_id kept, gone;
    CHECK_OK(db, put(db, bytes, 100000, &kept));
    BEGIN(db);
    gone = put_bytes(db, "gone");
    CHECK_OK(db, object_delete(db, kept));
    CHECK_INT(0, object_exists(db, kept));
    CHECK_STATUS(db, ZOVA_OBJECT_NOT_FOUND, object_delete(db, kept));
    ROLLBACK(db);
    CHECK_INT(0, object_exists(db, gone));
    CHECK_OBJECT(db, kept, bytes, 100000);
    /* A transaction that the application opened through SQL is joined as well. */
    EXEC(db, "begin");
    CHECK_OK(db, object_delete(db, kept));
    put_bytes(db, "gone");
    EXEC(db, "rollback");
    CHECK_INT(0, object_exists(db, gone));
    CHECK_OBJECT(db, kept, bytes, 100000);
    CHECK_QUERY("0", db, "select count(*) from _zova_chunks where size_bytes = 4");
    free(bytes);
    close_database(db);
}

static void savepoints_keep_and_undo_objects(void) {
    zova_database *db = create("x.zova");
    zova_object_id a, b, c, d;
    SAVEPOINT(db, "outer");
    a = put_bytes(db, "a");
    SAVEPOINT(db, "inner");
    b = put_bytes(db, "b");
    CHECK_OK(db, object_delete(db, a));
    ROLLBACK_TO(db, "inner");
    CHECK_INT(1, object_exists(db, a));
    CHECK_INT(0, object_exists(db, b));
    c = put_bytes(db, "c");
    RELEASE(db, "inner");
    CHECK_INT(1, object_exists(db, c));
    RELEASE(db, "outer");
    SAVEPOINT(db, "outer");
    d = put_bytes(db, "d");
    CHECK_OK(db, object_delete(db, c));
    ROLLBACK_TO(db, "outer");
    RELEASE(db, "outer");
    CHECK_INT(1, object_exists(db, a));
    CHECK_INT(0, object_exists(db, b));
    CHECK_INT(1, object_exists(db, c));
    CHECK_INT(0, object_exists(db, d));
    close_database(db);
    db = open_read_only("x.zova");
    CHECK_OBJECT(db, a, "a", 1);
    CHECK_OBJECT(db, c, "c", 1);
    close_database(db);
}

static void an_open_select_blocks_no_object_operation(void) {
    zova_database *db = create("x.zova");
    zova_database *other = open_existing("x.zova");
    zova_statement *rows;
    zova_object_id id;
    int value;
    EXEC(db, "create table t(x); insert into t values (1), (2), (3), (4)");
    EXEC(db, "pragma journal_mode = wal");
    rows = PREPARE(db, "select x from t order by x");
    for (value = 1; value <= 4; value++) {
        STEP(db, rows, ZOVA_STEP_ROW);
        CHECK_INT(value, column_int64(rows, 0));
        if (value == 1) {
            id = put_bytes(db, BYTES);
            /* It is committed, cursor or not. */
            CHECK_INT(1, object_exists(other, id));
        } else if (value == 2) {
            CHECK_OBJECT(db, id, BYTES, strlen(BYTES));
        } else if (value == 3) {
            CHECK_OK(db, object_delete(db, id));
            CHECK_INT(0, object_exists(other, id));
        }
    }
    STEP(db, rows, ZOVA_STEP_DONE);
    FINALIZE(db, rows);
    close_database(other);
    close_database(db);
}

static void a_select_over_the_private_tables_goes_on_beside_puts(void) {
    zova_database *db = create("x.zova");
    zova_statement *rows;
    char text[16];
    int at;
    for (at = 0; at < 5; at++) {
        snprintf(text, sizeof text, "object %d", at);
        put_bytes(db, text);
    }
    rows = PREPARE(db, "select object_id from _zova_objects");
    STEP(db, rows, ZOVA_STEP_ROW);
    put_bytes(db, "a new one");
    CHECK_OK(db, object_delete(db, id_of("object 4", 8)));
    STEP(db, rows, ZOVA_STEP_ROW);
    FINALIZE(db, rows);
    CHECK_QUERY("5", db, "select count(*) from _zova_objects");
    close_database(db);
}

/* While a statement that writes is in the middle of its results, SQLite neither opens a savepoint nor commits. */
static void a_half_stepped_write_refuses_mutations_and_nothing_else(void) {
    static const char *const WRITES[] = {"insert into t values (1), (2), (3) returning x",
                                         "update t set x = x + 1 returning x",
                                         "delete from t returning x"};
    zova_database *db = create("x.zova");
    zova_object_id id = put_bytes(db, BYTES);
    int inside;
    size_t at;
    EXEC(db, "create table t(x); insert into t values (10), (20), (30)");
    for (inside = 0; inside < 2; inside++) {
        for (at = 0; at < sizeof WRITES / sizeof *WRITES; at++) {
            zova_statement *rows;
            zova_object_id new_id;
            uint64_t number;
            char byte;
            size_t copied;
            check_about("%s%s", WRITES[at], inside ? ", inside a transaction" : "");
            if (inside) {
                BEGIN(db);
            }
            rows = PREPARE(db, WRITES[at]);
            STEP(db, rows, ZOVA_STEP_ROW);
            CHECK_STATUS(db, ZOVA_OBJECT_TRANSACTION_ACTIVE, put(db, "new", 3, &new_id));
            CHECK_BEGINS("ObjectTransactionActive: ", last_error(db));
            /* Before any look at stored data: the same for what exists and for what is missing. */
            CHECK_STATUS(db, ZOVA_OBJECT_TRANSACTION_ACTIVE, put(db, BYTES, strlen(BYTES), NULL));
            CHECK_STATUS(db, ZOVA_OBJECT_TRANSACTION_ACTIVE, object_delete(db, id));
            CHECK_STATUS(db, ZOVA_OBJECT_TRANSACTION_ACTIVE, object_delete(db, id_of("new", 3)));
            CHECK_OBJECT(db, id, BYTES, strlen(BYTES));
            CHECK_INT(1, object_exists(db, id));
            CHECK_OK(db, object_size(db, id, &number));
            CHECK_OK(db, object_chunk_count(db, id, &number));
            CHECK_OK(db, read_range(db, id, 0, &byte, 1, &copied));
            STEP(db, rows, ZOVA_STEP_ROW);
            RESET(db, rows);
            CHECK_OK(db, put(db, "new", 3, &new_id));
            CHECK_OK(db, object_delete(db, new_id));
            FINALIZE(db, rows);
            if (inside) {
                ROLLBACK(db);
            }
            EXEC(db, "delete from t; insert into t values (10), (20), (30)");
        }
    }
    close_database(db);
}

/* The refusal comes after the argument checks and before BUSY and READ_ONLY. */
static void a_half_stepped_write_counts_before_locks_and_read_only(void) {
    zova_database *db = create("x.zova");
    zova_database *other;
    int read_only;
    put_bytes(db, BYTES);
    close_database(db);
    for (read_only = 0; read_only < 2; read_only++) {
        zova_object_put_request without_data = {NULL, NULL, 5, NULL};
        zova_object_id id = id_of(BYTES, strlen(BYTES));
        zova_statement *rows;
        check_about(read_only ? "read-only" : "locked elsewhere");
        db = open_with("x.zova", read_only ? ZOVA_OPEN_READ_ONLY : 0, 0);
        other = open_existing("x.zova");
        EXEC(db, "create temp table scratch(x)");
        if (!read_only) {
            CHECK_OK(other, simple(zova_database_begin_immediate, other));
        }
        rows = PREPARE(db, "insert into scratch values (1), (2) returning x");
        STEP(db, rows, ZOVA_STEP_ROW);
        without_data.db = db;
        without_data.out_id = &id;
        CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, zova_object_put(&without_data));
        CHECK_STATUS(db, ZOVA_OBJECT_TRANSACTION_ACTIVE, put(db, "new", 3, NULL));
        CHECK_STATUS(db, ZOVA_OBJECT_TRANSACTION_ACTIVE, object_delete(db, id));
        RESET(db, rows);
        CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, zova_object_put(&without_data));
        CHECK_STATUS(db, read_only ? ZOVA_READ_ONLY : ZOVA_BUSY, put(db, "new", 3, NULL));
        CHECK_STATUS(db, read_only ? ZOVA_READ_ONLY : ZOVA_BUSY, object_delete(db, id));
        FINALIZE(db, rows);
        close_database(other);
        close_database(db);
    }
}

/* A trigger of the application makes the operation fail in its middle. */
static void a_failing_operation_leaves_no_trace_and_the_transaction_usable(void) {
    static const char *const TRIGGERS[] = {
        "create trigger g before insert on _zova_objects begin select raise(abort, 'refused'); end",
        "create trigger g after insert on _zova_objects begin select raise(abort, 'refused'); end",
        "create trigger g before insert on _zova_chunks when (select count(*) from _zova_chunks) >= 4"
        " begin select raise(abort, 'refused'); end",
        "create trigger g after insert on _zova_object_chunks when new.chunk_index = 3"
        " begin select raise(abort, 'refused'); end",
        "create trigger g before insert on _zova_object_chunks when new.chunk_index = 5"
        " begin select raise(fail, 'refused'); end"};
    static const size_t SIZES[] = {100000, 600000};
    unsigned char *bytes = stream(600000, 8);
    size_t at;
    for (at = 0; at < 2 * (sizeof TRIGGERS / sizeof *TRIGGERS); at += check_small ? 3 : 1) {
        const size_t size = SIZES[at % 2];
        char path[32];
        zova_database *db;
        zova_object_id id;
        check_about("%s, %zu bytes", TRIGGERS[at / 2], size);
        snprintf(path, sizeof path, "put%zu.zova", at);
        db = create(path);
        EXEC(db, "create table t(x)");
        EXEC(db, TRIGGERS[at / 2]);
        CHECK_STATUS(db, ZOVA_CONSTRAINT, put(db, bytes, size, NULL));
        CHECK_BEGINS("Constraint: ", last_error(db));
        CHECK_QUERY("0 0 0", db, ALL_ROWS);
        BEGIN(db);
        EXEC(db, "insert into t values (1)");
        CHECK_STATUS(db, ZOVA_CONSTRAINT, put(db, bytes, size, NULL));
        CHECK_QUERY("0 0 0", db, ALL_ROWS);
        SAVEPOINT(db, "s");
        CHECK_STATUS(db, ZOVA_CONSTRAINT, put(db, bytes, size, NULL));
        RELEASE(db, "s");
        EXEC(db, "drop trigger g");
        CHECK_OK(db, put(db, bytes, size, &id));
        COMMIT(db);
        CHECK_QUERY("1", db, "select count(*) from t");
        CHECK_OBJECT(db, id, bytes, size);
        close_database(db);
    }
    free(bytes);
}

static void a_failing_delete_leaves_the_object_whole(void) {
    static const char *const TRIGGERS[] = {
        "create trigger g before delete on _zova_objects begin select raise(abort, 'refused'); end",
        "create trigger g before delete on _zova_object_chunks when old.chunk_index = 3"
        " begin select raise(abort, 'refused'); end",
        "create trigger g before delete on _zova_chunks when (select count(*) from _zova_chunks) < 5"
        " begin select raise(abort, 'refused'); end"};
    unsigned char *bytes = stream(100000, 8);
    size_t at;
    for (at = 0; at < sizeof TRIGGERS / sizeof *TRIGGERS; at++) {
        char path[32];
        zova_database *db;
        zova_object_id id;
        int inside;
        check_about("%s", TRIGGERS[at]);
        snprintf(path, sizeof path, "delete%zu.zova", at);
        db = create(path);
        CHECK_OK(db, put(db, bytes, 100000, &id));
        EXEC(db, TRIGGERS[at]);
        for (inside = 0; inside < 2; inside++) {
            if (inside) {
                BEGIN(db);
            }
            CHECK_STATUS(db, ZOVA_CONSTRAINT, object_delete(db, id));
            CHECK_BEGINS("Constraint: ", last_error(db));
            CHECK_OBJECT(db, id, bytes, 100000);
        }
        EXEC(db, "drop trigger g");
        CHECK_OK(db, object_delete(db, id));
        COMMIT(db);
        CHECK_QUERY("0 0 0", db, ALL_ROWS);
        close_database(db);
    }
    free(bytes);
}

static void many_objects_fit_into_one_transaction(void) {
    const int count = check_small ? 20 : 500;
    zova_database *db = create("x.zova");
    char text[32];
    int at;
    BEGIN(db);
    for (at = 0; at < count; at++) {
        snprintf(text, sizeof text, "object number %d", at);
        put_bytes(db, text);
    }
    COMMIT(db);
    CHECK_INT(count, QUERY_INT(db, "select count(*) from _zova_objects"));
    close_database(db);
}

CHECK_MAIN(CASE(objects_are_committed_with_the_rows_of_the_application),
           CASE(a_rollback_undoes_puts_and_deletes),
           CASE(savepoints_keep_and_undo_objects),
           CASE(an_open_select_blocks_no_object_operation),
           CASE(a_select_over_the_private_tables_goes_on_beside_puts),
           CASE(a_half_stepped_write_refuses_mutations_and_nothing_else),
           CASE(a_half_stepped_write_counts_before_locks_and_read_only),
           CASE(a_failing_operation_leaves_no_trace_and_the_transaction_usable),
           CASE(a_failing_delete_leaves_the_object_whole),
           CASE(many_objects_fit_into_one_transaction))
