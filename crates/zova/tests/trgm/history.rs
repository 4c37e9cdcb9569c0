//! Random histories of changes, transactions, savepoints, a second handle and reopening, against texts in memory.

use std::collections::BTreeMap;
use std::path::PathBuf;

use zova::Database;

use crate::common::{Scratch, splitmix};
use crate::support::{by_definition, call, installed, put, search};

type Texts = BTreeMap<String, String>;

const WORDS: [&str; 8] = ["receipt", "attachment", "日本語", "data", "base", "caf\u{e9}", "x", ""];

struct History {
    random: u64,
    path: PathBuf,
    db: Database,
    other: Database,
    texts: Texts,
    begun: Option<Texts>,
    savepoints: Vec<Texts>,
}

impl History {
    fn below(&mut self, end: u64) -> u64 {
        splitmix(&mut self.random) % end
    }

    fn id(&mut self) -> String {
        format!("d{}", self.below(20))
    }

    fn text(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..1 + self.below(3) {
            let word = WORDS[self.below(WORDS.len() as u64) as usize];
            let skipped = self.below(4) as usize;
            text.extend(word.chars().enumerate().filter(|(at, _)| *at != skipped).map(|(_, letter)| letter));
            text.push(' ');
        }
        text
    }

    fn in_transaction(&self) -> bool {
        self.begun.is_some() || !self.savepoints.is_empty()
    }

    fn step(&mut self) {
        match self.below(16) {
            0..=4 => {
                let (id, text) = (self.id(), self.text());
                put(&mut self.db, &id, &text);
                self.texts.insert(id, text);
            }
            5 | 6 => {
                let id = self.id();
                call(&mut self.db, &format!("select zova_trgm_delete('names', '{id}')"));
                self.texts.remove(&id);
            }
            7 if self.below(4) == 0 => {
                call(&mut self.db, "select zova_trgm_drop_index('names')");
                call(&mut self.db, "select zova_trgm_create_index('names')");
                self.texts.clear();
            }
            8 | 9 if !self.in_transaction() => {
                let (id, text) = (self.id(), self.text());
                put(&mut self.other, &id, &text);
                self.texts.insert(id, text);
            }
            10 if !self.in_transaction() => {
                self.db.begin().unwrap();
                self.begun = Some(self.texts.clone());
            }
            11 if self.begun.is_some() => {
                if self.below(2) == 0 {
                    self.db.exec("rollback").unwrap();
                    self.texts = self.begun.take().unwrap();
                } else {
                    self.db.commit().unwrap();
                    self.begun = None;
                }
                self.savepoints.clear();
            }
            12 => {
                self.db.savepoint(&format!("s{}", self.savepoints.len())).unwrap();
                self.savepoints.push(self.texts.clone());
            }
            13 if !self.savepoints.is_empty() => {
                let at = self.below(self.savepoints.len() as u64) as usize;
                self.db.exec(&format!("rollback to s{at}")).unwrap();
                self.savepoints.truncate(at + 1);
                self.texts = self.savepoints[at].clone();
            }
            14 if !self.savepoints.is_empty() => {
                let at = self.below(self.savepoints.len() as u64) as usize;
                self.db.release_savepoint(&format!("s{at}")).unwrap();
                self.savepoints.truncate(at);
            }
            15 if self.below(3) == 0 => {
                let path = self.path.clone();
                if let Some(begun) = self.begun.take() {
                    self.texts = begun;
                } else if let Some(first) = self.savepoints.first() {
                    self.texts = first.clone();
                }
                self.savepoints.clear();
                self.db = Database::open(&path).unwrap();
            }
            _ => {}
        }
    }

    fn verify(&mut self) {
        let (query, limit) = (self.text(), self.below(12) as usize);
        let threshold = [0.0, 0.1, 0.3, 0.5, 1.0][self.below(5) as usize];
        let expected = by_definition(&self.texts, &query, limit, threshold);
        assert_eq!(
            search(&mut self.db, "names", &query, limit, threshold),
            expected,
            "{query:?} {threshold}"
        );
        if !self.in_transaction() {
            assert_eq!(search(&mut self.other, "names", &query, limit, threshold), expected, "{query:?}");
        }
    }
}

#[test]
fn every_history_leaves_what_the_same_changes_leave_in_memory() {
    for seed in 0..24 {
        let scratch = Scratch::new();
        let mut history = History {
            random: seed,
            path: scratch.path("a.zova"),
            db: installed(&scratch),
            other: Database::open(scratch.path("a.zova")).unwrap(),
            texts: Texts::new(),
            begun: None,
            savepoints: Vec::new(),
        };
        for step in 0..300 {
            history.step();
            // A search writes what was put off, so not after every step.
            if history.below(4) == 0 {
                history.verify();
            }
            if step % 25 == 0 {
                history.db.check_extension("trgm").unwrap();
            }
        }
        history.db.check_extension("trgm").unwrap();
    }
}
