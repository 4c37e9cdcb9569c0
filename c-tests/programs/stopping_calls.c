/* Interrupts and deadlines: abi.md, section 6. */
#include "support.h"

#include <pthread.h>

static const char ENDLESS[] =
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 10000000000) select count(*) from n";

typedef struct {
    zova_database *db;
    volatile int over;
} stopper;

/* Interrupts again and again until it is told that the call is over. */
static void *interrupt_for_ever(void *argument) {
    stopper *stopping = argument;
    while (!__atomic_load_n(&stopping->over, __ATOMIC_ACQUIRE)) {
        struct timespec pause = {0, 500000};
        CHECK_INT(ZOVA_OK, zova_database_interrupt(stopping->db));
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static pthread_t start_interrupting(stopper *stopping, zova_database *db) {
    pthread_t thread;
    stopping->db = db;
    stopping->over = 0;
    CHECK(pthread_create(&thread, NULL, interrupt_for_ever, stopping) == 0);
    return thread;
}

static void stop_interrupting(stopper *stopping, pthread_t thread) {
    __atomic_store_n(&stopping->over, 1, __ATOMIC_RELEASE);
    CHECK(pthread_join(thread, NULL) == 0);
}

static void sql_is_stopped_from_another_thread(void) {
    zova_database *db = create("x.zova");
    zova_statement *endless = PREPARE(db, ENDLESS);
    zova_step_result result = (zova_step_result)77;
    stopper stopping;
    pthread_t thread = start_interrupting(&stopping, db);
    CHECK_STATUS(db, ZOVA_INTERRUPTED, exec(db, ENDLESS));
    CHECK_TEXT("interrupted", last_error(db));
    CHECK_STATUS(db, ZOVA_INTERRUPTED, step(endless, &result));
    CHECK_INT(77, result);
    stop_interrupting(&stopping, thread);
    CHECK_STATUS(db, ZOVA_INTERRUPTED, zova_statement_reset(endless));
    FINALIZE(db, endless);
    EXEC(db, "create table t(a)");
    close_database(db);
}

static void a_stopped_put_leaves_the_transaction_and_nothing_of_itself(void) {
    enum { SIZE = 5000000 };
    zova_database *db = create("x.zova");
    unsigned char *bytes = stream(SIZE, 51);
    int rounds = check_small ? 1 : 5;
    EXEC(db, "pragma synchronous = off; create table t(a)");
    BEGIN(db);
    EXEC(db, "insert into t values (1)");
    while (rounds > 0) {
        zova_status status;
        stopper stopping;
        pthread_t thread = start_interrupting(&stopping, db);
        status = put(db, bytes, SIZE, NULL);
        stop_interrupting(&stopping, thread);
        if (status == ZOVA_OK) {
            CHECK_OK(db, object_delete(db, id_of(bytes, SIZE)));
            continue;
        }
        CHECK_INT(ZOVA_INTERRUPTED, status);
        CHECK_QUERY("0 0 0", db, ALL_ROWS);
        CHECK_QUERY("1", db, "select count(*) from t");
        rounds--;
    }
    CHECK_OK(db, put(db, bytes, SIZE, NULL));
    COMMIT(db);
    CHECK_OBJECT(db, id_of(bytes, SIZE), bytes, SIZE);
    free(bytes);
    close_database(db);
}

static void an_interrupt_without_a_call_is_forgotten(void) {
    zova_database *db = create("x.zova");
    zova_statement *cursor;
    int at;
    EXEC(db, "create table t(a); insert into t values (1), (2), (3)");
    cursor = PREPARE(db, "select a from t");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, "no sql"));
    for (at = 0; at < 3; at++) {
        CHECK_INT(ZOVA_OK, zova_database_interrupt(db));
        /* It leaves the message alone. */
        CHECK(at > 0 || strstr(last_error(db), "syntax error") != NULL);
        STEP(db, cursor, ZOVA_STEP_ROW);
        CHECK_INT(ZOVA_OK, zova_database_interrupt(db));
        CHECK_OK(db, put(db, "x", 1, NULL));
    }
    FINALIZE(db, cursor);
    close_database(db);
}

static void only_a_live_database_can_be_interrupted(void) {
    zova_database *db = create("x.zova");
    zova_statement *statement = PREPARE(db, "select 1");
    CHECK_INT(ZOVA_INVALID_ARGUMENT, zova_database_interrupt(NULL));
    CHECK_INT(ZOVA_MISUSE, zova_database_interrupt((zova_database *)(void *)statement));
    CHECK_INT(ZOVA_MISUSE, zova_database_interrupt((zova_database *)(void *)&db));
    FINALIZE(db, statement);
    CHECK_INT(ZOVA_OK, zova_database_interrupt(db));
    close_database(db);
    CHECK_INT(ZOVA_MISUSE, zova_database_interrupt(db));
}

typedef struct {
    zova_database *volatile db;
    volatile int over;
    long misses;
} closer;

static void *interrupt_whatever_is_there(void *argument) {
    closer *closing = argument;
    while (!__atomic_load_n(&closing->over, __ATOMIC_ACQUIRE)) {
        zova_database *db = __atomic_load_n(&closing->db, __ATOMIC_ACQUIRE);
        zova_status status = db == NULL ? ZOVA_OK : zova_database_interrupt(db);
        CHECK(status == ZOVA_OK || status == ZOVA_MISUSE);
        closing->misses += status == ZOVA_MISUSE;
    }
    return NULL;
}

static void interrupts_while_handles_are_closed_do_no_harm(void) {
    closer closing = {0};
    pthread_t thread;
    int round, rounds = check_small ? 20 : 400;
    close_database(create("x.zova"));
    CHECK(pthread_create(&thread, NULL, interrupt_whatever_is_there, &closing) == 0);
    for (round = 0; round < rounds; round++) {
        zova_database *db = open_existing("x.zova");
        zova_status status;
        __atomic_store_n(&closing.db, db, __ATOMIC_RELEASE);
        status = exec(db, "select count(*) from _zova_meta");
        CHECK(status == ZOVA_OK || status == ZOVA_INTERRUPTED);
        close_database(db);
    }
    __atomic_store_n(&closing.over, 1, __ATOMIC_RELEASE);
    CHECK(pthread_join(thread, NULL) == 0);
}

static zova_status set_deadline(zova_database *db, uint32_t milliseconds) {
    zova_database_set_deadline_request request = {db, milliseconds};
    return zova_database_set_deadline(&request);
}

static void every_call_has_the_time_of_the_deadline(void) {
    zova_database *db = create("x.zova");
    double start;
    int at;
    CHECK_OK(db, set_deadline(db, 50));
    for (at = 0; at < 2; at++) {
        start = seconds();
        CHECK_STATUS(db, ZOVA_INTERRUPTED, exec(db, ENDLESS));
        CHECK(seconds() - start >= 0.049);
        sleep_ms(60);
        CHECK_OK(db, put(db, "x", 1, NULL));
    }
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, set_deadline(db, 2147483648u));
    CHECK_BEGINS("InvalidArgument: a deadline of 2147483648", last_error(db));
    CHECK_OK(db, set_deadline(db, 2147483647));
    CHECK_OK(db, set_deadline(db, 0));
    close_database(db);
}

static void a_wait_for_a_lock_ends_with_the_deadline(void) {
    zova_database *db = create("x.zova"), *other = open_existing("x.zova");
    zova_database_busy_timeout_request patience = {db, 60000};
    double start = seconds();
    CHECK_OK(other, simple(zova_database_begin_immediate, other));
    CHECK_OK(db, zova_database_set_busy_timeout(&patience));
    CHECK_OK(db, set_deadline(db, 50));
    CHECK_STATUS(db, ZOVA_INTERRUPTED, put(db, "x", 1, NULL));
    CHECK_BEGINS("Interrupted: ", last_error(db));
    CHECK_STATUS(db, ZOVA_INTERRUPTED, exec(db, "create table t(a)"));
    CHECK(seconds() - start < 30);
    ROLLBACK(other);
    CHECK_OK(db, put(db, "x", 1, NULL));
    close_database(other);
    close_database(db);
}

typedef struct {
    int calls, stop_at;
    uint64_t done, total;
} watcher;

static int watch(uint64_t done, uint64_t total, void *user) {
    watcher *watched = user;
    CHECK(done >= watched->done && done <= total);
    watched->done = done;
    watched->total = total;
    return ++watched->calls == watched->stop_at;
}

static void a_watcher_stops_a_put_and_the_finish_of_a_writer(void) {
    enum { SIZE = 3000000 };
    zova_database *db = create("x.zova");
    unsigned char *bytes = stream(SIZE, 52);
    zova_object_id id;
    int way, stop_at;
    for (way = 0; way < 2; way++) {
        zova_object_writer *writer = create_writer(db);
        CHECK_OK(db, writer_write(writer, bytes, SIZE));
        for (stop_at = 1;; stop_at++) {
            watcher watched = {0, 0, 0, 0};
            zova_progress progress = {watch, &watched};
            zova_object_put_with_options_request as_put = {db, bytes, SIZE, &progress, &id};
            zova_object_writer_finish_with_options_request as_finish = {writer, &progress, &id};
            zova_status status;
            watched.stop_at = stop_at;
            status = way == 0 ? zova_object_put_with_options(&as_put)
                              : zova_object_writer_finish_with_options(&as_finish);
            if (watched.calls < stop_at) {
                CHECK_INT(ZOVA_OK, status);
                CHECK(watched.done == SIZE && watched.total == SIZE);
                break;
            }
            CHECK_INT(ZOVA_INTERRUPTED, status);
            CHECK_BEGINS("Interrupted: ", last_error(db));
            CHECK_QUERY("0 0 0", db, ALL_ROWS);
        }
        CHECK(stop_at > 3);
        CHECK_OBJECT(db, id, bytes, SIZE);
        DESTROY_WRITER(db, writer);
        CHECK_OK(db, object_delete(db, id));
    }
    free(bytes);
    close_database(db);
}

CHECK_MAIN(CASE(sql_is_stopped_from_another_thread), CASE(a_stopped_put_leaves_the_transaction_and_nothing_of_itself),
           CASE(an_interrupt_without_a_call_is_forgotten), CASE(only_a_live_database_can_be_interrupted),
           CASE(interrupts_while_handles_are_closed_do_no_harm), CASE(every_call_has_the_time_of_the_deadline),
           CASE(a_wait_for_a_lock_ends_with_the_deadline), CASE(a_watcher_stops_a_put_and_the_finish_of_a_writer))
