//! The registry of installed extensions, checked when a file is opened.
//!
//! Each row names an extension and the prefix of its private storage. Storage without an owner, or an owner this
//! process has no code for, keeps the file from opening: working on it without that code would leave the
//! extension's data stale.

use std::path::Path;

use crate::error::Fault;
use crate::name::ExtensionName;
use crate::session::Storage;
use crate::sqlite::{Cached, Sql, SqliteError};

const MAX_VERSION_BYTES: usize = 64;
const MAX_CAPABILITIES_BYTES: usize = 512;
const MAX_MANIFEST_BYTES: usize = 4096;

const INSTALLED: Sql = Sql("select name, version, storage_prefix, zova_abi_min, capabilities, required, \
    installed_at_unix, manifest_json from $._zova_extensions order by name");
const STORAGE: Sql = Sql("select name from $.sqlite_schema where name glob '_zova_ext_*'");

/// Checks the rows, the ownership of all extension storage, and that code exists for every extension.
pub(crate) fn check_registry(storage: Storage<'_>, path: &Path) -> Result<(), Fault> {
    let refused = |error| Fault::Open { path: path.to_owned(), error };
    let mut names: Vec<String> = Vec::new();
    let mut rows = storage.query(INSTALLED, &[]).map_err(refused)?;
    while rows.step().map_err(refused)? {
        let name = read_row(&mut rows).map_err(refused)?;
        names.push(name.ok_or_else(|| {
            Fault::ExtensionInvalid(format!("{path:?} has a malformed entry in its list of extensions"))
        })?);
    }
    drop(rows);
    check_ownership(storage, path, &names)?;
    match names.into_iter().next() {
        None => Ok(()),
        Some(name) => Err(Fault::ExtensionUnavailable { name }),
    }
}

/// The name of an extension, if its row has the shape of one.
fn read_row(row: &mut Cached<'_>) -> Result<Option<String>, SqliteError> {
    let Some(name) = row.text(0)?.and_then(ExtensionName::new).map(|name| name.as_str().to_owned()) else {
        return Ok(None);
    };
    let sized = |text: Option<&[u8]>, range: std::ops::RangeInclusive<usize>| {
        text.is_some_and(|text| range.contains(&text.len()))
    };
    let valid = sized(row.text(1)?, 1..=MAX_VERSION_BYTES)
        && row.text(2)? == Some(prefix_of(&name).as_bytes())
        && sized(row.text(3)?, 1..=MAX_VERSION_BYTES)
        && sized(row.text(4)?, 0..=MAX_CAPABILITIES_BYTES)
        && row.integer(5) == 1
        && sized(row.text(7)?, 0..=MAX_MANIFEST_BYTES);
    Ok(valid.then_some(name))
}

/// The names of an extension's private tables, indexes, views and triggers begin with this.
fn prefix_of(name: &str) -> String {
    format!("_zova_ext_{name}_")
}

fn check_ownership(storage: Storage<'_>, path: &Path, installed: &[String]) -> Result<(), Fault> {
    let refused = |error| Fault::Open { path: path.to_owned(), error };
    let prefixes: Vec<String> = installed.iter().map(|name| prefix_of(name)).collect();
    let mut rows = storage.query(STORAGE, &[]).map_err(refused)?;
    while rows.step().map_err(refused)? {
        let name = rows.text(0).map_err(refused)?.unwrap_or_default();
        if !prefixes.iter().any(|prefix| name.starts_with(prefix.as_bytes())) {
            return Err(Fault::ExtensionInvalid(format!(
                "{path:?} holds storage of an extension that is not in its list of extensions"
            )));
        }
    }
    Ok(())
}
