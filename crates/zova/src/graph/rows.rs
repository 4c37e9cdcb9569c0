//! Reading stored texts: nothing about them is taken for granted.

use crate::error::Fault;
use crate::graph::types::GraphTargetType;
use crate::sqlite::{Cached, SqliteError};

/// What reads of graphs say they could not do.
pub(super) const READ: &str = "read the graph";

/// A failed read.
pub(super) fn unread(error: SqliteError) -> Fault {
    Fault::Native { action: READ, error }
}

/// A stored text as text.
pub(super) fn checked<'a>(what: &str, bytes: &'a [u8]) -> Result<&'a str, Fault> {
    std::str::from_utf8(bytes).map_err(|_| {
        Fault::GraphInvalid(format!("a stored {what} is not valid UTF-8, so the file is damaged"))
    })
}

/// The text in a column; NULL reads as empty.
pub(super) fn text(row: &mut Cached<'_>, column: i32, what: &str) -> Result<String, Fault> {
    Ok(optional_text(row, column, what)?.unwrap_or_default())
}

/// The text in a column that may be NULL.
pub(super) fn optional_text(row: &mut Cached<'_>, column: i32, what: &str) -> Result<Option<String>, Fault> {
    match row.text(column).map_err(unread)? {
        None => Ok(None),
        Some(bytes) => Ok(Some(checked(what, bytes)?.to_owned())),
    }
}

/// The target type in a column.
pub(super) fn target_type(row: &mut Cached<'_>, column: i32) -> Result<GraphTargetType, Fault> {
    let text = row.text(column).map_err(unread)?.unwrap_or_default();
    GraphTargetType::from_text(text).ok_or_else(|| {
        let shown = crate::name::shown(text);
        Fault::GraphInvalid(format!("the stored target type {shown} is unknown to this version"))
    })
}
