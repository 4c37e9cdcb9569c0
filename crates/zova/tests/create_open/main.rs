//! Making and opening `.zova` files: what a new file holds, which files are accepted, which are refused and how.

#[path = "../common/mod.rs"]
mod common;

mod crash;
mod create;
mod extensions;
mod fixtures;
mod identity;
mod journals;
mod new_file;
mod paths;
mod tables;
mod variants;

use std::fmt::Debug;
use std::path::Path;

use zova::{Database, Error, OpenOptions, Status};

use common::native_fault;

const READ_ONLY: OpenOptions = OpenOptions { read_only: true, busy_timeout_ms: 0 };

/// Opening is refused alike for reading and for writing, and changes no byte. Gives the message.
#[track_caller]
fn open_refused(path: &Path, status: Status) -> String {
    let before = std::fs::read(path).ok();
    let message = native_fault(Database::open(path), status);
    assert_eq!(native_fault(Database::open_with_options(path, READ_ONLY), status), message);
    assert!(std::fs::read(path).ok() == before, "a refused open changed the file");
    assert_no_side_files(path);
    message
}

/// Opening succeeds for reading and for writing, and changes no byte.
#[track_caller]
fn open_accepted(path: &Path) {
    let before = std::fs::read(path).expect("a file");
    for options in [OpenOptions::default(), READ_ONLY] {
        drop(Database::open_with_options(path, options).expect("the file must open"));
    }
    assert!(std::fs::read(path).expect("a file") == before, "opening changed the file");
    assert_no_side_files(path);
}

#[track_caller]
fn assert_no_side_files(path: &Path) {
    for suffix in common::SIDE_FILES {
        assert!(!common::side_file(path, suffix).exists(), "{suffix} was left behind");
    }
}

/// Refused like `native_fault`, for calls whose message must name the path.
#[track_caller]
fn refused_naming<T: Debug>(result: Result<T, Error>, status: Status, path: &Path) -> String {
    let message = native_fault(result, status);
    assert!(message.contains(path.to_str().expect("UTF-8")), "{message}");
    message
}
