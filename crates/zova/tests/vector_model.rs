//! Random histories of calls, SQL, transactions, savepoints, a second handle and reopening, against an ordinary map.
//!
//! After each step a search is compared with the definition applied to the map, so the copy in memory is met in every
//! state it can be in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use zova::{Database, SearchPath, VectorInput, VectorMetric, VectorSearchResult};

mod support;
use support::{collection, distance, random_values};

const DIMENSIONS: usize = 3;

type Rows = BTreeMap<String, Vec<f32>>;

struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }

    fn id(&mut self) -> String {
        format!("v{}", self.below(30))
    }

    /// Few different vectors, so that distances are often equal.
    fn values(&mut self) -> Vec<f32> {
        random_values(self.below(25), DIMENSIONS)
    }
}

struct History {
    random: Random,
    metric: VectorMetric,
    path: PathBuf,
    db: Database,
    other: Database,
    rows: Rows,
    /// The rows at the start of the transaction.
    begun: Option<Rows>,
    /// The rows at each open savepoint, which are named by their depth.
    savepoints: Vec<Rows>,
    resident: usize,
    streamed: usize,
}

impl History {
    fn step(&mut self) {
        match self.random.below(26) {
            0..=4 => {
                let (id, values) = (self.random.id(), self.random.values());
                self.db.put_vector("c", &id, &values).unwrap();
                self.rows.insert(id, values);
            }
            5 | 6 => {
                let many: Vec<_> =
                    (0..self.random.below(8)).map(|_| (self.random.id(), self.random.values())).collect();
                let inputs: Vec<_> = many.iter().map(|(id, values)| VectorInput { id, values }).collect();
                self.db.put_vectors("c", &inputs).unwrap();
                self.rows.extend(many);
            }
            7 | 8 => {
                let id = self.random.id();
                assert_eq!(self.db.delete_vector("c", &id).is_ok(), self.rows.remove(&id).is_some());
            }
            9 => {
                let ids: Vec<_> = (0..2).map(|_| self.random.id()).collect();
                let all = ids[0] != ids[1] && ids.iter().all(|id| self.rows.contains_key(id));
                let ids: Vec<_> = ids.iter().map(String::as_str).collect();
                assert_eq!(self.db.delete_vectors("c", &ids).is_ok(), all);
                if all {
                    ids.iter().for_each(|id| drop(self.rows.remove(*id)));
                }
            }
            10 => {
                let id = self.random.id();
                self.db.exec(&format!("delete from _zova_vectors where vector_id = '{id}'")).unwrap();
                self.rows.remove(&id);
            }
            11 => {
                let (from, to) = (self.random.id(), self.random.id());
                self.db
                    .exec(&format!(
                        "insert or replace into _zova_vectors select 'c', '{to}', dimensions, \"values\" \
                         from _zova_vectors where vector_id = '{from}'"
                    ))
                    .unwrap();
                if let Some(values) = self.rows.get(&from).cloned() {
                    self.rows.insert(to, values);
                }
            }
            12 if self.random.below(4) == 0 => {
                self.db.exec("delete from _zova_vectors").unwrap();
                self.rows.clear();
            }
            13 => {
                // A statement that fails halfway.
                self.db
                    .exec("create temp table if not exists once(a unique); insert or ignore into once values (1)")
                    .unwrap();
                let sql = "create temp trigger if not exists g after delete on main._zova_vectors \
                           begin insert into once values (1); end";
                self.db.exec(sql).unwrap();
                let failed = self.db.exec("delete from _zova_vectors where vector_id > 'v2'").is_err();
                assert_eq!(failed, self.rows.keys().any(|id| id.as_str() > "v2"));
                self.db.exec("drop trigger g").unwrap();
            }
            14 | 15 if self.begun.is_none() && self.savepoints.is_empty() => {
                self.db.begin().unwrap();
                self.begun = Some(self.rows.clone());
            }
            16 if self.begun.is_some() => {
                if self.random.below(2) == 0 {
                    self.db.commit().unwrap()
                } else {
                    self.db.exec("commit").unwrap()
                }
                self.begun = None;
                self.savepoints.clear();
            }
            17 if self.begun.is_some() => {
                if self.random.below(2) == 0 {
                    self.db.rollback().unwrap()
                } else {
                    self.db.exec("rollback").unwrap()
                }
                self.rows = self.begun.take().unwrap();
                self.savepoints.clear();
            }
            18 | 19 if self.savepoints.len() < 4 => {
                self.db.savepoint(&format!("s{}", self.savepoints.len())).unwrap();
                self.savepoints.push(self.rows.clone());
            }
            20 | 21 if !self.savepoints.is_empty() => {
                let depth = self.random.below(self.savepoints.len() as u64) as usize;
                let name = format!("s{depth}");
                if self.random.below(2) == 0 {
                    self.db.rollback_to_savepoint(&name).unwrap();
                } else {
                    self.db.exec(&format!("ROLLBACK TRANSACTION TO {name}")).unwrap();
                }
                self.rows = self.savepoints[depth].clone();
                self.savepoints.truncate(depth + 1);
            }
            22 if !self.savepoints.is_empty() => {
                let depth = self.random.below(self.savepoints.len() as u64) as usize;
                self.db.release_savepoint(&format!("s{depth}")).unwrap();
                self.savepoints.truncate(depth);
            }
            23 if self.begun.is_none() && self.savepoints.is_empty() => {
                let (id, values) = (self.random.id(), self.random.values());
                self.other.put_vector("c", &id, &values).unwrap();
                self.rows.insert(id, values);
            }
            24 if self.random.below(4) == 0 => {
                self.db = Database::open(&self.path).unwrap();
                if let Some(rows) = self.begun.take().or_else(|| self.savepoints.first().cloned()) {
                    self.rows = rows;
                }
                self.savepoints.clear();
            }
            25 => {
                let bytes = [0, 1500, 4000, 1 << 20][self.random.below(4) as usize];
                self.db.set_vector_cache_limit(bytes).unwrap();
            }
            _ => {}
        }
    }

    fn expected(
        &self,
        query: &[f32],
        keep: impl Fn(&str, f64) -> bool,
        limit: usize,
    ) -> Vec<VectorSearchResult> {
        let mut all: Vec<_> = self
            .rows
            .iter()
            .map(|(id, values)| (id, distance(self.metric, query, values)))
            .filter(|(id, distance)| keep(id, *distance))
            .map(|(id, distance)| VectorSearchResult { id: id.clone(), distance })
            .collect();
        all.sort_by(|l, r| l.distance.partial_cmp(&r.distance).unwrap().then_with(|| l.id.cmp(&r.id)));
        all.truncate(limit);
        all
    }

    fn search(&mut self) {
        let query = self.random.values();
        let limit = [1, 3, 5, 100][self.random.below(4) as usize];
        let far = self.random.below(3) as f64 - 0.5;
        let candidates: Vec<_> = (0..self.random.below(12)).map(|_| self.random.id()).collect();
        let candidates: Vec<_> = candidates.iter().map(String::as_str).collect();
        let source = self.random.id();
        let db = &mut self.db;
        let all = db.search_vectors("c", &query, limit).unwrap();
        match db.vector_search_stats().unwrap().unwrap().path {
            SearchPath::Resident => self.resident += 1,
            _ => self.streamed += 1,
        }
        let within = db.search_vectors_within("c", &query, far, limit).unwrap();
        let among = db.search_vectors_in("c", &query, &candidates, limit).unwrap();
        let among_within = db.search_vectors_in_within("c", &query, &candidates, far, limit).unwrap();
        assert_eq!(all, self.expected(&query, |_, _| true, limit));
        assert_eq!(within, self.expected(&query, |_, distance| distance <= far, limit));
        assert_eq!(among, self.expected(&query, |id, _| candidates.contains(&id), limit));
        let expected = self.expected(&query, |id, d| candidates.contains(&id) && d <= far, limit);
        assert_eq!(among_within, expected);
        let by_id = self.db.search_vectors_by_id_within("c", &source, far, limit);
        match self.rows.get(&source) {
            None => assert!(by_id.is_err()),
            Some(values) => {
                let expected = self.expected(values, |id, d| id != source && d <= far, limit);
                assert_eq!(by_id.unwrap(), expected);
            }
        }
    }
}

#[test]
fn every_history_ends_in_the_same_answers_as_the_model() {
    let (mut resident, mut streamed) = (0, 0);
    for seed in 0..24 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.zova");
        let mut db = Database::create(&path).unwrap();
        if seed % 2 == 1 {
            db.exec("pragma journal_mode = wal").unwrap();
        }
        let metric = [VectorMetric::L2, VectorMetric::Cosine, VectorMetric::Dot][seed as usize % 3];
        collection(&mut db, "c", DIMENSIONS as u32, metric);
        let other = Database::open(&path).unwrap();
        let mut history = History {
            random: Random(seed),
            metric,
            path,
            db,
            other,
            rows: Rows::new(),
            begun: None,
            savepoints: Vec::new(),
            resident: 0,
            streamed: 0,
        };
        for _ in 0..250 {
            history.step();
            for _ in 0..history.random.below(4) {
                history.search();
            }
        }
        resident += history.resident;
        streamed += history.streamed;
    }
    // Both ways were taken often enough to mean something.
    assert!(resident > 1000 && streamed > 1000, "{resident} {streamed}");
}
