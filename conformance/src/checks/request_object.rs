//! Request objects, by value and by reference (OpenID Connect Core 6): used as they say or refused
//! as not supported, never ignored, since what a client signed may differ from what travels beside.

use anyhow::{Context as _, ensure};
use serde_json::{Map, Value, json};

use super::authorize::ensure_refused;
use crate::ask::{Ask, Callback, ensure_stays};
use crate::check::{Check, Verdict, checks};
use crate::clients::Role;
use crate::signing::unsecured;
use crate::subject::Subject;

pub(super) const CHECKS: &[Check] = checks! {
    "request-object-unsigned", "OpenID Connect Core 6.1",
        "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported"
        => an_unsigned_object_is_not_ignored;
    "request-object-signed", "OpenID Connect Core 3.1.2.6" => a_signed_object_is_not_ignored;
    "request-object-malformed", "OpenID Connect Core 3.1.2.6" => what_is_no_object_is_not_ignored;
    "request-object-redirect", "OpenID Connect Core 6.1",
        "oidcc-ensure-request-object-with-redirect-uri" => its_redirect_uri_opens_no_way_out;
    "request-uri", "OpenID Connect Core 6.2",
        "oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported"
        => a_reference_is_not_ignored;
    "request-object-announced", "OpenID Connect Discovery 3" => the_metadata_says_what_is_taken;
};

/// The parameters of a request as the claims of a request object, with another state.
fn claims(ask: &Ask) -> Map<String, Value> {
    let mut claims = Map::new();
    for (name, value) in ask.params() {
        claims.insert(name.clone(), json!(value));
    }
    claims.insert("state".to_owned(), json!("inside"));
    claims
}

/// Refused as not supported, or else used: the state inside comes back.
async fn ensure_used_or_refused(subject: &Subject, ask: &Ask) -> Verdict {
    if subject.provider.flag("request_parameter_supported") != Some(true) {
        return ensure_refused(subject, ask, &["request_not_supported"]).await;
    }
    let ask = ask.clone().with("prompt", "none");
    let answer = subject.visit(&ask).await?;
    let callback = Callback::find(&answer, ask.returns_to())?.context("nothing came back")?;
    if callback.find_param("error") == Some("invalid_request_object") {
        return Ok(());
    }
    let state = callback.find_param("state");
    ensure!(state == Some("inside"), "the object is ignored: state is {state:?}");
    Ok(())
}

async fn an_unsigned_object_is_not_ignored(subject: &Subject) -> Verdict {
    let ask = subject.ask();
    let object = unsecured(&claims(&ask));
    ensure_used_or_refused(subject, &ask.with("request", &object)).await
}

async fn a_signed_object_is_not_ignored(subject: &Subject) -> Verdict {
    let client = subject.client_as(Role::Assertion)?;
    let ask = Ask::new(client);
    let object = client.key()?.sign(&claims(&ask))?;
    ensure_used_or_refused(subject, &ask.with("request", &object)).await
}

async fn what_is_no_object_is_not_ignored(subject: &Subject) -> Verdict {
    for object in ["no-object", "a.b.c", "{}"] {
        let ask = subject.ask().with("request", object);
        let refused =
            ensure_refused(subject, &ask, &["request_not_supported", "invalid_request_object"]);
        refused.await.with_context(|| object.to_owned())?;
    }
    Ok(())
}

async fn its_redirect_uri_opens_no_way_out(subject: &Subject) -> Verdict {
    let good = subject.ask();
    let evil = good.clone().with("redirect_uri", "https://evil.example/");
    // A good address inside does not make the one outside good, nor the other way round.
    let outside = evil.clone().with("request", &unsecured(&claims(&good)));
    ensure_stays(&subject.visit(&outside).await?).context("an unregistered address outside")?;
    let inside = good.clone().with("request", &unsecured(&claims(&evil)));
    let answer = subject.visit(&inside).await?;
    let location = answer.location().map(|url| url.to_string()).unwrap_or_default();
    ensure!(!location.starts_with("https://evil.example"), "redirected to {location}");
    // The registered address is not taken instead of the missing one.
    let without = good.clone().without("redirect_uri").with("request", &unsecured(&claims(&evil)));
    ensure_stays(&subject.visit(&without).await?).context("no address outside")
}

async fn a_reference_is_not_ignored(subject: &Subject) -> Verdict {
    for uri in ["https://rp.example/request.jwt", "http://127.0.0.1:1/", "file:///etc/passwd"] {
        let ask = subject.ask().with("request_uri", uri);
        let is_supported = subject.provider.flag("request_uri_parameter_supported") != Some(false);
        let errors = if is_supported {
            ["invalid_request_uri", "invalid_request_object"].as_slice()
        } else {
            &["request_uri_not_supported"]
        };
        ensure_refused(subject, &ask, errors).await.with_context(|| uri.to_owned())?;
    }
    Ok(())
}

/// An absent `request_uri_parameter_supported` would mean that references are taken.
async fn the_metadata_says_what_is_taken(subject: &Subject) -> Verdict {
    for name in ["request_parameter_supported", "request_uri_parameter_supported"] {
        let value = subject.provider.flag(name);
        ensure!(value.is_some(), "{name} is not said");
    }
    Ok(())
}
