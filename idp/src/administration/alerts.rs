//! Alerts are raised: written into the trail, told to the operator, and said in the log (security.md 133).

use portal_core::{
    alert::{Alert, Counts, QUIET_SECONDS, WINDOW_SECONDS},
    audit::AuditAction,
    notice::NoticeKind,
};
use serde_json::json;

use super::{Administration, Done};

/// What is counted, and as what.
const COUNTED: [AuditAction; 6] = [
    AuditAction::LoginSucceeded,
    AuditAction::LoginRefused,
    AuditAction::CodeRefused,
    AuditAction::CodeSent,
    AuditAction::TokenReused,
    AuditAction::StaffRoleGranted,
];

impl Administration<'_> {
    /// Looks at the trail of the last ten minutes, and raises what is out of the ordinary. Of several nodes that look
    /// one raises it, once within an hour. Returns what was raised.
    pub async fn raise_alerts(&self) -> Done<Vec<Alert>> {
        let since = self.now.plus_seconds(-WINDOW_SECONDS);
        let mut counts = Counts::default();
        for (action, count) in self.store.count_audit(&COUNTED, since).await? {
            let counted = match action {
                AuditAction::LoginSucceeded => &mut counts.succeeded,
                AuditAction::CodeSent => &mut counts.sent,
                AuditAction::TokenReused => &mut counts.reused,
                AuditAction::StaffRoleGranted => &mut counts.staff_granted,
                _ => &mut counts.refused,
            };
            *counted += count;
        }
        let mut raised = Vec::new();
        for alert in Alert::due(&counts) {
            if self.raise(alert, &counts).await? {
                raised.push(alert);
            }
        }
        Ok(raised)
    }

    async fn raise(&self, alert: Alert, counts: &Counts) -> Done<bool> {
        let object = format!("alert:{}", alert.as_str());
        let since = self.now.plus_seconds(-QUIET_SECONDS);
        // Most looks end here, and hold up nobody.
        if self.store.is_noted(AuditAction::AlertRaised, &object, since).await? {
            return Ok(false);
        }
        let mut change = self.change(None).await?;
        // Nobody else appends from here on: what another node raised meanwhile is seen.
        change.tx.hold_audit_end().await?;
        if change.tx.is_noted(AuditAction::AlertRaised, &object, since).await? {
            return Ok(false);
        }
        let detail = json!({
            "succeeded": counts.succeeded,
            "refused": counts.refused,
            "sent": counts.sent,
            "reused": counts.reused,
            "staff_granted": counts.staff_granted,
        });
        change.record(AuditAction::AlertRaised, object, None, detail);
        let mut facts = change.facts();
        facts.insert("alert".to_owned(), alert.as_str().to_owned());
        change.tell_staff(NoticeKind::AlertRaised, &facts).await?;
        change.commit().await?;
        tracing::error!(alert = alert.as_str(), ?counts, "alert");
        Ok(true)
    }
}
