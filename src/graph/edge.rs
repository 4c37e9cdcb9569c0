//! Edges: put, get, delete.

use std::ffi::c_char;

use zova::engine::{EdgeNames, Fault, Session};

use super::result::{self, zova_graph_edge};
use crate::arg;
use crate::database::zova_database;
use crate::guard::guard;
use crate::handle;
use crate::status::zova_status;

/// Request of zova_graph_edge_put.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_edge_put_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the graph.
    pub graph_name: *const c_char,
    /// The node the edge starts at.
    pub from_node_id: *const c_char,
    /// Type of the edge; the rules of graph names apply.
    pub edge_type: *const c_char,
    /// The node the edge ends at.
    pub to_node_id: *const c_char,
}

/// An edge for zova_graph_edge_put_many and zova_graph_edge_delete_many.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_edge_input {
    /// Name of the graph.
    pub graph_name: *const c_char,
    /// The node the edge starts at.
    pub from_node_id: *const c_char,
    /// Type of the edge.
    pub edge_type: *const c_char,
    /// The node the edge ends at.
    pub to_node_id: *const c_char,
}

/// Request of zova_graph_edge_put_many.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_edge_put_many_request {
    /// The database.
    pub db: *mut zova_database,
    /// The edges. May be null when edges_len is 0.
    pub edges: *const zova_graph_edge_input,
    /// Number of edges.
    pub edges_len: usize,
}

/// Request of zova_graph_edge_get.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_edge_get_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the graph.
    pub graph_name: *const c_char,
    /// The node the edge starts at.
    pub from_node_id: *const c_char,
    /// Type of the edge.
    pub edge_type: *const c_char,
    /// The node the edge ends at.
    pub to_node_id: *const c_char,
    /// Receives the edge; empty after a fault. It is overwritten without being released.
    pub out_edge: *mut zova_graph_edge,
}

/// Request of zova_graph_edge_exists.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_edge_exists_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the graph.
    pub graph_name: *const c_char,
    /// The node the edge starts at.
    pub from_node_id: *const c_char,
    /// Type of the edge.
    pub edge_type: *const c_char,
    /// The node the edge ends at.
    pub to_node_id: *const c_char,
    /// Receives 1 if there is such an edge, else 0; unchanged after a fault.
    pub out_exists: *mut u8,
}

/// Request of zova_graph_edge_delete.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_edge_delete_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the graph.
    pub graph_name: *const c_char,
    /// The node the edge starts at.
    pub from_node_id: *const c_char,
    /// Type of the edge.
    pub edge_type: *const c_char,
    /// The node the edge ends at.
    pub to_node_id: *const c_char,
}

/// Request of zova_graph_edge_delete_many.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_edge_delete_many_request {
    /// The database.
    pub db: *mut zova_database,
    /// The edges. May be null when edges_len is 0.
    pub edges: *const zova_graph_edge_input,
    /// Number of edges.
    pub edges_len: usize,
}

/// Stores a directed edge between two nodes of a graph. An edge that is stored already is ZOVA_OK and stays as it is,
/// its place in the order of creation included.
///
/// Errors, besides the common set: ZOVA_GRAPH_INVALID; ZOVA_GRAPH_NODE_NOT_FOUND for either end, also when there is
/// no such graph.
///
/// Cost: logarithmic in the size of the graph. In a file made by a library without an index on the order of creation
/// it is one pass over the edges of the graph.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_edge_put(request: *const zova_graph_edge_put_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            let texts = [req.graph_name, req.from_node_id, req.edge_type, req.to_node_id];
            // SAFETY: zova.h: each null, or NUL-terminated and unchanged for the whole call.
            let names = unsafe { edge_names(texts) }?;
            call.session()?.put_graph_edge(names)
        })
    })
}

/// Stores all of the edges, in order, or none. Errors and cost are those of zova_graph_edge_put, for the first
/// element that is at fault.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_edge_put_many(
    request: *const zova_graph_edge_put_many_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        // SAFETY: zova.h, as `on_edges` asks.
        unsafe { on_edges(req.db, req.edges, req.edges_len, |session, edges| session.put_graph_edges(edges)) }
    })
}

/// Reads an edge, whether or not its ends exist. Release the result with zova_graph_edge_free.
///
/// Errors, besides the common set: ZOVA_GRAPH_INVALID; ZOVA_GRAPH_EDGE_NOT_FOUND, also when there is no such graph.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_edge_get(request: *const zova_graph_edge_get_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_edge = unsafe { arg::cleared(req.out_edge, "out_edge") }?;
            let texts = [req.graph_name, req.from_node_id, req.edge_type, req.to_node_id];
            // SAFETY: zova.h: each null, or NUL-terminated and unchanged for the whole call.
            let names = unsafe { edge_names(texts) }?;
            out_edge.set(result::edge(&call.session()?.get_graph_edge(names)?)?);
            Ok(())
        })
    })
}

/// Tells whether the graph has this edge, whether or not its ends exist; 0 also when there is no such graph. Errors,
/// besides the common set: ZOVA_GRAPH_INVALID.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_edge_exists(
    request: *const zova_graph_edge_exists_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_exists = unsafe { arg::out(req.out_exists, "out_exists") }?;
            let texts = [req.graph_name, req.from_node_id, req.edge_type, req.to_node_id];
            // SAFETY: zova.h: each null, or NUL-terminated and unchanged for the whole call.
            let names = unsafe { edge_names(texts) }?;
            out_exists.set(call.session()?.has_graph_edge(names)?.into());
            Ok(())
        })
    })
}

/// Deletes an edge, whether or not its ends exist.
///
/// Errors, besides the common set: ZOVA_GRAPH_INVALID; ZOVA_GRAPH_EDGE_NOT_FOUND, also when there is no such graph.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_edge_delete(
    request: *const zova_graph_edge_delete_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            let texts = [req.graph_name, req.from_node_id, req.edge_type, req.to_node_id];
            // SAFETY: zova.h: each null, or NUL-terminated and unchanged for the whole call.
            let names = unsafe { edge_names(texts) }?;
            call.session()?.delete_graph_edge(names)
        })
    })
}

/// Deletes all of the edges, or none. A missing element, and so a repeated one, is ZOVA_GRAPH_EDGE_NOT_FOUND.
/// Otherwise errors are those of zova_graph_edge_delete, for the first element that is at fault.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_edge_delete_many(
    request: *const zova_graph_edge_delete_many_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        // SAFETY: zova.h, as `on_edges` asks.
        unsafe {
            on_edges(req.db, req.edges, req.edges_len, |session, edges| session.delete_graph_edges(edges))
        }
    })
}

/// Runs a change of many edges.
///
/// # Safety
///
/// `edges` null, or `len` elements readable for the whole call, whose texts are null, or NUL-terminated and unchanged
/// for the whole call.
unsafe fn on_edges(
    db: *mut zova_database,
    edges: *const zova_graph_edge_input,
    len: usize,
    change: impl FnOnce(&mut Session, std::vec::IntoIter<EdgeNames<'_>>) -> Result<(), Fault>,
) -> Result<(), crate::guard::Failure> {
    handle::on_database(db, |call| {
        // SAFETY: the caller's promise.
        let edges = unsafe { arg::elements(edges, len, "edges") }?;
        let names = edges.iter().map(|edge| {
            // SAFETY: the caller's promise.
            unsafe { edge_names([edge.graph_name, edge.from_node_id, edge.edge_type, edge.to_node_id]) }
        });
        // All null rules come before all other checks.
        let names = names.collect::<Result<Vec<_>, _>>()?;
        change(call.session()?, names.into_iter())
    })
}

/// Graph name, from node, edge type and to node.
///
/// # Safety
///
/// Each null, or NUL-terminated and unchanged for `'a`.
unsafe fn edge_names<'a>(texts: [*const c_char; 4]) -> Result<EdgeNames<'a>, Fault> {
    let [graph, from, edge_type, to] = texts;
    // SAFETY: the caller's promise, for all of them.
    let required = |text, field| unsafe { arg::text(text, field) };
    Ok(EdgeNames {
        graph: required(graph, "graph_name")?.to_bytes(),
        from: required(from, "from_node_id")?.to_bytes(),
        edge_type: required(edge_type, "edge_type")?.to_bytes(),
        to: required(to, "to_node_id")?.to_bytes(),
    })
}
