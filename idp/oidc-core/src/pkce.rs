//! Proof Key for Code Exchange, S256 only (RFC 7636; security.md 4, 18).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::error::OAuthError;

/// The only method offered: `plain` protects nothing (RFC 9700 2.1.1).
pub const METHOD: &str = "S256";

/// Length of a SHA-256 digest in base64url without padding.
const CHALLENGE_LENGTH: usize = 43;

/// A code challenge of the method S256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// Parses the two parameters of the authorization request (RFC 7636 4.3). A missing method
    /// would mean `plain`, so it is refused. `None` when the request has neither.
    pub fn parse(
        challenge: Option<&str>,
        method: Option<&str>,
    ) -> Result<Option<Self>, OAuthError> {
        let Some(challenge) = challenge else {
            return match method {
                None => Ok(None),
                Some(_) => Err(OAuthError::invalid_request("code_challenge is missing")),
            };
        };
        if method != Some(METHOD) {
            return Err(OAuthError::invalid_request("code_challenge_method must be S256"));
        }
        let is_digest = challenge.len() == CHALLENGE_LENGTH
            && URL_SAFE_NO_PAD.decode(challenge).is_ok_and(|digest| digest.len() == 32);
        if !is_digest {
            return Err(OAuthError::invalid_request(
                "code_challenge must be 43 characters of base64url",
            ));
        }
        Ok(Some(Self(challenge.to_owned())))
    }

    /// Takes a challenge that was parsed before it was stored; the empty text stands for none.
    pub fn from_stored(challenge: String) -> Option<Self> {
        (!challenge.is_empty()).then_some(Self(challenge))
    }

    /// The challenge as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a code verifier answers this challenge (RFC 7636 4.6). A verifier outside of the
    /// grammar of 4.1 answers none.
    pub fn is_answered_by(&self, verifier: &str) -> bool {
        let well_formed = (43..=128).contains(&verifier.len())
            && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        let answer = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
        well_formed && bool::from(answer.as_bytes().ct_eq(self.0.as_bytes()))
    }
}

/// Whether whoever redeems a code is who asked for it. A verifier without a challenge is as wrong as
/// a challenge without a verifier: else a code that was obtained without PKCE could be slipped to a
/// client that uses it (RFC 9700 4.8.2; security.md 18).
pub fn is_proved(challenge: Option<&CodeChallenge>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (Some(challenge), Some(verifier)) => challenge.is_answered_by(verifier),
        (None, None) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(challenge: &str) -> CodeChallenge {
        CodeChallenge::parse(Some(challenge), Some("S256")).unwrap().unwrap()
    }

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn rfc7636_appendix_b_the_verifier_answers_its_challenge() {
        let challenge = parse(CHALLENGE);
        assert!(challenge.is_answered_by(VERIFIER));
    }

    #[test]
    fn rfc7636_4_3_only_s256_with_43_characters_is_taken() {
        let short = &CHALLENGE[1..];
        let long = format!("{CHALLENGE}A");
        let padded = format!("{}=", &CHALLENGE[1..]);
        for (challenge, method) in [
            (None, Some("S256")),
            (Some(CHALLENGE), None),
            (Some(CHALLENGE), Some("plain")),
            (Some(CHALLENGE), Some("s256")),
            (Some(short), Some("S256")),
            (Some(long.as_str()), Some("S256")),
            (Some(padded.as_str()), Some("S256")),
            // The last character has trailing bits: no digest encodes to it.
            (Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN"), Some("S256")),
        ] {
            assert!(CodeChallenge::parse(challenge, method).is_err(), "{challenge:?} {method:?}");
        }
    }

    #[test]
    fn rfc7636_4_1_a_verifier_outside_of_the_grammar_answers_nothing() {
        for verifier in ["short", &"a".repeat(129), &format!("{}!", "a".repeat(43)), ""] {
            let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
            let challenge = parse(&digest);
            assert!(!challenge.is_answered_by(verifier), "{verifier}");
        }
        let other = parse(CHALLENGE);
        assert!(!other.is_answered_by(&"a".repeat(43)));
    }

    #[test]
    fn rfc9700_4_8_2_challenge_and_verifier_come_together_or_not_at_all() {
        let challenge = parse(CHALLENGE);
        assert_eq!(CodeChallenge::parse(None, None), Ok(None));
        assert_eq!(CodeChallenge::from_stored(String::new()), None);
        assert!(is_proved(Some(&challenge), Some(VERIFIER)));
        assert!(is_proved(None, None));
        assert!(!is_proved(Some(&challenge), None));
        assert!(!is_proved(None, Some(VERIFIER)));
    }
}
