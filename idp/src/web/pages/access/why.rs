//! "Why can this person do this?": each membership and role, with the way back to who confirmed it.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::Path, response::Response};
use portal_core::{
    explanation::{Given, Reason, RolePeriod, StaffPeriod, reasons},
    id::{ApplicationId, UserId},
    permission::Action,
};
use storage::{Account, HeldMembership};

use super::name_of;
use crate::{
    administration::object_of,
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
    },
};

/// Something that the person holds, with the way back.
struct HeldView {
    name: String,
    detail: String,
    steps: Vec<String>,
}

#[derive(Template)]
#[template(path = "access/why.html")]
struct WhyPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    id: String,
    person: String,
    memberships: Vec<HeldView>,
    roles: Vec<HeldView>,
}

/// `GET /users/{id}/why`.
pub(in crate::web::pages) async fn show(
    asking: Asking,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id: UserId = id.parse().map_err(|_| PageError::NotFound)?;
    let account = asking.app.store.find_account(id).await?.ok_or(PageError::NotFound)?;
    asking.may(Action::ExplainAccess, &object_of(&account))?;
    let held = asking.app.store.list_memberships(id).await?;
    let known = Known::load(&asking, (&account, &held)).await?;
    let roles = known.roles.iter().filter(|role| role.holder == id && role.ended_at.is_none());
    chrome::page(&WhyPage {
        t: asking.texts(),
        chrome: asking.chrome("nav-users"),
        id: id.to_string(),
        person: name_of(&account, asking.texts()),
        memberships: held.iter().map(|held| known.membership(held)).collect(),
        roles: roles.map(|role| known.role(role)).collect(),
    })
}

/// What the ways back are made of: loaded once, however long they are.
struct Known<'a> {
    texts: &'a Texts,
    roles: Vec<RolePeriod>,
    staff: Vec<StaffPeriod>,
    people: HashMap<UserId, String>,
    applications: HashMap<ApplicationId, String>,
}

impl<'a> Known<'a> {
    async fn load(
        asking: &'a Asking,
        (account, held): (&Account, &[HeldMembership]),
    ) -> Result<Self, PageError> {
        let (store, texts) = (&asking.app.store, asking.texts());
        let roles = store.list_role_history(&account.level.path).await?;
        let assigners = held.iter().filter_map(|held| held.assigned_by);
        let granters = roles.iter().filter_map(|role| role.given.by);
        let mut people: Vec<UserId> = assigners.chain(granters).collect();
        people.sort_unstable();
        people.dedup();
        let staff = store.list_staff_periods(&people).await?;
        let accounts = store.list_accounts(&people).await?;
        let applications = store.list_applications().await?;
        Ok(Self {
            texts,
            roles,
            staff,
            people: accounts.iter().map(|one| (one.user.id, name_of(one, texts))).collect(),
            applications: applications.into_iter().map(|one| (one.id, one.title)).collect(),
        })
    }

    fn membership(&self, held: &HeldMembership) -> HeldView {
        let given = Given {
            by: held.assigned_by,
            at: held.assigned_at,
            nomination: None,
            application: Some(held.application.id),
        };
        let detail = match held.valid_until {
            Some(day) => self.texts.msg1("why-until", "until", &day.to_iso()),
            None => self.texts.msg("why-no-end"),
        };
        HeldView {
            name: held.group.name.clone(),
            detail: format!("{} · {detail}", held.application.title),
            steps: self.steps(given, false),
        }
    }

    fn role(&self, role: &RolePeriod) -> HeldView {
        let name = if role.given.application.is_some() {
            "why-role-access-administrator"
        } else {
            "why-role-user-administrator"
        };
        HeldView {
            name: self.texts.msg(name),
            detail: role.given.application.map(|id| self.application(id)).unwrap_or_default(),
            steps: self.steps(role.given, true),
        }
    }

    fn steps(&self, given: Given, is_role: bool) -> Vec<String> {
        let reasons = reasons(given, is_role, &self.roles, &self.staff);
        reasons.into_iter().map(|reason| self.words(reason)).collect()
    }

    fn words(&self, reason: Reason) -> String {
        let by = reason.by().and_then(|by| self.people.get(&by).cloned());
        let by = by.unwrap_or_else(|| self.texts.msg("former-user"));
        let instant = |at| self.texts.instant(at);
        let (key, at, more) = match reason {
            Reason::Administrator { at, application: Some(application), since, .. } => {
                let more =
                    vec![("application", self.application(application)), ("since", instant(since))];
                ("why-access-administrator", at, more)
            }
            Reason::Administrator { at, application: None, since, .. } => {
                ("why-user-administrator", at, vec![("since", instant(since))])
            }
            Reason::Staff { at, role, .. } => {
                ("why-staff", at, vec![("role", role.as_str().to_owned())])
            }
            Reason::Unknown { at, .. } => ("why-unknown", at, vec![]),
            Reason::Nomination { at, .. } => ("why-nomination", at, vec![]),
            Reason::Setup { at } => ("why-setup", at, vec![]),
        };
        let at = instant(at);
        let common = [("by", by.as_str()), ("at", at.as_str())];
        let more = more.iter().map(|(name, value)| (*name, value.as_str()));
        self.texts.msg_with(key, common.into_iter().chain(more))
    }

    fn application(&self, id: ApplicationId) -> String {
        self.applications.get(&id).cloned().unwrap_or_default()
    }
}
