//! The claims of a token whose signature is proved.

use serde_json::{Map, Value};

use crate::error::Invalid;

/// Largest whole number that every JSON reader keeps exactly.
pub(crate) const MAX_SAFE_INTEGER: i64 = 9_007_199_254_740_991;

/// Claims of a token whose signature fits. [`crate::KeyRing::verify`] and
/// [`crate::ClientKeySet::verify`] make them, nothing else does.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims(pub(crate) Map<String, Value>);

/// The audience of a token as it was written (RFC 7519 4.1.3). One text and a list of one text mean
/// the same to the RFC, and not to every rule about client assertions: the caller sees which it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AudienceClaim<'a> {
    /// One text.
    One(&'a str),
    /// A list of texts, never empty.
    Many(Vec<&'a str>),
}

impl Claims {
    /// A claim of any type.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A claim that is a text; `None` when it is missing or something else.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// `aud`, which must be there.
    ///
    /// # Errors
    /// [`Invalid::Audience`] when it is missing, an empty list, or holds anything but texts that are
    /// not empty.
    pub fn audience(&self) -> Result<AudienceClaim<'_>, Invalid> {
        let one = |value: &'_ Value| value.as_str().is_some_and(|text| !text.is_empty());
        match self.get("aud") {
            Some(Value::String(text)) if !text.is_empty() => Ok(AudienceClaim::One(text)),
            Some(Value::Array(items)) if !items.is_empty() && items.iter().all(one) => {
                Ok(AudienceClaim::Many(items.iter().filter_map(Value::as_str).collect()))
            }
            _ => Err(Invalid::Audience),
        }
    }

    /// A claim that is an instant, in Unix milliseconds (security.md 47).
    ///
    /// # Errors
    /// [`Invalid::Time`] when it is there and not a whole, not negative number of seconds in the exact
    /// range of JSON numbers: no float, no text, no `null`.
    pub fn instant(&self, name: &str) -> Result<Option<i64>, Invalid> {
        self.get(name)
            .map(|value| {
                value
                    .as_i64()
                    .filter(|seconds| (0..=MAX_SAFE_INTEGER).contains(seconds))
                    .map(|seconds| seconds.saturating_mul(1000))
                    .ok_or(Invalid::Time)
            })
            .transpose()
    }
}
