//! The stored chunks of an object in order, each verified before it is used.

use std::cmp::Ordering;

use super::id::{Hasher, ObjectChunkId, ObjectId};
use super::rows::{Entry, ObjectRow, chunk_id, empty_object};
use super::store::Shape;
use crate::error::Fault;
use crate::session::Storage;
use crate::sqlite::{Cached, Sql, SqliteError, Value};

const ENTRY: Sql = Sql("select offset, size_bytes from $._zova_object_chunks \
    where object_id = ?1 and chunk_index = ?2");
const ENTRIES: Sql = Sql("select m.chunk_index, m.offset, m.size_bytes, m.chunk_hash, c.size_bytes \
    from $._zova_object_chunks as m left join $._zova_chunks as c on c.chunk_hash = m.chunk_hash \
    where m.object_id = ?1 order by m.chunk_index");
const CHUNKS_FROM: Sql =
    Sql("select m.chunk_index, m.offset, m.size_bytes, m.chunk_hash, c.size_bytes, c.data \
    from $._zova_object_chunks as m left join $._zova_chunks as c on c.chunk_hash = m.chunk_hash \
    where m.object_id = ?1 and m.chunk_index >= ?2 order by m.chunk_index");

/// The manifests of all objects, one after the other. A statement reads the columns it names when it is stepped, so the
/// chunks' bytes are not among them.
const ALL_ENTRIES: Sql =
    Sql("select m.chunk_index, m.offset, m.size_bytes, m.chunk_hash, c.size_bytes, c.rowid, m.object_id \
    from $._zova_object_chunks as m left join $._zova_chunks as c on c.chunk_hash = m.chunk_hash \
    order by m.object_id, m.chunk_index");
const CHUNK_ROW: Sql = Sql("select data from $._zova_chunks where rowid = ?1");

/// Where a chunk stands in an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) index: u64,
    pub(super) entry: Entry,
}

/// A walk over an object's manifest from one of its chunks on, or over the manifests of all objects.
pub(super) struct Source<'s> {
    rows: Cached<'s>,
    walk: Walk<'s>,
    id: ObjectId,
    action: &'static str,
    next_index: u64,
    next_offset: u64,
    ended: bool,
}

/// What the rows of a [`Source`] are.
enum Walk<'s> {
    /// Those of one object.
    One,
    /// Those of all objects by id. The row it stands on may be that of a later object; the chunks' bytes are read by
    /// another statement.
    All { stands: bool, bytes: Cached<'s> },
}

impl<'s> Source<'s> {
    /// The chunks of all objects. [`Source::turn_to`] comes before the first of each object.
    pub(super) fn all(storage: Storage<'s>, action: &'static str) -> Result<Self, Fault> {
        let failed = |error| Fault::Native { action, error };
        let rows = storage.query(ALL_ENTRIES, &[]).map_err(failed)?;
        let bytes = storage.query(CHUNK_ROW, &[]).map_err(failed)?;
        let walk = Walk::All { stands: false, bytes };
        Ok(Self { rows, walk, id: empty_object(), action, next_index: 0, next_offset: 0, ended: false })
    }

    /// Goes on with the manifest of this object, whose id is higher than that of every one before. Rows in between
    /// belong to no object.
    pub(super) fn turn_to(&mut self, id: ObjectId) {
        (self.id, self.next_index, self.next_offset) = (id, 0, 0);
    }

    /// The next row of the object; `false` if there is none.
    fn step(&mut self) -> Result<bool, SqliteError> {
        let Walk::All { stands, .. } = &mut self.walk else { return self.rows.step() };
        loop {
            if !*stands && !self.rows.step()? {
                return Ok(false);
            }
            let order = self.rows.bytes(6)?.cmp(&self.id.as_ref()[..]);
            *stands = order == Ordering::Greater;
            if order != Ordering::Less {
                return Ok(order == Ordering::Equal);
            }
        }
    }

    /// The whole manifest, without the chunks' bytes.
    pub(super) fn manifest(storage: Storage<'s>, id: ObjectId, action: &'static str) -> Result<Self, Fault> {
        let rows = storage
            .query(ENTRIES, &[Value::Blob(id.as_ref())])
            .map_err(|error| Fault::Native { action, error })?;
        Ok(Self { rows, walk: Walk::One, id, action, next_index: 0, next_offset: 0, ended: false })
    }

    /// All chunks with their bytes.
    pub(super) fn chunks(storage: Storage<'s>, id: ObjectId, action: &'static str) -> Result<Self, Fault> {
        let rows = storage
            // From the lowest index there can be: a row in front of the first chunk is damage to be found.
            .query(CHUNKS_FROM, &[Value::Blob(id.as_ref()), Value::Integer(i64::MIN)])
            .map_err(|error| Fault::Native { action, error })?;
        Ok(Self { rows, walk: Walk::One, id, action, next_index: 0, next_offset: 0, ended: false })
    }

    /// The chunks with their bytes from the one at `first` on, which must begin where the one before it ends.
    pub(super) fn chunks_from(
        storage: Storage<'s>,
        id: ObjectId,
        first: Place,
        action: &'static str,
    ) -> Result<Self, Fault> {
        let failed = |error| Fault::Native { action, error };
        let before = first.index.saturating_sub(1);
        let mut rows = storage
            .query(CHUNKS_FROM, &[Value::Blob(id.as_ref()), Value::Integer(before as i64)])
            .map_err(failed)?;
        let starts = if first.index == 0 {
            Some(0)
        } else if rows.step().map_err(failed)? && u64::try_from(rows.integer(0)) == Ok(before) {
            Entry::read(&mut rows, 1, 2).map(Entry::end)
        } else {
            None
        };
        let (next_index, next_offset) = (first.index, first.entry.offset);
        let source = Self { rows, walk: Walk::One, id, action, next_index, next_offset, ended: false };
        if starts == Some(first.entry.offset) {
            Ok(source)
        } else {
            Err(source.damaged(first.index, "does not begin where the one before it ends"))
        }
    }

    fn damaged(&self, index: u64, what: &str) -> Fault {
        Fault::corrupt(self.id, format!("chunk {index} {what}"))
    }

    /// The next entry, checked against its neighbour and its chunk's row; `None` behind the last one.
    pub(super) fn next_entry(&mut self) -> Result<Option<(Place, ObjectChunkId)>, Fault> {
        let action = self.action;
        let failed = |error| Fault::Native { action, error };
        // A statement that is stepped again behind its last row would start from the first.
        if self.ended {
            return Ok(None);
        }
        if !self.step().map_err(failed)? {
            self.ended = !matches!(self.walk, Walk::All { stands: true, .. });
            return Ok(None);
        }
        let index = self.next_index;
        let in_order = u64::try_from(self.rows.integer(0)) == Ok(index);
        let entry = Entry::read(&mut self.rows, 1, 2)
            .filter(|entry| in_order && entry.offset == self.next_offset)
            .ok_or_else(|| self.damaged(index, "is missing from its list of chunks, or out of order"))?;
        let chunk = chunk_id(&mut self.rows, 3).map_err(failed)?;
        let chunk = chunk.ok_or_else(|| self.damaged(index, "has no valid hash"))?;
        if self.rows.integer(4) != entry.size as i64 {
            return Err(self.damaged(index, "is not stored, or has another size"));
        }
        (self.next_index, self.next_offset) = (index + 1, entry.end());
        Ok(Some((Place { index, entry }, chunk)))
    }

    /// As [`Source::next_entry`], where there must be one.
    pub(super) fn expect_entry(&mut self) -> Result<(Place, ObjectChunkId), Fault> {
        let entry = self.next_entry()?;
        entry.ok_or_else(|| self.damaged(self.next_index, "is missing from its list of chunks"))
    }

    /// The next chunk with its bytes, verified against its hash. There must be one.
    pub(super) fn next_chunk(&mut self) -> Result<(Place, &[u8]), Fault> {
        let (place, chunk) = self.expect_entry()?;
        Ok((place, self.entry_bytes(place, chunk)?))
    }

    /// The bytes of the entry just given, verified against its hash.
    fn entry_bytes(&mut self, place: Place, chunk: ObjectChunkId) -> Result<&[u8], Fault> {
        let id = self.id;
        let bytes = self.unverified_bytes(place)?;
        if ObjectChunkId::of(bytes) == chunk { Ok(bytes) } else { Err(wrong_chunk(id, place)) }
    }

    /// The bytes of the entry just given, of which nothing but their number is known.
    pub(super) fn unverified_bytes(&mut self, place: Place) -> Result<&[u8], Fault> {
        let (id, action) = (self.id, self.action);
        let failed = |error| Fault::Native { action, error };
        let bytes = match &mut self.walk {
            Walk::One => self.rows.bytes(5),
            Walk::All { bytes, .. } => {
                bytes.restart(&[Value::Integer(self.rows.integer(5))]).map_err(failed)?;
                bytes.step().map_err(failed)?;
                bytes.bytes(0)
            }
        }
        .map_err(failed)?;
        if bytes.len() == place.entry.size { Ok(bytes) } else { Err(wrong_chunk(id, place)) }
    }

    /// The walk is over: there must be exactly as many chunks as the object's row says.
    pub(super) fn require_end(&mut self, object: &ObjectRow<'_>) -> Result<(), Fault> {
        self.require_end_of(object.shape())
    }

    /// As [`Source::require_end`].
    pub(super) fn require_end_of(&mut self, shape: Shape) -> Result<(), Fault> {
        if self.next_entry()?.is_none()
            && self.next_index == shape.chunk_count
            && self.next_offset == shape.size
        {
            Ok(())
        } else {
            Err(Fault::corrupt(self.id, "its list of chunks does not end where the object does"))
        }
    }
}

#[cold]
fn wrong_chunk(id: ObjectId, place: Place) -> Fault {
    Fault::corrupt(id, format!("chunk {} does not hash to its id", place.index))
}

/// Reads and verifies a whole object in bounded memory, handing each verified chunk to `use_chunk`.
///
/// The object's own hash is known only behind the last chunk: whoever publishes the bytes does so after success.
pub(super) fn verify(
    storage: Storage<'_>,
    id: ObjectId,
    object: &ObjectRow<'_>,
    action: &'static str,
    mut use_chunk: impl FnMut(&[u8]) -> Result<(), Fault>,
) -> Result<(), Fault> {
    object.require_plausible(id)?;
    let mut whole = Hasher::default();
    let mut source = Source::chunks(storage, id, action)?;
    let mut position = 0;
    while position < object.size {
        let (place, bytes) = source.next_chunk()?;
        whole.update(bytes);
        position = place.entry.end();
        use_chunk(bytes)?;
    }
    source.require_end(object)?;
    if whole.finish() == *id.as_ref() { Ok(()) } else { Err(wrong_hash(id)) }
}

/// An object's chunks are sound but are not those of the object.
pub(super) fn wrong_hash(id: ObjectId) -> Fault {
    Fault::corrupt(id, "its bytes do not hash to its id")
}

/// The chunk that holds the byte at `offset`, which lies inside the object: a search over the manifest's key. It
/// looks at `hint` first, then guesses from the offset where the chunk should be, and halves what is left whenever a
/// guess was poor.
///
/// Cost: usually two or three key look-ups, at most twice the binary logarithm of the number of chunks.
pub(super) fn find_chunk(
    storage: Storage<'_>,
    id: ObjectId,
    object: &ObjectRow<'_>,
    offset: u64,
    hint: Option<u64>,
    action: &'static str,
) -> Result<Place, Fault> {
    let failed = |error| Fault::Native { action, error };
    let damaged = || Fault::corrupt(id, "its list of chunks is not in order");
    let mut row = storage.query(ENTRY, &[]).map_err(failed)?;
    // The byte lies in one of the chunks low..high, which cover the bytes low_offset..high_offset.
    let (mut low, mut high) = (0, object.chunk_count);
    let (mut low_offset, mut high_offset) = (0, object.size);
    let mut guess = hint;
    let mut halve = true;
    while low < high && (low_offset..high_offset).contains(&offset) {
        let index = guess.take().unwrap_or_else(|| {
            halve = !halve;
            if halve {
                return low + (high - low) / 2;
            }
            let share = u128::from(offset - low_offset) * u128::from(high - low);
            low + (share / u128::from(high_offset - low_offset)) as u64
        });
        let index = index.clamp(low, high - 1);
        row.restart(&[Value::Blob(id.as_ref()), Value::Integer(index as i64)]).map_err(failed)?;
        if !row.step().map_err(failed)? {
            return Err(damaged());
        }
        let entry = Entry::read(&mut row, 0, 1).ok_or_else(damaged)?;
        if entry.contains(offset) {
            return Ok(Place { index, entry });
        } else if offset < entry.offset {
            (high, high_offset) = (index, entry.offset);
        } else {
            (low, low_offset) = (index + 1, entry.end());
        }
    }
    Err(damaged())
}
