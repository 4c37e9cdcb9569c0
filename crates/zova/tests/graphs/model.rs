//! Random histories of changes, transactions, savepoints and reopenings, against graphs in memory.

use std::collections::BTreeMap;

use proptest::prelude::*;
use zova::{
    Database, GraphDirection, GraphEdgeInput, GraphNeighborDirection, GraphNeighborsOptions, GraphNodeInput,
    GraphTargetType, GraphWalkOptions, Status,
};

use crate::common::{Scratch, edit, raw};

const GRAPHS: [&str; 2] = ["g", "h"];
const NODES: [&str; 4] = ["a", "b", "c", "d"];
const TYPES: [&str; 2] = ["s", "t"];

type EdgeKey = (usize, usize, usize);

/// What a graph holds, in the words of the specification: rows with their creation order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Graph {
    nodes: BTreeMap<usize, (u8, i64)>,
    edges: BTreeMap<EdgeKey, i64>,
}

type Model = BTreeMap<usize, Graph>;

/// A discovered node: its number, depth, and predecessor with edge type.
type Reached = (usize, u32, Option<(usize, usize)>);

impl Graph {
    fn next_node(&self) -> i64 {
        self.nodes.values().map(|(_, order)| *order).max().unwrap_or(0) + 1
    }

    fn next_edge(&self) -> i64 {
        self.edges.values().copied().max().unwrap_or(0) + 1
    }

    fn put_edge(&mut self, key: EdgeKey) -> Result<(), Status> {
        if !self.nodes.contains_key(&key.0) || !self.nodes.contains_key(&key.2) {
            return Err(Status::GraphNodeNotFound);
        }
        let next = self.next_edge();
        self.edges.entry(key).or_insert(next);
        Ok(())
    }

    fn delete_node(&mut self, node: usize) -> Result<(), Status> {
        self.nodes.remove(&node).ok_or(Status::GraphNodeNotFound)?;
        self.edges.retain(|key, _| key.0 != node && key.2 != node);
        Ok(())
    }

    /// Edges of a node in neighbor order: type and other end.
    fn hops(&self, node: usize, direction: GraphDirection, filter: Option<usize>) -> Vec<(usize, usize)> {
        let mut hops = Vec::new();
        for (&(from, edge_type, to), &order) in &self.edges {
            if filter.is_some_and(|filter| filter != edge_type) {
                continue;
            }
            if from == node && direction != GraphDirection::Incoming {
                hops.push((order, to, false, edge_type));
            }
            if to == node && direction != GraphDirection::Outgoing {
                hops.push((order, from, true, edge_type));
            }
        }
        hops.sort_unstable();
        hops.into_iter().map(|(_, other, _, edge_type)| (edge_type, other)).collect()
    }

    /// Node, depth, predecessor and edge type of each discovered node.
    fn walk(
        &self,
        start: usize,
        direction: GraphDirection,
        filter: Option<usize>,
        max_depth: u32,
        limit: usize,
    ) -> Vec<Reached> {
        let mut found = vec![(start, 0, None)];
        let mut place = 0;
        while place < found.len() {
            let (node, depth, _) = found[place];
            if depth < max_depth {
                for (edge_type, other) in self.hops(node, direction, filter) {
                    if found.iter().all(|(known, _, _)| *known != other) {
                        found.push((other, depth + 1, Some((node, edge_type))));
                    }
                }
            }
            place += 1;
        }
        found.truncate(limit);
        found
    }
}

#[derive(Debug, Clone)]
enum Step {
    CreateGraph(usize),
    DeleteGraph(usize),
    PutNode(usize, usize, u8),
    PutNodes(usize, Vec<(usize, u8)>),
    DeleteNode(usize, usize),
    DeleteNodes(usize, Vec<usize>),
    PutEdge(usize, EdgeKey),
    PutEdges(usize, Vec<EdgeKey>),
    DeleteEdge(usize, EdgeKey),
    DeleteEdges(usize, Vec<EdgeKey>),
    Begin,
    Commit,
    Rollback,
    Savepoint,
    RollbackTo,
    Release,
    Reopen,
    Query(usize, usize, u8, Option<usize>, u32, usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (graph, node, kind) = (0..GRAPHS.len(), 0..NODES.len(), 0..3_u8);
    let graph = move || graph.clone();
    let node = move || node.clone();
    let key = || (0..NODES.len(), 0..TYPES.len(), 0..NODES.len());
    let step = prop_oneof![
        2 => graph().prop_map(Step::CreateGraph),
        1 => graph().prop_map(Step::DeleteGraph),
        8 => (graph(), node(), kind.clone()).prop_map(|(g, n, k)| Step::PutNode(g, n, k)),
        2 => (graph(), prop::collection::vec((node(), kind), 0..4)).prop_map(|(g, n)| Step::PutNodes(g, n)),
        3 => (graph(), node()).prop_map(|(g, n)| Step::DeleteNode(g, n)),
        1 => (graph(), prop::collection::vec(node(), 0..3)).prop_map(|(g, n)| Step::DeleteNodes(g, n)),
        14 => (graph(), key()).prop_map(|(g, k)| Step::PutEdge(g, k)),
        3 => (graph(), prop::collection::vec(key(), 0..4)).prop_map(|(g, k)| Step::PutEdges(g, k)),
        3 => (graph(), key()).prop_map(|(g, k)| Step::DeleteEdge(g, k)),
        1 => (graph(), prop::collection::vec(key(), 0..3)).prop_map(|(g, k)| Step::DeleteEdges(g, k)),
        2 => Just(Step::Begin),
        2 => Just(Step::Commit),
        1 => Just(Step::Rollback),
        2 => Just(Step::Savepoint),
        2 => Just(Step::RollbackTo),
        1 => Just(Step::Release),
        1 => Just(Step::Reopen),
        8 => (graph(), node(), 0..3_u8, prop::option::of(0..TYPES.len()), 0..5_u32, 0..8_usize)
            .prop_map(|(g, n, d, t, depth, limit)| Step::Query(g, n, d, t, depth, limit)),
    ];
    prop::collection::vec(step, 1..80)
}

/// The database beside its model, with the models that savepoints go back to.
struct Pair {
    db: Database,
    model: Model,
    /// The innermost last; the first is what a rollback of the transaction restores.
    saved: Vec<Model>,
    in_transaction: bool,
}

fn node_input(graph: usize, node: usize, kind: u8) -> GraphNodeInput<'static> {
    GraphNodeInput {
        graph_name: GRAPHS[graph],
        node_id: NODES[node],
        kind: ["k0", "k1", "k2"][usize::from(kind)],
        target_type: GraphTargetType::None,
        target_namespace: None,
        target_ref: None,
    }
}

fn edge_input(graph: usize, key: EdgeKey) -> GraphEdgeInput<'static> {
    GraphEdgeInput {
        graph_name: GRAPHS[graph],
        from_node_id: NODES[key.0],
        edge_type: TYPES[key.1],
        to_node_id: NODES[key.2],
    }
}

impl Pair {
    /// Applies a change to the model: all of it, or none when a part is refused.
    fn expect(
        &mut self,
        graph: usize,
        absent: Status,
        change: impl FnOnce(&mut Graph) -> Result<(), Status>,
    ) -> Result<(), Status> {
        let Some(found) = self.model.get(&graph) else { return Err(absent) };
        let mut changed = found.clone();
        change(&mut changed)?;
        self.model.insert(graph, changed);
        Ok(())
    }

    fn run(&mut self, step: &Step, path: &std::path::Path) {
        match step.clone() {
            Step::CreateGraph(g) => {
                let wanted = if self.model.contains_key(&g) { Err(Status::GraphExists) } else { Ok(()) };
                self.model.entry(g).or_default();
                agree(self.db.create_graph(GRAPHS[g]), wanted);
            }
            Step::DeleteGraph(g) => {
                let wanted = self.model.remove(&g).map(drop).ok_or(Status::GraphNotFound);
                agree(self.db.delete_graph(GRAPHS[g]), wanted);
            }
            Step::PutNode(g, n, k) => self.put_nodes(g, &[(n, k)], false),
            Step::PutNodes(g, nodes) => self.put_nodes(g, &nodes, true),
            Step::DeleteNode(g, n) => {
                let wanted = self.expect(g, Status::GraphNodeNotFound, |graph| graph.delete_node(n));
                agree(self.db.delete_graph_node(GRAPHS[g], NODES[n]), wanted);
            }
            Step::DeleteNodes(g, nodes) => {
                let wanted = if nodes.is_empty() {
                    Ok(())
                } else {
                    self.expect(g, Status::GraphNodeNotFound, |graph| {
                        nodes.iter().try_for_each(|n| graph.delete_node(*n))
                    })
                };
                let ids: Vec<&str> = nodes.iter().map(|n| NODES[*n]).collect();
                agree(self.db.delete_graph_nodes(GRAPHS[g], &ids), wanted);
            }
            Step::PutEdge(g, key) => {
                let wanted = self.expect(g, Status::GraphNodeNotFound, |graph| graph.put_edge(key));
                agree(self.db.put_graph_edge(edge_input(g, key)), wanted);
            }
            Step::PutEdges(g, keys) => {
                let wanted = if keys.is_empty() {
                    Ok(())
                } else {
                    self.expect(g, Status::GraphNodeNotFound, |graph| {
                        keys.iter().try_for_each(|key| graph.put_edge(*key))
                    })
                };
                let inputs: Vec<_> = keys.iter().map(|key| edge_input(g, *key)).collect();
                agree(self.db.put_graph_edges(&inputs), wanted);
            }
            Step::DeleteEdge(g, key) => {
                let wanted = self.expect(g, Status::GraphEdgeNotFound, |graph| delete_edge(graph, key));
                agree(self.db.delete_graph_edge(edge_input(g, key)), wanted);
            }
            Step::DeleteEdges(g, keys) => {
                let wanted = if keys.is_empty() {
                    Ok(())
                } else {
                    self.expect(g, Status::GraphEdgeNotFound, |graph| {
                        keys.iter().try_for_each(|key| delete_edge(graph, *key))
                    })
                };
                let inputs: Vec<_> = keys.iter().map(|key| edge_input(g, *key)).collect();
                agree(self.db.delete_graph_edges(&inputs), wanted);
            }
            Step::Begin if self.saved.is_empty() => {
                self.db.begin().unwrap();
                self.saved.push(self.model.clone());
                self.in_transaction = true;
            }
            Step::Commit if self.in_transaction => {
                self.db.commit().unwrap();
                self.end();
            }
            Step::Rollback if self.in_transaction => {
                self.db.rollback().unwrap();
                self.model = self.saved.swap_remove(0);
                self.end();
            }
            Step::Savepoint => {
                self.db.savepoint("s").unwrap();
                self.saved.push(self.model.clone());
            }
            Step::RollbackTo if self.has_savepoint() => {
                self.db.rollback_to_savepoint("s").unwrap();
                self.model = self.saved.last().unwrap().clone();
            }
            Step::Release if self.has_savepoint() => {
                self.db.release_savepoint("s").unwrap();
                self.saved.pop();
            }
            Step::Reopen => {
                // Closing rolls back what is open.
                if let Some(first) = self.saved.first() {
                    self.model = first.clone();
                }
                self.end();
                self.db = Database::open(path).unwrap();
            }
            Step::Query(g, n, direction, filter, depth, limit) => {
                self.query(g, n, direction, filter, depth, limit)
            }
            Step::Begin | Step::Commit | Step::Rollback | Step::RollbackTo | Step::Release => {}
        }
    }

    fn has_savepoint(&self) -> bool {
        self.saved.len() > usize::from(self.in_transaction)
    }

    fn end(&mut self) {
        self.saved.clear();
        self.in_transaction = false;
    }

    fn put_nodes(&mut self, g: usize, nodes: &[(usize, u8)], many: bool) {
        let wanted = if nodes.is_empty() {
            Ok(())
        } else {
            self.expect(g, Status::GraphNotFound, |graph| {
                for (node, kind) in nodes {
                    let next = graph.next_node();
                    graph.nodes.entry(*node).or_insert((0, next)).0 = *kind;
                }
                Ok(())
            })
        };
        let inputs: Vec<_> = nodes.iter().map(|(n, k)| node_input(g, *n, *k)).collect();
        let found = if many { self.db.put_graph_nodes(&inputs) } else { self.db.put_graph_node(inputs[0]) };
        agree(found, wanted);
    }

    fn query(
        &mut self,
        g: usize,
        n: usize,
        direction: u8,
        filter: Option<usize>,
        max_depth: u32,
        limit: usize,
    ) {
        let direction = [GraphDirection::Outgoing, GraphDirection::Incoming, GraphDirection::Both]
            [usize::from(direction)];
        let edge_type = filter.map(|filter| TYPES[filter]);
        let options =
            GraphWalkOptions { graph_name: GRAPHS[g], start_node_id: NODES[n], edge_type, max_depth, limit };
        let graph = self.model.get(&g).filter(|graph| graph.nodes.contains_key(&n)).cloned();
        let Some(graph) = graph else {
            let missing = Err(Status::GraphNodeNotFound);
            agree(self.db.graph_walk_direction(options, direction).map(drop), missing);
            agree(self.db.graph_degree(GRAPHS[g], NODES[n], direction, edge_type).map(drop), missing);
            return;
        };
        let kind = |node: &usize| format!("k{}", graph.nodes[node].0);
        let wanted: Vec<_> = graph
            .walk(n, direction, filter, max_depth, limit)
            .into_iter()
            .map(|(node, depth, via)| {
                (
                    NODES[node].to_owned(),
                    kind(&node),
                    depth,
                    via.map(|(from, t)| (NODES[from].to_owned(), TYPES[t].to_owned())),
                )
            })
            .collect();
        let found: Vec<_> = self
            .db
            .graph_walk_direction(options, direction)
            .unwrap()
            .into_iter()
            .map(|item| (item.node_id, item.kind, item.depth, item.predecessor_node_id.zip(item.edge_type)))
            .collect();
        assert_eq!(found, wanted);
        for (node, ..) in &wanted {
            let path = self.db.graph_path(options, node, direction).unwrap();
            let mut backwards: Vec<_> = path.iter().rev().map(|item| item.node_id.clone()).collect();
            let mut at = Some(node.clone());
            while let Some(node) = at {
                assert_eq!(backwards.remove(0), node);
                at = wanted
                    .iter()
                    .find(|item| item.0 == node)
                    .unwrap()
                    .3
                    .as_ref()
                    .map(|(from, _)| from.clone());
            }
            assert!(backwards.is_empty());
        }
        let hops = graph.hops(n, direction, filter);
        let degree = self.db.graph_degree(GRAPHS[g], NODES[n], direction, edge_type).unwrap();
        assert_eq!(degree, hops.len() as u64);
        let direction = match direction {
            GraphDirection::Outgoing => GraphNeighborDirection::Outgoing,
            GraphDirection::Incoming => GraphNeighborDirection::Incoming,
            GraphDirection::Both => return,
        };
        let options =
            GraphNeighborsOptions { graph_name: GRAPHS[g], node_id: NODES[n], direction, edge_type, limit };
        let found: Vec<_> = self
            .db
            .graph_neighbors(options)
            .unwrap()
            .into_iter()
            .map(|neighbor| (neighbor.edge_type, neighbor.node_id, neighbor.kind))
            .collect();
        let wanted: Vec<_> = hops
            .iter()
            .take(limit)
            .map(|(t, other)| (TYPES[*t].to_owned(), NODES[*other].to_owned(), kind(other)))
            .collect();
        assert_eq!(found, wanted);
    }

    /// The rows themselves, their numbers included.
    fn compare_rows(&mut self) {
        for (g, name) in GRAPHS.iter().enumerate() {
            let Some(graph) = self.model.get(&g) else {
                assert!(!self.db.has_graph(name).unwrap());
                continue;
            };
            let mut nodes: Vec<_> =
                graph.nodes.iter().map(|(n, (kind, order))| (*order, NODES[*n].to_owned(), *kind)).collect();
            nodes.sort();
            let found: Vec<_> = self
                .db
                .graph_nodes_page(name, None, 1000)
                .unwrap()
                .into_iter()
                .map(|entry| (entry.created_order, entry.node.node_id, entry.node.kind.as_bytes()[1] - b'0'))
                .collect();
            assert_eq!(found, nodes);
            let mut edges: Vec<_> = graph.edges.iter().map(|(key, order)| (*order, *key)).collect();
            edges.sort();
            let found = self.db.graph_edges_page(name, None, 1000).unwrap();
            assert_eq!(found.len(), edges.len());
            for (entry, (order, (from, edge_type, to))) in found.iter().zip(edges) {
                assert_eq!(entry.created_order, order);
                assert_eq!(
                    (
                        entry.edge.from_node_id.as_str(),
                        entry.edge.edge_type.as_str(),
                        entry.edge.to_node_id.as_str()
                    ),
                    (NODES[from], TYPES[edge_type], NODES[to])
                );
            }
            let info = self.db.graph_info(name).unwrap();
            assert_eq!(
                (info.node_count, info.edge_count),
                (graph.nodes.len() as u64, graph.edges.len() as u64)
            );
        }
    }
}

fn delete_edge(graph: &mut Graph, key: EdgeKey) -> Result<(), Status> {
    graph.edges.remove(&key).map(drop).ok_or(Status::GraphEdgeNotFound)
}

#[track_caller]
fn agree(found: zova::Result<()>, wanted: Result<(), Status>) {
    assert_eq!(found.map_err(|error| error.status().unwrap()), wanted);
}

fn check(steps: &[Step], indexed: bool) {
    let scratch = Scratch::new();
    let (db, path) = scratch.database("a.zova");
    drop(db);
    raw(&path).execute_batch("pragma journal_mode = wal").unwrap();
    if !indexed {
        edit(
            &path,
            "drop index _zova_idx_graph_nodes_by_order; drop index _zova_idx_graph_edges_by_order; \
             drop index _zova_idx_graph_edges_by_target",
        );
    }
    let db = Database::open(&path).unwrap();
    let mut pair = Pair { db, model: Model::new(), saved: Vec::new(), in_transaction: false };
    pair.db.exec("pragma synchronous = off").unwrap();
    // One graph is there from the start, so that most steps meet something.
    let first = [Step::CreateGraph(0), Step::PutNodes(0, (0..NODES.len()).map(|node| (node, 0)).collect())];
    for step in first.iter().chain(steps) {
        pair.run(step, &path);
    }
    pair.compare_rows();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_history_leaves_what_the_model_holds(steps in steps()) {
        check(&steps, true);
    }

    #[test]
    fn any_history_leaves_the_same_without_our_indexes(steps in steps()) {
        check(&steps, false);
    }
}
