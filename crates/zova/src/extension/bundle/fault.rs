//! Faults of bundles and plugins.

use crate::error::{Fault, Status};

pub(crate) fn incompatible(text: String) -> Fault {
    Fault::Extension { status: Status::ExtensionIncompatible, text }
}

pub(crate) fn untrusted(text: String) -> Fault {
    Fault::Extension { status: Status::ExtensionUntrusted, text }
}

pub(crate) fn load_failed(text: String) -> Fault {
    Fault::Extension { status: Status::ExtensionLoadFailed, text }
}
