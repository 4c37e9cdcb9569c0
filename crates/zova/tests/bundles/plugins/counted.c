/*
 * A plugin that counts how often its entry point was called.
 *
 *     -DMARKER="path"     leaves a file there when the library is mapped
 *     -DENTRY_STATUS=n    the entry point fails
 *     -DCHANGE=statement  the last word about the description `out`
 */
#include "zova_extension.h"

#include <stdio.h>
#include <string.h>

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

static const zova_ext_host *host;
static int entries;

#ifdef MARKER
__attribute__((constructor)) static void mapped(void) {
    FILE *file = fopen(TEXT(MARKER), "w");
    if (file != NULL) {
        fclose(file);
    }
}
#endif

static zova_ext_status count(zova_ext_call *call, const zova_ext_cell *args, size_t n_args, void *user) {
    zova_ext_cell cell;
    (void)args;
    (void)n_args;
    (void)user;
    memset(&cell, 0, sizeof cell);
    cell.type = ZOVA_EXT_INTEGER;
    cell.integer = entries;
    host->result(call, &cell);
    return 0;
}

static zova_ext_status register_sql(zova_ext_ctx *ctx, void *user) {
    zova_ext_function function = {sizeof function, "zova_counted_entries", 0, 0, count, NULL, NULL};
    (void)user;
    return host->create_function(ctx, &function);
}

static zova_ext_status nothing(zova_ext_ctx *ctx, void *user) {
    (void)ctx;
    (void)user;
    return 0;
}

zova_ext_status zova_extension_entry_v1(const zova_ext_host *services, zova_ext_plugin *out) {
    host = services;
    entries++;
#ifdef ENTRY_STATUS
    (void)register_sql;
    (void)nothing;
    (void)out;
    return ENTRY_STATUS;
#else
    out->struct_size = sizeof *out;
    out->abi_major = ZOVA_EXT_ABI_MAJOR;
    out->abi_minor = ZOVA_EXT_ABI_MINOR;
    out->name = "counted";
    out->version = "1.0.0";
    out->storage_prefix = "_zova_ext_counted_";
    out->zova_abi_min = "0.21.0";
    out->capabilities = "sql,table";
    out->register_sql = register_sql;
    out->install = nothing;
    out->check = nothing;
    out->drop = nothing;
#ifdef CHANGE
    CHANGE;
#endif
    return 0;
#endif
}
