//! Graphs (graphs.md), natively and through SQL.

#[path = "../common/mod.rs"]
mod common;

mod changes;
mod files;
mod loading;
mod model;
mod queries;
mod resident;
mod sql;
mod support;
mod targets;
