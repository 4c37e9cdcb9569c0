/* The recipes of graphs; included by recipes.h. */
#ifndef RECIPES_GRAPHS_H
#define RECIPES_GRAPHS_H

/* ---- graphs ---- */

/* A graph "g" with the nodes a and b, an edge between them, and a node whose target is missing. */
static void a_graph(scene *s) {
    static const char *const NODES[] = {"a", "b"};
    zova_graph_create_request graph = {NULL, "g"};
    zova_graph_node_put_request target = {NULL, "g", "t", "k", ZOVA_GRAPH_TARGET_OBJECT, "n", NULL};
    zova_graph_edge_put_request edge = {NULL, "g", "a", "e", "b"};
    size_t index;
    zova_status status;
    graph.db = target.db = edge.db = s->db;
    status = zova_graph_create(&graph);
    CHECK(status == ZOVA_OK || status == ZOVA_GRAPH_EXISTS);
    for (index = 0; index < 2; index++) {
        zova_graph_node_put_request node = {NULL, "g", NULL, "k", ZOVA_GRAPH_TARGET_NONE, "", NULL};
        node.db = s->db;
        node.node_id = NODES[index];
        CHECK_OK(s->db, zova_graph_node_put(&node));
    }
    CHECK_OK(s->db, zova_graph_node_put(&target));
    CHECK_OK(s->db, zova_graph_edge_put(&edge));
}

static void valid_zova_graph_create(scene *s, zova_graph_create_request *request) {
    zova_graph_delete_request old = {NULL, "new"};
    old.db = s->db;
    (void)zova_graph_delete(&old);
    request->name = "new";
}

static void valid_zova_graph_exists(scene *s, zova_graph_exists_request *request) {
    a_graph(s);
    request->name = "g";
}

static zova_status fault_zova_graph_exists(scene *s, zova_graph_exists_request *request) {
    (void)s;
    request->name = "";
    return ZOVA_GRAPH_INVALID;
}

static void valid_zova_graph_info_get(scene *s, zova_graph_info_get_request *request) {
    a_graph(s);
    request->name = "g";
}

static zova_status fault_zova_graph_info_get(scene *s, zova_graph_info_get_request *request) {
    (void)s;
    request->name = "absent";
    return ZOVA_GRAPH_NOT_FOUND;
}

static void valid_zova_graphs_list(scene *s, zova_graph_list_request *request) {
    a_graph(s);
    (void)request;
}

/* Without its tables no graph can be listed. */
static zova_status fault_zova_graphs_list(scene *s, zova_graph_list_request *request) {
    (void)request;
    CHECK_OK(s->db, exec(s->db, "drop table _zova_graphs"));
    return ZOVA_SQLITE_ERROR;
}

static void valid_zova_graph_delete(scene *s, zova_graph_delete_request *request) {
    a_graph(s);
    request->name = "g";
}

static void valid_zova_graph_node_put(scene *s, zova_graph_node_put_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->node_id = "c";
    request->kind = "k";
    request->target_type = ZOVA_GRAPH_TARGET_RECORD;
    request->target_namespace = "n";
    request->target_ref = "r";
}

static void valid_zova_graph_node_put_many(scene *s, zova_graph_node_put_many_request *request) {
    static const zova_graph_node_input NODES[] = {{"g", "c", "k", ZOVA_GRAPH_TARGET_NONE, NULL, NULL},
                                                  {"g", "d", "k", ZOVA_GRAPH_TARGET_RECORD, "n", "r"}};
    a_graph(s);
    request->nodes = NODES;
    request->nodes_len = 2;
}

enum { huge_zova_graph_node_put_many_nodes = ZOVA_INVALID_ARGUMENT, empty_zova_graph_node_put_many_nodes = ZOVA_OK };

static void valid_zova_graph_node_get(scene *s, zova_graph_node_get_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->node_id = "a";
}

static zova_status fault_zova_graph_node_get(scene *s, zova_graph_node_get_request *request) {
    (void)s;
    request->node_id = "absent";
    return ZOVA_GRAPH_NODE_NOT_FOUND;
}

static void valid_zova_graph_node_exists(scene *s, zova_graph_node_exists_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->node_id = "a";
}

static zova_status fault_zova_graph_node_exists(scene *s, zova_graph_node_exists_request *request) {
    (void)s;
    request->node_id = "";
    return ZOVA_GRAPH_INVALID;
}

static void valid_zova_graph_node_delete(scene *s, zova_graph_node_delete_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->node_id = "a";
}

static void valid_zova_graph_node_delete_many(scene *s, zova_graph_node_delete_many_request *request) {
    static const char *const IDS[] = {"a", "b"};
    a_graph(s);
    request->graph_name = "g";
    request->node_ids = IDS;
    request->node_count = 2;
}

enum { huge_zova_graph_node_delete_many_node_ids = ZOVA_INVALID_ARGUMENT, empty_zova_graph_node_delete_many_node_ids = ZOVA_OK };

static void valid_zova_graph_edge_put(scene *s, zova_graph_edge_put_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->from_node_id = "a";
    request->edge_type = "e";
    request->to_node_id = "b";
}

static const zova_graph_edge_input SCENE_EDGES[] = {{"g", "a", "e", "b"}};

static void valid_zova_graph_edge_put_many(scene *s, zova_graph_edge_put_many_request *request) {
    a_graph(s);
    request->edges = SCENE_EDGES;
    request->edges_len = 1;
}

enum { huge_zova_graph_edge_put_many_edges = ZOVA_INVALID_ARGUMENT, empty_zova_graph_edge_put_many_edges = ZOVA_OK };

static void valid_zova_graph_edge_delete_many(scene *s, zova_graph_edge_delete_many_request *request) {
    a_graph(s);
    request->edges = SCENE_EDGES;
    request->edges_len = 1;
}

enum { huge_zova_graph_edge_delete_many_edges = ZOVA_INVALID_ARGUMENT, empty_zova_graph_edge_delete_many_edges = ZOVA_OK };

static void valid_zova_graph_edge_get(scene *s, zova_graph_edge_get_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->from_node_id = "a";
    request->edge_type = "e";
    request->to_node_id = "b";
}

static zova_status fault_zova_graph_edge_get(scene *s, zova_graph_edge_get_request *request) {
    (void)s;
    request->edge_type = "absent";
    return ZOVA_GRAPH_EDGE_NOT_FOUND;
}

static void valid_zova_graph_edge_exists(scene *s, zova_graph_edge_exists_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->from_node_id = "a";
    request->edge_type = "e";
    request->to_node_id = "b";
}

static zova_status fault_zova_graph_edge_exists(scene *s, zova_graph_edge_exists_request *request) {
    (void)s;
    request->edge_type = "";
    return ZOVA_GRAPH_INVALID;
}

static void valid_zova_graph_edge_delete(scene *s, zova_graph_edge_delete_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->from_node_id = "a";
    request->edge_type = "e";
    request->to_node_id = "b";
}

static void valid_zova_graph_neighbors(scene *s, zova_graph_neighbors_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->node_id = "a";
    request->edge_type = "e";
    request->limit = 10;
}

static zova_status fault_zova_graph_neighbors(scene *s, zova_graph_neighbors_request *request) {
    (void)s;
    request->node_id = "absent";
    return ZOVA_GRAPH_NODE_NOT_FOUND;
}

static void valid_zova_graph_degree(scene *s, zova_graph_degree_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->node_id = "a";
    request->direction = ZOVA_GRAPH_NEIGHBOR_BOTH;
    request->edge_type = "e";
}

static zova_status fault_zova_graph_degree(scene *s, zova_graph_degree_request *request) {
    (void)s;
    request->node_id = "absent";
    return ZOVA_GRAPH_NODE_NOT_FOUND;
}

static void valid_zova_graph_walk(scene *s, zova_graph_walk_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->start_node_id = "a";
    request->edge_type = "e";
    request->max_depth = 2;
    request->limit = 10;
}

static zova_status fault_zova_graph_walk(scene *s, zova_graph_walk_request *request) {
    (void)s;
    request->start_node_id = "absent";
    return ZOVA_GRAPH_NODE_NOT_FOUND;
}

static void valid_zova_graph_walk_direction(scene *s, zova_graph_walk_direction_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->start_node_id = "a";
    request->edge_type = "e";
    request->max_depth = 2;
    request->limit = 10;
}

static zova_status fault_zova_graph_walk_direction(scene *s, zova_graph_walk_direction_request *request) {
    (void)s;
    request->direction = 3;
    return ZOVA_INVALID_ARGUMENT;
}

static void valid_zova_graph_path(scene *s, zova_graph_path_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->from_node_id = "a";
    request->to_node_id = "b";
    request->edge_type = "e";
    request->max_depth = 2;
    request->limit = 10;
}

static zova_status fault_zova_graph_path(scene *s, zova_graph_path_request *request) {
    (void)s;
    request->to_node_id = "absent";
    return ZOVA_GRAPH_NODE_NOT_FOUND;
}

/* Entries of an earlier page; only some of their fields are read. */
static const zova_graph_node_entry *node_entry(void) {
    static zova_graph_node_entry entry;
    static char id[] = "a";
    entry.node.node_id = id;
    return &entry;
}

static const zova_graph_edge_entry *edge_entry(void) {
    static zova_graph_edge_entry entry;
    static char text[] = "a";
    entry.edge.from_node_id = entry.edge.edge_type = entry.edge.to_node_id = text;
    return &entry;
}

static void valid_zova_graph_nodes_page(scene *s, zova_graph_nodes_page_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->after = node_entry();
    request->limit = 10;
}

static zova_status fault_zova_graph_nodes_page(scene *s, zova_graph_nodes_page_request *request) {
    (void)s;
    request->graph_name = "absent";
    return ZOVA_GRAPH_NOT_FOUND;
}

static void valid_zova_graph_edges_page(scene *s, zova_graph_edges_page_request *request) {
    a_graph(s);
    request->graph_name = "g";
    request->after = edge_entry();
    request->limit = 10;
}

static zova_status fault_zova_graph_edges_page(scene *s, zova_graph_edges_page_request *request) {
    (void)s;
    request->graph_name = "absent";
    return ZOVA_GRAPH_NOT_FOUND;
}

static void valid_zova_database_set_strict_targets(scene *s, zova_database_set_strict_targets_request *request) {
    a_graph(s);
    request->strict = 0;
}

static void valid_zova_graph_missing_targets(scene *s, zova_graph_missing_targets_request *request) {
    a_graph(s);
    request->limit = 10;
}

static zova_status fault_zova_graph_missing_targets(scene *s, zova_graph_missing_targets_request *request) {
    (void)s;
    request->limit = SIZE_MAX;
    return ZOVA_GRAPH_INVALID;
}

/* ---- containers of graphs ---- */

static void fill_zova_graph_info(scene *s, zova_graph_info *filled) {
    zova_graph_info_get_request request;
    memset(&request, 0, sizeof request);
    a_graph(s);
    request.db = s->db;
    request.out_info = filled;
    request.name = "g";
    CHECK_OK(s->db, zova_graph_info_get(&request));
}

static void fill_zova_graph_list(scene *s, zova_graph_list *filled) {
    zova_graph_list_request request;
    memset(&request, 0, sizeof request);
    a_graph(s);
    request.db = s->db;
    request.out_list = filled;
    CHECK_OK(s->db, zova_graphs_list(&request));
}

static void fill_zova_graph_node(scene *s, zova_graph_node *filled) {
    zova_graph_node_get_request request;
    memset(&request, 0, sizeof request);
    a_graph(s);
    request.db = s->db;
    request.out_node = filled;
    request.graph_name = "g";
    request.node_id = "a";
    CHECK_OK(s->db, zova_graph_node_get(&request));
}

static void fill_zova_graph_edge(scene *s, zova_graph_edge *filled) {
    zova_graph_edge_get_request request;
    memset(&request, 0, sizeof request);
    a_graph(s);
    request.db = s->db;
    request.out_edge = filled;
    request.graph_name = "g";
    request.from_node_id = "a";
    request.edge_type = "e";
    request.to_node_id = "b";
    CHECK_OK(s->db, zova_graph_edge_get(&request));
}

static void fill_zova_graph_neighbor_results(scene *s, zova_graph_neighbor_results *filled) {
    zova_graph_neighbors_request request;
    memset(&request, 0, sizeof request);
    a_graph(s);
    request.db = s->db;
    request.out_results = filled;
    request.graph_name = "g";
    request.node_id = "a";
    request.limit = 10;
    CHECK_OK(s->db, zova_graph_neighbors(&request));
}

static void fill_zova_graph_walk_results(scene *s, zova_graph_walk_results *filled) {
    zova_graph_walk_request request;
    memset(&request, 0, sizeof request);
    a_graph(s);
    request.db = s->db;
    request.out_results = filled;
    request.graph_name = "g";
    request.start_node_id = "a";
    request.edge_type = "e";
    request.max_depth = 2;
    request.limit = 10;
    CHECK_OK(s->db, zova_graph_walk(&request));
}

static void fill_zova_graph_node_page(scene *s, zova_graph_node_page *filled) {
    zova_graph_nodes_page_request request;
    memset(&request, 0, sizeof request);
    a_graph(s);
    request.db = s->db;
    request.out_page = filled;
    request.graph_name = "g";
    request.limit = 10;
    CHECK_OK(s->db, zova_graph_nodes_page(&request));
}

static void fill_zova_graph_edge_page(scene *s, zova_graph_edge_page *filled) {
    zova_graph_edges_page_request request;
    memset(&request, 0, sizeof request);
    a_graph(s);
    request.db = s->db;
    request.out_page = filled;
    request.graph_name = "g";
    request.limit = 10;
    CHECK_OK(s->db, zova_graph_edges_page(&request));
}

static void fill_zova_graph_missing_target_list(scene *s, zova_graph_missing_target_list *filled) {
    zova_graph_missing_targets_request request;
    memset(&request, 0, sizeof request);
    a_graph(s);
    request.db = s->db;
    request.out_list = filled;
    request.limit = 10;
    CHECK_OK(s->db, zova_graph_missing_targets(&request));
}

static void fill_zova_vector_list(scene *s, zova_vector_list *list) {
    zova_vector_get_many_request request = {s->db, "points", CANDIDATES, 2, list};
    CHECK_OK(s->db, zova_vector_get_many(&request));
}

static void fill_zova_vector_id_list(scene *s, zova_vector_id_list *list) {
    zova_vector_ids_list_request request = {s->db, "points", NULL, 10, list};
    CHECK_OK(s->db, zova_vector_ids_list(&request));
}

#define OF_MANY(function)                                                         \
    static void valid_##function(scene *s, function##_request *request) {         \
        request->collection_name = with_vectors(s);                               \
        request->vector_ids = CANDIDATES;                                         \
        request->vector_count = 2;                                                \
    }                                                                             \
    enum { empty_##function##_vector_ids = ZOVA_OK, huge_##function##_vector_ids = ZOVA_INVALID_ARGUMENT };

OF_MANY(zova_vector_get_many)
FAILS_WITHOUT_COLLECTION(zova_vector_get_many, collection_name, ZOVA_VECTOR_COLLECTION_NOT_FOUND)
OF_MANY(zova_vector_delete_many)

static void valid_zova_vector_ids_list(scene *s, zova_vector_ids_list_request *request) {
    request->collection_name = with_vectors(s);
    request->after_vector_id = "one";
    request->limit = 10;
}

FAILS_WITHOUT_COLLECTION(zova_vector_ids_list, collection_name, ZOVA_VECTOR_COLLECTION_NOT_FOUND)

static void valid_zova_database_set_vector_cache_limit(scene *s, zova_database_set_vector_cache_limit_request *request) {
    (void)s;
    request->bytes = 1000000;
}

NEVER_FAILS(zova_vector_search_stats_get, zova_vector_search_stats_get_request)

#endif
