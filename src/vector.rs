//! Vector collections and vectors.

use std::ffi::{c_char, c_int};

use zova::engine::{Fault, VectorCollectionOptions, VectorEntry, VectorMetric};

use crate::arg;
use crate::database::zova_database;
use crate::guard::guard;
use crate::handle;
use crate::status::zova_status;
use crate::vector_results::{
    zova_vector, zova_vector_collection_info, zova_vector_collection_list, zova_vector_id_list,
    zova_vector_list,
};

/// What a collection is created with; neither ever changes.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct zova_vector_collection_options {
    /// Values per vector, 1 to 16384.
    pub dimensions: u32,
    /// How distance is measured: a value of zova_vector_metric.
    pub metric: c_int,
}

/// A vector to store.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct zova_vector_input {
    /// Its id: 1 to 255 bytes of UTF-8 that do not begin with _zova_ in any letter case.
    pub id: *const c_char,
    /// Its values. May be null when values_len is 0.
    pub values: *const f32,
    /// Number of values; it must be that of the collection's dimensions.
    pub values_len: usize,
}

/// Request of zova_vector_collection_create.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_collection_create_request {
    /// The database.
    pub db: *mut zova_database,
    /// The name: 1 to 255 bytes of UTF-8 that do not begin with _zova_ in any letter case.
    pub name: *const c_char,
    /// Dimensions and metric.
    pub options: zova_vector_collection_options,
}

/// Request of zova_vector_collection_exists.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_collection_exists_request {
    /// The database.
    pub db: *mut zova_database,
    /// The name.
    pub name: *const c_char,
    /// Receives 1 if a collection has this name, else 0; unchanged after a fault.
    pub out_exists: *mut u8,
}

/// Request of zova_vector_collection_info_get.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_collection_info_get_request {
    /// The database.
    pub db: *mut zova_database,
    /// The name.
    pub name: *const c_char,
    /// Receives the description; empty after a fault. It is overwritten without being released, so it needs no
    /// initialisation, and an earlier result in it must be released before.
    pub out_info: *mut zova_vector_collection_info,
}

/// Request of zova_vector_collections_list.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_collections_list_request {
    /// The database.
    pub db: *mut zova_database,
    /// Receives the descriptions; empty after a fault. It is overwritten without being released, so it needs no
    /// initialisation, and an earlier result in it must be released before.
    pub out_list: *mut zova_vector_collection_list,
}

/// Request of zova_vector_collection_delete.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_collection_delete_request {
    /// The database.
    pub db: *mut zova_database,
    /// The name.
    pub name: *const c_char,
}

/// Request of zova_vector_put.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_put_request {
    /// The database.
    pub db: *mut zova_database,
    /// The collection.
    pub collection_name: *const c_char,
    /// The id: 1 to 255 bytes of UTF-8 that do not begin with _zova_ in any letter case.
    pub vector_id: *const c_char,
    /// The values. May be null when values_len is 0.
    pub values: *const f32,
    /// Number of values; it must be that of the collection's dimensions.
    pub values_len: usize,
}

/// Request of zova_vector_put_many.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_put_many_request {
    /// The database.
    pub db: *mut zova_database,
    /// The collection.
    pub collection_name: *const c_char,
    /// The vectors. May be null when vectors_len is 0.
    pub vectors: *const zova_vector_input,
    /// Number of vectors.
    pub vectors_len: usize,
}

/// Request of zova_vector_get.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_get_request {
    /// The database.
    pub db: *mut zova_database,
    /// The collection.
    pub collection_name: *const c_char,
    /// The vector.
    pub vector_id: *const c_char,
    /// Receives id and values; empty after a fault. It is overwritten without being released, so it needs no
    /// initialisation, and an earlier result in it must be released before.
    pub out_vector: *mut zova_vector,
}

/// Request of zova_vector_get_many.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_get_many_request {
    /// The database.
    pub db: *mut zova_database,
    /// The collection.
    pub collection_name: *const c_char,
    /// The ids. May be null when vector_count is 0.
    pub vector_ids: *const *const c_char,
    /// Number of ids.
    pub vector_count: usize,
    /// Receives the vectors; empty after a fault. It is overwritten without being released, so it needs no
    /// initialisation, and an earlier result in it must be released before.
    pub out_vectors: *mut zova_vector_list,
}

/// Request of zova_vector_exists.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_exists_request {
    /// The database.
    pub db: *mut zova_database,
    /// The collection.
    pub collection_name: *const c_char,
    /// The vector.
    pub vector_id: *const c_char,
    /// Receives 1 if the collection has this vector, else 0; unchanged after a fault.
    pub out_exists: *mut u8,
}

/// Request of zova_vector_ids_list.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_ids_list_request {
    /// The database.
    pub db: *mut zova_database,
    /// The collection.
    pub collection_name: *const c_char,
    /// Only ids after this one, which need not exist; null for all.
    pub after_vector_id: *const c_char,
    /// At most so many ids.
    pub limit: usize,
    /// Receives the ids; empty after a fault. It is overwritten without being released, so it needs no
    /// initialisation, and an earlier result in it must be released before.
    pub out_ids: *mut zova_vector_id_list,
}

/// Request of zova_vector_delete.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_delete_request {
    /// The database.
    pub db: *mut zova_database,
    /// The collection.
    pub collection_name: *const c_char,
    /// The vector.
    pub vector_id: *const c_char,
}

/// Request of zova_vector_delete_many.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_delete_many_request {
    /// The database.
    pub db: *mut zova_database,
    /// The collection.
    pub collection_name: *const c_char,
    /// The ids. May be null when vector_count is 0.
    pub vector_ids: *const *const c_char,
    /// Number of ids.
    pub vector_count: usize,
}

/// Creates an empty vector collection. Dimensions and metric never change.
///
/// Inside a transaction or savepoint the collection is part of it and is undone with it; outside, the call is one
/// transaction of its own. The same holds for every call that changes vectors.
///
/// Errors, besides the common set: ZOVA_INVALID_ARGUMENT for an unknown metric; ZOVA_VECTOR_INVALID for the name or the
/// dimensions; ZOVA_VECTOR_COLLECTION_EXISTS; ZOVA_BOUND_STORE_INVALID.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_collection_create(
    request: *const zova_vector_collection_create_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let name = unsafe { arg::text(req.name, "name") }?.to_bytes();
            let options = VectorCollectionOptions {
                dimensions: req.options.dimensions,
                metric: metric(req.options.metric)?,
            };
            call.session()?.create_vector_collection(name, options)
        })
    })
}

fn metric(number: c_int) -> Result<VectorMetric, Fault> {
    match number {
        0 => Ok(VectorMetric::Cosine),
        1 => Ok(VectorMetric::L2),
        2 => Ok(VectorMetric::Dot),
        _ => Err(Fault::argument(format!("options.metric is {number}, which is no zova_vector_metric"))),
    }
}

/// Tells whether a vector collection has this name.
///
/// Errors, besides the common set: ZOVA_VECTOR_INVALID for the name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_collection_exists(
    request: *const zova_vector_collection_exists_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_exists = unsafe { arg::out(req.out_exists, "out_exists") }?;
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let name = unsafe { arg::text(req.name, "name") }?.to_bytes();
            out_exists.set(call.session()?.has_vector_collection(name)?.into());
            Ok(())
        })
    })
}

/// Describes a vector collection. Release the result with zova_vector_collection_info_free.
///
/// Errors, besides the common set: ZOVA_VECTOR_INVALID for the name; ZOVA_VECTOR_COLLECTION_NOT_FOUND;
/// ZOVA_NOT_ZOVA_DATABASE if the stored definition breaks the rules of the format.
///
/// Cost: the vectors of the collection are counted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_collection_info_get(
    request: *const zova_vector_collection_info_get_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_info = unsafe { arg::cleared(req.out_info, "out_info") }?;
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let name = unsafe { arg::text(req.name, "name") }?.to_bytes();
            let info = call.session()?.vector_collection_info(name)?;
            out_info.set(zova_vector_collection_info::of(&info)?);
            Ok(())
        })
    })
}

/// Describes all vector collections, in the order of their names' bytes. Release the result with
/// zova_vector_collection_list_free.
///
/// Errors, besides the common set: ZOVA_NOT_ZOVA_DATABASE if a stored definition breaks the rules of the format.
///
/// Cost: all vectors are counted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_collections_list(
    request: *const zova_vector_collections_list_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_list = unsafe { arg::cleared(req.out_list, "out_list") }?;
            let list = call.session()?.list_vector_collections()?;
            out_list.set(zova_vector_collection_list::of(&list)?);
            Ok(())
        })
    })
}

/// Deletes a vector collection and all its vectors. Rows and graph nodes of yours that mention them are not touched.
///
/// Errors, besides the common set: ZOVA_VECTOR_INVALID for the name; ZOVA_VECTOR_COLLECTION_NOT_FOUND;
/// ZOVA_BOUND_STORE_INVALID.
///
/// Cost: proportional to the number of its vectors.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_collection_delete(
    request: *const zova_vector_collection_delete_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let name = unsafe { arg::text(req.name, "name") }?.to_bytes();
            call.session()?.delete_vector_collection(name)
        })
    })
}

/// Stores a vector or replaces its values. They are kept bit for bit.
///
/// Errors, besides the common set: ZOVA_VECTOR_INVALID for the collection name, the id, a value that is not finite, or
/// values that are all zero in a cosine collection; ZOVA_VECTOR_COLLECTION_NOT_FOUND; ZOVA_VECTOR_DIMENSION_MISMATCH;
/// ZOVA_BOUND_STORE_INVALID.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_put(request: *const zova_vector_put_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let collection_name = unsafe { arg::text(req.collection_name, "collection_name") }?.to_bytes();
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let vector_id = unsafe { arg::text(req.vector_id, "vector_id") }?.to_bytes();
            // SAFETY: zova.h: null, or `values_len` values readable for the whole call.
            let values = unsafe { arg::elements(req.values, req.values_len, "values") }?;
            call.session()?.put_vector(collection_name, vector_id, values)
        })
    })
}

/// Stores or replaces many vectors: all of them, or none if one is refused. Of equal ids the last one stays. With no
/// vectors at all the collection must still exist.
///
/// Errors: those of zova_vector_put, for the first vector that breaks a rule.
///
/// Cost: one transaction for all; the fastest way to store many.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_put_many(request: *const zova_vector_put_many_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let collection_name = unsafe { arg::text(req.collection_name, "collection_name") }?.to_bytes();
            // SAFETY: zova.h: null, or `vectors_len` inputs readable for the whole call.
            let vectors = unsafe { arg::elements(req.vectors, req.vectors_len, "vectors") }?;
            let entry = |input: &zova_vector_input| {
                // SAFETY: zova.h: null, or NUL-terminated for the whole call.
                let id = unsafe { arg::text(input.id, "the id of a vector") }?.to_bytes();
                // SAFETY: zova.h: null, or `values_len` values readable for the whole call.
                let values = unsafe { arg::elements(input.values, input.values_len, "values") }?;
                Ok(VectorEntry { id, values })
            };
            let entries: Vec<_> = vectors.iter().map(entry).collect::<Result<_, Fault>>()?;
            call.session()?.put_vectors(collection_name, &entries)
        })
    })
}

/// Reads a vector, bit for bit as it was put. Release the result with zova_vector_free.
///
/// Errors, besides the common set: ZOVA_VECTOR_INVALID for the collection name or the id;
/// ZOVA_VECTOR_COLLECTION_NOT_FOUND; ZOVA_VECTOR_NOT_FOUND; ZOVA_VECTOR_CORRUPT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_get(request: *const zova_vector_get_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_vector = unsafe { arg::cleared(req.out_vector, "out_vector") }?;
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let collection_name = unsafe { arg::text(req.collection_name, "collection_name") }?.to_bytes();
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let vector_id = unsafe { arg::text(req.vector_id, "vector_id") }?.to_bytes();
            let vector = call.session()?.get_vector(collection_name, vector_id)?;
            out_vector.set(zova_vector::of(&vector)?);
            Ok(())
        })
    })
}

/// Reads many vectors, all of one moment, in the order of the ids. Release the result with zova_vector_list_free.
///
/// Errors: those of zova_vector_get, for the first id that is illegal, then for the first vector that is missing or
/// damaged.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_get_many(request: *const zova_vector_get_many_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_vectors = unsafe { arg::cleared(req.out_vectors, "out_vectors") }?;
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let collection_name = unsafe { arg::text(req.collection_name, "collection_name") }?.to_bytes();
            // SAFETY: zova.h: null, or `vector_count` texts, each null or NUL-terminated, for the whole call.
            let vector_ids = unsafe { arg::texts(req.vector_ids, req.vector_count, "vector_ids") }?;
            let vectors = call.session()?.get_vectors(collection_name, &vector_ids)?;
            out_vectors.set(zova_vector_list::of(&vectors)?);
            Ok(())
        })
    })
}

/// Tells whether a collection has a vector of this id, without reading it.
///
/// Errors, besides the common set: ZOVA_VECTOR_INVALID for the collection name or the id;
/// ZOVA_VECTOR_COLLECTION_NOT_FOUND.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_exists(request: *const zova_vector_exists_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_exists = unsafe { arg::out(req.out_exists, "out_exists") }?;
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let collection_name = unsafe { arg::text(req.collection_name, "collection_name") }?.to_bytes();
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let vector_id = unsafe { arg::text(req.vector_id, "vector_id") }?.to_bytes();
            out_exists.set(call.session()?.has_vector(collection_name, vector_id)?.into());
            Ok(())
        })
    })
}

/// Lists the ids of a collection in the order of their bytes, a page at a time: the first ones, or those after the last
/// id of the page before. Release the result with zova_vector_id_list_free.
///
/// Errors, besides the common set: ZOVA_VECTOR_INVALID for the collection name or after_vector_id;
/// ZOVA_VECTOR_COLLECTION_NOT_FOUND.
///
/// Cost: proportional to the number of ids in the page.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_ids_list(request: *const zova_vector_ids_list_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_ids = unsafe { arg::cleared(req.out_ids, "out_ids") }?;
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let collection_name = unsafe { arg::text(req.collection_name, "collection_name") }?.to_bytes();
            let after = if req.after_vector_id.is_null() {
                None
            } else {
                // SAFETY: zova.h: null, or NUL-terminated for the whole call.
                Some(unsafe { arg::text(req.after_vector_id, "after_vector_id") }?.to_bytes())
            };
            let ids = call.session()?.list_vector_ids(collection_name, after, req.limit)?;
            out_ids.set(zova_vector_id_list::of(&ids)?);
            Ok(())
        })
    })
}

/// Deletes a vector, damaged or not. Rows and graph nodes of yours that mention it are not touched.
///
/// Errors, besides the common set: ZOVA_VECTOR_INVALID for the collection name or the id;
/// ZOVA_VECTOR_COLLECTION_NOT_FOUND; ZOVA_VECTOR_NOT_FOUND; ZOVA_BOUND_STORE_INVALID.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_delete(request: *const zova_vector_delete_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let collection_name = unsafe { arg::text(req.collection_name, "collection_name") }?.to_bytes();
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let vector_id = unsafe { arg::text(req.vector_id, "vector_id") }?.to_bytes();
            call.session()?.delete_vector(collection_name, vector_id)
        })
    })
}

/// Deletes many vectors: all of them, or none if one is missing, so a repeated id fails, too. With no ids at all the
/// collection must still exist.
///
/// Errors: those of zova_vector_delete, for the first id that fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_delete_many(
    request: *const zova_vector_delete_many_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let collection_name = unsafe { arg::text(req.collection_name, "collection_name") }?.to_bytes();
            // SAFETY: zova.h: null, or `vector_count` texts, each null or NUL-terminated, for the whole call.
            let vector_ids = unsafe { arg::texts(req.vector_ids, req.vector_count, "vector_ids") }?;
            call.session()?.delete_vectors(collection_name, &vector_ids)
        })
    })
}
