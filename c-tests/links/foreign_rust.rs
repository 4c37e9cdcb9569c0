//! A Rust static library that another project could bring along: it allocates, starts threads and catches a panic.

use std::collections::HashMap;
use std::panic;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// The sum of 1 to `count`, by four threads.
#[unsafe(no_mangle)]
pub extern "C" fn foreign_sum(count: u64) -> u64 {
    let sum = AtomicU64::new(0);
    thread::scope(|scope| {
        for first in 1..=4 {
            let sum = &sum;
            scope.spawn(move || {
                let part: Vec<u64> = (first..=count).step_by(4).collect();
                sum.fetch_add(part.iter().sum::<u64>(), Ordering::Relaxed);
            });
        }
    });
    sum.into_inner()
}

/// 1 if a panic was caught with its message.
#[unsafe(no_mangle)]
pub extern "C" fn foreign_catches_a_panic() -> i32 {
    panic::set_hook(Box::new(|_| {}));
    let caught = panic::catch_unwind(|| {
        let empty: HashMap<u32, u32> = HashMap::new();
        empty[&7]
    });
    let _ = panic::take_hook();
    i32::from(caught.is_err())
}
