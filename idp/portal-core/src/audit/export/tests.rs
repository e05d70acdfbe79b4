//! Exports prove themselves, whole and in part, and whatever is changed in them is named.

use proptest::prelude::*;

use super::*;

const ISSUER: &str = "https://id.example";
const AT: Timestamp = Timestamp::from_millis(1_795_262_400_000);

fn content(seq: i64) -> Content {
    Content {
        seq,
        at: AT,
        actor: "system".to_owned(),
        action: "user.created".to_owned(),
        object: format!("user:{seq}"),
        level_id: Some(LevelId(uuid::Uuid::from_u128(0xabc))),
        detail: "{\"name\":\"Zoë \\\"Z\\\"\"}".to_owned(),
        ip: None,
        request_id: Some("00ff".to_owned()),
        salt: [3; 16],
    }
}

fn trail() -> Vec<Entry> {
    let mut place = Place::START;
    (1..=12)
        .map(|seq| {
            let content = content(seq);
            let previous = place.digest;
            place = place.follow(&content.digest());
            Entry { content, previous, digest: place.digest }
        })
        .collect()
}

/// In place of a signature: a text that only names the place.
fn sign(entry: &Entry) -> String {
    format!("{ISSUER} {} {}", entry.content.seq, URL_SAFE_NO_PAD.encode(entry.digest))
}

fn prove(text: &str) -> Option<Statement> {
    let mut parts = text.split(' ');
    let issuer = parts.next()?.to_owned();
    let seq = parts.next()?.parse().ok()?;
    let place = Place { seq, digest: bytes(parts.next()?)? };
    // A forger has no key: only what was signed is proved.
    let entry = trail().into_iter().find(|entry| entry.content.seq == seq)?;
    (place.digest == entry.digest).then_some(Statement { issuer, place, at: AT })
}

/// Entries 4 to 12, of which those with an even number are shown; signed at 3, 8 and 12.
fn part() -> Vec<String> {
    let head = Head {
        format: FORMAT.to_owned(),
        issuer: ISSUER.to_owned(),
        exported_at: AT.millis(),
        after: 3,
        last: 12,
        filter: Some(serde_json::json!({ "level": "/Root/BANK E" })),
        keys: serde_json::json!({ "keys": [] }),
    };
    let entries = trail();
    let mut lines = vec![head_line(&head), checkpoint_line(&sign(&entries[2]))];
    for entry in &entries[3..] {
        lines.push(match entry.content.seq % 2 {
            0 => entry_line(entry),
            _ => hidden_line(&entry.content),
        });
        if [8, 12].contains(&entry.content.seq) {
            lines.push(checkpoint_line(&sign(entry)));
        }
    }
    lines
}

fn read(lines: &[impl AsRef<str>]) -> Result<Proved, Fault> {
    let mut reading = Reading::begin(lines[0].as_ref(), &prove)?;
    for line in &lines[1..] {
        reading.line(line.as_ref())?;
    }
    reading.finish()
}

#[test]
fn a_part_proves_itself_and_shows_nothing_of_the_rest() {
    let lines = part();
    let proved = read(&lines).unwrap();
    let expected =
        Proved { issuer: ISSUER.to_owned(), first: 4, last: 12, shown: 5, signed_at: AT };
    assert_eq!(proved, expected);
    let text = lines.concat();
    assert!(text.contains("user:6") && !text.contains("user:7"), "{text}");
}

#[test]
fn each_line_that_is_missing_is_noticed() {
    let lines = part();
    let is_between = |line: &str| line.contains(&format!("{ISSUER} 8"));
    let named: Vec<_> = (0..lines.len())
        .filter(|gone| !is_between(&lines[*gone]))
        .map(|gone| {
            let mut lines = lines.clone();
            let line = lines.remove(gone);
            read(&lines).err().unwrap_or_else(|| panic!("{line}"))
        })
        .collect();
    assert_eq!(named[0], Fault::Head);
    assert_eq!(named[1], Fault::Checkpoint(3));
    assert_eq!(named[2], Fault::Entry(4));
    assert_eq!(named.last(), Some(&Fault::Unsigned(9)));
}

#[test]
fn only_a_head_of_ours_begins_an_export_which_may_be_the_whole_trail() {
    let head = |format: &str, after| {
        head_line(&Head {
            format: format.to_owned(),
            issuer: ISSUER.to_owned(),
            exported_at: AT.millis(),
            after,
            last: 12,
            filter: None,
            keys: serde_json::json!({ "keys": [] }),
        })
    };
    for (format, after) in [("another", 0), ("another", 3), (FORMAT, -1), ("another", -1)] {
        let begun = Reading::begin(&head(format, after), &prove);
        assert_eq!(begun.err(), Some(Fault::Head), "{format} {after}");
    }
    let entries = trail();
    let mut lines = vec![head(FORMAT, 0)];
    lines.extend(entries.iter().map(entry_line));
    lines.push(checkpoint_line(&sign(&entries[11])));
    let proved = read(&lines).unwrap();
    assert_eq!((proved.first, proved.last, proved.shown), (1, 12, 12));
}

/// The checkpoint in the middle may go: the last one signs the same and more.
#[test]
fn checkpoints_between_others_are_not_needed() {
    let mut lines = part();
    let middle = lines.iter().position(|line| line.contains(&format!("{ISSUER} 8"))).unwrap();
    lines.remove(middle);
    assert!(read(&lines).is_ok());
}

#[test]
fn an_export_that_is_cut_off_or_goes_on_is_noticed() {
    let lines = part();
    let eighth = lines.iter().position(|line| line.contains(&format!("{ISSUER} 8"))).unwrap();
    let cut = &lines[..=eighth];
    assert_eq!(read(cut).err(), Some(Fault::Missing { first: 9, last: 12 }));
    // With a head that announces no more, it is proof of what was signed then, and says so.
    let mut honest = cut.to_vec();
    honest[0] = honest[0].replace("\"last\":12", "\"last\":8");
    assert_eq!(read(&honest).unwrap().last, 8);
    let mut longer = lines.clone();
    longer.push(lines[eighth - 1].clone());
    assert_eq!(read(&longer).err(), Some(Fault::Entry(13)));
}

#[test]
fn a_checkpoint_of_another_portal_proves_nothing() {
    let lines: Vec<_> = part()
        .iter()
        .map(|line| line.replace("\"https://id.example 12", "\"https://other.example 12"))
        .collect();
    assert_eq!(read(&lines).err(), Some(Fault::Checkpoint(12)));
}

proptest! {
    /// Any other byte anywhere but in what only informs: the entry is named, or the next one where only its digest
    /// was there to be changed.
    #[test]
    fn a_changed_byte_is_noticed(line in 1_usize..13, at in any::<prop::sample::Index>(), flip in 1_u8..=255) {
        let mut lines: Vec<Vec<u8>> = part().into_iter().map(|line| line.trim_end().as_bytes().to_vec()).collect();
        let text = part()[line].clone();
        let at = at.index(lines[line].len());
        lines[line][at] ^= flip;
        prop_assume!(lines[line][at] != b'\n');
        let Ok(lines) = lines.into_iter().map(String::from_utf8).collect::<Result<Vec<_>, _>>() else {
            return Ok(());
        };
        let fault = read(&lines).err();
        prop_assert!(fault.is_some(), "{text}");
        if let Ok(entry) = serde_json::from_str::<EntryLine>(&text) {
            prop_assert_eq!(fault, Some(Fault::Entry(entry.seq)));
        }
    }
}
