/*
 * The null-and-length sweep over every function (abi.md, sections 2.1, 5.1, 8.1 and 8.3). sweep_table.h is generated
 * from the header and the described interface; this file drives it.
 */
#include "sweep_table.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))
#define PATTERN 0xA5

/* Room for one output of any type. */
typedef union {
    uint64_t alignment;
    double number;
    void *pointer;
    unsigned char bytes[256];
} slot;

enum { MOST_FIELDS = 16, MOST_REQUEST = 256 };

static union {
    uint64_t alignment;
    void *pointer;
    unsigned char bytes[MOST_REQUEST];
} request, pristine;

static slot slots[MOST_FIELDS];
static void *ended[KIND_COUNT];

/* ---- scenes ---- */

static void *open_kind(scene *s, int kind) {
    switch (kind) {
#define OPEN(type)      \
    case KIND_##type:   \
        return open_##type(s);
        HANDLE_KINDS(OPEN)
#undef OPEN
    default:
        return NULL;
    }
}

static zova_status end_kind(void *handle, int kind) {
    switch (kind) {
#define END(type)       \
    case KIND_##type:   \
        return end_##type(handle);
        HANDLE_KINDS(END)
#undef END
    default:
        return ZOVA_INVALID_ARGUMENT;
    }
}

static void open_handles(scene *s) {
    int kind;
    memset(s, 0, sizeof *s);
    s->id = id_of(SCENE_OBJECT, sizeof SCENE_OBJECT);
    s->handles[KIND_zova_database] = open_kind(s, KIND_zova_database);
    for (kind = 0; kind < KIND_COUNT; kind++) {
        if (kind != KIND_zova_database) {
            s->handles[kind] = open_kind(s, kind);
        }
    }
}

/* Ends what is still live, children first. */
static void close_handles(scene *s) {
    int kind;
    for (kind = 0; kind < KIND_COUNT; kind++) {
        if (kind != KIND_zova_database && s->handles[kind] != NULL) {
            CHECK_OK(s->db, end_kind(s->handles[kind], kind));
        }
    }
    if (s->handles[KIND_zova_database] != NULL) {
        CHECK_OK(s->db, end_kind(s->handles[KIND_zova_database], KIND_zova_database));
    }
}

/* Once per test: the file that scenes are copied from, and one ended handle of each kind. */
static void make_template(void) {
    zova_database *db = create("template.zova");
    scene s;
    int kind;
    CHECK_OK(db, put(db, SCENE_OBJECT, sizeof SCENE_OBJECT, NULL));
    close_database(db);
    copy_file("template.zova", "sweep.zova");
    open_handles(&s);
    for (kind = 0; kind < KIND_COUNT; kind++) {
        ended[kind] = s.handles[kind];
    }
    close_handles(&s);
}

static void begin_scene(scene *s) {
    copy_file("template.zova", "sweep.zova");
    open_handles(s);
}

/* ---- requests ---- */

static void *pointer_at(const sweep_field *field) {
    void *pointer;
    memcpy(&pointer, request.bytes + field->offset, sizeof pointer);
    return pointer;
}

static void set_pointer(const sweep_field *field, const void *pointer) {
    memcpy(request.bytes + field->offset, &pointer, sizeof pointer);
}

static int is_output(const sweep_field *field) { return field->role >= ROLE_OUT_VALUE; }

static int is_handle(const sweep_field *field) { return field->role <= ROLE_HANDLE_PLACE; }

/* A registry keeps no diagnostic: the calls on it have a message. */
static int has_diagnostic(const sweep_field *field) {
    return is_handle(field) && field->kind != KIND_zova_extension_registry;
}

/* Puts a handle where the request wants it: into the field, or into the place that the field points at. */
static void set_handle(const sweep_field *field, size_t at, void *handle) {
    if (field->role == ROLE_HANDLE_PLACE) {
        slots[at].pointer = handle;
        handle = &slots[at];
    }
    set_pointer(field, handle);
}

static void check_handle_is_left(const sweep_field *field, size_t at, const void *handle) {
    if (field->role == ROLE_HANDLE_PLACE) {
        CHECK(slots[at].pointer == handle);
    }
}

/* The recipe runs once per scene, because it may change the database. */
static void make_pristine(const sweep_request *function, scene *s) {
    CHECK(function->size <= MOST_REQUEST && function->field_count <= MOST_FIELDS);
    memset(&pristine, 0, sizeof pristine);
    function->valid(s, pristine.bytes);
}

/* A valid request again, its outputs filled with a pattern; `replace` outputs have to be initialised. */
static void renew(const sweep_request *function, const scene *s) {
    size_t at;
    request = pristine;
    for (at = 0; at < function->field_count; at++) {
        const sweep_field *field = &function->fields[at];
        if (is_handle(field)) {
            set_handle(field, at, s->handles[field->kind]);
        } else if (is_output(field)) {
            memset(slots[at].bytes, field->role == ROLE_OUT_REPLACE ? 0 : PATTERN, sizeof slots[at].bytes);
            set_pointer(field, slots[at].bytes);
        }
    }
}

typedef enum { UNTOUCHED, CLEARED, EITHER } outputs_state;

static int all_bytes(const unsigned char *bytes, size_t len, int value) {
    size_t at;
    for (at = 0; at < len; at++) {
        if (bytes[at] != value) {
            return 0;
        }
    }
    return 1;
}

/* After a fault. A message is the one output that a fault fills. */
static void check_outputs(const sweep_request *function, outputs_state expected) {
    size_t at;
    for (at = 0; at < function->field_count; at++) {
        const sweep_field *field = &function->fields[at];
        int initial = field->role == ROLE_OUT_REPLACE ? 0 : PATTERN;
        int untouched = all_bytes(slots[at].bytes, field->size, initial);
        int cleared = all_bytes(slots[at].bytes, field->size, 0);
        if (!is_output(field) || pointer_at(field) == NULL || strcmp(field->name, "out_error_message") == 0) {
            continue;
        }
        if (!all_bytes(slots[at].bytes + field->size, sizeof slots[at].bytes - field->size, initial)) {
            check_fail(__FILE__, __LINE__, "%s wrote behind %s", function->name, field->name);
        }
        if (field->role == ROLE_OUT_VALUE || expected == UNTOUCHED) {
            if (!untouched) {
                check_fail(__FILE__, __LINE__, "%s touched %s", function->name, field->name);
            }
        } else if (!cleared && !(expected == EITHER && untouched)) {
            check_fail(__FILE__, __LINE__, "%s left something in %s", function->name, field->name);
        }
    }
}

/* The message of a request without a handle, or the diagnostic of the scene's database. */
static void check_diagnostic(const sweep_request *function, const scene *s, const char *begin) {
    size_t at;
    int on_handle = 0;
    for (at = 0; at < function->field_count; at++) {
        const sweep_field *field = &function->fields[at];
        on_handle |= has_diagnostic(field);
        if (strcmp(field->name, "out_error_message") == 0 && pointer_at(field) != NULL) {
            zova_message *message = (zova_message *)(void *)slots[at].bytes;
            CHECK_BEGINS(begin, message->data);
            CHECK_INT(strlen(message->data), message->len);
            zova_message_free(message);
        }
    }
    if (on_handle) {
        CHECK_BEGINS(begin, last_error(s->db));
    }
}

/* After ZOVA_OK: every output is written; what it owns is released. A handle in a place has ended. */
static void release_outputs(const sweep_request *function, scene *s) {
    size_t at;
    for (at = 0; at < function->field_count; at++) {
        const sweep_field *field = &function->fields[at];
        if (field->role == ROLE_HANDLE_PLACE) {
            check_handle_is_left(field, at, NULL);
            s->handles[field->kind] = NULL;
        }
        if (!is_output(field) || pointer_at(field) == NULL) {
            continue;
        }
        if (field->role != ROLE_OUT_REPLACE && all_bytes(slots[at].bytes, field->size, PATTERN)) {
            check_fail(__FILE__, __LINE__, "%s did not write %s", function->name, field->name);
        }
        if (field->role == ROLE_OUT_HANDLE) {
            CHECK_OK(NULL, end_kind(slots[at].pointer, field->kind));
        } else if (field->release != NULL) {
            field->release(slots[at].bytes);
            CHECK(all_bytes(slots[at].bytes, field->size, 0));
        }
    }
}

/* The outputs after a call that may succeed or not. */
static void settle(const sweep_request *function, zova_status status, scene *s) {
    if (status == ZOVA_OK) {
        release_outputs(function, s);
    } else {
        check_outputs(function, CLEARED);
        check_diagnostic(function, s, "");
    }
}

/* A text that only a later call on the database can replace. */
static void leave_a_diagnostic(scene *s) {
    CHECK_STATUS(s->db, ZOVA_SQLITE_ERROR, exec(s->db, "select * from remembered"));
}

static void check_diagnostic_is_left(scene *s) { CHECK_TEXT("no such table: remembered", last_error(s->db)); }

static void check_call(const sweep_request *function, zova_status expected, const scene *s) {
    CHECK_STATUS(s->db, expected, function->call(request.bytes));
}

#define FOR_EACH(type, table, item) \
    for (const type *item = table; item < table + LENGTH(table); item++)

/* ---- requests: null ---- */

static void a_null_request_is_refused(void) {
    FOR_EACH(sweep_request, REQUESTS, function) {
        check_about("%s", function->name);
        CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, function->call(NULL));
    }
}

static void a_null_handle_is_refused_and_nothing_is_recorded_or_touched(void) {
    scene s;
    make_template();
    FOR_EACH(sweep_request, REQUESTS, function) {
        size_t at;
        begin_scene(&s);
        make_pristine(function, &s);
        leave_a_diagnostic(&s);
        for (at = 0; at < function->field_count; at++) {
            const sweep_field *field = &function->fields[at];
            int place;
            for (place = 0; is_handle(field) && place <= (field->role == ROLE_HANDLE_PLACE); place++) {
                check_about("%s.%s", function->name, field->name);
                renew(function, &s);
                if (place) {
                    set_handle(field, at, NULL);
                } else {
                    set_pointer(field, NULL);
                }
                check_call(function, ZOVA_INVALID_ARGUMENT, &s);
                check_outputs(function, UNTOUCHED);
                check_diagnostic_is_left(&s);
            }
        }
        close_handles(&s);
    }
}

static void a_null_required_pointer_is_refused_with_a_diagnostic(void) {
    scene s;
    make_template();
    FOR_EACH(sweep_request, REQUESTS, function) {
        size_t at;
        begin_scene(&s);
        make_pristine(function, &s);
        for (at = 0; at < function->field_count; at++) {
            const sweep_field *field = &function->fields[at];
            if (field->optional || is_handle(field)) {
                continue;
            }
            check_about("%s.%s", function->name, field->name);
            renew(function, &s);
            set_pointer(field, NULL);
            check_call(function, ZOVA_INVALID_ARGUMENT, &s);
            check_outputs(function, EITHER);
            check_diagnostic(function, &s, "InvalidArgument: ");
        }
        /* Nothing of that changed anything: the valid request still succeeds. */
        renew(function, &s);
        check_call(function, ZOVA_OK, &s);
        release_outputs(function, &s);
        close_handles(&s);
    }
}

static void an_optional_pointer_may_be_null(void) {
    scene s;
    make_template();
    FOR_EACH(sweep_request, REQUESTS, function) {
        size_t at;
        for (at = 0; at < function->field_count; at++) {
            if (function->fields[at].optional) {
                check_about("%s.%s", function->name, function->fields[at].name);
                begin_scene(&s);
                make_pristine(function, &s);
                renew(function, &s);
                set_pointer(&function->fields[at], NULL);
                check_call(function, ZOVA_OK, &s);
                release_outputs(function, &s);
                close_handles(&s);
            }
        }
    }
}

static void an_optional_message_may_be_null_on_a_fault(void) {
    scene s;
    make_template();
    FOR_EACH(sweep_request, REQUESTS, function) {
        size_t at;
        for (at = 0; at < function->field_count; at++) {
            if (strcmp(function->fields[at].name, "out_error_message") == 0) {
                check_about("%s", function->name);
                begin_scene(&s);
                make_pristine(function, &s);
                renew(function, &s);
                zova_status expected = function->fault(&s, request.bytes);
                set_pointer(&function->fields[at], NULL);
                if (expected != ZOVA_OK) {
                    check_call(function, expected, &s);
                    check_outputs(function, CLEARED);
                }
                close_handles(&s);
            }
        }
    }
}

/* ---- requests: lengths ---- */

static void set_data(const sweep_field *field, const void *data, size_t len) {
    set_pointer(field, data);
    memcpy(request.bytes + field->length_offset, &len, sizeof len);
}

static void null_data_with_a_length_is_refused(void) {
    static const size_t LENGTHS[] = {1, 4096, SIZE_MAX};
    scene s;
    size_t at, which;
    make_template();
    FOR_EACH(sweep_request, REQUESTS, function) {
        begin_scene(&s);
        make_pristine(function, &s);
        for (at = 0; at < function->field_count; at++) {
            for (which = 0; function->fields[at].role == ROLE_DATA && which < LENGTH(LENGTHS); which++) {
                check_about("%s.%s, length %zu", function->name, function->fields[at].name, LENGTHS[which]);
                renew(function, &s);
                set_data(&function->fields[at], NULL, LENGTHS[which]);
                check_call(function, ZOVA_INVALID_ARGUMENT, &s);
                check_outputs(function, EITHER);
                check_diagnostic(function, &s, "InvalidArgument: ");
            }
        }
        close_handles(&s);
    }
}

static void data_without_a_length_is_never_read(void) {
    void *dangling[3] = {NULL, (void *)(uintptr_t)1, NULL};
    scene s;
    size_t at, which;
    make_template();
    dangling[2] = malloc(8);
    free(dangling[2]);
    FOR_EACH(sweep_request, REQUESTS, function) {
        for (at = 0; at < function->field_count; at++) {
            for (which = 0; function->fields[at].role == ROLE_DATA && which < LENGTH(dangling); which++) {
                check_about("%s.%s, pointer %zu", function->name, function->fields[at].name, which);
                begin_scene(&s);
                make_pristine(function, &s);
                renew(function, &s);
                set_data(&function->fields[at], dangling[which], 0);
                check_call(function, (zova_status)function->fields[at].empty, &s);
                settle(function, (zova_status)function->fields[at].empty, &s);
                close_handles(&s);
            }
        }
    }
}

static void a_length_that_no_memory_can_have_is_refused_or_harmless(void) {
    scene s;
    size_t at;
    make_template();
    FOR_EACH(sweep_request, REQUESTS, function) {
        for (at = 0; at < function->field_count; at++) {
            const sweep_field *field = &function->fields[at];
            if (field->role == ROLE_DATA) {
                check_about("%s.%s", function->name, field->name);
                begin_scene(&s);
                make_pristine(function, &s);
                renew(function, &s);
                set_data(field, pointer_at(field), SIZE_MAX);
                check_call(function, (zova_status)field->huge, &s);
                settle(function, (zova_status)field->huge, &s);
                close_handles(&s);
            }
        }
    }
}

/* ---- requests: outputs ---- */

static void a_fault_leaves_outputs_as_their_class_says(void) {
    scene s;
    make_template();
    FOR_EACH(sweep_request, REQUESTS, function) {
        zova_status expected;
        if (function->fault == NULL) {
            continue;
        }
        check_about("%s", function->name);
        begin_scene(&s);
        make_pristine(function, &s);
        renew(function, &s);
        expected = function->fault(&s, request.bytes);
        if (expected != ZOVA_OK) {
            check_call(function, expected, &s);
            check_outputs(function, CLEARED);
            check_diagnostic(function, &s, "");
            CHECK(!has_diagnostic(&function->fields[0]) || last_error(s.db)[0] != '\0');
        }
        close_handles(&s);
    }
}

/* ---- handles ---- */

/* Pointers that are no live handle of the kind. */
static size_t unusable(const scene *s, int kind, void **pointers, void *heap, void *stack) {
    char *live = s->handles[kind];
    size_t count = 0;
    int other;
    pointers[count++] = ended[kind];
    for (other = 0; other < KIND_COUNT; other++) {
        if (other != kind) {
            pointers[count++] = s->handles[other];
            pointers[count++] = ended[other];
        }
    }
    pointers[count++] = heap;
    pointers[count++] = stack;
    pointers[count++] = (void *)(uintptr_t)1;
    pointers[count++] = (void *)(uintptr_t)0xdeadbeef;
    pointers[count++] = (void *)UINTPTR_MAX;
    pointers[count++] = (void *)((uintptr_t)live + 1);
    pointers[count++] = (void *)((uintptr_t)live - 1);
    return count;
}

enum { MOST_POINTERS = 2 * KIND_COUNT + 8 };

static void an_unusable_handle_is_misuse_and_nothing_is_recorded_or_touched(void) {
    void *pointers[MOST_POINTERS];
    uint64_t stack[8] = {0};
    void *heap = calloc(1, 64);
    scene s;
    size_t at, which;
    make_template();
    FOR_EACH(sweep_request, REQUESTS, function) {
        begin_scene(&s);
        make_pristine(function, &s);
        leave_a_diagnostic(&s);
        for (at = 0; at < function->field_count; at++) {
            const sweep_field *field = &function->fields[at];
            size_t count = is_handle(field) ? unusable(&s, field->kind, pointers, heap, stack) : 0;
            for (which = 0; which < count; which++) {
                check_about("%s.%s, pointer %zu", function->name, field->name, which);
                renew(function, &s);
                set_handle(field, at, pointers[which]);
                check_call(function, ZOVA_MISUSE, &s);
                check_handle_is_left(field, at, pointers[which]);
                check_outputs(function, UNTOUCHED);
                check_diagnostic_is_left(&s);
            }
        }
        renew(function, &s);
        check_call(function, ZOVA_OK, &s);
        release_outputs(function, &s);
        close_handles(&s);
    }
    free(heap);
}

static void calls_with_a_bare_handle_check_it_too(void) {
    void *pointers[MOST_POINTERS];
    uint64_t stack[8] = {0};
    void *heap = calloc(1, 64);
    scene s;
    size_t which, count;
    make_template();
    FOR_EACH(sweep_direct, DIRECT, function) {
        begin_scene(&s);
        leave_a_diagnostic(&s);
        check_about("%s, null", function->name);
        CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, function->call(NULL));
        count = unusable(&s, function->kind, pointers, heap, stack);
        for (which = 0; which < count; which++) {
            check_about("%s, pointer %zu", function->name, which);
            CHECK_STATUS(NULL, ZOVA_MISUSE, function->call(pointers[which]));
            check_diagnostic_is_left(&s);
        }
        check_about("%s", function->name);
        if (function->call == call_zova_database_close) {
            int kind;
            for (kind = 0; kind < KIND_COUNT; kind++) {
                if (kind != KIND_zova_database) {
                    CHECK_OK(s.db, end_kind(s.handles[kind], kind));
                    s.handles[kind] = NULL;
                }
            }
        }
        CHECK_OK(NULL, function->call(s.handles[function->kind]));
        /* An ending call has used the handle up: a second call says so. Other calls may be repeated. */
        if (function->call(s.handles[function->kind]) == ZOVA_MISUSE) {
            s.handles[function->kind] = NULL;
        }
        close_handles(&s);
    }
    FOR_EACH(sweep_text, TEXTS, function) {
        begin_scene(&s);
        check_about("%s, null", function->name);
        CHECK_TEXT("invalid database handle", function->call(NULL));
        count = unusable(&s, function->kind, pointers, heap, stack);
        for (which = 0; which < count; which++) {
            check_about("%s, pointer %zu", function->name, which);
            CHECK_TEXT("invalid database handle", function->call(pointers[which]));
        }
        check_about("%s", function->name);
        CHECK_TEXT("", function->call(s.handles[function->kind]));
        close_handles(&s);
    }
    free(heap);
}

/* ---- containers and helpers ---- */

static void frees_accept_null_empty_and_freed_containers(void) {
    scene s;
    make_template();
    begin_scene(&s);
    FOR_EACH(sweep_free, FREES, function) {
        slot container;
        check_about("%s", function->name);
        function->call(NULL);
        memset(&container, 0, sizeof container);
        function->call(&container);
        CHECK(all_bytes(container.bytes, sizeof container.bytes, 0));
        function->fill(&s, &container);
        CHECK(!all_bytes(container.bytes, function->size, 0));
        function->call(&container);
        CHECK(all_bytes(container.bytes, sizeof container.bytes, 0));
        function->call(&container);
        CHECK(all_bytes(container.bytes, sizeof container.bytes, 0));
    }
    close_handles(&s);
}

static void id_helpers_check_their_pointers(void) {
    FOR_EACH(sweep_digest, DIGESTS, function) {
        slot out, other;
        check_about("%s", function->name);
        memset(&out, PATTERN, sizeof out);
        CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, function->call((const uint8_t *)"x", 1, NULL));
        CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, function->call(NULL, 1, out.bytes));
        CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, function->call(NULL, SIZE_MAX, out.bytes));
        CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, function->call(NULL, 0, NULL));
        CHECK_STATUS(NULL, (zova_status)function->huge, function->call((const uint8_t *)"x", SIZE_MAX, out.bytes));
        CHECK(all_bytes(out.bytes, sizeof out.bytes, PATTERN));
        CHECK_OK(NULL, function->call(NULL, 0, out.bytes));
        CHECK(!all_bytes(out.bytes, function->size, PATTERN));
        CHECK(all_bytes(out.bytes + function->size, sizeof out.bytes - function->size, PATTERN));
        CHECK_OK(NULL, function->call((const uint8_t *)(uintptr_t)1, 0, other.bytes));
        CHECK_BYTES(out.bytes, other.bytes, function->size);
    }
}

CHECK_MAIN(CASE(a_null_request_is_refused),
           CASE(a_null_handle_is_refused_and_nothing_is_recorded_or_touched),
           CASE(a_null_required_pointer_is_refused_with_a_diagnostic),
           CASE(an_optional_pointer_may_be_null),
           CASE(an_optional_message_may_be_null_on_a_fault),
           CASE(null_data_with_a_length_is_refused),
           CASE(data_without_a_length_is_never_read),
           CASE(a_length_that_no_memory_can_have_is_refused_or_harmless),
           CASE(a_fault_leaves_outputs_as_their_class_says),
           CASE(an_unusable_handle_is_misuse_and_nothing_is_recorded_or_touched),
           CASE(calls_with_a_bare_handle_check_it_too),
           CASE(frees_accept_null_empty_and_freed_containers),
           CASE(id_helpers_check_their_pointers))
