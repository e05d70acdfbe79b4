//! Parameters of a query or form: strictly decoded, never repeated.

use std::collections::BTreeMap;

use crate::error::OAuthError;
use crate::resource;

/// More parameters than any request of the specifications has.
const MAX_PARAMS: usize = 64;

/// The parameters of one request. A parameter without a value counts as absent (RFC 6749 3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params {
    values: BTreeMap<String, Vec<String>>,
}

/// The text is not `application/x-www-form-urlencoded`: broken percent-encoding, not UTF-8, a NUL
/// character, or far too many parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the parameters are not valid application/x-www-form-urlencoded UTF-8 text")]
pub struct MalformedParams;

impl From<MalformedParams> for OAuthError {
    fn from(_: MalformedParams) -> Self {
        Self::invalid_request(
            "the parameters are not valid application/x-www-form-urlencoded UTF-8 text",
        )
    }
}

impl Params {
    /// Parses a query string or a form body.
    ///
    /// Unlike browsers this refuses broken percent-encoding and bytes that are not UTF-8: a value
    /// that two readers could read differently is not a value (security.md 6).
    pub fn parse(bytes: &[u8]) -> Result<Self, MalformedParams> {
        let mut params = Self::default();
        for (count, pair) in bytes.split(|byte| *byte == b'&').enumerate() {
            if count >= MAX_PARAMS {
                return Err(MalformedParams);
            }
            if pair.is_empty() {
                continue;
            }
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            let value = decode(halves.next().unwrap_or_default())?;
            params.insert(name, value);
        }
        Ok(params)
    }

    /// Builds parameters from pairs that were decoded elsewhere, such as a stored request.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut params = Self::default();
        for (name, value) in pairs {
            params.insert(name, value);
        }
        params
    }

    fn insert(&mut self, name: String, value: String) {
        self.values.entry(name).or_default().push(value);
    }

    /// The value of a parameter that is present, not empty and not repeated.
    pub fn get(&self, name: &str) -> Option<&str> {
        match self.values.get(name).map(Vec::as_slice) {
            Some([value]) if !value.is_empty() => Some(value),
            _ => None,
        }
    }

    /// Every value that is not empty of a parameter that may repeat, in the order of the request.
    pub fn get_all(&self, name: &str) -> impl Iterator<Item = &str> {
        let values = self.values.get(name).into_iter().flatten();
        values.map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether a parameter came more than once.
    pub fn is_repeated(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(|values| values.len() > 1)
    }

    /// No parameter may come more than once (RFC 6749 3.1, 3.2), except the one of RFC 8707 2.
    pub fn check_no_repeats(&self) -> Result<(), OAuthError> {
        let may_repeat = |name: &str| name == resource::PARAMETER;
        if self.values.keys().any(|name| self.is_repeated(name) && !may_repeat(name)) {
            Err(OAuthError::invalid_request("a parameter is repeated"))
        } else {
            Ok(())
        }
    }

    /// The parameters without some.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> Self {
        let mut rest = self.clone();
        rest.values.retain(|name, _| !names.contains(&name.as_str()));
        rest
    }

    /// The pairs, for storing; parameters that may not repeat and did are left out.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .filter(|(name, values)| values.len() == 1 || *name == resource::PARAMETER)
            .flat_map(|(name, values)| values.iter().map(|value| (name.as_str(), value.as_str())))
    }
}

/// Decodes one name or value once, strictly.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, MalformedParams> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => decoded.push(b' '),
            b'%' => {
                let high = hex_digit(rest.next())?;
                let low = hex_digit(rest.next())?;
                decoded.push(high << 4 | low);
            }
            // Databases refuse NUL in text, and no parameter needs it.
            0 => return Err(MalformedParams),
            other => decoded.push(*other),
        }
    }
    if decoded.contains(&0) {
        return Err(MalformedParams);
    }
    String::from_utf8(decoded).map_err(|_| MalformedParams)
}

fn hex_digit(byte: Option<&u8>) -> Result<u8, MalformedParams> {
    match byte {
        Some(digit @ b'0'..=b'9') => Ok(digit - b'0'),
        Some(digit @ b'a'..=b'f') => Ok(digit - b'a' + 10),
        Some(digit @ b'A'..=b'F') => Ok(digit - b'A' + 10),
        _ => Err(MalformedParams),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rfc6749_3_1_a_parameter_without_a_value_counts_as_absent() {
        let params = Params::parse(b"state=&scope&nonce=n").unwrap();
        assert_eq!(params.get("state"), None);
        assert_eq!(params.get("scope"), None);
        assert_eq!(params.get("nonce"), Some("n"));
    }

    #[test]
    fn rfc6749_3_1_a_repeated_parameter_is_seen_and_has_no_value() {
        let params = Params::parse(b"a=1&b=2&a=1").unwrap();
        assert_eq!(params.get("a"), None);
        assert!(params.is_repeated("a"));
        assert!(!params.is_repeated("b"));
        assert!(params.check_no_repeats().is_err());
        assert_eq!(params.pairs().collect::<Vec<_>>(), [("b", "2")]);
    }

    #[test]
    fn rfc8707_2_only_resource_may_repeat_and_keeps_its_order() {
        let params = Params::parse(b"resource=b&resource=&resource=a&x=1").unwrap();
        assert!(params.check_no_repeats().is_ok());
        assert_eq!(params.get("resource"), None);
        assert_eq!(params.get_all("resource").collect::<Vec<_>>(), ["b", "a"]);
        let pairs = params.pairs().map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(Params::from_pairs(pairs.collect::<Vec<_>>()), params);
        assert_eq!(params.without(&["resource"]), Params::parse(b"x=1").unwrap());
    }

    #[test]
    fn an_empty_value_beside_a_real_one_is_a_repetition() {
        assert!(Params::parse(b"a=&a=1").unwrap().is_repeated("a"));
    }

    #[test]
    fn broken_encodings_are_refused() {
        let broken: [&[u8]; 7] = [b"a=%zz", b"a=%", b"a=%4", b"a=%ff", b"a=%00", b"a=\0", b"%c3=1"];
        for text in broken {
            assert_eq!(Params::parse(text), Err(MalformedParams), "{text:?}");
        }
        let many = "a=1&".repeat(MAX_PARAMS + 1);
        assert_eq!(Params::parse(many.as_bytes()), Err(MalformedParams));
    }

    #[test]
    fn values_are_decoded_once() {
        let params = Params::parse(b"a=%2541+b&c=x=y").unwrap();
        assert_eq!(params.get("a"), Some("%41 b"));
        assert_eq!(params.get("c"), Some("x=y"));
    }

    proptest! {
        #[test]
        fn any_value_survives_encoding_and_parsing(value in "[^\0]{1,80}", name in "[^\0]{1,20}") {
            let text = form_urlencoded::Serializer::new(String::new()).append_pair(&name, &value).finish();
            let params = Params::parse(text.as_bytes()).unwrap();
            prop_assert_eq!(params.get(&name), Some(value.as_str()));
        }

        #[test]
        fn any_bytes_parse_or_are_refused_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(params) = Params::parse(&bytes) {
                for (name, value) in params.pairs() {
                    prop_assert!(!name.contains('\0') && !value.contains('\0'));
                }
            }
        }
    }
}
