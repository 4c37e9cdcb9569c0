//! The counters of changes belong to the application: what Zova's own operations do does not show in them.
//!
//! The oracle is a plain SQLite database on which the application's statements run, and nothing else.

use rusqlite::Connection;
use zova::{Database, OpenOptions, Status, Step};

use crate::common::{Scratch, bytes, fault, native_fault, number_of, splitmix};

const SCHEMA: &str = "create table t(a integer primary key, b unique); create table log(a); \
    create trigger logged after delete on t begin insert into log values (old.a); end; \
    insert into t(b) values ('first'), ('second')";

/// A Zova database and a plain one on which the application does the same.
struct Pair {
    zova: Database,
    plain: Connection,
    /// Where the totals started, which is the implementation's choice.
    totals: (i64, i64),
}

impl Pair {
    fn new(scratch: &Scratch) -> Self {
        let (mut zova, _) = scratch.database("a.zova");
        let plain = Connection::open_in_memory().unwrap();
        zova.exec("pragma synchronous = off").unwrap();
        zova.exec(SCHEMA).unwrap();
        plain.execute_batch(SCHEMA).unwrap();
        let totals = (zova.total_changes().unwrap(), plain.total_changes() as i64);
        Self { zova, plain, totals }
    }

    /// Runs the application's SQL on both; they agree on whether it succeeds.
    #[track_caller]
    fn run(&mut self, sql: &str) {
        let zova = self.zova.exec(sql);
        let plain = self.plain.execute_batch(sql);
        assert_eq!(zova.is_ok(), plain.is_ok(), "{sql}: {zova:?}, {plain:?}");
    }

    /// Runs on the plain database what ran on the other in another way.
    fn run_plain(&self, sql: &str) {
        self.plain.execute_batch(sql).unwrap();
    }

    #[track_caller]
    fn assert_equal(&mut self, after: &str) {
        assert_eq!(
            self.zova.last_insert_rowid().unwrap(),
            self.plain.last_insert_rowid(),
            "rowid after {after}"
        );
        assert_eq!(self.zova.changes().unwrap(), self.plain.changes() as i64, "changes after {after}");
        let totals = (self.zova.total_changes().unwrap(), self.plain.total_changes() as i64);
        assert_eq!(totals.0 - self.totals.0, totals.1 - self.totals.1, "total after {after}");
    }
}

/// What an application runs, each with its own effect on the counters. (VACUUM is missing: it leaves rowids of its own
/// behind, in plain SQLite as well.)
const APPLICATION: [&str; 23] = [
    "insert into t(b) values (null)",
    "insert into t(b) values (null), (null), (null)",
    "insert into t(b) values (null), ('first')",
    "insert or ignore into t(b) values ('first')",
    "insert or replace into t(a, b) values (1, 'first')",
    "insert into t(a, b) values (1, 'x') on conflict (a) do update set b = b",
    "/* comment */ with two(x) as (values (1), (2)) insert into t(b) select null from two",
    "update t set b = b",
    "update t set b = b where a < 0",
    "-- comment\nupdate t set b = null where a > 2",
    "delete from t where a > 6",
    "delete from t where a < 0",
    "delete from log",
    "replace into t(a, b) values (2, 'second')",
    "insert into t(b) values (null) returning a",
    "update t set b = b where a < 3 returning a",
    "create table if not exists extra(a); insert into extra values (1)",
    "drop table if exists extra",
    "create table copy as select * from t; drop table copy",
    "select * from t",
    "pragma user_version = 7",
    "insert into missing values (1)",
    "",
];

/// What Zova does of its own; failing calls as well.
fn native(db: &mut Database, choice: u64) {
    let content = bytes(choice % 4, 12_000);
    let id = zova::object_id(&content).unwrap();
    match choice % 11 {
        0..=3 => drop(db.put_object(&content)),
        4..=6 => drop(db.delete_object(id)),
        7 => drop(db.get_object(id)),
        8 => drop(db.read_object_range(id, 5000, &mut [0; 5000])),
        9 => drop((db.has_object(id), db.object_size(id), db.object_chunk_count(id))),
        _ => drop(fault(db.get_object(zova::object_id(b"never stored").unwrap()), Status::ObjectNotFound)),
    }
}

#[test]
fn counters_are_those_of_the_applications_statements_in_any_order() {
    for seed in 0..6 {
        let mut state = seed;
        let scratch = Scratch::new();
        let mut pair = Pair::new(&scratch);
        for _ in 0..150 {
            let choice = splitmix(&mut state);
            if choice.is_multiple_of(3) {
                let sql = APPLICATION[(choice >> 8) as usize % APPLICATION.len()];
                pair.run(sql);
                pair.assert_equal(sql);
            } else {
                native(&mut pair.zova, choice >> 8);
                pair.assert_equal("an operation of Zova's own");
            }
        }
    }
}

#[test]
fn every_statement_counts_right_directly_behind_an_operation_of_zova() {
    for sql in APPLICATION {
        let scratch = Scratch::new();
        let mut pair = Pair::new(&scratch);
        pair.zova.put_object(&bytes(1, 30_000)).unwrap();
        pair.assert_equal("a put");
        pair.run(sql);
        pair.assert_equal(sql);
        pair.zova.delete_object(zova::object_id(&bytes(1, 30_000)).unwrap()).unwrap();
        pair.assert_equal(&format!("{sql}, then a delete"));
    }
}

#[test]
fn counters_survive_operations_inside_transactions_and_their_rollback() {
    let scratch = Scratch::new();
    let mut pair = Pair::new(&scratch);
    for (begin, end) in [
        ("begin", "commit"),
        ("begin immediate", "rollback"),
        ("savepoint s", "release s"),
        ("savepoint s", "rollback to s; release s"),
    ] {
        pair.run(begin);
        pair.run("insert into t(b) values (null), (null)");
        pair.zova.put_object(&bytes(9, 50_000)).unwrap();
        pair.assert_equal("a put inside a transaction");
        pair.run("update t set b = b where a < 0");
        pair.assert_equal("an update of nothing");
        pair.zova.delete_object(zova::object_id(&bytes(9, 50_000)).unwrap()).unwrap();
        pair.assert_equal("a delete inside a transaction");
        pair.run(end);
        pair.assert_equal(end);
    }
}

#[test]
fn a_failing_operation_of_zova_leaves_the_counters_alone() {
    let scratch = Scratch::new();
    let mut pair = Pair::new(&scratch);
    pair.zova
        .exec("create trigger refuse before insert on _zova_object_chunks when new.chunk_index = 1 begin select raise(abort, 'refused'); end")
        .unwrap();
    pair.run("insert into t(b) values (null), (null), (null)");
    for begin in ["", "begin", "savepoint s"] {
        pair.run(begin);
        native_fault(pair.zova.put_object(&bytes(3, 60_000)), Status::Constraint);
        pair.assert_equal("a refused put");
        native_fault(pair.zova.delete_object(zova::object_id(b"missing").unwrap()), Status::ObjectNotFound);
        pair.assert_equal("a refused delete");
        if !begin.is_empty() {
            pair.run("rollback");
        }
        pair.assert_equal("the end");
    }
}

#[test]
fn the_application_reads_its_own_rowid_behind_a_put() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec("create table t(a integer primary key); insert into t values (4711)").unwrap();
    db.put_object(&bytes(1, 100_000)).unwrap();
    assert_eq!(db.last_insert_rowid().unwrap(), 4711);
    assert_eq!(number_of(&mut db, "select last_insert_rowid()"), 4711);
    db.exec("insert into t values (-5)").unwrap();
    db.delete_object(zova::object_id(&bytes(1, 100_000)).unwrap()).unwrap();
    assert_eq!(db.last_insert_rowid().unwrap(), -5);
}

#[test]
fn a_handle_that_inserted_nothing_has_rowid_zero() {
    let scratch = Scratch::new();
    let (created, path) = scratch.database("a.zova");
    for mut db in [created, Database::open_with_options(path, OpenOptions::default()).unwrap()] {
        assert_eq!(db.last_insert_rowid().unwrap(), 0);
        db.put_object(b"object").unwrap();
        db.delete_object(zova::object_id(b"object").unwrap()).unwrap();
        assert_eq!(db.last_insert_rowid().unwrap(), 0);
    }
}

#[test]
fn a_statement_counts_when_it_is_done_and_not_at_its_first_row() {
    let scratch = Scratch::new();
    let mut pair = Pair::new(&scratch);
    pair.run("insert into t(b) values (null), (null), (null)");
    pair.zova.put_object(b"object").unwrap();
    const SQL: &str = "insert into t(b) values (null), (null) returning a";
    let mut insert = pair.zova.prepare_owned(SQL).unwrap();
    assert_eq!(insert.step().unwrap(), Step::Row);
    // SQLite's count is still that of the statement before.
    assert_eq!(pair.zova.changes().unwrap(), 3);
    while insert.step().unwrap() == Step::Row {}
    pair.run_plain(SQL);
    pair.assert_equal("the last row");

    pair.zova.put_object(b"another").unwrap();
    assert_eq!(insert.step().unwrap(), Step::Row);
    insert.reset().unwrap();
    pair.run_plain(SQL);
    pair.assert_equal("a reset in the middle of the results");
}

#[test]
fn counters_of_a_prepared_statement_are_those_of_each_run() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec("create table t(a integer primary key, b)").unwrap();
    let mut insert = db.prepare_owned("insert into t(b) values (?1)").unwrap();
    for round in 1..=5 {
        insert.reset().unwrap();
        insert.bind_i64(1, round).unwrap();
        assert_eq!(insert.step().unwrap(), Step::Done);
        db.put_object(&bytes(round as u64, 20_000)).unwrap();
        assert_eq!(db.last_insert_rowid().unwrap(), round);
        assert_eq!(db.changes().unwrap(), 1);
    }
    let before = db.total_changes().unwrap();
    let mut update = db.prepare_owned("update t set b = 0 where a <= ?1").unwrap();
    for limit in [0, 2, 5] {
        update.reset().unwrap();
        update.bind_i64(1, limit).unwrap();
        update.step().unwrap();
        db.delete_object(zova::object_id(&bytes(limit as u64, 20_000)).unwrap()).err();
        assert_eq!(db.changes().unwrap(), limit);
    }
    assert_eq!(db.total_changes().unwrap() - before, 7);
}
