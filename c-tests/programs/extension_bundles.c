/* extensions.md, sections 9 to 11.3; abi-additions.md, section 2: bundles, trust, and opening with them. */
#include "bundles.h"

static zova_status call(zova_status (*function)(const zova_database_extension_request *), zova_database *db,
                        const char *name) {
    zova_database_extension_request request = {db, name};
    return function(&request);
}

static zova_status open_with_bundles(zova_status (*function)(const zova_database_open_extensions_request *),
                                     const char *path, const char *const *bundles, size_t count, uint32_t flags,
                                     zova_database **db, zova_message *message) {
    zova_database_open_extensions_request request = {path, flags, 60000, bundles, count, "trust.json", db, message};
    return function(&request);
}

static const char *const TAGS[] = {"tags.zovaext"};

static zova_database *create_with_tags(const char *path) {
    zova_database *db = NULL;
    zova_message message = {0};
    zova_status status = open_with_bundles(zova_database_create_with_extensions, path, TAGS, 1, 0, &db, &message);
    if (status != ZOVA_OK) {
        check_fail(__FILE__, __LINE__, "%s: %s", zova_status_name(status), message.data);
    }
    CHECK(message.data == NULL);
    return db;
}

static zova_database *open_with_tags(const char *path) {
    zova_database *db = NULL;
    CHECK_OK(NULL, open_with_bundles(zova_database_open_with_extensions, path, TAGS, 1, 0, &db, NULL));
    return db;
}

/* The call fails with this status, a message that begins with the error name and contains a text, and no handle. */
static void check_refused(const char *const *bundles, size_t count, zova_status expected, const char *begin,
                          const char *part) {
    zova_database *db = (zova_database *)(void *)&db;
    zova_message message = {0};
    CHECK_STATUS(NULL, expected,
                 open_with_bundles(zova_database_create_with_extensions, "refused.zova", bundles, count, 0, &db, &message));
    CHECK(db == NULL);
    CHECK_BEGINS(begin, message.data);
    CHECK_CONTAINS(part, message.data);
    CHECK(access("refused.zova", F_OK) != 0);
    zova_message_free(&message);
}

static void check_verify(zova_status expected, const char *begin, const char *part) {
    zova_message message = {0};
    CHECK_STATUS(NULL, expected, bundle_call(zova_extension_bundle_verify, "tags.zovaext", &message));
    CHECK_BEGINS(begin, message.data);
    CHECK_CONTAINS(part, message.data);
    zova_message_free(&message);
}

static uint8_t untrust(const char *identifier) {
    uint8_t removed = 9;
    zova_extension_bundle_untrust_request request = {identifier, "trust.json", &removed, NULL};
    CHECK_OK(NULL, zova_extension_bundle_untrust(&request));
    return removed;
}

static void a_bundle_is_trusted_loaded_installed_used_checked_and_dropped(void) {
    zova_database *db;
    make_bundle("tags.zovaext");
    check_refused(TAGS, 1, ZOVA_EXTENSION_UNTRUSTED, "ExtensionUntrusted: ", "was never trusted");
    CHECK_OK(NULL, bundle_call(zova_extension_bundle_trust, "tags.zovaext", NULL));
    CHECK_OK(NULL, bundle_call(zova_extension_bundle_verify, "tags.zovaext", NULL));

    db = create_with_tags("x.zova");
    CHECK_OK(db, call(zova_database_extension_install, db, "tags"));
    EXEC(db, "select zova_tags_add('a', 'red'), zova_tags_add('b', 'red')");
    CHECK_QUERY("a,b", db, "select group_concat(subject) from zova_tags_find('red')");
    CHECK_INT(2, QUERY_INT(db, "select zova_tags_count('red')"));
    CHECK_OK(db, call(zova_database_extension_check, db, "tags"));
    close_database(db);

    /* The code is in the process, and still it belongs to the handles that were opened with the bundle. */
    CHECK_OPEN(ZOVA_EXTENSION_UNAVAILABLE, "x.zova");
    db = open_with_tags("x.zova");
    CHECK_OK(db, call(zova_database_extension_drop, db, "tags"));
    close_database(db);
    CHECK_OPEN(ZOVA_OK, "x.zova");
}

static void a_message_of_the_extension_is_the_message_of_the_call(void) {
    zova_database *db;
    make_trusted_bundle("tags.zovaext");
    db = create_with_tags("x.zova");
    CHECK_OK(db, call(zova_database_extension_install, db, "tags"));
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, "select zova_tags_add('a', '')"));
    CHECK_TEXT("a tag must be a text of 1 to 64 bytes", last_error(db));
    EXEC(db, "select zova_tags_add('a', 'red')");
    CHECK_STATUS(db, ZOVA_EXTENSION_EXISTS, call(zova_database_extension_install, db, "tags"));
    CHECK_BEGINS("ExtensionExists: ", last_error(db));
    close_database(db);
}

static void a_changed_byte_takes_the_trust_away(void) {
    make_trusted_bundle("tags.zovaext");
    patch_file("tags.zovaext/libtags.so", 1000, "\x5a\xa5", 2);
    check_verify(ZOVA_EXTENSION_UNTRUSTED, "ExtensionUntrusted: ", "another library");
    check_refused(TAGS, 1, ZOVA_EXTENSION_UNTRUSTED, "ExtensionUntrusted: ", "another library");
    copy_file(TAGS_LIBRARY, "tags.zovaext/libtags.so");
    CHECK_OK(NULL, bundle_call(zova_extension_bundle_verify, "tags.zovaext", NULL));
    /* A blank behind the manifest changes nothing but the bytes. */
    {
        FILE *file = fopen("tags.zovaext/extension.json", "a");
        CHECK(file != NULL && fputc('\n', file) == '\n' && fclose(file) == 0);
    }
    check_verify(ZOVA_EXTENSION_UNTRUSTED, "ExtensionUntrusted: ", "another manifest");
}

static void each_kind_of_unsuitable_bundle_has_its_status(void) {
    char manifest[600];
    static const struct {
        const char *minimum, *more;
        zova_status expected;
        const char *begin, *part;
    } CASES[] = {
        {"0.21.0", ", \"abi\": \"zova-c-1\"", ZOVA_OK, "", ""},
        {"0.21.0", "", ZOVA_EXTENSION_INCOMPATIBLE, "ExtensionIncompatible: ", "0.21.0"},
        {"0.21.0", ", \"abi\": \"zova-c-9\"", ZOVA_EXTENSION_INCOMPATIBLE, "ExtensionIncompatible: ", "zova-c-9"},
        {"9.0.0", ", \"abi\": \"zova-c-1\"", ZOVA_EXTENSION_INCOMPATIBLE, "ExtensionIncompatible: ", "9.0.0"},
        {"0.20.0", ", \"abi\": \"zova-c-1\"", ZOVA_EXTENSION_INCOMPATIBLE, "ExtensionIncompatible: ", "zova_abi_min"},
        {"0.21.0", ", \"abi\": \"zova-c-1\", \"entrypoint\": \"absent\"", ZOVA_EXTENSION_LOAD_FAILED,
         "ExtensionLoadFailed: ", "absent"},
    };
    size_t at;
    make_bundle("tags.zovaext");
    for (at = 0; at < sizeof CASES / sizeof *CASES; at++) {
        check_about("case %zu", at);
        snprintf(manifest, sizeof manifest,
                 "{\"name\": \"tags\", \"version\": \"1.0.0\", \"storage_prefix\": \"_zova_ext_tags_\", "
                 "\"zova_abi_min\": \"%s\", \"capabilities\": \"sql,table\", \"library\": \"libtags.so\"%s}",
                 CASES[at].minimum, CASES[at].more);
        write_file("tags.zovaext/extension.json", (const unsigned char *)manifest, strlen(manifest));
        CHECK_OK(NULL, bundle_call(zova_extension_bundle_trust, "tags.zovaext", NULL));
        if (CASES[at].expected == ZOVA_OK) {
            close_database(create_with_tags("x.zova"));
        } else {
            check_refused(TAGS, 1, CASES[at].expected, CASES[at].begin, CASES[at].part);
        }
    }
}

static void a_library_for_another_machine_is_told_apart(void) {
    make_bundle("tags.zovaext");
    patch_file("tags.zovaext/libtags.so", 18, "\x34\x12", 2);
    CHECK_OK(NULL, bundle_call(zova_extension_bundle_trust, "tags.zovaext", NULL));
    check_refused(TAGS, 1, ZOVA_EXTENSION_LOAD_FAILED, "ExtensionLoadFailed: ", "another processor");
}

static void a_link_out_of_the_bundle_is_refused(void) {
    make_trusted_bundle("tags.zovaext");
    CHECK(rename("tags.zovaext/libtags.so", "elsewhere.so") == 0);
    CHECK(symlink("../elsewhere.so", "tags.zovaext/libtags.so") == 0);
    check_verify(ZOVA_EXTENSION_INVALID, "ExtensionInvalid: ", "leads out of the bundle");
}

static void faults_of_files_are_named(void) {
    zova_message message = {0};
    CHECK_STATUS(NULL, ZOVA_CANT_OPEN, bundle_call(zova_extension_bundle_trust, "absent.zovaext", &message));
    CHECK_BEGINS("CantOpen: FileNotFound: ", message.data);
    CHECK_CONTAINS("absent.zovaext", message.data);
    write_file("file.zovaext", (const unsigned char *)"", 0);
    CHECK_STATUS(NULL, ZOVA_CANT_OPEN, bundle_call(zova_extension_bundle_trust, "file.zovaext", &message));
    CHECK_BEGINS("CantOpen: NotDir: ", message.data);
    CHECK_STATUS(NULL, ZOVA_EXTENSION_INVALID, bundle_call(zova_extension_bundle_trust, "file", &message));
    CHECK_BEGINS("ExtensionInvalid: ", message.data);
    CHECK_STATUS(NULL, ZOVA_EXTENSION_INVALID, bundle_call(zova_extension_bundle_trust, "", &message));
    make_bundle("tags.zovaext");
    CHECK_OK(NULL, bundle_call(zova_extension_bundle_trust, "tags.zovaext", &message));
    CHECK(message.data == NULL && message.len == 0);
}

static void the_list_is_json_and_trust_is_taken_away_again(void) {
    zova_text json = {0};
    zova_message message = {0};
    zova_extension_bundle_list_request request = {"trust.json", &json, &message};
    char expected[5000];
    CHECK_OK(NULL, zova_extension_bundle_list(&request));
    CHECK_CONTAINS("\"count\": 0", json.data);
    CHECK(access("trust.json", F_OK) != 0);

    make_trusted_bundle("tags.zovaext");
    CHECK_OK(NULL, zova_extension_bundle_list(&request));
    CHECK_INT(strlen(json.data), json.len);
    CHECK_BEGINS("{\n  \"cli_json_version\": 1,\n  \"status\": \"ok\",\n  \"command\": \"extension-trusted\",\n  \"count\": 1,\n"
                 "  \"trusted_extensions\": [\n    {\n      \"name\": \"tags\",\n      \"version\": \"1.0.0\",\n",
                 json.data);
    snprintf(expected, sizeof expected, "\"bundle_path\": \"%s\"", here("tags.zovaext"));
    CHECK_CONTAINS(expected, json.data);

    CHECK_INT(0, untrust("other"));
    CHECK_INT(1, untrust("tags"));
    CHECK_INT(0, untrust("tags"));
    make_trusted_bundle("second.zovaext");
    CHECK_INT(1, untrust(here("second.zovaext")));
    CHECK_OK(NULL, zova_extension_bundle_list(&request));
    CHECK_CONTAINS("\"trusted_extensions\": []", json.data);

    write_file("trust.json", (const unsigned char *)"{}", 2);
    CHECK_STATUS(NULL, ZOVA_EXTENSION_INVALID, zova_extension_bundle_list(&request));
    CHECK(json.data == NULL && json.len == 0);
    CHECK_BEGINS("ExtensionInvalid: ", message.data);
    zova_message_free(&message);
    zova_text_free(&json);
}

static int mode_of(const char *path) {
    struct stat info;
    CHECK(stat(path, &info) == 0);
    return (int)(info.st_mode & 0777);
}

static void the_usual_list_is_where_the_environment_says(void) {
    zova_extension_bundle_request request = {"tags.zovaext", NULL, NULL};
    zova_message message = {0};
    make_bundle("tags.zovaext");
    CHECK(unsetenv("ZOVA_TRUST_STORE") == 0 && unsetenv("XDG_CONFIG_HOME") == 0);
    CHECK(setenv("HOME", here("home"), 1) == 0);
    CHECK_OK(NULL, zova_extension_bundle_trust(&request));
    CHECK_INT(0600, mode_of("home/.config/zova/trusted_extensions.json"));
    CHECK_INT(0700, mode_of("home/.config/zova"));
    CHECK_INT(0700, mode_of("home"));

    CHECK(setenv("XDG_CONFIG_HOME", here("config"), 1) == 0);
    CHECK_STATUS(NULL, ZOVA_EXTENSION_UNTRUSTED, zova_extension_bundle_verify(&request));
    CHECK_OK(NULL, zova_extension_bundle_trust(&request));
    CHECK_INT(0600, mode_of("config/zova/trusted_extensions.json"));

    CHECK(setenv("ZOVA_TRUST_STORE", "my.json", 1) == 0);
    CHECK_OK(NULL, zova_extension_bundle_trust(&request));
    CHECK_OK(NULL, zova_extension_bundle_verify(&request));
    CHECK_INT(0600, mode_of("my.json"));

    request.out_error_message = &message;
    CHECK(setenv("ZOVA_TRUST_STORE", "", 1) == 0);
    CHECK_STATUS(NULL, ZOVA_CANT_OPEN, zova_extension_bundle_verify(&request));
    CHECK_BEGINS("CantOpen: BadPathName", message.data);
    CHECK(unsetenv("ZOVA_TRUST_STORE") == 0 && unsetenv("XDG_CONFIG_HOME") == 0 && setenv("HOME", "", 1) == 0);
    CHECK_STATUS(NULL, ZOVA_EXTENSION_INVALID, zova_extension_bundle_verify(&request));
    zova_message_free(&message);
}

static void only_the_named_bundles_are_loaded(void) {
    static const char *const TWICE[] = {"tags.zovaext", "tags.zovaext"};
    zova_database *db = NULL;
    make_trusted_bundle("tags.zovaext");
    check_refused(TWICE, 2, ZOVA_EXTENSION_INVALID, "ExtensionInvalid: ", "tags");
    CHECK_OK(NULL, open_with_bundles(zova_database_create_with_extensions, "x.zova", NULL, 0, 0, &db, NULL));
    CHECK_STATUS(db, ZOVA_EXTENSION_NOT_FOUND, call(zova_database_extension_install, db, "tags"));
    close_database(db);
    db = open_with_tags("x.zova");
    CHECK_OK(db, call(zova_database_extension_install, db, "tags"));
    close_database(db);
    CHECK_STATUS(NULL, ZOVA_EXTENSION_UNAVAILABLE,
                 open_with_bundles(zova_database_open_with_extensions, "x.zova", NULL, 0, 0, &db, NULL));
}

static void a_read_only_handle_reads_tags_and_refuses_to_set_them(void) {
    zova_database *db = NULL;
    make_trusted_bundle("tags.zovaext");
    db = create_with_tags("x.zova");
    CHECK_OK(db, call(zova_database_extension_install, db, "tags"));
    EXEC(db, "select zova_tags_add('a', 'red')");
    close_database(db);
    CHECK_OK(NULL, open_with_bundles(zova_database_open_with_extensions, "x.zova", TAGS, 1, ZOVA_OPEN_READ_ONLY, &db, NULL));
    EXEC(db, "select subject from zova_tags_find('red')");
    CHECK_STATUS(db, ZOVA_READ_ONLY, exec(db, "select zova_tags_add('b', 'red')"));
    close_database(db);
}

static void *opens_and_tags(void *number) {
    zova_database *db;
    char sql[100];
    int at;
    for (at = 0; at < 5; at++) {
        db = open_with_tags("x.zova");
        snprintf(sql, sizeof sql, "select zova_tags_add('%d', 'thread %d')", at, *(int *)number);
        EXEC(db, sql);
        close_database(db);
    }
    return NULL;
}

static void threads_load_the_same_bundle(void) {
    pthread_t threads[4];
    int numbers[4];
    int at;
    zova_database *db;
    make_trusted_bundle("tags.zovaext");
    db = create_with_tags("x.zova");
    CHECK_OK(db, call(zova_database_extension_install, db, "tags"));
    for (at = 0; at < 4; at++) {
        numbers[at] = at;
        CHECK(pthread_create(&threads[at], NULL, opens_and_tags, &numbers[at]) == 0);
    }
    for (at = 0; at < 4; at++) {
        CHECK(pthread_join(threads[at], NULL) == 0);
    }
    CHECK_OK(db, call(zova_database_extension_check, db, "tags"));
    CHECK_INT(20, QUERY_INT(db, "select sum(zova_tags_count('thread ' || value)) from json_each('[0,1,2,3]')"));
    close_database(db);
}

static void a_repair_open_takes_bundles_and_drops_what_they_can(void) {
    zova_database *db;
    make_trusted_bundle("tags.zovaext");
    db = create_with_tags("x.zova");
    CHECK_OK(db, call(zova_database_extension_install, db, "tags"));
    EXEC(db, "create table mine(x); insert into mine values (5); drop table _zova_ext_tags_counts");
    close_database(db);
    CHECK_STATUS(NULL, ZOVA_EXTENSION_INVALID,
                 open_with_bundles(zova_database_open_with_extensions, "x.zova", TAGS, 1, 0, &db, NULL));
    /* Without the bundle the rest can be read and written, and the extension stays. */
    CHECK_OK(NULL, open_with_bundles(zova_database_open_for_repair, "x.zova", NULL, 0, 0, &db, NULL));
    EXEC(db, "insert into mine values (6)");
    CHECK_STATUS(db, ZOVA_EXTENSION_UNAVAILABLE, call(zova_database_extension_drop, db, "tags"));
    close_database(db);
    CHECK_OK(NULL, open_with_bundles(zova_database_open_for_repair, "x.zova", TAGS, 1, 0, &db, NULL));
    CHECK_OK(db, call(zova_database_extension_drop, db, "tags"));
    CHECK_INT(11, QUERY_INT(db, "select sum(x) from mine"));
    close_database(db);
    CHECK_OPEN(ZOVA_OK, "x.zova");
    /* A repair loads nothing that is not trusted. */
    CHECK_INT(1, untrust("tags"));
    CHECK_STATUS(NULL, ZOVA_EXTENSION_UNTRUSTED,
                 open_with_bundles(zova_database_open_for_repair, "x.zova", TAGS, 1, 0, &db, NULL));
    CHECK(db == NULL);
}

CHECK_MAIN(CASE(a_bundle_is_trusted_loaded_installed_used_checked_and_dropped),
           CASE(a_message_of_the_extension_is_the_message_of_the_call),
           CASE(a_changed_byte_takes_the_trust_away),
           CASE(each_kind_of_unsuitable_bundle_has_its_status),
           CASE(a_library_for_another_machine_is_told_apart),
           CASE(a_link_out_of_the_bundle_is_refused),
           CASE(faults_of_files_are_named),
           CASE(the_list_is_json_and_trust_is_taken_away_again),
           CASE(the_usual_list_is_where_the_environment_says),
           CASE(only_the_named_bundles_are_loaded),
           CASE(a_read_only_handle_reads_tags_and_refuses_to_set_them),
           CASE(a_repair_open_takes_bundles_and_drops_what_they_can),
           CASE(threads_load_the_same_bundle))
