//! What the trail keeps of a client: all that decides who it is and what it may get, before and after a change (I25).
//! Never a secret, and of keys their thumbprints.

use keys::key_thumbprints;
use oidc_core::client::{Client, ClientKeys, SigningAlg, SubjectType};
use serde_json::{Value, json};

/// The facts of a client.
pub fn of(client: &Client) -> Value {
    let (jwks_uri, key_thumbprints) = match &client.keys {
        Some(ClientKeys::ByReference(uri)) => (Some(uri), None),
        Some(ClientKeys::ByValue(set)) => (None, Some(key_thumbprints(set))),
        None => (None, None),
    };
    let grants: Vec<&str> = client.grant_types.iter().map(|grant| grant.as_str()).collect();
    let modes: Vec<&str> = client.response_modes.iter().map(|mode| mode.as_str()).collect();
    let sector = match &client.subject_type {
        SubjectType::Public => None,
        SubjectType::Pairwise { sector, .. } => Some(sector),
    };
    json!({
        "name": client.name,
        "application": client.application,
        "enabled": client.enabled,
        "first_party": client.first_party,
        "auth_method": client.auth_method.as_str(),
        "secrets": client.secrets.len(),
        "jwks_uri": jwks_uri,
        "key_thumbprints": key_thumbprints,
        "assertion_alg": client.policy.assertion_alg,
        "assertion_audience": client.policy.assertion_audience.as_str(),
        "require_pkce": client.policy.require_pkce,
        "require_pushed_requests": client.policy.require_pushed_requests,
        "grant_types": grants,
        "response_modes": modes,
        "scope": client.scopes.to_string(),
        "resources": client.resources,
        "redirect_uris": client.redirect_uris,
        "post_logout_redirect_uris": client.post_logout_redirect_uris,
        "initiate_login_uri": client.initiate_login_uri,
        "backchannel_logout_uri": client.backchannel_logout.as_ref().map(|logout| &logout.uri),
        "id_token_alg": client.id_token_alg.as_str(),
        "userinfo_alg": client.userinfo_alg.map(SigningAlg::as_str),
        "sector": sector,
        "company_id": client.extra_claims.company_id,
        "staff_roles": client.extra_claims.staff_roles,
        "profile_in_id_token": client.extra_claims.profile_in_id_token,
    })
}

/// The detail of a registration, and by what it was made.
pub fn registered(client: &Client, by: &str) -> Value {
    json!({ "by": by, "before": null, "after": of(client) })
}

/// The detail of a change.
pub fn changed(before: &Client, after: &Client) -> Value {
    let is_replaced = before.secrets != after.secrets;
    json!({ "before": of(before), "after": of(after), "secret_replaced": is_replaced })
}

/// The detail of the end of a client's service, and by what it was ended.
pub fn disabled(by: &str) -> Value {
    json!({ "by": by, "before": { "enabled": true }, "after": { "enabled": false } })
}

#[cfg(test)]
mod tests {
    use oidc_core::{
        client::{AuthMethod, ClientSecret},
        secret::Secret,
    };

    use super::*;

    const KEY: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

    #[test]
    fn keys_are_kept_by_their_thumbprints_and_secrets_not_at_all() {
        let secret = Secret::from_presented("a secret that nobody guesses").digest();
        let before = Client {
            auth_method: AuthMethod::ClientSecretBasic,
            secrets: vec![ClientSecret::lasting(secret)],
            ..Client::new("casper", "CASPER")
        };
        let after = Client {
            auth_method: AuthMethod::PrivateKeyJwt,
            secrets: Vec::new(),
            keys: Some(ClientKeys::ByValue(KEY.to_owned())),
            ..before.clone()
        };
        let detail = changed(&before, &after);
        assert_eq!(detail["secret_replaced"], true);
        assert_eq!(detail["before"]["auth_method"], "client_secret_basic");
        // RFC 8037 A.3.
        assert_eq!(
            detail["after"]["key_thumbprints"],
            json!(["kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"])
        );
        assert!(!detail.to_string().contains("11qYAYK"), "{detail}");
        assert_eq!(changed(&before, &before)["secret_replaced"], false);
    }
}
