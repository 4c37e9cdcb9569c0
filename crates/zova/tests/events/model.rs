//! Scopes and queues against a model: random sequences of everything that opens, ends or undoes a scope, by call and by
//! SQL text, of notify calls, of statements and commits that fail, and of subscriptions that come and go.
//!
//! The model is one list of pending events with marks in it, and one list for each subscription. Whether a call
//! succeeded is SQLite's answer; whether the SQL function was accepted, and everything that is received, is the model's.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};
use zova::{Database, Notification, OwnedStatement, Step, Subscription};

use crate::common::{Scratch, raw};

const CASES: u32 = 600;
const CAPACITY: usize = 1024;
const CHANNELS: [&str; 2] = ["m", "n"];

/// Names of savepoints: the first ones are one name.
const NAMES: [&str; 3] = ["a", "A", "b"];

/// How an operation on a scope is written.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Form {
    Call,
    Sql,
    /// SQL with comments, keywords that may be left out, and quoted names.
    Wordy,
}

#[derive(Debug, Clone)]
enum Operation {
    Begin(Form),
    Commit(Form),
    /// A commit while another connection reads.
    BlockedCommit(Form),
    Rollback(Form),
    Savepoint(Form, usize),
    RollbackTo(Form, usize),
    Release(Form, usize),
    /// One text that ends the transaction and begins another.
    EndAndBegin(bool),
    Notify(usize),
    Burst(usize, u32),
    /// A query that raises so many events, and fails at its end or not.
    Select(usize, u32, bool),
    /// A statement that raises so many events and writes.
    Insert(usize, u32),
    /// As `Insert`, but its last row violates a constraint; the transaction goes on or is rolled back.
    FailingInsert(usize, u32, bool),
    /// A row without its parent: commits fail until it has one.
    Orphan,
    Adopt,
    Put,
    Vacuum,
    /// The next row of an open query, each of which raises an event; the sixth fails.
    Step,
    Reset,
    Listen(usize),
    Close(usize),
    Receive(usize, usize),
}

fn form() -> impl Strategy<Value = Form> {
    prop_oneof![3 => Just(Form::Call), 2 => Just(Form::Sql), 1 => Just(Form::Wordy)]
}

fn operation() -> impl Strategy<Value = Operation> {
    let (channel, name) = (0..CHANNELS.len(), 0..NAMES.len());
    let few = 0..4_u32;
    prop_oneof![
        4 => form().prop_map(Operation::Begin),
        3 => form().prop_map(Operation::Commit),
        1 => form().prop_map(Operation::BlockedCommit),
        1 => form().prop_map(Operation::Rollback),
        6 => (form(), name.clone()).prop_map(|(form, name)| Operation::Savepoint(form, name)),
        4 => (form(), name.clone()).prop_map(|(form, name)| Operation::RollbackTo(form, name)),
        3 => (form(), name).prop_map(|(form, name)| Operation::Release(form, name)),
        1 => any::<bool>().prop_map(Operation::EndAndBegin),
        10 => channel.clone().prop_map(Operation::Notify),
        1 => (channel.clone(), 500..1500_u32).prop_map(|(channel, count)| Operation::Burst(channel, count)),
        3 => (channel.clone(), few.clone(), any::<bool>()).prop_map(|(c, n, fail)| Operation::Select(c, n, fail)),
        3 => (channel.clone(), few.clone()).prop_map(|(channel, count)| Operation::Insert(channel, count)),
        2 => (channel.clone(), few, prop::bool::weighted(0.2))
            .prop_map(|(channel, count, rollback)| Operation::FailingInsert(channel, count, rollback)),
        1 => Just(Operation::Orphan),
        1 => Just(Operation::Adopt),
        1 => Just(Operation::Put),
        1 => Just(Operation::Vacuum),
        4 => Just(Operation::Step),
        1 => Just(Operation::Reset),
        2 => channel.prop_map(Operation::Listen),
        1 => (0..8_usize).prop_map(Operation::Close),
        3 => (0..8_usize, 1..1100_usize).prop_map(|(which, count)| Operation::Receive(which, count)),
    ]
}

/// A transaction or savepoint.
struct Scope {
    /// Lower case; `None` for a transaction.
    name: Option<String>,
    by_call: bool,
    /// How many events were pending when it was opened.
    pending: usize,
}

struct Pending {
    sequence: u64,
    channel: usize,
    /// Raised by the open query.
    by_query: bool,
}

/// What one subscription should hold.
struct Receiver {
    channel: usize,
    waiting: VecDeque<(u64, u64)>,
}

#[derive(Default)]
struct Model {
    sequence: u64,
    scopes: Vec<Scope>,
    pending: Vec<Pending>,
    receivers: Vec<Receiver>,
}

impl Model {
    fn open(&mut self, name: Option<&str>, form: Form) {
        let (name, by_call) = (name.map(str::to_lowercase), form == Form::Call);
        self.scopes.push(Scope { name, by_call, pending: self.pending.len() });
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.scopes.iter().rposition(|scope| scope.name.as_deref() == Some(&name.to_lowercase()))
    }

    fn accepts_sql(&self) -> bool {
        self.scopes.is_empty() || self.scopes.iter().any(|scope| scope.by_call)
    }

    fn raise(&mut self, channel: usize, by_query: bool) {
        self.sequence += 1;
        let event = Pending { sequence: self.sequence, channel, by_query };
        if self.scopes.is_empty() {
            self.deliver(&event);
        } else {
            self.pending.push(event);
        }
    }

    fn deliver(&mut self, event: &Pending) {
        for receiver in self.receivers.iter_mut().filter(|receiver| receiver.channel == event.channel) {
            if receiver.waiting.len() == CAPACITY {
                let (_, dropped) = receiver.waiting.pop_front().unwrap();
                receiver.waiting[0].1 += dropped + 1;
            }
            receiver.waiting.push_back((event.sequence, 0));
        }
    }

    fn commit(&mut self) {
        self.scopes.clear();
        for event in std::mem::take(&mut self.pending) {
            self.deliver(&event);
        }
    }

    fn roll_back(&mut self) {
        self.scopes.clear();
        self.pending.clear();
    }

    /// What the open query raised and is still pending depends on it no longer, or is gone.
    fn end_query(&mut self, failed: bool) {
        if failed {
            let before: Vec<usize> = self
                .scopes
                .iter()
                .map(|scope| self.pending[..scope.pending].iter().filter(|event| !event.by_query).count())
                .collect();
            self.scopes.iter_mut().zip(before).for_each(|(scope, pending)| scope.pending = pending);
            self.pending.retain(|event| !event.by_query);
        }
        self.pending.iter_mut().for_each(|event| event.by_query = false);
    }
}

struct World {
    path: PathBuf,
    db: Database,
    query: OwnedStatement,
    subscriptions: Vec<Subscription>,
    model: Model,
    /// For contents that differ.
    number: u32,
    /// How often what happened, so that a test of nothing is noticed.
    seen: BTreeMap<&'static str, u32>,
}

impl World {
    fn new(scratch: &Scratch) -> Self {
        let (mut db, path) = scratch.database("a.zova");
        db.exec(
            "pragma synchronous = off; pragma foreign_keys = on; create table t(a integer primary key, b); \
             insert into t values (0, 0); create table parent(id integer primary key); \
             create table child(id references parent deferrable initially deferred)",
        )
        .unwrap();
        let query = db
            .prepare_owned(
                "select iif(column1 < 6, zova_notify('m', 'row'), abs(-9223372036854775807 - 1)) \
                 from (values (1), (2), (3), (4), (5), (6))",
            )
            .unwrap();
        let (model, seen) = (Model::default(), BTreeMap::new());
        let mut world = Self { path, db, query, subscriptions: Vec::new(), model, number: 0, seen };
        world.run(&Operation::Listen(0)).unwrap();
        world
    }

    fn note(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    fn run(&mut self, operation: &Operation) -> TestCaseResult {
        match *operation {
            Operation::Begin(form) => {
                let begun = match form {
                    Form::Call => self.db.begin(),
                    Form::Sql => self.db.exec("begin"),
                    Form::Wordy => self.db.exec("-- now\n BEGIN IMMEDIATE transaction;"),
                };
                prop_assert_eq!(begun.is_ok(), self.model.scopes.is_empty(), "{:?}", begun);
                if begun.is_ok() {
                    self.model.open(None, form);
                }
            }
            Operation::Commit(form) => self.commit(form)?,
            Operation::BlockedCommit(form) => {
                let reader = raw(&self.path);
                // A commit that failed before keeps new readers out.
                let _ = reader.execute_batch("begin; select * from t");
                self.commit(form)?;
            }
            Operation::Rollback(form) => {
                let ended = match form {
                    Form::Call => self.db.rollback(),
                    Form::Sql => self.db.exec("rollback"),
                    Form::Wordy => self.db.exec("/* x */ RollBack Transaction"),
                };
                prop_assert_eq!(ended.is_ok(), !self.model.scopes.is_empty(), "{:?}", ended);
                self.model.roll_back();
            }
            Operation::Savepoint(form, name) => {
                let opened = match form {
                    Form::Call => self.db.savepoint(NAMES[name]),
                    Form::Sql => self.db.exec(&format!("savepoint {}", NAMES[name])),
                    Form::Wordy => self.db.exec(&format!("SavePoint/**/[{}];", NAMES[name])),
                };
                prop_assert!(opened.is_ok(), "{:?}", opened);
                self.model.open(Some(NAMES[name]), form);
            }
            Operation::RollbackTo(form, name) => {
                let undone = match form {
                    Form::Call => self.db.rollback_to_savepoint(NAMES[name]),
                    Form::Sql => self.db.exec(&format!("rollback to {}", NAMES[name])),
                    Form::Wordy => {
                        self.db.exec(&format!("rollback transaction to savepoint '{}'", NAMES[name]))
                    }
                };
                let scope = self.model.find(NAMES[name]);
                prop_assert_eq!(undone.is_ok(), scope.is_some(), "{:?}", undone);
                if let Some(scope) = scope {
                    self.model.scopes.truncate(scope + 1);
                    self.model.pending.truncate(self.model.scopes[scope].pending);
                }
            }
            Operation::Release(form, name) => self.release(form, name)?,
            Operation::EndAndBegin(commit) => {
                let end = if commit { "commit" } else { "rollback" };
                let ended = self.db.exec(&format!("{end}; begin"));
                if ended.is_ok() {
                    prop_assert!(!self.model.scopes.is_empty());
                    if commit {
                        self.model.commit()
                    } else {
                        self.model.roll_back()
                    }
                    self.model.open(None, Form::Sql);
                }
            }
            Operation::Notify(channel) => self.notify(channel),
            Operation::Burst(channel, count) => (0..count).for_each(|_| self.notify(channel)),
            Operation::Select(channel, count, fail) => self.select(channel, count, fail)?,
            Operation::Insert(channel, count) => {
                let rows = format!(
                    "insert into t(b) with recursive c(n) as (select 1 union all select n + 1 from c where n < {count}) \
                     select zova_notify('{}', 'x') from c where n <= {count}",
                    CHANNELS[channel]
                );
                let inserted = self.db.exec(&rows);
                let accepted = self.model.accepts_sql() || count == 0;
                if self.model.scopes.is_empty() && inserted.is_err() {
                    // Its own commit failed, or nothing did.
                    prop_assert!(false, "{:?}", inserted);
                }
                prop_assert_eq!(inserted.is_ok(), accepted, "{:?}", inserted);
                if accepted {
                    self.raise_at_once(channel, count);
                }
            }
            Operation::FailingInsert(channel, count, rollback) => {
                let resolution = if rollback { "or rollback" } else { "" };
                let refused = self.db.exec(&format!(
                    "insert {resolution} into t with recursive c(n) as (select {count} union all select n - 1 from c \
                     where n > 0) select iif(n = 0, 0, null), iif(n = 0, 0, zova_notify('{}', 'x')) from c",
                    CHANNELS[channel]
                ));
                prop_assert!(refused.is_err());
                let accepted = self.model.accepts_sql() || count == 0;
                if accepted {
                    self.model.sequence += u64::from(count);
                    self.note("a statement failed behind its events");
                }
                if accepted && rollback {
                    self.note("a transaction was rolled back by a statement");
                    self.model.roll_back();
                }
            }
            Operation::Orphan => drop(self.db.exec("insert into child values (1)")),
            Operation::Adopt => self.db.exec("insert or ignore into parent values (1)").unwrap(),
            Operation::Put => {
                self.number += 1;
                self.db.put_object(&self.number.to_le_bytes()).unwrap();
            }
            Operation::Vacuum => drop(self.db.vacuum()),
            Operation::Step => self.step()?,
            Operation::Reset => {
                // Repeats the fault of a step that failed, and does nothing else then.
                let _ = self.query.reset();
                self.model.end_query(false);
            }
            Operation::Listen(channel) => {
                self.subscriptions.push(self.db.listen(CHANNELS[channel]).unwrap());
                self.model.receivers.push(Receiver { channel, waiting: VecDeque::new() });
            }
            Operation::Close(which) => {
                if self.subscriptions.len() > 1 {
                    let which = which % self.subscriptions.len();
                    self.subscriptions.swap_remove(which).close().unwrap();
                    self.model.receivers.swap_remove(which);
                }
            }
            Operation::Receive(which, count) => {
                let which = which % self.subscriptions.len();
                for _ in 0..count {
                    if !self.receive(which)? {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    fn commit(&mut self, form: Form) -> TestCaseResult {
        let committed = match form {
            Form::Call => self.db.commit(),
            Form::Sql => self.db.exec("commit"),
            Form::Wordy => self.db.exec(";; End /* of it */"),
        };
        if committed.is_ok() {
            prop_assert!(!self.model.scopes.is_empty());
            self.model.commit();
        } else if !self.model.scopes.is_empty() {
            self.note("a commit failed");
        }
        Ok(())
    }

    fn release(&mut self, form: Form, name: usize) -> TestCaseResult {
        let released = match form {
            Form::Call => self.db.release_savepoint(NAMES[name]),
            Form::Sql => self.db.exec(&format!("release {}", NAMES[name])),
            Form::Wordy => self.db.exec(&format!("release savepoint\t\"{}\" -- done", NAMES[name])),
        };
        let scope = self.model.find(NAMES[name]);
        match (released, scope) {
            (Ok(()), Some(0)) => self.model.commit(),
            (Ok(()), Some(scope)) => self.model.scopes.truncate(scope),
            (Err(_), Some(0)) => self.note("a release that commits failed"),
            (released, scope) => {
                prop_assert!(released.is_err() && scope.is_none(), "{:?}", released);
            }
        }
        Ok(())
    }

    fn notify(&mut self, channel: usize) {
        self.db.notify(CHANNELS[channel], "x").unwrap();
        self.model.raise(channel, false);
    }

    fn raise_at_once(&mut self, channel: usize, count: u32) {
        (0..count).for_each(|_| self.model.raise(channel, false));
    }

    fn select(&mut self, channel: usize, count: u32, fail: bool) -> TestCaseResult {
        let last = if fail { "abs(-9223372036854775807 - 1)" } else { "0" };
        let run = self.db.exec(&format!(
            "with recursive c(n) as (select {count} union all select n - 1 from c where n > 0) \
             select iif(n = 0, {last}, zova_notify('{}', 'x')) from c",
            CHANNELS[channel]
        ));
        let accepted = self.model.accepts_sql() || count == 0;
        prop_assert_eq!(run.is_ok(), accepted && !fail, "{:?}", run);
        if accepted && fail && !self.model.scopes.is_empty() {
            self.note("a query failed in a scope");
            self.model.sequence += u64::from(count);
        } else if accepted {
            self.raise_at_once(channel, count);
        }
        Ok(())
    }

    fn step(&mut self) -> TestCaseResult {
        match self.query.step() {
            Ok(Step::Row) => {
                prop_assert!(self.model.accepts_sql());
                self.model.raise(0, true);
            }
            Ok(Step::Done) => self.model.end_query(false),
            Err(_) => {
                self.note("an open query failed");
                self.model.end_query(true);
                let _ = self.query.reset();
            }
        }
        Ok(())
    }

    /// Takes one event and compares it; `false` if there is none.
    fn receive(&mut self, which: usize) -> Result<bool, TestCaseError> {
        let received = self.subscriptions[which].try_receive().unwrap();
        let receiver = &mut self.model.receivers[which];
        let found = received.as_ref().map(|Notification { channel, sequence, dropped_before, .. }| {
            (channel.as_str(), *sequence, *dropped_before)
        });
        let expected = receiver.waiting.pop_front();
        let expected = expected.map(|(sequence, dropped)| (CHANNELS[receiver.channel], sequence, dropped));
        prop_assert_eq!(found, expected);
        if expected.is_some_and(|(_, _, dropped)| dropped > 0) {
            self.note("events were lost");
        }
        Ok(found.is_some())
    }
}

#[test]
fn what_is_received_is_what_the_model_says_after_any_sequence() {
    let seen = RefCell::new(BTreeMap::<&str, u32>::new());
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcome = runner.run(&prop::collection::vec(operation(), 1..80), |sequence| {
        let scratch = Scratch::new();
        let mut world = World::new(&scratch);
        for operation in &sequence {
            world.run(operation)?;
        }
        // What is still pending belongs to nobody's queue yet, and a commit delivers it.
        for which in 0..world.subscriptions.len() {
            while world.receive(which)? {}
        }
        let _ = world.query.reset();
        world.run(&Operation::Adopt)?;
        world.run(&Operation::Commit(Form::Sql))?;
        for which in 0..world.subscriptions.len() {
            while world.receive(which)? {}
        }
        for (what, times) in world.seen {
            *seen.borrow_mut().entry(what).or_default() += times;
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    for what in [
        "a commit failed",
        "a release that commits failed",
        "a statement failed behind its events",
        "a transaction was rolled back by a statement",
        "a query failed in a scope",
        "an open query failed",
        "events were lost",
    ] {
        assert!(seen.borrow().get(what).is_some_and(|times| *times >= 5), "{what}: {:?}", seen.borrow());
    }
}
