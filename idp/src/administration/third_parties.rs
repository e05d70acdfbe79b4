//! Third parties: created, and modified by staff.

use portal_core::{
    audit::AuditAction,
    id::{LevelId, ThirdPartyId},
    organisation::{
        Administration as Administered, Level, LevelPath, NewThirdParty, ThirdPartyDetails,
        ThirdPartyStatus,
    },
    permission::{Action, Object},
};
use serde_json::{Value, json};
use storage::ThirdParty;

use super::{Administration, AdministrationError, Change, Done};

/// A third party as an object of the permission table: its level. One whose level went over into another third party
/// is nobody's but the operator's.
pub fn object_of_third_party(third_party: &ThirdParty) -> Object {
    match &third_party.level {
        Some(level) => Object::Level(level.path.clone()),
        None => Object::Everything,
    }
}

/// The level of a third party; one whose level went over into another third party has none.
pub(super) fn level_of(third_party: &ThirdParty) -> Done<&Level> {
    third_party.level.as_ref().ok_or(AdministrationError::Missing("level"))
}

impl<'a> Administration<'a> {
    /// Begins a change to a third party, and loads it within.
    pub(super) async fn change_third_party(
        &'a self,
        id: ThirdPartyId,
    ) -> Done<(Change<'a>, ThirdParty)> {
        let change = self.change(Some(id)).await?;
        let third_party = change.tx.find_third_party(id).await?;
        Ok((change, third_party.ok_or(AdministrationError::Missing("third party"))?))
    }
}

impl Change<'_> {
    /// Notes an audit event on a third party.
    pub(super) fn record_on(&mut self, of: &ThirdParty, action: AuditAction, detail: Value) {
        let level = of.level.as_ref().map(|level| level.id);
        self.record(action, format!("third_party:{}", of.id), level, detail);
    }
}

impl Administration<'_> {
    /// Creates a third party with its level under Root.
    pub async fn create_third_party(&self, new: &NewThirdParty) -> Done<(ThirdPartyId, LevelId)> {
        let mut change = self.change(None).await?;
        change.permit(Action::CreateThirdParty, &Object::Everything)?;
        let root = change.tx.find_level(&LevelPath::root()).await?;
        let root = root.ok_or(AdministrationError::Missing("level"))?;
        let (id, level) = change.tx.insert_third_party(new, &root, self.now).await?;
        let detail = json!({
            "legal_name": new.legal_name,
            "country": new.country,
            "lei": new.lei.as_ref().map(ToString::to_string),
            "kind": new.kind,
            "administration": new.administration.as_str(),
            "status": new.status.as_str(),
            "level": new.level.as_str(),
        });
        let object = format!("third_party:{id}");
        change.record(AuditAction::ThirdPartyCreated, object, Some(level), detail);
        change.commit().await?;
        Ok((id, level))
    }

    /// Replaces the details of a third party, of which the actor saw this version. One that waits for administrators of
    /// its own is in operation once the operator administers it (O3), and one that is to administer itself and has nobody
    /// for it waits for administrators of its own (I14, O4).
    ///
    /// # Errors
    /// [`AdministrationError::Stale`] when somebody changed it meanwhile (security.md 108).
    pub async fn modify_third_party(
        &self,
        id: ThirdPartyId,
        version: i64,
        details: &ThirdPartyDetails,
    ) -> Done<()> {
        let (mut change, before) = self.change_third_party(id).await?;
        change.permit(Action::ModifyThirdParty, &object_of_third_party(&before))?;
        if !change.tx.update_third_party(id, version, details).await? {
            return Err(AdministrationError::Stale);
        }
        let to = change.status_with(&before, details.administration).await?;
        if to != before.status {
            let saved = ThirdParty { version: version + 1, ..before.clone() };
            if !change.tx.move_third_party(&saved, to).await? {
                return Err(AdministrationError::Stale);
            }
        }
        change.record_on(
            &before,
            AuditAction::ThirdPartyModified,
            json!({ "before": facts_before(&before), "after": facts_after(details, to) }),
        );
        change.commit().await
    }
}

impl Change<'_> {
    /// The state of a third party that is administered in another way from now on.
    async fn status_with(
        &self,
        before: &ThirdParty,
        administration: Administered,
    ) -> Done<ThirdPartyStatus> {
        use ThirdPartyStatus::{Active, Orphaned, Prospect};
        match (before.status, before.administration, administration) {
            (Prospect | Orphaned, _, Administered::Operator) => Ok(Active),
            (Active, Administered::Operator, Administered::Delegated)
                if !self.is_staffed(before.id).await? =>
            {
                Ok(Orphaned)
            }
            (status, ..) => Ok(status),
        }
    }
}

fn facts_before(of: &ThirdParty) -> Value {
    json!({
        "legal_name": of.legal_name,
        "country": of.country,
        "lei": of.lei,
        "kind": of.kind,
        "administration": of.administration.as_str(),
        "forbids_self_assignment": of.forbids_self_assignment,
        "confirms_administrators": of.confirms_administrators,
        "status": of.status.as_str(),
    })
}

fn facts_after(of: &ThirdPartyDetails, status: ThirdPartyStatus) -> Value {
    json!({
        "legal_name": of.legal_name,
        "country": of.country,
        "lei": of.lei.as_ref().map(ToString::to_string),
        "kind": of.kind,
        "administration": of.administration.as_str(),
        "forbids_self_assignment": of.forbids_self_assignment,
        "confirms_administrators": of.confirms_administrators,
        "status": status.as_str(),
    })
}
