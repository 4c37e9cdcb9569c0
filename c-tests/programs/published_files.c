/* Files written by the published implementation: read, extended, refused where this build lacks a part. */
#include "support.h"

static const struct {
    uint64_t seed;
    size_t size;
    const char *digits;
} OBJECTS[] = {{0, 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
               {1, 1, "d1bbd73bb09190bfb883056771e22e997541ed20079793bf33975fe1654581c3"},
               {2, 2048, "b9665a75b460f891664c92cbecccdf0f6974eb339e85b49c2747463027c42795"},
               {3, 65537, "773de73af22c3b4617d25d8c963818757176ee1bacd439ac280d3bc2d12e5aa5"},
               {4, 150001, "1f92e0cdd81c737dd098ad650997be8f21841b65b8b066f05610f299c7431789"},
               {5, 4000, "85d5aba5e9cec200bb2374e3a4c4812fa92a038a31849af80215186f7687b24f"}};

/* The same bytes through the manifest and through a reader. */
static void check_streamed(zova_database *db, zova_object_id id, const unsigned char *bytes, size_t size) {
    zova_object_verify_request verify = {db, id};
    zova_object_manifest manifest;
    zova_object_reader *reader = create_reader(db, id);
    unsigned char part[5000];
    size_t position, at, count;
    for (position = 0; position < size; position += count) {
        CHECK_OK(db, reader_read(reader, part, sizeof part, &count));
        CHECK(count > 0 && count <= size - position);
        CHECK_BYTES(bytes + position, part, count);
    }
    CHECK_OK(db, reader_read(reader, part, sizeof part, &count));
    CHECK_INT(0, count);
    DESTROY_READER(db, reader);
    CHECK_OK(db, manifest_get(db, id, &manifest));
    for (at = 0, position = 0; at < manifest.chunks_len; at++) {
        zova_object_chunk_id hash = chunk_id_of(bytes + position, manifest.chunks[at].size_bytes);
        CHECK_BYTES(hash.bytes, manifest.chunks[at].hash.bytes, sizeof hash.bytes);
        position += manifest.chunks[at].size_bytes;
    }
    CHECK_INT(size, position);
    zova_object_manifest_free(&manifest);
    CHECK_OK(db, zova_object_verify(&verify));
}

static void check_objects(zova_database *db) {
    size_t at;
    for (at = 0; at < sizeof OBJECTS / sizeof *OBJECTS; at++) {
        unsigned char *bytes = stream(OBJECTS[at].size, OBJECTS[at].seed);
        zova_object_id id = id_of(bytes, OBJECTS[at].size);
        char digits[65];
        uint64_t size;
        check_about("object of %zu bytes", OBJECTS[at].size);
        hex(digits, id.bytes, 32);
        CHECK_TEXT(OBJECTS[at].digits, digits);
        CHECK_OBJECT(db, id, bytes, OBJECTS[at].size);
        CHECK_OK(db, object_size(db, id, &size));
        CHECK_INT(OBJECTS[at].size, size);
        check_streamed(db, id, bytes, OBJECTS[at].size);
        if (OBJECTS[at].seed == 4) {
            bytes[75000] ^= 1;
            id = id_of(bytes, OBJECTS[at].size);
            hex(digits, id.bytes, 32);
            CHECK_TEXT("45eaba3367dca4865f01b33cd0f5726f9752b4b9bafeb58c42d448086216dcad", digits);
            CHECK_OBJECT(db, id, bytes, OBJECTS[at].size);
        }
        free(bytes);
    }
    check_about("%s", "");
}

static void everything_in_a_plain_file_is_read(void) {
    zova_database *db;
    copy_fixture("plain.zova");
    db = open_read_only("plain.zova");
    check_objects(db);
    CHECK_QUERY("3", db, "select count(*) from notes");
    CHECK_QUERY("hello|a longer note about Zova|\xf0\x9f\x98\x80", db,
                "select group_concat(body, '|') from (select body from notes order by rowid)");
    CHECK_QUERY("2", db, "select count(*) from notes where payload is not null");
    CHECK_QUERY("7", db, "select count(*) from _zova_objects");
    CHECK_QUERY("7", db, "select count(*) from zova_objects");
    CHECK_QUERY("1", db, "select count(*) from zova_object_chunks where object_id is null");
    CHECK_QUERY("1", db, "select count(*) from _zova_chunks where chunk_hash not in (select chunk_hash from _zova_object_chunks)");
    close_database(db);
}

static void reading_leaves_every_byte(void) {
    char original[4096];
    size_t len, original_len;
    unsigned char *bytes, *expected;
    zova_database *db;
    copy_fixture("plain.zova");
    db = open_existing("plain.zova");
    check_objects(db);
    close_database(db);
    snprintf(original, sizeof original, "%s/plain.zova", check_fixtures);
    bytes = read_file("plain.zova", &len);
    expected = read_file(original, &original_len);
    CHECK_INT(original_len, len);
    CHECK_BYTES(expected, bytes, len);
    free(bytes);
    free(expected);
}

/* The same bytes are cut in the same places and stored in the same rows. */
static void a_put_here_makes_the_same_rows(void) {
    zova_database *db;
    size_t at;
    copy_fixture("plain.zova");
    db = create("x.zova");
    for (at = 0; at < sizeof OBJECTS / sizeof *OBJECTS; at++) {
        unsigned char *bytes = stream(OBJECTS[at].size, OBJECTS[at].seed);
        /* The last one was assembled with foreign boundaries. */
        if (OBJECTS[at].seed != 5) {
            CHECK_OK(db, put(db, bytes, OBJECTS[at].size, NULL));
        }
        free(bytes);
    }
    EXEC(db, "attach 'plain.zova' as published");
    CHECK_QUERY("0", db, "select count(*) from (select * from main._zova_objects except select * from published._zova_objects)");
    CHECK_QUERY("0", db, "select count(*) from (select * from main._zova_chunks except select * from published._zova_chunks)");
    CHECK_QUERY("0", db, "select count(*) from (select * from main._zova_object_chunks except select * from published._zova_object_chunks)");
    CHECK(QUERY_INT(db, "select count(*) from main._zova_object_chunks") > 10);
    close_database(db);
}

static void a_published_file_is_extended(void) {
    static const char *const FILES[] = {"plain.zova", "empty.zova"};
    size_t at;
    for (at = 0; at < 2; at++) {
        zova_database *db;
        zova_object_id id;
        check_about("%s", FILES[at]);
        copy_fixture(FILES[at]);
        db = open_existing(FILES[at]);
        EXEC(db, "create table more(x); insert into more values (1)");
        BEGIN(db);
        CHECK_OK(db, put(db, "an addition", 11, &id));
        COMMIT(db);
        CHECK_OBJECT(db, id, "an addition", 11);
        /* Without the indexes that this implementation adds to its own files. */
        CHECK_OK(db, object_delete(db, id));
        if (at == 0) {
            unsigned char *bytes = stream(150001, 4);
            CHECK_OK(db, object_delete(db, id_of(bytes, 150001)));
            bytes[75000] ^= 1;
            CHECK_OBJECT(db, id_of(bytes, 150001), bytes, 150001);
            free(bytes);
        }
        CHECK_QUERY("0", db, "select count(*) from sqlite_schema where type = 'index' and name like '\\_zova%' escape '\\' and sql is not null");
        CHECK_OK(db, simple(zova_database_vacuum, db));
        CHECK_QUERY("ok", db, "pragma integrity_check");
        close_database(db);
        CHECK_OPEN(ZOVA_OK, FILES[at]);
    }
}

static void files_with_bound_stores_are_refused_clearly(void) {
    char text[1024];
    copy_fixture("bound_main.zova");
    copy_fixture("bound_objects.zova");
    copy_fixture("bound_vectors.zova");
    CHECK_OPEN(ZOVA_BOUND_STORE_INVALID, "bound_main.zova");
    try_open("bound_main.zova", 0, text, sizeof text);
    CHECK_BEGINS("BoundStoreInvalid: ", text);
    CHECK_CONTAINS("bound_main.zova", text);
    CHECK_OPEN(ZOVA_BOUND_STORE_INVALID, "bound_objects.zova");
    try_open("bound_objects.zova", 0, text, sizeof text);
    CHECK_BEGINS("BoundStoreInvalid: ", text);
    CHECK_CONTAINS("store", text + strlen("BoundStoreInvalid: "));
    CHECK_OPEN(ZOVA_BOUND_STORE_INVALID, "bound_vectors.zova");
}

static void an_index_of_trigrams_is_searched_extended_checked_and_dropped(void) {
    zova_database *db;
    zova_database_extension_request trgm = {NULL, "trgm"};
    copy_fixture("full.zova");
    db = open_existing("full.zova");
    check_objects(db);
    trgm.db = db;
    CHECK_OK(db, zova_database_extension_check(&trgm));
    CHECK_QUERY("5", db, "select count(*) from _zova_ext_trgm_documents");
    CHECK_QUERY("0", db, "select count(*) from zova_trgm_search('messages', 'zzzz')");
    CHECK_QUERY("1", db, "select zova_trgm_put('messages', 'more', 'record', null, null, 'an addition')");
    CHECK_QUERY("more", db, "select document_id from zova_trgm_search('messages', 'an additon', 1, 0.5)");
    CHECK_QUERY("1", db, "select zova_trgm_delete('messages', 'message:0')");
    CHECK_OK(db, zova_database_extension_check(&trgm));
    CHECK_OK(db, zova_database_extension_drop(&trgm));
    CHECK_QUERY("0", db, "select count(*) from sqlite_schema where name like '%trgm%'");
    check_objects(db);
    close_database(db);
    CHECK_OPEN(ZOVA_OK, "full.zova");
}

CHECK_MAIN(CASE(everything_in_a_plain_file_is_read),
           CASE(reading_leaves_every_byte),
           CASE(a_put_here_makes_the_same_rows),
           CASE(a_published_file_is_extended),
           CASE(files_with_bound_stores_are_refused_clearly),
           CASE(an_index_of_trigrams_is_searched_extended_checked_and_dropped))
