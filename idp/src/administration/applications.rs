//! Applications as the operator edits them: how their tiles look, and how often access to them is reviewed.

use portal_core::{
    access::Application,
    audit::AuditAction,
    permission::{Action, Object},
};
use serde_json::{Value, json};
use storage::ApplicationDetails;

use super::{Administration, AdministrationError, Done};

impl Administration<'_> {
    /// Replaces the details of an application, which the actor saw as `seen`.
    ///
    /// # Errors
    /// [`AdministrationError::Stale`] when somebody changed it meanwhile (security.md 108).
    pub async fn modify_application(
        &self,
        application: &Application,
        seen: &ApplicationDetails,
        new: &ApplicationDetails,
    ) -> Done<()> {
        let mut change = self.change(None).await?;
        change.permit(Action::ModifyApplication, &Object::Everything)?;
        if !change.tx.update_application(application.id, seen, new).await? {
            return Err(AdministrationError::Stale);
        }
        // What was issued before does not come back to life with the application (security.md 86).
        if seen.is_enabled && !new.is_enabled {
            change.tx.revoke_grants_of_application(application.id, self.now).await?;
        }
        let detail = json!({ "before": facts(seen), "after": facts(new) });
        let object = format!("application:{}", application.code);
        change.record(AuditAction::RegistryChanged, object, None, detail);
        change.commit().await
    }
}

fn facts(of: &ApplicationDetails) -> Value {
    json!({
        "title": of.title,
        "subtitle": of.subtitle,
        "position": of.position,
        "review_months": of.review_months,
        "enabled": of.is_enabled,
    })
}
