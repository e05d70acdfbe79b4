//! Where the rows of an embedded database stand in its file (<https://www.sqlite.org/fileformat2.html>).

use std::{ops::Range, path::Path};

use sqlx::{Connection as _, SqliteConnection};

/// A file, read as a whole.
pub(crate) struct SqliteFile {
    pub(crate) bytes: Vec<u8>,
    page_size: usize,
}

/// A row of a table or of an index: all its bytes, with its own length in front.
pub(crate) type Cell = Range<usize>;

impl SqliteFile {
    pub(crate) fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let page_size = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
        Self { bytes, page_size: if page_size == 1 { 65536 } else { page_size } }
    }

    /// The rows of a table or an index, in order.
    pub(crate) async fn cells(&self, url: &str, name: &str) -> Vec<Cell> {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        let root: u32 = sqlx::query_scalar("SELECT rootpage FROM sqlite_schema WHERE name = ?")
            .bind(name)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        let mut cells = Vec::new();
        self.walk(root, &mut cells);
        cells
    }

    fn walk(&self, page: u32, cells: &mut Vec<Cell>) {
        let start = (usize::try_from(page).unwrap() - 1) * self.page_size;
        let header = if page == 1 { start + 100 } else { start };
        let kind = self.bytes[header];
        let count = self.number(header + 3, 2);
        let is_interior = matches!(kind, 2 | 5);
        let pointers = header + if is_interior { 12 } else { 8 };
        for index in 0..count {
            let mut at = start + self.number(pointers + 2 * index, 2);
            if is_interior {
                self.walk(u32::try_from(self.number(at, 4)).unwrap(), cells);
                at += 4;
            }
            if kind == 5 {
                continue;
            }
            let (length, after) = self.varint(at);
            let after = if kind == 13 { self.varint(after).1 } else { after };
            cells.push(at..after + usize::try_from(length).unwrap());
        }
        if is_interior {
            self.walk(u32::try_from(self.number(header + 8, 4)).unwrap(), cells);
        }
    }

    fn number(&self, at: usize, bytes: usize) -> usize {
        self.bytes[at..at + bytes].iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
    }

    fn varint(&self, mut at: usize) -> (i64, usize) {
        let mut number = 0;
        loop {
            let byte = self.bytes[at];
            number = number << 7 | i64::from(byte & 0x7f);
            at += 1;
            if byte & 0x80 == 0 {
                return (number, at);
            }
        }
    }
}
