//! The way back from what somebody holds: who gave it, under which role, and so on to a nomination and who confirmed it.

use std::collections::HashMap;

use portal_core::{
    explanation::{Given, Reason, RolePeriod, StaffPeriod, reasons},
    id::{ApplicationId, NominationId, UserId},
    permission::{Action, Object},
};
use storage::{Account, HeldMembership, NominationOrigin};

use super::name_of;
use crate::{
    texts::Texts,
    web::{asking::Asking, error::PageError},
};

/// One step back, in words.
pub(super) struct Step {
    pub(super) text: String,
    /// Who did what, of a nomination.
    pub(super) details: Vec<String>,
    /// The page of the nomination, for whoever may see it.
    pub(super) href: Option<String>,
}

/// What the ways back are made of: loaded once, however long they are.
pub(super) struct Known<'a> {
    texts: &'a Texts,
    roles: Vec<RolePeriod>,
    staff: Vec<StaffPeriod>,
    nominations: HashMap<NominationId, NominationOrigin>,
    may_see_nominations: bool,
    people: HashMap<UserId, String>,
    applications: HashMap<ApplicationId, String>,
}

impl<'a> Known<'a> {
    /// Loads what explains the memberships and roles of a person.
    pub(super) async fn load(
        asking: &'a Asking,
        (account, held): (&Account, &[HeldMembership]),
    ) -> Result<Self, PageError> {
        let (store, texts) = (&asking.app.store, asking.texts());
        let level = &account.level.path;
        let roles = store.list_role_history(level).await?;
        let mut ids: Vec<_> = roles.iter().filter_map(|role| role.given.nomination).collect();
        ids.sort_unstable();
        ids.dedup();
        let origins = store.list_nomination_origins(&ids).await?;
        let assigners = held.iter().filter_map(|held| held.assigned_by);
        let granters = roles.iter().filter_map(|role| role.given.by);
        let mut people: Vec<UserId> = assigners.chain(granters).collect();
        people.extend(origins.iter().flat_map(NominationOrigin::people));
        people.sort_unstable();
        people.dedup();
        let staff = store.list_staff_periods(&people).await?;
        let accounts = store.list_accounts(&people).await?;
        let applications = store.list_applications().await?;
        let object = Object::Nomination { level: level.clone(), originators: Vec::new() };
        Ok(Self {
            texts,
            roles,
            staff,
            nominations: origins.into_iter().map(|one| (one.nomination.id, one)).collect(),
            may_see_nominations: asking.is_allowed(Action::ViewNomination, &object),
            people: accounts.iter().map(|one| (one.user.id, name_of(one, texts))).collect(),
            applications: applications.into_iter().map(|one| (one.id, one.title)).collect(),
        })
    }

    /// The roles that somebody holds.
    pub(super) fn roles_of(&self, holder: UserId) -> impl Iterator<Item = &RolePeriod> {
        self.roles.iter().filter(move |role| role.holder == holder && role.ended_at.is_none())
    }

    /// All steps back, nearest first.
    pub(super) fn steps(&self, given: Given) -> Vec<Step> {
        let reasons = reasons(given, &self.roles, &self.staff);
        reasons.into_iter().map(|reason| self.step(reason)).collect()
    }

    /// What an application is called.
    pub(super) fn application(&self, id: ApplicationId) -> String {
        self.applications.get(&id).cloned().unwrap_or_default()
    }

    fn step(&self, reason: Reason) -> Step {
        let by = self.name(reason.by());
        let (key, at, more) = match reason {
            Reason::Administrator { at, application: Some(application), since, .. } => {
                let application = ("application", self.application(application));
                let since = ("since", self.texts.instant(since));
                ("why-access-administrator", at, vec![application, since])
            }
            Reason::Administrator { at, application: None, since, .. } => {
                ("why-user-administrator", at, vec![("since", self.texts.instant(since))])
            }
            Reason::Staff { at, role, .. } => {
                ("why-staff", at, vec![("role", role.as_str().to_owned())])
            }
            Reason::Unknown { at, .. } => ("why-unknown", at, vec![]),
            Reason::Nomination { at, .. } => ("why-nomination", at, vec![]),
            Reason::Setup { at } => ("why-setup", at, vec![]),
        };
        let at = self.texts.instant(at);
        let common = [("by", by.as_str()), ("at", at.as_str())];
        let more = more.iter().map(|(name, value)| (*name, value.as_str()));
        let text = self.texts.msg_with(key, common.into_iter().chain(more));
        let nomination = match reason {
            Reason::Nomination { nomination, .. } => self.nominations.get(&nomination),
            _ => None,
        };
        let seen = nomination.filter(|_| self.may_see_nominations);
        Step {
            text,
            details: nomination.map(|of| self.nomination(of)).unwrap_or_default(),
            href: seen.map(|of| format!("/nominations/{}", of.nomination.id)),
        }
    }

    /// Who signed, who filed, who reviewed and who confirmed, and when.
    fn nomination(&self, of: &NominationOrigin) -> Vec<String> {
        let (texts, nomination) = (self.texts, &of.nomination);
        let filed_at = texts.instant(nomination.submitted_at.unwrap_or(nomination.created_at));
        let filed_by = self.name(nomination.filed_by);
        let key = match (nomination.on_paper, nomination.filed_by) {
            (true, Some(_)) => "why-nomination-paper",
            (true, None) => "why-nomination-paper-setup",
            (false, Some(_)) => "why-nomination-link",
            (false, None) => "why-nomination-link-setup",
        };
        let signatory = &nomination.signatory;
        let values = [
            ("signatory", signatory.name.as_str()),
            ("function", signatory.function.as_str()),
            ("at", filed_at.as_str()),
            ("by", filed_by.as_str()),
        ];
        let mut lines = vec![texts.msg_with(key, values)];
        if let Some(by) = nomination.reviewed_by {
            lines.push(texts.msg1("why-nomination-reviewed", "by", &self.name(Some(by))));
        }
        lines.extend(of.confirmations.iter().map(|one| {
            let (by, at) = (self.name(Some(one.by)), texts.instant(one.at));
            texts.msg_with("why-nomination-confirmed", [("by", by.as_str()), ("at", at.as_str())])
        }));
        lines
    }

    fn name(&self, id: Option<UserId>) -> String {
        let name = id.and_then(|id| self.people.get(&id).cloned());
        name.unwrap_or_else(|| self.texts.msg("former-user"))
    }
}
