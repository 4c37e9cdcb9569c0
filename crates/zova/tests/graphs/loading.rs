//! What a transaction that puts edges has seen is never taken for granted once something else changed it.

use zova::{Database, GraphNodeInput, Status};

use crate::common::{Scratch, edit};
use crate::support::*;

/// Puts an edge that the transaction knows all about.
fn warm(db: &mut Database) {
    add(db, "a-b");
    add(db, "b-a");
}

#[track_caller]
fn assert_missing(db: &mut Database, from: &str, to: &str) {
    let error = db.put_graph_edge(typed(from, "e", to)).unwrap_err();
    assert_eq!(error.status(), Some(Status::GraphNodeNotFound), "{error}");
}

fn orders(db: &mut Database) -> String {
    let sql = "select group_concat(from_node_id || to_node_id || created_order, ' ') from \
        (select * from _zova_graph_edges order by created_order)";
    let mut statement = db.prepare(sql).unwrap();
    statement.step().unwrap();
    statement.column_text(0).unwrap().unwrap_or_default()
}

#[test]
fn a_node_that_is_gone_again_is_missed_whoever_took_it_away() {
    let ways = [
        "delete from _zova_graph_nodes where node_id = 'b'",
        "delete from _zova_graph_nodes",
        "update _zova_graph_nodes set node_id = 'x' where node_id = 'b'",
        "update _zova_graph_nodes set graph_name = 'h' where node_id = 'b'",
        "insert into t values (1)",
        "with w(x) as (select 'b') delete from _zova_graph_nodes where node_id in (select x from w)",
        "alter table _zova_graph_nodes rename to elsewhere; \
         create table _zova_graph_nodes (graph_name, node_id, kind, target_type, created_order)",
    ];
    for way in ways {
        let scratch = Scratch::new();
        let (mut db, _) = scratch.database("a.zova");
        fill(&mut db, "a b c", "");
        db.exec(
            "create table t(a); create trigger g after insert on t begin \
             delete from _zova_graph_nodes where node_id = 'b'; end",
        )
        .unwrap();
        db.begin().unwrap();
        warm(&mut db);
        db.exec(way).unwrap();
        assert_missing(&mut db, "a", "b");
        db.rollback().unwrap();
        warm(&mut db);
    }
}

#[test]
fn a_node_that_was_undone_is_missed() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    fill(&mut db, "a", "");
    db.begin().unwrap();
    db.savepoint("s").unwrap();
    db.put_graph_node(node("b")).unwrap();
    warm(&mut db);
    db.rollback_to_savepoint("s").unwrap();
    assert_missing(&mut db, "a", "b");
    db.put_graph_node(node("b")).unwrap();
    warm(&mut db);
    db.exec("rollback to s").unwrap();
    assert_missing(&mut db, "b", "a");
    // A call that fails is undone as a whole.
    let nodes = [node("b"), GraphNodeInput { kind: "", ..node("c") }];
    db.put_graph_nodes(&nodes).unwrap_err();
    assert_missing(&mut db, "a", "b");
    db.rollback().unwrap();
    assert_missing(&mut db, "a", "b");
    assert_eq!(orders(&mut db), "");
}

#[test]
fn the_next_transaction_looks_again() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    fill(&mut db, "a b c", "");
    for raw_transaction in [false, true] {
        db.begin().unwrap();
        warm(&mut db);
        if raw_transaction {
            db.exec("commit").unwrap();
        } else {
            db.commit().unwrap();
        }
        edit(&path, "delete from _zova_graph_edges; delete from _zova_graph_nodes where node_id = 'b'");
        db.begin_immediate().unwrap();
        assert_missing(&mut db, "a", "b");
        db.put_graph_node(node("b")).unwrap();
        warm(&mut db);
        assert_eq!(orders(&mut db), "ab1 ba2");
        db.commit().unwrap();
        edit(&path, "delete from _zova_graph_edges");
    }
}

#[test]
fn edges_are_numbered_without_gaps_whatever_happens_between_them() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    fill(&mut db, "a b c", "");
    db.begin().unwrap();
    warm(&mut db);
    // Stored already: takes no number.
    add(&mut db, "a-b");
    add(&mut db, "a-c");
    assert_eq!(orders(&mut db), "ab1 ba2 ac3");
    db.delete_graph_edge(typed("a", "e", "c")).unwrap();
    add(&mut db, "b-c");
    assert_eq!(orders(&mut db), "ab1 ba2 bc3");
    db.exec("insert into _zova_graph_edges values ('g', 'c', 'e', 'a', 9)").unwrap();
    add(&mut db, "c-b");
    assert_eq!(orders(&mut db), "ab1 ba2 bc3 ca9 cb10");
    db.exec("delete from _zova_graph_edges").unwrap();
    add(&mut db, "c-c");
    assert_eq!(orders(&mut db), "cc1");
    db.delete_graph_node(G, "c").unwrap();
    add(&mut db, "a-b");
    assert_missing(&mut db, "a", "c");
    assert_eq!(orders(&mut db), "ab1");
    // Another graph has numbers of its own.
    db.create_graph("h").unwrap();
    for id in ["a", "b"] {
        db.put_graph_node(GraphNodeInput { graph_name: "h", ..node(id) }).unwrap();
    }
    db.put_graph_edge(zova::GraphEdgeInput { graph_name: "h", ..typed("a", "e", "b") }).unwrap();
    add(&mut db, "b-b");
    assert_eq!(orders(&mut db).split(' ').filter(|edge| edge.ends_with('1')).count(), 2);
    db.commit().unwrap();
}

#[test]
fn a_statement_that_is_undone_while_it_runs_teaches_nothing() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    fill(&mut db, "a", "");
    db.begin().unwrap();
    let sql = "insert into _zova_graph_nodes values ('g', 'b', 'k', 'none', null, null, 7), \
        ('g', 'b', 'k', 'none', null, null, 8) returning node_id";
    db.exec(sql).unwrap_err();
    assert_missing(&mut db, "a", "b");
    db.rollback().unwrap();
}
