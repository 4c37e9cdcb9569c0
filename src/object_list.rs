//! Which objects there are, and whether they are sound.

use std::ptr::null_mut;

use zova::engine::{Fault, ObjectId};

use crate::arg::{self, Empty};
use crate::database::zova_database;
use crate::guard::{guard, shield};
use crate::handle;
use crate::mem::Block;
use crate::object::zova_object_id;
use crate::status::zova_status;

/// An object in a list.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct zova_object_info {
    /// The object.
    pub id: zova_object_id,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// The number of its chunks.
    pub chunk_count: u64,
}

/// A page of the list of objects. Release it with zova_object_page_free.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_page {
    /// The objects by ascending id; null if there are none.
    pub items: *mut zova_object_info,
    /// Number of elements in items.
    pub len: usize,
}

impl Empty for zova_object_page {
    const EMPTY: Self = Self { items: null_mut(), len: 0 };
}

/// Releases a page and sets every field to zero. Null and empty pages are fine, so calling it twice is harmless. Do
/// not change the fields before, and do not free two copies of one page.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_page_free(page: *mut zova_object_page) {
    shield((), || {
        // SAFETY: zova.h: null, or a page that is zero or owns its items, used by nobody else.
        let Some(page) = (unsafe { page.as_mut() }) else { return };
        let items = std::mem::replace(page, zova_object_page::EMPTY).items;
        // SAFETY: null, or the block that zova_object_list handed out; the page just forgot it.
        drop(unsafe { Block::from_raw(items.cast()) });
    });
}

/// Request of zova_object_list.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_list_request {
    /// The database.
    pub db: *mut zova_database,
    /// The page begins behind this id, stored or not; null begins at the first object.
    pub after: *const zova_object_id,
    /// The most objects to return. Fewer mean that the list is at its end.
    pub limit: usize,
    /// Receives the page; empty after a fault. What it holds before the call is not released.
    pub out_page: *mut zova_object_page,
}

/// Request of zova_object_verify.
#[repr(C)]
#[derive(Debug)]
pub struct zova_object_verify_request {
    /// The database.
    pub db: *mut zova_database,
    /// The object.
    pub id: zova_object_id,
}

/// Lists objects by ascending id, a page at a time: pass the id of the last item as after to get the next page.
///
/// Errors: the common set. Cost: proportional to the page; 48 bytes of memory per object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_list(request: *const zova_object_list_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_page = unsafe { arg::cleared(req.out_page, "out_page") }?;
            // SAFETY: zova.h: null, or readable for the whole call.
            let after = unsafe { req.after.as_ref() }.map(|id| ObjectId::from(id.bytes));
            let objects = call.session()?.list_objects(after, req.limit)?;
            let items = objects.iter().map(|object| zova_object_info {
                id: zova_object_id { bytes: object.id.into_bytes() },
                size_bytes: object.size_bytes,
                chunk_count: object.chunk_count,
            });
            let len = objects.len();
            if len > 0 {
                let block = Block::array(items).ok_or(Fault::OutOfMemory("the list of objects"))?;
                out_page.set(zova_object_page { items: block.into_raw().cast(), len });
            }
            Ok(())
        })
    })
}

/// Reads an object from end to end and verifies everything about it: its entries, every chunk, and its id.
///
/// Errors, besides the common set: ZOVA_OBJECT_NOT_FOUND; ZOVA_OBJECT_CORRUPT, whose message says what is wrong.
///
/// Cost: two SHA-256 passes over the object; memory for one chunk.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_object_verify(request: *const zova_object_verify_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| call.session()?.verify_object(ObjectId::from(req.id.bytes)))
    })
}
