//! The best rows so far.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::model::VectorSearchResult;

/// Keeps the nearest rows of those it is offered: at most `limit`, none beyond `max_distance`; equal distances in the
/// order of the id's bytes.
///
/// Cost: logarithmic in the limit for a row that is kept, one comparison for one that is not; memory for the rows
/// that are kept.
pub(super) struct Nearest<Id> {
    limit: usize,
    max_distance: f64,
    /// The worst on top.
    kept: BinaryHeap<Hit<Id>>,
}

struct Hit<Id> {
    distance: f64,
    id: Id,
}

impl<Id: AsRef<[u8]>> Nearest<Id> {
    /// Without a threshold `max_distance` is infinite.
    pub(super) fn new(limit: usize, max_distance: f64) -> Self {
        Self { limit, max_distance, kept: BinaryHeap::new() }
    }

    /// No row farther than this can be kept any more.
    pub(super) fn cut(&self) -> f64 {
        match self.kept.peek() {
            Some(worst) if self.kept.len() >= self.limit => worst.distance.min(self.max_distance),
            _ => self.max_distance,
        }
    }

    /// Keeps the row if it is among the nearest; its id is made only then.
    pub(super) fn offer<E>(
        &mut self,
        distance: f64,
        id: &[u8],
        owned: impl FnOnce() -> Result<Id, E>,
    ) -> Result<(), E> {
        if distance > self.max_distance || self.limit == 0 {
            return Ok(());
        }
        if self.kept.len() >= self.limit {
            match self.kept.peek() {
                Some(worst) if order((distance, id), (worst.distance, worst.id.as_ref())).is_lt() => {
                    self.kept.pop();
                }
                _ => return Ok(()),
            }
        }
        self.kept.push(Hit { distance, id: owned()? });
        Ok(())
    }

    /// The rows, nearest first.
    pub(super) fn into_results(self, text: impl Fn(Id) -> String) -> Vec<VectorSearchResult> {
        let sorted = self.kept.into_sorted_vec().into_iter();
        sorted.map(|hit| VectorSearchResult { id: text(hit.id), distance: hit.distance }).collect()
    }
}

/// Distances are finite, and -0 equals 0.
fn order(left: (f64, &[u8]), right: (f64, &[u8])) -> Ordering {
    left.0.partial_cmp(&right.0).unwrap_or(Ordering::Equal).then_with(|| left.1.cmp(right.1))
}

impl<Id: AsRef<[u8]>> Ord for Hit<Id> {
    fn cmp(&self, other: &Self) -> Ordering {
        order((self.distance, self.id.as_ref()), (other.distance, other.id.as_ref()))
    }
}

impl<Id: AsRef<[u8]>> PartialOrd for Hit<Id> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<Id: AsRef<[u8]>> PartialEq for Hit<Id> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<Id: AsRef<[u8]>> Eq for Hit<Id> {}
