//! Where the provider reaches the clients of a run: it takes logout tokens and hands out keys.

use std::{
    collections::{BTreeMap, VecDeque},
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, bail};
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::Notify};

/// A server on the loopback address. Logout tokens of a client come to `/logout/NAME`, its keys are
/// at `/keys/NAME`.
#[derive(Clone)]
pub struct Listener {
    address: SocketAddr,
    heard: Arc<Heard>,
}

#[derive(Default)]
struct Heard {
    state: Mutex<Known>,
    news: Notify,
}

#[derive(Default)]
struct Known {
    deliveries: BTreeMap<String, Vec<Delivery>>,
    keys: BTreeMap<String, Value>,
    key_visits: BTreeMap<String, usize>,
    refusals: BTreeMap<String, VecDeque<StatusCode>>,
    held: BTreeMap<String, Held>,
}

/// Answers to a client's deliveries that are held back while this lives: one that does not answer.
#[derive(Clone)]
pub(crate) struct Held(Arc<Holding>);

#[derive(Default)]
struct Holding {
    release: Notify,
    is_given_up: AtomicBool,
}

/// The provider waits for an answer as long as this lives.
struct Waiting(Held);

/// A request to a back-channel logout address, as it came.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) content_type: String,
    pub(crate) has_cookie: bool,
    pub(crate) fields: Vec<(String, String)>,
}

impl Listener {
    /// Listens on this port of 127.0.0.1; on a free one when it is 0.
    pub async fn start(port: u16) -> anyhow::Result<Self> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let socket = socket.with_context(|| format!("port {port} cannot be listened on"))?;
        let address = socket.local_addr()?;
        let heard = Arc::new(Heard::default());
        let router = Router::new()
            .route("/logout/{name}", post(take_logout_token))
            .route("/keys/{name}", get(show_keys))
            .with_state(Arc::clone(&heard));
        tokio::spawn(async move { axum::serve(socket, router).await });
        Ok(Self { address, heard })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sets the keys of a client.
    pub(crate) fn publish(&self, name: &str, keys: Value) {
        self.heard.known().keys.insert(name.to_owned(), keys);
    }

    /// How often the keys of a client were read.
    pub(crate) fn key_visits(&self, name: &str) -> usize {
        self.heard.known().key_visits.get(name).copied().unwrap_or_default()
    }

    /// Answers the next delivery to a client with this status instead of taking it.
    pub(crate) fn refuse_next(&self, name: &str, status: StatusCode) {
        self.heard.known().refusals.entry(name.to_owned()).or_default().push_back(status);
    }

    /// Lets the next delivery to a client wait for its answer.
    pub(crate) fn hold_next(&self, name: &str) -> Held {
        let held = Held(Arc::default());
        self.heard.known().held.insert(name.to_owned(), held.clone());
        held
    }

    /// What has come to a client up to now.
    pub(crate) fn deliveries(&self, name: &str) -> Vec<Delivery> {
        self.heard.known().deliveries.get(name).cloned().unwrap_or_default()
    }

    /// The deliveries to a client after the first `known`, as soon as there is one.
    pub(crate) async fn delivery_after(
        &self,
        name: &str,
        known: usize,
        limit: Duration,
    ) -> anyhow::Result<Delivery> {
        let wait = async {
            loop {
                let news = self.heard.news.notified();
                if let Some(delivery) = self.deliveries(name).get(known) {
                    return delivery.clone();
                }
                news.await;
            }
        };
        match tokio::time::timeout(limit, wait).await {
            Ok(delivery) => Ok(delivery),
            Err(_) => bail!("no logout token came within {} s", limit.as_secs()),
        }
    }
}

impl Held {
    /// Whether the provider has stopped waiting.
    pub(crate) fn is_given_up(&self) -> bool {
        self.0.is_given_up.load(Ordering::Relaxed)
    }

    /// Answers.
    pub(crate) fn release(&self) {
        self.0.release.notify_one();
    }
}

impl Drop for Waiting {
    /// The request ends before it is answered.
    fn drop(&mut self) {
        self.0.0.is_given_up.store(true, Ordering::Relaxed);
    }
}

impl Heard {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn take_logout_token(
    State(heard): State<Arc<Heard>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: String,
) -> StatusCode {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let delivery = Delivery {
        content_type: content_type.unwrap_or_default().to_owned(),
        has_cookie: headers.contains_key("cookie"),
        fields: form_urlencoded::parse(body.as_bytes()).into_owned().collect(),
    };
    let (status, held) = {
        let mut known = heard.known();
        known.deliveries.entry(name.clone()).or_default().push(delivery);
        let status = known.refusals.get_mut(&name).and_then(VecDeque::pop_front);
        (status, known.held.remove(&name))
    };
    // Stored for one who is about to wait, too.
    heard.news.notify_one();
    if let Some(held) = held {
        let _waiting = Waiting(held.clone());
        held.0.release.notified().await;
    }
    status.unwrap_or(StatusCode::OK)
}

async fn show_keys(State(heard): State<Arc<Heard>>, Path(name): Path<String>) -> Response {
    let mut known = heard.known();
    *known.key_visits.entry(name.clone()).or_default() += 1;
    match known.keys.get(&name) {
        Some(keys) => ([(CONTENT_TYPE, "application/json")], keys.to_string()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
