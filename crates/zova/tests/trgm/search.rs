//! The table `zova_trgm_search`: arguments, joins, order, and results as the definition has them.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::common::Scratch;
use crate::support::{by_definition, call, filled, installed, message, put, query, search};

const INVALID: &str = "invalid Zova trgm value";

#[test]
fn rows_come_in_rank_order_with_all_columns() {
    let scratch = Scratch::new();
    let mut db = installed(&scratch);
    call(&mut db, "select zova_trgm_put('names', 'b', 'external', 'place', 'r1', 'receipt')");
    call(&mut db, "select zova_trgm_put('names', 'a', 'record', null, null, 'receipt')");
    call(&mut db, "select zova_trgm_put('names', 'c', 'concept', null, 'r3', 'reciept')");
    assert_eq!(
        query(&mut db, "select * from zova_trgm_search('names', 'receipt')"),
        ["1|a|record|null|null|1.0", "2|b|external|place|r1|1.0", "3|c|concept|null|r3|0.38461538461538464"]
    );
    assert_eq!(
        query(
            &mut db,
            "select rowid, rank from zova_trgm_search('names', 'receipt') order by rank limit 2 offset 1"
        ),
        ["2|2", "3|3"]
    );
    let plan = "explain query plan select * from zova_trgm_search('names', 'receipt') order by rank";
    assert!(!query(&mut db, plan).iter().any(|line| line.contains("B-TREE")));
}

#[test]
fn arguments_are_equalities_on_hidden_columns_or_positional() {
    let scratch = Scratch::new();
    let mut db = filled(&scratch, &["hello", "help", "hold"]);
    let from = "select document_id from zova_trgm_search";
    let all = ["0", "1", "2"];
    for arguments in [
        "('names', 'hello')",
        " where index_name = 'names' and query = 'hello'",
        "('names') where query = 'hello' and \"limit\" = 3 and threshold = 0",
    ] {
        assert_eq!(query(&mut db, &format!("{from}{arguments}")), all, "{arguments}");
    }
    assert_eq!(query(&mut db, &format!("{from}('names', 'hello', 1)")), ["0"]);
    assert_eq!(query(&mut db, &format!("{from}('names', 'hello', 10, 0.4)")), ["0"]);
    assert_eq!(query(&mut db, &format!("{from}('names', 'hello', 10, 1)")), ["0"]);
    assert!(query(&mut db, &format!("{from}('names', 'hello', 0)")).is_empty());
    assert_eq!(query(&mut db, &format!("{from}('names', 'hello', 9223372036854775807)")), all);
    // A limit of SQL does not raise the argument.
    assert_eq!(query(&mut db, &format!("{from}('names', 'hello', 1) limit 5")), ["0"]);
    assert_eq!(
        query(
            &mut db,
            "select index_name, query, \"limit\", threshold from zova_trgm_search('names', 'hold', 1)"
        ),
        ["names|hold|1|null"]
    );
    // An inequality is no argument, and an argument that was not given reads as NULL.
    assert!(query(&mut db, &format!("{from}('names', 'hello') where threshold >= 0.0")).is_empty());
    assert_eq!(query(&mut db, &format!("{from}('names', 'hello', 10, 0.4) where threshold >= 0.3")), ["0"]);
}

#[test]
fn arguments_may_come_from_a_join_or_a_list() {
    let scratch = Scratch::new();
    let mut db = filled(&scratch, &["hello", "world"]);
    db.exec("create table asked(q text); insert into asked values ('helo'), ('wrld'), ('zzz')").unwrap();
    assert_eq!(
        query(
            &mut db,
            "select q, rank, document_id from asked, zova_trgm_search('names', q) order by q, rank"
        ),
        ["helo|1|0", "wrld|1|1"]
    );
    assert_eq!(
        query(
            &mut db,
            "select rank, document_id from zova_trgm_search where index_name = 'names' \
            and query in ('helo', 'wrld') order by document_id"
        ),
        ["1|0", "1|1"]
    );
}

#[test]
fn wrong_arguments_are_refused() {
    let scratch = Scratch::new();
    let mut db = filled(&scratch, &["hello"]);
    for arguments in ["", "('names')", " where query = 'x'", " where index_name > 'a' and query = 'x'"] {
        let text = message(&mut db, &format!("select * from zova_trgm_search{arguments}"));
        assert!(text.starts_with("no query solution"), "{text}: {arguments}");
    }
    for arguments in [
        "1, 'x'",
        "null, 'x'",
        "'names', 1",
        "'names', null",
        "'names', x'61'",
        "'names', cast(x'ff' as text)",
        "'a b', 'x'",
        "'', 'x'",
        "'names', 'x', -1",
        "'names', 'x', 1.0",
        "'names', 'x', '1'",
        "'names', 'x', null",
        "'names', 'x', 1, -0.1",
        "'names', 'x', 1, 1.1",
        "'names', 'x', 1, 2",
        "'names', 'x', 1, '0.5'",
        "'names', 'x', 1, null",
        // Types and numbers count before a missing index.
        "'none', 'x', -1",
        "'none', 'x', 0, 2",
    ] {
        let text = message(&mut db, &format!("select * from zova_trgm_search({arguments})"));
        assert!(text.starts_with(INVALID), "{text}: {arguments}");
    }
    let text = message(&mut db, "select * from zova_trgm_search('none', 'x', 0)");
    assert!(text.starts_with("Zova trgm index not found"), "{text}");
    let text = message(&mut db, "delete from zova_trgm_search");
    assert_eq!(text, "table zova_trgm_search may not be modified");
}

#[test]
fn what_shares_no_trigram_is_not_found_even_without_a_threshold() {
    let scratch = Scratch::new();
    let mut db = filled(&scratch, &["", "!!", "hello"]);
    assert!(search(&mut db, "names", "", 10, 0.0).is_empty());
    assert!(search(&mut db, "names", " - ", 10, 0.0).is_empty());
    assert!(search(&mut db, "names", "xyz", 10, 0.0).is_empty());
    assert_eq!(search(&mut db, "names", "h", 10, 0.0).len(), 1);
}

#[test]
fn equal_scores_are_in_the_byte_order_of_the_ids() {
    let scratch = Scratch::new();
    let mut db = installed(&scratch);
    for id in ["b", "\u{e9}", "a", "B", "10", "9", "a!", "日"] {
        put(&mut db, id, "same");
    }
    let ids: Vec<String> = search(&mut db, "names", "same", 10, 0.0).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["10", "9", "B", "a", "a!", "b", "\u{e9}", "日"]);
    let ids: Vec<String> = search(&mut db, "names", "same", 3, 0.0).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["10", "9", "B"]);
}

#[test]
fn a_query_of_more_trigrams_than_any_text_is_answered() {
    let scratch = Scratch::new();
    let mut db = filled(&scratch, &["needle"]);
    let hay: String = (0..40_000).map(|n| format!("{n} ")).collect();
    let found = search(&mut db, "names", &format!("{hay} needle"), 10, 0.0);
    assert_eq!(found.len(), 1);
    put(&mut db, "hay", &hay);
    assert_eq!(search(&mut db, "names", &hay, 1, 0.99)[0].0, "hay");
    db.check_extension("trgm").unwrap();
}

/// Texts that share much: few letters, multi-byte characters cut in all places, separators.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof!["[abAB1 _.é日語\u{1f600}]{0,12}", "(re|ce|ip|pt|at|ta|ch){0,5}", "(?s).{0,20}",]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn searches_find_what_the_definition_finds_on_random_unicode_text(
        all in prop::collection::vec(texts(), 1..60),
        queries in prop::collection::vec((texts(), 0_usize..12, prop_oneof![Just(0.0), Just(0.3), Just(1.0), 0.0..1.0]), 1..12),
    ) {
        let scratch = Scratch::new();
        let mut db = installed(&scratch);
        db.exec("begin").unwrap();
        let mut model = BTreeMap::new();
        for (n, text) in all.iter().enumerate() {
            let id = format!("{}", n * 7 % 50);
            put(&mut db, &id, text);
            model.insert(id, text.clone());
        }
        // Inside the transaction nothing is kept in memory, afterwards everything is.
        for round in 0..3 {
            for (query, limit, threshold) in &queries {
                let found = search(&mut db, "names", query, *limit, *threshold);
                prop_assert_eq!(found, by_definition(&model, query, *limit, *threshold), "{:?}", query);
            }
            if round == 0 {
                db.exec("commit").unwrap();
            }
        }
        db.check_extension("trgm").unwrap();
    }
}
