//! Bundles to test with: compiled from C by the system's compiler.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;
use zova::{Database, Error, ExtensionBundles, OpenOptions, Status, Step};

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Compiles a library that needs nothing but the header.
pub(crate) fn compile(source: &Path, library: &Path, flags: &[&str]) {
    let mut command = Command::new("cc");
    command.args(["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-fPIC", "-shared"]).args(flags);
    command.arg("-I").arg(root().join("include")).arg("-o").arg(library).arg(source);
    let output = command.output().expect("cc can be run");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A fresh folder with a trust store of its own.
pub(crate) struct Scene {
    folder: TempDir,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("zova-bundles-").tempdir().unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        // Canonical, because trust records canonical paths.
        self.folder.path().canonicalize().unwrap().join(name)
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.path("trust.json")
    }

    /// The bundle of the example in C.
    pub(crate) fn tags(&self) -> PathBuf {
        self.bundle("tags", &root().join("examples-c/tags/tags.c"), &[])
    }

    /// A bundle made from a source, with the manifest that belongs to its name.
    pub(crate) fn bundle(&self, name: &str, source: &Path, flags: &[&str]) -> PathBuf {
        let bundle = self.path(&format!("{name}.zovaext"));
        std::fs::create_dir(&bundle).unwrap();
        compile(source, &bundle.join("lib.so"), flags);
        self.write_manifest(&bundle, &Manifest::new(name));
        bundle
    }

    /// A bundle of a plugin beside this file.
    pub(crate) fn plugin(&self, name: &str, flags: &[&str]) -> PathBuf {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/bundles/plugins/{name}.c"));
        self.bundle(name, &source, flags)
    }

    pub(crate) fn write_manifest(&self, bundle: &Path, manifest: &Manifest) {
        std::fs::write(bundle.join("extension.json"), manifest.text()).unwrap();
    }

    pub(crate) fn trust(&self, bundle: &Path) {
        zova::trust_extension_bundle(bundle, Some(&self.store())).unwrap();
    }

    pub(crate) fn verify(&self, bundle: &Path) -> zova::Result<()> {
        zova::verify_extension_bundle(bundle, Some(&self.store()))
    }

    /// A new database with these bundles.
    pub(crate) fn create(&self, bundles: &[&Path]) -> zova::Result<(Database, PathBuf)> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let path = self.path(&format!("{}.zova", NUMBER.fetch_add(1, Ordering::Relaxed)));
        let store = self.store();
        let bundles = ExtensionBundles { paths: bundles, trust_store: Some(&store) };
        Ok((Database::create_with_extensions(&path, OpenOptions::default(), bundles)?, path))
    }

    pub(crate) fn open(&self, path: &Path, bundles: &[&Path]) -> zova::Result<Database> {
        self.open_with(path, OpenOptions::default(), bundles)
    }

    pub(crate) fn open_with(
        &self,
        path: &Path,
        options: OpenOptions,
        bundles: &[&Path],
    ) -> zova::Result<Database> {
        let store = self.store();
        let bundles = ExtensionBundles { paths: bundles, trust_store: Some(&store) };
        Database::open_with_extensions(path, options, bundles)
    }
}

/// The members of a manifest, to be changed and written.
pub(crate) struct Manifest(pub(crate) Vec<(&'static str, String)>);

impl Manifest {
    pub(crate) fn new(name: &str) -> Self {
        let text = |text: &str| format!("{text:?}");
        Self(vec![
            ("name", text(name)),
            ("version", text("1.0.0")),
            ("storage_prefix", text(&format!("_zova_ext_{name}_"))),
            ("zova_abi_min", text("0.21.0")),
            ("capabilities", text("sql,table")),
            ("library", text("lib.so")),
            ("abi", text("zova-c-1")),
        ])
    }

    /// With the JSON text of one member replaced, added, or taken out.
    pub(crate) fn with(mut self, key: &'static str, value: Option<&str>) -> Self {
        self.0.retain(|(old, _)| *old != key);
        self.0.extend(value.map(|value| (key, value.to_owned())));
        self
    }

    pub(crate) fn text(&self) -> String {
        let members: Vec<String> =
            self.0.iter().map(|(key, value)| format!("  \"{key}\": {value}")).collect();
        format!("{{\n{}\n}}\n", members.join(",\n"))
    }
}

/// The first column of every row, as SQLite shows it.
pub(crate) fn rows(db: &mut Database, sql: &str) -> Vec<String> {
    try_rows(db, sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

pub(crate) fn try_rows(db: &mut Database, sql: &str) -> zova::Result<Vec<String>> {
    let mut statement = db.prepare(sql)?;
    let mut rows = Vec::new();
    while statement.step()? == Step::Row {
        rows.push(statement.column_text(0)?.unwrap_or_else(|| "NULL".to_owned()));
    }
    Ok(rows)
}

/// The status and the message of a fault.
pub(crate) fn fault<T>(outcome: zova::Result<T>) -> (Status, String) {
    match outcome {
        Err(Error::Zova { status, message, .. }) => (status, message.unwrap_or_default()),
        Err(other) => panic!("another kind of error: {other:?}"),
        Ok(_) => panic!("it succeeded"),
    }
}

/// Checks the status and that the message contains a text.
#[track_caller]
pub(crate) fn refused<T>(outcome: zova::Result<T>, status: Status, text: &str) {
    let (found, message) = fault(outcome);
    assert_eq!(found, status, "{message}");
    assert!(message.contains(text), "{text:?} is not in: {message}");
}
