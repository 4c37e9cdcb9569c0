//! Sums over vectors, as fast as the processor allows, in any order.
//!
//! What a kernel returns is never a result: [`super::bounds`] turns it into a bound, whose proof allows for every
//! order of summation and for fused operations. Each processor family has its own file; [`portable`] is the scalar
//! twin all of them are tested against.

#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;
#[cfg(target_arch = "x86_64")]
mod x86;

use std::sync::OnceLock;

/// What a row is packed to: see [`super::bounds::pack`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Packed {
    /// Sum of the squares of the codes, less their zero. Exact.
    pub(super) code_squares: i32,
    /// Sum of the squares of what the codes lose.
    pub(super) lost: f64,
}

/// A code is an integer between -127 and 127, stored with this added to it.
pub(super) const ZERO_CODE: u8 = 128;

/// The sums a search needs. All slices of one call have the same length, except as said.
pub(super) struct Kernel {
    /// For tests and measurements.
    pub(super) name: &'static str,
    /// The sum of the products, and the sum of the squares of the second vector. The first one holds values of f32 in
    /// the form they are computed with.
    pub(super) products: fn(&[f64], &[f32]) -> (f64, f64),
    /// The sum of the squared differences, as above.
    pub(super) differences: fn(&[f64], &[f32]) -> f64,
    /// The sum of the squares.
    pub(super) squares: fn(&[f32]) -> f64,
    /// Writes the codes of values that are scaled by the second argument, which maps them into -127.5 to 127.5; the
    /// third is the step between two codes.
    pub(super) pack: fn(&[f32], f64, f64, &mut [u8]) -> Packed,
    /// For each row of codes, of which the second argument holds as many as the third has places, the sum of the
    /// products of the query's codes and the row's, zero included. Exact.
    pub(super) code_products: fn(&[i8], &[u8], &mut [i32]),
}

/// The fastest kernel of this processor.
pub(super) fn fastest() -> &'static Kernel {
    static CHOSEN: OnceLock<&'static Kernel> = OnceLock::new();
    CHOSEN.get_or_init(|| usable()[0])
}

/// All kernels this processor can run, the fastest first.
pub(super) fn usable() -> Vec<&'static Kernel> {
    let mut kernels: Vec<&'static Kernel> = Vec::new();
    #[cfg(target_arch = "x86_64")]
    kernels.extend(x86::usable());
    #[cfg(target_arch = "aarch64")]
    kernels.extend(neon::usable());
    kernels.push(&portable::KERNEL);
    kernels
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of every size, from a small generator.
    fn values(seed: u64, count: usize) -> Vec<f32> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            ((state >> 40) as f32 / 8_388_608.0 - 1.0) * 2f32.powi((state % 7) as i32 - 3)
        })
        .take(count)
        .collect()
    }

    #[test]
    fn every_kernel_agrees_with_the_portable_one() {
        let portable = &portable::KERNEL;
        for kernel in usable() {
            for length in (0..200).chain([383, 384, 385, 1000, 16384]) {
                let (left, right) = (values(1, length), values(2, length));
                let close = |found: f64, expected: f64| {
                    let size: f64 = left.iter().chain(&right).map(|v| f64::from(*v).powi(2)).sum();
                    assert!(
                        (found - expected).abs() <= size * 1e-12,
                        "{} {length}: {found} {expected}",
                        kernel.name
                    );
                };
                let wide: Vec<f64> = left.iter().map(|value| f64::from(*value)).collect();
                close((kernel.squares)(&right), (portable.squares)(&right));
                let (found, expected) =
                    ((kernel.products)(&wide, &right), (portable.products)(&wide, &right));
                close(found.0, expected.0);
                close(found.1, expected.1);
                close((kernel.differences)(&wide, &right), (portable.differences)(&wide, &right));
                let (mut codes, mut expected_codes) = (vec![0; length], vec![0; length]);
                let largest = right.iter().fold(0f32, |most, v| most.max(v.abs()));
                let step = f64::from(largest) / 127.0;
                let packed = (kernel.pack)(&right, 127.0 / f64::from(largest), step, &mut codes);
                let expected = (portable.pack)(&right, 127.0 / f64::from(largest), step, &mut expected_codes);
                assert_eq!(codes, expected_codes);
                assert_eq!(packed.code_squares, expected.code_squares);
                close(packed.lost, expected.lost);
            }
        }
    }

    #[test]
    fn code_products_are_exact_in_every_kernel() {
        for kernel in usable() {
            for length in (1..200).chain([384, 16384]) {
                let query: Vec<i8> = (0..length).map(|i| if i % 3 == 0 { -127 } else { 127 }).collect();
                let rows: Vec<u8> =
                    (0..length * 3).map(|i| if i % 5 == 0 { 255 } else { (i % 256) as u8 }).collect();
                let mut found = [0; 3];
                (kernel.code_products)(&query, &rows, &mut found);
                for (row, found) in rows.chunks(length).zip(found) {
                    let expected: i32 =
                        row.iter().zip(&query).map(|(r, q)| i32::from(*r) * i32::from(*q)).sum();
                    assert_eq!(found, expected, "{} {length}", kernel.name);
                }
            }
        }
    }
}
