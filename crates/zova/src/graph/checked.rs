//! The texts of a Rust program: `&str` may hold a NUL byte, which nothing that graphs store may.

use super::edges::EdgeNames;
use super::nodes::NodeFields;
use super::types::{GraphEdgeInput, GraphNeighborsOptions, GraphNodeInput, GraphWalkOptions};
use crate::error::{Error, Result};

/// Texts that end at their first NUL byte in C and so must hold none.
fn nul_free<'a>(texts: impl IntoIterator<Item = (&'static str, &'a str)>) -> Result<()> {
    match texts.into_iter().find(|(_, text)| text.contains('\0')) {
        None => Ok(()),
        Some((context, _)) => Err(Error::InteriorNul { context }),
    }
}

/// The names of a node.
pub(crate) fn node_names(graph: &str, node: &str) -> Result<()> {
    nul_free([("graph name", graph), ("graph node id", node)])
}

pub(crate) fn graph_name(graph: &str) -> Result<()> {
    nul_free([("graph name", graph)])
}

pub(crate) fn node_ids(graph: &str, nodes: &[&str]) -> Result<()> {
    graph_name(graph)?;
    nul_free(nodes.iter().map(|node| ("graph node id", *node)))
}

pub(crate) fn node_fields(input: GraphNodeInput<'_>) -> Result<NodeFields<'_>> {
    nul_free([
        ("graph name", input.graph_name),
        ("graph node id", input.node_id),
        ("graph node kind", input.kind),
        ("graph target namespace", input.target_namespace.unwrap_or_default()),
        ("graph target ref", input.target_ref.unwrap_or_default()),
    ])?;
    Ok(input.into())
}

pub(crate) fn edge_names(input: GraphEdgeInput<'_>) -> Result<EdgeNames<'_>> {
    nul_free([
        ("graph name", input.graph_name),
        ("from graph node id", input.from_node_id),
        ("graph edge type", input.edge_type),
        ("to graph node id", input.to_node_id),
    ])?;
    Ok(input.into())
}

pub(crate) fn node_and_type(graph: &str, node: &str, edge_type: Option<&str>) -> Result<()> {
    node_names(graph, node)?;
    nul_free([("graph edge type", edge_type.unwrap_or_default())])
}

pub(crate) fn neighbor_names(options: GraphNeighborsOptions<'_>) -> Result<()> {
    node_and_type(options.graph_name, options.node_id, options.edge_type)
}

pub(crate) fn goal(node: &str) -> Result<()> {
    nul_free([("to graph node id", node)])
}

pub(crate) fn walk_names(options: GraphWalkOptions<'_>) -> Result<()> {
    node_and_type(options.graph_name, options.start_node_id, options.edge_type)
}
