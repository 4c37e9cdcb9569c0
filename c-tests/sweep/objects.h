/* The recipes of objects, their chunks, writers, readers and files; included by recipes.h. */
#ifndef RECIPES_OBJECTS_H
#define RECIPES_OBJECTS_H

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

#endif
