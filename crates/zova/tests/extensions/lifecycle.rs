//! Install, info, list, check and drop: what they do, and the first failure of each.

use zova::{ExtensionError, OpenOptions, SharedDatabase, Status};

use crate::common::{Scratch, edit, fault, native_fault, number_of, raw, text_of};
use crate::support::{Sample, create, data, installed, names, open, open_read_only, registry, schema};

/// Names that break the rule.
const ILLEGAL: [&str; 7] = ["", "a b", "a/b", "\u{e9}", "_zova_x", "_ZOVA_x", "_zOvA_"];

#[test]
fn an_installed_extension_is_recorded_listed_checked_and_dropped() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let mut sample = Sample::new("My.ext:2-x_");
    sample.manifest.capabilities = "sql,more".to_owned();
    sample.manifest.manifest_json = "{\"a\": 1}".to_owned();
    let mut db = create(&path, [sample, Sample::new("another")]);
    let before = schema(&mut db);
    assert_eq!(db.list_extensions().unwrap(), []);
    db.check_extensions().unwrap();

    db.install_extension("My.ext:2-x_").unwrap();
    db.install_extension("another").unwrap();
    assert_eq!(names(&mut db), "My.ext:2-x_ another");
    let info = db.extension_info("My.ext:2-x_").unwrap();
    assert_eq!(
        (&*info.name, &*info.version, &*info.storage_prefix, &*info.zova_abi_min),
        ("My.ext:2-x_", "1.0", "_zova_ext_My.ext:2-x__", "0.21.0")
    );
    assert_eq!((&*info.capabilities, info.required, &*info.manifest_json), ("sql,more", true, "{\"a\": 1}"));
    let now = number_of(&mut db, "select unixepoch()");
    assert!((now - 60..=now).contains(&info.installed_at_unix), "{info:?}");
    assert_eq!(db.list_extensions().unwrap()[0], info);

    db.exec(&format!("insert into {} values ('k', 'v')", data("another"))).unwrap();
    db.check_extension("another").unwrap();
    db.check_extensions().unwrap();
    db.drop_extension("My.ext:2-x_").unwrap();
    db.drop_extension("another").unwrap();
    assert_eq!((names(&mut db), schema(&mut db)), (String::new(), before));
    db.install_extension("another").unwrap();
    assert_eq!(text_of(&mut db, &format!("select count(*) from {}", data("another"))), "0");
}

#[test]
fn an_illegal_name_is_invalid_before_anything_else_is_looked_at() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let long = "n".repeat(65);
    let mut writable = create(&path, [Sample::new("a")]);
    let mut read_only = open_read_only(&path, [Sample::new("a")]);
    for db in [&mut writable, &mut read_only] {
        for name in ILLEGAL.into_iter().chain([&*long]) {
            for result in [
                db.install_extension(name),
                db.check_extension(name),
                db.drop_extension(name),
                db.extension_info(name).map(|_| ()),
            ] {
                fault(result, Status::ExtensionInvalid);
            }
        }
    }
    for result in [writable.install_extension("a\0b"), writable.drop_extension("a\0")] {
        assert_eq!(result, Err(zova::Error::InteriorNul { context: "extension name" }));
    }
}

#[test]
fn what_is_missing_or_there_already_comes_before_a_file_that_cannot_be_written() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    installed(&path, Sample::new("there"));
    for read_only in [false, true] {
        let samples = || [Sample::new("there"), Sample::new("other"), Sample::new("THERE")];
        let mut db = if read_only { open_read_only(&path, samples()) } else { open(&path, samples()) };
        native_fault(db.install_extension("unknown"), Status::ExtensionNotFound);
        native_fault(db.install_extension("there"), Status::ExtensionExists);
        let message = native_fault(db.install_extension("THERE"), Status::ExtensionInvalid);
        assert!(message.contains("there"), "{message}");
        native_fault(db.extension_info("other"), Status::ExtensionNotFound);
        native_fault(db.check_extension("other"), Status::ExtensionNotFound);
        native_fault(db.check_extension("There"), Status::ExtensionNotFound);
        native_fault(db.drop_extension("other"), Status::ExtensionNotFound);
        db.check_extension("there").unwrap();
        db.check_extensions().unwrap();
        if read_only {
            native_fault(db.install_extension("other"), Status::ReadOnly);
            native_fault(db.drop_extension("there"), Status::ReadOnly);
            db.begin().unwrap();
            native_fault(db.install_extension("other"), Status::ReadOnly);
            native_fault(db.drop_extension("there"), Status::ReadOnly);
            db.check_extension("there").unwrap();
            db.rollback().unwrap();
        }
    }
}

#[test]
fn no_hook_that_writes_runs_on_a_read_only_handle() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    installed(&path, Sample::new("there"));
    let mut db = open_read_only(
        &path,
        [
            Sample::new("there").on_drop(|_| panic!("it ran")),
            Sample::new("other").on_install(|_| panic!("it ran")),
        ],
    );
    db.begin().unwrap();
    native_fault(db.install_extension("other"), Status::ReadOnly);
    native_fault(db.drop_extension("there"), Status::ReadOnly);
}

#[test]
fn existing_comes_before_a_lock_held_elsewhere_and_a_lock_before_the_hook() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    installed(&path, Sample::new("there"));
    let mut db = open(
        &path,
        [Sample::new("there"), Sample::new("other").on_install(|_| Err(Status::GraphInvalid.into()))],
    );
    let other = raw(&path);
    other.execute_batch("begin immediate").unwrap();
    native_fault(db.install_extension("there"), Status::ExtensionExists);
    native_fault(db.drop_extension("other"), Status::ExtensionNotFound);
    native_fault(db.install_extension("other"), Status::Busy);
    native_fault(db.drop_extension("there"), Status::Busy);
    db.check_extensions().unwrap();
    other.execute_batch("rollback").unwrap();
    fault(db.install_extension("other"), Status::GraphInvalid);
    db.drop_extension("there").unwrap();
}

#[test]
fn code_of_another_version_neither_checks_nor_drops() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    installed(&path, Sample::new("a"));
    let mut db = open(&path, [Sample::new("a"), Sample::new("b")]);
    // The rows change behind the handle's back, as another process may change them.
    edit(&path, "update _zova_extensions set version = '1.1'");
    native_fault(db.check_extension("a"), Status::ExtensionIncompatible);
    native_fault(db.check_extensions(), Status::ExtensionIncompatible);
    native_fault(db.drop_extension("a"), Status::ExtensionIncompatible);
    edit(&path, "update _zova_extensions set version = '1.0', zova_abi_min = '0.21.1'");
    native_fault(db.drop_extension("a"), Status::ExtensionIncompatible);
    edit(
        &path,
        "update _zova_extensions set zova_abi_min = '0.21.0', capabilities = 'x', manifest_json = 'y'",
    );
    db.check_extension("a").unwrap();
    assert_eq!(db.extension_info("a").unwrap().capabilities, "x");
    // Code that is missing is another matter.
    edit(&path, "insert into _zova_extensions values ('z', '1', '_zova_ext_z_', '1', '', 1, 0, '')");
    native_fault(db.check_extension("z"), Status::ExtensionUnavailable);
    native_fault(db.drop_extension("z"), Status::ExtensionUnavailable);
    native_fault(db.check_extensions(), Status::ExtensionUnavailable);
    assert_eq!(db.extension_info("z").unwrap().installed_at_unix, 0);
    drop(db);
    let mut db =
        create(&scratch.path("b.zova"), [Sample::new("a").on_check(|_| Err(Status::GraphInvalid.into()))]);
    db.install_extension("a").unwrap();
    fault(db.check_extension("a"), Status::ExtensionInvalid);
}

#[test]
fn a_malformed_row_makes_every_operation_on_the_list_invalid() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let mut db = create(&path, [Sample::new("a"), Sample::new("b")]);
    db.install_extension("a").unwrap();
    edit(&path, "insert into _zova_extensions values ('z', '1', 'wrong', '1', '', 1, 0, '')");
    native_fault(db.list_extensions(), Status::ExtensionInvalid);
    native_fault(db.extension_info("a"), Status::ExtensionInvalid);
    native_fault(db.check_extensions(), Status::ExtensionInvalid);
    native_fault(db.drop_extension("a"), Status::ExtensionInvalid);
    native_fault(db.install_extension("b"), Status::ExtensionInvalid);
    native_fault(db.install_extension("c"), Status::ExtensionNotFound);
    edit(&path, "delete from _zova_extensions where name = 'z'");
    db.drop_extension("a").unwrap();
}

#[test]
fn checks_run_in_the_order_of_the_names_and_stop_at_the_first_failure() {
    let scratch = Scratch::new();
    let failing = |message: &'static str| {
        move |_: &mut zova::ExtensionContext<'_>| -> Result<(), ExtensionError> {
            Err(ExtensionError::new(Status::VectorInvalid, message))
        }
    };
    let mut db = create(
        &scratch.path("a.zova"),
        [
            Sample::new("c").on_check(failing("c is damaged")),
            Sample::new("B").on_check(failing("B is damaged")),
            Sample::new("a"),
        ],
    );
    for name in ["c", "a", "B"] {
        db.install_extension(name).unwrap();
    }
    assert_eq!(names(&mut db), "B a c");
    assert_eq!(fault(db.check_extensions(), Status::ExtensionInvalid), "ExtensionInvalid: B is damaged");
    db.check_extension("a").unwrap();
    db.drop_extension("B").unwrap();
    assert_eq!(fault(db.check_extensions(), Status::ExtensionInvalid), "ExtensionInvalid: c is damaged");
}

#[test]
fn installing_and_dropping_belong_to_the_callers_transaction() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let mut db = create(&path, [Sample::new("a"), Sample::new("b")]);
    let empty = schema(&mut db);
    db.begin().unwrap();
    db.install_extension("a").unwrap();
    assert_eq!(names(&mut db), "a");
    db.rollback().unwrap();
    assert_eq!((names(&mut db), schema(&mut db)), (String::new(), empty.clone()));

    db.exec("begin; savepoint s").unwrap();
    db.install_extension("a").unwrap();
    db.exec("rollback to s").unwrap();
    db.install_extension("b").unwrap();
    db.exec("release s; commit").unwrap();
    assert_eq!(names(&mut db), "b");
    db.check_extensions().unwrap();

    let installed = schema(&mut db);
    db.savepoint("s").unwrap();
    db.drop_extension("b").unwrap();
    assert_eq!(schema(&mut db), empty);
    db.rollback_to_savepoint("s").unwrap();
    db.release_savepoint("s").unwrap();
    assert_eq!((names(&mut db), schema(&mut db)), ("b".to_owned(), installed));
    // A handle opened afterwards agrees.
    drop(db);
    let mut db = open(&path, [Sample::new("a"), Sample::new("b")]);
    db.drop_extension("b").unwrap();
    assert_eq!(schema(&mut db), empty);
}

#[test]
fn a_failed_installation_leaves_a_callers_transaction_as_it_was() {
    let scratch = Scratch::new();
    let half_done = Sample::new("a").on_install(|context| {
        context.exec("create table main._zova_ext_a_t(x); insert into main._zova_ext_a_t values (1)")?;
        Err(ExtensionError::new(Status::GraphNotFound, "asked to fail"))
    });
    let mut db = create(&scratch.path("a.zova"), [half_done]);
    db.exec("create table mine(x)").unwrap();
    let before = schema(&mut db);
    db.begin().unwrap();
    db.exec("insert into mine values (1)").unwrap();
    assert_eq!(fault(db.install_extension("a"), Status::GraphNotFound), "GraphNotFound: asked to fail");
    assert_eq!((names(&mut db), schema(&mut db)), (String::new(), before.clone()));
    db.commit().unwrap();
    assert_eq!(number_of(&mut db, "select count(*) from mine"), 1);
    fault(db.install_extension("a"), Status::GraphNotFound);
    assert_eq!(schema(&mut db), before);
}

#[test]
fn a_statement_that_reads_the_storage_locks_it_against_dropping() {
    let scratch = Scratch::new();
    let mut db = create(&scratch.path("a.zova"), [Sample::new("a")]);
    db.install_extension("a").unwrap();
    db.exec(&format!("insert into {} values (1, 2), (3, 4)", data("a"))).unwrap();
    let mut query = db.prepare_owned(&format!("select key from {}", data("a"))).unwrap();
    query.step().unwrap();
    fault(db.drop_extension("a"), Status::Locked);
    assert_eq!(names(&mut db), "a");
    query.reset().unwrap();
    db.drop_extension("a").unwrap();
    assert_eq!(names(&mut db), "");
}

#[test]
fn a_writing_statement_in_the_middle_of_its_results_makes_changes_busy() {
    let scratch = Scratch::new();
    let mut db = create(&scratch.path("a.zova"), [Sample::new("a"), Sample::new("b")]);
    db.install_extension("a").unwrap();
    db.exec("create table mine(x)").unwrap();
    for transaction in [false, true] {
        if transaction {
            db.begin().unwrap();
        }
        let mut writing = db.prepare_owned("insert into mine values (1), (2) returning x").unwrap();
        writing.step().unwrap();
        native_fault(db.install_extension("b"), Status::Busy);
        native_fault(db.drop_extension("a"), Status::Busy);
        native_fault(db.check_extension("a"), Status::Busy);
        assert_eq!(names(&mut db), "a");
        drop(writing);
    }
    db.commit().unwrap();
    db.install_extension("b").unwrap();
}

#[test]
fn the_applications_counters_are_left_alone() {
    let scratch = Scratch::new();
    let mut db = create(&scratch.path("a.zova"), [Sample::new("a")]);
    db.exec("create table mine(x); insert into mine(rowid, x) values (77, 1), (78, 2)").unwrap();
    let counters = |db: &mut zova::Database| {
        (db.last_insert_rowid().unwrap(), db.changes().unwrap(), db.total_changes().unwrap())
    };
    let before = counters(&mut db);
    assert_eq!((before.0, before.1), (78, 2));
    db.install_extension("a").unwrap();
    assert_eq!(counters(&mut db), before);
    db.check_extension("a").unwrap();
    db.drop_extension("a").unwrap();
    assert_eq!(counters(&mut db), before);
}

#[test]
fn shared_handles_and_their_guards_have_the_same_operations() {
    let scratch = Scratch::new();
    let registry = registry([Sample::new("a"), Sample::new("b")]);
    let db = SharedDatabase::create_with_registry(scratch.path("a.zova"), OpenOptions::default(), &registry)
        .unwrap();
    db.install_extension("a").unwrap();
    let other = db.clone();
    assert_eq!(other.extension_info("a").unwrap().name, "a");
    let failed: zova::Result<()> = db.transaction(|guard| {
        guard.install_extension("b")?;
        guard.check_extension("b")?;
        guard.check_extensions()?;
        assert_eq!(guard.list_extensions()?.len(), 2);
        assert_eq!(guard.extension_info("b")?.name, "b");
        guard.drop_extension("a")?;
        Err(zova::Error::NonUtf8Path)
    });
    failed.unwrap_err();
    assert_eq!(db.list_extensions().unwrap().len(), 1);
    drop((db, other));
    let db = SharedDatabase::open_with_registry(scratch.path("a.zova"), OpenOptions::default(), &registry)
        .unwrap();
    db.check_extensions().unwrap();
    db.drop_extension("a").unwrap();
}

#[test]
fn what_the_application_put_on_an_extensions_table_goes_with_it() {
    let scratch = Scratch::new();
    let mut db = create(&scratch.path("a.zova"), [Sample::new("a")]);
    let before = schema(&mut db);
    db.install_extension("a").unwrap();
    let table = data("a");
    db.exec(&format!(
        "create index mine on {table}(value); create trigger also_mine after insert on {table} begin select 1; end"
    ))
    .unwrap();
    db.check_extension("a").unwrap();
    db.drop_extension("a").unwrap();
    assert_eq!(schema(&mut db), before);
}
