//! What a new file holds.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

use zova::Database;

use crate::common::process::{UMASK, with_umask};
use crate::common::reference::{hex, sha256};
use crate::common::{Scratch, entries, one, raw, text_of};
use crate::open_accepted;

/// Name, length and SHA-256 of each table's text without white space and in lower case, in the order of creation.
const TABLES: [(&str, usize, &str); 10] = [
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
];

/// The indexes this library adds: table and columns.
const INDEXES: [(&str, &str); 4] = [
    ("_zova_object_chunks", "chunk_hash"),
    ("_zova_graph_nodes", "graph_name,created_order"),
    ("_zova_graph_edges", "graph_name,created_order"),
    ("_zova_graph_edges", "graph_name,to_node_id"),
];

#[test]
fn the_header_of_a_new_file_has_the_values_of_the_format() {
    let scratch = Scratch::new();
    let (_, path) = scratch.database("a.zova");
    let file = std::fs::read(path).unwrap();
    assert_eq!(&file[..16], b"SQLite format 3\0");
    let number = |at: usize| u32::from_be_bytes(file[at..at + 4].try_into().unwrap());
    assert_eq!(u16::from_be_bytes([file[16], file[17]]), 4096, "page size");
    assert_eq!((file[18], file[19]), (1, 1), "write and read version");
    assert_eq!(file[20], 0, "reserved bytes");
    assert_eq!(number(28) as usize * 4096, file.len(), "page count");
    assert_eq!(number(44), 4, "schema format");
    assert_eq!(number(52), 0, "auto_vacuum");
    assert_eq!(number(56), 1, "UTF-8");
    assert_eq!(number(60), 0, "user_version");
    assert_eq!(number(68), 0, "application_id");
}

#[test]
fn a_new_handle_and_an_opened_one_have_the_defaults_of_sqlite() {
    let scratch = Scratch::new();
    let (created, path) = scratch.database("a.zova");
    for mut db in [created, Database::open(path).unwrap()] {
        for (pragma, value) in [
            ("page_size", "4096"),
            ("encoding", "UTF-8"),
            ("application_id", "0"),
            ("user_version", "0"),
            ("auto_vacuum", "0"),
            ("journal_mode", "delete"),
            ("synchronous", "2"),
            ("foreign_keys", "0"),
            ("cache_size", "-2000"),
            ("locking_mode", "normal"),
            ("secure_delete", "0"),
            ("recursive_triggers", "0"),
            ("mmap_size", "0"),
            ("query_only", "0"),
            ("busy_timeout", "0"),
            ("read_uncommitted", "0"),
            ("temp_store", "0"),
            ("trusted_schema", "1"),
            ("defer_foreign_keys", "0"),
            ("ignore_check_constraints", "0"),
            ("legacy_alter_table", "0"),
            ("writable_schema", "0"),
        ] {
            assert_eq!(text_of(&mut db, &format!("pragma {pragma}")), value, "{pragma}");
        }
    }
}

#[test]
fn a_new_file_holds_the_private_tables_in_order_with_the_published_text() {
    let scratch = Scratch::new();
    let (_, path) = scratch.database("a.zova");
    let connection = raw(&path);
    let mut query = connection
        .prepare("select name, sql from sqlite_schema where type = 'table' order by rowid")
        .unwrap();
    let stored: Vec<(String, String)> =
        query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    assert_eq!(stored.len(), TABLES.len());
    for ((name, sql), (expected, length, fingerprint)) in stored.iter().zip(TABLES) {
        let folded: String = sql
            .chars()
            .filter(|c| !" \t\n\u{b}\u{c}\r".contains(*c))
            .collect::<String>()
            .to_ascii_lowercase();
        assert_eq!((name.as_str(), folded.len()), (expected, length));
        assert_eq!(hex(&sha256(folded.as_bytes())), fingerprint, "{name}");
    }
}

#[test]
fn a_new_file_holds_the_four_indexes_and_nothing_else() {
    let scratch = Scratch::new();
    let (_, path) = scratch.database("a.zova");
    let connection = raw(&path);
    let mut query = connection
        .prepare(
            "select tbl_name, (select group_concat(name, ',') from (select name from pragma_index_info(s.name) \
             order by seqno)), name from sqlite_schema as s where type = 'index' and sql is not null",
        )
        .unwrap();
    let indexes: Vec<(String, String, String)> = query
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let found: BTreeSet<(&str, &str)> =
        indexes.iter().map(|(table, columns, _)| (table.as_str(), columns.as_str())).collect();
    assert_eq!(found, BTreeSet::from(INDEXES));
    assert!(indexes.iter().all(|(.., name)| !name.starts_with("_zova_ext_")), "{indexes:?}");
    assert_eq!(
        one::<i64>(&connection, "select count(*) from sqlite_schema where type not in ('table', 'index')"),
        0
    );
    assert_eq!(one::<i64>(&connection, "select count(*) from sqlite_schema where sql is not null"), 10 + 4);
}

#[test]
fn a_new_file_identifies_itself_and_holds_no_other_row() {
    let scratch = Scratch::new();
    let (_, path) = scratch.database("a.zova");
    let connection = raw(&path);
    let mut query = connection
        .prepare("select key, value, typeof(key), typeof(value) from _zova_meta order by key")
        .unwrap();
    let pairs: Vec<(String, String, String, String)> = query
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(pairs.len(), 3);
    assert!(pairs.iter().all(|(.., key, value)| key == "text" && value == "text"));
    assert_eq!(pairs[1].0, "format_version");
    assert_eq!(pairs[1].1, "5");
    assert_eq!((pairs[2].0.as_str(), pairs[2].1.as_str()), ("magic", "zova"));
    let (key, id) = (&pairs[0].0, &pairs[0].1);
    assert_eq!(key, "database_id");
    assert!(id.len() == 64 && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)), "{id}");
    for (name, ..) in TABLES.iter().filter(|(name, ..)| *name != "_zova_meta") {
        assert_eq!(one::<i64>(&connection, &format!("select count(*) from {name}")), 0, "{name}");
    }
    assert_eq!(one::<String>(&connection, "pragma integrity_check"), "ok");
}

#[test]
fn every_new_file_has_its_own_id() {
    let scratch = Scratch::new();
    let ids: BTreeSet<String> = (0..20)
        .map(|at| {
            let (mut db, _) = scratch.database(&format!("{at}.zova"));
            text_of(&mut db, "select value from _zova_meta where key = 'database_id'")
        })
        .collect();
    assert_eq!(ids.len(), 20);
}

#[test]
fn a_new_file_is_readable_and_writable_for_all_within_the_umask() {
    for umask in ["000", "002", "022", "027", "077"] {
        // A child runs the whole loop under its one umask.
        with_umask(umask, |dir| {
            let effective = u32::from_str_radix(&std::env::var(UMASK).unwrap(), 8).unwrap();
            let path = dir.join(format!("{umask}.zova"));
            drop(Database::create(&path).unwrap());
            let mode = std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
            assert_eq!(mode, 0o666 & !effective, "umask {effective:o}");
        });
    }
}

#[test]
fn creating_leaves_one_file_and_a_handle_that_writes() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    assert_eq!(entries(scratch.dir()), ["a.zova"]);
    db.exec("create table t(a); insert into t values ('kept')").unwrap();
    let id = db.put_object(b"kept, too").unwrap();
    drop(db);
    assert_eq!(entries(scratch.dir()), ["a.zova"]);
    open_accepted(&path);
    let mut db = Database::open(&path).unwrap();
    assert_eq!(text_of(&mut db, "select a from t"), "kept");
    assert_eq!(db.get_object(id).unwrap(), b"kept, too");
}
