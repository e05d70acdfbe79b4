//! Discovery and key set.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use idp::web::oauth::endpoints;
use serde_json::{Value, json};

use crate::harness::{ISSUER, TestIdp};

async fn metadata(idp: &TestIdp) -> Value {
    let path = "/.well-known/openid-configuration";
    idp.send(Request::get(path).body(Body::empty()).unwrap()).await.json()
}

#[tokio::test]
async fn discovery_4_and_rfc8414_3_both_addresses_give_the_same_metadata() {
    let idp = TestIdp::start().await;
    let expected = metadata(&idp).await;
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let reply = idp.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(reply.json(), expected);
        assert_eq!(reply.headers["content-type"], "application/json");
        assert_eq!(reply.headers["cache-control"], "public, max-age=300");
    }
    assert_eq!(expected["issuer"], ISSUER);
}

/// The metadata cannot lie: whatever they name as an address answers there, to the methods of the table and to no
/// others.
#[tokio::test]
async fn every_endpoint_of_the_metadata_answers_to_its_methods_and_to_no_others() {
    let idp = TestIdp::start().await;
    let metadata = metadata(&idp).await;
    let endpoints = endpoints(true);
    let mut seen = 0;
    for (name, value) in metadata.as_object().unwrap() {
        if !(name.ends_with("_endpoint") || name.ends_with("_uri")) {
            continue;
        }
        let path = value.as_str().unwrap().strip_prefix(ISSUER).unwrap();
        let endpoint = endpoints.iter().find(|endpoint| endpoint.name == name);
        let taken = endpoint.map_or(&["GET"][..], |endpoint| endpoint.methods);
        assert_eq!(endpoint.map_or(path, |endpoint| endpoint.path), path, "{name}");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let request = Request::builder().method(method).uri(path);
            let reply = idp.send(request.body(Body::empty()).unwrap()).await;
            assert_ne!(reply.status, StatusCode::NOT_FOUND, "{name}");
            let is_taken = reply.status != StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(is_taken, taken.contains(&method), "{method} {name}");
        }
        seen += 1;
    }
    assert!(seen > endpoints.len(), "the endpoints and the documents");
}

#[tokio::test]
async fn every_route_under_oauth2_stands_in_the_metadata() {
    let idp = TestIdp::start().await;
    let metadata = metadata(&idp).await;
    for endpoint in endpoints(true) {
        assert!(endpoint.path.starts_with("/oauth2/"));
        assert_eq!(metadata[endpoint.name], format!("{ISSUER}{}", endpoint.path));
        if let Some(told) = endpoint.authentication {
            let has = |member: &str, value: &str| {
                metadata[member].as_array().unwrap().contains(&json!(value))
            };
            assert!(has(told.methods_member, "client_secret_basic"));
            assert!(has(told.methods_member, "private_key_jwt"));
            assert!(has(told.algs_member, "PS256") && !has(told.algs_member, "none"));
        }
    }
}

#[tokio::test]
async fn the_key_set_has_a_public_key_of_each_algorithm() {
    let idp = TestIdp::start().await;
    let reply = idp.send(Request::get("/oauth2/jwks").body(Body::empty()).unwrap()).await;
    let set = reply.json();
    let mut algorithms: Vec<&str> =
        set["keys"].as_array().unwrap().iter().map(|key| key["alg"].as_str().unwrap()).collect();
    algorithms.sort_unstable();
    assert_eq!(algorithms, ["ES256", "EdDSA", "RS256"]);
    for key in set["keys"].as_array().unwrap() {
        assert_eq!(key["use"], "sig");
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert_eq!(key.get(private), None);
        }
    }
    assert_eq!(reply.headers["content-type"], "application/jwk-set+json");
}
