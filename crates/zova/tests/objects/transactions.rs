//! Object mutations join any transaction and savepoint, alone or beside open cursors, and are undone with it.

use zova::{Database, OpenOptions, Status, Step};

use crate::common::reference::Rows;
use crate::common::{Scratch, bytes, fault, native_fault, number_of, sql_fault};
use crate::{id_of, rows, rows_of};

fn contents() -> [Vec<u8>; 3] {
    let first = bytes(1, 50_000);
    let second = [&first[..30_000], &bytes(2, 20_000)].concat();
    [first, second, bytes(3, 20_000)]
}

/// Opens a scope, and takes back what was done in it.
const SCOPES: [(&str, &str); 5] = [
    ("begin", "rollback"),
    ("begin immediate", "rollback"),
    ("savepoint s", "rollback to s; release s"),
    ("begin; savepoint s", "rollback to s; commit"),
    ("savepoint a; savepoint s", "rollback to s; release a"),
];

#[test]
fn a_put_is_undone_with_its_transaction_or_savepoint() {
    let [first, second, third] = contents();
    for (open, undo) in SCOPES {
        let scratch = Scratch::new();
        let (mut db, path) = scratch.database("a.zova");
        db.put_object(&first).unwrap();
        db.exec(open).unwrap();
        let id = db.put_object(&second).unwrap();
        db.put_object(&third).unwrap();
        // The handle sees its own change, nobody else does.
        assert_eq!(db.get_object(id).unwrap(), second);
        assert_eq!(rows(&path), rows_of(&[&first]));
        db.exec(undo).unwrap();
        native_fault(db.get_object(id), Status::ObjectNotFound);
        assert!(!db.has_object(id).unwrap());
        assert_eq!(rows(&path), rows_of(&[&first]));
        assert_eq!(db.get_object(id_of(&first)).unwrap(), first);
    }
}

#[test]
fn a_delete_is_undone_with_its_transaction_or_savepoint() {
    let [first, second, _] = contents();
    for (open, undo) in SCOPES {
        let scratch = Scratch::new();
        let (mut db, path) = scratch.database("a.zova");
        db.put_object(&first).unwrap();
        db.put_object(&second).unwrap();
        db.exec(open).unwrap();
        db.delete_object(id_of(&first)).unwrap();
        native_fault(db.get_object(id_of(&first)), Status::ObjectNotFound);
        assert_eq!(db.get_object(id_of(&second)).unwrap(), second);
        db.exec(undo).unwrap();
        assert_eq!(db.get_object(id_of(&first)).unwrap(), first);
        assert_eq!(rows(&path), rows_of(&[&first, &second]));
    }
}

#[test]
fn mutations_are_kept_with_the_transaction_they_joined() {
    let [first, second, third] = contents();
    for (open, close) in [
        ("begin", "commit"),
        ("begin immediate", "end"),
        ("savepoint s", "release s"),
        ("begin; savepoint s", "commit"),
    ] {
        let scratch = Scratch::new();
        let (mut db, path) = scratch.database("a.zova");
        db.put_object(&first).unwrap();
        db.exec(open).unwrap();
        db.exec("create table t(a); insert into t values (1)").unwrap();
        db.put_object(&second).unwrap();
        db.delete_object(id_of(&first)).unwrap();
        db.put_object(&third).unwrap();
        assert_eq!(rows(&path), rows_of(&[&first]));
        db.exec(close).unwrap();
        assert_eq!(rows(&path), rows_of(&[&second, &third]));
        assert_eq!(number_of(&mut db, "select a from t"), 1);
        sql_fault(db.rollback(), Status::SqliteError, "cannot rollback - no transaction is active");
    }
}

#[test]
fn rows_and_objects_go_together() {
    let [first, ..] = contents();
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.exec("create table t(object blob)").unwrap();
    let stored = db.transaction(|db| {
        let id = db.put_object(&first)?;
        let mut insert = db.prepare("insert into t values (?1)")?;
        insert.bind_blob(1, id.as_ref())?;
        insert.step()?;
        Ok(id)
    });
    assert_eq!(stored.unwrap(), id_of(&first));
    let failed: zova::Result<()> = db.transaction(|db| {
        db.delete_object(id_of(&first))?;
        db.exec("delete from t; insert into missing values (1)")
    });
    sql_fault(failed, Status::SqliteError, "no such table: missing");
    assert_eq!(number_of(&mut db, "select count(*) from t"), 1);
    assert_eq!(rows(&path), rows_of(&[&first]));
}

#[test]
fn an_operation_that_fails_leaves_the_callers_transaction_open_and_without_its_traces() {
    let [first, second, _] = contents();
    for (open, _) in SCOPES {
        let scratch = Scratch::new();
        let (mut db, path) = scratch.database("a.zova");
        db.exec(
            "create trigger refuse before insert on _zova_object_chunks when new.chunk_index = 3 \
             begin select raise(abort, 'refused'); end; create table t(a)",
        )
        .unwrap();
        db.exec(open).unwrap();
        db.exec("insert into t values (1)").unwrap();
        native_fault(db.put_object(&first), Status::Constraint);
        assert_eq!(number_of(&mut db, "select count(*) from _zova_objects"), 0);
        assert_eq!(number_of(&mut db, "select count(*) from _zova_object_chunks"), 0);
        assert_eq!(number_of(&mut db, "select count(*) from _zova_chunks"), 0);
        native_fault(db.delete_object(id_of(&second)), Status::ObjectNotFound);
        db.exec("drop trigger refuse").unwrap();
        db.put_object(&second).unwrap();
        db.commit().unwrap();
        assert_eq!(rows(&path), rows_of(&[&second]));
        assert_eq!(number_of(&mut db, "select count(*) from t"), 1);
    }
}

#[test]
fn no_name_of_a_savepoint_collides_with_the_librarys_own() {
    let [first, second, third] = contents();
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let names = ["_zova_own", "_ZOVA_OWN", "_zova_", "\"_zova_own\"", "zova"];
    for name in names {
        db.exec(&format!("savepoint {name}; create temp table t(a); insert into t values (1)")).unwrap();
        db.put_object(&first).unwrap();
        db.exec(
            "create temp trigger refuse before insert on main._zova_object_chunks \
             begin select raise(abort, 'refused'); end",
        )
        .unwrap();
        native_fault(db.put_object(&second), Status::Constraint);
        db.exec("drop trigger refuse").unwrap();
        assert_eq!(number_of(&mut db, "select count(*) from t"), 1);
        db.put_object(&third).unwrap();
        db.delete_object(id_of(&first)).unwrap();
        db.exec(&format!("rollback to {name}; release {name}")).unwrap();
        assert_eq!(rows(&path), Rows::default());
        sql_fault(db.exec("release _zova_own"), Status::SqliteError, "no such savepoint: _zova_own");
    }
}

#[test]
fn an_open_cursor_blocks_no_mutation_and_goes_on() {
    let [first, second, third] = contents();
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.exec("create table t(a); insert into t values (1), (2), (3)").unwrap();
    db.put_object(&first).unwrap();
    let mut query = db.prepare_owned("select a from t order by rowid").unwrap();
    assert_eq!(query.step().unwrap(), Step::Row);
    db.put_object(&second).unwrap();
    // It was committed at once.
    assert_eq!(rows(&path), rows_of(&[&first, &second]));
    assert_eq!(query.step().unwrap(), Step::Row);
    db.delete_object(id_of(&first)).unwrap();
    assert_eq!(rows(&path), rows_of(&[&second]));
    db.begin().unwrap();
    db.put_object(&third).unwrap();
    assert_eq!(query.step().unwrap(), Step::Row);
    assert_eq!(query.column_i64(0).unwrap(), 3);
    db.rollback().unwrap();
    assert_eq!(query.step().unwrap(), Step::Done);
    assert_eq!(rows(&path), rows_of(&[&second]));
}

#[test]
fn a_cursor_over_the_private_tables_blocks_no_mutation_either() {
    let [first, second, third] = contents();
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.put_object(&first).unwrap();
    let mut query =
        db.prepare_owned("select data from _zova_chunks, _zova_object_chunks, _zova_objects").unwrap();
    assert_eq!(query.step().unwrap(), Step::Row);
    db.put_object(&second).unwrap();
    db.delete_object(id_of(&first)).unwrap();
    db.put_object(&third).unwrap();
    assert_eq!(rows(&path), rows_of(&[&second, &third]));
    while query.step().unwrap() == Step::Row {}
}

/// A statement that writes and is in the middle of its results.
const WRITING: [&str; 5] = [
    "insert into t values (7), (8) returning a",
    "update t set a = a + 1 returning a",
    "delete from t returning a",
    "insert into temp.t2 values (1), (2) returning a",
    "with x(a) as (values (1), (2)) insert into t select a from x returning a",
];

#[test]
fn beside_a_writing_statement_in_progress_every_mutation_is_refused_before_anything_is_looked_at() {
    let [first, second, _] = contents();
    for sql in WRITING {
        for begin in ["", "begin", "savepoint s"] {
            let scratch = Scratch::new();
            let (mut db, path) = scratch.database("a.zova");
            db.exec("create table t(a); insert into t values (1), (2); create temp table t2(a)").unwrap();
            db.put_object(&first).unwrap();
            db.exec(begin).unwrap();
            let mut writing = db.prepare_owned(sql).unwrap();
            assert_eq!(writing.step().unwrap(), Step::Row);
            for _ in 0..2 {
                native_fault(db.put_object(&second), Status::ObjectTransactionActive);
                // Also what would change nothing, or fail.
                native_fault(db.put_object(&first), Status::ObjectTransactionActive);
                native_fault(db.delete_object(id_of(&first)), Status::ObjectTransactionActive);
                native_fault(db.delete_object(id_of(b"missing")), Status::ObjectTransactionActive);
            }
            assert_eq!(db.get_object(id_of(&first)).unwrap(), first);
            assert_eq!(db.read_object_range(id_of(&first), 100, &mut [0; 10]).unwrap(), 10);
            assert_eq!(writing.step().unwrap(), Step::Row);
            while writing.step().unwrap() == Step::Row {}
            db.put_object(&second).unwrap();
            if writing.step().unwrap() == Step::Row {
                native_fault(db.delete_object(id_of(&first)), Status::ObjectTransactionActive);
            }
            writing.reset().unwrap();
            db.delete_object(id_of(&first)).unwrap();
            if !begin.is_empty() {
                db.commit().unwrap();
            }
            assert_eq!(rows(&path), rows_of(&[&second]));
        }
    }
}

#[test]
fn the_refusal_beside_a_writing_statement_comes_before_read_only_and_busy() {
    let [first, second, _] = contents();
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.put_object(&first).unwrap();
    let options = OpenOptions { read_only: true, busy_timeout_ms: 0 };
    let mut reader = Database::open_with_options(&path, options).unwrap();
    reader.exec("create temp table t(a)").unwrap();
    db.begin_immediate().unwrap();
    let mut writing = reader.prepare_owned("insert into t values (1), (2) returning a").unwrap();
    assert_eq!(writing.step().unwrap(), Step::Row);
    native_fault(reader.put_object(&second), Status::ObjectTransactionActive);
    native_fault(reader.put_object(&first), Status::ObjectTransactionActive);
    native_fault(reader.delete_object(id_of(&first)), Status::ObjectTransactionActive);
    writing.reset().unwrap();
    native_fault(reader.put_object(&second), Status::ReadOnly);
    assert_eq!(reader.put_object(&first).unwrap(), id_of(&first));
}

#[test]
fn a_full_database_refuses_a_put_and_leaves_nothing_of_it() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.exec("create table t(a)").unwrap();
    let kept = bytes(1, 20_000);
    db.put_object(&kept).unwrap();
    let pages = number_of(&mut db, "pragma page_count") + 5;
    db.exec(&format!("pragma max_page_count = {pages}")).unwrap();
    let large = bytes(2, 500_000);
    let message = native_fault(db.put_object(&large), Status::SqliteError);
    assert!(message.contains("full"), "{message}");
    assert_eq!(rows(&path), rows_of(&[&kept]));
    sql_fault(db.rollback(), Status::SqliteError, "cannot rollback - no transaction is active");

    // Inside a transaction SQLite may have to roll all of it back; then everything is gone, otherwise nothing is.
    for (open, _) in SCOPES {
        db.exec("delete from t").unwrap();
        db.exec(open).unwrap();
        db.exec("insert into t values (1)").unwrap();
        let message = native_fault(db.put_object(&large), Status::SqliteError);
        assert!(message.contains("full"), "{message}");
        let kept_row = match db.commit() {
            Ok(()) => 1,
            refused => {
                fault(refused, Status::SqliteError);
                0
            }
        };
        assert_eq!(number_of(&mut db, "select count(*) from t"), kept_row);
        assert_eq!(rows(&path), rows_of(&[&kept]));
    }
    db.exec("pragma max_page_count = 100000").unwrap();
    db.put_object(&large).unwrap();
    assert_eq!(rows(&path), rows_of(&[&kept, &large]));
}
