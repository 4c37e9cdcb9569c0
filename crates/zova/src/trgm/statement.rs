//! Statements with their values.

use crate::{ExtensionContext, ExtensionResult, ExtensionStatement, SqlValue};

/// A statement with its values bound, before its first row.
pub(super) fn prepared<'c>(
    context: &ExtensionContext<'c>,
    sql: &str,
    values: &[SqlValue<'_>],
) -> ExtensionResult<ExtensionStatement<'c>> {
    let mut statement = context.prepare(sql)?;
    for (index, value) in (1..).zip(values) {
        statement.bind(index, *value)?;
    }
    Ok(statement)
}

/// Runs a statement to its end.
pub(super) fn run(context: &ExtensionContext<'_>, sql: &str, values: &[SqlValue<'_>]) -> ExtensionResult<()> {
    let mut statement = prepared(context, sql, values)?;
    while statement.step()? {}
    Ok(())
}

/// A statement that is used again and again: its first values are bound once, the others are to be bound each time.
pub(super) fn reused<'a, 'c>(
    statement: &'a mut Option<ExtensionStatement<'c>>,
    context: &ExtensionContext<'c>,
    sql: &str,
    first: &[SqlValue<'_>],
) -> ExtensionResult<&'a mut ExtensionStatement<'c>> {
    match statement {
        Some(statement) => {
            statement.reset()?;
            Ok(statement)
        }
        none => Ok(none.insert(prepared(context, sql, first)?)),
    }
}
