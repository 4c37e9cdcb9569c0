/* trgm.md: the bundled extension through SQL. */
#include "support.h"

static zova_status extension(zova_status (*function)(const zova_database_extension_request *), zova_database *db,
                             const char *name) {
    zova_database_extension_request request = {db, name};
    return function(&request);
}

static zova_status install(zova_database *db) { return extension(zova_database_extension_install, db, "trgm"); }
static zova_status check_index(zova_database *db) { return extension(zova_database_extension_check, db, "trgm"); }
static zova_status drop(zova_database *db) { return extension(zova_database_extension_drop, db, "trgm"); }

static void put_text(zova_database *db, const char *id, const char *text) {
    char sql[400];
    snprintf(sql, sizeof sql, "select zova_trgm_put('names', '%s', 'record', null, 'row-%s', '%s')", id, id, text);
    CHECK_QUERY("1", db, sql);
}

/* A database with an index of the words separated by spaces, under the ids 0, 1 and so on. */
static zova_database *indexed(const char *words) {
    zova_database *db = create("x.zova");
    char copy[400], id[20], *word;
    int number = 0;
    CHECK_OK(db, install(db));
    CHECK_QUERY("1", db, "select zova_trgm_create_index('names')");
    snprintf(copy, sizeof copy, "%s", words);
    for (word = strtok(copy, " "); word != NULL; word = strtok(NULL, " ")) {
        snprintf(id, sizeof id, "%d", number++);
        put_text(db, id, word);
    }
    return db;
}

/* The ids that a search finds, best first. */
static void check_found(zova_database *db, const char *expected, const char *arguments) {
    char sql[400];
    snprintf(sql, sizeof sql,
             "select coalesce(group_concat(document_id, ' '), '') from (select document_id from "
             "zova_trgm_search('names', %s) order by rank)",
             arguments);
    CHECK_QUERY(expected, db, sql);
}

static void check_refused(zova_database *db, const char *message, const char *sql) {
    check_about("%s", sql);
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, sql));
    CHECK_BEGINS(message, last_error(db));
    check_about("%s", "");
}

static void a_typing_error_finds_the_right_word(void) {
    zova_database *db = indexed("attachment receipt database invoice");
    check_found(db, "0", "'attachement', 10, 0.3");
    check_found(db, "1", "'reciept', 10, 0.3");
    check_found(db, "2", "'databse', 1");
    check_found(db, "", "'zzz'");
    check_found(db, "", "''");
    CHECK_QUERY("row-1", db, "select target_ref from zova_trgm_search('names', 'reciept', 1)");
    CHECK_QUERY("1", db, "select abs(score - 5.0 / 13) < 1e-15 from zova_trgm_search('names', 'reciept', 1)");
    CHECK_QUERY("1", db, "select zova_trgm_similarity('Foo_Bar', 'foo bar') = 1.0");
    close_database(db);
}

static void documents_are_replaced_and_deleted(void) {
    zova_database *db = indexed("receipt");
    put_text(db, "0", "invoice");
    check_found(db, "", "'receipt', 10, 0.3");
    check_found(db, "0", "'invoice', 10, 0.3");
    CHECK_QUERY("1", db, "select zova_trgm_delete('names', '0')");
    CHECK_QUERY("1", db, "select zova_trgm_delete('names', '0')");
    check_found(db, "", "'invoice'");
    CHECK_QUERY("0", db, "select count(*) from _zova_ext_trgm_terms");
    CHECK_OK(db, check_index(db));
    close_database(db);
}

static void rollback_undoes_what_was_put(void) {
    zova_database *db = indexed("receipt");
    BEGIN(db);
    put_text(db, "1", "receipts");
    SAVEPOINT(db, "s");
    CHECK_QUERY("1", db, "select zova_trgm_delete('names', '0')");
    check_found(db, "1", "'receipt'");
    ROLLBACK_TO(db, "s");
    check_found(db, "0 1", "'receipt'");
    ROLLBACK(db);
    check_found(db, "0", "'receipt'");
    CHECK_OK(db, check_index(db));
    close_database(db);
}

static void many_texts_in_a_transaction_are_found_before_and_after_its_end(void) {
    const int count = check_small ? 300 : 1500;
    zova_database *db = indexed("attachment receipt");
    zova_statement *put = PREPARE(db, "select zova_trgm_put('names', ?1, 'record', null, null, ?2)");
    int at;
    EXEC(db, "begin");
    for (at = 0; at < count; at++) {
        char id[20], text[80];
        zova_step_result result;
        snprintf(id, sizeof id, "many %d", at);
        snprintf(text, sizeof text, "document number %d with a longer text", at);
        CHECK_OK(db, bind_text(put, 1, id, strlen(id)));
        CHECK_OK(db, bind_text(put, 2, text, strlen(text)));
        CHECK_OK(db, step(put, &result));
        CHECK_OK(db, zova_statement_reset(put));
    }
    EXEC(db, "savepoint inner");
    put_text(db, "extra", "beside all others");
    check_found(db, "extra", "'beside all others', 1, 0.9");
    EXEC(db, "rollback to inner");
    check_found(db, "", "'beside all others', 1, 0.9");
    check_found(db, "many 217", "'document number 217 with a longer text', 1, 1.0");
    put_text(db, "many 217", "another text for it");
    EXEC(db, "commit");
    check_found(db, "many 217", "'another text for it', 1, 1.0");
    check_found(db, "1", "'reciept', 1, 0.3");
    CHECK_OK(db, check_index(db));
    CHECK_QUERY("ok", db, "pragma integrity_check");
    FINALIZE(db, put);
    close_database(db);
}

static void refusals_say_what_was_wrong(void) {
    zova_database *db = indexed("receipt");
    check_refused(db, "invalid Zova trgm value", "select zova_trgm_create_index('names')");
    check_refused(db, "invalid Zova trgm value", "select zova_trgm_put('names', '', 'record', null, null, 'x')");
    check_refused(db, "invalid Zova trgm value", "select zova_trgm_put('names', 'a', 'none', null, null, 'x')");
    check_refused(db, "invalid Zova trgm value", "select zova_trgm_put('names', 'a', 'graph', null, 'no', 'x')");
    check_refused(db, "invalid Zova trgm value", "select * from zova_trgm_search('names', 'x', -1)");
    check_refused(db, "invalid Zova trgm value", "select * from zova_trgm_search('names', 'x', 1, 1.5)");
    check_refused(db, "Zova trgm index not found", "select zova_trgm_delete('none', 'a')");
    check_refused(db, "Zova trgm index not found", "select * from zova_trgm_search('none', 'x', 0)");
    check_refused(db, "no query solution", "select * from zova_trgm_search('names')");
    check_refused(db, "table zova_trgm_search may not be modified", "delete from zova_trgm_search");
    close_database(db);
    db = open_read_only("x.zova");
    check_found(db, "0", "'reciept'");
    check_refused(db, "Zova trgm mutation requires a writable database", "select zova_trgm_delete('names', 'a')");
    close_database(db);
}

static void a_document_outlives_the_object_it_stands_for(void) {
    zova_database *db = indexed("");
    zova_object_id id;
    char digits[65], sql[300];
    CHECK_OK(db, put(db, "bytes", 5, &id));
    hex(digits, id.bytes, 32);
    snprintf(sql, sizeof sql, "select zova_trgm_put('names', 'o', 'object', null, '%s', 'receipt')", digits);
    CHECK_QUERY("1", db, sql);
    CHECK_OK(db, check_index(db));
    CHECK_OK(db, object_delete(db, id));
    close_database(db);
    db = open_existing("x.zova");
    check_found(db, "o", "'reciept'");
    CHECK_STATUS(db, ZOVA_EXTENSION_INVALID, check_index(db));
    CHECK_BEGINS("ExtensionInvalid", last_error(db));
    CHECK(strstr(last_error(db), digits) == NULL);
    check_refused(db, "invalid Zova trgm value", sql);
    close_database(db);
}

static void damaged_rows_are_found_by_the_check_and_can_be_dropped(void) {
    zova_database *db = indexed("receipt invoice");
    EXEC(db, "delete from _zova_ext_trgm_postings where document_id = '1'");
    close_database(db);
    db = open_existing("x.zova");
    CHECK_STATUS(db, ZOVA_EXTENSION_INVALID, check_index(db));
    CHECK_OK(db, drop(db));
    CHECK_QUERY("0", db, "select count(*) from sqlite_schema where name like '%trgm%'");
    CHECK_OK(db, install(db));
    CHECK_OK(db, check_index(db));
    close_database(db);
}

static void without_its_tables_the_extension_is_invalid(void) {
    zova_database *db = indexed("receipt");
    char text[1024];
    EXEC(db, "drop table _zova_ext_trgm_terms");
    close_database(db);
    CHECK_OPEN(ZOVA_EXTENSION_INVALID, "x.zova");
    try_open("x.zova", 0, text, sizeof text);
    CHECK_BEGINS("ExtensionInvalid: ", text);
    CHECK_CONTAINS("trgm", text);
}

CHECK_MAIN(CASE(a_typing_error_finds_the_right_word),
           CASE(documents_are_replaced_and_deleted),
           CASE(rollback_undoes_what_was_put),
           CASE(many_texts_in_a_transaction_are_found_before_and_after_its_end),
           CASE(refusals_say_what_was_wrong),
           CASE(a_document_outlives_the_object_it_stands_for),
           CASE(damaged_rows_are_found_by_the_check_and_can_be_dropped),
           CASE(without_its_tables_the_extension_is_invalid))
