//! Changes of an index: it is made and dropped, and documents are put into it and deleted from it.
//!
//! After each of these the rows agree with each other: every document has as many postings as it says, and every term
//! counts the documents of its postings. A change touches the rows of the document's own trigrams, old and new.

use std::cmp::Ordering;

use sha2::{Digest, Sha256};

use super::statement::{prepared, reused, run};
use super::tables;
use super::text::{Extracted, Trigram};
use super::value::{Target, damaged, index_not_found, invalid};
use crate::{ExtensionContext, ExtensionResult, ExtensionStatement, SqlValue};

const INDEX: &str = "select 1 from main._zova_ext_trgm_indexes where name = ?1";
const INSERT_INDEX: &str = "insert into main._zova_ext_trgm_indexes (name, created_order) \
    select ?1, coalesce(max(created_order), 0) + 1 from main._zova_ext_trgm_indexes";
const DELETE_INDEX: [&str; 4] = [
    "delete from main._zova_ext_trgm_postings where index_name = ?1",
    "delete from main._zova_ext_trgm_terms where index_name = ?1",
    "delete from main._zova_ext_trgm_documents where index_name = ?1",
    "delete from main._zova_ext_trgm_indexes where name = ?1",
];

const DOCUMENT: &str =
    "select 1 from main._zova_ext_trgm_documents where index_name = ?1 and document_id = ?2";
const PUT_DOCUMENT: &str = "insert into main._zova_ext_trgm_documents \
    (index_name, document_id, target_type, target_namespace, target_ref, normalized_len, text_hash, term_count, \
    updated_at_unix) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, unixepoch()) \
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

const ADD_TO_TERM: &str = "insert into main._zova_ext_trgm_terms (index_name, term, document_count) \
    values (?1, ?2, 1) on conflict (index_name, term) do update set document_count = document_count + 1";
const DELETE_LAST_OF_TERM: &str = "delete from main._zova_ext_trgm_terms \
    where index_name = ?1 and term = ?2 and document_count <= 1";
const TAKE_FROM_TERM: &str = "update main._zova_ext_trgm_terms set document_count = document_count - 1 \
    where index_name = ?1 and term = ?2";

/// Whether there is an index of this name.
pub(super) fn index_exists(context: &ExtensionContext<'_>, index: &str) -> ExtensionResult<bool> {
    prepared(context, INDEX, &[SqlValue::Text(index.as_bytes())])?.step()
}

pub(super) fn require_index(context: &ExtensionContext<'_>, index: &str) -> ExtensionResult<()> {
    if index_exists(context, index)? { Ok(()) } else { Err(index_not_found()) }
}

pub(super) fn create_index(context: &ExtensionContext<'_>, index: &str) -> ExtensionResult<()> {
    if index_exists(context, index)? {
        return Err(invalid("an index of this name exists"));
    }
    run(context, INSERT_INDEX, &[SqlValue::Text(index.as_bytes())])
}

pub(super) fn drop_index(context: &ExtensionContext<'_>, index: &str) -> ExtensionResult<()> {
    require_index(context, index)?;
    DELETE_INDEX.iter().try_for_each(|sql| run(context, sql, &[SqlValue::Text(index.as_bytes())]))
}

/// Adds a document, or replaces the one of its id. Its target was found legal.
pub(super) fn put(
    context: &ExtensionContext<'_>,
    index: &str,
    id: &str,
    target: Target<'_>,
    text: &str,
) -> ExtensionResult<()> {
    let extracted = Extracted::new(text.as_bytes());
    let rows = Rows { context, index, id };
    let old = if rows.exists()? { rows.postings()? } else { Vec::new() };
    let [index, id] = rows.key();
    let values = [
        index,
        id,
        SqlValue::Text(target.kind.as_bytes()),
        target.namespace.map_or(SqlValue::Null, |text| SqlValue::Text(text.as_bytes())),
        target.reference.map_or(SqlValue::Null, |text| SqlValue::Text(text.as_bytes())),
        SqlValue::Integer(extracted.normalized_len as i64),
        SqlValue::Blob(&Sha256::digest(text.as_bytes())),
        SqlValue::Integer(extracted.counts.len() as i64),
    ];
    run(context, PUT_DOCUMENT, &values)?;
    rows.change(&old, &extracted.counts)
}

/// Deletes a document; a missing one is no error.
pub(super) fn delete(context: &ExtensionContext<'_>, index: &str, id: &str) -> ExtensionResult<()> {
    let rows = Rows { context, index, id };
    if !rows.exists()? {
        return Ok(());
    }
    let old = rows.postings()?;
    run(context, DELETE_DOCUMENT, &rows.key())?;
    rows.change(&old, &[])
}

/// The rows of one document.
struct Rows<'s, 'c> {
    context: &'s ExtensionContext<'c>,
    index: &'s str,
    id: &'s str,
}

impl<'c> Rows<'_, 'c> {
    fn key(&self) -> [SqlValue<'_>; 2] {
        [SqlValue::Text(self.index.as_bytes()), SqlValue::Text(self.id.as_bytes())]
    }

    fn exists(&self) -> ExtensionResult<bool> {
        prepared(self.context, DOCUMENT, &self.key())?.step()
    }

    /// The postings in ascending order.
    fn postings(&self) -> ExtensionResult<Vec<(Trigram, i64)>> {
        tables::create_index(self.context)?;
        let mut rows = prepared(self.context, POSTINGS, &self.key())?;
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

    /// Turns the old postings into the new ones. Both are in ascending order, and so are the changes of each table.
    fn change(&self, old: &[(Trigram, i64)], new: &[(Trigram, i64)]) -> ExtensionResult<()> {
        let (mut added, mut removed) = (Vec::new(), Vec::new());
        let (mut insert, mut update, mut delete) = (None, None, None);
        let (mut left, mut right) = (old.iter().peekable(), new.iter().peekable());
        loop {
            let order = match (left.peek(), right.peek()) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(old), Some(new)) => old.0.cmp(&new.0),
            };
            match order {
                Ordering::Less => {
                    let (trigram, _) = *left.next().expect("peeked at");
                    self.posting(&mut delete, DELETE_POSTING, trigram, None)?;
                    removed.push(trigram);
                }
                Ordering::Greater => {
                    let (trigram, count) = *right.next().expect("peeked at");
                    self.posting(&mut insert, INSERT_POSTING, trigram, Some(count))?;
                    added.push(trigram);
                }
                Ordering::Equal => {
                    let (_, before) = *left.next().expect("peeked at");
                    let (trigram, count) = *right.next().expect("peeked at");
                    if before != count {
                        self.posting(&mut update, UPDATE_POSTING, trigram, Some(count))?;
                    }
                }
            }
        }
        self.terms(&added, &removed)
    }

    fn posting(
        &self,
        statement: &mut Option<ExtensionStatement<'c>>,
        sql: &str,
        trigram: Trigram,
        count: Option<i64>,
    ) -> ExtensionResult<()> {
        let statement = reused(statement, self.context, sql, &self.key())?;
        statement.bind(3, SqlValue::Blob(&trigram.bytes()))?;
        if let Some(count) = count {
            statement.bind(4, SqlValue::Integer(count))?;
        }
        statement.step()?;
        Ok(())
    }

    /// Counts the document in and out of terms.
    fn terms(&self, added: &[Trigram], removed: &[Trigram]) -> ExtensionResult<()> {
        let [index, _] = self.key();
        let (mut add, mut last, mut take) = (None, None, None);
        let count = |statement: &mut Option<ExtensionStatement<'c>>, sql, trigram: Trigram| {
            let statement = reused(statement, self.context, sql, &[index])?;
            statement.bind(2, SqlValue::Blob(&trigram.bytes()))?;
            statement.step()
        };
        for trigram in added {
            count(&mut add, ADD_TO_TERM, *trigram)?;
        }
        for trigram in removed {
            count(&mut last, DELETE_LAST_OF_TERM, *trigram)?;
            if self.context.changes() == 0 {
                count(&mut take, TAKE_FROM_TERM, *trigram)?;
            }
        }
        Ok(())
    }
}
