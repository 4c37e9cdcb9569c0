//! Nodes: put, get, delete.

use std::ffi::{c_char, c_int};

use zova::GraphTargetType;
use zova::engine::{Fault, NodeFields};

use super::bytes;
use super::result::{self, zova_graph_node};
use crate::arg;
use crate::database::zova_database;
use crate::guard::guard;
use crate::handle;
use crate::status::zova_status;

/// Request of zova_graph_node_put.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_node_put_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the graph.
    pub graph_name: *const c_char,
    /// Id of the node: 1 to 512 bytes of UTF-8 that do not begin with _zova_ in any letter case.
    pub node_id: *const c_char,
    /// What kind of node it is; the rules of graph names apply.
    pub kind: *const c_char,
    /// What it stands for, a value of zova_graph_target_type.
    pub target_type: c_int,
    /// Where the target is to be found: UTF-8, or null for absent.
    pub target_namespace: *const c_char,
    /// The target: UTF-8, or null for absent.
    pub target_ref: *const c_char,
}

/// A node to store with zova_graph_node_put_many; the fields of zova_graph_node_put_request.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_node_input {
    /// Name of the graph.
    pub graph_name: *const c_char,
    /// Id of the node.
    pub node_id: *const c_char,
    /// What kind of node it is.
    pub kind: *const c_char,
    /// What it stands for, a value of zova_graph_target_type.
    pub target_type: c_int,
    /// Where the target is to be found, or null for absent.
    pub target_namespace: *const c_char,
    /// The target, or null for absent.
    pub target_ref: *const c_char,
}

/// Request of zova_graph_node_put_many.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_node_put_many_request {
    /// The database.
    pub db: *mut zova_database,
    /// The nodes. May be null when nodes_len is 0.
    pub nodes: *const zova_graph_node_input,
    /// Number of nodes.
    pub nodes_len: usize,
}

/// Request of zova_graph_node_get.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_node_get_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the graph.
    pub graph_name: *const c_char,
    /// Id of the node.
    pub node_id: *const c_char,
    /// Receives the node; empty after a fault. It is overwritten without being released.
    pub out_node: *mut zova_graph_node,
}

/// Request of zova_graph_node_exists.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_node_exists_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the graph.
    pub graph_name: *const c_char,
    /// Id of the node.
    pub node_id: *const c_char,
    /// Receives 1 if there is such a node, else 0; unchanged after a fault.
    pub out_exists: *mut u8,
}

/// Request of zova_graph_node_delete.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_node_delete_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the graph.
    pub graph_name: *const c_char,
    /// Id of the node.
    pub node_id: *const c_char,
}

/// Request of zova_graph_node_delete_many.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_node_delete_many_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the graph.
    pub graph_name: *const c_char,
    /// Ids of the nodes. May be null when node_count is 0.
    pub node_ids: *const *const c_char,
    /// Number of nodes.
    pub node_count: usize,
}

/// Stores a node, or replaces kind and target of the one with this id; its edges, and its place in the order of
/// creation, are kept.
///
/// For targets of type object and object chunk a reference must be 64 hexadecimal digits; for vectors the namespace
/// must be a legal collection name and the reference a legal vector id. Absent is fine, and what is named need not
/// exist, unless zova_database_set_strict_targets says so.
///
/// Errors, besides the common set: ZOVA_GRAPH_INVALID; ZOVA_GRAPH_NOT_FOUND; with strict targets
/// ZOVA_OBJECT_NOT_FOUND, ZOVA_OBJECT_CHUNK_NOT_FOUND, ZOVA_VECTOR_COLLECTION_NOT_FOUND or ZOVA_VECTOR_NOT_FOUND.
///
/// Cost: logarithmic in the size of the graph. In a file made by a library without an index on the order of creation
/// it is one pass over the nodes of the graph.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_node_put(request: *const zova_graph_node_put_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            let texts = [req.graph_name, req.node_id, req.kind, req.target_namespace, req.target_ref];
            // SAFETY: zova.h: each null, or NUL-terminated and unchanged for the whole call.
            let fields = unsafe { node_fields(texts, req.target_type) }?;
            call.session()?.put_graph_node(fields)
        })
    })
}

/// Stores all of the nodes, in order, or none. A later element replaces what an earlier one of the same id stored.
/// Errors and cost are those of zova_graph_node_put, for the first element that is at fault.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_node_put_many(
    request: *const zova_graph_node_put_many_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or `nodes_len` elements readable for the whole call.
            let nodes = unsafe { arg::elements(req.nodes, req.nodes_len, "nodes") }?;
            let fields = nodes.iter().map(|node| {
                let texts =
                    [node.graph_name, node.node_id, node.kind, node.target_namespace, node.target_ref];
                // SAFETY: zova.h: each null, or NUL-terminated and unchanged for the whole call.
                unsafe { node_fields(texts, node.target_type) }
            });
            // All null rules come before all other checks.
            let fields = fields.collect::<Result<Vec<_>, _>>()?;
            call.session()?.put_graph_nodes(fields.into_iter())
        })
    })
}

/// Reads a node. Release the result with zova_graph_node_free.
///
/// Errors, besides the common set: ZOVA_GRAPH_INVALID, also for a stored target type that this version does not know;
/// ZOVA_GRAPH_NODE_NOT_FOUND, also when there is no such graph.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_node_get(request: *const zova_graph_node_get_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_node = unsafe { arg::cleared(req.out_node, "out_node") }?;
            // SAFETY: zova.h: null, or NUL-terminated and unchanged for the whole call.
            let graph = unsafe { arg::text(req.graph_name, "graph_name") }?;
            // SAFETY: as above.
            let node = unsafe { arg::text(req.node_id, "node_id") }?;
            out_node.set(result::node(&call.session()?.get_graph_node(graph.to_bytes(), node.to_bytes())?)?);
            Ok(())
        })
    })
}

/// Tells whether the graph has this node; 0 also when there is no such graph. Errors, besides the common set:
/// ZOVA_GRAPH_INVALID.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_node_exists(
    request: *const zova_graph_node_exists_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_exists = unsafe { arg::out(req.out_exists, "out_exists") }?;
            // SAFETY: zova.h: null, or NUL-terminated and unchanged for the whole call.
            let graph = unsafe { arg::text(req.graph_name, "graph_name") }?;
            // SAFETY: as above.
            let node = unsafe { arg::text(req.node_id, "node_id") }?;
            out_exists.set(call.session()?.has_graph_node(graph.to_bytes(), node.to_bytes())?.into());
            Ok(())
        })
    })
}

/// Deletes a node and every edge that starts or ends at it. What the node stands for is not touched.
///
/// Errors, besides the common set: ZOVA_GRAPH_INVALID; ZOVA_GRAPH_NODE_NOT_FOUND, also when there is no such graph.
///
/// Cost: proportional to the number of the node's edges. In a file made by a library without an index on incoming
/// edges it is one pass over the edges of the graph.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_node_delete(
    request: *const zova_graph_node_delete_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or NUL-terminated and unchanged for the whole call.
            let graph = unsafe { arg::text(req.graph_name, "graph_name") }?;
            // SAFETY: as above.
            let node = unsafe { arg::text(req.node_id, "node_id") }?;
            call.session()?.delete_graph_node(graph.to_bytes(), node.to_bytes())
        })
    })
}

/// Deletes all of the nodes with their edges, or none. A missing element, and so a repeated one, is
/// ZOVA_GRAPH_NODE_NOT_FOUND; without elements only the graph's name is checked. Otherwise errors and cost are those
/// of zova_graph_node_delete.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_node_delete_many(
    request: *const zova_graph_node_delete_many_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or NUL-terminated and unchanged for the whole call.
            let graph = unsafe { arg::text(req.graph_name, "graph_name") }?;
            // SAFETY: zova.h: null, or `node_count` pointers readable for the whole call.
            let ids = unsafe { arg::elements(req.node_ids, req.node_count, "node_ids") }?;
            // SAFETY: as for the graph's name.
            let ids = ids.iter().map(|id| Ok(unsafe { arg::text(*id, "node_ids") }?.to_bytes()));
            let ids = ids.collect::<Result<Vec<_>, Fault>>()?;
            call.session()?.delete_graph_nodes(graph.to_bytes(), ids.into_iter())
        })
    })
}

/// Graph name, node id, kind, target namespace and reference, with the target type.
///
/// # Safety
///
/// Each text null, or NUL-terminated and unchanged for `'a`.
unsafe fn node_fields<'a>(texts: [*const c_char; 5], target_type: c_int) -> Result<NodeFields<'a>, Fault> {
    let [graph, node, kind, namespace, reference] = texts;
    // SAFETY: the caller's promise, for all of them.
    let required = |text, field| unsafe { arg::text(text, field) };
    // SAFETY: as above.
    let optional = |text| bytes(unsafe { arg::optional_text(text) });
    Ok(NodeFields {
        graph: required(graph, "graph_name")?.to_bytes(),
        node: required(node, "node_id")?.to_bytes(),
        kind: required(kind, "kind")?.to_bytes(),
        target_type: GraphTargetType::from_code(target_type)
            .ok_or_else(|| Fault::argument(format!("target_type {target_type} is no target type")))?,
        target_namespace: optional(namespace),
        target_ref: optional(reference),
    })
}
