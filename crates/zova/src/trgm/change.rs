//! A change of one document, from the call that asks for it until it is in the tables.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};

use super::text::{Extracted, Trigram};
use super::value::Target;
use crate::SqlValue;

/// A document is put or deleted.
pub(super) struct Change {
    pub(super) index: Arc<str>,
    pub(super) id: Box<str>,
    /// `None` to delete it.
    pub(super) document: Option<Document>,
}

/// A document without its id.
pub(super) struct Document {
    target_type: Box<str>,
    target_namespace: Option<Box<str>>,
    target_ref: Option<Box<str>>,
    normalized_len: i64,
    text_hash: [u8; 32],
    updated_at_unix: i64,
    /// Distinct trigrams in ascending order, each with the number of its occurrences.
    pub(super) terms: Box<[(Trigram, u32)]>,
}

/// The columns of a row of documents, in the order of [`Change::column`].
pub(super) const DOCUMENT_COLUMNS: [&str; 9] = [
    "index_name",
    "document_id",
    "target_type",
    "target_namespace",
    "target_ref",
    "normalized_len",
    "text_hash",
    "term_count",
    "updated_at_unix",
];

impl Change {
    pub(super) fn put(index: Arc<str>, id: &str, target: Target<'_>, text: &str) -> Self {
        let extracted = Extracted::new(text.as_bytes());
        let document = Document {
            target_type: target.kind.into(),
            target_namespace: target.namespace.map(Into::into),
            target_ref: target.reference.map(Into::into),
            normalized_len: extracted.normalized_len as i64,
            text_hash: Sha256::digest(text.as_bytes()).into(),
            updated_at_unix: now(),
            terms: extracted.counts.into(),
        };
        Self { index, id: id.into(), document: Some(document) }
    }

    pub(super) fn delete(index: Arc<str>, id: &str) -> Self {
        Self { index, id: id.into(), document: None }
    }

    /// The trigrams that the document has afterwards.
    pub(super) fn terms(&self) -> &[(Trigram, u32)] {
        self.document.as_ref().map_or(&[], |document| &document.terms)
    }

    /// A value of the row of the document, by its place in [`DOCUMENT_COLUMNS`].
    pub(super) fn column(&self, column: usize) -> SqlValue<'_> {
        let Some(document) = &self.document else { return SqlValue::Null };
        match column {
            0 => SqlValue::Text(self.index.as_bytes()),
            1 => SqlValue::Text(self.id.as_bytes()),
            2 => SqlValue::Text(document.target_type.as_bytes()),
            3 => optional(&document.target_namespace),
            4 => optional(&document.target_ref),
            5 => SqlValue::Integer(document.normalized_len),
            6 => SqlValue::Blob(&document.text_hash),
            7 => SqlValue::Integer(document.terms.len() as i64),
            _ => SqlValue::Integer(document.updated_at_unix),
        }
    }

    /// About how many bytes of memory it takes.
    pub(super) fn size(&self) -> usize {
        const ALLOCATION: usize = 16;
        let optional = |text: &Option<Box<str>>| text.as_ref().map_or(0, |text| text.len() + ALLOCATION);
        let document = self.document.as_ref().map_or(0, |document| {
            document.target_type.len()
                + optional(&document.target_namespace)
                + optional(&document.target_ref)
                + size_of_val(&*document.terms)
                + 2 * ALLOCATION
        });
        size_of::<Self>() + self.id.len() + ALLOCATION + document
    }
}

fn optional(text: &Option<Box<str>>) -> SqlValue<'_> {
    text.as_ref().map_or(SqlValue::Null, |text| SqlValue::Text(text.as_bytes()))
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
