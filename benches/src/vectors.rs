//! Vectors through the C interface, beside FAISS, sqlite-vec, a scalar loop over the rows, and the memory itself.
//!
//!     cargo run --release --bin vectors -- 50000              random vectors of 384 dimensions
//!     cargo run --release --bin vectors -- FILE 384           those of a file of little-endian f32
//!
//! FAISS is called from Python (`pip install faiss-cpu`) on the same data in the same run; without it those rows are
//! left out.

#[allow(dead_code, reason = "shared with the other benchmarks")]
mod harness;
mod raw_vectors;

use std::ffi::CString;
use std::path::Path;
use std::process::Command;
use std::ptr::null_mut;
use std::time::{Duration, Instant};

use harness::{random_bytes, timed};
use raw_vectors::Raw;
use zova_c::*;

const METRICS: [(&str, i32); 3] = [("l2", 1), ("dot", 2), ("cosine", 0)];
const QUERIES: usize = 40;

fn check(status: zova_status) {
    assert_eq!(status, 0, "a call failed");
}

struct Db(*mut zova_database);

impl Db {
    fn start(
        path: &Path,
        function: unsafe extern "C" fn(*const zova_database_open_request) -> zova_status,
    ) -> Self {
        let path = CString::new(path.to_str().expect("a UTF-8 path")).expect("a path without NUL");
        let mut db = null_mut();
        let request = zova_database_open_request {
            path: path.as_ptr(),
            out_db: &mut db,
            out_error_message: null_mut(),
        };
        // SAFETY: the request and what it points to live during the call.
        check(unsafe { function(&request) });
        Self(db)
    }

    fn exec(&self, sql: &str) {
        let sql = CString::new(sql).expect("SQL without NUL");
        // SAFETY: as above.
        check(unsafe { zova_database_exec(&zova_database_exec_request { db: self.0, sql: sql.as_ptr() }) });
    }

    fn cache_limit(&self, bytes: u64) {
        let request = zova_database_set_vector_cache_limit_request { db: self.0, bytes };
        // SAFETY: as above.
        check(unsafe { zova_database_set_vector_cache_limit(&request) });
    }

    fn create_collection(&self, name: &str, dimensions: usize, metric: i32) {
        let name = CString::new(name).expect("a name");
        let options = zova_vector_collection_options { dimensions: dimensions as u32, metric };
        let request = zova_vector_collection_create_request { db: self.0, name: name.as_ptr(), options };
        // SAFETY: as above.
        check(unsafe { zova_vector_collection_create(&request) });
    }

    fn search(&self, name: &CString, query: &[f32]) -> Vec<f64> {
        let mut results = zova_vector_search_results { items: null_mut(), len: 0 };
        let request = zova_vector_search_request {
            db: self.0,
            collection_name: name.as_ptr(),
            query: query.as_ptr(),
            query_len: query.len(),
            limit: 10,
            out_results: &mut results,
        };
        // SAFETY: as above; the results are read before they are freed.
        unsafe {
            check(zova_vector_search(&request));
            let found = (0..results.len).map(|place| (*results.items.add(place)).distance).collect();
            zova_vector_search_results_free(&mut results);
            found
        }
    }

    fn search_in(&self, name: &CString, query: &[f32], ids: &[CString]) -> usize {
        let candidates: Vec<_> = ids.iter().map(|id| id.as_ptr()).collect();
        let mut results = zova_vector_search_results { items: null_mut(), len: 0 };
        let request = zova_vector_search_in_request {
            db: self.0,
            collection_name: name.as_ptr(),
            query: query.as_ptr(),
            query_len: query.len(),
            candidate_ids: candidates.as_ptr(),
            candidate_count: candidates.len(),
            limit: 10,
            out_results: &mut results,
        };
        // SAFETY: as above.
        unsafe {
            check(zova_vector_search_in(&request));
            let found = results.len;
            zova_vector_search_results_free(&mut results);
            found
        }
    }

    fn stats(&self) -> zova_vector_search_stats {
        let mut stats = zova_vector_search_stats { resident: 0, scanned: 0, rescored: 0 };
        // SAFETY: as above.
        check(unsafe {
            zova_vector_search_stats_get(&zova_vector_search_stats_get_request {
                db: self.0,
                out_stats: &mut stats,
            })
        });
        stats
    }
}

impl Drop for Db {
    fn drop(&mut self) {
        // SAFETY: the handle is live and ends here.
        check(unsafe { zova_database_close(self.0) });
    }
}

/// Vectors to store and to search for.
struct Data {
    dimensions: usize,
    rows: Vec<f32>,
    queries: Vec<f32>,
    ids: Vec<CString>,
}

impl Data {
    fn row(&self, row: usize) -> &[f32] {
        &self.rows[row * self.dimensions..(row + 1) * self.dimensions]
    }

    fn query(&self, query: usize) -> &[f32] {
        &self.queries[query * self.dimensions..(query + 1) * self.dimensions]
    }

    /// Sums of four uniform numbers are close enough to normal.
    fn random(count: usize, dimensions: usize) -> Self {
        let values = |seed, count: usize| -> Vec<f32> {
            let bytes = random_bytes(seed, count * 8);
            let number = |four: &[u8]| {
                let parts = four.chunks_exact(2).map(|two| f32::from(i16::from_le_bytes([two[0], two[1]])));
                parts.sum::<f32>() / 65536.0
            };
            bytes.chunks_exact(8).map(number).collect()
        };
        Self::new(dimensions, values(1, count * dimensions), values(2, QUERIES * dimensions))
    }

    /// The last rows of the file are the queries.
    fn read(path: &str, dimensions: usize) -> Self {
        let bytes = std::fs::read(path).expect("a file of vectors");
        let mut rows: Vec<f32> = bytes
            .chunks_exact(4)
            .map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]))
            .collect();
        let queries = rows.split_off(rows.len() - QUERIES * dimensions);
        Self::new(dimensions, rows, queries)
    }

    fn new(dimensions: usize, rows: Vec<f32>, queries: Vec<f32>) -> Self {
        let ids =
            (0..rows.len() / dimensions).map(|row| CString::new(format!("v{row}")).expect("an id")).collect();
        Self { dimensions, rows, queries, ids }
    }
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

fn line(name: &str, ours: f64, theirs: f64, aim: f64) {
    let ratio = ours / theirs;
    let verdict = if ratio <= aim { "" } else { "  MISSED" };
    println!(
        "  {name:<52} {:>10.3} ms {:>10.3} ms {ratio:>8.4}  aim {aim:.4}{verdict}",
        ours * 1e3,
        theirs * 1e3
    );
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let data = match &arguments[..] {
        [] => Data::random(50_000, 384),
        [count] => Data::random(count.parse().expect("a number of rows"), 384),
        [path, dimensions, ..] => Data::read(path, dimensions.parse().expect("dimensions")),
    };
    let (count, dimensions) = (data.ids.len(), data.dimensions);
    println!("{count} vectors of {dimensions} dimensions, the 10 nearest, one thread");
    let folder = tempfile::tempdir().expect("a folder");
    println!("storing                                                  zova        other       ratio");
    singles(folder.path(), &data);
    let path = folder.path().join("vectors.zova");
    let db = Db::start(&path, zova_database_create);
    db.cache_limit(4 << 30);
    for (name, metric) in METRICS {
        db.create_collection(name, dimensions, metric);
    }
    let ours = store(&db, &data);
    let raw = Raw::create(&folder.path().join("sqlite-vec.db"), dimensions);
    let theirs = timed(|| raw.insert(&data.ids, &data.rows)).as_secs_f64();
    line("put_many of all in one call, sqlite-vec insert", ours, theirs, 1.0);

    println!("searching                                                zova        other       ratio");
    first_search(&path, &folder.path().join("sqlite-vec.db"), &data);
    let scalar =
        median((0..3).map(|query| timed(|| Raw::open(&path).scalar_loop(data.query(query), "l2"))).collect());
    let warm: Vec<(f64, zova_vector_search_stats)> = METRICS.map(|(name, _)| warm(&db, &data, name)).into();
    for ((name, _), (time, stats)) in METRICS.iter().zip(&warm) {
        line(&format!("{name}: in memory, rows through a scalar loop"), *time, scalar, 1.0 / 30.0);
        println!(
            "  {name}: {} of {} rows rescored ({:.4} %)",
            stats.rescored,
            stats.scanned,
            100.0 * stats.rescored as f64 / stats.scanned as f64
        );
    }
    for (metric, time) in faiss(folder.path(), &data) {
        let place = METRICS.iter().position(|(name, _)| *name == metric).expect("a metric");
        line(&format!("{metric}: in memory, FAISS flat"), warm[place].0, time, 0.5);
    }
    let bandwidth = memory_bandwidth();
    let read = (count * dimensions) as f64 / warm[0].0 / 1e9;
    println!(
        "  memory: {bandwidth:.1} GB/s alone; l2 reads {read:.1} GB/s of codes ({:.0} %)",
        100.0 * read / bandwidth
    );
    candidates(&path, &data);
}

fn store(db: &Db, data: &Data) -> f64 {
    let inputs: Vec<_> = data
        .ids
        .iter()
        .enumerate()
        .map(|(row, id)| zova_vector_input {
            id: id.as_ptr(),
            values: data.row(row).as_ptr(),
            values_len: data.dimensions,
        })
        .collect();
    let times = METRICS.map(|(name, _)| {
        let name = CString::new(name).expect("a name");
        let request = zova_vector_put_many_request {
            db: db.0,
            collection_name: name.as_ptr(),
            vectors: inputs.as_ptr(),
            vectors_len: inputs.len(),
        };
        // SAFETY: the request and what it points to live during the call.
        timed(|| check(unsafe { zova_vector_put_many(&request) })).as_secs_f64()
    });
    times[0]
}

/// Each round into a new file, before anything else is written: the median is free of others' data on its way to the
/// disk.
fn singles(folder: &Path, data: &Data) {
    let count = data.ids.len().min(50_000);
    let path = folder.join("singles.zova");
    let round = || {
        let db = Db::start(&path, zova_database_create);
        db.create_collection("singles", data.dimensions, 1);
        let time = timed(|| {
            db.exec("begin");
            for (row, id) in data.ids[..count].iter().enumerate() {
                let request = zova_vector_put_request {
                    db: db.0,
                    collection_name: c"singles".as_ptr(),
                    vector_id: id.as_ptr(),
                    values: data.row(row).as_ptr(),
                    values_len: data.dimensions,
                };
                // SAFETY: as above.
                check(unsafe { zova_vector_put(&request) });
            }
            db.exec("commit");
        });
        drop(db);
        std::fs::remove_file(&path).expect("removable");
        time
    };
    let time = median((0..5).map(|_| round()).collect());
    println!("  single puts in one transaction: {:.0} per second (aim 100000)", count as f64 / time);
}

/// Handles opened anew for each query; the file is in the system's cache for both.
fn first_search(path: &Path, other: &Path, data: &Data) {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    // One collection a file, as the other side has it.
    let alone = path.with_file_name("alone.zova");
    let db = Db::start(&alone, zova_database_create);
    db.create_collection("l2", data.dimensions, 1);
    let attach = format!(
        "attach '{}' as full; insert into main._zova_vectors select * from full._zova_vectors where collection_name = 'l2' order by rowid; detach full",
        path.display()
    );
    db.exec(&attach);
    drop(db);
    for query in 0..9 {
        let db = Db::start(&alone, zova_database_open);
        ours.push(timed(|| db.search(&c"l2".to_owned(), data.query(query))));
        let raw = Raw::open(other);
        theirs.push(timed(|| raw.nearest(data.query(query))));
    }
    line("l2: first search after open, sqlite-vec", median(ours), median(theirs), 1.0);
}

fn warm(db: &Db, data: &Data, name: &str) -> (f64, zova_vector_search_stats) {
    let name = CString::new(name).expect("a name");
    for query in 0..3 {
        db.search(&name, data.query(query));
    }
    let mut total = zova_vector_search_stats { resident: 1, scanned: 0, rescored: 0 };
    let times = (0..QUERIES)
        .map(|query| {
            let start = Instant::now();
            db.search(&name, data.query(query));
            let time = start.elapsed();
            let stats = db.stats();
            assert_eq!(stats.resident, 1, "the copy in memory is in use");
            total.scanned += stats.scanned;
            total.rescored += stats.rescored;
            time
        })
        .collect();
    (median(times), total)
}

fn candidates(path: &Path, data: &Data) {
    let db = Db::start(path, zova_database_open);
    db.cache_limit(0);
    let name = c"l2".to_owned();
    let step = (data.ids.len() / 1000).max(1);
    let ids: Vec<CString> = data.ids.iter().step_by(step).take(1000).cloned().collect();
    let (mut some, mut all) = (Vec::new(), Vec::new());
    for query in 0..9 {
        some.push(timed(|| db.search_in(&name, data.query(query), &ids)));
        all.push(timed(|| db.search(&name, data.query(query))));
    }
    line("l2: 1000 candidates, all rows, both from the file", median(some), median(all), 0.1);
}

/// The medians that FAISS reports, or nothing if it is not there.
fn faiss(folder: &Path, data: &Data) -> Vec<(String, f64)> {
    let write = |name: &str, values: &[f32]| {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        std::fs::write(folder.join(name), bytes).expect("a file for FAISS");
    };
    write("rows.f32", &data.rows);
    write("queries.f32", &data.queries);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/faiss_flat.py");
    let numbers = [data.ids.len(), data.dimensions, QUERIES].map(|number| number.to_string());
    let output = Command::new("python3").arg(script).arg(folder).args(numbers).output();
    let Some(output) = output.ok().filter(|output| output.status.success()) else {
        println!("  FAISS: not installed for python3 (pip install faiss-cpu)");
        return Vec::new();
    };
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| {
            let (metric, time) = line.split_once(' ')?;
            Some((metric.to_owned(), time.parse().ok()?))
        })
        .collect()
}

/// Reading 512 MiB with nothing else to do, in GB/s.
fn memory_bandwidth() -> f64 {
    let values = vec![1u64; 64 << 20];
    let sum = || {
        values.chunks_exact(16).fold([0u64; 16], |mut sums, chunk| {
            for (sum, value) in sums.iter_mut().zip(chunk) {
                *sum = sum.wrapping_add(*value);
            }
            sums
        })
    };
    let time = median((0..5).map(|_| timed(sum)).collect());
    (values.len() * 8) as f64 / time / 1e9
}
