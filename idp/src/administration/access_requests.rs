//! Requests for access: filed by the person, decided by an access administrator, told to both (domain.md 4.3).

use portal_core::{
    access_request::{self, Answer, NewAccessRequest, RequestState},
    account::Standing,
    audit::AuditAction,
    expiry::ExpirationDate,
    membership::MembershipChange,
    notice::NoticeKind,
    permission::{Action, Object},
};
use serde_json::json;
use storage::{AccessRequest, Account, NewMembership, NoticeFacts, StorageError};
use uuid::Uuid;

use super::{
    Administration, AdministrationError, Change, Done, Rule, audience::Audience, change::object_of,
    memberships::mark, one_hand::Given,
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
        let object = change.access(&account, request.application).await?;
        if !matches!(object, Object::Access { onboarded: true, .. }) {
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
        let detail = json!({ "request": id, "group": request.group_name });
        change.record_of(&account, AuditAction::AccessRequestWithdrawn, detail);
        change.commit().await
    }

    /// Grants or refuses a request. To grant is to assign the membership, in the same transaction and by the same
    /// right. Of two administrators at once, one decides.
    ///
    /// # Errors
    /// [`Rule::RequestOver`] when it was decided, withdrawn or lapsed before.
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
                self.assign_requested(&mut change, (&account, &request), *until).await?;
                if let Some(day) = until {
                    facts.insert("until".to_owned(), day.to_iso());
                }
                NoticeKind::RequestGranted
            }
            Answer::Refuse { reason } => {
                facts.insert("reason".to_owned(), reason.as_str().to_owned());
                NoticeKind::RequestRefused
            }
        };
        let detail = json!({
            "request": id,
            "group": request.group_name,
            "before": RequestState::Open.as_str(),
            "after": answer.state().as_str(),
        });
        change.record_of(&account, AuditAction::AccessRequestDecided, detail);
        change.tell(&account, kind, facts);
        change.commit().await
    }

    /// Ends the open requests of people whose account is no longer in use. Returns how many; for the job.
    pub async fn lapse_access_requests(&self) -> Done<usize> {
        let lapsing = self.store.list_lapsing_access_requests(self.now, LAPSE_AT_ONCE).await?;
        for request in &lapsing {
            let (mut change, account, _) = self.change_request(request.id).await?;
            if change.tx.close_access_request(request.id, RequestState::Lapsed, self.now).await? {
                let detail = json!({ "request": request.id, "group": request.group_name });
                change.record_of(&account, AuditAction::AccessRequestLapsed, detail);
                change.commit().await?;
            }
        }
        Ok(lapsing.len())
    }

    async fn change_request(&self, id: Uuid) -> Done<(Change<'_>, Account, AccessRequest)> {
        let missing = || AdministrationError::Missing("request");
        let request = self.store.find_access_request(id).await?.ok_or_else(missing)?;
        let (change, account) = self.change_user(request.user).await?;
        let request = change.tx.find_access_request(id).await?.ok_or_else(missing)?;
        Ok((change, account, request))
    }

    async fn assign_requested(
        &self,
        change: &mut Change<'_>,
        (account, request): (&Account, &AccessRequest),
        until: Option<ExpirationDate>,
    ) -> Done<()> {
        let new = NewMembership {
            user: request.user,
            group: request.group,
            assigned_by: self.actor_id(),
            valid_until: until,
        };
        if change.tx.insert_membership(&new, self.now).await? {
            let mut detail = json!({
                "group": request.group_name,
                "until": until.map(ExpirationDate::to_iso),
                "request": request.id,
            });
            if let Some(kind) = change.one_hand(account).await? {
                mark(&mut detail, kind, true);
                let given = Given {
                    group: request.group,
                    name: &request.group_name,
                    application: request.application,
                    until,
                };
                change.keep_one_hand(account, kind, &[given]).await?;
            }
            change.record_of(account, AuditAction::MembershipAssigned, detail);
            let assigned = MembershipChange::Assigned { group: request.group, until };
            change.keep_dormant(account, &[assigned]).await?;
        }
        Ok(())
    }
}

fn about(request: &AccessRequest, mut facts: NoticeFacts) -> NoticeFacts {
    facts.insert("groups".to_owned(), request.group_name.clone());
    facts.insert("application".to_owned(), request.application_title.clone());
    facts
}
