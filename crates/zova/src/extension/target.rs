//! Whether something that an extension's data refers to exists.

use crate::graph::{self, GraphTargetType};
use crate::session::Storage;
use crate::sqlite::SqliteError;

/// What kind of thing [`ExtensionContext::target_exists`](crate::ExtensionContext::target_exists) looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExtensionTarget {
    /// An object.
    Object,
    /// A chunk, whether an object uses it or not.
    ObjectChunk,
    /// A vector of a collection.
    Vector,
    /// A node of a graph.
    GraphNode,
}

pub(super) fn exists(
    storage: Storage<'_>,
    target: ExtensionTarget,
    namespace: Option<&str>,
    reference: &str,
) -> Result<bool, SqliteError> {
    let stored = |target_type| graph::target_exists(storage, target_type, namespace, reference);
    match (target, namespace) {
        (ExtensionTarget::Object, _) => stored(GraphTargetType::Object),
        (ExtensionTarget::ObjectChunk, _) => stored(GraphTargetType::ObjectChunk),
        (ExtensionTarget::Vector, _) => stored(GraphTargetType::Vector),
        (ExtensionTarget::GraphNode, Some(graph)) => graph::has_node(storage, graph, reference),
        (ExtensionTarget::GraphNode, None) => Ok(false),
    }
}
