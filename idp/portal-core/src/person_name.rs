//! Names of people as their administrators type them.

use thiserror::Error;

use crate::{one_line, plain_text::is_hidden};

/// Longest name, in characters.
const LONGEST: usize = 100;

/// A first or last name: trimmed, composed (NFC), 1 to 100 characters of any script (E32), none of which is hidden or
/// turns others around.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonName(String);

/// The name is empty, too long or holds hidden characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a name of 1 to 100 characters")]
pub struct NameError;

impl PersonName {
    /// Parses what was typed.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn parse(typed: &str) -> Result<Self, NameError> {
        one_line::parse(typed, LONGEST).map(Self).ok_or(NameError)
    }

    /// Reads a name that is stored. One from before hidden characters were refused has lost them.
    ///
    /// # Errors
    /// [`NameError`] when nothing is left of it.
    pub fn of_stored(stored: &str) -> Result<Self, NameError> {
        let seen: String = stored.chars().filter(|letter| !is_hidden(*letter)).collect();
        Self::parse(&seen)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_script_is_a_name_but_emptiness_and_hidden_characters_are_not() {
        for name in ["Inés", "Őrsi", "Βασίλης", "Ольга", "O'Neill", "F", "de la Cruz-Peña", "山田"]
        {
            assert_eq!(PersonName::parse(&format!(" {name} ")).unwrap().as_str(), name);
        }
        for name in [
            "",
            "   ",
            "a\nb",
            "a\u{0}",
            "Hugo\u{202e}omleB",
            "\u{2066}Hugo\u{2069}",
            "Hugo\u{2028}Belmonte",
            "Hugo\u{2029}Belmonte",
            "Hu\u{200b}go",
            "Hu\u{200d}go",
            "Hu\u{feff}go",
            "Hu\u{ad}go",
            "\u{200b}",
            "\u{1b}[31mHugo",
        ] {
            assert_eq!(PersonName::parse(name), Err(NameError), "{name:?}");
        }
        assert!(PersonName::parse(&"x".repeat(101)).is_err());
    }

    #[test]
    fn two_forms_of_a_name_are_one_name() {
        let composed = PersonName::parse("Inés").unwrap();
        assert_eq!(PersonName::parse("Ine\u{301}s").unwrap(), composed);
        assert!(PersonName::parse(&"e\u{301}".repeat(100)).is_ok(), "a hundred letters");
    }

    #[test]
    fn a_stored_name_from_before_is_read_without_what_is_hidden() {
        assert_eq!(PersonName::of_stored("Hu\u{200b}go").unwrap().as_str(), "Hugo");
        assert_eq!(PersonName::of_stored("\u{200b}"), Err(NameError));
    }
}
