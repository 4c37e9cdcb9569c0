/* The SQL tables zova_objects and zova_object_chunks. */
#include "support.h"

enum { SIZE = 200000 };

static unsigned char bytes[SIZE];
static uint64_t chunk_count;

/* A large object, a small one, the empty one, and a loose chunk. */
static zova_database *make(void) {
    zova_database *db = create("x.zova");
    zova_object_id id;
    fill_stream(bytes, SIZE, 1);
    CHECK_OK(db, put(db, bytes, SIZE, &id));
    CHECK_OK(db, object_chunk_count(db, id, &chunk_count));
    CHECK_OK(db, put(db, "small", 5, NULL));
    CHECK_OK(db, put(db, NULL, 0, NULL));
    CHECK_OK(db, chunk_put(db, "loose", 5));
    return db;
}

static void bind_id(zova_database *db, zova_statement *statement, zova_object_id id) {
    CHECK_OK(db, bind_blob(statement, 1, id.bytes, sizeof id.bytes));
}

/* The first column of the only row, for a blob as parameter. */
static int64_t query_with(zova_database *db, const char *sql, const unsigned char *blob) {
    zova_statement *statement = PREPARE(db, sql);
    int64_t value;
    CHECK_OK(db, bind_blob(statement, 1, blob, 32));
    STEP(db, statement, ZOVA_STEP_ROW);
    value = column_int64(statement, 0);
    STEP(db, statement, ZOVA_STEP_DONE);
    FINALIZE(db, statement);
    return value;
}

static void every_object_is_a_row(void) {
    zova_database *db = make();
    zova_object_id id = id_of(bytes, SIZE);
    zova_statement *rows;
    zova_buffer blob;
    CHECK_INT(3, QUERY_INT(db, "select count(*) from zova_objects"));
    CHECK_INT(SIZE + 5, QUERY_INT(db, "select sum(size_bytes) from zova_objects"));
    CHECK_INT(chunk_count + 1, QUERY_INT(db, "select sum(chunk_count) from zova_objects"));
    CHECK_QUERY("blob integer integer", db,
                "select typeof(object_id) || ' ' || typeof(size_bytes) || ' ' || typeof(chunk_count) from zova_objects");
    rows = PREPARE(db, "select * from zova_objects where object_id = ?1");
    CHECK_INT(3, column_count(rows));
    bind_id(db, rows, id);
    STEP(db, rows, ZOVA_STEP_ROW);
    blob = column_blob(rows, 0);
    CHECK_INT(32, blob.len);
    CHECK_BYTES(id.bytes, blob.data, 32);
    zova_buffer_free(&blob);
    CHECK_INT(SIZE, column_int64(rows, 1));
    CHECK_INT(chunk_count, column_int64(rows, 2));
    STEP(db, rows, ZOVA_STEP_DONE);
    FINALIZE(db, rows);
    CHECK_INT(3, QUERY_INT(db, "select count(*) from (select object_id from zova_objects group by object_id)"));
    close_database(db);
}

static void a_look_up_by_something_else_than_an_id_finds_nothing(void) {
    static const char *const VALUES[] = {"x'00'", "x''", "null", "'text'", "5", "5.5", "zeroblob(32)",
                                         "(select hex(object_id) from zova_objects limit 1)",
                                         "(select object_id || x'00' from zova_objects limit 1)"};
    zova_database *db = make();
    size_t at;
    for (at = 0; at < sizeof VALUES / sizeof *VALUES; at++) {
        char sql[300];
        check_about("%s", VALUES[at]);
        snprintf(sql, sizeof sql, "select count(*) from zova_objects where object_id = %s", VALUES[at]);
        CHECK_INT(0, QUERY_INT(db, sql));
        snprintf(sql, sizeof sql, "select count(*) from zova_object_chunks where object_id = %s", VALUES[at]);
        CHECK_INT(0, QUERY_INT(db, sql));
        snprintf(sql, sizeof sql, "select count(*) from zova_object_chunks where chunk_hash = %s", VALUES[at]);
        CHECK_INT(0, QUERY_INT(db, sql));
    }
    close_database(db);
}

static void every_chunk_of_an_object_is_a_row(void) {
    zova_database *db = make();
    zova_object_id id = id_of(bytes, SIZE);
    zova_object_manifest manifest;
    zova_statement *rows;
    size_t at;
    CHECK_OK(db, manifest_get(db, id, &manifest));
    rows = PREPARE(db, "select chunk_index, chunk_hash, byte_offset, size_bytes, reference_count from zova_object_chunks"
                       " where object_id = ?1 order by chunk_index");
    bind_id(db, rows, id);
    for (at = 0; at < manifest.chunks_len; at++) {
        zova_buffer hash;
        STEP(db, rows, ZOVA_STEP_ROW);
        CHECK_INT(at, column_int64(rows, 0));
        hash = column_blob(rows, 1);
        CHECK_INT(32, hash.len);
        CHECK_BYTES(manifest.chunks[at].hash.bytes, hash.data, 32);
        zova_buffer_free(&hash);
        CHECK_INT(manifest.chunks[at].offset, column_int64(rows, 2));
        CHECK_INT(manifest.chunks[at].size_bytes, column_int64(rows, 3));
        CHECK_INT(1, column_int64(rows, 4));
    }
    STEP(db, rows, ZOVA_STEP_DONE);
    FINALIZE(db, rows);
    CHECK_INT(0, query_with(db, "select count(*) from zova_object_chunks where object_id = ?1", id_of(NULL, 0).bytes));
    CHECK_INT(3, query_with(db, "select chunk_index from zova_object_chunks where chunk_hash = ?1",
                            manifest.chunks[3].hash.bytes));
    CHECK_INT(chunk_count + 2, QUERY_INT(db, "select count(*) from zova_object_chunks"));
    zova_object_manifest_free(&manifest);
    close_database(db);
}

static void a_loose_chunk_has_no_object(void) {
    zova_database *db = make();
    zova_object_chunk_id hash = chunk_id_of("loose", 5);
    CHECK_QUERY("1 5 0 NULL NULL NULL", db,
                "select count(*) || ' ' || size_bytes || ' ' || reference_count || ' ' || ifnull(object_id, 'NULL') ||"
                " ' ' || ifnull(chunk_index, 'NULL') || ' ' || ifnull(byte_offset, 'NULL')"
                " from zova_object_chunks where object_id is null");
    CHECK_INT(1, query_with(db, "select count(*) from zova_object_chunks where chunk_hash = ?1", hash.bytes));
    CHECK_INT(0, query_with(db, "select reference_count from zova_object_chunks where chunk_hash = ?1", hash.bytes));
    CHECK_INT(1, QUERY_INT(db, "select count(*) from zova_object_chunks where reference_count = 0"));
    CHECK_INT(chunk_count + 1, QUERY_INT(db, "select count(*) from zova_object_chunks where object_id is not null"));
    close_database(db);
}

static void references_are_counted_over_all_objects(void) {
    zova_database *db = create("x.zova");
    zova_object_manifest_chunk parts[3];
    int at;
    CHECK_OK(db, chunk_put(db, "abc", 3));
    for (at = 0; at < 3; at++) {
        parts[at].index = (uint64_t)at;
        parts[at].hash = chunk_id_of("abc", 3);
        parts[at].offset = (uint64_t)at * 3;
        parts[at].size_bytes = 3;
    }
    CHECK_QUERY("0", db, "select reference_count from zova_object_chunks");
    CHECK_OK(db, assemble(db, id_of("abcabcabc", 9), 9, parts, 3));
    CHECK_OK(db, assemble(db, id_of("abc", 3), 3, parts, 1));
    CHECK_INT(4, QUERY_INT(db, "select count(*) from zova_object_chunks"));
    CHECK_INT(4, QUERY_INT(db, "select min(reference_count) from zova_object_chunks"));
    CHECK_INT(4, QUERY_INT(db, "select max(reference_count) from zova_object_chunks"));
    CHECK_OK(db, object_delete(db, id_of("abcabcabc", 9)));
    CHECK_QUERY("1", db, "select reference_count from zova_object_chunks");
    CHECK_OK(db, object_delete(db, id_of("abc", 3)));
    CHECK_INT(0, QUERY_INT(db, "select count(*) from zova_object_chunks"));
    close_database(db);
}

static void rows_of_the_application_join_in_either_order(void) {
    static const char *const JOINS[] = {
        "select count(*) || ' ' || sum(size_bytes) from files join zova_objects on object_id = id",
        "select count(*) || ' ' || sum(size_bytes) from zova_objects join files on object_id = id",
        "select count(*) || ' ' || sum(size_bytes) from files cross join zova_objects on object_id = id",
        "select count(*) || ' ' || sum(size_bytes) from zova_objects cross join files on object_id = id",
        "select count(*) || ' ' || sum(size_bytes) from files, zova_objects o where o.object_id = files.id",
        "select count(*) || ' ' || sum(size_bytes) from zova_objects where object_id in (select id from files)",
        "select count(*) || ' ' || sum((select size_bytes from zova_objects where object_id = id)) from files where id is not null and id <> x'00'",
        "select count(*) || ' ' || sum(c.size_bytes) from (select object_id, sum(size_bytes) as size_bytes"
        " from zova_object_chunks group by object_id) c join files on c.object_id = id"};
    zova_database *db = make();
    int indexed;
    size_t at;
    EXEC(db, "create table files(name text, id blob)");
    EXEC(db, "insert into files select 'file ' || row_number() over (), object_id from zova_objects where size_bytes > 0");
    EXEC(db, "insert into files values ('dangling', x'00'), ('none', null)");
    for (indexed = 0; indexed < 2; indexed++) {
        for (at = 0; at < sizeof JOINS / sizeof *JOINS; at++) {
            check_about("%s%s", JOINS[at], indexed ? ", with an index" : "");
            CHECK_QUERY("2 200005", db, JOINS[at]);
        }
        CHECK_INT(4, QUERY_INT(db, "select count(*) from files left join zova_objects on object_id = id"));
        CHECK_QUERY("dangling", db, "select name from files where id is not null and id not in (select object_id from zova_objects)");
        /* Objects that no row mentions. */
        CHECK_INT(1, QUERY_INT(db, "select count(*) from zova_objects where object_id not in"
                                   " (select id from files where id is not null)"));
        EXEC(db, "create index if not exists by_id on files(id); analyze");
    }
    CHECK_INT(chunk_count + 1, QUERY_INT(db, "select count(*) from files join zova_object_chunks on object_id = id"));
    CHECK_INT(chunk_count + 1,
              QUERY_INT(db, "select count(*) from zova_objects join zova_object_chunks using (object_id)"));
    CHECK_INT(chunk_count + 1,
              QUERY_INT(db, "select count(*) from zova_object_chunks c join zova_objects o on c.object_id = o.object_id"));
    close_database(db);
}

static void orders_limits_and_aggregates_are_those_of_any_table(void) {
    const int count = check_small ? 300 : 2000;
    zova_database *db = create("x.zova");
    char sql[200];
    int at;
    BEGIN(db);
    for (at = 0; at < count; at++) {
        char text[32];
        CHECK_OK(db, put(db, text, (size_t)snprintf(text, sizeof text, "object %d", at), NULL));
    }
    COMMIT(db);
    CHECK_INT(count, QUERY_INT(db, "select count(*) from zova_objects"));
    CHECK_INT(count, QUERY_INT(db, "select count(distinct object_id) from zova_objects"));
    CHECK_INT(count, QUERY_INT(db, "select count(distinct object_id) from zova_object_chunks"));
    CHECK_INT(7, QUERY_INT(db, "select count(*) from (select * from zova_objects limit 7)"));
    CHECK_INT(0, QUERY_INT(db, "select count(*) from (select * from zova_objects limit 0)"));
    snprintf(sql, sizeof sql, "select count(*) from (select * from zova_objects limit 100 offset %d)", count - 50);
    CHECK_INT(50, QUERY_INT(db, sql));
    snprintf(sql, sizeof sql, "select count(*) from (select * from zova_object_chunks limit 100 offset %d)", count - 3);
    CHECK_INT(3, QUERY_INT(db, sql));
    CHECK_QUERY("8", db, "select size_bytes from zova_objects order by size_bytes, object_id limit 1");
    CHECK_INT(1, QUERY_INT(db, "with o as (select object_id, lag(object_id) over (order by object_id) as previous"
                               " from (select object_id from zova_objects order by object_id)) select count(*) from o"
                               " where previous is null or previous >= object_id"));
    CHECK_INT(1, QUERY_INT(db, "select count(*) from zova_objects where object_id = (select max(object_id) from zova_objects)"));
    CHECK_INT(count - 1, QUERY_INT(db, "select count(*) from zova_objects where object_id > (select min(object_id) from zova_objects)"));
    CHECK_INT(count, QUERY_INT(db, "select count(*) from (select rowid from zova_objects union select rowid from zova_objects)"));
    close_database(db);
}

static void the_tables_show_what_the_transaction_wrote(void) {
    zova_database *db = make();
    zova_database *other = open_existing("x.zova");
    BEGIN(db);
    CHECK_OK(db, put(db, "in a transaction", 16, NULL));
    CHECK_INT(4, QUERY_INT(db, "select count(*) from zova_objects"));
    CHECK_INT(chunk_count + 3, QUERY_INT(db, "select count(*) from zova_object_chunks"));
    CHECK_INT(3, QUERY_INT(other, "select count(*) from zova_objects"));
    SAVEPOINT(db, "s");
    CHECK_OK(db, object_delete(db, id_of("small", 5)));
    CHECK_INT(3, QUERY_INT(db, "select count(*) from zova_objects"));
    ROLLBACK_TO(db, "s");
    CHECK_INT(4, QUERY_INT(db, "select count(*) from zova_objects"));
    ROLLBACK(db);
    CHECK_INT(3, QUERY_INT(db, "select count(*) from zova_objects"));
    EXEC(other, "begin exclusive");
    CHECK_STATUS(db, ZOVA_BUSY, exec(db, "select count(*) from zova_objects"));
    ROLLBACK(other);
    CHECK_INT(3, QUERY_INT(db, "select count(*) from zova_objects"));
    close_database(other);
    close_database(db);
}

static void objects_may_be_stored_and_deleted_beside_an_open_scan(void) {
    const int count = check_small ? 300 : 1000;
    zova_database *db = create("x.zova");
    zova_statement *rows;
    zova_step_result result;
    int at, seen = 0;
    BEGIN(db);
    for (at = 0; at < count; at++) {
        char text[32];
        CHECK_OK(db, put(db, text, (size_t)snprintf(text, sizeof text, "object %d", at), NULL));
    }
    COMMIT(db);
    EXEC(db, "pragma synchronous = off");
    rows = PREPARE(db, "select object_id from zova_objects");
    for (;;) {
        zova_buffer blob;
        zova_object_id id;
        CHECK_OK(db, step(rows, &result));
        if (result == ZOVA_STEP_DONE) {
            break;
        }
        blob = column_blob(rows, 0);
        CHECK_INT(32, blob.len);
        memcpy(id.bytes, blob.data, 32);
        zova_buffer_free(&blob);
        CHECK_OK(db, object_delete(db, id));
        seen++;
    }
    FINALIZE(db, rows);
    CHECK_INT(count, seen);
    CHECK_QUERY("0 0 0", db, ALL_ROWS);
    rows = PREPARE(db, "select count(*) from zova_objects");
    CHECK_OK(db, put(db, "one", 3, NULL));
    STEP(db, rows, ZOVA_STEP_ROW);
    CHECK_INT(1, column_int64(rows, 0));
    CHECK_OK(db, put(db, "two", 3, NULL));
    RESET(db, rows);
    STEP(db, rows, ZOVA_STEP_ROW);
    CHECK_INT(2, column_int64(rows, 0));
    FINALIZE(db, rows);
    close_database(db);
}

static void a_read_only_handle_has_the_tables(void) {
    zova_database *db = make();
    close_database(db);
    db = open_read_only("x.zova");
    CHECK_INT(3, QUERY_INT(db, "select count(*) from zova_objects"));
    CHECK_INT(chunk_count + 2, QUERY_INT(db, "select count(*) from zova_object_chunks"));
    EXEC(db, "create temp table picked as select object_id from zova_objects");
    CHECK_INT(3, QUERY_INT(db, "select count(*) from picked join zova_objects using (object_id)"));
    close_database(db);
}

static void the_tables_cannot_be_written(void) {
    static const char *const WRITES[] = {"insert into zova_objects values (zeroblob(32), 0, 0)",
                                         "update zova_objects set size_bytes = 0", "delete from zova_objects",
                                         "delete from zova_object_chunks", "drop table zova_objects",
                                         "create index i on zova_objects(size_bytes)",
                                         "create trigger g before delete on zova_objects begin select 1; end",
                                         "alter table zova_objects rename to z"};
    zova_database *db = make();
    size_t at;
    for (at = 0; at < sizeof WRITES / sizeof *WRITES; at++) {
        check_about("%s", WRITES[at]);
        CHECK(exec(db, WRITES[at]) != ZOVA_OK);
        CHECK(last_error(db)[0] != '\0' && strstr(last_error(db), "_zova_") == NULL);
    }
    CHECK_INT(3, QUERY_INT(db, "select count(*) from zova_objects"));
    close_database(db);
}

static void the_tables_leave_no_trace_in_the_schema(void) {
    zova_database *db = make();
    int64_t names = QUERY_INT(db, "select count(*) from sqlite_schema");
    CHECK_INT(3, QUERY_INT(db, "select count(*) from zova_objects"));
    CHECK_INT(names, QUERY_INT(db, "select count(*) from sqlite_schema"));
    CHECK_INT(0, QUERY_INT(db, "select count(*) from sqlite_schema where name in ('zova_objects', 'zova_object_chunks')"));
    /* A view may use them. */
    EXEC(db, "create view large as select * from zova_objects where size_bytes > 1000");
    CHECK_INT(1, QUERY_INT(db, "select count(*) from large"));
    close_database(db);
    db = open_existing("x.zova");
    CHECK_INT(1, QUERY_INT(db, "select count(*) from large"));
    close_database(db);
}

static void a_table_of_the_application_hides_them(void) {
    static const char *const PLACES[] = {"", "temp "};
    size_t at;
    for (at = 0; at < 2; at++) {
        char sql[200];
        zova_database *db;
        unlink("x.zova");
        db = make();
        check_about("%stable", PLACES[at]);
        snprintf(sql, sizeof sql, "create %stable zova_objects(mine); insert into zova_objects values (42)", PLACES[at]);
        EXEC(db, sql);
        CHECK_QUERY("42", db, "select mine from zova_objects");
        CHECK_INT(chunk_count + 2, QUERY_INT(db, "select count(*) from zova_object_chunks"));
        CHECK_OK(db, put(db, "beside", 6, NULL));
        CHECK_QUERY("1", db, "select count(*) from zova_objects");
        EXEC(db, "drop table zova_objects");
        CHECK_INT(4, QUERY_INT(db, "select count(*) from zova_objects"));
        close_database(db);
    }
}

static void damaged_tables_are_a_fault_without_private_names(void) {
    static const char *const DAMAGES[] = {"drop table _zova_objects", "drop table _zova_object_chunks",
                                          "drop table _zova_chunks"};
    static const char *const QUERIES[] = {"select count(*), sum(size_bytes) from zova_objects",
                                          "select count(*), sum(reference_count) from zova_object_chunks"};
    size_t at, which;
    for (at = 0; at < sizeof DAMAGES / sizeof *DAMAGES; at++) {
        zova_database *db;
        int failures = 0;
        unlink("x.zova");
        db = make();
        EXEC(db, DAMAGES[at]);
        for (which = 0; which < 2; which++) {
            check_about("%s, %s", DAMAGES[at], QUERIES[which]);
            if (exec(db, QUERIES[which]) != ZOVA_OK) {
                failures++;
                CHECK(last_error(db)[0] != '\0');
                CHECK(strstr(last_error(db), "_zova_") == NULL);
            }
        }
        CHECK(failures > 0);
        close_database(db);
    }
}

static void scans_leave_the_counters_of_the_application_alone(void) {
    zova_database *db = make();
    int64_t rowid = 77, changes = 77;
    zova_database_last_insert_rowid_request inserted = {db, &rowid};
    zova_database_changes_request changed = {db, &changes};
    EXEC(db, "create table t(x); insert into t(rowid, x) values (1000, 1), (1001, 2)");
    EXEC(db, "select * from zova_objects; select * from zova_object_chunks");
    CHECK_OK(db, zova_database_last_insert_rowid(&inserted));
    CHECK_OK(db, zova_database_changes(&changed));
    CHECK_INT(1001, rowid);
    CHECK_INT(2, changes);
    close_database(db);
}

CHECK_MAIN(CASE(every_object_is_a_row),
           CASE(a_look_up_by_something_else_than_an_id_finds_nothing),
           CASE(every_chunk_of_an_object_is_a_row),
           CASE(a_loose_chunk_has_no_object),
           CASE(references_are_counted_over_all_objects),
           CASE(rows_of_the_application_join_in_either_order),
           CASE(orders_limits_and_aggregates_are_those_of_any_table),
           CASE(the_tables_show_what_the_transaction_wrote),
           CASE(objects_may_be_stored_and_deleted_beside_an_open_scan),
           CASE(a_read_only_handle_has_the_tables),
           CASE(the_tables_cannot_be_written),
           CASE(the_tables_leave_no_trace_in_the_schema),
           CASE(a_table_of_the_application_hides_them),
           CASE(damaged_tables_are_a_fault_without_private_names),
           CASE(scans_leave_the_counters_of_the_application_alone))
