//! Nodes and edges page by page.

use std::ffi::c_char;

use zova::engine::{AfterEdge, AfterNode, Fault};

use super::result::{
    self, zova_graph_edge_entry, zova_graph_edge_page, zova_graph_node_entry, zova_graph_node_page,
};
use crate::arg;
use crate::database::zova_database;
use crate::guard::guard;
use crate::handle;
use crate::status::zova_status;

/// Request of zova_graph_nodes_page.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_nodes_page_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the graph.
    pub graph_name: *const c_char,
    /// The last entry of the page before, or null to begin. Only its created_order and its node_id are read.
    pub after: *const zova_graph_node_entry,
    /// How many nodes at most, up to 2^63 - 1.
    pub limit: usize,
    /// Receives the page; empty after a fault. It is overwritten without being released.
    pub out_page: *mut zova_graph_node_page,
}

/// Request of zova_graph_edges_page.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_edges_page_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the graph.
    pub graph_name: *const c_char,
    /// The last entry of the page before, or null to begin. Only its created_order, its node ids and its edge type
    /// are read.
    pub after: *const zova_graph_edge_entry,
    /// How many edges at most, up to 2^63 - 1.
    pub limit: usize,
    /// Receives the page; empty after a fault. It is overwritten without being released.
    pub out_page: *mut zova_graph_edge_page,
}

/// The next nodes of a graph in the order of their creation. A page shorter than limit is the last. Putting the nodes
/// of all pages again in this order, and then the edges of zova_graph_edges_page in theirs, makes an equal graph.
/// Each page is of one moment; nodes put in between come at the end. Release the result with
/// zova_graph_node_page_free; the entry given as after must live until this call returns.
///
/// Errors, besides the common set: ZOVA_GRAPH_INVALID, also for a stored target type that this version does not know;
/// ZOVA_GRAPH_NOT_FOUND.
///
/// Cost: proportional to the page. In a file made by a library without an index on the order of creation it is one
/// pass over the nodes of the graph.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_nodes_page(request: *const zova_graph_nodes_page_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_page = unsafe { arg::cleared(req.out_page, "out_page") }?;
            // SAFETY: zova.h: null, or NUL-terminated and unchanged for the whole call.
            let graph = unsafe { arg::text(req.graph_name, "graph_name") }?;
            // SAFETY: zova.h: null, or an entry that is readable for the whole call, and so are its texts.
            let after = unsafe { req.after.as_ref() }.map(|entry| {
                // SAFETY: as above.
                let node = unsafe { arg::text(entry.node.node_id, "after") }?.to_bytes();
                Ok::<_, Fault>(AfterNode { created_order: entry.created_order, node })
            });
            let after = after.transpose()?;
            out_page.set(result::nodes(&call.session()?.graph_nodes_page(
                graph.to_bytes(),
                after,
                req.limit,
            )?)?);
            Ok(())
        })
    })
}

/// The next edges of a graph in the order of their creation, those with a missing end included. A page shorter than
/// limit is the last. As zova_graph_nodes_page otherwise; release the result with zova_graph_edge_page_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_edges_page(request: *const zova_graph_edges_page_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_page = unsafe { arg::cleared(req.out_page, "out_page") }?;
            // SAFETY: zova.h: null, or NUL-terminated and unchanged for the whole call.
            let graph = unsafe { arg::text(req.graph_name, "graph_name") }?;
            // SAFETY: zova.h: null, or an entry that is readable for the whole call, and so are its texts.
            let after = unsafe { req.after.as_ref() }.map(|entry| {
                // SAFETY: as above.
                let text = |text: *mut c_char| unsafe { arg::text(text, "after") };
                Ok::<_, Fault>(AfterEdge {
                    created_order: entry.created_order,
                    from: text(entry.edge.from_node_id)?.to_bytes(),
                    edge_type: text(entry.edge.edge_type)?.to_bytes(),
                    to: text(entry.edge.to_node_id)?.to_bytes(),
                })
            });
            let after = after.transpose()?;
            out_page.set(result::edges(&call.session()?.graph_edges_page(
                graph.to_bytes(),
                after,
                req.limit,
            )?)?);
            Ok(())
        })
    })
}
