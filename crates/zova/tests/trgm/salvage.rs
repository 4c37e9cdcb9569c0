//! Salvage of the index: what is recovered, what is counted as left out, and that the result passes the check.

use std::collections::BTreeMap;
use std::os::unix::fs::FileExt;
use std::path::Path;

use zova::engine::{OpenOptions, Session};
use zova::{Database, SalvageReport};

use crate::common::{Scratch, edit, one, raw};
use crate::support::{by_definition, call, installed, put, query, search};

const WORDS: [&str; 6] = ["receipt", "attachment", "database", "日本語", "caf\u{e9}", "invoice"];

fn text(n: usize) -> String {
    format!("{} {} {n}", WORDS[n % 6], WORDS[n / 6 % 6])
}

/// A database with that many documents, closed.
fn source(scratch: &Scratch, documents: usize) {
    let mut db = installed(scratch);
    db.begin().unwrap();
    for n in 0..documents {
        put(&mut db, &format!("d{n:04}"), &text(n));
    }
    db.commit().unwrap();
}

/// Plans and then copies into `b.zova`; both must report the same.
fn salvaged(scratch: &Scratch) -> SalvageReport {
    let destination = scratch.path("b.zova");
    let _ = std::fs::remove_file(&destination);
    let mut source = Session::open(&scratch.path("a.zova"), OpenOptions::default()).unwrap();
    let plan = source.salvage_extensions(None).unwrap();
    let mut destination = Session::create(&destination).unwrap();
    let copy = source.salvage_extensions(Some(&mut destination)).unwrap();
    assert_eq!(plan, copy);
    assert!(copy.len() == 1 && copy[0].name == "trgm" && copy[0].fault.is_none(), "{copy:?}");
    destination.check_extensions().unwrap();
    copy[0].report
}

/// The salvaged database; what it finds for every text must be what the definition finds among the ids it has.
fn opened(scratch: &Scratch) -> Database {
    let mut db = Database::open(scratch.path("b.zova")).unwrap();
    let ids = query(&mut db, "select document_id from _zova_ext_trgm_documents where index_name = 'names'");
    let texts: BTreeMap<String, String> =
        ids.into_iter().map(|id| (id.clone(), text(id[1..].parse().unwrap()))).collect();
    for n in 0..12 {
        let wanted = text(n * 31);
        assert_eq!(search(&mut db, "names", &wanted, 20, 0.2), by_definition(&texts, &wanted, 20, 0.2));
    }
    db
}

fn complete(left_out: u64) -> SalvageReport {
    SalvageReport {
        copied_extensions: 1,
        copied_private_objects: 6,
        skipped_rows: left_out,
        installed_in_destination: true,
        ..SalvageReport::default()
    }
}

#[test]
fn an_intact_index_is_copied_row_by_row() {
    let scratch = Scratch::new();
    source(&scratch, 200);
    assert_eq!(salvaged(&scratch), complete(0));
    let mut db = opened(&scratch);
    db.exec(&format!("attach '{}' as source", scratch.path("a.zova").display())).unwrap();
    for table in ["meta", "indexes", "documents", "terms", "postings"] {
        for (one, other) in [("main", "source"), ("source", "main")] {
            let sql = format!(
                "select count(*) from (select * from {one}._zova_ext_trgm_{table} \
                 except select * from {other}._zova_ext_trgm_{table})"
            );
            assert_eq!(query(&mut db, &sql), ["0"], "{table}");
        }
    }
    assert_eq!(
        query(&mut db, "select count(*) from sqlite_schema where name = '_zova_ext_trgm_postings_document'"),
        ["1"]
    );
    put(&mut db, "new", "something");
    db.check_extension("trgm").unwrap();
}

#[test]
fn a_published_index_is_salvaged() {
    let scratch = Scratch::new();
    scratch.fixture("full.zova");
    std::fs::rename(scratch.path("full.zova"), scratch.path("a.zova")).unwrap();
    assert_eq!(salvaged(&scratch), complete(0));
    let mut db = Database::open(scratch.path("b.zova")).unwrap();
    assert_eq!(query(&mut db, "select count(*) from zova_trgm_search('messages', 'message')").len(), 1);
    assert_eq!(query(&mut db, "select count(*) from _zova_ext_trgm_documents"), ["5"]);
}

#[test]
fn incomplete_documents_are_left_out_and_counted() {
    let scratch = Scratch::new();
    for (damage, left_out) in [
        ("delete from _zova_ext_trgm_postings where document_id = 'd0003' and term = x'202064'", 0),
        ("delete from _zova_ext_trgm_postings where document_id = 'd0003'", 1),
        ("delete from _zova_ext_trgm_postings where document_id in ('d0003', 'd0007')", 2),
        ("update _zova_ext_trgm_documents set term_count = term_count - 1 where document_id < 'd0005'", 5),
        ("update _zova_ext_trgm_postings set count = 0 where document_id = 'd0009'", 1),
        ("update _zova_ext_trgm_postings set count = 'x' where document_id = 'd0009'", 1),
        ("update _zova_ext_trgm_documents set target_type = 'none' where document_id = 'd0001'", 1),
        ("update _zova_ext_trgm_documents set text_hash = x'00' where document_id = 'd0001'", 1),
        ("update _zova_ext_trgm_documents set normalized_len = -1 where document_id = 'd0001'", 1),
        ("update _zova_ext_trgm_documents set updated_at_unix = 'x' where document_id = 'd0001'", 1),
        ("update _zova_ext_trgm_documents set document_id = '' where document_id = 'd0001'", 1),
        ("update _zova_ext_trgm_documents set index_name = 'none' where document_id = 'd0001'", 1),
        (
            "update _zova_ext_trgm_documents set target_type = 'vector', target_namespace = 'c', target_ref = 'v' \
            where document_id = 'd0002'",
            1,
        ),
        // Postings without a document count for nothing, and terms are counted anew.
        ("insert into _zova_ext_trgm_postings values ('names', x'787878', 'ghost', 1)", 0),
        ("insert into _zova_ext_trgm_postings values ('none', x'787878', 'd0001', 1)", 0),
        ("delete from _zova_ext_trgm_terms", 0),
        ("update _zova_ext_trgm_terms set document_count = 1", 0),
        ("drop index _zova_ext_trgm_postings_document", 0),
    ] {
        let _ = std::fs::remove_file(scratch.path("a.zova"));
        source(&scratch, 50);
        edit(&scratch.path("a.zova"), damage);
        assert_eq!(salvaged(&scratch), complete(left_out), "{damage}");
        let mut db = opened(&scratch);
        let copied = query(&mut db, "select count(*) from _zova_ext_trgm_documents");
        assert_eq!(copied, [(50 - left_out).to_string()], "{damage}");
    }
}

#[test]
fn documents_that_are_left_out_are_named() {
    let scratch = Scratch::new();
    source(&scratch, 20);
    edit(
        &scratch.path("a.zova"),
        "delete from _zova_ext_trgm_postings where document_id in ('d0003', 'd0007');
         update _zova_ext_trgm_documents set text_hash = x'00' where document_id = 'd0001'",
    );
    let mut source = Session::open(&scratch.path("a.zova"), OpenOptions::default()).unwrap();
    let plan = source.salvage_extensions(None).unwrap();
    assert_eq!(plan[0].left_out, ["names/d0001", "names/d0003", "names/d0007"]);
}

#[test]
fn indexes_keep_their_order_and_illegal_ones_are_left_out_with_their_documents() {
    let scratch = Scratch::new();
    source(&scratch, 3);
    let mut db = Database::open(scratch.path("a.zova")).unwrap();
    for name in ["z", "b", "empty"] {
        call(&mut db, &format!("select zova_trgm_create_index('{name}')"));
        if name != "empty" {
            call(&mut db, &format!("select zova_trgm_put('{name}', 'd0000', 'record', null, null, 'text')"));
        }
    }
    drop(db);
    edit(
        &scratch.path("a.zova"),
        "update _zova_ext_trgm_indexes set name = 'not legal' where name = 'b';
         update _zova_ext_trgm_documents set index_name = 'not legal' where index_name = 'b';
         update _zova_ext_trgm_postings set index_name = 'not legal' where index_name = 'b';
         update _zova_ext_trgm_indexes set created_order = 100 where name = 'names'",
    );
    assert_eq!(salvaged(&scratch), complete(1));
    let mut db = opened(&scratch);
    assert_eq!(
        query(&mut db, "select name, created_order from _zova_ext_trgm_indexes order by 2"),
        ["z|1", "empty|2", "names|3"]
    );
}

#[test]
fn a_target_must_exist_in_the_destination() {
    let scratch = Scratch::new();
    source(&scratch, 3);
    let mut db = Database::open(scratch.path("a.zova")).unwrap();
    let kept = db.put_object(b"kept").unwrap();
    let lost = db.put_object(b"lost").unwrap();
    for (id, object) in [("d0001", kept), ("d0002", lost)] {
        let text = text(id[1..].parse().unwrap());
        call(
            &mut db,
            &format!("select zova_trgm_put('names', '{id}', 'object', null, '{object}', '{text}')"),
        );
    }
    drop(db);
    let mut destination = Database::create(scratch.path("b.zova")).unwrap();
    destination.put_object(b"kept").unwrap();
    drop(destination);
    let mut source = Session::open(&scratch.path("a.zova"), OpenOptions::default()).unwrap();
    let mut destination = Session::open(&scratch.path("b.zova"), OpenOptions::default()).unwrap();
    let copy = source.salvage_extensions(Some(&mut destination)).unwrap();
    assert_eq!(copy[0].report, complete(1));
    drop(destination);
    let mut db = opened(&scratch);
    db.check_extension("trgm").unwrap();
    assert_eq!(query(&mut db, "select document_id from _zova_ext_trgm_documents"), ["d0000", "d0001"]);
}

/// The leaf pages of a table, in the order of the file.
fn leaves(path: &Path, table: &str) -> Vec<u64> {
    let connection = raw(path);
    let sql = format!("select group_concat(pageno) from dbstat where name = '{table}' and pagetype = 'leaf'");
    let pages: String = one(&connection, &sql);
    pages.split(',').map(|page| page.parse().unwrap()).collect()
}

/// Overwrites a page, so that SQLite finds it corrupt.
fn ruin(path: &Path, page: u64) {
    let size: u32 = one(&raw(path), "pragma page_size");
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(&vec![0xa5; size as usize], (page - 1) * u64::from(size)).unwrap();
}

#[test]
fn an_unreadable_page_of_postings_costs_the_documents_with_postings_on_it() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    source(&scratch, 400);
    // All documents have a posting of a common trigram; those of the numbers are spread.
    let pages = leaves(&path, "_zova_ext_trgm_postings");
    assert!(pages.len() > 20, "{}", pages.len());
    ruin(&path, pages[pages.len() / 2]);
    let report = salvaged(&scratch);
    assert!((1..400).contains(&report.skipped_rows), "{report:?}");
    assert_eq!(report, complete(report.skipped_rows));
    let mut db = opened(&scratch);
    let copied = query(&mut db, "select count(*) from _zova_ext_trgm_documents");
    assert_eq!(copied, [(400 - report.skipped_rows).to_string()]);
}

#[test]
fn an_unreadable_page_of_documents_costs_those_on_it() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    source(&scratch, 400);
    let pages = leaves(&path, "_zova_ext_trgm_documents");
    ruin(&path, pages[pages.len() / 2]);
    salvaged(&scratch);
    let mut db = opened(&scratch);
    let copied: u64 = query(&mut db, "select count(*) from _zova_ext_trgm_documents")[0].parse().unwrap();
    assert!((300..400).contains(&copied), "{copied}");
}

#[test]
fn without_a_readable_table_the_extension_is_skipped_as_a_whole() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    for (table, objects) in [("indexes", 6), ("documents", 6), ("postings", 6)] {
        let _ = std::fs::remove_file(&path);
        source(&scratch, 3);
        for page in leaves(&path, &format!("_zova_ext_trgm_{table}")) {
            ruin(&path, page);
        }
        let _ = std::fs::remove_file(scratch.path("b.zova"));
        let mut source = Session::open(&path, OpenOptions::default()).unwrap();
        let mut destination = Session::create(&scratch.path("b.zova")).unwrap();
        let copy = source.salvage_extensions(Some(&mut destination)).unwrap();
        assert!(copy[0].fault.is_some(), "{table}");
        assert_eq!((copy[0].report.skipped_extensions, copy[0].report.skipped_private_objects), (1, objects));
        assert!(destination.list_extensions().unwrap().is_empty());
        drop(destination);
        let mut db = Database::open(scratch.path("b.zova")).unwrap();
        assert_eq!(query(&mut db, "select count(*) from sqlite_schema where name like '%trgm%'"), ["0"]);
    }
}
