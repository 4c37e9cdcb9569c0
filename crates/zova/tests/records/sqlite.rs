//! The SQLite inside: its features, and defaults that are SQLite's own and not those of a wrapper.

use zova::{Database, Status};

use crate::common::process::in_own_directory;
use crate::common::{Scratch, edit, entries, fault, number_of, sql_fault, text_of};

#[test]
fn the_promised_features_are_compiled_in() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    for option in [
        "ENABLE_FTS5",
        "ENABLE_RTREE",
        "ENABLE_MATH_FUNCTIONS",
        "ENABLE_DBSTAT_VTAB",
        "ENABLE_COLUMN_METADATA",
        "ENABLE_PREUPDATE_HOOK",
        "THREADSAFE=1",
    ] {
        let found = number_of(&mut db, &format!("select sqlite_compileoption_used('{option}')"));
        assert_eq!(found, 1, "{option}");
    }
    for option in ["OMIT_JSON", "USE_URI", "OMIT_SHARED_CACHE", "OMIT_WAL", "OMIT_ATTACH"] {
        let found = number_of(&mut db, &format!("select sqlite_compileoption_used('{option}')"));
        assert!(found == 0 || option == "OMIT_SHARED_CACHE", "{option}");
    }
}

#[test]
fn the_promised_features_work() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec("create virtual table words using fts5(body); insert into words values ('a quick brown fox')")
        .unwrap();
    assert_eq!(number_of(&mut db, "select count(*) from words where words match 'quick AND fox'"), 1);
    db.exec("create virtual table boxes using rtree(id, x0, x1); insert into boxes values (1, 0, 10)")
        .unwrap();
    assert_eq!(number_of(&mut db, "select id from boxes where x0 <= 5 and x1 >= 5"), 1);
    assert_eq!(text_of(&mut db, "select json_extract('{\"a\":[1,{\"b\":\"c\"}]}', '$.a[1].b')"), "c");
    assert_eq!(text_of(&mut db, "select '[1,2]' ->> 1"), "2");
    assert_eq!(text_of(&mut db, "select json(jsonb('{\"a\":1}'))"), "{\"a\":1}");
    assert_eq!(
        text_of(&mut db, "select sqrt(16) || ' ' || pow(2, 10) || ' ' || ceil(1.5) || ' ' || mod(7, 4)"),
        "4.0 1024.0 2.0 3.0"
    );
    assert!(number_of(&mut db, "select count(*) from dbstat") > 10);
}

#[test]
fn foreign_keys_are_off_until_the_application_turns_them_on() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.exec("create table parent(a primary key); create table child(a references parent(a)); insert into child values (1)")
        .unwrap();
    let mut second = Database::open(&path).unwrap();
    second.exec("insert into child values (2)").unwrap();
    db.exec("pragma foreign_keys = on").unwrap();
    sql_fault(db.exec("insert into child values (3)"), Status::Constraint, "FOREIGN KEY constraint failed");
    assert_eq!(number_of(&mut second, "pragma foreign_keys"), 0);
}

#[test]
fn names_of_attached_files_are_not_uris() {
    in_own_directory(|dir| {
        edit(&dir.join("file:y"), "create table t(a); insert into t values (1)");
        edit(&dir.join("file:z?mode=memory"), "create table t(a); insert into t values (2)");
        let mut created = Database::create("file:x.zova").unwrap();
        let mut opened = Database::open("file:x.zova").unwrap();
        for db in [&mut created, &mut opened] {
            db.exec("attach 'file:y' as y; attach 'file:z?mode=memory' as z").unwrap();
            assert_eq!(number_of(db, "select y.t.a + z.t.a from y.t, z.t"), 3);
        }
        // Whether a missing file is made is the implementation's choice; its name is always literal.
        match created.exec("attach 'file:new?mode=memory' as new; create table new.t(a)") {
            Ok(()) => assert!(dir.join("file:new?mode=memory").exists()),
            refused => drop(fault(refused, Status::CantOpen)),
        }
        sql_fault(
            opened.exec("attach 'file:y?mode=ro' as ro"),
            Status::CantOpen,
            "unable to open database: file:y?mode=ro",
        );
        let literal = ["file:new?mode=memory", "file:x.zova", "file:y", "file:z?mode=memory"];
        assert!(entries(dir).iter().all(|name| literal.contains(&name.as_str())), "{:?}", entries(dir));
    });
}

#[test]
fn recursive_triggers_and_double_quoted_literals_are_as_in_sqlite() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec(
        "create table t(a); create trigger again after insert on t when new.a < 5 begin \
         insert into t values (new.a + 1); end; insert into t values (1)",
    )
    .unwrap();
    assert_eq!(number_of(&mut db, "select count(*) from t"), 2);
    assert_eq!(text_of(&mut db, "select \"no such column\""), "no such column");
}

#[test]
fn there_is_no_authorizer_between_sql_and_the_private_tables() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec("update _zova_meta set value = value; delete from _zova_graphs; create table _zova_x(a); drop table _zova_x")
        .unwrap();
    db.exec("create trigger t after insert on _zova_meta begin select 1; end").unwrap();
    fault(db.exec("insert into _zova_objects values (x'00', 0, 0, 'fastcdc-v1')"), Status::Constraint);
    // Also not against writing the schema table, which SQLite guards by itself.
    db.exec("pragma writable_schema = on; update sqlite_schema set sql = sql").unwrap();
}

#[test]
fn a_hook_of_defensive_mode_is_not_set() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec(
        "create virtual table f using fts5(a); insert into f values ('x'); update f_data set block = block",
    )
    .unwrap();
    db.exec("pragma journal_mode = off; pragma journal_mode = delete").unwrap();
}
