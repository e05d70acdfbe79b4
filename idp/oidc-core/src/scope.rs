//! Scopes: what a client asks for and may get (RFC 6749 3.3).

use std::fmt;

use crate::error::OAuthError;

/// Asks for an ID token and the userinfo endpoint (OpenID Connect Core 3.1.2.1).
pub const OPENID: &str = "openid";
/// Asks for the name of the person (OpenID Connect Core 5.4).
pub const PROFILE: &str = "profile";
/// Asks for the e-mail address of the person (OpenID Connect Core 5.4).
pub const EMAIL: &str = "email";
/// Asks for the groups of the client's application and for whom the person acts (design 5).
pub const GROUPS: &str = "groups";
/// Asks for a refresh token (OpenID Connect Core 11).
pub const OFFLINE_ACCESS: &str = "offline_access";

/// Every scope that speaks of a person, in the order of discovery.
pub const SUPPORTED: [&str; 5] = [OPENID, PROFILE, EMAIL, GROUPS, OFFLINE_ACCESS];

/// A set of scopes in the order in which they were named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope(Vec<String>);

impl Scope {
    /// Parses a space-separated list (RFC 6749 3.3). Repeated names count once.
    ///
    /// Refuses characters outside of the grammar: `invalid_scope`.
    pub fn parse(text: &str) -> Result<Self, OAuthError> {
        let mut scopes: Vec<String> = Vec::new();
        for name in text.split(' ').filter(|name| !name.is_empty()) {
            if !name.bytes().all(is_scope_character) {
                return Err(OAuthError::invalid_scope(
                    "the scope has a character that is not allowed",
                ));
            }
            if !scopes.iter().any(|known| known == name) {
                scopes.push(name.to_owned());
            }
        }
        Ok(Self(scopes))
    }

    /// Builds a scope from single names, such as a stored list.
    pub fn from_names<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        let mut scope = Self::default();
        for name in names {
            if !scope.contains(name.as_ref()) {
                scope.0.push(name.as_ref().to_owned());
            }
        }
        scope
    }

    /// Whether a scope is in the set.
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == name)
    }

    /// Whether nothing is in the set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every scope of this set is in the other one.
    pub fn is_subset_of(&self, other: &Self) -> bool {
        self.0.iter().all(|name| other.contains(name))
    }

    /// The scopes of this set for which the test holds, in this order.
    #[must_use]
    pub fn retain(&self, keep: impl Fn(&str) -> bool) -> Self {
        Self(self.0.iter().filter(|name| keep(name)).cloned().collect())
    }

    /// The single names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`
fn is_scope_character(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc6749_3_3_names_keep_their_order_and_count_once() {
        let scope = Scope::parse("groups  openid groups email").unwrap();
        assert_eq!(scope.to_string(), "groups openid email");
        assert!(scope.contains("openid") && !scope.contains("profile"));
    }

    #[test]
    fn rfc6749_3_3_other_characters_are_refused() {
        for text in ["open\"id", "a\\b", "a\tb", "a\nb", "grüppe", "a\u{7f}"] {
            assert!(Scope::parse(text).is_err(), "{text:?}");
        }
        assert!(Scope::parse("urn:x/!#[]~").is_ok());
        assert!(Scope::parse("").unwrap().is_empty());
    }

    #[test]
    fn a_scope_is_a_subset_whatever_the_order() {
        let granted = Scope::parse("openid groups email").unwrap();
        assert!(Scope::parse("email openid").unwrap().is_subset_of(&granted));
        assert!(!Scope::parse("email profile").unwrap().is_subset_of(&granted));
    }
}
