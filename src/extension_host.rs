//! Registries of extensions: `zova_extension_host.h`.

use std::ffi::c_char;
use std::path::Path;

use zova::engine::{ExtensionRegistry, Fault, OpenOptions, Session, bundle, plugin};

use crate::arg;
use crate::container::zova_message;
use crate::database::{open_into, open_options, zova_database};
use crate::guard::guard;
use crate::handle;
use crate::message::report;
use crate::status::zova_status;

/// The C names of the plugin interface, which `zova_extension.h` declares.
///
/// cbindgen:ignore
type zova_ext_plugin = plugin::abi::zova_ext_plugin;
/// As [`zova_ext_plugin`].
///
/// cbindgen:ignore
type zova_ext_host = plugin::abi::zova_ext_host;

/// A set of extensions to open databases with: the bundled ones, and those that were added or loaded.
///
/// Made by zova_extension_registry_create, ended by zova_extension_registry_free. Any thread may use it. Once a database
/// was opened with it, nothing can be added any more; it serves any number of databases.
pub struct zova_extension_registry {
    _private: [u8; 0],
}

/// Request of zova_extension_registry_create.
#[repr(C)]
#[derive(Debug)]
pub struct zova_extension_registry_create_request {
    /// Receives the handle; null after every fault.
    pub out_registry: *mut *mut zova_extension_registry,
    /// Receives the reason of a fault; may be null. Initialise it with zeroes before its first use.
    pub out_error_message: *mut zova_message,
}

/// Request of zova_extension_registry_add.
#[repr(C)]
#[derive(Debug)]
pub struct zova_extension_registry_add_request {
    /// The registry.
    pub registry: *mut zova_extension_registry,
    /// The extension. The struct is copied; its strings, hooks and user pointer must stay valid until the process ends.
    pub plugin: *const zova_ext_plugin,
    /// As in zova_extension_registry_create_request.
    pub out_error_message: *mut zova_message,
}

/// Request of zova_extension_registry_load.
#[repr(C)]
#[derive(Debug)]
pub struct zova_extension_registry_load_request {
    /// The registry.
    pub registry: *mut zova_extension_registry,
    /// The bundle: a directory, NUL-terminated, ending in ".zovaext".
    pub bundle_path: *const c_char,
    /// The list of trusted bundles, NUL-terminated; null for the usual one (see zova_extension_bundle_trust in zova.h).
    pub trust_store_path: *const c_char,
    /// As in zova_extension_registry_create_request.
    pub out_error_message: *mut zova_message,
}

/// Request of zova_database_open_with_registry, zova_database_open_registry_for_repair and
/// zova_database_create_with_registry.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_open_registry_request {
    /// As in zova_database_open_request.
    pub path: *const c_char,
    /// As in zova_database_open_options_request.
    pub flags: u32,
    /// As in zova_database_open_options_request.
    pub busy_timeout_ms: u32,
    /// As in zova_database_open_request.
    pub out_db: *mut *mut zova_database,
    /// As in zova_database_open_request.
    pub out_error_message: *mut zova_message,
    /// The extensions of the handle.
    pub registry: *mut zova_extension_registry,
}

/// The services of this library for extensions that the program itself supplies: what the entry point of a plugin is
/// given. Static; never null, valid until the process ends. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn zova_extension_host() -> *const zova_ext_host {
    plugin::services()
}

/// Makes a registry with the bundled extensions.
///
/// Errors: none beyond arguments, and ZOVA_OUT_OF_MEMORY. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_extension_registry_create(
    request: *const zova_extension_registry_create_request,
) -> zova_status {
    guard(|| {
        // SAFETY: header: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        let work = || {
            // SAFETY: header: null, or writable and unaliased for the whole call.
            let out_registry = unsafe { arg::cleared(req.out_registry, "out_registry") }?;
            out_registry.set(handle::adopt_registry(ExtensionRegistry::new())?);
            Ok(())
        };
        // SAFETY: header: null, or zero or an earlier message, and unaliased for the whole call.
        unsafe { report(req.out_error_message, work) }
    })
}

/// Adds an extension of the program's own. Its hooks use the functions of zova_extension_host.
///
/// Errors: ZOVA_INVALID_ARGUMENT; ZOVA_MISUSE for a registry that is not live or with which a database was opened;
/// ZOVA_EXTENSION_INCOMPATIBLE for a description of another major version, or one that is too short;
/// ZOVA_EXTENSION_INVALID for one that breaks its rules, lacks a required hook, or has a name that is there already.
///
/// Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_extension_registry_add(
    request: *const zova_extension_registry_add_request,
) -> zova_status {
    guard(|| {
        // SAFETY: header: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::require_registry(req.registry)?;
        // SAFETY: header: null, or a plugin as `zova_extension.h` describes it.
        let work =
            || handle::on_registry(req.registry, |registry| unsafe { plugin::add_to(registry, req.plugin) });
        // SAFETY: header: null, or zero or an earlier message, and unaliased for the whole call.
        unsafe { report(req.out_error_message, work) }
    })
}

/// Loads a trusted bundle into this process and adds its extension. The checks of zova_extension_bundle_verify (zova.h)
/// come first, on the very bytes that are loaded then. The code stays loaded until the process ends, also when the
/// registry is freed; loading an unchanged bundle again verifies it again and uses the code that is there.
///
/// Errors, besides those of zova_extension_bundle_verify: ZOVA_EXTENSION_LOAD_FAILED for a library that was made for
/// another platform, cannot be loaded, lacks the entry function, or whose entry function fails;
/// ZOVA_EXTENSION_INCOMPATIBLE for one that was built for another plugin interface, or states something else than its
/// manifest; those of zova_extension_registry_add.
///
/// Any thread. Cost: hashes and copies the library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_extension_registry_load(
    request: *const zova_extension_registry_load_request,
) -> zova_status {
    guard(|| {
        // SAFETY: header: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::require_registry(req.registry)?;
        let work = || {
            // SAFETY: header: null, or NUL-terminated for the whole call.
            let path = unsafe { arg::path(req.bundle_path, "bundle_path") }?;
            // SAFETY: header: null, or NUL-terminated for the whole call.
            let trust_store = unsafe { arg::optional_path(req.trust_store_path, "trust_store_path") }?;
            handle::on_registry(req.registry, |registry| bundle::load_into(registry, path, trust_store))
        };
        // SAFETY: header: null, or zero or an earlier message, and unaliased for the whole call.
        unsafe { report(req.out_error_message, work) }
    })
}

/// Ends a registry handle. Null is ZOVA_INVALID_ARGUMENT.
///
/// Errors: ZOVA_MISUSE for a registry that is not live, and while a database that was opened with it is open; it stays
/// usable then. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_extension_registry_free(registry: *mut zova_extension_registry) -> zova_status {
    guard(|| handle::free_registry(registry))
}

/// As zova_database_open_with_options (zova.h), with the extensions of a registry, which takes nothing more from then on.
///
/// Errors: those of zova_database_open_with_options; what the hooks of an installed extension report; ZOVA_MISUSE for a
/// registry that is not live.
///
/// Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_open_with_registry(
    request: *const zova_database_open_registry_request,
) -> zova_status {
    // SAFETY: header: null, or a request as it describes it.
    unsafe { with_registry(request, Session::open_with_registry) }
}

/// As zova_database_open_for_repair (zova.h), with the extensions of a registry, which takes nothing more from then on:
/// opens a database also when an installed extension is missing, does not fit or has damaged tables. Those in the
/// registry can be dropped.
///
/// Errors: those of zova_database_open_with_options, of those that concern extensions only ZOVA_EXTENSION_INVALID for a
/// malformed list of installed extensions; ZOVA_MISUSE for a registry that is not live.
///
/// Any thread. Cost: that of zova_database_open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_open_registry_for_repair(
    request: *const zova_database_open_registry_request,
) -> zova_status {
    // SAFETY: header: null, or a request as it describes it.
    unsafe { with_registry(request, Session::open_for_repair) }
}

/// As zova_database_create (zova.h), with options for the handle and the extensions of a registry, which takes nothing
/// more from then on.
///
/// Errors: those of zova_database_create; ZOVA_INVALID_ARGUMENT for an unknown flag or a timeout above 2147483647;
/// ZOVA_MISUSE for a registry that is not live.
///
/// Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_create_with_registry(
    request: *const zova_database_open_registry_request,
) -> zova_status {
    // SAFETY: header: null, or a request as it describes it.
    unsafe { with_registry(request, Session::create_with_registry) }
}

type Opening = fn(&Path, OpenOptions, &ExtensionRegistry) -> Result<Session, Fault>;

/// # Safety
///
/// Null, or a request as the header describes it.
unsafe fn with_registry(
    request: *const zova_database_open_registry_request,
    opening: Opening,
) -> zova_status {
    guard(|| {
        // SAFETY: header: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::require_registry(req.registry)?;
        let open = |path: &Path| {
            let options = open_options(req.flags, req.busy_timeout_ms)?;
            // Shared, so that the registry is not locked while the file is waited for.
            let registry = handle::on_registry(req.registry, |registry| Ok(registry.share()))?;
            opening(path, options, &registry)
        };
        // SAFETY: header: pointers that are null or valid for the whole call.
        let work = || unsafe { open_into(req.out_db, req.path, open) };
        // SAFETY: header: null, or zero or an earlier message, and unaliased for the whole call.
        unsafe { report(req.out_error_message, work) }
    })
}
