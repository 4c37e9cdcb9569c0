//! The edges of a node in neighbor order: creation, then neighbor id, then outgoing before incoming.

use std::ops::Range;

use super::names::Word;
use super::rows::{checked, unread};
use super::types::GraphDirection;
use crate::error::Fault;
use crate::session::Storage;
use crate::sqlite::{Cached, Sql, SqliteError, Value};

const OUTGOING: Sql = Sql("select created_order, edge_type, to_node_id from $._zova_graph_edges \
    where graph_name = ?1 and from_node_id = ?2");
const OUTGOING_OF_TYPE: Sql = Sql("select created_order, edge_type, to_node_id from $._zova_graph_edges \
    where graph_name = ?1 and from_node_id = ?2 and edge_type = ?3");
const INCOMING: Sql = Sql("select created_order, edge_type, from_node_id from $._zova_graph_edges \
    where graph_name = ?1 and to_node_id = ?2");
const INCOMING_OF_TYPE: Sql = Sql("select created_order, edge_type, from_node_id from $._zova_graph_edges \
    where graph_name = ?1 and to_node_id = ?2 and edge_type = ?3");
const KIND: Sql = Sql("select kind from $._zova_graph_nodes where graph_name = ?1 and node_id = ?2");

/// Position of the node among the values of every statement here.
const NODE: i32 = 2;

/// One edge, seen from one of its ends.
struct Hop {
    created_order: i64,
    incoming: bool,
    edge_type: Range<usize>,
    node: Range<usize>,
}

/// Reads the edges of one node after the other; statements and memory are reused.
pub(super) struct Hops<'s> {
    outgoing: Option<Cached<'s>>,
    incoming: Option<Cached<'s>>,
    texts: Vec<u8>,
    hops: Vec<Hop>,
}

impl<'s> Hops<'s> {
    pub(super) fn new(
        storage: Storage<'s>,
        graph: Word<'_>,
        direction: GraphDirection,
        edge_type: Option<Word<'_>>,
    ) -> Result<Self, SqliteError> {
        let statement = |wanted: bool, all: Sql, of_type: Sql| {
            let graph = Value::Text(graph.as_str());
            Ok(match (wanted, edge_type) {
                (false, _) => None,
                (true, None) => Some(storage.query(all, &[graph])?),
                (true, Some(edge_type)) => {
                    Some(storage.query(of_type, &[graph, Value::Null, Value::Text(edge_type.as_str())])?)
                }
            })
        };
        Ok(Self {
            outgoing: statement(direction != GraphDirection::Incoming, OUTGOING, OUTGOING_OF_TYPE)?,
            incoming: statement(direction != GraphDirection::Outgoing, INCOMING, INCOMING_OF_TYPE)?,
            texts: Vec::new(),
            hops: Vec::new(),
        })
    }

    /// Reads the edges of `node`, those with a missing other end included.
    pub(super) fn read(&mut self, node: &str) -> Result<(), SqliteError> {
        self.texts.clear();
        self.hops.clear();
        for (incoming, statement) in [(false, &mut self.outgoing), (true, &mut self.incoming)] {
            let Some(statement) = statement else { continue };
            statement.restart_with_text(NODE, node.as_bytes())?;
            while statement.step()? {
                let created_order = statement.integer(0);
                let edge_type = keep(&mut self.texts, statement.text(1)?);
                let node = keep(&mut self.texts, statement.text(2)?);
                self.hops.push(Hop { created_order, incoming, edge_type, node });
            }
        }
        let texts = &self.texts;
        let key = |hop: &Hop| {
            (hop.created_order, &texts[hop.node.clone()], hop.incoming, &texts[hop.edge_type.clone()])
        };
        self.hops.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
        Ok(())
    }

    /// The edges read last: edge type and other end.
    pub(super) fn iter(&self) -> impl Iterator<Item = Result<(&str, &str), Fault>> {
        self.hops.iter().map(|hop| {
            let edge_type = checked("edge type", &self.texts[hop.edge_type.clone()])?;
            Ok((edge_type, checked("node id", &self.texts[hop.node.clone()])?))
        })
    }
}

fn keep(texts: &mut Vec<u8>, text: Option<&[u8]>) -> Range<usize> {
    let start = texts.len();
    texts.extend_from_slice(text.unwrap_or_default());
    start..texts.len()
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
