/* database.md, section 1.3; abi.md, section 12.3. */
#include "support.h"

static zova_database *make_and_open(void) {
    zova_database *db = create("x.zova");
    EXEC(db, "create table t(x); insert into t values (1), (2)");
    CHECK_OK(db, put(db, "stored", 6, NULL));
    close_database(db);
    return open_read_only("x.zova");
}

static void writes_are_refused_with_the_text_of_sqlite(void) {
    static const char *const WRITES[] = {"insert into t values (3)", "update t set x = 3", "delete from t",
                                         "create table u(x)",        "drop table t",       "pragma user_version = 3",
                                         "create index i on t(x)",   "delete from _zova_meta"};
    zova_database *db = make_and_open();
    size_t at;
    for (at = 0; at < sizeof WRITES / sizeof *WRITES; at++) {
        check_about("%s", WRITES[at]);
        CHECK_STATUS(db, ZOVA_READ_ONLY, exec(db, WRITES[at]));
        CHECK_TEXT("attempt to write a readonly database", last_error(db));
    }
    CHECK_STATUS(db, ZOVA_READ_ONLY, simple(zova_database_vacuum, db));
    CHECK_TEXT("attempt to write a readonly database", last_error(db));
    close_database(db);
}

static void a_prepared_write_fails_when_it_is_stepped(void) {
    zova_database *db = make_and_open();
    zova_statement *insert = PREPARE(db, "insert into t values (3)");
    zova_step_result result = ZOVA_STEP_ROW;
    CHECK_STATUS(db, ZOVA_READ_ONLY, step(insert, &result));
    CHECK_INT(ZOVA_STEP_ROW, result);
    FINALIZE(db, insert);
    close_database(db);
}

static void reads_work(void) {
    zova_database *db = make_and_open();
    zova_object_id id = id_of("stored", 6);
    unsigned char part[3];
    uint64_t number;
    size_t copied;
    CHECK_QUERY("3", db, "select sum(x) from t");
    CHECK_OBJECT(db, id, "stored", 6);
    CHECK_INT(1, object_exists(db, id));
    CHECK_OK(db, object_size(db, id, &number));
    CHECK_INT(6, number);
    CHECK_OK(db, object_chunk_count(db, id, &number));
    CHECK_INT(1, number);
    CHECK_OK(db, read_range(db, id, 2, part, sizeof part, &copied));
    CHECK_INT(3, copied);
    CHECK_BYTES("ore", part, 3);
    close_database(db);
}

static void object_writes_are_refused_after_a_look_at_what_is_there(void) {
    zova_database *db = make_and_open();
    zova_object_id id = id_of("stored", 6);
    zova_object_id same;
    CHECK_STATUS(db, ZOVA_READ_ONLY, put(db, "new", 3, NULL));
    CHECK_BEGINS("ReadOnly: ", last_error(db));
    CHECK_OK(db, put(db, "stored", 6, &same));
    CHECK_BYTES(id.bytes, same.bytes, 32);
    CHECK_STATUS(db, ZOVA_OBJECT_NOT_FOUND, object_delete(db, id_of("new", 3)));
    CHECK_STATUS(db, ZOVA_READ_ONLY, object_delete(db, id));
    CHECK_BEGINS("ReadOnly: ", last_error(db));
    CHECK_INT(1, object_exists(db, id));
    close_database(db);
}

static void transaction_helpers_work_as_long_as_nothing_is_written(void) {
    zova_database *db = make_and_open();
    BEGIN(db);
    CHECK_QUERY("2", db, "select count(*) from t");
    COMMIT(db);
    CHECK_OK(db, simple(zova_database_begin_immediate, db));
    CHECK_STATUS(db, ZOVA_READ_ONLY, exec(db, "insert into t values (3)"));
    CHECK_QUERY("2", db, "select count(*) from t");
    ROLLBACK(db);
    SAVEPOINT(db, "s");
    CHECK_STATUS(db, ZOVA_READ_ONLY, put(db, "new", 3, NULL));
    ROLLBACK_TO(db, "s");
    RELEASE(db, "s");
    close_database(db);
}

static void sql_with_nothing_to_write_succeeds(void) {
    zova_database *db = make_and_open();
    EXEC(db, "create table if not exists t(x)");
    EXEC(db, "drop table if exists missing");
    CHECK_STATUS(db, ZOVA_READ_ONLY, exec(db, "create table if not exists missing(x)"));
    close_database(db);
}

static void temporary_tables_work(void) {
    zova_database *db = make_and_open();
    EXEC(db, "create temp table scratch(x); insert into scratch select x * 10 from t");
    CHECK_QUERY("30", db, "select sum(x) from scratch");
    CHECK_QUERY("0", db, "pragma query_only");
    close_database(db);
}

static void attached_databases_are_read_only_too(void) {
    zova_database *db;
    close_database(create("other.zova"));
    db = make_and_open();
    EXEC(db, "attach 'other.zova' as other");
    CHECK_STATUS(db, ZOVA_READ_ONLY, exec(db, "create table other.t(x)"));
    CHECK_STATUS(db, ZOVA_CANT_OPEN, exec(db, "attach 'absent.db' as absent"));
    close_database(db);
    CHECK(!exists("absent.db"));
}

static void the_file_keeps_every_byte(void) {
    zova_database *db = make_and_open();
    size_t before_len, after_len;
    unsigned char *before = read_file("x.zova", &before_len);
    unsigned char *after;
    exec(db, "insert into t values (3)");
    put(db, "new", 3, NULL);
    close_database(db);
    after = read_file("x.zova", &after_len);
    CHECK_INT(before_len, after_len);
    CHECK_BYTES(before, after, after_len);
    CHECK_INT(1, entries("."));
    free(before);
    free(after);
}

CHECK_MAIN(CASE(writes_are_refused_with_the_text_of_sqlite),
           CASE(a_prepared_write_fails_when_it_is_stepped),
           CASE(reads_work),
           CASE(object_writes_are_refused_after_a_look_at_what_is_there),
           CASE(transaction_helpers_work_as_long_as_nothing_is_written),
           CASE(sql_with_nothing_to_write_succeeds),
           CASE(temporary_tables_work),
           CASE(attached_databases_are_read_only_too),
           CASE(the_file_keeps_every_byte))
