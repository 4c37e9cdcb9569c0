//! Verifying everything that is stored: each object as a whole, and each chunk, whether an object uses it or not.
//!
//! First the objects, in one pass over the manifests by id: this thread reads and hashes the chunks, a second one hashes
//! the objects. An object of one chunk has the chunk's hash, so its bytes are left for what comes second: the chunks
//! that were not read yet, in the order of their table.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use super::chunk::verified;
use super::id::{Hasher, ObjectId};
use super::rows::chunk_id;
use super::source::{Source, wrong_hash};
use super::store::Shape;
use crate::error::{Fault, Status};
use crate::session::Storage;
use crate::sqlite::{Sql, Value};

const ACTION: &str = "verify the stored objects";

const COUNT: Sql =
    Sql("select (select count(*) from $._zova_objects) + (select count(*) from $._zova_chunks)");
const OBJECTS: Sql =
    Sql("select object_id, size_bytes, chunk_count, chunker from $._zova_objects order by object_id");
/// A statement reads the columns it names when it is stepped, so the bytes are read by another one.
const CHUNK_ROWS: Sql = Sql("select rowid, chunk_hash from $._zova_chunks not indexed");
const CHUNK: Sql = Sql("select size_bytes, data from $._zova_chunks where rowid = ?1");

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

/// Verifies all objects in the order of their ids, then the chunks that none of them uses. `note` hears after each of
/// them how many objects and chunks are done, and may stop the work.
///
/// Cost: each chunk is read and hashed once, or once for each object of several chunks that uses it; those objects are
/// hashed once more, beside that on a thread of their own. Memory: about 4 MiB, and a bit per chunk.
pub(crate) fn verify_all(
    storage: Storage<'_>,
    note: &mut dyn FnMut(u64) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut seen = RowSet::default();
    let mut done = 0;
    std::thread::scope(|scope| {
        let (pieces, arriving) = sync_channel(WAITING);
        let (back, used) = channel();
        let hashing = std::thread::Builder::new().spawn_scoped(scope, move || hash_objects(&arriving, &back));
        let mut wholes = match &hashing {
            Ok(_) => Wholes::Elsewhere { pieces, used, filling: Vec::new() },
            // No thread to be had.
            Err(_) => Wholes::Here(Hasher::default()),
        };
        let read = verify_objects(storage, &mut wholes, &mut seen, &mut |count| {
            done += count;
            note(done)
        });
        drop(wholes);
        match hashing.map(std::thread::ScopedJoinHandle::join) {
            Ok(Err(_)) => Err(Fault::Internal),
            // This object comes before whatever was found beside it.
            Ok(Ok(Some(id))) if !stopped(&read) => Err(wrong_hash(id)),
            _ => read,
        }
    })?;
    verify_chunks(storage, &seen, &mut || {
        done += 1;
        note(done)
    })
}

fn stopped(outcome: &Result<(), Fault>) -> bool {
    outcome.as_ref().is_err_and(|fault| fault.status() == Status::Interrupted)
}

/// `note` hears how many objects and chunks were verified that were not before.
fn verify_objects(
    storage: Storage<'_>,
    wholes: &mut Wholes,
    seen: &mut RowSet,
    note: &mut dyn FnMut(u64) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let failed = |error| Fault::Native { action: ACTION, error };
    let mut rows = storage.query(OBJECTS, &[]).map_err(failed)?;
    let mut source = Source::all(storage, ACTION)?;
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
            wholes.add(source.entry_bytes(place, chunk)?)?;
            if seen.insert(source.chunk_row()) {
                note(1)?;
            }
        }
        source.require_end_of(shape)?;
        if shape.chunk_count > 1 {
            wholes.end(id)?;
        }
        note(1)?;
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

fn verify_chunks(
    storage: Storage<'_>,
    seen: &RowSet,
    note: &mut dyn FnMut() -> Result<(), Fault>,
) -> Result<(), Fault> {
    let failed = |error| Fault::Native { action: ACTION, error };
    let mut rows = storage.query(CHUNK_ROWS, &[]).map_err(failed)?;
    let mut content = storage.query(CHUNK, &[]).map_err(failed)?;
    while rows.step().map_err(failed)? {
        let row = rows.integer(0);
        if seen.contains(row) {
            continue;
        }
        let id = chunk_id(&mut rows, 1).map_err(failed)?;
        let id = id.ok_or_else(|| malformed(rows.bytes(1).unwrap_or_default()))?;
        content.restart(&[Value::Integer(row)]).map_err(failed)?;
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

/// Row numbers, of which neighbours share an entry: about two bits each where they are dense.
#[derive(Default)]
struct RowSet(HashMap<i64, [u64; 4]>);

impl RowSet {
    fn place(row: i64) -> (i64, usize, u64) {
        let bit = (row & 255) as usize;
        (row >> 8, bit / 64, 1 << (bit % 64))
    }

    /// True if the row was not in the set.
    fn insert(&mut self, row: i64) -> bool {
        let (entry, word, bit) = Self::place(row);
        let word = &mut self.0.entry(entry).or_default()[word];
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    fn contains(&self, row: i64) -> bool {
        let (entry, word, bit) = Self::place(row);
        self.0.get(&entry).is_some_and(|words| words[word] & bit != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_rows_holds_what_was_put_into_it() {
        let rows = [0, 1, 63, 64, 255, 256, -1, -256, -257, i64::MAX, i64::MIN, 1 << 40];
        let mut set = RowSet::default();
        for row in rows {
            assert!(!set.contains(row), "{row}");
            assert!(set.insert(row), "{row}");
            assert!(!set.insert(row), "{row}");
        }
        assert!(rows.iter().all(|row| set.contains(*row)));
        assert!(
            [2, 254, 257, -2, -255, -258, i64::MAX - 1, i64::MIN + 1].iter().all(|row| !set.contains(*row))
        );
    }

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
