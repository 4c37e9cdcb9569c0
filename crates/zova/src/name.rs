//! Which names are legal.
//!
//! A name is validated once, where it enters the core, and travels as its own type from there on.

use crate::error::Fault;
use crate::vector::VectorFault;

/// Names starting like this, in any letter case, belong to the library.
const RESERVED_PREFIX: &[u8] = b"_zova_";

/// True for a name that begins as the library's own do.
pub(crate) fn is_reserved(name: &[u8]) -> bool {
    name.get(..RESERVED_PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(RESERVED_PREFIX))
}

/// A savepoint name: 1 to 64 bytes, first `A-Z a-z _`, then also `0-9`, not reserved.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SavepointName<'a>(&'a str);

impl<'a> SavepointName<'a> {
    pub(crate) const MAX_BYTES: usize = 64;

    pub(crate) fn new(name: &'a [u8]) -> Result<Self, Fault> {
        let legal_shape = match name {
            [first, rest @ ..] => {
                name.len() <= Self::MAX_BYTES
                    && (first.is_ascii_alphabetic() || *first == b'_')
                    && rest.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            }
            [] => false,
        };
        if !legal_shape {
            return Err(Fault::argument(format!(
                "the savepoint name {} must be 1 to 64 letters, digits or underscores and must not begin with a digit",
                shown(name)
            )));
        }
        if is_reserved(name) {
            return Err(Fault::argument(format!(
                "the savepoint name {} begins with _zova_, which is reserved",
                shown(name)
            )));
        }
        Ok(Self(std::str::from_utf8(name).expect("the allowed bytes are ASCII")))
    }

    /// The name as an SQL identifier, quoted so that keywords are names, too.
    pub(crate) fn quoted(self) -> String {
        format!("\"{}\"", self.0)
    }
}

/// An extension name: 1 to 64 bytes of `A-Z a-z 0-9 _ . : -`, not reserved.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExtensionName<'a>(&'a str);

impl<'a> ExtensionName<'a> {
    const MAX_BYTES: usize = 64;

    /// The name, if it is legal.
    pub(crate) fn new(name: &'a [u8]) -> Option<Self> {
        let legal = (1..=Self::MAX_BYTES).contains(&name.len())
            && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_.:-".contains(byte))
            && !is_reserved(name);
        if legal { std::str::from_utf8(name).ok().map(Self) } else { None }
    }

    pub(crate) fn as_str(self) -> &'a str {
        self.0
    }
}

/// The name of a vector collection, or the id of a vector in one: 1 to 255 bytes of UTF-8, not reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct VectorName<'a>(&'a str);

impl<'a> VectorName<'a> {
    const MAX_BYTES: usize = 255;

    /// `what` says in an error text which name it is.
    pub(crate) fn new(what: &'static str, name: &'a [u8]) -> Result<Self, Fault> {
        let refused = |why: &str| VectorFault::Invalid(format!("the {what} {} {why}", shown(name)));
        if !(1..=Self::MAX_BYTES).contains(&name.len()) {
            return Err(refused("must have 1 to 255 bytes").into());
        }
        if is_reserved(name) {
            return Err(refused("begins with _zova_, which is reserved").into());
        }
        std::str::from_utf8(name).map(Self).map_err(|_| refused("is not valid UTF-8").into())
    }

    pub(crate) fn as_str(self) -> &'a str {
        self.0
    }
}

impl std::fmt::Display for VectorName<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// A refused name for an error text: in quotation marks, shortened, and readable whatever its bytes are.
pub(crate) fn shown(name: &[u8]) -> String {
    const SHOWN_BYTES: usize = 80;
    let text = String::from_utf8_lossy(&name[..name.len().min(SHOWN_BYTES)]);
    if name.len() > SHOWN_BYTES { format!("{text:?}... ({} bytes)", name.len()) } else { format!("{text:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Status;

    #[test]
    fn savepoint_names_follow_the_rule() {
        let longest = [b'a'; 64];
        for legal in [&b"a"[..], b"_", b"_zova", b"select", b"Sp9_", &longest] {
            assert!(SavepointName::new(legal).is_ok(), "{legal:?}");
        }
        let too_long = [b'a'; 65];
        for illegal in
            [&b""[..], b"9a", b"a b", b"a\"b", b"a-b", "\u{e9}".as_bytes(), b"_zova_x", b"_ZoVa_", &too_long]
        {
            let fault = SavepointName::new(illegal).unwrap_err();
            assert_eq!(fault.status(), Status::InvalidArgument, "{illegal:?}");
            assert!(fault.to_string().starts_with("InvalidArgument: the savepoint name "), "{fault}");
        }
    }

    #[test]
    fn vector_names_count_bytes_and_must_be_utf8() {
        let (longest, too_long) = ([b'a'; 255], [b'a'; 256]);
        for legal in [&b"a"[..], b"_zova", b"a/b c\n", "\u{e9}\u{1f600}".as_bytes(), &longest] {
            assert_eq!(VectorName::new("vector id", legal).unwrap().as_str().as_bytes(), legal);
        }
        for illegal in [&b""[..], b"_zova_", b"_ZOVA_x", b"\xff", b"\xed\xa0\x80", b"\xc0\x80", &too_long] {
            let fault = VectorName::new("vector id", illegal).unwrap_err();
            assert_eq!(fault.status(), Status::VectorInvalid, "{illegal:?}");
            assert!(fault.to_string().starts_with("VectorInvalid: the vector id "), "{fault}");
        }
    }
}
