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

#include "bundles.h"
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

#include "sweep/objects.h"
#include "sweep/events.h"
#include "sweep/vectors.h"
#include "sweep/graphs.h"
#include "sweep/extensions.h"
#include "sweep/registries.h"
#include "sweep/copies.h"

#endif
