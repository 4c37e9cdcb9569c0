//! The kernels for x86-64 processors with AVX2, and with AVX-512 and its integer dot product (VNNI).

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::portable::{differences_body, pack_body, products_body, squares_body};
use super::{Kernel, Packed};

const AVX512: Kernel = Kernel {
    name: "avx512-vnni",
    products: avx512::products,
    differences: avx512::differences,
    squares: avx512::squares,
    pack: avx512::pack,
    code_products: avx512::code_products,
};

const AVX2: Kernel = Kernel {
    name: "avx2",
    products: avx2::products,
    differences: avx2::differences,
    squares: avx2::squares,
    pack: avx2::pack,
    code_products: avx2::code_products,
};

/// The kernels of this file that this processor can run, the fastest first. Nothing else hands them out, which is
/// what the calls below rely on.
pub(super) fn usable() -> impl Iterator<Item = &'static Kernel> {
    let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    let avx512 = avx2
        && is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512vnni");
    [(avx512, &AVX512), (avx2, &AVX2)].into_iter().filter(|(usable, _)| *usable).map(|(_, kernel)| kernel)
}

/// The bodies of the portable file, compiled for other instructions.
macro_rules! compiled_for {
    ($features:literal) => {
        pub(super) fn products(query: &[f64], stored: &[f32]) -> (f64, f64) {
            #[target_feature(enable = $features)]
            fn compiled(query: &[f64], stored: &[f32]) -> (f64, f64) {
                products_body::<true>(query, stored)
            }
            // SAFETY: `usable` found these features.
            unsafe { compiled(query, stored) }
        }

        pub(super) fn differences(query: &[f64], stored: &[f32]) -> f64 {
            #[target_feature(enable = $features)]
            fn compiled(query: &[f64], stored: &[f32]) -> f64 {
                differences_body::<true>(query, stored)
            }
            // SAFETY: `usable` found these features.
            unsafe { compiled(query, stored) }
        }

        pub(super) fn squares(values: &[f32]) -> f64 {
            #[target_feature(enable = $features)]
            fn compiled(values: &[f32]) -> f64 {
                squares_body::<true>(values)
            }
            // SAFETY: `usable` found these features.
            unsafe { compiled(values) }
        }

        pub(super) fn pack(values: &[f32], scale: f64, step: f64, codes: &mut [u8]) -> Packed {
            #[target_feature(enable = $features)]
            fn compiled(values: &[f32], scale: f64, step: f64, codes: &mut [u8]) -> Packed {
                pack_body(values, scale, step, codes)
            }
            // SAFETY: `usable` found these features.
            unsafe { compiled(values, scale, step, codes) }
        }

        pub(super) fn code_products(query: &[i8], rows: &[u8], sums: &mut [i32]) {
            #[target_feature(enable = $features)]
            fn compiled(query: &[i8], rows: &[u8], sums: &mut [i32]) {
                for (row, sum) in rows.chunks_exact(query.len()).zip(sums) {
                    *sum = code_product(query, row);
                }
            }
            // SAFETY: `usable` found these features.
            unsafe { compiled(query, rows, sums) }
        }
    };
}

mod avx512 {
    use super::*;

    compiled_for!("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni");

    const WIDTH: usize = 64;

    /// Both slices have the same length.
    #[inline]
    #[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    fn code_product(query: &[i8], row: &[u8]) -> i32 {
        let ((query, query_rest), (row, row_rest)) = (query.as_chunks::<WIDTH>(), row.as_chunks::<WIDTH>());
        let mut sums = [_mm512_setzero_si512(); 2];
        for (index, (query, row)) in query.iter().zip(row).enumerate() {
            // SAFETY: both arrays have 64 bytes; these loads need no alignment.
            let (query, row) = unsafe {
                (_mm512_loadu_si512(query.as_ptr().cast()), _mm512_loadu_si512(row.as_ptr().cast()))
            };
            sums[index % 2] = _mm512_dpbusd_epi32(sums[index % 2], row, query);
        }
        if !row_rest.is_empty() {
            let mask = (1u64 << row_rest.len()) - 1;
            // SAFETY: both slices have as many bytes as the mask has ones; nothing else is read.
            let (query, row) = unsafe {
                (
                    _mm512_maskz_loadu_epi8(mask, query_rest.as_ptr()),
                    _mm512_maskz_loadu_epi8(mask, row_rest.as_ptr().cast()),
                )
            };
            sums[0] = _mm512_dpbusd_epi32(sums[0], row, query);
        }
        _mm512_reduce_add_epi32(_mm512_add_epi32(sums[0], sums[1]))
    }
}

mod avx2 {
    use super::*;

    compiled_for!("avx2,fma");

    const WIDTH: usize = 16;

    /// Both slices have the same length.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn code_product(query: &[i8], row: &[u8]) -> i32 {
        let ((query, query_rest), (row, row_rest)) = (query.as_chunks::<WIDTH>(), row.as_chunks::<WIDTH>());
        let mut sums = [_mm256_setzero_si256(); 2];
        for (index, (query, row)) in query.iter().zip(row).enumerate() {
            // SAFETY: both arrays have 16 bytes; these loads need no alignment.
            let (query, row) =
                unsafe { (_mm_loadu_si128(query.as_ptr().cast()), _mm_loadu_si128(row.as_ptr().cast())) };
            // Widened to 16 bits: the 8-bit product of this instruction set saturates.
            let products = _mm256_madd_epi16(_mm256_cvtepu8_epi16(row), _mm256_cvtepi8_epi16(query));
            sums[index % 2] = _mm256_add_epi32(sums[index % 2], products);
        }
        let sums = _mm256_add_epi32(sums[0], sums[1]);
        let sums = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
        let sums = _mm_add_epi32(sums, _mm_shuffle_epi32::<0b01_00_11_10>(sums));
        let sums = _mm_add_epi32(sums, _mm_shuffle_epi32::<0b10_11_00_01>(sums));
        let rest = query_rest.iter().zip(row_rest).map(|(query, row)| i32::from(*query) * i32::from(*row));
        _mm_cvtsi128_si32(sums) + rest.sum::<i32>()
    }
}
