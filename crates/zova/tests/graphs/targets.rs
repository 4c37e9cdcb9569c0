//! What nodes stand for.

use zova::{GraphNodeInput, GraphTargetType, Status};

use crate::common::{Scratch, edit, fault};
use crate::support::*;

fn to<'a>(
    id: &'a str,
    target_type: GraphTargetType,
    target_namespace: Option<&'a str>,
    target_ref: Option<&'a str>,
) -> GraphNodeInput<'a> {
    GraphNodeInput { target_type, target_namespace, target_ref, ..node(id) }
}

/// A collection with one vector, as rows.
const VECTORS: &str = "insert into _zova_vector_collections values ('col', 2, 'l2', 'f32'); \
    insert into _zova_vectors values ('col', 'v', 2, zeroblob(8))";

#[test]
fn the_form_of_a_reference_is_checked_and_its_text_kept_as_given() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    fill(&mut db, "", "");
    let hex = "0123456789abcdefABCDEF0123456789abcdefABCDEF0123456789abcdefABCD";
    let (short, long, wrong) = (&hex[1..], format!("{hex}0"), hex.replace('A', "g"));
    let too_long = "v".repeat(256);
    use GraphTargetType::*;
    for target in [Object, ObjectChunk] {
        db.put_graph_node(to("a", target, Some("_zova_anything"), Some(hex))).unwrap();
        assert_eq!(db.get_graph_node(G, "a").unwrap().target_ref.as_deref(), Some(hex));
        db.put_graph_node(to("a", target, Option::None, Option::None)).unwrap();
        for bad in [short, &long, &wrong, ""] {
            fault(db.put_graph_node(to("b", target, Option::None, Some(bad))), Status::GraphInvalid);
        }
    }
    for bad in ["", "_ZOVA_x", &too_long] {
        fault(db.put_graph_node(to("b", Vector, Some(bad), Some("v"))), Status::GraphInvalid);
        fault(db.put_graph_node(to("b", Vector, Some("col"), Some(bad))), Status::GraphInvalid);
        for free in [None, Record, Entity, Fact, Concept, External] {
            db.put_graph_node(to("c", free, Some(bad), Some(bad))).unwrap();
        }
    }
    db.put_graph_node(to("a", Vector, Some("any name / at all"), Option::None)).unwrap();
    assert!(!db.has_graph_node(G, "b").unwrap());
}

#[test]
fn strict_targets_require_what_is_named_to_exist_in_the_same_transaction() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    fill(&mut db, "", "");
    edit(&path, VECTORS);
    db.set_strict_targets(true).unwrap();
    use GraphTargetType::*;
    let cases = [
        (Object, Option::None, Option::None, Status::ObjectNotFound),
        (ObjectChunk, Option::None, Some("00".repeat(32)), Status::ObjectChunkNotFound),
        (Vector, Option::None, Some("v".to_owned()), Status::VectorCollectionNotFound),
        (Vector, Some("nowhere"), Some("v".to_owned()), Status::VectorCollectionNotFound),
        (Vector, Some("col"), Some("w".to_owned()), Status::VectorNotFound),
        (Vector, Some("col"), Option::None, Status::VectorNotFound),
    ];
    for (target, namespace, reference, status) in &cases {
        let input = to("a", *target, *namespace, reference.as_deref());
        fault(db.put_graph_node(input), *status);
        fault(db.put_graph_nodes(&[node("b"), input]), *status);
        // The graph is looked for first.
        fault(db.put_graph_node(GraphNodeInput { graph_name: "h", ..input }), Status::GraphNotFound);
    }
    assert_eq!(db.graph_info(G).unwrap().node_count, 0);
    db.begin().unwrap();
    let id = db.put_object(b"some bytes").unwrap();
    let chunk = zova::object_chunk_id(b"some bytes").unwrap().to_string().to_uppercase();
    db.put_graph_node(to("a", Object, Option::None, Some(&id.to_string()))).unwrap();
    db.put_graph_node(to("b", ObjectChunk, Option::None, Some(&chunk))).unwrap();
    db.put_graph_node(to("c", Vector, Some("col"), Some("v"))).unwrap();
    db.put_graph_node(to("d", Record, Some("nowhere"), Some("nothing"))).unwrap();
    db.commit().unwrap();
    db.set_strict_targets(false).unwrap();
    db.put_graph_node(to("e", Vector, Some("nowhere"), Some("v"))).unwrap();
}

#[test]
fn missing_and_malformed_targets_are_listed_page_by_page() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    fill(&mut db, "plain", "");
    db.create_graph("b").unwrap();
    edit(&path, VECTORS);
    use GraphTargetType::*;
    let nowhere = "ab".repeat(32);
    let id = db.put_object(b"stays").unwrap().to_string();
    for input in [
        to("object", Object, Option::None, Some(&nowhere)),
        to("found", Object, Option::None, Some(&id)),
        to("chunk", ObjectChunk, Option::None, Option::None),
        to("vector", Vector, Some("col"), Some("v")),
        to("collection", Vector, Some("none"), Some("v")),
        to("no-vector", Vector, Some("col"), Some("x")),
        GraphNodeInput { graph_name: "b", ..to("z", Vector, Option::None, Option::None) },
        to("malformed", Object, Option::None, Option::None),
    ] {
        db.put_graph_node(input).unwrap();
    }
    edit(&path, "update _zova_graph_nodes set target_ref = 'xyz' where node_id = 'malformed'");
    let expected = [
        ("b/z", Status::VectorCollectionNotFound),
        ("g/chunk", Status::ObjectChunkNotFound),
        ("g/collection", Status::VectorCollectionNotFound),
        ("g/malformed", Status::GraphInvalid),
        ("g/no-vector", Status::VectorNotFound),
        ("g/object", Status::ObjectNotFound),
    ]
    .map(|(name, status)| (name.to_owned(), status));
    for limit in [1, 2, 3, 100] {
        let (mut found, mut after) = (Vec::new(), Option::None::<(String, String)>);
        loop {
            let start = after.as_ref().map(|(graph, node)| (graph.as_str(), node.as_str()));
            let page = db.graph_missing_targets(start, limit).unwrap();
            found.extend(
                page.iter().map(|item| (format!("{}/{}", item.graph_name, item.node_id), item.status)),
            );
            after = page.last().map(|item| (item.graph_name.clone(), item.node_id.clone()));
            if page.len() < limit {
                break;
            }
        }
        assert_eq!(found, expected);
    }
    assert!(db.graph_missing_targets(Option::None, 0).unwrap().is_empty());
    assert_eq!(db.graph_missing_targets(Some(("g", "n")), 9).unwrap().len(), 2);
    fault(db.graph_missing_targets(Option::None, usize::MAX), Status::GraphInvalid);
}
