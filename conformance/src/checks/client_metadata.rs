//! What a client's own metadata asks for (OpenID Connect Registration 2).

use anyhow::ensure;
use serde_json::Value;

use crate::check::{Check, Verdict, checks};
use crate::clients::Role;
use crate::registration::Registration;
use crate::subject::Subject;

pub(super) const CHECKS: &[Check] = checks! {
    "client-id-token-rs256", "OpenID Connect Core 3.1.3.7", "oidcc-idtoken-signature",
        "oidcc-idtoken-rs256" => rs256_is_what_a_client_gets_by_default;
    "client-id-token-es256", "OpenID Connect Registration 2" => es256_where_it_is_registered;
    "client-id-token-eddsa", "OpenID Connect Registration 2" => eddsa_where_it_is_registered;
    "client-id-token-none", "OpenID Connect Core 2", "oidcc-idtoken-unsigned"
        => an_unsigned_id_token_is_not_offered;
    "client-require-auth-time", "OpenID Connect Registration 2" => auth_time_comes_where_required;
};

async fn ensure_algorithm(subject: &Subject, client: &Registration, expected: &str) -> Verdict {
    subject.provider.ensure_offered("id_token_signing_alg_values_supported", expected)?;
    let tokens = subject.tokens_of(client).await?;
    let id_token = subject.verify(tokens.id_token()?)?;
    let alg = id_token.header.get("alg").and_then(Value::as_str);
    ensure!(alg == Some(expected), "alg is {alg:?}");
    Ok(())
}

async fn rs256_is_what_a_client_gets_by_default(subject: &Subject) -> Verdict {
    let algorithm = subject.client.id_token_signed_response_alg.as_deref().unwrap_or("RS256");
    ensure_algorithm(subject, &subject.client, algorithm).await
}

async fn es256_where_it_is_registered(subject: &Subject) -> Verdict {
    ensure_algorithm(subject, subject.second()?, "ES256").await
}

async fn eddsa_where_it_is_registered(subject: &Subject) -> Verdict {
    ensure_algorithm(subject, subject.client_as(Role::EdDsa)?, "EdDSA").await
}

async fn an_unsigned_id_token_is_not_offered(subject: &Subject) -> Verdict {
    let lists = [
        "id_token_signing_alg_values_supported",
        "userinfo_signing_alg_values_supported",
        "token_endpoint_auth_signing_alg_values_supported",
    ];
    for list in lists {
        ensure!(!subject.provider.offers(list, "none"), "{list} has none");
    }
    Ok(())
}

async fn auth_time_comes_where_required(subject: &Subject) -> Verdict {
    let client = subject.client_as(Role::RecentSignIn)?;
    let tokens = subject.tokens_of(client).await?;
    subject.verify(tokens.id_token()?)?.instant("auth_time")?;
    Ok(())
}
