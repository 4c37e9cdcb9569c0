//! What vector calls return: the structs, their free functions, and how they are filled.

use std::ffi::{c_char, c_int};
use std::mem;
use std::ptr::null_mut;

use zova::engine::{ByteBuffer as _, Fault, Vector, VectorCollectionInfo, VectorMetric, VectorSearchResult};

use crate::arg::Empty;
use crate::container::zova_text;
use crate::guard::shield;
use crate::mem::Block;

/// A vector. Release it with zova_vector_free.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector {
    /// Its id, with a NUL byte behind it.
    pub id: *mut c_char,
    /// Number of bytes in id, without the NUL byte.
    pub id_len: usize,
    /// Its values, bit for bit as they were put.
    pub values: *mut f32,
    /// Number of values.
    pub values_len: usize,
}

/// Vectors. Release them with zova_vector_list_free.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_list {
    /// The vectors, or null when there are none.
    pub items: *mut zova_vector,
    /// Number of vectors.
    pub len: usize,
}

/// Ids of vectors. Release them with zova_vector_id_list_free.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_id_list {
    /// The ids, or null when there are none.
    pub items: *mut zova_text,
    /// Number of ids.
    pub len: usize,
}

/// One result of a search.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_search_result {
    /// The id of the vector, with a NUL byte behind it.
    pub id: *mut c_char,
    /// Number of bytes in id, without the NUL byte.
    pub id_len: usize,
    /// The distance, exact to the last bit. Smaller is nearer.
    pub distance: f64,
}

/// The results of a search, nearest first. Release them with zova_vector_search_results_free.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_search_results {
    /// The results, or null when there are none.
    pub items: *mut zova_vector_search_result,
    /// Number of results.
    pub len: usize,
}

/// A vector collection. Release it with zova_vector_collection_info_free.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_collection_info {
    /// Its name, with a NUL byte behind it.
    pub name: *mut c_char,
    /// Number of bytes in name, without the NUL byte.
    pub name_len: usize,
    /// Values per vector.
    pub dimensions: u32,
    /// How distance is measured: a value of zova_vector_metric.
    pub metric: c_int,
    /// Number of vectors, uncommitted ones of this handle included.
    pub vector_count: u64,
}

/// Vector collections. Release them with zova_vector_collection_list_free.
#[repr(C)]
#[derive(Debug)]
pub struct zova_vector_collection_list {
    /// The collections, or null when there are none.
    pub items: *mut zova_vector_collection_info,
    /// Number of collections.
    pub len: usize,
}

/// Releases a vector and sets every field to zero. Null and empty ones are fine. Do not change the fields before, and
/// do not free two copies of one vector.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_free(vector: *mut zova_vector) {
    // SAFETY: zova.h: null, or a vector that is zero or owns its memory.
    shield((), || unsafe { free(vector) });
}

/// Releases vectors and sets every field to zero. Null and empty lists are fine. Do not change the fields before, and
/// do not free two copies of one list. An item may be released before, by itself.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_list_free(list: *mut zova_vector_list) {
    // SAFETY: zova.h: null, or a list that is zero or owns its memory.
    shield((), || unsafe { free(list) });
}

/// Releases ids and sets every field to zero. Null and empty lists are fine. Do not change the fields before, and do
/// not free two copies of one list. An item may be released before, by zova_text_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_id_list_free(list: *mut zova_vector_id_list) {
    // SAFETY: zova.h: null, or a list that is zero or owns its memory.
    shield((), || unsafe { free(list) });
}

/// Releases the results of a search and sets every field to zero. Null and empty results are fine. Do not change the
/// fields before, and do not free two copies of one struct.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_search_results_free(results: *mut zova_vector_search_results) {
    // SAFETY: zova.h: null, or results that are zero or own their memory.
    shield((), || unsafe { free(results) });
}

/// Releases the description of a vector collection and sets every field to zero. Null and empty ones are fine. Do not
/// change the fields before, and do not free two copies of one struct.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_collection_info_free(info: *mut zova_vector_collection_info) {
    // SAFETY: zova.h: null, or a description that is zero or owns its memory.
    shield((), || unsafe { free(info) });
}

/// Releases descriptions of vector collections and sets every field to zero. Null and empty lists are fine. Do not
/// change the fields before, and do not free two copies of one list. An item may be released before, by itself.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_vector_collection_list_free(list: *mut zova_vector_collection_list) {
    // SAFETY: zova.h: null, or a list that is zero or owns its memory.
    shield((), || unsafe { free(list) });
}

/// A struct that owns memory.
trait Owner: Empty {
    /// Releases what this copy of the struct owns.
    ///
    /// # Safety
    ///
    /// Zero, or owning its memory, which no other copy of it uses afterwards.
    unsafe fn release(self);
}

/// # Safety
///
/// Null, or writable, and zero or owning its memory.
unsafe fn free<T: Owner>(owner: *mut T) {
    // SAFETY: the caller's promise.
    if let Some(owner) = unsafe { owner.as_mut() } {
        // SAFETY: the caller's promise; what is released is taken out of the caller's struct.
        unsafe { mem::replace(owner, T::EMPTY).release() };
    }
}

/// # Safety
///
/// Null, or a block that was handed out and is owned by nobody else.
unsafe fn release_block<T>(data: *mut T) {
    // SAFETY: the caller's promise. Dropping the block releases it.
    drop(unsafe { Block::from_raw(data.cast()) });
}

/// # Safety
///
/// Null, or a block of `len` items that each are zero or own their memory.
unsafe fn release_items<T: Owner>(items: *mut T, len: usize) {
    if !items.is_null() {
        for place in 0..len {
            // SAFETY: the caller's promise; each item is read once.
            unsafe { items.add(place).read().release() };
        }
    }
    // SAFETY: the caller's promise.
    unsafe { release_block(items) };
}

fn short() -> Fault {
    Fault::OutOfMemory("the result")
}

fn text(text: &str) -> Result<*mut c_char, Fault> {
    Ok(Block::holding(None, text.as_bytes(), true).ok_or_else(short)?.into_raw().cast())
}

/// A block with an item for each source; null for none.
fn items<S, T: Owner>(sources: &[S], make: impl Fn(&S) -> Result<T, Fault>) -> Result<*mut T, Fault> {
    if sources.is_empty() {
        return Ok(null_mut());
    }
    let size = sources.len().checked_mul(size_of::<T>()).ok_or_else(short)?;
    let made: *mut T = Block::with_len(size).ok_or_else(short)?.into_raw().cast();
    for (place, source) in sources.iter().enumerate() {
        match make(source) {
            // SAFETY: the block has room for as many items as there are sources, and suits every alignment up to 16.
            Ok(item) => unsafe { made.add(place).write(item) },
            Err(fault) => {
                // SAFETY: the items before this one were written.
                unsafe { release_items(made, place) };
                return Err(fault);
            }
        }
    }
    Ok(made)
}

impl Empty for zova_vector {
    const EMPTY: Self = Self { id: null_mut(), id_len: 0, values: null_mut(), values_len: 0 };
}

impl Owner for zova_vector {
    unsafe fn release(self) {
        // SAFETY: the caller's promise.
        unsafe {
            release_block(self.id);
            release_block(self.values);
        }
    }
}

impl zova_vector {
    pub(crate) fn of(vector: &Vector) -> Result<Self, Fault> {
        let values = Block::with_len(vector.values.len() * size_of::<f32>()).ok_or_else(short)?;
        let id = text(&vector.id)?;
        let (values, values_len) = (values.into_raw().cast::<f32>(), vector.values.len());
        // SAFETY: the block has room for as many values and suits their alignment; being new it overlaps nothing.
        unsafe { values.copy_from_nonoverlapping(vector.values.as_ptr(), values_len) };
        Ok(Self { id, id_len: vector.id.len(), values, values_len })
    }
}

impl Empty for zova_vector_search_result {
    const EMPTY: Self = Self { id: null_mut(), id_len: 0, distance: 0.0 };
}

impl Owner for zova_vector_search_result {
    unsafe fn release(self) {
        // SAFETY: the caller's promise.
        unsafe { release_block(self.id) }
    }
}

impl zova_vector_search_result {
    fn of(result: &VectorSearchResult) -> Result<Self, Fault> {
        Ok(Self { id: text(&result.id)?, id_len: result.id.len(), distance: result.distance })
    }
}

impl Empty for zova_vector_collection_info {
    const EMPTY: Self = Self { name: null_mut(), name_len: 0, dimensions: 0, metric: 0, vector_count: 0 };
}

impl Owner for zova_vector_collection_info {
    unsafe fn release(self) {
        // SAFETY: the caller's promise.
        unsafe { release_block(self.name) }
    }
}

impl zova_vector_collection_info {
    pub(crate) fn of(info: &VectorCollectionInfo) -> Result<Self, Fault> {
        Ok(Self {
            name: text(&info.name)?,
            name_len: info.name.len(),
            dimensions: info.dimensions,
            metric: match info.metric {
                VectorMetric::Cosine => 0,
                VectorMetric::L2 => 1,
                VectorMetric::Dot => 2,
            },
            vector_count: info.vector_count,
        })
    }
}

impl Owner for zova_text {
    unsafe fn release(self) {
        // SAFETY: the caller's promise.
        unsafe { release_block(self.data) }
    }
}

/// A list of items that own memory, made from a slice.
macro_rules! list {
    ($list:ident of $item:ident from $source:ty: $make:expr) => {
        impl Empty for $list {
            const EMPTY: Self = Self { items: null_mut(), len: 0 };
        }

        impl Owner for $list {
            unsafe fn release(self) {
                // SAFETY: the caller's promise.
                unsafe { release_items(self.items, self.len) }
            }
        }

        impl $list {
            pub(crate) fn of(sources: &[$source]) -> Result<Self, Fault> {
                Ok(Self { items: items::<_, $item>(sources, $make)?, len: sources.len() })
            }
        }
    };
}

list!(zova_vector_list of zova_vector from Vector: zova_vector::of);
list!(zova_vector_search_results of zova_vector_search_result from VectorSearchResult: zova_vector_search_result::of);
list!(zova_vector_collection_list of zova_vector_collection_info from VectorCollectionInfo: zova_vector_collection_info::of);
list!(zova_vector_id_list of zova_text from String: |id: &String| {
    Ok(zova_text { data: text(id)?, len: id.len() })
});
