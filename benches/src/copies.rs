//! Copies of a database of 200 MB against the floor: SQLite's own copy (`sqlite3_backup`, `VACUUM INTO`), and of that
//! copy one verification pass, `PRAGMA quick_check` and the SHA-256 of every chunk, one after the other on one thread.

use std::ffi::CString;
use std::path::Path;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tempfile::TempDir;
use zova_c::*;

use crate::abi::{Db, check};
use crate::harness::{Report, random_bytes, timed};
use crate::raw::Raw;

const MIB: usize = 1 << 20;

pub fn run(report: &mut Report) {
    let folder = TempDir::new().expect("a temporary directory");
    for (name, fill) in [
        ("objects of 1 MiB", large_objects as fn(&Db)),
        ("objects of 4 KiB", small_objects),
        ("rows", rows),
        ("a mixture", mixture),
    ] {
        let source = folder.path().join("source.zova");
        let db = Db::create(&source);
        db.exec("pragma synchronous = off; begin");
        fill(&db);
        db.exec("commit");
        drop(db);
        let size = std::fs::metadata(&source).expect("a file").len() as f64 / 1e6;
        report.figure(&format!("database of {name}"), format!("{size:.0} MB"));
        pairs(report, folder.path(), &source, name);
        std::fs::remove_file(source).expect("removable");
    }
}

/// A way of Zova's to copy.
type Copy = fn(&Db, &Path, u32);

fn pairs(report: &mut Report, folder: &Path, source: &Path, name: &str) {
    let target = || folder.join("copy.zova");
    let removed = |time: Duration| {
        std::fs::remove_file(target()).expect("removable");
        time
    };
    let db = Db::open(source);
    let raw = Raw::open(source);
    let ours = |copy: Copy, flags: u32| removed(timed(|| copy(&db, &target(), flags)));
    let theirs = |copy: fn(&Raw, &Path), pass: fn(&Path)| {
        removed(timed(|| {
            copy(&raw, &target());
            pass(&target());
        }))
    };
    report.pair(&format!("backup, {name}"), 1.1, || ours(backup, 0), || theirs(raw_backup, verify));
    report.pair(&format!("compact, {name}"), 1.1, || ours(compact, 0), || theirs(vacuum_into, verify));
    report.pair(
        &format!("backup unverified, {name}"),
        1.1,
        || ours(backup, 1),
        || theirs(raw_backup, synced),
    );
    report.pair(
        &format!("compact unverified, {name}"),
        1.1,
        || ours(compact, 1),
        || theirs(vacuum_into, synced),
    );
}

fn backup(db: &Db, target: &Path, flags: u32) {
    let path = c_path(target);
    let request = zova_database_backup_request { db: db.0, destination_path: path.as_ptr(), flags };
    // SAFETY: the request and what it points to live during the call.
    check(unsafe { zova_database_backup(&request) });
}

fn compact(db: &Db, target: &Path, flags: u32) {
    let path = c_path(target);
    let request = zova_database_compact_request { db: db.0, destination_path: path.as_ptr(), flags };
    // SAFETY: as above.
    check(unsafe { zova_database_compact(&request) });
}

fn c_path(path: &Path) -> CString {
    CString::new(path.to_str().expect("a UTF-8 path")).expect("a path without NUL")
}

fn raw_backup(raw: &Raw, target: &Path) {
    raw.copy_into(&Raw::open(target));
}

fn vacuum_into(raw: &Raw, target: &Path) {
    raw.exec(&format!("vacuum into '{}'", target.display()));
}

/// Both of SQLite's copies are on stable storage already.
fn synced(_: &Path) {}

/// The pass over the copy.
fn verify(copy: &Path) {
    let raw = Raw::open(copy);
    let structure = raw.prepare("pragma quick_check");
    assert!(structure.step() && structure.text(0) == b"ok");
    drop(structure);
    let chunks = raw.prepare("select chunk_hash, data from _zova_chunks");
    while chunks.step() {
        assert!(*Sha256::digest(chunks.blob(1)) == *chunks.blob(0));
    }
}

fn large_objects(db: &Db) {
    for seed in 0..195 {
        db.put(&random_bytes(seed, MIB));
    }
}

fn small_objects(db: &Db) {
    for seed in 0..38_000 {
        db.put(&random_bytes(seed, 4096));
    }
}

fn rows(db: &Db) {
    db.exec(
        "create table t(a integer primary key, b text, c blob);
         with recursive n(i) as (select 1 union all select i + 1 from n where i < 700000)
         insert into t select i, 'row number ' || i, randomblob(230) from n;
         create index i on t(b)",
    );
}

fn mixture(db: &Db) {
    for seed in 0..80 {
        db.put(&random_bytes(seed, MIB));
    }
    for seed in 100..10_000 {
        db.put(&random_bytes(seed, 4096));
    }
    db.exec(
        "create table t(a integer primary key, b text, c blob);
         with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000)
         insert into t select i, 'row number ' || i, randomblob(230) from n;
         create index i on t(b);
         insert into _zova_vector_collections values ('c', 384, 'l2', 'f32');
         with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
         insert into _zova_vectors select 'c', 'vector ' || i, 384, zeroblob(1536) from n",
    );
}
