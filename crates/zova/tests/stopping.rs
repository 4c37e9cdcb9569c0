//! Stopping calls: interrupts from other threads, and deadlines.

#[path = "common/mod.rs"]
mod common;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use zova::{
    Database, GraphEdgeInput, GraphNodeInput, GraphTargetType, GraphWalkOptions, Result, SharedDatabase,
    Status, VectorCollectionOptions, VectorInput, VectorMetric,
};

use common::{Scratch, bytes, fault, native_fault, number_of, raw, sql_fault, text_of};

/// Counts for a long time.
const ENDLESS: &str = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 10000000000) \
    select count(*) from n";

/// Repeats a call, while another thread interrupts the database again and again, until the call is stopped. Gives the
/// fault. `undo` takes back what a call did that was not stopped; it is not interrupted.
#[track_caller]
fn interrupted<T>(
    db: &mut Database,
    mut call: impl FnMut(&mut Database) -> Result<T>,
    mut undo: impl FnMut(&mut Database),
) -> zova::Error {
    let interrupt = db.interrupt_handle();
    let (armed, done) = (Mutex::new(false), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut pause = 0;
            while !done.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_micros(20 + pause % 2000));
                pause += 171;
                let armed = armed.lock().unwrap();
                if *armed {
                    interrupt.interrupt();
                }
            }
        });
        let start = Instant::now();
        let outcome = loop {
            *armed.lock().unwrap() = true;
            let outcome = call(db);
            *armed.lock().unwrap() = false;
            match outcome {
                Ok(_) if start.elapsed() < Duration::from_secs(60) => undo(db),
                outcome => break outcome.map(drop),
            }
        };
        done.store(true, Ordering::Relaxed);
        let error = outcome.expect_err("never interrupted");
        assert_eq!(error.status(), Some(Status::Interrupted), "{error}");
        error
    })
}

/// What a call that takes nothing back leaves to do.
fn nothing(_: &mut Database) {}

fn rows(db: &mut Database) -> i64 {
    ["objects", "chunks", "object_chunks"]
        .map(|table| number_of(db, &format!("select count(*) from _zova_{table}")))
        .iter()
        .sum()
}

#[test]
fn sql_is_stopped_and_the_statement_can_be_used_again() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("x.zova");
    let error = interrupted(&mut db, |db| db.exec(ENDLESS), nothing);
    sql_fault(Err::<(), _>(error), Status::Interrupted, "interrupted");
    let mut statement = db
        .prepare_owned(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?1) select count(*) from n",
        )
        .unwrap();
    statement.bind_i64(1, 10_000_000_000).unwrap();
    interrupted(&mut db, |_| statement.step(), nothing);
    // The reset repeats the fault of the step.
    fault(statement.reset(), Status::Interrupted);
    statement.bind_i64(1, 1000).unwrap();
    statement.step().unwrap();
    assert_eq!(statement.column_i64(0).unwrap(), 1000);
}

#[test]
fn a_stopped_put_leaves_nothing_and_a_cursor_that_is_open_goes_on() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("x.zova");
    db.exec("pragma synchronous = off; create table t(a); insert into t values (1), (2), (3)").unwrap();
    let content = bytes(1, 6_000_000);
    let id = zova::object_id(&content).unwrap();
    let mut cursor = db.prepare_owned("select a from t order by rowid").unwrap();
    cursor.step().unwrap();
    for _ in 0..5 {
        let error = interrupted(&mut db, |db| db.put_object(&content), |db| db.delete_object(id).unwrap());
        native_fault(Err::<(), _>(error), Status::Interrupted);
        assert_eq!(rows(&mut db), 0);
    }
    // No transaction was left open.
    raw(&path).execute_batch("begin immediate; rollback").unwrap();
    cursor.step().unwrap();
    assert_eq!(cursor.column_i64(0).unwrap(), 2);
    drop(cursor);
    db.put_object(&content).unwrap();
    assert_eq!(db.get_object(id).unwrap(), content);
}

#[test]
fn a_stopped_deletion_leaves_everything() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("x.zova");
    db.exec("pragma synchronous = off").unwrap();
    let fill = |db: &mut Database| {
        db.create_vector_collection("c", VectorCollectionOptions { dimensions: 2, metric: VectorMetric::L2 })
            .unwrap();
        drop(raw(&path).execute_batch(
            "pragma synchronous = off; with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) \
             insert into _zova_vectors select 'c', 'v' || i, 2, zeroblob(8) from n",
        ));
    };
    fill(&mut db);
    interrupted(&mut db, |db| db.delete_vector_collection("c"), fill);
    assert_eq!(db.vector_collection_info("c").unwrap().vector_count, 20_000);
}

#[test]
fn a_call_that_is_stopped_inside_a_transaction_leaves_that_as_it_was() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("x.zova");
    db.exec("create table t(a)").unwrap();
    db.create_vector_collection("c", VectorCollectionOptions { dimensions: 16, metric: VectorMetric::L2 })
        .unwrap();
    db.create_graph("g").unwrap();
    let content = bytes(2, 4_000_000);
    let object = zova::object_id(&content).unwrap();
    let ids: Vec<String> = (0..3000).map(|row| format!("v{row}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let values = [1.0; 16];
    let inputs: Vec<_> = ids.iter().map(|id| VectorInput { id, values: &values }).collect();
    let node = |node_id| GraphNodeInput {
        graph_name: "g",
        node_id,
        kind: "k",
        target_type: GraphTargetType::None,
        target_namespace: None,
        target_ref: None,
    };
    let nodes: Vec<_> = ids.iter().map(|id| node(id)).collect();
    db.begin().unwrap();
    db.exec("insert into t values (1)").unwrap();
    let state = "select (select count(*) from t) || ' ' || (select count(*) from _zova_chunks) || ' ' || \
        (select count(*) from _zova_vectors) || ' ' || (select count(*) from _zova_graph_nodes)";
    for _ in 0..3 {
        interrupted(&mut db, |db| db.put_object(&content), |db| db.delete_object(object).unwrap());
        assert_eq!(text_of(&mut db, state), "1 0 0 0");
        interrupted(&mut db, |db| db.put_vectors("c", &inputs), |db| db.delete_vectors("c", &ids).unwrap());
        assert_eq!(text_of(&mut db, state), "1 0 0 0");
        interrupted(&mut db, |db| db.put_graph_nodes(&nodes), |db| db.delete_graph_nodes("g", &ids).unwrap());
        assert_eq!(text_of(&mut db, state), "1 0 0 0");
    }
    db.exec("insert into t values (2)").unwrap();
    db.commit().unwrap();
    assert_eq!(text_of(&mut db, state), "2 0 0 0");
}

#[test]
fn reads_and_searches_are_stopped() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("x.zova");
    db.exec("pragma synchronous = off").unwrap();
    let object = db.put_object(&bytes(3, 8_000_000)).unwrap();
    interrupted(&mut db, |db| db.get_object(object), nothing);
    interrupted(&mut db, |db| db.verify_object(object), nothing);
    db.create_graph("g").unwrap();
    db.transaction(|db| {
        for at in 0..20_000 {
            let node_id = &format!("n{at}");
            db.put_graph_node(GraphNodeInput {
                graph_name: "g",
                node_id,
                kind: "k",
                target_type: GraphTargetType::None,
                target_namespace: None,
                target_ref: None,
            })?;
            if at > 0 {
                let from_node_id = &format!("n{}", at - 1);
                db.put_graph_edge(GraphEdgeInput {
                    graph_name: "g",
                    from_node_id,
                    edge_type: "next",
                    to_node_id: node_id,
                })?;
            }
        }
        Ok(())
    })
    .unwrap();
    let walk = |db: &mut Database| {
        db.graph_walk(GraphWalkOptions {
            graph_name: "g",
            start_node_id: "n0",
            edge_type: None,
            max_depth: u32::MAX,
            limit: 1 << 40,
        })
    };
    // Also when all of the graph is in memory.
    assert_eq!(walk(&mut db).unwrap().len(), 20_000);
    interrupted(&mut db, walk, nothing);
    assert_eq!(walk(&mut db).unwrap().len(), 20_000);
}

#[test]
fn an_interrupt_with_no_call_running_stops_nothing() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("x.zova");
    db.exec("create table t(a); insert into t values (1), (2), (3)").unwrap();
    let interrupt = db.interrupt_handle();
    let mut cursor = db.prepare_owned("select a from t").unwrap();
    for _ in 0..3 {
        interrupt.interrupt();
        cursor.step().unwrap();
        interrupt.interrupt();
        db.put_object(b"x").unwrap();
        interrupt.interrupt();
        assert_eq!(number_of(&mut db, "select count(*) from t"), 3);
    }
}

#[test]
fn a_clone_on_another_thread_is_stopped_while_this_one_waits_for_its_turn() {
    let scratch = Scratch::new();
    let db = SharedDatabase::create(scratch.path("x.zova")).unwrap();
    let interrupt = db.interrupt_handle();
    std::thread::scope(|scope| {
        let busy = scope.spawn(|| db.exec(ENDLESS));
        // Wherever the other thread is by now.
        while !busy.is_finished() {
            interrupt.interrupt();
            std::thread::sleep(Duration::from_millis(1));
        }
        sql_fault(busy.join().unwrap(), Status::Interrupted, "interrupted");
    });
    db.exec("create table t(a)").unwrap();
}

#[test]
fn a_deadline_is_counted_for_each_call_and_ends_waits_for_locks() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("x.zova");
    db.exec("create table t(a)").unwrap();
    db.set_deadline(60).unwrap();
    let timed = |db: &mut Database, sql: &str| {
        let start = Instant::now();
        let outcome = db.exec(sql);
        (outcome, start.elapsed())
    };
    for _ in 0..2 {
        let (outcome, time) = timed(&mut db, ENDLESS);
        fault(outcome, Status::Interrupted);
        assert!(time >= Duration::from_millis(60) && time < Duration::from_secs(20), "{time:?}");
        std::thread::sleep(Duration::from_millis(70));
        db.exec("insert into t values (1)").unwrap();
        db.put_object(b"x").unwrap();
    }
    let other = raw(&path);
    other.execute_batch("begin immediate").unwrap();
    db.set_busy_timeout(60_000).unwrap();
    let (outcome, time) = timed(&mut db, "insert into t values (1)");
    fault(outcome, Status::Interrupted);
    assert!(time < Duration::from_secs(20), "{time:?}");
    native_fault(db.put_object(b"y"), Status::Interrupted);
    // A timeout that is shorter than the deadline is what it was.
    db.set_busy_timeout(5).unwrap();
    fault(db.exec("insert into t values (1)"), Status::Busy);
    db.set_deadline(0).unwrap();
    db.set_busy_timeout(80).unwrap();
    let (outcome, time) = timed(&mut db, "insert into t values (1)");
    fault(outcome, Status::Busy);
    assert!(time >= Duration::from_millis(70), "{time:?}");
    other.execute_batch("rollback").unwrap();
    let endless = number_of(
        &mut db,
        "with recursive n(i) as (select 1 union all select i + 1 from n \
        where i < 300000) select count(*) from n",
    );
    assert_eq!(endless, 300_000);
}

#[test]
fn sql_that_is_stopped_while_it_writes_ends_its_transaction_as_sqlite_says() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("x.zova");
    db.exec("create table t(a)").unwrap();
    let fill = "insert into t with recursive n(i) as (select 1 union all select i + 1 from n where i < 300000) \
        select i from n";
    let error = interrupted(
        &mut db,
        |db| {
            db.begin()?;
            db.exec(fill)?;
            db.rollback()
        },
        nothing,
    );
    sql_fault(Err::<(), _>(error), Status::Interrupted, "interrupted");
    // Stopped in the middle of the insertion the transaction is gone, before or after that it is still there.
    drop(db.rollback());
    assert_eq!(number_of(&mut db, "select count(*) from t"), 0);
    db.begin().unwrap();
    db.commit().unwrap();
}
