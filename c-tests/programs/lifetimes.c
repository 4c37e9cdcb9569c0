/* abi.md, sections 5, 5.1 and 8. */
#include "support.h"

static void close_refuses_while_a_statement_lives(void) {
    zova_database *db = create("x.zova");
    zova_statement *statement = PREPARE(db, "select 1");
    CHECK_STATUS(db, ZOVA_MISUSE, zova_database_close(db));
    /* Nothing changed: both handles work on. */
    EXEC(db, "create table t(x)");
    STEP(db, statement, ZOVA_STEP_ROW);
    CHECK_STATUS(db, ZOVA_MISUSE, zova_database_close(db));
    FINALIZE(db, statement);
    close_database(db);
}

static void close_refuses_while_a_writer_or_reader_lives(void) {
    zova_database *db = create("x.zova");
    zova_object_writer *writer;
    zova_object_reader *reader;
    zova_object_id id;
    size_t count;
    char byte;
    CHECK_OK(db, put(db, "x", 1, &id));
    writer = create_writer(db);
    reader = create_reader(db, id);
    CHECK_STATUS(db, ZOVA_MISUSE, zova_database_close(db));
    /* Nothing changed; finished, cancelled and exhausted children count like all others. */
    CHECK_OK(db, writer_write(writer, "object", 6));
    CHECK_OK(db, writer_finish(writer, NULL));
    CHECK_OK(db, reader_read(reader, &byte, 1, &count));
    CHECK_STATUS(db, ZOVA_MISUSE, zova_database_close(db));
    DESTROY_WRITER(db, writer);
    CHECK_STATUS(db, ZOVA_MISUSE, zova_database_close(db));
    DESTROY_READER(db, reader);
    writer = create_writer(db);
    CHECK_OK(db, writer_cancel(writer));
    CHECK_STATUS(db, ZOVA_MISUSE, zova_database_close(db));
    DESTROY_WRITER(db, writer);
    reader = create_reader(db, id);
    CHECK_OK(db, object_delete(db, id));
    CHECK_STATUS(db, ZOVA_OBJECT_NOT_FOUND, reader_read(reader, &byte, 1, &count));
    CHECK_STATUS(db, ZOVA_MISUSE, zova_database_close(db));
    DESTROY_READER(db, reader);
    close_database(db);
}

static void children_may_be_ended_in_any_order(void) {
    int order;
    for (order = 0; order < 4; order++) {
        char path[32];
        zova_database *db;
        zova_object_id id;
        zova_statement *statement;
        zova_object_writer *writer;
        zova_object_reader *reader;
        snprintf(path, sizeof path, "x%d.zova", order);
        db = create(path);
        CHECK_OK(db, put(db, "x", 1, &id));
        statement = PREPARE(db, "select 1");
        writer = create_writer(db);
        reader = create_reader(db, id);
        if (order % 2 == 0) {
            FINALIZE(db, statement);
        }
        if (order < 2) {
            DESTROY_WRITER(db, writer);
            DESTROY_READER(db, reader);
        } else {
            DESTROY_READER(db, reader);
            DESTROY_WRITER(db, writer);
        }
        if (order % 2 != 0) {
            FINALIZE(db, statement);
        }
        close_database(db);
    }
}

static void an_ended_writer_or_reader_is_misuse_for_every_call(void) {
    zova_database *db = create("x.zova");
    zova_object_writer *writer;
    zova_object_reader *reader, *ended, *none = NULL;
    zova_object_id id;
    uint64_t size = 7;
    zova_object_reader_size_request size_of = {NULL, &size};
    size_t count = 7;
    char byte;
    CHECK_OK(db, put(db, "x", 1, &id));
    writer = create_writer(db);
    reader = create_reader(db, id);
    ended = reader;
    DESTROY_WRITER(db, writer);
    DESTROY_READER(db, reader);
    CHECK(reader == NULL);
    size_of.reader = ended;
    CHECK_STATUS(NULL, ZOVA_MISUSE, writer_write(writer, "x", 1));
    CHECK_STATUS(NULL, ZOVA_MISUSE, writer_finish(writer, &id));
    CHECK_STATUS(NULL, ZOVA_MISUSE, writer_cancel(writer));
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_object_writer_destroy(writer));
    CHECK_STATUS(NULL, ZOVA_MISUSE, reader_read(ended, &byte, 1, &count));
    CHECK_INT(7, count);
    CHECK_STATUS(NULL, ZOVA_MISUSE, reader_seek(ended, 0));
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_object_reader_size(&size_of));
    CHECK_INT(7, size);
    /* The pointer of a refused destroy stays as it is. */
    reader = ended;
    CHECK_STATUS(NULL, ZOVA_MISUSE, reader_destroy(&reader));
    CHECK(reader == ended);
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, reader_destroy(&none));
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, reader_destroy(NULL));
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, zova_object_reader_destroy(NULL));
    CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, zova_object_writer_destroy(NULL));
    /* A handle of another kind is no handle. */
    writer = create_writer(db);
    reader = (zova_object_reader *)(void *)writer;
    CHECK_STATUS(NULL, ZOVA_MISUSE, reader_destroy(&reader));
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_object_writer_destroy((zova_object_writer *)(void *)db));
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_statement_finalize((zova_statement *)(void *)writer));
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_database_close((zova_database *)(void *)writer));
    DESTROY_WRITER(db, writer);
    close_database(db);
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_object_writer_destroy(writer));
}

static void a_closed_database_is_misuse_for_every_call(void) {
    zova_database *db = create("x.zova");
    zova_statement *statement = NULL;
    zova_database_prepare_request prepare = {db, "select 1", &statement};
    zova_object_id id = id_of("x", 1);
    zova_buffer buffer = {(uint8_t *)1, 7};
    uint64_t number;
    size_t copied = 7;
    char byte;
    close_database(db);
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_database_close(db));
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_database_close(db));
    CHECK_STATUS(NULL, ZOVA_MISUSE, exec(db, "select 1"));
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_database_prepare(&prepare));
    CHECK(statement == NULL);
    CHECK_STATUS(NULL, ZOVA_MISUSE, simple(zova_database_begin, db));
    CHECK_STATUS(NULL, ZOVA_MISUSE, named(zova_database_savepoint, db, "s"));
    CHECK_STATUS(NULL, ZOVA_MISUSE, put(db, "x", 1, &id));
    CHECK_STATUS(NULL, ZOVA_MISUSE, get(db, id, &buffer));
    CHECK(buffer.data == (uint8_t *)1 && buffer.len == 7);
    CHECK_STATUS(NULL, ZOVA_MISUSE, read_range(db, id, 0, &byte, 1, &copied));
    CHECK_INT(7, copied);
    CHECK_STATUS(NULL, ZOVA_MISUSE, object_size(db, id, &number));
    CHECK_STATUS(NULL, ZOVA_MISUSE, object_delete(db, id));
    CHECK_TEXT("invalid database handle", last_error(db));
}

static void a_finalized_statement_is_misuse_for_every_call(void) {
    zova_database *db = create("x.zova");
    zova_statement *statement = PREPARE(db, "select ?1");
    zova_step_result result = (zova_step_result)99;
    int count = 99;
    zova_statement_column_count_request columns = {statement, &count};
    zova_text text = {0};
    zova_statement_column_text_request column = {statement, 0, &text};
    FINALIZE(db, statement);
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_statement_finalize(statement));
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_statement_reset(statement));
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_statement_clear_bindings(statement));
    CHECK_STATUS(NULL, ZOVA_MISUSE, step(statement, &result));
    CHECK_INT(99, result);
    CHECK_STATUS(NULL, ZOVA_MISUSE, bind_int64(statement, 1, 1));
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_statement_column_count(&columns));
    CHECK_INT(99, count);
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_statement_column_text(&column));
    close_database(db);
    CHECK_STATUS(NULL, ZOVA_MISUSE, zova_statement_finalize(statement));
    CHECK_STATUS(NULL, ZOVA_MISUSE, step(statement, &result));
}

/* A stale handle must never address a newer one, so no value comes twice. */
static void handle_values_are_never_issued_again(void) {
    enum { COUNT = 2000 };
    static void *seen[COUNT + 20];
    const int count = check_small ? 200 : COUNT;
    zova_database *db = create("x.zova");
    zova_object_id id;
    int at, other, total = 0;
    CHECK_OK(db, put(db, "x", 1, &id));
    for (at = 0; at < count; at++) {
        if (at % 3 == 0) {
            seen[total] = PREPARE(db, "select 1");
            FINALIZE(db, seen[total]);
        } else if (at % 3 == 1) {
            seen[total] = create_writer(db);
            DESTROY_WRITER(db, seen[total]);
        } else {
            zova_object_reader *reader = create_reader(db, id);
            seen[total] = reader;
            DESTROY_READER(db, reader);
        }
        total++;
    }
    close_database(db);
    for (at = 0; at < 20; at++) {
        seen[total] = open_existing("x.zova");
        close_database(seen[total]);
        total++;
    }
    db = open_existing("x.zova");
    for (at = 0; at < total; at++) {
        CHECK(seen[at] != NULL && seen[at] != (void *)db);
        for (other = 0; other < at; other++) {
            CHECK(seen[at] != seen[other]);
        }
        CHECK_STATUS(NULL, ZOVA_MISUSE, zova_statement_finalize(seen[at]));
        CHECK_STATUS(NULL, ZOVA_MISUSE, zova_object_writer_destroy(seen[at]));
        CHECK_STATUS(NULL, ZOVA_MISUSE, zova_database_close(seen[at]));
    }
    close_database(db);
}

static void many_handles_live_at_once(void) {
    enum { COUNT = 300 };
    static zova_statement *statements[COUNT];
    zova_database *db = create("x.zova");
    zova_database *others[20];
    int at;
    for (at = 0; at < 20; at++) {
        others[at] = open_existing("x.zova");
    }
    for (at = 0; at < COUNT; at++) {
        char sql[32];
        snprintf(sql, sizeof sql, "select %d", at);
        statements[at] = PREPARE(db, sql);
    }
    for (at = COUNT - 1; at >= 0; at--) {
        STEP(db, statements[at], ZOVA_STEP_ROW);
        CHECK_INT(at, column_int64(statements[at], 0));
    }
    for (at = 0; at < COUNT; at += 2) {
        FINALIZE(db, statements[at]);
    }
    for (at = 1; at < COUNT; at += 2) {
        CHECK_INT(at, column_int64(statements[at], 0));
        FINALIZE(db, statements[at]);
    }
    for (at = 0; at < 20; at++) {
        close_database(others[at]);
    }
    close_database(db);
}

static void closing_one_database_leaves_another_alone(void) {
    zova_database *first = create("a.zova");
    zova_database *second = create("b.zova");
    zova_statement *statement = PREPARE(second, "select 5");
    close_database(first);
    STEP(second, statement, ZOVA_STEP_ROW);
    CHECK_INT(5, column_int64(statement, 0));
    FINALIZE(second, statement);
    close_database(second);
}

static void containers_outlive_their_handles(void) {
    zova_database *db = create("x.zova");
    zova_statement *statement = PREPARE(db, "select 'text' as named, x'0102'");
    zova_text text, name = {0};
    zova_buffer blob, object;
    zova_object_id id;
    zova_statement_column_name_request request = {statement, 0, &name};
    STEP(db, statement, ZOVA_STEP_ROW);
    text = column_text(statement, 0);
    blob = column_blob(statement, 1);
    CHECK_OK(db, zova_statement_column_name(&request));
    CHECK_OK(db, put(db, "object", 6, &id));
    CHECK_OK(db, get(db, id, &object));
    FINALIZE(db, statement);
    close_database(db);
    CHECK_TEXT("text", text.data);
    CHECK_TEXT("named", name.data);
    CHECK_BYTES("\1\2", blob.data, 2);
    CHECK_BYTES("object", object.data, 6);
    zova_text_free(&text);
    zova_text_free(&name);
    zova_buffer_free(&blob);
    zova_buffer_free(&object);
    zova_buffer_free(&object);
    CHECK(object.data == NULL && object.len == 0);
}

static void replaced_outputs_need_one_free_at_the_end(void) {
    zova_database *db = create("x.zova");
    zova_statement *statement = PREPARE(db, "select ?1 as first, ?2");
    zova_text text = {0}, name = {0};
    zova_buffer buffer = {0};
    zova_statement_column_text_request as_text = {statement, 0, &text};
    zova_statement_column_blob_request as_blob = {statement, 0, &buffer};
    zova_statement_column_name_request as_name = {statement, 0, &name};
    int round;
    CHECK_OK(db, bind_text(statement, 1, "a text", 6));
    STEP(db, statement, ZOVA_STEP_ROW);
    for (round = 0; round < 20; round++) {
        as_text.index = as_blob.index = round % 2;
        as_name.index = round % 3;
        CHECK_OK(db, zova_statement_column_text(&as_text));
        CHECK((text.data == NULL) == (round % 2 == 1));
        CHECK_OK(db, zova_statement_column_blob(&as_blob));
        CHECK((buffer.data == NULL) == (round % 2 == 1));
        CHECK_STATUS(db, round % 3 == 2 ? ZOVA_MISUSE : ZOVA_OK, zova_statement_column_name(&as_name));
        CHECK((name.data == NULL) == (round % 3 == 2));
    }
    zova_text_free(&text);
    zova_text_free(&name);
    zova_buffer_free(&buffer);
    FINALIZE(db, statement);
    close_database(db);
}

static void reset_outputs_need_no_initialisation(void) {
    zova_database *db = create("x.zova");
    zova_object_id id;
    zova_buffer buffer;
    CHECK_OK(db, put(db, "object", 6, &id));
    memset(&buffer, 0xA5, sizeof buffer);
    CHECK_OK(db, get(db, id, &buffer));
    CHECK_INT(6, buffer.len);
    zova_buffer_free(&buffer);
    memset(&buffer, 0xA5, sizeof buffer);
    id.bytes[0] ^= 1;
    CHECK_STATUS(db, ZOVA_OBJECT_NOT_FOUND, get(db, id, &buffer));
    CHECK(buffer.data == NULL && buffer.len == 0);
    close_database(db);
}

static void requests_are_neither_kept_nor_changed(void) {
    zova_database *db = create("x.zova");
    char *sql = strdup("select ?1");
    zova_statement *statement = NULL;
    zova_database_prepare_request *prepare = malloc(sizeof *prepare);
    zova_database_prepare_request before;
    CHECK(sql != NULL && prepare != NULL);
    prepare->db = db;
    prepare->sql = sql;
    prepare->out_statement = &statement;
    before = *prepare;
    CHECK_OK(db, zova_database_prepare(prepare));
    CHECK(memcmp(&before, prepare, sizeof before) == 0);
    memset(sql, 'x', strlen(sql));
    free(sql);
    free(prepare);
    CHECK_OK(db, bind_int64(statement, 1, 3));
    STEP(db, statement, ZOVA_STEP_ROW);
    CHECK_INT(3, column_int64(statement, 0));
    FINALIZE(db, statement);
    close_database(db);
}

static void an_element_may_be_freed_before_its_list(void) {
    zova_database *db = create("x.zova");
    zova_graph_create_request graph = {db, "first"};
    zova_vector_collection_create_request collection = {db, "first", {2, ZOVA_VECTOR_METRIC_L2}};
    zova_graph_list graphs;
    zova_graph_list_request list_graphs = {db, &graphs};
    zova_vector_collection_list collections;
    zova_vector_collections_list_request list_collections = {db, &collections};
    CHECK_OK(db, zova_graph_create(&graph));
    CHECK_OK(db, zova_vector_collection_create(&collection));
    graph.name = collection.name = "second";
    CHECK_OK(db, zova_graph_create(&graph));
    CHECK_OK(db, zova_vector_collection_create(&collection));
    CHECK_OK(db, zova_graphs_list(&list_graphs));
    CHECK_OK(db, zova_vector_collections_list(&list_collections));
    CHECK(graphs.len == 2 && collections.len == 2);
    zova_graph_info_free(&graphs.items[1]);
    zova_vector_collection_info_free(&collections.items[1]);
    CHECK(graphs.items[1].name == NULL && graphs.items[1].name_len == 0);
    CHECK(collections.items[1].name == NULL && collections.items[1].name_len == 0);
    zova_graph_info_free(&graphs.items[1]);
    CHECK(strcmp(graphs.items[0].name, "first") == 0 && strcmp(collections.items[0].name, "first") == 0);
    zova_graph_list_free(&graphs);
    zova_vector_collection_list_free(&collections);
    CHECK(graphs.items == NULL && collections.items == NULL);
    close_database(db);
}

CHECK_MAIN(CASE(close_refuses_while_a_statement_lives),
           CASE(close_refuses_while_a_writer_or_reader_lives),
           CASE(children_may_be_ended_in_any_order),
           CASE(an_ended_writer_or_reader_is_misuse_for_every_call),
           CASE(a_closed_database_is_misuse_for_every_call),
           CASE(a_finalized_statement_is_misuse_for_every_call),
           CASE(handle_values_are_never_issued_again),
           CASE(many_handles_live_at_once),
           CASE(closing_one_database_leaves_another_alone),
           CASE(containers_outlive_their_handles),
           CASE(replaced_outputs_need_one_free_at_the_end),
           CASE(reset_outputs_need_no_initialisation),
           CASE(an_element_may_be_freed_before_its_list),
           CASE(requests_are_neither_kept_nor_changed))
