//! Provider metadata (OpenID Connect Discovery 3, RFC 8414 2).

use serde_json::{Map, Value, json};

use crate::authorization::Prompt;
use crate::claims::SUPPORTED_CLAIMS;
use crate::client::{AuthMethod, GrantType, SigningAlg};
use crate::pkce;
use crate::response::ResponseMode;
use crate::scope;

/// An endpoint of the provider: its name in the metadata and its path under the issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Name in the metadata.
    pub name: &'static str,
    /// Path under the issuer.
    pub path: &'static str,
}

const fn endpoint(name: &'static str, path: &'static str) -> Endpoint {
    Endpoint { name, path }
}

/// RFC 6749 3.1.
pub const AUTHORIZE: Endpoint = endpoint("authorization_endpoint", "/oauth2/authorize");
/// RFC 6749 3.2.
pub const TOKEN: Endpoint = endpoint("token_endpoint", "/oauth2/token");
/// OpenID Connect Core 5.3.
pub const USERINFO: Endpoint = endpoint("userinfo_endpoint", "/oauth2/userinfo");
/// RFC 7517 5.
pub const JWKS: Endpoint = endpoint("jwks_uri", "/oauth2/jwks");
/// OpenID Connect RP-Initiated Logout 2.1.
pub const LOGOUT: Endpoint = endpoint("end_session_endpoint", "/oauth2/logout");

/// Every endpoint that the metadata names.
pub const ENDPOINTS: [Endpoint; 5] = [AUTHORIZE, TOKEN, USERINFO, JWKS, LOGOUT];

/// Path of the metadata for OpenID Connect (Discovery 4).
pub const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
/// Path of the same metadata for OAuth 2.0 (RFC 8414 3).
pub const OAUTH_CONFIGURATION: &str = "/.well-known/oauth-authorization-server";

/// The metadata of the provider. It tells what the code does: each list comes from the type that
/// decides on it. `acr_values` are the contexts that a sign-in can have.
pub fn metadata(issuer: &str, acr_values: &[&str]) -> Value {
    let mut metadata = Map::new();
    metadata.insert("issuer".to_owned(), json!(issuer));
    for endpoint in ENDPOINTS {
        metadata.insert(endpoint.name.to_owned(), json!(format!("{issuer}{}", endpoint.path)));
    }
    let lists = [
        ("scopes_supported", json!(scope::SUPPORTED)),
        ("response_types_supported", json!(["code"])),
        ("response_modes_supported", json!(ResponseMode::ALL.map(ResponseMode::as_str))),
        ("grant_types_supported", json!(GrantType::ALL.map(GrantType::as_str))),
        ("subject_types_supported", json!(["public"])),
        ("acr_values_supported", json!(acr_values)),
        ("id_token_signing_alg_values_supported", json!(SigningAlg::ALL.map(SigningAlg::as_str))),
        ("token_endpoint_auth_methods_supported", json!(AuthMethod::ALL.map(AuthMethod::as_str))),
        ("code_challenge_methods_supported", json!([pkce::METHOD])),
        ("prompt_values_supported", json!(Prompt::OFFERED.map(Prompt::as_str))),
        ("claim_types_supported", json!(["normal"])),
        ("claims_supported", json!(SUPPORTED_CLAIMS)),
        ("claims_parameter_supported", json!(false)),
        ("request_parameter_supported", json!(false)),
        ("request_uri_parameter_supported", json!(false)),
        ("authorization_response_iss_parameter_supported", json!(true)),
    ];
    metadata.extend(lists.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(metadata)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discovery_3_every_required_member_is_there() {
        let metadata = metadata("https://id.example", &["two-factor"]);
        for name in [
            "issuer",
            "authorization_endpoint",
            "token_endpoint",
            "userinfo_endpoint",
            "jwks_uri",
            "scopes_supported",
            "response_types_supported",
            "subject_types_supported",
            "id_token_signing_alg_values_supported",
        ] {
            assert!(metadata.get(name).is_some(), "{name}");
        }
        assert_eq!(metadata["authorization_endpoint"], "https://id.example/oauth2/authorize");
        assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
        let prompts = json!(["none", "login", "select_account"]);
        assert_eq!(metadata["prompt_values_supported"], prompts);
    }

    #[test]
    fn certification_needs_rs256_and_no_algorithm_is_none() {
        let metadata = metadata("https://id.example", &["two-factor"]);
        let algs = metadata["id_token_signing_alg_values_supported"].as_array().unwrap();
        assert!(algs.contains(&json!("RS256")));
        assert!(!algs.contains(&json!("none")));
    }
}
