//! Extensions whose hooks each test decides.

use std::path::Path;
use std::sync::Arc;

use zova::{
    Database, Extension, ExtensionContext, ExtensionManifest, ExtensionRegistry, ExtensionResult,
    OpenOptions, RegisterContext, Result, SalvageContext, SalvageReport, SqlValue,
};

type Hook = Box<dyn Fn(&mut ExtensionContext<'_>) -> ExtensionResult<()> + Send + Sync>;
type Register = Box<dyn Fn(&mut RegisterContext<'_>) -> ExtensionResult<()> + Send + Sync>;
type Salvage = Box<dyn Fn(&mut SalvageContext<'_>) -> ExtensionResult<Option<SalvageReport>> + Send + Sync>;

/// An extension with one table, `<prefix>data(key, value)`, until a test gives it other hooks.
pub(crate) struct Sample {
    pub(crate) manifest: ExtensionManifest,
    register: Register,
    open_check: Hook,
    install: Hook,
    check: Hook,
    drop: Hook,
    salvage: Salvage,
}

/// The name of the table, as SQL takes it.
pub(crate) fn data(name: &str) -> String {
    format!("\"_zova_ext_{name}_data\"")
}

impl Sample {
    pub(crate) fn new(name: &str) -> Self {
        let table = data(name);
        let sql = |text: String| -> Hook { Box::new(move |context| context.exec(&text)) };
        Self {
            manifest: ExtensionManifest::new(name, "1.0", "0.21.0"),
            register: Box::new(|_| Ok(())),
            open_check: sql(format!("select 1 from main.{table} limit 0")),
            install: sql(format!("create table main.{table} (key text primary key, value)")),
            check: sql(format!("select sum(length(value)) from main.{table}")),
            drop: sql(format!("drop table if exists main.{table}")),
            salvage: Box::new(|_| Ok(None)),
        }
    }

    pub(crate) fn version(mut self, version: &str) -> Self {
        self.manifest.version = version.to_owned();
        self
    }

    pub(crate) fn on_register(
        mut self,
        hook: impl Fn(&mut RegisterContext<'_>) -> ExtensionResult<()> + Send + Sync + 'static,
    ) -> Self {
        self.register = Box::new(hook);
        self
    }

    pub(crate) fn on_open_check(
        mut self,
        hook: impl Fn(&mut ExtensionContext<'_>) -> ExtensionResult<()> + Send + Sync + 'static,
    ) -> Self {
        self.open_check = Box::new(hook);
        self
    }

    pub(crate) fn on_install(
        mut self,
        hook: impl Fn(&mut ExtensionContext<'_>) -> ExtensionResult<()> + Send + Sync + 'static,
    ) -> Self {
        self.install = Box::new(hook);
        self
    }

    pub(crate) fn on_check(
        mut self,
        hook: impl Fn(&mut ExtensionContext<'_>) -> ExtensionResult<()> + Send + Sync + 'static,
    ) -> Self {
        self.check = Box::new(hook);
        self
    }

    pub(crate) fn on_drop(
        mut self,
        hook: impl Fn(&mut ExtensionContext<'_>) -> ExtensionResult<()> + Send + Sync + 'static,
    ) -> Self {
        self.drop = Box::new(hook);
        self
    }

    pub(crate) fn on_salvage(
        mut self,
        hook: impl Fn(&mut SalvageContext<'_>) -> ExtensionResult<Option<SalvageReport>> + Send + Sync + 'static,
    ) -> Self {
        self.salvage = Box::new(hook);
        self
    }
}

impl Extension for Sample {
    fn manifest(&self) -> &ExtensionManifest {
        &self.manifest
    }

    fn register_sql(&self, context: &mut RegisterContext<'_>) -> ExtensionResult<()> {
        (self.register)(context)
    }

    fn open_check(&self, context: &mut ExtensionContext<'_>) -> ExtensionResult<()> {
        (self.open_check)(context)
    }

    fn install(&self, context: &mut ExtensionContext<'_>) -> ExtensionResult<()> {
        (self.install)(context)
    }

    fn check(&self, context: &mut ExtensionContext<'_>) -> ExtensionResult<()> {
        (self.check)(context)
    }

    fn drop_storage(&self, context: &mut ExtensionContext<'_>) -> ExtensionResult<()> {
        (self.drop)(context)
    }

    fn salvage(&self, context: &mut SalvageContext<'_>) -> ExtensionResult<Option<SalvageReport>> {
        (self.salvage)(context)
    }
}

/// A registry of these extensions and the bundled ones.
pub(crate) fn registry(samples: impl IntoIterator<Item = Sample>) -> ExtensionRegistry {
    let mut registry = ExtensionRegistry::new();
    for sample in samples {
        registry.add(Arc::new(sample)).unwrap();
    }
    registry
}

pub(crate) fn create(path: &Path, samples: impl IntoIterator<Item = Sample>) -> Database {
    Database::create_with_registry(path, OpenOptions::default(), &registry(samples)).unwrap()
}

pub(crate) fn try_open(path: &Path, samples: impl IntoIterator<Item = Sample>) -> Result<Database> {
    Database::open_with_registry(path, OpenOptions::default(), &registry(samples))
}

pub(crate) fn open(path: &Path, samples: impl IntoIterator<Item = Sample>) -> Database {
    try_open(path, samples).unwrap()
}

pub(crate) fn open_read_only(path: &Path, samples: impl IntoIterator<Item = Sample>) -> Database {
    let options = OpenOptions { read_only: true, ..OpenOptions::default() };
    Database::open_with_registry(path, options, &registry(samples)).unwrap()
}

/// A database with one extension installed, closed again.
pub(crate) fn installed(path: &Path, sample: Sample) {
    let name = sample.manifest.name.clone();
    create(path, [sample]).install_extension(&name).unwrap();
}

/// Everything in the schema but Zova's own tables and indexes, as text.
pub(crate) fn schema(db: &mut Database) -> String {
    crate::common::text_of(
        db,
        "select coalesce(group_concat(type || ' ' || name || ' ' || coalesce(sql, ''), '; ' order by name), '') from \
         (select * from sqlite_schema union all select * from sqlite_temp_schema) \
         where name not glob '_zova_[^e]*' and name not glob 'sqlite_*' \
         and name <> '_zova_extensions'",
    )
}

/// The names of the installed extensions, separated by spaces.
pub(crate) fn names(db: &mut Database) -> String {
    let names: Vec<String> = db.list_extensions().unwrap().into_iter().map(|info| info.name).collect();
    names.join(" ")
}

/// What a value of a row is, as text: for comparing.
pub(crate) fn shown(value: SqlValue<'_>) -> String {
    match value {
        SqlValue::Text(text) => format!("{:?}", String::from_utf8_lossy(text)),
        other => format!("{other:?}"),
    }
}
