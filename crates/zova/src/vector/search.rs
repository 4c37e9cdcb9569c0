//! Search: one call for all eight forms.

use std::cell::Cell;

use super::bounds::Query;
use super::collection::{Collection, collection_name};
use super::fault::VectorFault;
use super::model::VectorSearchResult;
use super::nearest::Nearest;
use super::read::{self, vector_id};
use super::resident::{Copies, Found, Lookup};
use super::rows::{self, check_values};
use super::stats::{SearchPath, VectorSearchStats};
use super::stream;
use crate::error::Fault;
use crate::name::VectorName;
use crate::session::{Session, Storage};

pub(super) const ACTION: &str = "search the vectors";

/// What to search for.
#[derive(Debug, Clone, Copy)]
pub struct VectorSearch<'a> {
    /// The collection to search.
    pub collection: &'a [u8],
    /// What the vectors are compared with.
    pub from: SearchFrom<'a>,
    /// Only these vectors; `None` for all. Ids without a vector are left out, repeated ones count once.
    pub candidates: Option<&'a [&'a [u8]]>,
    /// No vector farther than this; `None` for no threshold.
    pub max_distance: Option<f64>,
    /// At most so many results.
    pub limit: usize,
}

/// What the vectors are compared with.
#[derive(Debug, Clone, Copy)]
pub enum SearchFrom<'a> {
    /// With these values.
    Values(&'a [f32]),
    /// With the stored vector of this id, which is left out of the results.
    Vector(&'a [u8]),
}

impl Session {
    /// The nearest vectors: by distance, equal distances in the order of the id's bytes.
    ///
    /// Cost: one pass over the collection, in memory once it has been searched before; two look-ups per candidate
    /// where there are candidates.
    pub fn search_vectors(&mut self, search: &VectorSearch<'_>) -> Result<Vec<VectorSearchResult>, Fault> {
        let (results, stats) = run(self.storage(), self.vector_copies(), search)?;
        self.set_vector_search_stats(stats);
        Ok(results)
    }
}

/// A search as it is carried out, its arguments checked.
pub(super) struct Plan<'p> {
    storage: Storage<'p>,
    collection: Collection<'p>,
    query: Query<'p>,
    source: Option<VectorName<'p>>,
    /// Sorted, each once.
    candidates: Option<Vec<VectorName<'p>>>,
    max_distance: f64,
    limit: usize,
}

/// Checks in the order that the specification gives, then searches.
fn run(
    storage: Storage<'_>,
    copies: &Copies,
    search: &VectorSearch<'_>,
) -> Result<(Vec<VectorSearchResult>, VectorSearchStats), Fault> {
    let name = collection_name(search.collection)?;
    // Everything that is read is of one moment, that of the snapshot.
    let mut stored = Vec::new();
    let (snapshot, values, source, max_distance) = match search.from {
        SearchFrom::Values(values) => {
            let snapshot = Collection::open(storage, name, ACTION)?;
            check_values(&snapshot.collection, || "the query".to_owned(), values)?;
            (snapshot, values, None, check_threshold(search.max_distance)?)
        }
        SearchFrom::Vector(id) => {
            let source = VectorName::new("source vector id", id)?;
            let snapshot = Collection::open(storage, name, ACTION)?;
            let max_distance = check_threshold(search.max_distance)?;
            stored_values(storage, snapshot.collection, source, &mut stored)?;
            (snapshot, &stored[..], Some(source), max_distance)
        }
    };
    let candidates = search.candidates.map(distinct).transpose()?;
    let collection = snapshot.collection;
    Plan::new(storage, collection, values, source, candidates, max_distance, search.limit).run(copies)
}

/// Reads the values of a stored vector that is to be compared.
pub(super) fn stored_values(
    storage: Storage<'_>,
    collection: Collection<'_>,
    id: VectorName<'_>,
    values: &mut Vec<f32>,
) -> Result<(), Fault> {
    read::values(storage, collection, id, ACTION, values)?;
    rows::require_comparable(collection.metric, values)
        .map_err(|damage| read::corrupt(collection, id, damage))
}

/// The threshold, or infinity for none.
pub(super) fn check_threshold(max_distance: Option<f64>) -> Result<f64, Fault> {
    match max_distance {
        None => Ok(f64::INFINITY),
        Some(distance) if distance.is_finite() => Ok(distance),
        Some(distance) => {
            Err(VectorFault::Invalid(format!("the largest distance must be finite, not {distance}")).into())
        }
    }
}

/// Every id checked; sorted, each once.
fn distinct<'a>(ids: &'a [&'a [u8]]) -> Result<Vec<VectorName<'a>>, Fault> {
    let mut ids: Vec<_> = ids.iter().map(|id| vector_id(id)).collect::<Result<_, _>>()?;
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

impl<'p> Plan<'p> {
    /// `values` are those of the query, or of the source; candidates are sorted, each once; without a threshold
    /// `max_distance` is infinite.
    pub(super) fn new(
        storage: Storage<'p>,
        collection: Collection<'p>,
        values: &'p [f32],
        source: Option<VectorName<'p>>,
        candidates: Option<Vec<VectorName<'p>>>,
        max_distance: f64,
        limit: usize,
    ) -> Self {
        let query = Query::new(collection.metric, values);
        Self { storage, collection, query, source, candidates, max_distance, limit }
    }

    /// Searches, inside the read transaction in which the values and the definition were read.
    pub(super) fn run(&self, copies: &Copies) -> Result<(Vec<VectorSearchResult>, VectorSearchStats), Fault> {
        let (path, Found { results, scanned, rescored }) =
            if self.limit == 0 || self.candidates.as_ref().is_some_and(Vec::is_empty) {
                (SearchPath::Streamed, Found::default())
            } else {
                self.compare(copies)?
            };
        Ok((results, VectorSearchStats::new(path, scanned, rescored)))
    }

    fn compare(&self, copies: &Copies) -> Result<(SearchPath, Found), Fault> {
        let failed = |error| Fault::Native { action: ACTION, error };
        let whole = self.candidates.is_none();
        let present = match copies.look(self.storage, self.collection, whole).map_err(failed)? {
            Lookup::Absent => None,
            Lookup::Present(present) => Some(present),
            Lookup::Wanted => copies.make(self.storage, self.collection, |keep| self.read_all(keep))?,
        };
        let Some(present) = present else {
            return Ok((SearchPath::Streamed, self.stream()?));
        };
        let fetch = |id: &str, values: &mut Vec<f32>| {
            let id = vector_id(id.as_bytes())?;
            read::values(self.storage, self.collection, id, ACTION, values)
        };
        let go_on = || self.storage.connection().go_on().map_err(failed);
        let bounds = (self.limit, self.max_distance);
        let found =
            present.search(&self.query, self.candidates.as_deref(), self.source, bounds, fetch, go_on)?;
        Ok((SearchPath::Resident, found))
    }

    /// Hands every row to `keep`, checked.
    fn read_all(&self, keep: &mut dyn FnMut(&str, &[f32]) -> bool) -> Result<(), Fault> {
        let Self { storage, collection, .. } = *self;
        let failed = |error| Fault::Native { action: ACTION, error };
        let mut values = Vec::new();
        stream::all(storage, collection, ACTION, |row| {
            let read = row.read(collection.dimensions, &mut values).map_err(failed)?;
            let comparable = read.and_then(|()| rows::require_comparable(collection.metric, &values));
            comparable.map_err(|damage| row.fault(collection, damage))?;
            match std::str::from_utf8(row.id().map_err(failed)?) {
                Ok(id) => Ok(keep(id, &values)),
                Err(_) => Err(row.fault(collection, NOT_TEXT)),
            }
        })
    }

    /// Compares rows as they come from the file.
    fn stream(&self) -> Result<Found, Fault> {
        let Self { storage, collection, .. } = *self;
        let failed = |error| Fault::Native { action: ACTION, error };
        let mut nearest: Nearest<Vec<u8>> = Nearest::new(self.limit, self.max_distance);
        let (scanned, rescored) = (Cell::new(0), Cell::new(0));
        let mut values = Vec::new();
        let mut compare = |row: &mut stream::Row<'_, '_>| {
            if let Some(source) = self.source
                && row.id().map_err(failed)? == source.as_str().as_bytes()
            {
                return Ok(true);
            }
            scanned.set(scanned.get() + 1);
            let read = row.read(collection.dimensions, &mut values).map_err(failed)?;
            let at_least = read.and_then(|()| self.query.at_least(&values));
            match at_least {
                Ok(at_least) if at_least > nearest.cut() => return Ok(true),
                Ok(_) => {}
                Err(damage) => return Err(row.fault(collection, damage)),
            }
            rescored.set(rescored.get() + 1);
            let distance = self.query.distance(&values);
            let id = row.id().map_err(failed)?;
            nearest.offer(distance, id, || Ok::<_, Fault>(id.to_vec()))?;
            Ok(true)
        };
        match &self.candidates {
            None => stream::all(storage, collection, ACTION, &mut compare)?,
            Some(ids) => stream::some(storage, collection, ids, ACTION, &mut compare)?,
        }
        let results = nearest.into_results(|id| String::from_utf8_lossy(&id).into_owned());
        Ok(Found { results, scanned: scanned.get(), rescored: rescored.get() })
    }
}

const NOT_TEXT: rows::Damage = rows::Damage("its id is not valid UTF-8");

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::{Duration, Instant};

    use super::*;
    use crate::error::Status;
    use crate::vector::{VectorCollectionOptions, VectorEntry, VectorMetric};

    #[test]
    fn an_interrupt_stops_a_search_wherever_its_rows_come_from() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = Session::create(&folder.path().join("test.zova")).unwrap();
        let options = VectorCollectionOptions { dimensions: 64, metric: VectorMetric::L2 };
        session.create_vector_collection(b"c", options).unwrap();
        let ids: Vec<String> = (0..20_000).map(|row| format!("v{row}")).collect();
        let values = [1.0; 64];
        let entries: Vec<_> =
            ids.iter().map(|id| VectorEntry { id: id.as_bytes(), values: &values }).collect();
        session.put_vectors(b"c", &entries).unwrap();
        let search = VectorSearch {
            collection: b"c",
            from: SearchFrom::Values(&values),
            candidates: None,
            max_distance: None,
            limit: usize::MAX,
        };
        for path in [SearchPath::Streamed, SearchPath::Resident] {
            if path == SearchPath::Streamed {
                session.set_vector_cache_limit(0);
            } else {
                session.set_vector_cache_limit(1 << 30);
                session.search_vectors(&search).unwrap();
                session.search_vectors(&search).unwrap();
            }
            let interrupt = session.interrupt_handle().clone();
            let done = AtomicBool::new(false);
            std::thread::scope(|threads| {
                threads.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        interrupt.interrupt();
                        std::thread::sleep(Duration::from_micros(300));
                    }
                });
                let start = Instant::now();
                let fault = loop {
                    session.begin_call();
                    match session.search_vectors(&search) {
                        Ok(_) => assert!(start.elapsed() < Duration::from_secs(60), "never interrupted"),
                        Err(fault) => break fault,
                    }
                };
                done.store(true, Ordering::Relaxed);
                assert_eq!(fault.status(), Status::Interrupted, "{fault}");
            });
            session.begin_call();
            assert_eq!(session.search_vectors(&search).unwrap().len(), 20_000);
            assert_eq!(session.vector_search_stats().unwrap().path, path);
        }
    }
}
