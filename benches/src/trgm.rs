//! The bundled extension `trgm` against SQLite's FTS5 with its trigram tokenizer and, where a server can be started,
//! against PostgreSQL's `pg_trgm` with a GIN index: short texts, queries with a typing error.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use crate::abi::{Db, Text};
use crate::harness::{Report, random_bytes, timed};
use crate::postgres::Postgres;
use crate::raw::Raw;

const QUERIES: usize = 100;
const PUT: &str = "select zova_trgm_put('names', ?1, 'record', null, null, ?2)";
const SEARCH: &str = "select document_id, score from zova_trgm_search('names', ?1, 10, 0.3)";

pub fn run(report: &mut Report) {
    for (label, count) in [("20k", 20_000), ("200k", 200_000)] {
        let texts = texts(count);
        let files = tempfile::tempdir().expect("a temporary directory");
        let (ours, theirs) = (files.path().join("names.zova"), files.path().join("names.db"));
        putting(report, label, &texts, &ours, &theirs);
        adding(report, label, &texts, &ours, &theirs);
        opening(report, label, &ours);
        searching(report, label, &texts, &ours, &theirs);
    }
}

/// Names of two or three words out of five thousand, some of which are more frequent than others.
fn texts(count: usize) -> Vec<String> {
    const ONSETS: [&str; 22] = [
        "b", "br", "c", "ch", "d", "f", "g", "gr", "h", "k", "l", "m", "n", "p", "pr", "r", "s", "st", "t",
        "tr", "v", "w",
    ];
    const VOWELS: [&str; 8] = ["a", "e", "i", "o", "u", "ea", "ou", "ai"];
    const CODAS: [&str; 8] = ["", "n", "r", "s", "l", "t", "nd", "ck"];
    let bytes = random_bytes(42, 8 * (5000 * 8 + count * 8));
    let mut numbers =
        bytes.chunks_exact(8).map(|bytes| u64::from_le_bytes(bytes.try_into().expect("eight")) as usize);
    let mut below = |end: usize| numbers.next().expect("enough numbers") % end;
    let words: Vec<String> = (0..5000)
        .map(|_| {
            let syllables = 2 + below(2);
            let mut word = String::new();
            for _ in 0..syllables {
                word.push_str(ONSETS[below(ONSETS.len())]);
                word.push_str(VOWELS[below(VOWELS.len())]);
            }
            word.push_str(CODAS[below(CODAS.len())]);
            word
        })
        .collect();
    (0..count)
        .map(|_| {
            let number = 2 + below(2);
            let chosen: Vec<&str> =
                (0..number).map(|_| words[below(5000) * below(1000) / 1000].as_str()).collect();
            chosen.join(" ")
        })
        .collect()
}

/// Stored texts with one letter left out.
fn queries(texts: &[String]) -> Vec<String> {
    let step = texts.len() / QUERIES;
    let misspell = |(place, text): (usize, &String)| {
        let mut query = text.clone();
        query.remove(2 + place % (text.len() - 3));
        query
    };
    texts.iter().step_by(step).take(QUERIES).enumerate().map(misspell).collect()
}

fn zova(path: &Path) -> Db {
    let _ = std::fs::remove_file(path);
    let db = Db::create(path);
    db.install_extension(c"trgm");
    db.prepare("select zova_trgm_create_index('names')").step();
    db
}

/// Puts the texts in one transaction; their documents are numbered from `first`.
fn put(db: &Db, first: usize, texts: &[String]) -> Duration {
    let put = db.prepare(PUT);
    timed(|| {
        db.exec("begin");
        for (number, text) in (first..).zip(texts) {
            put.bind_text(1, format!("doc-{number:07}").as_bytes());
            put.bind_text(2, text.as_bytes());
            put.step();
            put.reset();
        }
        db.exec("commit");
    })
}

fn fts5(path: &Path) -> Raw {
    let _ = std::fs::remove_file(path);
    let db = Raw::open(path);
    db.exec("create virtual table names using fts5(text, tokenize = 'trigram')");
    db
}

/// As [`put`].
fn insert(db: &Raw, first: usize, texts: &[String]) -> Duration {
    let insert = db.prepare("insert into names(rowid, text) values (?1, ?2)");
    timed(|| {
        db.exec("begin");
        for (number, text) in (first as i64 + 1..).zip(texts) {
            insert.bind_i64(1, number);
            insert.bind_text(2, text.as_bytes());
            insert.step();
            insert.reset();
        }
        db.exec("commit");
    })
}

fn putting(report: &mut Report, label: &str, texts: &[String], ours: &Path, theirs: &Path) {
    report.rounds(
        &format!("put {label} texts in one transaction / FTS5"),
        2.0,
        3,
        || put(&zova(ours), 0, texts),
        || insert(&fts5(theirs), 0, texts),
    );
}

/// More texts, after the index is filled: what a transaction costs for each text, and with FTS5.
fn adding(report: &mut Report, label: &str, texts: &[String], ours: &Path, theirs: &Path) {
    let (ours, theirs) = (Db::open(ours), Raw::open(theirs));
    let mut first = texts.len();
    for (count, transactions) in [(1, 50), (100, 5), (10_000, 1)] {
        let (mut zova, mut other) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..transactions {
            let more: Vec<String> =
                (0..count).map(|n| texts[(first + n) * 7919 % texts.len()].clone()).collect();
            zova += put(&ours, first, &more);
            other += insert(&theirs, first, &more);
            first += count;
        }
        let each = |total: Duration| total.as_secs_f64() * 1e6 / f64::from(count as u32 * transactions);
        report.figure(
            &format!("{count} more in a transaction, each, after {label}; FTS5"),
            format!("{:.0} us; {:.0} us", each(zova), each(other)),
        );
    }
}

/// Opening does not depend on how much is indexed.
fn opening(report: &mut Report, label: &str, many: &Path) {
    let few = many.with_file_name("few.zova");
    put(&zova(&few), 0, &texts(10));
    let open = |path: &Path| {
        timed(|| {
            for _ in 0..20 {
                drop(Db::open(path));
            }
        })
    };
    report.pair(&format!("open with {label} documents / with 10"), 1.2, || open(many), || open(&few));
}

fn searching(report: &mut Report, label: &str, texts: &[String], ours: &Path, theirs: &Path) {
    let queries = queries(texts);
    let db = Db::open(ours);
    let search = db.prepare(SEARCH);
    let mut found = Text::default();
    let mut ours = |query: &str| {
        search.bind_text(1, query.as_bytes());
        let mut rows = 0;
        while search.step() {
            search.text(0, &mut found);
            std::hint::black_box(found.bytes());
            rows += 1;
        }
        search.reset();
        rows
    };
    let raw = Raw::open(theirs);
    let ranked = raw.prepare("select rowid from names where names match ?1 order by rank limit 10");
    let ranked_by = |query: &str| {
        ranked.bind_text(1, query.as_bytes());
        while ranked.step() {
            std::hint::black_box(ranked.i64(0));
        }
        ranked.reset();
    };
    let matches: Vec<String> = queries.iter().map(|query| any_trigram(query)).collect();
    // The original, without its typing error, is found.
    assert!(queries.iter().all(|query| ours(query) > 0));
    report.pair(
        &format!("typo search, top 10 at 0.3, {label} / FTS5 OR"),
        0.25,
        || {
            timed(|| {
                queries.iter().for_each(|query| {
                    std::hint::black_box(ours(query));
                })
            })
        },
        || timed(|| matches.iter().for_each(|query| ranked_by(query))),
    );
    report.pair(
        &format!("the same, first after a commit, {label} / FTS5 OR"),
        0.25,
        || {
            let mut total = Duration::ZERO;
            for query in &queries[..10] {
                // A commit, after which nothing that was kept in memory counts.
                db.exec("create table if not exists other(x); insert into other values (1)");
                total += timed(|| ours(query));
            }
            total
        },
        || timed(|| matches[..10].iter().for_each(|query| ranked_by(query))),
    );
    match Postgres::start() {
        None => println!("  no PostgreSQL server with pg_trgm can be started here: not compared with it"),
        Some(postgres) => {
            postgres.load(texts);
            report.pair(
                &format!("typo search, top 10 at 0.3, {label} / pg_trgm, GIN"),
                1.0,
                || {
                    timed(|| {
                        queries.iter().for_each(|query| {
                            std::hint::black_box(ours(query));
                        })
                    })
                },
                || postgres.search(&queries),
            );
        }
    }
}

/// An FTS5 query for texts that share a trigram of FTS5's with the query.
fn any_trigram(query: &str) -> String {
    let letters: Vec<char> = query.chars().collect();
    let mut trigrams: Vec<String> = letters.windows(3).map(|three| three.iter().collect()).collect();
    trigrams.sort();
    trigrams.dedup();
    trigrams.iter().fold(String::new(), |mut query, trigram| {
        let or = if query.is_empty() { "" } else { " OR " };
        let _ = write!(query, "{or}\"{trigram}\"");
        query
    })
}
