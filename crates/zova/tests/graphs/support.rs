//! Short forms for the tests of graphs.

use zova::{
    Database, GraphDirection, GraphEdgeInput, GraphNeighborDirection, GraphNeighborsOptions, GraphNodeInput,
    GraphTargetType, GraphWalkItem, GraphWalkOptions,
};

pub(crate) const G: &str = "g";

/// A node without target.
pub(crate) fn node(id: &str) -> GraphNodeInput<'_> {
    GraphNodeInput {
        graph_name: G,
        node_id: id,
        kind: "k",
        target_type: GraphTargetType::None,
        target_namespace: None,
        target_ref: None,
    }
}

/// An edge of type `e`.
pub(crate) fn edge<'a>(from: &'a str, to: &'a str) -> GraphEdgeInput<'a> {
    typed(from, "e", to)
}

pub(crate) fn typed<'a>(from: &'a str, edge_type: &'a str, to: &'a str) -> GraphEdgeInput<'a> {
    GraphEdgeInput { graph_name: G, from_node_id: from, edge_type, to_node_id: to }
}

/// A graph with these nodes, and these edges written as "a-b".
pub(crate) fn fill(db: &mut Database, nodes: &str, edges: &str) {
    db.create_graph(G).unwrap();
    for id in nodes.split_whitespace() {
        db.put_graph_node(node(id)).unwrap();
    }
    add(db, edges);
}

pub(crate) fn add(db: &mut Database, edges: &str) {
    for pair in edges.split_whitespace() {
        let (from, to) = pair.split_once('-').unwrap();
        db.put_graph_edge(edge(from, to)).unwrap();
    }
}

pub(crate) fn near(node_id: &str) -> GraphNeighborsOptions<'_> {
    GraphNeighborsOptions {
        graph_name: G,
        node_id,
        direction: GraphNeighborDirection::Outgoing,
        edge_type: None,
        limit: 1000,
    }
}

/// Ids of the outgoing neighbors, separated by spaces.
pub(crate) fn out(db: &mut Database, node_id: &str) -> String {
    ids(db, near(node_id))
}

/// Ids of the incoming neighbors, separated by spaces.
pub(crate) fn into(db: &mut Database, node_id: &str) -> String {
    ids(db, GraphNeighborsOptions { direction: GraphNeighborDirection::Incoming, ..near(node_id) })
}

pub(crate) fn ids(db: &mut Database, options: GraphNeighborsOptions<'_>) -> String {
    let found = db.graph_neighbors(options).unwrap();
    found.into_iter().map(|neighbor| neighbor.node_id).collect::<Vec<_>>().join(" ")
}

pub(crate) fn from(start: &str, max_depth: u32, limit: usize) -> GraphWalkOptions<'_> {
    GraphWalkOptions { graph_name: G, start_node_id: start, edge_type: None, max_depth, limit }
}

/// A walk as "id@depth<predecessor" items.
pub(crate) fn walk(db: &mut Database, options: GraphWalkOptions<'_>) -> String {
    shown(db.graph_walk(options).unwrap())
}

pub(crate) fn walk_to(db: &mut Database, options: GraphWalkOptions<'_>, direction: GraphDirection) -> String {
    shown(db.graph_walk_direction(options, direction).unwrap())
}

pub(crate) fn shown(items: Vec<GraphWalkItem>) -> String {
    let show = |item: GraphWalkItem| match item.predecessor_node_id {
        None => format!("{}@{}", item.node_id, item.depth),
        Some(predecessor) => format!("{}@{}<{predecessor}", item.node_id, item.depth),
    };
    items.into_iter().map(show).collect::<Vec<_>>().join(" ")
}
