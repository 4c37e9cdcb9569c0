/*
 * tags.c: a complete extension for Zova in plain C
 *
 * It gives any row, object or document of a database tags: short texts under which it is found again. In SQL:
 *
 *     select zova_tags_add('invoice 17', 'urgent');            -- 1: the tag is new, 0: it had it
 *     select zova_tags_remove('invoice 17', 'urgent');         -- 1: removed, 0: it had no such tag
 *     select subject from zova_tags_find('urgent');            -- in ascending order
 *     select zova_tags_count('urgent');                        -- without looking at the subjects
 *
 * What a subject is, is up to you: a key, an object id, a path. Changes are part of your transaction.
 *
 * Storage: one table of pairs and one with the number of subjects of each tag. The second follows from the first, which
 * is what `check` verifies and what `salvage` computes anew.
 *
 * The library links nothing; everything comes through the table of functions that the entry point is given. See the
 * Makefile for how it becomes a bundle, and docs/extension-authoring.md for the rules.
 */
#include "zova_extension.h"

#include <string.h>

/* The statuses of zova.h that are used here. */
enum { OK = 0, INVALID_ARGUMENT = 1, EXTENSION_INVALID = 92, EXTENSION_INCOMPATIBLE = 93 };

#define MAX_TAG_BYTES 64

/* The host's functions; set once, by the entry point, and valid until the process ends. */
static const zova_ext_host *host;

/* ---- helpers: a statement, its values, its rows ---- */

static zova_ext_cell integer_cell(int64_t value) {
    zova_ext_cell cell;
    memset(&cell, 0, sizeof cell);
    cell.type = ZOVA_EXT_INTEGER;
    cell.integer = value;
    return cell;
}

static zova_ext_status exec(zova_ext_ctx *ctx, const char *sql) { return host->exec(ctx, sql, strlen(sql)); }

static zova_ext_status fail(zova_ext_ctx *ctx, zova_ext_status code, const char *message) {
    return host->fail(ctx, code, message, strlen(message));
}

/* Prepares a statement and binds up to two values. The caller finalizes *out, which is null after a fault. */
static zova_ext_status begin(zova_ext_ctx *ctx, const char *sql, const zova_ext_cell *first,
                             const zova_ext_cell *second, zova_ext_stmt **out) {
    zova_ext_status status = host->prepare(ctx, sql, strlen(sql), out);
    if (status == OK && first != NULL) {
        status = host->bind(*out, 1, first);
    }
    if (status == OK && second != NULL) {
        status = host->bind(*out, 2, second);
    }
    if (status != OK) {
        host->finalize(*out);
        *out = NULL;
    }
    return status;
}

/* Runs a statement that gives no rows. */
static zova_ext_status run(zova_ext_ctx *ctx, const char *sql, const zova_ext_cell *first, const zova_ext_cell *second) {
    zova_ext_stmt *stmt;
    uint8_t has_row;
    zova_ext_status status = begin(ctx, sql, first, second, &stmt);
    if (status == OK) {
        status = host->step(stmt, &has_row);
        host->finalize(stmt);
    }
    return status;
}

/* Runs a statement that gives one integer; without a row *out is 0. */
static zova_ext_status number(zova_ext_ctx *ctx, const char *sql, const zova_ext_cell *value, int64_t *out) {
    zova_ext_stmt *stmt;
    zova_ext_cell cell;
    uint8_t has_row = 0;
    zova_ext_status status = begin(ctx, sql, value, NULL, &stmt);
    *out = 0;
    if (status == OK) {
        status = host->step(stmt, &has_row);
        if (status == OK && has_row) {
            status = host->column(stmt, 0, &cell);
            *out = cell.integer;
        }
        host->finalize(stmt);
    }
    return status;
}

/* ---- SQL functions ---- */

static int is_tag(const zova_ext_cell *cell) {
    return cell->type == ZOVA_EXT_TEXT && cell->len >= 1 && cell->len <= MAX_TAG_BYTES &&
           memchr(cell->data, '\0', cell->len) == NULL;
}

/* Both functions take a subject and a tag; both must be texts. */
static zova_ext_status require_pair(zova_ext_ctx *ctx, const zova_ext_cell *args) {
    if (args[0].type != ZOVA_EXT_TEXT || args[0].len == 0) {
        return fail(ctx, INVALID_ARGUMENT, "the subject must be a text that is not empty");
    }
    if (!is_tag(&args[1])) {
        return fail(ctx, INVALID_ARGUMENT, "a tag must be a text of 1 to 64 bytes");
    }
    return OK;
}

/* zova_tags_add(subject, tag). The host undoes both changes if one fails: the function is registered as atomic. */
static zova_ext_status add(zova_ext_call *call, const zova_ext_cell *args, size_t n_args, void *user) {
    zova_ext_ctx *ctx = host->call_context(call);
    zova_ext_cell changed;
    zova_ext_status status = require_pair(ctx, args);
    (void)n_args;
    (void)user;
    if (status == OK) {
        status = run(ctx, "insert or ignore into _zova_ext_tags_pairs(subject, tag) values (?1, ?2)", &args[0], &args[1]);
    }
    if (status != OK) {
        return status;
    }
    changed = integer_cell(host->changes(ctx));
    if (changed.integer > 0) {
        status = run(ctx,
                     "insert into _zova_ext_tags_counts(tag, subjects) values (?1, 1) "
                     "on conflict(tag) do update set subjects = subjects + 1",
                     &args[1], NULL);
    }
    host->result(call, &changed);
    return status;
}

/* zova_tags_remove(subject, tag) */
static zova_ext_status take_off(zova_ext_call *call, const zova_ext_cell *args, size_t n_args, void *user) {
    zova_ext_ctx *ctx = host->call_context(call);
    zova_ext_cell changed;
    zova_ext_status status = require_pair(ctx, args);
    (void)n_args;
    (void)user;
    if (status == OK) {
        status = run(ctx, "delete from _zova_ext_tags_pairs where subject = ?1 and tag = ?2", &args[0], &args[1]);
    }
    if (status != OK) {
        return status;
    }
    changed = integer_cell(host->changes(ctx));
    if (changed.integer > 0) {
        status = run(ctx, "update _zova_ext_tags_counts set subjects = subjects - 1 where tag = ?1", &args[1], NULL);
    }
    if (status == OK && changed.integer > 0) {
        status = run(ctx, "delete from _zova_ext_tags_counts where tag = ?1 and subjects = 0", &args[1], NULL);
    }
    host->result(call, &changed);
    return status;
}

/* zova_tags_count(tag) */
static zova_ext_status count(zova_ext_call *call, const zova_ext_cell *args, size_t n_args, void *user) {
    zova_ext_cell cell;
    int64_t subjects;
    zova_ext_status status = number(host->call_context(call),
                                    "select subjects from _zova_ext_tags_counts where tag = ?1", &args[0], &subjects);
    (void)n_args;
    (void)user;
    cell = integer_cell(subjects);
    host->result(call, &cell);
    return status;
}

/* zova_tags_find(tag): one visible column, one argument. */
static zova_ext_status find(zova_ext_ctx *ctx, const zova_ext_cell *args, const uint8_t *present, size_t n_args,
                            zova_ext_rows *rows, void *user) {
    zova_ext_stmt *stmt;
    zova_ext_cell subject;
    uint8_t has_row = 0;
    zova_ext_status status =
        begin(ctx, "select subject from _zova_ext_tags_pairs where tag = ?1 order by subject", &args[0], NULL, &stmt);
    (void)present;
    (void)n_args;
    (void)user;
    if (status != OK) {
        return status;
    }
    while ((status = host->step(stmt, &has_row)) == OK && has_row) {
        status = host->column(stmt, 0, &subject);
        if (status == OK) {
            status = host->push_row(rows, &subject, 1);
        }
        if (status != OK) {
            break;
        }
    }
    host->finalize(stmt);
    return status;
}

/* ---- hooks ---- */

static zova_ext_status register_sql(zova_ext_ctx *ctx, void *user) {
    static const zova_ext_function functions[] = {
        {sizeof(zova_ext_function), "zova_tags_add", 2, ZOVA_EXT_FN_ATOMIC, add, NULL, NULL},
        {sizeof(zova_ext_function), "zova_tags_remove", 2, ZOVA_EXT_FN_ATOMIC, take_off, NULL, NULL},
        {sizeof(zova_ext_function), "zova_tags_count", 1, 0, count, NULL, NULL},
    };
    static const zova_ext_column columns[] = {
        {"subject", "TEXT", ZOVA_EXT_COL_SORTED, 0},
        {"tag", "TEXT", ZOVA_EXT_COL_HIDDEN | ZOVA_EXT_COL_REQUIRED, 0},
    };
    static const zova_ext_table_function table = {
        sizeof(zova_ext_table_function), "zova_tags_find", 0, 2, columns, 100.0, 100, find, NULL, NULL};
    zova_ext_status status = OK;
    size_t at;
    (void)user;
    for (at = 0; status == OK && at < sizeof functions / sizeof *functions; at++) {
        status = host->create_function(ctx, &functions[at]);
    }
    return status == OK ? host->create_table_function(ctx, &table) : status;
}

static zova_ext_status create_tables(zova_ext_ctx *ctx) {
    return exec(ctx,
                "create table _zova_ext_tags_pairs("
                "subject text not null, tag text not null, primary key (tag, subject)) without rowid;"
                "create table _zova_ext_tags_counts("
                "tag text primary key, subjects integer not null) without rowid;");
}

static zova_ext_status install(zova_ext_ctx *ctx, void *user) {
    (void)user;
    return create_tables(ctx);
}

/* Runs at every opening, so it only looks whether the tables are there. */
static zova_ext_status open_check(zova_ext_ctx *ctx, void *user) {
    int64_t tables;
    zova_ext_status status = number(ctx,
                                    "select count(*) from main.sqlite_schema where type = 'table' and name in "
                                    "('_zova_ext_tags_pairs', '_zova_ext_tags_counts')",
                                    NULL, &tables);
    (void)user;
    if (status == OK && tables != 2) {
        return fail(ctx, EXTENSION_INVALID, "a table of the tags is missing");
    }
    return status;
}

static zova_ext_status check(zova_ext_ctx *ctx, void *user) {
    int64_t wrong;
    zova_ext_status status =
        number(ctx,
               "select count(*) from (select tag, count(*) as n from _zova_ext_tags_pairs group by tag) as real "
               "full join _zova_ext_tags_counts as kept on real.tag = kept.tag where real.n is not kept.subjects",
               NULL, &wrong);
    if (status == OK && wrong != 0) {
        return fail(ctx, EXTENSION_INVALID, "the number of subjects is wrong for some tags");
    }
    if (status == OK) {
        status = number(ctx,
                        "select count(*) from _zova_ext_tags_pairs where typeof(subject) != 'text' or "
                        "typeof(tag) != 'text' or length(cast(tag as blob)) not between 1 and 64",
                        NULL, &wrong);
    }
    if (status == OK && wrong != 0) {
        return fail(ctx, EXTENSION_INVALID, "some entries are no tags");
    }
    (void)user;
    return status;
}

static zova_ext_status drop(zova_ext_ctx *ctx, void *user) {
    (void)user;
    /* Works on damaged storage, too: what is missing already is no fault. */
    return exec(ctx, "drop table if exists main._zova_ext_tags_pairs; drop table if exists main._zova_ext_tags_counts;");
}

/* Copies the legible pairs one by one, and counts anew. */
static zova_ext_status salvage(zova_ext_ctx *ctx, void *user) {
    zova_ext_ctx *source = host->salvage_source(ctx);
    zova_ext_ctx *destination = host->salvage_destination(ctx);
    zova_ext_salvage_counts counts;
    zova_ext_stmt *pairs = NULL;
    zova_ext_cell subject;
    zova_ext_cell tag;
    uint8_t has_row = 0;
    zova_ext_status status = OK;
    (void)user;
    memset(&counts, 0, sizeof counts);
    if (destination != NULL) {
        status = create_tables(destination);
    }
    if (status == OK) {
        status = begin(source, "select subject, tag from _zova_ext_tags_pairs", NULL, NULL, &pairs);
    }
    while (status == OK && (status = host->step(pairs, &has_row)) == OK && has_row) {
        status = host->column(pairs, 0, &subject);
        if (status == OK) {
            status = host->column(pairs, 1, &tag);
        }
        if (status == OK && (subject.type != ZOVA_EXT_TEXT || !is_tag(&tag))) {
            counts.skipped_rows++;
            if (subject.type == ZOVA_EXT_TEXT) {
                host->salvage_leave_out(ctx, subject.data, subject.len);
            }
        } else if (status == OK && destination != NULL) {
            status = run(destination, "insert or ignore into _zova_ext_tags_pairs(subject, tag) values (?1, ?2)",
                         &subject, &tag);
        }
    }
    host->finalize(pairs);
    if (status == OK && destination != NULL) {
        status = exec(destination,
                      "insert into _zova_ext_tags_counts(tag, subjects) "
                      "select tag, count(*) from _zova_ext_tags_pairs group by tag");
    }
    if (status == OK) {
        counts.copied_extensions = 1;
        counts.copied_private_objects = 2;
        counts.installed_in_destination = 1;
        host->salvage_report(ctx, &counts);
    }
    return status;
}

/* ---- entry point ---- */

zova_ext_status zova_extension_entry_v1(const zova_ext_host *services, zova_ext_plugin *out_plugin) {
    size_t needed = offsetof(zova_ext_host, salvage_leave_out) + sizeof services->salvage_leave_out;
    if (services->abi_major != ZOVA_EXT_ABI_MAJOR || services->struct_size < needed ||
        out_plugin->struct_size < sizeof *out_plugin) {
        return EXTENSION_INCOMPATIBLE;
    }
    host = services;
    out_plugin->struct_size = sizeof *out_plugin;
    out_plugin->abi_major = ZOVA_EXT_ABI_MAJOR;
    out_plugin->abi_minor = ZOVA_EXT_ABI_MINOR;
    /* These five are also in extension.json, where they must be the same. */
    out_plugin->name = "tags";
    out_plugin->version = "1.0.0";
    out_plugin->storage_prefix = "_zova_ext_tags_";
    out_plugin->zova_abi_min = "0.21.0";
    out_plugin->capabilities = "sql,table";
    out_plugin->manifest_json = "{\"extension\":\"tags\",\"version\":\"1.0.0\"}";
    out_plugin->register_sql = register_sql;
    out_plugin->open_check = open_check;
    out_plugin->install = install;
    out_plugin->check = check;
    out_plugin->drop = drop;
    out_plugin->salvage = salvage;
    return OK;
}
