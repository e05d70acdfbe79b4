//! What may be a password (O10, security.md 57). Hashing happens elsewhere; here is only the rule.

use unicode_normalization::UnicodeNormalization as _;

/// Shortest password, in characters.
pub const MIN_CHARS: usize = 12;
/// Longest password, in characters.
pub const MAX_CHARS: usize = 128;
/// Longest password, in bytes of its normal form: refused, never cut.
pub const MAX_BYTES: usize = 512;

/// Passwords of twelve or more characters that guessing lists begin with, in lower case. Shorter ones of such
/// lists are refused by length already.
const COMMON: &[&str] = &[
    "123456789012",
    "1234567890123",
    "12345678901234",
    "123456789012345",
    "1234567890123456",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "abcdefghijkl",
    "abcdefghijklm",
    "abcdefghijklmnop",
    "administrator",
    "administrator1",
    "basketball123",
    "changeme1234",
    "correcthorsebatterystaple",
    "footballfootball",
    "iloveyou1234",
    "letmeinletmein",
    "manchesterunited",
    "passw0rd1234",
    "password1234",
    "password12345",
    "password123456",
    "passwordpassword",
    "qazwsxedcrfv",
    "qwerty123456",
    "qwertyqwerty",
    "qwertyuiop12",
    "qwertyuiop123",
    "qwertyuiopasdf",
    "qwertyuiopasdfghjkl",
    "superman1234",
    "unbelievable",
    "welcome12345",
    "zaq12wsxcde3",
];

/// Words that everybody would try here; a password may contain one, but not consist of it and digits.
const SERVICE_WORDS: &[&str] =
    &["identityportal", "identity", "portal", "casper", "ssmportal", "imas", "astra", "ecb"];

/// A new password that the rule accepts, in Unicode normal form C. No `Debug`, no `Display`.
pub struct NewPassword(String);

/// Why a new password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Under [`MIN_CHARS`].
    #[error("too short")]
    TooShort,
    /// Over [`MAX_CHARS`] or [`MAX_BYTES`].
    #[error("too long")]
    TooLong,
    /// In the list of common passwords, or one character or short pattern repeated.
    #[error("too common")]
    Common,
    /// Made of the person's own name or address, or of the name of this service.
    #[error("made of a name that everybody would try")]
    Context,
}

/// The normal form in which a password is hashed and checked, so that the same keys give the same bytes on every
/// keyboard (security.md 57). `None` when it is too long to be anybody's password: no hash is spent on it.
pub fn normalize(typed: &str) -> Option<String> {
    if typed.len() > MAX_BYTES * 2 {
        return None;
    }
    let normal: String = typed.nfc().collect();
    (normal.len() <= MAX_BYTES && normal.chars().count() <= MAX_CHARS).then_some(normal)
}

impl NewPassword {
    /// Applies the rule. `context` holds what an attacker knows of the person: names, the parts of the address.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub fn parse(typed: &str, context: &[&str]) -> Result<Self, PasswordError> {
        let password = normalize(typed).ok_or(PasswordError::TooLong)?;
        if password.chars().count() < MIN_CHARS {
            return Err(PasswordError::TooShort);
        }
        let folded = password.to_lowercase();
        if COMMON.contains(&folded.as_str()) || is_repetition(&folded) {
            return Err(PasswordError::Common);
        }
        let words = context
            .iter()
            .flat_map(|text| text.split(['@', '.', ' ', '-', '_']))
            .filter(|w| w.len() > 2);
        if is_made_of(&folded, words.map(str::to_lowercase)) {
            return Err(PasswordError::Context);
        }
        Ok(Self(password))
    }

    /// The normal form, to be hashed.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// One pattern of at most four characters, over and over.
fn is_repetition(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    (1..=4).any(|len| chars.iter().zip(chars.iter().skip(len)).all(|(a, b)| a == b))
}

/// Whether fewer than four letters are left when known words, digits and signs are taken out.
fn is_made_of(text: &str, words: impl Iterator<Item = String>) -> bool {
    let mut words: Vec<String> =
        words.chain(SERVICE_WORDS.iter().map(|w| (*w).to_owned())).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let rest = words.iter().fold(text.to_owned(), |rest, word| rest.replace(word.as_str(), " "));
    rest != text && rest.chars().filter(|c| c.is_alphabetic()).count() < 4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(typed: &str) -> Option<PasswordError> {
        NewPassword::parse(typed, &["Hugo", "Belmonte", "hugo.belmonte@bank-e.example"]).err()
    }

    #[test]
    fn length_is_the_rule_and_composition_is_not() {
        assert_eq!(refusal("vier kleine woorden"), None);
        assert_eq!(refusal("Quay-Lantern-58-Orchid"), None);
        assert_eq!(refusal("ελληνικά γράμματα"), None);
        assert_eq!(refusal("elevenchars"), Some(PasswordError::TooShort));
        assert_eq!(refusal(&"ab1 ".repeat(33)), Some(PasswordError::TooLong));
        assert_eq!(refusal(&"€".repeat(200)), Some(PasswordError::TooLong));
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for common in
            ["Password1234", "qwertyuiopasdf", "aaaaaaaaaaaaaaaa", "abababababab", "123123123123"]
        {
            assert_eq!(refusal(common), Some(PasswordError::Common), "{common}");
        }
        for own in [
            "hugobelmonte1",
            "Belmonte2026!",
            "IdentityPortal1",
            "hugo.belmonte@bank-e",
            "casper-casper-9",
        ] {
            assert_eq!(refusal(own), Some(PasswordError::Context), "{own}");
        }
    }

    #[test]
    fn composed_and_decomposed_letters_are_the_same_password() {
        assert_eq!(normalize("cafe\u{301} au lait"), normalize("caf\u{e9} au lait"));
    }

    #[test]
    fn a_name_is_no_password_with_fewer_than_four_letters_more() {
        for (typed, expected) in [
            ("hugoabc12345", Some(PasswordError::Context)),
            ("hugoabcd1234", None),
            ("hugo has a horse", None),
            // No name is in it: that it has no letters either is no matter.
            ("47 11 08 15 42 99", None),
        ] {
            assert_eq!(refusal(typed), expected, "{typed}");
        }
        // Two letters are in too many words to count as a name.
        assert!(NewPassword::parse("xu1234567890xu", &["Xu"]).is_ok());
        assert!(NewPassword::parse("xue1234567890xue", &["Xue"]).is_err());
    }

    #[test]
    fn a_password_is_hashed_in_its_normal_form() {
        let password = NewPassword::parse("cafe\u{301} au lait", &[]).unwrap();
        assert_eq!(password.expose(), "caf\u{e9} au lait");
    }

    #[test]
    fn what_is_typed_is_composed_only_up_to_twice_the_longest_password() {
        // Three parts of three bytes that are composed to one letter of three bytes.
        let syllables = |count: usize| "\u{1100}\u{1161}\u{11a8}".repeat(count);
        let longest = format!("{}{}", syllables(113), "x".repeat(7));
        assert_eq!(longest.len(), 1024);
        assert!(normalize(&longest).is_some());
        assert_eq!(normalize(&format!("{longest}x")), None);
        assert_eq!(normalize(&syllables(128)), None, "though it would be short enough");
    }

    #[test]
    fn a_megabyte_costs_no_hash() {
        assert_eq!(normalize(&"x".repeat(1_000_000)), None);
    }
}
