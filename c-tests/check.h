/*
 * Checks for the C test programs. A program is a table of named test functions:
 *
 *     #include "check.h"
 *     static void closing_null_is_refused(void) { CHECK_STATUS(NULL, ZOVA_INVALID_ARGUMENT, zova_database_close(NULL)); }
 *     CHECK_MAIN(CASE(closing_null_is_refused))
 *
 * Each function runs in a fresh directory. A failed check prints the function, the place, what was expected and what
 * came, and ends that function; the others still run. A program without a failure prints nothing and exits with 0.
 * The first argument is the folder of the published files; a second one, "small", asks for small sizes.
 */
#ifndef CHECK_H
#define CHECK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "zova.h"

typedef struct {
    const char *name;
    void (*run)(void);
} check_test;

static const char *check_fixtures = "";
static int check_small;
static const char *check_running = "";
static char check_note[512];
static jmp_buf check_escape;
static pthread_t check_thread;
static pid_t check_process;
static int check_failures;

/* What the next checks are about, for loops over tables; printed with a failure. An empty note prints nothing. */
__attribute__((format(printf, 1, 2), unused)) static void check_about(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(check_note, sizeof check_note, format, arguments);
    va_end(arguments);
}

/* Prints the failure and leaves the test function; a failure in another thread or process ends that process. */
__attribute__((format(printf, 3, 4), noreturn, unused)) static void check_fail(const char *file, int line,
                                                                               const char *format, ...) {
    va_list arguments;
    fflush(stdout);
    fprintf(stderr, "%s:%d: %s: ", file, line, check_running);
    if (check_note[0] != '\0') {
        fprintf(stderr, "[%s] ", check_note);
    }
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    fflush(stderr);
    if (getpid() == check_process && pthread_equal(pthread_self(), check_thread)) {
        longjmp(check_escape, 1);
    }
    _exit(1);
}

/* A part that cannot run on this machine. The runner shows and counts it. */
__attribute__((unused)) static void check_skip(const char *reason) {
    printf("skipped: %s: %s\n", check_running, reason);
    fflush(stdout);
}

#define CHECK(condition)                                                      \
    do {                                                                      \
        if (!(condition)) {                                                   \
            check_fail(__FILE__, __LINE__, "not true: %s", #condition);       \
        }                                                                     \
    } while (0)

__attribute__((unused)) static void check_status_at(const char *file, int line, zova_database *db, zova_status expected,
                                                    zova_status got, const char *call) {
    if (got != expected) {
        check_fail(file, line, "%s: expected %s, got %s (%d), last error message: %s", call,
                   zova_status_name(expected), zova_status_name(got), (int)got,
                   db == NULL ? "(no handle)" : zova_database_last_error_message(db));
    }
}

/* The handle is the one whose last error message explains the status; it may be NULL. */
#define CHECK_STATUS(db, expected, call) check_status_at(__FILE__, __LINE__, (db), (expected), (call), #call)
#define CHECK_OK(db, call) CHECK_STATUS(db, ZOVA_OK, call)

__attribute__((unused)) static void check_text_at(const char *file, int line, const char *expected, const char *got,
                                                  const char *expression) {
    if (got == NULL || strcmp(expected, got) != 0) {
        check_fail(file, line, "%s: expected \"%s\", got \"%s\"", expression, expected, got == NULL ? "(null)" : got);
    }
}

#define CHECK_TEXT(expected, text) check_text_at(__FILE__, __LINE__, (expected), (text), #text)

__attribute__((unused)) static void check_contains_at(const char *file, int line, const char *part, const char *got,
                                                      const char *expression) {
    if (got == NULL || strstr(got, part) == NULL) {
        check_fail(file, line, "%s: expected a text with \"%s\", got \"%s\"", expression, part,
                   got == NULL ? "(null)" : got);
    }
}

#define CHECK_CONTAINS(part, text) check_contains_at(__FILE__, __LINE__, (part), (text), #text)

__attribute__((unused)) static void check_begins_at(const char *file, int line, const char *begin, const char *got,
                                                    const char *expression) {
    if (got == NULL || strncmp(got, begin, strlen(begin)) != 0) {
        check_fail(file, line, "%s: expected a text that begins with \"%s\", got \"%s\"", expression, begin,
                   got == NULL ? "(null)" : got);
    }
}

#define CHECK_BEGINS(begin, text) check_begins_at(__FILE__, __LINE__, (begin), (text), #text)

__attribute__((unused)) static void check_int_at(const char *file, int line, long long expected, long long got,
                                                 const char *expression) {
    if (got != expected) {
        check_fail(file, line, "%s: expected %lld, got %lld", expression, expected, got);
    }
}

#define CHECK_INT(expected, value) \
    check_int_at(__FILE__, __LINE__, (long long)(expected), (long long)(value), #value)

__attribute__((unused)) static void check_bytes_at(const char *file, int line, const void *expected, const void *got,
                                                   size_t len, const char *expression) {
    const unsigned char *left = expected;
    const unsigned char *right = got;
    size_t at;
    for (at = 0; at < len; at++) {
        if (left[at] != right[at]) {
            check_fail(file, line, "%s: byte %zu is 0x%02x instead of 0x%02x", expression, at, right[at], left[at]);
        }
    }
}

#define CHECK_BYTES(expected, bytes, len) check_bytes_at(__FILE__, __LINE__, (expected), (bytes), (len), #bytes)

/* Runs the tests one after another, each in a directory of its name. */
static int check_main(int argc, char **argv, const check_test *tests, size_t count) {
    size_t index;
    int start = open(".", O_RDONLY);
    check_fixtures = argc > 1 ? argv[1] : "";
    check_small = argc > 2 && strcmp(argv[2], "small") == 0;
    check_thread = pthread_self();
    check_process = getpid();
    for (index = 0; index < count; index++) {
        check_running = tests[index].name;
        check_note[0] = '\0';
        if (mkdir(check_running, 0777) != 0 || chdir(check_running) != 0) {
            fprintf(stderr, "%s: cannot make its directory: %s\n", check_running, strerror(errno));
            return 1;
        }
        if (setjmp(check_escape) == 0) {
            tests[index].run();
        } else {
            check_failures++;
        }
        if (fchdir(start) != 0) {
            fprintf(stderr, "%s: cannot leave its directory: %s\n", check_running, strerror(errno));
            return 1;
        }
    }
    close(start);
    return check_failures == 0 ? 0 : 1;
}

#define CASE(function) {#function, function}
#define CHECK_MAIN(...)                                                             \
    int main(int argc, char **argv) {                                               \
        static const check_test tests[] = {__VA_ARGS__};                            \
        return check_main(argc, argv, tests, sizeof tests / sizeof *tests);         \
    }

#endif
