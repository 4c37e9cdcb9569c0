//! `zova_objects` and `zova_object_chunks`: what is stored, as read-only SQL tables, so that SQL can join the
//! application's rows with facts of the storage.
//!
//! Rows are fetched in batches by key, so a scan holds no statement open and sees what the connection has written
//! meanwhile.

use std::collections::VecDeque;
use std::ffi::{CStr, c_int};

use crate::error::Fault;
use crate::session::Storage;
use crate::sqlite::{
    Argument, Cached, Column, Estimate, Link, Linked, Output, Request, Role, Rows, Sql, SqliteError,
    TableFunction, Value, register_table,
};

/// Rows fetched at a time.
const BATCH: i64 = 256;

/// Makes both tables known to the connection.
pub(crate) fn register(link: &Link) -> Result<(), SqliteError> {
    register_table(link, Objects)?;
    register_table(link, Chunks)
}

/// SQLite's message without the names of private tables.
fn in_our_words(error: SqliteError) -> SqliteError {
    let code = error.code;
    let message = Fault::Native { action: "read the stored objects", error }.to_string();
    SqliteError { code, message }
}

/// The value of a key column, if the query gives one that can be an id; `Err` if none can be equal to it.
fn id_argument(argument: Argument<'_>) -> Result<Option<Vec<u8>>, ()> {
    match argument {
        Argument::Null => Ok(None),
        Argument::Blob(id) => Ok(Some(id.to_vec())),
        _ => Err(()),
    }
}

/// `zova_objects(object_id, size_bytes, chunk_count)`: one row per object, in no promised order.
struct Objects;

const OBJECTS_AFTER: Sql = Sql("select rowid, object_id, size_bytes, chunk_count from $._zova_objects \
    where rowid > ?1 order by rowid limit ?2");
const OBJECT: Sql = Sql("select rowid, object_id, size_bytes, chunk_count from $._zova_objects \
    where rowid > ?1 and object_id = ?3 limit ?2");

struct ObjectFacts {
    rowid: i64,
    id: Vec<u8>,
    size: i64,
    chunk_count: i64,
}

struct ObjectRows {
    wanted: Option<Vec<u8>>,
    batch: Batch<ObjectFacts>,
}

impl TableFunction for Objects {
    const NAME: &'static CStr = c"zova_objects";
    const COLUMNS: &'static [Column] = &[
        Column::new("object_id", "blob", Role::Key),
        Column::new("size_bytes", "integer", Role::Result),
        Column::new("chunk_count", "integer", Role::Result),
    ];
    const ORDERED_BY: &'static [c_int] = &[];
    type Rows = ObjectRows;

    fn estimate(supplied: u32) -> Estimate {
        if supplied & 1 == 0 {
            Estimate { cost: 1e6, rows: 100_000 }
        } else {
            Estimate { cost: 10.0, rows: 1 }
        }
    }

    fn scan(&self, _: &Linked, request: &Request<'_>) -> Result<ObjectRows, SqliteError> {
        Ok(match id_argument(request.argument(0)) {
            Ok(wanted) => ObjectRows { wanted, batch: Batch::default() },
            Err(()) => ObjectRows { wanted: None, batch: Batch::exhausted() },
        })
    }
}

impl Rows for ObjectRows {
    fn advance(&mut self, linked: &Linked) -> Result<bool, SqliteError> {
        let wanted = &self.wanted;
        self.batch.advance(|after, facts| {
            let storage = Storage::linked(linked);
            let (from, limit) =
                (Value::Integer(after.map_or(i64::MIN, |last| last.rowid)), Value::Integer(BATCH));
            let mut rows = match wanted {
                None => storage.query(OBJECTS_AFTER, &[from, limit])?,
                Some(id) => storage.query(OBJECT, &[from, limit, Value::Blob(id)])?,
            };
            while rows.step()? {
                facts.push_back(ObjectFacts {
                    rowid: rows.integer(0),
                    id: rows.bytes(1)?.to_vec(),
                    size: rows.integer(2),
                    chunk_count: rows.integer(3),
                });
            }
            Ok(())
        })
    }

    fn column(&mut self, _: &Linked, column: usize, output: &mut Output<'_>) -> Result<(), SqliteError> {
        match (self.batch.current.as_ref(), column) {
            (Some(object), 0) => output.blob(&object.id),
            (Some(object), 1) => output.integer(object.size),
            (Some(object), 2) => output.integer(object.chunk_count),
            _ => {}
        }
        Ok(())
    }

    fn rowid(&self) -> i64 {
        self.batch.current.as_ref().map_or(0, |object| object.rowid)
    }
}

/// `zova_object_chunks(object_id, chunk_index, chunk_hash, byte_offset, size_bytes, reference_count)`: one row per
/// chunk of each object, and one per chunk that no object uses, whose first two columns and offset are NULL.
/// `reference_count` is how many chunks of objects it is, over all objects.
struct Chunks;

const ENTRIES_AFTER: Sql = Sql("select rowid, object_id, chunk_index, chunk_hash, offset, size_bytes \
    from $._zova_object_chunks where rowid > ?1 order by rowid limit ?2");
const ENTRIES_OF_OBJECT: Sql = Sql("select rowid, object_id, chunk_index, chunk_hash, offset, size_bytes \
    from $._zova_object_chunks where object_id = ?3 and chunk_index > ?1 order by chunk_index limit ?2");
const ENTRIES_OF_CHUNK: Sql = Sql("select rowid, object_id, chunk_index, chunk_hash, offset, size_bytes \
    from $._zova_object_chunks where chunk_hash = ?3 and rowid > ?1 order by rowid limit ?2");
const LOOSE_AFTER: Sql =
    Sql("select rowid, chunk_hash, size_bytes from $._zova_chunks as c where rowid > ?1 \
    and not exists (select 1 from $._zova_object_chunks as m where m.chunk_hash = c.chunk_hash) \
    order by rowid limit ?2");
const LOOSE: Sql = Sql("select rowid, chunk_hash, size_bytes from $._zova_chunks as c where rowid > ?1 \
    and chunk_hash = ?3 \
    and not exists (select 1 from $._zova_object_chunks as m where m.chunk_hash = c.chunk_hash) limit ?2");
const REFERENCES: Sql = Sql("select count(*) from $._zova_object_chunks where chunk_hash = ?1");

const OBJECT_ID: usize = 0;
const CHUNK_HASH: usize = 2;

struct ChunkFacts {
    rowid: i64,
    /// Object, index and offset; `None` for a chunk no object uses.
    use_: Option<(Vec<u8>, i64, i64)>,
    hash: Vec<u8>,
    size: i64,
}

struct ChunkRows {
    object: Option<Vec<u8>>,
    chunk: Option<Vec<u8>>,
    entries: Batch<ChunkFacts>,
    loose: Batch<ChunkFacts>,
    on_loose: bool,
}

impl TableFunction for Chunks {
    const NAME: &'static CStr = c"zova_object_chunks";
    const COLUMNS: &'static [Column] = &[
        Column::new("object_id", "blob", Role::Key),
        Column::new("chunk_index", "integer", Role::Result),
        Column::new("chunk_hash", "blob", Role::Key),
        Column::new("byte_offset", "integer", Role::Result),
        Column::new("size_bytes", "integer", Role::Result),
        Column::new("reference_count", "integer", Role::Result),
    ];
    const ORDERED_BY: &'static [c_int] = &[];
    type Rows = ChunkRows;

    fn estimate(supplied: u32) -> Estimate {
        match (supplied & 1 << OBJECT_ID, supplied & 1 << CHUNK_HASH) {
            (0, 0) => Estimate { cost: 1e7, rows: 1_000_000 },
            (_, 0) => Estimate { cost: 100.0, rows: 100 },
            _ => Estimate { cost: 20.0, rows: 2 },
        }
    }

    fn scan(&self, _: &Linked, request: &Request<'_>) -> Result<ChunkRows, SqliteError> {
        let (object, chunk) =
            (id_argument(request.argument(OBJECT_ID)), id_argument(request.argument(CHUNK_HASH)));
        let possible = object.is_ok() && chunk.is_ok();
        let (object, chunk) = (object.unwrap_or_default(), chunk.unwrap_or_default());
        let batch = |wanted: bool| if wanted { Batch::default() } else { Batch::exhausted() };
        let loose = batch(possible && object.is_none());
        Ok(ChunkRows { object, chunk, entries: batch(possible), loose, on_loose: false })
    }
}

impl ChunkRows {
    fn current(&self) -> Option<&ChunkFacts> {
        if self.on_loose { self.loose.current.as_ref() } else { self.entries.current.as_ref() }
    }
}

impl Rows for ChunkRows {
    fn advance(&mut self, linked: &Linked) -> Result<bool, SqliteError> {
        let storage = Storage::linked(linked);
        let limit = Value::Integer(BATCH);
        let (object, chunk) = (&self.object, &self.chunk);
        let more = self.entries.advance(|after, facts| {
            let rowid = Value::Integer(after.map_or(i64::MIN, |last| last.rowid));
            let mut rows = match (object, chunk) {
                (Some(object), _) => {
                    let index = after.and_then(|last| last.use_.as_ref()).map_or(-1, |(_, index, _)| *index);
                    storage.query(ENTRIES_OF_OBJECT, &[Value::Integer(index), limit, Value::Blob(object)])?
                }
                (None, Some(chunk)) => {
                    storage.query(ENTRIES_OF_CHUNK, &[rowid, limit, Value::Blob(chunk)])?
                }
                (None, None) => storage.query(ENTRIES_AFTER, &[rowid, limit])?,
            };
            while rows.step()? {
                facts.push_back(ChunkFacts {
                    rowid: rows.integer(0),
                    use_: Some((rows.bytes(1)?.to_vec(), rows.integer(2), rows.integer(4))),
                    hash: rows.bytes(3)?.to_vec(),
                    size: rows.integer(5),
                });
            }
            Ok(())
        })?;
        if more {
            return Ok(true);
        }
        self.on_loose = true;
        self.loose.advance(|after, facts| {
            let rowid = Value::Integer(after.map_or(i64::MIN, |last| last.rowid));
            let mut rows = match chunk {
                Some(chunk) => storage.query(LOOSE, &[rowid, limit, Value::Blob(chunk)])?,
                None => storage.query(LOOSE_AFTER, &[rowid, limit])?,
            };
            while rows.step()? {
                facts.push_back(loose_facts(&mut rows)?);
            }
            Ok(())
        })
    }

    fn column(&mut self, linked: &Linked, column: usize, output: &mut Output<'_>) -> Result<(), SqliteError> {
        let Some(chunk) = self.current() else { return Ok(()) };
        match (column, &chunk.use_) {
            (OBJECT_ID, Some((object, _, _))) => output.blob(object),
            (1, Some((_, index, _))) => output.integer(*index),
            (CHUNK_HASH, _) => output.blob(&chunk.hash),
            (3, Some((_, _, offset))) => output.integer(*offset),
            (4, _) => output.integer(chunk.size),
            (5, _) => output.integer(references(linked, &chunk.hash).map_err(in_our_words)?),
            _ => {}
        }
        Ok(())
    }

    fn rowid(&self) -> i64 {
        // Loose chunks after all entries: both kinds of rows count from 1.
        self.current().map_or(0, |chunk| if self.on_loose { -chunk.rowid } else { chunk.rowid })
    }
}

fn loose_facts(row: &mut Cached<'_>) -> Result<ChunkFacts, SqliteError> {
    Ok(ChunkFacts { rowid: row.integer(0), use_: None, hash: row.bytes(1)?.to_vec(), size: row.integer(2) })
}

fn references(linked: &Linked, hash: &[u8]) -> Result<i64, SqliteError> {
    let mut row = Storage::linked(linked).query(REFERENCES, &[Value::Blob(hash)])?;
    Ok(if row.step()? { row.integer(0) } else { 0 })
}

/// Rows fetched ahead, and the one a scan is at.
struct Batch<F> {
    current: Option<F>,
    ahead: VecDeque<F>,
    exhausted: bool,
}

impl<F> Default for Batch<F> {
    fn default() -> Self {
        Self { current: None, ahead: VecDeque::new(), exhausted: false }
    }
}

impl<F> Batch<F> {
    fn exhausted() -> Self {
        Self { exhausted: true, ..Self::default() }
    }

    /// Goes to the next row; `fetch` is given the last one fetched and adds those behind it, none at the end.
    fn advance(
        &mut self,
        fetch: impl FnOnce(Option<&F>, &mut VecDeque<F>) -> Result<(), SqliteError>,
    ) -> Result<bool, SqliteError> {
        if self.ahead.is_empty() && !self.exhausted {
            fetch(self.current.as_ref(), &mut self.ahead).map_err(in_our_words)?;
            self.exhausted = self.ahead.len() < BATCH as usize;
        }
        self.current = self.ahead.pop_front();
        Ok(self.current.is_some())
    }
}
