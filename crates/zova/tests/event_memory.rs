//! The memory that pending events take, however many there are. A test crate of its own, because it counts every byte
//! that Rust allocates.

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use common::Scratch;

/// Bytes in use, and the most there were.
struct Meter {
    now: AtomicUsize,
    peak: AtomicUsize,
}

#[global_allocator]
static METER: Meter = Meter { now: AtomicUsize::new(0), peak: AtomicUsize::new(0) };

// SAFETY: everything is passed on to the system's allocator.
unsafe impl GlobalAlloc for Meter {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = self.now.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        self.peak.fetch_max(now, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        self.now.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(place, layout) }
    }
}

#[test]
fn pending_events_take_memory_for_as_many_as_a_queue_holds_per_scope_and_statement() {
    const EVENTS: usize = 20_000;
    const PAYLOAD: usize = 4000;
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    let mut subscription = db.listen("m").unwrap();
    let payload = "x".repeat(PAYLOAD);
    let before = METER.now.load(Ordering::Relaxed);
    METER.peak.store(before, Ordering::Relaxed);
    db.begin().unwrap();
    (0..EVENTS).for_each(|_| db.notify("m", &payload).unwrap());
    db.savepoint("a").unwrap();
    (0..EVENTS).for_each(|_| db.notify("m", &payload).unwrap());
    db.exec(&format!(
        "select count(zova_notify('m', printf('%.*c', {PAYLOAD}, 'x'))) from \
         (with recursive c(n) as (select 1 union all select n + 1 from c where n < {EVENTS}) select n from c)"
    ))
    .unwrap();
    let used = METER.peak.load(Ordering::Relaxed) - before;
    // Three times as many as a queue holds, of 240 MB in all.
    let bound = 3 * 1024 * (PAYLOAD + 200) + (1 << 20);
    assert!(used < bound, "{used} bytes, more than {bound}");
    db.release_savepoint("a").unwrap();
    db.commit().unwrap();
    let first = subscription.try_receive().unwrap().unwrap();
    assert_eq!(first.dropped_before, 3 * EVENTS as u64 - 1024);
}
