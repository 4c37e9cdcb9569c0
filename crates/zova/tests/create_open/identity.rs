//! What makes a file a Zova database of this version, and what makes it no store.

use zova::{Database, Status};

use crate::common::{Scratch, edit, native_fault, number_of, raw};
use crate::{READ_ONLY, open_accepted, open_refused};

/// A new file changed by SQL.
fn edited(scratch: &Scratch, sql: &str) -> std::path::PathBuf {
    let path = scratch.path("a.zova");
    let _ = std::fs::remove_file(&path);
    drop(Database::create(&path).unwrap());
    edit(&path, sql);
    path
}

/// A new file changed byte by byte.
fn patched(scratch: &Scratch, patch: impl FnOnce(&mut Vec<u8>)) -> std::path::PathBuf {
    let path = edited(scratch, "select 1");
    let mut file = std::fs::read(&path).unwrap();
    patch(&mut file);
    std::fs::write(&path, file).unwrap();
    path
}

#[test]
fn an_ordinary_sqlite_database_is_no_zova_database() {
    let scratch = Scratch::new();
    for (at, schema) in [
        "create table t(a)",
        "create table _zova_meta(a, b)",
        "create table _zova_meta(key)",
        "create table zova_meta(key, value); insert into zova_meta values ('magic', 'zova')",
    ]
    .into_iter()
    .enumerate()
    {
        let path = scratch.path(&format!("{at}.zova"));
        raw(&path).execute_batch(schema).unwrap();
        open_refused(&path, Status::NotZovaDatabase);
    }
}

#[test]
fn a_file_that_is_no_sqlite_database_is_no_zova_database() {
    let scratch = Scratch::new();
    let long_text = "no database ".repeat(1000);
    for content in
        [&b""[..], b"x", b"text", long_text.as_bytes(), &[0; 8192], b"SQLite format 3", b"SQLite format 2\0"]
    {
        let path = scratch.path("a.zova");
        std::fs::write(&path, content).unwrap();
        open_refused(&path, Status::NotZovaDatabase);
    }
}

#[test]
fn a_damaged_header_makes_it_no_database() {
    let scratch = Scratch::new();
    open_refused(&patched(&scratch, |file| file[0] = b's'), Status::NotZovaDatabase);
    open_refused(&patched(&scratch, |file| file[15] = 1), Status::NotZovaDatabase);
    for read_version in [3, 255] {
        open_refused(&patched(&scratch, |file| file[19] = read_version), Status::NotZovaDatabase);
    }
    for schema_format in [5, 200] {
        open_refused(&patched(&scratch, |file| file[47] = schema_format), Status::NotZovaDatabase);
    }
}

#[test]
fn a_file_that_is_cut_short_is_corrupt() {
    let scratch = Scratch::new();
    for length in [100, 512, 1000, 4096, 4097, 2 * 4096, 20000] {
        open_refused(&patched(&scratch, |file| file.truncate(length)), Status::Corrupt);
    }
}

#[test]
fn a_malformed_first_page_is_corrupt() {
    let scratch = Scratch::new();
    for byte in [0, 0x55, 2, 10] {
        open_refused(&patched(&scratch, |file| file[100] = byte), Status::Corrupt);
    }
    // The cell count of the schema's root page.
    open_refused(&patched(&scratch, |file| file[103..105].fill(0xff)), Status::Corrupt);
}

#[test]
fn the_magic_must_be_there_byte_for_byte() {
    let scratch = Scratch::new();
    for change in [
        "delete from _zova_meta where key = 'magic'",
        "delete from _zova_meta",
        "update _zova_meta set value = 'ZOVA' where key = 'magic'",
        "update _zova_meta set value = 'zova ' where key = 'magic'",
        "update _zova_meta set value = '' where key = 'magic'",
        "update _zova_meta set value = 'zova' || char(0) where key = 'magic'",
        "update _zova_meta set value = x'7a6f7661ff' where key = 'magic'",
        "update _zova_meta set key = 'MAGIC' where key = 'magic'",
        "update _zova_meta set key = 'magic ' where key = 'magic'",
        "update _zova_meta set key = x'6d61676963' where key = 'magic'",
        "drop table _zova_meta",
        "alter table _zova_meta rename to _zova_data",
        "alter table _zova_meta rename column value to content",
    ] {
        open_refused(&edited(&scratch, change), Status::NotZovaDatabase);
    }
}

#[test]
fn values_count_by_their_text_whatever_their_type() {
    let scratch = Scratch::new();
    for change in [
        "update _zova_meta set value = x'7a6f7661' where key = 'magic'",
        "update _zova_meta set value = x'35' where key = 'format_version'",
        // A table without types keeps the integer.
        "create table kept as select key, value from _zova_meta; drop table _zova_meta; \
         create table _zova_meta(extra, value, key); insert into _zova_meta(key, value) select key, value from kept; \
         update _zova_meta set value = 5 where key = 'format_version'; drop table kept",
        "alter table _zova_meta rename to pairs; create view _zova_meta as select key, value from pairs",
        "alter table _zova_meta rename to pairs; \
         create view _zova_meta as select key, cast(value as blob) as value from pairs",
        "alter table _zova_meta add column extra default 7",
        "create table kept as select * from _zova_meta; drop table _zova_meta; \
         create table _zova_meta(key text collate nocase primary key, value text) without rowid; \
         insert into _zova_meta select * from kept; drop table kept",
    ] {
        open_accepted(&edited(&scratch, change));
    }
}

#[test]
fn a_key_in_other_letters_is_another_key_whatever_the_tables_collation() {
    let scratch = Scratch::new();
    let path = edited(
        &scratch,
        "create table kept as select * from _zova_meta; drop table _zova_meta; \
         create table _zova_meta(key text collate nocase, value text); \
         insert into _zova_meta values ('MAGIC', 'other'), ('STORE_ROLE', 'object_store'), ('Format_Version', '9'); \
         insert into _zova_meta select * from kept; drop table kept",
    );
    open_accepted(&path);
}

#[test]
fn every_other_version_is_unsupported() {
    let scratch = Scratch::new();
    for version in [
        "'1'",
        "'2'",
        "'3'",
        "'4'",
        "'6'",
        "'05'",
        "'5 '",
        "' 5'",
        "'50'",
        "'5.0'",
        "'+5'",
        "''",
        "'five'",
        "'5' || char(0)",
        "x'3500'",
        "'-5'",
        "'9223372036854775808'",
    ] {
        let path = edited(
            &scratch,
            &format!("update _zova_meta set value = {version} where key = 'format_version'"),
        );
        open_refused(&path, Status::UnsupportedZovaVersion);
    }
}

#[test]
fn the_message_of_an_unsupported_version_names_the_version() {
    let scratch = Scratch::new();
    let path = edited(&scratch, "update _zova_meta set value = '4711' where key = 'format_version'");
    let message = open_refused(&path, Status::UnsupportedZovaVersion);
    assert!(message.contains("4711") && message.contains(path.to_str().unwrap()), "{message}");
}

#[test]
fn the_version_is_looked_at_before_the_tables_and_after_the_magic() {
    let scratch = Scratch::new();
    for version in 1..=4 {
        let path = edited(
            &scratch,
            &format!(
                "update _zova_meta set value = '{version}' where key = 'format_version'; drop table _zova_graph_edges; \
                 drop table _zova_graph_nodes; drop table _zova_graphs; drop table _zova_extensions; \
                 insert into _zova_meta values ('store_role', 'object_store')"
            ),
        );
        open_refused(&path, Status::UnsupportedZovaVersion);
    }
    let path = edited(&scratch, "update _zova_meta set value = '4'; drop table _zova_objects");
    open_refused(&path, Status::NotZovaDatabase);
    let path = edited(&scratch, "delete from _zova_meta where key = 'format_version'");
    open_refused(&path, Status::NotZovaDatabase);
}

#[test]
fn a_store_is_refused_as_one_before_its_tables_are_looked_at() {
    let scratch = Scratch::new();
    for role in ["object_store", "vector_store"] {
        let path = edited(
            &scratch,
            &format!(
                "insert into _zova_meta values ('store_role', '{role}'); drop table _zova_graph_edges; \
                 drop table _zova_extensions"
            ),
        );
        open_refused(&path, Status::BoundStoreInvalid);
    }
}

#[test]
fn a_store_role_that_does_not_exist_makes_it_no_database() {
    let scratch = Scratch::new();
    for role in ["", "object", "OBJECT_STORE", "object_store ", "graph_store"] {
        let path = edited(&scratch, &format!("insert into _zova_meta values ('store_role', '{role}')"));
        open_refused(&path, Status::NotZovaDatabase);
    }
    open_accepted(&edited(&scratch, "insert into _zova_meta values ('STORE_ROLE', 'object_store')"));
}

#[test]
fn the_id_of_the_database_and_further_keys_are_not_looked_at() {
    let scratch = Scratch::new();
    for change in [
        "delete from _zova_meta where key = 'database_id'",
        "update _zova_meta set value = 'none' where key = 'database_id'",
        "insert into _zova_meta values ('store_id', 'x'), ('object_epoch', '-1'), ('', ''), (null, 'null'), ('k', x'00')",
    ] {
        open_accepted(&edited(&scratch, change));
    }
}

#[test]
fn an_unknown_write_version_makes_the_file_read_only() {
    let scratch = Scratch::new();
    for write_version in [3, 255] {
        let path = patched(&scratch, |file| file[18] = write_version);
        open_accepted(&path);
        let mut db = Database::open(&path).unwrap();
        assert_eq!(number_of(&mut db, "select count(*) from _zova_meta"), 3);
        assert_eq!(db.exec("create table t(a)").unwrap_err().status(), Some(Status::ReadOnly));
        native_fault(db.put_object(b"new"), Status::ReadOnly);
    }
}

#[test]
fn both_ways_of_opening_give_the_same_refusals() {
    let scratch = Scratch::new();
    let path = edited(&scratch, "drop table _zova_vectors");
    let writing = Database::open(&path).unwrap_err();
    let reading = Database::open_with_options(&path, READ_ONLY).unwrap_err();
    assert_eq!(writing, reading);
}
