//! Tables that come in as CSV (RFC 4180): UTF-8 with or without its mark, commas or semicolons, any ends of lines.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord};

use super::BEGINNINGS_OF_FORMULAS;

/// Most rows of a file, without its first line.
pub const ROWS_AT_MOST: usize = 500;
/// Longest file, in bytes.
pub const BYTES_AT_MOST: usize = 256 * 1024;

/// A column that a file may have.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in the first line.
    pub name: &'static str,
    /// Whether every file has it.
    pub is_needed: bool,
}

/// One row, its cells by the names of their columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The line of the file it begins in, as spreadsheets count: the first line has the names.
    pub number: usize,
    cells: BTreeMap<&'static str, String>,
}

/// Why a file cannot be read as a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableError {
    /// Nothing stands in it but names of columns.
    Empty,
    /// It is longer than [`BYTES_AT_MOST`].
    TooLong,
    /// It has more rows than [`ROWS_AT_MOST`].
    TooManyRows,
    /// It is no text in UTF-8.
    NotUtf8,
    /// This column of the first line is unknown.
    UnknownColumn(String),
    /// This column stands twice.
    ColumnTwice(String),
    /// This column is missing.
    NoColumn(&'static str),
    /// The row that begins in this line has another number of cells than the first line.
    Uneven(usize),
}

impl Row {
    /// A cell, trimmed; empty when the file does not have the column.
    pub fn get(&self, column: &str) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

/// Reads a file that has some of these columns, in any order.
///
/// # Errors
/// [`TableError`]: it is not read in part.
pub fn table(bytes: &[u8], columns: &[Column]) -> Result<Vec<Row>, TableError> {
    if bytes.len() > BYTES_AT_MOST {
        return Err(TableError::TooLong);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| TableError::NotUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains('\0') {
        return Err(TableError::NotUtf8);
    }
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter(text))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let (mut lines, mut head, mut rows) = (Lines::of(text), None, Vec::new());
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(|_| TableError::NotUtf8)? {
        let number = lines.at(record.position().map_or(0, csv::Position::byte));
        let Some(names) = &head else {
            head = Some(names(&record, columns)?);
            continue;
        };
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if record.len() != names.len() {
            return Err(TableError::Uneven(number));
        }
        if rows.len() == ROWS_AT_MOST {
            return Err(TableError::TooManyRows);
        }
        let cells = names.iter().zip(&record).map(|(name, cell)| (*name, value(cell)));
        rows.push(Row { number, cells: cells.collect() });
    }
    if rows.is_empty() { Err(TableError::Empty) } else { Ok(rows) }
}

/// The columns of the first line. Case, spaces, hyphens and underscores do not matter.
fn names(head: &StringRecord, columns: &[Column]) -> Result<Vec<&'static str>, TableError> {
    let plain = |text: &str| text.replace([' ', '_', '-'], "").trim().to_lowercase();
    let mut names = Vec::with_capacity(head.len());
    for cell in head {
        let known = columns.iter().find(|column| plain(column.name) == plain(cell));
        let known = known.ok_or_else(|| TableError::UnknownColumn(cell.trim().to_owned()))?;
        if names.contains(&known.name) {
            return Err(TableError::ColumnTwice(cell.trim().to_owned()));
        }
        names.push(known.name);
    }
    match columns.iter().find(|column| column.is_needed && !names.contains(&column.name)) {
        Some(missing) => Err(TableError::NoColumn(missing.name)),
        None => Ok(names),
    }
}

/// A semicolon, where the first line has more of them than commas: as spreadsheets write in half of Europe.
fn delimiter(text: &str) -> u8 {
    let head = text.lines().next().unwrap_or_default();
    let count = |delimiter: char| head.chars().filter(|found| *found == delimiter).count();
    if count(';') > count(',') { b';' } else { b',' }
}

/// What a cell means: without the apostrophe by which [`super::line`] keeps it from being a formula.
fn value(cell: &str) -> String {
    let cell = cell.trim();
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(BEGINNINGS_OF_FORMULAS) => rest.to_owned(),
        _ => cell.to_owned(),
    }
}

/// Counts the lines of a text up to places in it, each behind the one before.
struct Lines<'a> {
    text: &'a str,
    byte: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    const fn of(text: &'a str) -> Self {
        Self { text, byte: 0, line: 1 }
    }

    /// The line in which a row begins that is found at this byte, behind lines that are empty.
    fn at(&mut self, byte: u64) -> usize {
        let end = usize::try_from(byte).unwrap_or(usize::MAX);
        let passed = self.text.get(self.byte..end).unwrap_or_default();
        self.line += passed.matches('\n').count();
        let rest = self.text.get(end..).unwrap_or_default();
        let empty = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        let empty = rest.get(..empty).unwrap_or_default();
        self.byte = end;
        self.line + empty.matches('\n').count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [
        Column { name: "email", is_needed: true },
        Column { name: "phone_number", is_needed: true },
        Column { name: "company_id", is_needed: false },
    ];

    fn read(text: &str) -> Vec<(usize, String, String, String)> {
        let rows = table(text.as_bytes(), &COLUMNS).unwrap();
        let cell = |row: &Row, name: &str| row.get(name).to_owned();
        rows.iter()
            .map(|row| {
                let cells = ["email", "phone_number", "company_id"].map(|name| cell(row, name));
                let [email, phone, company] = cells;
                (row.number, email, phone, company)
            })
            .collect()
    }

    fn row(number: usize, cells: [&str; 3]) -> (usize, String, String, String) {
        let [email, phone, company] = cells.map(str::to_owned);
        (number, email, phone, company)
    }

    #[test]
    fn what_spreadsheets_write_is_read_alike() {
        let expected = [row(2, ["a@b.example", "+49 1", "x, y"]), row(3, ["c@d.example", "2", ""])];
        for text in [
            "email,phone_number,company_id\na@b.example,+49 1,\"x, y\"\nc@d.example,2,\n",
            "\u{feff}email;phone_number;company_id\r\na@b.example;+49 1;x, y\r\nc@d.example;2;\r\n",
            "Email, Phone Number ,Company-Id\na@b.example,'+49 1,\"x, y\"\n c@d.example ,2,",
            "company_id;email;phone_number\n\"x, y\";a@b.example;+49 1\n;c@d.example;2\n;;\n",
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }

    #[test]
    fn rows_are_numbered_by_their_lines() {
        let text = "email,phone_number\r\n\r\n\r\na,1\r\n,\r\n\"b\nb\",2\r\nc,3";
        let numbers: Vec<usize> = read(text).iter().map(|(number, ..)| *number).collect();
        assert_eq!(numbers, [4, 6, 8]);
    }

    #[test]
    fn what_is_written_is_read_back() {
        for cell in ["=1+1", "+441234567", "-2", "@x", "a,b", "c;d", "say \"yes\"", "O'Neil", "'x"]
        {
            let text = super::super::head(["email", "phone_number"]);
            let text = format!("{text}{}", super::super::line([cell, "1"]));
            assert_eq!(read(&text), [row(2, [cell, "1", ""])], "{text:?}");
        }
    }

    #[test]
    fn what_is_no_such_table_is_refused_whole() {
        let long = "a".repeat(BYTES_AT_MOST + 1);
        let many = format!("email,phone_number\n{}", "a,1\n".repeat(ROWS_AT_MOST + 1));
        let cases: [(&[u8], TableError); 10] = [
            (b"", TableError::Empty),
            (b"email,phone_number\n", TableError::Empty),
            (long.as_bytes(), TableError::TooLong),
            (many.as_bytes(), TableError::TooManyRows),
            (b"email,phone_number\n\xff\xfe,1\n", TableError::NotUtf8),
            (b"email,phone_number\na\0,1\n", TableError::NotUtf8),
            (b"email,password\na,1\n", TableError::UnknownColumn("password".to_owned())),
            (b"email,E-Mail,phone_number\na,b,1\n", TableError::ColumnTwice("E-Mail".to_owned())),
            (b"email\na\n", TableError::NoColumn("phone_number")),
            (b"email,phone_number\na,1\nb\n", TableError::Uneven(3)),
        ];
        for (bytes, expected) in cases {
            assert_eq!(table(bytes, &COLUMNS), Err(expected));
        }
        let most = format!("email,phone_number\n{}", "a,1\n".repeat(ROWS_AT_MOST));
        assert_eq!(table(most.as_bytes(), &COLUMNS).unwrap().len(), ROWS_AT_MOST);
    }
}
