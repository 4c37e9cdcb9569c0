//! What a transaction that puts many edges knows without looking.
//!
//! Putting an edge takes more than inserting a row: both nodes must exist, and the edge gets the number after the
//! largest one of its graph. Those are three look-ups, in trees that need not fit into SQLite's cache, and together
//! they cost more than the row. Inside a write transaction nobody else changes anything, so what its own puts have
//! seen stays true until something else on the connection changes rows of graphs; [`resident`](super::resident) finds
//! that out.

use std::collections::{HashMap, HashSet};

/// Bytes of node ids remembered. When there are more, it begins anew.
const BUDGET: usize = 8 << 20;
/// What a node costs beside its id.
const NODE_BYTES: usize = 48;

/// What is known of the graphs that the open transaction loads.
#[derive(Default)]
pub(super) struct Loading {
    /// The transaction: the version of the file that it began with. None outside a write transaction.
    transaction: Option<u32>,
    graphs: HashMap<Box<str>, LoadingGraph>,
}

/// What is known of one graph.
#[derive(Default)]
pub(super) struct LoadingGraph {
    nodes: HashSet<Box<str>>,
    bytes: usize,
    last_edge: Option<i64>,
}

impl Loading {
    /// A call begins inside this transaction, or outside one. Another transaction knows nothing.
    pub(super) fn enter(&mut self, transaction: Option<u32>) {
        if self.transaction != transaction {
            *self = Self { transaction, graphs: HashMap::new() };
        }
    }

    pub(super) fn forget(&mut self) {
        self.graphs.clear();
    }

    /// True if some node is known to exist.
    pub(super) fn knows_nodes(&self) -> bool {
        self.graphs.values().any(|graph| !graph.nodes.is_empty())
    }

    /// True if some graph is known to have edges.
    pub(super) fn knows_edges(&self) -> bool {
        self.graphs.values().any(|graph| graph.last_edge.is_some_and(|last| last != 0))
    }

    /// Learns something about a graph, inside a transaction.
    pub(super) fn graph(&mut self, name: &str, learn: impl FnOnce(&mut LoadingGraph)) {
        if self.transaction.is_none() {
            return;
        }
        if !self.graphs.contains_key(name) {
            self.graphs.insert(name.into(), LoadingGraph::default());
        }
        learn(self.graphs.get_mut(name).expect("inserted just now"));
        if self.graphs.values().map(|graph| graph.bytes).sum::<usize>() > BUDGET {
            self.forget();
        }
    }

    /// The largest number of an edge of a graph, if it is known.
    pub(super) fn last_edge(&self, graph: &str) -> Option<i64> {
        self.graphs.get(graph)?.last_edge
    }

    /// Whether nodes of a graph are known to exist.
    pub(super) fn knows(&self, graph: &str, nodes: [&str; 2]) -> bool {
        self.graphs.get(graph).is_some_and(|graph| nodes.iter().all(|node| graph.nodes.contains(*node)))
    }
}

impl LoadingGraph {
    /// The node exists.
    pub(super) fn node(&mut self, id: &str) {
        if !self.nodes.contains(id) {
            self.bytes += id.len() + NODE_BYTES;
            self.nodes.insert(id.into());
        }
    }

    /// The largest number of an edge; `None` if it is not known.
    pub(super) fn set_last_edge(&mut self, number: Option<i64>) {
        self.last_edge = number;
    }
}
