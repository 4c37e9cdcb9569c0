/*
 * zova.h: the C interface of Zova
 *
 * Zova keeps SQL records, content-addressed objects (any bytes), vectors and graphs in one local file that ends in
 * ".zova". The file is an SQLite database with a few private tables: your SQL runs in it unchanged, and objects take
 * part in the same transactions and savepoints as your rows. There is no server and no background thread.
 *
 *     #include "zova.h"
 *     #include <stdio.h>
 *
 *     int main(void) {
 *         zova_database *db = NULL;
 *         zova_message why = {NULL, 0};
 *         zova_object_id id;
 *
 *         zova_database_open_request create = {"notes.zova", &db, &why};
 *         if (zova_database_create(&create) != ZOVA_OK) {
 *             fprintf(stderr, "%s\n", why.data ? why.data : "no reason given");
 *             zova_message_free(&why);
 *             return 1;
 *         }
 *
 *         zova_object_put_request put = {db, (const uint8_t *)"hello", 5, &id};
 *         if (zova_object_put(&put) != ZOVA_OK)
 *             fprintf(stderr, "%s\n", zova_database_last_error_message(db));
 *
 *         zova_database_close(db);
 *         return 0;
 *     }
 *
 * Link with the static library:  cc app.c libzova_c.a -lpthread -ldl -lm
 * or with the shared library:    cc app.c -lzova_c
 *
 * Requests
 *     Most calls take one pointer to a request struct, which is read during the call and never written to. Set every
 *     field; what you leave out of an initialiser is zero. Request structs are plain aggregates and never change.
 *     Results come back through the out_ pointers of the request. Nothing you pass in is kept after the call: texts,
 *     bytes and values are copied where they are stored. Outputs must not overlap inputs.
 *
 * Null and lengths
 *     Every pointer is required unless its comment says otherwise: null is ZOVA_INVALID_ARGUMENT. Data with a length
 *     may be null when the length is 0, and is not looked at then; null with another length is ZOVA_INVALID_ARGUMENT.
 *
 * Errors
 *     Almost every call returns a zova_status. Branch on it. The reason in words is zova_database_last_error_message
 *     for calls on a database or its children, and out_error_message for calls without one. Null requests
 *     and handles, and handles that are not live, have no message. The common set of statuses, which any call on a
 *     database may return and which its comment does not repeat: ZOVA_INVALID_ARGUMENT, ZOVA_OUT_OF_MEMORY,
 *     ZOVA_INTERNAL, ZOVA_BUSY, ZOVA_LOCKED, ZOVA_CONSTRAINT, ZOVA_CANT_OPEN, ZOVA_READ_ONLY, ZOVA_CORRUPT,
 *     ZOVA_MISUSE, ZOVA_SQLITE_ERROR, ZOVA_INTERRUPTED. "None beyond arguments" means ZOVA_INVALID_ARGUMENT,
 *     ZOVA_MISUSE for a handle that is not live, and ZOVA_INTERNAL. A call that changes the database either does all
 *     of its work or none of it. Faults in arguments are found before anything is read or written.
 *
 * Outputs after a fault
 *     Numbers, ids and single values keep what they held. Handles are null. Structs that own memory are empty (all
 *     fields zero). Comments say where it is different. With a null request, or a handle that is null or not
 *     live, no output is touched.
 *
 * Memory
 *     Results in structs that own memory (zova_buffer, zova_text, zova_message, zova_object_manifest, zova_object_page)
 *     are yours: they do not depend on the handle they came from and are released by the free function of their type,
 *     and by no other. Those that are filled again and again
 *     (zova_message; zova_notification; the results of zova_statement_column_name, _text and _blob) must be zero before
 *     their first use,
 *     since what they hold is released or used again.
 *
 * Strings
 *     Paths, SQL and names are NUL-terminated. Text is UTF-8. Texts that the library returns have a NUL byte behind
 *     them that their length does not count.
 *
 * Handles
 *     A handle is valid until the call that ends it returns ZOVA_OK. Statements, object writers, object
 *     readers and subscriptions are children of a database and must be ended before it, in any order. A handle is a
 *     number that the library looks up, not an address: it must not be dereferenced, and a handle that was ended, is of
 *     another kind, or never was one is answered with ZOVA_MISUSE. A handle's value is never issued again in the same
 *     process.
 *
 * Threads
 *     Every function may be called from any thread. A database and its children share one lock, so their calls run
 *     one at a time, and they share one open transaction and one error message. Different databases are independent,
 *     also on the same file; between them the file's locks apply. A call must not be made from within another call on
 *     the same database (from a callback): that is ZOVA_MISUSE. zova_database_last_error_message and
 *     zova_subscription_try_receive are the exceptions to both: they do not wait and are allowed anywhere. One struct
 *     that owns memory must not be used by two threads at once.
 *
 * This file is generated; the sources it is made from are in src/.
 */

#ifndef ZOVA_H
#define ZOVA_H

#include <stddef.h>
#include <stdint.h>

/** Version of this interface. The functions zova_abi_version_... state the version of the library. */
#define ZOVA_VERSION_MAJOR 0
#define ZOVA_VERSION_MINOR 21
#define ZOVA_VERSION_PATCH 0

/** Marks the functions of the library. On Windows define ZOVA_SHARED to use the shared library. */
#ifndef ZOVA_API
#if defined(_WIN32) && defined(ZOVA_SHARED)
#define ZOVA_API __declspec(dllimport)
#elif defined(__GNUC__) && !defined(_WIN32)
#define ZOVA_API __attribute__((visibility("default")))
#else
#define ZOVA_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** Flags for opening a database. */
enum {
    /** Open without write access: every write is ZOVA_READ_ONLY. */
    ZOVA_OPEN_READ_ONLY = 1
};

/** Flags for copying a database. */
enum {
    /** For a backup: do not verify the copy. */
    ZOVA_BACKUP_NO_VERIFY = 1,
    /** For a compacted copy: do not verify it. */
    ZOVA_COMPACT_NO_VERIFY = 1,
    /** For a restored copy: do not verify it. */
    ZOVA_RESTORE_NO_VERIFY = 1
};

/**
 * Result of a call: ZOVA_OK or what went wrong. Branch on these numbers; the texts are for people. The set grows:
 * treat a number you do not know as an error.
 */
typedef enum zova_status {
    /** The call succeeded. */
    ZOVA_OK = 0,
    /**
     * An argument is not acceptable: a request, handle or required pointer is null, a length comes without data,
     * a flag is unknown, a number is out of range, or a name breaks its rules. Nothing was read or written.
     */
    ZOVA_INVALID_ARGUMENT = 1,
    /** An allocation failed. */
    ZOVA_OUT_OF_MEMORY = 2,
    /**
     * An error inside the library was caught before it could do harm; please report it. The database handle of
     * the call and its children accept only their ending calls from now on; other databases are not affected.
     */
    ZOVA_INTERNAL = 3,
    /** Another connection holds a lock that the call needs. Try again later, or set a busy timeout. */
    ZOVA_BUSY = 10,
    /** A conflict inside this connection, for example dropping a table that is being read. */
    ZOVA_LOCKED = 11,
    /**
     * A constraint of your schema failed (unique, foreign key, check, not null, strict typing, a trigger), or
     * stored rows contradict each other. The statement had no effect.
     */
    ZOVA_CONSTRAINT = 12,
    /** A path cannot be reached, opened or created. */
    ZOVA_CANT_OPEN = 13,
    /** A write on a database that was opened read-only, or whose file may not be written. */
    ZOVA_READ_ONLY = 14,
    /** SQLite found the file damaged, or a copy failed its check. */
    ZOVA_CORRUPT = 15,
    /**
     * The call is not allowed in the current state: closing a database with live children, binding to a statement
     * that is running, asking for the name of a column that does not exist, using a handle that was ended, is of
     * another kind or never came from this library, or calling into a database from within a call on it.
     */
    ZOVA_MISUSE = 16,
    /**
     * SQLite refused the call for any other reason: a syntax error, an unknown table, a full disk, an I/O error.
     * The message says which.
     */
    ZOVA_SQLITE_ERROR = 17,
    /** The call was stopped by an interrupt or a callback; nothing is half done. */
    ZOVA_INTERRUPTED = 18,
    /** The path does not end in ".zova" (lower case). */
    ZOVA_NOT_ZOVA_PATH = 30,
    /** The file does not exist, or is not a valid Zova database. */
    ZOVA_NOT_ZOVA_DATABASE = 31,
    /** The file is a Zova database of a format version that this library does not read. */
    ZOVA_UNSUPPORTED_ZOVA_VERSION = 32,
    /** Something exists at a path that must be new. Nothing is ever overwritten. */
    ZOVA_DESTINATION_EXISTS = 33,
    /** A database to be converted already uses names that are reserved for Zova. */
    ZOVA_ZOVA_NAME_CONFLICT = 34,
    /** No object has this id. */
    ZOVA_OBJECT_NOT_FOUND = 50,
    /** An object that was to be assembled is already stored. */
    ZOVA_OBJECT_ALREADY_EXISTS = 51,
    /** No chunk has this id. */
    ZOVA_OBJECT_CHUNK_NOT_FOUND = 52,
    /** The bytes given for a chunk do not have its id. */
    ZOVA_OBJECT_CHUNK_HASH_MISMATCH = 53,
    /** Stored bytes of an object fail verification, or a chunk has an illegal size. */
    ZOVA_OBJECT_CORRUPT = 54,
    /** The list of chunks given to assemble an object is inconsistent. */
    ZOVA_OBJECT_MANIFEST_INVALID = 55,
    /** A range starts after the end of the object. */
    ZOVA_OBJECT_RANGE_INVALID = 56,
    /** A size is larger than 9223372036854775807 bytes. */
    ZOVA_OBJECT_TOO_LARGE = 57,
    /**
     * An INSERT, UPDATE or DELETE statement of yours is in the middle of its results (RETURNING), so that an
     * object can neither be stored with it nor beside it. Finish or reset that statement and repeat the call.
     */
    ZOVA_OBJECT_TRANSACTION_ACTIVE = 58,
    /** The object writer is already finished or cancelled. */
    ZOVA_OBJECT_WRITER_CLOSED = 59,
    /** The database already has a bound store of this kind. */
    ZOVA_BOUND_STORE_EXISTS = 60,
    /** The database has no bound store of this kind. */
    ZOVA_BOUND_STORE_NOT_FOUND = 61,
    /** A bound store does not match its database, or the opened file is itself a store. */
    ZOVA_BOUND_STORE_INVALID = 62,
    /** The object reader failed earlier, or its object is gone. */
    ZOVA_OBJECT_READER_CLOSED = 63,
    /** The name of the vector collection is taken. */
    ZOVA_VECTOR_COLLECTION_EXISTS = 70,
    /** No vector collection has this name. */
    ZOVA_VECTOR_COLLECTION_NOT_FOUND = 71,
    /** The collection has no vector with this id. */
    ZOVA_VECTOR_NOT_FOUND = 72,
    /** The number of values is not the number of dimensions of the collection. */
    ZOVA_VECTOR_DIMENSION_MISMATCH = 73,
    /** A stored vector fails verification. */
    ZOVA_VECTOR_CORRUPT = 74,
    /** A collection name, vector id, number of dimensions, value or threshold is not acceptable. */
    ZOVA_VECTOR_INVALID = 75,
    /** The name of the graph is taken. */
    ZOVA_GRAPH_EXISTS = 80,
    /** No graph has this name. */
    ZOVA_GRAPH_NOT_FOUND = 81,
    /** The graph has no such node, or there is no such graph. */
    ZOVA_GRAPH_NODE_NOT_FOUND = 82,
    /** The graph has no such edge, or there is no such graph. */
    ZOVA_GRAPH_EDGE_NOT_FOUND = 83,
    /** A graph name, node id, kind, edge type, target or limit is not acceptable. */
    ZOVA_GRAPH_INVALID = 84,
    /** The extension is not installed, or, for an installation, this process does not provide it. */
    ZOVA_EXTENSION_NOT_FOUND = 90,
    /** The extension is already installed. */
    ZOVA_EXTENSION_EXISTS = 91,
    /** The name, manifest or stored data of an extension is not valid. */
    ZOVA_EXTENSION_INVALID = 92,
    /** The installed version of an extension does not fit the code that this process provides. */
    ZOVA_EXTENSION_INCOMPATIBLE = 93,
    /** The database needs an extension that this process does not provide. */
    ZOVA_EXTENSION_UNAVAILABLE = 94,
    /** An extension bundle is not trusted, or has changed since it was. */
    ZOVA_EXTENSION_UNTRUSTED = 97,
    /** A trusted extension bundle could not be loaded. */
    ZOVA_EXTENSION_LOAD_FAILED = 98,
} zova_status;

/** What a step found. */
typedef enum zova_step_result {
    /** A row is ready; the column functions read it. */
    ZOVA_STEP_ROW = 1,
    /** The statement has finished. */
    ZOVA_STEP_DONE = 2,
} zova_step_result;

/** The type of a value, with SQLite's numbers. */
typedef enum zova_column_type {
    /** A 64-bit signed integer. */
    ZOVA_COLUMN_INTEGER = 1,
    /** A 64-bit floating-point number. */
    ZOVA_COLUMN_FLOAT = 2,
    /** A text. */
    ZOVA_COLUMN_TEXT = 3,
    /** A blob. */
    ZOVA_COLUMN_BLOB = 4,
    /** NULL, and everything read where there is no value. */
    ZOVA_COLUMN_NULL = 5,
} zova_column_type;

/** How the distance of two vectors is measured. Smaller is nearer for each of them. */
typedef enum zova_vector_metric {
    /**
     * 1 minus the cosine of the angle: 0 for the same direction, 2 for opposite ones. Lengths do not matter.
     */
    ZOVA_VECTOR_METRIC_COSINE = 0,
    /** Euclidean distance. */
    ZOVA_VECTOR_METRIC_L2 = 1,
    /** The negative of the dot product. */
    ZOVA_VECTOR_METRIC_DOT = 2,
} zova_vector_metric;

/** What a graph node stands for. */
typedef enum zova_graph_target_type {
    /** Nothing but itself. */
    ZOVA_GRAPH_TARGET_NONE = 0,
    /** A row of one of your tables; what the reference means is yours to define. */
    ZOVA_GRAPH_TARGET_RECORD = 1,
    /** An object; the reference is its id as 64 hexadecimal digits. */
    ZOVA_GRAPH_TARGET_OBJECT = 2,
    /** A chunk of an object; the reference is its id as 64 hexadecimal digits. */
    ZOVA_GRAPH_TARGET_OBJECT_CHUNK = 3,
    /** A vector; the namespace is its collection, the reference its id. */
    ZOVA_GRAPH_TARGET_VECTOR = 4,
    /** An entity of your application. */
    ZOVA_GRAPH_TARGET_ENTITY = 5,
    /** A fact of your application. */
    ZOVA_GRAPH_TARGET_FACT = 6,
    /** A concept of your application. */
    ZOVA_GRAPH_TARGET_CONCEPT = 7,
    /** Something outside the database, for example a URL. */
    ZOVA_GRAPH_TARGET_EXTERNAL = 8,
} zova_graph_target_type;

/** Which edges of a graph node are followed. */
typedef enum zova_graph_neighbor_direction {
    /** Those that start at the node. */
    ZOVA_GRAPH_NEIGHBOR_OUTGOING = 0,
    /** Those that end at the node. */
    ZOVA_GRAPH_NEIGHBOR_INCOMING = 1,
    /**
     * All of them: first by age, then by the other end, then those that start at the node. Not for
     * zova_graph_neighbors.
     */
    ZOVA_GRAPH_NEIGHBOR_BOTH = 2,
} zova_graph_neighbor_direction;

/**
 * An open database: one connection to one .zova file, with its own transaction, change counters and error message.
 *
 * Made by zova_database_create, zova_database_open and zova_database_open_with_options; ended by
 * zova_database_close. Any thread may use it; calls on it and on its children run one at a time.
 */
typedef struct zova_database zova_database;

/**
 * A position in a stored object, a child of its database.
 *
 * Made by zova_object_reader_create; ended by zova_object_reader_destroy. It shares the lock and the error message
 * of its database. It holds no transaction and no file lock between calls: what it reads is looked up anew each
 * time. Every chunk is verified before a byte of it is delivered; a reader that goes from the first byte to the last
 * without a seek also verifies the object id, before it delivers the last bytes.
 */
typedef struct zova_object_reader zova_object_reader;

/**
 * An object in the making, a child of the database it will be stored in.
 *
 * Made by zova_object_writer_create; ended by zova_object_writer_destroy. It shares the lock and the error message
 * of its database. Nothing of the object is in the database before zova_object_writer_finish; bytes are set aside in
 * memory, and beyond 256 KiB in a file without a name beside the database. Any number of writers may be live at once.
 */
typedef struct zova_object_writer zova_object_writer;

/**
 * A prepared statement, a child of the database it was prepared on.
 *
 * Made by zova_database_prepare; ended by zova_statement_finalize. It shares the lock and the error message of its
 * database.
 */
typedef struct zova_statement zova_statement;

/**
 * The events of one channel that wait for one receiver, a child of its database.
 *
 * Made by zova_database_listen; ended by zova_subscription_close. At most 1,024 events wait in it; each one more
 * displaces the oldest, which is counted. Receiving does not wait for a call that another thread runs on the
 * database: it shares the error message of its database, but not the lock.
 */
typedef struct zova_subscription zova_subscription;

/** Bytes the library returned. Release them with zova_buffer_free. All zero means empty: { NULL, 0 }. */
typedef struct zova_buffer {
    /**
     * The bytes, or null. There is no terminator behind them. When len is 0 this may be null or not, and must not
     * be dereferenced.
     */
    uint8_t *data;
    /** Number of bytes in data. */
    size_t len;
} zova_buffer;

/**
 * Why a call without a database handle failed (opening and creating). Initialise it with { NULL, 0 } before its
 * first use; after that it may be used for any number of calls, each of which replaces the content. Release it
 * with zova_message_free once at the end.
 */
typedef struct zova_message {
    /**
     * One UTF-8 sentence with a NUL byte behind it, beginning with the error name
     * ("NotZovaDatabase: ..."). Null after a call that succeeded.
     */
    char *data;
    /** Number of bytes in data, without the NUL byte. */
    size_t len;
} zova_message;

/**
 * Text the library returned. Initialise it with { NULL, 0 } before its first use as an output; after that it may
 * be used for any number of calls, each of which replaces the content. Release it with zova_text_free once at
 * the end.
 */
typedef struct zova_text {
    /**
     * The text with a NUL byte behind it, also when it is empty or contains NUL bytes itself. Null for SQL NULL.
     * The encoding is that of the value: text that was stored as UTF-8 is UTF-8; nothing is checked or converted.
     */
    char *data;
    /** Number of bytes in data, without the NUL byte behind them. */
    size_t len;
} zova_text;

/** Request of zova_database_create and zova_database_open. */
typedef struct zova_database_open_request {
    /**
     * Path of the file, NUL-terminated. It must end in ".zova". On Unix any bytes are accepted; on Windows UTF-8.
     * A relative path is resolved from the current directory of the process.
     */
    const char *path;
    /** Receives the handle; null after every fault. */
    zova_database **out_db;
    /**
     * Receives the reason of a fault. Null if you do not want it. What it holds from an earlier call is released
     * first, so it must be initialised with zeroes before its first use.
     */
    zova_message *out_error_message;
} zova_database_open_request;

/** Request of zova_database_open_with_options. */
typedef struct zova_database_open_options_request {
    /** As in zova_database_open_request. */
    const char *path;
    /** 0 or ZOVA_OPEN_READ_ONLY. Any other bit is ZOVA_INVALID_ARGUMENT. */
    uint32_t flags;
    /**
     * How many milliseconds a call waits for a lock that another connection holds before it gives ZOVA_BUSY: 0 (do
     * not wait) to 2147483647. Opening itself waits too. zova_database_set_busy_timeout changes it later.
     */
    uint32_t busy_timeout_ms;
    /** As in zova_database_open_request. */
    zova_database **out_db;
    /** As in zova_database_open_request. */
    zova_message *out_error_message;
} zova_database_open_options_request;

/** Request of zova_database_exec. */
typedef struct zova_database_exec_request {
    /** The database. */
    zova_database *db;
    /** Any number of SQL statements separated by semicolons, UTF-8, NUL-terminated. */
    const char *sql;
} zova_database_exec_request;

/** Request of zova_database_prepare. */
typedef struct zova_database_prepare_request {
    /** The database. */
    zova_database *db;
    /** One SQL statement, UTF-8, NUL-terminated. Text after the first statement is ignored. */
    const char *sql;
    /** Receives the statement; null after every fault. End it with zova_statement_finalize. */
    zova_statement **out_statement;
} zova_database_prepare_request;

/** Request of zova_database_last_insert_rowid. */
typedef struct zova_database_last_insert_rowid_request {
    /** The database. */
    zova_database *db;
    /** Receives the row id; unchanged after a fault. */
    int64_t *out_rowid;
} zova_database_last_insert_rowid_request;

/** Request of zova_database_changes. */
typedef struct zova_database_changes_request {
    /** The database. */
    zova_database *db;
    /** Receives the number of rows; unchanged after a fault. */
    int64_t *out_changes;
} zova_database_changes_request;

/** Request of zova_database_total_changes. */
typedef struct zova_database_total_changes_request {
    /** The database. */
    zova_database *db;
    /** Receives the number of rows; unchanged after a fault. */
    int64_t *out_total_changes;
} zova_database_total_changes_request;

/** Request of zova_database_set_busy_timeout. */
typedef struct zova_database_busy_timeout_request {
    /** The database. */
    zova_database *db;
    /** How long a call waits for a lock that another connection holds, in milliseconds: 0 to 2147483647. */
    uint32_t milliseconds;
} zova_database_busy_timeout_request;

/** Request of the calls that take a database and nothing else. */
typedef struct zova_database_simple_request {
    /** The database. */
    zova_database *db;
} zova_database_simple_request;

/** Request of the three savepoint calls. */
typedef struct zova_database_savepoint_request {
    /** The database. */
    zova_database *db;
    /**
     * Name of the savepoint, NUL-terminated: 1 to 64 bytes, first a letter A-Z or a-z or an underscore, then also
     * digits, not beginning with _zova_ in any letter case. Letter case does not distinguish names; SQL keywords
     * are fine.
     */
    const char *name;
} zova_database_savepoint_request;

/** Request of zova_database_notify. */
typedef struct zova_database_notify_request {
    /** The database. */
    zova_database *db;
    /**
     * The channel, NUL-terminated: 1 to 128 bytes of A-Z, a-z, 0-9, _ . : and -, not beginning with _zova_ in any
     * letter case.
     */
    const char *channel;
    /** The payload: UTF-8, NUL bytes allowed. May be null when payload_len is 0. */
    const uint8_t *payload;
    /** Number of bytes in payload: 0 to 65536. */
    size_t payload_len;
} zova_database_notify_request;

/** Request of zova_database_listen. */
typedef struct zova_database_listen_request {
    /** The database. */
    zova_database *db;
    /** The channel, as in zova_database_notify_request. Channels match byte for byte. */
    const char *channel;
    /** Receives the subscription; null after a fault. */
    zova_subscription **out_subscription;
} zova_database_listen_request;

/**
 * A received event. Initialise it with { 0 } before its first use as an output; after that it may be used for any
 * number of calls, each of which replaces the content. Release it with zova_notification_free once at the end.
 */
typedef struct zova_notification {
    /** The channel, with a NUL byte behind it. Null in an empty struct. */
    char *channel;
    /** Number of bytes in channel, without the NUL byte. */
    size_t channel_len;
    /**
     * The payload: UTF-8 with a NUL byte behind it; it may contain NUL bytes itself. Null in an empty struct.
     */
    char *payload;
    /** Number of bytes in payload, without the NUL byte behind them. */
    size_t payload_len;
    /**
     * Number of the event. All events that are raised on a handle, on whatever channel, are counted from 1 on, also
     * those that are rolled back later: received numbers grow, and gaps in them mean nothing.
     */
    uint64_t sequence;
    /**
     * Number of events of this subscription that were lost directly before this one, because its queue was full.
     */
    uint64_t dropped_before;
} zova_notification;

/** Request of zova_subscription_try_receive. */
typedef struct zova_subscription_try_receive_request {
    /** The subscription. */
    zova_subscription *subscription;
    /**
     * Receives the event; empty if there is none, and after a fault. What it holds from an earlier call is released or
     * used again, so it must be initialised with zeroes before its first use.
     */
    zova_notification *out_notification;
    /** Receives 1 for an event and 0 for none; 0 after a fault. */
    uint8_t *out_has_notification;
} zova_subscription_try_receive_request;

/** Request of zova_subscription_receive. */
typedef struct zova_subscription_receive_request {
    /** The subscription. */
    zova_subscription *subscription;
    /** How long to wait for an event, in milliseconds: 0 to 2147483647. 0 does not wait. */
    uint32_t timeout_ms;
    /** Receives the event, as in zova_subscription_try_receive_request. */
    zova_notification *out_notification;
    /** Receives 1 for an event and 0 for none; 0 after a fault. */
    uint8_t *out_has_notification;
} zova_subscription_receive_request;

/** Request of zova_statement_step. */
typedef struct zova_statement_step_request {
    /** The statement. */
    zova_statement *statement;
    /** Receives what the step found; unchanged after a fault. 4 bytes are written. */
    zova_step_result *out_result;
} zova_statement_step_request;

/** Request of zova_statement_bind_null. */
typedef struct zova_statement_bind_null_request {
    /** The statement. */
    zova_statement *statement;
    /** Index of the parameter, from 1. */
    int index;
} zova_statement_bind_null_request;

/** Request of zova_statement_bind_int64. */
typedef struct zova_statement_bind_int64_request {
    /** The statement. */
    zova_statement *statement;
    /** Index of the parameter, from 1. */
    int index;
    /** The value. */
    int64_t value;
} zova_statement_bind_int64_request;

/** Request of zova_statement_bind_double. */
typedef struct zova_statement_bind_double_request {
    /** The statement. */
    zova_statement *statement;
    /** Index of the parameter, from 1. */
    int index;
    /** The value. NaN binds NULL; infinities are kept. */
    double value;
} zova_statement_bind_double_request;

/** Request of zova_statement_bind_text. */
typedef struct zova_statement_bind_text_request {
    /** The statement. */
    zova_statement *statement;
    /** Index of the parameter, from 1. */
    int index;
    /**
     * The text, copied by the call. It should be UTF-8, which is not checked, and may contain NUL bytes. May be null
     * when len is 0.
     */
    const uint8_t *data;
    /** Number of bytes in data. 0 binds the empty text, not NULL. */
    size_t len;
} zova_statement_bind_text_request;

/** Request of zova_statement_bind_blob. */
typedef struct zova_statement_bind_blob_request {
    /** The statement. */
    zova_statement *statement;
    /** Index of the parameter, from 1. */
    int index;
    /** The bytes, copied by the call. May be null when len is 0. */
    const uint8_t *data;
    /** Number of bytes in data. 0 binds the empty blob, not NULL. */
    size_t len;
} zova_statement_bind_blob_request;

/** Request of zova_statement_parameter_count. */
typedef struct zova_statement_parameter_count_request {
    /** The statement. */
    zova_statement *statement;
    /** Receives the count; unchanged after a fault. */
    int *out_count;
} zova_statement_parameter_count_request;

/** Request of zova_statement_parameter_index. */
typedef struct zova_statement_parameter_index_request {
    /** The statement. */
    zova_statement *statement;
    /** Name of the parameter with its first character, NUL-terminated: ":id", "@id", "$id" or "?3". */
    const char *name;
    /** Receives the index, from 1, or 0 if the statement has no such parameter; unchanged after a fault. */
    int *out_index;
} zova_statement_parameter_index_request;

/** Request of zova_statement_column_count. */
typedef struct zova_statement_column_count_request {
    /** The statement. */
    zova_statement *statement;
    /** Receives the count; unchanged after a fault. */
    int *out_count;
} zova_statement_column_count_request;

/** Request of zova_statement_column_name. */
typedef struct zova_statement_column_name_request {
    /** The statement. */
    zova_statement *statement;
    /** Index of the column, from 0. */
    int index;
    /**
     * Receives the name; empty after a fault. What it holds from an earlier call is released or used again, so it
     * must be initialised with zeroes before its first use.
     */
    zova_text *out_name;
} zova_statement_column_name_request;

/** Request of zova_statement_column_type. */
typedef struct zova_statement_column_type_request {
    /** The statement. */
    zova_statement *statement;
    /** Index of the column, from 0. */
    int index;
    /** Receives the type; unchanged after a fault. 4 bytes are written. */
    zova_column_type *out_type;
} zova_statement_column_type_request;

/** Request of zova_statement_column_int64. */
typedef struct zova_statement_column_int64_request {
    /** The statement. */
    zova_statement *statement;
    /** Index of the column, from 0. */
    int index;
    /** Receives the value; unchanged after a fault. */
    int64_t *out_value;
} zova_statement_column_int64_request;

/** Request of zova_statement_column_double. */
typedef struct zova_statement_column_double_request {
    /** The statement. */
    zova_statement *statement;
    /** Index of the column, from 0. */
    int index;
    /** Receives the value; unchanged after a fault. */
    double *out_value;
} zova_statement_column_double_request;

/** Request of zova_statement_column_text. */
typedef struct zova_statement_column_text_request {
    /** The statement. */
    zova_statement *statement;
    /** Index of the column, from 0. */
    int index;
    /**
     * Receives the text; empty after a fault. What it holds from an earlier call is released or used again, so it
     * must be initialised with zeroes before its first use.
     */
    zova_text *out_text;
} zova_statement_column_text_request;

/** Request of zova_statement_column_blob. */
typedef struct zova_statement_column_blob_request {
    /** The statement. */
    zova_statement *statement;
    /** Index of the column, from 0. */
    int index;
    /**
     * Receives the bytes; empty after a fault. What it holds from an earlier call is released or used again, so it
     * must be initialised with zeroes before its first use.
     */
    zova_buffer *out_buffer;
} zova_statement_column_blob_request;

/**
 * Names an object by its content: the SHA-256 of all its bytes. Written as text it is 64 hexadecimal digits.
 */
typedef struct zova_object_id {
    /** The 32 bytes of the SHA-256. */
    uint8_t bytes[32];
} zova_object_id;

/** Names a chunk, one of the pieces an object is stored in, by its content: the SHA-256 of its bytes. */
typedef struct zova_object_chunk_id {
    /** The 32 bytes of the SHA-256. */
    uint8_t bytes[32];
} zova_object_chunk_id;

/** Request of zova_object_put. */
typedef struct zova_object_put_request {
    /** The database. */
    zova_database *db;
    /** The bytes of the object. May be null when len is 0. */
    const uint8_t *data;
    /** Number of bytes in data. The empty object is an object too. */
    size_t len;
    /** Receives the id; unchanged after a fault. */
    zova_object_id *out_id;
} zova_object_put_request;

/** Request of zova_object_get. */
typedef struct zova_object_get_request {
    /** The database. */
    zova_database *db;
    /** The object. */
    zova_object_id id;
    /**
     * Receives the bytes; empty after a fault. It is overwritten without being released, so it needs no
     * initialisation, and an earlier result in it must be released before.
     */
    zova_buffer *out_buffer;
} zova_object_get_request;

/** Request of zova_object_read_range. */
typedef struct zova_object_read_range_request {
    /** The database. */
    zova_database *db;
    /** The object. */
    zova_object_id id;
    /** First byte of the range, from 0 up to the size of the object. */
    uint64_t offset;
    /** Receives the bytes. May be null when buffer_len is 0. After a fault its content is unspecified. */
    uint8_t *buffer;
    /** Number of bytes that buffer has room for. May be more than the object has. */
    size_t buffer_len;
    /** Receives how many bytes were copied; 0 after a fault. */
    size_t *out_copied;
} zova_object_read_range_request;

/** Request of zova_object_delete. */
typedef struct zova_object_delete_request {
    /** The database. */
    zova_database *db;
    /** The object. */
    zova_object_id id;
} zova_object_delete_request;

/** Request of zova_object_exists. */
typedef struct zova_object_exists_request {
    /** The database. */
    zova_database *db;
    /** The object. */
    zova_object_id id;
    /** Receives 1 if the object is stored, else 0; unchanged after a fault. */
    uint8_t *out_exists;
} zova_object_exists_request;

/** Request of zova_object_size. */
typedef struct zova_object_size_request {
    /** The database. */
    zova_database *db;
    /** The object. */
    zova_object_id id;
    /** Receives the number of bytes; unchanged after a fault. */
    uint64_t *out_size;
} zova_object_size_request;

/** Request of zova_object_chunk_count. */
typedef struct zova_object_chunk_count_request {
    /** The database. */
    zova_database *db;
    /** The object. */
    zova_object_id id;
    /** Receives the number of chunks; unchanged after a fault. */
    uint64_t *out_count;
} zova_object_chunk_count_request;

/** One chunk of an object. */
typedef struct zova_object_manifest_chunk {
    /** Position among the object's chunks, from 0. */
    uint64_t index;
    /** The chunk. */
    zova_object_chunk_id hash;
    /** Where the chunk starts in the object, in bytes. */
    uint64_t offset;
    /** Length of the chunk, 1 to 65536 bytes. */
    uint64_t size_bytes;
} zova_object_manifest_chunk;

/** The chunks of an object. Release it with zova_object_manifest_free. */
typedef struct zova_object_manifest {
    /** The object. */
    zova_object_id object_id;
    /** Its size in bytes. */
    uint64_t size_bytes;
    /** The number of its chunks. */
    uint64_t chunk_count;
    /** "fastcdc-v1", static text; the boundaries of an assembled object may be others. */
    const char *chunker;
    /** The chunks by ascending index; null for the empty object. */
    zova_object_manifest_chunk *chunks;
    /** Number of elements in chunks; equals chunk_count. */
    size_t chunks_len;
} zova_object_manifest;

/** Request of zova_object_manifest_get. */
typedef struct zova_object_manifest_get_request {
    /** The database. */
    zova_database *db;
    /** The object. */
    zova_object_id id;
    /** Receives the manifest; empty after a fault. What it holds before the call is not released. */
    zova_object_manifest *out_manifest;
} zova_object_manifest_get_request;

/** Request of zova_object_assemble_from_chunks. */
typedef struct zova_object_assemble_from_chunks_request {
    /** The database. */
    zova_database *db;
    /** The id that the object must have: SHA-256 of all its bytes. */
    zova_object_id id;
    /** The size of the object in bytes. */
    uint64_t size_bytes;
    /**
     * The chunks in any order; their indexes and offsets say where they stand. A chunk may stand in several places,
     * and boundaries are free. May be null when chunk_count is 0.
     */
    const zova_object_manifest_chunk *chunks;
    /** Number of elements in chunks. */
    size_t chunk_count;
} zova_object_assemble_from_chunks_request;

/** Request of zova_object_chunk_get. */
typedef struct zova_object_chunk_get_request {
    /** The database. */
    zova_database *db;
    /** The chunk. */
    zova_object_chunk_id hash;
    /** Receives the bytes; empty after a fault. What it holds before the call is not released. */
    zova_buffer *out_buffer;
} zova_object_chunk_get_request;

/** Request of zova_object_chunk_exists. */
typedef struct zova_object_chunk_exists_request {
    /** The database. */
    zova_database *db;
    /** The chunk. */
    zova_object_chunk_id hash;
    /** Receives 1 if the chunk is stored, else 0; unchanged after a fault. */
    uint8_t *out_exists;
} zova_object_chunk_exists_request;

/** Request of zova_object_chunk_put. */
typedef struct zova_object_chunk_put_request {
    /** The database. */
    zova_database *db;
    /** The id that the bytes must have. */
    zova_object_chunk_id expected_hash;
    /** The bytes, copied by the call. May be null when len is 0, which is refused. */
    const uint8_t *data;
    /** Number of bytes in data, 1 to 65536. */
    size_t len;
} zova_object_chunk_put_request;

/** Request of zova_object_chunk_delete. */
typedef struct zova_object_chunk_delete_request {
    /** The database. */
    zova_database *db;
    /** The chunk. */
    zova_object_chunk_id hash;
    /**
     * Receives 1 if the chunk was removed, 0 if there was none or an object uses it; unchanged after a fault.
     */
    uint8_t *out_deleted;
} zova_object_chunk_delete_request;

/** Request of zova_object_writer_create. */
typedef struct zova_object_writer_create_request {
    /** The database. */
    zova_database *db;
    /** Receives the writer; null after a fault. */
    zova_object_writer **out_writer;
} zova_object_writer_create_request;

/** Request of zova_object_writer_write. */
typedef struct zova_object_writer_write_request {
    /** The writer. */
    zova_object_writer *writer;
    /** The next bytes of the object. May be null when len is 0. */
    const uint8_t *data;
    /** Number of bytes in data. */
    size_t len;
} zova_object_writer_write_request;

/** Request of zova_object_writer_finish. */
typedef struct zova_object_writer_finish_request {
    /** The writer. */
    zova_object_writer *writer;
    /** Receives the id of the object; unchanged after a fault. */
    zova_object_id *out_id;
} zova_object_writer_finish_request;

/** Request of zova_object_writer_cancel. */
typedef struct zova_object_writer_cancel_request {
    /** The writer. */
    zova_object_writer *writer;
} zova_object_writer_cancel_request;

/** Request of zova_object_reader_create. */
typedef struct zova_object_reader_create_request {
    /** The database. */
    zova_database *db;
    /** The object. */
    zova_object_id id;
    /** Receives the reader; null after a fault. */
    zova_object_reader **out_reader;
} zova_object_reader_create_request;

/** Request of zova_object_reader_read. */
typedef struct zova_object_reader_read_request {
    /** The reader. */
    zova_object_reader *reader;
    /** Receives bytes; after a fault its content is unspecified. May be null when buffer_len is 0. */
    uint8_t *buffer;
    /** Number of bytes the buffer has room for. */
    size_t buffer_len;
    /**
     * Receives how many bytes were delivered: 0 at the end of the object or for an empty buffer; 0 after a fault.
     */
    size_t *out_read;
} zova_object_reader_read_request;

/** Request of zova_object_reader_seek. */
typedef struct zova_object_reader_seek_request {
    /** The reader. */
    zova_object_reader *reader;
    /** Offset of the next byte to read, from the start of the object; at most the object's size. */
    uint64_t offset;
} zova_object_reader_seek_request;

/** Request of zova_object_reader_size. */
typedef struct zova_object_reader_size_request {
    /** The reader. */
    zova_object_reader *reader;
    /** Receives the size of the object in bytes; unchanged after a fault. */
    uint64_t *out_size;
} zova_object_reader_size_request;

/** Request of zova_object_reader_destroy. */
typedef struct zova_object_reader_destroy_request {
    /** The reader, which becomes null on success. */
    zova_object_reader **reader;
} zova_object_reader_destroy_request;

/** Request of zova_database_set_deadline. */
typedef struct zova_database_set_deadline_request {
    /** The database. */
    zova_database *db;
    /**
     * How many milliseconds each later call on the handle and its children may take, counted from when it has the
     * handle for itself: 0 (any number, as on a fresh handle) to 2147483647.
     */
    uint32_t milliseconds;
} zova_database_set_deadline_request;

/** Request of zova_database_backup. */
typedef struct zova_database_backup_request {
    /** The database. */
    zova_database *db;
    /** The file to make, NUL-terminated; it must end in ".zova", and nothing may exist there. */
    const char *destination_path;
    /** 0 or ZOVA_BACKUP_NO_VERIFY. */
    uint32_t flags;
} zova_database_backup_request;

/** Request of zova_database_compact. */
typedef struct zova_database_compact_request {
    /** The database. */
    zova_database *db;
    /** As in zova_database_backup_request. */
    const char *destination_path;
    /** 0 or ZOVA_COMPACT_NO_VERIFY. */
    uint32_t flags;
} zova_database_compact_request;

/** Request of zova_database_restore. */
typedef struct zova_database_restore_request {
    /** The database to copy, NUL-terminated; it must end in ".zova". */
    const char *source_path;
    /** As in zova_database_backup_request. */
    const char *destination_path;
    /** 0 or ZOVA_RESTORE_NO_VERIFY. */
    uint32_t flags;
    /** Receives the reason of a fault, as in zova_database_open_request. */
    zova_message *out_error_message;
} zova_database_restore_request;

/** Request of zova_convert_sqlite_to_zova. */
typedef struct zova_convert_sqlite_to_zova_request {
    /** The SQLite database to copy, NUL-terminated; any name. */
    const char *source_path;
    /** As destination_path in zova_database_backup_request. */
    const char *dest_path;
    /** Receives the reason of a fault, as in zova_database_open_request. */
    zova_message *out_error_message;
} zova_convert_sqlite_to_zova_request;

/**
 * Watches a long call.
 *
 * The function is called on the calling thread, from time to time and once at the end, and must return. Within it
 * the database handle and its children must not be used. The struct is read during the call only.
 */
typedef struct zova_progress {
    /**
     * Called with how much is done and how much there is, in the unit the call states. done never decreases; total
     * may be corrected while the call runs. Return 0 to go on; anything else stops the call, which then returns
     * ZOVA_INTERRUPTED and has changed nothing. Null means that nobody watches.
     */
    int (*callback)(uint64_t done, uint64_t total, void *user);
    /** Passed to every call of the function. */
    void *user;
} zova_progress;

/** Request of zova_database_backup_with_options. */
typedef struct zova_database_backup_with_options_request {
    /** The database. */
    zova_database *db;
    /** As in zova_database_backup_request. */
    const char *destination_path;
    /** As in zova_database_backup_request. */
    uint32_t flags;
    /**
     * Watches the call; may be null. Done and total count the pages of the source, then the objects, chunks and
     * vectors that are verified, on one scale. The file gets its name after the last call, so each call can stop it.
     */
    const zova_progress *progress;
} zova_database_backup_with_options_request;

/** Request of zova_database_compact_with_options. */
typedef struct zova_database_compact_with_options_request {
    /** The database. */
    zova_database *db;
    /** As in zova_database_backup_request. */
    const char *destination_path;
    /** As in zova_database_compact_request. */
    uint32_t flags;
    /** As in zova_database_backup_with_options_request. */
    const zova_progress *progress;
} zova_database_compact_with_options_request;

/** Request of zova_database_restore_with_options. */
typedef struct zova_database_restore_with_options_request {
    /** As in zova_database_restore_request. */
    const char *source_path;
    /** As in zova_database_backup_request. */
    const char *destination_path;
    /** As in zova_database_restore_request. */
    uint32_t flags;
    /** How many milliseconds to wait for a lock on the source, 0 (do not wait) to 2147483647. */
    uint32_t busy_timeout_ms;
    /**
     * How many milliseconds the call may take before it is stopped with ZOVA_INTERRUPTED, 0 (any number) to
     * 2147483647.
     */
    uint32_t deadline_ms;
    /** As in zova_database_backup_with_options_request. */
    const zova_progress *progress;
    /** As in zova_database_restore_request. */
    zova_message *out_error_message;
} zova_database_restore_with_options_request;

/** Request of zova_convert_sqlite_to_zova_with_options. */
typedef struct zova_convert_sqlite_to_zova_with_options_request {
    /** As in zova_convert_sqlite_to_zova_request. */
    const char *source_path;
    /** As in zova_convert_sqlite_to_zova_request. */
    const char *dest_path;
    /** As in zova_database_restore_with_options_request. */
    uint32_t busy_timeout_ms;
    /** As in zova_database_restore_with_options_request. */
    uint32_t deadline_ms;
    /** Watches the call; may be null. Done and total count the pages of the source. */
    const zova_progress *progress;
    /** As in zova_convert_sqlite_to_zova_request. */
    zova_message *out_error_message;
} zova_convert_sqlite_to_zova_with_options_request;

/** Request of zova_object_put_file. */
typedef struct zova_object_put_file_request {
    /** The database. */
    zova_database *db;
    /** The file, NUL-terminated, any bytes; null to read from fd. */
    const char *path;
    /**
     * An open file descriptor, read from where it stands up to its end and left open; looked at only when path is
     * null. It may be a pipe. Not on Windows.
     */
    int fd;
    /**
     * Watches the call; may be null. Progress is in bytes, each of which counts twice: once when it was read and
     * once when it was stored.
     */
    const zova_progress *progress;
    /** Receives the id; unchanged after a fault. */
    zova_object_id *out_id;
} zova_object_put_file_request;

/** Request of zova_object_get_file. */
typedef struct zova_object_get_file_request {
    /** The database. */
    zova_database *db;
    /** The object. */
    zova_object_id id;
    /** The file to make, NUL-terminated, any bytes; nothing may exist there. Null to write to fd. */
    const char *path;
    /**
     * An open file descriptor, written to from where it stands and left open; looked at only when path is null. Not
     * on Windows.
     */
    int fd;
    /** Watches the call; may be null. Progress is in bytes. */
    const zova_progress *progress;
} zova_object_get_file_request;

/** Request of zova_object_put_with_options. */
typedef struct zova_object_put_with_options_request {
    /** The database. */
    zova_database *db;
    /** The bytes. May be null when len is 0. */
    const uint8_t *data;
    /** Number of bytes in data. */
    size_t len;
    /** Watches the call; may be null. Progress is in bytes stored. */
    const zova_progress *progress;
    /** Receives the id; unchanged after a fault. */
    zova_object_id *out_id;
} zova_object_put_with_options_request;

/** Request of zova_object_writer_finish_with_options. */
typedef struct zova_object_writer_finish_with_options_request {
    /** The writer. */
    zova_object_writer *writer;
    /** Watches the call; may be null. Progress is in bytes stored. */
    const zova_progress *progress;
    /** Receives the id of the object; unchanged after a fault. */
    zova_object_id *out_id;
} zova_object_writer_finish_with_options_request;

/** An object in a list. */
typedef struct zova_object_info {
    /** The object. */
    zova_object_id id;
    /** Its size in bytes. */
    uint64_t size_bytes;
    /** The number of its chunks. */
    uint64_t chunk_count;
} zova_object_info;

/** A page of the list of objects. Release it with zova_object_page_free. */
typedef struct zova_object_page {
    /** The objects by ascending id; null if there are none. */
    zova_object_info *items;
    /** Number of elements in items. */
    size_t len;
} zova_object_page;

/** Request of zova_object_list. */
typedef struct zova_object_list_request {
    /** The database. */
    zova_database *db;
    /** The page begins behind this id, stored or not; null begins at the first object. */
    const zova_object_id *after;
    /** The most objects to return. Fewer mean that the list is at its end. */
    size_t limit;
    /** Receives the page; empty after a fault. What it holds before the call is not released. */
    zova_object_page *out_page;
} zova_object_list_request;

/** Request of zova_object_verify. */
typedef struct zova_object_verify_request {
    /** The database. */
    zova_database *db;
    /** The object. */
    zova_object_id id;
} zova_object_verify_request;

/** A vector. Release it with zova_vector_free. */
typedef struct zova_vector {
    /** Its id, with a NUL byte behind it. */
    char *id;
    /** Number of bytes in id, without the NUL byte. */
    size_t id_len;
    /** Its values, bit for bit as they were put. */
    float *values;
    /** Number of values. */
    size_t values_len;
} zova_vector;

/** Vectors. Release them with zova_vector_list_free. */
typedef struct zova_vector_list {
    /** The vectors, or null when there are none. */
    zova_vector *items;
    /** Number of vectors. */
    size_t len;
} zova_vector_list;

/** Ids of vectors. Release them with zova_vector_id_list_free. */
typedef struct zova_vector_id_list {
    /** The ids, or null when there are none. */
    zova_text *items;
    /** Number of ids. */
    size_t len;
} zova_vector_id_list;

/** One result of a search. */
typedef struct zova_vector_search_result {
    /** The id of the vector, with a NUL byte behind it. */
    char *id;
    /** Number of bytes in id, without the NUL byte. */
    size_t id_len;
    /** The distance, exact to the last bit. Smaller is nearer. */
    double distance;
} zova_vector_search_result;

/** The results of a search, nearest first. Release them with zova_vector_search_results_free. */
typedef struct zova_vector_search_results {
    /** The results, or null when there are none. */
    zova_vector_search_result *items;
    /** Number of results. */
    size_t len;
} zova_vector_search_results;

/** A vector collection. Release it with zova_vector_collection_info_free. */
typedef struct zova_vector_collection_info {
    /** Its name, with a NUL byte behind it. */
    char *name;
    /** Number of bytes in name, without the NUL byte. */
    size_t name_len;
    /** Values per vector. */
    uint32_t dimensions;
    /** How distance is measured: a value of zova_vector_metric. */
    int metric;
    /** Number of vectors, uncommitted ones of this handle included. */
    uint64_t vector_count;
} zova_vector_collection_info;

/** Vector collections. Release them with zova_vector_collection_list_free. */
typedef struct zova_vector_collection_list {
    /** The collections, or null when there are none. */
    zova_vector_collection_info *items;
    /** Number of collections. */
    size_t len;
} zova_vector_collection_list;

/** What a collection is created with; neither ever changes. */
typedef struct zova_vector_collection_options {
    /** Values per vector, 1 to 16384. */
    uint32_t dimensions;
    /** How distance is measured: a value of zova_vector_metric. */
    int metric;
} zova_vector_collection_options;

/** Request of zova_vector_collection_create. */
typedef struct zova_vector_collection_create_request {
    /** The database. */
    zova_database *db;
    /** The name: 1 to 255 bytes of UTF-8 that do not begin with _zova_ in any letter case. */
    const char *name;
    /** Dimensions and metric. */
    zova_vector_collection_options options;
} zova_vector_collection_create_request;

/** Request of zova_vector_collection_exists. */
typedef struct zova_vector_collection_exists_request {
    /** The database. */
    zova_database *db;
    /** The name. */
    const char *name;
    /** Receives 1 if a collection has this name, else 0; unchanged after a fault. */
    uint8_t *out_exists;
} zova_vector_collection_exists_request;

/** Request of zova_vector_collection_info_get. */
typedef struct zova_vector_collection_info_get_request {
    /** The database. */
    zova_database *db;
    /** The name. */
    const char *name;
    /**
     * Receives the description; empty after a fault. It is overwritten without being released, so it needs no
     * initialisation, and an earlier result in it must be released before.
     */
    zova_vector_collection_info *out_info;
} zova_vector_collection_info_get_request;

/** Request of zova_vector_collections_list. */
typedef struct zova_vector_collections_list_request {
    /** The database. */
    zova_database *db;
    /**
     * Receives the descriptions; empty after a fault. It is overwritten without being released, so it needs no
     * initialisation, and an earlier result in it must be released before.
     */
    zova_vector_collection_list *out_list;
} zova_vector_collections_list_request;

/** Request of zova_vector_collection_delete. */
typedef struct zova_vector_collection_delete_request {
    /** The database. */
    zova_database *db;
    /** The name. */
    const char *name;
} zova_vector_collection_delete_request;

/** Request of zova_vector_put. */
typedef struct zova_vector_put_request {
    /** The database. */
    zova_database *db;
    /** The collection. */
    const char *collection_name;
    /** The id: 1 to 255 bytes of UTF-8 that do not begin with _zova_ in any letter case. */
    const char *vector_id;
    /** The values. May be null when values_len is 0. */
    const float *values;
    /** Number of values; it must be that of the collection's dimensions. */
    size_t values_len;
} zova_vector_put_request;

/** A vector to store. */
typedef struct zova_vector_input {
    /** Its id: 1 to 255 bytes of UTF-8 that do not begin with _zova_ in any letter case. */
    const char *id;
    /** Its values. May be null when values_len is 0. */
    const float *values;
    /** Number of values; it must be that of the collection's dimensions. */
    size_t values_len;
} zova_vector_input;

/** Request of zova_vector_put_many. */
typedef struct zova_vector_put_many_request {
    /** The database. */
    zova_database *db;
    /** The collection. */
    const char *collection_name;
    /** The vectors. May be null when vectors_len is 0. */
    const zova_vector_input *vectors;
    /** Number of vectors. */
    size_t vectors_len;
} zova_vector_put_many_request;

/** Request of zova_vector_get. */
typedef struct zova_vector_get_request {
    /** The database. */
    zova_database *db;
    /** The collection. */
    const char *collection_name;
    /** The vector. */
    const char *vector_id;
    /**
     * Receives id and values; empty after a fault. It is overwritten without being released, so it needs no
     * initialisation, and an earlier result in it must be released before.
     */
    zova_vector *out_vector;
} zova_vector_get_request;

/** Request of zova_vector_get_many. */
typedef struct zova_vector_get_many_request {
    /** The database. */
    zova_database *db;
    /** The collection. */
    const char *collection_name;
    /** The ids. May be null when vector_count is 0. */
    const char *const *vector_ids;
    /** Number of ids. */
    size_t vector_count;
    /**
     * Receives the vectors; empty after a fault. It is overwritten without being released, so it needs no
     * initialisation, and an earlier result in it must be released before.
     */
    zova_vector_list *out_vectors;
} zova_vector_get_many_request;

/** Request of zova_vector_exists. */
typedef struct zova_vector_exists_request {
    /** The database. */
    zova_database *db;
    /** The collection. */
    const char *collection_name;
    /** The vector. */
    const char *vector_id;
    /** Receives 1 if the collection has this vector, else 0; unchanged after a fault. */
    uint8_t *out_exists;
} zova_vector_exists_request;

/** Request of zova_vector_ids_list. */
typedef struct zova_vector_ids_list_request {
    /** The database. */
    zova_database *db;
    /** The collection. */
    const char *collection_name;
    /** Only ids after this one, which need not exist; null for all. */
    const char *after_vector_id;
    /** At most so many ids. */
    size_t limit;
    /**
     * Receives the ids; empty after a fault. It is overwritten without being released, so it needs no
     * initialisation, and an earlier result in it must be released before.
     */
    zova_vector_id_list *out_ids;
} zova_vector_ids_list_request;

/** Request of zova_vector_delete. */
typedef struct zova_vector_delete_request {
    /** The database. */
    zova_database *db;
    /** The collection. */
    const char *collection_name;
    /** The vector. */
    const char *vector_id;
} zova_vector_delete_request;

/** Request of zova_vector_delete_many. */
typedef struct zova_vector_delete_many_request {
    /** The database. */
    zova_database *db;
    /** The collection. */
    const char *collection_name;
    /** The ids. May be null when vector_count is 0. */
    const char *const *vector_ids;
    /** Number of ids. */
    size_t vector_count;
} zova_vector_delete_many_request;

/** Request of zova_vector_search. */
typedef struct zova_vector_search_request {
    /** The database. */
    zova_database *db;
    /** The collection. */
    const char *collection_name;
    /** What the vectors are compared with. May be null when query_len is 0. */
    const float *query;
    /** Number of values in query; it must be that of the collection's dimensions. */
    size_t query_len;
    /** At most so many results; any number, 0 included. */
    size_t limit;
    /**
     * Receives the results; empty after a fault. It is overwritten without being released, so it needs no
     * initialisation, and an earlier result in it must be released before.
     */
    zova_vector_search_results *out_results;
} zova_vector_search_request;

/** Request of zova_vector_search_in. */
typedef struct zova_vector_search_in_request {
    /** The database. */
    zova_database *db;
    /** The collection. */
    const char *collection_name;
    /** What the vectors are compared with. May be null when query_len is 0. */
    const float *query;
    /** Number of values in query; it must be that of the collection's dimensions. */
    size_t query_len;
    /** The only vectors that are compared. May be null when candidate_count is 0. */
    const char *const *candidate_ids;
    /** Number of candidates; 0 gives no results. */
    size_t candidate_count;
    /** At most so many results; any number, 0 included. */
    size_t limit;
    /**
     * Receives the results; empty after a fault. It is overwritten without being released, so it needs no
     * initialisation, and an earlier result in it must be released before.
     */
    zova_vector_search_results *out_results;
} zova_vector_search_in_request;

/** Request of zova_vector_search_within. */
typedef struct zova_vector_search_within_request {
    /** The database. */
    zova_database *db;
    /** The collection. */
    const char *collection_name;
    /** What the vectors are compared with. May be null when query_len is 0. */
    const float *query;
    /** Number of values in query; it must be that of the collection's dimensions. */
    size_t query_len;
    /** No vector farther than this, exactly this far included. Finite; may be negative. */
    double max_distance;
    /** At most so many results; any number, 0 included. */
    size_t limit;
    /**
     * Receives the results; empty after a fault. It is overwritten without being released, so it needs no
     * initialisation, and an earlier result in it must be released before.
     */
    zova_vector_search_results *out_results;
} zova_vector_search_within_request;

/** Request of zova_vector_search_in_within. */
typedef struct zova_vector_search_in_within_request {
    /** The database. */
    zova_database *db;
    /** The collection. */
    const char *collection_name;
    /** What the vectors are compared with. May be null when query_len is 0. */
    const float *query;
    /** Number of values in query; it must be that of the collection's dimensions. */
    size_t query_len;
    /** The only vectors that are compared. May be null when candidate_count is 0. */
    const char *const *candidate_ids;
    /** Number of candidates; 0 gives no results. */
    size_t candidate_count;
    /** No vector farther than this, exactly this far included. Finite; may be negative. */
    double max_distance;
    /** At most so many results; any number, 0 included. */
    size_t limit;
    /**
     * Receives the results; empty after a fault. It is overwritten without being released, so it needs no
     * initialisation, and an earlier result in it must be released before.
     */
    zova_vector_search_results *out_results;
} zova_vector_search_in_within_request;

/** Request of zova_vector_search_by_id. */
typedef struct zova_vector_search_by_id_request {
    /** The database. */
    zova_database *db;
    /** The collection. */
    const char *collection_name;
    /** The vector that the others are compared with. It is never in the results. */
    const char *source_vector_id;
    /** At most so many results; any number, 0 included. */
    size_t limit;
    /**
     * Receives the results; empty after a fault. It is overwritten without being released, so it needs no
     * initialisation, and an earlier result in it must be released before.
     */
    zova_vector_search_results *out_results;
} zova_vector_search_by_id_request;

/** Request of zova_vector_search_by_id_in. */
typedef struct zova_vector_search_by_id_in_request {
    /** The database. */
    zova_database *db;
    /** The collection. */
    const char *collection_name;
    /** The vector that the others are compared with. It is never in the results. */
    const char *source_vector_id;
    /** The only vectors that are compared. May be null when candidate_count is 0. */
    const char *const *candidate_ids;
    /** Number of candidates; 0 gives no results. */
    size_t candidate_count;
    /** At most so many results; any number, 0 included. */
    size_t limit;
    /**
     * Receives the results; empty after a fault. It is overwritten without being released, so it needs no
     * initialisation, and an earlier result in it must be released before.
     */
    zova_vector_search_results *out_results;
} zova_vector_search_by_id_in_request;

/** Request of zova_vector_search_by_id_within. */
typedef struct zova_vector_search_by_id_within_request {
    /** The database. */
    zova_database *db;
    /** The collection. */
    const char *collection_name;
    /** The vector that the others are compared with. It is never in the results. */
    const char *source_vector_id;
    /** No vector farther than this, exactly this far included. Finite; may be negative. */
    double max_distance;
    /** At most so many results; any number, 0 included. */
    size_t limit;
    /**
     * Receives the results; empty after a fault. It is overwritten without being released, so it needs no
     * initialisation, and an earlier result in it must be released before.
     */
    zova_vector_search_results *out_results;
} zova_vector_search_by_id_within_request;

/** Request of zova_vector_search_by_id_in_within. */
typedef struct zova_vector_search_by_id_in_within_request {
    /** The database. */
    zova_database *db;
    /** The collection. */
    const char *collection_name;
    /** The vector that the others are compared with. It is never in the results. */
    const char *source_vector_id;
    /** The only vectors that are compared. May be null when candidate_count is 0. */
    const char *const *candidate_ids;
    /** Number of candidates; 0 gives no results. */
    size_t candidate_count;
    /** No vector farther than this, exactly this far included. Finite; may be negative. */
    double max_distance;
    /** At most so many results; any number, 0 included. */
    size_t limit;
    /**
     * Receives the results; empty after a fault. It is overwritten without being released, so it needs no
     * initialisation, and an earlier result in it must be released before.
     */
    zova_vector_search_results *out_results;
} zova_vector_search_by_id_in_within_request;

/** Request of zova_database_set_vector_cache_limit. */
typedef struct zova_database_set_vector_cache_limit_request {
    /** The database. */
    zova_database *db;
    /** Bytes of memory; 0 for none. */
    uint64_t bytes;
} zova_database_set_vector_cache_limit_request;

/** What a vector search did. */
typedef struct zova_vector_search_stats {
    /** 1 if the rows came from the copy of the collection in memory, 0 if they came from the file. */
    int resident;
    /** Vectors that were compared with the query in any way. */
    uint64_t scanned;
    /** Vectors whose exact distance was computed. All others were proven not to be among the results. */
    uint64_t rescored;
} zova_vector_search_stats;

/** Request of zova_vector_search_stats_get. */
typedef struct zova_vector_search_stats_get_request {
    /** The database. */
    zova_database *db;
    /** Receives the numbers; unchanged after a fault. */
    zova_vector_search_stats *out_stats;
} zova_vector_search_stats_get_request;

/** A graph and its size. Release it with zova_graph_info_free, unless it is an item of a list. */
typedef struct zova_graph_info {
    /** Its name. */
    char *name;
    /** Number of bytes in name. */
    size_t name_len;
    /** Number of nodes. */
    uint64_t node_count;
    /** Number of edges, those with a missing end included. */
    uint64_t edge_count;
} zova_graph_info;

/** Graphs. Release the list with zova_graph_list_free, which releases the items with it. */
typedef struct zova_graph_list {
    /** The graphs, or null when there are none. */
    zova_graph_info *items;
    /** Number of graphs. */
    size_t len;
} zova_graph_list;

/** A node. Release it with zova_graph_node_free, unless it is part of a list. */
typedef struct zova_graph_node {
    /** The graph. */
    char *graph_name;
    /** Number of bytes in graph_name. */
    size_t graph_name_len;
    /** Id of the node within the graph. */
    char *node_id;
    /** Number of bytes in node_id. */
    size_t node_id_len;
    /** What kind of node it is. */
    char *kind;
    /** Number of bytes in kind. */
    size_t kind_len;
    /** What it stands for, a value of zova_graph_target_type. */
    int target_type;
    /** Where the target is to be found. Null when has_target_namespace is 0. */
    char *target_namespace;
    /** Number of bytes in target_namespace. */
    size_t target_namespace_len;
    /** 1 if there is one, else 0. A text that is there may be empty. */
    uint8_t has_target_namespace;
    /** The target. Null when has_target_ref is 0. */
    char *target_ref;
    /** Number of bytes in target_ref. */
    size_t target_ref_len;
    /** 1 if there is one, else 0. A text that is there may be empty. */
    uint8_t has_target_ref;
} zova_graph_node;

/** An edge. Release it with zova_graph_edge_free, unless it is part of a list. */
typedef struct zova_graph_edge {
    /** The graph. */
    char *graph_name;
    /** Number of bytes in graph_name. */
    size_t graph_name_len;
    /** The node it starts at. */
    char *from_node_id;
    /** Number of bytes in from_node_id. */
    size_t from_node_id_len;
    /** Its type. */
    char *edge_type;
    /** Number of bytes in edge_type. */
    size_t edge_type_len;
    /** The node it ends at. */
    char *to_node_id;
    /** Number of bytes in to_node_id. */
    size_t to_node_id_len;
} zova_graph_edge;

/** A neighbor, by one edge. */
typedef struct zova_graph_neighbor_result {
    /** The neighbor. */
    char *node_id;
    /** Number of bytes in node_id. */
    size_t node_id_len;
    /** What kind of node it is. */
    char *kind;
    /** Number of bytes in kind. */
    size_t kind_len;
    /** Type of the edge. */
    char *edge_type;
    /** Number of bytes in edge_type. */
    size_t edge_type_len;
} zova_graph_neighbor_result;

/** Neighbors. Release them with zova_graph_neighbor_results_free, which releases the items with them. */
typedef struct zova_graph_neighbor_results {
    /** The neighbors, or null when there are none. */
    zova_graph_neighbor_result *items;
    /** Number of neighbors. */
    size_t len;
} zova_graph_neighbor_results;

/** A node that a walk or path reached. */
typedef struct zova_graph_walk_result {
    /** The node. */
    char *node_id;
    /** Number of bytes in node_id. */
    size_t node_id_len;
    /** What kind of node it is. */
    char *kind;
    /** Number of bytes in kind. */
    size_t kind_len;
    /** How many edges away from the start. */
    uint32_t depth;
    /** The node it was reached from. Null when has_predecessor_node_id is 0. */
    char *predecessor_node_id;
    /** Number of bytes in predecessor_node_id. */
    size_t predecessor_node_id_len;
    /** 1 if there is one, else 0. A text that is there may be empty. */
    uint8_t has_predecessor_node_id;
    /** Type of the edge it was reached by. Null when has_edge_type is 0. */
    char *edge_type;
    /** Number of bytes in edge_type. */
    size_t edge_type_len;
    /** 1 if there is one, else 0. A text that is there may be empty. */
    uint8_t has_edge_type;
} zova_graph_walk_result;

/**
 * Nodes of a walk or path. Release them with zova_graph_walk_results_free, which releases the items with them.
 */
typedef struct zova_graph_walk_results {
    /** The nodes, or null when there are none. */
    zova_graph_walk_result *items;
    /** Number of nodes. */
    size_t len;
} zova_graph_walk_results;

/** A node with its place in the graph. */
typedef struct zova_graph_node_entry {
    /** The node. */
    zova_graph_node node;
    /** Its place: nodes put later have a larger number. */
    int64_t created_order;
} zova_graph_node_entry;

/** Nodes of one page. Release them with zova_graph_node_page_free, which releases the items with them. */
typedef struct zova_graph_node_page {
    /** The nodes, or null when there are none. */
    zova_graph_node_entry *items;
    /** Number of nodes. */
    size_t len;
} zova_graph_node_page;

/** An edge with its place in the graph. */
typedef struct zova_graph_edge_entry {
    /** The edge. */
    zova_graph_edge edge;
    /** Its place: edges put later have a larger number. */
    int64_t created_order;
} zova_graph_edge_entry;

/** Edges of one page. Release them with zova_graph_edge_page_free, which releases the items with them. */
typedef struct zova_graph_edge_page {
    /** The edges, or null when there are none. */
    zova_graph_edge_entry *items;
    /** Number of edges. */
    size_t len;
} zova_graph_edge_page;

/** A node whose target is malformed or does not exist. */
typedef struct zova_graph_missing_target {
    /** The graph. */
    char *graph_name;
    /** Number of bytes in graph_name. */
    size_t graph_name_len;
    /** Id of the node within the graph. */
    char *node_id;
    /** Number of bytes in node_id. */
    size_t node_id_len;
    /** What it stands for, a value of zova_graph_target_type. */
    int target_type;
    /** Where the target is to be found. Null when has_target_namespace is 0. */
    char *target_namespace;
    /** Number of bytes in target_namespace. */
    size_t target_namespace_len;
    /** 1 if there is one, else 0. A text that is there may be empty. */
    uint8_t has_target_namespace;
    /** The target. Null when has_target_ref is 0. */
    char *target_ref;
    /** Number of bytes in target_ref. */
    size_t target_ref_len;
    /** 1 if there is one, else 0. A text that is there may be empty. */
    uint8_t has_target_ref;
    /**
     * ZOVA_GRAPH_INVALID for a malformed reference, else what is missing: ZOVA_OBJECT_NOT_FOUND,
     * ZOVA_OBJECT_CHUNK_NOT_FOUND, ZOVA_VECTOR_COLLECTION_NOT_FOUND or ZOVA_VECTOR_NOT_FOUND.
     */
    zova_status status;
} zova_graph_missing_target;

/**
 * Nodes with a missing target. Release them with zova_graph_missing_target_list_free, which releases the items with
 * them.
 */
typedef struct zova_graph_missing_target_list {
    /** The nodes, or null when there are none. */
    zova_graph_missing_target *items;
    /** Number of nodes. */
    size_t len;
} zova_graph_missing_target_list;

/** Request of zova_graph_create. */
typedef struct zova_graph_create_request {
    /** The database. */
    zova_database *db;
    /**
     * Name of the graph: 1 to 128 bytes of A-Z a-z 0-9 _ . : - that do not begin with _zova_ in any letter case.
     */
    const char *name;
} zova_graph_create_request;

/** Request of zova_graph_exists. */
typedef struct zova_graph_exists_request {
    /** The database. */
    zova_database *db;
    /** Name of the graph. */
    const char *name;
    /** Receives 1 if there is such a graph, else 0; unchanged after a fault. */
    uint8_t *out_exists;
} zova_graph_exists_request;

/** Request of zova_graph_info_get. */
typedef struct zova_graph_info_get_request {
    /** The database. */
    zova_database *db;
    /** Name of the graph. */
    const char *name;
    /** Receives name and size; empty after a fault. It is overwritten without being released. */
    zova_graph_info *out_info;
} zova_graph_info_get_request;

/** Request of zova_graphs_list. */
typedef struct zova_graph_list_request {
    /** The database. */
    zova_database *db;
    /** Receives the graphs; empty after a fault. It is overwritten without being released. */
    zova_graph_list *out_list;
} zova_graph_list_request;

/** Request of zova_graph_delete. */
typedef struct zova_graph_delete_request {
    /** The database. */
    zova_database *db;
    /** Name of the graph. */
    const char *name;
} zova_graph_delete_request;

/** Request of zova_graph_node_put. */
typedef struct zova_graph_node_put_request {
    /** The database. */
    zova_database *db;
    /** Name of the graph. */
    const char *graph_name;
    /** Id of the node: 1 to 512 bytes of UTF-8 that do not begin with _zova_ in any letter case. */
    const char *node_id;
    /** What kind of node it is; the rules of graph names apply. */
    const char *kind;
    /** What it stands for, a value of zova_graph_target_type. */
    int target_type;
    /** Where the target is to be found: UTF-8, or null for absent. */
    const char *target_namespace;
    /** The target: UTF-8, or null for absent. */
    const char *target_ref;
} zova_graph_node_put_request;

/** A node to store with zova_graph_node_put_many; the fields of zova_graph_node_put_request. */
typedef struct zova_graph_node_input {
    /** Name of the graph. */
    const char *graph_name;
    /** Id of the node. */
    const char *node_id;
    /** What kind of node it is. */
    const char *kind;
    /** What it stands for, a value of zova_graph_target_type. */
    int target_type;
    /** Where the target is to be found, or null for absent. */
    const char *target_namespace;
    /** The target, or null for absent. */
    const char *target_ref;
} zova_graph_node_input;

/** Request of zova_graph_node_put_many. */
typedef struct zova_graph_node_put_many_request {
    /** The database. */
    zova_database *db;
    /** The nodes. May be null when nodes_len is 0. */
    const zova_graph_node_input *nodes;
    /** Number of nodes. */
    size_t nodes_len;
} zova_graph_node_put_many_request;

/** Request of zova_graph_node_get. */
typedef struct zova_graph_node_get_request {
    /** The database. */
    zova_database *db;
    /** Name of the graph. */
    const char *graph_name;
    /** Id of the node. */
    const char *node_id;
    /** Receives the node; empty after a fault. It is overwritten without being released. */
    zova_graph_node *out_node;
} zova_graph_node_get_request;

/** Request of zova_graph_node_exists. */
typedef struct zova_graph_node_exists_request {
    /** The database. */
    zova_database *db;
    /** Name of the graph. */
    const char *graph_name;
    /** Id of the node. */
    const char *node_id;
    /** Receives 1 if there is such a node, else 0; unchanged after a fault. */
    uint8_t *out_exists;
} zova_graph_node_exists_request;

/** Request of zova_graph_node_delete. */
typedef struct zova_graph_node_delete_request {
    /** The database. */
    zova_database *db;
    /** Name of the graph. */
    const char *graph_name;
    /** Id of the node. */
    const char *node_id;
} zova_graph_node_delete_request;

/** Request of zova_graph_node_delete_many. */
typedef struct zova_graph_node_delete_many_request {
    /** The database. */
    zova_database *db;
    /** Name of the graph. */
    const char *graph_name;
    /** Ids of the nodes. May be null when node_count is 0. */
    const char *const *node_ids;
    /** Number of nodes. */
    size_t node_count;
} zova_graph_node_delete_many_request;

/** Request of zova_graph_edge_put. */
typedef struct zova_graph_edge_put_request {
    /** The database. */
    zova_database *db;
    /** Name of the graph. */
    const char *graph_name;
    /** The node the edge starts at. */
    const char *from_node_id;
    /** Type of the edge; the rules of graph names apply. */
    const char *edge_type;
    /** The node the edge ends at. */
    const char *to_node_id;
} zova_graph_edge_put_request;

/** An edge for zova_graph_edge_put_many and zova_graph_edge_delete_many. */
typedef struct zova_graph_edge_input {
    /** Name of the graph. */
    const char *graph_name;
    /** The node the edge starts at. */
    const char *from_node_id;
    /** Type of the edge. */
    const char *edge_type;
    /** The node the edge ends at. */
    const char *to_node_id;
} zova_graph_edge_input;

/** Request of zova_graph_edge_put_many. */
typedef struct zova_graph_edge_put_many_request {
    /** The database. */
    zova_database *db;
    /** The edges. May be null when edges_len is 0. */
    const zova_graph_edge_input *edges;
    /** Number of edges. */
    size_t edges_len;
} zova_graph_edge_put_many_request;

/** Request of zova_graph_edge_get. */
typedef struct zova_graph_edge_get_request {
    /** The database. */
    zova_database *db;
    /** Name of the graph. */
    const char *graph_name;
    /** The node the edge starts at. */
    const char *from_node_id;
    /** Type of the edge. */
    const char *edge_type;
    /** The node the edge ends at. */
    const char *to_node_id;
    /** Receives the edge; empty after a fault. It is overwritten without being released. */
    zova_graph_edge *out_edge;
} zova_graph_edge_get_request;

/** Request of zova_graph_edge_exists. */
typedef struct zova_graph_edge_exists_request {
    /** The database. */
    zova_database *db;
    /** Name of the graph. */
    const char *graph_name;
    /** The node the edge starts at. */
    const char *from_node_id;
    /** Type of the edge. */
    const char *edge_type;
    /** The node the edge ends at. */
    const char *to_node_id;
    /** Receives 1 if there is such an edge, else 0; unchanged after a fault. */
    uint8_t *out_exists;
} zova_graph_edge_exists_request;

/** Request of zova_graph_edge_delete. */
typedef struct zova_graph_edge_delete_request {
    /** The database. */
    zova_database *db;
    /** Name of the graph. */
    const char *graph_name;
    /** The node the edge starts at. */
    const char *from_node_id;
    /** Type of the edge. */
    const char *edge_type;
    /** The node the edge ends at. */
    const char *to_node_id;
} zova_graph_edge_delete_request;

/** Request of zova_graph_edge_delete_many. */
typedef struct zova_graph_edge_delete_many_request {
    /** The database. */
    zova_database *db;
    /** The edges. May be null when edges_len is 0. */
    const zova_graph_edge_input *edges;
    /** Number of edges. */
    size_t edges_len;
} zova_graph_edge_delete_many_request;

/** Request of zova_graph_neighbors. */
typedef struct zova_graph_neighbors_request {
    /** The database. */
    zova_database *db;
    /** Name of the graph. */
    const char *graph_name;
    /** The node whose neighbors are wanted. */
    const char *node_id;
    /** ZOVA_GRAPH_NEIGHBOR_OUTGOING or ZOVA_GRAPH_NEIGHBOR_INCOMING. */
    int direction;
    /** Only edges of this type, or null for all. */
    const char *edge_type;
    /** How many results at most, up to 2^63 - 1. */
    size_t limit;
    /** Receives the neighbors; empty after a fault. It is overwritten without being released. */
    zova_graph_neighbor_results *out_results;
} zova_graph_neighbors_request;

/** Request of zova_graph_degree. */
typedef struct zova_graph_degree_request {
    /** The database. */
    zova_database *db;
    /** Name of the graph. */
    const char *graph_name;
    /** The node. */
    const char *node_id;
    /** A value of zova_graph_neighbor_direction, ZOVA_GRAPH_NEIGHBOR_BOTH included. */
    int direction;
    /** Only edges of this type, or null for all. */
    const char *edge_type;
    /** Receives the number of neighbors; unchanged after a fault. */
    uint64_t *out_degree;
} zova_graph_degree_request;

/** Request of zova_graph_walk. */
typedef struct zova_graph_walk_request {
    /** The database. */
    zova_database *db;
    /** Name of the graph. */
    const char *graph_name;
    /** The node the walk starts at. */
    const char *start_node_id;
    /** Only edges of this type, or null for all. */
    const char *edge_type;
    /** How many edges away from the start at most. */
    uint32_t max_depth;
    /** How many nodes at most, the start included, up to 2^63 - 1. */
    size_t limit;
    /** Receives the nodes; empty after a fault. It is overwritten without being released. */
    zova_graph_walk_results *out_results;
} zova_graph_walk_request;

/** Request of zova_graph_walk_direction. */
typedef struct zova_graph_walk_direction_request {
    /** The database. */
    zova_database *db;
    /** Name of the graph. */
    const char *graph_name;
    /** The node the walk starts at. */
    const char *start_node_id;
    /** A value of zova_graph_neighbor_direction, ZOVA_GRAPH_NEIGHBOR_BOTH included. */
    int direction;
    /** Only edges of this type, or null for all. */
    const char *edge_type;
    /** How many edges away from the start at most. */
    uint32_t max_depth;
    /** How many nodes at most, the start included, up to 2^63 - 1. */
    size_t limit;
    /** Receives the nodes; empty after a fault. It is overwritten without being released. */
    zova_graph_walk_results *out_results;
} zova_graph_walk_direction_request;

/** Request of zova_graph_path. */
typedef struct zova_graph_path_request {
    /** The database. */
    zova_database *db;
    /** Name of the graph. */
    const char *graph_name;
    /** The node the path starts at. */
    const char *from_node_id;
    /** The node it leads to. */
    const char *to_node_id;
    /** A value of zova_graph_neighbor_direction, ZOVA_GRAPH_NEIGHBOR_BOTH included. */
    int direction;
    /** Only edges of this type, or null for all. */
    const char *edge_type;
    /** How many edges the path may have at most. */
    uint32_t max_depth;
    /** How many nodes the search may discover at most, up to 2^63 - 1; bounds its time and memory. */
    size_t limit;
    /**
     * Receives the nodes of the path; empty when there is none, and after a fault. It is overwritten without being
     * released.
     */
    zova_graph_walk_results *out_results;
} zova_graph_path_request;

/** Request of zova_graph_nodes_page. */
typedef struct zova_graph_nodes_page_request {
    /** The database. */
    zova_database *db;
    /** Name of the graph. */
    const char *graph_name;
    /**
     * The last entry of the page before, or null to begin. Only its created_order and its node_id are read.
     */
    const zova_graph_node_entry *after;
    /** How many nodes at most, up to 2^63 - 1. */
    size_t limit;
    /** Receives the page; empty after a fault. It is overwritten without being released. */
    zova_graph_node_page *out_page;
} zova_graph_nodes_page_request;

/** Request of zova_graph_edges_page. */
typedef struct zova_graph_edges_page_request {
    /** The database. */
    zova_database *db;
    /** Name of the graph. */
    const char *graph_name;
    /**
     * The last entry of the page before, or null to begin. Only its created_order, its node ids and its edge type
     * are read.
     */
    const zova_graph_edge_entry *after;
    /** How many edges at most, up to 2^63 - 1. */
    size_t limit;
    /** Receives the page; empty after a fault. It is overwritten without being released. */
    zova_graph_edge_page *out_page;
} zova_graph_edges_page_request;

/** Request of zova_database_set_strict_targets. */
typedef struct zova_database_set_strict_targets_request {
    /** The database. */
    zova_database *db;
    /** 0 turns it off, any other value on. */
    uint8_t strict;
} zova_database_set_strict_targets_request;

/** Request of zova_graph_missing_targets. */
typedef struct zova_graph_missing_targets_request {
    /** The database. */
    zova_database *db;
    /** Graph of the last item of the page before; null, together with after_node_id, to begin. */
    const char *after_graph_name;
    /** Id of the last item of the page before; null, together with after_graph_name, to begin. */
    const char *after_node_id;
    /** How many items at most, up to 2^63 - 1. */
    size_t limit;
    /** Receives the items; empty after a fault. It is overwritten without being released. */
    zova_graph_missing_target_list *out_list;
} zova_graph_missing_targets_request;

/** Request of the calls on one extension. */
typedef struct zova_database_extension_request {
    /** The database. */
    zova_database *db;
    /**
     * Name of the extension: 1 to 64 bytes of A-Z a-z 0-9 _ . : - that do not begin with _zova_ in any letter case.
     * Letter case counts.
     */
    const char *name;
} zova_database_extension_request;

/**
 * An installed extension. Release it with zova_extension_info_free, unless it is an item of a list. Every text has a
 * NUL byte behind its length.
 */
typedef struct zova_extension_info {
    /** Its name. */
    char *name;
    /** Number of bytes in name. */
    size_t name_len;
    /** The version of the code that installed it. */
    char *version;
    /** Number of bytes in version. */
    size_t version_len;
    /** The names of its private tables, indexes, views and triggers begin with this. */
    char *storage_prefix;
    /** Number of bytes in storage_prefix. */
    size_t storage_prefix_len;
    /** The lowest version of Zova it works with. */
    char *zova_abi_min;
    /** Number of bytes in zova_abi_min. */
    size_t zova_abi_min_len;
    /** What it offers, by convention separated by commas. */
    char *capabilities;
    /** Number of bytes in capabilities. */
    size_t capabilities_len;
    /** 1: the database opens only where the extension is provided. */
    uint8_t required;
    /** When it was installed, in seconds since 1970. */
    int64_t installed_at_unix;
    /** Free-form, by convention JSON. */
    char *manifest_json;
    /** Number of bytes in manifest_json. */
    size_t manifest_json_len;
} zova_extension_info;

/** Installed extensions. Release the list with zova_extension_list_free, which releases the items with it. */
typedef struct zova_extension_list {
    /** The extensions, or null when there are none. */
    zova_extension_info *items;
    /** Number of extensions. */
    size_t len;
} zova_extension_list;

/** Request of zova_database_extension_list. */
typedef struct zova_database_extension_list_request {
    /** The database. */
    zova_database *db;
    /** Receives the extensions; empty after a fault. It is overwritten without being released. */
    zova_extension_list *out_list;
} zova_database_extension_list_request;

/** Request of zova_database_extension_info. */
typedef struct zova_database_extension_info_request {
    /** The database. */
    zova_database *db;
    /** Name of the extension. */
    const char *name;
    /** Receives what is recorded about it; empty after a fault. It is overwritten without being released. */
    zova_extension_info *out_info;
} zova_database_extension_info_request;

/** Request of zova_extension_bundle_trust and zova_extension_bundle_verify. */
typedef struct zova_extension_bundle_request {
    /** The bundle: a directory, NUL-terminated, ending in ".zovaext". */
    const char *bundle_path;
    /** The list of trusted bundles, a file, NUL-terminated; null for the usual one. */
    const char *trust_store_path;
    /** Receives the reason of a fault; may be null. Initialise it with zeroes before its first use. */
    zova_message *out_error_message;
} zova_extension_bundle_request;

/** Request of zova_extension_bundle_untrust. */
typedef struct zova_extension_bundle_untrust_request {
    /**
     * The path of a bundle if it contains "/" or ends in ".zovaext", else the name of an extension; NUL-terminated.
     */
    const char *identifier;
    /** As in zova_extension_bundle_request. */
    const char *trust_store_path;
    /** Receives 1 if something was removed, 0 if nothing was listed; unchanged after a fault. */
    uint8_t *out_removed;
    /** As in zova_extension_bundle_request. */
    zova_message *out_error_message;
} zova_extension_bundle_untrust_request;

/** Request of zova_extension_bundle_list. */
typedef struct zova_extension_bundle_list_request {
    /** As in zova_extension_bundle_request. */
    const char *trust_store_path;
    /**
     * Receives a JSON object: cli_json_version (1), status ("ok"), command ("extension-trusted"), count, and the array
     * trusted_extensions. Each entry has name, version, storage_prefix, bundle_path, manifest_sha256, library_sha256
     * (strings) and trusted_at_unix (an integer).
     */
    zova_text *out_json;
    /** As in zova_extension_bundle_request. */
    zova_message *out_error_message;
} zova_extension_bundle_list_request;

/**
 * Request of zova_database_create_with_extensions, zova_database_open_with_extensions and
 * zova_database_open_for_repair.
 */
typedef struct zova_database_open_extensions_request {
    /** As in zova_database_open_request. */
    const char *path;
    /** As in zova_database_open_options_request. */
    uint32_t flags;
    /** As in zova_database_open_options_request. */
    uint32_t busy_timeout_ms;
    /**
     * The bundles to load, in this order, each as in zova_extension_bundle_request. May be null when the count is 0.
     */
    const char *const *extension_bundle_paths;
    /** Number of bundles. */
    size_t extension_bundle_count;
    /** As in zova_extension_bundle_request. */
    const char *trust_store_path;
    /** As in zova_database_open_request. */
    zova_database **out_db;
    /** As in zova_database_open_request. */
    zova_message *out_error_message;
} zova_database_open_extensions_request;

/**
 * Major version of this C interface: 0. It is the version of the interface, which the ZOVA_VERSION_ macros state
 * for the header, and neither that of the file format nor that of the implementation. Any thread.
 */
ZOVA_API uint32_t zova_abi_version_major(void);

/** Minor version of this C interface: 21. Any thread. */
ZOVA_API uint32_t zova_abi_version_minor(void);

/** Patch version of this C interface: 0. Any thread. */
ZOVA_API uint32_t zova_abi_version_patch(void);

/** Version of this C interface as text: "0.21.0". Static; never freed. Any thread. */
ZOVA_API const char *zova_abi_version_string(void);

/**
 * The name of a status, for example "ZOVA_OBJECT_NOT_FOUND" for 50, and "ZOVA_UNKNOWN_STATUS" for every number
 * that is none. Accepts any integer. Static text; never null, never freed. Any thread.
 */
ZOVA_API const char *zova_status_name(zova_status status);

/**
 * Releases the bytes of a buffer and sets every field to zero. Null and empty buffers are fine, so calling it
 * twice is harmless. Do not change the fields before, and do not free two copies of one buffer.
 */
ZOVA_API void zova_buffer_free(zova_buffer *buffer);

/**
 * Releases the text of a message and sets every field to zero. Null and empty messages are fine, so calling it
 * twice is harmless. Do not change the fields before, and do not free two copies of one message.
 */
ZOVA_API void zova_message_free(zova_message *message);

/**
 * Releases a text and sets every field to zero. Null and empty texts are fine, so calling it twice is harmless.
 * Do not change the fields before, and do not free two copies of one text.
 */
ZOVA_API void zova_text_free(zova_text *text);

/**
 * Makes a new database file and opens it for reading and writing.
 *
 * The file appears complete or not at all: after a fault or a crash nothing stands under the path, and of two
 * concurrent creators exactly one succeeds. The directory must exist. The file's permissions are read and write
 * for everybody, limited by the umask.
 *
 * Errors, in this order: ZOVA_INVALID_ARGUMENT; ZOVA_NOT_ZOVA_PATH; ZOVA_DESTINATION_EXISTS (anything exists under
 * the path: a file, a directory, a symbolic link); ZOVA_CANT_OPEN (the directory is missing or not writable); the
 * common set.
 *
 * Any thread. Cost: one small transaction, with the disk syncs that make it durable.
 */
ZOVA_API zova_status zova_database_create(const zova_database_open_request *request);

/**
 * Opens an existing database for reading and writing. Nothing is created, migrated, repaired or written, and no
 * PRAGMA is changed: foreign keys are off as in SQLite, the journal mode is the file's. There is no busy timeout.
 *
 * A file that the process may read but not write opens too; writing to it is ZOVA_READ_ONLY.
 *
 * Errors, besides the common set:
 *
 * - ZOVA_NOT_ZOVA_PATH: the path does not end in ".zova";
 * - ZOVA_NOT_ZOVA_DATABASE: the file does not exist, or is not a valid Zova database;
 * - ZOVA_CANT_OPEN: the directory does not exist or cannot be searched, the path is a directory, or the file cannot
 *   be read;
 * - ZOVA_UNSUPPORTED_ZOVA_VERSION: the file has another format version;
 * - ZOVA_BOUND_STORE_INVALID: the file is itself a bound store, or its bound stores do not match or cannot be used;
 * - ZOVA_EXTENSION_UNAVAILABLE, ZOVA_EXTENSION_INCOMPATIBLE, ZOVA_EXTENSION_INVALID: an extension that is installed
 *   in the file is not provided by this library, does not fit it, or has damaged data.
 *
 * Any thread. Cost: a few small reads, whatever the size of the file.
 */
ZOVA_API zova_status zova_database_open(const zova_database_open_request *request);

/**
 * As zova_database_open, with flags and a busy timeout.
 *
 * With ZOVA_OPEN_READ_ONLY every write to the file is ZOVA_READ_ONLY; reading, transactions without writes and
 * temporary tables work.
 *
 * Errors: those of zova_database_open, and ZOVA_INVALID_ARGUMENT for an unknown flag or a timeout above 2147483647.
 *
 * Any thread.
 */
ZOVA_API zova_status zova_database_open_with_options(const zova_database_open_options_request *request);

/**
 * Ends a database handle. An open transaction is rolled back. All statements and other children of the handle must
 * have been ended before.
 *
 * Errors: ZOVA_INVALID_ARGUMENT for null; ZOVA_MISUSE for a handle that was closed before or is no database, and
 * while children are live: then the handle stays usable, and the message counts them ("Misuse: cannot close
 * database with live child handles: 1 statements, 0 object writers, 0 subscriptions"). Otherwise ZOVA_OK, also
 * after ZOVA_INTERNAL.
 *
 * Threads: make this the last use of the handle. A thread that comes too late gets ZOVA_MISUSE.
 */
ZOVA_API zova_status zova_database_close(zova_database *db);

/**
 * Why the last call on this database or one of its children failed: one UTF-8 sentence, or "" if it succeeded or
 * there was none. For SQL, statements, transactions and savepoints it is SQLite's own message ("no such table: t");
 * for everything else it begins with the error name ("ObjectNotFound: no object 60af..."). For a null, closed or
 * foreign handle it is "invalid database handle". Never null.
 *
 * The text is borrowed: it is valid until the next other call on the database or one of its children, by any
 * thread. Copy it if threads share the handle.
 *
 * Any thread; does not wait for a call that is running. Reading the message changes nothing.
 */
ZOVA_API const char *zova_database_last_error_message(zova_database *db);

/**
 * Runs every statement of an SQL text in order and discards rows. Empty text and comments are ZOVA_OK.
 *
 * Stops at the first fault; the statements before it keep their effect unless a transaction undoes them. There is
 * no restriction on the SQL: schema changes, PRAGMA, ATTACH and transaction control work. Tables whose names begin
 * with _zova_ are the library's; writing to them damages the database.
 *
 * Errors: the common set, with SQLite's message. The order of checks is db, sql.
 */
ZOVA_API zova_status zova_database_exec(const zova_database_exec_request *request);

/**
 * Compiles the first statement of an SQL text. Prepare a statement once and run it many times: that is several
 * times faster than zova_database_exec.
 *
 * Text without any statement (empty, white space, comments) gives a statement without parameters and columns whose
 * step and binds are ZOVA_MISUSE.
 *
 * Errors: the common set, with SQLite's message: syntax errors and unknown names are ZOVA_SQLITE_ERROR. The order
 * of checks is db, sql, out_statement.
 */
ZOVA_API zova_status zova_database_prepare(const zova_database_prepare_request *request);

/**
 * The row id of the last row that your SQL inserted on this handle; 0 if there was none. Storing objects does not
 * change it. Errors: none beyond arguments.
 */
ZOVA_API zova_status zova_database_last_insert_rowid(const zova_database_last_insert_rowid_request *request);

/**
 * How many rows the most recent INSERT, UPDATE or DELETE on this handle changed, without those that triggers
 * changed. Ask directly after your own SQL: it is not defined after calls that store something themselves.
 * Errors: none beyond arguments.
 */
ZOVA_API zova_status zova_database_changes(const zova_database_changes_request *request);

/**
 * How many rows were changed on this handle since it was opened, those that triggers changed included. Subtract two
 * readings to count what your own SQL did in between; calls that store something themselves may count too. Errors:
 * none beyond arguments.
 */
ZOVA_API zova_status zova_database_total_changes(const zova_database_total_changes_request *request);

/**
 * Sets how long calls on this handle wait for a lock that another connection holds, instead of giving ZOVA_BUSY at
 * once; 0 turns waiting off. Errors: ZOVA_INVALID_ARGUMENT for more than 2147483647 milliseconds.
 */
ZOVA_API zova_status zova_database_set_busy_timeout(const zova_database_busy_timeout_request *request);

/**
 * Rebuilds the file so that it has no unused space. Needs free disk space of up to twice the size of the file and
 * exclusive use of it.
 *
 * Errors: the common set, with SQLite's message: ZOVA_SQLITE_ERROR inside a transaction and while a statement is
 * in the middle of its results.
 */
ZOVA_API zova_status zova_database_vacuum(const zova_database_simple_request *request);

/**
 * Begins a transaction (BEGIN). It takes a read or write lock when it first needs one. Everything done on the handle
 * and its children belongs to it until zova_database_commit or zova_database_rollback, objects included.
 *
 * Errors: the common set, with SQLite's message: ZOVA_SQLITE_ERROR inside a transaction ("cannot start a
 * transaction within a transaction"; use savepoints to nest).
 */
ZOVA_API zova_status zova_database_begin(const zova_database_simple_request *request);

/**
 * Begins a transaction and takes the write lock at once (BEGIN IMMEDIATE), so that the writes in it cannot be
 * refused because another connection wrote in between.
 *
 * Errors: those of zova_database_begin, and ZOVA_BUSY while another connection holds the write lock.
 */
ZOVA_API zova_status zova_database_begin_immediate(const zova_database_simple_request *request);

/**
 * Commits the open transaction with all its savepoints. Durable when it returns, as the synchronous setting of the
 * connection says. Statements in the middle of a SELECT do not prevent it.
 *
 * Errors: the common set, with SQLite's message: ZOVA_SQLITE_ERROR without a transaction. After ZOVA_BUSY (another
 * connection is reading) and ZOVA_CONSTRAINT (a deferred foreign key is violated) the transaction is still open and
 * the commit can be repeated. When an extension cannot write what it had put off until then, the transaction is rolled
 * back, and the status is neither of these two.
 */
ZOVA_API zova_status zova_database_commit(const zova_database_simple_request *request);

/**
 * Undoes everything since the open transaction began, and ends it.
 *
 * Errors: the common set, with SQLite's message: ZOVA_SQLITE_ERROR without a transaction, which is also the case
 * after an error that made SQLite roll back by itself (a full disk, for example).
 */
ZOVA_API zova_status zova_database_rollback(const zova_database_simple_request *request);

/**
 * Sets a savepoint inside the open transaction; without one it begins one. Names may be used again while they are
 * set; the innermost one counts.
 *
 * Errors: ZOVA_INVALID_ARGUMENT for a name that breaks the rules; the common set.
 */
ZOVA_API zova_status zova_database_savepoint(const zova_database_savepoint_request *request);

/**
 * Undoes everything since the savepoint was set. The savepoint itself stays set.
 *
 * Errors: ZOVA_INVALID_ARGUMENT for a name that breaks the rules; ZOVA_SQLITE_ERROR if no such savepoint is set
 * ("no such savepoint: a"); the common set.
 */
ZOVA_API zova_status zova_database_rollback_to_savepoint(const zova_database_savepoint_request *request);

/**
 * Removes the savepoint and those set after it, and keeps what was done. Releasing the savepoint that began the
 * transaction commits it.
 *
 * Errors: those of zova_database_rollback_to_savepoint; those of zova_database_commit where it commits.
 */
ZOVA_API zova_status zova_database_release_savepoint(const zova_database_savepoint_request *request);

/**
 * Raises an event. Outside a transaction it is delivered before the call returns, to every subscription of this handle
 * on exactly this channel; without one it is lost. (While an INSERT, UPDATE or DELETE that raised events on the channel is
 * in the middle of its results, it waits behind those, so that numbers grow in every subscription.) Inside a transaction or savepoint it is held: delivered when the
 * transaction commits, by whatever call or SQL, and discarded when it, or a savepoint around it, is rolled back. Other
 * handles and processes hear nothing, and nothing is stored. Works on a read-only handle.
 *
 * In SQL the same is zova_notify(channel, payload), which returns 1. It fails inside a transaction that SQL text opened
 * (BEGIN), unless a savepoint was opened in it by zova_database_savepoint; this function does not.
 *
 * Errors: ZOVA_INVALID_ARGUMENT for a bad channel or payload; ZOVA_OUT_OF_MEMORY. Then nothing has happened.
 *
 * Cost: below a microsecond, and one copy of the payload, which the receivers share. Of the events that wait for a
 * commit no more than 1,024 per channel and open savepoint take memory; the others are only counted, as they would be
 * by a full queue.
 */
ZOVA_API zova_status zova_database_notify(const zova_database_notify_request *request);

/**
 * Subscribes to a channel: the subscription receives what is delivered on it from now on, also what was raised earlier
 * in a transaction that is still open. Any number of subscriptions may exist; each receives its own copy of every
 * event. Works on a read-only handle.
 *
 * Errors: ZOVA_INVALID_ARGUMENT for a bad channel; ZOVA_OUT_OF_MEMORY.
 */
ZOVA_API zova_status zova_database_listen(const zova_database_listen_request *request);

/**
 * Takes the oldest waiting event, if there is one. Never waits: neither for an event, nor for a call that another
 * thread runs on the database. May be called from callbacks.
 *
 * Errors: none beyond arguments, and ZOVA_OUT_OF_MEMORY, after which the event still waits.
 */
ZOVA_API zova_status zova_subscription_try_receive(const zova_subscription_try_receive_request *request);

/**
 * Takes the oldest waiting event; if there is none, waits for one, up to a time. Meanwhile nothing is locked: other
 * threads use the database, its children and this subscription. With a timeout of 0 it does not wait at all.
 *
 * ZOVA_OK without an event means that the time has passed, never less; waking up early for any other reason does not end
 * the call. Of several threads that wait on one subscription each event wakes one. The call also ends when another
 * thread closes the subscription (ZOVA_MISUSE, and nothing is recorded) and when a call on the database ends with
 * ZOVA_INTERNAL (ZOVA_INTERNAL). The database itself cannot be closed before: zova_database_close is refused while the
 * subscription lives, and wakes nobody.
 *
 * Errors: those of zova_subscription_try_receive; ZOVA_INVALID_ARGUMENT for a timeout above 2147483647; ZOVA_MISUSE for
 * a timeout above 0 from within a callback of a call on the same database.
 */
ZOVA_API zova_status zova_subscription_receive(const zova_subscription_receive_request *request);

/**
 * Ends a subscription and discards what waits in it; works inside transactions, too. A thread that waits in
 * zova_subscription_receive is woken. Clears the error message of the database. Errors: none beyond arguments.
 */
ZOVA_API zova_status zova_subscription_close(zova_subscription *subscription);

/**
 * Releases the texts of a notification and sets every field to zero. Null and empty ones are fine, so calling it twice
 * is harmless. Do not change the fields before, and do not free two copies of one notification.
 */
ZOVA_API void zova_notification_free(zova_notification *notification);

/**
 * Ends a statement, in whatever state it is. Clears the error message of the database, so read that first.
 *
 * Errors: ZOVA_INVALID_ARGUMENT for null; ZOVA_MISUSE for a handle that was ended before or is no statement.
 * Otherwise ZOVA_OK, whatever the last step gave.
 *
 * Threads: make this the last use of the handle. A thread that comes too late gets ZOVA_MISUSE.
 */
ZOVA_API zova_status zova_statement_finalize(zova_statement *statement);

/**
 * Runs a statement up to its next row or its end.
 *
 * After ZOVA_STEP_DONE or a fault the next step starts again from the beginning with the same parameters, without a
 * reset: an INSERT is then executed once more. Reset a SELECT that you do not read to its end; until then it keeps
 * its snapshot of the database.
 *
 * Errors: the common set, with SQLite's message. ZOVA_MISUSE for a statement prepared from text without any SQL.
 */
ZOVA_API zova_status zova_statement_step(const zova_statement_step_request *request);

/**
 * Rewinds a statement so that the next step starts it again. Parameters keep their values.
 *
 * Errors: if the last step failed, its status once more, with the statement reset nevertheless; otherwise none
 * beyond arguments.
 */
ZOVA_API zova_status zova_statement_reset(zova_statement *statement);

/** Sets all parameters to NULL. Errors: none beyond arguments. */
ZOVA_API zova_status zova_statement_clear_bindings(zova_statement *statement);

/**
 * Sets a parameter to NULL. This holds for all five binds: the value stays bound over resets until it is bound
 * again or cleared.
 *
 * Errors of all five: ZOVA_SQLITE_ERROR for an index below 1 or above the parameter count ("column index out of
 * range"); ZOVA_MISUSE between a step and the next reset ("bad parameter or other API misuse"), and for a
 * statement prepared from text without any SQL.
 */
ZOVA_API zova_status zova_statement_bind_null(const zova_statement_bind_null_request *request);

/** Sets a parameter to an integer. Errors: as zova_statement_bind_null. */
ZOVA_API zova_status zova_statement_bind_int64(const zova_statement_bind_int64_request *request);

/** Sets a parameter to a floating-point number. Errors: as zova_statement_bind_null. */
ZOVA_API zova_status zova_statement_bind_double(const zova_statement_bind_double_request *request);

/**
 * Sets a parameter to a text, which is copied.
 *
 * Errors: as zova_statement_bind_null; ZOVA_SQLITE_ERROR for more than 1000000000 bytes ("string or blob too big"),
 * which from about 2 GiB on is ZOVA_OUT_OF_MEMORY.
 */
ZOVA_API zova_status zova_statement_bind_text(const zova_statement_bind_text_request *request);

/** Sets a parameter to a blob, which is copied. Errors: as zova_statement_bind_text. */
ZOVA_API zova_status zova_statement_bind_blob(const zova_statement_bind_blob_request *request);

/** The largest parameter index of a statement: "?5" alone makes it 5. Errors: none beyond arguments. */
ZOVA_API zova_status zova_statement_parameter_count(const zova_statement_parameter_count_request *request);

/**
 * The index of a named parameter. A name that the statement does not have is ZOVA_OK with index 0, also one without
 * its first character. Errors: none beyond arguments.
 */
ZOVA_API zova_status zova_statement_parameter_index(const zova_statement_parameter_index_request *request);

/**
 * The number of columns in the results of a statement; 0 if it returns no rows. It needs no row. A step may change
 * it when the schema has changed since the statement was prepared. Errors: none beyond arguments.
 */
ZOVA_API zova_status zova_statement_column_count(const zova_statement_column_count_request *request);

/**
 * The name of a column: its AS name, otherwise what SQLite makes of the expression. It needs no row. Data is not
 * null on success, also for an empty name.
 *
 * Errors: ZOVA_MISUSE for an index below 0 or not below the column count; ZOVA_OUT_OF_MEMORY.
 */
ZOVA_API zova_status zova_statement_column_name(const zova_statement_column_name_request *request);

/**
 * The type of a value of the current row.
 *
 * This holds for all five functions that read values: without a current row (before the first step and after
 * ZOVA_STEP_DONE) and for an index out of range they read NULL, with ZOVA_OK. A value is converted to the type you
 * ask for, as SQLite does it: the text "42abc" is the integer 42, NULL is 0 or an empty result. Ask for the type
 * before you read a value: reading a blob as text makes its type text.
 *
 * Errors of all five: none beyond arguments, and ZOVA_OUT_OF_MEMORY for texts and blobs.
 */
ZOVA_API zova_status zova_statement_column_type(const zova_statement_column_type_request *request);

/**
 * A value of the current row as an integer. Floating-point numbers are cut off towards zero and limited to the range
 * of 64 bits; text and blobs give the number they begin with, or 0; NULL is 0. See zova_statement_column_type.
 */
ZOVA_API zova_status zova_statement_column_int64(const zova_statement_column_int64_request *request);

/**
 * A value of the current row as a floating-point number. Text and blobs give the number they begin with, or 0; NULL
 * is 0. See zova_statement_column_type.
 */
ZOVA_API zova_status zova_statement_column_double(const zova_statement_column_double_request *request);

/**
 * A value of the current row as text. NULL gives data null and len 0; an empty text or blob gives len 0 with data
 * not null. Numbers are printed as SQLite prints them; the bytes of a blob are taken as they are. Text with NUL
 * bytes is returned whole: use len. See zova_statement_column_type.
 *
 * The result is a copy that stays yours. Read a column in a loop into the same zova_text: its memory is used again.
 */
ZOVA_API zova_status zova_statement_column_text(const zova_statement_column_text_request *request);

/**
 * A value of the current row as bytes. NULL, empty texts and empty blobs give data null and len 0; the type tells
 * them apart. Numbers give the bytes of their text. See zova_statement_column_type.
 *
 * The result is a copy that stays yours. Read a column in a loop into the same zova_buffer: its memory is used
 * again.
 */
ZOVA_API zova_status zova_statement_column_blob(const zova_statement_column_blob_request *request);

/**
 * The id that these bytes have as an object. Needs no database and stores nothing. data may be null when len is 0;
 * out_id is unchanged after a fault.
 *
 * Errors: ZOVA_INVALID_ARGUMENT. Any thread. Cost: one SHA-256 over the bytes.
 */
ZOVA_API zova_status zova_object_id_from_bytes(const uint8_t *data, size_t len, zova_object_id *out_id);

/**
 * The id that these bytes have as a chunk; the same computation, faults and cost as zova_object_id_from_bytes.
 */
ZOVA_API zova_status zova_object_chunk_id_from_bytes(const uint8_t *data, size_t len, zova_object_chunk_id *out_id);

/**
 * Stores bytes and tells their id. Content that is already stored is ZOVA_OK with the same id and writes nothing.
 *
 * The bytes are cut into chunks of up to 64 KiB at places that depend on the content, and every distinct chunk is
 * stored once: files that have parts in common share them.
 *
 * Inside a transaction or savepoint the object is part of it and is undone with it; outside, the call is one
 * transaction of its own. Either way it takes full effect or none. A SELECT in the middle of its results is no
 * obstacle.
 *
 * Errors, besides the common set: ZOVA_OBJECT_TRANSACTION_ACTIVE; ZOVA_OBJECT_TOO_LARGE; ZOVA_OBJECT_CORRUPT (a
 * chunk that is already stored has other bytes than its id says); ZOVA_CONSTRAINT (parts of a damaged object with
 * this id are stored); ZOVA_BOUND_STORE_INVALID.
 *
 * Cost: one SHA-256 over the bytes and one over the chunks, and writing the chunks that are new.
 */
ZOVA_API zova_status zova_object_put(const zova_object_put_request *request);

/**
 * Reads a whole object. Every byte is verified against the id.
 *
 * Errors, besides the common set: ZOVA_OBJECT_NOT_FOUND; ZOVA_OBJECT_CORRUPT.
 *
 * Release the result with zova_buffer_free. Cost: memory for the whole object; zova_object_read_range reads large
 * objects piece by piece.
 */
ZOVA_API zova_status zova_object_get(const zova_object_get_request *request);

/**
 * Reads a part of an object: as many bytes from offset on as the buffer has room for and the object has. An offset
 * equal to the size gives 0 bytes. Every chunk that the range touches is verified; a range that covers the whole
 * object is verified against the id.
 *
 * Errors, besides the common set: ZOVA_OBJECT_NOT_FOUND; ZOVA_OBJECT_RANGE_INVALID for an offset above the size;
 * ZOVA_OBJECT_CORRUPT.
 *
 * Cost: proportional to the range, not to the object.
 */
ZOVA_API zova_status zova_object_read_range(const zova_object_read_range_request *request);

/**
 * Deletes an object and the chunks that no other object uses. Rows of yours that mention its id are not touched.
 * The space is used again by later writes; zova_database_vacuum returns it to the system. Transactions as in
 * zova_object_put. A damaged object can be deleted too.
 *
 * Errors, besides the common set: ZOVA_OBJECT_TRANSACTION_ACTIVE; ZOVA_OBJECT_NOT_FOUND; ZOVA_BOUND_STORE_INVALID.
 */
ZOVA_API zova_status zova_object_delete(const zova_object_delete_request *request);

/** Tells whether an object is stored, without reading or verifying it. Errors: the common set. */
ZOVA_API zova_status zova_object_exists(const zova_object_exists_request *request);

/**
 * The size of an object in bytes, without reading or verifying it.
 *
 * Errors, besides the common set: ZOVA_OBJECT_NOT_FOUND; ZOVA_OBJECT_CORRUPT if the stored size cannot be one.
 */
ZOVA_API zova_status zova_object_size(const zova_object_size_request *request);

/**
 * The number of chunks an object is stored in; 0 for the empty object. Nothing is read or verified.
 *
 * Errors, besides the common set: ZOVA_OBJECT_NOT_FOUND; ZOVA_OBJECT_CORRUPT if the stored number cannot be one.
 */
ZOVA_API zova_status zova_object_chunk_count(const zova_object_chunk_count_request *request);

/**
 * Releases a manifest and sets every field to zero. Null and empty manifests are fine, so calling it twice is
 * harmless. Do not change the fields before, and do not free two copies of one manifest.
 */
ZOVA_API void zova_object_manifest_free(zova_object_manifest *manifest);

/**
 * The chunks of an object. The bytes of the chunks are not read.
 *
 * Errors, besides the common set: ZOVA_OBJECT_NOT_FOUND; ZOVA_OBJECT_CORRUPT.
 *
 * Cost: two key look-ups and 56 bytes of memory per chunk.
 */
ZOVA_API zova_status zova_object_manifest_get(const zova_object_manifest_get_request *request);

/**
 * Makes an object of chunks that are stored already, after reading all of them and verifying that they hash to the
 * id. Transactions as in zova_object_put.
 *
 * Errors, besides the common set, in this order: ZOVA_OBJECT_TRANSACTION_ACTIVE; ZOVA_OBJECT_ALREADY_EXISTS if the
 * object is stored, ZOVA_OBJECT_CORRUPT if it is stored but damaged; ZOVA_OBJECT_TOO_LARGE for a size above
 * 2^63 - 1; then, entry by entry, ZOVA_OBJECT_MANIFEST_INVALID (the entries have gaps, overlap, do not add up, or
 * their chunks have another size or hash), ZOVA_OBJECT_CHUNK_NOT_FOUND, ZOVA_OBJECT_CORRUPT (a damaged chunk);
 * ZOVA_CONSTRAINT (parts of a damaged object with this id are stored); ZOVA_BOUND_STORE_INVALID.
 *
 * Cost: two SHA-256 passes over the object; memory for one chunk, and 4 bytes per entry if the entries are not in
 * order.
 */
ZOVA_API zova_status zova_object_assemble_from_chunks(const zova_object_assemble_from_chunks_request *request);

/**
 * Reads a chunk, whether objects use it or not. Every byte is verified against the id.
 *
 * Errors, besides the common set: ZOVA_OBJECT_CHUNK_NOT_FOUND; ZOVA_OBJECT_CORRUPT.
 *
 * Release the result with zova_buffer_free. Cost: one SHA-256 over at most 64 KiB.
 */
ZOVA_API zova_status zova_object_chunk_get(const zova_object_chunk_get_request *request);

/**
 * Tells whether a chunk is stored; one that is stored but damaged is a fault.
 *
 * Errors, besides the common set: ZOVA_OBJECT_CORRUPT. Cost: as reading the chunk.
 */
ZOVA_API zova_status zova_object_chunk_exists(const zova_object_chunk_exists_request *request);

/**
 * Stores bytes as a chunk of their own, from which zova_object_assemble_from_chunks makes objects later. It stays
 * until zova_object_chunk_delete removes it, or until an object that came to use it is deleted. A chunk that is
 * stored already is ZOVA_OK and writes nothing. Transactions as in zova_object_put.
 *
 * Errors, besides the common set: ZOVA_OBJECT_CORRUPT for a length that is not 1 to 65536, or if the stored chunk of
 * this id is damaged; ZOVA_OBJECT_CHUNK_HASH_MISMATCH; ZOVA_OBJECT_TRANSACTION_ACTIVE; ZOVA_BOUND_STORE_INVALID.
 */
ZOVA_API zova_status zova_object_chunk_put(const zova_object_chunk_put_request *request);

/**
 * Removes a chunk that no object uses. Transactions as in zova_object_put.
 *
 * Errors, besides the common set: ZOVA_OBJECT_TRANSACTION_ACTIVE; ZOVA_BOUND_STORE_INVALID.
 */
ZOVA_API zova_status zova_object_chunk_delete(const zova_object_chunk_delete_request *request);

/**
 * Starts an object whose bytes arrive in parts. Works inside and outside transactions and on a read-only handle,
 * where finishing content that is not stored fails. Errors: the common set. Cost: an allocation.
 */
ZOVA_API zova_status zova_object_writer_create(const zova_object_writer_create_request *request);

/**
 * Appends bytes to the object. How the bytes are split over the calls has no influence on the object or its chunks.
 * A write that fails consumes nothing: the same bytes may be offered again.
 *
 * Errors, besides the common set: ZOVA_OBJECT_WRITER_CLOSED after a finish or cancel that succeeded, or a finish that
 * failed; ZOVA_OBJECT_TOO_LARGE above 2^63 - 1 bytes in all. ZOVA_SQLITE_ERROR when the bytes cannot be set aside
 * (disk full).
 *
 * Cost: two SHA-256 passes over the bytes, on two threads; about 2 MiB of memory per writer, whatever its size. The
 * second thread lives for the length of the call at most.
 */
ZOVA_API zova_status zova_object_writer_write(const zova_object_writer_write_request *request);

/**
 * Stores the object in one transaction, or as part of the caller's, and tells its id. The writer is closed then;
 * destroy it. Content that is stored already is ZOVA_OK with its id; without any bytes the result is the empty
 * object. After a fault beyond the first two below, no bytes can be added, but finish may be called again.
 *
 * Errors, besides the common set: ZOVA_OBJECT_WRITER_CLOSED; ZOVA_OBJECT_TRANSACTION_ACTIVE (a statement that writes
 * is in the middle of its results); ZOVA_OBJECT_CORRUPT (the same content is stored but damaged);
 * ZOVA_CONSTRAINT (parts of a damaged object with this id are stored); ZOVA_BOUND_STORE_INVALID.
 *
 * Cost: writing the chunks that are new; for content that is stored already, reading and verifying it.
 */
ZOVA_API zova_status zova_object_writer_finish(const zova_object_writer_finish_request *request);

/**
 * Gives the object up and closes the writer; nothing of it remains. Destroy the writer afterwards.
 *
 * Errors, besides the common set: ZOVA_OBJECT_WRITER_CLOSED.
 */
ZOVA_API zova_status zova_object_writer_cancel(const zova_object_writer_cancel_request *request);

/**
 * Ends a writer in whatever state it is. One that is neither finished nor cancelled is cancelled. Clears the error
 * message of the database. Errors: none beyond arguments.
 */
ZOVA_API zova_status zova_object_writer_destroy(zova_object_writer *writer);

/**
 * Starts reading an object at its first byte.
 *
 * Errors, besides the common set: ZOVA_OBJECT_NOT_FOUND; ZOVA_OBJECT_CORRUPT. Cost: one key look-up.
 */
ZOVA_API zova_status zova_object_reader_create(const zova_object_reader_create_request *request);

/**
 * Reads on: fills the buffer as far as the object goes.
 *
 * Errors, besides the common set: ZOVA_OBJECT_CORRUPT and ZOVA_OBJECT_NOT_FOUND (deleted meanwhile), after which
 * every read is ZOVA_OBJECT_READER_CLOSED. After ZOVA_BUSY, ZOVA_LOCKED and ZOVA_INTERRUPTED nothing was delivered
 * and the call may be repeated.
 *
 * Cost: a copy, for bytes of the chunk that was read last (of up to 64 KiB); for each further chunk a few key look-ups and two
 * SHA-256 passes over it. Memory for two chunks.
 */
ZOVA_API zova_status zova_object_reader_read(const zova_object_reader_read_request *request);

/**
 * Continues reading at another byte. After a seek anywhere but to the start the object id is no longer verified by
 * this reader; chunks always are.
 *
 * Errors, besides the common set: ZOVA_OBJECT_RANGE_INVALID for an offset above the size; ZOVA_OBJECT_READER_CLOSED.
 * Cost: nothing is read.
 */
ZOVA_API zova_status zova_object_reader_seek(const zova_object_reader_seek_request *request);

/** The size of the object being read, as it was when the reader was made. Errors: none beyond arguments. */
ZOVA_API zova_status zova_object_reader_size(const zova_object_reader_size_request *request);

/**
 * Ends a reader in whatever state it is and sets the caller's pointer to null. Clears the error message of the
 * database. Errors: none beyond arguments.
 */
ZOVA_API zova_status zova_object_reader_destroy(const zova_object_reader_destroy_request *request);

/**
 * Stops the call that is running on this database or one of its children, in whatever thread: it returns
 * ZOVA_INTERRUPTED and has changed nothing. A transaction of yours stays open, unless it was your own SQL that was
 * stopped while it wrote; then SQLite rolls the transaction back. With no call running, later calls are not affected.
 *
 * The call ends a little later: SQL every few microseconds of its work, everything else between two rows, pages or
 * chunks. Not stopped are a wait for another connection's lock (the busy timeout or a deadline ends it, then with
 * ZOVA_INTERRUPTED), the disk syncs of a commit, and, inside a transaction of yours, a single statement of the
 * library's own.
 *
 * Errors: ZOVA_INVALID_ARGUMENT for null; ZOVA_MISUSE for a handle that is not live; ZOVA_INTERNAL after a caught
 * panic. The message of the last fault is left alone.
 *
 * Any thread, at any time, also during zova_database_close, and from a progress callback; does not wait for the
 * running call. Cost: some ten nanoseconds.
 */
ZOVA_API zova_status zova_database_interrupt(zova_database *db);

/**
 * Sets how long each later call on this handle and its children may take. A call that takes longer is stopped as by
 * zova_database_interrupt. No wait for another connection's lock is longer either, whatever the busy timeout.
 *
 * Errors: ZOVA_INVALID_ARGUMENT for more than 2147483647 milliseconds.
 *
 * Cost: with a deadline set, a call takes some ten nanoseconds more, and reading rows the time of a clock each.
 */
ZOVA_API zova_status zova_database_set_deadline(const zova_database_set_deadline_request *request);

/**
 * Copies the database as last committed into a new file, page by page, and verifies the copy: the checks of opening,
 * its structure (PRAGMA quick_check), every object, every chunk and every vector. Everything in the database arrives;
 * the copy has the same database id. Attached and temporary databases are not copied.
 *
 * The file appears under its name complete and on stable storage or not at all, and nothing is left after a fault.
 * It is never written over another, and nobody may read or write it who may not read or write this database. The
 * copy of a database in WAL mode is in WAL mode.
 *
 * Errors, in this order: ZOVA_INVALID_ARGUMENT; ZOVA_NOT_ZOVA_PATH; ZOVA_DESTINATION_EXISTS (anything exists there: a
 * file, a directory, a link, this database under another spelling); ZOVA_CANT_OPEN (the directory is missing or not
 * writable). Then: ZOVA_BUSY while this handle has uncommitted changes, or while another process locks readers out;
 * ZOVA_SQLITE_ERROR for a full disk; of verification ZOVA_CORRUPT, ZOVA_OBJECT_CORRUPT, ZOVA_VECTOR_CORRUPT,
 * ZOVA_VECTOR_COLLECTION_NOT_FOUND, ZOVA_VECTOR_INVALID and what opening can give; ZOVA_INTERRUPTED.
 *
 * Cost: every page is read and written once, with a read transaction open; two disk syncs; verification reads
 * everything once more, with one SHA-256 pass over all chunks and another over the objects of several chunks, on up to
 * four threads that end with the call. Other threads wait for the handle meanwhile; use a second handle to go on.
 */
ZOVA_API zova_status zova_database_backup(const zova_database_backup_request *request);

/**
 * Writes a rebuilt copy of the database, without free pages, into a new file and verifies it; otherwise as
 * zova_database_backup. Works on read-only handles. The copy is in rollback mode.
 *
 * Errors: those of zova_database_backup; ZOVA_SQLITE_ERROR inside a transaction ("cannot VACUUM from within a
 * transaction"), while a statement is in the middle of its results, and for a schema that needs an SQL function or a
 * collation which this process does not know.
 *
 * Cost: every row is read and written anew, with a read transaction open; verification as in zova_database_backup.
 */
ZOVA_API zova_status zova_database_compact(const zova_database_compact_request *request);

/**
 * Copies a database that needs no handle into a new file; otherwise as zova_database_backup. The source is opened for
 * reading only, with the checks of zova_database_open, and is not changed.
 *
 * Errors: ZOVA_INVALID_ARGUMENT; those of zova_database_open for the source (ZOVA_READ_ONLY if it was left in the middle
 * of a transaction: open it for writing once); then those of zova_database_backup. ZOVA_BUSY at once if the source is
 * locked.
 *
 * Any thread. Cost: as zova_database_backup.
 */
ZOVA_API zova_status zova_database_restore(const zova_database_restore_request *request);

/**
 * Makes a new Zova database out of an SQLite database, whatever that file is called, and checks its structure (PRAGMA
 * quick_check, as far as this process knows the functions and collations that the schema needs). Everything arrives:
 * tables, indexes, views, triggers, virtual tables, rowids, user_version, application_id, encoding, page size; also
 * what is still in a write-ahead log. The files of the source keep every byte. What is left of an unfinished
 * transaction is rolled back in the copy. The new file appears as with zova_database_backup, with its permissions
 * limited to those of the source.
 *
 * Errors, in this order: ZOVA_INVALID_ARGUMENT; ZOVA_NOT_ZOVA_PATH, ZOVA_DESTINATION_EXISTS, ZOVA_CANT_OPEN for the
 * destination; for the source ZOVA_CANT_OPEN (missing, unreadable, no regular file), ZOVA_SQLITE_ERROR (no SQLite
 * database), ZOVA_CORRUPT, ZOVA_BUSY (at once), ZOVA_ZOVA_NAME_CONFLICT (a table, index, view or trigger whose name
 * begins with _zova_ in any case of letters; the message names it; a Zova database is refused this way too);
 * ZOVA_SQLITE_ERROR for a full disk; ZOVA_CORRUPT for damage anywhere; ZOVA_INTERRUPTED.
 *
 * Any thread. Cost: every page is read and written once, and read again for the check; two disk syncs.
 */
ZOVA_API zova_status zova_convert_sqlite_to_zova(const zova_convert_sqlite_to_zova_request *request);

/**
 * As zova_database_backup, watched. Also stopped by zova_database_interrupt and the handle's deadline, as every call.
 *
 * Errors: those of zova_database_backup; ZOVA_INTERRUPTED when the watcher stopped it. Nothing is left then.
 */
ZOVA_API zova_status zova_database_backup_with_options(const zova_database_backup_with_options_request *request);

/**
 * As zova_database_compact, watched as zova_database_backup_with_options.
 *
 * Errors: those of zova_database_compact; ZOVA_INTERRUPTED when the watcher stopped it. Nothing is left then.
 */
ZOVA_API zova_status zova_database_compact_with_options(const zova_database_compact_with_options_request *request);

/**
 * As zova_database_restore, watched as zova_database_backup_with_options, with a busy timeout and a deadline.
 *
 * Errors: those of zova_database_restore; ZOVA_INTERRUPTED when the watcher or the deadline stopped it. Nothing is left
 * then.
 */
ZOVA_API zova_status zova_database_restore_with_options(const zova_database_restore_with_options_request *request);

/**
 * As zova_convert_sqlite_to_zova, watched as zova_database_backup_with_options, with a busy timeout and a deadline.
 *
 * Errors: those of zova_convert_sqlite_to_zova; ZOVA_INTERRUPTED when the watcher or the deadline stopped it. Nothing is
 * left then.
 */
ZOVA_API zova_status zova_convert_sqlite_to_zova_with_options(const zova_convert_sqlite_to_zova_with_options_request *request);

/**
 * Stores the content of a file, or of anything that can be read through a file descriptor, as an object. As
 * zova_object_put otherwise, transactions included.
 *
 * Errors, besides the common set and those of zova_object_writer_finish: ZOVA_CANT_OPEN for a file that cannot be
 * opened; ZOVA_SQLITE_ERROR for one that cannot be read; ZOVA_INTERRUPTED when the watcher stopped the call.
 *
 * Cost: that of an object writer; about 2 MiB of memory, whatever the size of the file.
 */
ZOVA_API zova_status zova_object_put_file(const zova_object_put_file_request *request);

/**
 * Writes an object into a new file, or through a file descriptor. Every byte is verified. A file appears under its
 * name complete or not at all, is on stable storage when the call returns, and replaces nothing; its permissions are
 * read and write for all, limited by the umask. What went through a descriptor before a fault stays there.
 *
 * Errors, besides the common set: ZOVA_OBJECT_NOT_FOUND; ZOVA_OBJECT_CORRUPT; ZOVA_DESTINATION_EXISTS; ZOVA_CANT_OPEN
 * for a directory that is missing or cannot be written; ZOVA_SQLITE_ERROR when the bytes cannot be written;
 * ZOVA_INTERRUPTED when the watcher stopped the call.
 *
 * Cost: two SHA-256 passes over the object and, for a file, two disk syncs; less than 1 MiB of memory.
 */
ZOVA_API zova_status zova_object_get_file(const zova_object_get_file_request *request);

/**
 * As zova_object_put, watched.
 *
 * Errors: those of zova_object_put; ZOVA_INTERRUPTED when the watcher stopped the call, and then nothing is stored.
 *
 * Cost: that of zova_object_put.
 */
ZOVA_API zova_status zova_object_put_with_options(const zova_object_put_with_options_request *request);

/**
 * As zova_object_writer_finish, watched.
 *
 * Errors: those of zova_object_writer_finish; ZOVA_INTERRUPTED when the watcher stopped the call. Nothing is stored
 * then, and the writer can be finished again.
 *
 * Cost: that of zova_object_writer_finish.
 */
ZOVA_API zova_status zova_object_writer_finish_with_options(const zova_object_writer_finish_with_options_request *request);

/**
 * Releases a page and sets every field to zero. Null and empty pages are fine, so calling it twice is harmless. Do
 * not change the fields before, and do not free two copies of one page.
 */
ZOVA_API void zova_object_page_free(zova_object_page *page);

/**
 * Lists objects by ascending id, a page at a time: pass the id of the last item as after to get the next page.
 *
 * Errors: the common set. Cost: proportional to the page; 48 bytes of memory per object.
 */
ZOVA_API zova_status zova_object_list(const zova_object_list_request *request);

/**
 * Reads an object from end to end and verifies everything about it: its entries, every chunk, and its id.
 *
 * Errors, besides the common set: ZOVA_OBJECT_NOT_FOUND; ZOVA_OBJECT_CORRUPT, whose message says what is wrong.
 *
 * Cost: two SHA-256 passes over the object; memory for one chunk.
 */
ZOVA_API zova_status zova_object_verify(const zova_object_verify_request *request);

/**
 * Releases a vector and sets every field to zero. Null and empty ones are fine. Do not change the fields before, and
 * do not free two copies of one vector.
 */
ZOVA_API void zova_vector_free(zova_vector *vector);

/**
 * Releases vectors and sets every field to zero. Null and empty lists are fine. Do not change the fields before, and
 * do not free two copies of one list. An item may be released before, by itself.
 */
ZOVA_API void zova_vector_list_free(zova_vector_list *list);

/**
 * Releases ids and sets every field to zero. Null and empty lists are fine. Do not change the fields before, and do
 * not free two copies of one list. An item may be released before, by zova_text_free.
 */
ZOVA_API void zova_vector_id_list_free(zova_vector_id_list *list);

/**
 * Releases the results of a search and sets every field to zero. Null and empty results are fine. Do not change the
 * fields before, and do not free two copies of one struct.
 */
ZOVA_API void zova_vector_search_results_free(zova_vector_search_results *results);

/**
 * Releases the description of a vector collection and sets every field to zero. Null and empty ones are fine. Do not
 * change the fields before, and do not free two copies of one struct.
 */
ZOVA_API void zova_vector_collection_info_free(zova_vector_collection_info *info);

/**
 * Releases descriptions of vector collections and sets every field to zero. Null and empty lists are fine. Do not
 * change the fields before, and do not free two copies of one list. An item may be released before, by itself.
 */
ZOVA_API void zova_vector_collection_list_free(zova_vector_collection_list *list);

/**
 * Creates an empty vector collection. Dimensions and metric never change.
 *
 * Inside a transaction or savepoint the collection is part of it and is undone with it; outside, the call is one
 * transaction of its own. The same holds for every call that changes vectors.
 *
 * Errors, besides the common set: ZOVA_INVALID_ARGUMENT for an unknown metric; ZOVA_VECTOR_INVALID for the name or the
 * dimensions; ZOVA_VECTOR_COLLECTION_EXISTS; ZOVA_BOUND_STORE_INVALID.
 */
ZOVA_API zova_status zova_vector_collection_create(const zova_vector_collection_create_request *request);

/**
 * Tells whether a vector collection has this name.
 *
 * Errors, besides the common set: ZOVA_VECTOR_INVALID for the name.
 */
ZOVA_API zova_status zova_vector_collection_exists(const zova_vector_collection_exists_request *request);

/**
 * Describes a vector collection. Release the result with zova_vector_collection_info_free.
 *
 * Errors, besides the common set: ZOVA_VECTOR_INVALID for the name; ZOVA_VECTOR_COLLECTION_NOT_FOUND;
 * ZOVA_NOT_ZOVA_DATABASE if the stored definition breaks the rules of the format.
 *
 * Cost: the vectors of the collection are counted.
 */
ZOVA_API zova_status zova_vector_collection_info_get(const zova_vector_collection_info_get_request *request);

/**
 * Describes all vector collections, in the order of their names' bytes. Release the result with
 * zova_vector_collection_list_free.
 *
 * Errors, besides the common set: ZOVA_NOT_ZOVA_DATABASE if a stored definition breaks the rules of the format.
 *
 * Cost: all vectors are counted.
 */
ZOVA_API zova_status zova_vector_collections_list(const zova_vector_collections_list_request *request);

/**
 * Deletes a vector collection and all its vectors. Rows and graph nodes of yours that mention them are not touched.
 *
 * Errors, besides the common set: ZOVA_VECTOR_INVALID for the name; ZOVA_VECTOR_COLLECTION_NOT_FOUND;
 * ZOVA_BOUND_STORE_INVALID.
 *
 * Cost: proportional to the number of its vectors.
 */
ZOVA_API zova_status zova_vector_collection_delete(const zova_vector_collection_delete_request *request);

/**
 * Stores a vector or replaces its values. They are kept bit for bit.
 *
 * Errors, besides the common set: ZOVA_VECTOR_INVALID for the collection name, the id, a value that is not finite, or
 * values that are all zero in a cosine collection; ZOVA_VECTOR_COLLECTION_NOT_FOUND; ZOVA_VECTOR_DIMENSION_MISMATCH;
 * ZOVA_BOUND_STORE_INVALID.
 */
ZOVA_API zova_status zova_vector_put(const zova_vector_put_request *request);

/**
 * Stores or replaces many vectors: all of them, or none if one is refused. Of equal ids the last one stays. With no
 * vectors at all the collection must still exist.
 *
 * Errors: those of zova_vector_put, for the first vector that breaks a rule.
 *
 * Cost: one transaction for all; the fastest way to store many.
 */
ZOVA_API zova_status zova_vector_put_many(const zova_vector_put_many_request *request);

/**
 * Reads a vector, bit for bit as it was put. Release the result with zova_vector_free.
 *
 * Errors, besides the common set: ZOVA_VECTOR_INVALID for the collection name or the id;
 * ZOVA_VECTOR_COLLECTION_NOT_FOUND; ZOVA_VECTOR_NOT_FOUND; ZOVA_VECTOR_CORRUPT.
 */
ZOVA_API zova_status zova_vector_get(const zova_vector_get_request *request);

/**
 * Reads many vectors, all of one moment, in the order of the ids. Release the result with zova_vector_list_free.
 *
 * Errors: those of zova_vector_get, for the first id that is illegal, then for the first vector that is missing or
 * damaged.
 */
ZOVA_API zova_status zova_vector_get_many(const zova_vector_get_many_request *request);

/**
 * Tells whether a collection has a vector of this id, without reading it.
 *
 * Errors, besides the common set: ZOVA_VECTOR_INVALID for the collection name or the id;
 * ZOVA_VECTOR_COLLECTION_NOT_FOUND.
 */
ZOVA_API zova_status zova_vector_exists(const zova_vector_exists_request *request);

/**
 * Lists the ids of a collection in the order of their bytes, a page at a time: the first ones, or those after the last
 * id of the page before. Release the result with zova_vector_id_list_free.
 *
 * Errors, besides the common set: ZOVA_VECTOR_INVALID for the collection name or after_vector_id;
 * ZOVA_VECTOR_COLLECTION_NOT_FOUND.
 *
 * Cost: proportional to the number of ids in the page.
 */
ZOVA_API zova_status zova_vector_ids_list(const zova_vector_ids_list_request *request);

/**
 * Deletes a vector, damaged or not. Rows and graph nodes of yours that mention it are not touched.
 *
 * Errors, besides the common set: ZOVA_VECTOR_INVALID for the collection name or the id;
 * ZOVA_VECTOR_COLLECTION_NOT_FOUND; ZOVA_VECTOR_NOT_FOUND; ZOVA_BOUND_STORE_INVALID.
 */
ZOVA_API zova_status zova_vector_delete(const zova_vector_delete_request *request);

/**
 * Deletes many vectors: all of them, or none if one is missing, so a repeated id fails, too. With no ids at all the
 * collection must still exist.
 *
 * Errors: those of zova_vector_delete, for the first id that fails.
 */
ZOVA_API zova_status zova_vector_delete_many(const zova_vector_delete_many_request *request);

/**
 * Finds the vectors of a collection that are nearest to a query, at most limit of them: by distance, equal distances in
 * the order of the ids' bytes. Release the result with zova_vector_search_results_free.
 *
 * Every vector is compared; there is no approximate index. distance is, to the last bit, the result of computing in
 * double precision, in the order of the values.
 *
 * Errors, besides the common set: ZOVA_VECTOR_INVALID for the collection name, a value of the query that is not finite,
 * or a query of zeroes in a cosine collection; ZOVA_VECTOR_COLLECTION_NOT_FOUND; ZOVA_VECTOR_DIMENSION_MISMATCH;
 * ZOVA_VECTOR_CORRUPT if a vector that is compared is damaged; ZOVA_INTERRUPTED.
 *
 * Cost: one pass over the collection. The second search of a collection that did not change makes a copy of it in
 * memory (zova_database_set_vector_cache_limit), which later searches use as long as it is right.
 */
ZOVA_API zova_status zova_vector_search(const zova_vector_search_request *request);

/**
 * As zova_vector_search, among the candidates only. Ids without a vector are left out, repeated ones count once.
 *
 * Errors, besides those of zova_vector_search: ZOVA_VECTOR_INVALID for a candidate id, also when limit is 0.
 *
 * Cost: two look-ups per candidate, whatever the size of the collection.
 */
ZOVA_API zova_status zova_vector_search_in(const zova_vector_search_in_request *request);

/**
 * As zova_vector_search, without vectors farther than max_distance.
 *
 * Errors, besides those of zova_vector_search: ZOVA_VECTOR_INVALID for max_distance.
 */
ZOVA_API zova_status zova_vector_search_within(const zova_vector_search_within_request *request);

/**
 * As zova_vector_search_in, without vectors farther than max_distance.
 *
 * Errors, besides those of zova_vector_search_in: ZOVA_VECTOR_INVALID for max_distance.
 */
ZOVA_API zova_status zova_vector_search_in_within(const zova_vector_search_in_within_request *request);

/**
 * As zova_vector_search, with a stored vector as the query. That vector is not in the results; others with the same
 * values are.
 *
 * Errors, besides the common set: ZOVA_VECTOR_INVALID for the collection name or the id;
 * ZOVA_VECTOR_COLLECTION_NOT_FOUND; ZOVA_VECTOR_NOT_FOUND; ZOVA_VECTOR_CORRUPT for the source or a vector that is
 * compared; ZOVA_INTERRUPTED.
 */
ZOVA_API zova_status zova_vector_search_by_id(const zova_vector_search_by_id_request *request);

/**
 * As zova_vector_search_by_id, among the candidates only. Ids without a vector are left out, repeated ones count once.
 *
 * Errors, besides those of zova_vector_search_by_id: ZOVA_VECTOR_INVALID for a candidate id, also when limit is 0.
 */
ZOVA_API zova_status zova_vector_search_by_id_in(const zova_vector_search_by_id_in_request *request);

/**
 * As zova_vector_search_by_id, without vectors farther than max_distance.
 *
 * Errors, besides those of zova_vector_search_by_id: ZOVA_VECTOR_INVALID for max_distance.
 */
ZOVA_API zova_status zova_vector_search_by_id_within(const zova_vector_search_by_id_within_request *request);

/**
 * As zova_vector_search_by_id_in, without vectors farther than max_distance.
 *
 * Errors, besides those of zova_vector_search_by_id_in: ZOVA_VECTOR_INVALID for max_distance.
 */
ZOVA_API zova_status zova_vector_search_by_id_in_within(const zova_vector_search_by_id_in_within_request *request);

/**
 * Sets how much memory this handle may use for copies of vector collections, which make repeated searches fast. Without
 * this call it is 256 MiB. What does not fit any more is dropped at once, the collection not searched for the longest
 * time first. A copy needs one byte per value, and four more where they fit.
 *
 * Copies never change a result: one that might not be what the file holds is dropped, whoever changed the file.
 *
 * Errors: the common set.
 */
ZOVA_API zova_status zova_database_set_vector_cache_limit(const zova_database_set_vector_cache_limit_request *request);

/**
 * Tells what the last vector search of this handle did, other than through SQL; zeroes before the first one.
 *
 * Errors: the common set.
 */
ZOVA_API zova_status zova_vector_search_stats_get(const zova_vector_search_stats_get_request *request);

/**
 * Releases what a zova_graph_info holds and sets every field to zero. Null and empty ones are fine, so calling it
 * twice is harmless. Do not change the fields before, and do not free two copies of one result.
 */
ZOVA_API void zova_graph_info_free(zova_graph_info *info);

/**
 * Releases what a zova_graph_list holds and sets every field to zero. Null and empty ones are fine, so calling it
 * twice is harmless. Do not change the fields before, and do not free two copies of one result.
 */
ZOVA_API void zova_graph_list_free(zova_graph_list *list);

/**
 * Releases what a zova_graph_node holds and sets every field to zero. Null and empty ones are fine, so calling it
 * twice is harmless. Do not change the fields before, and do not free two copies of one result.
 */
ZOVA_API void zova_graph_node_free(zova_graph_node *node);

/**
 * Releases what a zova_graph_edge holds and sets every field to zero. Null and empty ones are fine, so calling it
 * twice is harmless. Do not change the fields before, and do not free two copies of one result.
 */
ZOVA_API void zova_graph_edge_free(zova_graph_edge *edge);

/**
 * Releases what a zova_graph_neighbor_results holds and sets every field to zero. Null and empty ones are fine, so calling it
 * twice is harmless. Do not change the fields before, and do not free two copies of one result.
 */
ZOVA_API void zova_graph_neighbor_results_free(zova_graph_neighbor_results *results);

/**
 * Releases what a zova_graph_walk_results holds and sets every field to zero. Null and empty ones are fine, so calling it
 * twice is harmless. Do not change the fields before, and do not free two copies of one result.
 */
ZOVA_API void zova_graph_walk_results_free(zova_graph_walk_results *results);

/**
 * Releases what a zova_graph_node_page holds and sets every field to zero. Null and empty ones are fine, so calling it
 * twice is harmless. Do not change the fields before, and do not free two copies of one result.
 */
ZOVA_API void zova_graph_node_page_free(zova_graph_node_page *page);

/**
 * Releases what a zova_graph_edge_page holds and sets every field to zero. Null and empty ones are fine, so calling it
 * twice is harmless. Do not change the fields before, and do not free two copies of one result.
 */
ZOVA_API void zova_graph_edge_page_free(zova_graph_edge_page *page);

/**
 * Releases what a zova_graph_missing_target_list holds and sets every field to zero. Null and empty ones are fine, so calling it
 * twice is harmless. Do not change the fields before, and do not free two copies of one result.
 */
ZOVA_API void zova_graph_missing_target_list_free(zova_graph_missing_target_list *list);

/**
 * Creates an empty graph.
 *
 * Inside a transaction or savepoint the graph is part of it; outside, the call is a transaction of its own. That
 * holds for every function that changes graphs.
 *
 * Errors, besides the common set: ZOVA_GRAPH_INVALID; ZOVA_GRAPH_EXISTS. Cost: one pass over the names of the graphs.
 */
ZOVA_API zova_status zova_graph_create(const zova_graph_create_request *request);

/** Tells whether there is a graph of this name. Errors, besides the common set: ZOVA_GRAPH_INVALID. */
ZOVA_API zova_status zova_graph_exists(const zova_graph_exists_request *request);

/**
 * Name and size of a graph. Release the result with zova_graph_info_free.
 *
 * Errors, besides the common set: ZOVA_GRAPH_INVALID; ZOVA_GRAPH_NOT_FOUND. Cost: one pass over the index entries of
 * the graph's nodes and edges.
 */
ZOVA_API zova_status zova_graph_info_get(const zova_graph_info_get_request *request);

/**
 * All graphs with their sizes, in the order of the bytes of their names. Release the result with
 * zova_graph_list_free.
 *
 * Errors: the common set. Cost: one pass over the index entries of all nodes and edges.
 */
ZOVA_API zova_status zova_graphs_list(const zova_graph_list_request *request);

/**
 * Deletes a graph with all its nodes and edges. What the nodes stand for is not touched.
 *
 * Errors, besides the common set: ZOVA_GRAPH_INVALID; ZOVA_GRAPH_NOT_FOUND. Cost: proportional to the number of
 * nodes and edges.
 */
ZOVA_API zova_status zova_graph_delete(const zova_graph_delete_request *request);

/**
 * Stores a node, or replaces kind and target of the one with this id; its edges, and its place in the order of
 * creation, are kept.
 *
 * For targets of type object and object chunk a reference must be 64 hexadecimal digits; for vectors the namespace
 * must be a legal collection name and the reference a legal vector id. Absent is fine, and what is named need not
 * exist, unless zova_database_set_strict_targets says so.
 *
 * Errors, besides the common set: ZOVA_GRAPH_INVALID; ZOVA_GRAPH_NOT_FOUND; with strict targets
 * ZOVA_OBJECT_NOT_FOUND, ZOVA_OBJECT_CHUNK_NOT_FOUND, ZOVA_VECTOR_COLLECTION_NOT_FOUND or ZOVA_VECTOR_NOT_FOUND.
 *
 * Cost: logarithmic in the size of the graph. In a file made by a library without an index on the order of creation
 * it is one pass over the nodes of the graph.
 */
ZOVA_API zova_status zova_graph_node_put(const zova_graph_node_put_request *request);

/**
 * Stores all of the nodes, in order, or none. A later element replaces what an earlier one of the same id stored.
 * Errors and cost are those of zova_graph_node_put, for the first element that is at fault.
 */
ZOVA_API zova_status zova_graph_node_put_many(const zova_graph_node_put_many_request *request);

/**
 * Reads a node. Release the result with zova_graph_node_free.
 *
 * Errors, besides the common set: ZOVA_GRAPH_INVALID, also for a stored target type that this version does not know;
 * ZOVA_GRAPH_NODE_NOT_FOUND, also when there is no such graph.
 */
ZOVA_API zova_status zova_graph_node_get(const zova_graph_node_get_request *request);

/**
 * Tells whether the graph has this node; 0 also when there is no such graph. Errors, besides the common set:
 * ZOVA_GRAPH_INVALID.
 */
ZOVA_API zova_status zova_graph_node_exists(const zova_graph_node_exists_request *request);

/**
 * Deletes a node and every edge that starts or ends at it. What the node stands for is not touched.
 *
 * Errors, besides the common set: ZOVA_GRAPH_INVALID; ZOVA_GRAPH_NODE_NOT_FOUND, also when there is no such graph.
 *
 * Cost: proportional to the number of the node's edges. In a file made by a library without an index on incoming
 * edges it is one pass over the edges of the graph.
 */
ZOVA_API zova_status zova_graph_node_delete(const zova_graph_node_delete_request *request);

/**
 * Deletes all of the nodes with their edges, or none. A missing element, and so a repeated one, is
 * ZOVA_GRAPH_NODE_NOT_FOUND; without elements only the graph's name is checked. Otherwise errors and cost are those
 * of zova_graph_node_delete.
 */
ZOVA_API zova_status zova_graph_node_delete_many(const zova_graph_node_delete_many_request *request);

/**
 * Stores a directed edge between two nodes of a graph. An edge that is stored already is ZOVA_OK and stays as it is,
 * its place in the order of creation included.
 *
 * Errors, besides the common set: ZOVA_GRAPH_INVALID; ZOVA_GRAPH_NODE_NOT_FOUND for either end, also when there is
 * no such graph.
 *
 * Cost: logarithmic in the size of the graph. In a file made by a library without an index on the order of creation
 * it is one pass over the edges of the graph.
 */
ZOVA_API zova_status zova_graph_edge_put(const zova_graph_edge_put_request *request);

/**
 * Stores all of the edges, in order, or none. Errors and cost are those of zova_graph_edge_put, for the first
 * element that is at fault.
 */
ZOVA_API zova_status zova_graph_edge_put_many(const zova_graph_edge_put_many_request *request);

/**
 * Reads an edge, whether or not its ends exist. Release the result with zova_graph_edge_free.
 *
 * Errors, besides the common set: ZOVA_GRAPH_INVALID; ZOVA_GRAPH_EDGE_NOT_FOUND, also when there is no such graph.
 */
ZOVA_API zova_status zova_graph_edge_get(const zova_graph_edge_get_request *request);

/**
 * Tells whether the graph has this edge, whether or not its ends exist; 0 also when there is no such graph. Errors,
 * besides the common set: ZOVA_GRAPH_INVALID.
 */
ZOVA_API zova_status zova_graph_edge_exists(const zova_graph_edge_exists_request *request);

/**
 * Deletes an edge, whether or not its ends exist.
 *
 * Errors, besides the common set: ZOVA_GRAPH_INVALID; ZOVA_GRAPH_EDGE_NOT_FOUND, also when there is no such graph.
 */
ZOVA_API zova_status zova_graph_edge_delete(const zova_graph_edge_delete_request *request);

/**
 * Deletes all of the edges, or none. A missing element, and so a repeated one, is ZOVA_GRAPH_EDGE_NOT_FOUND.
 * Otherwise errors are those of zova_graph_edge_delete, for the first element that is at fault.
 */
ZOVA_API zova_status zova_graph_edge_delete_many(const zova_graph_edge_delete_many_request *request);

/**
 * The neighbors of a node: one result for each matching edge, in the order of the edges' creation, then of the bytes
 * of the neighbor's id. Edges whose other end is missing are left out and do not count. Release the result with
 * zova_graph_neighbor_results_free.
 *
 * Errors, besides the common set: ZOVA_INVALID_ARGUMENT for another direction than outgoing and incoming;
 * ZOVA_GRAPH_INVALID; ZOVA_GRAPH_NODE_NOT_FOUND, also when there is no such graph or limit is 0.
 *
 * Cost: proportional to the number of edges of the node in that direction. For incoming edges in a file made by a
 * library without an index on them it is one pass over the edges of the graph.
 */
ZOVA_API zova_status zova_graph_neighbors(const zova_graph_neighbors_request *request);

/**
 * The number of results that zova_graph_neighbors would give without a limit; for both directions the sum of the
 * two, so an edge from the node to itself counts twice. Errors and cost are those of zova_graph_neighbors.
 */
ZOVA_API zova_status zova_graph_degree(const zova_graph_degree_request *request);

/**
 * The first nodes that a breadth-first search along outgoing edges discovers, in the order of discovery. The start
 * comes first, at depth 0, without predecessor and edge type. The edges of a node are taken in the order of their
 * creation; every node appears once, with its smallest depth. Edges whose other end is missing lead nowhere. Release
 * the result with zova_graph_walk_results_free.
 *
 * Errors, besides the common set: ZOVA_GRAPH_INVALID; ZOVA_GRAPH_NODE_NOT_FOUND, also when there is no such graph or
 * limit is 0.
 *
 * Cost: proportional to the edges of the nodes it expands, and it expands none once limit nodes are discovered.
 * Memory: proportional to the discovered nodes.
 */
ZOVA_API zova_status zova_graph_walk(const zova_graph_walk_request *request);

/**
 * As zova_graph_walk, along outgoing edges, incoming ones (each discovers the node it starts at) or both. For both,
 * edges of the same age to the same node are taken outgoing before incoming.
 *
 * Errors: those of zova_graph_walk; ZOVA_INVALID_ARGUMENT for an unknown direction. Cost: as zova_graph_walk; along
 * incoming edges in a file made by a library without an index on them, each expanded node is one pass over the edges
 * of the graph.
 */
ZOVA_API zova_status zova_graph_walk_direction(const zova_graph_walk_direction_request *request);

/**
 * A shortest path by number of edges: the way by which zova_graph_walk_direction with the same arguments discovers
 * the node to_node_id, both ends included. The result is empty when it does not: there is no path of at most
 * max_depth edges, or the search discovered limit nodes before. Release it with zova_graph_walk_results_free.
 *
 * Errors, besides the common set: ZOVA_INVALID_ARGUMENT for an unknown direction; ZOVA_GRAPH_INVALID;
 * ZOVA_GRAPH_NODE_NOT_FOUND for either end, also when there is no such graph.
 *
 * Cost: that of the walk up to the node.
 */
ZOVA_API zova_status zova_graph_path(const zova_graph_path_request *request);

/**
 * The next nodes of a graph in the order of their creation. A page shorter than limit is the last. Putting the nodes
 * of all pages again in this order, and then the edges of zova_graph_edges_page in theirs, makes an equal graph.
 * Each page is of one moment; nodes put in between come at the end. Release the result with
 * zova_graph_node_page_free; the entry given as after must live until this call returns.
 *
 * Errors, besides the common set: ZOVA_GRAPH_INVALID, also for a stored target type that this version does not know;
 * ZOVA_GRAPH_NOT_FOUND.
 *
 * Cost: proportional to the page. In a file made by a library without an index on the order of creation it is one
 * pass over the nodes of the graph.
 */
ZOVA_API zova_status zova_graph_nodes_page(const zova_graph_nodes_page_request *request);

/**
 * The next edges of a graph in the order of their creation, those with a missing end included. A page shorter than
 * limit is the last. As zova_graph_nodes_page otherwise; release the result with zova_graph_edge_page_free.
 */
ZOVA_API zova_status zova_graph_edges_page(const zova_graph_edges_page_request *request);

/**
 * Turns on or off, for this handle, that putting a graph node requires its object, chunk or vector to exist at that
 * moment, uncommitted rows of this handle included. It is off on every fresh handle and not stored in the file.
 * Errors: none beyond arguments.
 */
ZOVA_API zova_status zova_database_set_strict_targets(const zova_database_set_strict_targets_request *request);

/**
 * The next nodes whose target of type object, object chunk or vector is malformed or missing, over all graphs, in
 * the order of graph name and node id. A page starts after the given pair, which need not exist any more; one
 * shorter than limit is the last. Release the result with zova_graph_missing_target_list_free.
 *
 * Errors, besides the common set: ZOVA_INVALID_ARGUMENT also when only one of the two start texts is null;
 * ZOVA_GRAPH_INVALID for a limit above 2^63 - 1.
 *
 * Cost: one pass over the nodes after the start, and one key look-up for each that has such a target.
 */
ZOVA_API zova_status zova_graph_missing_targets(const zova_graph_missing_targets_request *request);

/**
 * Installs an extension that this library provides, or that the registry provides the database was opened with:
 * creates its private storage, records it, and makes its SQL functions known to this handle. It is installed as a
 * whole or not at all; inside a transaction or savepoint the installation is part of it. Handles that were opened
 * before need not see the extension's SQL functions. From then on the database opens only where the extension is
 * provided.
 *
 * Errors, besides the common set, in this order: ZOVA_EXTENSION_INVALID for an illegal name, the empty one included;
 * ZOVA_EXTENSION_NOT_FOUND if it is not provided; ZOVA_EXTENSION_EXISTS if it is installed; ZOVA_EXTENSION_INVALID
 * if one is installed whose name differs in letter case only; ZOVA_READ_ONLY; what the extension itself reports;
 * ZOVA_EXTENSION_INVALID if it did what extensions must not do.
 *
 * Cost: the extension's own work, and two passes over the schema.
 */
ZOVA_API zova_status zova_database_extension_install(const zova_database_extension_request *request);

/**
 * The installed extensions, in the order of the bytes of their names. Release the result with
 * zova_extension_list_free.
 *
 * Errors, besides the common set: ZOVA_EXTENSION_INVALID if the list in the database is malformed.
 */
ZOVA_API zova_status zova_database_extension_list(const zova_database_extension_list_request *request);

/**
 * What is recorded about an installed extension. Release the result with zova_extension_info_free.
 *
 * Errors, besides the common set: ZOVA_EXTENSION_INVALID for an illegal name or a malformed list;
 * ZOVA_EXTENSION_NOT_FOUND if it is not installed.
 */
ZOVA_API zova_status zova_database_extension_info(const zova_database_extension_info_request *request);

/**
 * Verifies all data of an installed extension. Changes nothing.
 *
 * Errors, besides the common set, in this order: ZOVA_EXTENSION_INVALID for an illegal name;
 * ZOVA_EXTENSION_NOT_FOUND if it is not installed; ZOVA_EXTENSION_UNAVAILABLE if it is not provided;
 * ZOVA_EXTENSION_INCOMPATIBLE if another version is provided; ZOVA_EXTENSION_INVALID if its data is damaged.
 *
 * Cost: the extension's; usually one pass over its data.
 */
ZOVA_API zova_status zova_database_extension_check(const zova_database_extension_request *request);

/**
 * Verifies all data of every installed extension, in the order of their names, up to the first fault. ZOVA_OK when
 * none is installed.
 *
 * Errors: those of zova_database_extension_check.
 */
ZOVA_API zova_status zova_database_extension_check_all(const zova_database_simple_request *request);

/**
 * Drops an installed extension with all its data, also when that is damaged. It is dropped as a whole or not at all;
 * inside a transaction or savepoint that is part of it. Its SQL functions fail from then on.
 *
 * Errors, besides the common set, in this order: ZOVA_EXTENSION_INVALID for an illegal name;
 * ZOVA_EXTENSION_NOT_FOUND if it is not installed; ZOVA_EXTENSION_UNAVAILABLE if it is not provided;
 * ZOVA_EXTENSION_INCOMPATIBLE if another version is provided; ZOVA_READ_ONLY; ZOVA_LOCKED while a statement of this
 * handle reads its tables; what the extension itself reports; ZOVA_EXTENSION_INVALID if it left something behind or
 * did what extensions must not do.
 *
 * Cost: the extension's own work, and two passes over the schema.
 */
ZOVA_API zova_status zova_database_extension_drop(const zova_database_extension_request *request);

/**
 * Releases what a zova_extension_info holds and sets every field to zero. Null and empty ones are fine, so calling it
 * twice is harmless. Do not change the fields before, and do not free two copies of one result.
 */
ZOVA_API void zova_extension_info_free(zova_extension_info *info);

/**
 * Releases what a zova_extension_list holds and sets every field to zero. Null and empty ones are fine, so calling it
 * twice is harmless. Do not change the fields before, and do not free two copies of one result.
 */
ZOVA_API void zova_extension_list_free(zova_extension_list *list);

/**
 * Records that the code of an extension bundle, as it is now, may be loaded. Nothing of it is loaded or run. Every later
 * change of its manifest or library takes the trust away. Records of the same name or path are replaced.
 *
 * The list of trusted bundles is a file of the user: what the request names, else what the environment variable
 * ZOVA_TRUST_STORE names, else zova/trusted_extensions.json in the directory XDG_CONFIG_HOME, else in the directory
 * .config of HOME. It is made if it is missing, with the directories above it, for the user alone, and replaced as a
 * whole.
 *
 * Errors: ZOVA_INVALID_ARGUMENT; ZOVA_EXTENSION_INVALID for a bundle or a list that breaks its rules; ZOVA_CANT_OPEN
 * for a file that cannot be read or written, with the reason (FileNotFound, NotDir, AccessDenied, ...) in the message;
 * ZOVA_EXTENSION_UNTRUSTED for a list that every user of the machine may change; ZOVA_OUT_OF_MEMORY.
 *
 * Any thread, any process. Cost: reads the library.
 */
ZOVA_API zova_status zova_extension_bundle_trust(const zova_extension_bundle_request *request);

/**
 * Makes all checks that come before a bundle is loaded, and loads nothing: that its manifest follows the rules, that
 * exactly these bytes were trusted, that not every user of the machine may change them, and that this version of Zova
 * has the plugin interface they need.
 *
 * Errors: those of zova_extension_bundle_trust; ZOVA_EXTENSION_UNTRUSTED for a bundle that was not trusted or changed
 * since, or that every user of the machine may change; ZOVA_EXTENSION_INCOMPATIBLE for one that was made for another
 * version.
 *
 * Any thread. Cost: reads the library.
 */
ZOVA_API zova_status zova_extension_bundle_verify(const zova_extension_bundle_request *request);

/**
 * Takes trust away, by the path of a bundle, whether or not the bundle still exists, or by the name of an extension.
 * That nothing was listed is no fault.
 *
 * Errors: ZOVA_INVALID_ARGUMENT; ZOVA_EXTENSION_INVALID for an identifier that is no name, and for a list that breaks
 * its rules; ZOVA_CANT_OPEN and ZOVA_EXTENSION_UNTRUSTED as for zova_extension_bundle_trust; ZOVA_OUT_OF_MEMORY.
 *
 * Any thread, any process.
 */
ZOVA_API zova_status zova_extension_bundle_untrust(const zova_extension_bundle_untrust_request *request);

/**
 * Lists the trusted bundles as JSON, in the order in which they were trusted.
 *
 * Errors: ZOVA_INVALID_ARGUMENT; ZOVA_EXTENSION_INVALID for a list that breaks its rules; ZOVA_CANT_OPEN for one that
 * cannot be read; ZOVA_OUT_OF_MEMORY.
 *
 * Any thread.
 */
ZOVA_API zova_status zova_extension_bundle_list(const zova_extension_bundle_list_request *request);

/**
 * As zova_database_create, with options for the handle and extensions from bundles. The bundles are loaded into this
 * process first, and stay loaded until it ends; a fault of one of them leaves no file.
 *
 * Errors: ZOVA_INVALID_ARGUMENT; for the bundles those of zova_extension_bundle_verify,
 * ZOVA_EXTENSION_LOAD_FAILED for a library that was made for another platform, cannot be loaded, lacks the entry
 * function, or whose entry function fails, ZOVA_EXTENSION_INCOMPATIBLE for one that was built for another plugin
 * interface or states something else than its manifest, and ZOVA_EXTENSION_INVALID for a name that occurs twice; then
 * those of zova_database_create.
 *
 * Any thread. Cost: that of zova_database_create; each library is hashed and copied.
 */
ZOVA_API zova_status zova_database_create_with_extensions(const zova_database_open_extensions_request *request);

/**
 * As zova_database_open_with_options, with extensions from bundles, for this one handle. Only the bundles that the
 * request names are ever loaded, whatever the file says is installed; an installed extension that is neither bundled
 * nor among them is ZOVA_EXTENSION_UNAVAILABLE.
 *
 * Errors: ZOVA_INVALID_ARGUMENT; for the bundles those of zova_database_create_with_extensions; then those of
 * zova_database_open_with_options.
 *
 * Any thread. Cost: that of zova_database_open; each library is hashed and copied.
 */
ZOVA_API zova_status zova_database_open_with_extensions(const zova_database_open_extensions_request *request);

/**
 * As zova_database_open_with_extensions, but opens a database also when an installed extension is missing, does not fit
 * or has damaged tables, and when there is storage of extensions that are not installed: to drop the extension, or to
 * read what does not depend on it. No open_check hook runs. SQL functions and tables of extensions that cannot be used
 * are missing on the handle, so triggers that call them fail; everything else works as on any other handle, writing
 * included.
 *
 * zova_database_extension_drop drops an installed extension whose code, in the same version, is bundled or among the
 * bundles of the request, also when its tables are damaged or gone. Without that code it is ZOVA_EXTENSION_UNAVAILABLE,
 * with that of another version ZOVA_EXTENSION_INCOMPATIBLE. Storage that no installed extension owns is dropped with
 * SQL, and before any extension.
 *
 * Errors: ZOVA_INVALID_ARGUMENT; for the bundles those of zova_database_create_with_extensions; then those of
 * zova_database_open_with_options, of those that concern extensions only ZOVA_EXTENSION_INVALID for a malformed list of
 * installed extensions.
 *
 * Any thread. Cost: that of zova_database_open; each library is hashed and copied.
 */
ZOVA_API zova_status zova_database_open_for_repair(const zova_database_open_extensions_request *request);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* ZOVA_H */
