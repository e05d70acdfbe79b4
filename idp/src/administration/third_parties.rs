//! Third parties with their levels and subsidiaries, and which applications they are onboarded to.

use portal_core::{
    access::Application,
    audit::AuditAction,
    id::{LevelId, SubsidiaryId, ThirdPartyId},
    organisation::{LevelPath, NewSubsidiary, NewThirdParty},
    permission::{Action, Object},
};
use serde_json::json;

use super::{Administration, AdministrationError, Done};

impl Administration<'_> {
    /// Creates a third party with its level under Root.
    pub async fn create_third_party(&self, new: &NewThirdParty) -> Done<(ThirdPartyId, LevelId)> {
        self.permit(Action::CreateThirdParty, &Object::Everything)?;
        let root = self
            .store
            .find_level(&LevelPath::root())
            .await?
            .ok_or(AdministrationError::Missing("level"))?;
        let tx = self.store.begin().await?;
        let (id, level) = tx.insert_third_party(new, &root, self.now).await?;
        let detail = json!({ "legal_name": new.legal_name, "country": new.country });
        self.write_down(
            &tx,
            AuditAction::ThirdPartyCreated,
            format!("third_party:{id}"),
            (Some(level), detail),
        )
        .await?;
        tx.commit().await?;
        Ok((id, level))
    }

    /// Creates a subsidiary under a level.
    pub async fn create_subsidiary(&self, new: &NewSubsidiary) -> Done<SubsidiaryId> {
        self.permit(Action::CreateThirdParty, &Object::Everything)?;
        let tx = self.store.begin().await?;
        let id = tx.insert_subsidiary(new, self.now).await?;
        let detail = json!({ "short_name": new.short_name });
        self.write_down(
            &tx,
            AuditAction::RegistryChanged,
            format!("subsidiary:{id}"),
            (Some(new.level_id), detail),
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Onboards a third party to an application: only then can access to it be given (I10, O37).
    pub async fn onboard(&self, third_party: ThirdPartyId, application: &Application) -> Done<()> {
        self.permit(Action::OnboardThirdParty, &Object::Everything)?;
        let tx = self.store.begin().await?;
        if tx.insert_onboarding(third_party, application.id, self.now).await? {
            let detail = json!({ "application": application.code });
            self.write_down(
                &tx,
                AuditAction::ThirdPartyOnboarded,
                format!("third_party:{third_party}"),
                (None, detail),
            )
            .await?;
        }
        Ok(tx.commit().await?)
    }
}
