//! Watching and stopping the transfer of files.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use zova::{Database, Progress, SharedDatabase, Status};

use crate::common::{Scratch, bytes, entries, native_fault};
use crate::objects::{assert_holds, go_on, object_id, quick_database, rows};
use crate::{SIZES, file};

/// Runs a call and notes its reports.
fn reports<T>(
    call: impl FnOnce(&mut dyn FnMut(Progress) -> ControlFlow<()>) -> zova::Result<T>,
) -> (T, Vec<Progress>) {
    let mut reports = Vec::new();
    let outcome = call(&mut |progress| {
        reports.push(progress);
        ControlFlow::Continue(())
    });
    (outcome.unwrap(), reports)
}

#[track_caller]
fn assert_complete(reports: &[Progress], total: u64) {
    assert!(reports.is_sorted_by_key(|progress| progress.done), "{reports:?}");
    assert!(reports.iter().all(|progress| progress.done <= progress.total), "{reports:?}");
    let last = reports.last().unwrap();
    assert_eq!((last.done, last.total), (total, total), "{reports:?}");
    // Often enough to move a bar, seldom enough to cost nothing.
    for pair in reports.windows(2) {
        assert!(pair[1].done - pair[0].done <= 1 << 20, "{pair:?}");
    }
    assert!(reports.len() as u64 <= 4 + total / 65536, "{} reports", reports.len());
}

#[test]
fn progress_never_goes_back_and_ends_complete() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    for size in SIZES {
        let content = bytes(1, size);
        let source = file(scratch.dir(), "source", &content);
        let (id, put) = reports(|watch| db.put_object_file(&source, watch));
        assert_complete(&put, 2 * size as u64);
        assert!(put.iter().all(|progress| progress.total == 2 * size as u64), "the size was known");
        let target = scratch.path(&format!("target of {size}"));
        let ((), get) = reports(|watch| db.get_object_file(id, &target, watch));
        assert_complete(&get, size as u64);
        assert!(get.iter().all(|progress| progress.total == size as u64));
        // What is stored already ends complete, too.
        let (_, again) = reports(|watch| db.put_object_file(&source, watch));
        assert!(again.is_sorted_by_key(|progress| progress.done));
        assert_eq!(again.last().unwrap().done, 2 * size as u64);
    }
}

/// A callback that stops the call at its report number `at`, from 0, and none after it.
fn stop_at(at: usize) -> impl FnMut(Progress) -> ControlFlow<()> {
    let mut reported = 0;
    move |_| {
        assert!(reported <= at, "reports went on after the stop");
        reported += 1;
        if reported > at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[test]
fn stopping_a_put_at_any_report_stores_nothing() {
    for size in [0, 300_000, 1_600_000] {
        let scratch = Scratch::new();
        let (mut db, path) = quick_database(&scratch);
        let (kept, content) = (bytes(3, 50_000), bytes(2, size));
        db.put_object(&kept).unwrap();
        let source = file(scratch.dir(), "source", &content);
        let (id, all) = reports(|watch| db.put_object_file(&source, watch));
        db.delete_object(id).unwrap();
        assert!(all.len() > 2 * size / (1 << 20), "{} reports", all.len());
        for at in 0..all.len() {
            native_fault(db.put_object_file(&source, &mut stop_at(at)), Status::Interrupted);
            assert_holds(&path, [kept.as_slice()], []);
            assert_eq!(entries(scratch.dir()), ["a.zova", "source"]);
        }
        db.put_object_file(&source, &mut stop_at(all.len())).unwrap();
        assert_holds(&path, [kept.as_slice(), &content], []);
    }
}

#[test]
fn stopping_a_get_at_any_report_leaves_no_file() {
    for size in [0, 300_000, 1_600_000] {
        let scratch = Scratch::new();
        let (mut db, _) = quick_database(&scratch);
        let content = bytes(4, size);
        let id = db.put_object(&content).unwrap();
        let target = scratch.path("target");
        let ((), all) = reports(|watch| db.get_object_file(id, &target, watch));
        std::fs::remove_file(&target).unwrap();
        for at in 0..all.len() {
            native_fault(db.get_object_file(id, &target, &mut stop_at(at)), Status::Interrupted);
            assert_eq!(entries(scratch.dir()), ["a.zova"]);
        }
        db.get_object_file(id, &target, &mut go_on).unwrap();
        assert!(std::fs::read(target).unwrap() == content);
    }
}

#[test]
fn stopping_keeps_the_caller_s_transaction() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let content = bytes(5, 1_500_000);
    let source = file(scratch.dir(), "source", &content);
    db.begin().unwrap();
    db.put_object(b"beside").unwrap();
    // Half of the reports come while it is read, half while it is stored.
    for done in [0, 1_000_000, 2_000_000, 2_600_000] {
        let outcome = db.put_object_file(&source, &mut |progress| {
            if progress.done >= done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        native_fault(outcome, Status::Interrupted);
    }
    db.put_object_chunk(crate::objects::chunk_id(b"after"), b"after").unwrap();
    db.commit().unwrap();
    assert_holds(&path, [&b"beside"[..]], [&b"after"[..]]);
}

#[test]
fn a_callback_must_not_use_the_handle_that_runs_it() {
    let scratch = Scratch::new();
    let (db, path) = quick_database(&scratch);
    drop(db);
    let db = SharedDatabase::open(&path).unwrap();
    let source = file(scratch.dir(), "source", b"content");
    let mut calls = 0;
    let mut use_it = |_| {
        calls += 1;
        native_fault(db.put_object(b"other"), Status::Misuse);
        native_fault(db.exec("select 1"), Status::Misuse);
        ControlFlow::Continue(())
    };
    let id = db.put_object_file(&source, &mut use_it).unwrap();
    db.get_object_file(id, scratch.path("target"), &mut use_it).unwrap();
    assert!(calls >= 4);
    assert_holds(&path, [&b"content"[..]], []);
}

#[test]
fn a_callback_may_use_another_handle() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let mut other = Database::open(&path).unwrap();
    let content = bytes(6, 900_000);
    let source = file(scratch.dir(), "source", &content);
    let mut read = 0;
    db.put_object_file(&source, &mut |Progress { done, total, .. }| {
        // While it is stored, the write lock is held.
        if done <= total / 2 {
            other.put_object(b"other").unwrap();
            read += 1;
        }
        assert!(other.has_object(object_id(b"other")).unwrap());
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(read > 2);
    assert_holds(&path, [&b"other"[..], &content], []);
}

#[test]
fn a_panic_in_a_callback_leaves_nothing_half_done() {
    let scratch = Scratch::new();
    let (db, path) = quick_database(&scratch);
    drop(db);
    let content = bytes(7, 1_300_000);
    let source = file(scratch.dir(), "source", &content);
    let panics_at = |limit: u64| {
        move |progress: Progress| {
            assert!(progress.done < limit, "as planned");
            ControlFlow::Continue(())
        }
    };
    for limit in [0, 1_000_000, 2_000_000] {
        let mut db = Database::open(&path).unwrap();
        let panicked = catch_unwind(AssertUnwindSafe(|| db.put_object_file(&source, &mut panics_at(limit))));
        assert!(panicked.is_err());
        native_fault(db.has_object(object_id(b"")), Status::Internal);
        drop(db);
        assert!(rows(&path) == Default::default());
        assert_eq!(entries(scratch.dir()), ["a.zova", "source"]);
    }
    let mut db = Database::open(&path).unwrap();
    let id = db.put_object_file(&source, &mut go_on).unwrap();
    let target = scratch.path("target");
    let panicked =
        catch_unwind(AssertUnwindSafe(|| db.get_object_file(id, &target, &mut panics_at(1_000_000))));
    assert!(panicked.is_err());
    drop(db);
    assert_eq!(entries(scratch.dir()), ["a.zova", "source"]);
}
