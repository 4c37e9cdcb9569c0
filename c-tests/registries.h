/*
 * Registries for the tests: making them, opening databases with them, and cells of plugins that a program supplies itself.
 */
#ifndef REGISTRIES_H
#define REGISTRIES_H

#include "bundles.h"

UNUSED static zova_extension_registry *create_registry(void) {
    zova_extension_registry *registry = NULL;
    zova_extension_registry_create_request request = {&registry, NULL};
    CHECK_OK(NULL, zova_extension_registry_create(&request));
    CHECK(registry != NULL);
    return registry;
}

UNUSED static zova_status add(zova_extension_registry *registry, const zova_ext_plugin *plugin, zova_message *message) {
    zova_extension_registry_add_request request = {registry, plugin, message};
    return zova_extension_registry_add(&request);
}

UNUSED static zova_status with_registry(zova_status (*function)(const zova_database_open_registry_request *),
                                        const char *path, uint32_t flags, zova_extension_registry *registry,
                                        zova_database **db) {
    zova_database_open_registry_request request = {path, flags, 0, db, NULL, registry};
    return function(&request);
}

UNUSED static zova_database *create_in(const char *path, zova_extension_registry *registry) {
    zova_database *db = NULL;
    CHECK_OK(NULL, with_registry(zova_database_create_with_registry, path, 0, registry, &db));
    return db;
}

UNUSED static zova_status call(zova_status (*function)(const zova_database_extension_request *), zova_database *db,
                               const char *name) {
    zova_database_extension_request request = {db, name};
    return function(&request);
}

/* What the plugins of the tests have in common. */
UNUSED static zova_ext_plugin plugin_called(const char *name, const char *storage_prefix) {
    zova_ext_plugin plugin;
    memset(&plugin, 0, sizeof plugin);
    plugin.struct_size = sizeof plugin;
    plugin.abi_major = ZOVA_EXT_ABI_MAJOR;
    plugin.abi_minor = ZOVA_EXT_ABI_MINOR;
    plugin.name = name;
    plugin.version = "1";
    plugin.storage_prefix = storage_prefix;
    plugin.zova_abi_min = "0.21.0";
    return plugin;
}

/* Cells with an integer and with the text up to a NUL. */
UNUSED static zova_ext_cell integer_cell(int64_t value) {
    zova_ext_cell cell;
    memset(&cell, 0, sizeof cell);
    cell.type = ZOVA_EXT_INTEGER;
    cell.integer = value;
    return cell;
}

UNUSED static zova_ext_cell text_cell(const char *text) {
    zova_ext_cell cell;
    memset(&cell, 0, sizeof cell);
    cell.type = ZOVA_EXT_TEXT;
    cell.data = text;
    cell.len = strlen(text);
    return cell;
}

/* Whether an argument is this text. */
UNUSED static int is(const zova_ext_cell *cell, const char *text) {
    return cell->type == ZOVA_EXT_TEXT && cell->len == strlen(text) && memcmp(cell->data, text, cell->len) == 0;
}

#endif
