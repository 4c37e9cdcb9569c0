//! Creating, replacing and deleting.

use zova::{Error, GraphNodeInput, GraphTargetType, OpenOptions, SharedDatabase, Status};

use crate::common::{Scratch, edit, fault, number_of, raw};
use crate::support::*;

#[test]
fn graphs_are_created_once_listed_by_name_and_deleted_with_everything_in_them() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    assert!(db.list_graphs().unwrap().is_empty());
    for name in ["b", "a", "B"] {
        db.create_graph(name).unwrap();
        assert!(db.has_graph(name).unwrap());
    }
    assert_eq!(
        fault(db.create_graph("a"), Status::GraphExists),
        "GraphExists: the graph \"a\" already exists"
    );
    let names: Vec<String> = db.list_graphs().unwrap().into_iter().map(|info| info.name).collect();
    assert_eq!(names, ["B", "a", "b"]);
    fill(&mut db, "x y", "x-y y-y");
    let info = db.graph_info(G).unwrap();
    assert_eq!((info.name.as_str(), info.node_count, info.edge_count), ("g", 2, 2));
    db.delete_graph(G).unwrap();
    fault(db.delete_graph(G), Status::GraphNotFound);
    fault(db.graph_info(G), Status::GraphNotFound);
    assert_eq!(number_of(&mut db, "select count(*) from _zova_graph_nodes"), 0);
    assert_eq!(number_of(&mut db, "select count(*) from _zova_graph_edges"), 0);
    assert!(!db.has_graph(G).unwrap());
}

#[test]
fn putting_a_node_again_replaces_its_fields_and_keeps_its_edges_and_place() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    fill(&mut db, "a b c", "a-b c-a");
    let input = GraphNodeInput {
        kind: "other",
        target_type: GraphTargetType::Record,
        target_namespace: Some(""),
        target_ref: Some("42"),
        ..node("a")
    };
    db.put_graph_node(input).unwrap();
    let stored = db.get_graph_node(G, "a").unwrap();
    assert_eq!((stored.kind.as_str(), stored.target_type), ("other", GraphTargetType::Record));
    assert_eq!((stored.target_namespace.as_deref(), stored.target_ref.as_deref()), (Some(""), Some("42")));
    assert_eq!((out(&mut db, "a").as_str(), into(&mut db, "a").as_str()), ("b", "c"));
    db.put_graph_node(node("a")).unwrap();
    let stored = db.get_graph_node(G, "a").unwrap();
    assert_eq!((stored.target_namespace, stored.target_ref), (None, None));
    let order: String = raw(&path)
        .query_row(
            "select group_concat(node_id || created_order, ' ') from (select * from _zova_graph_nodes order by created_order)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(order, "a1 b2 c3");
}

#[test]
fn creation_order_goes_on_from_the_highest_number_in_use() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    fill(&mut db, "a b c", "a-c a-b");
    db.delete_graph_node(G, "c").unwrap();
    add(&mut db, "a-a b-a");
    db.put_graph_node(node("d")).unwrap();
    db.put_graph_edge(edge("a", "b")).unwrap();
    db.create_graph("h").unwrap();
    let raw = raw(&path);
    let all = |sql: &str| raw.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(
        all("select group_concat(node_id || created_order, ' ' order by node_id) from _zova_graph_nodes"),
        "a1 b2 d3"
    );
    assert_eq!(
        all(
            "select group_concat(from_node_id || to_node_id || created_order, ' ' order by created_order) from _zova_graph_edges"
        ),
        "ab2 aa3 ba4"
    );
    assert_eq!(
        all("select group_concat(name || created_order, ' ' order by name) from _zova_graphs"),
        "g1 h2"
    );
}

#[test]
fn what_a_put_needs_is_checked_and_named() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    assert_eq!(fault(db.put_graph_node(node("a")), Status::GraphNotFound), "GraphNotFound: no graph \"g\"");
    fault(db.put_graph_edge(edge("a", "b")), Status::GraphNodeNotFound);
    fill(&mut db, "a", "");
    let missing = "GraphNodeNotFound: no node \"b\" in the graph \"g\"";
    assert_eq!(fault(db.put_graph_edge(edge("a", "b")), Status::GraphNodeNotFound), missing);
    assert_eq!(fault(db.put_graph_edge(edge("b", "a")), Status::GraphNodeNotFound), missing);
    for (input, text) in [
        (GraphNodeInput { graph_name: "", ..node("") }, "the graph name \"\""),
        (GraphNodeInput { kind: "", ..node("") }, "the node id \"\""),
        (GraphNodeInput { kind: "a b", ..node("a") }, "the node kind \"a b\""),
        (GraphNodeInput { kind: "_zova_k", ..node("a") }, "begins with _zova_"),
    ] {
        let message = fault(db.put_graph_node(input), Status::GraphInvalid);
        assert!(message.contains(text), "{message}");
    }
    fault(db.put_graph_edge(typed("a", "b/c", "x")), Status::GraphInvalid);
    assert_eq!(db.graph_info(G).unwrap().edge_count, 0);
}

#[test]
fn a_nul_byte_is_refused_by_the_name_of_its_argument() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    let context = |result: Result<(), Error>| match result.unwrap_err() {
        Error::InteriorNul { context } => context,
        other => panic!("{other}"),
    };
    assert_eq!(context(db.create_graph("a\0")), "graph name");
    assert_eq!(context(db.put_graph_node(node("a\0"))), "graph node id");
    assert_eq!(context(db.put_graph_node(GraphNodeInput { kind: "\0", ..node("a") })), "graph node kind");
    let target = GraphNodeInput { target_namespace: Some("\0"), ..node("a") };
    assert_eq!(context(db.put_graph_node(target)), "graph target namespace");
    let target = GraphNodeInput { target_ref: Some("\0"), ..node("a") };
    assert_eq!(context(db.put_graph_nodes(&[node("x"), target])), "graph target ref");
    assert_eq!(context(db.put_graph_edge(edge("\0", "\0"))), "from graph node id");
    assert_eq!(context(db.put_graph_edge(typed("a", "\0", "\0"))), "graph edge type");
    assert_eq!(context(db.delete_graph_edges(&[edge("a", "\0")])), "to graph node id");
    assert_eq!(context(db.delete_graph_nodes(G, &["a", "\0"])), "graph node id");
    assert_eq!(context(db.graph_walk(from("\0", 1, 1)).map(drop)), "graph node id");
}

#[test]
fn deleting_a_node_takes_its_edges_in_both_directions() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    fill(&mut db, "a b c", "a-b b-c c-a b-b a-c");
    db.delete_graph_node(G, "b").unwrap();
    assert_eq!((out(&mut db, "a").as_str(), out(&mut db, "c").as_str()), ("c", "a"));
    assert_eq!(db.graph_info(G).unwrap().edge_count, 2);
    fault(db.delete_graph_node(G, "b"), Status::GraphNodeNotFound);
    fault(db.get_graph_node(G, "b"), Status::GraphNodeNotFound);
    assert!(!db.has_graph_node(G, "b").unwrap());
    assert!(!db.has_graph_node("other", "b").unwrap());
}

#[test]
fn edges_are_identified_by_their_ends_and_type_and_seen_without_their_ends() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    fill(&mut db, "a b", "a-b");
    db.put_graph_edge(typed("a", "f", "b")).unwrap();
    db.put_graph_edge(edge("a", "b")).unwrap();
    assert_eq!(db.graph_info(G).unwrap().edge_count, 2);
    let stored = db.get_graph_edge(G, "a", "f", "b").unwrap();
    assert_eq!(
        (stored.from_node_id.as_str(), stored.edge_type.as_str(), stored.to_node_id.as_str()),
        ("a", "f", "b")
    );
    edit(&path, "delete from _zova_graph_nodes where node_id = 'b'");
    assert!(db.has_graph_edge(G, "a", "f", "b").unwrap());
    db.delete_graph_edge(typed("a", "f", "b")).unwrap();
    let gone = fault(db.delete_graph_edge(typed("a", "f", "b")), Status::GraphEdgeNotFound);
    assert_eq!(gone, "GraphEdgeNotFound: no edge \"f\" from \"a\" to \"b\" in the graph \"g\"");
    fault(db.get_graph_edge("h", "a", "f", "b"), Status::GraphEdgeNotFound);
}

#[test]
fn batches_are_all_or_nothing_and_elements_see_earlier_ones() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    fill(&mut db, "a", "");
    db.put_graph_nodes(&[node("b"), node("c"), GraphNodeInput { kind: "last", ..node("b") }]).unwrap();
    assert_eq!(db.get_graph_node(G, "b").unwrap().kind, "last");
    fault(
        db.put_graph_nodes(&[node("x"), GraphNodeInput { graph_name: "h", ..node("y") }]),
        Status::GraphNotFound,
    );
    assert!(!db.has_graph_node(G, "x").unwrap());
    db.put_graph_edges(&[edge("a", "b"), edge("b", "c"), edge("a", "b")]).unwrap();
    fault(db.put_graph_edges(&[edge("c", "a"), edge("c", "x")]), Status::GraphNodeNotFound);
    fault(db.put_graph_edges(&[edge("c", "a"), typed("c", "?", "x")]), Status::GraphInvalid);
    assert_eq!(db.graph_info(G).unwrap().edge_count, 2);
    fault(db.delete_graph_edges(&[edge("a", "b"), edge("a", "b")]), Status::GraphEdgeNotFound);
    assert_eq!(db.graph_info(G).unwrap().edge_count, 2);
    db.delete_graph_edges(&[edge("a", "b"), edge("b", "c")]).unwrap();
    fault(db.delete_graph_nodes(G, &["b", "b"]), Status::GraphNodeNotFound);
    db.delete_graph_nodes(G, &["b", "a"]).unwrap();
    assert_eq!((db.graph_info(G).unwrap().node_count, db.graph_info(G).unwrap().edge_count), (1, 0));
    db.put_graph_nodes(&[]).unwrap();
    db.put_graph_edges(&[]).unwrap();
    db.delete_graph_nodes("nowhere", &[]).unwrap();
    fault(db.delete_graph_nodes("no where", &[]), Status::GraphInvalid);
}

#[test]
fn changes_join_the_callers_transaction_and_a_refused_one_leaves_it_open() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    fill(&mut db, "a b", "");
    db.begin().unwrap();
    add(&mut db, "a-b");
    fault(db.put_graph_edge(edge("a", "x")), Status::GraphNodeNotFound);
    fault(db.put_graph_edges(&[edge("b", "a"), edge("a", "x")]), Status::GraphNodeNotFound);
    db.savepoint("s").unwrap();
    db.delete_graph_node(G, "b").unwrap();
    assert_eq!(out(&mut db, "a"), "");
    db.rollback_to_savepoint("s").unwrap();
    assert_eq!(out(&mut db, "a"), "b");
    db.delete_graph(G).unwrap();
    db.rollback().unwrap();
    assert_eq!((db.graph_info(G).unwrap().node_count, db.graph_info(G).unwrap().edge_count), (2, 0));
}

#[test]
fn graph_changes_leave_the_counters_of_the_application_alone() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec("create table t(x); insert into t values (1), (2)").unwrap();
    let before = (db.last_insert_rowid().unwrap(), db.changes().unwrap(), db.total_changes().unwrap());
    fill(&mut db, "a b c", "a-b b-c");
    fault(db.put_graph_edge(edge("a", "x")), Status::GraphNodeNotFound);
    db.put_graph_nodes(&[node("d")]).unwrap();
    db.delete_graph_edge(edge("a", "b")).unwrap();
    db.delete_graph_node(G, "c").unwrap();
    db.delete_graph(G).unwrap();
    assert_eq!((db.last_insert_rowid().unwrap(), db.changes().unwrap(), db.total_changes().unwrap()), before);
}

#[test]
fn a_read_only_handle_refuses_changes_after_what_they_need_was_found() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    fill(&mut db, "a b", "a-b");
    drop(db);
    let mut db =
        zova::Database::open_with_options(&path, OpenOptions { read_only: true, ..OpenOptions::default() })
            .unwrap();
    fault(db.create_graph(G), Status::ReadOnly);
    fault(db.create_graph("h"), Status::ReadOnly);
    fault(db.put_graph_node(node("c")), Status::ReadOnly);
    fault(db.put_graph_node(GraphNodeInput { graph_name: "h", ..node("c") }), Status::GraphNotFound);
    fault(db.put_graph_edge(edge("a", "b")), Status::ReadOnly);
    fault(db.put_graph_edge(edge("a", "c")), Status::GraphNodeNotFound);
    fault(db.put_graph_edges(&[edge("a", "c")]), Status::GraphNodeNotFound);
    fault(db.delete_graph_edge(edge("a", "b")), Status::ReadOnly);
    fault(db.delete_graph_edge(edge("b", "a")), Status::GraphEdgeNotFound);
    fault(db.delete_graph_node(G, "a"), Status::ReadOnly);
    fault(db.delete_graph_node(G, "c"), Status::GraphNodeNotFound);
    fault(db.delete_graph(G), Status::ReadOnly);
    fault(db.delete_graph("h"), Status::GraphNotFound);
    assert_eq!(out(&mut db, "a"), "b");
    assert_eq!(crate::common::text_of(&mut db, "select node_id from zova_graph_neighbors('g', 'a')"), "b");
}

#[test]
fn everything_works_with_foreign_keys_enforced() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec("pragma foreign_keys = on").unwrap();
    fill(&mut db, "a b c", "a-b b-c c-a a-a");
    fault(db.put_graph_node(GraphNodeInput { graph_name: "h", ..node("c") }), Status::GraphNotFound);
    fault(db.put_graph_edge(edge("a", "x")), Status::GraphNodeNotFound);
    db.put_graph_node(GraphNodeInput { kind: "k2", ..node("a") }).unwrap();
    db.delete_graph_nodes(G, &["a"]).unwrap();
    assert_eq!(out(&mut db, "b"), "c");
    db.delete_graph(G).unwrap();
    assert!(db.list_graphs().unwrap().is_empty());
}

#[test]
fn shared_handles_and_their_guards_have_the_same_methods() {
    let scratch = Scratch::new();
    let db = SharedDatabase::create(scratch.path("a.zova")).unwrap();
    db.create_graph(G).unwrap();
    db.transaction(|guard| {
        guard.put_graph_nodes(&[node("a"), node("b")])?;
        guard.put_graph_edges(&[edge("a", "b")])
    })
    .unwrap();
    assert_eq!(db.graph_degree(G, "a", zova::GraphDirection::Both, None).unwrap(), 1);
    assert_eq!(db.with_exclusive(|guard| guard.graph_walk(from("a", 3, 10))).unwrap().len(), 2);
}
