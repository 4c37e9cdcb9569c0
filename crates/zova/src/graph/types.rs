//! What goes into and comes out of graphs.

use crate::error::Status;

/// The graph name that bindings use when the caller names none. Nothing creates a graph of this name by itself.
pub const DEFAULT_GRAPH_NAME: &str = "default";

/// What a node stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphTargetType {
    /// Nothing but itself.
    None,
    /// A row of an application table.
    Record,
    /// An object: the reference is its id as 64 hexadecimal digits.
    Object,
    /// An object chunk: the reference is its hash as 64 hexadecimal digits.
    ObjectChunk,
    /// A vector: the namespace is its collection, the reference its id.
    Vector,
    /// An entity of the application.
    Entity,
    /// A fact of the application.
    Fact,
    /// A concept of the application.
    Concept,
    /// Something outside the database, for example a URL.
    External,
}

impl GraphTargetType {
    /// In the order of the C codes.
    const ALL: [(Self, &'static str); 9] = [
        (Self::None, "none"),
        (Self::Record, "record"),
        (Self::Object, "object"),
        (Self::ObjectChunk, "object_chunk"),
        (Self::Vector, "vector"),
        (Self::Entity, "entity"),
        (Self::Fact, "fact"),
        (Self::Concept, "concept"),
        (Self::External, "external"),
    ];

    /// The code of `zova.h`.
    #[doc(hidden)]
    pub fn code(self) -> i32 {
        self as i32
    }

    /// The type with this code of `zova.h`.
    #[doc(hidden)]
    pub fn from_code(code: i32) -> Option<Self> {
        let index = usize::try_from(code).ok()?;
        Self::ALL.get(index).map(|(target_type, _)| *target_type)
    }

    /// The stored text.
    pub(super) fn text(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    pub(super) fn from_text(text: &[u8]) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| name.as_bytes() == text).map(|(target_type, _)| *target_type)
    }
}

/// Which edges of a node [`graph_neighbors`](crate::Database::graph_neighbors) follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphNeighborDirection {
    /// Those that start at the node.
    Outgoing,
    /// Those that end at the node.
    Incoming,
}

/// Which edges of a node a walk, a path or a degree follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GraphDirection {
    /// Those that start at the node.
    Outgoing,
    /// Those that end at the node.
    Incoming,
    /// All of them.
    Both,
}

impl From<GraphNeighborDirection> for GraphDirection {
    fn from(direction: GraphNeighborDirection) -> Self {
        match direction {
            GraphNeighborDirection::Outgoing => Self::Outgoing,
            GraphNeighborDirection::Incoming => Self::Incoming,
        }
    }
}

/// A node to store.
#[derive(Debug, Clone, Copy)]
pub struct GraphNodeInput<'a> {
    /// The graph, which must exist.
    pub graph_name: &'a str,
    /// Id of the node within the graph: 1 to 512 bytes.
    pub node_id: &'a str,
    /// What kind of node it is: 1 to 128 bytes of `A-Z a-z 0-9 _ . : -`.
    pub kind: &'a str,
    /// What it stands for.
    pub target_type: GraphTargetType,
    /// Where the target is to be found; its meaning depends on the type.
    pub target_namespace: Option<&'a str>,
    /// The target; its meaning depends on the type.
    pub target_ref: Option<&'a str>,
}

/// An edge to store or delete.
#[derive(Debug, Clone, Copy)]
pub struct GraphEdgeInput<'a> {
    /// The graph.
    pub graph_name: &'a str,
    /// The node it starts at.
    pub from_node_id: &'a str,
    /// Its type: 1 to 128 bytes of `A-Z a-z 0-9 _ . : -`.
    pub edge_type: &'a str,
    /// The node it ends at.
    pub to_node_id: &'a str,
}

/// What [`graph_neighbors`](crate::Database::graph_neighbors) looks for.
#[derive(Debug, Clone, Copy)]
pub struct GraphNeighborsOptions<'a> {
    /// The graph.
    pub graph_name: &'a str,
    /// The node whose neighbors are wanted.
    pub node_id: &'a str,
    /// Which of its edges are followed.
    pub direction: GraphNeighborDirection,
    /// Only edges of this type; `None` for all.
    pub edge_type: Option<&'a str>,
    /// How many results at most.
    pub limit: usize,
}

/// What [`graph_walk`](crate::Database::graph_walk) looks for.
#[derive(Debug, Clone, Copy)]
pub struct GraphWalkOptions<'a> {
    /// The graph.
    pub graph_name: &'a str,
    /// The node the walk starts at.
    pub start_node_id: &'a str,
    /// Only edges of this type; `None` for all.
    pub edge_type: Option<&'a str>,
    /// How many edges away from the start at most.
    pub max_depth: u32,
    /// How many nodes at most, the start included.
    pub limit: usize,
}

/// A graph and its size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphInfo {
    /// Its name.
    pub name: String,
    /// Number of nodes.
    pub node_count: u64,
    /// Number of edges, those with a missing end included.
    pub edge_count: u64,
}

/// A stored node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphNode {
    /// The graph.
    pub graph_name: String,
    /// Id of the node within the graph.
    pub node_id: String,
    /// What kind of node it is.
    pub kind: String,
    /// What it stands for.
    pub target_type: GraphTargetType,
    /// Where the target is to be found.
    pub target_namespace: Option<String>,
    /// The target.
    pub target_ref: Option<String>,
}

/// A stored edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphEdge {
    /// The graph.
    pub graph_name: String,
    /// The node it starts at.
    pub from_node_id: String,
    /// Its type.
    pub edge_type: String,
    /// The node it ends at.
    pub to_node_id: String,
}

/// One neighbor, by one edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphNeighbor {
    /// The neighbor.
    pub node_id: String,
    /// What kind of node it is.
    pub kind: String,
    /// Type of the edge.
    pub edge_type: String,
}

/// One node a walk or path reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphWalkItem {
    /// The node.
    pub node_id: String,
    /// What kind of node it is.
    pub kind: String,
    /// How many edges away from the start.
    pub depth: u32,
    /// The node it was reached from; `None` for the start.
    pub predecessor_node_id: Option<String>,
    /// Type of the edge it was reached by; `None` for the start.
    pub edge_type: Option<String>,
}

/// A node whose target is malformed or does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GraphMissingTarget {
    /// The graph.
    pub graph_name: String,
    /// Id of the node within the graph.
    pub node_id: String,
    /// What it stands for.
    pub target_type: GraphTargetType,
    /// Where the target is to be found.
    pub target_namespace: Option<String>,
    /// The target.
    pub target_ref: Option<String>,
    /// `GraphInvalid` for a malformed reference; else what is missing: `ObjectNotFound`, `ObjectChunkNotFound`,
    /// `VectorCollectionNotFound` or `VectorNotFound`.
    pub status: Status,
}

/// A node with its place in the graph, as paged scans give it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GraphNodeEntry {
    /// The node.
    pub node: GraphNode,
    /// Its place: nodes put later have a larger number.
    pub created_order: i64,
}

/// An edge with its place in the graph, as paged scans give it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GraphEdgeEntry {
    /// The edge.
    pub edge: GraphEdge,
    /// Its place: edges put later have a larger number.
    pub created_order: i64,
}

#[cfg(test)]
mod tests {
    use super::GraphTargetType;

    #[test]
    fn target_types_keep_their_codes_and_texts() {
        for (code, (target_type, text)) in (0..).zip(GraphTargetType::ALL) {
            assert_eq!(target_type.code(), code);
            assert_eq!(GraphTargetType::from_code(code), Some(target_type));
            assert_eq!(
                (target_type.text(), GraphTargetType::from_text(text.as_bytes())),
                (text, Some(target_type))
            );
        }
        assert_eq!((GraphTargetType::from_code(9), GraphTargetType::from_code(-1)), (None, None));
        assert_eq!(GraphTargetType::from_text(b"Record"), None);
    }
}
