//! One line of text that somebody typed: names of organisations, titles.

use crate::plain_text::{composed, is_hidden};

/// What was typed, trimmed and composed: 1 to `longest` characters, none of them hidden; `None` for anything else.
pub fn parse(typed: &str, longest: usize) -> Option<String> {
    let text = composed(typed.trim());
    let fits = (1..=longest).contains(&text.chars().count());
    (fits && !text.chars().any(is_hidden)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_neither_empty_nor_too_long_nor_several() {
        assert_eq!(parse("  BANK E, S.A. ", 20).as_deref(), Some("BANK E, S.A."));
        assert_eq!(parse("äöü", 3).as_deref(), Some("äöü"));
        assert_eq!(parse("u\u{308}", 1).as_deref(), Some("ü"), "one letter, composed");
        for wrong in ["", "   ", "abcd", "a\nb", "a\tb", "a\u{202e}b", "a\u{2028}b"] {
            assert_eq!(parse(wrong, 3), None, "{wrong:?}");
        }
    }
}
