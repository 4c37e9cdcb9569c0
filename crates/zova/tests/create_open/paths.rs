//! How a file is named, and what opening says about a path before it looks into the file.

use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use zova::{Database, OpenOptions, SharedDatabase, Status};

use crate::common::process::{in_own_directory, set_mode, without_privileges};
use crate::common::{Scratch, entries, native_fault, raw, text_of};
use crate::{READ_ONLY, open_accepted, open_refused, refused_naming};

#[test]
fn only_paths_that_end_in_the_suffix_in_lower_case_are_taken() {
    let scratch = Scratch::new();
    for path in [
        "",
        ":memory:",
        ".zov",
        "zova",
        ".ZOVA",
        "a.Zova",
        "a.zova.db",
        "a.zova/",
        "a.zova ",
        "a.zova.",
        "a zova",
    ] {
        for path in [path.to_owned(), format!("{}/{path}", scratch.dir().display())] {
            native_fault(Database::create(&path), Status::NotZovaPath);
            native_fault(Database::open(&path), Status::NotZovaPath);
            native_fault(Database::open_with_options(&path, READ_ONLY), Status::NotZovaPath);
            native_fault(SharedDatabase::open(&path), Status::NotZovaPath);
        }
    }
    assert!(entries(scratch.dir()).is_empty());
}

#[test]
fn every_stem_is_taken_literally() {
    let scratch = Scratch::new();
    let names = [
        ".zova",
        "file:x.zova",
        "file:x.zova?mode=memory&cache=shared&.zova",
        "?.zova",
        "a b\tc\n.zova",
        ":memory:.zova",
        "%41.zova",
        "#.zova",
        "-\u{e9}\u{1f600}\u{301}.zova",
        "'; drop table t; --.zova",
        "\\.zova",
        "*.zova",
    ];
    for name in names {
        let (mut db, path) = scratch.database(name);
        db.exec("create table t(a)").unwrap();
        drop(db);
        open_accepted(&path);
    }
    let mut expected = names.map(str::to_owned);
    expected.sort();
    assert_eq!(entries(scratch.dir()), expected);
}

#[test]
fn relative_paths_start_at_the_current_directory_and_are_literal() {
    in_own_directory(|dir| {
        std::fs::create_dir("inner").unwrap();
        let names = [
            "a.zova",
            ".zova",
            "file:x.zova",
            "./b.zova",
            "inner/c.zova",
            "inner/../d.zova",
            ":memory:.zova",
            "-.zova",
        ];
        for name in names {
            let mut db = Database::create(name).unwrap();
            db.exec(&format!("create table t(name); insert into t values ('{name}')")).unwrap();
            drop(db);
            let mut db = Database::open(name).unwrap();
            assert_eq!(text_of(&mut db, "select name from t"), name);
            drop(db);
            open_accepted(&dir.join(name));
        }
        assert_eq!(
            entries(dir),
            ["-.zova", ".zova", ":memory:.zova", "a.zova", "b.zova", "d.zova", "file:x.zova", "inner"]
        );
        assert_eq!(entries(&dir.join("inner")), ["c.zova"]);
        native_fault(Database::open("e.zova"), Status::NotZovaDatabase);
        native_fault(Database::open("file:a.zova"), Status::NotZovaDatabase);
    });
}

#[test]
fn the_suffix_counts_on_the_path_as_given_not_on_what_it_links_to() {
    let scratch = Scratch::new();
    let (_, path) = scratch.database("real.zova");
    std::fs::rename(path, scratch.path("real.db")).unwrap();
    symlink(scratch.path("real.db"), scratch.path("link.zova")).unwrap();
    drop(Database::open(scratch.path("link.zova")).unwrap());

    drop(Database::create(scratch.path("other.zova")).unwrap());
    symlink(scratch.path("other.zova"), scratch.path("link.db")).unwrap();
    native_fault(Database::open(scratch.path("link.db")), Status::NotZovaPath);
}

#[test]
fn the_busy_timeout_is_checked_before_the_path() {
    for busy_timeout_ms in [1 << 31, u32::MAX] {
        let options = OpenOptions { read_only: false, busy_timeout_ms };
        let message = native_fault(Database::open_with_options("a.db", options), Status::InvalidArgument);
        assert!(message.contains(&busy_timeout_ms.to_string()), "{message}");
    }
    let longest = OpenOptions { read_only: false, busy_timeout_ms: i32::MAX as u32 };
    native_fault(Database::open_with_options("a.db", longest), Status::NotZovaPath);
    let scratch = Scratch::new();
    let (_, path) = scratch.database("a.zova");
    Database::open_with_options(path, longest).unwrap();
}

#[test]
fn a_file_that_does_not_exist_is_said_not_to_exist_and_is_not_made() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path("file"), b"").unwrap();
    symlink("gone.zova", scratch.path("dangling.zova")).unwrap();
    for name in ["missing.zova", "dangling.zova", "file/a.zova"] {
        let path = scratch.path(name);
        let message = refused_naming(Database::open(&path), Status::NotZovaDatabase, &path);
        assert!(message.contains("does not exist"), "{message}");
        assert_eq!(
            native_fault(Database::open_with_options(&path, READ_ONLY), Status::NotZovaDatabase),
            message
        );
    }
    assert_eq!(entries(scratch.dir()), ["dangling.zova", "file"]);
}

#[test]
fn a_path_that_cannot_be_reached_cannot_be_opened() {
    let scratch = Scratch::new();
    symlink("loop.zova", scratch.path("loop.zova")).unwrap();
    std::fs::create_dir(scratch.path("directory.zova")).unwrap();
    let long = "n".repeat(300) + ".zova";
    for name in ["missing/a.zova", "missing/deeper/a.zova", "loop.zova", "directory.zova", long.as_str()] {
        let path = scratch.path(name);
        refused_naming(Database::open(&path), Status::CantOpen, &path);
        refused_naming(Database::open_with_options(&path, READ_ONLY), Status::CantOpen, &path);
    }
    assert_eq!(entries(scratch.dir()), ["directory.zova", "loop.zova"]);
}

#[test]
fn a_file_or_directory_one_may_not_read_cannot_be_opened() {
    without_privileges(
        |dir| {
            std::fs::create_dir(dir.join("closed")).unwrap();
            for name in ["secret.zova", "closed/a.zova"] {
                drop(Database::create(dir.join(name)).unwrap());
            }
            set_mode(&dir.join("secret.zova"), 0o000);
            set_mode(&dir.join("closed"), 0o000);
        },
        |dir| {
            for name in ["secret.zova", "closed/a.zova", "closed/missing.zova"] {
                let path = dir.join(name);
                refused_naming(Database::open(&path), Status::CantOpen, &path);
                refused_naming(Database::open_with_options(&path, READ_ONLY), Status::CantOpen, &path);
            }
        },
    );
}

#[test]
fn an_exclusive_lock_makes_opening_busy_after_the_timeout() {
    let scratch = Scratch::new();
    let (_, path) = scratch.database("a.zova");
    let other = raw(&path);
    other.execute_batch("begin exclusive").unwrap();
    native_fault(Database::open(&path), Status::Busy);
    for read_only in [false, true] {
        let started = Instant::now();
        let options = OpenOptions { read_only, busy_timeout_ms: 150 };
        native_fault(Database::open_with_options(&path, options), Status::Busy);
        assert!(started.elapsed() >= Duration::from_millis(140), "{:?}", started.elapsed());
    }
    other.execute_batch("commit").unwrap();
    open_accepted(&path);
}

#[test]
fn opening_waits_for_a_lock_that_is_released_in_time() {
    let scratch = Scratch::new();
    let (_, path) = scratch.database("a.zova");
    let other = raw(&path);
    other.execute_batch("begin exclusive").unwrap();
    let options = OpenOptions { read_only: false, busy_timeout_ms: 20_000 };
    std::thread::scope(|scope| {
        let opener = scope.spawn(|| Database::open_with_options(&path, options));
        std::thread::sleep(Duration::from_millis(60));
        other.execute_batch("commit").unwrap();
        opener.join().unwrap().unwrap();
    });
}

#[test]
fn another_connection_that_writes_does_not_disturb_opening() {
    let scratch = Scratch::new();
    let (_, path) = scratch.database("a.zova");
    let other = raw(&path);
    other.execute_batch("begin immediate; create table t(a)").unwrap();
    drop(Database::open(&path).unwrap());
    drop(Database::open_with_options(&path, READ_ONLY).unwrap());
    other.execute_batch("rollback").unwrap();
}

#[test]
fn a_refused_open_keeps_no_lock_and_no_descriptor() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    std::fs::write(&path, b"this is no database, however long it is made to look like one").unwrap();
    for _ in 0..5 {
        open_refused(&path, Status::NotZovaDatabase);
    }
    let open = std::fs::read_dir("/proc/self/fd")
        .unwrap()
        .filter(|entry| std::fs::read_link(entry.as_ref().unwrap().path()).is_ok_and(|target| target == path))
        .count();
    assert_eq!(open, 0);
}
