//! Puts and deletes: the rows they leave, atomicity, targets.

use zova::{Database, Status};

use crate::common::{Scratch, fault};
use crate::support::{call, filled, installed, message, put, query, search};

fn terms(db: &mut Database) -> Vec<String> {
    query(db, "select cast(term as text), document_count from _zova_ext_trgm_terms order by term")
}

#[test]
fn a_document_has_the_rows_of_its_trigrams() {
    let scratch = Scratch::new();
    let mut db = installed(&scratch);
    call(&mut db, "select zova_trgm_put('names', 'x', 'record', 'ns', 'r', 'Aa-aa!')");
    assert_eq!(
        query(
            &mut db,
            "select document_id, target_type, target_namespace, target_ref, normalized_len, term_count, \
             hex(text_hash), abs(updated_at_unix - unixepoch()) < 100 from _zova_ext_trgm_documents"
        ),
        ["x|record|ns|r|5|5|5A9FDEAB68D0108A1DD196DFA2ED47C57566932FB62AC4376E1E45E955F72C93|1"]
    );
    assert_eq!(
        query(
            &mut db,
            "select cast(term as text), count, typeof(term) from _zova_ext_trgm_postings order by 1"
        ),
        ["  a|1|blob", " aa|2|blob", "a  |1|blob", "a a|1|blob", "aa |2|blob"]
    );
}

#[test]
fn putting_again_replaces_everything_of_the_document() {
    let scratch = Scratch::new();
    let mut db = filled(&scratch, &["abc", "abd"]);
    put(&mut db, "0", "xbc");
    assert_eq!(query(&mut db, "select count(*) from _zova_ext_trgm_documents"), ["2"]);
    db.check_extension("trgm").unwrap();
    assert_eq!(
        terms(&mut db),
        ["  a|1", "  x|1", " ab|1", " xb|1", "abd|1", "bc |1", "bd |1", "c  |1", "d  |1", "xbc|1"]
    );
    call(&mut db, "select zova_trgm_put('names', '0', 'fact', 'n', 'r', 'xbc xbc')");
    assert_eq!(
        query(
            &mut db,
            "select count from _zova_ext_trgm_postings where document_id = '0' and term = x'786263'"
        ),
        ["2"]
    );
    assert_eq!(
        query(
            &mut db,
            "select target_type, target_namespace, target_ref from _zova_ext_trgm_documents \
            where document_id = '0'"
        ),
        ["fact|n|r"]
    );
    put(&mut db, "0", "?!");
    put(&mut db, "1", "");
    assert!(terms(&mut db).is_empty());
    assert_eq!(query(&mut db, "select sum(term_count), count(*) from _zova_ext_trgm_documents"), ["0|2"]);
    db.check_extension("trgm").unwrap();
}

#[test]
fn deleting_leaves_nothing_of_a_document_or_an_index() {
    let scratch = Scratch::new();
    let mut db = filled(&scratch, &["hello", "help"]);
    call(&mut db, "select zova_trgm_create_index('other')");
    call(&mut db, "select zova_trgm_put('other', '0', 'record', null, null, 'hello')");
    call(&mut db, "select zova_trgm_delete('names', '0')");
    db.check_extension("trgm").unwrap();
    assert_eq!(search(&mut db, "names", "hello", 10, 0.0).len(), 1);
    assert_eq!(search(&mut db, "other", "hello", 10, 0.0).len(), 1);
    call(&mut db, "select zova_trgm_drop_index('names')");
    db.check_extension("trgm").unwrap();
    for table in ["documents", "terms", "postings"] {
        let sql = format!("select distinct index_name from _zova_ext_trgm_{table}");
        assert_eq!(query(&mut db, &sql), ["other"], "{table}");
    }
    call(&mut db, "select zova_trgm_create_index('names')");
    assert_eq!(
        query(&mut db, "select name, created_order from _zova_ext_trgm_indexes order by 2"),
        ["other|2", "names|3"]
    );
    assert!(search(&mut db, "names", "hello", 10, 0.0).is_empty());
}

#[test]
fn a_call_that_fails_in_the_middle_leaves_no_trace() {
    let scratch = Scratch::new();
    let mut db = filled(&scratch, &["hello"]);
    db.exec(
        "create temp trigger stop before insert on main._zova_ext_trgm_postings when new.term > x'6d0000' \
         begin select raise(abort, 'stopped'); end",
    )
    .unwrap();
    let text = message(&mut db, "select zova_trgm_put('names', '0', 'record', null, null, 'zebra')");
    assert!(text.starts_with("Zova trgm SQL error"), "{text}");
    db.check_extension("trgm").unwrap();
    assert_eq!(search(&mut db, "names", "hello", 10, 0.9).len(), 1);
}

#[test]
fn what_cannot_be_written_at_the_commit_takes_the_transaction_with_it() {
    let scratch = Scratch::new();
    let mut db = filled(&scratch, &["hello"]);
    db.exec(
        "create table t(x); create temp trigger stop before insert on main._zova_ext_trgm_postings \
         when new.term > x'6d0000' begin select raise(abort, 'stopped'); end",
    )
    .unwrap();
    // Here a savepoint can be rolled back, and the transaction goes on.
    db.exec("begin; insert into t values (1); savepoint s").unwrap();
    put(&mut db, "0", "zebra");
    let text = message(&mut db, "select * from zova_trgm_search('names', 'hello')");
    assert!(text.starts_with("Zova trgm SQL error"), "{text}");
    db.exec("rollback to s").unwrap();
    assert_eq!(search(&mut db, "names", "hello", 10, 0.9).len(), 1);
    db.exec("commit").unwrap();
    assert_eq!(query(&mut db, "select count(*) from t"), ["1"]);
    // Here it is too late for that.
    db.exec("begin; insert into t values (2)").unwrap();
    put(&mut db, "1", "help");
    put(&mut db, "2", "zebra");
    let text = db.exec("commit").unwrap_err().to_string();
    assert!(text.contains("Zova trgm SQL error"), "{text}");
    assert!(db.exec("rollback").is_err(), "SQLite has rolled back");
    assert_eq!(query(&mut db, "select count(*) from t"), ["1"]);
    assert_eq!(search(&mut db, "names", "help", 10, 0.0).len(), 1);
    db.check_extension("trgm").unwrap();
    db.exec("drop trigger stop; begin").unwrap();
    put(&mut db, "2", "zebra");
    db.exec("commit").unwrap();
    assert_eq!(search(&mut db, "names", "zebra", 10, 0.9).len(), 1);
}

#[test]
fn transactions_and_savepoints_undo_changes() {
    let scratch = Scratch::new();
    let mut db = filled(&scratch, &["hello"]);
    db.begin().unwrap();
    put(&mut db, "1", "hello");
    db.savepoint("s").unwrap();
    call(&mut db, "select zova_trgm_delete('names', '0')");
    call(&mut db, "select zova_trgm_create_index('other')");
    assert_eq!(search(&mut db, "names", "hello", 10, 0.0).len(), 1);
    db.exec("rollback to s").unwrap();
    assert_eq!(search(&mut db, "names", "hello", 10, 0.0).len(), 2);
    assert!(message(&mut db, "select * from zova_trgm_search('other', 'x')").contains("not found"));
    db.rollback().unwrap();
    assert_eq!(search(&mut db, "names", "hello", 10, 0.0).len(), 1);
    db.check_extension("trgm").unwrap();
}

#[test]
fn several_puts_in_one_statement_are_each_kept() {
    let scratch = Scratch::new();
    let mut db = installed(&scratch);
    let sql = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 50) \
        select sum(zova_trgm_put('names', 'd' || i, 'record', null, null, 'text number ' || i)) from n";
    assert_eq!(query(&mut db, sql), ["50"]);
    db.check_extension("trgm").unwrap();
    assert_eq!(search(&mut db, "names", "text number 33", 1, 0.0), [("d33".to_owned(), 1.0)]);
}

#[test]
fn a_search_between_the_steps_of_a_statement_that_puts_sees_what_was_put_so_far() {
    let scratch = Scratch::new();
    let mut db = installed(&scratch);
    let mut other = Database::open(scratch.path("a.zova")).unwrap();
    let sql = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 5) \
        select zova_trgm_put('names', 'd' || i, 'record', null, null, 'text') from n";
    for transaction in [false, true] {
        if transaction {
            call(&mut db, "select zova_trgm_drop_index('names')");
            call(&mut db, "select zova_trgm_create_index('names')");
            db.begin().unwrap();
        }
        let mut statement = db.prepare_owned(sql).unwrap();
        for step in 1..=5 {
            statement.step().unwrap();
            assert_eq!(search(&mut db, "names", "text", 10, 0.0).len(), step);
            // Outside a transaction each call is a commit.
            let seen = search(&mut other, "names", "text", 10, 0.0).len();
            assert_eq!(seen, if transaction { 0 } else { step });
        }
        drop(statement);
    }
    db.rollback().unwrap();
    db.check_extension("trgm").unwrap();
}

#[test]
fn targets_that_zova_keeps_must_exist_when_a_document_is_put() {
    let scratch = Scratch::new();
    let mut db = installed(&scratch);
    let object = db.put_object(b"an object").unwrap().to_string();
    let chunk = query(&mut db, "select lower(hex(chunk_hash)) from _zova_chunks").remove(0);
    db.create_vector_collection(
        "c",
        zova::VectorCollectionOptions { dimensions: 2, metric: zova::VectorMetric::L2 },
    )
    .unwrap();
    db.put_vector("c", "v", &[1.0, 2.0]).unwrap();
    for graph in ["default", "g"] {
        db.create_graph(graph).unwrap();
        db.put_graph_node(zova::GraphNodeInput {
            graph_name: graph,
            node_id: "n",
            kind: "k",
            target_type: zova::GraphTargetType::None,
            target_namespace: None,
            target_ref: None,
        })
        .unwrap();
    }
    let upper = object.to_uppercase();
    let nothing = "0".repeat(64);
    for (target, legal) in [
        (format!("'object', null, '{object}'"), true),
        (format!("'object', 'any', '{upper}'"), true),
        (format!("'object', null, '{nothing}'"), false),
        (format!("'object', null, '{}'", &object[1..]), false),
        ("'object', null, null".to_owned(), false),
        (format!("'object_chunk', null, '{chunk}'"), true),
        (format!("'object_chunk', null, '{nothing}'"), false),
        ("'vector', 'c', 'v'".to_owned(), true),
        ("'vector', 'c', 'w'".to_owned(), false),
        ("'vector', 'd', 'v'".to_owned(), false),
        ("'vector', null, 'v'".to_owned(), false),
        ("'vector', 'c', null".to_owned(), false),
        ("'graph', null, 'n'".to_owned(), true),
        ("'graph', 'g', 'n'".to_owned(), true),
        ("'graph', 'h', 'n'".to_owned(), false),
        ("'graph', 'g', 'm'".to_owned(), false),
        ("'graph', 'g', ''".to_owned(), false),
    ] {
        let sql = format!("select zova_trgm_put('names', 'd', {target}, 'text')");
        if legal {
            call(&mut db, &sql);
        } else {
            let text = message(&mut db, &sql);
            assert!(text.starts_with("invalid Zova trgm value"), "{text}: {target}");
        }
    }
    // The texts are stored as they were given.
    call(&mut db, &format!("select zova_trgm_put('names', 'd', 'object', null, '{upper}', 'text')"));
    assert_eq!(query(&mut db, "select target_ref from zova_trgm_search('names', 'text')"), [upper]);
}

#[test]
fn deleting_what_a_document_stands_for_leaves_a_database_that_opens() {
    let scratch = Scratch::new();
    let mut db = installed(&scratch);
    let object = db.put_object(b"an object").unwrap();
    call(&mut db, &format!("select zova_trgm_put('names', 'd', 'object', null, '{object}', 'text')"));
    db.check_extension("trgm").unwrap();
    db.delete_object(object).unwrap();
    drop(db);
    let mut db = Database::open(scratch.path("a.zova")).unwrap();
    assert_eq!(search(&mut db, "names", "text", 10, 0.0).len(), 1);
    let text = fault(db.check_extension("trgm"), Status::ExtensionInvalid);
    assert!(!text.contains(&object.to_string()) && !text.contains("text"), "{text}");
    db.drop_extension("trgm").unwrap();
}
