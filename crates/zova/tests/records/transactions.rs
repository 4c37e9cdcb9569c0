//! Transactions and savepoints, by calls and by SQL.

use zova::{Database, Error, Result, Status, Step};

use crate::common::{Scratch, fault, number_of, raw, sql_fault, text_of};

fn with_table(scratch: &Scratch) -> (Database, std::path::PathBuf) {
    let (mut db, path) = scratch.database("a.zova");
    db.exec("create table t(a)").unwrap();
    (db, path)
}

fn rows(db: &mut Database) -> String {
    text_of(db, "select coalesce(group_concat(a, ' '), '') from (select a from t order by rowid)")
}

fn insert(db: &mut Database, value: i64) {
    db.exec(&format!("insert into t values ({value})")).unwrap();
}

const NO_COMMIT: &str = "cannot commit - no transaction is active";
const NO_ROLLBACK: &str = "cannot rollback - no transaction is active";
const NESTED: &str = "cannot start a transaction within a transaction";

#[test]
fn a_transaction_is_kept_by_commit_and_undone_by_rollback() {
    let scratch = Scratch::new();
    let (mut db, path) = with_table(&scratch);
    for begin in [Database::begin, Database::begin_immediate] {
        begin(&mut db).unwrap();
        insert(&mut db, 1);
        assert_eq!(crate::common::one::<i64>(&raw(&path), "select count(*) from t"), 0);
        db.rollback().unwrap();
        assert_eq!(rows(&mut db), "");
        begin(&mut db).unwrap();
        insert(&mut db, 2);
        db.commit().unwrap();
        assert_eq!(crate::common::one::<i64>(&raw(&path), "select count(*) from t"), 1);
        db.exec("delete from t").unwrap();
    }
}

#[test]
fn a_transaction_does_not_nest_and_ends_only_once() {
    let scratch = Scratch::new();
    let (mut db, _) = with_table(&scratch);
    sql_fault(db.commit(), Status::SqliteError, NO_COMMIT);
    sql_fault(db.rollback(), Status::SqliteError, NO_ROLLBACK);
    db.begin().unwrap();
    insert(&mut db, 1);
    sql_fault(db.begin(), Status::SqliteError, NESTED);
    sql_fault(db.begin_immediate(), Status::SqliteError, NESTED);
    // Still open, with its change.
    db.commit().unwrap();
    assert_eq!(rows(&mut db), "1");
    sql_fault(db.commit(), Status::SqliteError, NO_COMMIT);
    db.savepoint("a").unwrap();
    sql_fault(db.begin(), Status::SqliteError, NESTED);
    db.release_savepoint("a").unwrap();
}

#[test]
fn calls_and_sql_control_the_same_transaction() {
    let scratch = Scratch::new();
    let (mut db, _) = with_table(&scratch);
    db.exec("begin").unwrap();
    insert(&mut db, 1);
    db.commit().unwrap();
    db.begin().unwrap();
    insert(&mut db, 2);
    db.exec("end").unwrap();
    db.begin_immediate().unwrap();
    insert(&mut db, 3);
    db.exec("rollback").unwrap();
    sql_fault(db.rollback(), Status::SqliteError, NO_ROLLBACK);
    db.exec("savepoint \"any name; at all\"; savepoint plain").unwrap();
    insert(&mut db, 4);
    db.rollback_to_savepoint("PLAIN").unwrap();
    db.release_savepoint("plain").unwrap();
    db.savepoint("mine").unwrap();
    insert(&mut db, 5);
    db.exec("release mine; release \"any name; at all\"").unwrap();
    sql_fault(db.commit(), Status::SqliteError, NO_COMMIT);
    assert_eq!(rows(&mut db), "1 2 5");
}

#[test]
fn a_transaction_is_rolled_back_when_its_handle_goes() {
    let scratch = Scratch::new();
    let (mut db, path) = with_table(&scratch);
    db.begin().unwrap();
    insert(&mut db, 1);
    drop(db);
    let mut db = Database::open(&path).unwrap();
    assert_eq!(rows(&mut db), "");
    db.savepoint("a").unwrap();
    insert(&mut db, 2);
    drop(db);
    assert_eq!(rows(&mut Database::open(&path).unwrap()), "");
}

#[test]
fn rolling_back_to_a_savepoint_keeps_it_open() {
    let scratch = Scratch::new();
    let (mut db, _) = with_table(&scratch);
    db.savepoint("a").unwrap();
    for value in 1..=3 {
        insert(&mut db, value);
        db.rollback_to_savepoint("a").unwrap();
    }
    insert(&mut db, 4);
    db.release_savepoint("a").unwrap();
    assert_eq!(rows(&mut db), "4");
    sql_fault(db.release_savepoint("a"), Status::SqliteError, "no such savepoint: a");
}

#[test]
fn the_outermost_savepoint_starts_a_transaction_and_its_release_commits() {
    let scratch = Scratch::new();
    let (mut db, path) = with_table(&scratch);
    db.savepoint("outer").unwrap();
    insert(&mut db, 1);
    db.savepoint("inner").unwrap();
    insert(&mut db, 2);
    db.release_savepoint("inner").unwrap();
    assert_eq!(crate::common::one::<i64>(&raw(&path), "select count(*) from t"), 0);
    db.release_savepoint("outer").unwrap();
    assert_eq!(crate::common::one::<i64>(&raw(&path), "select count(*) from t"), 2);
}

#[test]
fn the_innermost_savepoint_of_a_name_is_meant_whatever_its_letter_case() {
    let scratch = Scratch::new();
    let (mut db, _) = with_table(&scratch);
    db.savepoint("Name").unwrap();
    insert(&mut db, 1);
    db.savepoint("NAME").unwrap();
    insert(&mut db, 2);
    db.savepoint("other").unwrap();
    insert(&mut db, 3);
    db.rollback_to_savepoint("name").unwrap();
    // Rolling back to it ended the one inside.
    sql_fault(db.release_savepoint("other"), Status::SqliteError, "no such savepoint: other");
    assert_eq!(rows(&mut db), "1");
    db.release_savepoint("nAmE").unwrap();
    db.rollback_to_savepoint("nAmE").unwrap();
    assert_eq!(rows(&mut db), "");
    db.release_savepoint("nAmE").unwrap();
    sql_fault(db.rollback(), Status::SqliteError, NO_ROLLBACK);
}

#[test]
fn releasing_an_outer_savepoint_releases_the_inner_ones() {
    let scratch = Scratch::new();
    let (mut db, _) = with_table(&scratch);
    db.begin().unwrap();
    db.savepoint("a").unwrap();
    db.savepoint("b").unwrap();
    insert(&mut db, 1);
    db.release_savepoint("a").unwrap();
    sql_fault(db.rollback_to_savepoint("b"), Status::SqliteError, "no such savepoint: b");
    sql_fault(db.rollback_to_savepoint("A"), Status::SqliteError, "no such savepoint: A");
    db.rollback().unwrap();
    assert_eq!(rows(&mut db), "");
}

#[test]
fn commit_and_rollback_end_all_savepoints() {
    let scratch = Scratch::new();
    let (mut db, _) = with_table(&scratch);
    db.savepoint("a").unwrap();
    db.savepoint("b").unwrap();
    insert(&mut db, 1);
    db.commit().unwrap();
    assert_eq!(rows(&mut db), "1");
    sql_fault(db.release_savepoint("a"), Status::SqliteError, "no such savepoint: a");
    db.savepoint("a").unwrap();
    insert(&mut db, 2);
    db.rollback().unwrap();
    assert_eq!(rows(&mut db), "1");
}

#[test]
fn keywords_are_savepoint_names() {
    let scratch = Scratch::new();
    let (mut db, _) = with_table(&scratch);
    for name in
        ["select", "table", "to", "savepoint", "release", "transaction", "NULL", "_", "_zova", "a1_", "Order"]
    {
        db.savepoint(name).unwrap();
        insert(&mut db, 1);
        db.rollback_to_savepoint(name).unwrap();
        db.release_savepoint(name).unwrap();
    }
    let longest = "n".repeat(64);
    db.savepoint(&longest).unwrap();
    db.release_savepoint(&longest).unwrap();
    assert_eq!(rows(&mut db), "");
}

#[test]
fn other_names_are_refused_before_any_sql_runs() {
    let scratch = Scratch::new();
    let (mut db, _) = with_table(&scratch);
    let too_long = "n".repeat(65);
    for name in [
        "",
        " ",
        "1a",
        "a b",
        "a-b",
        "a\"b",
        "a;b",
        "\u{e9}",
        "a.b",
        "_zova_",
        "_zova_x",
        "_ZOVA_own",
        "_Zova_",
        &too_long,
        " a",
        "a ",
    ] {
        for refused in [db.savepoint(name), db.rollback_to_savepoint(name), db.release_savepoint(name)] {
            let message = fault(refused, Status::InvalidArgument);
            assert!(message.starts_with("InvalidArgument: ") && message.len() > 40, "{message}");
        }
        fault(db.with_savepoint(name, |_| -> Result<()> { panic!("must not run") }), Status::InvalidArgument);
    }
    sql_fault(db.rollback(), Status::SqliteError, NO_ROLLBACK);
}

#[test]
fn a_savepoint_that_does_not_exist_is_named_in_the_refusal() {
    let scratch = Scratch::new();
    let (mut db, _) = with_table(&scratch);
    sql_fault(db.release_savepoint("x"), Status::SqliteError, "no such savepoint: x");
    sql_fault(db.rollback_to_savepoint("Y"), Status::SqliteError, "no such savepoint: Y");
    db.begin().unwrap();
    insert(&mut db, 1);
    sql_fault(db.rollback_to_savepoint("x"), Status::SqliteError, "no such savepoint: x");
    db.commit().unwrap();
    assert_eq!(rows(&mut db), "1");
}

#[test]
fn a_violation_found_at_commit_leaves_the_transaction_open() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec(
        "pragma foreign_keys = on; create table parent(a primary key); \
         create table t(a references parent(a) deferrable initially deferred)",
    )
    .unwrap();
    for start in ["begin", "savepoint s"] {
        db.exec(start).unwrap();
        insert(&mut db, 1);
        sql_fault(db.commit(), Status::Constraint, "FOREIGN KEY constraint failed");
        if start == "savepoint s" {
            sql_fault(db.release_savepoint("s"), Status::Constraint, "FOREIGN KEY constraint failed");
        }
        assert_eq!(rows(&mut db), "1");
        db.exec("delete from t").unwrap();
        db.commit().unwrap();
    }
}

#[test]
fn an_error_that_makes_sqlite_roll_back_leaves_no_transaction() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec("create table t(a unique on conflict rollback); insert into t values (1)").unwrap();
    db.begin().unwrap();
    insert(&mut db, 2);
    sql_fault(db.exec("insert into t values (1)"), Status::Constraint, "UNIQUE constraint failed: t.a");
    sql_fault(db.rollback(), Status::SqliteError, NO_ROLLBACK);
    assert_eq!(rows(&mut db), "1");
    db.begin().unwrap();
    insert(&mut db, 3);
    db.commit().unwrap();
    assert_eq!(rows(&mut db), "1 3");
}

#[test]
fn an_error_inside_a_statement_undoes_that_statement_alone() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec("create table t(a unique)").unwrap();
    db.begin().unwrap();
    insert(&mut db, 1);
    fault(db.exec("insert into t values (2), (3), (1)"), Status::Constraint);
    db.exec("insert or ignore into t values (1), (4)").unwrap();
    db.commit().unwrap();
    assert_eq!(rows(&mut db), "1 4");
}

#[test]
fn a_cursor_goes_on_beside_commit_and_rollback() {
    let scratch = Scratch::new();
    let (mut db, _) = with_table(&scratch);
    db.exec("insert into t values (1), (2), (3)").unwrap();
    let mut query = db.prepare_owned("select a from t order by rowid").unwrap();
    for finish in [Database::commit, Database::rollback] {
        db.begin().unwrap();
        query.reset().unwrap();
        assert_eq!(query.step().unwrap(), Step::Row);
        db.exec("update t set a = a").unwrap();
        finish(&mut db).unwrap();
        assert_eq!(query.step().unwrap(), Step::Row);
        assert_eq!(query.column_i64(0).unwrap(), 2);
        assert_eq!(query.step().unwrap(), Step::Row);
        assert_eq!(query.step().unwrap(), Step::Done);
    }
}

#[test]
fn a_rollback_of_schema_changes_stops_the_cursors() {
    let scratch = Scratch::new();
    let (mut db, _) = with_table(&scratch);
    db.exec("insert into t values (1), (2)").unwrap();
    let mut query = db.prepare_owned("select a from t").unwrap();
    db.begin().unwrap();
    db.exec("create table u(a)").unwrap();
    assert_eq!(query.step().unwrap(), Step::Row);
    db.rollback().unwrap();
    sql_fault(query.step(), Status::SqliteError, "abort due to ROLLBACK");
    fault(query.reset(), Status::SqliteError);
    assert_eq!(query.step().unwrap(), Step::Row);
}

#[test]
fn scoped_helpers_keep_what_ends_well_and_undo_the_rest() {
    let scratch = Scratch::new();
    let (mut db, _) = with_table(&scratch);
    let stop = || Error::InteriorNul { context: "stop" };
    type Helper = fn(&mut Database, &mut dyn FnMut(&mut Database) -> Result<i64>) -> Result<i64>;
    let helpers: [Helper; 3] = [
        |db, f| db.transaction(f),
        |db, f| db.transaction_immediate(f),
        |db, f| db.with_savepoint("part", f),
    ];
    for helper in helpers {
        db.exec("delete from t").unwrap();
        let value = helper(&mut db, &mut |db| {
            insert(db, 1);
            Ok(7)
        });
        assert_eq!(value, Ok(7));
        let undone = helper(&mut db, &mut |db| {
            insert(db, 2);
            Err(stop())
        });
        assert_eq!(undone, Err(stop()));
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            helper(&mut db, &mut |db| {
                insert(db, 3);
                std::panic::panic_any("stop")
            })
        }));
        assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&"stop"));
        assert_eq!(rows(&mut db), "1");
        sql_fault(db.rollback(), Status::SqliteError, NO_ROLLBACK);
    }
}

#[test]
fn scoped_helpers_nest() {
    let scratch = Scratch::new();
    let (mut db, _) = with_table(&scratch);
    db.transaction(|db| {
        insert(db, 1);
        db.with_savepoint("a", |db| {
            insert(db, 2);
            let inner: Result<()> = db.with_savepoint("a", |db| {
                insert(db, 3);
                Err(Error::NonUtf8Path)
            });
            assert_eq!(inner, Err(Error::NonUtf8Path));
            sql_fault(db.transaction(|_| Ok(())), Status::SqliteError, NESTED);
            insert(db, 4);
            Ok(())
        })
    })
    .unwrap();
    assert_eq!(rows(&mut db), "1 2 4");
}

#[test]
fn a_closure_that_ends_the_transaction_itself_makes_the_commit_fail() {
    let scratch = Scratch::new();
    let (mut db, _) = with_table(&scratch);
    let ended = db.transaction(|db| {
        insert(db, 1);
        db.commit()
    });
    sql_fault(ended, Status::SqliteError, NO_COMMIT);
    assert_eq!(rows(&mut db), "1");
    let ended = db.with_savepoint("part", |db| {
        insert(db, 2);
        db.release_savepoint("part")
    });
    sql_fault(ended, Status::SqliteError, "no such savepoint: part");
    assert_eq!(rows(&mut db), "1 2");
    sql_fault(db.rollback(), Status::SqliteError, NO_ROLLBACK);
}

#[test]
fn a_commit_that_fails_inside_a_helper_rolls_back() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec(
        "pragma foreign_keys = on; create table parent(a primary key); \
         create table t(a references parent(a) deferrable initially deferred)",
    )
    .unwrap();
    let violating = |db: &mut Database| {
        insert(db, 1);
        Ok(())
    };
    const MESSAGE: &str = "FOREIGN KEY constraint failed";
    sql_fault(db.transaction(violating), Status::Constraint, MESSAGE);
    sql_fault(db.transaction_immediate(violating), Status::Constraint, MESSAGE);
    sql_fault(db.with_savepoint("part", violating), Status::Constraint, MESSAGE);
    assert_eq!(rows(&mut db), "");
    sql_fault(db.rollback(), Status::SqliteError, NO_ROLLBACK);
    assert_eq!(number_of(&mut db, "select count(*) from t"), 0);
}

#[test]
fn a_savepoint_may_change_more_pages_than_it_keeps_in_memory() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.exec(
        "create table t(id integer primary key, n integer, filler text);
         insert into t(n, filler) with recursive c(i) as (select 1 union all select i + 1 from c where i < 20000)
         select i, printf('%.200c', 'x') from c",
    )
    .unwrap();
    db.begin().unwrap();
    for (name, step) in [("kept", 1), ("undone", 10), ("again", 100)] {
        db.savepoint(name).unwrap();
        db.exec(&format!("update t set n = n + {step}")).unwrap();
        if name == "undone" {
            db.rollback_to_savepoint(name).unwrap();
        }
        db.release_savepoint(name).unwrap();
    }
    db.commit().unwrap();
    assert_eq!(crate::common::one::<i64>(&raw(&path), "select sum(n - id) from t"), 20_000 * 101);
}
