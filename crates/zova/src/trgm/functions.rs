//! The SQL functions and the table `zova_trgm_search`.

use std::sync::{Arc, Mutex};

use super::change::Change;
use super::index::{KnownIndex, create_index, drop_index, require_index};
use super::resident::Resident;
use super::search::{Query, search};
use super::statement::reused;
use super::text::{distinct, similarity};
use super::value::{
    Target, damaged, invalid, optional_text, read_only, require_document_id, require_index_name, text, worded,
};
use super::write::Writer;
use crate::{
    CallContext, Deferred, ExtensionContext, ExtensionResult, RegisterContext, RowSink, ScalarDefinition,
    SqlValue, TableColumn, TableDefinition,
};

const DEFAULT_LIMIT: usize = 10;
const ROW: &str = "select target_type, target_namespace, target_ref from main._zova_ext_trgm_documents \
    where index_name = ?1 and document_id = ?2";

pub(super) fn register(context: &mut RegisterContext<'_>) -> ExtensionResult<()> {
    let definition = ScalarDefinition {
        name: "zova_trgm_similarity",
        arguments: 2,
        deterministic: true,
        innocuous: true,
        ..ScalarDefinition::default()
    };
    context.scalar(definition, |_, arguments| {
        let &[a, b] = arguments else { return Err(invalid("two texts are compared")) };
        let (a, b) = (text("first text", a)?, text("second text", b)?);
        Ok(similarity(a.as_bytes(), b.as_bytes()).into())
    })?;
    let deferred = context.deferred("trgm", Writer)?;
    register_changes(context, &deferred)?;
    register_search(context, deferred)
}

/// The functions that change indexes.
fn register_changes(context: &mut RegisterContext<'_>, deferred: &Deferred<Writer>) -> ExtensionResult<()> {
    let known = Arc::new(KnownIndex::default());
    register_change(context, "zova_trgm_create_index", 1, |context, arguments| {
        let name = text("index name", arguments[0])?;
        require_writable(context)?;
        require_index_name(name)?;
        context.atomically(|context| create_index(context, name))
    })?;
    let (changes, indexes) = (deferred.clone(), Arc::clone(&known));
    register_change(context, "zova_trgm_drop_index", 1, move |context, arguments| {
        let name = text("index name", arguments[0])?;
        require_writable(context)?;
        require_index_name(name)?;
        indexes.forget();
        changes.flush(context)?;
        context.atomically(|context| drop_index(context, name))
    })?;
    let (changes, indexes) = (deferred.clone(), Arc::clone(&known));
    register_change(context, "zova_trgm_put", 6, move |context, arguments| {
        let index = text("index name", arguments[0])?;
        let id = text("document id", arguments[1])?;
        let kind = text("target type", arguments[2])?;
        let namespace = optional_text("target namespace", arguments[3])?;
        let reference = optional_text("target reference", arguments[4])?;
        let content = text("text", arguments[5])?;
        require_writable(context)?;
        require_index_name(index)?;
        require_document_id(id)?;
        let target = Target { kind, namespace, reference };
        changes.add(context, |context| {
            let index = indexes.require(context, changes.epoch(), index)?;
            target.require(context)?;
            Ok(Change::put(index, id, target, content))
        })
    })?;
    let changes = deferred.clone();
    register_change(context, "zova_trgm_delete", 2, move |context, arguments| {
        let index = text("index name", arguments[0])?;
        let id = text("document id", arguments[1])?;
        require_writable(context)?;
        require_index_name(index)?;
        require_document_id(id)?;
        changes
            .add(context, |context| Ok(Change::delete(known.require(context, changes.epoch(), index)?, id)))
    })
}

/// A function that changes an index and returns 1.
fn register_change(
    context: &mut RegisterContext<'_>,
    name: &str,
    arguments: i32,
    change: impl Fn(&mut CallContext<'_>, &[SqlValue<'_>]) -> ExtensionResult<()> + Send + 'static,
) -> ExtensionResult<()> {
    let definition = ScalarDefinition { name, arguments, ..ScalarDefinition::default() };
    context.scalar(definition, move |context, arguments| {
        change(context, arguments).map_err(worded)?;
        Ok(1.into())
    })
}

fn require_writable(context: &ExtensionContext<'_>) -> ExtensionResult<()> {
    if context.is_read_only() { Err(read_only()) } else { Ok(()) }
}

fn register_search(context: &mut RegisterContext<'_>, deferred: Deferred<Writer>) -> ExtensionResult<()> {
    let visible = |name, decl_type| TableColumn { name, decl_type, ..TableColumn::default() };
    let hidden =
        |name, decl_type, required| TableColumn { hidden: true, required, ..visible(name, decl_type) };
    let definition = TableDefinition {
        name: "zova_trgm_search",
        columns: vec![
            TableColumn { sorted: true, ..visible("rank", "integer") },
            visible("document_id", "text"),
            visible("target_type", "text"),
            visible("target_namespace", "text"),
            visible("target_ref", "text"),
            visible("score", "real"),
            hidden("index_name", "text", true),
            hidden("query", "text", true),
            hidden("limit", "integer", false),
            hidden("threshold", "real", false),
        ],
        estimated_cost: 1000.0,
        estimated_rows: DEFAULT_LIMIT as i64,
        ..TableDefinition::default()
    };
    let resident = Mutex::new(Resident::default());
    context.table(definition, move |context, arguments, rows| {
        deferred.flush(context).and_then(|()| scan(context, &resident, arguments, rows)).map_err(worded)
    })
}

fn scan(
    context: &ExtensionContext<'_>,
    resident: &Mutex<Resident>,
    arguments: &[Option<SqlValue<'_>>],
    rows: &mut RowSink<'_>,
) -> ExtensionResult<()> {
    let argument = |at: usize| arguments[at].unwrap_or(SqlValue::Null);
    let index = text("index name", argument(0))?;
    let query = text("query", argument(1))?;
    let limit = arguments[2].map_or(Ok(DEFAULT_LIMIT), limit)?;
    let threshold = arguments[3].map_or(Ok(0.0), threshold)?;
    require_index_name(index)?;
    require_index(context, index)?;
    // Rows that SQLite will not ask for are not looked for.
    let enough = rows.enough().and_then(|rows| usize::try_from(rows).ok()).unwrap_or(usize::MAX);
    let trigrams = distinct(query.as_bytes());
    let query = Query { index, trigrams: &trigrams, limit: limit.min(enough), threshold };
    // In use only by a search around this one, which has no use for what this one reads.
    let hits = match resident.try_lock() {
        Ok(mut resident) => resident.with_copied(context, index, |copied| search(context, copied, &query))?,
        Err(_) => search(context, &mut Default::default(), &query)?,
    };
    let mut row = None;
    for (rank, hit) in (1..).zip(hits) {
        let row = reused(&mut row, context, ROW, &[SqlValue::Text(index.as_bytes())])?;
        row.bind(2, SqlValue::Text(&hit.document))?;
        if !row.step()? {
            return Err(damaged());
        }
        let score = SqlValue::Real(hit.score);
        let document = SqlValue::Text(&hit.document);
        rows.push(&[SqlValue::Integer(rank), document, row.column(0), row.column(1), row.column(2), score])?;
    }
    Ok(())
}

fn limit(value: SqlValue<'_>) -> ExtensionResult<usize> {
    match value {
        SqlValue::Integer(limit) if limit >= 0 => Ok(usize::try_from(limit).unwrap_or(usize::MAX)),
        _ => Err(invalid("a limit is an integer and not negative")),
    }
}

fn threshold(value: SqlValue<'_>) -> ExtensionResult<f64> {
    let threshold = match value {
        SqlValue::Integer(threshold) => threshold as f64,
        SqlValue::Real(threshold) => threshold,
        _ => f64::NAN,
    };
    if (0.0..=1.0).contains(&threshold) {
        Ok(threshold)
    } else {
        Err(invalid("a threshold is a number from 0 to 1"))
    }
}
