//! What nodes stand for.

use std::ffi::c_char;

use zova::engine::Fault;

use super::bytes;
use super::result::{self, zova_graph_missing_target_list};
use crate::arg;
use crate::database::zova_database;
use crate::guard::guard;
use crate::handle;
use crate::status::zova_status;

/// Request of zova_database_set_strict_targets.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_set_strict_targets_request {
    /// The database.
    pub db: *mut zova_database,
    /// 0 turns it off, any other value on.
    pub strict: u8,
}

/// Request of zova_graph_missing_targets.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_missing_targets_request {
    /// The database.
    pub db: *mut zova_database,
    /// Graph of the last item of the page before; null, together with after_node_id, to begin.
    pub after_graph_name: *const c_char,
    /// Id of the last item of the page before; null, together with after_graph_name, to begin.
    pub after_node_id: *const c_char,
    /// How many items at most, up to 2^63 - 1.
    pub limit: usize,
    /// Receives the items; empty after a fault. It is overwritten without being released.
    pub out_list: *mut zova_graph_missing_target_list,
}

/// Turns on or off, for this handle, that putting a graph node requires its object, chunk or vector to exist at that
/// moment, uncommitted rows of this handle included. It is off on every fresh handle and not stored in the file.
/// Errors: none beyond arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_set_strict_targets(
    request: *const zova_database_set_strict_targets_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            call.session()?.set_strict_targets(req.strict != 0);
            Ok(())
        })
    })
}

/// The next nodes whose target of type object, object chunk or vector is malformed or missing, over all graphs, in
/// the order of graph name and node id. A page starts after the given pair, which need not exist any more; one
/// shorter than limit is the last. Release the result with zova_graph_missing_target_list_free.
///
/// Errors, besides the common set: ZOVA_INVALID_ARGUMENT also when only one of the two start texts is null;
/// ZOVA_GRAPH_INVALID for a limit above 2^63 - 1.
///
/// Cost: one pass over the nodes after the start, and one key look-up for each that has such a target.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_missing_targets(
    request: *const zova_graph_missing_targets_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_list = unsafe { arg::cleared(req.out_list, "out_list") }?;
            // SAFETY: zova.h: null, or NUL-terminated and unchanged for the whole call.
            let graph = bytes(unsafe { arg::optional_text(req.after_graph_name) });
            // SAFETY: as above.
            let node = bytes(unsafe { arg::optional_text(req.after_node_id) });
            let after = match (graph, node) {
                (None, None) => None,
                (Some(graph), Some(node)) => Some((graph, node)),
                _ => {
                    let text = "after_graph_name and after_node_id must both be given or both be null";
                    return Err(Fault::argument(text));
                }
            };
            out_list.set(result::missing(&call.session()?.graph_missing_targets(after, req.limit)?)?);
            Ok(())
        })
    })
}
