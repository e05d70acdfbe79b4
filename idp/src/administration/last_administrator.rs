//! A third party is not left without administrators (I14, O4, E13, E14).

use portal_core::{
    administrators::{
        Administrator, Departure, RoleKind, Vacancy, ending_soon, has_run_out, is_filled, vacancies,
    },
    audit::AuditAction,
    expiry::ExpirationDate,
    id::{ThirdPartyId, UserId},
    notice::NoticeKind,
    organisation::{self, ThirdPartyStatus},
    permission::{Action, Object},
};
use serde_json::json;
use storage::{Account, Administered, NoticeFacts};

use super::{Administration, AdministrationError, Change, Done, Rule, audience::Audience};

/// How many days ahead the end of the last administrator is told (E13).
const WARNED_AHEAD: i64 = 30;
/// It is told again after this many milliseconds, a week.
const TOLD_AGAIN: i64 = 7 * 24 * 60 * 60 * 1000;

impl Administration<'_> {
    /// Tells the last administrators of a third party, and the operator, that their accounts expire within thirty days
    /// (I14 is checked daily, E13); each once a week, however many nodes look. Where the last user administrator's
    /// account is over all the same, or nobody who holds the role counts, the third party is in the operator's hands
    /// (O4). Returns how many roles end.
    pub async fn warn_of_endings(&self, third_party: ThirdPartyId) -> Done<usize> {
        let mut change = self.change(Some(third_party)).await?;
        let Some(administered) = change.tx.find_administered(third_party).await? else {
            return Ok(0);
        };
        let administrators = &administered.administrators;
        let users = RoleKind::UserAdministrator;
        let seats = change.tx.list_seats(&administered.top).await?;
        let seat = seats.get(&users).copied().unwrap_or_default();
        if has_run_out(administrators, users, seat, self.now) {
            change.orphan_by_time(&administered).await?;
        }
        change.end_orphaned(third_party).await?;
        let soon = ending_soon(administrators, &administered.needed(), WARNED_AHEAD, self.now);
        for (kind, day) in &soon {
            let last = administrators
                .iter()
                .filter(|one| one.kind == *kind && one.expires_on == Some(*day));
            for one in last {
                change.warn_of_ending(one.user, *kind, *day).await?;
            }
        }
        change.commit().await?;
        Ok(soon.len())
    }
}

impl Change<'_> {
    async fn warn_of_ending(
        &mut self,
        user: UserId,
        kind: RoleKind,
        day: ExpirationDate,
    ) -> Done<()> {
        let Some(account) = self.tx.find_account(user).await? else {
            return Ok(());
        };
        let mut facts = self.role_facts(&account, kind).await?;
        facts.insert("person".to_owned(), account.user.display_name());
        facts.insert("date".to_owned(), day.to_iso());
        let since = self.now().millis() - TOLD_AGAIN;
        if self.tx.was_told(user, (NoticeKind::AdministratorEnding, &facts), since).await? {
            return Ok(());
        }
        self.tell(&account, NoticeKind::AdministratorEnding, facts.clone());
        self.tell_staff(NoticeKind::AdministratorEnding, &facts).await
    }

    /// Keeps the person's third party from being left without an administrator of its users, or of access to one of
    /// its applications. Call it before the write, within the change that holds the organisation, from whatever ends
    /// an administrator: [`Departure::Whole`] to delete, suspend or move, [`Departure::From`] to revoke roles,
    /// [`Departure::On`] when a last day is set or brought forward. Whoever is no administrator is never kept.
    ///
    /// With a reason, the operator goes on all the same: the third party becomes ORPHANED, which
    /// [`Action::OrphanThirdParty`] permits (O4). A last day is refused with or without.
    ///
    /// When one administrator is left in a role, that one and the operator are told.
    ///
    /// # Errors
    /// [`Rule::LastUserAdministrator`] or [`Rule::LastAccessAdministrator`] when nobody would be left;
    /// [`AdministrationError::Denied`] when the actor may not go on with a reason.
    pub(super) async fn keep_administrators(
        &mut self,
        account: &Account,
        departure: Departure<'_>,
        orphan: Option<&str>,
    ) -> Done<()> {
        let Some(third_party) = &account.third_party else {
            return Ok(());
        };
        if let (Departure::On(day), Some(before)) = (departure, account.user.expires_on)
            && before <= day
        {
            return Ok(());
        }
        let Some(administered) = self.tx.find_administered(third_party.id).await? else {
            return Ok(());
        };
        let needed = administered.needed();
        let mut vacancies =
            vacancies(&administered.administrators, account.user.id, departure, self.now());
        vacancies.retain(|vacancy| needed.contains(&vacancy.kind));
        let last = vacancies.iter().find(|vacancy| vacancy.left.is_empty());
        match (last, orphan) {
            (None, _) if matches!(departure, Departure::On(_)) => Ok(()),
            (None, _) => self.warn_of_one_left(account, &vacancies).await,
            (Some(_), Some(reason)) if !matches!(departure, Departure::On(_)) => {
                self.orphan(account, &administered, reason).await
            }
            (Some(vacancy), _) => Err(AdministrationError::Rule(match vacancy.kind {
                RoleKind::UserAdministrator => Rule::LastUserAdministrator,
                RoleKind::AccessAdministrator(id) => Rule::LastAccessAdministrator(id),
            })),
        }
    }

    /// No user administrator counts any more, without anybody having decided it: nobody may act for the whole of the
    /// third party but the operator (O4). Whoever else administers there hears of it, and finds it in the trail.
    async fn orphan_by_time(&mut self, administered: &Administered) -> Done<()> {
        let organisation = self.tx.find_third_party(administered.id).await?;
        let in_operation = organisation.filter(|one| {
            (one.status, one.administration)
                == (ThirdPartyStatus::Active, organisation::Administration::Delegated)
        });
        // It was suspended, closed or taken over since it was listed.
        let Some(organisation) = in_operation else {
            return Ok(());
        };
        self.permit(Action::OrphanThirdParty, &Object::Level(administered.top.clone()))?;
        self.tx.orphan_third_party(administered.id).await?;
        let are_users = |one: &Administrator| one.kind == RoleKind::UserAdministrator;
        let is_over = administered.administrators.iter().any(are_users);
        let reason = if is_over { "expired" } else { "nobody counts" };
        let detail = json!({
            "before": { "status": "ACTIVE" },
            "after": { "status": "ORPHANED" },
            "reason": reason,
        });
        self.record_on(&organisation, AuditAction::ThirdPartyOrphaned, detail);
        let facts = NoticeFacts::from([("organisation".to_owned(), organisation.legal_name)]);
        let left = self.tx.list_administrators_of(&administered.top, self.now()).await?;
        self.tell_all(&left, NoticeKind::ThirdPartyOrphaned, &facts).await?;
        self.tell_staff(NoticeKind::ThirdPartyOrphaned, &facts).await
    }

    /// Whether a third party can go on without the operator: somebody administers its users now, and no application that
    /// it is onboarded to has lost its administrators of access (I14).
    pub(super) async fn is_staffed(&self, id: ThirdPartyId) -> Done<bool> {
        let Some(administered) = self.tx.find_administered(id).await? else {
            return Ok(false);
        };
        let users = RoleKind::UserAdministrator;
        let is_administered = is_filled(&administered.administrators, users, self.now());
        Ok(is_administered && !self.has_vacant_role(&administered).await?)
    }

    /// Whether a role that was taken once has nobody, not even somebody who is invited. Of the user administrators' one
    /// that is so too while nobody was ever appointed.
    pub(super) async fn has_vacant_role(&self, administered: &Administered) -> Done<bool> {
        let seats = self.tx.list_seats(&administered.top).await?;
        let is_vacant = |kind: RoleKind| {
            let seat = seats.get(&kind).copied().unwrap_or_default();
            let is_due = seat.was_taken || kind == RoleKind::UserAdministrator;
            is_due && !seat.is_awaited && !is_filled(&administered.administrators, kind, self.now())
        };
        let access = administered.onboarded.iter().copied().map(RoleKind::AccessAdministrator);
        Ok(std::iter::once(RoleKind::UserAdministrator).chain(access).any(is_vacant))
    }

    /// A third party that was left to the operator is its own again when the last of its roles that had nobody is filled
    /// (O4, domain.md 2.4: ORPHANED becomes ACTIVE): asked when a role is confirmed, and daily, since people also come,
    /// get another last day, or need no administrator of an application any more.
    pub(super) async fn end_orphaned(&mut self, id: ThirdPartyId) -> Done<()> {
        let organisation = self.tx.find_third_party(id).await?;
        let organisation = organisation.ok_or(AdministrationError::Missing("third party"))?;
        // Of several roles that are confirmed at once, the one that fills the last vacancy ends it.
        let is_orphaned = organisation.status == ThirdPartyStatus::Orphaned;
        if !is_orphaned || !self.is_staffed(organisation.id).await? {
            return Ok(());
        }
        if !self.tx.move_third_party(&organisation, ThirdPartyStatus::Active).await? {
            return Err(AdministrationError::Stale);
        }
        let detail = json!({ "before": "ORPHANED", "after": "ACTIVE", "reason": "staffed" });
        self.record_on(&organisation, AuditAction::ThirdPartyReactivated, detail);
        Ok(())
    }

    async fn orphan(
        &mut self,
        account: &Account,
        administered: &Administered,
        reason: &str,
    ) -> Done<()> {
        self.permit(Action::OrphanThirdParty, &Object::Level(administered.top.clone()))?;
        self.tx.orphan_third_party(administered.id).await?;
        let detail = json!({
            "before": { "status": administered.status.as_str() },
            "after": { "status": "ORPHANED" },
            "user": account.user.id,
            "reason": reason,
        });
        let organisation = self.tx.find_third_party(administered.id).await?;
        let organisation = organisation.ok_or(AdministrationError::Missing("third party"))?;
        self.record_on(&organisation, AuditAction::ThirdPartyOrphaned, detail);
        let mut facts = self.facts();
        facts.insert("reason".to_owned(), reason.to_owned());
        let name = account.third_party.as_ref().map(|third_party| third_party.name.clone());
        facts.extend(name.map(|name| ("third_party".to_owned(), name)));
        let whom = (&administered.top, Audience::Administrators);
        self.tell_in_charge(whom, account.user.id, (NoticeKind::LastAdministratorGone, &facts))
            .await
    }

    async fn warn_of_one_left(&mut self, account: &Account, vacancies: &[Vacancy]) -> Done<()> {
        for vacancy in vacancies {
            let [left] = vacancy.left.as_slice() else {
                continue;
            };
            let mut facts = self.role_facts(account, vacancy.kind).await?;
            if let Some(last) = self.tx.find_account(*left).await? {
                facts.insert("person".to_owned(), last.user.display_name());
            }
            self.tell_all(&[*left], NoticeKind::OneAdministratorLeft, &facts).await?;
            self.tell_staff(NoticeKind::OneAdministratorLeft, &facts).await?;
        }
        Ok(())
    }
}
