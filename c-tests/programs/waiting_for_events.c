/* events.md, section 9; abi.md, section 6: receiving on one thread while others use the database. */
#include "support.h"

enum { LONG = 60000 };

static zova_database *make(zova_subscription **subscription) {
    zova_database *db = create("x.zova");
    /* How long a disk takes is of no interest. */
    EXEC(db, "pragma synchronous = off; create table t(a)");
    *subscription = listen_to(db, "m");
    return db;
}

static void finish(zova_database *db, zova_subscription *subscription) {
    CLOSE_SUBSCRIPTION(db, subscription);
    close_database(db);
}

/* Waits once; what came of it. */
typedef struct {
    zova_subscription *subscription;
    zova_status status;
    uint8_t has;
    uint64_t sequence;
    pthread_t thread;
    int started;
} waiter;

static void *wait_once(void *argument) {
    waiter *self = argument;
    zova_notification notification = {0};
    __sync_fetch_and_add(&self->started, 1);
    self->has = 77;
    self->status = receive(self->subscription, LONG, &notification, &self->has);
    self->sequence = notification.sequence;
    zova_notification_free(&notification);
    return NULL;
}

static void start(waiter *self, zova_subscription *subscription) {
    self->subscription = subscription;
    self->started = 0;
    CHECK(pthread_create(&self->thread, NULL, wait_once, self) == 0);
    while (!__sync_fetch_and_add(&self->started, 0)) {
        sleep_ms(1);
    }
    /* Most likely it waits by now; if not, the test is right all the same. */
    sleep_ms(20);
}

static void join(waiter *self) { CHECK(pthread_join(self->thread, NULL) == 0); }

static void without_an_event_the_time_passes_and_is_not_cut_short(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    zova_notification notification = {0};
    uint8_t has = 77;
    double started = seconds();
    CHECK_OK(db, receive(subscription, 0, &notification, &has));
    CHECK_INT(0, has);
    has = 77;
    CHECK_OK(db, receive(subscription, 50, &notification, &has));
    CHECK_INT(0, has);
    CHECK(seconds() - started >= 0.05);
    CHECK(notification.channel == NULL && notification.payload == NULL);
    finish(db, subscription);
}

static void an_event_that_waits_is_taken_at_once(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    zova_notification notification = {0};
    uint8_t has = 77;
    NOTIFY(db, "1");
    NOTIFY(db, "2");
    CHECK_OK(db, receive(subscription, 2147483647, &notification, &has));
    CHECK_INT(1, has);
    CHECK_TEXT("1", notification.payload);
    CHECK_OK(db, receive(subscription, 0, &notification, &has));
    CHECK_INT(1, has);
    CHECK_TEXT("2", notification.payload);
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, receive(subscription, 2147483648U, &notification, &has));
    CHECK_BEGINS("InvalidArgument: ", last_error(db));
    CHECK(has == 0 && notification.payload == NULL);
    finish(db, subscription);
}

static void a_waiter_is_woken_by_an_event_and_by_a_commit(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    waiter one;
    start(&one, subscription);
    NOTIFY(db, "1");
    join(&one);
    CHECK_INT(ZOVA_OK, one.status);
    CHECK_INT(1, one.has);
    CHECK_INT(1, one.sequence);
    start(&one, subscription);
    /* The whole transaction runs while the other thread waits. */
    BEGIN(db);
    EXEC(db, "insert into t values (1)");
    NOTIFY(db, "lost");
    ROLLBACK(db);
    BEGIN(db);
    NOTIFY(db, "2");
    COMMIT(db);
    join(&one);
    CHECK_INT(ZOVA_OK, one.status);
    CHECK_INT(3, one.sequence);
    finish(db, subscription);
}

static void of_several_waiters_each_gets_an_event_of_its_own(void) {
    enum { WAITERS = 3 };
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    waiter waiters[WAITERS];
    uint64_t sum = 0;
    int at;
    for (at = 0; at < WAITERS; at++) {
        start(&waiters[at], subscription);
    }
    for (at = 0; at < WAITERS; at++) {
        NOTIFY(db, "x");
    }
    for (at = 0; at < WAITERS; at++) {
        join(&waiters[at]);
        CHECK_INT(1, waiters[at].has);
        sum += waiters[at].sequence;
    }
    CHECK_INT(1 + 2 + 3, sum);
    CHECK_RECEIVED("", subscription);
    finish(db, subscription);
}

static void closing_the_subscription_wakes_its_waiters_with_misuse(void) {
    zova_subscription *subscription, *other;
    zova_database *db = make(&subscription);
    waiter waiters[2];
    int at;
    other = listen_to(db, "m");
    for (at = 0; at < 2; at++) {
        start(&waiters[at], subscription);
    }
    /* Closing the database is refused meanwhile, and wakes nobody. */
    CHECK_STATUS(db, ZOVA_MISUSE, zova_database_close(db));
    CHECK_CONTAINS("2 subscriptions", last_error(db));
    CLOSE_SUBSCRIPTION(db, subscription);
    for (at = 0; at < 2; at++) {
        join(&waiters[at]);
        CHECK_INT(ZOVA_MISUSE, waiters[at].status);
        CHECK_INT(0, waiters[at].sequence);
    }
    finish(db, other);
}

/* ---- while a long statement runs ---- */

static int statement_ended;
static double statement_seconds;

static void *run_long_statement(void *argument) {
    char sql[300];
    double started = seconds();
    snprintf(sql, sizeof sql,
             "select count(iif(x = 1, zova_notify('m', 'running'), 1)) from (with recursive n(x) as"
             " (select 1 union all select x + 1 from n where x < %d) select x from n)",
             check_small ? 300000 : 3000000);
    CHECK_OK(NULL, exec(argument, sql));
    statement_seconds = seconds() - started;
    __sync_fetch_and_add(&statement_ended, 1);
    return NULL;
}

/* The longest time that receiving took while the statement ran; how many events came meanwhile. */
static double longest_answer(zova_database *db, zova_subscription *subscription, int *received) {
    pthread_t thread;
    zova_notification notification = {0};
    double longest = 0;
    *received = 0;
    statement_ended = 0;
    CHECK(pthread_create(&thread, NULL, run_long_statement, db) == 0);
    while (!__sync_fetch_and_add(&statement_ended, 0)) {
        double asked = seconds();
        uint8_t has = 77;
        CHECK_OK(NULL, try_receive(subscription, &notification, &has));
        CHECK(zova_database_last_error_message(db) != NULL);
        if (seconds() - asked > longest) {
            longest = seconds() - asked;
        }
        *received += has;
        CHECK_OK(NULL, receive(subscription, 1, &notification, &has));
        *received += has;
    }
    CHECK(pthread_join(thread, NULL) == 0);
    zova_notification_free(&notification);
    return longest;
}

static void receiving_does_not_wait_for_a_long_statement_and_sees_what_it_raises(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    double longest;
    int received, attempt = 0;
    /* A call that waits takes about as long as the statement. On a loaded machine another one may, once in a while. */
    do {
        longest = longest_answer(db, subscription, &received);
    } while ((longest > statement_seconds / 2 || received == 0) && ++attempt < 5);
    if (attempt == 5) {
        check_fail(__FILE__, __LINE__, "an answer took %f of the %f seconds of the statement, %d received", longest,
                   statement_seconds, received);
    }
    finish(db, subscription);
}

/* ---- one waits, another writes ---- */

static int events(void) { return check_small ? 300 : 5000; }

static void *write_events(void *argument) {
    zova_database *db = argument;
    int at;
    for (at = 0; at < events(); at++) {
        switch (at % 4) {
        case 0:
            NOTIFY(db, "call");
            break;
        case 1:
            CHECK_OK(NULL, exec(db, "insert into t values (zova_notify('m', 'insert')); delete from t"));
            break;
        case 2:
            CHECK_OK(NULL, simple(zova_database_begin, db));
            NOTIFY(db, "transaction");
            CHECK_OK(NULL, simple(zova_database_commit, db));
            break;
        default:
            CHECK_OK(NULL, exec(db, "select zova_notify('m', 'select')"));
        }
    }
    return NULL;
}

static void every_event_of_a_busy_writer_is_received_or_counted(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    zova_notification notification = {0};
    pthread_t writer;
    uint64_t seen = 0, last = 0;
    CHECK(pthread_create(&writer, NULL, write_events, db) == 0);
    while (seen < (uint64_t)events()) {
        uint8_t has = 0;
        CHECK_OK(NULL, receive(subscription, LONG, &notification, &has));
        CHECK_INT(1, has);
        CHECK(notification.sequence > last);
        last = notification.sequence;
        seen += 1 + notification.dropped_before;
    }
    CHECK_INT(events(), seen);
    CHECK(pthread_join(writer, NULL) == 0);
    zova_notification_free(&notification);
    finish(db, subscription);
}

/* ---- subscriptions that come and go under others' hands ---- */

static zova_subscription *racing;

static void *receive_until_closed(void *argument) {
    zova_notification notification = {0};
    uint8_t has;
    zova_status status;
    do {
        status = argument == NULL ? try_receive(racing, &notification, &has) : receive(racing, LONG, &notification, &has);
    } while (status == ZOVA_OK);
    CHECK_INT(ZOVA_MISUSE, status);
    zova_notification_free(&notification);
    return NULL;
}

static void a_close_against_receivers_ends_them_all_with_misuse(void) {
    int round;
    for (round = 0; round < (check_small ? 3 : 50); round++) {
        char path[32];
        pthread_t threads[4];
        zova_database *db;
        int at;
        snprintf(path, sizeof path, "x%d.zova", round);
        db = create(path);
        racing = listen_to(db, "m");
        for (at = 0; at < 4; at++) {
            CHECK(pthread_create(&threads[at], NULL, receive_until_closed, at % 2 == 0 ? NULL : db) == 0);
        }
        for (at = 0; at < 20; at++) {
            NOTIFY(db, "x");
        }
        CLOSE_SUBSCRIPTION(db, racing);
        for (at = 0; at < 4; at++) {
            CHECK(pthread_join(threads[at], NULL) == 0);
        }
        close_database(db);
    }
}

/* ---- from within a callback ---- */

typedef struct {
    zova_database *db;
    zova_subscription *subscription;
    int calls;
} inside;

static int use_events(uint64_t done, uint64_t total, void *user) {
    inside *self = user;
    zova_notification notification = {0};
    uint8_t has = 77;
    (void)done;
    (void)total;
    if (self->calls++ == 0) {
        CHECK_STATUS(NULL, ZOVA_OK, try_receive(self->subscription, &notification, &has));
        CHECK_INT(1, has);
        CHECK_STATUS(NULL, ZOVA_OK, receive(self->subscription, 0, &notification, &has));
        CHECK_INT(0, has);
        has = 77;
        CHECK_STATUS(NULL, ZOVA_MISUSE, receive(self->subscription, LONG, &notification, &has));
        CHECK_INT(0, has);
        CHECK_STATUS(NULL, ZOVA_MISUSE, notify(self->db, "m", "x"));
        CHECK_STATUS(NULL, ZOVA_MISUSE, zova_subscription_close(self->subscription));
        zova_notification_free(&notification);
    }
    return 0;
}

static void a_callback_may_receive_and_must_not_wait(void) {
    static const char content[] = "the content of a file";
    inside self = {0};
    zova_progress progress = {use_events, NULL};
    zova_object_id id;
    zova_object_put_file_request request = {NULL, "content", 0, &progress, &id};
    self.db = make(&self.subscription);
    progress.user = &self;
    request.db = self.db;
    write_file("content", content, sizeof content);
    NOTIFY(self.db, "1");
    CHECK_OK(self.db, zova_object_put_file(&request));
    CHECK(self.calls > 0);
    finish(self.db, self.subscription);
}

CHECK_MAIN(CASE(without_an_event_the_time_passes_and_is_not_cut_short),
           CASE(an_event_that_waits_is_taken_at_once),
           CASE(a_waiter_is_woken_by_an_event_and_by_a_commit),
           CASE(of_several_waiters_each_gets_an_event_of_its_own),
           CASE(closing_the_subscription_wakes_its_waiters_with_misuse),
           CASE(receiving_does_not_wait_for_a_long_statement_and_sees_what_it_raises),
           CASE(every_event_of_a_busy_writer_is_received_or_counted),
           CASE(a_close_against_receivers_ends_them_all_with_misuse),
           CASE(a_callback_may_receive_and_must_not_wait))
