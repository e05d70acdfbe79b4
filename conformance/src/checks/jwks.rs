//! The published keys (RFC 7517).

use std::collections::BTreeSet;

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::check::{Check, Verdict, checks};
use crate::subject::Subject;

pub(super) const CHECKS: &[Check] = checks! {
    "jwks-public-only", "RFC 7518 6", "oidcc-discovery-endpoint-verification" => no_private_member_is_published;
    "jwks-names", "RFC 7517 4" => every_key_has_a_name_and_a_purpose;
    "jwks-strength", "RFC 7518 3.3" => keys_are_strong_enough;
    "jwks-algorithms", "OpenID Connect Discovery 3" => every_announced_algorithm_has_a_key;
};

async fn keys(subject: &Subject) -> anyhow::Result<Vec<Value>> {
    let answer = subject.provider.get("jwks_uri").await?;
    let document: Value = serde_json::from_str(&answer.body)?;
    let keys = document.get("keys").and_then(Value::as_array);
    let keys = keys.context("there is no list of keys")?;
    ensure!(!keys.is_empty(), "the list of keys is empty");
    Ok(keys.clone())
}

fn text<'a>(key: &'a Value, member: &str) -> &'a str {
    key.get(member).and_then(Value::as_str).unwrap_or_default()
}

async fn no_private_member_is_published(subject: &Subject) -> Verdict {
    for key in keys(subject).await? {
        ensure!(text(&key, "kty") != "oct", "a symmetric key is published");
        for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
            ensure!(key.get(member).is_none(), "a key has the member {member}");
        }
    }
    Ok(())
}

async fn every_key_has_a_name_and_a_purpose(subject: &Subject) -> Verdict {
    let mut names = BTreeSet::new();
    for key in keys(subject).await? {
        let kid = text(&key, "kid");
        ensure!(!kid.is_empty(), "a key has no kid");
        ensure!(names.insert(kid.to_owned()), "two keys have the kid {kid}");
        ensure!(text(&key, "use") == "sig", "{kid} is not for signatures");
        ensure!(!text(&key, "alg").is_empty(), "{kid} has no alg");
    }
    Ok(())
}

async fn keys_are_strong_enough(subject: &Subject) -> Verdict {
    for key in keys(subject).await? {
        let kid = text(&key, "kid");
        match text(&key, "kty") {
            "RSA" => {
                let modulus = URL_SAFE_NO_PAD.decode(text(&key, "n"))?;
                let bits = modulus.len() * 8;
                ensure!(bits >= 2048, "{kid} has {bits} bits");
            }
            "EC" | "OKP" => {
                let curve = text(&key, "crv");
                let known = ["P-256", "P-384", "P-521", "Ed25519", "Ed448"];
                ensure!(known.contains(&curve), "{kid} is on {curve}");
            }
            other => anyhow::bail!("{kid} is of type {other}"),
        }
    }
    Ok(())
}

async fn every_announced_algorithm_has_a_key(subject: &Subject) -> Verdict {
    let keys = keys(subject).await?;
    for name in subject.provider.list("id_token_signing_alg_values_supported") {
        let has = keys.iter().any(|key| text(key, "alg") == name);
        ensure!(has, "no key is for {name}");
    }
    Ok(())
}
