//! Extensions: what is installed in a database.

use std::ffi::c_char;
use std::ptr::null_mut;

use zova::engine::{ExtensionInfo, Fault};

use crate::arg::{self, Empty};
use crate::database::zova_database;
use crate::guard::{guard, shield};
use crate::handle;
use crate::list::{self, Texts, room};
use crate::status::zova_status;
use crate::transaction::zova_database_simple_request;

/// What the texts of these results are for, when memory is short.
const RESULTS: &str = "the installed extensions";

/// An installed extension. Release it with zova_extension_info_free, unless it is an item of a list. Every text has a
/// NUL byte behind its length.
#[repr(C)]
#[derive(Debug)]
pub struct zova_extension_info {
    /// Its name.
    pub name: *mut c_char,
    /// Number of bytes in name.
    pub name_len: usize,
    /// The version of the code that installed it.
    pub version: *mut c_char,
    /// Number of bytes in version.
    pub version_len: usize,
    /// The names of its private tables, indexes, views and triggers begin with this.
    pub storage_prefix: *mut c_char,
    /// Number of bytes in storage_prefix.
    pub storage_prefix_len: usize,
    /// The lowest version of Zova it works with.
    pub zova_abi_min: *mut c_char,
    /// Number of bytes in zova_abi_min.
    pub zova_abi_min_len: usize,
    /// What it offers, by convention separated by commas.
    pub capabilities: *mut c_char,
    /// Number of bytes in capabilities.
    pub capabilities_len: usize,
    /// 1: the database opens only where the extension is provided.
    pub required: u8,
    /// When it was installed, in seconds since 1970.
    pub installed_at_unix: i64,
    /// Free-form, by convention JSON.
    pub manifest_json: *mut c_char,
    /// Number of bytes in manifest_json.
    pub manifest_json_len: usize,
}

impl Empty for zova_extension_info {
    const EMPTY: Self = Self {
        name: null_mut(),
        name_len: 0,
        version: null_mut(),
        version_len: 0,
        storage_prefix: null_mut(),
        storage_prefix_len: 0,
        zova_abi_min: null_mut(),
        zova_abi_min_len: 0,
        capabilities: null_mut(),
        capabilities_len: 0,
        required: 0,
        installed_at_unix: 0,
        manifest_json: null_mut(),
        manifest_json_len: 0,
    };
}

/// Installed extensions. Release the list with zova_extension_list_free, which releases the items with it.
#[repr(C)]
#[derive(Debug)]
pub struct zova_extension_list {
    /// The extensions, or null when there are none.
    pub items: *mut zova_extension_info,
    /// Number of extensions.
    pub len: usize,
}

impl Empty for zova_extension_list {
    const EMPTY: Self = Self { items: null_mut(), len: 0 };
}

/// Request of the calls on one extension.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_extension_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the extension: 1 to 64 bytes of A-Z a-z 0-9 _ . : - that do not begin with _zova_ in any letter case.
    /// Letter case counts.
    pub name: *const c_char,
}

/// Request of zova_database_extension_info.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_extension_info_request {
    /// The database.
    pub db: *mut zova_database,
    /// Name of the extension.
    pub name: *const c_char,
    /// Receives what is recorded about it; empty after a fault. It is overwritten without being released.
    pub out_info: *mut zova_extension_info,
}

/// Request of zova_database_extension_list.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_extension_list_request {
    /// The database.
    pub db: *mut zova_database,
    /// Receives the extensions; empty after a fault. It is overwritten without being released.
    pub out_list: *mut zova_extension_list,
}

/// Installs an extension that this library provides, or that the registry provides the database was opened with:
/// creates its private storage, records it, and makes its SQL functions known to this handle. It is installed as a
/// whole or not at all; inside a transaction or savepoint the installation is part of it. Handles that were opened
/// before need not see the extension's SQL functions. From then on the database opens only where the extension is
/// provided.
///
/// Errors, besides the common set, in this order: ZOVA_EXTENSION_INVALID for an illegal name, the empty one included;
/// ZOVA_EXTENSION_NOT_FOUND if it is not provided; ZOVA_EXTENSION_EXISTS if it is installed; ZOVA_EXTENSION_INVALID
/// if one is installed whose name differs in letter case only; ZOVA_READ_ONLY; what the extension itself reports;
/// ZOVA_EXTENSION_INVALID if it did what extensions must not do.
///
/// Cost: the extension's own work, and two passes over the schema.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_extension_install(
    request: *const zova_database_extension_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or NUL-terminated and unchanged for the whole call.
            let name = unsafe { arg::text(req.name, "name") }?;
            call.session()?.install_extension(name.to_bytes())
        })
    })
}

/// The installed extensions, in the order of the bytes of their names. Release the result with
/// zova_extension_list_free.
///
/// Errors, besides the common set: ZOVA_EXTENSION_INVALID if the list in the database is malformed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_extension_list(
    request: *const zova_database_extension_list_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_list = unsafe { arg::cleared(req.out_list, "out_list") }?;
            out_list.set(infos(&call.session()?.list_extensions()?)?);
            Ok(())
        })
    })
}

/// What is recorded about an installed extension. Release the result with zova_extension_info_free.
///
/// Errors, besides the common set: ZOVA_EXTENSION_INVALID for an illegal name or a malformed list;
/// ZOVA_EXTENSION_NOT_FOUND if it is not installed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_extension_info(
    request: *const zova_database_extension_info_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_info = unsafe { arg::cleared(req.out_info, "out_info") }?;
            // SAFETY: zova.h: null, or NUL-terminated and unchanged for the whole call.
            let name = unsafe { arg::text(req.name, "name") }?;
            out_info.set(info(&call.session()?.extension_info(name.to_bytes())?)?);
            Ok(())
        })
    })
}

/// Verifies all data of an installed extension. Changes nothing.
///
/// Errors, besides the common set, in this order: ZOVA_EXTENSION_INVALID for an illegal name;
/// ZOVA_EXTENSION_NOT_FOUND if it is not installed; ZOVA_EXTENSION_UNAVAILABLE if it is not provided;
/// ZOVA_EXTENSION_INCOMPATIBLE if another version is provided; ZOVA_EXTENSION_INVALID if its data is damaged.
///
/// Cost: the extension's; usually one pass over its data.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_extension_check(
    request: *const zova_database_extension_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or NUL-terminated and unchanged for the whole call.
            let name = unsafe { arg::text(req.name, "name") }?;
            call.session()?.check_extension(name.to_bytes())
        })
    })
}

/// Verifies all data of every installed extension, in the order of their names, up to the first fault. ZOVA_OK when
/// none is installed.
///
/// Errors: those of zova_database_extension_check.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_extension_check_all(
    request: *const zova_database_simple_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| call.session()?.check_extensions())
    })
}

/// Drops an installed extension with all its data, also when that is damaged. It is dropped as a whole or not at all;
/// inside a transaction or savepoint that is part of it. Its SQL functions fail from then on.
///
/// Errors, besides the common set, in this order: ZOVA_EXTENSION_INVALID for an illegal name;
/// ZOVA_EXTENSION_NOT_FOUND if it is not installed; ZOVA_EXTENSION_UNAVAILABLE if it is not provided;
/// ZOVA_EXTENSION_INCOMPATIBLE if another version is provided; ZOVA_READ_ONLY; ZOVA_LOCKED while a statement of this
/// handle reads its tables; what the extension itself reports; ZOVA_EXTENSION_INVALID if it left something behind or
/// did what extensions must not do.
///
/// Cost: the extension's own work, and two passes over the schema.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_extension_drop(
    request: *const zova_database_extension_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or NUL-terminated and unchanged for the whole call.
            let name = unsafe { arg::text(req.name, "name") }?;
            call.session()?.drop_extension(name.to_bytes())
        })
    })
}

/// Releases what a zova_extension_info holds and sets every field to zero. Null and empty ones are fine, so calling it
/// twice is harmless. Do not change the fields before, and do not free two copies of one result.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_extension_info_free(info: *mut zova_extension_info) {
    // SAFETY: zova.h: null, or zero or owning its memory.
    shield((), || unsafe { list::free(info, |taken| taken.name.cast()) });
}

/// Releases what a zova_extension_list holds and sets every field to zero. Null and empty ones are fine, so calling it
/// twice is harmless. Do not change the fields before, and do not free two copies of one result.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_extension_list_free(list: *mut zova_extension_list) {
    // SAFETY: zova.h: null, or zero or owning its memory.
    shield((), || unsafe { list::free(list, |taken| taken.items.cast()) });
}

fn info(info: &ExtensionInfo) -> Result<zova_extension_info, Fault> {
    list::single(info_room(info), RESULTS, |texts| fill(texts, info))
}

fn infos(infos: &[ExtensionInfo]) -> Result<zova_extension_list, Fault> {
    let (items, len) = list::list(infos.iter(), |info| info_room(info), RESULTS, fill)?;
    Ok(zova_extension_list { items, len })
}

fn info_room(info: &ExtensionInfo) -> usize {
    let texts = [
        &info.name,
        &info.version,
        &info.storage_prefix,
        &info.zova_abi_min,
        &info.capabilities,
        &info.manifest_json,
    ];
    room(texts.map(|text| Some(text.as_str())))
}

fn fill(texts: &mut Texts<'_>, info: &ExtensionInfo) -> zova_extension_info {
    let (name, name_len) = texts.text(&info.name);
    let (version, version_len) = texts.text(&info.version);
    let (storage_prefix, storage_prefix_len) = texts.text(&info.storage_prefix);
    let (zova_abi_min, zova_abi_min_len) = texts.text(&info.zova_abi_min);
    let (capabilities, capabilities_len) = texts.text(&info.capabilities);
    let (manifest_json, manifest_json_len) = texts.text(&info.manifest_json);
    zova_extension_info {
        name,
        name_len,
        version,
        version_len,
        storage_prefix,
        storage_prefix_len,
        zova_abi_min,
        zova_abi_min_len,
        capabilities,
        capabilities_len,
        required: info.required.into(),
        installed_at_unix: info.installed_at_unix,
        manifest_json,
        manifest_json_len,
    }
}
