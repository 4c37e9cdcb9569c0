//! Faults of extension operations.

use super::error::ExtensionError;
use crate::error::{Fault, Status};

/// What a failing hook decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Whether the operation can be done: the hook's status is the operation's.
    Work,
    /// Whether the storage is sound: what is neither a failure of SQLite nor a panic means that it is not.
    Soundness,
}

pub(super) fn invalid(text: impl Into<String>) -> Fault {
    Fault::ExtensionInvalid(text.into())
}

fn fault(status: Status, text: String) -> Fault {
    Fault::Extension { status, text }
}

pub(super) fn not_provided(name: &str) -> Fault {
    fault(Status::ExtensionNotFound, format!("this process provides no extension {name:?}"))
}

pub(super) fn not_installed(name: &str) -> Fault {
    fault(Status::ExtensionNotFound, format!("the extension {name:?} is not installed"))
}

pub(super) fn installed_already(name: &str) -> Fault {
    fault(Status::ExtensionExists, format!("the extension {name:?} is installed already"))
}

pub(super) fn unavailable(name: &str) -> Fault {
    let text = format!("{name}: the extension is installed and this process does not provide it");
    fault(Status::ExtensionUnavailable, text)
}

pub(super) fn incompatible(name: &str, what: &str, installed: &str, provided: &str) -> Fault {
    fault(
        Status::ExtensionIncompatible,
        format!(
            "{name}: the installed extension has the {what} {installed:?} and this process provides {provided:?}"
        ),
    )
}

/// The fault of an operation whose hook failed.
pub(super) fn of_hook(error: ExtensionError, verdict: Verdict) -> Fault {
    let own = error.known_status();
    let means_damage = verdict == Verdict::Soundness && !is_of_sqlite(own) && own != Status::Internal;
    let status = if means_damage { Status::ExtensionInvalid } else { own };
    let mut text = error.message;
    if text.is_empty() && status != own {
        text = own.error_name().to_owned();
    }
    fault(status, text)
}

/// As [`of_hook`], with the extension's name in front: the fault of a database that does not open.
pub(super) fn of_hook_at_open(error: ExtensionError, verdict: Verdict, name: &str) -> Fault {
    match of_hook(error, verdict) {
        Fault::Extension { status, text } if text.is_empty() => fault(status, name.to_owned()),
        Fault::Extension { status, text } => fault(status, format!("{name}: {text}")),
        other => other,
    }
}

/// The statuses that SQLite's result codes have.
fn is_of_sqlite(status: Status) -> bool {
    matches!(
        status,
        Status::OutOfMemory
            | Status::Busy
            | Status::Locked
            | Status::Constraint
            | Status::CantOpen
            | Status::ReadOnly
            | Status::Corrupt
            | Status::Misuse
            | Status::SqliteError
            | Status::Interrupted
    )
}
