use std::ffi::CStr;
use std::path::PathBuf;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicU32};
use std::thread;

use zova::engine::{OpenOptions, Step};

use super::*;
use crate::guard::guard;

/// A path for one test's database; the file is removed with it.
struct File(PathBuf);

impl File {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("zova-c-{}-{number}.zova", std::process::id())))
    }

    fn database(&self) -> *mut zova_database {
        adopt_session(|| Session::create(&self.0)).unwrap()
    }

    fn open(&self) -> *mut zova_database {
        adopt_session(|| Session::open(&self.0, OpenOptions::default())).unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn prepare(db: *mut zova_database, sql: &CStr) -> Result<*mut zova_statement, Failure> {
    let mut made = null_mut();
    on_database(db, |call| {
        made = call.adopt_statement(|core| core.prepare(sql))?;
        Ok(())
    })?;
    Ok(made)
}

fn step(statement: *mut zova_statement) -> Result<(), Failure> {
    on_statement(statement, |call| {
        let (core, id) = call.statement()?;
        core.step(id).map(|_: Step| ())
    })
}

fn message(db: *mut zova_database) -> String {
    // SAFETY: valid until the next call, and copied here.
    unsafe { CStr::from_ptr(diagnostic(db)) }.to_str().unwrap().to_owned()
}

const INTERNAL: i32 = 3;

#[test]
fn a_null_handle_is_an_argument_fault_and_every_other_one_that_is_not_live_is_misuse() {
    let file = File::new();
    let db = file.database();
    let statement = prepare(db, c"select 1").unwrap();
    assert_eq!(step(null_mut()), Err(Failure::INVALID_ARGUMENT));
    assert_eq!(close(null_mut()), Err(Failure::INVALID_ARGUMENT));
    assert_eq!(finalize(null_mut()), Err(Failure::INVALID_ARGUMENT));

    // Of the wrong kind, in both directions.
    assert_eq!(step(db.cast()), Err(Failure::MISUSE));
    assert_eq!(finalize(db.cast()), Err(Failure::MISUSE));
    assert_eq!(close(statement.cast()), Err(Failure::MISUSE));
    assert_eq!(on_database(statement.cast(), |_| Ok(())), Err(Failure::MISUSE));

    // Not ours: memory of this process, small numbers, a value that was never issued.
    let mut local = 0_u64;
    let unissued = db.map_addr(|address| address + 1);
    for foreign in [(&raw mut local).cast(), pointer_to(1), pointer_to(4096), pointer_to(u64::MAX), unissued]
    {
        assert_eq!(on_database(foreign, |_| Ok(())), Err(Failure::MISUSE));
        assert_eq!(close(foreign), Err(Failure::MISUSE));
        assert_eq!(message(foreign), "invalid database handle");
        assert_eq!(step(foreign.cast()), Err(Failure::MISUSE));
    }

    finalize(statement).unwrap();
    assert_eq!(finalize(statement), Err(Failure::MISUSE));
    assert_eq!(step(statement), Err(Failure::MISUSE));
    close(db).unwrap();
    assert_eq!(close(db), Err(Failure::MISUSE));
    assert_eq!(message(db), "invalid database handle");
    assert_eq!(message(null_mut()), "invalid database handle");
}

#[test]
fn a_new_handle_never_has_the_value_of_an_ended_one() {
    let file = File::new();
    let db = file.database();
    let mut ended = Vec::new();
    for _ in 0..100 {
        let statement = prepare(db, c"select 1").unwrap();
        assert!(!ended.contains(&statement));
        finalize(statement).unwrap();
        ended.push(statement);
    }
    assert!(ended.iter().all(|&statement| step(statement) == Err(Failure::MISUSE)));
    close(db).unwrap();
}

#[test]
fn closing_with_live_children_is_refused_and_counts_them() {
    let file = File::new();
    let db = file.database();
    let statements = [prepare(db, c"select 1").unwrap(), prepare(db, c"select 2").unwrap()];
    assert_eq!(close(db), Err(Failure::MISUSE));
    let text = "Misuse: cannot close database with live child handles: \
                2 statements, 0 object writers, 0 subscriptions";
    assert_eq!(message(db), text);
    step(statements[0]).unwrap();
    assert_eq!(message(db), "");
    for statement in statements {
        finalize(statement).unwrap();
    }
    close(db).unwrap();

    let mut children = Children([1, 2, 3, 0]);
    let text = "1 statements, 2 object writers, 3 subscriptions";
    assert!(children.to_string().ends_with(text));
    *children.of(Kind::ObjectReader) = 4;
    assert!(children.to_string().ends_with(&format!("{text}, 4 object readers")));
}

#[test]
fn the_diagnostic_belongs_to_the_last_call_on_the_database_or_its_children() {
    let file = File::new();
    let db = file.database();
    assert_eq!(message(db), "");
    assert!(prepare(db, c"select * from missing").is_err());
    assert_eq!(message(db), "no such table: missing");
    let statement = prepare(db, c"select 1").unwrap();
    assert_eq!(message(db), "");
    assert_eq!(on_statement(statement, |_| Err(Fault::argument("x"))), Err(Failure::INVALID_ARGUMENT));
    assert_eq!(message(db), "InvalidArgument: x");
    // A handle that is not live belongs to no database, so this changes nothing.
    assert_eq!(step(db.cast()), Err(Failure::MISUSE));
    assert_eq!(message(db), "InvalidArgument: x");
    finalize(statement).unwrap();
    assert_eq!(message(db), "");
    close(db).unwrap();
}

#[test]
fn a_panic_poisons_the_database_and_its_children_and_no_other() {
    let (file, other_file) = (File::new(), File::new());
    let (db, other) = (file.database(), other_file.database());
    let (statement, bystander) = (prepare(db, c"select 1").unwrap(), prepare(other, c"select 1").unwrap());

    assert_eq!(guard(|| on_statement(statement, |_| panic!("on purpose"))), INTERNAL);
    assert!(message(db).starts_with("Internal: "));

    assert_eq!(guard(|| step(statement)), INTERNAL);
    assert_eq!(guard(|| on_database(db, |call| call.session()?.exec(c"select 1"))), INTERNAL);
    assert_eq!(guard(|| prepare(db, c"select 1").map(|_| ())), INTERNAL);
    // Also when an argument is at fault as well.
    assert_eq!(guard(|| on_database(db, |_| Err(Fault::argument("x")))), INTERNAL);
    assert!(message(db).starts_with("Internal: "));

    assert_eq!(guard(|| step(bystander)), 0);
    finalize(bystander).unwrap();
    close(other).unwrap();

    // The ending calls work as ever, children first.
    assert_eq!(close(db), Err(Failure::MISUSE));
    finalize(statement).unwrap();
    assert_eq!(finalize(statement), Err(Failure::MISUSE));
    close(db).unwrap();
}

#[test]
fn a_panic_while_a_child_is_made_leaves_no_child() {
    let file = File::new();
    let db = file.database();
    let call = || on_database(db, |call| call.adopt_statement(|_| panic!("on purpose")).map(|_| ()));
    assert_eq!(guard(call), INTERNAL);
    close(db).unwrap();
}

#[test]
fn a_refused_call_still_clears_its_outputs() {
    let file = File::new();
    let db = file.database();
    assert_eq!(guard(|| on_database(db, |_| panic!("on purpose"))), INTERNAL);
    let mut cleared = false;
    let call = || {
        on_database(db, |call| {
            cleared = true;
            call.session()?;
            unreachable!("a refused call has no session");
        })
    };
    assert_eq!(guard(call), INTERNAL);
    assert!(cleared);
    close(db).unwrap();
}

#[test]
fn a_call_from_within_a_call_is_misuse_and_no_deadlock() {
    let (file, other_file) = (File::new(), File::new());
    let (db, other) = (file.database(), other_file.database());
    let statement = prepare(db, c"select 1").unwrap();
    on_database(db, |call| {
        assert_eq!(on_database(db, |call| call.session().map(|_| ())), Err(Failure::MISUSE));
        assert_eq!(
            message(db),
            "Misuse: this thread is in the middle of a call on the same database; finish that call first"
        );
        assert_eq!(step(statement), Err(Failure::MISUSE));
        assert_eq!(finalize(statement), Err(Failure::MISUSE));
        assert_eq!(close(db), Err(Failure::MISUSE));
        // Another database is another lock.
        on_database(other, |call| call.session()?.exec(c"select 1")).unwrap();
        call.session()?.exec(c"select 1")
    })
    .unwrap();
    assert_eq!(message(db), "");
    step(statement).unwrap();
    finalize(statement).unwrap();
    close(db).unwrap();
    close(other).unwrap();
}

#[test]
fn the_diagnostic_can_be_read_while_a_call_is_running() {
    let file = File::new();
    let db = file.database();
    assert!(on_database(db, |_| Err(Fault::argument("x"))).is_err());
    // As a C program does it: the handle's value is passed to another thread.
    let value = db.addr() as u64;
    on_database(db, |_| {
        let text = thread::spawn(move || message(pointer_to(value))).join().unwrap();
        assert_eq!(text, "InvalidArgument: x");
        Ok(())
    })
    .unwrap();
    close(db).unwrap();
}

/// Uses handles in three threads while this one replaces them by new ones, until the threads have seen both answers
/// many times. Returns the handle that is left.
fn hammer<H>(
    make: impl Fn() -> *mut H,
    end: Ending<H>,
    use_once: fn(*mut H) -> Result<(), Failure>,
) -> *mut H {
    let (successes, misuses) = (AtomicU32::new(0), AtomicU32::new(0));
    let done = AtomicBool::new(false);
    let current = AtomicPtr::new(make());
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    match use_once(current.load(Ordering::Relaxed)) {
                        Ok(()) => _ = successes.fetch_add(1, Ordering::Relaxed),
                        Err(failure) => {
                            assert_eq!(failure, Failure::MISUSE);
                            misuses.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            });
        }
        while successes.load(Ordering::Relaxed) < 1000 || misuses.load(Ordering::Relaxed) < 20 {
            end(current.swap(make(), Ordering::Relaxed)).unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
    current.into_inner()
}

type Ending<H> = fn(*mut H) -> Result<(), Failure>;

#[test]
fn threads_that_use_a_statement_while_another_ends_it_see_success_or_misuse() {
    let file = File::new();
    let db = file.database();
    let last = hammer(|| prepare(db, c"select 1").unwrap(), finalize, step);
    finalize(last).unwrap();
    close(db).unwrap();
}

#[test]
fn threads_that_use_a_database_while_another_closes_it_see_success_or_misuse() {
    let file = File::new();
    close(file.database()).unwrap();
    let last = hammer(
        || file.open(),
        close,
        |db| {
            // Only that it returns: the text is borrowed, and another thread may replace it.
            assert!(!diagnostic(db).is_null());
            on_database(db, |call| call.session()?.exec(c"select 1"))
        },
    );
    close(last).unwrap();
}

#[test]
fn only_one_of_many_concurrent_endings_succeeds() {
    let file = File::new();
    close(file.database()).unwrap();
    for _ in 0..50 {
        let db = file.open();
        let value = db.addr() as u64;
        let successes = AtomicU32::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| match close(pointer_to(value)) {
                    Ok(()) => _ = successes.fetch_add(1, Ordering::Relaxed),
                    Err(failure) => assert_eq!(failure, Failure::MISUSE),
                });
            }
        });
        assert_eq!(successes.into_inner(), 1);
    }
}

fn listen(db: *mut zova_database) -> *mut zova_subscription {
    let mut made = null_mut();
    on_database(db, |call| {
        made = call.adopt_subscription(b"m")?;
        Ok(())
    })
    .unwrap();
    made
}

fn take(subscription: *mut zova_subscription) -> Result<Option<String>, Failure> {
    on_subscription(subscription, false, |receiver| {
        receiver.listener()?.take(|payload, _, _| Ok(payload.to_owned()))
    })
}

fn notify(db: *mut zova_database, payload: &str) -> Result<(), Failure> {
    on_database(db, |call| call.session()?.notify(b"m", payload.as_bytes()))
}

#[test]
fn a_panic_poisons_subscriptions_and_wakes_who_waits_on_them() {
    let file = File::new();
    let db = file.database();
    let subscription = listen(db);
    notify(db, "lost").unwrap();
    assert_eq!(take(subscription).unwrap().as_deref(), Some("lost"));
    let waiter = on_subscription(subscription, true, |receiver| Ok(receiver.listener()?.waiter())).unwrap();
    let waiting =
        thread::spawn(move || waiter.wait(zova::engine::deadline(std::time::Duration::from_secs(60))));
    assert_eq!(guard(|| on_database(db, |_| panic!("on purpose"))), INTERNAL);
    assert!(waiting.join().unwrap(), "woken, not timed out");
    let refused = take(subscription).unwrap_err();
    assert_eq!(guard(|| Err(refused)), INTERNAL);
    assert!(message(db).starts_with("Internal: "));
    close_subscription(subscription).unwrap();
    assert_eq!(take(subscription), Err(Failure::MISUSE));
    close(db).unwrap();
}

#[test]
fn receiving_in_the_middle_of_a_call_is_allowed_and_waiting_is_not() {
    let file = File::new();
    let db = file.database();
    let subscription = listen(db);
    notify(db, "1").unwrap();
    on_database(db, |_| {
        assert_eq!(take(subscription).unwrap().as_deref(), Some("1"));
        assert_eq!(take(subscription), Ok(None));
        let mut cleared = false;
        let refused = on_subscription(subscription, true, |receiver| {
            cleared = true;
            receiver.listener().map(drop)
        });
        assert_eq!((refused, cleared), (Err(Failure::MISUSE), true));
        Ok(())
    })
    .unwrap();
    assert_eq!(close(db), Err(Failure::MISUSE));
    assert!(message(db).ends_with("0 statements, 0 object writers, 1 subscriptions"));
    close_subscription(subscription).unwrap();
    assert_eq!(close_subscription(subscription), Err(Failure::MISUSE));
    close(db).unwrap();
}
