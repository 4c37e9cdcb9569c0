//! Storing what a file holds.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use zova::{Database, Error, SharedDatabase, Status};

use crate::common::process::{in_own_directory, set_mode, without_privileges};
use crate::common::{Scratch, bytes, edit, entries, native_fault, number_of, raw};
use crate::objects::{READ_ONLY, assert_holds, fault_among, go_on, object_id, quick_database, rows};
use crate::{SIZES, file};

#[test]
fn files_of_every_size_are_stored_like_their_bytes() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let contents = SIZES.map(|size| bytes(size as u64, size));
    for content in &contents {
        let source = file(scratch.dir(), "source", content);
        assert_eq!(db.put_object_file(&source, &mut go_on).unwrap(), object_id(content));
        assert!(std::fs::read(source).unwrap() == *content);
    }
    assert_holds(&path, contents.iter().map(Vec::as_slice), []);
    assert_eq!(entries(scratch.dir()), ["a.zova", "source"]);
}

#[test]
fn every_kind_of_handle_stores_files() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let shared = SharedDatabase::create(&path).unwrap();
    let source = file(scratch.dir(), "any name at all", b"content");
    let id = object_id(b"content");
    assert_eq!(shared.put_object_file(&source, &mut go_on).unwrap(), id);
    let in_guard = shared.with_exclusive(|guard| guard.put_object_file(source.to_str().unwrap(), &mut go_on));
    assert_eq!(in_guard.unwrap(), id);
    assert_holds(&path, [&b"content"[..]], []);
}

#[test]
fn a_file_whose_content_is_stored_changes_nothing() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let content = bytes(1, 600_000);
    let id = db.put_object(&content).unwrap();
    let source = file(scratch.dir(), "source", &content);
    let before = std::fs::read(&path).unwrap();
    assert_eq!(db.put_object_file(&source, &mut go_on).unwrap(), id);
    let mut reader = Database::open_with_options(&path, READ_ONLY).unwrap();
    assert_eq!(reader.put_object_file(&source, &mut go_on).unwrap(), id);
    assert!(std::fs::read(&path).unwrap() == before);
}

#[test]
fn what_is_no_readable_file_is_refused_by_its_name() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let names_it = |message: String, path: &Path| {
        assert!(message.contains(path.to_str().unwrap()), "{message}");
    };
    for missing in ["missing", "missing/file", ""] {
        let missing = scratch.path(missing).join("x");
        names_it(native_fault(db.put_object_file(&missing, &mut go_on), Status::CantOpen), &missing);
    }
    let link = scratch.path("link");
    std::os::unix::fs::symlink("nowhere", &link).unwrap();
    names_it(native_fault(db.put_object_file(&link, &mut go_on), Status::CantOpen), &link);
    let folder = scratch.path("folder");
    std::fs::create_dir(&folder).unwrap();
    fault_among(db.put_object_file(&folder, &mut go_on), &[Status::CantOpen, Status::SqliteError]);
    names_it(db.put_object_file(&folder, &mut go_on).unwrap_err().to_string(), &folder);
    assert_holds(&path, [], []);
}

#[test]
fn a_file_without_permission_is_refused() {
    let prepare = |dir: &Path| {
        drop(Database::create(dir.join("a.zova")).unwrap());
        set_mode(&dir.join("a.zova"), 0o666);
        set_mode(&file(dir, "secret", b"secret"), 0o000);
    };
    without_privileges(prepare, |dir| {
        let mut db = Database::open(dir.join("a.zova")).unwrap();
        native_fault(db.put_object_file(dir.join("secret"), &mut go_on), Status::CantOpen);
    });
}

#[test]
fn paths_that_are_no_text_are_refused() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    assert_eq!(db.put_object_file("a\0b", &mut go_on).unwrap_err(), Error::InteriorNul { context: "path" });
    let path = Path::new(OsStr::from_bytes(b"/tmp/\xff"));
    assert_eq!(db.put_object_file(path, &mut go_on).unwrap_err(), Error::NonUtf8Path);
}

#[test]
fn a_link_is_followed_and_relative_paths_count_from_the_current_directory() {
    in_own_directory(|dir| {
        let mut db = Database::create("a.zova").unwrap();
        file(dir, "source", b"content");
        std::os::unix::fs::symlink("source", dir.join("link")).unwrap();
        for path in ["source", "./source", "link"] {
            assert_eq!(db.put_object_file(path, &mut go_on).unwrap(), object_id(b"content"));
        }
    });
}

/// Files of the system that say they are empty and are not.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_does_not_know_its_size_is_read_to_its_end() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    let content = std::fs::read("/proc/version").unwrap();
    assert_eq!(std::fs::metadata("/proc/version").unwrap().len(), 0);
    assert!(!content.is_empty());
    let id = db.put_object_file("/proc/version", &mut go_on).unwrap();
    assert!(db.get_object(id).unwrap() == content);
}

#[test]
fn a_stored_file_joins_the_transaction() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let content = bytes(2, 1_500_000);
    let source = file(scratch.dir(), "source", &content);
    db.begin().unwrap();
    let id = db.put_object_file(&source, &mut go_on).unwrap();
    assert!(db.get_object(id).unwrap() == content);
    db.rollback().unwrap();
    assert_holds(&path, [], []);
    db.savepoint("a").unwrap();
    db.put_object_file(&source, &mut go_on).unwrap();
    db.release_savepoint("a").unwrap();
    assert_holds(&path, [content.as_slice()], []);
}

#[test]
fn locks_read_only_handles_and_running_writers_refuse() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let content = bytes(3, 700_000);
    let source = file(scratch.dir(), "source", &content);
    let other = raw(&path);
    for lock in ["begin immediate", "begin exclusive"] {
        other.execute_batch(lock).unwrap();
        native_fault(db.put_object_file(&source, &mut go_on), Status::Busy);
        other.execute_batch("rollback").unwrap();
    }
    let mut reader = Database::open_with_options(&path, READ_ONLY).unwrap();
    native_fault(reader.put_object_file(&source, &mut go_on), Status::ReadOnly);
    db.exec("create table t(a)").unwrap();
    let mut insert = db.prepare_owned("insert into t values (1), (2) returning a").unwrap();
    insert.step().unwrap();
    native_fault(db.put_object_file(&source, &mut go_on), Status::ObjectTransactionActive);
    insert.reset().unwrap();
    assert_holds(&path, [], []);
    db.put_object_file(&source, &mut go_on).unwrap();
    assert_holds(&path, [content.as_slice()], []);
}

#[test]
fn damage_is_met_as_by_a_writer() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let content = bytes(4, 100_000);
    let source = file(scratch.dir(), "source", &content);
    db.put_object_file(&source, &mut go_on).unwrap();
    let sound = std::fs::read(&path).unwrap();
    for (change, status) in [
        ("update _zova_chunks set data = zeroblob(size_bytes)", Status::ObjectCorrupt),
        ("delete from _zova_object_chunks where chunk_index = 3", Status::ObjectCorrupt),
        ("update _zova_objects set chunk_count = 1", Status::ObjectCorrupt),
        ("delete from _zova_objects", Status::Constraint),
        ("drop table _zova_chunks", Status::SqliteError),
    ] {
        std::fs::write(&path, &sound).unwrap();
        let mut db = Database::open(&path).unwrap();
        edit(&path, change);
        let before = std::fs::read(&path).unwrap();
        native_fault(db.put_object_file(&source, &mut go_on), status);
        assert!(std::fs::read(&path).unwrap() == before, "{change}");
    }
}

#[cfg(all(unix, target_pointer_width = "64"))]
#[test]
fn bytes_that_cannot_be_set_aside_leave_nothing() {
    use crate::limit::limit_files;
    in_own_directory(|dir| {
        let mut db = Database::create("a.zova").unwrap();
        db.exec("create table t(a)").unwrap();
        let content = bytes(5, 3_000_000);
        let source = file(dir, "source", &content);
        for limit in [0, 700_000, 2_000_000] {
            db.begin().unwrap();
            db.exec("insert into t values (1)").unwrap();
            limit_files(Some(limit));
            native_fault(db.put_object_file(&source, &mut go_on), Status::SqliteError);
            limit_files(None);
            db.commit().unwrap();
            assert!(rows(&dir.join("a.zova")) == Default::default());
            assert_eq!(entries(dir), ["a.zova", "source"]);
        }
        assert_eq!(number_of(&mut db, "select count(*) from t"), 3);
        assert_eq!(db.put_object_file(&source, &mut go_on).unwrap(), object_id(&content));
        db.verify_object(object_id(&content)).unwrap();
    });
}
