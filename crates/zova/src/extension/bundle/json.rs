//! JSON of files that decide about code: bundle manifests and the list of trusted bundles.
//!
//! `serde_json` does the parsing. What is added is that an object with two equal keys is refused, at every depth:
//! two readers that keep different ones of them would see two different files under one hash.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A parsed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Json {
    Text(String),
    /// A number without fraction and exponent that fits.
    Integer(i64),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
    /// A value of a kind that no known key has: null, a truth value, any other number.
    Other,
}

/// The members of an object.
pub(crate) type Members = BTreeMap<String, Json>;

impl Json {
    /// Parses one value that takes all of `bytes`. The text of an error says what is wrong and where.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| error.to_string())
    }

    /// The kind of the value for an error text.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Integer(_) => "an integer",
            Self::List(_) => "an array",
            Self::Object(_) => "an object",
            Self::Other => "neither a string nor an integer",
        }
    }
}

/// The text under `key`, which must be there.
pub(crate) fn text<'m>(members: &'m Members, key: &str) -> Result<&'m str, String> {
    optional_text(members, key)?.ok_or_else(|| format!("the key {key:?} is missing"))
}

/// The text under `key`, if the key is there.
pub(crate) fn optional_text<'m>(members: &'m Members, key: &str) -> Result<Option<&'m str>, String> {
    match members.get(key) {
        None => Ok(None),
        Some(Json::Text(text)) => Ok(Some(text)),
        Some(other) => Err(format!("the value of {key:?} is {} instead of a string", other.kind())),
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Integer(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Json, E> {
        Ok(i64::try_from(number).map_or(Json::Other, Json::Integer))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element()? {
            list.push(element);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut members = Members::new();
        while let Some(key) = entries.next_key::<String>()? {
            if members.contains_key(&key) {
                // The value is still read, so that the error names the place behind it.
                entries.next_value::<IgnoredAny>()?;
                return Err(A::Error::custom(format_args!("the key {key:?} occurs twice")));
            }
            members.insert(key, entries.next_value()?);
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_keys_are_refused_at_every_depth_and_however_they_are_written() {
        for text in [
            r#"{"a": 1, "a": 2}"#,
            r#"{"a": 1, "\u0061": 2}"#,
            r#"{"x": {"b": null, "b": null}}"#,
            r#"[{"b": 1, "c": 2, "b": 3}]"#,
        ] {
            let error = Json::parse(text.as_bytes()).unwrap_err();
            assert!(error.contains("occurs twice"), "{text}: {error}");
        }
        assert!(Json::parse(br#"{"a": {"a": 1}, "b": {"a": 1}}"#).is_ok());
    }

    #[test]
    fn what_is_not_one_whole_json_value_is_refused() {
        let deep = "[".repeat(100_000);
        for text in ["", " ", "{", "{}{}", "{} x", "\u{feff}{}", "{'a': 1}", "{\"a\": 1,}", "[1 2]", &deep] {
            assert!(Json::parse(text.as_bytes()).is_err(), "{:.20}", text);
        }
        for bytes in [&b"\"\xff\""[..], b"{\"k\": \"\xc0\x80\"}", b"{\"a\": \"\\ud800\"}", b"{}\0"] {
            assert!(Json::parse(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn only_whole_numbers_are_integers() {
        assert_eq!(Json::parse(b"1"), Ok(Json::Integer(1)));
        assert_eq!(Json::parse(b"-9223372036854775808"), Ok(Json::Integer(i64::MIN)));
        for other in ["1.0", "1e0", "9223372036854775808", "true", "null"] {
            assert_eq!(Json::parse(other.as_bytes()), Ok(Json::Other), "{other}");
        }
    }
}
