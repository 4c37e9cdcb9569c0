//! Interrupts and deadlines stop hooks and callbacks at their next step of SQL.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use zova::{Database, ExtensionContext, ExtensionResult, RegisterContext, ScalarDefinition, Status};

use crate::common::{Scratch, fault, number_of};
use crate::support::{Sample, create, data, names, schema};

/// Many short statements, for longer than any test waits.
fn short_statements(context: &ExtensionContext<'_>) -> ExtensionResult<()> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(60) {
        let mut statement = context.prepare("select 1")?;
        statement.step()?;
    }
    panic!("never stopped")
}

/// One long statement.
fn long_statement(context: &ExtensionContext<'_>) -> ExtensionResult<()> {
    context.exec("with recursive n(x) as (select 1 union all select x + 1 from n) select max(x) from n")
}

fn register(context: &mut RegisterContext<'_>) -> ExtensionResult<()> {
    let definition = ScalarDefinition { name: "a_forever", arguments: 0, ..ScalarDefinition::default() };
    context.scalar(definition, |context, _| {
        context.exec("insert into main._zova_ext_a_data values ('half', 'done')")?;
        short_statements(context)?;
        unreachable!("it is stopped")
    })
}

/// Runs a call that is interrupted after a moment, again and again until it has begun by then.
fn interrupted(db: &mut Database, mut call: impl FnMut(&mut Database) -> zova::Result<()>) {
    let (handle, done) = (db.interrupt_handle(), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(20));
                handle.interrupt();
            }
        });
        let outcome = call(db);
        done.store(true, Ordering::Relaxed);
        fault(outcome, Status::Interrupted);
    });
    db.exec("select 1").unwrap();
}

#[test]
fn hooks_are_stopped_and_undone() {
    let scratch = Scratch::new();
    for (index, work) in [short_statements, long_statement].into_iter().enumerate() {
        let samples = [
            Sample::new("install").on_install(move |context| {
                context.exec("create table main._zova_ext_install_t(a)")?;
                work(context)
            }),
            Sample::new("a").on_check(move |context| work(context)).on_drop(move |context| {
                context.exec("drop table main._zova_ext_a_data")?;
                work(context)
            }),
        ];
        let mut db = create(&scratch.path(&format!("{index}.zova")), samples);
        db.install_extension("a").unwrap();
        let before = schema(&mut db);
        interrupted(&mut db, |db| db.install_extension("install"));
        interrupted(&mut db, |db| db.check_extension("a"));
        interrupted(&mut db, |db| db.drop_extension("a"));
        assert_eq!((names(&mut db), schema(&mut db)), ("a".to_owned(), before));
    }
}

#[test]
fn in_a_transaction_hooks_are_stopped_and_the_transaction_stays() {
    let scratch = Scratch::new();
    let sample = Sample::new("a").on_install(|context| {
        context.exec("create table main._zova_ext_a_t(a)")?;
        short_statements(context)
    });
    let mut db = create(&scratch.path("a.zova"), [sample]);
    db.exec("create table mine(a); begin; insert into mine values (1)").unwrap();
    interrupted(&mut db, |db| db.install_extension("a"));
    db.commit().unwrap();
    assert_eq!(number_of(&mut db, "select count(*) from mine"), 1);
    assert!(!schema(&mut db).contains("_zova_ext_"));
}

#[test]
fn functions_are_stopped_with_their_statement() {
    let scratch = Scratch::new();
    let mut db = create(&scratch.path("a.zova"), [Sample::new("a").on_register(register)]);
    db.install_extension("a").unwrap();
    db.exec(&format!(
        "create table t(x); create trigger r after insert on t begin select a_forever(); end; \
         insert into {} values ('there', 1)",
        data("a")
    ))
    .unwrap();
    interrupted(&mut db, |db| db.exec("insert into t values (1)"));
    assert_eq!(number_of(&mut db, &format!("select count(*) from {}", data("a"))), 1);
    interrupted(&mut db, |db| {
        let mut call = db.prepare("select a_forever()")?;
        call.step().map(|_| ())
    });
}

#[test]
fn a_deadline_stops_a_check() {
    let scratch = Scratch::new();
    let sample = Sample::new("a").on_check(|context| short_statements(context));
    let mut db = create(&scratch.path("a.zova"), [sample]);
    db.install_extension("a").unwrap();
    db.set_deadline(50).unwrap();
    fault(db.check_extension("a"), Status::Interrupted);
    db.set_deadline(0).unwrap();
    db.drop_extension("a").unwrap();
}
