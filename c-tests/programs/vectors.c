/* vectors.md; abi.md, sections 8, 10.5 and 12.11. */
#include "support.h"

#include <math.h>

static void create_collection(zova_database *db, const char *name, uint32_t dimensions, int metric) {
    zova_vector_collection_create_request request = {db, name, {dimensions, metric}};
    CHECK_OK(db, zova_vector_collection_create(&request));
}

static zova_status put_vector(zova_database *db, const char *id, const float *values, size_t len) {
    zova_vector_put_request request = {db, "c", id, values, len};
    return zova_vector_put(&request);
}

static zova_database *filled(void) {
    static const char *const IDS[] = {"a", "b", "c", "d"};
    static const float VALUES[][2] = {{1, 0}, {0, 2}, {3, 4}, {1, 0}};
    zova_database *db = create("x.zova");
    size_t at;
    create_collection(db, "c", 2, ZOVA_VECTOR_METRIC_L2);
    for (at = 0; at < 4; at++) {
        CHECK_OK(db, put_vector(db, IDS[at], VALUES[at], 2));
    }
    return db;
}

static void check_results(const char *expected, zova_vector_search_results *results) {
    char text[256] = "";
    size_t at, used = 0;
    for (at = 0; at < results->len; at++) {
        CHECK_INT(strlen(results->items[at].id), results->items[at].id_len);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s=%.17g ", results->items[at].id,
                                 results->items[at].distance);
    }
    CHECK_TEXT(expected, text);
    zova_vector_search_results_free(results);
    CHECK(results->items == NULL && results->len == 0);
}

static void the_eight_searches_find_the_nearest(void) {
    static const float QUERY[] = {1, 0};
    static const char *const SOME[] = {"c", "absent", "d", "c"};
    zova_database *db = filled();
    zova_vector_search_results r;
    int round;
    for (round = 0; round < 3; round++) {
        zova_vector_search_request all = {db, "c", QUERY, 2, 3, &r};
        zova_vector_search_in_request in = {db, "c", QUERY, 2, SOME, 4, 9, &r};
        zova_vector_search_within_request within = {db, "c", QUERY, 2, sqrt(5), 9, &r};
        zova_vector_search_in_within_request in_within = {db, "c", QUERY, 2, SOME, 4, 0.0, 9, &r};
        zova_vector_search_by_id_request by_id = {db, "c", "a", 2, &r};
        zova_vector_search_by_id_in_request by_id_in = {db, "c", "d", SOME, 4, 9, &r};
        zova_vector_search_by_id_within_request by_id_within = {db, "c", "a", 1.0, 9, &r};
        zova_vector_search_by_id_in_within_request by_id_in_within = {db, "c", "a", SOME, 4, 9.0, 1, &r};
        CHECK_OK(db, zova_vector_search(&all));
        check_results("a=0 d=0 b=2.2360679774997898 ", &r);
        CHECK_OK(db, zova_vector_search_in(&in));
        check_results("d=0 c=4.4721359549995796 ", &r);
        CHECK_OK(db, zova_vector_search_within(&within));
        check_results("a=0 d=0 b=2.2360679774997898 ", &r);
        CHECK_OK(db, zova_vector_search_in_within(&in_within));
        check_results("d=0 ", &r);
        CHECK_OK(db, zova_vector_search_by_id(&by_id));
        check_results("d=0 b=2.2360679774997898 ", &r);
        CHECK_OK(db, zova_vector_search_by_id_in(&by_id_in));
        check_results("c=4.4721359549995796 ", &r);
        CHECK_OK(db, zova_vector_search_by_id_within(&by_id_within));
        check_results("d=0 ", &r);
        CHECK_OK(db, zova_vector_search_by_id_in_within(&by_id_in_within));
        check_results("d=0 ", &r);
        in.candidate_ids = NULL;
        in.candidate_count = 0;
        CHECK_OK(db, zova_vector_search_in(&in));
        CHECK(r.items == NULL && r.len == 0);
    }
    close_database(db);
}

static void what_a_search_did_can_be_asked(void) {
    static const float QUERY[] = {1, 0};
    zova_database *db = filled();
    zova_vector_search_results r;
    zova_vector_search_stats stats = {7, 7, 7};
    zova_vector_search_stats_get_request ask = {db, &stats};
    zova_vector_search_request search = {db, "c", QUERY, 2, 1, &r};
    zova_database_set_vector_cache_limit_request limit = {db, 0};
    int round;
    CHECK_OK(db, zova_vector_search_stats_get(&ask));
    CHECK_INT(0, stats.resident);
    CHECK_INT(0, stats.scanned);
    for (round = 0; round < 3; round++) {
        CHECK_OK(db, zova_vector_search(&search));
        zova_vector_search_results_free(&r);
        CHECK_OK(db, zova_vector_search_stats_get(&ask));
        CHECK_INT(round > 0, stats.resident);
        CHECK_INT(4, stats.scanned);
        CHECK(stats.rescored >= 1 && stats.rescored <= 4);
    }
    CHECK_OK(db, zova_database_set_vector_cache_limit(&limit));
    CHECK_OK(db, zova_vector_search(&search));
    zova_vector_search_results_free(&r);
    CHECK_OK(db, zova_vector_search_stats_get(&ask));
    CHECK_INT(0, stats.resident);
    close_database(db);
}

static void batches_and_pages(void) {
    static const float ONE[] = {1, 2}, BAD[] = {1, (float)NAN};
    static const char *const BOTH[] = {"b", "a"}, *const MISSING[] = {"a", "none"};
    zova_database *db = filled();
    zova_vector_input inputs[] = {{"e", ONE, 2}, {"f", BAD, 2}};
    zova_vector_put_many_request put_many = {db, "c", inputs, 2};
    zova_vector_list vectors;
    zova_vector_get_many_request get_many = {db, "c", BOTH, 2, &vectors};
    zova_vector_id_list ids;
    zova_vector_ids_list_request list = {db, "c", NULL, 2, &ids};
    zova_vector_delete_many_request delete_many = {db, "c", MISSING, 2};
    CHECK_STATUS(db, ZOVA_VECTOR_INVALID, zova_vector_put_many(&put_many));
    inputs[1].values = ONE;
    CHECK_OK(db, zova_vector_put_many(&put_many));
    CHECK_OK(db, zova_vector_get_many(&get_many));
    CHECK_INT(2, vectors.len);
    CHECK_TEXT("b", vectors.items[0].id);
    CHECK(vectors.items[0].values_len == 2 && vectors.items[0].values[1] == 2.0f);
    zova_vector_free(&vectors.items[0]);
    zova_vector_list_free(&vectors);
    zova_vector_list_free(&vectors);
    CHECK(vectors.items == NULL && vectors.len == 0);
    CHECK_OK(db, zova_vector_ids_list(&list));
    CHECK_INT(2, ids.len);
    CHECK_TEXT("b", ids.items[1].data);
    zova_vector_id_list_free(&ids);
    list.after_vector_id = "d";
    list.limit = 10;
    CHECK_OK(db, zova_vector_ids_list(&list));
    CHECK_INT(2, ids.len);
    CHECK_TEXT("e", ids.items[0].data);
    zova_vector_id_list_free(&ids);
    CHECK_STATUS(db, ZOVA_VECTOR_NOT_FOUND, zova_vector_delete_many(&delete_many));
    delete_many.vector_ids = BOTH;
    CHECK_OK(db, zova_vector_delete_many(&delete_many));
    CHECK_INT(4, QUERY_INT(db, "select count(*) from _zova_vectors"));
    close_database(db);
}

static void collections_are_described(void) {
    zova_database *db = filled();
    zova_vector_collection_info info;
    zova_vector_collection_info_get_request get = {db, "c", &info};
    zova_vector_collection_list list;
    zova_vector_collections_list_request all = {db, &list};
    zova_vector_collection_delete_request drop = {db, "c"};
    zova_vector_collection_create_request create_again = {db, "c", {2, 3}};
    create_collection(db, "b", 16384, ZOVA_VECTOR_METRIC_COSINE);
    CHECK_OK(db, zova_vector_collection_info_get(&get));
    CHECK_TEXT("c", info.name);
    CHECK_INT(1, info.name_len);
    CHECK_INT(2, info.dimensions);
    CHECK_INT(ZOVA_VECTOR_METRIC_L2, info.metric);
    CHECK_INT(4, info.vector_count);
    zova_vector_collection_info_free(&info);
    CHECK(info.name == NULL && info.vector_count == 0 && info.metric == 0);
    CHECK_OK(db, zova_vector_collections_list(&all));
    CHECK_INT(2, list.len);
    CHECK_TEXT("b", list.items[0].name);
    zova_vector_collection_info_free(&list.items[1]);
    zova_vector_collection_list_free(&list);
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, zova_vector_collection_create(&create_again));
    create_again.options.metric = ZOVA_VECTOR_METRIC_DOT;
    CHECK_STATUS(db, ZOVA_VECTOR_COLLECTION_EXISTS, zova_vector_collection_create(&create_again));
    CHECK_OK(db, zova_vector_collection_delete(&drop));
    CHECK_STATUS(db, ZOVA_VECTOR_COLLECTION_NOT_FOUND, zova_vector_collection_info_get(&get));
    CHECK(info.name == NULL);
    close_database(db);
}

static void null_rules_come_first_and_outputs_are_emptied(void) {
    static const float VALUES[] = {1, 2};
    static const char *const WITH_NULL[] = {"a", NULL};
    zova_database *db = filled();
    zova_vector_search_results r = {(zova_vector_search_result *)(void *)&db, 9};
    zova_vector_search_in_request in = {db, "", VALUES, 2, WITH_NULL, 2, 0, &r};
    zova_vector_input input = {NULL, VALUES, 2};
    zova_vector_put_many_request put_many = {db, "absent", &input, 1};
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, zova_vector_search_in(&in));
    CHECK(r.items == NULL && r.len == 0);
    in.candidate_ids = NULL;
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, zova_vector_search_in(&in));
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, put_vector(db, "a", NULL, 2));
    CHECK_STATUS(db, ZOVA_VECTOR_DIMENSION_MISMATCH, put_vector(db, "a", NULL, 0));
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, put_vector(db, "a", VALUES, SIZE_MAX));
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, zova_vector_put_many(&put_many));
    input.id = "x";
    input.values = NULL;
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, zova_vector_put_many(&put_many));
    input.values_len = 0;
    CHECK_STATUS(db, ZOVA_VECTOR_COLLECTION_NOT_FOUND, zova_vector_put_many(&put_many));
    zova_vector_free(NULL);
    zova_vector_list_free(NULL);
    zova_vector_id_list_free(NULL);
    zova_vector_search_results_free(NULL);
    zova_vector_collection_info_free(NULL);
    zova_vector_collection_list_free(NULL);
    close_database(db);
}

static void vectors_take_part_in_transactions(void) {
    static const float VALUES[] = {9, 9};
    zova_database *db = filled();
    uint8_t exists = 7;
    zova_vector_exists_request ask = {db, "c", "new", &exists};
    zova_vector_delete_request drop = {db, "c", "a"};
    BEGIN(db);
    SAVEPOINT(db, "s");
    CHECK_OK(db, put_vector(db, "new", VALUES, 2));
    CHECK_OK(db, zova_vector_delete(&drop));
    CHECK_OK(db, zova_vector_exists(&ask));
    CHECK_INT(1, exists);
    ROLLBACK_TO(db, "s");
    CHECK_OK(db, zova_vector_exists(&ask));
    CHECK_INT(0, exists);
    COMMIT(db);
    CHECK_INT(4, QUERY_INT(db, "select count(*) from _zova_vectors"));
    close_database(db);
}

CHECK_MAIN(CASE(the_eight_searches_find_the_nearest), CASE(what_a_search_did_can_be_asked), CASE(batches_and_pages),
           CASE(collections_are_described), CASE(null_rules_come_first_and_outputs_are_emptied),
           CASE(vectors_take_part_in_transactions))
