//! `extension.json`: what a bundle says about itself.

use std::path::{Component, Path};

use super::fault;
use super::json::{self, Json};
use crate::error::Fault;
use crate::extension::ExtensionManifest;

/// The largest manifest, in bytes.
pub(crate) const MAX_BYTES: u64 = 65_535;

/// The plugin interface that this version loads, as manifests name it.
const C_PLUGIN: &str = "zova-c-1";
/// The entry function of such a plugin, unless the manifest names another one.
const C_ENTRY: &str = "zova_extension_entry_v1";
/// The entry function of bundles that were made for the first published version, which has another interface.
const OLD_ENTRY: &str = "zova_extension_entry";

const MAX_LIBRARY_BYTES: usize = 512;
const MAX_ENTRY_BYTES: usize = 128;

/// A manifest that follows every rule of its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BundleManifest {
    /// What it says about the extension. A bundle's manifest has no free-form text.
    pub(crate) stated: ExtensionManifest,
    /// Where the library is inside the bundle: relative, with `/`.
    pub(crate) library: String,
    entrypoint: Option<String>,
    abi: Option<String>,
}

impl BundleManifest {
    /// Reads a manifest. The text of an error is the reason.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() as u64 > MAX_BYTES {
            return Err(format!("it has more than {MAX_BYTES} bytes"));
        }
        let Json::Object(members) = Json::parse(bytes)? else {
            return Err("it is not a JSON object".to_owned());
        };
        let text = |key| json::text(&members, key).map(str::to_owned);
        let optional = |key| json::optional_text(&members, key).map(|text| text.map(str::to_owned));
        let manifest = Self {
            stated: ExtensionManifest {
                name: text("name")?,
                version: text("version")?,
                storage_prefix: text("storage_prefix")?,
                zova_abi_min: text("zova_abi_min")?,
                capabilities: text("capabilities")?,
                required: true,
                manifest_json: String::new(),
            },
            library: text("library")?,
            entrypoint: optional("entrypoint")?,
            abi: optional("abi")?,
        };
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), String> {
        if let Some(rule) = self.stated.broken_rule() {
            return Err(rule);
        }
        check_library(&self.library)?;
        let Some(entry) = &self.entrypoint else { return Ok(()) };
        if !(1..=MAX_ENTRY_BYTES).contains(&entry.len())
            || !entry.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            return Err(format!(
                "\"entrypoint\" must be 1 to {MAX_ENTRY_BYTES} letters, digits or underscores"
            ));
        }
        if self.abi.as_deref() == Some(C_PLUGIN) && entry == OLD_ENTRY {
            return Err(format!(
                "\"entrypoint\" must not be {OLD_ENTRY} for the plugin interface {C_PLUGIN}"
            ));
        }
        Ok(())
    }

    /// The name of the entry function of a C plugin.
    pub(crate) fn entry(&self) -> &str {
        self.entrypoint.as_deref().unwrap_or(C_ENTRY)
    }

    /// Refuses what this version cannot load: another plugin interface, or a plugin that needs a newer Zova.
    pub(crate) fn require_suitable(&self) -> Result<(), Fault> {
        let incompatible = |text: String| Err(fault::incompatible(text));
        match self.abi.as_deref() {
            Some(C_PLUGIN) => {}
            None => {
                return incompatible(format!(
                    "the bundle of {:?} names no plugin interface (\"abi\"), so it was made for Zova 0.21.0; \
                     this version loads {C_PLUGIN}",
                    self.stated.name
                ));
            }
            Some(other) => {
                return incompatible(format!(
                    "the bundle of {:?} needs the plugin interface {other:?}, and this version loads {C_PLUGIN}",
                    self.stated.name
                ));
            }
        }
        let Some(needed) = version_numbers(&self.stated.zova_abi_min) else {
            return incompatible(format!(
                "the bundle of {:?} states {:?} as the lowest version of Zova, which is not of the form 1.2.3",
                self.stated.name, self.stated.zova_abi_min
            ));
        };
        let ours = version_numbers(env!("CARGO_PKG_VERSION")).unwrap_or_default();
        if needed > ours {
            return incompatible(format!(
                "the bundle of {:?} needs Zova {} or newer, and this is {}",
                self.stated.name,
                self.stated.zova_abi_min,
                env!("CARGO_PKG_VERSION")
            ));
        }
        Ok(())
    }
}

/// The rule of the library's place, before any file is looked at.
fn check_library(library: &str) -> Result<(), String> {
    let refused = |rule: &str| Err(format!("\"library\" {rule}"));
    if !(1..=MAX_LIBRARY_BYTES).contains(&library.len()) {
        return refused(&format!("must have 1 to {MAX_LIBRARY_BYTES} bytes"));
    }
    if library.contains('\0') {
        return refused("contains a NUL character");
    }
    if library.starts_with('/') || Path::new(library).has_root() || has_prefix(Path::new(library)) {
        return refused("must be relative to the bundle");
    }
    if library.split('/').any(|part| part == "." || part == "..") {
        return refused("must not contain the components . and ..");
    }
    Ok(())
}

/// A drive or a share, where the system has such.
fn has_prefix(path: &Path) -> bool {
    matches!(path.components().next(), Some(Component::Prefix(_)))
}

/// Three decimal numbers with dots between them, without signs; of any size, so they are compared by length first.
fn version_numbers(text: &str) -> Option<[(usize, &str); 3]> {
    let mut parts = text.split('.');
    let mut numbers = [(0, ""); 3];
    for number in &mut numbers {
        let part = parts.next()?;
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let digits = part.trim_start_matches('0');
        *number = (digits.len(), digits);
    }
    parts.next().is_none().then_some(numbers)
}
