//! Verifying everything that is stored: each object as a whole, and each chunk, whether an object uses it or not.
//!
//! The two are passes of their own, for two threads with a connection each. The objects are read in one pass over the
//! manifests by id, and each must hash to its id; an object of one chunk has the chunk's hash, so its bytes are left to the
//! other pass. That one reads each chunk once, in the order of the table.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use super::chunk::verified;
use super::chunker;
use super::id::{Hasher, ObjectId, hash};
use super::rows::chunk_id;
use super::source::{Source, wrong_hash};
use super::store::Shape;
use crate::error::{Fault, Status};
use crate::session::Storage;
use crate::sqlite::{Next, Sql, Stored, Value, columns};

const ACTION: &str = "verify the stored objects";

const COUNT: Sql =
    Sql("select (select count(*) from $._zova_objects) + (select count(*) from $._zova_chunks)");
const OBJECTS: Sql =
    Sql("select object_id, size_bytes, chunk_count, chunker from $._zova_objects order by object_id");
const CHUNKS_ROOT: Sql =
    Sql("select rootpage from $.sqlite_schema where type = 'table' and name = '_zova_chunks'");
const CHUNK_ROWS: Sql = Sql("select rowid, chunk_hash from $._zova_chunks not indexed where rowid >= ?1");
const CHUNK: Sql = Sql("select size_bytes, data from $._zova_chunks where rowid = ?1");

/// Bytes of the record of a chunk: a hash, a size and the bytes.
const LONGEST_CHUNK: usize = chunker::MAX_SIZE + 256;

/// Bytes handed to the second thread at a time, and how many such pieces may wait for it.
const PIECE: usize = 256 * 1024;
const WAITING: usize = 8;

/// How many objects and chunks there are to verify.
///
/// Cost: one pass over the keys.
pub(crate) fn count(storage: Storage<'_>) -> Result<u64, Fault> {
    let failed = |error| Fault::Native { action: ACTION, error };
    let mut row = storage.query(COUNT, &[]).map_err(failed)?;
    row.step().map_err(failed)?;
    Ok(row.integer(0).unsigned_abs())
}

/// Verifies all objects in the order of their ids, supposing that each chunk hashes to its id. `note` hears after each of
/// them how many are done, and may stop the work.
///
/// Cost: a look-up for each chunk of a manifest. Objects of several chunks are read, and hashed beside that on a thread of
/// their own. Memory: about 4 MiB.
pub(crate) fn verify_objects(
    storage: Storage<'_>,
    note: &mut dyn FnMut(u64) -> Result<(), Fault>,
) -> Result<(), Fault> {
    std::thread::scope(|scope| {
        let (pieces, arriving) = sync_channel(WAITING);
        let (back, used) = channel();
        let hashing = std::thread::Builder::new().spawn_scoped(scope, move || hash_objects(&arriving, &back));
        let mut wholes = match &hashing {
            Ok(_) => Wholes::Elsewhere { pieces, used, filling: Vec::new() },
            // No thread to be had.
            Err(_) => Wholes::Here(Hasher::default()),
        };
        let read = read_objects(storage, &mut wholes, note);
        drop(wholes);
        match hashing.map(std::thread::ScopedJoinHandle::join) {
            Ok(Err(_)) => Err(Fault::Internal),
            // This object comes before whatever was found beside it.
            Ok(Ok(Some(id))) if !stopped(&read) => Err(wrong_hash(id)),
            _ => read,
        }
    })
}

fn stopped(outcome: &Result<(), Fault>) -> bool {
    outcome.as_ref().is_err_and(|fault| fault.status() == Status::Interrupted)
}

fn read_objects(
    storage: Storage<'_>,
    wholes: &mut Wholes,
    note: &mut dyn FnMut(u64) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let failed = |error| Fault::Native { action: ACTION, error };
    let mut rows = storage.query(OBJECTS, &[]).map_err(failed)?;
    let mut source = Source::all(storage, ACTION)?;
    let mut done = 0;
    while rows.step().map_err(failed)? {
        let stored = rows.bytes(0).map_err(failed)?;
        let id = <[u8; 32]>::try_from(stored).map(ObjectId::from).map_err(|_| malformed(stored))?;
        let shape = Shape::read(&mut rows, 1, id, ACTION)?;
        shape.require_plausible(id)?;
        source.turn_to(id);
        let mut position = 0;
        while position < shape.size {
            let (place, chunk) = source.expect_entry()?;
            position = place.entry.end();
            if shape.chunk_count == 1 {
                if chunk.as_ref() != id.as_ref() {
                    return Err(wrong_hash(id));
                }
                continue;
            }
            wholes.add(source.unverified_bytes(place)?)?;
        }
        source.require_end_of(shape)?;
        if shape.chunk_count > 1 {
            wholes.end(id)?;
        }
        done += 1;
        note(done)?;
    }
    Ok(())
}

/// A row whose id is none; its bytes, as far as an id has them, stand for it in the text.
fn malformed(stored: &[u8]) -> Fault {
    let mut shown = [0; 32];
    let length = stored.len().min(shown.len());
    shown[..length].copy_from_slice(&stored[..length]);
    Fault::corrupt(ObjectId::from(shown), format!("its stored id has {} bytes instead of 32", stored.len()))
}

/// Verifies all chunks: from the pages of the file as far as these show them plainly and sound, from there on through
/// SQLite. `note` hears after each of them, and may stop the work.
///
/// Cost: each chunk is read and hashed once. Memory: less than a MiB.
pub(crate) fn verify_chunks(
    storage: Storage<'_>,
    note: &mut dyn FnMut() -> Result<(), Fault>,
) -> Result<(), Fault> {
    let failed = |error| Fault::Native { action: ACTION, error };
    let rest = storage.rows_in_file(CHUNKS_ROOT, LONGEST_CHUNK, ACTION, |record| {
        let Some([Stored::Blob(id), Stored::Integer(size), Stored::Blob(bytes)]) = columns(record) else {
            return Ok(Next::Doubt);
        };
        if bytes.len() as i64 != size || bytes.is_empty() || *id != hash(bytes) {
            return Ok(Next::Doubt);
        }
        note()?;
        Ok(Next::Row)
    })?;
    let Some(rest) = rest else { return Ok(()) };
    let mut rows = storage.query(CHUNK_ROWS, &[Value::Integer(rest)]).map_err(failed)?;
    let mut content = storage.query(CHUNK, &[]).map_err(failed)?;
    while rows.step().map_err(failed)? {
        let id = chunk_id(&mut rows, 1).map_err(failed)?;
        let id = id.ok_or_else(|| malformed(rows.bytes(1).unwrap_or_default()))?;
        content.restart(&[Value::Integer(rows.integer(0))]).map_err(failed)?;
        content.step().map_err(failed)?;
        verified(&mut content, 0, id, ACTION)?;
        note()?;
    }
    Ok(())
}

/// Where whole objects are hashed.
enum Wholes {
    Here(Hasher),
    Elsewhere { pieces: SyncSender<Piece>, used: Receiver<Vec<u8>>, filling: Vec<u8> },
}

/// What the second thread gets.
enum Piece {
    /// The next bytes of an object, in a buffer that goes back.
    Bytes(Vec<u8>),
    /// That was all of it.
    End(ObjectId),
}

/// What sending says when the second thread has ended. Its own result says why.
const ENDED: Fault = Fault::Internal;

impl Wholes {
    fn add(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        match self {
            Self::Here(whole) => whole.update(bytes),
            Self::Elsewhere { pieces, used, filling } => {
                filling.extend_from_slice(bytes);
                if filling.len() >= PIECE {
                    let mut next = used.try_recv().unwrap_or_default();
                    next.clear();
                    let full = std::mem::replace(filling, next);
                    pieces.send(Piece::Bytes(full)).map_err(|_| ENDED)?;
                }
            }
        }
        Ok(())
    }

    fn end(&mut self, id: ObjectId) -> Result<(), Fault> {
        match self {
            Self::Here(whole) => {
                if std::mem::take(whole).finish() != *id.as_ref() {
                    return Err(wrong_hash(id));
                }
            }
            Self::Elsewhere { pieces, filling, .. } => {
                let rest = Piece::Bytes(std::mem::take(filling));
                pieces.send(rest).and_then(|()| pieces.send(Piece::End(id))).map_err(|_| ENDED)?;
            }
        }
        Ok(())
    }
}

/// Hashes objects as they arrive; the first one that does not hash to its id ends it.
fn hash_objects(arriving: &Receiver<Piece>, used: &Sender<Vec<u8>>) -> Option<ObjectId> {
    let mut whole = Hasher::default();
    for piece in arriving {
        match piece {
            Piece::Bytes(bytes) => {
                whole.update(&bytes);
                // Nobody wants it back any more at the very end.
                let _ = used.send(bytes);
            }
            Piece::End(id) if std::mem::take(&mut whole).finish() != *id.as_ref() => return Some(id),
            Piece::End(_) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_thread_names_the_first_object_that_does_not_hash_to_its_id() {
        let (pieces, arriving) = sync_channel(16);
        let (used, back) = channel();
        let (sound, damaged) = (ObjectId::of(b"one two"), ObjectId::of(b"three"));
        for piece in [
            Piece::Bytes(b"one ".to_vec()),
            Piece::Bytes(b"two".to_vec()),
            Piece::End(sound),
            Piece::Bytes(b"thr".to_vec()),
            Piece::End(damaged),
            Piece::End(sound),
        ] {
            pieces.send(piece).unwrap();
        }
        drop(pieces);
        assert_eq!(hash_objects(&arriving, &used), Some(damaged));
        assert_eq!(back.try_iter().count(), 3);
    }
}
