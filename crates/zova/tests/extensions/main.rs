//! Extensions (extensions.md): sample ones written against the public trait, well-behaved and not.

#[path = "../common/mod.rs"]
mod common;

mod functions;
mod inspection;
mod lifecycle;
mod opening;
mod panics;
mod registry;
mod strays;
mod support;
mod tables;
