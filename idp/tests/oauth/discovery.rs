//! Discovery and key set.

use axum::{body::Body, http::Request};

use crate::harness::{ISSUER, TestIdp};

#[tokio::test]
async fn the_metadata_name_endpoints_that_answer() {
    let idp = TestIdp::start().await;
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let reply = idp.send(Request::get(path).body(Body::empty()).unwrap()).await;
        let metadata = reply.json();
        assert_eq!(metadata["issuer"], ISSUER);
        assert_eq!(reply.headers["cache-control"], "public, max-age=300");
        for name in [
            "authorization_endpoint",
            "token_endpoint",
            "userinfo_endpoint",
            "jwks_uri",
            "end_session_endpoint",
        ] {
            let address = metadata[name].as_str().unwrap().strip_prefix(ISSUER).unwrap();
            let reply = idp.send(Request::get(address).body(Body::empty()).unwrap()).await;
            assert_ne!(reply.status, 404, "{name}");
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
