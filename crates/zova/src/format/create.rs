//! A new database file.

use std::ffi::CString;
use std::path::Path;

use super::path::{require_short, require_suffix};
use super::{meta, open, schema};
use crate::error::Fault;
use crate::options::OpenOptions;
use crate::publish::{Content, NewFile, require_absent};
use crate::sqlite::{Connection, OpenMode, Prepared, SqlText, SqliteError};

/// Makes the file and opens it, as [`open::open`] does.
pub(crate) fn create(path: &Path, options: OpenOptions) -> Result<Connection, Fault> {
    require_suffix(path)?;
    require_absent(path)?;
    require_short(path)?;
    let image = empty_database().map_err(|error| Fault::Open { path: path.to_owned(), error })?;
    let mut file = NewFile::start(path)?;
    file.write(&image)?;
    file.publish(Content::Database)?;
    open::open(path, options).inspect_err(|_| {
        // The file is this call's own; one that cannot be opened is of no use to anybody.
        let _ = std::fs::remove_file(path);
    })
}

/// The bytes of a database that holds nothing yet. It is built in memory, in one transaction.
fn empty_database() -> Result<Vec<u8>, SqliteError> {
    let connection = Connection::open(Path::new(""), OpenMode::Memory)?;
    add_schema(&connection)?;
    let image = connection.serialize()?;
    connection.close();
    Ok(image)
}

/// Makes a database without private tables one of Zova's, in one transaction.
pub(super) fn add_schema(connection: &Connection) -> Result<(), SqliteError> {
    let tables = std::iter::once(&schema::META).chain(&schema::COMPARED).map(|table| table.sql);
    let statements = tables.chain(schema::INDEXES).chain([meta::NEW_FILE]);
    for sql in std::iter::once("begin").chain(statements).chain(["commit"]) {
        let sql = CString::new(sql).expect("library SQL holds no NUL");
        let (mut statement, _) = Prepared::new(connection, SqlText::new(&sql))?;
        while statement.step(connection)? {}
    }
    Ok(())
}
