//! A vector as the file holds it: 4 bytes per value, little-endian IEEE 754, nothing else. Read rows are not trusted.

use super::collection::Collection;
use super::fault::VectorFault;
use super::model::VectorMetric;
use crate::error::Fault;
use crate::sqlite::{Cached, ColumnKind, SqliteError};

/// Replaces the content of `bytes` by the stored form of `values`.
pub(super) fn encode(values: &[f32], bytes: &mut Vec<u8>) {
    bytes.clear();
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

/// Replaces the content of `values` by what `bytes` holds; a rest of less than four bytes is left out.
pub(super) fn decode(bytes: &[u8], values: &mut Vec<f32>) {
    let (quads, _) = bytes.as_chunks::<4>();
    values.clear();
    values.extend(quads.iter().map(|quad| f32::from_le_bytes(*quad)));
}

/// Why a row cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Damage(pub(super) &'static str);

pub(super) const NOT_FINITE: Damage = Damage("a value is not finite");
pub(super) const ALL_ZERO: Damage = Damage("all values are zero, which have no direction");

/// Reads the values of a row from its columns `dimensions` and `values`, which follow each other. Their number is
/// checked; whether they are finite is for whoever looks at each of them.
pub(super) fn read(
    row: &mut Cached<'_>,
    column: i32,
    dimensions: usize,
    values: &mut Vec<f32>,
) -> Result<Result<(), Damage>, SqliteError> {
    if row.kind(column) != ColumnKind::Integer || row.integer(column) != dimensions as i64 {
        return Ok(Err(Damage("its dimensions differ from those of the collection")));
    }
    if row.kind(column + 1) != ColumnKind::Blob {
        return Ok(Err(Damage("its values are not stored as bytes")));
    }
    let bytes = row.bytes(column + 1)?;
    if bytes.len() != dimensions * 4 {
        return Ok(Err(Damage("the number of its values differs from its dimensions")));
    }
    decode(bytes, values);
    Ok(Ok(()))
}

/// Checks each value, as `get` does, which hands out an all-zero vector even where it cannot be searched.
pub(super) fn require_finite(values: &[f32]) -> Result<(), Damage> {
    if values.iter().all(|value| value.is_finite()) { Ok(()) } else { Err(NOT_FINITE) }
}

/// All a row needs to be compared.
pub(super) fn require_comparable(metric: VectorMetric, values: &[f32]) -> Result<(), Damage> {
    require_finite(values)?;
    if metric == VectorMetric::Cosine && is_zero(values) { Err(ALL_ZERO) } else { Ok(()) }
}

/// True for a vector without a direction. The square of the smallest f32 is far above the smallest f64, so the
/// sum of squares is zero exactly when every value is.
fn is_zero(values: &[f32]) -> bool {
    values.iter().all(|value| *value == 0.0)
}

/// The rules for values that come from a caller: their number first, then each of them.
pub(super) fn check_values(
    collection: &Collection<'_>,
    what: impl Fn() -> String,
    values: &[f32],
) -> Result<(), Fault> {
    let expected = collection.dimensions;
    if values.len() != expected {
        let collection = collection.name.to_string();
        return Err(VectorFault::DimensionMismatch {
            collection,
            what: what(),
            expected,
            found: values.len(),
        }
        .into());
    }
    if let Some(place) = values.iter().position(|value| !value.is_finite()) {
        let value = values[place];
        return Err(VectorFault::Invalid(format!(
            "value {place} of {} is {value}; all must be finite",
            what()
        ))
        .into());
    }
    if collection.metric == VectorMetric::Cosine && is_zero(values) {
        return Err(VectorFault::Invalid(format!(
            "all values of {} are zero, which the metric cosine does not allow",
            what()
        ))
        .into());
    }
    Ok(())
}
