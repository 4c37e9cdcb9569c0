//! Content-addressed objects.
//!
//! An object is a byte string named by its SHA-256. It is cut into chunks at boundaries that its content decides
//! ([`chunker`]), each chunk is stored once however many objects use it, and a manifest lists an object's chunks in
//! order. Everything that is read is verified against these hashes before a byte of it is handed out.

mod chunk;
mod chunker;
mod delete;
mod file;
mod id;
mod list;
mod manifest;
mod put;
mod read;
mod reader;
mod rows;
mod source;
mod spool;
mod store;
mod tables;
mod verify;
mod writer;

pub use id::{ObjectChunkId, ObjectId, hash, object_chunk_id, object_id};
pub use list::ObjectListing;
pub use manifest::{ObjectManifest, ObjectManifestChunk};
pub use read::ByteBuffer;
pub(crate) use reader::Reader;
pub(crate) use tables::register as register_tables;
pub(crate) use verify::{count as count_stored, verify_chunks, verify_objects};
pub(crate) use writer::Writer;
