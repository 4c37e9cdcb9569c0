/* database.md, section 5; abi.md, sections 2.3 and 12.5. */
#include "support.h"

typedef zova_status (*savepoint_function)(const zova_database_savepoint_request *);

static const savepoint_function FUNCTIONS[] = {zova_database_savepoint, zova_database_rollback_to_savepoint,
                                               zova_database_release_savepoint};

static zova_database *make(void) {
    zova_database *db = create("x.zova");
    EXEC(db, "create table t(x)");
    return db;
}

static void names_that_are_refused_reach_no_sql(void) {
    char too_long[66];
    const char *refused[] = {"",         "1a",      "a b",   "a-b",     "a.b",      "a;",       "a'b",
                             "\"a\"",    "a\"",     "[a]",   "gr\xc3\xbc\xc3\x9f", " a", "a ", "_zova_",
                             "_zova_x",  "_ZOVA_x", "_Zova_", "$a", "a$", "\xff", "a\n", too_long};
    zova_database *db = make();
    size_t at, which;
    memset(too_long, 'a', sizeof too_long);
    too_long[65] = '\0';
    for (at = 0; at < sizeof refused / sizeof *refused; at++) {
        for (which = 0; which < 3; which++) {
            check_about("%s, function %zu", refused[at], which);
            CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, named(FUNCTIONS[which], db, refused[at]));
            CHECK_BEGINS("InvalidArgument: ", last_error(db));
        }
    }
    for (which = 0; which < 3; which++) {
        CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, named(FUNCTIONS[which], db, NULL));
    }
    /* No transaction was begun on the way. */
    BEGIN(db);
    COMMIT(db);
    close_database(db);
}

static void keywords_and_unusual_names_are_accepted(void) {
    char longest[65];
    const char *accepted[] = {"select",   "table",   "rollback", "to",     "savepoint", "release", "transaction",
                              "begin",    "commit",  "from",     "index",  "null",      "TABLE",   "Order",
                              "_",        "_a",      "_zova",    "_zova1", "_zovax_y",  "a1",      "A_9",
                              "immediate", "end",    "cross",    "x",      "temp",      "main",    longest};
    zova_database *db = make();
    size_t at;
    memset(longest, 'z', sizeof longest);
    longest[64] = '\0';
    for (at = 0; at < sizeof accepted / sizeof *accepted; at++) {
        check_about("%s", accepted[at]);
        SAVEPOINT(db, accepted[at]);
        EXEC(db, "insert into t values (1)");
        ROLLBACK_TO(db, accepted[at]);
        CHECK_QUERY("0", db, "select count(*) from t");
        RELEASE(db, accepted[at]);
        CHECK_STATUS(db, ZOVA_SQLITE_ERROR, simple(zova_database_commit, db));
    }
    close_database(db);
}

static void an_unknown_name_is_named_in_the_message(void) {
    zova_database *db = make();
    int inside;
    for (inside = 0; inside < 2; inside++) {
        check_about(inside ? "inside a savepoint" : "outside");
        CHECK_STATUS(db, ZOVA_SQLITE_ERROR, named(zova_database_rollback_to_savepoint, db, "missing"));
        CHECK_TEXT("no such savepoint: missing", last_error(db));
        CHECK_STATUS(db, ZOVA_SQLITE_ERROR, named(zova_database_release_savepoint, db, "missing"));
        CHECK_TEXT("no such savepoint: missing", last_error(db));
        CHECK_STATUS(db, ZOVA_SQLITE_ERROR, named(zova_database_release_savepoint, db, "Table"));
        CHECK_CONTAINS("no such savepoint", last_error(db));
        if (inside == 0) {
            SAVEPOINT(db, "here");
        }
    }
    RELEASE(db, "here");
    close_database(db);
}

static void letter_case_makes_no_difference(void) {
    zova_database *db = make();
    SAVEPOINT(db, "Outer");
    EXEC(db, "insert into t values (1)");
    SAVEPOINT(db, "INNER");
    EXEC(db, "insert into t values (2)");
    ROLLBACK_TO(db, "inner");
    RELEASE(db, "Inner");
    RELEASE(db, "oUTER");
    CHECK_QUERY("1", db, "select group_concat(x) from t");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, simple(zova_database_commit, db));
    close_database(db);
}

static void the_innermost_of_equal_names_counts(void) {
    zova_database *db = make();
    SAVEPOINT(db, "s");
    EXEC(db, "insert into t values (1)");
    SAVEPOINT(db, "S");
    EXEC(db, "insert into t values (2)");
    SAVEPOINT(db, "s");
    EXEC(db, "insert into t values (3)");
    ROLLBACK_TO(db, "s");
    CHECK_QUERY("1,2", db, "select group_concat(x) from t");
    RELEASE(db, "s");
    ROLLBACK_TO(db, "s");
    CHECK_QUERY("1", db, "select group_concat(x) from t");
    RELEASE(db, "s");
    RELEASE(db, "s");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, named(zova_database_release_savepoint, db, "s"));
    CHECK_QUERY("1", db, "select group_concat(x) from t");
    close_database(db);
}

static void rolling_back_to_a_savepoint_keeps_it(void) {
    zova_database *db = make();
    int round;
    SAVEPOINT(db, "s");
    for (round = 0; round < 3; round++) {
        EXEC(db, "insert into t values (1)");
        SAVEPOINT(db, "inner");
        ROLLBACK_TO(db, "s");
        CHECK_STATUS(db, ZOVA_SQLITE_ERROR, named(zova_database_release_savepoint, db, "inner"));
    }
    EXEC(db, "insert into t values (2)");
    RELEASE(db, "s");
    CHECK_QUERY("2", db, "select group_concat(x) from t");
    close_database(db);
}

static void releasing_the_savepoint_that_began_the_transaction_commits(void) {
    zova_database *db = make();
    zova_database *other = open_existing("x.zova");
    SAVEPOINT(db, "s");
    EXEC(db, "insert into t values (1)");
    SAVEPOINT(db, "inner");
    EXEC(db, "insert into t values (2)");
    RELEASE(db, "inner");
    CHECK_QUERY("0", other, "select count(*) from t");
    RELEASE(db, "s");
    CHECK_QUERY("2", other, "select count(*) from t");
    /* One inside a transaction does not. */
    BEGIN(db);
    SAVEPOINT(db, "s");
    EXEC(db, "insert into t values (3)");
    RELEASE(db, "s");
    CHECK_QUERY("2", other, "select count(*) from t");
    ROLLBACK(db);
    CHECK_QUERY("2", db, "select count(*) from t");
    close_database(other);
    close_database(db);
}

static void releasing_an_outer_savepoint_releases_the_inner_ones(void) {
    zova_database *db = make();
    BEGIN(db);
    SAVEPOINT(db, "a");
    SAVEPOINT(db, "b");
    SAVEPOINT(db, "c");
    EXEC(db, "insert into t values (1)");
    RELEASE(db, "b");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, named(zova_database_release_savepoint, db, "c"));
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, named(zova_database_release_savepoint, db, "b"));
    ROLLBACK_TO(db, "a");
    CHECK_QUERY("0", db, "select count(*) from t");
    RELEASE(db, "a");
    COMMIT(db);
    close_database(db);
}

static void the_end_of_the_transaction_ends_all_savepoints(void) {
    zova_database *db = make();
    SAVEPOINT(db, "a");
    EXEC(db, "insert into t values (1)");
    SAVEPOINT(db, "b");
    EXEC(db, "insert into t values (2)");
    COMMIT(db);
    CHECK_QUERY("1,2", db, "select group_concat(x) from t");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, named(zova_database_release_savepoint, db, "a"));
    SAVEPOINT(db, "a");
    EXEC(db, "insert into t values (3)");
    SAVEPOINT(db, "b");
    ROLLBACK(db);
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, named(zova_database_rollback_to_savepoint, db, "b"));
    CHECK_QUERY("1,2", db, "select group_concat(x) from t");
    close_database(db);
}

static void savepoints_of_sql_and_of_the_helpers_mix(void) {
    zova_database *db = make();
    EXEC(db, "savepoint raw; insert into t values (1)");
    RELEASE(db, "RAW");
    SAVEPOINT(db, "helper");
    EXEC(db, "insert into t values (2); rollback to helper; release helper");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, named(zova_database_release_savepoint, db, "helper"));
    EXEC(db, "savepoint \"any name at all\"; insert into t values (3)");
    SAVEPOINT(db, "inner");
    EXEC(db, "insert into t values (4); rollback to inner");
    RELEASE(db, "inner");
    EXEC(db, "release \"any name at all\"");
    CHECK_QUERY("1,3", db, "select group_concat(x) from t");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, simple(zova_database_commit, db));
    close_database(db);
}

static void a_failed_release_keeps_the_savepoint(void) {
    zova_database *db = make();
    EXEC(db, "pragma foreign_keys = on; create table p(id integer primary key);"
             "create table c(p references p deferrable initially deferred)");
    SAVEPOINT(db, "s");
    EXEC(db, "insert into c values (1)");
    CHECK_STATUS(db, ZOVA_CONSTRAINT, named(zova_database_release_savepoint, db, "s"));
    CHECK_TEXT("FOREIGN KEY constraint failed", last_error(db));
    EXEC(db, "insert into p values (1)");
    RELEASE(db, "s");
    CHECK_QUERY("1", db, "select count(*) from c");
    close_database(db);
}

CHECK_MAIN(CASE(names_that_are_refused_reach_no_sql),
           CASE(keywords_and_unusual_names_are_accepted),
           CASE(an_unknown_name_is_named_in_the_message),
           CASE(letter_case_makes_no_difference),
           CASE(the_innermost_of_equal_names_counts),
           CASE(rolling_back_to_a_savepoint_keeps_it),
           CASE(releasing_the_savepoint_that_began_the_transaction_commits),
           CASE(releasing_an_outer_savepoint_releases_the_inner_ones),
           CASE(the_end_of_the_transaction_ends_all_savepoints),
           CASE(savepoints_of_sql_and_of_the_helpers_mix),
           CASE(a_failed_release_keeps_the_savepoint))
