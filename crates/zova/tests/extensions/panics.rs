//! A panic in code of an extension is `Internal`, what it did is undone, and the handle accepts only its close.

use zova::{
    Database, ExtensionContext, ExtensionResult, OpenOptions, RegisterContext, ScalarDefinition, SqlOutput,
    Status, TableColumn, TableDefinition,
};

use crate::common::{Scratch, fault, text_of};
use crate::support::{Sample, create, data, installed, names, open, registry, schema, try_open};

type Call = fn(&mut Database) -> zova::Result<()>;

fn panicking(_: &mut ExtensionContext<'_>) -> ExtensionResult<()> {
    panic!("asked to panic")
}

fn register(context: &mut RegisterContext<'_>) -> ExtensionResult<()> {
    let panics = ScalarDefinition { name: "sample_panic", arguments: -1, ..ScalarDefinition::default() };
    context.scalar(panics, |context, _| {
        context.exec("insert or ignore into main._zova_ext_a_data values ('written', 1)")?;
        panic!("asked to panic")
    })?;
    let atomic = ScalarDefinition { name: "sample_atomic_panic", atomic: true, ..panics };
    context.scalar(atomic, |context, _| -> ExtensionResult<SqlOutput> {
        context.exec("insert into main._zova_ext_a_data values ('atomic', 1)")?;
        panic!("asked to panic")
    })?;
    let columns = vec![TableColumn { name: "x", ..TableColumn::default() }];
    let table = TableDefinition { name: "sample_rows", columns, ..TableDefinition::default() };
    context.table(table, |_, _, _| panic!("asked to panic"))
}

/// Everything but closing is refused.
fn assert_only_close(db: &mut Database) {
    for result in [
        db.exec("select 1"),
        db.begin(),
        db.list_extensions().map(|_| ()),
        db.put_object(b"x").map(|_| ()),
        db.prepare("select 1").map(|_| ()),
    ] {
        fault(result, Status::Internal);
    }
}

#[test]
fn a_panic_in_a_hook_of_an_operation_undoes_it() {
    let scratch = Scratch::new();
    let samples = || {
        [
            Sample::new("install").on_install(|context| {
                context.exec("create table main._zova_ext_install_t(a)")?;
                panicking(context)
            }),
            Sample::new("register").on_register(|_| panic!("asked to panic")),
            Sample::new("check").on_check(panicking),
            Sample::new("drop").on_drop(|context| {
                context.exec("drop table main._zova_ext_drop_data")?;
                panicking(context)
            }),
        ]
    };
    let path = scratch.path("a.zova");
    let mut db = create(&path, samples());
    db.install_extension("check").unwrap();
    db.install_extension("drop").unwrap();
    let before = schema(&mut db);
    let operations: [Call; 5] = [
        |db| db.install_extension("install"),
        |db| db.install_extension("register"),
        |db| db.check_extension("check"),
        |db| db.check_extensions(),
        |db| db.drop_extension("drop"),
    ];
    for operation in operations {
        for transaction in [false, true] {
            let mut db = open(&path, samples());
            if transaction {
                db.begin().unwrap();
            }
            fault(operation(&mut db), Status::Internal);
            assert_only_close(&mut db);
            drop(db);
            let mut db = open(&path, samples());
            assert_eq!((names(&mut db), schema(&mut db)), ("check drop".to_owned(), before.clone()));
        }
    }
}

#[test]
fn a_panic_while_opening_fails_the_open() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    installed(&path, Sample::new("a"));
    for sample in [
        Sample::new("a").on_register(|_| panic!("asked to panic")),
        Sample::new("a").on_open_check(panicking),
    ] {
        let message = fault(try_open(&path, [sample]), Status::Internal);
        assert!(message.starts_with("Internal: a: "), "{message}");
    }
    let panicking = registry([Sample::new("a").on_register(|_| panic!("asked to panic"))]);
    fault(Database::open_for_repair(&path, OpenOptions::default(), &panicking), Status::Internal);
    open(&path, [Sample::new("a")]).check_extensions().unwrap();
}

#[test]
fn a_panic_in_an_sql_function_or_table_is_internal_wherever_it_is_called() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let sample = || Sample::new("a").on_register(register);
    installed(&path, sample());
    let table = data("a");
    let calls: [Call; 6] = [
        |db| db.exec("select sample_panic()"),
        |db| db.exec("select sample_atomic_panic()"),
        |db| db.exec("select x from sample_rows"),
        |db| {
            let mut query = db.prepare("select sample_panic(1, 2)")?;
            query.step().map(|_| ())
        },
        // A native operation whose rows fire a trigger of the application's.
        |db| {
            db.exec(
                "create temp trigger t after insert on main._zova_objects begin select sample_panic(); end",
            )?;
            db.put_object(b"x").map(|_| ())
        },
        |db| db.transaction(|db| db.exec("create table mine(a); select sample_atomic_panic()")),
    ];
    for call in calls {
        let mut db = open(&path, [sample()]);
        let mut subscription = db.listen("m").unwrap();
        fault(call(&mut db), Status::Internal);
        assert_only_close(&mut db);
        fault(subscription.try_receive(), Status::Internal);
        drop((db, subscription));
        let mut db = open(&path, [sample()]);
        assert!(!schema(&mut db).contains("mine"));
        assert_eq!(text_of(&mut db, &format!("select count(*) from {table} where key = 'atomic'")), "0");
        assert_eq!(text_of(&mut db, "select count(*) from _zova_objects"), "0");
    }
}

#[test]
fn other_handles_of_the_same_registry_go_on() {
    let scratch = Scratch::new();
    let registry = registry([Sample::new("a").on_check(panicking)]);
    let options = OpenOptions::default();
    let mut first = Database::create_with_registry(scratch.path("a.zova"), options, &registry).unwrap();
    first.install_extension("a").unwrap();
    let mut second = Database::open_with_registry(scratch.path("a.zova"), options, &registry).unwrap();
    fault(first.check_extension("a"), Status::Internal);
    second.exec(&format!("insert into {} values (1, 2)", data("a"))).unwrap();
    second.drop_extension("a").unwrap();
    fault(first.exec("select 1"), Status::Internal);
}

#[test]
fn a_payload_that_panics_when_dropped_does_not_escape() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    let scratch = Scratch::new();
    let sample = Sample::new("a").on_check(|_| std::panic::panic_any(Bomb));
    let mut db = create(&scratch.path("a.zova"), [sample]);
    db.install_extension("a").unwrap();
    fault(db.check_extension("a"), Status::Internal);
}
