//! Journals and WAL files left behind, and files and directories that may not be written to: the table of
//! situations of the format, each opened for writing and for reading.

use std::path::{Path, PathBuf};

use zova::{Database, OpenOptions, Result, Status};

use crate::READ_ONLY;
use crate::common::process::{set_mode, without_privileges};
use crate::common::{Scratch, copy_fixture, entries, native_fault, number_of, side_file, text_of};

fn open(path: &Path, options: OpenOptions) -> Result<Database> {
    Database::open_with_options(path, options)
}

const WRITING: OpenOptions = OpenOptions { read_only: false, busy_timeout_ms: 0 };

/// The bytes of a file and its side files.
fn snapshot(path: &Path) -> Vec<Option<Vec<u8>>> {
    ["", "-journal", "-wal", "-shm"]
        .iter()
        .map(|suffix| std::fs::read(side_file(path, suffix)).ok())
        .collect()
}

/// A fixture alone in a directory with these modes.
fn prepared(dir: &Path, name: &str, file_mode: u32, dir_mode: u32) -> PathBuf {
    let folder = dir.join(format!("{file_mode:o}-{dir_mode:o}-{name}"));
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join(name);
    copy_fixture(name, &path);
    for file in entries(&folder) {
        set_mode(&folder.join(file), file_mode);
    }
    set_mode(&folder, dir_mode);
    path
}

fn prepared_path(dir: &Path, name: &str, file_mode: u32, dir_mode: u32) -> PathBuf {
    dir.join(format!("{file_mode:o}-{dir_mode:o}-{name}")).join(name)
}

/// Nothing can be written, and everything else works.
#[track_caller]
fn assert_reads_only(mut db: Database) {
    let id = zova::object_id(b"stored nowhere").unwrap();
    assert_eq!(db.exec("create table t2(a)").unwrap_err().status(), Some(Status::ReadOnly));
    assert_eq!(db.exec("delete from _zova_meta").unwrap_err().status(), Some(Status::ReadOnly));
    assert_eq!(db.vacuum().unwrap_err().status(), Some(Status::ReadOnly));
    native_fault(db.put_object(b"new"), Status::ReadOnly);
    native_fault(db.delete_object(id), Status::ObjectNotFound);
    assert!(!db.has_object(id).unwrap());
    db.exec("create temp table scratch(a); insert into scratch values (1)").unwrap();
    assert_eq!(text_of(&mut db, "select value from _zova_meta where key = 'magic'"), "zova");
    db.begin().unwrap();
    db.savepoint("a").unwrap();
    db.release_savepoint("a").unwrap();
    db.commit().unwrap();
}

#[test]
fn a_hot_journal_is_rolled_back_by_opening_for_writing() {
    let scratch = Scratch::new();
    let path = scratch.fixture("hot.zova");
    assert!(side_file(&path, "-journal").exists());
    let mut db = Database::open(&path).unwrap();
    assert!(!side_file(&path, "-journal").exists());
    assert_eq!(number_of(&mut db, "select count(*) from _zova_vectors"), 150);
    assert_eq!(number_of(&mut db, "select count(*) from sqlite_schema where name = 'filler'"), 0);
    assert_eq!(text_of(&mut db, "pragma integrity_check"), "ok");
    drop(db);
    crate::open_accepted(&path);
}

#[test]
fn a_hot_journal_keeps_the_file_from_being_opened_for_reading() {
    let scratch = Scratch::new();
    let path = scratch.fixture("hot.zova");
    let before = snapshot(&path);
    native_fault(open(&path, READ_ONLY), Status::ReadOnly);
    assert!(snapshot(&path) == before, "the files were touched");
    assert_eq!(entries(scratch.dir()), ["hot.zova", "hot.zova-journal"]);
    drop(Database::open(&path).unwrap());
    drop(open(&path, READ_ONLY).unwrap());
}

#[test]
fn a_hot_journal_that_cannot_be_rolled_back_is_reported() {
    without_privileges(
        |dir| {
            prepared(dir, "hot.zova", 0o444, 0o777);
            prepared(dir, "hot.zova", 0o444, 0o555);
            prepared(dir, "hot.zova", 0o666, 0o555);
        },
        |dir| {
            // The file cannot be written to.
            for path in
                [prepared_path(dir, "hot.zova", 0o444, 0o777), prepared_path(dir, "hot.zova", 0o444, 0o555)]
            {
                let before = snapshot(&path);
                native_fault(open(&path, WRITING), Status::ReadOnly);
                native_fault(open(&path, READ_ONLY), Status::ReadOnly);
                assert!(snapshot(&path) == before, "the files were touched");
            }
            // The journal cannot be removed.
            let path = prepared_path(dir, "hot.zova", 0o666, 0o555);
            native_fault(open(&path, READ_ONLY), Status::ReadOnly);
            native_fault(open(&path, WRITING), Status::SqliteError);
            assert_eq!(entries(path.parent().unwrap()), ["hot.zova", "hot.zova-journal"]);
        },
    );
}

#[test]
fn a_wal_left_by_a_process_that_died_is_read() {
    for options in [WRITING, READ_ONLY] {
        let scratch = Scratch::new();
        let path = scratch.fixture("wal.zova");
        assert!(side_file(&path, "-wal").exists());
        let mut db = open(&path, options).unwrap();
        assert_eq!(number_of(&mut db, "select count(*) from t"), 3);
        assert_eq!(text_of(&mut db, "pragma integrity_check"), "ok");
        drop(db);
        let mut db = Database::open(&path).unwrap();
        assert_eq!(number_of(&mut db, "select count(*) from t"), 3);
        db.put_object(b"object").unwrap();
    }
}

#[test]
fn a_wal_is_read_although_the_file_may_not_be_written_to() {
    without_privileges(
        |dir| {
            prepared(dir, "wal.zova", 0o444, 0o777);
        },
        |dir| {
            let path = prepared_path(dir, "wal.zova", 0o444, 0o777);
            for options in [READ_ONLY, WRITING, READ_ONLY] {
                let mut db = open(&path, options).unwrap();
                assert_eq!(number_of(&mut db, "select count(*) from t"), 3);
                assert_reads_only(db);
            }
        },
    );
}

#[test]
fn wal_mode_in_a_directory_that_may_not_be_written_to_cannot_be_opened() {
    without_privileges(
        |dir| {
            for mode in [0o444, 0o666] {
                prepared(dir, "wal.zova", mode, 0o555);
                let path = prepared(dir, "empty.zova", mode, 0o777);
                set_mode(&path, 0o666);
                let mut db = Database::open(&path).unwrap();
                assert_eq!(text_of(&mut db, "pragma journal_mode = wal"), "wal");
                drop(db);
                assert_eq!(entries(path.parent().unwrap()), ["empty.zova"]);
                set_mode(&path, mode);
                let closed = dir.join(format!("{mode:o}-555-empty.zova"));
                std::fs::rename(path.parent().unwrap(), &closed).unwrap();
                set_mode(&closed, 0o555);
            }
        },
        |dir| {
            for mode in [0o444, 0o666] {
                for options in [WRITING, READ_ONLY] {
                    let without_content = prepared_path(dir, "empty.zova", mode, 0o555);
                    native_fault(open(&without_content, options), Status::ReadOnly);
                    let with_content = prepared_path(dir, "wal.zova", mode, 0o555);
                    native_fault(open(&with_content, options), Status::CantOpen);
                }
            }
        },
    );
}

#[test]
fn a_file_that_may_not_be_written_to_opens_and_refuses_writes() {
    without_privileges(
        |dir| {
            prepared(dir, "empty.zova", 0o444, 0o777);
            prepared(dir, "empty.zova", 0o444, 0o555);
        },
        |dir| {
            for dir_mode in [0o777, 0o555] {
                let path = prepared_path(dir, "empty.zova", 0o444, dir_mode);
                let before = snapshot(&path);
                for options in [WRITING, READ_ONLY] {
                    let mut db = open(&path, options).unwrap();
                    db.begin_immediate().unwrap();
                    db.rollback().unwrap();
                    assert_reads_only(db);
                }
                assert!(snapshot(&path) == before, "the files were touched");
            }
        },
    );
}

#[test]
fn a_directory_that_may_not_be_written_to_makes_its_files_read_only() {
    without_privileges(
        |dir| {
            prepared(dir, "empty.zova", 0o666, 0o555);
        },
        |dir| {
            let path = prepared_path(dir, "empty.zova", 0o666, 0o555);
            let before = snapshot(&path);
            for options in [WRITING, READ_ONLY] {
                assert_reads_only(open(&path, options).unwrap());
            }
            assert!(snapshot(&path) == before, "the files were touched");
        },
    );
}

#[test]
fn a_read_only_handle_writes_nothing_and_does_everything_else() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let id = db.put_object(b"stored").unwrap();
    drop(db);
    let before = snapshot(&path);
    let mut db = open(&path, READ_ONLY).unwrap();
    assert_eq!(db.get_object(id).unwrap(), b"stored");
    assert_eq!(db.put_object(b"stored").unwrap(), id);
    native_fault(db.delete_object(id), Status::ReadOnly);
    db.begin_immediate().unwrap();
    db.commit().unwrap();
    assert_eq!(text_of(&mut db, "pragma query_only"), "0");
    let attached = scratch.path("attached.db");
    drop(crate::common::raw(&attached));
    crate::common::edit(&attached, "create table t(a)");
    db.exec(&format!("attach '{}' as attached", attached.display())).unwrap();
    assert_eq!(db.exec("insert into attached.t values (1)").unwrap_err().status(), Some(Status::ReadOnly));
    db.exec("detach attached").unwrap();
    assert_reads_only(db);
    assert!(snapshot(&path) == before, "the files were touched");
}
