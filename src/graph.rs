//! Graphs as a whole. Nodes, edges, what can be asked, and the results are in the files of the folder.

mod edge;
mod node;
mod page;
mod query;
mod result;
mod target;

use std::ffi::{CStr, c_char, c_int};

use zova::GraphDirection;
use zova::engine::Fault;

pub use edge::*;
pub use node::*;
pub use page::*;
pub use query::*;
pub use result::*;
pub use target::*;

use crate::arg;
use crate::database::zova_database;
use crate::guard::guard;
use crate::handle;
use crate::status::zova_status;

/// Request of zova_graph_create.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_create_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the graph: 1 to 128 bytes of A-Z a-z 0-9 _ . : - that do not begin with _zova_ in any letter case.
    pub name: *const c_char,
}

/// Request of zova_graph_exists.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_exists_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the graph.
    pub name: *const c_char,
    /// Receives 1 if there is such a graph, else 0; unchanged after a fault.
    pub out_exists: *mut u8,
}

/// Request of zova_graph_info_get.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_info_get_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the graph.
    pub name: *const c_char,
    /// Receives name and size; empty after a fault. It is overwritten without being released.
    pub out_info: *mut zova_graph_info,
}

/// Request of zova_graphs_list.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_list_request {
    /// The database.
    pub db: *mut zova_database,
    /// Receives the graphs; empty after a fault. It is overwritten without being released.
    pub out_list: *mut zova_graph_list,
}

/// Request of zova_graph_delete.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_delete_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the graph.
    pub name: *const c_char,
}

/// Creates an empty graph.
///
/// Inside a transaction or savepoint the graph is part of it; outside, the call is a transaction of its own. That
/// holds for every function that changes graphs.
///
/// Errors, besides the common set: ZOVA_GRAPH_INVALID; ZOVA_GRAPH_EXISTS. Cost: one pass over the names of the graphs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_create(request: *const zova_graph_create_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or NUL-terminated and unchanged for the whole call.
            let name = unsafe { arg::text(req.name, "name") }?;
            call.session()?.create_graph(name.to_bytes())
        })
    })
}

/// Tells whether there is a graph of this name. Errors, besides the common set: ZOVA_GRAPH_INVALID.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_exists(request: *const zova_graph_exists_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_exists = unsafe { arg::out(req.out_exists, "out_exists") }?;
            // SAFETY: zova.h: null, or NUL-terminated and unchanged for the whole call.
            let name = unsafe { arg::text(req.name, "name") }?;
            out_exists.set(call.session()?.has_graph(name.to_bytes())?.into());
            Ok(())
        })
    })
}

/// Name and size of a graph. Release the result with zova_graph_info_free.
///
/// Errors, besides the common set: ZOVA_GRAPH_INVALID; ZOVA_GRAPH_NOT_FOUND. Cost: one pass over the index entries of
/// the graph's nodes and edges.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_info_get(request: *const zova_graph_info_get_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_info = unsafe { arg::cleared(req.out_info, "out_info") }?;
            // SAFETY: zova.h: null, or NUL-terminated and unchanged for the whole call.
            let name = unsafe { arg::text(req.name, "name") }?;
            out_info.set(result::info(&call.session()?.graph_info(name.to_bytes())?)?);
            Ok(())
        })
    })
}

/// All graphs with their sizes, in the order of the bytes of their names. Release the result with
/// zova_graph_list_free.
///
/// Errors: the common set. Cost: one pass over the index entries of all nodes and edges.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graphs_list(request: *const zova_graph_list_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_list = unsafe { arg::cleared(req.out_list, "out_list") }?;
            out_list.set(result::infos(&call.session()?.list_graphs()?)?);
            Ok(())
        })
    })
}

/// Deletes a graph with all its nodes and edges. What the nodes stand for is not touched.
///
/// Errors, besides the common set: ZOVA_GRAPH_INVALID; ZOVA_GRAPH_NOT_FOUND. Cost: proportional to the number of
/// nodes and edges.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_delete(request: *const zova_graph_delete_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or NUL-terminated and unchanged for the whole call.
            let name = unsafe { arg::text(req.name, "name") }?;
            call.session()?.delete_graph(name.to_bytes())
        })
    })
}

/// The bytes of an optional text.
fn bytes(text: Option<&CStr>) -> Option<&[u8]> {
    text.map(CStr::to_bytes)
}

/// A direction of the functions that know all three.
fn direction(code: c_int) -> Result<GraphDirection, Fault> {
    match code {
        0 => Ok(GraphDirection::Outgoing),
        1 => Ok(GraphDirection::Incoming),
        2 => Ok(GraphDirection::Both),
        other => Err(Fault::argument(format!("direction {other} is none of the directions 0, 1 and 2"))),
    }
}
