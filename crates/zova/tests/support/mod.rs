//! What the vector tests share: a fresh database, and search by the definition over all rows.

#![allow(dead_code, reason = "each test program uses a part of it")]

use zova::{Database, Status, VectorCollectionOptions, VectorMetric, VectorSearchResult};

pub(crate) fn create() -> (tempfile::TempDir, Database) {
    let folder = tempfile::tempdir().unwrap();
    let db = Database::create(folder.path().join("test.zova")).unwrap();
    (folder, db)
}

pub(crate) fn collection(db: &mut Database, name: &str, dimensions: u32, metric: VectorMetric) {
    db.create_vector_collection(name, VectorCollectionOptions { dimensions, metric }).unwrap();
}

pub(crate) fn status<T: std::fmt::Debug>(result: zova::Result<T>) -> Status {
    result.unwrap_err().status().unwrap()
}

/// Every bit of the seed matters, so neighbouring seeds give unrelated values.
pub(crate) fn random_values(seed: u64, count: usize) -> Vec<f32> {
    let mut state = seed;
    std::iter::repeat_with(|| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state ^ seed.wrapping_mul(0xd134_2543_de82_ef95);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / 8_388_608.0 - 1.0
    })
    .take(count)
    .collect()
}

/// The definition of the chapter, written down a second time.
pub(crate) fn distance(metric: VectorMetric, q: &[f32], s: &[f32]) -> f64 {
    let pairs = || q.iter().zip(s).map(|(q, s)| (*q as f64, *s as f64));
    let dot = pairs().fold(0.0, |sum, (q, s)| sum + q * s);
    match metric {
        VectorMetric::Dot => -dot,
        VectorMetric::L2 => pairs().fold(0.0, |sum, (q, s)| sum + (q - s) * (q - s)).sqrt(),
        VectorMetric::Cosine => {
            let qq = pairs().fold(0.0, |sum, (q, _)| sum + q * q);
            let ss = pairs().fold(0.0, |sum, (_, s)| sum + s * s);
            1.0 - dot / (qq.sqrt() * ss.sqrt())
        }
    }
}

/// All rows of a collection, read one by one.
pub(crate) fn rows(db: &mut Database, name: &str) -> Vec<(String, Vec<f32>)> {
    let ids = db.list_vector_ids(name, None, usize::MAX).unwrap();
    ids.into_iter()
        .map(|id| {
            let values = db.get_vector(name, &id).unwrap().values;
            (id, values)
        })
        .collect()
}

pub(crate) fn search_model(
    metric: VectorMetric,
    rows: &[(String, Vec<f32>)],
    query: &[f32],
    limit: usize,
) -> Vec<VectorSearchResult> {
    let mut all: Vec<_> = rows
        .iter()
        .map(|(id, values)| VectorSearchResult { id: id.clone(), distance: distance(metric, query, values) })
        .collect();
    all.sort_by(|l, r| l.distance.partial_cmp(&r.distance).unwrap().then_with(|| l.id.cmp(&r.id)));
    all.truncate(limit);
    all
}
