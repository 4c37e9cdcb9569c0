//! What nodes stand for: the form of a reference, and whether what it names exists.

use super::names::{NodeId, limit};
use super::rows::{optional_text, target_type, text, unread};
use super::types::{GraphMissingTarget, GraphTargetType};
use crate::error::{Fault, Status};
use crate::name::{is_reserved, shown};
use crate::object::ObjectId;
use crate::session::{Session, Storage};
use crate::sqlite::{Sql, SqliteError, Value};

const OBJECT: Sql = Sql("select 1 from $._zova_objects where object_id = ?1");
const CHUNK: Sql = Sql("select 1 from $._zova_chunks where chunk_hash = ?1");
const COLLECTION: Sql = Sql("select 1 from $._zova_vector_collections where name = ?1");
const VECTOR: Sql = Sql("select 1 from $._zova_vectors where collection_name = ?1 and vector_id = ?2");
const NODES_FROM: Sql = Sql("select graph_name, node_id, target_type, target_namespace, target_ref \
    from $._zova_graph_nodes where (graph_name, node_id) > (?1, ?2) \
    and target_type in ('object', 'object_chunk', 'vector') order by graph_name, node_id");

/// A target whose texts are legal and whose reference, if it is there, has the form its type asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) target_type: GraphTargetType,
    pub(super) namespace: Option<&'a str>,
    pub(super) reference: Option<&'a str>,
}

impl<'a> Target<'a> {
    pub(super) fn new(
        target_type: GraphTargetType,
        namespace: Option<&'a [u8]>,
        reference: Option<&'a [u8]>,
    ) -> Result<Self, Fault> {
        let namespace = legal_text("namespace", namespace)?;
        let reference = legal_text("reference", reference)?;
        let target = Self { target_type, namespace, reference };
        target.require_form()?;
        Ok(target)
    }

    fn require_form(self) -> Result<(), Fault> {
        match self.target_type {
            GraphTargetType::Object | GraphTargetType::ObjectChunk => match self.reference {
                Some(reference) if digest(reference).is_none() => Err(Fault::GraphInvalid(format!(
                    "the reference {} of a target of type {} must be 64 hexadecimal digits",
                    shown(reference.as_bytes()),
                    self.target_type.text()
                ))),
                _ => Ok(()),
            },
            GraphTargetType::Vector => {
                for (what, text) in [("namespace", self.namespace), ("reference", self.reference)] {
                    if let Some(text) = text
                        && !is_vector_name(text)
                    {
                        return Err(Fault::GraphInvalid(format!(
                            "the {what} {} of a vector target must be 1 to 255 bytes and must not begin with _zova_",
                            shown(text.as_bytes())
                        )));
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// What is missing; `None` if the target exists, or is not for the library to look up.
    fn missing(self, storage: Storage<'_>) -> Result<Option<Status>, SqliteError> {
        let found = |sql, values: &[Value<'_>]| storage.query(sql, values)?.step();
        let absent = |exists: bool, status| if exists { None } else { Some(status) };
        Ok(match self.target_type {
            GraphTargetType::Object | GraphTargetType::ObjectChunk => {
                let (sql, status) = if self.target_type == GraphTargetType::Object {
                    (OBJECT, Status::ObjectNotFound)
                } else {
                    (CHUNK, Status::ObjectChunkNotFound)
                };
                match self.reference.and_then(digest) {
                    None => Some(status),
                    Some(id) => absent(found(sql, &[Value::Blob(id.as_ref())])?, status),
                }
            }
            GraphTargetType::Vector => {
                let Some(collection) = self.namespace else {
                    return Ok(Some(Status::VectorCollectionNotFound));
                };
                let collection = Value::Text(collection);
                if !found(COLLECTION, &[collection])? {
                    return Ok(Some(Status::VectorCollectionNotFound));
                }
                let Some(vector) = self.reference else { return Ok(Some(Status::VectorNotFound)) };
                absent(found(VECTOR, &[collection, Value::Text(vector)])?, Status::VectorNotFound)
            }
            _ => None,
        })
    }
}

/// Optional text without NUL.
fn legal_text<'a>(what: &str, text: Option<&'a [u8]>) -> Result<Option<&'a str>, Fault> {
    let Some(bytes) = text else { return Ok(None) };
    match std::str::from_utf8(bytes) {
        Ok(text) if !bytes.contains(&0) => Ok(Some(text)),
        _ => {
            Err(Fault::GraphInvalid(format!("the target {what} {} must be UTF-8 without NUL", shown(bytes))))
        }
    }
}

/// The bytes that 64 hexadecimal digits stand for. Object and chunk ids have the same form.
fn digest(text: &str) -> Option<ObjectId> {
    text.parse().ok()
}

/// The rule of collection names and vector ids.
fn is_vector_name(text: &str) -> bool {
    (1..=255).contains(&text.len()) && !is_reserved(text.as_bytes())
}

/// The check of strict targets.
pub(super) fn require_target(
    storage: Storage<'_>,
    target: Target<'_>,
    node: NodeId<'_>,
) -> Result<(), Fault> {
    let Some(status) = target.missing(storage).map_err(unread)? else { return Ok(()) };
    let (namespace, reference) = (target.namespace.unwrap_or("(none)"), target.reference.unwrap_or("(none)"));
    let what = match status {
        Status::ObjectNotFound => format!("no object {reference}"),
        Status::ObjectChunkNotFound => format!("no chunk {reference}"),
        Status::VectorCollectionNotFound => format!("no vector collection {namespace:?}"),
        _ => format!("no vector {reference:?} in the collection {namespace:?}"),
    };
    let text = format!("{what}, which the node {:?} stands for", node.as_str());
    Err(Fault::GraphTargetMissing { status, text })
}

/// Whether an object, a chunk or a vector exists. A reference without the form its type asks for names nothing.
pub(crate) fn target_exists(
    storage: Storage<'_>,
    target_type: GraphTargetType,
    namespace: Option<&str>,
    reference: &str,
) -> Result<bool, SqliteError> {
    let target = Target { target_type, namespace, reference: Some(reference) };
    Ok(target.missing(storage)?.is_none())
}

impl Session {
    /// The next `limit` nodes, by graph and node id, whose target of type object, object chunk or vector is malformed
    /// or missing. A page shorter than `limit` is the last.
    ///
    /// Cost: one pass over the nodes after the start, one key look-up for each with such a target.
    pub fn graph_missing_targets(
        &mut self,
        after: Option<(&[u8], &[u8])>,
        limit_given: usize,
    ) -> Result<Vec<GraphMissingTarget>, Fault> {
        let limit = limit(limit_given)?;
        let mut page = Vec::new();
        if limit == 0 {
            return Ok(page);
        }
        // What comes after need not be the name of anything: it is only compared. No stored name is empty.
        let (graph, node) = after.unwrap_or_default();
        let start = |text| {
            std::str::from_utf8(text)
                .map_err(|_| Fault::GraphInvalid(format!("the start {} must be UTF-8", shown(text))))
        };
        let values = [Value::Text(start(graph)?), Value::Text(start(node)?)];
        let storage = self.storage();
        let mut rows = storage.query(NODES_FROM, &values).map_err(unread)?;
        while page.len() < limit && rows.step().map_err(unread)? {
            let mut item = GraphMissingTarget {
                graph_name: text(&mut rows, 0, "graph name")?,
                node_id: text(&mut rows, 1, "node id")?,
                target_type: target_type(&mut rows, 2)?,
                target_namespace: optional_text(&mut rows, 3, "target namespace")?,
                target_ref: optional_text(&mut rows, 4, "target reference")?,
                status: Status::GraphInvalid,
            };
            let (namespace, reference) = (item.target_namespace.as_deref(), item.target_ref.as_deref());
            let target = Target { target_type: item.target_type, namespace, reference };
            let status = match target.require_form() {
                Err(fault) => Some(fault.status()),
                Ok(()) => target.missing(storage).map_err(unread)?,
            };
            if let Some(status) = status {
                item.status = status;
                page.push(item);
            }
        }
        Ok(page)
    }
}
