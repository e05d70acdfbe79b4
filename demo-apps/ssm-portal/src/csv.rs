//! The list of users as a file for a spreadsheet.

use crate::{accounts::Listed, dates};

/// Lines end with CR LF (RFC 4180); a byte order mark makes spreadsheets read UTF-8.
pub(crate) fn write(rows: &[Listed]) -> String {
    let mut file = String::from("\u{feff}");
    push_line(
        &mut file,
        [
            "Name",
            "Last name",
            "Email",
            "Created",
            "Last Modified",
            "Institution",
            "Process type(s)",
        ],
    );
    for row in rows {
        let (created, modified) = (dates::day(row.created_at), dates::day(row.modified_at));
        push_line(
            &mut file,
            [
                &row.first_name,
                &row.last_name,
                &row.email,
                &created,
                &modified,
                &row.institution,
                &row.process_types,
            ],
        );
    }
    file
}

fn push_line(file: &mut String, cells: [&str; 7]) {
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            file.push(',');
        }
        file.push_str(&quote(cell));
    }
    file.push_str("\r\n");
}

/// Every cell in quotes; one that a spreadsheet would take for a formula gets an apostrophe in
/// front (domain.md E45).
fn quote(cell: &str) -> String {
    let formula = cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r'])
        || cell.starts_with(['\t', '\r', '\n']);
    let guard = if formula { "'" } else { "" };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_looks_like_a_formula_is_defused() {
        for cell in ["=1+1", "+49", "-2", "@SUM(A1)", " =1", "\t=1", "\r=1"] {
            assert!(quote(cell).starts_with("\"'"), "{cell:?}");
        }
    }

    #[test]
    fn quotes_and_line_breaks_stay_inside_their_cell() {
        assert_eq!(quote("a \"b\", c\nd"), "\"a \"\"b\"\", c\nd\"");
        assert_eq!(quote("bank_01"), "\"bank_01\"");
    }
}
