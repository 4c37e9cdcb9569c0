//! Compiles C and C++ programs with plain compilers against `include/zova.h` and the libraries in `build/lib`, and
//! runs them: the product as its user meets it.
//!
//! `tests/c_programs.rs` collects the cases of the modules below and runs them under one harness:
//!
//! | Module | Cases |
//! |---|---|
//! | [`programs`] | every program of `programs/` in every mode: static, shared, sanitized, valgrind |
//! | [`interface`] | `zova.h` against `abi/abi.json`, and alone under every C and C++ standard |
//! | [`links`] | exported symbols, and linking beside another SQLite, another Rust library, C++, and `dlopen` |
//!
//! The libraries are not built here: `make lib` does that, and a missing one fails with that advice. A missing
//! compiler or valgrind makes its cases ignored, with the reason in the list and a count at the end;
//! `ZOVA_REQUIRE_ALL=1` turns such a case into a failure.

pub mod abi;
pub mod assertions;
pub mod cases;
pub mod compare;
pub mod header;
pub mod interface;
pub mod links;
pub mod paths;
pub mod programs;
pub mod run;
pub mod sweep;
pub mod tools;
