/* A process that is killed: database.md, section 1.2; file-format.md, F10. */
#include "support.h"

static int started;

/* The child process has done its work once, so there is something to interrupt. */
static void tell_started(void) { CHECK(write(started, "x", 1) == 1); }

/* Starts the function in a child process, waits until it tells, and kills it so many microseconds later. */
static void kill_after(void (*run)(void), long microseconds) {
    struct timespec time = {microseconds / 1000000, microseconds % 1000000 * 1000};
    int ends[2], status;
    char byte;
    pid_t child;
    CHECK(pipe(ends) == 0);
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

CHECK_MAIN(CASE(a_kill_during_creation_leaves_no_file_or_a_whole_one), CASE(a_kill_during_puts_leaves_whole_objects))
