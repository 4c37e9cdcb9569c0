//! Scopes beyond the table of scenarios: SQL text of all kinds, and transactions that end some other way.

use zova::{Database, Status};

use crate::common::{raw, sql_fault};
use crate::{World, raise, received};

#[test]
fn one_text_that_commits_and_begins_again_delivers_in_between() {
    let mut world = World::new();
    world.begin();
    world.notify("1");
    world.exec("insert into t values (1, 0); commit; begin");
    assert_eq!(world.received(), "1");
    world.notify("2");
    world.exec("rollback; begin");
    world.notify("3");
    assert_eq!(world.received(), "");
    world.exec("end");
    assert_eq!(world.received(), "3");
}

#[test]
fn one_text_that_rolls_back_and_commits_the_next_discards_the_first() {
    let mut world = World::new();
    world.begin();
    world.notify("1");
    world.exec("rollback; begin; insert into t values (1, 0); commit");
    assert_eq!(world.received(), "");
}

#[test]
fn a_transaction_that_wrote_nothing_is_committed_all_the_same() {
    let mut world = World::new();
    world.begin();
    world.notify("1");
    world.exec("commit");
    assert_eq!(world.received(), "1");
}

#[test]
fn savepoints_of_sql_inside_a_scope_are_followed_however_they_are_written() {
    let cases = [
        ("savepoint a", "rollback to a", "release a"),
        ("SAVEPOINT a", "ROLLBACK TRANSACTION TO SAVEPOINT A", "RELEASE SAVEPOINT \"a\""),
        ("/* x */ savepoint [a b]", "rollback to 'A b'", "release `a B`"),
        ("savepoint \"to\"", "rollback transaction x to \"TO\"", "release savepoint [to]"),
        ("savepoint savepoint", "rollback to savepoint savepoint", "release savepoint savepoint"),
        ("savepoint \"it\"\"s\"", "-- y\nrollback to \"it\"\"s\";", ";; release 'it\"s'"),
    ];
    for (open, undo, close) in cases {
        let mut world = World::new();
        world.begin();
        world.notify("1");
        world.exec(open);
        world.notify("2");
        world.exec(&format!("select {}", raise("3")));
        world.exec(undo);
        world.notify("4");
        world.exec(close);
        world.notify("5");
        world.commit();
        assert_eq!(world.received(), "1 4 5", "{open}");
    }
}

#[test]
fn prepared_statements_that_open_and_close_savepoints_count_each_time_they_run() {
    let mut world = World::new();
    let mut open = world.db.prepare_owned("savepoint a").unwrap();
    let mut undo = world.db.prepare_owned("rollback to a").unwrap();
    world.begin();
    for payload in ["1", "2", "3"] {
        open.step().unwrap();
        world.notify(payload);
    }
    undo.step().unwrap();
    world.commit();
    assert_eq!(world.received(), "1 2");
}

#[test]
fn sql_and_calls_address_each_others_savepoints() {
    let mut world = World::new();
    world.begin();
    world.savepoint("a");
    world.notify("1");
    world.exec("rollback to A");
    world.notify("2");
    world.exec("release a");
    world.exec("savepoint \"B\"");
    world.notify("3");
    world.roll_back_to("b");
    world.notify("4");
    world.release("b");
    world.commit();
    assert_eq!(world.received(), "2 4");
}

#[test]
fn a_savepoint_of_sql_outside_a_transaction_is_one_of_sql() {
    let mut world = World::new();
    world.exec("savepoint r");
    world.db.exec(&format!("select {}", raise("x"))).unwrap_err();
    world.notify("1");
    world.exec("rollback to r");
    world.notify("2");
    world.exec("savepoint inner");
    world.notify("3");
    world.exec("rollback to inner");
    world.exec("release r");
    assert_eq!(world.received(), "2");
}

#[test]
fn a_savepoint_of_sql_inside_a_savepoint_by_call_keeps_the_function_usable() {
    let mut world = World::new();
    world.exec("begin");
    world.savepoint("a");
    world.exec("savepoint r");
    world.exec(&format!("select {}", raise("1")));
    world.exec("release a");
    world.db.exec(&format!("select {}", raise("x"))).unwrap_err();
    world.exec("commit");
    assert_eq!(world.received(), "1");
}

#[test]
fn a_release_by_sql_that_commits_delivers_and_one_that_fails_keeps_everything() {
    let mut world = World::new();
    world.exec("savepoint a; insert into t values (1, 0)");
    world.notify("1");
    let reader = raw(&world.path);
    reader.execute_batch("begin; select * from t").unwrap();
    sql_fault(world.db.exec("release a"), Status::Busy, "database is locked");
    world.notify("2");
    assert_eq!(world.received(), "");
    reader.execute_batch("commit").unwrap();
    world.exec("release a");
    assert_eq!(world.received(), "1 2");
}

#[test]
fn a_commit_with_a_broken_foreign_key_keeps_everything() {
    let mut world = World::new();
    world.exec(
        "pragma foreign_keys = on; create table parent(id integer primary key); \
         create table child(id references parent deferrable initially deferred)",
    );
    world.begin();
    world.notify("1");
    world.exec("insert into child values (7)");
    sql_fault(world.db.commit(), Status::Constraint, "FOREIGN KEY constraint failed");
    sql_fault(world.db.exec("commit"), Status::Constraint, "FOREIGN KEY constraint failed");
    assert_eq!(world.received(), "");
    world.exec("insert into parent values (7)");
    world.commit();
    assert_eq!(world.received(), "1");
}

#[test]
fn native_operations_raise_deliver_and_discard_nothing() {
    let mut world = World::new();
    world.begin();
    world.notify("1");
    world.db.put_object(b"an object").unwrap();
    world.db.create_graph("g").unwrap();
    world.db.create_graph("g").unwrap_err();
    world.db.savepoint("a").unwrap();
    world.notify("2");
    world.db.put_object(b"another").unwrap();
    world.release("a");
    assert_eq!(world.received(), "");
    world.db.vacuum().unwrap_err();
    world.commit();
    world.db.put_object(b"a third").unwrap();
    world.db.vacuum().unwrap();
    assert_eq!(world.received(), "1 2");
}

#[test]
fn a_trigger_of_the_application_raises_in_a_native_operation_and_shares_its_fate() {
    let mut world = World::new();
    world.exec(&format!(
        "create temp trigger stored after insert on main._zova_objects begin select {}; end",
        raise("stored")
    ));
    world.db.put_object(b"one").unwrap();
    assert_eq!(world.received(), "stored");
    world.begin();
    world.db.put_object(b"two").unwrap();
    assert_eq!(world.received(), "");
    world.rollback();
    assert_eq!(world.received(), "");
    world.savepoint("a");
    world.db.put_object(b"two").unwrap();
    world.release("a");
    assert_eq!(world.received(), "stored");
    // Storing the manifest comes after storing the object, so the operation fails behind the event.
    world.exec(
        "create temp trigger refuse before insert on main._zova_object_chunks begin select raise(abort, 'no'); end",
    );
    world.db.put_object(b"three").unwrap_err();
    world.begin();
    world.notify("kept");
    world.db.put_object(b"three").unwrap_err();
    world.commit();
    assert_eq!(world.received(), "kept");
}

#[test]
fn a_trigger_of_the_application_raises_in_a_native_operation_of_one_statement() {
    let mut world = World::new();
    world.db.create_graph("g").unwrap();
    world.exec(&format!(
        "create temp trigger stored after insert on main._zova_graph_nodes begin select {}; end",
        raise("node")
    ));
    let node = |node_id| zova::GraphNodeInput {
        graph_name: "g",
        node_id,
        kind: "kind",
        target_type: zova::GraphTargetType::None,
        target_namespace: None,
        target_ref: None,
    };
    world.db.put_graph_node(node("1")).unwrap();
    assert_eq!(world.received(), "node");
    world.exec(
        "create temp trigger refuse after insert on main._zova_graph_nodes begin select raise(abort, 'no'); end",
    );
    world.db.put_graph_node(node("2")).unwrap_err();
    assert_eq!(world.received(), "");
}

#[test]
fn a_handle_for_reading_only_raises_and_receives() {
    let world = World::new();
    let options = zova::OpenOptions { read_only: true, ..Default::default() };
    let mut db = Database::open_with_options(&world.path, options).unwrap();
    let mut subscription = db.listen("m").unwrap();
    db.notify("m", "1").unwrap();
    db.exec("select zova_notify('m', '2')").unwrap();
    db.begin().unwrap();
    db.notify("m", "3").unwrap();
    db.exec("insert into t values (1, 0)").unwrap_err();
    db.commit().unwrap();
    db.begin().unwrap();
    db.notify("m", "lost").unwrap();
    db.rollback().unwrap();
    assert_eq!(received(&mut subscription), "1 2 3");
}

#[test]
fn scoped_helpers_deliver_with_their_commit_and_discard_with_their_rollback() {
    let mut world = World::new();
    world.db.transaction(|db| db.notify("m", "1")).unwrap();
    world
        .db
        .transaction(|db| {
            db.notify("m", "lost")?;
            db.put_object_chunk(zova::object_chunk_id(b"x")?, b"another")
        })
        .unwrap_err();
    world
        .db
        .transaction(|db| {
            db.with_savepoint("a", |db| {
                db.notify("m", "lost")?;
                db.exec("nonsense")
            })
            .unwrap_err();
            db.with_savepoint("b", |db| db.notify("m", "2"))
        })
        .unwrap();
    assert_eq!(world.received(), "1 2");
}

#[test]
fn a_subscription_outlives_its_database_and_what_was_pending_does_not() {
    let mut world = World::new();
    world.notify("1");
    world.begin();
    world.notify("lost");
    let World { db, mut subscription, path, _scratch } = world;
    drop(db);
    assert_eq!(received(&mut subscription), "1");
    drop(subscription);
    // The connection is closed, and with it the transaction.
    raw(&path).execute_batch("begin exclusive; rollback").unwrap();
}

#[test]
fn a_full_disk_that_ends_the_transaction_discards() {
    let mut world = World::new();
    world.exec("create table filler(x); pragma max_page_count = 100");
    world.begin();
    world.notify("lost");
    // A single row needs no journal of its own statement, so SQLite undoes the whole transaction.
    let full = world.db.exec("insert into filler values (zeroblob(4000000))");
    sql_fault(full, Status::SqliteError, "database or disk is full");
    sql_fault(world.db.rollback(), Status::SqliteError, "cannot rollback - no transaction is active");
    world.notify("2");
    assert_eq!(world.received(), "2");
}

#[test]
fn a_deadline_that_ends_the_transaction_discards() {
    let mut world = World::new();
    world.exec("create table filler(x)");
    world.begin();
    world.notify("lost");
    world.db.set_deadline(20).unwrap();
    let stopped = world.db.exec(
        "insert into filler with recursive c(n) as (select 1 union all select n + 1 from c where n < 1000000000) \
         select n from c",
    );
    sql_fault(stopped, Status::Interrupted, "interrupted");
    world.db.set_deadline(0).unwrap();
    sql_fault(world.db.rollback(), Status::SqliteError, "cannot rollback - no transaction is active");
    world.notify("2");
    assert_eq!(world.received(), "2");
}

#[test]
fn a_query_that_is_stopped_takes_its_events_along_and_leaves_the_others() {
    let mut world = World::new();
    world.begin();
    world.notify("1");
    world.db.set_deadline(20).unwrap();
    let stopped = world.db.exec(
        "select count(iif(n = 1, zova_notify('m', 'lost'), 1)) from \
         (with recursive c(n) as (select 1 union all select n + 1 from c where n < 1000000000) select n from c)",
    );
    sql_fault(stopped, Status::Interrupted, "interrupted");
    world.db.set_deadline(0).unwrap();
    world.commit();
    assert_eq!(world.received(), "1");
}

#[test]
fn copies_leave_pending_and_waiting_events_alone() {
    let mut world = World::new();
    let copy = |name: &str| world.path.with_file_name(name);
    let (backup, compact) = (copy("backup.zova"), copy("compact.zova"));
    world.notify("1");
    world.db.compact_to(&compact, zova::CompactOptions::default()).unwrap();
    world.begin();
    world.notify("2");
    world.db.backup_to(&backup, zova::BackupOptions::default()).unwrap();
    world.db.compact_to(backup.with_file_name("refused.zova"), zova::CompactOptions::default()).unwrap_err();
    let mut other = Database::open(&backup).unwrap();
    let mut theirs = other.listen("m").unwrap();
    assert_eq!(world.received(), "1");
    world.commit();
    assert_eq!((world.received(), received(&mut theirs)), ("2".to_owned(), String::new()));
}

#[test]
fn a_native_operation_that_ends_the_transaction_discards() {
    let mut world = World::new();
    world.exec(
        "create temp trigger refuse before insert on main._zova_objects begin select raise(rollback, 'no'); end",
    );
    world.begin();
    world.notify("lost");
    world.db.put_object(b"x").unwrap_err();
    world.notify("2");
    assert_eq!(world.received(), "2");
    sql_fault(world.db.rollback(), Status::SqliteError, "cannot rollback - no transaction is active");
}
