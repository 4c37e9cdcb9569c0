//! The copy of a collection in memory is used only while the table holds the same rows.
//!
//! Each test warms a copy, changes the rows in one particular way, and compares every later search with the definition
//! applied to rows that were read one by one. It also says whether the copy had to survive, since a copy that is
//! always dropped would pass everything else.

use zova::{Database, SearchPath, Status, VectorInput, VectorMetric};

mod support;
use support::{collection, create, random_values, rows, search_model, status};

const DIMENSIONS: usize = 4;
const SAME_AS_V9: &str = "(select \"values\" from _zova_vectors where vector_id = 'v9')";

/// A database with twenty vectors in `c` and one in `other`, and a copy of `c` in memory.
fn warm() -> (tempfile::TempDir, Database) {
    let (folder, mut db) = create();
    collection(&mut db, "c", DIMENSIONS as u32, VectorMetric::L2);
    collection(&mut db, "other", DIMENSIONS as u32, VectorMetric::L2);
    for row in 0..20 {
        db.put_vector("c", &format!("v{row}"), &random_values(row, DIMENSIONS)).unwrap();
    }
    db.put_vector("other", "x", &random_values(50, DIMENSIONS)).unwrap();
    make_copy(&mut db);
    (folder, db)
}

fn make_copy(db: &mut Database) {
    let query = random_values(1000, DIMENSIONS);
    for _ in 0..3 {
        db.search_vectors("c", &query, 3).unwrap();
    }
    assert_eq!(path(db), SearchPath::Resident, "the copy is in use");
}

fn path(db: &mut Database) -> SearchPath {
    db.vector_search_stats().unwrap().unwrap().path
}

/// Searches, compares with the definition, and says where the rows came from.
#[track_caller]
fn searched(db: &mut Database) -> SearchPath {
    let query = random_values(1001, DIMENSIONS);
    let found = db.search_vectors("c", &query, 100).unwrap();
    let path = path(db);
    let expected = search_model(VectorMetric::L2, &rows(db, "c"), &query, 100);
    assert_eq!(found, expected);
    path
}

/// The copy survived and is right, now and in later searches.
#[track_caller]
fn kept(db: &mut Database) {
    assert_eq!(searched(db), SearchPath::Resident);
    assert_eq!(searched(db), SearchPath::Resident);
}

/// The copy was dropped, and the next one is right.
#[track_caller]
fn dropped(db: &mut Database) {
    assert_eq!(searched(db), SearchPath::Streamed);
    assert_eq!(searched(db), SearchPath::Resident);
    assert_eq!(searched(db), SearchPath::Resident);
}

#[test]
fn calls_of_the_handle_update_the_copy_in_place() {
    let (_folder, mut db) = warm();
    db.put_vector("c", "v3", &random_values(100, DIMENSIONS)).unwrap();
    kept(&mut db);
    db.put_vector("c", "new", &random_values(101, DIMENSIONS)).unwrap();
    kept(&mut db);
    let values: Vec<_> = (200..230).map(|seed| random_values(seed, DIMENSIONS)).collect();
    let ids: Vec<_> = (0..30).map(|row| format!("v{}", row % 25)).collect();
    let inputs: Vec<_> = ids.iter().zip(&values).map(|(id, values)| VectorInput { id, values }).collect();
    db.put_vectors("c", &inputs).unwrap();
    kept(&mut db);
    db.delete_vector("c", "v0").unwrap();
    kept(&mut db);
    db.delete_vectors("c", &["v24", "v5", "new"]).unwrap();
    kept(&mut db);
    db.put_vector("other", "y", &random_values(300, DIMENSIONS)).unwrap();
    db.delete_vector_collection("other").unwrap();
    kept(&mut db);
    for id in db.list_vector_ids("c", None, 100).unwrap() {
        db.delete_vector("c", &id).unwrap();
    }
    assert!(db.search_vectors("c", &[0.0; DIMENSIONS], 9).unwrap().is_empty());
    db.put_vector("c", "again", &random_values(7, DIMENSIONS)).unwrap();
    assert_eq!(db.search_vectors("c", &[0.0; DIMENSIONS], 9).unwrap().len(), 1);
}

#[test]
fn calls_that_fail_leave_the_copy_right() {
    let (_folder, mut db) = warm();
    db.put_vector("c", "bad", &[1.0]).unwrap_err();
    db.delete_vectors("c", &["v1", "absent"]).unwrap_err();
    searched(&mut db);
    make_copy(&mut db);
    db.begin().unwrap();
    db.delete_vectors("c", &["v1", "absent"]).unwrap_err();
    searched(&mut db);
    db.commit().unwrap();
    searched(&mut db);
}

#[test]
fn a_deleted_collection_is_forgotten_with_its_copy() {
    let (_folder, mut db) = warm();
    db.delete_vector_collection("c").unwrap();
    db.search_vectors("c", &[0.0; DIMENSIONS], 1).unwrap_err();
    collection(&mut db, "c", 2, VectorMetric::Dot);
    db.put_vector("c", "a", &[1.0, 2.0]).unwrap();
    for _ in 0..3 {
        assert_eq!(db.search_vectors("c", &[1.0, 1.0], 9).unwrap()[0].distance, -3.0);
    }
}

#[test]
fn sql_on_the_private_tables_drops_the_copy() {
    for sql in [
        &format!("update _zova_vectors set \"values\" = {SAME_AS_V9} where vector_id = 'v1'"),
        &format!("insert into _zova_vectors values ('c', 'new', 4, {SAME_AS_V9})"),
        &format!("insert or replace into _zova_vectors values ('c', 'v1', 4, {SAME_AS_V9})"),
        "delete from _zova_vectors where vector_id = 'v1'",
        "delete from _zova_vectors",
        "DELETE FROM main._zova_vectors WHERE true",
        "update or replace _zova_vectors set vector_id = 'v1' where vector_id = 'v2' and collection_name = 'c'",
        "update _zova_vectors set collection_name = 'other' where vector_id = 'v1'",
        "update _zova_vectors set rowid = rowid + 1000",
        "create table t(a); create trigger g after insert on t begin delete from _zova_vectors; end; \
         insert into t values (1)",
        "create table t(a); create trigger g after insert on t begin \
         delete from _zova_vectors where vector_id = 'v3'; end; insert into t values (1)",
        &format!(
            "create table t(a); create trigger g after insert on t begin \
             delete from _zova_vectors; insert into _zova_vectors select 'c', 'only', 4, new.a; end; \
             insert into t select {SAME_AS_V9}"
        ),
        "alter table _zova_vectors rename to x; \
         create table _zova_vectors as select * from x where vector_id <> 'v1'",
        "with gone(id) as (select 'v1') delete from _zova_vectors where vector_id in gone",
        "/* quiet */ ; -- very\n replace into _zova_vectors select 'c', 'v1', 4, \"values\" from _zova_vectors \
         where vector_id = 'v9'",
    ] {
        for inside in [false, true] {
            let (_folder, mut db) = warm();
            if inside {
                db.begin().unwrap();
            }
            db.exec(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
            assert_eq!(searched(&mut db), SearchPath::Streamed, "{sql}");
            searched(&mut db);
            searched(&mut db);
            if inside {
                db.rollback().unwrap();
                searched(&mut db);
                assert_eq!(rows(&mut db, "c").len(), 20);
            }
        }
    }
}

#[test]
fn a_prepared_statement_drops_the_copy_each_time_it_runs() {
    let (_folder, mut db) = warm();
    let mut statement = db.prepare_owned("delete from _zova_vectors where vector_id = ?1").unwrap();
    for id in ["v1", "v2"] {
        statement.bind_text(1, id).unwrap();
        statement.step().unwrap();
        statement.reset().unwrap();
        dropped(&mut db);
    }
}

#[test]
fn emptying_the_table_at_once_is_noticed_before_and_after_more_puts() {
    let (_folder, mut db) = warm();
    db.exec("delete from _zova_vectors").unwrap();
    db.put_vector("c", "first", &random_values(1, DIMENSIONS)).unwrap();
    searched(&mut db);
    make_copy(&mut db);
    db.exec("delete from _zova_vectors").unwrap();
    let values = random_values(2, DIMENSIONS);
    db.put_vectors("c", &[VectorInput { id: "second", values: &values }]).unwrap();
    searched(&mut db);
    make_copy(&mut db);
    db.exec("delete from _zova_vectors").unwrap();
    assert!(db.search_vectors("c", &[0.0; DIMENSIONS], 1).unwrap().is_empty());
}

#[test]
fn sql_on_other_tables_keeps_the_copy() {
    let (_folder, mut db) = warm();
    db.exec("create temp table own(a); insert into own values (1), (2); delete from own").unwrap();
    kept(&mut db);
    db.put_object(b"an object").unwrap();
    kept(&mut db);
    db.begin().unwrap();
    db.exec("insert into own values (3)").unwrap();
    db.commit().unwrap();
    kept(&mut db);
}

#[test]
fn uncommitted_changes_are_searched_and_rolled_back_ones_are_not() {
    let (_folder, mut db) = warm();
    for undo in ["rollback", "ROLLBACK TRANSACTION", "/* x */ ; rollback"] {
        db.begin().unwrap();
        db.put_vector("c", "v1", &random_values(400, DIMENSIONS)).unwrap();
        db.delete_vector("c", "v2").unwrap();
        kept(&mut db);
        db.exec(undo).unwrap();
        dropped(&mut db);
        assert_eq!(rows(&mut db, "c").len(), 20);
    }
    // A transaction that leaves vectors alone costs nothing.
    db.begin().unwrap();
    kept(&mut db);
    db.rollback().unwrap();
    kept(&mut db);
    // Committed changes stay, also when a later transaction is rolled back.
    db.begin().unwrap();
    db.put_vector("c", "v1", &random_values(401, DIMENSIONS)).unwrap();
    db.commit().unwrap();
    kept(&mut db);
    db.begin().unwrap();
    db.rollback().unwrap();
    kept(&mut db);
}

#[test]
fn rolling_back_to_a_savepoint_is_noticed_in_every_spelling() {
    for by_call in [true, false] {
        for outer in [true, false] {
            let (_folder, mut db) = warm();
            if outer {
                db.begin().unwrap();
                db.put_vector("c", "kept", &random_values(500, DIMENSIONS)).unwrap();
            }
            db.savepoint("s").unwrap();
            db.put_vector("c", "v1", &random_values(501, DIMENSIONS)).unwrap();
            db.delete_vectors("c", &["v2", "v3"]).unwrap();
            kept(&mut db);
            if by_call {
                db.rollback_to_savepoint("s").unwrap();
            } else {
                db.exec("-- back\nRollback Transaction To Savepoint \"s\"").unwrap();
            }
            searched(&mut db);
            searched(&mut db);
            db.put_vector("c", "v4", &random_values(502, DIMENSIONS)).unwrap();
            searched(&mut db);
            let mut again = db.prepare_owned("rollback to s").unwrap();
            again.step().unwrap();
            drop(again);
            searched(&mut db);
            db.release_savepoint("s").unwrap();
            searched(&mut db);
            if outer {
                db.rollback().unwrap();
            }
            searched(&mut db);
            assert_eq!(rows(&mut db, "c").len(), 20);
        }
    }
}

#[test]
fn a_copy_made_over_uncommitted_sql_changes_does_not_outlive_their_rollback() {
    let (_folder, mut db) = warm();
    db.exec("savepoint s; delete from _zova_vectors where vector_id = 'v1'").unwrap();
    dropped(&mut db);
    db.exec("rollback to s").unwrap();
    dropped(&mut db);
    db.exec("release s").unwrap();
    searched(&mut db);
    db.exec("begin; delete from _zova_vectors where vector_id = 'v1'").unwrap();
    dropped(&mut db);
    db.exec("insert or rollback into _zova_vectors select * from _zova_vectors").unwrap_err();
    dropped(&mut db);
    assert_eq!(rows(&mut db, "c").len(), 20);
}

#[test]
fn a_statement_that_fails_halfway_leaves_searches_right() {
    let (_folder, mut db) = warm();
    for verb in ["abort", "fail", "ignore", "rollback"] {
        for inside in [false, true] {
            db.exec(&format!(
                "create trigger g before delete on _zova_vectors when old.vector_id = 'v7' \
                 begin select raise({verb} {}); end",
                if verb == "ignore" { "" } else { ", 'no'" }
            ))
            .unwrap();
            make_copy(&mut db);
            if inside {
                db.begin().unwrap();
            }
            let _ = db.exec("delete from _zova_vectors where collection_name = 'c' and vector_id > 'v5'");
            searched(&mut db);
            let _ = db.delete_vector("c", "v7");
            searched(&mut db);
            let _ = db.delete_vectors("c", &["v1", "v7"]);
            searched(&mut db);
            let _ = db.rollback();
            searched(&mut db);
            db.exec("drop trigger g").unwrap();
            for row in 0..20 {
                db.put_vector("c", &format!("v{row}"), &random_values(row, DIMENSIONS)).unwrap();
            }
        }
    }
}

#[test]
fn triggers_that_change_more_than_the_call_drop_the_copy() {
    for body in [
        "delete from _zova_vectors where vector_id = 'v9'",
        "delete from _zova_vectors",
        "update _zova_vectors set \"values\" = x'00000000000000000000000000000000' where rowid = new.rowid",
        "update _zova_vectors set vector_id = hex(randomblob(8)) where rowid = new.rowid",
    ] {
        for time in ["before", "after"] {
            for event in ["insert", "update"] {
                let (_folder, mut db) = warm();
                let when = "when new.vector_id in ('trigger', 'v3')";
                let sql =
                    format!("create trigger g {time} {event} on _zova_vectors {when} begin {body}; end");
                db.exec(&sql).unwrap();
                make_copy(&mut db);
                // Some of these triggers take away the row that is about to be replaced: then the put is refused.
                for id in ["trigger", "v3"] {
                    let _ = db.put_vector("c", id, &random_values(600, DIMENSIONS));
                    searched(&mut db);
                    searched(&mut db);
                }
                let values = random_values(601, DIMENSIONS);
                let inputs = ["v1", "v3", "trigger"].map(|id| VectorInput { id, values: &values });
                let _ = db.put_vectors("c", &inputs);
                searched(&mut db);
            }
        }
    }
}

#[test]
fn a_trigger_that_skips_a_row_fails_the_call_and_leaves_the_copy_right() {
    let (_folder, mut db) = warm();
    db.exec(
        "create trigger g before insert on _zova_vectors when new.vector_id = 'ignored' \
         begin select raise(ignore); end",
    )
    .unwrap();
    db.exec(
        "create trigger h before delete on _zova_vectors when old.vector_id = 'v7' \
         begin select raise(ignore); end",
    )
    .unwrap();
    make_copy(&mut db);
    let values = random_values(1, DIMENSIONS);
    let inputs = ["v1", "ignored"].map(|id| VectorInput { id, values: &values });
    let results = [
        db.put_vector("c", "ignored", &values),
        db.put_vectors("c", &inputs),
        db.delete_vector("c", "v7"),
        db.delete_vectors("c", &["v1", "v7"]),
    ];
    for (call, result) in results.into_iter().enumerate() {
        assert!(result.is_err(), "call {call}");
        assert_eq!(status(result), Status::Constraint);
    }
    assert_eq!(status(db.delete_vector("c", "absent")), Status::VectorNotFound);
    searched(&mut db);
    searched(&mut db);
    assert!(!db.has_vector("c", "ignored").unwrap() && db.has_vector("c", "v7").unwrap());
}

#[test]
fn changes_of_other_handles_are_seen_at_once() {
    for wal in [false, true] {
        let (folder, mut db) = warm();
        if wal {
            db.exec("pragma journal_mode = wal").unwrap();
            make_copy(&mut db);
        }
        let mut other = Database::open(folder.path().join("test.zova")).unwrap();
        other.put_vector("c", "v1", &random_values(700, DIMENSIONS)).unwrap();
        dropped(&mut db);
        other.begin().unwrap();
        other.delete_vector("c", "v2").unwrap();
        if wal {
            kept(&mut db);
            db.begin().unwrap();
            kept(&mut db);
            other.commit().unwrap();
            // The snapshot of the transaction does not move.
            kept(&mut db);
            assert_eq!(rows(&mut db, "c").len(), 20);
            db.commit().unwrap();
        } else {
            other.commit().unwrap();
        }
        dropped(&mut db);
        assert_eq!(rows(&mut db, "c").len(), 19);
        // A change of ours between theirs and our next search.
        other.delete_vector("c", "v3").unwrap();
        db.put_vector("c", "ours", &random_values(701, DIMENSIONS)).unwrap();
        dropped(&mut db);
        // The other one has a copy of its own.
        searched(&mut other);
        searched(&mut other);
        db.delete_vector("c", "ours").unwrap();
        dropped(&mut other);
        other.exec("vacuum").unwrap();
        searched(&mut db);
    }
}

/// Not a test by itself: the body of the other process in the next one.
#[test]
fn another_process_deletes_a_vector() {
    if let Ok(path) = std::env::var("ZOVA_TEST_VECTOR_FILE") {
        Database::open(path).unwrap().delete_vector("c", "v4").unwrap();
    }
}

#[test]
fn changes_of_other_processes_are_seen_at_once() {
    let (folder, mut db) = warm();
    let done = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "another_process_deletes_a_vector"])
        .env("ZOVA_TEST_VECTOR_FILE", folder.path().join("test.zova"))
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
    dropped(&mut db);
    assert!(!db.has_vector("c", "v4").unwrap());
}

#[test]
fn a_file_attached_a_second_time_is_another_connection_to_it() {
    for wal in [false, true] {
        let (folder, mut db) = warm();
        if wal {
            db.exec("pragma journal_mode = wal").unwrap();
        }
        let path = folder.path().join("test.zova");
        db.exec(&format!("attach '{}' as again", path.display())).unwrap();
        make_copy(&mut db);
        db.exec("delete from again._zova_vectors where vector_id = 'v1'").unwrap();
        assert_eq!(searched(&mut db), SearchPath::Streamed);
        assert_eq!(rows(&mut db, "c").len(), 19);
        make_copy(&mut db);
        db.exec("delete from again._zova_vectors").unwrap();
        assert!(db.search_vectors("c", &[0.0; DIMENSIONS], 1).unwrap().is_empty());
        db.exec("detach again").unwrap();
        searched(&mut db);
    }
}

#[test]
fn a_database_attached_under_another_name_does_not_matter() {
    let (folder, mut db) = warm();
    let path = folder.path().join("second.zova");
    drop(Database::create(&path).unwrap());
    db.exec(&format!("attach '{}' as vector_store", path.display())).unwrap();
    db.exec(
        "insert into vector_store._zova_vector_collections values ('c', 4, 'l2', 'f32'); \
         insert into vector_store._zova_vectors select * from main._zova_vectors where vector_id = 'v1'",
    )
    .unwrap();
    searched(&mut db);
    assert_eq!(rows(&mut db, "c").len(), 20);
}

#[test]
fn schema_tricks_do_not_bring_an_old_copy_back() {
    let (_folder, mut db) = warm();
    let mut version = db.prepare_owned("pragma schema_version").unwrap();
    version.step().unwrap();
    let number = version.column_i64(0).unwrap();
    drop(version);
    db.exec(
        "alter table _zova_vectors rename to old; create table _zova_vectors as select * from old where vector_id > 'v2'",
    )
    .unwrap();
    db.exec(&format!("pragma schema_version = {number}")).unwrap();
    assert_eq!(searched(&mut db), SearchPath::Streamed);
}

#[test]
fn vacuum_keeps_searches_right() {
    let (_folder, mut db) = warm();
    db.set_vector_cache_limit(20 * 100 + 200).unwrap();
    make_copy(&mut db);
    db.exec("delete from _zova_vectors where vector_id in ('v1', 'v5')").unwrap();
    make_copy(&mut db);
    db.vacuum().unwrap();
    searched(&mut db);
    searched(&mut db);
}

#[test]
fn the_budget_is_kept_and_the_collection_searched_longest_ago_goes_first() {
    let (_folder, mut db) = create();
    let query = random_values(1, 64);
    for name in ["a", "b", "c"] {
        collection(&mut db, name, 64, VectorMetric::L2);
        for row in 0..100 {
            db.put_vector(name, &format!("v{row}"), &random_values(row, 64)).unwrap();
        }
    }
    let search = |db: &mut Database, name| {
        db.search_vectors(name, &query, 3).unwrap();
        path(db)
    };
    let one = 100 * (64 * 5 + 70);
    db.set_vector_cache_limit(2 * one).unwrap();
    for name in ["a", "b", "a", "b", "a"] {
        search(&mut db, name);
    }
    assert_eq!(search(&mut db, "b"), SearchPath::Resident);
    assert_eq!(search(&mut db, "a"), SearchPath::Resident);
    search(&mut db, "c");
    assert_eq!(search(&mut db, "c"), SearchPath::Resident);
    assert_eq!(search(&mut db, "a"), SearchPath::Resident);
    assert_eq!(search(&mut db, "b"), SearchPath::Streamed);
    // Only the codes of one collection fit, and then not even those.
    db.set_vector_cache_limit(100 * (64 + 70)).unwrap();
    assert_eq!(search(&mut db, "a"), SearchPath::Streamed);
    assert_eq!(search(&mut db, "a"), SearchPath::Resident);
    db.set_vector_cache_limit(100 * 64).unwrap();
    for _ in 0..4 {
        assert_eq!(search(&mut db, "a"), SearchPath::Streamed);
    }
    // Growing beyond the budget drops the copy.
    db.set_vector_cache_limit(one).unwrap();
    search(&mut db, "a");
    assert_eq!(search(&mut db, "a"), SearchPath::Resident);
    for row in 100..200 {
        db.put_vector("a", &format!("v{row}"), &random_values(row, 64)).unwrap();
    }
    assert_eq!(search(&mut db, "a"), SearchPath::Streamed);
    db.set_vector_cache_limit(0).unwrap();
    for _ in 0..3 {
        assert_eq!(search(&mut db, "b"), SearchPath::Streamed);
    }
}
