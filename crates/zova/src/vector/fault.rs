//! What can go wrong with vectors, with the facts.

use std::fmt;

use crate::error::Status;

/// A fault of a vector call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VectorFault {
    /// The collection name is taken.
    CollectionExists(String),
    /// No collection has this name.
    CollectionNotFound(String),
    /// The stored definition of the collection breaks the rules of the format.
    CollectionUnusable(String),
    /// The collection has no vector of this id.
    NotFound {
        /// The collection.
        collection: String,
        /// The id.
        id: String,
    },
    /// A vector of another length than the collection's.
    DimensionMismatch {
        /// The collection.
        collection: String,
        /// Which vector: "the query", "vector \"a\"".
        what: String,
        /// The collection's dimensions.
        expected: usize,
        /// The number of values given.
        found: usize,
    },
    /// A stored vector breaks the rules of the format.
    Corrupt {
        /// The collection.
        collection: String,
        /// The id, as far as it is text.
        id: String,
        /// What is wrong, as a clause.
        damage: &'static str,
    },
    /// A name, id, dimension count, value or threshold breaks its rule; the text says which and how.
    Invalid(String),
}

impl VectorFault {
    pub(crate) fn status(&self) -> Status {
        match self {
            Self::CollectionExists(_) => Status::VectorCollectionExists,
            Self::CollectionNotFound(_) => Status::VectorCollectionNotFound,
            Self::CollectionUnusable(_) => Status::NotZovaDatabase,
            Self::NotFound { .. } => Status::VectorNotFound,
            Self::DimensionMismatch { .. } => Status::VectorDimensionMismatch,
            Self::Corrupt { .. } => Status::VectorCorrupt,
            Self::Invalid(_) => Status::VectorInvalid,
        }
    }
}

impl fmt::Display for VectorFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CollectionExists(name) => write!(f, "the vector collection {name:?} already exists"),
            Self::CollectionNotFound(name) => write!(f, "no vector collection {name:?}"),
            Self::CollectionUnusable(name) => {
                write!(
                    f,
                    "the stored definition of the vector collection {name:?} is not one this library writes"
                )
            }
            Self::NotFound { collection, id } => {
                write!(f, "no vector {id:?} in the collection {collection:?}")
            }
            Self::DimensionMismatch { collection, what, expected, found } => write!(
                f,
                "{what} has {found} values but the collection {collection:?} has {expected} dimensions"
            ),
            Self::Corrupt { collection, id, damage } => {
                write!(f, "the stored vector {id:?} of the collection {collection:?} is damaged: {damage}")
            }
            Self::Invalid(text) => f.write_str(text),
        }
    }
}
