//! What each endpoint expects of a token that comes back to the provider.

use keys::{Algorithm, Audience, Claims, Expectation, Expiry, Invalid};
use oidc_core::claims::{ACCESS_TOKEN_TYP, ID_TOKEN_TYP};

use crate::App;

/// Tolerance between the clocks of two nodes, milliseconds.
const LEEWAY: i64 = 5_000;

/// An access token of ours for an audience (RFC 9068 4).
pub(super) fn access_token(
    app: &App,
    token: &str,
    audience: Audience<'_>,
) -> Result<Claims, Invalid> {
    verify(app, token, ACCESS_TOKEN_TYP, (audience, Expiry::Enforced))
}

/// An ID token of ours that comes back as a hint; it may be over (OpenID Connect RP-Initiated Logout 2).
pub(super) fn id_token_hint(app: &App, token: &str) -> Result<Claims, Invalid> {
    verify(app, token, ID_TOKEN_TYP, (Audience::AnyOne, Expiry::Ignored))
}

fn verify(
    app: &App,
    token: &str,
    typ: &str,
    (aud, expiry): (Audience<'_>, Expiry),
) -> Result<Claims, Invalid> {
    let expectation = Expectation {
        typ,
        iss: app.issuer.as_str(),
        aud,
        algorithms: &Algorithm::ALL,
        now: app.now().millis(),
        leeway: LEEWAY,
        expiry,
    };
    app.keys.verify(token, &expectation)
}
