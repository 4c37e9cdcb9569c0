//! Names, ids and limits of graphs, checked where they enter.

use crate::error::Fault;
use crate::name::{is_reserved, shown};

/// A graph name, node kind or edge type: 1 to 128 bytes of `A-Z a-z 0-9 _ . : -`, not reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word<'a>(&'a str);

impl<'a> Word<'a> {
    const MAX_BYTES: usize = 128;

    pub(crate) fn graph(name: &'a [u8]) -> Result<Self, Fault> {
        Self::new("graph name", name)
    }

    pub(super) fn kind(kind: &'a [u8]) -> Result<Self, Fault> {
        Self::new("node kind", kind)
    }

    pub(super) fn edge_type(edge_type: &'a [u8]) -> Result<Self, Fault> {
        Self::new("edge type", edge_type)
    }

    fn new(what: &str, word: &'a [u8]) -> Result<Self, Fault> {
        let legal = (1..=Self::MAX_BYTES).contains(&word.len())
            && word.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_.:-".contains(byte));
        match std::str::from_utf8(word) {
            Ok(text) if legal && !is_reserved(word) => Ok(Self(text)),
            Ok(_) if legal => Err(reserved(what, word)),
            _ => Err(Fault::GraphInvalid(format!(
                "the {what} {} must be 1 to {} bytes of letters, digits, and _ . : -",
                shown(word),
                Self::MAX_BYTES
            ))),
        }
    }

    pub(crate) fn as_str(self) -> &'a str {
        self.0
    }
}

/// A node id: 1 to 512 bytes of UTF-8 without NUL, not reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NodeId<'a>(&'a str);

impl<'a> NodeId<'a> {
    const MAX_BYTES: usize = 512;

    pub(crate) fn new(id: &'a [u8]) -> Result<Self, Fault> {
        let legal = (1..=Self::MAX_BYTES).contains(&id.len()) && !id.contains(&0);
        match std::str::from_utf8(id) {
            Ok(text) if legal && !is_reserved(id) => Ok(Self(text)),
            Ok(_) if legal => Err(reserved("node id", id)),
            _ => Err(Fault::GraphInvalid(format!(
                "the node id {} must be 1 to {} bytes of UTF-8 without NUL",
                shown(id),
                Self::MAX_BYTES
            ))),
        }
    }

    pub(crate) fn as_str(self) -> &'a str {
        self.0
    }
}

#[cold]
fn reserved(what: &str, name: &[u8]) -> Fault {
    Fault::GraphInvalid(format!("the {what} {} begins with _zova_, which is reserved", shown(name)))
}

/// An edge type to follow; `None` for all.
pub(super) fn filter(edge_type: Option<&[u8]>) -> Result<Option<Word<'_>>, Fault> {
    edge_type.map(Word::edge_type).transpose()
}

/// A number of results: 0 to 2^63 - 1.
pub(super) fn limit(limit: usize) -> Result<usize, Fault> {
    if i64::try_from(limit).is_ok() {
        Ok(limit)
    } else {
        Err(Fault::GraphInvalid(format!("a limit of {limit} is above the largest, {}", i64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Status;

    #[test]
    fn words_follow_the_rule() {
        let longest = [b'a'; 128];
        for legal in [&b"a"[..], b"_zova", b"A-Z.a:z_0", b"9", &longest] {
            assert_eq!(Word::graph(legal).unwrap().as_str().as_bytes(), legal);
        }
        let too_long = [b'a'; 129];
        for illegal in
            [&b""[..], b"a b", b"a/b", "\u{e9}".as_bytes(), b"\xff", b"_zova_", b"_ZOVA_x", &too_long]
        {
            let fault = Word::edge_type(illegal).unwrap_err();
            assert_eq!(fault.status(), Status::GraphInvalid);
            assert!(fault.to_string().starts_with("GraphInvalid: the edge type "), "{fault}");
        }
    }

    #[test]
    fn node_ids_follow_the_rule() {
        let longest = [b'a'; 512];
        for legal in [&b" "[..], b"_zova", "\u{1f600} a/b".as_bytes(), b"\n", &longest] {
            assert_eq!(NodeId::new(legal).unwrap().as_str().as_bytes(), legal);
        }
        let too_long = [b'a'; 513];
        for illegal in [&b""[..], b"\xc3", b"\xed\xa0\x80", b"a\0", b"_zova_", b"_zOvA_id", &too_long] {
            assert_eq!(NodeId::new(illegal).unwrap_err().status(), Status::GraphInvalid);
        }
    }

    #[test]
    fn limits_are_signed_64_bit_numbers() {
        assert_eq!(limit(0), Ok(0));
        assert_eq!(limit(i64::MAX as usize), Ok(i64::MAX as usize));
        assert_eq!(limit(i64::MAX as usize + 1).unwrap_err().status(), Status::GraphInvalid);
    }
}
