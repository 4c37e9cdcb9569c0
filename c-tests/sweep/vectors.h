/* The recipes of vectors; included by recipes.h. */
#ifndef RECIPES_VECTORS_H
#define RECIPES_VECTORS_H

/* ---- vectors: a collection of two ---- */

static const float VALUES[2] = {1, 0};
static const char *const CANDIDATES[2] = {"one", "two"};
static const zova_vector_input INPUTS[2] = {{"one", VALUES, 2}, {"two", VALUES, 2}};

static const char *with_vectors(scene *s) {
    zova_vector_collection_create_request make = {s->db, "points", {2, ZOVA_VECTOR_METRIC_L2}};
    zova_vector_put_many_request fill = {s->db, "points", INPUTS, 2};
    CHECK_OK(s->db, zova_vector_collection_create(&make));
    CHECK_OK(s->db, zova_vector_put_many(&fill));
    return "points";
}

static void fill_zova_vector(scene *s, zova_vector *vector) {
    zova_vector_get_request request = {s->db, with_vectors(s), "one", vector};
    CHECK_OK(s->db, zova_vector_get(&request));
}

static void fill_zova_vector_search_results(scene *s, zova_vector_search_results *results) {
    zova_vector_search_request request = {s->db, "points", VALUES, 2, 10, results};
    CHECK_OK(s->db, zova_vector_search(&request));
}

static void fill_zova_vector_collection_info(scene *s, zova_vector_collection_info *info) {
    zova_vector_collection_info_get_request request = {s->db, "points", info};
    CHECK_OK(s->db, zova_vector_collection_info_get(&request));
}

static void fill_zova_vector_collection_list(scene *s, zova_vector_collection_list *list) {
    zova_vector_collections_list_request request = {s->db, list};
    CHECK_OK(s->db, zova_vector_collections_list(&request));
}

static void valid_zova_vector_collection_create(scene *s, zova_vector_collection_create_request *request) {
    (void)s;
    request->name = "more points";
    request->options.dimensions = 3;
}

#define OF_COLLECTION(function, field)                                            \
    static void valid_##function(scene *s, function##_request *request) {         \
        request->field = with_vectors(s);                                         \
    }

#define FAILS_WITHOUT_COLLECTION(function, field, status)                         \
    static zova_status fault_##function(scene *s, function##_request *request) {  \
        (void)s;                                                                  \
        request->field = (status) == ZOVA_VECTOR_INVALID ? "" : "absent";         \
        return (status);                                                          \
    }

OF_COLLECTION(zova_vector_collection_exists, name)
FAILS_WITHOUT_COLLECTION(zova_vector_collection_exists, name, ZOVA_VECTOR_INVALID)
OF_COLLECTION(zova_vector_collection_info_get, name)
FAILS_WITHOUT_COLLECTION(zova_vector_collection_info_get, name, ZOVA_VECTOR_COLLECTION_NOT_FOUND)
OF_COLLECTION(zova_vector_collection_delete, name)

static void valid_zova_vector_collections_list(scene *s, zova_vector_collections_list_request *request) {
    (void)request;
    with_vectors(s);
}

static zova_status fault_zova_vector_collections_list(scene *s, zova_vector_collections_list_request *request) {
    (void)request;
    EXEC(s->db, "drop table _zova_vector_collections");
    return ZOVA_SQLITE_ERROR;
}

#define OF_VECTOR(function)                                                       \
    static void valid_##function(scene *s, function##_request *request) {         \
        request->collection_name = with_vectors(s);                               \
        request->vector_id = "one";                                               \
    }

OF_VECTOR(zova_vector_get)
FAILS_WITHOUT_COLLECTION(zova_vector_get, collection_name, ZOVA_VECTOR_COLLECTION_NOT_FOUND)
OF_VECTOR(zova_vector_exists)
FAILS_WITHOUT_COLLECTION(zova_vector_exists, collection_name, ZOVA_VECTOR_INVALID)
OF_VECTOR(zova_vector_delete)

static void valid_zova_vector_put(scene *s, zova_vector_put_request *request) {
    request->collection_name = with_vectors(s);
    request->vector_id = "three";
    request->values = VALUES;
    request->values_len = 2;
}

static void valid_zova_vector_put_many(scene *s, zova_vector_put_many_request *request) {
    request->collection_name = with_vectors(s);
    request->vectors = INPUTS;
    request->vectors_len = 2;
}

enum {
    empty_zova_vector_put_values = ZOVA_VECTOR_DIMENSION_MISMATCH,
    huge_zova_vector_put_values = ZOVA_INVALID_ARGUMENT,
    empty_zova_vector_put_many_vectors = ZOVA_OK,
    huge_zova_vector_put_many_vectors = ZOVA_INVALID_ARGUMENT
};

#define QUERY(request) ((request)->query = VALUES, (request)->query_len = 2)
#define SOURCE(request) ((request)->source_vector_id = "one")
#define AMONG(request) ((request)->candidate_ids = CANDIDATES, (request)->candidate_count = 2)
#define NEAR(request) ((request)->max_distance = 10)
#define ALL(request) ((void)(request))

/* `from` and the two restrictions set the fields that the eight searches do not share. */
#define SEARCH(function, from, candidates, distance)                              \
    static void valid_##function(scene *s, function##_request *request) {         \
        request->collection_name = with_vectors(s);                               \
        request->limit = 10;                                                      \
        from(request);                                                            \
        candidates(request);                                                      \
        distance(request);                                                        \
    }                                                                             \
    FAILS_WITHOUT_COLLECTION(function, collection_name, ZOVA_VECTOR_COLLECTION_NOT_FOUND)

#define QUERY_LENGTHS(function)                                                   \
    enum { empty_##function##_query = ZOVA_VECTOR_DIMENSION_MISMATCH, huge_##function##_query = ZOVA_INVALID_ARGUMENT };

#define CANDIDATE_COUNTS(function)                                                \
    enum { empty_##function##_candidate_ids = ZOVA_OK, huge_##function##_candidate_ids = ZOVA_INVALID_ARGUMENT };

SEARCH(zova_vector_search, QUERY, ALL, ALL)
QUERY_LENGTHS(zova_vector_search)
SEARCH(zova_vector_search_in, QUERY, AMONG, ALL)
QUERY_LENGTHS(zova_vector_search_in)
CANDIDATE_COUNTS(zova_vector_search_in)
SEARCH(zova_vector_search_within, QUERY, ALL, NEAR)
QUERY_LENGTHS(zova_vector_search_within)
SEARCH(zova_vector_search_in_within, QUERY, AMONG, NEAR)
QUERY_LENGTHS(zova_vector_search_in_within)
CANDIDATE_COUNTS(zova_vector_search_in_within)
SEARCH(zova_vector_search_by_id, SOURCE, ALL, ALL)
SEARCH(zova_vector_search_by_id_in, SOURCE, AMONG, ALL)
CANDIDATE_COUNTS(zova_vector_search_by_id_in)
SEARCH(zova_vector_search_by_id_within, SOURCE, ALL, NEAR)
SEARCH(zova_vector_search_by_id_in_within, SOURCE, AMONG, NEAR)
CANDIDATE_COUNTS(zova_vector_search_by_id_in_within)

#endif
