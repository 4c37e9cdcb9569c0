//! `zova_graph_neighbors` and `zova_graph_walk` in SQL.

use std::ffi::{CStr, c_int};

use super::neighbors::{Neighbors, neighbors};
use super::rows::READ;
use super::types::GraphDirection;
use super::walk::{Walk, WalkQuery, walk};
use crate::error::{Fault, Status};
use crate::session::Storage;
use crate::sqlite::{
    Argument, Column, Estimate, Link, Linked, Output, Request, Role, Rows, SqliteError, TableFunction,
    register_table,
};

/// Rows a query gets that does not say how many it wants.
const DEFAULT_LIMIT: usize = 10;

/// Makes both tables known to a connection.
pub(crate) fn register_tables(link: &Link) -> Result<(), SqliteError> {
    register_table(link, NeighborsTable)?;
    register_table(link, WalkTable)
}

struct NeighborsTable;

impl TableFunction for NeighborsTable {
    const NAME: &'static CStr = c"zova_graph_neighbors";
    const COLUMNS: &'static [Column] = &[
        Column::new("rank", "integer", Role::Result),
        Column::new("node_id", "text", Role::Result),
        Column::new("kind", "text", Role::Result),
        Column::new("edge_type", "text", Role::Result),
        Column::new("graph_name", "text", Role::Required),
        Column::new("source_node_id", "text", Role::Required),
        Column::new("direction", "text", Role::Optional),
        Column::new("edge_type_filter", "text", Role::Optional),
        Column::new("limit", "integer", Role::Optional),
    ];
    const ORDERED_BY: &'static [c_int] = &[0, -1];
    type Rows = NeighborRows;

    fn estimate(_supplied: u32) -> Estimate {
        Estimate { cost: 20.0, rows: DEFAULT_LIMIT as i64 }
    }

    fn scan(&self, linked: &Linked, request: &Request<'_>) -> Result<NeighborRows, SqliteError> {
        let graph = required_text(request.argument(4))?;
        let node = required_text(request.argument(5))?;
        let direction = match optional_text(request.argument(6))? {
            None | Some(b"outgoing") => GraphDirection::Outgoing,
            Some(b"incoming") => GraphDirection::Incoming,
            Some(_) => return Err(bad_argument()),
        };
        let edge_type = optional_text(request.argument(7))?;
        let limit = row_limit(request.argument(8), request)?;
        neighbors(Storage::linked(linked), graph, node, direction, edge_type, limit)
            .map(|found| NeighborRows { found, rank: 0 })
            .map_err(in_sql)
    }
}

struct NeighborRows {
    found: Neighbors,
    /// Of the current row, from 1; 0 before the first.
    rank: usize,
}

impl Rows for NeighborRows {
    fn advance(&mut self, _: &Linked) -> Result<bool, SqliteError> {
        self.rank += 1;
        Ok(self.rank <= self.found.len())
    }

    fn column(&mut self, _: &Linked, column: usize, output: &mut Output<'_>) -> Result<(), SqliteError> {
        match (column, self.found.get(self.rank - 1)) {
            (0, _) => output.integer(self.rowid()),
            (column @ 1..=3, Some(texts)) => output.text(texts[column - 1].as_bytes()),
            _ => output.null(),
        }
        Ok(())
    }

    fn rowid(&self) -> i64 {
        self.rank as i64
    }
}

struct WalkTable;

impl TableFunction for WalkTable {
    const NAME: &'static CStr = c"zova_graph_walk";
    const COLUMNS: &'static [Column] = &[
        Column::new("rank", "integer", Role::Result),
        Column::new("node_id", "text", Role::Result),
        Column::new("kind", "text", Role::Result),
        Column::new("depth", "integer", Role::Result),
        Column::new("predecessor_node_id", "text", Role::Result),
        Column::new("edge_type", "text", Role::Result),
        Column::new("graph_name", "text", Role::Required),
        Column::new("start_node_id", "text", Role::Required),
        Column::new("edge_type_filter", "text", Role::Optional),
        Column::new("max_depth", "integer", Role::Required),
        Column::new("limit", "integer", Role::Optional),
        // Beyond the published table, hence last, where it moves no positional argument.
        Column::new("direction", "text", Role::Optional),
    ];
    const ORDERED_BY: &'static [c_int] = &[0, -1];
    type Rows = WalkRows;

    fn estimate(_supplied: u32) -> Estimate {
        Estimate { cost: 100.0, rows: DEFAULT_LIMIT as i64 }
    }

    fn scan(&self, linked: &Linked, request: &Request<'_>) -> Result<WalkRows, SqliteError> {
        let graph = required_text(request.argument(6))?;
        let start = required_text(request.argument(7))?;
        let edge_type = optional_text(request.argument(8))?;
        let max_depth = match request.argument(9) {
            Argument::Integer(depth) => u32::try_from(depth).map_err(|_| bad_argument())?,
            _ => return Err(bad_argument()),
        };
        let limit = row_limit(request.argument(10), request)?;
        let direction = match optional_text(request.argument(11))? {
            None | Some(b"outgoing") => GraphDirection::Outgoing,
            Some(b"incoming") => GraphDirection::Incoming,
            Some(b"both") => GraphDirection::Both,
            Some(_) => return Err(bad_argument()),
        };
        let query = WalkQuery { graph, start, direction, edge_type, max_depth, limit };
        walk(Storage::linked(linked), query).map(|walk| WalkRows { walk, rank: 0 }).map_err(in_sql)
    }
}

struct WalkRows {
    walk: Walk,
    /// Of the current row, from 1; 0 before the first.
    rank: usize,
}

impl Rows for WalkRows {
    fn advance(&mut self, _: &Linked) -> Result<bool, SqliteError> {
        self.rank += 1;
        Ok(self.rank <= self.walk.len())
    }

    fn column(&mut self, _: &Linked, column: usize, output: &mut Output<'_>) -> Result<(), SqliteError> {
        let Some(visit) = self.walk.get(self.rank - 1) else { return Ok(()) };
        match (column, visit.via) {
            (0, _) => output.integer(self.rowid()),
            (1, _) => output.text(visit.node.as_bytes()),
            (2, _) => output.text(visit.kind.as_bytes()),
            (3, _) => output.integer(visit.depth.into()),
            (4, Some((predecessor, _))) => output.text(predecessor.as_bytes()),
            (5, Some((_, edge_type))) => output.text(edge_type.as_bytes()),
            _ => output.null(),
        }
        Ok(())
    }

    fn rowid(&self) -> i64 {
        self.rank as i64
    }
}

fn required_text(argument: Argument<'_>) -> Result<&[u8], SqliteError> {
    optional_text(argument)?.ok_or_else(bad_argument)
}

fn optional_text(argument: Argument<'_>) -> Result<Option<&[u8]>, SqliteError> {
    match argument {
        Argument::Null => Ok(None),
        Argument::Text(text) => Ok(Some(text)),
        _ => Err(bad_argument()),
    }
}

/// How many rows to find: what the query says, and no more than SQLite will read.
fn row_limit(argument: Argument<'_>, request: &Request<'_>) -> Result<usize, SqliteError> {
    let limit = match argument {
        Argument::Null => DEFAULT_LIMIT,
        Argument::Integer(limit) => usize::try_from(limit).map_err(|_| bad_argument())?,
        _ => return Err(bad_argument()),
    };
    Ok(request
        .enough
        .and_then(|enough| usize::try_from(enough).ok())
        .map_or(limit, |enough| limit.min(enough)))
}

#[cold]
fn bad_argument() -> SqliteError {
    SqliteError::plain("invalid Zova graph SQL argument")
}

/// A fault in the words that SQL users know. Locks, interrupts and damage keep SQLite's own code and message.
#[cold]
fn in_sql(fault: Fault) -> SqliteError {
    let message = match fault.status() {
        Status::GraphInvalid => "invalid Zova graph value",
        Status::GraphNodeNotFound => "Zova graph node not found",
        Status::OutOfMemory => "out of memory",
        Status::Busy | Status::Locked | Status::Interrupted | Status::Corrupt => match fault {
            Fault::Native { action: READ, error } => return error,
            _ => "Zova graph SQL error",
        },
        _ => "Zova graph SQL error",
    };
    SqliteError::plain(message)
}
