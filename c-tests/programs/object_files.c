/* zova_object_put_file and zova_object_get_file: files, descriptors and progress (objects.md, section 14; abi.md, 6). */
#include "support.h"

enum { MOST = 5000000, NO_FD = -1, MOST_CALLS = 200 };

static unsigned char bytes[MOST];

/* Files are read and progress is reported in larger steps, so that a stop finds something to stop. */
static size_t some_size(void) { return check_small ? 1200000 : MOST; }

static zova_status put_file(zova_database *db, const char *path, int fd, const zova_progress *progress,
                            zova_object_id *id) {
    zova_object_id ignored;
    zova_object_put_file_request request = {db, path, fd, progress, id == NULL ? &ignored : id};
    return zova_object_put_file(&request);
}

static zova_status get_file(zova_database *db, zova_object_id id, const char *path, int fd,
                            const zova_progress *progress) {
    zova_object_get_file_request request = {db, id, path, fd, progress};
    return zova_object_get_file(&request);
}

static void check_file_at(int line, const char *path, const void *expected, size_t size) {
    size_t len;
    unsigned char *content = read_file(path, &len);
    check_int_at(__FILE__, line, (long long)size, (long long)len, path);
    check_bytes_at(__FILE__, line, expected, content, len, path);
    free(content);
}

#define CHECK_FILE(path, expected, size) check_file_at(__LINE__, (path), (expected), (size))

/* ---- paths ---- */

static void files_of_any_size_go_in_and_out(void) {
    static const size_t SIZES[] = {0, 1, 2049, 65536, 262143, 262144, 262145, 1100000};
    zova_database *db = create("x.zova");
    size_t at;
    fill_stream(bytes, MOST, 1);
    for (at = 0; at < sizeof SIZES / sizeof *SIZES; at++) {
        zova_object_id id, expected = id_of(bytes, SIZES[at]);
        char path[32];
        check_about("%zu bytes", SIZES[at]);
        write_file("in", bytes, SIZES[at]);
        CHECK_OK(db, put_file(db, "in", NO_FD, NULL, &id));
        CHECK_BYTES(expected.bytes, id.bytes, 32);
        CHECK_OBJECT(db, id, bytes, SIZES[at]);
        snprintf(path, sizeof path, "out%zu", at);
        CHECK_OK(db, get_file(db, id, path, NO_FD, NULL));
        CHECK_FILE(path, bytes, SIZES[at]);
        /* Again: content that is stored is no obstacle, a file that exists is one. */
        CHECK_OK(db, put_file(db, "in", NO_FD, NULL, &id));
        CHECK_STATUS(db, ZOVA_DESTINATION_EXISTS, get_file(db, id, path, NO_FD, NULL));
        CHECK_BEGINS("DestinationExists: ", last_error(db));
        CHECK_CONTAINS(path, last_error(db));
        CHECK_FILE(path, bytes, SIZES[at]);
    }
    /* x.zova, in, out0 ... and nothing else. */
    CHECK_INT(2 + at, entries("."));
    close_database(db);
}

static void an_object_from_a_file_is_cut_as_put_cuts(void) {
    zova_object_manifest left, right;
    zova_database *db = create("x.zova");
    zova_object_id id;
    const size_t size = some_size();
    fill_stream(bytes, MOST, 2);
    write_file("in", bytes, size);
    CHECK_OK(db, put_file(db, "in", NO_FD, NULL, &id));
    CHECK_OK(db, manifest_get(db, id, &left));
    CHECK_OK(db, object_delete(db, id));
    CHECK_OK(db, put(db, bytes, size, &id));
    CHECK_OK(db, manifest_get(db, id, &right));
    CHECK_INT(left.chunk_count, right.chunk_count);
    CHECK(memcmp(left.chunks, right.chunks, left.chunks_len * sizeof *left.chunks) == 0);
    zova_object_manifest_free(&left);
    zova_object_manifest_free(&right);
    close_database(db);
}

static void a_path_that_cannot_be_read_is_named(void) {
    zova_database *db = create("x.zova");
    zova_object_id id;
    memset(&id, 0xA5, sizeof id);
    CHECK_STATUS(db, ZOVA_CANT_OPEN, put_file(db, "absent", NO_FD, NULL, &id));
    CHECK_BEGINS("CantOpen: ", last_error(db));
    CHECK_CONTAINS("absent", last_error(db));
    CHECK(mkdir("directory", 0777) == 0);
    CHECK(put_file(db, "directory", NO_FD, NULL, &id) != ZOVA_OK);
    CHECK_CONTAINS("directory", last_error(db));
    CHECK_INT(0xA5, id.bytes[0]);
    CHECK_QUERY("0 0 0", db, ALL_ROWS);
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, put_file(db, NULL, NO_FD, NULL, &id));
    CHECK_BEGINS("InvalidArgument: ", last_error(db));
    close_database(db);
}

static void a_file_is_made_only_where_nothing_is(void) {
    zova_database *db = create("x.zova");
    zova_object_id id;
    CHECK_OK(db, put(db, "object", 6, &id));
    CHECK(mkdir("directory", 0777) == 0);
    CHECK(symlink("nowhere", "link") == 0);
    CHECK_STATUS(db, ZOVA_DESTINATION_EXISTS, get_file(db, id, "directory", NO_FD, NULL));
    CHECK_STATUS(db, ZOVA_DESTINATION_EXISTS, get_file(db, id, "link", NO_FD, NULL));
    CHECK_STATUS(db, ZOVA_DESTINATION_EXISTS, get_file(db, id, "x.zova", NO_FD, NULL));
    CHECK_STATUS(db, ZOVA_CANT_OPEN, get_file(db, id, "absent/out", NO_FD, NULL));
    CHECK_BEGINS("CantOpen: ", last_error(db));
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, get_file(db, id, NULL, NO_FD, NULL));
    CHECK_STATUS(db, ZOVA_OBJECT_NOT_FOUND, get_file(db, id_of("absent", 6), "out", NO_FD, NULL));
    CHECK_BEGINS("ObjectNotFound: ", last_error(db));
    CHECK_INT(3, entries("."));
    CHECK(!exists("nowhere"));
    close_database(db);
}

static void permissions_of_a_new_file_follow_the_umask(void) {
    zova_database *db = create("x.zova");
    zova_object_id id;
    struct stat info;
    mode_t before = umask(027);
    CHECK_OK(db, put(db, "object", 6, &id));
    CHECK_OK(db, get_file(db, id, "out", NO_FD, NULL));
    umask(before);
    CHECK(stat("out", &info) == 0);
    CHECK_INT(0640, info.st_mode & 07777);
    close_database(db);
}

static void a_damaged_object_leaves_no_file(void) {
    zova_database *db = create("x.zova");
    zova_object_id id;
    fill_stream(bytes, MOST, 3);
    CHECK_OK(db, put(db, bytes, some_size(), &id));
    EXEC(db, "update _zova_chunks set data = zeroblob(size_bytes) where chunk_hash ="
             " (select chunk_hash from _zova_object_chunks where chunk_index = 90)");
    CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT, get_file(db, id, "out", NO_FD, NULL));
    CHECK_BEGINS("ObjectCorrupt: ", last_error(db));
    CHECK_INT(1, entries("."));
    close_database(db);
}

static void paths_may_be_any_bytes(void) {
    static const char NAME[] = "caf\xc3\xa9 \xff\xfe name\n";
    zova_database *db = create("x.zova");
    zova_object_id id;
    CHECK_OK(db, put(db, "object", 6, &id));
    CHECK_OK(db, get_file(db, id, NAME, NO_FD, NULL));
    CHECK_FILE(NAME, "object", 6);
    CHECK_OK(db, put_file(db, NAME, NO_FD, NULL, &id));
    close_database(db);
}

/* ---- descriptors ---- */

static int is_open(int fd) { return fcntl(fd, F_GETFD) != -1; }

static void a_descriptor_is_used_from_where_it_stands_and_left_open(void) {
    zova_database *db = create("x.zova");
    zova_object_id id;
    int fd;
    fill_stream(bytes, MOST, 4);
    write_file("in", bytes, 500000);
    fd = open("in", O_RDONLY);
    CHECK(fd >= 0 && lseek(fd, 1000, SEEK_SET) == 1000);
    CHECK_OK(db, put_file(db, NULL, fd, NULL, &id));
    CHECK_OBJECT(db, id, bytes + 1000, 499000);
    CHECK(is_open(fd) && lseek(fd, 0, SEEK_CUR) == 500000);
    /* At its end it is empty. */
    CHECK_OK(db, put_file(db, NULL, fd, NULL, &id));
    CHECK_OBJECT(db, id, NULL, 0);
    close(fd);
    fd = open("out", O_RDWR | O_CREAT, 0666);
    CHECK(fd >= 0 && write(fd, "begin", 5) == 5);
    CHECK_OK(db, get_file(db, id_of(bytes + 1000, 499000), NULL, fd, NULL));
    CHECK(is_open(fd) && write(fd, "end", 3) == 3);
    close(fd);
    memcpy(bytes + 995, "begin", 5);
    memcpy(bytes + 500000, "end", 3);
    CHECK_FILE("out", bytes + 995, 5 + 499000 + 3);
    /* The path comes first. */
    CHECK_OK(db, put_file(db, "in", 12345, NULL, &id));
    close_database(db);
}

static void a_descriptor_that_cannot_be_used_is_a_status(void) {
    zova_database *db = create("x.zova");
    zova_object_id id;
    int fd, ends[2];
    memset(&id, 0xA5, sizeof id);
    write_file("in", "object", 6);
    CHECK((fd = open("in", O_WRONLY)) >= 0);
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, put_file(db, NULL, fd, NULL, &id));
    CHECK_BEGINS("SqliteError: ", last_error(db));
    close(fd);
    CHECK_INT(0xA5, id.bytes[0]);
    CHECK_QUERY("0 0 0", db, ALL_ROWS);
    CHECK_OK(db, put(db, "object", 6, &id));
    CHECK((fd = open("in", O_RDONLY)) >= 0);
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, get_file(db, id, NULL, fd, NULL));
    CHECK_BEGINS("SqliteError: ", last_error(db));
    close(fd);
    /* Nobody reads. */
    CHECK(pipe(ends) == 0);
    close(ends[0]);
    signal(SIGPIPE, SIG_IGN);
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, get_file(db, id, NULL, ends[1], NULL));
    signal(SIGPIPE, SIG_DFL);
    close(ends[1]);
    if ((fd = open("/dev/full", O_WRONLY)) >= 0) {
        CHECK_STATUS(db, ZOVA_SQLITE_ERROR, get_file(db, id, NULL, fd, NULL));
        close(fd);
    }
    CHECK_OBJECT(db, id, "object", 6);
    close_database(db);
}

typedef struct {
    int fd;
    size_t size;
} transfer;

static void *feed(void *argument) {
    transfer *part = argument;
    size_t at = 0;
    while (at < part->size) {
        /* Pieces that fit nothing. */
        size_t piece = part->size - at < 777 ? part->size - at : 777 + at % 30000;
        ssize_t written;
        piece = piece < part->size - at ? piece : part->size - at;
        written = write(part->fd, bytes + at, piece);
        CHECK(written > 0);
        at += (size_t)written;
    }
    close(part->fd);
    return NULL;
}

static unsigned char received[MOST];

static void *drain(void *argument) {
    transfer *part = argument;
    ssize_t count;
    while ((count = read(part->fd, received + part->size, MOST - part->size)) > 0) {
        part->size += (size_t)count;
    }
    return NULL;
}

static void pipes_are_read_to_their_end_and_written_whole(void) {
    const size_t size = some_size();
    zova_database *db = create("x.zova");
    zova_object_id id;
    pthread_t thread;
    transfer part;
    int ends[2];
    fill_stream(bytes, MOST, 5);
    CHECK(pipe(ends) == 0);
    part.fd = ends[1];
    part.size = size;
    CHECK(pthread_create(&thread, NULL, feed, &part) == 0);
    CHECK_OK(db, put_file(db, NULL, ends[0], NULL, &id));
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(is_open(ends[0]));
    close(ends[0]);
    CHECK_OBJECT(db, id, bytes, size);
    CHECK(pipe(ends) == 0);
    part.fd = ends[0];
    part.size = 0;
    CHECK(pthread_create(&thread, NULL, drain, &part) == 0);
    CHECK_OK(db, get_file(db, id, NULL, ends[1], NULL));
    CHECK(is_open(ends[1]));
    close(ends[1]);
    CHECK(pthread_join(thread, NULL) == 0);
    close(ends[0]);
    CHECK_INT(size, part.size);
    CHECK_BYTES(bytes, received, size);
    close_database(db);
}

/* ---- transactions ---- */

static void storing_a_file_joins_the_transaction(void) {
    zova_database *db = create("x.zova");
    zova_database *reader;
    zova_statement *rows;
    zova_object_id id;
    fill_stream(bytes, MOST, 6);
    write_file("in", bytes, 600000);
    BEGIN(db);
    CHECK_OK(db, put_file(db, "in", NO_FD, NULL, &id));
    CHECK_OK(db, get_file(db, id, "out", NO_FD, NULL));
    ROLLBACK(db);
    CHECK_QUERY("0 0 0", db, ALL_ROWS);
    CHECK_FILE("out", bytes, 600000);
    EXEC(db, "create table t(x)");
    rows = PREPARE(db, "insert into t values (1), (2) returning x");
    STEP(db, rows, ZOVA_STEP_ROW);
    CHECK_STATUS(db, ZOVA_OBJECT_TRANSACTION_ACTIVE, put_file(db, "in", NO_FD, NULL, NULL));
    FINALIZE(db, rows);
    CHECK_OK(db, put_file(db, "in", NO_FD, NULL, &id));
    reader = open_read_only("x.zova");
    write_file("new", "new", 3);
    CHECK_STATUS(reader, ZOVA_READ_ONLY, put_file(reader, "new", NO_FD, NULL, NULL));
    CHECK_BEGINS("ReadOnly: ", last_error(reader));
    CHECK_OK(reader, get_file(reader, id, "out2", NO_FD, NULL));
    CHECK_FILE("out2", bytes, 600000);
    close_database(reader);
    close_database(db);
}

/* ---- progress ---- */

typedef struct {
    int calls;
    int stop_at; /* the call that returns another number than 0; 0 for none */
    int answer;
    uint64_t done[MOST_CALLS], total[MOST_CALLS];
    pthread_t thread;
} watcher;

static int watch(uint64_t done, uint64_t total, void *user) {
    watcher *seen = user;
    CHECK(seen->calls < MOST_CALLS);
    CHECK(pthread_equal(seen->thread, pthread_self()));
    seen->done[seen->calls] = done;
    seen->total[seen->calls] = total;
    seen->calls++;
    return seen->calls == seen->stop_at ? seen->answer : 0;
}

static void begin_watching(watcher *seen, int stop_at, int answer) {
    memset(seen, 0, sizeof *seen);
    seen->stop_at = stop_at;
    seen->answer = answer;
    seen->thread = pthread_self();
}

static void check_steps(const watcher *seen, uint64_t total) {
    int at;
    CHECK(seen->calls >= 2);
    for (at = 0; at < seen->calls; at++) {
        CHECK(seen->done[at] <= seen->total[at]);
        CHECK(at == 0 || seen->done[at] >= seen->done[at - 1]);
    }
    CHECK_INT(total, seen->done[seen->calls - 1]);
    CHECK_INT(total, seen->total[seen->calls - 1]);
}

static void progress_grows_to_the_total(void) {
    static watcher seen;
    const zova_progress progress = {watch, &seen};
    const zova_progress nobody = {NULL, &seen};
    const size_t size = some_size();
    zova_database *db = create("x.zova");
    zova_object_id id;
    pthread_t thread;
    transfer part;
    int round, fd, ends[2];
    fill_stream(bytes, MOST, 7);
    write_file("in", bytes, size);
    /* New content, then content that is stored. */
    for (round = 0; round < 2; round++) {
        begin_watching(&seen, 0, 0);
        CHECK_OK(db, put_file(db, "in", NO_FD, &progress, &id));
        check_steps(&seen, 2 * (uint64_t)size);
        CHECK_INT(2 * size, seen.total[0]);
        CHECK(seen.calls > 4);
    }
    begin_watching(&seen, 0, 0);
    CHECK_OK(db, get_file(db, id, "out", NO_FD, &progress));
    check_steps(&seen, size);
    CHECK(seen.calls > 3);
    /* Through descriptors; the size of a pipe is not known before. */
    fd = open("out2", O_RDWR | O_CREAT, 0666);
    begin_watching(&seen, 0, 0);
    CHECK_OK(db, get_file(db, id, NULL, fd, &progress));
    check_steps(&seen, size);
    close(fd);
    CHECK_OK(db, object_delete(db, id));
    CHECK(pipe(ends) == 0);
    part.fd = ends[1];
    part.size = size;
    CHECK(pthread_create(&thread, NULL, feed, &part) == 0);
    begin_watching(&seen, 0, 0);
    CHECK_OK(db, put_file(db, NULL, ends[0], &progress, &id));
    CHECK(pthread_join(thread, NULL) == 0);
    close(ends[0]);
    check_steps(&seen, 2 * (uint64_t)size);
    /* The empty object, and nobody. */
    write_file("empty", "", 0);
    begin_watching(&seen, 0, 0);
    CHECK_OK(db, put_file(db, "empty", NO_FD, &progress, &id));
    CHECK(seen.calls > 0 && seen.done[seen.calls - 1] == 0 && seen.total[seen.calls - 1] == 0);
    begin_watching(&seen, 0, 0);
    CHECK_OK(db, get_file(db, id, "empty_out", NO_FD, &progress));
    CHECK(seen.calls > 0 && seen.done[seen.calls - 1] == 0 && seen.total[seen.calls - 1] == 0);
    begin_watching(&seen, 0, 0);
    CHECK_OK(db, put_file(db, "in", NO_FD, &nobody, &id));
    CHECK_INT(0, seen.calls);
    close_database(db);
}

static void stopping_at_any_call_stores_nothing(void) {
    static watcher seen;
    const zova_progress progress = {watch, &seen};
    const size_t size = 1200000;
    zova_database *db = create("x.zova");
    zova_object_id id;
    int inside, stop_at, calls;
    fill_stream(bytes, MOST, 8);
    write_file("in", bytes, size);
    begin_watching(&seen, 0, 0);
    CHECK_OK(db, put_file(db, "in", NO_FD, &progress, &id));
    CHECK_OK(db, object_delete(db, id));
    calls = seen.calls;
    for (inside = 0; inside < 2; inside++) {
        for (stop_at = 1; stop_at <= calls; stop_at++) {
            check_about("stopped at call %d of %d%s", stop_at, calls, inside ? " in a transaction" : "");
            if (inside) {
                BEGIN(db);
                EXEC(db, "create table if not exists t(x); insert into t values (1)");
            }
            memset(&id, 0xA5, sizeof id);
            begin_watching(&seen, stop_at, stop_at % 2 == 0 ? -1 : 1);
            CHECK_STATUS(db, ZOVA_INTERRUPTED, put_file(db, "in", NO_FD, &progress, &id));
            CHECK_BEGINS("Interrupted", last_error(db));
            CHECK_INT(stop_at, seen.calls);
            CHECK_INT(0xA5, id.bytes[0]);
            CHECK_QUERY("0 0 0", db, ALL_ROWS);
            if (inside) {
                /* The transaction of the application goes on. */
                EXEC(db, "insert into t values (2)");
                COMMIT(db);
            }
        }
    }
    check_about("%s", "");
    CHECK_INT(2 * calls, QUERY_INT(db, "select count(*) from t"));
    CHECK_OK(db, put_file(db, "in", NO_FD, &progress, &id));
    CHECK_OBJECT(db, id, bytes, size);
    CHECK_INT(2, entries("."));
    close_database(db);
}

static void stopping_at_any_call_makes_no_file(void) {
    static watcher seen;
    const zova_progress progress = {watch, &seen};
    const size_t size = 1200000;
    zova_database *db = create("x.zova");
    zova_object_id id;
    int stop_at, calls;
    fill_stream(bytes, MOST, 9);
    CHECK_OK(db, put(db, bytes, size, &id));
    begin_watching(&seen, 0, 0);
    CHECK_OK(db, get_file(db, id, "out", NO_FD, &progress));
    CHECK(unlink("out") == 0);
    calls = seen.calls;
    for (stop_at = 1; stop_at <= calls; stop_at++) {
        check_about("stopped at call %d of %d", stop_at, calls);
        begin_watching(&seen, stop_at, 1);
        CHECK_STATUS(db, ZOVA_INTERRUPTED, get_file(db, id, "out", NO_FD, &progress));
        CHECK_BEGINS("Interrupted", last_error(db));
        CHECK_INT(stop_at, seen.calls);
        CHECK_INT(1, entries("."));
    }
    begin_watching(&seen, 0, 0);
    CHECK_OK(db, get_file(db, id, "out", NO_FD, &progress));
    CHECK_FILE("out", bytes, size);
    close_database(db);
}

/* ---- calls from within a callback ---- */

typedef struct {
    zova_database *db, *other;
    zova_statement *statement;
    zova_object_writer *writer;
    zova_object_reader *reader;
    zova_object_id id;
    int calls;
} reentry;

static int call_back(uint64_t done, uint64_t total, void *user) {
    reentry *in = user;
    zova_step_result result;
    zova_database *second = NULL;
    zova_database_open_request open_again = {"x.zova", &second, NULL};
    zova_buffer buffer = {(uint8_t *)1, 7};
    zova_object_id id;
    size_t count = 77;
    (void)done;
    (void)total;
    in->calls++;
    CHECK_STATUS(NULL, ZOVA_MISUSE, exec(in->db, "select 1"));
    CHECK_STATUS(NULL, ZOVA_MISUSE, simple(zova_database_begin, in->db));
    CHECK_STATUS(NULL, ZOVA_MISUSE, put(in->db, "x", 1, &id));
    CHECK_STATUS(NULL, ZOVA_MISUSE, get(in->db, in->id, &buffer));
    CHECK(buffer.data == NULL && buffer.len == 0);
    CHECK_STATUS(NULL, ZOVA_MISUSE, put_file(in->db, "in", NO_FD, NULL, &id));
    CHECK_STATUS(NULL, ZOVA_MISUSE, step(in->statement, &result));
    CHECK_STATUS(NULL, ZOVA_MISUSE, writer_write(in->writer, "x", 1));
    CHECK_STATUS(NULL, ZOVA_MISUSE, reader_read(in->reader, &id, 1, &count));
    CHECK_INT(0, count);
    /* Ending calls too: nothing may go away under the running call. */
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_statement_finalize(in->statement));
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_object_writer_destroy(in->writer));
    CHECK_STATUS(NULL, ZOVA_MISUSE, reader_destroy(&in->reader));
    CHECK(in->reader != NULL);
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_database_close(in->db));
    /* What needs no lock, and other handles, work. */
    CHECK(zova_database_last_error_message(in->db) != NULL);
    id = id_of("x", 1);
    CHECK_OK(in->other, exec(in->other, "select count(*) from t"));
    CHECK_OK(NULL, zova_database_open(&open_again));
    close_database(second);
    return 0;
}

static void calling_back_into_the_database_is_misuse_and_no_deadlock(void) {
    reentry in;
    const zova_progress progress = {call_back, &in};
    const size_t size = 700000;
    zova_object_id id;
    size_t count;
    unsigned char byte;
    memset(&in, 0, sizeof in);
    in.db = create("x.zova");
    EXEC(in.db, "create table t(x)");
    in.other = open_existing("x.zova");
    fill_stream(bytes, MOST, 10);
    write_file("in", bytes, size);
    CHECK_OK(in.db, put(in.db, "object", 6, &in.id));
    in.statement = PREPARE(in.db, "select 5");
    in.writer = create_writer(in.db);
    in.reader = create_reader(in.db, in.id);
    CHECK_OK(in.db, put_file(in.db, "in", NO_FD, &progress, &id));
    CHECK(in.calls > 3);
    CHECK_TEXT("", last_error(in.db));
    CHECK_OBJECT(in.db, id, bytes, size);
    in.calls = 0;
    CHECK_OK(in.db, get_file(in.db, id, "out", NO_FD, &progress));
    CHECK(in.calls > 1);
    CHECK_FILE("out", bytes, size);
    /* Everything that was refused works again. */
    STEP(in.db, in.statement, ZOVA_STEP_ROW);
    CHECK_OK(in.db, reader_read(in.reader, &byte, 1, &count));
    CHECK_OK(in.db, writer_write(in.writer, "x", 1));
    CHECK_INT(0, object_exists(in.db, id_of("x", 1)));
    FINALIZE(in.db, in.statement);
    DESTROY_WRITER(in.db, in.writer);
    DESTROY_READER(in.db, in.reader);
    close_database(in.other);
    close_database(in.db);
}

static void *use_the_handle(void *argument) {
    CHECK_OK(NULL, exec(argument, "insert into t values (1)"));
    return NULL;
}

typedef struct {
    zova_database *db;
    pthread_t thread;
    int started;
} bystander;

static int start_bystander(uint64_t done, uint64_t total, void *user) {
    bystander *other = user;
    (void)done;
    (void)total;
    if (!other->started) {
        other->started = 1;
        CHECK(pthread_create(&other->thread, NULL, use_the_handle, other->db) == 0);
    }
    return 0;
}

static void other_threads_wait_for_a_watched_call(void) {
    bystander other;
    const zova_progress progress = {start_bystander, &other};
    memset(&other, 0, sizeof other);
    other.db = create("x.zova");
    EXEC(other.db, "create table t(x)");
    fill_stream(bytes, MOST, 11);
    write_file("in", bytes, 700000);
    CHECK_OK(other.db, put_file(other.db, "in", NO_FD, &progress, NULL));
    CHECK(pthread_join(other.thread, NULL) == 0);
    CHECK_INT(1, QUERY_INT(other.db, "select count(*) from t"));
    close_database(other.db);
}

CHECK_MAIN(CASE(files_of_any_size_go_in_and_out),
           CASE(an_object_from_a_file_is_cut_as_put_cuts),
           CASE(a_path_that_cannot_be_read_is_named),
           CASE(a_file_is_made_only_where_nothing_is),
           CASE(permissions_of_a_new_file_follow_the_umask),
           CASE(a_damaged_object_leaves_no_file),
           CASE(paths_may_be_any_bytes),
           CASE(a_descriptor_is_used_from_where_it_stands_and_left_open),
           CASE(a_descriptor_that_cannot_be_used_is_a_status),
           CASE(pipes_are_read_to_their_end_and_written_whole),
           CASE(storing_a_file_joins_the_transaction),
           CASE(progress_grows_to_the_total),
           CASE(stopping_at_any_call_stores_nothing),
           CASE(stopping_at_any_call_makes_no_file),
           CASE(calling_back_into_the_database_is_misuse_and_no_deadlock),
           CASE(other_threads_wait_for_a_watched_call))
