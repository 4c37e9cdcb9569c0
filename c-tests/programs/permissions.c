/*
 * file-format.md, section 8.2, and the permission rows of sections 8 and database.md 1.2. Root may do everything, so
 * the calls are made in a child process that gives its rights up; files belong to that user where they must be writable.
 */
#include "support.h"

#include <grp.h>

enum { NOBODY = 65534 };

/* Gives up root's rights for good, in a child process. */
static void become_nobody(void) {
    if (geteuid() == 0) {
        CHECK(setgroups(0, NULL) == 0);
        CHECK(setgid(NOBODY) == 0);
        CHECK(setuid(NOBODY) == 0);
    }
}

/* The file or directory belongs to the user that the child becomes, with this mode. */
static void own(const char *path, mode_t mode) {
    if (geteuid() == 0) {
        CHECK(chown(path, NOBODY, NOBODY) == 0);
    }
    CHECK(chmod(path, mode) == 0);
}

/* What the child opens, what it expects, and what it does with an opened handle. */
static const char *child_path;
static uint32_t child_flags;
static zova_status child_expected;
static const char *child_begin;
static void (*child_use)(zova_database *db);

static void child_opens(void) {
    zova_database *db = NULL;
    zova_message message = {0};
    zova_database_open_options_request request = {child_path, child_flags, 0, &db, &message};
    zova_status status;
    become_nobody();
    status = zova_database_open_with_options(&request);
    if (status != child_expected) {
        check_fail(__FILE__, __LINE__, "expected %s, got %s: %s", zova_status_name(child_expected),
                   zova_status_name(status), message.data == NULL ? "" : message.data);
    }
    if (status == ZOVA_OK) {
        if (child_use != NULL) {
            child_use(db);
        }
        close_database(db);
    } else {
        CHECK_BEGINS(child_begin, message.data);
        CHECK_CONTAINS(child_path, message.data);
    }
    zova_message_free(&message);
}

static void check_open_as_nobody(const char *path, uint32_t flags, zova_status expected, const char *begin,
                                 void (*use)(zova_database *db)) {
    check_about("%s, flags %u", path, flags);
    child_path = path;
    child_flags = flags;
    child_expected = expected;
    child_begin = begin;
    child_use = use;
    IN_CHILD(child_opens);
}

/* The current directory, of a mode, with a database of a mode. */
static void make(const char *path, mode_t mode) {
    zova_database *db = create(path);
    EXEC(db, "create table t(x); insert into t values (1)");
    CHECK_OK(db, put(db, "stored", 6, NULL));
    close_database(db);
    own(path, mode);
}

static void reads(zova_database *db) {
    CHECK_QUERY("1", db, "select count(*) from t");
    CHECK_OBJECT(db, id_of("stored", 6), "stored", 6);
}

static void reads_and_writes(zova_database *db) {
    reads(db);
    EXEC(db, "insert into t values (2)");
    CHECK_OK(db, put(db, "more", 4, NULL));
}

static void reads_and_fails_to_write(zova_database *db) {
    reads(db);
    CHECK_STATUS(db, ZOVA_READ_ONLY, exec(db, "insert into t values (2)"));
    CHECK_TEXT("attempt to write a readonly database", last_error(db));
    CHECK_STATUS(db, ZOVA_READ_ONLY, put(db, "more", 4, NULL));
    CHECK_BEGINS("ReadOnly: ", last_error(db));
    CHECK_STATUS(db, ZOVA_READ_ONLY, object_delete(db, id_of("stored", 6)));
    CHECK_STATUS(db, ZOVA_READ_ONLY, simple(zova_database_vacuum, db));
    reads(db);
}

static void an_unreadable_file_is_cant_open(void) {
    own(".", 0777);
    make("x.zova", 0000);
    check_open_as_nobody("x.zova", 0, ZOVA_CANT_OPEN, "CantOpen: ", NULL);
    check_open_as_nobody("x.zova", ZOVA_OPEN_READ_ONLY, ZOVA_CANT_OPEN, "CantOpen: ", NULL);
}

static void an_unsearchable_directory_is_cant_open(void) {
    own(".", 0777);
    CHECK(mkdir("closed", 0777) == 0);
    make("closed/x.zova", 0666);
    own("closed", 0600);
    check_open_as_nobody("closed/x.zova", 0, ZOVA_CANT_OPEN, "CantOpen: ", NULL);
    check_open_as_nobody("closed/x.zova", ZOVA_OPEN_READ_ONLY, ZOVA_CANT_OPEN, "CantOpen: ", NULL);
    check_open_as_nobody("closed/absent.zova", 0, ZOVA_CANT_OPEN, "CantOpen: ", NULL);
    own("closed", 0777);
}

static void a_writable_file_in_a_writable_directory_is_written(void) {
    own(".", 0777);
    make("x.zova", 0666);
    check_open_as_nobody("x.zova", 0, ZOVA_OK, "", reads_and_writes);
    CHECK(!exists("x.zova-journal"));
}

static void an_unwritable_file_opens_and_its_writes_are_read_only(void) {
    own(".", 0777);
    make("x.zova", 0444);
    check_open_as_nobody("x.zova", 0, ZOVA_OK, "", reads_and_fails_to_write);
    check_open_as_nobody("x.zova", ZOVA_OPEN_READ_ONLY, ZOVA_OK, "", reads_and_fails_to_write);
}

static void a_file_in_an_unwritable_directory_opens_and_its_writes_are_read_only(void) {
    make("x.zova", 0666);
    own(".", 0555);
    check_open_as_nobody("x.zova", 0, ZOVA_OK, "", reads_and_fails_to_write);
    check_open_as_nobody("x.zova", ZOVA_OPEN_READ_ONLY, ZOVA_OK, "", reads_and_fails_to_write);
    own(".", 0777);
}

static void child_creates(void) {
    zova_database *db = NULL;
    zova_message message = {0};
    zova_database_open_request request = {"closed/new.zova", &db, &message};
    become_nobody();
    CHECK_STATUS(NULL, ZOVA_CANT_OPEN, zova_database_create(&request));
    CHECK_BEGINS("CantOpen: ", message.data);
    CHECK_CONTAINS("closed/new.zova", message.data);
    CHECK(db == NULL);
    zova_message_free(&message);
}

static void creating_in_an_unwritable_directory_is_cant_open(void) {
    own(".", 0777);
    CHECK(mkdir("closed", 0777) == 0);
    own("closed", 0555);
    IN_CHILD(child_creates);
    CHECK_INT(0, entries("closed"));
    own("closed", 0777);
}

/* The published file whose journal has to be rolled back first. */
static void make_hot(mode_t mode) {
    copy_fixture("hot.zova");
    copy_fixture("hot.zova-journal");
    own("hot.zova", mode);
    own("hot.zova-journal", 0666);
}

static void reads_recovered(zova_database *db) {
    CHECK_QUERY("150", db, "select count(*) from _zova_vectors");
    CHECK_QUERY("0", db, "select count(*) from sqlite_schema where name = 'filler'");
}

static void a_hot_journal_beside_an_unwritable_file_is_read_only(void) {
    own(".", 0777);
    make_hot(0444);
    check_open_as_nobody("hot.zova", 0, ZOVA_READ_ONLY, "ReadOnly: ", NULL);
    check_open_as_nobody("hot.zova", ZOVA_OPEN_READ_ONLY, ZOVA_READ_ONLY, "ReadOnly: ", NULL);
    CHECK(exists("hot.zova-journal"));
}

static void a_hot_journal_that_cannot_be_removed_is_an_sqlite_error(void) {
    make_hot(0666);
    own(".", 0555);
    check_open_as_nobody("hot.zova", ZOVA_OPEN_READ_ONLY, ZOVA_READ_ONLY, "ReadOnly: ", NULL);
    check_open_as_nobody("hot.zova", 0, ZOVA_SQLITE_ERROR, "SqliteError: ", NULL);
    own(".", 0777);
}

static void a_hot_journal_is_rolled_back_where_that_is_possible(void) {
    make_hot(0666);
    own(".", 0777);
    check_open_as_nobody("hot.zova", 0, ZOVA_OK, "", reads_recovered);
    CHECK(!exists("hot.zova-journal"));
}

/* A WAL file without its -shm, with or without content in its WAL. */
static void make_wal(mode_t mode, int content) {
    copy_fixture("wal.zova");
    own("wal.zova", mode);
    if (content) {
        copy_fixture("wal.zova-wal");
        own("wal.zova-wal", mode);
    }
}

static void reads_three_rows(zova_database *db) { CHECK_QUERY("3", db, "select count(*) from t"); }

static void a_wal_file_in_a_writable_directory_opens(void) {
    own(".", 0777);
    make_wal(0666, 1);
    check_open_as_nobody("wal.zova", ZOVA_OPEN_READ_ONLY, ZOVA_OK, "", reads_three_rows);
    check_open_as_nobody("wal.zova", 0, ZOVA_OK, "", reads_three_rows);
}

static void an_unwritable_wal_file_in_a_writable_directory_opens(void) {
    own(".", 0777);
    make_wal(0444, 1);
    check_open_as_nobody("wal.zova", ZOVA_OPEN_READ_ONLY, ZOVA_OK, "", reads_three_rows);
    check_open_as_nobody("wal.zova", 0, ZOVA_OK, "", reads_three_rows);
}

static void a_wal_file_without_content_in_an_unwritable_directory_is_read_only(void) {
    make_wal(0666, 0);
    own(".", 0555);
    check_open_as_nobody("wal.zova", 0, ZOVA_READ_ONLY, "ReadOnly: ", NULL);
    check_open_as_nobody("wal.zova", ZOVA_OPEN_READ_ONLY, ZOVA_READ_ONLY, "ReadOnly: ", NULL);
    own(".", 0777);
}

static void a_wal_file_with_content_in_an_unwritable_directory_is_cant_open(void) {
    make_wal(0666, 1);
    own(".", 0555);
    check_open_as_nobody("wal.zova", 0, ZOVA_CANT_OPEN, "CantOpen: ", NULL);
    check_open_as_nobody("wal.zova", ZOVA_OPEN_READ_ONLY, ZOVA_CANT_OPEN, "CantOpen: ", NULL);
    own(".", 0777);
}

CHECK_MAIN(CASE(an_unreadable_file_is_cant_open),
           CASE(an_unsearchable_directory_is_cant_open),
           CASE(a_writable_file_in_a_writable_directory_is_written),
           CASE(an_unwritable_file_opens_and_its_writes_are_read_only),
           CASE(a_file_in_an_unwritable_directory_opens_and_its_writes_are_read_only),
           CASE(creating_in_an_unwritable_directory_is_cant_open),
           CASE(a_hot_journal_beside_an_unwritable_file_is_read_only),
           CASE(a_hot_journal_that_cannot_be_removed_is_an_sqlite_error),
           CASE(a_hot_journal_is_rolled_back_where_that_is_possible),
           CASE(a_wal_file_in_a_writable_directory_opens),
           CASE(an_unwritable_wal_file_in_a_writable_directory_opens),
           CASE(a_wal_file_without_content_in_an_unwritable_directory_is_read_only),
           CASE(a_wal_file_with_content_in_an_unwritable_directory_is_cant_open))
