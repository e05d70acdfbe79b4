//! Phone numbers in international format (manual §3: "use international format, e.g. +49 for Germany").

use std::fmt;

use thiserror::Error;

/// Country codes of two digits (ITU-T E.164, list of assigned country codes). Those of one digit are 1 and 7; all
/// others have three.
const TWO_DIGITS: &str = "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 \
    64 65 66 81 82 84 86 90 91 92 93 94 95 98";
/// Digits of a national number that stand together at its beginning, and at most after that.
const GROUPS: (usize, usize) = (3, 4);

/// A number in E.164 form: `+`, then 7 to 15 digits. `Debug` and `Display` show only its end.
///
/// National numbering plans are not consulted: the manual's own samples are short (domain.md 50).
#[derive(Clone, PartialEq, Eq)]
pub struct PhoneNumber(String);

/// Why a number is refused; each has its own hint at the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PhoneError {
    /// Neither `+` nor `00` in front.
    #[error("no international prefix")]
    NotInternational,
    /// A national prefix in brackets, as in `+49 (0)176` (E31).
    #[error("a national prefix in brackets")]
    BracketedZero,
    /// Something other than digits, or too few or too many of them.
    #[error("not a phone number")]
    Malformed,
}

impl PhoneNumber {
    /// Parses what was typed; `00`, spaces, dots, slashes and hyphens are normalised (E31).
    ///
    /// # Errors
    /// [`PhoneError`], one for each hint.
    pub fn parse(typed: &str) -> Result<Self, PhoneError> {
        if typed.contains("(0)") {
            return Err(PhoneError::BracketedZero);
        }
        let compact: String = typed.chars().filter(|c| !" \u{a0}-./()".contains(*c)).collect();
        let digits = compact
            .strip_prefix('+')
            .or_else(|| compact.strip_prefix("00"))
            .ok_or(PhoneError::NotInternational)?;
        let is_number = (7..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        if is_number { Ok(Self(format!("+{digits}"))) } else { Err(PhoneError::Malformed) }
    }

    /// The number in E.164 form.
    pub fn as_e164(&self) -> &str {
        &self.0
    }

    /// The number as people read it, such as `+49 176 1234 5678` (E31). Where area codes end is not known.
    pub fn grouped(&self) -> String {
        let digits = self.0.trim_start_matches('+');
        let (country, national) =
            digits.split_at_checked(code_length(digits)).unwrap_or((digits, ""));
        let mut text = format!("+{country}");
        let first = if national.len() <= GROUPS.1 { national.len() } else { GROUPS.0 };
        let (mut rest, mut length) = (national, first);
        while let Some((group, after)) = rest.split_at_checked(length).filter(|_| length > 0) {
            text.push(' ');
            text.push_str(group);
            rest = after;
            // As even as can be, the longer ones last.
            length = after.len().checked_div(after.len().div_ceil(GROUPS.1)).unwrap_or_default();
        }
        text
    }

    /// The last four digits, by which people find a number again.
    pub fn tail(&self) -> &str {
        self.0.get(self.0.len().saturating_sub(4)..).unwrap_or_default()
    }

    /// What may stand on a page before sign-in is complete: the last two digits only.
    pub fn masked(&self) -> String {
        let end = self.0.get(self.0.len().saturating_sub(2)..).unwrap_or_default();
        format!("••• {end}")
    }
}

/// How many digits the country code has.
fn code_length(digits: &str) -> usize {
    if digits.starts_with(['1', '7']) {
        return 1;
    }
    let has_two = digits.get(..2).is_some_and(|code| TWO_DIGITS.split(' ').any(|one| one == code));
    if has_two { 2 } else { 3 }
}

/// What numbers are found by (manual §3, field Phone Number of the list): sealed numbers have no beginnings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhoneSearch {
    /// The whole number.
    Whole(PhoneNumber),
    /// Its last four digits.
    Tail(String),
}

impl PhoneSearch {
    /// Reads what was typed; `None` when it is neither a whole number nor four digits.
    pub fn parse(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        if typed.len() == 4 && typed.bytes().all(|b| b.is_ascii_digit()) {
            return Some(Self::Tail(typed.to_owned()));
        }
        PhoneNumber::parse(typed).ok().map(Self::Whole)
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber({})", self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_normalised_or_refused_with_their_own_hint() {
        let cases = [
            ("+49 176 0406 9001", Ok("+4917604069001")),
            ("0049 176/04069001", Ok("+4917604069001")),
            ("+441234567", Ok("+441234567")),
            ("+347847845", Ok("+347847845")),
            ("+49 (0)176 04069001", Err(PhoneError::BracketedZero)),
            ("017604069001", Err(PhoneError::NotInternational)),
            ("+49", Err(PhoneError::Malformed)),
            ("+49176040690011234", Err(PhoneError::Malformed)),
            ("+4917६04069001", Err(PhoneError::Malformed)),
            ("+0491760406", Err(PhoneError::Malformed)),
        ];
        for (typed, expected) in cases {
            let parsed = PhoneNumber::parse(typed);
            assert_eq!(
                parsed.as_ref().map(PhoneNumber::as_e164).map_err(|e| *e),
                expected,
                "{typed}"
            );
        }
    }

    #[test]
    fn a_number_is_grouped_behind_its_country_code() {
        for (number, grouped) in [
            ("+4917612345678", "+49 176 1234 5678"),
            ("+447700900026", "+44 770 090 0026"),
            ("+441234567", "+44 123 4567"),
            ("+15551234567", "+1 555 123 4567"),
            ("+74951234567", "+7 495 123 4567"),
            ("+359881234567", "+359 881 234 567"),
            ("+352621123", "+352 621 123"),
            ("+3521234", "+352 1234"),
            ("+35212345", "+352 123 45"),
            ("+491761234567890", "+49 176 123 456 7890"),
        ] {
            assert_eq!(PhoneNumber::parse(number).unwrap().grouped(), grouped);
            assert_eq!(PhoneNumber::parse(grouped).unwrap().as_e164(), number, "it is read back");
        }
        assert_eq!(TWO_DIGITS.split(' ').count(), 44);
        assert!(TWO_DIGITS.split(' ').all(|code| code.len() == 2));
    }

    #[test]
    fn neither_debug_nor_the_mask_shows_the_number() {
        let number = PhoneNumber::parse("+4917604069001").unwrap();
        assert_eq!(number.masked(), "••• 01");
        assert_eq!(format!("{number:?}"), "PhoneNumber(••• 01)");
        assert_eq!(number.tail(), "9001");
    }

    #[test]
    fn a_number_is_found_whole_or_by_its_last_four_digits() {
        let whole = PhoneNumber::parse("+441234567").unwrap();
        assert_eq!(PhoneSearch::parse(" 0044 123 4567"), Some(PhoneSearch::Whole(whole)));
        assert_eq!(PhoneSearch::parse(" 4567 "), Some(PhoneSearch::Tail("4567".to_owned())));
        for neither in ["", "567", "34567", "45 67", "+44", "abcd", "１２３４"] {
            assert_eq!(PhoneSearch::parse(neither), None, "{neither}");
        }
    }
}
