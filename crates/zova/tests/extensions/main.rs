//! Extensions (extensions.md): sample ones written against the public trait, well-behaved and not.

#[path = "../common/mod.rs"]
mod common;

mod copies;
mod deferred;
mod functions;
mod inspection;
mod interrupts;
mod lifecycle;
mod model;
mod opening;
mod panics;
mod registry;
mod salvage;
mod services;
mod strays;
mod support;
mod tables;
