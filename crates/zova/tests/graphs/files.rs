//! Files of the published implementation, files without our indexes, and damaged ones.

use zova::{Database, GraphTargetType, Status};

use crate::common::{Scratch, edit, expected, fault, raw};
use crate::support::*;

const OUR_INDEXES: &str = "drop index _zova_idx_graph_nodes_by_order; drop index _zova_idx_graph_edges_by_order; \
    drop index _zova_idx_graph_edges_by_target";

#[test]
fn a_graph_of_the_published_implementation_reads_as_it_says() {
    let scratch = Scratch::new();
    let mut db = Database::open(scratch.fixture("plain.zova")).unwrap();
    let graphs = db.list_graphs().unwrap();
    assert_eq!(graphs.len(), 1);
    let graph = graphs[0].name.as_str();
    let walk: Vec<serde_json::Value> =
        expected("plain.zova")["graph"]["walk_from_node_1_depth_2_limit_20"].as_array().unwrap().clone();
    let options = zova::GraphWalkOptions { graph_name: graph, ..from("node:1", 2, 20) };
    let found = db.graph_walk(options).unwrap();
    assert_eq!(found.len(), walk.len());
    for (item, wanted) in found.iter().zip(&walk) {
        assert_eq!(
            (item.node_id.as_str(), u64::from(item.depth)),
            (wanted[0].as_str().unwrap(), wanted[1].as_u64().unwrap())
        );
    }
    for i in 0..30 {
        let node = db.get_graph_node(graph, &format!("node:{i}")).unwrap();
        let (kind, target, namespace, reference) = if i % 3 == 0 {
            ("chunk", GraphTargetType::Vector, Some("l2".to_owned()), format!("v:{i}"))
        } else {
            ("entity", GraphTargetType::Entity, None, format!("node:{i}"))
        };
        assert_eq!((node.kind.as_str(), node.target_type), (kind, target));
        assert_eq!(node.target_ref, Some(reference));
        if namespace.is_some() {
            assert_eq!(node.target_namespace, namespace);
        }
        for k in 1..=3 {
            let to = format!("node:{}", (i * k + k) % 30);
            let edge_type = if k % 2 == 1 { "mentions" } else { "links" };
            assert!(db.has_graph_edge(graph, &format!("node:{i}"), edge_type, &to).unwrap());
        }
    }
    assert!(db.graph_missing_targets(None, 10).unwrap().is_empty());
}

#[test]
fn a_file_without_our_indexes_gives_the_same_and_opening_adds_none() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    fill(&mut db, "a b c d", "a-b c-b a-c d-a");
    drop(db);
    edit(&path, OUR_INDEXES);
    let mut db = Database::open(&path).unwrap();
    assert_eq!((out(&mut db, "a").as_str(), into(&mut db, "b").as_str()), ("b c", "a c"));
    db.put_graph_nodes(&[node("e"), node("f")]).unwrap();
    db.put_graph_edges(&[edge("e", "b"), edge("f", "b"), edge("e", "a")]).unwrap();
    assert_eq!(into(&mut db, "b"), "a c e f");
    db.delete_graph_node(G, "c").unwrap();
    assert_eq!((out(&mut db, "a").as_str(), into(&mut db, "b").as_str()), ("b", "a e f"));
    let pages = db.graph_edges_page(G, None, 10).unwrap();
    assert_eq!(pages.iter().map(|entry| entry.created_order).collect::<Vec<_>>(), [1, 4, 5, 6, 7]);
    let indexes: i64 = raw(&path)
        .query_row(
            "select count(*) from sqlite_schema where type = 'index' and name like '_zova_idx_graph%'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(indexes, 0);
}

#[test]
fn damaged_rows_are_faults_and_never_wrong_text() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    fill(&mut db, "a b c", "a-b b-c");
    edit(&path, "update _zova_graph_nodes set target_type = 'planet' where node_id = 'a'");
    let message = fault(db.get_graph_node(G, "a"), Status::GraphInvalid);
    assert_eq!(message, "GraphInvalid: the stored target type \"planet\" is unknown to this version");
    assert_eq!(out(&mut db, "a"), "b");
    fault(db.graph_nodes_page(G, None, 9), Status::GraphInvalid);
    edit(&path, "update _zova_graph_nodes set kind = cast(x'ff' as text) where node_id = 'c'");
    let message = fault(db.graph_neighbors(near("b")), Status::GraphInvalid);
    assert!(message.contains("not valid UTF-8"), "{message}");
    fault(db.graph_walk(from("a", 9, 9)), Status::GraphInvalid);
    edit(&path, "update _zova_graph_edges set created_order = 9223372036854775807 where from_node_id = 'a'");
    db.put_graph_edge(edge("b", "a")).unwrap();
    assert!(db.has_graph_edge(G, "b", "e", "a").unwrap());
}

#[test]
fn queries_and_changes_use_the_indexes() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    fill(&mut db, "a b", "a-b");
    let raw = raw(&path);
    let plan = |sql: &str| {
        let mut statement = raw.prepare(&format!("explain query plan {sql}")).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(3)).unwrap();
        rows.map(Result::unwrap).collect::<Vec<_>>().join("; ")
    };
    for (sql, index) in [
        (
            "select created_order from _zova_graph_edges where graph_name = 'g' order by created_order desc limit 1",
            "by_order",
        ),
        (
            "select created_order from _zova_graph_nodes where graph_name = 'g' order by created_order desc limit 1",
            "by_order",
        ),
        (
            "select created_order, edge_type, from_node_id from _zova_graph_edges where graph_name = 'g' and to_node_id = 'b'",
            "by_target",
        ),
        ("delete from _zova_graph_edges where graph_name = 'g' and to_node_id = 'b'", "by_target"),
        ("delete from _zova_graph_edges where graph_name = 'g' and from_node_id = 'b'", "autoindex"),
    ] {
        let found = plan(sql);
        assert!(
            found.contains("SEARCH") && found.contains(index) && !found.contains("TEMP"),
            "{sql}: {found}"
        );
    }
}
