//! What somebody else changed of a person's details while the form was open.

use crate::{texts::Texts, web::pages::users::form::UserForm};

type Choices<'a> = (&'a [(String, String)], &'a [(String, String)]);

/// A field that somebody else changed while the form was open, with what is stored now.
pub(super) struct DifferenceView {
    pub(super) label: String,
    pub(super) stored: String,
}

/// What is stored now where it differs from what was typed (E22).
pub(super) fn differences(
    typed: &UserForm,
    stored: &UserForm,
    (levels, subsidiaries): Choices<'_>,
    texts: &Texts,
) -> Vec<DifferenceView> {
    let named = |choices: &[(String, String)], id: &str| {
        choices.iter().find(|(known, _)| known == id).map(|(_, name)| name.clone())
    };
    let all = [
        ("users-first-name", &typed.first_name, &stored.first_name, None),
        ("users-last-name", &typed.last_name, &stored.last_name, None),
        ("users-email", &typed.email, &stored.email, None),
        ("users-phone-number", &typed.phone_number, &stored.phone_number, None),
        ("users-company-id", &typed.company_id, &stored.company_id, None),
        (
            "users-expiration-date",
            &typed.account_expiration_date,
            &stored.account_expiration_date,
            None,
        ),
        ("users-level", &typed.level, &stored.level, named(levels, &stored.level)),
        (
            "users-subsidiary",
            &typed.subsidiary,
            &stored.subsidiary,
            named(subsidiaries, &stored.subsidiary),
        ),
    ];
    all.into_iter()
        .filter(|(_, typed, stored, _)| typed != stored)
        .map(|(key, _, stored, name)| DifferenceView {
            label: texts.msg(key),
            stored: name.unwrap_or_else(|| stored.clone()),
        })
        .map(|view| {
            if view.stored.is_empty() {
                DifferenceView { stored: texts.msg("users-empty-value"), ..view }
            } else {
                view
            }
        })
        .collect()
}
