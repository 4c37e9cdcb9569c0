//! A limit on how large files may grow, for the whole process: for tests that run in a process of their own.

#![cfg(all(unix, target_pointer_width = "64"))]
#![allow(dead_code, reason = "each test crate uses the part it needs")]

use std::ffi::c_int;

/// Both numbers are those of Linux, macOS and the BSDs.
const FILE_SIZE: c_int = 1;
const FILE_SIZE_EXCEEDED: c_int = 25;

const IGNORE: usize = 1;

#[repr(C)]
struct Limit {
    current: u64,
    maximum: u64,
}

unsafe extern "C" {
    fn getrlimit(resource: c_int, limit: *mut Limit) -> c_int;
    fn setrlimit(resource: c_int, limit: *const Limit) -> c_int;
    fn signal(number: c_int, handler: usize) -> usize;
}

/// Lets no file of this process grow beyond `bytes`; `None` lifts the limit again. Writes beyond it fail.
pub(crate) fn limit_files(bytes: Option<u64>) {
    let mut limit = Limit { current: 0, maximum: 0 };
    // SAFETY: `limit` is a valid `struct rlimit` of this platform; ignoring a signal runs no code of ours.
    let outcome = unsafe {
        signal(FILE_SIZE_EXCEEDED, IGNORE);
        getrlimit(FILE_SIZE, &mut limit)
    };
    assert_eq!(outcome, 0);
    limit.current = bytes.unwrap_or(limit.maximum);
    // SAFETY: as above.
    assert_eq!(unsafe { setrlimit(FILE_SIZE, &limit) }, 0);
}
