//! The graph methods of all database handles.

/// Methods on graphs. Each use names the receiver, as in `handle.rs`.
macro_rules! graph_methods {
    ($self:ident, $($receiver:tt)+) => {
        /// Creates an empty graph. Names are 1 to 128 bytes of `A-Z a-z 0-9 _ . : -`.
        ///
        /// Cost: one pass over the names of the graphs.
        ///
        /// # Errors
        ///
        /// `GraphInvalid`, `GraphExists`.
        pub fn create_graph($($receiver)+, name: &str) -> Result<()> {
            $crate::graph::checked::graph_name(name)?;
            $self.handle().call(|session| session.create_graph(name.as_bytes()))
        }

        /// True if a graph has this name.
        pub fn has_graph($($receiver)+, name: &str) -> Result<bool> {
            $crate::graph::checked::graph_name(name)?;
            $self.handle().call(|session| session.has_graph(name.as_bytes()))
        }

        /// Name and size of a graph.
        ///
        /// Cost: one pass over the index entries of its nodes and edges.
        ///
        /// # Errors
        ///
        /// `GraphInvalid`, `GraphNotFound`.
        pub fn graph_info($($receiver)+, name: &str) -> Result<$crate::GraphInfo> {
            $crate::graph::checked::graph_name(name)?;
            $self.handle().call(|session| session.graph_info(name.as_bytes()))
        }

        /// All graphs, by name.
        ///
        /// Cost: one pass over the index entries of all nodes and edges.
        pub fn list_graphs($($receiver)+) -> Result<Vec<$crate::GraphInfo>> {
            $self.handle().call(Session::list_graphs)
        }

        /// Deletes a graph with its nodes and edges.
        ///
        /// Cost: proportional to their number.
        ///
        /// # Errors
        ///
        /// `GraphInvalid`, `GraphNotFound`.
        pub fn delete_graph($($receiver)+, name: &str) -> Result<()> {
            $crate::graph::checked::graph_name(name)?;
            $self.handle().call(|session| session.delete_graph(name.as_bytes()))
        }

        /// Turns on or off, for this database handle, that putting a node requires its object, chunk or vector to
        /// exist. Off at first; not stored in the file.
        pub fn set_strict_targets($($receiver)+, strict: bool) -> Result<()> {
            $self.handle().call(|session| {
                session.set_strict_targets(strict);
                Ok::<_, Fault>(())
            })
        }

        /// Stores a node, or replaces what is stored under its id; its edges and its place are kept.
        ///
        /// Cost: logarithmic in the size of the graph; in a file made by a Zova without the index on creation order,
        /// one pass over the nodes of the graph.
        ///
        /// # Errors
        ///
        /// `GraphInvalid`, `GraphNotFound`; with strict targets also that of a missing target.
        pub fn put_graph_node($($receiver)+, input: $crate::GraphNodeInput<'_>) -> Result<()> {
            let fields = $crate::graph::checked::node_fields(input)?;
            $self.handle().call(|session| session.put_graph_node(fields))
        }

        /// Stores all of the nodes, in order, or none.
        ///
        /// Cost: that of the single calls, with one scope around them.
        pub fn put_graph_nodes($($receiver)+, inputs: &[$crate::GraphNodeInput<'_>]) -> Result<()> {
            inputs.iter().try_for_each(|input| $crate::graph::checked::node_fields(*input).map(drop))?;
            $self.handle().call(|session| session.put_graph_nodes(inputs.iter().map(|input| (*input).into())))
        }

        /// A stored node.
        ///
        /// # Errors
        ///
        /// `GraphInvalid`, also for a stored target type that this version does not know; `GraphNodeNotFound`.
        pub fn get_graph_node($($receiver)+, graph_name: &str, node_id: &str) -> Result<$crate::GraphNode> {
            $crate::graph::checked::node_names(graph_name, node_id)?;
            $self.handle().call(|session| session.get_graph_node(graph_name.as_bytes(), node_id.as_bytes()))
        }

        /// True if the graph has this node.
        pub fn has_graph_node($($receiver)+, graph_name: &str, node_id: &str) -> Result<bool> {
            $crate::graph::checked::node_names(graph_name, node_id)?;
            $self.handle().call(|session| session.has_graph_node(graph_name.as_bytes(), node_id.as_bytes()))
        }

        /// Deletes a node and every edge that starts or ends at it.
        ///
        /// Cost: proportional to the number of its edges; in a file made by a Zova without the index on incoming
        /// edges, one pass over the edges of the graph.
        ///
        /// # Errors
        ///
        /// `GraphInvalid`, `GraphNodeNotFound`.
        pub fn delete_graph_node($($receiver)+, graph_name: &str, node_id: &str) -> Result<()> {
            $crate::graph::checked::node_names(graph_name, node_id)?;
            $self.handle().call(|session| session.delete_graph_node(graph_name.as_bytes(), node_id.as_bytes()))
        }

        /// Deletes all of the nodes with their edges, or none.
        ///
        /// Cost: that of the single calls, with one scope around them.
        ///
        /// # Errors
        ///
        /// `GraphInvalid`, `GraphNodeNotFound` (also for a repeated id).
        pub fn delete_graph_nodes($($receiver)+, graph_name: &str, node_ids: &[&str]) -> Result<()> {
            $crate::graph::checked::node_ids(graph_name, node_ids)?;
            $self.handle().call(|session| {
                session.delete_graph_nodes(graph_name.as_bytes(), node_ids.iter().map(|node| node.as_bytes()))
            })
        }

        /// Stores an edge between two nodes; one that is stored already stays as it is.
        ///
        /// Cost: logarithmic in the size of the graph; in a file made by a Zova without the index on creation order,
        /// one pass over the edges of the graph.
        ///
        /// # Errors
        ///
        /// `GraphInvalid`, `GraphNodeNotFound`.
        pub fn put_graph_edge($($receiver)+, input: $crate::GraphEdgeInput<'_>) -> Result<()> {
            let names = $crate::graph::checked::edge_names(input)?;
            $self.handle().call(|session| session.put_graph_edge(names))
        }

        /// Stores all of the edges, in order, or none.
        ///
        /// Cost: that of the single calls, with one scope around them.
        pub fn put_graph_edges($($receiver)+, inputs: &[$crate::GraphEdgeInput<'_>]) -> Result<()> {
            inputs.iter().try_for_each(|input| $crate::graph::checked::edge_names(*input).map(drop))?;
            $self.handle().call(|session| session.put_graph_edges(inputs.iter().map(|input| (*input).into())))
        }

        /// A stored edge.
        ///
        /// # Errors
        ///
        /// `GraphInvalid`, `GraphEdgeNotFound`.
        pub fn get_graph_edge(
            $($receiver)+, graph_name: &str, from_node_id: &str, edge_type: &str, to_node_id: &str,
        ) -> Result<$crate::GraphEdge> {
            let input = $crate::GraphEdgeInput { graph_name, from_node_id, edge_type, to_node_id };
            let names = $crate::graph::checked::edge_names(input)?;
            $self.handle().call(|session| session.get_graph_edge(names))
        }

        /// True if the graph has this edge, whether or not its ends exist.
        pub fn has_graph_edge(
            $($receiver)+, graph_name: &str, from_node_id: &str, edge_type: &str, to_node_id: &str,
        ) -> Result<bool> {
            let input = $crate::GraphEdgeInput { graph_name, from_node_id, edge_type, to_node_id };
            let names = $crate::graph::checked::edge_names(input)?;
            $self.handle().call(|session| session.has_graph_edge(names))
        }

        /// Deletes an edge, whether or not its ends exist.
        ///
        /// # Errors
        ///
        /// `GraphInvalid`, `GraphEdgeNotFound`.
        pub fn delete_graph_edge($($receiver)+, input: $crate::GraphEdgeInput<'_>) -> Result<()> {
            let names = $crate::graph::checked::edge_names(input)?;
            $self.handle().call(|session| session.delete_graph_edge(names))
        }

        /// Deletes all of the edges, or none.
        ///
        /// Cost: that of the single calls, with one scope around them.
        ///
        /// # Errors
        ///
        /// `GraphInvalid`, `GraphEdgeNotFound` (also for a repeated edge).
        pub fn delete_graph_edges($($receiver)+, inputs: &[$crate::GraphEdgeInput<'_>]) -> Result<()> {
            inputs.iter().try_for_each(|input| $crate::graph::checked::edge_names(*input).map(drop))?;
            $self.handle().call(|session| session.delete_graph_edges(inputs.iter().map(|input| (*input).into())))
        }

        /// The neighbors of a node: one for each matching edge, in the order of the edges' creation. Edges whose
        /// other end is missing are left out.
        ///
        /// Cost: proportional to the number of edges of the node in that direction. Incoming edges in a file made by
        /// a Zova without the index on them: one pass over the edges of the graph.
        ///
        /// # Errors
        ///
        /// `GraphInvalid`, `GraphNodeNotFound`.
        pub fn graph_neighbors(
            $($receiver)+, options: $crate::GraphNeighborsOptions<'_>,
        ) -> Result<Vec<$crate::GraphNeighbor>> {
            $crate::graph::checked::neighbor_names(options)?;
            $self.handle().call(|session| {
                let (graph, node) = (options.graph_name.as_bytes(), options.node_id.as_bytes());
                let edge_type = options.edge_type.map(str::as_bytes);
                session
                    .graph_neighbors(graph, node, options.direction.into(), edge_type, options.limit)
                    .map(Vec::from)
            })
        }

        /// The number of neighbors a node has; for both directions the sum of the two, so an edge from the node to
        /// itself counts twice.
        ///
        /// Cost: as [`graph_neighbors`](Self::graph_neighbors).
        ///
        /// # Errors
        ///
        /// `GraphInvalid`, `GraphNodeNotFound`.
        pub fn graph_degree(
            $($receiver)+,
            graph_name: &str,
            node_id: &str,
            direction: $crate::GraphDirection,
            edge_type: Option<&str>,
        ) -> Result<u64> {
            $crate::graph::checked::node_and_type(graph_name, node_id, edge_type)?;
            $self.handle().call(|session| {
                let edge_type = edge_type.map(str::as_bytes);
                session.graph_degree(graph_name.as_bytes(), node_id.as_bytes(), direction, edge_type)
            })
        }

        /// The first nodes that a breadth-first search along outgoing edges discovers, the start first. The edges of
        /// a node are taken in the order of their creation; every node appears once, with its smallest depth.
        ///
        /// Cost: proportional to the edges of the nodes it expands, and it expands none once `limit` nodes are
        /// discovered. Memory: proportional to the discovered nodes.
        ///
        /// # Errors
        ///
        /// `GraphInvalid`, `GraphNodeNotFound`.
        pub fn graph_walk(
            $($receiver)+, options: $crate::GraphWalkOptions<'_>,
        ) -> Result<Vec<$crate::GraphWalkItem>> {
            $crate::graph::checked::walk_names(options)?;
            let query = $crate::graph::WalkQuery::new(options, $crate::GraphDirection::Outgoing);
            $self.handle().call(|session| session.graph_walk(query).map(Vec::from))
        }

        /// As [`graph_walk`](Self::graph_walk), along incoming edges (each discovers the node it starts at) or both.
        ///
        /// Cost: as the walk; along incoming edges in a file made by a Zova without the index on them, each expanded
        /// node is one pass over the edges of the graph.
        ///
        /// # Errors
        ///
        /// `GraphInvalid`, `GraphNodeNotFound`.
        pub fn graph_walk_direction(
            $($receiver)+, options: $crate::GraphWalkOptions<'_>, direction: $crate::GraphDirection,
        ) -> Result<Vec<$crate::GraphWalkItem>> {
            $crate::graph::checked::walk_names(options)?;
            let query = $crate::graph::WalkQuery::new(options, direction);
            $self.handle().call(|session| session.graph_walk(query).map(Vec::from))
        }

        /// A shortest path by number of edges, from the start of `options` to `to_node_id`: the way by which
        /// [`graph_walk_direction`](Self::graph_walk_direction) of the same options discovers that node. Empty if it
        /// does not: there is none of at most `max_depth` edges, or the search discovered `limit` nodes before.
        ///
        /// Cost: that of the walk up to the node.
        ///
        /// # Errors
        ///
        /// `GraphInvalid`, `GraphNodeNotFound` (either end).
        pub fn graph_path(
            $($receiver)+,
            options: $crate::GraphWalkOptions<'_>,
            to_node_id: &str,
            direction: $crate::GraphDirection,
        ) -> Result<Vec<$crate::GraphWalkItem>> {
            $crate::graph::checked::walk_names(options)?;
            $crate::graph::checked::goal(to_node_id)?;
            let query = $crate::graph::WalkQuery::new(options, direction);
            $self.handle().call(|session| session.graph_path(query, to_node_id.as_bytes()).map(Vec::from))
        }

        /// The next `limit` nodes whose target of type object, object chunk or vector is malformed or missing, over
        /// all graphs, by graph name and node id. A page starts after the given pair, which need not exist any more;
        /// one shorter than `limit` is the last.
        ///
        /// Cost: one pass over the nodes after the start, one key look-up for each with such a target.
        pub fn graph_missing_targets(
            $($receiver)+, after: Option<(&str, &str)>, limit: usize,
        ) -> Result<Vec<$crate::GraphMissingTarget>> {
            if let Some((graph, node)) = after {
                $crate::graph::checked::node_names(graph, node)?;
            }
            $self.handle().call(|session| {
                let after = after.map(|(graph, node)| (graph.as_bytes(), node.as_bytes()));
                session.graph_missing_targets(after, limit)
            })
        }

        /// The next `limit` nodes of a graph in the order of their creation, starting after `after`, the last entry
        /// of the page before. A page shorter than `limit` is the last. Putting the nodes again in this order, and
        /// then the edges in theirs, makes an equal graph.
        ///
        /// Cost: proportional to the page; in a file made by a Zova without the index on creation order, one pass
        /// over the nodes of the graph.
        ///
        /// # Errors
        ///
        /// `GraphInvalid`, `GraphNotFound`.
        pub fn graph_nodes_page(
            $($receiver)+, graph_name: &str, after: Option<&$crate::GraphNodeEntry>, limit: usize,
        ) -> Result<Vec<$crate::GraphNodeEntry>> {
            $crate::graph::checked::graph_name(graph_name)?;
            $self.handle().call(|session| {
                session.graph_nodes_page(graph_name.as_bytes(), after.map(Into::into), limit)
            })
        }

        /// The next `limit` edges of a graph in the order of their creation, those with a missing end included,
        /// starting after `after`, the last entry of the page before. A page shorter than `limit` is the last.
        ///
        /// Cost: as [`graph_nodes_page`](Self::graph_nodes_page).
        ///
        /// # Errors
        ///
        /// `GraphInvalid`, `GraphNotFound`.
        pub fn graph_edges_page(
            $($receiver)+, graph_name: &str, after: Option<&$crate::GraphEdgeEntry>, limit: usize,
        ) -> Result<Vec<$crate::GraphEdgeEntry>> {
            $crate::graph::checked::graph_name(graph_name)?;
            $self.handle().call(|session| {
                session.graph_edges_page(graph_name.as_bytes(), after.map(Into::into), limit)
            })
        }
    };
}
pub(crate) use graph_methods;
