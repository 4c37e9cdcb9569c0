//! The example in C (`examples-c/tags`), from its source to the dropped storage.

use zova::engine::Session;
use zova::{Database, ExtensionRegistry, OpenOptions, SalvageReport, Status, Step, TrustedExtension};

use crate::support::{Scene, refused, rows, try_rows};

#[test]
fn the_example_is_trusted_loaded_installed_used_checked_and_dropped() {
    let scene = Scene::new();
    let tags = scene.tags();
    scene.trust(&tags);
    scene.verify(&tags).unwrap();
    let (mut db, path) = scene.create(&[&tags]).unwrap();

    db.install_extension("tags").unwrap();
    let info = db.extension_info("tags").unwrap();
    assert_eq!((info.version.as_str(), info.capabilities.as_str()), ("1.0.0", "sql,table"));
    assert_eq!(info.manifest_json, r#"{"extension":"tags","version":"1.0.0"}"#);

    assert_eq!(rows(&mut db, "select zova_tags_add('b', 'red')"), ["1"]);
    assert_eq!(rows(&mut db, "select zova_tags_add('b', 'red')"), ["0"]);
    assert_eq!(
        rows(&mut db, "select sum(zova_tags_add(value, 'red')) from json_each('[\"a\",\"c\"]')"),
        ["2"]
    );
    assert_eq!(rows(&mut db, "select subject from zova_tags_find('red')"), ["a", "b", "c"]);
    assert_eq!(rows(&mut db, "select zova_tags_count('red')"), ["3"]);
    assert_eq!(rows(&mut db, "select zova_tags_remove('a', 'red') + zova_tags_remove('a', 'red')"), ["1"]);
    assert_eq!(rows(&mut db, "select subject from zova_tags_find('red') order by subject limit 1"), ["b"]);
    db.check_extension("tags").unwrap();
    db.check_extensions().unwrap();
    drop(db);

    let mut db = scene.open(&path, &[&tags]).unwrap();
    assert_eq!(rows(&mut db, "select zova_tags_count('red')"), ["2"]);
    db.drop_extension("tags").unwrap();
    assert!(db.list_extensions().unwrap().is_empty());
    assert_eq!(rows(&mut db, "select count(*) from sqlite_schema where name like '%tags%'"), ["0"]);
    drop(db);
    Database::open(&path).unwrap();
}

#[test]
fn tags_are_part_of_the_transaction_that_sets_them() {
    let scene = Scene::new();
    let tags = scene.tags();
    scene.trust(&tags);
    let (mut db, _) = scene.create(&[&tags]).unwrap();
    db.install_extension("tags").unwrap();
    db.begin().unwrap();
    rows(&mut db, "select zova_tags_add('a', 'red')");
    assert_eq!(rows(&mut db, "select zova_tags_count('red')"), ["1"]);
    db.rollback().unwrap();
    assert_eq!(rows(&mut db, "select zova_tags_count('red')"), ["0"]);
    db.check_extension("tags").unwrap();
}

#[test]
fn a_fault_of_a_function_is_the_message_of_the_statement() {
    let scene = Scene::new();
    let tags = scene.tags();
    scene.trust(&tags);
    let (mut db, path) = scene.create(&[&tags]).unwrap();
    db.install_extension("tags").unwrap();
    let outcome = try_rows(&mut db, "select zova_tags_add('a', '')");
    refused(outcome, Status::SqliteError, "a tag must be a text of 1 to 64 bytes");
    refused(try_rows(&mut db, "select * from zova_tags_find"), Status::SqliteError, "");
    drop(db);

    let read_only = OpenOptions { read_only: true, ..OpenOptions::default() };
    let mut db = scene.open_with(&path, read_only, &[&tags]).unwrap();
    refused(try_rows(&mut db, "select zova_tags_add('a', 'red')"), Status::ReadOnly, "");
    assert_eq!(rows(&mut db, "select zova_tags_count('red')"), ["0"]);
}

#[test]
fn damage_is_found_by_the_check_and_keeps_neither_opening_nor_dropping() {
    let scene = Scene::new();
    let tags = scene.tags();
    scene.trust(&tags);
    let (mut db, path) = scene.create(&[&tags]).unwrap();
    db.install_extension("tags").unwrap();
    rows(&mut db, "select zova_tags_add('a', 'red')");
    drop(db);
    damage(&path, "update _zova_ext_tags_counts set subjects = 7");

    let mut db = scene.open(&path, &[&tags]).unwrap();
    let message = "the number of subjects is wrong for some tags";
    refused(db.check_extension("tags"), Status::ExtensionInvalid, message);
    refused(db.check_extensions(), Status::ExtensionInvalid, message);
    db.drop_extension("tags").unwrap();
    drop(db);
    Database::open(&path).unwrap();
}

#[test]
fn a_missing_table_fails_the_opening_with_the_words_of_the_extension() {
    let scene = Scene::new();
    let tags = scene.tags();
    scene.trust(&tags);
    let (mut db, path) = scene.create(&[&tags]).unwrap();
    db.install_extension("tags").unwrap();
    drop(db);
    damage(&path, "drop table _zova_ext_tags_counts");
    refused(scene.open(&path, &[&tags]), Status::ExtensionInvalid, "tags: a table of the tags is missing");
}

#[test]
fn without_its_bundle_a_database_with_the_extension_does_not_open() {
    let scene = Scene::new();
    let tags = scene.tags();
    scene.trust(&tags);
    let (mut db, path) = scene.create(&[&tags]).unwrap();
    db.install_extension("tags").unwrap();
    drop(db);
    // The code is in the process, and still no other handle has it.
    refused(Database::open(&path), Status::ExtensionUnavailable, "tags");
    let (mut other, _) = scene.create(&[]).unwrap();
    refused(other.install_extension("tags"), Status::ExtensionNotFound, "tags");
}

#[test]
fn the_trusted_bundles_are_listed() {
    let scene = Scene::new();
    let tags = scene.tags();
    scene.trust(&tags);
    let listed = zova::trusted_extension_bundles(Some(&scene.store())).unwrap();
    let [TrustedExtension { name, version, bundle_path, .. }] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!((name.as_str(), version.as_str()), ("tags", "1.0.0"));
    assert_eq!(bundle_path, tags.to_str().unwrap());
}

/// Changes the file as any SQLite program can.
fn damage(path: &std::path::Path, sql: &str) {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch(sql).unwrap();
}

#[test]
fn a_statement_in_the_middle_of_a_search_keeps_its_rows() {
    let scene = Scene::new();
    let tags = scene.tags();
    scene.trust(&tags);
    let (mut db, _) = scene.create(&[&tags]).unwrap();
    db.install_extension("tags").unwrap();
    rows(&mut db, "select zova_tags_add(value, 'red') from json_each('[\"a\",\"b\"]')");
    let mut search = db.prepare_owned("select subject from zova_tags_find('red')").unwrap();
    assert_eq!(search.step().unwrap(), Step::Row);
    rows(&mut db, "select zova_tags_remove('b', 'red')");
    assert_eq!(search.step().unwrap(), Step::Row);
    assert_eq!(search.column_text(0).unwrap().as_deref(), Some("b"));
    assert_eq!(search.step().unwrap(), Step::Done);
}

#[test]
fn salvage_carries_the_legible_tags_over_and_counts_them_anew() {
    let scene = Scene::new();
    let tags = scene.tags();
    scene.trust(&tags);
    let (mut db, path) = scene.create(&[&tags]).unwrap();
    db.install_extension("tags").unwrap();
    rows(&mut db, "select zova_tags_add(value, 'red') from json_each('[\"a\",\"b\",\"c\"]')");
    drop(db);
    damage(&path, "update _zova_ext_tags_counts set subjects = 7");
    damage(&path, "update _zova_ext_tags_pairs set tag = x'00' where subject = 'b'");

    let mut registry = ExtensionRegistry::new();
    registry.load_bundle(&tags, Some(&scene.store())).unwrap();
    let mut source = Session::inspect(&path, &registry, true).unwrap();
    let plan = source.salvage_extensions(None).unwrap();
    let new = scene.path("new.zova");
    let mut copy = Session::create_with_registry(&new, OpenOptions::default(), &registry).unwrap();
    let copied = source.salvage_extensions(Some(&mut copy)).unwrap();
    assert_eq!(plan, copied);
    let [outcome] = &copied[..] else { panic!("{copied:?}") };
    assert_eq!((outcome.name.as_str(), &outcome.fault), ("tags", &None));
    let expected = SalvageReport {
        copied_extensions: 1,
        copied_private_objects: 2,
        skipped_rows: 1,
        installed_in_destination: true,
        ..SalvageReport::default()
    };
    assert_eq!((outcome.report, &outcome.left_out[..]), (expected, &["b".to_owned()][..]));
    copy.close();

    let mut db = scene.open(&new, &[&tags]).unwrap();
    db.check_extension("tags").unwrap();
    assert_eq!(rows(&mut db, "select subject from zova_tags_find('red')"), ["a", "c"]);
    assert_eq!(rows(&mut db, "select zova_tags_count('red')"), ["2"]);
}
