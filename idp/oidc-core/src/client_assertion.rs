//! What a client's assertion must say to prove who it is (RFC 7523 3, OpenID Connect Core 9;
//! security.md 32).

use crate::client::{AssertionAudience, Client};

/// The one `client_assertion_type` (RFC 7523 2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far ahead of ours a client's clock may be, milliseconds.
pub const MAX_SKEW: i64 = 60_000;

/// How long an assertion may be good for, milliseconds: as long as its `jti` must be remembered.
pub const MAX_LIFETIME: i64 = 5 * 60_000;

/// The audience of an assertion as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience<'a> {
    /// One text.
    One(&'a str),
    /// A list of texts.
    Many(Vec<&'a str>),
}

/// The claims of an assertion that a key of the client has signed. Instants are Unix milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssertionClaims<'a> {
    /// `iss`.
    pub issuer: Option<&'a str>,
    /// `sub`.
    pub subject: Option<&'a str>,
    /// `aud`.
    pub audience: Audience<'a>,
    /// `exp`.
    pub expires_at: Option<i64>,
    /// `iat`.
    pub issued_at: Option<i64>,
    /// `nbf`.
    pub not_before: Option<i64>,
    /// `jti`.
    pub jwt_id: Option<&'a str>,
}

/// What an assertion was sent for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Our issuer.
    pub issuer: &'a str,
    /// Address of the token endpoint.
    pub token_endpoint: &'a str,
    /// Address of the endpoint that is asked.
    pub endpoint: &'a str,
    /// Now, Unix milliseconds.
    pub now: i64,
}

/// A good assertion, once. Whoever accepts it has to remember it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OneUse<'a> {
    /// The `jti` that the client must not send again.
    pub jwt_id: &'a str,
    /// Until when it has to be remembered, Unix milliseconds.
    pub until: i64,
}

/// Why an assertion proves nothing. For the log: the client hears `invalid_client`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssertionFault {
    /// `iss` or `sub` is not the client.
    #[error("iss and sub are not the client")]
    Client,
    /// `aud` is not what the client's policy asks for.
    #[error("aud is not this provider")]
    Audience,
    /// `exp` is missing or past.
    #[error("the assertion has expired or does not say when it does")]
    Expired,
    /// `exp` is further ahead than [`MAX_LIFETIME`].
    #[error("the assertion is good for too long")]
    TooLong,
    /// `iat` or `nbf` is further ahead than [`MAX_SKEW`].
    #[error("the assertion is from the future")]
    NotYetValid,
    /// `jti` is missing.
    #[error("the assertion has no jti")]
    NoJwtId,
}

/// Checks the claims.
///
/// # Errors
/// The first [`AssertionFault`].
pub fn check<'a>(
    claims: &AssertionClaims<'a>,
    client: &Client,
    asked: &Asked<'_>,
) -> Result<OneUse<'a>, AssertionFault> {
    let is_client = |claim: Option<&str>| claim == Some(client.id.as_str());
    if !is_client(claims.issuer) || !is_client(claims.subject) {
        return Err(AssertionFault::Client);
    }
    if !is_audience(&claims.audience, client.policy.assertion_audience, asked) {
        return Err(AssertionFault::Audience);
    }
    let expires_at = claims.expires_at.ok_or(AssertionFault::Expired)?;
    if asked.now >= expires_at {
        return Err(AssertionFault::Expired);
    }
    let begins = [claims.issued_at, claims.not_before].into_iter().flatten();
    if begins.max().is_some_and(|begin| begin > asked.now.saturating_add(MAX_SKEW)) {
        return Err(AssertionFault::NotYetValid);
    }
    // A client whose clock is ahead says so by `iat`, and its five minutes begin there.
    let from = claims.issued_at.map_or(asked.now, |issued_at| issued_at.max(asked.now));
    if expires_at > from.saturating_add(MAX_LIFETIME) {
        return Err(AssertionFault::TooLong);
    }
    let jwt_id = claims.jwt_id.filter(|id| !id.is_empty()).ok_or(AssertionFault::NoJwtId)?;
    Ok(OneUse { jwt_id, until: expires_at.saturating_add(MAX_SKEW) })
}

fn is_audience(audience: &Audience<'_>, policy: AssertionAudience, asked: &Asked<'_>) -> bool {
    let is_ours = |one: &&str| [asked.issuer, asked.token_endpoint, asked.endpoint].contains(one);
    match (policy, audience) {
        (AssertionAudience::Issuer, Audience::One(one)) => *one == asked.issuer,
        // A list, even one of a single text, lets another server believe that it was meant.
        (AssertionAudience::Issuer, Audience::Many(_)) => false,
        (AssertionAudience::IssuerOrEndpoint, Audience::One(one)) => is_ours(one),
        (AssertionAudience::IssuerOrEndpoint, Audience::Many(many)) => many.iter().any(is_ours),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ISSUER, client};

    const NOW: i64 = 1_795_262_400_000;
    const TOKEN: &str = "https://id.example/oauth2/token";
    const ASKED: Asked<'static> = Asked {
        issuer: ISSUER,
        token_endpoint: TOKEN,
        endpoint: "https://id.example/oauth2/par",
        now: NOW,
    };

    fn good() -> AssertionClaims<'static> {
        AssertionClaims {
            issuer: Some("casper"),
            subject: Some("casper"),
            audience: Audience::One(ISSUER),
            expires_at: Some(NOW + 60_000),
            issued_at: Some(NOW),
            not_before: None,
            jwt_id: Some("j-1"),
        }
    }

    fn run(
        change: impl Fn(&mut AssertionClaims<'static>),
    ) -> Result<OneUse<'static>, AssertionFault> {
        let mut claims = good();
        change(&mut claims);
        check(&claims, &client(), &ASKED)
    }

    #[test]
    fn rfc7523_3_a_good_assertion_may_be_used_once_until_it_is_over() {
        assert_eq!(run(|_| ()), Ok(OneUse { jwt_id: "j-1", until: NOW + 120_000 }));
        assert!(run(|claims| claims.issued_at = None).is_ok());
    }

    #[test]
    fn rfc7523_3_issuer_and_subject_are_the_client() {
        for wrong in [None, Some("twin"), Some("casper "), Some("Casper"), Some(ISSUER)] {
            assert_eq!(run(|claims| claims.issuer = wrong), Err(AssertionFault::Client));
            assert_eq!(run(|claims| claims.subject = wrong), Err(AssertionFault::Client));
        }
    }

    #[test]
    fn security_32_the_strict_audience_is_the_issuer_as_one_text() {
        let with = |audience: Audience<'static>| run(|claims| claims.audience = audience.clone());
        assert!(with(Audience::One(ISSUER)).is_ok());
        for wrong in [
            Audience::One(TOKEN),
            Audience::One(ASKED.endpoint),
            Audience::One("https://id.example/"),
            Audience::One("https://id.exampl"),
            Audience::One("https://id.example.evil.example"),
            Audience::One("HTTPS://id.example"),
            Audience::One(""),
            Audience::Many(vec![ISSUER]),
            Audience::Many(vec![ISSUER, "https://other.example"]),
        ] {
            assert_eq!(with(wrong.clone()), Err(AssertionFault::Audience), "{wrong:?}");
        }
    }

    #[test]
    fn core_9_the_wide_audience_is_the_issuer_or_an_endpoint_that_is_asked() {
        let with = |audience: Audience<'static>| {
            let mut client = client();
            client.policy.assertion_audience = AssertionAudience::IssuerOrEndpoint;
            check(&AssertionClaims { audience, ..good() }, &client, &ASKED).is_ok()
        };
        for right in [ISSUER, TOKEN, ASKED.endpoint] {
            assert!(with(Audience::One(right)));
            assert!(with(Audience::Many(vec!["https://other.example", right])));
        }
        for wrong in
            ["https://id.example/", "https://id.example/oauth2/revoke", "https://id.example/oauth2"]
        {
            assert!(!with(Audience::One(wrong)), "{wrong}");
            assert!(!with(Audience::Many(vec![wrong])), "{wrong}");
        }
    }

    #[test]
    fn security_32_an_assertion_is_short_and_of_now() {
        let ahead = |seconds: i64| Some(NOW + seconds * 1000);
        for (expires_at, issued_at, not_before, expected) in [
            (ahead(300), ahead(0), None, Ok(())),
            (ahead(301), ahead(0), None, Err(AssertionFault::TooLong)),
            (ahead(308), ahead(8), None, Ok(())),
            (ahead(301), None, None, Err(AssertionFault::TooLong)),
            (ahead(301), ahead(-60), None, Err(AssertionFault::TooLong)),
            (ahead(60), ahead(8), ahead(8), Ok(())),
            (ahead(60), ahead(60), None, Ok(())),
            (ahead(90), ahead(62), None, Err(AssertionFault::NotYetValid)),
            (ahead(90), ahead(0), ahead(62), Err(AssertionFault::NotYetValid)),
            (ahead(0), ahead(-60), None, Err(AssertionFault::Expired)),
            (ahead(-300), ahead(-360), None, Err(AssertionFault::Expired)),
            (None, ahead(0), None, Err(AssertionFault::Expired)),
            (Some(i64::MAX), ahead(0), None, Err(AssertionFault::TooLong)),
        ] {
            let found = run(|claims| {
                claims.expires_at = expires_at;
                claims.issued_at = issued_at;
                claims.not_before = not_before;
            });
            assert_eq!(found.map(|_| ()), expected, "{expires_at:?} {issued_at:?} {not_before:?}");
        }
    }

    #[test]
    fn security_32_without_a_jti_nothing_could_be_used_once() {
        assert_eq!(run(|claims| claims.jwt_id = None), Err(AssertionFault::NoJwtId));
        assert_eq!(run(|claims| claims.jwt_id = Some("")), Err(AssertionFault::NoJwtId));
    }
}
