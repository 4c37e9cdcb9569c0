//! Graphs as a whole.

use super::names::Word;
use super::rows::{text, unread};
use super::types::GraphInfo;
use crate::error::{Fault, Status};
use crate::session::{Session, Storage};
use crate::sqlite::{Cached, Sql, SqliteError, Value};

const CREATE: &str = "create the graph";
const DELETE: &str = "delete the graph";

const INSERT: Sql = Sql("insert into $._zova_graphs (name, created_order) \
    values (?1, coalesce((select max(created_order) from $._zova_graphs), 0) + 1) on conflict (name) do nothing");
const EXISTS: Sql = Sql("select 1 from $._zova_graphs where name = ?1");
const INFO: Sql = Sql("select name, \
    (select count(*) from $._zova_graph_nodes where graph_name = name), \
    (select count(*) from $._zova_graph_edges where graph_name = name) \
    from $._zova_graphs where name = ?1");
const LIST: Sql = Sql("select name, \
    (select count(*) from $._zova_graph_nodes where graph_name = name), \
    (select count(*) from $._zova_graph_edges where graph_name = name) \
    from $._zova_graphs order by name");
const DELETE_EDGES: Sql = Sql("delete from $._zova_graph_edges where graph_name = ?1");
const DELETE_NODES: Sql = Sql("delete from $._zova_graph_nodes where graph_name = ?1");
const DELETE_GRAPH: Sql = Sql("delete from $._zova_graphs where name = ?1");

/// True if the graph has a row.
pub(super) fn graph_exists(storage: Storage<'_>, graph: Word<'_>) -> Result<bool, SqliteError> {
    storage.query(EXISTS, &[Value::Text(graph.as_str())])?.step()
}

impl Session {
    /// Creates an empty graph.
    ///
    /// Cost: one pass over the names of the graphs.
    pub fn create_graph(&mut self, name: &[u8]) -> Result<(), Fault> {
        let graph = Word::graph(name)?;
        self.uncounted(|session| {
            let storage = session.storage();
            storage
                .run(INSERT, &[Value::Text(graph.as_str())])
                .map_err(|error| Fault::Native { action: CREATE, error })?;
            if storage.changes() > 0 { Ok(()) } else { Err(Fault::GraphExists(graph.as_str().to_owned())) }
        })
    }

    /// True if a graph has this name.
    pub fn has_graph(&mut self, name: &[u8]) -> Result<bool, Fault> {
        graph_exists(self.storage(), Word::graph(name)?).map_err(unread)
    }

    /// Name and size of a graph.
    ///
    /// Cost: one pass over the index entries of its nodes and edges.
    pub fn graph_info(&mut self, name: &[u8]) -> Result<GraphInfo, Fault> {
        let graph = Word::graph(name)?;
        let mut row = self.storage().query(INFO, &[Value::Text(graph.as_str())]).map_err(unread)?;
        if row.step().map_err(unread)? { info(&mut row) } else { Err(not_found(graph)) }
    }

    /// All graphs, by name.
    ///
    /// Cost: one pass over the index entries of all nodes and edges.
    pub fn list_graphs(&mut self) -> Result<Vec<GraphInfo>, Fault> {
        let mut rows = self.storage().query(LIST, &[]).map_err(unread)?;
        let mut graphs = Vec::new();
        while rows.step().map_err(unread)? {
            graphs.push(info(&mut rows)?);
        }
        Ok(graphs)
    }

    /// Deletes a graph with its nodes and edges.
    ///
    /// Cost: proportional to their number.
    pub fn delete_graph(&mut self, name: &[u8]) -> Result<(), Fault> {
        let graph = Word::graph(name)?;
        self.atomically(DELETE, |session| {
            let storage = session.storage();
            let failed = |error| Fault::Native { action: DELETE, error };
            if !graph_exists(storage, graph).map_err(failed)? {
                return Err(not_found(graph));
            }
            // Children before parents, so that enforced foreign keys hold at every moment.
            for sql in [DELETE_EDGES, DELETE_NODES, DELETE_GRAPH] {
                storage.run(sql, &[Value::Text(graph.as_str())]).map_err(failed)?;
            }
            Ok(())
        })
    }
}

pub(super) fn not_found(graph: Word<'_>) -> Fault {
    Fault::GraphNotFound(graph.as_str().to_owned())
}

fn info(row: &mut Cached<'_>) -> Result<GraphInfo, Fault> {
    // A count is never negative.
    let (node_count, edge_count) = (row.integer(1) as u64, row.integer(2) as u64);
    Ok(GraphInfo { name: text(row, 0, "graph name")?, node_count, edge_count })
}

/// True if the fault of a refused change is that the rows it needs are not there, or that nothing may be written:
/// then it has to be found out which, since the missing row comes first.
pub(super) fn needs_a_reason(error: &SqliteError) -> bool {
    matches!(error.status(), Status::Constraint | Status::ReadOnly)
}
