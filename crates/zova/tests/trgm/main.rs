//! The bundled extension `trgm` (trgm.md), through SQL.

#[path = "../common/mod.rs"]
mod common;

mod changes;
mod checks;
mod deferred;
mod functions;
mod history;
mod published;
mod salvage;
mod search;
mod support;
