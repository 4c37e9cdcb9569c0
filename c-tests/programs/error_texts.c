/* abi.md, section 7; database.md, section 3.1. */
#include "support.h"

static zova_database *make(void) {
    zova_database *db = create("x.zova");
    EXEC(db, "create table t(x unique); insert into t values (1)");
    return db;
}

/* A fault whose text must not survive the next call. */
static void fail(zova_database *db) {
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, "select * from stale"));
    CHECK_TEXT("no such table: stale", last_error(db));
}

static void a_fresh_handle_has_no_text(void) {
    zova_database *db = create("x.zova");
    CHECK_TEXT("", last_error(db));
    close_database(db);
    db = open_existing("x.zova");
    CHECK_TEXT("", last_error(db));
    close_database(db);
}

static void every_successful_call_clears_the_text(void) {
    zova_database *db = make();
    zova_statement *statement = NULL;
    zova_database_prepare_request prepare = {db, "select ?1, 2", &statement};
    zova_object_id id;
    zova_buffer buffer;
    zova_step_result result;
    uint64_t number;
    int64_t counter;
    size_t copied;
    int count;
    char byte;
    zova_database_busy_timeout_request timeout = {db, 0};
    zova_database_last_insert_rowid_request rowid = {db, &counter};
    zova_database_changes_request changes = {db, &counter};
    zova_database_total_changes_request total = {db, &counter};
    zova_text text = {0};
    zova_statement_column_name_request name = {NULL, 0, &text};
    zova_statement_column_count_request columns = {NULL, &count};
    zova_statement_parameter_count_request parameters = {NULL, &count};
    zova_statement_parameter_index_request parameter = {NULL, ":a", &count};
    zova_object_manifest manifest;
    zova_object_manifest_chunk chunk = {0, {{0}}, 0, 5};
    zova_object_writer *writer;
    zova_object_reader *reader;
    zova_object_reader_size_request reader_size = {NULL, &number};
    zova_object_page page;
    zova_object_list_request list = {db, NULL, 10, &page};
    zova_object_verify_request verify = {db, {{0}}};
    zova_object_get_file_request get_file = {db, {{0}}, "a file", -1, NULL};
    zova_object_put_file_request put_file = {db, "a file", -1, NULL, &id};
    uint8_t flag;

#define CLEARS(call)                        \
    do {                                    \
        fail(db);                           \
        CHECK_OK(db, (call));               \
        CHECK_TEXT("", last_error(db));     \
    } while (0)

    CLEARS(exec(db, "select 1"));
    CLEARS(exec(db, ""));
    CLEARS(simple(zova_database_begin, db));
    CLEARS(named(zova_database_savepoint, db, "s"));
    CLEARS(named(zova_database_rollback_to_savepoint, db, "s"));
    CLEARS(named(zova_database_release_savepoint, db, "s"));
    CLEARS(simple(zova_database_rollback, db));
    CLEARS(simple(zova_database_begin_immediate, db));
    CLEARS(simple(zova_database_commit, db));
    CLEARS(simple(zova_database_vacuum, db));
    CLEARS(zova_database_set_busy_timeout(&timeout));
    CLEARS(zova_database_last_insert_rowid(&rowid));
    CLEARS(zova_database_changes(&changes));
    CLEARS(zova_database_total_changes(&total));
    CLEARS(put(db, "object", 6, &id));
    CLEARS(put(db, "object", 6, &id));
    CLEARS(get(db, id, &buffer));
    zova_buffer_free(&buffer);
    CLEARS(read_range(db, id, 0, &byte, 1, &copied));
    CLEARS(object_size(db, id, &number));
    CLEARS(object_chunk_count(db, id, &number));
    fail(db);
    CHECK_INT(1, object_exists(db, id));
    CHECK_TEXT("", last_error(db));
    CLEARS(manifest_get(db, id, &manifest));
    zova_object_manifest_free(&manifest);
    CLEARS(chunk_put(db, "chunk", 5));
    CLEARS(chunk_get(db, chunk_id_of("chunk", 5), &buffer));
    zova_buffer_free(&buffer);
    fail(db);
    CHECK_INT(1, chunk_exists(db, chunk_id_of("chunk", 5)));
    CHECK_TEXT("", last_error(db));
    CLEARS(chunk_delete(db, chunk_id_of("absent", 6), &flag));
    chunk.hash = chunk_id_of("chunk", 5);
    CLEARS(assemble(db, id_of("chunk", 5), 5, &chunk, 1));
    CLEARS(zova_object_list(&list));
    zova_object_page_free(&page);
    verify.id = id;
    CLEARS(zova_object_verify(&verify));
    get_file.id = id;
    CLEARS(zova_object_get_file(&get_file));
    CLEARS(zova_object_put_file(&put_file));
    fail(db);
    writer = create_writer(db);
    CHECK_TEXT("", last_error(db));
    CLEARS(writer_write(writer, NULL, 0));
    CLEARS(writer_write(writer, "x", 1));
    CLEARS(writer_finish(writer, NULL));
    CLEARS(zova_object_writer_destroy(writer));
    writer = create_writer(db);
    CLEARS(writer_cancel(writer));
    CLEARS(zova_object_writer_destroy(writer));
    fail(db);
    reader = create_reader(db, id);
    CHECK_TEXT("", last_error(db));
    CLEARS(reader_read(reader, &byte, 1, &copied));
    CLEARS(reader_seek(reader, 0));
    reader_size.reader = reader;
    CLEARS(zova_object_reader_size(&reader_size));
    CLEARS(reader_destroy(&reader));
    CLEARS(object_delete(db, id));
    CLEARS(zova_database_prepare(&prepare));
    name.statement = columns.statement = parameters.statement = parameter.statement = statement;
    CLEARS(bind_null(statement, 1));
    CLEARS(bind_int64(statement, 1, 1));
    CLEARS(bind_double(statement, 1, 1));
    CLEARS(bind_text(statement, 1, "x", 1));
    CLEARS(bind_blob(statement, 1, "x", 1));
    CLEARS(zova_statement_parameter_count(&parameters));
    CLEARS(zova_statement_parameter_index(&parameter));
    CLEARS(zova_statement_column_count(&columns));
    CLEARS(zova_statement_column_name(&name));
    zova_text_free(&text);
    CLEARS(step(statement, &result));
    fail(db);
    CHECK_INT(2, column_int64(statement, 1));
    CHECK_TEXT("", last_error(db));
    fail(db);
    CHECK(column_double(statement, 1) == 2);
    CHECK_TEXT("", last_error(db));
    fail(db);
    CHECK_INT(ZOVA_COLUMN_INTEGER, column_type(statement, 1));
    CHECK_TEXT("", last_error(db));
    fail(db);
    text = column_text(statement, 1);
    CHECK_TEXT("", last_error(db));
    zova_text_free(&text);
    fail(db);
    buffer = column_blob(statement, 1);
    CHECK_TEXT("", last_error(db));
    zova_buffer_free(&buffer);
    CLEARS(zova_statement_reset(statement));
    CLEARS(zova_statement_clear_bindings(statement));
    CLEARS(zova_statement_finalize(statement));
    close_database(db);
}

static void the_text_belongs_to_the_last_fault(void) {
    zova_database *db = make();
    zova_statement *insert = PREPARE(db, "insert into t values (1)");
    zova_step_result result;
    zova_buffer buffer;
    CHECK_STATUS(db, ZOVA_CONSTRAINT, step(insert, &result));
    CHECK_TEXT("UNIQUE constraint failed: t.x", last_error(db));
    /* A native fault after a fault of SQL, and the other way round. */
    CHECK_STATUS(db, ZOVA_OBJECT_NOT_FOUND, get(db, id_of("x", 1), &buffer));
    CHECK_BEGINS("ObjectNotFound: ", last_error(db));
    CHECK(strstr(last_error(db), "UNIQUE") == NULL);
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, simple(zova_database_commit, db));
    CHECK_TEXT("cannot commit - no transaction is active", last_error(db));
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, exec(db, NULL));
    CHECK_BEGINS("InvalidArgument: ", last_error(db));
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, named(zova_database_savepoint, db, "1"));
    CHECK_BEGINS("InvalidArgument: ", last_error(db));
    CHECK_STATUS(db, ZOVA_CONSTRAINT, zova_statement_reset(insert));
    CHECK_TEXT("UNIQUE constraint failed: t.x", last_error(db));
    CHECK_STATUS(db, ZOVA_MISUSE, zova_database_close(db));
    CHECK_CONTAINS("live child", last_error(db));
    FINALIZE(db, insert);
    close_database(db);
}

static void asking_for_the_text_changes_nothing(void) {
    zova_database *db = make();
    int round;
    fail(db);
    for (round = 0; round < 5; round++) {
        CHECK_TEXT("no such table: stale", last_error(db));
    }
    close_database(db);
}

static void null_and_foreign_handles_record_nothing(void) {
    zova_database *db = make();
    zova_database *ended = create("other.zova");
    zova_buffer buffer;
    close_database(ended);
    fail(db);
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, exec(NULL, "select 1"));
    CHECK_STATUS(NULL, ZOVA_MISUSE, exec(ended, "select 1"));
    CHECK_STATUS(NULL, ZOVA_MISUSE, get(ended, id_of("x", 1), &buffer));
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, zova_database_exec(NULL));
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, zova_database_close(NULL));
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_database_close(ended));
    CHECK_TEXT("no such table: stale", last_error(db));
    CHECK_TEXT("invalid database handle", last_error(NULL));
    CHECK_TEXT("invalid database handle", last_error(ended));
    close_database(db);
    CHECK_TEXT("invalid database handle", last_error(db));
}

static void texts_belong_to_their_handle(void) {
    zova_database *first = make();
    zova_database *second = create("other.zova");
    fail(first);
    CHECK_TEXT("", last_error(second));
    EXEC(second, "select 1");
    CHECK_TEXT("no such table: stale", last_error(first));
    close_database(second);
    CHECK_TEXT("no such table: stale", last_error(first));
    close_database(first);
}

static void a_refused_close_counts_the_children(void) {
    zova_database *db = make();
    zova_statement *statements[3];
    zova_object_writer *writers[2];
    zova_object_reader *reader;
    zova_object_id id;
    int at;
    for (at = 0; at < 3; at++) {
        statements[at] = PREPARE(db, "select 1");
    }
    CHECK_STATUS(db, ZOVA_MISUSE, zova_database_close(db));
    CHECK_TEXT("Misuse: cannot close database with live child handles: 3 statements, 0 object writers, 0 subscriptions",
               last_error(db));
    FINALIZE(db, statements[1]);
    CHECK_STATUS(db, ZOVA_MISUSE, zova_database_close(db));
    CHECK_TEXT("Misuse: cannot close database with live child handles: 2 statements, 0 object writers, 0 subscriptions",
               last_error(db));
    writers[0] = create_writer(db);
    writers[1] = create_writer(db);
    CHECK_STATUS(db, ZOVA_MISUSE, zova_database_close(db));
    CHECK_TEXT("Misuse: cannot close database with live child handles: 2 statements, 2 object writers, 0 subscriptions",
               last_error(db));
    CHECK_OK(db, put(db, "object", 6, &id));
    reader = create_reader(db, id);
    CHECK_STATUS(db, ZOVA_MISUSE, zova_database_close(db));
    CHECK_TEXT("Misuse: cannot close database with live child handles: 2 statements, 2 object writers, 0 subscriptions,"
               " 1 object readers", last_error(db));
    DESTROY_WRITER(db, writers[0]);
    DESTROY_WRITER(db, writers[1]);
    FINALIZE(db, statements[0]);
    FINALIZE(db, statements[2]);
    CHECK_STATUS(db, ZOVA_MISUSE, zova_database_close(db));
    CHECK_TEXT("Misuse: cannot close database with live child handles: 0 statements, 0 object writers, 0 subscriptions,"
               " 1 object readers", last_error(db));
    DESTROY_READER(db, reader);
    CHECK_TEXT("", last_error(db));
    close_database(db);
}

/* One fault each of the calls on objects: the error name, then what a user needs to know. */
static void faults_of_objects_begin_with_the_error_name_and_say_which(void) {
    static const char ABSENT[] = "0000000000000000000000000000000000000000000000000000000000000000";
    zova_database *db = make();
    zova_object_id absent = {{0}};
    zova_object_chunk_id absent_chunk = {{0}};
    zova_object_manifest_chunk chunk = {0, {{0}}, 0, 1};
    zova_object_chunk_put_request put_chunk = {db, {{0}}, (const uint8_t *)"x", 1};
    zova_object_get_file_request get_file = {db, {{0}}, "absent file", -1, NULL};
    zova_object_put_file_request put_file = {db, "absent file", -1, NULL, &absent};
    zova_object_reader *reader = NULL;
    zova_object_reader_create_request read = {db, {{0}}, &reader};
    zova_object_verify_request verify = {db, {{0}}};
    zova_object_manifest manifest;
    zova_object_writer *writer;
    zova_buffer buffer;
    uint64_t number;

#define TELLS(expected, name, fact, call)              \
    do {                                               \
        CHECK_STATUS(db, (expected), (call));          \
        CHECK_BEGINS(name ": ", last_error(db));       \
        CHECK_CONTAINS((fact), last_error(db));        \
    } while (0)

    TELLS(ZOVA_OBJECT_NOT_FOUND, "ObjectNotFound", ABSENT, get(db, absent, &buffer));
    TELLS(ZOVA_OBJECT_NOT_FOUND, "ObjectNotFound", ABSENT, object_size(db, absent, &number));
    TELLS(ZOVA_OBJECT_NOT_FOUND, "ObjectNotFound", ABSENT, object_delete(db, absent));
    TELLS(ZOVA_OBJECT_NOT_FOUND, "ObjectNotFound", ABSENT, manifest_get(db, absent, &manifest));
    TELLS(ZOVA_OBJECT_NOT_FOUND, "ObjectNotFound", ABSENT, zova_object_reader_create(&read));
    TELLS(ZOVA_OBJECT_NOT_FOUND, "ObjectNotFound", ABSENT, zova_object_verify(&verify));
    TELLS(ZOVA_OBJECT_NOT_FOUND, "ObjectNotFound", ABSENT, zova_object_get_file(&get_file));
    TELLS(ZOVA_CANT_OPEN, "CantOpen", "absent file", zova_object_put_file(&put_file));
    TELLS(ZOVA_OBJECT_CHUNK_NOT_FOUND, "ObjectChunkNotFound", ABSENT, chunk_get(db, absent_chunk, &buffer));
    TELLS(ZOVA_OBJECT_CHUNK_HASH_MISMATCH, "ObjectChunkHashMismatch", ABSENT, zova_object_chunk_put(&put_chunk));
    TELLS(ZOVA_OBJECT_CORRUPT, "ObjectCorrupt", "0", chunk_put(db, "", 0));
    TELLS(ZOVA_OBJECT_CHUNK_NOT_FOUND, "ObjectChunkNotFound", ABSENT, assemble(db, absent, 1, &chunk, 1));
    TELLS(ZOVA_OBJECT_MANIFEST_INVALID, "ObjectManifestInvalid", "", assemble(db, absent, 2, NULL, 0));
    TELLS(ZOVA_OBJECT_TOO_LARGE, "ObjectTooLarge", "", assemble(db, absent, UINT64_MAX, NULL, 0));
    CHECK_OK(db, put(db, "object", 6, &absent));
    TELLS(ZOVA_OBJECT_ALREADY_EXISTS, "ObjectAlreadyExists", "", assemble(db, absent, 6, NULL, 0));
    reader = create_reader(db, absent);
    TELLS(ZOVA_OBJECT_RANGE_INVALID, "ObjectRangeInvalid", "7", reader_seek(reader, 7));
    DESTROY_READER(db, reader);
    writer = create_writer(db);
    TELLS(ZOVA_INVALID_ARGUMENT, "InvalidArgument", "data", writer_write(writer, NULL, 1));
    CHECK_OK(db, writer_cancel(writer));
    CHECK_STATUS(db, ZOVA_OBJECT_WRITER_CLOSED, writer_cancel(writer));
    CHECK_BEGINS("ObjectWriterClosed", last_error(db));
    DESTROY_WRITER(db, writer);
    close_database(db);
}

static void private_table_names_appear_only_where_the_caller_wrote_them(void) {
    static const char *const BREAKERS[] = {
        "drop table _zova_objects", "drop table _zova_chunks", "drop table _zova_object_chunks",
        "delete from _zova_objects", "alter table _zova_chunks rename column data to d",
        "create trigger g before insert on _zova_chunks begin insert into _zova_missing values (1); end",
        "create trigger g before insert on _zova_objects begin select raise(abort, 'in _zova_objects'); end"};
    zova_database *db;
    size_t at;
    for (at = 0; at < sizeof BREAKERS / sizeof *BREAKERS; at++) {
        char path[32];
        zova_buffer buffer;
        uint64_t number;
        unsigned char byte;
        size_t copied;
        zova_object_id id;
        zova_object_manifest manifest;
        zova_object_writer *writer;
        zova_object_reader *reader = NULL;
        zova_object_page page;
        zova_object_reader_create_request read;
        zova_object_list_request list;
        zova_object_verify_request verify;
        check_about("%s", BREAKERS[at]);
        snprintf(path, sizeof path, "x%zu.zova", at);
        db = create(path);
        CHECK_OK(db, put(db, "stored", 6, &id));
        read = (zova_object_reader_create_request){db, id, &reader};
        list = (zova_object_list_request){db, NULL, 10, &page};
        verify = (zova_object_verify_request){db, id};
        EXEC(db, BREAKERS[at]);
#define TELLS_NO_NAME(call)                                                             \
    do {                                                                                \
        if ((call) != ZOVA_OK) {                                                        \
            CHECK(last_error(db)[0] != '\0');                                           \
            if (strstr(last_error(db), "_zova_") != NULL) {                             \
                check_fail(__FILE__, __LINE__, "%s: %s", #call, last_error(db));        \
            }                                                                           \
        }                                                                               \
    } while (0)
        TELLS_NO_NAME(put(db, "stored", 6, NULL));
        TELLS_NO_NAME(put(db, "new", 3, NULL));
        TELLS_NO_NAME(get(db, id, &buffer) == ZOVA_OK ? (zova_buffer_free(&buffer), ZOVA_OK) : ZOVA_CORRUPT);
        TELLS_NO_NAME(read_range(db, id, 0, &byte, 1, &copied));
        TELLS_NO_NAME(object_size(db, id, &number));
        TELLS_NO_NAME(object_chunk_count(db, id, &number));
        TELLS_NO_NAME(chunk_put(db, "loose", 5));
        TELLS_NO_NAME(chunk_delete(db, chunk_id_of("loose", 5), &byte));
        TELLS_NO_NAME(chunk_get(db, chunk_id_of("stored", 6), &buffer));
        zova_buffer_free(&buffer);
        TELLS_NO_NAME(manifest_get(db, id, &manifest));
        zova_object_manifest_free(&manifest);
        TELLS_NO_NAME(assemble(db, id_of(NULL, 0), 0, NULL, 0));
        TELLS_NO_NAME(zova_object_reader_create(&read));
        if (reader != NULL) {
            TELLS_NO_NAME(reader_read(reader, &byte, 1, &copied));
            DESTROY_READER(db, reader);
        }
        writer = create_writer(db);
        TELLS_NO_NAME(writer_write(writer, "written", 7));
        TELLS_NO_NAME(writer_finish(writer, NULL));
        DESTROY_WRITER(db, writer);
        TELLS_NO_NAME(zova_object_list(&list));
        zova_object_page_free(&page);
        TELLS_NO_NAME(zova_object_verify(&verify));
        TELLS_NO_NAME(object_delete(db, id));
        close_database(db);
    }
    check_about("%s", "");
    db = create("y.zova");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, "select * from _zova_nothing"));
    CHECK_TEXT("no such table: _zova_nothing", last_error(db));
    CHECK_STATUS(db, ZOVA_CONSTRAINT, exec(db, "insert into _zova_meta values ('magic', 'x')"));
    CHECK_TEXT("UNIQUE constraint failed: _zova_meta.key", last_error(db));
    close_database(db);
}

static void a_full_file_is_reported_by_the_call_that_met_it(void) {
    zova_database *db = make();
    unsigned char *bytes = stream(300000, 2);
    EXEC(db, "pragma max_page_count = 1");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, put(db, bytes, 300000, NULL));
    CHECK_BEGINS("SqliteError: ", last_error(db));
    CHECK_CONTAINS("full", last_error(db));
    CHECK(strstr(last_error(db), "rollback") == NULL);
    BEGIN(db);
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, put(db, bytes, 300000, NULL));
    CHECK_BEGINS("SqliteError: ", last_error(db));
    CHECK_CONTAINS("full", last_error(db));
    exec(db, "rollback");
    EXEC(db, "pragma max_page_count = 1000000");
    CHECK_OK(db, put(db, bytes, 300000, NULL));
    free(bytes);
    close_database(db);
}

static void texts_are_valid_utf8_whatever_the_input(void) {
    zova_database *db = make();
    const unsigned char *at;
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, named(zova_database_savepoint, db, "\xff\xfe"));
    for (at = (const unsigned char *)last_error(db); *at != '\0'; at++) {
        CHECK(*at != 0xff && *at != 0xfe);
    }
    close_database(db);
}

static void texts_of_any_length_are_kept_whole(void) {
    enum { LENGTH = 5000 };
    zova_database *db = make();
    char *sql = malloc(LENGTH + 100);
    CHECK(sql != NULL);
    strcpy(sql, "select * from ");
    memset(sql + strlen(sql), 'n', LENGTH);
    sql[strlen("select * from ") + LENGTH] = '\0';
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, sql));
    CHECK_BEGINS("no such table: nnn", last_error(db));
    CHECK_INT(strlen("no such table: ") + LENGTH, strlen(last_error(db)));
    free(sql);
    close_database(db);
}

CHECK_MAIN(CASE(a_fresh_handle_has_no_text),
           CASE(every_successful_call_clears_the_text),
           CASE(the_text_belongs_to_the_last_fault),
           CASE(asking_for_the_text_changes_nothing),
           CASE(null_and_foreign_handles_record_nothing),
           CASE(texts_belong_to_their_handle),
           CASE(a_refused_close_counts_the_children),
           CASE(faults_of_objects_begin_with_the_error_name_and_say_which),
           CASE(private_table_names_appear_only_where_the_caller_wrote_them),
           CASE(a_full_file_is_reported_by_the_call_that_met_it),
           CASE(texts_are_valid_utf8_whatever_the_input),
           CASE(texts_of_any_length_are_kept_whole))
