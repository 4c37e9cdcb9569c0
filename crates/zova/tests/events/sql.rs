//! The SQL function: arguments, flags, and where it may be used.

use zova::{Database, OpenOptions, Status};

use crate::common::{built_with, one, raw, sql_fault};
use crate::{World, received};

const REFUSED: &str = "invalid notification channel or payload";

fn value(db: &mut Database, sql: &str) -> i64 {
    let mut statement = db.prepare(sql).unwrap();
    statement.step().unwrap();
    statement.column_i64(0).unwrap()
}

#[test]
fn it_returns_the_integer_one() {
    let mut world = World::new();
    assert_eq!(
        value(&mut world.db, "select zova_notify('m', 'x') + (typeof(zova_notify('m', 'y')) = 'integer')"),
        2
    );
    assert_eq!(world.received(), "x y");
}

#[test]
fn numbers_are_taken_as_the_text_that_sqlite_makes_of_them() {
    let mut world = World::new();
    for number in ["1", "-9223372036854775808", "1.5", "1e300", "0.1", "-0.0", "100.0", "1e999", "3.0e-5"] {
        world.exec(&format!("select zova_notify('m', {number})"));
        let expected: String = one(&raw(&world.path), &format!("select cast({number} as text)"));
        assert_eq!(world.received(), expected);
    }
    let mut seventeen = world.db.listen("17").unwrap();
    world.exec("select zova_notify(17, 4)");
    assert_eq!(received(&mut seventeen), "4");
}

#[test]
fn blobs_are_taken_as_text() {
    let mut world = World::new();
    world.exec("select zova_notify(x'6d', x'c3a9'), zova_notify('m', zeroblob(2)), zova_notify('m', x'')");
    assert_eq!(world.received(), "\u{e9} \0\0 ");
}

#[test]
fn texts_of_a_database_in_utf_16_arrive_as_utf_8() {
    let scratch = crate::common::Scratch::new();
    let path = built_with(&scratch, "pragma encoding = 'UTF-16le'");
    let mut db = Database::open(&path).unwrap();
    db.exec("create table texts(x); insert into texts values ('\u{e9}\u{1f600}')").unwrap();
    let mut subscription = db.listen("m").unwrap();
    db.exec("select zova_notify('m', x) from texts").unwrap();
    assert_eq!(received(&mut subscription), "\u{e9}\u{1f600}");
}

#[test]
fn what_the_rules_refuse_fails_the_statement() {
    let mut world = World::new();
    for arguments in [
        "null, 'x'",
        "'m', null",
        "'', 'x'",
        "'a b', 'x'",
        "'_zova_x', 'x'",
        "'_ZOVA_', 'x'",
        "'m' || char(0), 'x'",
        "'\u{e9}', 'x'",
        "printf('%.*c', 129, 'a'), 'x'",
        "'m', zeroblob(65537)",
        "'m', x'ff'",
        "'m', cast(x'eda080' as text)",
        "1.5e3, null",
    ] {
        let refused = world.db.exec(&format!("select zova_notify({arguments})"));
        sql_fault(refused, Status::SqliteError, REFUSED);
    }
    world.exec("select zova_notify('m', zeroblob(65536)), zova_notify(printf('%.*c', 128, 'a'), '')");
    assert_eq!(world.received().len(), 65536);
}

#[test]
fn any_other_number_of_arguments_fails_when_it_is_compiled() {
    let mut world = World::new();
    for arguments in ["", "'m'", "'m', 'x', 1"] {
        let refused = world.db.prepare(&format!("select zova_notify({arguments})")).unwrap_err();
        assert!(
            refused.to_string().ends_with("wrong number of arguments to function zova_notify()"),
            "{refused}"
        );
    }
}

#[test]
fn it_works_in_triggers_views_check_constraints_and_defaults() {
    let mut world = World::new();
    world.exec(
        "create table u(a check (zova_notify('m', 'check')), b default (zova_notify('m', 'default'))); \
         create view v as select zova_notify('m', 'view') as x; \
         create trigger w after insert on u begin select zova_notify('m', 'trigger'); end; \
         insert into u(a) values (1); select * from v",
    );
    assert_eq!(world.received(), "default check trigger view");
}

#[test]
fn it_is_refused_where_only_deterministic_functions_may_be() {
    let mut world = World::new();
    for sql in [
        "create index i on t(zova_notify('m', a))",
        "create index i on t(a) where zova_notify('m', 'x')",
        "create table g(a, b as (zova_notify('m', a)))",
    ] {
        let refused = world.db.exec(sql).unwrap_err();
        assert!(refused.to_string().contains("non-deterministic"), "{sql}: {refused}");
    }
}

#[test]
fn an_untrusted_schema_may_not_use_it_and_the_application_may() {
    let mut world = World::new();
    world.exec("create view v as select zova_notify('m', 'x'); pragma trusted_schema = off");
    sql_fault(world.db.exec("select * from v"), Status::SqliteError, "unsafe use of zova_notify()");
    world.exec("select zova_notify('m', 'y')");
    assert_eq!(world.received(), "y");
}

#[test]
fn a_query_raises_one_event_for_each_row_in_their_order_and_none_for_what_is_not_evaluated() {
    let mut world = World::new();
    world.exec("insert into t values (3, 0), (1, 0), (2, 0)");
    world.exec("select zova_notify('m', a) from (select a from t order by a)");
    assert_eq!(world.received(), "1 2 3");
    world.exec("select iif(1, 2, zova_notify('m', 'x')), case when 0 then zova_notify('m', 'y') end");
    world.exec("select zova_notify('m', 'z') from t where 0");
    assert_eq!(world.received(), "");
}

#[test]
fn a_temporary_table_is_written_in_a_transaction_like_any_other() {
    let mut world = World::new();
    world.exec("create temp table s(a unique); insert into s values (zova_notify('m', 'x'))");
    assert_eq!(world.received(), "x");
    world.db.exec("insert into s select zova_notify('m', 'y') from t, s union all select 1").unwrap_err();
    assert_eq!(world.received(), "");
}

#[test]
fn every_handle_has_it() {
    let world = World::new();
    for read_only in [false, true] {
        let options = OpenOptions { read_only, ..Default::default() };
        let mut db = Database::open_with_options(&world.path, options).unwrap();
        let mut subscription = db.listen("m").unwrap();
        db.exec("select zova_notify('m', 'x')").unwrap();
        assert_eq!(received(&mut subscription), "x");
    }
}
