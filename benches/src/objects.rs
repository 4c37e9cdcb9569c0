//! Objects through Zova against the floor: the hashing that content addressing needs, with the same crate, plus the
//! same chunk rows written or read by SQLite called directly.

use std::path::Path;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::abi::Db;
use crate::harness::{Report, random_bytes, timed};
use crate::raw::Raw;

const SIZE: usize = 64 << 20;
const MIB: f64 = (1 << 20) as f64;

pub fn run(report: &mut Report) {
    let folder = TempDir::new().expect("a temporary directory");
    for (name, bytes) in [("random", random_bytes(1, SIZE)), ("text", text()), ("1 % edited", edited())] {
        large(report, &folder, name, &bytes);
    }
    small(report, &folder);
    ranges(report, &folder);
}

/// Words in a reproducible order.
fn text() -> Vec<u8> {
    const WORDS: [&str; 16] = [
        "the ",
        "storage ",
        "of ",
        "a ",
        "database ",
        "holds ",
        "chunks ",
        "whose ",
        "content ",
        "names ",
        "them, ",
        "so ",
        "equal ",
        "bytes ",
        "meet.\n",
        "again ",
    ];
    let choices = random_bytes(2, SIZE / 4);
    choices.iter().flat_map(|byte| WORDS[usize::from(byte & 15)].bytes()).take(SIZE).collect()
}

/// The random bytes with one byte in a hundred pages changed.
fn edited() -> Vec<u8> {
    let mut bytes = random_bytes(1, SIZE);
    let block = SIZE / 10_000;
    for at in (0..SIZE).step_by(100 * block) {
        bytes[at..at + block].iter_mut().for_each(|byte| *byte ^= 0x5a);
    }
    bytes
}

/// The chunks Zova cuts the bytes into, read back from its manifest rows.
fn chunks<'a>(folder: &TempDir, bytes: &'a [u8]) -> Vec<&'a [u8]> {
    let path = folder.path().join("cut.zova");
    let db = Db::create(&path);
    db.put(bytes);
    drop(db);
    let raw = Raw::open(&path);
    let rows = raw.prepare("select offset, size_bytes from _zova_object_chunks order by chunk_index");
    let mut chunks = Vec::new();
    while rows.step() {
        let (offset, size) = (rows.i64(0) as usize, rows.i64(1) as usize);
        chunks.push(&bytes[offset..offset + size]);
    }
    drop(rows);
    drop(raw);
    std::fs::remove_file(path).expect("removable");
    chunks
}

fn hash_chunks(chunks: &[&[u8]]) -> Vec<[u8; 32]> {
    chunks.iter().map(|chunk| Sha256::digest(chunk).into()).collect()
}

/// A new plain SQLite file for chunks under their hashes, as new as the file that Zova stores into: writing into pages
/// that an earlier round left behind would cost the file system less.
fn raw_file(path: &Path) -> Raw {
    let raw = Raw::open(path);
    raw.exec("create table chunks(hash blob primary key, data blob not null)");
    raw
}

fn raw_insert(raw: &Raw, chunks: &[&[u8]], hashes: &[[u8; 32]]) {
    raw.exec("begin immediate");
    let insert = raw.prepare("insert into chunks values (?1, ?2) on conflict do nothing");
    for (chunk, hash) in chunks.iter().zip(hashes) {
        insert.bind_blob(1, hash);
        insert.bind_blob(2, chunk);
        insert.step();
        insert.reset();
    }
    drop(insert);
    raw.exec("commit");
}

fn large(report: &mut Report, folder: &TempDir, name: &str, bytes: &[u8]) {
    let chunks = chunks(folder, bytes);
    let mut file = 0;
    let mut fresh = |folder: &TempDir| {
        file += 1;
        folder.path().join(format!("put-{file}.zova"))
    };
    let mut stored = |store: &dyn Fn(&Db)| {
        let path = fresh(folder);
        let db = Db::create(&path);
        let time = timed(|| store(&db));
        drop(db);
        std::fs::remove_file(path).expect("removable");
        time
    };
    let floor = || {
        let path = folder.path().join("floor.sqlite");
        let raw = raw_file(&path);
        let time = timed(|| {
            std::hint::black_box(Sha256::digest(bytes));
            raw_insert(&raw, &chunks, &hash_chunks(&chunks));
        });
        drop(raw);
        std::fs::remove_file(path).expect("removable");
        time
    };
    let put = || {
        stored(&|db| {
            std::hint::black_box(db.put(bytes));
        })
    };
    report.pair(&format!("put 64 MiB, {name}"), 1.2, put, floor);
    let write = || {
        stored(&|db| {
            std::hint::black_box(db.write(bytes, 65_536));
        })
    };
    report.pair(&format!("write 64 MiB in parts of 64 KiB, {name}"), 1.2, write, floor);

    let path = folder.path().join("held.zova");
    let db = Db::create(&path);
    let id = db.put(bytes);
    let raw_path = folder.path().join("held.sqlite");
    let raw = raw_file(&raw_path);
    let hashes = hash_chunks(&chunks);
    raw_insert(&raw, &chunks, &hashes);
    let get = || timed(|| assert_eq!(db.get(id), bytes.len()));
    let floor = || {
        timed(|| {
            let select = raw.prepare("select data from chunks where hash = ?1");
            let mut whole = Vec::with_capacity(bytes.len());
            for hash in &hashes {
                select.bind_blob(1, hash);
                assert!(select.step());
                whole.extend_from_slice(select.blob(0));
                std::hint::black_box(Sha256::digest(select.blob(0)));
                select.reset();
            }
            Sha256::digest(&whole)
        })
    };
    report.pair(&format!("get 64 MiB, {name}"), 1.2, get, floor);
    let mut buffer = vec![0; 65_536];
    let read = || timed(|| assert_eq!(db.read(id, &mut buffer), bytes.len()));
    report.pair(&format!("read 64 MiB in parts of 64 KiB, {name}"), 1.2, read, floor);
    let mut buffer = [0; 16];
    let time = timed(|| assert_eq!(db.read(id, &mut buffer), bytes.len()));
    let each = time.as_secs_f64() * 1e9 / (bytes.len() / buffer.len()) as f64;
    report.figure(&format!("read 64 MiB in parts of 16 bytes, {name}"), format!("{each:.0} ns each"));
    let again = || timed(|| db.put(bytes));
    let floor = || timed(|| Sha256::digest(bytes));
    report.pair(&format!("put 64 MiB that is stored already, {name}"), 1.2, again, floor);
    drop((db, raw));
    std::fs::remove_file(path).expect("removable");
    std::fs::remove_file(raw_path).expect("removable");
}

fn small(report: &mut Report, folder: &TempDir) {
    const COUNT: usize = 10_000;
    let bytes = random_bytes(3, COUNT * 1024);
    let mut file = 0;
    let mut run = || -> Duration {
        file += 1;
        let path = folder.path().join(format!("small-{file}.zova"));
        let db = Db::create(&path);
        let time = timed(|| {
            db.exec("begin immediate");
            bytes.chunks_exact(1024).for_each(|object| {
                db.put(object);
            });
            db.exec("commit");
        });
        drop(db);
        std::fs::remove_file(path).expect("removable");
        time
    };
    run();
    let best = (0..5).map(|_| run()).min().unwrap_or_default();
    let rate = COUNT as f64 / best.as_secs_f64();
    report.figure(
        "put of 10,000 objects of 1 KiB in one transaction",
        format!("{rate:.0} per second (aim 40000)"),
    );
}

fn ranges(report: &mut Report, folder: &TempDir) {
    const LARGE: usize = 1 << 30;
    let path = folder.path().join("ranges.zova");
    let db = Db::create(&path);
    let bytes = random_bytes(4, LARGE);
    let large = db.put(&bytes);
    let raw = Raw::open(&path);
    for (name, length) in [("64 KiB", 65_536usize), ("16 bytes", 16)] {
        const READS: usize = 200;
        let offsets: Vec<u64> = (0..READS as u64)
            .map(|number| (number * 0x9e37_79b9_7f4a_7c15) % (LARGE - length) as u64)
            .collect();
        let mut buffer = vec![0; length];
        let zova = || {
            timed(|| {
                for offset in &offsets {
                    assert_eq!(db.range(large, *offset, &mut buffer), length);
                }
            })
        };
        // The chunks each range overlaps, looked up outside of what is timed.
        let overlapped: Vec<Vec<Vec<u8>>> = offsets
            .iter()
            .map(|offset| {
                let rows = raw.prepare(
                    "select chunk_hash from _zova_object_chunks where offset + size_bytes > ?1 and offset < ?2",
                );
                rows.bind_i64(1, *offset as i64);
                rows.bind_i64(2, (*offset + length as u64) as i64);
                let mut hashes = Vec::new();
                while rows.step() {
                    hashes.push(rows.blob(0).to_vec());
                }
                hashes
            })
            .collect();
        let floor = || {
            timed(|| {
                let select = raw.prepare("select data from _zova_chunks where chunk_hash = ?1");
                for hash in overlapped.iter().flatten() {
                    select.bind_blob(1, hash);
                    assert!(select.step());
                    std::hint::black_box(Sha256::digest(select.blob(0)));
                    select.reset();
                }
            })
        };
        report.pair(&format!("200 ranges of {name} in 1 GiB, against their chunks"), 3.0, zova, floor);
    }
    report.figure("size of the large object", format!("{:.0} MiB", LARGE as f64 / MIB));
}
