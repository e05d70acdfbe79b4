//! The access token (RFC 9068).

use std::collections::BTreeSet;

use anyhow::ensure;
use serde_json::Value;

use crate::check::{Check, Verdict, checks};
use crate::clock;
use crate::subject::Subject;
use crate::tokens::{member, success};

pub(super) const CHECKS: &[Check] = checks! {
    "access-token-header", "RFC 9068 2.1" => its_type_tells_it_from_an_id_token;
    "access-token-claims", "RFC 9068 2.2" => the_required_claims_are_there;
    "access-token-unique", "RFC 9068 2.2" => no_two_tokens_have_one_jti;
    "access-token-sparing", "RFC 9068 5" => it_tells_nothing_to_contact_the_person_by;
};

async fn its_type_tells_it_from_an_id_token(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let jwt = subject.verify(tokens.access_token()?)?;
    let typ = jwt.header.get("typ").and_then(Value::as_str).unwrap_or_default();
    let plain = typ.to_ascii_lowercase();
    let plain = plain.strip_prefix("application/").unwrap_or(&plain);
    ensure!(plain == "at+jwt", "typ is {typ:?}");
    Ok(())
}

async fn the_required_claims_are_there(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let jwt = subject.verify(tokens.access_token()?)?;
    ensure!(jwt.text("iss")? == subject.provider.issuer, "iss is another");
    ensure!(!jwt.audiences().is_empty(), "there is no aud");
    let client_id = jwt.text("client_id")?;
    ensure!(client_id == subject.client.client_id, "client_id is {client_id}");
    let id_token = subject.verify(tokens.id_token()?)?;
    ensure!(jwt.text("sub")? == id_token.text("sub")?, "sub is another");
    jwt.text("jti")?;
    let (iat, exp, now) = (jwt.instant("iat")?, jwt.instant("exp")?, clock::now());
    ensure!(exp > now && exp - iat <= 3600, "it lives for {} s", exp - iat);
    let life = tokens.response.get("expires_in").and_then(Value::as_i64);
    let is_told = life.is_some_and(|life| (exp - iat - life).abs() <= 1);
    ensure!(is_told, "expires_in is {life:?}, the token lives for {} s", exp - iat);
    let granted = jwt.text("scope")?;
    ensure!(granted.split(' ').any(|name| name == "openid"), "scope is {granted}");
    Ok(())
}

async fn no_two_tokens_have_one_jti(subject: &Subject) -> Verdict {
    let (first, second) = (subject.tokens().await?, subject.tokens().await?);
    let mut tokens = vec![first.access_token()?.to_owned(), second.access_token()?.to_owned()];
    if let Ok(token) = first.refresh_token() {
        let refreshed = success(&subject.refresh(token).await?)?;
        tokens.push(member(&refreshed, "access_token")?.to_owned());
    }
    let mut names = BTreeSet::new();
    for token in tokens {
        let name = subject.verify(&token)?.text("jti")?.to_owned();
        ensure!(names.insert(name), "jti repeats");
    }
    Ok(())
}

async fn it_tells_nothing_to_contact_the_person_by(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let jwt = subject.verify(tokens.access_token()?)?;
    for claim in ["email", "phone_number", "name", "given_name", "family_name", "nonce"] {
        ensure!(!jwt.claims.contains_key(claim), "it carries {claim}");
    }
    Ok(())
}
