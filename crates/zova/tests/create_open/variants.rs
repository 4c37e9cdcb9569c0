//! Files that differ from what this library writes and are valid all the same.

use std::path::Path;

use zova::Database;

use crate::common::reference::Rows;
use crate::common::{Scratch, built_with, bytes, edit, number_of, one, raw, text_of};
use crate::open_accepted;

/// Records and objects of several sizes go in and come out, and the rows are those of the format.
#[track_caller]
fn assert_usable(path: &Path) {
    let contents: Vec<Vec<u8>> =
        [0, 1, 2049, 65537, 150_001].into_iter().zip(20..).map(|(size, seed)| bytes(seed, size)).collect();
    let mut db = Database::open(path).unwrap();
    db.exec("create table t(a); insert into t values ('\u{1f600} text')").unwrap();
    let ids: Vec<_> = contents.iter().map(|content| db.put_object(content).unwrap()).collect();
    drop(db);
    let mut db = Database::open(path).unwrap();
    assert_eq!(text_of(&mut db, "select a from t"), "\u{1f600} text");
    for (id, content) in ids.iter().zip(&contents) {
        assert_eq!(db.get_object(*id).unwrap(), *content);
    }
    assert_eq!(Rows::read(&raw(path)), Rows::of(contents.iter().map(Vec::as_slice)));
    let mut part = vec![0; 5000];
    assert_eq!(db.read_object_range(ids[4], 100_000, &mut part).unwrap(), 5000);
    assert_eq!(part, contents[4][100_000..105_000]);
    assert_eq!(
        number_of(&mut db, "select count(*) from pragma_integrity_check where integrity_check = 'ok'"),
        1
    );
    for id in ids {
        db.delete_object(id).unwrap();
    }
    drop(db);
    assert_eq!(Rows::read(&raw(path)), Rows::default());
    open_accepted(path);
}

#[test]
fn every_page_size_is_accepted() {
    let scratch = Scratch::new();
    for size in [512, 1024, 2048, 8192, 16384, 32768, 65536] {
        let path = scratch.path("a.zova");
        let _ = std::fs::remove_file(&path);
        drop(Database::create(&path).unwrap());
        edit(&path, &format!("pragma page_size = {size}; vacuum"));
        assert_eq!(one::<i64>(&raw(&path), "pragma page_size"), size);
        open_accepted(&path);
        assert_usable(&path);
    }
}

#[test]
fn every_text_encoding_is_accepted() {
    for encoding in ["UTF-8", "UTF-16le", "UTF-16be"] {
        let scratch = Scratch::new();
        let path = built_with(&scratch, &format!("pragma encoding = '{encoding}'"));
        assert_eq!(one::<String>(&raw(&path), "pragma encoding"), encoding);
        open_accepted(&path);
        assert_usable(&path);
    }
}

#[test]
fn a_utf16_file_is_checked_like_any_other() {
    for encoding in ["UTF-16le", "UTF-16be"] {
        let scratch = Scratch::new();
        let path = built_with(&scratch, &format!("pragma encoding = '{encoding}'"));
        edit(&path, "update _zova_meta set value = '5 ' where key = 'format_version'");
        crate::open_refused(&path, zova::Status::UnsupportedZovaVersion);
        edit(
            &path,
            "update _zova_meta set value = '5' where key = 'format_version'; create table _zova_ext_x_t(a)",
        );
        crate::open_refused(&path, zova::Status::ExtensionInvalid);
        edit(&path, "drop table _zova_ext_x_t; alter table _zova_graphs add column extra");
        crate::open_refused(&path, zova::Status::NotZovaDatabase);
    }
}

#[test]
fn every_vacuum_mode_is_accepted() {
    let scratch = Scratch::new();
    for mode in [1, 2] {
        let path = scratch.path("a.zova");
        let _ = std::fs::remove_file(&path);
        drop(Database::create(&path).unwrap());
        edit(&path, &format!("pragma auto_vacuum = {mode}; vacuum"));
        assert_eq!(one::<i64>(&raw(&path), "pragma auto_vacuum"), mode);
        open_accepted(&path);
        assert_usable(&path);
    }
}

#[test]
fn reserved_bytes_are_accepted() {
    let scratch = Scratch::new();
    for reserved in [1u8, 12, 32, 255] {
        let path = scratch.path("a.zova");
        let _ = std::fs::remove_file(&path);
        // An empty database whose one page keeps bytes free at its end; what is built in it keeps them, too.
        edit(&path, "pragma page_size = 4096; create table t(a); drop table t; vacuum");
        let mut file = std::fs::read(&path).unwrap();
        assert_eq!(file.len(), 4096);
        file[20] = reserved;
        file[105..107].copy_from_slice(&(4096 - u16::from(reserved)).to_be_bytes());
        std::fs::write(&path, file).unwrap();
        let built = built_with(&scratch, "select 1");
        std::fs::remove_file(scratch.path("source.zova")).unwrap();
        assert_eq!(std::fs::read(&built).unwrap()[20], reserved);
        open_accepted(&built);
        assert_usable(&built);
    }
}

#[test]
fn the_applications_own_numbers_are_kept() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.exec("pragma application_id = 1234567; pragma user_version = 42").unwrap();
    drop(db);
    open_accepted(&path);
    let mut db = Database::open(&path).unwrap();
    db.put_object(b"object").unwrap();
    assert_eq!(number_of(&mut db, "pragma application_id"), 1_234_567);
    assert_eq!(number_of(&mut db, "pragma user_version"), 42);
}

#[test]
fn wal_mode_is_accepted_and_kept() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    assert_eq!(text_of(&mut db, "pragma journal_mode = wal"), "wal");
    db.exec("create table t(a); insert into t values ('in the wal')").unwrap();
    let id = db.put_object(b"object").unwrap();
    let mut second = Database::open(&path).unwrap();
    assert_eq!(text_of(&mut second, "select a from t"), "in the wal");
    assert_eq!(second.get_object(id).unwrap(), b"object");
    drop((db, second));
    // The last connection wrote the WAL back and removed it.
    crate::assert_no_side_files(&path);
    let mut db = Database::open(&path).unwrap();
    assert_eq!(text_of(&mut db, "pragma journal_mode"), "wal");
    assert_eq!(db.get_object(id).unwrap(), b"object");
    db.exec("pragma journal_mode = delete; drop table t").unwrap();
    db.delete_object(id).unwrap();
    drop(db);
    assert_usable(&path);
}

#[test]
fn any_amount_of_user_schema_is_accepted() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    db.exec("begin").unwrap();
    for at in 0..200 {
        db.exec(&format!("create table t{at}(a primary key, b); create view v{at} as select * from t{at}"))
            .unwrap();
    }
    db.exec("create virtual table f using fts5(a); create virtual table r using rtree(a, b, c); commit")
        .unwrap();
    drop(db);
    open_accepted(&path);
}
