/* extensions.md, sections 1 to 4; abi.md, section 12.13. */
#include "support.h"

static zova_status install(zova_database *db, const char *name) {
    zova_database_extension_request request = {db, name};
    return zova_database_extension_install(&request);
}

static zova_status check(zova_database *db, const char *name) {
    zova_database_extension_request request = {db, name};
    return zova_database_extension_check(&request);
}

static zova_status drop(zova_database *db, const char *name) {
    zova_database_extension_request request = {db, name};
    return zova_database_extension_drop(&request);
}

static zova_status info(zova_database *db, const char *name, zova_extension_info *out) {
    zova_database_extension_info_request request = {db, name, out};
    return zova_database_extension_info(&request);
}

static void check_count(zova_database *db, size_t expected) {
    zova_extension_list list;
    zova_database_extension_list_request request = {db, &list};
    memset(&list, 0xff, sizeof list);
    CHECK_OK(db, zova_database_extension_list(&request));
    CHECK_INT(expected, list.len);
    CHECK_INT(expected == 0, list.items == NULL);
    zova_extension_list_free(&list);
    CHECK(list.items == NULL && list.len == 0);
}

#define CHECK_FIELD(expected, filled, field)                 \
    do {                                                     \
        CHECK_TEXT((expected), (filled).field);              \
        CHECK_INT(strlen(expected), (filled).field##_len);   \
    } while (0)

static void check_trgm(const zova_extension_info *found) {
    CHECK_FIELD("trgm", *found, name);
    CHECK_FIELD("0.1.0", *found, version);
    CHECK_FIELD("_zova_ext_trgm_", *found, storage_prefix);
    CHECK_FIELD("0.21.0", *found, zova_abi_min);
    CHECK_FIELD("sql,trgm", *found, capabilities);
    CHECK_FIELD("{\"extension\":\"trgm\",\"version\":\"0.1.0\"}", *found, manifest_json);
    CHECK_INT(1, found->required);
}

static void the_bundled_extension_is_installed_described_checked_and_dropped(void) {
    zova_database *db = create("x.zova");
    zova_extension_info found;
    zova_extension_list list;
    zova_database_extension_list_request all = {db, &list};
    time_t before = time(NULL);
    check_count(db, 0);
    CHECK_OK(db, simple(zova_database_extension_check_all, db));
    CHECK_OK(db, install(db, "trgm"));
    CHECK_TEXT("", last_error(db));
    memset(&found, 0xff, sizeof found);
    CHECK_OK(db, info(db, "trgm", &found));
    check_trgm(&found);
    CHECK(found.installed_at_unix >= before - 1 && found.installed_at_unix <= time(NULL) + 1);
    zova_extension_info_free(&found);
    CHECK(found.name == NULL && found.manifest_json == NULL && found.required == 0 && found.installed_at_unix == 0);
    zova_extension_info_free(&found);
    CHECK_OK(db, zova_database_extension_list(&all));
    CHECK_INT(1, list.len);
    check_trgm(&list.items[0]);
    /* An element may be freed before its list. */
    zova_extension_info_free(&list.items[0]);
    CHECK(list.items[0].name == NULL);
    zova_extension_list_free(&list);
    CHECK_QUERY("1.0", db, "select zova_trgm_similarity('one', 'one')");
    CHECK_OK(db, check(db, "trgm"));
    CHECK_OK(db, simple(zova_database_extension_check_all, db));
    CHECK_OK(db, drop(db, "trgm"));
    check_count(db, 0);
    CHECK_QUERY("0", db, "select count(*) from sqlite_schema where name glob '_zova_ext_*'");
    close_database(db);
}

static void the_first_failure_of_each_call_is_the_one_of_the_manual(void) {
    static const char *const ILLEGAL[] = {"", "a b", "_zova_x", "_ZOVA_x", "\xc3\xa9",
                                          "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"};
    zova_database *db = create("x.zova");
    zova_extension_info found;
    size_t at;
    for (at = 0; at < sizeof ILLEGAL / sizeof *ILLEGAL; at++) {
        CHECK_STATUS(db, ZOVA_EXTENSION_INVALID, install(db, ILLEGAL[at]));
        CHECK_BEGINS("ExtensionInvalid: ", last_error(db));
        CHECK_STATUS(db, ZOVA_EXTENSION_INVALID, check(db, ILLEGAL[at]));
        CHECK_STATUS(db, ZOVA_EXTENSION_INVALID, drop(db, ILLEGAL[at]));
        CHECK_STATUS(db, ZOVA_EXTENSION_INVALID, info(db, ILLEGAL[at], &found));
    }
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, install(db, NULL));
    CHECK_BEGINS("InvalidArgument: ", last_error(db));
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, info(db, "trgm", NULL));
    CHECK_STATUS(db, ZOVA_EXTENSION_NOT_FOUND, install(db, "absent"));
    CHECK_BEGINS("ExtensionNotFound: ", last_error(db));
    CHECK_STATUS(db, ZOVA_EXTENSION_NOT_FOUND, install(db, "TRGM"));
    CHECK_STATUS(db, ZOVA_EXTENSION_NOT_FOUND, check(db, "trgm"));
    CHECK_STATUS(db, ZOVA_EXTENSION_NOT_FOUND, drop(db, "trgm"));
    memset(&found, 0xff, sizeof found);
    CHECK_STATUS(db, ZOVA_EXTENSION_NOT_FOUND, info(db, "trgm", &found));
    CHECK(found.name == NULL && found.name_len == 0 && found.installed_at_unix == 0);
    CHECK_OK(db, install(db, "trgm"));
    CHECK_STATUS(db, ZOVA_EXTENSION_EXISTS, install(db, "trgm"));
    CHECK_BEGINS("ExtensionExists: ", last_error(db));
    EXEC(db, "update _zova_extensions set version = '0.2.0'");
    CHECK_STATUS(db, ZOVA_EXTENSION_INCOMPATIBLE, check(db, "trgm"));
    CHECK_STATUS(db, ZOVA_EXTENSION_INCOMPATIBLE, drop(db, "trgm"));
    EXEC(db, "insert into _zova_extensions values ('other', '1', '_zova_ext_other_', '1', '', 1, 0, '')");
    CHECK_STATUS(db, ZOVA_EXTENSION_UNAVAILABLE, check(db, "other"));
    CHECK_STATUS(db, ZOVA_EXTENSION_UNAVAILABLE, drop(db, "other"));
    CHECK_BEGINS("ExtensionUnavailable: ", last_error(db));
    CHECK_STATUS(db, ZOVA_EXTENSION_UNAVAILABLE, simple(zova_database_extension_check_all, db));
    close_database(db);
}

static void a_name_that_differs_in_letter_case_is_not_installed_beside(void) {
    zova_database *db = create("x.zova");
    EXEC(db, "insert into _zova_extensions values ('TRGM', '1', '_zova_ext_TRGM_', '1', '', 1, 0, '')");
    CHECK_STATUS(db, ZOVA_EXTENSION_INVALID, install(db, "trgm"));
    CHECK_CONTAINS("TRGM", last_error(db));
    EXEC(db, "delete from _zova_extensions");
    CHECK_OK(db, install(db, "trgm"));
    close_database(db);
}

static void a_read_only_handle_hears_of_it_after_what_is_there_and_what_is_not(void) {
    zova_database *db = create("x.zova");
    CHECK_STATUS(db, ZOVA_EXTENSION_NOT_FOUND, drop(db, "trgm"));
    close_database(db);
    db = open_read_only("x.zova");
    CHECK_STATUS(db, ZOVA_EXTENSION_NOT_FOUND, install(db, "absent"));
    CHECK_STATUS(db, ZOVA_READ_ONLY, install(db, "trgm"));
    CHECK_BEGINS("ReadOnly: ", last_error(db));
    close_database(db);
    db = open_existing("x.zova");
    CHECK_OK(db, install(db, "trgm"));
    close_database(db);
    db = open_read_only("x.zova");
    CHECK_STATUS(db, ZOVA_EXTENSION_EXISTS, install(db, "trgm"));
    CHECK_STATUS(db, ZOVA_READ_ONLY, drop(db, "trgm"));
    CHECK_OK(db, check(db, "trgm"));
    CHECK_OK(db, simple(zova_database_extension_check_all, db));
    check_count(db, 1);
    CHECK_QUERY("1.0", db, "select zova_trgm_similarity('one', 'one')");
    close_database(db);
}

static void installing_belongs_to_the_open_transaction(void) {
    zova_database *db = create("x.zova");
    BEGIN(db);
    CHECK_OK(db, install(db, "trgm"));
    check_count(db, 1);
    ROLLBACK(db);
    check_count(db, 0);
    CHECK_QUERY("0", db, "select count(*) from sqlite_schema where name glob '_zova_ext_*'");
    SAVEPOINT(db, "s");
    CHECK_OK(db, install(db, "trgm"));
    RELEASE(db, "s");
    check_count(db, 1);
    BEGIN(db);
    CHECK_OK(db, drop(db, "trgm"));
    ROLLBACK(db);
    CHECK_OK(db, check(db, "trgm"));
    close_database(db);
    db = open_existing("x.zova");
    check_count(db, 1);
    close_database(db);
}

static void the_sql_of_an_extension_is_there_after_installing_and_after_opening(void) {
    zova_database *db = create("x.zova");
    zova_database *other = open_existing("x.zova");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, "select zova_trgm_similarity('a', 'a')"));
    CHECK_OK(db, install(db, "trgm"));
    EXEC(db, "select zova_trgm_similarity('a', 'a')");
    /* A handle opened before lists and checks it. */
    check_count(other, 1);
    CHECK_OK(other, check(other, "trgm"));
    close_database(other);
    close_database(db);
    db = open_existing("x.zova");
    EXEC(db, "select zova_trgm_create_index('i'); select zova_trgm_put('i', 'd', 'record', null, null, 'text')");
    CHECK_QUERY("d", db, "select document_id from zova_trgm_search where index_name = 'i' and query = 'text'");
    CHECK_OK(db, drop(db, "trgm"));
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, "select zova_trgm_create_index('i')"));
    close_database(db);
}

static void a_damaged_extension_opens_and_can_be_dropped(void) {
    zova_database *db = create("x.zova");
    CHECK_OK(db, install(db, "trgm"));
    EXEC(db, "select zova_trgm_create_index('i'); select zova_trgm_put('i', 'd', 'record', null, null, 'text');"
             "create table mine(a); insert into mine values (1)");
    EXEC(db, "delete from _zova_ext_trgm_postings");
    close_database(db);
    db = open_existing("x.zova");
    CHECK_STATUS(db, ZOVA_EXTENSION_INVALID, check(db, "trgm"));
    CHECK_BEGINS("ExtensionInvalid: ", last_error(db));
    CHECK(strstr(last_error(db), "_zova_") == NULL);
    CHECK_STATUS(db, ZOVA_EXTENSION_INVALID, simple(zova_database_extension_check_all, db));
    CHECK_QUERY("1", db, "select a from mine");
    CHECK_OK(db, drop(db, "trgm"));
    CHECK_OK(db, install(db, "trgm"));
    CHECK_OK(db, check(db, "trgm"));
    close_database(db);
}

CHECK_MAIN(CASE(the_bundled_extension_is_installed_described_checked_and_dropped),
           CASE(the_first_failure_of_each_call_is_the_one_of_the_manual),
           CASE(a_name_that_differs_in_letter_case_is_not_installed_beside),
           CASE(a_read_only_handle_hears_of_it_after_what_is_there_and_what_is_not),
           CASE(installing_belongs_to_the_open_transaction),
           CASE(the_sql_of_an_extension_is_there_after_installing_and_after_opening),
           CASE(a_damaged_extension_opens_and_can_be_dropped))
