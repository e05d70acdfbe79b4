//! Every action has words, in every language, and entries are told in them.

use portal_core::{Timestamp, id::UserId};
use uuid::Uuid;

use super::*;

fn languages() -> [Texts; 2] {
    Texts::LANGUAGES.map(Texts::for_locale)
}

#[test]
fn every_action_and_every_subject_has_words_in_every_language() {
    for texts in languages() {
        for action in AuditAction::ALL {
            let key = action_key(*action);
            assert!(texts.msg_if_any(&key).is_some(), "{} has no text {key}", texts.lang());
        }
        for subject in AuditAction::subjects() {
            let key = format!("audit-subject-{}", dashed(subject));
            assert!(texts.msg_if_any(&key).is_some(), "{} has no text {key}", texts.lang());
        }
    }
}

#[test]
fn no_two_actions_are_called_the_same() {
    for texts in languages() {
        let mut words: Vec<String> =
            AuditAction::ALL.iter().map(|action| texts.msg(&action_key(*action))).collect();
        words.sort();
        let repeated: Vec<_> = words.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(repeated.is_empty(), "{}: {repeated:?}", texts.lang());
    }
}

fn content(actor: &str, object: &str, detail: &str) -> Content {
    Content {
        seq: 1,
        at: Timestamp::from_millis(0),
        actor: actor.to_owned(),
        action: "user.modified".to_owned(),
        object: object.to_owned(),
        level_id: None,
        detail: detail.to_owned(),
        ip: None,
        request_id: None,
        salt: [0; 16],
    }
}

#[test]
fn people_have_their_names_and_whoever_is_deleted_is_a_former_user() {
    let (grace, gone, unknown) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
    let mut names = AuditNames::default();
    let known =
        PersonName::Known { name: "Grace Hopper".to_owned(), email: "g@bank.example".to_owned() };
    names.people.insert(UserId(grace), known);
    names.people.insert(UserId(gone), PersonName::Former);
    let reader = Reader { texts: &Texts::english(), names: &names };
    let words = reader.read(&content(
        &format!("user:{grace}"),
        &format!("user:{gone}"),
        r#"{"last_name":{"before":"Murray","after":"Hopper"},"sessions_ended":2}"#,
    ));
    assert_eq!(
        (words.who.name.as_str(), words.who.more.as_str()),
        ("Grace Hopper", "g@bank.example")
    );
    assert_eq!(
        (words.on_whom.name.as_str(), words.on_whom.more),
        ("Former user", gone.to_string())
    );
    let change = &words.changes[0];
    assert_eq!((change.before.as_str(), change.after.as_str()), ("Murray", "Hopper"));
    assert_eq!(words.facts[0].1, "2");
    let words = reader.read(&content("system", &format!("user:{unknown}"), "{}"));
    assert_eq!(words.on_whom.name, "Former user");
}

#[test]
fn what_a_newer_version_writes_is_shown_as_it_is_stored() {
    let texts = Texts::english();
    assert_eq!(action_words(&texts, "moon.landed"), "moon.landed");
    let names = AuditNames::default();
    let reader = Reader { texts: &texts, names: &names };
    let words =
        reader.read(&content("robot:7", "moon:9", r#"{"crater_name":["a",null,{"x":true}]}"#));
    assert_eq!(words.who.name, "robot:7");
    assert_eq!((words.on_whom.name.as_str(), words.on_whom.more.as_str()), ("moon", "9"));
    assert_eq!(words.facts, [("crater name".to_owned(), "a, –, x: Yes".to_owned())]);
}
