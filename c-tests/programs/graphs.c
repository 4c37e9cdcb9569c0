/* graphs.md; abi.md, section 12.12; abi-additions.md, section 2. */
#include "support.h"

static zova_status create_graph(zova_database *db, const char *name) {
    zova_graph_create_request request = {db, name};
    return zova_graph_create(&request);
}

static zova_status node_put(zova_database *db, const char *id, int type, const char *space, const char *reference) {
    zova_graph_node_put_request request = {db, "g", id, "k", type, space, reference};
    return zova_graph_node_put(&request);
}

static zova_status edge_put(zova_database *db, const char *from, const char *type, const char *to) {
    zova_graph_edge_put_request request = {db, "g", from, type, to};
    return zova_graph_edge_put(&request);
}

/* A graph with nodes of one letter and edges written "ab". */
static zova_database *graph_of(const char *nodes, const char *edges) {
    zova_database *db = create("x.zova");
    char from[2] = "", to[2] = "";
    CHECK_OK(db, create_graph(db, "g"));
    for (; *nodes != '\0'; nodes++) {
        from[0] = *nodes;
        CHECK_OK(db, node_put(db, from, ZOVA_GRAPH_TARGET_NONE, NULL, NULL));
    }
    for (; *edges != '\0'; edges += 2) {
        from[0] = edges[0];
        to[0] = edges[1];
        CHECK_OK(db, edge_put(db, from, "e", to));
    }
    return db;
}

/* The items of a walk as "a0 b1a ": id, depth, predecessor. */
static void show(char *text, const zova_graph_walk_results *results) {
    size_t at;
    *text = '\0';
    for (at = 0; at < results->len; at++) {
        const zova_graph_walk_result *item = &results->items[at];
        CHECK_INT(item->node_id_len, strlen(item->node_id));
        CHECK_TEXT("k", item->kind);
        CHECK_INT(item->has_predecessor_node_id, item->has_edge_type);
        CHECK_INT(item->has_edge_type != 0, item->edge_type != NULL);
        text += sprintf(text, "%s%u%s ", item->node_id, (unsigned)item->depth,
                        item->has_predecessor_node_id ? item->predecessor_node_id : "");
    }
}

static void check_walk(zova_database *db, const char *expected, const char *start, uint32_t depth, size_t limit) {
    zova_graph_walk_results results;
    zova_graph_walk_request request = {db, "g", start, NULL, depth, limit, &results};
    char text[1000];
    memset(&results, 0xff, sizeof results);
    CHECK_OK(db, zova_graph_walk(&request));
    show(text, &results);
    CHECK_TEXT(expected, text);
    zova_graph_walk_results_free(&results);
    CHECK(results.items == NULL && results.len == 0);
}

static void graphs_are_created_listed_and_deleted(void) {
    zova_database *db = graph_of("abc", "abbcca");
    zova_graph_list list;
    zova_graph_info info;
    zova_graph_list_request all = {db, &list};
    zova_graph_info_get_request one = {db, "g", &info};
    zova_graph_delete_request gone = {db, "g"};
    uint8_t exists = 7;
    zova_graph_exists_request asked = {db, "h", &exists};
    CHECK_STATUS(db, ZOVA_GRAPH_EXISTS, create_graph(db, "g"));
    CHECK_TEXT("GraphExists: the graph \"g\" already exists", last_error(db));
    CHECK_OK(db, create_graph(db, "A"));
    CHECK_OK(db, zova_graphs_list(&all));
    CHECK_INT(2, list.len);
    CHECK_TEXT("A", list.items[0].name);
    CHECK_TEXT("g", list.items[1].name);
    CHECK_INT(3, list.items[1].node_count);
    zova_graph_list_free(&list);
    CHECK_OK(db, zova_graph_info_get(&one));
    CHECK_TEXT("g", info.name);
    CHECK_INT(1, info.name_len);
    CHECK_INT(3, info.edge_count);
    zova_graph_info_free(&info);
    zova_graph_info_free(&info);
    CHECK_OK(db, zova_graph_exists(&asked));
    CHECK_INT(0, exists);
    CHECK_OK(db, zova_graph_delete(&gone));
    CHECK_STATUS(db, ZOVA_GRAPH_NOT_FOUND, zova_graph_delete(&gone));
    CHECK_STATUS(db, ZOVA_GRAPH_NOT_FOUND, zova_graph_info_get(&one));
    CHECK(info.name == NULL && info.node_count == 0);
    CHECK_STATUS(db, ZOVA_GRAPH_INVALID, create_graph(db, "_ZOVA_x"));
    close_database(db);
}

static void nodes_keep_the_difference_between_absent_and_empty(void) {
    zova_database *db = graph_of("", "");
    zova_graph_node node;
    zova_graph_node_get_request get_node = {db, "g", "a", &node};
    CHECK_OK(db, node_put(db, "a", ZOVA_GRAPH_TARGET_EXTERNAL, "", NULL));
    CHECK_OK(db, zova_graph_node_get(&get_node));
    CHECK_TEXT("g", node.graph_name);
    CHECK_TEXT("a", node.node_id);
    CHECK_TEXT("k", node.kind);
    CHECK_INT(ZOVA_GRAPH_TARGET_EXTERNAL, node.target_type);
    CHECK(node.has_target_namespace == 1 && node.target_namespace_len == 0);
    CHECK_TEXT("", node.target_namespace);
    CHECK(node.has_target_ref == 0 && node.target_ref == NULL && node.target_ref_len == 0);
    zova_graph_node_free(&node);
    CHECK(node.graph_name == NULL && node.target_namespace == NULL);
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, node_put(db, "a", 9, NULL, NULL));
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, node_put(db, "", -1, NULL, NULL));
    CHECK_STATUS(db, ZOVA_GRAPH_INVALID, node_put(db, "", 0, NULL, NULL));
    CHECK_STATUS(db, ZOVA_GRAPH_INVALID, node_put(db, "a", ZOVA_GRAPH_TARGET_OBJECT, NULL, "abc"));
    CHECK_STATUS(db, ZOVA_GRAPH_INVALID, node_put(db, "a", 0, "\xff", NULL));
    close_database(db);
}

static void neighbors_come_in_the_order_of_their_edges(void) {
    zova_database *db = graph_of("abc", "acabca");
    zova_graph_neighbor_results results;
    zova_graph_neighbors_request request = {db, "g", "a", ZOVA_GRAPH_NEIGHBOR_OUTGOING, NULL, 10, &results};
    CHECK_OK(db, edge_put(db, "a", "f", "b"));
    CHECK_OK(db, zova_graph_neighbors(&request));
    CHECK_INT(3, results.len);
    CHECK_TEXT("c", results.items[0].node_id);
    CHECK_TEXT("b", results.items[1].node_id);
    CHECK_TEXT("f", results.items[2].edge_type);
    CHECK_INT(1, results.items[2].kind_len);
    zova_graph_neighbor_results_free(&results);
    request.direction = ZOVA_GRAPH_NEIGHBOR_INCOMING;
    CHECK_OK(db, zova_graph_neighbors(&request));
    CHECK_INT(1, results.len);
    zova_graph_neighbor_results_free(&results);
    request.limit = 0;
    CHECK_OK(db, zova_graph_neighbors(&request));
    CHECK(results.items == NULL && results.len == 0);
    request.direction = ZOVA_GRAPH_NEIGHBOR_BOTH;
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, zova_graph_neighbors(&request));
    request.direction = ZOVA_GRAPH_NEIGHBOR_OUTGOING;
    request.limit = SIZE_MAX;
    CHECK_STATUS(db, ZOVA_GRAPH_INVALID, zova_graph_neighbors(&request));
    request.limit = 0;
    request.node_id = "x";
    CHECK_STATUS(db, ZOVA_GRAPH_NODE_NOT_FOUND, zova_graph_neighbors(&request));
    close_database(db);
}

static void walks_are_breadth_first_in_every_direction(void) {
    zova_database *db = graph_of("abcde", "acabbdcddade");
    zova_graph_walk_results results;
    zova_graph_walk_direction_request walk = {db, "g", "d", ZOVA_GRAPH_NEIGHBOR_INCOMING, NULL, 9, 9, &results};
    zova_graph_path_request path = {db, "g", "a", "e", ZOVA_GRAPH_NEIGHBOR_OUTGOING, NULL, 9, 9, &results};
    char text[1000];
    check_walk(db, "a0 c1a b1a d2c e3d ", "a", 9, 100);
    check_walk(db, "a0 c1a b1a ", "a", 1, 100);
    check_walk(db, "a0 c1a ", "a", UINT32_MAX, 2);
    check_walk(db, "", "a", 1, 0);
    CHECK_OK(db, zova_graph_walk_direction(&walk));
    show(text, &results);
    CHECK_TEXT("d0 b1d c1d a2b ", text);
    zova_graph_walk_results_free(&results);
    walk.direction = ZOVA_GRAPH_NEIGHBOR_BOTH;
    walk.max_depth = 1;
    CHECK_OK(db, zova_graph_walk_direction(&walk));
    show(text, &results);
    CHECK_TEXT("d0 b1d c1d a1d e1d ", text);
    zova_graph_walk_results_free(&results);
    CHECK_OK(db, zova_graph_path(&path));
    show(text, &results);
    CHECK_TEXT("a0 c1a d2c e3d ", text);
    zova_graph_walk_results_free(&results);
    path.max_depth = 2;
    CHECK_OK(db, zova_graph_path(&path));
    CHECK(results.items == NULL && results.len == 0);
    close_database(db);
}

static void batches_are_all_or_nothing(void) {
    zova_database *db = graph_of("ab", "");
    zova_graph_edge_input edges[] = {{"g", "a", "e", "b"}, {"g", "b", "e", "x"}};
    zova_graph_node_input nodes[] = {{"g", "x", "k", 0, NULL, NULL}, {"g", "y", "k", 0, NULL, NULL}};
    const char *ids[] = {"x", "y", "x"};
    zova_graph_edge_put_many_request put_edges = {db, edges, 2};
    zova_graph_edge_delete_many_request delete_edges = {db, edges, 2};
    zova_graph_node_put_many_request put_nodes = {db, nodes, 2};
    zova_graph_node_delete_many_request delete_nodes = {db, "g", ids, 3};
    uint64_t degree = 7;
    zova_graph_degree_request asked = {db, "g", "b", ZOVA_GRAPH_NEIGHBOR_BOTH, NULL, &degree};
    CHECK_STATUS(db, ZOVA_GRAPH_NODE_NOT_FOUND, zova_graph_edge_put_many(&put_edges));
    CHECK_INT(0, QUERY_INT(db, "select count(*) from _zova_graph_edges"));
    CHECK_OK(db, zova_graph_node_put_many(&put_nodes));
    CHECK_OK(db, zova_graph_edge_put_many(&put_edges));
    CHECK_OK(db, zova_graph_degree(&asked));
    CHECK_INT(2, degree);
    CHECK_STATUS(db, ZOVA_GRAPH_NODE_NOT_FOUND, zova_graph_node_delete_many(&delete_nodes));
    CHECK_INT(4, QUERY_INT(db, "select count(*) from _zova_graph_nodes"));
    CHECK_OK(db, zova_graph_edge_delete_many(&delete_edges));
    CHECK_STATUS(db, ZOVA_GRAPH_EDGE_NOT_FOUND, zova_graph_edge_delete_many(&delete_edges));
    delete_nodes.node_count = 2;
    CHECK_OK(db, zova_graph_node_delete_many(&delete_nodes));
    /* Null rules come first, over the whole array. */
    nodes[0].graph_name = "absent";
    nodes[1].kind = NULL;
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, zova_graph_node_put_many(&put_nodes));
    nodes[1].kind = "k";
    nodes[1].target_type = 99;
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, zova_graph_node_put_many(&put_nodes));
    ids[1] = NULL;
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, zova_graph_node_delete_many(&delete_nodes));
    put_nodes.nodes = NULL;
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, zova_graph_node_put_many(&put_nodes));
    put_nodes.nodes_len = 0;
    CHECK_OK(db, zova_graph_node_put_many(&put_nodes));
    close_database(db);
}

static void strict_targets_hold_for_the_handle_and_missing_ones_are_listed(void) {
    zova_database *db = graph_of("", "");
    zova_database_set_strict_targets_request strict = {db, 1};
    zova_graph_missing_target_list list;
    zova_graph_missing_targets_request missing = {db, NULL, NULL, 10, &list};
    zova_object_id id;
    char digits[65];
    CHECK_OK(db, put(db, "abc", 3, &id));
    hex(digits, id.bytes, 32);
    CHECK_OK(db, node_put(db, "vector", ZOVA_GRAPH_TARGET_VECTOR, "col", "v"));
    CHECK_OK(db, node_put(db, "chunk", ZOVA_GRAPH_TARGET_OBJECT_CHUNK, NULL, NULL));
    CHECK_OK(db, zova_database_set_strict_targets(&strict));
    CHECK_OK(db, node_put(db, "object", ZOVA_GRAPH_TARGET_OBJECT, NULL, digits));
    digits[0] = digits[0] == '0' ? '1' : '0';
    CHECK_STATUS(db, ZOVA_OBJECT_NOT_FOUND, node_put(db, "b", ZOVA_GRAPH_TARGET_OBJECT, NULL, digits));
    CHECK_BEGINS("ObjectNotFound: no object ", last_error(db));
    CHECK_STATUS(db, ZOVA_VECTOR_COLLECTION_NOT_FOUND, node_put(db, "b", ZOVA_GRAPH_TARGET_VECTOR, "col", "v"));
    CHECK_OK(db, zova_graph_missing_targets(&missing));
    CHECK_INT(2, list.len);
    CHECK_TEXT("chunk", list.items[0].node_id);
    CHECK_INT(ZOVA_OBJECT_CHUNK_NOT_FOUND, list.items[0].status);
    CHECK_TEXT("col", list.items[1].target_namespace);
    CHECK_INT(ZOVA_VECTOR_COLLECTION_NOT_FOUND, list.items[1].status);
    zova_graph_missing_target_list_free(&list);
    missing.after_graph_name = "g";
    CHECK_STATUS(db, ZOVA_INVALID_ARGUMENT, zova_graph_missing_targets(&missing));
    missing.after_node_id = "chunk";
    CHECK_OK(db, zova_graph_missing_targets(&missing));
    CHECK_INT(1, list.len);
    zova_graph_missing_target_list_free(&list);
    close_database(db);
}

static void pages_follow_the_order_of_creation(void) {
    zova_database *db = graph_of("cab", "cabaac");
    zova_graph_node_page nodes;
    zova_graph_edge_page edges;
    zova_graph_nodes_page_request next_nodes = {db, "g", NULL, 2, &nodes};
    zova_graph_edges_page_request next_edges = {db, "g", NULL, 2, &edges};
    zova_graph_node_page first_nodes;
    zova_graph_edge_page first_edges;
    CHECK_OK(db, zova_graph_nodes_page(&next_nodes));
    first_nodes = nodes;
    CHECK_INT(2, nodes.len);
    CHECK_TEXT("c", nodes.items[0].node.node_id);
    CHECK_INT(2, nodes.items[1].created_order);
    next_nodes.after = &first_nodes.items[1];
    CHECK_OK(db, zova_graph_nodes_page(&next_nodes));
    CHECK_INT(1, nodes.len);
    CHECK_TEXT("b", nodes.items[0].node.node_id);
    zova_graph_node_page_free(&first_nodes);
    zova_graph_node_page_free(&nodes);
    CHECK_OK(db, zova_graph_edges_page(&next_edges));
    first_edges = edges;
    CHECK_INT(2, edges.len);
    CHECK_TEXT("b", edges.items[1].edge.from_node_id);
    next_edges.after = &first_edges.items[1];
    CHECK_OK(db, zova_graph_edges_page(&next_edges));
    CHECK_INT(1, edges.len);
    CHECK_TEXT("c", edges.items[0].edge.to_node_id);
    zova_graph_edge_page_free(&first_edges);
    zova_graph_edge_page_free(&edges);
    close_database(db);
}

static void the_sql_tables_answer_with_the_same_rows(void) {
    zova_database *db = graph_of("abcd", "acabbdcdda");
    CHECK_QUERY("c,b", db, "select group_concat(node_id) from (select * from zova_graph_neighbors('g', 'a'))");
    CHECK_QUERY("a0,c1,b1,d2", db,
                "select group_concat(node_id || depth) from (select * from zova_graph_walk('g', 'a', null, 9))");
    CHECK_QUERY("d", db, "select group_concat(node_id) from zova_graph_walk('g', 'a', null, 9, 4) where rank = 4");
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, "select * from zova_graph_walk('g', 'a')"));
    CHECK_TEXT("no query solution: zova_graph_walk needs the argument max_depth", last_error(db));
    CHECK_STATUS(db, ZOVA_SQLITE_ERROR, exec(db, "select * from zova_graph_neighbors('g', 'x')"));
    CHECK_TEXT("Zova graph node not found", last_error(db));
    close_database(db);
}

CHECK_MAIN(CASE(graphs_are_created_listed_and_deleted), CASE(nodes_keep_the_difference_between_absent_and_empty),
           CASE(neighbors_come_in_the_order_of_their_edges), CASE(walks_are_breadth_first_in_every_direction),
           CASE(batches_are_all_or_nothing), CASE(strict_targets_hold_for_the_handle_and_missing_ones_are_listed),
           CASE(pages_follow_the_order_of_creation), CASE(the_sql_tables_answer_with_the_same_rows))
