//! Manifests: which chunks make up an object.

use super::chunk::with_chunk;
use super::chunker;
use super::id::{Hasher, ObjectChunkId, ObjectId};
use super::rows::{CHUNKER, Entry, ObjectRow, empty_object};
use super::source::{Place, Source, verify};
use super::store::{Shape, insert_entry, insert_object};
use crate::error::Fault;
use crate::session::{Session, Storage};

const READ: &str = "read the manifest of the object";
const ASSEMBLE: &str = "assemble the object";

/// One chunk of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectManifestChunk {
    /// Position among the object's chunks, from 0.
    pub index: u64,
    /// The chunk's id.
    pub hash: ObjectChunkId,
    /// Where the chunk starts in the object, in bytes.
    pub offset: u64,
    /// Length of the chunk, 1 to 65536 bytes.
    pub size_bytes: u64,
}

/// The chunks of an object, by ascending index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectManifest {
    /// The object.
    pub object_id: ObjectId,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// The number of chunks.
    pub chunk_count: u64,
    /// Always `fastcdc-v1`; the boundaries of an assembled object may be others.
    pub chunker: String,
    /// The chunks.
    pub chunks: Vec<ObjectManifestChunk>,
}

impl Session {
    /// The chunks of an object. Their bytes are not looked at.
    ///
    /// Cost: two key look-ups per chunk.
    pub fn object_manifest(&mut self, id: ObjectId) -> Result<ObjectManifest, Fault> {
        let storage = self.storage();
        let object = ObjectRow::get(storage, id, READ)?;
        object.require_plausible(id)?;
        let mut chunks = Vec::new();
        let reserved =
            usize::try_from(object.chunk_count).is_ok_and(|count| chunks.try_reserve_exact(count).is_ok());
        if !reserved {
            return Err(Fault::OutOfMemory("the manifest of the object"));
        }
        let mut entries = Source::manifest(storage, id, READ)?;
        while let Some((Place { index, entry: Entry { offset, size } }, hash)) = entries.next_entry()? {
            if index == object.chunk_count {
                return Err(Fault::corrupt(id, "its list of chunks is longer than its row says"));
            }
            chunks.push(ObjectManifestChunk { index, hash, offset, size_bytes: size as u64 });
        }
        entries.require_end(&object)?;
        Ok(ObjectManifest {
            object_id: id,
            size_bytes: object.size,
            chunk_count: object.chunk_count,
            chunker: CHUNKER.to_owned(),
            chunks,
        })
    }

    /// Makes an object of chunks that are stored already: `count` entries, each of which `entry` gives. They may come
    /// in any order and repeat a chunk; their boundaries are free.
    ///
    /// Cost: two SHA-256 passes over the chunks; one transaction (a savepoint inside the caller's). Memory for one
    /// chunk, and 4 bytes per entry if the entries are not in order.
    pub fn assemble_object(
        &mut self,
        id: ObjectId,
        size: u64,
        count: usize,
        entry: &dyn Fn(usize) -> ObjectManifestChunk,
    ) -> Result<(), Fault> {
        self.require_no_running_writer()?;
        let chunks = GivenChunks { count, entry };
        self.atomically(ASSEMBLE, |session| assemble(session.storage(), id, size, chunks))
    }
}

/// The entries a caller gives, wherever they are kept.
#[derive(Clone, Copy)]
struct GivenChunks<'a> {
    count: usize,
    entry: &'a dyn Fn(usize) -> ObjectManifestChunk,
}

fn assemble(storage: Storage<'_>, id: ObjectId, size: u64, chunks: GivenChunks<'_>) -> Result<(), Fault> {
    if let Some(object) = ObjectRow::find(storage, id, ASSEMBLE)? {
        verify(storage, id, &object, ASSEMBLE, |_| Ok(()))?;
        return Err(Fault::ObjectAlreadyExists(id));
    }
    let invalid = |reason: String| Fault::ObjectManifestInvalid { id, reason };
    if i64::try_from(size).is_err() {
        return Err(Fault::ObjectTooLarge(size));
    }
    if size == 0 && !(chunks.count == 0 && id == empty_object()) {
        return Err(invalid("only the empty object has 0 bytes, and it has no chunks".to_owned()));
    }
    if size > 0 && chunks.count == 0 {
        return Err(invalid(format!("{size} bytes need at least one chunk")));
    }
    let shape = Shape { size, chunk_count: chunks.count as u64 };
    if !insert_object(storage, id, shape, ASSEMBLE)? {
        return Err(Fault::ObjectAlreadyExists(id));
    }
    let (mut whole, mut offset) = (Hasher::default(), 0);
    for (index, chunk) in (0..).zip(in_order(chunks)?) {
        let entry = checked_entry(id, size, index, offset, &chunk)?;
        let mut stored_size = 0;
        let found = with_chunk(storage, chunk.hash, ASSEMBLE, |bytes| {
            stored_size = bytes.len();
            whole.update(bytes);
        })?;
        if !found {
            return Err(Fault::ObjectChunkNotFound(chunk.hash));
        }
        if stored_size != entry.size {
            return Err(invalid(format!(
                "entry {index} says {} bytes and its chunk has {stored_size}",
                entry.size
            )));
        }
        insert_entry(storage, id, index, chunk.hash, entry, ASSEMBLE)?;
        offset = entry.end();
    }
    if offset != size {
        return Err(invalid(format!("the entries add up to {offset} bytes and the size is {size}")));
    }
    if whole.finish() != *id.as_ref() {
        return Err(invalid("the chunks do not hash to the object id".to_owned()));
    }
    Ok(())
}

/// The entry an object needs at this position.
fn checked_entry(
    id: ObjectId,
    size: u64,
    index: u64,
    offset: u64,
    chunk: &ObjectManifestChunk,
) -> Result<Entry, Fault> {
    let invalid = |reason: String| Fault::ObjectManifestInvalid { id, reason };
    if chunk.index != index {
        return Err(invalid(format!("the entries have no index {index}, or have it twice")));
    }
    if chunk.offset != offset {
        return Err(invalid(format!("entry {index} starts at {} instead of {offset}", chunk.offset)));
    }
    let length =
        usize::try_from(chunk.size_bytes).ok().filter(|length| (1..=chunker::MAX_SIZE).contains(length));
    match length {
        Some(length) if chunk.size_bytes <= size - offset => Ok(Entry { offset, size: length }),
        Some(_) => Err(invalid(format!("entry {index} ends behind the {size} bytes of the object"))),
        None => {
            Err(invalid(format!("entry {index} has {} bytes, and a chunk has 1 to 65536", chunk.size_bytes)))
        }
    }
}

/// The entries by ascending index.
fn in_order(chunks: GivenChunks<'_>) -> Result<impl Iterator<Item = ObjectManifestChunk>, Fault> {
    let GivenChunks { count, entry } = chunks;
    let mut order = Vec::new();
    if !(0..count).is_sorted_by_key(|at| entry(at).index) {
        let places = u32::try_from(count).ok().filter(|_| order.try_reserve_exact(count).is_ok());
        order.extend(0..places.ok_or(Fault::OutOfMemory("the manifest of the object"))?);
        order.sort_unstable_by_key(|at| entry(*at as usize).index);
    }
    Ok((0..count).map(move |position| entry(order.get(position).map_or(position, |at| *at as usize))))
}
