//! Changes inside a transaction are written when it is committed, or when somebody looks; whatever way they take, the
//! tables are the same.

use zova::Database;

use crate::common::{Scratch, splitmix};
use crate::support::{call, installed, put, query, search};

/// All that the tables hold, but for the times.
fn tables(db: &mut Database) -> Vec<Vec<String>> {
    ["indexes", "documents", "terms", "postings"]
        .map(|table| {
            let columns = match table {
                "documents" => {
                    "index_name, document_id, target_type, target_namespace, target_ref, normalized_len, \
                     hex(text_hash), term_count"
                }
                "postings" => "index_name, hex(term), document_id, count",
                "terms" => "index_name, hex(term), document_count",
                _ => "name, created_order, 0",
            };
            query(db, &format!("select {columns} from _zova_ext_trgm_{table} order by 1, 2, 3"))
        })
        .into()
}

/// Changes of documents of two indexes as SQL: puts of new and old documents, and deletes.
fn changes(random: &mut u64, count: usize, ids: u64) -> Vec<String> {
    const WORDS: [&str; 6] = ["receipt", "attachment", "日本語", "database", "caf\u{e9}", "aaaaaaaa"];
    (0..count)
        .map(|_| {
            let mut below = |end: u64| splitmix(random) % end;
            let (index, id) = (["names", "other"][(below(8) / 7) as usize], below(ids));
            if below(6) == 0 {
                return format!("select zova_trgm_delete('{index}', 'd{id}')");
            }
            let mut text = "z".repeat(if below(50) == 0 { 400 } else { 0 });
            for _ in 0..below(4) {
                text += &format!(" {}{}", WORDS[below(6) as usize], below(30));
            }
            let target = ["'record', null, null", "'fact', 'space', 'what'"][below(2) as usize];
            format!("select zova_trgm_put('{index}', 'd{id}', {target}, '{text}')")
        })
        .collect()
}

fn with_indexes(db: &mut Database) {
    db.exec("select zova_trgm_create_index('names'); select zova_trgm_create_index('other')").unwrap();
}

/// What `prepare` makes of a database, and then the same changes in transactions and one by one.
fn compare(prepare: impl Fn(&mut Database), sizes: &[usize], ids: u64) {
    let (one, many) = (Scratch::new(), Scratch::new());
    let mut random = 7;
    let open = |scratch: &Scratch| {
        let mut db = Database::create(scratch.path("a.zova")).unwrap();
        prepare(&mut db);
        with_indexes(&mut db);
        db
    };
    let (mut single, mut together) = (open(&one), open(&many));
    // The slow one need not be durable.
    single.exec("pragma synchronous = off").unwrap();
    for size in sizes {
        let changes = changes(&mut random, *size, ids);
        together.begin().unwrap();
        for change in &changes {
            call(&mut single, change);
            call(&mut together, change);
        }
        together.commit().unwrap();
        assert!(tables(&mut single) == tables(&mut together), "{size} changes differ");
        together.check_extension("trgm").unwrap();
        assert_eq!(query(&mut together, "pragma integrity_check"), ["ok"]);
    }
    let mut again = Database::open(many.path("a.zova")).unwrap();
    assert_eq!(tables(&mut single), tables(&mut again));
}

fn install(db: &mut Database) {
    db.install_extension("trgm").unwrap();
}

#[test]
fn many_changes_in_a_transaction_leave_what_the_same_changes_leave_one_by_one() {
    // From nothing and into what is there; few, many and very many.
    compare(install, &[3, 40, 600, 100, 600], 500);
    compare(install, &[1500, 1500], 20_000);
}

#[test]
fn the_way_to_the_tables_may_depend_on_the_database_and_what_is_in_them_does_not() {
    for prepare in [
        "pragma journal_mode = wal",
        "create virtual table words using fts5(text)",
        "create table log(x); create temp trigger watch after insert on main._zova_ext_trgm_documents \
         begin insert into log values (new.document_id); end",
        "create unique index main._zova_ext_trgm_more on _zova_ext_trgm_postings (document_id, term, index_name)",
        "drop index main._zova_ext_trgm_postings_document",
        "pragma foreign_keys = on",
        "create temp table _zova_rows(a); create temp table _zova_tree_1(a); create table zova_rows(a)",
        "create table _zova_tree_2(a)",
    ] {
        compare(
            |db| {
                install(db);
                db.exec(prepare).unwrap();
            },
            &[500, 300],
            400,
        );
    }
    for pragma in ["pragma encoding = 'UTF-16'", "pragma page_size = 512", "pragma auto_vacuum = full"] {
        let (scratch, other) = (Scratch::new(), Scratch::new());
        let plain = other.path("plain.db");
        crate::common::raw(&plain).execute_batch(&format!("{pragma}; create table t(x)")).unwrap();
        Database::convert_sqlite_to_zova(&plain, scratch.path("a.zova")).unwrap();
        let mut db = Database::open(scratch.path("a.zova")).unwrap();
        install(&mut db);
        with_indexes(&mut db);
        db.begin().unwrap();
        changes(&mut 3, 800, 2000).iter().for_each(|change| call(&mut db, change));
        db.commit().unwrap();
        db.check_extension("trgm").unwrap();
        assert_eq!(query(&mut db, "pragma integrity_check"), ["ok"], "{pragma}");
        assert!(!search(&mut db, "names", "receipt1", 10, 0.3).is_empty());
    }
}

#[test]
fn tables_made_by_the_published_implementation_are_filled_as_well() {
    let rowids = "drop table main._zova_ext_trgm_terms; drop table main._zova_ext_trgm_postings; \
        create table main._zova_ext_trgm_terms (index_name text not null, term blob not null, \
            document_count integer not null, primary key (index_name, term)); \
        create table main._zova_ext_trgm_postings (index_name text not null, term blob not null, \
            document_id text not null, count integer not null, primary key (index_name, term, document_id))";
    compare(
        |db| {
            install(db);
            db.exec(rowids).unwrap();
        },
        &[600, 600],
        500,
    );
}

#[test]
fn what_a_damaged_index_has_left_over_does_not_keep_texts_out() {
    let scratch = Scratch::new();
    let mut db = installed(&scratch);
    db.exec(
        "insert into _zova_ext_trgm_terms values ('names', cast('tex' as blob), 7), ('names', x'000000', 1)",
    )
    .unwrap();
    db.begin().unwrap();
    for n in 0..500 {
        put(&mut db, &n.to_string(), &format!("text of document {n}"));
    }
    db.commit().unwrap();
    assert_eq!(search(&mut db, "names", "text of document 77", 1, 1.0).len(), 1);
    assert!(db.check_extension("trgm").is_err());
}

#[test]
fn statements_that_name_private_tables_find_what_was_put_in_the_transaction() {
    let scratch = Scratch::new();
    let mut db = installed(&scratch);
    db.begin().unwrap();
    let count = "select count(*) from _ZOVA_EXT_trgm_documents";
    let mut counted = db.prepare_owned(count).unwrap();
    for n in 1..=3 {
        counted.reset().unwrap();
        put(&mut db, &n.to_string(), "hello");
        counted.step().unwrap();
        assert_eq!(counted.column_i64(0).unwrap(), n);
    }
    drop(counted);
    db.exec("savepoint s").unwrap();
    put(&mut db, "4", "hello");
    assert_eq!(query(&mut db, count), ["4"]);
    put(&mut db, "5", "hello");
    db.exec("rollback to s").unwrap();
    assert_eq!(query(&mut db, count), ["3"]);
    db.rollback().unwrap();
    assert_eq!(query(&mut db, count), ["0"]);
}

#[test]
fn a_bulk_of_changes_does_not_disturb_statements_that_are_running() {
    let scratch = Scratch::new();
    let mut db = installed(&scratch);
    db.exec("create virtual table words using fts5(text); create table t(x)").unwrap();
    db.begin().unwrap();
    changes(&mut 1, 400, 1000)
        .iter()
        .filter(|sql| sql.contains("'names'"))
        .for_each(|sql| call(&mut db, sql));
    db.commit().unwrap();
    let total = query(&mut db, "select count(*) from _zova_ext_trgm_postings")[0].clone();
    // In the middle of the very tables, of a search and of a table of virtual rows with something put off, too.
    db.begin().unwrap();
    db.exec("insert into words values ('one two'), ('two three')").unwrap();
    let mut rows = db.prepare_owned("select term, document_id from _zova_ext_trgm_postings").unwrap();
    rows.step().unwrap();
    let mut found =
        db.prepare_owned("select document_id from zova_trgm_search('names', 'receipt1', 5)").unwrap();
    found.step().unwrap();
    for n in 0..600 {
        put(&mut db, &format!("new {n}"), &format!("quite another text, number {n}"));
    }
    db.exec("insert into words values ('three four')").unwrap();
    db.commit().unwrap();
    let mut seen = 1;
    while rows.step().unwrap() == zova::Step::Row {
        seen += 1;
    }
    assert!(seen >= total.parse::<i32>().unwrap());
    while found.step().unwrap() == zova::Step::Row {}
    drop((rows, found));
    db.check_extension("trgm").unwrap();
    assert_eq!(query(&mut db, "pragma integrity_check"), ["ok"]);
    assert_eq!(query(&mut db, "select count(*) from words('three')"), ["2"]);
    assert_eq!(query(&mut db, "select count(*) from words"), ["3"]);
    assert_eq!(search(&mut db, "names", "quite another text, number 17", 1, 1.0).len(), 1);
    // No second names of B-trees are left behind.
    assert_eq!(query(&mut db, "select count(*) from pragma_table_list where name like '_zova_tree%'"), ["0"]);
}

#[test]
fn a_commit_that_meets_a_reader_can_be_tried_again() {
    for count in [5, 600] {
        let scratch = Scratch::new();
        let mut db = installed(&scratch);
        let reader = crate::common::raw(&scratch.path("a.zova"));
        reader.execute_batch("begin; select count(*) from sqlite_schema").unwrap();
        db.begin().unwrap();
        for n in 0..count {
            put(&mut db, &n.to_string(), &format!("document number {n}"));
        }
        for _ in 0..2 {
            crate::common::fault(db.commit(), zova::Status::Busy);
        }
        put(&mut db, "last", "the last document");
        reader.execute_batch("commit").unwrap();
        db.commit().unwrap();
        db.check_extension("trgm").unwrap();
        assert_eq!(
            query(&mut db, "select count(*) from _zova_ext_trgm_documents"),
            [(count + 1).to_string()]
        );
        assert_eq!(query(&mut db, "pragma integrity_check"), ["ok"]);
    }
}

#[test]
fn very_many_changes_are_written_before_a_search_in_the_same_transaction() {
    let scratch = Scratch::new();
    let mut db = installed(&scratch);
    db.begin().unwrap();
    for round in 0..3 {
        for n in 0..400 {
            put(&mut db, &format!("{round} {n}"), &format!("document of round {round} and number {n}"));
        }
        db.savepoint("inner").unwrap();
        put(&mut db, "extra", "document beside the rounds");
        assert_eq!(search(&mut db, "names", "document beside the rounds", 1, 1.0).len(), 1);
        assert_eq!(
            search(&mut db, "names", &format!("document of round {round} and number 399"), 1, 1.0).len(),
            1
        );
        db.exec("rollback to inner").unwrap();
        assert!(search(&mut db, "names", "document beside the rounds", 1, 1.0).is_empty());
        assert_eq!(
            query(&mut db, "select count(*) from _zova_ext_trgm_documents"),
            [(400 * (round + 1)).to_string()]
        );
        db.exec("release inner").unwrap();
    }
    db.check_extension("trgm").unwrap();
    db.commit().unwrap();
    db.check_extension("trgm").unwrap();
    assert_eq!(query(&mut db, "pragma integrity_check"), ["ok"]);
}

#[test]
fn dropping_the_extension_drops_what_was_put_off_and_undoing_that_brings_it_back() {
    let scratch = Scratch::new();
    let mut db = installed(&scratch);
    db.begin().unwrap();
    put(&mut db, "0", "hello");
    db.savepoint("s").unwrap();
    put(&mut db, "1", "help");
    db.drop_extension("trgm").unwrap();
    db.exec("rollback to s").unwrap();
    assert_eq!(search(&mut db, "names", "hello", 10, 0.0).len(), 1);
    put(&mut db, "2", "help");
    db.drop_extension("trgm").unwrap();
    db.commit().unwrap();
    assert!(db.list_extensions().unwrap().is_empty());
    assert_eq!(query(&mut db, "select count(*) from sqlite_schema where name glob '_zova_ext_*'"), ["0"]);
}

#[test]
fn statements_that_put_into_a_table_of_their_own_undo_both_or_neither() {
    let scratch = Scratch::new();
    let mut db = installed(&scratch);
    db.exec("create table t(id text primary key, text text)").unwrap();
    db.exec(
        "create trigger indexed after insert on t begin \
         select zova_trgm_put('names', new.id, 'record', 't', new.id, new.text); end",
    )
    .unwrap();
    let rows = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 300)";
    db.exec(&format!("insert into t {rows} select 'a' || i, 'text ' || i from n")).unwrap();
    assert_eq!(search(&mut db, "names", "text 217", 1, 1.0).len(), 1);
    db.check_extension("trgm").unwrap();
    for begin in ["", "begin;", "begin; select zova_trgm_put('names', 'x', 'record', null, null, 'x');"] {
        db.exec(begin).unwrap();
        // The last row exists.
        let sql = format!("insert into t {rows} select iif(i = 300, 'a1', 'b' || i), 'more ' || i from n");
        assert!(db.exec(&sql).is_err());
        assert!(search(&mut db, "names", "more 12", 10, 0.9).is_empty(), "{begin}");
        db.check_extension("trgm").unwrap();
        if !begin.is_empty() {
            db.exec("commit").unwrap();
        }
        assert_eq!(query(&mut db, "select count(*) from t"), ["300"]);
    }
    assert_eq!(query(&mut db, "select count(*) from _zova_ext_trgm_documents"), ["301"]);
}

#[test]
fn what_is_put_off_again_by_a_rollback_is_found_in_the_tables() {
    let scratch = Scratch::new();
    let mut db = installed(&scratch);
    let count = "select count(*) from _zova_ext_trgm_documents";
    db.begin().unwrap();
    put(&mut db, "1", "hello");
    db.exec("savepoint s").unwrap();
    assert_eq!(query(&mut db, count), ["1"]);
    db.exec("rollback to s").unwrap();
    assert_eq!(query(&mut db, count), ["1"]);
    // A check is undone, and with it what was written for it.
    put(&mut db, "2", "hello");
    db.check_extension("trgm").unwrap();
    assert_eq!(query(&mut db, count), ["2"]);
    db.commit().unwrap();
    assert_eq!(query(&mut db, count), ["2"]);
}
