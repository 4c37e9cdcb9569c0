//! When the connection closes.

use std::path::Path;

use zova::{Database, SharedDatabase};

use crate::common::{Scratch, one, raw};
use crate::{insert, rows, shared};

/// Descriptors of this process for a file and its side files.
fn descriptors(path: &Path) -> usize {
    let name = path.to_str().unwrap();
    std::fs::read_dir("/proc/self/fd")
        .unwrap()
        .filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok())
        .filter(|target| target.to_str().is_some_and(|target| target.starts_with(name)))
        .count()
}

/// Ways to make children of a handle, and the orders in which they go.
#[test]
fn the_connection_closes_with_the_last_handle_in_any_order() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    drop(Database::create(&path).unwrap());
    assert_eq!(descriptors(&path), 0);

    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2], [2, 3, 0, 1]] {
        let db = SharedDatabase::open(&path).unwrap();
        let clone = db.clone();
        let (mut first, second) = (db.prepare("select 1").unwrap(), clone.prepare("select 2").unwrap());
        first.step().unwrap();
        let mut handles: Vec<Option<Box<dyn std::any::Any>>> =
            vec![Some(Box::new(db)), Some(Box::new(clone)), Some(Box::new(first)), Some(Box::new(second))];
        for (gone, at) in order.into_iter().enumerate() {
            assert!(descriptors(&path) > 0, "closed after {gone} handles of {order:?}");
            handles[at] = None;
        }
        assert_eq!(descriptors(&path), 0, "{order:?}");
    }

    let mut db = Database::open(&path).unwrap();
    let (statement, writer) = (db.prepare_owned("select 1").unwrap(), db.object_writer_owned().unwrap());
    drop(db);
    drop(statement);
    assert!(descriptors(&path) > 0);
    let id = writer.finish().unwrap();
    assert_eq!(descriptors(&path), 0);
    assert!(Database::open(&path).unwrap().has_object(id).unwrap());
}

#[test]
fn a_borrowing_statement_alive_unused_when_its_database_goes_does_not_keep_the_file_open() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    drop(Database::create(&path).unwrap());
    {
        let mut db = Database::open(&path).unwrap();
        let mut statement = db.prepare("select 1").unwrap();
        statement.step().unwrap();
        drop(db);
        // Dropped at the end of the block, behind its database.
    }
    assert_eq!(descriptors(&path), 0);
}

#[test]
fn handles_dropped_on_another_thread_or_during_a_panic_close_the_file() {
    let scratch = Scratch::new();
    let (db, path) = shared(&scratch);
    insert(&db, 1);
    let clone = db.clone();
    let panicked = std::thread::spawn(move || {
        let mut statement = clone.prepare("select a from t").unwrap();
        statement.step().unwrap();
        clone.begin().unwrap();
        insert(&clone, 2);
        std::panic::panic_any("stop");
    })
    .join();
    assert!(panicked.is_err());
    // The transaction was that of the connection, which is still open.
    assert_eq!(rows(&db), "1 2");
    std::thread::spawn(move || drop(db)).join().unwrap();
    assert_eq!(descriptors(&path), 0);
    assert_eq!(one::<i64>(&raw(&path), "select count(*) from t"), 1);
}

#[test]
fn a_leaked_handle_leaves_a_sound_file() {
    let scratch = Scratch::new();
    let (db, path) = shared(&scratch);
    insert(&db, 1);
    std::mem::forget(db.prepare("select a from t").unwrap());
    std::mem::forget(db);
    assert_eq!(one::<String>(&raw(&path), "pragma integrity_check"), "ok");
    SharedDatabase::open(&path).unwrap().exec("insert into t values (2)").unwrap();
}
