//! Nodes and edges page by page, in the order of their creation: putting them again in this order makes an equal graph.

use super::graphs::{graph_exists, not_found};
use super::names::{Word, limit};
use super::rows::{optional_text, target_type, text, unread};
use super::types::{GraphEdge, GraphEdgeEntry, GraphNode, GraphNodeEntry};
use crate::error::Fault;
use crate::session::{Session, Storage};
use crate::sqlite::{Cached, Sql, Value};

const NODES: Sql = Sql("select node_id, kind, target_type, target_namespace, target_ref, created_order \
    from $._zova_graph_nodes where graph_name = ?1 and created_order >= ?2 \
    and (created_order > ?2 or node_id > ?3) order by created_order, node_id limit ?4");
const EDGES: Sql = Sql("select from_node_id, edge_type, to_node_id, created_order \
    from $._zova_graph_edges where graph_name = ?1 and created_order >= ?2 \
    and (created_order > ?2 or (from_node_id, edge_type, to_node_id) > (?3, ?4, ?5)) \
    order by created_order, from_node_id, edge_type, to_node_id limit ?6");

/// Where a page of nodes starts: behind the last node of the page before.
#[derive(Debug, Clone, Copy)]
pub struct AfterNode<'a> {
    /// Its place.
    pub created_order: i64,
    /// Its id.
    pub node: &'a [u8],
}

/// Where a page of edges starts: behind the last edge of the page before.
#[derive(Debug, Clone, Copy)]
pub struct AfterEdge<'a> {
    /// Its place.
    pub created_order: i64,
    /// The node it starts at.
    pub from: &'a [u8],
    /// Its type.
    pub edge_type: &'a [u8],
    /// The node it ends at.
    pub to: &'a [u8],
}

impl<'a> From<&'a GraphNodeEntry> for AfterNode<'a> {
    fn from(entry: &'a GraphNodeEntry) -> Self {
        Self { created_order: entry.created_order, node: entry.node.node_id.as_bytes() }
    }
}

impl<'a> From<&'a GraphEdgeEntry> for AfterEdge<'a> {
    fn from(entry: &'a GraphEdgeEntry) -> Self {
        Self {
            created_order: entry.created_order,
            from: entry.edge.from_node_id.as_bytes(),
            edge_type: entry.edge.edge_type.as_bytes(),
            to: entry.edge.to_node_id.as_bytes(),
        }
    }
}

impl Session {
    /// The next `limit` nodes of a graph in the order of their creation. A page shorter than `limit` is the last.
    ///
    /// Cost: proportional to the page where creation order is indexed (files this library created); elsewhere one
    /// pass over the nodes of the graph.
    pub fn graph_nodes_page(
        &mut self,
        graph: &[u8],
        after: Option<AfterNode<'_>>,
        limit_given: usize,
    ) -> Result<Vec<GraphNodeEntry>, Fault> {
        let after = after.unwrap_or(AfterNode { created_order: i64::MIN, node: b"" });
        let node = start(after.node)?;
        let values = [Value::Integer(after.created_order), Value::Text(node)];
        page(self.storage(), NODES, graph, &values, limit_given, |row, graph| {
            Ok(GraphNodeEntry {
                node: GraphNode {
                    graph_name: graph.as_str().to_owned(),
                    node_id: text(row, 0, "node id")?,
                    kind: text(row, 1, "node kind")?,
                    target_type: target_type(row, 2)?,
                    target_namespace: optional_text(row, 3, "target namespace")?,
                    target_ref: optional_text(row, 4, "target reference")?,
                },
                created_order: row.integer(5),
            })
        })
    }

    /// The next `limit` edges of a graph in the order of their creation, those with a missing end included. A page
    /// shorter than `limit` is the last.
    ///
    /// Cost: as [`Session::graph_nodes_page`].
    pub fn graph_edges_page(
        &mut self,
        graph: &[u8],
        after: Option<AfterEdge<'_>>,
        limit_given: usize,
    ) -> Result<Vec<GraphEdgeEntry>, Fault> {
        let nothing = AfterEdge { created_order: i64::MIN, from: b"", edge_type: b"", to: b"" };
        let after = after.unwrap_or(nothing);
        let values = [
            Value::Integer(after.created_order),
            Value::Text(start(after.from)?),
            Value::Text(start(after.edge_type)?),
            Value::Text(start(after.to)?),
        ];
        page(self.storage(), EDGES, graph, &values, limit_given, |row, graph| {
            Ok(GraphEdgeEntry {
                edge: GraphEdge {
                    graph_name: graph.as_str().to_owned(),
                    from_node_id: text(row, 0, "node id")?,
                    edge_type: text(row, 1, "edge type")?,
                    to_node_id: text(row, 2, "node id")?,
                },
                created_order: row.integer(3),
            })
        })
    }
}

/// What comes after need not be the name of anything: it is only compared.
fn start(text: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(text)
        .map_err(|_| Fault::GraphInvalid(format!("the start {} must be UTF-8", crate::name::shown(text))))
}

fn page<T>(
    storage: Storage<'_>,
    sql: Sql,
    graph: &[u8],
    after: &[Value<'_>],
    limit_given: usize,
    mut read: impl FnMut(&mut Cached<'_>, Word<'_>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let (graph, limit) = (Word::graph(graph)?, limit(limit_given)?);
    let mut values = vec![Value::Text(graph.as_str())];
    values.extend_from_slice(after);
    // `limit` is at most i64::MAX.
    values.push(Value::Integer(limit as i64));
    let mut rows = storage.query(sql, &values).map_err(unread)?;
    let mut entries = Vec::new();
    while rows.step().map_err(unread)? {
        entries.push(read(&mut rows, graph)?);
    }
    // An empty page is of a graph that ends here, or of none.
    if entries.is_empty() && !graph_exists(storage, graph).map_err(unread)? {
        return Err(not_found(graph));
    }
    Ok(entries)
}
