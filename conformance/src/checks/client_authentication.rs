//! Who asks at the token endpoint (RFC 6749 2.3, 5.2; OpenID Connect Core 9).

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::token::ensure_error;
use crate::answer::Answer;
use crate::check::{Check, Verdict, checks};
use crate::registration::basic_header;
use crate::subject::Subject;

pub(super) const CHECKS: &[Check] = checks! {
    "client-auth-missing", "RFC 6749 5.2" => nobody_is_refused;
    "client-auth-wrong-secret", "RFC 6749 5.2" => a_wrong_secret_is_refused;
    "client-auth-unknown-client", "RFC 6749 5.2" => unknown_clients_are_answered_alike;
    "client-auth-two-methods", "RFC 6749 2.3" => two_methods_at_once_are_refused;
    "client-auth-other-method", "OpenID Connect Core 9" => another_method_is_refused;
    "client-auth-malformed", "RFC 7617 2" => malformed_headers_are_refused;
};

const FORM: (&str, &str) = ("grant_type", "client_credentials");

async fn ask(subject: &Subject, header: &str) -> anyhow::Result<Answer> {
    subject.provider.post_token(Some(header), &[FORM]).await
}

fn ensure_challenged(answer: &Answer) -> Verdict {
    ensure_error(answer, &["invalid_client"])?;
    answer.ensure_status(401)?;
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    let is_basic = challenge.to_ascii_lowercase().starts_with("basic");
    ensure!(is_basic, "WWW-Authenticate is {challenge:?}");
    Ok(())
}

async fn nobody_is_refused(subject: &Subject) -> Verdict {
    let answer = subject.provider.post_token(None, &[FORM]).await?;
    ensure_error(&answer, &["invalid_client", "invalid_request"])
}

async fn a_wrong_secret_is_refused(subject: &Subject) -> Verdict {
    let (id, secret) = (&subject.client.client_id, &subject.client.client_secret);
    let longer = format!("{secret}x");
    let shorter = secret.get(1..).unwrap_or_default();
    for wrong in ["wrong", longer.as_str(), shorter, ""] {
        let answer = ask(subject, &basic_header(id, wrong)).await?;
        ensure_challenged(&answer).with_context(|| format!("{} bytes", wrong.len()))?;
    }
    Ok(())
}

/// Nobody learns which clients exist.
async fn unknown_clients_are_answered_alike(subject: &Subject) -> Verdict {
    let known = ask(subject, &basic_header(&subject.client.client_id, "wrong")).await?;
    let unknown = ask(subject, &basic_header("nobody-knows-this-client", "wrong")).await?;
    ensure_challenged(&unknown)?;
    ensure!(known.body == unknown.body, "{} is not {}", known.body, unknown.body);
    Ok(())
}

async fn two_methods_at_once_are_refused(subject: &Subject) -> Verdict {
    let client = &subject.client;
    let form =
        [FORM, ("client_id", client.client_id.as_str()), ("client_secret", &client.client_secret)];
    let header = client.basic_header();
    let answer = subject.provider.post_token(Some(&header), &form).await?;
    ensure_error(&answer, &["invalid_client", "invalid_request"])
}

async fn another_method_is_refused(subject: &Subject) -> Verdict {
    let client = &subject.client;
    let answer = if client.uses_basic() {
        let form = [
            FORM,
            ("client_id", client.client_id.as_str()),
            ("client_secret", &client.client_secret),
        ];
        subject.provider.post_token(None, &form).await?
    } else {
        ask(subject, &client.basic_header()).await?
    };
    ensure_error(&answer, &["invalid_client"])?;
    let form = [FORM, ("client_id", client.client_id.as_str())];
    let answer = subject.provider.post_token(None, &form).await?;
    ensure_error(&answer, &["invalid_client"])
}

async fn malformed_headers_are_refused(subject: &Subject) -> Verdict {
    let (id, secret) = (&subject.client.client_id, &subject.client.client_secret);
    let headers = [
        "Basic".to_owned(),
        "Basic !!!".to_owned(),
        format!("Basic {id}:{secret}"),
        format!("Basic {}", STANDARD.encode(id)),
        format!("Basic {}", STANDARD.encode(format!("{id}:{secret}:"))),
        format!("Basic {}", STANDARD.encode(format!("{id}:{secret}\n"))),
        format!("Bearer {}", STANDARD.encode(format!("{id}:{secret}"))),
    ];
    for header in headers {
        let answer = ask(subject, &header).await?;
        let refused = ensure_error(&answer, &["invalid_client", "invalid_request"]);
        let scheme = header.split(' ').next().unwrap_or_default();
        refused.with_context(|| format!("{scheme} of {} bytes", header.len()))?;
    }
    Ok(())
}
