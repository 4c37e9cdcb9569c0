//! Arguments of the Rust handles: text that ends at its first NUL byte elsewhere must hold none.

use super::search::{SearchFrom, VectorSearch};
use crate::error::{Error, Result};

/// A name without a NUL byte.
pub(crate) fn checked_name<'a>(context: &'static str, text: &'a str) -> Result<&'a [u8]> {
    if text.contains('\0') { Err(Error::InteriorNul { context }) } else { Ok(text.as_bytes()) }
}

pub(crate) fn checked_names<'a>(context: &'static str, texts: &[&'a str]) -> Result<Vec<&'a [u8]>> {
    texts.iter().map(|text| checked_name(context, text)).collect()
}

/// A search by values, without candidates.
pub(crate) fn values_search<'a>(
    collection_name: &'a str,
    query: &'a [f32],
    max_distance: Option<f64>,
    limit: usize,
) -> Result<VectorSearch<'a>> {
    let collection = checked_name("vector collection name", collection_name)?;
    Ok(VectorSearch { collection, from: SearchFrom::Values(query), candidates: None, max_distance, limit })
}

/// A search by a stored vector, without candidates.
pub(crate) fn stored_search<'a>(
    collection_name: &'a str,
    source_vector_id: &'a str,
    max_distance: Option<f64>,
    limit: usize,
) -> Result<VectorSearch<'a>> {
    let collection = checked_name("vector collection name", collection_name)?;
    let source = checked_name("source vector id", source_vector_id)?;
    Ok(VectorSearch { collection, from: SearchFrom::Vector(source), candidates: None, max_distance, limit })
}
