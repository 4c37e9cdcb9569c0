//! Collections kept in memory, one set per handle.
//!
//! **When.** The second search of a whole collection in the same state makes the copy: a program that searches once,
//! or changes rows by SQL between searches, pays nothing. A copy holds one byte per value and, where the budget allows,
//! the values themselves. When the budget is exceeded, the collection that was not searched for the longest time
//! goes.
//!
//! **What makes it right.** A copy is used only if the table is known to hold the same rows: see
//! [`Freshness`]. Copies made or changed inside a transaction are dropped when something is undone.
//!
//! A copy dropped without need costs one search in table order, and is made again by the next one.

mod copy;
mod scan;

use std::collections::HashMap;

use parking_lot::{Mutex, MutexGuard};

use super::bounds::Query;
use super::collection::Collection;
use super::model::VectorSearchResult;
use super::nearest::Nearest;
use crate::error::Fault;
use crate::name::VectorName;
use crate::session::{Changes, Freshness, Storage, Verdict};
use crate::sqlite::{Sql, SqliteError, Watched};
use copy::Copy;

const NOT_EMPTY: Sql = Sql("select 1 from $._zova_vectors limit 1");

/// Memory for the copies of one handle unless it is told otherwise: 256 MiB.
pub(crate) const DEFAULT_LIMIT: u64 = 256 << 20;

/// The copies of one handle. Cloning gives another reference to the same ones.
#[derive(Clone)]
pub(crate) struct Copies(std::sync::Arc<Mutex<Set>>);

impl Default for Copies {
    fn default() -> Self {
        let set = Set { limit: DEFAULT_LIMIT, used: 0, clock: 0, state: None, entries: HashMap::new() };
        Self(std::sync::Arc::new(Mutex::new(set)))
    }
}

struct Set {
    limit: u64,
    used: u64,
    clock: u64,
    /// When the entries were last known to be right.
    state: Option<Freshness>,
    entries: HashMap<Box<str>, Entry>,
}

struct Entry {
    kind: Kind,
    /// Made or changed inside a transaction that may still be undone.
    tentative: bool,
    searched_at: u64,
}

enum Kind {
    /// Searched once in this state.
    Seen,
    /// Does not fit into the budget.
    TooLarge,
    Copy(Box<Copy>),
}

/// The counters before a change that this handle makes; none if nothing is in memory.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub(super) struct Witness(Option<Changes>);

/// A collection to search that may be in memory.
pub(super) enum Lookup<'c> {
    /// Not in memory.
    Absent,
    /// Not in memory, but it should be.
    Wanted,
    /// In memory, and right for as long as this is held.
    Present(Present<'c>),
}

pub(super) struct Present<'c> {
    set: MutexGuard<'c, Set>,
    name: Box<str>,
}

impl Copies {
    /// Sets the budget in bytes; 0 turns copies off. What is in memory and does not fit is dropped.
    pub(crate) fn set_limit(&self, bytes: u64) {
        let mut set = self.0.lock();
        set.limit = bytes;
        set.entries.retain(|_, entry| matches!(entry.kind, Kind::Copy(_)));
        set.shrink(0);
        if bytes == 0 {
            set.clear();
        }
    }

    /// Looks for a collection that is about to be searched, inside the read transaction of that search. `whole` says
    /// that all of it will be looked at.
    pub(super) fn look(
        &self,
        storage: Storage<'_>,
        collection: Collection<'_>,
        whole: bool,
    ) -> Result<Lookup<'_>, SqliteError> {
        // A search that runs inside another one (from a trigger) does without.
        let Some(mut set) = self.0.try_lock().filter(|set| set.limit > 0) else {
            return Ok(Lookup::Absent);
        };
        set.confirm(storage)?;
        set.clock += 1;
        let clock = set.clock;
        let tentative = !storage.connection().is_autocommit();
        let name = collection.name.as_str();
        let Some(entry) = set.entries.get_mut(name) else {
            if whole {
                set.entries.insert(name.into(), Entry { kind: Kind::Seen, tentative, searched_at: clock });
            }
            return Ok(Lookup::Absent);
        };
        entry.searched_at = clock;
        match &entry.kind {
            Kind::Copy(copy)
                if (copy.dimensions, copy.metric) == (collection.dimensions, collection.metric) =>
            {
                Ok(Lookup::Present(Present { set, name: name.into() }))
            }
            Kind::Copy(_) => {
                set.remove(name);
                Ok(Lookup::Absent)
            }
            // What a writing statement has changed so far may be undone without anyone being told.
            Kind::Seen if whole && !storage.connection().has_running_writer() => Ok(Lookup::Wanted),
            Kind::Seen | Kind::TooLarge => Ok(Lookup::Absent),
        }
    }

    /// Makes the copy of a collection, inside the read transaction of a search. `read` hands every row of it to the
    /// function it is given, which says whether to go on. `None` if it does not fit.
    pub(super) fn make(
        &self,
        storage: Storage<'_>,
        collection: Collection<'_>,
        read: impl FnOnce(&mut dyn FnMut(&str, &[f32]) -> bool) -> Result<(), Fault>,
    ) -> Result<Option<Present<'_>>, Fault> {
        let failed = |error| Fault::Native { action: "search the vectors", error };
        let rows = collection.count(storage).map_err(failed)?;
        let Some(mut set) = self.0.try_lock() else { return Ok(None) };
        let name = collection.name.as_str();
        let fits = |with_values| copy::size(rows, 0, collection.dimensions, with_values) <= set.limit;
        let with_values = fits(true);
        let mut copy = Copy::new(collection.dimensions, collection.metric, with_values);
        let limit = set.limit;
        let mut too_large = !with_values && !fits(false);
        if !too_large {
            let others = set.used;
            // Room is made before it is needed.
            set.shrink(copy::size(rows, 0, collection.dimensions, with_values));
            debug_assert!(set.used <= others);
            read(&mut |id, values| {
                copy.append(id, values);
                too_large = copy.bytes() > limit;
                !too_large
            })?;
        }
        let tentative = !storage.connection().is_autocommit();
        let searched_at = set.clock;
        if too_large {
            set.entries.insert(name.into(), Entry { kind: Kind::TooLarge, tentative, searched_at });
            return Ok(None);
        }
        set.shrink(copy.bytes());
        set.used += copy.bytes();
        set.entries.insert(name.into(), Entry { kind: Kind::Copy(Box::new(copy)), tentative, searched_at });
        Ok(Some(Present { set, name: name.into() }))
    }

    /// Called before this handle changes vectors.
    pub(super) fn witness(&self, storage: Storage<'_>) -> Witness {
        let mut set = self.0.lock();
        if set.state.is_none() {
            return Witness(None);
        }
        if set.holds_rows() && !matches!(not_empty(storage), Ok(true)) {
            set.clear();
        }
        Witness(Some(Changes::now(storage.connection(), Watched::Vectors)))
    }

    /// This handle stored `rows` vectors, one statement each.
    pub(super) fn stored<'v>(
        &self,
        storage: Storage<'_>,
        witness: Witness,
        collection: VectorName<'_>,
        rows: impl ExactSizeIterator<Item = (&'v str, &'v [f32])>,
    ) {
        let count = rows.len() as u64;
        self.changed(storage, witness, collection, count, count, |copy| {
            for (id, values) in rows {
                copy.put(id, values);
            }
        });
    }

    /// This handle deleted vectors, one statement each.
    pub(super) fn deleted<'v>(
        &self,
        storage: Storage<'_>,
        witness: Witness,
        collection: VectorName<'_>,
        ids: impl ExactSizeIterator<Item = &'v str>,
    ) {
        let count = ids.len() as u64;
        self.changed(storage, witness, collection, count, count, |copy| {
            for id in ids {
                copy.remove(id);
            }
        });
    }

    /// This handle deleted a collection with so many vectors.
    pub(super) fn collection_deleted(
        &self,
        storage: Storage<'_>,
        witness: Witness,
        collection: VectorName<'_>,
        rows: u64,
    ) {
        self.changed(storage, witness, collection, rows, rows + 1, |_| ());
        self.0.lock().remove(collection.as_str());
    }

    /// Repeats a change of this handle in its copy, provided that nothing else changed with it.
    fn changed(
        &self,
        storage: Storage<'_>,
        Witness(before): Witness,
        collection: VectorName<'_>,
        vector_rows: u64,
        total: u64,
        change: impl FnOnce(&mut Copy),
    ) {
        let mut set = self.0.lock();
        let (Some(before), Some(state)) = (before, &mut set.state) else { return };
        let connection = storage.connection();
        if !before.were(connection, vector_rows, total) {
            return set.clear();
        }
        state.expect(vector_rows);
        let Some(entry) = set.entries.get_mut(collection.as_str()) else { return };
        entry.tentative |= !connection.is_autocommit();
        let Kind::Copy(copy) = &mut entry.kind else { return };
        if connection.has_running_writer() {
            return set.clear();
        }
        let old = copy.bytes();
        change(copy);
        let new = copy.bytes();
        set.used = set.used - old + new;
        if set.used > set.limit {
            set.shrink(0);
        }
    }
}

impl Set {
    /// Drops what may no longer be right. Called inside a read transaction.
    fn confirm(&mut self, storage: Storage<'_>) -> Result<(), SqliteError> {
        let now = Freshness::now(storage, Watched::Vectors)?;
        let verdict = self.state.replace(now).map_or(Verdict::Unchanged, |before| before.until(now));
        if verdict == Verdict::Unknown || self.holds_rows() && !not_empty(storage)? {
            self.clear();
        } else if verdict == Verdict::Undone {
            let tentative = self.entries.iter().filter(|(_, entry)| entry.tentative);
            let names: Vec<Box<str>> = tentative.map(|(name, _)| name.clone()).collect();
            names.iter().for_each(|name| self.remove(name));
        }
        if storage.connection().is_autocommit() {
            self.entries.values_mut().for_each(|entry| entry.tentative = false);
        }
        Ok(())
    }

    fn holds_rows(&self) -> bool {
        self.entries.values().any(|entry| matches!(&entry.kind, Kind::Copy(copy) if copy.len() > 0))
    }

    fn clear(&mut self) {
        self.entries.clear();
        self.used = 0;
    }

    fn remove(&mut self, name: &str) {
        if let Some(Entry { kind: Kind::Copy(copy), .. }) = self.entries.remove(name) {
            self.used -= copy.bytes();
        }
    }

    /// Drops copies, the one not searched for the longest time first, until so many more bytes fit.
    fn shrink(&mut self, room: u64) {
        while self.used + room > self.limit {
            let copies = self.entries.iter().filter(|(_, entry)| matches!(entry.kind, Kind::Copy(_)));
            let Some(oldest) =
                copies.min_by_key(|(_, entry)| entry.searched_at).map(|(name, _)| name.clone())
            else {
                return;
            };
            self.remove(&oldest);
        }
    }
}

fn not_empty(storage: Storage<'_>) -> Result<bool, SqliteError> {
    storage.query(NOT_EMPTY, &[])?.step()
}

/// What a search found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) results: Vec<VectorSearchResult>,
    pub(super) scanned: u64,
    pub(super) rescored: u64,
}

impl Present<'_> {
    /// Searches the whole collection, or the candidates, but not the source.
    pub(super) fn search(
        mut self,
        query: &Query<'_>,
        candidates: Option<&[VectorName<'_>]>,
        source: Option<VectorName<'_>>,
        (limit, max_distance): (usize, f64),
        mut fetch: impl FnMut(&str, &mut Vec<f32>) -> Result<(), Fault>,
        go_on: impl FnMut() -> Result<(), Fault>,
    ) -> Result<Found, Fault> {
        let Some(Entry { kind: Kind::Copy(copy), .. }) = self.set.entries.get_mut(&self.name) else {
            unreachable!("the entry was found under the lock that is still held");
        };
        let excluded = source.and_then(|source| copy.find(source.as_str()));
        let rows: Option<Vec<usize>> = candidates.map(|candidates| {
            let rows = candidates.iter().filter_map(|id| copy.find(id.as_str()));
            rows.filter(|row| Some(*row) != excluded).collect()
        });
        let copy = &**copy;
        let mut nearest = Nearest::new(limit, max_distance);
        let (scanned, rescored) = match rows {
            None => {
                let rescored = scan::nearest(copy, query, &mut nearest, limit, excluded, fetch, go_on)?;
                (copy.len() as u64, rescored)
            }
            Some(rows) => {
                let mut rescored = 0;
                let mut fetched = Vec::new();
                for &row in &rows {
                    rescored += scan::offer(copy, query, &mut nearest, row, &mut fetched, &mut fetch)?;
                }
                (rows.len() as u64, rescored)
            }
        };
        let results = nearest.into_results(|id| String::from_utf8_lossy(id).into_owned());
        Ok(Found { results, scanned, rescored })
    }
}
