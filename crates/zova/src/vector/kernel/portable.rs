//! The kernels in plain Rust. The processor-specific files compile the same bodies for their instructions where the
//! compiler does well by itself.

use super::{Kernel, Packed, ZERO_CODE};

pub(super) const KERNEL: Kernel =
    Kernel { name: "portable", products, differences, squares, pack, code_products };

/// As many sums are kept side by side, which hides the latency of addition and fills the widest registers twice.
const LANES: usize = 16;

fn products(query: &[f64], stored: &[f32]) -> (f64, f64) {
    products_body::<false>(query, stored)
}

fn differences(query: &[f64], stored: &[f32]) -> f64 {
    differences_body::<false>(query, stored)
}

fn squares(values: &[f32]) -> f64 {
    squares_body::<false>(values)
}

fn pack(values: &[f32], scale: f64, step: f64, codes: &mut [u8]) -> Packed {
    pack_body(values, scale, step, codes)
}

fn code_products(query: &[i8], rows: &[u8], sums: &mut [i32]) {
    for (row, sum) in rows.chunks_exact(query.len()).zip(sums) {
        *sum = row.iter().zip(query).map(|(row, query)| i32::from(*row) * i32::from(*query)).sum();
    }
}

/// left·right + sum, with one rounding or two. Without an instruction for it the fused form is a slow call.
#[inline(always)]
fn add<const FUSED: bool>(sum: f64, left: f64, right: f64) -> f64 {
    if FUSED { left.mul_add(right, sum) } else { sum + left * right }
}

#[inline(always)]
pub(super) fn products_body<const FUSED: bool>(query: &[f64], stored: &[f32]) -> (f64, f64) {
    let (mut dots, mut squares) = ([0f64; LANES], [0f64; LANES]);
    let ((query, query_rest), (stored, stored_rest)) =
        (query.as_chunks::<LANES>(), stored.as_chunks::<LANES>());
    for (query, stored) in query.iter().zip(stored) {
        for lane in 0..LANES {
            let value = f64::from(stored[lane]);
            dots[lane] = add::<FUSED>(dots[lane], query[lane], value);
            squares[lane] = add::<FUSED>(squares[lane], value, value);
        }
    }
    for ((query, stored), lane) in query_rest.iter().zip(stored_rest).zip(0..) {
        let value = f64::from(*stored);
        dots[lane] += query * value;
        squares[lane] += value * value;
    }
    (dots.iter().sum(), squares.iter().sum())
}

#[inline(always)]
pub(super) fn differences_body<const FUSED: bool>(query: &[f64], stored: &[f32]) -> f64 {
    let mut sums = [0f64; LANES];
    let ((query, query_rest), (stored, stored_rest)) =
        (query.as_chunks::<LANES>(), stored.as_chunks::<LANES>());
    for (query, stored) in query.iter().zip(stored) {
        for lane in 0..LANES {
            let difference = query[lane] - f64::from(stored[lane]);
            sums[lane] = add::<FUSED>(sums[lane], difference, difference);
        }
    }
    for ((query, stored), lane) in query_rest.iter().zip(stored_rest).zip(0..) {
        let difference = query - f64::from(*stored);
        sums[lane] += difference * difference;
    }
    sums.iter().sum()
}

#[inline(always)]
pub(super) fn squares_body<const FUSED: bool>(values: &[f32]) -> f64 {
    let mut sums = [0f64; LANES];
    let (values, rest) = values.as_chunks::<LANES>();
    for values in values {
        for lane in 0..LANES {
            let value = f64::from(values[lane]);
            sums[lane] = add::<FUSED>(sums[lane], value, value);
        }
    }
    for (value, lane) in rest.iter().zip(0..) {
        sums[lane] += f64::from(*value) * f64::from(*value);
    }
    sums.iter().sum()
}

/// Adding this to a small number leaves the number, rounded to an integer, in the lowest bits of the sum.
const ROUNDER: f64 = 6_755_399_441_055_744.0 + ZERO_CODE as f64;

#[inline(always)]
pub(super) fn pack_body(values: &[f32], scale: f64, step: f64, codes: &mut [u8]) -> Packed {
    let (mut lost, mut squares) = ([0f64; LANES], [0i32; LANES]);
    let one = |value: f32, code: &mut u8, lost: &mut f64, squares: &mut i32| {
        *code = (f64::from(value) * scale + ROUNDER).to_bits() as u8;
        let number = i32::from(*code) - i32::from(ZERO_CODE);
        let difference = f64::from(value) - step * f64::from(number);
        *lost += difference * difference;
        *squares += number * number;
    };
    let ((values, values_rest), (codes, codes_rest)) =
        (values.as_chunks::<LANES>(), codes.as_chunks_mut::<LANES>());
    for (values, codes) in values.iter().zip(codes) {
        for lane in 0..LANES {
            one(values[lane], &mut codes[lane], &mut lost[lane], &mut squares[lane]);
        }
    }
    for ((value, code), lane) in values_rest.iter().zip(codes_rest).zip(0..) {
        one(*value, code, &mut lost[lane], &mut squares[lane]);
    }
    Packed { code_squares: squares.iter().sum(), lost: lost.iter().sum() }
}
