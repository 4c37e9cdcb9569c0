//! Objects from files and into files.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/damage.rs"]
mod damage;
#[path = "../common/limit.rs"]
mod limit;
#[path = "../common/objects.rs"]
mod objects;

mod get;
mod progress;
mod put;

use std::path::{Path, PathBuf};

/// Sizes around those of the blocks in which files are read and written.
const SIZES: [usize; 12] =
    [0, 1, 2048, 65_536, 262_143, 262_144, 262_145, 524_288, 1_048_575, 1_048_576, 1_048_577, 2_700_000];

/// A file with this content.
fn file(dir: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, content).unwrap();
    path
}
