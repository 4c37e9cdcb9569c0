//! Files written by Zova 0.21.0 with `trgm` installed.

use zova::Database;

use crate::common::{Scratch, expected};
use crate::support::{call, query, search};

#[test]
fn a_published_index_is_searched_checked_and_dropped() {
    let scratch = Scratch::new();
    let path = scratch.fixture("full.zova");
    let before = std::fs::read(&path).unwrap();
    let mut db = Database::open(&path).unwrap();
    db.check_extensions().unwrap();
    let told = &expected("full.zova")["trgm"];
    let pairs = told["search_attachement_failed_threshold_0.2"].as_array().unwrap().iter();
    let pairs = pairs.map(|pair| (pair[0].as_str().unwrap().to_owned(), pair[1].as_f64().unwrap()));
    assert_eq!(search(&mut db, "messages", "attachement failed", 10, 0.2), pairs.collect::<Vec<_>>());
    for (number, text) in told["documents"].as_array().unwrap().iter().enumerate() {
        let found = search(&mut db, "messages", text.as_str().unwrap(), 1, 0.9);
        assert_eq!(found, [(format!("message:{number}"), 1.0)]);
    }
    drop(db);
    assert_eq!(std::fs::read(&path).unwrap(), before, "reading changes nothing");
    let mut db = Database::open(&path).unwrap();
    db.drop_extension("trgm").unwrap();
    assert_eq!(query(&mut db, "select count(*) from sqlite_schema where name like '%trgm%'"), ["0"]);
    drop(db);
    drop(Database::open(&path).unwrap());
}

#[test]
fn a_published_index_is_extended_and_keeps_its_tables() {
    let scratch = Scratch::new();
    let path = scratch.fixture("full.zova");
    let mut db = Database::open(&path).unwrap();
    let tables = "select group_concat(name || sql, '') from (select * from sqlite_schema \
        where name glob '_zova_ext_trgm_*' and type = 'table' order by name)";
    let before = query(&mut db, tables);
    call(&mut db, "select zova_trgm_put('messages', 'new', 'record', null, null, 'something new')");
    db.check_extension("trgm").unwrap();
    // Deleting needs the postings of a document, for which the published tables have no index.
    call(&mut db, "select zova_trgm_delete('messages', 'message:0')");
    call(&mut db, "select zova_trgm_put('messages', 'message:1', 'record', null, null, 'replaced')");
    db.check_extension("trgm").unwrap();
    assert_eq!(query(&mut db, tables), before);
    assert_eq!(query(&mut db, "select count(*) from _zova_ext_trgm_documents"), ["5"]);
    assert_eq!(
        query(
            &mut db,
            "select name from sqlite_schema where name glob '_zova_ext_trgm_*' and type = 'index'"
        ),
        ["_zova_ext_trgm_postings_document"]
    );
    drop(db);
    let mut db = Database::open(&path).unwrap();
    assert_eq!(search(&mut db, "messages", "something new", 1, 0.9)[0].0, "new");
}
