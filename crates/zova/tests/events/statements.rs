//! Events of prepared statements that are in the middle of their results.

use zova::{Status, Step};

use crate::common::sql_fault;
use crate::{World, raise, received};

#[test]
fn a_query_delivers_with_each_row_before_it_is_reset_or_finalized() {
    let mut world = World::new();
    let sql = format!("select {} from (values (1), (2))", raise("x"));
    let mut query = world.db.prepare_owned(&sql).unwrap();
    assert_eq!(query.step(), Ok(Step::Row));
    assert_eq!(world.received(), "x");
    assert_eq!(query.step(), Ok(Step::Row));
    assert_eq!(world.received(), "x");
    drop(query);
    assert_eq!(world.received(), "");
}

#[test]
fn a_statement_that_writes_and_returns_rows_delivers_when_it_ends() {
    type End = fn(zova::OwnedStatement);
    let ends: [(&str, End); 3] = [
        ("the last step", |mut statement| assert_eq!(statement.step(), Ok(Step::Done))),
        ("a reset", |mut statement| statement.reset().unwrap()),
        ("dropping it", drop),
    ];
    for (name, end) in ends {
        let mut world = World::new();
        let sql = format!("insert into t values (1, {}) returning a", raise("x"));
        let mut insert = world.db.prepare_owned(&sql).unwrap();
        assert_eq!(insert.step(), Ok(Step::Row));
        assert_eq!(world.received(), "");
        end(insert);
        assert_eq!(world.received(), "x", "{name}");
    }
}

#[test]
fn a_statement_whose_commit_at_its_reset_fails_delivers_nothing() {
    let mut world = World::new();
    let reader = crate::common::raw(&world.path);
    reader.execute_batch("begin; select * from t").unwrap();
    let sql = format!("insert into t values (1, {}) returning a", raise("x"));
    let mut insert = world.db.prepare_owned(&sql).unwrap();
    assert_eq!(insert.step(), Ok(Step::Row));
    sql_fault(insert.reset(), Status::Busy, "database is locked");
    assert_eq!(world.received(), "");
    world.notify("2");
    assert_eq!(world.received(), "2");
}

#[test]
fn a_reset_in_a_scope_keeps_what_the_statement_raised() {
    let mut world = World::new();
    let sql = format!("select {} from (values (1), (2))", raise("x"));
    let mut query = world.db.prepare_owned(&sql).unwrap();
    world.begin();
    query.step().unwrap();
    query.reset().unwrap();
    query.step().unwrap();
    drop(query);
    world.commit();
    assert_eq!(world.received(), "x x");
}

#[test]
fn a_commit_beside_an_open_query_delivers_what_it_raised_so_far() {
    let mut world = World::new();
    let sql = format!(
        "select iif(column1 = 3, abs(-9223372036854775807 - 1), {}) from (values (1), (2), (3))",
        raise("x")
    );
    let mut query = world.db.prepare_owned(&sql).unwrap();
    world.begin();
    query.step().unwrap();
    world.commit();
    assert_eq!(world.received(), "x");
    query.step().unwrap();
    assert_eq!(world.received(), "x");
    query.step().unwrap_err();
    assert_eq!(world.received(), "");
}

#[test]
fn a_query_that_fails_later_takes_along_what_it_raised_in_each_scope_and_nothing_else() {
    let mut world = World::new();
    let sql = format!(
        "select iif(column1 = 4, abs(-9223372036854775807 - 1), {}) from (values (1), (2), (3), (4))",
        raise("x")
    );
    let mut query = world.db.prepare_owned(&sql).unwrap();
    world.begin();
    query.step().unwrap();
    world.notify("1");
    world.savepoint("a");
    query.step().unwrap();
    world.notify("2");
    world.savepoint("b");
    query.step().unwrap();
    world.notify("3");
    world.release("b");
    query.step().unwrap_err();
    world.commit();
    assert_eq!(world.received(), "1 2 3");
}

#[test]
fn events_of_two_open_queries_keep_their_order() {
    let mut world = World::new();
    let one = format!("select {} from (values (1), (2))", raise("1"));
    let two = format!("select {} from (values (1), (2))", raise("2"));
    let (mut one, mut two) = (world.db.prepare_owned(&one).unwrap(), world.db.prepare_owned(&two).unwrap());
    world.begin();
    one.step().unwrap();
    two.step().unwrap();
    world.notify("3");
    one.step().unwrap();
    two.step().unwrap();
    while one.step().unwrap() == Step::Row {}
    world.notify("4");
    world.commit();
    assert_eq!(world.received(), "1 2 3 1 2 4");
}

#[test]
fn numbers_grow_in_every_subscription_also_beside_a_statement_that_has_not_committed() {
    let mut world = World::new();
    let mut other = world.db.listen("other").unwrap();
    let sql = format!("insert into t values (1, {}) returning a", raise("1"));
    let mut insert = world.db.prepare_owned(&sql).unwrap();
    insert.step().unwrap();
    world.notify("2");
    world.exec(&format!("select {}", raise("3")));
    world.db.notify("other", "at once").unwrap();
    assert_eq!((world.received(), received(&mut other)), (String::new(), "at once".to_owned()));
    drop(insert);
    assert_eq!(world.received(), "1 2 3");
}

#[test]
fn what_was_raised_beside_a_statement_that_is_undone_arrives_all_the_same() {
    let mut world = World::new();
    let sql = format!("insert into t values (1, {}) returning a", raise("lost"));
    let mut insert = world.db.prepare_owned(&sql).unwrap();
    insert.step().unwrap();
    world.notify("kept");
    world.db.exec("insert or rollback into t values (1, 0)").unwrap_err();
    drop(insert);
    assert_eq!(world.received(), "kept");
}

#[test]
fn a_transaction_that_begins_beside_a_writing_statement_decides_about_its_events() {
    for (end, expected) in [("commit", "1 2"), ("rollback", "")] {
        let mut world = World::new();
        let sql = format!("insert into t values (1, {}) returning a", raise("1"));
        let mut insert = world.db.prepare_owned(&sql).unwrap();
        insert.step().unwrap();
        world.begin();
        world.notify("2");
        insert.reset().unwrap();
        assert_eq!(world.received(), "");
        world.exec(end);
        assert_eq!(world.received(), expected, "{end}");
    }
}
