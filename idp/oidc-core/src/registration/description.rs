//! A client as its registration is answered and read (RFC 7591 3.2.1, RFC 7592 3).

use serde_json::{Map, Value, json};

use crate::client::{Client, ClientKeys, GrantType, SubjectType};
use crate::response::ResponseMode;

/// The metadata of a client, as they are registered: also what was filled in or left out.
/// Credentials are the caller's to add.
pub fn describe(client: &Client) -> Map<String, Value> {
    let grants: Vec<_> = client.grant_types.iter().map(|grant| grant.as_str()).collect();
    let grants_a_code = client.may_use(GrantType::AuthorizationCode);
    let mut members = Map::new();
    for (name, value) in [
        ("client_id", json!(client.id)),
        ("client_name", json!(client.name)),
        ("redirect_uris", json!(client.redirect_uris)),
        ("response_types", if grants_a_code { json!(["code"]) } else { json!([]) }),
        ("response_modes", modes(&client.response_modes)),
        ("grant_types", json!(grants)),
        ("token_endpoint_auth_method", json!(client.auth_method.as_str())),
        ("id_token_signed_response_alg", json!(client.id_token_alg.as_str())),
        ("scope", json!(client.scopes.to_string())),
        ("require_pushed_authorization_requests", json!(client.policy.require_pushed_requests)),
        ("require_auth_time", json!(client.defaults.require_auth_time)),
    ] {
        members.insert(name.to_owned(), value);
    }
    describe_optional(client, &mut members);
    members
}

fn describe_optional(client: &Client, members: &mut Map<String, Value>) {
    let (about, policy, defaults) = (&client.about, &client.policy, &client.defaults);
    let logout = client.backchannel_logout.as_ref();
    let (jwks, jwks_uri) = match &client.keys {
        None => (None, None),
        Some(ClientKeys::ByValue(set)) => (serde_json::from_str::<Value>(set).ok(), None),
        Some(ClientKeys::ByReference(uri)) => (None, Some(json!(uri))),
    };
    let (subject_type, sector) = match &client.subject_type {
        SubjectType::Public => ("public", None),
        SubjectType::Pairwise { sector_identifier_uri, .. } => {
            ("pairwise", sector_identifier_uri.as_ref())
        }
    };
    let list = |values: &[String]| (!values.is_empty()).then(|| json!(values));
    for (name, value) in [
        ("subject_type", Some(json!(subject_type))),
        ("sector_identifier_uri", sector.map(|uri| json!(uri))),
        ("jwks", jwks),
        ("jwks_uri", jwks_uri),
        ("post_logout_redirect_uris", list(&client.post_logout_redirect_uris)),
        ("initiate_login_uri", client.initiate_login_uri.as_ref().map(|uri| json!(uri))),
        ("backchannel_logout_uri", logout.map(|logout| json!(logout.uri))),
        (
            "backchannel_logout_session_required",
            logout.map(|logout| json!(logout.session_required)),
        ),
        ("userinfo_signed_response_alg", client.userinfo_alg.map(|alg| json!(alg.as_str()))),
        ("token_endpoint_auth_signing_alg", policy.assertion_alg.as_ref().map(|alg| json!(alg))),
        ("default_max_age", defaults.max_age.map(|seconds| json!(seconds))),
        ("default_acr_values", list(&defaults.acr_values)),
        ("client_uri", about.client_uri.as_ref().map(|uri| json!(uri))),
        ("logo_uri", about.logo_uri.as_ref().map(|uri| json!(uri))),
        ("policy_uri", about.policy_uri.as_ref().map(|uri| json!(uri))),
        ("tos_uri", about.tos_uri.as_ref().map(|uri| json!(uri))),
        ("contacts", list(&about.contacts)),
    ] {
        if let Some(value) = value {
            members.insert(name.to_owned(), value);
        }
    }
}

fn modes(modes: &[ResponseMode]) -> Value {
    json!(modes.iter().map(|mode| mode.as_str()).collect::<Vec<_>>())
}
