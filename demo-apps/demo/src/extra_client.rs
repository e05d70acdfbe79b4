//! `--extra-client`: one more client, from a file with RFC 7591 metadata.

use std::{fs, path::Path};

use anyhow::Context as _;
use oidc_core::{
    client::{AuthMethod, Client, ExtraClaims, GrantType, SigningAlg},
    scope::{self, Scope},
    secret::Secret,
};
use serde::Deserialize;

/// The file. Members of RFC 7591 that change nothing here are allowed and ignored.
#[derive(Debug, Deserialize)]
struct Metadata {
    client_id: String,
    client_secret: Option<String>,
    application: Option<String>,
    client_name: Option<String>,
    #[serde(default)]
    redirect_uris: Vec<String>,
    #[serde(default)]
    post_logout_redirect_uris: Vec<String>,
    initiate_login_uri: Option<String>,
    grant_types: Option<Vec<String>>,
    token_endpoint_auth_method: Option<String>,
    id_token_signed_response_alg: Option<String>,
    scope: Option<String>,
}

/// Reads a client. It is first party: the operator vouches for it, so nobody is asked for consent.
pub(crate) fn read(file: &Path) -> anyhow::Result<Client> {
    let text =
        fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    parse(&text).with_context(|| format!("{} is not a client", file.display()))
}

fn parse(text: &str) -> anyhow::Result<Client> {
    let metadata: Metadata = serde_json::from_str(text)?;
    let method = match (&metadata.token_endpoint_auth_method, &metadata.client_secret) {
        (Some(name), _) => {
            AuthMethod::parse(name).with_context(|| format!("token_endpoint_auth_method {name}"))?
        }
        (None, Some(_)) => AuthMethod::ClientSecretBasic,
        (None, None) => AuthMethod::None,
    };
    anyhow::ensure!(
        (method == AuthMethod::None) == metadata.client_secret.is_none(),
        "client_secret does not fit token_endpoint_auth_method"
    );
    // The default of RFC 7591 §2, with refresh tokens, which every flow of this portal may use.
    let grant_types = metadata
        .grant_types
        .unwrap_or_else(|| ["authorization_code", "refresh_token"].map(str::to_owned).to_vec());
    let grant_types = grant_types
        .iter()
        .map(|name| GrantType::parse(name).with_context(|| format!("grant type {name}")))
        .collect::<anyhow::Result<_>>()?;
    let algorithm = metadata.id_token_signed_response_alg.as_deref().unwrap_or("RS256");
    Ok(Client {
        name: metadata.client_name.unwrap_or_else(|| metadata.client_id.clone()),
        id: metadata.client_id,
        application: metadata.application,
        auth_method: method,
        secret_digests: metadata
            .client_secret
            .map(|s| Secret::from_presented(s).digest())
            .into_iter()
            .collect(),
        redirect_uris: metadata.redirect_uris,
        post_logout_redirect_uris: metadata.post_logout_redirect_uris,
        initiate_login_uri: metadata.initiate_login_uri,
        grant_types,
        scopes: match metadata.scope {
            Some(scope) => Scope::from_names(scope.split(' ')),
            None => Scope::from_names(scope::SUPPORTED),
        },
        first_party: true,
        enabled: true,
        id_token_alg: SigningAlg::parse(algorithm)
            .with_context(|| format!("algorithm {algorithm}"))?,
        extra_claims: ExtraClaims::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_becomes_a_client_and_contradictions_are_refused() {
        let client = parse(r#"{"client_id":"x","client_secret":"s","application":"CASPER","redirect_uris":["http://localhost:9/cb"],"contacts":[]}"#).unwrap();
        assert_eq!(client.auth_method, AuthMethod::ClientSecretBasic);
        assert!(client.first_party && client.may_use(GrantType::RefreshToken));
        for wrong in [
            r#"{"client_secret":"s"}"#,
            r#"{"client_id":"x","client_secret":"s","token_endpoint_auth_method":"none"}"#,
            r#"{"client_id":"x","token_endpoint_auth_method":"client_secret_basic"}"#,
            r#"{"client_id":"x","grant_types":["password"]}"#,
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
