/* database.md, section 2.3; abi.md, section 12.4. */
#include "support.h"

static int64_t rowid(zova_database *db) {
    int64_t value = -77;
    zova_database_last_insert_rowid_request request = {db, &value};
    CHECK_OK(db, zova_database_last_insert_rowid(&request));
    return value;
}

static int64_t changes(zova_database *db) {
    int64_t value = -77;
    zova_database_changes_request request = {db, &value};
    CHECK_OK(db, zova_database_changes(&request));
    return value;
}

static int64_t total(zova_database *db) {
    int64_t value = -77;
    zova_database_total_changes_request request = {db, &value};
    CHECK_OK(db, zova_database_total_changes(&request));
    return value;
}

static void counters_follow_the_sql_of_the_application(void) {
    zova_database *db = create("x.zova");
    int64_t before;
    EXEC(db, "create table t(id integer primary key, x)");
    before = total(db);
    EXEC(db, "insert into t values (41, 'a')");
    CHECK_INT(41, rowid(db));
    CHECK_INT(1, changes(db));
    EXEC(db, "insert into t(x) values ('b'), ('c')");
    CHECK_INT(43, rowid(db));
    CHECK_INT(2, changes(db));
    EXEC(db, "update t set x = 'd'");
    CHECK_INT(3, changes(db));
    CHECK_INT(43, rowid(db));
    EXEC(db, "delete from t where id > 41");
    CHECK_INT(2, changes(db));
    EXEC(db, "select * from t; create table u(x)");
    CHECK_INT(2, changes(db));
    CHECK_INT(8, total(db) - before);
    EXEC(db, "insert into t values (-5, 'negative')");
    CHECK_INT(-5, rowid(db));
    EXEC(db, "insert into t values (9223372036854775807, 'large')");
    CHECK_INT(INT64_MAX, rowid(db));
    close_database(db);
}

static void object_operations_leave_the_last_rowid_alone(void) {
    zova_database *db = create("x.zova");
    unsigned char *bytes = stream(100000, 9);
    zova_object_id id;
    zova_buffer buffer;
    EXEC(db, "create table t(id integer primary key)");
    EXEC(db, "insert into t values (1234)");
    CHECK_OK(db, put(db, bytes, 100000, &id));
    CHECK_INT(1234, rowid(db));
    CHECK_OK(db, put(db, bytes, 100000, &id));
    CHECK_INT(1234, rowid(db));
    CHECK_OK(db, get(db, id, &buffer));
    zova_buffer_free(&buffer);
    CHECK_INT(1234, rowid(db));
    CHECK_OK(db, object_delete(db, id));
    CHECK_INT(1234, rowid(db));
    BEGIN(db);
    EXEC(db, "insert into t values (77)");
    CHECK_OK(db, put(db, bytes, 100000, &id));
    CHECK_INT(77, rowid(db));
    CHECK_QUERY("77", db, "select last_insert_rowid()");
    CHECK_OK(db, object_delete(db, id));
    CHECK_INT(77, rowid(db));
    COMMIT(db);
    CHECK_INT(77, rowid(db));
    free(bytes);
    close_database(db);
}

static void a_failing_put_leaves_the_last_rowid_alone(void) {
    zova_database *db = create("x.zova");
    EXEC(db, "create table t(id integer primary key)");
    EXEC(db, "create trigger g before insert on _zova_object_chunks begin select raise(abort, 'no'); end");
    EXEC(db, "insert into t values (1234)");
    CHECK_STATUS(db, ZOVA_CONSTRAINT, put(db, "object", 6, NULL));
    CHECK_INT(1234, rowid(db));
    close_database(db);
}

static void object_operations_leave_the_change_counters_alone(void) {
    zova_database *db = create("x.zova");
    unsigned char *bytes = stream(100000, 9);
    zova_object_id id;
    int64_t before;
    EXEC(db, "create table t(id integer primary key)");
    before = total(db);
    EXEC(db, "insert into t values (1), (2), (3)");
    CHECK_OK(db, put(db, bytes, 100000, &id));
    CHECK_INT(3, changes(db));
    CHECK_INT(3, total(db) - before);
    CHECK_OK(db, object_delete(db, id));
    CHECK_INT(3, changes(db));
    CHECK_INT(3, total(db) - before);
    EXEC(db, "delete from t where id = 1");
    CHECK_INT(1, changes(db));
    CHECK_INT(4, total(db) - before);
    free(bytes);
    close_database(db);
}

static void the_helpers_leave_the_counters_alone(void) {
    zova_database *db = create("x.zova");
    int64_t before;
    EXEC(db, "create table t(id integer primary key); insert into t values (5), (6)");
    before = total(db);
    BEGIN(db);
    SAVEPOINT(db, "s");
    ROLLBACK_TO(db, "s");
    RELEASE(db, "s");
    COMMIT(db);
    CHECK_OK(db, simple(zova_database_vacuum, db));
    CHECK_INT(6, rowid(db));
    CHECK_INT(2, changes(db));
    CHECK_INT(before, total(db));
    close_database(db);
}

CHECK_MAIN(CASE(counters_follow_the_sql_of_the_application),
           CASE(object_operations_leave_the_last_rowid_alone),
           CASE(a_failing_put_leaves_the_last_rowid_alone),
           CASE(object_operations_leave_the_change_counters_alone),
           CASE(the_helpers_leave_the_counters_alone))
