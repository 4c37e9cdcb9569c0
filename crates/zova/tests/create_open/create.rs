//! Which paths a new file is refused under, and what a refused creation leaves behind.

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Barrier;

use zova::{Database, SharedDatabase, Status};

use crate::common::process::{set_mode, without_privileges};
use crate::common::{Scratch, copy_fixture, entries, native_fault, one, raw, side_file, text_of};
use crate::{open_accepted, refused_naming};

#[test]
fn whatever_exists_under_the_name_is_left_alone() {
    let scratch = Scratch::new();
    let real = scratch.path("real.zova");
    drop(Database::create(&real).unwrap());
    std::fs::write(scratch.path("empty.zova"), b"").unwrap();
    std::fs::write(scratch.path("text.zova"), b"text").unwrap();
    std::fs::create_dir(scratch.path("directory.zova")).unwrap();
    symlink(&real, scratch.path("link.zova")).unwrap();
    symlink("nothing", scratch.path("dangling.zova")).unwrap();
    symlink("loop.zova", scratch.path("loop.zova")).unwrap();
    let _socket = UnixListener::bind(scratch.path("socket.zova")).unwrap();
    let before = entries(scratch.dir());
    for name in &before {
        let path = scratch.path(name);
        refused_naming(Database::create(&path), Status::DestinationExists, &path);
        refused_naming(SharedDatabase::create(&path), Status::DestinationExists, &path);
    }
    assert_eq!(entries(scratch.dir()), before);
    assert_eq!(std::fs::read(scratch.path("empty.zova")).unwrap(), b"");
    assert_eq!(std::fs::read(scratch.path("text.zova")).unwrap(), b"text");
    open_accepted(&real);
}

#[test]
fn the_suffix_is_looked_at_before_what_exists() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path("a.db"), b"").unwrap();
    native_fault(Database::create(scratch.path("a.db")), Status::NotZovaPath);
    native_fault(Database::create(scratch.path("missing/a.db")), Status::NotZovaPath);
}

#[test]
fn a_directory_that_is_missing_or_no_directory_cannot_be_created_in() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path("file"), b"").unwrap();
    symlink("gone", scratch.path("dangling")).unwrap();
    for name in ["missing/a.zova", "missing/deeper/a.zova", "file/a.zova", "dangling/a.zova"] {
        let path = scratch.path(name);
        refused_naming(Database::create(&path), Status::CantOpen, &path);
    }
    assert_eq!(entries(scratch.dir()), ["dangling", "file"]);
}

#[test]
fn a_name_that_the_file_system_cannot_hold_is_refused_and_leaves_nothing() {
    let scratch = Scratch::new();
    for length in [256, 300, 2000] {
        let name = "n".repeat(length - 5) + ".zova";
        native_fault(Database::create(scratch.path(&name)), Status::CantOpen);
    }
    assert!(entries(scratch.dir()).is_empty());
}

#[test]
fn a_path_is_created_only_if_sqlite_can_work_under_it() {
    let scratch = Scratch::new();
    let mut directory = scratch.dir().to_owned();
    while directory.as_os_str().len() < 410 {
        directory.push("d".repeat(50));
        std::fs::create_dir(&directory).unwrap();
    }
    let (mut accepted, mut refused) = (0, 0);
    for length in 480..540 {
        let stem = "s".repeat(length - directory.as_os_str().len() - "/.zova".len());
        let path = directory.join(stem + ".zova");
        assert_eq!(path.as_os_str().len(), length);
        match Database::create(&path) {
            Ok(mut db) => {
                db.exec("create table t(a); pragma journal_mode = wal; insert into t values (1); pragma journal_mode = delete").unwrap();
                drop(db);
                open_accepted(&path);
                std::fs::remove_file(&path).unwrap();
                accepted += 1;
            }
            error => {
                native_fault(error, Status::CantOpen);
                refused += 1;
            }
        }
        assert!(entries(&directory).is_empty(), "{length} bytes left {:?}", entries(&directory));
    }
    assert!(accepted > 10 && refused >= 28, "{accepted} accepted, {refused} refused");
}

#[test]
fn a_directory_one_may_not_write_to_cannot_be_created_in() {
    without_privileges(
        |dir| {
            std::fs::create_dir(dir.join("closed")).unwrap();
            std::fs::create_dir(dir.join("hidden")).unwrap();
            set_mode(&dir.join("closed"), 0o555);
            set_mode(&dir.join("hidden"), 0o000);
        },
        |dir| {
            for directory in ["closed", "hidden"] {
                let path = dir.join(directory).join("a.zova");
                refused_naming(Database::create(&path), Status::CantOpen, &path);
            }
            assert!(entries(&dir.join("closed")).is_empty());
        },
    );
}

#[test]
fn of_several_concurrent_creators_exactly_one_wins() {
    const CREATORS: usize = 6;
    let scratch = Scratch::new();
    for round in 0..15 {
        let path = scratch.path(&format!("{round}.zova"));
        let barrier = Barrier::new(CREATORS);
        let winners: Vec<Database> = std::thread::scope(|scope| {
            let creators: Vec<_> = (0..CREATORS)
                .map(|_| {
                    scope.spawn(|| {
                        barrier.wait();
                        Database::create(&path)
                    })
                })
                .collect();
            creators.into_iter().filter_map(|creator| winner(creator.join().unwrap())).collect()
        });
        assert_eq!(winners.len(), 1);
        for mut db in winners {
            db.exec("create table t(a)").unwrap();
        }
        open_accepted(&path);
    }
    assert_eq!(entries(scratch.dir()).len(), 15);
}

fn winner(outcome: zova::Result<Database>) -> Option<Database> {
    outcome.inspect_err(|error| assert_eq!(error.status(), Some(Status::DestinationExists), "{error}")).ok()
}

#[test]
fn creators_of_different_files_do_not_disturb_each_other() {
    let scratch = Scratch::new();
    std::thread::scope(|scope| {
        for creator in 0..4 {
            let scratch = &scratch;
            scope.spawn(move || {
                for at in 0..5 {
                    let (mut db, path) = scratch.database(&format!("{creator}-{at}.zova"));
                    db.exec("begin; create table t(a); insert into t values (1); commit").unwrap();
                    drop(db);
                    open_accepted(&path);
                }
            });
        }
    });
    assert_eq!(entries(scratch.dir()).len(), 20);
}

#[track_caller]
fn assert_new_and_sound(path: &Path) {
    let mut db = Database::create(path).unwrap();
    assert_eq!(text_of(&mut db, "pragma integrity_check"), "ok");
    db.exec("create table t(a); insert into t values (1)").unwrap();
    drop(db);
    open_accepted(path);
    let connection = raw(path);
    assert_eq!(
        one::<i64>(
            &connection,
            "select count(*) from sqlite_schema where name not like '\\_zova%' escape '\\' and sql is not null"
        ),
        1
    );
    assert_eq!(one::<String>(&connection, "pragma integrity_check"), "ok");
}

#[test]
fn the_hot_journal_of_another_database_does_not_harm_a_new_one() {
    let scratch = Scratch::new();
    copy_fixture("hot.zova", &scratch.path("old.zova"));
    let path = scratch.path("a.zova");
    std::fs::rename(scratch.path("old.zova-journal"), side_file(&path, "-journal")).unwrap();
    // It is hot: beside its own database it is rolled back.
    copy_fixture("hot.zova", &scratch.path("hot.zova"));
    drop(Database::open(scratch.path("hot.zova")).unwrap());
    assert!(!scratch.path("hot.zova-journal").exists());
    assert_new_and_sound(&path);
    assert!(!side_file(&path, "-journal").exists());
}

#[test]
fn the_wal_of_another_database_does_not_harm_a_new_one() {
    let scratch = Scratch::new();
    copy_fixture("wal.zova", &scratch.path("old.zova"));
    let path = scratch.path("a.zova");
    std::fs::rename(scratch.path("old.zova-wal"), side_file(&path, "-wal")).unwrap();
    std::fs::write(side_file(&path, "-shm"), vec![0x55; 32768]).unwrap();
    assert_new_and_sound(&path);
    for suffix in ["-wal", "-shm"] {
        assert!(!side_file(&path, suffix).exists(), "{suffix}");
    }
}

#[test]
fn other_remains_beside_the_path_do_not_harm_a_new_file() {
    let scratch = Scratch::new();
    for (at, remains) in [&b""[..], b"remains", &[0; 5000]].into_iter().enumerate() {
        let path = scratch.path(&format!("{at}.zova"));
        for suffix in ["-journal", "-wal", "-shm"] {
            std::fs::write(side_file(&path, suffix), remains).unwrap();
        }
        assert_new_and_sound(&path);
    }
}

#[test]
fn a_side_file_that_cannot_be_removed_stops_the_creation_without_a_trace() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    std::fs::create_dir(side_file(&path, "-journal")).unwrap();
    native_fault(Database::create(&path), Status::SqliteError);
    assert_eq!(entries(scratch.dir()), ["a.zova-journal"]);
}
