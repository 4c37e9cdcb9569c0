//! Salvage: an index made anew from its own rows, since the texts are not stored.
//!
//! A document is copied when all of its postings are there. Terms are not read but counted again. A table that cannot be
//! read to its end is read from both ends, so that one damaged page costs the documents with postings on it.
//!
//! Cost: each table is read once. In memory: the ids of the documents.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::statement::{prepared, reused, run};
use super::tables::{self, invalid};
use super::value::{Target, is_document_id, is_index_name};
use crate::{
    ExtensionContext, ExtensionError, ExtensionResult, ExtensionStatement, SalvageContext, SalvageReport,
    SqlValue, Status,
};

const INDEXES: [&str; 2] = [
    "select name, created_order from main._zova_ext_trgm_indexes order by name",
    "select name, created_order from main._zova_ext_trgm_indexes order by name desc",
];
const DOCUMENTS: [&str; 2] = [
    "select index_name, document_id, target_type, target_namespace, target_ref, normalized_len, text_hash, \
        term_count, updated_at_unix, rowid from main._zova_ext_trgm_documents order by rowid",
    "select index_name, document_id, target_type, target_namespace, target_ref, normalized_len, text_hash, \
        term_count, updated_at_unix, rowid from main._zova_ext_trgm_documents order by rowid desc",
];
const DOCUMENT: &str = "select index_name, document_id, target_type, target_namespace, target_ref, \
    normalized_len, text_hash, term_count, updated_at_unix from main._zova_ext_trgm_documents where rowid = ?1";
const POSTINGS: [&str; 2] = [
    "select index_name, term, document_id, count from main._zova_ext_trgm_postings \
        order by index_name, term, document_id",
    "select index_name, term, document_id, count from main._zova_ext_trgm_postings \
        order by index_name desc, term desc, document_id desc",
];

const INSERT_INDEX: &str = "insert into main._zova_ext_trgm_indexes (name, created_order) values (?1, ?2)";
const INSERT_DOCUMENT: &str = "insert into main._zova_ext_trgm_documents \
    (index_name, document_id, target_type, target_namespace, target_ref, normalized_len, text_hash, term_count, \
    updated_at_unix) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const INSERT_POSTING: &str = "insert into main._zova_ext_trgm_postings (index_name, term, document_id, count) \
    values (?1, ?2, ?3, ?4)";
/// The postings of documents that turned out to be incomplete.
const DELETE_ORPHANS: &str = "delete from main._zova_ext_trgm_postings where not exists \
    (select 1 from main._zova_ext_trgm_documents as document \
    where document.index_name = _zova_ext_trgm_postings.index_name \
    and document.document_id = _zova_ext_trgm_postings.document_id)";
const COUNT_TERMS: &str = "insert into main._zova_ext_trgm_terms (index_name, term, document_count) \
    select index_name, term, count(*) from main._zova_ext_trgm_postings group by index_name, term";

/// Copies what is complete and names the documents that are left out, as `index/id`.
pub(super) fn salvage(context: &mut SalvageContext<'_>) -> ExtensionResult<SalvageReport> {
    let source = context.source();
    tables::require_version(source)?;
    let indexes = read_indexes(source)?;
    let (mut documents, mut left_out) = Documents::read(source, &indexes)?;
    if let Some(destination) = context.destination() {
        tables::create_tables(destination)?;
        for (order, index) in (1..).zip(&indexes) {
            let values = [SqlValue::Text(index.as_bytes()), SqlValue::Integer(order)];
            run(destination, INSERT_INDEX, &values)?;
        }
    }
    documents.read_postings(source, context.destination())?;
    documents.copy(source, context.destination(), &mut left_out)?;
    if let Some(destination) = context.destination() {
        run(destination, DELETE_ORPHANS, &[])?;
        run(destination, COUNT_TERMS, &[])?;
        tables::create_index(destination)?;
    }
    let skipped_rows = left_out.len() as u64;
    left_out.into_iter().for_each(|document| context.name_left_out(document));
    Ok(SalvageReport {
        copied_extensions: 1,
        copied_private_objects: tables::SCHEMA_OBJECTS,
        skipped_rows,
        installed_in_destination: true,
        ..SalvageReport::default()
    })
}

/// Goes through the rows of a query until one of them cannot be read, then through those of the reverse query until
/// `take` says that it has seen a row before. An error at the very first row is an error.
fn read_from_both_ends(
    context: &ExtensionContext<'_>,
    queries: [&str; 2],
    mut take: impl FnMut(&ExtensionStatement<'_>, Direction) -> ExtensionResult<bool>,
) -> ExtensionResult<()> {
    let [forward, backward] = queries;
    let mut rows = prepared(context, forward, &[])?;
    let mut any = false;
    loop {
        match rows.step() {
            Ok(true) => any |= take(&rows, Direction::Forward)?,
            Ok(false) => return Ok(()),
            Err(error) if is_damage(&error) => break,
            Err(error) => return Err(error),
        }
    }
    drop(rows);
    let mut rows = prepared(context, backward, &[])?;
    loop {
        match rows.step() {
            Ok(true) if take(&rows, Direction::Backward)? => any = true,
            Ok(_) => return Ok(()),
            Err(error) if is_damage(&error) && any => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Forward,
    Backward,
}

fn is_damage(error: &ExtensionError) -> bool {
    matches!(error.status, Status::Corrupt | Status::SqliteError)
}

fn text<'r>(row: &'r ExtensionStatement<'_>, column: usize) -> Option<&'r str> {
    match row.column(column) {
        SqlValue::Text(bytes) => std::str::from_utf8(bytes).ok(),
        _ => None,
    }
}

/// The legal names of indexes, in the order in which they are made.
fn read_indexes(source: &ExtensionContext<'_>) -> ExtensionResult<Vec<String>> {
    let mut indexes: Vec<(i64, String)> = Vec::new();
    let mut seen = HashSet::new();
    read_from_both_ends(source, INDEXES, |row, direction| {
        let Some(name) = text(row, 0) else { return Ok(true) };
        let is_new = seen.insert(name.to_owned());
        if is_new && is_index_name(name) {
            let order = match row.column(1) {
                SqlValue::Integer(order) => order,
                _ => i64::MAX,
            };
            indexes.push((order, name.to_owned()));
        }
        Ok(is_new || direction == Direction::Forward)
    })?;
    indexes.sort_unstable();
    Ok(indexes.into_iter().map(|(_, name)| name).collect())
}

/// The documents whose own row is well formed, by index and id.
struct Documents<'i> {
    indexes: HashMap<&'i str, HashMap<Box<str>, Document>>,
}

struct Document {
    rowid: i64,
    term_count: i64,
    /// Well-formed postings.
    postings: i64,
    /// A posting is malformed.
    malformed: bool,
}

impl<'i> Documents<'i> {
    /// Also names the rows that are not well formed.
    fn read(source: &ExtensionContext<'_>, indexes: &'i [String]) -> ExtensionResult<(Self, Vec<String>)> {
        let mut documents: HashMap<&str, HashMap<Box<str>, Document>> =
            indexes.iter().map(|index| (index.as_str(), HashMap::new())).collect();
        let (mut left_out, mut seen) = (Vec::new(), HashSet::new());
        read_from_both_ends(source, DOCUMENTS, |row, direction| {
            let SqlValue::Integer(rowid) = row.column(9) else {
                return Err(invalid("a document has no number"));
            };
            if direction == Direction::Backward && seen.contains(&rowid) {
                return Ok(false);
            }
            seen.insert(rowid);
            let document = well_formed(row).map(|term_count| Document {
                rowid,
                term_count,
                postings: 0,
                malformed: false,
            });
            let of_index = text(row, 0).and_then(|index| documents.get_mut(index));
            match (document, of_index, text(row, 1)) {
                (Some(document), Some(of_index), Some(id)) if !of_index.contains_key(id) => {
                    of_index.insert(id.into(), document);
                }
                _ => left_out.push(name_of(row)),
            }
            Ok(true)
        })?;
        Ok((Self { indexes: documents }, left_out))
    }

    fn get_mut(&mut self, row: &ExtensionStatement<'_>) -> Option<&mut Document> {
        self.indexes.get_mut(text(row, 0)?)?.get_mut(text(row, 2)?)
    }

    /// Counts the postings, and copies those of the documents at hand.
    fn read_postings(
        &mut self,
        source: &ExtensionContext<'_>,
        destination: Option<&ExtensionContext<'_>>,
    ) -> ExtensionResult<()> {
        let mut insert = None;
        let mut last = Key::default();
        read_from_both_ends(source, POSTINGS, |row, direction| {
            match direction {
                Direction::Forward => last.set(row),
                Direction::Backward if last.compare(row) != Ordering::Less => return Ok(false),
                Direction::Backward => {}
            }
            let Some(document) = self.get_mut(row) else { return Ok(true) };
            let values = [row.column(0), row.column(1), row.column(2), row.column(3)];
            match values {
                [_, SqlValue::Blob(&[_, _, _]), _, SqlValue::Integer(1..)] => document.postings += 1,
                _ => {
                    document.malformed = true;
                    return Ok(true);
                }
            }
            if let Some(destination) = destination {
                let insert = reused(&mut insert, destination, INSERT_POSTING, &[])?;
                for (parameter, value) in (1..).zip(values) {
                    insert.bind(parameter, value)?;
                }
                insert.step()?;
            }
            Ok(true)
        })
    }

    /// Copies the rows of the documents that are complete; names the others.
    fn copy(
        &self,
        source: &ExtensionContext<'_>,
        destination: Option<&ExtensionContext<'_>>,
        left_out: &mut Vec<String>,
    ) -> ExtensionResult<()> {
        // In the order of the rows, which is the order in which they are read fastest.
        let mut all: Vec<&Document> = self.indexes.values().flat_map(HashMap::values).collect();
        all.sort_unstable_by_key(|document| document.rowid);
        let (mut select, mut insert) = (None, None);
        for document in all {
            let row = reused(&mut select, source, DOCUMENT, &[])?;
            row.bind(1, SqlValue::Integer(document.rowid))?;
            if !row.step()? {
                return Err(invalid("a document is gone"));
            }
            let is_complete = !document.malformed && document.postings == document.term_count;
            if !is_complete || !target(row).exists(destination.unwrap_or(source))? {
                left_out.push(name_of(row));
                continue;
            }
            if let Some(destination) = destination {
                let insert = reused(&mut insert, destination, INSERT_DOCUMENT, &[])?;
                for column in 0..row.column_count() {
                    insert.bind(column + 1, row.column(column))?;
                }
                insert.step()?;
            }
        }
        Ok(())
    }
}

/// What a document is called where it is reported.
fn name_of(row: &ExtensionStatement<'_>) -> String {
    let part = |column| match row.column(column) {
        SqlValue::Text(bytes) | SqlValue::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        _ => String::new(),
    };
    format!("{}/{}", part(0), part(1))
}

/// The number of trigrams of a document, if its row obeys the rules.
fn well_formed(row: &ExtensionStatement<'_>) -> Option<i64> {
    let is_text = |column| text(row, column).is_some();
    let is_null = |column| row.column(column) == SqlValue::Null;
    let is_count = |column| matches!(row.column(column), SqlValue::Integer(0..));
    let legal = is_document_id(text(row, 1)?)
        && is_text(2)
        && [3, 4].into_iter().all(|column| is_text(column) || is_null(column))
        && target(row).is_legal()
        && is_count(5)
        && matches!(row.column(6), SqlValue::Blob(hash) if hash.len() == 32)
        && matches!(row.column(8), SqlValue::Integer(_));
    match row.column(7) {
        SqlValue::Integer(term_count @ 0..) if legal => Some(term_count),
        _ => None,
    }
}

/// The target of a document whose columns have the right types.
fn target<'r>(row: &'r ExtensionStatement<'_>) -> Target<'r> {
    Target { kind: text(row, 2).unwrap_or_default(), namespace: text(row, 3), reference: text(row, 4) }
}

/// The key of the last posting that was read from the front.
#[derive(Default)]
struct Key([Vec<u8>; 3]);

impl Key {
    fn set(&mut self, row: &ExtensionStatement<'_>) {
        for (column, part) in self.0.iter_mut().enumerate() {
            part.clear();
            part.extend_from_slice(bytes(row.column(column)));
        }
    }

    fn compare(&self, row: &ExtensionStatement<'_>) -> Ordering {
        let parts = self.0.iter().enumerate();
        parts
            .map(|(column, part)| part[..].cmp(bytes(row.column(column))))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

/// What a value is compared by. Values of other types than a key has compare as equal, which ends the reading early.
fn bytes(value: SqlValue<'_>) -> &[u8] {
    match value {
        SqlValue::Text(bytes) | SqlValue::Blob(bytes) => bytes,
        _ => &[],
    }
}
