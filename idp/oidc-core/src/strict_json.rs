//! JSON that two readers cannot read differently: an object that names a member twice is refused
//! (RFC 8259 4 leaves it open which one counts).

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The text is no JSON, or names a member twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotStrictJson;

/// Reads a text. Depth is bounded by the parser, length by the caller.
pub(crate) fn parse(text: &str) -> Result<Value, NotStrictJson> {
    serde_json::from_str::<Strict>(text).map(|strict| strict.0).map_err(|_| NotStrictJson)
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without repeated members")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Strict(value))) = members.next_entry::<String, Strict>()? {
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a member is repeated"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_repeated_member_is_refused_at_any_depth() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":[{"b":{"c":null,"c":null}}]}"#,
            // The same name, written differently.
            r#"{"a":1,"\u0061":2}"#,
            "{",
            "",
            "{} {}",
            "NaN",
        ] {
            assert_eq!(parse(text), Err(NotStrictJson), "{text}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(parse(&deep), Err(NotStrictJson));
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_a_lenient_parser_reads_it_or_refused(text in r#"[{}\[\]",:0-9a\\u. eE+-]{0,40}"#) {
            if let Ok(value) = parse(&text) {
                prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
            }
        }
    }
}
