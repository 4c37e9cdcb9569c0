//! The search: which documents of an index are most similar to a query.
//!
//! A document that scores `t` or more against a query of `n` trigrams shares at least `ceil(t * n)` of them. So
//!
//! 1. it occurs in one of the shortest `n - ceil(t * n) + 1` posting lists, which are read whole and tell the
//!    candidates;
//! 2. the longer lists only add to the candidates' counts. Before one is read that is not in memory, the candidates
//!    counted most often so far are judged, which tells how much the others have to share to be among the best; when
//!    looking those up in the list costs less than reading it, it is not read;
//! 3. candidates are judged in descending order of what they are known to share, until no further one can be among
//!    the best. What each can reach is bounded by its own number of trigrams first.
//!
//! Scores are those of the definition, bit for bit: bounds are computed by the same division, which keeps order.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::resident::{Copied, List, Size};
use super::statement::reused;
use super::text::{Trigram, score};
use super::value::damaged;
use crate::{ExtensionContext, ExtensionResult, ExtensionStatement, SqlValue, Status};

/// Reading a list costs a unit for each posting, looking up a document so many.
const LOOK_UP_COST: u64 = 32;

const TERM: &str = "select document_count from main._zova_ext_trgm_terms where index_name = ?1 and term = ?2";
const POSTINGS: &str =
    "select document_id from main._zova_ext_trgm_postings where index_name = ?1 and term = ?2";
const POSTING: &str = "select 1 from main._zova_ext_trgm_postings \
    where index_name = ?1 and term = ?2 and document_id = ?3";
const SIZE: &str = "select term_count from main._zova_ext_trgm_documents \
    where index_name = ?1 and document_id = ?2";

/// What is searched for.
pub(super) struct Query<'q> {
    pub(super) index: &'q str,
    /// Distinct.
    pub(super) trigrams: &'q [Trigram],
    pub(super) limit: usize,
    /// From 0 to 1.
    pub(super) threshold: f64,
}

/// A document that was found.
#[derive(Debug, PartialEq)]
pub(super) struct Hit {
    pub(super) document: Vec<u8>,
    pub(super) score: f64,
}

/// The best documents, best first; equal scores by id in byte order.
///
/// Cost: the postings of the query's trigrams that are not in memory, see the module text.
pub(super) fn search(
    context: &ExtensionContext<'_>,
    copied: &mut Copied,
    query: &Query<'_>,
) -> ExtensionResult<Vec<Hit>> {
    if query.limit == 0 || query.trigrams.is_empty() {
        return Ok(Vec::new());
    }
    copied.begin();
    let mut reader = Reader::new(context, query.index);
    let terms = reader.terms(copied, query.trigrams)?;
    let mut needed = least_common(query.trigrams.len(), query.threshold);
    if terms.len() < needed {
        return Ok(Vec::new());
    }
    let mut candidates = Vec::new();
    let (rare, common) = terms.split_at(terms.len() - needed + 1);
    for &(_, trigram) in rare {
        let list = reader.list(copied, trigram)?;
        count(&mut copied.counts, &list, &mut candidates);
    }
    let mut unread = common;
    let mut foreseen = false;
    while let [(document_count, trigram), rest @ ..] = unread {
        if !copied.has_list(*trigram) {
            if !foreseen {
                foreseen = true;
                let score = foresee(&mut reader, copied, query, &candidates, unread)?;
                needed = needed.max(least_common(query.trigrams.len(), score));
            }
            let possible =
                |document: &&u32| copied.counts[**document as usize] as usize + unread.len() >= needed;
            let possible = candidates.iter().filter(possible).count() as u64;
            if possible.saturating_mul(LOOK_UP_COST) < *document_count {
                break;
            }
        }
        for document in reader.list(copied, *trigram)?.iter() {
            let count = &mut copied.counts[*document as usize];
            *count += u32::from(*count > 0);
        }
        unread = rest;
    }
    let found = judge(&mut reader, copied, query, &candidates, (needed, unread));
    candidates.iter().for_each(|document| copied.counts[*document as usize] = 0);
    found
}

/// A score that as many documents reach as are wanted: that of the last of those counted most often. 0 where finding out
/// would cost more than it could spare.
fn foresee(
    reader: &mut Reader<'_, '_>,
    copied: &mut Copied,
    query: &Query<'_>,
    candidates: &[u32],
    unread: &[(u64, Trigram)],
) -> ExtensionResult<f64> {
    // A damaged count may be anything.
    let postings = unread.iter().fold(0_u64, |sum, (document_count, _)| sum.saturating_add(*document_count));
    let look_ups = (query.limit as u64).saturating_mul(unread.len() as u64);
    if look_ups.saturating_mul(LOOK_UP_COST) >= postings {
        return Ok(0.0);
    }
    let leaders = by_count(&copied.counts, candidates, 1).take(query.limit);
    let leaders: Vec<u32> = leaders.map(|(_, document)| document).collect();
    let hits = judge(reader, copied, query, &leaders, (1, unread))?;
    Ok(hits.get(query.limit - 1).map_or(0.0, |last| last.score))
}

/// The smallest number of shared trigrams with which a document can reach the threshold: one that has no others.
fn least_common(trigrams: usize, threshold: f64) -> usize {
    // The whole query scores 1, which no threshold exceeds.
    let (mut low, mut high) = (1, trigrams);
    while low < high {
        let middle = low + (high - low) / 2;
        if score(middle, trigrams, middle) >= threshold { high = middle } else { low = middle + 1 }
    }
    low
}

/// Adds 1 for every document of a list; those seen for the first time become candidates.
fn count(counts: &mut [u32], list: &[u32], candidates: &mut Vec<u32>) {
    let known = candidates.len();
    candidates.resize(known + list.len(), 0);
    let mut end = known;
    for document in list {
        let count = &mut counts[*document as usize];
        // Written in any case, kept if new: no branch to mispredict.
        candidates[end] = *document;
        end += usize::from(*count == 0);
        *count += 1;
    }
    candidates.truncate(end);
}

/// Finds the best among the candidates, of which at least `needed` trigrams are shared, and those `unread` were not
/// counted.
fn judge(
    reader: &mut Reader<'_, '_>,
    copied: &mut Copied,
    query: &Query<'_>,
    candidates: &[u32],
    (needed, unread): (usize, &[(u64, Trigram)]),
) -> ExtensionResult<Vec<Hit>> {
    let Copied { documents, sizes, counts, .. } = copied;
    let n = query.trigrams.len();
    let mut best = Best { limit: query.limit, threshold: query.threshold, heap: BinaryHeap::new() };
    'candidates: for (seen, document) in
        by_count(counts, candidates, needed.saturating_sub(unread.len()).max(1))
    {
        let most = seen + unread.len();
        if !best.can_take(score(most, n, most)) {
            break;
        }
        let (id, size) = (documents.id(document), &mut sizes[document as usize]);
        if *size == Size::Unknown {
            *size = reader.size(id)?;
        }
        let Size::Known(size) = *size else { continue };
        let size = size as usize;
        let mut common = seen;
        for (place, (_, trigram)) in unread.iter().enumerate() {
            let possible = (common + unread.len() - place).min(size);
            if !best.can_take(score(possible, n, size)) {
                continue 'candidates;
            }
            common += usize::from(reader.has_posting(*trigram, id)?);
        }
        if common > size {
            return Err(damaged());
        }
        best.offer(Ranked { score: score(common, n, size), id });
    }
    Ok(best.into_hits())
}

/// The candidates that were counted at least `least` times, with their counts, in descending order of these.
fn by_count(counts: &[u32], candidates: &[u32], least: usize) -> impl Iterator<Item = (usize, u32)> {
    let mut levels: Vec<Vec<u32>> = Vec::new();
    for document in candidates {
        let count = counts[*document as usize] as usize;
        if let Some(level) = count.checked_sub(least) {
            if level >= levels.len() {
                levels.resize_with(level + 1, Vec::new);
            }
            levels[level].push(*document);
        }
    }
    let levels = levels.into_iter().enumerate().rev();
    levels.flat_map(move |(level, documents)| {
        documents.into_iter().map(move |document| (least + level, document))
    })
}

/// A document with its score. A worse one is the greater one, so that it is on top of the heap.
struct Ranked<'d> {
    score: f64,
    id: &'d [u8],
}

impl Ord for Ranked<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.score.total_cmp(&self.score).then_with(|| self.id.cmp(other.id))
    }
}

impl PartialOrd for Ranked<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ranked<'_> {}

/// The best documents so far.
struct Best<'d> {
    limit: usize,
    threshold: f64,
    heap: BinaryHeap<Ranked<'d>>,
}

impl<'d> Best<'d> {
    /// False if no document with this score or a lower one can be among the best.
    fn can_take(&self, score: f64) -> bool {
        let full = self.heap.len() == self.limit;
        score >= self.threshold && !(full && self.heap.peek().is_some_and(|worst| score < worst.score))
    }

    fn offer(&mut self, document: Ranked<'d>) {
        if document.score < self.threshold {
            return;
        }
        if self.heap.len() < self.limit {
            self.heap.push(document);
        } else if let Some(mut worst) = self.heap.peek_mut()
            && document < *worst
        {
            *worst = document;
        }
    }

    fn into_hits(self) -> Vec<Hit> {
        let sorted = self.heap.into_sorted_vec().into_iter();
        sorted.map(|Ranked { score, id }| Hit { document: id.to_vec(), score }).collect()
    }
}

/// Reads what is not in memory.
struct Reader<'s, 'c> {
    context: &'s ExtensionContext<'c>,
    index: &'s str,
    size: Option<ExtensionStatement<'c>>,
    posting: Option<ExtensionStatement<'c>>,
}

impl<'s, 'c> Reader<'s, 'c> {
    fn new(context: &'s ExtensionContext<'c>, index: &'s str) -> Self {
        Self { context, index, size: None, posting: None }
    }

    /// The trigrams that occur in the index, the rarest first, each with the number of its documents.
    fn terms(&self, copied: &mut Copied, trigrams: &[Trigram]) -> ExtensionResult<Vec<(u64, Trigram)>> {
        let of_index = SqlValue::Text(self.index.as_bytes());
        let mut terms = Vec::with_capacity(trigrams.len());
        let mut statement = None;
        for &trigram in trigrams {
            let document_count = match copied.document_count(trigram) {
                Some(document_count) => document_count,
                None => {
                    let row = reused(&mut statement, self.context, TERM, &[of_index])?;
                    row.bind(2, SqlValue::Blob(&trigram.bytes()))?;
                    let document_count = if row.step()? { non_negative(row.column(0))? } else { 0 };
                    copied.keep_document_count(trigram, document_count);
                    document_count
                }
            };
            if document_count > 0 {
                terms.push((document_count, trigram));
            }
        }
        terms.sort_unstable();
        Ok(terms)
    }

    /// The documents with a trigram.
    fn list(&self, copied: &mut Copied, trigram: Trigram) -> ExtensionResult<List> {
        if let Some(list) = copied.list(trigram) {
            return Ok(list);
        }
        let mut rows = self.context.prepare(POSTINGS)?;
        rows.bind(1, SqlValue::Text(self.index.as_bytes()))?;
        rows.bind(2, SqlValue::Blob(&trigram.bytes()))?;
        let mut list = Vec::new();
        let expected = copied.document_count(trigram).unwrap_or(0);
        copied.documents.expect(expected);
        while rows.step()? {
            let SqlValue::Text(document) = rows.column(0) else { return Err(damaged()) };
            list.push(copied.documents.number(document).ok_or(Status::OutOfMemory)?);
        }
        copied.extend();
        let list = List::from(list);
        copied.keep_list(trigram, &list);
        Ok(list)
    }

    /// The number of distinct trigrams of a document.
    fn size(&mut self, document: &[u8]) -> ExtensionResult<Size> {
        let row = reused(&mut self.size, self.context, SIZE, &[SqlValue::Text(self.index.as_bytes())])?;
        row.bind(2, SqlValue::Text(document))?;
        if !row.step()? {
            return Ok(Size::Missing);
        }
        Ok(Size::Known(u32::try_from(non_negative(row.column(0))?).map_err(|_| damaged())?))
    }

    fn has_posting(&mut self, trigram: Trigram, document: &[u8]) -> ExtensionResult<bool> {
        let row = reused(&mut self.posting, self.context, POSTING, &[SqlValue::Text(self.index.as_bytes())])?;
        row.bind(2, SqlValue::Blob(&trigram.bytes()))?;
        row.bind(3, SqlValue::Text(document))?;
        row.step()
    }
}

fn non_negative(value: SqlValue<'_>) -> ExtensionResult<u64> {
    match value {
        SqlValue::Integer(count) => u64::try_from(count).map_err(|_| damaged()),
        _ => Err(damaged()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_trigrams_needed_is_the_smallest_that_can_reach_the_threshold() {
        for n in 1..=200 {
            for threshold in [0.0, 0.1, 0.3, 1.0 / 3.0, 0.5, 0.7, 0.999, 1.0] {
                let needed = least_common(n, threshold);
                assert!(score(needed, n, needed) >= threshold, "{n} {threshold}");
                assert!(needed == 1 || score(needed - 1, n, needed - 1) < threshold, "{n} {threshold}");
            }
        }
        assert_eq!((least_common(12, 0.3), least_common(10, 0.3), least_common(1, 1.0)), (4, 3, 1));
    }

    #[test]
    fn the_best_are_kept_whatever_order_they_come_in() {
        let documents: [(f64, &[u8]); 5] = [(0.5, b"c"), (0.9, b"z"), (0.5, b"a"), (0.2, b"q"), (0.5, b"b")];
        for first in 0..documents.len() {
            let mut best = Best { limit: 3, threshold: 0.3, heap: BinaryHeap::new() };
            for (score, id) in documents.iter().cycle().skip(first).take(documents.len()) {
                best.offer(Ranked { score: *score, id });
            }
            assert!(best.can_take(0.5) && !best.can_take(0.4));
            let ids: Vec<Vec<u8>> = best.into_hits().into_iter().map(|hit| hit.document).collect();
            assert_eq!(ids, [b"z", b"a", b"b"]);
        }
    }
}
