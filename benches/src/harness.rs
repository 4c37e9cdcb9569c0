//! Rounds, medians and the table they are printed in.

use std::time::{Duration, Instant};

/// Rounds of each pair; an odd number has a middle one.
const ROUNDS: usize = 7;

pub struct Report {
    measured: usize,
    missed: Vec<String>,
}

impl Report {
    pub fn new() -> Self {
        println!("machine: {}, {} logical processors", processor(), threads());
        Self { measured: 0, missed: Vec::new() }
    }

    pub fn group(&mut self, name: &str) {
        println!("\n{name}");
        println!("  {:<58} {:>11} {:>11} {:>7}  aim", "", "zova", "other", "ratio");
    }

    /// Measures two ways of doing the same, in turn. Both functions give the time that counts, so that they can
    /// prepare and check outside of it.
    pub fn pair(
        &mut self,
        name: &str,
        aim: f64,
        mut zova: impl FnMut() -> Duration,
        mut other: impl FnMut() -> Duration,
    ) {
        // One round of each that does not count.
        (zova(), other());
        self.rounds(name, aim, ROUNDS, zova, other);
    }

    /// As [`Report::pair`], with so many rounds and none that does not count, for work that takes long.
    pub fn rounds(
        &mut self,
        name: &str,
        aim: f64,
        rounds: usize,
        mut zova: impl FnMut() -> Duration,
        mut other: impl FnMut() -> Duration,
    ) {
        let rounds: Vec<(Duration, Duration)> = (0..rounds).map(|_| (zova(), other())).collect();
        let ratio = median(rounds.iter().map(|(a, b)| a.as_secs_f64() / b.as_secs_f64()));
        let ours = median(rounds.iter().map(|(a, _)| a.as_secs_f64()));
        let theirs = median(rounds.iter().map(|(_, b)| b.as_secs_f64()));
        let verdict = if ratio <= aim { "" } else { "  MISSED" };
        println!("  {name:<58} {:>11} {:>11} {ratio:>7.3}  {aim}{verdict}", time(ours), time(theirs));
        self.measured += 1;
        if ratio > aim {
            self.missed.push(format!("{name}: {ratio:.3} instead of {aim}"));
        }
    }

    /// Measures work that must not take longer than `aim`, whatever else would.
    pub fn limit(&mut self, name: &str, aim: Duration, mut zova: impl FnMut() -> Duration) {
        zova();
        let ours = median((0..ROUNDS).map(|_| zova().as_secs_f64()));
        let aim = aim.as_secs_f64();
        let verdict = if ours <= aim { "" } else { "  MISSED" };
        println!(
            "  {name:<58} {:>11} {:>11} {:>7.3}  below {}{verdict}",
            time(ours),
            "",
            ours / aim,
            time(aim)
        );
        self.measured += 1;
        if ours > aim {
            self.missed.push(format!("{name}: {} instead of {}", time(ours), time(aim)));
        }
    }

    /// Prints a figure that has no alternative to be compared with.
    pub fn figure(&mut self, name: &str, value: String) {
        println!("  {name:<58} {value:>11}");
    }

    pub fn finish(self) {
        println!("\n{} measured, {} missed their aim", self.measured, self.missed.len());
        for line in &self.missed {
            println!("  {line}");
        }
    }
}

/// The time a piece of work takes.
pub fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    std::hint::black_box(work());
    start.elapsed()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn time(seconds: f64) -> String {
    match seconds {
        s if s >= 1.0 => format!("{s:.3} s"),
        s if s >= 1e-3 => format!("{:.3} ms", s * 1e3),
        s => format!("{:.3} us", s * 1e6),
    }
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    info.lines()
        .find_map(|line| {
            line.strip_prefix("model name")?.split_once(':').map(|(_, name)| name.trim().to_owned())
        })
        .unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

/// Reproducible bytes: SplitMix64 of a seed.
pub fn random_bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend((z ^ (z >> 31)).to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}
