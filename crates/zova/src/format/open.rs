//! What is checked, and in which order, before a file is trusted. Nothing is written, repaired or migrated.

use std::path::Path;

use super::path::{require_existing, require_suffix};
use super::{meta, schema};
use crate::error::Fault;
use crate::options::OpenOptions;
use crate::session::{Storage, busy_timeout};
use crate::sqlite::{Connection, OpenMode, Sql, SqliteError, StatementCache, StopWhen};

const BEGIN: Sql = Sql("begin");
const PRIVATE_TABLES: Sql =
    Sql("select name, sql from $.sqlite_schema where type = 'table' and name glob '_zova_*'");
const BINDINGS: Sql =
    Sql("select path from $._zova_bound_stores where role in ('object_store', 'vector_store') \
    and name = 'default' order by role");

/// Opens an existing file and checks all that does not concern extensions. The connection is in the read transaction
/// of these checks: the caller goes on in it and ends it.
pub(crate) fn open(path: &Path, options: OpenOptions) -> Result<Connection, Fault> {
    open_stoppable(path, options, StopWhen::default())
}

/// As [`open`], for work that ends when `when` says so.
pub(super) fn open_stoppable(path: &Path, options: OpenOptions, when: StopWhen) -> Result<Connection, Fault> {
    busy_timeout(options.busy_timeout_ms)?;
    require_suffix(path)?;
    require_existing(path)?;
    open_as(path, path, options, when)
}

/// Opens `file`, which faults call `path`, and checks it.
pub(super) fn open_as(
    file: &Path,
    path: &Path,
    options: OpenOptions,
    when: StopWhen,
) -> Result<Connection, Fault> {
    let timeout = busy_timeout(options.busy_timeout_ms)?;
    let refused = |error| Fault::Open { path: path.to_owned(), error };
    let mode = if options.read_only { OpenMode::ReadOnly } else { OpenMode::ReadWrite };
    let connection = Connection::open_stoppable(file, mode, when).map_err(refused)?;
    connection.set_busy_timeout(timeout).map_err(refused)?;
    check(&connection, path)?;
    Ok(connection)
}

/// All checks see one state of the file: they run in one read transaction, which stays open.
fn check(connection: &Connection, path: &Path) -> Result<(), Fault> {
    let cache = StatementCache::default();
    let storage = Storage::main(connection, &cache);
    let refused = |error| Fault::Open { path: path.to_owned(), error };
    storage.run(BEGIN, &[]).map_err(refused)?;
    check_identity(storage, path)?;
    check_tables(storage, path)
}

fn check_identity(storage: Storage<'_>, path: &Path) -> Result<(), Fault> {
    let value = |key| {
        meta::read(storage, key).map_err(|error| {
            if error.means_not_a_database() {
                Fault::not_zova(path, "is not a Zova database")
            } else {
                Fault::Open { path: path.to_owned(), error }
            }
        })
    };
    if value("magic")?.as_deref() != Some(meta::MAGIC) {
        return Err(Fault::not_zova(path, "is an SQLite database but not a Zova database"));
    }
    match value("format_version")? {
        None => return Err(Fault::not_zova(path, "states no format version")),
        Some(version) if version != meta::FORMAT_VERSION => {
            return Err(Fault::UnsupportedVersion {
                path: path.to_owned(),
                found: String::from_utf8_lossy(&version).into_owned(),
            });
        }
        Some(_) => {}
    }
    match value("store_role")?.as_deref() {
        None => Ok(()),
        Some(role @ (b"object_store" | b"vector_store")) => Err(Fault::BoundStoreInvalid {
            path: path.to_owned(),
            reason: format!(
                "is a store ({}) of another database; open the database it is bound to",
                String::from_utf8_lossy(role)
            ),
        }),
        Some(_) => Err(Fault::not_zova(path, "states a store role that does not exist")),
    }
}

/// Every private table must be declared as the format says; the message does not name them.
fn check_tables(storage: Storage<'_>, path: &Path) -> Result<(), Fault> {
    let refused = |error| Fault::Open { path: path.to_owned(), error };
    let stored = private_tables(storage).map_err(refused)?;
    let altered = || Fault::not_zova(path, "lacks a table of the Zova format, or has one that was altered");
    for table in &schema::COMPARED {
        if !is_declared(storage, &stored, table).map_err(refused)?.ok_or_else(altered)? {
            return Err(altered());
        }
    }
    match is_declared(storage, &stored, &schema::BOUND_STORES).map_err(refused)? {
        None => Ok(()),
        Some(false) => Err(altered()),
        Some(true) => refuse_bound_stores(storage, path),
    }
}

/// True if all private tables are declared as the format says.
///
/// Cost: one pass over the schema.
pub(crate) fn has_core_tables(storage: Storage<'_>) -> Result<bool, SqliteError> {
    let stored = private_tables(storage)?;
    for table in &schema::COMPARED {
        if is_declared(storage, &stored, table)? != Some(true) {
            return Ok(false);
        }
    }
    Ok(is_declared(storage, &stored, &schema::BOUND_STORES)? != Some(false))
}

/// A table as the file declares it.
struct StoredTable {
    name: Vec<u8>,
    sql: Vec<u8>,
}

/// The tables under the reserved prefix.
fn private_tables(storage: Storage<'_>) -> Result<Vec<StoredTable>, SqliteError> {
    let mut rows = storage.query(PRIVATE_TABLES, &[])?;
    let mut tables = Vec::new();
    while rows.step()? {
        let name = rows.text(0)?.unwrap_or_default().to_vec();
        tables.push(StoredTable { name, sql: rows.text(1)?.unwrap_or_default().to_vec() });
    }
    Ok(tables)
}

/// Whether a table is declared as the format says; `None` if it is absent.
fn is_declared(
    storage: Storage<'_>,
    stored: &[StoredTable],
    table: &schema::Table,
) -> Result<Option<bool>, SqliteError> {
    let Some(found) = stored.iter().find(|found| found.name == table.name.as_bytes()) else {
        return Ok(None);
    };
    Ok(Some(match table.compare(&found.sql) {
        schema::Likeness::Same => true,
        schema::Likeness::Different => false,
        schema::Likeness::SameButForCase => {
            let columns = storage.column_names(table.name)?;
            table.columns.iter().all(|column| columns.iter().any(|name| name == column.as_bytes()))
        }
    }))
}

/// This version cannot attach stores, and a database without its stores must never look as if it were empty.
fn refuse_bound_stores(storage: Storage<'_>, path: &Path) -> Result<(), Fault> {
    let refused = |error| Fault::Open { path: path.to_owned(), error };
    let mut bindings = storage.query(BINDINGS, &[]).map_err(refused)?;
    if !bindings.step().map_err(refused)? {
        return Ok(());
    }
    let store = bindings.text(0).map_err(refused)?.unwrap_or_default();
    Err(Fault::BoundStoreInvalid {
        path: path.to_owned(),
        reason: format!(
            "keeps part of its data in the bound store {:?}, which this version cannot open; \
             use a version with bound stores",
            String::from_utf8_lossy(store)
        ),
    })
}
