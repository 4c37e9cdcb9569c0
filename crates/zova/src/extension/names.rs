//! Which names of SQL functions and tables are taken on a connection.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use super::error::{ExtensionError, ExtensionResult};
use crate::error::Status;
use crate::session::Storage;
use crate::sqlite::{Sql, SqliteError};

const FUNCTIONS: Sql = Sql("select name from pragma_function_list");
const MODULES: Sql = Sql("select name from pragma_module_list");

/// Tables that SQLite makes when they are first used.
const LATE_TABLES: [&str; 4] = ["json_each", "json_tree", "jsonb_each", "jsonb_tree"];

/// Functions and tables have separate names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Function,
    Table,
}

impl Kind {
    pub(super) fn article(self) -> &'static str {
        match self {
            Self::Function => "an SQL function",
            Self::Table => "a table function",
        }
    }
}

/// The names that extensions have registered on one connection, and who.
#[derive(Debug, Default)]
pub(crate) struct Names {
    taken: HashMap<(Kind, String), String>,
    complete: HashSet<String>,
}

impl Names {
    /// Whether all of an extension's SQL is registered.
    pub(super) fn is_complete(&self, extension: &str) -> bool {
        self.complete.contains(extension)
    }

    pub(super) fn set_complete(&mut self, extension: &str) {
        self.complete.insert(extension.to_owned());
    }

    /// Refuses a name that somebody else provides. An extension may register its own again: another number of
    /// arguments, or another attempt after one that failed.
    pub(super) fn require_free(
        &self,
        kind: Kind,
        name: &str,
        extension: &str,
        storage: Storage<'_>,
    ) -> ExtensionResult<()> {
        let folded = name.to_ascii_lowercase();
        let owner = self.taken.get(&(kind, folded.clone()));
        let provider = match owner {
            Some(owner) if owner == extension => return Ok(()),
            Some(owner) => format!("the extension {owner:?}"),
            None if built_in(storage)?.contains(kind, &folded) => "SQLite or Zova".to_owned(),
            None => return Ok(()),
        };
        Err(ExtensionError::new(
            Status::ExtensionExists,
            format!("{provider} already provides {} called {name:?}", kind.article()),
        ))
    }

    pub(super) fn take(&mut self, kind: Kind, name: &str, extension: &str) {
        self.taken.insert((kind, name.to_ascii_lowercase()), extension.to_owned());
    }
}

/// What a connection has before any extension registers something: names in lower case, sorted.
struct BuiltIn {
    functions: Vec<String>,
    tables: Vec<String>,
}

impl BuiltIn {
    fn contains(&self, kind: Kind, name: &str) -> bool {
        let listed = |names: &[String]| names.binary_search_by(|known| known.as_str().cmp(name)).is_ok();
        match kind {
            Kind::Function => listed(&self.functions),
            Kind::Table => listed(&self.tables) || name.starts_with("pragma_") || name.starts_with("sqlite_"),
        }
    }
}

/// Read once for the whole process, from the first connection that is asked: it is asked before anything of an
/// extension is registered on it, and all connections have the same.
fn built_in(storage: Storage<'_>) -> Result<&'static BuiltIn, SqliteError> {
    static BUILT_IN: OnceLock<BuiltIn> = OnceLock::new();
    if let Some(known) = BUILT_IN.get() {
        return Ok(known);
    }
    let names = |sql, more: &[&str]| -> Result<Vec<String>, SqliteError> {
        let mut names: Vec<String> = more.iter().map(|name| (*name).to_owned()).collect();
        let mut rows = storage.query(sql, &[])?;
        while rows.step()? {
            names.push(String::from_utf8_lossy(rows.text(0)?.unwrap_or_default()).to_ascii_lowercase());
        }
        names.sort_unstable();
        Ok(names)
    };
    let (functions, tables) = (names(FUNCTIONS, &[])?, names(MODULES, &LATE_TABLES)?);
    Ok(BUILT_IN.get_or_init(|| BuiltIn { functions, tables }))
}
