//! Where things are: everything is relative to the workspace, so that no machine's layout enters a test.

use std::path::{Path, PathBuf};

/// The workspace root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("c-tests lies in the workspace root")
}

/// This crate's folder, with `check.h`, `programs/` and `abi/`.
pub fn c_tests() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder of the headers.
pub fn include() -> PathBuf {
    root().join("include")
}

/// Cargo's target folder.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(directory) => root().join(directory),
        None => root().join("target"),
    }
}

/// Compiled programs and generated C files.
pub fn output() -> PathBuf {
    target().join("c-tests")
}

/// Files written by the published implementation, which programs copy before opening.
pub fn fixtures() -> PathBuf {
    root().join("crates/zova/tests/fixtures")
}

/// The static archive, or what to do to get it.
pub fn static_library() -> Result<PathBuf, String> {
    library("libzova_c.a")
}

/// The shared library, or what to do to get it.
pub fn shared_library() -> Result<PathBuf, String> {
    library("libzova_c.so")
}

fn library(name: &str) -> Result<PathBuf, String> {
    let path = root().join("build/lib").join(name);
    if path.exists() {
        Ok(path)
    } else {
        Err(format!("build/lib/{name} does not exist: run `make lib` first"))
    }
}
