//! Collections: their stored definition, and the calls that create, describe and delete them.

use super::fault::VectorFault;
use super::model::{VectorCollectionInfo, VectorCollectionOptions, VectorMetric};
use crate::error::Fault;
use crate::name::VectorName;
use crate::session::{Session, Storage};
use crate::sqlite::{Cached, ColumnKind, Sql, SqliteError, Value};

pub(super) const MAX_DIMENSIONS: u32 = 16384;

const FIND: Sql =
    Sql("select dimensions, metric, element_type from $._zova_vector_collections where name = ?1");
const EXISTS: Sql = Sql("select 1 from $._zova_vector_collections where name = ?1");
const INSERT: Sql = Sql("insert into $._zova_vector_collections (name, dimensions, metric, element_type) \
    values (?1, ?2, ?3, 'f32') on conflict (name) do nothing");
const LIST: Sql = Sql("select c.dimensions, c.metric, c.element_type, c.name, \
    (select count(*) from $._zova_vectors as v where v.collection_name = c.name) \
    from $._zova_vector_collections as c");
const COUNT: Sql = Sql("select count(*) from $._zova_vectors where collection_name = ?1");
const DELETE_ROWS: Sql = Sql("delete from $._zova_vectors where collection_name = ?1");
const DELETE: Sql = Sql("delete from $._zova_vector_collections where name = ?1");

/// A collection as the file defines it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Collection<'n> {
    pub(super) name: VectorName<'n>,
    pub(super) dimensions: usize,
    pub(super) metric: VectorMetric,
}

/// A collection whose definition was read, and the read transaction it was read in: as long as this lives, everything
/// read is of one moment.
pub(super) struct Snapshot<'s, 'n> {
    pub(super) collection: Collection<'n>,
    _open: Cached<'s>,
}

impl<'n> Collection<'n> {
    /// Reads the definition.
    pub(super) fn open<'s>(
        storage: Storage<'s>,
        name: VectorName<'n>,
        action: &'static str,
    ) -> Result<Snapshot<'s, 'n>, Fault> {
        let failed = |error| Fault::Native { action, error };
        let mut row = storage.query(FIND, &[Value::Text(name.as_str())]).map_err(failed)?;
        if !row.step().map_err(failed)? {
            return Err(VectorFault::CollectionNotFound(name.to_string()).into());
        }
        match read_definition(&mut row).map_err(failed)? {
            Some((dimensions, metric)) => Ok(Snapshot {
                collection: Self { name, dimensions: dimensions as usize, metric },
                _open: row,
            }),
            None => Err(VectorFault::CollectionUnusable(name.to_string()).into()),
        }
    }

    /// As [`Collection::open`] for calls that read nothing else.
    pub(super) fn find(
        storage: Storage<'_>,
        name: VectorName<'n>,
        action: &'static str,
    ) -> Result<Self, Fault> {
        Ok(Self::open(storage, name, action)?.collection)
    }

    /// The number of its vectors.
    ///
    /// Cost: one pass over the key of its vectors.
    pub(super) fn count(self, storage: Storage<'_>) -> Result<u64, SqliteError> {
        let mut row = storage.query(COUNT, &[Value::Text(self.name.as_str())])?;
        row.step()?;
        Ok(row.integer(0).unsigned_abs())
    }
}

/// Dimensions and metric from the first three columns of a row, if they are legal.
pub(super) fn read_definition(row: &mut Cached<'_>) -> Result<Option<(u32, VectorMetric)>, SqliteError> {
    let dimensions = u32::try_from(row.integer(0)).ok().filter(|count| (1..=MAX_DIMENSIONS).contains(count));
    let dimensions = dimensions.filter(|_| row.kind(0) == ColumnKind::Integer);
    let metric = VectorMetric::from_word(row.text(1)?.unwrap_or_default());
    let element_type_known = row.text(2)? == Some(b"f32");
    Ok(dimensions.zip(metric).filter(|_| element_type_known))
}

pub(super) fn collection_name(name: &[u8]) -> Result<VectorName<'_>, Fault> {
    VectorName::new("vector collection name", name)
}

impl Session {
    /// Creates an empty collection.
    ///
    /// Cost: one row.
    pub fn create_vector_collection(
        &mut self,
        name: &[u8],
        options: VectorCollectionOptions,
    ) -> Result<(), Fault> {
        const ACTION: &str = "create the vector collection";
        let name = collection_name(name)?;
        let VectorCollectionOptions { dimensions, metric } = options;
        if !(1..=MAX_DIMENSIONS).contains(&dimensions) {
            return Err(VectorFault::Invalid(format!(
                "a vector collection has 1 to {MAX_DIMENSIONS} dimensions, not {dimensions}"
            ))
            .into());
        }
        self.uncounted(|session| {
            let storage = session.storage();
            let values =
                [Value::Text(name.as_str()), Value::Integer(dimensions.into()), Value::Text(metric.word())];
            storage.run(INSERT, &values).map_err(|error| Fault::Native { action: ACTION, error })?;
            if storage.changes() > 0 {
                Ok(())
            } else {
                Err(VectorFault::CollectionExists(name.to_string()).into())
            }
        })
    }

    /// True if a collection has this name, whatever its definition says.
    ///
    /// Cost: one key look-up.
    pub fn has_vector_collection(&mut self, name: &[u8]) -> Result<bool, Fault> {
        let name = collection_name(name)?;
        let found =
            self.storage().query(EXISTS, &[Value::Text(name.as_str())]).and_then(|mut row| row.step());
        found.map_err(|error| Fault::Native { action: "look for the vector collection", error })
    }

    /// Describes a collection.
    ///
    /// Cost: one pass over the key of its vectors, which are counted.
    pub fn vector_collection_info(&mut self, name: &[u8]) -> Result<VectorCollectionInfo, Fault> {
        const ACTION: &str = "describe the vector collection";
        let storage = self.storage();
        let snapshot = Collection::open(storage, collection_name(name)?, ACTION)?;
        let Collection { name, dimensions, metric } = snapshot.collection;
        let count = snapshot.collection.count(storage);
        Ok(VectorCollectionInfo {
            name: name.to_string(),
            dimensions: dimensions as u32,
            metric,
            vector_count: count.map_err(|error| Fault::Native { action: ACTION, error })?,
        })
    }

    /// Describes all collections, in the order of their names' bytes.
    ///
    /// Cost: one pass over the key of all vectors, which are counted.
    pub fn list_vector_collections(&mut self) -> Result<Vec<VectorCollectionInfo>, Fault> {
        let failed = |error| Fault::Native { action: "list the vector collections", error };
        let mut rows = self.storage().query(LIST, &[]).map_err(failed)?;
        let mut list = Vec::new();
        while rows.step().map_err(failed)? {
            let definition = read_definition(&mut rows).map_err(failed)?;
            let vector_count = rows.integer(4).unsigned_abs();
            let name =
                String::from_utf8_lossy(rows.text(3).map_err(failed)?.unwrap_or_default()).into_owned();
            let Some((dimensions, metric)) = definition else {
                return Err(VectorFault::CollectionUnusable(name).into());
            };
            list.push(VectorCollectionInfo { name, dimensions, metric, vector_count });
        }
        // By bytes here: in a database of another text encoding SQLite's order is another one.
        list.sort_unstable_by(|left, right| left.name.cmp(&right.name));
        Ok(list)
    }

    /// Deletes a collection and all its vectors.
    ///
    /// Cost: proportional to the number of its vectors.
    pub fn delete_vector_collection(&mut self, name: &[u8]) -> Result<(), Fault> {
        const ACTION: &str = "delete the vector collection";
        let failed = |error| Fault::Native { action: ACTION, error };
        let name = collection_name(name)?;
        let witness = self.vector_copies().witness(self.storage());
        let rows = self.atomically(ACTION, |session| {
            let storage = session.storage();
            Collection::find(storage, name, ACTION)?;
            let key = [Value::Text(name.as_str())];
            // Children before parents, so that enforced foreign keys hold at every moment.
            storage.run(DELETE_ROWS, &key).map_err(failed)?;
            let rows = storage.changes().unsigned_abs();
            storage.run(DELETE, &key).map_err(failed)?;
            Ok(rows)
        })?;
        let storage = self.storage();
        self.vector_copies().collection_deleted(storage, witness, name, rows);
        Ok(())
    }
}
