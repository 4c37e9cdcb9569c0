//! Which constraints of a query become arguments of a table (SQLite's xBestIndex).
//!
//! The rule that joins never lose rows: when a query supplies an argument from a table that the plan at hand reads
//! later, the plan is refused. Running it would mean to answer without the argument, hence with other rows than the
//! query asks for.

use std::slice;

use rusqlite::ffi;

use super::{Computed, Role};

/// Bits of the plan number: one for each column that is passed, and these two.
pub(super) const LIMIT_PASSED: i32 = 1 << 29;
pub(super) const OFFSET_PASSED: i32 = 1 << 30;
pub(super) const MAX_COLUMNS: usize = 28;

/// What became of a proposed plan.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict<'t> {
    Accepted,
    /// Another order of the tables is needed.
    Refused,
    /// The query does not supply this argument at all.
    Missing(&'t str),
}

/// Decides on the plan that `info` proposes and fills in its outputs.
///
/// The values passed to the scan come in the order of the columns, then the SQL LIMIT, then its OFFSET.
///
/// # Safety
///
/// The pointers in `info` are those SQLite puts there for xBestIndex.
pub(super) unsafe fn choose<'t, T: Computed>(
    table: &'t T,
    info: &mut ffi::sqlite3_index_info,
) -> Verdict<'t> {
    // SAFETY: SQLite passes that many entries, and a pointer that is not read when there are none.
    let constraints = unsafe { entries(info.aConstraint, info.nConstraint) };
    let mut passed = [None; MAX_COLUMNS];
    let mut unusable = [false; MAX_COLUMNS];
    let (mut limit, mut offset) = (None, None);
    let columns = table.column_count();
    // Constraints that SQLite itself has to check on our rows.
    let mut filters = false;
    for (index, constraint) in constraints.iter().enumerate() {
        let usable = constraint.usable != 0;
        match i32::from(constraint.op) {
            ffi::SQLITE_INDEX_CONSTRAINT_LIMIT => limit = Some((index, usable)),
            ffi::SQLITE_INDEX_CONSTRAINT_OFFSET => offset = Some((index, usable)),
            ffi::SQLITE_INDEX_CONSTRAINT_EQ => {
                let column = usize::try_from(constraint.iColumn).ok();
                let column = column.filter(|column| *column < columns);
                match column.map(|column| (column, table.role(column))) {
                    None | Some((_, Role::Result)) => filters = true,
                    Some((column, role)) => {
                        // The table may ignore a key, and a second value for an argument is a filter.
                        filters |= role == Role::Key || passed[column].is_some();
                        if !usable {
                            unusable[column] = true;
                        } else if passed[column].is_none() {
                            passed[column] = Some(index);
                        }
                    }
                }
            }
            _ => filters = true,
        }
    }
    for column in 0..columns {
        let role = table.role(column);
        if matches!(role, Role::Required | Role::Optional) && passed[column].is_none() {
            if unusable[column] {
                return Verdict::Refused;
            } else if role == Role::Required {
                return Verdict::Missing(table.column_name(column));
            }
        } else {
            filters |= unusable[column];
        }
    }

    let supplied = (0..)
        .zip(passed)
        .filter(|(_, passed)| passed.is_some())
        .fold(0, |bits, (column, _)| bits | 1 << column);
    if let Some(missing) = table.missing(supplied) {
        return Verdict::Missing(missing);
    }

    // SAFETY: as above.
    let order = unsafe { entries(info.aOrderBy, info.nOrderBy) };
    let ordered =
        order.first().is_some_and(|first| first.desc == 0 && table.is_ordered_by(first.iColumn, order.len()));
    info.orderByConsumed = ordered.into();

    // SAFETY: as above; SQLite passes as many outputs as constraints, and nothing else refers to them.
    let usage = unsafe {
        slice::from_raw_parts_mut(
            if info.nConstraint == 0 {
                std::ptr::NonNull::dangling().as_ptr()
            } else {
                info.aConstraintUsage
            },
            info.nConstraint as usize,
        )
    };
    let mut next = 1;
    for (column, passed) in passed.iter().enumerate() {
        if let Some(index) = *passed {
            usage[index].argvIndex = next;
            usage[index].omit = (table.role(column) != Role::Key).into();
            next += 1;
        }
    }
    info.idxNum = supplied.cast_signed();
    // Stopping at the limit is right only where SQLite neither drops nor sorts any of our rows afterwards.
    if let Some((limit, true)) = limit
        && !filters
        && (order.is_empty() || ordered)
        && offset.is_none_or(|(_, usable)| usable)
    {
        usage[limit].argvIndex = next;
        info.idxNum |= LIMIT_PASSED;
        if let Some((offset, _)) = offset {
            usage[offset].argvIndex = next + 1;
            info.idxNum |= OFFSET_PASSED;
        }
    }
    let estimate = table.estimate(supplied);
    info.estimatedCost = estimate.cost;
    info.estimatedRows = estimate.rows;
    Verdict::Accepted
}

/// # Safety
///
/// `first` points at `count` entries unless `count` is 0.
unsafe fn entries<'a, E>(first: *const E, count: i32) -> &'a [E] {
    // SAFETY: as the caller says.
    if count <= 0 { &[] } else { unsafe { slice::from_raw_parts(first, count as usize) } }
}
