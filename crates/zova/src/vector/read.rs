//! Reading single vectors, and listing ids.

use super::collection::{Collection, collection_name};
use super::fault::VectorFault;
use super::model::Vector;
use super::rows::{self, Damage};
use crate::error::Fault;
use crate::name::VectorName;
use crate::session::{Session, Storage};
use crate::sqlite::{Sql, Value};

const ACTION: &str = "read the vector";

const ROW: Sql = Sql("select dimensions, \"values\" from $._zova_vectors \
    where collection_name = ?1 and vector_id = ?2");
const EXISTS: Sql = Sql("select 1 from $._zova_vectors where collection_name = ?1 and vector_id = ?2");
const FIRST_IDS: Sql =
    Sql("select vector_id from $._zova_vectors where collection_name = ?1 order by vector_id limit ?2");
const NEXT_IDS: Sql =
    Sql("select vector_id from $._zova_vectors where collection_name = ?1 and vector_id > ?3 \
    order by vector_id limit ?2");

pub(super) fn vector_id(id: &[u8]) -> Result<VectorName<'_>, Fault> {
    VectorName::new("vector id", id)
}

/// The fault of a damaged row.
pub(super) fn corrupt(collection: Collection<'_>, id: VectorName<'_>, damage: Damage) -> Fault {
    let (collection, id) = (collection.name.to_string(), id.to_string());
    VectorFault::Corrupt { collection, id, damage: damage.0 }.into()
}

pub(super) fn not_found(collection: Collection<'_>, id: VectorName<'_>) -> Fault {
    VectorFault::NotFound { collection: collection.name.to_string(), id: id.to_string() }.into()
}

/// Reads the values of a row: as many as the collection has dimensions, all finite.
pub(super) fn values(
    storage: Storage<'_>,
    collection: Collection<'_>,
    id: VectorName<'_>,
    action: &'static str,
    values: &mut Vec<f32>,
) -> Result<(), Fault> {
    let failed = |error| Fault::Native { action, error };
    let key = [Value::Text(collection.name.as_str()), Value::Text(id.as_str())];
    let mut row = storage.query(ROW, &key).map_err(failed)?;
    if !row.step().map_err(failed)? {
        return Err(not_found(collection, id));
    }
    let read = rows::read(&mut row, 0, collection.dimensions, values).map_err(failed)?;
    read.and_then(|()| rows::require_finite(values)).map_err(|damage| corrupt(collection, id, damage))
}

/// True if a row has this id, whatever it holds.
pub(super) fn exists(
    storage: Storage<'_>,
    collection: Collection<'_>,
    id: VectorName<'_>,
    action: &'static str,
) -> Result<bool, Fault> {
    let key = [Value::Text(collection.name.as_str()), Value::Text(id.as_str())];
    let found = storage.query(EXISTS, &key).and_then(|mut row| row.step());
    found.map_err(|error| Fault::Native { action, error })
}

impl Session {
    /// Reads a vector, bit for bit as it was put.
    ///
    /// Cost: two key look-ups.
    pub fn get_vector(&mut self, collection: &[u8], id: &[u8]) -> Result<Vector, Fault> {
        let (name, id) = (collection_name(collection)?, vector_id(id)?);
        let snapshot = Collection::open(self.storage(), name, ACTION)?;
        let mut found = Vec::new();
        values(self.storage(), snapshot.collection, id, ACTION, &mut found)?;
        Ok(Vector { id: id.to_string(), values: found })
    }

    /// Reads vectors, in the order of the ids, all of one moment. The first one that is missing or damaged fails the
    /// call.
    ///
    /// Cost: a key look-up per id.
    pub fn get_vectors(&mut self, collection: &[u8], ids: &[&[u8]]) -> Result<Vec<Vector>, Fault> {
        let name = collection_name(collection)?;
        let ids: Vec<_> = ids.iter().map(|id| vector_id(id)).collect::<Result<_, _>>()?;
        let snapshot = Collection::open(self.storage(), name, ACTION)?;
        let read = |id: VectorName<'_>| {
            let mut found = Vec::new();
            values(self.storage(), snapshot.collection, id, ACTION, &mut found)?;
            Ok(Vector { id: id.to_string(), values: found })
        };
        ids.into_iter().map(read).collect()
    }

    /// True if the collection has a vector of this id, whatever state it is in.
    ///
    /// Cost: two key look-ups.
    pub fn has_vector(&mut self, collection: &[u8], id: &[u8]) -> Result<bool, Fault> {
        let (name, id) = (collection_name(collection)?, vector_id(id)?);
        let snapshot = Collection::open(self.storage(), name, ACTION)?;
        exists(self.storage(), snapshot.collection, id, ACTION)
    }

    /// The ids of a collection, up to `limit` of them, after the one given; in the order of their bytes (in a
    /// database that does not store text as UTF-8, in that of the stored bytes).
    ///
    /// Cost: proportional to the number of ids returned.
    pub fn list_vector_ids(
        &mut self,
        collection: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<String>, Fault> {
        const ACTION: &str = "list the vectors";
        let failed = |error| Fault::Native { action: ACTION, error };
        let name = collection_name(collection)?;
        let after = after.map(vector_id).transpose()?;
        let snapshot = Collection::open(self.storage(), name, ACTION)?;
        let (name, limit) =
            (Value::Text(name.as_str()), Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX)));
        let mut rows = match after {
            None => self.storage().query(FIRST_IDS, &[name, limit]),
            Some(after) => self.storage().query(NEXT_IDS, &[name, limit, Value::Text(after.as_str())]),
        }
        .map_err(failed)?;
        let mut ids = Vec::new();
        while rows.step().map_err(failed)? {
            ids.push(String::from_utf8_lossy(rows.text(0).map_err(failed)?.unwrap_or_default()).into_owned());
        }
        drop(snapshot);
        Ok(ids)
    }
}
