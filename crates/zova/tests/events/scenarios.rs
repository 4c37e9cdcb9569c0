//! Every row of the table of scenario checks.

use zova::Status;

use crate::common::{raw, sql_fault};
use crate::{World, raise, received};

#[test]
fn an_event_of_a_transaction_arrives_with_its_commit_and_not_before() {
    let mut world = World::new();
    world.begin();
    world.notify("1");
    assert_eq!(world.received(), "");
    world.commit();
    assert_eq!(world.received(), "1");
}

#[test]
fn a_rolled_back_event_leaves_a_gap_in_the_numbers_and_nothing_else() {
    let mut world = World::new();
    world.notify("0");
    world.begin();
    world.notify("1");
    world.rollback();
    world.notify("2");
    let (zero, two) = (world.next(), world.next());
    assert_eq!((two.payload.as_str(), two.sequence, two.dropped_before), ("2", zero.sequence + 2, 0));
    assert_eq!(world.received(), "");
}

#[test]
fn rolling_back_to_a_savepoint_discards_what_was_raised_in_it_and_above() {
    let mut world = World::new();
    world.begin();
    world.notify("1");
    world.savepoint("a");
    world.notify("2");
    world.savepoint("b");
    world.notify("3");
    world.roll_back_to("a");
    world.notify("4");
    world.commit();
    assert_eq!(world.received(), "1 4");
}

#[test]
fn of_equal_names_the_innermost_is_rolled_back_to_and_released() {
    let mut world = World::new();
    world.begin();
    world.savepoint("a");
    world.notify("1");
    world.savepoint("a");
    world.notify("2");
    world.roll_back_to("a");
    world.release("a");
    world.commit();
    assert_eq!(world.received(), "1");
}

#[test]
fn a_commit_ends_a_transaction_that_a_savepoint_started() {
    let mut world = World::new();
    world.savepoint("a");
    world.notify("1");
    world.savepoint("b");
    world.notify("2");
    assert_eq!(world.received(), "");
    world.commit();
    assert_eq!(world.received(), "1 2");
}

#[test]
fn releasing_the_savepoint_that_started_the_transaction_delivers_what_inner_ones_hold() {
    let mut world = World::new();
    world.savepoint("a");
    world.notify("1");
    world.savepoint("b");
    world.notify("2");
    assert_eq!(world.received(), "");
    world.release("a");
    assert_eq!(world.received(), "1 2");
}

#[test]
fn releasing_an_outer_savepoint_moves_what_inner_ones_hold_outwards() {
    let mut world = World::new();
    world.begin();
    world.savepoint("a");
    world.notify("1");
    world.savepoint("b");
    world.notify("2");
    world.release("a");
    assert_eq!(world.received(), "");
    world.notify("3");
    world.commit();
    assert_eq!(world.received(), "1 2 3");
}

#[test]
fn savepoint_names_match_in_any_letter_case() {
    let mut world = World::new();
    world.begin();
    world.savepoint("Sp");
    world.notify("1");
    world.roll_back_to("sP");
    world.release("SP");
    world.commit();
    assert_eq!(world.received(), "");
}

#[test]
fn a_rollback_ends_a_transaction_that_a_savepoint_started() {
    let mut world = World::new();
    world.savepoint("a");
    world.notify("1");
    world.rollback();
    assert_eq!(world.received(), "");
}

#[test]
fn calls_that_fail_leave_the_scopes_alone() {
    let mut world = World::new();
    world.begin();
    sql_fault(world.db.begin(), Status::SqliteError, "cannot start a transaction within a transaction");
    world.notify("1");
    sql_fault(world.db.rollback_to_savepoint("zzz"), Status::SqliteError, "no such savepoint: zzz");
    sql_fault(world.db.release_savepoint("zzz"), Status::SqliteError, "no such savepoint: zzz");
    world.commit();
    assert_eq!(world.received(), "1");
}

#[test]
fn a_commit_by_sql_delivers() {
    for sql in ["commit", "end", "COMMIT TRANSACTION", "/* now */ end;"] {
        let mut world = World::new();
        world.begin();
        world.notify("1");
        world.exec(sql);
        assert_eq!(world.received(), "1", "{sql}");
    }
}

#[test]
fn a_rollback_by_sql_discards_and_later_events_arrive_at_once() {
    let mut world = World::new();
    world.begin();
    world.notify("1");
    world.exec("rollback");
    world.notify("2");
    assert_eq!(world.received(), "2");
}

#[test]
fn an_automatic_rollback_discards_and_later_events_arrive_at_once() {
    let mut world = World::new();
    world.exec("insert into t values (1, 0)");
    world.begin();
    world.notify("1");
    let conflict = world.db.exec("insert or rollback into t values (1, 0)");
    sql_fault(conflict, Status::Constraint, "UNIQUE constraint failed: t.a");
    sql_fault(world.db.rollback(), Status::SqliteError, "cannot rollback - no transaction is active");
    world.notify("2");
    assert_eq!(world.received(), "2");
}

#[test]
fn the_sql_function_is_refused_in_a_transaction_of_sql_which_stays_open() {
    let mut world = World::new();
    world.exec("begin; insert into t values (1, 0)");
    let refused = world.db.exec(&format!("select {}", raise("x"))).unwrap_err();
    assert_eq!(refused.status(), Some(Status::SqliteError));
    assert!(refused.to_string().contains("invalid notification channel or payload: "), "{refused}");
    world.exec("commit");
    assert_eq!(world.received(), "");
    assert_eq!(crate::common::one::<i64>(&raw(&world.path), "select count(*) from t"), 1);
}

#[test]
fn a_call_in_a_transaction_of_sql_is_held_until_that_commits() {
    let mut world = World::new();
    world.exec("begin");
    world.notify("1");
    assert_eq!(world.received(), "");
    world.exec("commit");
    assert_eq!(world.received(), "1");
}

#[test]
fn a_call_in_a_transaction_of_sql_is_discarded_with_it() {
    let mut world = World::new();
    world.exec("begin");
    world.notify("1");
    world.exec("rollback");
    world.notify("2");
    assert_eq!(world.received(), "2");
}

#[test]
fn a_call_in_a_transaction_of_sql_is_held_until_a_commit_by_call() {
    let mut world = World::new();
    world.exec("begin");
    world.notify("1");
    world.commit();
    assert_eq!(world.received(), "1");
}

#[test]
fn a_released_savepoint_moves_its_events_to_the_transaction_of_sql_around_it() {
    let mut world = World::new();
    world.exec("begin");
    world.savepoint("a");
    world.notify("1");
    world.exec(&format!("select {}", raise("2")));
    world.release("a");
    assert_eq!(world.received(), "");
    world.exec("rollback");
    assert_eq!(world.received(), "");
    world.exec("begin");
    world.savepoint("a");
    world.exec(&format!("select {}", raise("3")));
    world.release("a");
    world.exec("commit");
    assert_eq!(world.received(), "3");
}

#[test]
fn a_savepoint_of_sql_that_comes_and_goes_leaves_nothing_behind() {
    let mut world = World::new();
    world.begin();
    world.exec("savepoint r");
    world.exec("rollback to r");
    world.commit();
    world.notify("1");
    assert_eq!(world.received(), "1");
}

#[test]
fn a_subscription_made_in_a_transaction_receives_what_was_raised_earlier_in_it() {
    let mut world = World::new();
    world.begin();
    world.db.notify("m2", "1").unwrap();
    let mut second = world.db.listen("m2").unwrap();
    world.db.notify("m2", "2").unwrap();
    world.commit();
    assert_eq!(received(&mut second), "1 2");
    assert_eq!(world.received(), "");
}

#[test]
fn a_commit_that_a_reader_blocks_keeps_everything_for_the_next() {
    let mut world = World::new();
    world.begin();
    world.exec("insert into t values (1, 0)");
    world.notify("1");
    let reader = raw(&world.path);
    reader.execute_batch("begin; select * from t").unwrap();
    sql_fault(world.db.commit(), Status::Busy, "database is locked");
    assert_eq!(world.received(), "");
    reader.execute_batch("commit").unwrap();
    world.commit();
    assert_eq!(world.received(), "1");
}

#[test]
fn a_statement_that_fails_at_its_second_row_takes_the_event_of_the_first_along() {
    let mut world = World::new();
    world.exec(&format!("create trigger raised after insert on t begin select {}; end", raise("x")));
    let conflict = world.db.exec("insert into t values (1, 0), (1, 0)");
    sql_fault(conflict, Status::Constraint, "UNIQUE constraint failed: t.a");
    assert_eq!(world.received(), "");
    world.exec("insert into t values (1, 0), (2, 0)");
    assert_eq!(world.received(), "x x");
}
