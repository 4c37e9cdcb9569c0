//! The contract between host and plugin: what the host answers to a plugin that does what it must not.

use std::path::PathBuf;

use zova::{Database, OpenOptions, Status, VectorCollectionOptions, VectorMetric};

use crate::support::{Scene, fault, refused, rows, try_rows};

/// A database in which the plugin `odd` is installed.
struct Odd {
    scene: Scene,
    bundle: PathBuf,
    path: PathBuf,
    db: Database,
}

fn odd() -> Odd {
    let scene = Scene::new();
    let bundle = scene.plugin("odd", &[]);
    scene.trust(&bundle);
    let (mut db, path) = scene.create(&[&bundle]).unwrap();
    db.install_extension("odd").unwrap();
    Odd { scene, bundle, path, db }
}

impl Odd {
    /// What an attempt was answered.
    fn answer(&mut self, arguments: &str) -> String {
        rows(&mut self.db, &format!("select zova_odd({arguments})")).remove(0)
    }

    fn error(&mut self, arguments: &str) -> (Status, String) {
        fault(try_rows(&mut self.db, &format!("select zova_odd({arguments})")))
    }
}

#[test]
fn every_kind_of_value_crosses_in_both_directions() {
    let mut odd = odd();
    for value in
        ["1", "-9223372036854775808", "1.5", "'text'", "x'00ff'", "''", "x''", "null", "'\u{e9}\u{1f600}'"]
    {
        let sql = format!("select quote(zova_odd('echo', {value})) = quote({value})");
        assert_eq!(rows(&mut odd.db, &sql), ["1"], "{value}");
    }
    assert_eq!(odd.answer("'nothing'"), "NULL");
    assert_eq!(odd.answer("'last result'"), "2");
    assert_eq!(rows(&mut odd.db, "select length(zova_odd('memory'))"), ["100"]);
    let many = vec!["1"; 100].join(", ");
    assert_eq!(odd.answer(&format!("'echo', 5, {many}")), "5");
    assert_eq!(odd.error("").1, "what?");
}

#[test]
fn a_failure_has_its_status_and_its_message_or_the_name_of_the_status() {
    let mut odd = odd();
    assert_eq!(odd.error("'fail', 12, 'because'"), (Status::Constraint, "because".to_owned()));
    assert_eq!(odd.error("'fail', 12, ''"), (Status::Constraint, "Constraint".to_owned()));
    assert_eq!(odd.error("'return', 50").1, "ObjectNotFound");
    assert_eq!(odd.error("'return', 14"), (Status::ReadOnly, "ReadOnly".to_owned()));
    // Numbers that nobody knows.
    for unknown in ["4", "-1", "1000"] {
        assert_eq!(
            odd.error(&format!("'return', {unknown}")),
            (Status::SqliteError, "SqliteError".to_owned())
        );
    }
    assert_eq!(odd.answer("'fail and succeed'"), "7");
    // A failure of SQLite that is passed on without a message keeps SQLite's own.
    let (status, message) = odd.error("'pass on', 'select * from absent'");
    assert_eq!((status, message.as_str()), (Status::SqliteError, "no such table: absent"));
}

#[test]
fn transactions_and_attached_files_are_not_the_plugins_to_control() {
    let mut odd = odd();
    for sql in [
        "begin",
        "commit",
        "end",
        "rollback",
        "savepoint a",
        "release a",
        "vacuum",
        "detach main",
        "attach '':memory:'' as x",
        "pragma foreign_keys = on",
        " /* x */ BEGIN immediate",
        "select 1; commit",
    ] {
        assert_eq!(odd.answer(&format!("'exec', '{sql}'")), "16", "{sql}");
    }
    assert_eq!(odd.answer("'prepare', '-- x\ncommit'"), "16");
    assert_eq!(odd.answer("'exec', 'pragma table_info(x)'"), "0");
}

#[test]
fn a_statement_left_open_fails_the_callback() {
    let mut odd = odd();
    let (status, message) = odd.error("'leave open'");
    assert_eq!((status, message.as_str()), (Status::Misuse, "the extension left 1 statements open"));
    let (status, message) = odd.error("'leave open', 'and fail'");
    assert_eq!(status, Status::Misuse);
    assert!(message.ends_with("after it had failed: Constraint"), "{message}");
    // It really was finalized: a transaction can end and the table can be dropped.
    odd.db.drop_extension("odd").unwrap();
}

#[test]
fn what_was_kept_beyond_its_time_is_answered_with_a_status() {
    let mut odd = odd();
    assert_eq!(odd.answer("'keep'"), "0");
    assert_eq!(odd.answer("'use kept context'"), "16");
    assert_eq!(odd.answer("'use kept statement'"), "1");
    assert_eq!(odd.answer("'use kept call'"), "3");
    assert_eq!(odd.answer("'foreign pointers'"), "1");
}

#[test]
fn the_context_of_an_outer_call_is_not_that_of_an_inner_one() {
    let mut odd = odd();
    assert_eq!(odd.answer("'nested'"), "16");
    assert_eq!(odd.answer("'many statements'"), (0..50).map(|at| at + 1).sum::<i32>().to_string());
}

#[test]
fn arguments_that_are_not_acceptable_are_answered_with_a_status() {
    let mut odd = odd();
    assert_eq!(odd.answer("'bad arguments'"), "1");
    for kind in [0, 3, 4, 6, -1] {
        let (status, message) = odd.error(&format!("'bad result', {kind}"));
        assert_eq!(status, Status::SqliteError, "{message}");
        assert!(message.contains("no type of a value") || message.contains("null pointer"), "{message}");
    }
    assert!(odd.error("'null result'").1.contains("null pointer"));
    assert_eq!(odd.answer("'register'"), "16");
    assert_eq!(odd.answer("'host'"), "1");
}

#[test]
fn targets_are_found_wherever_they_are() {
    let mut odd = odd();
    let object = odd.db.put_object(b"bytes").unwrap();
    let chunk = odd.db.object_manifest(object).unwrap().chunks[0].hash;
    let options = VectorCollectionOptions { dimensions: 2, metric: VectorMetric::L2 };
    odd.db.create_vector_collection("points", options).unwrap();
    odd.db.put_vector("points", "p", &[1.0, 2.0]).unwrap();
    for (target, expected) in [
        (format!("2, null, '{object}'"), "1"),
        (format!("2, null, '{}'", zova::object_id(b"other").unwrap()), "0"),
        ("2, null, 'no id'".to_owned(), "0"),
        (format!("3, null, '{chunk}'"), "1"),
        ("4, 'points', 'p'".to_owned(), "1"),
        ("4, 'points', 'q'".to_owned(), "0"),
        ("9, 'people', 'ada'".to_owned(), "0"),
    ] {
        assert_eq!(odd.answer(&format!("'target', {target}")), expected, "{target}");
    }
}

#[test]
fn a_plugin_knows_the_state_of_the_connection() {
    let mut odd = odd();
    assert_eq!(odd.answer("'flags'"), "0");
    odd.db.begin().unwrap();
    assert_eq!(odd.answer("'flags'"), "2");
    odd.db.rollback().unwrap();
    drop(odd.db);
    let read_only = OpenOptions { read_only: true, ..OpenOptions::default() };
    let mut db = odd.scene.open_with(&odd.path, read_only, &[&odd.bundle]).unwrap();
    assert_eq!(rows(&mut db, "select zova_odd('flags')"), ["1"]);
    refused(try_rows(&mut db, "select zova_odd_write(1, 0)"), Status::ReadOnly, "");
}

#[test]
fn an_atomic_function_keeps_all_of_its_writes_or_none() {
    let mut odd = odd();
    let count = "select count(*) from _zova_ext_odd_rows";
    refused(try_rows(&mut odd.db, "select zova_odd_write(1, 1)"), Status::Constraint, "between two writes");
    assert_eq!(rows(&mut odd.db, count), ["0"]);
    assert_eq!(rows(&mut odd.db, "select zova_odd_write(1, 0)"), ["1"]);
    assert_eq!(rows(&mut odd.db, count), ["2"]);
    odd.db.begin().unwrap();
    refused(try_rows(&mut odd.db, "select zova_odd_write(1, 1)"), Status::Constraint, "");
    assert_eq!(rows(&mut odd.db, count), ["2"]);
    rows(&mut odd.db, "select zova_odd_write(1, 0)");
    odd.db.rollback().unwrap();
    assert_eq!(rows(&mut odd.db, count), ["2"]);
}

#[test]
fn table_functions_give_what_is_pushed_and_are_told_which_arguments_there_are() {
    let mut odd = odd();
    let select = |odd: &mut Odd, what: &str, tail: &str| {
        try_rows(&mut odd.db, &format!("select number || '/' || half {what} {tail}"))
    };
    assert_eq!(select(&mut odd, "from zova_odd_rows('count', 3)", "").unwrap(), ["0/0.0", "1/0.5", "2/1.0"]);
    let sorted = rows(
        &mut odd.db,
        "select number from zova_odd_rows('count', 500) order by number limit 2 offset 498",
    );
    assert_eq!(sorted, ["498", "499"]);
    assert_eq!(rows(&mut odd.db, "select number from zova_odd_rows('present')"), ["0"]);
    assert_eq!(rows(&mut odd.db, "select number from zova_odd_rows('present', null)").len(), 1);
    assert_eq!(rows(&mut odd.db, "select half from zova_odd_rows('present', 'x')"), ["x"]);
    for (what, status, text) in [
        ("too few", Status::Misuse, "a row of 1 values"),
        ("bad cell", Status::SqliteError, "no type of a value"),
        ("no cells", Status::SqliteError, "null pointer"),
        ("leave open", Status::Misuse, "left 1 statements open"),
        ("what", Status::SqliteError, "no such rows"),
    ] {
        refused(rows_of(&mut odd, what), status, text);
    }
    refused(try_rows(&mut odd.db, "select * from zova_odd_rows"), Status::SqliteError, "");
}

fn rows_of(odd: &mut Odd, what: &str) -> zova::Result<Vec<String>> {
    try_rows(&mut odd.db, &format!("select * from zova_odd_rows('{what}')"))
}

#[test]
fn where_a_function_may_be_used_is_as_the_plugin_says() {
    let mut odd = odd();
    odd.db.exec("create table t(a, b generated always as (zova_odd_pure(a)) virtual)").unwrap();
    odd.db.exec("create view v as select zova_odd_direct('echo', 1)").unwrap();
    refused(try_rows(&mut odd.db, "select * from v"), Status::SqliteError, "unsafe use");
    assert_eq!(rows(&mut odd.db, "select zova_odd_direct('echo', 1)"), ["1"]);
    odd.db.exec("create index i on t(zova_odd(a))").unwrap_err();
}

#[test]
fn what_belongs_to_a_callback_is_released_with_the_connection() {
    let mut odd = odd();
    assert_eq!(odd.answer("'destroyed'"), "0");
    let mut other = odd.scene.open(&odd.path, &[&odd.bundle]).unwrap();
    drop(odd.db);
    assert_eq!(rows(&mut other, "select zova_odd('destroyed')"), ["2"]);
}

#[test]
fn handles_of_several_threads_use_one_plugin() {
    let odd = odd();
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                let mut db = odd.scene.open(&odd.path, &[&odd.bundle]).unwrap();
                for _ in 0..200 {
                    assert_eq!(rows(&mut db, "select zova_odd('many statements')"), ["1275"]);
                    assert_eq!(rows(&mut db, "select count(*) from zova_odd_rows('count', 50)"), ["50"]);
                }
            });
        }
    });
}

/// The outcome of an installation whose hook begins with a statement in C.
fn installing(hook: &str) -> (Status, String) {
    let scene = Scene::new();
    let bundle = scene.plugin("odd", &[&format!("-DHOOK={hook}")]);
    scene.trust(&bundle);
    let (mut db, path) = scene.create(&[&bundle]).unwrap();
    let outcome = fault(db.install_extension("odd"));
    assert!(db.list_extensions().unwrap().is_empty());
    assert_eq!(rows(&mut db, "select count(*) from sqlite_schema where name like '%odd%'"), ["0"]);
    db.exec("create table still_usable(a)").unwrap();
    drop(db);
    Database::open(&path).unwrap();
    outcome
}

#[test]
fn a_hook_that_fails_leaves_nothing_and_its_message_is_that_of_the_call() {
    let said = |text: &str| (Status::Constraint, format!("Constraint: {text}"));
    assert_eq!(installing("return host->fail(ctx, 12, \"because\", 7)"), said("because"));
    assert_eq!(installing("return 12"), (Status::Constraint, "Constraint".to_owned()));
    assert_eq!(installing("return -3"), (Status::SqliteError, "SqliteError".to_owned()));
    let (status, message) = installing("zova_ext_stmt *s; prepare(ctx, \"select 1\", &s)");
    assert_eq!(status, Status::Misuse);
    assert!(message.contains("left 1 statements open"), "{message}");
    let (status, message) = installing("exec(ctx, \"create table elsewhere(a)\")");
    assert_eq!(status, Status::ExtensionInvalid, "{message}");
    let (status, _) = installing("return exec(ctx, \"create table _zova_ext_odd_a(a); commit\")");
    assert_eq!(status, Status::Misuse);
}

#[test]
fn a_check_that_finds_damage_says_so_however_it_says_it() {
    for (hook, status) in [
        ("return 50", Status::ExtensionInvalid),
        ("return 84", Status::ExtensionInvalid),
        ("return 16", Status::Misuse),
        ("return 10", Status::Busy),
    ] {
        // The hook of the installation is the same, so the check is called on its own, at the opening.
        let scene = Scene::new();
        let bundle = scene.plugin("odd", &[]);
        scene.trust(&bundle);
        let (mut db, path) = scene.create(&[&bundle]).unwrap();
        db.install_extension("odd").unwrap();
        drop(db);
        std::fs::remove_dir_all(&bundle).unwrap();
        let bundle = scene.plugin("odd", &["-DCHECK_AT_OPEN", &format!("-DHOOK={hook}")]);
        scene.trust(&bundle);
        let (found, message) = fault(scene.open(&path, &[&bundle]));
        assert_eq!(found, status, "{message}");
        assert!(message.contains("odd"), "{message}");
    }
}
