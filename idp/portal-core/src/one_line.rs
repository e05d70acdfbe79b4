//! One line of text that somebody typed: names of organisations, titles.

/// What was typed, trimmed: 1 to `longest` characters without control characters; `None` for anything else.
pub fn parse(typed: &str, longest: usize) -> Option<String> {
    let text = typed.trim();
    let fits = (1..=longest).contains(&text.chars().count());
    (fits && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_neither_empty_nor_too_long_nor_several() {
        assert_eq!(parse("  BANK E, S.A. ", 20).as_deref(), Some("BANK E, S.A."));
        assert_eq!(parse("äöü", 3).as_deref(), Some("äöü"));
        for wrong in ["", "   ", "abcd", "a\nb", "a\tb"] {
            assert_eq!(parse(wrong, 3), None, "{wrong:?}");
        }
    }
}
