/* abi.md, section 12.3; database.md, sections 1.1, 1.3 and 1.4; file-format.md, sections 2 and 8. */
#include "support.h"

static void make(const char *path) { close_database(create(path)); }

static void an_absent_file_is_said_to_be_absent(void) {
    static const char *const ABSENT[] = {"absent.zova", "./absent.zova", "dangling.zova", "regular/x.zova"};
    char text[1024];
    size_t at;
    CHECK(symlink("nowhere.db", "dangling.zova") == 0);
    write_file("regular", "x", 1);
    for (at = 0; at < sizeof ABSENT / sizeof *ABSENT; at++) {
        check_about("%s", ABSENT[at]);
        CHECK_OPEN(ZOVA_NOT_ZOVA_DATABASE, ABSENT[at]);
        try_open(ABSENT[at], 0, text, sizeof text);
        CHECK_BEGINS("NotZovaDatabase: ", text);
        CHECK_CONTAINS(ABSENT[at], text);
        CHECK_CONTAINS("does not exist", text);
    }
    /* Opening made nothing. */
    CHECK_INT(2, entries("."));
}

static void a_path_that_cannot_be_reached_is_cant_open(void) {
    char text[8192];
    char path[5000];
    int part;
    CHECK_OPEN(ZOVA_CANT_OPEN, "missing/x.zova");
    try_open("missing/x.zova", 0, text, sizeof text);
    CHECK_BEGINS("CantOpen: ", text);
    CHECK_CONTAINS("missing/x.zova", text);
    CHECK(mkdir("directory.zova", 0777) == 0);
    CHECK_OPEN(ZOVA_CANT_OPEN, "directory.zova");
    try_open("directory.zova", 0, text, sizeof text);
    CHECK_BEGINS("CantOpen: ", text);
    CHECK(symlink("loop.zova", "loop.zova") == 0);
    CHECK_OPEN(ZOVA_CANT_OPEN, "loop.zova");
    memset(path, 'n', sizeof path);
    strcpy(path + 300, ".zova");
    CHECK_OPEN(ZOVA_CANT_OPEN, path);
    strcpy(path + 4600, ".zova");
    CHECK_OPEN(ZOVA_CANT_OPEN, path);
    /* Longer than SQLite takes, although the file is there. */
    path[0] = '\0';
    for (part = 0; part < 6; part++) {
        memset(path + strlen(path), 'd', 101);
        path[101 * (part + 1) - 1] = '/';
        path[101 * (part + 1)] = '\0';
        CHECK(mkdir(path, 0777) == 0);
    }
    make("short.zova");
    strcat(path, "x.zova");
    CHECK(rename("short.zova", path) == 0);
    CHECK_OPEN(ZOVA_CANT_OPEN, path);
}

static void arguments_are_checked_in_order_and_before_the_path(void) {
    zova_database *db;
    zova_message message = {0};
    zova_database_open_options_request request = {NULL, 0, 0, NULL, &message};
    zova_database_open_request plain = {NULL, NULL, &message};
    static const uint32_t FLAGS[] = {2, 3, 4, 0x80000000u, 0xffffffffu};
    size_t at;
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, zova_database_open(NULL));
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, zova_database_open_with_options(NULL));

    plain.path = "x.db";
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, zova_database_open(&plain));
    CHECK_CONTAINS("out_db", message.data);
    plain.out_db = &db;
    plain.path = NULL;
    db = (zova_database *)(void *)&db;
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, zova_database_open(&plain));
    CHECK_CONTAINS("path", message.data);
    CHECK(db == NULL);

    /* Everything is wrong; one mistake after another is repaired. */
    request.flags = 0xff;
    request.busy_timeout_ms = 0xffffffffu;
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, zova_database_open_with_options(&request));
    CHECK_CONTAINS("out_db", message.data);
    request.out_db = &db;
    db = (zova_database *)(void *)&db;
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, zova_database_open_with_options(&request));
    CHECK_CONTAINS("path", message.data);
    CHECK(db == NULL);
    request.path = "x.db";
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, zova_database_open_with_options(&request));
    CHECK_CONTAINS("flag", message.data);
    request.flags = ZOVA_OPEN_READ_ONLY;
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, zova_database_open_with_options(&request));
    CHECK_CONTAINS("busy", message.data);
    request.busy_timeout_ms = 2147483647;
    CHECK_STATUS(NULL, ZOVA_NOT_ZOVA_PATH, zova_database_open_with_options(&request));
    CHECK(db == NULL);

    make("x.zova");
    request.path = "x.zova";
    for (at = 0; at < sizeof FLAGS / sizeof *FLAGS; at++) {
        check_about("flags 0x%x", FLAGS[at]);
        request.flags = FLAGS[at];
        CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, zova_database_open_with_options(&request));
        CHECK_BEGINS("InvalidArgument: ", message.data);
    }
    request.flags = 0;
    request.busy_timeout_ms = 2147483648u;
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, zova_database_open_with_options(&request));
    request.busy_timeout_ms = 2147483647;
    CHECK_OK(NULL, zova_database_open_with_options(&request));
    CHECK(message.data == NULL && message.len == 0);
    CHECK_QUERY("2147483647", db, "pragma busy_timeout");
    close_database(db);
    request.busy_timeout_ms = 0;
    CHECK_OK(NULL, zova_database_open_with_options(&request));
    CHECK_QUERY("0", db, "pragma busy_timeout");
    close_database(db);
}

static void the_path_must_end_in_zova(void) {
    static const char *const REFUSED[] = {"", "x", "zova", "x.db", "x.ZOVA", "x.Zova", "x.zova.db", "x.zova/",
                                          ":memory:", "missing/x.db", "directory"};
    char text[1024];
    size_t at;
    CHECK(mkdir("directory", 0777) == 0);
    make("x.zova");
    copy_file("x.zova", "x.db");
    copy_file("x.zova", "x.ZOVA");
    for (at = 0; at < sizeof REFUSED / sizeof *REFUSED; at++) {
        check_about("%s", REFUSED[at]);
        CHECK_OPEN(ZOVA_NOT_ZOVA_PATH, REFUSED[at]);
        try_open(REFUSED[at], 0, text, sizeof text);
        CHECK_BEGINS("NotZovaPath: ", text);
        CHECK_CONTAINS(REFUSED[at], text);
    }
}

static void the_suffix_of_a_link_counts_and_not_that_of_its_target(void) {
    zova_database *db;
    make("real.zova");
    CHECK(rename("real.zova", "real.db") == 0);
    CHECK(symlink("real.db", "a.zova") == 0);
    make("other.zova");
    CHECK(symlink("other.zova", "a.db") == 0);
    CHECK_OPEN(ZOVA_OK, "a.zova");
    CHECK_OPEN(ZOVA_NOT_ZOVA_PATH, "a.db");
    db = open_existing("a.zova");
    EXEC(db, "create table t(x)");
    close_database(db);
    CHECK(rename("real.db", "real.zova") == 0);
    db = open_existing("real.zova");
    CHECK_QUERY("0", db, "select count(*) from t");
    close_database(db);
}

static void opening_and_reading_changes_no_byte(void) {
    size_t before_len, after_len;
    unsigned char *before, *after;
    zova_database *db;
    make("x.zova");
    before = read_file("x.zova", &before_len);
    CHECK_OPEN(ZOVA_OK, "x.zova");
    db = open_existing("x.zova");
    CHECK_QUERY("3", db, "select count(*) from _zova_meta");
    CHECK_INT(0, object_exists(db, id_of("x", 1)));
    close_database(db);
    after = read_file("x.zova", &after_len);
    CHECK_INT(before_len, after_len);
    CHECK_BYTES(before, after, before_len);
    CHECK_INT(1, entries("."));
    free(before);
    free(after);
}

static void opening_changes_no_setting(void) {
    zova_database *db;
    make("x.zova");
    db = open_read_only("x.zova");
    CHECK_QUERY("0", db, "pragma foreign_keys");
    CHECK_QUERY("0", db, "pragma query_only");
    CHECK_QUERY("delete", db, "pragma journal_mode");
    close_database(db);
    db = open_existing("x.zova");
    EXEC(db, "pragma journal_mode = wal");
    close_database(db);
    db = open_existing("x.zova");
    CHECK_QUERY("wal", db, "pragma journal_mode");
    close_database(db);
}

static void several_handles_share_a_file(void) {
    zova_database *first, *second;
    first = create("x.zova");
    second = open_existing("x.zova");
    CHECK(first != second);
    EXEC(first, "create table t(x); insert into t values (1)");
    CHECK_QUERY("1", second, "select count(*) from t");
    EXEC(second, "insert into t values (2)");
    CHECK_QUERY("2", first, "select count(*) from t");
    close_database(first);
    CHECK_QUERY("2", second, "select count(*) from t");
    close_database(second);
}

static void closing_rolls_back_an_open_transaction(void) {
    zova_database *db = create("x.zova");
    zova_object_id id;
    EXEC(db, "create table t(x)");
    BEGIN(db);
    EXEC(db, "insert into t values (1)");
    CHECK_OK(db, put(db, "gone", 4, &id));
    close_database(db);
    CHECK(!exists("x.zova-journal"));
    db = open_existing("x.zova");
    CHECK_QUERY("0", db, "select count(*) from t");
    CHECK_INT(0, object_exists(db, id));
    close_database(db);
}

static void closing_the_last_handle_of_a_wal_file_checkpoints(void) {
    zova_database *db = create("x.zova");
    EXEC(db, "pragma journal_mode = wal; create table t(x); insert into t values (1)");
    CHECK(exists("x.zova-wal"));
    close_database(db);
    CHECK(!exists("x.zova-wal") && !exists("x.zova-shm"));
    CHECK_OPEN(ZOVA_OK, "x.zova");
}

static void a_message_is_replaced_and_empty_after_success(void) {
    zova_database *db = NULL;
    zova_message message = {0};
    zova_database_open_request request = {"x.zova", &db, &message};
    int round;
    for (round = 0; round < 3; round++) {
        CHECK_STATUS(NULL, ZOVA_NOT_ZOVA_DATABASE, zova_database_open(&request));
        CHECK_INT(strlen(message.data), message.len);
    }
    make("x.zova");
    CHECK_OK(NULL, zova_database_open(&request));
    CHECK(message.data == NULL && message.len == 0);
    close_database(db);
    request.path = "gone\xff.zova";
    CHECK_STATUS(NULL, ZOVA_NOT_ZOVA_DATABASE, zova_database_open(&request));
    CHECK_CONTAINS("gone\xef\xbf\xbd.zova", message.data);
    zova_message_free(&message);
}

CHECK_MAIN(CASE(an_absent_file_is_said_to_be_absent),
           CASE(a_path_that_cannot_be_reached_is_cant_open),
           CASE(arguments_are_checked_in_order_and_before_the_path),
           CASE(the_path_must_end_in_zova),
           CASE(the_suffix_of_a_link_counts_and_not_that_of_its_target),
           CASE(opening_and_reading_changes_no_byte),
           CASE(opening_changes_no_setting),
           CASE(several_handles_share_a_file),
           CASE(closing_rolls_back_an_open_transaction),
           CASE(closing_the_last_handle_of_a_wal_file_checkpoints),
           CASE(a_message_is_replaced_and_empty_after_success))
