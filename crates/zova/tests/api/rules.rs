//! The rules of source compatibility that a signature alone does not show, and the programs of the manual.

use std::collections::HashSet;
use std::path::PathBuf;

use zova::{
    ColumnType, Database, Error, ObjectChunkId, ObjectId, OpenOptions, SharedDatabase, Statement, Status,
    Step,
};

use crate::common::process::in_own_directory;
use crate::common::{Scratch, text_of};

/// Compiles only if the type does not implement the trait: otherwise there are two candidates for `_`.
macro_rules! assert_not_implemented {
    ($type:ty: $($bound:tt)+) => {
        const _: fn() = || {
            trait Candidate<Of> {
                fn candidate() {}
            }
            impl<T: ?Sized> Candidate<()> for T {}
            struct Implemented;
            #[allow(drop_bounds)]
            impl<T: ?Sized + $($bound)+> Candidate<Implemented> for T {}
            let _ = <$type as Candidate<_>>::candidate;
        };
    };
}

// One conversion of each kind, or `id.as_ref()` no longer infers.
assert_not_implemented!(ObjectId: AsRef<[u8]>);
assert_not_implemented!(ObjectId: std::ops::Deref);
assert_not_implemented!(ObjectId: std::borrow::Borrow<[u8]>);
assert_not_implemented!(ObjectId: From<&'static [u8; 32]>);
assert_not_implemented!(ObjectId: From<ObjectChunkId>);
assert_not_implemented!(ObjectId: TryFrom<Vec<u8>>);
assert_not_implemented!(ObjectId: TryFrom<&'static str>);
assert_not_implemented!(ObjectId: PartialEq<[u8; 32]>);
assert_not_implemented!(ObjectId: PartialEq<ObjectChunkId>);
assert_not_implemented!(ObjectChunkId: AsRef<[u8]>);
assert_not_implemented!(ObjectChunkId: std::ops::Deref);
assert_not_implemented!(ObjectChunkId: From<&'static [u8; 32]>);
assert_not_implemented!(ObjectChunkId: From<ObjectId>);
assert_not_implemented!(ObjectChunkId: TryFrom<Vec<u8>>);
assert_not_implemented!(ObjectChunkId: PartialEq<[u8; 32]>);
assert_not_implemented!(ObjectChunkId: PartialEq<ObjectId>);
assert_not_implemented!(Status: PartialEq<i32>);
assert_not_implemented!(Step: PartialEq<bool>);
assert_not_implemented!(ColumnType: PartialEq<i32>);
// The borrow of the database ends at the last use of the statement.
assert_not_implemented!(Statement<'static>: Drop);
assert_not_implemented!(Database: Clone);

#[test]
fn conversions_of_ids_are_inferred() {
    let id = zova::object_id(b"zova").unwrap();
    assert_eq!(id.as_ref().len(), 32);
    assert_eq!(id.as_ref()[..4], id.into_bytes()[..4]);
    let copy: ObjectId = (*id.as_ref()).into();
    assert_eq!(copy, id);
    assert_eq!(ObjectId::try_from(&id.as_ref()[..]).unwrap(), id);
    assert_eq!(ObjectId::try_from(id.as_ref().as_slice()), Ok(id));
    let chunk: ObjectChunkId = id.into_bytes().into();
    assert_eq!(chunk, zova::object_chunk_id(b"zova").unwrap());
    assert_eq!(chunk.as_ref(), id.as_ref());
    assert_eq!(HashSet::from([id, copy]).len(), 1);
}

#[test]
fn ids_are_shown_in_lower_case_and_read_in_either() {
    let id = zova::object_id(b"").unwrap();
    let text = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(id.to_string(), text);
    assert_eq!(text.parse(), Ok(id));
    assert_eq!(text.to_uppercase().parse(), Ok(id));
    let chunk = zova::object_chunk_id(b"").unwrap();
    assert_eq!(chunk.to_string(), text);
    assert_eq!(text.to_uppercase().parse(), Ok(chunk));
    // The derived form, not the digits.
    assert!(format!("{id:?}").starts_with("ObjectId([227, 176, 196,"), "{id:?}");
    assert!(format!("{chunk:?}").starts_with("ObjectChunkId([227, 176, 196,"), "{chunk:?}");
}

#[test]
fn the_borrow_of_a_statement_ends_at_its_last_use() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    db.exec("create table notes(body text)").unwrap();
    let mut add = db.prepare("insert into notes(body) values (?1)").unwrap();
    add.bind_text(1, "first").unwrap();
    assert_eq!(add.step().unwrap(), Step::Done);
    // `add` is still in scope here, and is dropped behind this use of the database.
    assert_eq!(db.last_insert_rowid().unwrap(), 1);
}

#[test]
fn a_statement_may_outlive_its_database_value_unused() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    let mut statement = db.prepare("select 1").unwrap();
    assert_eq!(statement.step().unwrap(), Step::Row);
    drop(db);
}

#[test]
fn literals_are_inferred_as_bytes_and_text() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    let id = db.put_object(b"literal").unwrap();
    assert_ne!(db.put_object(&[]).unwrap(), db.put_object(&[1, 2, 3]).unwrap());
    assert_eq!(db.put_object(&Vec::from(*b"literal")).unwrap(), id);
    let mut buffer = [0; 3];
    assert_eq!(db.read_object_range(id, 1, &mut buffer).unwrap(), 3);
    assert_eq!(&buffer, b"ite");
    let mut statement = db.prepare(&String::from("select ?1, ?2, ?3")).unwrap();
    statement.bind_blob(1, &[]).unwrap();
    statement.bind_blob(2, &[1, 2]).unwrap();
    statement.bind_text(3, &String::from("text")).unwrap();
    zova::object_id(&[]).unwrap();
}

#[test]
fn paths_are_taken_in_every_form() {
    let scratch = Scratch::new();
    let path: PathBuf = scratch.path("a.zova");
    let text: String = path.to_str().unwrap().to_owned();
    Database::create(&path).unwrap();
    Database::open(path.as_path()).unwrap();
    Database::open(path.as_os_str()).unwrap();
    Database::open(text.as_str()).unwrap();
    Database::open(&text).unwrap();
    Database::open(text).unwrap();
    Database::open_with_options(path, OpenOptions { read_only: true, ..OpenOptions::default() }).unwrap();
}

#[test]
fn options_default_to_writing_and_not_waiting() {
    assert_eq!(OpenOptions::default(), OpenOptions { read_only: false, busy_timeout_ms: 0 });
}

#[test]
fn debug_of_a_handle_is_its_type_name() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    assert_eq!(format!("{db:?}"), "Database");
    assert_eq!(format!("{:?}", db.prepare("select 1").unwrap()), "Statement");
    assert_eq!(format!("{:?}", db.prepare_owned("select 1").unwrap()), "OwnedStatement");
    assert_eq!(format!("{:?}", db.object_writer().unwrap()), "ObjectWriter");
    assert_eq!(format!("{:?}", db.object_writer_owned().unwrap()), "OwnedObjectWriter");
    let shared = SharedDatabase::create(scratch.path("b.zova")).unwrap();
    assert_eq!(format!("{shared:?}"), "SharedDatabase");
    assert_eq!(format!("{:?}", shared.object_writer().unwrap()), "SharedObjectWriter");
    assert_eq!(format!("{:?}", shared.prepare("select 1").unwrap()), "SharedStatement");
    shared
        .with_exclusive(|guard| {
            assert_eq!(format!("{guard:?}"), "SharedDatabaseGuard");
            assert_eq!(format!("{:?}", guard.prepare("select 1").unwrap()), "SharedGuardStatement");
            Ok(())
        })
        .unwrap();
}

/// Nothing here may become `#[must_use]` or deprecated.
#[test]
#[deny(unused_must_use, deprecated)]
fn results_other_than_errors_may_be_ignored() {
    Status::from_raw(1);
    Status::Busy.raw();
    Status::Busy.name();
    Error::NonUtf8Path.status();
    zova::object_id(b"").unwrap();
    zova::object_id(b"").unwrap().into_bytes();
    zova::object_chunk_id(b"").unwrap().into_bytes();
    OpenOptions::default();
    let scratch = Scratch::new();
    Database::create(scratch.path("a.zova")).unwrap();
    let shared = SharedDatabase::open(scratch.path("a.zova")).unwrap();
    shared.prepare("select 1").unwrap();
    shared.put_object(b"").unwrap();
}

/// The quick start of the manual. Its vector lines wait for vectors and stand below as comments.
#[test]
fn the_quick_start_runs() {
    fn main() -> Result<(), zova::Error> {
        let mut db = Database::create("app.zova")?;
        db.exec("create table notes(id integer primary key, body text not null)")?;
        let mut add = db.prepare("insert into notes(body) values (?1)")?;
        add.bind_text(1, "first")?;
        assert_eq!(add.step()?, Step::Done);

        let id = db.put_object(b"bytes of an object")?;
        // db.create_vector_collection(
        //     "chunks",
        //     zova::VectorCollectionOptions { dimensions: 2, metric: zova::VectorMetric::L2 },
        // )?;
        // db.put_vector("chunks", "chunk:1", &[0.0, 1.0])?;
        println!("{id:?}");
        Ok(())
    }
    in_own_directory(|dir| {
        main().unwrap();
        let mut db = Database::open(dir.join("app.zova")).unwrap();
        assert_eq!(text_of(&mut db, "select body from notes"), "first");
    });
}

#[test]
fn the_stream_of_the_manual_runs() {
    fn stream(db: &mut zova::Database) -> zova::Result<zova::ObjectId> {
        let mut out = db.object_writer()?;
        out.write(b"part one")?;
        out.write(b"part two")?;
        out.finish()
    }
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    let id = stream(&mut db).unwrap();
    assert_eq!(db.get_object(id).unwrap(), b"part onepart two");
}

/// The shared handle of the manual. Its notification waits for events.
#[test]
fn the_shared_handle_of_the_manual_runs() {
    fn shared(db: &zova::SharedDatabase) -> zova::Result<i64> {
        let other = db.clone();
        std::thread::spawn(move || other.exec("insert into notes(body) values ('a')")).join().unwrap()?;
        db.transaction_immediate(|tx| {
            tx.exec("insert into notes(body) values ('b')")?;
            // tx.with_savepoint("part", |tx| tx.notify("notes", "added"))?;
            tx.with_savepoint("part", |_| Ok(()))?;
            tx.last_insert_rowid()
        })
    }
    let scratch = Scratch::new();
    let db = SharedDatabase::create(scratch.path("a.zova")).unwrap();
    db.exec("create table notes(id integer primary key, body text not null)").unwrap();
    assert_eq!(shared(&db), Ok(2));
}
