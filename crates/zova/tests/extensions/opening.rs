//! What opening a file does about its extensions (extensions.md, 3.1).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use zova::{Database, ExtensionError, OpenOptions, ScalarDefinition, SqlOutput, Status};

use crate::common::{Scratch, edit, fault, native_fault, raw, text_of};
use crate::support::{Sample, create, data, installed, names, open, open_read_only, registry, try_open};

#[test]
fn code_and_row_must_agree_on_version_and_minimum_abi_and_on_nothing_else() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    installed(&path, Sample::new("a"));
    let message =
        native_fault(try_open(&path, [Sample::new("a").version("1.1")]), Status::ExtensionIncompatible);
    assert!(message.starts_with("ExtensionIncompatible: a: ") && message.contains("1.1"), "{message}");
    let mut other_abi = Sample::new("a");
    other_abi.manifest.zova_abi_min = "0.21".to_owned();
    native_fault(try_open(&path, [other_abi]), Status::ExtensionIncompatible);
    let message = native_fault(try_open(&path, []), Status::ExtensionUnavailable);
    assert!(message.starts_with("ExtensionUnavailable: a: "), "{message}");
    native_fault(try_open(&path, [Sample::new("A")]), Status::ExtensionUnavailable);
    let mut free_form = Sample::new("a");
    free_form.manifest.capabilities = "other".to_owned();
    free_form.manifest.manifest_json = "{}".to_owned();
    open(&path, [free_form]);
}

#[test]
fn the_tests_come_in_order() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let log = Arc::new(Mutex::new(Vec::new()));
    let logging = |name: &'static str| {
        let (log, log_too) = (Arc::clone(&log), Arc::clone(&log));
        Sample::new(name)
            .on_register(move |context| {
                assert!(context.in_transaction() && !context.is_diagnostic());
                log.lock().unwrap().push(format!("register {name}"));
                Ok(())
            })
            .on_open_check(move |_| {
                log_too.lock().unwrap().push(format!("check {name}"));
                Ok(())
            })
    };
    let mut db = create(&path, [logging("b"), logging("a"), Sample::new("c")]);
    for name in ["c", "b", "a"] {
        db.install_extension(name).unwrap();
    }
    drop(db);
    log.lock().unwrap().clear();
    // The code of the last one is missing: those before it were registered, none was checked.
    native_fault(try_open(&path, [logging("a"), logging("b")]), Status::ExtensionUnavailable);
    assert_eq!(*log.lock().unwrap(), ["register a", "register b"]);
    log.lock().unwrap().clear();
    open(&path, [logging("b"), logging("a"), Sample::new("c")]);
    assert_eq!(*log.lock().unwrap(), ["register a", "register b", "check a", "check b"]);
    log.lock().unwrap().clear();
    // Storage without an owner comes before all of that, and a malformed row before the storage.
    edit(&path, "create table _zova_ext_nobody_t(a)");
    let message = fault(try_open(&path, [logging("a")]), Status::ExtensionInvalid);
    assert!(message.contains("storage"), "{message}");
    edit(&path, "update _zova_extensions set required = 0 where name = 'c'");
    let message = fault(try_open(&path, [logging("a")]), Status::ExtensionInvalid);
    assert!(message.contains("malformed"), "{message}");
    assert_eq!(log.lock().unwrap().len(), 0);
}

#[test]
fn failing_hooks_fail_the_open_and_are_named() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    installed(&path, Sample::new("a"));
    let fails = |status: Status, message: &'static str| {
        move || -> Result<(), ExtensionError> { Err(ExtensionError::new(status, message)) }
    };
    for (status, message, registering, checking) in [
        (Status::GraphInvalid, "facts", "GraphInvalid: a: facts", "ExtensionInvalid: a: facts"),
        (Status::GraphInvalid, "", "GraphInvalid: a", "ExtensionInvalid: a: GraphInvalid"),
        (Status::ExtensionInvalid, "", "ExtensionInvalid: a", "ExtensionInvalid: a"),
        (Status::Busy, "wait", "Busy: a: wait", "Busy: a: wait"),
        (Status::Unknown(7), "x", "SqliteError: a: x", "SqliteError: a: x"),
    ] {
        let fail = fails(status, message);
        let said = |sample| match try_open(&path, [sample]).unwrap_err() {
            zova::Error::Zova { message, .. } => message.unwrap(),
            other => panic!("{other}"),
        };
        assert_eq!(said(Sample::new("a").on_register(move |_| fail())), registering);
        assert_eq!(said(Sample::new("a").on_open_check(move |_| fail())), checking);
    }
    open(&path, [Sample::new("a")]);
}

#[test]
fn a_missing_table_is_what_the_open_check_finds_and_damaged_rows_are_not() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let strict = || {
        Sample::new("a").on_check(|context| {
            let mut rows = context.prepare("select 1 from main._zova_ext_a_data where value is null")?;
            match rows.step()? {
                true => Err(ExtensionError::new(Status::Corrupt, "a value is missing")),
                false => Ok(()),
            }
        })
    };
    installed(&path, strict());
    edit(&path, &format!("insert into {} values (1, null)", data("a")));
    let mut db = open(&path, [strict()]);
    assert_eq!(fault(db.check_extension("a"), Status::Corrupt), "Corrupt: a value is missing");
    assert_eq!(text_of(&mut db, &format!("select key from {}", data("a"))), "1");
    db.drop_extension("a").unwrap();
    db.install_extension("a").unwrap();
    db.check_extension("a").unwrap();
    drop(db);
    edit(&path, &format!("drop table {}", data("a")));
    let message = fault(try_open(&path, [strict()]), Status::SqliteError);
    assert!(message.starts_with("SqliteError: a: ") && !message.contains("_zova_"), "{message}");
}

#[test]
fn opening_runs_no_full_check_and_registers_once() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let calls: Arc<[AtomicUsize; 3]> = Arc::default();
    let counting = || {
        let [register, open_check, check] = std::array::from_fn(|index| {
            let calls = Arc::clone(&calls);
            move || {
                calls[index].fetch_add(1, Ordering::Relaxed);
            }
        });
        Sample::new("a")
            .on_register(move |_| {
                register();
                Ok(())
            })
            .on_open_check(move |_| {
                open_check();
                Ok(())
            })
            .on_check(move |_| {
                check();
                Ok(())
            })
    };
    let seen = || [0, 1, 2].map(|index| calls[index].load(Ordering::Relaxed));
    let mut db = create(&path, [counting()]);
    assert_eq!(seen(), [0, 0, 0]);
    db.install_extension("a").unwrap();
    assert_eq!(seen(), [1, 0, 0]);
    db.check_extension("a").unwrap();
    db.drop_extension("a").unwrap();
    db.install_extension("a").unwrap();
    assert_eq!(seen(), [1, 0, 1]);
    drop(db);
    let mut db = open(&path, [counting()]);
    assert_eq!(seen(), [2, 1, 1]);
    db.check_extensions().unwrap();
    assert_eq!(seen(), [2, 1, 2]);
}

#[test]
fn another_handle_sees_an_installation_and_checks_it_with_its_own_sql() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let sample = || {
        let one = ScalarDefinition { name: "sample_one", ..ScalarDefinition::default() };
        Sample::new("a")
            .on_register(move |context| context.scalar(one, |_, _| Ok(SqlOutput::Integer(1))))
            .on_check(|context| context.exec("select sample_one()"))
    };
    let mut first = create(&path, [sample()]);
    let mut second = open(&path, [sample()]);
    first.install_extension("a").unwrap();
    first.exec("select sample_one()").unwrap();
    assert_eq!(names(&mut second), "a");
    second.check_extension("a").unwrap();
    let mut third = open_read_only(&path, [sample()]);
    third.exec("select sample_one()").unwrap();
    third.check_extensions().unwrap();
    first.drop_extension("a").unwrap();
    assert_eq!(names(&mut third), "");
}

#[test]
fn opening_writes_nothing_and_waits_for_no_writer() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    installed(&path, Sample::new("a"));
    let before = std::fs::read(&path).unwrap();
    let writer = raw(&path);
    writer.execute_batch("begin immediate").unwrap();
    drop(open(&path, [Sample::new("a")]));
    writer.execute_batch("rollback").unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_repair_open_drops_an_extension_whose_tables_are_gone() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let strict = || {
        Sample::new("a").on_open_check(|context| {
            let mut rows = context.prepare("select 1 from pragma_table_info('_zova_ext_a_data')")?;
            if rows.step()? { Ok(()) } else { Err(ExtensionError::new(Status::ObjectNotFound, "no table")) }
        })
    };
    installed(&path, strict());
    edit(&path, &format!("create table mine(a); drop table {}", data("a")));
    assert_eq!(fault(try_open(&path, [strict()]), Status::ExtensionInvalid), "ExtensionInvalid: a: no table");
    let mut db = Database::open_for_repair(&path, OpenOptions::default(), &registry([strict()])).unwrap();
    db.exec("insert into mine values (1)").unwrap();
    db.drop_extension("a").unwrap();
    drop(db);
    let mut db = open(&path, [strict()]);
    db.install_extension("a").unwrap();
}

#[test]
fn a_repair_open_lists_what_it_cannot_use_and_refuses_a_malformed_list() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let mut db = create(&path, [Sample::new("a"), Sample::new("b")]);
    db.install_extension("a").unwrap();
    db.install_extension("b").unwrap();
    db.exec("create table _zova_ext_nobody_t(a)").unwrap();
    drop(db);
    let repair =
        |samples: Vec<Sample>| Database::open_for_repair(&path, OpenOptions::default(), &registry(samples));
    let failing = || Sample::new("b").on_register(|_| Err(Status::GraphInvalid.into()));
    let mut db = repair(vec![Sample::new("a").version("2"), failing()]).unwrap();
    assert_eq!(names(&mut db), "a b");
    native_fault(db.drop_extension("a"), Status::ExtensionIncompatible);
    // Somebody else's leftovers would still be there afterwards.
    native_fault(db.drop_extension("b"), Status::ExtensionInvalid);
    db.exec("drop table _zova_ext_nobody_t").unwrap();
    db.drop_extension("b").unwrap();
    assert_eq!(names(&mut db), "a");
    drop(db);
    native_fault(repair(vec![]).unwrap().check_extensions(), Status::ExtensionUnavailable);
    edit(&path, "update _zova_extensions set storage_prefix = 'x'");
    fault(repair(vec![]), Status::ExtensionInvalid);
}

#[test]
fn names_that_differ_in_letter_case_open_when_a_file_has_them() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let plain = |name: &str| {
        let table = format!("_zova_ext_{name}_{}", if name == "a" { "one" } else { "two" });
        let (creating, dropping) =
            (format!("create table main.{table}(x)"), format!("drop table main.{table}"));
        Sample::new(name)
            .on_install(move |context| context.exec(&creating))
            .on_open_check(|_| Ok(()))
            .on_check(|_| Ok(()))
            .on_drop(move |context| context.exec(&dropping))
    };
    installed(&path, plain("a"));
    edit(
        &path,
        "insert into _zova_extensions values ('A', '1.0', '_zova_ext_A_', '0.21.0', '', 1, 0, ''); \
         create table _zova_ext_A_two(x)",
    );
    let mut db = open(&path, [plain("a"), plain("A")]);
    assert_eq!(names(&mut db), "A a");
    db.check_extensions().unwrap();
    db.drop_extension("A").unwrap();
    native_fault(db.install_extension("A"), Status::ExtensionInvalid);
    assert_eq!(names(&mut db), "a");
}

#[test]
fn a_name_that_is_no_text_is_malformed() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    installed(&path, Sample::new("a"));
    // The key of the table would take the same name a second time as a blob.
    edit(&path, "insert into _zova_extensions values (x'61', '1.0', '_zova_ext_a_', '0.21.0', '', 1, 0, '')");
    fault(try_open(&path, [Sample::new("a")]), Status::ExtensionInvalid);
}
