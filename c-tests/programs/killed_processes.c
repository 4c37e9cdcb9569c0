/* A process that is killed: database.md, sections 1.2 and 8.5; file-format.md, F10. */
#include "support.h"

static int started;

/* The child process has done its work once, so there is something to interrupt. */
static void tell_started(void) { CHECK(write(started, "x", 1) == 1); }

/* A child that is forked while another thread is inside an allocator, a sanitizer's for instance, waits for its lock for
 * ever. A thread that has done its work may not have ended yet. */
static void wait_until_alone(void) {
#ifdef __linux__
    const struct timespec moment = {0, 1000000};
    int at;
    for (at = 0; at < 10000 && entries("/proc/self/task") > 1; at++) {
        nanosleep(&moment, NULL);
    }
#endif
}

/* Starts the function in a child process, waits until it tells, and kills it so many microseconds later. */
static void kill_after(void (*run)(void), long microseconds) {
    struct timespec time = {microseconds / 1000000, microseconds % 1000000 * 1000};
    int ends[2], status;
    char byte;
    pid_t child;
    CHECK(pipe(ends) == 0);
    wait_until_alone();
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        started = ends[1];
        run();
        _exit(1);
    }
    close(ends[1]);
    CHECK(read(ends[0], &byte, 1) == 1);
    close(ends[0]);
    nanosleep(&time, NULL);
    CHECK(kill(child, SIGKILL) == 0);
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void create_for_ever(void) {
    int at;
    for (at = 0;; at++) {
        char path[32];
        snprintf(path, sizeof path, "x%d.zova", at);
        close_database(create(path));
        if (at == 0) {
            tell_started();
        }
    }
}

static void a_kill_during_creation_leaves_no_file_or_a_whole_one(void) {
    const int rounds = check_small ? 3 : 40;
    int round;
    for (round = 0; round < rounds; round++) {
        int at;
        char path[32];
        char directory[32];
        snprintf(directory, sizeof directory, "round%d", round);
        CHECK(mkdir(directory, 0777) == 0 && chdir(directory) == 0);
        kill_after(create_for_ever, round * (check_small ? 40000 : 700));
        for (at = 0;; at++) {
            snprintf(path, sizeof path, "x%d.zova", at);
            if (!exists(path)) {
                break;
            }
            check_about("round %d, file %d", round, at);
            CHECK_OPEN(ZOVA_OK, path);
        }
        CHECK(at > 0);
        /* The file that was being made can be made now. */
        close_database(create(path));
        CHECK_OPEN(ZOVA_OK, path);
        CHECK(chdir("..") == 0);
    }
}

static void put_for_ever(void) {
    zova_database *db = open_existing("x.zova");
    uint64_t seed;
    EXEC(db, "pragma synchronous = off");
    for (seed = 0;; seed++) {
        unsigned char *bytes = stream(60000, seed);
        CHECK_OK(db, put(db, bytes, 60000, NULL));
        if (seed % 3 == 2) {
            CHECK_OK(db, object_delete(db, id_of(bytes, 60000)));
        }
        free(bytes);
        if (seed == 0) {
            tell_started();
        }
    }
}

static void a_kill_during_puts_leaves_whole_objects(void) {
    const int rounds = check_small ? 2 : 20;
    int round;
    for (round = 0; round < rounds; round++) {
        zova_database *db;
        zova_statement *ids;
        zova_step_result result;
        check_about("round %d", round);
        unlink("x.zova");
        close_database(create("x.zova"));
        kill_after(put_for_ever, (check_small ? 100000 : 1000) + round * 1700);
        db = open_existing("x.zova");
        CHECK_QUERY("ok", db, "pragma integrity_check");
        ids = PREPARE(db, "select object_id from _zova_objects");
        for (;;) {
            zova_buffer raw, buffer;
            zova_object_id id;
            CHECK_OK(db, step(ids, &result));
            if (result == ZOVA_STEP_DONE) {
                break;
            }
            raw = column_blob(ids, 0);
            CHECK_INT(32, raw.len);
            memcpy(id.bytes, raw.data, 32);
            zova_buffer_free(&raw);
            CHECK_OK(db, get(db, id, &buffer));
            CHECK_INT(60000, buffer.len);
            zova_buffer_free(&buffer);
        }
        FINALIZE(db, ids);
        CHECK_QUERY("0", db, "select count(*) from _zova_object_chunks where object_id not in (select object_id from _zova_objects)");
        CHECK_QUERY("0", db, "select count(*) from _zova_chunks where chunk_hash not in (select chunk_hash from _zova_object_chunks)");
        close_database(db);
    }
}

enum { STREAMED = 700000 };

/* Files under construction. */
static int unfinished(const char *path) {
    DIR *directory = opendir(path);
    struct dirent *entry;
    int count = 0;
    CHECK(directory != NULL);
    while ((entry = readdir(directory)) != NULL) {
        count += strncmp(entry->d_name, ".zova-new-", strlen(".zova-new-")) == 0;
    }
    closedir(directory);
    return count;
}

static void remove_unfinished(const char *path) {
    DIR *directory = opendir(path);
    struct dirent *entry;
    CHECK(directory != NULL);
    while ((entry = readdir(directory)) != NULL) {
        if (strncmp(entry->d_name, ".zova-new-", strlen(".zova-new-")) == 0) {
            CHECK(unlink(entry->d_name) == 0);
        }
    }
    closedir(directory);
}

/* Objects through writers, each followed by its file. */
static void stream_for_ever(void) {
    zova_database *db = open_existing("x.zova");
    uint64_t seed;
    EXEC(db, "pragma synchronous = off");
    for (seed = 0;; seed++) {
        unsigned char *bytes = stream(STREAMED, seed);
        zova_object_writer *writer = create_writer(db);
        char path[32];
        zova_object_get_file_request request = {db, {{0}}, path, -1, NULL};
        size_t at;
        for (at = 0; at < STREAMED; at += 100000) {
            CHECK_OK(db, writer_write(writer, bytes + at, 100000));
        }
        CHECK_OK(db, writer_finish(writer, &request.id));
        DESTROY_WRITER(db, writer);
        snprintf(path, sizeof path, "out%d", (int)seed);
        CHECK_OK(db, zova_object_get_file(&request));
        free(bytes);
        if (seed == 0) {
            tell_started();
        }
    }
}

static void a_kill_during_streaming_leaves_whole_objects_and_whole_files(void) {
    const int rounds = check_small ? 2 : 15;
    int round;
    for (round = 0; round < rounds; round++) {
        zova_database *db;
        zova_object_page page;
        char directory[32], path[32];
        size_t at;
        int files;
        zova_object_list_request list = {NULL, NULL, SIZE_MAX, &page};
        check_about("round %d", round);
        snprintf(directory, sizeof directory, "round%d", round);
        CHECK(mkdir(directory, 0777) == 0 && chdir(directory) == 0);
        close_database(create("x.zova"));
        kill_after(stream_for_ever, (check_small ? 100000 : 1000) + round * 1300);
        db = open_existing("x.zova");
        CHECK_QUERY("ok", db, "pragma integrity_check");
        list.db = db;
        CHECK_OK(db, zova_object_list(&list));
        CHECK(page.len > 0);
        for (at = 0; at < page.len; at++) {
            zova_object_verify_request verify = {db, page.items[at].id};
            CHECK_OK(db, zova_object_verify(&verify));
            CHECK_INT(STREAMED, page.items[at].size_bytes);
        }
        CHECK_QUERY("0", db, "select count(*) from zova_object_chunks where object_id is null");
        for (files = 0;; files++) {
            snprintf(path, sizeof path, "out%d", files);
            if (!exists(path)) {
                break;
            }
            CHECK_INT(STREAMED, file_size(path));
        }
        /* A journal that a kill left without content goes with the next transaction. */
        EXEC(db, "create table done(x)");
        /* Every object but the last has its file; an unfinished file stands under no name of the caller's. */
        CHECK((size_t)files == page.len || (size_t)files + 1 == page.len);
        CHECK_INT(files + 1, entries(".") - unfinished("."));
        CHECK(unfinished(".") <= 1);
        zova_object_page_free(&page);
        close_database(db);
        CHECK(chdir("..") == 0);
    }
}

/* ---- copies ---- */

static int way;

static zova_status copy_to(zova_database *db, const char *path) {
    switch (way) {
    case 0:
        return backup(db, path, 0);
    case 1:
        return compact(db, path, 0);
    case 2:
        return restore("x.zova", path, 0, NULL, 0);
    default:
        return convert("app.db", path, NULL, 0);
    }
}

static void copy_for_ever(void) {
    zova_database *db = open_existing("x.zova");
    int at;
    for (at = 0;; at++) {
        char path[32];
        snprintf(path, sizeof path, "copy%d.zova", at);
        CHECK_OK(db, copy_to(db, path));
        if (at == 0) {
            tell_started();
        }
    }
}

static void a_kill_during_a_copy_leaves_no_file_or_a_whole_one(void) {
    enum { SIZE = 2000000 };
    const int rounds = check_small ? 1 : 4;
    unsigned char *bytes = stream(SIZE, 61), *source, *after;
    size_t len, len_after;
    zova_database *db = create("x.zova");
    int round, at;
    CHECK_OK(db, put(db, bytes, SIZE, NULL));
    close_database(db);
    make_plain_sqlite("app.db", "create table t(a); insert into t values (randomblob(2000000))");
    source = read_file("app.db", &len);
    for (way = 0; way < 4; way++) {
        for (round = 0; round < rounds; round++) {
            char path[32];
            check_about("way %d, round %d", way, round);
            kill_after(copy_for_ever, (check_small ? 100000 : 500) + round * 7300);
            for (at = 0;; at++) {
                snprintf(path, sizeof path, "copy%d.zova", at);
                if (!exists(path)) {
                    break;
                }
                db = open_existing(path);
                CHECK_QUERY("ok", db, "pragma integrity_check");
                if (way < 3) {
                    zova_object_verify_request verify = {db, id_of(bytes, SIZE)};
                    CHECK_OK(db, zova_object_verify(&verify));
                } else {
                    CHECK_QUERY("2000000", db, "select length(a) from t");
                }
                close_database(db);
                CHECK(unlink(path) == 0);
            }
            CHECK(at > 0);
            /* What has no name yet is under a temporary one, a journal of SQLite's beside it at most. */
            CHECK_INT(2, entries(".") - unfinished("."));
            CHECK(unfinished(".") <= 2);
            remove_unfinished(".");
            db = open_existing("x.zova");
            CHECK_OK(db, copy_to(db, "next.zova"));
            close_database(db);
            CHECK(unlink("next.zova") == 0);
        }
    }
    after = read_file("app.db", &len_after);
    CHECK(len == len_after && memcmp(source, after, len) == 0);
    free(source);
    free(after);
    free(bytes);
}

/* In each transaction enough texts for their postings to be inserted into one B-tree after the other. */
static void index_for_ever(void) {
    zova_database *db = open_existing("x.zova");
    int round;
    for (round = 0;; round++) {
        char sql[400];
        snprintf(sql, sizeof sql,
                 "begin; with recursive n(i) as (select 1 union all select i + 1 from n where i < 500) "
                 "select sum(zova_trgm_put('names', 'd%d ' || i, 'record', null, null, 'text ' || i || ' of %d')) from n; "
                 "commit",
                 round, round);
        EXEC(db, sql);
        if (round == 0) {
            tell_started();
        }
    }
}

static void a_kill_while_many_texts_are_indexed_leaves_all_or_none_of_them(void) {
    const int rounds = check_small ? 2 : 20;
    int round;
    for (round = 0; round < rounds; round++) {
        zova_database *db;
        zova_database_extension_request request;
        check_about("round %d", round);
        unlink("x.zova");
        db = create("x.zova");
        request.db = db;
        request.name = "trgm";
        CHECK_OK(db, zova_database_extension_install(&request));
        CHECK_QUERY("1", db, "select zova_trgm_create_index('names')");
        close_database(db);
        kill_after(index_for_ever, (check_small ? 100000 : 2000) + round * 5300);
        db = open_existing("x.zova");
        request.db = db;
        CHECK_QUERY("ok", db, "pragma integrity_check");
        CHECK_OK(db, zova_database_extension_check(&request));
        CHECK_QUERY("0", db, "select count(*) % 500 from _zova_ext_trgm_documents");
        CHECK_QUERY("1", db, "select count(*) >= 500 from _zova_ext_trgm_documents");
        close_database(db);
    }
}

CHECK_MAIN(CASE(a_kill_during_creation_leaves_no_file_or_a_whole_one),
           CASE(a_kill_during_puts_leaves_whole_objects),
           CASE(a_kill_during_streaming_leaves_whole_objects_and_whole_files),
           CASE(a_kill_during_a_copy_leaves_no_file_or_a_whole_one),
           CASE(a_kill_while_many_texts_are_indexed_leaves_all_or_none_of_them))
