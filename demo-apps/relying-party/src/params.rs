//! Parameters of a query or a form, each at most once.

use std::collections::HashMap;

/// Parameters by name.
pub(crate) type Params = HashMap<String, String>;

/// The pairs of `encoded`, or nothing if one comes twice (RFC 6749 section 3.1).
pub(crate) fn parse(encoded: &[u8]) -> Option<Params> {
    let mut params = Params::new();
    for (name, value) in form_urlencoded::parse(encoded) {
        if params.insert(name.into_owned(), value.into_owned()).is_some() {
            return None;
        }
    }
    Some(params)
}
