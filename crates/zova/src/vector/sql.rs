//! Vectors in SQL: two distance functions and the table `zova_vector_search`.

use std::ffi::{CStr, c_int};

use super::collection::{Collection, collection_name};
use super::distance::distance;
use super::fault::VectorFault;
use super::model::VectorSearchResult;
use super::read::vector_id;
use super::resident::Copies;
use super::rows::{self, check_values};
use super::search::{Plan, check_threshold, stored_values};
use crate::error::{Fault, Status};
use crate::name::VectorName;
use crate::session::Storage;
use crate::sqlite::{
    Argument, Column, Estimate, Link, Linked, Output, Request, Role, Rows, ScalarFunction, SqliteError,
    TableFunction, register_function, register_table,
};

const ACTION: &str = "compare the vectors";

/// Makes the functions and the table known to a connection; searches use these copies.
pub(crate) fn register_sql(link: &Link, copies: &Copies) -> Result<(), SqliteError> {
    register_function(link, Distance)?;
    register_function(link, DistanceById)?;
    register_table(link, SearchTable { copies: copies.clone() })
}

struct Distance;

impl ScalarFunction for Distance {
    const NAME: &'static CStr = c"zova_vector_distance";
    const ARGUMENTS: i32 = 3;
    const DETERMINISTIC: bool = false;

    fn call(
        &self,
        linked: &Linked,
        arguments: &[Argument<'_>],
        output: &mut Output<'_>,
    ) -> Result<(), SqliteError> {
        distance_to(linked, arguments, output, |_, collection, query, values| {
            query_values(collection, query, values)
        })
    }
}

struct DistanceById;

impl ScalarFunction for DistanceById {
    const NAME: &'static CStr = c"zova_vector_distance_by_id";
    const ARGUMENTS: i32 = 3;
    const DETERMINISTIC: bool = false;

    fn call(
        &self,
        linked: &Linked,
        arguments: &[Argument<'_>],
        output: &mut Output<'_>,
    ) -> Result<(), SqliteError> {
        distance_to(linked, arguments, output, |storage, collection, source, values| {
            let source = vector_id(text(source)?).map_err(in_sql)?;
            stored_values(storage, collection, source, values).map_err(in_sql)
        })
    }
}

/// Both functions; they differ in where the values come from that the vector is compared with.
fn distance_to(
    linked: &Linked,
    arguments: &[Argument<'_>],
    output: &mut Output<'_>,
    query: impl FnOnce(Storage<'_>, Collection<'_>, Argument<'_>, &mut Vec<f32>) -> Result<(), SqliteError>,
) -> Result<(), SqliteError> {
    let [name, id, from] = *arguments else { return Err(bad_argument()) };
    let (name, id) = (text(name)?, text(id)?);
    let storage = Storage::linked(linked);
    let snapshot =
        collection_name(name).and_then(|name| Collection::open(storage, name, ACTION)).map_err(in_sql)?;
    let collection = snapshot.collection;
    let (mut values, mut stored) = (Vec::new(), Vec::new());
    query(storage, collection, from, &mut values)?;
    let id = vector_id(id).map_err(in_sql)?;
    stored_values(storage, collection, id, &mut stored).map_err(in_sql)?;
    output.float(distance(collection.metric, &values, &stored));
    Ok(())
}

/// The values of a query given as a blob.
fn query_values(
    collection: Collection<'_>,
    query: Argument<'_>,
    values: &mut Vec<f32>,
) -> Result<(), SqliteError> {
    let Argument::Blob(bytes) = query else { return Err(bad_argument()) };
    rows::decode(bytes, values);
    if !bytes.len().is_multiple_of(4) {
        return Err(SqliteError::plain(DIMENSION_MISMATCH));
    }
    check_values(&collection, || "the query".to_owned(), values).map_err(in_sql)
}

struct SearchTable {
    copies: Copies,
}

const COLLECTION: usize = 3;
const QUERY: usize = 4;
const SOURCE: usize = 5;
const TOP_K: usize = 6;
const MAX_DISTANCE: usize = 7;

impl TableFunction for SearchTable {
    const NAME: &'static CStr = c"zova_vector_search";
    const COLUMNS: &'static [Column] = &[
        Column::new("rank", "integer", Role::Result),
        Column::new("vector_id", "text", Role::Result),
        Column::new("distance", "real", Role::Result),
        Column::new("collection", "text", Role::Required),
        Column::new("query_vector", "blob", Role::Optional),
        Column::new("source_vector_id", "text", Role::Optional),
        Column::new("top_k", "integer", Role::Optional),
        Column::new("max_distance", "real", Role::Optional),
    ];
    const ORDERED_BY: &'static [c_int] = &[0, -1];
    type Rows = Found;

    fn missing(supplied: u32) -> Option<&'static str> {
        let has = |column: usize| supplied & (1 << column) != 0;
        if has(QUERY) == has(SOURCE) {
            Some("query_vector or source_vector_id, one of them")
        } else if !has(TOP_K) && !has(MAX_DISTANCE) {
            Some("top_k or max_distance")
        } else {
            None
        }
    }

    fn estimate(supplied: u32) -> Estimate {
        let limited = supplied & (1 << TOP_K) != 0;
        Estimate { cost: 100_000.0, rows: if limited { 10 } else { 100 } }
    }

    fn scan(&self, linked: &Linked, request: &Request<'_>) -> Result<Found, SqliteError> {
        let storage = Storage::linked(linked);
        let name = collection_name(text(request.argument(COLLECTION))?).map_err(in_sql)?;
        let snapshot = Collection::open(storage, name, ACTION).map_err(in_sql)?;
        let collection = snapshot.collection;
        let mut values = Vec::new();
        let source: Option<VectorName<'_>> = match (request.argument(QUERY), request.argument(SOURCE)) {
            (Argument::Null, source) => {
                let source = vector_id(text(source)?).map_err(in_sql)?;
                stored_values(storage, collection, source, &mut values).map_err(in_sql)?;
                Some(source)
            }
            (query, Argument::Null) => {
                query_values(collection, query, &mut values)?;
                None
            }
            _ => return Err(bad_argument()),
        };
        let top_k = match request.argument(TOP_K) {
            Argument::Null => None,
            Argument::Integer(count) => Some(usize::try_from(count).map_err(|_| bad_argument())?),
            _ => return Err(bad_argument()),
        };
        let max_distance = match request.argument(MAX_DISTANCE) {
            Argument::Null => None,
            #[expect(
                clippy::cast_precision_loss,
                reason = "SQLite converts an integer to a real in the same way"
            )]
            Argument::Integer(distance) => Some(distance as f64),
            Argument::Real(distance) => Some(distance),
            _ => return Err(bad_argument()),
        };
        if top_k.is_none() && max_distance.is_none() {
            return Err(bad_argument());
        }
        let max_distance = check_threshold(max_distance).map_err(in_sql)?;
        let enough = request.enough.map_or(usize::MAX, |rows| usize::try_from(rows).unwrap_or(usize::MAX));
        let limit = top_k.unwrap_or(usize::MAX).min(enough);
        let plan = Plan::new(storage, collection, &values, source, None, max_distance, limit);
        let (results, _) = plan.run(&self.copies).map_err(in_sql)?;
        Ok(Found { results, rank: 0 })
    }
}

/// The results of one search.
struct Found {
    results: Vec<VectorSearchResult>,
    /// Of the current row, from 1; 0 before the first.
    rank: usize,
}

impl Rows for Found {
    fn advance(&mut self, _: &Linked) -> Result<bool, SqliteError> {
        self.rank += 1;
        Ok(self.rank <= self.results.len())
    }

    fn column(&mut self, _: &Linked, column: usize, output: &mut Output<'_>) -> Result<(), SqliteError> {
        match (column, self.results.get(self.rank - 1)) {
            (0, _) => output.integer(self.rowid()),
            (1, Some(result)) => output.text(result.id.as_bytes()),
            (2, Some(result)) => output.float(result.distance),
            _ => output.null(),
        }
        Ok(())
    }

    fn rowid(&self) -> i64 {
        self.rank as i64
    }
}

const DIMENSION_MISMATCH: &str = "Zova vector dimension mismatch";

fn bad_argument() -> SqliteError {
    SqliteError::plain("invalid Zova vector SQL argument")
}

fn text(argument: Argument<'_>) -> Result<&[u8], SqliteError> {
    if let Argument::Text(text) = argument { Ok(text) } else { Err(bad_argument()) }
}

/// The message that SQL reports for a fault. A lock or an interrupt keeps its own code.
fn in_sql(fault: Fault) -> SqliteError {
    let message = match &fault {
        Fault::Vector(fault) => match fault {
            VectorFault::Invalid(_) => "invalid Zova vector value",
            VectorFault::CollectionNotFound(_) => "Zova vector collection not found",
            VectorFault::NotFound { .. } => "Zova vector not found",
            VectorFault::DimensionMismatch { .. } => DIMENSION_MISMATCH,
            VectorFault::CollectionUnusable(_) | VectorFault::Corrupt { .. } => "Zova vector row is corrupt",
            VectorFault::CollectionExists(_) => "Zova vector SQL error",
        },
        Fault::Native { error, .. } if error.status() != Status::SqliteError => return error.clone(),
        Fault::OutOfMemory(_) => "out of memory",
        _ => "Zova vector SQL error",
    };
    SqliteError::plain(message)
}
