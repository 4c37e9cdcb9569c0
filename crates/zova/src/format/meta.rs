//! The identity of a file: the pairs of its metadata table.

use crate::session::Storage;
use crate::sqlite::{Sql, SqliteError, Value};

pub(super) const MAGIC: &[u8] = b"zova";
pub(super) const FORMAT_VERSION: &[u8] = b"5";

/// The three pairs of a new file. The id comes from SQLite's generator, seeded by the operating system.
pub(super) const NEW_FILE: &str = "insert into _zova_meta (key, value) values
    ('magic', 'zova'), ('format_version', '5'), ('database_id', lower(hex(randomblob(32))))";

const VALUE: Sql = Sql("select value from $._zova_meta where key = ?1 collate binary");

/// The value of a key as the bytes of its text; `None` when there is no such key or its value is NULL.
pub(super) fn read(storage: Storage<'_>, key: &'static str) -> Result<Option<Vec<u8>>, SqliteError> {
    let mut rows = storage.query(VALUE, &[Value::Text(key)])?;
    if rows.step()? { Ok(rows.text(0)?.map(<[u8]>::to_vec)) } else { Ok(None) }
}
