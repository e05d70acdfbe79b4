//! The Roles section as it was sent (manual §5): which boxes differ from what the form showed, and the section again
//! with what is wrong.

use std::collections::BTreeMap;

use portal_core::administrators::RoleKind;

use super::super::state::reason;
use crate::{
    App,
    administration::{RoleChange, Rule},
    texts::Texts,
    web::{error::PageError, form::OwnForm, role_name::role_of_field, roles_section::RolesSection},
};

/// What the form may carry for roles beside the boxes (security.md 78).
pub(super) const FIELDS: [&str; 3] = ["give_up_own", "end_roles", "orphan_reason"];
/// How the names of the boxes begin, and of what they showed.
pub(super) const BOXES: [&str; 2] = ["role.", "offered."];

/// What the form changes: a box against what it showed. A box that the page did not offer is a change as well, which
/// the permission table decides.
pub(super) async fn read(app: &App, form: &OwnForm, version: i64) -> Result<RoleChange, PageError> {
    let applications = app.store.list_applications().await?;
    let kind_of = |name| role_of_field(name, &applications).ok_or(PageError::BadRequest);
    let mut boxes: BTreeMap<RoleKind, (bool, bool)> = BTreeMap::new();
    for (name, shown) in form.after("offered.") {
        let kind = kind_of(name)?;
        boxes.entry(kind).or_default().0 = shown == "held";
    }
    for (name, _) in form.after("role.") {
        let kind = kind_of(name)?;
        boxes.entry(kind).or_default().1 = true;
    }
    let mut change = RoleChange {
        version: Some(version),
        orphan: Some(reason(form, "orphan_reason")?.to_owned()).filter(|reason| !reason.is_empty()),
        ..RoleChange::default()
    };
    for (kind, was_and_is) in boxes {
        match was_and_is {
            (false, true) => change.grant.push(kind),
            (true, false) => change.revoke.push(kind),
            _ => {}
        }
    }
    Ok(change)
}

/// The boxes as they were sent, and the reason that was typed.
pub(super) fn tick_as_sent(section: &mut RolesSection, change: &RoleChange) {
    for one in section.boxes_mut() {
        one.is_ticked =
            (one.is_held || change.grant.contains(&one.kind)) && !change.revoke.contains(&one.kind);
    }
    section.reason = change.orphan.clone().unwrap_or_default();
}

/// The changes of roles that a rule is about; none when it is about something else of the save: whoever gave a reason to
/// leave nobody (O4) is refused for a date or a level.
pub(super) fn concerned(rule: Rule, change: &RoleChange) -> impl Iterator<Item = RoleKind> {
    let (of_one, of) = match rule {
        Rule::LastUserAdministrator => (Some(RoleKind::UserAdministrator), &change.revoke),
        Rule::LastAccessAdministrator(id) => {
            (Some(RoleKind::AccessAdministrator(id)), &change.revoke)
        }
        Rule::FirstByNomination(kind) => (Some(kind), &change.grant),
        _ => (None, &change.grant),
    };
    let is_about = match rule {
        Rule::AdministratorInUse | Rule::FirstByNomination(_) => true,
        _ => of_one.is_some() && change.orphan.is_none(),
    };
    of.iter().copied().filter(move |kind| is_about && of_one.is_none_or(|one| one == *kind))
}

/// A rule at the boxes that it is about, and the way out: another administrator, or the operator's reason (O4).
pub(super) fn show_rule(
    section: &mut RolesSection,
    (rule, text): (Rule, &str),
    (change, may_orphan): (&RoleChange, bool),
) {
    let concerned: Vec<RoleKind> = concerned(rule, change).collect();
    let is_last = matches!(rule, Rule::LastUserAdministrator | Rule::LastAccessAdministrator(_));
    section.asks_for_reason = is_last && may_orphan;
    for one in section.boxes_mut().filter(|one| concerned.contains(&one.kind)) {
        one.error = Some(text.to_owned());
    }
}

/// What became of the roles since the form was shown (I27, E22).
pub(super) fn differences(texts: &Texts, section: &RolesSection, form: &OwnForm) -> Vec<String> {
    let shown: BTreeMap<&str, &str> = form.after("offered.").collect();
    let mut lines = Vec::new();
    for one in section.boxes() {
        let was_held = shown.get(one.name.as_str()).map(|shown| *shown == "held");
        let key = match (was_held, one.is_held) {
            (Some(false), true) => "roles-granted-meanwhile",
            (Some(true), false) => "roles-revoked-meanwhile",
            _ => continue,
        };
        lines.push(texts.msg1(key, "role", &one.label));
    }
    lines
}
