//! Edges: put, get, delete.

use super::graphs::needs_a_reason;
use super::loading::LoadingGraph;
use super::names::{NodeId, Word};
use super::nodes::{node_exists, node_not_found};
use super::resident::{self, Copied, Witness};
use super::rows::{text, unread};
use super::types::{GraphEdge, GraphEdgeInput};
use crate::error::Fault;
use crate::session::{Session, Storage};
use crate::sqlite::{Sql, SqliteError, Value};

const STORE: &str = "store the edge";
const DELETE: &str = "delete the edge";

/// One statement that checks both ends, finds the next number and stores the edge. Without an end the number is
/// NULL, which the table refuses.
const PUT: Sql = Sql("insert into $._zova_graph_edges \
    (graph_name, from_node_id, edge_type, to_node_id, created_order) \
    values (?1, ?2, ?3, ?4, case when \
        exists (select 1 from $._zova_graph_nodes where graph_name = ?1 and node_id = ?2) \
        and exists (select 1 from $._zova_graph_nodes where graph_name = ?1 and node_id = ?4) then \
        coalesce((select created_order from $._zova_graph_edges where graph_name = ?1 \
            order by created_order desc limit 1), 0) + 1 end) \
    on conflict (graph_name, from_node_id, edge_type, to_node_id) do nothing");
/// The same for an edge whose ends and number are known.
const PUT_BETWEEN_KNOWN: Sql = Sql("insert into $._zova_graph_edges \
    (graph_name, from_node_id, edge_type, to_node_id, created_order) values (?1, ?2, ?3, ?4, ?5) \
    on conflict (graph_name, from_node_id, edge_type, to_node_id) do nothing");
const LAST: Sql = Sql("select created_order from $._zova_graph_edges where graph_name = ?1 \
    order by created_order desc limit 1");
const GET: Sql = Sql("select graph_name, from_node_id, edge_type, to_node_id from $._zova_graph_edges \
    where graph_name = ?1 and from_node_id = ?2 and edge_type = ?3 and to_node_id = ?4");
const DELETE_EDGE: Sql = Sql("delete from $._zova_graph_edges \
    where graph_name = ?1 and from_node_id = ?2 and edge_type = ?3 and to_node_id = ?4");

/// The names of an edge, as a surface hands them over: nothing is checked yet.
#[derive(Debug, Clone, Copy)]
pub struct EdgeNames<'a> {
    /// The graph.
    pub graph: &'a [u8],
    /// The node it starts at.
    pub from: &'a [u8],
    /// Its type.
    pub edge_type: &'a [u8],
    /// The node it ends at.
    pub to: &'a [u8],
}

impl<'a> From<GraphEdgeInput<'a>> for EdgeNames<'a> {
    fn from(input: GraphEdgeInput<'a>) -> Self {
        Self {
            graph: input.graph_name.as_bytes(),
            from: input.from_node_id.as_bytes(),
            edge_type: input.edge_type.as_bytes(),
            to: input.to_node_id.as_bytes(),
        }
    }
}

/// An edge whose names are legal.
#[derive(Clone, Copy)]
struct Edge<'a> {
    graph: Word<'a>,
    from: NodeId<'a>,
    edge_type: Word<'a>,
    to: NodeId<'a>,
}

impl<'a> Edge<'a> {
    fn new(names: EdgeNames<'a>) -> Result<Self, Fault> {
        Ok(Self {
            graph: Word::graph(names.graph)?,
            from: NodeId::new(names.from)?,
            edge_type: Word::edge_type(names.edge_type)?,
            to: NodeId::new(names.to)?,
        })
    }

    fn values(self) -> [Value<'a>; 4] {
        [
            Value::Text(self.graph.as_str()),
            Value::Text(self.from.as_str()),
            Value::Text(self.edge_type.as_str()),
            Value::Text(self.to.as_str()),
        ]
    }

    fn exists(self, storage: Storage<'_>) -> Result<bool, SqliteError> {
        storage.query(GET, &self.values())?.step()
    }

    fn put(self, storage: Storage<'_>) -> Result<(), Fault> {
        let witness = resident::witness(storage);
        let (from, to) = (self.from.as_str(), self.to.as_str());
        let (last, ends_known) = resident::known(storage, self.graph, [from, to]);
        let values = self.values();
        let outcome = match last.and_then(|last| last.checked_add(1)).filter(|_| ends_known) {
            Some(next) => {
                let [graph, from, edge_type, to] = values;
                storage.run(PUT_BETWEEN_KNOWN, &[graph, from, edge_type, to, Value::Integer(next)])
            }
            None => storage.run(PUT, &values),
        };
        outcome.map_err(|error| self.refusal(storage, error))?;
        let rows = storage.changes();
        let last = match last {
            Some(last) => last.checked_add(rows),
            None if witness.is_loading() => last_edge(storage, self.graph),
            None => None,
        };
        self.changed(storage, witness, rows, |loading| {
            loading.node(from);
            loading.node(to);
            loading.set_last_edge(last);
        });
        Ok(())
    }

    /// Tells what is kept in memory that this edge was stored or deleted.
    fn changed(
        self,
        storage: Storage<'_>,
        witness: Witness,
        rows: i64,
        load: impl FnOnce(&mut LoadingGraph),
    ) {
        let (from, to) = (self.from.as_str(), self.to.as_str());
        let repeat = |copied: &mut Copied| copied.edge_changed(from, to);
        resident::changed(storage, witness, self.graph, rows.unsigned_abs(), repeat, load);
    }

    /// Why the edge could not be stored.
    #[cold]
    fn refusal(self, storage: Storage<'_>, error: SqliteError) -> Fault {
        if needs_a_reason(&error) {
            for end in [self.from, self.to] {
                if matches!(node_exists(storage, self.graph, end), Ok(false)) {
                    return node_not_found(self.graph, end);
                }
            }
        }
        Fault::Native { action: STORE, error }
    }

    fn delete(self, storage: Storage<'_>) -> Result<(), Fault> {
        let witness = resident::witness(storage);
        if let Err(error) = storage.run(DELETE_EDGE, &self.values()) {
            if needs_a_reason(&error) && matches!(self.exists(storage), Ok(false)) {
                return Err(self.not_found());
            }
            return Err(Fault::Native { action: DELETE, error });
        }
        let rows = storage.changes();
        self.changed(storage, witness, rows, |loading| loading.set_last_edge(None));
        if rows > 0 { Ok(()) } else { Err(self.not_found()) }
    }

    #[cold]
    fn not_found(self) -> Fault {
        Fault::GraphEdgeNotFound {
            graph: self.graph.as_str().to_owned(),
            from: self.from.as_str().to_owned(),
            edge_type: self.edge_type.as_str().to_owned(),
            to: self.to.as_str().to_owned(),
        }
    }
}

/// The largest number of an edge of the graph; 0 if it has none.
fn last_edge(storage: Storage<'_>, graph: Word<'_>) -> Option<i64> {
    let mut row = storage.query(LAST, &[Value::Text(graph.as_str())]).ok()?;
    row.step().ok().map(|found| if found { row.integer(0) } else { 0 })
}

impl Session {
    /// Stores an edge between two nodes of a graph; one that is stored already stays as it is.
    ///
    /// Cost: logarithmic in the size of the graph where creation order is indexed (files this library created);
    /// elsewhere one pass over the edges of the graph.
    pub fn put_graph_edge(&mut self, names: EdgeNames<'_>) -> Result<(), Fault> {
        let edge = Edge::new(names)?;
        self.uncounted(|session| edge.put(session.storage()))
    }

    /// Stores all of the edges or none.
    ///
    /// Cost: that of the single calls, in one scope.
    pub fn put_graph_edges<'a>(
        &mut self,
        edges: impl ExactSizeIterator<Item = EdgeNames<'a>>,
    ) -> Result<(), Fault> {
        self.with_all(STORE, edges, Edge::put)
    }

    /// A stored edge.
    pub fn get_graph_edge(&mut self, names: EdgeNames<'_>) -> Result<GraphEdge, Fault> {
        let edge = Edge::new(names)?;
        let mut row = self.storage().query(GET, &edge.values()).map_err(unread)?;
        if !row.step().map_err(unread)? {
            return Err(edge.not_found());
        }
        Ok(GraphEdge {
            graph_name: text(&mut row, 0, "graph name")?,
            from_node_id: text(&mut row, 1, "node id")?,
            edge_type: text(&mut row, 2, "edge type")?,
            to_node_id: text(&mut row, 3, "node id")?,
        })
    }

    /// True if the graph has this edge, whether or not its ends exist.
    pub fn has_graph_edge(&mut self, names: EdgeNames<'_>) -> Result<bool, Fault> {
        Edge::new(names)?.exists(self.storage()).map_err(unread)
    }

    /// Deletes an edge, whether or not its ends exist.
    pub fn delete_graph_edge(&mut self, names: EdgeNames<'_>) -> Result<(), Fault> {
        let edge = Edge::new(names)?;
        self.uncounted(|session| edge.delete(session.storage()))
    }

    /// Deletes all of the edges or none.
    ///
    /// Cost: that of the single calls, in one scope.
    pub fn delete_graph_edges<'a>(
        &mut self,
        edges: impl ExactSizeIterator<Item = EdgeNames<'a>>,
    ) -> Result<(), Fault> {
        self.with_all(DELETE, edges, Edge::delete)
    }

    fn with_all<'a>(
        &mut self,
        action: &'static str,
        edges: impl ExactSizeIterator<Item = EdgeNames<'a>>,
        change: fn(Edge<'a>, Storage<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if edges.len() == 0 {
            return Ok(());
        }
        self.atomically(action, |session| {
            for names in edges {
                change(Edge::new(names)?, session.storage())?;
            }
            Ok(())
        })
    }
}
