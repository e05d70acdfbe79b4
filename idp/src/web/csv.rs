//! Lists as CSV (RFC 4180), safe to open in a spreadsheet: no cell is ever read as a formula (security.md 107, E45).

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};

pub mod read;

/// What a cell may begin with that makes a spreadsheet compute it.
const BEGINNINGS_OF_FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The first line of a file, with the names of its columns. It begins with the mark by which spreadsheets know UTF-8.
pub fn head<'a>(columns: impl IntoIterator<Item = &'a str>) -> String {
    format!("\u{feff}{}", line(columns))
}

/// One line. A file may be written line by line, as its rows are read.
pub fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell that begins like a formula gets an apostrophe in front, which spreadsheets show as text.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(BEGINNINGS_OF_FORMULAS)
        || text.trim_start().starts_with(BEGINNINGS_OF_FORMULAS);
    let defused = if is_formula { format!("'{text}") } else { text.to_owned() };
    if defused.contains([',', ';', '"', '\r', '\n', '\t']) || defused.trim() != defused {
        format!("\"{}\"", defused.replace('"', "\"\""))
    } else {
        defused
    }
}

/// A file to be saved, never shown in the browser. `name` is our own word, with its ending.
pub fn attachment(name: &str, kind: &'static str, body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

/// The media type of these files.
pub const TEXT_CSV: &str = "text/csv; charset=utf-8";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_begins_like_a_formula_gets_an_apostrophe() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("+441234567", "'+441234567"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            (" =1", "' =1"),
            ("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }

    #[test]
    fn other_cells_stay_as_they_are() {
        for text in ["", "Grace", "O'Neil", "a=b", "2026-11-27", "Ő-ß", "1+1"] {
            assert_eq!(cell(text), text);
        }
    }

    #[test]
    fn what_would_break_a_line_is_quoted() {
        let cells = ["a,b", "c;d", "say \"yes\"", "two\nlines", " space"];
        let expected = "\"a,b\",\"c;d\",\"say \"\"yes\"\"\",\"two\nlines\",\" space\"\r\n";
        assert_eq!(line(cells), expected);
    }

    #[test]
    fn the_first_line_says_that_it_is_utf_8() {
        assert_eq!(head(["First name", "E-mail"]), "\u{feff}First name,E-mail\r\n");
    }
}
