//! Databases with `trgm`, and the definition of the search applied to texts in memory.

use std::collections::{BTreeMap, BTreeSet};

use zova::{ColumnType, Database, Error, Status, Step};

use crate::common::Scratch;

/// A database with `trgm` installed and an empty index `names`.
pub(crate) fn installed(scratch: &Scratch) -> Database {
    let (mut db, _) = scratch.database("a.zova");
    db.install_extension("trgm").unwrap();
    call(&mut db, "select zova_trgm_create_index('names')");
    db
}

/// The same with texts under the ids `0`, `1` and so on.
pub(crate) fn filled(scratch: &Scratch, texts: &[&str]) -> Database {
    let mut db = installed(scratch);
    for (id, text) in texts.iter().enumerate() {
        put(&mut db, &id.to_string(), text);
    }
    db
}

pub(crate) fn quoted(text: &str) -> String {
    // A NUL would end the SQL text.
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("cast(x'{hex}' as text)")
}

pub(crate) fn put(db: &mut Database, id: &str, text: &str) {
    let call_text = format!(
        "select zova_trgm_put('names', {}, 'record', null, {}, {})",
        quoted(id),
        quoted(id),
        quoted(text)
    );
    call(db, &call_text);
}

/// Calls a function that changes something; it must answer 1.
#[track_caller]
pub(crate) fn call(db: &mut Database, sql: &str) {
    assert_eq!(query(db, sql), ["1"], "{sql}");
}

/// All rows, the values of each separated by `|`.
pub(crate) fn try_query(db: &mut Database, sql: &str) -> zova::Result<Vec<String>> {
    let mut statement = db.prepare_owned(sql)?;
    let mut rows = Vec::new();
    while statement.step()? == Step::Row {
        let mut row = Vec::new();
        for column in 0..statement.column_count()? {
            row.push(match statement.column_type(column)? {
                ColumnType::Null => "null".to_owned(),
                ColumnType::Float => format!("{:?}", statement.column_f64(column)?),
                _ => statement.column_text(column)?.unwrap(),
            });
        }
        rows.push(row.join("|"));
    }
    Ok(rows)
}

#[track_caller]
pub(crate) fn query(db: &mut Database, sql: &str) -> Vec<String> {
    try_query(db, sql).unwrap_or_else(|error| panic!("{error}: {sql}"))
}

/// The message of a statement that fails with `SqliteError`.
#[track_caller]
pub(crate) fn message(db: &mut Database, sql: &str) -> String {
    match try_query(db, sql) {
        Err(Error::Zova { status, message, .. }) => {
            assert_eq!(status, Status::SqliteError, "{message:?}: {sql}");
            message.unwrap()
        }
        other => panic!("{sql}: {other:?}"),
    }
}

/// What a search gives: ids and scores, best first.
pub(crate) type Found = Vec<(String, f64)>;

/// A search through the table function.
#[track_caller]
pub(crate) fn search(db: &mut Database, index: &str, query: &str, limit: usize, threshold: f64) -> Found {
    let sql = "select rank, document_id, score from zova_trgm_search(?1, ?2, ?3, ?4)";
    let mut statement = db.prepare_owned(sql).unwrap();
    statement.bind_text(1, index).unwrap();
    statement.bind_text(2, query).unwrap();
    statement.bind_i64(3, limit as i64).unwrap();
    statement.bind_f64(4, threshold).unwrap();
    let mut found = Vec::new();
    while statement.step().unwrap() == Step::Row {
        assert_eq!(statement.column_i64(0).unwrap(), found.len() as i64 + 1, "ranks count from 1");
        found.push((statement.column_text(1).unwrap().unwrap(), statement.column_f64(2).unwrap()));
    }
    found
}

/// The distinct trigrams of a text, as the specification tells them.
pub(crate) fn trigrams(text: &str) -> BTreeSet<Vec<u8>> {
    let is_kept = |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80;
    let lower: Vec<u8> = text.bytes().map(|byte| byte.to_ascii_lowercase()).collect();
    let words: Vec<&[u8]> = lower.split(|byte| !is_kept(byte)).filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        return BTreeSet::new();
    }
    let padded = [b"  ", &words.join(&b' ')[..], b"  "].concat();
    padded.windows(3).map(<[u8]>::to_vec).collect()
}

/// The score of two texts by its definition.
pub(crate) fn score(a: &str, b: &str) -> f64 {
    let (a, b) = (trigrams(a), trigrams(b));
    if a.is_empty() && b.is_empty() {
        return 1.0;
    }
    a.intersection(&b).count() as f64 / a.union(&b).count() as f64
}

/// The search by its definition: every text is compared.
pub(crate) fn by_definition(
    texts: &BTreeMap<String, String>,
    query: &str,
    limit: usize,
    threshold: f64,
) -> Found {
    let wanted = trigrams(query);
    let mut found: Found = texts
        .iter()
        .filter(|(_, text)| !trigrams(text).is_disjoint(&wanted))
        .map(|(id, text)| (id.clone(), score(text, query)))
        .filter(|(_, score)| *score >= threshold)
        .collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.as_bytes().cmp(b.0.as_bytes())));
    found.truncate(limit);
    found
}
