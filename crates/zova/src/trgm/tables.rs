//! The five tables: made, looked at when the database opens, and dropped.

use super::statement::run;
use crate::Status;
use crate::{ExtensionContext, ExtensionError, ExtensionResult, SqlValue};

pub(super) const VERSION: &str = "0.1.0";

/// In the order in which they are made.
const TABLES: [&str; 5] = [
    "_zova_ext_trgm_meta",
    "_zova_ext_trgm_indexes",
    "_zova_ext_trgm_documents",
    "_zova_ext_trgm_terms",
    "_zova_ext_trgm_postings",
];

/// Terms and postings have no rowid, which would mean a second copy of every key.
const CREATE: &str = "
create table main._zova_ext_trgm_meta (
  key text primary key,
  value text not null
);
create table main._zova_ext_trgm_indexes (
  name text primary key,
  created_order integer not null unique
);
create table main._zova_ext_trgm_documents (
  index_name text not null,
  document_id text not null,
  target_type text not null check (target_type in ('record', 'object', 'object_chunk', 'vector', 'graph',
    'entity', 'fact', 'concept', 'external')),
  target_namespace text,
  target_ref text,
  normalized_len integer not null check (normalized_len >= 0),
  text_hash blob not null check (length(text_hash) = 32),
  term_count integer not null check (term_count >= 0),
  updated_at_unix integer not null,
  primary key (index_name, document_id)
);
create table main._zova_ext_trgm_terms (
  index_name text not null,
  term blob not null check (length(term) = 3),
  document_count integer not null check (document_count > 0),
  primary key (index_name, term)
) without rowid;
create table main._zova_ext_trgm_postings (
  index_name text not null,
  term blob not null check (length(term) = 3),
  document_id text not null,
  count integer not null check (count > 0),
  primary key (index_name, term, document_id)
) without rowid;
insert into main._zova_ext_trgm_meta values ('schema_version', '1');
insert into main._zova_ext_trgm_meta values ('extension_version', '0.1.0');
";

/// Finds the postings of a document. Installations of Zova 0.21.0 have no such index until something is deleted or
/// replaced in them.
const CREATE_INDEX: &str = "create index if not exists main._zova_ext_trgm_postings_document \
    on _zova_ext_trgm_postings (index_name, document_id)";

/// How many tables and indexes [`install`] makes.
pub(super) const SCHEMA_OBJECTS: u64 = TABLES.len() as u64 + 1;

const TYPE_OF: &str = "select type from main.sqlite_schema where name = ?1 and type in ('table', 'view')";
const INSTALLED_VERSION: &str = "select value from main._zova_ext_trgm_meta where key = 'extension_version'";

pub(super) fn install(context: &ExtensionContext<'_>) -> ExtensionResult<()> {
    create_tables(context)?;
    create_index(context)
}

pub(super) fn create_tables(context: &ExtensionContext<'_>) -> ExtensionResult<()> {
    context.exec(CREATE)
}

/// Makes the index of the postings where it is missing.
pub(super) fn create_index(context: &ExtensionContext<'_>) -> ExtensionResult<()> {
    run(context, CREATE_INDEX, &[])
}

/// Whether a name is that of a table, of a view, or of neither.
fn type_of(context: &ExtensionContext<'_>, name: &str) -> ExtensionResult<Option<String>> {
    let mut row = context.prepare(TYPE_OF)?;
    row.bind(1, SqlValue::Text(name.as_bytes()))?;
    if !row.step()? {
        return Ok(None);
    }
    Ok(match row.column(0) {
        SqlValue::Text(kind) => Some(String::from_utf8_lossy(kind).into_owned()),
        _ => None,
    })
}

/// Looks whether the tables are there and belong to this code.
///
/// Cost: a few look-ups, whatever is in the tables.
pub(super) fn open_check(context: &ExtensionContext<'_>) -> ExtensionResult<()> {
    for table in TABLES {
        require_table(context, table)?;
    }
    require_version(context)
}

/// Looks whether a table is there.
pub(super) fn require_table(context: &ExtensionContext<'_>, table: &str) -> ExtensionResult<()> {
    match type_of(context, table)?.as_deref() {
        Some("table") => Ok(()),
        _ => Err(invalid("one of its tables is missing")),
    }
}

/// Looks whether the tables belong to this code.
pub(super) fn require_version(context: &ExtensionContext<'_>) -> ExtensionResult<()> {
    let mut row = context.prepare(INSTALLED_VERSION).map_err(found)?;
    match row.step().map_err(found)? {
        true if row.column(0) == SqlValue::Text(VERSION.as_bytes()) => Ok(()),
        _ => Err(invalid("its tables are of another version")),
    }
}

/// What a check found wrong, without names and texts of the application.
pub(super) fn invalid(what: &str) -> ExtensionError {
    ExtensionError::new(Status::ExtensionInvalid, what)
}

/// A failure to read during a check. SQL that does not compile or run means that a table is not what it should be.
pub(super) fn found(error: ExtensionError) -> ExtensionError {
    match error.status {
        Status::SqliteError => invalid("one of its tables cannot be read"),
        _ => error,
    }
}

/// Drops the tables, whatever state they are in, and with them every index on them.
pub(super) fn drop_storage(context: &ExtensionContext<'_>) -> ExtensionResult<()> {
    for table in TABLES {
        if let Some(kind) = type_of(context, table)? {
            context.exec(&format!("drop {kind} main.{table}"))?;
        }
    }
    Ok(())
}
