//! What was read of graphs, kept in memory for the next query.
//!
//! A walk looks up every node and edge it touches by text keys in four B-trees, two microseconds each. Nodes and edges
//! once read are therefore kept: nodes as numbers, the edges of a node as an array in neighbor order. A walk over kept
//! nodes takes some fifty nanoseconds for each.
//!
//! Whether what is kept may be used is decided by [`Freshness`], inside the read transaction of each query. As long as
//! nobody commits anything a look at one counter of the file is enough. Changes that this handle makes by its own calls
//! are repeated here, so that a program may put edges and walk in turn.

use std::collections::HashMap;
use std::sync::Arc;

use super::hops::{Hops, Kinds};
use super::loading::{Loading, LoadingGraph};
use super::names::Word;
use super::rows::unread;
use super::types::GraphDirection;
use crate::error::Fault;
use crate::session::{Changes, Freshness, Storage, Verdict};
use crate::sqlite::{Connection, Sql, SqliteError, Watched};

/// Bytes kept between queries, for each connection. A query that needs more keeps no more edges, and what was kept is
/// forgotten after it.
const BUDGET: usize = 32 << 20;
/// What a node costs beside its texts and edges.
const NODE_BYTES: usize = 160;

/// Sides of a node.
const OUTGOING: usize = 0;
const INCOMING: usize = 1;

const NODES_NOT_EMPTY: Sql = Sql("select 1 from $._zova_graph_nodes limit 1");
const EDGES_NOT_EMPTY: Sql = Sql("select 1 from $._zova_graph_edges limit 1");

/// What a connection keeps.
#[derive(Default)]
pub(super) struct Resident {
    /// When it was last known to be right.
    moment: Option<Moment>,
    /// Something was read or changed inside a transaction that may still be undone.
    tentative: bool,
    graphs: HashMap<Box<str>, Copied>,
    /// The counters after the last change by one of this handle's calls.
    last: Option<Changes>,
    loading: Loading,
}

/// A moment at which what is kept was right.
#[derive(Clone, Copy)]
struct Moment {
    fresh: Freshness,
    /// The version of the file, which every commit changes, if there were no uncommitted changes then.
    version: Option<u32>,
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
    /// [`OUTGOING`] and [`INCOMING`], in neighbor order.
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
    if connection.is_writing() && connection.has_running_writer() {
        // What a writing statement has changed so far may be undone without anyone being told.
        return query(&mut Copied::default());
    }
    connection.with_resident(|resident: &mut Resident| {
        resident.confirm(storage).map_err(unread)?;
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

/// The counters before a change that this handle makes; none if nothing is kept.
#[must_use]
pub(super) struct Witness(Option<Changes>);

impl Witness {
    /// True if there is something to learn for the rest of a transaction.
    pub(super) fn is_loading(&self) -> bool {
        self.0.is_some()
    }
}

/// Called before this handle changes nodes or edges.
pub(super) fn witness(storage: Storage<'_>) -> Witness {
    let connection = storage.connection();
    let transaction = connection.is_writing().then(|| connection.data_version().ok()).flatten();
    connection.with_resident(|resident: &mut Resident| {
        resident.loading.enter(transaction);
        if transaction.is_none() && resident.graphs.is_empty() {
            return Witness(None);
        }
        let now = Changes::now(connection, Watched::Graphs);
        if resident.last != Some(now) {
            resident.forget_if_emptied(storage);
            let unchanged = resident.last.is_some_and(|last| last.are_of_other_rows(now));
            let loading = &mut resident.loading;
            if !unchanged
                || loading.knows_nodes() && is_empty(storage, NODES_NOT_EMPTY)
                || loading.knows_edges() && is_empty(storage, EDGES_NOT_EMPTY)
            {
                loading.forget();
            }
        }
        Witness(Some(now))
    })
}

/// Called after this handle changed so many rows of one graph: repeats it with what is kept, provided that nothing
/// else changed with them.
pub(super) fn changed(
    storage: Storage<'_>,
    Witness(before): Witness,
    graph: Word<'_>,
    rows: u64,
    repeat: impl FnOnce(&mut Copied),
    load: impl FnOnce(&mut LoadingGraph),
) {
    let Some(before) = before else { return };
    let connection = storage.connection();
    connection.with_resident(|resident: &mut Resident| {
        if !before.were(connection, rows, rows) || connection.has_running_writer() {
            return *resident = Resident::default();
        }
        resident.last = Some(Changes::now(connection, Watched::Graphs));
        resident.loading.graph(graph.as_str(), load);
        if let Some(moment) = &mut resident.moment {
            moment.fresh.expect(rows);
            // A rollback may bring the version back.
            moment.version = None;
        }
        resident.tentative |= !connection.is_autocommit();
        if let Some(copied) = resident.graphs.get_mut(graph.as_str()) {
            repeat(copied);
        }
    });
}

/// What is known about an edge that is to be put: the largest number in its graph, and whether both ends exist.
pub(super) fn known(storage: Storage<'_>, graph: Word<'_>, ends: [&str; 2]) -> (Option<i64>, bool) {
    storage.connection().with_resident(|resident: &mut Resident| {
        let loading = &resident.loading;
        (loading.last_edge(graph.as_str()), loading.knows(graph.as_str(), ends))
    })
}

/// Called after this handle deleted nodes with their edges.
pub(super) fn forget(connection: &Connection) {
    connection.with_resident(|resident: &mut Resident| *resident = Resident::default());
}

impl Resident {
    /// Forgets what may no longer be right.
    fn confirm(&mut self, storage: Storage<'_>) -> Result<(), SqliteError> {
        let connection = storage.connection();
        let version = if connection.is_writing() { None } else { Some(connection.data_version()?) };
        if version.is_some() && self.moment.is_some_and(|moment| moment.version == version) {
            return Ok(());
        }
        let fresh = Freshness::now(storage, Watched::Graphs)?;
        match self.moment.map_or(Verdict::Unchanged, |before| before.fresh.until(fresh)) {
            Verdict::Unchanged => self.forget_if_emptied(storage),
            Verdict::Undone if !self.tentative => self.forget_if_emptied(storage),
            Verdict::Undone | Verdict::Unknown => self.graphs.clear(),
        }
        self.moment = Some(Moment { fresh, version });
        self.tentative = !connection.is_autocommit();
        Ok(())
    }

    /// A DELETE that empties a table at once is not told about.
    fn forget_if_emptied(&mut self, storage: Storage<'_>) {
        if !self.graphs.is_empty()
            && (is_empty(storage, NODES_NOT_EMPTY) || is_empty(storage, EDGES_NOT_EMPTY))
        {
            self.graphs.clear();
        }
    }
}

/// True also if it cannot be found out.
fn is_empty(storage: Storage<'_>, not_empty: Sql) -> bool {
    !matches!(storage.query(not_empty, &[]).and_then(|mut row| row.step()), Ok(true))
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

    /// A node was stored.
    pub(super) fn node_stored(&mut self, id: &str, kind: &str) {
        if let Some(place) = self.places.get(id) {
            self.nodes[*place as usize].kind = Kind::Read(kind.into());
        }
    }

    /// An edge was stored or deleted: those of its ends are to be read again.
    pub(super) fn edge_changed(&mut self, from: &str, to: &str) {
        for (end, side) in [(from, OUTGOING), (to, INCOMING)] {
            if let Some(place) = self.places.get(end) {
                let edges = self.nodes[*place as usize].edges[side].take();
                self.bytes -= edges.map_or(0, |edges| size_of_val(&*edges));
            }
        }
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
            self.append(place, OUTGOING, list)?;
        }
        let outgoing = list.len();
        if direction != GraphDirection::Outgoing {
            self.append(place, INCOMING, list)?;
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

    fn append(&mut self, place: u32, side: usize, list: &mut Vec<Edge>) -> Result<(), Fault> {
        if let Some(edges) = &self.copied.nodes[place as usize].edges[side] {
            list.extend_from_slice(edges);
            return Ok(());
        }
        let hops = match &mut self.hops[side] {
            Some(hops) => hops,
            none => none.insert(Hops::new(self.storage, self.graph, side == INCOMING).map_err(unread)?),
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
