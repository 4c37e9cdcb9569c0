//! Indexes: made, dropped and looked for.

use std::sync::{Arc, Mutex, PoisonError};

use super::statement::{prepared, run};
use super::value::{index_not_found, invalid};
use crate::{ExtensionContext, ExtensionResult, SqlValue};

const INDEX: &str = "select 1 from main._zova_ext_trgm_indexes where name = ?1";
const INSERT_INDEX: &str = "insert into main._zova_ext_trgm_indexes (name, created_order) \
    select ?1, coalesce(max(created_order), 0) + 1 from main._zova_ext_trgm_indexes";
const DELETE_INDEX: [&str; 4] = [
    "delete from main._zova_ext_trgm_postings where index_name = ?1",
    "delete from main._zova_ext_trgm_terms where index_name = ?1",
    "delete from main._zova_ext_trgm_documents where index_name = ?1",
    "delete from main._zova_ext_trgm_indexes where name = ?1",
];

/// Whether there is an index of this name.
fn index_exists(context: &ExtensionContext<'_>, index: &str) -> ExtensionResult<bool> {
    prepared(context, INDEX, &[SqlValue::Text(index.as_bytes())])?.step()
}

pub(super) fn require_index(context: &ExtensionContext<'_>, index: &str) -> ExtensionResult<()> {
    if index_exists(context, index)? { Ok(()) } else { Err(index_not_found()) }
}

pub(super) fn create_index(context: &ExtensionContext<'_>, index: &str) -> ExtensionResult<()> {
    if index_exists(context, index)? {
        return Err(invalid("an index of this name exists"));
    }
    run(context, INSERT_INDEX, &[SqlValue::Text(index.as_bytes())])
}

pub(super) fn drop_index(context: &ExtensionContext<'_>, index: &str) -> ExtensionResult<()> {
    require_index(context, index)?;
    DELETE_INDEX.iter().try_for_each(|sql| run(context, sql, &[SqlValue::Text(index.as_bytes())]))
}

/// The index that the changes of a transaction are about, which need not be looked for each time.
#[derive(Default)]
pub(super) struct KnownIndex(Mutex<Option<(u64, Arc<str>)>>);

impl KnownIndex {
    /// The name of an index that exists. It was seen before if that was in the same `epoch`
    /// ([`Deferred::epoch`](crate::Deferred::epoch)).
    pub(super) fn require(
        &self,
        context: &ExtensionContext<'_>,
        epoch: Option<u64>,
        index: &str,
    ) -> ExtensionResult<Arc<str>> {
        // What is kept here is whole whatever panics elsewhere.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((seen, name)) = &*known
            && epoch == Some(*seen)
            && **name == *index
        {
            return Ok(Arc::clone(name));
        }
        require_index(context, index)?;
        let name = Arc::from(index);
        *known = epoch.map(|epoch| (epoch, Arc::clone(&name)));
        Ok(name)
    }

    /// An index is about to be dropped.
    pub(super) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
