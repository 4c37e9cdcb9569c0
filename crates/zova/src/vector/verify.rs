//! Verifying every stored vector.

use std::collections::HashMap;

use super::collection::{collection_name, read_definition};
use super::fault::VectorFault;
use super::read::vector_id;
use super::rows::{self, Damage};
use crate::error::Fault;
use crate::session::Storage;
use crate::sqlite::{Cached, Sql, SqliteError};

const ACTION: &str = "verify the stored vectors";

const COUNT: Sql = Sql("select count(*) from $._zova_vectors");
const DEFINITIONS: Sql = Sql("select dimensions, metric, element_type, name from $._zova_vector_collections");
/// In the order of the table, which is the fast one.
const ALL: Sql = Sql("select dimensions, \"values\", collection_name, vector_id \
    from $._zova_vectors not indexed");
const IN_ORDER: Sql = Sql("select dimensions, \"values\", collection_name, vector_id from $._zova_vectors \
    order by collection_name, vector_id");

/// Dimensions by collection; `None` where the stored definition is unusable.
type Definitions = HashMap<Vec<u8>, Option<u32>>;

/// How many vectors there are to verify.
///
/// Cost: one pass over the keys.
pub(crate) fn count(storage: Storage<'_>) -> Result<u64, Fault> {
    let mut row = storage.query(COUNT, &[]).map_err(failed)?;
    row.step().map_err(failed)?;
    Ok(row.integer(0).unsigned_abs())
}

fn failed(error: SqliteError) -> Fault {
    Fault::Native { action: ACTION, error }
}

/// Verifies all vectors and the definitions of all collections. The fault is that of the first damaged vector, by
/// collection then id. `note` hears after some of the vectors how many are done, and may stop the work.
///
/// Cost: one pass over the table; a second one when something is damaged.
pub(crate) fn verify_all(
    storage: Storage<'_>,
    note: &mut dyn FnMut(u64) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let definitions = definitions(storage)?;
    if verify(storage, ALL, &definitions, note)?.is_some()
        && let Some(fault) = verify(storage, IN_ORDER, &definitions, &mut |_| Ok(()))?
    {
        return Err(fault);
    }
    match definitions.iter().filter(|(_, dimensions)| dimensions.is_none()).map(|(name, _)| name).min() {
        Some(name) => Err(unusable(name)),
        None => Ok(()),
    }
}

fn definitions(storage: Storage<'_>) -> Result<Definitions, Fault> {
    let mut rows = storage.query(DEFINITIONS, &[]).map_err(failed)?;
    let mut definitions = Definitions::new();
    while rows.step().map_err(failed)? {
        let definition = read_definition(&mut rows).map_err(failed)?;
        let name = rows.text(3).map_err(failed)?.unwrap_or_default().to_vec();
        definitions.insert(name, definition.map(|(dimensions, _)| dimensions));
    }
    Ok(definitions)
}

fn unusable(collection: &[u8]) -> Fault {
    VectorFault::CollectionUnusable(String::from_utf8_lossy(collection).into_owned()).into()
}

/// The fault of the first damaged row.
fn verify(
    storage: Storage<'_>,
    sql: Sql,
    definitions: &Definitions,
    note: &mut dyn FnMut(u64) -> Result<(), Fault>,
) -> Result<Option<Fault>, Fault> {
    /// Vectors between two notes, a power of two.
    const NOTED: u64 = 256;
    let mut rows = storage.query(sql, &[]).map_err(failed)?;
    let (mut done, mut values) = (0_u64, Vec::new());
    while rows.step().map_err(failed)? {
        if let Err(fault) = verify_row(&mut rows, definitions, &mut values)? {
            return Ok(Some(fault));
        }
        done += 1;
        if done.is_multiple_of(NOTED) {
            note(done)?;
        }
    }
    note(done)?;
    Ok(None)
}

fn verify_row(
    row: &mut Cached<'_>,
    definitions: &Definitions,
    values: &mut Vec<f32>,
) -> Result<Result<(), Fault>, Fault> {
    let name = row.text(2).map_err(failed)?.unwrap_or_default();
    let dimensions = match definitions.get(name) {
        Some(Some(dimensions)) => *dimensions as usize,
        Some(None) => return Ok(Err(unusable(name))),
        None => {
            let legal = collection_name(name).map(|name| name.to_string());
            return Ok(Err(
                legal.map_or_else(|fault| fault, |name| VectorFault::CollectionNotFound(name).into())
            ));
        }
    };
    if let Err(fault) = collection_name(name) {
        return Ok(Err(fault));
    }
    if let Err(fault) = vector_id(row.text(3).map_err(failed)?.unwrap_or_default()) {
        return Ok(Err(fault));
    }
    let read = rows::read(row, 0, dimensions, values).map_err(failed)?;
    match read.and_then(|()| rows::require_finite(values)) {
        Ok(()) => Ok(Ok(())),
        Err(damage) => corrupt(row, damage).map(Err),
    }
}

fn corrupt(row: &mut Cached<'_>, damage: Damage) -> Result<Fault, Fault> {
    let mut text = |column| {
        let text = row.text(column).map_err(failed)?.unwrap_or_default();
        Ok::<_, Fault>(String::from_utf8_lossy(text).into_owned())
    };
    Ok(VectorFault::Corrupt { collection: text(2)?, id: text(3)?, damage: damage.0 }.into())
}
