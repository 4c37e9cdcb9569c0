//! From a text to its trigrams, and from two sets of trigrams to a score.
//!
//! A text is bytes. ASCII letters and digits count, letters in lower case; so do all bytes of 0x80 and above, as they
//! are: there is no Unicode case folding and no normalisation form. A run of other bytes between those is one space.
//! What remains is extended by two spaces on each side, and every three consecutive bytes of that are a trigram.

use std::cmp::Ordering;

/// Three bytes. Trigrams sort as their bytes do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Trigram(u32);

impl Trigram {
    pub(super) fn new([first, second, third]: [u8; 3]) -> Self {
        Self(u32::from_be_bytes([0, first, second, third]))
    }

    pub(super) fn bytes(self) -> [u8; 3] {
        let [_, first, second, third] = self.0.to_be_bytes();
        [first, second, third]
    }
}

/// The trigrams of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Extracted {
    /// Bytes of the normalised text.
    pub(super) normalized_len: usize,
    /// Distinct trigrams in ascending order, each with the number of its occurrences.
    pub(super) counts: Vec<(Trigram, u32)>,
}

impl Extracted {
    /// Cost: linear in the text, and sorting its trigrams.
    pub(super) fn new(text: &[u8]) -> Self {
        let mut all = Vec::with_capacity(text.len() + 2);
        let normalized_len = scan(text, &mut all);
        all.sort_unstable();
        let mut counts: Vec<(Trigram, u32)> = Vec::with_capacity(all.len());
        for trigram in all {
            match counts.last_mut() {
                Some((last, count)) if *last == trigram => *count = count.saturating_add(1),
                _ => counts.push((trigram, 1)),
            }
        }
        Self { normalized_len, counts }
    }
}

/// The distinct trigrams of a text in ascending order.
///
/// Cost: linear in the text, and sorting its trigrams.
pub(super) fn distinct(text: &[u8]) -> Vec<Trigram> {
    let mut all = Vec::new();
    scan(text, &mut all);
    all.sort_unstable();
    all.dedup();
    all
}

/// Appends the trigrams of a text in the order of their occurrence; gives the length of the normalised text.
fn scan(text: &[u8], found: &mut Vec<Trigram>) -> usize {
    const SPACES: u32 = 0x20_2020;
    let mut window = SPACES;
    let mut push = |byte: u8| {
        window = (window << 8 | u32::from(byte)) & 0xff_ffff;
        found.push(Trigram(window));
    };
    let mut length = 0;
    let mut separated = false;
    for byte in text {
        if !(byte.is_ascii_alphanumeric() || *byte >= 0x80) {
            separated = true;
            continue;
        }
        if separated && length > 0 {
            push(b' ');
            length += 1;
        }
        separated = false;
        push(byte.to_ascii_lowercase());
        length += 1;
    }
    if length > 0 {
        push(b' ');
        push(b' ');
    }
    length
}

/// The similarity of two texts.
pub(super) fn similarity(a: &[u8], b: &[u8]) -> f64 {
    let (a, b) = (distinct(a), distinct(b));
    score(common(&a, &b), a.len(), b.len())
}

/// How many trigrams two sets share; both are in ascending order.
fn common(a: &[Trigram], b: &[Trigram]) -> usize {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut common = 0;
    while let (Some(left), Some(right)) = (a.peek(), b.peek()) {
        match left.cmp(right) {
            Ordering::Less => drop(a.next()),
            Ordering::Greater => drop(b.next()),
            Ordering::Equal => {
                common += 1;
                a.next();
                b.next();
            }
        }
    }
    common
}

/// The score of two sets of `a` and `b` trigrams with `common` ones among both: shared trigrams by trigrams of either,
/// divided once. It grows with `common` and falls with `b`; rounding keeps that order.
pub(super) fn score(common: usize, a: usize, b: usize) -> f64 {
    match (a, b) {
        (0, 0) => 1.0,
        _ => common as f64 / (a + b - common) as f64,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn strings(text: &str) -> Vec<String> {
        let shown = |trigram: &Trigram| String::from_utf8(trigram.bytes().to_vec()).unwrap();
        let mut all = Vec::new();
        scan(text.as_bytes(), &mut all);
        all.iter().map(shown).collect()
    }

    #[test]
    fn a_text_is_padded_and_cut_into_runs_of_three_bytes() {
        assert_eq!(strings("a"), ["  a", " a ", "a  "]);
        assert_eq!(strings("ab"), ["  a", " ab", "ab ", "b  "]);
        let hello =
            ["  h", " he", "hel", "ell", "llo", "lo ", "o w", " wo", "wor", "orl", "rld", "ld ", "d  "];
        assert_eq!(strings("hello world"), hello);
        assert_eq!(strings("\0__HELLO,\t World!!"), hello);
        assert!(strings("").is_empty() && strings(" _!\0").is_empty());
    }

    #[test]
    fn scores_are_those_of_the_specification() {
        for (a, b, expected) in [
            ("attachment", "attachement", "0.66666666666666663"),
            ("receipt", "reciept", "0.38461538461538464"),
            ("database", "databse", "0.58333333333333337"),
            ("hello world", "hello wrold", "0.52941176470588236"),
            ("Hello, WORLD", "hello world", "1.0"),
            ("Foo_Bar", "foo bar", "1.0"),
            ("aaaa", "aa", "0.80000000000000004"),
            ("a", "ab", "0.16666666666666666"),
            ("a b", "ab", "0.2857142857142857"),
            ("\u{c9}", "\u{e9}", "0.14285714285714285"),
            ("日本", "日本語", "0.46153846153846156"),
            ("foo\u{2019}s", "foos", "0.36363636363636365"),
            ("!!", "", "1.0"),
            ("", "hello", "0.0"),
        ] {
            let expected: f64 = expected.parse().unwrap();
            let (forth, back) =
                (similarity(a.as_bytes(), b.as_bytes()), similarity(b.as_bytes(), a.as_bytes()));
            assert_eq!(
                (forth.to_bits(), back.to_bits()),
                (expected.to_bits(), expected.to_bits()),
                "{a} {b}"
            );
        }
    }

    /// The definition, step by step on whole texts.
    fn spelled_out(text: &[u8]) -> (usize, Vec<[u8; 3]>) {
        let folded: Vec<u8> =
            text.iter()
                .map(|byte| {
                    if byte.is_ascii_alphanumeric() || *byte >= 0x80 {
                        byte.to_ascii_lowercase()
                    } else {
                        b' '
                    }
                })
                .collect();
        let words: Vec<&[u8]> = folded.split(|byte| *byte == b' ').filter(|word| !word.is_empty()).collect();
        let normalized = words.join(&b' ');
        if normalized.is_empty() {
            return (0, Vec::new());
        }
        let padded = [b"  ", &normalized[..], b"  "].concat();
        (normalized.len(), padded.windows(3).map(|run| run.try_into().unwrap()).collect())
    }

    proptest! {
        #[test]
        fn extraction_agrees_with_the_definition_spelled_out(text in "(?s)[a-cA-C1 _.é日\u{1f600}\0]{0,40}|.{0,40}") {
            let (length, mut trigrams) = spelled_out(text.as_bytes());
            let extracted = Extracted::new(text.as_bytes());
            prop_assert_eq!(extracted.normalized_len, length);
            let total: u32 = extracted.counts.iter().map(|(_, count)| count).sum();
            prop_assert_eq!(total as usize, if length == 0 { 0 } else { length + 2 });
            for (trigram, count) in &extracted.counts {
                let occurrences = trigrams.iter().filter(|found| **found == trigram.bytes()).count();
                prop_assert_eq!(occurrences as u32, *count);
            }
            trigrams.sort_unstable();
            trigrams.dedup();
            let set: Vec<[u8; 3]> = distinct(text.as_bytes()).iter().map(|trigram| trigram.bytes()).collect();
            prop_assert_eq!(&set, &trigrams);
            let of_counts: Vec<[u8; 3]> = extracted.counts.iter().map(|(trigram, _)| trigram.bytes()).collect();
            prop_assert_eq!(&of_counts, &trigrams);
        }

        #[test]
        fn similarity_is_symmetric_and_between_zero_and_one(a in "(?s)[ab é]{0,12}|.{0,12}", b in "(?s)[ab é]{0,12}|.{0,12}") {
            let forth = similarity(a.as_bytes(), b.as_bytes());
            prop_assert_eq!(forth.to_bits(), similarity(b.as_bytes(), a.as_bytes()).to_bits());
            prop_assert!((0.0..=1.0).contains(&forth));
            prop_assert_eq!(similarity(a.as_bytes(), a.as_bytes()), 1.0);
        }

        #[test]
        fn more_in_common_scores_higher_and_a_longer_text_lower(a in 1_usize..300, b in 1_usize..300, c in 0_usize..300) {
            let c = c.min(a).min(b);
            if c < a.min(b) {
                prop_assert!(score(c, a, b) < score(c + 1, a, b));
            }
            prop_assert!(score(c, a, b + 1) <= score(c, a, b));
        }
    }
}
