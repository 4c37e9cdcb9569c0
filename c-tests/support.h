/*
 * What most test programs need: short calls of the interface that must succeed, and files.
 */
#ifndef SUPPORT_H
#define SUPPORT_H

#include "check.h"

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define UNUSED __attribute__((unused))

/* ---- databases ---- */

UNUSED static zova_database *create(const char *path) {
    zova_database *db = NULL;
    zova_message message = {0};
    zova_database_open_request request = {path, &db, &message};
    zova_status status = zova_database_create(&request);
    if (status != ZOVA_OK) {
        check_fail(__FILE__, __LINE__, "create %s: %s: %s", path, zova_status_name(status), message.data);
    }
    return db;
}

UNUSED static zova_database *open_with(const char *path, uint32_t flags, uint32_t busy_timeout_ms) {
    zova_database *db = NULL;
    zova_message message = {0};
    zova_database_open_options_request request = {path, flags, busy_timeout_ms, &db, &message};
    zova_status status = zova_database_open_with_options(&request);
    if (status != ZOVA_OK) {
        check_fail(__FILE__, __LINE__, "open %s: %s: %s", path, zova_status_name(status), message.data);
    }
    return db;
}

UNUSED static zova_database *open_existing(const char *path) { return open_with(path, 0, 0); }

UNUSED static zova_database *open_read_only(const char *path) { return open_with(path, ZOVA_OPEN_READ_ONLY, 0); }

UNUSED static void close_database(zova_database *db) { CHECK_OK(db, zova_database_close(db)); }

/* The status of opening, with its message copied; a handle that opened is closed again. */
UNUSED static zova_status try_open(const char *path, uint32_t flags, char *text, size_t size) {
    zova_database *db = (zova_database *)(void *)&db;
    zova_message message = {0};
    zova_database_open_options_request request = {path, flags, 0, &db, &message};
    zova_status status = zova_database_open_with_options(&request);
    if (text != NULL) {
        snprintf(text, size, "%s", message.data == NULL ? "" : message.data);
    }
    zova_message_free(&message);
    if (status == ZOVA_OK) {
        close_database(db);
    } else if (db != NULL) {
        check_fail(__FILE__, __LINE__, "open %s failed and left a handle", path);
    }
    return status;
}

UNUSED static void check_open_at(const char *file, int line, zova_status expected, const char *path) {
    char text[1024];
    zova_status status = try_open(path, 0, text, sizeof text);
    if (status != expected) {
        check_fail(file, line, "open %s: expected %s, got %s: %s", path, zova_status_name(expected),
                   zova_status_name(status), text);
    }
    status = try_open(path, ZOVA_OPEN_READ_ONLY, text, sizeof text);
    if (status != expected) {
        check_fail(file, line, "open %s read-only: expected %s, got %s: %s", path, zova_status_name(expected),
                   zova_status_name(status), text);
    }
}

/* Opening, for writing and read-only alike, gives this status. */
#define CHECK_OPEN(expected, path) check_open_at(__FILE__, __LINE__, (expected), (path))

UNUSED static const char *last_error(zova_database *db) { return zova_database_last_error_message(db); }

/* ---- SQL ---- */

UNUSED static zova_status exec(zova_database *db, const char *sql) {
    zova_database_exec_request request = {db, sql};
    return zova_database_exec(&request);
}

#define EXEC(db, sql) CHECK_OK(db, exec((db), (sql)))

UNUSED static zova_status simple(zova_status (*function)(const zova_database_simple_request *), zova_database *db) {
    zova_database_simple_request request = {db};
    return function(&request);
}

#define BEGIN(db) CHECK_OK(db, simple(zova_database_begin, (db)))
#define COMMIT(db) CHECK_OK(db, simple(zova_database_commit, (db)))
#define ROLLBACK(db) CHECK_OK(db, simple(zova_database_rollback, (db)))

UNUSED static zova_status named(zova_status (*function)(const zova_database_savepoint_request *), zova_database *db,
                                const char *name) {
    zova_database_savepoint_request request = {db, name};
    return function(&request);
}

#define SAVEPOINT(db, name) CHECK_OK(db, named(zova_database_savepoint, (db), (name)))
#define ROLLBACK_TO(db, name) CHECK_OK(db, named(zova_database_rollback_to_savepoint, (db), (name)))
#define RELEASE(db, name) CHECK_OK(db, named(zova_database_release_savepoint, (db), (name)))

UNUSED static zova_statement *prepare_at(const char *file, int line, zova_database *db, const char *sql) {
    zova_statement *statement = NULL;
    zova_database_prepare_request request = {db, sql, &statement};
    check_status_at(file, line, db, ZOVA_OK, zova_database_prepare(&request), sql);
    return statement;
}

#define PREPARE(db, sql) prepare_at(__FILE__, __LINE__, (db), (sql))

UNUSED static zova_status step(zova_statement *statement, zova_step_result *result) {
    zova_statement_step_request request = {statement, result};
    return zova_statement_step(&request);
}

UNUSED static void step_at(const char *file, int line, zova_database *db, zova_statement *statement,
                           zova_step_result expected) {
    zova_step_result result = (zova_step_result)0;
    check_status_at(file, line, db, ZOVA_OK, step(statement, &result), "step");
    check_int_at(file, line, expected, result, "result of the step");
}

#define STEP(db, statement, expected) step_at(__FILE__, __LINE__, (db), (statement), (expected))
#define FINALIZE(db, statement) CHECK_OK(db, zova_statement_finalize(statement))
#define RESET(db, statement) CHECK_OK(db, zova_statement_reset(statement))

UNUSED static zova_status bind_int64(zova_statement *statement, int index, int64_t value) {
    zova_statement_bind_int64_request request = {statement, index, value};
    return zova_statement_bind_int64(&request);
}

UNUSED static zova_status bind_double(zova_statement *statement, int index, double value) {
    zova_statement_bind_double_request request = {statement, index, value};
    return zova_statement_bind_double(&request);
}

UNUSED static zova_status bind_null(zova_statement *statement, int index) {
    zova_statement_bind_null_request request = {statement, index};
    return zova_statement_bind_null(&request);
}

UNUSED static zova_status bind_text(zova_statement *statement, int index, const void *data, size_t len) {
    zova_statement_bind_text_request request = {statement, index, data, len};
    return zova_statement_bind_text(&request);
}

UNUSED static zova_status bind_blob(zova_statement *statement, int index, const void *data, size_t len) {
    zova_statement_bind_blob_request request = {statement, index, data, len};
    return zova_statement_bind_blob(&request);
}

UNUSED static int column_count(zova_statement *statement) {
    int count = -1;
    zova_statement_column_count_request request = {statement, &count};
    CHECK_OK(NULL, zova_statement_column_count(&request));
    return count;
}

UNUSED static int parameter_count(zova_statement *statement) {
    int count = -1;
    zova_statement_parameter_count_request request = {statement, &count};
    CHECK_OK(NULL, zova_statement_parameter_count(&request));
    return count;
}

UNUSED static int parameter_index(zova_statement *statement, const char *name) {
    int index = -1;
    zova_statement_parameter_index_request request = {statement, name, &index};
    CHECK_OK(NULL, zova_statement_parameter_index(&request));
    return index;
}

UNUSED static int64_t column_int64(zova_statement *statement, int index) {
    int64_t value = -77;
    zova_statement_column_int64_request request = {statement, index, &value};
    CHECK_OK(NULL, zova_statement_column_int64(&request));
    return value;
}

UNUSED static double column_double(zova_statement *statement, int index) {
    double value = -77;
    zova_statement_column_double_request request = {statement, index, &value};
    CHECK_OK(NULL, zova_statement_column_double(&request));
    return value;
}

UNUSED static int column_type(zova_statement *statement, int index) {
    zova_column_type type = (zova_column_type)0;
    zova_statement_column_type_request request = {statement, index, &type};
    CHECK_OK(NULL, zova_statement_column_type(&request));
    return type;
}

/* The caller frees it. */
UNUSED static zova_text column_text(zova_statement *statement, int index) {
    zova_text text = {0};
    zova_statement_column_text_request request = {statement, index, &text};
    CHECK_OK(NULL, zova_statement_column_text(&request));
    return text;
}

/* The caller frees it. */
UNUSED static zova_buffer column_blob(zova_statement *statement, int index) {
    zova_buffer buffer = {0};
    zova_statement_column_blob_request request = {statement, index, &buffer};
    CHECK_OK(NULL, zova_statement_column_blob(&request));
    return buffer;
}

/* The first column of the first row. */
UNUSED static int64_t query_int_at(const char *file, int line, zova_database *db, const char *sql) {
    zova_statement *statement = prepare_at(file, line, db, sql);
    int64_t value;
    step_at(file, line, db, statement, ZOVA_STEP_ROW);
    value = column_int64(statement, 0);
    FINALIZE(db, statement);
    return value;
}

#define QUERY_INT(db, sql) query_int_at(__FILE__, __LINE__, (db), (sql))

UNUSED static void check_query_at(const char *file, int line, const char *expected, zova_database *db, const char *sql) {
    zova_statement *statement = prepare_at(file, line, db, sql);
    zova_text text;
    step_at(file, line, db, statement, ZOVA_STEP_ROW);
    text = column_text(statement, 0);
    check_text_at(file, line, expected, text.data == NULL ? "NULL" : text.data, sql);
    zova_text_free(&text);
    FINALIZE(db, statement);
}

/* The first column of the first row reads as this text; SQL NULL as "NULL". */
#define CHECK_QUERY(expected, db, sql) check_query_at(__FILE__, __LINE__, (expected), (db), (sql))

/* ---- objects ---- */

UNUSED static zova_object_id id_of(const void *data, size_t len) {
    zova_object_id id;
    CHECK_OK(NULL, zova_object_id_from_bytes(data, len, &id));
    return id;
}

UNUSED static zova_status put(zova_database *db, const void *data, size_t len, zova_object_id *id) {
    zova_object_id ignored;
    zova_object_put_request request = {db, data, len, id == NULL ? &ignored : id};
    return zova_object_put(&request);
}

UNUSED static zova_status get(zova_database *db, zova_object_id id, zova_buffer *buffer) {
    zova_object_get_request request = {db, id, buffer};
    return zova_object_get(&request);
}

UNUSED static zova_status read_range(zova_database *db, zova_object_id id, uint64_t offset, void *buffer, size_t len,
                                     size_t *copied) {
    zova_object_read_range_request request = {db, id, offset, buffer, len, copied};
    return zova_object_read_range(&request);
}

UNUSED static zova_status object_delete(zova_database *db, zova_object_id id) {
    zova_object_delete_request request = {db, id};
    return zova_object_delete(&request);
}

UNUSED static int object_exists(zova_database *db, zova_object_id id) {
    uint8_t exists = 77;
    zova_object_exists_request request = {db, id, &exists};
    CHECK_OK(db, zova_object_exists(&request));
    return exists;
}

UNUSED static zova_status object_size(zova_database *db, zova_object_id id, uint64_t *size) {
    zova_object_size_request request = {db, id, size};
    return zova_object_size(&request);
}

UNUSED static zova_status object_chunk_count(zova_database *db, zova_object_id id, uint64_t *count) {
    zova_object_chunk_count_request request = {db, id, count};
    return zova_object_chunk_count(&request);
}

UNUSED static void check_object_at(const char *file, int line, zova_database *db, zova_object_id id, const void *expected,
                                   size_t len) {
    zova_buffer buffer;
    check_status_at(file, line, db, ZOVA_OK, get(db, id, &buffer), "get");
    check_int_at(file, line, (long long)len, (long long)buffer.len, "length of the object");
    if (len > 0) {
        check_bytes_at(file, line, expected, buffer.data, len, "the object");
    }
    zova_buffer_free(&buffer);
}

/* The object reads back as these bytes. */
#define CHECK_OBJECT(db, id, bytes, len) check_object_at(__FILE__, __LINE__, (db), (id), (bytes), (len))

/* ---- manifests and chunks ---- */

UNUSED static zova_object_chunk_id chunk_id_of(const void *data, size_t len) {
    zova_object_chunk_id id;
    CHECK_OK(NULL, zova_object_chunk_id_from_bytes(data, len, &id));
    return id;
}

UNUSED static zova_status manifest_get(zova_database *db, zova_object_id id, zova_object_manifest *manifest) {
    zova_object_manifest_get_request request = {db, id, manifest};
    return zova_object_manifest_get(&request);
}

UNUSED static zova_status assemble(zova_database *db, zova_object_id id, uint64_t size,
                                   const zova_object_manifest_chunk *chunks, size_t count) {
    zova_object_assemble_from_chunks_request request = {db, id, size, chunks, count};
    return zova_object_assemble_from_chunks(&request);
}

UNUSED static zova_status chunk_get(zova_database *db, zova_object_chunk_id hash, zova_buffer *buffer) {
    zova_object_chunk_get_request request = {db, hash, buffer};
    return zova_object_chunk_get(&request);
}

/* Under the id that the bytes have. */
UNUSED static zova_status chunk_put(zova_database *db, const void *data, size_t len) {
    zova_object_chunk_put_request request = {db, chunk_id_of(data, len), data, len};
    return zova_object_chunk_put(&request);
}

UNUSED static zova_status chunk_delete(zova_database *db, zova_object_chunk_id hash, uint8_t *deleted) {
    zova_object_chunk_delete_request request = {db, hash, deleted};
    return zova_object_chunk_delete(&request);
}

UNUSED static int chunk_exists(zova_database *db, zova_object_chunk_id hash) {
    uint8_t exists = 77;
    zova_object_chunk_exists_request request = {db, hash, &exists};
    CHECK_OK(db, zova_object_chunk_exists(&request));
    return exists;
}

/* How many objects, chunks and entries are stored; "1 23 23". */
UNUSED static const char ALL_ROWS[] =
    "select (select count(*) from _zova_objects) || ' ' || (select count(*) from _zova_chunks) || ' ' ||"
    " (select count(*) from _zova_object_chunks)";

/* ---- writers and readers ---- */

UNUSED static zova_object_writer *create_writer(zova_database *db) {
    zova_object_writer *writer = NULL;
    zova_object_writer_create_request request = {db, &writer};
    CHECK_OK(db, zova_object_writer_create(&request));
    return writer;
}

UNUSED static zova_status writer_write(zova_object_writer *writer, const void *data, size_t len) {
    zova_object_writer_write_request request = {writer, data, len};
    return zova_object_writer_write(&request);
}

UNUSED static zova_status writer_finish(zova_object_writer *writer, zova_object_id *id) {
    zova_object_id ignored;
    zova_object_writer_finish_request request = {writer, id == NULL ? &ignored : id};
    return zova_object_writer_finish(&request);
}

UNUSED static zova_status writer_cancel(zova_object_writer *writer) {
    zova_object_writer_cancel_request request = {writer};
    return zova_object_writer_cancel(&request);
}

#define DESTROY_WRITER(db, writer) CHECK_OK(db, zova_object_writer_destroy(writer))

UNUSED static zova_object_reader *create_reader(zova_database *db, zova_object_id id) {
    zova_object_reader *reader = NULL;
    zova_object_reader_create_request request = {db, id, &reader};
    CHECK_OK(db, zova_object_reader_create(&request));
    return reader;
}

UNUSED static zova_status reader_read(zova_object_reader *reader, void *buffer, size_t len, size_t *count) {
    zova_object_reader_read_request request = {reader, buffer, len, count};
    return zova_object_reader_read(&request);
}

UNUSED static zova_status reader_seek(zova_object_reader *reader, uint64_t offset) {
    zova_object_reader_seek_request request = {reader, offset};
    return zova_object_reader_seek(&request);
}

UNUSED static zova_status reader_destroy(zova_object_reader **reader) {
    zova_object_reader_destroy_request request = {reader};
    return zova_object_reader_destroy(&request);
}

#define DESTROY_READER(db, reader) CHECK_OK(db, reader_destroy(&(reader)))

/* ---- events ---- */

UNUSED static zova_status notify(zova_database *db, const char *channel, const char *payload) {
    zova_database_notify_request request = {db, channel, (const uint8_t *)payload, strlen(payload)};
    return zova_database_notify(&request);
}

#define NOTIFY(db, payload) CHECK_OK(db, notify((db), "m", (payload)))

UNUSED static zova_subscription *listen_to(zova_database *db, const char *channel) {
    zova_subscription *subscription = NULL;
    zova_database_listen_request request = {db, channel, &subscription};
    CHECK_OK(db, zova_database_listen(&request));
    return subscription;
}

UNUSED static zova_status try_receive(zova_subscription *subscription, zova_notification *notification, uint8_t *has) {
    zova_subscription_try_receive_request request = {subscription, notification, has};
    return zova_subscription_try_receive(&request);
}

UNUSED static zova_status receive(zova_subscription *subscription, uint32_t timeout_ms, zova_notification *notification,
                                  uint8_t *has) {
    zova_subscription_receive_request request = {subscription, timeout_ms, notification, has};
    return zova_subscription_receive(&request);
}

/* Takes everything that waits: the payloads, with a space between them, are these. */
UNUSED static void check_received_at(const char *file, int line, const char *expected, zova_subscription *subscription) {
    char text[256] = "";
    size_t len = 0;
    zova_notification notification = {0};
    uint8_t has = 77;
    for (;;) {
        check_status_at(file, line, NULL, ZOVA_OK, try_receive(subscription, &notification, &has), "try_receive");
        if (!has || len >= sizeof text) {
            break;
        }
        len += (size_t)snprintf(text + len, sizeof text - len, len > 0 ? " %s" : "%s", notification.payload);
    }
    zova_notification_free(&notification);
    check_text_at(file, line, expected, text, "what was received");
}

#define CHECK_RECEIVED(expected, subscription) check_received_at(__FILE__, __LINE__, (expected), (subscription))
#define CLOSE_SUBSCRIPTION(db, subscription) CHECK_OK(db, zova_subscription_close(subscription))

/* ---- copies ---- */

UNUSED static zova_status backup(zova_database *db, const char *to, uint32_t flags) {
    zova_database_backup_request request = {db, to, flags};
    return zova_database_backup(&request);
}

UNUSED static zova_status compact(zova_database *db, const char *to, uint32_t flags) {
    zova_database_compact_request request = {db, to, flags};
    return zova_database_compact(&request);
}

/* The message is copied into `text`, if there is one. */
UNUSED static zova_status restore(const char *from, const char *to, uint32_t flags, char *text, size_t size) {
    zova_message message = {0};
    zova_database_restore_request request = {from, to, flags, &message};
    zova_status status = zova_database_restore(&request);
    if (text != NULL) {
        snprintf(text, size, "%s", message.data == NULL ? "" : message.data);
    }
    zova_message_free(&message);
    return status;
}

/* As restore(). */
UNUSED static zova_status convert(const char *from, const char *to, char *text, size_t size) {
    zova_message message = {0};
    zova_convert_sqlite_to_zova_request request = {from, to, &message};
    zova_status status = zova_convert_sqlite_to_zova(&request);
    if (text != NULL) {
        snprintf(text, size, "%s", message.data == NULL ? "" : message.data);
    }
    zova_message_free(&message);
    return status;
}

/* A plain SQLite file: a Zova database whose private tables are dropped. */
UNUSED static void make_plain_sqlite(const char *path, const char *sql) {
    static const char *const tables[] = {
        "_zova_meta",   "_zova_extensions",          "_zova_objects",     "_zova_chunks", "_zova_object_chunks",
        "_zova_graphs", "_zova_vector_collections", "_zova_graph_nodes", "_zova_vectors", "_zova_graph_edges"};
    zova_database *db = create("plain-sqlite.zova");
    size_t at;
    EXEC(db, sql);
    for (at = 0; at < sizeof tables / sizeof *tables; at++) {
        char drop[128];
        snprintf(drop, sizeof drop, "drop table %s", tables[at]);
        EXEC(db, drop);
    }
    close_database(db);
    CHECK(rename("plain-sqlite.zova", path) == 0);
}

/* ---- content ---- */

/* SplitMix64 output, least significant byte first: the streams that the published files were filled with. */
UNUSED static void fill_stream(unsigned char *bytes, size_t len, uint64_t seed) {
    uint64_t state = seed;
    uint64_t word = 0;
    size_t at;
    for (at = 0; at < len; at++) {
        if (at % 8 == 0) {
            state += UINT64_C(0x9e3779b97f4a7c15);
            word = state;
            word = (word ^ (word >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
            word = (word ^ (word >> 27)) * UINT64_C(0x94d049bb133111eb);
            word ^= word >> 31;
        }
        bytes[at] = (unsigned char)(word >> (8 * (at % 8)));
    }
}

/* The caller frees it with free(). */
UNUSED static unsigned char *stream(size_t len, uint64_t seed) {
    unsigned char *bytes = malloc(len == 0 ? 1 : len);
    CHECK(bytes != NULL);
    fill_stream(bytes, len, seed);
    return bytes;
}

UNUSED static void hex(char *text, const unsigned char *bytes, size_t len) {
    size_t at;
    for (at = 0; at < len; at++) {
        snprintf(text + 2 * at, 3, "%02x", bytes[at]);
    }
}

/* ---- files ---- */

UNUSED static int exists(const char *path) {
    struct stat info;
    return lstat(path, &info) == 0;
}

UNUSED static off_t file_size(const char *path) {
    struct stat info;
    CHECK(stat(path, &info) == 0);
    return info.st_size;
}

UNUSED static void write_file(const char *path, const void *bytes, size_t len) {
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL);
    CHECK(fwrite(bytes, 1, len, file) == len);
    CHECK(fclose(file) == 0);
}

/* The caller frees it with free(). */
UNUSED static unsigned char *read_file(const char *path, size_t *len) {
    FILE *file = fopen(path, "rb");
    unsigned char *bytes;
    size_t size;
    if (file == NULL) {
        check_fail(__FILE__, __LINE__, "cannot read %s: %s", path, strerror(errno));
    }
    size = (size_t)file_size(path);
    bytes = malloc(size + 1);
    CHECK(bytes != NULL);
    CHECK(fread(bytes, 1, size, file) == size);
    CHECK(fclose(file) == 0);
    *len = size;
    return bytes;
}

UNUSED static void copy_file(const char *from, const char *to) {
    size_t len;
    unsigned char *bytes = read_file(from, &len);
    write_file(to, bytes, len);
    free(bytes);
}

/* How many names a directory holds. */
UNUSED static int entries(const char *path) {
    DIR *directory = opendir(path);
    struct dirent *entry;
    int count = 0;
    CHECK(directory != NULL);
    while ((entry = readdir(directory)) != NULL) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(directory);
    return count;
}

/* Overwrites bytes in the middle of a file. */
UNUSED static void patch_file(const char *path, long offset, const void *bytes, size_t len) {
    FILE *file = fopen(path, "r+b");
    CHECK(file != NULL);
    CHECK(fseek(file, offset, SEEK_SET) == 0);
    CHECK(fwrite(bytes, 1, len, file) == len);
    CHECK(fclose(file) == 0);
}

/* A file of the published implementation, copied into the current directory under its own name. */
UNUSED static void copy_fixture(const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", check_fixtures, name);
    copy_file(path, name);
}

/* ---- processes and time ---- */

/* Runs the function in a child process and expects it to end without a failed check. */
UNUSED static void in_child_at(const char *file, int line, void (*run)(void)) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        run();
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
        check_fail(file, line, "the child process failed (wait status 0x%x)", (unsigned)status);
    }
}

#define IN_CHILD(function) in_child_at(__FILE__, __LINE__, (function))

UNUSED static double seconds(void) {
    struct timespec now;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

UNUSED static void sleep_ms(long milliseconds) {
    struct timespec time;
    time.tv_sec = milliseconds / 1000;
    time.tv_nsec = milliseconds % 1000 * 1000000L;
    while (nanosleep(&time, &time) != 0 && errno == EINTR) {
    }
}

#endif
