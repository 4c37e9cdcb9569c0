//! The neighbors of a node, and how many they are.

use std::ops::Range;

use super::hops::Kinds;
use super::names::{NodeId, Word, filter, limit};
use super::nodes::node_not_found;
use super::resident::{Source, with_copied};
use super::rows::unread;
use super::types::{GraphDirection, GraphNeighbor};
use crate::error::Fault;
use crate::session::{Session, Storage};
use crate::sqlite::{Sql, Value};

// A missing other end is no neighbor, so each edge is joined with the node at its other end.
const OUT_DEGREE: Sql = Sql(
    "select count(*) from $._zova_graph_edges as e cross join $._zova_graph_nodes as n \
    on n.graph_name = e.graph_name and n.node_id = e.to_node_id where e.graph_name = ?1 and e.from_node_id = ?2",
);
const OUT_DEGREE_OF_TYPE: Sql = Sql("select count(*) from $._zova_graph_edges as e \
    cross join $._zova_graph_nodes as n on n.graph_name = e.graph_name and n.node_id = e.to_node_id \
    where e.graph_name = ?1 and e.from_node_id = ?2 and e.edge_type = ?3");
const IN_DEGREE: Sql = Sql(
    "select count(*) from $._zova_graph_edges as e cross join $._zova_graph_nodes as n \
    on n.graph_name = e.graph_name and n.node_id = e.from_node_id where e.graph_name = ?1 and e.to_node_id = ?2",
);
const IN_DEGREE_OF_TYPE: Sql = Sql("select count(*) from $._zova_graph_edges as e \
    cross join $._zova_graph_nodes as n on n.graph_name = e.graph_name and n.node_id = e.from_node_id \
    where e.graph_name = ?1 and e.to_node_id = ?2 and e.edge_type = ?3");

/// Neighbors in order: all texts in one allocation.
#[derive(Debug, Default)]
pub struct Neighbors {
    texts: String,
    items: Vec<[Range<usize>; 3]>,
}

impl Neighbors {
    /// Number of neighbors.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Node id, kind and edge type of each.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = [&str; 3]> + Clone {
        self.items.iter().map(|ranges| ranges.clone().map(|range| &self.texts[range]))
    }

    pub(super) fn get(&self, place: usize) -> Option<[&str; 3]> {
        self.items.get(place).map(|ranges| ranges.clone().map(|range| &self.texts[range]))
    }

    fn keep(&mut self, text: &str) -> Range<usize> {
        let start = self.texts.len();
        self.texts.push_str(text);
        start..self.texts.len()
    }
}

impl From<Neighbors> for Vec<GraphNeighbor> {
    fn from(neighbors: Neighbors) -> Self {
        let owned = |[node_id, kind, edge_type]: [&str; 3]| GraphNeighbor {
            node_id: node_id.to_owned(),
            kind: kind.to_owned(),
            edge_type: edge_type.to_owned(),
        };
        neighbors.iter().map(owned).collect()
    }
}

/// The first `limit` neighbors of a node. The names are checked here, so that SQL and native calls agree.
pub(super) fn neighbors(
    storage: Storage<'_>,
    graph: &[u8],
    node: &[u8],
    direction: GraphDirection,
    edge_type: Option<&[u8]>,
    limit_given: usize,
) -> Result<Neighbors, Fault> {
    let (graph, node) = (Word::graph(graph)?, NodeId::new(node)?);
    let (edge_type, limit) = (filter(edge_type)?, limit(limit_given)?);
    // This stays on the row of the node: one moment for everything below.
    let mut moment = Kinds::new(storage, graph).map_err(unread)?;
    if moment.of(node.as_str())?.is_none() {
        return Err(node_not_found(graph, node));
    }
    let mut found = Neighbors::default();
    if limit == 0 {
        return Ok(found);
    }
    with_copied(storage, graph, |copied| {
        let mut source = Source::new(storage, graph, copied);
        let (mut edges, place) = (Vec::new(), source.copied.place(node.as_str()));
        source.edges(place, direction, edge_type, &mut edges)?;
        for edge in edges {
            let Some(kind) = source.kind(edge.node)? else { continue };
            let kind = found.keep(kind);
            let node = found.keep(source.copied.id(edge.node));
            let edge_type = found.keep(source.copied.edge_type(edge));
            found.items.push([node, kind, edge_type]);
            if found.len() == limit {
                break;
            }
        }
        Ok(found)
    })
}

impl Session {
    /// The first `limit` neighbors of a node: one for each matching edge, in the order of the edges' creation.
    ///
    /// Cost: proportional to the number of its edges in that direction. For incoming edges this needs the index that
    /// files created by this library have; elsewhere it is one pass over the edges of the graph.
    pub fn graph_neighbors(
        &mut self,
        graph: &[u8],
        node: &[u8],
        direction: GraphDirection,
        edge_type: Option<&[u8]>,
        limit: usize,
    ) -> Result<Neighbors, Fault> {
        neighbors(self.storage(), graph, node, direction, edge_type, limit)
    }

    /// The number of neighbors a node has; for both directions the sum of the two.
    ///
    /// Cost: as [`Session::graph_neighbors`].
    pub fn graph_degree(
        &mut self,
        graph: &[u8],
        node: &[u8],
        direction: GraphDirection,
        edge_type: Option<&[u8]>,
    ) -> Result<u64, Fault> {
        let (graph, node, edge_type) = (Word::graph(graph)?, NodeId::new(node)?, filter(edge_type)?);
        let storage = self.storage();
        let mut source = Kinds::new(storage, graph).map_err(unread)?;
        if source.of(node.as_str())?.is_none() {
            return Err(node_not_found(graph, node));
        }
        let count = |all: Sql, of_type: Sql| {
            let (graph, node) = (Value::Text(graph.as_str()), Value::Text(node.as_str()));
            let mut row = match edge_type {
                None => storage.query(all, &[graph, node])?,
                Some(edge_type) => storage.query(of_type, &[graph, node, Value::Text(edge_type.as_str())])?,
            };
            row.step()?;
            // A count is never negative.
            Ok(row.integer(0) as u64)
        };
        let mut degree = 0;
        if direction != GraphDirection::Incoming {
            degree += count(OUT_DEGREE, OUT_DEGREE_OF_TYPE).map_err(unread)?;
        }
        if direction != GraphDirection::Outgoing {
            degree += count(IN_DEGREE, IN_DEGREE_OF_TYPE).map_err(unread)?;
        }
        Ok(degree)
    }
}
