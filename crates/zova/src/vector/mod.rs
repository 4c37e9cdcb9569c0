//! Vectors: named collections of f32 vectors, and exact search in them.
//!
//! A collection fixes how many values its vectors have and how distance is measured. Search compares every vector,
//! and every distance that leaves the library is the one [`distance`] defines, to the last bit. What is fast here
//! only decides which rows cannot be in the answer: [`bounds`] gives a proven lower bound for a row's distance from
//! sums that the [`kernel`]s compute in any order, and the resident copy of a collection ([`resident`]) does the same
//! from one byte per value. Rows that are left are computed by the definition.

mod bounds;
#[cfg(test)]
mod bounds_test;
pub(crate) mod checked;
mod collection;
mod distance;
mod fault;
mod kernel;
mod methods;
mod model;
mod nearest;
mod read;
mod resident;
mod rows;
mod search;
mod sql;
mod stats;
mod stream;
mod verify;
mod write;

pub use fault::VectorFault;
pub(crate) use methods::vector_methods;
pub use model::{
    Vector, VectorCollectionInfo, VectorCollectionOptions, VectorInput, VectorMetric, VectorSearchResult,
};
pub(crate) use resident::Copies;
pub use search::{SearchFrom, VectorSearch};
pub(crate) use sql::register_sql;
pub use stats::{SearchPath, VectorSearchStats};
pub(crate) use verify::{count as count_stored, verify_all};
pub use write::VectorEntry;
