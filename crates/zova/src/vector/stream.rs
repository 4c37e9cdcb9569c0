//! Rows in the order of the table, for searches and copies without memory of them.
//!
//! A collection that has the table to itself, or most of it, is read by one pass over the table: over the pages of the
//! file as far as they hold the present content, from there on through SQLite. One that shares the table with many other
//! rows is looked up by row number, in ascending order within batches, after a pass over the key, which holds the
//! numbers.

use super::collection::Collection;
use super::fault::VectorFault;
use super::rows::{self, Damage};
use crate::error::Fault;
use crate::name::VectorName;
use crate::session::Storage;
use crate::sqlite::{Cached, Next, Sql, SqliteError, Stored, Value, columns};

/// Row numbers held at a time.
const BATCH: usize = 1 << 16;

/// Bytes of a record: two names and the values with a lot of room.
const LONGEST: usize = 256 * 1024;

/// Reading a row by its number costs about as much as passing by so many others.
const PASSED_PER_LOOKUP: u64 = 3;

const IS_ALONE: Sql =
    Sql("select (select collection_name from $._zova_vectors order by collection_name limit 1) = ?1 \
    and (select collection_name from $._zova_vectors order by collection_name desc limit 1) = ?1");
const SPAN: Sql =
    Sql("select (select max(rowid) from $._zova_vectors) - (select min(rowid) from $._zova_vectors)");
const ROOT: Sql = Sql("select rootpage from $.sqlite_schema where type = 'table' and name = '_zova_vectors'");
const SCAN: Sql = Sql("select vector_id, dimensions, \"values\" from $._zova_vectors not indexed \
    where rowid >= ?2 and collection_name = ?1");
/// As [`SCAN`], where all rows are of one collection.
const SCAN_ALL: Sql =
    Sql("select vector_id, dimensions, \"values\" from $._zova_vectors not indexed where rowid >= ?2");
const ROWS: Sql = Sql("select rowid from $._zova_vectors where collection_name = ?1");
const ROW_OF: Sql = Sql("select rowid from $._zova_vectors where collection_name = ?1 and vector_id = ?2");
const ROW: Sql = Sql("select vector_id, dimensions, \"values\" from $._zova_vectors where rowid = ?1");

/// A row as it passes by.
pub(super) enum Row<'r, 's> {
    /// Under a cursor of SQLite.
    Selected(&'r mut Cached<'s>),
    /// Found in the file: id and values, the number of which is right.
    Found(&'r [u8], &'r [u8]),
}

impl Row<'_, '_> {
    /// The bytes of its id.
    pub(super) fn id(&mut self) -> Result<&[u8], SqliteError> {
        match self {
            Self::Selected(cursor) => Ok(cursor.text(0)?.unwrap_or_default()),
            Self::Found(id, _) => Ok(id),
        }
    }

    /// Reads its values; their number is right, the rest is unchecked.
    pub(super) fn read(
        &mut self,
        dimensions: usize,
        values: &mut Vec<f32>,
    ) -> Result<Result<(), Damage>, SqliteError> {
        match self {
            Self::Selected(cursor) => rows::read(cursor, 1, dimensions, values),
            Self::Found(_, bytes) => {
                rows::decode(bytes, values);
                Ok(Ok(()))
            }
        }
    }

    /// The fault of a damaged row.
    pub(super) fn fault(&mut self, collection: Collection<'_>, damage: Damage) -> Fault {
        let id = self.id().map(|id| String::from_utf8_lossy(id).into_owned()).unwrap_or_default();
        VectorFault::Corrupt { collection: collection.name.to_string(), id, damage: damage.0 }.into()
    }
}

/// Hands every row of the collection to `visit`, which says whether to go on.
pub(super) fn all<'s>(
    storage: Storage<'s>,
    collection: Collection<'_>,
    action: &'static str,
    mut visit: impl FnMut(&mut Row<'_, 's>) -> Result<bool, Fault>,
) -> Result<(), Fault> {
    let failed = |error| Fault::Native { action, error };
    let key = [Value::Text(collection.name.as_str())];
    let share = share(storage, collection).map_err(failed)?;
    if share != Share::Some {
        let Some(rest) = in_file(storage, collection, action, &mut visit)? else { return Ok(()) };
        let sql = if share == Share::All { SCAN_ALL } else { SCAN };
        let mut cursor = storage.query(sql, &[key[0], Value::Integer(rest)]).map_err(failed)?;
        while cursor.step().map_err(failed)? {
            if !visit(&mut Row::Selected(&mut cursor))? {
                return Ok(());
            }
        }
        return Ok(());
    }
    let mut numbers = storage.query(ROWS, &key).map_err(failed)?;
    loop {
        let mut batch = Vec::new();
        while batch.len() < BATCH && numbers.step().map_err(failed)? {
            batch.push(numbers.integer(0));
        }
        if batch.is_empty() || !by_number(storage, &mut batch, action, &mut visit)? {
            return Ok(());
        }
        if batch.len() < BATCH {
            return Ok(());
        }
    }
}

/// Hands the rows of the collection that the pages of the file show plainly to `visit`, which says whether to go on.
/// Gives the number from which on SQLite is to read; `None` if nothing is left to do.
fn in_file<'s>(
    storage: Storage<'s>,
    collection: Collection<'_>,
    action: &'static str,
    visit: &mut impl FnMut(&mut Row<'_, 's>) -> Result<bool, Fault>,
) -> Result<Option<i64>, Fault> {
    let (name, dimensions) = (collection.name.as_str().as_bytes(), collection.dimensions);
    storage.rows_in_file(ROOT, LONGEST, action, |record| {
        let Some([Stored::Text(of), Stored::Text(id), Stored::Integer(stored), Stored::Blob(values)]) =
            columns(record)
        else {
            return Ok(Next::Doubt);
        };
        if of != name {
            return Ok(Next::Row);
        }
        if stored != dimensions as i64 || values.len() != dimensions * 4 {
            return Ok(Next::Doubt);
        }
        Ok(if visit(&mut Row::Found(id, values))? { Next::Row } else { Next::Stop })
    })
}

/// Hands the rows of these ids to `visit`, which says whether to go on. Ids without a row are left out.
///
/// Cost: two look-ups per id, the second ones in the order of the table.
pub(super) fn some<'s>(
    storage: Storage<'s>,
    collection: Collection<'_>,
    ids: &[VectorName<'_>],
    action: &'static str,
    visit: impl FnMut(&mut Row<'_, 's>) -> Result<bool, Fault>,
) -> Result<(), Fault> {
    let failed = |error| Fault::Native { action, error };
    let mut numbers = Vec::with_capacity(ids.len());
    let mut cursor = storage.query(ROW_OF, &[]).map_err(failed)?;
    for id in ids {
        cursor.restart(&[Value::Text(collection.name.as_str()), Value::Text(id.as_str())]).map_err(failed)?;
        if cursor.step().map_err(failed)? {
            numbers.push(cursor.integer(0));
        }
    }
    drop(cursor);
    by_number(storage, &mut numbers, action, visit)?;
    Ok(())
}

/// False if `visit` did not want to go on.
fn by_number<'s>(
    storage: Storage<'s>,
    numbers: &mut [i64],
    action: &'static str,
    mut visit: impl FnMut(&mut Row<'_, 's>) -> Result<bool, Fault>,
) -> Result<bool, Fault> {
    let failed = |error| Fault::Native { action, error };
    numbers.sort_unstable();
    let mut cursor = storage.query(ROW, &[]).map_err(failed)?;
    for number in numbers {
        cursor.restart(&[Value::Integer(*number)]).map_err(failed)?;
        if cursor.step().map_err(failed)? && !visit(&mut Row::Selected(&mut cursor))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// How much of the table belongs to a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Share {
    All,
    Most,
    Some,
}

fn share(storage: Storage<'_>, collection: Collection<'_>) -> Result<Share, SqliteError> {
    let mut alone = storage.query(IS_ALONE, &[Value::Text(collection.name.as_str())])?;
    if alone.step()? && alone.integer(0) == 1 {
        return Ok(Share::All);
    }
    let mut span = storage.query(SPAN, &[])?;
    span.step()?;
    let rows = span.integer(0).unsigned_abs();
    let most = rows <= collection.count(storage)?.saturating_mul(PASSED_PER_LOOKUP);
    Ok(if most { Share::Most } else { Share::Some })
}
