//! `private_key_jwt`: RFC 7523, OpenID Connect Core 9, security.md 32.

use axum::http::StatusCode;
use futures_util::future::join_all;
use keys::Algorithm;
use oidc_core::client::{AssertionAudience, AuthMethod, Client, ClientKeys};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::harness::{Backend, ISSUER, Reply, Signer, TestIdp, assertion, proof};

fn check_refused(reply: &Reply, what: &str) {
    let found = (reply.status, reply.error());
    assert_eq!(found, (StatusCode::UNAUTHORIZED, "invalid_client".to_owned()), "{what}");
    let description = reply.json()["error_description"].clone();
    assert_eq!(description, "client authentication failed", "{what}: tells nothing more");
}

#[tokio::test]
async fn rfc7523_2_2_a_client_proves_itself_by_a_signature_of_each_algorithm() {
    let idp = TestIdp::start().await;
    for algorithm in Algorithm::ALL {
        let (signer, id) = (Signer::new(algorithm), algorithm.as_str());
        idp.register(&signer.client(id)).await;
        let first = signer.sign(&assertion(&idp, id, "j-1"));
        assert_eq!(idp.token_by_assertion(&first).await.status, StatusCode::OK, "{id}");
        let typed = signer.sign_as("client-authentication+jwt", &assertion(&idp, id, "j-2"));
        assert_eq!(idp.token_by_assertion(&typed).await.status, StatusCode::OK, "{id}");
        let mut fields = vec![("grant_type", "client_credentials"), ("client_id", id)];
        let named = signer.sign(&assertion(&idp, id, "j-3"));
        fields.extend(proof(&named));
        let reply = idp.send(TestIdp::form_request("/oauth2/token", &fields)).await;
        assert_eq!(reply.status, StatusCode::OK, "{id}");
    }
}

/// Every claim that is wrong alone; `null` for one that is missing.
fn wrong_claims(now: i64) -> Vec<(&'static str, Value)> {
    let token = format!("{ISSUER}/oauth2/token");
    vec![
        ("iss", json!("robot")),
        ("iss", Value::Null),
        ("sub", json!("robot")),
        ("sub", Value::Null),
        ("sub", json!(["cj"])),
        ("aud", json!(token)),
        ("aud", json!([ISSUER])),
        ("aud", json!([ISSUER, token])),
        ("aud", json!(format!("{ISSUER}/"))),
        ("aud", json!(format!("{ISSUER}.evil.example"))),
        ("aud", json!("http://localhost:808")),
        ("aud", json!("")),
        ("aud", json!([])),
        ("aud", Value::Null),
        ("exp", json!(now)),
        ("exp", json!(now - 300)),
        ("exp", json!(now + 301)),
        ("exp", json!((now + 60).to_string())),
        ("exp", json!(60.5)),
        ("exp", json!(-1)),
        ("exp", json!(9_007_199_254_740_993_i64)),
        ("exp", Value::Null),
        ("iat", json!(now + 62)),
        ("iat", json!("now")),
        ("nbf", json!(now + 62)),
        ("jti", json!("")),
        ("jti", json!(7)),
        ("jti", Value::Null),
    ]
}

/// security.md 32; and after each of them the same `jti` is still good: nothing was used up.
#[tokio::test]
async fn rfc7523_3_each_wrong_claim_alone_is_refused_and_uses_nothing_up() {
    let idp = TestIdp::start().await;
    let signer = Signer::new(Algorithm::Es256);
    idp.register(&signer.client("cj")).await;
    for (name, value) in wrong_claims(idp.app.now().millis() / 1000) {
        let mut claims = assertion(&idp, "cj", "the only one");
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
        check_refused(
            &idp.token_by_assertion(&signer.sign(&claims)).await,
            &format!("{name}: {value}"),
        );
    }
    let good = signer.sign(&assertion(&idp, "cj", "the only one"));
    assert_eq!(idp.token_by_assertion(&good).await.status, StatusCode::OK);
}

/// security.md 32, 37.
#[tokio::test]
async fn rfc7523_3_a_signature_of_another_key_kind_or_algorithm_proves_nothing() {
    let idp = TestIdp::start().await;
    let (signer, other) = (Signer::new(Algorithm::Es256), Signer::new(Algorithm::Es256));
    idp.register(&signer.client("cj")).await;
    idp.register(&other.client("other")).await;
    let mut pinned = signer.client("pinned");
    pinned.policy.assertion_alg = Some("RS256".to_owned());
    idp.register(&pinned).await;
    let claims = assertion(&idp, "cj", "j-1");
    let good = signer.sign(&claims);
    let (message, _) = good.rsplit_once('.').unwrap();
    let own = idp.app.keys.sign(Algorithm::Es256, "JWT", &claims, idp.app.now().millis()).unwrap();
    for (what, token) in [
        ("the key of another client", other.sign(&claims)),
        ("a key of the provider", own),
        ("no signature", format!("{message}.")),
        ("another kind", signer.sign_as("at+jwt", &claims)),
        ("not the pinned algorithm", signer.sign(&assertion(&idp, "pinned", "j-1"))),
        ("another client", signer.sign(&assertion(&idp, "other", "j-1"))),
        ("no such client", signer.sign(&assertion(&idp, "nobody", "j-1"))),
        ("a client with a secret", signer.sign(&assertion(&idp, "robot", "j-1"))),
        ("no token", "x".to_owned()),
    ] {
        check_refused(&idp.token_by_assertion(&token).await, what);
    }
    let mut fields = vec![("grant_type", "client_credentials"), ("client_id", "other")];
    fields.extend(proof(&good));
    let reply = idp.send(TestIdp::form_request("/oauth2/token", &fields)).await;
    check_refused(&reply, "client_id contradicts the assertion");
    assert_eq!(idp.token_by_assertion(&good).await.status, StatusCode::OK);
}

#[tokio::test]
async fn core_9_a_client_of_the_wide_policy_may_name_the_endpoint_also_in_a_list() {
    let idp = TestIdp::start().await;
    let signer = Signer::new(Algorithm::Es256);
    let mut client = signer.client("cj");
    client.policy.assertion_audience = AssertionAudience::IssuerOrEndpoint;
    idp.register(&client).await;
    let token = format!("{ISSUER}/oauth2/token");
    for (jti, aud, expected) in [
        ("1", json!(ISSUER), StatusCode::OK),
        ("2", json!(token), StatusCode::OK),
        ("3", json!(["https://other.example", token]), StatusCode::OK),
        ("4", json!("https://other.example"), StatusCode::UNAUTHORIZED),
        ("5", json!(format!("{ISSUER}/oauth2/authorize")), StatusCode::UNAUTHORIZED),
    ] {
        let mut claims = assertion(&idp, "cj", jti);
        claims["aud"] = aud.clone();
        let reply = idp.token_by_assertion(&signer.sign(&claims)).await;
        assert_eq!(reply.status, expected, "{aud}");
    }
}

/// security.md 32: a replay on the same node, on another, and after a restart.
#[tokio::test]
async fn rfc7523_3_an_assertion_is_good_once_on_all_nodes_and_after_a_restart() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let node = idp.another_node().await;
        let signer = Signer::new(Algorithm::Es256);
        idp.register(&signer.client("cj")).await;
        idp.register(&signer.client("cj2")).await;
        let token = signer.sign(&assertion(&idp, "cj", "j-1"));
        assert_eq!(idp.token_by_assertion(&token).await.status, StatusCode::OK, "{backend:?}");
        check_refused(&idp.token_by_assertion(&token).await, "the same node");
        check_refused(&node.token_by_assertion(&token).await, "another node");
        let restarted = idp.another_node().await;
        check_refused(&restarted.token_by_assertion(&token).await, "after a restart");
        // A jti is the client's own: another client may use the same.
        let same_jti = signer.sign(&assertion(&idp, "cj2", "j-1"));
        assert_eq!(node.token_by_assertion(&same_jti).await.status, StatusCode::OK);
        // It is used up by any request that it authenticates, also one that fails afterwards.
        let failing = signer.sign(&assertion(&idp, "cj", "j-2"));
        let mut fields = vec![("grant_type", "password")];
        fields.extend(proof(&failing));
        let reply = idp.send(TestIdp::form_request("/oauth2/token", &fields)).await;
        assert_eq!(reply.error(), "unsupported_grant_type");
        check_refused(&node.token_by_assertion(&failing).await, "after a failed request");
    }
}

#[tokio::test]
async fn a_used_assertion_is_forgotten_only_after_it_is_over() {
    let idp = TestIdp::start().await;
    let signer = Signer::new(Algorithm::Es256);
    idp.register(&signer.client("cj")).await;
    let token = signer.sign(&assertion(&idp, "cj", "j-1"));
    assert_eq!(idp.token_by_assertion(&token).await.status, StatusCode::OK);
    idp.app.store.sweep(idp.app.now()).await.unwrap();
    check_refused(&idp.token_by_assertion(&token).await, "swept");
    idp.advance(60);
    check_refused(&idp.token_by_assertion(&token).await, "over");
    idp.advance(2 * 24 * 3600);
    assert!(idp.app.store.sweep(idp.app.now()).await.unwrap() >= 1);
    check_refused(&idp.token_by_assertion(&token).await, "swept and over");
}

/// Of 32 replays at once on two nodes exactly one is taken (security.md 32; fault test F3).
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_uses_of_an_assertion_at_once_exactly_one_succeeds() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let node = idp.another_node().await;
        let signer = Signer::new(Algorithm::Es256);
        idp.register(&signer.client("cj")).await;
        for round in 0..10 {
            let token = signer.sign(&assertion(&idp, "cj", &format!("j-{round}")));
            let mut fields = vec![("grant_type", "client_credentials")];
            fields.extend(proof(&token));
            let tasks = (0..32).map(|turn| {
                let router = if turn % 2 == 0 { &idp } else { &node }.router.clone();
                let request = TestIdp::form_request("/oauth2/token", &fields);
                tokio::spawn(async move { router.oneshot(request).await.unwrap() })
            });
            let mut won = 0;
            for response in join_all(tasks).await {
                let reply = Reply::read(response.unwrap()).await;
                if reply.status == StatusCode::OK {
                    won += 1;
                } else {
                    check_refused(&reply, &format!("{backend:?}"));
                }
            }
            assert_eq!(won, 1, "{backend:?}");
        }
    }
}

#[tokio::test]
async fn a_client_with_unusable_keys_or_another_method_is_refused() {
    let idp = TestIdp::start().await;
    let signer = Signer::new(Algorithm::Es256);
    let good = signer.client("cj");
    let with =
        |id: &str, keys: Option<ClientKeys>| Client { id: id.to_owned(), keys, ..good.clone() };
    idp.register(&with("none", None)).await;
    idp.register(&with("broken", Some(ClientKeys::ByValue("{}".to_owned())))).await;
    let secret = AuthMethod::ClientSecretBasic;
    let by_secret = Client { auth_method: secret, ..with("secret", good.keys.clone()) };
    idp.register(&by_secret).await;
    let disabled = Client { enabled: false, ..with("disabled", good.keys.clone()) };
    idp.register(&disabled).await;
    for id in ["none", "broken", "secret", "disabled"] {
        let token = signer.sign(&assertion(&idp, id, "j-1"));
        check_refused(&idp.token_by_assertion(&token).await, id);
    }
}
