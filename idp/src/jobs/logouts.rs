//! Delivery of logout tokens from the outbox (OpenID Connect Back-Channel Logout 1.0; security.md 102, 103).
//!
//! Each relying party is served on its own, so one that is slow or down delays no other. Every attempt signs a fresh
//! token. Nothing is kept in memory: a node that dies leaves its claims to the others.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::join_all;
use oidc_core::{
    backchannel_logout::{self, Answer, Attempt, LOGOUT_TOKEN_TYP, LogoutToken, Outcome},
    client::{BackchannelLogout, Client},
};
use portal_core::audit::{AuditAction, AuditActor, AuditEvent, Origin};
use serde_json::json;
use storage::{LogoutDelivery, StorageError};
use tokio::{sync::Semaphore, task::JoinHandle, time::MissedTickBehavior};

use crate::{App, entropy, signing, subject, web::error::source_chain};

/// How often the database is asked: for tries whose wait is over, and for what other nodes wrote and did not deliver.
const POLL_EVERY: Duration = Duration::from_secs(2);
/// Most tokens on their way to one relying party at once.
const PER_CLIENT: u64 = 2;
/// Most relying parties that are called at once.
const CLIENTS_AT_ONCE: usize = 32;

/// Runs for as long as the program. A failure of the database is logged, and tried again next time.
pub async fn run(app: Arc<App>) {
    let courier = Courier::new(app);
    let enqueued = courier.app.store.logouts_enqueued();
    let mut poll = tokio::time::interval(POLL_EVERY);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = poll.tick() => {}
            () = enqueued.notified() => {}
        }
        if let Err(error) = courier.start_due().await {
            tracing::warn!(reason = source_chain(&error), "logout tokens cannot be delivered now");
        }
    }
}

/// Whoever brings logout tokens to relying parties.
pub struct Courier {
    app: Arc<App>,
    /// The relying parties that are being served.
    busy: Mutex<HashSet<String>>,
    lines: Semaphore,
}

impl Courier {
    /// One for this process.
    pub fn new(app: Arc<App>) -> Arc<Self> {
        Arc::new(Self { app, busy: Mutex::default(), lines: Semaphore::new(CLIENTS_AT_ONCE) })
    }

    /// Brings everything that is due now, and returns when each relying party has it or has failed.
    ///
    /// # Errors
    /// [`StorageError`]: it cannot be told what is due.
    pub async fn deliver_due(self: &Arc<Self>) -> Result<(), StorageError> {
        join_all(self.start_due().await?).await;
        Ok(())
    }

    /// Starts to serve every relying party for which something is due and that is not being served. Nobody needs to
    /// wait for what is returned.
    ///
    /// # Errors
    /// [`StorageError`]: it cannot be told what is due.
    pub async fn start_due(self: &Arc<Self>) -> Result<Vec<JoinHandle<()>>, StorageError> {
        let clients = self.app.store.list_clients_with_due_logouts(self.app.now()).await?;
        let idle = clients.into_iter().filter_map(|id| Serving::begin(Arc::clone(self), id));
        Ok(idle.map(|serving| tokio::spawn(serving.run())).collect())
    }

    /// One attempt. Tells what the relying party answered.
    async fn attempt(
        &self,
        client: Option<&Client>,
        delivery: &LogoutDelivery,
    ) -> Result<Answer, StorageError> {
        let Some((client, logout)) = client.and_then(|c| Some((c, c.backchannel_logout.as_ref()?)))
        else {
            let error = "the client is no longer registered for logout tokens";
            self.settle(delivery, Outcome::Dead, Some(error)).await?;
            return Ok(Answer::None);
        };
        let (answer, error) = self.send(client, logout, delivery).await;
        let attempt = Attempt {
            number: delivery.attempts,
            give_up_at: delivery.give_up_at.millis(),
            now: self.app.now().millis(),
        };
        let outcome = backchannel_logout::decide(answer, attempt);
        let error = (outcome != Outcome::Delivered).then_some(error.as_str());
        self.settle(delivery, outcome, error).await?;
        Ok(answer)
    }

    async fn send(
        &self,
        client: &Client,
        logout: &BackchannelLogout,
        delivery: &LogoutDelivery,
    ) -> (Answer, String) {
        let token = match self.sign(client, delivery) {
            Ok(token) => token,
            Err(error) => return (Answer::None, format!("not signed: {error}")),
        };
        match self.app.outbound.post_form(&logout.uri, &[("logout_token", &token)]).await {
            Ok(status) => {
                let status = status.as_u16();
                (Answer::Status(status), format!("answered with status {status}"))
            }
            Err(error) => (Answer::None, error.to_string()),
        }
    }

    /// A token of this moment, by the key of this moment.
    fn sign(&self, client: &Client, delivery: &LogoutDelivery) -> Result<String, keys::Error> {
        let (app, now) = (&self.app, self.app.now().millis());
        let token = LogoutToken {
            issuer: app.issuer.as_str(),
            client_id: &client.id,
            subject: &subject::of(&app.server_keys, client, delivery.user_id),
            sid: &delivery.sid,
            jti: &entropy::secret(app.entropy.as_ref(), ""),
            now,
        };
        let algorithm = signing::algorithm(client.id_token_alg);
        app.keys.sign(algorithm, LOGOUT_TOKEN_TYP, &token.claims(), now)
    }

    async fn settle(
        &self,
        delivery: &LogoutDelivery,
        outcome: Outcome,
        error: Option<&str>,
    ) -> Result<(), StorageError> {
        let (app, now, client_id) = (&self.app, self.app.now(), &delivery.client_id);
        let (id, attempts) = (delivery.id, delivery.attempts);
        let tx = app.store.begin().await?;
        let is_ours = tx.settle_logout_delivery(delivery, outcome, error, now).await?;
        match outcome {
            Outcome::Delivered => {
                tracing::debug!(%id, client_id, attempts, "logout token delivered");
                if attempts > 1 {
                    // It answers again: whatever else waits for it need not wait longer.
                    tx.hasten_logout_deliveries(client_id, now).await?;
                }
            }
            Outcome::Retry(_) => {
                tracing::info!(%id, client_id, attempts, error, "logout token not delivered yet");
            }
            Outcome::Dead if is_ours => {
                tracing::error!(%id, client_id, attempts, error, "logout token given up");
                tx.append_audit(&given_up(delivery, error, now)).await?;
            }
            Outcome::Dead => {}
        }
        tx.commit().await
    }
}

fn given_up(
    delivery: &LogoutDelivery,
    error: Option<&str>,
    now: portal_core::Timestamp,
) -> AuditEvent {
    AuditEvent {
        at: now,
        actor: AuditActor::System,
        action: AuditAction::LogoutGivenUp,
        object: format!("client:{}", delivery.client_id),
        level_id: None,
        detail: json!({
            "delivery": delivery.id,
            "user": delivery.user_id.to_string(),
            "sid": delivery.sid,
            "attempts": delivery.attempts,
            "error": error,
        }),
        origin: Origin::default(),
    }
}

/// One relying party being served; no second task serves it until this is dropped, even by a panic.
struct Serving {
    courier: Arc<Courier>,
    client_id: String,
}

impl Serving {
    fn begin(courier: Arc<Courier>, client_id: String) -> Option<Self> {
        let mut busy = courier.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let is_idle = busy.insert(client_id.clone());
        drop(busy);
        is_idle.then(|| Self { courier, client_id })
    }

    async fn run(self) {
        if let Err(error) = self.deliver_all().await {
            let client_id = &self.client_id;
            tracing::warn!(client_id, reason = source_chain(&error), "logout tokens stay due");
        }
    }

    /// Brings one after the other, until nothing is due or the relying party is not at work. Then the rest stays due,
    /// and the next poll tries with the one that has waited longest.
    async fn deliver_all(&self) -> Result<(), StorageError> {
        let (courier, app) = (&self.courier, &self.courier.app);
        loop {
            let Ok(_line) = courier.lines.acquire().await else {
                return Ok(());
            };
            let client = app.store.find_client(&self.client_id).await?;
            let client = client.filter(|client| client.backchannel_logout.is_some());
            let claimed =
                app.store.claim_logout_deliveries(&self.client_id, PER_CLIENT, app.now()).await?;
            if claimed.is_empty() {
                return Ok(());
            }
            let attempts =
                claimed.iter().map(|delivery| courier.attempt(client.as_ref(), delivery));
            for answer in join_all(attempts).await {
                if client.is_some() && !answer?.is_of_a_working_receiver() {
                    return Ok(());
                }
            }
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let mut busy = self.courier.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.remove(&self.client_id);
    }
}
