//! Versions and statuses.

use std::ffi::{CStr, CString, c_char, c_int};
use std::iter;
use std::sync::LazyLock;

use zova::engine::Status;

use crate::guard::shield;

/// A status as a number: what crosses the boundary in both directions, because a C program may pass any number
/// where an enumeration is declared. The header shows [`declared::zova_status`] in its place.
///
/// cbindgen:ignore
pub type zova_status = c_int;

/// What the header declares as `zova_status`.
pub mod declared {
    /// Result of a call: ZOVA_OK or what went wrong. Branch on these numbers; the texts are for people. The set grows:
    /// treat a number you do not know as an error.
    #[repr(C)]
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum zova_status {
        /// The call succeeded.
        ZOVA_OK = 0,
        /// An argument is not acceptable: a request, handle or required pointer is null, a length comes without data,
        /// a flag is unknown, a number is out of range, or a name breaks its rules. Nothing was read or written.
        ZOVA_INVALID_ARGUMENT = 1,
        /// An allocation failed.
        ZOVA_OUT_OF_MEMORY = 2,
        /// An error inside the library was caught before it could do harm; please report it. The database handle of
        /// the call and its children accept only their ending calls from now on; other databases are not affected.
        ZOVA_INTERNAL = 3,
        /// Another connection holds a lock that the call needs. Try again later, or set a busy timeout.
        ZOVA_BUSY = 10,
        /// A conflict inside this connection, for example dropping a table that is being read.
        ZOVA_LOCKED = 11,
        /// A constraint of your schema failed (unique, foreign key, check, not null, strict typing, a trigger), or
        /// stored rows contradict each other. The statement had no effect.
        ZOVA_CONSTRAINT = 12,
        /// A path cannot be reached, opened or created.
        ZOVA_CANT_OPEN = 13,
        /// A write on a database that was opened read-only, or whose file may not be written.
        ZOVA_READ_ONLY = 14,
        /// SQLite found the file damaged, or a copy failed its check.
        ZOVA_CORRUPT = 15,
        /// The call is not allowed in the current state: closing a database with live children, binding to a statement
        /// that is running, asking for the name of a column that does not exist, using a handle that was ended, is of
        /// another kind or never came from this library, or calling into a database from within a call on it.
        ZOVA_MISUSE = 16,
        /// SQLite refused the call for any other reason: a syntax error, an unknown table, a full disk, an I/O error.
        /// The message says which.
        ZOVA_SQLITE_ERROR = 17,
        /// The call was stopped by an interrupt or a callback; nothing is half done.
        ZOVA_INTERRUPTED = 18,
        /// The path does not end in ".zova" (lower case).
        ZOVA_NOT_ZOVA_PATH = 30,
        /// The file does not exist, or is not a valid Zova database.
        ZOVA_NOT_ZOVA_DATABASE = 31,
        /// The file is a Zova database of a format version that this library does not read.
        ZOVA_UNSUPPORTED_ZOVA_VERSION = 32,
        /// Something exists at a path that must be new. Nothing is ever overwritten.
        ZOVA_DESTINATION_EXISTS = 33,
        /// A database to be converted already uses names that are reserved for Zova.
        ZOVA_ZOVA_NAME_CONFLICT = 34,
        /// No object has this id.
        ZOVA_OBJECT_NOT_FOUND = 50,
        /// An object that was to be assembled is already stored.
        ZOVA_OBJECT_ALREADY_EXISTS = 51,
        /// No chunk has this id.
        ZOVA_OBJECT_CHUNK_NOT_FOUND = 52,
        /// The bytes given for a chunk do not have its id.
        ZOVA_OBJECT_CHUNK_HASH_MISMATCH = 53,
        /// Stored bytes of an object fail verification, or a chunk has an illegal size.
        ZOVA_OBJECT_CORRUPT = 54,
        /// The list of chunks given to assemble an object is inconsistent.
        ZOVA_OBJECT_MANIFEST_INVALID = 55,
        /// A range starts after the end of the object.
        ZOVA_OBJECT_RANGE_INVALID = 56,
        /// A size is larger than 9223372036854775807 bytes.
        ZOVA_OBJECT_TOO_LARGE = 57,
        /// An INSERT, UPDATE or DELETE statement of yours is in the middle of its results (RETURNING), so that an
        /// object can neither be stored with it nor beside it. Finish or reset that statement and repeat the call.
        ZOVA_OBJECT_TRANSACTION_ACTIVE = 58,
        /// The object writer is already finished or cancelled.
        ZOVA_OBJECT_WRITER_CLOSED = 59,
        /// The database already has a bound store of this kind.
        ZOVA_BOUND_STORE_EXISTS = 60,
        /// The database has no bound store of this kind.
        ZOVA_BOUND_STORE_NOT_FOUND = 61,
        /// A bound store does not match its database, or the opened file is itself a store.
        ZOVA_BOUND_STORE_INVALID = 62,
        /// The object reader failed earlier, or its object is gone.
        ZOVA_OBJECT_READER_CLOSED = 63,
        /// The name of the vector collection is taken.
        ZOVA_VECTOR_COLLECTION_EXISTS = 70,
        /// No vector collection has this name.
        ZOVA_VECTOR_COLLECTION_NOT_FOUND = 71,
        /// The collection has no vector with this id.
        ZOVA_VECTOR_NOT_FOUND = 72,
        /// The number of values is not the number of dimensions of the collection.
        ZOVA_VECTOR_DIMENSION_MISMATCH = 73,
        /// A stored vector fails verification.
        ZOVA_VECTOR_CORRUPT = 74,
        /// A collection name, vector id, number of dimensions, value or threshold is not acceptable.
        ZOVA_VECTOR_INVALID = 75,
        /// The name of the graph is taken.
        ZOVA_GRAPH_EXISTS = 80,
        /// No graph has this name.
        ZOVA_GRAPH_NOT_FOUND = 81,
        /// The graph has no such node, or there is no such graph.
        ZOVA_GRAPH_NODE_NOT_FOUND = 82,
        /// The graph has no such edge, or there is no such graph.
        ZOVA_GRAPH_EDGE_NOT_FOUND = 83,
        /// A graph name, node id, kind, edge type, target or limit is not acceptable.
        ZOVA_GRAPH_INVALID = 84,
        /// The extension is not installed, or, for an installation, this process does not provide it.
        ZOVA_EXTENSION_NOT_FOUND = 90,
        /// The extension is already installed.
        ZOVA_EXTENSION_EXISTS = 91,
        /// The name, manifest or stored data of an extension is not valid.
        ZOVA_EXTENSION_INVALID = 92,
        /// The installed version of an extension does not fit the code that this process provides.
        ZOVA_EXTENSION_INCOMPATIBLE = 93,
        /// The database needs an extension that this process does not provide.
        ZOVA_EXTENSION_UNAVAILABLE = 94,
        /// An extension bundle is not trusted, or has changed since it was.
        ZOVA_EXTENSION_UNTRUSTED = 97,
        /// A trusted extension bundle could not be loaded.
        ZOVA_EXTENSION_LOAD_FAILED = 98,
    }
}

/// Major version of this C interface: 0. It is the version of the interface, which the ZOVA_VERSION_ macros state
/// for the header, and neither that of the file format nor that of the implementation. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn zova_abi_version_major() -> u32 {
    0
}

/// Minor version of this C interface: 21. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn zova_abi_version_minor() -> u32 {
    21
}

/// Patch version of this C interface: 0. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn zova_abi_version_patch() -> u32 {
    0
}

/// Version of this C interface as text: "0.21.0". Static; never freed. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn zova_abi_version_string() -> *const c_char {
    c"0.21.0".as_ptr()
}

/// The name of a status, for example "ZOVA_OBJECT_NOT_FOUND" for 50, and "ZOVA_UNKNOWN_STATUS" for every number
/// that is none. Accepts any integer. Static text; never null, never freed. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn zova_status_name(status: zova_status) -> *const c_char {
    shield(UNKNOWN.as_ptr(), || {
        let name = NAMES.binary_search_by_key(&status, |(code, _)| *code);
        name.map_or(UNKNOWN.as_ptr(), |place| NAMES[place].1.as_ptr())
    })
}

const UNKNOWN: &CStr = c"ZOVA_UNKNOWN_STATUS";

/// The core's names with NUL bytes behind them, by number.
static NAMES: LazyLock<Vec<(zova_status, CString)>> = LazyLock::new(|| {
    let known = iter::once(Status::from_raw(0)).chain(Status::ALL.iter().copied());
    known.filter_map(|status| Some((status.raw(), CString::new(status.constant()).ok()?))).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    fn name(status: zova_status) -> &'static str {
        // SAFETY: static text.
        unsafe { CStr::from_ptr(zova_status_name(status)) }.to_str().unwrap()
    }

    /// The enumerators as the header shows them.
    fn declared() -> Vec<(zova_status, &'static str)> {
        let header = include_str!("../include/zova.h");
        let (_, body) = header.split_once("typedef enum zova_status {").unwrap();
        let (body, _) = body.split_once("} zova_status;").unwrap();
        let lines = body.lines().map(str::trim).filter(|line| line.starts_with("ZOVA_"));
        lines
            .map(|line| {
                let (name, number) = line.trim_end_matches(',').split_once(" = ").unwrap();
                (number.parse().unwrap(), name)
            })
            .collect()
    }

    #[test]
    fn the_enumeration_of_the_header_has_the_statuses_of_the_core_and_no_other() {
        let mut of_the_core = vec![(0, "ZOVA_OK")];
        of_the_core.extend(Status::ALL.iter().map(|status| (status.raw(), status.constant())));
        assert_eq!(declared(), of_the_core);
    }

    #[test]
    fn every_status_has_its_name_and_every_other_number_is_unknown() {
        for (code, constant) in declared() {
            assert_eq!(name(code), constant);
        }
        for code in [-1, 4, 9, 19, 35, 38, 95, 96, 99, 1000, zova_status::MIN, zova_status::MAX] {
            assert_eq!(name(code), "ZOVA_UNKNOWN_STATUS");
        }
    }

    #[test]
    fn the_macros_of_the_header_state_the_version_of_the_functions() {
        let header = include_str!("../include/zova.h");
        let versions = [
            ("MAJOR", zova_abi_version_major()),
            ("MINOR", zova_abi_version_minor()),
            ("PATCH", zova_abi_version_patch()),
        ];
        for (part, number) in versions {
            assert!(header.contains(&format!("#define ZOVA_VERSION_{part} {number}\n")));
        }
        let text = versions.map(|(_, number)| number.to_string()).join(".");
        // SAFETY: static text.
        assert_eq!(unsafe { CStr::from_ptr(zova_abi_version_string()) }.to_str(), Ok(text.as_str()));
    }
}
