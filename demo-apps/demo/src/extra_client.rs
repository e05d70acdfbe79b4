//! `--extra-client`: one more client, from a file with RFC 7591 metadata.

use std::{fs, path::Path};

use anyhow::Context as _;
use oidc_core::{
    client::{
        About, AssertionAudience, AuthMethod, BackchannelLogout, Client, ClientKeys, ClientSecret,
        GrantType, Policy, RequestDefaults, SigningAlg, SubjectType,
    },
    response::ResponseMode,
    scope::{self, Scope},
    secret::Secret,
};
use serde::Deserialize;
use url::Url;

/// The file. Members of RFC 7591 that change nothing here are allowed and ignored.
#[derive(Debug, Deserialize)]
struct Metadata {
    client_id: String,
    client_secret: Option<String>,
    client_name: Option<String>,
    #[serde(default)]
    redirect_uris: Vec<String>,
    #[serde(default)]
    post_logout_redirect_uris: Vec<String>,
    initiate_login_uri: Option<String>,
    grant_types: Option<Vec<String>>,
    token_endpoint_auth_method: Option<String>,
    token_endpoint_auth_signing_alg: Option<String>,
    id_token_signed_response_alg: Option<String>,
    userinfo_signed_response_alg: Option<String>,
    scope: Option<String>,
    jwks: Option<serde_json::Value>,
    jwks_uri: Option<String>,
    #[serde(default)]
    require_pushed_authorization_requests: bool,
    #[serde(default)]
    subject_type: Option<String>,
    sector_identifier_uri: Option<String>,
    backchannel_logout_uri: Option<String>,
    #[serde(default)]
    backchannel_logout_session_required: bool,
    default_max_age: Option<i64>,
    #[serde(default)]
    require_auth_time: bool,
    #[serde(default)]
    default_acr_values: Vec<String>,
    client_uri: Option<String>,
    logo_uri: Option<String>,
    policy_uri: Option<String>,
    tos_uri: Option<String>,
    #[serde(default)]
    contacts: Vec<String>,
    #[serde(flatten)]
    own: OwnMetadata,
}

/// Members that RFC 7591 does not know: what the operator of this portal decides.
#[derive(Debug, Deserialize)]
struct OwnMetadata {
    /// The code of the application whose groups the client may see.
    application: Option<String>,
    /// Whether the operator vouches for the client, so that nobody is asked for consent.
    #[serde(default = "yes")]
    first_party: bool,
    /// Whether each request needs a code challenge.
    #[serde(default = "yes")]
    require_pkce: bool,
    response_modes: Option<Vec<String>>,
    /// Resource servers that it may ask tokens for.
    #[serde(default)]
    resources: Vec<String>,
    assertion_audience: Option<String>,
}

const fn yes() -> bool {
    true
}

/// Reads a client. Unless the file says otherwise it is first party.
pub(crate) fn read(file: &Path) -> anyhow::Result<Client> {
    let text =
        fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    parse(&text).with_context(|| format!("{} is not a client", file.display()))
}

fn parse(text: &str) -> anyhow::Result<Client> {
    let metadata: Metadata = serde_json::from_str(text)?;
    let method = auth_method(&metadata)?;
    let own = &metadata.own;
    // The default of RFC 7591 §2, with refresh tokens, which every flow of this portal may use.
    let defaults = ["authorization_code", "refresh_token"].map(str::to_owned).to_vec();
    let grant_types = metadata.grant_types.as_ref().unwrap_or(&defaults);
    let modes = own.response_modes.as_ref().map(|m| named(m, "response mode", ResponseMode::parse));
    let id_token_alg = metadata.id_token_signed_response_alg.as_deref().unwrap_or("RS256");
    let userinfo_alg = metadata.userinfo_signed_response_alg.as_deref();
    Ok(Client {
        application: own.application.clone(),
        auth_method: method,
        secrets: metadata
            .client_secret
            .iter()
            .map(|secret| ClientSecret::lasting(Secret::from_presented(secret.clone()).digest()))
            .collect(),
        grant_types: named(grant_types, "grant type", GrantType::parse)?,
        scopes: match &metadata.scope {
            Some(scope) => Scope::from_names(scope.split(' ')),
            None => Scope::from_names(scope::SUPPORTED),
        },
        first_party: own.first_party,
        id_token_alg: one(id_token_alg, "algorithm", SigningAlg::parse)?,
        userinfo_alg: userinfo_alg.map(|a| one(a, "algorithm", SigningAlg::parse)).transpose()?,
        keys: keys(&metadata)?,
        policy: policy(&metadata)?,
        subject_type: subject_type(&metadata)?,
        response_modes: modes.transpose()?.unwrap_or_else(|| ResponseMode::ALL.to_vec()),
        resources: own.resources.clone(),
        backchannel_logout: metadata.backchannel_logout_uri.map(|uri| BackchannelLogout {
            uri,
            session_required: metadata.backchannel_logout_session_required,
        }),
        defaults: RequestDefaults {
            max_age: metadata.default_max_age,
            require_auth_time: metadata.require_auth_time,
            acr_values: metadata.default_acr_values,
        },
        about: About {
            client_uri: metadata.client_uri,
            logo_uri: metadata.logo_uri,
            policy_uri: metadata.policy_uri,
            tos_uri: metadata.tos_uri,
            contacts: metadata.contacts,
        },
        redirect_uris: metadata.redirect_uris,
        post_logout_redirect_uris: metadata.post_logout_redirect_uris,
        initiate_login_uri: metadata.initiate_login_uri,
        ..Client::new(
            metadata.client_id.clone(),
            metadata.client_name.unwrap_or(metadata.client_id),
        )
    })
}

fn one<T>(name: &str, what: &str, parse: impl Fn(&str) -> Option<T>) -> anyhow::Result<T> {
    parse(name).with_context(|| format!("{what} {name}"))
}

fn named<T>(
    names: &[String],
    what: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> anyhow::Result<Vec<T>> {
    names.iter().map(|name| one(name, what, &parse)).collect()
}

fn auth_method(metadata: &Metadata) -> anyhow::Result<AuthMethod> {
    let has_secret = metadata.client_secret.is_some();
    let method = match &metadata.token_endpoint_auth_method {
        Some(name) => one(name, "token_endpoint_auth_method", AuthMethod::parse)?,
        None if has_secret => AuthMethod::ClientSecretBasic,
        None => AuthMethod::None,
    };
    let needs_secret =
        matches!(method, AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost);
    anyhow::ensure!(
        needs_secret == has_secret,
        "client_secret does not fit token_endpoint_auth_method"
    );
    anyhow::ensure!(
        metadata.own.require_pkce || method != AuthMethod::None,
        "a public client needs PKCE"
    );
    Ok(method)
}

fn keys(metadata: &Metadata) -> anyhow::Result<Option<ClientKeys>> {
    match (&metadata.jwks, &metadata.jwks_uri) {
        (Some(_), Some(_)) => anyhow::bail!("jwks and jwks_uri exclude each other"),
        (Some(set), None) => Ok(Some(ClientKeys::ByValue(set.to_string()))),
        (None, Some(uri)) => Ok(Some(ClientKeys::ByReference(uri.clone()))),
        (None, None) => Ok(None),
    }
}

fn policy(metadata: &Metadata) -> anyhow::Result<Policy> {
    let audience = metadata.own.assertion_audience.as_deref();
    let audience = audience.map(|a| one(a, "assertion_audience", AssertionAudience::parse));
    Ok(Policy {
        require_pkce: metadata.own.require_pkce,
        require_pushed_requests: metadata.require_pushed_authorization_requests,
        assertion_alg: metadata.token_endpoint_auth_signing_alg.clone(),
        assertion_audience: audience.transpose()?.unwrap_or_default(),
    })
}

/// The operator wrote the file, so the sector document is not fetched: its host is the sector, and without one that
/// of the redirect URIs.
fn subject_type(metadata: &Metadata) -> anyhow::Result<SubjectType> {
    match metadata.subject_type.as_deref() {
        None | Some("public") => Ok(SubjectType::Public),
        Some("pairwise") => {
            let uri = metadata.sector_identifier_uri.as_ref();
            let named = uri.or(metadata.redirect_uris.first()).context("a pairwise sector")?;
            let sector = Url::parse(named)?.host_str().context("a pairwise sector")?.to_owned();
            Ok(SubjectType::Pairwise { sector, sector_identifier_uri: uri.cloned() })
        }
        Some(other) => anyhow::bail!("subject_type {other}"),
    }
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
            r#"{"client_id":"x","require_pkce":false}"#,
            r#"{"client_id":"x","jwks":{"keys":[]},"jwks_uri":"https://rp.example/jwks"}"#,
            r#"{"client_id":"x","subject_type":"private"}"#,
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
