//! Bounds for distances, with their proofs.
//!
//! Notation: u = 2⁻⁵³; γ(k) = ku ÷ (1 − ku); n is the number of dimensions, at most 16384; ‖x‖ the length of x. A
//! star marks real numbers without rounding. All values are f32, so each product of two of them is exact in f64 and
//! at least 2⁻²⁹⁸ unless it is zero, and all sums stay below 2²⁷⁰: nothing below overflows or underflows.
//!
//! **Any order of summation.** A sum of n terms t, each rounded at most three times before it is added, differs from
//! its real value by at most γ(n+2) Σ|t|, whatever the order and whether or not operations are fused. With
//! g = 2(n+8)u, two such sums differ by at most g Σ|t|; every use below leaves more than half of what it adds or
//! takes away for the rounding of its own few operations.
//!
//! **Dot.** D = −Σqs and Σ|qs| ≤ ‖q‖‖s‖. The kernel's ‖q‖ and ‖s‖ are right up to a factor 1±g, so D is at least
//! −dot − 2g‖q‖‖s‖.
//!
//! **Cosine.** c* = dot* ÷ (‖q‖‖s‖) has |c*| ≤ 1. By the definition as well as by the kernel, the dot sum has the
//! error γ(n)‖q‖‖s‖, the product of the roots a factor 1±(γ(n)+3u), the division one more u: c is c* up to
//! 2.1γ(n)+5u, and the subtraction from 1 adds at most 3u. So D is at least 1 − c − 4g.
//!
//! **L2.** All terms are positive, so both sums are S* times a factor 1±γ(n+2), and D ≥ √S (1−g).
//!
//! **Codes.** A vector x is packed to integers c, |c| ≤ 127, and a step a: x̂ = a·c. Let ρ be at least ‖x − x̂‖. The
//! computed differences x − a·c carry an error of at most u|ac| + u|x−ac|(1+u) each, so
//! ρ = √lost·(1+2g) + a‖c‖·2⁻⁵⁰ suffices. Rounding to the nearest code never moves a value by more than it is large:
//! ρ* ≤ ‖x‖ and ‖x̂‖ ≤ 2‖x‖. With step b, codes e and loss δ for the query:
//!
//! - q·s = q̂·ŝ + q̂·(s−ŝ) + (q−q̂)·s, hence |q·s − ab(e·c)| ≤ ‖q̂‖ρ + δ‖s‖, where e·c is an exact integer;
//! - | ‖q−s‖ − ‖q̂−ŝ‖ | ≤ δ + ρ, where ‖q̂−ŝ‖² = b²‖e‖² + a²‖c‖² − 2ab(e·c).
//!
//! The first carries dot, and cosine after division by both lengths; the second carries L2. Products such as
//! ab(e·c) are rounded a few times; what is added for that is written at each bound.

use super::distance;
use super::kernel::{Kernel, ZERO_CODE, fastest};
use super::model::VectorMetric;
use super::rows::{ALL_ZERO, Damage, NOT_FINITE};

/// 2⁻⁵³
const U: f64 = f64::EPSILON / 2.0;

/// g of the module text.
fn slack(dimensions: usize) -> f64 {
    2.0 * (dimensions + 8) as f64 * U
}

/// A query, and what is computed of it once.
pub(super) struct Query<'q> {
    metric: VectorMetric,
    values: &'q [f32],
    /// The same, in the form the kernel takes.
    wide: Vec<f64>,
    kernel: &'static Kernel,
    /// As the definition computes it.
    norm: f64,
    /// As the kernel computes it.
    length: f64,
    slack: f64,
}

impl<'q> Query<'q> {
    /// `values` are finite, and not all zero for the metric cosine.
    pub(super) fn new(metric: VectorMetric, values: &'q [f32]) -> Self {
        Self::with_kernel(metric, values, fastest())
    }

    pub(super) fn with_kernel(metric: VectorMetric, values: &'q [f32], kernel: &'static Kernel) -> Self {
        Self {
            metric,
            values,
            wide: values.iter().map(|value| f64::from(*value)).collect(),
            kernel,
            norm: distance::norm(values),
            length: (kernel.squares)(values).sqrt(),
            slack: slack(values.len()),
        }
    }

    /// The distance, by the definition.
    pub(super) fn distance(&self, stored: &[f32]) -> f64 {
        match self.metric {
            VectorMetric::Cosine => distance::cosine(self.norm, self.values, stored, distance::norm(stored)),
            metric => distance::distance(metric, self.values, stored),
        }
    }

    /// A number that is at most the distance. Every value of the row is looked at; a row that cannot be compared is
    /// refused.
    #[inline]
    pub(super) fn at_least(&self, stored: &[f32]) -> Result<f64, Damage> {
        // A sum of squares is finite exactly when every value is: the largest f32 leaves room for 2¹⁴ squares.
        if self.metric == VectorMetric::L2 {
            let sum = (self.kernel.differences)(&self.wide, stored);
            return if sum.is_finite() { Ok(sum.sqrt() * (1.0 - self.slack)) } else { Err(NOT_FINITE) };
        }
        let (dot, squares) = (self.kernel.products)(&self.wide, stored);
        if !squares.is_finite() {
            return Err(NOT_FINITE);
        }
        let lengths = self.length * squares.sqrt();
        if self.metric == VectorMetric::Dot {
            Ok(-dot - 2.0 * self.slack * lengths)
        } else if squares == 0.0 {
            Err(ALL_ZERO)
        } else {
            Ok(1.0 - dot / lengths - 4.0 * self.slack)
        }
    }

    /// The query in the form that is compared with packed rows.
    pub(super) fn pack(&self) -> PackedQuery {
        let mut codes = vec![0; self.values.len()];
        let PackedVector { step, loss, code_length } = pack_values(self.kernel, self.values, &mut codes);
        let codes: Vec<i8> = codes.iter().map(|code| code.wrapping_sub(ZERO_CODE).cast_signed()).collect();
        let zero_share = i32::from(ZERO_CODE) * codes.iter().map(|code| i32::from(*code)).sum::<i32>();
        let packed_length = step * code_length * (1.0 + 4.0 * U);
        PackedQuery {
            metric: self.metric,
            kernel: self.kernel,
            codes,
            zero_share,
            step,
            loss,
            packed_length,
            length: self.length,
            slack: self.slack,
        }
    }
}

/// What packing a vector to codes gives besides the codes.
struct PackedVector {
    /// a
    step: f64,
    /// ρ
    loss: f64,
    /// ‖c‖
    code_length: f64,
}

fn pack_values(kernel: &Kernel, values: &[f32], codes: &mut [u8]) -> PackedVector {
    let largest = f64::from(values.iter().fold(0f32, |largest, value| largest.max(value.abs())));
    if largest == 0.0 {
        codes.fill(ZERO_CODE);
        return PackedVector { step: 0.0, loss: 0.0, code_length: 0.0 };
    }
    // The step is at least 2⁻¹⁵⁶, so both quotients are ordinary numbers.
    let step = largest / 127.0;
    let packed = (kernel.pack)(values, 127.0 / largest, step, codes);
    let code_length = f64::from(packed.code_squares).sqrt();
    let loss = packed.lost.sqrt() * (1.0 + 2.0 * slack(values.len())) + step * code_length * (8.0 * U);
    PackedVector { step, loss, code_length }
}

/// The three numbers kept with the codes of a row.
///
/// | metric | `step` | `loss` | `size` |
/// |---|---|---|---|
/// | cosine | a ÷ ‖s‖ | ρ ÷ ‖s‖ | unused |
/// | L2 | a | ρ | a²‖c‖² |
/// | dot | a | ρ | ‖s‖, from above |
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RowNumbers {
    pub(super) step: f64,
    pub(super) loss: f64,
    pub(super) size: f64,
}

/// Packs a row. Its values are finite, and not all zero for the metric cosine.
pub(super) fn pack(metric: VectorMetric, values: &[f32], codes: &mut [u8]) -> RowNumbers {
    pack_with(fastest(), metric, values, codes)
}

pub(super) fn pack_with(
    kernel: &Kernel,
    metric: VectorMetric,
    values: &[f32],
    codes: &mut [u8],
) -> RowNumbers {
    let slack = slack(values.len());
    let PackedVector { step, loss, code_length } = pack_values(kernel, values, codes);
    if metric == VectorMetric::L2 {
        let length = step * code_length;
        return RowNumbers { step, loss, size: length * length };
    }
    let length = (kernel.squares)(values).sqrt();
    if metric == VectorMetric::Dot {
        RowNumbers { step, loss, size: length * (1.0 + slack) }
    } else {
        RowNumbers { step: step / length, loss: loss / length * (1.0 + 2.0 * slack), size: 0.0 }
    }
}

/// A query packed to codes.
pub(super) struct PackedQuery {
    metric: VectorMetric,
    kernel: &'static Kernel,
    codes: Vec<i8>,
    /// What the added zero of the row's codes contributes to each sum of products.
    zero_share: i32,
    /// b
    step: f64,
    /// δ
    loss: f64,
    /// ‖q̂‖, from above
    packed_length: f64,
    length: f64,
    slack: f64,
}

/// Bounds of one row: the distance lies between them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Between {
    pub(super) at_least: f64,
    pub(super) at_most: f64,
}

impl PackedQuery {
    /// For each row, the sum of the products of its codes and the query's.
    pub(super) fn code_products(&self, rows: &[u8], sums: &mut [i32]) {
        (self.kernel.code_products)(&self.codes, rows, sums);
    }

    /// The bounds of rows from their sums.
    pub(super) fn bounds(&self) -> Bounds {
        let Self { slack, step, loss, packed_length, length, zero_share, .. } = *self;
        match self.metric {
            // |ab(e·c)| ≤ (‖q‖+δ)(‖s‖+ρ) is rounded twice and the result once more: 3u of it. 32u‖q‖‖s‖ and the
            // factor 1+2⁻³⁰ on the other products, which are larger than δ‖s‖ and ‖q̂‖ρ, leave more than that. The
            // slack covers the definition's own distance from the real value.
            VectorMetric::Dot => Bounds::Linear {
                zero_share,
                base: 0.0,
                step,
                per_loss: packed_length * ROUNDED_UP,
                per_size: loss * ROUNDED_UP + (slack + 64.0 * U) * length,
                constant: 0.0,
            },
            // As above, divided by ‖q‖‖s‖: |ab(e·c)| ÷ (‖q‖‖s‖) ≤ 4 has a relative error of γ(n)+10u, the definition
            // 2.1γ(n)+8u, together less than 16g.
            VectorMetric::Cosine => Bounds::Linear {
                zero_share,
                base: 1.0,
                step: step / length,
                per_loss: packed_length / length * (1.0 + 2.0 * slack) * ROUNDED_UP,
                per_size: 0.0,
                constant: loss / length * (1.0 + 2.0 * slack) * ROUNDED_UP + 16.0 * slack,
            },
            VectorMetric::L2 => Bounds::Square {
                zero_share,
                square: packed_length * packed_length,
                twice_step: 2.0 * step,
                loss,
                slack,
            },
        }
    }
}

/// 1 + 2⁻³⁰: more than any number of roundings here can take away.
const ROUNDED_UP: f64 = 1.0 + 1.0 / (1u64 << 30) as f64;
/// 2⁻⁴⁸
const SQUARE_SLACK: f64 = 32.0 * U;

/// How sums become bounds. The numbers are those of the query.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bounds {
    /// base − step·a·(e·c) ± (per_loss·ρ + per_size·‖s‖ + constant)
    Linear { zero_share: i32, base: f64, step: f64, per_loss: f64, per_size: f64, constant: f64 },
    /// √(square + a²‖c‖² − twice_step·a·(e·c)) ± (loss + ρ)
    Square { zero_share: i32, square: f64, twice_step: f64, loss: f64, slack: f64 },
}

impl Bounds {
    /// True only if the distance of the row is certainly greater than `cut`. What [`Bounds::of`] says, without a root
    /// for most rows of L2.
    #[inline(always)]
    pub(super) fn beyond(&self, sum: i32, row: RowNumbers, cut: f64) -> bool {
        match *self {
            Self::Linear { .. } => self.of(sum, row).at_least > cut,
            Self::Square { zero_share, square, twice_step, loss, slack } => {
                let middle = square + row.size - twice_step * row.step * f64::from(sum - zero_share);
                let doubt = SQUARE_SLACK * (square + row.size);
                // With w = (loss + ρ)(1+2⁻³⁰): if √(middle − doubt) is above (cut(1+2·slack) + w)(1+2⁻²⁹), then less a
                // relative 2⁻³⁰ and w it is above cut ÷ (1−slack). The difference between 2⁻²⁹ and 2⁻³⁰ is for the
                // roundings here.
                let width = (loss + row.loss) * ROUNDED_UP;
                let edge = (cut.max(0.0) * (1.0 + 2.0 * slack) + width) * ROUNDED_UP * ROUNDED_UP;
                middle - doubt > edge * edge
            }
        }
    }

    /// The bounds of one row.
    #[inline(always)]
    pub(super) fn of(&self, sum: i32, row: RowNumbers) -> Between {
        match *self {
            Self::Linear { zero_share, base, step, per_loss, per_size, constant } => {
                let middle = base - step * row.step * f64::from(sum - zero_share);
                let width = per_loss * row.loss + per_size * row.size + constant;
                Between { at_least: middle - width, at_most: middle + width }
            }
            Self::Square { zero_share, square, twice_step, loss, slack } => {
                // The terms are rounded a few times each and sum to at most 2(square + size): 8u of that at most.
                let middle = square + row.size - twice_step * row.step * f64::from(sum - zero_share);
                let doubt = SQUARE_SLACK * (square + row.size);
                let (low, high) = ((middle - doubt).max(0.0).sqrt(), (middle + doubt).max(0.0).sqrt());
                let width = (loss + row.loss) * ROUNDED_UP;
                Between {
                    at_least: (low * (2.0 - ROUNDED_UP) - width).max(0.0) * (1.0 - slack),
                    at_most: (high * ROUNDED_UP + width) * (1.0 + slack),
                }
            }
        }
    }
}
