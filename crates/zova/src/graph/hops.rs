//! Reading the edges of a node and the kinds of nodes from the tables.

use super::names::Word;
use super::rows::{checked, unread};
use crate::error::Fault;
use crate::session::Storage;
use crate::sqlite::{Cached, Sql, SqliteError, Value};

const OUTGOING: Sql = Sql("select created_order, edge_type, to_node_id from $._zova_graph_edges \
    where graph_name = ?1 and from_node_id = ?2");
const INCOMING: Sql = Sql("select created_order, edge_type, from_node_id from $._zova_graph_edges \
    where graph_name = ?1 and to_node_id = ?2");
const KIND: Sql = Sql("select kind from $._zova_graph_nodes where graph_name = ?1 and node_id = ?2");

/// Position of the node among the values of every statement here.
const NODE: i32 = 2;

/// Reads the edges of one node after the other, all in one direction.
pub(super) struct Hops<'s> {
    statement: Cached<'s>,
    edge_type: Vec<u8>,
}

impl<'s> Hops<'s> {
    pub(super) fn new(storage: Storage<'s>, graph: Word<'_>, incoming: bool) -> Result<Self, SqliteError> {
        let sql = if incoming { INCOMING } else { OUTGOING };
        Ok(Self { statement: storage.query(sql, &[Value::Text(graph.as_str())])?, edge_type: Vec::new() })
    }

    /// Gives creation number, edge type and other end of every edge of the node, in no order, those with a missing
    /// other end included.
    pub(super) fn read(&mut self, node: &str, mut each: impl FnMut(i64, &str, &str)) -> Result<(), Fault> {
        let statement = &mut self.statement;
        statement.restart_with_text(NODE, node.as_bytes()).map_err(unread)?;
        while statement.step().map_err(unread)? {
            let created_order = statement.integer(0);
            self.edge_type.clear();
            self.edge_type.extend_from_slice(statement.text(1).map_err(unread)?.unwrap_or_default());
            let edge_type = checked("edge type", &self.edge_type)?;
            let other = checked("node id", statement.text(2).map_err(unread)?.unwrap_or_default())?;
            each(created_order, edge_type, other);
        }
        Ok(())
    }
}

/// Looks up kinds of nodes of one graph. While it stands on a row it keeps the read transaction open, so that
/// everything read meanwhile is of one moment.
pub(super) struct Kinds<'s>(Cached<'s>);

impl<'s> Kinds<'s> {
    pub(super) fn new(storage: Storage<'s>, graph: Word<'_>) -> Result<Self, SqliteError> {
        Ok(Self(storage.query(KIND, &[Value::Text(graph.as_str())])?))
    }

    /// The kind of a node; `None` if there is no such node.
    pub(super) fn of(&mut self, node: &str) -> Result<Option<&str>, Fault> {
        self.0.restart_with_text(NODE, node.as_bytes()).map_err(unread)?;
        if !self.0.step().map_err(unread)? {
            return Ok(None);
        }
        checked("node kind", self.0.text(0).map_err(unread)?.unwrap_or_default()).map(Some)
    }
}
