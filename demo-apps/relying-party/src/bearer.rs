//! A bearer access token at a resource server: this application's own `/api`.

use axum::extract::{FromRef, FromRequestParts};
use axum::response::IntoResponse as _;
use http::{HeaderValue, StatusCode, header, request::Parts};
use serde::{Deserialize, Serialize};

use crate::{
    Rejection, RelyingParty,
    jws::{self, Expected, JwsError, SigningAlg},
};

/// RFC 9068 section 4.
const EXPECTED: Expected<'_> = Expected { typ: "at+jwt", untyped: false, algs: &SigningAlg::ALL };
/// How far the provider's clock may be ahead of ours, in seconds.
const SKEW: i64 = 60;

/// `aud`: one value or several (RFC 7519 section 4.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// A single string.
    One(String),
    /// An array.
    Many(Vec<String>),
}

impl Audience {
    /// Whether `wanted` is among the values.
    pub fn contains(&self, wanted: &str) -> bool {
        match self {
            Self::One(only) => only == wanted,
            Self::Many(all) => all.iter().any(|one| one == wanted),
        }
    }

    /// Whether `wanted` is the only value.
    pub(crate) fn is_only(&self, wanted: &str) -> bool {
        match self {
            Self::One(only) => only == wanted,
            Self::Many(all) => matches!(all.as_slice(), [only] if only == wanted),
        }
    }
}

/// Claims of a checked access token (RFC 9068 section 2.2 and the portal's own).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessToken {
    /// Who issued it: always the configured issuer.
    pub iss: String,
    /// The person, or the client itself with `client_credentials`.
    pub sub: String,
    /// For whom it is: this application is among them.
    pub aud: Audience,
    /// Unix seconds.
    pub exp: i64,
    /// Unix seconds.
    pub iat: i64,
    /// Identifier of the token.
    pub jti: String,
    /// The client that uses it.
    pub client_id: String,
    /// Granted scopes, separated by spaces.
    #[serde(default)]
    pub scope: String,
    /// Groups of this application.
    #[serde(default)]
    pub groups: Vec<String>,
    /// The person is delegated access administrator of this application.
    #[serde(default)]
    pub app_admin: bool,
    /// When the person signed in, Unix seconds (RFC 9068 section 2.2.1).
    #[serde(default)]
    pub auth_time: Option<i64>,
    /// How the person signed in: class (RFC 9068 section 2.2.1).
    #[serde(default)]
    pub acr: Option<String>,
    /// Key that the sender must prove (RFC 9449, RFC 8705): such a token is no bearer token.
    #[serde(default, skip_serializing)]
    cnf: Option<serde_json::Value>,
}

/// The caller's access token, checked: `typ`, `alg`, signature, `iss`, `aud`, `exp`, `iat`
/// (RFC 9068 section 4). Anything wrong is answered with 401 and `WWW-Authenticate` (RFC 6750
/// section 3), and with 503 when the keys cannot be had.
#[derive(Clone, Debug)]
pub struct Bearer(pub AccessToken);

impl<S> FromRequestParts<S> for Bearer
where
    RelyingParty: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let rp = RelyingParty::from_ref(state);
        let token = find_token(parts)?;
        let provider = rp.provider().await.map_err(|_| {
            Rejection::new((StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")]))
        })?;
        let mut checked = jws::verify::<AccessToken>(token, &EXPECTED, &provider.keys);
        if matches!(checked, Err(JwsError::UnknownKey)) {
            let provider = rp.newer_provider(&provider).await;
            checked = jws::verify(token, &EXPECTED, &provider.keys);
        }
        let token = checked.map_err(|error| challenge(Some(&error.to_string())))?;
        check(&rp, &token).map_err(|why| challenge(Some(why)))?;
        Ok(Self(token))
    }
}

/// Only the header counts: a token in the address would end up in logs (RFC 9700 section 4.3.2).
fn find_token(parts: &Parts) -> Result<&str, Rejection> {
    let mut found = parts.headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (found.next(), found.next()) else {
        return Err(challenge(None));
    };
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .ok_or_else(|| challenge(None))?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(challenge(None));
    }
    Ok(token.trim())
}

fn check(rp: &RelyingParty, token: &AccessToken) -> Result<(), &'static str> {
    let now = rp.now() / 1000;
    if token.iss != rp.config().issuer {
        return Err("the token has another issuer");
    }
    if !token.aud.contains(&rp.config().audience) {
        return Err("the token is for another audience");
    }
    if token.exp <= now {
        return Err("the token has expired");
    }
    if token.iat > now + SKEW {
        return Err("the token is from the future");
    }
    if token.cnf.is_some() {
        return Err("the token is bound to a key and is no bearer token");
    }
    Ok(())
}

/// 401; without `error` if the caller has shown no token at all (RFC 6750 section 3.1).
fn challenge(why: Option<&str>) -> Rejection {
    let value = match why {
        Some(why) => format!("Bearer error=\"invalid_token\", error_description=\"{why}\""),
        None => "Bearer".to_owned(),
    };
    let mut answer = StatusCode::UNAUTHORIZED.into_response();
    if let Ok(value) = HeaderValue::from_str(&value) {
        answer.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    }
    Rejection::new(answer)
}
