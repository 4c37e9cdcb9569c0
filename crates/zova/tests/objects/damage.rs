//! Damaged rows: which status each operation answers with, and that wrong bytes are never handed out.
//!
//! The tables are those of the format: one object of 200,000 bytes, sound but for one edit.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rusqlite::Connection;
use zova::{Database, ObjectId, Result, Status};

use crate::common::reference::{Hash, chunks, sha256};
use crate::common::{Scratch, bytes, edit, fault, native_fault, raw};
use crate::{literal, rows, rows_of};

/// What an operation may answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// The true value.
    Fine,
    /// This fault.
    Fault(Status),
    /// The true value, or this fault.
    FineOr(Status),
    /// One of two faults.
    OneOf(Status, Status),
}

use Answer::{Fault, Fine, FineOr, OneOf};

const CORRUPT: Answer = Fault(Status::ObjectCorrupt);
/// Where the format lets implementations differ.
const CORRUPT_OR_FINE: Answer = FineOr(Status::ObjectCorrupt);
const NOT_FOUND: Answer = Fault(Status::ObjectNotFound);
const SQLITE: Answer = Fault(Status::SqliteError);

impl Answer {
    /// What is wrong about the answer, if anything is.
    fn fault<T: PartialEq>(self, found: Result<T>, truth: &T) -> Option<String> {
        let shown = match &found {
            Ok(value) if matches!(self, Fine | FineOr(_)) && value == truth => return None,
            Ok(value) => (if value == truth { "the true value" } else { "another value" }).to_owned(),
            Err(error) => {
                let status = error.status().expect("a status");
                native_fault(found.as_ref().map(drop).map_err(Clone::clone), status);
                match self {
                    Fault(expected) | FineOr(expected) if status == expected => return None,
                    OneOf(first, second) if status == first || status == second => return None,
                    _ => error.to_string(),
                }
            }
        };
        Some(format!("expected {self:?}, got {shown}"))
    }
}

/// The object, where its damage is, and how to do damage.
struct Sound {
    content: Vec<u8>,
    id: ObjectId,
    /// Index, hash and place of a chunk in the middle.
    index: i64,
    hash: Hash,
    offset: usize,
    chunk: Vec<u8>,
    count: i64,
}

impl Sound {
    fn new() -> Self {
        let content = bytes(42, 200_000);
        let pieces = chunks(&content);
        let index = pieces.len() / 2;
        Self {
            id: ObjectId::from(sha256(&content)),
            index: index as i64,
            hash: sha256(pieces[index]),
            offset: pieces[..index].iter().map(|piece| piece.len()).sum(),
            chunk: pieces[index].to_vec(),
            count: pieces.len() as i64,
            content: content.clone(),
        }
    }

    /// A file with this object; `base` is made once and copied.
    fn stored(&self, scratch: &Scratch, at: usize) -> PathBuf {
        let base = scratch.path("base.zova");
        if !base.exists() {
            Database::create(&base).unwrap().put_object(&self.content).unwrap();
        }
        let path = scratch.path(&format!("{at}.zova"));
        std::fs::copy(base, &path).unwrap();
        path
    }

    fn entry(&self) -> String {
        format!("where object_id = {} and chunk_index = {}", literal(self.id.as_ref()), self.index)
    }

    fn chunk_row(&self) -> String {
        format!("where chunk_hash = {}", literal(&self.hash))
    }
}

/// One row of the table of reads.
struct Row {
    damage: &'static str,
    sql: String,
    size: Answer,
    count: Answer,
    get: Answer,
    hit: Answer,
    miss: Answer,
    whole: Answer,
}

impl Row {
    /// Size and count fine, everything that reads corrupt.
    fn new(damage: &'static str, sql: String) -> Self {
        let row = CORRUPT;
        Self { damage, sql, size: Fine, count: Fine, get: row, hit: row, miss: row, whole: row }
    }
}

fn table(sound: &Sound) -> Vec<Row> {
    let id = literal(sound.id.as_ref());
    let (entry, chunk_row) = (sound.entry(), sound.chunk_row());
    let object = format!("where object_id = {id}");
    let (size, count) = (sound.content.len(), sound.count);
    let first = literal(&sha256(chunks(&sound.content)[0]));
    let mut changed = sound.chunk.clone();
    changed[100] ^= 1;
    let missed = |row: Row| Row { miss: CORRUPT_OR_FINE, ..row };
    vec![
        Row {
            miss: Fine,
            ..Row::new(
                "chunk bytes changed",
                format!("update _zova_chunks set data = {} {chunk_row}", literal(&changed)),
            )
        },
        Row {
            miss: Fine,
            ..Row::new(
                "chunk data shortened, size kept",
                format!("update _zova_chunks set data = substr(data, 1, size_bytes - 1) {chunk_row}"),
            )
        },
        missed(Row::new(
            "chunk data shortened, size adjusted",
            format!(
                "update _zova_chunks set data = substr(data, 2), size_bytes = size_bytes - 1 {chunk_row}"
            ),
        )),
        Row {
            get: CORRUPT_OR_FINE,
            whole: CORRUPT_OR_FINE,
            ..missed(Row::new(
                "chunk size column off",
                format!("update _zova_chunks set size_bytes = size_bytes + 1 {chunk_row}"),
            ))
        },
        missed(Row::new("chunk row missing", format!("delete from _zova_chunks {chunk_row}"))),
        missed(Row::new("one manifest row missing", format!("delete from _zova_object_chunks {entry}"))),
        missed(Row::new(
            "a manifest index too high",
            format!("update _zova_object_chunks set chunk_index = 1000 {entry}"),
        )),
        missed(Row::new(
            "a manifest index negative",
            format!("update _zova_object_chunks set chunk_index = -1 {entry}"),
        )),
        Row::new(
            "the last manifest row missing",
            format!("delete from _zova_object_chunks {object} and chunk_index = {}", count - 1),
        ),
        Row::new("all manifest rows missing", format!("delete from _zova_object_chunks {object}")),
        Row::new(
            "a surplus manifest row at the end",
            format!("insert into _zova_object_chunks values ({id}, {count}, {first}, {size}, 100)"),
        ),
        Row::new(
            "a surplus manifest row far behind",
            format!("insert into _zova_object_chunks values ({id}, 1000000, {first}, 0, 100)"),
        ),
        Row::new(
            "a surplus manifest row at a text index",
            format!("insert into _zova_object_chunks values ({id}, 'x', {first}, {size}, 100)"),
        ),
        missed(Row {
            hit: CORRUPT_OR_FINE,
            ..Row::new(
                "a surplus manifest row at a negative index",
                format!("insert into _zova_object_chunks values ({id}, -1, {first}, 0, 100)"),
            )
        }),
        missed(Row {
            hit: CORRUPT_OR_FINE,
            ..Row::new(
                "a surplus manifest row between two",
                format!("insert into _zova_object_chunks values ({id}, 2.5, {first}, 0, 100)"),
            )
        }),
        missed(Row::new(
            "manifest offset wrong",
            format!("update _zova_object_chunks set offset = offset + 1 {entry}"),
        )),
        missed(Row::new(
            "manifest offset far off",
            format!("update _zova_object_chunks set offset = 9223372036854775807 {entry}"),
        )),
        missed(Row::new(
            "manifest offset negative",
            format!("update _zova_object_chunks set offset = -offset {entry}"),
        )),
        missed(Row::new(
            "manifest size wrong",
            format!("update _zova_object_chunks set size_bytes = size_bytes - 1 {entry}"),
        )),
        missed(Row::new(
            "manifest size zero",
            format!("update _zova_object_chunks set size_bytes = 0 {entry}"),
        )),
        missed(Row::new(
            "manifest size huge",
            format!("update _zova_object_chunks set size_bytes = 9223372036854775807 {entry}"),
        )),
        missed(Row::new(
            "another chunk of another size",
            format!("update _zova_object_chunks set chunk_hash = {first} {entry}"),
        )),
        missed(Row::new(
            "manifest hash too short",
            format!("update _zova_object_chunks set chunk_hash = x'00' {entry}"),
        )),
        missed(Row::new(
            "manifest hash a text",
            format!("update _zova_object_chunks set chunk_hash = 'text' {entry}"),
        )),
        Row::new(
            "object size one less",
            format!("update _zova_objects set size_bytes = {} {object}", size - 1),
        ),
        Row::new(
            "object size one more",
            format!("update _zova_objects set size_bytes = {} {object}", size + 1),
        ),
        Row::new(
            "object chunk count one less",
            format!("update _zova_objects set chunk_count = {} {object}", count - 1),
        ),
        Row::new(
            "object chunk count one more",
            format!("update _zova_objects set chunk_count = {} {object}", count + 1),
        ),
        Row::new("object chunk count zero", format!("update _zova_objects set chunk_count = 0 {object}")),
        Row::new(
            "object chunk count huge",
            format!("update _zova_objects set chunk_count = 9223372036854775807 {object}"),
        ),
        Row {
            get: OneOf(Status::ObjectCorrupt, Status::OutOfMemory),
            ..Row::new(
                "object size absurd",
                format!("update _zova_objects set size_bytes = 9223372036854775807 {object}"),
            )
        },
        Row {
            get: OneOf(Status::ObjectCorrupt, Status::OutOfMemory),
            ..Row::new(
                "object size and count absurd",
                format!(
                    "update _zova_objects set size_bytes = 9223372036854775807, chunk_count = 9223372036854775807 {object}"
                ),
            )
        },
        Row {
            size: CORRUPT,
            count: CORRUPT,
            ..Row::new("object size negative", format!("update _zova_objects set size_bytes = -1 {object}"))
        },
        Row {
            size: CORRUPT,
            count: CORRUPT,
            ..Row::new(
                "object chunk count negative",
                format!("update _zova_objects set chunk_count = -1 {object}"),
            )
        },
        Row {
            size: CORRUPT,
            count: CORRUPT,
            ..Row::new("another chunker", format!("update _zova_objects set chunker = 'fastcdc-v2' {object}"))
        },
        Row {
            size: NOT_FOUND,
            count: NOT_FOUND,
            get: NOT_FOUND,
            hit: NOT_FOUND,
            miss: NOT_FOUND,
            whole: NOT_FOUND,
            ..Row::new("object row gone", format!("delete from _zova_objects {object}"))
        },
        Row {
            get: SQLITE,
            hit: SQLITE,
            miss: SQLITE,
            whole: SQLITE,
            ..Row::new("chunk table dropped", "drop table _zova_chunks".to_owned())
        },
    ]
}

#[test]
fn every_damage_gives_its_status_to_every_read() {
    let sound = Sound::new();
    let scratch = Scratch::new();
    let mut wrong = Vec::new();
    for (at, row) in table(&sound).into_iter().enumerate() {
        let path = sound.stored(&scratch, at);
        // Through the open handle, since a file without a table would not open again.
        let mut db = Database::open(&path).unwrap();
        edit(&path, &row.sql);
        let mut note = |operation: &str, fault: Option<String>| {
            wrong.extend(fault.map(|fault| format!("{}, {operation}: {fault}", row.damage)));
        };
        assert_eq!(db.has_object(sound.id).unwrap(), row.size != NOT_FOUND, "{}", row.damage);
        let stored = |column: &str| -> u64 {
            let sql = format!(
                "select {column} from _zova_objects where object_id = {}",
                literal(sound.id.as_ref())
            );
            raw(&path).query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap_or(0) as u64
        };
        note("size", row.size.fault(db.object_size(sound.id), &stored("size_bytes")));
        note("count", row.count.fault(db.object_chunk_count(sound.id), &stored("chunk_count")));
        note("get", row.get.fault(db.get_object(sound.id), &sound.content));
        let mut range = |offset: usize, length: usize| {
            let mut buffer = vec![0; length];
            let copied = db.read_object_range(sound.id, offset as u64, &mut buffer);
            (copied.map(|copied| buffer[..copied].to_vec()), sound.content[offset..offset + length].to_vec())
        };
        for (offset, length) in [
            (sound.offset, sound.chunk.len()),
            (sound.offset + 5, 10),
            (sound.offset - 10, 20),
            (sound.offset + sound.chunk.len() - 10, 20),
            (100, 150_000),
        ] {
            let (found, truth) = range(offset, length);
            note(&format!("range {offset}+{length}"), row.hit.fault(found, &truth));
        }
        for (offset, length) in [(0, 1), (0, 1000), (7, 1000)] {
            let (found, truth) = range(offset, length);
            note(&format!("range {offset}+{length}"), row.miss.fault(found, &truth));
        }
        let (found, truth) = range(0, sound.content.len());
        note("the whole range", row.whole.fault(found, &truth));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rows_under_a_wrong_id_are_found_out_by_whole_reads() {
    let sound = Sound::new();
    let scratch = Scratch::new();
    let path = sound.stored(&scratch, 0);
    let wrong = ObjectId::from([7; 32]);
    edit(
        &path,
        &format!(
            "update _zova_objects set object_id = {0}; update _zova_object_chunks set object_id = {0}",
            literal(&[7; 32])
        ),
    );
    let mut db = Database::open(&path).unwrap();
    assert_eq!(db.object_size(wrong).unwrap(), 200_000);
    native_fault(db.get_object(wrong), Status::ObjectCorrupt);
    native_fault(db.read_object_range(wrong, 0, &mut vec![0; 200_000]), Status::ObjectCorrupt);
    native_fault(db.read_object_range(wrong, 0, &mut vec![0; 300_000]), Status::ObjectCorrupt);
    // A part of it cannot be told from a part of an object of this id.
    assert_eq!(db.read_object_range(wrong, 0, &mut [0; 1000]).unwrap(), 1000);
    native_fault(db.get_object(sound.id), Status::ObjectNotFound);
}

#[test]
fn a_row_that_claims_to_be_empty_is_no_object_of_a_non_empty_id() {
    let sound = Sound::new();
    let scratch = Scratch::new();
    let path = sound.stored(&scratch, 0);
    edit(&path, "update _zova_objects set size_bytes = 0, chunk_count = 0; delete from _zova_object_chunks");
    let mut db = Database::open(&path).unwrap();
    assert_eq!((db.object_size(sound.id).unwrap(), db.object_chunk_count(sound.id).unwrap()), (0, 0));
    native_fault(db.get_object(sound.id), Status::ObjectCorrupt);
    native_fault(db.read_object_range(sound.id, 1, &mut [0; 5]), Status::ObjectRangeInvalid);
    assert_eq!(db.read_object_range(sound.id, 0, &mut [0; 5]).unwrap(), 0);
}

#[test]
fn the_empty_id_with_bytes_is_corrupt() {
    let sound = Sound::new();
    let scratch = Scratch::new();
    let path = sound.stored(&scratch, 0);
    let empty = ObjectId::from(sha256(b""));
    edit(
        &path,
        &format!(
            "update _zova_objects set object_id = {0}; update _zova_object_chunks set object_id = {0}",
            literal(empty.as_ref())
        ),
    );
    let mut db = Database::open(&path).unwrap();
    native_fault(db.get_object(empty), Status::ObjectCorrupt);
    let path = sound.stored(&scratch, 1);
    let mut db = Database::open(&path).unwrap();
    let id = db.put_object(b"").unwrap();
    edit(
        &path,
        &format!(
            "insert into _zova_object_chunks select {}, chunk_index, chunk_hash, offset, size_bytes from _zova_object_chunks",
            literal(id.as_ref())
        ),
    );
    native_fault(db.get_object(id), Status::ObjectCorrupt);
    assert_eq!(db.read_object_range(id, 0, &mut [0; 5]).unwrap(), 0);
}

#[test]
fn a_put_leaves_a_damaged_object_as_it_is_and_a_delete_removes_it() {
    let sound = Sound::new();
    let scratch = Scratch::new();
    let neighbour = bytes(43, 50_000);
    for (at, row) in table(&sound).into_iter().enumerate().filter(|(_, row)| row.get != SQLITE) {
        let path = sound.stored(&scratch, at);
        let mut db = Database::open(&path).unwrap();
        let neighbour_id = db.put_object(&neighbour).unwrap();
        edit(&path, &row.sql);
        let damaged = rows_unchecked(&path);
        if row.size == NOT_FOUND {
            native_fault(db.put_object(&sound.content), Status::Constraint);
            native_fault(db.delete_object(sound.id), Status::ObjectNotFound);
            assert_eq!(rows_unchecked(&path), damaged);
        } else {
            assert_eq!(db.put_object(&sound.content).unwrap(), sound.id, "{}", row.damage);
            assert_eq!(rows_unchecked(&path), damaged, "{}", row.damage);
            db.delete_object(sound.id).unwrap_or_else(|error| panic!("{error}: {}", row.damage));
            let (found, expected) = (rows(&path), rows_of(&[&neighbour]));
            assert_eq!(found.objects, expected.objects, "{}", row.damage);
            assert_eq!(found.entries, expected.entries, "{}", row.damage);
        }
        assert_eq!(db.get_object(neighbour_id).unwrap(), neighbour, "{}", row.damage);
    }
}

/// All private rows as text, whatever is in them.
fn rows_unchecked(path: &Path) -> Vec<String> {
    let connection = raw(path);
    ["_zova_objects", "_zova_chunks", "_zova_object_chunks"]
        .into_iter()
        .flat_map(|table| all_rows(&connection, table))
        .collect()
}

fn all_rows(connection: &Connection, table: &str) -> Vec<String> {
    let mut query = connection.prepare(&format!("select * from {table} order by rowid")).unwrap();
    let columns = query.column_count();
    query
        .query_map([], |row| {
            Ok((0..columns).map(|at| format!("{:?}|", row.get_ref(at).unwrap())).collect::<String>())
        })
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap()
}

const COLUMNS: [(&str, &str); 10] = [
    ("_zova_objects", "object_id"),
    ("_zova_objects", "size_bytes"),
    ("_zova_objects", "chunk_count"),
    ("_zova_objects", "chunker"),
    ("_zova_object_chunks", "chunk_index"),
    ("_zova_object_chunks", "chunk_hash"),
    ("_zova_object_chunks", "offset"),
    ("_zova_object_chunks", "size_bytes"),
    ("_zova_chunks", "size_bytes"),
    ("_zova_chunks", "data"),
];

const VALUES: [&str; 20] = [
    "0",
    "1",
    "-1",
    "2048",
    "65537",
    "9223372036854775807",
    "(-9223372036854775807 - 1)",
    "1.5",
    "1e300",
    "''",
    "'12'",
    "'text'",
    "x''",
    "x'00'",
    "zeroblob(32)",
    "zeroblob(70000)",
    "cast(x'ff00ff' as text)",
    "'fastcdc-v1' || char(0)",
    "(select max(chunk_hash) from _zova_chunks)",
    "(select max(offset) from _zova_object_chunks)",
];

/// Values of any type in any column of any row: nothing crashes, nothing loops, and no read hands out wrong bytes.
#[test]
fn arbitrary_values_in_the_rows_never_give_wrong_bytes() {
    let content = bytes(44, 60_000);
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    let id = db.put_object(&content).unwrap();
    db.exec("pragma ignore_check_constraints = on; pragma synchronous = off").unwrap();
    let edits = prop::collection::vec((0..COLUMNS.len(), 0..VALUES.len(), 0u8..8), 1..4);
    let config = Config { cases: 120, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let db = std::cell::RefCell::new(db);
    runner
        .run(&edits, |edits| {
            let mut db = db.borrow_mut();
            db.begin().unwrap();
            for (column, value, row) in edits {
                let (table, column) = COLUMNS[column];
                let sql = format!(
                    "update or replace {table} set {column} = {} where rowid = (select rowid from {table} limit 1 offset {row})",
                    VALUES[value]
                );
                db.exec(&sql).unwrap();
            }
            for _ in 0..2 {
                match db.get_object(id) {
                    Ok(found) => prop_assert!(found == content, "get gave other bytes"),
                    refused => prop_assert!(is_expected(refused)),
                }
                for (offset, length) in [(0, 10), (15_000, 30_000), (59_990, 10), (0, 60_000), (30_000, 60_000)] {
                    let mut buffer = vec![0; length];
                    match db.read_object_range(id, offset as u64, &mut buffer) {
                        Ok(copied) => {
                            let truth = &content[offset..content.len().min(offset + length)];
                            // A shorter answer would be a lie about the end, unless the row itself says so.
                            prop_assert!(truth.starts_with(&buffer[..copied]), "{offset}+{length}: other bytes");
                            prop_assert!(copied == truth.len() || db.object_size(id).ok() != Some(60_000));
                        }
                        refused => prop_assert!(is_expected(refused)),
                    }
                }
                drop((db.object_size(id), db.object_chunk_count(id), db.has_object(id)));
                // The second time behind what a put and a delete make of it.
                drop(db.put_object(&content));
            }
            drop(db.delete_object(id));
            db.rollback().unwrap();
            Ok(())
        })
        .unwrap();
    assert_eq!(db.borrow_mut().get_object(id).unwrap(), content);
}

fn is_expected<T: std::fmt::Debug>(refused: Result<T>) -> bool {
    let status = refused.as_ref().unwrap_err().status().expect("a status");
    fault(refused, status);
    matches!(
        status,
        Status::ObjectCorrupt | Status::ObjectNotFound | Status::ObjectRangeInvalid | Status::OutOfMemory
    )
}
