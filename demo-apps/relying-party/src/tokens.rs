//! The token endpoint's answers: fetched, checked, and turned into what is known of the person.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    Person, RelyingParty,
    attempt::Attempt,
    endpoint::{self, EndpointError},
    id_token::{self, Expected},
    provider::{Provider, Unreachable},
    session::Facts,
    userinfo,
};

/// Facts without a stated life are good for this long, in seconds.
const DEFAULT_LIFE: i64 = 5 * 60;
/// Facts are asked for again after this long whatever the provider says, in seconds.
const LONGEST_LIFE: i64 = 60 * 60;

/// A checked answer of the token endpoint.
pub(crate) struct Granted {
    pub(crate) facts: Facts,
    /// The next refresh token, if there is one.
    pub(crate) refresh_token: Option<String>,
}

/// Why there is no [`Granted`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    /// Nobody answered; trying again may help.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// The provider refuses the code or the refresh token for good.
    #[error("the provider refused: {0}")]
    Refused(String),
    /// The answer fails a check.
    #[error("the answer is not to be believed: {0}")]
    Invalid(String),
}

impl From<EndpointError> for TokenError {
    fn from(error: EndpointError) -> Self {
        match error {
            EndpointError::Unreachable(error) => Self::Unreachable(error),
            EndpointError::Refused(code) => Self::Refused(code),
            EndpointError::Malformed(why) => Self::Invalid(why),
        }
    }
}

/// A success of the token endpoint (RFC 6749 section 5.1, OpenID Connect Core 3.1.3.3).
#[derive(Deserialize)]
struct Answer {
    access_token: String,
    token_type: String,
    #[serde(default)]
    expires_in: Option<Value>,
    // The claims of an ID token are what is known of a person, so a renewal needs one, too.
    id_token: String,
    #[serde(default)]
    refresh_token: Option<String>,
}

/// Redeems an authorization code (OpenID Connect Core 3.1.3).
pub(crate) async fn redeem(
    rp: &RelyingParty,
    code: String,
    attempt: &Attempt,
) -> Result<Granted, TokenError> {
    let form = [
        ("grant_type", "authorization_code".to_owned()),
        ("code", code),
        ("redirect_uri", rp.config().redirect_uri()),
        // RFC 7636 section 4.5.
        ("code_verifier", attempt.pkce_verifier.clone()),
    ];
    let provider = rp.provider().await?;
    let answer: Answer = endpoint::post(rp, &provider, &provider.token_endpoint, &form).await?;
    let expected = Expected {
        nonce: Some(&attempt.nonce),
        access_token: &answer.access_token,
        requirement: attempt.requirement.as_ref(),
    };
    let person = believe(rp, &provider, &answer, &expected).await?;
    Ok(granted(rp, person, answer))
}

/// Uses up a refresh token (OpenID Connect Core 12). The answer must be about the same person.
pub(crate) async fn refresh(
    rp: &RelyingParty,
    refresh_token: String,
    before: &Facts,
) -> Result<Granted, TokenError> {
    let form = [("grant_type", "refresh_token".to_owned()), ("refresh_token", refresh_token)];
    let provider = rp.provider().await?;
    let answer: Answer = endpoint::post(rp, &provider, &provider.token_endpoint, &form).await?;
    let expected = Expected { nonce: None, access_token: &answer.access_token, requirement: None };
    let person = believe(rp, &provider, &answer, &expected).await?;
    if person.sub != before.person.sub {
        return Err(TokenError::Invalid("the answer is about somebody else".to_owned()));
    }
    Ok(granted(rp, person, answer))
}

/// Checks everything in `answer`; the person it speaks of.
async fn believe(
    rp: &RelyingParty,
    provider: &Arc<Provider>,
    answer: &Answer,
    expected: &Expected<'_>,
) -> Result<Person, TokenError> {
    // RFC 6749 section 7.1: a token of another type cannot be used, and is not asked for.
    if !answer.token_type.eq_ignore_ascii_case("bearer") {
        return Err(TokenError::Invalid("token_type is not Bearer".to_owned()));
    }
    let mut claims = id_token::check(rp, provider, &answer.id_token, expected)
        .await
        .map_err(|why| TokenError::Invalid(format!("ID token: {why}")))?;
    if let Some(method) = rp.config().userinfo {
        let sub = claims.get("sub").and_then(Value::as_str).unwrap_or_default().to_owned();
        let more = userinfo::fetch(rp, provider, &answer.access_token, method, &sub).await?;
        for (name, value) in more {
            // The ID token is signed; what it says stands.
            claims.entry(name).or_insert(value);
        }
    }
    serde_json::from_value(Value::Object(claims))
        .map_err(|error| TokenError::Invalid(format!("claims: {error}")))
}

fn granted(rp: &RelyingParty, person: Person, answer: Answer) -> Granted {
    let stated = answer.expires_in.as_ref().and_then(seconds);
    let life = stated.unwrap_or(DEFAULT_LIFE).clamp(0, LONGEST_LIFE);
    let good_until = rp.now().saturating_add(life * 1000);
    Granted {
        facts: Facts { person: Arc::new(person), id_token: answer.id_token, good_until },
        refresh_token: answer.refresh_token,
    }
}

/// A number, or a number in quotes, as some providers send it.
fn seconds(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}
