//! Graphs: named sets of nodes and directed, typed edges, stored as rows of the main file.
//!
//! The order of everything is the order of creation, which is stored with each row as a number; the next number is
//! found at the end of an index, and files without the index answer the same, slower. Every change is one SQL
//! statement or one scope, and every answer is of one moment.

pub(crate) mod checked;
mod edges;
mod graphs;
mod hops;
mod loading;
mod methods;
mod names;
mod neighbors;
mod nodes;
mod pages;
mod resident;
mod rows;
mod sql;
mod targets;
mod types;
mod walk;

pub use edges::EdgeNames;
pub(crate) use methods::graph_methods;
pub use neighbors::Neighbors;
pub use nodes::NodeFields;
pub(crate) use nodes::has_node;
pub use pages::{AfterEdge, AfterNode};
pub(crate) use sql::register_tables;
pub(crate) use targets::target_exists;
pub use types::{
    DEFAULT_GRAPH_NAME, GraphDirection, GraphEdge, GraphEdgeEntry, GraphEdgeInput, GraphInfo,
    GraphMissingTarget, GraphNeighbor, GraphNeighborDirection, GraphNeighborsOptions, GraphNode,
    GraphNodeEntry, GraphNodeInput, GraphTargetType, GraphWalkItem, GraphWalkOptions,
};
pub use walk::{Visit, Walk, WalkQuery};
