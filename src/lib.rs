//! The C interface of Zova: what `zova.h` declares, on top of the core's [`zova::engine`].
//!
//! This crate decides nothing. Every function has the same shape: convert and check the arguments, call the core
//! once, convert the result back. What it adds to the core is what C needs and Rust does not:
//!
//! - [`guard`]: a panic never crosses the boundary, it becomes `ZOVA_INTERNAL`;
//! - [`arg`]: the caller's pointers, checked, as references, slices and write-only outputs;
//! - [`handle`]: handles that are looked up and never dereferenced, the lock each of them stands for, and the
//!   diagnostic text of each database;
//! - [`mem`], [`container`] and [`list`]: memory the caller releases with a `zova_…_free` function.
//!
//! The doc comments of everything public become `include/zova.h` (see `build.rs`), so they are written for a C
//! programmer and follow the conventions that the header's introduction in `cbindgen.toml` states. The safety
//! requirements of all functions are those conventions: pointers are null or valid for the call, outputs do not
//! overlap inputs. They are not repeated on each function.

#![allow(non_camel_case_types, reason = "the names of the header")]
#![allow(clippy::missing_safety_doc, reason = "stated once, in the introduction of the header")]

mod arg;
mod bundle;
mod chunk;
mod column;
mod container;
mod copies;
mod database;
mod event;
mod extension;
mod extension_host;
mod graph;
mod guard;
mod handle;
mod interrupt;
mod list;
mod manifest;
mod mem;
mod message;
mod object;
mod object_file;
mod object_list;
mod object_progress;
mod progress;
mod reader;
mod sql;
mod statement;
mod status;
mod transaction;
mod vector;
mod vector_results;
mod vector_search;
mod vocabulary;
mod writer;

pub use bundle::*;
pub use chunk::*;
pub use column::*;
pub use container::*;
pub use copies::*;
pub use database::*;
pub use event::*;
pub use extension::*;
pub use extension_host::*;
pub use graph::*;
pub use interrupt::*;
pub use manifest::*;
pub use object::*;
pub use object_file::*;
pub use object_list::*;
pub use object_progress::*;
pub use progress::*;
pub use reader::*;
pub use sql::*;
pub use statement::*;
pub use status::*;
pub use transaction::*;
pub use vector::*;
pub use vector_results::*;
pub use vector_search::*;
pub use vocabulary::*;
pub use writer::*;

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_headers_are_the_generated_ones() {
        for (name, generated, committed) in [
            ("zova.h", env!("GENERATED_ZOVA_H"), include_str!("../include/zova.h")),
            (
                "zova_extension.h",
                env!("GENERATED_ZOVA_EXTENSION_H"),
                include_str!("../include/zova_extension.h"),
            ),
            (
                "zova_extension_host.h",
                env!("GENERATED_ZOVA_EXTENSION_HOST_H"),
                include_str!("../include/zova_extension_host.h"),
            ),
        ] {
            let generated = std::fs::read_to_string(generated).unwrap();
            assert!(generated == committed, "include/{name} is out of date: run `make header`");
        }
    }
}
