/*
 * The shapes of functions, one row type each; the generated table is made of them.
 */
#ifndef SHAPES_H
#define SHAPES_H

#include "sweep/recipes.h"

/* What a pointer field of a request is for; the outputs by their class (abi.md, 8.3). */
typedef enum {
    ROLE_HANDLE,
    ROLE_HANDLE_PLACE, /* a pointer to a handle, which the call ends and makes null */
    ROLE_INPUT,
    ROLE_DATA,
    ROLE_OUT_VALUE,
    ROLE_OUT_ZEROED,
    ROLE_OUT_HANDLE,
    ROLE_OUT_RESET,
    ROLE_OUT_REPLACE
} sweep_role;

typedef struct {
    const char *name;
    size_t offset;
    sweep_role role;
    size_t size;                  /* outputs: bytes behind the pointer */
    int kind;                     /* handles, and outputs that are handles */
    size_t length_offset;         /* data: where its length is */
    int optional;                 /* may be null */
    int empty;                    /* data: status for the length 0 */
    int huge;                     /* data: status for the length SIZE_MAX */
    void (*release)(void *value); /* outputs that own memory: their free function */
} sweep_field;

/* A function with one request. */
typedef struct {
    const char *name;
    size_t size;
    const sweep_field *fields;
    size_t field_count;
    zova_status (*call)(const void *request);
    void (*valid)(scene *s, void *request);
    zova_status (*fault)(scene *s, void *request); /* null without outputs */
} sweep_request;

/* A function whose only argument is a handle. */
typedef struct {
    const char *name;
    int kind;
    zova_status (*call)(void *handle);
} sweep_direct;

/* The same, returning text. */
typedef struct {
    const char *name;
    int kind;
    const char *(*call)(void *handle);
} sweep_text;

/* A free function. */
typedef struct {
    const char *name;
    size_t size;
    void (*call)(void *container);
    void (*fill)(scene *s, void *container);
} sweep_free;

/* A function of bytes without a handle. */
typedef struct {
    const char *name;
    size_t size; /* of the result */
    zova_status (*call)(const uint8_t *data, size_t len, void *out);
    int huge;
} sweep_digest;

#endif
