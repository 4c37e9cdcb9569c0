//! Zova: one local file that holds SQL records, content-addressed objects, vectors and graphs.
//!
//! A `.zova` file is an ordinary SQLite database with a few private tables. [`Database`] opens one; it runs plain
//! SQL and stores objects (bytes addressed by their SHA-256, cut into deduplicated chunks), vectors and graphs in the
//! same transactions and savepoints as your rows. [`SharedDatabase`] is the same for several threads, and a
//! [`Subscription`] tells parts of the program what others have committed.
//!
//! The crate prints nothing, leaves no thread running, and changes no PRAGMA behind your back.

#![deny(unsafe_code)]

mod copies;
mod database;
mod error;
mod event;
mod extension;
mod format;
mod graph;
mod handle;
mod interrupt;
mod name;
mod object;
mod options;
mod publish;
mod session;
mod shared;
mod sqlite;
mod statement;
mod stream;
mod subscription;
mod trgm;
mod vector;

pub use copies::{restore_backup, restore_backup_with_limits, restore_backup_with_progress};
pub use database::Database;
pub use error::{Error, Result, Status};
pub use event::Notification;
pub use extension::bundle::{
    ExtensionBundles, TrustedExtension, trust_extension_bundle, trusted_extension_bundles,
    untrust_extension_bundle, verify_extension_bundle,
};
pub use extension::{
    CallContext, Deferred, DeferredWriter, Extension, ExtensionContext, ExtensionError, ExtensionInfo,
    ExtensionManifest, ExtensionRegistry, ExtensionResult, ExtensionStatement, ExtensionTarget,
    RegisterContext, RowSink, RowSource, SalvageContext, SalvageMode, SalvageReport, ScalarDefinition,
    SqlOutput, TableColumn, TableDefinition, TreeRows,
};
pub use graph::{
    DEFAULT_GRAPH_NAME, GraphDirection, GraphEdge, GraphEdgeEntry, GraphEdgeInput, GraphInfo,
    GraphMissingTarget, GraphNeighbor, GraphNeighborDirection, GraphNeighborsOptions, GraphNode,
    GraphNodeEntry, GraphNodeInput, GraphTargetType, GraphWalkItem, GraphWalkOptions,
};
pub use interrupt::InterruptHandle;
pub use object::{
    ObjectChunkId, ObjectId, ObjectListing, ObjectManifest, ObjectManifestChunk, object_chunk_id, object_id,
};
pub use options::{BackupOptions, CallLimits, CompactOptions, OpenOptions, Progress, RestoreOptions};
pub use shared::{SharedDatabase, SharedDatabaseGuard};
pub use sqlite::SqlValue;
pub use statement::{ColumnType, OwnedStatement, SharedGuardStatement, SharedStatement, Statement, Step};
pub use stream::{ObjectReader, ObjectWriter, OwnedObjectWriter, SharedObjectReader, SharedObjectWriter};
pub use subscription::{SharedSubscription, Subscription};
pub use vector::{
    SearchPath, Vector, VectorCollectionInfo, VectorCollectionOptions, VectorInput, VectorMetric,
    VectorSearchResult, VectorSearchStats,
};

/// What the C interface is built on: the core without handles and locks. Not for programs; it may change in any
/// release.
#[doc(hidden)]
pub mod engine {
    pub use crate::error::{Fault, Status};
    pub use crate::event::{Listener, Waiter, deadline};
    pub use crate::extension::{ExtensionInfo, ExtensionRegistry, ExtensionSalvage, bundle, plugin};
    pub use crate::format::{convert, restore};
    pub use crate::graph::{AfterEdge, AfterNode, EdgeNames, Neighbors, NodeFields, Visit, Walk, WalkQuery};
    pub use crate::interrupt::InterruptHandle;
    pub use crate::object::{
        ByteBuffer, ObjectChunkId, ObjectId, ObjectListing, ObjectManifest, ObjectManifestChunk, hash,
    };
    pub use crate::options::{CallLimits, OpenOptions, Progress};
    pub use crate::session::{ChildId, ReaderId, Session, StatementId, WriterId};
    pub use crate::sqlite::SqliteError;
    pub use crate::statement::{ColumnType, Step};
    pub use crate::vector::{
        SearchFrom, SearchPath, Vector, VectorCollectionInfo, VectorCollectionOptions, VectorEntry,
        VectorFault, VectorMetric, VectorSearch, VectorSearchResult, VectorSearchStats,
    };
}

/// The Rust programs of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// The Rust program of the guide to writing extensions, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/extension-authoring.md")]
struct ExtensionAuthoring;
