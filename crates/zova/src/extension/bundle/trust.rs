//! The list of trusted bundles: one JSON file of the user, replaced as a whole.
//!
//! A reader sees the old list or the new one. Writers take turns under a lock on the file's directory, because a
//! record that a concurrent writer brings back would undo an untrust; a writer that has to wait gives up after
//! [`PATIENCE`]. The lock is advice among Zova processes; where directories cannot be locked, the replacement is
//! still atomic.

use std::ffi::OsString;
use std::fs::{DirBuilder, File, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::fault;
use super::files::{self, Readable};
use super::json::{self, Json, Members};
use crate::error::Fault;
use crate::extension::ExtensionManifest;
use crate::name::{ExtensionName, shown};
use crate::publish::directory;

/// The largest trust store, in bytes.
const MAX_BYTES: u64 = 1024 * 1024;
const VERSION: i64 = 1;
/// How long a writer waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// One trusted bundle: what was trusted, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrustedExtension {
    /// Name of the extension.
    pub name: String,
    /// Version of the extension.
    pub version: String,
    /// What the names of its private tables begin with.
    pub storage_prefix: String,
    /// The canonical absolute path of the bundle.
    pub bundle_path: String,
    /// SHA-256 of `extension.json`, 64 hexadecimal digits.
    pub manifest_sha256: String,
    /// SHA-256 of the library, 64 hexadecimal digits.
    pub library_sha256: String,
    /// When it was trusted, in Unix seconds.
    pub trusted_at_unix: i64,
}

impl TrustedExtension {
    fn parse(value: &Json) -> Result<Self, String> {
        let Json::Object(members) = value else {
            return Err(format!("a record is {} instead of an object", value.kind()));
        };
        let text = |key| json::text(members, key).map(str::to_owned);
        let record = Self {
            name: text("name")?,
            version: text("version")?,
            storage_prefix: text("storage_prefix")?,
            bundle_path: text("bundle_path")?,
            manifest_sha256: text("manifest_sha256")?,
            library_sha256: text("library_sha256")?,
            trusted_at_unix: integer(members, "trusted_at_unix")?,
        };
        record.check()?;
        Ok(record)
    }

    fn check(&self) -> Result<(), String> {
        let stated = ExtensionManifest {
            storage_prefix: self.storage_prefix.clone(),
            ..ExtensionManifest::new(&self.name, &self.version, "0")
        };
        if let Some(rule) = stated.broken_rule() {
            return Err(rule);
        }
        if !Path::new(&self.bundle_path).is_absolute() {
            return Err(format!("the bundle path {:?} is not absolute", self.bundle_path));
        }
        for (key, digits) in
            [("manifest_sha256", &self.manifest_sha256), ("library_sha256", &self.library_sha256)]
        {
            if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return Err(format!("{key:?} is not 64 hexadecimal digits"));
            }
        }
        Ok(())
    }
}

fn integer(members: &Members, key: &str) -> Result<i64, String> {
    match members.get(key) {
        Some(Json::Integer(number)) => Ok(*number),
        Some(other) => Err(format!("the value of {key:?} is {} instead of an integer", other.kind())),
        None => Err(format!("the key {key:?} is missing")),
    }
}

/// Reads the records of a trust store. The text of an error is the reason.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<TrustedExtension>, String> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("it has more than {MAX_BYTES} bytes"));
    }
    let Json::Object(members) = Json::parse(bytes)? else {
        return Err("it is not a JSON object".to_owned());
    };
    let version = integer(&members, "version")?;
    if version != VERSION {
        return Err(format!("it has version {version}, and this Zova reads version {VERSION}"));
    }
    match members.get("extensions") {
        Some(Json::List(records)) => records.iter().map(TrustedExtension::parse).collect(),
        Some(other) => Err(format!("the value of \"extensions\" is {} instead of an array", other.kind())),
        None => Err("the key \"extensions\" is missing".to_owned()),
    }
}

/// The list as it was at one moment.
pub(super) struct TrustStore {
    pub(super) path: PathBuf,
    pub(super) records: Vec<TrustedExtension>,
    /// Whether every user of the machine may change the file.
    pub(super) writable_by_everyone: bool,
}

impl TrustStore {
    /// Reads the list; a file that does not exist is an empty one.
    pub(super) fn read(explicit: Option<&Path>) -> Result<Self, Fault> {
        Self::read_at(locate(explicit)?)
    }

    fn read_at(path: PathBuf) -> Result<Self, Fault> {
        let invalid = |why: &str| {
            Fault::ExtensionInvalid(format!("the list of trusted bundles {path:?} is not acceptable: {why}"))
        };
        let file = match Readable::open(&path, || invalid("it is not an ordinary file")) {
            Err(Fault::BundleFile { name: "FileNotFound", .. }) => None,
            other => Some(other?),
        };
        let Some(mut file) = file else {
            return Ok(Self { path, records: Vec::new(), writable_by_everyone: false });
        };
        let too_long = || invalid(&format!("it has more than {MAX_BYTES} bytes"));
        let bytes = file.read(MAX_BYTES)?.ok_or_else(too_long)?;
        let records = parse(&bytes).map_err(|reason| invalid(&reason))?;
        let writable_by_everyone = files::is_writable_by_everyone(&file.metadata);
        Ok(Self { path, records, writable_by_everyone })
    }

    /// The record of the bundle with this canonical path.
    pub(super) fn of_bundle(&self, directory: &Path) -> Option<&TrustedExtension> {
        self.records.iter().find(|record| Path::new(&record.bundle_path) == directory)
    }
}

/// A change of the list. Other writers wait until it is dropped.
pub(super) struct Update {
    path: PathBuf,
    pub(super) records: Vec<TrustedExtension>,
    _turn: Option<File>,
}

impl Update {
    /// Waits for the turn and reads the list. Directories that are missing are made.
    pub(super) fn begin(explicit: Option<&Path>) -> Result<Self, Fault> {
        let path = locate(explicit)?;
        let folder = directory(&path);
        make_directories(folder).map_err(|error| files::refused(folder, &error))?;
        let turn = take_turn(folder)?;
        // A list that is a link stays one: what it leads to is replaced.
        let path = match path.canonicalize() {
            Err(error) if error.kind() == ErrorKind::NotFound => path,
            other => other.map_err(|error| files::refused(&path, &error))?,
        };
        let TrustStore { path, records, writable_by_everyone } = TrustStore::read_at(path)?;
        if writable_by_everyone {
            // Writing it anew with proper permissions would make trusted what anybody put there.
            return Err(fault::untrusted(format!(
                "the list of trusted bundles {path:?} can be changed by every user of this machine; check what is in \
                 it and take that permission away"
            )));
        }
        Ok(Self { path, records, _turn: turn })
    }

    /// Replaces the file; on return it is on stable storage.
    pub(super) fn finish(self) -> Result<(), Fault> {
        let text = stored(&self.records);
        if text.len() as u64 > MAX_BYTES {
            return Err(Fault::ExtensionInvalid(format!(
                "the list of trusted bundles {:?} would have more than {MAX_BYTES} bytes",
                self.path
            )));
        }
        replace(&self.path, text.as_bytes()).map_err(|error| files::refused(&self.path, &error))
    }
}

/// Writes a file beside `path` that only the user can read, and gives it that name.
fn replace(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let folder = directory(path);
    // Without other permissions given, tempfile makes files of mode 0600.
    let mut file = tempfile::Builder::new().prefix(".zova-new-").tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|kept| kept.error)?;
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// Makes a directory and those above it that are missing, for the user alone.
fn make_directories(folder: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn take_turn(folder: &Path) -> Result<Option<File>, Fault> {
    let Ok(file) = File::open(folder) else { return Ok(None) };
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) if start.elapsed() < PATIENCE => sleep(Duration::from_millis(5)),
            Err(TryLockError::WouldBlock) => return Err(files::named(folder, "FileBusy")),
            Err(TryLockError::Error(_)) => return Ok(None),
        }
    }
}

/// Takes trust away; the directories of a list that does not exist are not made.
pub(super) fn untrust(identifier: &str, explicit: Option<&Path>) -> Result<bool, Fault> {
    let is_path = identifier.ends_with(".zovaext") || identifier.contains('/');
    let path = if is_path {
        let path = Path::new(identifier);
        let absolute = path.canonicalize().or_else(|_| std::path::absolute(path));
        Some(absolute.map_err(|error| files::refused(path, &error))?)
    } else if ExtensionName::new(identifier.as_bytes()).is_none() {
        return Err(Fault::ExtensionInvalid(format!(
            "{} is neither the path of a bundle (with a slash, or ending in .zovaext) nor an extension name",
            shown(identifier.as_bytes())
        )));
    } else {
        None
    };
    let is_meant = |record: &TrustedExtension| match &path {
        Some(path) => Path::new(&record.bundle_path) == path,
        None => record.name == identifier,
    };
    if !TrustStore::read(explicit)?.records.iter().any(is_meant) {
        return Ok(false);
    }
    let mut update = Update::begin(explicit)?;
    let before = update.records.len();
    update.records.retain(|record| !is_meant(record));
    let removed = update.records.len() < before;
    update.finish()?;
    Ok(removed)
}

/// Where the list is: as the caller says, else as the environment says.
fn locate(explicit: Option<&Path>) -> Result<PathBuf, Fault> {
    locate_in(explicit, |name| std::env::var_os(name))
}

fn locate_in(explicit: Option<&Path>, variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, Fault> {
    const BELOW_CONFIG: &str = "zova/trusted_extensions.json";
    let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let path = if let Some(path) = explicit {
        path.to_owned()
    } else if let Some(path) = variable("ZOVA_TRUST_STORE") {
        path.into()
    } else if let Some(folder) = set("XDG_CONFIG_HOME") {
        folder.join(BELOW_CONFIG)
    } else if let Some(home) = set("HOME") {
        home.join(".config").join(BELOW_CONFIG)
    } else {
        return Err(Fault::ExtensionInvalid(
            "nothing says where the list of trusted bundles is: give its path, or set ZOVA_TRUST_STORE or HOME"
                .to_owned(),
        ));
    };
    if path.as_os_str().is_empty() {
        return Err(files::named(&path, "BadPathName"));
    }
    std::path::absolute(&path).map_err(|error| files::refused(&path, &error))
}

/// The content of the file.
fn stored(records: &[TrustedExtension]) -> String {
    #[derive(Serialize)]
    struct Stored<'a> {
        version: i64,
        extensions: &'a [TrustedExtension],
    }
    pretty(&Stored { version: VERSION, extensions: records })
}

/// The document of the list: what `zova extension trusted --json` prints.
pub(super) fn document(records: &[TrustedExtension]) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        cli_json_version: i64,
        status: &'static str,
        command: &'static str,
        count: usize,
        trusted_extensions: &'a [TrustedExtension],
    }
    pretty(&Document {
        cli_json_version: 1,
        status: "ok",
        command: "extension-trusted",
        count: records.len(),
        trusted_extensions: records,
    })
}

/// Two blanks per level, one key per line, a newline at the end.
fn pretty(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("texts and integers can be written as JSON");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Status;

    /// The list's place with these variables.
    fn place(variables: &[(&str, &str)]) -> Result<PathBuf, Fault> {
        locate_in(None, |name| {
            variables.iter().find(|(set, _)| *set == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn the_list_is_where_the_first_of_three_variables_says() {
        let home = ("HOME", "/home/ada");
        let config = ("XDG_CONFIG_HOME", "/etc/ada");
        let store = ("ZOVA_TRUST_STORE", "/srv/trust.json");
        for (variables, expected) in [
            (&[home][..], "/home/ada/.config/zova/trusted_extensions.json"),
            (&[home, config], "/etc/ada/zova/trusted_extensions.json"),
            (&[home, config, store], "/srv/trust.json"),
            (&[home, ("XDG_CONFIG_HOME", "")], "/home/ada/.config/zova/trusted_extensions.json"),
        ] {
            assert_eq!(place(variables).unwrap(), Path::new(expected));
        }
        let explicit = locate_in(Some(Path::new("/x/y.json")), |_| Some("/z".into()));
        assert_eq!(explicit.unwrap(), Path::new("/x/y.json"));
    }

    #[test]
    fn a_relative_place_is_relative_to_the_working_directory() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(place(&[("ZOVA_TRUST_STORE", "trust.json")]).unwrap(), here.join("trust.json"));
        assert_eq!(locate_in(Some(Path::new("x")), |_| None).unwrap(), here.join("x"));
    }

    #[test]
    fn without_a_place_there_is_a_reason() {
        for variables in [&[][..], &[("HOME", "")], &[("HOME", ""), ("XDG_CONFIG_HOME", "")]] {
            assert_eq!(place(variables).unwrap_err().status(), Status::ExtensionInvalid);
        }
        let fault = place(&[("HOME", "/home/ada"), ("ZOVA_TRUST_STORE", "")]).unwrap_err();
        assert_eq!(fault, files::named(Path::new(""), "BadPathName"));
    }
}
