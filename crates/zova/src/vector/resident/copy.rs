//! One collection in memory.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::vector::bounds::{self, RowNumbers};
use crate::vector::model::VectorMetric;

/// Codes are kept in pieces of about this size, so that growing never copies and an interrupt is soon noticed.
const SEGMENT_BYTES: usize = 4 << 20;

/// What a row needs besides its codes, values and the bytes of its id: the three numbers, and the id's place in memory
/// and in the index.
const ROW_OVERHEAD: u64 = 24 + 16 + 16 + 8;

/// The rows of a collection, packed; with their values as well if there is room.
pub(super) struct Copy {
    pub(super) dimensions: usize,
    pub(super) metric: VectorMetric,
    with_values: bool,
    rows_per_segment: usize,
    pub(super) segments: Vec<Segment>,
    ids: Vec<Box<str>>,
    /// From id to row; made when a row is first looked for by its id.
    index: Option<Index>,
    id_bytes: u64,
}

/// Consecutive rows. Each of the lists has an entry, or one per dimension, for each row.
#[derive(Default)]
pub(super) struct Segment {
    pub(super) codes: Vec<u8>,
    /// Empty where only the codes are kept.
    pub(super) values: Vec<f32>,
    pub(super) numbers: Vec<RowNumbers>,
}

#[derive(Default)]
struct Index {
    rows: HashTable<usize>,
    hasher: DefaultHashBuilder,
}

/// Memory that a collection of this shape needs.
pub(super) fn size(rows: u64, id_bytes: u64, dimensions: usize, with_values: bool) -> u64 {
    let per_value = if with_values { 5 } else { 1 };
    rows * (dimensions as u64 * per_value + ROW_OVERHEAD) + id_bytes
}

impl Copy {
    pub(super) fn new(dimensions: usize, metric: VectorMetric, with_values: bool) -> Self {
        Self {
            dimensions,
            metric,
            with_values,
            rows_per_segment: (SEGMENT_BYTES / dimensions).max(1),
            segments: Vec::new(),
            ids: Vec::new(),
            index: None,
            id_bytes: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn bytes(&self) -> u64 {
        size(self.ids.len() as u64, self.id_bytes, self.dimensions, self.with_values)
    }

    pub(super) fn id(&self, row: usize) -> &str {
        &self.ids[row]
    }

    /// The values of a row, if they are kept.
    pub(super) fn values(&self, row: usize) -> Option<&[f32]> {
        let (segment, place) = (row / self.rows_per_segment, row % self.rows_per_segment);
        self.segments[segment].values.get(place * self.dimensions..(place + 1) * self.dimensions)
    }

    pub(super) fn rows_per_segment(&self) -> usize {
        self.rows_per_segment
    }

    /// Adds a row that is not there. Its values are finite, and not all zero for the metric cosine.
    pub(super) fn append(&mut self, id: &str, values: &[f32]) {
        let row = self.ids.len();
        if row.is_multiple_of(self.rows_per_segment) {
            self.segments.push(Segment::default());
        }
        let segment = self.segments.last_mut().expect("a segment was just added if there was none");
        let start = segment.codes.len();
        segment.codes.resize(start + self.dimensions, 0);
        segment.numbers.push(bounds::pack(self.metric, values, &mut segment.codes[start..]));
        if self.with_values {
            segment.values.extend_from_slice(values);
        }
        self.ids.push(id.into());
        self.id_bytes += id.len() as u64;
        if let Some(index) = &mut self.index {
            index.insert(&self.ids, row);
        }
    }

    /// Adds a row or replaces its values.
    pub(super) fn put(&mut self, id: &str, values: &[f32]) {
        let Some(row) = self.find(id) else {
            return self.append(id, values);
        };
        let (segment, place) = (row / self.rows_per_segment, row % self.rows_per_segment);
        let segment = &mut self.segments[segment];
        let span = place * self.dimensions..(place + 1) * self.dimensions;
        segment.numbers[place] = bounds::pack(self.metric, values, &mut segment.codes[span.clone()]);
        if self.with_values {
            segment.values[span].copy_from_slice(values);
        }
    }

    /// Takes a row out, if it is there; the last row takes its place.
    pub(super) fn remove(&mut self, id: &str) {
        let Some(row) = self.find(id) else { return };
        let last = self.ids.len() - 1;
        let dimensions = self.dimensions;
        if let Some(index) = &mut self.index {
            index.remove(&self.ids, row);
            if row != last {
                index.remove(&self.ids, last);
            }
        }
        let (segment, place) = (row / self.rows_per_segment, row % self.rows_per_segment);
        let mut tail = self.segments.pop().expect("a row was found");
        let tail_start = tail.codes.len() - dimensions;
        if row != last {
            let (codes, numbers) = (tail.codes[tail_start..].to_vec(), tail.numbers[tail.numbers.len() - 1]);
            let values = if self.with_values { tail.values[tail_start..].to_vec() } else { Vec::new() };
            let target = self.segments.get_mut(segment).unwrap_or(&mut tail);
            let span = place * dimensions..(place + 1) * dimensions;
            target.codes[span.clone()].copy_from_slice(&codes);
            target.numbers[place] = numbers;
            if self.with_values {
                target.values[span].copy_from_slice(&values);
            }
        }
        tail.codes.truncate(tail_start);
        tail.numbers.pop();
        if self.with_values {
            tail.values.truncate(tail_start);
        }
        if !tail.numbers.is_empty() {
            self.segments.push(tail);
        }
        self.id_bytes -= self.ids[row].len() as u64;
        self.ids.swap_remove(row);
        if row != last
            && let Some(index) = &mut self.index
        {
            index.insert(&self.ids, row);
        }
    }

    /// The row of an id.
    pub(super) fn find(&mut self, id: &str) -> Option<usize> {
        let ids = &self.ids;
        let index = self.index.get_or_insert_with(|| Index::of(ids));
        index.find(ids, id)
    }
}

impl Index {
    fn of(ids: &[Box<str>]) -> Self {
        let mut index = Self::default();
        for row in 0..ids.len() {
            index.insert(ids, row);
        }
        index
    }

    fn find(&self, ids: &[Box<str>], id: &str) -> Option<usize> {
        self.rows.find(self.hasher.hash_one(id), |&row| *ids[row] == *id).copied()
    }

    fn insert(&mut self, ids: &[Box<str>], row: usize) {
        let hasher = &self.hasher;
        let hash = |row: &usize| hasher.hash_one(&*ids[*row]);
        self.rows.insert_unique(hash(&row), row, hash);
    }

    fn remove(&mut self, ids: &[Box<str>], row: usize) {
        if let Ok(entry) = self.rows.find_entry(self.hasher.hash_one(&*ids[row]), |&found| found == row) {
            entry.remove();
        }
    }
}
