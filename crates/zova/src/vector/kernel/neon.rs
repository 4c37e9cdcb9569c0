//! The kernels for 64-bit ARM processors, all of which have NEON.

#![allow(unsafe_code)]

use std::arch::aarch64::*;

use super::portable::{differences_body, pack_body, products_body, squares_body};
use super::{Kernel, Packed};

const NEON: Kernel = Kernel { name: "neon", products, differences, squares, pack, code_products };

/// The kernels of this file that this processor can run.
pub(super) fn usable() -> impl Iterator<Item = &'static Kernel> {
    std::iter::once(&NEON)
}

// NEON and its fused operations are part of the target, so the portable bodies compile to them as they are.
fn products(query: &[f64], stored: &[f32]) -> (f64, f64) {
    products_body::<true>(query, stored)
}

fn differences(query: &[f64], stored: &[f32]) -> f64 {
    differences_body::<true>(query, stored)
}

fn squares(values: &[f32]) -> f64 {
    squares_body::<true>(values)
}

fn pack(values: &[f32], scale: f64, step: f64, codes: &mut [u8]) -> Packed {
    pack_body(values, scale, step, codes)
}

fn code_products(query: &[i8], rows: &[u8], sums: &mut [i32]) {
    for (row, sum) in rows.chunks_exact(query.len()).zip(sums) {
        *sum = code_product(query, row);
    }
}

const WIDTH: usize = 16;

/// Both slices have the same length.
#[inline]
fn code_product(query: &[i8], row: &[u8]) -> i32 {
    let ((query, query_rest), (row, row_rest)) = (query.as_chunks::<WIDTH>(), row.as_chunks::<WIDTH>());
    // SAFETY: NEON is part of every target this file is compiled for; both arrays have 16 bytes, and these loads need
    // no alignment.
    let sum = unsafe {
        let (mut low, mut high) = (vdupq_n_s32(0), vdupq_n_s32(0));
        for (query, row) in query.iter().zip(row) {
            let (query, row) = (vld1q_s8(query.as_ptr()), vld1q_u8(row.as_ptr()));
            let row_low = vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(row)));
            let row_high = vreinterpretq_s16_u16(vmovl_u8(vget_high_u8(row)));
            let (query_low, query_high) = (vmovl_s8(vget_low_s8(query)), vmovl_s8(vget_high_s8(query)));
            low = vmlal_s16(low, vget_low_s16(row_low), vget_low_s16(query_low));
            high = vmlal_s16(high, vget_high_s16(row_low), vget_high_s16(query_low));
            low = vmlal_s16(low, vget_low_s16(row_high), vget_low_s16(query_high));
            high = vmlal_s16(high, vget_high_s16(row_high), vget_high_s16(query_high));
        }
        vaddvq_s32(vaddq_s32(low, high))
    };
    let rest = query_rest.iter().zip(row_rest).map(|(query, row)| i32::from(*query) * i32::from(*row));
    sum + rest.sum::<i32>()
}
