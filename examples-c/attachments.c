/* attachments.c: keeps files in a Zova database.
 *
 *     attachments [--list COUNT] DATABASE FILE-OR-DIRECTORY...
 *
 * Stores every file given, and every file below a directory given, as an object with a row of metadata, all in one
 * transaction. Then lists what the database holds, reads each file back from it and compares it byte for byte with
 * the file on disk, and prints what that took. Running it again updates the paths that are stored already.
 *
 * The exit status is 0 when every file was stored and verified, 1 when one was not, 2 for a wrong command line.
 * Each file passes through memory as a whole. Links and special files inside directories are left out.
 *
 *     cc -std=c99 attachments.c $(pkg-config --cflags --libs zova) -o attachments
 */
#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "zova.h"

static const char *const SCHEMA =
    "create table if not exists attachments("
    "  path text primary key,"
    "  size integer not null,"
    "  modified integer not null,"
    "  object_id blob not null check (typeof(object_id) = 'blob' and length(object_id) = 32)"
    ") without rowid;"
    "create index if not exists attachments_by_object on attachments(object_id);";

struct file {
    char *path;
    int64_t modified; /* Unix seconds */
    uint64_t size;
    zova_object_id id;
    int stored;
};

struct files {
    struct file *items;
    size_t len, capacity;
};

struct totals {
    size_t failures, special;                   /* while looking for files and reading them */
    size_t added, updated, unchanged, released; /* rows, and objects that no row names any more */
    size_t stored, verified;
    uint64_t bytes; /* in all stored files */
    double put_seconds, get_seconds;
};

static zova_database *db;
static const char *database_path;

/* ---- small helpers ------------------------------------------------------------------------------------------ */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *allocate(void *old, size_t size)
{
    void *memory = realloc(old, size);
    if (memory == NULL) {
        fprintf(stderr, "attachments: out of memory\n");
        exit(EXIT_FAILURE);
    }
    return memory;
}

/* Reports a file that could not be used; the run goes on and ends with status 1. */
static void report(struct totals *totals, const char *path, const char *reason)
{
    fprintf(stderr, "attachments: %s: %s\n", path, reason);
    totals->failures++;
}

/* 1234567 as "1,234,567"; the text lives in one of four buffers used in turn. */
static const char *grouped(uint64_t number)
{
    static char buffers[4][32];
    static unsigned turn;
    char *end = buffers[turn++ % 4] + 31, *p = end;
    int digits = 0;
    *p = '\0';
    do {
        if (digits > 0 && digits % 3 == 0) *--p = ',';
        *--p = (char)('0' + number % 10);
        digits++;
    } while ((number /= 10) > 0);
    return p;
}

static void print_bytes(const char *label, uint64_t bytes)
{
    printf("  %-32s %15s bytes", label, grouped(bytes));
    if (bytes >= 1024 * 1024) printf("  %.2f MiB", (double)bytes / (1024.0 * 1024.0));
    else if (bytes >= 1024) printf("  %.1f KiB", (double)bytes / 1024.0);
    putchar('\n');
}

static void print_time(const char *label, uint64_t bytes, double seconds)
{
    printf("  %-32s %15.3f s", label, seconds);
    if (seconds > 0 && bytes > 0) printf("      %.0f MB/s", (double)bytes / 1e6 / seconds);
    putchar('\n');
}

/* ---- Zova calls, each ending the program with the library's explanation when it fails ------------------------- */

static void check(zova_status status, const char *what)
{
    if (status == ZOVA_OK) return;
    fprintf(stderr, "attachments: %s: %s: %s\n", database_path, what, zova_database_last_error_message(db));
    zova_database_simple_request on_db = {.db = db};
    zova_database_rollback(&on_db); /* fails harmlessly when no transaction is open */
    exit(EXIT_FAILURE);
}

static void open_or_create(void)
{
    zova_message why = {0};
    zova_database_open_request request = {.path = database_path, .out_db = &db, .out_error_message = &why};
    zova_status status = zova_database_create(&request);
    if (status == ZOVA_DESTINATION_EXISTS) status = zova_database_open(&request);
    if (status != ZOVA_OK) {
        fprintf(stderr, "attachments: %s\n", why.data ? why.data : zova_status_name(status));
        zova_message_free(&why);
        exit(EXIT_FAILURE);
    }
    zova_database_busy_timeout_request wait = {.db = db, .milliseconds = 5000};
    check(zova_database_set_busy_timeout(&wait), "set busy timeout");
    zova_database_exec_request schema = {.db = db, .sql = SCHEMA};
    check(zova_database_exec(&schema), "create table");
}

static zova_statement *prepare(const char *sql)
{
    zova_statement *statement = NULL;
    zova_database_prepare_request request = {.db = db, .sql = sql, .out_statement = &statement};
    check(zova_database_prepare(&request), "prepare");
    return statement;
}

static void bind_text(zova_statement *statement, int index, const char *text)
{
    zova_statement_bind_text_request request = {statement, index, (const uint8_t *)text, strlen(text)};
    check(zova_statement_bind_text(&request), "bind text");
}

static void bind_int64(zova_statement *statement, int index, int64_t value)
{
    zova_statement_bind_int64_request request = {statement, index, value};
    check(zova_statement_bind_int64(&request), "bind integer");
}

static void bind_id(zova_statement *statement, int index, const zova_object_id *id)
{
    zova_statement_bind_blob_request request = {statement, index, id->bytes, sizeof id->bytes};
    check(zova_statement_bind_blob(&request), "bind object id");
}

/* Returns 1 when there is a row. */
static int step(zova_statement *statement)
{
    zova_step_result result = ZOVA_STEP_DONE;
    zova_statement_step_request request = {.statement = statement, .out_result = &result};
    check(zova_statement_step(&request), "step");
    return result == ZOVA_STEP_ROW;
}

static int64_t column_int64(zova_statement *statement, int index)
{
    int64_t value = 0;
    zova_statement_column_int64_request request = {statement, index, &value};
    check(zova_statement_column_int64(&request), "read integer");
    return value;
}

/* The table's own check guarantees 32 bytes. */
static zova_object_id column_id(zova_statement *statement, int index)
{
    zova_buffer bytes = {0};
    zova_object_id id;
    zova_statement_column_blob_request request = {statement, index, &bytes};
    check(zova_statement_column_blob(&request), "read object id");
    memcpy(id.bytes, bytes.data, sizeof id.bytes);
    zova_buffer_free(&bytes);
    return id;
}

static uint64_t chunk_count(const zova_object_id *id)
{
    uint64_t count = 0;
    zova_object_chunk_count_request request = {.db = db, .id = *id, .out_count = &count};
    check(zova_object_chunk_count(&request), "count chunks");
    return count;
}

/* ---- finding and reading files -------------------------------------------------------------------------------- */

/* The database must not be stored in itself, and SQLite's locks forbid opening its files by other means. */
static int is_database_file(const struct stat *found)
{
    static const char *const suffixes[] = {"", "-journal", "-wal", "-shm"};
    char path[4096];
    struct stat own;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        snprintf(path, sizeof path, "%s%s", database_path, suffixes[i]);
        if (stat(path, &own) == 0 && own.st_dev == found->st_dev && own.st_ino == found->st_ino) return 1;
    }
    return 0;
}

static void add_file(struct files *files, const char *path, const struct stat *found)
{
    if (files->len == files->capacity) {
        files->capacity = files->capacity ? 2 * files->capacity : 64;
        files->items = allocate(files->items, files->capacity * sizeof *files->items);
    }
    struct file *file = &files->items[files->len++];
    memset(file, 0, sizeof *file);
    file->path = allocate(NULL, strlen(path) + 1);
    strcpy(file->path, path);
    file->modified = (int64_t)found->st_mtime;
}

/* Links named on the command line are followed, links met on the way down are not. */
static void collect(struct files *files, struct totals *totals, const char *path, int depth)
{
    struct stat found;
    if ((depth == 0 ? stat(path, &found) : lstat(path, &found)) != 0) {
        report(totals, path, strerror(errno));
        return;
    }
    if (S_ISREG(found.st_mode)) {
        if (is_database_file(&found)) totals->special++;
        else add_file(files, path, &found);
        return;
    }
    if (!S_ISDIR(found.st_mode)) {
        totals->special++;
        return;
    }
    DIR *directory = opendir(path);
    if (directory == NULL) {
        report(totals, path, strerror(errno));
        return;
    }
    struct dirent *entry;
    while ((entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        size_t len = strlen(path);
        char *below = allocate(NULL, len + strlen(entry->d_name) + 2);
        sprintf(below, "%s%s%s", path, len > 0 && path[len - 1] == '/' ? "" : "/", entry->d_name);
        collect(files, totals, below, depth + 1);
        free(below);
    }
    closedir(directory);
}

/* Reads a whole file; returns NULL with errno set, also when it does not fit in memory. Free the result. */
static uint8_t *read_file(const char *path, size_t *len)
{
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) return NULL;
    size_t capacity = 0, used = 0;
    uint8_t *bytes = NULL;
    int failed = 0;
    while (used == capacity && !failed) {
        capacity = capacity ? 2 * capacity : 64 * 1024;
        uint8_t *larger = realloc(bytes, capacity);
        if (larger == NULL) {
            failed = ENOMEM;
            break;
        }
        bytes = larger;
        used += fread(bytes + used, 1, capacity - used, stream);
        if (ferror(stream)) failed = errno ? errno : EIO;
    }
    fclose(stream);
    if (failed) {
        free(bytes);
        errno = failed;
        return NULL;
    }
    *len = used;
    return bytes;
}

/* ---- the work ------------------------------------------------------------------------------------------------- */

/* Deletes the object that a path had before, unless another row names it. */
static void release_object(zova_statement *named, const zova_object_id *old, struct totals *totals)
{
    bind_id(named, 1, old);
    int in_use = step(named);
    check(zova_statement_reset(named), "reset");
    if (in_use) return;
    zova_object_delete_request request = {.db = db, .id = *old};
    check(zova_object_delete(&request), "delete object");
    totals->released++;
}

/* Stores all files in one transaction: either every row and object is in the database afterwards, or none. */
static void store(struct files *files, struct totals *totals)
{
    zova_statement *find = prepare("select object_id from attachments where path = ?1");
    zova_statement *named = prepare("select 1 from attachments where object_id = ?1 limit 1");
    zova_statement *upsert = prepare(
        "insert into attachments(path, size, modified, object_id) values (?1, ?2, ?3, ?4) on conflict(path) do update"
        " set size = excluded.size, modified = excluded.modified, object_id = excluded.object_id");
    zova_database_simple_request on_db = {.db = db};
    check(zova_database_begin_immediate(&on_db), "begin");

    for (size_t i = 0; i < files->len; i++) {
        struct file *file = &files->items[i];
        size_t len = 0;
        uint8_t *bytes = read_file(file->path, &len);
        if (bytes == NULL) {
            report(totals, file->path, strerror(errno));
            continue;
        }
        double start = now();
        zova_object_put_request put = {.db = db, .data = bytes, .len = len, .out_id = &file->id};
        check(zova_object_put(&put), file->path);
        totals->put_seconds += now() - start;
        free(bytes);
        file->size = len;
        file->stored = 1;
        totals->bytes += len;
        totals->stored++;

        bind_text(find, 1, file->path);
        int known = step(find);
        zova_object_id old = known ? column_id(find, 0) : file->id;
        check(zova_statement_reset(find), "reset");
        int changed = memcmp(old.bytes, file->id.bytes, sizeof old.bytes) != 0;

        bind_text(upsert, 1, file->path);
        bind_int64(upsert, 2, (int64_t)len);
        bind_int64(upsert, 3, file->modified);
        bind_id(upsert, 4, &file->id);
        step(upsert);
        check(zova_statement_reset(upsert), "reset");
        if (changed) release_object(named, &old, totals);
        if (!known) totals->added++;
        else if (changed) totals->updated++;
        else totals->unchanged++;
    }
    double start = now();
    check(zova_database_commit(&on_db), "commit");
    totals->put_seconds += now() - start;
    check(zova_statement_finalize(find), "finalize");
    check(zova_statement_finalize(named), "finalize");
    check(zova_statement_finalize(upsert), "finalize");
}

static void list(long limit)
{
    zova_statement *count = prepare("select count(*) from attachments");
    int64_t total = step(count) ? column_int64(count, 0) : 0;
    check(zova_statement_finalize(count), "finalize");
    printf("%s holds %s attachment%s\n", database_path, grouped((uint64_t)total), total == 1 ? "" : "s");
    if (limit == 0 || total == 0) return;

    zova_statement *rows = prepare(
        "select size, modified, object_id, path from attachments order by path limit ?1");
    bind_int64(rows, 1, limit);
    printf("\n  %13s  %6s  %-10s  %-12s  %s\n", "bytes", "chunks", "modified", "object", "path");
    int64_t shown = 0;
    while (step(rows)) {
        zova_object_id id = column_id(rows, 2);
        zova_text path = {0};
        zova_statement_column_text_request read_path = {rows, 3, &path};
        check(zova_statement_column_text(&read_path), "read path");
        time_t modified = (time_t)column_int64(rows, 1);
        struct tm *date = gmtime(&modified);
        char day[16] = "-";
        if (date != NULL) strftime(day, sizeof day, "%Y-%m-%d", date);
        printf("  %13s  %6s  %-10s  ", grouped((uint64_t)column_int64(rows, 0)), grouped(chunk_count(&id)), day);
        for (int i = 0; i < 6; i++) printf("%02x", id.bytes[i]);
        printf("  %s\n", path.data);
        zova_text_free(&path);
        shown++;
    }
    check(zova_statement_finalize(rows), "finalize");
    if (shown < total) printf("  ... and %s more\n", grouped((uint64_t)(total - shown)));
}

/* Looks every path up, reads its object back and compares it with the file. */
static void verify(const struct files *files, struct totals *totals)
{
    zova_statement *find = prepare("select object_id from attachments where path = ?1");
    for (size_t i = 0; i < files->len; i++) {
        const struct file *file = &files->items[i];
        if (!file->stored) continue;
        bind_text(find, 1, file->path);
        if (!step(find)) {
            report(totals, file->path, "its row is missing from the database");
            check(zova_statement_reset(find), "reset");
            continue;
        }
        zova_buffer object = {0};
        zova_object_get_request get = {.db = db, .id = column_id(find, 0), .out_buffer = &object};
        check(zova_statement_reset(find), "reset");
        double start = now();
        zova_status status = zova_object_get(&get);
        totals->get_seconds += now() - start;
        if (status != ZOVA_OK) { /* a damaged object, say: the others may still be fine */
            report(totals, file->path, zova_database_last_error_message(db));
            continue;
        }

        size_t len = 0;
        uint8_t *bytes = read_file(file->path, &len);
        if (bytes == NULL) report(totals, file->path, strerror(errno));
        else if (len != object.len || (len > 0 && memcmp(bytes, object.data, len) != 0))
            report(totals, file->path, "the file no longer equals what was stored; it changed while this ran");
        else totals->verified++;
        free(bytes);
        zova_buffer_free(&object);
    }
    check(zova_statement_finalize(find), "finalize");
}

static int compare_ids(const void *left, const void *right)
{
    const struct file *a = left, *b = right;
    return memcmp(a->id.bytes, b->id.bytes, sizeof a->id.bytes);
}

static uint64_t database_size(void)
{
    struct stat own;
    return stat(database_path, &own) == 0 ? (uint64_t)own.st_size : 0;
}

/* Sorts the files by object to count each object once. */
static void summarize(struct files *files, const struct totals *totals, uint64_t size_before)
{
    uint64_t objects = 0, object_bytes = 0, chunks = 0;
    const struct file *previous = NULL;
    if (files->len > 0) qsort(files->items, files->len, sizeof *files->items, compare_ids);
    for (size_t i = 0; i < files->len; i++) {
        const struct file *file = &files->items[i];
        if (!file->stored || (previous != NULL && compare_ids(previous, file) == 0)) continue;
        previous = file;
        objects++;
        object_bytes += file->size;
        chunks += chunk_count(&file->id);
    }
    uint64_t size_after = database_size(), growth = size_after > size_before ? size_after - size_before : 0;

    printf("\n  %-32s %15s       %s new, %s updated, %s unchanged\n", "files stored", grouped(totals->stored),
           grouped(totals->added), grouped(totals->updated), grouped(totals->unchanged));
    printf("  %-32s %15s       byte for byte\n", "files read back and verified", grouped(totals->verified));
    printf("  %-32s %15s       in %s chunks\n", "distinct objects", grouped(objects), grouped(chunks));
    if (totals->released > 0) printf("  %-32s %15s\n", "objects no longer needed", grouped(totals->released));
    if (totals->special > 0) printf("  %-32s %15s\n", "links, special and own files", grouped(totals->special));
    if (totals->failures > 0) printf("  %-32s %15s       see the messages\n", "FAILED", grouped(totals->failures));
    print_bytes("given", totals->bytes);
    print_bytes("in distinct objects", object_bytes);
    print_bytes("the database grew by", growth);
    print_bytes("the database is now", size_after);
    if (growth > 0 && totals->bytes > growth)
        printf("  %-32s %15.2f : 1   given to grown\n", "deduplication", (double)totals->bytes / (double)growth);
    print_time("storing (put and commit)", totals->bytes, totals->put_seconds);
    print_time("reading back (get, verified)", totals->bytes, totals->get_seconds);
}

int main(int argc, char **argv)
{
    long limit = -1; /* list everything */
    int first = 1;
    if (argc > 2 && strcmp(argv[1], "--list") == 0) {
        char *end;
        limit = strtol(argv[2], &end, 10);
        first = *end == '\0' && end != argv[2] && limit >= 0 ? 3 : argc;
    }
    if (argc - first < 2) {
        fprintf(stderr, "usage: attachments [--list COUNT] DATABASE FILE-OR-DIRECTORY...\n"
                        "DATABASE ends in .zova and is created if it does not exist.\n");
        return 2;
    }
    database_path = argv[first];

    struct files files = {0};
    struct totals totals = {0};
    uint64_t size_before = database_size();
    open_or_create();
    for (int i = first + 1; i < argc; i++) collect(&files, &totals, argv[i], 0);
    store(&files, &totals);
    list(limit);
    verify(&files, &totals);
    summarize(&files, &totals, size_before);
    check(zova_database_close(db), "close");

    for (size_t i = 0; i < files.len; i++) free(files.items[i].path);
    free(files.items);
    return totals.failures > 0 || totals.verified != totals.stored ? EXIT_FAILURE : EXIT_SUCCESS;
}
