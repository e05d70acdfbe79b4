//! The way back to a page from a fresh sign-in, as it comes with an address: nothing in it leads elsewhere.

use serde::{Deserialize, Serialize};

/// Longest path of a page, in bytes.
const PATH_LENGTH: usize = 200;
/// Longest query of a page.
const QUERY_LENGTH: usize = 2_000;

/// The address of a page of the portal, without anything by which it could lead elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageAddress(String);

impl PageAddress {
    /// Reads a path with its query; `None` when it is none of a page. The path has names of letters, digits, hyphens and
    /// underscores only. The query is percent-encoded as forms do it (URL Standard 5.2), and hides no control character.
    pub fn parse(text: &str) -> Option<Self> {
        let (path, query) = match text.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (text, None),
        };
        let names = path.strip_prefix('/').filter(|_| path.len() <= PATH_LENGTH)?;
        let is_name = |name: &str| {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            !name.is_empty() && name.bytes().all(fits)
        };
        let is_good = names.split('/').all(is_name) && query.is_none_or(is_encoded);
        is_good.then(|| Self(text.to_owned()))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address without its query.
    pub fn path(&self) -> &str {
        self.0.split_once('?').map_or(&self.0, |(path, _)| path)
    }
}

/// Whether a query consists of what forms leave as it is, and of bytes of text as `%` and two digits.
fn is_encoded(query: &str) -> bool {
    let is_plain = |text: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"*-._+=&".contains(&byte);
        text.bytes().all(fits)
    };
    let is_escape = |part: &str| {
        part.split_at_checked(2).is_some_and(|(digits, rest)| {
            let byte = u8::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'));
            byte.is_some_and(|byte| !byte.is_ascii_control()) && is_plain(rest)
        })
    };
    let mut parts = query.split('%');
    let is_begun = parts.next().is_some_and(is_plain);
    !query.is_empty() && query.len() <= QUERY_LENGTH && is_begun && parts.all(is_escape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_to_a_page_of_ours_and_nowhere_else() {
        for path in [
            "/users/new",
            "/users/0f8fad5b-d9cb-469f-a165-70867728950e/edit",
            "/a_b",
            "/a/b?into=BANK+E&x=%C3%A9%2F%3F",
        ] {
            let address = PageAddress::parse(path).unwrap();
            assert_eq!(address.as_str(), path);
            assert_eq!(address.path(), path.split('?').next().unwrap());
        }
        let long = format!("/{}", "a".repeat(200));
        let long_query = format!("/a?b={}", "c".repeat(2_000));
        for path in [
            "",
            "/",
            "users",
            "//evil.example",
            "/users/../x",
            "/a?",
            "/a?b=//evil.example",
            "/a?b=c?d",
            "/a?b=c#d",
            "/a?b c",
            "/a?b=%0d%0ax",
            "/a?b=%00",
            "/a?b=%7F",
            "/a?b=%",
            "/a?b=%4",
            "/a?b=%+1",
            "/a?b=%é",
            "/a?é",
            "?a",
            "/a/?b",
            &long_query,
            "/a#b",
            "/a\\b",
            "/a b",
            "/a/",
            "https://x",
            &long,
        ] {
            assert_eq!(PageAddress::parse(path), None, "{path}");
        }
    }
}
