//! Conversion leaves its source as it is, and refuses what it must.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use zova::{CallLimits, Database, Status};

use crate::common::{Scratch, edit, entries, fault, native_fault, one, raw, side_file};
use crate::plain;

/// Every file of a directory with its bytes.
fn snapshot(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    entries(dir).into_iter().map(|name| (name.clone(), std::fs::read(dir.join(name)).unwrap())).collect()
}

/// Copies a database and its side files while a connection has it open: what a killed process leaves behind.
fn abandoned(live: &Path, dir: &Path, side_files: &[&str]) -> PathBuf {
    let path = dir.join("source.db");
    std::fs::copy(live, &path).unwrap();
    for suffix in side_files {
        std::fs::copy(side_file(live, suffix), side_file(&path, suffix)).unwrap();
    }
    path
}

/// Converts; nothing in the source's directory may change. Gives how many rows `t` has.
#[track_caller]
fn converted_rows(source: &Path) -> i64 {
    let scratch = Scratch::new();
    let target = scratch.path("converted.zova");
    let dir = source.parent().unwrap();
    let before = snapshot(dir);
    Database::convert_sqlite_to_zova(source, &target).unwrap();
    let after = snapshot(dir);
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    for (name, bytes) in &before {
        assert!(after[name] == *bytes, "{name} has changed");
    }
    assert_eq!(entries(scratch.dir()), ["converted.zova"]);
    let mut db = Database::open(&target).unwrap();
    let rows = crate::common::number_of(&mut db, "select count(*) from t");
    assert_eq!(crate::common::text_of(&mut db, "pragma integrity_check"), "ok");
    rows
}

#[test]
fn a_source_at_rest_stays_as_it_is() {
    for mode in ["delete", "persist", "truncate", "wal"] {
        let scratch = Scratch::new();
        let source = scratch.path("source.db");
        edit(
            &source,
            &format!("pragma journal_mode = {mode}; create table t(a); insert into t values (1), (2)"),
        );
        assert_eq!(converted_rows(&source), 2, "{mode}");
    }
}

#[test]
fn a_log_that_was_left_behind_arrives_and_stays_as_it_is() {
    for side_files in [&["-wal"][..], &["-wal", "-shm"]] {
        let (live, scratch) = (Scratch::new(), Scratch::new());
        plain(&live.path("x.db"));
        let connection = raw(&live.path("x.db"));
        connection
            .execute_batch("pragma journal_mode = wal; pragma wal_autocheckpoint = 0; insert into t(b) values ('in the log')")
            .unwrap();
        let source = abandoned(&live.path("x.db"), scratch.dir(), side_files);
        assert!(std::fs::metadata(side_file(&source, "-wal")).unwrap().len() > 0);
        assert_eq!(converted_rows(&source), 20_001, "{side_files:?}");
    }
}

#[test]
fn a_database_in_use_is_converted_as_last_committed() {
    let scratch = Scratch::new();
    let source = scratch.path("source.db");
    plain(&source);
    let connection = raw(&source);
    connection.execute_batch("pragma journal_mode = wal; insert into t(b) values ('committed')").unwrap();
    connection.execute_batch("begin; insert into t(b) values ('not yet')").unwrap();
    assert_eq!(converted_rows(&source), 20_001);
    connection
        .execute_batch(
            "commit; pragma journal_mode = delete; begin immediate; insert into t(b) values ('no')",
        )
        .unwrap();
    assert_eq!(converted_rows(&source), 20_002);
    // Its locks are still there.
    assert!(raw(&source).execute_batch("begin immediate").is_err());
    connection.execute_batch("rollback").unwrap();
    assert_eq!(one::<i64>(&connection, "select count(*) from t"), 20_002);
}

#[test]
fn a_hot_journal_is_rolled_back_in_the_copy_alone() {
    let (live, scratch) = (Scratch::new(), Scratch::new());
    plain(&live.path("x.db"));
    let connection = raw(&live.path("x.db"));
    // A small cache, so that changed pages reach the file before the commit.
    connection
        .execute_batch(
            "pragma cache_size = 5; begin; update t set b = 'changed'; delete from t where a < 9000",
        )
        .unwrap();
    let source = abandoned(&live.path("x.db"), scratch.dir(), &["-journal"]);
    assert_eq!(converted_rows(&source), 20_000);
    // It still is hot.
    let connection = raw(&source);
    assert_eq!(one::<i64>(&connection, "select count(*) from t where b like 'row %'"), 20_000);
    assert!(!side_file(&source, "-journal").exists());
}

#[test]
fn links_to_a_source_lead_to_its_side_files() {
    let (live, scratch, links) = (Scratch::new(), Scratch::new(), Scratch::new());
    plain(&live.path("x.db"));
    let connection = raw(&live.path("x.db"));
    connection.execute_batch("pragma journal_mode = wal; insert into t(b) values ('in the log')").unwrap();
    let source = abandoned(&live.path("x.db"), scratch.dir(), &["-wal"]);
    let link = links.path("link.db");
    std::os::unix::fs::symlink(&source, &link).unwrap();
    let target = scratch.path("converted.zova");
    Database::convert_sqlite_to_zova(&link, &target).unwrap();
    assert_eq!(one::<i64>(&raw(&target), "select count(*) from t"), 20_001);
    assert_eq!(entries(links.dir()), ["link.db"]);
}

#[test]
fn reserved_names_are_refused_in_any_case_and_named() {
    for (sql, kind, name) in [
        ("create table _ZOVA_things(a)", "table", "_ZOVA_things"),
        ("create table t(a); create index _zova_i on t(a)", "index", "_zova_i"),
        ("create view \"_Zova_ v\" as select 1", "view", "_Zova_ v"),
        (
            "create table t(a); create trigger _zova_g after insert on t begin select 1; end",
            "trigger",
            "_zova_g",
        ),
    ] {
        let scratch = Scratch::new();
        let source = scratch.path("source.db");
        edit(&source, sql);
        let message = fault(
            Database::convert_sqlite_to_zova(&source, scratch.path("x.zova")),
            Status::ZovaNameConflict,
        );
        assert!(message.starts_with("ZovaNameConflict: "), "{message}");
        assert!(
            message.contains(&format!("{kind} called {name:?}")) && message.contains("source.db"),
            "{message}"
        );
        assert_eq!(entries(scratch.dir()), ["source.db"]);
    }
    let scratch = Scratch::new();
    let (db, source) = scratch.database("source.zova");
    drop(db);
    fault(Database::convert_sqlite_to_zova(source, scratch.path("x.zova")), Status::ZovaNameConflict);
    // The exact word without what follows it is nobody's.
    let source = scratch.path("legal.db");
    edit(&source, "create table _zova(a); create table zova_(a)");
    Database::convert_sqlite_to_zova(source, scratch.path("x.zova")).unwrap();
}

#[test]
fn what_is_no_sqlite_database_is_refused_with_the_status_that_fits() {
    let scratch = Scratch::new();
    let good = scratch.path("good.db");
    plain(&good);
    let bytes = std::fs::read(&good).unwrap();
    std::fs::write(scratch.path("text"), "This is no database at all. ".repeat(40)).unwrap();
    std::fs::write(scratch.path("short"), &bytes[..bytes.len() / 2]).unwrap();
    std::fs::create_dir(scratch.path("directory")).unwrap();
    let mut damaged = bytes.clone();
    damaged[4096 * 3..4096 * 4].fill(0xa5);
    std::fs::write(scratch.path("damaged"), damaged).unwrap();
    let before = entries(scratch.dir());
    for (name, status) in [
        ("text", Status::SqliteError),
        ("short", Status::Corrupt),
        ("damaged", Status::Corrupt),
        ("directory", Status::CantOpen),
        ("missing", Status::CantOpen),
        ("good.db/below", Status::CantOpen),
    ] {
        let message = native_fault(
            Database::convert_sqlite_to_zova(scratch.path(name), scratch.path("x.zova")),
            status,
        );
        assert!(message.contains(if name == "damaged" { "x.zova" } else { name }), "{message}");
        assert_eq!(entries(scratch.dir()), before);
    }
    std::fs::write(scratch.path("nothing"), "").unwrap();
    Database::convert_sqlite_to_zova(scratch.path("nothing"), scratch.path("x.zova")).unwrap();
    assert_eq!(std::fs::metadata(scratch.path("nothing")).unwrap().len(), 0);
    drop(Database::open(scratch.path("x.zova")).unwrap());
}

#[test]
fn a_locked_source_is_busy_after_the_timeout_and_interrupted_after_the_deadline() {
    for mode in ["delete", "wal"] {
        let scratch = Scratch::new();
        let source = scratch.path("source.db");
        plain(&source);
        let connection = raw(&source);
        let lock =
            if mode == "wal" { "pragma locking_mode = exclusive; pragma journal_mode = wal; " } else { "" };
        connection.execute_batch(&format!("{lock} begin exclusive; insert into t(b) values ('x')")).unwrap();
        let convert = |busy_timeout_ms, deadline_ms| {
            let limits = CallLimits { busy_timeout_ms, deadline_ms };
            let start = Instant::now();
            let result = Database::convert_sqlite_to_zova_with_limits(
                &source,
                scratch.path("x.zova"),
                limits,
                &mut |_| std::ops::ControlFlow::Continue(()),
            );
            (result, start.elapsed())
        };
        native_fault(convert(0, 0).0, Status::Busy);
        let (result, time) = convert(120, 0);
        native_fault(result, Status::Busy);
        assert!(time >= Duration::from_millis(100), "{mode}: {time:?}");
        let (result, time) = convert(60_000, 100);
        native_fault(result, Status::Interrupted);
        assert!(time < Duration::from_secs(20), "{mode}: {time:?}");
        assert!(!scratch.path("x.zova").exists());
        connection.execute_batch("rollback").unwrap();
        drop(connection);
        convert(0, 0).0.unwrap();
    }
    let scratch = Scratch::new();
    let limits = CallLimits { busy_timeout_ms: u32::MAX, deadline_ms: 0 };
    native_fault(
        Database::convert_sqlite_to_zova_with_limits(
            scratch.path("missing"),
            scratch.path("x"),
            limits,
            &mut |_| std::ops::ControlFlow::Continue(()),
        ),
        Status::InvalidArgument,
    );
}
