//! SQL functions of extensions.

use zova::{
    CallContext, Database, ExtensionError, ExtensionResult, OpenOptions, RegisterContext, ScalarDefinition,
    SqlOutput, SqlValue, Status,
};

use crate::common::{Scratch, fault, native_fault, number_of, sql_fault, text_of};
use crate::support::{Sample, create, data, installed, names, open, open_read_only, shown};

fn named(name: &str) -> ScalarDefinition<'_> {
    ScalarDefinition { name, arguments: -1, ..ScalarDefinition::default() }
}

/// Stores its argument under a key, and fails afterwards for the key `fail`.
fn put(context: &mut CallContext<'_>, arguments: &[SqlValue<'_>]) -> ExtensionResult<SqlOutput> {
    let [key, value] = *arguments else { return Err(Status::InvalidArgument.into()) };
    let mut insert = context.prepare("insert into main._zova_ext_a_data values (?1, ?2)")?;
    insert.bind(1, key)?;
    insert.bind(2, value)?;
    assert!(!insert.step()?);
    if key == SqlValue::Text(b"fail") {
        return Err(ExtensionError::new(Status::VectorInvalid, "asked to fail"));
    }
    Ok(SqlOutput::Integer(context.changes()))
}

fn functions(context: &mut RegisterContext<'_>) -> ExtensionResult<()> {
    context.scalar(named("a_echo"), |_, arguments| {
        Ok(match *arguments.first().unwrap_or(&SqlValue::Null) {
            SqlValue::Null => SqlOutput::Null,
            SqlValue::Integer(value) => SqlOutput::from(value),
            SqlValue::Real(value) => SqlOutput::from(value),
            SqlValue::Text(value) => SqlOutput::Text(value.to_vec()),
            SqlValue::Blob(value) => SqlOutput::Blob(value.to_vec()),
        })
    })?;
    context.scalar(named("a_show"), |_, arguments| {
        Ok(SqlOutput::from(arguments.iter().map(|value| shown(*value)).collect::<Vec<_>>().join(" ")))
    })?;
    context.scalar(ScalarDefinition { arguments: 2, ..named("a_put") }, put)?;
    context.scalar(ScalarDefinition { arguments: 2, atomic: true, ..named("a_put_atomic") }, put)?;
    context.scalar(ScalarDefinition { arguments: 2, ..named("a_put_inside") }, |context, arguments| {
        // A failing section is undone and the callback goes on.
        let arguments = [arguments[0], arguments[1]];
        let outcome = context.atomically(|context| {
            context.exec("insert into main._zova_ext_a_data values ('inside', 1)")?;
            let mut insert = context.prepare("insert into main._zova_ext_a_data values (?1, ?2)")?;
            insert.bind(1, arguments[0])?;
            insert.bind(2, arguments[1])?;
            insert.step()
        });
        Ok(SqlOutput::Integer(outcome.is_ok().into()))
    })?;
    context.scalar(named("a_count"), |context, _| {
        let mut count = context.prepare("select count(*) from main._zova_ext_a_data")?;
        assert!(count.step()?);
        match count.column(0) {
            SqlValue::Integer(count) => Ok(SqlOutput::Integer(count)),
            other => panic!("{other:?}"),
        }
    })?;
    let pure = |name| ScalarDefinition { deterministic: true, innocuous: true, arguments: 1, ..named(name) };
    context.scalar(pure("a_pure"), |_, _| Ok(SqlOutput::Integer(7)))?;
    context
        .scalar(ScalarDefinition { direct_only: true, ..named("a_direct") }, |_, _| Ok(SqlOutput::Null))?;
    context.scalar(named("a_fail"), |_, arguments| {
        let [SqlValue::Integer(status), SqlValue::Text(message)] = *arguments else { panic!("arguments") };
        let status = Status::from_raw(status as i32);
        Err(ExtensionError::new(status, String::from_utf8_lossy(message)))
    })
}

fn sample() -> Sample {
    Sample::new("a").on_register(functions)
}

fn database(scratch: &Scratch) -> Database {
    let mut db = create(&scratch.path("a.zova"), [sample()]);
    db.install_extension("a").unwrap();
    db
}

#[test]
fn functions_take_and_give_every_kind_of_value() {
    let scratch = Scratch::new();
    let mut db = database(&scratch);
    for value in [
        "null",
        "7",
        "-9223372036854775808",
        "1.5",
        "'text'",
        "''",
        "x'0001'",
        "x''",
        "'a' || char(0) || 'b'",
    ] {
        let equal =
            format!("select a_echo({value}) is {value} and typeof(a_echo({value})) is typeof({value})");
        assert_eq!(text_of(&mut db, &equal), "1", "{value}");
    }
    assert_eq!(
        text_of(&mut db, "select a_show(1, 2.5, 'x', x'ff', null)"),
        "Integer(1) Real(2.5) \"x\" Blob([255]) Null"
    );
    assert_eq!(text_of(&mut db, "select a_show()"), "");
    let many: Vec<String> = (0..100).map(|n| n.to_string()).collect();
    let expected: Vec<String> = (0..100).map(|n| format!("Integer({n})")).collect();
    assert_eq!(text_of(&mut db, &format!("select a_show({})", many.join(","))), expected.join(" "));
    assert_eq!(text_of(&mut db, "select coalesce(a_echo(0.0 / 0), 'null')"), "null");
}

#[test]
fn functions_are_there_from_the_installation_on_and_at_every_open() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let mut db = create(&path, [sample()]);
    sql_fault(db.exec("select a_pure(1)"), Status::SqliteError, "no such function: a_pure");
    db.install_extension("a").unwrap();
    assert_eq!(number_of(&mut db, "select A_Pure(1)"), 7);
    sql_fault(
        db.exec("select a_pure()"),
        Status::SqliteError,
        "wrong number of arguments to function a_pure()",
    );
    let mut other = open(&path, [sample()]);
    assert_eq!(number_of(&mut other, "select a_pure(1)"), 7);
}

#[test]
fn functions_of_a_dropped_or_never_installed_extension_fail() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let mut db = create(&path, [sample()]);
    db.begin().unwrap();
    db.install_extension("a").unwrap();
    assert_eq!(number_of(&mut db, "select a_put(1, 2)"), 1);
    db.rollback().unwrap();
    let fails = |db: &mut Database| {
        let message = fault(db.exec("select a_put(1, 2)"), Status::SqliteError);
        assert!(!message.contains("_zova_"), "{message}");
        fault(db.exec("select a_count()"), Status::SqliteError);
    };
    fails(&mut db);
    // They work again with the tables, without being registered a second time.
    db.install_extension("a").unwrap();
    assert_eq!(number_of(&mut db, "select a_put(1, 2)"), 1);
    db.drop_extension("a").unwrap();
    fails(&mut db);
    db.install_extension("a").unwrap();
    assert_eq!(number_of(&mut db, "select a_count()"), 0);
}

#[test]
fn a_registration_that_fails_undoes_the_installation_and_can_be_repeated() {
    let scratch = Scratch::new();
    let attempts = std::sync::atomic::AtomicUsize::new(0);
    let sample = Sample::new("a").on_register(move |context| {
        context.scalar(named("a_first"), |_, _| Ok(SqlOutput::Integer(1)))?;
        if attempts.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0 {
            return Err(ExtensionError::new(Status::GraphExists, "asked to fail"));
        }
        context.scalar(named("a_second"), |_, _| Ok(SqlOutput::Integer(2)))
    });
    let mut db = create(&scratch.path("a.zova"), [sample]);
    native_fault(db.install_extension("a"), Status::GraphExists);
    assert_eq!(names(&mut db), "");
    fault(db.exec("select a_second()"), Status::SqliteError);
    db.install_extension("a").unwrap();
    assert_eq!(number_of(&mut db, "select a_first() + a_second()"), 3);
}

#[test]
fn names_that_others_provide_are_refused() {
    let scratch = Scratch::new();
    let others = || {
        Sample::new("other")
            .on_register(|context| context.scalar(named("Other_Function"), |_, _| Ok(SqlOutput::Null)))
    };
    for (index, (name, provider)) in [
        ("abs", "SQLite"),
        ("ABS", "SQLite"),
        ("json", "SQLite"),
        ("->>", "SQLite"),
        ("count", "SQLite"),
        ("load_extension", "SQLite"),
        ("zova_vector_distance", "Zova"),
        ("Zova_Vector_Distance_By_Id", "Zova"),
        ("other_function", "other"),
    ]
    .into_iter()
    .enumerate()
    {
        let taking = Sample::new("a")
            .on_register(move |context| context.scalar(named(name), |_, _| Ok(SqlOutput::Null)));
        let mut db = create(&scratch.path(&format!("{index}.zova")), [others(), taking]);
        db.install_extension("other").unwrap();
        let message = native_fault(db.install_extension("a"), Status::ExtensionExists);
        assert!(message.contains(provider) && message.contains(name), "{message}");
        assert_eq!(names(&mut db), "other");
        assert_eq!(text_of(&mut db, "select abs(-1) || json('1') || count(*)"), "111");
    }
}

#[test]
fn a_name_taken_at_open_fails_the_open() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let taking = |name| {
        Sample::new(name)
            .on_register(|context| context.scalar(named("contended"), |_, _| Ok(SqlOutput::Null)))
    };
    let mut db = create(&path, [taking("b"), Sample::new("a")]);
    db.install_extension("a").unwrap();
    db.install_extension("b").unwrap();
    drop(db);
    let message =
        native_fault(crate::support::try_open(&path, [taking("b"), taking("a")]), Status::ExtensionExists);
    assert!(message.starts_with("ExtensionExists: b: "), "{message}");
}

#[test]
fn impossible_definitions_are_invalid() {
    let scratch = Scratch::new();
    let long: &'static str = Box::leak("n".repeat(256).into_boxed_str());
    let impossible: [ScalarDefinition<'static>; 5] = [
        named(""),
        named("a\0b"),
        named(long),
        ScalarDefinition { arguments: -2, ..named("few") },
        ScalarDefinition { arguments: 1001, ..named("many") },
    ];
    for (index, definition) in impossible.into_iter().enumerate() {
        let sample = Sample::new("a")
            .on_register(move |context| context.scalar(definition, |_, _| Ok(SqlOutput::Null)));
        let mut db = create(&scratch.path(&format!("{index}.zova")), [sample]);
        native_fault(db.install_extension("a"), Status::ExtensionInvalid);
    }
    let longest: &'static str = Box::leak("n".repeat(255).into_boxed_str());
    let sample = Sample::new("a")
        .on_register(move |context| context.scalar(named(longest), |_, _| Ok(SqlOutput::Integer(3))));
    let mut db = create(&scratch.path("longest.zova"), [sample]);
    db.install_extension("a").unwrap();
    assert_eq!(number_of(&mut db, &format!("select {longest}()")), 3);
}

#[test]
fn one_name_may_stand_for_several_numbers_of_arguments() {
    let scratch = Scratch::new();
    let sample = Sample::new("a").on_register(|context| {
        for arguments in 1..=2 {
            let definition = ScalarDefinition { arguments, ..named("a_many") };
            context.scalar(definition, move |_, _| Ok(SqlOutput::Integer(arguments.into())))?;
        }
        Ok(())
    });
    let mut db = create(&scratch.path("a.zova"), [sample]);
    db.install_extension("a").unwrap();
    assert_eq!(number_of(&mut db, "select a_many(0) * 10 + a_many(0, 0)"), 12);
    fault(db.exec("select a_many(1, 2, 3)"), Status::SqliteError);
}

#[test]
fn the_flags_are_sqlites() {
    let scratch = Scratch::new();
    let mut db = database(&scratch);
    db.exec("create table t(x); create index pure on t(a_pure(x)); insert into t values (1)").unwrap();
    sql_fault(
        db.exec("create index impure on t(a_echo(x))"),
        Status::SqliteError,
        "non-deterministic functions prohibited in index expressions",
    );
    db.exec("create view direct as select a_direct(); create view plain as select a_echo(x) as x from t")
        .unwrap();
    fault(db.exec("select * from direct"), Status::SqliteError);
    assert_eq!(number_of(&mut db, "select x from plain"), 1);
    db.exec("pragma trusted_schema = off").unwrap();
    fault(db.exec("select x from plain"), Status::SqliteError);
    assert_eq!(number_of(&mut db, "select a_echo(3)"), 3);
    db.exec("insert into t values (2)").unwrap();
    db.exec("select a_direct()").unwrap();
}

#[test]
fn errors_reach_the_statement_with_their_status_and_message() {
    let scratch = Scratch::new();
    let mut db = database(&scratch);
    for (status, reported) in [
        (Status::Busy, Status::Busy),
        (Status::Locked, Status::Locked),
        (Status::Constraint, Status::Constraint),
        (Status::CantOpen, Status::CantOpen),
        (Status::ReadOnly, Status::ReadOnly),
        (Status::Corrupt, Status::Corrupt),
        (Status::Misuse, Status::Misuse),
        (Status::OutOfMemory, Status::OutOfMemory),
        (Status::Interrupted, Status::Interrupted),
        (Status::SqliteError, Status::SqliteError),
        (Status::VectorInvalid, Status::SqliteError),
        (Status::Unknown(4711), Status::SqliteError),
        (Status::Unknown(0), Status::SqliteError),
    ] {
        let call = format!("select a_fail({}, 'what happened')", status.raw());
        sql_fault(db.exec(&call), reported, "what happened");
        let name = match status {
            Status::Unknown(_) => "SqliteError".to_owned(),
            known => format!("{known:?}"),
        };
        sql_fault(db.exec(&format!("select a_fail({}, '')", status.raw())), reported, &name);
    }
    // An error in a nested statement keeps its status; private names stay private.
    db.exec("select a_put('k', 1)").unwrap();
    let message = fault(db.exec("select a_put('k', 1)"), Status::Constraint);
    assert!(!message.contains("_zova_"), "{message}");
}

#[test]
fn an_atomic_call_keeps_all_it_wrote_or_nothing() {
    let scratch = Scratch::new();
    let mut db = database(&scratch);
    let count = |db: &mut Database| number_of(db, "select a_count()");
    for transaction in [false, true] {
        if transaction {
            db.begin().unwrap();
        }
        let before = count(&mut db);
        sql_fault(db.exec("select a_put_atomic('fail', 1)"), Status::SqliteError, "asked to fail");
        assert_eq!(count(&mut db), before);
        db.exec(&format!("select a_put_atomic('key {transaction}', 1)")).unwrap();
        assert_eq!(count(&mut db), before + 1);
        // Without the flag the row stays.
        sql_fault(db.exec("select a_put('fail', 1)"), Status::SqliteError, "asked to fail");
        assert_eq!(count(&mut db), before + 2);
        db.exec("delete from _zova_ext_a_data where key = 'fail'").unwrap();
    }
    db.commit().unwrap();
    // Several calls in one statement, the last of which fails: each is atomic by itself.
    db.exec("create table keys(k); insert into keys values ('x'), ('y'), ('fail')").unwrap();
    let before = count(&mut db);
    fault(db.exec("select a_put_atomic(k, 1) from keys order by rowid"), Status::SqliteError);
    assert_eq!(count(&mut db), before + 2);
    drop(db);
    assert_eq!(count(&mut open(&scratch.path("a.zova"), [sample()])), before + 2);
}

#[test]
fn a_call_inside_a_statement_that_writes_is_undone_with_it() {
    let scratch = Scratch::new();
    let mut db = database(&scratch);
    db.exec(
        "create table t(k unique); create trigger r after insert on t begin select a_put_atomic(new.k, 1); end",
    )
    .unwrap();
    for transaction in [false, true] {
        if transaction {
            db.begin().unwrap();
        }
        db.exec("delete from t; delete from _zova_ext_a_data").unwrap();
        db.exec("insert into t values ('kept')").unwrap();
        sql_fault(
            db.exec("insert into t values ('one'), ('fail'), ('two')"),
            Status::SqliteError,
            "asked to fail",
        );
        assert_eq!(
            text_of(
                &mut db,
                "select (select group_concat(k) from t) || (select group_concat(key) from _zova_ext_a_data)"
            ),
            "keptkept"
        );
    }
    db.rollback().unwrap();
}

#[test]
fn a_section_of_a_callback_is_atomic_by_itself() {
    let scratch = Scratch::new();
    let mut db = database(&scratch);
    assert_eq!(number_of(&mut db, "select a_put_inside('k', 1)"), 1);
    assert_eq!(number_of(&mut db, "select a_count()"), 2);
    db.exec("delete from _zova_ext_a_data where key = 'inside'").unwrap();
    // The second statement of the section fails; the first is undone with it.
    assert_eq!(number_of(&mut db, "select a_put_inside('k', 1)"), 0);
    assert_eq!(text_of(&mut db, "select group_concat(key) from _zova_ext_a_data"), "k");
}

#[test]
fn an_atomic_function_is_refused_on_a_read_only_handle_before_it_runs() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let panics = || {
        Sample::new("a").on_register(|context| {
            let writes = ScalarDefinition { atomic: true, ..named("a_writes") };
            context.scalar(writes, |_, _| panic!("it ran"))?;
            context.scalar(ScalarDefinition { arguments: 2, ..named("a_put") }, put)
        })
    };
    installed(&path, panics());
    let mut db = open_read_only(&path, [panics()]);
    let message = fault(db.exec("select a_writes()"), Status::ReadOnly);
    assert_eq!(message, "attempt to write a readonly database");
    fault(db.exec("select a_put('k', 1)"), Status::ReadOnly);
    db.exec("select 1").unwrap();
}

#[test]
fn functions_write_for_the_application_and_count_as_its_own() {
    let scratch = Scratch::new();
    let mut db = database(&scratch);
    let total = db.total_changes().unwrap();
    db.exec("select a_put('k', 1)").unwrap();
    assert_eq!(db.total_changes().unwrap(), total + 1);
    db.begin().unwrap();
    db.exec("select a_put('l', 1)").unwrap();
    db.rollback().unwrap();
    assert_eq!(number_of(&mut db, "select a_count()"), 1);
}

#[test]
fn functions_work_in_views_triggers_joins_and_other_functions_and_tables_of_sqlite() {
    let scratch = Scratch::new();
    let mut db = database(&scratch);
    db.exec("create view v as select value, a_echo(value) as echo from json_each('[1, 2, 3]')").unwrap();
    assert_eq!(number_of(&mut db, "select sum(a_echo(abs(a_echo(-echo)))) from v"), 6);
    db.exec("with recursive n(x) as (select 1 union all select x + 1 from n where x < 1000) select a_put(x, x) from n")
        .unwrap();
    assert_eq!(number_of(&mut db, "select a_count()"), 1000);
}

#[test]
fn a_handle_with_prepared_calls_closes_in_any_order() {
    let scratch = Scratch::new();
    let mut db = database(&scratch);
    let mut call = db.prepare_owned("select a_put(?1, 2)").unwrap();
    call.bind_i64(1, 1).unwrap();
    call.step().unwrap();
    drop(db);
    call.reset().unwrap();
    call.bind_i64(1, 2).unwrap();
    call.step().unwrap();
    drop(call);
    let options = OpenOptions::default();
    let registry = crate::support::registry([sample()]);
    let mut db = Database::open_with_registry(scratch.path("a.zova"), options, &registry).unwrap();
    assert_eq!(number_of(&mut db, &format!("select count(*) from {}", data("a"))), 2);
}
