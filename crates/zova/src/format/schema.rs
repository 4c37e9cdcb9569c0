//! The private tables.
//!
//! Their text is part of the format: readers compare what SQLite stored with what they expect, after removing white
//! space and folding letters to lower case, so the declarations below may be laid out freely but not reworded. The
//! indexes are this library's own: readers tolerate them, and nothing depends on them but speed.

/// A private table.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) sql: &'static str,
    pub(super) columns: &'static [&'static str],
}

pub(super) const META: Table = Table {
    name: "_zova_meta",
    sql: "create table _zova_meta (key text primary key, value text not null)",
    columns: &["key", "value"],
};

/// The tables whose text is compared at open, in the order of the comparison.
pub(super) const COMPARED: [Table; 9] = [
    Table {
        name: "_zova_extensions",
        sql: "create table _zova_extensions (
            name text primary key,
            version text not null,
            storage_prefix text not null,
            zova_abi_min text not null,
            capabilities text not null,
            required integer not null check (required in (0, 1)),
            installed_at_unix integer not null,
            manifest_json text not null default '')",
        columns: &[
            "name",
            "version",
            "storage_prefix",
            "zova_abi_min",
            "capabilities",
            "required",
            "installed_at_unix",
            "manifest_json",
        ],
    },
    Table {
        name: "_zova_objects",
        sql: "create table _zova_objects (
            object_id blob not null primary key check (length(object_id) = 32),
            size_bytes integer not null check (size_bytes >= 0),
            chunk_count integer not null check (chunk_count >= 0),
            chunker text not null check (chunker = 'fastcdc-v1'))",
        columns: &["object_id", "size_bytes", "chunk_count", "chunker"],
    },
    Table {
        name: "_zova_chunks",
        sql: "create table _zova_chunks (
            chunk_hash blob not null primary key check (length(chunk_hash) = 32),
            size_bytes integer not null check (size_bytes > 0 and size_bytes <= 65536),
            data blob not null check (length(data) = size_bytes))",
        columns: &["chunk_hash", "size_bytes", "data"],
    },
    Table {
        name: "_zova_object_chunks",
        sql: "create table _zova_object_chunks (
            object_id blob not null check (length(object_id) = 32),
            chunk_index integer not null check (chunk_index >= 0),
            chunk_hash blob not null check (length(chunk_hash) = 32),
            offset integer not null check (offset >= 0),
            size_bytes integer not null check (size_bytes > 0 and size_bytes <= 65536),
            primary key (object_id, chunk_index),
            foreign key (object_id) references _zova_objects(object_id),
            foreign key (chunk_hash) references _zova_chunks(chunk_hash))",
        columns: &["object_id", "chunk_index", "chunk_hash", "offset", "size_bytes"],
    },
    Table {
        name: "_zova_vector_collections",
        sql: "create table _zova_vector_collections (
            name text not null primary key check (length(name) > 0 and length(name) <= 255),
            dimensions integer not null check (dimensions > 0 and dimensions <= 16384),
            metric text not null check (metric in ('cosine', 'l2', 'dot')),
            element_type text not null check (element_type = 'f32'))",
        columns: &["name", "dimensions", "metric", "element_type"],
    },
    Table {
        name: "_zova_vectors",
        sql: "create table _zova_vectors (
            collection_name text not null,
            vector_id text not null check (length(vector_id) > 0),
            dimensions integer not null check (dimensions > 0 and dimensions <= 16384),
            \"values\" blob not null check (length(\"values\") = dimensions * 4),
            primary key (collection_name, vector_id),
            foreign key (collection_name) references _zova_vector_collections(name))",
        columns: &["collection_name", "vector_id", "dimensions", "values"],
    },
    Table {
        name: "_zova_graphs",
        sql: "create table _zova_graphs (
            name text not null primary key check (length(name) > 0 and length(name) <= 128),
            created_order integer not null)",
        columns: &["name", "created_order"],
    },
    Table {
        name: "_zova_graph_nodes",
        sql: "create table _zova_graph_nodes (
            graph_name text not null,
            node_id text not null check (length(node_id) > 0 and length(node_id) <= 512),
            kind text not null check (length(kind) > 0 and length(kind) <= 128),
            target_type text not null check (target_type in ('none', 'record', 'object', 'object_chunk', \
                'vector', 'entity', 'fact', 'concept', 'external')),
            target_namespace text,
            target_ref text,
            created_order integer not null,
            primary key (graph_name, node_id),
            foreign key (graph_name) references _zova_graphs(name))",
        columns: &[
            "graph_name",
            "node_id",
            "kind",
            "target_type",
            "target_namespace",
            "target_ref",
            "created_order",
        ],
    },
    Table {
        name: "_zova_graph_edges",
        sql: "create table _zova_graph_edges (
            graph_name text not null,
            from_node_id text not null,
            edge_type text not null check (length(edge_type) > 0 and length(edge_type) <= 128),
            to_node_id text not null,
            created_order integer not null,
            primary key (graph_name, from_node_id, edge_type, to_node_id),
            foreign key (graph_name, from_node_id) references _zova_graph_nodes(graph_name, node_id),
            foreign key (graph_name, to_node_id) references _zova_graph_nodes(graph_name, node_id))",
        columns: &["graph_name", "from_node_id", "edge_type", "to_node_id", "created_order"],
    },
];

/// Present once a store was bound; compared when present.
pub(super) const BOUND_STORES: Table = Table {
    name: "_zova_bound_stores",
    sql: "create table _zova_bound_stores (
        role text not null check (role in ('object_store', 'vector_store')),
        name text not null check (name = 'default'),
        path text not null,
        store_id text not null check (length(store_id) = 64),
        bound_set_id text not null check (length(bound_set_id) = 64),
        object_epoch integer check (object_epoch is null or object_epoch >= 0),
        vector_epoch integer check (vector_epoch is null or vector_epoch >= 0),
        created_at_unix integer not null,
        primary key (role, name))",
    columns: &[
        "role",
        "name",
        "path",
        "store_id",
        "bound_set_id",
        "object_epoch",
        "vector_epoch",
        "created_at_unix",
    ],
};

/// Queries over the primary keys alone would scan whole tables for: references to a chunk, the next creation order
/// in a graph, and the edges into a node.
pub(super) const INDEXES: [&str; 4] = [
    "create index _zova_idx_object_chunks_by_hash on _zova_object_chunks (chunk_hash)",
    "create index _zova_idx_graph_nodes_by_order on _zova_graph_nodes (graph_name, created_order)",
    "create index _zova_idx_graph_edges_by_order on _zova_graph_edges (graph_name, created_order)",
    "create index _zova_idx_graph_edges_by_target on _zova_graph_edges (graph_name, to_node_id)",
];

/// How a stored table text relates to the canonical one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    /// The same but for white space.
    Same,
    /// The same but for white space and letter case: the names of the columns still have to be looked at.
    SameButForCase,
    Different,
}

impl Table {
    /// Compares `stored`, the text SQLite keeps for this table, with the canonical declaration.
    pub(super) fn compare(&self, stored: &[u8]) -> Likeness {
        let (expected, found) = (significant(self.sql.as_bytes()), significant(stored));
        if expected.clone().eq(found.clone()) {
            Likeness::Same
        } else if expected
            .map(|byte| byte.to_ascii_lowercase())
            .eq(found.map(|byte| byte.to_ascii_lowercase()))
        {
            Likeness::SameButForCase
        } else {
            Likeness::Different
        }
    }
}

/// The bytes that count: all but white space, wherever it stands.
fn significant(sql: &[u8]) -> impl Iterator<Item = u8> + Clone {
    sql.iter().copied().filter(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Length and SHA-256 of each table text without white space and in lower case, as every published reader
    /// expects it.
    const FINGERPRINTS: [(&str, usize, &str); 11] = [
        ("_zova_meta", 57, "e93391ea4a4626e7b83df078f730af3e5c68b87e62b9285cd8d22fcd4251e79c"),
        ("_zova_extensions", 251, "b51c4c2da44c78756de7e331507f78a6e82925c0e924292fa281fd9922ad18a5"),
        ("_zova_objects", 221, "14b23b337ed00ddb2e94682f491d0146d5dae03d2e61f84e2c6b53fceb8ad545"),
        ("_zova_chunks", 194, "5b1806e79dd228bd900f653b94c7e84b85c84998a1b2d5744a41a790ae471716"),
        ("_zova_object_chunks", 424, "62d63c85915a290492f0f42ffef0ebd9d55a32390eb9cda9ee7d3103d7fdee41"),
        ("_zova_vector_collections", 270, "14192825b5786799a5cbb34ecb6bd8c584afae85317e6dc8d30c52970f78c920"),
        ("_zova_vectors", 325, "859e240b5acbc0665431ffe777348805e8565ade0678a11f8ea5e6ef1bca2242"),
        ("_zova_graphs", 119, "67285cf497884f019346274d52919e778b87f33bc39a7f4ee1ec011d47765377"),
        ("_zova_graph_nodes", 450, "dd561ef9c2a376160a0b933c208b7bf45c6e53130df329bb0303152df708a4b1"),
        ("_zova_graph_edges", 418, "ae1e151d354fe25bdd8414c02c1cb91ff62e201b8d6c6110b3c5bffbad67afc4"),
        ("_zova_bound_stores", 419, "7f8d9a2d241effa3ff321564641bd6541ab567fd4cf68dea35366be801d10f90"),
    ];

    #[test]
    fn every_table_text_has_the_published_fingerprint() {
        let tables = std::iter::once(&META).chain(&COMPARED).chain([&BOUND_STORES]);
        let mut seen = 0;
        for (table, (name, length, sha256)) in tables.zip(FINGERPRINTS) {
            let folded: Vec<u8> = significant(table.sql.as_bytes()).map(|b| b.to_ascii_lowercase()).collect();
            assert_eq!((table.name, folded.len()), (name, length));
            let hex: String = crate::object::hash(&folded).iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!(hex, sha256, "{name}");
            seen += 1;
        }
        assert_eq!(seen, FINGERPRINTS.len());
    }

    #[test]
    fn white_space_and_case_are_told_apart_from_other_differences() {
        let table = &COMPARED[1];
        let spread = table.sql.replace(' ', "\t\n ").replace('(', " ( ");
        assert_eq!(table.compare(spread.as_bytes()), Likeness::Same);
        assert_eq!(table.compare(table.sql.to_uppercase().as_bytes()), Likeness::SameButForCase);
        assert_eq!(table.compare(table.sql.replace("blob", "text").as_bytes()), Likeness::Different);
        assert_eq!(table.compare(format!("{} strict", table.sql).as_bytes()), Likeness::Different);
    }
}
