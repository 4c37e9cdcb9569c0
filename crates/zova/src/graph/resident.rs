//! What was read of graphs, kept in memory for the next query.
//!
//! A walk looks up every node and edge it touches by text keys in four B-trees, two microseconds each. Nodes and edges
//! once read are therefore kept: nodes as numbers, the edges of a node as an array in neighbor order. A walk over kept
//! nodes takes some fifty nanoseconds for each.
//!
//! One rule decides whether what is kept may be used: it belongs to one version of the file, which every commit
//! changes, whoever makes it (another statement of this handle, another handle, another process). A query first opens
//! its read transaction, then asks for the version, and forgets everything if it differs. While this connection has
//! uncommitted changes nothing is used or kept, so neither raw SQL nor a rollback to a savepoint can be missed.

use std::collections::HashMap;
use std::sync::Arc;

use super::hops::{Hops, Kinds};
use super::names::Word;
use super::rows::unread;
use super::types::GraphDirection;
use crate::error::Fault;
use crate::session::Storage;

/// Bytes kept between queries, for each connection. A query that needs more keeps no more edges, and what was kept is
/// forgotten after it.
const BUDGET: usize = 32 << 20;
/// What a node costs beside its texts and edges.
const NODE_BYTES: usize = 160;

/// What a connection keeps.
#[derive(Default)]
pub(super) struct Resident {
    version: Option<u32>,
    graphs: HashMap<Box<str>, Copied>,
}

/// What is kept of one graph.
#[derive(Default)]
pub(super) struct Copied {
    places: HashMap<Arc<str>, u32>,
    nodes: Vec<Node>,
    types: Vec<Box<str>>,
    type_places: HashMap<Box<str>, u32>,
    /// Marks the nodes that the search in progress has discovered.
    search: u32,
    bytes: usize,
}

struct Node {
    id: Arc<str>,
    kind: Kind,
    /// Outgoing and incoming, in neighbor order.
    edges: [Option<Box<[Edge]>>; 2],
    seen_by: u32,
}

enum Kind {
    NotRead,
    /// There is no such node: only an edge names it.
    Missing,
    Read(Box<str>),
}

/// One edge, seen from one of its ends.
#[derive(Clone, Copy)]
pub(super) struct Edge {
    created_order: i64,
    /// The other end.
    pub(super) node: u32,
    edge_type: u32,
}

/// Runs a query with what is kept of its graph. The caller's read transaction is open.
pub(super) fn with_copied<R>(
    storage: Storage<'_>,
    graph: Word<'_>,
    query: impl FnOnce(&mut Copied) -> Result<R, Fault>,
) -> Result<R, Fault> {
    let connection = storage.connection();
    if connection.is_writing() {
        return query(&mut Copied::default());
    }
    let version = connection.data_version().map_err(unread)?;
    connection.with_resident(|resident: &mut Resident| {
        if resident.version != Some(version) {
            *resident = Resident { version: Some(version), graphs: HashMap::new() };
        }
        if !resident.graphs.contains_key(graph.as_str()) {
            resident.graphs.insert(graph.as_str().into(), Copied::default());
        }
        let copied = resident.graphs.get_mut(graph.as_str()).expect("inserted just now");
        let result = query(copied);
        // A query that failed kept nothing half read: edges are kept when all of a node are there.
        if resident.graphs.values().map(|copied| copied.bytes).sum::<usize>() > BUDGET {
            *resident = Resident::default();
        }
        result
    })
}

impl Copied {
    /// The number of a node, which need not exist.
    pub(super) fn place(&mut self, id: &str) -> u32 {
        if let Some(place) = self.places.get(id) {
            return *place;
        }
        let id: Arc<str> = id.into();
        let place = self.nodes.len() as u32;
        self.bytes += id.len() + NODE_BYTES;
        self.places.insert(Arc::clone(&id), place);
        self.nodes.push(Node { id, kind: Kind::NotRead, edges: [None, None], seen_by: 0 });
        place
    }

    fn type_place(&mut self, edge_type: &str) -> u32 {
        if let Some(place) = self.type_places.get(edge_type) {
            return *place;
        }
        let place = self.types.len() as u32;
        self.bytes += 2 * edge_type.len() + NODE_BYTES;
        self.type_places.insert(edge_type.into(), place);
        self.types.push(edge_type.into());
        place
    }

    pub(super) fn id(&self, place: u32) -> &str {
        &self.nodes[place as usize].id
    }

    pub(super) fn edge_type(&self, edge: Edge) -> &str {
        &self.types[edge.edge_type as usize]
    }

    /// Begins a search: no node is discovered.
    pub(super) fn begin_search(&mut self) {
        self.search = self.search.wrapping_add(1);
        if self.search == 0 {
            self.nodes.iter_mut().for_each(|node| node.seen_by = 0);
            self.search = 1;
        }
    }

    /// Marks a node as discovered; true if it was not.
    pub(super) fn discover(&mut self, place: u32) -> bool {
        let node = &mut self.nodes[place as usize];
        let new = node.seen_by != self.search;
        node.seen_by = self.search;
        new
    }

    pub(super) fn is_discovered(&self, place: u32) -> bool {
        self.nodes[place as usize].seen_by == self.search
    }
}

/// Reads what is not kept yet.
pub(super) struct Source<'s, 'c> {
    storage: Storage<'s>,
    graph: Word<'c>,
    pub(super) copied: &'c mut Copied,
    kinds: Option<Kinds<'s>>,
    hops: [Option<Hops<'s>>; 2],
}

impl<'s, 'c> Source<'s, 'c> {
    pub(super) fn new(storage: Storage<'s>, graph: Word<'c>, copied: &'c mut Copied) -> Self {
        Self { storage, graph, copied, kinds: None, hops: [None, None] }
    }

    /// Nodes that are kept are found without a statement, which would look whether the call is to stop.
    pub(super) fn go_on(&self) -> Result<(), Fault> {
        self.storage.connection().go_on().map_err(unread)
    }

    /// The kind of a node; `None` if there is no such node.
    pub(super) fn kind(&mut self, place: u32) -> Result<Option<&str>, Fault> {
        let node = &mut self.copied.nodes[place as usize];
        if matches!(node.kind, Kind::NotRead) {
            let kinds = match &mut self.kinds {
                Some(kinds) => kinds,
                none => none.insert(Kinds::new(self.storage, self.graph).map_err(unread)?),
            };
            node.kind = kinds.of(&node.id)?.map_or(Kind::Missing, |kind| Kind::Read(kind.into()));
            self.copied.bytes += 16;
        }
        Ok(match &self.copied.nodes[place as usize].kind {
            Kind::Read(kind) => Some(kind),
            Kind::NotRead | Kind::Missing => None,
        })
    }

    /// Puts the edges of a node into `list`, in neighbor order: creation, then neighbor id, then outgoing before
    /// incoming; those with a missing other end included.
    pub(super) fn edges(
        &mut self,
        place: u32,
        direction: GraphDirection,
        edge_type: Option<Word<'_>>,
        list: &mut Vec<Edge>,
    ) -> Result<(), Fault> {
        list.clear();
        if direction != GraphDirection::Incoming {
            self.append(place, false, list)?;
        }
        let outgoing = list.len();
        if direction != GraphDirection::Outgoing {
            self.append(place, true, list)?;
        }
        if outgoing > 0 && list.len() > outgoing {
            let copied = &*self.copied;
            // A stable sort keeps outgoing before incoming.
            list.sort_by(|a, b| {
                (a.created_order, copied.id(a.node)).cmp(&(b.created_order, copied.id(b.node)))
            });
        }
        if let Some(edge_type) = edge_type {
            match self.copied.type_places.get(edge_type.as_str()) {
                Some(wanted) => list.retain(|edge| edge.edge_type == *wanted),
                None => list.clear(),
            }
        }
        Ok(())
    }

    fn append(&mut self, place: u32, incoming: bool, list: &mut Vec<Edge>) -> Result<(), Fault> {
        let side = usize::from(incoming);
        if let Some(edges) = &self.copied.nodes[place as usize].edges[side] {
            list.extend_from_slice(edges);
            return Ok(());
        }
        let hops = match &mut self.hops[side] {
            Some(hops) => hops,
            none => none.insert(Hops::new(self.storage, self.graph, incoming).map_err(unread)?),
        };
        let copied = &mut *self.copied;
        let start = list.len();
        let id = Arc::clone(&copied.nodes[place as usize].id);
        hops.read(&id, |created_order, edge_type, other| {
            let (node, edge_type) = (copied.place(other), copied.type_place(edge_type));
            list.push(Edge { created_order, node, edge_type });
        })?;
        list[start..].sort_unstable_by(|a, b| {
            let key = |edge: &Edge| (edge.created_order, copied.id(edge.node), copied.edge_type(*edge));
            key(a).cmp(&key(b))
        });
        let bytes = (list.len() - start) * size_of::<Edge>();
        if copied.bytes + bytes <= BUDGET {
            copied.bytes += bytes;
            copied.nodes[place as usize].edges[side] = Some(list[start..].into());
        }
        Ok(())
    }
}
