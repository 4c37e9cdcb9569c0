//! Breadth-first walks, and shortest paths, which are what a walk remembers of the way to one node.

use std::collections::HashSet;
use std::ops::Range;

use super::hops::{Hops, Kinds};
use super::names::{NodeId, Word, filter, limit};
use super::nodes::node_not_found;
use super::rows::unread;
use super::types::{GraphDirection, GraphWalkItem, GraphWalkOptions};
use crate::error::Fault;
use crate::session::{Session, Storage};

/// What a walk looks for, as a surface hands it over: nothing is checked yet.
#[derive(Debug, Clone, Copy)]
pub struct WalkQuery<'a> {
    /// The graph.
    pub graph: &'a [u8],
    /// Where it starts.
    pub start: &'a [u8],
    /// Which edges it follows.
    pub direction: GraphDirection,
    /// Only edges of this type; `None` for all.
    pub edge_type: Option<&'a [u8]>,
    /// How many edges away from the start at most.
    pub max_depth: u32,
    /// How many nodes at most.
    pub limit: usize,
}

impl<'a> WalkQuery<'a> {
    /// The query of a Rust program.
    pub(crate) fn new(options: GraphWalkOptions<'a>, direction: GraphDirection) -> Self {
        Self {
            graph: options.graph_name.as_bytes(),
            start: options.start_node_id.as_bytes(),
            direction,
            edge_type: options.edge_type.map(str::as_bytes),
            max_depth: options.max_depth,
            limit: options.limit,
        }
    }
}

/// A discovered node.
#[derive(Debug, Clone)]
struct Reached {
    node: Range<usize>,
    kind: Range<usize>,
    depth: u32,
    /// The place of its predecessor in the walk, and the edge type; `None` for the start.
    via: Option<(usize, Range<usize>)>,
}

/// Discovered nodes in the order of discovery: all texts in one allocation.
#[derive(Debug, Default)]
pub struct Walk {
    texts: String,
    reached: Vec<Reached>,
}

/// One node of a [`Walk`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit<'a> {
    /// The node.
    pub node: &'a str,
    /// Its kind.
    pub kind: &'a str,
    /// How many edges away from the start.
    pub depth: u32,
    /// Predecessor and edge type; `None` for the start.
    pub via: Option<(&'a str, &'a str)>,
}

impl Walk {
    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.reached.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.reached.is_empty()
    }

    /// The nodes in the order of their discovery.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Visit<'_>> + Clone {
        self.reached.iter().map(|reached| self.visit(reached))
    }

    /// The node at a place in that order.
    pub(super) fn get(&self, place: usize) -> Option<Visit<'_>> {
        self.reached.get(place).map(|reached| self.visit(reached))
    }

    fn visit(&self, reached: &Reached) -> Visit<'_> {
        let text = |range: &Range<usize>| &self.texts[range.clone()];
        let via = reached.via.as_ref();
        Visit {
            node: text(&reached.node),
            kind: text(&reached.kind),
            depth: reached.depth,
            via: via
                .map(|(predecessor, edge_type)| (text(&self.reached[*predecessor].node), text(edge_type))),
        }
    }

    fn keep(&mut self, text: &str) -> Range<usize> {
        let start = self.texts.len();
        self.texts.push_str(text);
        start..self.texts.len()
    }

    /// Only the way from the start to the node discovered last.
    fn into_path(mut self) -> Self {
        let mut places = Vec::new();
        let mut next = self.reached.len().checked_sub(1);
        while let Some(place) = next {
            places.push(place);
            next = self.reached[place].via.as_ref().map(|(predecessor, _)| *predecessor);
        }
        places.reverse();
        let path = places.iter().enumerate().map(|(step, place)| {
            let mut reached = self.reached[*place].clone();
            if let Some((predecessor, _)) = &mut reached.via {
                *predecessor = step - 1;
            }
            reached
        });
        self.reached = path.collect();
        self
    }
}

impl From<Walk> for Vec<GraphWalkItem> {
    fn from(walk: Walk) -> Self {
        let owned = |visit: Visit<'_>| GraphWalkItem {
            node_id: visit.node.to_owned(),
            kind: visit.kind.to_owned(),
            depth: visit.depth,
            predecessor_node_id: visit.via.map(|(predecessor, _)| predecessor.to_owned()),
            edge_type: visit.via.map(|(_, edge_type)| edge_type.to_owned()),
        };
        walk.iter().map(owned).collect()
    }
}

/// What a walk stops at.
enum Goal<'a> {
    /// Its limits alone.
    None,
    /// This node, which must exist.
    Node(&'a [u8]),
}

/// The first `limit` nodes a breadth-first search discovers. The names are checked here, so that SQL and native calls
/// agree.
pub(super) fn walk(storage: Storage<'_>, query: WalkQuery<'_>) -> Result<Walk, Fault> {
    search(storage, query, Goal::None)
}

/// The search behind walks and paths. With a goal the result ends with it, or is empty when the limits come first.
fn search(storage: Storage<'_>, query: WalkQuery<'_>, goal: Goal<'_>) -> Result<Walk, Fault> {
    let (graph, start) = (Word::graph(query.graph)?, NodeId::new(query.start)?);
    let goal = match goal {
        Goal::None => None,
        Goal::Node(node) => Some(NodeId::new(node)?),
    };
    let (edge_type, limit) = (filter(query.edge_type)?, limit(query.limit)?);
    let mut source = Kinds::new(storage, graph).map_err(unread)?;
    let mut kinds = Kinds::new(storage, graph).map_err(unread)?;
    // `source` stays on the row of the start: one moment for everything below.
    let Some(kind) = source.of(start.as_str())? else { return Err(node_not_found(graph, start)) };
    if let Some(goal) = goal
        && kinds.of(goal.as_str())?.is_none()
    {
        return Err(node_not_found(graph, goal));
    }
    let mut walk = Walk::default();
    if limit == 0 {
        return Ok(walk);
    }
    let is_goal = |node: &str| goal.is_some_and(|goal| goal.as_str() == node);
    let (node, kind) = (walk.keep(start.as_str()), walk.keep(kind));
    walk.reached.push(Reached { node, kind, depth: 0, via: None });
    if is_goal(start.as_str()) {
        return Ok(walk);
    }
    let mut discovered: HashSet<Box<str>> = HashSet::from([start.as_str().into()]);
    let mut hops = Hops::new(storage, graph, query.direction, edge_type).map_err(unread)?;
    let mut place = 0;
    while place < walk.len() && walk.len() < limit {
        let depth = walk.reached[place].depth;
        if depth >= query.max_depth {
            // Depths never decrease: nothing that follows is expanded either.
            break;
        }
        hops.read(&walk.texts[walk.reached[place].node.clone()]).map_err(unread)?;
        for hop in hops.iter() {
            let (edge_type, node) = hop?;
            if discovered.contains(node) {
                continue;
            }
            let Some(kind) = kinds.of(node)? else { continue };
            discovered.insert(node.into());
            let reached = Reached {
                node: walk.keep(node),
                kind: walk.keep(kind),
                depth: depth + 1,
                via: Some((place, walk.keep(edge_type))),
            };
            walk.reached.push(reached);
            if is_goal(node) {
                return Ok(walk);
            }
            if walk.len() == limit {
                break;
            }
        }
        place += 1;
    }
    Ok(if goal.is_some() { Walk::default() } else { walk })
}

impl Session {
    /// The first `limit` nodes that a breadth-first search from the start discovers.
    ///
    /// Cost: proportional to the edges of the nodes it expands, and it expands none once `limit` nodes are
    /// discovered. Memory: proportional to the discovered nodes. Along incoming edges this needs the index that
    /// files created by this library have; elsewhere each expanded node is one pass over the edges of the graph.
    pub fn graph_walk(&mut self, query: WalkQuery<'_>) -> Result<Walk, Fault> {
        walk(self.storage(), query)
    }

    /// A shortest path, by number of edges: the way by which the walk of the same query discovers `goal`. Empty if
    /// that walk does not reach it.
    ///
    /// Cost: that of the walk up to the goal.
    pub fn graph_path(&mut self, query: WalkQuery<'_>, goal: &[u8]) -> Result<Walk, Fault> {
        search(self.storage(), query, Goal::Node(goal)).map(Walk::into_path)
    }
}
