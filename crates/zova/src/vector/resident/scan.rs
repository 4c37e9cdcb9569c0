//! Search in the copy of a collection.
//!
//! One pass over the codes gives bounds for every row and leaves those that can be among the nearest: rows that are
//! certainly no nearer than as many others are passed over. What is left is looked at in the order of the lower
//! bounds, so that the first rows computed exactly exclude most of the others.

use super::copy::Copy;
use crate::error::Fault;
use crate::vector::bounds::{Between, PackedQuery, Query};
use crate::vector::nearest::Nearest;

/// Bounds are computed for as many rows at a time.
const BLOCK: usize = 1024;

/// A row that can be in the answer.
struct Candidate {
    at_least: f64,
    row: usize,
}

/// The rows of the whole copy that can be among the nearest `limit` within `max_distance`, the most promising first.
/// `excluded` is no candidate and excludes nothing.
fn candidates(
    copy: &Copy,
    query: &PackedQuery,
    limit: usize,
    max_distance: f64,
    excluded: Option<usize>,
    mut go_on: impl FnMut() -> Result<(), Fault>,
) -> Result<Vec<Candidate>, Fault> {
    let bounds = query.bounds();
    let mut kept: Vec<Candidate> = Vec::new();
    // The smallest upper bounds: `limit` rows are no farther than the largest of them.
    let mut nearest: Nearest<[u8; 0]> = Nearest::new(limit, max_distance);
    let limited = limit < copy.len();
    let mut sums = [0; BLOCK];
    for (number, segment) in copy.segments.iter().enumerate() {
        let first = number * copy.rows_per_segment();
        let blocks = segment.codes.chunks(BLOCK * copy.dimensions).zip(segment.numbers.chunks(BLOCK));
        for (block, (codes, numbers)) in blocks.enumerate() {
            go_on()?;
            query.code_products(codes, &mut sums[..numbers.len()]);
            let mut cut = nearest.cut();
            for (place, (sum, numbers)) in sums.iter().zip(numbers).enumerate() {
                if bounds.beyond(*sum, *numbers, cut) {
                    continue;
                }
                let row = first + block * BLOCK + place;
                if Some(row) == excluded {
                    continue;
                }
                let Between { at_least, at_most } = bounds.of(*sum, *numbers);
                kept.push(Candidate { at_least, row });
                if limited {
                    nearest.offer(at_most, &[], || Ok::<_, Fault>([]))?;
                    cut = nearest.cut();
                }
            }
        }
    }
    let cut = nearest.cut();
    kept.retain(|candidate| candidate.at_least <= cut);
    kept.sort_unstable_by(|left, right| left.at_least.total_cmp(&right.at_least));
    Ok(kept)
}

/// Offers every row that can be among the nearest, and says how many distances were computed.
///
/// `fetch` reads the values of a row that are not in memory.
pub(super) fn nearest<'c>(
    copy: &'c Copy,
    query: &Query<'_>,
    nearest: &mut Nearest<&'c [u8]>,
    limit: usize,
    excluded: Option<usize>,
    mut fetch: impl FnMut(&str, &mut Vec<f32>) -> Result<(), Fault>,
    mut go_on: impl FnMut() -> Result<(), Fault>,
) -> Result<u64, Fault> {
    let candidates = candidates(copy, &query.pack(), limit, nearest.cut(), excluded, &mut go_on)?;
    let mut rescored = 0;
    let mut fetched = Vec::new();
    for (count, candidate) in candidates.iter().enumerate() {
        if candidate.at_least > nearest.cut() {
            break;
        }
        if count % BLOCK == 0 {
            go_on()?;
        }
        rescored += offer(copy, query, nearest, candidate.row, &mut fetched, &mut fetch)?;
    }
    Ok(rescored)
}

/// Offers one row; 1 if its distance was computed.
pub(super) fn offer<'c>(
    copy: &'c Copy,
    query: &Query<'_>,
    nearest: &mut Nearest<&'c [u8]>,
    row: usize,
    fetched: &mut Vec<f32>,
    fetch: impl FnOnce(&str, &mut Vec<f32>) -> Result<(), Fault>,
) -> Result<u64, Fault> {
    let id = copy.id(row);
    let values = match copy.values(row) {
        Some(values) => values,
        None => {
            fetch(id, fetched)?;
            fetched
        }
    };
    // The rows of a copy were all found comparable.
    if query.at_least(values).is_ok_and(|at_least| at_least > nearest.cut()) {
        return Ok(0);
    }
    nearest.offer(query.distance(values), id.as_bytes(), || Ok::<_, Fault>(id.as_bytes()))?;
    Ok(1)
}
