//! Two connections to one file, statements in progress, and vacuum.

use std::time::{Duration, Instant};

use zova::{Database, OpenOptions, Status, Step};

use crate::common::{Scratch, edit, native_fault, number_of, one, raw, sql_fault, text_of};

const LOCKED: &str = "database is locked";

fn two_handles(scratch: &Scratch) -> (Database, Database, std::path::PathBuf) {
    let (mut first, path) = scratch.database("a.zova");
    first.exec("create table t(a); insert into t values (1), (2)").unwrap();
    let second = Database::open(&path).unwrap();
    (first, second, path)
}

#[test]
fn a_second_writer_is_busy_at_once_and_may_try_again() {
    let scratch = Scratch::new();
    let (mut first, mut second, _) = two_handles(&scratch);
    first.begin_immediate().unwrap();
    let started = Instant::now();
    sql_fault(second.begin_immediate(), Status::Busy, LOCKED);
    sql_fault(second.exec("insert into t values (3)"), Status::Busy, LOCKED);
    second.begin().unwrap();
    sql_fault(second.exec("insert into t values (3)"), Status::Busy, LOCKED);
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    first.commit().unwrap();
    // The transaction of the second one is still open.
    second.exec("insert into t values (3)").unwrap();
    second.commit().unwrap();
    assert_eq!(number_of(&mut first, "select count(*) from t"), 3);
}

#[test]
fn a_commit_blocked_by_a_reader_is_busy_and_may_be_repeated() {
    let scratch = Scratch::new();
    let (mut first, mut second, _) = two_handles(&scratch);
    let mut query = second.prepare_owned("select a from t").unwrap();
    query.step().unwrap();
    first.begin().unwrap();
    first.exec("insert into t values (3)").unwrap();
    sql_fault(first.commit(), Status::Busy, LOCKED);
    sql_fault(first.begin(), Status::SqliteError, "cannot start a transaction within a transaction");
    query.reset().unwrap();
    first.commit().unwrap();
    assert_eq!(number_of(&mut second, "select count(*) from t"), 3);
}

#[test]
fn the_busy_timeout_waits_and_zero_takes_it_away() {
    let scratch = Scratch::new();
    let (mut first, mut second, path) = two_handles(&scratch);
    first.begin_immediate().unwrap();
    let mut third =
        Database::open_with_options(path, OpenOptions { read_only: false, busy_timeout_ms: 300 }).unwrap();
    second.set_busy_timeout(300).unwrap();
    for db in [&mut second, &mut third] {
        let started = Instant::now();
        sql_fault(db.begin_immediate(), Status::Busy, LOCKED);
        assert!(started.elapsed() >= Duration::from_millis(290), "{:?}", started.elapsed());
        db.set_busy_timeout(0).unwrap();
        let started = Instant::now();
        sql_fault(db.begin_immediate(), Status::Busy, LOCKED);
        assert!(started.elapsed() < Duration::from_millis(290), "{:?}", started.elapsed());
    }
}

#[test]
fn a_wait_ends_when_the_lock_does() {
    let scratch = Scratch::new();
    let (mut first, mut second, _) = two_handles(&scratch);
    first.begin_immediate().unwrap();
    first.exec("insert into t values (3)").unwrap();
    second.set_busy_timeout(20_000).unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(move || {
            second.exec("insert into t values (4)").unwrap();
            let id = second.put_object(b"waited, too").unwrap();
            assert!(second.has_object(id).unwrap());
        });
        std::thread::sleep(Duration::from_millis(50));
        first.commit().unwrap();
        waiting.join().unwrap();
    });
    assert_eq!(number_of(&mut first, "select count(*) from t"), 4);
}

#[test]
fn a_busy_timeout_above_the_largest_is_refused_and_changes_nothing() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.set_busy_timeout(i32::MAX as u32).unwrap();
    for milliseconds in [1 << 31, u32::MAX] {
        native_fault(db.set_busy_timeout(milliseconds), Status::InvalidArgument);
    }
    assert_eq!(number_of(&mut db, "pragma busy_timeout"), i64::from(i32::MAX));
    db.set_busy_timeout(0).unwrap();
    assert_eq!(number_of(&mut db, "pragma busy_timeout"), 0);
}

#[test]
fn other_handles_see_only_what_was_committed() {
    let scratch = Scratch::new();
    let (mut first, mut second, _) = two_handles(&scratch);
    first.begin().unwrap();
    first.exec("delete from t").unwrap();
    assert_eq!(number_of(&mut second, "select count(*) from t"), 2);
    first.commit().unwrap();
    assert_eq!(number_of(&mut second, "select count(*) from t"), 0);
}

#[test]
fn a_table_that_is_being_read_is_not_changed_in_its_shape() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec("create table t(a); create index i on t(a); insert into t values (1), (2)").unwrap();
    let mut query = db.prepare_owned("select a from t").unwrap();
    assert_eq!(query.step().unwrap(), Step::Row);
    for sql in ["drop table t", "drop index i", "alter table t drop column a"] {
        assert_eq!(
            db.exec(sql).unwrap_err().status().unwrap(),
            if sql.starts_with("drop") { Status::Locked } else { Status::SqliteError },
            "{sql}"
        );
    }
    sql_fault(db.exec("drop table t"), Status::Locked, "database table is locked");
    // Rows may be changed beside it.
    db.exec("insert into t values (3); create table u(a)").unwrap();
    query.reset().unwrap();
    db.exec("drop index i; drop table t").unwrap();
}

#[test]
fn vacuum_returns_free_space_and_keeps_everything() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let id = db.put_object(&crate::common::bytes(1, 100_000)).unwrap();
    let gone = db.put_object(&crate::common::bytes(2, 400_000)).unwrap();
    db.exec("create table t(a); insert into t values (1)").unwrap();
    db.delete_object(gone).unwrap();
    let before = std::fs::metadata(&path).unwrap().len();
    db.vacuum().unwrap();
    let after = std::fs::metadata(&path).unwrap().len();
    assert!(after < before - 300_000, "{before} to {after}");
    assert_eq!(db.get_object(id).unwrap(), crate::common::bytes(1, 100_000));
    drop(db);
    let mut db = Database::open(&path).unwrap();
    assert_eq!(text_of(&mut db, "pragma integrity_check"), "ok");
    assert_eq!(number_of(&mut db, "select a from t"), 1);
}

#[test]
fn vacuum_does_not_run_inside_a_transaction() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    for start in ["begin", "begin immediate", "savepoint s"] {
        db.exec(start).unwrap();
        sql_fault(db.vacuum(), Status::SqliteError, "cannot VACUUM from within a transaction");
        db.rollback().unwrap();
    }
    db.vacuum().unwrap();
}

#[test]
fn vacuum_does_not_run_beside_a_statement_in_progress() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec("create table t(a); insert into t values (1), (2)").unwrap();
    let mut query = db.prepare_owned("select a from t").unwrap();
    query.step().unwrap();
    sql_fault(db.vacuum(), Status::SqliteError, "cannot VACUUM - SQL statements in progress");
    query.reset().unwrap();
    db.vacuum().unwrap();
    // Zova's own statements are never in progress between calls.
    let id = db.put_object(b"object").unwrap();
    db.read_object_range(id, 1, &mut [0; 2]).unwrap();
    db.vacuum().unwrap();
}

#[test]
fn vacuum_waits_for_nobody_without_a_timeout() {
    let scratch = Scratch::new();
    let (mut first, mut second, path) = two_handles(&scratch);
    first.begin_immediate().unwrap();
    sql_fault(second.vacuum(), Status::Busy, LOCKED);
    first.rollback().unwrap();
    second.vacuum().unwrap();
    let options = OpenOptions { read_only: true, busy_timeout_ms: 0 };
    let mut reader = Database::open_with_options(path, options).unwrap();
    sql_fault(reader.vacuum(), Status::ReadOnly, "attempt to write a readonly database");
}

#[test]
fn vacuum_leaves_attached_databases_alone() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    let other = scratch.path("other.db");
    edit(&other, "create table t(a); insert into t select randomblob(100000); delete from t");
    let pages = one::<i64>(&raw(&other), "pragma page_count");
    db.exec(&format!("attach '{}' as other", other.display())).unwrap();
    db.vacuum().unwrap();
    assert_eq!(one::<i64>(&raw(&other), "pragma page_count"), pages);
}
