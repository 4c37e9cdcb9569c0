/* The recipes of events; included by recipes.h. */
#ifndef RECIPES_EVENTS_H
#define RECIPES_EVENTS_H

static void *open_zova_subscription(scene *s) { return listen_to(s->db, "sweep"); }

static zova_status end_zova_subscription(void *handle) { return zova_subscription_close(handle); }

static void fill_zova_notification(scene *s, zova_notification *notification) {
    uint8_t has = 0;
    CHECK_OK(s->db, notify(s->db, "sweep", "payload"));
    CHECK_OK(s->db, try_receive(s->handles[KIND_zova_subscription], notification, &has));
    CHECK_INT(1, has);
}

static void valid_zova_database_notify(scene *s, zova_database_notify_request *request) {
    (void)s;
    request->channel = "sweep";
    request->payload = (const uint8_t *)"payload";
    request->payload_len = 7;
}

enum { empty_zova_database_notify_payload = ZOVA_OK, huge_zova_database_notify_payload = ZOVA_INVALID_ARGUMENT };

static void valid_zova_database_listen(scene *s, zova_database_listen_request *request) {
    (void)s;
    request->channel = "sweep";
}

static zova_status fault_zova_database_listen(scene *s, zova_database_listen_request *request) {
    (void)s;
    request->channel = "_zova_sweep";
    return ZOVA_INVALID_ARGUMENT;
}

static void valid_zova_subscription_try_receive(scene *s, zova_subscription_try_receive_request *request) {
    (void)request;
    CHECK_OK(s->db, notify(s->db, "sweep", "payload"));
}

static zova_status fault_zova_subscription_try_receive(scene *s, zova_subscription_try_receive_request *request) {
    (void)s;
    (void)request;
    return ZOVA_OK;
}

static void valid_zova_subscription_receive(scene *s, zova_subscription_receive_request *request) {
    CHECK_OK(s->db, notify(s->db, "sweep", "payload"));
    request->timeout_ms = 10;
}

static zova_status fault_zova_subscription_receive(scene *s, zova_subscription_receive_request *request) {
    (void)s;
    request->timeout_ms = 2147483648U;
    return ZOVA_INVALID_ARGUMENT;
}

#endif
