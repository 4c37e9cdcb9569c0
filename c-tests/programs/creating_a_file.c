/* database.md, section 1.2; abi.md, section 12.3; file-format.md, sections 1.1, 2 and 3. */
#include "support.h"

#include <limits.h>

/* The status of creating, with its message copied; a handle that was made is closed again. */
static zova_status try_create(const char *path, char *text, size_t size) {
    zova_database *db = (zova_database *)(void *)&db;
    zova_message message = {0};
    zova_database_open_request request = {path, &db, &message};
    zova_status status = zova_database_create(&request);
    if (text != NULL) {
        snprintf(text, size, "%s", message.data == NULL ? "" : message.data);
    }
    zova_message_free(&message);
    if (status == ZOVA_OK) {
        close_database(db);
    } else {
        CHECK(db == NULL);
    }
    return status;
}

static void a_created_file_opens_again(void) {
    zova_database *db = create("new.zova");
    CHECK(db != NULL);
    EXEC(db, "create table t(x); insert into t values (7)");
    close_database(db);
    CHECK_OPEN(ZOVA_OK, "new.zova");
    db = open_existing("new.zova");
    CHECK_QUERY("7", db, "select x from t");
    close_database(db);
    CHECK(!exists("new.zova-journal") && !exists("new.zova-wal") && !exists("new.zova-shm"));
}

static void arguments_are_checked_before_the_path(void) {
    zova_database *db = (zova_database *)(void *)&db;
    zova_message message = {0};
    zova_database_open_request request = {"not.a.zova.path", NULL, &message};
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, zova_database_create(NULL));
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, zova_database_create(&request));
    CHECK_BEGINS("InvalidArgument: ", message.data);
    request.path = NULL;
    request.out_db = &db;
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, zova_database_create(&request));
    CHECK_BEGINS("InvalidArgument: ", message.data);
    CHECK(db == NULL);
    zova_message_free(&message);
}

static void the_path_must_end_in_zova(void) {
    static const char *const REFUSED[] = {"", ".", "x", "zova", "x.zov", "x.db", "x.ZOVA", "x.Zova", "x.zova.db",
                                          "x.zova/", "x.zova ", ":memory:", "xzova", "file:x.zova?mode=memory"};
    char text[1024];
    size_t at;
    write_file("x.db", "taken", 5);
    for (at = 0; at < sizeof REFUSED / sizeof *REFUSED; at++) {
        check_about("%s", REFUSED[at]);
        CHECK_STATUS(NULL, ZOVA_NOT_ZOVA_PATH, try_create(REFUSED[at], text, sizeof text));
        CHECK_BEGINS("NotZovaPath: ", text);
        CHECK_CONTAINS(REFUSED[at], text);
    }
}

static void the_rest_of_the_name_is_taken_literally(void) {
    static const char *const ACCEPTED[] = {".zova", "a b.zova", "gr\xc3\xbc\xc3\x9f.zova", "file:x.zova",
                                           "x?mode=ro.zova", "%41.zova", "a'b\"c.zova", "-x.zova", "\xff\xfe.zova",
                                           "x.zova.zova", "x#y.zova", ":memory:.zova", "file:y.zova?vfs=none.zova"};
    size_t at;
    for (at = 0; at < sizeof ACCEPTED / sizeof *ACCEPTED; at++) {
        check_about("%s", ACCEPTED[at]);
        CHECK_OK(NULL, try_create(ACCEPTED[at], NULL, 0));
        CHECK(exists(ACCEPTED[at]));
        CHECK(file_size(ACCEPTED[at]) > 0);
        CHECK_OPEN(ZOVA_OK, ACCEPTED[at]);
    }
}

static void what_exists_is_never_overwritten(void) {
    char text[1024];
    size_t at;
    static const char *const TAKEN[] = {"file.zova", "empty.zova", "directory.zova", "link.zova", "dangling.zova",
                                        "pipe.zova", "database.zova", "loop.zova"};
    write_file("file.zova", "precious", 8);
    write_file("empty.zova", "", 0);
    CHECK(mkdir("directory.zova", 0777) == 0);
    CHECK(symlink("file.zova", "link.zova") == 0);
    CHECK(symlink("nothing", "dangling.zova") == 0);
    CHECK(symlink("loop.zova", "loop.zova") == 0);
    CHECK(mkfifo("pipe.zova", 0666) == 0);
    CHECK_OK(NULL, try_create("database.zova", NULL, 0));
    for (at = 0; at < sizeof TAKEN / sizeof *TAKEN; at++) {
        check_about("%s", TAKEN[at]);
        CHECK_STATUS(NULL, ZOVA_DESTINATION_EXISTS, try_create(TAKEN[at], text, sizeof text));
        CHECK_BEGINS("DestinationExists: ", text);
        CHECK_CONTAINS(TAKEN[at], text);
    }
    CHECK_INT(8, file_size("file.zova"));
    CHECK_INT(0, file_size("empty.zova"));
    CHECK(!exists("nothing"));
    CHECK_OPEN(ZOVA_OK, "database.zova");
}

static void a_directory_that_cannot_be_used_is_cant_open(void) {
    char text[8192];
    char name[5000];
    write_file("regular", "x", 1);
    CHECK_STATUS(NULL, ZOVA_CANT_OPEN, try_create("missing/new.zova", text, sizeof text));
    CHECK_BEGINS("CantOpen: ", text);
    CHECK_CONTAINS("missing/new.zova", text);
    CHECK(!exists("missing"));
    CHECK_STATUS(NULL, ZOVA_CANT_OPEN, try_create("regular/new.zova", text, sizeof text));
    CHECK_BEGINS("CantOpen: ", text);

    /* A name longer than a directory holds, and a path longer than the system takes. */
    memset(name, 'n', sizeof name);
    strcpy(name + NAME_MAX + 1, ".zova");
    CHECK_STATUS(NULL, ZOVA_CANT_OPEN, try_create(name, text, sizeof text));
    CHECK_BEGINS("CantOpen: ", text);
    memset(name, 'n', sizeof name);
    strcpy(name + 4600, ".zova");
    CHECK_STATUS(NULL, ZOVA_CANT_OPEN, try_create(name, text, sizeof text));
    CHECK_BEGINS("CantOpen: ", text);
}

static void a_path_beyond_the_limit_of_sqlite_leaves_nothing_behind(void) {
    char path[1024] = "";
    char text[4096];
    int part;
    for (part = 0; part < 6; part++) {
        memset(path + strlen(path), 'd', 100);
        strcat(path, "/");
        CHECK(mkdir(path, 0777) == 0);
    }
    CHECK_INT(0, entries(path));
    strcat(path, "x.zova");
    CHECK_STATUS(NULL, ZOVA_CANT_OPEN, try_create(path, text, sizeof text));
    CHECK_BEGINS("CantOpen: ", text);
    path[strlen(path) - strlen("x.zova")] = '\0';
    CHECK_INT(0, entries(path));
}

static void nothing_but_the_file_is_left_in_the_directory(void) {
    CHECK_OK(NULL, try_create("only.zova", NULL, 0));
    CHECK_INT(1, entries("."));
    CHECK_STATUS(NULL, ZOVA_DESTINATION_EXISTS, try_create("only.zova", NULL, 0));
    CHECK_INT(1, entries("."));
}

static void relative_paths_start_at_the_current_directory(void) {
    CHECK(mkdir("below", 0777) == 0);
    CHECK_OK(NULL, try_create("below/a.zova", NULL, 0));
    CHECK(chdir("below") == 0);
    CHECK_OPEN(ZOVA_OK, "a.zova");
    CHECK_OPEN(ZOVA_OK, "../below/./a.zova");
    CHECK_OK(NULL, try_create("../b.zova", NULL, 0));
    CHECK(chdir("..") == 0);
    CHECK_OPEN(ZOVA_OK, "b.zova");
}

static unsigned mode_of(const char *path) {
    struct stat info;
    CHECK(stat(path, &info) == 0);
    return info.st_mode & 07777;
}

static void the_mode_is_read_and_write_limited_by_the_umask(void) {
    static const unsigned MASKS[] = {022, 027, 077, 0};
    size_t at;
    for (at = 0; at < sizeof MASKS / sizeof *MASKS; at++) {
        char path[32];
        mode_t before = umask(MASKS[at]);
        zova_status status;
        check_about("umask %03o", MASKS[at]);
        snprintf(path, sizeof path, "mask%03o.zova", MASKS[at]);
        status = try_create(path, NULL, 0);
        umask(before);
        CHECK_OK(NULL, status);
        CHECK_INT(0666 & ~MASKS[at], mode_of(path));
    }
}

static void a_stale_journal_or_wal_of_the_same_name_is_ignored(void) {
    zova_database *db;
    /* Garbage first, then journals that belong to another database and would be rolled back into it. */
    write_file("garbage.zova-journal", "garbage", 7);
    write_file("garbage.zova-wal", "garbage", 7);
    CHECK_OK(NULL, try_create("garbage.zova", NULL, 0));
    CHECK_OPEN(ZOVA_OK, "garbage.zova");
    copy_fixture("hot.zova-journal");
    copy_fixture("wal.zova-wal");
    CHECK(rename("hot.zova-journal", "new.zova-journal") == 0);
    CHECK(rename("wal.zova-wal", "new.zova-wal") == 0);
    CHECK_OK(NULL, try_create("new.zova", NULL, 0));
    db = open_existing("new.zova");
    CHECK_QUERY("ok", db, "pragma integrity_check");
    CHECK_QUERY("0", db, "select count(*) from sqlite_schema where name = 't'");
    EXEC(db, "create table t(x); insert into t values (1)");
    close_database(db);
    CHECK(!exists("new.zova-journal"));
    CHECK_OPEN(ZOVA_OK, "new.zova");
    db = open_existing("new.zova");
    CHECK_QUERY("1", db, "select count(*) from t");
    CHECK_QUERY("0", db, "select count(*) from _zova_vectors");
    CHECK_QUERY("ok", db, "pragma integrity_check");
    close_database(db);
}

static void a_new_file_has_the_defaults_of_sqlite(void) {
    static const struct {
        const char *sql;
        const char *value;
    } EXPECTED[] = {
        {"pragma page_size", "4096"},        {"pragma encoding", "UTF-8"},        {"pragma application_id", "0"},
        {"pragma user_version", "0"},        {"pragma auto_vacuum", "0"},         {"pragma journal_mode", "delete"},
        {"pragma synchronous", "2"},         {"pragma foreign_keys", "0"},        {"pragma cache_size", "-2000"},
        {"pragma locking_mode", "normal"},   {"pragma secure_delete", "0"},       {"pragma recursive_triggers", "0"},
        {"pragma mmap_size", "0"},           {"pragma query_only", "0"},          {"pragma busy_timeout", "0"},
        {"pragma trusted_schema", "1"},      {"pragma freelist_count", "0"},      {"pragma integrity_check", "ok"},
        {"pragma ignore_check_constraints", "0"}};
    zova_database *db = create("new.zova");
    unsigned char *header;
    size_t at, len;
    for (at = 0; at < sizeof EXPECTED / sizeof *EXPECTED; at++) {
        check_about("%s", EXPECTED[at].sql);
        CHECK_QUERY(EXPECTED[at].value, db, EXPECTED[at].sql);
    }
    close_database(db);
    check_about("the file header");
    header = read_file("new.zova", &len);
    CHECK(len > 100 && memcmp(header, "SQLite format 3", 16) == 0);
    CHECK_INT(1, header[18]);
    CHECK_INT(1, header[19]);
    CHECK_INT(0, header[20]);
    CHECK_INT(4, header[47]);
    free(header);
    db = open_existing("new.zova");
    for (at = 0; at < sizeof EXPECTED / sizeof *EXPECTED; at++) {
        check_about("%s, opened", EXPECTED[at].sql);
        CHECK_QUERY(EXPECTED[at].value, db, EXPECTED[at].sql);
    }
    close_database(db);
}

/* The text without white space, folded to lower case: how the published implementation compares table text. */
static size_t fold(char *text) {
    size_t from, to = 0;
    for (from = 0; text[from] != '\0'; from++) {
        if (strchr(" \t\n\v\f\r", text[from]) == NULL) {
            text[to++] = (char)(text[from] >= 'A' && text[from] <= 'Z' ? text[from] + 32 : text[from]);
        }
    }
    text[to] = '\0';
    return to;
}

static void the_private_tables_have_their_fingerprints_in_order(void) {
    static const struct {
        const char *table;
        size_t len;
        const char *digest;
    } EXPECTED[] = {
        {"_zova_meta", 57, "e93391ea4a4626e7b83df078f730af3e5c68b87e62b9285cd8d22fcd4251e79c"},
        {"_zova_extensions", 251, "b51c4c2da44c78756de7e331507f78a6e82925c0e924292fa281fd9922ad18a5"},
        {"_zova_objects", 221, "14b23b337ed00ddb2e94682f491d0146d5dae03d2e61f84e2c6b53fceb8ad545"},
        {"_zova_chunks", 194, "5b1806e79dd228bd900f653b94c7e84b85c84998a1b2d5744a41a790ae471716"},
        {"_zova_object_chunks", 424, "62d63c85915a290492f0f42ffef0ebd9d55a32390eb9cda9ee7d3103d7fdee41"},
        {"_zova_vector_collections", 270, "14192825b5786799a5cbb34ecb6bd8c584afae85317e6dc8d30c52970f78c920"},
        {"_zova_vectors", 325, "859e240b5acbc0665431ffe777348805e8565ade0678a11f8ea5e6ef1bca2242"},
        {"_zova_graphs", 119, "67285cf497884f019346274d52919e778b87f33bc39a7f4ee1ec011d47765377"},
        {"_zova_graph_nodes", 450, "dd561ef9c2a376160a0b933c208b7bf45c6e53130df329bb0303152df708a4b1"},
        {"_zova_graph_edges", 418, "ae1e151d354fe25bdd8414c02c1cb91ff62e201b8d6c6110b3c5bffbad67afc4"}};
    zova_database *db = create("new.zova");
    zova_statement *tables = PREPARE(db, "select name, sql from sqlite_schema where type = 'table' order by rowid");
    size_t at;
    for (at = 0; at < sizeof EXPECTED / sizeof *EXPECTED; at++) {
        zova_text name, sql;
        zova_object_id digest;
        char digits[65];
        check_about("%s", EXPECTED[at].table);
        STEP(db, tables, ZOVA_STEP_ROW);
        name = column_text(tables, 0);
        sql = column_text(tables, 1);
        CHECK_TEXT(EXPECTED[at].table, name.data);
        sql.len = fold(sql.data);
        CHECK_INT(EXPECTED[at].len, sql.len);
        digest = id_of(sql.data, sql.len);
        hex(digits, digest.bytes, 32);
        CHECK_TEXT(EXPECTED[at].digest, digits);
        zova_text_free(&name);
        zova_text_free(&sql);
    }
    check_about("after the last table");
    STEP(db, tables, ZOVA_STEP_DONE);
    FINALIZE(db, tables);
    CHECK_QUERY("0", db, "select count(*) from sqlite_schema where type not in ('table', 'index')");
    close_database(db);
}

/* What is added beyond the tables is only what the published implementation was seen to accept. */
static void added_indexes_are_plain(void) {
    zova_database *db = create("new.zova");
    CHECK_QUERY("0", db, "select count(*) from sqlite_schema where name like '\\_zova\\_ext\\_%' escape '\\'");
    CHECK_QUERY("0", db,
                "select count(*) from sqlite_schema s, pragma_index_xinfo(s.name) x"
                " where s.type = 'index' and s.sql is not null and x.key and (x.cid < 0 or x.coll <> 'BINARY' or x.desc)");
    CHECK_QUERY("0", db, "select count(*) from sqlite_schema where type = 'index' and sql like '%where%'");
    close_database(db);
}

static void the_metadata_are_three_pairs(void) {
    zova_database *db = create("a.zova");
    CHECK_QUERY("database_id,format_version,magic", db, "select group_concat(key) from (select key from _zova_meta order by key)");
    CHECK_QUERY("zova", db, "select value from _zova_meta where key = 'magic'");
    CHECK_QUERY("5", db, "select value from _zova_meta where key = 'format_version'");
    CHECK_QUERY("text", db, "select group_concat(distinct typeof(value)) from _zova_meta");
    CHECK_QUERY("64", db, "select length(value) from _zova_meta where key = 'database_id'");
    CHECK_QUERY("1", db, "select value not glob '*[^0-9a-f]*' from _zova_meta where key = 'database_id'");
    CHECK_OK(NULL, try_create("b.zova", NULL, 0));
    EXEC(db, "attach 'b.zova' as b");
    CHECK_QUERY("2", db, "select count(distinct value) from (select value from main._zova_meta where key = 'database_id'"
                         " union all select value from b._zova_meta where key = 'database_id')");
    close_database(db);
}

static void a_message_is_replaced_and_empty_after_success(void) {
    zova_database *db = NULL;
    zova_message message = {0};
    zova_database_open_request request = {"x.db", &db, &message};
    int round;
    for (round = 0; round < 3; round++) {
        request.path = "x.db";
        CHECK_STATUS(NULL, ZOVA_NOT_ZOVA_PATH, zova_database_create(&request));
        CHECK_INT(strlen(message.data), message.len);
    }
    request.path = "x.zova";
    CHECK_OK(NULL, zova_database_create(&request));
    CHECK(message.data == NULL && message.len == 0);
    CHECK_TEXT("", last_error(db));
    close_database(db);
    request.path = "\xff\xfe.zova/";
    CHECK_STATUS(NULL, ZOVA_NOT_ZOVA_PATH, zova_database_create(&request));
    CHECK_CONTAINS("\xef\xbf\xbd", message.data);
    CHECK(strchr(message.data, '\xff') == NULL);
    zova_message_free(&message);
}

/* Many processes wait at a pipe and then create the same file. */
static void of_two_concurrent_creators_exactly_one_wins(void) {
    enum { CREATORS = 6 };
    int round, rounds = check_small ? 2 : 6;
    for (round = 0; round < rounds; round++) {
        pid_t children[CREATORS];
        char path[32];
        int gate[2], at, winners = 0;
        snprintf(path, sizeof path, "race%d.zova", round);
        CHECK(pipe(gate) == 0);
        for (at = 0; at < CREATORS; at++) {
            children[at] = fork();
            CHECK(children[at] >= 0);
            if (children[at] == 0) {
                char byte;
                zova_status status;
                close(gate[1]);
                if (read(gate[0], &byte, 1) != 0) {
                    _exit(9);
                }
                status = try_create(path, NULL, 0);
                _exit(status == ZOVA_OK ? 0 : status == ZOVA_DESTINATION_EXISTS ? 2 : 3);
            }
        }
        close(gate[0]);
        close(gate[1]);
        for (at = 0; at < CREATORS; at++) {
            int status;
            CHECK(waitpid(children[at], &status, 0) == children[at]);
            CHECK(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 2));
            winners += WEXITSTATUS(status) == 0;
        }
        CHECK_INT(1, winners);
        CHECK_OPEN(ZOVA_OK, path);
    }
    CHECK_INT(rounds, entries("."));
}

CHECK_MAIN(CASE(a_created_file_opens_again),
           CASE(arguments_are_checked_before_the_path),
           CASE(the_path_must_end_in_zova),
           CASE(the_rest_of_the_name_is_taken_literally),
           CASE(what_exists_is_never_overwritten),
           CASE(a_directory_that_cannot_be_used_is_cant_open),
           CASE(a_path_beyond_the_limit_of_sqlite_leaves_nothing_behind),
           CASE(nothing_but_the_file_is_left_in_the_directory),
           CASE(relative_paths_start_at_the_current_directory),
           CASE(the_mode_is_read_and_write_limited_by_the_umask),
           CASE(a_stale_journal_or_wal_of_the_same_name_is_ignored),
           CASE(a_new_file_has_the_defaults_of_sqlite),
           CASE(the_private_tables_have_their_fingerprints_in_order),
           CASE(added_indexes_are_plain),
           CASE(the_metadata_are_three_pairs),
           CASE(a_message_is_replaced_and_empty_after_success),
           CASE(of_two_concurrent_creators_exactly_one_wins))
