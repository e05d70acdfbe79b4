//! The ID token (OpenID Connect Core 2, 3.1.3.6, 3.1.3.7).

use anyhow::{anyhow, ensure};
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJwsSigningAlgorithm};
use openidconnect::{ClientId, ClientSecret, IssuerUrl, Nonce};
use serde_json::Value;

use crate::check::{Check, Verdict, checks};
use crate::clock;
use crate::jwt::{self, Jwt};
use crate::subject::Subject;
use crate::tokens::Tokens;

/// How far two clocks may be apart, seconds.
const SKEW: i64 = 60;

pub(super) const CHECKS: &[Check] = checks! {
    "id-token-signature", "OpenID Connect Core 3.1.3.7" => the_signature_is_that_of_a_published_key;
    "id-token-issuer-and-audience", "OpenID Connect Core 2" => it_is_from_the_issuer_for_the_client;
    "id-token-times", "OpenID Connect Core 2" => it_is_young_and_does_not_live_long;
    "id-token-subject", "OpenID Connect Core 2" => the_subject_is_short_and_stable;
    "id-token-nonce", "OpenID Connect Core 3.1.2.1" => the_nonce_comes_back;
    "id-token-no-nonce", "OpenID Connect Core 2" => a_nonce_is_not_invented;
    "id-token-at-hash", "OpenID Connect Core 3.1.3.6" => the_access_token_belongs_to_it;
    "id-token-authentication", "OpenID Connect Core 2" => it_says_when_and_how_the_person_signed_in;
    "id-token-session", "OpenID Connect Back-Channel Logout 2.1" => it_names_the_session;
    "id-token-library", "OpenID Connect Core 3.1.3.7" => an_independent_library_takes_it;
};

async fn fresh(subject: &Subject) -> anyhow::Result<(Tokens, Jwt)> {
    let tokens = subject.tokens().await?;
    let jwt = subject.verify(tokens.id_token()?)?;
    Ok((tokens, jwt))
}

async fn the_signature_is_that_of_a_published_key(subject: &Subject) -> Verdict {
    let (tokens, jwt) = fresh(subject).await?;
    let alg = jwt.header.get("alg").and_then(Value::as_str).unwrap_or_default();
    let list = "id_token_signing_alg_values_supported";
    ensure!(subject.provider.offers(list, alg), "alg {alg} is not announced");
    let typ = jwt.header.get("typ").and_then(Value::as_str);
    ensure!(typ.is_none_or(|typ| typ.eq_ignore_ascii_case("JWT")), "typ is {typ:?}");
    let forged = jwt::tampered(tokens.id_token()?, "sub", "somebody-else".into())?;
    ensure!(subject.verify(&forged).is_err(), "a changed token still verifies");
    Ok(())
}

async fn it_is_from_the_issuer_for_the_client(subject: &Subject) -> Verdict {
    let (_, jwt) = fresh(subject).await?;
    let iss = jwt.text("iss")?;
    ensure!(iss == subject.provider.issuer, "iss is {iss}");
    let (audiences, client_id) = (jwt.audiences(), subject.client.client_id.as_str());
    ensure!(audiences == [client_id], "aud is {audiences:?}");
    let azp = jwt.claims.get("azp").and_then(Value::as_str);
    ensure!(azp.is_none_or(|azp| azp == client_id), "azp is {azp:?}");
    Ok(())
}

async fn it_is_young_and_does_not_live_long(subject: &Subject) -> Verdict {
    let (_, jwt) = fresh(subject).await?;
    let (iat, exp, now) = (jwt.instant("iat")?, jwt.instant("exp")?, clock::now());
    ensure!((iat - now).abs() <= SKEW, "iat is {} s ahead", iat - now);
    ensure!(exp > now && exp - iat <= 3600, "it lives for {} s", exp - iat);
    Ok(())
}

async fn the_subject_is_short_and_stable(subject: &Subject) -> Verdict {
    let (_, first) = fresh(subject).await?;
    let (_, second) = fresh(subject).await?;
    let sub = first.text("sub")?;
    ensure!(sub.is_ascii() && sub.len() <= 255, "sub has {} bytes", sub.len());
    ensure!(sub == second.text("sub")?, "sub changes");
    let email = subject.person.as_ref().map_or("", |person| person.email.as_str());
    ensure!(sub != email, "sub is an e-mail address, which may change hands");
    Ok(())
}

async fn the_nonce_comes_back(subject: &Subject) -> Verdict {
    let nonce = "n&<\"é> ".to_owned() + &"x".repeat(64);
    let tokens = subject.tokens_for(subject.ask().with("nonce", &nonce)).await?;
    let jwt = subject.verify(tokens.id_token()?)?;
    let found = jwt.text("nonce")?;
    ensure!(found == nonce, "nonce is {found:?}");
    Ok(())
}

async fn a_nonce_is_not_invented(subject: &Subject) -> Verdict {
    let tokens = subject.tokens_for(subject.ask().without("nonce")).await?;
    let jwt = subject.verify(tokens.id_token()?)?;
    let nonce = jwt.claims.get("nonce");
    ensure!(nonce.is_none(), "nonce is {nonce:?}");
    Ok(())
}

async fn the_access_token_belongs_to_it(subject: &Subject) -> Verdict {
    let (tokens, jwt) = fresh(subject).await?;
    let expected = jwt.expected_at_hash(tokens.access_token()?)?;
    let found = jwt.text("at_hash")?;
    ensure!(found == expected, "at_hash is {found}, not {expected}");
    Ok(())
}

async fn it_says_when_and_how_the_person_signed_in(subject: &Subject) -> Verdict {
    let (_, jwt) = fresh(subject).await?;
    let (auth_time, now) = (jwt.instant("auth_time")?, clock::now());
    ensure!(
        auth_time <= now + SKEW && auth_time > now - 86_400,
        "auth_time is {} s ago",
        now - auth_time
    );
    let acr = jwt.text("acr")?;
    let is_announced = subject.provider.offers("acr_values_supported", acr);
    ensure!(is_announced, "acr {acr} is not announced");
    let methods = jwt.claims.get("amr").and_then(Value::as_array);
    let is_list = methods.is_some_and(|m| !m.is_empty() && m.iter().all(Value::is_string));
    ensure!(is_list, "amr is {methods:?}");
    Ok(())
}

async fn it_names_the_session(subject: &Subject) -> Verdict {
    let (_, jwt) = fresh(subject).await?;
    jwt.text("sid")?;
    Ok(())
}

async fn an_independent_library_takes_it(subject: &Subject) -> Verdict {
    let tokens = subject.tokens().await?;
    let verifier = CoreIdTokenVerifier::new_confidential_client(
        ClientId::new(subject.client.client_id.clone()),
        ClientSecret::new(subject.client.client_secret.clone()),
        IssuerUrl::new(subject.provider.issuer.clone())?,
        subject.provider.jwks.clone(),
    )
    .set_allowed_algs([
        CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        CoreJwsSigningAlgorithm::EdDsa,
    ]);
    let token: CoreIdToken = tokens.id_token()?.parse()?;
    let nonce = Nonce::new(tokens.ask.get("nonce").unwrap_or_default().to_owned());
    let claims = token.claims(&verifier, &nonce);
    claims.map_err(|error| anyhow!("it is refused: {error}"))?;
    let other = Nonce::new("another".to_owned());
    ensure!(token.claims(&verifier, &other).is_err(), "any nonce would do");
    Ok(())
}
