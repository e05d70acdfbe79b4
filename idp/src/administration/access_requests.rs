//! Requests for access: filed by the person, decided by an access administrator, told to both (domain.md 4.3).

use portal_core::{
    access_request::{self, Answer, NewAccessRequest, RequestState},
    account::Standing,
    audit::AuditAction,
    expiry::ExpirationDate,
    id::{ApplicationId, GroupId},
    membership::MembershipChange,
    notice::NoticeKind,
    permission::{Action, Object},
};
use serde_json::{Value, json};
use storage::{AccessRequest, Account, NewMembership, NoticeFacts, StorageError};
use uuid::Uuid;

use super::{
    Administration, AdministrationError, Change, Done, Rule, audience::Audience, change::object_of,
    memberships::mark, one_hand::Given, transition::Transition,
};

/// Requests that lapse in one go.
const LAPSE_AT_ONCE: u64 = 100;

impl Administration<'_> {
    /// Files a request for a group of an application that the person's third party is onboarded to. Whoever is in
    /// charge of access to it is told.
    ///
    /// # Errors
    /// [`Rule::Request`]; [`AdministrationError::Missing`] for a group that the person cannot ask for.
    pub async fn request_access(&self, new: &NewAccessRequest) -> Done<Uuid> {
        let (mut change, account) = self.change_user(new.user).await?;
        change.permit(Action::RequestAccess, &object_of(&account))?;
        let standing = change.tx.access_request_standing(new.user, new.group).await?;
        access_request::check(standing).map_err(|e| AdministrationError::Rule(Rule::Request(e)))?;
        let filed = change.tx.insert_access_request(new, self.now).await;
        let id = filed.map_err(|error| match error {
            StorageError::Conflict(_) => {
                AdministrationError::Rule(Rule::Request(access_request::RequestError::AskedAlready))
            }
            other => other.into(),
        })?;
        let request = change.tx.find_access_request(id).await?;
        let request = request.ok_or(AdministrationError::Missing("group"))?;
        let is_open = change.is_open_to(&account, request.application).await?;
        if !is_open || !change.is_switched_on(new.group).await? {
            return Err(AdministrationError::Missing("group"));
        }
        let detail = json!({
            "request": id,
            "group": request.group_name,
            "wished_until": new.wished_until.map(ExpirationDate::to_iso),
        });
        change.record_of(&account, AuditAction::AccessRequested, detail);
        let audience = Audience::AccessAdministrators(request.application);
        let told = change.in_charge(&account.level.path, audience, &[new.user]).await?;
        let mut facts = about(&request, change.facts());
        facts.insert("person".to_owned(), account.user.display_name());
        facts.insert("reason".to_owned(), request.reason.clone());
        change.tell_all(&told, NoticeKind::AccessRequested, &facts).await?;
        change.commit().await?;
        Ok(id)
    }

    /// Takes an own request back.
    ///
    /// # Errors
    /// [`Rule::RequestOver`] when it was decided meanwhile.
    pub async fn withdraw_access_request(&self, id: Uuid) -> Done<()> {
        let (mut change, account, request) = self.change_request(id).await?;
        change.permit(Action::RequestAccess, &object_of(&account))?;
        if !change.tx.close_access_request(id, RequestState::Withdrawn, self.now).await? {
            return Err(AdministrationError::Rule(Rule::RequestOver));
        }
        let detail = moved(&request, RequestState::Withdrawn).into_detail();
        change.record_of(&account, AuditAction::AccessRequestWithdrawn, detail);
        change.commit().await
    }

    /// Grants or refuses a request. To grant is to assign the membership, in the same transaction and by the same
    /// right. Of two administrators at once, one decides.
    ///
    /// # Errors
    /// [`Rule::RequestOver`] when it was decided, withdrawn or lapsed before; [`Rule::SwitchedOff`].
    pub async fn decide_access_request(&self, id: Uuid, answer: &Answer) -> Done<()> {
        let (mut change, account, request) = self.change_request(id).await?;
        let object = change.access(&account, request.application).await?;
        change.permit(Action::DecideAccessRequest, &object)?;
        if account.standing(self.now) != Standing::Good
            || !change.tx.answer_access_request(id, answer, self.actor_id(), self.now).await?
        {
            return Err(AdministrationError::Rule(Rule::RequestOver));
        }
        let mut facts = about(&request, change.facts());
        let kind = match answer {
            Answer::Grant { until } => {
                change.permit(Action::AssignMembership, &object)?;
                if !change.is_switched_on(request.group).await? {
                    return Err(AdministrationError::Rule(Rule::SwitchedOff));
                }
                let new = NewMembership {
                    user: request.user,
                    group: request.group,
                    assigned_by: self.actor_id(),
                    valid_until: *until,
                };
                // What somebody gave meanwhile stays as it is, and that is told.
                if let Some(day) = change.assign_requested((&account, &request), &new).await? {
                    facts.insert("until".to_owned(), day.to_iso());
                }
                NoticeKind::RequestGranted
            }
            Answer::Refuse { reason } => {
                facts.insert("reason".to_owned(), reason.as_str().to_owned());
                NoticeKind::RequestRefused
            }
        };
        let detail = moved(&request, answer.state()).into_detail();
        change.record_of(&account, AuditAction::AccessRequestDecided, detail);
        change.tell(&account, kind, facts);
        change.commit().await
    }

    /// Ends the open requests of people whose account is no longer in use. Returns how many; for the job. One that
    /// cannot be ended does not stop the others.
    pub async fn lapse_access_requests(&self) -> Done<usize> {
        let (mut count, mut after) = (0, None);
        loop {
            let wanted = (after, LAPSE_AT_ONCE);
            let lapsing = self.store.list_lapsing_access_requests(self.now, wanted).await?;
            let Some(last) = lapsing.last() else {
                return Ok(count);
            };
            after = Some(last.id);
            for request in &lapsing {
                match self.lapse_access_request(request.id).await {
                    Ok(is_lapsed) => count += usize::from(is_lapsed),
                    Err(error) => {
                        tracing::warn!(request = %request.id, reason = %error, "a request cannot lapse");
                    }
                }
            }
        }
    }

    async fn lapse_access_request(&self, id: Uuid) -> Done<bool> {
        let (mut change, account, request) = self.change_request(id).await?;
        let is_answerable = account.standing(self.now) == Standing::Good
            && change.is_open_to(&account, request.application).await?;
        if is_answerable
            || !change.tx.close_access_request(id, RequestState::Lapsed, self.now).await?
        {
            return Ok(false);
        }
        let detail = moved(&request, RequestState::Lapsed).into_detail();
        change.record_of(&account, AuditAction::AccessRequestLapsed, detail);
        let facts = about(&request, change.facts());
        change.tell(&account, NoticeKind::RequestLapsed, facts);
        change.commit().await?;
        Ok(true)
    }

    async fn change_request(&self, id: Uuid) -> Done<(Change<'_>, Account, AccessRequest)> {
        let missing = || AdministrationError::Missing("request");
        let request = self.store.find_access_request(id).await?.ok_or_else(missing)?;
        let (change, account) = self.change_user(request.user).await?;
        let request = change.tx.find_access_request(id).await?.ok_or_else(missing)?;
        Ok((change, account, request))
    }
}

impl Change<'_> {
    /// Whether the person's third party is onboarded to an application.
    async fn is_open_to(&self, account: &Account, application: ApplicationId) -> Done<bool> {
        let object = self.access(account, application).await?;
        Ok(matches!(object, Object::Access { onboarded: true, .. }))
    }

    /// Whether the application of a group is switched on.
    async fn is_switched_on(&self, group: GroupId) -> Done<bool> {
        Ok(self.tx.list_groups(&[group]).await?.iter().any(|one| one.is_enabled))
    }

    /// Assigns what was asked for, unless it is held by now. Returns the last day of what is held then.
    async fn assign_requested(
        &mut self,
        (account, request): (&Account, &AccessRequest),
        new: &NewMembership,
    ) -> Done<Option<ExpirationDate>> {
        let is_new = self.tx.insert_membership(new, self.now()).await?;
        let held = self.tx.list_memberships(new.user).await?;
        let held = held.into_iter().find(|held| held.group.id == new.group);
        let held = held.ok_or(AdministrationError::Missing("membership"))?;
        let until = held.valid_until;
        if is_new {
            let after = json!({ "until": until.map(ExpirationDate::to_iso) });
            let mut detail = Transition::between(Value::Null, after)
                .with("group", held.group.name.as_str())
                .with("application", held.application.code.as_str())
                .with("request", request.id.to_string())
                .into_detail();
            if let Some(kind) = self.one_hand(account).await? {
                mark(&mut detail, kind, true);
                let given = Given {
                    group: new.group,
                    name: &held.group.name,
                    application: held.application.id,
                    until,
                };
                self.keep_one_hand(account, kind, &[given]).await?;
            }
            self.record_of(account, AuditAction::MembershipAssigned, detail);
            let assigned = MembershipChange::Assigned { group: new.group, until };
            self.keep_dormant(account, &[assigned]).await?;
        }
        Ok(until)
    }
}

/// An open request that goes over into another state.
fn moved(request: &AccessRequest, to: RequestState) -> Transition {
    Transition::between(RequestState::Open.as_str().into(), to.as_str().into())
        .with("request", request.id.to_string())
        .with("group", request.group_name.as_str())
}

fn about(request: &AccessRequest, mut facts: NoticeFacts) -> NoticeFacts {
    facts.insert("groups".to_owned(), request.group_name.clone());
    facts.insert("application".to_owned(), request.application_title.clone());
    facts
}
