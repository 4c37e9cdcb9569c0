//! Vectors in SQL: the distance functions and the table `zova_vector_search`.

use zova::{ColumnType, Database, Error, Status, Step, VectorMetric};

mod support;
use support::{collection, create, distance, random_values, status};

/// A database with ten vectors in each of three collections.
fn filled() -> (tempfile::TempDir, Database) {
    let (folder, mut db) = create();
    for (name, metric) in
        [("cosine", VectorMetric::Cosine), ("l2", VectorMetric::L2), ("dot", VectorMetric::Dot)]
    {
        collection(&mut db, name, 4, metric);
        for row in 0..10 {
            db.put_vector(name, &format!("v{row}"), &random_values(row, 4)).unwrap();
        }
    }
    (folder, db)
}

fn hex(values: &[f32]) -> String {
    let bytes = values.iter().flat_map(|value| value.to_le_bytes());
    format!("x'{}'", bytes.map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// All rows, each value as text; reals by their bits.
fn query(db: &mut Database, sql: &str) -> zova::Result<Vec<Vec<String>>> {
    let mut statement = db.prepare_owned(sql)?;
    let mut rows = Vec::new();
    while statement.step()? == Step::Row {
        let mut row = Vec::new();
        for column in 0..statement.column_count()? {
            row.push(match statement.column_type(column)? {
                ColumnType::Float => format!("{:016x}", statement.column_f64(column)?.to_bits()),
                ColumnType::Null => "null".to_owned(),
                _ => statement.column_text(column)?.unwrap(),
            });
        }
        rows.push(row);
    }
    Ok(rows)
}

#[track_caller]
fn message(db: &mut Database, sql: &str) -> String {
    match query(db, sql) {
        Err(Error::Zova { status, message, .. }) => {
            assert_eq!(status, Status::SqliteError, "{sql}");
            message.unwrap()
        }
        other => panic!("{sql}: {other:?}"),
    }
}

#[test]
fn distances_in_sql_are_those_of_the_definition() {
    let (_folder, mut db) = filled();
    let from = random_values(100, 4);
    for (name, metric) in
        [("cosine", VectorMetric::Cosine), ("l2", VectorMetric::L2), ("dot", VectorMetric::Dot)]
    {
        for row in 0..10 {
            let stored = random_values(row, 4);
            let sql = format!(
                "select zova_vector_distance('{name}', 'v{row}', {}), \
                 zova_vector_distance_by_id('{name}', 'v{row}', 'v3')",
                hex(&from)
            );
            let bits = |left: &[f32]| format!("{:016x}", distance(metric, left, &stored).to_bits());
            let expected = [bits(&from), bits(&random_values(3, 4))];
            assert_eq!(query(&mut db, &sql).unwrap(), [expected]);
        }
    }
}

#[test]
fn the_functions_name_what_is_wrong_in_the_order_of_the_chapter() {
    let (_folder, mut db) = filled();
    db.exec(
        "update _zova_vectors set \"values\" = x'0000807f0000807f0000807f0000807f' where vector_id = 'v9'",
    )
    .unwrap();
    let ok = hex(&[1.0, 2.0, 3.0, 4.0]);
    let (argument, value) = ("invalid Zova vector SQL argument", "invalid Zova vector value");
    for (call, expected) in [
        ("distance(1, 2, 3)".to_owned(), argument),
        ("distance('', null, 3)".to_owned(), argument),
        ("distance('', '', 3)".to_owned(), value),
        ("distance('none', '', 3)".to_owned(), "Zova vector collection not found"),
        ("distance('l2', '', 3)".to_owned(), argument),
        ("distance('l2', '', 'abcdabcdabcdabcd')".to_owned(), argument),
        ("distance('l2', '', x'00')".to_owned(), "Zova vector dimension mismatch"),
        ("distance('l2', '', x'0000c07f')".to_owned(), "Zova vector dimension mismatch"),
        (format!("distance('l2', '', {})", hex(&[f32::NAN; 4])), value),
        (format!("distance('cosine', 'v1', {})", hex(&[0.0; 4])), value),
        (format!("distance('l2', '', {ok})"), value),
        (format!("distance('l2', 'none', {ok})"), "Zova vector not found"),
        (format!("distance('l2', 'v9', {ok})"), "Zova vector row is corrupt"),
        ("distance_by_id('l2', '', 1)".to_owned(), argument),
        ("distance_by_id('l2', '', '')".to_owned(), value),
        ("distance_by_id('l2', '', 'none')".to_owned(), "Zova vector not found"),
        ("distance_by_id('l2', '', 'v9')".to_owned(), "Zova vector row is corrupt"),
        ("distance_by_id('l2', '', 'v1')".to_owned(), value),
        ("distance_by_id('l2', 'none', 'v1')".to_owned(), "Zova vector not found"),
    ] {
        assert_eq!(message(&mut db, &format!("select zova_vector_{call}")), expected, "{call}");
    }
    assert_eq!(
        message(&mut db, "select zova_vector_distance(1)"),
        "wrong number of arguments to function zova_vector_distance()"
    );
    assert_eq!(
        query(&mut db, "select zova_vector_distance_by_id('l2', 'v1', 'v1')").unwrap(),
        [["0000000000000000"]]
    );
}

#[test]
fn the_table_finds_what_the_calls_find() {
    let (_folder, mut db) = filled();
    let from = random_values(100, 4);
    for name in ["cosine", "l2", "dot"] {
        let expect = |found: Vec<zova::VectorSearchResult>| -> Vec<Vec<String>> {
            let row = |(rank, found): (usize, zova::VectorSearchResult)| {
                vec![format!("{}", rank + 1), found.id, format!("{:016x}", found.distance.to_bits())]
            };
            found.into_iter().enumerate().map(row).collect()
        };
        let blob = hex(&from);
        let table = format!("select * from zova_vector_search where collection = '{name}' and");
        let by_values = expect(db.search_vectors(name, &from, 4).unwrap());
        for form in [
            format!("{table} query_vector = {blob} and top_k = 4"),
            format!(
                "select rowid, vector_id, distance from zova_vector_search('{name}', {blob}) where top_k = 4"
            ),
            format!(
                "select * from zova_vector_search('{name}') where query_vector = {blob} and top_k = 4 order by rank"
            ),
            format!("select * from zova_vector_search('{name}', {blob}) where max_distance = 1e9 limit 4"),
            format!(
                "select * from zova_vector_search('{name}', {blob}) where max_distance = 1e9 and top_k = 4 and max_distance is not null"
            ),
        ] {
            assert_eq!(query(&mut db, &form).unwrap(), by_values, "{form}");
        }
        let by_id = expect(db.search_vectors_by_id_within(name, "v3", 1.0, 100).unwrap());
        let form = format!("{table} source_vector_id = 'v3' and max_distance = 1");
        assert_eq!(query(&mut db, &form).unwrap(), by_id);
        let form = format!("{table} source_vector_id = 'v3' and max_distance = 1.0 and top_k = null");
        assert_eq!(query(&mut db, &form).unwrap(), by_id);
        let offset = format!("{table} query_vector = {blob} and max_distance = 1e9 limit 2 offset 2");
        assert_eq!(query(&mut db, &offset).unwrap(), by_values[2..]);
        let reversed =
            format!("{table} query_vector = {blob} and max_distance = 1e9 order by distance desc limit 1");
        let all = expect(db.search_vectors(name, &from, 100).unwrap());
        assert_eq!(query(&mut db, &reversed).unwrap(), all[9..]);
        let filtered = format!(
            "{table} query_vector = {blob} and max_distance = 1e9 and vector_id = '{}' limit 1",
            all[7][1]
        );
        assert_eq!(query(&mut db, &filtered).unwrap(), all[7..8]);
        assert!(query(&mut db, &format!("{table} query_vector = {blob} and top_k = 0")).unwrap().is_empty());
    }
}

#[test]
fn arguments_can_be_read_back() {
    let (_folder, mut db) = filled();
    let rows = query(
        &mut db,
        "select collection, query_vector, source_vector_id, top_k, max_distance from zova_vector_search('l2') \
         where source_vector_id = 'v1' and top_k = 1",
    )
    .unwrap();
    assert_eq!(rows, [["l2", "null", "v1", "1", "null"]]);
}

#[test]
fn a_query_without_an_argument_does_not_compile_and_says_which() {
    let (_folder, mut db) = filled();
    let blob = hex(&[1.0; 4]);
    for (sql, missing) in [
        ("select * from zova_vector_search".to_owned(), "collection"),
        (
            "select * from zova_vector_search('l2')".to_owned(),
            "query_vector or source_vector_id, one of them",
        ),
        (
            "select * from zova_vector_search('l2') limit 3".to_owned(),
            "query_vector or source_vector_id, one of them",
        ),
        (format!("select * from zova_vector_search('l2', {blob})"), "top_k or max_distance"),
        (format!("select * from zova_vector_search('l2', {blob}) limit 3"), "top_k or max_distance"),
        (format!("select * from zova_vector_search('l2', {blob}) where top_k is 3"), "top_k or max_distance"),
        (
            format!("select * from zova_vector_search('l2', {blob}, 'v1') where top_k = 1"),
            "query_vector or source_vector_id, one of them",
        ),
    ] {
        let expected = format!("no query solution: zova_vector_search needs the argument {missing}");
        assert_eq!(message(&mut db, &sql), expected, "{sql}");
    }
}

#[test]
fn the_table_names_what_is_wrong_in_the_order_of_the_chapter() {
    let (_folder, mut db) = filled();
    let ok = hex(&[1.0; 4]);
    let (argument, value) = ("invalid Zova vector SQL argument", "invalid Zova vector value");
    for (collection, from, rest, expected) in [
        ("null", "query_vector = null", "top_k = -1", argument),
        ("''", "query_vector = null", "top_k = -1", value),
        ("'none'", "query_vector = null", "top_k = -1", "Zova vector collection not found"),
        ("'l2'", "query_vector = null", "top_k = -1", argument),
        ("'l2'", "query_vector = 'abcd'", "top_k = -1", argument),
        ("'l2'", "query_vector = x'00'", "top_k = -1", "Zova vector dimension mismatch"),
        ("'l2'", "source_vector_id = 1", "top_k = -1", argument),
        ("'l2'", "source_vector_id = ''", "top_k = -1", value),
        ("'l2'", "source_vector_id = 'none'", "top_k = -1", "Zova vector not found"),
        ("'l2'", "source_vector_id = 'v1'", "top_k = -1", argument),
        ("'l2'", "source_vector_id = 'v1'", "top_k = 3.5", argument),
        ("'l2'", "source_vector_id = 'v1'", "top_k = '3'", argument),
        ("'l2'", "source_vector_id = 'v1'", "top_k = null", argument),
        ("'l2'", "source_vector_id = 'v1'", "top_k = null and max_distance = null", argument),
        ("'l2'", "source_vector_id = 'v1'", "top_k = 3 and max_distance = 'x'", argument),
        ("'l2'", "source_vector_id = 'v1'", "max_distance = 9e999", value),
    ] {
        let sql =
            format!("select * from zova_vector_search where collection = {collection} and {from} and {rest}");
        assert_eq!(message(&mut db, &sql), expected, "{sql}");
    }
    let _ = ok;
}

#[test]
fn joins_that_supply_arguments_lose_no_rows_in_any_order() {
    let (_folder, mut db) = filled();
    db.exec(
        "create table asked(source text, k integer, far real); \
         insert into asked values ('v1', 2, null), ('v2', null, 1.5), ('v3', 3, 2.0), ('v4', 1, 9.0)",
    )
    .unwrap();
    let mut expected = Vec::new();
    for (source, k, far) in [("v1", 2, 1e9), ("v2", 100, 1.5), ("v3", 3, 2.0), ("v4", 1, 9.0)] {
        for found in db.search_vectors_by_id_within("l2", source, far, k).unwrap() {
            expected.push(vec![source.to_owned(), found.id]);
        }
    }
    for tables in [
        "asked a join zova_vector_search s",
        "zova_vector_search s join asked a",
        "asked a cross join zova_vector_search s",
    ] {
        let sql = format!(
            "select a.source, s.vector_id from {tables} on s.collection = 'l2' and s.source_vector_id = a.source \
             and s.top_k = a.k and s.max_distance = a.far order by a.source, s.rank"
        );
        assert_eq!(query(&mut db, &sql).unwrap(), expected, "{tables}");
    }
    let both = query(
        &mut db,
        "select count(*) from zova_vector_search where collection in ('l2', 'dot') and source_vector_id = 'v1' \
         and top_k = 3",
    );
    assert_eq!(both.unwrap(), [["6"]]);
}

#[test]
fn views_and_triggers_may_use_vectors_and_see_uncommitted_rows() {
    let (_folder, mut db) = filled();
    db.exec(
        "create view near as select vector_id from zova_vector_search('l2') where source_vector_id = 'v1' and top_k = 1; \
         create table log(d real); create table t(id text); \
         create trigger g after insert on t begin \
         insert into log select zova_vector_distance_by_id('l2', new.id, 'v1'); \
         insert into log select distance from zova_vector_search('l2') where source_vector_id = new.id and top_k = 1; end; \
         pragma trusted_schema = on",
    )
    .unwrap();
    db.begin().unwrap();
    let mut close = random_values(1, 4);
    close[0] += 1e-6;
    db.put_vector("l2", "close", &close).unwrap();
    for _ in 0..3 {
        assert_eq!(query(&mut db, "select * from near").unwrap(), [["close"]]);
    }
    db.exec("insert into t values ('close'), ('v1')").unwrap();
    assert_eq!(query(&mut db, "select count(*) from log").unwrap(), [["4"]]);
    assert_eq!(status(db.exec("insert into t values ('v2'), ('none')")), Status::SqliteError);
    assert_eq!(query(&mut db, "select count(*) from t").unwrap(), [["2"]]);
    db.rollback().unwrap();
    assert_ne!(query(&mut db, "select * from near").unwrap(), [["close"]]);
}

/// Searches inside a statement that is changing the rows see its changes, and what they keep in memory does not
/// outlive the statement's failure.
#[test]
fn searches_inside_a_writing_statement_leave_later_searches_right() {
    let (_folder, mut db) = filled();
    let from = random_values(200, 4);
    db.search_vectors("l2", &from, 3).unwrap();
    db.search_vectors("l2", &from, 3).unwrap();
    db.exec(
        "create table log(id text); create trigger g after delete on _zova_vectors begin \
         insert into log select vector_id from zova_vector_search('l2') where source_vector_id = 'v9' and top_k = 100; \
         insert into log select vector_id from zova_vector_search('l2') where source_vector_id = 'v9' and top_k = 100; \
         select raise(abort, 'enough') where (select count(*) from log) > 30; end",
    )
    .unwrap();
    for inside in [false, true] {
        if inside {
            db.begin().unwrap();
        }
        let result = db.exec("delete from _zova_vectors where collection_name = 'l2' and vector_id < 'v5'");
        assert_eq!(status(result), Status::Constraint);
        for _ in 0..3 {
            assert_eq!(db.search_vectors("l2", &from, 100).unwrap().len(), 10);
        }
        let _ = db.rollback();
    }
    db.exec("delete from _zova_vectors where collection_name = 'l2' and vector_id = 'v0'").unwrap();
    for _ in 0..3 {
        assert_eq!(db.search_vectors("l2", &from, 100).unwrap().len(), 9);
    }
}

#[test]
fn the_table_cannot_be_changed_and_the_functions_are_not_deterministic() {
    let (_folder, mut db) = filled();
    assert_eq!(
        message(&mut db, "delete from zova_vector_search"),
        "table zova_vector_search may not be modified"
    );
    assert_eq!(
        message(&mut db, "drop table zova_vector_search"),
        "table zova_vector_search may not be dropped"
    );
    db.exec("create table t(a, b)").unwrap();
    assert!(
        message(&mut db, "create index i on t(zova_vector_distance_by_id(a, b, a))")
            .contains("non-deterministic functions prohibited in index expressions")
    );
}
