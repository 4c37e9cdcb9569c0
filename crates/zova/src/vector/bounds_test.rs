//! Attempts to break the bounds: every kernel, every metric, values of every size.

use proptest::prelude::*;

use super::bounds::{Query, pack_with};
use super::distance::distance;
use super::kernel::{Kernel, usable};
use super::model::VectorMetric;

const METRICS: [VectorMetric; 3] = [VectorMetric::Cosine, VectorMetric::L2, VectorMetric::Dot];

/// The distance must lie where the bounds say, and how far apart they are.
fn check(kernel: &'static Kernel, metric: VectorMetric, query: &[f32], stored: &[f32]) -> f64 {
    let zero = |values: &[f32]| values.iter().all(|value| *value == 0.0);
    if metric == VectorMetric::Cosine && (zero(query) || zero(stored)) {
        return 0.0;
    }
    let exact = distance(metric, query, stored);
    let shown = || format!("{} {metric:?} {} dimensions, {exact:e}", kernel.name, query.len());
    assert!(exact.is_finite(), "{}", shown());
    let prepared = Query::with_kernel(metric, query, kernel);
    assert_eq!(prepared.distance(stored).to_bits(), exact.to_bits());
    let at_least = prepared.at_least(stored).unwrap();
    assert!(at_least <= exact, "{} {at_least:e}", shown());
    let packed = prepared.pack();
    let mut codes = vec![0; stored.len()];
    let numbers = pack_with(kernel, metric, stored, &mut codes);
    let mut sums = [0];
    packed.code_products(&codes, &mut sums);
    let between = packed.bounds().of(sums[0], numbers);
    assert!(between.at_least <= exact && exact <= between.at_most, "{} {between:?}", shown());
    let beyond = |cut| packed.bounds().beyond(sums[0], numbers, cut);
    assert!(!beyond(exact), "{}", shown());
    if metric == VectorMetric::L2 && between.at_least > between.at_most / 1000.0 {
        assert!(beyond(between.at_least * 0.99), "{}", shown());
    }
    between.at_most - between.at_least
}

fn check_all(query: &[f32], stored: &[f32]) {
    for kernel in usable() {
        for metric in METRICS {
            check(kernel, metric, query, stored);
        }
    }
}

/// Finite values of every magnitude, often subnormal, huge or equal.
fn any_value() -> impl Strategy<Value = f32> {
    prop_oneof![
        any::<u32>().prop_map(f32::from_bits).prop_filter("finite", |value| value.is_finite()),
        (-1f32..1f32),
        (-1000i16..1000).prop_map(f32::from),
        prop::sample::select(vec![
            0.0,
            -0.0,
            f32::from_bits(1),
            f32::MIN_POSITIVE,
            f32::MAX,
            f32::MIN,
            1.0,
            1.0 + f32::EPSILON,
        ]),
    ]
}

/// Two vectors of equal length: unrelated, equal, opposite, or almost equal.
fn pair() -> impl Strategy<Value = (Vec<f32>, Vec<f32>)> {
    (1usize..140).prop_flat_map(|length| {
        let vector = || prop::collection::vec(any_value(), length);
        let one_size = || prop::collection::vec(-1f32..1f32, length);
        prop_oneof![
            (vector(), vector()),
            (one_size(), one_size()),
            vector().prop_map(|values| (values.clone(), values)),
            one_size().prop_map(|values| (values.clone(), values.iter().map(|value| -value).collect())),
            (one_size(), prop::collection::vec(-2i32..3, length)).prop_map(|(values, steps)| {
                let near = |(value, step): (&f32, &i32)| {
                    let moved = f32::from_bits(value.to_bits().wrapping_add_signed(*step));
                    if moved.is_finite() { moved } else { *value }
                };
                let other = values.iter().zip(&steps).map(near).collect();
                (values, other)
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_pair_of_vectors_breaks_a_bound((query, stored) in pair()) {
        check_all(&query, &stored);
        check_all(&stored, &query);
    }
}

#[test]
fn no_count_of_dimensions_breaks_a_bound() {
    let value = |seed: usize, place: usize| {
        let bits = (seed * 0x9e37_79b9 + place * 0x85eb_ca6b).wrapping_mul(0xc2b2_ae35) >> 7;
        (bits & 0xff_ffff) as f32 / 8_388_608.0 - 1.0
    };
    for length in [1, 2, 15, 16, 17, 63, 64, 65, 383, 384, 1536, 4099, 16383, 16384] {
        for scale in [1.0, f32::MAX, f32::MIN_POSITIVE, f32::from_bits(3), 1e19, 1e-19] {
            let vector = |seed| (0..length).map(|place| value(seed, place) * scale).collect::<Vec<_>>();
            let (left, right) = (vector(1), vector(2));
            check_all(&left, &right);
            check_all(&left, &left);
            // One large value among small ones takes the precision of all codes.
            let mut spike = right.clone();
            spike[length / 2] = scale;
            spike[0] = f32::MAX;
            check_all(&left, &spike);
            check_all(&spike, &spike);
        }
        check_all(&vec![f32::MAX; length], &vec![f32::MIN; length]);
        check_all(&vec![f32::from_bits(1); length], &vec![f32::MAX; length]);
        check_all(&vec![0.0; length], &vec![0.0; length]);
    }
}

#[test]
fn bounds_are_narrow_enough_to_be_worth_it() {
    let vector = |seed: u32| -> Vec<f32> {
        (0..384u32).map(|place| ((place * 7919 + seed * 104_729) % 2003) as f32 / 1001.0 - 1.0).collect()
    };
    for kernel in usable() {
        let width = |metric| check(kernel, metric, &vector(1), &vector(2));
        assert!(width(VectorMetric::Cosine) < 0.04);
        assert!(width(VectorMetric::L2) < 0.5);
        assert!(width(VectorMetric::Dot) < 5.0);
    }
}

#[test]
fn rows_that_cannot_be_compared_are_refused_by_every_kernel() {
    for kernel in usable() {
        for length in [1, 16, 17, 64, 100] {
            let ones = vec![1.0; length];
            for metric in METRICS {
                let query = Query::with_kernel(metric, &ones, kernel);
                for place in 0..length {
                    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                        let mut row = ones.clone();
                        row[place] = bad;
                        assert!(query.at_least(&row).is_err(), "{} {metric:?} {bad}", kernel.name);
                    }
                }
                assert!(query.at_least(&vec![f32::MAX; length]).is_ok());
                let zero = query.at_least(&vec![-0.0; length]);
                assert_eq!(zero.is_err(), metric == VectorMetric::Cosine);
            }
        }
    }
}
