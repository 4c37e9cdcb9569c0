/*
 * The shared library loaded with dlopen, in a program that is not linked with it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zova.h"

/* ISO C has no conversion from an object pointer to a function pointer; POSIX promises that this works. */
#define FIND(variable, name)                                                           \
    do {                                                                               \
        void *symbol = dlsym(library, name);                                           \
        if (symbol == NULL) {                                                          \
            fprintf(stderr, "%s:%d: no symbol %s\n", __FILE__, __LINE__, name);        \
            exit(1);                                                                   \
        }                                                                              \
        memcpy(&(variable), &symbol, sizeof symbol);                                   \
    } while (0)

#define CHECK(condition)                                                               \
    do {                                                                               \
        if (!(condition)) {                                                            \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);  \
            exit(1);                                                                   \
        }                                                                              \
    } while (0)

static zova_status (*create)(const zova_database_open_request *);
static zova_status (*close_database)(zova_database *);
static zova_status (*put)(const zova_object_put_request *);
static zova_status (*get)(const zova_object_get_request *);
static void (*buffer_free)(zova_buffer *);

static void *store(void *path) {
    zova_database *db = NULL;
    zova_database_open_request open = {0};
    zova_object_put_request put_request = {0};
    zova_object_get_request get_request = {0};
    zova_buffer buffer;
    open.path = path;
    open.out_db = &db;
    CHECK(create(&open) == ZOVA_OK);
    put_request.db = db;
    put_request.data = (const uint8_t *)"loaded";
    put_request.len = 6;
    put_request.out_id = &get_request.id;
    CHECK(put(&put_request) == ZOVA_OK);
    get_request.db = db;
    get_request.out_buffer = &buffer;
    CHECK(get(&get_request) == ZOVA_OK);
    CHECK(buffer.len == 6 && memcmp(buffer.data, "loaded", 6) == 0);
    buffer_free(&buffer);
    CHECK(close_database(db) == ZOVA_OK);
    return NULL;
}

static void use(const char *first, const char *second) {
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    pthread_t thread;
    char paths[2][32];
    if (library == NULL) {
        fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, dlerror());
        exit(1);
    }
    FIND(create, "zova_database_create");
    FIND(close_database, "zova_database_close");
    FIND(put, "zova_object_put");
    FIND(get, "zova_object_get");
    FIND(buffer_free, "zova_buffer_free");
    snprintf(paths[0], sizeof paths[0], "%s", first);
    snprintf(paths[1], sizeof paths[1], "%s", second);
    store(paths[0]);
    CHECK(pthread_create(&thread, NULL, store, paths[1]) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(dlclose(library) == 0);
}

/* Loaded, used in two threads and unloaded, twice; then the process ends in the ordinary way. */
int main(void) {
    use("a.zova", "b.zova");
    use("c.zova", "d.zova");
    return 0;
}
