//! Storing and deleting vectors.

use super::collection::{Collection, collection_name};
use super::read::{exists, not_found, vector_id};
use super::rows::{check_values, encode};
use crate::error::Fault;
use crate::name::VectorName;
use crate::session::{Session, Storage};
use crate::sqlite::{Sql, SqliteError, Value};

const STORE: &str = "store the vectors";
const DELETE: &str = "delete the vectors";

/// Stores nothing if the collection is not, or is no longer, as it was when the vector was checked.
const PUT_IF: Sql = Sql("insert into $._zova_vectors (collection_name, vector_id, dimensions, \"values\") \
    select ?1, ?2, ?3, ?4 where exists (select 1 from $._zova_vector_collections \
        where name = ?1 and dimensions = ?3 and metric = ?5 and element_type = 'f32') \
    on conflict (collection_name, vector_id) do update \
    set dimensions = excluded.dimensions, \"values\" = excluded.\"values\"");
const PUT: Sql = Sql("insert into $._zova_vectors (collection_name, vector_id, dimensions, \"values\") \
    values (?1, ?2, ?3, ?4) on conflict (collection_name, vector_id) do update \
    set dimensions = excluded.dimensions, \"values\" = excluded.\"values\"");
const DELETE_ROW: Sql = Sql("delete from $._zova_vectors where collection_name = ?1 and vector_id = ?2");

/// A vector to store, its id as bytes.
#[derive(Debug, Clone, Copy)]
pub struct VectorEntry<'a> {
    /// Its id within the collection.
    pub id: &'a [u8],
    /// Its values.
    pub values: &'a [f32],
}

impl Session {
    /// Stores a vector or replaces its values.
    ///
    /// Cost: one row.
    pub fn put_vector(&mut self, collection: &[u8], id: &[u8], values: &[f32]) -> Result<(), Fault> {
        let failed = |error| Fault::Native { action: STORE, error };
        let name = collection_name(collection)?;
        let witness = self.vector_copies().witness(self.storage());
        let id = self.uncounted(|session| {
            let storage = session.storage();
            let mut bytes = Vec::new();
            let mut checked = None;
            loop {
                let found = Collection::find(storage, name, STORE)?;
                let entry = VectorEntry { id, values };
                let id = check(&found, &entry)?;
                // Nothing was stored though the collection did not change.
                if checked.replace(found) == Some(found) {
                    return Err(failed(SqliteError::skipped_by_trigger()));
                }
                encode(values, &mut bytes);
                let row = [
                    Value::Text(name.as_str()),
                    Value::Text(id.as_str()),
                    Value::Integer(found.dimensions as i64),
                    Value::Blob(&bytes),
                    Value::Text(found.metric.word()),
                ];
                storage.run(PUT_IF, &row).map_err(failed)?;
                if storage.changes() > 0 {
                    return Ok(id);
                }
            }
        })?;
        let row = [(id.as_str(), values)];
        self.vector_copies().stored(self.storage(), witness, name, row.into_iter());
        Ok(())
    }

    /// Stores or replaces many vectors: all of them or none. They are applied in order, so of equal ids the last one
    /// stays.
    ///
    /// Cost: one row each, one transaction.
    pub fn put_vectors(&mut self, collection: &[u8], entries: &[VectorEntry<'_>]) -> Result<(), Fault> {
        let name = collection_name(collection)?;
        let check_all = |collection: &Collection<'_>| {
            entries.iter().map(|entry| check(collection, entry)).collect::<Result<Vec<_>, Fault>>()
        };
        // Checked before the write lock is taken.
        let found = Collection::find(self.storage(), name, STORE)?;
        let ids = check_all(&found)?;
        if entries.is_empty() {
            return Ok(());
        }
        let witness = self.vector_copies().witness(self.storage());
        self.atomically(STORE, |session| {
            let storage = session.storage();
            let now = Collection::find(storage, name, STORE)?;
            if now != found {
                check_all(&now)?;
            }
            store(storage, now, ids.iter().zip(entries).map(|(id, entry)| (*id, entry.values)))
        })?;
        let rows = ids.iter().zip(entries).map(|(id, entry)| (id.as_str(), entry.values));
        self.vector_copies().stored(self.storage(), witness, name, rows);
        Ok(())
    }

    /// Deletes a vector, whatever state it is in.
    ///
    /// Cost: one row.
    pub fn delete_vector(&mut self, collection: &[u8], id: &[u8]) -> Result<(), Fault> {
        let (name, id) = (collection_name(collection)?, vector_id(id)?);
        let witness = self.vector_copies().witness(self.storage());
        self.uncounted(|session| {
            let found = Collection::find(session.storage(), name, DELETE)?;
            delete(session.storage(), found, id)
        })?;
        self.vector_copies().deleted(self.storage(), witness, name, [id.as_str()].into_iter());
        Ok(())
    }

    /// Deletes many vectors: all of them or, if one is missing, none.
    ///
    /// Cost: one row each, one transaction.
    pub fn delete_vectors(&mut self, collection: &[u8], ids: &[&[u8]]) -> Result<(), Fault> {
        let name = collection_name(collection)?;
        let first_illegal = ids.iter().position(|id| vector_id(id).is_err());
        if ids.is_empty() {
            Collection::find(self.storage(), name, DELETE)?;
            return Ok(());
        }
        let witness = self.vector_copies().witness(self.storage());
        self.atomically(DELETE, |session| {
            // The checks of each element follow those of the ones before it, which include that they exist.
            for id in &ids[..first_illegal.unwrap_or(ids.len())] {
                let id = vector_id(id)?;
                let found = Collection::find(session.storage(), name, DELETE)?;
                delete(session.storage(), found, id)?;
            }
            first_illegal.map_or(Ok(()), |place| vector_id(ids[place]).map(drop))
        })?;
        let names = ids.iter().map(|id| std::str::from_utf8(id).unwrap_or_default());
        self.vector_copies().deleted(self.storage(), witness, name, names);
        Ok(())
    }
}

/// Checks a vector and gives its id.
fn check<'a>(collection: &Collection<'_>, entry: &VectorEntry<'a>) -> Result<VectorName<'a>, Fault> {
    let id = vector_id(entry.id)?;
    check_values(collection, || format!("vector {:?}", id.as_str()), entry.values)?;
    Ok(id)
}

fn store<'v>(
    storage: Storage<'_>,
    collection: Collection<'_>,
    rows: impl Iterator<Item = (VectorName<'v>, &'v [f32])>,
) -> Result<(), Fault> {
    let failed = |error| Fault::Native { action: STORE, error };
    let mut bytes = Vec::with_capacity(collection.dimensions * 4);
    let name = Value::Text(collection.name.as_str());
    let dimensions = Value::Integer(collection.dimensions as i64);
    let mut statement = storage.query(PUT, &[]).map_err(failed)?;
    for (id, values) in rows {
        encode(values, &mut bytes);
        statement
            .rerun(&[name, Value::Text(id.as_str()), dimensions, Value::Blob(&bytes)])
            .map_err(failed)?;
        if storage.changes() == 0 {
            return Err(failed(SqliteError::skipped_by_trigger()));
        }
    }
    Ok(())
}

fn delete(storage: Storage<'_>, collection: Collection<'_>, id: VectorName<'_>) -> Result<(), Fault> {
    let failed = |error| Fault::Native { action: DELETE, error };
    let key = [Value::Text(collection.name.as_str()), Value::Text(id.as_str())];
    storage.run(DELETE_ROW, &key).map_err(failed)?;
    if storage.changes() > 0 {
        Ok(())
    } else if exists(storage, collection, id, DELETE)? {
        Err(failed(SqliteError::skipped_by_trigger()))
    } else {
        Err(not_found(collection, id))
    }
}
