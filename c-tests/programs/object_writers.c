/* objects.md, section 9. */
#include "support.h"

enum { MOST = 3000000 };

static unsigned char bytes[MOST];

/* Memory first; from half a MiB on the library sets bytes aside in a file. */
static size_t some_size(void) { return check_small ? 700000 : MOST; }

static void write_in_pieces(zova_database *db, zova_object_writer *writer, size_t size, size_t piece) {
    size_t at;
    for (at = 0; at < size; at += piece) {
        CHECK_OK(db, writer_write(writer, bytes + at, size - at < piece ? size - at : piece));
    }
}

static void how_the_bytes_are_split_has_no_influence(void) {
    static const size_t PIECES[] = {1, 7, 4096, 65536, 65537, 1000000, MOST};
    const size_t size = some_size();
    zova_object_manifest expected;
    zova_database *db = create("put.zova");
    zova_object_id id, put_id;
    size_t at;
    fill_stream(bytes, MOST, 1);
    CHECK_OK(db, put(db, bytes, size, &put_id));
    CHECK_OK(db, manifest_get(db, put_id, &expected));
    close_database(db);
    for (at = 0; at < sizeof PIECES / sizeof *PIECES; at++) {
        zova_object_manifest manifest;
        zova_object_writer *writer;
        char path[32];
        if (PIECES[at] < 4096 && check_small) {
            continue;
        }
        check_about("pieces of %zu bytes", PIECES[at]);
        snprintf(path, sizeof path, "x%zu.zova", at);
        db = create(path);
        writer = create_writer(db);
        write_in_pieces(db, writer, size, PIECES[at]);
        CHECK_QUERY("0", db, "select count(*) from _zova_objects");
        CHECK_OK(db, writer_finish(writer, &id));
        DESTROY_WRITER(db, writer);
        CHECK_BYTES(put_id.bytes, id.bytes, 32);
        CHECK_OBJECT(db, id, bytes, size);
        CHECK_OK(db, manifest_get(db, id, &manifest));
        CHECK_INT(expected.chunk_count, manifest.chunk_count);
        CHECK(memcmp(expected.chunks, manifest.chunks, manifest.chunks_len * sizeof *manifest.chunks) == 0);
        zova_object_manifest_free(&manifest);
        CHECK_QUERY("0", db, "select count(*) from _zova_chunks where chunk_hash not in"
                             " (select chunk_hash from _zova_object_chunks)");
        close_database(db);
        CHECK_INT(at + 2 - (check_small ? 2 : 0), entries("."));
    }
    zova_object_manifest_free(&expected);
}

static void a_writer_without_bytes_stores_the_empty_object(void) {
    zova_database *db = create("x.zova");
    zova_object_writer *writer = create_writer(db);
    zova_object_id id;
    CHECK_OK(db, writer_write(writer, NULL, 0));
    CHECK_OK(db, writer_finish(writer, &id));
    DESTROY_WRITER(db, writer);
    CHECK_OBJECT(db, id, NULL, 0);
    CHECK_BYTES(id_of(NULL, 0).bytes, id.bytes, 32);
    close_database(db);
}

static void check_closed(zova_database *db, zova_object_writer *writer) {
    zova_object_id id;
    memset(&id, 0xA5, sizeof id);
    CHECK_STATUS(db, ZOVA_OBJECT_WRITER_CLOSED, writer_write(writer, "x", 1));
    CHECK_BEGINS("ObjectWriterClosed", last_error(db));
    CHECK_STATUS(db, ZOVA_OBJECT_WRITER_CLOSED, writer_write(writer, NULL, 0));
    CHECK_STATUS(db, ZOVA_OBJECT_WRITER_CLOSED, writer_finish(writer, &id));
    CHECK_INT(0xA5, id.bytes[0]);
    CHECK_STATUS(db, ZOVA_OBJECT_WRITER_CLOSED, writer_cancel(writer));
    CHECK_BEGINS("ObjectWriterClosed", last_error(db));
    /* Arguments come before the state. */
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, writer_write(writer, NULL, 1));
}

static void a_finished_or_cancelled_writer_is_closed(void) {
    zova_database *db = create("x.zova");
    zova_object_writer *writer = create_writer(db);
    CHECK_OK(db, writer_write(writer, "object", 6));
    CHECK_OK(db, writer_finish(writer, NULL));
    check_closed(db, writer);
    DESTROY_WRITER(db, writer);
    writer = create_writer(db);
    CHECK_OK(db, writer_write(writer, "another", 7));
    CHECK_OK(db, writer_cancel(writer));
    check_closed(db, writer);
    DESTROY_WRITER(db, writer);
    CHECK_QUERY("1 1 1", db, ALL_ROWS);
    close_database(db);
}

static void a_cancelled_or_destroyed_writer_leaves_nothing(void) {
    const size_t size = some_size();
    int cancel, inside;
    fill_stream(bytes, MOST, 2);
    for (cancel = 0; cancel < 2; cancel++) {
        for (inside = 0; inside < 2; inside++) {
            char path[32];
            zova_database *db;
            zova_object_writer *writer;
            check_about("%s%s", cancel ? "cancelled" : "destroyed", inside ? " inside a transaction" : "");
            snprintf(path, sizeof path, "x%d.zova", 2 * cancel + inside);
            db = create(path);
            CHECK_OK(db, chunk_put(db, bytes, 3000));
            if (inside) {
                BEGIN(db);
            }
            writer = create_writer(db);
            write_in_pieces(db, writer, size, 100000);
            if (cancel) {
                CHECK_OK(db, writer_cancel(writer));
            }
            DESTROY_WRITER(db, writer);
            if (inside) {
                COMMIT(db);
            }
            /* What was there before stays. */
            CHECK_QUERY("0 1 0", db, ALL_ROWS);
            close_database(db);
        }
    }
    CHECK_INT(4, entries("."));
}

static void content_that_is_stored_already_is_no_obstacle(void) {
    zova_database *db = create("x.zova");
    zova_object_writer *writer;
    zova_object_id id, again;
    fill_stream(bytes, MOST, 3);
    CHECK_OK(db, put(db, bytes, 300000, &id));
    writer = create_writer(db);
    write_in_pieces(db, writer, 300000, 70000);
    CHECK_OK(db, writer_finish(writer, &again));
    DESTROY_WRITER(db, writer);
    CHECK_BYTES(id.bytes, again.bytes, 32);
    CHECK_QUERY("1", db, "select count(*) from _zova_objects");
    close_database(db);
}

static void several_writers_of_the_same_content_all_finish(void) {
    enum { COUNT = 5 };
    zova_object_writer *writers[COUNT];
    zova_database *db = create("x.zova");
    zova_object_id ids[COUNT];
    size_t offset;
    int at;
    fill_stream(bytes, MOST, 4);
    for (at = 0; at < COUNT; at++) {
        writers[at] = create_writer(db);
    }
    for (offset = 0; offset < 600000; offset += 100000) {
        for (at = 0; at < COUNT; at++) {
            CHECK_OK(db, writer_write(writers[at], bytes + offset, 100000));
        }
    }
    CHECK_OK(db, writer_cancel(writers[1]));
    DESTROY_WRITER(db, writers[2]);
    for (at = 0; at < COUNT; at++) {
        if (at != 1 && at != 2) {
            CHECK_OK(db, writer_finish(writers[at], &ids[at]));
            CHECK_BYTES(ids[0].bytes, ids[at].bytes, 32);
        }
    }
    CHECK_OBJECT(db, ids[0], bytes, 600000);
    for (at = 0; at < COUNT; at++) {
        if (at != 2) {
            DESTROY_WRITER(db, writers[at]);
        }
    }
    close_database(db);
}

static void nothing_done_meanwhile_makes_a_finish_fail(void) {
    int other_handle;
    fill_stream(bytes, MOST, 5);
    for (other_handle = 0; other_handle < 2; other_handle++) {
        char path[32];
        zova_database *db, *other;
        zova_object_writer *writer;
        zova_object_manifest manifest;
        zova_object_id id;
        uint8_t deleted;
        check_about(other_handle ? "through another handle" : "through the same handle");
        snprintf(path, sizeof path, "x%d.zova", other_handle);
        db = create(path);
        other = other_handle ? open_existing(path) : db;
        CHECK_OK(other, put(other, bytes, 500000, &id));
        CHECK_OK(other, manifest_get(other, id, &manifest));
        CHECK_OK(other, chunk_put(other, bytes, 2500));
        writer = create_writer(db);
        write_in_pieces(db, writer, 500000, 90000);
        CHECK_OK(other, object_delete(other, id));
        CHECK_OK(other, chunk_delete(other, manifest.chunks[0].hash, &deleted));
        CHECK_OK(other, chunk_delete(other, chunk_id_of(bytes, 2500), &deleted));
        CHECK_OK(db, writer_finish(writer, &id));
        CHECK_OBJECT(db, id, bytes, 500000);
        DESTROY_WRITER(db, writer);
        zova_object_manifest_free(&manifest);
        if (other_handle) {
            close_database(other);
        }
        close_database(db);
    }
}

/* ---- transactions ---- */

static void finishing_joins_the_transaction_and_writing_does_not(void) {
    zova_database *db = create("x.zova");
    zova_object_writer *writer, *open_writer;
    zova_object_id id;
    fill_stream(bytes, MOST, 6);
    open_writer = create_writer(db);
    CHECK_OK(db, writer_write(open_writer, bytes, 100000));
    BEGIN(db);
    writer = create_writer(db);
    write_in_pieces(db, writer, 600000, 50000);
    CHECK_OK(db, writer_finish(writer, &id));
    CHECK_OBJECT(db, id, bytes, 600000);
    CHECK_OK(db, writer_write(open_writer, bytes + 100000, 500000));
    ROLLBACK(db);
    CHECK_INT(0, object_exists(db, id));
    CHECK_QUERY("0 0 0", db, ALL_ROWS);
    check_closed(db, writer);
    DESTROY_WRITER(db, writer);
    /* Its bytes did not belong to the transaction. */
    CHECK_OK(db, writer_finish(open_writer, &id));
    CHECK_OBJECT(db, id, bytes, 600000);
    DESTROY_WRITER(db, open_writer);
    SAVEPOINT(db, "s");
    writer = create_writer(db);
    CHECK_OK(db, writer_write(writer, "in a savepoint", 14));
    CHECK_OK(db, writer_finish(writer, &id));
    DESTROY_WRITER(db, writer);
    ROLLBACK_TO(db, "s");
    CHECK_INT(0, object_exists(db, id));
    RELEASE(db, "s");
    close_database(db);
}

static void a_half_stepped_write_refuses_finish_and_changes_nothing(void) {
    zova_database *db = create("x.zova");
    zova_object_writer *writer;
    zova_statement *rows;
    zova_object_id id;
    memset(&id, 0xA5, sizeof id);
    EXEC(db, "create table t(x)");
    rows = PREPARE(db, "insert into t values (1), (2) returning x");
    STEP(db, rows, ZOVA_STEP_ROW);
    writer = create_writer(db);
    CHECK_OK(db, writer_write(writer, "obj", 3));
    CHECK_STATUS(db, ZOVA_OBJECT_TRANSACTION_ACTIVE, writer_finish(writer, &id));
    CHECK_BEGINS("ObjectTransactionActive: ", last_error(db));
    CHECK_INT(0xA5, id.bytes[0]);
    /* Still open, with all earlier bytes. */
    CHECK_OK(db, writer_write(writer, "ect", 3));
    RESET(db, rows);
    CHECK_OK(db, writer_finish(writer, &id));
    CHECK_OBJECT(db, id, "object", 6);
    STEP(db, rows, ZOVA_STEP_ROW);
    CHECK_STATUS(db, ZOVA_OBJECT_WRITER_CLOSED, writer_finish(writer, &id));
    DESTROY_WRITER(db, writer);
    writer = create_writer(db);
    CHECK_OK(db, writer_cancel(writer));
    DESTROY_WRITER(db, writer);
    FINALIZE(db, rows);
    close_database(db);
}

/* ---- failing calls ---- */

static void check_sealed(zova_database *db, zova_object_writer *writer) {
    CHECK_STATUS(db, ZOVA_OBJECT_WRITER_CLOSED, writer_write(writer, "x", 1));
    CHECK_STATUS(db, ZOVA_OBJECT_WRITER_CLOSED, writer_write(writer, NULL, 0));
}

static void a_finish_that_failed_may_be_repeated(void) {
    zova_database *db = create("x.zova");
    zova_database *other = open_existing("x.zova");
    zova_object_writer *writer = create_writer(db);
    zova_object_id id;
    const size_t size = some_size();
    fill_stream(bytes, MOST, 7);
    write_in_pieces(db, writer, size, 100000);
    CHECK_OK(other, simple(zova_database_begin_immediate, other));
    CHECK_STATUS(db, ZOVA_BUSY, writer_finish(writer, &id));
    CHECK_BEGINS("Busy: ", last_error(db));
    check_sealed(db, writer);
    CHECK_STATUS(db, ZOVA_BUSY, writer_finish(writer, &id));
    ROLLBACK(other);
    EXEC(other, "create trigger g before insert on _zova_object_chunks when new.chunk_index = 5"
                " begin select raise(abort, 'refused'); end");
    CHECK_STATUS(db, ZOVA_CONSTRAINT, writer_finish(writer, &id));
    CHECK_BEGINS("Constraint: ", last_error(db));
    CHECK_QUERY("0 0 0", db, ALL_ROWS);
    BEGIN(db);
    EXEC(db, "create table t(x)");
    CHECK_STATUS(db, ZOVA_CONSTRAINT, writer_finish(writer, &id));
    CHECK_QUERY("0 0 0", db, ALL_ROWS);
    COMMIT(db);
    EXEC(other, "drop trigger g; drop table t");
    CHECK_OK(db, writer_finish(writer, &id));
    CHECK_OBJECT(db, id, bytes, size);
    check_closed(db, writer);
    DESTROY_WRITER(db, writer);
    writer = create_writer(db);
    CHECK_OK(db, writer_write(writer, "sealed", 6));
    CHECK_OK(other, simple(zova_database_begin_immediate, other));
    CHECK_STATUS(db, ZOVA_BUSY, writer_finish(writer, NULL));
    CHECK_OK(db, writer_cancel(writer));
    check_closed(db, writer);
    DESTROY_WRITER(db, writer);
    writer = create_writer(db);
    CHECK_OK(db, writer_write(writer, "sealed", 6));
    CHECK_STATUS(db, ZOVA_BUSY, writer_finish(writer, NULL));
    DESTROY_WRITER(db, writer);
    ROLLBACK(other);
    CHECK_INT(0, object_exists(db, id_of("sealed", 6)));
    close_database(other);
    close_database(db);
}

static void a_damaged_object_of_the_same_content_is_reported(void) {
    zova_database *db = create("x.zova");
    zova_object_writer *writer;
    zova_object_id id;
    fill_stream(bytes, MOST, 8);
    CHECK_OK(db, put(db, bytes, 200000, &id));
    EXEC(db, "update _zova_chunks set data = zeroblob(size_bytes) where chunk_hash ="
             " (select chunk_hash from _zova_object_chunks where chunk_index = 3)");
    writer = create_writer(db);
    write_in_pieces(db, writer, 200000, 200000);
    CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT, writer_finish(writer, &id));
    CHECK_BEGINS("ObjectCorrupt: ", last_error(db));
    check_sealed(db, writer);
    DESTROY_WRITER(db, writer);
    /* A chunk of another object with the same id as a new one, but other bytes. */
    writer = create_writer(db);
    CHECK_OK(db, writer_write(writer, bytes, 200000));
    CHECK_OK(db, writer_write(writer, "and more", 8));
    CHECK_STATUS(db, ZOVA_OBJECT_CORRUPT, writer_finish(writer, &id));
    DESTROY_WRITER(db, writer);
    CHECK_QUERY("1", db, "select count(*) from _zova_objects");
    /* Manifest rows without their object. */
    EXEC(db, "delete from _zova_objects");
    writer = create_writer(db);
    CHECK_OK(db, writer_write(writer, bytes, 200000));
    zova_status status = writer_finish(writer, &id);
    CHECK(status == ZOVA_CONSTRAINT || status == ZOVA_OBJECT_CORRUPT);
    CHECK(strstr(last_error(db), "_zova_") == NULL);
    DESTROY_WRITER(db, writer);
    close_database(db);
}

static void on_a_read_only_handle_only_new_content_fails(void) {
    zova_database *db = create("x.zova");
    zova_object_writer *writer;
    zova_object_id id;
    CHECK_OK(db, put(db, "stored", 6, &id));
    close_database(db);
    db = open_read_only("x.zova");
    writer = create_writer(db);
    CHECK_OK(db, writer_write(writer, "stored", 6));
    CHECK_OK(db, writer_finish(writer, &id));
    DESTROY_WRITER(db, writer);
    writer = create_writer(db);
    CHECK_OK(db, writer_write(writer, "new", 3));
    CHECK_STATUS(db, ZOVA_READ_ONLY, writer_finish(writer, &id));
    CHECK_BEGINS("ReadOnly: ", last_error(db));
    CHECK_OK(db, writer_cancel(writer));
    DESTROY_WRITER(db, writer);
    close_database(db);
}

static void writers_are_not_part_of_the_file(void) {
    zova_database *db = create("x.zova");
    zova_database *other = open_existing("x.zova");
    zova_object_writer *writer = create_writer(db);
    fill_stream(bytes, MOST, 9);
    write_in_pieces(db, writer, some_size(), 100000);
    /* No lock is held, and no file has a name, while a writer is open. */
    EXEC(other, "create table t(x)");
    CHECK_QUERY("0 0 0", other, ALL_ROWS);
    CHECK_INT(1, entries("."));
    CHECK_OK(other, simple(zova_database_vacuum, other));
    DESTROY_WRITER(db, writer);
    close_database(other);
    close_database(db);
}

CHECK_MAIN(CASE(how_the_bytes_are_split_has_no_influence),
           CASE(a_writer_without_bytes_stores_the_empty_object),
           CASE(a_finished_or_cancelled_writer_is_closed),
           CASE(a_cancelled_or_destroyed_writer_leaves_nothing),
           CASE(content_that_is_stored_already_is_no_obstacle),
           CASE(several_writers_of_the_same_content_all_finish),
           CASE(nothing_done_meanwhile_makes_a_finish_fail),
           CASE(finishing_joins_the_transaction_and_writing_does_not),
           CASE(a_half_stepped_write_refuses_finish_and_changes_nothing),
           CASE(a_finish_that_failed_may_be_repeated),
           CASE(a_damaged_object_of_the_same_content_is_reported),
           CASE(on_a_read_only_handle_only_new_content_fails),
           CASE(writers_are_not_part_of_the_file))
