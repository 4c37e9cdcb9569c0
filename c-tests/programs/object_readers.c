/* objects.md, section 13. */
#include "support.h"

enum { SIZE = 600000, LENGTHS = 7 };

static unsigned char bytes[SIZE];
static unsigned char copy[SIZE + 100];

/* x.zova with one object of many chunks. */
static zova_database *make(zova_object_id *id, uint64_t seed) {
    zova_database *db = create("x.zova");
    fill_stream(bytes, SIZE, seed);
    CHECK_OK(db, put(db, bytes, SIZE, id));
    return db;
}

/* Reads up to the end with a buffer of this length and compares. */
static void read_to_the_end(zova_database *db, zova_object_reader *reader, size_t from, size_t len) {
    size_t at = from, count = 77;
    do {
        CHECK_OK(db, reader_read(reader, copy, len, &count));
        CHECK(count <= len && count <= SIZE - at);
        CHECK((count > 0) == (at < SIZE));
        CHECK_BYTES(bytes + at, copy, count);
        at += count;
    } while (count > 0);
    CHECK_INT(SIZE, at);
    /* The end is the end. */
    CHECK_OK(db, reader_read(reader, copy, len, &count));
    CHECK_INT(0, count);
}

static void buffers_of_any_length_deliver_the_object(void) {
    static const size_t SIZES[LENGTHS] = {1, 100, 4096, 65535, 65536, 65537, SIZE + 100};
    zova_object_id id;
    zova_database *db = make(&id, 1);
    size_t at;
    for (at = check_small ? 2 : 0; at < LENGTHS; at++) {
        zova_object_reader *reader = create_reader(db, id);
        check_about("buffers of %zu bytes", SIZES[at]);
        read_to_the_end(db, reader, 0, SIZES[at]);
        DESTROY_READER(db, reader);
        CHECK(reader == NULL);
    }
    close_database(db);
}

static void an_empty_buffer_reads_nothing_and_moves_nothing(void) {
    zova_object_id id;
    zova_database *db = make(&id, 2);
    zova_object_reader *reader = create_reader(db, id);
    size_t count = 77;
    CHECK_OK(db, reader_read(reader, NULL, 0, &count));
    CHECK_INT(0, count);
    CHECK_OK(db, reader_read(reader, copy, 0, &count));
    read_to_the_end(db, reader, 0, 100000);
    CHECK_OK(db, reader_read(reader, NULL, 0, &count));
    CHECK_INT(0, count);
    DESTROY_READER(db, reader);
    close_database(db);
}

static void the_empty_object_is_at_its_end_at_once(void) {
    zova_database *db = create("x.zova");
    zova_object_reader *reader;
    zova_object_id id;
    size_t count = 77;
    uint64_t size = 77;
    zova_object_reader_size_request request = {NULL, &size};
    CHECK_OK(db, put(db, NULL, 0, &id));
    reader = create_reader(db, id);
    request.reader = reader;
    CHECK_OK(db, zova_object_reader_size(&request));
    CHECK_INT(0, size);
    CHECK_OK(db, reader_read(reader, copy, 10, &count));
    CHECK_INT(0, count);
    CHECK_OK(db, reader_seek(reader, 0));
    CHECK_STATUS(db, ZOVA_OBJECT_RANGE_INVALID, reader_seek(reader, 1));
    DESTROY_READER(db, reader);
    close_database(db);
}

static void a_missing_or_unusable_object_has_no_reader(void) {
    zova_object_id id;
    zova_database *db = make(&id, 3);
    zova_object_reader *reader = (zova_object_reader *)(void *)&db;
    zova_object_reader_create_request request = {db, id_of("absent", 6), &reader};
    CHECK_STATUS(db, ZOVA_OBJECT_NOT_FOUND, zova_object_reader_create(&request));
    CHECK_BEGINS("ObjectNotFound: ", last_error(db));
    CHECK(reader == NULL);
    EXEC(db, "pragma ignore_check_constraints = on; update _zova_objects set chunker = 'another'");
    request.id = id;
    reader = (zova_object_reader *)(void *)&db;
    CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT, zova_object_reader_create(&request));
    CHECK(reader == NULL);
    close_database(db);
}

static void a_seek_goes_anywhere_in_the_object(void) {
    static const uint64_t PLACES[] = {0, 1, SIZE, SIZE - 1, 300000, 299999, 65536, 0, SIZE / 2, 7};
    zova_object_id id;
    zova_database *db = make(&id, 4);
    zova_object_reader *reader = create_reader(db, id);
    uint64_t size = 0;
    zova_object_reader_size_request request = {reader, &size};
    size_t at, count;
    for (at = 0; at < sizeof PLACES / sizeof *PLACES; at++) {
        check_about("to %llu", (unsigned long long)PLACES[at]);
        CHECK_OK(db, reader_seek(reader, PLACES[at]));
        CHECK_OK(db, reader_read(reader, copy, 1000, &count));
        CHECK(count > 0 || PLACES[at] == SIZE);
        CHECK_BYTES(bytes + PLACES[at], copy, count);
        CHECK_OK(db, reader_seek(reader, PLACES[at]));
        read_to_the_end(db, reader, (size_t)PLACES[at], 50000);
    }
    CHECK_OK(db, zova_object_reader_size(&request));
    CHECK_INT(SIZE, size);
    /* A refused seek leaves the reader where it is. */
    CHECK_OK(db, reader_seek(reader, 1234));
    CHECK_STATUS(db, ZOVA_OBJECT_RANGE_INVALID, reader_seek(reader, SIZE + 1));
    CHECK_BEGINS("ObjectRangeInvalid: ", last_error(db));
    CHECK_STATUS(db, ZOVA_OBJECT_RANGE_INVALID, reader_seek(reader, UINT64_MAX));
    read_to_the_end(db, reader, 1234, 50000);
    DESTROY_READER(db, reader);
    close_database(db);
}

static void readers_are_independent_of_each_other(void) {
    enum { COUNT = 10 };
    zova_object_reader *readers[COUNT];
    zova_object_id id;
    zova_database *db = make(&id, 5);
    size_t count;
    int at, round;
    for (at = 0; at < COUNT; at++) {
        readers[at] = create_reader(db, id);
        CHECK_OK(db, reader_seek(readers[at], (uint64_t)at * 50000));
    }
    for (round = 0; round < 20; round++) {
        for (at = 0; at < COUNT; at++) {
            CHECK_OK(db, reader_read(readers[at], copy, 1500, &count));
            CHECK_INT(1500, count);
            CHECK_BYTES(bytes + at * 50000 + round * 1500, copy, count);
        }
    }
    for (at = 0; at < COUNT; at++) {
        DESTROY_READER(db, readers[at]);
    }
    close_database(db);
}

/* ---- damage and deletion ---- */

static void check_failed(zova_database *db, zova_object_reader *reader) {
    size_t count = 77;
    CHECK_STATUS(db, ZOVA_OBJECT_READER_CLOSED, reader_read(reader, copy, 1, &count));
    CHECK_BEGINS("ObjectReaderClosed", last_error(db));
    CHECK_INT(0, count);
    CHECK_STATUS(db, ZOVA_OBJECT_READER_CLOSED, reader_read(reader, NULL, 0, &count));
    CHECK_STATUS(db, ZOVA_OBJECT_READER_CLOSED, reader_seek(reader, 0));
    CHECK_STATUS(db, ZOVA_OBJECT_READER_CLOSED, reader_read(reader, copy, 1, &count));
}

/* Everything before the damage is right, the damage itself is a status, and no other byte is ever delivered. */
static void damage_ends_the_reader_before_a_wrong_byte(void) {
    static const char *const DAMAGES[] = {
        "update _zova_chunks set data = zeroblob(size_bytes) where chunk_hash ="
        " (select chunk_hash from _zova_object_chunks where chunk_index = 11)",
        "delete from _zova_chunks where chunk_hash = (select chunk_hash from _zova_object_chunks where chunk_index = 11)",
        "update _zova_chunks set data = substr(data, 2) where chunk_hash ="
        " (select chunk_hash from _zova_object_chunks where chunk_index = 11)",
        "delete from _zova_object_chunks where chunk_index = 11",
        "update _zova_object_chunks set chunk_hash = (select chunk_hash from _zova_object_chunks where chunk_index = 2)"
        " where chunk_index = 11",
        "update _zova_object_chunks set offset = offset + 1 where chunk_index = 11",
        "update _zova_object_chunks set size_bytes = size_bytes - 1 where chunk_index = 11",
        "delete from _zova_object_chunks where chunk_index = (select max(chunk_index) from _zova_object_chunks)",
        "update _zova_objects set chunk_count = chunk_count + 1"};
    static const size_t SIZES[] = {4096, SIZE};
    zova_object_id id;
    size_t at, which;
    close_database(make(&id, 6));
    CHECK(rename("x.zova", "sound.zova") == 0);
    for (at = 0; at < sizeof DAMAGES / sizeof *DAMAGES; at++) {
        for (which = 0; which < 2; which++) {
            zova_database *db;
            zova_object_reader *reader;
            zova_status status;
            size_t position = 0, count = 77;
            check_about("%s, buffers of %zu bytes", DAMAGES[at], SIZES[which]);
            copy_file("sound.zova", "damaged.zova");
            db = open_existing("damaged.zova");
            EXEC(db, "pragma synchronous = off; pragma ignore_check_constraints = on");
            EXEC(db, DAMAGES[at]);
            reader = create_reader(db, id);
            do {
                status = reader_read(reader, copy, SIZES[which], &count);
                if (status == ZOVA_OK) {
                    CHECK(count > 0);
                    CHECK_BYTES(bytes + position, copy, count);
                    position += count;
                }
            } while (status == ZOVA_OK);
            CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT, status);
            CHECK_BEGINS("ObjectCorrupt: ", last_error(db));
            CHECK_INT(0, count);
            CHECK(position < SIZE);
            check_failed(db, reader);
            DESTROY_READER(db, reader);
            close_database(db);
        }
    }
}

static void rows_under_a_wrong_id_are_found_by_the_last_bytes(void) {
    zova_object_id id, wrong;
    zova_database *db = make(&id, 7);
    zova_object_reader *reader;
    zova_status status;
    size_t position = 0, count = 0;
    EXEC(db, "update _zova_objects set object_id = zeroblob(32); update _zova_object_chunks set object_id = zeroblob(32)");
    memset(&wrong, 0, sizeof wrong);
    reader = create_reader(db, wrong);
    while ((status = reader_read(reader, copy, 5000, &count)) == ZOVA_OK && count > 0) {
        position += count;
    }
    CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT, status);
    CHECK(position < SIZE);
    check_failed(db, reader);
    DESTROY_READER(db, reader);
    /* After a seek nobody can tell: the chunks are intact. */
    reader = create_reader(db, wrong);
    CHECK_OK(db, reader_seek(reader, 1));
    read_to_the_end(db, reader, 1, 100000);
    /* From the start again, it is found again. */
    CHECK_OK(db, reader_seek(reader, 0));
    do {
        status = reader_read(reader, copy, SIZE, &count);
    } while (status == ZOVA_OK && count > 0);
    CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT, status);
    DESTROY_READER(db, reader);
    close_database(db);
}

static void an_object_of_size_0_with_another_id_is_not_delivered(void) {
    zova_object_id id;
    zova_database *db = make(&id, 8);
    zova_object_reader *reader = NULL;
    zova_object_reader_create_request request = {db, id, &reader};
    zova_status status;
    size_t count = 77;
    EXEC(db, "update _zova_objects set size_bytes = 0, chunk_count = 0; delete from _zova_object_chunks");
    status = zova_object_reader_create(&request);
    if (status == ZOVA_OK) {
        status = reader_read(reader, copy, 10, &count);
        DESTROY_READER(db, reader);
    }
    CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT, status);
    close_database(db);
}

static void a_deleted_object_ends_its_readers(void) {
    int other_handle;
    for (other_handle = 0; other_handle < 2; other_handle++) {
        zova_object_id id;
        zova_database *db, *other;
        zova_object_reader *early, *late, *back;
        size_t count = 77;
        check_about(other_handle ? "through another handle" : "through the same handle");
        unlink("x.zova");
        db = make(&id, 9);
        other = other_handle ? open_existing("x.zova") : db;
        early = create_reader(db, id);
        late = create_reader(db, id);
        back = create_reader(db, id);
        CHECK_OK(db, reader_read(late, copy, SIZE, &count));
        CHECK_OK(db, reader_read(back, copy, 1000, &count));
        CHECK_OK(other, object_delete(other, id));
        CHECK_STATUS(db, ZOVA_OBJECT_NOT_FOUND, reader_read(early, copy, 100000, &count));
        CHECK_BEGINS("ObjectNotFound: ", last_error(db));
        CHECK_INT(0, count);
        check_failed(db, early);
        /* Everything was read before. */
        CHECK_OK(db, reader_read(late, copy, 10, &count));
        CHECK_INT(0, count);
        /* An id names content: stored again, it goes on. */
        CHECK_OK(other, put(other, bytes, SIZE, NULL));
        read_to_the_end(db, back, 1000, 50000);
        check_failed(db, early);
        DESTROY_READER(db, early);
        DESTROY_READER(db, late);
        DESTROY_READER(db, back);
        if (other_handle) {
            close_database(other);
        }
        close_database(db);
    }
}

/* ---- transactions and locks ---- */

static void readers_hold_no_lock_and_no_transaction(void) {
    zova_object_id id;
    zova_database *db = make(&id, 10);
    zova_database *other = open_existing("x.zova");
    zova_object_reader *reader = create_reader(db, id);
    size_t count;
    CHECK_OK(db, reader_read(reader, copy, 1000, &count));
    EXEC(other, "create table t(x); insert into t values (1)");
    CHECK_OK(other, simple(zova_database_vacuum, other));
    EXEC(db, "drop table t");
    BEGIN(db);
    COMMIT(db);
    CHECK_OK(db, put(db, "beside", 6, NULL));
    CHECK_OK(db, simple(zova_database_vacuum, db));
    read_to_the_end(db, reader, 1000, 100000);
    DESTROY_READER(db, reader);
    close_database(other);
    close_database(db);
}

static void a_refusal_for_the_moment_may_be_repeated(void) {
    zova_object_id id;
    zova_database *db = make(&id, 11);
    zova_database *other = open_existing("x.zova");
    zova_object_reader *reader = create_reader(db, id);
    size_t count = 77;
    CHECK_OK(db, reader_read(reader, copy, 1000, &count));
    EXEC(other, "begin exclusive");
    CHECK_STATUS(db, ZOVA_BUSY, reader_read(reader, copy, 100000, &count));
    CHECK_BEGINS("Busy: ", last_error(db));
    CHECK_INT(0, count);
    CHECK_STATUS(db, ZOVA_BUSY, reader_read(reader, copy, 100000, &count));
    ROLLBACK(other);
    read_to_the_end(db, reader, 1000, 100000);
    DESTROY_READER(db, reader);
    close_database(other);
    close_database(db);
}

static void readers_see_what_their_transaction_wrote(void) {
    zova_database *db = create("x.zova");
    zova_object_reader *reader;
    zova_object_id id;
    size_t count = 77;
    fill_stream(bytes, SIZE, 12);
    BEGIN(db);
    CHECK_OK(db, put(db, bytes, SIZE, &id));
    reader = create_reader(db, id);
    CHECK_OK(db, reader_read(reader, copy, 1000, &count));
    COMMIT(db);
    read_to_the_end(db, reader, 1000, 70000);
    DESTROY_READER(db, reader);
    SAVEPOINT(db, "s");
    CHECK_OK(db, put(db, bytes, SIZE - 1, &id));
    reader = create_reader(db, id);
    CHECK_OK(db, reader_read(reader, copy, 1, &count));
    ROLLBACK_TO(db, "s");
    CHECK_STATUS(db, ZOVA_OBJECT_NOT_FOUND, reader_read(reader, copy, SIZE, &count));
    check_failed(db, reader);
    DESTROY_READER(db, reader);
    RELEASE(db, "s");
    close_database(db);
}

static void a_half_stepped_write_is_no_obstacle(void) {
    zova_object_id id;
    zova_database *db = make(&id, 13);
    zova_object_reader *reader;
    zova_statement *rows;
    EXEC(db, "create table t(x)");
    rows = PREPARE(db, "insert into t values (1), (2) returning x");
    STEP(db, rows, ZOVA_STEP_ROW);
    reader = create_reader(db, id);
    read_to_the_end(db, reader, 0, 100000);
    DESTROY_READER(db, reader);
    FINALIZE(db, rows);
    close_database(db);
}

static void a_read_only_handle_has_readers_too(void) {
    zova_object_id id;
    zova_object_reader *reader;
    zova_database *db;
    close_database(make(&id, 14));
    db = open_read_only("x.zova");
    reader = create_reader(db, id);
    read_to_the_end(db, reader, 0, 30000);
    DESTROY_READER(db, reader);
    close_database(db);
}

CHECK_MAIN(CASE(buffers_of_any_length_deliver_the_object),
           CASE(an_empty_buffer_reads_nothing_and_moves_nothing),
           CASE(the_empty_object_is_at_its_end_at_once),
           CASE(a_missing_or_unusable_object_has_no_reader),
           CASE(a_seek_goes_anywhere_in_the_object),
           CASE(readers_are_independent_of_each_other),
           CASE(damage_ends_the_reader_before_a_wrong_byte),
           CASE(rows_under_a_wrong_id_are_found_by_the_last_bytes),
           CASE(an_object_of_size_0_with_another_id_is_not_delivered),
           CASE(a_deleted_object_ends_its_readers),
           CASE(readers_hold_no_lock_and_no_transaction),
           CASE(a_refusal_for_the_moment_may_be_repeated),
           CASE(readers_see_what_their_transaction_wrote),
           CASE(a_half_stepped_write_is_no_obstacle),
           CASE(a_read_only_handle_has_readers_too))
