//! Damaged private tables: what the check finds, what opens, searches and drops all the same.

use zova::{Database, Status};

use crate::common::{Scratch, edit, fault};
use crate::support::{filled, query, try_query};

const TEXTS: [&str; 3] = ["hello world", "help", ""];

/// What the full check must find, each in a database that opens.
const FINDINGS: &[&str] = &[
    "delete from _zova_ext_trgm_indexes",
    "update _zova_ext_trgm_documents set term_count = term_count + 1 where document_id = '0'",
    "update _zova_ext_trgm_documents set term_count = -1 where document_id = '2'",
    "update _zova_ext_trgm_documents set term_count = 'x' where document_id = '2'",
    "update _zova_ext_trgm_documents set document_id = '' where document_id = '2'",
    "update _zova_ext_trgm_documents set document_id = '_zova_x' where document_id = '2'",
    "update _zova_ext_trgm_documents set document_id = x'32' where document_id = '2'",
    "update _zova_ext_trgm_documents set document_id = cast(x'ff' as text) where document_id = '2'",
    "update _zova_ext_trgm_documents set index_name = 'none' where document_id = '2'",
    "update _zova_ext_trgm_documents set target_type = 'none' where document_id = '2'",
    "update _zova_ext_trgm_documents set target_type = 'object' where document_id = '2'",
    "update _zova_ext_trgm_documents set target_type = 'vector', target_namespace = 'c', target_ref = 'v'",
    "update _zova_ext_trgm_documents set target_namespace = x'00' where document_id = '2'",
    "delete from _zova_ext_trgm_documents where document_id = '0'",
    "delete from _zova_ext_trgm_postings where document_id = '0' and term = x'68656c'",
    "update _zova_ext_trgm_postings set document_id = 'ghost' where document_id = '0'",
    "insert into _zova_ext_trgm_postings values ('none', x'616161', '0', 1)",
    "insert into _zova_ext_trgm_postings values ('names', x'7a7a7a', '0', 1)",
    "update _zova_ext_trgm_postings set term = 'hel' where term = x'68656c'",
    "delete from _zova_ext_trgm_terms where term = x'68656c'",
    "update _zova_ext_trgm_terms set document_count = 3 where term = x'68656c'",
    "update _zova_ext_trgm_terms set document_count = 'x' where term = x'68656c'",
    "insert into _zova_ext_trgm_terms values ('names', x'7a7a7a', 1)",
    "insert into _zova_ext_trgm_terms values ('names', x'7a7a7a', 0)",
    "insert into _zova_ext_trgm_terms values ('none', x'7a7a7a', 1)",
    "update _zova_ext_trgm_terms set document_count = 9223372036854775807",
    "update _zova_ext_trgm_documents set term_count = 9223372036854775807",
    "update _zova_ext_trgm_documents set term_count = 1",
];

/// What is none of the check's business.
const TOLERATED: &[&str] = &[
    "delete from _zova_ext_trgm_meta where key = 'schema_version'",
    "update _zova_ext_trgm_meta set value = '2' where key = 'schema_version'",
    "insert into _zova_ext_trgm_meta values ('more', 'x')",
    "update _zova_ext_trgm_postings set count = 77",
    "update _zova_ext_trgm_documents set normalized_len = 5, text_hash = x'00', updated_at_unix = -1",
    "update _zova_ext_trgm_indexes set created_order = 9",
    "insert into _zova_ext_trgm_indexes values ('empty', 2)",
    "alter table _zova_ext_trgm_documents add column more",
    "drop index _zova_ext_trgm_postings_document",
    "create index _zova_ext_trgm_more on _zova_ext_trgm_documents (target_ref)",
];

/// What makes a database unopenable that needs the extension.
const REFUSED: &[&str] = &[
    "drop table _zova_ext_trgm_meta",
    "drop table _zova_ext_trgm_indexes",
    "drop table _zova_ext_trgm_documents",
    "drop table _zova_ext_trgm_terms",
    "drop table _zova_ext_trgm_postings",
    "drop table _zova_ext_trgm_terms; create view _zova_ext_trgm_terms as select 1",
    "delete from _zova_ext_trgm_meta where key = 'extension_version'",
    "update _zova_ext_trgm_meta set value = '0.2.0' where key = 'extension_version'",
    "update _zova_ext_trgm_meta set value = x'302e312e30' where key = 'extension_version'",
    "alter table _zova_ext_trgm_meta rename column value to other",
];

fn damaged(scratch: &Scratch, sql: &str) -> zova::Result<Database> {
    let path = scratch.path("a.zova");
    let _ = std::fs::remove_file(&path);
    drop(filled(scratch, &TEXTS));
    edit(&path, sql);
    Database::open(&path)
}

/// Nothing of the application's may be in the text.
#[track_caller]
fn require_discreet(text: &str) {
    for word in ["hello", "names", "ghost", "hel", "_zova_"] {
        assert!(!text.contains(word), "{text}");
    }
}

#[test]
fn the_check_finds_every_kind_of_damage_in_a_database_that_opens() {
    let scratch = Scratch::new();
    for sql in FINDINGS {
        let mut db = damaged(&scratch, sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
        let text = fault(db.check_extension("trgm"), Status::ExtensionInvalid);
        require_discreet(&text);
        assert_eq!(fault(db.check_extensions(), Status::ExtensionInvalid), text);
        // Whatever the rows are, a search ends with an answer or an error, and so does a change.
        for query in ["hello", "help", "zzz", ""] {
            let _ = try_query(&mut db, &format!("select * from zova_trgm_search('names', '{query}')"));
        }
        for id in ["0", "2", "new"] {
            let _ = try_query(
                &mut db,
                &format!("select zova_trgm_put('names', '{id}', 'record', null, null, 'zzz')"),
            );
            let _ = try_query(&mut db, &format!("select zova_trgm_delete('names', '{id}')"));
        }
        db.drop_extension("trgm").unwrap_or_else(|error| panic!("{error}: {sql}"));
        assert_eq!(query(&mut db, "select count(*) from sqlite_schema where name like '%trgm%'"), ["0"]);
    }
}

#[test]
fn what_is_not_the_checks_business_is_tolerated() {
    let scratch = Scratch::new();
    for sql in TOLERATED {
        let mut db = damaged(&scratch, sql).unwrap();
        db.check_extension("trgm").unwrap_or_else(|error| panic!("{error}: {sql}"));
        if !sql.contains("_more on") {
            db.drop_extension("trgm").unwrap_or_else(|error| panic!("{error}: {sql}"));
        }
    }
}

#[test]
fn missing_tables_and_another_version_are_refused_at_opening() {
    let scratch = Scratch::new();
    for sql in REFUSED {
        let text = fault(damaged(&scratch, sql), Status::ExtensionInvalid);
        assert!(text.contains("trgm"), "{text}");
        require_discreet(&text);
    }
}

#[test]
fn an_extension_with_missing_tables_can_be_dropped_by_a_handle_for_repair() {
    let scratch = Scratch::new();
    for sql in REFUSED {
        damaged(&scratch, sql).unwrap_err();
        let (options, registry) = (zova::OpenOptions::default(), zova::ExtensionRegistry::new());
        let mut db = Database::open_for_repair(scratch.path("a.zova"), options, &registry).unwrap();
        db.drop_extension("trgm").unwrap_or_else(|error| panic!("{error}: {sql}"));
        drop(db);
        drop(Database::open(scratch.path("a.zova")).unwrap());
    }
}

#[test]
fn an_open_handle_finds_that_another_one_dropped_the_extension() {
    let scratch = Scratch::new();
    let mut db = filled(&scratch, &TEXTS);
    assert_eq!(query(&mut db, "select count(*) from zova_trgm_search('names', 'hello')"), ["2"]);
    Database::open(scratch.path("a.zova")).unwrap().drop_extension("trgm").unwrap();
    let text =
        fault(try_query(&mut db, "select * from zova_trgm_search('names', 'hello')"), Status::SqliteError);
    assert!(text.starts_with("Zova trgm SQL error"), "{text}");
}
