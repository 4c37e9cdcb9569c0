//! Neighbors, degrees, walks, paths and pages.

use zova::{GraphDirection, GraphNeighborDirection, GraphNeighborsOptions, GraphWalkOptions, Status};

use crate::common::{Scratch, edit, fault};
use crate::support::*;

#[test]
fn neighbors_come_in_the_order_of_their_edges_whatever_their_ids() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    fill(&mut db, "a b c d", "a-d a-b d-a a-c a-a c-a");
    db.put_graph_edge(typed("a", "f", "b")).unwrap();
    assert_eq!(out(&mut db, "a"), "d b c a b");
    assert_eq!(into(&mut db, "a"), "d a c");
    assert_eq!(ids(&mut db, GraphNeighborsOptions { limit: 2, ..near("a") }), "d b");
    assert_eq!(ids(&mut db, GraphNeighborsOptions { limit: 0, ..near("a") }), "");
    assert_eq!(ids(&mut db, GraphNeighborsOptions { edge_type: Some("f"), ..near("a") }), "b");
    assert_eq!(ids(&mut db, GraphNeighborsOptions { edge_type: Some("none"), ..near("a") }), "");
    let incoming = GraphNeighborsOptions {
        direction: GraphNeighborDirection::Incoming,
        edge_type: Some("f"),
        ..near("b")
    };
    let found = db.graph_neighbors(incoming).unwrap();
    assert_eq!(
        (found[0].node_id.as_str(), found[0].kind.as_str(), found[0].edge_type.as_str()),
        ("a", "k", "f")
    );
}

#[test]
fn neighbors_check_their_arguments_in_order() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    fill(&mut db, "a", "");
    let too_many = usize::MAX;
    fault(db.graph_neighbors(GraphNeighborsOptions { limit: too_many, ..near("x") }), Status::GraphInvalid);
    fault(
        db.graph_neighbors(GraphNeighborsOptions { edge_type: Some(""), ..near("x") }),
        Status::GraphInvalid,
    );
    fault(db.graph_neighbors(GraphNeighborsOptions { limit: 0, ..near("x") }), Status::GraphNodeNotFound);
    fault(
        db.graph_neighbors(GraphNeighborsOptions { graph_name: "h", ..near("a") }),
        Status::GraphNodeNotFound,
    );
    fault(db.graph_walk(from("x", 1, too_many)), Status::GraphInvalid);
    fault(db.graph_walk(from("x", 1, 0)), Status::GraphNodeNotFound);
    fault(db.graph_degree(G, "x", GraphDirection::Both, None), Status::GraphNodeNotFound);
}

#[test]
fn edges_with_a_missing_other_end_are_left_out_and_do_not_count() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    fill(&mut db, "a b c d", "a-b a-c a-d b-a c-a");
    edit(&path, "delete from _zova_graph_nodes where node_id = 'b'");
    assert_eq!(ids(&mut db, GraphNeighborsOptions { limit: 1, ..near("a") }), "c");
    assert_eq!(into(&mut db, "a"), "c");
    assert_eq!(walk(&mut db, from("a", 9, 2)), "a@0 c@1<a");
    for (direction, degree) in
        [(GraphDirection::Outgoing, 2), (GraphDirection::Incoming, 1), (GraphDirection::Both, 3)]
    {
        assert_eq!(db.graph_degree(G, "a", direction, None).unwrap(), degree);
    }
    assert_eq!(db.graph_info(G).unwrap().edge_count, 5);
}

#[test]
fn edges_created_at_the_same_number_come_by_neighbor_id() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    fill(&mut db, "a z b", "a-z a-b b-a z-a");
    edit(&path, "update _zova_graph_edges set created_order = 7");
    assert_eq!((out(&mut db, "a").as_str(), into(&mut db, "a").as_str()), ("b z", "b z"));
    assert_eq!(walk_to(&mut db, from("a", 1, 9), GraphDirection::Both), "a@0 b@1<a z@1<a");
}

#[test]
fn a_self_edge_counts_twice_in_a_degree_of_both_directions() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    fill(&mut db, "a b", "a-a a-b");
    assert_eq!(db.graph_degree(G, "a", GraphDirection::Both, None).unwrap(), 3);
    assert_eq!(db.graph_degree(G, "a", GraphDirection::Both, Some("e")).unwrap(), 3);
    assert_eq!(db.graph_degree(G, "a", GraphDirection::Both, Some("f")).unwrap(), 0);
}

#[test]
fn a_walk_is_breadth_first_with_the_oldest_way_to_each_node() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    fill(&mut db, "a b c d e f", "a-c a-b b-d c-d d-a d-e c-c e-f b-e");
    assert_eq!(walk(&mut db, from("a", 9, 99)), "a@0 c@1<a b@1<a d@2<c e@2<b f@3<e");
    assert_eq!(walk(&mut db, from("a", 1, 99)), "a@0 c@1<a b@1<a");
    assert_eq!(walk(&mut db, from("a", 0, 99)), "a@0");
    assert_eq!(walk(&mut db, from("a", 9, 4)), "a@0 c@1<a b@1<a d@2<c");
    assert_eq!(
        (walk(&mut db, from("a", 9, 1)).as_str(), walk(&mut db, from("a", 9, 0)).as_str()),
        ("a@0", "")
    );
    assert_eq!(walk(&mut db, GraphWalkOptions { edge_type: Some("other"), ..from("a", 9, 9) }), "a@0");
    assert_eq!(walk(&mut db, from("a", u32::MAX, usize::MAX >> 1)).split(' ').count(), 6);
}

#[test]
fn a_limit_never_hides_nodes_behind_parallel_edges_and_edges_back() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    fill(&mut db, "a b c", "");
    for edge_type in ["1", "2", "3", "4", "5"] {
        db.put_graph_edge(typed("a", edge_type, "b")).unwrap();
        db.put_graph_edge(typed("b", edge_type, "a")).unwrap();
    }
    add(&mut db, "b-c");
    assert_eq!(walk(&mut db, from("a", 9, 3)), "a@0 b@1<a c@2<b");
}

#[test]
fn walks_follow_incoming_edges_or_both() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    fill(&mut db, "a b c d", "b-a a-c d-c");
    assert_eq!(walk_to(&mut db, from("c", 9, 9), GraphDirection::Incoming), "c@0 a@1<c d@1<c b@2<a");
    assert_eq!(walk_to(&mut db, from("a", 9, 9), GraphDirection::Both), "a@0 b@1<a c@1<a d@2<c");
    assert_eq!(walk_to(&mut db, from("a", 9, 9), GraphDirection::Outgoing), walk(&mut db, from("a", 9, 9)));
    let items = db.graph_walk_direction(from("c", 1, 9), GraphDirection::Incoming).unwrap();
    assert_eq!((items[0].edge_type.as_deref(), items[1].edge_type.as_deref()), (None, Some("e")));
}

#[test]
fn a_path_is_the_way_a_walk_takes() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    fill(&mut db, "a b c d e", "a-c a-b b-d c-d d-e");
    let mut path = |options, to: &str, direction| shown(db.graph_path(options, to, direction).unwrap());
    assert_eq!(path(from("a", 9, 99), "e", GraphDirection::Outgoing), "a@0 c@1<a d@2<c e@3<d");
    assert_eq!(path(from("e", 9, 99), "a", GraphDirection::Incoming), "e@0 d@1<e b@2<d a@3<b");
    assert_eq!(path(from("e", 9, 99), "a", GraphDirection::Outgoing), "");
    assert_eq!(path(from("a", 2, 99), "e", GraphDirection::Outgoing), "");
    assert_eq!(path(from("a", 9, 4), "e", GraphDirection::Outgoing), "");
    assert_eq!(path(from("a", 9, 4), "d", GraphDirection::Outgoing), "a@0 c@1<a d@2<c");
    assert_eq!(path(from("a", 0, 1), "a", GraphDirection::Both), "a@0");
    assert_eq!(path(from("a", 0, 0), "a", GraphDirection::Both), "");
    fault(db.graph_path(from("a", 9, 9), "x", GraphDirection::Both), Status::GraphNodeNotFound);
    fault(db.graph_path(from("x", 9, 9), "a", GraphDirection::Both), Status::GraphNodeNotFound);
    fault(db.graph_path(from("a", 9, 9), "", GraphDirection::Both), Status::GraphInvalid);
}

#[test]
fn pages_give_everything_once_in_the_order_of_creation() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    fill(&mut db, "d a c b", "d-a a-d c-c b-a d-b");
    edit(&path, "update _zova_graph_nodes set created_order = 2 where node_id in ('a', 'c')");
    edit(&path, "update _zova_graph_edges set created_order = 2 where created_order < 5");
    for limit in 1..6 {
        let (mut nodes, mut after) = (Vec::new(), None);
        loop {
            let page = db.graph_nodes_page(G, after.as_ref(), limit).unwrap();
            nodes.extend(page.iter().map(|entry| format!("{}{}", entry.node.node_id, entry.created_order)));
            after = page.last().cloned();
            if page.len() < limit {
                break;
            }
        }
        assert_eq!(nodes, ["d1", "a2", "c2", "b4"]);
        let (mut edges, mut after) = (Vec::new(), None);
        loop {
            let page = db.graph_edges_page(G, after.as_ref(), limit).unwrap();
            edges.extend(
                page.iter()
                    .map(|e| format!("{}{}{}", e.edge.from_node_id, e.edge.to_node_id, e.created_order)),
            );
            after = page.last().cloned();
            if page.len() < limit {
                break;
            }
        }
        assert_eq!(edges, ["ad2", "ba2", "cc2", "da2", "db5"]);
    }
    assert!(db.graph_nodes_page(G, None, 0).unwrap().is_empty());
    fault(db.graph_nodes_page("h", None, 1), Status::GraphNotFound);
    fault(db.graph_edges_page("h", None, 0), Status::GraphNotFound);
}
