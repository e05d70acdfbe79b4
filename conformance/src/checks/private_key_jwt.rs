//! Clients that prove themselves with a signature (OpenID Connect Core 9, RFC 7523 2.2 and 3).

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::token::ensure_error;
use crate::answer::Answer;
use crate::assertion::{Assertion, TYPE};
use crate::check::{Check, Verdict, checks};
use crate::clients::Role;
use crate::clock;
use crate::registration::{Credentials, Registration};
use crate::signing::{SigningKey, unsecured};
use crate::subject::Subject;
use crate::tokens::success;

pub(super) const CHECKS: &[Check] = checks! {
    "private-key-jwt", "OpenID Connect Core 9",
        "oidcc-ensure-client-assertion-with-iss-aud-succeeds" => an_assertion_for_the_issuer_is_taken;
    "private-key-jwt-code", "OpenID Connect Core 9" => it_redeems_codes_and_refreshes;
    "private-key-jwt-endpoint", "OpenID Connect Core 9" => the_endpoint_is_an_audience_where_allowed;
    "private-key-jwt-strict-audience", "RFC 7523 3" => elsewhere_only_the_issuer_is_an_audience;
    "private-key-jwt-wrong-audience", "RFC 7523 3" => assertions_for_others_are_refused;
    "private-key-jwt-replay", "RFC 7523 3" => one_assertion_is_good_once;
    "private-key-jwt-expired", "RFC 7523 3" => old_assertions_are_refused;
    "private-key-jwt-future", "RFC 7523 3" => assertions_of_tomorrow_are_refused;
    "private-key-jwt-clock-skew", "RFC 7523 3" => a_clock_a_little_ahead_is_no_error;
    "private-key-jwt-claims", "RFC 7523 3" => no_required_claim_may_be_missing;
    "private-key-jwt-other-subject", "RFC 7523 3" => it_speaks_for_its_signer_alone;
    "private-key-jwt-algorithms", "RFC 8725 3.1" => other_algorithms_are_refused;
    "private-key-jwt-other-key", "RFC 7523 3" => other_keys_are_refused;
    "private-key-jwt-type", "RFC 7523 2.2" => another_type_is_refused;
    "private-key-jwt-and-secret", "RFC 6749 2.3" => no_second_method_beside_it;
    "private-key-jwt-instead-of-secret", "OpenID Connect Core 9" => the_registered_method_alone_counts;
    "private-key-jwt-hosted-keys", "OpenID Connect Core 10.1.1",
        "oidcc-registration-jwks-uri", "oidcc-refresh-token-rp-key-rotation"
        => a_new_key_is_fetched_when_it_is_first_used;
};

const FORM: (&str, &str) = ("grant_type", "client_credentials");

/// The client in a role, when the provider takes its good assertions: a refusal means nothing of a
/// provider that refuses all.
async fn client(subject: &Subject, role: Role) -> anyhow::Result<&Registration> {
    let list = "token_endpoint_auth_methods_supported";
    subject.provider.ensure_offered(list, "private_key_jwt")?;
    let client = subject.client_as(role)?;
    if role != Role::HostedKeys {
        ensure_taken(subject, client, &good(subject, client)).await.context("a good assertion")?;
    }
    Ok(client)
}

/// A good assertion of the client for the issuer.
fn good(subject: &Subject, client: &Registration) -> Assertion {
    Assertion::new(client, &subject.provider.issuer)
}

async fn send(subject: &Subject, assertion: &Assertion, signed: &str) -> anyhow::Result<Answer> {
    let credentials = Credentials { header: None, fields: assertion.fields(signed) };
    subject.provider.post_with(&credentials, "token_endpoint", &[FORM]).await
}

async fn ensure_taken(subject: &Subject, client: &Registration, assertion: &Assertion) -> Verdict {
    success(&send(subject, assertion, &assertion.sign(client.key()?)?).await?)?;
    Ok(())
}

async fn ensure_refused(
    subject: &Subject,
    client: &Registration,
    assertion: &Assertion,
) -> Verdict {
    let answer = send(subject, assertion, &assertion.sign(client.key()?)?).await?;
    ensure_error(&answer, &["invalid_client", "invalid_request"])
}

async fn an_assertion_for_the_issuer_is_taken(subject: &Subject) -> Verdict {
    for role in [Role::Assertion, Role::StrictAssertion] {
        let client = client(subject, role).await?;
        ensure_taken(subject, client, &good(subject, client)).await?;
    }
    Ok(())
}

async fn it_redeems_codes_and_refreshes(subject: &Subject) -> Verdict {
    let client = client(subject, Role::Assertion).await?;
    let tokens = subject.tokens_of(client).await?;
    success(&subject.refresh_as(client, tokens.refresh_token()?).await?)?;
    Ok(())
}

async fn the_endpoint_is_an_audience_where_allowed(subject: &Subject) -> Verdict {
    let client = client(subject, Role::Assertion).await?;
    let endpoint = subject.provider.endpoint("token_endpoint")?;
    ensure_taken(subject, client, &Assertion::new(client, endpoint.as_str())).await
}

async fn elsewhere_only_the_issuer_is_an_audience(subject: &Subject) -> Verdict {
    let client = client(subject, Role::StrictAssertion).await?;
    let issuer = &subject.provider.issuer;
    let endpoint = subject.provider.endpoint("token_endpoint")?;
    for audience in [
        json!(endpoint),
        json!([issuer]),
        json!([issuer, "https://elsewhere.example/"]),
        json!(format!("{issuer}/")),
    ] {
        let assertion = good(subject, client).with("aud", audience.clone());
        let refused = ensure_refused(subject, client, &assertion).await;
        refused.with_context(|| audience.to_string())?;
    }
    Ok(())
}

async fn assertions_for_others_are_refused(subject: &Subject) -> Verdict {
    let client = client(subject, Role::Assertion).await?;
    for audience in [
        json!("https://elsewhere.example/"),
        json!(""),
        json!([]),
        json!(7),
        json!(client.client_id),
    ] {
        let assertion = good(subject, client).with("aud", audience.clone());
        let refused = ensure_refused(subject, client, &assertion).await;
        refused.with_context(|| audience.to_string())?;
    }
    Ok(())
}

async fn one_assertion_is_good_once(subject: &Subject) -> Verdict {
    let client = client(subject, Role::Assertion).await?;
    let assertion = good(subject, client);
    let signed = assertion.sign(client.key()?)?;
    success(&send(subject, &assertion, &signed).await?)?;
    let again = send(subject, &assertion, &signed).await?;
    ensure_error(&again, &["invalid_client"]).context("the same assertion again")?;
    // The same jti in another assertion is no better.
    let longer = assertion.with("exp", json!(clock::now() + 90));
    ensure_refused(subject, client, &longer).await.context("the same jti again")
}

async fn old_assertions_are_refused(subject: &Subject) -> Verdict {
    let client = client(subject, Role::Assertion).await?;
    let now = clock::now();
    let over = good(subject, client).with("iat", json!(now - 600)).with("exp", json!(now - 300));
    ensure_refused(subject, client, &over).await.context("expired five minutes ago")?;
    let eternal = good(subject, client).with("exp", json!(now + 10 * 365 * 86_400));
    ensure_refused(subject, client, &eternal).await.context("good for ten years")
}

async fn assertions_of_tomorrow_are_refused(subject: &Subject) -> Verdict {
    let client = client(subject, Role::Assertion).await?;
    let early = good(subject, client)
        .with("nbf", json!(clock::now() + 120))
        .with("exp", json!(clock::now() + 180));
    ensure_refused(subject, client, &early).await
}

async fn a_clock_a_little_ahead_is_no_error(subject: &Subject) -> Verdict {
    let client = client(subject, Role::Assertion).await?;
    let ahead = json!(clock::now() + 8);
    let assertion = good(subject, client).with("nbf", ahead.clone()).with("iat", ahead);
    ensure_taken(subject, client, &assertion).await
}

async fn no_required_claim_may_be_missing(subject: &Subject) -> Verdict {
    let client = client(subject, Role::Assertion).await?;
    for claim in ["iss", "sub", "aud", "exp", "jti"] {
        let signed = good(subject, client).without(claim).sign(client.key()?)?;
        let answer = send(subject, &good(subject, client), &signed).await?;
        let refused = ensure_error(&answer, &["invalid_client", "invalid_request"]);
        refused.with_context(|| format!("without {claim}"))?;
    }
    let text = good(subject, client).with("exp", json!((clock::now() + 60).to_string()));
    ensure_refused(subject, client, &text).await.context("exp is a text")
}

async fn it_speaks_for_its_signer_alone(subject: &Subject) -> Verdict {
    let client = client(subject, Role::Assertion).await?;
    let other = &subject.client.client_id;
    let mixed = [
        good(subject, client).with("sub", json!(other)),
        good(subject, client).with("iss", json!(other)),
        good(subject, client).with("sub", json!(other)).with("iss", json!(other)),
    ];
    for assertion in &mixed {
        ensure_refused(subject, client, assertion).await?;
    }
    let own = good(subject, client);
    let mut fields = own.fields(&own.sign(client.key()?)?);
    for (name, value) in &mut fields {
        if name == "client_id" {
            other.clone_into(value);
        }
    }
    let credentials = Credentials { header: None, fields };
    let answer = subject.provider.post_with(&credentials, "token_endpoint", &[FORM]).await?;
    ensure_error(&answer, &["invalid_client", "invalid_request"]).context("another client_id")
}

async fn other_algorithms_are_refused(subject: &Subject) -> Verdict {
    let client = client(subject, Role::Assertion).await?;
    let key = client.key()?;
    let lies = ["none", "HS256", "RS256", "PS256", "ES384", "EdDSA", "es256"];
    let mut forged = vec![key.confuse(&good(subject, client).claims)];
    forged.push(unsecured(&good(subject, client).claims));
    for lie in lies.into_iter().filter(|lie| *lie != key.algorithm()) {
        let header = json!({ "alg": lie, "kid": key.kid() });
        forged.push(key.sign_with(&header, &good(subject, client).claims)?);
    }
    let odd = json!({ "alg": key.algorithm(), "kid": key.kid(), "crit": ["x"], "x": true });
    forged.push(key.sign_with(&odd, &good(subject, client).claims)?);
    for signed in forged {
        let answer = send(subject, &good(subject, client), &signed).await?;
        let header = signed.split('.').next().unwrap_or_default().to_owned();
        ensure_error(&answer, &["invalid_client", "invalid_request"]).context(header)?;
    }
    Ok(())
}

async fn other_keys_are_refused(subject: &Subject) -> Verdict {
    let client = client(subject, Role::Assertion).await?;
    let stranger = SigningKey::generate_es256(client.key()?.kid())?;
    let assertion = good(subject, client);
    let answer = send(subject, &assertion, &assertion.sign(&stranger)?).await?;
    ensure_error(&answer, &["invalid_client"]).context("the name of a registered key")?;
    // A key that the token brings along proves nothing (RFC 7515 10.7).
    let header = json!({
        "alg": "ES256", "jwk": stranger.public_jwk(), "jku": "http://127.0.0.1:1/keys",
    });
    let signed = stranger.sign_with(&header, &assertion.claims)?;
    let answer = send(subject, &assertion, &signed).await?;
    ensure_error(&answer, &["invalid_client"]).context("a key in the header")
}

async fn another_type_is_refused(subject: &Subject) -> Verdict {
    let client = client(subject, Role::Assertion).await?;
    let wrong = ["", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer", "jwt-bearer"];
    for kind in wrong {
        let assertion = good(subject, client);
        let mut fields = assertion.fields(&assertion.sign(client.key()?)?);
        for (_, value) in fields.iter_mut().filter(|(_, value)| value == TYPE) {
            kind.clone_into(value);
        }
        let credentials = Credentials { header: None, fields };
        let answer = subject.provider.post_with(&credentials, "token_endpoint", &[FORM]).await?;
        let refused = ensure_error(&answer, &["invalid_client", "invalid_request"]);
        refused.with_context(|| format!("{kind:?}"))?;
    }
    Ok(())
}

async fn no_second_method_beside_it(subject: &Subject) -> Verdict {
    let client = client(subject, Role::Assertion).await?;
    let assertion = good(subject, client);
    let fields = assertion.fields(&assertion.sign(client.key()?)?);
    let header = Some(subject.client.basic_header());
    let credentials = Credentials { header, fields: fields.clone() };
    let answer = subject.provider.post_with(&credentials, "token_endpoint", &[FORM]).await?;
    ensure_error(&answer, &["invalid_client", "invalid_request"]).context("with a header")?;
    let credentials = Credentials { header: None, fields };
    let form = [FORM, ("client_secret", subject.client.client_secret.as_str())];
    let answer = subject.provider.post_with(&credentials, "token_endpoint", &form).await?;
    ensure_error(&answer, &["invalid_client", "invalid_request"]).context("with a secret")
}

async fn the_registered_method_alone_counts(subject: &Subject) -> Verdict {
    let client = client(subject, Role::Assertion).await?;
    let form = [FORM, ("client_id", client.client_id.as_str())];
    let answer = subject.provider.post_token(None, &form).await?;
    ensure_error(&answer, &["invalid_client"]).context("its name alone")?;
    // A client with a secret cannot bring a signature by the secret instead.
    let first = &subject.client;
    let stranger = SigningKey::generate_es256("k")?;
    ensure!(!first.client_secret.is_empty(), "the client has no secret");
    let assertion = good(subject, first);
    let answer = send(subject, &assertion, &assertion.sign(&stranger)?).await?;
    ensure_error(&answer, &["invalid_client"]).context("a client that has a secret")
}

async fn a_new_key_is_fetched_when_it_is_first_used(subject: &Subject) -> Verdict {
    let client = client(subject, Role::HostedKeys).await?;
    let listener = subject.listener()?;
    let name = Role::HostedKeys.name();
    listener.publish(name, client.key()?.public_set());
    ensure_taken(subject, client, &good(subject, client)).await?;
    // Unknown to the provider, and not published: refused.
    let next = SigningKey::generate_es256("the-next-one")?;
    let assertion = good(subject, client);
    let answer = send(subject, &assertion, &assertion.sign(&next)?).await?;
    ensure_error(&answer, &["invalid_client"]).context("a key that nobody published")?;
    // Providers may wait a while between two fetches, but no more than a minute.
    listener.publish(name, next.public_set());
    let before = listener.key_visits(name);
    subject.pass_time(60).await?;
    let answer = send(subject, &assertion, &good(subject, client).sign(&next)?).await?;
    success(&answer).context("the key that is published now")?;
    ensure!(listener.key_visits(name) > before, "the keys were not read again");
    let gone: Value = json!({ "keys": [] });
    listener.publish(name, gone);
    Ok(())
}
