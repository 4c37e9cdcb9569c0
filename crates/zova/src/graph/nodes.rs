//! Nodes: put, get, delete.

use super::graphs::{graph_exists, needs_a_reason, not_found};
use super::loading::LoadingGraph;
use super::names::{NodeId, Word};
use super::resident::{self, Copied};
use super::rows::{optional_text, target_type, text, unread};
use super::targets::{Target, require_target};
use super::types::{GraphNode, GraphNodeInput, GraphTargetType};
use crate::error::Fault;
use crate::session::{Session, Storage};
use crate::sqlite::{Sql, SqliteError, Value};

const STORE: &str = "store the node";
const DELETE: &str = "delete the node";

/// One statement that checks the graph, finds the next number and stores the node. Without its graph the number is
/// NULL, which the table refuses.
const PUT: Sql = Sql("insert into $._zova_graph_nodes \
    (graph_name, node_id, kind, target_type, target_namespace, target_ref, created_order) \
    values (?1, ?2, ?3, ?4, ?5, ?6, case when exists (select 1 from $._zova_graphs where name = ?1) then \
        coalesce((select created_order from $._zova_graph_nodes where graph_name = ?1 \
            order by created_order desc limit 1), 0) + 1 end) \
    on conflict (graph_name, node_id) do update set kind = excluded.kind, target_type = excluded.target_type, \
    target_namespace = excluded.target_namespace, target_ref = excluded.target_ref");
const GET: Sql = Sql("select graph_name, node_id, kind, target_type, target_namespace, target_ref \
    from $._zova_graph_nodes where graph_name = ?1 and node_id = ?2");
const EXISTS: Sql = Sql("select 1 from $._zova_graph_nodes where graph_name = ?1 and node_id = ?2");
const DELETE_OUTGOING: Sql =
    Sql("delete from $._zova_graph_edges where graph_name = ?1 and from_node_id = ?2");
const DELETE_INCOMING: Sql = Sql("delete from $._zova_graph_edges where graph_name = ?1 and to_node_id = ?2");
const DELETE_NODE: Sql = Sql("delete from $._zova_graph_nodes where graph_name = ?1 and node_id = ?2");

/// A node to store, as a surface hands it over: nothing is checked yet.
#[derive(Debug, Clone, Copy)]
pub struct NodeFields<'a> {
    /// The graph.
    pub graph: &'a [u8],
    /// The node.
    pub node: &'a [u8],
    /// Its kind.
    pub kind: &'a [u8],
    /// What it stands for.
    pub target_type: GraphTargetType,
    /// Where the target is.
    pub target_namespace: Option<&'a [u8]>,
    /// The target.
    pub target_ref: Option<&'a [u8]>,
}

/// Whether a graph has a node; texts that cannot be their names name nothing.
pub(crate) fn has_node(storage: Storage<'_>, graph: &str, node: &str) -> Result<bool, SqliteError> {
    match (Word::graph(graph.as_bytes()), NodeId::new(node.as_bytes())) {
        (Ok(graph), Ok(node)) => node_exists(storage, graph, node),
        _ => Ok(false),
    }
}

impl<'a> From<GraphNodeInput<'a>> for NodeFields<'a> {
    fn from(input: GraphNodeInput<'a>) -> Self {
        Self {
            graph: input.graph_name.as_bytes(),
            node: input.node_id.as_bytes(),
            kind: input.kind.as_bytes(),
            target_type: input.target_type,
            target_namespace: input.target_namespace.map(str::as_bytes),
            target_ref: input.target_ref.map(str::as_bytes),
        }
    }
}

/// A node whose texts are legal.
struct NewNode<'a> {
    graph: Word<'a>,
    node: NodeId<'a>,
    kind: Word<'a>,
    target: Target<'a>,
}

impl<'a> NewNode<'a> {
    fn new(fields: NodeFields<'a>) -> Result<Self, Fault> {
        Ok(Self {
            graph: Word::graph(fields.graph)?,
            node: NodeId::new(fields.node)?,
            kind: Word::kind(fields.kind)?,
            target: Target::new(fields.target_type, fields.target_namespace, fields.target_ref)?,
        })
    }

    fn put(&self, storage: Storage<'_>) -> Result<(), Fault> {
        let optional = |text: Option<&'a str>| text.map_or(Value::Null, Value::Text);
        let values = [
            Value::Text(self.graph.as_str()),
            Value::Text(self.node.as_str()),
            Value::Text(self.kind.as_str()),
            Value::Text(self.target.target_type.text()),
            optional(self.target.namespace),
            optional(self.target.reference),
        ];
        let witness = resident::witness(storage);
        storage.run(PUT, &values).map_err(|error| self.refusal(storage, error))?;
        let (node, kind) = (self.node.as_str(), self.kind.as_str());
        let (repeat, load) = (
            |copied: &mut Copied| copied.node_stored(node, kind),
            |graph: &mut LoadingGraph| graph.node(node),
        );
        resident::changed(storage, witness, self.graph, storage.changes().unsigned_abs(), repeat, load);
        Ok(())
    }

    /// Why the node could not be stored.
    #[cold]
    fn refusal(&self, storage: Storage<'_>, error: SqliteError) -> Fault {
        if needs_a_reason(&error) && matches!(graph_exists(storage, self.graph), Ok(false)) {
            return not_found(self.graph);
        }
        Fault::Native { action: STORE, error }
    }

    /// The check of strict targets. It comes after the one of the graph.
    fn require_target(&self, storage: Storage<'_>) -> Result<(), Fault> {
        if !graph_exists(storage, self.graph).map_err(unread)? {
            return Err(not_found(self.graph));
        }
        require_target(storage, self.target, self.node)
    }
}

/// True if the node has a row.
pub(super) fn node_exists(
    storage: Storage<'_>,
    graph: Word<'_>,
    node: NodeId<'_>,
) -> Result<bool, SqliteError> {
    storage.query(EXISTS, &[Value::Text(graph.as_str()), Value::Text(node.as_str())])?.step()
}

/// The fault of a node that is not there.
#[cold]
pub(super) fn node_not_found(graph: Word<'_>, node: NodeId<'_>) -> Fault {
    Fault::GraphNodeNotFound { graph: graph.as_str().to_owned(), node: node.as_str().to_owned() }
}

impl Session {
    /// Stores a node, or replaces what is stored under its id; edges and place are kept.
    ///
    /// Cost: logarithmic in the size of the graph where creation order is indexed (files this library created);
    /// elsewhere one pass over the nodes of the graph.
    pub fn put_graph_node(&mut self, fields: NodeFields<'_>) -> Result<(), Fault> {
        let node = NewNode::new(fields)?;
        if self.strict_targets() {
            return self.atomically(STORE, |session| {
                node.require_target(session.storage())?;
                node.put(session.storage())
            });
        }
        self.uncounted(|session| node.put(session.storage()))
    }

    /// Stores all of the nodes or none.
    ///
    /// Cost: that of the single calls, in one scope.
    pub fn put_graph_nodes<'a>(
        &mut self,
        nodes: impl ExactSizeIterator<Item = NodeFields<'a>>,
    ) -> Result<(), Fault> {
        if nodes.len() == 0 {
            return Ok(());
        }
        let strict = self.strict_targets();
        self.atomically(STORE, |session| {
            for fields in nodes {
                let node = NewNode::new(fields)?;
                if strict {
                    node.require_target(session.storage())?;
                }
                node.put(session.storage())?;
            }
            Ok(())
        })
    }

    /// A stored node.
    pub fn get_graph_node(&mut self, graph: &[u8], node: &[u8]) -> Result<GraphNode, Fault> {
        let (graph, node) = (Word::graph(graph)?, NodeId::new(node)?);
        let values = [Value::Text(graph.as_str()), Value::Text(node.as_str())];
        let mut row = self.storage().query(GET, &values).map_err(unread)?;
        if !row.step().map_err(unread)? {
            return Err(node_not_found(graph, node));
        }
        Ok(GraphNode {
            graph_name: text(&mut row, 0, "graph name")?,
            node_id: text(&mut row, 1, "node id")?,
            kind: text(&mut row, 2, "node kind")?,
            target_type: target_type(&mut row, 3)?,
            target_namespace: optional_text(&mut row, 4, "target namespace")?,
            target_ref: optional_text(&mut row, 5, "target reference")?,
        })
    }

    /// True if the graph has this node.
    pub fn has_graph_node(&mut self, graph: &[u8], node: &[u8]) -> Result<bool, Fault> {
        node_exists(self.storage(), Word::graph(graph)?, NodeId::new(node)?).map_err(unread)
    }

    /// Deletes a node and every edge that starts or ends at it.
    ///
    /// Cost: proportional to the number of its edges where incoming edges are indexed (files this library created);
    /// elsewhere one pass over the edges of the graph.
    pub fn delete_graph_node(&mut self, graph: &[u8], node: &[u8]) -> Result<(), Fault> {
        let (graph, node) = (Word::graph(graph)?, NodeId::new(node)?);
        self.atomically(DELETE, |session| delete(session.storage(), graph, node))
    }

    /// Deletes all of the nodes, with their edges, or none.
    ///
    /// Cost: that of the single calls, in one scope.
    pub fn delete_graph_nodes<'a>(
        &mut self,
        graph: &[u8],
        nodes: impl ExactSizeIterator<Item = &'a [u8]>,
    ) -> Result<(), Fault> {
        let graph = Word::graph(graph)?;
        if nodes.len() == 0 {
            return Ok(());
        }
        self.atomically(DELETE, |session| {
            for node in nodes {
                delete(session.storage(), graph, NodeId::new(node)?)?;
            }
            Ok(())
        })
    }
}

/// Children before parents, so that enforced foreign keys hold at every moment.
fn delete(storage: Storage<'_>, graph: Word<'_>, node: NodeId<'_>) -> Result<(), Fault> {
    let failed = |error| Fault::Native { action: DELETE, error };
    if !node_exists(storage, graph, node).map_err(failed)? {
        return Err(node_not_found(graph, node));
    }
    resident::forget(storage.connection());
    for sql in [DELETE_OUTGOING, DELETE_INCOMING, DELETE_NODE] {
        storage.run(sql, &[Value::Text(graph.as_str()), Value::Text(node.as_str())]).map_err(failed)?;
    }
    Ok(())
}
