//! Which code there is: the trait and the set of extensions a database is opened with.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::{fmt, mem};

use super::context::ExtensionContext;
use super::error::ExtensionResult;
use super::manifest::ExtensionManifest;
use super::register::RegisterContext;
use super::salvage::{SalvageContext, SalvageReport};
use crate::error::{Fault, Result};
use crate::trgm::Trgm;

/// An extension: what it is called, and the hooks Zova calls.
///
/// One value serves many handles, on several threads at once; each handle calls one hook at a time. What a hook gets
/// is valid during the hook. A hook must not use a database handle that it reached by other means than its context.
///
/// A panic in a hook or callback is caught: the call ends with [`Status::Internal`](crate::Status::Internal), what it
/// did is undone, and the handle refuses further work except its close.
///
/// ```
/// use std::sync::Arc;
/// use zova::{
///     Database, Extension, ExtensionContext, ExtensionManifest, ExtensionRegistry, ExtensionResult, OpenOptions,
///     RegisterContext, ScalarDefinition, SqlOutput, SqlValue,
/// };
///
/// /// Counts how often each word was seen.
/// struct Words(ExtensionManifest);
///
/// impl Extension for Words {
///     fn manifest(&self) -> &ExtensionManifest {
///         &self.0
///     }
///
///     fn register_sql(&self, context: &mut RegisterContext<'_>) -> ExtensionResult<()> {
///         let seen = ScalarDefinition { name: "zova_words_seen", arguments: 1, atomic: true, ..Default::default() };
///         context.scalar(seen, |context, arguments| {
///             let mut count = context.prepare(
///                 "insert into main._zova_ext_words_counts values (?1, 1) \
///                  on conflict (word) do update set count = count + 1 returning count",
///             )?;
///             count.bind(1, arguments[0])?;
///             count.step()?;
///             Ok(match count.column(0) {
///                 SqlValue::Integer(count) => SqlOutput::Integer(count),
///                 _ => SqlOutput::Null,
///             })
///         })
///     }
///
///     fn install(&self, context: &mut ExtensionContext<'_>) -> ExtensionResult<()> {
///         context.exec("create table main._zova_ext_words_counts (word text primary key, count integer not null)")
///     }
///
///     fn check(&self, context: &mut ExtensionContext<'_>) -> ExtensionResult<()> {
///         context.exec("select count(*) from main._zova_ext_words_counts")
///     }
///
///     fn drop_storage(&self, context: &mut ExtensionContext<'_>) -> ExtensionResult<()> {
///         context.exec("drop table if exists main._zova_ext_words_counts")
///     }
/// }
///
/// # fn main() -> zova::Result<()> {
/// # let directory = tempfile::tempdir().unwrap();
/// # let path = directory.path().join("words.zova");
/// let mut registry = ExtensionRegistry::new();
/// registry.add(Arc::new(Words(ExtensionManifest::new("words", "1.0", "0.21.0"))))?;
/// let mut db = Database::create_with_registry(&path, OpenOptions::default(), &registry)?;
/// db.install_extension("words")?;
/// db.exec("select zova_words_seen('again'), zova_words_seen('again')")?;
/// db.check_extension("words")?;
/// # Ok(())
/// # }
/// ```
pub trait Extension: Send + Sync + 'static {
    /// What the extension says about itself. Read once, when it is added to a registry.
    fn manifest(&self) -> &ExtensionManifest;

    /// Registers SQL functions and table functions on the connection. Called when a database in which the extension is
    /// installed is opened, and during its installation; at most once on a connection if it succeeds. Must not write.
    fn register_sql(&self, context: &mut RegisterContext<'_>) -> ExtensionResult<()> {
        let _ = context;
        Ok(())
    }

    /// Looks whether the storage is usable at all: presence and version of the tables. Called at every open, after
    /// [`Extension::register_sql`]; its cost must not depend on the amount of data. Must not write.
    ///
    /// An error that is neither one of SQLite nor [`Status::Internal`](crate::Status::Internal) makes the open fail
    /// with [`Status::ExtensionInvalid`](crate::Status::ExtensionInvalid).
    fn open_check(&self, context: &mut ExtensionContext<'_>) -> ExtensionResult<()> {
        let _ = context;
        Ok(())
    }

    /// Creates the storage: tables, indexes, views and triggers under the storage prefix, and nothing else. Runs in a
    /// scope that is undone when the installation fails.
    fn install(&self, context: &mut ExtensionContext<'_>) -> ExtensionResult<()>;

    /// Verifies all of the storage. Runs in a scope that is undone afterwards.
    ///
    /// An error that is neither one of SQLite nor [`Status::Internal`](crate::Status::Internal) is reported as
    /// [`Status::ExtensionInvalid`](crate::Status::ExtensionInvalid).
    fn check(&self, context: &mut ExtensionContext<'_>) -> ExtensionResult<()>;

    /// Drops everything under the storage prefix, also when it is damaged or partly missing, and nothing else. Runs in
    /// a scope that is undone when dropping fails.
    fn drop_storage(&self, context: &mut ExtensionContext<'_>) -> ExtensionResult<()>;

    /// Copies what is intact from a damaged database into a new one, or plans it; see [`SalvageContext`]. `None`: the
    /// extension cannot do that, and is reported as skipped.
    fn salvage(&self, context: &mut SalvageContext<'_>) -> ExtensionResult<Option<SalvageReport>> {
        let _ = context;
        Ok(None)
    }
}

/// The bundled extensions: the one place that lists them.
fn bundled() -> Vec<Arc<dyn Extension>> {
    vec![Arc::new(Trgm::new())]
}

/// A set of extensions to open databases with.
///
/// It holds the bundled extensions and those that were added, by unique name. Databases keep what they were opened
/// with; the registry may be dropped before them.
pub struct ExtensionRegistry {
    code: Code,
    frozen: AtomicBool,
}

/// The extensions of a registry, shared with the sessions opened with it.
pub(crate) type Code = Arc<Vec<Entry>>;

/// One extension of a registry.
#[derive(Clone)]
pub(crate) struct Entry {
    /// As it was when the extension was added.
    pub(crate) manifest: ExtensionManifest,
    pub(crate) extension: Arc<dyn Extension>,
}

impl ExtensionRegistry {
    /// A registry of the bundled extensions.
    pub fn new() -> Self {
        // A list of its own, so that those who share it are the databases opened with it.
        Self { code: Arc::new(default_code().to_vec()), frozen: AtomicBool::new(false) }
    }

    /// Adds an extension.
    ///
    /// # Errors
    ///
    /// `ExtensionInvalid` for a manifest that breaks its rules, and for a name that the registry has already; `Misuse`
    /// once a database was opened with the registry; `Internal` if [`Extension::manifest`] panics.
    pub fn add(&mut self, extension: Arc<dyn Extension>) -> Result<()> {
        Ok(self.admit(extension)?)
    }

    pub(super) fn admit(&mut self, extension: Arc<dyn Extension>) -> std::result::Result<(), Fault> {
        self.require_unused()?;
        // Before the first open nobody shares the list.
        add(Arc::make_mut(&mut self.code), extension)
    }

    /// Nothing can be added once a database was opened with the registry.
    pub(super) fn require_unused(&self) -> std::result::Result<(), Fault> {
        if self.frozen.load(Ordering::Relaxed) {
            return Err(Fault::Misuse(
                "a database was opened with this registry, which takes nothing more since",
            ));
        }
        Ok(())
    }

    /// The same set once more, for opening a database. Nothing can be added any more.
    #[doc(hidden)]
    pub fn share(&self) -> Self {
        Self { code: self.freeze(), frozen: AtomicBool::new(true) }
    }

    /// True while a database that was opened with this registry is open.
    pub fn is_in_use(&self) -> bool {
        Arc::strong_count(&self.code) > 1
    }

    /// What a database is opened with. Nothing can be added any more.
    pub(crate) fn freeze(&self) -> Code {
        self.frozen.store(true, Ordering::Relaxed);
        Arc::clone(&self.code)
    }
}

impl Default for ExtensionRegistry {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ExtensionRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.code.iter().map(|entry| &entry.manifest.name)).finish()
    }
}

/// The registry of handles that are opened without one.
pub(crate) fn default_code() -> &'static Code {
    static CODE: OnceLock<Code> = OnceLock::new();
    CODE.get_or_init(|| {
        let mut entries = Vec::new();
        for extension in bundled() {
            add(&mut entries, extension).expect("the bundled extensions obey the rules");
        }
        Arc::new(entries)
    })
}

fn add(entries: &mut Vec<Entry>, extension: Arc<dyn Extension>) -> std::result::Result<(), Fault> {
    let manifest = match catch_unwind(AssertUnwindSafe(|| extension.manifest().clone())) {
        Ok(manifest) => manifest,
        Err(payload) => {
            // Dropping what a panic carries may panic, too.
            mem::forget(payload);
            return Err(Fault::Internal);
        }
    };
    if let Some(text) = manifest.broken_rule() {
        return Err(Fault::ExtensionInvalid(text));
    }
    // The prefix follows from the name, so unique names have unique prefixes.
    if entries.iter().any(|entry| entry.manifest.name == manifest.name) {
        return Err(Fault::ExtensionInvalid(format!(
            "the registry has an extension {:?} already",
            manifest.name
        )));
    }
    entries.push(Entry { manifest, extension });
    Ok(())
}
