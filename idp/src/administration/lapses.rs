//! What happens to accounts by time alone (O17, domain.md 2.4). The jobs' own: each looks again within its transaction,
//! so that several nodes do it once.

use portal_core::{
    Timestamp,
    account::UserStatus,
    expiry::ExpirationDate,
    id::UserId,
    lapse::{self, Disuse},
    notice::NoticeKind,
    permission::Action,
};
use storage::{Account, NoticeFacts};

use super::{
    Administration, AdministrationError, Done, Rule, audience::Audience, change::object_of,
    roles::with_person, user_state::Suspension,
};

impl Administration<'_> {
    /// Tells a person and the user administrators that the account ends, once for each of the days ahead on which it
    /// is told. `false` when nothing was to be told.
    pub async fn tell_of_end(&self, user: UserId) -> Done<bool> {
        let (mut change, account) = self.change_user(user).await?;
        let last_day = account.user.expires_on.filter(|_| is_in_use(&account));
        let Some((last_day, days)) =
            last_day.and_then(|day| Some((day, lapse::told_ahead(day, self.now)?)))
        else {
            return Ok(false);
        };
        let mut facts = with_person(NoticeFacts::new(), &account);
        facts.insert("date".to_owned(), last_day.to_iso());
        facts.insert("days".to_owned(), days.to_string());
        if change.tx.was_told(user, (NoticeKind::ExpirationNear, &facts), 0).await? {
            return Ok(false);
        }
        change.tell(&account, NoticeKind::ExpirationNear, facts.clone());
        let level = account.level.path.clone();
        let told = (NoticeKind::ExpirationNear, &facts);
        let whom = (&level, Audience::UserAdministrators);
        change.tell_in_charge(whom, user, told).await?;
        change.commit().await?;
        Ok(true)
    }

    /// Deletes an account whose last day is long over. `false` when it got another day meanwhile, or is deleted.
    pub async fn delete_ended(&self, user: UserId) -> Done<bool> {
        let (mut change, account) = self.change_user(user).await?;
        change.permit(Action::DeleteUser, &object_of(&account))?;
        let is_over = |day: ExpirationDate| lapse::kept_since(self.now).is_some_and(|to| day < to);
        let Some(day) = account.user.expires_on.filter(|day| is_over(*day)) else {
            return Ok(false);
        };
        if account.user.status == UserStatus::Deleted {
            return Ok(false);
        }
        change.delete(&account).await?;
        let facts = NoticeFacts::from([("date".to_owned(), day.to_iso())]);
        change.tell(&account, NoticeKind::AccountEnded, facts);
        change.commit().await?;
        Ok(true)
    }

    /// Tells a person whose account nobody uses, or suspends it, whichever is due: never without a warning a month
    /// before. The last administrator of a kind stays (I14), and staff are left to the operator. `false` when nothing
    /// was done.
    pub async fn end_disuse(&self, user: UserId) -> Done<bool> {
        let (mut change, account) = self.change_user(user).await?;
        if !is_in_use(&account) || account.third_party.is_none() {
            return Ok(false);
        }
        let last_use = last_use(&account);
        let warned_at = change.tx.first_told(user, NoticeKind::AccountUnused, last_use).await?;
        match lapse::disuse(last_use, warned_at, self.now) {
            Disuse::Nothing => return Ok(false),
            Disuse::Warn => {
                let facts = disuse_facts(last_use, self.now);
                change.tell(&account, NoticeKind::AccountUnused, facts);
            }
            Disuse::Suspend => {
                change.permit(Action::SuspendUser, &object_of(&account))?;
                let suspension = Suspension { reason: "unused", ..Suspension::default() };
                match change.suspend(&account, suspension).await {
                    Ok(()) => {}
                    Err(AdministrationError::Rule(
                        Rule::LastUserAdministrator | Rule::LastAccessAdministrator(_),
                    )) => return Ok(false),
                    Err(error) => return Err(error),
                }
                let facts = disuse_facts(last_use, warned_at.unwrap_or(self.now));
                change.tell(&account, NoticeKind::AccountUnusedSuspended, facts);
            }
        }
        change.commit().await?;
        Ok(true)
    }
}

fn is_in_use(account: &Account) -> bool {
    account.user.status == UserStatus::Active
}

/// The last sign-in, or when the account was activated or reinstated after it.
fn last_use(account: &Account) -> Timestamp {
    let user = &account.user;
    user.last_login_at.map_or(user.credentials_changed_at, |at| at.max(user.credentials_changed_at))
}

/// The last use, and the day on which the account is suspended for whoever is told at an instant.
fn disuse_facts(last_use: Timestamp, warned_at: Timestamp) -> NoticeFacts {
    let day = |at: Timestamp| ExpirationDate::days_from(at, 0).map(ExpirationDate::to_iso);
    let until = lapse::suspended_from(last_use, warned_at);
    NoticeFacts::from([
        ("date".to_owned(), day(last_use).unwrap_or_default()),
        ("until".to_owned(), day(until).unwrap_or_default()),
    ])
}
