//! Proving an export, line by line, however long it is.

use std::io::{self, BufRead, Read as _};

use portal_core::audit::{
    chain::Fault,
    export::{Prove, Proved, Reading},
};

/// Longest line that is looked at, bytes: no entry is as long.
const LONGEST_LINE: u64 = 1024 * 1024;

/// Reads an export to its end, or to the first fault.
///
/// # Errors
/// It cannot be read.
pub(super) fn prove(
    mut export: impl BufRead,
    prove: Prove<'_>,
) -> io::Result<Result<Proved, Fault>> {
    let Some(head) = line(&mut export)? else { return Ok(Err(Fault::Head)) };
    let mut reading = match Reading::begin(&head, prove) {
        Ok(reading) => reading,
        Err(fault) => return Ok(Err(fault)),
    };
    while let Some(line) = line(&mut export)? {
        if let Err(fault) = reading.line(&line) {
            return Ok(Err(fault));
        }
    }
    Ok(reading.finish())
}

/// The next line. One that is no text is read as an empty line, so that the entry that belongs there is named.
fn line(export: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let read = export.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut bytes)?;
    if read == 0 {
        return Ok(None);
    }
    let text = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    Ok(Some(String::from_utf8(text.to_vec()).unwrap_or_default()))
}
