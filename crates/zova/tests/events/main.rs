//! App events: what is delivered, when, and what is not.

#[path = "../common/mod.rs"]
mod common;

mod api;
mod failures;
mod model;
mod queues;
mod scenarios;
mod sql;
mod statements;
mod threads;
mod transactions;

use std::path::PathBuf;

use zova::{Database, Notification, Subscription};

use common::Scratch;

/// A database with one subscription on `m`.
struct World {
    _scratch: Scratch,
    path: PathBuf,
    db: Database,
    subscription: Subscription,
}

impl World {
    fn new() -> Self {
        let scratch = Scratch::new();
        let (mut db, path) = scratch.database("a.zova");
        db.exec("create table t(a unique, b)").unwrap();
        let subscription = db.listen("m").unwrap();
        Self { _scratch: scratch, path, db, subscription }
    }

    fn begin(&mut self) {
        self.db.begin().unwrap();
    }

    fn commit(&mut self) {
        self.db.commit().unwrap();
    }

    fn rollback(&mut self) {
        self.db.rollback().unwrap();
    }

    fn savepoint(&mut self, name: &str) {
        self.db.savepoint(name).unwrap();
    }

    fn roll_back_to(&mut self, name: &str) {
        self.db.rollback_to_savepoint(name).unwrap();
    }

    fn release(&mut self, name: &str) {
        self.db.release_savepoint(name).unwrap();
    }

    fn notify(&mut self, payload: &str) {
        self.db.notify("m", payload).unwrap();
    }

    fn exec(&mut self, sql: &str) {
        self.db.exec(sql).unwrap();
    }

    /// What waits, and no longer does: the payloads, with a space between them.
    fn received(&mut self) -> String {
        received(&mut self.subscription)
    }

    /// The next event.
    fn next(&mut self) -> Notification {
        self.subscription.try_receive().unwrap().expect("an event")
    }
}

/// The payloads that wait in a subscription, taken out of it.
fn received(subscription: &mut Subscription) -> String {
    let mut payloads = Vec::new();
    while let Some(notification) = subscription.try_receive().unwrap() {
        payloads.push(notification.payload);
    }
    payloads.join(" ")
}

/// A call of the SQL function as an expression.
fn raise(payload: &str) -> String {
    format!("zova_notify('m', '{payload}')")
}
