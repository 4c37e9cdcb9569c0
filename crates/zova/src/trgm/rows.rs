//! Rows of the tables, in the orders in which they are inserted.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::change::Change;
use super::text::Trigram;
use crate::{RowSource, SqlValue};

/// Rows of documents.
pub(super) struct Documents<'d> {
    changes: std::slice::Iter<'d, &'d Change>,
    current: Option<&'d Change>,
}

impl<'d> Documents<'d> {
    pub(super) fn new(changes: &'d [&'d Change]) -> Self {
        Self { changes: changes.iter(), current: None }
    }
}

impl RowSource for Documents<'_> {
    fn advance(&mut self) -> bool {
        self.current = self.changes.next().copied();
        self.current.is_some()
    }

    fn value(&self, column: usize) -> SqlValue<'_> {
        self.current.map_or(SqlValue::Null, |change| change.column(column))
    }
}

/// The postings that a document gets, in ascending order.
pub(super) struct Added<'d> {
    pub(super) id: &'d str,
    pub(super) terms: Cow<'d, [(Trigram, u32)]>,
}

impl<'d> Added<'d> {
    /// All of those of a document.
    pub(super) fn whole(change: &'d Change) -> Self {
        Self { id: &change.id, terms: Cow::Borrowed(change.terms()) }
    }
}

/// A posting: its trigram, the place of its document in a list, and its count, in this order from the highest bit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Posting(u64);

impl Posting {
    /// A count that does not fit is looked up.
    const LARGE: u8 = u8::MAX;

    fn new(trigram: Trigram, document: u32, count: u32) -> Self {
        let count = u8::try_from(count).unwrap_or(Self::LARGE);
        let [first, second, third] = trigram.bytes();
        let [a, b, c, d] = document.to_be_bytes();
        Self(u64::from_be_bytes([first, second, third, a, b, c, d, count]))
    }

    fn trigram(self) -> Trigram {
        let [first, second, third, ..] = self.0.to_be_bytes();
        Trigram::new([first, second, third])
    }

    fn document(self) -> usize {
        (self.0 >> 8) as u32 as usize
    }

    fn count(self, added: &[Added<'_>]) -> u32 {
        let [.., count] = self.0.to_be_bytes();
        if count < Self::LARGE {
            return count.into();
        }
        let (terms, trigram) = (&added[self.document()].terms, self.trigram());
        let place = terms.partition_point(|(other, _)| *other < trigram);
        terms.get(place).map_or(u32::from(count), |(_, count)| *count)
    }
}

/// The ids of documents one behind the other. Going through the documents of one term after the other reads each id
/// many times, with a jump before each.
struct Ids {
    bytes: Vec<u8>,
    /// Where each id begins, and where the last one ends.
    bounds: Vec<u32>,
}

impl Ids {
    fn new(added: &[Added<'_>]) -> Self {
        let (mut bytes, mut bounds) = (Vec::new(), Vec::with_capacity(added.len() + 1));
        bounds.push(0);
        for added in added {
            bytes.extend_from_slice(added.id.as_bytes());
            // Bounded by the memory for changes that are put off.
            bounds.push(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        }
        Self { bytes, bounds }
    }

    fn get(&self, document: usize) -> &[u8] {
        &self.bytes[self.bounds[document] as usize..self.bounds[document + 1] as usize]
    }
}

/// Rows of postings in the order of their table's key: term, then document.
pub(super) struct ByTerm<'d> {
    index: &'d str,
    added: &'d [Added<'d>],
    ids: Ids,
    postings: Vec<Posting>,
    next: usize,
    /// The term of the current row.
    term: [u8; 3],
}

impl<'d> ByTerm<'d> {
    /// The documents are in the order of their ids.
    ///
    /// Cost: sorts eight bytes for each posting.
    pub(super) fn new(index: &'d str, added: &'d [Added<'d>]) -> Self {
        let mut postings = Vec::with_capacity(added.iter().map(|added| added.terms.len()).sum());
        for (document, added) in (0..).zip(added) {
            postings
                .extend(added.terms.iter().map(|(trigram, count)| Posting::new(*trigram, document, *count)));
        }
        postings.sort_unstable();
        Self { index, added, ids: Ids::new(added), postings, next: 0, term: [0; 3] }
    }

    pub(super) fn len(&self) -> usize {
        self.postings.len()
    }

    /// Document, term and count of each.
    pub(super) fn postings(&self) -> impl Iterator<Item = (&'d str, Trigram, u32)> {
        let added = self.added;
        self.postings
            .iter()
            .map(move |posting| (added[posting.document()].id, posting.trigram(), posting.count(added)))
    }

    /// Adds how many documents each term has here.
    pub(super) fn count(&self, counts: &mut BTreeMap<Trigram, i64>) {
        for of_term in self.postings.chunk_by(|a, b| a.trigram() == b.trigram()) {
            *counts.entry(of_term[0].trigram()).or_default() += of_term.len() as i64;
        }
    }
}

impl RowSource for ByTerm<'_> {
    fn advance(&mut self) -> bool {
        let Some(posting) = self.postings.get(self.next) else { return false };
        self.term = posting.trigram().bytes();
        self.next += 1;
        true
    }

    fn value(&self, column: usize) -> SqlValue<'_> {
        let Some(posting) = self.next.checked_sub(1).and_then(|at| self.postings.get(at)) else {
            return SqlValue::Null;
        };
        match column {
            0 => SqlValue::Text(self.index.as_bytes()),
            1 => SqlValue::Blob(&self.term),
            2 => SqlValue::Text(self.ids.get(posting.document())),
            _ => SqlValue::Integer(posting.count(self.added).into()),
        }
    }

    fn constant(&self, column: usize) -> Option<SqlValue<'_>> {
        (column == 0).then_some(SqlValue::Text(self.index.as_bytes()))
    }
}

/// Rows of postings in the order of their index: document, then term.
pub(super) struct ByDocument<'d> {
    index: &'d str,
    added: &'d [Added<'d>],
    /// The document and, counted from 1, the term of the current row.
    at: (usize, usize),
    term: [u8; 3],
}

impl<'d> ByDocument<'d> {
    /// The documents are in the order of their ids.
    pub(super) fn new(index: &'d str, added: &'d [Added<'d>]) -> Self {
        Self { index, added, at: (0, 0), term: [0; 3] }
    }
}

impl RowSource for ByDocument<'_> {
    fn advance(&mut self) -> bool {
        loop {
            let Some(added) = self.added.get(self.at.0) else { return false };
            if let Some((trigram, _)) = added.terms.get(self.at.1) {
                self.term = trigram.bytes();
                self.at.1 += 1;
                return true;
            }
            self.at = (self.at.0 + 1, 0);
        }
    }

    fn value(&self, column: usize) -> SqlValue<'_> {
        match (column, self.added.get(self.at.0)) {
            (0, _) => SqlValue::Text(self.index.as_bytes()),
            (1, Some(added)) => SqlValue::Text(added.id.as_bytes()),
            (2, _) => SqlValue::Blob(&self.term),
            _ => SqlValue::Null,
        }
    }

    fn constant(&self, column: usize) -> Option<SqlValue<'_>> {
        (column == 0).then_some(SqlValue::Text(self.index.as_bytes()))
    }
}

/// Rows of terms.
pub(super) struct Terms<'d> {
    index: &'d str,
    counts: std::collections::btree_map::Iter<'d, Trigram, i64>,
    term: [u8; 3],
    count: i64,
}

impl<'d> Terms<'d> {
    pub(super) fn new(index: &'d str, counts: &'d BTreeMap<Trigram, i64>) -> Self {
        Self { index, counts: counts.iter(), term: [0; 3], count: 0 }
    }
}

impl RowSource for Terms<'_> {
    fn advance(&mut self) -> bool {
        let Some((trigram, count)) = self.counts.next() else { return false };
        (self.term, self.count) = (trigram.bytes(), *count);
        true
    }

    fn value(&self, column: usize) -> SqlValue<'_> {
        match column {
            0 => SqlValue::Text(self.index.as_bytes()),
            1 => SqlValue::Blob(&self.term),
            _ => SqlValue::Integer(self.count),
        }
    }

    fn constant(&self, column: usize) -> Option<SqlValue<'_>> {
        (column == 0).then_some(SqlValue::Text(self.index.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postings_come_by_term_then_document_with_counts_of_any_size() {
        let trigram = |byte: u8| Trigram::new([byte; 3]);
        let terms = |terms: &[(u8, u32)]| -> Vec<(Trigram, u32)> {
            terms.iter().map(|(byte, count)| (trigram(*byte), *count)).collect()
        };
        let added = [
            Added { id: "a", terms: terms(&[(0, 1), (7, 255), (255, 1 << 20)]).into() },
            Added { id: "b", terms: Vec::new().into() },
            Added { id: "c", terms: terms(&[(0, 254), (255, 3)]).into() },
        ];
        let mut rows = ByTerm::new("index", &added);
        let listed: Vec<_> = rows.postings().map(|(id, term, count)| (id, term.bytes()[0], count)).collect();
        let expected = [("a", 0, 1), ("c", 0, 254), ("a", 7, 255), ("a", 255, 1 << 20), ("c", 255, 3)];
        assert_eq!(listed, expected);
        let mut counts = BTreeMap::from([(trigram(0), -2)]);
        rows.count(&mut counts);
        assert_eq!(counts.into_values().collect::<Vec<_>>(), [0, 1, 2]);
        for (id, term, count) in expected {
            assert!(rows.advance());
            assert_eq!(rows.value(0), SqlValue::Text(b"index"));
            assert_eq!(rows.value(1), SqlValue::Blob(&[term; 3]));
            assert_eq!(rows.value(2), SqlValue::Text(id.as_bytes()));
            assert_eq!(rows.value(3), SqlValue::Integer(count.into()));
        }
        assert!(!rows.advance());
        let mut rows = ByDocument::new("index", &added);
        for (id, term) in [("a", 0), ("a", 7), ("a", 255), ("c", 0), ("c", 255)] {
            assert!(rows.advance());
            assert_eq!(rows.value(1), SqlValue::Text(id.as_bytes()));
            assert_eq!(rows.value(2), SqlValue::Blob(&[term; 3]));
        }
        assert!(!rows.advance());
    }
}
