//! Triggers of the application on the private tables: what they refuse is refused as a whole.

use std::sync::mpsc;
use std::time::Duration;

use zova::{Database, Error, Result, Status};

use crate::common::{Scratch, bytes, native_fault, number_of};
use crate::{id_of, rows, rows_of};

const PRIVATE: [&str; 3] = ["_zova_objects", "_zova_chunks", "_zova_object_chunks"];

/// The outcome of a call in a thread of its own; `None` for one that does not end.
fn in_time(
    mut db: Database,
    call: impl FnOnce(&mut Database) -> Result<()> + Send + 'static,
) -> Option<(Database, Result<()>)> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let outcome = call(&mut db);
        // The receiver is gone if the call took too long.
        let _ = send.send((db, outcome));
    });
    receive.recv_timeout(Duration::from_secs(5)).ok()
}

#[test]
fn what_a_trigger_refuses_is_a_constraint_and_leaves_nothing() {
    let (kept, content) = (bytes(1, 40_000), bytes(2, 60_000));
    for table in PRIVATE {
        for raise in ["abort", "fail", "rollback"] {
            for (time, event) in
                [("before", "insert"), ("after", "insert"), ("before", "delete"), ("after", "delete")]
            {
                let scratch = Scratch::new();
                let (mut db, path) = scratch.database("a.zova");
                db.exec("pragma synchronous = off").unwrap();
                db.put_object(&kept).unwrap();
                // Where there are several rows, not at the first of them.
                let stored = number_of(&mut db, &format!("select count(*) from {table}"));
                let condition = match (table, event) {
                    ("_zova_objects", _) => "true".to_owned(),
                    (_, "insert") => format!("(select count(*) from {table}) > {stored} + 1"),
                    _ => format!("(select count(*) from {table}) < {stored} - 1"),
                };
                db.exec(&format!(
                    "create trigger refuse {time} {event} on {table} when {condition} \
                     begin select raise({raise}, 'the application says no'); end"
                ))
                .unwrap();
                let refused = match event {
                    "insert" => db.put_object(&content).map(drop),
                    _ => db.delete_object(id_of(&kept)),
                };
                let message = native_fault(refused, Status::Constraint);
                assert!(message.contains("the application says no"), "{message}");
                assert_eq!(rows(&path), rows_of(&[&kept]), "{raise} {time} {event} on {table}");
            }
        }
    }
}

/// RAISE(IGNORE) skips a row silently. An operation that reports success must have taken full effect.
#[test]
fn a_row_that_a_trigger_skips_is_noticed() {
    let (kept, content) = (bytes(1, 40_000), bytes(2, 60_000));
    let mut wrong = Vec::new();
    for table in PRIVATE {
        let scratch = Scratch::new();
        let (mut db, path) = scratch.database("a.zova");
        db.put_object(&kept).unwrap();
        db.exec(&format!("create trigger skip before insert on {table} begin select raise(ignore); end"))
            .unwrap();
        let stored = content.clone();
        let (mut db, outcome) =
            in_time(db, move |db| db.put_object(&stored).map(drop)).expect("a put that ends");
        db.exec("drop trigger skip").unwrap();
        let complete = match outcome {
            Ok(()) => db.get_object(id_of(&content)).ok().as_ref() == Some(&content),
            Err(_) => rows(&path) == rows_of(&[&kept]),
        };
        if !complete {
            wrong.push(format!(
                "inserts into {table} skipped: put {outcome:?}, get {:?}",
                db.get_object(id_of(&content)).map(drop)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_delete_whose_rows_a_trigger_skips_ends_and_is_complete_or_undone() {
    let kept = bytes(1, 40_000);
    let mut wrong = Vec::new();
    for table in PRIVATE {
        let scratch = Scratch::new();
        let (mut db, path) = scratch.database("a.zova");
        db.put_object(&kept).unwrap();
        db.exec(&format!("create trigger skip before delete on {table} begin select raise(ignore); end"))
            .unwrap();
        let id = id_of(&kept);
        let Some((_db, outcome)) = in_time(db, move |db| db.delete_object(id)) else {
            wrong.push(format!("deletes from {table} skipped: the call does not end"));
            continue;
        };
        let found = rows(&path);
        // Chunks that could not be removed are loose, and no harm.
        let complete = found.objects.is_empty() && found.entries.is_empty();
        if if outcome.is_ok() { !complete } else { found != rows_of(&[&kept]) } {
            wrong.push(format!(
                "deletes from {table} skipped: {outcome:?}, {} objects left",
                found.objects.len()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_trigger_sees_the_rows_and_is_undone_with_them() {
    let content = bytes(1, 40_000);
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.exec(
        "create table log(what); \
         create trigger put after insert on _zova_objects begin insert into log values (new.size_bytes); end; \
         create trigger gone after delete on _zova_objects begin insert into log values (-old.size_bytes); end",
    )
    .unwrap();
    let id = db.put_object(&content).unwrap();
    assert_eq!(number_of(&mut db, "select what from log"), 40_000);
    db.put_object(&content).unwrap();
    assert_eq!(number_of(&mut db, "select count(*) from log"), 1);
    let undone: Result<()> = db.transaction(|db| {
        db.delete_object(id)?;
        assert_eq!(number_of(db, "select sum(what) from log"), 0);
        Err(Error::NonUtf8Path)
    });
    assert_eq!(undone, Err(Error::NonUtf8Path));
    assert_eq!(number_of(&mut db, "select count(*) from log"), 1);
    assert_eq!(rows(&path), rows_of(&[&content]));
    db.delete_object(id).unwrap();
    assert_eq!(number_of(&mut db, "select sum(what) from log"), 0);
}

#[test]
fn a_deferred_violation_of_the_applications_keys_undoes_a_put_outside_a_transaction() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.exec(
        "pragma foreign_keys = on; create table parent(a primary key); \
         create table child(a references parent(a) deferrable initially deferred); \
         create trigger orphan after insert on _zova_objects begin insert into child values (1); end",
    )
    .unwrap();
    native_fault(db.put_object(&bytes(1, 20_000)), Status::Constraint);
    assert_eq!(rows(&path), rows_of(&[]));
    assert_eq!(number_of(&mut db, "select count(*) from child"), 0);
    db.exec("insert into parent values (1)").unwrap();
    db.put_object(&bytes(1, 20_000)).unwrap();
}
