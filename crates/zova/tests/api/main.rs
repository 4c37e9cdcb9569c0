//! The public interface is the one that `tests/data/rust-api.json` describes.
//!
//! What the compiler can check stands in `tests/api_generated.rs`, which is generated from that description and from
//! `tests/data/pending.txt`, the list of what later versions add. After a change of either, write the file anew:
//!
//! ```text
//! ZOVA_REGENERATE=1 cargo test -p zova --test api
//! ```

#[path = "../common/mod.rs"]
mod common;
mod drift;
mod errors;
mod generator;
mod rules;
