//! Breadth-first walks, and shortest paths, which are what a walk remembers of the way to one node.

use std::ops::Range;

use super::hops::Kinds;
use super::names::{NodeId, Word, filter, limit};
use super::nodes::node_not_found;
use super::resident::{Edge, Source, with_copied};
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

    /// Adds a node, if it exists.
    fn reach(
        &mut self,
        source: &mut Source<'_, '_>,
        node: u32,
        via: Option<(usize, Edge)>,
    ) -> Result<bool, Fault> {
        let Some(kind) = source.kind(node)? else { return Ok(false) };
        let kind = self.keep(kind);
        let (depth, via) = match via {
            None => (0, None),
            Some((predecessor, edge)) => {
                let edge_type = self.keep(source.copied.edge_type(edge));
                (self.reached[predecessor].depth + 1, Some((predecessor, edge_type)))
            }
        };
        let node = self.keep(source.copied.id(node));
        self.reached.push(Reached { node, kind, depth, via });
        Ok(true)
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
    // This stays on the row of the start: one moment for everything below.
    let mut moment = Kinds::new(storage, graph).map_err(unread)?;
    if moment.of(start.as_str())?.is_none() {
        return Err(node_not_found(graph, start));
    }
    with_copied(storage, graph, |copied| {
        let mut source = Source::new(storage, graph, copied);
        let start = source.copied.place(start.as_str());
        let goal = match goal {
            None => None,
            Some(goal) => {
                let place = source.copied.place(goal.as_str());
                if source.kind(place)?.is_none() {
                    return Err(node_not_found(graph, goal));
                }
                Some(place)
            }
        };
        let limits = Limits { edge_type, limit, max_depth: query.max_depth, direction: query.direction };
        let (walk, reached) = discover(&mut source, start, goal, limits)?;
        Ok(if reached || goal.is_none() { walk } else { Walk::default() })
    })
}

/// How far a search goes.
#[derive(Clone, Copy)]
struct Limits<'a> {
    direction: GraphDirection,
    edge_type: Option<Word<'a>>,
    max_depth: u32,
    limit: usize,
}

/// The nodes discovered until the limits or the goal are reached, and whether it was the goal.
fn discover(
    source: &mut Source<'_, '_>,
    start: u32,
    goal: Option<u32>,
    limits: Limits<'_>,
) -> Result<(Walk, bool), Fault> {
    let mut walk = Walk::default();
    if limits.limit == 0 {
        return Ok((walk, false));
    }
    source.copied.begin_search();
    // The numbers of the nodes in `walk`.
    let mut places = Vec::new();
    walk.reach(source, start, None)?;
    source.copied.discover(start);
    places.push(start);
    if goal == Some(start) {
        return Ok((walk, true));
    }
    let mut edges = Vec::new();
    let mut next = 0;
    while next < places.len() && walk.len() < limits.limit {
        if walk.reached[next].depth >= limits.max_depth {
            // Depths never decrease: nothing that follows is expanded either.
            break;
        }
        source.go_on()?;
        source.edges(places[next], limits.direction, limits.edge_type, &mut edges)?;
        for edge in &edges {
            if source.copied.is_discovered(edge.node)
                || !walk.reach(source, edge.node, Some((next, *edge)))?
            {
                continue;
            }
            source.copied.discover(edge.node);
            places.push(edge.node);
            if goal == Some(edge.node) {
                return Ok((walk, true));
            }
            if walk.len() == limits.limit {
                break;
            }
        }
        next += 1;
    }
    Ok((walk, false))
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
