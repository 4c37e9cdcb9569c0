//! Receiving on one thread while another one works on the database.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use zova::SharedDatabase;

use crate::World;
use crate::common::Scratch;

const LONG: Duration = Duration::from_secs(60);

fn shared() -> (Scratch, SharedDatabase) {
    let scratch = Scratch::new();
    let db = SharedDatabase::create(scratch.path("a.zova")).unwrap();
    (scratch, db)
}

#[test]
fn a_thread_that_waits_is_woken_by_the_commit_of_another() {
    let (_scratch, db) = shared();
    let mut subscription = db.listen("m").unwrap();
    let waiter = thread::spawn(move || subscription.receive(LONG).unwrap().unwrap().payload);
    db.exec("create table t(a)").unwrap();
    db.transaction(|db| {
        db.exec("insert into t values (1)")?;
        db.notify("m", "1")
    })
    .unwrap();
    assert_eq!(waiter.join().unwrap(), "1");
}

#[test]
fn a_waiter_receives_everything_that_a_busy_writer_raises_in_order() {
    const EVENTS: usize = 5000;
    let (_scratch, db) = shared();
    let mut subscription = db.listen("m").unwrap();
    let waiter = thread::spawn(move || {
        let (mut seen, mut last) = (0, 0);
        while seen < EVENTS as u64 {
            let notification = subscription.receive(LONG).unwrap().expect("the writer goes on");
            assert!(notification.sequence > last);
            last = notification.sequence;
            seen += 1 + notification.dropped_before;
        }
        seen
    });
    // How long a disk takes is of no interest.
    db.exec("pragma synchronous = off; create table t(a)").unwrap();
    for number in 0..EVENTS {
        match number % 3 {
            0 => db.notify("m", "x").unwrap(),
            1 => db.exec("insert into t values (zova_notify('m', 'x')); delete from t").unwrap(),
            _ => db.exec("select zova_notify('m', 'x')").unwrap(),
        }
    }
    assert_eq!(waiter.join().unwrap(), EVENTS as u64);
}

#[test]
fn several_waiters_of_several_subscriptions_are_all_woken() {
    let (_scratch, db) = shared();
    let waiters: Vec<_> = (0..4)
        .map(|_| {
            let mut subscription = db.listen("m").unwrap();
            thread::spawn(move || subscription.receive(LONG).unwrap().unwrap().sequence)
        })
        .collect();
    db.notify("m", "1").unwrap();
    assert!(waiters.into_iter().all(|waiter| waiter.join().unwrap() == 1));
}

#[test]
fn receiving_does_not_wait_for_a_statement_that_another_thread_runs() {
    let (_scratch, db) = shared();
    let mut subscription = db.listen("m").unwrap();
    let (started, running) = mpsc::channel();
    let (finish, finished) = mpsc::channel::<()>();
    let busy = {
        let db = db.clone();
        thread::spawn(move || {
            db.with_exclusive(|db| {
                db.notify("m", "1")?;
                started.send(()).unwrap();
                // Holds the database until the receiver is done, or for long.
                let in_time = finished.recv_timeout(LONG).is_ok();
                assert!(in_time, "receiving waited for the database");
                Ok(())
            })
            .unwrap();
        })
    };
    running.recv().unwrap();
    assert_eq!(subscription.try_receive().unwrap().unwrap().payload, "1");
    assert_eq!(subscription.try_receive().unwrap(), None);
    assert_eq!(subscription.receive(Duration::from_millis(5)).unwrap(), None);
    subscription.close().unwrap();
    finish.send(()).unwrap();
    busy.join().unwrap();
}

#[test]
fn a_query_that_runs_for_long_delivers_while_it_runs() {
    let (_scratch, db) = shared();
    let mut subscription = db.listen("m").unwrap();
    // Receiving that waits for the query takes as long as the query; on a loaded machine another one may, once in a while.
    let while_it_runs = (0..5).any(|_| {
        let (db, start) = (db.clone(), Instant::now());
        let long = thread::spawn(move || {
            // Counts in one step; the first row raises the event.
            db.exec(
                "select count(iif(n = 1, zova_notify('m', 'running'), 1)) from \
                 (with recursive c(n) as (select 1 union all select n + 1 from c where n < 1000000) select n from c)",
            )
            .unwrap();
            Instant::now()
        });
        assert_eq!(subscription.receive(LONG).unwrap().unwrap().payload, "running");
        let received = Instant::now();
        let ended = long.join().unwrap();
        received < start + (ended - start) / 2
    });
    assert!(while_it_runs);
}

#[test]
fn handles_move_between_threads_with_what_they_hold() {
    let mut world = World::new();
    world.begin();
    world.notify("1");
    let mut world = thread::spawn(move || {
        world.commit();
        world
    })
    .join()
    .unwrap();
    assert_eq!(world.received(), "1");
}
