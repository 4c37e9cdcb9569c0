/* zova_object_list and zova_object_verify. */
#include "support.h"

enum { COUNT = 200, SIZE = 200000 };

static zova_object_id ids[COUNT];

static int by_id(const void *left, const void *right) { return memcmp(left, right, sizeof(zova_object_id)); }

static int object_count(void) { return check_small ? 40 : COUNT; }

/* The content of the n-th object: "0", "1", ... and a tail of another length each. */
static size_t content(char *text, int n) {
    size_t len = (size_t)snprintf(text, 32, "%d ", n);
    memset(text + len, 'x', (size_t)n % 50);
    return len + (size_t)n % 50;
}

/* Many objects, with their ids in ascending order. */
static zova_database *make(void) {
    zova_database *db = create("x.zova");
    char text[100];
    int at;
    BEGIN(db);
    for (at = 0; at < object_count(); at++) {
        CHECK_OK(db, put(db, text, content(text, at), &ids[at]));
    }
    COMMIT(db);
    qsort(ids, (size_t)object_count(), sizeof *ids, by_id);
    return db;
}

static zova_status list(zova_database *db, const zova_object_id *after, size_t limit, zova_object_page *page) {
    zova_object_list_request request = {db, after, limit, page};
    return zova_object_list(&request);
}

static zova_status verify(zova_database *db, zova_object_id id) {
    zova_object_verify_request request = {db, id};
    return zova_object_verify(&request);
}

static void pages_of_any_length_list_every_object_once_in_order(void) {
    static const size_t LIMITS[] = {1, 3, 39, 40, 41, 199, 200, 201, 100000, SIZE_MAX};
    zova_database *db = make();
    size_t which;
    for (which = 0; which < sizeof LIMITS / sizeof *LIMITS; which++) {
        zova_object_id after;
        size_t len;
        int seen = 0;
        check_about("pages of %zu", LIMITS[which]);
        do {
            zova_object_page page;
            size_t at;
            memset(&page, 0xA5, sizeof page);
            CHECK_OK(db, list(db, seen == 0 ? NULL : &after, LIMITS[which], &page));
            len = page.len;
            CHECK((page.items == NULL) == (len == 0) && len <= LIMITS[which]);
            for (at = 0; at < len; at++, seen++) {
                uint64_t size = 0, chunks = 0;
                CHECK(seen < object_count());
                CHECK_BYTES(ids[seen].bytes, page.items[at].id.bytes, 32);
                CHECK_OK(db, object_size(db, ids[seen], &size));
                CHECK_OK(db, object_chunk_count(db, ids[seen], &chunks));
                CHECK_INT(size, page.items[at].size_bytes);
                CHECK_INT(chunks, page.items[at].chunk_count);
                after = page.items[at].id;
            }
            zova_object_page_free(&page);
            CHECK(page.items == NULL && page.len == 0);
        } while (len == LIMITS[which]);
        CHECK_INT(object_count(), seen);
    }
    close_database(db);
}

static void a_page_begins_behind_an_id_that_need_not_be_stored(void) {
    zova_database *db = make();
    zova_object_page page;
    zova_object_id after = ids[10];
    CHECK_OK(db, object_delete(db, ids[10]));
    CHECK_OK(db, list(db, &after, 2, &page));
    CHECK_INT(2, page.len);
    CHECK_BYTES(ids[11].bytes, page.items[0].id.bytes, 32);
    zova_object_page_free(&page);
    memset(&after, 0, sizeof after);
    CHECK_OK(db, list(db, &after, 1, &page));
    CHECK_BYTES(ids[0].bytes, page.items[0].id.bytes, 32);
    zova_object_page_free(&page);
    memset(&after, 0xff, sizeof after);
    CHECK_OK(db, list(db, &after, 1, &page));
    CHECK(page.items == NULL && page.len == 0);
    CHECK_OK(db, list(db, &ids[object_count() - 1], 1, &page));
    CHECK(page.items == NULL && page.len == 0);
    CHECK_OK(db, list(db, NULL, 0, &page));
    CHECK(page.items == NULL && page.len == 0);
    zova_object_page_free(&page);
    close_database(db);
}

static void a_list_is_what_the_handle_sees(void) {
    zova_database *db = create("x.zova");
    zova_database *other = open_existing("x.zova");
    zova_object_page page;
    CHECK_OK(db, list(db, NULL, 10, &page));
    CHECK(page.items == NULL && page.len == 0);
    BEGIN(db);
    CHECK_OK(db, put(db, "object", 6, NULL));
    CHECK_OK(db, chunk_put(db, "no object", 9));
    CHECK_OK(db, list(db, NULL, 10, &page));
    CHECK_INT(1, page.len);
    zova_object_page_free(&page);
    CHECK_OK(other, list(other, NULL, 10, &page));
    CHECK_INT(0, page.len);
    ROLLBACK(db);
    CHECK_OK(db, list(db, NULL, 10, &page));
    CHECK_INT(0, page.len);
    close_database(other);
    close_database(db);
}

static void a_page_outlives_its_database(void) {
    zova_database *db = make();
    zova_object_page page;
    CHECK_OK(db, list(db, NULL, 5, &page));
    close_database(db);
    CHECK_BYTES(ids[4].bytes, page.items[4].id.bytes, 32);
    zova_object_page_free(&page);
    zova_object_page_free(&page);
    db = open_read_only("x.zova");
    CHECK_OK(db, list(db, NULL, 5, &page));
    CHECK_INT(5, page.len);
    zova_object_page_free(&page);
    close_database(db);
}

/* What cannot be an object is left out, and no page becomes shorter for it. */
static void damaged_rows_are_left_out_and_end_no_list(void) {
    static const size_t LIMITS[] = {1, 2, 7, 1000};
    zova_database *db = make();
    size_t which;
    EXEC(db, "pragma ignore_check_constraints = on;"
             "update _zova_objects set size_bytes = -1 where object_id in"
             " (select object_id from _zova_objects order by object_id limit 20 offset 5);"
             "update _zova_objects set chunk_count = -1 where object_id ="
             " (select max(object_id) from _zova_objects)");
    for (which = 0; which < sizeof LIMITS / sizeof *LIMITS; which++) {
        zova_object_id after;
        size_t len;
        int seen = 0;
        check_about("pages of %zu", LIMITS[which]);
        do {
            zova_object_page page;
            CHECK_OK(db, list(db, seen == 0 ? NULL : &after, LIMITS[which], &page));
            len = page.len;
            if (len > 0) {
                after = page.items[len - 1].id;
                seen += (int)len;
            }
            zova_object_page_free(&page);
        } while (len == LIMITS[which]);
        CHECK_INT(object_count() - 21, seen);
    }
    close_database(db);
}

static void a_fault_leaves_an_empty_page(void) {
    zova_database *db = make();
    zova_object_page page;
    memset(&page, 0xA5, sizeof page);
    EXEC(db, "drop table _zova_objects");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, list(db, NULL, 5, &page));
    CHECK_BEGINS("SqliteError: ", last_error(db));
    CHECK(strstr(last_error(db), "_zova_") == NULL);
    CHECK(page.items == NULL && page.len == 0);
    close_database(db);
}

/* ---- verifying ---- */

static void a_sound_object_verifies(void) {
    zova_database *db = create("x.zova");
    unsigned char *bytes = stream(SIZE, 1);
    zova_object_id id, empty;
    CHECK_OK(db, put(db, bytes, SIZE, &id));
    CHECK_OK(db, put(db, NULL, 0, &empty));
    CHECK_OK(db, verify(db, id));
    CHECK_OK(db, verify(db, empty));
    CHECK_STATUS(db, ZOVA_OBJECT_NOT_FOUND, verify(db, id_of("absent", 6)));
    CHECK_BEGINS("ObjectNotFound: ", last_error(db));
    close_database(db);
    db = open_read_only("x.zova");
    CHECK_OK(db, verify(db, id));
    close_database(db);
    free(bytes);
}

static void every_damage_is_found_and_described(void) {
    static const char *const DAMAGES[] = {
        "update _zova_chunks set data = zeroblob(size_bytes) where chunk_hash ="
        " (select chunk_hash from _zova_object_chunks where chunk_index = 9)",
        "update _zova_chunks set data = substr(data, 2) where chunk_hash ="
        " (select chunk_hash from _zova_object_chunks where chunk_index = 9)",
        "update _zova_chunks set size_bytes = size_bytes - 1 where chunk_hash ="
        " (select chunk_hash from _zova_object_chunks where chunk_index = 9)",
        "delete from _zova_chunks where chunk_hash = (select chunk_hash from _zova_object_chunks where chunk_index = 9)",
        "delete from _zova_object_chunks where chunk_index = 9",
        "delete from _zova_object_chunks",
        "update _zova_object_chunks set chunk_index = 1000 where chunk_index = 9",
        "update _zova_object_chunks set offset = offset + 1 where chunk_index = 9",
        "update _zova_object_chunks set size_bytes = size_bytes - 1 where chunk_index = 9",
        "update _zova_object_chunks set chunk_hash = x'00' where chunk_index = 9",
        "insert into _zova_object_chunks select object_id, chunk_count,"
        " (select chunk_hash from _zova_object_chunks where chunk_index = 9), size_bytes, 100 from _zova_objects",
        "update _zova_objects set size_bytes = size_bytes + 1",
        "update _zova_objects set size_bytes = -1",
        "update _zova_objects set chunk_count = 0",
        "update _zova_objects set chunk_count = 9223372036854775807",
        "update _zova_objects set chunker = 'fastcdc-v2'",
        "update _zova_objects set size_bytes = 0, chunk_count = 0; delete from _zova_object_chunks",
        "update _zova_objects set object_id = zeroblob(32); update _zova_object_chunks set object_id = zeroblob(32)"};
    unsigned char *bytes = stream(SIZE, 2);
    zova_database *db = create("sound.zova");
    zova_object_id id;
    size_t at;
    CHECK_OK(db, put(db, bytes, SIZE, &id));
    close_database(db);
    for (at = 0; at < sizeof DAMAGES / sizeof *DAMAGES; at++) {
        zova_object_id damaged = id;
        check_about("%s", DAMAGES[at]);
        copy_file("sound.zova", "damaged.zova");
        db = open_existing("damaged.zova");
        EXEC(db, "pragma synchronous = off; pragma ignore_check_constraints = on");
        EXEC(db, DAMAGES[at]);
        if (at == sizeof DAMAGES / sizeof *DAMAGES - 1) {
            memset(&damaged, 0, sizeof damaged);
        }
        CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT, verify(db, damaged));
        CHECK_BEGINS("ObjectCorrupt: ", last_error(db));
        CHECK(strlen(last_error(db)) > strlen("ObjectCorrupt: ") + 10);
        CHECK(strstr(last_error(db), "_zova_") == NULL);
        close_database(db);
    }
    free(bytes);
}

CHECK_MAIN(CASE(pages_of_any_length_list_every_object_once_in_order),
           CASE(a_page_begins_behind_an_id_that_need_not_be_stored),
           CASE(a_list_is_what_the_handle_sees),
           CASE(a_page_outlives_its_database),
           CASE(damaged_rows_are_left_out_and_end_no_list),
           CASE(a_fault_leaves_an_empty_page),
           CASE(a_sound_object_verifies),
           CASE(every_damage_is_found_and_described))
