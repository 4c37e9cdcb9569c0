//! Watching a copy and stopping it.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use zova::{
    BackupOptions, CallLimits, CompactOptions, Database, OpenOptions, RestoreOptions, SharedDatabase, Status,
};

use crate::Way;
use crate::common::{Scratch, bytes, entries, native_fault, number_of};

/// Enough for several reports.
fn large(way: Way, path: &std::path::Path) {
    way.source(path);
    if way != Way::Convert {
        let mut db = Database::open(path).unwrap();
        db.exec("pragma synchronous = off").unwrap();
        for seed in 100..104 {
            db.put_object(&bytes(seed, 1_500_000)).unwrap();
        }
    } else {
        let connection = crate::common::raw(path);
        connection
            .execute_batch("pragma synchronous = off; insert into t(b) values (randomblob(5000000))")
            .unwrap();
    }
}

#[test]
fn progress_grows_to_its_end_and_ends_with_everything_done() {
    for way in Way::ALL {
        for verify in [true, false] {
            let scratch = Scratch::new();
            let source = scratch.path("source.zova");
            large(way, &source);
            let mut told = Vec::new();
            way.watched(&source, &scratch.path("x.zova"), verify, &mut |progress| {
                assert!(!scratch.path("x.zova").exists());
                told.push((progress.done, progress.total));
                ControlFlow::Continue(())
            })
            .unwrap();
            assert!(told.len() > 3, "{way:?}: {told:?}");
            assert!(told.is_sorted_by_key(|(done, _)| *done), "{way:?}: {told:?}");
            assert!(told.iter().all(|(done, total)| done <= total), "{way:?}: {told:?}");
            let (done, total) = told.last().unwrap();
            assert_eq!(done, total);
            assert!(told[..told.len() - 1].iter().all(|(done, total)| done < total), "{way:?}: {told:?}");
            let pages = std::fs::metadata(&source).unwrap().len() / 4096;
            if way == Way::Convert || !verify {
                assert_eq!(*total, pages, "{way:?}");
            } else {
                let mut db = Database::open(&source).unwrap();
                let items = ["objects", "chunks", "vectors"]
                    .map(|table| number_of(&mut db, &format!("select count(*) from _zova_{table}")));
                assert_eq!(*total, pages + items.iter().sum::<i64>() as u64, "{way:?}");
            }
        }
    }
}

#[test]
fn every_report_can_stop_a_copy_and_then_nothing_is_left() {
    for way in Way::ALL {
        let scratch = Scratch::new();
        let source = scratch.path("source.zova");
        large(way, &source);
        let before = (entries(scratch.dir()), std::fs::read(&source).unwrap());
        let mut stopped = 0;
        loop {
            let mut reports = 0;
            let outcome = way.watched(&source, &scratch.path("x.zova"), true, &mut |_| {
                reports += 1;
                if reports > stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            if reports <= stopped {
                outcome.unwrap();
                break;
            }
            native_fault(outcome, Status::Interrupted);
            assert_eq!(entries(scratch.dir()), before.0, "{way:?}, report {reports}");
            stopped += 1;
        }
        assert!(stopped > 4, "{way:?}");
        assert!(std::fs::read(&source).unwrap() == before.1);
    }
}

#[test]
fn a_panic_of_the_watcher_goes_through_and_leaves_nothing() {
    for way in Way::ALL {
        let scratch = Scratch::new();
        let source = scratch.path("source.zova");
        large(way, &source);
        let mut reports = 0;
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            way.watched(&source, &scratch.path("x.zova"), true, &mut |_| {
                reports += 1;
                assert!(reports < 4, "on purpose");
                ControlFlow::Continue(())
            })
        }));
        assert!(outcome.is_err());
        assert_eq!(entries(scratch.dir()), ["source.zova"], "{way:?}");
    }
}

#[test]
fn an_interrupt_stops_a_copy_from_another_thread_or_from_the_watcher() {
    let scratch = Scratch::new();
    let source = scratch.path("source.zova");
    large(Way::Backup, &source);
    let db = SharedDatabase::open(&source).unwrap();
    let interrupt = db.interrupt_handle();
    let target = scratch.path("x.zova");
    for compact in [false, true] {
        let mut watch = |_| {
            interrupt.interrupt();
            ControlFlow::Continue(())
        };
        let outcome = if compact {
            db.compact_to_with_progress(&target, CompactOptions::default(), &mut watch)
        } else {
            db.backup_to_with_progress(&target, BackupOptions::default(), &mut watch)
        };
        native_fault(outcome, Status::Interrupted);
        assert_eq!(entries(scratch.dir()), ["source.zova"]);
    }
    // With no call running an interrupt means nothing to the next one.
    interrupt.interrupt();
    db.backup_to(&target, BackupOptions::default()).unwrap();
    std::fs::remove_file(&target).unwrap();

    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                interrupt.interrupt();
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        for compact in [false, true] {
            let start = Instant::now();
            loop {
                let outcome = if compact {
                    db.compact_to(&target, CompactOptions::default())
                } else {
                    db.backup_to(&target, BackupOptions::default())
                };
                match outcome {
                    Ok(()) => std::fs::remove_file(&target).unwrap(),
                    Err(error) => {
                        assert_eq!(error.status(), Some(Status::Interrupted), "{error}");
                        break;
                    }
                }
                assert!(start.elapsed() < Duration::from_secs(60), "never interrupted");
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(entries(scratch.dir()), ["source.zova"]);
    // A handle outlives its database, and stops nothing then.
    drop(db);
    interrupt.interrupt();
}

#[test]
fn a_deadline_stops_copies_on_handles_and_without() {
    let scratch = Scratch::new();
    let source = scratch.path("source.zova");
    large(Way::Backup, &source);
    let slowly = &mut |_| {
        std::thread::sleep(Duration::from_millis(4));
        ControlFlow::Continue(())
    };
    let mut db =
        Database::open_with_options(&source, OpenOptions { read_only: true, busy_timeout_ms: 0 }).unwrap();
    db.set_deadline(5).unwrap();
    let target = scratch.path("x.zova");
    native_fault(db.backup_to_with_progress(&target, BackupOptions::default(), slowly), Status::Interrupted);
    native_fault(
        db.compact_to_with_progress(&target, CompactOptions::default(), slowly),
        Status::Interrupted,
    );
    let limits = CallLimits { busy_timeout_ms: 0, deadline_ms: 5 };
    native_fault(
        zova::restore_backup_with_limits(&source, &target, RestoreOptions::default(), limits, slowly),
        Status::Interrupted,
    );
    assert!(!target.exists());
    // Each call has its own time.
    db.set_deadline(100_000).unwrap();
    db.backup_to(&target, BackupOptions::default()).unwrap();
    let limits = CallLimits { busy_timeout_ms: 0, deadline_ms: u32::MAX };
    native_fault(
        zova::restore_backup_with_limits(&source, &target, RestoreOptions::default(), limits, slowly),
        Status::InvalidArgument,
    );
    native_fault(db.set_deadline(1 << 31), Status::InvalidArgument);
}
