//! Dynamic registration (RFC 7591, OpenID Connect Registration 3).

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Map, Value, json};
use url::Url;

use super::token::ensure_error;
use crate::answer::Answer;
use crate::check::{Check, Skip, Verdict, checks};
use crate::registration::Registration;
use crate::signing::SigningKey;
use crate::subject::Subject;
use crate::tokens::member;

pub(super) const CHECKS: &[Check] = checks! {
    "register", "RFC 7591 3.2.1" => a_client_is_registered;
    "register-usable", "RFC 7591 3.2.1" => the_new_client_gets_tokens;
    "register-defaults", "RFC 7591 2" => what_is_not_said_has_its_default;
    "register-public", "RFC 7591 2" => a_public_client_gets_no_secret;
    "register-initiate-login", "OpenID Connect Core 4", "oidcc-3rd_party-init-login" => the_address_for_others_comes_back;
    "register-initiate-login-http", "OpenID Connect Registration 2", "oidcc-3rd_party-init-login-nohttps" => that_address_must_be_encrypted;
    "register-fragment", "RFC 7591 3.2.2", "oidcc-redirect-uri-regfrag"
        => redirect_uris_have_no_fragment;
    "register-redirect-uris", "RFC 7591 3.2.2" => dangerous_redirect_uris_are_refused;
    "register-metadata", "RFC 7591 3.2.2" => contradictions_are_refused;
    "register-sector", "OpenID Connect Registration 5", "oidcc-registration-sector-bad"
        => a_sector_that_does_not_name_the_client_is_refused;
    "register-unauthorized", "RFC 7591 3" => nobody_registers_without_the_token;
    "register-request", "RFC 7591 3.1" => only_json_is_taken;
    "register-no-privilege", "RFC 7591 5" => nobody_registers_as_the_operators_own;
};

const ENDPOINT: &str = "registration_endpoint";

/// Good metadata of a client that asks for codes.
pub(super) fn metadata() -> Map<String, Value> {
    let document = json!({
        "client_name": "Registered by the conformance checks",
        "redirect_uris": ["https://rp.example/callback"],
        "post_logout_redirect_uris": ["https://rp.example/signed-out"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "contacts": ["admin@rp.example"],
    });
    document.as_object().cloned().unwrap_or_default()
}

fn with(member: &str, value: Value) -> Map<String, Value> {
    let mut metadata = metadata();
    metadata.insert(member.to_owned(), value);
    metadata
}

/// Asks an endpoint for registrations with a bearer token.
pub(super) async fn send(
    subject: &Subject,
    request: (Method, Url),
    token: Option<&str>,
    metadata: Option<&Map<String, Value>>,
) -> anyhow::Result<Answer> {
    let (method, url) = request;
    let mut request = subject.provider.http.request(method, url);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(metadata) = metadata {
        request = request.json(metadata);
    }
    Answer::read(request.send().await?).await
}

async fn post(subject: &Subject, metadata: &Map<String, Value>) -> anyhow::Result<Answer> {
    let url = subject.provider.optional_endpoint(ENDPOINT)?;
    let reason = || Skip::because("there is no --initial-access-token");
    let token = subject.initial_access_token.as_deref().ok_or_else(reason)?;
    send(subject, (Method::POST, url), Some(token), Some(metadata)).await
}

/// Registers a client; what the provider says of it.
pub(super) async fn register(
    subject: &Subject,
    metadata: &Map<String, Value>,
) -> anyhow::Result<Map<String, Value>> {
    let answer = post(subject, metadata).await?;
    answer.ensure_status(201)?;
    answer.ensure_not_stored()?;
    answer.json()?.as_object().cloned().context("the answer is no object")
}

/// Reads a member as a list of texts.
fn texts(document: &Map<String, Value>, name: &str) -> Vec<String> {
    let list = document.get(name).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

async fn a_client_is_registered(subject: &Subject) -> Verdict {
    let wanted = metadata();
    let client = register(subject, &wanted).await?;
    ensure!(!member(&client, "client_id")?.is_empty(), "client_id is empty");
    let secret = member(&client, "client_secret")?;
    ensure!(secret.len() >= 22, "the secret has {} characters", secret.len());
    let expiry = client.get("client_secret_expires_at").and_then(Value::as_i64);
    ensure!(expiry.is_some(), "there is no client_secret_expires_at");
    for (name, value) in &wanted {
        ensure!(client.get(name) == Some(value), "{name} became {:?}", client.get(name));
    }
    let both = ["registration_access_token", "registration_client_uri"]
        .map(|name| client.contains_key(name));
    ensure!(both == [true, true], "the client cannot be managed: {both:?}");
    Ok(())
}

async fn the_new_client_gets_tokens(subject: &Subject) -> Verdict {
    let document = register(subject, &metadata()).await?;
    let client: Registration = serde_json::from_value(Value::Object(document))?;
    let tokens = subject.tokens_as(&client, crate::ask::Ask::new(&client).with("scope", "openid"));
    let tokens = tokens.await?;
    let id_token = subject.verify(tokens.id_token()?)?;
    ensure!(id_token.audiences() == [client.client_id.as_str()], "another aud");
    Ok(())
}

async fn what_is_not_said_has_its_default(subject: &Subject) -> Verdict {
    let mut bare = Map::new();
    bare.insert("redirect_uris".to_owned(), json!(["https://rp.example/callback"]));
    let client = register(subject, &bare).await?;
    ensure!(texts(&client, "response_types") == ["code"], "{:?}", client.get("response_types"));
    let grants = texts(&client, "grant_types");
    ensure!(grants == ["authorization_code"], "grant_types is {grants:?}");
    let method = member(&client, "token_endpoint_auth_method")?;
    ensure!(method == "client_secret_basic", "token_endpoint_auth_method is {method}");
    let alg = client.get("id_token_signed_response_alg").and_then(Value::as_str);
    ensure!(alg.is_none_or(|alg| alg == "RS256"), "id_token_signed_response_alg is {alg:?}");
    Ok(())
}

async fn a_public_client_gets_no_secret(subject: &Subject) -> Verdict {
    let client = register(subject, &with("token_endpoint_auth_method", json!("none"))).await?;
    ensure!(!client.contains_key("client_secret"), "it has a secret");
    Ok(())
}

async fn the_address_for_others_comes_back(subject: &Subject) -> Verdict {
    let uri = json!("https://rp.example/initiate");
    let client = register(subject, &with("initiate_login_uri", uri.clone())).await?;
    ensure!(client.get("initiate_login_uri") == Some(&uri), "it is not in the answer");
    let read = super::dynamic_management::read(subject, &client).await?;
    ensure!(read.get("initiate_login_uri") == Some(&uri), "it cannot be read");
    Ok(())
}

async fn ensure_refused(
    subject: &Subject,
    metadata: &Map<String, Value>,
    errors: &[&str],
) -> Verdict {
    let answer = post(subject, metadata).await?;
    answer.ensure_status(400)?;
    ensure_error(&answer, errors)
}

async fn that_address_must_be_encrypted(subject: &Subject) -> Verdict {
    for uri in ["http://rp.example/initiate", "javascript:alert(1)", "no address"] {
        let metadata = with("initiate_login_uri", json!(uri));
        ensure_refused(subject, &metadata, &["invalid_client_metadata"]).await.context(uri)?;
    }
    Ok(())
}

async fn redirect_uris_have_no_fragment(subject: &Subject) -> Verdict {
    let metadata = with("redirect_uris", json!(["https://rp.example/callback#part"]));
    ensure_refused(subject, &metadata, &["invalid_redirect_uri"]).await
}

async fn dangerous_redirect_uris_are_refused(subject: &Subject) -> Verdict {
    for uris in [
        json!([]),
        json!("https://rp.example/callback"),
        json!(["javascript:alert(1)"]),
        json!(["data:text/html,x"]),
        json!(["/callback"]),
        json!(["https://*.rp.example/callback"]),
        json!(["http://rp.example/callback"]),
        json!(["https://user:secret@rp.example/callback"]),
    ] {
        let metadata = with("redirect_uris", uris.clone());
        let errors = ["invalid_redirect_uri", "invalid_client_metadata"];
        let refused = ensure_refused(subject, &metadata, &errors).await;
        refused.with_context(|| uris.to_string())?;
    }
    let mut without = metadata();
    without.remove("redirect_uris");
    ensure_refused(subject, &without, &["invalid_redirect_uri", "invalid_client_metadata"]).await
}

async fn contradictions_are_refused(subject: &Subject) -> Verdict {
    for (name, value) in [
        ("token_endpoint_auth_method", json!("unheard-of")),
        ("grant_types", json!(["implicit"])),
        ("grant_types", json!(["password"])),
        ("response_types", json!(["token"])),
        ("id_token_signed_response_alg", json!("none")),
        ("id_token_signed_response_alg", json!("HS256")),
        ("userinfo_signed_response_alg", json!("HS256")),
        ("subject_type", json!("unheard-of")),
        ("token_endpoint_auth_method", json!("private_key_jwt")),
        ("jwks", json!({ "keys": [{ "kty": "oct", "k": "c2VjcmV0" }] })),
        ("logo_uri", json!("javascript:alert(1)")),
        ("client_name", json!(7)),
    ] {
        let metadata = with(name, value.clone());
        let refused = ensure_refused(subject, &metadata, &["invalid_client_metadata"]).await;
        refused.with_context(|| format!("{name}: {value}"))?;
    }
    let mut both = with("jwks_uri", json!("https://rp.example/jwks"));
    both.insert("jwks".to_owned(), SigningKey::generate_es256("k")?.public_set());
    ensure_refused(subject, &both, &["invalid_client_metadata"]).await.context("keys twice")
}

async fn a_sector_that_does_not_name_the_client_is_refused(subject: &Subject) -> Verdict {
    subject.provider.ensure_offered("subject_types_supported", "pairwise")?;
    let listener = subject.listener()?;
    listener.publish("other-sector", json!(["https://elsewhere.example/callback"]));
    let uri = format!("http://localhost:{}/keys/other-sector", listener.address().port());
    let mut metadata = with("sector_identifier_uri", json!(uri));
    metadata.insert("subject_type".to_owned(), json!("pairwise"));
    ensure_refused(subject, &metadata, &["invalid_client_metadata"]).await?;
    // Two hosts are no sector without such a document.
    let mut two = with(
        "redirect_uris",
        json!(["https://rp.example/callback", "https://elsewhere.example/callback"]),
    );
    two.insert("subject_type".to_owned(), json!("pairwise"));
    ensure_refused(subject, &two, &["invalid_client_metadata"]).await.context("two hosts")
}

async fn nobody_registers_without_the_token(subject: &Subject) -> Verdict {
    let url = subject.provider.optional_endpoint(ENDPOINT)?;
    for token in [None, Some("wrong"), Some("")] {
        let request = (Method::POST, url.clone());
        let answer = send(subject, request, token, Some(&metadata())).await?;
        answer.ensure_status(401)?;
        ensure!(!answer.body.contains("client_id"), "a client is registered");
        let challenge = answer.header("www-authenticate").unwrap_or_default();
        ensure!(challenge.starts_with("Bearer"), "WWW-Authenticate is {challenge:?}");
    }
    let tokens = subject.tokens().await?;
    let request = (Method::POST, url);
    let answer = send(subject, request, Some(tokens.access_token()?), Some(&metadata())).await?;
    answer.ensure_status(401).context("an access token")
}

async fn only_json_is_taken(subject: &Subject) -> Verdict {
    let url = subject.provider.optional_endpoint(ENDPOINT)?;
    let reason = || Skip::because("there is no --initial-access-token");
    let token = subject.initial_access_token.as_deref().ok_or_else(reason)?;
    // It would be good, if it said what it is.
    let good = Value::Object(metadata()).to_string();
    for (kind, body) in [
        ("text/plain", good.as_str()),
        ("application/json", "[]"),
        ("application/json", "{"),
        ("application/json", "\"x\""),
        ("application/x-www-form-urlencoded", "redirect_uris=https://rp.example/callback"),
    ] {
        let request = subject.provider.http.post(url.clone()).bearer_auth(token);
        let request = request.header("content-type", kind).body(body.to_owned());
        let status = Answer::read(request.send().await?).await?.status.as_u16();
        ensure!(status == 400 || status == 415, "{body} is answered {status}");
    }
    let request = subject.provider.http.get(url).bearer_auth(token);
    let status = Answer::read(request.send().await?).await?.status;
    ensure!(status == 405 || status == 404, "GET is answered {status}");
    Ok(())
}

/// What only the operator decides is dropped or refused.
async fn nobody_registers_as_the_operators_own(subject: &Subject) -> Verdict {
    let mut metadata = with("first_party", json!(true));
    metadata.insert("application".to_owned(), json!("CASPER"));
    metadata.insert("client_id".to_owned(), json!(subject.client.client_id));
    metadata.insert("client_secret".to_owned(), json!("chosen-by-the-client-itself"));
    let answer = post(subject, &metadata).await?;
    if answer.status.as_u16() == 400 {
        return ensure_error(&answer, &["invalid_client_metadata"]);
    }
    answer.ensure_status(201)?;
    let client = answer.json()?.as_object().cloned().context("the answer is no object")?;
    let id = member(&client, "client_id")?;
    ensure!(id != subject.client.client_id, "it takes the name of another client");
    let secret = member(&client, "client_secret")?;
    ensure!(secret != "chosen-by-the-client-itself", "the client chooses its secret");
    let client: Registration = serde_json::from_value(Value::Object(client))?;
    let ask = crate::ask::Ask::new(&client).with("scope", "openid").with("prompt", "none");
    let callback = super::authorize_session::at_once(subject, &ask).await?;
    callback.ensure_error(&["consent_required", "interaction_required"])
}
