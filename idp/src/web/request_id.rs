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

/// The peer, or what believed proxies say of it: the last address that none of them has. All lines of the header
/// count, as a proxy may add one of its own; an address inside IPv6 is the IPv4 address that it stands for.
fn client_ip(request: &Request, trusted: &[IpAddr]) -> Option<IpAddr> {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip().to_canonical())?;
    if !trusted.contains(&peer) {
        return Some(peer);
    }
    let lines = request.headers().get_all("x-forwarded-for").iter();
    let hops: Vec<Option<IpAddr>> = lines
        .flat_map(|line| line.to_str().unwrap_or("?").split(','))
        .map(|hop| hop.trim().parse::<IpAddr>().ok().map(|ip| ip.to_canonical()))
        .collect();
    let first_foreign =
        hops.into_iter().rev().find(|hop| hop.is_none_or(|ip| !trusted.contains(&ip)));
    // A hop that cannot be read fails closed: everybody behind it shares the proxy's own address.
    Some(first_foreign.flatten().unwrap_or(peer))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn seen_from(peer: &str, lines: &[&str]) -> String {
        let mut request = Request::new(Body::empty());
        let peer: IpAddr = peer.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((peer, 1))));
        for line in lines {
            request.headers_mut().append("x-forwarded-for", line.parse().unwrap());
        }
        let trusted = ["10.0.0.1", "10.0.0.2"].map(|ip| ip.parse().unwrap());
        client_ip(&request, &trusted).unwrap().to_string()
    }

    #[test]
    fn only_believed_proxies_say_where_a_request_comes_from() {
        assert_eq!(seen_from("192.0.2.7", &["198.51.100.1"]), "192.0.2.7");
        assert_eq!(seen_from("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(seen_from("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(seen_from("::ffff:10.0.0.1", &["198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(
            seen_from("10.0.0.1", &["203.0.113.9", "198.51.100.1"]),
            "198.51.100.1",
            "the forged line is first"
        );
        assert_eq!(seen_from("10.0.0.1", &["203.0.113.9, nonsense"]), "10.0.0.1");
    }
}
