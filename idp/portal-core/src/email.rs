//! E-mail addresses: the user name at sign-in (manual §1), unique across all third parties (I5).

use std::fmt;

use thiserror::Error;

use crate::plain_text::{composed, is_hidden};

/// Local parts that name a desk and not a person. Terms of use and O15 ask for personal addresses.
const SHARED_MAILBOXES: &[&str] = &[
    "admin",
    "compliance",
    "contact",
    "helpdesk",
    "info",
    "mail",
    "noreply",
    "no-reply",
    "office",
    "postmaster",
    "regulatory",
    "reporting",
    "service",
    "support",
    "team",
    "treasury",
    "webmaster",
];

/// The longest address that SMTP carries (RFC 5321 §4.5.3.1.3, without the angle brackets).
const MAX_LEN: usize = 254;

/// A personal e-mail address as it was typed (trimmed and composed, as RFC 6532 §3.1 asks), with the key it is compared by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    address: String,
    key: EmailKey,
}

/// The canonical form of an address: what accounts and failure counters are found by (E30, security.md 60).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailKey(String);

/// Why an address is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EmailError {
    /// Not of the shape `local@domain.tld`.
    #[error("not an e-mail address")]
    Malformed,
    /// A mailbox that several people read (O15).
    #[error("a shared mailbox")]
    Shared,
}

impl EmailKey {
    /// The key of whatever was typed at sign-in: surrounding space, case, a final dot and the form in which letters
    /// are composed do not make another address (E30, I5). Never fails, so that unknown and malformed addresses take the
    /// same way.
    pub fn of(typed: &str) -> Self {
        let typed = composed(typed.trim().trim_end_matches('.'));
        Self(composed(&typed.to_lowercase()))
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Email {
    /// Parses an address for an account.
    ///
    /// # Errors
    /// [`EmailError`] when it has no plausible shape or names a shared mailbox.
    pub fn parse(typed: &str) -> Result<Self, EmailError> {
        let address = composed(typed.trim().trim_end_matches('.'));
        let (local, domain) = address.rsplit_once('@').ok_or(EmailError::Malformed)?;
        let plausible = !local.is_empty()
            && local.len() <= 64
            && !local.contains('@')
            && address.len() <= MAX_LEN
            && domain.split('.').count() >= 2
            && domain.split('.').all(is_label)
            && !address
                .chars()
                .any(|c| c.is_whitespace() || is_hidden(c) || "<>()[],;:\\\"".contains(c));
        if !plausible {
            return Err(EmailError::Malformed);
        }
        if SHARED_MAILBOXES.contains(&local.to_lowercase().as_str()) {
            return Err(EmailError::Shared);
        }
        Ok(Self { key: EmailKey::of(&address), address })
    }

    /// Reads an address that was stored before hidden characters were refused: without them.
    ///
    /// # Errors
    /// [`EmailError`] when what is left is none.
    pub fn of_stored(stored: &str) -> Result<Self, EmailError> {
        let seen: String = stored.chars().filter(|letter| !is_hidden(*letter)).collect();
        Self::parse(&seen)
    }

    /// The address as typed, for sending and showing.
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// What it is compared by.
    pub fn key(&self) -> &EmailKey {
        &self.key
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 63
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(|c| c.is_alphanumeric() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_space_and_a_final_dot_do_not_make_another_address() {
        let key = EmailKey::of("hugo@bank-e.example");
        for typed in ["Hugo@Bank-E.example", " hugo@bank-e.example ", "hugo@bank-e.example."] {
            assert_eq!(EmailKey::of(typed), key);
            assert_eq!(Email::parse(typed).unwrap().key(), &key);
        }
    }

    #[test]
    fn the_form_of_its_letters_does_not_make_another_address() {
        for (one, other) in [
            ("zoë@bank.example", "zoe\u{308}@bank.example"),
            ("ZOË@bank.example", "zoe\u{308}@bank.example"),
            ("josé@münchen.example", "JOSE\u{301}@mu\u{308}nchen.example"),
            ("\u{1f0}@bank.example", "J\u{30c}@bank.example"),
            ("\u{212b}ke@bank.example", "a\u{30a}ke@bank.example"),
        ] {
            assert_eq!(EmailKey::of(one), EmailKey::of(other), "{one}");
            let (one, other) = (Email::parse(one).unwrap(), Email::parse(other).unwrap());
            assert_eq!(one.key(), other.key());
            assert_eq!(EmailKey::of(one.as_str()), *one.key());
        }
        assert_eq!(Email::parse("zoe\u{308}@bank.example").unwrap().as_str(), "zoë@bank.example");
    }

    #[test]
    fn only_plausible_personal_addresses_are_accepted() {
        let cases = [
            ("", Err(EmailError::Malformed)),
            ("hugo", Err(EmailError::Malformed)),
            ("hugo@localhost", Err(EmailError::Malformed)),
            ("a@b@c.example", Err(EmailError::Malformed)),
            ("hugo belmonte@bank.example", Err(EmailError::Malformed)),
            ("hugo@-bank.example", Err(EmailError::Malformed)),
            ("hugo@bank..example", Err(EmailError::Malformed)),
            ("hugo@bank.example\r\nBcc: x@y.example", Err(EmailError::Malformed)),
            ("hugo\u{202e}@bank.example", Err(EmailError::Malformed)),
            ("hu\u{200b}go@bank.example", Err(EmailError::Malformed)),
            ("hugo\u{2028}@bank.example", Err(EmailError::Malformed)),
            ("hugo@bank\u{ad}.example", Err(EmailError::Malformed)),
            ("Treasury@bank.example", Err(EmailError::Shared)),
            ("info@bank.example", Err(EmailError::Shared)),
            ("tst@c.com", Ok(())),
            ("f.pl@bank-e.example", Ok(())),
            ("o'neill+portal@münchen-bank.example", Ok(())),
        ];
        for (typed, expected) in cases {
            assert_eq!(Email::parse(typed).map(|_| ()), expected, "{typed:?}");
        }
    }

    #[test]
    fn an_address_is_shown_as_typed_and_compared_folded() {
        let email = Email::parse("Hugo@Bank-E.example").unwrap();
        assert_eq!(email.as_str(), "Hugo@Bank-E.example");
        assert_eq!(email.to_string(), "Hugo@Bank-E.example");
        assert_eq!(email.key().as_str(), "hugo@bank-e.example");
        assert_eq!(Email::parse("hu\u{7}go@bank.example"), Err(EmailError::Malformed));
        assert_eq!(Email::parse("hu,go@bank.example"), Err(EmailError::Malformed));
    }

    #[test]
    fn an_address_that_was_stored_with_hidden_characters_is_read_without_them() {
        let email = Email::of_stored("hu\u{200b}go@bank-e.example").unwrap();
        assert_eq!(email.as_str(), "hugo@bank-e.example");
        assert!(Email::parse("hu\u{200b}go@bank-e.example").is_err());
    }
}
