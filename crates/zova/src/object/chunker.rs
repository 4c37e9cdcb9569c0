//! `fastcdc-v1`: where an object is cut.
//!
//! A chunk ends behind the first byte at which a rolling hash of the bytes since offset 2048 has certain bits
//! clear: 15 of them up to offset 8191, 11 from there on; at the latest after 65536 bytes. The boundaries depend on
//! the content alone, so that equal content deduplicates wherever it stands, and every implementation of the format
//! cuts alike. The scan is that of the `fastcdc` crate (Xia et al., "The Design of Fast Content-Defined Chunking
//! for Data Deduplication Based Storage Systems", 2020), driven with the format's own masks and gear table.

use std::sync::LazyLock;

/// Bytes of each chunk that are skipped before scanning.
const MIN_SIZE: usize = 2048;
/// Offset from which the second mask applies.
const MASK_CHANGE: usize = 8192;
/// Longest chunk.
pub(crate) const MAX_SIZE: usize = 65536;

const MASK_SHORT: u64 = 0x0003_5907_0353_0000;
const MASK_LONG: u64 = 0x0000_d900_0353_0000;

/// The ASCII text `ZOVA_FCD`.
const GEAR_SEED: u64 = 0x5a4f_5641_5f46_4344;
const SPLITMIX_INCREMENT: u64 = 0x9e37_79b9_7f4a_7c15;

/// The gear table and its doubled twin, which lets the scanner take two bytes at a time.
static GEAR: LazyLock<([u64; 256], [u64; 256])> = LazyLock::new(|| {
    let mut state = GEAR_SEED;
    let gear = std::array::from_fn(|_| {
        state = state.wrapping_add(SPLITMIX_INCREMENT);
        splitmix(state)
    });
    (gear, gear.map(|value: u64| value.wrapping_mul(2)))
});

/// The output function of SplitMix64.
fn splitmix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Length of the first chunk of `bytes`, which are all that is left of the object (or at least [`MAX_SIZE`] of it).
///
/// Cost: one pass over the chunk.
pub(crate) fn first_cut(bytes: &[u8]) -> usize {
    let window = bytes.len().min(MAX_SIZE);
    let (gear, gear_doubled) = &*GEAR;
    let (_, trigger) = fastcdc::v2020::cut_gear(
        &bytes[..window],
        MIN_SIZE,
        MASK_CHANGE,
        MAX_SIZE,
        MASK_SHORT,
        MASK_LONG,
        MASK_SHORT << 1,
        MASK_LONG << 1,
        gear,
        gear_doubled,
    );
    // The crate answers with the index of the triggering byte, which belongs to the chunk; without a trigger with
    // the length of the window.
    (trigger + 1).min(window)
}

/// The chunks of an object, in order; none for the empty object.
pub(crate) fn chunks(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (chunk, tail) = rest.split_at(first_cut(rest));
        rest = tail;
        Some(chunk)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::hash;
    use proptest::prelude::*;
    use serde_json::Value;

    /// The definition, byte by byte: the oracle for the scanner.
    fn first_cut_by_definition(bytes: &[u8]) -> usize {
        let end = bytes.len().min(MAX_SIZE);
        let mut rolling = 0u64;
        for (position, byte) in bytes.iter().enumerate().take(end).skip(MIN_SIZE) {
            rolling = rolling.wrapping_mul(2).wrapping_add(GEAR.0[usize::from(*byte)]);
            let mask = if position < MASK_CHANGE { MASK_SHORT } else { MASK_LONG };
            if rolling & mask == 0 {
                return position + 1;
            }
        }
        end
    }

    fn splitmix_bytes(seed: u64, length: usize) -> Vec<u8> {
        let mut state = seed;
        let mut bytes = Vec::with_capacity(length + 8);
        while bytes.len() < length {
            state = state.wrapping_add(SPLITMIX_INCREMENT);
            bytes.extend(splitmix(state).to_le_bytes());
        }
        bytes.truncate(length);
        bytes
    }

    /// The inputs of the golden vectors, each given by a formula.
    fn input(spec: &Value) -> Vec<u8> {
        let number = |key: &str| spec[key].as_u64().unwrap_or_else(|| panic!("{key} in {spec}"));
        let length = || number("length") as usize;
        match spec["kind"].as_str().unwrap() {
            "splitmix64" => {
                let seed = spec["seed"].as_u64().unwrap_or_else(|| {
                    let text = spec["seed"].as_str().unwrap();
                    u64::from_str_radix(text.trim_start_matches("0x"), 16).unwrap()
                });
                splitmix_bytes(seed, length())
            }
            "fill" => vec![number("byte") as u8; length()],
            "repeat" => spec["text"].as_str().unwrap().bytes().cycle().take(length()).collect(),
            "affine" => {
                let (a, b, c, m) = (number("a"), number("b"), number("c"), number("m"));
                (0..number("length")).map(|i| ((a * i + i / b + c) % m) as u8).collect()
            }
            "concat" => spec["parts"].as_array().unwrap().iter().flat_map(input).collect(),
            kind => panic!("unknown input kind {kind}"),
        }
    }

    #[test]
    fn every_golden_vector_is_reproduced() {
        let golden: Value =
            serde_json::from_str(include_str!("../../tests/data/fastcdc-v1-vectors.json")).unwrap();
        let vectors = golden["vectors"].as_array().unwrap();
        assert_eq!(vectors.len(), 34);
        for vector in vectors {
            let name = vector["name"].as_str().unwrap();
            let bytes = input(&vector["input"]);
            assert_eq!(bytes.len() as u64, vector["length"].as_u64().unwrap(), "{name}");
            assert_eq!(hex(&hash(&bytes)), vector["sha256"].as_str().unwrap(), "{name}");
            let lengths: Vec<u64> = chunks(&bytes).map(|chunk| chunk.len() as u64).collect();
            let expected: Vec<u64> =
                vector["chunk_lengths"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect();
            assert_eq!(lengths, expected, "{name}");
            let hashes: Vec<u8> = chunks(&bytes).flat_map(hash).collect();
            assert_eq!(hex(&hash(&hashes)), vector["chunk_hashes_sha256"].as_str().unwrap(), "{name}");
        }
    }

    #[test]
    fn the_gear_table_is_the_published_one() {
        let bytes: Vec<u8> = GEAR.0.iter().flat_map(|value| value.to_le_bytes()).collect();
        assert_eq!(hex(&hash(&bytes)), "82eb8c2b1dc2f8185d1b287dc97b80766b73f73a4d2c4f28ba850efff2de8ba7");
    }

    #[test]
    fn constant_bytes_are_cut_only_at_the_longest_chunk() {
        for byte in [0u8, 0x5a, 0xff] {
            let lengths: Vec<usize> = chunks(&vec![byte; 3 * MAX_SIZE + 7]).map(<[u8]>::len).collect();
            assert_eq!(lengths, [MAX_SIZE, MAX_SIZE, MAX_SIZE, 7]);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn the_scanner_cuts_where_the_definition_says(
            seed in any::<u64>(), length in 0usize..200_000, symbols in prop::sample::select(vec![2u8, 4, 16, 255]),
        ) {
            let bytes: Vec<u8> = splitmix_bytes(seed, length).into_iter().map(|byte| byte % symbols).collect();
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                let cut = first_cut(rest);
                prop_assert_eq!(cut, first_cut_by_definition(rest));
                rest = &rest[cut..];
            }
        }
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
