//! From an ID token to the person it speaks of: OpenID Connect Core 3.1.3.7 and 3.1.3.8.

use std::{str::FromStr as _, sync::Arc};

use chrono::{DateTime, Utc};
use openidconnect::{
    AccessToken, AccessTokenHash, ClaimsVerificationError, ClientId, JsonWebKeySet, Nonce,
    SignatureVerificationError,
    core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet},
};
use serde_json::{Map, Value};

use crate::{RelyingParty, Requirement, jws, provider::Provider};

/// How far the provider's clock may be ahead of ours, in seconds.
const SKEW: i64 = 60;
/// Longest `sub` (OpenID Connect Core 2).
const MAX_SUB: usize = 255;
/// Most keys that are tried for a token that names none.
const MAX_TRIED: usize = 16;

/// What an ID token is checked against.
pub(crate) struct Expected<'a> {
    /// The sign-in's `nonce`; `None` for a renewed token, which should have none (12.2).
    pub(crate) nonce: Option<&'a str>,
    /// The access token it came with.
    pub(crate) access_token: &'a str,
    /// What the authorization request demanded of the authentication.
    pub(crate) requirement: Option<&'a Requirement>,
}

/// The claims of `token`, all checks passed, or what is wrong with it. Keys are fetched anew once
/// if none fits.
pub(crate) async fn check(
    rp: &RelyingParty,
    provider: &Arc<Provider>,
    token: &str,
    expected: &Expected<'_>,
) -> Result<Map<String, Value>, String> {
    let parsed = CoreIdToken::from_str(token).map_err(|error| error.to_string())?;
    let mut provider = provider.clone();
    let mut verifier = verify(rp, &provider, &parsed, expected.nonce);
    if matches!(verifier, Err(ClaimsVerificationError::SignatureVerification(_))) {
        provider = rp.newer_provider(&provider).await;
        verifier = verify(rp, &provider, &parsed, expected.nonce);
    }
    let verifier = verifier.map_err(|error| explain(&error))?;
    // Verified just before: read once more for the claims that openidconnect does not know.
    let claims: Map<String, Value> =
        jws::claims_of_verified(token).map_err(|error| error.to_string())?;
    check_at_hash(&parsed, &verifier, claims.get("at_hash"), expected.access_token)?;
    check_rest(rp, &claims)?;
    if let Some(requirement) = expected.requirement {
        requirement.check_claims(&claims, rp.now() / 1000)?;
    }
    Ok(claims)
}

/// Signature, `alg`, `typ`, `iss`, `aud`, `exp`, `iat` and `nonce`; the verifier that was content.
fn verify<'a>(
    rp: &RelyingParty,
    provider: &Provider,
    token: &CoreIdToken,
    nonce: Option<&str>,
) -> Result<CoreIdTokenVerifier<'a>, ClaimsVerificationError> {
    let verifier = verifier_with(rp, provider, provider.keys.clone());
    match check_with(&verifier, token, nonce) {
        Ok(()) => Ok(verifier),
        Err(ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::AmbiguousKeyId(_),
        )) => verify_with_each(rp, provider, token, nonce),
        Err(error) => Err(error),
    }
}

/// For a token that names no key, or one that several share (OpenID Connect Core 10.1): any of
/// them may have signed it.
fn verify_with_each<'a>(
    rp: &RelyingParty,
    provider: &Provider,
    token: &CoreIdToken,
    nonce: Option<&str>,
) -> Result<CoreIdTokenVerifier<'a>, ClaimsVerificationError> {
    let mut last =
        ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey);
    for key in provider.keys.keys().iter().take(MAX_TRIED) {
        let verifier = verifier_with(rp, provider, JsonWebKeySet::new(vec![key.clone()]));
        match check_with(&verifier, token, nonce) {
            Ok(()) => return Ok(verifier),
            Err(ClaimsVerificationError::SignatureVerification(error)) => {
                last = ClaimsVerificationError::SignatureVerification(error);
            }
            // The signature is checked before the claims that come now, so this key is the one.
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// A verifier for a client without a shared secret: symmetric algorithms never pass.
fn verifier_with<'a>(
    rp: &RelyingParty,
    provider: &Provider,
    keys: CoreJsonWebKeySet,
) -> CoreIdTokenVerifier<'a> {
    let now = rp.now();
    let client_id = ClientId::new(rp.config().client_id.clone());
    CoreIdTokenVerifier::new_public_client(client_id, provider.issuer.clone(), keys)
        .set_allowed_algs(rp.config().id_token_algs.iter().map(|alg| alg.to_core()))
        .set_time_fn(move || DateTime::<Utc>::from_timestamp_millis(now).unwrap_or_default())
        .set_issue_time_verifier_fn(move |issued| {
            if issued.timestamp_millis() > now + SKEW * 1000 {
                return Err("issued in the future".to_owned());
            }
            Ok(())
        })
}

fn check_with(
    verifier: &CoreIdTokenVerifier<'_>,
    token: &CoreIdToken,
    nonce: Option<&str>,
) -> Result<(), ClaimsVerificationError> {
    match nonce {
        Some(nonce) => token.claims(verifier, &Nonce::new(nonce.to_owned())).map(|_| ()),
        None => token.claims(verifier, |_: Option<&Nonce>| Ok(())).map(|_| ()),
    }
}

/// OpenID Connect Core 3.1.3.8: optional in the code flow, and right where it is.
fn check_at_hash(
    token: &CoreIdToken,
    verifier: &CoreIdTokenVerifier<'_>,
    at_hash: Option<&Value>,
    access_token: &str,
) -> Result<(), String> {
    let Some(at_hash) = at_hash else {
        return Ok(());
    };
    let algorithm = token.signing_alg().map_err(|error| error.to_string())?;
    let key = token.signing_key(verifier).map_err(|error| error.to_string())?;
    let access_token = AccessToken::new(access_token.to_owned());
    let expected = AccessTokenHash::from_token(&access_token, algorithm, key)
        .map_err(|error| error.to_string())?;
    if at_hash.as_str() != Some(expected.as_str()) {
        return Err("at_hash does not fit the access token".to_owned());
    }
    Ok(())
}

/// What openidconnect leaves open.
fn check_rest(rp: &RelyingParty, claims: &Map<String, Value>) -> Result<(), String> {
    let text = |name| claims.get(name).and_then(Value::as_str);
    // Byte for byte: openidconnect compares what is left after parsing as an address.
    if text("iss") != Some(&rp.config().issuer) {
        return Err("iss is wrong".to_owned());
    }
    if !text("sub").is_some_and(|sub| !sub.is_empty() && sub.len() <= MAX_SUB) {
        return Err("sub is missing or too long".to_owned());
    }
    if claims.contains_key("azp") && text("azp") != Some(&rp.config().client_id) {
        return Err("azp names another client".to_owned());
    }
    let not_before = claims.get("nbf").map(|nbf| nbf.as_f64().unwrap_or(f64::INFINITY));
    #[expect(clippy::cast_precision_loss, reason = "seconds of our time are far below 2^52")]
    if not_before.is_some_and(|nbf| nbf > (rp.now() / 1000 + SKEW) as f64) {
        return Err("nbf is in the future".to_owned());
    }
    Ok(())
}

/// With the reason inside: "Signature verification failed" alone helps nobody.
fn explain(error: &ClaimsVerificationError) -> String {
    match error {
        ClaimsVerificationError::SignatureVerification(inner) => inner.to_string(),
        other => other.to_string(),
    }
}
