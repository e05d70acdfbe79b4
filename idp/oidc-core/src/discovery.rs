//! Provider metadata (OpenID Connect Discovery 3, RFC 8414 2).

use serde_json::{Map, Value, json};

use crate::authorization::Prompt;
use crate::claims::SUPPORTED_CLAIMS;
use crate::client::{AuthMethod, GrantType, SigningAlg};
use crate::pkce;
use crate::response::ResponseMode;
use crate::scope;

/// An endpoint of the provider, as its metadata and its router see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Name in the metadata.
    pub name: &'static str,
    /// Path under the issuer.
    pub path: &'static str,
    /// HTTP methods that it takes.
    pub methods: &'static [&'static str],
    /// How clients prove who they are, where they have to and the metadata tell it.
    pub authentication: Option<ClientAuthentication>,
}

/// How clients prove who they are at an endpoint, and the members that tell it (RFC 8414 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAuthentication {
    /// Name of the list of methods.
    pub methods_member: &'static str,
    /// Name of the list of algorithms of assertions.
    pub algs_member: &'static str,
    /// The methods.
    pub methods: &'static [AuthMethod],
}

const fn endpoint(
    name: &'static str,
    path: &'static str,
    methods: &'static [&'static str],
) -> Endpoint {
    Endpoint { name, path, methods, authentication: None }
}

/// RFC 6749 3.1.
pub const AUTHORIZE: Endpoint =
    endpoint("authorization_endpoint", "/oauth2/authorize", &["GET", "POST"]);
/// RFC 9126 2.
pub const PUSHED: Endpoint =
    endpoint("pushed_authorization_request_endpoint", "/oauth2/par", &["POST"]);
/// RFC 6749 3.2.
pub const TOKEN: Endpoint = Endpoint {
    authentication: Some(ClientAuthentication {
        methods_member: "token_endpoint_auth_methods_supported",
        algs_member: "token_endpoint_auth_signing_alg_values_supported",
        methods: &AuthMethod::ALL,
    }),
    ..endpoint("token_endpoint", "/oauth2/token", &["POST"])
};
/// RFC 7662 2. Only clients that can prove who they are may ask.
pub const INTROSPECT: Endpoint = Endpoint {
    authentication: Some(ClientAuthentication {
        methods_member: "introspection_endpoint_auth_methods_supported",
        algs_member: "introspection_endpoint_auth_signing_alg_values_supported",
        methods: &AuthMethod::CONFIDENTIAL,
    }),
    ..endpoint("introspection_endpoint", "/oauth2/introspect", &["POST"])
};
/// RFC 7009 2.
pub const REVOKE: Endpoint = Endpoint {
    authentication: Some(ClientAuthentication {
        methods_member: "revocation_endpoint_auth_methods_supported",
        algs_member: "revocation_endpoint_auth_signing_alg_values_supported",
        methods: &AuthMethod::ALL,
    }),
    ..endpoint("revocation_endpoint", "/oauth2/revoke", &["POST"])
};
/// OpenID Connect Core 5.3.
pub const USERINFO: Endpoint = endpoint("userinfo_endpoint", "/oauth2/userinfo", &["GET", "POST"]);
/// RFC 7517 5.
pub const JWKS: Endpoint = endpoint("jwks_uri", "/oauth2/jwks", &["GET"]);
/// OpenID Connect RP-Initiated Logout 2.1.
pub const LOGOUT: Endpoint = endpoint("end_session_endpoint", "/oauth2/logout", &["GET", "POST"]);
/// OpenID Connect Dynamic Client Registration 3; only where registration is open.
pub const REGISTER: Endpoint = endpoint("registration_endpoint", "/oauth2/register", &["POST"]);

/// Path of the metadata for OpenID Connect (Discovery 4).
pub const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
/// Path of the same metadata for OAuth 2.0 (RFC 8414 3).
pub const OAUTH_CONFIGURATION: &str = "/.well-known/oauth-authorization-server";

/// What the metadata tell that this crate does not decide.
#[derive(Clone, Copy, Debug)]
pub struct Provider<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// The endpoints that are routed, and no others.
    pub endpoints: &'a [Endpoint],
    /// The algorithms that clients may sign assertions with.
    pub assertion_algs: &'a [&'a str],
    /// The authentication contexts that a sign-in can have.
    pub acr_values: &'a [&'a str],
    /// The languages of the pages.
    pub ui_locales: &'a [&'a str],
    /// Path of the terms of use under the issuer.
    pub terms: &'a str,
}

/// The metadata of the provider. It tells what the code does: each list comes from the type that
/// decides on it, and the endpoints from the table that routes requests.
pub fn metadata(provider: &Provider<'_>) -> Value {
    let mut metadata = Map::new();
    let issuer = provider.issuer;
    metadata.insert("issuer".to_owned(), json!(issuer));
    for endpoint in provider.endpoints {
        metadata.insert(endpoint.name.to_owned(), json!(format!("{issuer}{}", endpoint.path)));
        if let Some(told) = endpoint.authentication {
            let methods: Vec<&str> = told.methods.iter().map(|method| method.as_str()).collect();
            metadata.insert(told.methods_member.to_owned(), json!(methods));
            metadata.insert(told.algs_member.to_owned(), json!(provider.assertion_algs));
        }
    }
    let lists = [
        ("scopes_supported", json!(scope::SUPPORTED)),
        ("response_types_supported", json!(["code"])),
        ("response_modes_supported", json!(ResponseMode::ALL.map(ResponseMode::as_str))),
        ("grant_types_supported", json!(GrantType::ALL.map(GrantType::as_str))),
        ("subject_types_supported", json!(["public", "pairwise"])),
        ("acr_values_supported", json!(provider.acr_values)),
        ("id_token_signing_alg_values_supported", json!(SigningAlg::ALL.map(SigningAlg::as_str))),
        ("userinfo_signing_alg_values_supported", json!(SigningAlg::ALL.map(SigningAlg::as_str))),
        ("code_challenge_methods_supported", json!([pkce::METHOD])),
        ("prompt_values_supported", json!(Prompt::ALL.map(Prompt::as_str))),
        ("display_values_supported", json!(["page"])),
        ("ui_locales_supported", json!(provider.ui_locales)),
        ("claim_types_supported", json!(["normal"])),
        ("claims_supported", json!(SUPPORTED_CLAIMS)),
        ("claims_parameter_supported", json!(true)),
        ("request_parameter_supported", json!(false)),
        ("request_uri_parameter_supported", json!(false)),
        ("require_pushed_authorization_requests", json!(false)),
        ("authorization_response_iss_parameter_supported", json!(true)),
        ("backchannel_logout_supported", json!(true)),
        ("backchannel_logout_session_supported", json!(true)),
        ("op_tos_uri", json!(format!("{issuer}{}", provider.terms))),
    ];
    metadata.extend(lists.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(metadata)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_provider() -> Value {
        metadata(&Provider {
            issuer: "https://id.example",
            endpoints: &[AUTHORIZE, TOKEN, USERINFO, JWKS, LOGOUT],
            assertion_algs: &["ES256"],
            acr_values: &["two-factor"],
            ui_locales: &["en"],
            terms: "/terms",
        })
    }

    #[test]
    fn discovery_3_every_required_member_is_there() {
        let metadata = of_provider();
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
        let prompts = json!(["none", "login", "select_account", "consent"]);
        assert_eq!(metadata["prompt_values_supported"], prompts);
    }

    #[test]
    fn certification_needs_rs256_and_no_algorithm_is_none() {
        let metadata = of_provider();
        let algs = metadata["id_token_signing_alg_values_supported"].as_array().unwrap();
        assert!(algs.contains(&json!("RS256")));
        assert!(!algs.contains(&json!("none")));
    }
}
