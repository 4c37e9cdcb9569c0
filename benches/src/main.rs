//! Side-by-side benchmarks: Zova through its C interface against the strongest alternative, in one run.
//!
//! `make bench` runs all of them, `make bench ONLY="records objects"` some. Each line names a measurement, the
//! median time of Zova and of the alternative over interleaved rounds, the median ratio of the pairs, and the
//! ratio aimed at.

mod abi;
mod copies;
mod events;
mod graph;
mod harness;
mod objects;
mod postgres;
mod raw;
mod records;
mod trgm;

use harness::Report;

/// A group of measurements by name.
type Group = (&'static str, fn(&mut Report));

const GROUPS: &[Group] = &[
    ("records", records::run),
    ("objects", objects::run),
    ("graph", graph::run),
    ("events", events::run),
    ("copies", copies::run),
    ("trgm", trgm::run),
];

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let unknown: Vec<&String> =
        wanted.iter().filter(|name| !GROUPS.iter().any(|(group, _)| group == name)).collect();
    if !unknown.is_empty() {
        let known: Vec<&str> = GROUPS.iter().map(|(name, _)| *name).collect();
        eprintln!("no benchmark is called {unknown:?}; there are {known:?}");
        std::process::exit(2);
    }
    let mut report = Report::new();
    for (name, run) in GROUPS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            report.group(name);
            run(&mut report);
        }
    }
    report.finish();
}
