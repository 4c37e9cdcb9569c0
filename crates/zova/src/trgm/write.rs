//! Changes of documents, written to the tables.
//!
//! After that the rows agree with each other: every document has as many postings as it says, and every term counts the
//! documents of its postings. Changes touch the rows of the documents' own trigrams, old and new, each table in the
//! order of its key; many changes together are written faster than one by one.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::change::{Change, DOCUMENT_COLUMNS};
use super::index::require_index;
use super::rows::{Added, ByDocument, ByTerm, Documents, Terms};
use super::statement::{prepared, reused, run};
use super::tables;
use super::text::Trigram;
use super::value::{damaged, worded};
use crate::{DeferredWriter, ExtensionContext, ExtensionResult, ExtensionStatement, SqlValue, TreeRows};

/// From so many rows on, one INSERT for all is faster than one for each.
const MANY: usize = 100;
/// From so many postings on, it is worth while to insert them into one B-tree after the other.
const VERY_MANY: usize = 4000;

const ANY_DOCUMENT: &str = "select 1 from main._zova_ext_trgm_documents where index_name = ?1 limit 1";
const DOCUMENT: &str =
    "select 1 from main._zova_ext_trgm_documents where index_name = ?1 and document_id = ?2";
const PUT_DOCUMENT: &str = "insert into main._zova_ext_trgm_documents \
    (index_name, document_id, target_type, target_namespace, target_ref, normalized_len, text_hash, term_count, \
    updated_at_unix) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
    on conflict (index_name, document_id) do update set target_type = excluded.target_type, \
    target_namespace = excluded.target_namespace, target_ref = excluded.target_ref, \
    normalized_len = excluded.normalized_len, text_hash = excluded.text_hash, term_count = excluded.term_count, \
    updated_at_unix = excluded.updated_at_unix";
const DELETE_DOCUMENT: &str =
    "delete from main._zova_ext_trgm_documents where index_name = ?1 and document_id = ?2";

const POSTINGS: &str = "select term, count from main._zova_ext_trgm_postings \
    where index_name = ?1 and document_id = ?2 order by term";
const INSERT_POSTING: &str = "insert into main._zova_ext_trgm_postings (index_name, document_id, term, count) \
    values (?1, ?2, ?3, ?4)";
const UPDATE_POSTING: &str = "update main._zova_ext_trgm_postings set count = ?4 \
    where index_name = ?1 and document_id = ?2 and term = ?3";
const DELETE_POSTING: &str = "delete from main._zova_ext_trgm_postings \
    where index_name = ?1 and document_id = ?2 and term = ?3";

const ANY_TERM: &str = "select 1 from main._zova_ext_trgm_terms where index_name = ?1 limit 1";
const ADD_TO_TERM: &str = "insert into main._zova_ext_trgm_terms (index_name, term, document_count) \
    values (?1, ?2, ?3) on conflict (index_name, term) do update set document_count = document_count + ?3";
const DELETE_TERM: &str = "delete from main._zova_ext_trgm_terms \
    where index_name = ?1 and term = ?2 and document_count <= ?3";
const TAKE_FROM_TERM: &str = "update main._zova_ext_trgm_terms set document_count = document_count - ?3 \
    where index_name = ?1 and term = ?2";

/// Writes changes that were put off.
pub(super) struct Writer;

impl DeferredWriter for Writer {
    type Entry = Change;

    fn size(&self, change: &Change) -> usize {
        change.size()
    }

    fn write(&self, context: &mut ExtensionContext<'_>, changes: &[Change]) -> ExtensionResult<()> {
        let mut sorted: Vec<&Change> = changes.iter().collect();
        // Stable: of several changes of a document the last one counts.
        sorted.sort_by(|a, b| a.index.cmp(&b.index).then_with(|| a.id.cmp(&b.id)));
        for of_index in sorted.chunk_by(|a, b| a.index == b.index) {
            let last = of_index.chunk_by(|a, b| a.id == b.id).filter_map(|same| same.last().copied());
            let index = Index { context, name: &of_index[0].index };
            index.write(last.collect()).map_err(worded)?;
        }
        Ok(())
    }
}

/// An index whose documents change.
struct Index<'s, 'c> {
    context: &'s ExtensionContext<'c>,
    name: &'s str,
}

/// What changes by how much: the documents of each term.
type Counts = BTreeMap<Trigram, i64>;

impl<'c> Index<'_, 'c> {
    /// Writes one change for each document, in the order of their ids.
    fn write(&self, changes: Vec<&Change>) -> ExtensionResult<()> {
        require_index(self.context, self.name)?;
        let is_empty = !prepared(self.context, ANY_DOCUMENT, &[self.key()])?.step()?;
        let (new, old) = if is_empty { (changes, Vec::new()) } else { self.split(changes)? };
        let new: Vec<&Change> = new.into_iter().filter(|change| change.document.is_some()).collect();

        let mut counts = Counts::new();
        let mut added: Vec<Added<'_>> = new.iter().map(|change| Added::whole(change)).collect();
        self.replace(&old, &mut added, &mut counts)?;
        self.insert_documents(&new)?;
        // Both lists were in this order.
        added.sort_by(|a, b| a.id.cmp(b.id));
        self.insert_postings(&added, &mut counts)?;
        self.count(&counts)
    }

    fn key(&self) -> SqlValue<'_> {
        SqlValue::Text(self.name.as_bytes())
    }

    /// The changes of documents that do not exist, and of those that do.
    fn split<'d>(&self, changes: Vec<&'d Change>) -> ExtensionResult<(Vec<&'d Change>, Vec<&'d Change>)> {
        let mut row = None;
        let (mut new, mut old) = (Vec::new(), Vec::new());
        for change in changes {
            let row = reused(&mut row, self.context, DOCUMENT, &[self.key()])?;
            row.bind(2, SqlValue::Text(change.id.as_bytes()))?;
            if row.step()? { old.push(change) } else { new.push(change) }
        }
        Ok((new, old))
    }

    fn insert_documents(&self, new: &[&Change]) -> ExtensionResult<()> {
        if new.len() >= MANY {
            let rows = &mut Documents::new(new);
            return self.context.insert_rows("_zova_ext_trgm_documents", &DOCUMENT_COLUMNS, rows);
        }
        let mut put = None;
        new.iter().try_for_each(|change| self.put_document(&mut put, change))
    }

    fn put_document(&self, put: &mut Option<ExtensionStatement<'c>>, change: &Change) -> ExtensionResult<()> {
        let put = reused(put, self.context, PUT_DOCUMENT, &[])?;
        for column in 0..DOCUMENT_COLUMNS.len() {
            put.bind(column + 1, change.column(column))?;
        }
        put.step().map(drop)
    }

    /// Writes the changes of documents that exist, but for the postings they get.
    fn replace<'d>(
        &self,
        changes: &[&'d Change],
        added: &mut Vec<Added<'d>>,
        counts: &mut Counts,
    ) -> ExtensionResult<()> {
        if !changes.is_empty() {
            tables::create_index(self.context)?;
        }
        let (mut put, mut update, mut delete) = (None, None, None);
        for change in changes {
            let id = SqlValue::Text(change.id.as_bytes());
            let differences = Differences::new(self.postings(id)?, change.terms());
            if change.document.is_some() {
                self.put_document(&mut put, change)?;
            } else {
                run(self.context, DELETE_DOCUMENT, &[self.key(), id])?;
            }
            for trigram in differences.removed {
                self.posting(&mut delete, DELETE_POSTING, id, trigram, None)?;
                *counts.entry(trigram).or_default() -= 1;
            }
            for (trigram, count) in differences.changed {
                self.posting(&mut update, UPDATE_POSTING, id, trigram, Some(count))?;
            }
            if !differences.added.is_empty() {
                added.push(Added { id: &change.id, terms: differences.added.into() });
            }
        }
        Ok(())
    }

    /// The postings of a document in ascending order. They have their index.
    fn postings(&self, id: SqlValue<'_>) -> ExtensionResult<Vec<(Trigram, i64)>> {
        let mut rows = prepared(self.context, POSTINGS, &[self.key(), id])?;
        let mut postings = Vec::new();
        while rows.step()? {
            let (SqlValue::Blob(term), SqlValue::Integer(count)) = (rows.column(0), rows.column(1)) else {
                return Err(damaged());
            };
            let term = <[u8; 3]>::try_from(term).map_err(|_| damaged())?;
            postings.push((Trigram::new(term), count));
        }
        Ok(postings)
    }

    fn posting(
        &self,
        statement: &mut Option<ExtensionStatement<'c>>,
        sql: &str,
        id: SqlValue<'_>,
        trigram: Trigram,
        count: Option<u32>,
    ) -> ExtensionResult<()> {
        let statement = reused(statement, self.context, sql, &[self.key()])?;
        statement.bind(2, id)?;
        statement.bind(3, SqlValue::Blob(&trigram.bytes()))?;
        if let Some(count) = count {
            statement.bind(4, SqlValue::Integer(count.into()))?;
        }
        statement.step().map(drop)
    }

    /// Inserts postings, by documents in the order of their ids, and counts them.
    fn insert_postings(&self, added: &[Added<'_>], counts: &mut Counts) -> ExtensionResult<()> {
        let mut by_term = ByTerm::new(self.name, added);
        by_term.count(counts);
        if by_term.len() >= VERY_MANY {
            let mut by_document = ByDocument::new(self.name, added);
            let trees = &mut [
                TreeRows {
                    name: "_zova_ext_trgm_postings",
                    columns: &["index_name", "term", "document_id", "count"],
                    key: 3,
                    rows: &mut by_term,
                },
                TreeRows {
                    name: "_zova_ext_trgm_postings_document",
                    columns: &["index_name", "document_id", "term"],
                    key: 3,
                    rows: &mut by_document,
                },
            ];
            if self.context.insert_by_tree("_zova_ext_trgm_postings", trees)? {
                return Ok(());
            }
        }
        if by_term.len() >= MANY {
            let columns = ["index_name", "term", "document_id", "count"];
            return self.context.insert_rows("_zova_ext_trgm_postings", &columns, &mut by_term);
        }
        let mut insert = None;
        by_term.postings().try_for_each(|(id, trigram, count)| {
            self.posting(&mut insert, INSERT_POSTING, SqlValue::Text(id.as_bytes()), trigram, Some(count))
        })
    }

    /// Counts documents in and out of terms.
    fn count(&self, counts: &Counts) -> ExtensionResult<()> {
        if counts.len() >= MANY && !prepared(self.context, ANY_TERM, &[self.key()])?.step()? {
            let columns = ["index_name", "term", "document_count"];
            let rows = &mut Terms::new(self.name, counts);
            return self.context.insert_rows("_zova_ext_trgm_terms", &columns, rows);
        }
        let (mut add, mut delete, mut take) = (None, None, None);
        let run = |statement: &mut Option<ExtensionStatement<'c>>, sql, trigram: Trigram, count: i64| {
            let statement = reused(statement, self.context, sql, &[self.key()])?;
            statement.bind(2, SqlValue::Blob(&trigram.bytes()))?;
            statement.bind(3, SqlValue::Integer(count))?;
            statement.step()
        };
        for (trigram, count) in counts {
            match count.cmp(&0) {
                Ordering::Greater => drop(run(&mut add, ADD_TO_TERM, *trigram, *count)?),
                Ordering::Equal => {}
                Ordering::Less => {
                    run(&mut delete, DELETE_TERM, *trigram, -count)?;
                    if self.context.changes() == 0 {
                        run(&mut take, TAKE_FROM_TERM, *trigram, -count)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// What turns the postings of a document into others.
#[derive(Debug, Default, PartialEq, Eq)]
struct Differences {
    removed: Vec<Trigram>,
    changed: Vec<(Trigram, u32)>,
    added: Vec<(Trigram, u32)>,
}

impl Differences {
    /// Both are in ascending order, and so are the differences.
    fn new(old: Vec<(Trigram, i64)>, new: &[(Trigram, u32)]) -> Self {
        let mut differences = Self::default();
        let (mut left, mut right) = (old.into_iter().peekable(), new.iter().peekable());
        loop {
            let order = match (left.peek(), right.peek()) {
                (None, None) => return differences,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(old), Some(new)) => old.0.cmp(&new.0),
            };
            let old = if order.is_le() { left.next() } else { None };
            let new = if order.is_ge() { right.next() } else { None };
            match (old, new) {
                (Some((trigram, _)), None) => differences.removed.push(trigram),
                (None, Some(posting)) => differences.added.push(*posting),
                (Some((_, before)), Some(posting)) if before != i64::from(posting.1) => {
                    differences.changed.push(*posting);
                }
                _ => {}
            }
        }
    }
}
