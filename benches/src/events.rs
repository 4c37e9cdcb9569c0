//! Notify and receive within one process.

use std::collections::VecDeque;
use std::hint::black_box;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;

use crate::abi::{Db, Received, Subscription};
use crate::harness::{Report, timed};

const PAIRS: u32 = 1_000_000;
const CAPACITY: usize = 1024;
const PAYLOAD: &[u8] = b"message:1234:changed";

pub fn run(report: &mut Report) {
    let folder = TempDir::new().expect("a temporary directory");
    let db = Db::create(&folder.path().join("events.zova"));
    pairs(report, &db);
    full_and_empty(report, &db);
    by_sql(report, &db);
    transactions(report, &db);
}

/// The least that a program of its own needs: a lock, a queue and a copy of the payload.
#[derive(Clone, Default)]
struct Mailbox(Arc<Mutex<VecDeque<(u64, Vec<u8>)>>>);

impl Mailbox {
    fn send(&self, number: u64, payload: &[u8]) {
        self.0.lock().expect("no panic").push_back((number, payload.to_vec()));
    }

    fn receive(&self) -> Option<(u64, Vec<u8>)> {
        self.0.lock().expect("no panic").pop_front()
    }
}

fn pairs(report: &mut Report, db: &Db) {
    let subscription = db.listen(c"pairs");
    let mut received = Received::default();
    let mut zova = || {
        timed(|| {
            for _ in 0..PAIRS {
                db.notify(c"pairs", PAYLOAD);
                assert!(subscription.try_receive(&mut received));
            }
        })
    };
    report.limit("1,000,000 pairs of notify and try_receive", Duration::from_secs(1), &mut zova);
    let mailbox = Mailbox::default();
    let other = || {
        timed(|| {
            for number in 0..u64::from(PAIRS) {
                mailbox.send(number, PAYLOAD);
                black_box(mailbox.receive());
            }
        })
    };
    report.pair("the same, against a locked queue of copies in the program", 8.0, zova, other);
}

/// Notify alone. What is timed is the same; the queue is emptied, or not, in between.
fn full_and_empty(report: &mut Report, db: &Db) {
    let (full, empty) = (db.listen(c"full"), db.listen(c"empty"));
    (0..CAPACITY).for_each(|_| db.notify(c"full", PAYLOAD));
    let rounds = |channel, drained: Option<&Subscription>| -> Duration {
        let mut received = Received::default();
        (0..300)
            .map(|_| {
                let time = timed(|| (0..CAPACITY).for_each(|_| db.notify(channel, PAYLOAD)));
                while drained.is_some_and(|subscription| subscription.try_receive(&mut received)) {}
                time
            })
            .sum()
    };
    report.pair(
        "300,000 notify into a full queue, against an empty one",
        1.0,
        || rounds(c"full", None),
        || rounds(c"empty", Some(&empty)),
    );
    drop(full);
}

fn by_sql(report: &mut Report, db: &Db) {
    const CALLS: u32 = 200_000;
    let subscription = db.listen(c"sql");
    let mut received = Received::default();
    let statement = db.prepare("select zova_notify('sql', ?1)");
    let bare = db.prepare("select length(?1)");
    let run = |statement: &crate::abi::Statement| {
        timed(|| {
            for number in 0..i64::from(CALLS) {
                statement.bind_i64(1, number);
                assert!(statement.step());
                statement.reset();
            }
        })
    };
    report.pair(
        "200,000 statements that notify, against ones that do not",
        3.0,
        || {
            let time = run(&statement);
            while subscription.try_receive(&mut received) {}
            time
        },
        || run(&bare),
    );
}

fn transactions(report: &mut Report, db: &Db) {
    const EVENTS: u32 = 300_000;
    let held = db.listen(c"held");
    let notify = || (0..EVENTS).for_each(|_| db.notify(c"held", PAYLOAD));
    report.pair(
        "300,000 notify held until a commit, against at once",
        1.5,
        || {
            timed(|| {
                db.begin();
                notify();
                db.commit();
            })
        },
        || timed(notify),
    );
    drop(held);
}
