//! Prepared statements: the same rules for all four kinds.

use zova::{
    ColumnType, Database, Error, OwnedStatement, Result, SharedDatabase, SharedGuardStatement,
    SharedStatement, Statement, Status, Step,
};

use crate::common::{Scratch, bare_fault, fault, native_fault, sql_fault};

/// What the four kinds of statement have in common.
trait Cursor {
    fn parameter_count(&mut self) -> Result<usize>;
    fn parameter_index(&mut self, name: &str) -> Result<Option<usize>>;
    fn bind_null(&mut self, index: usize) -> Result<()>;
    fn bind_i64(&mut self, index: usize, value: i64) -> Result<()>;
    fn bind_f64(&mut self, index: usize, value: f64) -> Result<()>;
    fn bind_text(&mut self, index: usize, value: &str) -> Result<()>;
    fn bind_blob(&mut self, index: usize, value: &[u8]) -> Result<()>;
    fn step(&mut self) -> Result<Step>;
    fn reset(&mut self) -> Result<()>;
    fn clear_bindings(&mut self) -> Result<()>;
    fn column_count(&mut self) -> Result<usize>;
    fn column_name(&mut self, index: usize) -> Result<String>;
    fn column_type(&mut self, index: usize) -> Result<ColumnType>;
    fn column_i64(&mut self, index: usize) -> Result<i64>;
    fn column_f64(&mut self, index: usize) -> Result<f64>;
    fn column_text(&mut self, index: usize) -> Result<Option<String>>;
    fn column_blob(&mut self, index: usize) -> Result<Option<Vec<u8>>>;
}

macro_rules! cursors {
    ($($kind:ty),+ $(,)?) => {$(
        impl Cursor for $kind {
            fn parameter_count(&mut self) -> Result<usize> { self.parameter_count() }
            fn parameter_index(&mut self, name: &str) -> Result<Option<usize>> { self.parameter_index(name) }
            fn bind_null(&mut self, index: usize) -> Result<()> { self.bind_null(index) }
            fn bind_i64(&mut self, index: usize, value: i64) -> Result<()> { self.bind_i64(index, value) }
            fn bind_f64(&mut self, index: usize, value: f64) -> Result<()> { self.bind_f64(index, value) }
            fn bind_text(&mut self, index: usize, value: &str) -> Result<()> { self.bind_text(index, value) }
            fn bind_blob(&mut self, index: usize, value: &[u8]) -> Result<()> { self.bind_blob(index, value) }
            fn step(&mut self) -> Result<Step> { self.step() }
            fn reset(&mut self) -> Result<()> { self.reset() }
            fn clear_bindings(&mut self) -> Result<()> { self.clear_bindings() }
            fn column_count(&mut self) -> Result<usize> { self.column_count() }
            fn column_name(&mut self, index: usize) -> Result<String> { self.column_name(index) }
            fn column_type(&mut self, index: usize) -> Result<ColumnType> { self.column_type(index) }
            fn column_i64(&mut self, index: usize) -> Result<i64> { self.column_i64(index) }
            fn column_f64(&mut self, index: usize) -> Result<f64> { self.column_f64(index) }
            fn column_text(&mut self, index: usize) -> Result<Option<String>> { self.column_text(index) }
            fn column_blob(&mut self, index: usize) -> Result<Option<Vec<u8>>> { self.column_blob(index) }
        }
    )+};
}
cursors!(Statement<'_>, OwnedStatement, SharedStatement, SharedGuardStatement<'_>);

/// Prepares `sql` behind `setup` as each kind of statement and checks it.
fn every_kind(setup: &str, sql: &str, check: impl Fn(&mut dyn Cursor)) {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("statement.zova");
    db.exec(setup).unwrap();
    check(&mut db.prepare(sql).unwrap());
    let (mut db, _) = scratch.database("owned.zova");
    db.exec(setup).unwrap();
    check(&mut db.prepare_owned(sql).unwrap());
    let db = SharedDatabase::create(scratch.path("shared.zova")).unwrap();
    db.exec(setup).unwrap();
    check(&mut db.prepare(sql).unwrap());
    let db = SharedDatabase::create(scratch.path("guard.zova")).unwrap();
    db.exec(setup).unwrap();
    db.with_exclusive(|guard| {
        check(&mut guard.prepare(sql)?);
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_query_is_stepped_to_its_end_and_starts_again() {
    every_kind("create table t(a); insert into t values (1), (2)", "select a from t order by a", |query| {
        for _ in 0..3 {
            for expected in [1, 2] {
                assert_eq!(query.step().unwrap(), Step::Row);
                assert_eq!(query.column_i64(0).unwrap(), expected);
            }
            assert_eq!(query.step().unwrap(), Step::Done);
            assert_eq!(query.column_i64(0).unwrap(), 0);
        }
        query.step().unwrap();
        query.reset().unwrap();
        assert_eq!(query.column_type(0).unwrap(), ColumnType::Null);
        query.step().unwrap();
        assert_eq!(query.column_i64(0).unwrap(), 1);
    });
}

#[test]
fn an_insert_stepped_again_runs_again_with_the_same_values() {
    every_kind("create table t(a)", "insert into t values (?1) returning rowid, a", |insert| {
        insert.bind_text(1, "kept").unwrap();
        for expected in 1..=3 {
            assert_eq!(insert.step().unwrap(), Step::Row);
            assert_eq!(insert.column_i64(0).unwrap(), expected);
            assert_eq!(insert.column_text(1).unwrap().as_deref(), Some("kept"));
            assert_eq!(insert.step().unwrap(), Step::Done);
        }
    });
}

#[test]
fn bindings_survive_a_reset_and_are_cleared_on_request() {
    every_kind("", "select ?1, ?2", |query| {
        query.bind_i64(1, 7).unwrap();
        query.bind_text(2, "seven").unwrap();
        query.step().unwrap();
        query.reset().unwrap();
        query.step().unwrap();
        assert_eq!(query.column_i64(0).unwrap(), 7);
        assert_eq!(query.column_text(1).unwrap().as_deref(), Some("seven"));
        query.reset().unwrap();
        query.clear_bindings().unwrap();
        query.step().unwrap();
        assert_eq!(query.column_type(0).unwrap(), ColumnType::Null);
        assert_eq!(query.column_type(1).unwrap(), ColumnType::Null);
        // Also in the middle of the results.
        query.clear_bindings().unwrap();
        assert_eq!(query.step().unwrap(), Step::Done);
    });
}

#[test]
fn a_failed_step_is_repeated_once_by_reset_and_the_statement_runs_again() {
    let setup = "create table t(a unique); insert into t values (1)";
    every_kind(setup, "insert into t values (?1)", |insert| {
        insert.bind_i64(1, 1).unwrap();
        sql_fault(insert.step(), Status::Constraint, "UNIQUE constraint failed: t.a");
        sql_fault(insert.reset(), Status::Constraint, "UNIQUE constraint failed: t.a");
        insert.reset().unwrap();
        insert.bind_i64(1, 2).unwrap();
        assert_eq!(insert.step().unwrap(), Step::Done);
        // Without a reset in between, too.
        sql_fault(insert.step(), Status::Constraint, "UNIQUE constraint failed: t.a");
        sql_fault(insert.step(), Status::Constraint, "UNIQUE constraint failed: t.a");
    });
}

#[test]
fn binding_a_stepped_statement_is_misuse_until_it_is_reset() {
    every_kind("create table t(a); insert into t values (1)", "select ?1 from t", |query| {
        const MESSAGE: &str = "bad parameter or other API misuse";
        for arrived in [Step::Row, Step::Done] {
            assert_eq!(query.step().unwrap(), arrived);
            sql_fault(query.bind_null(1), Status::Misuse, MESSAGE);
            sql_fault(query.bind_i64(1, 1), Status::Misuse, MESSAGE);
            sql_fault(query.bind_f64(1, 1.0), Status::Misuse, MESSAGE);
            sql_fault(query.bind_text(1, ""), Status::Misuse, MESSAGE);
            sql_fault(query.bind_blob(1, &[]), Status::Misuse, MESSAGE);
        }
        query.reset().unwrap();
        query.bind_i64(1, 5).unwrap();
        query.step().unwrap();
        assert_eq!(query.column_i64(0).unwrap(), 5);
    });
}

#[test]
fn a_bind_index_starts_at_one_and_ends_at_the_parameter_count() {
    every_kind("", "select ?1, ?2", |query| {
        for index in [0, i32::MAX as usize + 1, usize::MAX] {
            bare_fault(query.bind_null(index), Status::InvalidArgument);
            bare_fault(query.bind_i64(index, 1), Status::InvalidArgument);
            bare_fault(query.bind_f64(index, 1.0), Status::InvalidArgument);
            bare_fault(query.bind_text(index, ""), Status::InvalidArgument);
            bare_fault(query.bind_blob(index, &[]), Status::InvalidArgument);
        }
        for index in [3, 4, i32::MAX as usize] {
            const MESSAGE: &str = "column index out of range";
            sql_fault(query.bind_null(index), Status::SqliteError, MESSAGE);
            sql_fault(query.bind_i64(index, 1), Status::SqliteError, MESSAGE);
            sql_fault(query.bind_f64(index, 1.0), Status::SqliteError, MESSAGE);
            sql_fault(query.bind_text(index, "a"), Status::SqliteError, MESSAGE);
            sql_fault(query.bind_blob(index, &[1]), Status::SqliteError, MESSAGE);
        }
    });
}

#[test]
fn values_come_back_as_they_were_bound() {
    every_kind("", "select ?1", |query| {
        let mut check = |bind: &dyn Fn(&mut dyn Cursor), kind: ColumnType, bytes: Option<&[u8]>| {
            query.reset().unwrap();
            bind(query);
            query.step().unwrap();
            assert_eq!(query.column_type(0).unwrap(), kind);
            assert_eq!(query.column_blob(0).unwrap().as_deref(), bytes);
            if let Some(Ok(text)) = bytes.map(std::str::from_utf8) {
                assert_eq!(query.column_text(0).unwrap().as_deref(), Some(text));
            }
        };
        check(&|q| q.bind_null(1).unwrap(), ColumnType::Null, None);
        check(&|q| q.bind_i64(1, i64::MIN).unwrap(), ColumnType::Integer, Some(b"-9223372036854775808"));
        check(&|q| q.bind_f64(1, 1.5).unwrap(), ColumnType::Float, Some(b"1.5"));
        check(&|q| q.bind_f64(1, f64::INFINITY).unwrap(), ColumnType::Float, Some(b"Inf"));
        check(&|q| q.bind_f64(1, f64::NEG_INFINITY).unwrap(), ColumnType::Float, Some(b"-Inf"));
        check(&|q| q.bind_f64(1, f64::NAN).unwrap(), ColumnType::Null, None);
        check(
            &|q| q.bind_text(1, "\u{1f600}\u{e9}").unwrap(),
            ColumnType::Text,
            Some("\u{1f600}\u{e9}".as_bytes()),
        );
        check(&|q| q.bind_text(1, "a\0b\0").unwrap(), ColumnType::Text, Some(b"a\0b\0"));
        check(&|q| q.bind_text(1, "").unwrap(), ColumnType::Text, Some(b""));
        check(&|q| q.bind_blob(1, b"\0\xff").unwrap(), ColumnType::Blob, Some(b"\0\xff"));
        check(&|q| q.bind_blob(1, b"").unwrap(), ColumnType::Blob, Some(b""));
    });
}

#[test]
fn large_values_are_stored_whole() {
    every_kind("create table t(a)", "insert into t values (?1) returning length(a), a", |insert| {
        let large: Vec<u8> = (0..3_000_000u32).map(|at| at as u8).collect();
        insert.bind_blob(1, &large).unwrap();
        insert.step().unwrap();
        assert_eq!(insert.column_i64(0).unwrap(), 3_000_000);
        assert!(insert.column_blob(1).unwrap().unwrap() == large);
    });
}

#[test]
fn the_bytes_of_a_binding_are_copied() {
    every_kind("", "select ?1, ?2", |query| {
        let (mut text, mut blob) = (String::from("text"), vec![1, 2, 3]);
        query.bind_text(1, &text).unwrap();
        query.bind_blob(2, &blob).unwrap();
        text.replace_range(.., "xxxx");
        blob.fill(9);
        query.step().unwrap();
        assert_eq!(query.column_text(0).unwrap().as_deref(), Some("text"));
        assert_eq!(query.column_blob(1).unwrap().as_deref(), Some(&[1, 2, 3][..]));
    });
}

#[test]
fn parameters_are_counted_and_found_as_in_sqlite() {
    every_kind("", "select :a, @b, $c, ?7, :a", |query| {
        assert_eq!(query.parameter_count().unwrap(), 7);
        for (name, index) in [(":a", 1), ("@b", 2), ("$c", 3), ("?7", 7)] {
            assert_eq!(query.parameter_index(name).unwrap(), Some(index), "{name}");
        }
        for name in ["", "a", ":b", "@a", "?1", "?8", ":A", ":a "] {
            assert_eq!(query.parameter_index(name).unwrap(), None, "{name}");
        }
    });
    every_kind("", "select ?5", |query| assert_eq!(query.parameter_count().unwrap(), 5));
    every_kind("", "select 1", |query| assert_eq!(query.parameter_count().unwrap(), 0));
}

#[test]
fn values_convert_as_sqlite_converts_them() {
    let sql = "select 12, 1.5, -1.9, 1e300, -1e300, 9e999, '42abc', '', x'313233', x'', null, 'abc', -0.0";
    every_kind("", sql, |query| {
        use ColumnType::*;
        query.step().unwrap();
        let expected: [(ColumnType, i64, f64, Option<&str>); 13] = [
            (Integer, 12, 12.0, Some("12")),
            (Float, 1, 1.5, Some("1.5")),
            (Float, -1, -1.9, Some("-1.9")),
            (Float, i64::MAX, 1e300, Some("1.0e+300")),
            (Float, i64::MIN, -1e300, Some("-1.0e+300")),
            (Float, i64::MAX, f64::INFINITY, Some("Inf")),
            (Text, 42, 42.0, Some("42abc")),
            (Text, 0, 0.0, Some("")),
            (Blob, 123, 123.0, Some("123")),
            (Blob, 0, 0.0, Some("")),
            (Null, 0, 0.0, None),
            (Text, 0, 0.0, Some("abc")),
            (Float, 0, 0.0, Some("0.0")),
        ];
        for (index, (kind, integer, float, text)) in expected.into_iter().enumerate() {
            assert_eq!(query.column_type(index).unwrap(), kind, "{index}");
            assert_eq!(query.column_i64(index).unwrap(), integer, "{index}");
            assert_eq!(query.column_f64(index).unwrap(), float, "{index}");
            assert_eq!(query.column_blob(index).unwrap().as_deref(), text.map(str::as_bytes), "{index}");
            assert_eq!(query.column_text(index).unwrap().as_deref(), text, "{index}");
        }
    });
}

#[test]
fn a_value_that_is_not_there_reads_as_null() {
    every_kind("create table t(a); insert into t values (1)", "select a from t", |query| {
        let absent = |query: &mut dyn Cursor, index: usize| {
            assert_eq!(query.column_type(index).unwrap(), ColumnType::Null);
            assert_eq!(query.column_i64(index).unwrap(), 0);
            assert_eq!(query.column_f64(index).unwrap(), 0.0);
            assert_eq!(query.column_text(index).unwrap(), None);
            assert_eq!(query.column_blob(index).unwrap(), None);
        };
        absent(query, 0);
        query.step().unwrap();
        for index in [1, 2, 1000, i32::MAX as usize] {
            absent(query, index);
        }
        assert_eq!(query.column_i64(0).unwrap(), 1);
        query.step().unwrap();
        absent(query, 0);
        query.reset().unwrap();
        absent(query, 0);
        for index in [i32::MAX as usize + 1, usize::MAX] {
            bare_fault(query.column_type(index), Status::InvalidArgument);
            bare_fault(query.column_i64(index), Status::InvalidArgument);
            bare_fault(query.column_f64(index), Status::InvalidArgument);
            bare_fault(query.column_text(index), Status::InvalidArgument);
            bare_fault(query.column_blob(index), Status::InvalidArgument);
            bare_fault(query.column_name(index), Status::InvalidArgument);
        }
    });
}

#[test]
fn column_names_need_no_row_and_end_with_the_columns() {
    every_kind("create table t(a, \"b c\")", "select a, \"b c\", 1 as \u{e9}, count(*) from t", |query| {
        assert_eq!(query.column_count().unwrap(), 4);
        for (index, name) in ["a", "b c", "\u{e9}", "count(*)"].into_iter().enumerate() {
            assert_eq!(query.column_name(index).unwrap(), name);
        }
        for index in [4, 5, i32::MAX as usize] {
            let message = native_fault(query.column_name(index), Status::Misuse);
            assert!(message.contains("column index out of range"), "{message}");
        }
    });
    every_kind("create table t(a)", "insert into t values (1)", |insert| {
        assert_eq!(insert.column_count().unwrap(), 0);
        fault(insert.column_name(0), Status::Misuse);
    });
}

#[test]
fn a_schema_change_recompiles_a_statement() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec("create table t(a); insert into t values (1)").unwrap();
    let mut query = db.prepare_owned("select * from t").unwrap();
    assert_eq!(query.column_count().unwrap(), 1);
    db.exec("alter table t add column b default 2").unwrap();
    query.step().unwrap();
    assert_eq!(query.column_count().unwrap(), 2);
    assert_eq!(query.column_i64(1).unwrap(), 2);
    assert_eq!(query.column_name(1).unwrap(), "b");
    drop(query);
    let mut query = db.prepare_owned("select * from t").unwrap();
    db.exec("drop table t").unwrap();
    sql_fault(query.step(), Status::SqliteError, "no such table: t");
}

#[test]
fn text_that_is_not_utf8_is_an_error_of_its_own() {
    every_kind("", "select cast(x'ff' as text), x'c328', 'fine'", |query| {
        query.step().unwrap();
        assert_eq!(query.column_text(0), Err(Error::InvalidUtf8Text));
        assert_eq!(query.column_text(1), Err(Error::InvalidUtf8Text));
        assert_eq!(query.column_blob(0).unwrap().as_deref(), Some(&b"\xff"[..]));
        assert_eq!(query.column_text(2).unwrap().as_deref(), Some("fine"));
    });
}

#[test]
fn text_without_a_statement_gives_one_that_does_nothing() {
    for sql in ["", " \t\n", ";", ";;;", "-- comment", "/* comment", "/* a */ ; -- b\n", "\u{feff}"] {
        every_kind("create table t(a)", sql, |inert| {
            assert_eq!(inert.parameter_count().unwrap(), 0);
            assert_eq!(inert.parameter_index(":a").unwrap(), None);
            assert_eq!(inert.column_count().unwrap(), 0);
            for _ in 0..2 {
                fault(inert.step(), Status::Misuse);
                fault(inert.bind_null(1), Status::Misuse);
                fault(inert.bind_i64(1, 1), Status::Misuse);
                fault(inert.bind_f64(1, 1.0), Status::Misuse);
                fault(inert.bind_text(1, ""), Status::Misuse);
                fault(inert.bind_text(1, "a"), Status::Misuse);
                fault(inert.bind_blob(1, &[]), Status::Misuse);
                fault(inert.bind_blob(1, &[1]), Status::Misuse);
                fault(inert.column_name(0), Status::Misuse);
                inert.reset().unwrap();
                inert.clear_bindings().unwrap();
                assert_eq!(inert.column_type(0).unwrap(), ColumnType::Null);
                assert_eq!(inert.column_i64(0).unwrap(), 0);
                assert_eq!(inert.column_f64(0).unwrap(), 0.0);
                assert_eq!(inert.column_text(0).unwrap(), None);
                assert_eq!(inert.column_blob(0).unwrap(), None);
            }
            bare_fault(inert.bind_null(0), Status::InvalidArgument);
        });
    }
}

#[test]
fn only_the_first_statement_is_compiled() {
    every_kind("create table t(a)", "insert into t values (1); this is not SQL", |insert| {
        assert_eq!(insert.step().unwrap(), Step::Done);
    });
    every_kind("", "-- first a comment\nselect 1; select 2", |query| {
        assert_eq!(query.step().unwrap(), Step::Row);
        assert_eq!(query.column_i64(0).unwrap(), 1);
        assert_eq!(query.step().unwrap(), Step::Done);
    });
    // Empty statements before it do not count.
    every_kind("", ";; select 1; select 2, 3", |query| assert_eq!(query.column_count().unwrap(), 1));
}

#[test]
fn dropping_a_statement_releases_its_locks() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec("create table t(a); insert into t values (1), (2)").unwrap();
    let mut query = db.prepare_owned("select a from t").unwrap();
    query.step().unwrap();
    sql_fault(db.exec("drop table t"), Status::Locked, "database table is locked");
    drop(query);
    db.exec("drop table t").unwrap();
}

#[test]
fn many_statements_live_side_by_side() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    let mut statements: Vec<OwnedStatement> =
        (0..200).map(|at| db.prepare_owned(&format!("select {at}")).unwrap()).collect();
    // Ended ones leave places that others take.
    statements.retain_mut(|statement| {
        statement.step().unwrap();
        statement.column_i64(0).unwrap() % 3 != 0
    });
    statements.extend((200..300).map(|at| db.prepare_owned(&format!("select {at}")).unwrap()));
    let mut sum = 0;
    for statement in &mut statements {
        statement.reset().unwrap();
        assert_eq!(statement.step().unwrap(), Step::Row);
        sum += statement.column_i64(0).unwrap();
    }
    assert_eq!(sum, (0..300).sum::<i64>() - (0..200).step_by(3).sum::<i64>());
}

#[test]
fn a_statement_works_after_its_database_value_is_gone() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.exec("create table t(a); insert into t values (1)").unwrap();
    let mut insert = db.prepare_owned("insert into t values (2)").unwrap();
    drop(db);
    assert_eq!(insert.step().unwrap(), Step::Done);
    drop(insert);
    let mut db = Database::open(path).unwrap();
    assert_eq!(crate::common::number_of(&mut db, "select sum(a) from t"), 3);
}
