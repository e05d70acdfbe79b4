//! Client authentication (RFC 6749 2.3, RFC 7521 4.2, OpenID Connect Core 9; security.md 29-32).

use std::ops::Deref;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::client::{AuthMethod, Client, ClientSecret};
use crate::client_assertion::{
    self, ASSERTION_TYPE, Asked, AssertionClaims, AssertionFault, OneUse,
};
use crate::error::OAuthError;
use crate::params::{self, Params};
use crate::secret::Secret;

const FAILED: OAuthError = OAuthError::invalid_client("client authentication failed");

/// Proof that a client authenticated itself; only [`Credentials::authenticate`] and
/// [`Credentials::authenticate_by_assertion`] make one.
#[derive(Clone, Debug)]
pub struct Authenticated<T>(T);

impl<T> Deref for Authenticated<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// What a client presents to prove who it is: exactly one method.
#[derive(Clone, Debug)]
pub struct Credentials {
    client_id: Option<String>,
    proof: Proof,
}

#[derive(Clone, Debug)]
enum Proof {
    Basic(Secret),
    Post(Secret),
    Assertion(String),
    Nothing,
}

impl Credentials {
    /// Reads the credentials from the `Authorization` header and the form.
    ///
    /// Refuses two methods at once, credentials that cannot be decoded strictly, an assertion of
    /// another type, and a `client_id` in the form that contradicts the header: `invalid_client`.
    pub fn parse(authorization: Option<&str>, form: &Params) -> Result<Self, OAuthError> {
        let assertion = (form.get("client_assertion_type"), form.get("client_assertion"));
        let client_id = form.get("client_id").map(str::to_owned);
        let missing = OAuthError::invalid_client("client authentication is missing");
        match (authorization, form.get("client_secret"), assertion) {
            (Some(header), None, (None, None)) => {
                let (named, secret) = parse_basic(header).ok_or(FAILED)?;
                if client_id.is_some_and(|in_form| in_form != named) {
                    return Err(FAILED);
                }
                Ok(Self { client_id: Some(named), proof: Proof::Basic(secret) })
            }
            (None, Some(secret), (None, None)) => {
                let proof = Proof::Post(Secret::from_presented(secret));
                Ok(Self { client_id: Some(client_id.ok_or(missing)?), proof })
            }
            (None, None, (None, None)) => {
                Ok(Self { client_id: Some(client_id.ok_or(missing)?), proof: Proof::Nothing })
            }
            (None, None, (Some(ASSERTION_TYPE), Some(assertion))) => {
                Ok(Self { client_id, proof: Proof::Assertion(assertion.to_owned()) })
            }
            (None, None, _) => Err(OAuthError::invalid_client(
                "client_assertion_type must be that of a JWT, with a client_assertion",
            )),
            _ => Err(OAuthError::invalid_client(
                "only one method of client authentication is allowed",
            )),
        }
    }

    /// The client that is named, to be loaded before it can be authenticated. `None` when only an
    /// assertion names it.
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// The assertion, for a client that proves itself by one.
    pub fn assertion(&self) -> Option<&str> {
        match &self.proof {
            Proof::Assertion(assertion) => Some(assertion),
            Proof::Basic(_) | Proof::Post(_) | Proof::Nothing => None,
        }
    }

    /// Checks the credentials against the registration: the registered method and no other, and one
    /// of at most two secrets, compared by digest in constant time.
    pub fn authenticate(
        &self,
        client: Client,
        now: i64,
    ) -> Result<Authenticated<Client>, OAuthError> {
        let proven = match (&self.proof, client.auth_method) {
            (Proof::Basic(secret), AuthMethod::ClientSecretBasic)
            | (Proof::Post(secret), AuthMethod::ClientSecretPost) => {
                let digest = secret.digest();
                // Every digest is compared: the time does not tell which secret matched.
                let matches = |known: &&ClientSecret| known.digest == digest && known.is_valid(now);
                client.secrets.iter().filter(matches).count() > 0
            }
            (Proof::Nothing, AuthMethod::None) => true,
            _ => false,
        };
        if proven { self.admit(client) } else { Err(FAILED) }
    }

    /// Checks an assertion against the registration. The claims are of [`Credentials::assertion`], and
    /// a key of this client has signed it with an algorithm that the client may use. The client is
    /// authenticated once the [`OneUse`] was recorded and found new.
    ///
    /// # Errors
    /// Why it proves nothing; the client only hears [`Credentials::failed`].
    pub fn authenticate_by_assertion<'a>(
        &self,
        client: Client,
        claims: &AssertionClaims<'a>,
        asked: &Asked<'_>,
    ) -> Result<(Authenticated<Client>, OneUse<'a>), AssertionFault> {
        if self.assertion().is_none() || client.auth_method != AuthMethod::PrivateKeyJwt {
            return Err(AssertionFault::Client);
        }
        let once = client_assertion::check(claims, &client, asked)?;
        let client = self.admit(client).map_err(|_| AssertionFault::Client)?;
        Ok((client, once))
    }

    /// The last rules, whatever the method: the client is the one that was named, and switched on.
    fn admit(&self, client: Client) -> Result<Authenticated<Client>, OAuthError> {
        let is_named = self.client_id.as_ref().is_none_or(|named| *named == client.id);
        if client.enabled && is_named { Ok(Authenticated(client)) } else { Err(FAILED) }
    }

    /// The answer to whoever does not prove to be a client of ours: the same for a wrong secret, a bad
    /// assertion and a client that does not exist.
    pub const fn failed() -> OAuthError {
        FAILED
    }
}

/// Decodes HTTP Basic strictly: canonical base64, one colon, each half form-decoded once
/// (RFC 6749 2.3.1).
fn parse_basic(header: &str) -> Option<(String, Secret)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(encoded).ok()?;
    let printable = decoded.iter().all(u8::is_ascii_graphic);
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    let (id, secret) = decoded.split_at_checked(colon)?;
    let secret = secret.strip_prefix(b":")?;
    if !printable || id.is_empty() || secret.is_empty() || secret.contains(&b':') {
        return None;
    }
    let id = params::decode(id).ok()?;
    let secret = params::decode(secret).ok()?;
    Some((id, Secret::from_presented(secret)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client_assertion::Audience;
    use crate::error::ErrorCode;
    use crate::fixtures::{ISSUER, SECRET, client};

    const NOW: i64 = 1_795_262_400_000;
    const TYPE: (&str, &str) = ("client_assertion_type", ASSERTION_TYPE);

    fn basic(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    fn form(pairs: &[(&str, &str)]) -> Params {
        Params::from_pairs(
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        )
    }

    fn attempt(method: AuthMethod, header: Option<&str>, pairs: &[(&str, &str)]) -> bool {
        let mut client = client();
        client.auth_method = method;
        Credentials::parse(header, &form(pairs))
            .and_then(|found| found.authenticate(client, NOW))
            .is_ok()
    }

    /// security.md 29.
    #[test]
    fn rfc6749_2_3_exactly_the_registered_method_is_taken() {
        let header = basic("casper:correct+horse");
        let id = ("client_id", "casper");
        let secret = ("client_secret", SECRET);
        for method in AuthMethod::ALL {
            let is = |expected| method == expected;
            assert_eq!(attempt(method, Some(&header), &[]), is(AuthMethod::ClientSecretBasic));
            assert_eq!(attempt(method, Some(&header), &[id]), is(AuthMethod::ClientSecretBasic));
            assert_eq!(attempt(method, None, &[id, secret]), is(AuthMethod::ClientSecretPost));
            assert_eq!(attempt(method, None, &[id]), is(AuthMethod::None));
            assert!(!attempt(method, Some(&header), &[id, secret]));
            assert!(!attempt(method, Some(&header), &[("client_id", "other")]));
            assert!(!attempt(method, None, &[]));
            // An assertion proves nothing before its signature was looked at.
            assert!(!attempt(method, None, &[TYPE, ("client_assertion", "x"), id]));
        }
    }

    /// security.md 29.
    #[test]
    fn rfc6749_2_3_two_methods_at_once_are_refused_before_anything_is_compared() {
        let header = basic("casper:correct+horse");
        let id = ("client_id", "casper");
        let (secret, assertion) = (("client_secret", SECRET), ("client_assertion", "x"));
        for (header, pairs) in [
            (Some(&header), vec![secret]),
            (Some(&header), vec![TYPE, assertion]),
            (Some(&header), vec![TYPE]),
            (Some(&header), vec![assertion]),
            (Some(&header), vec![secret, TYPE, assertion]),
            (None, vec![id, secret, TYPE, assertion]),
            (None, vec![id, secret, assertion]),
            (None, vec![id, secret, TYPE]),
        ] {
            let found = Credentials::parse(header.map(String::as_str), &form(&pairs));
            assert_eq!(
                found.err().map(|error| error.code),
                Some(ErrorCode::InvalidClient),
                "{pairs:?}"
            );
        }
    }

    #[test]
    fn rfc7523_2_2_an_assertion_comes_with_its_type_and_only_where_it_is_registered() {
        let assertion = ("client_assertion", "x.y.z");
        let other =
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer");
        let upper =
            ("client_assertion_type", "URN:ietf:params:oauth:client-assertion-type:jwt-bearer");
        for pairs in [vec![TYPE], vec![assertion], vec![other, assertion], vec![upper, assertion]] {
            assert!(Credentials::parse(None, &form(&pairs)).is_err(), "{pairs:?}");
        }
        let claims = AssertionClaims {
            issuer: Some("casper"),
            subject: Some("casper"),
            audience: Audience::One(ISSUER),
            expires_at: Some(NOW + 1000),
            issued_at: None,
            not_before: None,
            jwt_id: Some("j"),
        };
        let asked = Asked { issuer: ISSUER, token_endpoint: "", endpoint: "", now: NOW };
        let attempt = |pairs: &[(&str, &str)], change: fn(&mut Client)| {
            let mut client = client();
            client.auth_method = AuthMethod::PrivateKeyJwt;
            change(&mut client);
            let found = Credentials::parse(None, &form(pairs)).unwrap();
            found.authenticate_by_assertion(client, &claims, &asked).is_ok()
        };
        let id = ("client_id", "casper");
        assert!(attempt(&[TYPE, assertion], |_| ()));
        assert!(attempt(&[TYPE, assertion, id], |_| ()));
        assert!(!attempt(&[TYPE, assertion, ("client_id", "twin")], |_| ()));
        assert!(!attempt(&[TYPE, assertion], |client| client.enabled = false));
        assert!(!attempt(&[TYPE, assertion], |client| client.auth_method =
            AuthMethod::ClientSecretPost));
        assert!(!attempt(&[id], |_| ()));
    }

    /// security.md 30.
    #[test]
    fn rfc6749_2_3_1_basic_is_decoded_strictly() {
        let good = STANDARD.encode("casper:correct%20horse");
        assert!(attempt(AuthMethod::ClientSecretBasic, Some(&format!("bAsIc {good}")), &[]));
        for header in [
            basic("casper:correct horse"),
            basic("casper:correct%zzhorse"),
            basic("casper::correct+horse"),
            basic("casper:correct+horse:"),
            basic("casper:correct+hors"),
            basic("casper:correct+horsee"),
            basic("casper:"),
            basic(":correct+horse"),
            basic("casper"),
            basic(""),
            basic("casper:correct+horse\n"),
            format!("Basic {good}="),
            format!("Basic {}", good.trim_end_matches('=')),
            format!("Basic  {good}"),
            format!("Basic {good} "),
            format!("Bearer {good}"),
            "Basic".to_owned(),
            String::new(),
        ] {
            assert!(!attempt(AuthMethod::ClientSecretBasic, Some(&header), &[]), "{header}");
        }
        let latin1 = format!("Basic {}", STANDARD.encode(b"casper:\xe4"));
        assert!(!attempt(AuthMethod::ClientSecretBasic, Some(&latin1), &[]));
    }

    /// security.md 31.
    #[test]
    fn two_secrets_are_valid_while_one_is_replaced_and_then_the_old_one_ends() {
        let mut client = client();
        client.secrets[0].expires_at = Some(NOW + 1);
        client.secrets.push(ClientSecret::lasting(Secret::from_presented("next").digest()));
        for (secret, meanwhile, later) in
            [("correct+horse", true, false), ("next", true, true), ("third", false, false)]
        {
            let found =
                Credentials::parse(Some(&basic(&format!("casper:{secret}"))), &form(&[])).unwrap();
            assert_eq!(found.authenticate(client.clone(), NOW).is_ok(), meanwhile);
            assert_eq!(found.authenticate(client.clone(), NOW + 1).is_ok(), later);
        }
    }

    #[test]
    fn disabled_other_and_secretless_clients_are_refused() {
        let found = Credentials::parse(Some(&basic("casper:correct+horse")), &form(&[])).unwrap();
        let with = |change: fn(&mut Client)| {
            let mut client = client();
            change(&mut client);
            found.authenticate(client, NOW).is_ok()
        };
        assert!(with(|_| ()));
        assert!(!with(|client| client.enabled = false));
        assert!(!with(|client| "other".clone_into(&mut client.id)));
        assert!(!with(|client| client.secrets.clear()));
    }
}
