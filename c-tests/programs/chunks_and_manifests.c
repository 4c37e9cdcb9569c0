/* objects.md, sections 6.6 to 6.8. */
#include "support.h"

enum { SIZE = 200000, MOST_CHUNK = 65536 };

static unsigned char bytes[SIZE];

/* An object of many chunks. */
static zova_object_id put_stream(zova_database *db, uint64_t seed) {
    zova_object_id id;
    fill_stream(bytes, SIZE, seed);
    CHECK_OK(db, put(db, bytes, SIZE, &id));
    return id;
}

/* An entry for a part of `bytes`. */
static zova_object_manifest_chunk entry(uint64_t index, size_t offset, size_t size) {
    zova_object_manifest_chunk chunk;
    chunk.index = index;
    chunk.hash = chunk_id_of(bytes + offset, size);
    chunk.offset = offset;
    chunk.size_bytes = size;
    return chunk;
}

static void check_empty(const zova_object_manifest *manifest) {
    static const zova_object_manifest EMPTY;
    CHECK(memcmp(&EMPTY, manifest, sizeof EMPTY) == 0);
}

/* ---- manifests ---- */

static void a_manifest_lists_the_chunks_in_order(void) {
    zova_database *db = create("x.zova");
    zova_object_id id = put_stream(db, 1);
    zova_object_manifest manifest;
    uint64_t offset = 0, count;
    size_t at;
    memset(&manifest, 0xA5, sizeof manifest);
    CHECK_OK(db, manifest_get(db, id, &manifest));
    CHECK_OK(db, object_chunk_count(db, id, &count));
    CHECK_BYTES(id.bytes, manifest.object_id.bytes, 32);
    CHECK_INT(SIZE, manifest.size_bytes);
    CHECK_INT(count, manifest.chunk_count);
    CHECK_INT(count, manifest.chunks_len);
    CHECK(count > 5);
    CHECK_TEXT("fastcdc-v1", manifest.chunker);
    for (at = 0; at < manifest.chunks_len; at++) {
        const zova_object_manifest_chunk *chunk = &manifest.chunks[at];
        zova_buffer buffer;
        check_about("chunk %zu", at);
        CHECK_INT(at, chunk->index);
        CHECK_INT(offset, chunk->offset);
        CHECK(chunk->size_bytes >= 1 && chunk->size_bytes <= MOST_CHUNK);
        CHECK_OK(db, chunk_get(db, chunk->hash, &buffer));
        CHECK_INT(chunk->size_bytes, buffer.len);
        CHECK_BYTES(bytes + offset, buffer.data, buffer.len);
        zova_buffer_free(&buffer);
        offset += chunk->size_bytes;
    }
    CHECK_INT(SIZE, offset);
    /* It does not depend on the handle. */
    close_database(db);
    CHECK_INT(offset, manifest.chunks[count - 1].offset + manifest.chunks[count - 1].size_bytes);
    zova_object_manifest_free(&manifest);
    check_empty(&manifest);
    zova_object_manifest_free(&manifest);
    check_empty(&manifest);
}

static void the_manifest_of_the_empty_object_has_no_chunks(void) {
    zova_database *db = create("x.zova");
    zova_object_manifest manifest;
    zova_object_id id;
    CHECK_OK(db, put(db, NULL, 0, &id));
    memset(&manifest, 0xA5, sizeof manifest);
    CHECK_OK(db, manifest_get(db, id, &manifest));
    CHECK_BYTES(id.bytes, manifest.object_id.bytes, 32);
    CHECK(manifest.chunks == NULL && manifest.chunks_len == 0);
    CHECK(manifest.chunk_count == 0 && manifest.size_bytes == 0);
    CHECK_TEXT("fastcdc-v1", manifest.chunker);
    zova_object_manifest_free(&manifest);
    check_empty(&manifest);
    close_database(db);
}

static void an_object_that_is_not_stored_has_no_manifest(void) {
    zova_database *db = create("x.zova");
    zova_object_manifest manifest;
    memset(&manifest, 0xA5, sizeof manifest);
    CHECK_STATUS(db, ZOVA_OBJECT_NOT_FOUND, manifest_get(db, id_of("x", 1), &manifest));
    CHECK_BEGINS("ObjectNotFound: ", last_error(db));
    check_empty(&manifest);
    close_database(db);
}

static void a_manifest_sees_what_its_transaction_wrote(void) {
    zova_database *db = create("x.zova");
    zova_database *other = open_existing("x.zova");
    zova_object_manifest manifest;
    zova_object_id id;
    BEGIN(db);
    id = put_stream(db, 2);
    CHECK_OK(db, manifest_get(db, id, &manifest));
    zova_object_manifest_free(&manifest);
    CHECK_STATUS(other, ZOVA_OBJECT_NOT_FOUND, manifest_get(other, id, &manifest));
    ROLLBACK(db);
    CHECK_STATUS(db, ZOVA_OBJECT_NOT_FOUND, manifest_get(db, id, &manifest));
    close_database(other);
    close_database(db);
}

/* ---- single chunks ---- */

static void a_loose_chunk_is_stored_read_and_removed(void) {
    static const size_t SIZES[] = {1, 2049, MOST_CHUNK};
    zova_database *db = create("x.zova");
    size_t at;
    fill_stream(bytes, SIZE, 3);
    for (at = 0; at < sizeof SIZES / sizeof *SIZES; at++) {
        zova_object_chunk_id hash = chunk_id_of(bytes, SIZES[at]);
        zova_buffer buffer;
        uint8_t deleted = 77;
        check_about("%zu bytes", SIZES[at]);
        CHECK_INT(0, chunk_exists(db, hash));
        CHECK_STATUS(db, ZOVA_OBJECT_CHUNK_NOT_FOUND, chunk_get(db, hash, &buffer));
        CHECK_BEGINS("ObjectChunkNotFound: ", last_error(db));
        CHECK(buffer.data == NULL && buffer.len == 0);
        CHECK_OK(db, chunk_put(db, bytes, SIZES[at]));
        CHECK_OK(db, chunk_put(db, bytes, SIZES[at]));
        CHECK_QUERY("0 1 0", db, ALL_ROWS);
        CHECK_INT(1, chunk_exists(db, hash));
        CHECK_OK(db, chunk_get(db, hash, &buffer));
        CHECK_INT(SIZES[at], buffer.len);
        CHECK_BYTES(bytes, buffer.data, buffer.len);
        zova_buffer_free(&buffer);
        /* A chunk is no object. */
        CHECK_INT(0, object_exists(db, id_of(bytes, SIZES[at])));
        CHECK_OK(db, chunk_delete(db, hash, &deleted));
        CHECK_INT(1, deleted);
        CHECK_OK(db, chunk_delete(db, hash, &deleted));
        CHECK_INT(0, deleted);
        CHECK_QUERY("0 0 0", db, ALL_ROWS);
    }
    close_database(db);
}

static void a_chunk_needs_a_legal_length_and_its_own_hash(void) {
    zova_database *db = create("x.zova");
    zova_object_chunk_put_request request = {NULL, chunk_id_of("chunk", 5), (const uint8_t *)"chunk", 5};
    request.db = db;
    fill_stream(bytes, SIZE, 4);
    CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT, chunk_put(db, NULL, 0));
    CHECK_BEGINS("ObjectCorrupt: ", last_error(db));
    CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT, chunk_put(db, bytes, MOST_CHUNK + 1));
    CHECK_BEGINS("ObjectCorrupt: ", last_error(db));
    request.expected_hash.bytes[31] ^= 1;
    CHECK_STATUS(db, ZOVA_OBJECT_CHUNK_HASH_MISMATCH, zova_object_chunk_put(&request));
    CHECK_BEGINS("ObjectChunkHashMismatch: ", last_error(db));
    /* The length comes first. */
    request.data = bytes;
    request.len = MOST_CHUNK + 1;
    CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT, zova_object_chunk_put(&request));
    request.len = 0;
    CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT, zova_object_chunk_put(&request));
    CHECK_QUERY("0 0 0", db, ALL_ROWS);
    close_database(db);
}

static void a_chunk_that_an_object_uses_stays(void) {
    zova_database *db = create("x.zova");
    zova_object_id id = put_stream(db, 5);
    zova_object_manifest manifest;
    uint8_t deleted = 77;
    CHECK_OK(db, manifest_get(db, id, &manifest));
    CHECK_OK(db, chunk_delete(db, manifest.chunks[3].hash, &deleted));
    CHECK_INT(0, deleted);
    CHECK_OK(db, chunk_put(db, bytes + manifest.chunks[3].offset, manifest.chunks[3].size_bytes));
    CHECK_OBJECT(db, id, bytes, SIZE);
    /* A loose chunk that came to be used goes with its object. */
    CHECK_OK(db, object_delete(db, id));
    CHECK_OK(db, chunk_put(db, bytes + manifest.chunks[3].offset, manifest.chunks[3].size_bytes));
    CHECK_OK(db, chunk_put(db, "another loose chunk", 19));
    CHECK_OK(db, put(db, bytes, SIZE, NULL));
    CHECK_OK(db, object_delete(db, id));
    CHECK_INT(0, chunk_exists(db, manifest.chunks[3].hash));
    CHECK_INT(1, chunk_exists(db, chunk_id_of("another loose chunk", 19)));
    CHECK_QUERY("0 1 0", db, ALL_ROWS);
    /* What is loose survives everything else. */
    CHECK_OK(db, simple(zova_database_vacuum, db));
    close_database(db);
    db = open_existing("x.zova");
    CHECK_INT(1, chunk_exists(db, chunk_id_of("another loose chunk", 19)));
    zova_object_manifest_free(&manifest);
    close_database(db);
}

static void a_read_only_handle_reads_chunks_and_stores_none(void) {
    zova_database *db = create("x.zova");
    zova_object_chunk_id hash = chunk_id_of("chunk", 5);
    zova_object_manifest_chunk chunk = {0, hash, 0, 5};
    zova_object_manifest manifest;
    zova_buffer buffer;
    zova_object_id id;
    uint8_t deleted = 77;
    CHECK_OK(db, chunk_put(db, "chunk", 5));
    CHECK_OK(db, put(db, "object", 6, &id));
    close_database(db);
    db = open_read_only("x.zova");
    CHECK_INT(1, chunk_exists(db, hash));
    CHECK_OK(db, chunk_get(db, hash, &buffer));
    zova_buffer_free(&buffer);
    CHECK_OK(db, manifest_get(db, id, &manifest));
    zova_object_manifest_free(&manifest);
    CHECK_OK(db, chunk_put(db, "chunk", 5));
    CHECK_STATUS(db, ZOVA_READ_ONLY, chunk_put(db, "new chunk", 9));
    CHECK_BEGINS("ReadOnly: ", last_error(db));
    CHECK_STATUS(db, ZOVA_READ_ONLY, chunk_delete(db, hash, &deleted));
    CHECK_STATUS(db, ZOVA_READ_ONLY, chunk_delete(db, chunk_id_of("absent", 6), &deleted));
    CHECK_INT(77, deleted);
    CHECK_STATUS(db, ZOVA_READ_ONLY, assemble(db, id_of("chunk", 5), 5, &chunk, 1));
    close_database(db);
}

/* ---- assembling ---- */

enum { PARTS = 4 };

static const size_t CUTS[PARTS + 1] = {0, 1, 40000, 105536, 150000};

/* Boundaries that no chunker would choose. */
static void store_parts(zova_database *db, zova_object_manifest_chunk *parts, uint64_t seed) {
    int at;
    fill_stream(bytes, SIZE, seed);
    for (at = 0; at < PARTS; at++) {
        size_t size = CUTS[at + 1] - CUTS[at];
        parts[at] = entry((uint64_t)at, CUTS[at], size);
        CHECK_OK(db, chunk_put(db, bytes + CUTS[at], size));
    }
}

static void chunks_in_any_order_become_an_object(void) {
    static const int ORDERS[][PARTS] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}};
    size_t which;
    for (which = 0; which < sizeof ORDERS / sizeof *ORDERS; which++) {
        zova_object_manifest_chunk parts[PARTS], shuffled[PARTS];
        zova_object_manifest manifest;
        char path[32];
        zova_object_id id;
        zova_database *db;
        int at;
        check_about("order %zu", which);
        snprintf(path, sizeof path, "x%zu.zova", which);
        db = create(path);
        store_parts(db, parts, 6);
        for (at = 0; at < PARTS; at++) {
            shuffled[at] = parts[ORDERS[which][at]];
        }
        id = id_of(bytes, CUTS[PARTS]);
        CHECK_OK(db, assemble(db, id, CUTS[PARTS], shuffled, PARTS));
        CHECK_OBJECT(db, id, bytes, CUTS[PARTS]);
        /* A later put of the same bytes keeps the boundaries. */
        CHECK_OK(db, put(db, bytes, CUTS[PARTS], NULL));
        CHECK_OK(db, manifest_get(db, id, &manifest));
        CHECK_INT(PARTS, manifest.chunk_count);
        CHECK(memcmp(parts, manifest.chunks, sizeof parts) == 0);
        CHECK_TEXT("fastcdc-v1", manifest.chunker);
        zova_object_manifest_free(&manifest);
        CHECK_STATUS(db, ZOVA_OBJECT_ALREADY_EXISTS, assemble(db, id, CUTS[PARTS], parts, PARTS));
        CHECK_BEGINS("ObjectAlreadyExists: ", last_error(db));
        CHECK_STATUS(db, ZOVA_OBJECT_ALREADY_EXISTS, assemble(db, id, 1, NULL, 0));
        CHECK_OK(db, object_delete(db, id));
        CHECK_QUERY("0 0 0", db, ALL_ROWS);
        close_database(db);
    }
}

static void a_chunk_may_stand_in_several_places(void) {
    zova_database *db = create("x.zova");
    zova_object_manifest_chunk parts[3];
    zova_object_id id = id_of("abcabcabc", 9);
    uint64_t at;
    CHECK_OK(db, chunk_put(db, "abc", 3));
    for (at = 0; at < 3; at++) {
        parts[at].index = at;
        parts[at].hash = chunk_id_of("abc", 3);
        parts[at].offset = 3 * at;
        parts[at].size_bytes = 3;
    }
    CHECK_OK(db, assemble(db, id, 9, parts, 3));
    CHECK_OBJECT(db, id, "abcabcabc", 9);
    CHECK_QUERY("1 1 3", db, ALL_ROWS);
    close_database(db);
}

static void the_empty_object_is_assembled_from_nothing(void) {
    zova_database *db = create("x.zova");
    zova_object_id id = id_of(NULL, 0);
    CHECK_STATUS(db, ZOVA_OBJECT_MANIFEST_INVALID, assemble(db, id_of("x", 1), 0, NULL, 0));
    CHECK_STATUS(db, ZOVA_OBJECT_MANIFEST_INVALID, assemble(db, id_of("x", 1), 1, NULL, 0));
    CHECK_STATUS(db, ZOVA_OBJECT_MANIFEST_INVALID, assemble(db, id, 1, NULL, 0));
    CHECK_OK(db, assemble(db, id, 0, NULL, 0));
    CHECK_OBJECT(db, id, NULL, 0);
    CHECK_STATUS(db, ZOVA_OBJECT_ALREADY_EXISTS, assemble(db, id, 0, NULL, 0));
    close_database(db);
}

/* One change of a good list each, and what comes of it (section 6.8, row by row). */
static void a_list_that_is_not_the_object_is_refused(void) {
    static const char *const NAMES[] = {"too large a size", "a size of nothing", "no entries", "an index twice",
                                        "an index left out", "an offset off", "a size of 0", "a size above 65536",
                                        "running past the total", "a missing chunk", "a chunk of another size",
                                        "less than the total", "another id", "two chunks exchanged",
                                        "a missing chunk before a wrong offset", "a wrong offset before a missing chunk"};
    zova_database *db = create("x.zova");
    zova_object_manifest_chunk good[PARTS];
    size_t which;
    store_parts(db, good, 7);
    for (which = 0; which < sizeof NAMES / sizeof *NAMES; which++) {
        zova_object_manifest_chunk parts[PARTS];
        zova_object_id id = id_of(bytes, CUTS[PARTS]);
        zova_status expected = ZOVA_OBJECT_MANIFEST_INVALID;
        const char *begin = "ObjectManifestInvalid: ";
        uint64_t size = CUTS[PARTS];
        size_t count = PARTS;
        check_about("%s", NAMES[which]);
        memcpy(parts, good, sizeof parts);
        switch (which) {
        case 0: size = (uint64_t)1 << 63; expected = ZOVA_OBJECT_TOO_LARGE; begin = "ObjectTooLarge: "; break;
        case 1: size = 0; break;
        case 2: count = 0; break;
        case 3: parts[2].index = 1; break;
        case 4: parts[3].index = 4; break;
        case 5: parts[1].offset = 2; break;
        case 6: parts[1].size_bytes = 0; break;
        case 7: parts[1].size_bytes = MOST_CHUNK + 1; break;
        case 8: size = CUTS[PARTS] - 1; break;
        case 9: parts[2].hash.bytes[0] ^= 1; expected = ZOVA_OBJECT_CHUNK_NOT_FOUND; begin = "ObjectChunkNotFound: "; break;
        case 10: parts[1].size_bytes -= 1; break;
        case 11: size += 1; break;
        case 12: id.bytes[5] ^= 1; break;
        case 13: parts[0].hash = good[1].hash; parts[0].size_bytes = good[1].size_bytes;
                 parts[1].hash = good[0].hash; parts[1].size_bytes = good[0].size_bytes;
                 parts[1].offset = good[1].size_bytes; break;
        case 14: parts[1].hash.bytes[0] ^= 1; parts[2].offset += 1;
                 expected = ZOVA_OBJECT_CHUNK_NOT_FOUND; begin = "ObjectChunkNotFound: "; break;
        default: parts[1].offset += 1; parts[2].hash.bytes[0] ^= 1; break;
        }
        CHECK_STATUS(db, expected, assemble(db, id, size, parts, count));
        CHECK_BEGINS(begin, last_error(db));
        CHECK(strstr(last_error(db), "_zova_") == NULL);
        CHECK_QUERY("0 4 0", db, ALL_ROWS);
    }
    check_about("%s", "");
    CHECK_OK(db, assemble(db, id_of(bytes, CUTS[PARTS]), CUTS[PARTS], good, PARTS));
    close_database(db);
}

static void a_damaged_chunk_is_never_used(void) {
    static const char *const DAMAGES[] = {
        "update _zova_chunks set data = zeroblob(size_bytes) where size_bytes = 39999",
        "update _zova_chunks set data = substr(data, 2) where size_bytes = 39999",
        "update _zova_chunks set data = 'text' where size_bytes = 39999"};
    size_t at;
    for (at = 0; at < sizeof DAMAGES / sizeof *DAMAGES; at++) {
        zova_object_manifest_chunk parts[PARTS];
        zova_buffer buffer;
        uint8_t exists = 77, deleted = 77;
        zova_object_chunk_exists_request look;
        char path[32];
        zova_database *db;
        check_about("%s", DAMAGES[at]);
        snprintf(path, sizeof path, "x%zu.zova", at);
        db = create(path);
        store_parts(db, parts, 8);
        EXEC(db, "pragma ignore_check_constraints = on");
        EXEC(db, DAMAGES[at]);
        EXEC(db, "pragma ignore_check_constraints = off");
        CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT, chunk_get(db, parts[1].hash, &buffer));
        CHECK_BEGINS("ObjectCorrupt: ", last_error(db));
        look.db = db;
        look.hash = parts[1].hash;
        look.out_exists = &exists;
        CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT, zova_object_chunk_exists(&look));
        CHECK_INT(77, exists);
        CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT, chunk_put(db, bytes + CUTS[1], parts[1].size_bytes));
        CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT,
                     assemble(db, id_of(bytes, CUTS[PARTS]), CUTS[PARTS], parts, PARTS));
        CHECK_BEGINS("ObjectCorrupt: ", last_error(db));
        CHECK_QUERY("0 4 0", db, ALL_ROWS);
        /* It can be removed and stored anew. */
        CHECK_OK(db, chunk_delete(db, parts[1].hash, &deleted));
        CHECK_INT(1, deleted);
        CHECK_OK(db, chunk_put(db, bytes + CUTS[1], parts[1].size_bytes));
        CHECK_OK(db, assemble(db, id_of(bytes, CUTS[PARTS]), CUTS[PARTS], parts, PARTS));
        close_database(db);
    }
}

static void assembling_a_damaged_object_again_says_so(void) {
    zova_database *db = create("x.zova");
    zova_object_manifest_chunk parts[PARTS];
    zova_object_id id;
    store_parts(db, parts, 9);
    id = id_of(bytes, CUTS[PARTS]);
    CHECK_OK(db, assemble(db, id, CUTS[PARTS], parts, PARTS));
    EXEC(db, "delete from _zova_object_chunks where chunk_index = 2");
    CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT, assemble(db, id, CUTS[PARTS], parts, PARTS));
    EXEC(db, "delete from _zova_objects");
    CHECK_STATUS(db, ZOVA_CONSTRAINT, assemble(db, id, CUTS[PARTS], parts, PARTS));
    CHECK_BEGINS("Constraint: ", last_error(db));
    close_database(db);
}

/* ---- transactions ---- */

static void chunks_and_assembled_objects_belong_to_the_transaction(void) {
    zova_database *db = create("x.zova");
    zova_object_manifest_chunk parts[PARTS];
    uint8_t deleted;
    BEGIN(db);
    store_parts(db, parts, 10);
    CHECK_OK(db, assemble(db, id_of(bytes, CUTS[PARTS]), CUTS[PARTS], parts, PARTS));
    CHECK_QUERY("1 4 4", db, ALL_ROWS);
    ROLLBACK(db);
    CHECK_QUERY("0 0 0", db, ALL_ROWS);
    store_parts(db, parts, 10);
    SAVEPOINT(db, "s");
    CHECK_OK(db, chunk_delete(db, parts[0].hash, &deleted));
    CHECK_INT(1, deleted);
    /* A refused call leaves its own savepoint and that of the application alone. */
    CHECK_STATUS(db, ZOVA_OBJECT_CHUNK_NOT_FOUND,
                 assemble(db, id_of(bytes, CUTS[PARTS]), CUTS[PARTS], parts, PARTS));
    ROLLBACK_TO(db, "s");
    CHECK_OK(db, assemble(db, id_of(bytes, CUTS[PARTS]), CUTS[PARTS], parts, PARTS));
    RELEASE(db, "s");
    CHECK_OBJECT(db, id_of(bytes, CUTS[PARTS]), bytes, CUTS[PARTS]);
    close_database(db);
}

static void a_half_stepped_write_refuses_chunk_mutations(void) {
    zova_database *db = create("x.zova");
    zova_object_manifest_chunk parts[PARTS];
    zova_object_manifest manifest;
    zova_statement *rows;
    zova_object_id id, absent = id_of("absent", 6);
    zova_buffer buffer;
    uint8_t deleted = 77;
    store_parts(db, parts, 11);
    id = id_of(bytes, CUTS[PARTS]);
    EXEC(db, "create table t(x)");
    rows = PREPARE(db, "insert into t values (1), (2) returning x");
    STEP(db, rows, ZOVA_STEP_ROW);
    CHECK_STATUS(db, ZOVA_OBJECT_TRANSACTION_ACTIVE, assemble(db, id, CUTS[PARTS], parts, PARTS));
    CHECK_BEGINS("ObjectTransactionActive: ", last_error(db));
    CHECK_STATUS(db, ZOVA_OBJECT_TRANSACTION_ACTIVE, assemble(db, absent, 0, NULL, 0));
    CHECK_STATUS(db, ZOVA_OBJECT_TRANSACTION_ACTIVE, chunk_put(db, "new", 3));
    CHECK_STATUS(db, ZOVA_OBJECT_TRANSACTION_ACTIVE, chunk_put(db, bytes, 1));
    CHECK_STATUS(db, ZOVA_OBJECT_TRANSACTION_ACTIVE, chunk_delete(db, parts[0].hash, &deleted));
    CHECK_INT(77, deleted);
    CHECK_OK(db, chunk_get(db, parts[0].hash, &buffer));
    zova_buffer_free(&buffer);
    CHECK_INT(1, chunk_exists(db, parts[1].hash));
    CHECK_STATUS(db, ZOVA_OBJECT_NOT_FOUND, manifest_get(db, id, &manifest));
    RESET(db, rows);
    CHECK_OK(db, assemble(db, id, CUTS[PARTS], parts, PARTS));
    FINALIZE(db, rows);
    close_database(db);
}

CHECK_MAIN(CASE(a_manifest_lists_the_chunks_in_order),
           CASE(the_manifest_of_the_empty_object_has_no_chunks),
           CASE(an_object_that_is_not_stored_has_no_manifest),
           CASE(a_manifest_sees_what_its_transaction_wrote),
           CASE(a_loose_chunk_is_stored_read_and_removed),
           CASE(a_chunk_needs_a_legal_length_and_its_own_hash),
           CASE(a_chunk_that_an_object_uses_stays),
           CASE(a_read_only_handle_reads_chunks_and_stores_none),
           CASE(chunks_in_any_order_become_an_object),
           CASE(a_chunk_may_stand_in_several_places),
           CASE(the_empty_object_is_assembled_from_nothing),
           CASE(a_list_that_is_not_the_object_is_refused),
           CASE(a_damaged_chunk_is_never_used),
           CASE(assembling_a_damaged_object_again_says_so),
           CASE(chunks_and_assembled_objects_belong_to_the_transaction),
           CASE(a_half_stepped_write_refuses_chunk_mutations))
