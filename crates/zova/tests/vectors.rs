//! Vector collections: what calls accept, store, return and refuse.

use std::path::{Path, PathBuf};

use zova::{
    Database, Error, SearchPath, Status, VectorCollectionOptions, VectorInput, VectorMetric,
    VectorSearchResult,
};

mod support;
use support::{collection, create, random_values, search_model, status};

const METRICS: [(VectorMetric, &str); 3] =
    [(VectorMetric::Cosine, "cosine"), (VectorMetric::L2, "l2"), (VectorMetric::Dot, "dot")];

fn fixture(name: &str, folder: &Path) -> PathBuf {
    let copy = folder.join(name);
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name), &copy).unwrap();
    copy
}

#[test]
fn searches_in_a_published_file_give_the_published_distances_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/expected.json"))
            .unwrap();
    let expected: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut db = Database::open(fixture("plain.zova", folder.path())).unwrap();
    for (_, name) in METRICS {
        let expected = expected["plain.zova"]["vectors"]["top_5"][name].as_array().unwrap();
        let query = db.get_vector(name, "v:7").unwrap().values;
        // The first search streams, the second one makes the copy, the third one uses it.
        for path in [SearchPath::Streamed, SearchPath::Resident, SearchPath::Resident] {
            let found = db.search_vectors(name, &query, 5).unwrap();
            assert_eq!(db.vector_search_stats().unwrap().unwrap().path, path);
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(expected) {
                assert_eq!(found.id, expected["id"]);
                assert_eq!(format!("{:016x}", found.distance.to_bits()), expected["distance_f64_bits"]);
            }
        }
    }
}

#[test]
fn collections_are_created_described_listed_and_deleted() {
    let (_folder, mut db) = create();
    for (name, dimensions, metric) in
        [("b", 1, VectorMetric::L2), ("a", 16384, VectorMetric::Cosine), ("\u{e9}", 3, VectorMetric::Dot)]
    {
        assert!(!db.has_vector_collection(name).unwrap());
        let options = VectorCollectionOptions { dimensions, metric };
        db.create_vector_collection(name, options).unwrap();
        assert!(db.has_vector_collection(name).unwrap());
        assert_eq!(status(db.create_vector_collection(name, options)), Status::VectorCollectionExists);
    }
    db.put_vector("b", "x", &[1.0]).unwrap();
    let list = db.list_vector_collections().unwrap();
    let names: Vec<_> = list.iter().map(|info| (info.name.as_str(), info.vector_count)).collect();
    assert_eq!(names, [("a", 0), ("b", 1), ("\u{e9}", 0)]);
    let info = db.vector_collection_info("b").unwrap();
    assert_eq!((info.dimensions, info.metric, info.vector_count), (1, VectorMetric::L2, 1));
    db.delete_vector_collection("b").unwrap();
    assert_eq!(status(db.delete_vector_collection("b")), Status::VectorCollectionNotFound);
    assert_eq!(status(db.vector_collection_info("b")), Status::VectorCollectionNotFound);
    collection(&mut db, "b", 2, VectorMetric::Dot);
    assert_eq!(db.vector_collection_info("b").unwrap().vector_count, 0);
}

#[test]
fn checks_come_in_the_order_of_the_chapter() {
    let (_folder, mut db) = create();
    let options = |dimensions| VectorCollectionOptions { dimensions, metric: VectorMetric::Cosine };
    for dimensions in [0, 16385, u32::MAX] {
        assert_eq!(status(db.create_vector_collection("c", options(dimensions))), Status::VectorInvalid);
    }
    assert_eq!(status(db.create_vector_collection("_ZOVA_c", options(1))), Status::VectorInvalid);
    collection(&mut db, "c", 2, VectorMetric::Cosine);
    let nan = f32::NAN;
    for (name, id, values, expected) in [
        ("", "", &[nan][..], Status::VectorInvalid),
        ("absent", "", &[nan], Status::VectorCollectionNotFound),
        ("c", "", &[nan], Status::VectorInvalid),
        ("c", "x", &[nan], Status::VectorDimensionMismatch),
        ("c", "x", &[nan, 1.0], Status::VectorInvalid),
        ("c", "x", &[f32::INFINITY, 1.0], Status::VectorInvalid),
        ("c", "x", &[0.0, -0.0], Status::VectorInvalid),
    ] {
        assert_eq!(status(db.put_vector(name, id, values)), expected, "{name} {id} {values:?}");
        assert_eq!(status(db.put_vectors(name, &[VectorInput { id, values }])), expected);
    }
    db.put_vector("c", "tiny", &[f32::from_bits(1), 0.0]).unwrap();
    assert_eq!(status(db.get_vector("absent", "")), Status::VectorInvalid);
    assert_eq!(status(db.get_vector("absent", "x")), Status::VectorCollectionNotFound);
    assert_eq!(status(db.get_vector("c", "x")), Status::VectorNotFound);
    assert_eq!(status(db.delete_vector("c", "x")), Status::VectorNotFound);
    assert!(!db.has_vector("c", "x").unwrap());
    let search = |db: &mut Database, query: &[f32], candidates: &[&str], max| {
        status(db.search_vectors_in_within("c", query, candidates, max, 0))
    };
    assert_eq!(search(&mut db, &[nan], &[""], f64::NAN), Status::VectorDimensionMismatch);
    assert_eq!(search(&mut db, &[nan, 0.0], &[""], f64::NAN), Status::VectorInvalid);
    assert_eq!(search(&mut db, &[1.0, 0.0], &[""], f64::NEG_INFINITY), Status::VectorInvalid);
    assert_eq!(search(&mut db, &[1.0, 0.0], &["x", ""], 1.0), Status::VectorInvalid);
    let by_id = |db: &mut Database, source, max| {
        status(db.search_vectors_by_id_in_within("c", source, &[""], max, 0))
    };
    assert_eq!(by_id(&mut db, "", f64::NAN), Status::VectorInvalid);
    assert_eq!(by_id(&mut db, "absent", f64::NAN), Status::VectorInvalid);
    assert_eq!(by_id(&mut db, "absent", 1.0), Status::VectorNotFound);
    assert_eq!(by_id(&mut db, "tiny", 1.0), Status::VectorInvalid);
}

#[test]
fn error_texts_name_the_facts() {
    let (_folder, mut db) = create();
    collection(&mut db, "docs", 2, VectorMetric::L2);
    let text = |result: zova::Result<()>| match result.unwrap_err() {
        Error::Zova { message, .. } => message.unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        text(db.put_vector("docs", "a", &[1.0])),
        "VectorDimensionMismatch: vector \"a\" has 1 values but the collection \"docs\" has 2 dimensions"
    );
    assert_eq!(
        text(db.put_vector("docs", "a", &[1.0, f32::NAN])),
        "VectorInvalid: value 1 of vector \"a\" is NaN; all must be finite"
    );
    assert_eq!(
        text(db.delete_vector("docs", "b")),
        "VectorNotFound: no vector \"b\" in the collection \"docs\""
    );
    assert_eq!(
        text(db.delete_vector("Docs", "b")),
        "VectorCollectionNotFound: no vector collection \"Docs\""
    );
    assert_eq!(
        text(db.put_vector("docs", "a\0", &[1.0, 2.0]).map_err(|error| {
            assert_eq!(error, Error::InteriorNul { context: "vector id" });
            zova::Database::open("absent.zova").unwrap_err()
        })),
        "NotZovaDatabase: \"absent.zova\" does not exist"
    );
}

#[test]
fn values_come_back_bit_for_bit() {
    let (_folder, mut db) = create();
    collection(&mut db, "c", 5, VectorMetric::L2);
    let values = [-0.0, f32::from_bits(1), f32::MAX, f32::MIN, 1.0 / 3.0];
    db.put_vector("c", "x", &values).unwrap();
    let found = db.get_vector("c", "x").unwrap();
    assert_eq!(found.id, "x");
    let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&found.values), bits(&values));
    assert_eq!(db.get_vectors("c", &["x", "x"]).unwrap().len(), 2);
    assert_eq!(status(db.get_vectors("c", &["x", "y"])), Status::VectorNotFound);
}

#[test]
fn put_many_stores_all_or_nothing() {
    let (_folder, mut db) = create();
    collection(&mut db, "c", 1, VectorMetric::L2);
    let input = |id, values| VectorInput { id, values };
    for bad in [input("", &[1.0]), input("b", &[1.0, 2.0]), input("b", &[f32::NAN])] {
        assert!(db.put_vectors("c", &[input("a", &[1.0]), bad, input("z", &[1.0])]).is_err());
        assert_eq!(db.vector_collection_info("c").unwrap().vector_count, 0);
    }
    db.exec(
        "create trigger no_z before insert on _zova_vectors when new.vector_id = 'z' \
         begin select raise(abort, 'not z'); end",
    )
    .unwrap();
    for outside in [true, false] {
        if !outside {
            db.begin().unwrap();
        }
        let inputs = [input("a", &[1.0][..]), input("z", &[1.0])];
        assert_eq!(status(db.put_vectors("c", &inputs)), Status::Constraint);
        assert_eq!(db.vector_collection_info("c").unwrap().vector_count, 0);
    }
    db.commit().unwrap();
    db.put_vectors("c", &[input("a", &[1.0]), input("b", &[2.0]), input("a", &[3.0])]).unwrap();
    assert_eq!(db.get_vector("c", "a").unwrap().values, [3.0]);
    db.put_vectors("c", &[]).unwrap();
    assert_eq!(status(db.put_vectors("absent", &[])), Status::VectorCollectionNotFound);
}

#[test]
fn delete_many_deletes_all_or_nothing() {
    let (_folder, mut db) = create();
    collection(&mut db, "c", 1, VectorMetric::L2);
    for id in ["a", "b", "c"] {
        db.put_vector("c", id, &[1.0]).unwrap();
    }
    assert_eq!(status(db.delete_vectors("c", &["a", "absent", ""])), Status::VectorNotFound);
    assert_eq!(status(db.delete_vectors("c", &["a", "", "absent"])), Status::VectorInvalid);
    assert_eq!(status(db.delete_vectors("c", &["a", "a"])), Status::VectorNotFound);
    assert_eq!(status(db.delete_vectors("absent", &[])), Status::VectorCollectionNotFound);
    assert_eq!(db.list_vector_ids("c", None, 10).unwrap(), ["a", "b", "c"]);
    db.delete_vectors("c", &[]).unwrap();
    db.delete_vectors("c", &["c", "a"]).unwrap();
    assert_eq!(db.list_vector_ids("c", None, 10).unwrap(), ["b"]);
}

#[test]
fn ids_are_listed_in_pages() {
    let (_folder, mut db) = create();
    collection(&mut db, "c", 1, VectorMetric::L2);
    for id in ["b", "a", "\u{e9}", "B", "ab"] {
        db.put_vector("c", id, &[1.0]).unwrap();
    }
    let mut after: Option<String> = None;
    let mut seen = Vec::new();
    loop {
        let page = db.list_vector_ids("c", after.as_deref(), 2).unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        seen.extend(page);
    }
    assert_eq!(seen, ["B", "a", "ab", "b", "\u{e9}"]);
    assert!(db.list_vector_ids("c", None, 0).unwrap().is_empty());
    assert_eq!(db.list_vector_ids("c", Some("aa"), usize::MAX).unwrap(), ["ab", "b", "\u{e9}"]);
}

#[test]
fn vector_calls_leave_the_counters_of_the_application_alone() {
    let (_folder, mut db) = create();
    db.exec("create table t(a); insert into t values (1); insert into t values (2)").unwrap();
    let before = (db.last_insert_rowid().unwrap(), db.changes().unwrap(), db.total_changes().unwrap());
    collection(&mut db, "c", 1, VectorMetric::L2);
    db.put_vector("c", "a", &[1.0]).unwrap();
    db.put_vectors("c", &[VectorInput { id: "b", values: &[1.0] }]).unwrap();
    db.delete_vectors("c", &["a"]).unwrap();
    db.delete_vector("c", "b").unwrap();
    db.delete_vector_collection("c").unwrap();
    assert_eq!((db.last_insert_rowid().unwrap(), db.changes().unwrap(), db.total_changes().unwrap()), before);
}

#[test]
fn temporary_tables_do_not_divert_vector_calls() {
    let (_folder, mut db) = create();
    collection(&mut db, "c", 1, VectorMetric::L2);
    db.exec(
        "create temp table _zova_vectors(collection_name, vector_id, dimensions, \"values\"); \
         create temp table _zova_vector_collections(name, dimensions, metric, element_type); \
         insert into temp._zova_vectors values ('c', 'fake', 1, x'00000000')",
    )
    .unwrap();
    db.put_vector("c", "real", &[1.0]).unwrap();
    for _ in 0..3 {
        let found = db.search_vectors("c", &[1.0], 10).unwrap();
        assert_eq!(found, [VectorSearchResult { id: "real".into(), distance: 0.0 }]);
    }
    db.delete_vector("c", "real").unwrap();
    assert!(db.search_vectors("c", &[1.0], 10).unwrap().is_empty());
}

#[test]
fn a_read_only_handle_searches_and_refuses_changes_after_their_checks() {
    let (folder, mut db) = create();
    collection(&mut db, "c", 1, VectorMetric::L2);
    db.put_vector("c", "a", &[1.0]).unwrap();
    drop(db);
    let options = zova::OpenOptions { read_only: true, ..Default::default() };
    let mut db = Database::open_with_options(folder.path().join("test.zova"), options).unwrap();
    for _ in 0..3 {
        assert_eq!(db.search_vectors("c", &[1.0], 9).unwrap().len(), 1);
    }
    let collection = VectorCollectionOptions { dimensions: 1, metric: VectorMetric::L2 };
    assert_eq!(status(db.create_vector_collection("c", collection)), Status::ReadOnly);
    assert_eq!(status(db.put_vector("absent", "a", &[1.0])), Status::VectorCollectionNotFound);
    assert_eq!(status(db.put_vector("c", "a", &[])), Status::VectorDimensionMismatch);
    assert_eq!(status(db.put_vector("c", "a", &[1.0])), Status::ReadOnly);
    assert_eq!(status(db.put_vectors("c", &[VectorInput { id: "a", values: &[1.0] }])), Status::ReadOnly);
    assert_eq!(status(db.delete_vector("c", "absent")), Status::ReadOnly);
    assert_eq!(status(db.delete_vectors("c", &["absent"])), Status::ReadOnly);
    assert_eq!(status(db.delete_vector_collection("absent")), Status::VectorCollectionNotFound);
    assert_eq!(status(db.delete_vector_collection("c")), Status::ReadOnly);
}

#[test]
fn a_single_put_and_delete_work_while_a_statement_is_writing() {
    let (_folder, mut db) = create();
    collection(&mut db, "c", 1, VectorMetric::L2);
    db.put_vector("c", "gone", &[1.0]).unwrap();
    for _ in 0..2 {
        db.search_vectors("c", &[1.0], 1).unwrap();
    }
    db.exec("create table t(a)").unwrap();
    let mut statement = db.prepare_owned("insert into t values (1), (2) returning a").unwrap();
    assert_eq!(statement.step().unwrap(), zova::Step::Row);
    db.put_vector("c", "a", &[1.0]).unwrap();
    db.delete_vector("c", "gone").unwrap();
    let many = db.put_vectors("c", &[VectorInput { id: "b", values: &[1.0] }]);
    assert_eq!(status(many), Status::Busy);
    assert_eq!(db.search_vectors("c", &[1.0], 9).unwrap()[0].id, "a");
    drop(statement);
    assert_eq!(db.search_vectors("c", &[1.0], 9).unwrap().len(), 1);
}

/// Every damage that plain SQL can do to a row, and how the calls answer.
#[test]
fn damaged_rows_are_reported_and_never_compared() {
    for damage in [
        "update _zova_vectors set dimensions = 1, \"values\" = x'0000803f' where vector_id = 'b'",
        "update _zova_vectors set \"values\" = x'000080ff0000803f' where vector_id = 'b'",
        "update _zova_vectors set \"values\" = x'0000c07f0000803f' where vector_id = 'b'",
        "pragma ignore_check_constraints = on; \
         update _zova_vectors set \"values\" = x'00' where vector_id = 'b'",
        "pragma ignore_check_constraints = on; \
         update _zova_vectors set \"values\" = 'abcdefgh' where vector_id = 'b'",
    ] {
        for (metric, _) in METRICS {
            let (_folder, mut db) = create();
            collection(&mut db, "c", 2, metric);
            for id in ["a", "b", "c"] {
                db.put_vector("c", id, &[1.0, 2.0]).unwrap();
            }
            db.search_vectors("c", &[1.0, 1.0], 1).unwrap();
            db.search_vectors("c", &[1.0, 1.0], 1).unwrap();
            db.exec(damage).unwrap();
            for _ in 0..3 {
                let search = db.search_vectors("c", &[1.0, 1.0], 1);
                assert_eq!(status(search), Status::VectorCorrupt, "{damage}");
            }
            assert_eq!(status(db.get_vector("c", "b")), Status::VectorCorrupt);
            assert_eq!(status(db.search_vectors_by_id("c", "b", 1)), Status::VectorCorrupt);
            assert_eq!(db.search_vectors_in("c", &[1.0, 1.0], &["a", "c"], 9).unwrap().len(), 2);
            assert!(db.search_vectors("c", &[1.0, 1.0], 0).unwrap().is_empty());
            assert!(db.has_vector("c", "b").unwrap());
            db.put_vector("c", "b", &[3.0, 4.0]).unwrap();
            assert_eq!(db.search_vectors("c", &[1.0, 1.0], 9).unwrap().len(), 3);
        }
    }
}

#[test]
fn a_zero_row_is_damage_only_where_a_direction_is_needed() {
    for (metric, _) in METRICS {
        let (_folder, mut db) = create();
        collection(&mut db, "c", 1, metric);
        db.put_vector("c", "a", &[1.0]).unwrap();
        db.exec("update _zova_vectors set \"values\" = x'00000000'").unwrap();
        assert_eq!(db.get_vector("c", "a").unwrap().values, [0.0]);
        for _ in 0..2 {
            let found = db.search_vectors("c", &[1.0], 1);
            if metric == VectorMetric::Cosine {
                assert_eq!(status(found), Status::VectorCorrupt);
            } else {
                assert_eq!(found.unwrap().len(), 1);
            }
        }
    }
}

#[test]
fn an_unusable_definition_is_no_zova_database() {
    let (_folder, mut db) = create();
    collection(&mut db, "c", 1, VectorMetric::L2);
    db.exec("pragma ignore_check_constraints = on; update _zova_vector_collections set dimensions = 0")
        .unwrap();
    assert_eq!(status(db.search_vectors("c", &[1.0], 1)), Status::NotZovaDatabase);
    assert_eq!(status(db.list_vector_collections()), Status::NotZovaDatabase);
    assert_eq!(status(db.put_vector("c", "a", &[1.0])), Status::NotZovaDatabase);
    assert!(db.has_vector_collection("c").unwrap());
}

#[test]
fn a_collection_among_others_is_searched_alone() {
    let (_folder, mut db) = create();
    for name in ["a", "b", "c"] {
        collection(&mut db, name, 3, VectorMetric::L2);
    }
    for row in 0..2000 {
        let values = random_values(row, 3);
        let name = if row % 100 == 0 {
            "b"
        } else if row % 2 == 0 {
            "a"
        } else {
            "c"
        };
        db.put_vector(name, &format!("{row}"), &values).unwrap();
    }
    for name in ["a", "b", "c"] {
        let rows = support::rows(&mut db, name);
        let query = random_values(99, 3);
        let expected = search_model(VectorMetric::L2, &rows, &query, 7);
        for path in [SearchPath::Streamed, SearchPath::Resident, SearchPath::Resident] {
            assert_eq!(db.search_vectors(name, &query, 7).unwrap(), expected);
            let stats = db.vector_search_stats().unwrap().unwrap();
            assert_eq!((stats.path, stats.scanned), (path, rows.len() as u64));
        }
    }
}

#[test]
fn most_rows_are_ruled_out_without_their_distance() {
    let (_folder, mut db) = create();
    for (metric, name) in METRICS {
        collection(&mut db, name, 64, metric);
        let values: Vec<Vec<f32>> = (0..5000).map(|row| random_values(row, 64)).collect();
        let ids: Vec<String> = (0..5000).map(|row| format!("v{row}")).collect();
        let inputs: Vec<_> = ids.iter().zip(&values).map(|(id, values)| VectorInput { id, values }).collect();
        db.put_vectors(name, &inputs).unwrap();
        let query = random_values(77_777, 64);
        let rows: Vec<_> = ids.iter().cloned().zip(values.iter().cloned()).collect();
        let expected = search_model(metric, &rows, &query, 10);
        for (path, most) in
            [(SearchPath::Streamed, 300), (SearchPath::Resident, 100), (SearchPath::Resident, 100)]
        {
            assert_eq!(db.search_vectors(name, &query, 10).unwrap(), expected);
            let stats = db.vector_search_stats().unwrap().unwrap();
            assert_eq!((stats.path, stats.scanned), (path, 5000));
            assert!((10..=most).contains(&stats.rescored), "{name} {stats:?}");
        }
    }
}

#[test]
fn results_are_exact_for_every_count_of_dimensions_and_every_budget() {
    let (_folder, mut db) = create();
    for dimensions in [1, 2, 3, 7, 8, 15, 16, 17, 63, 64, 65, 100, 384, 1000, 16384] {
        for (metric, name) in METRICS {
            let name = &format!("{name}{dimensions}");
            collection(&mut db, name, dimensions as u32, metric);
            let rows: Vec<_> =
                (0..40).map(|row| (format!("v{row}"), random_values(row, dimensions))).collect();
            for (id, values) in &rows {
                db.put_vector(name, id, values).unwrap();
            }
            let query = random_values(1234, dimensions);
            let expected = search_model(metric, &rows, &query, 5);
            let codes_only = 40 * (dimensions as u64 + 100) + 400;
            for limit in [0, codes_only, 1 << 30] {
                db.set_vector_cache_limit(limit).unwrap();
                for _ in 0..3 {
                    assert_eq!(db.search_vectors(name, &query, 5).unwrap(), expected, "{name} {limit}");
                }
                let path = db.vector_search_stats().unwrap().unwrap().path;
                assert_eq!(path == SearchPath::Streamed, limit == 0, "{name} {limit}");
            }
        }
    }
}
