//! Objects: what is stored, what is read back, what happens to damaged rows, and how mutations join transactions.

#[path = "../common/mod.rs"]
mod common;

mod busy;
mod damage;
mod delete;
mod ranges;
mod storage;
mod transactions;
mod triggers;

use std::path::Path;

use zova::ObjectId;

use common::raw;
use common::reference::{Rows, hex, sha256};

/// The rows of the object tables as another connection sees them.
fn rows(path: &Path) -> Rows {
    Rows::read(&raw(path))
}

/// The rows of a file that holds these contents.
fn rows_of(contents: &[&[u8]]) -> Rows {
    Rows::of(contents.iter().copied())
}

fn id_of(content: &[u8]) -> ObjectId {
    ObjectId::from(sha256(content))
}

/// Bytes as an SQL literal.
fn literal(bytes: &[u8]) -> String {
    format!("x'{}'", hex(bytes))
}
