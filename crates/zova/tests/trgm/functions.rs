//! The SQL functions: values, refusals and their order, flags.

use zova::{Database, OpenOptions, Status};

use crate::common::{Scratch, fault};
use crate::support::{call, filled, installed, message, put, query, quoted, score, search, try_query};

const INVALID: &str = "invalid Zova trgm value";
const NOT_FOUND: &str = "Zova trgm index not found";
const READ_ONLY: &str = "Zova trgm mutation requires a writable database";

#[track_caller]
fn refused(db: &mut Database, call: &str, expected: &str) {
    let found = message(db, &format!("select zova_trgm_{call}"));
    assert!(found.starts_with(expected), "{found}: {call}");
}

#[test]
fn similarity_in_sql_is_that_of_the_definition() {
    let scratch = Scratch::new();
    let mut db = installed(&scratch);
    for (a, b) in [
        ("attachment", "attachement"),
        ("Hello, WORLD", "hello world"),
        ("\u{c9}t\u{e9}", "\u{e9}t\u{e9}"),
        ("日本", "日本語"),
        ("a\0b", "a b"),
        ("", "!!"),
        ("", "x"),
    ] {
        let sql = format!("select zova_trgm_similarity({}, {})", quoted(a), quoted(b));
        assert_eq!(query(&mut db, &sql), [format!("{:?}", score(a, b))], "{a} {b}");
    }
}

#[test]
fn similarity_may_be_used_in_an_index_and_a_generated_column() {
    let scratch = Scratch::new();
    let mut db = installed(&scratch);
    db.exec("create table t(a, b real as (zova_trgm_similarity(a, 'hello')) stored)").unwrap();
    db.exec("create index i on t(zova_trgm_similarity(a, 'x'))").unwrap();
    db.exec("insert into t(a) values ('hello')").unwrap();
    assert_eq!(query(&mut db, "select b from t"), ["1.0"]);
    let message = message(&mut db, "create index j on t(zova_trgm_delete('names', a))");
    assert!(message.contains("non-deterministic"), "{message}");
}

#[test]
fn the_functions_work_in_triggers_and_views_of_a_trusted_schema() {
    let scratch = Scratch::new();
    let mut db = installed(&scratch);
    db.exec(
        "create table people(id integer primary key, name text);
         create trigger added after insert on people begin
            select zova_trgm_put('names', new.id, 'record', null, null, new.name); end;
         create trigger gone after delete on people begin select zova_trgm_delete('names', old.id); end;",
    )
    .unwrap();
    // The id of the row is an integer, and nothing is converted.
    let text = fault(db.exec("insert into people values (1, 'Ada Lovelace')"), Status::SqliteError);
    assert!(text.starts_with(INVALID), "{text}");
    assert_eq!(query(&mut db, "select count(*) from people"), ["0"]);
    db.exec("drop trigger added; drop trigger gone").unwrap();
    db.exec(
        "create trigger added after insert on people begin
            select zova_trgm_put('names', cast(new.id as text), 'record', null, null, new.name); end;
         create trigger gone after delete on people begin
            select zova_trgm_delete('names', cast(old.id as text)); end;",
    )
    .unwrap();
    db.exec("insert into people values (1, 'Ada Lovelace'), (2, 'Alan Turing'), (3, 'Grace Hopper')")
        .unwrap();
    db.exec("delete from people where id = 2").unwrap();
    db.check_extension("trgm").unwrap();
    assert_eq!(search(&mut db, "names", "lovlace", 10, 0.3).len(), 1);
    assert!(search(&mut db, "names", "turing", 10, 0.5).is_empty());
    // A failure in the middle of the statement undoes what its triggers did.
    assert!(db.exec("insert into people values (4, 'Barbara Liskov'), (5, x'00')").is_err());
    db.check_extension("trgm").unwrap();
    assert!(search(&mut db, "names", "barbara", 10, 0.3).is_empty());
}

#[test]
fn arguments_are_judged_in_the_order_of_the_chapter() {
    let scratch = Scratch::new();
    let mut db = installed(&scratch);
    for values in ["1, 'a'", "'a', 1", "null, 'a'", "'a', 1.5", "x'61', 'a'", "'a', cast(x'ff' as text)"] {
        refused(&mut db, &format!("similarity({values})"), INVALID);
    }
    for name in ["null", "1", "x'61'", "''", "'a b'", "'_zova_x'", "cast(x'ff' as text)", "'names'"] {
        refused(&mut db, &format!("create_index({name})"), INVALID);
    }
    for name in ["null", "1", "''", "'a b'"] {
        refused(&mut db, &format!("drop_index({name})"), INVALID);
    }
    refused(&mut db, "drop_index('none')", NOT_FOUND);
    for values in ["1, 'a'", "'names', 1", "'names', ''", "'', 'a'", "'none', ''", "'names', '_ZOVA_a'"] {
        refused(&mut db, &format!("delete({values})"), INVALID);
    }
    refused(&mut db, "delete('none', 'a')", NOT_FOUND);
    call(&mut db, "select zova_trgm_delete('names', 'none')");
    for values in [
        "1, 'a', 'record', null, null, 'x'",
        "'names', 1, 'record', null, null, 'x'",
        "'names', 'a', 1, null, null, 'x'",
        "'names', 'a', null, null, null, 'x'",
        "'names', 'a', 'record', 1, null, 'x'",
        "'names', 'a', 'record', null, 1, 'x'",
        "'names', 'a', 'record', null, null, 1",
        "'names', 'a', 'record', null, null, null",
        "'names', 'a', 'record', null, null, x'61'",
        "'names', 'a', 'record', null, null, cast(x'61ff' as text)",
        // A wrong type counts before a missing index, and so does an illegal id.
        "'none', 'a', 'record', null, null, 1",
        "'none', '', 'record', null, null, 'x'",
        "'names', 'a' || char(0), 'record', null, null, 'x'",
        "'names', 'a', 'none', null, null, 'x'",
        "'names', 'a', 'Record', null, null, 'x'",
        "'names', 'a', 'record', char(0), null, 'x'",
        "'names', 'a', 'record', null, char(0), 'x'",
        "'names', 'a', 'record', printf('%513s', ''), null, 'x'",
        "'names', 'a', 'record', null, printf('%513s', ''), 'x'",
    ] {
        refused(&mut db, &format!("put({values})"), INVALID);
    }
    // A missing index counts before an illegal target.
    refused(&mut db, "put('none', 'a', 'none', null, null, 'x')", NOT_FOUND);
    assert_eq!(query(&mut db, "select count(*) from _zova_ext_trgm_documents"), ["0"]);
    assert!(message(&mut db, "select zova_trgm_put('names')").contains("wrong number of arguments"));
}

#[test]
fn messages_never_contain_indexed_text_or_names_of_private_tables() {
    let scratch = Scratch::new();
    let mut db = installed(&scratch);
    let refused = message(&mut db, "select zova_trgm_put('names', '', 'record', null, null, 'secret')");
    assert!(refused.starts_with(INVALID) && !refused.contains("secret"), "{refused}");
    db.exec("drop table _zova_ext_trgm_terms").unwrap();
    let failed = message(&mut db, "select zova_trgm_put('names', 'a', 'record', null, null, 'secret')");
    assert!(failed.starts_with("Zova trgm SQL error"), "{failed}");
    assert!(!failed.contains("secret") && !failed.contains("_zova_"), "{failed}");
    let failed = message(&mut db, "select * from zova_trgm_search('names', 'secret')");
    assert!(failed.starts_with("Zova trgm SQL error") && !failed.contains("_zova_"), "{failed}");
}

#[test]
fn a_read_only_handle_searches_and_refuses_changes_after_judging_types() {
    let scratch = Scratch::new();
    drop(filled(&scratch, &["hello"]));
    let options = OpenOptions { read_only: true, ..OpenOptions::default() };
    let mut db = Database::open_with_options(scratch.path("a.zova"), options).unwrap();
    assert_eq!(search(&mut db, "names", "helo", 10, 0.0).len(), 1);
    refused(&mut db, "put('names', 'a', 'record', null, null, 1)", INVALID);
    refused(&mut db, "put('', '', '', null, null, '')", READ_ONLY);
    refused(&mut db, "delete('none', '')", READ_ONLY);
    refused(&mut db, "create_index('')", READ_ONLY);
    refused(&mut db, "drop_index('none')", READ_ONLY);
    refused(&mut db, "drop_index(1)", INVALID);
}

#[test]
fn without_the_extension_its_functions_do_not_exist() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("b.zova");
    assert_eq!(
        message(&mut db, "select zova_trgm_similarity('a', 'b')"),
        "no such function: zova_trgm_similarity"
    );
    assert_eq!(
        message(&mut db, "select * from zova_trgm_search('a', 'b')"),
        "no such table: zova_trgm_search"
    );
    db.install_extension("trgm").unwrap();
    assert_eq!(query(&mut db, "select zova_trgm_similarity('a', 'a')"), ["1.0"]);
    db.drop_extension("trgm").unwrap();
    assert!(message(&mut db, "select zova_trgm_create_index('a')").starts_with("Zova trgm SQL error"));
    assert_eq!(query(&mut db, "select count(*) from sqlite_schema where name like '%trgm%'"), ["0"]);
}

#[test]
fn a_put_that_meets_a_lock_says_that_the_database_is_busy() {
    let scratch = Scratch::new();
    let mut db = filled(&scratch, &["hello"]);
    let mut other = Database::open(scratch.path("a.zova")).unwrap();
    other.begin_immediate().unwrap();
    let text = fault(
        try_query(&mut db, "select zova_trgm_put('names', 'a', 'record', null, null, 'x')"),
        Status::Busy,
    );
    assert!(text.starts_with("Zova trgm SQL error"), "{text}");
    other.rollback().unwrap();
    put(&mut db, "a", "x");
}
