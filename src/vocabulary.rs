//! Enumerations that belong to vectors and graphs.

/// How the distance of two vectors is measured. Smaller is nearer for each of them.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum zova_vector_metric {
    /// 1 minus the cosine of the angle: 0 for the same direction, 2 for opposite ones. Lengths do not matter.
    ZOVA_VECTOR_METRIC_COSINE = 0,
    /// Euclidean distance.
    ZOVA_VECTOR_METRIC_L2 = 1,
    /// The negative of the dot product.
    ZOVA_VECTOR_METRIC_DOT = 2,
}

/// What a graph node stands for.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum zova_graph_target_type {
    /// Nothing but itself.
    ZOVA_GRAPH_TARGET_NONE = 0,
    /// A row of one of your tables; what the reference means is yours to define.
    ZOVA_GRAPH_TARGET_RECORD = 1,
    /// An object; the reference is its id as 64 hexadecimal digits.
    ZOVA_GRAPH_TARGET_OBJECT = 2,
    /// A chunk of an object; the reference is its id as 64 hexadecimal digits.
    ZOVA_GRAPH_TARGET_OBJECT_CHUNK = 3,
    /// A vector; the namespace is its collection, the reference its id.
    ZOVA_GRAPH_TARGET_VECTOR = 4,
    /// An entity of your application.
    ZOVA_GRAPH_TARGET_ENTITY = 5,
    /// A fact of your application.
    ZOVA_GRAPH_TARGET_FACT = 6,
    /// A concept of your application.
    ZOVA_GRAPH_TARGET_CONCEPT = 7,
    /// Something outside the database, for example a URL.
    ZOVA_GRAPH_TARGET_EXTERNAL = 8,
}

/// Which edges of a graph node are followed.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum zova_graph_neighbor_direction {
    /// Those that start at the node.
    ZOVA_GRAPH_NEIGHBOR_OUTGOING = 0,
    /// Those that end at the node.
    ZOVA_GRAPH_NEIGHBOR_INCOMING = 1,
    /// All of them: first by age, then by the other end, then those that start at the node. Not for
    /// zova_graph_neighbors.
    ZOVA_GRAPH_NEIGHBOR_BOTH = 2,
}
