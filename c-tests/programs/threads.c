/* abi.md, sections 5.1 and 6. */
#include "support.h"

enum { THREADS = 4 };

static int rounds(int many, int few) { return check_small ? few : many; }

static void run_threads(void *(*function)(void *), void *argument) {
    pthread_t threads[THREADS];
    int at;
    for (at = 0; at < THREADS; at++) {
        CHECK(pthread_create(&threads[at], NULL, function, argument) == 0);
    }
    for (at = 0; at < THREADS; at++) {
        CHECK(pthread_join(threads[at], NULL) == 0);
    }
}

static void *insert_and_read(void *argument) {
    zova_database *db = argument;
    int round;
    for (round = 0; round < rounds(200, 20); round++) {
        zova_statement *insert = PREPARE(db, "insert into t values (?1)");
        zova_object_id id;
        char text[32];
        CHECK_OK(NULL, bind_int64(insert, 1, round));
        STEP(NULL, insert, ZOVA_STEP_DONE);
        CHECK_OK(NULL, zova_statement_finalize(insert));
        snprintf(text, sizeof text, "object %d", round % 10);
        CHECK_OK(NULL, put(db, text, strlen(text), &id));
        CHECK_OBJECT(db, id, text, strlen(text));
        CHECK_INT(1, object_exists(db, id));
    }
    return NULL;
}

static void many_threads_use_one_handle(void) {
    zova_database *db = create("x.zova");
    EXEC(db, "create table t(x)");
    BEGIN(db);
    run_threads(insert_and_read, db);
    COMMIT(db);
    CHECK_INT(THREADS * rounds(200, 20), QUERY_INT(db, "select count(*) from t"));
    CHECK_QUERY("10", db, "select count(*) from _zova_objects");
    close_database(db);
}

static void *step_shared(void *argument) {
    zova_statement *statement = argument;
    long count = 0;
    zova_step_result result = ZOVA_STEP_ROW;
    for (;;) {
        CHECK_OK(NULL, step(statement, &result));
        if (result == ZOVA_STEP_DONE) {
            break;
        }
        column_int64(statement, 0);
        count++;
    }
    return (void *)count;
}

static void one_statement_may_be_stepped_by_several_threads(void) {
    zova_database *db = create("x.zova");
    const int rows = rounds(2000, 100);
    pthread_t threads[2];
    zova_statement *statement;
    long seen = 0;
    int at;
    EXEC(db, "create table t(x)");
    statement = PREPARE(db, "with recursive n(x) as (select 1 union all select x + 1 from n where x < ?1) select x from n");
    CHECK_OK(db, bind_int64(statement, 1, rows));
    for (at = 0; at < 2; at++) {
        CHECK(pthread_create(&threads[at], NULL, step_shared, statement) == 0);
    }
    for (at = 0; at < 2; at++) {
        void *count;
        CHECK(pthread_join(threads[at], &count) == 0);
        seen += (long)count;
    }
    /* Each thread ends at a DONE; the second one starts the rows again. */
    CHECK_INT(2L * rows, seen);
    FINALIZE(db, statement);
    close_database(db);
}

static void *use_own_handle(void *argument) {
    zova_database *db = open_with(argument, 0, 60000);
    int round;
    for (round = 0; round < rounds(25, 4); round++) {
        char text[64];
        zova_object_id id;
        snprintf(text, sizeof text, "object %d of a thread", round);
        EXEC(db, "insert into t values (1)");
        CHECK_OK(db, put(db, text, strlen(text), &id));
        CHECK_OBJECT(db, id, text, strlen(text));
    }
    close_database(db);
    return NULL;
}

static void several_handles_on_one_file_wait_for_each_other(void) {
    char path[] = "x.zova";
    zova_database *db = create(path);
    EXEC(db, "create table t(x)");
    close_database(db);
    run_threads(use_own_handle, path);
    db = open_existing(path);
    CHECK_INT(THREADS * rounds(25, 4), QUERY_INT(db, "select count(*) from t"));
    CHECK_INT(rounds(25, 4), QUERY_INT(db, "select count(*) from _zova_objects"));
    CHECK_QUERY("ok", db, "pragma integrity_check");
    close_database(db);
}

static pthread_mutex_t name_lock = PTHREAD_MUTEX_INITIALIZER;
static int next_name;

static void *use_own_file(void *argument) {
    char path[32];
    int round;
    (void)argument;
    pthread_mutex_lock(&name_lock);
    snprintf(path, sizeof path, "x%d.zova", next_name++);
    pthread_mutex_unlock(&name_lock);
    for (round = 0; round < rounds(10, 2); round++) {
        zova_database *db = create(path);
        EXEC(db, "create table t(x)");
        close_database(db);
        CHECK_OPEN(ZOVA_OK, path);
        CHECK_TEXT("ZOVA_BUSY", zova_status_name(ZOVA_BUSY));
        CHECK(unlink(path) == 0);
    }
    return NULL;
}

static void handles_on_different_files_are_independent(void) { run_threads(use_own_file, NULL); }

/* ---- reading an object that others store and delete ---- */

enum { FLICKERING = 70000 };

static unsigned char flickering[FLICKERING];
static int flicker_ended;

static void *store_and_delete(void *argument) {
    zova_database *db = open_with(argument, 0, 60000);
    zova_object_id id = id_of(flickering, FLICKERING);
    int round;
    EXEC(db, "pragma synchronous = off");
    for (round = 0; round < rounds(200, 10); round++) {
        CHECK_OK(db, put(db, flickering, FLICKERING, NULL));
        CHECK_OK(db, object_delete(db, id));
    }
    close_database(db);
    __sync_fetch_and_add(&flicker_ended, 1);
    return NULL;
}

static void read_while_it_flickers(const char *journal_mode) {
    char path[] = "x.zova";
    char sql[64];
    zova_database *db = create(path);
    zova_object_id id;
    pthread_t thread;
    int seen[2] = {0, 0};
    check_about("journal mode %s", journal_mode);
    snprintf(sql, sizeof sql, "pragma journal_mode = %s", journal_mode);
    EXEC(db, sql);
    EXEC(db, "pragma busy_timeout = 60000");
    fill_stream(flickering, FLICKERING, 77);
    id = id_of(flickering, FLICKERING);
    flicker_ended = 0;
    CHECK(pthread_create(&thread, NULL, store_and_delete, path) == 0);
    while (!__sync_fetch_and_add(&flicker_ended, 0)) {
        zova_buffer buffer;
        unsigned char part[30000];
        size_t copied;
        zova_status status = get(db, id, &buffer);
        if (status == ZOVA_OK) {
            CHECK_INT(FLICKERING, buffer.len);
            CHECK_BYTES(flickering, buffer.data, FLICKERING);
            zova_buffer_free(&buffer);
        } else {
            CHECK_STATUS(db, ZOVA_OBJECT_NOT_FOUND, status);
        }
        seen[status == ZOVA_OK]++;
        status = read_range(db, id, 20000, part, sizeof part, &copied);
        if (status == ZOVA_OK) {
            CHECK_INT(sizeof part, copied);
            CHECK_BYTES(flickering + 20000, part, copied);
        } else {
            CHECK_STATUS(db, ZOVA_OBJECT_NOT_FOUND, status);
        }
    }
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(seen[0] + seen[1] > 0);
    close_database(db);
    CHECK(unlink(path) == 0);
}

static void an_object_is_read_whole_or_not_found(void) {
    read_while_it_flickers("delete");
    read_while_it_flickers("wal");
}

/* ---- ending a handle while others use it ---- */

static zova_database *racing_database;
static zova_statement *racing_statement;
static int racing_ended;

static void check_ok_or_misuse(zova_status status) {
    if (status != ZOVA_OK && status != ZOVA_MISUSE) {
        check_fail(__FILE__, __LINE__, "expected ZOVA_OK or ZOVA_MISUSE, got %s", zova_status_name(status));
    }
}

static void *use_until_ended(void *argument) {
    zova_database *db = racing_database;
    zova_object_id id = id_of("x", 1);
    zova_status status;
    (void)argument;
    do {
        uint8_t found;
        zova_object_exists_request look = {db, id, &found};
        zova_buffer buffer;
        status = exec(db, "select 1");
        check_ok_or_misuse(status);
        check_ok_or_misuse(zova_object_exists(&look));
        status = get(db, id, &buffer);
        if (status == ZOVA_OK) {
            zova_buffer_free(&buffer);
        }
        check_ok_or_misuse(status);
        CHECK(zova_database_last_error_message(db) != NULL);
    } while (status == ZOVA_OK);
    return NULL;
}

static void a_close_against_use_ends_in_misuse(void) {
    int round;
    zova_database *db = create("x.zova");
    CHECK_OK(db, put(db, "x", 1, NULL));
    close_database(db);
    for (round = 0; round < rounds(20, 3); round++) {
        pthread_t threads[THREADS];
        int at;
        racing_database = open_existing("x.zova");
        for (at = 0; at < THREADS; at++) {
            CHECK(pthread_create(&threads[at], NULL, use_until_ended, NULL) == 0);
        }
        sleep_ms(round % 5);
        CHECK_OK(NULL, zova_database_close(racing_database));
        for (at = 0; at < THREADS; at++) {
            CHECK(pthread_join(threads[at], NULL) == 0);
        }
    }
}

static void *close_once(void *argument) {
    zova_status status = zova_database_close(racing_database);
    (void)argument;
    check_ok_or_misuse(status);
    if (status == ZOVA_OK) {
        __sync_fetch_and_add(&racing_ended, 1);
    }
    return NULL;
}

static void of_many_closes_exactly_one_succeeds(void) {
    int round;
    close_database(create("x.zova"));
    for (round = 0; round < rounds(50, 5); round++) {
        racing_database = open_existing("x.zova");
        racing_ended = 0;
        run_threads(close_once, NULL);
        CHECK_INT(1, racing_ended);
    }
}

static void *finalize_once(void *argument) {
    zova_status status;
    (void)argument;
    do {
        zova_step_result result;
        status = step(racing_statement, &result);
        check_ok_or_misuse(status);
        status = zova_statement_reset(racing_statement);
        check_ok_or_misuse(status);
        status = zova_statement_finalize(racing_statement);
        check_ok_or_misuse(status);
        if (status == ZOVA_OK) {
            __sync_fetch_and_add(&racing_ended, 1);
        }
    } while (status == ZOVA_OK);
    return NULL;
}

static void of_many_finalizes_exactly_one_succeeds(void) {
    zova_database *db = create("x.zova");
    int round;
    for (round = 0; round < rounds(100, 10); round++) {
        racing_statement = PREPARE(db, "select 1");
        racing_ended = 0;
        run_threads(finalize_once, NULL);
        CHECK_INT(1, racing_ended);
    }
    close_database(db);
}

/* ---- writers and readers ---- */

enum { STREAMED = 1500000 };

static int streamed_size(void) { return check_small ? 600000 : STREAMED; }

/* Each thread its own content, all of them on one handle. */
static void *write_and_read(void *argument) {
    zova_database *db = argument;
    const size_t size = (size_t)streamed_size();
    unsigned char *bytes, *copy = malloc(size);
    zova_object_writer *writer = create_writer(db);
    zova_object_reader *reader;
    zova_object_id id;
    size_t at, count;
    pthread_mutex_lock(&name_lock);
    bytes = stream(size, (uint64_t)next_name++);
    pthread_mutex_unlock(&name_lock);
    CHECK(copy != NULL);
    for (at = 0; at < size; at += 50000) {
        CHECK_OK(NULL, writer_write(writer, bytes + at, size - at < 50000 ? size - at : 50000));
    }
    CHECK_OK(NULL, writer_finish(writer, &id));
    CHECK_OK(NULL, zova_object_writer_destroy(writer));
    reader = create_reader(db, id);
    for (at = 0; at < size; at += count) {
        CHECK_OK(NULL, reader_read(reader, copy + at, 70000 < size - at ? 70000 : size - at, &count));
        CHECK(count > 0);
    }
    CHECK_OK(NULL, reader_destroy(&reader));
    CHECK_BYTES(bytes, copy, size);
    free(bytes);
    free(copy);
    return NULL;
}

static void writers_and_readers_of_several_threads_share_one_handle(void) {
    zova_database *db = create("x.zova");
    EXEC(db, "pragma synchronous = off");
    run_threads(write_and_read, db);
    CHECK_INT(THREADS, QUERY_INT(db, "select count(*) from _zova_objects"));
    CHECK_INT((long long)THREADS * streamed_size(), QUERY_INT(db, "select sum(size_bytes) from _zova_objects"));
    close_database(db);
}

static zova_object_writer *racing_writer;
static zova_object_reader *racing_reader;

static void *write_letters(void *argument) {
    char letters[1000];
    int round;
    (void)argument;
    memset(letters, 'z', sizeof letters);
    for (round = 0; round < rounds(500, 200); round++) {
        CHECK_OK(NULL, writer_write(racing_writer, letters, sizeof letters));
    }
    return NULL;
}

static void one_writer_may_be_written_by_several_threads(void) {
    const size_t size = 1000 * (size_t)rounds(500, 200) * THREADS;
    zova_database *db = create("x.zova");
    zova_object_id id;
    char *letters = malloc(size);
    CHECK(letters != NULL);
    memset(letters, 'z', size);
    racing_writer = create_writer(db);
    run_threads(write_letters, NULL);
    CHECK_OK(db, writer_finish(racing_writer, &id));
    CHECK_OBJECT(db, id, letters, size);
    DESTROY_WRITER(db, racing_writer);
    free(letters);
    close_database(db);
}

static void *destroy_once(void *argument) {
    zova_object_reader *reader = racing_reader;
    zova_status status;
    size_t count;
    char byte;
    (void)argument;
    status = writer_write(racing_writer, "x", 1);
    check_ok_or_misuse(status);
    status = zova_object_writer_destroy(racing_writer);
    check_ok_or_misuse(status);
    if (status == ZOVA_OK) {
        __sync_fetch_and_add(&racing_ended, 1);
    }
    status = reader_read(reader, &byte, 1, &count);
    check_ok_or_misuse(status);
    status = reader_destroy(&reader);
    check_ok_or_misuse(status);
    CHECK((reader == NULL) == (status == ZOVA_OK));
    if (status == ZOVA_OK) {
        __sync_fetch_and_add(&racing_ended, 1);
    }
    return NULL;
}

static void of_many_destroys_exactly_one_succeeds(void) {
    zova_database *db = create("x.zova");
    zova_object_id id;
    int round;
    CHECK_OK(db, put(db, "a stored object", 15, &id));
    for (round = 0; round < rounds(100, 10); round++) {
        racing_writer = create_writer(db);
        racing_reader = create_reader(db, id);
        racing_ended = 0;
        run_threads(destroy_once, NULL);
        CHECK_INT(2, racing_ended);
    }
    close_database(db);
}

static void *stream_until_ended(void *argument) {
    zova_status status;
    (void)argument;
    do {
        size_t count = 0;
        char bytes[100];
        status = reader_seek(racing_reader, 0);
        check_ok_or_misuse(status);
        status = reader_read(racing_reader, bytes, sizeof bytes, &count);
        check_ok_or_misuse(status);
        status = writer_write(racing_writer, bytes, count);
        check_ok_or_misuse(status);
    } while (status == ZOVA_OK);
    return NULL;
}

static void a_destroy_against_use_ends_in_misuse(void) {
    zova_database *db = create("x.zova");
    zova_object_id id;
    int round;
    CHECK_OK(db, put(db, "a stored object", 15, &id));
    for (round = 0; round < rounds(20, 3); round++) {
        zova_object_reader *reader = create_reader(db, id);
        pthread_t threads[THREADS];
        int at;
        racing_writer = create_writer(db);
        racing_reader = reader;
        for (at = 0; at < THREADS; at++) {
            CHECK(pthread_create(&threads[at], NULL, stream_until_ended, NULL) == 0);
        }
        sleep_ms(round % 5);
        CHECK_OK(NULL, reader_destroy(&reader));
        CHECK_OK(NULL, zova_object_writer_destroy(racing_writer));
        for (at = 0; at < THREADS; at++) {
            CHECK(pthread_join(threads[at], NULL) == 0);
        }
    }
    close_database(db);
}

/* Threads prepare and finalize while others try to close: a refused close changes nothing. */
static int closing_done;

static void *prepare_while_closing(void *argument) {
    int round;
    (void)argument;
    for (round = 0; round < rounds(200, 20); round++) {
        zova_statement *statement = NULL;
        zova_database_prepare_request request = {racing_database, "select 1", &statement};
        zova_status status = zova_database_prepare(&request);
        check_ok_or_misuse(status);
        if (status != ZOVA_OK) {
            CHECK(statement == NULL);
            break;
        }
        CHECK_OK(NULL, zova_statement_finalize(statement));
    }
    return NULL;
}

static void *keep_closing(void *argument) {
    (void)argument;
    while (!__sync_fetch_and_add(&closing_done, 0)) {
        zova_status status = zova_database_close(racing_database);
        check_ok_or_misuse(status);
        if (status == ZOVA_OK) {
            __sync_fetch_and_add(&racing_ended, 1);
            break;
        }
    }
    return NULL;
}

static void a_close_against_prepare_is_refused_or_final(void) {
    int round;
    close_database(create("x.zova"));
    for (round = 0; round < rounds(20, 3); round++) {
        pthread_t closer;
        racing_database = open_existing("x.zova");
        racing_ended = 0;
        closing_done = 0;
        CHECK(pthread_create(&closer, NULL, keep_closing, NULL) == 0);
        run_threads(prepare_while_closing, NULL);
        __sync_fetch_and_add(&closing_done, 1);
        CHECK(pthread_join(closer, NULL) == 0);
        if (racing_ended == 0) {
            close_database(racing_database);
        }
    }
}

/* ---- the text while another thread works ---- */

static int statement_ended;
static double statement_seconds;

static void *run_long_statement(void *argument) {
    char sql[200];
    double started = seconds();
    snprintf(sql, sizeof sql,
             "with recursive n(x) as (select 1 union all select x + 1 from n where x < %d) select count(*) from n",
             rounds(3000000, 300000));
    CHECK_OK(NULL, exec(argument, sql));
    statement_seconds = seconds() - started;
    __sync_fetch_and_add(&statement_ended, 1);
    return NULL;
}

/* The longest time that asking for the text took while the statement ran. */
static double longest_answer(zova_database *db) {
    pthread_t thread;
    double longest = 0;
    statement_ended = 0;
    CHECK(pthread_create(&thread, NULL, run_long_statement, db) == 0);
    while (!__sync_fetch_and_add(&statement_ended, 0)) {
        double asked = seconds();
        /* Only asked for: the pointer is not read, because the running call may replace the text. */
        CHECK(zova_database_last_error_message(db) != NULL);
        if (seconds() - asked > longest) {
            longest = seconds() - asked;
        }
        sleep_ms(1);
    }
    CHECK(pthread_join(thread, NULL) == 0);
    return longest;
}

static void the_text_does_not_wait_for_a_running_call(void) {
    zova_database *db = create("x.zova");
    double longest;
    int attempt = 0;
    /* A call that waits takes about as long as the statement. On a loaded machine another one may, once in a while. */
    do {
        longest = longest_answer(db);
    } while (longest > statement_seconds / 2 && ++attempt < 5);
    if (attempt == 5) {
        check_fail(__FILE__, __LINE__, "an answer took %f of the %f seconds of the statement", longest,
                   statement_seconds);
    }
    close_database(db);
}

static void a_transaction_belongs_to_the_handle_and_not_to_a_thread(void) {
    zova_database *db = create("x.zova");
    pthread_t thread;
    EXEC(db, "create table t(x)");
    BEGIN(db);
    CHECK(pthread_create(&thread, NULL, insert_and_read, db) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    ROLLBACK(db);
    CHECK_QUERY("0", db, "select count(*) from t");
    CHECK_QUERY("0", db, "select count(*) from _zova_objects");
    close_database(db);
}

CHECK_MAIN(CASE(many_threads_use_one_handle),
           CASE(one_statement_may_be_stepped_by_several_threads),
           CASE(several_handles_on_one_file_wait_for_each_other),
           CASE(handles_on_different_files_are_independent),
           CASE(an_object_is_read_whole_or_not_found),
           CASE(a_close_against_use_ends_in_misuse),
           CASE(of_many_closes_exactly_one_succeeds),
           CASE(of_many_finalizes_exactly_one_succeeds),
           CASE(writers_and_readers_of_several_threads_share_one_handle),
           CASE(one_writer_may_be_written_by_several_threads),
           CASE(of_many_destroys_exactly_one_succeeds),
           CASE(a_destroy_against_use_ends_in_misuse),
           CASE(a_close_against_prepare_is_refused_or_final),
           CASE(the_text_does_not_wait_for_a_running_call),
           CASE(a_transaction_belongs_to_the_handle_and_not_to_a_thread))
