//! Object and chunk ids: SHA-256 of the bytes they name.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::error::{Error, Result, Status};

const LENGTH: usize = 32;

/// SHA-256 of the bytes.
pub fn hash(bytes: &[u8]) -> [u8; LENGTH] {
    Sha256::digest(bytes).into()
}

/// SHA-256 of bytes that arrive in parts.
#[derive(Clone, Default)]
pub(super) struct Hasher(Sha256);

impl Hasher {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(super) fn finish(self) -> [u8; LENGTH] {
        self.0.finalize().into()
    }
}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// `Display` writes 64 lower-case hexadecimal digits, `FromStr` reads 64 digits of either case.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name([u8; LENGTH]);

        impl $name {
            /// The raw digest.
            pub fn into_bytes(self) -> [u8; LENGTH] {
                self.0
            }

            /// The id of these bytes.
            pub(crate) fn of(bytes: &[u8]) -> Self {
                Self(hash(bytes))
            }
        }

        impl AsRef<[u8; LENGTH]> for $name {
            fn as_ref(&self) -> &[u8; LENGTH] {
                &self.0
            }
        }

        impl From<[u8; LENGTH]> for $name {
            fn from(bytes: [u8; LENGTH]) -> Self {
                Self(bytes)
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = Error;

            /// [`Status::InvalidArgument`] unless there are 32 bytes.
            fn try_from(bytes: &[u8]) -> Result<Self> {
                bytes.try_into().map(Self).map_err(|_| Error::bare(Status::InvalidArgument))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl FromStr for $name {
            type Err = Error;

            /// [`Status::InvalidArgument`] unless the text is 64 hexadecimal digits.
            fn from_str(text: &str) -> Result<Self> {
                from_hex(text.as_bytes()).map(Self).ok_or_else(|| Error::bare(Status::InvalidArgument))
            }
        }
    };
}

id_type! {
    /// Names an object: SHA-256 of all its bytes.
    ObjectId
}
id_type! {
    /// Names a chunk: SHA-256 of its bytes. The id of an object that is one chunk equals that chunk's id.
    ObjectChunkId
}

fn from_hex(text: &[u8]) -> Option<[u8; LENGTH]> {
    if text.len() != 2 * LENGTH {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|value| value as u8);
    let mut bytes = [0; LENGTH];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

/// The id these bytes have as an object. Never fails; needs no database.
///
/// Cost: one SHA-256 pass.
pub fn object_id(bytes: &[u8]) -> Result<ObjectId> {
    Ok(ObjectId::of(bytes))
}

/// The id these bytes have as a chunk. Never fails; needs no database.
///
/// Cost: one SHA-256 pass.
pub fn object_chunk_id(bytes: &[u8]) -> Result<ObjectChunkId> {
    Ok(ObjectChunkId::of(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_text_form_in_either_case() {
        let id = ObjectId::of(b"zova");
        let text = id.to_string();
        assert_eq!(text.len(), 64);
        assert_eq!(text.parse::<ObjectId>().unwrap(), id);
        assert_eq!(text.to_uppercase().parse::<ObjectId>().unwrap(), id);
        for bad in ["", &text[1..], &format!("{text}0"), &text.replace(&text[..1], "g"), &"é".repeat(32)] {
            assert_eq!(bad.parse::<ObjectId>().unwrap_err().status(), Some(Status::InvalidArgument));
        }
    }

    #[test]
    fn the_empty_object_has_the_well_known_id() {
        assert_eq!(
            ObjectId::of(b"").to_string(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
