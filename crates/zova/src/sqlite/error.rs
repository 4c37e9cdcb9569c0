//! SQLite result codes with their messages.

use std::ffi::{CStr, c_int};

use rusqlite::ffi;

use crate::error::Status;

/// A failed SQLite call: the extended result code and the message SQLite had for it at that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteError {
    /// Extended result code (<https://sqlite.org/rescode.html>).
    pub code: i32,
    /// SQLite's message, as UTF-8.
    pub message: String,
}

impl SqliteError {
    /// An error whose message is the generic text of its code.
    pub(crate) fn from_code(code: c_int) -> Self {
        // SAFETY: sqlite3_errstr accepts any integer and returns a static string.
        let text = unsafe { CStr::from_ptr(ffi::sqlite3_errstr(code)) };
        Self { code, message: text.to_string_lossy().into_owned() }
    }

    /// SQLITE_ERROR with a message of our own, for what SQLite calls back.
    pub(crate) fn plain(message: impl Into<String>) -> Self {
        Self { code: ffi::SQLITE_ERROR, message: message.into() }
    }

    /// A trigger made a change of a row not happen, without an error of SQLite's.
    pub(crate) fn skipped_by_trigger() -> Self {
        Self {
            code: ffi::SQLITE_CONSTRAINT_TRIGGER,
            message: "a trigger skipped a row, which would leave the data incomplete".to_owned(),
        }
    }

    /// What a change meets that needs a transaction while a statement is in the middle of writing.
    pub(crate) fn busy_writing() -> Self {
        let message = "an INSERT, UPDATE or DELETE statement is in the middle of its results".to_owned();
        Self { code: ffi::SQLITE_BUSY, message }
    }

    pub(crate) fn out_of_memory() -> Self {
        Self::from_code(ffi::SQLITE_NOMEM)
    }

    pub(crate) fn read_only() -> Self {
        Self::from_code(ffi::SQLITE_READONLY)
    }

    pub(crate) fn busy() -> Self {
        Self::from_code(ffi::SQLITE_BUSY)
    }

    pub(crate) fn interrupted() -> Self {
        Self::from_code(ffi::SQLITE_INTERRUPT)
    }

    pub(crate) fn misuse() -> Self {
        Self::from_code(ffi::SQLITE_MISUSE)
    }

    /// The result code that stands for a status where only SQLite's codes can be told.
    pub(crate) fn code_of(status: Status) -> i32 {
        match status {
            // SQLite itself does not use this code.
            Status::Internal => ffi::SQLITE_INTERNAL,
            Status::Busy => ffi::SQLITE_BUSY,
            Status::Locked => ffi::SQLITE_LOCKED,
            Status::Constraint => ffi::SQLITE_CONSTRAINT,
            Status::CantOpen => ffi::SQLITE_CANTOPEN,
            Status::ReadOnly => ffi::SQLITE_READONLY,
            Status::Corrupt => ffi::SQLITE_CORRUPT,
            Status::Misuse => ffi::SQLITE_MISUSE,
            Status::OutOfMemory => ffi::SQLITE_NOMEM,
            Status::Interrupted => ffi::SQLITE_INTERRUPT,
            _ => ffi::SQLITE_ERROR,
        }
    }

    /// The result code without its extension.
    pub(crate) fn primary(&self) -> i32 {
        self.code & 0xff
    }

    /// SQLITE_ERROR or SQLITE_NOTADB: what reading the first page of something that is no database gives.
    pub(crate) fn means_not_a_database(&self) -> bool {
        matches!(self.primary(), ffi::SQLITE_ERROR | ffi::SQLITE_NOTADB)
    }

    /// The status of this result: the codes with a status of their own, everything else `SqliteError`.
    pub fn status(&self) -> Status {
        match self.primary() {
            ffi::SQLITE_INTERNAL => Status::Internal,
            ffi::SQLITE_BUSY => Status::Busy,
            ffi::SQLITE_LOCKED => Status::Locked,
            ffi::SQLITE_CONSTRAINT => Status::Constraint,
            ffi::SQLITE_CANTOPEN => Status::CantOpen,
            ffi::SQLITE_READONLY => Status::ReadOnly,
            ffi::SQLITE_CORRUPT => Status::Corrupt,
            ffi::SQLITE_MISUSE => Status::Misuse,
            ffi::SQLITE_NOMEM => Status::OutOfMemory,
            ffi::SQLITE_INTERRUPT => Status::Interrupted,
            _ => Status::SqliteError,
        }
    }
}
