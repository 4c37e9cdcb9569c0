//! Which objects there are.

use super::id::ObjectId;
use crate::error::Fault;
use crate::session::Session;
use crate::sqlite::{Sql, Value};

const ACTION: &str = "list the objects";

const FIRST: Sql = Sql("select object_id, size_bytes, chunk_count from $._zova_objects \
    order by object_id");
const AFTER: Sql = Sql("select object_id, size_bytes, chunk_count from $._zova_objects \
    where object_id > ?1 order by object_id");

/// What the list of objects says about one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectListing {
    /// The object.
    pub id: ObjectId,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// The number of its chunks.
    pub chunk_count: u64,
}

impl Session {
    /// Up to `limit` stored objects by ascending id, from the first one or from behind `after`.
    ///
    /// Cost: proportional to what is returned.
    pub fn list_objects(
        &mut self,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<ObjectListing>, Fault> {
        let failed = |error| Fault::Native { action: ACTION, error };
        let after = after.map(ObjectId::into_bytes);
        let storage = self.storage();
        let mut rows = match &after {
            None => storage.query(FIRST, &[]),
            Some(after) => storage.query(AFTER, &[Value::Blob(after)]),
        }
        .map_err(failed)?;
        let mut listings = Vec::new();
        while listings.len() < limit && rows.step().map_err(failed)? {
            let id = <[u8; 32]>::try_from(rows.bytes(0).map_err(failed)?);
            let (size, count) = (u64::try_from(rows.integer(1)), u64::try_from(rows.integer(2)));
            // Rows that cannot be objects are a matter for the checks, and must not make a page look like the last.
            if let (Ok(id), Ok(size_bytes), Ok(chunk_count)) = (id, size, count) {
                listings.push(ObjectListing { id: ObjectId::from(id), size_bytes, chunk_count });
            }
        }
        Ok(listings)
    }
}
