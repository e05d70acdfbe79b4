//! Which applications a third party is onboarded to: what its administrators can ever give (I10, O37).

use portal_core::{
    access::Application, audit::AuditAction, id::ThirdPartyId, organisation::ThirdPartyStatus,
    permission::Action,
};
use serde_json::json;
use storage::AccessCount;

use super::{
    Administration, AdministrationError, Done, Rule, third_parties::object_of_third_party,
    turn::Turn,
};

impl Administration<'_> {
    /// Onboards a third party to an application: only then can access to it be given (I10, O37).
    pub async fn onboard(&self, id: ThirdPartyId, application: &Application) -> Done<()> {
        let (mut change, third_party) = self.change_third_party(id).await?;
        change.permit(Action::OnboardThirdParty, &object_of_third_party(&third_party))?;
        if third_party.status == ThirdPartyStatus::Closed {
            return Err(AdministrationError::Rule(Rule::ThirdPartyClosed));
        }
        if change.tx.insert_onboarding(id, application.id, self.now).await? {
            let detail = json!({ "application": application.code });
            change.record_on(&third_party, AuditAction::ThirdPartyOnboarded, detail);
        }
        change.commit().await
    }

    /// Takes an onboarding back. Memberships and roles in the application end; their holders
    /// and its clients are told. `foreseen` is
    /// what the actor was told would end.
    ///
    /// # Errors
    /// [`AdministrationError::Stale`] when something else would end by now.
    pub async fn offboard(
        &self,
        id: ThirdPartyId,
        application: &Application,
        foreseen: AccessCount,
    ) -> Done<()> {
        let (mut change, third_party) = self.change_third_party(id).await?;
        change.permit(Action::OnboardThirdParty, &object_of_third_party(&third_party))?;
        change.turn(&third_party, Turn::Offboarded(application), "").await?;
        let by = self.actor_id();
        let ended = change.tx.delete_onboarding(id, application.id, by, self.now).await?;
        let ended = ended.ok_or(AdministrationError::Missing("onboarding"))?;
        if ended != foreseen {
            return Err(AdministrationError::Stale);
        }
        let detail = json!({
            "application": application.code,
            "memberships_ended": ended.memberships,
            "roles_revoked": ended.roles,
        });
        change.record_on(&third_party, AuditAction::ThirdPartyOffboarded, detail);
        change.commit().await
    }
}
