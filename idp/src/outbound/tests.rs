use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    response::IntoResponse,
    routing::{get, post},
};
use futures_util::future::BoxFuture;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::*;

/// A name service that gives one answer after the other, and repeats the last.
struct Script {
    answers: Vec<Vec<&'static str>>,
    asked: AtomicUsize,
}

impl Script {
    fn of(answers: &[&[&'static str]]) -> Arc<Self> {
        let answers = answers.iter().map(|answer| answer.to_vec()).collect();
        Arc::new(Self { answers, asked: AtomicUsize::new(0) })
    }
}

impl Lookup for Script {
    fn lookup(&self, _: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let turn = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers.get(turn).or(self.answers.last()).unwrap();
        let answer = answer.iter().map(|address| address.parse().unwrap()).collect();
        Box::pin(async move { Ok(answer) })
    }
}

fn config(allowed: &str) -> config::Outbound {
    config::Outbound {
        allowed_networks: vec![allowed.parse().unwrap()],
        allow_http_to: vec!["127.0.0.1".to_owned(), "rp.example".to_owned()],
        timeout_ms: 10_000,
        ..config::Outbound::default()
    }
}

/// Calls 127.0.0.1, and 127.0.0.1 only.
fn outbound() -> Outbound {
    Outbound::new(&config("127.0.0.1/32")).unwrap()
}

/// Serves a document of every kind, and counts what comes.
async fn serve() -> (SocketAddr, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let json = |kind: &'static str, length: usize| {
        get(move || async move {
            let text = format!("\"{}\"", "x".repeat(length - 2));
            ([(CONTENT_TYPE, kind)], text).into_response()
        })
    };
    let router = Router::new()
        .route("/json", json("application/json", 10))
        .route("/jwks", json("application/jwk-set+json; charset=utf-8", 10))
        .route("/html", json("text/html", 10))
        .route("/full", json("application/json", MAX_DOCUMENT))
        .route("/big", json("application/json", MAX_DOCUMENT + 1))
        .route("/endless", get(endless))
        .route("/away", get(away).post(away))
        .route(
            "/form",
            post(|body: String| async move {
                assert_eq!(body, "a=b+c");
            }),
        );
    let counted = Arc::clone(&calls);
    let count = move |request: axum::extract::Request| {
        counted.fetch_add(1, Ordering::SeqCst);
        std::future::ready(request)
    };
    let router = router.layer(axum::middleware::map_request(count));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, calls)
}

async fn away() -> impl IntoResponse {
    axum::response::Redirect::temporary("/json")
}

async fn endless() -> impl IntoResponse {
    let chunks = futures_util::stream::repeat_with(|| io::Result::Ok("x".repeat(4096)));
    ([(CONTENT_TYPE, "application/json")], axum::body::Body::from_stream(chunks))
}

#[tokio::test]
async fn small_json_documents_are_read() {
    let (server, calls) = serve().await;
    for (path, length) in [("json", 10), ("jwks", 10), ("full", MAX_DOCUMENT)] {
        let document = outbound().get(&format!("http://{server}/{path}")).await.unwrap();
        assert_eq!(document.len(), length);
    }
    assert_eq!(calls.load(Ordering::SeqCst), 3);
}

/// security.md 34.
#[tokio::test]
async fn other_documents_are_not() {
    let (server, calls) = serve().await;
    for (path, expected) in [
        ("html", OutboundError::NotJson),
        ("big", OutboundError::TooLarge),
        ("endless", OutboundError::TooLarge),
        ("missing", OutboundError::Status(StatusCode::NOT_FOUND)),
    ] {
        assert_eq!(outbound().get(&format!("http://{server}/{path}")).await, Err(expected));
    }
    assert_eq!(calls.load(Ordering::SeqCst), 4);
}

/// security.md 34, 103.
#[tokio::test]
async fn redirects_are_not_followed() {
    let (server, calls) = serve().await;
    let (outbound, address) = (outbound(), format!("http://{server}/away"));
    let refused = OutboundError::Status(StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(outbound.get(&address).await, Err(refused));
    assert_eq!(outbound.post_form(&address, &[]).await, Ok(StatusCode::TEMPORARY_REDIRECT));
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_form_is_posted_as_one() {
    let (server, _) = serve().await;
    let posted = outbound().post_form(&format!("http://{server}/form"), &[("a", "b c")]).await;
    assert_eq!(posted, Ok(StatusCode::OK));
}

/// security.md 34: every notation of a loopback address, and what else is not on the internet.
#[tokio::test]
async fn literal_addresses_are_checked_however_they_are_written() {
    let outbound = Outbound::new(&config::Outbound::default()).unwrap();
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.1.",
        "%31%32%37.0.0.1",
        "１２７.0.0.1",
        "0",
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "2852039166",
        "172.16.0.1",
        "192.168.1.1",
        "224.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fc00::1]",
        "[fe80::1]",
        "[ff02::1]",
    ] {
        let address = format!("https://{host}/");
        let refused = outbound.check_address(&address);
        assert!(matches!(refused, Err(Refusal::Address(_))), "{address}: {refused:?}");
        let answer = outbound.get(&address).await;
        assert!(matches!(answer, Err(OutboundError::Refused(Refusal::Address(_)))), "{address}");
    }
    assert!(outbound.check_address("https://8.8.8.8/").is_ok());
}

#[test]
fn addresses_with_another_scheme_credentials_or_port_are_refused() {
    let outbound = outbound();
    for (address, expected) in [
        ("rp.example/keys", Refusal::Malformed),
        ("https://", Refusal::Malformed),
        ("data:application/json,{}", Refusal::Malformed),
        ("http://other.example/", Refusal::Scheme),
        ("http://rp.example.evil.example/", Refusal::Scheme),
        ("ftp://rp.example/", Refusal::Scheme),
        ("file://rp.example/etc/passwd", Refusal::Scheme),
        ("https://a@rp.example/", Refusal::Credentials),
        ("https://a:b@rp.example/", Refusal::Credentials),
        ("https://:b@rp.example/", Refusal::Credentials),
        ("https://rp.example:22/", Refusal::Port(22)),
        ("https://rp.example:0/", Refusal::Port(0)),
        ("http://rp.example:25/", Refusal::Port(25)),
    ] {
        assert_eq!(outbound.check_address(address), Err(expected), "{address}");
    }
    for good in ["https://other.example/", "https://rp.example:8443/", "http://rp.example:80/"] {
        assert!(outbound.check_address(good).is_ok(), "{good}");
    }
}

/// security.md 34: the address that was checked is the one that is connected to.
#[tokio::test]
async fn a_name_that_changes_its_address_after_the_check_gains_nothing() {
    let (server, calls) = serve().await;
    let address = format!("http://rp.example:{}/json", server.port());
    let name = Script::of(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let outbound = Outbound::with_lookup(&config("127.0.0.1/32"), name.clone()).unwrap();
    assert!(outbound.get(&address).await.is_ok());
    assert_eq!(name.asked.load(Ordering::SeqCst), 1, "asked once: check and connection share it");

    let name = Script::of(&[&["127.0.0.2"], &["127.0.0.1"]]);
    let outbound = Outbound::with_lookup(&config("127.0.0.1/32"), name).unwrap();
    let closed = Refusal::Address("127.0.0.2".parse().unwrap());
    assert_eq!(outbound.get(&address).await, Err(closed.into()));
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

/// security.md 34.
#[tokio::test]
async fn one_closed_address_among_those_of_a_name_is_enough() {
    let (server, calls) = serve().await;
    let address = format!("http://rp.example:{}/json", server.port());
    for closed in ["10.0.0.1", "::1", "::ffff:10.0.0.1", "169.254.169.254", "fd00::1"] {
        let name = Script::of(&[&["127.0.0.1", closed]]);
        let outbound = Outbound::with_lookup(&config("127.0.0.1/32"), name).unwrap();
        let refused = outbound.get(&address).await;
        assert_eq!(refused, Err(Refusal::Address(closed.parse().unwrap()).into()));
    }
    assert_eq!(calls.load(Ordering::SeqCst), 0);
}

/// security.md 34: neither silence nor a trickle holds a call.
#[tokio::test]
async fn slow_answers_are_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut turn = 0_u8;
        let mut open = Vec::new();
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let _ = socket.read(&mut [0; 1024]).await;
            if turn > 0 {
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n\"";
                // The caller may have given up before.
                socket.write_all(head.as_bytes()).await.ok();
            }
            turn += 1;
            open.push(socket);
        }
    });
    let hasty = config::Outbound { timeout_ms: 300, ..config("127.0.0.1/32") };
    let hasty = Outbound::new(&hasty).unwrap();
    assert_eq!(hasty.get(&address).await, Err(OutboundError::TimedOut), "no head");
    assert_eq!(hasty.get(&address).await, Err(OutboundError::TimedOut), "no body");
    assert_eq!(
        outbound().post_form(&address, &[]).await,
        Ok(StatusCode::OK),
        "the status is there"
    );
}

#[tokio::test]
async fn a_closed_port_and_a_server_without_tls_are_told_apart_from_a_refusal() {
    let (server, _) = serve().await;
    let tls = outbound().get(&format!("https://{server}/json")).await;
    assert!(matches!(tls, Err(OutboundError::Unreachable(_))), "{tls:?}");
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let nobody = outbound().get(&format!("http://{closed}/json")).await;
    assert!(matches!(nobody, Err(OutboundError::Unreachable(_))), "{nobody:?}");
}
