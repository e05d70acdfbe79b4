//! One change: a transaction in which the actor's rights are asked afresh, with its evidence and its notices.

use portal_core::{
    Timestamp,
    account::Standing,
    audit::{AuditAction, AuditActor, AuditEvent},
    id::{ApplicationId, LevelId, ThirdPartyId, UserId},
    notice::NoticeKind,
    permission::{self, Action, Actor, Decision, Denial, Object},
};
use serde_json::Value;
use storage::{Account, NewNotice, NoticeFacts, Transaction};

use super::{Administration, AdministrationError, Done, one_hand::OwnMaking, turn::Turned};

/// A person's account as an object of the permission table.
pub fn object_of(account: &Account) -> Object {
    Object::User {
        id: account.user.id,
        level: account.level.path.clone(),
        reach: account.reach.clone(),
    }
}

/// A person's access to an application as an object of the permission table.
pub fn access_of(account: &Account, application: ApplicationId, onboarded: bool) -> Object {
    Object::Access {
        user: account.user.id,
        level: account.level.path.clone(),
        reach: account.reach.clone(),
        application,
        onboarded,
    }
}

/// A change that is being made. Dropped without [`Change::commit`], it leaves nothing behind.
pub struct Change<'a> {
    pub(super) tx: Transaction,
    by: &'a Administration<'a>,
    actor: Actor,
    name: Option<String>,
    events: Vec<AuditEvent>,
    notices: Vec<NewNotice>,
    pub(super) turned: Vec<Turned>,
    pub(super) own_making: Vec<OwnMaking>,
}

impl<'a> Administration<'a> {
    /// Begins a change to what belongs to a third party, or to the operator (`None`). Changes to one organisation come
    /// one after the other, and the actor's roles are read within: a right that was revoked a moment ago is gone
    /// (security.md 80).
    pub(super) async fn change(&'a self, of: Option<ThirdPartyId>) -> Done<Change<'a>> {
        let tx = self.store.begin().await?;
        tx.hold_organisation(of).await?;
        let (actor, name) = match self.actor {
            Actor::Setup => (Actor::Setup, None),
            Actor::Person { id, .. } => {
                let account = tx.find_account(*id).await?;
                let account = account.filter(|a| a.standing(self.now) == Standing::Good);
                let account = account.ok_or(AdministrationError::Denied(Denial::NotFound))?;
                (tx.actor(&account).await?, Some(account.user.display_name()))
            }
        };
        let (events, notices, turned, own_making) = Default::default();
        Ok(Change { tx, by: self, actor, name, events, notices, turned, own_making })
    }

    /// Begins a change to a person's account, and loads it within.
    pub(super) async fn change_user(&'a self, user: UserId) -> Done<(Change<'a>, Account)> {
        let missing = AdministrationError::Missing("user");
        let account = self.store.find_account(user).await?.ok_or(missing)?;
        let change = self.change(account.third_party.map(|third_party| third_party.id)).await?;
        let account = change.tx.find_account(user).await?;
        Ok((change, account.ok_or(AdministrationError::Missing("user"))?))
    }
}

impl Change<'_> {
    /// Goes on only if the permission table allows it.
    pub(super) fn permit(&self, action: Action, object: &Object) -> Done<()> {
        match self.decide(action, object) {
            Decision::Allow(_) => Ok(()),
            Decision::Deny(denial) => Err(AdministrationError::Denied(denial)),
        }
    }

    /// What the permission table says, with the rights of this moment.
    pub(super) fn decide(&self, action: Action, object: &Object) -> Decision {
        permission::decide(&self.actor, action, object, self.by.now)
    }

    /// Whether the permission table allows it.
    pub(super) fn may(&self, action: Action, object: &Object) -> bool {
        self.decide(action, object).is_allowed()
    }

    /// When the change is made.
    pub(super) const fn now(&self) -> Timestamp {
        self.by.now
    }

    /// Who makes it; `None` at set-up.
    pub(super) const fn actor_id(&self) -> Option<UserId> {
        self.by.actor_id()
    }

    /// A person's access to an application, as an object of the permission table.
    pub(super) async fn access(
        &self,
        account: &Account,
        application: ApplicationId,
    ) -> Done<Object> {
        let onboarded = match &account.third_party {
            Some(third_party) => self.tx.is_onboarded(third_party.id, application).await?,
            None => false,
        };
        Ok(access_of(account, application, onboarded))
    }

    /// Notes an audit event; it is written with the commit.
    pub(super) fn record(
        &mut self,
        action: AuditAction,
        object: String,
        level_id: Option<LevelId>,
        detail: Value,
    ) {
        self.events.push(AuditEvent {
            at: self.by.now,
            actor: self.by.actor_id().map_or(AuditActor::System, AuditActor::User),
            action,
            object,
            level_id,
            detail,
            origin: self.by.origin.clone(),
        });
    }

    /// Notes an audit event on a person's account.
    pub(super) fn record_of(&mut self, account: &Account, action: AuditAction, detail: Value) {
        let object = format!("user:{}", account.user.id);
        self.record(action, object, Some(account.level.id), detail);
    }

    /// Notes an audit event on the account of a person who did it by a link, without being signed in.
    pub(super) fn record_by_oneself(
        &mut self,
        account: &Account,
        action: AuditAction,
        detail: Value,
    ) {
        self.record_of(account, action, detail);
        self.note_as(AuditActor::User(account.user.id));
    }

    /// Says who did what was noted last, where nobody was signed in.
    pub(super) fn note_as(&mut self, actor: AuditActor) {
        if let Some(event) = self.events.last_mut() {
            event.actor = actor;
        }
    }

    /// Notes what a person is to be told, in the portal and by mail.
    pub(super) fn tell(&mut self, account: &Account, kind: NoticeKind, facts: NoticeFacts) {
        let mail_to = Some(account.user.email.clone());
        self.notices.push(NewNotice { user: account.user.id, kind, facts, mail_to });
    }

    /// The facts that every notice of this change has: who makes it.
    pub(super) fn facts(&self) -> NoticeFacts {
        self.name.iter().map(|name| ("by".to_owned(), name.clone())).collect()
    }

    /// Tells these people.
    pub(super) async fn tell_all(
        &mut self,
        people: &[UserId],
        kind: NoticeKind,
        facts: &NoticeFacts,
    ) -> Done<()> {
        for account in self.tx.list_accounts(people).await? {
            self.tell(&account, kind, facts.clone());
        }
        Ok(())
    }

    /// Makes the change last, with its evidence and its notices.
    pub(super) async fn commit(mut self) -> Done<()> {
        self.tell_of_own_making().await?;
        self.tx.insert_notices(&self.notices, self.by.now).await?;
        // Last of all: the end of the chain stays locked until the commit.
        let actor = self.by.actor_id().map_or(AuditActor::System, AuditActor::User);
        let (at, origin) = (self.by.now, self.by.origin.clone());
        let of_people = self.turned.into_iter();
        let of_people =
            of_people.flat_map(move |turned| turned.into_events(at, actor, origin.clone()));
        let events = Box::new(self.events.into_iter().chain(of_people));
        self.tx.append_audits(events).await?;
        Ok(self.tx.commit().await?)
    }
}
