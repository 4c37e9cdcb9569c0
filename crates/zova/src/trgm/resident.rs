//! Posting lists once read, kept in memory for the next search of the same connection.
//!
//! SQLite hands out a posting in some seventy nanoseconds; in memory, counting one takes about one. So the lists that a
//! search reads are kept, as numbers of documents, together with the document ids those numbers stand for.
//!
//! One rule decides whether what is kept may be used: it belongs to one version of the file, which every commit
//! changes, whoever makes it ([`ExtensionContext::data_version`]). While this connection has uncommitted changes there
//! is no version, and a search reads everything anew; so neither raw SQL on the private tables nor a rollback can be
//! missed.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::text::Trigram;
use crate::{ExtensionContext, ExtensionResult};

/// Bytes kept between searches, for each connection.
const BUDGET: usize = 96 << 20;
/// What a document takes beside the bytes of its id, and a term beside its list.
const ENTRY_BYTES: usize = 48;
/// Documents that room is made for at once. A damaged count may be anything.
const MOST_EXPECTED: u64 = 1 << 20;

/// What a connection keeps.
#[derive(Default)]
pub(super) struct Resident {
    version: Option<u32>,
    indexes: HashMap<Box<str>, Copied>,
}

/// What is kept of one index.
#[derive(Default)]
pub(super) struct Copied {
    pub(super) documents: Documents,
    /// The number of distinct trigrams of each document, as far as it was looked up.
    pub(super) sizes: Vec<Size>,
    terms: HashMap<Trigram, Term>,
    /// All zero between searches: how many of the query's trigrams each document was seen with.
    pub(super) counts: Vec<u32>,
    list_bytes: usize,
    search: u64,
}

#[derive(Default)]
struct Term {
    document_count: u64,
    list: Option<List>,
    used_in: u64,
}

/// The documents with one trigram, as numbers.
pub(super) type List = Arc<[u32]>;

/// What is known of the number of distinct trigrams of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    Unknown,
    /// There is a posting, but no such document.
    Missing,
    Known(u32),
}

impl Resident {
    /// Runs a search with what is kept of its index. The search's read transaction is open.
    pub(super) fn with_copied<T>(
        &mut self,
        context: &ExtensionContext<'_>,
        index: &str,
        search: impl FnOnce(&mut Copied) -> ExtensionResult<T>,
    ) -> ExtensionResult<T> {
        let version = context.data_version()?;
        if version.is_none() {
            return search(&mut Copied::default());
        }
        if self.version != version {
            *self = Self { version, indexes: HashMap::new() };
        }
        // Taken out: a search that fails halfway leaves counts behind, and nothing of it is kept.
        let mut copied = self.indexes.remove(index).unwrap_or_default();
        let result = search(&mut copied)?;
        debug_assert!(copied.counts.iter().all(|count| *count == 0));
        let mut free = BUDGET.saturating_sub(copied.bytes());
        self.indexes.retain(|_, other| {
            let fits = other.bytes() <= free;
            free -= if fits { other.bytes() } else { 0 };
            fits
        });
        if copied.bytes() <= BUDGET {
            self.indexes.insert(index.into(), copied);
        }
        Ok(result)
    }
}

impl Copied {
    fn bytes(&self) -> usize {
        self.documents.bytes() + self.list_bytes + self.terms.len() * ENTRY_BYTES
    }

    /// Begins a search: lists that it does not use may make room for those it does.
    pub(super) fn begin(&mut self) {
        self.search += 1;
    }

    /// How many documents have a trigram, if that is kept.
    pub(super) fn document_count(&self, trigram: Trigram) -> Option<u64> {
        self.terms.get(&trigram).map(|term| term.document_count)
    }

    pub(super) fn keep_document_count(&mut self, trigram: Trigram, document_count: u64) {
        self.terms.insert(trigram, Term { document_count, ..Term::default() });
    }

    pub(super) fn list(&mut self, trigram: Trigram) -> Option<List> {
        let term = self.terms.get_mut(&trigram)?;
        term.used_in = self.search;
        term.list.clone()
    }

    pub(super) fn has_list(&self, trigram: Trigram) -> bool {
        self.terms.get(&trigram).is_some_and(|term| term.list.is_some())
    }

    /// Keeps a list if it fits, at the expense of lists that this search has not used.
    pub(super) fn keep_list(&mut self, trigram: Trigram, list: &List) {
        let bytes = size_of_val::<[u32]>(list);
        if self.bytes() + bytes > BUDGET {
            for term in self.terms.values_mut().filter(|term| term.used_in != self.search) {
                self.list_bytes -= term.list.take().map_or(0, |list| size_of_val::<[u32]>(&list));
            }
        }
        if self.bytes() + bytes <= BUDGET {
            self.list_bytes += bytes;
            let term = self.terms.entry(trigram).or_default();
            (term.list, term.used_in) = (Some(Arc::clone(list)), self.search);
        }
    }

    /// Makes room for what is kept of each document: after documents were numbered.
    pub(super) fn extend(&mut self) {
        self.sizes.resize(self.documents.len(), Size::Unknown);
        self.counts.resize(self.documents.len(), 0);
    }
}

/// Document ids, numbered in the order in which they were first read.
#[derive(Default)]
pub(super) struct Documents {
    ids: Vec<u8>,
    /// Where each id ends.
    ends: Vec<u32>,
    numbers: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Documents {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    fn bytes(&self) -> usize {
        self.ids.len() + self.ends.len() * ENTRY_BYTES
    }

    pub(super) fn id(&self, number: u32) -> &[u8] {
        id(&self.ids, &self.ends, number)
    }

    /// Makes room for so many documents that may be new.
    pub(super) fn expect(&mut self, count: u64) {
        let Self { ids, ends, numbers, hasher } = self;
        let count = count.min(MOST_EXPECTED) as usize;
        numbers.reserve(count, |number| hasher.hash_one(id(ids, ends, *number)));
    }

    /// The number of a document, a new one if the id was not read before; `None` beyond 4 GiB of ids.
    pub(super) fn number(&mut self, document: &[u8]) -> Option<u32> {
        let Self { ids, ends, numbers, hasher } = self;
        let hash = hasher.hash_one(document);
        if let Some(number) = numbers.find(hash, |number| id(ids, ends, *number) == document) {
            return Some(*number);
        }
        let number = u32::try_from(ends.len()).ok()?;
        let end = u32::try_from(ids.len() + document.len()).ok()?;
        ids.extend_from_slice(document);
        ends.push(end);
        numbers.insert_unique(hash, number, |number| hasher.hash_one(id(ids, ends, *number)));
        Some(number)
    }
}

#[inline]
fn id<'d>(ids: &'d [u8], ends: &[u32], number: u32) -> &'d [u8] {
    let at = number as usize;
    let start = if at == 0 { 0 } else { ends[at - 1] };
    &ids[start as usize..ends[at] as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_keep_their_numbers_however_many_follow() {
        let mut documents = Documents::default();
        let name = |n: u32| format!("document {n}").into_bytes();
        documents.expect(100);
        for n in 0..1000 {
            assert_eq!(documents.number(&name(n)), Some(n));
            assert_eq!(documents.number(&name(n / 2)), Some(n / 2));
        }
        assert_eq!(documents.number(b""), Some(1000));
        assert_eq!(documents.number(b""), Some(1000));
        assert!((0..1000).all(|n| documents.id(n) == name(n)) && documents.id(1000).is_empty());
    }

    #[test]
    fn a_list_that_does_not_fit_takes_the_room_of_lists_the_search_does_not_use() {
        let mut copied = Copied::default();
        let trigram = |n: u8| Trigram::new([b' ', b' ', n]);
        let third: List = vec![0; BUDGET / 3 / size_of::<u32>() - 1000].into();
        copied.begin();
        for n in 0..3 {
            copied.keep_list(trigram(n), &third);
        }
        assert!((0..3).all(|n| copied.has_list(trigram(n))));
        copied.begin();
        assert!(copied.list(trigram(1)).is_some());
        copied.keep_list(trigram(3), &third);
        let kept: Vec<u8> = (0..4).filter(|n| copied.has_list(trigram(*n))).collect();
        assert_eq!(kept, [1, 3]);
        // All that is kept is in use now.
        copied.keep_list(trigram(4), &third);
        copied.keep_list(trigram(5), &third);
        assert!(copied.has_list(trigram(4)) && !copied.has_list(trigram(5)));
        assert!(copied.bytes() <= BUDGET);
    }
}
