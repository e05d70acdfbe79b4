//! The chain in memory: what is changed, removed, put in or moved is named.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn content(seq: i64) -> Content {
    Content {
        seq,
        at: Timestamp::from_millis(1_795_262_400_000 + seq),
        actor: "user:0192f0c1-0000-7000-8000-000000000001".to_owned(),
        action: "login.succeeded".to_owned(),
        object: "user:0192f0c1-0000-7000-8000-000000000001".to_owned(),
        level_id: (seq % 2 == 0).then_some(LevelId(Uuid::from_u128(7))),
        detail: r#"{"channel":"sms"}"#.to_owned(),
        ip: Some("192.0.2.7".to_owned()),
        request_id: Some(format!("{seq:016x}")),
        salt: [9; 16],
    }
}

fn trail(length: i64) -> Vec<Entry> {
    let mut place = Place::START;
    (1..=length)
        .map(|seq| {
            let content = content(seq);
            let previous = place.digest;
            place = place.follow(&content.digest());
            Entry { content, previous, digest: place.digest }
        })
        .collect()
}

fn walk<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Result<Walk, Fault> {
    let mut walk = Walk::after(Place::START);
    for entry in entries {
        walk.entry(entry)?;
    }
    Ok(walk)
}

fn end(entries: &[Entry]) -> Place {
    walk(entries).unwrap().place()
}

/// The rule is written down in `docs/audit-trail.md` and implemented by others: it does not change under its name.
#[test]
fn the_rule_is_the_one_that_was_published() {
    let entry = content(2);
    assert_eq!(
        URL_SAFE_NO_PAD.encode(entry.digest()),
        "-Ox7e0iSaBi86Kd0uuEyI49KX07od_10fMCA3v4NyO4"
    );
    assert_eq!(
        URL_SAFE_NO_PAD.encode(Place::START.follow(&entry.digest()).digest),
        "csF5jW2kQCURHca2Vlfu_saQwGKqU89mE9ALSSXPti8"
    );
}

#[test]
fn a_whole_trail_is_walked_to_its_end() {
    let entries = trail(20);
    let walked = walk(&entries).unwrap();
    assert_eq!(walked.place(), Place { seq: 20, digest: entries[19].digest });
    assert_eq!(walk([]).unwrap().place(), Place::START);
}

#[test]
fn a_change_of_anything_that_an_entry_says_names_it() {
    let changes: [fn(&mut Entry); 13] = [
        |entry| entry.content.seq += 1,
        |entry| entry.content.at = Timestamp::from_millis(0),
        |entry| entry.content.actor.push(' '),
        |entry| entry.content.action = "login.refused".to_owned(),
        |entry| entry.content.object.clear(),
        |entry| entry.content.level_id = Some(LevelId(Uuid::from_u128(8))),
        |entry| entry.content.detail.push(' '),
        |entry| entry.content.ip = None,
        |entry| entry.content.request_id = Some(String::new()),
        |entry| entry.content.salt[15] ^= 1,
        |entry| entry.previous[0] ^= 1,
        |entry| entry.digest[31] ^= 1,
        // Two fields whose texts together stay the same.
        |entry| {
            entry.content.actor.push('x');
            entry.content.action.remove(0);
        },
    ];
    for (number, change) in changes.iter().enumerate() {
        for at in [0, 4, 9] {
            let mut entries = trail(10);
            change(&mut entries[at]);
            let fault = walk(&entries).err();
            assert_eq!(fault, Some(Fault::Entry(entries_seq(at))), "change {number}");
        }
    }
}

fn entries_seq(index: usize) -> i64 {
    i64::try_from(index).unwrap() + 1
}

#[test]
fn whoever_writes_the_rest_of_the_trail_anew_contradicts_a_checkpoint() {
    let honest = trail(10);
    let mut place = end(&honest[..4]);
    let mut forged = honest[..4].to_vec();
    for seq in 5..=10 {
        let content = Content { detail: "{}".to_owned(), ..content(seq) };
        let previous = place.digest;
        place = place.follow(&content.digest());
        forged.push(Entry { content, previous, digest: place.digest });
    }
    let mut walk = walk(&forged[..4]).unwrap();
    walk.checkpoint(end(&honest[..4])).unwrap();
    for entry in &forged[4..8] {
        walk.entry(entry).unwrap();
    }
    let fault = walk.checkpoint(end(&honest[..8])).err();
    assert_eq!(fault, Some(Fault::Rewritten { first: 5, last: 8 }));
    assert_eq!(walk.signed(), 4);
}

#[test]
fn a_checkpoint_beyond_the_end_tells_what_is_missing() {
    let entries = trail(10);
    let mut walk = walk(&entries[..6]).unwrap();
    let fault = walk.checkpoint(end(&entries)).err();
    assert_eq!(fault, Some(Fault::Missing { first: 7, last: 10 }));
    assert_eq!(walk.checkpoint(end(&entries[..3])).err(), Some(Fault::Checkpoint(3)));
    walk.checkpoint(end(&entries[..6])).unwrap();
    assert_eq!(walk.signed(), 6);
}

/// An export shows one entry and hides the rest: the one that is shown cannot be another.
#[test]
fn entries_that_are_hidden_hold_the_chain_together() {
    let entries = trail(10);
    let run = |shown: &Entry| {
        let mut walk = Walk::after(Place::START);
        for entry in &entries {
            if entry.content.seq == 5 {
                walk.entry(shown)?;
            } else {
                walk.hidden(entry.content.seq, &entry.content.digest())?;
            }
        }
        walk.checkpoint(end(&entries))
    };
    assert_eq!(run(&entries[4]), Ok(()));
    let mut forged = entries[4].clone();
    forged.content.actor = "system".to_owned();
    assert_eq!(run(&forged), Err(Fault::Entry(5)));
    forged.digest =
        Place { seq: 4, digest: forged.previous }.follow(&forged.content.digest()).digest;
    assert_eq!(
        run(&forged),
        Err(Fault::Rewritten { first: 1, last: 10 }),
        "its digest made to fit"
    );
    let mut walk = Walk::after(Place::START);
    assert_eq!(walk.hidden(2, &entries[1].content.digest()), Err(Fault::Entry(1)));
}

#[test]
fn the_same_entry_with_another_salt_has_another_digest() {
    let one = content(1);
    let other = Content { salt: [8; 16], ..one.clone() };
    assert_ne!(one.digest(), other.digest());
}

#[test]
fn a_checkpoint_is_due_after_a_thousand_entries_or_five_minutes() {
    let at = Timestamp::from_millis(1_795_262_400_000);
    let end = |seq| Place { seq, ..Place::START };
    for (seq, last, seconds, due) in [
        (0, None, 0, false),
        (1, None, 0, true),
        (10, Some((10, at)), 1_000_000, false),
        (11, Some((10, at)), 299, false),
        (11, Some((10, at)), 300, true),
        (1009, Some((10, at)), 1, false),
        (1010, Some((10, at)), 1, true),
    ] {
        let is_due = checkpoint_is_due(end(seq), last, at.plus_seconds(seconds));
        assert_eq!(is_due, due, "{seq} {last:?} {seconds}");
    }
}

proptest! {
    #[test]
    fn a_removed_entry_is_named(length in 1_i64..40, pick in any::<prop::sample::Index>()) {
        let mut entries = trail(length);
        let gone = pick.index(entries.len());
        let signed = end(&entries);
        entries.remove(gone);
        let named = entries_seq(gone);
        let fault = walk(&entries).and_then(|mut walk| walk.checkpoint(signed)).err();
        let expected = if named == length {
            Fault::Missing { first: named, last: length }
        } else {
            Fault::Entry(named)
        };
        prop_assert_eq!(fault, Some(expected));
    }

    #[test]
    fn of_entries_in_another_order_the_first_is_named(
        length in 2_i64..40,
        one in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
    ) {
        let mut entries = trail(length);
        let (one, other) = (one.index(entries.len()), other.index(entries.len()));
        prop_assume!(one != other);
        entries.swap(one, other);
        prop_assert_eq!(walk(&entries).err(), Some(Fault::Entry(entries_seq(one.min(other)))));
    }

    #[test]
    fn an_entry_that_is_put_in_twice_is_named(
        length in 1_i64..40,
        pick in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
    ) {
        let mut entries = trail(length);
        let copy = entries[pick.index(entries.len())].clone();
        let place = place.index(entries.len() + 1);
        let same = entries.get(place) == Some(&copy);
        entries.insert(place, copy);
        let named = entries_seq(place) + i64::from(same);
        prop_assert_eq!(walk(&entries).err(), Some(Fault::Entry(named)));
    }
}
