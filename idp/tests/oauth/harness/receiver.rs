//! A stub of a relying party that is told of logouts, and may misbehave.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::post,
};
use oidc_core::client::{BackchannelLogout, Client};
use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinHandle,
};

use super::{TestIdp, redemption, token_part};

/// How it answers.
#[derive(Clone, Debug)]
pub(crate) enum Behaviour {
    /// With a status, and at once.
    Status(u16),
    /// Never.
    Hang,
    /// 200, and then its body never ends.
    SlowBody,
    /// By sending the caller elsewhere.
    Redirect(String),
}

/// Listens on an address of its own.
pub(crate) struct Receiver {
    address: SocketAddr,
    behaviour: Arc<Mutex<Behaviour>>,
    received: UnboundedReceiver<Bytes>,
    server: JoinHandle<()>,
}

#[derive(Clone)]
struct Stub {
    behaviour: Arc<Mutex<Behaviour>>,
    tell: UnboundedSender<Bytes>,
}

impl Receiver {
    pub(crate) async fn start(behaviour: Behaviour) -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").await.unwrap(), behaviour)
    }

    /// An address at which nobody listens, until [`Receiver::start_at`].
    pub(crate) async fn reserve() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
    }

    pub(crate) async fn start_at(address: SocketAddr) -> Self {
        Self::listen(TcpListener::bind(address).await.unwrap(), Behaviour::Status(200))
    }

    fn listen(listener: TcpListener, behaviour: Behaviour) -> Self {
        let address = listener.local_addr().unwrap();
        let behaviour = Arc::new(Mutex::new(behaviour));
        let (tell, received) = unbounded_channel();
        let stub = Stub { behaviour: behaviour.clone(), tell };
        let router = Router::new().route("/end", post(answer)).with_state(stub);
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, behaviour, received, server }
    }

    pub(crate) fn uri(&self) -> String {
        uri_at(self.address)
    }

    pub(crate) fn behave(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap() = behaviour;
    }

    /// The next token; waits for it, but not for ever.
    pub(crate) async fn next(&mut self) -> String {
        let next = tokio::time::timeout(Duration::from_secs(10), self.received.recv()).await;
        token_of(&next.expect("no logout token came").unwrap())
    }

    /// All tokens that came since the last look.
    pub(crate) fn tokens(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.received.try_recv().ok()).map(|body| token_of(&body)).collect()
    }

    /// The sessions that were named since the last look.
    pub(crate) fn sids(&mut self) -> Vec<String> {
        let sid = |token: &String| token_part(&Value::String(token.clone()), 1)["sid"].clone();
        self.tokens().iter().map(|token| sid(token).as_str().unwrap().to_owned()).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(stub): State<Stub>, headers: HeaderMap, body: Bytes) -> Response {
    let kind = "application/x-www-form-urlencoded";
    assert_eq!(headers[header::CONTENT_TYPE], kind, "Back-Channel Logout 2.5");
    stub.tell.send(body).ok();
    let behaviour = stub.behaviour.lock().unwrap().clone();
    match behaviour {
        Behaviour::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Behaviour::Hang => std::future::pending().await,
        Behaviour::SlowBody => {
            let never = futures_util::stream::pending::<std::io::Result<Bytes>>();
            Body::from_stream(never).into_response()
        }
        Behaviour::Redirect(to) => {
            (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response()
        }
    }
}

/// The body is exactly one parameter (Back-Channel Logout 2.5).
fn token_of(body: &[u8]) -> String {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
    let [(name, token)] = pairs.as_slice() else {
        panic!("{pairs:?}");
    };
    assert_eq!(name, "logout_token");
    token.clone()
}

/// Where a stub at this address wants to be told.
pub(crate) fn uri_at(address: SocketAddr) -> String {
    format!("http://{address}/end")
}

impl TestIdp {
    /// Registers a client like `casper` that is told of logouts, with some changes.
    pub(crate) async fn register_listener(
        &self,
        id: &str,
        uri: String,
        change: impl FnOnce(Client) -> Client,
    ) {
        let casper = self.app.store.find_client("casper").await.unwrap().unwrap();
        let client = Client {
            id: id.to_owned(),
            backchannel_logout: Some(BackchannelLogout { uri, session_required: true }),
            ..casper
        };
        self.register(&change(client)).await;
    }

    /// The answer of the token endpoint to a code that a browser brought for a client.
    pub(crate) async fn tokens_for(&self, browser: &mut super::Browser<'_>, client: &str) -> Value {
        let reply = browser.get(&super::authorize(&[("client_id", Some(client))])).await;
        let code = reply.parameter("code").unwrap_or_else(|| panic!("{reply:?}"));
        let answer = self.token(client, &redemption(&code)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()
    }
}
