//! Keys that a client publishes at its `jwks_uri`: OpenID Connect Core 10.1.1, security.md 34.

use std::sync::{Arc, Mutex};

use axum::{Router, http::StatusCode, response::IntoResponse as _, routing::get};
use idp::config::Outbound;
use keys::Algorithm;
use oidc_core::client::{Client, ClientKeys};

use crate::harness::{Backend, Signer, TestIdp, assertion};

const REFUSED: StatusCode = StatusCode::UNAUTHORIZED;

/// What a client publishes, and how often it was asked.
#[derive(Clone, Default)]
struct Publisher(Arc<Mutex<(Option<String>, usize)>>);

impl Publisher {
    async fn serve(&self) -> String {
        let state = self.clone();
        let answer = move || {
            let mut state = state.0.lock().unwrap();
            state.1 += 1;
            match &state.0 {
                Some(set) => ([("content-type", "application/json")], set.clone()).into_response(),
                None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/jwks", get(move || async move { answer() }));
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}/jwks")
    }

    fn publish(&self, set: Option<&str>) {
        self.0.lock().unwrap().0 = set.map(str::to_owned);
    }

    fn asked(&self) -> usize {
        self.0.lock().unwrap().1
    }
}

async fn idp_that_calls_this_machine() -> TestIdp {
    let outbound = Outbound {
        allowed_networks: vec!["127.0.0.1/32".parse().unwrap()],
        allow_http_to: vec!["127.0.0.1".to_owned()],
        ..Outbound::default()
    };
    TestIdp::start_calling(Backend::Sqlite, outbound).await
}

fn by_reference(signer: &Signer, uri: String) -> Client {
    Client { keys: Some(ClientKeys::ByReference(uri)), ..signer.client("cj") }
}

async fn status(idp: &TestIdp, signer: &Signer, jti: &str) -> StatusCode {
    idp.token_by_assertion(&signer.sign(&assertion(idp, "cj", jti))).await.status
}

#[tokio::test]
async fn core_10_1_1_a_rotated_key_is_fetched_and_an_unknown_one_at_most_once_a_minute() {
    let idp = idp_that_calls_this_machine().await;
    let publisher = Publisher::default();
    let old = Signer::new(Algorithm::Es256);
    let new = Signer::new(Algorithm::Rs256);
    let stranger = Signer::new(Algorithm::Es256);
    publisher.publish(Some(old.jwks()));
    idp.register(&by_reference(&old, publisher.serve().await)).await;

    assert_eq!(status(&idp, &old, "1").await, StatusCode::OK);
    assert_eq!(status(&idp, &old, "2").await, StatusCode::OK);
    assert_eq!(publisher.asked(), 1, "what is known is not fetched again");
    publisher.publish(Some(new.jwks()));
    for jti in ["3", "4", "5"] {
        assert_eq!(status(&idp, &stranger, jti).await, REFUSED);
    }
    assert_eq!(publisher.asked(), 1, "fetched less than a minute ago");
    idp.advance(60);
    assert_eq!(status(&idp, &new, "6").await, StatusCode::OK);
    assert_eq!(publisher.asked(), 2);
    assert_eq!(status(&idp, &old, "7").await, REFUSED, "withdrawn");
    assert_eq!(status(&idp, &stranger, "8").await, REFUSED);
    assert_eq!(publisher.asked(), 2, "and asked again only after a minute");
}

#[tokio::test]
async fn a_withdrawn_key_is_refused_after_five_minutes_and_a_silent_address_changes_nothing() {
    let idp = idp_that_calls_this_machine().await;
    let publisher = Publisher::default();
    let (old, new) = (Signer::new(Algorithm::Es256), Signer::new(Algorithm::Es256));
    publisher.publish(Some(old.jwks()));
    idp.register(&by_reference(&old, publisher.serve().await)).await;
    assert_eq!(status(&idp, &old, "1").await, StatusCode::OK);

    for broken in [None, Some("{}"), Some("no JSON"), Some(r#"{"keys":[]}"#)] {
        publisher.publish(broken);
        idp.advance(300);
        let asked = publisher.asked();
        assert_eq!(status(&idp, &old, &format!("{broken:?}")).await, StatusCode::OK, "{broken:?}");
        assert_eq!(publisher.asked(), asked + 1, "{broken:?}");
    }
    publisher.publish(Some(new.jwks()));
    idp.advance(300);
    assert_eq!(status(&idp, &old, "2").await, REFUSED);
    assert_eq!(status(&idp, &new, "3").await, StatusCode::OK);
    publisher.publish(None);
    idp.advance(24 * 3600);
    assert_eq!(status(&idp, &new, "4").await, REFUSED, "not for ever");
}

#[tokio::test]
async fn an_address_that_never_gave_keys_is_asked_again_soon_but_not_by_every_request() {
    let idp = idp_that_calls_this_machine().await;
    let publisher = Publisher::default();
    let signer = Signer::new(Algorithm::Es256);
    idp.register(&by_reference(&signer, publisher.serve().await)).await;
    for jti in ["1", "2", "3"] {
        assert_eq!(status(&idp, &signer, jti).await, REFUSED);
    }
    assert_eq!(publisher.asked(), 1);
    publisher.publish(Some(signer.jwks()));
    idp.advance(10);
    assert_eq!(status(&idp, &signer, "4").await, StatusCode::OK);
}

/// security.md 34: the address of a client leads nowhere private unless the operator opened it.
#[tokio::test]
async fn a_private_jwks_uri_is_not_called() {
    let idp = TestIdp::start().await;
    let publisher = Publisher::default();
    let signer = Signer::new(Algorithm::Es256);
    publisher.publish(Some(signer.jwks()));
    idp.register(&by_reference(&signer, publisher.serve().await)).await;
    assert_eq!(status(&idp, &signer, "1").await, REFUSED);
    assert_eq!(publisher.asked(), 0);
}
