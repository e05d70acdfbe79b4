//! Legal Entity Identifiers (ISO 17442), checked by shape and checksum (I30).

use std::fmt;

use thiserror::Error;

/// A LEI whose check digits are right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lei(String);

/// The text is no LEI: shape or checksum is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a LEI")]
pub struct LeiError;

impl Lei {
    /// Parses 18 letters or digits and two check digits, for which ISO 7064 MOD 97-10 gives 1.
    ///
    /// # Errors
    /// [`LeiError`].
    pub fn parse(typed: &str) -> Result<Self, LeiError> {
        let text = typed.trim();
        let shape = text.len() == 20
            && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
            && text.bytes().skip(18).all(|b| b.is_ascii_digit());
        if shape && remainder(text) == 1 { Ok(Self(text.to_owned())) } else { Err(LeiError) }
    }

    /// The twenty characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Lei {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The number that the characters spell in base 36, modulo 97.
fn remainder(text: &str) -> u32 {
    text.chars().filter_map(|c| c.to_digit(36)).fold(0, |rest, digit| {
        let shift = if digit < 10 { 10 } else { 100 };
        (rest * shift + digit) % 97
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shape_and_checksum_are_both_needed() {
        for (typed, lei) in [
            ("DEMO00PM4AY8ECIQLM84", "DEMO00PM4AY8ECIQLM84"),
            (" DEMO00B7MOGM0LQICZ66 ", "DEMO00B7MOGM0LQICZ66"),
        ] {
            let parsed = Lei::parse(typed).unwrap();
            assert_eq!((parsed.as_str(), parsed.to_string().as_str()), (lei, lei));
        }
        for wrong in [
            "DEMO00PM4AY8ECIQLM85",
            "DEMO00PM4AY8ECIQML84",
            "DEMO00PM4AY8ECIQLM8",
            "demo00pm4ay8eciqlm84",
            "",
        ] {
            assert_eq!(Lei::parse(wrong), Err(LeiError), "{wrong}");
        }
    }
}
