//! Events raised by statements that fail.

use zova::{Database, Status};

use crate::common::{raw, sql_fault};
use crate::{World, raise};

/// A trigger that raises the inserted value, before the row is stored.
fn raising(world: &mut World) {
    world.exec("create trigger raised before insert on t begin select zova_notify('m', new.a); end");
}

#[test]
fn a_statement_that_writes_delivers_when_its_own_transaction_commits() {
    let mut world = World::new();
    raising(&mut world);
    world.exec("insert into t values (1, 0), (2, 0)");
    assert_eq!(world.received(), "1 2");
    world.exec(&format!("update t set b = {}", raise("u")));
    assert_eq!(world.received(), "u u");
    world.exec(&format!("delete from t where {}", raise("d")));
    assert_eq!(world.received(), "d d");
}

#[test]
fn a_statement_whose_commit_fails_delivers_nothing() {
    let mut world = World::new();
    raising(&mut world);
    let reader = raw(&world.path);
    reader.execute_batch("begin; select * from t").unwrap();
    sql_fault(world.db.exec("insert into t values (1, 0)"), Status::Busy, "database is locked");
    assert_eq!(world.received(), "");
    reader.execute_batch("commit").unwrap();
    assert_eq!(world.received(), "");
    world.exec("insert into t values (2, 0)");
    assert_eq!(world.received(), "2");
}

#[test]
fn a_statement_with_a_broken_foreign_key_delivers_nothing() {
    let mut world = World::new();
    world.exec(
        "pragma foreign_keys = on; create table parent(id integer primary key); \
         create table child(id references parent deferrable initially deferred)",
    );
    let broken = world.db.exec(&format!("insert into child select 7 where {}", raise("x")));
    sql_fault(broken, Status::Constraint, "FOREIGN KEY constraint failed");
    assert_eq!(world.received(), "");
}

#[test]
fn a_query_outside_a_transaction_has_delivered_when_a_later_row_fails() {
    let mut world = World::new();
    let sql = format!(
        "select iif(column1 = 3, abs(-9223372036854775807 - 1), {}) from (values (1), (2), (3))",
        raise("x")
    );
    sql_fault(world.db.exec(&sql), Status::SqliteError, "integer overflow");
    assert_eq!(world.received(), "x x");
}

#[test]
fn a_query_inside_a_scope_that_fails_takes_its_events_along() {
    let mut world = World::new();
    let sql = format!(
        "select iif(column1 = 3, abs(-9223372036854775807 - 1), {}) from (values (1), (2), (3))",
        raise("x")
    );
    world.begin();
    world.notify("1");
    sql_fault(world.db.exec(&sql), Status::SqliteError, "integer overflow");
    world.exec(&format!("select {}", raise("2")));
    world.commit();
    assert_eq!(world.received(), "1 2");
}

#[test]
fn a_failing_statement_between_others_of_a_scope_takes_only_its_own_along() {
    let mut world = World::new();
    raising(&mut world);
    world.begin();
    world.exec("insert into t values (1, 0)");
    world.savepoint("a");
    sql_fault(
        world.db.exec("insert into t values (2, 0), (3, 0), (1, 0)"),
        Status::Constraint,
        "UNIQUE constraint failed: t.a",
    );
    world.exec("insert into t values (4, 0)");
    world.release("a");
    world.commit();
    assert_eq!(world.received(), "1 4");
}

#[test]
fn rows_that_are_ignored_fail_nothing() {
    let mut world = World::new();
    raising(&mut world);
    world.begin();
    world.exec("insert into t values (1, 0)");
    world.exec("insert or ignore into t values (1, 0), (2, 0)");
    world.commit();
    assert_eq!(world.received(), "1 1 2");
}

#[test]
fn one_statement_of_a_text_may_fail_after_others_have_delivered() {
    let mut world = World::new();
    raising(&mut world);
    let sql = "insert into t values (1, 0); insert into t values (1, 0); insert into t values (2, 0)";
    sql_fault(world.db.exec(sql), Status::Constraint, "UNIQUE constraint failed: t.a");
    assert_eq!(world.received(), "1");
}

#[test]
fn a_refused_argument_fails_the_statement_and_takes_its_events_along() {
    let mut world = World::new();
    world.begin();
    let sql = "select zova_notify(c, 'x') from (select 'm' as c union all select 'bad channel')";
    sql_fault(world.db.exec(sql), Status::SqliteError, "invalid notification channel or payload");
    world.commit();
    assert_eq!(world.received(), "");
}

#[test]
fn an_explicit_rollback_in_a_trigger_discards_the_whole_transaction() {
    let mut world = World::new();
    world.exec(
        "create trigger undo after insert on t when new.a = 9 begin select raise(rollback, 'gone'); end",
    );
    world.begin();
    world.notify("1");
    sql_fault(world.db.exec("insert into t values (9, 0)"), Status::Constraint, "gone");
    world.notify("2");
    assert_eq!(world.received(), "2");
}

#[test]
fn a_locked_database_discards_nothing_of_the_scope() {
    let mut world = World::new();
    let mut other = Database::open(&world.path).unwrap();
    world.begin();
    world.notify("1");
    other.begin_immediate().unwrap();
    sql_fault(world.db.exec("insert into t values (1, 0)"), Status::Busy, "database is locked");
    other.rollback().unwrap();
    world.commit();
    assert_eq!(world.received(), "1");
}
