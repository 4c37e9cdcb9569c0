//! Graphs: loading against plain inserts into the same tables, and queries against a recursive CTE over an edge table
//! with integer keys.

use std::ffi::CString;
use std::path::Path;
use std::ptr::null;
use std::time::{Duration, Instant};

use zova_c::*;

use crate::abi::{Db, check};
use crate::harness::{Report, random_bytes, timed};
use crate::raw::Raw;

const INSERT_NODE: &str = "insert into _zova_graph_nodes (graph_name, node_id, kind, target_type, created_order) \
    values (?1, ?2, ?3, 'none', ?4)";
const INSERT_EDGE: &str = "insert into _zova_graph_edges \
    (graph_name, from_node_id, edge_type, to_node_id, created_order) values (?1, ?2, ?3, ?4, ?5)";
/// The best plain SQL: integer keys, one covering index, duplicates removed while the recursion runs.
const WALK: &str = "with recursive reached(id, depth) as (select ?1, 0 union select edge.target, depth + 1 \
    from reached join edge on edge.source = reached.id where depth < 4) \
    select id, min(depth) from reached group by id order by 2 limit 1000";

pub fn run(report: &mut Report) {
    loading(report);
    growth(report);
    queries(report);
}

/// A graph to load: ids of nodes, and edges as places among them.
struct Plan {
    ids: Vec<CString>,
    edges: Vec<(usize, usize)>,
}

impl Plan {
    /// Every node has about the same number of edges; the pairs are random and distinct.
    fn new(nodes: usize, edges: usize) -> Self {
        let ids = (0..nodes).map(|n| CString::new(format!("node:{n:07}")).expect("no NUL")).collect();
        let random = random_bytes(7, edges * 8);
        let mut seen = std::collections::HashSet::new();
        let mut next =
            random.chunks_exact(8).map(|bytes| u64::from_le_bytes(bytes.try_into().expect("eight")));
        let edges = (0..edges)
            .map(|edge| {
                let from = edge % nodes;
                let mut to = next.next().expect("enough numbers") as usize % nodes;
                while !seen.insert((from, to)) {
                    to = (to + 1) % nodes;
                }
                (from, to)
            })
            .collect();
        Self { ids, edges }
    }
}

/// Zova with an empty graph `g`.
fn zova(path: &Path) -> Db {
    let db = Db::create(path);
    let request = zova_graph_create_request { db: db.0, name: c"g".as_ptr() };
    // SAFETY: the request and what it points to live during the call, here and below.
    check(unsafe { zova_graph_create(&request) });
    db
}

fn put_node(db: &Db, id: &CString) {
    let request = zova_graph_node_put_request {
        db: db.0,
        graph_name: c"g".as_ptr(),
        node_id: id.as_ptr(),
        kind: c"entity".as_ptr(),
        target_type: 0,
        target_namespace: null(),
        target_ref: null(),
    };
    // SAFETY: as above.
    check(unsafe { zova_graph_node_put(&request) });
}

fn put_edge(db: &Db, from: &CString, to: &CString) {
    let request = zova_graph_edge_put_request {
        db: db.0,
        graph_name: c"g".as_ptr(),
        from_node_id: from.as_ptr(),
        edge_type: c"links".as_ptr(),
        to_node_id: to.as_ptr(),
    };
    // SAFETY: as above.
    check(unsafe { zova_graph_edge_put(&request) });
}

fn fill(db: &Db, plan: &Plan) {
    db.exec("begin");
    plan.ids.iter().for_each(|id| put_node(db, id));
    plan.edges.iter().for_each(|&(from, to)| put_edge(db, &plan.ids[from], &plan.ids[to]));
    db.exec("commit");
}

fn raw_nodes(db: &Raw, plan: &Plan) {
    let insert = db.prepare(INSERT_NODE);
    for (order, id) in (1..).zip(&plan.ids) {
        insert.bind_text(1, b"g");
        insert.bind_text(2, id.as_bytes());
        insert.bind_text(3, b"entity");
        insert.bind_i64(4, order);
        insert.step();
        insert.reset();
    }
}

/// Inserts a part of the edges.
fn raw_edges(db: &Raw, plan: &Plan, part: std::ops::Range<usize>) {
    let insert = db.prepare(INSERT_EDGE);
    for (order, &(from, to)) in (part.start as i64 + 1..).zip(&plan.edges[part]) {
        insert.bind_text(1, b"g");
        insert.bind_text(2, plan.ids[from].as_bytes());
        insert.bind_text(3, b"links");
        insert.bind_text(4, plan.ids[to].as_bytes());
        insert.bind_i64(5, order);
        insert.step();
        insert.reset();
    }
}

/// A fresh pair of files: one for Zova, one with the same tables for plain SQLite.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    fn zova(&self) -> Db {
        zova(&self.0.path().join("zova.zova"))
    }

    fn raw(&self) -> Raw {
        let path = self.0.path().join("raw.zova");
        drop(zova(&path));
        Raw::open(&path)
    }
}

fn loading(report: &mut Report) {
    for (label, edges) in [("1,000", 1_000), ("10,000", 10_000), ("100,000", 100_000)] {
        let plan = Plan::new(edges / 5, edges);
        report.pair(
            &format!("put {label} nodes (5 x fewer) in one transaction / insert"),
            2.0,
            || {
                let files = Files::new();
                let db = files.zova();
                db.exec("begin");
                let time = timed(|| plan.ids.iter().for_each(|id| put_node(&db, id)));
                db.exec("commit");
                time
            },
            || {
                let files = Files::new();
                let db = files.raw();
                db.exec("begin");
                let time = timed(|| raw_nodes(&db, &plan));
                db.exec("commit");
                time
            },
        );
        report.pair(
            &format!("put {label} edges in one transaction / insert"),
            2.0,
            || {
                let files = Files::new();
                let db = files.zova();
                db.exec("begin");
                plan.ids.iter().for_each(|id| put_node(&db, id));
                let time = timed(|| {
                    plan.edges.iter().for_each(|&(from, to)| put_edge(&db, &plan.ids[from], &plan.ids[to]))
                });
                db.exec("commit");
                time
            },
            || {
                let files = Files::new();
                let db = files.raw();
                db.exec("begin");
                raw_nodes(&db, &plan);
                let time = timed(|| raw_edges(&db, &plan, 0..plan.edges.len()));
                db.exec("commit");
                time
            },
        );
    }
}

/// One load of a million edges, in ten parts: what an edge costs as the graph grows.
fn growth(report: &mut Report) {
    const EDGES: usize = 1_000_000;
    let plan = Plan::new(100_000, EDGES);
    let files = Files::new();
    let (ours, theirs) = (files.zova(), files.raw());
    ours.exec("begin");
    theirs.exec("begin");
    plan.ids.iter().for_each(|id| put_node(&ours, id));
    raw_nodes(&theirs, &plan);
    let mut start = 0;
    for end in [1_000, 10_000, 100_000, 200_000, 400_000, 600_000, 800_000, EDGES] {
        let part = &plan.edges[start..end];
        let zova =
            timed(|| part.iter().for_each(|&(from, to)| put_edge(&ours, &plan.ids[from], &plan.ids[to])));
        let raw = timed(|| raw_edges(&theirs, &plan, start..end));
        let each = |time: Duration| time.as_secs_f64() * 1e6 / part.len() as f64;
        let ratio = zova.as_secs_f64() / raw.as_secs_f64();
        // Plotted: one sign for each tenth, so that 20 of them are the aim of 2.0.
        let bar = "#".repeat((ratio * 10.0).round() as usize);
        let line = format!("{:6.2} us, insert {:6.2} us, ratio {ratio:.2} {bar}", each(zova), each(raw));
        report.figure(&format!("edge put, up to {end:>7} edges"), line);
        start = end;
    }
    ours.exec("commit");
    theirs.exec("commit");
    degree_ten(report, &ours, &plan);
    deletes(report);
}

fn neighbors(db: &Db, id: &CString, direction: i32) -> usize {
    let mut results = zova_graph_neighbor_results { items: std::ptr::null_mut(), len: 0 };
    let request = zova_graph_neighbors_request {
        db: db.0,
        graph_name: c"g".as_ptr(),
        node_id: id.as_ptr(),
        direction,
        edge_type: null(),
        limit: 1000,
        out_results: &mut results,
    };
    // SAFETY: as above; the results are freed once.
    unsafe {
        check(zova_graph_neighbors(&request));
        let len = results.len;
        zova_graph_neighbor_results_free(&mut results);
        len
    }
}

/// Degree 10 in a graph of a million edges against degree 10 in one of a thousand.
fn degree_ten(report: &mut Report, large: &Db, large_plan: &Plan) {
    let small_plan = Plan::new(100, 1_000);
    let files = Files::new();
    let small = files.zova();
    fill(&small, &small_plan);
    for (direction, name) in [(0, "outgoing"), (1, "incoming")] {
        let ask = |db: &Db, plan: &Plan| {
            let step = plan.ids.len() / 100;
            let found: usize = (0..5)
                .map(|_| plan.ids.iter().step_by(step).map(|id| neighbors(db, id, direction)).sum::<usize>())
                .sum();
            assert!((4_000..6_000).contains(&found), "{found}");
        };
        report.pair(
            &format!("{name} neighbors, degree 10: 1,000,000 edges / 1,000"),
            3.0,
            || timed(|| ask(large, large_plan)),
            || timed(|| ask(&small, &small_plan)),
        );
    }
}

/// Deleting nodes with about 10 edges in and out, against the same rows deleted with plain SQL; and what an edge costs
/// as the degree grows.
fn deletes(report: &mut Report) {
    const DELETES: [&str; 3] = [
        "delete from _zova_graph_edges where graph_name = 'g' and from_node_id = ?1",
        "delete from _zova_graph_edges where graph_name = 'g' and to_node_id = ?1",
        "delete from _zova_graph_nodes where graph_name = 'g' and node_id = ?1",
    ];
    let plan = Plan::new(20_000, 200_000);
    let files = Files::new();
    let db = files.zova();
    fill(&db, &plan);
    let copy = files.0.path().join("copy.zova");
    std::fs::copy(files.0.path().join("zova.zova"), &copy).expect("a copy");
    let raw = Raw::open(&copy);
    let chosen = || plan.ids.iter().step_by(200);
    report.pair(
        "delete a node, degree 20, 200,000 edges / the same with SQL",
        2.0,
        || {
            db.exec("begin");
            let time = timed(|| chosen().for_each(|id| delete_node(&db, id)));
            db.exec("rollback");
            time
        },
        || {
            raw.exec("begin");
            let statements = DELETES.map(|sql| raw.prepare(sql));
            let time = timed(|| {
                for id in chosen() {
                    for statement in &statements {
                        statement.bind_text(1, id.as_bytes());
                        statement.step();
                        statement.reset();
                    }
                }
            });
            drop(statements);
            raw.exec("rollback");
            time
        },
    );
    for degree in [4, 40, 400, 4_000] {
        let files = Files::new();
        let db = files.zova();
        db.exec("begin");
        let ids = Plan::new(degree + 1, 0).ids;
        ids.iter().for_each(|id| put_node(&db, id));
        for id in &ids[1..] {
            put_edge(&db, &ids[0], id);
        }
        let time = timed(|| delete_node(&db, &ids[0]));
        db.exec("commit");
        let each = time.as_secs_f64() * 1e6 / degree as f64;
        report.figure(&format!("delete a node of degree {degree}"), format!("{each:.2} us for each edge"));
    }
}

fn delete_node(db: &Db, id: &CString) {
    let request =
        zova_graph_node_delete_request { db: db.0, graph_name: c"g".as_ptr(), node_id: id.as_ptr() };
    // SAFETY: as above.
    check(unsafe { zova_graph_node_delete(&request) });
}

fn walk(db: &Db, id: &CString, max_depth: u32) -> usize {
    let mut results = zova_graph_walk_results { items: std::ptr::null_mut(), len: 0 };
    let request = zova_graph_walk_request {
        db: db.0,
        graph_name: c"g".as_ptr(),
        start_node_id: id.as_ptr(),
        edge_type: null(),
        max_depth,
        limit: 1000,
        out_results: &mut results,
    };
    // SAFETY: as above; the results are freed once.
    unsafe {
        check(zova_graph_walk(&request));
        let len = results.len;
        zova_graph_walk_results_free(&mut results);
        len
    }
}

fn queries(report: &mut Report) {
    let plan = Plan::new(20_000, 100_000);
    let files = Files::new();
    let db = files.zova();
    fill(&db, &plan);
    let raw = Raw::open(&files.0.path().join("cte.db"));
    raw.exec("create table edge(source integer, target integer, primary key (source, target)) without rowid; begin");
    let insert = raw.prepare("insert into edge values (?1, ?2)");
    for &(from, to) in &plan.edges {
        insert.bind_i64(1, from as i64);
        insert.bind_i64(2, to as i64);
        insert.step();
        insert.reset();
    }
    drop(insert);
    raw.exec("commit");
    let query = raw.prepare(WALK);
    let starts: Vec<usize> = (0..20).map(|n| n * 997).collect();
    let cte = |start: usize| {
        query.bind_i64(1, start as i64);
        let mut rows = 0;
        while query.step() {
            std::hint::black_box((query.i64(0), query.i64(1)));
            rows += 1;
        }
        query.reset();
        rows
    };
    for &start in &starts {
        assert_eq!(walk(&db, &plan.ids[start], 4), cte(start));
    }
    let ratio = |start: usize| {
        timed(|| walk(&db, &plan.ids[start], 4)).as_secs_f64() / timed(|| cte(start)).as_secs_f64()
    };
    let mean = |ratios: Vec<f64>| format!("{:.3}", ratios.iter().sum::<f64>() / ratios.len() as f64);
    let after_own = starts.iter().map(|&start| {
        put_edge(&db, &plan.ids[start], &plan.ids[start]);
        ratio(start)
    });
    report.figure("the same walk, first after a put of this handle / CTE", mean(after_own.collect()));
    // After another connection's commit everything is read from the tables again.
    let other = Raw::open(&files.0.path().join("zova.zova"));
    other.exec("create table other(a)");
    let after_other = starts.iter().map(|&start| {
        other.exec("insert into other values (1)");
        ratio(start)
    });
    report.figure("the same walk, first after another's commit / CTE", mean(after_other.collect()));
    report.pair(
        "walk to depth 4, limit 1,000, 20k nodes, 100k edges / CTE",
        0.7,
        || {
            let begin = Instant::now();
            starts.iter().for_each(|&start| {
                std::hint::black_box(walk(&db, &plan.ids[start], 4));
            });
            begin.elapsed()
        },
        || {
            let begin = Instant::now();
            starts.iter().for_each(|&start| {
                std::hint::black_box(cte(start));
            });
            begin.elapsed()
        },
    );
}
