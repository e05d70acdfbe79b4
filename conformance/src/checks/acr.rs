//! How the person signed in, and how a client may ask for more (OpenID Connect Core 3.1.2.1 and
//! 5.5.1.1, RFC 9470).

use anyhow::{Context as _, ensure};

use super::authorize_session::at_once;
use crate::check::{Check, Verdict, checks};
use crate::subject::Subject;

pub(super) const CHECKS: &[Check] = checks! {
    "acr-values-offered", "OpenID Connect Core 3.1.2.1",
        "oidcc-ensure-request-with-acr-values-succeeds" => every_offered_class_can_be_asked_for;
    "acr-values-unknown", "OpenID Connect Core 3.1.2.1" => unknown_classes_are_no_error;
    "acr-essential", "OpenID Connect Core 5.5.1.1" => an_essential_class_is_reached;
    "acr-essential-unattainable", "OpenID Connect Core 5.5.1.1" => what_cannot_be_reached_is_refused;
    "acr-truthful", "OpenID Connect Core 2" => the_class_is_not_taken_from_the_request;
};

async fn acr_of(subject: &Subject, ask: crate::ask::Ask) -> anyhow::Result<String> {
    let tokens = subject.tokens_for(ask).await?;
    Ok(subject.verify(tokens.id_token()?)?.text("acr")?.to_owned())
}

async fn every_offered_class_can_be_asked_for(subject: &Subject) -> Verdict {
    let offered = subject.provider.list("acr_values_supported");
    ensure!(!offered.is_empty(), "no class is offered");
    let acr = acr_of(subject, subject.ask().with("acr_values", &offered.join(" "))).await?;
    ensure!(offered.contains(&acr.as_str()), "acr is {acr}");
    for class in offered {
        let acr = acr_of(subject, subject.ask().with("acr_values", class)).await?;
        ensure!(subject.provider.offers("acr_values_supported", &acr), "acr is {acr}");
    }
    Ok(())
}

async fn unknown_classes_are_no_error(subject: &Subject) -> Verdict {
    let acr = acr_of(subject, subject.ask().with("acr_values", "1 2")).await?;
    ensure!(acr != "1" && acr != "2", "acr is {acr}, as it was asked");
    Ok(())
}

fn essential(classes: &[&str]) -> String {
    let value =
        serde_json::json!({ "id_token": { "acr": { "essential": true, "values": classes } } });
    value.to_string()
}

async fn an_essential_class_is_reached(subject: &Subject) -> Verdict {
    subject.provider.ensure_flag("claims_parameter_supported")?;
    let reached = acr_of(subject, subject.ask()).await?;
    let ask = subject.ask().with("claims", &essential(&[&reached]));
    let acr = acr_of(subject, ask).await?;
    ensure!(acr == reached, "acr is {acr}, not {reached}");
    Ok(())
}

async fn what_cannot_be_reached_is_refused(subject: &Subject) -> Verdict {
    subject.provider.ensure_flag("claims_parameter_supported")?;
    let ask = subject.ask().with("claims", &essential(&["urn:example:nobody-reaches-this"]));
    let callback = at_once(subject, &ask).await.context("nobody told the client")?;
    callback.ensure_error(&["unmet_authentication_requirements", "access_denied"])
}

async fn the_class_is_not_taken_from_the_request(subject: &Subject) -> Verdict {
    let without = acr_of(subject, subject.ask()).await?;
    for class in ["0", "phr", "urn:example:hardware"] {
        if subject.provider.offers("acr_values_supported", class) {
            continue;
        }
        let acr = acr_of(subject, subject.ask().with("acr_values", class)).await?;
        ensure!(acr == without, "{class} was asked for and acr went from {without} to {acr}");
    }
    Ok(())
}
