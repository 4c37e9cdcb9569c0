//! The handle that several threads share: its lock, its scoped helpers, and when the connection closes.

#[path = "../common/mod.rs"]
mod common;

mod closing;
mod lock;
mod scopes;

use zova::{Result, SharedDatabase, SharedDatabaseGuard, Status};

use common::{Scratch, sql_fault};

fn shared(scratch: &Scratch) -> (SharedDatabase, std::path::PathBuf) {
    let path = scratch.path("a.zova");
    let db = SharedDatabase::create(&path).unwrap();
    db.exec("create table t(a)").unwrap();
    (db, path)
}

fn rows(db: &SharedDatabase) -> String {
    let mut query = db
        .prepare("select coalesce(group_concat(a, ' '), '') from (select a from t order by rowid)")
        .unwrap();
    query.step().unwrap();
    query.column_text(0).unwrap().unwrap()
}

fn insert(db: &SharedDatabase, value: i64) {
    db.exec(&format!("insert into t values ({value})")).unwrap();
}

#[track_caller]
fn assert_no_transaction(db: &SharedDatabase) {
    sql_fault(db.rollback(), Status::SqliteError, "cannot rollback - no transaction is active");
}

type Closure<'c> = Box<dyn FnOnce(&mut SharedDatabaseGuard<'_>) -> Result<i64> + 'c>;
type Helper = fn(&SharedDatabase, Closure<'_>) -> Result<i64>;

/// The helpers that open a scope.
const SCOPED: [(&str, Helper); 3] = [
    ("transaction", |db, f| db.transaction(f)),
    ("transaction_immediate", |db, f| db.transaction_immediate(f)),
    ("with_savepoint", |db, f| db.with_savepoint("part", f)),
];
