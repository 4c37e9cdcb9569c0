//! Copies of databases with installed extensions (extensions.md, 7).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use zova::{
    BackupOptions, CompactOptions, Database, ExtensionError, OpenOptions, RestoreOptions, ScalarDefinition,
    SqlOutput, Status, restore_backup,
};

use crate::common::{Scratch, edit, fault, native_fault, number_of};
use crate::support::{Sample, create, data, open, registry};

/// An extension that counts its open checks and full checks, and whose SQL an index of the application needs.
fn counted(counts: &Arc<[AtomicUsize; 2]>) -> Sample {
    let (opened, checked) = (Arc::clone(counts), Arc::clone(counts));
    let pure = ScalarDefinition {
        name: "a_pure",
        arguments: 1,
        deterministic: true,
        innocuous: true,
        ..ScalarDefinition::default()
    };
    Sample::new("a")
        .on_register(move |context| context.scalar(pure, |_, _| Ok(SqlOutput::Integer(7))))
        .on_open_check(move |context| {
            opened[0].fetch_add(1, Ordering::Relaxed);
            context.exec("select 1 from main._zova_ext_a_data limit 0")
        })
        .on_check(move |_| {
            checked[1].fetch_add(1, Ordering::Relaxed);
            Ok(())
        })
}

#[test]
fn a_copy_has_the_extensions_of_its_source_and_is_opened_with_the_same_code() {
    let scratch = Scratch::new();
    let counts = Arc::default();
    let mut db = create(&scratch.path("a.zova"), [counted(&counts)]);
    db.install_extension("a").unwrap();
    db.exec(&format!(
        "insert into {} values ('k', 'v'); create table t(x); insert into t values (1); \
         create index i on t(a_pure(x))",
        data("a")
    ))
    .unwrap();
    let info = db.extension_info("a").unwrap();
    let (backup, compact) = (scratch.path("backup.zova"), scratch.path("compact.zova"));
    db.backup_to(&backup, BackupOptions::default()).unwrap();
    db.compact_to(&compact, CompactOptions::default()).unwrap();
    assert!(counts[0].load(Ordering::Relaxed) >= 2, "each copy passed its open check");
    assert_eq!(counts[1].load(Ordering::Relaxed), 0, "no full check");
    for copy in [&backup, &compact] {
        let mut db = open(copy, [counted(&counts)]);
        assert_eq!(db.extension_info("a").unwrap(), info);
        assert_eq!(number_of(&mut db, &format!("select count(*) from {}", data("a"))), 1);
        db.check_extensions().unwrap();
        db.drop_extension("a").unwrap();
    }
}

#[test]
fn a_copy_that_fails_its_open_check_is_not_made() {
    let scratch = Scratch::new();
    let failing = Arc::new(AtomicUsize::new(0));
    let fails = Arc::clone(&failing);
    let sample = Sample::new("a").on_open_check(move |_| match fails.load(Ordering::Relaxed) {
        0 => Ok(()),
        _ => Err(ExtensionError::new(Status::VectorCorrupt, "asked to fail")),
    });
    let mut db = create(&scratch.path("a.zova"), [sample]);
    db.install_extension("a").unwrap();
    failing.store(1, Ordering::Relaxed);
    let copy = scratch.path("copy.zova");
    let message = native_fault(db.backup_to(&copy, BackupOptions::default()), Status::ExtensionInvalid);
    assert!(message.contains("asked to fail"), "{message}");
    native_fault(db.compact_to(&copy, CompactOptions::default()), Status::ExtensionInvalid);
    assert!(!copy.exists());
    failing.store(0, Ordering::Relaxed);
    db.backup_to(&copy, BackupOptions::default()).unwrap();
}

#[test]
fn a_damaged_extension_does_not_keep_its_database_from_being_copied() {
    let scratch = Scratch::new();
    let sample = || Sample::new("a").on_check(|_| Err(Status::ObjectCorrupt.into()));
    let mut db = create(&scratch.path("a.zova"), [sample()]);
    db.install_extension("a").unwrap();
    native_fault(db.check_extensions(), Status::ExtensionInvalid);
    let copy = scratch.path("copy.zova");
    db.backup_to(&copy, BackupOptions::default()).unwrap();
    open(&copy, [sample()]).drop_extension("a").unwrap();
}

#[test]
fn a_panic_while_a_copy_is_verified_leaves_no_copy() {
    let scratch = Scratch::new();
    let panics = Arc::new(AtomicUsize::new(0));
    let told = Arc::clone(&panics);
    let sample = Sample::new("a").on_open_check(move |_| {
        assert_eq!(told.load(Ordering::Relaxed), 0, "asked to panic");
        Ok(())
    });
    let mut db = create(&scratch.path("a.zova"), [sample]);
    db.install_extension("a").unwrap();
    panics.store(1, Ordering::Relaxed);
    let copy = scratch.path("copy.zova");
    fault(db.backup_to(&copy, BackupOptions::default()), Status::Internal);
    assert!(!copy.exists());
}

#[test]
fn a_restore_knows_the_bundled_extensions_only() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    create(&path, [Sample::new("a")]).install_extension("a").unwrap();
    let copy = scratch.path("copy.zova");
    native_fault(restore_backup(&path, &copy, RestoreOptions::default()), Status::ExtensionUnavailable);
    edit(&path, "update _zova_extensions set version = ''");
    fault(restore_backup(&path, &copy, RestoreOptions::default()), Status::ExtensionInvalid);
    assert!(!copy.exists());
}

#[test]
fn a_database_opened_for_repair_is_copied_as_it_is() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    create(&path, [Sample::new("a")]).install_extension("a").unwrap();
    edit(&path, &format!("drop table {}; create table _zova_ext_nobody_t(a)", data("a")));
    let registry = registry([Sample::new("a")]);
    let mut db = Database::open_for_repair(&path, OpenOptions::default(), &registry).unwrap();
    let copy = scratch.path("copy.zova");
    db.backup_to(&copy, BackupOptions::default()).unwrap();
    let copied = Database::open_for_repair(&copy, OpenOptions::default(), &registry).unwrap();
    drop(copied);
    native_fault(Database::open(&copy), Status::ExtensionInvalid);
}
