//! The registry of extensions, and schema that Zova did not make.

use std::path::PathBuf;

use zova::{Database, Status};

use crate::common::{Scratch, edit, text_of};
use crate::{open_accepted, open_refused};

fn edited(scratch: &Scratch, sql: &str) -> PathBuf {
    let path = scratch.path("a.zova");
    let _ = std::fs::remove_file(&path);
    drop(Database::create(&path).unwrap());
    edit(&path, sql);
    path
}

/// The registry row of an extension that this process has no code for, with some of its values replaced.
fn registered(values: &[(&str, &str)]) -> String {
    let mut row = vec![
        ("name", "'none'"),
        ("version", "'1'"),
        ("storage_prefix", "'_zova_ext_none_'"),
        ("zova_abi_min", "'0.21.0'"),
        ("capabilities", "''"),
        ("required", "1"),
        ("installed_at_unix", "0"),
        ("manifest_json", "''"),
    ];
    for (column, value) in values {
        let at = row.iter().position(|(name, _)| name == column).expect("a column");
        row[at].1 = value;
    }
    let (columns, values): (Vec<&str>, Vec<&str>) = row.into_iter().unzip();
    format!("insert into _zova_extensions ({}) values ({})", columns.join(", "), values.join(", "))
}

#[test]
fn an_installed_extension_without_code_is_unavailable() {
    let scratch = Scratch::new();
    let longest_name = "'nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn'";
    assert_eq!(longest_name.len(), 64 + 2);
    let longest_prefix = format!("'_zova_ext_{}_'", longest_name.trim_matches('\''));
    for values in [
        &[][..],
        &[("name", "'A.b:c-9_'"), ("storage_prefix", "'_zova_ext_A.b:c-9__'")],
        &[("name", "'_zova'"), ("storage_prefix", "'_zova_ext__zova_'")],
        &[("name", longest_name), ("storage_prefix", &longest_prefix)],
        &[("version", "hex(zeroblob(32))"), ("zova_abi_min", "hex(zeroblob(32))")],
        &[("capabilities", "hex(zeroblob(256))"), ("manifest_json", "hex(zeroblob(2048))")],
        &[("required", "'1'")],
    ] {
        let path = edited(&scratch, &registered(values));
        open_refused(&path, Status::ExtensionUnavailable);
    }
    let message = open_refused(&edited(&scratch, &registered(&[])), Status::ExtensionUnavailable);
    assert!(message.contains("none"), "{message}");
}

#[test]
fn the_first_unavailable_extension_by_name_is_the_one_that_is_named() {
    let scratch = Scratch::new();
    let second = registered(&[("name", "'later'"), ("storage_prefix", "'_zova_ext_later_'")]);
    let path = edited(&scratch, &format!("{}; {second}", registered(&[])));
    let message = open_refused(&path, Status::ExtensionUnavailable);
    assert!(message.contains("later") && !message.contains("none"), "{message}");
}

#[test]
fn a_malformed_row_makes_the_registry_invalid() {
    let scratch = Scratch::new();
    let long_name = "'nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn'";
    let long_prefix = format!("'_zova_ext_{}_'", long_name.trim_matches('\''));
    for values in [
        &[("name", "''"), ("storage_prefix", "'_zova_ext__'")][..],
        &[("name", "null")],
        &[("name", long_name), ("storage_prefix", &long_prefix)],
        &[("name", "'a b'"), ("storage_prefix", "'_zova_ext_a b_'")],
        &[("name", "'\u{e9}'"), ("storage_prefix", "'_zova_ext_\u{e9}_'")],
        &[("name", "'a/b'"), ("storage_prefix", "'_zova_ext_a/b_'")],
        &[("name", "'_zova_a'"), ("storage_prefix", "'_zova_ext__zova_a_'")],
        &[("name", "'_ZOVA_a'"), ("storage_prefix", "'_zova_ext__ZOVA_a_'")],
        &[("name", "'a' || char(0)"), ("storage_prefix", "'_zova_ext_a' || char(0) || '_'")],
        &[("version", "''")],
        &[("version", "hex(zeroblob(32)) || '0'")],
        &[("storage_prefix", "''")],
        &[("storage_prefix", "'_zova_ext_none'")],
        &[("storage_prefix", "'_zova_ext_None_'")],
        &[("storage_prefix", "'_zova_ext_none_x'")],
        &[("zova_abi_min", "''")],
        &[("zova_abi_min", "hex(zeroblob(32)) || '0'")],
        &[("capabilities", "hex(zeroblob(256)) || '0'")],
        &[("manifest_json", "hex(zeroblob(2048)) || '0'")],
        &[("required", "0")],
        &[("required", "2")],
    ] {
        open_refused(&edited(&scratch, &registered(values)), Status::ExtensionInvalid);
    }
}

#[test]
fn one_malformed_row_among_others_decides_before_availability() {
    let scratch = Scratch::new();
    let malformed = registered(&[("name", "'zz'")]);
    let path = edited(&scratch, &format!("{}; {malformed}", registered(&[])));
    open_refused(&path, Status::ExtensionInvalid);
}

#[test]
fn extension_storage_without_an_owner_is_refused() {
    let scratch = Scratch::new();
    for schema in [
        "create table _zova_ext_none_t(a)",
        "create table _zova_ext_(a)",
        "create table t(a); create index _zova_ext_i on t(a)",
        "create view _zova_ext_v as select 1",
        "create table t(a); create trigger _zova_ext_r after insert on t begin select 1; end",
        "create virtual table _zova_ext_f using fts5(a)",
    ] {
        open_refused(&edited(&scratch, schema), Status::ExtensionInvalid);
    }
}

#[test]
fn storage_is_owned_by_its_exact_prefix_and_that_is_checked_before_availability() {
    let scratch = Scratch::new();
    let owned =
        "create table _zova_ext_none_t(a primary key); create index _zova_ext_none_i on _zova_ext_none_t(a)";
    let path = edited(&scratch, &format!("{}; {owned}", registered(&[])));
    open_refused(&path, Status::ExtensionUnavailable);
    for schema in [
        "create table _zova_ext_none(a)",
        "create table _zova_ext_None_t(a)",
        "create table _zova_ext_other_t(a)",
    ] {
        let path = edited(&scratch, &format!("{}; {schema}", registered(&[])));
        open_refused(&path, Status::ExtensionInvalid);
    }
}

#[test]
fn names_that_only_resemble_extension_storage_are_free() {
    let scratch = Scratch::new();
    for schema in [
        "create table _ZOVA_EXT_none_t(a)",
        "create table _zova_Ext_t(a)",
        "create table _zova_ext(a)",
        "create table _zova_extra(a)",
        "create table x_zova_ext_t(a)",
        "create table t(_zova_ext_column)",
        "create table \"_zova-ext_t\"(a)",
    ] {
        open_accepted(&edited(&scratch, schema));
    }
}

/// Schema that a newer library, or an application, may have added around the private tables.
const ADDITIONS: [&str; 8] = [
    "create index _zova_idx_extra on _zova_objects(size_bytes)",
    "create unique index unique_extra on _zova_chunks(chunk_hash, size_bytes)",
    "create index partial_extra on _zova_object_chunks(chunk_hash) where chunk_index > 0",
    "create table _zova_newer(a primary key, b); insert into _zova_newer values (1, 2)",
    "create view _zova_view as select * from _zova_objects",
    "insert into _zova_meta values ('newer', 'value')",
    "create table seen(what); create trigger _zova_seen after insert on _zova_objects begin \
     insert into seen values (new.size_bytes); end",
    "create trigger t after delete on _zova_chunks begin delete from _zova_meta where key = 'newer'; end",
];

#[test]
fn additions_to_the_schema_are_tolerated_and_change_no_result() {
    let scratch = Scratch::new();
    let everything = ADDITIONS.join("; ");
    for schema in ADDITIONS.into_iter().chain([everything.as_str()]) {
        let path = edited(&scratch, schema);
        open_accepted(&path);
        assert_objects_work(&path);
    }
}

#[test]
fn none_of_the_indexes_is_required() {
    let scratch = Scratch::new();
    let path = edited(&scratch, "select 1");
    let mut db = Database::open(&path).unwrap();
    let drops = text_of(
        &mut db,
        "select group_concat('drop index ' || name, '; ') from sqlite_schema where type = 'index' and sql is not null",
    );
    assert_eq!(drops.matches("drop index").count(), 4);
    db.exec(&drops).unwrap();
    drop(db);
    open_accepted(&path);
    assert_objects_work(&path);
    let mut db = Database::open(&path).unwrap();
    assert_eq!(
        text_of(&mut db, "select count(*) from sqlite_schema where type = 'index' and sql is not null"),
        "0"
    );
}

#[track_caller]
fn assert_objects_work(path: &std::path::Path) {
    let mut db = Database::open(path).unwrap();
    let content = crate::common::bytes(11, 40_000);
    let id = db.put_object(&content).unwrap();
    let other = db.put_object(&content[..30_000]).unwrap();
    assert_eq!(db.get_object(id).unwrap(), content);
    db.delete_object(id).unwrap();
    assert_eq!(db.get_object(other).unwrap(), content[..30_000]);
    db.delete_object(other).unwrap();
    assert_eq!(text_of(&mut db, "select count(*) from _zova_chunks"), "0");
    assert_eq!(text_of(&mut db, "pragma integrity_check"), "ok");
}

#[test]
fn user_tables_may_have_names_that_sound_like_zovas() {
    let scratch = Scratch::new();
    let path = edited(
        &scratch,
        "create table zova_vector_search(a); create table object_store(a); create table vector_store(a); \
         create table _zova(a); create table zova_meta(a); create table x_zova_(a)",
    );
    open_accepted(&path);
    assert_objects_work(&path);
}

#[test]
fn plain_sql_may_do_anything_to_private_tables_and_the_next_open_judges_it() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.exec("create table _zova_anything(a); insert into _zova_meta values ('mine', 'x'); create table _zova_ext_x_t(a)")
        .unwrap();
    drop(db);
    open_refused(&path, Status::ExtensionInvalid);
    edit(&path, "drop table _zova_ext_x_t");
    open_accepted(&path);
    let mut db = Database::open(&path).unwrap();
    db.exec("drop table _zova_graphs").unwrap();
    drop(db);
    open_refused(&path, Status::NotZovaDatabase);
}
