/*
 * zova_extension_host.h: extensions that a program supplies
 *
 * For programs that offer extensions of their own, or load bundles, to several databases: a registry collects them, and
 * databases are opened with it. A program that only names bundles when it opens a database needs nothing of this: see
 * zova_database_open_with_extensions in zova.h.
 *
 * The conventions are those of zova.h. Link as for zova.h.
 *
 * This file is generated; the sources it is made from are in src/.
 */

#ifndef ZOVA_EXTENSION_HOST_H
#define ZOVA_EXTENSION_HOST_H

#include "zova.h"
#include "zova_extension.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A set of extensions to open databases with: the bundled ones, and those that were added or loaded.
 *
 * Made by zova_extension_registry_create, ended by zova_extension_registry_free. Any thread may use it. Once a database
 * was opened with it, nothing can be added any more; it serves any number of databases.
 */
typedef struct zova_extension_registry zova_extension_registry;

/** Request of zova_extension_registry_create. */
typedef struct zova_extension_registry_create_request {
    /** Receives the handle; null after every fault. */
    zova_extension_registry **out_registry;
    /** Receives the reason of a fault; may be null. Initialise it with zeroes before its first use. */
    zova_message *out_error_message;
} zova_extension_registry_create_request;

/** Request of zova_extension_registry_add. */
typedef struct zova_extension_registry_add_request {
    /** The registry. */
    zova_extension_registry *registry;
    /**
     * The extension. The struct is copied; its strings, hooks and user pointer must stay valid until the process ends.
     */
    const zova_ext_plugin *plugin;
    /** As in zova_extension_registry_create_request. */
    zova_message *out_error_message;
} zova_extension_registry_add_request;

/** Request of zova_extension_registry_load. */
typedef struct zova_extension_registry_load_request {
    /** The registry. */
    zova_extension_registry *registry;
    /** The bundle: a directory, NUL-terminated, ending in ".zovaext". */
    const char *bundle_path;
    /**
     * The list of trusted bundles, NUL-terminated; null for the usual one (see zova_extension_bundle_trust in zova.h).
     */
    const char *trust_store_path;
    /** As in zova_extension_registry_create_request. */
    zova_message *out_error_message;
} zova_extension_registry_load_request;

/**
 * Request of zova_database_open_with_registry, zova_database_open_registry_for_repair and
 * zova_database_create_with_registry.
 */
typedef struct zova_database_open_registry_request {
    /** As in zova_database_open_request. */
    const char *path;
    /** As in zova_database_open_options_request. */
    uint32_t flags;
    /** As in zova_database_open_options_request. */
    uint32_t busy_timeout_ms;
    /** As in zova_database_open_request. */
    zova_database **out_db;
    /** As in zova_database_open_request. */
    zova_message *out_error_message;
    /** The extensions of the handle. */
    zova_extension_registry *registry;
} zova_database_open_registry_request;

/**
 * The services of this library for extensions that the program itself supplies: what the entry point of a plugin is
 * given. Static; never null, valid until the process ends. Any thread.
 */
ZOVA_API const zova_ext_host *zova_extension_host(void);

/**
 * Makes a registry with the bundled extensions.
 *
 * Errors: none beyond arguments, and ZOVA_OUT_OF_MEMORY. Any thread.
 */
ZOVA_API zova_status zova_extension_registry_create(const zova_extension_registry_create_request *request);

/**
 * Adds an extension of the program's own. Its hooks use the functions of zova_extension_host.
 *
 * Errors: ZOVA_INVALID_ARGUMENT; ZOVA_MISUSE for a registry that is not live or with which a database was opened;
 * ZOVA_EXTENSION_INCOMPATIBLE for a description of another major version, or one that is too short;
 * ZOVA_EXTENSION_INVALID for one that breaks its rules, lacks a required hook, or has a name that is there already.
 *
 * Any thread.
 */
ZOVA_API zova_status zova_extension_registry_add(const zova_extension_registry_add_request *request);

/**
 * Loads a trusted bundle into this process and adds its extension. The checks of zova_extension_bundle_verify (zova.h)
 * come first, on the very bytes that are loaded then. The code stays loaded until the process ends, also when the
 * registry is freed; loading an unchanged bundle again verifies it again and uses the code that is there.
 *
 * Errors, besides those of zova_extension_bundle_verify: ZOVA_EXTENSION_LOAD_FAILED for a library that was made for
 * another platform, cannot be loaded, lacks the entry function, or whose entry function fails;
 * ZOVA_EXTENSION_INCOMPATIBLE for one that was built for another plugin interface, or states something else than its
 * manifest; those of zova_extension_registry_add.
 *
 * Any thread. Cost: hashes and copies the library.
 */
ZOVA_API zova_status zova_extension_registry_load(const zova_extension_registry_load_request *request);

/**
 * Ends a registry handle. Null is ZOVA_INVALID_ARGUMENT.
 *
 * Errors: ZOVA_MISUSE for a registry that is not live, and while a database that was opened with it is open; it stays
 * usable then. Any thread.
 */
ZOVA_API zova_status zova_extension_registry_free(zova_extension_registry *registry);

/**
 * As zova_database_open_with_options (zova.h), with the extensions of a registry, which takes nothing more from then on.
 *
 * Errors: those of zova_database_open_with_options; what the hooks of an installed extension report; ZOVA_MISUSE for a
 * registry that is not live.
 *
 * Any thread.
 */
ZOVA_API zova_status zova_database_open_with_registry(const zova_database_open_registry_request *request);

/**
 * As zova_database_open_for_repair (zova.h), with the extensions of a registry, which takes nothing more from then on:
 * opens a database also when an installed extension is missing, does not fit or has damaged tables. Those in the
 * registry can be dropped.
 *
 * Errors: those of zova_database_open_with_options, of those that concern extensions only ZOVA_EXTENSION_INVALID for a
 * malformed list of installed extensions; ZOVA_MISUSE for a registry that is not live.
 *
 * Any thread. Cost: that of zova_database_open.
 */
ZOVA_API zova_status zova_database_open_registry_for_repair(const zova_database_open_registry_request *request);

/**
 * As zova_database_create (zova.h), with options for the handle and the extensions of a registry, which takes nothing
 * more from then on.
 *
 * Errors: those of zova_database_create; ZOVA_INVALID_ARGUMENT for an unknown flag or a timeout above 2147483647;
 * ZOVA_MISUSE for a registry that is not live.
 *
 * Any thread.
 */
ZOVA_API zova_status zova_database_create_with_registry(const zova_database_open_registry_request *request);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* ZOVA_EXTENSION_HOST_H */
