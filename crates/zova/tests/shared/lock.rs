//! The lock: who waits for whom, and what the thread that holds it may do.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Barrier, mpsc};
use std::time::Duration;

use zova::{Error, SharedDatabase, Status, Step};

use crate::common::{Scratch, bytes, native_fault, one, raw, sql_fault};
use crate::{Helper, SCOPED, insert, rows, shared};

/// How long to wait for what must not happen, and for what must.
const SHORT: Duration = Duration::from_millis(40);
const LONG: Duration = Duration::from_secs(20);

#[test]
fn calls_on_any_clone_or_child_inside_a_closure_are_part_of_its_scope() {
    for (name, helper) in SCOPED {
        let scratch = Scratch::new();
        let (db, _) = shared(&scratch);
        let clone = db.clone();
        let mut statement = db.prepare("insert into t values (?1)").unwrap();
        let undone = helper(
            &db,
            Box::new(|tx| {
                insert(&clone, 1);
                statement.bind_i64(1, 2)?;
                statement.step()?;
                db.put_object(b"object")?;
                assert_eq!(rows(&db), "1 2");
                assert_eq!(clone.get_object(zova::object_id(b"object")?)?, b"object");
                clone.with_savepoint("nested", |inner| inner.exec("insert into t values (3)"))?;
                let refused = clone.transaction(|_| Ok(()));
                sql_fault(refused, Status::SqliteError, "cannot start a transaction within a transaction");
                clone.with_exclusive(|inner| inner.exec("insert into t values (4)"))?;
                tx.with_savepoint("nested", |inner| inner.exec("insert into t values (5)"))?;
                assert_eq!(rows(&clone), "1 2 3 4 5");
                Err(Error::NonUtf8Path)
            }),
        );
        assert_eq!(undone, Err(Error::NonUtf8Path), "{name}");
        assert_eq!(rows(&db), "", "{name}");
        assert!(!db.has_object(zova::object_id(b"object").unwrap()).unwrap());
    }
}

#[test]
fn clones_and_children_may_be_dropped_inside_a_closure() {
    let scratch = Scratch::new();
    let (db, path) = shared(&scratch);
    insert(&db, 1);
    let (clone, mut statement) = (db.clone(), db.prepare("select a from t").unwrap());
    statement.step().unwrap();
    db.transaction(|tx| {
        drop(statement);
        drop(clone);
        let mut own = tx.prepare("select a from t")?;
        own.step()?;
        drop(own);
        let mut shared_statement = db.prepare("select a from t")?;
        shared_statement.step()?;
        drop(shared_statement);
        // No cursor is left that would keep the table.
        tx.exec("drop table t")
    })
    .unwrap();
    assert_eq!(one::<i64>(&raw(&path), "select count(*) from sqlite_schema where name = 't'"), 0);
}

#[test]
fn another_thread_waits_for_the_whole_closure() {
    for (name, helper) in
        SCOPED.into_iter().chain([("with_exclusive", (|db, f| db.with_exclusive(f)) as Helper)])
    {
        let scratch = Scratch::new();
        let (db, _) = shared(&scratch);
        let (clone, mut statement) = (db.clone(), db.prepare("insert into t values (2)").unwrap());
        let (send, receive) = mpsc::channel();
        let mut threads = Vec::new();
        helper(
            &db,
            Box::new(|tx| {
                let report = send.clone();
                threads.push(std::thread::spawn(move || {
                    insert(&clone, 1);
                    report.send(()).unwrap();
                }));
                let report = send.clone();
                threads.push(std::thread::spawn(move || {
                    assert_eq!(statement.step().unwrap(), Step::Done);
                    report.send(()).unwrap();
                }));
                tx.exec("insert into t values (0)")?;
                assert!(receive.recv_timeout(SHORT).is_err(), "{name}: another thread got in");
                Ok(0)
            }),
        )
        .unwrap();
        for thread in threads {
            receive.recv_timeout(LONG).unwrap();
            thread.join().unwrap();
        }
        let found = rows(&db);
        assert!(found.starts_with('0') && found.len() == "0 1 2".len(), "{found}");
    }
}

#[test]
fn a_wrong_use_of_a_scope_by_another_thread_is_not_part_of_it() {
    // begin and commit as single calls protect nothing: what another thread does in between joins.
    let scratch = Scratch::new();
    let (db, path) = shared(&scratch);
    db.begin().unwrap();
    let clone = db.clone();
    std::thread::spawn(move || insert(&clone, 1)).join().unwrap();
    assert_eq!(one::<i64>(&raw(&path), "select count(*) from t"), 0);
    db.rollback().unwrap();
    assert_eq!(rows(&db), "");
}

#[test]
fn many_threads_work_on_one_handle() {
    const THREADS: usize = 8;
    const EACH: usize = 25;
    let scratch = Scratch::new();
    let (db, _) = shared(&scratch);
    db.exec("pragma synchronous = off; create table counter(n); insert into counter values (0)").unwrap();
    let barrier = Barrier::new(THREADS);
    let seen = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (db, barrier, seen) = (db.clone(), &barrier, &seen);
            scope.spawn(move || {
                barrier.wait();
                for at in 0..EACH {
                    // Read and written under one lock: no increment is lost.
                    db.transaction(|tx| {
                        let mut query = tx.prepare("select n from counter")?;
                        query.step()?;
                        let n = query.column_i64(0)?;
                        drop(query);
                        tx.exec(&format!("update counter set n = {}", n + 1))
                    })
                    .unwrap();
                    let content = bytes(at as u64, 500 + thread % 2);
                    let id = db.put_object(&content).unwrap();
                    assert_eq!(db.get_object(id).unwrap(), content);
                    let mut statement = db.prepare("select ?1").unwrap();
                    statement.bind_i64(1, at as i64).unwrap();
                    statement.step().unwrap();
                    seen.fetch_add(statement.column_i64(0).unwrap() as usize, Ordering::Relaxed);
                }
            });
        }
    });
    let mut query = db.prepare("select n from counter").unwrap();
    query.step().unwrap();
    assert_eq!(query.column_i64(0).unwrap(), (THREADS * EACH) as i64);
    assert_eq!(seen.into_inner(), THREADS * (0..EACH).sum::<usize>());
}

#[test]
fn handles_move_between_threads() {
    fn send<T: Send>(value: T) -> T {
        std::thread::scope(|scope| scope.spawn(|| value).join().unwrap())
    }
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec("create table t(a); insert into t values (1), (2)").unwrap();
    let mut statement = db.prepare_owned("select a from t").unwrap();
    statement.step().unwrap();
    let mut statement = send(statement);
    let mut db = send(db);
    assert_eq!(statement.step().unwrap(), Step::Row);
    // Two threads, one connection.
    std::thread::scope(|scope| {
        scope.spawn(move || while statement.step().unwrap() == Step::Row {});
        scope.spawn(move || db.put_object(b"object").unwrap());
    });
}

#[test]
fn an_error_keeps_its_message_whatever_other_threads_do() {
    let scratch = Scratch::new();
    let (db, _) = shared(&scratch);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                sql_fault(db.exec("select * from theirs"), Status::SqliteError, "no such table: theirs");
            }
        });
        for _ in 0..200 {
            sql_fault(db.exec("select * from ours"), Status::SqliteError, "no such table: ours");
            native_fault(db.get_object([0; 32].into()), Status::ObjectNotFound);
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_shared_database_opens_and_refuses_like_the_other() {
    let scratch = Scratch::new();
    let (db, path) = shared(&scratch);
    native_fault(SharedDatabase::create(&path), Status::DestinationExists);
    native_fault(SharedDatabase::open(scratch.path("missing.zova")), Status::NotZovaDatabase);
    let options = zova::OpenOptions { read_only: true, busy_timeout_ms: 5 };
    let reader = SharedDatabase::open_with_options(&path, options).unwrap();
    sql_fault(
        reader.exec("insert into t values (1)"),
        Status::ReadOnly,
        "attempt to write a readonly database",
    );
    native_fault(reader.put_object(b"new"), Status::ReadOnly);
    db.begin_immediate().unwrap();
    db.set_busy_timeout(5).unwrap();
    db.exec("insert into t values (1)").unwrap();
    db.commit().unwrap();
    db.vacuum().unwrap();
    assert_eq!(rows(&reader), "1");
}
