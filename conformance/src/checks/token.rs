//! The token endpoint: how it is asked, and what its answers look like (RFC 6749 3.2, 5).

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::answer::Answer;
use crate::ask::is_description_byte;
use crate::check::{Check, Verdict, checks};
use crate::subject::Subject;

pub(super) const CHECKS: &[Check] = checks! {
    "token-get", "RFC 6749 3.2" => only_post_is_taken;
    "token-json-body", "RFC 6749 3.2" => only_a_form_is_taken;
    "token-query", "RFC 6749 2.3.1" => parameters_in_the_address_do_not_count;
    "token-grant-type-missing", "RFC 6749 5.2" => a_missing_grant_type_is_refused;
    "token-grant-type-unknown", "RFC 6749 5.2" => an_unknown_grant_type_is_refused;
    "token-outdated-grants", "RFC 9700 2.4" => a_password_is_no_grant;
    "token-repeated-parameter", "RFC 6749 3.2" => repeated_parameters_are_refused;
};

/// An error answer (RFC 6749 5.2): JSON, not stored, one of these codes.
pub(super) fn ensure_error(answer: &Answer, errors: &[&str]) -> Verdict {
    let status = answer.status.as_u16();
    ensure!(status == 400 || status == 401, "answered {}: {}", answer.status, answer.body);
    answer.ensure_not_stored()?;
    let json = answer.json()?;
    let error = json.get("error").and_then(Value::as_str);
    let error = error.context("the answer has no error")?;
    ensure!(errors.contains(&error), "the error is {error}");
    ensure!(status == 400 || error == "invalid_client", "{error} came with 401");
    let description = json.get("error_description").and_then(Value::as_str);
    let is_plain = description.unwrap_or_default().bytes().all(is_description_byte);
    ensure!(is_plain, "error_description is {description:?}");
    let leaked = ["access_token", "id_token", "refresh_token"]
        .into_iter()
        .find(|name| json.get(name).is_some());
    ensure!(leaked.is_none(), "the error carries {leaked:?}");
    Ok(())
}

async fn only_post_is_taken(subject: &Subject) -> Verdict {
    let endpoint = subject.provider.endpoint("token_endpoint")?;
    let http = &subject.provider.http;
    for method in [reqwest::Method::GET, reqwest::Method::PUT] {
        let request = http.request(method.clone(), endpoint.clone());
        let answer = Answer::read(request.send().await?).await?;
        let status = answer.status.as_u16();
        ensure!(status == 405 || status == 400, "{method} is answered {status}");
    }
    Ok(())
}

async fn only_a_form_is_taken(subject: &Subject) -> Verdict {
    // The second body would be a good form, if it said so.
    for body in [r#"{"grant_type":"client_credentials"}"#, "grant_type=client_credentials"] {
        let request = subject.provider.http.post(subject.provider.endpoint("token_endpoint")?);
        let request = request
            .header("authorization", subject.client.basic_header())
            .header("content-type", "application/json")
            .body(body);
        let status = Answer::read(request.send().await?).await?.status.as_u16();
        ensure!(status == 400 || status == 415, "{body} is answered {status}");
    }
    Ok(())
}

async fn parameters_in_the_address_do_not_count(subject: &Subject) -> Verdict {
    let mut endpoint = subject.provider.endpoint("token_endpoint")?;
    // One whose credentials would count in the form.
    let client = if subject.client.uses_basic() { subject.second()? } else { &subject.client };
    let (id, secret) = (&client.client_id, &client.client_secret);
    endpoint
        .query_pairs_mut()
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", id)
        .append_pair("client_secret", secret);
    let nothing: [(&str, &str); 0] = [];
    let request = subject.provider.http.post(endpoint).form(&nothing);
    let answer = Answer::read(request.send().await?).await?;
    ensure_error(&answer, &["invalid_client", "invalid_request"])
}

async fn a_missing_grant_type_is_refused(subject: &Subject) -> Verdict {
    for form in [&[("scope", "openid")][..], &[("grant_type", "")]] {
        let answer = subject.provider.token(&subject.client, form).await?;
        ensure_error(&answer, &["invalid_request", "unsupported_grant_type"])?;
    }
    Ok(())
}

async fn an_unknown_grant_type_is_refused(subject: &Subject) -> Verdict {
    for name in ["unheard-of", "authorization-code", "CLIENT_CREDENTIALS", "implicit"] {
        let form = [("grant_type", name)];
        let answer = subject.provider.token(&subject.client, &form).await?;
        ensure_error(&answer, &["unsupported_grant_type"]).with_context(|| name.to_owned())?;
    }
    Ok(())
}

async fn a_password_is_no_grant(subject: &Subject) -> Verdict {
    let person = subject.person.as_ref();
    let (email, password) = person.map_or(("a@b.example", "x"), |p| (&p.email, &p.password));
    let form = [("grant_type", "password"), ("username", email), ("password", password)];
    let answer = subject.provider.token(&subject.client, &form).await?;
    ensure_error(&answer, &["unsupported_grant_type", "unauthorized_client"])
}

async fn repeated_parameters_are_refused(subject: &Subject) -> Verdict {
    for name in ["grant_type", "scope", "code"] {
        let form = [
            ("grant_type", "client_credentials"),
            (name, "client_credentials"),
            (name, "client_credentials"),
        ];
        let answer = subject.provider.token(&subject.client, &form).await?;
        ensure_error(&answer, &["invalid_request"]).with_context(|| name.to_owned())?;
    }
    Ok(())
}
