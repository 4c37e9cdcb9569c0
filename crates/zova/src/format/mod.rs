//! The file: which tables it has, how it comes into being, and what is checked before it is trusted.

mod copy;
mod create;
mod meta;
mod open;
mod path;
mod schema;

pub use copy::{convert, restore};
pub(crate) use create::create;
pub(crate) use open::{has_core_tables, open};
