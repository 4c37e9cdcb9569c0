/* events.md, sections 1 to 3, 6 to 8; abi.md, sections 5, 7 and 8. */
#include "support.h"

/* A database in x.zova with one subscription on "m". */
static zova_database *make(zova_subscription **subscription) {
    zova_database *db = create("x.zova");
    *subscription = listen_to(db, "m");
    return db;
}

static void finish(zova_database *db, zova_subscription *subscription) {
    CLOSE_SUBSCRIPTION(db, subscription);
    close_database(db);
}

static void a_notification_carries_channel_payload_number_and_losses(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    zova_notification notification = {0};
    zova_database_notify_request request = {NULL, "m", (const uint8_t *)"a\0b", 3};
    uint8_t has = 77;
    request.db = db;
    CHECK_OK(db, zova_database_notify(&request));
    CHECK_OK(db, try_receive(subscription, &notification, &has));
    CHECK_INT(1, has);
    CHECK_INT(1, notification.channel_len);
    CHECK_TEXT("m", notification.channel);
    CHECK_INT(3, notification.payload_len);
    CHECK_BYTES("a\0b\0", notification.payload, 4);
    CHECK_INT(1, notification.sequence);
    CHECK_INT(0, notification.dropped_before);
    zova_notification_free(&notification);
    CHECK(notification.channel == NULL && notification.payload == NULL && notification.sequence == 0);
    finish(db, subscription);
}

static void an_empty_queue_gives_ok_zero_and_an_empty_struct(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    zova_notification notification = {0};
    static const zova_notification empty = {0};
    uint8_t has = 77;
    CHECK_OK(db, try_receive(subscription, &notification, &has));
    CHECK_INT(0, has);
    CHECK_BYTES(&empty, &notification, sizeof empty);
    /* A struct that holds an earlier notification is emptied, without a free in between. */
    NOTIFY(db, "1");
    CHECK_OK(db, try_receive(subscription, &notification, &has));
    CHECK_INT(1, has);
    CHECK_OK(db, try_receive(subscription, &notification, &has));
    CHECK_INT(0, has);
    CHECK_BYTES(&empty, &notification, sizeof empty);
    finish(db, subscription);
}

static void empty_payloads_may_be_null_and_are_received_as_empty_texts(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    zova_notification notification = {0};
    zova_database_notify_request request = {NULL, "m", NULL, 0};
    uint8_t has = 77;
    request.db = db;
    CHECK_OK(db, zova_database_notify(&request));
    CHECK_OK(db, try_receive(subscription, &notification, &has));
    CHECK(has == 1 && notification.payload_len == 0 && notification.payload != NULL);
    CHECK_TEXT("", notification.payload);
    zova_notification_free(&notification);
    finish(db, subscription);
}

static void bad_channels_and_payloads_are_refused_and_use_no_number(void) {
    static const char *const CHANNELS[] = {"", "a b", "_zova_x", "_ZOVA_", "a/b", "\xc3\xa9", "a\n"};
    static char large[65538];
    char longest[130];
    zova_subscription *subscription, *refused;
    zova_database *db = make(&subscription);
    zova_database_listen_request listening = {NULL, NULL, &refused};
    zova_notification notification = {0};
    uint8_t has;
    size_t at;
    listening.db = db;
    memset(large, 'x', sizeof large - 1);
    memset(longest, 'a', sizeof longest - 1);
    longest[129] = '\0';
    for (at = 0; at <= sizeof CHANNELS / sizeof *CHANNELS; at++) {
        listening.channel = at < sizeof CHANNELS / sizeof *CHANNELS ? CHANNELS[at] : longest;
        check_about("channel \"%s\"", listening.channel);
        CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, notify(db, listening.channel, ""));
        CHECK_BEGINS("InvalidArgument: ", last_error(db));
        refused = subscription;
        CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, zova_database_listen(&listening));
        CHECK_BEGINS("InvalidArgument: ", last_error(db));
        CHECK(refused == NULL);
    }
    check_about("%s", "");
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, notify(db, "m", large));
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, notify(db, "m", "\xed\xa0\x80"));
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, notify(db, "m", "\xff"));
    large[65536] = '\0';
    longest[128] = '\0';
    CHECK_OK(db, notify(db, longest, ""));
    CHECK_OK(db, notify(db, "m", large));
    CHECK_OK(db, try_receive(subscription, &notification, &has));
    CHECK_INT(2, notification.sequence);
    CHECK_INT(65536, notification.payload_len);
    zova_notification_free(&notification);
    finish(db, subscription);
}

static void null_arguments_touch_no_output(void) {
    zova_subscription *subscription, *kept;
    zova_database *db = make(&subscription);
    zova_database_listen_request listening = {NULL, NULL, &kept};
    zova_notification notification = {0};
    uint8_t has = 77;
    kept = subscription;
    listening.db = db;
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, zova_database_listen(&listening));
    CHECK(kept == subscription);
    NOTIFY(db, "1");
    NOTIFY(db, "2");
    CHECK_OK(db, try_receive(subscription, &notification, &has));
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, try_receive(subscription, &notification, NULL));
    CHECK_TEXT("InvalidArgument: out_has_notification must not be null", last_error(db));
    CHECK_TEXT("1", notification.payload);
    has = 77;
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, try_receive(subscription, NULL, &has));
    CHECK_INT(77, has);
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, try_receive(NULL, &notification, &has));
    CHECK_TEXT("1", notification.payload);
    /* Nothing was taken. */
    CHECK_RECEIVED("2", subscription);
    zova_notification_free(&notification);
    finish(db, subscription);
}

static void closing_the_database_is_refused_while_a_subscription_lives(void) {
    zova_subscription *one, *two;
    zova_database *db = make(&one);
    two = listen_to(db, "n");
    CHECK_STATUS(db, ZOVA_MISUSE, zova_database_close(db));
    CHECK_TEXT("Misuse: cannot close database with live child handles: 0 statements, 0 object writers, 2 subscriptions",
               last_error(db));
    NOTIFY(db, "1");
    CHECK_RECEIVED("1", one);
    CLOSE_SUBSCRIPTION(db, two);
    CHECK_STATUS(db, ZOVA_MISUSE, zova_database_close(db));
    CHECK_CONTAINS("1 subscriptions", last_error(db));
    finish(db, one);
}

static void a_closed_subscription_is_misuse_for_every_call_and_touches_nothing(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    zova_notification notification = {0};
    uint8_t has = 77;
    NOTIFY(db, "1");
    CLOSE_SUBSCRIPTION(db, subscription);
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, "nonsense"));
    CHECK_STATUS(NULL, ZOVA_MISUSE, try_receive(subscription, &notification, &has));
    CHECK_STATUS(NULL, ZOVA_MISUSE, receive(subscription, 60000, &notification, &has));
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_subscription_close(subscription));
    CHECK_INT(77, has);
    CHECK_CONTAINS("nonsense", last_error(db));
    close_database(db);
    CHECK_STATUS(NULL, ZOVA_MISUSE, try_receive(subscription, &notification, &has));
}

static void a_handle_of_another_kind_is_misuse(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    zova_statement *statement = PREPARE(db, "select 1");
    zova_notification notification = {0};
    uint8_t has = 77;
    CHECK_STATUS(NULL, ZOVA_MISUSE, try_receive((zova_subscription *)(void *)statement, &notification, &has));
    CHECK_STATUS(NULL, ZOVA_MISUSE, try_receive((zova_subscription *)(void *)db, &notification, &has));
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_subscription_close((zova_subscription *)(void *)statement));
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_statement_finalize((zova_statement *)(void *)subscription));
    CHECK_STATUS(NULL, ZOVA_MISUSE, notify((zova_database *)(void *)subscription, "m", ""));
    FINALIZE(db, statement);
    finish(db, subscription);
}

static void receiving_records_and_clears_the_error_message_like_any_call(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    zova_notification notification = {0};
    uint8_t has;
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, "nonsense"));
    CHECK_OK(db, try_receive(subscription, &notification, &has));
    CHECK_TEXT("", last_error(db));
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, try_receive(subscription, NULL, &has));
    CHECK_TEXT("InvalidArgument: out_notification must not be null", last_error(db));
    CLOSE_SUBSCRIPTION(db, subscription);
    CHECK_TEXT("", last_error(db));
    close_database(db);
}

static void closing_inside_a_transaction_discards_the_queue_and_nothing_else(void) {
    zova_subscription *one, *two;
    zova_database *db = make(&one);
    two = listen_to(db, "m");
    NOTIFY(db, "1");
    BEGIN(db);
    NOTIFY(db, "2");
    CLOSE_SUBSCRIPTION(db, two);
    COMMIT(db);
    CHECK_RECEIVED("1 2", one);
    finish(db, one);
}

static void closing_the_database_discards_what_is_pending(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    BEGIN(db);
    NOTIFY(db, "lost");
    finish(db, subscription);
    db = open_existing("x.zova");
    subscription = listen_to(db, "m");
    BEGIN(db);
    COMMIT(db);
    CHECK_RECEIVED("", subscription);
    finish(db, subscription);
}

static void other_handles_on_the_same_file_hear_nothing(void) {
    zova_subscription *one, *two;
    zova_database *db = make(&one);
    zova_database *other = open_existing("x.zova");
    two = listen_to(other, "m");
    NOTIFY(db, "1");
    NOTIFY(other, "2");
    CHECK_RECEIVED("1", one);
    CHECK_RECEIVED("2", two);
    finish(other, two);
    finish(db, one);
}

static void a_read_only_handle_listens_and_notifies(void) {
    zova_subscription *subscription;
    zova_database *db;
    close_database(create("x.zova"));
    db = open_read_only("x.zova");
    subscription = listen_to(db, "m");
    NOTIFY(db, "1");
    EXEC(db, "select zova_notify('m', 2)");
    CHECK_RECEIVED("1 2", subscription);
    finish(db, subscription);
}

/* ---- the table of section 6 ---- */

static void raise_numbers(zova_database *db, int from, int to) {
    for (; from < to; from++) {
        char payload[16];
        snprintf(payload, sizeof payload, "%d", from);
        NOTIFY(db, payload);
    }
}

static void check_next_at(int line, zova_subscription *subscription, const char *payload, int dropped) {
    zova_notification notification = {0};
    uint8_t has = 0;
    check_status_at(__FILE__, line, NULL, ZOVA_OK, try_receive(subscription, &notification, &has), "try_receive");
    check_text_at(__FILE__, line, payload, notification.payload, "payload");
    check_int_at(__FILE__, line, dropped, (long long)notification.dropped_before, "dropped_before");
    zova_notification_free(&notification);
}

#define CHECK_NEXT(payload, dropped, subscription) check_next_at(__LINE__, (subscription), (payload), (dropped))

/* So many follow, without loss, and then nothing. */
static void check_rest(zova_subscription *subscription, int count) {
    zova_notification notification = {0};
    uint8_t has = 0;
    for (;; count--) {
        CHECK_OK(NULL, try_receive(subscription, &notification, &has));
        if (!has) {
            break;
        }
        CHECK_INT(0, notification.dropped_before);
    }
    CHECK_INT(0, count);
}

static void the_first_event_after_an_overflow_counts_what_was_lost(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    raise_numbers(db, 0, 1030);
    CHECK_NEXT("6", 6, subscription);
    check_rest(subscription, 1023);
    finish(db, subscription);
}

static void a_queue_with_room_for_some_loses_only_the_rest(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    raise_numbers(db, 0, 1030);
    CHECK_NEXT("6", 6, subscription);
    CHECK_NEXT("7", 0, subscription);
    CHECK_NEXT("8", 0, subscription);
    raise_numbers(db, 1030, 1035);
    CHECK_NEXT("11", 2, subscription);
    check_rest(subscription, 1023);
    finish(db, subscription);
}

static void a_transaction_with_more_events_than_fit_is_counted_exactly(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    BEGIN(db);
    raise_numbers(db, 0, 2050);
    COMMIT(db);
    CHECK_NEXT("1026", 1026, subscription);
    check_rest(subscription, 1023);
    finish(db, subscription);
}

static void a_count_that_was_received_is_not_told_again(void) {
    zova_subscription *subscription;
    zova_database *db = make(&subscription);
    raise_numbers(db, 0, 1025);
    CHECK_NEXT("1", 1, subscription);
    raise_numbers(db, 1025, 1027);
    CHECK_NEXT("3", 1, subscription);
    check_rest(subscription, 1023);
    finish(db, subscription);
}

CHECK_MAIN(CASE(a_notification_carries_channel_payload_number_and_losses),
           CASE(an_empty_queue_gives_ok_zero_and_an_empty_struct),
           CASE(empty_payloads_may_be_null_and_are_received_as_empty_texts),
           CASE(bad_channels_and_payloads_are_refused_and_use_no_number),
           CASE(null_arguments_touch_no_output),
           CASE(closing_the_database_is_refused_while_a_subscription_lives),
           CASE(a_closed_subscription_is_misuse_for_every_call_and_touches_nothing),
           CASE(a_handle_of_another_kind_is_misuse),
           CASE(receiving_records_and_clears_the_error_message_like_any_call),
           CASE(closing_inside_a_transaction_discards_the_queue_and_nothing_else),
           CASE(closing_the_database_discards_what_is_pending),
           CASE(other_handles_on_the_same_file_hear_nothing),
           CASE(a_read_only_handle_listens_and_notifies),
           CASE(the_first_event_after_an_overflow_counts_what_was_lost),
           CASE(a_queue_with_room_for_some_loses_only_the_rest),
           CASE(a_transaction_with_more_events_than_fit_is_counted_exactly),
           CASE(a_count_that_was_received_is_not_told_again))
