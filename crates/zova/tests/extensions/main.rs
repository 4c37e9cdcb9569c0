//! Extensions (extensions.md): sample ones written against the public trait, well-behaved and not.

#[path = "../common/mod.rs"]
mod common;

mod lifecycle;

mod registry;

mod support;
