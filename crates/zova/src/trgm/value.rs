//! Which names, ids, targets and texts are legal, and how a refusal is worded.

use crate::Status;
use crate::{ExtensionContext, ExtensionError, ExtensionResult, ExtensionTarget, SqlValue};

const MAX_INDEX_NAME_BYTES: usize = 128;
const MAX_TEXT_BYTES: usize = 512;
const DIGEST_DIGITS: usize = 64;
const DEFAULT_GRAPH: &str = "default";

const INVALID: &str = "invalid Zova trgm value";
const INDEX_NOT_FOUND: &str = "Zova trgm index not found";
const READ_ONLY: &str = "Zova trgm mutation requires a writable database";
const FAILED: &str = "Zova trgm SQL error";

/// A value that breaks a rule.
pub(super) fn invalid(why: &str) -> ExtensionError {
    ExtensionError::new(Status::SqliteError, format!("{INVALID}: {why}"))
}

pub(super) fn index_not_found() -> ExtensionError {
    ExtensionError::new(Status::SqliteError, INDEX_NOT_FOUND)
}

pub(super) fn read_only() -> ExtensionError {
    ExtensionError::new(Status::SqliteError, READ_ONLY)
}

/// The stored rows contradict each other.
pub(super) fn damaged() -> ExtensionError {
    ExtensionError::new(Status::SqliteError, format!("{FAILED}: the index is damaged"))
}

/// An error of a call as the application reads it: those above as they are, and without SQLite's own text, which would
/// name private tables.
pub(super) fn worded(error: ExtensionError) -> ExtensionError {
    if [INVALID, INDEX_NOT_FOUND, READ_ONLY, FAILED].iter().any(|own| error.message.starts_with(own)) {
        return error;
    }
    match error.status {
        Status::OutOfMemory => ExtensionError::new(Status::OutOfMemory, "out of memory"),
        status @ (Status::Busy
        | Status::Locked
        | Status::ReadOnly
        | Status::Corrupt
        | Status::CantOpen
        | Status::Interrupted
        | Status::Internal) => ExtensionError::new(status, format!("{FAILED}: {}", status.error_name())),
        _ => ExtensionError::new(Status::SqliteError, FAILED),
    }
}

/// An argument that must be text.
pub(super) fn text<'a>(what: &str, value: SqlValue<'a>) -> ExtensionResult<&'a str> {
    match value {
        SqlValue::Text(bytes) => {
            std::str::from_utf8(bytes).map_err(|_| invalid(&format!("the {what} is not valid UTF-8")))
        }
        _ => Err(invalid(&format!("the {what} must be text"))),
    }
}

/// An argument that must be text or NULL.
pub(super) fn optional_text<'a>(what: &str, value: SqlValue<'a>) -> ExtensionResult<Option<&'a str>> {
    match value {
        SqlValue::Null => Ok(None),
        value => text(what, value).map(Some),
    }
}

fn is_reserved(name: &str) -> bool {
    name.as_bytes().get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"_zova_"))
}

/// The name of an index.
pub(super) fn is_index_name(name: &str) -> bool {
    (1..=MAX_INDEX_NAME_BYTES).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte))
        && !is_reserved(name)
}

pub(super) fn require_index_name(name: &str) -> ExtensionResult<()> {
    if is_index_name(name) {
        Ok(())
    } else {
        Err(invalid("an index name has 1 to 128 letters, digits or _ . : - and does not begin with _zova_"))
    }
}

/// The id of a document.
pub(super) fn is_document_id(id: &str) -> bool {
    (1..=MAX_TEXT_BYTES).contains(&id.len()) && !id.contains('\0') && !is_reserved(id)
}

pub(super) fn require_document_id(id: &str) -> ExtensionResult<()> {
    if is_document_id(id) {
        Ok(())
    } else {
        Err(invalid("a document id has 1 to 512 bytes without NUL and does not begin with _zova_"))
    }
}

/// What a document refers to, in legal texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) kind: &'a str,
    pub(super) namespace: Option<&'a str>,
    pub(super) reference: Option<&'a str>,
}

/// The thing that the target of a document names.
type Named<'a> = (ExtensionTarget, Option<&'a str>, &'a str);

impl<'a> Target<'a> {
    /// The thing that must exist when the document is put; `None` for what the application keeps itself. `Err` says
    /// which rule the target breaks.
    fn named(&self) -> Result<Option<Named<'a>>, &'static str> {
        if !matches!(
            self.kind,
            "record"
                | "entity"
                | "fact"
                | "concept"
                | "external"
                | "object"
                | "object_chunk"
                | "vector"
                | "graph"
        ) {
            return Err("the target type is none of the nine words");
        }
        let is_legal =
            |text: Option<&str>| text.is_none_or(|text| text.len() <= MAX_TEXT_BYTES && !text.contains('\0'));
        if !is_legal(self.namespace) {
            return Err("a target namespace has at most 512 bytes without NUL");
        }
        if self.kind == "vector" && self.namespace.is_none() {
            return Err("a vector target needs the name of its collection as namespace");
        }
        if !is_legal(self.reference) {
            return Err("a target reference has at most 512 bytes without NUL");
        }
        let reference = self.reference.filter(|reference| !reference.is_empty());
        let digest = reference.filter(|text| {
            text.len() == DIGEST_DIGITS && text.bytes().all(|digit| digit.is_ascii_hexdigit())
        });
        match self.kind {
            "object" | "object_chunk" => {
                let Some(digest) = digest else {
                    return Err("the reference of an object or chunk has 64 hexadecimal digits");
                };
                let kind = if self.kind == "object" {
                    ExtensionTarget::Object
                } else {
                    ExtensionTarget::ObjectChunk
                };
                Ok(Some((kind, None, digest)))
            }
            "vector" | "graph" => {
                let Some(reference) = reference else {
                    return Err("a vector or graph target needs the id of the vector or node as reference");
                };
                Ok(Some(if self.kind == "vector" {
                    (ExtensionTarget::Vector, self.namespace, reference)
                } else {
                    (ExtensionTarget::GraphNode, Some(self.namespace.unwrap_or(DEFAULT_GRAPH)), reference)
                }))
            }
            _ => Ok(None),
        }
    }

    /// True if the texts obey the rules of their type.
    pub(super) fn is_legal(&self) -> bool {
        self.named().is_ok()
    }

    /// True if the texts are legal and what they name exists where that is required.
    pub(super) fn exists(&self, context: &ExtensionContext<'_>) -> ExtensionResult<bool> {
        self.named().map_or(Ok(false), |named| is_there(context, named))
    }

    /// Refuses a target that is not legal or whose thing is missing.
    pub(super) fn require(&self, context: &ExtensionContext<'_>) -> ExtensionResult<()> {
        let named = self.named().map_err(invalid)?;
        if is_there(context, named)? { Ok(()) } else { Err(invalid("the target does not exist")) }
    }
}

/// Whether there is what a target names; true where the application keeps it itself.
fn is_there(context: &ExtensionContext<'_>, named: Option<Named<'_>>) -> ExtensionResult<bool> {
    named.map_or(Ok(true), |(kind, namespace, reference)| context.target_exists(kind, namespace, reference))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_names_and_document_ids_follow_their_rules() {
        let (longest, longer) = ("n".repeat(128), "n".repeat(129));
        for legal in ["a", "A-z_0.9:", "_zova", "zova_", &longest] {
            assert!(is_index_name(legal), "{legal}");
        }
        for illegal in ["", "a b", "a/b", "\u{e9}", "a\0", "_zova_", "_ZoVa_x", &longer] {
            assert!(!is_index_name(illegal), "{illegal}");
        }
        let (longest, longer) = ("\u{e9}".repeat(256), "i".repeat(513));
        for legal in ["a", " ", "a/b\n", "\u{1f600}", "_zova", &longest] {
            assert!(is_document_id(legal), "{legal}");
        }
        for illegal in ["", "a\0b", "_zova_", "_ZOVA_1", &longer] {
            assert!(!is_document_id(illegal), "{illegal}");
        }
    }

    #[test]
    fn targets_need_what_their_type_asks_for() {
        let (digest, no_digits) = ("aB".repeat(32), "g".repeat(64));
        let (longest, longer) = ("r".repeat(512), "r".repeat(513));
        let is_legal = |kind, namespace, reference| Target { kind, namespace, reference }.is_legal();
        for kind in ["record", "entity", "fact", "concept", "external"] {
            assert!(is_legal(kind, None, None) && is_legal(kind, Some(""), Some(&longest)), "{kind}");
            assert!(!is_legal(kind, Some(&longer), None) && !is_legal(kind, None, Some("\0")), "{kind}");
        }
        for kind in ["object", "object_chunk"] {
            assert!(
                is_legal(kind, None, Some(&digest)) && is_legal(kind, Some("any"), Some(&digest)),
                "{kind}"
            );
            for reference in [None, Some(""), Some(&digest[1..]), Some(&*no_digits)] {
                assert!(!is_legal(kind, None, reference), "{kind} {reference:?}");
            }
        }
        assert!(is_legal("vector", Some("c"), Some("v")) && is_legal("graph", None, Some("n")));
        assert!(!is_legal("vector", None, Some("v")) && !is_legal("vector", Some("c"), None));
        assert!(!is_legal("graph", None, None) && !is_legal("graph", None, Some("")));
        for kind in ["none", "", "Record", "node", "chunk"] {
            assert!(!is_legal(kind, None, Some("r")), "{kind}");
        }
    }
}
