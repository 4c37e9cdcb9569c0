//! Hooks that do what they must not: everything is undone.

use zova::{ExtensionContext, ExtensionError, ExtensionResult, Status};

use crate::common::{Scratch, fault, native_fault, number_of, text_of};
use crate::support::{Sample, create, data, names, open, schema};

const TABLE: &str = "create table main._zova_ext_a_data (key text primary key, value)";

/// What an install or drop hook of extension `a` may run besides its own work.
const STRAYING: [&str; 22] = [
    "create table main.users2(a)",
    "create table main._zova_ext_b_data(a)",
    "create table main._zova_ext_a(a)",
    "create table main._zova_ext_A_data2(a)",
    "create table main._zova_more(a)",
    "create view main.seen as select 1",
    "create index main.mine on users(a)",
    "create trigger main.watching after insert on users begin select 1; end",
    "create temp table _zova_ext_a_scratch(a)",
    "create temp trigger watching after insert on main.users begin select 1; end",
    "drop table users",
    "drop view shown",
    "alter table users add column b",
    "alter table users rename to _zova_ext_a_users",
    "drop table _zova_graphs",
    "alter table _zova_objects add column extra",
    "create index main._zova_extra on _zova_chunks(size_bytes)",
    "create trigger main._zova_ext_trigger after insert on users begin select 1; end",
    "create virtual table main.found using fts5(a)",
    "insert into _zova_extensions values ('x', '1', '_zova_ext_x_', '1', '', 1, 0, '')",
    "delete from _zova_extensions where name = 'other'",
    "update _zova_extensions set version = '2' where name = 'other'",
];

/// A database with a table, a view and an extension `other` of its own.
fn database(scratch: &Scratch, sample: Sample) -> zova::Database {
    let mut db = create(&scratch.path("a.zova"), [sample, Sample::new("other")]);
    db.exec("create table users(a); create view shown as select a from users").unwrap();
    db.install_extension("other").unwrap();
    db
}

#[test]
fn an_installation_that_reaches_beyond_its_storage_is_undone() {
    for sql in STRAYING {
        let scratch = Scratch::new();
        let sample = Sample::new("a").on_install(move |context| {
            context.exec(TABLE)?;
            context.exec(sql)
        });
        let mut db = database(&scratch, sample);
        let before = schema(&mut db);
        for transaction in [false, true] {
            if transaction {
                db.begin().unwrap();
            }
            let message = native_fault(db.install_extension("a"), Status::ExtensionInvalid);
            assert_eq!(
                (names(&mut db), schema(&mut db)),
                ("other".to_owned(), before.clone()),
                "{sql} {message}"
            );
        }
        db.commit().unwrap();
        drop(db);
        open(&scratch.path("a.zova"), [Sample::new("other")]).check_extensions().unwrap();
    }
}

#[test]
fn a_drop_that_reaches_beyond_its_storage_is_undone() {
    for sql in STRAYING {
        let scratch = Scratch::new();
        let sample = Sample::new("a").on_drop(move |context| {
            context.exec("drop table main._zova_ext_a_data")?;
            context.exec(sql)
        });
        let mut db = database(&scratch, sample);
        db.install_extension("a").unwrap();
        let before = schema(&mut db);
        native_fault(db.drop_extension("a"), Status::ExtensionInvalid);
        assert_eq!((names(&mut db), schema(&mut db)), ("a other".to_owned(), before), "{sql}");
        drop(db);
        open(&scratch.path("a.zova"), [Sample::new("a"), Sample::new("other")]).check_extensions().unwrap();
    }
}

#[test]
fn registering_sql_during_an_installation_may_not_create_anything_either() {
    let scratch = Scratch::new();
    let sample = Sample::new("a").on_register(|context| context.exec("create table main.stray(a)"));
    let mut db = database(&scratch, sample);
    let before = schema(&mut db);
    native_fault(db.install_extension("a"), Status::ExtensionInvalid);
    assert_eq!((names(&mut db), schema(&mut db)), ("other".to_owned(), before));
}

#[test]
fn storage_of_every_kind_is_allowed_under_the_prefix() {
    let scratch = Scratch::new();
    let everything = "create table main._zova_ext_a_t(i integer primary key autoincrement, v unique); \
        create index main._zova_ext_a_i on _zova_ext_a_t(v); \
        create view main._zova_ext_a_v as select * from _zova_ext_a_t; \
        create trigger main._zova_ext_a_r after insert on users begin \
            insert into _zova_ext_a_t(v) values (new.a); end; \
        create index main._zova_ext_a_on_users on users(a); \
        create virtual table main._zova_ext_a_f using fts5(x); \
        insert into _zova_ext_a_f values ('text')";
    let sample = Sample::new("a")
        .on_install(move |context| context.exec(everything))
        .on_open_check(|_| Ok(()))
        .on_drop(|context| {
            context.exec(
                "drop table _zova_ext_a_f; drop view _zova_ext_a_v; drop trigger _zova_ext_a_r; \
                drop index _zova_ext_a_on_users; drop table _zova_ext_a_t",
            )
        });
    let mut db = database(&scratch, sample);
    let before = schema(&mut db);
    db.install_extension("a").unwrap();
    db.exec("insert into users values (5)").unwrap();
    assert_eq!(number_of(&mut db, "select v from _zova_ext_a_v"), 5);
    db.drop_extension("a").unwrap();
    assert_eq!(schema(&mut db), before);
}

#[test]
fn a_drop_that_leaves_something_is_undone() {
    let scratch = Scratch::new();
    for leaving in ["select 1", "create table main._zova_ext_a_more(a)"] {
        let sample = Sample::new("a").on_drop(move |context| {
            if leaving != "select 1" {
                context.exec("drop table main._zova_ext_a_data")?;
            }
            context.exec(leaving)
        });
        let _ = std::fs::remove_file(scratch.path("a.zova"));
        let mut db = database(&scratch, sample);
        db.install_extension("a").unwrap();
        native_fault(db.drop_extension("a"), Status::ExtensionInvalid);
        assert_eq!(names(&mut db), "a other");
        db.check_extension("a").unwrap();
    }
}

#[test]
fn storage_belongs_to_the_longest_prefix() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let into_the_longer = |context: &mut ExtensionContext<'_>| -> ExtensionResult<()> {
        context.exec("create table main._zova_ext_foo_bar_more(a)")
    };
    let samples = move || {
        [Sample::new("foo").on_install(into_the_longer), Sample::new("foo_bar"), Sample::new("foo_bar_baz")]
    };
    let mut db = create(&path, samples());
    db.install_extension("foo_bar").unwrap();
    // What `foo` creates here would be a table of `foo_bar`.
    native_fault(db.install_extension("foo"), Status::ExtensionInvalid);
    db.drop_extension("foo_bar").unwrap();
    db.install_extension("foo").unwrap();
    // Now the table is `foo`'s, and `foo_bar` would take it over.
    native_fault(db.install_extension("foo_bar"), Status::ExtensionInvalid);
    assert_eq!(names(&mut db), "foo");
    // That of a still longer name is nobody's yet.
    db.install_extension("foo_bar_baz").unwrap();
    assert_eq!(names(&mut db), "foo foo_bar_baz");
}

#[test]
fn a_shorter_named_extension_neither_drops_nor_leaves_what_is_the_longer_ones() {
    let scratch = Scratch::new();
    let greedy = || {
        Sample::new("foo").on_drop(|context| {
            context.exec("drop table main._zova_ext_foo_data; drop table main._zova_ext_foo_bar_data")
        })
    };
    let mut db = create(&scratch.path("a.zova"), [greedy(), Sample::new("foo_bar")]);
    db.install_extension("foo").unwrap();
    db.install_extension("foo_bar").unwrap();
    db.exec(&format!("insert into {} values (1, 2)", data("foo_bar"))).unwrap();
    native_fault(db.drop_extension("foo"), Status::ExtensionInvalid);
    assert_eq!(number_of(&mut db, &format!("select value from {}", data("foo_bar"))), 2);
    drop(db);
    let mut db = open(&scratch.path("a.zova"), [Sample::new("foo"), Sample::new("foo_bar")]);
    db.drop_extension("foo").unwrap();
    assert_eq!(number_of(&mut db, &format!("select value from {}", data("foo_bar"))), 2);
    db.drop_extension("foo_bar").unwrap();
    assert_eq!(schema(&mut db), "");
}

#[test]
fn what_a_longer_named_extension_leaves_does_not_become_the_shorter_ones() {
    let scratch = Scratch::new();
    let leaving = Sample::new("foo_bar").on_drop(|_| Ok(()));
    let mut db = create(&scratch.path("a.zova"), [Sample::new("foo"), leaving]);
    db.install_extension("foo").unwrap();
    db.install_extension("foo_bar").unwrap();
    native_fault(db.drop_extension("foo_bar"), Status::ExtensionInvalid);
    assert_eq!(names(&mut db), "foo foo_bar");
}

#[test]
fn core_tables_that_were_altered_before_make_changes_invalid() {
    let scratch = Scratch::new();
    let mut db = create(&scratch.path("a.zova"), [Sample::new("a")]);
    db.exec("alter table _zova_graphs add column extra").unwrap();
    native_fault(db.install_extension("a"), Status::ExtensionInvalid);
    db.exec("alter table _zova_graphs drop column extra").unwrap();
    db.install_extension("a").unwrap();
    db.exec("drop table _zova_graph_edges").unwrap();
    native_fault(db.drop_extension("a"), Status::ExtensionInvalid);
    assert_eq!(names(&mut db), "a");
}

#[test]
fn storage_without_an_owner_keeps_extensions_from_being_installed_and_dropped() {
    let scratch = Scratch::new();
    let mut db = create(&scratch.path("a.zova"), [Sample::new("a"), Sample::new("b")]);
    db.install_extension("a").unwrap();
    db.exec("create table _zova_ext_nobody_t(a)").unwrap();
    native_fault(db.install_extension("b"), Status::ExtensionInvalid);
    native_fault(db.drop_extension("a"), Status::ExtensionInvalid);
    db.exec("drop table _zova_ext_nobody_t").unwrap();
    db.install_extension("b").unwrap();
    db.drop_extension("a").unwrap();
}

#[test]
fn a_hook_that_makes_sqlite_roll_back_fails_and_writes_nothing_afterwards() {
    // The error of the statement that rolled back is swallowed; what follows would be committed at once.
    let rolling_back = |context: &mut ExtensionContext<'_>| -> ExtensionResult<()> {
        context.exec(TABLE)?;
        context.exec("insert into _zova_ext_a_data values (1, 1)")?;
        let kept = context.prepare("insert into main.users values (?1)");
        context.exec("insert or rollback into _zova_ext_a_data values (1, 2)").unwrap_err();
        assert!(!context.in_transaction());
        for error in [
            context.exec("create table main.stray(a)").unwrap_err(),
            context.prepare("create table main.stray(a)").map(|_| ()).unwrap_err(),
            kept?.step().unwrap_err(),
        ] {
            assert_eq!(error.status, Status::Misuse);
        }
        Ok(())
    };
    for transaction in [false, true] {
        let scratch = Scratch::new();
        let mut db = database(&scratch, Sample::new("a").on_install(rolling_back));
        let before = schema(&mut db);
        if transaction {
            db.exec("begin; insert into users values (1)").unwrap();
        }
        native_fault(db.install_extension("a"), Status::ExtensionInvalid);
        assert_eq!((names(&mut db), schema(&mut db)), ("other".to_owned(), before));
        assert_eq!(number_of(&mut db, "select count(*) from users"), 0);
        // SQLite ended the caller's transaction, too.
        db.begin().unwrap();
        db.rollback().unwrap();
    }
}

#[test]
fn hooks_cannot_end_or_begin_transactions_by_statements() {
    for sql in ["commit", "rollback", "begin", "savepoint x", "release _zova_own", "end; select 1", "vacuum"]
    {
        let scratch = Scratch::new();
        let sample = Sample::new("a").on_install(move |context| {
            context.exec(TABLE)?;
            context.exec(sql)
        });
        let mut db = database(&scratch, sample);
        let message = fault(db.install_extension("a"), Status::Misuse);
        assert!(message.starts_with("Misuse: an extension must not run "), "{message}");
        assert_eq!(names(&mut db), "other");
        assert!(!schema(&mut db).contains("_zova_ext_a_"));
    }
}

#[test]
fn a_check_keeps_nothing_of_what_it_writes() {
    let scratch = Scratch::new();
    let writing = |context: &mut ExtensionContext<'_>| -> ExtensionResult<()> {
        context.exec("insert into main._zova_ext_a_data values (1, 2); create table main.stray(a)")?;
        context.exec("create temp table passing(a); insert into users values (1)")
    };
    let mut db = database(&scratch, Sample::new("a").on_check(writing));
    db.install_extension("a").unwrap();
    let before = schema(&mut db);
    db.check_extension("a").unwrap();
    db.check_extensions().unwrap();
    assert_eq!(schema(&mut db), before);
    assert_eq!(
        text_of(&mut db, "select (select count(*) from users) || (select count(*) from _zova_ext_a_data)"),
        "00"
    );
    db.begin().unwrap();
    db.exec("insert into users values (3)").unwrap();
    db.check_extension("a").unwrap();
    db.commit().unwrap();
    assert_eq!(text_of(&mut db, "select group_concat(a) from users"), "3");
}

#[test]
fn what_an_open_check_writes_is_not_kept() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let sample = || {
        Sample::new("a")
            .on_open_check(|context| context.exec("insert into main._zova_ext_a_data values (1, 2)"))
    };
    create(&path, [sample()]).install_extension("a").unwrap();
    let mut db = open(&path, [sample()]);
    assert_eq!(number_of(&mut db, &format!("select count(*) from {}", data("a"))), 0);
}

#[test]
fn the_statuses_of_hooks_are_kept_or_mean_damage() {
    let scratch = Scratch::new();
    let failing = |status: Status, message: &'static str| {
        move |_: &mut ExtensionContext<'_>| -> Result<(), ExtensionError> {
            Err(ExtensionError::new(status, message))
        }
    };
    // Status, message; what install and drop say, and what check says.
    for (index, (status, message, work, check)) in [
        (Status::GraphInvalid, "facts", "GraphInvalid: facts", "ExtensionInvalid: facts"),
        (Status::GraphInvalid, "", "GraphInvalid", "ExtensionInvalid: GraphInvalid"),
        (Status::ExtensionInvalid, "", "ExtensionInvalid", "ExtensionInvalid"),
        (Status::Busy, "wait", "Busy: wait", "Busy: wait"),
        (Status::OutOfMemory, "", "OutOfMemory", "OutOfMemory"),
        (Status::Interrupted, "", "Interrupted", "Interrupted"),
        (Status::SqliteError, "x", "SqliteError: x", "SqliteError: x"),
        (Status::Internal, "x", "Internal: x", "Internal: x"),
        (Status::InvalidArgument, "x", "InvalidArgument: x", "ExtensionInvalid: x"),
        (Status::Unknown(4711), "x", "SqliteError: x", "SqliteError: x"),
        (Status::Unknown(0), "", "SqliteError", "SqliteError"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut db = create(
            &scratch.path(&format!("{index}.zova")),
            [
                Sample::new("a").on_check(failing(status, message)).on_drop(failing(status, message)),
                Sample::new("b").on_install(failing(status, message)),
            ],
        );
        db.install_extension("a").unwrap();
        let said = |result: zova::Result<()>| match result.unwrap_err() {
            zova::Error::Zova { message, .. } => message.unwrap(),
            other => panic!("{other}"),
        };
        assert_eq!(said(db.install_extension("b")), work);
        assert_eq!(said(db.drop_extension("a")), work);
        assert_eq!(said(db.check_extension("a")), check);
        assert_eq!(names(&mut db), "a");
    }
}
