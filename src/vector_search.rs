//! Vector search.

use std::ffi::{c_char, c_int};

use zova::engine::{Fault, SearchFrom, SearchPath, VectorSearch};

use crate::arg;
use crate::database::zova_database;
use crate::guard::guard;
use crate::handle::{self, Call};
use crate::status::zova_status;
use crate::vector_results::zova_vector_search_results;

/// Request of zova_vector_search.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_search_request {
    /// The database.
    pub db: *mut zova_database,
    /// The collection.
    pub collection_name: *const c_char,
    /// What the vectors are compared with. May be null when query_len is 0.
    pub query: *const f32,
    /// Number of values in query; it must be that of the collection's dimensions.
    pub query_len: usize,
    /// At most so many results; any number, 0 included.
    pub limit: usize,
    /// Receives the results; empty after a fault. It is overwritten without being released, so it needs no
    /// initialisation, and an earlier result in it must be released before.
    pub out_results: *mut zova_vector_search_results,
}

/// Request of zova_vector_search_in.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_search_in_request {
    /// The database.
    pub db: *mut zova_database,
    /// The collection.
    pub collection_name: *const c_char,
    /// What the vectors are compared with. May be null when query_len is 0.
    pub query: *const f32,
    /// Number of values in query; it must be that of the collection's dimensions.
    pub query_len: usize,
    /// The only vectors that are compared. May be null when candidate_count is 0.
    pub candidate_ids: *const *const c_char,
    /// Number of candidates; 0 gives no results.
    pub candidate_count: usize,
    /// At most so many results; any number, 0 included.
    pub limit: usize,
    /// Receives the results; empty after a fault. It is overwritten without being released, so it needs no
    /// initialisation, and an earlier result in it must be released before.
    pub out_results: *mut zova_vector_search_results,
}

/// Request of zova_vector_search_within.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_search_within_request {
    /// The database.
    pub db: *mut zova_database,
    /// The collection.
    pub collection_name: *const c_char,
    /// What the vectors are compared with. May be null when query_len is 0.
    pub query: *const f32,
    /// Number of values in query; it must be that of the collection's dimensions.
    pub query_len: usize,
    /// No vector farther than this, exactly this far included. Finite; may be negative.
    pub max_distance: f64,
    /// At most so many results; any number, 0 included.
    pub limit: usize,
    /// Receives the results; empty after a fault. It is overwritten without being released, so it needs no
    /// initialisation, and an earlier result in it must be released before.
    pub out_results: *mut zova_vector_search_results,
}

/// Request of zova_vector_search_in_within.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_search_in_within_request {
    /// The database.
    pub db: *mut zova_database,
    /// The collection.
    pub collection_name: *const c_char,
    /// What the vectors are compared with. May be null when query_len is 0.
    pub query: *const f32,
    /// Number of values in query; it must be that of the collection's dimensions.
    pub query_len: usize,
    /// The only vectors that are compared. May be null when candidate_count is 0.
    pub candidate_ids: *const *const c_char,
    /// Number of candidates; 0 gives no results.
    pub candidate_count: usize,
    /// No vector farther than this, exactly this far included. Finite; may be negative.
    pub max_distance: f64,
    /// At most so many results; any number, 0 included.
    pub limit: usize,
    /// Receives the results; empty after a fault. It is overwritten without being released, so it needs no
    /// initialisation, and an earlier result in it must be released before.
    pub out_results: *mut zova_vector_search_results,
}

/// Request of zova_vector_search_by_id.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_search_by_id_request {
    /// The database.
    pub db: *mut zova_database,
    /// The collection.
    pub collection_name: *const c_char,
    /// The vector that the others are compared with. It is never in the results.
    pub source_vector_id: *const c_char,
    /// At most so many results; any number, 0 included.
    pub limit: usize,
    /// Receives the results; empty after a fault. It is overwritten without being released, so it needs no
    /// initialisation, and an earlier result in it must be released before.
    pub out_results: *mut zova_vector_search_results,
}

/// Request of zova_vector_search_by_id_in.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_search_by_id_in_request {
    /// The database.
    pub db: *mut zova_database,
    /// The collection.
    pub collection_name: *const c_char,
    /// The vector that the others are compared with. It is never in the results.
    pub source_vector_id: *const c_char,
    /// The only vectors that are compared. May be null when candidate_count is 0.
    pub candidate_ids: *const *const c_char,
    /// Number of candidates; 0 gives no results.
    pub candidate_count: usize,
    /// At most so many results; any number, 0 included.
    pub limit: usize,
    /// Receives the results; empty after a fault. It is overwritten without being released, so it needs no
    /// initialisation, and an earlier result in it must be released before.
    pub out_results: *mut zova_vector_search_results,
}

/// Request of zova_vector_search_by_id_within.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_search_by_id_within_request {
    /// The database.
    pub db: *mut zova_database,
    /// The collection.
    pub collection_name: *const c_char,
    /// The vector that the others are compared with. It is never in the results.
    pub source_vector_id: *const c_char,
    /// No vector farther than this, exactly this far included. Finite; may be negative.
    pub max_distance: f64,
    /// At most so many results; any number, 0 included.
    pub limit: usize,
    /// Receives the results; empty after a fault. It is overwritten without being released, so it needs no
    /// initialisation, and an earlier result in it must be released before.
    pub out_results: *mut zova_vector_search_results,
}

/// Request of zova_vector_search_by_id_in_within.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_search_by_id_in_within_request {
    /// The database.
    pub db: *mut zova_database,
    /// The collection.
    pub collection_name: *const c_char,
    /// The vector that the others are compared with. It is never in the results.
    pub source_vector_id: *const c_char,
    /// The only vectors that are compared. May be null when candidate_count is 0.
    pub candidate_ids: *const *const c_char,
    /// Number of candidates; 0 gives no results.
    pub candidate_count: usize,
    /// No vector farther than this, exactly this far included. Finite; may be negative.
    pub max_distance: f64,
    /// At most so many results; any number, 0 included.
    pub limit: usize,
    /// Receives the results; empty after a fault. It is overwritten without being released, so it needs no
    /// initialisation, and an earlier result in it must be released before.
    pub out_results: *mut zova_vector_search_results,
}

/// Request of zova_database_set_vector_cache_limit.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_set_vector_cache_limit_request {
    /// The database.
    pub db: *mut zova_database,
    /// Bytes of memory; 0 for none.
    pub bytes: u64,
}

/// What a vector search did.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct zova_vector_search_stats {
    /// 1 if the rows came from the copy of the collection in memory, 0 if they came from the file.
    pub resident: c_int,
    /// Vectors that were compared with the query in any way.
    pub scanned: u64,
    /// Vectors whose exact distance was computed. All others were proven not to be among the results.
    pub rescored: u64,
}

/// Request of zova_vector_search_stats_get.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_search_stats_get_request {
    /// The database.
    pub db: *mut zova_database,
    /// Receives the numbers; unchanged after a fault.
    pub out_stats: *mut zova_vector_search_stats,
}

/// Finds the vectors of a collection that are nearest to a query, at most limit of them: by distance, equal distances in
/// the order of the ids' bytes. Release the result with zova_vector_search_results_free.
///
/// Every vector is compared; there is no approximate index. distance is, to the last bit, the result of computing in
/// double precision, in the order of the values.
///
/// Errors, besides the common set: ZOVA_VECTOR_INVALID for the collection name, a value of the query that is not finite,
/// or a query of zeroes in a cosine collection; ZOVA_VECTOR_COLLECTION_NOT_FOUND; ZOVA_VECTOR_DIMENSION_MISMATCH;
/// ZOVA_VECTOR_CORRUPT if a vector that is compared is damaged; ZOVA_INTERRUPTED.
///
/// Cost: one pass over the collection. The second search of a collection that did not change makes a copy of it in
/// memory (zova_database_set_vector_cache_limit), which later searches use as long as it is right.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_search(request: *const zova_vector_search_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_results = unsafe { arg::cleared(req.out_results, "out_results") }?;
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let collection = unsafe { arg::text(req.collection_name, "collection_name") }?.to_bytes();
            // SAFETY: zova.h: null, or `query_len` values readable for the whole call.
            let query = unsafe { arg::elements(req.query, req.query_len, "query") }?;
            let search = VectorSearch {
                collection,
                from: SearchFrom::Values(query),
                candidates: None,
                max_distance: None,
                limit: req.limit,
            };
            out_results.set(run(call, &search)?);
            Ok(())
        })
    })
}

/// As zova_vector_search, among the candidates only. Ids without a vector are left out, repeated ones count once.
///
/// Errors, besides those of zova_vector_search: ZOVA_VECTOR_INVALID for a candidate id, also when limit is 0.
///
/// Cost: two look-ups per candidate, whatever the size of the collection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_search_in(request: *const zova_vector_search_in_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_results = unsafe { arg::cleared(req.out_results, "out_results") }?;
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let collection = unsafe { arg::text(req.collection_name, "collection_name") }?.to_bytes();
            // SAFETY: zova.h: null, or `query_len` values readable for the whole call.
            let query = unsafe { arg::elements(req.query, req.query_len, "query") }?;
            // SAFETY: zova.h: null, or `candidate_count` texts, each null or NUL-terminated, for the whole call.
            let candidate_ids =
                unsafe { arg::texts(req.candidate_ids, req.candidate_count, "candidate_ids") }?;
            let search = VectorSearch {
                collection,
                from: SearchFrom::Values(query),
                candidates: Some(&candidate_ids),
                max_distance: None,
                limit: req.limit,
            };
            out_results.set(run(call, &search)?);
            Ok(())
        })
    })
}

/// As zova_vector_search, without vectors farther than max_distance.
///
/// Errors, besides those of zova_vector_search: ZOVA_VECTOR_INVALID for max_distance.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_search_within(
    request: *const zova_vector_search_within_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_results = unsafe { arg::cleared(req.out_results, "out_results") }?;
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let collection = unsafe { arg::text(req.collection_name, "collection_name") }?.to_bytes();
            // SAFETY: zova.h: null, or `query_len` values readable for the whole call.
            let query = unsafe { arg::elements(req.query, req.query_len, "query") }?;
            let search = VectorSearch {
                collection,
                from: SearchFrom::Values(query),
                candidates: None,
                max_distance: Some(req.max_distance),
                limit: req.limit,
            };
            out_results.set(run(call, &search)?);
            Ok(())
        })
    })
}

/// As zova_vector_search_in, without vectors farther than max_distance.
///
/// Errors, besides those of zova_vector_search_in: ZOVA_VECTOR_INVALID for max_distance.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_search_in_within(
    request: *const zova_vector_search_in_within_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_results = unsafe { arg::cleared(req.out_results, "out_results") }?;
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let collection = unsafe { arg::text(req.collection_name, "collection_name") }?.to_bytes();
            // SAFETY: zova.h: null, or `query_len` values readable for the whole call.
            let query = unsafe { arg::elements(req.query, req.query_len, "query") }?;
            // SAFETY: zova.h: null, or `candidate_count` texts, each null or NUL-terminated, for the whole call.
            let candidate_ids =
                unsafe { arg::texts(req.candidate_ids, req.candidate_count, "candidate_ids") }?;
            let search = VectorSearch {
                collection,
                from: SearchFrom::Values(query),
                candidates: Some(&candidate_ids),
                max_distance: Some(req.max_distance),
                limit: req.limit,
            };
            out_results.set(run(call, &search)?);
            Ok(())
        })
    })
}

/// As zova_vector_search, with a stored vector as the query. That vector is not in the results; others with the same
/// values are.
///
/// Errors, besides the common set: ZOVA_VECTOR_INVALID for the collection name or the id;
/// ZOVA_VECTOR_COLLECTION_NOT_FOUND; ZOVA_VECTOR_NOT_FOUND; ZOVA_VECTOR_CORRUPT for the source or a vector that is
/// compared; ZOVA_INTERRUPTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_search_by_id(
    request: *const zova_vector_search_by_id_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_results = unsafe { arg::cleared(req.out_results, "out_results") }?;
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let collection = unsafe { arg::text(req.collection_name, "collection_name") }?.to_bytes();
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let source = unsafe { arg::text(req.source_vector_id, "source_vector_id") }?.to_bytes();
            let search = VectorSearch {
                collection,
                from: SearchFrom::Vector(source),
                candidates: None,
                max_distance: None,
                limit: req.limit,
            };
            out_results.set(run(call, &search)?);
            Ok(())
        })
    })
}

/// As zova_vector_search_by_id, among the candidates only. Ids without a vector are left out, repeated ones count once.
///
/// Errors, besides those of zova_vector_search_by_id: ZOVA_VECTOR_INVALID for a candidate id, also when limit is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_search_by_id_in(
    request: *const zova_vector_search_by_id_in_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_results = unsafe { arg::cleared(req.out_results, "out_results") }?;
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let collection = unsafe { arg::text(req.collection_name, "collection_name") }?.to_bytes();
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let source = unsafe { arg::text(req.source_vector_id, "source_vector_id") }?.to_bytes();
            // SAFETY: zova.h: null, or `candidate_count` texts, each null or NUL-terminated, for the whole call.
            let candidate_ids =
                unsafe { arg::texts(req.candidate_ids, req.candidate_count, "candidate_ids") }?;
            let search = VectorSearch {
                collection,
                from: SearchFrom::Vector(source),
                candidates: Some(&candidate_ids),
                max_distance: None,
                limit: req.limit,
            };
            out_results.set(run(call, &search)?);
            Ok(())
        })
    })
}

/// As zova_vector_search_by_id, without vectors farther than max_distance.
///
/// Errors, besides those of zova_vector_search_by_id: ZOVA_VECTOR_INVALID for max_distance.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_search_by_id_within(
    request: *const zova_vector_search_by_id_within_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_results = unsafe { arg::cleared(req.out_results, "out_results") }?;
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let collection = unsafe { arg::text(req.collection_name, "collection_name") }?.to_bytes();
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let source = unsafe { arg::text(req.source_vector_id, "source_vector_id") }?.to_bytes();
            let search = VectorSearch {
                collection,
                from: SearchFrom::Vector(source),
                candidates: None,
                max_distance: Some(req.max_distance),
                limit: req.limit,
            };
            out_results.set(run(call, &search)?);
            Ok(())
        })
    })
}

/// As zova_vector_search_by_id_in, without vectors farther than max_distance.
///
/// Errors, besides those of zova_vector_search_by_id_in: ZOVA_VECTOR_INVALID for max_distance.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_search_by_id_in_within(
    request: *const zova_vector_search_by_id_in_within_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_results = unsafe { arg::cleared(req.out_results, "out_results") }?;
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let collection = unsafe { arg::text(req.collection_name, "collection_name") }?.to_bytes();
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let source = unsafe { arg::text(req.source_vector_id, "source_vector_id") }?.to_bytes();
            // SAFETY: zova.h: null, or `candidate_count` texts, each null or NUL-terminated, for the whole call.
            let candidate_ids =
                unsafe { arg::texts(req.candidate_ids, req.candidate_count, "candidate_ids") }?;
            let search = VectorSearch {
                collection,
                from: SearchFrom::Vector(source),
                candidates: Some(&candidate_ids),
                max_distance: Some(req.max_distance),
                limit: req.limit,
            };
            out_results.set(run(call, &search)?);
            Ok(())
        })
    })
}

/// Sets how much memory this handle may use for copies of vector collections, which make repeated searches fast. Without
/// this call it is 256 MiB. What does not fit any more is dropped at once, the collection not searched for the longest
/// time first. A copy needs one byte per value, and four more where they fit.
///
/// Copies never change a result: one that might not be what the file holds is dropped, whoever changed the file.
///
/// Errors: the common set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_set_vector_cache_limit(
    request: *const zova_database_set_vector_cache_limit_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            call.session()?.set_vector_cache_limit(req.bytes);
            Ok(())
        })
    })
}

/// Tells what the last vector search of this handle did, other than through SQL; zeroes before the first one.
///
/// Errors: the common set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_search_stats_get(
    request: *const zova_vector_search_stats_get_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_stats = unsafe { arg::out(req.out_stats, "out_stats") }?;
            let stats = call.session()?.vector_search_stats();
            out_stats.set(zova_vector_search_stats {
                resident: stats.is_some_and(|stats| stats.path == SearchPath::Resident).into(),
                scanned: stats.map_or(0, |stats| stats.scanned),
                rescored: stats.map_or(0, |stats| stats.rescored),
            });
            Ok(())
        })
    })
}

fn run(call: &mut Call<'_>, search: &VectorSearch<'_>) -> Result<zova_vector_search_results, Fault> {
    let results = call.session()?.search_vectors(search)?;
    zova_vector_search_results::of(&results)
}
