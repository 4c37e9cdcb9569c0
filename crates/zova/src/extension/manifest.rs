//! What an extension says about itself.

use std::ops::RangeInclusive;

use crate::name::{ExtensionName, shown};

/// What an extension says about itself. Installing copies it into the database, where code and file are compared
/// whenever the database is opened: names and prefix, version and minimum ABI must be equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionManifest {
    /// 1 to 64 bytes of `A-Z a-z 0-9 _ . : -`, not beginning with `_zova_` in any letter case.
    pub name: String,
    /// 1 to 64 bytes. Compared as text: there is no order of versions and no upgrade.
    pub version: String,
    /// `_zova_ext_<name>_`, with which the names of all its tables, indexes, views and triggers begin.
    pub storage_prefix: String,
    /// The lowest version of Zova the extension works with, 1 to 64 bytes.
    pub zova_abi_min: String,
    /// What the extension offers, free-form, by convention separated by commas; 0 to 512 bytes.
    pub capabilities: String,
    /// Must be true: a database with the extension installed opens only with the extension's code.
    pub required: bool,
    /// Free-form, by convention JSON; 0 to 4096 bytes.
    pub manifest_json: String,
}

pub(super) const VERSION_BYTES: RangeInclusive<usize> = 1..=64;
pub(super) const CAPABILITIES_BYTES: RangeInclusive<usize> = 0..=512;
pub(super) const MANIFEST_BYTES: RangeInclusive<usize> = 0..=4096;

impl ExtensionManifest {
    /// A manifest with the prefix that belongs to the name, no capabilities and an empty `manifest_json`.
    pub fn new(name: impl Into<String>, version: impl Into<String>, zova_abi_min: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            storage_prefix: storage_prefix(&name),
            name,
            version: version.into(),
            zova_abi_min: zova_abi_min.into(),
            capabilities: String::new(),
            required: true,
            manifest_json: String::new(),
        }
    }

    /// The first rule the manifest breaks, as a sentence.
    pub(super) fn broken_rule(&self) -> Option<String> {
        let name = shown(self.name.as_bytes());
        if ExtensionName::new(self.name.as_bytes()).is_none() {
            return Some(illegal_name(self.name.as_bytes()));
        }
        if self.storage_prefix != storage_prefix(&self.name) {
            return Some(format!(
                "the storage prefix of the extension {name} is {} and must be {:?}",
                shown(self.storage_prefix.as_bytes()),
                storage_prefix(&self.name)
            ));
        }
        let texts = [
            ("version", &self.version, VERSION_BYTES),
            ("minimum ABI version", &self.zova_abi_min, VERSION_BYTES),
            ("list of capabilities", &self.capabilities, CAPABILITIES_BYTES),
            ("manifest text", &self.manifest_json, MANIFEST_BYTES),
        ];
        if let Some((what, text, range)) =
            texts.into_iter().find(|(_, text, range)| !range.contains(&text.len()))
        {
            return Some(format!(
                "the {what} of the extension {name} has {} bytes and must have {} to {}",
                text.len(),
                range.start(),
                range.end()
            ));
        }
        (!self.required).then(|| format!("the extension {name} does not say that it is required"))
    }
}

/// The names of an extension's private tables, indexes, views and triggers begin with this.
pub(super) fn storage_prefix(name: &str) -> String {
    format!("_zova_ext_{name}_")
}

/// The sentence for a name that breaks the rule.
pub(super) fn illegal_name(name: &[u8]) -> String {
    format!(
        "the extension name {} must be 1 to 64 letters, digits or _ . : - and must not begin with _zova_",
        shown(name)
    )
}
