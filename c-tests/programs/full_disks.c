/*
 * A disk that is full: database.md, sections 1.2, 3.1, 4, 6 and 8.5. Either by a limit on the size of files, which also
 * says where exactly, or by a small file system of its own. Both are made in a child process, so that they end with the
 * test.
 */
#define _GNU_SOURCE 1 /* unshare */
#include "support.h"

#include <sys/resource.h>
#ifdef __linux__
#include <sched.h>
#include <sys/mount.h>
#endif

static void limit_files_to(rlim_t bytes) {
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    limit.rlim_cur = bytes;
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    /* Writing beyond it is an error and no signal. */
    CHECK(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
}

static void lift_the_limit(void) {
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

#ifdef __linux__
static int write_map(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    int written = file != NULL && fputs(text, file) >= 0;
    return file != NULL && fclose(file) == 0 && written;
}

/* A file system of 2 MiB at `folder`, for this process alone; 0 where the system does not allow that. */
static int mount_small_file_system(const char *folder) {
    char users[64], groups[64];
    snprintf(users, sizeof users, "0 %lu 1", (unsigned long)getuid());
    snprintf(groups, sizeof groups, "0 %lu 1", (unsigned long)getgid());
    if (unshare(CLONE_NEWNS) != 0 &&
        (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0 || !write_map("/proc/self/setgroups", "deny") ||
         !write_map("/proc/self/uid_map", users) || !write_map("/proc/self/gid_map", groups))) {
        return 0;
    }
    return mount("none", "/", "none", MS_REC | MS_PRIVATE, "") == 0 &&
           mount("tmpfs", folder, "tmpfs", 0, "size=2m") == 0;
}
#else
static int mount_small_file_system(const char *folder) {
    (void)folder;
    return 0;
}
#endif

/* Where nothing can be mounted, files of 2 MiB at most stand for it: everything below fails all the same. */
static void make_small_disk(const char *folder) {
    CHECK(mkdir(folder, 0700) == 0);
    if (!mount_small_file_system(folder)) {
        limit_files_to(2 << 20);
    }
}

static void child_creates(void) {
    zova_database *db = (zova_database *)(void *)&db;
    zova_message message = {0};
    zova_database_open_request request = {"new.zova", &db, &message};
    limit_files_to(4096);
    CHECK_STATUS(NULL, ZOVA_SQLITE_ERROR, zova_database_create(&request));
    CHECK_BEGINS("SqliteError: ", message.data);
    CHECK_CONTAINS("new.zova", message.data);
    CHECK(db == NULL);
    zova_message_free(&message);
    CHECK_INT(0, entries("."));
    lift_the_limit();
    CHECK_OK(NULL, zova_database_create(&request));
    close_database(db);
}

static void a_failed_creation_leaves_nothing_and_can_be_repeated(void) {
    IN_CHILD(child_creates);
    CHECK_OPEN(ZOVA_OK, "new.zova");
    CHECK_INT(1, entries("."));
}

static void child_writes(void) {
    const size_t size = 3000000;
    zova_database *db = open_existing("x.zova");
    unsigned char *bytes = stream(size, 31);
    zova_object_id id = id_of(bytes, size);
    limit_files_to((rlim_t)file_size("x.zova") + 65536);
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, put(db, bytes, size, NULL));
    CHECK_BEGINS("SqliteError: ", last_error(db));
    CHECK(strstr(last_error(db), "rollback") == NULL);
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, "insert into t values (randomblob(3000000))"));
    CHECK(strstr(last_error(db), "rollback") == NULL);
    CHECK_QUERY("1", db, "select count(*) from t");
    CHECK_INT(0, object_exists(db, id));
    CHECK_QUERY("1", db, "select count(*) from _zova_objects");
    CHECK_OBJECT(db, id_of("kept", 4), "kept", 4);
    lift_the_limit();
    CHECK_OK(db, put(db, bytes, size, NULL));
    CHECK_OBJECT(db, id, bytes, size);
    EXEC(db, "insert into t values (2)");
    close_database(db);
    free(bytes);
}

static void a_failed_write_leaves_no_trace_and_can_be_repeated(void) {
    zova_database *db = create("x.zova");
    EXEC(db, "create table t(x); insert into t values (1)");
    CHECK_OK(db, put(db, "kept", 4, NULL));
    close_database(db);
    IN_CHILD(child_writes);
    db = open_existing("x.zova");
    CHECK_QUERY("ok", db, "pragma integrity_check");
    CHECK_QUERY("2", db, "select count(*) from t");
    CHECK_QUERY("2", db, "select count(*) from _zova_objects");
    close_database(db);
}

static void child_writes_in_a_transaction(void) {
    const size_t size = 8000000;
    zova_database *db = open_existing("x.zova");
    unsigned char *bytes = stream(size, 32);
    zova_status status;
    BEGIN(db);
    EXEC(db, "insert into t values (2)");
    limit_files_to((rlim_t)file_size("x.zova") + 65536);
    status = put(db, bytes, size, NULL);
    if (status == ZOVA_OK) {
        /* Everything still fits into the cache; then the commit fails. */
        status = simple(zova_database_commit, db);
    }
    CHECK_INT(ZOVA_SQLITE_ERROR, status);
    CHECK(strstr(last_error(db), "rollback") == NULL);
    lift_the_limit();
    /* SQLite may have rolled the transaction back by itself. */
    status = simple(zova_database_rollback, db);
    CHECK(status == ZOVA_OK || status == ZOVA_SQLITE_ERROR);
    CHECK_QUERY("1", db, "select count(*) from t");
    CHECK_QUERY("0", db, "select count(*) from _zova_objects");
    BEGIN(db);
    CHECK_OK(db, put(db, bytes, size, NULL));
    COMMIT(db);
    close_database(db);
    free(bytes);
}

static void a_failure_in_a_transaction_leaves_the_handle_usable(void) {
    zova_database *db = create("x.zova");
    EXEC(db, "create table t(x); insert into t values (1)");
    close_database(db);
    IN_CHILD(child_writes_in_a_transaction);
    db = open_existing("x.zova");
    CHECK_QUERY("ok", db, "pragma integrity_check");
    CHECK_QUERY("1", db, "select count(*) from _zova_objects");
    close_database(db);
}

/* Each call that fails is repeated with the same bytes once there is room again. */
static void child_streams(void) {
    enum { SIZE = 6000000, PIECE = 170000 };
    zova_database *db = open_existing("x.zova");
    unsigned char *bytes = stream(SIZE, 33);
    zova_object_writer *writer = create_writer(db);
    zova_object_id id;
    int failures = 0;
    size_t at, piece;
    for (at = 0; at < SIZE; at += piece) {
        zova_status status;
        piece = SIZE - at < PIECE ? SIZE - at : PIECE;
        limit_files_to(1000000 + (rlim_t)at / 2);
        status = writer_write(writer, bytes + at, piece);
        if (status != ZOVA_OK) {
            CHECK_STATUS(db, ZOVA_SQLITE_ERROR, status);
            CHECK_BEGINS("SqliteError: ", last_error(db));
            failures++;
            lift_the_limit();
            CHECK_OK(db, writer_write(writer, bytes + at, piece));
        }
    }
    CHECK(failures > 0);
    limit_files_to((rlim_t)file_size("x.zova") + 65536);
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, writer_finish(writer, &id));
    CHECK_BEGINS("SqliteError: ", last_error(db));
    CHECK_QUERY("0 0 0", db, ALL_ROWS);
    lift_the_limit();
    CHECK_OK(db, writer_finish(writer, &id));
    DESTROY_WRITER(db, writer);
    CHECK_OBJECT(db, id, bytes, SIZE);
    close_database(db);
    free(bytes);
}

static void a_writer_goes_on_after_a_failed_call(void) {
    zova_database *db;
    close_database(create("x.zova"));
    IN_CHILD(child_streams);
    CHECK_INT(1, entries("."));
    db = open_existing("x.zova");
    CHECK_QUERY("ok", db, "pragma integrity_check");
    close_database(db);
}

static void child_copies_files(void) {
    enum { SIZE = 3000000 };
    zova_database *db = open_existing("x.zova");
    unsigned char *bytes = stream(SIZE, 34);
    zova_object_id id = id_of(bytes, SIZE);
    zova_object_put_file_request in = {db, "in", -1, NULL, &id};
    zova_object_get_file_request out = {db, id, "out", -1, NULL};
    write_file("in", bytes, SIZE);
    limit_files_to((rlim_t)file_size("x.zova") + 65536);
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, zova_object_put_file(&in));
    CHECK_BEGINS("SqliteError: ", last_error(db));
    CHECK_QUERY("0 0 0", db, ALL_ROWS);
    lift_the_limit();
    CHECK_OK(db, zova_object_put_file(&in));
    limit_files_to(65536);
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, zova_object_get_file(&out));
    CHECK_BEGINS("SqliteError: ", last_error(db));
    CHECK_INT(2, entries("."));
    lift_the_limit();
    CHECK_OK(db, zova_object_get_file(&out));
    CHECK_INT(SIZE, file_size("out"));
    close_database(db);
    free(bytes);
}

static void files_that_do_not_fit_leave_nothing(void) {
    close_database(create("x.zova"));
    IN_CHILD(child_copies_files);
}

static void child_copies_databases(void) {
    enum { SIZE = 3000000 };
    const rlim_t limits[] = {0, 512, 65536, SIZE / 2, SIZE};
    zova_database *db = open_existing("x.zova");
    size_t at;
    for (at = 0; at < sizeof limits / sizeof *limits; at++) {
        char text[1024];
        check_about("limit %lu", (unsigned long)limits[at]);
        limit_files_to(limits[at]);
        CHECK_STATUS(db, ZOVA_SQLITE_ERROR, backup(db, "y.zova", 0));
        CHECK_BEGINS("SqliteError: ", last_error(db));
        CHECK_STATUS(db, ZOVA_SQLITE_ERROR, compact(db, "y.zova", 0));
        CHECK_BEGINS("SqliteError: ", last_error(db));
        CHECK_STATUS(NULL, ZOVA_SQLITE_ERROR, restore("x.zova", "y.zova", 0, text, sizeof text));
        CHECK_BEGINS("SqliteError: ", text);
        CHECK_STATUS(NULL, ZOVA_SQLITE_ERROR, convert("app.db", "y.zova", text, sizeof text));
        CHECK_BEGINS("SqliteError: ", text);
        lift_the_limit();
        CHECK_INT(2, entries("."));
    }
    CHECK_OK(db, backup(db, "backup.zova", 0));
    CHECK_OK(db, compact(db, "compact.zova", 0));
    CHECK_OK(NULL, restore("x.zova", "restored.zova", 0, NULL, 0));
    CHECK_OK(NULL, convert("app.db", "converted.zova", NULL, 0));
    close_database(db);
}

static void copies_that_do_not_fit_leave_nothing_and_can_be_repeated(void) {
    zova_database *db = create("x.zova");
    unsigned char *bytes = stream(3500000, 35);
    CHECK_OK(db, put(db, bytes, 3500000, NULL));
    free(bytes);
    close_database(db);
    make_plain_sqlite("app.db", "create table t(a); insert into t values (randomblob(3500000))");
    IN_CHILD(child_copies_databases);
    CHECK_OPEN(ZOVA_OK, "backup.zova");
    CHECK_OPEN(ZOVA_OK, "compact.zova");
    CHECK_OPEN(ZOVA_OK, "restored.zova");
    CHECK_OPEN(ZOVA_OK, "converted.zova");
}

static void child_uses_a_small_disk(void) {
    enum { SIZE = 3500000 };
    zova_database *db = open_existing("x.zova");
    zova_database *small;
    unsigned char *bytes = stream(SIZE, 36);
    zova_object_id id = id_of(bytes, SIZE);
    zova_object_get_file_request out = {db, id, "disk/out", -1, NULL};
    char text[1024];
    make_small_disk("disk");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, backup(db, "disk/y.zova", 0));
    CHECK_BEGINS("SqliteError: ", last_error(db));
    CHECK_INT(0, entries("disk"));
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, compact(db, "disk/y.zova", 0));
    CHECK_BEGINS("SqliteError: ", last_error(db));
    CHECK_INT(0, entries("disk"));
    CHECK_STATUS(NULL, ZOVA_SQLITE_ERROR, restore("x.zova", "disk/y.zova", 0, text, sizeof text));
    CHECK_BEGINS("SqliteError: ", text);
    CHECK_STATUS(NULL, ZOVA_SQLITE_ERROR, convert("app.db", "disk/y.zova", text, sizeof text));
    CHECK_BEGINS("SqliteError: ", text);
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, zova_object_get_file(&out));
    CHECK_INT(0, entries("disk"));
    small = create("disk/small.zova");
    EXEC(small, "create table t(x)");
    CHECK_OK(small, put(small, "kept", 4, NULL));
    CHECK_STATUS(small, ZOVA_SQLITE_ERROR, put(small, bytes, SIZE, NULL));
    CHECK_STATUS(small, ZOVA_SQLITE_ERROR, exec(small, "insert into t values (randomblob(3500000))"));
    CHECK_QUERY("1", small, "select count(*) from _zova_objects");
    CHECK_QUERY("0", small, "select count(*) from t");
    CHECK_OBJECT(small, id_of("kept", 4), "kept", 4);
    CHECK_OK(small, put(small, bytes, 300000, NULL));
    CHECK_OK(small, backup(small, "disk/copy.zova", 0));
    CHECK_QUERY("ok", small, "pragma integrity_check");
    close_database(small);
    CHECK_INT(2, entries("disk"));
    close_database(db);
    free(bytes);
}

static void a_small_file_system_that_is_full_stays_usable(void) {
    zova_database *db = create("x.zova");
    unsigned char *bytes = stream(3500000, 36);
    CHECK_OK(db, put(db, bytes, 3500000, NULL));
    free(bytes);
    close_database(db);
    make_plain_sqlite("app.db", "create table t(a); insert into t values (randomblob(3500000))");
    IN_CHILD(child_uses_a_small_disk);
}

CHECK_MAIN(CASE(a_failed_creation_leaves_nothing_and_can_be_repeated),
           CASE(a_failed_write_leaves_no_trace_and_can_be_repeated),
           CASE(a_failure_in_a_transaction_leaves_the_handle_usable),
           CASE(a_writer_goes_on_after_a_failed_call),
           CASE(files_that_do_not_fit_leave_nothing), CASE(copies_that_do_not_fit_leave_nothing_and_can_be_repeated),
           CASE(a_small_file_system_that_is_full_stays_usable))
