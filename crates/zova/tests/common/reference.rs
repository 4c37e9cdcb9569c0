//! What the private object tables must hold, computed from the definition and independent of the library.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::splitmix;

pub(crate) type Hash = [u8; 32];

pub(crate) fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn from_hex(text: &str) -> Hash {
    assert_eq!(text.len(), 64, "{text}");
    std::array::from_fn(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("hexadecimal digits"))
}

/// `fastcdc-v1` as it is defined, byte by byte.
pub(crate) fn chunks(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut state = 0x5a4f_5641_5f46_4344;
    let gear: Vec<u64> = (0..256).map(|_| splitmix(&mut state)).collect();
    let mut chunks = Vec::new();
    while !bytes.is_empty() {
        let end = bytes.len().min(65536);
        let mut hash = 0u64;
        let trigger = (2048..end).find(|&position| {
            hash = (hash << 1).wrapping_add(gear[usize::from(bytes[position])]);
            hash & if position < 8192 { 0x0003_5907_0353_0000 } else { 0x0000_d900_0353_0000 } == 0
        });
        let (chunk, rest) = bytes.split_at(trigger.map_or(end, |position| position + 1));
        chunks.push(chunk);
        bytes = rest;
    }
    chunks
}

/// A manifest entry as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) hash: Hash,
    pub(crate) offset: i64,
    pub(crate) size: i64,
}

/// The rows of the three object tables.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Rows {
    /// Size and chunk count by object id.
    pub(crate) objects: BTreeMap<Hash, (i64, i64)>,
    /// By object id and index.
    pub(crate) entries: BTreeMap<(Hash, i64), Entry>,
    /// Bytes by chunk hash.
    pub(crate) chunks: BTreeMap<Hash, Vec<u8>>,
}

impl Rows {
    /// The rows of a file that holds these objects and nothing else.
    pub(crate) fn of<'a>(contents: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut rows = Self::default();
        for content in contents {
            rows.add(content);
        }
        rows
    }

    pub(crate) fn add(&mut self, content: &[u8]) {
        let id = sha256(content);
        let chunks = chunks(content);
        self.objects.insert(id, (content.len() as i64, chunks.len() as i64));
        let mut offset = 0;
        for (index, chunk) in (0..).zip(chunks) {
            let (hash, size) = (sha256(chunk), chunk.len() as i64);
            self.entries.insert((id, index), Entry { hash, offset, size });
            self.chunks.insert(hash, chunk.to_vec());
            offset += size;
        }
    }

    /// The rows of a file, as plain SQLite reads them. Everything must be stored in its documented type.
    pub(crate) fn read(connection: &rusqlite::Connection) -> Self {
        let mut rows = Self::default();
        each(
            connection,
            "select object_id, size_bytes, chunk_count, chunker from main._zova_objects",
            |row| {
                assert_eq!(row.get::<_, String>(3)?, "fastcdc-v1");
                rows.objects.insert(row.get(0)?, (row.get(1)?, row.get(2)?));
                Ok(())
            },
        );
        each(
            connection,
            "select object_id, chunk_index, chunk_hash, offset, size_bytes from main._zova_object_chunks",
            |row| {
                let entry = Entry { hash: row.get(2)?, offset: row.get(3)?, size: row.get(4)? };
                rows.entries.insert((row.get(0)?, row.get(1)?), entry);
                Ok(())
            },
        );
        each(connection, "select chunk_hash, size_bytes, data from main._zova_chunks", |row| {
            let data: Vec<u8> = row.get(2)?;
            assert_eq!(row.get::<_, i64>(1)?, data.len() as i64);
            rows.chunks.insert(row.get(0)?, data);
            Ok(())
        });
        rows
    }
}

fn each(
    connection: &rusqlite::Connection,
    sql: &str,
    mut read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<()>,
) {
    let mut statement = connection.prepare(sql).expect("a query");
    let mut rows = statement.query([]).expect("rows");
    while let Some(row) = rows.next().expect("a row") {
        read(row).expect("a row of the documented types");
    }
}
