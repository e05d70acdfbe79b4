//! Modifying an account (manual §3): details, expiration date, level, and what the person signs in with (O15, I28).

use portal_core::{
    account::{NewUser, UserStatus},
    administrators::Departure,
    audit::AuditAction,
    email::EmailKey,
    expiry::ExpirationDate,
    id::UserId,
    notice::NoticeKind,
    one_time_link::LinkPurpose,
    organisation::Level,
    permission::{Action, Decision, Denial, Object},
    phone::PhoneNumber,
    sign_in_data::Replacing,
};
use serde_json::{Map, Value, json};
use storage::{Account, Digest};

use super::{
    Administration, AdministrationError, Change, Done, RoleChange, Rule, audience::Audience,
    change::object_of, roles::with_person,
};

/// A save of the page "edit".
#[derive(Clone, Debug)]
pub struct UserSave {
    /// The version of the account that was on the page; the save is stale when there is a newer one (I27).
    pub version: i64,
    /// The details.
    pub details: NewUser,
    /// Digest of the link that a new address is to be proved by, if the address changes.
    pub link: Digest,
}

/// What became of a save.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Modified {
    /// Where the link of [`UserSave::link`] is to be sent, and what for; nowhere when the address is the same.
    pub send: Option<(String, LinkPurpose)>,
    /// The number that was replaced: whoever has it is to be told (I28).
    pub was_number: Option<PhoneNumber>,
    /// Whether what the person holds counts for nothing until it is confirmed (I28).
    pub is_dormant: bool,
}

impl Administration<'_> {
    /// Modifies an account: all of it or nothing.
    ///
    /// # Errors
    /// [`AdministrationError::Stale`] when the account has a newer version; a [`Rule`]; a conflict when the new address
    /// has an account already.
    pub async fn modify_user(&self, user: UserId, save: &UserSave) -> Done<Modified> {
        self.save_user(user, Some(save), &RoleChange::default()).await
    }

    /// Saves the page "edit": details, roles, or both, all of it or nothing (manual §5). The details come first: a
    /// role that is granted in the same save waits if the person was taken over by it (I28).
    ///
    /// # Errors
    /// As [`Self::modify_user`] and [`Self::change_roles`]; [`Rule::MovesWithRoles`].
    pub async fn save_user(
        &self,
        user: UserId,
        details: Option<&UserSave>,
        roles: &RoleChange,
    ) -> Done<Modified> {
        let (mut change, account) = self.change_user(user).await?;
        change.permit(Action::ViewUser, &object_of(&account))?;
        if account.user.status == UserStatus::Deleted {
            return Err(AdministrationError::Missing("user"));
        }
        let mut modified = Modified::default();
        if let Some(save) = details {
            change.permit(Action::ModifyUser, &object_of(&account))?;
            fresh_version(&account, Some(save.version))?;
            let moves = save.details.level_id != account.level.id;
            if moves && !roles.is_empty() {
                return Err(AdministrationError::Rule(Rule::MovesWithRoles));
            }
            modified = change.modify(&account, &save.details).await?;
        }
        if !roles.is_empty() {
            fresh_version(&account, roles.version)?;
            let mut account = change.account(user).await?;
            // Whoever is invited is told at the new address: it counts at once.
            if let Some(save) = details.filter(|_| account.user.status == UserStatus::Invited) {
                account.user.email = save.details.email.as_str().to_owned();
            }
            change.apply_roles(&account, roles, modified.is_dormant).await?;
        }
        // Whether an address is taken is said to nobody whose save is refused for something else (I5, E30): what is free
        // leaves a trace.
        if let Some(save) = details.filter(|save| replacing(&account, &save.details).email) {
            modified.send = change.ask_email(&account, &save.details, &save.link).await?;
        }
        change.commit().await?;
        Ok(modified)
    }
}

/// Goes on only if the account is as it was on the page (I27). Set-up has no page.
pub(super) fn fresh_version(account: &Account, on_page: Option<i64>) -> Done<()> {
    if on_page.is_some_and(|version| version != account.user.version) {
        return Err(AdministrationError::Stale);
    }
    Ok(())
}

/// What of address and number a save replaces.
fn replacing(account: &Account, details: &NewUser) -> Replacing {
    Replacing {
        email: *details.email.key() != EmailKey::of(&account.user.email),
        phone: details.phone != account.user.phone,
    }
}

impl Change<'_> {
    async fn account(&self, user: UserId) -> Done<Account> {
        self.tx.find_account(user).await?.ok_or(AdministrationError::Missing("user"))
    }

    /// All of a save of details but a new address.
    async fn modify(&mut self, account: &Account, details: &NewUser) -> Done<Modified> {
        let user = &account.user;
        let replacing = replacing(account, details);
        let takers = self.takers(account, (replacing, self.actor_id())).await?;
        let is_dormant = takers.is_some();
        self.permit_sign_in_data(account, replacing, is_dormant).await?;
        let moved_to = self.check_place(account, details).await?;
        self.check_expiration(account, details.expires_on).await?;
        if moved_to.is_some() {
            self.keep_administrators(account, Departure::Whole, None).await?;
            self.revoke_all_roles(account).await?;
        }
        let changed = changes(account, details, moved_to.as_ref());
        if !changed.is_empty() {
            let account = self.account(user.id).await?;
            if !self.tx.replace_details(&account.user, details).await? {
                return Err(AdministrationError::Stale);
            }
            let detail = Value::Object(changed.clone());
            if let Some(level) = &moved_to {
                // Those who administer there see where the person came from, as those do whom the person left.
                let object = format!("user:{}", user.id);
                let mut arrival = changed.clone();
                arrival.insert("arrives".to_owned(), json!(true));
                let arrival = Value::Object(arrival);
                self.record(AuditAction::UserModified, object, Some(level.id), arrival);
            }
            self.record_of(&account, AuditAction::UserModified, detail);
        }
        self.tell_of_details(account, details, &changed).await?;
        if replacing.phone {
            self.replace_phone(account, details).await?;
        }
        if replacing.any() {
            self.tell_of_sign_in_data(account).await?;
        }
        if let Some(takers) = takers {
            self.take_over(account, takers).await?;
        }
        let was_number = replacing.phone.then(|| user.phone.clone());
        Ok(Modified { send: None, was_number, is_dormant })
    }

    /// The new level, if it is another one: within the same third party, and in the actor's sight (E25, E26, I13).
    async fn check_place(&self, account: &Account, details: &NewUser) -> Done<Option<Level>> {
        if let Some(subsidiary) = details.subsidiary_id
            && self.tx.find_level_of_subsidiary(subsidiary).await? != Some(details.level_id)
        {
            return Err(AdministrationError::Missing("subsidiary"));
        }
        if details.level_id == account.level.id {
            return Ok(None);
        }
        let level = self.tx.find_level_by_id(details.level_id).await?;
        let level = level.ok_or(AdministrationError::Missing("level"))?;
        let (there, reach) = (level.path.clone(), level.path.clone());
        let there = Object::User { id: account.user.id, level: there, reach };
        // Of a level out of sight nothing is told, not even that it is there (security.md 77).
        match self.decide(Action::ModifyUser, &there) {
            Decision::Allow(_) => {}
            Decision::Deny(Denial::NotFound) => return Err(AdministrationError::Missing("level")),
            Decision::Deny(denial) => return Err(AdministrationError::Denied(denial)),
        }
        let third_party = account.third_party.as_ref().map(|third_party| third_party.id);
        if third_party.is_none() || level.third_party_id != third_party {
            return Err(AdministrationError::Rule(Rule::OtherThirdParty));
        }
        Ok(Some(level))
    }

    async fn check_expiration(
        &mut self,
        account: &Account,
        new: Option<ExpirationDate>,
    ) -> Done<()> {
        let old = account.user.expires_on;
        if new == old {
            return Ok(());
        }
        self.permit(Action::ChangeExpiration, &object_of(account))?;
        if let Some(day) = new {
            self.keep_administrators(account, Departure::On(day), None).await?;
        }
        // Nothing from before the account expired comes back to life when it is used again.
        if old.is_some_and(|date| date.is_over(self.now())) {
            self.tx.void_credentials(account.user.id, self.now()).await?;
        }
        Ok(())
    }

    /// The person is told; of a temporary account that becomes permanent, the user administrators too (E12).
    async fn tell_of_details(
        &mut self,
        account: &Account,
        details: &NewUser,
        changed: &Map<String, Value>,
    ) -> Done<()> {
        if changed.contains_key("expires_on") {
            let mut facts = self.facts();
            let date = details.expires_on.map_or_else(|| "–".to_owned(), ExpirationDate::to_iso);
            facts.insert("date".to_owned(), date);
            self.tell(account, NoticeKind::ExpirationChanged, facts);
        }
        if changed.keys().any(|name| name != "expires_on") {
            let facts = self.facts();
            self.tell(account, NoticeKind::AccountChanged, facts);
        }
        if changed.contains_key("expires_on") && details.expires_on.is_none() {
            let facts = with_person(self.facts(), account);
            let level = account.level.path.clone();
            let told = (NoticeKind::AccountPermanent, &facts);
            let whom = (&level, Audience::UserAdministrators);
            self.tell_in_charge(whom, account.user.id, told).await?;
        }
        Ok(())
    }
}

/// What differs, before and after, for the trail. Address and number have events of their own.
fn changes(account: &Account, details: &NewUser, moved_to: Option<&Level>) -> Map<String, Value> {
    let user = &account.user;
    let date = |date: Option<ExpirationDate>| date.map(ExpirationDate::to_iso);
    let all = [
        ("first_name", json!(user.first_name), json!(details.first_name.as_str())),
        ("last_name", json!(user.last_name), json!(details.last_name.as_str())),
        ("company_id", json!(user.company_id), json!(details.company_id)),
        ("expires_on", json!(date(user.expires_on)), json!(date(details.expires_on))),
        ("subsidiary", json!(user.subsidiary_id), json!(details.subsidiary_id)),
        (
            "level",
            json!(account.level.path.as_str()),
            json!(moved_to.map_or(account.level.path.as_str(), |level| level.path.as_str())),
        ),
    ];
    all.into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(name, before, after)| (name.to_owned(), json!({ "before": before, "after": after })))
        .collect()
}
