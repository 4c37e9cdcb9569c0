//! Neighbors, degrees, walks and paths.

use std::ffi::{c_char, c_int};

use zova::GraphDirection;
use zova::engine::{Fault, WalkQuery};

use super::result::{self, zova_graph_neighbor_results, zova_graph_walk_results};
use super::{bytes, direction};
use crate::arg;
use crate::database::zova_database;
use crate::guard::guard;
use crate::handle;
use crate::status::zova_status;

/// Request of zova_graph_neighbors.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_neighbors_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the graph.
    pub graph_name: *const c_char,
    /// The node whose neighbors are wanted.
    pub node_id: *const c_char,
    /// ZOVA_GRAPH_NEIGHBOR_OUTGOING or ZOVA_GRAPH_NEIGHBOR_INCOMING.
    pub direction: c_int,
    /// Only edges of this type, or null for all.
    pub edge_type: *const c_char,
    /// How many results at most, up to 2^63 - 1.
    pub limit: usize,
    /// Receives the neighbors; empty after a fault. It is overwritten without being released.
    pub out_results: *mut zova_graph_neighbor_results,
}

/// Request of zova_graph_degree.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_degree_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the graph.
    pub graph_name: *const c_char,
    /// The node.
    pub node_id: *const c_char,
    /// A value of zova_graph_neighbor_direction, ZOVA_GRAPH_NEIGHBOR_BOTH included.
    pub direction: c_int,
    /// Only edges of this type, or null for all.
    pub edge_type: *const c_char,
    /// Receives the number of neighbors; unchanged after a fault.
    pub out_degree: *mut u64,
}

/// Request of zova_graph_walk.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_walk_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the graph.
    pub graph_name: *const c_char,
    /// The node the walk starts at.
    pub start_node_id: *const c_char,
    /// Only edges of this type, or null for all.
    pub edge_type: *const c_char,
    /// How many edges away from the start at most.
    pub max_depth: u32,
    /// How many nodes at most, the start included, up to 2^63 - 1.
    pub limit: usize,
    /// Receives the nodes; empty after a fault. It is overwritten without being released.
    pub out_results: *mut zova_graph_walk_results,
}

/// Request of zova_graph_walk_direction.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_walk_direction_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the graph.
    pub graph_name: *const c_char,
    /// The node the walk starts at.
    pub start_node_id: *const c_char,
    /// A value of zova_graph_neighbor_direction, ZOVA_GRAPH_NEIGHBOR_BOTH included.
    pub direction: c_int,
    /// Only edges of this type, or null for all.
    pub edge_type: *const c_char,
    /// How many edges away from the start at most.
    pub max_depth: u32,
    /// How many nodes at most, the start included, up to 2^63 - 1.
    pub limit: usize,
    /// Receives the nodes; empty after a fault. It is overwritten without being released.
    pub out_results: *mut zova_graph_walk_results,
}

/// Request of zova_graph_path.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_path_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the graph.
    pub graph_name: *const c_char,
    /// The node the path starts at.
    pub from_node_id: *const c_char,
    /// The node it leads to.
    pub to_node_id: *const c_char,
    /// A value of zova_graph_neighbor_direction, ZOVA_GRAPH_NEIGHBOR_BOTH included.
    pub direction: c_int,
    /// Only edges of this type, or null for all.
    pub edge_type: *const c_char,
    /// How many edges the path may have at most.
    pub max_depth: u32,
    /// How many nodes the search may discover at most, up to 2^63 - 1; bounds its time and memory.
    pub limit: usize,
    /// Receives the nodes of the path; empty when there is none, and after a fault. It is overwritten without being
    /// released.
    pub out_results: *mut zova_graph_walk_results,
}

/// The neighbors of a node: one result for each matching edge, in the order of the edges' creation, then of the bytes
/// of the neighbor's id. Edges whose other end is missing are left out and do not count. Release the result with
/// zova_graph_neighbor_results_free.
///
/// Errors, besides the common set: ZOVA_INVALID_ARGUMENT for another direction than outgoing and incoming;
/// ZOVA_GRAPH_INVALID; ZOVA_GRAPH_NODE_NOT_FOUND, also when there is no such graph or limit is 0.
///
/// Cost: proportional to the number of edges of the node in that direction. For incoming edges in a file made by a
/// library without an index on them it is one pass over the edges of the graph.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_neighbors(request: *const zova_graph_neighbors_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_results = unsafe { arg::cleared(req.out_results, "out_results") }?;
            // SAFETY: zova.h: null, or NUL-terminated and unchanged for the whole call.
            let graph = unsafe { arg::text(req.graph_name, "graph_name") }?.to_bytes();
            // SAFETY: as above.
            let node = unsafe { arg::text(req.node_id, "node_id") }?.to_bytes();
            // SAFETY: as above.
            let edge_type = bytes(unsafe { arg::optional_text(req.edge_type) });
            let direction = one_direction(req.direction)?;
            let found = call.session()?.graph_neighbors(graph, node, direction, edge_type, req.limit)?;
            out_results.set(result::neighbors(&found)?);
            Ok(())
        })
    })
}

/// The number of results that zova_graph_neighbors would give without a limit; for both directions the sum of the
/// two, so an edge from the node to itself counts twice. Errors and cost are those of zova_graph_neighbors.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_degree(request: *const zova_graph_degree_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_degree = unsafe { arg::out(req.out_degree, "out_degree") }?;
            // SAFETY: zova.h: null, or NUL-terminated and unchanged for the whole call.
            let graph = unsafe { arg::text(req.graph_name, "graph_name") }?.to_bytes();
            // SAFETY: as above.
            let node = unsafe { arg::text(req.node_id, "node_id") }?.to_bytes();
            // SAFETY: as above.
            let edge_type = bytes(unsafe { arg::optional_text(req.edge_type) });
            let direction = direction(req.direction)?;
            out_degree.set(call.session()?.graph_degree(graph, node, direction, edge_type)?);
            Ok(())
        })
    })
}

/// The first nodes that a breadth-first search along outgoing edges discovers, in the order of discovery. The start
/// comes first, at depth 0, without predecessor and edge type. The edges of a node are taken in the order of their
/// creation; every node appears once, with its smallest depth. Edges whose other end is missing lead nowhere. Release
/// the result with zova_graph_walk_results_free.
///
/// Errors, besides the common set: ZOVA_GRAPH_INVALID; ZOVA_GRAPH_NODE_NOT_FOUND, also when there is no such graph or
/// limit is 0.
///
/// Cost: proportional to the edges of the nodes it expands, and it expands none once limit nodes are discovered.
/// Memory: proportional to the discovered nodes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_walk(request: *const zova_graph_walk_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_results = unsafe { arg::cleared(req.out_results, "out_results") }?;
            let texts = [req.graph_name, req.start_node_id, req.edge_type];
            // SAFETY: zova.h: each null, or NUL-terminated and unchanged for the whole call.
            let query = unsafe { walk_query(texts, "start_node_id", 0, req.max_depth, req.limit) }?;
            out_results.set(result::walk(&call.session()?.graph_walk(query)?)?);
            Ok(())
        })
    })
}

/// As zova_graph_walk, along outgoing edges, incoming ones (each discovers the node it starts at) or both. For both,
/// edges of the same age to the same node are taken outgoing before incoming.
///
/// Errors: those of zova_graph_walk; ZOVA_INVALID_ARGUMENT for an unknown direction. Cost: as zova_graph_walk; along
/// incoming edges in a file made by a library without an index on them, each expanded node is one pass over the edges
/// of the graph.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_walk_direction(
    request: *const zova_graph_walk_direction_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_results = unsafe { arg::cleared(req.out_results, "out_results") }?;
            let texts = [req.graph_name, req.start_node_id, req.edge_type];
            // SAFETY: zova.h: each null, or NUL-terminated and unchanged for the whole call.
            let query =
                unsafe { walk_query(texts, "start_node_id", req.direction, req.max_depth, req.limit) }?;
            out_results.set(result::walk(&call.session()?.graph_walk(query)?)?);
            Ok(())
        })
    })
}

/// A shortest path by number of edges: the way by which zova_graph_walk_direction with the same arguments discovers
/// the node to_node_id, both ends included. The result is empty when it does not: there is no path of at most
/// max_depth edges, or the search discovered limit nodes before. Release it with zova_graph_walk_results_free.
///
/// Errors, besides the common set: ZOVA_INVALID_ARGUMENT for an unknown direction; ZOVA_GRAPH_INVALID;
/// ZOVA_GRAPH_NODE_NOT_FOUND for either end, also when there is no such graph.
///
/// Cost: that of the walk up to the node.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_path(request: *const zova_graph_path_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_results = unsafe { arg::cleared(req.out_results, "out_results") }?;
            let texts = [req.graph_name, req.from_node_id, req.edge_type];
            // SAFETY: zova.h: each null, or NUL-terminated and unchanged for the whole call.
            let query =
                unsafe { walk_query(texts, "from_node_id", req.direction, req.max_depth, req.limit) }?;
            // SAFETY: as above.
            let to = unsafe { arg::text(req.to_node_id, "to_node_id") }?;
            out_results.set(result::walk(&call.session()?.graph_path(query, to.to_bytes())?)?);
            Ok(())
        })
    })
}

/// A direction of the function that knows only two.
fn one_direction(code: c_int) -> Result<GraphDirection, Fault> {
    match direction(code)? {
        GraphDirection::Both => {
            Err(Fault::argument(format!("direction {code} is none of the directions 0 and 1")))
        }
        one => Ok(one),
    }
}

/// A query of graph name, start and edge type.
///
/// # Safety
///
/// Each text null, or NUL-terminated and unchanged for `'a`.
unsafe fn walk_query<'a>(
    texts: [*const c_char; 3],
    start_field: &'static str,
    code: c_int,
    max_depth: u32,
    limit: usize,
) -> Result<WalkQuery<'a>, Fault> {
    let [graph, start, edge_type] = texts;
    // SAFETY: the caller's promise, for all of them.
    let required = |text, field| unsafe { arg::text(text, field) };
    Ok(WalkQuery {
        graph: required(graph, "graph_name")?.to_bytes(),
        start: required(start, start_field)?.to_bytes(),
        direction: direction(code)?,
        // SAFETY: the caller's promise.
        edge_type: bytes(unsafe { arg::optional_text(edge_type) }),
        max_depth,
        limit,
    })
}
