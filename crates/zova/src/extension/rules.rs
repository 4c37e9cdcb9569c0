//! What code may say about an extension.

use super::registry::{MAX_CAPABILITIES_BYTES, MAX_MANIFEST_BYTES, MAX_VERSION_BYTES, prefix_of};
use crate::name::{ExtensionName, shown};

pub(crate) struct Described<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    pub(crate) storage_prefix: &'a str,
    pub(crate) zova_abi_min: &'a str,
    pub(crate) capabilities: &'a str,
    pub(crate) manifest_json: &'a str,
}

impl Described<'_> {
    pub(crate) fn check(&self) -> Result<(), String> {
        if ExtensionName::new(self.name.as_bytes()).is_none() {
            return Err(format!("the name {} is not acceptable", shown(self.name.as_bytes())));
        }
        for (field, text, range) in [
            ("version", self.version, 1..=MAX_VERSION_BYTES),
            ("zova_abi_min", self.zova_abi_min, 1..=MAX_VERSION_BYTES),
            ("capabilities", self.capabilities, 0..=MAX_CAPABILITIES_BYTES),
            ("manifest_json", self.manifest_json, 0..=MAX_MANIFEST_BYTES),
        ] {
            if !range.contains(&text.len()) {
                return Err(format!("{field} must have {} to {} bytes", range.start(), range.end()));
            }
        }
        if self.storage_prefix != prefix_of(self.name) {
            return Err(format!("storage_prefix must be {:?}", prefix_of(self.name)));
        }
        Ok(())
    }
}
