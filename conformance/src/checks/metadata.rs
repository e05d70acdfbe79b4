//! That the metadata does not lie, and says nothing unheard of (RFC 8414 2, OpenID Connect
//! Discovery 3).

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::answer::Answer;
use crate::check::{Check, Verdict, checks};
use crate::subject::Subject;

pub(super) const CHECKS: &[Check] = checks! {
    "metadata-known-names", "RFC 8414 7.1.2", "oidcc-discovery-endpoint-verification"
        => every_member_is_registered;
    "metadata-types", "RFC 8414 2" => every_member_has_its_type;
    "metadata-endpoints-answer", "OpenID Connect Discovery 3" => every_endpoint_is_there;
    "metadata-auth-methods", "RFC 8414 2" => methods_are_told_for_every_endpoint;
    "metadata-signing-algorithms", "RFC 8414 2" => assertions_have_their_algorithms;
    "metadata-logout", "RP-Initiated Logout 2.1",
        "oidcc-rp-initiated-logout-discovery-endpoint-verification" => sign_out_is_announced;
    "metadata-same-document", "RFC 8414 3" => both_documents_say_the_same;
};

/// Names of the IANA registry "OAuth Authorization Server Metadata" that a provider of this kind
/// may use.
const KNOWN: [&str; 63] = [
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "registration_endpoint",
    "scopes_supported",
    "response_types_supported",
    "response_modes_supported",
    "grant_types_supported",
    "token_endpoint_auth_methods_supported",
    "token_endpoint_auth_signing_alg_values_supported",
    "service_documentation",
    "ui_locales_supported",
    "op_policy_uri",
    "op_tos_uri",
    "revocation_endpoint",
    "revocation_endpoint_auth_methods_supported",
    "revocation_endpoint_auth_signing_alg_values_supported",
    "introspection_endpoint",
    "introspection_endpoint_auth_methods_supported",
    "introspection_endpoint_auth_signing_alg_values_supported",
    "code_challenge_methods_supported",
    "signed_metadata",
    "device_authorization_endpoint",
    "tls_client_certificate_bound_access_tokens",
    "mtls_endpoint_aliases",
    "nfv_token_signing_alg_values_supported",
    "userinfo_endpoint",
    "acr_values_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
    "id_token_encryption_alg_values_supported",
    "id_token_encryption_enc_values_supported",
    "userinfo_signing_alg_values_supported",
    "userinfo_encryption_alg_values_supported",
    "userinfo_encryption_enc_values_supported",
    "request_object_signing_alg_values_supported",
    "request_object_encryption_alg_values_supported",
    "request_object_encryption_enc_values_supported",
    "display_values_supported",
    "claim_types_supported",
    "claims_supported",
    "claims_locales_supported",
    "claims_parameter_supported",
    "request_parameter_supported",
    "request_uri_parameter_supported",
    "require_request_uri_registration",
    "require_signed_request_object",
    "pushed_authorization_request_endpoint",
    "require_pushed_authorization_requests",
    "introspection_signing_alg_values_supported",
    "authorization_response_iss_parameter_supported",
    "check_session_iframe",
    "frontchannel_logout_supported",
    "backchannel_logout_supported",
    "backchannel_logout_session_supported",
    "end_session_endpoint",
    "frontchannel_logout_session_supported",
    "prompt_values_supported",
    "dpop_signing_alg_values_supported",
    "authorization_details_types_supported",
    "protected_resources",
    "client_registration_types_supported",
];

async fn every_member_is_registered(subject: &Subject) -> Verdict {
    let members = subject.provider.metadata.as_object().context("the metadata is no object")?;
    let odd = members.keys().find(|name| !KNOWN.contains(&name.as_str()));
    ensure!(odd.is_none(), "{odd:?} is in no specification");
    Ok(())
}

async fn every_member_has_its_type(subject: &Subject) -> Verdict {
    let members = subject.provider.metadata.as_object().context("the metadata is no object")?;
    for (name, value) in members {
        let is_right = if name.ends_with("_values_supported")
            || name.ends_with("_methods_supported")
            || name.ends_with("_types_supported")
            || name.ends_with("_modes_supported")
            || name.ends_with("_locales_supported")
            || name == "scopes_supported"
            || name == "claims_supported"
        {
            let list = value.as_array();
            list.is_some_and(|list| !list.is_empty() && list.iter().all(Value::is_string))
        } else if name.ends_with("_supported") || name.starts_with("require_") {
            value.is_boolean()
        } else if name == "mtls_endpoint_aliases" {
            value.is_object()
        } else {
            value.is_string()
        };
        ensure!(is_right, "{name} is {value}");
    }
    Ok(())
}

/// An endpoint may refuse a bare request, but it is there.
async fn every_endpoint_is_there(subject: &Subject) -> Verdict {
    let members = subject.provider.metadata.as_object().context("the metadata is no object")?;
    for name in members.keys().filter(|name| name.ends_with("_endpoint")) {
        let url = subject.provider.endpoint(name)?;
        let answer = Answer::read(subject.provider.http.get(url).send().await?).await?;
        let status = answer.status.as_u16();
        ensure!(status != 404 && status < 500, "{name} answers {status}");
    }
    Ok(())
}

async fn methods_are_told_for_every_endpoint(subject: &Subject) -> Verdict {
    let provider = &subject.provider;
    let known = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];
    for endpoint in ["token", "introspection", "revocation"] {
        if provider.metadata.get(format!("{endpoint}_endpoint")).is_none() {
            continue;
        }
        let list = format!("{endpoint}_endpoint_auth_methods_supported");
        let methods = provider.list(&list);
        ensure!(!methods.is_empty(), "{list} is missing");
        let odd = methods.iter().find(|method| !known.contains(method));
        ensure!(odd.is_none(), "{list} has {odd:?}");
    }
    // Whoever may ask about tokens must prove who it is (RFC 7662 2.1).
    let open = provider.offers("introspection_endpoint_auth_methods_supported", "none");
    ensure!(!open, "introspection is open to everybody");
    Ok(())
}

async fn assertions_have_their_algorithms(subject: &Subject) -> Verdict {
    let provider = &subject.provider;
    provider.ensure_offered("token_endpoint_auth_methods_supported", "private_key_jwt")?;
    let list = "token_endpoint_auth_signing_alg_values_supported";
    let algorithms = provider.list(list);
    ensure!(!algorithms.is_empty(), "{list} is missing");
    let weak = algorithms.iter().find(|name| **name == "none" || name.starts_with("HS"));
    ensure!(weak.is_none(), "{list} has {weak:?}");
    Ok(())
}

async fn sign_out_is_announced(subject: &Subject) -> Verdict {
    subject.provider.endpoint("end_session_endpoint")?;
    Ok(())
}

async fn both_documents_say_the_same(subject: &Subject) -> Verdict {
    let answer = subject.provider.get_well_known("oauth-authorization-server").await?;
    let other = answer.json()?;
    let (here, there) = (subject.provider.metadata.as_object(), other.as_object());
    let (here, there) = (here.context("no object")?, there.context("no object")?);
    for (name, value) in there {
        let beside = here.get(name);
        ensure!(beside.is_none() || beside == Some(value), "{name} is {value} and {beside:?}");
    }
    for name in here.keys().filter(|name| name.ends_with("_endpoint")) {
        let is_openid = name == "userinfo_endpoint" || name == "end_session_endpoint";
        ensure!(is_openid || there.contains_key(name), "{name} is told only once");
    }
    Ok(())
}
