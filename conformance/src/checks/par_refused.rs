//! Pushed authorization requests that are refused (RFC 9126 2.3), and names that open nothing.

use anyhow::{Context as _, ensure};

use super::par::{push_as, pushed};
use super::token::ensure_error;
use crate::answer::Answer;
use crate::ask::{Ask, Callback, ensure_stays};
use crate::check::{Check, Verdict, checks};
use crate::registration::Credentials;
use crate::subject::Subject;

pub(super) const CHECKS: &[Check] = checks! {
    "par-method", "RFC 9126 2.1" => only_post_is_taken;
    "par-unauthenticated", "RFC 9126 2" => a_confidential_client_must_prove_itself;
    "par-client-mismatch", "RFC 9126 2.1" => the_request_is_the_pushing_clients_own;
    "par-request-uri-inside", "RFC 9126 2.1" => a_name_inside_is_refused;
    "par-request-object", "RFC 9126 3" => a_request_object_is_not_ignored;
    "par-redirect-uri", "RFC 9126 2.1" => only_registered_addresses_are_taken;
    "par-pkce", "RFC 7636 4.4.1" => the_code_challenge_is_required;
    "par-response-type", "RFC 9126 2.3" => other_response_types_are_refused;
    "par-repeated-parameter", "RFC 6749 3.1" => repeated_parameters_are_refused;
    "par-scope", "RFC 6749 4.1.2.1" => strange_scopes_are_dropped_or_refused;
    "par-unknown-request-uri", "RFC 9126 2.2" => unknown_names_lead_nowhere;
    "par-other-client", "RFC 9126 2.2" => the_name_is_bound_to_its_client;
    "par-name-without-client", "RFC 9126 4" => a_name_needs_its_client_beside_it;
};

const ENDPOINT: &str = "pushed_authorization_request_endpoint";

/// Refused in JSON, with one of these codes and no name.
async fn ensure_refused(subject: &Subject, ask: &Ask, errors: &[&str]) -> Verdict {
    let answer = push_as(subject, &subject.client, ask).await?;
    ensure_error(&answer, errors)?;
    ensure!(answer.json()?.get("request_uri").is_none(), "there is a request_uri all the same");
    Ok(())
}

async fn only_post_is_taken(subject: &Subject) -> Verdict {
    let mut url = subject.provider.optional_endpoint(ENDPOINT)?;
    url.query_pairs_mut().extend_pairs(subject.ask().params());
    let request = subject.provider.http.get(url);
    let request = request.header("authorization", subject.client.basic_header());
    let status = Answer::read(request.send().await?).await?.status;
    ensure!(status == 405 || status == 400, "GET is answered {status}");
    Ok(())
}

async fn a_confidential_client_must_prove_itself(subject: &Subject) -> Verdict {
    let ask = subject.ask();
    let form: Vec<_> =
        ask.params().iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let wrong = crate::registration::basic_header(&subject.client.client_id, "wrong");
    for header in [None, Some(wrong)] {
        let credentials = Credentials { header, fields: Vec::new() };
        let answer = subject.provider.post_with(&credentials, ENDPOINT, &form).await?;
        ensure_error(&answer, &["invalid_client"])?;
        answer.ensure_status(401)?;
    }
    Ok(())
}

async fn the_request_is_the_pushing_clients_own(subject: &Subject) -> Verdict {
    let ask = subject.ask().with("client_id", &subject.second()?.client_id);
    ensure_refused(subject, &ask, &["invalid_request", "invalid_client"]).await
}

async fn a_name_inside_is_refused(subject: &Subject) -> Verdict {
    let name = "urn:ietf:params:oauth:request_uri:another";
    for ask in [subject.ask().with("request_uri", name), subject.ask().pushed(name)] {
        let errors = ["invalid_request", "invalid_request_object", "request_uri_not_supported"];
        ensure_refused(subject, &ask, &errors).await?;
    }
    Ok(())
}

async fn a_request_object_is_not_ignored(subject: &Subject) -> Verdict {
    let ask = subject.ask().with("request", "eyJhbGciOiJub25lIn0.eyJzdGF0ZSI6Imluc2lkZSJ9.");
    ensure_refused(subject, &ask, &["request_not_supported", "invalid_request_object"]).await
}

async fn only_registered_addresses_are_taken(subject: &Subject) -> Verdict {
    let registered = subject.client.redirect_uri();
    for uri in
        ["https://evil.example/", &format!("{registered}/"), &format!("{registered}?x=y"), ""]
    {
        let ask = subject.ask().with("redirect_uri", uri);
        let refused = ensure_refused(subject, &ask, &["invalid_request", "invalid_redirect_uri"]);
        refused.await.with_context(|| uri.to_owned())?;
    }
    ensure_refused(subject, &subject.ask().without("redirect_uri"), &["invalid_request"]).await
}

async fn the_code_challenge_is_required(subject: &Subject) -> Verdict {
    let without = subject.ask().without("code_challenge");
    ensure_refused(subject, &without, &["invalid_request"]).await?;
    let without = without.without("code_challenge_method");
    ensure_refused(subject, &without, &["invalid_request"]).await?;
    let plain = subject.ask().with("code_challenge_method", "plain");
    ensure_refused(subject, &plain, &["invalid_request"]).await
}

async fn other_response_types_are_refused(subject: &Subject) -> Verdict {
    for kind in ["token", "code id_token", ""] {
        let ask = subject.ask().with("response_type", kind);
        ensure_refused(subject, &ask, &["unsupported_response_type", "invalid_request"]).await?;
    }
    Ok(())
}

async fn repeated_parameters_are_refused(subject: &Subject) -> Verdict {
    for name in ["scope", "state", "redirect_uri"] {
        let value = subject.ask().get(name).unwrap_or_default().to_owned();
        let ask = subject.ask().also(name, &value);
        let refused = ensure_refused(subject, &ask, &["invalid_request"]).await;
        refused.with_context(|| name.to_owned())?;
    }
    Ok(())
}

async fn strange_scopes_are_dropped_or_refused(subject: &Subject) -> Verdict {
    let ask = subject.ask().with("scope", "no-such-scope");
    ensure_refused(subject, &ask, &["invalid_scope", "invalid_request"]).await
}

async fn ensure_nothing_comes_of(subject: &Subject, ask: &Ask) -> Verdict {
    let answer = subject.signed_in().await?.get(ask.url(&subject.provider)?).await?;
    match Callback::find(&answer, ask.returns_to())? {
        Some(callback) => callback.ensure_error(&["invalid_request_uri", "invalid_request"]),
        None => ensure_stays(&answer),
    }
}

async fn unknown_names_lead_nowhere(subject: &Subject) -> Verdict {
    subject.provider.optional_endpoint(ENDPOINT)?;
    for name in ["urn:ietf:params:oauth:request_uri:unknown", "urn:ietf:params:oauth:request_uri:"]
    {
        let ask = subject.ask().pushed(name);
        ensure_nothing_comes_of(subject, &ask).await.with_context(|| name.to_owned())?;
    }
    Ok(())
}

async fn the_name_is_bound_to_its_client(subject: &Subject) -> Verdict {
    let second = subject.second()?;
    let short = pushed(subject, &subject.client, &subject.ask()).await?;
    let stolen = short.clone().with("client_id", &second.client_id);
    ensure_nothing_comes_of(subject, &stolen).await?;
    let uri = second.redirect_uri();
    ensure_nothing_comes_of(subject, &stolen.with("redirect_uri", uri)).await?;
    // The name is not lost to its owner.
    subject.authorize(&mut subject.signed_in().await?, &short).await?.code()?;
    Ok(())
}

async fn a_name_needs_its_client_beside_it(subject: &Subject) -> Verdict {
    let short = pushed(subject, &subject.client, &subject.ask()).await?.without("client_id");
    let answer = subject.signed_in().await?.get(short.url(&subject.provider)?).await?;
    ensure_stays(&answer)
}
