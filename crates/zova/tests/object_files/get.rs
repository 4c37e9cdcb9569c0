//! Writing an object into a new file.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use zova::{Database, Error, SharedDatabase, Status};

use crate::common::process::{in_own_directory, set_mode, with_umask, without_privileges};
use crate::common::{Scratch, bytes, entries, native_fault, raw};
use crate::damage::{self, assert_allowed};
use crate::objects::{READ_ONLY, assemble, equal_sizes, go_on, object_id, quick_database};
use crate::{SIZES, file};

#[test]
fn objects_of_every_size_are_written_into_files() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    for size in SIZES {
        let content = bytes(size as u64, size);
        let id = db.put_object(&content).unwrap();
        let target = scratch.path("target");
        db.get_object_file(id, &target, &mut go_on).unwrap();
        assert!(std::fs::read(&target).unwrap() == content, "{size} bytes");
        assert_eq!(entries(scratch.dir()), ["a.zova", "target"]);
        std::fs::remove_file(&target).unwrap();
    }
}

#[test]
fn a_file_goes_in_and_comes_out_alike() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    for size in SIZES {
        let content = bytes(7, size);
        let source = file(scratch.dir(), "source", &content);
        let id = db.put_object_file(&source, &mut go_on).unwrap();
        let target = scratch.path(&format!("target of {size}"));
        db.get_object_file(id, &target, &mut go_on).unwrap();
        assert!(std::fs::read(&target).unwrap() == content);
    }
}

#[test]
fn every_kind_of_handle_writes_files() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let shared = SharedDatabase::create(&path).unwrap();
    let id = shared.put_object(b"content").unwrap();
    shared.get_object_file(id, scratch.path("1"), &mut go_on).unwrap();
    shared.with_exclusive(|guard| guard.get_object_file(id, scratch.path("2"), &mut go_on)).unwrap();
    let mut reader = Database::open_with_options(&path, READ_ONLY).unwrap();
    reader.get_object_file(id, scratch.path("3").to_str().unwrap(), &mut go_on).unwrap();
    for name in ["1", "2", "3"] {
        assert_eq!(std::fs::read(scratch.path(name)).unwrap(), b"content");
    }
}

#[test]
fn an_assembled_object_is_written_like_any_other() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    let content = bytes(1, 400_000);
    for size in [65536, 1000] {
        assemble(&mut db, &content, equal_sizes(&content, size));
        let target = scratch.path(&size.to_string());
        db.get_object_file(object_id(&content), &target, &mut go_on).unwrap();
        assert!(std::fs::read(&target).unwrap() == content);
        db.delete_object(object_id(&content)).unwrap();
    }
}

#[test]
fn an_existing_destination_is_never_touched() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let id = db.put_object(&bytes(2, 300_000)).unwrap();
    let taken = file(scratch.dir(), "taken", b"precious");
    let folder = scratch.path("folder");
    std::fs::create_dir(&folder).unwrap();
    let link = scratch.path("link");
    std::os::unix::fs::symlink("nowhere", &link).unwrap();
    let linked = scratch.path("linked");
    std::os::unix::fs::symlink("taken", &linked).unwrap();
    let before = entries(scratch.dir());
    for target in [&taken, &folder, &link, &linked, &path] {
        let message = native_fault(db.get_object_file(id, target, &mut go_on), Status::DestinationExists);
        assert!(message.contains(target.to_str().unwrap()), "{message}");
    }
    assert_eq!(entries(scratch.dir()), before);
    assert_eq!(std::fs::read(taken).unwrap(), b"precious");
    assert!(entries(&folder).is_empty());
}

#[test]
fn a_destination_taken_meanwhile_is_not_replaced() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    let id = db.put_object(&bytes(3, 1_000_000)).unwrap();
    let target = scratch.path("target");
    let mut take = |_| {
        std::fs::write(&target, b"faster").unwrap();
        std::ops::ControlFlow::Continue(())
    };
    native_fault(db.get_object_file(id, &target, &mut take), Status::DestinationExists);
    assert_eq!(std::fs::read(&target).unwrap(), b"faster");
    assert_eq!(entries(scratch.dir()), ["a.zova", "target"]);
}

#[test]
fn a_missing_object_creates_nothing() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    let missing = object_id(b"missing");
    let message =
        native_fault(db.get_object_file(missing, scratch.path("target"), &mut go_on), Status::ObjectNotFound);
    assert!(message.contains(&missing.to_string()), "{message}");
    assert_eq!(entries(scratch.dir()), ["a.zova"]);
}

#[test]
fn a_missing_directory_cannot_be_written_to() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    let id = db.put_object(b"content").unwrap();
    file(scratch.dir(), "file", b"");
    for target in ["missing/target", "file/target"] {
        let target = scratch.path(target);
        let message = native_fault(db.get_object_file(id, &target, &mut go_on), Status::CantOpen);
        assert!(message.contains(target.to_str().unwrap()), "{message}");
    }
    assert_eq!(entries(scratch.dir()), ["a.zova", "file"]);
}

#[test]
fn a_directory_without_permission_cannot_be_written_to() {
    let prepare = |dir: &Path| {
        let mut db = Database::create(dir.join("a.zova")).unwrap();
        db.put_object(b"content").unwrap();
        std::fs::create_dir(dir.join("closed")).unwrap();
        set_mode(&dir.join("closed"), 0o555);
    };
    without_privileges(prepare, |dir| {
        let mut db = Database::open_with_options(dir.join("a.zova"), READ_ONLY).unwrap();
        let id = object_id(b"content");
        native_fault(db.get_object_file(id, dir.join("closed/target"), &mut go_on), Status::CantOpen);
        db.get_object_file(id, dir.join("target"), &mut go_on).unwrap();
        assert!(entries(&dir.join("closed")).is_empty());
    });
}

#[test]
fn paths_that_are_no_text_are_refused() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    let id = db.put_object(b"content").unwrap();
    assert_eq!(
        db.get_object_file(id, "a\0b", &mut go_on).unwrap_err(),
        Error::InteriorNul { context: "path" }
    );
    let path = Path::new(OsStr::from_bytes(b"/tmp/\xff"));
    assert_eq!(db.get_object_file(id, path, &mut go_on).unwrap_err(), Error::NonUtf8Path);
}

#[test]
fn a_bare_name_is_written_into_the_current_directory() {
    in_own_directory(|dir| {
        let mut db = Database::create("a.zova").unwrap();
        let id = db.put_object(b"content").unwrap();
        db.get_object_file(id, "target", &mut go_on).unwrap();
        assert_eq!(std::fs::read(dir.join("target")).unwrap(), b"content");
    });
}

#[track_caller]
fn assert_mode(dir: &Path, expected: u32) {
    let mut db = Database::create(dir.join("a.zova")).unwrap();
    for size in [0, 10, 600_000] {
        let id = db.put_object(&bytes(4, size)).unwrap();
        let target = dir.join(format!("target of {size}"));
        db.get_object_file(id, &target, &mut go_on).unwrap();
        let mode = std::fs::metadata(target).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, expected, "{mode:o}");
    }
}

#[test]
fn permissions_follow_an_open_umask() {
    with_umask("000", |dir| assert_mode(dir, 0o666));
}

#[test]
fn permissions_follow_the_usual_umask() {
    with_umask("022", |dir| assert_mode(dir, 0o644));
}

#[test]
fn permissions_follow_a_strict_umask() {
    with_umask("077", |dir| assert_mode(dir, 0o600));
}

#[test]
fn a_damaged_object_leaves_no_file() {
    for damage in damage::ALL {
        let mut victim = damage.victim();
        let target = victim.scratch.path("target");
        let outcome = victim.db.get_object_file(victim.id, &target, &mut go_on);
        let written = outcome.is_ok();
        assert_allowed(damage.name, outcome, damage.read);
        if written {
            assert!(std::fs::read(&target).unwrap() == victim.content, "{}", damage.name);
        } else {
            assert_eq!(entries(victim.scratch.dir()), ["a.zova"], "{}", damage.name);
        }
    }
}

#[test]
fn a_lock_held_elsewhere_is_busy_and_leaves_no_file() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let id = db.put_object(b"content").unwrap();
    let other = raw(&path);
    other.execute_batch("begin exclusive").unwrap();
    native_fault(db.get_object_file(id, scratch.path("target"), &mut go_on), Status::Busy);
    assert!(!scratch.path("target").exists());
    other.execute_batch("rollback").unwrap();
    db.get_object_file(id, scratch.path("target"), &mut go_on).unwrap();
}

#[test]
fn uncommitted_objects_of_the_handle_are_written_too() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    db.begin().unwrap();
    let id = db.put_object(b"content").unwrap();
    db.get_object_file(id, scratch.path("target"), &mut go_on).unwrap();
    db.rollback().unwrap();
    assert_eq!(std::fs::read(scratch.path("target")).unwrap(), b"content");
}

#[cfg(all(unix, target_pointer_width = "64"))]
#[test]
fn a_file_that_cannot_be_written_whole_does_not_appear() {
    use crate::limit::limit_files;
    in_own_directory(|dir| {
        let mut db = Database::create("a.zova").unwrap();
        let content = bytes(5, 2_000_000);
        let id = db.put_object(&content).unwrap();
        for limit in [0, 262_144, 1_999_999] {
            limit_files(Some(limit));
            let message = native_fault(db.get_object_file(id, "target", &mut go_on), Status::SqliteError);
            limit_files(None);
            assert!(message.contains("target"), "{message}");
            assert_eq!(entries(dir), ["a.zova"], "limit {limit}");
        }
        limit_files(Some(2_000_000));
        db.get_object_file(id, "target", &mut go_on).unwrap();
        limit_files(None);
        assert!(std::fs::read("target").unwrap() == content);
    });
}
