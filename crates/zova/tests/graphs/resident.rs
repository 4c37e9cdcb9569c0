//! What is kept in memory never outlives the rows it was read from.

use zova::{Database, GraphNodeInput};

use crate::common::{Scratch, edit, raw};
use crate::support::*;

/// Asks twice: the first answer fills the memory, the second comes from it.
#[track_caller]
fn check(db: &mut Database, expected: &str) {
    for time in ["first", "second"] {
        assert_eq!(walk(db, from("a", 9, 99)), expected, "{time} time");
        assert_eq!(out(db, "a"), neighbors_in(expected), "{time} time");
    }
}

/// The nodes at depth 1 of a walk.
fn neighbors_in(walk: &str) -> String {
    let near = walk.split(' ').filter_map(|item| item.strip_suffix("@1<a"));
    near.collect::<Vec<_>>().join(" ")
}

#[test]
fn every_kind_of_change_is_seen_by_the_next_query() {
    for mode in ["delete", "wal"] {
        let scratch = Scratch::new();
        let (mut db, path) = scratch.database("a.zova");
        db.exec(&format!("pragma journal_mode = {mode}")).unwrap();
        fill(&mut db, "a b c d", "a-b b-c");
        check(&mut db, "a@0 b@1<a c@2<b");
        // Native calls of this handle.
        add(&mut db, "a-d");
        check(&mut db, "a@0 b@1<a d@1<a c@2<b");
        db.delete_graph_node(G, "b").unwrap();
        check(&mut db, "a@0 d@1<a");
        // Raw SQL of this handle.
        db.exec("update _zova_graph_edges set to_node_id = 'c' where to_node_id = 'd'").unwrap();
        check(&mut db, "a@0 c@1<a");
        // Another handle, and another connection altogether.
        let mut other = Database::open(&path).unwrap();
        add(&mut other, "c-d");
        check(&mut db, "a@0 c@1<a d@2<c");
        check(&mut other, "a@0 c@1<a d@2<c");
        edit(&path, "delete from _zova_graph_nodes where node_id = 'd'");
        check(&mut db, "a@0 c@1<a");
        check(&mut other, "a@0 c@1<a");
        db.exec("vacuum").unwrap();
        check(&mut db, "a@0 c@1<a");
        db.put_graph_node(GraphNodeInput { kind: "new", ..node("c") }).unwrap();
        assert_eq!(db.graph_walk(from("a", 1, 9)).unwrap()[1].kind, "new");
        db.delete_graph(G).unwrap();
        fill(&mut db, "a z", "a-z");
        check(&mut db, "a@0 z@1<a");
    }
}

#[test]
fn uncommitted_changes_are_seen_and_forgotten_with_their_rollback() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    fill(&mut db, "a b c", "a-b");
    check(&mut db, "a@0 b@1<a");
    db.begin().unwrap();
    check(&mut db, "a@0 b@1<a");
    add(&mut db, "b-c");
    check(&mut db, "a@0 b@1<a c@2<b");
    db.savepoint("s").unwrap();
    db.exec("delete from _zova_graph_edges").unwrap();
    check(&mut db, "a@0");
    db.exec("rollback to s").unwrap();
    check(&mut db, "a@0 b@1<a c@2<b");
    db.rollback().unwrap();
    check(&mut db, "a@0 b@1<a");
    // A statement that fails rolls back by itself.
    db.exec("create trigger no after insert on _zova_graph_edges when new.edge_type = 'bad' begin select raise(rollback, 'no'); end")
        .unwrap();
    db.begin().unwrap();
    add(&mut db, "a-c");
    check(&mut db, "a@0 b@1<a c@1<a");
    db.put_graph_edge(typed("b", "bad", "c")).unwrap_err();
    check(&mut db, "a@0 b@1<a");
}

#[test]
fn native_changes_that_are_undone_before_the_next_query_are_forgotten() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    fill(&mut db, "a b c", "a-b");
    let kind = |db: &mut Database| db.graph_walk(from("a", 0, 9)).unwrap()[0].kind.clone();
    let before = kind(&mut db);
    check(&mut db, "a@0 b@1<a");
    for undo in ["rollback", "rollback to s", "release of a failed call"] {
        match undo {
            "rollback" => db.begin().unwrap(),
            "rollback to s" => db.savepoint("s").unwrap(),
            _ => {
                let edges = [("a", "c"), ("a", "missing")].map(|(from, to)| typed(from, "e", to));
                db.put_graph_edges(&edges).unwrap_err();
                check(&mut db, "a@0 b@1<a");
                continue;
            }
        }
        add(&mut db, "a-c");
        db.put_graph_node(GraphNodeInput { kind: "new", ..node("a") }).unwrap();
        db.delete_graph_edge(typed("a", "e", "b")).unwrap();
        if undo == "rollback" {
            db.rollback().unwrap();
        } else {
            db.rollback_to_savepoint("s").unwrap();
        }
        check(&mut db, "a@0 b@1<a");
        assert_eq!(kind(&mut db), before, "{undo}");
        if undo == "rollback to s" {
            db.release_savepoint("s").unwrap();
            check(&mut db, "a@0 b@1<a");
        }
    }
}

#[test]
fn triggers_and_emptied_tables_between_native_changes_are_seen() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    fill(&mut db, "a b c d", "a-b b-c");
    check(&mut db, "a@0 b@1<a c@2<b");
    db.exec(
        "create trigger t after insert on _zova_graph_edges begin \
        delete from _zova_graph_edges where from_node_id = 'b'; end",
    )
    .unwrap();
    add(&mut db, "a-d");
    check(&mut db, "a@0 b@1<a d@1<a");
    db.exec("drop trigger t; delete from _zova_graph_edges").unwrap();
    add(&mut db, "c-d");
    check(&mut db, "a@0");
    add(&mut db, "a-c");
    check(&mut db, "a@0 c@1<a d@2<c");
    db.exec(
        "create trigger t after update on _zova_graph_nodes begin \
        update _zova_graph_nodes set kind = 'other' where node_id = 'c'; end",
    )
    .unwrap();
    db.put_graph_node(GraphNodeInput { kind: "new", ..node("a") }).unwrap();
    let kinds: Vec<String> =
        db.graph_walk(from("a", 1, 9)).unwrap().into_iter().map(|item| item.kind).collect();
    assert_eq!(kinds, ["new", "other"]);
}

#[test]
fn a_read_transaction_keeps_its_moment_whatever_others_commit() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.exec("pragma journal_mode = wal").unwrap();
    fill(&mut db, "a b c", "a-b");
    check(&mut db, "a@0 b@1<a");
    db.begin().unwrap();
    check(&mut db, "a@0 b@1<a");
    edit(&path, "insert into _zova_graph_edges values ('g', 'a', 'e', 'c', 9)");
    check(&mut db, "a@0 b@1<a");
    db.commit().unwrap();
    check(&mut db, "a@0 b@1<a c@1<a");
}

#[test]
fn a_fault_in_the_middle_leaves_nothing_half_read() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    fill(&mut db, "a b c", "a-b b-c");
    edit(&path, "update _zova_graph_nodes set kind = cast(x'ff' as text) where node_id = 'c'");
    for _ in 0..2 {
        assert!(db.graph_walk(from("a", 9, 9)).is_err());
        assert_eq!(walk(&mut db, from("a", 1, 9)), "a@0 b@1<a");
    }
    raw(&path).execute_batch("update _zova_graph_nodes set kind = 'k'").unwrap();
    check(&mut db, "a@0 b@1<a c@2<b");
}

#[test]
fn more_than_the_budget_is_read_without_being_kept() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    fill(&mut db, "a", "");
    // 300,000 edges to missing nodes with ids of 100 bytes: more than fits.
    edit(
        &path,
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 300000) \
         insert into _zova_graph_edges select 'g', 'a', 'e', printf('%0100d', i), i from n; \
         insert into _zova_graph_nodes values ('g', 'last', 'k', 'none', null, null, 2); \
         insert into _zova_graph_edges values ('g', 'a', 'e', 'last', 400000)",
    );
    check(&mut db, "a@0 last@1<a");
}
