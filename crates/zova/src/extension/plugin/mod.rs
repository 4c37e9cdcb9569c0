//! Extensions in C: the plugin interface (`include/zova_extension.h`) on top of what every extension gets.
//!
//! This is the only module of the core, besides the one for SQLite, that leaves safe Rust: it calls code that the
//! compiler knows nothing of, and is called by it.
//!
//! | Module | Question |
//! |---|---|
//! | `abi` | what do host and plugin look like to each other? |
//! | `library` | how do verified bytes become code? |
//! | `adapter` | how does a hook of the trait become a call of the plugin? |
//! | `host` | what happens when the plugin calls back? |
//! | `deferring` | …to put off what it writes? |
//! | `inserting` | …to insert many rows? |
//! | `frame` | which of its contexts and statements are valid at the moment? |
//! | `cell` | how do values cross? |
//!
//! Nothing here unwinds across the boundary: panics of the host are kept until the plugin has returned, and a foreign
//! exception that reaches a function declared `extern "C"` ends the process before it can do harm.

#![allow(unsafe_code, reason = "the boundary to plugins")]

pub mod abi;
mod adapter;
mod cell;
mod deferring;
mod frame;
mod host;
mod inserting;
mod library;

use std::cell::RefCell;
use std::ffi::{CStr, c_char};
use std::mem::{offset_of, size_of};
use std::path::PathBuf;
use std::ptr;
use std::sync::Arc;

use parking_lot::{ReentrantMutex, const_reentrant_mutex};

use crate::error::{Fault, Status};
use crate::extension::bundle::fault;
use crate::extension::{ExtensionManifest, ExtensionRegistry};
use abi::{ABI_MAJOR, zova_ext_entry_v1, zova_ext_host, zova_ext_plugin};
pub(crate) use adapter::Plugin;
pub(crate) use library::PrivateCopy;

/// How far a plugin's description must reach: to the last member that every plugin needs.
const REQUIRED_BYTES: usize = offset_of!(zova_ext_plugin, drop) + size_of::<abi::zova_ext_hook>();

/// The services that every plugin gets; valid until the process ends.
pub fn services() -> *const zova_ext_host {
    &raw const host::SERVICES.0
}

/// Which code this is: a bundle, and the bytes that were verified.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) bundle: PathBuf,
    pub(crate) manifest_sha256: [u8; 32],
    pub(crate) library_sha256: [u8; 32],
}

/// The plugins of this process. None is ever removed, because a library stays loaded.
static LOADED: ReentrantMutex<RefCell<Loaded>> = const_reentrant_mutex(RefCell::new(Vec::new()));

type Loaded = Vec<(Identity, Arc<Plugin>)>;

/// The plugin of a bundle. `code` loads its library, unless the very same one is loaded already; its entry point is
/// called once.
pub(crate) fn load(
    identity: Identity,
    code: impl FnOnce() -> Result<zova_ext_entry_v1, Fault>,
) -> Result<Arc<Plugin>, Fault> {
    // Held while the entry point runs, which must not load anything, and finds no dead end if it does.
    let loaded = LOADED.lock();
    if let Some((_, plugin)) = loaded.borrow().iter().find(|(known, _)| *known == identity) {
        return Ok(Arc::clone(plugin));
    }
    let origin = format!("the library of the bundle {:?}", identity.bundle);
    let failed = |why: String| fault::load_failed(format!("{origin} cannot be loaded: {why}"));
    let entry = code()?.ok_or_else(|| failed("it has no entry function".to_owned()))?;
    let mut description = EMPTY;
    description.struct_size = size_of::<zova_ext_plugin>();
    // SAFETY: the entry function of a library whose bytes were trusted; both pointers are what it expects.
    match unsafe { entry(services(), &raw mut description) } {
        0 => {}
        code if code == Status::ExtensionIncompatible.raw() => {
            return Err(fault::incompatible(format!(
                "{origin} says that it does not fit this version of Zova"
            )));
        }
        code => {
            let name = Status::from_raw(code).constant();
            return Err(failed(format!("its entry function failed with status {code} ({name})")));
        }
    }
    // SAFETY: filled by the entry point; what it points at is valid until the process ends.
    let plugin = Arc::new(unsafe { describe(&raw const description, &origin) }?);
    loaded.borrow_mut().push((identity, Arc::clone(&plugin)));
    Ok(plugin)
}

/// Adds an extension that the program itself describes.
///
/// # Safety
///
/// `plugin` is null, or readable as far as its `struct_size` says; its strings, hooks and `user` stay valid until the
/// process ends, and the hooks are what the header says.
pub unsafe fn add_to(registry: &mut ExtensionRegistry, plugin: *const zova_ext_plugin) -> Result<(), Fault> {
    if plugin.is_null() {
        return Err(Fault::argument("plugin must not be null"));
    }
    registry.require_unused()?;
    // SAFETY: the caller's promise.
    registry.admit(Arc::new(unsafe { describe(plugin, "the plugin") }?))
}

/// Checks a description: versions first, then its members.
///
/// # Safety
///
/// As [`add_to`], and not null.
unsafe fn describe(given: *const zova_ext_plugin, origin: &str) -> Result<Plugin, Fault> {
    let incompatible = |text: String| Err(fault::incompatible(format!("{origin} {text}")));
    // SAFETY: the size comes first, and is always there.
    let size = unsafe { given.cast::<usize>().read() };
    if size < REQUIRED_BYTES {
        return incompatible(format!("describes itself in {size} bytes, and {REQUIRED_BYTES} are needed"));
    }
    // What a newer plugin says beyond is ignored; what an older one does not say is zero.
    let mut plugin = EMPTY;
    // SAFETY: readable as far as the size says, and writable as far as ours.
    unsafe {
        ptr::copy_nonoverlapping(
            given.cast::<u8>(),
            (&raw mut plugin).cast::<u8>(),
            size.min(size_of::<zova_ext_plugin>()),
        );
    }
    if plugin.abi_major != ABI_MAJOR {
        return incompatible(format!(
            "was built for version {} of the plugin interface, and this Zova has version {ABI_MAJOR}",
            plugin.abi_major
        ));
    }
    let invalid = |text: String| Fault::ExtensionInvalid(format!("{origin} is not acceptable: {text}"));
    let required = |text: *const c_char, what: &str| {
        // SAFETY: promised by the caller.
        unsafe { owned(text, what) }
            .and_then(|text| text.ok_or_else(|| format!("its {what} is null")))
            .map_err(invalid)
    };
    let optional = |text: *const c_char, what: &str| {
        // SAFETY: promised by the caller.
        unsafe { owned(text, what) }.map(Option::unwrap_or_default).map_err(invalid)
    };
    let manifest = ExtensionManifest {
        name: required(plugin.name, "name")?,
        version: required(plugin.version, "version")?,
        storage_prefix: required(plugin.storage_prefix, "storage_prefix")?,
        zova_abi_min: required(plugin.zova_abi_min, "zova_abi_min")?,
        capabilities: optional(plugin.capabilities, "capabilities")?,
        required: true,
        manifest_json: optional(plugin.manifest_json, "manifest_json")?,
    };
    if let Some(rule) = manifest.broken_rule() {
        return Err(invalid(rule));
    }
    for (hook, name) in [(plugin.install, "install"), (plugin.check, "check"), (plugin.drop, "drop")] {
        if hook.is_none() {
            return Err(invalid(format!("it has no hook {name}")));
        }
    }
    // SAFETY: promised by the caller.
    Ok(unsafe { Plugin::new(manifest, &plugin) })
}

/// # Safety
///
/// Null, or NUL-terminated.
unsafe fn owned(text: *const c_char, what: &str) -> Result<Option<String>, String> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    let text = unsafe { CStr::from_ptr(text) }.to_str();
    text.map(|text| Some(text.to_owned())).map_err(|_| format!("its {what} is not UTF-8"))
}

const EMPTY: zova_ext_plugin = zova_ext_plugin {
    struct_size: 0,
    abi_major: 0,
    abi_minor: 0,
    name: ptr::null(),
    version: ptr::null(),
    storage_prefix: ptr::null(),
    zova_abi_min: ptr::null(),
    capabilities: ptr::null(),
    manifest_json: ptr::null(),
    user: ptr::null_mut(),
    register_sql: None,
    open_check: None,
    install: None,
    check: None,
    drop: None,
    salvage: None,
};
