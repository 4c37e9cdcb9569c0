//! `exec` and the texts of refused SQL.

use zova::{Database, Status, Step};

use crate::common::{Scratch, edit, fault, native_fault, number_of, raw, sql_fault, text_of};

#[test]
fn exec_runs_every_statement_and_discards_rows() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec(
        "create table t(a); insert into t values (1); select * from t; insert into t select a + 1 from t",
    )
    .unwrap();
    assert_eq!(number_of(&mut db, "select sum(a) from t"), 3);
}

#[test]
fn exec_takes_text_without_a_statement() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    for sql in [
        "",
        " ",
        ";",
        ";;\n;",
        "-- comment",
        "/* comment */",
        "/* comment",
        "\u{feff}",
        " ; -- a\n ; /* b */ ;",
    ] {
        db.exec(sql).unwrap();
    }
    db.exec("; -- a\n create table t(a) /* b */ ; ; insert into t values (1) -- c").unwrap();
    assert_eq!(number_of(&mut db, "select count(*) from t"), 1);
}

#[test]
fn exec_stops_at_the_first_error_and_keeps_what_ran_before() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec("create table t(a unique)").unwrap();
    let failing = "insert into t values (1); insert into t values (2), (1); insert into t values (3)";
    sql_fault(db.exec(failing), Status::Constraint, "UNIQUE constraint failed: t.a");
    assert_eq!(text_of(&mut db, "select group_concat(a) from t"), "1");
    // Text behind the error is not even compiled; text before it has run.
    sql_fault(
        db.exec("insert into t values (4); nonsense; insert into t values (5)"),
        Status::SqliteError,
        "near \"nonsense\": syntax error",
    );
    assert_eq!(text_of(&mut db, "select group_concat(a) from t"), "1,4");
}

#[test]
fn exec_runs_scripts_of_any_length() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    let inserts: String =
        (0..5000).map(|at| format!("insert into t values ({at}, 'some text of it');\n")).collect();
    db.exec(&format!("create table t(a, b); begin; {inserts} commit")).unwrap();
    assert_eq!(number_of(&mut db, "select count(*) from t"), 5000);
}

#[test]
fn refused_sql_is_answered_with_sqlites_own_words() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec(
        "create table t(a unique, b not null default 0, c check (c > 0), d references t(a)); \
         create table s(a integer) strict; \
         create trigger no_seven before insert on t when new.a = 7 begin select raise(abort, 'seven is refused'); end",
    )
    .unwrap();
    for (sql, status, message) in [
        ("select * from missing", Status::SqliteError, "no such table: missing"),
        ("select missing from t", Status::SqliteError, "no such column: missing"),
        ("select missing()", Status::SqliteError, "no such function: missing"),
        ("selec 1", Status::SqliteError, "near \"selec\": syntax error"),
        ("select 'open", Status::SqliteError, "unrecognized token: \"'open\""),
        ("select (", Status::SqliteError, "incomplete input"),
        ("create table t(a)", Status::SqliteError, "table t already exists"),
        ("insert into t(b) values (null)", Status::Constraint, "NOT NULL constraint failed: t.b"),
        ("insert into t(c) values (0)", Status::Constraint, "CHECK constraint failed: c > 0"),
        ("insert into t(a) values (1), (1)", Status::Constraint, "UNIQUE constraint failed: t.a"),
        ("insert into t(a) values (7)", Status::Constraint, "seven is refused"),
        ("insert into s values ('x')", Status::Constraint, "cannot store TEXT value in INTEGER column s.a"),
        ("select abs(-9223372036854775808)", Status::SqliteError, "integer overflow"),
        ("select json('{')", Status::SqliteError, "malformed JSON"),
        ("insert into t(rowid) values ('x')", Status::SqliteError, "datatype mismatch"),
        ("attach '/missing/x' as x", Status::CantOpen, "unable to open database: /missing/x"),
        (
            "pragma foreign_keys = on; insert into t(d) values (99)",
            Status::Constraint,
            "FOREIGN KEY constraint failed",
        ),
        // The caller's own SQL may name private tables, and then the text names them.
        (
            "insert into _zova_meta values ('magic', '')",
            Status::Constraint,
            "UNIQUE constraint failed: _zova_meta.key",
        ),
    ] {
        sql_fault(db.exec(sql), status, message);
    }
}

#[test]
fn sql_that_does_not_compile_is_refused_by_prepare() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    sql_fault(db.prepare("select * from missing"), Status::SqliteError, "no such table: missing");
    sql_fault(db.prepare_owned("nonsense"), Status::SqliteError, "near \"nonsense\": syntax error");
    // The text behind the first statement is not looked at.
    db.prepare("select 1; nonsense").unwrap();
}

#[test]
fn a_message_is_never_that_of_another_call() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec("create table t(a unique); insert into t values (1)").unwrap();
    let missing = zova::object_id(b"missing").unwrap();
    let mut insert = db.prepare_owned("insert into t values (1)").unwrap();
    let mut query = db.prepare_owned("select a from t where a = ?1").unwrap();

    // A refused call of Zova's own behind a refused statement, and the other way round.
    sql_fault(insert.step(), Status::Constraint, "UNIQUE constraint failed: t.a");
    let message = native_fault(db.get_object(missing), Status::ObjectNotFound);
    assert!(message.contains(&missing.to_string()) && !message.contains("UNIQUE"), "{message}");
    sql_fault(db.exec("select * from elsewhere"), Status::SqliteError, "no such table: elsewhere");
    // The statement still knows its own error.
    sql_fault(insert.reset(), Status::Constraint, "UNIQUE constraint failed: t.a");

    // A row and a success in between change nothing.
    query.bind_i64(1, 1).unwrap();
    assert_eq!(query.step().unwrap(), Step::Row);
    sql_fault(query.bind_i64(1, 2), Status::Misuse, "bad parameter or other API misuse");
    sql_fault(insert.step(), Status::Constraint, "UNIQUE constraint failed: t.a");
    db.exec("select 1").unwrap();
    let message = native_fault(query.column_name(9), Status::Misuse);
    assert!(!message.contains("UNIQUE"), "{message}");
    sql_fault(db.commit(), Status::SqliteError, "cannot commit - no transaction is active");
    native_fault(db.savepoint("not a name"), Status::InvalidArgument);
    sql_fault(query.bind_i64(5, 2), Status::Misuse, "bad parameter or other API misuse");
}

#[test]
fn a_message_of_zova_is_not_that_of_its_clean_up() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.exec("create trigger refuse before insert on _zova_object_chunks begin select raise(rollback, 'the reason'); end")
        .unwrap();
    let message = native_fault(db.put_object(b"refused"), Status::Constraint);
    assert!(message.contains("the reason"), "{message}");
    // RAISE(ROLLBACK) ended the caller's transaction as well; the message is still the first one.
    db.begin().unwrap();
    let message = native_fault(db.put_object(b"refused"), Status::Constraint);
    assert!(message.contains("the reason"), "{message}");
    fault(db.rollback(), Status::SqliteError);
    drop(db);
    assert_eq!(crate::common::one::<i64>(&raw(&path), "select count(*) from _zova_objects"), 0);
}

#[test]
fn a_corrupt_page_is_reported_where_it_is_read() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.exec("create table t(a); insert into t values (1)").unwrap();
    drop(db);
    let page: i64 = crate::common::one(&raw(&path), "select rootpage from sqlite_schema where name = 't'");
    let mut file = std::fs::read(&path).unwrap();
    file[(page as usize - 1) * 4096..][..4].fill(0xee);
    std::fs::write(&path, file).unwrap();
    let mut db = Database::open(&path).unwrap();
    sql_fault(db.exec("select * from t"), Status::Corrupt, "database disk image is malformed");
    db.exec("select * from _zova_meta").unwrap();
}

#[test]
fn everything_sqlite_allows_is_allowed() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    let other = scratch.path("other.db");
    edit(&other, "create table elsewhere(a); insert into elsewhere values (5)");
    db.exec(&format!("attach '{}' as other", other.display())).unwrap();
    assert_eq!(number_of(&mut db, "select a from other.elsewhere"), 5);
    db.exec("create table t as select * from other.elsewhere; detach other; pragma user_version = 3")
        .unwrap();
    db.exec("insert into _zova_meta values ('mine', 'x'); create table _zova_mine(a); analyze; reindex")
        .unwrap();
    db.exec("create temp table temporary(a); drop table temporary").unwrap();
    drop(db);
    let connection = raw(&path);
    assert_eq!(crate::common::one::<i64>(&connection, "pragma user_version"), 3);
    assert_eq!(crate::common::one::<i64>(&connection, "select a from t"), 5);
}
