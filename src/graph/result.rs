//! Results of graph functions: the structs, their free functions, and how they are filled.

use std::ffi::{c_char, c_int};
use std::ptr::null_mut;

use zova::engine::{Fault, Neighbors, Visit, Walk};
use zova::{GraphEdge, GraphEdgeEntry, GraphInfo, GraphMissingTarget, GraphNode, GraphNodeEntry};

use crate::arg::Empty;
use crate::guard::shield;
use crate::list::{self, Texts, room};
use crate::status::zova_status;

/// What the texts of these results are for, when memory is short.
const RESULTS: &str = "the results";

/// A graph and its size. Release it with zova_graph_info_free, unless it is an item of a list.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_info {
    /// Its name.
    pub name: *mut c_char,
    /// Number of bytes in name.
    pub name_len: usize,
    /// Number of nodes.
    pub node_count: u64,
    /// Number of edges, those with a missing end included.
    pub edge_count: u64,
}

impl Empty for zova_graph_info {
    const EMPTY: Self = Self { name: null_mut(), name_len: 0, node_count: 0, edge_count: 0 };
}

/// Graphs. Release the list with zova_graph_list_free, which releases the items with it.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_list {
    /// The graphs, or null when there are none.
    pub items: *mut zova_graph_info,
    /// Number of graphs.
    pub len: usize,
}

impl Empty for zova_graph_list {
    const EMPTY: Self = Self { items: null_mut(), len: 0 };
}

/// A node. Release it with zova_graph_node_free, unless it is part of a list.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_node {
    /// The graph.
    pub graph_name: *mut c_char,
    /// Number of bytes in graph_name.
    pub graph_name_len: usize,
    /// Id of the node within the graph.
    pub node_id: *mut c_char,
    /// Number of bytes in node_id.
    pub node_id_len: usize,
    /// What kind of node it is.
    pub kind: *mut c_char,
    /// Number of bytes in kind.
    pub kind_len: usize,
    /// What it stands for, a value of zova_graph_target_type.
    pub target_type: c_int,
    /// Where the target is to be found. Null when has_target_namespace is 0.
    pub target_namespace: *mut c_char,
    /// Number of bytes in target_namespace.
    pub target_namespace_len: usize,
    /// 1 if there is one, else 0. A text that is there may be empty.
    pub has_target_namespace: u8,
    /// The target. Null when has_target_ref is 0.
    pub target_ref: *mut c_char,
    /// Number of bytes in target_ref.
    pub target_ref_len: usize,
    /// 1 if there is one, else 0. A text that is there may be empty.
    pub has_target_ref: u8,
}

impl Empty for zova_graph_node {
    const EMPTY: Self = Self {
        graph_name: null_mut(),
        graph_name_len: 0,
        node_id: null_mut(),
        node_id_len: 0,
        kind: null_mut(),
        kind_len: 0,
        target_type: 0,
        target_namespace: null_mut(),
        target_namespace_len: 0,
        has_target_namespace: 0,
        target_ref: null_mut(),
        target_ref_len: 0,
        has_target_ref: 0,
    };
}

/// An edge. Release it with zova_graph_edge_free, unless it is part of a list.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_edge {
    /// The graph.
    pub graph_name: *mut c_char,
    /// Number of bytes in graph_name.
    pub graph_name_len: usize,
    /// The node it starts at.
    pub from_node_id: *mut c_char,
    /// Number of bytes in from_node_id.
    pub from_node_id_len: usize,
    /// Its type.
    pub edge_type: *mut c_char,
    /// Number of bytes in edge_type.
    pub edge_type_len: usize,
    /// The node it ends at.
    pub to_node_id: *mut c_char,
    /// Number of bytes in to_node_id.
    pub to_node_id_len: usize,
}

impl Empty for zova_graph_edge {
    const EMPTY: Self = Self {
        graph_name: null_mut(),
        graph_name_len: 0,
        from_node_id: null_mut(),
        from_node_id_len: 0,
        edge_type: null_mut(),
        edge_type_len: 0,
        to_node_id: null_mut(),
        to_node_id_len: 0,
    };
}

/// A neighbor, by one edge.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_neighbor_result {
    /// The neighbor.
    pub node_id: *mut c_char,
    /// Number of bytes in node_id.
    pub node_id_len: usize,
    /// What kind of node it is.
    pub kind: *mut c_char,
    /// Number of bytes in kind.
    pub kind_len: usize,
    /// Type of the edge.
    pub edge_type: *mut c_char,
    /// Number of bytes in edge_type.
    pub edge_type_len: usize,
}

impl Empty for zova_graph_neighbor_result {
    const EMPTY: Self = Self {
        node_id: null_mut(),
        node_id_len: 0,
        kind: null_mut(),
        kind_len: 0,
        edge_type: null_mut(),
        edge_type_len: 0,
    };
}

/// Neighbors. Release them with zova_graph_neighbor_results_free, which releases the items with them.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_neighbor_results {
    /// The neighbors, or null when there are none.
    pub items: *mut zova_graph_neighbor_result,
    /// Number of neighbors.
    pub len: usize,
}

impl Empty for zova_graph_neighbor_results {
    const EMPTY: Self = Self { items: null_mut(), len: 0 };
}

/// A node that a walk or path reached.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_walk_result {
    /// The node.
    pub node_id: *mut c_char,
    /// Number of bytes in node_id.
    pub node_id_len: usize,
    /// What kind of node it is.
    pub kind: *mut c_char,
    /// Number of bytes in kind.
    pub kind_len: usize,
    /// How many edges away from the start.
    pub depth: u32,
    /// The node it was reached from. Null when has_predecessor_node_id is 0.
    pub predecessor_node_id: *mut c_char,
    /// Number of bytes in predecessor_node_id.
    pub predecessor_node_id_len: usize,
    /// 1 if there is one, else 0. A text that is there may be empty.
    pub has_predecessor_node_id: u8,
    /// Type of the edge it was reached by. Null when has_edge_type is 0.
    pub edge_type: *mut c_char,
    /// Number of bytes in edge_type.
    pub edge_type_len: usize,
    /// 1 if there is one, else 0. A text that is there may be empty.
    pub has_edge_type: u8,
}

impl Empty for zova_graph_walk_result {
    const EMPTY: Self = Self {
        node_id: null_mut(),
        node_id_len: 0,
        kind: null_mut(),
        kind_len: 0,
        depth: 0,
        predecessor_node_id: null_mut(),
        predecessor_node_id_len: 0,
        has_predecessor_node_id: 0,
        edge_type: null_mut(),
        edge_type_len: 0,
        has_edge_type: 0,
    };
}

/// Nodes of a walk or path. Release them with zova_graph_walk_results_free, which releases the items with them.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_walk_results {
    /// The nodes, or null when there are none.
    pub items: *mut zova_graph_walk_result,
    /// Number of nodes.
    pub len: usize,
}

impl Empty for zova_graph_walk_results {
    const EMPTY: Self = Self { items: null_mut(), len: 0 };
}

/// A node with its place in the graph.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_node_entry {
    /// The node.
    pub node: zova_graph_node,
    /// Its place: nodes put later have a larger number.
    pub created_order: i64,
}

impl Empty for zova_graph_node_entry {
    const EMPTY: Self = Self { node: zova_graph_node::EMPTY, created_order: 0 };
}

/// Nodes of one page. Release them with zova_graph_node_page_free, which releases the items with them.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_node_page {
    /// The nodes, or null when there are none.
    pub items: *mut zova_graph_node_entry,
    /// Number of nodes.
    pub len: usize,
}

impl Empty for zova_graph_node_page {
    const EMPTY: Self = Self { items: null_mut(), len: 0 };
}

/// An edge with its place in the graph.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_edge_entry {
    /// The edge.
    pub edge: zova_graph_edge,
    /// Its place: edges put later have a larger number.
    pub created_order: i64,
}

impl Empty for zova_graph_edge_entry {
    const EMPTY: Self = Self { edge: zova_graph_edge::EMPTY, created_order: 0 };
}

/// Edges of one page. Release them with zova_graph_edge_page_free, which releases the items with them.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_edge_page {
    /// The edges, or null when there are none.
    pub items: *mut zova_graph_edge_entry,
    /// Number of edges.
    pub len: usize,
}

impl Empty for zova_graph_edge_page {
    const EMPTY: Self = Self { items: null_mut(), len: 0 };
}

/// A node whose target is malformed or does not exist.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_missing_target {
    /// The graph.
    pub graph_name: *mut c_char,
    /// Number of bytes in graph_name.
    pub graph_name_len: usize,
    /// Id of the node within the graph.
    pub node_id: *mut c_char,
    /// Number of bytes in node_id.
    pub node_id_len: usize,
    /// What it stands for, a value of zova_graph_target_type.
    pub target_type: c_int,
    /// Where the target is to be found. Null when has_target_namespace is 0.
    pub target_namespace: *mut c_char,
    /// Number of bytes in target_namespace.
    pub target_namespace_len: usize,
    /// 1 if there is one, else 0. A text that is there may be empty.
    pub has_target_namespace: u8,
    /// The target. Null when has_target_ref is 0.
    pub target_ref: *mut c_char,
    /// Number of bytes in target_ref.
    pub target_ref_len: usize,
    /// 1 if there is one, else 0. A text that is there may be empty.
    pub has_target_ref: u8,
    /// ZOVA_GRAPH_INVALID for a malformed reference, else what is missing: ZOVA_OBJECT_NOT_FOUND,
    /// ZOVA_OBJECT_CHUNK_NOT_FOUND, ZOVA_VECTOR_COLLECTION_NOT_FOUND or ZOVA_VECTOR_NOT_FOUND.
    pub status: zova_status,
}

impl Empty for zova_graph_missing_target {
    const EMPTY: Self = Self {
        graph_name: null_mut(),
        graph_name_len: 0,
        node_id: null_mut(),
        node_id_len: 0,
        target_type: 0,
        target_namespace: null_mut(),
        target_namespace_len: 0,
        has_target_namespace: 0,
        target_ref: null_mut(),
        target_ref_len: 0,
        has_target_ref: 0,
        status: 0,
    };
}

/// Nodes with a missing target. Release them with zova_graph_missing_target_list_free, which releases the items with
/// them.
#[repr(C)]
#[derive(Debug)]
pub struct zova_graph_missing_target_list {
    /// The nodes, or null when there are none.
    pub items: *mut zova_graph_missing_target,
    /// Number of nodes.
    pub len: usize,
}

impl Empty for zova_graph_missing_target_list {
    const EMPTY: Self = Self { items: null_mut(), len: 0 };
}

/// Releases what a zova_graph_info holds and sets every field to zero. Null and empty ones are fine, so calling it
/// twice is harmless. Do not change the fields before, and do not free two copies of one result.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_info_free(info: *mut zova_graph_info) {
    // SAFETY: zova.h: null, or zero or owning its memory.
    shield((), || unsafe { list::free(info, |taken| taken.name.cast()) });
}

/// Releases what a zova_graph_list holds and sets every field to zero. Null and empty ones are fine, so calling it
/// twice is harmless. Do not change the fields before, and do not free two copies of one result.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_list_free(list: *mut zova_graph_list) {
    // SAFETY: zova.h: null, or zero or owning its memory.
    shield((), || unsafe { list::free(list, |taken| taken.items.cast()) });
}

/// Releases what a zova_graph_node holds and sets every field to zero. Null and empty ones are fine, so calling it
/// twice is harmless. Do not change the fields before, and do not free two copies of one result.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_node_free(node: *mut zova_graph_node) {
    // SAFETY: zova.h: null, or zero or owning its memory.
    shield((), || unsafe { list::free(node, |taken| taken.graph_name.cast()) });
}

/// Releases what a zova_graph_edge holds and sets every field to zero. Null and empty ones are fine, so calling it
/// twice is harmless. Do not change the fields before, and do not free two copies of one result.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_edge_free(edge: *mut zova_graph_edge) {
    // SAFETY: zova.h: null, or zero or owning its memory.
    shield((), || unsafe { list::free(edge, |taken| taken.graph_name.cast()) });
}

/// Releases what a zova_graph_neighbor_results holds and sets every field to zero. Null and empty ones are fine, so calling it
/// twice is harmless. Do not change the fields before, and do not free two copies of one result.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_neighbor_results_free(results: *mut zova_graph_neighbor_results) {
    // SAFETY: zova.h: null, or zero or owning its memory.
    shield((), || unsafe { list::free(results, |taken| taken.items.cast()) });
}

/// Releases what a zova_graph_walk_results holds and sets every field to zero. Null and empty ones are fine, so calling it
/// twice is harmless. Do not change the fields before, and do not free two copies of one result.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_walk_results_free(results: *mut zova_graph_walk_results) {
    // SAFETY: zova.h: null, or zero or owning its memory.
    shield((), || unsafe { list::free(results, |taken| taken.items.cast()) });
}

/// Releases what a zova_graph_node_page holds and sets every field to zero. Null and empty ones are fine, so calling it
/// twice is harmless. Do not change the fields before, and do not free two copies of one result.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_node_page_free(page: *mut zova_graph_node_page) {
    // SAFETY: zova.h: null, or zero or owning its memory.
    shield((), || unsafe { list::free(page, |taken| taken.items.cast()) });
}

/// Releases what a zova_graph_edge_page holds and sets every field to zero. Null and empty ones are fine, so calling it
/// twice is harmless. Do not change the fields before, and do not free two copies of one result.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_edge_page_free(page: *mut zova_graph_edge_page) {
    // SAFETY: zova.h: null, or zero or owning its memory.
    shield((), || unsafe { list::free(page, |taken| taken.items.cast()) });
}

/// Releases what a zova_graph_missing_target_list holds and sets every field to zero. Null and empty ones are fine, so calling it
/// twice is harmless. Do not change the fields before, and do not free two copies of one result.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_graph_missing_target_list_free(list: *mut zova_graph_missing_target_list) {
    // SAFETY: zova.h: null, or zero or owning its memory.
    shield((), || unsafe { list::free(list, |taken| taken.items.cast()) });
}

/// A graph and its size.
pub(super) fn info(info: &GraphInfo) -> Result<zova_graph_info, Fault> {
    list::single(room([Some(info.name.as_str())]), RESULTS, |texts| fill_info(texts, info))
}

/// All graphs.
pub(super) fn infos(infos: &[GraphInfo]) -> Result<zova_graph_list, Fault> {
    let (items, len) = list::list(infos.iter(), |info| room([Some(info.name.as_str())]), RESULTS, fill_info)?;
    Ok(zova_graph_list { items, len })
}

fn fill_info(texts: &mut Texts<'_>, info: &GraphInfo) -> zova_graph_info {
    let (name, name_len) = texts.text(&info.name);
    zova_graph_info { name, name_len, node_count: info.node_count, edge_count: info.edge_count }
}

/// A node.
pub(super) fn node(node: &GraphNode) -> Result<zova_graph_node, Fault> {
    list::single(node_room(node), RESULTS, |texts| fill_node(texts, node))
}

/// A page of nodes.
pub(super) fn nodes(entries: &[GraphNodeEntry]) -> Result<zova_graph_node_page, Fault> {
    let room = |entry: &&GraphNodeEntry| node_room(&entry.node);
    let (items, len) = list::list(entries.iter(), room, RESULTS, |texts, entry| zova_graph_node_entry {
        node: fill_node(texts, &entry.node),
        created_order: entry.created_order,
    })?;
    Ok(zova_graph_node_page { items, len })
}

fn node_room(node: &GraphNode) -> usize {
    let required = [&node.graph_name, &node.node_id, &node.kind].map(|text| Some(text.as_str()));
    room(required) + room([node.target_namespace.as_deref(), node.target_ref.as_deref()])
}

fn fill_node(texts: &mut Texts<'_>, node: &GraphNode) -> zova_graph_node {
    let (graph_name, graph_name_len) = texts.text(&node.graph_name);
    let (node_id, node_id_len) = texts.text(&node.node_id);
    let (kind, kind_len) = texts.text(&node.kind);
    let (target_namespace, target_namespace_len, has_target_namespace) =
        texts.optional(node.target_namespace.as_deref());
    let (target_ref, target_ref_len, has_target_ref) = texts.optional(node.target_ref.as_deref());
    zova_graph_node {
        graph_name,
        graph_name_len,
        node_id,
        node_id_len,
        kind,
        kind_len,
        target_type: node.target_type.code(),
        target_namespace,
        target_namespace_len,
        has_target_namespace,
        target_ref,
        target_ref_len,
        has_target_ref,
    }
}

/// An edge.
pub(super) fn edge(edge: &GraphEdge) -> Result<zova_graph_edge, Fault> {
    list::single(edge_room(edge), RESULTS, |texts| fill_edge(texts, edge))
}

/// A page of edges.
pub(super) fn edges(entries: &[GraphEdgeEntry]) -> Result<zova_graph_edge_page, Fault> {
    let room = |entry: &&GraphEdgeEntry| edge_room(&entry.edge);
    let (items, len) = list::list(entries.iter(), room, RESULTS, |texts, entry| zova_graph_edge_entry {
        edge: fill_edge(texts, &entry.edge),
        created_order: entry.created_order,
    })?;
    Ok(zova_graph_edge_page { items, len })
}

fn edge_room(edge: &GraphEdge) -> usize {
    room(
        [&edge.graph_name, &edge.from_node_id, &edge.edge_type, &edge.to_node_id]
            .map(|text| Some(text.as_str())),
    )
}

fn fill_edge(texts: &mut Texts<'_>, edge: &GraphEdge) -> zova_graph_edge {
    let (graph_name, graph_name_len) = texts.text(&edge.graph_name);
    let (from_node_id, from_node_id_len) = texts.text(&edge.from_node_id);
    let (edge_type, edge_type_len) = texts.text(&edge.edge_type);
    let (to_node_id, to_node_id_len) = texts.text(&edge.to_node_id);
    zova_graph_edge {
        graph_name,
        graph_name_len,
        from_node_id,
        from_node_id_len,
        edge_type,
        edge_type_len,
        to_node_id,
        to_node_id_len,
    }
}

/// Neighbors.
pub(super) fn neighbors(found: &Neighbors) -> Result<zova_graph_neighbor_results, Fault> {
    let room = |texts: &[&str; 3]| room(texts.map(Some));
    let (items, len) = list::list(found.iter(), room, RESULTS, |texts, [node_id, kind, edge_type]| {
        let (node_id, node_id_len) = texts.text(node_id);
        let (kind, kind_len) = texts.text(kind);
        let (edge_type, edge_type_len) = texts.text(edge_type);
        zova_graph_neighbor_result { node_id, node_id_len, kind, kind_len, edge_type, edge_type_len }
    })?;
    Ok(zova_graph_neighbor_results { items, len })
}

/// Nodes of a walk or path.
pub(super) fn walk(found: &Walk) -> Result<zova_graph_walk_results, Fault> {
    let room = |visit: &Visit<'_>| {
        let (predecessor, edge_type) = visit.via.unzip();
        room([Some(visit.node), Some(visit.kind), predecessor, edge_type])
    };
    let (items, len) = list::list(found.iter(), room, RESULTS, |texts, visit| {
        let (via_node, via_type) = visit.via.unzip();
        let (node_id, node_id_len) = texts.text(visit.node);
        let (kind, kind_len) = texts.text(visit.kind);
        let (predecessor_node_id, predecessor_node_id_len, has_predecessor_node_id) =
            texts.optional(via_node);
        let (edge_type, edge_type_len, has_edge_type) = texts.optional(via_type);
        zova_graph_walk_result {
            node_id,
            node_id_len,
            kind,
            kind_len,
            depth: visit.depth,
            predecessor_node_id,
            predecessor_node_id_len,
            has_predecessor_node_id,
            edge_type,
            edge_type_len,
            has_edge_type,
        }
    })?;
    Ok(zova_graph_walk_results { items, len })
}

/// Nodes with a missing target.
pub(super) fn missing(found: &[GraphMissingTarget]) -> Result<zova_graph_missing_target_list, Fault> {
    let room = |item: &&GraphMissingTarget| {
        let required = [&item.graph_name, &item.node_id].map(|text| Some(text.as_str()));
        room(required) + room([item.target_namespace.as_deref(), item.target_ref.as_deref()])
    };
    let (items, len) = list::list(found.iter(), room, RESULTS, |texts, item| {
        let (graph_name, graph_name_len) = texts.text(&item.graph_name);
        let (node_id, node_id_len) = texts.text(&item.node_id);
        let (target_namespace, target_namespace_len, has_target_namespace) =
            texts.optional(item.target_namespace.as_deref());
        let (target_ref, target_ref_len, has_target_ref) = texts.optional(item.target_ref.as_deref());
        zova_graph_missing_target {
            graph_name,
            graph_name_len,
            node_id,
            node_id_len,
            target_type: item.target_type.code(),
            target_namespace,
            target_namespace_len,
            has_target_namespace,
            target_ref,
            target_ref_len,
            has_target_ref,
            status: item.status.raw(),
        }
    })?;
    Ok(zova_graph_missing_target_list { items, len })
}
