/*
 * objects.md, section 7: rows of a sound object edited through SQL, and what each call makes of it. The object of the
 * chapter has 200,000 bytes; a larger one goes the same ways, because large objects may be handled differently.
 */
#include "support.h"

enum { SMALL = 200000, LARGE = 600000, MIDDLE = 11 };

#define OK ZOVA_OK
#define BAD ZOVA_OBJECT_CORRUPT
#define GONE ZOVA_OBJECT_NOT_FOUND
#define SQL ZOVA_SQLITE_ERROR
#define MEMORY ZOVA_OUT_OF_MEMORY
#define RANGE ZOVA_OBJECT_RANGE_INVALID
#define TWICE ZOVA_CONSTRAINT

/* A status, or either of two where the chapter leaves a choice. */
typedef struct {
    zova_status one;
    zova_status other;
} either;

#define ONLY(status) {status, status}
#define ANY(one, other) {one, other}

typedef struct {
    const char *name;
    const char *sql;
    either numbers; /* size and chunk count */
    zova_status manifest;
    either get;
    either hit;  /* a range in the damaged chunk */
    either miss; /* a range in the first bytes */
    zova_status put;
    either written; /* finish of a writer with the same bytes */
    zova_status remove;
} damage;

#define CHANGED "cast(iif(substr(data, 1, 1) = x'00', x'01', x'00') || substr(data, 2) as blob)"
#define HASH "(select chunk_hash from _zova_object_chunks where chunk_index = 11)"

static const damage ROWS[] = {
    {"chunk bytes changed", "update _zova_chunks set data = " CHANGED " where chunk_hash = " HASH,
     ONLY(OK), OK, ONLY(BAD), ONLY(BAD), ONLY(OK), OK, ONLY(BAD), OK},
    {"chunk data shortened", "update _zova_chunks set data = substr(data, 2) where chunk_hash = " HASH,
     ONLY(OK), OK, ONLY(BAD), ONLY(BAD), ONLY(OK), OK, ONLY(BAD), OK},
    {"chunk data and size shortened",
     "update _zova_chunks set data = substr(data, 2), size_bytes = size_bytes - 1 where chunk_hash = " HASH,
     ONLY(OK), BAD, ONLY(BAD), ONLY(BAD), ANY(BAD, OK), OK, ONLY(BAD), OK},
    {"chunk size off", "update _zova_chunks set size_bytes = size_bytes - 1 where chunk_hash = " HASH,
     ONLY(OK), BAD, ANY(OK, BAD), ONLY(BAD), ANY(BAD, OK), OK, ONLY(BAD), OK},
    {"first chunk missing, another changed",
     "delete from _zova_chunks where chunk_hash = (select chunk_hash from _zova_object_chunks where chunk_index = 0);"
     "update _zova_chunks set data = " CHANGED " where chunk_hash = " HASH,
     ONLY(OK), BAD, ONLY(BAD), ONLY(BAD), ONLY(BAD), OK, ONLY(BAD), OK},
    {"chunk missing", "delete from _zova_chunks where chunk_hash = " HASH,
     ONLY(OK), BAD, ONLY(BAD), ONLY(BAD), ANY(BAD, OK), OK, ANY(OK, BAD), OK},
    {"manifest row missing", "delete from _zova_object_chunks where chunk_index = 11",
     ONLY(OK), BAD, ONLY(BAD), ONLY(BAD), ANY(BAD, OK), OK, ONLY(BAD), OK},
    {"manifest index wrong", "update _zova_object_chunks set chunk_index = 1000 where chunk_index = 11",
     ONLY(OK), BAD, ONLY(BAD), ONLY(BAD), ANY(BAD, OK), OK, ONLY(BAD), OK},
    {"last manifest row missing", "delete from _zova_object_chunks where chunk_index = (select max(chunk_index) from _zova_object_chunks)",
     ONLY(OK), BAD, ONLY(BAD), ONLY(BAD), ONLY(BAD), OK, ONLY(BAD), OK},
    {"all manifest rows missing", "delete from _zova_object_chunks",
     ONLY(OK), BAD, ONLY(BAD), ONLY(BAD), ONLY(BAD), OK, ONLY(BAD), OK},
    {"a surplus manifest row",
     "insert into _zova_object_chunks select object_id, chunk_count, " HASH ", size_bytes, 100 from _zova_objects",
     ONLY(OK), BAD, ONLY(BAD), ONLY(BAD), ONLY(BAD), OK, ONLY(BAD), OK},
    {"manifest offset wrong", "update _zova_object_chunks set offset = offset + 1 where chunk_index = 11",
     ONLY(OK), BAD, ONLY(BAD), ONLY(BAD), ANY(BAD, OK), OK, ONLY(BAD), OK},
    {"manifest size wrong", "update _zova_object_chunks set size_bytes = size_bytes - 1 where chunk_index = 11",
     ONLY(OK), BAD, ONLY(BAD), ONLY(BAD), ANY(BAD, OK), OK, ONLY(BAD), OK},
    {"another chunk named",
     "update _zova_object_chunks set chunk_hash = (select chunk_hash from _zova_object_chunks where chunk_index = 2)"
     " where chunk_index = 11",
     ONLY(OK), BAD, ONLY(BAD), ONLY(BAD), ANY(BAD, OK), OK, ONLY(BAD), OK},
    {"manifest hash too short", "update _zova_object_chunks set chunk_hash = x'00ff' where chunk_index = 11",
     ONLY(OK), BAD, ONLY(BAD), ONLY(BAD), ANY(BAD, OK), OK, ONLY(BAD), OK},
    {"manifest hash of text", "update _zova_object_chunks set chunk_hash = 'text' where chunk_index = 11",
     ONLY(OK), BAD, ONLY(BAD), ONLY(BAD), ANY(BAD, OK), OK, ONLY(BAD), OK},
    {"object size off by one", "update _zova_objects set size_bytes = size_bytes + 1",
     ONLY(OK), BAD, ONLY(BAD), ONLY(BAD), ONLY(BAD), OK, ONLY(BAD), OK},
    {"chunk count wrong", "update _zova_objects set chunk_count = chunk_count - 1",
     ONLY(OK), BAD, ONLY(BAD), ONLY(BAD), ONLY(BAD), OK, ONLY(BAD), OK},
    {"chunk count zero", "update _zova_objects set chunk_count = 0",
     ONLY(OK), BAD, ONLY(BAD), ONLY(BAD), ONLY(BAD), OK, ONLY(BAD), OK},
    {"chunk count huge", "update _zova_objects set chunk_count = 9223372036854775807",
     ONLY(OK), BAD, ONLY(BAD), ONLY(BAD), ONLY(BAD), OK, ONLY(BAD), OK},
    {"object size absurd", "update _zova_objects set size_bytes = 9223372036854775807",
     ONLY(OK), BAD, ANY(MEMORY, BAD), ONLY(BAD), ONLY(BAD), OK, ONLY(BAD), OK},
    {"object size of a gigabyte and more", "update _zova_objects set size_bytes = 1 << 40",
     ONLY(OK), BAD, ANY(MEMORY, BAD), ONLY(BAD), ONLY(BAD), OK, ONLY(BAD), OK},
    {"negative size", "update _zova_objects set size_bytes = -1",
     ONLY(BAD), BAD, ONLY(BAD), ONLY(BAD), ONLY(BAD), OK, ONLY(BAD), OK},
    {"negative count", "update _zova_objects set chunk_count = -1",
     ONLY(BAD), BAD, ONLY(BAD), ONLY(BAD), ONLY(BAD), OK, ONLY(BAD), OK},
    {"another chunker", "update _zova_objects set chunker = 'fastcdc-v2'",
     ONLY(BAD), BAD, ONLY(BAD), ONLY(BAD), ONLY(BAD), OK, ONLY(BAD), OK},
    {"no size, no chunks", "update _zova_objects set size_bytes = 0, chunk_count = 0; delete from _zova_object_chunks",
     ONLY(OK), BAD, ONLY(BAD), ONLY(RANGE), ANY(OK, OK), OK, ONLY(BAD), OK},
    {"object row gone", "delete from _zova_objects",
     ONLY(GONE), GONE, ONLY(GONE), ONLY(GONE), ONLY(GONE), TWICE, ONLY(TWICE), GONE},
    {"chunk table dropped", "drop table _zova_chunks",
     ONLY(OK), SQL, ONLY(SQL), ONLY(SQL), ONLY(SQL), OK, ONLY(SQL), SQL}};

static unsigned char bytes[LARGE + 1];
static size_t size;
static zova_object_id id;

/* sound.zova, from which every damage starts, with one object of this size. */
static void make_sound(size_t new_size) {
    zova_database *db;
    uint64_t count;
    unlink("sound.zova");
    db = create("sound.zova");
    size = new_size;
    fill_stream(bytes, LARGE + 1, 21);
    CHECK_OK(db, put(db, bytes, size, &id));
    CHECK_OK(db, object_chunk_count(db, id, &count));
    CHECK(count > MIDDLE + 5);
    close_database(db);
}

static zova_database *open_damaged(const char *sql) {
    zova_database *db;
    copy_file("sound.zova", "damaged.zova");
    db = open_existing("damaged.zova");
    EXEC(db, "pragma synchronous = off; pragma ignore_check_constraints = on");
    EXEC(db, sql);
    EXEC(db, "pragma ignore_check_constraints = off");
    return db;
}

static void check_either(int line, zova_database *db, either expected, zova_status got, const char *call) {
    if (got != expected.one && got != expected.other) {
        check_fail(__FILE__, line, "%s: expected %s or %s, got %s: %s", call, zova_status_name(expected.one),
                   zova_status_name(expected.other), zova_status_name(got), last_error(db));
    }
    CHECK(strstr(last_error(db), "_zova_") == NULL);
}

#define CHECK_EITHER(expected, call) check_either(__LINE__, db, (expected), (call), #call)

/* All rows, or a few of the large object where time is short. */
static size_t row_step(void) { return check_small && size == LARGE ? 5 : 1; }

static void check_reads(size_t new_size) {
    size_t at;
    int64_t middle;
    zova_database *sound;
    make_sound(new_size);
    sound = open_existing("sound.zova");
    middle = QUERY_INT(sound, "select offset from _zova_object_chunks where chunk_index = 11");
    close_database(sound);
    for (at = 0; at < sizeof ROWS / sizeof *ROWS; at += row_step()) {
        zova_database *db = open_damaged(ROWS[at].sql);
        unsigned char range[100];
        zova_buffer buffer = {(uint8_t *)1, 77};
        zova_object_manifest manifest;
        uint64_t number;
        size_t copied = 77;
        zova_status status;
        check_about("%s, %zu bytes", ROWS[at].name, size);
        CHECK_EITHER(ROWS[at].numbers, object_size(db, id, &number));
        CHECK_EITHER(ROWS[at].numbers, object_chunk_count(db, id, &number));
        CHECK_STATUS(db, ROWS[at].manifest, manifest_get(db, id, &manifest));
        CHECK((manifest.chunks != NULL) == (ROWS[at].manifest == ZOVA_OK));
        zova_object_manifest_free(&manifest);
        status = get(db, id, &buffer);
        CHECK_EITHER(ROWS[at].get, status);
        if (status == ZOVA_OK) {
            CHECK_INT(size, buffer.len);
            CHECK_BYTES(bytes, buffer.data, size);
            zova_buffer_free(&buffer);
        } else {
            CHECK(buffer.data == NULL && buffer.len == 0);
        }
        CHECK_EITHER(ROWS[at].hit, read_range(db, id, (uint64_t)middle + 50, range, sizeof range, &copied));
        CHECK_INT(0, copied);
        status = read_range(db, id, 0, range, sizeof range, &copied);
        CHECK_EITHER(ROWS[at].miss, status);
        if (status == ZOVA_OK) {
            CHECK_BYTES(bytes, range, copied);
        } else {
            CHECK_INT(0, copied);
        }
        CHECK_INT(ROWS[at].numbers.one == GONE ? 0 : 1, object_exists(db, id));
        close_database(db);
        /* It keeps no file from opening, as long as the table texts are whole. */
        CHECK_OPEN(ROWS[at].get.one == SQL ? ZOVA_NOT_ZOVA_DATABASE : ZOVA_OK, "damaged.zova");
    }
}

static void each_damage_gives_its_status_when_read(void) { check_reads(SMALL); }

static void each_damage_gives_its_status_when_read_from_a_large_object(void) { check_reads(LARGE); }

static void check_puts(size_t new_size) {
    size_t at;
    make_sound(new_size);
    for (at = 0; at < sizeof ROWS / sizeof *ROWS; at += row_step()) {
        zova_database *db = open_damaged(ROWS[at].sql);
        zova_buffer buffer;
        check_about("%s", ROWS[at].name);
        CHECK_STATUS(db, ROWS[at].put, put(db, bytes, size, NULL));
        CHECK(strstr(last_error(db), "_zova_") == NULL);
        if (ROWS[at].put == ZOVA_OK && ROWS[at].get.one != ZOVA_OK) {
            CHECK(get(db, id, &buffer) != ZOVA_OK);
        }
        close_database(db);
    }
}

static void a_put_repairs_nothing(void) { check_puts(SMALL); }

static void a_put_of_a_large_object_repairs_nothing(void) { check_puts(LARGE); }

static void a_writer_of_the_same_bytes_finds_the_damage(void) {
    size_t at;
    make_sound(SMALL);
    for (at = 0; at < sizeof ROWS / sizeof *ROWS; at++) {
        zova_database *db = open_damaged(ROWS[at].sql);
        zova_object_writer *writer = create_writer(db);
        zova_status status;
        check_about("%s", ROWS[at].name);
        CHECK_OK(db, writer_write(writer, bytes, size));
        status = writer_finish(writer, NULL);
        CHECK_EITHER(ROWS[at].written, status);
        if (status == ZOVA_OK) {
            CHECK_OBJECT(db, id, bytes, size);
        } else {
            /* Sealed: it may be tried again, but not continued. */
            CHECK_STATUS(db, ZOVA_OBJECT_WRITER_CLOSED, writer_write(writer, "x", 1));
            CHECK_STATUS(db, status, writer_finish(writer, NULL));
        }
        DESTROY_WRITER(db, writer);
        close_database(db);
    }
}

static void assembling_the_same_object_finds_the_damage(void) {
    zova_object_manifest manifest;
    zova_database *db;
    size_t at;
    make_sound(SMALL);
    db = open_existing("sound.zova");
    CHECK_OK(db, manifest_get(db, id, &manifest));
    close_database(db);
    for (at = 0; at < sizeof ROWS / sizeof *ROWS; at++) {
        either expected = ONLY(BAD);
        check_about("%s", ROWS[at].name);
        db = open_damaged(ROWS[at].sql);
        if (ROWS[at].put == TWICE) {
            expected.one = expected.other = TWICE;
        } else if (ROWS[at].get.one == SQL) {
            expected.one = expected.other = SQL;
        } else if (ROWS[at].get.one == OK) {
            expected.other = ZOVA_OBJECT_ALREADY_EXISTS;
        }
        CHECK_EITHER(expected, assemble(db, id, size, manifest.chunks, manifest.chunks_len));
        close_database(db);
    }
    zova_object_manifest_free(&manifest);
}

static void a_delete_removes_what_is_left_of_the_object(void) {
    size_t at;
    make_sound(SMALL);
    for (at = 0; at < sizeof ROWS / sizeof *ROWS; at++) {
        zova_database *db = open_damaged(ROWS[at].sql);
        check_about("%s", ROWS[at].name);
        CHECK_STATUS(db, ROWS[at].remove, object_delete(db, id));
        if (ROWS[at].remove == ZOVA_OK) {
            CHECK_INT(0, object_exists(db, id));
            CHECK_QUERY("0", db, "select count(*) from _zova_object_chunks");
            CHECK_OK(db, put(db, "another", 7, NULL));
        }
        close_database(db);
    }
}

static void rows_under_a_wrong_id_are_found_by_a_whole_read(void) {
    zova_database *db;
    zova_object_id wrong;
    unsigned char *whole = malloc(SMALL);
    zova_buffer buffer;
    uint64_t stored;
    size_t copied;
    CHECK(whole != NULL);
    make_sound(SMALL);
    db = open_damaged("update _zova_objects set object_id = zeroblob(32);"
                      "update _zova_object_chunks set object_id = zeroblob(32)");
    memset(&wrong, 0, sizeof wrong);
    CHECK_OK(db, object_size(db, wrong, &stored));
    CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT, get(db, wrong, &buffer));
    CHECK_OK(db, read_range(db, wrong, 0, whole, size - 1, &copied));
    CHECK_INT(size - 1, copied);
    CHECK_OK(db, read_range(db, wrong, 1, whole, size, &copied));
    CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT, read_range(db, wrong, 0, whole, size, &copied));
    CHECK_INT(0, copied);
    CHECK_OK(db, object_delete(db, wrong));
    free(whole);
    close_database(db);
}

/* A chunk that a new object shares with a damaged one is not taken on trust. */
static void a_put_that_meets_a_damaged_chunk_is_refused(void) {
    static const char *const DAMAGES[] = {
        "update _zova_chunks set data = " CHANGED,
        "update _zova_chunks set data = substr(data, 2)",
        "update _zova_chunks set data = substr(data, 2), size_bytes = size_bytes - 1"};
    size_t at;
    for (at = 0; at < 2 * (sizeof DAMAGES / sizeof *DAMAGES); at++) {
        zova_database *db;
        if (at % 3 == 0) {
            make_sound(at == 0 ? SMALL : LARGE);
        }
        db = open_damaged(DAMAGES[at % 3]);
        check_about("%s, %zu bytes", DAMAGES[at % 3], size);
        /* One byte longer: another object of nearly the same chunks. */
        CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT, put(db, bytes, size + 1, NULL));
        CHECK_BEGINS("ObjectCorrupt: ", last_error(db));
        CHECK_QUERY("1", db, "select count(*) from _zova_objects");
        CHECK_INT(0, object_exists(db, id_of(bytes, size + 1)));
        CHECK_OK(db, put(db, "unrelated", 9, NULL));
        close_database(db);
    }
}

/* Whatever type a value has: a status, no crash. */
static void values_of_any_type_are_survived(void) {
    static const char *const COLUMNS[][2] = {
        {"_zova_objects", "size_bytes"},       {"_zova_objects", "chunk_count"},      {"_zova_objects", "chunker"},
        {"_zova_chunks", "size_bytes"},        {"_zova_chunks", "data"},              {"_zova_object_chunks", "chunk_hash"},
        {"_zova_object_chunks", "offset"},     {"_zova_object_chunks", "size_bytes"}, {"_zova_object_chunks", "chunk_index"}};
    static const char *const WRONG[] = {"'text'", "x'00'", "1.5", "-9e999", "''", "x''", "9223372036854775807",
                                        "-9223372036854775808", "zeroblob(70000)", "'12'"};
    size_t column, value;
    make_sound(SMALL);
    for (column = 0; column < sizeof COLUMNS / sizeof *COLUMNS; column++) {
        for (value = 0; value < sizeof WRONG / sizeof *WRONG; value += check_small ? 3 : 1) {
            char sql[200];
            zova_database *db;
            zova_buffer buffer;
            unsigned char range[100];
            uint64_t number;
            size_t copied;
            zova_status status;
            snprintf(sql, sizeof sql, "update or ignore %s set %s = %s", COLUMNS[column][0], COLUMNS[column][1],
                     WRONG[value]);
            check_about("%s", sql);
            db = open_damaged(sql);
            status = get(db, id, &buffer);
            CHECK(status == ZOVA_OK || status == ZOVA_OBJECT_CORRUPT || status == ZOVA_OUT_OF_MEMORY);
            if (status == ZOVA_OK) {
                CHECK_BYTES(bytes, buffer.data, size);
                zova_buffer_free(&buffer);
            }
            status = read_range(db, id, size / 2, range, sizeof range, &copied);
            CHECK(status == ZOVA_OK || status == ZOVA_OBJECT_CORRUPT || status == ZOVA_OBJECT_RANGE_INVALID);
            if (status == ZOVA_OK) {
                CHECK_BYTES(bytes + size / 2, range, copied);
            }
            status = object_size(db, id, &number);
            CHECK(status == ZOVA_OK || status == ZOVA_OBJECT_CORRUPT);
            status = object_chunk_count(db, id, &number);
            CHECK(status == ZOVA_OK || status == ZOVA_OBJECT_CORRUPT);
            CHECK_OK(db, put(db, bytes, size, NULL));
            CHECK_OK(db, object_delete(db, id));
            close_database(db);
        }
    }
}

CHECK_MAIN(CASE(each_damage_gives_its_status_when_read),
           CASE(each_damage_gives_its_status_when_read_from_a_large_object),
           CASE(a_put_repairs_nothing),
           CASE(a_put_of_a_large_object_repairs_nothing),
           CASE(a_writer_of_the_same_bytes_finds_the_damage),
           CASE(assembling_the_same_object_finds_the_damage),
           CASE(a_delete_removes_what_is_left_of_the_object),
           CASE(rows_under_a_wrong_id_are_found_by_a_whole_read),
           CASE(a_put_that_meets_a_damaged_chunk_is_refused),
           CASE(values_of_any_type_are_survived))
