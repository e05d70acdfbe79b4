//! The metadata of the provider (OpenID Connect Discovery 3 and 4, RFC 8414).

use anyhow::{bail, ensure};
use serde_json::Value;
use url::{Host, Url};

use crate::check::{Check, Verdict, checks};
use crate::subject::Subject;

pub(super) const CHECKS: &[Check] = checks! {
    "discovery-issuer", "OpenID Connect Discovery 4.3", "oidcc-discovery-endpoint-verification" => issuer_is_the_address_asked;
    "discovery-required-members", "OpenID Connect Discovery 3" => required_members_are_there;
    "discovery-endpoint-urls", "OpenID Connect Discovery 3" => endpoints_are_encrypted_or_local;
    "discovery-code-and-pkce", "RFC 8414 2" => code_with_s256_is_offered;
    "discovery-no-outdated-grants", "RFC 9700 2.1.2" => outdated_grants_are_not_offered;
    "discovery-signing-algorithms", "OpenID Connect Discovery 3" => rs256_is_offered_and_none_is_not;
    "discovery-iss-parameter", "RFC 9207 3" => iss_in_responses_is_announced;
    "discovery-oauth-metadata", "RFC 8414 3" => oauth_metadata_says_the_same;
};

async fn issuer_is_the_address_asked(subject: &Subject) -> Verdict {
    let provider = &subject.provider;
    let issuer = provider.metadata.get("issuer");
    ensure!(issuer == Some(&Value::from(provider.issuer.as_str())), "issuer is {issuer:?}");
    let url = Url::parse(&provider.issuer)?;
    ensure!(
        url.query().is_none() && url.fragment().is_none(),
        "the issuer has a query or a fragment"
    );
    Ok(())
}

async fn required_members_are_there(subject: &Subject) -> Verdict {
    let provider = &subject.provider;
    let endpoints = [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "end_session_endpoint",
    ];
    for name in endpoints {
        provider.endpoint(name)?;
    }
    let lists = [
        "response_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
        "scopes_supported",
        "claims_supported",
        "grant_types_supported",
        "response_modes_supported",
        "acr_values_supported",
        "token_endpoint_auth_methods_supported",
    ];
    for name in lists {
        ensure!(!provider.list(name).is_empty(), "{name} is missing or empty");
    }
    ensure!(provider.offers("scopes_supported", "openid"), "no scope openid");
    Ok(())
}

async fn endpoints_are_encrypted_or_local(subject: &Subject) -> Verdict {
    let Some(members) = subject.provider.metadata.as_object() else {
        bail!("the metadata is no object");
    };
    let names = members.keys().filter(|name| name.ends_with("_endpoint") || name.ends_with("_uri"));
    for name in names {
        let url = subject.provider.endpoint(name)?;
        let is_local = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        ensure!(url.scheme() == "https" || is_local, "{name} is {url}");
        ensure!(url.fragment().is_none(), "{name} has a fragment");
    }
    Ok(())
}

async fn code_with_s256_is_offered(subject: &Subject) -> Verdict {
    let provider = &subject.provider;
    ensure!(provider.offers("response_types_supported", "code"), "no code");
    let methods = provider.list("code_challenge_methods_supported");
    ensure!(methods == ["S256"], "code challenge methods are {methods:?}");
    Ok(())
}

async fn outdated_grants_are_not_offered(subject: &Subject) -> Verdict {
    let provider = &subject.provider;
    for grant in ["implicit", "password"] {
        ensure!(!provider.offers("grant_types_supported", grant), "the grant {grant} is offered");
    }
    let types = provider.list("response_types_supported");
    let leaking = types.iter().find(|kind| kind.contains("token"));
    ensure!(leaking.is_none(), "the response type {leaking:?} is offered");
    Ok(())
}

async fn rs256_is_offered_and_none_is_not(subject: &Subject) -> Verdict {
    let algorithms = subject.provider.list("id_token_signing_alg_values_supported");
    ensure!(algorithms.contains(&"RS256"), "only {algorithms:?} are offered");
    let weak = algorithms.iter().find(|name| **name == "none" || name.starts_with("HS"));
    ensure!(weak.is_none(), "{weak:?} is offered");
    Ok(())
}

async fn iss_in_responses_is_announced(subject: &Subject) -> Verdict {
    let name = "authorization_response_iss_parameter_supported";
    let value = subject.provider.metadata.get(name);
    ensure!(value == Some(&Value::Bool(true)), "{name} is {value:?}");
    Ok(())
}

async fn oauth_metadata_says_the_same(subject: &Subject) -> Verdict {
    let answer = subject.provider.get_well_known("oauth-authorization-server");
    let metadata = answer.await?.json()?;
    for name in ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"] {
        let (here, there) = (metadata.get(name), subject.provider.metadata.get(name));
        ensure!(here.is_some() && here == there, "{name} is {here:?}");
    }
    Ok(())
}
