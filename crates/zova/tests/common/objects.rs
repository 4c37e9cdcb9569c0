//! What the tests of objects share: golden inputs, manifests, the private rows, readers that fail.

#![allow(dead_code, reason = "each test crate uses the part it needs")]

use std::fmt::Debug;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde_json::Value;
use zova::engine::Fault;
use zova::{Database, Error, ObjectChunkId, ObjectId, ObjectManifestChunk, OpenOptions, Progress, Status};

use crate::common::reference::{self, Rows, chunks, sha256};
use crate::common::{Scratch, bytes, fault, native_fault, one, raw};

pub(crate) const READ_ONLY: OpenOptions = OpenOptions { read_only: true, busy_timeout_ms: 0 };

/// A progress callback that lets the call go on.
pub(crate) fn go_on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// A new database that does not wait for the disk, for tests of many small steps.
pub(crate) fn quick_database(scratch: &Scratch) -> (Database, PathBuf) {
    let (mut db, path) = scratch.database("a.zova");
    db.exec("pragma synchronous = off").expect("a setting");
    (db, path)
}

pub(crate) fn chunk_id(content: &[u8]) -> ObjectChunkId {
    ObjectChunkId::from(sha256(content))
}

pub(crate) fn object_id(content: &[u8]) -> ObjectId {
    ObjectId::from(sha256(content))
}

/// The private object rows of a file as they are committed.
pub(crate) fn rows(path: &Path) -> Rows {
    Rows::read(&raw(path))
}

/// The file holds exactly these objects, cut as the format says, and these loose chunks.
#[track_caller]
pub(crate) fn assert_holds<'a>(
    path: &Path,
    objects: impl IntoIterator<Item = &'a [u8]>,
    loose: impl IntoIterator<Item = &'a [u8]>,
) {
    let mut expected = Rows::of(objects);
    for chunk in loose {
        expected.chunks.insert(sha256(chunk), chunk.to_vec());
    }
    let found = rows(path);
    assert_eq!(found.objects, expected.objects);
    assert_eq!(found.entries, expected.entries);
    assert!(found.chunks.keys().eq(expected.chunks.keys()), "other chunks than expected");
    assert!(found.chunks == expected.chunks, "chunks with other bytes");
}

/// Stored chunks that no manifest names.
pub(crate) fn loose_chunks(path: &Path) -> usize {
    let rows = rows(path);
    rows.chunks.keys().filter(|hash| rows.entries.values().all(|entry| entry.hash != **hash)).count()
}

/// Makes the file like one of 0.21.0, which has no index on the chunk hash of manifests.
pub(crate) fn drop_chunk_index(path: &Path) {
    let connection = raw(path);
    let name: String = one(
        &connection,
        "select name from sqlite_schema where type = 'index' and tbl_name = '_zova_object_chunks' and sql is not null",
    );
    connection.execute_batch(&format!("drop index {name}")).unwrap();
}

/// A manifest of `content` with chunks of these sizes.
pub(crate) fn manifest_by_sizes(
    content: &[u8],
    sizes: impl IntoIterator<Item = usize>,
) -> Vec<ObjectManifestChunk> {
    let (mut rest, mut offset) = (content, 0);
    let entries = (0..)
        .zip(sizes)
        .map(|(index, size)| {
            let (chunk, tail) = rest.split_at(size);
            let entry = ObjectManifestChunk { index, hash: chunk_id(chunk), offset, size_bytes: size as u64 };
            (rest, offset) = (tail, offset + size as u64);
            entry
        })
        .collect();
    assert!(rest.is_empty(), "the sizes do not cover the content");
    entries
}

/// The manifest that putting `content` makes.
pub(crate) fn manifest_of(content: &[u8]) -> Vec<ObjectManifestChunk> {
    manifest_by_sizes(content, chunks(content).into_iter().map(<[u8]>::len))
}

/// Stores the chunks a manifest of `content` names.
pub(crate) fn put_chunks(db: &mut Database, content: &[u8], entries: &[ObjectManifestChunk]) {
    db.savepoint("chunks").expect("a savepoint");
    for entry in entries {
        let (start, size) = (entry.offset as usize, entry.size_bytes as usize);
        db.put_object_chunk(entry.hash, &content[start..start + size]).expect("a stored chunk");
    }
    db.release_savepoint("chunks").expect("stored chunks");
}

/// Makes an object whose chunks have these sizes.
pub(crate) fn assemble(db: &mut Database, content: &[u8], sizes: impl IntoIterator<Item = usize>) {
    let entries = manifest_by_sizes(content, sizes);
    put_chunks(db, content, &entries);
    db.assemble_object_from_chunks(object_id(content), content.len() as u64, &entries)
        .expect("an assembled object");
}

/// Sizes of `size` for all of `content`, the last one shorter.
pub(crate) fn equal_sizes(content: &[u8], size: usize) -> impl Iterator<Item = usize> {
    content.chunks(size).map(<[u8]>::len).collect::<Vec<_>>().into_iter()
}

/// The zova error inside an I/O error of a reader or writer.
pub(crate) fn zova_error(error: io::Error) -> Error {
    *error.into_inner().expect("an error of Zova").downcast().expect("an error of Zova")
}

/// The fault of a reader or writer used through the traits of the standard library.
#[track_caller]
pub(crate) fn io_fault<T: Debug>(result: io::Result<T>, status: Status) -> String {
    native_fault(result.map_err(zova_error), status)
}

/// The fault of a call on a session, which is what the C interface stands on.
#[track_caller]
pub(crate) fn session_fault<T: Debug>(result: Result<T, Fault>, status: Status) -> String {
    native_fault(result.map_err(Error::from), status)
}

/// Refused because the object was met in one of these states.
#[track_caller]
pub(crate) fn fault_among<T: Debug>(result: Result<T, Error>, allowed: &[Status]) {
    let status = result.as_ref().expect_err("the call must be refused").status().expect("a status");
    assert!(allowed.contains(&status), "{status:?} instead of {allowed:?}");
    fault(result, status);
}

/// A golden vector of `fastcdc-v1`.
pub(crate) struct Golden {
    pub(crate) name: String,
    pub(crate) content: Vec<u8>,
    pub(crate) id: ObjectId,
    pub(crate) lengths: Vec<u64>,
    /// SHA-256 over the chunk hashes.
    digest: String,
}

impl Golden {
    #[track_caller]
    pub(crate) fn assert_manifest(&self, chunks: &[ObjectManifestChunk]) {
        let lengths: Vec<u64> = chunks.iter().map(|chunk| chunk.size_bytes).collect();
        assert_eq!(lengths, self.lengths, "{}", self.name);
        let mut end = 0;
        for (index, chunk) in (0..).zip(chunks) {
            assert_eq!((chunk.index, chunk.offset), (index, end), "{}", self.name);
            end += chunk.size_bytes;
        }
        let hashes: Vec<u8> = chunks.iter().flat_map(|chunk| chunk.hash.into_bytes()).collect();
        assert_eq!(reference::hex(&sha256(&hashes)), self.digest, "{}", self.name);
    }
}

/// All vectors of `fastcdc-v1-vectors.json`.
pub(crate) fn golden_vectors() -> Vec<Golden> {
    let text = include_str!("../data/fastcdc-v1-vectors.json");
    let golden: Value = serde_json::from_str(text).expect("JSON");
    let vectors: Vec<Golden> = golden["vectors"]
        .as_array()
        .expect("vectors")
        .iter()
        .map(|vector| Golden {
            name: vector["name"].as_str().expect("a name").to_owned(),
            content: input(&vector["input"]),
            id: vector["sha256"].as_str().expect("an id").parse().expect("an id"),
            lengths: vector["chunk_lengths"]
                .as_array()
                .expect("lengths")
                .iter()
                .map(|length| length.as_u64().expect("a length"))
                .collect(),
            digest: vector["chunk_hashes_sha256"].as_str().expect("a digest").to_owned(),
        })
        .collect();
    assert_eq!(vectors.len(), 34);
    vectors
}

/// The bytes a golden vector gives by a formula.
fn input(spec: &Value) -> Vec<u8> {
    let number = |key: &str| match &spec[key] {
        Value::String(text) => u64::from_str_radix(text.trim_start_matches("0x"), 16).expect("a number"),
        value => value.as_u64().expect("a number"),
    };
    match spec["kind"].as_str().expect("a kind") {
        "splitmix64" => bytes(number("seed"), number("length") as usize),
        "fill" => vec![number("byte") as u8; number("length") as usize],
        "repeat" => {
            let text = spec["text"].as_str().expect("a text");
            text.bytes().cycle().take(number("length") as usize).collect()
        }
        "affine" => {
            let (a, b, c, m) = (number("a"), number("b"), number("c"), number("m"));
            (0..number("length")).map(|i| ((a * i + i / b + c) % m) as u8).collect()
        }
        "concat" => spec["parts"].as_array().expect("parts").iter().flat_map(input).collect(),
        kind => panic!("unknown kind of input {kind}"),
    }
}
