//! The scoped helpers: what is kept, what is undone, and what is returned.

use std::panic::{AssertUnwindSafe, catch_unwind};

use zova::{Error, Result, Status, Step};

use crate::common::{Scratch, bytes, fault, one, raw, sql_fault};
use crate::{SCOPED, assert_no_transaction, insert, rows, shared};

#[test]
fn what_a_scope_returns_is_kept_and_returned() {
    for (name, helper) in SCOPED {
        let scratch = Scratch::new();
        let (db, path) = shared(&scratch);
        let value = helper(
            &db,
            Box::new(|tx| {
                tx.exec("insert into t values (1), (2)")?;
                tx.put_object(b"object")?;
                tx.changes()
            }),
        );
        assert_eq!(value, Ok(2), "{name}");
        assert_eq!(one::<i64>(&raw(&path), "select count(*) from t"), 2);
        assert_eq!(one::<i64>(&raw(&path), "select count(*) from _zova_objects"), 1);
        assert_no_transaction(&db);
    }
}

#[test]
fn an_error_undoes_the_scope_and_is_returned() {
    for (name, helper) in SCOPED {
        let scratch = Scratch::new();
        let (db, _) = shared(&scratch);
        let undone = helper(
            &db,
            Box::new(|tx| {
                tx.exec("insert into t values (1)")?;
                tx.put_object(b"object")?;
                Err(Error::InteriorNul { context: "mine" })
            }),
        );
        assert_eq!(undone, Err(Error::InteriorNul { context: "mine" }), "{name}");
        assert_eq!(rows(&db), "");
        assert!(!db.has_object(zova::object_id(b"object").unwrap()).unwrap());
        assert_no_transaction(&db);
    }
}

#[test]
fn a_panic_undoes_the_scope_goes_on_and_poisons_nothing() {
    for (name, helper) in SCOPED {
        let scratch = Scratch::new();
        let (db, _) = shared(&scratch);
        let other = db.clone();
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            helper(
                &db,
                Box::new(|tx| {
                    tx.exec("insert into t values (1)")?;
                    tx.put_object(b"object")?;
                    std::panic::panic_any(name)
                }),
            )
        }));
        assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&name));
        assert_eq!(rows(&other), "", "{name}");
        assert_no_transaction(&other);
        // Also for other threads, and for the next scope.
        std::thread::spawn(move || insert(&other, 2)).join().unwrap();
        assert_eq!(helper(&db, Box::new(|tx| tx.last_insert_rowid())), Ok(1));
        assert_eq!(rows(&db), "2");
    }
}

#[test]
fn a_panic_inside_exclusive_use_ends_only_that() {
    let scratch = Scratch::new();
    let (db, _) = shared(&scratch);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        db.with_exclusive(|guard| -> Result<()> {
            guard.exec("insert into t values (1)")?;
            std::panic::panic_any("stop")
        })
    }));
    assert!(panicked.is_err());
    std::thread::scope(|scope| scope.spawn(|| insert(&db, 2)).join().unwrap());
    assert_eq!(rows(&db), "1 2");
}

#[test]
fn a_panic_in_an_inner_scope_undoes_what_the_outer_one_does_not_keep() {
    let scratch = Scratch::new();
    let (db, _) = shared(&scratch);
    db.transaction(|tx| {
        tx.exec("insert into t values (1)")?;
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            tx.with_savepoint("inner", |tx| -> Result<()> {
                tx.exec("insert into t values (2)")?;
                std::panic::panic_any("stop")
            })
        }));
        assert!(panicked.is_err());
        tx.exec("insert into t values (3)")
    })
    .unwrap();
    assert_eq!(rows(&db), "1 3");
}

#[test]
fn a_scope_that_cannot_start_does_not_run() {
    let scratch = Scratch::new();
    let (db, path) = shared(&scratch);
    db.begin().unwrap();
    for (_, helper) in &SCOPED[..2] {
        let refused = helper(&db, Box::new(|_| panic!("must not run")));
        sql_fault(refused, Status::SqliteError, "cannot start a transaction within a transaction");
    }
    // The transaction that was open is left alone.
    db.commit().unwrap();
    for name in ["", "9", "_zova_x", "a b"] {
        fault(db.with_savepoint(name, |_| -> Result<()> { panic!("must not run") }), Status::InvalidArgument);
    }
    assert_no_transaction(&db);
    let other = raw(&path);
    other.execute_batch("begin immediate").unwrap();
    let refused = db.transaction_immediate(|_| -> Result<()> { panic!("must not run") });
    sql_fault(refused, Status::Busy, "database is locked");
}

#[test]
fn a_commit_or_release_that_fails_undoes_the_scope() {
    for (name, helper) in SCOPED {
        let scratch = Scratch::new();
        let (db, _) = shared(&scratch);
        db.exec(
            "pragma foreign_keys = on; create table parent(a primary key); \
             create table child(a references parent(a) deferrable initially deferred)",
        )
        .unwrap();
        let refused = helper(
            &db,
            Box::new(|tx| {
                tx.exec("insert into t values (1); insert into child values (1)")?;
                Ok(7)
            }),
        );
        sql_fault(refused, Status::Constraint, "FOREIGN KEY constraint failed");
        assert_eq!(rows(&db), "", "{name}");
        assert_no_transaction(&db);
    }
}

#[test]
fn a_commit_that_is_busy_undoes_the_scope() {
    let scratch = Scratch::new();
    let (db, path) = shared(&scratch);
    insert(&db, 1);
    let other = raw(&path);
    let mut query = other.prepare("select a from t union all select 2").unwrap();
    let mut reading = query.query([]).unwrap();
    reading.next().unwrap().unwrap();
    for (name, helper) in SCOPED {
        let refused = helper(&db, Box::new(|tx| tx.exec("insert into t values (2)").map(|()| 0)));
        sql_fault(refused, Status::Busy, "database is locked");
        assert_eq!(rows(&db), "1", "{name}");
        assert!(db.rollback().is_err(), "{name} left its scope open");
    }
}

#[test]
fn a_reader_elsewhere_does_not_keep_a_failed_scope_open() {
    let scratch = Scratch::new();
    let (db, path) = shared(&scratch);
    insert(&db, 1);
    let other = raw(&path);
    let mut query = other.prepare("select a from t union all select 2").unwrap();
    let mut reading = query.query([]).unwrap();
    reading.next().unwrap().unwrap();
    for (name, helper) in SCOPED {
        let failed = helper(
            &db,
            Box::new(|tx| {
                tx.exec("insert into t values (2)")?;
                Err(Error::NonUtf8Path)
            }),
        );
        assert_eq!(failed, Err(Error::NonUtf8Path), "{name}");
        assert!(db.rollback().is_err(), "{name} left its scope open after an error");
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            helper(
                &db,
                Box::new(|tx| {
                    tx.exec("insert into t values (2)")?;
                    std::panic::panic_any("stop")
                }),
            )
        }));
        assert!(panicked.is_err());
        assert!(db.rollback().is_err(), "{name} left its scope open after a panic");
        assert_eq!(rows(&db), "1");
    }
}

#[test]
fn a_closure_that_ends_its_scope_itself_makes_the_end_fail_and_keeps_what_it_committed() {
    let scratch = Scratch::new();
    let (db, _) = shared(&scratch);
    for helper in [SCOPED[0].1, SCOPED[1].1] {
        let ended = helper(&db, Box::new(|tx| tx.exec("insert into t values (1); commit").map(|()| 0)));
        sql_fault(ended, Status::SqliteError, "cannot commit - no transaction is active");
        // An error after the end is returned as it is, whatever the rollback says.
        let failed =
            helper(&db, Box::new(|tx| tx.exec("commit; insert into missing values (1)").map(|()| 0)));
        sql_fault(failed, Status::SqliteError, "no such table: missing");
        assert_no_transaction(&db);
    }
    let ended = db.with_savepoint("part", |tx| tx.release_savepoint("part"));
    sql_fault(ended, Status::SqliteError, "no such savepoint: part");
    assert_eq!(rows(&db), "1 1");
    assert_no_transaction(&db);
}

#[test]
fn a_savepoint_whose_clean_up_fails_reports_that() {
    let scratch = Scratch::new();
    let (db, _) = shared(&scratch);
    let failed: Result<()> = db.with_savepoint("part", |tx| {
        tx.exec("commit")?;
        Err(Error::NonUtf8Path)
    });
    sql_fault(failed, Status::SqliteError, "no such savepoint: part");
    assert_no_transaction(&db);
}

#[test]
fn exclusive_use_starts_and_ends_no_transaction() {
    let scratch = Scratch::new();
    let (db, path) = shared(&scratch);
    db.with_exclusive(|guard| guard.exec("begin; insert into t values (1)")).unwrap();
    assert_eq!(one::<i64>(&raw(&path), "select count(*) from t"), 0);
    db.commit().unwrap();
    assert_eq!(one::<i64>(&raw(&path), "select count(*) from t"), 1);
    let kept: Result<()> = db.with_exclusive(|guard| {
        guard.exec("insert into t values (2)")?;
        Err(Error::NonUtf8Path)
    });
    assert_eq!(kept, Err(Error::NonUtf8Path));
    assert_eq!(rows(&db), "1 2");
}

#[test]
fn the_guard_offers_records_savepoints_and_objects() {
    let scratch = Scratch::new();
    let (db, _) = shared(&scratch);
    let content = bytes(1, 30_000);
    db.transaction(|guard| {
        guard.exec("insert into t values (1), (2)")?;
        assert_eq!((guard.changes()?, guard.last_insert_rowid()?), (2, 2));
        assert!(guard.total_changes()? >= 2);
        let mut query = guard.prepare("select sum(a) from t")?;
        assert_eq!(query.step()?, Step::Row);
        assert_eq!(query.column_i64(0)?, 3);
        drop(query);
        guard.savepoint("s")?;
        guard.exec("delete from t")?;
        guard.rollback_to_savepoint("s")?;
        guard.release_savepoint("S")?;
        let id = guard.put_object(&content)?;
        assert!(guard.has_object(id)?);
        assert_eq!(guard.object_size(id)?, 30_000);
        assert!(guard.object_chunk_count(id)? > 1);
        assert_eq!(guard.get_object(id)?, content);
        let mut part = [0; 10];
        assert_eq!(guard.read_object_range(id, 29_995, &mut part)?, 5);
        assert_eq!(part[..5], content[29_995..]);
        guard.delete_object(id)
    })
    .unwrap();
    assert_eq!(rows(&db), "1 2");
}
