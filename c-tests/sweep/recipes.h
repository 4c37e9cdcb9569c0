/*
 * One valid call for every function that takes pointers, from which the sweep makes its wrong ones. A function that the
 * header declares and that has no recipe here does not compile.
 *
 *     valid_F(scene, request)    fills the inputs; handles and outputs are set by the driver; the call must be ZOVA_OK
 *     fault_F(scene, request)    turns a valid request into one that fails for another reason than a null pointer and
 *                                returns the status to expect; ZOVA_OK for functions that cannot fail in another way
 *     empty_F_data               the status when the length beside `data` is 0
 *     huge_F_data                the status when the length beside a valid `data` is SIZE_MAX
 *     open_H(scene), end_H(h)    a live handle of a kind, and its ending call
 *     fill_C(scene, container)   a container that owns memory
 */
#ifndef RECIPES_H
#define RECIPES_H

#include "support.h"

#include <fcntl.h>

typedef enum {
#define KIND(type) KIND_##type,
    HANDLE_KINDS(KIND)
#undef KIND
    KIND_COUNT
} handle_kind;

/* What a call can refer to. Every scene is a fresh database with one live handle of each kind on it. */
typedef struct {
    zova_database *db;
    void *handles[KIND_COUNT];
    zova_object_id id;
    unsigned char buffer[64];
} scene;

static const unsigned char SCENE_OBJECT[] = "an object of the sweep";

/* ---- handles ---- */

static void *open_zova_database(scene *s) {
    s->db = open_existing("sweep.zova");
    return s->db;
}

static zova_status end_zova_database(void *handle) { return zova_database_close(handle); }

static void *open_zova_statement(scene *s) { return PREPARE(s->db, "select ?1 as one, 'two' as two"); }

static zova_status end_zova_statement(void *handle) { return zova_statement_finalize(handle); }

static void *open_zova_object_writer(scene *s) { return create_writer(s->db); }

static zova_status end_zova_object_writer(void *handle) { return zova_object_writer_destroy(handle); }

static void *open_zova_object_reader(scene *s) { return create_reader(s->db, s->id); }

static zova_status end_zova_object_reader(void *handle) {
    zova_object_reader *reader = handle;
    return reader_destroy(&reader);
}

/* ---- containers ---- */

static void fill_zova_buffer(scene *s, zova_buffer *buffer) { CHECK_OK(s->db, get(s->db, s->id, buffer)); }

static void fill_zova_message(scene *s, zova_message *message) {
    zova_database *db = NULL;
    zova_database_open_request request = {"absent.zova", &db, message};
    (void)s;
    CHECK_STATUS(NULL, ZOVA_NOT_ZOVA_DATABASE, zova_database_open(&request));
}

static void fill_zova_text(scene *s, zova_text *text) {
    zova_statement_column_name_request request = {s->handles[KIND_zova_statement], 0, text};
    CHECK_OK(s->db, zova_statement_column_name(&request));
}

static void fill_zova_object_manifest(scene *s, zova_object_manifest *manifest) {
    zova_object_manifest_get_request request = {s->db, s->id, manifest};
    CHECK_OK(s->db, zova_object_manifest_get(&request));
}

static void fill_zova_object_page(scene *s, zova_object_page *page) {
    zova_object_list_request request = {s->db, NULL, 10, page};
    CHECK_OK(s->db, zova_object_list(&request));
}

/* ---- opening ---- */

static void valid_zova_database_create(scene *s, zova_database_open_request *request) {
    (void)s;
    unlink("created.zova");
    request->path = "created.zova";
}

static zova_status fault_zova_database_create(scene *s, zova_database_open_request *request) {
    (void)s;
    request->path = "sweep.zova";
    return ZOVA_DESTINATION_EXISTS;
}

static void valid_zova_database_open(scene *s, zova_database_open_request *request) {
    (void)s;
    request->path = "sweep.zova";
}

static zova_status fault_zova_database_open(scene *s, zova_database_open_request *request) {
    (void)s;
    request->path = "absent.zova";
    return ZOVA_NOT_ZOVA_DATABASE;
}

static void valid_zova_database_open_with_options(scene *s, zova_database_open_options_request *request) {
    (void)s;
    request->path = "sweep.zova";
}

static zova_status fault_zova_database_open_with_options(scene *s, zova_database_open_options_request *request) {
    (void)s;
    request->path = "sweep";
    return ZOVA_NOT_ZOVA_PATH;
}

/* ---- SQL ---- */

static void valid_zova_database_exec(scene *s, zova_database_exec_request *request) {
    (void)s;
    request->sql = "select 1";
}

static void valid_zova_database_prepare(scene *s, zova_database_prepare_request *request) {
    (void)s;
    request->sql = "select 1";
}

static zova_status fault_zova_database_prepare(scene *s, zova_database_prepare_request *request) {
    (void)s;
    request->sql = "select from";
    return ZOVA_SQLITE_ERROR;
}

/* Counters cannot fail. */
#define NEVER_FAILS(function, type)                                       \
    static void valid_##function(scene *s, type *request) {               \
        (void)s;                                                          \
        (void)request;                                                    \
    }                                                                     \
    static zova_status fault_##function(scene *s, type *request) {        \
        (void)s;                                                          \
        (void)request;                                                    \
        return ZOVA_OK;                                                   \
    }

NEVER_FAILS(zova_database_last_insert_rowid, zova_database_last_insert_rowid_request)
NEVER_FAILS(zova_database_changes, zova_database_changes_request)
NEVER_FAILS(zova_database_total_changes, zova_database_total_changes_request)

static void valid_zova_database_set_busy_timeout(scene *s, zova_database_busy_timeout_request *request) {
    (void)s;
    request->milliseconds = 10;
}

/* ---- transactions ---- */

static void valid_zova_database_begin(scene *s, zova_database_simple_request *request) {
    (void)s;
    (void)request;
}

static void valid_zova_database_begin_immediate(scene *s, zova_database_simple_request *request) {
    (void)s;
    (void)request;
}

static void valid_zova_database_commit(scene *s, zova_database_simple_request *request) {
    (void)request;
    BEGIN(s->db);
}

static void valid_zova_database_rollback(scene *s, zova_database_simple_request *request) {
    (void)request;
    BEGIN(s->db);
}

static void valid_zova_database_vacuum(scene *s, zova_database_simple_request *request) {
    (void)s;
    (void)request;
}

static void valid_zova_database_savepoint(scene *s, zova_database_savepoint_request *request) {
    (void)s;
    request->name = "here";
}

static void valid_zova_database_rollback_to_savepoint(scene *s, zova_database_savepoint_request *request) {
    SAVEPOINT(s->db, "here");
    request->name = "here";
}

static void valid_zova_database_release_savepoint(scene *s, zova_database_savepoint_request *request) {
    SAVEPOINT(s->db, "here");
    request->name = "here";
}

/* ---- statements ---- */

static void valid_zova_statement_step(scene *s, zova_statement_step_request *request) {
    (void)s;
    (void)request;
}

static zova_status fault_zova_statement_step(scene *s, zova_statement_step_request *request) {
    FINALIZE(s->db, s->handles[KIND_zova_statement]);
    s->handles[KIND_zova_statement] = PREPARE(s->db, "select abs(-9223372036854775807 - 1)");
    request->statement = s->handles[KIND_zova_statement];
    return ZOVA_SQLITE_ERROR;
}

static void valid_zova_statement_bind_null(scene *s, zova_statement_bind_null_request *request) {
    (void)s;
    request->index = 1;
}

static void valid_zova_statement_bind_int64(scene *s, zova_statement_bind_int64_request *request) {
    (void)s;
    request->index = 1;
}

static void valid_zova_statement_bind_double(scene *s, zova_statement_bind_double_request *request) {
    (void)s;
    request->index = 1;
}

static void valid_zova_statement_bind_text(scene *s, zova_statement_bind_text_request *request) {
    (void)s;
    request->index = 1;
    request->data = (const uint8_t *)"text";
    request->len = 4;
}

static void valid_zova_statement_bind_blob(scene *s, zova_statement_bind_blob_request *request) {
    (void)s;
    request->index = 1;
    request->data = (const uint8_t *)"blob";
    request->len = 4;
}

enum {
    empty_zova_statement_bind_text_data = ZOVA_OK,
    huge_zova_statement_bind_text_data = ZOVA_OUT_OF_MEMORY,
    empty_zova_statement_bind_blob_data = ZOVA_OK,
    huge_zova_statement_bind_blob_data = ZOVA_OUT_OF_MEMORY
};

NEVER_FAILS(zova_statement_parameter_count, zova_statement_parameter_count_request)
NEVER_FAILS(zova_statement_column_count, zova_statement_column_count_request)
NEVER_FAILS(zova_statement_column_type, zova_statement_column_type_request)
NEVER_FAILS(zova_statement_column_int64, zova_statement_column_int64_request)
NEVER_FAILS(zova_statement_column_double, zova_statement_column_double_request)
NEVER_FAILS(zova_statement_column_text, zova_statement_column_text_request)
NEVER_FAILS(zova_statement_column_blob, zova_statement_column_blob_request)

static void valid_zova_statement_parameter_index(scene *s, zova_statement_parameter_index_request *request) {
    (void)s;
    request->name = "?1";
}

static zova_status fault_zova_statement_parameter_index(scene *s, zova_statement_parameter_index_request *request) {
    (void)s;
    (void)request;
    return ZOVA_OK;
}

static void valid_zova_statement_column_name(scene *s, zova_statement_column_name_request *request) {
    (void)s;
    request->index = 1;
}

static zova_status fault_zova_statement_column_name(scene *s, zova_statement_column_name_request *request) {
    (void)s;
    request->index = 2;
    return ZOVA_MISUSE;
}

/* ---- objects ---- */

/* Every object call finds its table gone. */
static zova_status without_objects(scene *s) {
    EXEC(s->db, "drop table _zova_objects");
    return ZOVA_SQLITE_ERROR;
}

static void valid_zova_object_put(scene *s, zova_object_put_request *request) {
    (void)s;
    request->data = (const uint8_t *)"a new object";
    request->len = 12;
}

static zova_status fault_zova_object_put(scene *s, zova_object_put_request *request) {
    (void)request;
    return without_objects(s);
}

enum { empty_zova_object_put_data = ZOVA_OK, huge_zova_object_put_data = ZOVA_OBJECT_TOO_LARGE };

/* The helpers read every byte, so a length that no memory can have must be refused. */
enum {
    huge_zova_object_id_from_bytes = ZOVA_INVALID_ARGUMENT,
    huge_zova_object_chunk_id_from_bytes = ZOVA_INVALID_ARGUMENT
};

#define OF_STORED_OBJECT(function, type)                                  \
    static void valid_##function(scene *s, type *request) {               \
        request->id = s->id;                                              \
    }

#define FAILS_WHEN_ABSENT(function, type)                                 \
    static zova_status fault_##function(scene *s, type *request) {        \
        (void)s;                                                          \
        request->id.bytes[0] ^= 1;                                        \
        return ZOVA_OBJECT_NOT_FOUND;                                     \
    }

OF_STORED_OBJECT(zova_object_get, zova_object_get_request)
FAILS_WHEN_ABSENT(zova_object_get, zova_object_get_request)
OF_STORED_OBJECT(zova_object_size, zova_object_size_request)
FAILS_WHEN_ABSENT(zova_object_size, zova_object_size_request)
OF_STORED_OBJECT(zova_object_chunk_count, zova_object_chunk_count_request)
FAILS_WHEN_ABSENT(zova_object_chunk_count, zova_object_chunk_count_request)
OF_STORED_OBJECT(zova_object_delete, zova_object_delete_request)
OF_STORED_OBJECT(zova_object_exists, zova_object_exists_request)

static zova_status fault_zova_object_exists(scene *s, zova_object_exists_request *request) {
    (void)request;
    return without_objects(s);
}

static void valid_zova_object_read_range(scene *s, zova_object_read_range_request *request) {
    request->id = s->id;
    request->buffer = s->buffer;
    request->buffer_len = sizeof s->buffer;
}

FAILS_WHEN_ABSENT(zova_object_read_range, zova_object_read_range_request)

/* More room than there is to read is no mistake. */
enum { empty_zova_object_read_range_buffer = ZOVA_OK, huge_zova_object_read_range_buffer = ZOVA_OK };

OF_STORED_OBJECT(zova_object_verify, zova_object_verify_request)
OF_STORED_OBJECT(zova_object_manifest_get, zova_object_manifest_get_request)
FAILS_WHEN_ABSENT(zova_object_manifest_get, zova_object_manifest_get_request)

static void valid_zova_object_list(scene *s, zova_object_list_request *request) {
    request->after = &s->id;
    request->limit = 10;
}

static zova_status fault_zova_object_list(scene *s, zova_object_list_request *request) {
    (void)request;
    return without_objects(s);
}

/* ---- chunks; the object of the scene is one chunk of the same id ---- */

static zova_object_chunk_id chunk_of(zova_object_id id) {
    zova_object_chunk_id chunk;
    memcpy(chunk.bytes, id.bytes, sizeof chunk.bytes);
    return chunk;
}

/* The object twice. */
static void valid_zova_object_assemble_from_chunks(scene *s, zova_object_assemble_from_chunks_request *request) {
    static zova_object_manifest_chunk chunks[2];
    unsigned char twice[2 * sizeof SCENE_OBJECT];
    size_t at;
    for (at = 0; at < 2; at++) {
        memcpy(twice + at * sizeof SCENE_OBJECT, SCENE_OBJECT, sizeof SCENE_OBJECT);
        chunks[at].index = at;
        chunks[at].hash = chunk_of(s->id);
        chunks[at].offset = at * sizeof SCENE_OBJECT;
        chunks[at].size_bytes = sizeof SCENE_OBJECT;
    }
    request->id = id_of(twice, sizeof twice);
    request->size_bytes = sizeof twice;
    request->chunks = chunks;
    request->chunk_count = 2;
}

enum {
    empty_zova_object_assemble_from_chunks_chunks = ZOVA_OBJECT_MANIFEST_INVALID,
    huge_zova_object_assemble_from_chunks_chunks = ZOVA_INVALID_ARGUMENT
};

#define OF_STORED_CHUNK(function, type)                                   \
    static void valid_##function(scene *s, type *request) {               \
        request->hash = chunk_of(s->id);                                  \
    }

OF_STORED_CHUNK(zova_object_chunk_get, zova_object_chunk_get_request)
OF_STORED_CHUNK(zova_object_chunk_exists, zova_object_chunk_exists_request)
OF_STORED_CHUNK(zova_object_chunk_delete, zova_object_chunk_delete_request)

static zova_status fault_zova_object_chunk_get(scene *s, zova_object_chunk_get_request *request) {
    (void)s;
    request->hash.bytes[0] ^= 1;
    return ZOVA_OBJECT_CHUNK_NOT_FOUND;
}

static zova_status without_chunks(scene *s) {
    EXEC(s->db, "drop table _zova_chunks");
    return ZOVA_SQLITE_ERROR;
}

static zova_status fault_zova_object_chunk_exists(scene *s, zova_object_chunk_exists_request *request) {
    (void)request;
    return without_chunks(s);
}

static zova_status fault_zova_object_chunk_delete(scene *s, zova_object_chunk_delete_request *request) {
    request->hash.bytes[0] ^= 1;
    return without_chunks(s);
}

static void valid_zova_object_chunk_put(scene *s, zova_object_chunk_put_request *request) {
    (void)s;
    request->expected_hash = chunk_of(id_of("loose", 5));
    request->data = (const uint8_t *)"loose";
    request->len = 5;
}

enum {
    empty_zova_object_chunk_put_data = ZOVA_OBJECT_CORRUPT,
    huge_zova_object_chunk_put_data = ZOVA_OBJECT_CORRUPT
};

/* ---- writers ---- */

NEVER_FAILS(zova_object_writer_create, zova_object_writer_create_request)

static void valid_zova_object_writer_write(scene *s, zova_object_writer_write_request *request) {
    (void)s;
    request->data = (const uint8_t *)"part";
    request->len = 4;
}

enum { empty_zova_object_writer_write_data = ZOVA_OK, huge_zova_object_writer_write_data = ZOVA_OBJECT_TOO_LARGE };

static void valid_zova_object_writer_finish(scene *s, zova_object_writer_finish_request *request) {
    (void)s;
    (void)request;
}

static zova_status fault_zova_object_writer_finish(scene *s, zova_object_writer_finish_request *request) {
    CHECK_OK(s->db, writer_cancel(request->writer));
    return ZOVA_OBJECT_WRITER_CLOSED;
}

static void valid_zova_object_writer_cancel(scene *s, zova_object_writer_cancel_request *request) {
    (void)s;
    (void)request;
}

/* ---- readers ---- */

OF_STORED_OBJECT(zova_object_reader_create, zova_object_reader_create_request)
FAILS_WHEN_ABSENT(zova_object_reader_create, zova_object_reader_create_request)
NEVER_FAILS(zova_object_reader_size, zova_object_reader_size_request)

static void valid_zova_object_reader_read(scene *s, zova_object_reader_read_request *request) {
    request->buffer = s->buffer;
    request->buffer_len = sizeof s->buffer;
}

static zova_status fault_zova_object_reader_read(scene *s, zova_object_reader_read_request *request) {
    (void)request;
    CHECK_OK(s->db, object_delete(s->db, s->id));
    return ZOVA_OBJECT_NOT_FOUND;
}

enum { empty_zova_object_reader_read_buffer = ZOVA_OK, huge_zova_object_reader_read_buffer = ZOVA_OK };

static void valid_zova_object_reader_seek(scene *s, zova_object_reader_seek_request *request) {
    (void)s;
    request->offset = 1;
}

static void valid_zova_object_reader_destroy(scene *s, zova_object_reader_destroy_request *request) {
    (void)s;
    (void)request;
}

/* ---- files; the descriptor counts when the path is null ---- */

static int keep_going(uint64_t done, uint64_t total, void *user) {
    (void)user;
    return done > total;
}

static const zova_progress WATCHED = {keep_going, NULL};

static int descriptor(const char *path, int flags) {
    static int fd = -1;
    if (fd >= 0) {
        close(fd);
    }
    fd = open(path, flags, 0666);
    CHECK(fd >= 0);
    return fd;
}

static void valid_zova_object_put_file(scene *s, zova_object_put_file_request *request) {
    (void)s;
    write_file("input.bin", "of a file", 9);
    request->path = "input.bin";
    request->fd = descriptor("input.bin", O_RDONLY);
    request->progress = &WATCHED;
}

static zova_status fault_zova_object_put_file(scene *s, zova_object_put_file_request *request) {
    (void)s;
    request->path = "missing.bin";
    return ZOVA_CANT_OPEN;
}

static void valid_zova_object_get_file(scene *s, zova_object_get_file_request *request) {
    unlink("output.bin");
    request->id = s->id;
    request->path = "output.bin";
    request->fd = descriptor("descriptor.bin", O_WRONLY | O_CREAT | O_TRUNC);
    request->progress = &WATCHED;
}

/* ---- vectors: a collection of two ---- */

static const float VALUES[2] = {1, 0};
static const char *const CANDIDATES[2] = {"one", "two"};
static const zova_vector_input INPUTS[2] = {{"one", VALUES, 2}, {"two", VALUES, 2}};

static const char *with_vectors(scene *s) {
    zova_vector_collection_create_request make = {s->db, "points", {2, ZOVA_VECTOR_METRIC_L2}};
    zova_vector_put_many_request fill = {s->db, "points", INPUTS, 2};
    CHECK_OK(s->db, zova_vector_collection_create(&make));
    CHECK_OK(s->db, zova_vector_put_many(&fill));
    return "points";
}

static void fill_zova_vector(scene *s, zova_vector *vector) {
    zova_vector_get_request request = {s->db, with_vectors(s), "one", vector};
    CHECK_OK(s->db, zova_vector_get(&request));
}

static void fill_zova_vector_search_results(scene *s, zova_vector_search_results *results) {
    zova_vector_search_request request = {s->db, "points", VALUES, 2, 10, results};
    CHECK_OK(s->db, zova_vector_search(&request));
}

static void fill_zova_vector_collection_info(scene *s, zova_vector_collection_info *info) {
    zova_vector_collection_info_get_request request = {s->db, "points", info};
    CHECK_OK(s->db, zova_vector_collection_info_get(&request));
}

static void fill_zova_vector_collection_list(scene *s, zova_vector_collection_list *list) {
    zova_vector_collections_list_request request = {s->db, list};
    CHECK_OK(s->db, zova_vector_collections_list(&request));
}

static void valid_zova_vector_collection_create(scene *s, zova_vector_collection_create_request *request) {
    (void)s;
    request->name = "more points";
    request->options.dimensions = 3;
}

#define OF_COLLECTION(function, field)                                            \
    static void valid_##function(scene *s, function##_request *request) {         \
        request->field = with_vectors(s);                                         \
    }

#define FAILS_WITHOUT_COLLECTION(function, field, status)                         \
    static zova_status fault_##function(scene *s, function##_request *request) {  \
        (void)s;                                                                  \
        request->field = (status) == ZOVA_VECTOR_INVALID ? "" : "absent";         \
        return (status);                                                          \
    }

OF_COLLECTION(zova_vector_collection_exists, name)
FAILS_WITHOUT_COLLECTION(zova_vector_collection_exists, name, ZOVA_VECTOR_INVALID)
OF_COLLECTION(zova_vector_collection_info_get, name)
FAILS_WITHOUT_COLLECTION(zova_vector_collection_info_get, name, ZOVA_VECTOR_COLLECTION_NOT_FOUND)
OF_COLLECTION(zova_vector_collection_delete, name)

static void valid_zova_vector_collections_list(scene *s, zova_vector_collections_list_request *request) {
    (void)request;
    with_vectors(s);
}

static zova_status fault_zova_vector_collections_list(scene *s, zova_vector_collections_list_request *request) {
    (void)request;
    EXEC(s->db, "drop table _zova_vector_collections");
    return ZOVA_SQLITE_ERROR;
}

#define OF_VECTOR(function)                                                       \
    static void valid_##function(scene *s, function##_request *request) {         \
        request->collection_name = with_vectors(s);                               \
        request->vector_id = "one";                                               \
    }

OF_VECTOR(zova_vector_get)
FAILS_WITHOUT_COLLECTION(zova_vector_get, collection_name, ZOVA_VECTOR_COLLECTION_NOT_FOUND)
OF_VECTOR(zova_vector_exists)
FAILS_WITHOUT_COLLECTION(zova_vector_exists, collection_name, ZOVA_VECTOR_INVALID)
OF_VECTOR(zova_vector_delete)

static void valid_zova_vector_put(scene *s, zova_vector_put_request *request) {
    request->collection_name = with_vectors(s);
    request->vector_id = "three";
    request->values = VALUES;
    request->values_len = 2;
}

static void valid_zova_vector_put_many(scene *s, zova_vector_put_many_request *request) {
    request->collection_name = with_vectors(s);
    request->vectors = INPUTS;
    request->vectors_len = 2;
}

enum {
    empty_zova_vector_put_values = ZOVA_VECTOR_DIMENSION_MISMATCH,
    huge_zova_vector_put_values = ZOVA_INVALID_ARGUMENT,
    empty_zova_vector_put_many_vectors = ZOVA_OK,
    huge_zova_vector_put_many_vectors = ZOVA_INVALID_ARGUMENT
};

#define QUERY(request) ((request)->query = VALUES, (request)->query_len = 2)
#define SOURCE(request) ((request)->source_vector_id = "one")
#define AMONG(request) ((request)->candidate_ids = CANDIDATES, (request)->candidate_count = 2)
#define NEAR(request) ((request)->max_distance = 10)
#define ALL(request) ((void)(request))

/* `from` and the two restrictions set the fields that the eight searches do not share. */
#define SEARCH(function, from, candidates, distance)                              \
    static void valid_##function(scene *s, function##_request *request) {         \
        request->collection_name = with_vectors(s);                               \
        request->limit = 10;                                                      \
        from(request);                                                            \
        candidates(request);                                                      \
        distance(request);                                                        \
    }                                                                             \
    FAILS_WITHOUT_COLLECTION(function, collection_name, ZOVA_VECTOR_COLLECTION_NOT_FOUND)

#define QUERY_LENGTHS(function)                                                   \
    enum { empty_##function##_query = ZOVA_VECTOR_DIMENSION_MISMATCH, huge_##function##_query = ZOVA_INVALID_ARGUMENT };

#define CANDIDATE_COUNTS(function)                                                \
    enum { empty_##function##_candidate_ids = ZOVA_OK, huge_##function##_candidate_ids = ZOVA_INVALID_ARGUMENT };

SEARCH(zova_vector_search, QUERY, ALL, ALL)
QUERY_LENGTHS(zova_vector_search)
SEARCH(zova_vector_search_in, QUERY, AMONG, ALL)
QUERY_LENGTHS(zova_vector_search_in)
CANDIDATE_COUNTS(zova_vector_search_in)
SEARCH(zova_vector_search_within, QUERY, ALL, NEAR)
QUERY_LENGTHS(zova_vector_search_within)
SEARCH(zova_vector_search_in_within, QUERY, AMONG, NEAR)
QUERY_LENGTHS(zova_vector_search_in_within)
CANDIDATE_COUNTS(zova_vector_search_in_within)
SEARCH(zova_vector_search_by_id, SOURCE, ALL, ALL)
SEARCH(zova_vector_search_by_id_in, SOURCE, AMONG, ALL)
CANDIDATE_COUNTS(zova_vector_search_by_id_in)
SEARCH(zova_vector_search_by_id_within, SOURCE, ALL, NEAR)
SEARCH(zova_vector_search_by_id_in_within, SOURCE, AMONG, NEAR)
CANDIDATE_COUNTS(zova_vector_search_by_id_in_within)

/* ---- graphs ---- */

/* A graph "g" with the nodes a and b, an edge between them, and a node whose target is missing. */
static void a_graph(scene *s) {
    static const char *const NODES[] = {"a", "b"};
    zova_graph_create_request graph = {NULL, "g"};
    zova_graph_node_put_request target = {NULL, "g", "t", "k", ZOVA_GRAPH_TARGET_OBJECT, "n", NULL};
    zova_graph_edge_put_request edge = {NULL, "g", "a", "e", "b"};
    size_t index;
    zova_status status;
    graph.db = target.db = edge.db = s->db;
    status = zova_graph_create(&graph);
    CHECK(status == ZOVA_OK || status == ZOVA_GRAPH_EXISTS);
    for (index = 0; index < 2; index++) {
        zova_graph_node_put_request node = {NULL, "g", NULL, "k", ZOVA_GRAPH_TARGET_NONE, "", NULL};
        node.db = s->db;
        node.node_id = NODES[index];
        CHECK_OK(s->db, zova_graph_node_put(&node));
    }
    CHECK_OK(s->db, zova_graph_node_put(&target));
    CHECK_OK(s->db, zova_graph_edge_put(&edge));
}

static void valid_zova_graph_create(scene *s, zova_graph_create_request *request) {
    zova_graph_delete_request old = {NULL, "new"};
    old.db = s->db;
    (void)zova_graph_delete(&old);
    request->name = "new";
}

static void valid_zova_graph_exists(scene *s, zova_graph_exists_request *request) {
    a_graph(s);
    request->name = "g";
}

static zova_status fault_zova_graph_exists(scene *s, zova_graph_exists_request *request) {
    (void)s;
    request->name = "";
    return ZOVA_GRAPH_INVALID;
}

static void valid_zova_graph_info_get(scene *s, zova_graph_info_get_request *request) {
    a_graph(s);
    request->name = "g";
}

static zova_status fault_zova_graph_info_get(scene *s, zova_graph_info_get_request *request) {
    (void)s;
    request->name = "absent";
    return ZOVA_GRAPH_NOT_FOUND;
}

static void valid_zova_graphs_list(scene *s, zova_graph_list_request *request) {
    a_graph(s);
    (void)request;
}

/* Without its tables no graph can be listed. */
static zova_status fault_zova_graphs_list(scene *s, zova_graph_list_request *request) {
    (void)request;
    CHECK_OK(s->db, exec(s->db, "drop table _zova_graphs"));
    return ZOVA_SQLITE_ERROR;
}

static void valid_zova_graph_delete(scene *s, zova_graph_delete_request *request) {
    a_graph(s);
    request->name = "g";
}

static void valid_zova_graph_node_put(scene *s, zova_graph_node_put_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->node_id = "c";
    request->kind = "k";
    request->target_type = ZOVA_GRAPH_TARGET_RECORD;
    request->target_namespace = "n";
    request->target_ref = "r";
}

static void valid_zova_graph_node_put_many(scene *s, zova_graph_node_put_many_request *request) {
    static const zova_graph_node_input NODES[] = {{"g", "c", "k", ZOVA_GRAPH_TARGET_NONE, NULL, NULL},
                                                  {"g", "d", "k", ZOVA_GRAPH_TARGET_RECORD, "n", "r"}};
    a_graph(s);
    request->nodes = NODES;
    request->nodes_len = 2;
}

enum { huge_zova_graph_node_put_many_nodes = ZOVA_INVALID_ARGUMENT, empty_zova_graph_node_put_many_nodes = ZOVA_OK };

static void valid_zova_graph_node_get(scene *s, zova_graph_node_get_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->node_id = "a";
}

static zova_status fault_zova_graph_node_get(scene *s, zova_graph_node_get_request *request) {
    (void)s;
    request->node_id = "absent";
    return ZOVA_GRAPH_NODE_NOT_FOUND;
}

static void valid_zova_graph_node_exists(scene *s, zova_graph_node_exists_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->node_id = "a";
}

static zova_status fault_zova_graph_node_exists(scene *s, zova_graph_node_exists_request *request) {
    (void)s;
    request->node_id = "";
    return ZOVA_GRAPH_INVALID;
}

static void valid_zova_graph_node_delete(scene *s, zova_graph_node_delete_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->node_id = "a";
}

static void valid_zova_graph_node_delete_many(scene *s, zova_graph_node_delete_many_request *request) {
    static const char *const IDS[] = {"a", "b"};
    a_graph(s);
    request->graph_name = "g";
    request->node_ids = IDS;
    request->node_count = 2;
}

enum { huge_zova_graph_node_delete_many_node_ids = ZOVA_INVALID_ARGUMENT, empty_zova_graph_node_delete_many_node_ids = ZOVA_OK };

static void valid_zova_graph_edge_put(scene *s, zova_graph_edge_put_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->from_node_id = "a";
    request->edge_type = "e";
    request->to_node_id = "b";
}

static const zova_graph_edge_input SCENE_EDGES[] = {{"g", "a", "e", "b"}};

static void valid_zova_graph_edge_put_many(scene *s, zova_graph_edge_put_many_request *request) {
    a_graph(s);
    request->edges = SCENE_EDGES;
    request->edges_len = 1;
}

enum { huge_zova_graph_edge_put_many_edges = ZOVA_INVALID_ARGUMENT, empty_zova_graph_edge_put_many_edges = ZOVA_OK };

static void valid_zova_graph_edge_delete_many(scene *s, zova_graph_edge_delete_many_request *request) {
    a_graph(s);
    request->edges = SCENE_EDGES;
    request->edges_len = 1;
}

enum { huge_zova_graph_edge_delete_many_edges = ZOVA_INVALID_ARGUMENT, empty_zova_graph_edge_delete_many_edges = ZOVA_OK };

static void valid_zova_graph_edge_get(scene *s, zova_graph_edge_get_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->from_node_id = "a";
    request->edge_type = "e";
    request->to_node_id = "b";
}

static zova_status fault_zova_graph_edge_get(scene *s, zova_graph_edge_get_request *request) {
    (void)s;
    request->edge_type = "absent";
    return ZOVA_GRAPH_EDGE_NOT_FOUND;
}

static void valid_zova_graph_edge_exists(scene *s, zova_graph_edge_exists_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->from_node_id = "a";
    request->edge_type = "e";
    request->to_node_id = "b";
}

static zova_status fault_zova_graph_edge_exists(scene *s, zova_graph_edge_exists_request *request) {
    (void)s;
    request->edge_type = "";
    return ZOVA_GRAPH_INVALID;
}

static void valid_zova_graph_edge_delete(scene *s, zova_graph_edge_delete_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->from_node_id = "a";
    request->edge_type = "e";
    request->to_node_id = "b";
}

static void valid_zova_graph_neighbors(scene *s, zova_graph_neighbors_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->node_id = "a";
    request->edge_type = "e";
    request->limit = 10;
}

static zova_status fault_zova_graph_neighbors(scene *s, zova_graph_neighbors_request *request) {
    (void)s;
    request->node_id = "absent";
    return ZOVA_GRAPH_NODE_NOT_FOUND;
}

static void valid_zova_graph_degree(scene *s, zova_graph_degree_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->node_id = "a";
    request->direction = ZOVA_GRAPH_NEIGHBOR_BOTH;
    request->edge_type = "e";
}

static zova_status fault_zova_graph_degree(scene *s, zova_graph_degree_request *request) {
    (void)s;
    request->node_id = "absent";
    return ZOVA_GRAPH_NODE_NOT_FOUND;
}

static void valid_zova_graph_walk(scene *s, zova_graph_walk_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->start_node_id = "a";
    request->edge_type = "e";
    request->max_depth = 2;
    request->limit = 10;
}

static zova_status fault_zova_graph_walk(scene *s, zova_graph_walk_request *request) {
    (void)s;
    request->start_node_id = "absent";
    return ZOVA_GRAPH_NODE_NOT_FOUND;
}

static void valid_zova_graph_walk_direction(scene *s, zova_graph_walk_direction_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->start_node_id = "a";
    request->edge_type = "e";
    request->max_depth = 2;
    request->limit = 10;
}

static zova_status fault_zova_graph_walk_direction(scene *s, zova_graph_walk_direction_request *request) {
    (void)s;
    request->direction = 3;
    return ZOVA_INVALID_ARGUMENT;
}

static void valid_zova_graph_path(scene *s, zova_graph_path_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->from_node_id = "a";
    request->to_node_id = "b";
    request->edge_type = "e";
    request->max_depth = 2;
    request->limit = 10;
}

static zova_status fault_zova_graph_path(scene *s, zova_graph_path_request *request) {
    (void)s;
    request->to_node_id = "absent";
    return ZOVA_GRAPH_NODE_NOT_FOUND;
}

/* Entries of an earlier page; only some of their fields are read. */
static const zova_graph_node_entry *node_entry(void) {
    static zova_graph_node_entry entry;
    static char id[] = "a";
    entry.node.node_id = id;
    return &entry;
}

static const zova_graph_edge_entry *edge_entry(void) {
    static zova_graph_edge_entry entry;
    static char text[] = "a";
    entry.edge.from_node_id = entry.edge.edge_type = entry.edge.to_node_id = text;
    return &entry;
}

static void valid_zova_graph_nodes_page(scene *s, zova_graph_nodes_page_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->after = node_entry();
    request->limit = 10;
}

static zova_status fault_zova_graph_nodes_page(scene *s, zova_graph_nodes_page_request *request) {
    (void)s;
    request->graph_name = "absent";
    return ZOVA_GRAPH_NOT_FOUND;
}

static void valid_zova_graph_edges_page(scene *s, zova_graph_edges_page_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->after = edge_entry();
    request->limit = 10;
}

static zova_status fault_zova_graph_edges_page(scene *s, zova_graph_edges_page_request *request) {
    (void)s;
    request->graph_name = "absent";
    return ZOVA_GRAPH_NOT_FOUND;
}

static void valid_zova_database_set_strict_targets(scene *s, zova_database_set_strict_targets_request *request) {
    a_graph(s);
    request->strict = 0;
}

static void valid_zova_graph_missing_targets(scene *s, zova_graph_missing_targets_request *request) {
    a_graph(s);
    request->limit = 10;
}

static zova_status fault_zova_graph_missing_targets(scene *s, zova_graph_missing_targets_request *request) {
    (void)s;
    request->limit = SIZE_MAX;
    return ZOVA_GRAPH_INVALID;
}

/* ---- containers of graphs ---- */

static void fill_zova_graph_info(scene *s, zova_graph_info *filled) {
    zova_graph_info_get_request request;
    memset(&request, 0, sizeof request);
    a_graph(s);
    request.db = s->db;
    request.out_info = filled;
    request.name = "g";
    CHECK_OK(s->db, zova_graph_info_get(&request));
}

static void fill_zova_graph_list(scene *s, zova_graph_list *filled) {
    zova_graph_list_request request;
    memset(&request, 0, sizeof request);
    a_graph(s);
    request.db = s->db;
    request.out_list = filled;
    CHECK_OK(s->db, zova_graphs_list(&request));
}

static void fill_zova_graph_node(scene *s, zova_graph_node *filled) {
    zova_graph_node_get_request request;
    memset(&request, 0, sizeof request);
    a_graph(s);
    request.db = s->db;
    request.out_node = filled;
    request.graph_name = "g";
    request.node_id = "a";
    CHECK_OK(s->db, zova_graph_node_get(&request));
}

static void fill_zova_graph_edge(scene *s, zova_graph_edge *filled) {
    zova_graph_edge_get_request request;
    memset(&request, 0, sizeof request);
    a_graph(s);
    request.db = s->db;
    request.out_edge = filled;
    request.graph_name = "g";
    request.from_node_id = "a";
    request.edge_type = "e";
    request.to_node_id = "b";
    CHECK_OK(s->db, zova_graph_edge_get(&request));
}

static void fill_zova_graph_neighbor_results(scene *s, zova_graph_neighbor_results *filled) {
    zova_graph_neighbors_request request;
    memset(&request, 0, sizeof request);
    a_graph(s);
    request.db = s->db;
    request.out_results = filled;
    request.graph_name = "g";
    request.node_id = "a";
    request.limit = 10;
    CHECK_OK(s->db, zova_graph_neighbors(&request));
}

static void fill_zova_graph_walk_results(scene *s, zova_graph_walk_results *filled) {
    zova_graph_walk_request request;
    memset(&request, 0, sizeof request);
    a_graph(s);
    request.db = s->db;
    request.out_results = filled;
    request.graph_name = "g";
    request.start_node_id = "a";
    request.edge_type = "e";
    request.max_depth = 2;
    request.limit = 10;
    CHECK_OK(s->db, zova_graph_walk(&request));
}

static void fill_zova_graph_node_page(scene *s, zova_graph_node_page *filled) {
    zova_graph_nodes_page_request request;
    memset(&request, 0, sizeof request);
    a_graph(s);
    request.db = s->db;
    request.out_page = filled;
    request.graph_name = "g";
    request.limit = 10;
    CHECK_OK(s->db, zova_graph_nodes_page(&request));
}

static void fill_zova_graph_edge_page(scene *s, zova_graph_edge_page *filled) {
    zova_graph_edges_page_request request;
    memset(&request, 0, sizeof request);
    a_graph(s);
    request.db = s->db;
    request.out_page = filled;
    request.graph_name = "g";
    request.limit = 10;
    CHECK_OK(s->db, zova_graph_edges_page(&request));
}

static void fill_zova_graph_missing_target_list(scene *s, zova_graph_missing_target_list *filled) {
    zova_graph_missing_targets_request request;
    memset(&request, 0, sizeof request);
    a_graph(s);
    request.db = s->db;
    request.out_list = filled;
    request.limit = 10;
    CHECK_OK(s->db, zova_graph_missing_targets(&request));
}

static void fill_zova_vector_list(scene *s, zova_vector_list *list) {
    zova_vector_get_many_request request = {s->db, "points", CANDIDATES, 2, list};
    CHECK_OK(s->db, zova_vector_get_many(&request));
}

static void fill_zova_vector_id_list(scene *s, zova_vector_id_list *list) {
    zova_vector_ids_list_request request = {s->db, "points", NULL, 10, list};
    CHECK_OK(s->db, zova_vector_ids_list(&request));
}

#define OF_MANY(function)                                                         \
    static void valid_##function(scene *s, function##_request *request) {         \
        request->collection_name = with_vectors(s);                               \
        request->vector_ids = CANDIDATES;                                         \
        request->vector_count = 2;                                                \
    }                                                                             \
    enum { empty_##function##_vector_ids = ZOVA_OK, huge_##function##_vector_ids = ZOVA_INVALID_ARGUMENT };

OF_MANY(zova_vector_get_many)
FAILS_WITHOUT_COLLECTION(zova_vector_get_many, collection_name, ZOVA_VECTOR_COLLECTION_NOT_FOUND)
OF_MANY(zova_vector_delete_many)

static void valid_zova_vector_ids_list(scene *s, zova_vector_ids_list_request *request) {
    request->collection_name = with_vectors(s);
    request->after_vector_id = "one";
    request->limit = 10;
}

FAILS_WITHOUT_COLLECTION(zova_vector_ids_list, collection_name, ZOVA_VECTOR_COLLECTION_NOT_FOUND)

static void valid_zova_database_set_vector_cache_limit(scene *s, zova_database_set_vector_cache_limit_request *request) {
    (void)s;
    request->bytes = 1000000;
}

NEVER_FAILS(zova_vector_search_stats_get, zova_vector_search_stats_get_request)

#endif
