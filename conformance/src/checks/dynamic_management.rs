//! Managing a registration (RFC 7592).

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Map, Value, json};
use url::Url;

use super::dynamic::{metadata, register, send};
use super::token::ensure_error;
use crate::answer::Answer;
use crate::check::{Check, Verdict, checks};
use crate::registration::Registration;
use crate::subject::Subject;
use crate::tokens::member;

pub(super) const CHECKS: &[Check] = checks! {
    "manage-read", "RFC 7592 2.1" => a_client_reads_what_is_known_of_it;
    "manage-update", "RFC 7592 2.2" => a_client_changes_what_is_known_of_it;
    "manage-update-refused", "RFC 7592 2.2" => a_change_is_checked_like_a_registration;
    "manage-update-foreign", "RFC 7592 2.2" => it_cannot_become_another;
    "manage-delete", "RFC 7592 2.3" => a_deleted_client_is_gone;
    "manage-unauthorized", "RFC 7592 3" => nobody_else_manages_it;
    "manage-foreign-token", "RFC 7592 2" => the_token_of_one_opens_no_other;
    "manage-token-opens-nothing-else", "RFC 7592 3" => the_token_is_for_that_alone;
};

fn place(client: &Map<String, Value>) -> anyhow::Result<Url> {
    Ok(Url::parse(member(client, "registration_client_uri")?)?)
}

fn key(client: &Map<String, Value>) -> anyhow::Result<&str> {
    member(client, "registration_access_token")
}

async fn ask(
    subject: &Subject,
    client: &Map<String, Value>,
    method: Method,
    metadata: Option<&Map<String, Value>>,
) -> anyhow::Result<Answer> {
    send(subject, (method, place(client)?), Some(key(client)?), metadata).await
}

/// Reads a registration with its own token.
pub(super) async fn read(
    subject: &Subject,
    client: &Map<String, Value>,
) -> anyhow::Result<Map<String, Value>> {
    let answer = ask(subject, client, Method::GET, None).await?;
    answer.ensure_status(200)?;
    answer.ensure_not_stored()?;
    answer.json()?.as_object().cloned().context("the answer is no object")
}

async fn a_client_reads_what_is_known_of_it(subject: &Subject) -> Verdict {
    let client = register(subject, &metadata()).await?;
    let found = read(subject, &client).await?;
    for name in ["client_id", "client_name", "redirect_uris", "grant_types", "contacts"] {
        ensure!(found.get(name) == client.get(name), "{name} is {:?}", found.get(name));
    }
    Ok(())
}

/// The registration as it is sent to change it: what the provider added stays out (RFC 7592 2.2).
fn update(client: &Map<String, Value>) -> Map<String, Value> {
    let mut metadata = client.clone();
    for name in [
        "registration_access_token",
        "registration_client_uri",
        "client_secret_expires_at",
        "client_id_issued_at",
    ] {
        metadata.remove(name);
    }
    metadata
}

async fn a_client_changes_what_is_known_of_it(subject: &Subject) -> Verdict {
    let client = register(subject, &metadata()).await?;
    let mut changed = update(&client);
    changed.insert("client_name".to_owned(), json!("Another name"));
    changed.insert("redirect_uris".to_owned(), json!(["https://rp.example/elsewhere"]));
    changed.remove("contacts");
    let answer = ask(subject, &client, Method::PUT, Some(&changed)).await?;
    answer.ensure_status(200)?;
    answer.ensure_not_stored()?;
    let mut current = client.clone();
    if let Some(token) = answer.json()?.get("registration_access_token") {
        current.insert("registration_access_token".to_owned(), token.clone());
    }
    let found = read(subject, &current).await?;
    ensure!(found.get("client_name") == Some(&json!("Another name")), "the name stays");
    let uris = found.get("redirect_uris");
    ensure!(uris == Some(&json!(["https://rp.example/elsewhere"])), "redirect_uris is {uris:?}");
    // What is left out of a change is deleted.
    ensure!(found.get("contacts").is_none_or(|value| value == &json!([])), "contacts stay");
    // The old address is one no more.
    let old: Registration = serde_json::from_value(Value::Object(client))?;
    let ask = crate::ask::Ask::new(&old).with("scope", "openid");
    crate::ask::ensure_stays(&subject.visit(&ask).await?).context("the old address still counts")
}

async fn a_change_is_checked_like_a_registration(subject: &Subject) -> Verdict {
    let client = register(subject, &metadata()).await?;
    let mut changed = update(&client);
    changed.insert("redirect_uris".to_owned(), json!(["https://rp.example/callback#part"]));
    let answer = ask(subject, &client, Method::PUT, Some(&changed)).await?;
    ensure_error(&answer, &["invalid_redirect_uri", "invalid_client_metadata"])?;
    let found = read(subject, &client).await?;
    ensure!(
        found.get("redirect_uris") == client.get("redirect_uris"),
        "it is changed all the same"
    );
    Ok(())
}

async fn it_cannot_become_another(subject: &Subject) -> Verdict {
    let client = register(subject, &metadata()).await?;
    for (name, value) in [
        ("client_id", json!(subject.client.client_id)),
        ("client_secret", json!("a-secret-of-its-own-choice")),
    ] {
        let mut changed = update(&client);
        changed.insert(name.to_owned(), value.clone());
        let answer = ask(subject, &client, Method::PUT, Some(&changed)).await?;
        if answer.status.is_success() {
            let now = answer.json()?.get(name).cloned();
            ensure!(now.as_ref() != Some(&value), "the client chooses its {name}");
            let chosen: Registration = serde_json::from_value(Value::Object(changed))?;
            let form = [("grant_type", "refresh_token")];
            let answer = subject.provider.token(&chosen, &form).await?;
            ensure_error(&answer, &["invalid_client"])
                .with_context(|| format!("the {name} that it chose counts"))?;
        } else {
            let errors = ["invalid_client_metadata", "invalid_request", "invalid_client_id"];
            ensure_error(&answer, &errors).with_context(|| name.to_owned())?;
        }
    }
    Ok(())
}

async fn a_deleted_client_is_gone(subject: &Subject) -> Verdict {
    let document = register(subject, &metadata()).await?;
    let client: Registration = serde_json::from_value(Value::Object(document.clone()))?;
    let request = crate::ask::Ask::new(&client).with("scope", "openid offline_access");
    let tokens = subject.tokens_as(&client, request.clone()).await?;
    let answer = ask(subject, &document, Method::DELETE, None).await?;
    answer.ensure_status(204)?;
    let again = ask(subject, &document, Method::GET, None).await?.status.as_u16();
    ensure!(again == 401 || again == 404, "it is still there: {again}");
    let answer = subject.provider.token(&client, &[("grant_type", "refresh_token")]).await?;
    ensure_error(&answer, &["invalid_client"]).context("its credentials still count")?;
    crate::ask::ensure_stays(&subject.visit(&request).await?).context("it still asks")?;
    let userinfo = subject.provider.userinfo_of(tokens.access_token()?).await?;
    userinfo.ensure_status(401).context("its access token still works")
}

async fn nobody_else_manages_it(subject: &Subject) -> Verdict {
    let client = register(subject, &metadata()).await?;
    let initial = subject.initial_access_token.clone().unwrap_or_default();
    for token in [None, Some("wrong"), Some(initial.as_str())] {
        for method in [Method::GET, Method::DELETE] {
            let answer = send(subject, (method, place(&client)?), token, None).await?;
            answer.ensure_status(401)?;
        }
    }
    read(subject, &client).await?;
    Ok(())
}

async fn the_token_of_one_opens_no_other(subject: &Subject) -> Verdict {
    let (one, other) =
        (register(subject, &metadata()).await?, register(subject, &metadata()).await?);
    for method in [Method::GET, Method::DELETE] {
        let request = (method, place(&other)?);
        let status = send(subject, request, Some(key(&one)?), None).await?.status.as_u16();
        ensure!(matches!(status, 401 | 403 | 404), "answered {status}");
    }
    read(subject, &other).await?;
    Ok(())
}

async fn the_token_is_for_that_alone(subject: &Subject) -> Verdict {
    let client = register(subject, &metadata()).await?;
    let userinfo = subject.provider.userinfo_of(key(&client)?).await?;
    userinfo.ensure_status(401)?;
    let endpoint = subject.provider.optional_endpoint("registration_endpoint")?;
    let request = (Method::POST, endpoint);
    let answer = send(subject, request, Some(key(&client)?), Some(&metadata())).await?;
    answer.ensure_status(401).context("it registers further clients")
}
