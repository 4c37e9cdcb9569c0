//! Extensions: code that the process supplies, with private tables in the main database.
//!
//! A file never contains code and never names where code is. It can only say that an extension is installed; which
//! code there is, the process decides by the [`ExtensionRegistry`] it opens the file with.
//!
//! - [`Extension`] is what an extension implements, [`ExtensionContext`] and [`RegisterContext`] what it gets.
//! - `installed` reads the rows that say what is installed, `schema` watches what a hook does to the schema, `hooks`
//!   runs hooks, and `lifecycle` and `open` are the operations made of these.
//! - `plugin` makes an extension of code in C, and `bundle` decides whether the code of a bundle may be loaded.
//!
//! The bundled extensions ([`ExtensionRegistry::new`]) use nothing but what is offered to every extension.

pub mod bundle;
mod context;
mod deferred;
mod error;
mod fault;
mod hooks;
mod installed;
mod lifecycle;
mod manifest;
mod methods;
mod names;
mod open;
pub mod plugin;
mod register;
mod registry;
mod rules;
mod salvage;
mod schema;
mod table;
mod target;

pub use crate::sqlite::{RowSource, TreeRows};
pub use context::{ExtensionContext, ExtensionStatement, SalvageMode};
pub use deferred::{Deferred, DeferredWriter};
pub use error::{ExtensionError, ExtensionResult};
pub use installed::ExtensionInfo;
pub use manifest::ExtensionManifest;
pub(crate) use methods::{extension_methods, registry_constructors};
pub(crate) use open::{Expectation, Extensions};
pub use register::{CallContext, RegisterContext, ScalarDefinition, SqlOutput};
pub(crate) use registry::{Code, default_code};
pub use registry::{Extension, ExtensionRegistry};
pub use salvage::{ExtensionSalvage, SalvageContext, SalvageReport};
pub use table::{RowSink, TableColumn, TableDefinition};
pub use target::ExtensionTarget;
