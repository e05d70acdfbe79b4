//! What a person signs in with is replaced by administrators (O15, I28): who may, what counts afterwards, and who hears.

use std::collections::BTreeSet;

use portal_core::{
    account::{NewUser, User, UserStatus},
    audit::AuditAction,
    id::UserId,
    login::Ended,
    notice::NoticeKind,
    one_time_link::LinkPurpose,
    permission::{Action, Object},
    sign_in_data::{Before, Hand, Replacing},
};
use serde_json::json;
use storage::{Account, Digest, NewLink};

use super::{
    Administration, AdministrationError, Change, Done, Rule, activation::LinkFacts,
    audience::Audience, change::object_of, roles::with_person, user_details::fresh_version,
};

impl Administration<'_> {
    /// Withdraws a new address that waits for its proof: its link is void, and the address in use stays. User
    /// administrators, who are told of a replacement, can stop it (I28).
    ///
    /// # Errors
    /// [`AdministrationError::Stale`] when the account has a newer version, such as because another address was entered;
    /// [`Rule::NoNewAddress`] when none waits.
    pub async fn withdraw_new_address(&self, user: UserId, version: i64) -> Done<()> {
        let (mut change, account) = self.change_user(user).await?;
        change.permit(Action::ModifyUser, &object_of(&account))?;
        fresh_version(&account, Some(version))?;
        let link = change.tx.find_link_of(LinkPurpose::NewEmail, user.0, self.now).await?;
        let link = link.ok_or(AdministrationError::Rule(Rule::NoNewAddress))?;
        change.tx.void_links(LinkPurpose::NewEmail, user.0, self.now).await?;
        change.tx.raise_version(user).await?;
        let facts = LinkFacts::parse(&link.detail);
        let detail = json!({ "before": facts.email, "after": null, "asked_by": facts.by });
        change.record_of(&account, AuditAction::EmailReplacementWithdrawn, detail);
        let told = change.facts();
        change.tell(&account, NoticeKind::EmailStays, told);
        change.commit().await
    }
}

impl Change<'_> {
    /// Everybody who has a hand in it if both address and number are replaced with this (I28).
    pub(super) async fn takers(
        &self,
        account: &Account,
        (replacing, by): (Replacing, Hand),
    ) -> Done<Option<BTreeSet<UserId>>> {
        if !replacing.any() {
            return Ok(None);
        }
        let (user, now) = (&account.user, self.now());
        let waiting = self.tx.find_link_of(LinkPurpose::NewEmail, user.id.0, now).await?;
        let before = Before {
            replaced: &user.replaced,
            waiting: waiting.map(|link| LinkFacts::parse(&link.detail).by),
            last_login: user.last_login_at,
            chosen: self.who_chose(user).await?,
        };
        Ok(replacing.takes_over(by, &before, now))
    }

    /// Who chose address and number of somebody who has never signed in, if others than that one gave the person
    /// something: what the creator gave, an account made anew would get as well.
    async fn who_chose(&self, user: &User) -> Done<Option<UserId>> {
        let Some(creator) = user.created_by.filter(|_| user.last_login_at.is_none()) else {
            return Ok(None);
        };
        let memberships = self.tx.list_memberships(user.id).await?;
        let roles = self.tx.list_delegated_roles(user.id).await?;
        let staff = self.tx.list_staff_roles(user.id).await?;
        let mut givers = memberships
            .iter()
            .map(|held| held.assigned_by)
            .chain(roles.iter().map(|held| held.granted_by))
            .chain(staff.iter().map(|held| held.granted_by));
        Ok(givers.any(|giver| giver != Some(creator)).then_some(creator))
    }

    /// One's own address and number are replaced by somebody else; both of a person, as I28 says.
    pub(super) async fn permit_sign_in_data(
        &self,
        account: &Account,
        replacing: Replacing,
        both: bool,
    ) -> Done<()> {
        let is_own = replacing.any() && self.actor_id() == Some(account.user.id);
        if !both && !is_own {
            return Ok(());
        }
        let is_administrator = !self.tx.list_delegated_roles(account.user.id).await?.is_empty();
        let object = Object::SignInData {
            user: account.user.id,
            level: account.level.path.clone(),
            is_administrator,
        };
        if self.may(Action::ReplaceSignInData, &object) {
            Ok(())
        } else {
            Err(AdministrationError::Rule(Rule::ReplacesSignInData))
        }
    }

    /// The number counts at once, and the person proves it at the next sign-in; sessions end (O14, E5).
    pub(super) async fn replace_phone(&mut self, account: &Account, details: &NewUser) -> Done<()> {
        let (user, now) = (account.user.id, self.now());
        self.tx.replace_phone(user, &details.phone, self.actor_id(), now).await?;
        self.tx.raise_version(user).await?;
        self.tx.end_logins(user, Ended::PasswordChanged, now).await?;
        let ended = self.tx.end_all_sessions(user, now).await?;
        let detail = json!({ "sessions_ended": ended.len() });
        self.record_of(account, AuditAction::PhoneReplaced, detail);
        let facts = self.facts();
        self.tell(account, NoticeKind::PhoneReplaced, facts);
        Ok(())
    }

    /// An address that nobody has proved yet is replaced at once, and activated anew. One in use is replaced when the
    /// new one is proved by its link; the old one is told now (O15).
    pub(super) async fn ask_email(
        &mut self,
        account: &Account,
        details: &NewUser,
        link: &Digest,
    ) -> Done<Option<(String, LinkPurpose)>> {
        let (user, now) = (account.user.id, self.now());
        let address = details.email.as_str().to_owned();
        let detail = json!({ "before": account.user.email, "after": address });
        if self.tx.has_account_of(details.email.key()).await? {
            return Err(AdministrationError::Storage(storage::StorageError::Conflict(
                "email".into(),
            )));
        }
        if account.user.status == UserStatus::Invited {
            self.tx.replace_email(user, &details.email, self.actor_id(), now).await?;
            self.insert_activation(user, link).await?;
            self.record_of(account, AuditAction::EmailReplaced, detail);
            return Ok(Some((address, LinkPurpose::Activation)));
        }
        let facts = LinkFacts { email: Some(address.clone()), by: self.actor_id(), sent: 0 };
        let link = NewLink {
            digest: *link,
            purpose: LinkPurpose::NewEmail,
            subject: user.0,
            detail: facts.to_text()?,
        };
        self.tx.insert_link(&link, now).await?;
        self.tx.raise_version(user).await?;
        self.record_of(account, AuditAction::EmailReplacementAsked, detail);
        let facts = self.facts();
        self.tell(account, NoticeKind::EmailReplaced, facts);
        Ok(Some((address, LinkPurpose::NewEmail)))
    }

    /// All other administrators hear that somebody's address or number was replaced (I28).
    pub(super) async fn tell_of_sign_in_data(&mut self, account: &Account) -> Done<()> {
        let facts = with_person(self.facts(), account);
        let level = account.level.path.clone();
        let told = (NoticeKind::SignInDataReplaced, &facts);
        if account.third_party.is_none() {
            return self.tell_staff(told.0, told.1).await;
        }
        let whom = (&level, Audience::Administrators);
        self.tell_in_charge(whom, account.user.id, told).await
    }

    /// I28: what the person holds counts for nothing until somebody else confirms it, and everybody concerned hears.
    /// Whoever is signed in by it is not any more.
    pub(super) async fn take_over(
        &mut self,
        account: &Account,
        mut by: BTreeSet<UserId>,
    ) -> Done<()> {
        let (user, now) = (account.user.id, self.now());
        by.extend(&account.user.replaced.taken_over_by);
        self.tx.note_takeover(user, &by).await?;
        self.tx.end_logins(user, Ended::PasswordChanged, now).await?;
        self.tx.end_all_sessions(user, now).await?;
        let made = self.tx.make_access_dormant(user, self.now()).await?;
        self.record_of(account, AuditAction::AccessMadeDormant, json!({ "count": made }));
        let facts = self.facts();
        self.tell(account, NoticeKind::AccessDormant, facts.clone());
        let facts = with_person(facts, account);
        let level = account.level.path.clone();
        let told = (NoticeKind::ConfirmationNeeded, &facts);
        self.tell_administrators_and_staff(&level, user, told).await
    }
}
