//! The values a caller gives and receives.

/// How the distance of two vectors is measured. Smaller is nearer for each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VectorMetric {
    /// 1 minus the cosine of the angle: 0 for the same direction, 2 for opposite ones. Lengths do not matter.
    Cosine,
    /// Euclidean distance.
    L2,
    /// The negative of the dot product.
    Dot,
}

impl VectorMetric {
    /// The word the file holds.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Cosine => "cosine",
            Self::L2 => "l2",
            Self::Dot => "dot",
        }
    }

    pub(crate) fn from_word(word: &[u8]) -> Option<Self> {
        [Self::Cosine, Self::L2, Self::Dot].into_iter().find(|metric| metric.word().as_bytes() == word)
    }
}

/// What a collection is created with; neither ever changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VectorCollectionOptions {
    /// Values per vector, 1 to 16384.
    pub dimensions: u32,
    /// How distance is measured.
    pub metric: VectorMetric,
}

/// A collection and how many vectors it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VectorCollectionInfo {
    /// Its name.
    pub name: String,
    /// Values per vector.
    pub dimensions: u32,
    /// How distance is measured.
    pub metric: VectorMetric,
    /// Number of vectors, uncommitted ones of this handle included.
    pub vector_count: u64,
}

/// A vector to store.
#[derive(Debug, Clone, Copy)]
pub struct VectorInput<'a> {
    /// Its id within the collection: 1 to 255 bytes, not beginning with `_zova_`.
    pub id: &'a str,
    /// As many finite values as the collection has dimensions; not all zero in a cosine collection.
    pub values: &'a [f32],
}

/// A stored vector.
#[derive(Debug, Clone, PartialEq)]
pub struct Vector {
    /// Its id within the collection.
    pub id: String,
    /// Its values, bit for bit as they were put.
    pub values: Vec<f32>,
}

/// One result of a search.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorSearchResult {
    /// The id of the vector that was found.
    pub id: String,
    /// Its distance from the query.
    pub distance: f64,
}
