//! What an extension reports when something fails.

use std::fmt;

use crate::error::{Error, Status};
use crate::sqlite::SqliteError;

/// Result of every hook, callback and service of an extension.
pub type ExtensionResult<T> = Result<T, ExtensionError>;

/// Why a hook or callback failed: a status of `zova.h` and a message.
///
/// From a hook the message becomes the last-error text of the handle, after the error name and `: `; from an SQL
/// callback it is the error message of the statement. An empty message stands for the status's error name. A status
/// that this version does not know, 0 included, counts as [`Status::SqliteError`].
///
/// The services of [`ExtensionContext`](crate::ExtensionContext) report SQLite's failures in this form, so `?` passes
/// them on with their status and SQLite's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionError {
    /// What kind of fault.
    pub status: Status,
    /// One sentence, or nothing. It must not contain stored values or indexed text.
    pub message: String,
}

impl ExtensionError {
    /// An error with a message.
    pub fn new(status: Status, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    /// The status with unknown numbers replaced, as every surface reports it.
    pub(crate) fn known_status(&self) -> Status {
        match self.status {
            Status::Unknown(_) => Status::SqliteError,
            status => status,
        }
    }

    /// The error of the statement that called a callback.
    pub(crate) fn into_sql(self) -> SqliteError {
        let status = self.known_status();
        let message = if self.message.is_empty() { status.error_name().to_owned() } else { self.message };
        SqliteError { code: SqliteError::code_of(status), message }
    }
}

impl From<Status> for ExtensionError {
    /// An error without a message.
    fn from(status: Status) -> Self {
        Self { status, message: String::new() }
    }
}

impl From<SqliteError> for ExtensionError {
    /// The names of private tables, which SQLite's message may contain, are replaced: what an extension passes on
    /// reaches the application.
    fn from(error: SqliteError) -> Self {
        let status = error.status();
        if error.message.to_ascii_lowercase().contains("_zova_") {
            let message = format!("the stored tables do not allow it (SQLite result {})", error.code);
            return Self { status, message };
        }
        Self { status, message: error.message }
    }
}

impl From<Error> for ExtensionError {
    fn from(error: Error) -> Self {
        match error {
            Error::Zova { status, message, .. } => Self { status, message: message.unwrap_or_default() },
            other => Self { status: Status::InvalidArgument, message: other.to_string() },
        }
    }
}

impl fmt::Display for ExtensionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message.as_str() {
            "" => f.write_str(self.known_status().error_name()),
            message => f.write_str(message),
        }
    }
}

impl std::error::Error for ExtensionError {}
