//! Which channels and payloads are legal.

use std::sync::Arc;

use crate::error::Fault;
use crate::name::{is_reserved, shown};

/// A channel name: 1 to 128 bytes of `A-Z a-z 0-9 _ . : -`, not reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Channel<'a>(&'a str);

impl<'a> Channel<'a> {
    const MAX_BYTES: usize = 128;

    pub(super) fn new(name: &'a [u8]) -> Result<Self, Fault> {
        let refused = |why: &str| Err(Fault::argument(format!("the channel {} {why}", shown(name))));
        let legal = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.:-".contains(byte);
        if !(1..=Self::MAX_BYTES).contains(&name.len()) {
            return refused("must have 1 to 128 bytes");
        }
        match std::str::from_utf8(name) {
            _ if is_reserved(name) => refused("begins with _zova_, which is reserved"),
            Ok(text) if name.iter().all(legal) => Ok(Self(text)),
            _ => refused("may have letters, digits and _ . : - only"),
        }
    }

    pub(super) fn as_str(self) -> &'a str {
        self.0
    }
}

/// A payload: up to 65,536 bytes of UTF-8.
#[derive(Debug, Clone, Copy)]
pub(super) struct Payload<'a>(&'a str);

impl<'a> Payload<'a> {
    const MAX_BYTES: usize = 65_536;

    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, Fault> {
        if bytes.len() > Self::MAX_BYTES {
            let text = format!("the payload has {} bytes, more than {}", bytes.len(), Self::MAX_BYTES);
            return Err(Fault::argument(text));
        }
        std::str::from_utf8(bytes).map(Self).map_err(|error| {
            Fault::argument(format!("the payload is not valid UTF-8 from byte {} on", error.valid_up_to()))
        })
    }
}

/// What one accepted notify call raised. Copies share the payload.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) sequence: u64,
    pub(super) payload: Arc<String>,
}

impl Event {
    /// `spare` is a payload that is perhaps not in use any more: then its memory is used again.
    pub(super) fn new(
        sequence: u64,
        payload: Payload<'_>,
        spare: Option<Arc<String>>,
    ) -> Result<Self, Fault> {
        let fits = |text: &String| (payload.0.len()..=2 * payload.0.len() + 64).contains(&text.capacity());
        let mut shared = spare.unwrap_or_default();
        if Arc::get_mut(&mut shared).is_none_or(|text| !fits(text)) {
            shared = Arc::default();
        }
        if let Some(text) = Arc::get_mut(&mut shared) {
            text.clear();
            text.try_reserve_exact(payload.0.len()).map_err(|_| Fault::OutOfMemory("a notification"))?;
            text.push_str(payload.0);
        }
        Ok(Self { sequence, payload: shared })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Status;

    #[test]
    fn channels_follow_the_rule() {
        let longest = [b'a'; 128];
        for legal in [&b"a"[..], b"_zova", b"A.b:c-9", b"-", b"9", &longest] {
            assert!(Channel::new(legal).is_ok(), "{legal:?}");
        }
        let too_long = [b'a'; 129];
        for illegal in
            [&b""[..], b"a b", b"a/b", b"a\0", b"_zova_", b"_ZoVa_x", "\u{e9}".as_bytes(), b"\xff", &too_long]
        {
            assert_eq!(Channel::new(illegal).unwrap_err().status(), Status::InvalidArgument, "{illegal:?}");
        }
    }

    #[test]
    fn payloads_follow_the_rule() {
        let longest = vec![b'x'; 65_536];
        for legal in [&b""[..], b"a\0b", "\u{10ffff}\u{fffe}".as_bytes(), &longest] {
            assert!(Payload::new(legal).is_ok());
        }
        let too_long = vec![b'x'; 65_537];
        // A surrogate, a code point above the last, an overlong form, a lone continuation.
        let damaged: [&[u8]; 4] = [b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80", b"ab\x80"];
        for illegal in damaged.into_iter().chain([&too_long[..]]) {
            assert_eq!(Payload::new(illegal).unwrap_err().status(), Status::InvalidArgument, "{illegal:?}");
        }
    }
}
