//! An id for each request: on the log line, on the error page, in the audit trail (design §7).

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderValue, request::Parts},
    middleware::Next,
    response::Response,
};
use portal_core::audit::Origin;
use tracing::Instrument as _;

use crate::{App, texts::Texts};

/// Header of the answer.
const HEADER: &str = "x-request-id";

/// What is known of a request before any handler sees it.
#[derive(Clone, Debug)]
pub struct RequestContext {
    /// Its id.
    pub id: String,
    /// Network address of the requester, as far as proxies are believed.
    pub ip: Option<IpAddr>,
    /// The reader's language.
    pub texts: Texts,
}

impl RequestContext {
    /// For the audit trail.
    pub fn origin(&self) -> Origin {
        Origin { ip: self.ip.map(|ip| ip.to_string()), request_id: Some(self.id.clone()) }
    }
}

impl<S: Sync> FromRequestParts<S> for RequestContext {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get().cloned().unwrap_or_else(|| Self {
            id: String::new(),
            ip: None,
            texts: Texts::english(),
        }))
    }
}

/// Middleware: names the request and logs how it ended. Neither query nor body is logged: they hold codes.
pub async fn assign(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let number = app.entropy.bytes().first_chunk().map_or(0, |chunk| u64::from_be_bytes(*chunk));
    let id = format!("{number:016x}");
    let language = request.headers().get("accept-language").and_then(|value| value.to_str().ok());
    let context = RequestContext {
        id: id.clone(),
        ip: client_ip(&request, &app.trusted_proxies),
        texts: Texts::for_header(language.unwrap_or_default()),
    };
    request.extensions_mut().insert(context);
    let span = tracing::info_span!("request", id = %id, method = %request.method(), path = %request.uri().path());
    let mut response = next.run(request).instrument(span.clone()).await;
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), "answered"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

/// The peer, or what a believed proxy says of it: the last address that such a proxy added.
fn client_ip(request: &Request, trusted: &[IpAddr]) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip())?;
    if !trusted.contains(&peer) {
        return Some(peer);
    }
    let forwarded = request.headers().get("x-forwarded-for").and_then(|value| value.to_str().ok());
    let mut hops =
        forwarded.unwrap_or_default().rsplit(',').map(|hop| hop.trim().parse::<IpAddr>());
    let first_foreign = hops.find(|hop| !matches!(hop, Ok(ip) if trusted.contains(ip)));
    // A hop that cannot be read fails closed: everybody behind it shares the proxy's own address.
    Some(first_foreign.and_then(Result::ok).unwrap_or(peer))
}
