//! The object tables as they should be: maps in memory, with transactions that are copies.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use zova::{ObjectId, ObjectManifestChunk, Status};

use crate::common::reference::{Entry, Hash, Rows, chunks, sha256};

/// What is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// Hashes of the chunks of each object, in order.
    pub(crate) objects: BTreeMap<Hash, Vec<Hash>>,
    pub(crate) chunks: BTreeMap<Hash, Rc<[u8]>>,
}

impl State {
    pub(crate) fn put(&mut self, content: &[u8]) {
        let id = sha256(content);
        if self.objects.contains_key(&id) {
            return;
        }
        let manifest = chunks(content).into_iter().map(|chunk| self.put_chunk(chunk)).collect();
        self.objects.insert(id, manifest);
    }

    pub(crate) fn put_chunk(&mut self, bytes: &[u8]) -> Hash {
        let hash = sha256(bytes);
        self.chunks.entry(hash).or_insert_with(|| bytes.into());
        hash
    }

    fn is_used(&self, chunk: &Hash) -> bool {
        self.objects.values().any(|manifest| manifest.contains(chunk))
    }

    pub(crate) fn delete(&mut self, id: &Hash) -> Result<(), Status> {
        let manifest = self.objects.remove(id).ok_or(Status::ObjectNotFound)?;
        for chunk in BTreeSet::from_iter(manifest) {
            if !self.is_used(&chunk) {
                self.chunks.remove(&chunk);
            }
        }
        Ok(())
    }

    pub(crate) fn delete_chunk(&mut self, chunk: &Hash) -> bool {
        !self.is_used(chunk) && self.chunks.remove(chunk).is_some()
    }

    /// The rules of assembly in their order.
    pub(crate) fn assemble(
        &mut self,
        id: ObjectId,
        size: u64,
        entries: &[ObjectManifestChunk],
    ) -> Result<(), Status> {
        let invalid = Err(Status::ObjectManifestInvalid);
        let id = id.into_bytes();
        if self.objects.contains_key(&id) {
            return Err(Status::ObjectAlreadyExists);
        }
        if size == 0 && !(entries.is_empty() && id == sha256(b"")) || size > 0 && entries.is_empty() {
            return invalid;
        }
        let mut entries: Vec<&ObjectManifestChunk> = entries.iter().collect();
        entries.sort_by_key(|entry| entry.index);
        let (mut content, mut manifest) = (Vec::new(), Vec::new());
        for (index, entry) in (0..).zip(entries) {
            let offset = content.len() as u64;
            let fits = (1..=65536).contains(&entry.size_bytes) && entry.size_bytes <= size - offset;
            if entry.index != index || entry.offset != offset || !fits {
                return invalid;
            }
            let chunk = self.chunks.get(entry.hash.as_ref()).ok_or(Status::ObjectChunkNotFound)?;
            if chunk.len() as u64 != entry.size_bytes {
                return invalid;
            }
            content.extend_from_slice(chunk);
            manifest.push(entry.hash.into_bytes());
        }
        if content.len() as u64 != size || sha256(&content) != id {
            return invalid;
        }
        self.objects.insert(id, manifest);
        Ok(())
    }

    pub(crate) fn content(&self, id: &Hash) -> Option<Vec<u8>> {
        let manifest = self.objects.get(id)?;
        Some(manifest.iter().flat_map(|chunk| self.chunks[chunk].iter().copied()).collect())
    }

    /// The rows of the private tables.
    pub(crate) fn rows(&self) -> Rows {
        let mut rows = Rows::default();
        for (id, manifest) in &self.objects {
            let mut offset = 0;
            for (index, hash) in (0..).zip(manifest) {
                let size = self.chunks[hash].len() as i64;
                rows.entries.insert((*id, index), Entry { hash: *hash, offset, size });
                offset += size;
            }
            rows.objects.insert(*id, (offset, manifest.len() as i64));
        }
        rows.chunks = self.chunks.iter().map(|(hash, bytes)| (*hash, bytes.to_vec())).collect();
        rows
    }
}

/// The stored state with the transaction around it.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) now: State,
    transaction: Option<Transaction>,
}

#[derive(Debug)]
struct Transaction {
    before: State,
    /// Started by a savepoint, so that releasing that one commits.
    by_savepoint: bool,
    savepoints: Vec<(&'static str, State)>,
}

/// SQLite refuses a transaction statement that does not fit.
const REFUSED: Result<(), Status> = Err(Status::SqliteError);

impl Model {
    pub(crate) fn in_transaction(&self) -> bool {
        self.transaction.is_some()
    }

    fn start(&mut self, by_savepoint: bool) -> &mut Transaction {
        let before = self.now.clone();
        self.transaction.get_or_insert(Transaction { before, by_savepoint, savepoints: Vec::new() })
    }

    pub(crate) fn begin(&mut self) -> Result<(), Status> {
        if self.in_transaction() {
            return REFUSED;
        }
        self.start(false);
        Ok(())
    }

    pub(crate) fn commit(&mut self) -> Result<(), Status> {
        self.transaction.take().map(drop).ok_or(Status::SqliteError)
    }

    pub(crate) fn rollback(&mut self) -> Result<(), Status> {
        self.now = self.transaction.take().ok_or(Status::SqliteError)?.before;
        Ok(())
    }

    pub(crate) fn savepoint(&mut self, name: &'static str) -> Result<(), Status> {
        let now = self.now.clone();
        self.start(true).savepoints.push((name, now));
        Ok(())
    }

    /// The transaction and the place of its innermost savepoint of this name.
    fn find(&mut self, name: &str) -> Result<(&mut Transaction, usize), Status> {
        let transaction = self.transaction.as_mut().ok_or(Status::SqliteError)?;
        let at = transaction.savepoints.iter().rposition(|(found, _)| *found == name);
        at.map(|at| (transaction, at)).ok_or(Status::SqliteError)
    }

    pub(crate) fn release(&mut self, name: &str) -> Result<(), Status> {
        let (transaction, at) = self.find(name)?;
        transaction.savepoints.truncate(at);
        if at == 0 && transaction.by_savepoint {
            self.transaction = None;
        }
        Ok(())
    }

    pub(crate) fn rollback_to(&mut self, name: &str) -> Result<(), Status> {
        let (transaction, at) = self.find(name)?;
        transaction.savepoints.truncate(at + 1);
        self.now = transaction.savepoints[at].1.clone();
        Ok(())
    }
}
