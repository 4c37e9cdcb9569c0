//! Deleting an object and the chunks nothing else uses.

use std::collections::HashSet;

use super::id::{ObjectChunkId, ObjectId};
use super::rows::{chunk_id, object_exists};
use crate::error::Fault;
use crate::session::{Session, Storage};
use crate::sqlite::{Sql, SqliteError, Value};

const ACTION: &str = "delete the object";

/// Manifest entries taken out in one go, which bounds the memory a delete needs.
const BATCH: i64 = 8192;

const SOME_ENTRIES: Sql =
    Sql("select rowid, chunk_hash from $._zova_object_chunks where object_id = ?1 limit ?2");
const DELETE_ENTRY: Sql = Sql("delete from $._zova_object_chunks where rowid = ?1");
const DELETE_OBJECT: Sql = Sql("delete from $._zova_objects where object_id = ?1");
const DELETE_CHUNK: Sql = Sql("delete from $._zova_chunks where chunk_hash = ?1");
const DELETE_CHUNK_IF_UNUSED: Sql = Sql("delete from $._zova_chunks where chunk_hash = ?1 \
    and not exists (select 1 from $._zova_object_chunks where chunk_hash = ?1)");
const ALL_REFERENCES: Sql = Sql("select chunk_hash from $._zova_object_chunks");
const PLAN_FOR_REFERENCES: Sql = Sql("explain query plan \
    select 1 from $._zova_object_chunks where chunk_hash = ?1");

impl Session {
    /// Deletes an object and every chunk of it that no other manifest names. Works on damaged objects, too.
    ///
    /// Cost: logarithmic per chunk of the object where chunk references are indexed (files this library created);
    /// elsewhere one scan of all manifests per 8,192 chunks of the object. Memory: about 1 MiB.
    pub fn delete_object(&mut self, id: ObjectId) -> Result<(), Fault> {
        self.require_no_running_writer()?;
        self.atomically(ACTION, |session| {
            let storage = session.storage();
            let failed = |error| Fault::Native { action: ACTION, error };
            if !object_exists(storage, id).map_err(failed)? {
                return Err(Fault::ObjectNotFound(id));
            }
            delete(storage, id).map_err(failed)
        })
    }
}

/// Children before parents, so that enforced foreign keys hold at every moment. A chunk that a later batch names
/// again is still referenced and is decided about there.
fn delete(storage: Storage<'_>, id: ObjectId) -> Result<(), SqliteError> {
    let indexed = references_are_indexed(storage)?;
    loop {
        let chunks = take_entries(storage, id)?;
        if chunks.is_empty() {
            break;
        }
        let mut candidates: HashSet<ObjectChunkId> = chunks.into_iter().flatten().collect();
        if !indexed {
            leave_unreferenced(storage, &mut candidates)?;
        }
        for chunk in candidates {
            let delete = if indexed { DELETE_CHUNK_IF_UNUSED } else { DELETE_CHUNK };
            storage.run(delete, &[Value::Blob(chunk.as_ref())])?;
        }
    }
    storage.run(DELETE_OBJECT, &[Value::Blob(id.as_ref())])?;
    require_deleted(storage)
}

/// A trigger of the application's may keep a row without an error.
fn require_deleted(storage: Storage<'_>) -> Result<(), SqliteError> {
    if storage.changes() == 1 { Ok(()) } else { Err(SqliteError::skipped_by_trigger()) }
}

/// Whether SQLite finds the references to a chunk through some index. Files that this library creates have one; it is
/// asked of the planner, since any index will do, whoever made it.
fn references_are_indexed(storage: Storage<'_>) -> Result<bool, SqliteError> {
    let mut plan = storage.query(PLAN_FOR_REFERENCES, &[])?;
    Ok(plan.step()? && plan.text(3)?.is_some_and(|detail| detail.starts_with(b"SEARCH")))
}

/// Deletes up to [`BATCH`] entries of the manifest and gives the chunks they named; `None` for an entry whose hash
/// is none.
fn take_entries(storage: Storage<'_>, id: ObjectId) -> Result<Vec<Option<ObjectChunkId>>, SqliteError> {
    let mut rows = storage.query(SOME_ENTRIES, &[Value::Blob(id.as_ref()), Value::Integer(BATCH)])?;
    let mut entries = Vec::new();
    while rows.step()? {
        entries.push((rows.integer(0), chunk_id(&mut rows, 1)?));
    }
    drop(rows);
    for (row, _) in &entries {
        storage.run(DELETE_ENTRY, &[Value::Integer(*row)])?;
        require_deleted(storage)?;
    }
    Ok(entries.into_iter().map(|(_, chunk)| chunk).collect())
}

/// Takes every chunk that some manifest names out of the candidates, in one scan over the manifests.
fn leave_unreferenced(
    storage: Storage<'_>,
    candidates: &mut HashSet<ObjectChunkId>,
) -> Result<(), SqliteError> {
    let mut references = storage.query(ALL_REFERENCES, &[])?;
    while references.step()? {
        if let Some(chunk) = chunk_id(&mut references, 0)? {
            candidates.remove(&chunk);
        }
    }
    Ok(())
}
