//! The rows an object is stored in, as read from the file: nothing about them is taken for granted.

use crate::error::Fault;
use crate::object::chunker;
use crate::object::id::{ObjectChunkId, ObjectId};
use crate::object::store::Shape;
use crate::session::Storage;
use crate::sqlite::{Cached, Sql, SqliteError, Value};

/// The one chunking scheme of format version 5, also written for objects whose boundaries are foreign.
pub(super) const CHUNKER: &str = "fastcdc-v1";

const OBJECT: Sql = Sql("select size_bytes, chunk_count, chunker from $._zova_objects where object_id = ?1");

const EXISTS: Sql = Sql("select 1 from $._zova_objects where object_id = ?1");

/// True if an object has a row, whatever the row says.
pub(super) fn object_exists(storage: Storage<'_>, id: ObjectId) -> Result<bool, SqliteError> {
    storage.query(EXISTS, &[Value::Blob(id.as_ref())])?.step()
}

/// What the row of an object says about it.
pub(super) struct ObjectRow<'s> {
    pub(super) size: u64,
    pub(super) chunk_count: u64,
    /// Keeps the read transaction open, so that everything read while it lives is of one moment.
    _snapshot: Cached<'s>,
}

impl<'s> ObjectRow<'s> {
    /// Reads and checks the row; `None` if there is none.
    pub(super) fn find(
        storage: Storage<'s>,
        id: ObjectId,
        action: &'static str,
    ) -> Result<Option<Self>, Fault> {
        let failed = |error| Fault::Native { action, error };
        let mut row = storage.query(OBJECT, &[Value::Blob(id.as_ref())]).map_err(failed)?;
        if !row.step().map_err(failed)? {
            return Ok(None);
        }
        let Shape { size, chunk_count } = Shape::read(&mut row, 0, id, action)?;
        Ok(Some(Self { size, chunk_count, _snapshot: row }))
    }

    pub(super) fn shape(&self) -> Shape {
        Shape { size: self.size, chunk_count: self.chunk_count }
    }

    /// As [`ObjectRow::find`], for calls that need the object.
    pub(super) fn get(storage: Storage<'s>, id: ObjectId, action: &'static str) -> Result<Self, Fault> {
        Self::find(storage, id, action)?.ok_or(Fault::ObjectNotFound(id))
    }

    /// Size and chunk count must be able to belong together; checked before memory is reserved for the size.
    pub(super) fn require_plausible(&self, id: ObjectId) -> Result<(), Fault> {
        self.shape().require_plausible(id)
    }
}

impl Shape {
    /// Reads size, chunk count and chunking scheme from the columns from `column` on.
    pub(super) fn read(
        row: &mut Cached<'_>,
        column: i32,
        id: ObjectId,
        action: &'static str,
    ) -> Result<Self, Fault> {
        let (size, chunk_count) =
            (u64::try_from(row.integer(column)), u64::try_from(row.integer(column + 1)));
        let chunker = row.text(column + 2).map_err(|error| Fault::Native { action, error })?;
        match (size, chunk_count) {
            (Ok(size), Ok(chunk_count)) if chunker == Some(CHUNKER.as_bytes()) => {
                Ok(Self { size, chunk_count })
            }
            (Ok(_), Ok(_)) => Err(Fault::corrupt(id, "its chunking scheme is unknown")),
            _ => Err(Fault::corrupt(id, "its stored size or chunk count is negative")),
        }
    }

    /// See [`ObjectRow::require_plausible`].
    pub(super) fn require_plausible(self, id: ObjectId) -> Result<(), Fault> {
        let empty = id == empty_object();
        let largest = self.chunk_count.saturating_mul(chunker::MAX_SIZE as u64);
        if (self.chunk_count..=largest).contains(&self.size) && empty == (self.size == 0) {
            Ok(())
        } else {
            Err(Fault::corrupt(id, format!("{} bytes in {} chunks", self.size, self.chunk_count)))
        }
    }
}

/// One entry of a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) offset: u64,
    pub(super) size: usize,
}

impl Entry {
    /// Reads offset and size from two columns of a row.
    pub(super) fn read(row: &mut Cached<'_>, offset: i32, size: i32) -> Option<Self> {
        let offset = u64::try_from(row.integer(offset)).ok()?;
        let size =
            usize::try_from(row.integer(size)).ok().filter(|size| (1..=chunker::MAX_SIZE).contains(size))?;
        Some(Self { offset, size })
    }

    pub(super) fn end(self) -> u64 {
        self.offset.saturating_add(self.size as u64)
    }

    pub(super) fn contains(self, offset: u64) -> bool {
        (self.offset..self.end()).contains(&offset)
    }
}

/// The chunk id in a column, if it is one.
pub(super) fn chunk_id(row: &mut Cached<'_>, column: i32) -> Result<Option<ObjectChunkId>, SqliteError> {
    Ok(<[u8; 32]>::try_from(row.bytes(column)?).ok().map(ObjectChunkId::from))
}

/// The id of the empty object, which has no chunks.
pub(super) fn empty_object() -> ObjectId {
    ObjectId::of(b"")
}
