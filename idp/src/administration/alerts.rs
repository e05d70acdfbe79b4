//! Alerts are raised: written into the trail, told to the operator, and said in the log (security.md 133).

use portal_core::{
    alert::{Alert, Counts, QUIET_SECONDS, WINDOW_SECONDS},
    audit::AuditAction,
    notice::NoticeKind,
};
use serde_json::json;

use super::{Administration, Done};

/// What is counted, and as what.
const COUNTED: [AuditAction; 4] = [
    AuditAction::LoginSucceeded,
    AuditAction::LoginRefused,
    AuditAction::CodeRefused,
    AuditAction::CodeSent,
];

impl Administration<'_> {
    /// Looks at the trail of the last ten minutes, and raises what is out of the ordinary. Of several nodes that look
    /// one raises it: a storm once within an hour, what counts each time once within ten minutes. Returns what was raised.
    pub async fn raise_alerts(&self) -> Done<Vec<Alert>> {
        let since = self.now.plus_seconds(-WINDOW_SECONDS);
        let mut counts = Counts::default();
        for (action, count) in self.store.count_audit(&COUNTED, since).await? {
            let counted = match action {
                AuditAction::LoginSucceeded => &mut counts.succeeded,
                AuditAction::CodeSent => &mut counts.sent,
                _ => &mut counts.refused,
            };
            *counted += count;
        }
        // What counts each time is counted from when it was raised last, so that none is lost in between.
        counts.reused = self.since_raised(Alert::TokenReused, AuditAction::TokenReused).await?;
        counts.staff_granted =
            self.since_raised(Alert::StaffGranted, AuditAction::StaffRoleGranted).await?;
        let mut raised = Vec::new();
        for alert in Alert::due(&counts) {
            if self.raise(alert, &counts).await? {
                raised.push(alert);
            }
        }
        Ok(raised)
    }

    /// How often something happened since an alert about it was raised, within an hour.
    async fn since_raised(&self, alert: Alert, action: AuditAction) -> Done<u64> {
        let hour_ago = self.now.plus_seconds(-QUIET_SECONDS);
        let raised = AuditAction::AlertRaised;
        let raised = self.store.last_noted(raised, &object_of(alert), hour_ago).await?;
        let counted = self.store.count_audit(&[action], raised.unwrap_or(hour_ago)).await?;
        Ok(counted.into_iter().map(|(_, count)| count).sum())
    }

    async fn raise(&self, alert: Alert, counts: &Counts) -> Done<bool> {
        let object = object_of(alert);
        let since = self.now.plus_seconds(-alert.quiet_seconds());
        // Most looks end here, and hold up nobody.
        if self.store.last_noted(AuditAction::AlertRaised, &object, since).await?.is_some() {
            return Ok(false);
        }
        let mut change = self.change(None).await?;
        // Nobody else appends from here on: what another node raised meanwhile is seen.
        change.tx.hold_audit_end().await?;
        if change.tx.last_noted(AuditAction::AlertRaised, &object, since).await?.is_some() {
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

/// What the trail says an alert is about.
fn object_of(alert: Alert) -> String {
    format!("alert:{}", alert.as_str())
}
