//! What a source can be, and that all of it arrives.

use std::ops::ControlFlow;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::Value;
use zova::{BackupOptions, CompactOptions, Database, Status};

use crate::Way;
use crate::common::{Scratch, copy_fixture, edit, edit_schema, entries, expected, native_fault, one, raw};

/// Kinds of sources: what SQL makes them.
const KINDS: &[(&str, &str)] = &[
    ("ordinary", "create table t(a); insert into t values (1), ('two'), (x'03'), (4.5), (null)"),
    ("empty", ""),
    ("WAL", "pragma journal_mode = wal; create table t(a); insert into t values (1)"),
    ("persistent journal", "pragma journal_mode = persist; create table t(a); insert into t values (1)"),
    (
        "UTF-16",
        "pragma encoding = 'UTF-16le'; create table t(a); insert into t values ('gr\u{fc}n \u{1f600}')",
    ),
    (
        "UTF-16be in WAL",
        "pragma encoding = 'UTF-16be'; pragma journal_mode = wal; create table t(a); \
        insert into t values ('gr\u{fc}n')",
    ),
    ("small pages", "pragma page_size = 512; create table t(a); insert into t values (randomblob(100000))"),
    ("large pages", "pragma page_size = 65536; create table t(a); insert into t values (randomblob(100000))"),
    (
        "auto-vacuum",
        "pragma auto_vacuum = full; create table t(a); insert into t values (randomblob(300000)); \
        create table u(a); insert into u values (randomblob(300000)); delete from t",
    ),
    (
        "incremental vacuum",
        "pragma auto_vacuum = incremental; create table t(a); \
        insert into t values (randomblob(300000)); create table u(a); delete from t",
    ),
    (
        "free pages",
        "create table t(a); insert into t values (randomblob(900000)); delete from t; \
        insert into t values (7)",
    ),
    ("full text", "create virtual table f using fts5(a); insert into f values ('one two'), ('three')"),
    ("R-tree", "create virtual table r using rtree(id, a, b); insert into r values (1, 0, 5), (2, 3, 4)"),
    (
        "generated columns",
        "create table t(a, b as (a * 2) stored, c as (a + 1)); create index i on t(c); \
        insert into t(a) values (1), (20)",
    ),
    (
        "WITHOUT ROWID",
        "create table t(a text primary key, b) without rowid; \
        insert into t values ('b', 1), ('a', 2)",
    ),
    ("STRICT", "create table t(a integer, b text) strict; insert into t values (1, 'x')"),
    (
        "AUTOINCREMENT",
        "create table t(a integer primary key autoincrement, b); \
        insert into t(b) values (1), (2); delete from t where a = 2",
    ),
    ("versions", "create table t(a); pragma user_version = -7; pragma application_id = 252006"),
    (
        "indexes, views and triggers",
        "create table t(a, b); create index p on t(a) where b > 0; \
        create index e on t(lower(a) desc); create view v as select a from t; \
        create trigger g after insert on t begin update t set b = 9 where rowid = new.rowid; end; \
        insert into t values ('X', 1); analyze",
    ),
    (
        "foreign keys that do not hold",
        "create table p(a primary key); create table t(a references p); \
        insert into t values (1)",
    ),
    (
        "unknown module",
        "create table t(a); insert into t values (1); pragma writable_schema = on; \
        insert into sqlite_schema values ('table', 'x', 'x', 0, 'CREATE VIRTUAL TABLE x USING nope(a)')",
    ),
];

/// What a file holds apart from Zova's tables.
#[derive(Debug, PartialEq)]
struct Content {
    facts: Vec<(&'static str, Value)>,
    schema: Vec<Vec<Value>>,
    rows: Vec<(String, Vec<Vec<Value>>)>,
}

fn rows(connection: &Connection, sql: &str) -> Vec<Vec<Value>> {
    let mut statement = connection.prepare(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect());
    rows.unwrap().collect::<Result<_, _>>().unwrap_or_else(|error| panic!("{error}: {sql}"))
}

fn content(path: &Path, facts: &[&'static str]) -> Content {
    let connection = raw(path);
    let facts = facts.iter().map(|fact| (*fact, one(&connection, &format!("pragma {fact}")))).collect();
    let schema = rows(
        &connection,
        "select type, name, tbl_name, sql from sqlite_schema where name not like '\\_zova\\_%' escape '\\' \
         and tbl_name not like '\\_zova\\_%' escape '\\' order by type, name",
    );
    let tables = schema.iter().filter(|row| row[0] == Value::Text("table".into()));
    let names = tables.filter_map(|row| match (&row[1], &row[3]) {
        (Value::Text(name), Value::Text(sql)) if !sql.contains("USING nope") => Some(name.clone()),
        _ => None,
    });
    let rows = names.map(|name| {
        let rows = rows(&connection, &format!("select * from \"{name}\""));
        (name, rows)
    });
    let rows = rows.collect();
    Content { facts, schema, rows }
}

const FACTS: &[&str] = &["page_size", "encoding", "auto_vacuum", "user_version", "application_id"];
const WITH_MODE: &[&str] =
    &["page_size", "encoding", "auto_vacuum", "user_version", "application_id", "journal_mode"];

#[test]
fn whatever_an_sqlite_file_holds_arrives_in_the_converted_one_and_in_every_copy_of_that() {
    for (kind, sql) in KINDS {
        let scratch = Scratch::new();
        let source = scratch.path("source.db");
        {
            let connection = raw(&source);
            connection.execute_batch(sql).unwrap_or_else(|error| panic!("{kind}: {error}"));
        }
        let before = content(&source, WITH_MODE);
        let converted = scratch.path("converted.zova");
        Database::convert_sqlite_to_zova(&source, &converted)
            .unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(
            entries(scratch.dir()).iter().filter(|name| name.starts_with("converted")).count(),
            1,
            "{kind}"
        );
        // Journal modes other than WAL are those of a connection, not of a file.
        let in_wal = before.facts.last().unwrap().1 == Value::Text("wal".into());
        let mode = |content: &mut Content| {
            let mode = &mut content.facts.last_mut().unwrap().1;
            *mode = Value::Integer((*mode == Value::Text("wal".into())).into());
        };
        let mut wanted = before;
        mode(&mut wanted);
        let look = |path: &Path| {
            let mut found = content(path, WITH_MODE);
            mode(&mut found);
            found
        };
        assert_eq!(look(&converted), wanted, "{kind}");
        // Looking at a file in WAL mode must leave nothing behind either.
        let journal = Some("source.db-journal".to_owned()).filter(|_| *kind == "persistent journal");
        let expected = ["converted.zova".to_owned(), "source.db".to_owned()].into_iter().chain(journal);
        assert_eq!(entries(scratch.dir()), expected.collect::<Vec<_>>(), "{kind}");
        for way in Way::OF_ZOVA {
            let copy = scratch.path(&format!("{way:?}.zova"));
            way.copy(&converted, &copy).unwrap_or_else(|error| panic!("{kind}, {way:?}: {error}"));
            let side_files = entries(scratch.dir())
                .into_iter()
                .filter(|name| name.starts_with(&format!("{way:?}.zova-")) || name.starts_with(".zova-new"));
            assert_eq!(side_files.count(), 0, "{kind}, {way:?}");
            let mut found = content(&copy, WITH_MODE);
            mode(&mut found);
            if way == Way::Compact && in_wal {
                assert_eq!(found.facts.pop().unwrap().1, Value::Integer(0));
                assert_eq!(
                    (found.facts, found.rows),
                    (content(&converted, FACTS).facts, content(&converted, FACTS).rows)
                );
            } else {
                assert_eq!(found, wanted, "{kind}, {way:?}");
            }
            let connection = raw(&copy);
            assert_eq!(one::<String>(&connection, "pragma integrity_check"), "ok", "{kind}, {way:?}");
            drop(connection);
            // Whatever encoding it has, it takes native rows.
            let mut db = Database::open(&copy).unwrap();
            let id = db.put_object(b"new").unwrap();
            assert_eq!(db.get_object(id).unwrap(), b"new");
        }
    }
}

#[test]
fn native_data_arrives_in_every_copy_with_the_identity_of_the_file() {
    let scratch = Scratch::new();
    let source = scratch.path("source.zova");
    crate::filled(&source);
    let rows_of = |path: &Path| {
        let connection = raw(path);
        [
            "_zova_meta",
            "_zova_objects",
            "_zova_chunks",
            "_zova_object_chunks",
            "_zova_vectors",
            "_zova_graphs",
            "t",
        ]
        .map(|table| rows(&connection, &format!("select * from {table} order by 1, 2")))
    };
    for way in Way::OF_ZOVA {
        let copy = scratch.path(&format!("{way:?}.zova"));
        way.copy(&source, &copy).unwrap();
        assert_eq!(rows_of(&copy), rows_of(&source), "{way:?}");
    }
}

#[test]
fn a_backup_has_the_same_pages_and_a_compact_copy_has_no_free_ones() {
    let scratch = Scratch::new();
    let source = scratch.path("source.zova");
    crate::filled(&source);
    edit(&source, "create table big as select randomblob(900000) as b; drop table big");
    let number = |path: &Path, fact: &str| one::<i64>(&raw(path), &format!("pragma {fact}"));
    assert!(number(&source, "freelist_count") > 100);
    let (backup, compact) = (scratch.path("backup.zova"), scratch.path("compact.zova"));
    Way::Backup.copy(&source, &backup).unwrap();
    Way::Compact.copy(&source, &compact).unwrap();
    for fact in ["page_count", "freelist_count"] {
        assert_eq!(number(&backup, fact), number(&source, fact));
    }
    assert_eq!(number(&compact, "freelist_count"), 0);
    assert!(number(&compact, "page_count") + 100 < number(&source, "page_count"));
}

#[test]
fn files_of_the_published_implementation_can_be_copied() {
    let scratch = Scratch::new();
    for name in ["empty.zova", "plain.zova", "wal.zova"] {
        let source = scratch.path(name);
        copy_fixture(name, &source);
        for way in [Way::Backup, Way::Compact] {
            let copy = scratch.path(&format!("{way:?} of {name}"));
            way.copy(&source, &copy).unwrap_or_else(|error| panic!("{way:?} of {name}: {error}"));
            let connection = raw(&copy);
            assert_eq!(one::<String>(&connection, "pragma integrity_check"), "ok");
            if let Some(objects) = expected(name)["objects"].as_array() {
                assert!(
                    one::<i64>(&connection, "select count(*) from _zova_objects") >= objects.len() as i64
                );
            }
        }
    }
    let source = scratch.path("plain.zova");
    Way::Restore.copy(&source, &scratch.path("restored.zova")).unwrap();
    let open = Database::open(scratch.path("restored.zova")).unwrap();
    drop(open);
}

#[test]
fn a_handle_copies_what_is_committed_and_refuses_what_is_not() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("source.zova");
    db.exec("create table t(a); insert into t values (1)").unwrap();
    let target = |name: &str| scratch.path(name);
    let count = |name: &str| one::<i64>(&raw(&scratch.path(name)), "select count(*) from t");

    db.begin().unwrap();
    db.backup_to(target("deferred.zova"), BackupOptions::default()).unwrap();
    assert_eq!(count("deferred.zova"), 1);
    let message =
        native_fault(db.compact_to(target("x.zova"), CompactOptions::default()), Status::SqliteError);
    assert!(message.contains("cannot VACUUM from within a transaction"), "{message}");
    db.exec("insert into t values (2)").unwrap();
    native_fault(db.backup_to(target("x.zova"), BackupOptions::default()), Status::Busy);
    db.commit().unwrap();
    db.exec("insert into t values (3)").unwrap();

    let mut cursor = db.prepare_owned("select a from t").unwrap();
    cursor.step().unwrap();
    db.backup_to(target("cursor.zova"), BackupOptions::default()).unwrap();
    assert_eq!(count("cursor.zova"), 3);
    native_fault(db.compact_to(target("x.zova"), CompactOptions::default()), Status::SqliteError);
    drop(cursor);

    // A writer elsewhere that has not committed is not seen.
    let other = raw(&scratch.path("source.zova"));
    other.execute_batch("begin immediate; insert into t values (4)").unwrap();
    db.backup_to(target("reserved.zova"), BackupOptions::default()).unwrap();
    db.compact_to(target("reserved compact.zova"), CompactOptions::default()).unwrap();
    assert_eq!((count("reserved.zova"), count("reserved compact.zova")), (3, 3));
    other.execute_batch("rollback; begin exclusive").unwrap();
    native_fault(db.backup_to(target("x.zova"), BackupOptions::default()), Status::Busy);
    native_fault(db.compact_to(target("x.zova"), CompactOptions::default()), Status::Busy);
    other.execute_batch("rollback").unwrap();

    assert!(!target("x.zova").exists());
    assert_eq!(entries(scratch.dir()).iter().filter(|name| name.starts_with(".zova-new")).count(), 0);
    // Nothing of this shows on the handle.
    assert_eq!(db.changes().unwrap(), 1);
    assert_eq!(db.last_insert_rowid().unwrap(), 3);
}

/// A schema that only another program understands.
fn foreign(path: &Path, what: &str) {
    let sql = if what == "function" {
        "create table f(a, b); insert into f(a) values (1), (2); update sqlite_schema \
         set sql = 'CREATE TABLE f(a check (nope(a)), b as (nope(a)))' where name = 'f'"
    } else {
        "create table f(a); create index i on f(a); insert into f values ('x'), ('y'); \
         update sqlite_schema set sql = 'CREATE INDEX i on f(a collate nope)' where name = 'i'"
    };
    edit_schema(path, sql);
}

#[test]
fn a_schema_that_needs_what_this_process_does_not_know_is_copied_as_far_as_that_goes() {
    let scratch = Scratch::new();
    for (what, backup) in [("function", None), ("collation", Some(Status::SqliteError))] {
        let source = scratch.path(&format!("{what}.zova"));
        drop(Database::create(&source).unwrap());
        foreign(&source, what);
        let copy = |name: &str| scratch.path(&format!("{what} {name}.zova"));
        for (name, way) in [("backup", Way::Backup), ("restored", Way::Restore)] {
            match backup {
                None => way.copy(&source, &copy(name)).unwrap(),
                Some(status) => drop(native_fault(way.copy(&source, &copy(name)), status)),
            }
            way.watched(&source, &copy(&format!("unverified {name}")), false, &mut |_| {
                ControlFlow::Continue(())
            })
            .unwrap();
        }
        let mut db = Database::open(&source).unwrap();
        let outcome = db.compact_to(copy("compact"), CompactOptions::default());
        assert_eq!(outcome.map_err(|error| error.status()), Err(Some(Status::SqliteError)), "{what}");
        let plain = scratch.path(&format!("{what}.db"));
        drop(raw(&plain));
        foreign(&plain, what);
        Way::Convert.copy(&plain, &copy("converted")).unwrap();
        assert_eq!(one::<i64>(&raw(&copy("converted")), "select count(*) from _zova_meta"), 3);
    }
}
