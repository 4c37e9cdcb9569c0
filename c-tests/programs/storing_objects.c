/* objects.md, sections 1 to 6; abi.md, section 12.9. */
#include "support.h"

static const struct {
    const char *bytes;
    const char *digits;
} DIGESTS[] = {{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
               {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
               {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"}};

static void ids_are_sha_256_of_the_bytes(void) {
    char digits[65];
    unsigned char *bytes = stream(70000, 1);
    zova_object_chunk_id chunk;
    zova_object_id id;
    size_t at;
    for (at = 0; at < sizeof DIGESTS / sizeof *DIGESTS; at++) {
        size_t len = strlen(DIGESTS[at].bytes);
        id = id_of(DIGESTS[at].bytes, len);
        hex(digits, id.bytes, 32);
        CHECK_TEXT(DIGESTS[at].digits, digits);
        CHECK_OK(NULL, zova_object_chunk_id_from_bytes((const uint8_t *)DIGESTS[at].bytes, len, &chunk));
        CHECK_BYTES(id.bytes, chunk.bytes, 32);
    }
    /* The chunk helper takes more than a chunk. */
    id = id_of(bytes, 70000);
    CHECK_OK(NULL, zova_object_chunk_id_from_bytes(bytes, 70000, &chunk));
    CHECK_BYTES(id.bytes, chunk.bytes, 32);
    free(bytes);
}

static void bytes_of_every_size_come_back(void) {
    static const size_t SIZES[] = {0,     1,     2,     2047,  2048,   2049,   2050,   8191,   8192,    8193,
                                   65535, 65536, 65537, 65538, 131072, 131073, 200000, 524289, 1000003, 5000000};
    zova_database *db = create("x.zova");
    size_t at, count = sizeof SIZES / sizeof *SIZES - (check_small ? 3 : 0);
    for (at = 0; at < count; at++) {
        unsigned char *bytes = stream(SIZES[at], 100 + at);
        zova_object_id expected = id_of(bytes, SIZES[at]);
        zova_object_id id;
        uint64_t size, chunks;
        check_about("%zu bytes", SIZES[at]);
        CHECK_INT(0, object_exists(db, expected));
        CHECK_OK(db, put(db, bytes, SIZES[at], &id));
        CHECK_BYTES(expected.bytes, id.bytes, 32);
        CHECK_INT(1, object_exists(db, id));
        CHECK_OBJECT(db, id, bytes, SIZES[at]);
        CHECK_OK(db, object_size(db, id, &size));
        CHECK_INT(SIZES[at], size);
        CHECK_OK(db, object_chunk_count(db, id, &chunks));
        CHECK(chunks >= SIZES[at] / 65536 && chunks <= SIZES[at] / 2050 + 1);
        CHECK((chunks == 0) == (SIZES[at] == 0));
        free(bytes);
    }
    CHECK_INT(count, QUERY_INT(db, "select count(*) from _zova_objects"));
    CHECK_QUERY("0", db,
                "select count(*) from _zova_objects o where chunk_count <>"
                " (select count(*) from _zova_object_chunks c where c.object_id = o.object_id)"
                " or size_bytes <> (select coalesce(sum(size_bytes), 0) from _zova_object_chunks c"
                " where c.object_id = o.object_id)");
    close_database(db);
    /* And from another handle. */
    db = open_read_only("x.zova");
    for (at = 0; at < count; at++) {
        unsigned char *bytes = stream(SIZES[at], 100 + at);
        check_about("%zu bytes, opened again", SIZES[at]);
        CHECK_OBJECT(db, id_of(bytes, SIZES[at]), bytes, SIZES[at]);
        free(bytes);
    }
    close_database(db);
}

static void constant_bytes_are_cut_every_65536(void) {
    zova_database *db = create("x.zova");
    unsigned char *bytes = malloc(200000);
    zova_object_id id;
    uint64_t chunks;
    CHECK(bytes != NULL);
    memset(bytes, 0x5a, 200000);
    CHECK_OK(db, put(db, bytes, 200000, &id));
    CHECK_OK(db, object_chunk_count(db, id, &chunks));
    CHECK_INT(4, chunks);
    /* Three of the four chunks are equal and stored once. */
    CHECK_QUERY("2", db, "select count(*) from _zova_chunks");
    CHECK_QUERY("65536,65536,65536,3392", db,
                "select group_concat(size_bytes) from (select * from _zova_object_chunks order by chunk_index)");
    CHECK_OBJECT(db, id, bytes, 200000);
    free(bytes);
    close_database(db);
}

static void putting_again_changes_nothing(void) {
    static const size_t SIZES[] = {0, 100000, 1000000};
    const char *all = "select (select count(*) from _zova_objects) * 1000000 +"
                      " (select count(*) from _zova_chunks) * 1000 + (select count(*) from _zova_object_chunks)";
    zova_database *db = create("x.zova");
    unsigned char *bytes = stream(1000000, 2);
    size_t at;
    for (at = 0; at < sizeof SIZES / sizeof *SIZES; at++) {
        zova_object_id first, second;
        int64_t rows;
        check_about("%zu bytes", SIZES[at]);
        CHECK_OK(db, put(db, bytes, SIZES[at], &first));
        rows = QUERY_INT(db, all);
        CHECK_OK(db, put(db, bytes, SIZES[at], &second));
        CHECK_BYTES(first.bytes, second.bytes, 32);
        CHECK_INT(rows, QUERY_INT(db, all));
        CHECK_OK(db, object_delete(db, first));
        CHECK_INT(0, QUERY_INT(db, all));
    }
    free(bytes);
    close_database(db);
}

static void an_edited_copy_shares_its_unchanged_chunks(void) {
    zova_database *db = create("x.zova");
    unsigned char *bytes = stream(200000, 4);
    zova_object_id original, edited;
    uint64_t chunks;
    int64_t before, after;
    CHECK_OK(db, put(db, bytes, 200000, &original));
    CHECK_OK(db, object_chunk_count(db, original, &chunks));
    before = QUERY_INT(db, "select count(*) from _zova_chunks");
    CHECK_INT(chunks, before);
    bytes[100000] ^= 1;
    CHECK_OK(db, put(db, bytes, 200000, &edited));
    after = QUERY_INT(db, "select count(*) from _zova_chunks");
    CHECK(after > before && after <= before + 4);
    /* Deleting one keeps what the other needs, and nothing else. */
    CHECK_OK(db, object_delete(db, original));
    CHECK_OBJECT(db, edited, bytes, 200000);
    CHECK_OK(db, object_chunk_count(db, edited, &chunks));
    CHECK_INT(chunks, QUERY_INT(db, "select count(*) from _zova_chunks"));
    CHECK_OK(db, object_delete(db, edited));
    CHECK_QUERY("0", db, "select count(*) from _zova_chunks");
    CHECK_QUERY("0", db, "select count(*) from _zova_object_chunks");
    free(bytes);
    close_database(db);
}

static void a_range_copies_what_there_is(void) {
    enum { SIZE = 150000 };
    static const struct {
        uint64_t offset;
        size_t len;
        size_t copied;
    } RANGES[] = {{0, SIZE, SIZE},         {0, SIZE + 1, SIZE},  {0, 1, 1},          {SIZE - 1, 1, 1},
                  {SIZE - 1, 100, 1},      {SIZE, 0, 0},         {SIZE, 100, 0},     {0, 0, 0},
                  {77777, 0, 0},           {77777, 60000, 60000}, {1, SIZE, SIZE - 1}, {65536, 65536, 65536},
                  {SIZE - 10, 20, 10},     {2048, 1, 1}};
    zova_database *db = create("x.zova");
    unsigned char *bytes = stream(SIZE, 4);
    unsigned char *buffer = malloc(SIZE + 100);
    zova_object_id id;
    size_t at;
    CHECK(buffer != NULL);
    CHECK_OK(db, put(db, bytes, SIZE, &id));
    for (at = 0; at < sizeof RANGES / sizeof *RANGES; at++) {
        size_t copied = 77, byte;
        check_about("offset %llu, length %zu", (unsigned long long)RANGES[at].offset, RANGES[at].len);
        memset(buffer, 0xA5, SIZE + 100);
        CHECK_OK(db, read_range(db, id, RANGES[at].offset, buffer, RANGES[at].len, &copied));
        CHECK_INT(RANGES[at].copied, copied);
        CHECK_BYTES(bytes + RANGES[at].offset, buffer, copied);
        for (byte = copied; byte < SIZE + 100; byte++) {
            CHECK(buffer[byte] == 0xA5);
        }
    }
    free(bytes);
    free(buffer);
    close_database(db);
}

static void every_piece_of_an_object_can_be_read_alone(void) {
    const size_t size = check_small ? 30000 : 150000;
    zova_database *db = create("x.zova");
    unsigned char *bytes = stream(size, 6);
    unsigned char buffer[4096];
    zova_object_id id;
    size_t offset, copied;
    CHECK_OK(db, put(db, bytes, size, &id));
    for (offset = 0; offset < size; offset += 1999) {
        CHECK_OK(db, read_range(db, id, offset, buffer, sizeof buffer, &copied));
        CHECK_INT(size - offset < sizeof buffer ? size - offset : sizeof buffer, copied);
        CHECK_BYTES(bytes + offset, buffer, copied);
    }
    free(bytes);
    close_database(db);
}

static void a_range_beyond_the_end_is_invalid(void) {
    static const uint64_t OFFSETS[] = {11, 12, 65536, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX};
    zova_database *db = create("x.zova");
    zova_object_id id, empty;
    unsigned char buffer[16];
    size_t at, len;
    CHECK_OK(db, put(db, "ten bytes.", 10, &id));
    CHECK_OK(db, put(db, NULL, 0, &empty));
    for (at = 0; at < sizeof OFFSETS / sizeof *OFFSETS; at++) {
        for (len = 0; len <= sizeof buffer; len += sizeof buffer) {
            size_t copied = 77;
            check_about("offset %llu, length %zu", (unsigned long long)OFFSETS[at], len);
            CHECK_STATUS(db, ZOVA_OBJECT_RANGE_INVALID, read_range(db, id, OFFSETS[at], buffer, len, &copied));
            CHECK_BEGINS("ObjectRangeInvalid: ", last_error(db));
            CHECK_INT(0, copied);
            copied = 77;
            CHECK_STATUS(db, ZOVA_OBJECT_RANGE_INVALID, read_range(db, empty, OFFSETS[at], buffer, len, &copied));
            CHECK_INT(0, copied);
        }
    }
    {
        size_t copied = 77;
        CHECK_OK(db, read_range(db, empty, 0, buffer, sizeof buffer, &copied));
        CHECK_INT(0, copied);
        CHECK_OK(db, read_range(db, empty, 0, NULL, 0, &copied));
        CHECK_STATUS(db, ZOVA_OBJECT_RANGE_INVALID, read_range(db, empty, 1, NULL, 0, &copied));
    }
    close_database(db);
}

static void an_absent_object_is_not_found_and_named(void) {
    zova_database *db = create("x.zova");
    zova_object_id id = id_of("absent", 6);
    zova_buffer buffer = {(uint8_t *)1, 99};
    uint64_t number = 77;
    size_t copied = 77;
    char digits[65], byte;
    hex(digits, id.bytes, 32);
    CHECK_INT(0, object_exists(db, id));
    CHECK_STATUS(db, ZOVA_OBJECT_NOT_FOUND, get(db, id, &buffer));
    CHECK(buffer.data == NULL && buffer.len == 0);
    CHECK_BEGINS("ObjectNotFound: ", last_error(db));
    CHECK_CONTAINS(digits, last_error(db));
    CHECK_STATUS(db, ZOVA_OBJECT_NOT_FOUND, object_size(db, id, &number));
    CHECK_CONTAINS(digits, last_error(db));
    CHECK_STATUS(db, ZOVA_OBJECT_NOT_FOUND, object_chunk_count(db, id, &number));
    CHECK_CONTAINS(digits, last_error(db));
    CHECK_INT(77, number);
    CHECK_STATUS(db, ZOVA_OBJECT_NOT_FOUND, read_range(db, id, 99, &byte, 1, &copied));
    CHECK_CONTAINS(digits, last_error(db));
    CHECK_INT(0, copied);
    CHECK_STATUS(db, ZOVA_OBJECT_NOT_FOUND, object_delete(db, id));
    CHECK_CONTAINS(digits, last_error(db));
    close_database(db);
}

static void the_empty_object_is_an_object(void) {
    zova_database *db = create("x.zova");
    zova_object_id id;
    zova_buffer buffer;
    uint64_t number = 77;
    CHECK_INT(0, object_exists(db, id_of(NULL, 0)));
    CHECK_OK(db, put(db, NULL, 0, &id));
    CHECK_INT(1, object_exists(db, id));
    CHECK_OK(db, get(db, id, &buffer));
    CHECK_INT(0, buffer.len);
    zova_buffer_free(&buffer);
    CHECK_OK(db, object_size(db, id, &number));
    CHECK_INT(0, number);
    CHECK_OK(db, object_chunk_count(db, id, &number));
    CHECK_INT(0, number);
    CHECK_QUERY("0", db, "select count(*) from _zova_chunks");
    CHECK_OK(db, object_delete(db, id));
    CHECK_INT(0, object_exists(db, id));
    close_database(db);
}

static void objects_work_with_foreign_keys_on(void) {
    zova_database *db = create("x.zova");
    unsigned char *bytes = stream(100000, 7);
    zova_object_id id;
    EXEC(db, "pragma foreign_keys = on");
    CHECK_OK(db, put(db, bytes, 100000, &id));
    CHECK_OBJECT(db, id, bytes, 100000);
    CHECK_OK(db, put(db, bytes, 50000, NULL));
    CHECK_OK(db, object_delete(db, id));
    CHECK_OBJECT(db, id_of(bytes, 50000), bytes, 50000);
    CHECK_OK(db, object_delete(db, id_of(bytes, 50000)));
    CHECK_QUERY("0", db, "select count(*) from _zova_chunks");
    free(bytes);
    close_database(db);
}

static void a_loose_chunk_is_used_by_a_put_and_goes_with_its_object(void) {
    zova_database *db = create("x.zova");
    zova_object_id id = id_of("loose", 5);
    char sql[200], digits[65];
    hex(digits, id.bytes, 32);
    snprintf(sql, sizeof sql, "insert into _zova_chunks values (x'%s', 5, cast('loose' as blob))", digits);
    EXEC(db, sql);
    CHECK_INT(0, object_exists(db, id));
    CHECK_OK(db, put(db, "other", 5, NULL));
    CHECK_OK(db, object_delete(db, id_of("other", 5)));
    CHECK_QUERY("1", db, "select count(*) from _zova_chunks");
    CHECK_OK(db, put(db, "loose", 5, NULL));
    CHECK_QUERY("1", db, "select count(*) from _zova_chunks");
    CHECK_OBJECT(db, id, "loose", 5);
    CHECK_OK(db, object_delete(db, id));
    CHECK_QUERY("0", db, "select count(*) from _zova_chunks");
    close_database(db);
}

static void rows_of_the_application_are_never_touched(void) {
    zova_database *db = create("x.zova");
    zova_object_id id;
    EXEC(db, "create table notes(attachment blob)");
    CHECK_OK(db, put(db, "object", 6, &id));
    EXEC(db, "insert into notes select object_id from _zova_objects");
    CHECK_OK(db, object_delete(db, id));
    CHECK_QUERY("1", db, "select count(*) from notes where length(attachment) = 32");
    close_database(db);
}

CHECK_MAIN(CASE(ids_are_sha_256_of_the_bytes),
           CASE(bytes_of_every_size_come_back),
           CASE(constant_bytes_are_cut_every_65536),
           CASE(putting_again_changes_nothing),
           CASE(an_edited_copy_shares_its_unchanged_chunks),
           CASE(a_range_copies_what_there_is),
           CASE(every_piece_of_an_object_can_be_read_alone),
           CASE(a_range_beyond_the_end_is_invalid),
           CASE(an_absent_object_is_not_found_and_named),
           CASE(the_empty_object_is_an_object),
           CASE(objects_work_with_foreign_keys_on),
           CASE(a_loose_chunk_is_used_by_a_put_and_goes_with_its_object),
           CASE(rows_of_the_application_are_never_touched))
