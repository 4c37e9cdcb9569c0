//! Handles of extension registries. They have no children and no diagnostic, only a lock each.

use std::cell::RefCell;

use parking_lot::ReentrantMutex;
use zova::engine::{ExtensionRegistry, Fault};

use super::table::{Slot, Table, kind_of};
use super::{pointer_to, reserve};
use crate::extension_host::zova_extension_registry;
use crate::guard::Failure;

static REGISTRIES: Table<Registry> = Table::new();

/// The letter of a registry handle's value.
const REGISTRY: u8 = b'X';

/// The body of a registry's slot.
#[derive(Default)]
struct Registry(ReentrantMutex<RefCell<Option<ExtensionRegistry>>>);

/// Makes a handle for a registry.
pub(crate) fn adopt_registry(registry: ExtensionRegistry) -> Result<*mut zova_extension_registry, Fault> {
    let seat = reserve(&REGISTRIES)?;
    *seat.slot.body.0.lock().borrow_mut() = Some(registry);
    Ok(pointer_to(seat.issue(REGISTRY)))
}

/// Refuses a handle that is not live, before anything else of a request is looked at.
pub(crate) fn require_registry(handle: *mut zova_extension_registry) -> Result<(), Failure> {
    match find(handle) {
        Some(_) => Ok(()),
        None if handle.is_null() => Err(Failure::INVALID_ARGUMENT),
        None => Err(Failure::MISUSE),
    }
}

/// Runs a call on a registry handle, under its lock.
pub(crate) fn on_registry<T>(
    handle: *mut zova_extension_registry,
    body: impl FnOnce(&mut ExtensionRegistry) -> Result<T, Fault>,
) -> Result<T, Fault> {
    on_live(handle, |registry| match registry {
        Some(registry) => body(registry),
        None => Err(Fault::Misuse(ENDED)),
    })
}

/// Ends a registry handle, unless a database that was opened with it is open.
pub(crate) fn free_registry(handle: *mut zova_extension_registry) -> Result<(), Failure> {
    require_registry(handle)?;
    let ended = on_live(handle, |registry| {
        if registry.as_ref().is_some_and(ExtensionRegistry::is_in_use) {
            return Err(Fault::Misuse("a database that was opened with the registry is open"));
        }
        if let Some(slot) = find(handle) {
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
    let slot = find(handle).ok_or(Fault::Misuse(ENDED))?;
    let lock = slot.body.0.lock();
    // Looked at again under the lock, which ending it needs, too.
    if find(handle).is_none() {
        return Err(Fault::Misuse(ENDED));
    }
    match lock.try_borrow_mut() {
        Ok(mut registry) => body(&mut registry),
        Err(_) => Err(Fault::Misuse("this thread is in the middle of a call on the same registry")),
    }
}

const ENDED: &str = "the registry was freed meanwhile";

fn find(handle: *mut zova_extension_registry) -> Option<&'static Slot<Registry>> {
    let value = handle.addr() as u64;
    REGISTRIES.find(value).filter(|_| kind_of(value) == REGISTRY)
}
