//! What can go wrong: the numeric [`Status`] every surface shares, the [`Error`] a Rust program sees, and the
//! [`Fault`] the core works with.
//!
//! A fault carries the facts (which path, which id, expected and found) and is turned into text once, where a
//! surface hands it out. Its [`Display`](std::fmt::Display) form is one sentence that begins with the error name,
//! with one exception: when SQLite refuses the caller's own SQL, the text is SQLite's message, unchanged.

use std::ffi::NulError;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::object::{ObjectChunkId, ObjectId};
use crate::sqlite::SqliteError;
use crate::vector::VectorFault;

/// Result of every fallible call of this crate.
pub type Result<T> = std::result::Result<T, Error>;

macro_rules! statuses {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $constant:literal, $name:literal;)*) => {
        /// Status of a failed call: the numbers of `zova.h`.
        ///
        /// The set grows; match with a wildcard arm.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Status {
            $($(#[$doc])* $variant,)*
            /// A number this version does not know, including 0 (`ZOVA_OK`), which is no fault.
            Unknown(i32),
        }

        impl Status {
            /// Every status this version knows, in the order of the numbers.
            #[doc(hidden)]
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The status with this number; [`Status::Unknown`] for every other number, 0 included.
            pub fn from_raw(code: i32) -> Self {
                match code {
                    $($code => Self::$variant,)*
                    other => Self::Unknown(other),
                }
            }

            /// The number of `zova.h`.
            pub fn raw(self) -> i32 {
                match self {
                    $(Self::$variant => $code,)*
                    Self::Unknown(code) => code,
                }
            }

            /// The C constant, for example `ZOVA_OBJECT_NOT_FOUND`. Number 0 is `ZOVA_OK`; every other unknown
            /// number is `ZOVA_UNKNOWN_STATUS`.
            #[doc(hidden)]
            pub fn constant(self) -> &'static str {
                match self {
                    $(Self::$variant => $constant,)*
                    Self::Unknown(0) => "ZOVA_OK",
                    Self::Unknown(_) => "ZOVA_UNKNOWN_STATUS",
                }
            }

            /// The word error texts begin with, for example `ObjectNotFound`.
            #[doc(hidden)]
            pub fn error_name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Unknown(_) => "Unknown",
                }
            }
        }
    };
}

// Reserved, never to be used for anything else: 35-38, 95, 96. The last number in use is 98.
statuses! {
    /// An argument is not acceptable.
    InvalidArgument = 1, "ZOVA_INVALID_ARGUMENT", "InvalidArgument";
    /// An allocation failed.
    OutOfMemory = 2, "ZOVA_OUT_OF_MEMORY", "OutOfMemory";
    /// A panic inside the library was caught; the handle accepts only its close.
    Internal = 3, "ZOVA_INTERNAL", "Internal";
    /// Another connection holds a conflicting lock.
    Busy = 10, "ZOVA_BUSY", "Busy";
    /// A conflict inside this connection, for example dropping a table that is being read.
    Locked = 11, "ZOVA_LOCKED", "Locked";
    /// A constraint of the application's schema failed, or stored rows contradict each other.
    Constraint = 12, "ZOVA_CONSTRAINT", "Constraint";
    /// A path cannot be reached, opened or created.
    CantOpen = 13, "ZOVA_CANT_OPEN", "CantOpen";
    /// A write was attempted on a read-only handle or file.
    ReadOnly = 14, "ZOVA_READ_ONLY", "ReadOnly";
    /// SQLite found the file damaged, or a copy failed its integrity check.
    Corrupt = 15, "ZOVA_CORRUPT", "Corrupt";
    /// The call is not allowed in the current state.
    Misuse = 16, "ZOVA_MISUSE", "Misuse";
    /// Every other SQLite result.
    SqliteError = 17, "ZOVA_SQLITE_ERROR", "SqliteError";
    /// An interrupt, a deadline or a progress callback stopped the call; nothing is half done.
    Interrupted = 18, "ZOVA_INTERRUPTED", "Interrupted";
    /// A path that must end in `.zova` does not.
    NotZovaPath = 30, "ZOVA_NOT_ZOVA_PATH", "NotZovaPath";
    /// The file is absent, or is not a valid Zova database.
    NotZovaDatabase = 31, "ZOVA_NOT_ZOVA_DATABASE", "NotZovaDatabase";
    /// The file is a Zova database of another format version.
    UnsupportedZovaVersion = 32, "ZOVA_UNSUPPORTED_ZOVA_VERSION", "UnsupportedZovaVersion";
    /// A path that must be new already exists.
    DestinationExists = 33, "ZOVA_DESTINATION_EXISTS", "DestinationExists";
    /// A conversion source already uses names reserved for Zova.
    ZovaNameConflict = 34, "ZOVA_ZOVA_NAME_CONFLICT", "ZovaNameConflict";
    /// No object has this id.
    ObjectNotFound = 50, "ZOVA_OBJECT_NOT_FOUND", "ObjectNotFound";
    /// Assembly names an object that is already stored.
    ObjectAlreadyExists = 51, "ZOVA_OBJECT_ALREADY_EXISTS", "ObjectAlreadyExists";
    /// No chunk has this hash.
    ObjectChunkNotFound = 52, "ZOVA_OBJECT_CHUNK_NOT_FOUND", "ObjectChunkNotFound";
    /// The bytes do not hash to the expected chunk id.
    ObjectChunkHashMismatch = 53, "ZOVA_OBJECT_CHUNK_HASH_MISMATCH", "ObjectChunkHashMismatch";
    /// Stored object data fails verification, or a chunk has an illegal size.
    ObjectCorrupt = 54, "ZOVA_OBJECT_CORRUPT", "ObjectCorrupt";
    /// The manifest given to assembly is inconsistent.
    ObjectManifestInvalid = 55, "ZOVA_OBJECT_MANIFEST_INVALID", "ObjectManifestInvalid";
    /// A range starts past the end of the object.
    ObjectRangeInvalid = 56, "ZOVA_OBJECT_RANGE_INVALID", "ObjectRangeInvalid";
    /// A size does not fit in a signed 64-bit integer.
    ObjectTooLarge = 57, "ZOVA_OBJECT_TOO_LARGE", "ObjectTooLarge";
    /// A writing statement of the application is in the middle of its results, so the object change can neither
    /// join nor commit.
    ObjectTransactionActive = 58, "ZOVA_OBJECT_TRANSACTION_ACTIVE", "ObjectTransactionActive";
    /// The writer is already finished or cancelled.
    ObjectWriterClosed = 59, "ZOVA_OBJECT_WRITER_CLOSED", "ObjectWriterClosed";
    /// A store of this role is already bound.
    BoundStoreExists = 60, "ZOVA_BOUND_STORE_EXISTS", "BoundStoreExists";
    /// No store of this role is bound.
    BoundStoreNotFound = 61, "ZOVA_BOUND_STORE_NOT_FOUND", "BoundStoreNotFound";
    /// A bound store does not match the main file, or the opened file is itself a store.
    BoundStoreInvalid = 62, "ZOVA_BOUND_STORE_INVALID", "BoundStoreInvalid";
    /// The object reader failed earlier, or its object is gone.
    ObjectReaderClosed = 63, "ZOVA_OBJECT_READER_CLOSED", "ObjectReaderClosed";
    /// The collection name is taken.
    VectorCollectionExists = 70, "ZOVA_VECTOR_COLLECTION_EXISTS", "VectorCollectionExists";
    /// No collection has this name.
    VectorCollectionNotFound = 71, "ZOVA_VECTOR_COLLECTION_NOT_FOUND", "VectorCollectionNotFound";
    /// No vector has this id in the collection.
    VectorNotFound = 72, "ZOVA_VECTOR_NOT_FOUND", "VectorNotFound";
    /// The number of values differs from the collection's dimensions.
    VectorDimensionMismatch = 73, "ZOVA_VECTOR_DIMENSION_MISMATCH", "VectorDimensionMismatch";
    /// A stored vector fails verification.
    VectorCorrupt = 74, "ZOVA_VECTOR_CORRUPT", "VectorCorrupt";
    /// A collection name, vector id, dimension count, value or threshold is not acceptable.
    VectorInvalid = 75, "ZOVA_VECTOR_INVALID", "VectorInvalid";
    /// The graph name is taken.
    GraphExists = 80, "ZOVA_GRAPH_EXISTS", "GraphExists";
    /// No graph has this name.
    GraphNotFound = 81, "ZOVA_GRAPH_NOT_FOUND", "GraphNotFound";
    /// No such node.
    GraphNodeNotFound = 82, "ZOVA_GRAPH_NODE_NOT_FOUND", "GraphNodeNotFound";
    /// No such edge.
    GraphEdgeNotFound = 83, "ZOVA_GRAPH_EDGE_NOT_FOUND", "GraphEdgeNotFound";
    /// A graph name, node id, kind, edge type, target or limit is not acceptable.
    GraphInvalid = 84, "ZOVA_GRAPH_INVALID", "GraphInvalid";
    /// The extension is not installed, or not provided by the process.
    ExtensionNotFound = 90, "ZOVA_EXTENSION_NOT_FOUND", "ExtensionNotFound";
    /// The extension is already installed.
    ExtensionExists = 91, "ZOVA_EXTENSION_EXISTS", "ExtensionExists";
    /// An extension's name, manifest or private storage is not valid.
    ExtensionInvalid = 92, "ZOVA_EXTENSION_INVALID", "ExtensionInvalid";
    /// The installed version or minimum ABI differs from the provided code.
    ExtensionIncompatible = 93, "ZOVA_EXTENSION_INCOMPATIBLE", "ExtensionIncompatible";
    /// The extension is installed but the process provides no code for it.
    ExtensionUnavailable = 94, "ZOVA_EXTENSION_UNAVAILABLE", "ExtensionUnavailable";
    /// A bundle is not trusted, or changed since it was.
    ExtensionUntrusted = 97, "ZOVA_EXTENSION_UNTRUSTED", "ExtensionUntrusted";
    /// A trusted bundle could not be loaded.
    ExtensionLoadFailed = 98, "ZOVA_EXTENSION_LOAD_FAILED", "ExtensionLoadFailed";
}

impl Status {
    /// The C constant, for example `ZOVA_OBJECT_NOT_FOUND`. `Unknown(0)` gives `ZOVA_OK`, other unknown codes
    /// `ZOVA_UNKNOWN_STATUS`.
    pub fn name(self) -> String {
        self.constant().to_owned()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.constant())
    }
}

/// Error of every call of this crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// A fault with a status of `zova.h`.
    Zova {
        /// What kind of fault.
        status: Status,
        /// The C constant, for example `ZOVA_OBJECT_NOT_FOUND`.
        status_name: String,
        /// One sentence with the facts, or SQLite's own message for the caller's SQL; `None` for faults that the
        /// Rust layer finds by itself.
        message: Option<String>,
    },
    /// A string argument contains a NUL byte.
    InteriorNul {
        /// Which argument.
        context: &'static str,
    },
    /// A path is not valid UTF-8.
    NonUtf8Path,
    /// A text column holds bytes that are not UTF-8.
    InvalidUtf8Text,
}

impl Error {
    /// The status of [`Error::Zova`]; `None` for the other variants.
    pub fn status(&self) -> Option<Status> {
        match self {
            Self::Zova { status, .. } => Some(*status),
            Self::InteriorNul { .. } | Self::NonUtf8Path | Self::InvalidUtf8Text => None,
        }
    }

    /// A fault found by the Rust layer itself: no message.
    pub(crate) fn bare(status: Status) -> Self {
        Self::Zova { status, status_name: status.name(), message: None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zova { status_name, message, .. } => match message.as_deref() {
                None | Some("") => f.write_str(status_name),
                Some(message) => write!(f, "{status_name}: {message}"),
            },
            Self::InteriorNul { context } => write!(f, "{context} contains an interior NUL byte"),
            Self::NonUtf8Path => f.write_str("path is not valid UTF-8"),
            Self::InvalidUtf8Text => f.write_str("SQL text column is not valid UTF-8"),
        }
    }
}

impl std::error::Error for Error {}

impl From<NulError> for Error {
    fn from(_: NulError) -> Self {
        Self::InteriorNul { context: "string" }
    }
}

impl From<Error> for std::io::Error {
    fn from(error: Error) -> Self {
        Self::other(error)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let status = fault.status();
        Self::Zova { status, status_name: status.name(), message: Some(fault.to_string()) }
    }
}

/// A fault of the core, with its facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// An argument breaks its rule; the text says which and how.
    Argument(String),
    /// An allocation failed; the text says for what.
    OutOfMemory(&'static str),
    /// A panic was caught.
    Internal,
    /// A state does not allow the call; the text says which.
    Misuse(&'static str),
    /// SQLite refused the caller's own SQL: its message is passed on verbatim.
    Sql(SqliteError),
    /// SQLite refused an operation of Zova's own.
    Native {
        /// What could not be done, as the end of "cannot …".
        action: &'static str,
        /// What SQLite said.
        error: SqliteError,
    },
    /// A path does not end in `.zova`.
    NotZovaPath(PathBuf),
    /// A file cannot be a Zova database.
    NotZovaDatabase {
        /// The file.
        path: PathBuf,
        /// Why, as a clause: "does not exist".
        reason: String,
    },
    /// A file is of another format version.
    UnsupportedVersion {
        /// The file.
        path: PathBuf,
        /// The version it states.
        found: String,
    },
    /// The path is taken.
    DestinationExists(PathBuf),
    /// A path cannot be reached, opened or created.
    CantOpen {
        /// The path.
        path: PathBuf,
        /// Why, as a clause.
        reason: String,
    },
    /// Opening met an SQLite error.
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        error: SqliteError,
    },
    /// The operating system refused to read or write bytes.
    Io {
        /// What failed, as the end of "cannot …".
        action: &'static str,
        /// The file, if it has a name.
        path: Option<PathBuf>,
        /// What the system said.
        reason: String,
    },
    /// A copy fails the check of its structure.
    DamagedCopy {
        /// The file that was to be made.
        path: PathBuf,
        /// What SQLite found.
        finding: String,
    },
    /// A database to be converted has a name that is reserved.
    NameConflict {
        /// The database.
        path: PathBuf,
        /// What has the name: "table", "index", "view" or "trigger".
        kind: String,
        /// The name.
        name: String,
    },
    /// A file is a store, or is bound to stores that do not fit.
    BoundStoreInvalid {
        /// The file.
        path: PathBuf,
        /// Why, as a clause.
        reason: String,
    },
    /// An extension's registry row or private storage is malformed.
    ExtensionInvalid(String),
    /// Another fault of an extension, or of one that is wanted.
    Extension {
        /// What kind of fault.
        status: Status,
        /// What happened, as a sentence; nothing if the extension gave no reason.
        text: String,
    },
    /// No object has this id.
    ObjectNotFound(ObjectId),
    /// No chunk has this hash.
    ObjectChunkNotFound(ObjectChunkId),
    /// Bytes do not hash to the id they were given under.
    ObjectChunkHashMismatch {
        /// The id given.
        expected: ObjectChunkId,
        /// The id of the bytes.
        found: ObjectChunkId,
    },
    /// Stored data of an object fails verification.
    ObjectCorrupt {
        /// The object.
        id: ObjectId,
        /// What is wrong, as a clause.
        damage: String,
    },
    /// A stored or offered chunk breaks its rules.
    ChunkCorrupt {
        /// The chunk.
        id: ObjectChunkId,
        /// What is wrong, as a clause.
        damage: String,
    },
    /// Assembly names an object that is stored.
    ObjectAlreadyExists(ObjectId),
    /// The manifest given to assembly is inconsistent.
    ObjectManifestInvalid {
        /// The object to be assembled.
        id: ObjectId,
        /// What is wrong, as a clause.
        reason: String,
    },
    /// A range starts past the end.
    ObjectRangeInvalid {
        /// The object.
        id: ObjectId,
        /// Where the range starts.
        offset: u64,
        /// The object's size.
        size: u64,
    },
    /// A size does not fit.
    ObjectTooLarge(u64),
    /// A writing statement of the application is in the middle of its results.
    ObjectTransactionActive,
    /// The writer was finished or cancelled.
    ObjectWriterClosed,
    /// The reader met a fault earlier.
    ObjectReaderClosed,
    /// An interrupt, a deadline or a progress callback asked for it.
    Interrupted,
    /// Manifest rows exist for an object that has no row.
    ObjectRowsContradict(ObjectId),
    /// The graph name is taken.
    GraphExists(String),
    /// No graph has this name.
    GraphNotFound(String),
    /// No such node, or no such graph.
    GraphNodeNotFound {
        /// The graph.
        graph: String,
        /// The node.
        node: String,
    },
    /// No such edge, or no such graph.
    GraphEdgeNotFound {
        /// The graph.
        graph: String,
        /// The node it would start at.
        from: String,
        /// Its type.
        edge_type: String,
        /// The node it would end at.
        to: String,
    },
    /// A name, a target or a limit breaks its rule, or a stored one does; the text says which and how.
    GraphInvalid(String),
    /// A node's target does not exist, and the handle asked that it does.
    GraphTargetMissing {
        /// What kind of target is missing.
        status: Status,
        /// What is missing, as a sentence.
        text: String,
    },
    /// A file of a bundle, or the list of trusted bundles, cannot be read or written.
    BundleFile {
        /// The file or directory.
        path: PathBuf,
        /// The error name, as commands print it: `FileNotFound`, `AccessDenied`, ...
        name: &'static str,
    },
    /// A vector call failed.
    Vector(VectorFault),
}

impl From<VectorFault> for Fault {
    fn from(fault: VectorFault) -> Self {
        Self::Vector(fault)
    }
}

impl Fault {
    /// An argument fault with this sentence.
    pub fn argument(text: impl Into<String>) -> Self {
        Self::Argument(text.into())
    }

    /// A chunk is offered with a length no chunk has.
    pub fn chunk_of_length(id: ObjectChunkId, length: usize) -> Self {
        Self::ChunkCorrupt { id, damage: format!("it has {length} bytes, and a chunk has 1 to 65536") }
    }

    pub(crate) fn cant_open(path: &Path, reason: impl Into<String>) -> Self {
        Self::CantOpen { path: path.to_owned(), reason: reason.into() }
    }

    pub(crate) fn not_zova(path: &Path, reason: impl Into<String>) -> Self {
        Self::NotZovaDatabase { path: path.to_owned(), reason: reason.into() }
    }

    pub(crate) fn corrupt(id: ObjectId, damage: impl Into<String>) -> Self {
        Self::ObjectCorrupt { id, damage: damage.into() }
    }

    /// The status a surface reports.
    pub fn status(&self) -> Status {
        match self {
            Self::Argument(_) => Status::InvalidArgument,
            Self::OutOfMemory(_) => Status::OutOfMemory,
            Self::Internal => Status::Internal,
            Self::Misuse(_) => Status::Misuse,
            Self::Sql(error) | Self::Native { error, .. } | Self::Open { error, .. } => error.status(),
            Self::NotZovaPath(_) => Status::NotZovaPath,
            Self::NotZovaDatabase { .. } => Status::NotZovaDatabase,
            Self::UnsupportedVersion { .. } => Status::UnsupportedZovaVersion,
            Self::DestinationExists(_) => Status::DestinationExists,
            Self::CantOpen { .. } => Status::CantOpen,
            Self::Io { .. } => Status::SqliteError,
            Self::DamagedCopy { .. } => Status::Corrupt,
            Self::NameConflict { .. } => Status::ZovaNameConflict,
            Self::BoundStoreInvalid { .. } => Status::BoundStoreInvalid,
            Self::ExtensionInvalid(_) => Status::ExtensionInvalid,
            Self::Extension { status, .. } => *status,
            Self::BundleFile { .. } => Status::CantOpen,
            Self::ObjectNotFound(_) => Status::ObjectNotFound,
            Self::ObjectChunkNotFound(_) => Status::ObjectChunkNotFound,
            Self::ObjectChunkHashMismatch { .. } => Status::ObjectChunkHashMismatch,
            Self::ObjectCorrupt { .. } | Self::ChunkCorrupt { .. } => Status::ObjectCorrupt,
            Self::ObjectAlreadyExists(_) => Status::ObjectAlreadyExists,
            Self::ObjectManifestInvalid { .. } => Status::ObjectManifestInvalid,
            Self::ObjectRangeInvalid { .. } => Status::ObjectRangeInvalid,
            Self::ObjectTooLarge(_) => Status::ObjectTooLarge,
            Self::ObjectTransactionActive => Status::ObjectTransactionActive,
            Self::ObjectWriterClosed => Status::ObjectWriterClosed,
            Self::ObjectReaderClosed => Status::ObjectReaderClosed,
            Self::Interrupted => Status::Interrupted,
            Self::ObjectRowsContradict(_) => Status::Constraint,
            Self::GraphExists(_) => Status::GraphExists,
            Self::GraphNotFound(_) => Status::GraphNotFound,
            Self::GraphNodeNotFound { .. } => Status::GraphNodeNotFound,
            Self::GraphEdgeNotFound { .. } => Status::GraphEdgeNotFound,
            Self::GraphInvalid(_) => Status::GraphInvalid,
            Self::GraphTargetMissing { status, .. } => *status,
            Self::Vector(fault) => fault.status(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Sql(error) = self {
            return f.write_str(&error.message);
        }
        f.write_str(self.status().error_name())?;
        match self {
            Self::Extension { text, .. } if text.is_empty() => return Ok(()),
            _ => f.write_str(": ")?,
        }
        match self {
            Self::Sql(error) => f.write_str(&error.message),
            Self::Argument(text) => f.write_str(text),
            Self::OutOfMemory(what) => write!(f, "not enough memory for {what}"),
            Self::Internal => f.write_str(
                "an internal error was caught, please report it; this handle and its children accept only their close",
            ),
            Self::Misuse(text) => f.write_str(text),
            Self::Native { action, error } => write!(f, "cannot {action}{}", Because(error)),
            Self::NotZovaPath(path) => {
                write!(f, "the path {} must end in .zova (lower case)", Quoted(path))
            }
            Self::NotZovaDatabase { path, reason } => write!(f, "{} {reason}", Quoted(path)),
            Self::UnsupportedVersion { path, found } => write!(
                f,
                "{} has format version {found:?} and this library reads version 5; open it with a matching version of Zova",
                Quoted(path)
            ),
            Self::DestinationExists(path) => {
                write!(f, "{} already exists and is never overwritten", Quoted(path))
            }
            Self::CantOpen { path, reason } => write!(f, "cannot open {}: {reason}", Quoted(path)),
            Self::Open { path, error } => write!(f, "cannot open {}{}", Quoted(path), Because(error)),
            Self::Io { action, path: Some(path), reason } => {
                write!(f, "cannot {action} {}: {reason}", Quoted(path))
            }
            Self::Io { action, path: None, reason } => write!(f, "cannot {action}: {reason}"),
            Self::DamagedCopy { path, finding } if names_private_table(finding) => {
                write!(f, "{} was not made: the copy is damaged", Quoted(path))
            }
            Self::DamagedCopy { path, finding } => {
                write!(f, "{} was not made: the copy is damaged: {finding}", Quoted(path))
            }
            Self::NameConflict { path, kind, name } => write!(
                f,
                "{} has a {kind} called {name:?}, and names that begin with _zova_ are reserved; rename it first",
                Quoted(path)
            ),
            Self::BoundStoreInvalid { path, reason } => write!(f, "{} {reason}", Quoted(path)),
            Self::ExtensionInvalid(text) => f.write_str(text),
            Self::Extension { text, .. } => f.write_str(text),
            Self::BundleFile { path, name } => write!(f, "{name}: {}", Quoted(path)),
            Self::Vector(fault) => fault.fmt(f),
            Self::ObjectNotFound(id) => write!(f, "no object {id}"),
            Self::ObjectChunkNotFound(id) => write!(f, "no chunk {id}"),
            Self::ObjectChunkHashMismatch { expected, found } => {
                write!(f, "the bytes given for chunk {expected} hash to {found}")
            }
            Self::ObjectCorrupt { id, damage } => write!(f, "object {id} is damaged: {damage}"),
            Self::ChunkCorrupt { id, damage } => write!(f, "chunk {id} is damaged: {damage}"),
            Self::ObjectAlreadyExists(id) => write!(f, "object {id} is stored already"),
            Self::ObjectManifestInvalid { id, reason } => {
                write!(f, "the manifest given for object {id} does not fit: {reason}")
            }
            Self::ObjectRangeInvalid { id, offset, size } => write!(
                f,
                "the range starts at byte {offset} but object {id} has {size} bytes"
            ),
            Self::ObjectTooLarge(size) => {
                write!(f, "{size} bytes are more than an object can have ({})", i64::MAX)
            }
            Self::ObjectTransactionActive => f.write_str(
                "an INSERT, UPDATE or DELETE statement is in the middle of its results; step it to the end or reset it, then repeat the call",
            ),
            Self::ObjectWriterClosed => {
                f.write_str("the writer was finished or cancelled, or its finish failed; it takes no more of this")
            }
            Self::ObjectReaderClosed => f.write_str("the reader met a fault earlier; destroy it and open another"),
            Self::Interrupted => f.write_str("the call was stopped; it has changed nothing"),
            Self::ObjectRowsContradict(id) => {
                write!(f, "object {id} has no entry of its own but parts of one are stored; nothing was changed")
            }
            Self::GraphExists(graph) => write!(f, "the graph {graph:?} already exists"),
            Self::GraphNotFound(graph) => write!(f, "no graph {graph:?}"),
            Self::GraphNodeNotFound { graph, node } => write!(f, "no node {node:?} in the graph {graph:?}"),
            Self::GraphEdgeNotFound { graph, from, edge_type, to } => {
                write!(f, "no edge {edge_type:?} from {from:?} to {to:?} in the graph {graph:?}")
            }
            Self::GraphInvalid(text) | Self::GraphTargetMissing { text, .. } => f.write_str(text),
        }
    }
}

/// Ends a sentence with SQLite's message, unless that message names a private table.
struct Because<'a>(&'a SqliteError);

impl fmt::Display for Because<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if names_private_table(&self.0.message) {
            write!(f, ": the stored tables do not allow it (SQLite result {})", self.0.code)
        } else {
            write!(f, ": {}", self.0.message)
        }
    }
}

fn names_private_table(text: &str) -> bool {
    text.to_ascii_lowercase().contains("_zova_")
}

/// A path in quotation marks; bytes that are not UTF-8 appear as U+FFFD.
struct Quoted<'a>(&'a Path);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.to_string_lossy())
    }
}
