//! What a database says about the extensions installed in it, and whose its private storage is.

use super::manifest::{CAPABILITIES_BYTES, MANIFEST_BYTES, VERSION_BYTES, storage_prefix};
use crate::name::ExtensionName;
use crate::session::Storage;
use crate::sqlite::{Cached, ColumnKind, Sql, SqliteError};

const INSTALLED: Sql = Sql("select name, version, storage_prefix, zova_abi_min, capabilities, required, \
    installed_at_unix, manifest_json from $._zova_extensions order by name");
const STORAGE: Sql = Sql("select name from $.sqlite_schema where name glob '_zova_ext_*'");

/// An extension as it is installed in a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionInfo {
    /// Its name.
    pub name: String,
    /// The version of the code that installed it.
    pub version: String,
    /// The names of its private tables, indexes, views and triggers begin with this.
    pub storage_prefix: String,
    /// The lowest version of Zova it works with.
    pub zova_abi_min: String,
    /// What it offers, by convention separated by commas.
    pub capabilities: String,
    /// True: the database opens only with the extension's code.
    pub required: bool,
    /// When it was installed, in seconds since 1970.
    pub installed_at_unix: i64,
    /// Free-form, by convention JSON.
    pub manifest_json: String,
}

/// All installed extensions by name, in byte order; `None` if a row is malformed, which makes all of them doubtful.
pub(super) fn read(storage: Storage<'_>) -> Result<Option<Vec<ExtensionInfo>>, SqliteError> {
    let mut rows = storage.query(INSTALLED, &[])?;
    let mut installed = Vec::new();
    while rows.step()? {
        match read_row(&mut rows)? {
            Some(info) => installed.push(info),
            None => return Ok(None),
        }
    }
    Ok(Some(installed))
}

/// `None` if the row is malformed. The prefix follows from the name, which is unique, so prefixes are unique.
fn read_row(row: &mut Cached<'_>) -> Result<Option<ExtensionInfo>, SqliteError> {
    // As a blob the same name could be there a second time.
    if row.kind(0) != ColumnKind::Text {
        return Ok(None);
    }
    let Some(name) = row.text(0)?.and_then(ExtensionName::new).map(|name| name.as_str().to_owned()) else {
        return Ok(None);
    };
    let mut text = |column, range: std::ops::RangeInclusive<usize>| -> Result<Option<String>, SqliteError> {
        let text = row.text(column)?.filter(|text| range.contains(&text.len()));
        Ok(text.map(|text| String::from_utf8_lossy(text).into_owned()))
    };
    let (version, zova_abi_min) = (text(1, VERSION_BYTES)?, text(3, VERSION_BYTES)?);
    let (capabilities, manifest_json) = (text(4, CAPABILITIES_BYTES)?, text(7, MANIFEST_BYTES)?);
    let storage_prefix = text(2, 0..=usize::MAX)?.filter(|prefix| *prefix == storage_prefix(&name));
    let (required, installed_at_unix) = (row.integer(5) == 1, row.integer(6));
    Ok(match (version, storage_prefix, zova_abi_min, capabilities, manifest_json, required) {
        (
            Some(version),
            Some(storage_prefix),
            Some(zova_abi_min),
            Some(capabilities),
            Some(manifest_json),
            true,
        ) => Some(ExtensionInfo {
            name,
            version,
            storage_prefix,
            zova_abi_min,
            capabilities,
            required,
            installed_at_unix,
            manifest_json,
        }),
        _ => None,
    })
}

/// True if the database has storage of an extension that is none of these.
pub(super) fn has_unowned_storage(
    storage: Storage<'_>,
    installed: &[ExtensionInfo],
) -> Result<bool, SqliteError> {
    let mut rows = storage.query(STORAGE, &[])?;
    while rows.step()? {
        if owner(rows.text(0)?.unwrap_or_default(), installed).is_none() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whose a table, index, view or trigger is: the longest prefix decides, since one can be the beginning of another.
pub(super) fn owner<'i>(object: &[u8], installed: &'i [ExtensionInfo]) -> Option<&'i str> {
    let owners = installed.iter().filter(|info| object.starts_with(info.storage_prefix.as_bytes()));
    owners.max_by_key(|info| info.storage_prefix.len()).map(|info| info.name.as_str())
}
