//! Plain SQL through Zova against the same SQLite called directly.

use std::time::Duration;

use tempfile::TempDir;

use crate::abi::{Db, Text};
use crate::harness::{Report, timed};
use crate::raw::Raw;

const ROWS: i64 = 300_000;
const TABLE: &str = "create table t(id integer primary key, n integer, body text)";
const INSERT: &str = "insert into t(n, body) values (?1, ?2)";
const SELECT: &str = "select id, n, body from t";

pub fn run(report: &mut Report) {
    let folder = TempDir::new().expect("a temporary directory");
    insert(report, &folder);
    select(report, &folder);
    create_and_open(report, &folder);
}

fn body(number: i64) -> String {
    format!("the text of row number {number}")
}

fn insert(report: &mut Report, folder: &TempDir) {
    let db = Db::create(&folder.path().join("insert.zova"));
    let raw = Raw::open(&folder.path().join("insert.sqlite"));
    db.exec(TABLE);
    raw.exec(TABLE);
    let bodies: Vec<String> = (0..ROWS).map(body).collect();
    let zova = || {
        db.exec("delete from t");
        db.exec("begin");
        let statement = db.prepare(INSERT);
        let time = timed(|| {
            for (number, body) in (0..).zip(&bodies) {
                statement.bind_i64(1, number);
                statement.bind_text(2, body.as_bytes());
                statement.step();
                statement.reset();
            }
        });
        drop(statement);
        db.exec("rollback");
        time
    };
    let other = || {
        raw.exec("delete from t");
        raw.exec("begin");
        let statement = raw.prepare(INSERT);
        let time = timed(|| {
            for (number, body) in (0..).zip(&bodies) {
                statement.bind_i64(1, number);
                statement.bind_text(2, body.as_bytes());
                statement.step();
                statement.reset();
            }
        });
        drop(statement);
        raw.exec("rollback");
        time
    };
    report.pair("300,000 prepared inserts, two binds, one transaction", 1.15, zova, other);
}

fn fill(exec: &dyn Fn(&str)) {
    exec(TABLE);
    exec(&format!(
        "insert into t(n, body) with recursive c(i) as (select 0 union all select i + 1 from c where i + 1 < {ROWS}) \
         select i, 'the text of row number ' || i from c"
    ));
}

fn select(report: &mut Report, folder: &TempDir) {
    let db = Db::create(&folder.path().join("select.zova"));
    let raw = Raw::open(&folder.path().join("select.sqlite"));
    fill(&|sql| db.exec(sql));
    fill(&|sql| raw.exec(sql));
    let zova = || {
        let statement = db.prepare(SELECT);
        let mut text = Text::default();
        timed(|| {
            let mut sum = 0i64;
            while statement.step() {
                sum += statement.i64(0) + statement.i64(1);
                statement.text(2, &mut text);
                sum += text.bytes().len() as i64;
            }
            sum
        })
    };
    let other = || {
        let statement = raw.prepare(SELECT);
        timed(|| {
            let mut sum = 0i64;
            while statement.step() {
                sum += statement.i64(0) + statement.i64(1);
                sum += statement.text(2).len() as i64;
            }
            sum
        })
    };
    report.pair("select of 300,000 rows, two integers and a text", 1.15, zova, other);
}

/// The tables and indexes of a new Zova database, as SQL that plain SQLite can run.
fn schema(folder: &TempDir) -> Vec<String> {
    let db = Db::create(&folder.path().join("schema.zova"));
    let statement = db.prepare("select sql from sqlite_schema where sql is not null");
    let mut text = Text::default();
    let mut schema = Vec::new();
    while statement.step() {
        statement.text(0, &mut text);
        schema.push(String::from_utf8(text.bytes().to_vec()).expect("UTF-8 SQL"));
    }
    schema
}

fn create_and_open(report: &mut Report, folder: &TempDir) {
    let schema = schema(folder);
    let mut number = 0;
    let mut next = |suffix: &str| {
        number += 1;
        folder.path().join(format!("{number}.{suffix}"))
    };
    let mut raw_next = 0;
    let zova = || {
        let path = next("zova");
        timed(|| Db::create(&path))
    };
    let other = || {
        raw_next += 1;
        let path = folder.path().join(format!("{raw_next}.sqlite"));
        timed(|| {
            let raw = Raw::open(&path);
            raw.exec("begin");
            schema.iter().for_each(|sql| raw.exec(sql));
            raw.exec("insert into _zova_meta values ('magic', 'zova'), ('format_version', '5'), ('database_id', 'x')");
            raw.exec("commit");
            raw
        })
    };
    report.pair("create a database, against the same tables in one commit", 3.0, zova, other);

    let path = folder.path().join("open.zova");
    drop(Db::create(&path));
    let repeated = |work: &dyn Fn()| timed(|| (0..200).for_each(|_| work()));
    let zova = || -> Duration { repeated(&|| drop(Db::open(&path))) };
    let other = || {
        repeated(&|| {
            let raw = Raw::open(&path);
            let statement = raw.prepare("select value from _zova_meta where key = 'magic'");
            assert!(statement.step());
        })
    };
    report.pair("open and close, 200 times, against open and read one row", 3.0, zova, other);
}
