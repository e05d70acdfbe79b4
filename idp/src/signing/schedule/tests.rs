//! The life of keys, instant by instant.

use super::*;

const T: i64 = 1_800_000_000_000;

fn key(kid: &str, active_from: i64, retired_at: Option<i64>) -> StoredSigningKey {
    StoredSigningKey {
        kid: kid.to_owned(),
        alg: "ES256".to_owned(),
        sealed: Vec::new(),
        created_at: at(0),
        active_from: at(active_from),
        retired_at: retired_at.map(at),
        revoked_at: None,
    }
}

/// That many minutes after an instant of no meaning.
fn at(minutes: i64) -> Timestamp {
    Timestamp::from_millis(T + minutes * MINUTE)
}

fn schedule() -> Schedule {
    Schedule::new(&config::Keys { rotate_every_days: 1, publish_ahead_minutes: 10 }).unwrap()
}

const A_DAY: i64 = 24 * 60;

/// security.md 46
#[test]
fn a_key_is_published_before_it_signs_and_after_its_last_token_is_over() {
    let key = key("k", 10, Some(100));
    for (minute, state, published) in [
        (0, KeyState::Next, true),
        (9, KeyState::Next, true),
        (10, KeyState::Active, true),
        (99, KeyState::Active, true),
        (100, KeyState::Retiring, true),
        // Ten minutes of the longest life, five of an old copy of the key set.
        (114, KeyState::Retiring, true),
        (115, KeyState::Retired, false),
    ] {
        assert_eq!(KeyState::of(&key, at(minute)), state, "{minute}");
        assert_eq!(is_published(&key, at(minute)), published, "{minute}");
    }
    let revoked = StoredSigningKey { revoked_at: Some(at(50)), ..key };
    for minute in [0, 50, 100] {
        assert_eq!(KeyState::of(&revoked, at(minute)), KeyState::Revoked);
        assert!(!is_published(&revoked, at(minute)));
    }
    const { assert!(PUBLISHED_AFTER_RETIREMENT >= TOKEN_LIFETIME + 1000 * JWKS_MAX_AGE_SECONDS) };
    const { assert!(JWKS_MAX_AGE_SECONDS <= 600, "security.md 46") };
}

#[test]
fn a_successor_is_due_so_early_that_it_can_be_published_first() {
    let keys = [key("k", 0, None)];
    let due = |minute| Line::of(&keys, Algorithm::Es256, at(minute)).due(&schedule());
    assert_eq!(due(0), None);
    assert_eq!(due(A_DAY - 11), None);
    assert_eq!(due(A_DAY - 10), Some(Span { from: at(A_DAY), until: None }));
    assert_eq!(due(A_DAY + 500), Some(Span { from: at(A_DAY + 510), until: None }));
}

#[test]
fn nothing_is_due_while_a_key_waits() {
    let keys = [key("old", 0, Some(A_DAY)), key("new", A_DAY, None)];
    let line = |minute| Line::of(&keys, Algorithm::Es256, at(minute));
    assert_eq!(line(A_DAY - 5).due(&schedule()), None);
    assert_eq!(line(A_DAY - 5).successor(&schedule()), None);
    assert_eq!(line(A_DAY - 5).next().map(|key| key.kid.as_str()), Some("new"));
    assert_eq!(line(A_DAY + 5).due(&schedule()), None);
}

#[test]
fn an_algorithm_without_an_active_key_gets_one_now() {
    let now = at(50);
    let line = |keys: &[StoredSigningKey]| Line::of(keys, Algorithm::Es256, now).due(&schedule());
    assert_eq!(line(&[]), Some(Span { from: now, until: None }));
    let revoked = StoredSigningKey { revoked_at: Some(at(1)), ..key("k", 0, None) };
    assert_eq!(line(&[revoked]), Some(Span { from: now, until: None }));
    let other = StoredSigningKey { alg: "RS256".to_owned(), ..key("k", 0, None) };
    assert_eq!(line(&[other]), Some(Span { from: now, until: None }));
    let next = key("next", 60, None);
    assert_eq!(line(&[next]), Some(Span { from: now, until: Some(at(60)) }));
    assert_eq!(line(&[key("k", 0, None)]), None);
}

#[test]
fn the_schedule_has_bounds() {
    for (rotate_every_days, publish_ahead_minutes, is_sane) in [
        (90, 60, true),
        (1, 10, true),
        (3650, 720, true),
        (0, 60, false),
        (3651, 60, false),
        (90, 9, false),
        (90, 721, false),
    ] {
        let config = config::Keys { rotate_every_days, publish_ahead_minutes };
        assert_eq!(Schedule::new(&config).is_ok(), is_sane, "{config:?}");
    }
}
