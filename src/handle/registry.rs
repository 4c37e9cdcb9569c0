//! Handles of extension registries. They have no children and no diagnostic, only a lock each.

use std::cell::RefCell;

use parking_lot::ReentrantMutex;
use zova::engine::{ExtensionRegistry, Fault};

use super::table::{Table, kind_of};
use super::{pointer_to, reserve};
use crate::extension_host::zova_extension_registry;
use crate::guard::Failure;

static REGISTRIES: Table<Registry> = Table::new();

/// The letter of a registry handle's value.
const REGISTRY: u8 = b'X';

/// The body of a registry's slot.
#[derive(Default)]
struct Registry(ReentrantMutex<RefCell<Option<ExtensionRegistry>>>);

const NOT_LIVE: &str = "registry was freed before, or is no registry";

/// Makes a handle for a registry.
pub(crate) fn adopt_registry(registry: ExtensionRegistry) -> Result<*mut zova_extension_registry, Fault> {
    let seat = reserve(&REGISTRIES)?;
    *seat.slot.body.0.lock().borrow_mut() = Some(registry);
    Ok(pointer_to(seat.issue(REGISTRY)))
}

/// Runs a call on a registry handle, under its lock.
pub(crate) fn on_registry<T>(
    handle: *mut zova_extension_registry,
    body: impl FnOnce(&mut ExtensionRegistry) -> Result<T, Fault>,
) -> Result<T, Fault> {
    on_live(handle, |registry| match registry {
        Some(registry) => body(registry),
        None => Err(Fault::Misuse(NOT_LIVE)),
    })
}

/// Ends a registry handle, unless a database that was opened with it is open.
pub(crate) fn free_registry(handle: *mut zova_extension_registry) -> Result<(), Failure> {
    let ended = on_live(handle, |registry| {
        if registry.as_ref().is_some_and(ExtensionRegistry::is_in_use) {
            return Err(Fault::Misuse("a database that was opened with the registry is open"));
        }
        if let Some(slot) = REGISTRIES.find(handle.addr() as u64) {
            slot.end();
            REGISTRIES.release(slot);
        }
        Ok(registry.take())
    });
    // Dropped without the lock.
    drop(ended?);
    Ok(())
}

fn on_live<T>(
    handle: *mut zova_extension_registry,
    body: impl FnOnce(&mut Option<ExtensionRegistry>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let value = handle.addr() as u64;
    if value == 0 {
        return Err(Fault::argument("registry must not be null"));
    }
    let slot = REGISTRIES.find(value).filter(|_| kind_of(value) == REGISTRY);
    let slot = slot.ok_or(Fault::Misuse(NOT_LIVE))?;
    let lock = slot.body.0.lock();
    // Looked at again under the lock, which ending it needs, too.
    if !slot.is(value) {
        return Err(Fault::Misuse(NOT_LIVE));
    }
    match lock.try_borrow_mut() {
        Ok(mut registry) => body(&mut registry),
        Err(_) => Err(Fault::Misuse("this thread is in the middle of a call on the same registry")),
    }
}
