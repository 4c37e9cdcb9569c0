/* events.md, sections 4, 5, 10 and 11. In every case one subscription listens to "m". */
#include "support.h"

static zova_database *make(zova_subscription **subscription) {
    zova_database *db = create("x.zova");
    *subscription = listen_to(db, "m");
    return db;
}

static void finish(zova_database *db, zova_subscription *subscription) {
    CHECK_RECEIVED("", subscription);
    CLOSE_SUBSCRIPTION(db, subscription);
    close_database(db);
}

static void an_event_of_a_transaction_arrives_with_its_commit_and_not_before(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    BEGIN(db);
    NOTIFY(db, "1");
    CHECK_RECEIVED("", subscription);
    COMMIT(db);
    CHECK_RECEIVED("1", subscription);
    finish(db, subscription);
}

static void a_rolled_back_event_leaves_a_gap_of_one_in_the_numbers(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    zova_notification notification = {0};
    uint8_t has;
    BEGIN(db);
    NOTIFY(db, "1");
    ROLLBACK(db);
    NOTIFY(db, "2");
    CHECK_OK(db, try_receive(subscription, &notification, &has));
    CHECK_TEXT("2", notification.payload);
    CHECK_INT(2, notification.sequence);
    CHECK_INT(0, notification.dropped_before);
    zova_notification_free(&notification);
    finish(db, subscription);
}

static void rolling_back_to_a_savepoint_discards_what_was_raised_in_it_and_above(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    BEGIN(db);
    NOTIFY(db, "1");
    SAVEPOINT(db, "a");
    NOTIFY(db, "2");
    SAVEPOINT(db, "b");
    NOTIFY(db, "3");
    ROLLBACK_TO(db, "a");
    NOTIFY(db, "4");
    COMMIT(db);
    CHECK_RECEIVED("1 4", subscription);
    finish(db, subscription);
}

static void of_equal_names_the_innermost_is_meant(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    BEGIN(db);
    SAVEPOINT(db, "a");
    NOTIFY(db, "1");
    SAVEPOINT(db, "a");
    NOTIFY(db, "2");
    ROLLBACK_TO(db, "a");
    RELEASE(db, "a");
    COMMIT(db);
    CHECK_RECEIVED("1", subscription);
    finish(db, subscription);
}

static void a_commit_ends_a_transaction_that_a_savepoint_started(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    SAVEPOINT(db, "a");
    NOTIFY(db, "1");
    SAVEPOINT(db, "b");
    NOTIFY(db, "2");
    COMMIT(db);
    CHECK_RECEIVED("1 2", subscription);
    finish(db, subscription);
}

static void releasing_the_outermost_savepoint_delivers_what_inner_ones_hold(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    SAVEPOINT(db, "a");
    NOTIFY(db, "1");
    SAVEPOINT(db, "b");
    NOTIFY(db, "2");
    CHECK_RECEIVED("", subscription);
    RELEASE(db, "a");
    CHECK_RECEIVED("1 2", subscription);
    finish(db, subscription);
}

static void releasing_an_outer_savepoint_moves_what_inner_ones_hold_outwards(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    BEGIN(db);
    SAVEPOINT(db, "a");
    NOTIFY(db, "1");
    SAVEPOINT(db, "b");
    NOTIFY(db, "2");
    RELEASE(db, "a");
    CHECK_RECEIVED("", subscription);
    NOTIFY(db, "3");
    COMMIT(db);
    CHECK_RECEIVED("1 2 3", subscription);
    finish(db, subscription);
}

static void savepoint_names_match_in_any_letter_case(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    BEGIN(db);
    SAVEPOINT(db, "Sp");
    NOTIFY(db, "1");
    ROLLBACK_TO(db, "sP");
    RELEASE(db, "SP");
    COMMIT(db);
    CHECK_RECEIVED("", subscription);
    finish(db, subscription);
}

static void a_rollback_ends_a_transaction_that_a_savepoint_started(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    SAVEPOINT(db, "a");
    NOTIFY(db, "1");
    ROLLBACK(db);
    CHECK_RECEIVED("", subscription);
    finish(db, subscription);
}

static void calls_that_fail_leave_the_scopes_alone(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    BEGIN(db);
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, simple(zova_database_begin, db));
    NOTIFY(db, "1");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, named(zova_database_rollback_to_savepoint, db, "zzz"));
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, named(zova_database_release_savepoint, db, "zzz"));
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, named(zova_database_savepoint, db, "not a name"));
    COMMIT(db);
    CHECK_RECEIVED("1", subscription);
    finish(db, subscription);
}

static void a_commit_by_sql_delivers(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    BEGIN(db);
    NOTIFY(db, "1");
    EXEC(db, "commit");
    CHECK_RECEIVED("1", subscription);
    finish(db, subscription);
}

static void a_rollback_by_sql_discards(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    BEGIN(db);
    NOTIFY(db, "1");
    EXEC(db, "rollback");
    NOTIFY(db, "2");
    CHECK_RECEIVED("2", subscription);
    finish(db, subscription);
}

static void an_automatic_rollback_discards(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    EXEC(db, "create table u(a unique); insert into u values (1)");
    BEGIN(db);
    NOTIFY(db, "1");
    CHECK_STATUS(db, ZOVA_CONSTRAINT, exec(db, "insert or rollback into u values (1)"));
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, simple(zova_database_rollback, db));
    CHECK_TEXT("cannot rollback - no transaction is active", last_error(db));
    NOTIFY(db, "2");
    CHECK_RECEIVED("2", subscription);
    finish(db, subscription);
}

static void the_sql_function_is_refused_in_a_transaction_of_sql(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    EXEC(db, "begin");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, "select zova_notify('m', 'x')"));
    CHECK_BEGINS("invalid notification channel or payload", last_error(db));
    EXEC(db, "commit");
    CHECK_RECEIVED("", subscription);
    finish(db, subscription);
}

static void a_call_in_a_transaction_of_sql_is_held_until_that_commits(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    EXEC(db, "begin");
    NOTIFY(db, "1");
    CHECK_RECEIVED("", subscription);
    EXEC(db, "commit");
    CHECK_RECEIVED("1", subscription);
    finish(db, subscription);
}

static void a_call_in_a_transaction_of_sql_is_discarded_with_it(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    EXEC(db, "begin");
    NOTIFY(db, "1");
    EXEC(db, "rollback");
    NOTIFY(db, "2");
    CHECK_RECEIVED("2", subscription);
    finish(db, subscription);
}

static void a_call_in_a_transaction_of_sql_is_held_until_a_commit_by_call(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    EXEC(db, "begin");
    NOTIFY(db, "1");
    COMMIT(db);
    CHECK_RECEIVED("1", subscription);
    finish(db, subscription);
}

static void a_released_savepoint_moves_its_events_to_the_transaction_of_sql_around_it(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    EXEC(db, "begin");
    SAVEPOINT(db, "a");
    NOTIFY(db, "1");
    EXEC(db, "select zova_notify('m', 2)");
    RELEASE(db, "a");
    CHECK_RECEIVED("", subscription);
    EXEC(db, "rollback");
    CHECK_RECEIVED("", subscription);
    finish(db, subscription);
}

static void a_savepoint_of_sql_that_comes_and_goes_leaves_nothing_behind(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    BEGIN(db);
    EXEC(db, "savepoint r");
    EXEC(db, "rollback to r");
    COMMIT(db);
    NOTIFY(db, "1");
    CHECK_RECEIVED("1", subscription);
    finish(db, subscription);
}

static void a_subscription_made_in_a_transaction_receives_what_was_raised_earlier_in_it(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    zova_subscription *second;
    BEGIN(db);
    CHECK_OK(db, notify(db, "m2", "1"));
    second = listen_to(db, "m2");
    CHECK_OK(db, notify(db, "m2", "2"));
    COMMIT(db);
    CHECK_RECEIVED("1 2", second);
    CHECK_RECEIVED("", subscription);
    CLOSE_SUBSCRIPTION(db, second);
    finish(db, subscription);
}

static void a_commit_that_a_reader_blocks_keeps_everything_for_the_next(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    zova_database *other = open_existing("x.zova");
    zova_statement *reader = PREPARE(other, "select * from _zova_meta");
    EXEC(db, "create table u(a)");
    BEGIN(db);
    EXEC(db, "insert into u values (1)");
    NOTIFY(db, "1");
    STEP(other, reader, ZOVA_STEP_ROW);
    CHECK_STATUS(db, ZOVA_BUSY, simple(zova_database_commit, db));
    CHECK_RECEIVED("", subscription);
    FINALIZE(other, reader);
    COMMIT(db);
    CHECK_RECEIVED("1", subscription);
    close_database(other);
    finish(db, subscription);
}

static void a_statement_that_fails_at_its_second_row_takes_the_event_of_the_first_along(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    EXEC(db, "create table u(a unique);"
             "create trigger raised after insert on u begin select zova_notify('m', new.a); end");
    CHECK_STATUS(db, ZOVA_CONSTRAINT, exec(db, "insert into u values (1), (1)"));
    CHECK_RECEIVED("", subscription);
    EXEC(db, "insert into u values (1), (2)");
    CHECK_RECEIVED("1 2", subscription);
    finish(db, subscription);
}

static void one_text_that_commits_and_begins_again_delivers_in_between(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    BEGIN(db);
    NOTIFY(db, "1");
    EXEC(db, "commit; begin");
    CHECK_RECEIVED("1", subscription);
    NOTIFY(db, "2");
    EXEC(db, "rollback; begin; commit");
    CHECK_RECEIVED("", subscription);
    finish(db, subscription);
}

static void releasing_by_sql_the_savepoint_that_started_the_transaction_delivers(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    SAVEPOINT(db, "a");
    NOTIFY(db, "1");
    EXEC(db, "release A");
    CHECK_RECEIVED("1", subscription);
    finish(db, subscription);
}

static void a_savepoint_of_sql_in_a_scope_that_is_rolled_back_takes_its_events_along(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    BEGIN(db);
    NOTIFY(db, "1");
    EXEC(db, "savepoint \"r s\"");
    NOTIFY(db, "2");
    EXEC(db, "select zova_notify('m', 3); rollback transaction to savepoint 'R S'");
    COMMIT(db);
    CHECK_RECEIVED("1", subscription);
    finish(db, subscription);
}

static void a_failing_statement_in_a_transaction_that_commits_delivers_nothing_of_its_own(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    EXEC(db, "create table u(a unique);"
             "create trigger raised after insert on u begin select zova_notify('m', new.a); end");
    BEGIN(db);
    NOTIFY(db, "x");
    CHECK_STATUS(db, ZOVA_CONSTRAINT, exec(db, "insert into u values (1), (1)"));
    COMMIT(db);
    CHECK_RECEIVED("x", subscription);
    finish(db, subscription);
}

static void a_statement_whose_own_commit_a_reader_blocks_delivers_nothing(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    zova_database *other = open_existing("x.zova");
    zova_statement *reader = PREPARE(other, "select * from _zova_meta");
    EXEC(db, "create table u(a)");
    STEP(other, reader, ZOVA_STEP_ROW);
    CHECK_STATUS(db, ZOVA_BUSY, exec(db, "insert into u values (zova_notify('m', 'x'))"));
    CHECK_RECEIVED("", subscription);
    FINALIZE(other, reader);
    close_database(other);
    finish(db, subscription);
}

static void a_commit_with_a_broken_foreign_key_keeps_everything(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    EXEC(db, "pragma foreign_keys = on; create table parent(id integer primary key);"
             "create table child(id references parent deferrable initially deferred)");
    BEGIN(db);
    NOTIFY(db, "1");
    EXEC(db, "insert into child values (7)");
    CHECK_STATUS(db, ZOVA_CONSTRAINT, simple(zova_database_commit, db));
    CHECK_RECEIVED("", subscription);
    EXEC(db, "insert into parent values (7)");
    COMMIT(db);
    CHECK_RECEIVED("1", subscription);
    finish(db, subscription);
}

static void a_query_outside_a_transaction_delivers_row_by_row(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    zova_statement *query = PREPARE(db, "select zova_notify('m', column1) from (values (1), (2))");
    STEP(db, query, ZOVA_STEP_ROW);
    CHECK_RECEIVED("1", subscription);
    CHECK_INT(1, column_int64(query, 0));
    STEP(db, query, ZOVA_STEP_ROW);
    CHECK_RECEIVED("2", subscription);
    FINALIZE(db, query);
    finish(db, subscription);
}

static void a_writing_statement_outside_a_transaction_delivers_when_it_ends(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    zova_statement *insert;
    EXEC(db, "create table u(a)");
    insert = PREPARE(db, "insert into u values (zova_notify('m', 'x')) returning a");
    STEP(db, insert, ZOVA_STEP_ROW);
    CHECK_RECEIVED("", subscription);
    RESET(db, insert);
    CHECK_RECEIVED("x", subscription);
    STEP(db, insert, ZOVA_STEP_ROW);
    FINALIZE(db, insert);
    CHECK_RECEIVED("x", subscription);
    finish(db, subscription);
}

static void the_sql_function_refuses_what_the_rules_refuse(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    static const char *const ARGUMENTS[] = {"null, 'x'", "'m', null", "'a b', 'x'", "'_Zova_x', 'x'", "'m', x'ff'",
                                            "'m', zeroblob(65537)"};
    size_t at;
    for (at = 0; at < sizeof ARGUMENTS / sizeof *ARGUMENTS; at++) {
        char sql[100];
        snprintf(sql, sizeof sql, "select zova_notify(%s)", ARGUMENTS[at]);
        check_about("%s", sql);
        CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, sql));
        CHECK_TEXT("invalid notification channel or payload", last_error(db));
    }
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, "select zova_notify('m')"));
    CHECK_TEXT("wrong number of arguments to function zova_notify()", last_error(db));
    EXEC(db, "create view v as select zova_notify('m', 1.5); pragma trusted_schema = off");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, "select * from v"));
    CHECK_TEXT("unsafe use of zova_notify()", last_error(db));
    EXEC(db, "pragma trusted_schema = on; select * from v");
    CHECK_RECEIVED("1.5", subscription);
    finish(db, subscription);
}

static void native_calls_neither_raise_nor_deliver_nor_discard(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    BEGIN(db);
    NOTIFY(db, "1");
    CHECK_OK(db, put(db, "object", 6, NULL));
    SAVEPOINT(db, "a");
    CHECK_OK(db, put(db, "another", 7, NULL));
    NOTIFY(db, "2");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, simple(zova_database_vacuum, db));
    CHECK_RECEIVED("", subscription);
    COMMIT(db);
    CHECK_OK(db, simple(zova_database_vacuum, db));
    CHECK_RECEIVED("1 2", subscription);
    finish(db, subscription);
}

CHECK_MAIN(CASE(an_event_of_a_transaction_arrives_with_its_commit_and_not_before),
           CASE(a_rolled_back_event_leaves_a_gap_of_one_in_the_numbers),
           CASE(rolling_back_to_a_savepoint_discards_what_was_raised_in_it_and_above),
           CASE(of_equal_names_the_innermost_is_meant),
           CASE(a_commit_ends_a_transaction_that_a_savepoint_started),
           CASE(releasing_the_outermost_savepoint_delivers_what_inner_ones_hold),
           CASE(releasing_an_outer_savepoint_moves_what_inner_ones_hold_outwards),
           CASE(savepoint_names_match_in_any_letter_case),
           CASE(a_rollback_ends_a_transaction_that_a_savepoint_started),
           CASE(calls_that_fail_leave_the_scopes_alone),
           CASE(a_commit_by_sql_delivers),
           CASE(a_rollback_by_sql_discards),
           CASE(an_automatic_rollback_discards),
           CASE(the_sql_function_is_refused_in_a_transaction_of_sql),
           CASE(a_call_in_a_transaction_of_sql_is_held_until_that_commits),
           CASE(a_call_in_a_transaction_of_sql_is_discarded_with_it),
           CASE(a_call_in_a_transaction_of_sql_is_held_until_a_commit_by_call),
           CASE(a_released_savepoint_moves_its_events_to_the_transaction_of_sql_around_it),
           CASE(a_savepoint_of_sql_that_comes_and_goes_leaves_nothing_behind),
           CASE(a_subscription_made_in_a_transaction_receives_what_was_raised_earlier_in_it),
           CASE(a_commit_that_a_reader_blocks_keeps_everything_for_the_next),
           CASE(a_statement_that_fails_at_its_second_row_takes_the_event_of_the_first_along),
           CASE(one_text_that_commits_and_begins_again_delivers_in_between),
           CASE(releasing_by_sql_the_savepoint_that_started_the_transaction_delivers),
           CASE(a_savepoint_of_sql_in_a_scope_that_is_rolled_back_takes_its_events_along),
           CASE(a_failing_statement_in_a_transaction_that_commits_delivers_nothing_of_its_own),
           CASE(a_statement_whose_own_commit_a_reader_blocks_delivers_nothing),
           CASE(a_commit_with_a_broken_foreign_key_keeps_everything),
           CASE(a_query_outside_a_transaction_delivers_row_by_row),
           CASE(a_writing_statement_outside_a_transaction_delivers_when_it_ends),
           CASE(the_sql_function_refuses_what_the_rules_refuse),
           CASE(native_calls_neither_raise_nor_deliver_nor_discard))
