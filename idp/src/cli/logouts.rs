//! `idp logouts`: what relying parties have not been told, and telling them again.

use clap::Subcommand;
use portal_core::{
    Timestamp,
    audit::{AuditAction, AuditActor, AuditEvent, Origin},
};
use serde_json::json;
use storage::{LogoutDelivery, Store};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::say;

/// Most lines of the list.
const LIMIT: u64 = 1000;

#[derive(Debug, Subcommand)]
pub(super) enum Logouts {
    /// List what is still tried and what was given up, newest first.
    List,
    /// Try one again, for another day.
    Retry {
        /// Its id in the list.
        id: Uuid,
    },
}

pub(super) async fn run(store: &Store, command: Logouts, now: Timestamp) -> anyhow::Result<()> {
    match command {
        Logouts::List => {
            let open = store.list_open_logout_deliveries(LIMIT).await?;
            open.iter().try_for_each(|delivery| say(&line(delivery)))
        }
        Logouts::Retry { id } => {
            let tx = store.begin().await?;
            let Some(delivery) = tx.retry_logout_delivery(id, now).await? else {
                anyhow::bail!("{id} is not in the list of `idp logouts list`");
            };
            tx.append_audit(&AuditEvent {
                at: now,
                actor: AuditActor::System,
                action: AuditAction::LogoutRetried,
                object: format!("client:{}", delivery.client_id),
                level_id: None,
                detail: json!({ "delivery": id }),
                origin: Origin::default(),
            })
            .await?;
            tx.commit().await?;
            say("a running node delivers it within seconds")
        }
    }
}

/// One delivery as one line; errors of relying parties hold no line breaks.
fn line(delivery: &LogoutDelivery) -> String {
    let state = match (delivery.dead_at, delivery.next_attempt_at) {
        (None, Some(next)) => format!("next try {}", instant(next)),
        (dead, _) => format!("given up {}", dead.map(instant).unwrap_or_default()),
    };
    let error = delivery.last_error.as_deref().unwrap_or("-");
    format!(
        "{} {} since {}, {} tries, {state}: {error}",
        delivery.id,
        delivery.client_id,
        instant(delivery.created_at),
        delivery.attempts,
    )
}

fn instant(at: Timestamp) -> String {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.millis()) * 1_000_000);
    at.ok().and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use portal_core::id::UserId;

    use super::*;

    #[test]
    fn a_line_tells_who_since_when_and_why() {
        let at = Timestamp::from_millis(1_795_262_400_000);
        let delivery = LogoutDelivery {
            id: Uuid::nil(),
            sid: "sid_1".to_owned(),
            client_id: "casper".to_owned(),
            user_id: UserId(Uuid::nil()),
            created_at: at,
            give_up_at: at,
            attempts: 4,
            next_attempt_at: Some(at.plus_seconds(60)),
            delivered_at: None,
            dead_at: None,
            last_error: Some("no answer in time".to_owned()),
        };
        let open = line(&delivery);
        assert!(open.contains("casper since 2026-11-21T12:00:00Z, 4 tries"), "{open}");
        assert!(open.ends_with("next try 2026-11-21T12:01:00Z: no answer in time"), "{open}");
        let dead = LogoutDelivery { dead_at: Some(at), next_attempt_at: None, ..delivery };
        assert!(line(&dead).contains("given up 2026-11-21T12:00:00Z"), "{}", line(&dead));
        assert!(!line(&dead).contains("sid_1"));
    }
}
