/* The recipes of copies and of stopping calls; included by recipes.h. */
#ifndef RECIPES_COPIES_H
#define RECIPES_COPIES_H

/* A path where nothing is, whatever the scene before has made. */
static const char *fresh_copy(void) {
    unlink("copy.zova");
    return "copy.zova";
}

static void valid_zova_database_set_deadline(scene *s, zova_database_set_deadline_request *request) {
    (void)s;
    request->milliseconds = 1000000;
}

#define COPIES_A_HANDLE(function)                                          \
    static void valid_##function(scene *s, function##_request *request) {  \
        (void)s;                                                           \
        request->destination_path = fresh_copy();                          \
    }

COPIES_A_HANDLE(zova_database_backup)
COPIES_A_HANDLE(zova_database_backup_with_options)
COPIES_A_HANDLE(zova_database_compact)
COPIES_A_HANDLE(zova_database_compact_with_options)

#define RESTORES(function)                                                       \
    static void valid_##function(scene *s, function##_request *request) {        \
        (void)s;                                                                 \
        request->source_path = "template.zova";                                  \
        request->destination_path = fresh_copy();                                \
    }                                                                            \
    static zova_status fault_##function(scene *s, function##_request *request) { \
        (void)s;                                                                 \
        request->source_path = "absent.zova";                                    \
        return ZOVA_NOT_ZOVA_DATABASE;                                           \
    }

RESTORES(zova_database_restore)
RESTORES(zova_database_restore_with_options)

#define CONVERTS(function)                                                       \
    static void valid_##function(scene *s, function##_request *request) {        \
        (void)s;                                                                 \
        write_file("empty.db", "", 0);                                           \
        request->source_path = "empty.db";                                       \
        request->dest_path = fresh_copy();                                       \
    }                                                                            \
    static zova_status fault_##function(scene *s, function##_request *request) { \
        (void)s;                                                                 \
        request->source_path = "template.zova";                                  \
        unlink("copy.zova");                                                     \
        return ZOVA_ZOVA_NAME_CONFLICT;                                          \
    }

CONVERTS(zova_convert_sqlite_to_zova)
CONVERTS(zova_convert_sqlite_to_zova_with_options)

/* ---- storing objects while somebody watches ---- */

static void valid_zova_object_put_with_options(scene *s, zova_object_put_with_options_request *request) {
    (void)s;
    request->data = (const uint8_t *)"another object";
    request->len = 14;
}

static zova_status fault_zova_object_put_with_options(scene *s, zova_object_put_with_options_request *request) {
    (void)request;
    return without_objects(s);
}

enum {
    empty_zova_object_put_with_options_data = ZOVA_OK,
    huge_zova_object_put_with_options_data = ZOVA_OBJECT_TOO_LARGE
};

static void valid_zova_object_writer_finish_with_options(scene *s,
                                                         zova_object_writer_finish_with_options_request *request) {
    (void)s;
    (void)request;
}

static zova_status fault_zova_object_writer_finish_with_options(
    scene *s, zova_object_writer_finish_with_options_request *request) {
    CHECK_OK(s->db, writer_cancel(request->writer));
    return ZOVA_OBJECT_WRITER_CLOSED;
}

#endif
