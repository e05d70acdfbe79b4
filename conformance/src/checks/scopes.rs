//! The claims of each scope and their types (OpenID Connect Core 5.1 and 5.4).

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::check::{Check, Skip, Verdict, checks};
use crate::clock;
use crate::subject::Subject;

pub(super) const CHECKS: &[Check] = checks! {
    "scope-profile", "OpenID Connect Core 5.4", "oidcc-scope-profile" => the_scope_profile;
    "scope-email", "OpenID Connect Core 5.4", "oidcc-scope-email" => the_scope_email;
    "scope-address", "OpenID Connect Core 5.4", "oidcc-scope-address" => the_scope_address;
    "scope-phone", "OpenID Connect Core 5.4", "oidcc-scope-phone" => the_scope_phone;
    "scope-all", "OpenID Connect Core 5.4", "oidcc-scope-all" => all_scopes_together;
    "scope-not-in-id-token", "OpenID Connect Core 5.4" => the_id_token_is_sparing;
    "scope-announced-claims", "OpenID Connect Discovery 3" => what_comes_was_announced;
};

const PROFILE: [&str; 14] = [
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
    "preferred_username",
];
const EMAIL: [&str; 2] = ["email", "email_verified"];
const PHONE: [&str; 2] = ["phone_number", "phone_number_verified"];
const ADDRESS: [&str; 1] = ["address"];
/// 1990-01-01.
const EARLIEST_UPDATE: i64 = 631_152_000;

/// The type of a standard claim (OpenID Connect Core 5.1).
fn ensure_type(claim: &str, value: &Value) -> Verdict {
    let is_right = match claim {
        "email_verified" | "phone_number_verified" => value.is_boolean(),
        "updated_at" => {
            value.as_i64().is_some_and(|at| (EARLIEST_UPDATE..=clock::now() + 300).contains(&at))
        }
        "address" => value.as_object().is_some_and(|parts| parts.values().all(Value::is_string)),
        "birthdate" => value.as_str().is_some_and(is_birthdate),
        _ => value.as_str().is_some_and(|text| !text.trim().is_empty() && text != "null"),
    };
    ensure!(is_right, "{claim} is {value}");
    Ok(())
}

/// `YYYY-MM-DD`, or `YYYY` alone; the year may be 0000.
fn is_birthdate(text: &str) -> bool {
    let digits = |part: &str, len| part.len() == len && part.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = text.split('-').collect();
    match parts.as_slice() {
        [year] => digits(year, 4),
        [year, month, day] => digits(year, 4) && digits(month, 2) && digits(day, 2),
        _ => false,
    }
}

async fn userinfo(subject: &Subject, scope: &str) -> anyhow::Result<Value> {
    let tokens = subject.tokens_for(subject.ask().with("scope", scope)).await?;
    let answer = subject.provider.userinfo_of(tokens.access_token()?).await?;
    answer.ensure_status(200)?;
    answer.json()
}

/// The claims of a scope have their types, at least the first is there, and no claim of another
/// scope comes with them.
async fn ensure_scope(subject: &Subject, scope: &str, claims: &[&str]) -> Verdict {
    subject.provider.ensure_offered("scopes_supported", scope)?;
    if !subject.client.may_ask_for(scope) {
        return Err(Skip::because(format!("the client may not ask for {scope}")));
    }
    let found = userinfo(subject, &format!("openid {scope}")).await?;
    for claim in claims {
        if let Some(value) = found.get(claim) {
            ensure_type(claim, value)?;
        }
    }
    let first = claims.first().copied().unwrap_or_default();
    ensure!(found.get(first).is_some(), "there is no {first}");
    let others = PROFILE.iter().chain(&EMAIL).chain(&PHONE).chain(&ADDRESS);
    let odd = others.copied().find(|name| !claims.contains(name) && found.get(name).is_some());
    ensure!(odd.is_none(), "{odd:?} comes unasked");
    Ok(())
}

async fn the_scope_profile(subject: &Subject) -> Verdict {
    ensure_scope(subject, "profile", &PROFILE).await
}

async fn the_scope_email(subject: &Subject) -> Verdict {
    ensure_scope(subject, "email", &EMAIL).await
}

async fn the_scope_address(subject: &Subject) -> Verdict {
    ensure_scope(subject, "address", &ADDRESS).await
}

async fn the_scope_phone(subject: &Subject) -> Verdict {
    ensure_scope(subject, "phone", &PHONE).await
}

async fn all_scopes_together(subject: &Subject) -> Verdict {
    let found = userinfo(subject, "openid profile email address phone").await?;
    for claim in ["name", "email", "email_verified"] {
        let value = found.get(claim).with_context(|| format!("there is no {claim}"))?;
        ensure_type(claim, value)?;
    }
    Ok(())
}

/// The claims of scopes come from userinfo when there is an access token to get them with.
async fn the_id_token_is_sparing(subject: &Subject) -> Verdict {
    let ask = subject.ask().with("scope", "openid profile email");
    let tokens = subject.tokens_for(ask).await?;
    let id_token = subject.verify(tokens.id_token()?)?;
    let mut claims = PROFILE.iter().chain(&EMAIL).chain(&PHONE).chain(&ADDRESS);
    let odd = claims.find(|claim| id_token.claims.contains_key(**claim));
    ensure!(odd.is_none(), "the ID token carries {odd:?}");
    Ok(())
}

async fn what_comes_was_announced(subject: &Subject) -> Verdict {
    let scope = &subject.client.scope;
    let found = userinfo(subject, scope).await?;
    let members = found.as_object().context("userinfo is no object")?;
    let announced = subject.provider.list("claims_supported");
    let odd = members.keys().find(|name| !announced.contains(&name.as_str()));
    ensure!(odd.is_none(), "{odd:?} is not in claims_supported");
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn core_5_1_each_standard_claim_has_its_type() {
        for (claim, good, bad) in [
            ("name", json!("Ann"), json!(" ")),
            ("email_verified", json!(true), json!("true")),
            ("updated_at", json!(1_700_000_000), json!("yesterday")),
            ("birthdate", json!("0000-02-03"), json!("3.2.")),
            ("address", json!({"country": "AT"}), json!("Vienna")),
        ] {
            assert!(ensure_type(claim, &good).is_ok(), "{claim}");
            assert!(ensure_type(claim, &bad).is_err(), "{claim}");
        }
    }
}
