//! Extension bundles and trust, and opening databases with bundles.

use std::ffi::c_char;
use std::path::Path;

use zova::engine::{ExtensionRegistry, Fault, OpenOptions, Session, bundle};

use crate::arg;
use crate::container::{zova_message, zova_text};
use crate::database::{open_into, open_options, zova_database};
use crate::guard::guard;
use crate::message::report;
use crate::status::zova_status;

/// Request of zova_extension_bundle_trust and zova_extension_bundle_verify.
#[repr(C)]
#[derive(Debug)]
pub struct zova_extension_bundle_request {
    /// The bundle: a directory, NUL-terminated, ending in ".zovaext".
    pub bundle_path: *const c_char,
    /// The list of trusted bundles, a file, NUL-terminated; null for the usual one.
    pub trust_store_path: *const c_char,
    /// Receives the reason of a fault; may be null. Initialise it with zeroes before its first use.
    pub out_error_message: *mut zova_message,
}

/// Request of zova_extension_bundle_untrust.
#[repr(C)]
#[derive(Debug)]
pub struct zova_extension_bundle_untrust_request {
    /// The path of a bundle if it contains "/" or ends in ".zovaext", else the name of an extension; NUL-terminated.
    pub identifier: *const c_char,
    /// As in zova_extension_bundle_request.
    pub trust_store_path: *const c_char,
    /// Receives 1 if something was removed, 0 if nothing was listed; unchanged after a fault.
    pub out_removed: *mut u8,
    /// As in zova_extension_bundle_request.
    pub out_error_message: *mut zova_message,
}

/// Request of zova_extension_bundle_list.
#[repr(C)]
#[derive(Debug)]
pub struct zova_extension_bundle_list_request {
    /// As in zova_extension_bundle_request.
    pub trust_store_path: *const c_char,
    /// Receives a JSON object: cli_json_version (1), status ("ok"), command ("extension-trusted"), count, and the array
    /// trusted_extensions. Each entry has name, version, storage_prefix, bundle_path, manifest_sha256, library_sha256
    /// (strings) and trusted_at_unix (an integer).
    pub out_json: *mut zova_text,
    /// As in zova_extension_bundle_request.
    pub out_error_message: *mut zova_message,
}

/// Request of zova_database_create_with_extensions, zova_database_open_with_extensions and
/// zova_database_open_for_repair.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_open_extensions_request {
    /// As in zova_database_open_request.
    pub path: *const c_char,
    /// As in zova_database_open_options_request.
    pub flags: u32,
    /// As in zova_database_open_options_request.
    pub busy_timeout_ms: u32,
    /// The bundles to load, in this order, each as in zova_extension_bundle_request. May be null when the count is 0.
    pub extension_bundle_paths: *const *const c_char,
    /// Number of bundles.
    pub extension_bundle_count: usize,
    /// As in zova_extension_bundle_request.
    pub trust_store_path: *const c_char,
    /// As in zova_database_open_request.
    pub out_db: *mut *mut zova_database,
    /// As in zova_database_open_request.
    pub out_error_message: *mut zova_message,
}

/// Records that the code of an extension bundle, as it is now, may be loaded. Nothing of it is loaded or run. Every later
/// change of its manifest or library takes the trust away. Records of the same name or path are replaced.
///
/// The list of trusted bundles is a file of the user: what the request names, else what the environment variable
/// ZOVA_TRUST_STORE names, else zova/trusted_extensions.json in the directory XDG_CONFIG_HOME, else in the directory
/// .config of HOME. It is made if it is missing, with the directories above it, for the user alone, and replaced as a
/// whole.
///
/// Errors: ZOVA_INVALID_ARGUMENT; ZOVA_EXTENSION_INVALID for a bundle or a list that breaks its rules; ZOVA_CANT_OPEN
/// for a file that cannot be read or written, with the reason (FileNotFound, NotDir, AccessDenied, ...) in the message;
/// ZOVA_EXTENSION_UNTRUSTED for a list that every user of the machine may change; ZOVA_OUT_OF_MEMORY.
///
/// Any thread, any process. Cost: reads the library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_extension_bundle_trust(
    request: *const zova_extension_bundle_request,
) -> zova_status {
    // SAFETY: zova.h: null, or a request as it describes it.
    unsafe { on_bundle(request, |bundle, store| bundle::trust(bundle, store).map(drop)) }
}

/// Makes all checks that come before a bundle is loaded, and loads nothing: that its manifest follows the rules, that
/// exactly these bytes were trusted, that not every user of the machine may change them, and that this version of Zova
/// has the plugin interface they need.
///
/// Errors: those of zova_extension_bundle_trust; ZOVA_EXTENSION_UNTRUSTED for a bundle that was not trusted or changed
/// since, or that every user of the machine may change; ZOVA_EXTENSION_INCOMPATIBLE for one that was made for another
/// version.
///
/// Any thread. Cost: reads the library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_extension_bundle_verify(
    request: *const zova_extension_bundle_request,
) -> zova_status {
    // SAFETY: zova.h: null, or a request as it describes it.
    unsafe { on_bundle(request, bundle::verify) }
}

/// Takes trust away, by the path of a bundle, whether or not the bundle still exists, or by the name of an extension.
/// That nothing was listed is no fault.
///
/// Errors: ZOVA_INVALID_ARGUMENT; ZOVA_EXTENSION_INVALID for an identifier that is no name, and for a list that breaks
/// its rules; ZOVA_CANT_OPEN and ZOVA_EXTENSION_UNTRUSTED as for zova_extension_bundle_trust; ZOVA_OUT_OF_MEMORY.
///
/// Any thread, any process.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_extension_bundle_untrust(
    request: *const zova_extension_bundle_untrust_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        let work = || {
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_removed = unsafe { arg::out(req.out_removed, "out_removed") }?;
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let identifier = unsafe { arg::text(req.identifier, "identifier") }?;
            let identifier =
                identifier.to_str().map_err(|_| Fault::argument("identifier is not valid UTF-8"))?;
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let trust_store = unsafe { arg::optional_path(req.trust_store_path, "trust_store_path") }?;
            out_removed.set(u8::from(bundle::untrust(identifier, trust_store)?));
            Ok(())
        };
        // SAFETY: zova.h: null, or zero or an earlier message, and unaliased for the whole call.
        unsafe { report(req.out_error_message, work) }
    })
}

/// Lists the trusted bundles as JSON, in the order in which they were trusted.
///
/// Errors: ZOVA_INVALID_ARGUMENT; ZOVA_EXTENSION_INVALID for a list that breaks its rules; ZOVA_CANT_OPEN for one that
/// cannot be read; ZOVA_OUT_OF_MEMORY.
///
/// Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_extension_bundle_list(
    request: *const zova_extension_bundle_list_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        let work = || {
            // SAFETY: zova.h: null, or zero or an earlier text, and unaliased for the whole call.
            let out_json = unsafe { arg::refill(req.out_json, "out_json") }?;
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let trust_store = unsafe { arg::optional_path(req.trust_store_path, "trust_store_path") }?;
            out_json.fill(bundle::trusted_json(trust_store)?.as_bytes(), "the list of trusted bundles")
        };
        // SAFETY: zova.h: null, or zero or an earlier message, and unaliased for the whole call.
        unsafe { report(req.out_error_message, work) }
    })
}

/// As zova_database_create, with options for the handle and extensions from bundles. The bundles are loaded into this
/// process first, and stay loaded until it ends; a fault of one of them leaves no file.
///
/// Errors: ZOVA_INVALID_ARGUMENT; for the bundles those of zova_extension_bundle_verify,
/// ZOVA_EXTENSION_LOAD_FAILED for a library that was made for another platform, cannot be loaded, lacks the entry
/// function, or whose entry function fails, ZOVA_EXTENSION_INCOMPATIBLE for one that was built for another plugin
/// interface or states something else than its manifest, and ZOVA_EXTENSION_INVALID for a name that occurs twice; then
/// those of zova_database_create.
///
/// Any thread. Cost: that of zova_database_create; each library is hashed and copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_create_with_extensions(
    request: *const zova_database_open_extensions_request,
) -> zova_status {
    // SAFETY: zova.h: null, or a request as it describes it.
    unsafe { with_extensions(request, Session::create_with_registry) }
}

/// As zova_database_open_with_options, with extensions from bundles, for this one handle. Only the bundles that the
/// request names are ever loaded, whatever the file says is installed; an installed extension that is neither bundled
/// nor among them is ZOVA_EXTENSION_UNAVAILABLE.
///
/// Errors: ZOVA_INVALID_ARGUMENT; for the bundles those of zova_database_create_with_extensions; then those of
/// zova_database_open_with_options.
///
/// Any thread. Cost: that of zova_database_open; each library is hashed and copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_open_with_extensions(
    request: *const zova_database_open_extensions_request,
) -> zova_status {
    // SAFETY: zova.h: null, or a request as it describes it.
    unsafe { with_extensions(request, Session::open_with_registry) }
}

/// As zova_database_open_with_extensions, but opens a database also when an installed extension is missing, does not fit
/// or has damaged tables, and when there is storage of extensions that are not installed: to drop the extension, or to
/// read what does not depend on it. No open_check hook runs. SQL functions and tables of extensions that cannot be used
/// are missing on the handle, so triggers that call them fail; everything else works as on any other handle, writing
/// included.
///
/// zova_database_extension_drop drops an installed extension whose code, in the same version, is bundled or among the
/// bundles of the request, also when its tables are damaged or gone. Without that code it is ZOVA_EXTENSION_UNAVAILABLE,
/// with that of another version ZOVA_EXTENSION_INCOMPATIBLE. Storage that no installed extension owns is dropped with
/// SQL, and before any extension.
///
/// Errors: ZOVA_INVALID_ARGUMENT; for the bundles those of zova_database_create_with_extensions; then those of
/// zova_database_open_with_options, of those that concern extensions only ZOVA_EXTENSION_INVALID for a malformed list of
/// installed extensions.
///
/// Any thread. Cost: that of zova_database_open; each library is hashed and copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_open_for_repair(
    request: *const zova_database_open_extensions_request,
) -> zova_status {
    // SAFETY: zova.h: null, or a request as it describes it.
    unsafe { with_extensions(request, Session::open_for_repair) }
}

/// # Safety
///
/// Null, or a request as the header describes it.
unsafe fn on_bundle(
    request: *const zova_extension_bundle_request,
    operation: fn(&Path, Option<&Path>) -> Result<(), Fault>,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        let work = || {
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let path = unsafe { arg::path(req.bundle_path, "bundle_path") }?;
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            operation(path, unsafe { arg::optional_path(req.trust_store_path, "trust_store_path") }?)
        };
        // SAFETY: zova.h: null, or zero or an earlier message, and unaliased for the whole call.
        unsafe { report(req.out_error_message, work) }
    })
}

/// # Safety
///
/// Null, or a request as the header describes it.
unsafe fn with_extensions(
    request: *const zova_database_open_extensions_request,
    opening: fn(&Path, OpenOptions, &ExtensionRegistry) -> Result<Session, Fault>,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        let open = |path: &Path| {
            let options = open_options(req.flags, req.busy_timeout_ms)?;
            // SAFETY: zova.h: null, or so many paths that are NUL-terminated for the whole call.
            let bundles = unsafe {
                arg::paths(req.extension_bundle_paths, req.extension_bundle_count, "extension_bundle_paths")
            }?;
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let trust_store = unsafe { arg::optional_path(req.trust_store_path, "trust_store_path") }?;
            opening(path, options, &bundle::registry_with(&bundles, trust_store)?)
        };
        // SAFETY: zova.h: pointers that are null or valid for the whole call.
        let work = || unsafe { open_into(req.out_db, req.path, open) };
        // SAFETY: zova.h: null, or zero or an earlier message, and unaliased for the whole call.
        unsafe { report(req.out_error_message, work) }
    })
}
