/* database.md, section 2.1; abi.md, section 12.4; the features of database.md, section 10. */
#include "support.h"

static void every_statement_runs_in_order_and_rows_are_discarded(void) {
    zova_database *db = create("x.zova");
    EXEC(db, "create table t(x); insert into t values (1); select * from t; insert into t select x + 1 from t;;;");
    CHECK_QUERY("1,2", db, "select group_concat(x) from t");
    EXEC(db, "select ?1, :a");
    EXEC(db, "values (1), (2), (3)");
    close_database(db);
}

static void text_without_a_statement_is_ok(void) {
    static const char *const EMPTY[] = {"", " ", "\n\t\f\r ", "-- a comment", "-- a comment\n", "/* a comment */",
                                        "/* unfinished", ";", ";;; ;", " ; -- x\n ; /* y */ ;"};
    zova_database *db = create("x.zova");
    size_t at;
    for (at = 0; at < sizeof EMPTY / sizeof *EMPTY; at++) {
        check_about("%s", EMPTY[at]);
        CHECK_OK(db, exec(db, EMPTY[at]));
    }
    close_database(db);
}

static void the_first_error_stops_and_what_came_before_stays(void) {
    zova_database *db = create("x.zova");
    EXEC(db, "create table t(x unique)");
    CHECK_STATUS(db, ZOVA_CONSTRAINT,
                 exec(db, "insert into t values (1); insert into t values (1); insert into t values (2)"));
    CHECK_TEXT("UNIQUE constraint failed: t.x", last_error(db));
    CHECK_QUERY("1", db, "select group_concat(x) from t");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, "insert into t values (3); nonsense; insert into t values (4)"));
    CHECK_TEXT("near \"nonsense\": syntax error", last_error(db));
    CHECK_QUERY("1,3", db, "select group_concat(x) from t");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, "insert into t values (5); select * from missing"));
    CHECK_TEXT("no such table: missing", last_error(db));
    CHECK_QUERY("1,3,5", db, "select group_concat(x) from t");
    /* An error within a statement undoes that statement. */
    CHECK_STATUS(db, ZOVA_CONSTRAINT, exec(db, "insert into t values (6), (7), (1)"));
    CHECK_QUERY("1,3,5", db, "select group_concat(x) from t");
    /* Inside a transaction what came before is undone with it. */
    BEGIN(db);
    CHECK_STATUS(db, ZOVA_CONSTRAINT, exec(db, "insert into t values (8); insert into t values (8)"));
    CHECK_QUERY("1,3,5,8", db, "select group_concat(x) from t");
    ROLLBACK(db);
    CHECK_QUERY("1,3,5", db, "select group_concat(x) from t");
    close_database(db);
}

static void results_of_sqlite_become_statuses(void) {
    static const struct {
        zova_status status;
        const char *sql;
        const char *text;
    } ROWS[] = {
        {ZOVA_SQLITE_ERROR, "selec", "near \"selec\": syntax error"},
        {ZOVA_SQLITE_ERROR, "select 'open", "unrecognized token: \"'open\""},
        {ZOVA_SQLITE_ERROR, "select (", "incomplete input"},
        {ZOVA_SQLITE_ERROR, "select x", "no such column: x"},
        {ZOVA_SQLITE_ERROR, "select unheard_of()", "no such function: unheard_of"},
        {ZOVA_SQLITE_ERROR, "create table t(x)", "table t already exists"},
        {ZOVA_SQLITE_ERROR, "select abs(-9223372036854775807 - 1)", "integer overflow"},
        {ZOVA_SQLITE_ERROR, "select load_extension('x')", "not authorized"},
        {ZOVA_SQLITE_ERROR, "select zeroblob(1000000001)", "string or blob too big"},
        {ZOVA_CONSTRAINT, "insert into s values ('text', 1)", "cannot store TEXT value in INTEGER column s.i"},
        {ZOVA_CONSTRAINT, "insert into t values (1)", "UNIQUE constraint failed: t.x"},
        {ZOVA_CONSTRAINT, "insert into n values (null)", "NOT NULL constraint failed: n.x"},
        {ZOVA_CONSTRAINT, "insert into c values (-1)", "CHECK constraint failed: x > 0"},
        {ZOVA_CONSTRAINT, "insert into r values (1)", "refused by the trigger"},
        {ZOVA_SQLITE_ERROR, "insert into k values ('text')", "datatype mismatch"},
        {ZOVA_CANT_OPEN, "attach 'missing/directory/x.db' as x", "unable to open database: missing/directory/x.db"}};
    zova_database *db = create("x.zova");
    size_t at;
    EXEC(db, "create table t(x unique); insert into t values (1); create table s(i integer, j any) strict");
    EXEC(db, "create table n(x not null); create table c(x check (x > 0)); create table k(i integer primary key)");
    EXEC(db, "create table r(x); create trigger g before insert on r begin select raise(abort, 'refused by the trigger'); end");
    for (at = 0; at < sizeof ROWS / sizeof *ROWS; at++) {
        check_about("%s", ROWS[at].sql);
        CHECK_STATUS(db, ROWS[at].status, exec(db, ROWS[at].sql));
        CHECK_TEXT(ROWS[at].text, last_error(db));
    }
    close_database(db);
}

static void a_table_that_is_being_read_is_locked(void) {
    zova_database *db = create("x.zova");
    zova_statement *rows;
    EXEC(db, "create table t(x); insert into t values (1), (2)");
    rows = PREPARE(db, "select x from t");
    STEP(db, rows, ZOVA_STEP_ROW);
    CHECK_STATUS(db, ZOVA_LOCKED, exec(db, "drop table t"));
    CHECK_TEXT("database table is locked", last_error(db));
    FINALIZE(db, rows);
    EXEC(db, "drop table t");
    close_database(db);
}

static void sql_is_not_restricted(void) {
    zova_database *db = create("x.zova");
    close_database(create("other.zova"));
    EXEC(db, "attach 'other.zova' as other; create table other.t(x); insert into other.t values (5)");
    CHECK_QUERY("5", db, "select x from other.t");
    EXEC(db, "detach other");
    EXEC(db, "pragma user_version = 9; pragma foreign_keys = on");
    CHECK_QUERY("9", db, "pragma user_version");
    CHECK_QUERY("1", db, "pragma foreign_keys");
    EXEC(db, "create table _zova_mine(x); drop table _zova_mine");
    EXEC(db, "create temp table scratch(x); create view v as select 1; analyze; reindex");
    close_database(db);
}

static void attached_databases_take_part_in_transactions(void) {
    zova_database *db = create("x.zova");
    close_database(create("other.zova"));
    EXEC(db, "create table t(x); attach 'other.zova' as other; create table other.t(x)");
    BEGIN(db);
    EXEC(db, "insert into main.t values (1); insert into other.t values (2)");
    ROLLBACK(db);
    CHECK_QUERY("0", db, "select (select count(*) from main.t) + (select count(*) from other.t)");
    BEGIN(db);
    EXEC(db, "insert into main.t values (1); insert into other.t values (2)");
    COMMIT(db);
    CHECK_QUERY("2", db, "select (select count(*) from main.t) + (select count(*) from other.t)");
    close_database(db);
}

static void temporary_tables_do_not_divert_native_operations(void) {
    zova_database *db = create("x.zova");
    zova_object_id id;
    EXEC(db, "create temp table _zova_objects(a); create temp table _zova_chunks(a); create temp table _zova_object_chunks(a)");
    CHECK_OK(db, put(db, "object", 6, &id));
    CHECK_OBJECT(db, id, "object", 6);
    CHECK_INT(1, object_exists(db, id));
    CHECK_QUERY("1", db, "select count(*) from main._zova_objects");
    CHECK_QUERY("0", db, "select count(*) from temp._zova_objects");
    CHECK_OK(db, object_delete(db, id));
    CHECK_QUERY("0", db, "select count(*) from main._zova_objects");
    close_database(db);
}

static void the_bundled_sqlite_has_its_features(void) {
    zova_database *db = create("x.zova");
    EXEC(db, "create virtual table f using fts5(body); insert into f values ('a quick fox'), ('a slow snail')");
    CHECK_QUERY("a [quick] fox", db, "select highlight(f, 0, '[', ']') from f where f match 'quick' order by bm25(f)");
    CHECK_QUERY("2", db, "select json_array_length('[1,2]')");
    CHECK_QUERY("b", db, "select '{\"a\":\"b\"}' ->> 'a'");
    EXEC(db, "create virtual table r using rtree(id, x0, x1); insert into r values (1, 0, 5)");
    CHECK_QUERY("1", db, "select count(*) from r where x0 <= 3 and x1 >= 3");
    CHECK_QUERY("4.0", db, "select sqrt(16)");
    CHECK_QUERY("8.0", db, "select pow(2, 3)");
    CHECK_QUERY("1", db, "select count(*) > 0 from dbstat where name = 'sqlite_schema'");
    CHECK_QUERY("1,3", db, "select group_concat(s) from (select sum(column1) over (order by column1) as s from (values (1), (2)))");
    EXEC(db, "create table u(k int unique, n int generated always as (k * 2)) strict");
    EXEC(db, "insert into u(k) values (1) on conflict (k) do update set k = k + 1");
    CHECK_QUERY("6", db, "insert into u(k) values (3) returning n");
    CHECK_QUERY("a literal", db, "select \"a literal\"");
    CHECK_QUERY("1", db, "select sqlite_compileoption_used('THREADSAFE=1')");
    CHECK_QUERY("1", db, "select sqlite_compileoption_used('ENABLE_COLUMN_METADATA')");
    CHECK_QUERY("1", db, "select sqlite_compileoption_used('ENABLE_PREUPDATE_HOOK')");
    CHECK_QUERY("1", db, "select sqlite_compileoption_used('ENABLE_DBSTAT_VTAB')");
    CHECK_QUERY("0", db, "select sqlite_compileoption_used('DEFAULT_FOREIGN_KEYS=1')");
    CHECK_QUERY("0", db, "select sqlite_compileoption_used('USE_URI')");
    close_database(db);
}

CHECK_MAIN(CASE(every_statement_runs_in_order_and_rows_are_discarded),
           CASE(text_without_a_statement_is_ok),
           CASE(the_first_error_stops_and_what_came_before_stays),
           CASE(results_of_sqlite_become_statuses),
           CASE(a_table_that_is_being_read_is_locked),
           CASE(sql_is_not_restricted),
           CASE(attached_databases_take_part_in_transactions),
           CASE(temporary_tables_do_not_divert_native_operations),
           CASE(the_bundled_sqlite_has_its_features))
