//! The memory that work on a large object takes, whatever its size.
//!
//! Measured in a process of its own, by counting every byte that Rust and SQLite allocate. The default size is far above the
//! limit; `ZOVA_LARGE_TESTS=1` makes it 4 GiB (better with `--release`). The figures are printed (`--nocapture`).

mod common;
#[path = "common/objects.rs"]
mod objects;

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use sha2::{Digest, Sha256};
use zova::{Database, ObjectChunkId, ObjectId, ObjectManifestChunk, Progress, Step};

use common::process::in_own_directory;
use common::splitmix;
use objects::{chunk_id, drop_chunk_index, go_on};

const MIB: usize = 1 << 20;

/// What a call may hold beyond what was held before it.
const LIMIT: usize = 4 * MIB;

fn size() -> usize {
    match std::env::var("ZOVA_LARGE_TESTS") {
        Ok(value) if value == "1" => 4096 * MIB,
        _ => 256 * MIB,
    }
}

/// Bytes held by Rust and by SQLite.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    rust: usize,
    sqlite: usize,
}

/// Counts what is allocated, and keeps the largest sum.
struct Meter {
    rust: AtomicUsize,
    sqlite: AtomicUsize,
    peak: AtomicUsize,
    rust_at_peak: AtomicUsize,
}

static METER: Meter = Meter {
    rust: AtomicUsize::new(0),
    sqlite: AtomicUsize::new(0),
    peak: AtomicUsize::new(0),
    rust_at_peak: AtomicUsize::new(0),
};

impl Meter {
    fn now(&self) -> Held {
        Held { rust: self.rust.load(Ordering::Relaxed), sqlite: self.sqlite.load(Ordering::Relaxed) }
    }

    fn add(&self, counter: &AtomicUsize, bytes: usize) {
        counter.fetch_add(bytes, Ordering::Relaxed);
        let Held { rust, sqlite } = self.now();
        if self.peak.fetch_max(rust + sqlite, Ordering::Relaxed) < rust + sqlite {
            self.rust_at_peak.store(rust, Ordering::Relaxed);
        }
    }

    fn remove(&self, counter: &AtomicUsize, bytes: usize) {
        counter.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn restart(&self) -> Held {
        let before = self.now();
        self.peak.store(before.rust + before.sqlite, Ordering::Relaxed);
        self.rust_at_peak.store(before.rust, Ordering::Relaxed);
        before
    }

    fn peak(&self) -> Held {
        let rust = self.rust_at_peak.load(Ordering::Relaxed);
        Held { rust, sqlite: self.peak.load(Ordering::Relaxed) - rust }
    }
}

/// The system's allocator, counted.
struct Counted;

#[global_allocator]
static COUNTED: Counted = Counted;

// SAFETY: everything is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        METER.add(&METER.rust, layout.size());
        // SAFETY: the caller keeps the contract of this method, which is that of the one called.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        METER.add(&METER.rust, layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        METER.remove(&METER.rust, layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // While it is moved, both may exist.
        METER.add(&METER.rust, size);
        METER.remove(&METER.rust, layout.size());
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// SQLite's own allocator, counted the same way.
mod sqlite_allocator {
    use std::ffi::{c_int, c_void};
    use std::sync::OnceLock;

    use rusqlite::ffi;

    use super::METER;

    struct Functions {
        malloc: unsafe extern "C" fn(c_int) -> *mut c_void,
        free: unsafe extern "C" fn(*mut c_void),
        realloc: unsafe extern "C" fn(*mut c_void, c_int) -> *mut c_void,
        size: unsafe extern "C" fn(*mut c_void) -> c_int,
    }

    static PLAIN: OnceLock<Functions> = OnceLock::new();

    fn plain() -> &'static Functions {
        PLAIN.get().expect("installed")
    }

    unsafe extern "C" fn malloc(size: c_int) -> *mut c_void {
        // SAFETY: SQLite calls this as it would call its own function.
        unsafe {
            let pointer = (plain().malloc)(size);
            METER.add(&METER.sqlite, length(pointer));
            pointer
        }
    }

    unsafe extern "C" fn free(pointer: *mut c_void) {
        // SAFETY: as above.
        unsafe {
            METER.remove(&METER.sqlite, length(pointer));
            (plain().free)(pointer);
        }
    }

    unsafe extern "C" fn realloc(pointer: *mut c_void, size: c_int) -> *mut c_void {
        // SAFETY: as above.
        unsafe {
            let before = length(pointer);
            let moved = (plain().realloc)(pointer, size);
            if !moved.is_null() {
                METER.add(&METER.sqlite, length(moved));
                METER.remove(&METER.sqlite, before);
            }
            moved
        }
    }

    /// The size of an allocation; 0 for none.
    ///
    /// # Safety
    ///
    /// The pointer is null or was allocated by SQLite and not freed.
    unsafe fn length(pointer: *mut c_void) -> usize {
        if pointer.is_null() {
            return 0;
        }
        // SAFETY: the caller's promise.
        unsafe { (plain().size)(pointer) as usize }
    }

    /// To be called before SQLite is used in this process.
    pub(super) fn install() {
        // SAFETY: the structure consists of pointers that may be null.
        let mut methods: ffi::sqlite3_mem_methods = unsafe { std::mem::zeroed() };
        // SAFETY: both settings take a pointer to such a structure, which SQLite copies.
        unsafe {
            assert_eq!(ffi::sqlite3_config(ffi::SQLITE_CONFIG_GETMALLOC, &mut methods), ffi::SQLITE_OK);
            let plain = Functions {
                malloc: methods.xMalloc.expect("a function"),
                free: methods.xFree.expect("a function"),
                realloc: methods.xRealloc.expect("a function"),
                size: methods.xSize.expect("a function"),
            };
            assert!(PLAIN.set(plain).is_ok());
            methods.xMalloc = Some(malloc);
            methods.xFree = Some(free);
            methods.xRealloc = Some(realloc);
            assert_eq!(ffi::sqlite3_config(ffi::SQLITE_CONFIG_MALLOC, &mut methods), ffi::SQLITE_OK);
        }
    }
}

/// What was measured so far.
struct Figures {
    path: PathBuf,
    exceeded: Vec<String>,
    lines: String,
}

impl Figures {
    /// Runs a call on a freshly opened handle and notes what it held at most.
    fn measure<T>(&mut self, name: &str, call: impl FnOnce(&mut Database) -> T) -> T {
        let mut db = Database::open(&self.path).unwrap();
        db.exec("pragma synchronous = off").unwrap();
        // The schema is read, the page cache is nearly empty.
        assert!(!db.has_object(ObjectId::from([0; 32])).unwrap());
        let before = METER.restart();
        let started = std::time::Instant::now();
        let outcome = call(&mut db);
        let seconds = started.elapsed().as_secs_f64();
        let peak = METER.peak();
        // Of the two at their largest sum, one may be smaller than it was before.
        let held = (peak.rust + peak.sqlite).saturating_sub(before.rust + before.sqlite);
        let (rust, sqlite) =
            (peak.rust.saturating_sub(before.rust), peak.sqlite.saturating_sub(before.sqlite));
        let kib = |bytes: usize| bytes.div_ceil(1024);
        let line =
            format!("{name}: {} KiB (Rust {}, SQLite {}), {seconds:.2} s", kib(held), kib(rust), kib(sqlite));
        if held > LIMIT {
            self.exceeded.push(line.clone());
        }
        self.lines += &line;
        self.lines.push('\n');
        outcome
    }
}

/// Writes a large file and gives the hash of its content followed by `tail`.
fn large_file(path: &Path, tail: &[u8]) -> (ObjectId, ObjectId) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    let (mut state, mut hash) = (1, Sha256::new());
    let mut block = vec![0; 1 << 16];
    for _ in 0..size() / block.len() {
        for word in block.chunks_exact_mut(8) {
            word.copy_from_slice(&splitmix(&mut state).to_le_bytes());
        }
        hash.update(&block);
        file.write_all(&block).unwrap();
    }
    file.flush().unwrap();
    let whole: [u8; 32] = hash.clone().finalize().into();
    let extended: [u8; 32] = hash.chain_update(tail).finalize().into();
    (ObjectId::from(whole), ObjectId::from(extended))
}

/// The manifest of the one object there is, followed by a chunk.
fn extended_manifest(path: &Path, tail: &[u8]) -> Vec<ObjectManifestChunk> {
    let mut db = Database::open(path).unwrap();
    db.put_object_chunk(chunk_id(tail), tail).unwrap();
    let mut manifest = Vec::new();
    let mut rows = db
        .prepare("select chunk_hash, offset, size_bytes from _zova_object_chunks order by chunk_index")
        .unwrap();
    let mut end = 0;
    while rows.step().unwrap() == Step::Row {
        let hash = ObjectChunkId::try_from(&rows.column_blob(0).unwrap().unwrap()[..]).unwrap();
        let (offset, size_bytes) = (rows.column_i64(1).unwrap() as u64, rows.column_i64(2).unwrap() as u64);
        manifest.push(ObjectManifestChunk { index: manifest.len() as u64, hash, offset, size_bytes });
        end = offset + size_bytes;
    }
    let index = manifest.len() as u64;
    manifest.push(ObjectManifestChunk {
        index,
        hash: chunk_id(tail),
        offset: end,
        size_bytes: tail.len() as u64,
    });
    manifest
}

/// Reads to the end and gives the number of bytes.
fn drain(reader: &mut impl Read, buffer: usize) -> u64 {
    let (mut buffer, mut total) = (vec![0; buffer], 0);
    loop {
        match reader.read(&mut buffer).unwrap() {
            0 => return total,
            count => total += count as u64,
        }
    }
}

#[test]
fn work_on_a_large_object_holds_at_most_4_mib() {
    in_own_directory(|dir| {
        sqlite_allocator::install();
        let path = dir.join("a.zova");
        drop(Database::create(&path).unwrap());
        let source = dir.join("large");
        let tail = b"a chunk of its own";
        let (id, extended) = large_file(&source, tail);
        let bytes = size() as u64;
        let mut figures = Figures { path: path.clone(), exceeded: Vec::new(), lines: String::new() };

        let put = figures.measure("put_object_file", |db| db.put_object_file(&source, &mut go_on));
        assert_eq!(put.unwrap(), id);
        let put = figures
            .measure("put_object_file, content stored already", |db| db.put_object_file(&source, &mut go_on));
        assert_eq!(put.unwrap(), id);
        figures.measure("verify_object", |db| db.verify_object(id)).unwrap();
        let target = dir.join("copy");
        figures.measure("get_object_file", |db| db.get_object_file(id, &target, &mut go_on)).unwrap();
        assert_eq!(std::fs::metadata(&target).unwrap().len(), bytes);
        std::fs::remove_file(&target).unwrap();
        let stopped = figures.measure("get_object_file, stopped near its end", |db| {
            db.get_object_file(id, &target, &mut |progress: Progress| {
                if progress.done * 10 > bytes * 9 {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })
        });
        stopped.unwrap_err();
        let read = figures
            .measure("object_reader, 64 KiB reads", |db| drain(&mut db.object_reader(id).unwrap(), 1 << 16));
        assert_eq!(read, bytes);
        let read = figures
            .measure("object_reader, 1 MiB reads", |db| drain(&mut db.object_reader(id).unwrap(), MIB));
        assert_eq!(read, bytes);
        figures.measure("read_object_range, everywhere", |db| {
            let mut buffer = vec![0; 1 << 16];
            for offset in (0..bytes).step_by((bytes / 200) as usize) {
                assert!(db.read_object_range(id, offset, &mut buffer).unwrap() > 0);
            }
        });

        let mut manifest = extended_manifest(&path, tail);
        let size_bytes = bytes + tail.len() as u64;
        let assembled = figures.measure("assemble_object_from_chunks", |db| {
            db.assemble_object_from_chunks(extended, size_bytes, &manifest)
        });
        assembled.unwrap();
        figures.measure("delete_object, chunks still used", |db| db.delete_object(extended)).unwrap();
        manifest = extended_manifest(&path, tail);
        manifest.reverse();
        let assembled = figures.measure("assemble_object_from_chunks, in reverse", |db| {
            db.assemble_object_from_chunks(extended, size_bytes, &manifest)
        });
        assembled.unwrap();
        let refused = figures.measure("assemble_object_from_chunks, object stored already", |db| {
            db.assemble_object_from_chunks(extended, size_bytes, &manifest)
        });
        refused.unwrap_err();
        figures.measure("delete_object", |db| db.delete_object(id)).unwrap();
        figures.measure("delete_object, the last one", |db| db.delete_object(extended)).unwrap();

        let written = figures.measure("object_writer, 64 KiB writes", |db| {
            let mut writer = db.object_writer().unwrap();
            let mut file = BufReader::with_capacity(1 << 16, File::open(&source).unwrap());
            std::io::copy(&mut file, &mut writer).unwrap();
            drop(file);
            writer.finish()
        });
        assert_eq!(written.unwrap(), id);
        figures.measure("object_writer, odd writes, dropped", |db| {
            let mut writer = db.object_writer().unwrap();
            let mut file = File::open(&source).unwrap();
            let mut buffer = vec![0; 300_007];
            while let Ok(count @ 1..) = file.read(&mut buffer) {
                writer.write(&buffer[..count]).unwrap();
            }
        });
        drop_chunk_index(&path);
        figures.measure("delete_object, without the index", |db| db.delete_object(id)).unwrap();

        std::fs::write(dir.join("figures"), &figures.lines).unwrap();
        println!("{bytes} bytes\n{}", figures.lines);
        assert!(figures.exceeded.is_empty(), "more than {LIMIT} bytes: {:#?}", figures.exceeded);
    });
}
