//! Activation of an account, and the proof of a new address (O9, O15): what the person does with a link. No row of
//! the permission table permits it: the link and the code that went to the phone do.

use portal_core::{
    account::{Standing, UserStatus},
    audit::AuditAction,
    email::Email,
    id::UserId,
    notice::NoticeKind,
    one_time_link::LinkPurpose,
    phone::PhoneNumber,
    sign_in_data::Replacing,
    terms::{Document, Version},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use storage::{Account, Digest, Link, NewLink};

use super::{Administration, AdministrationError, Change, Done};

/// What a link carries besides its person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkFacts {
    /// The address that it proves, where it replaces one.
    pub email: Option<String>,
    /// Who asked for the address.
    pub by: Option<UserId>,
    /// How many codes were sent on its account.
    pub sent: u32,
}

/// What the person has shown when a link is used up.
#[derive(Clone, Debug)]
pub struct Proof<'a> {
    /// Digest of the link.
    pub link: Digest,
    /// What it is for.
    pub purpose: LinkPurpose,
    /// The person whose phone was proved.
    pub user: UserId,
    /// The number that was proved by a code; `None` where no code was asked for.
    pub phone: Option<&'a PhoneNumber>,
    /// Hash of the password that was chosen.
    pub password_hash: &'a str,
    /// The terms of use that were accepted.
    pub terms: &'a Version,
}

impl LinkFacts {
    /// The stored form.
    ///
    /// # Errors
    /// None in practice.
    pub fn to_text(&self) -> Done<String> {
        serde_json::to_string(self).map_err(|_| AdministrationError::Missing("link"))
    }

    /// Reads [`Self::to_text`] back.
    pub fn parse(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }
}

/// Whether a link of a purpose still fits the state of its account.
pub fn fits(purpose: LinkPurpose, account: &Account, now: portal_core::Timestamp) -> bool {
    match (purpose, account.standing(now)) {
        (LinkPurpose::Activation, Standing::NotActive(UserStatus::Invited)) => {
            let mut in_use = account.clone();
            in_use.user.status = UserStatus::Active;
            in_use.standing(now) == Standing::Good
        }
        (LinkPurpose::NewEmail, Standing::Good) => true,
        _ => false,
    }
}

impl Administration<'_> {
    /// Uses a link up: the account becomes ACTIVE, or has its new address, with the password that was chosen, all in
    /// one transaction.
    ///
    /// # Errors
    /// [`AdministrationError::Missing`] when the link is used, over, or of somebody else; a conflict when the address
    /// has an account by now.
    pub async fn use_link(&self, proof: &Proof<'_>) -> Done<()> {
        let (mut change, account) = self.change_user(proof.user).await?;
        let taken = change.tx.take_link(&proof.link, proof.purpose, self.now).await?;
        let link = taken.filter(|link| link.subject == proof.user.0);
        let link = link.ok_or(AdministrationError::Missing("link"))?;
        // An administrator may have replaced the number since the code went to it.
        let is_proved = proof.phone.is_none_or(|phone| *phone == account.user.phone);
        if !is_proved || !fits(proof.purpose, &account, self.now) {
            return Err(AdministrationError::Missing("link"));
        }
        if proof.purpose == LinkPurpose::NewEmail {
            change.replace_proved_email(&account, &link, proof).await?;
        } else {
            if !change.tx.activate_user(proof.user, proof.password_hash, self.now).await? {
                return Err(AdministrationError::Missing("link"));
            }
            change.record_by_oneself(&account, AuditAction::UserActivated, Value::Null);
        }
        change.acknowledge(&account, (Document::EndUsers, proof.terms)).await?;
        change.tx.clear_code_failures(proof.user).await?;
        change.tx.void_links(LinkPurpose::PhoneProof, proof.user.0, self.now).await?;
        change.commit().await
    }
}

impl Change<'_> {
    /// Stores the link that activates an account; one from before is dead.
    pub(super) async fn insert_activation(&self, user: UserId, digest: &Digest) -> Done<()> {
        let link = NewLink {
            digest: *digest,
            purpose: LinkPurpose::Activation,
            subject: user.0,
            detail: LinkFacts::default().to_text()?,
        };
        Ok(self.tx.insert_link(&link, self.now()).await?)
    }

    async fn replace_proved_email(
        &mut self,
        account: &Account,
        link: &Link,
        proof: &Proof<'_>,
    ) -> Done<()> {
        let (user, now) = (&account.user, self.now());
        let facts = LinkFacts::parse(&link.detail);
        let address = facts.email.ok_or(AdministrationError::Missing("link"))?;
        let email = Email::of_stored(&address).map_err(|_| AdministrationError::Missing("link"))?;
        let replacing = Replacing { email: true, phone: false };
        let takers = self.takers(account, (replacing, facts.by)).await?;
        self.tx.replace_email(user.id, &email, facts.by, now).await?;
        self.end_everything(account).await?;
        self.tx.set_first_password(user.id, proof.password_hash, now).await?;
        let detail = json!({ "before": user.email, "after": email.as_str(), "asked_by": facts.by });
        self.record_by_oneself(account, AuditAction::EmailReplaced, detail);
        // To the old address: `account` is from before.
        let told = self.facts();
        self.tell(account, NoticeKind::EmailReplaced, told);
        if let Some(takers) = takers {
            self.take_over(account, takers).await?;
        }
        Ok(())
    }
}
