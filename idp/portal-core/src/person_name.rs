//! Names of people as their administrators type them.

use thiserror::Error;

/// A first or last name: trimmed, 1 to 100 characters, any script, no control characters (E32).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonName(String);

/// The name is empty, too long or holds control characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a name of 1 to 100 characters")]
pub struct NameError;

impl PersonName {
    /// Parses what was typed.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn parse(typed: &str) -> Result<Self, NameError> {
        let name = typed.trim();
        let fits = (1..=100).contains(&name.chars().count());
        if fits && !name.chars().any(char::is_control) {
            Ok(Self(name.to_owned()))
        } else {
            Err(NameError)
        }
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
    fn any_script_is_a_name_but_emptiness_and_control_characters_are_not() {
        for name in ["Inés", "Őrsi", "Βασίλης", "Ольга", "O'Neill", "F", "de la Cruz-Peña"]
        {
            assert_eq!(PersonName::parse(&format!(" {name} ")).unwrap().as_str(), name);
        }
        for name in ["", "   ", "a\nb", "a\u{0}"] {
            assert!(PersonName::parse(name).is_err(), "{name:?}");
        }
        assert!(PersonName::parse(&"x".repeat(101)).is_err());
    }
}
