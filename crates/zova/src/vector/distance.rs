//! What distance means, to the last bit.
//!
//! Every sum starts at +0 and takes its terms in the order of the index; every operation is one f64 operation
//! rounded to nearest. Rust neither reorders nor fuses floating point operations, so the functions below are the
//! definition itself. Whatever else computes sums in this crate only decides which rows need not be computed here.

use super::model::VectorMetric;

/// The distance of two vectors of equal length.
pub(super) fn distance(metric: VectorMetric, query: &[f32], stored: &[f32]) -> f64 {
    match metric {
        VectorMetric::Cosine => cosine(norm(query), query, stored, norm(stored)),
        VectorMetric::L2 => squared_differences(query, stored).sqrt(),
        VectorMetric::Dot => -dot(query, stored),
    }
}

/// As [`distance`] for the metric cosine, with the norms of both vectors, as [`norm`] gives them.
pub(super) fn cosine(query_norm: f64, query: &[f32], stored: &[f32], stored_norm: f64) -> f64 {
    1.0 - dot(query, stored) / (query_norm * stored_norm)
}

/// The length of a vector.
pub(super) fn norm(values: &[f32]) -> f64 {
    dot(values, values).sqrt()
}

fn dot(left: &[f32], right: &[f32]) -> f64 {
    let mut sum = 0.0;
    for (&left, &right) in left.iter().zip(right) {
        sum += f64::from(left) * f64::from(right);
    }
    sum
}

fn squared_differences(left: &[f32], right: &[f32]) -> f64 {
    let mut sum = 0.0;
    for (&left, &right) in left.iter().zip(right) {
        let difference = f64::from(left) - f64::from(right);
        sum += difference * difference;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_take_their_terms_in_order() {
        // Any other order gives 1 + 2^-53 twice, hence 1 + 2^-52.
        let tiny = 2f32.powi(-27);
        let (query, stored) = ([1.0, tiny, tiny], [1.0, tiny * 2.0, tiny * 2.0]);
        assert_eq!(distance(VectorMetric::Dot, &query, &stored), -1.0);
        assert_eq!(
            distance(VectorMetric::Dot, &[tiny, tiny, 1.0], &[tiny * 2.0, tiny * 2.0, 1.0]),
            -1.0 - f64::EPSILON
        );
    }

    #[test]
    fn squared_differences_are_rounded_before_they_are_added() {
        // (1 + 2^-30)^2 needs 61 bits; a fused operation would keep the last one.
        let (query, stored) = ([2f32.powi(-30), 2.0], [-1.0, 0.0]);
        let difference = f64::from(query[0]) + 1.0;
        assert_eq!(distance(VectorMetric::L2, &query, &stored), (difference * difference + 4.0).sqrt());
    }

    #[test]
    fn the_dot_distance_of_a_zero_sum_is_negative_zero() {
        assert!(distance(VectorMetric::Dot, &[0.0], &[1.0]).is_sign_negative());
    }
}
