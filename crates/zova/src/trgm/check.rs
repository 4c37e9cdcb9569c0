//! The full check: whether all rows agree with each other, and whether what documents refer to exists.
//!
//! Cost: each table is read once, in the order of a key; where the postings have no index by document they are sorted.

use super::statement::prepared;
use super::tables::{found, invalid, open_check};
use super::value::{Target, is_document_id};
use crate::{ExtensionContext, ExtensionResult, ExtensionStatement, SqlValue};

const TERMS: &str = "select index_name, term, document_count, \
    exists (select 1 from main._zova_ext_trgm_indexes where name = index_name) \
    from main._zova_ext_trgm_terms order by index_name, term";
const POSTINGS_BY_TERM: &str = "select index_name, term, count(*) from main._zova_ext_trgm_postings \
    group by index_name, term order by index_name, term";
const DOCUMENTS: &str = "select index_name, document_id, term_count, target_type, target_namespace, target_ref, \
    exists (select 1 from main._zova_ext_trgm_indexes where name = index_name) \
    from main._zova_ext_trgm_documents order by index_name, document_id";
const POSTINGS_BY_DOCUMENT: &str = "select index_name, document_id, count(*) from main._zova_ext_trgm_postings \
    group by index_name, document_id order by index_name, document_id";

pub(super) fn check(context: &ExtensionContext<'_>) -> ExtensionResult<()> {
    open_check(context)?;
    let terms = Grouped { rows: TERMS, groups: POSTINGS_BY_TERM };
    terms.compare(
        context,
        "a term does not count the documents of its postings",
        |term| {
            if term.column(3) == SqlValue::Integer(1) {
                Ok(())
            } else {
                Err(invalid("a term belongs to no index"))
            }
        },
        // There is no term without postings.
        |count| count > 0,
    )?;
    let documents = Grouped { rows: DOCUMENTS, groups: POSTINGS_BY_DOCUMENT };
    documents.compare(
        context,
        "a document has not as many postings as it says",
        |document| check_document(context, document),
        |_| true,
    )
}

/// One document without its postings.
fn check_document(context: &ExtensionContext<'_>, row: &ExtensionStatement<'_>) -> ExtensionResult<()> {
    let malformed = || invalid("a document is malformed");
    let text = |column| match row.column(column) {
        SqlValue::Text(bytes) => std::str::from_utf8(bytes).map_err(|_| malformed()),
        _ => Err(malformed()),
    };
    let optional =
        |column| if row.column(column) == SqlValue::Null { Ok(None) } else { text(column).map(Some) };
    if row.column(6) != SqlValue::Integer(1) {
        return Err(invalid("a document belongs to no index"));
    }
    let target = Target { kind: text(3)?, namespace: optional(4)?, reference: optional(5)? };
    if !is_document_id(text(1)?) || !target.is_legal() {
        return Err(malformed());
    }
    if target.exists(context)? { Ok(()) } else { Err(invalid("the target of a document does not exist")) }
}

/// Two queries with the same key in their first two columns, in the order of that key: rows that say in the third
/// column how many postings they have, and the postings counted.
struct Grouped {
    rows: &'static str,
    groups: &'static str,
}

impl Grouped {
    fn compare(
        &self,
        context: &ExtensionContext<'_>,
        difference: &str,
        check_row: impl Fn(&ExtensionStatement<'_>) -> ExtensionResult<()>,
        is_possible: impl Fn(i64) -> bool,
    ) -> ExtensionResult<()> {
        let mut rows = prepared(context, self.rows, &[]).map_err(found)?;
        let mut groups = prepared(context, self.groups, &[]).map_err(found)?;
        let mut group = groups.step().map_err(found)?;
        while rows.step().map_err(found)? {
            check_row(&rows)?;
            let has_group = group && (0..2).all(|column| rows.column(column) == groups.column(column));
            let counted = if has_group { groups.column(2) } else { SqlValue::Integer(0) };
            if rows.column(2) != counted || !matches!(counted, SqlValue::Integer(count) if is_possible(count))
            {
                return Err(invalid(difference));
            }
            if has_group {
                group = groups.step().map_err(found)?;
            }
        }
        if group { Err(invalid("a posting belongs to nothing")) } else { Ok(()) }
    }
}
