//! Client authentication at the token endpoint (RFC 6749 2.3, OpenID Connect Core 9; security.md
//! 29-31).

use std::ops::Deref;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::client::{AuthMethod, Client, ClientSecret};
use crate::error::OAuthError;
use crate::params::{self, Params};
use crate::secret::Secret;

const FAILED: OAuthError = OAuthError::invalid_client("client authentication failed");

/// Proof that a client authenticated itself; only [`Credentials::authenticate`] makes one.
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
    client_id: String,
    proof: Proof,
}

#[derive(Clone, Debug)]
enum Proof {
    Basic(Secret),
    Post(Secret),
    Nothing,
}

impl Credentials {
    /// Reads the credentials from the `Authorization` header and the form.
    ///
    /// Refuses two methods at once, credentials that cannot be decoded strictly, and a `client_id`
    /// in the form that contradicts the header: `invalid_client`.
    pub fn parse(authorization: Option<&str>, form: &Params) -> Result<Self, OAuthError> {
        if form.get("client_assertion").is_some() || form.get("client_assertion_type").is_some() {
            return Err(OAuthError::invalid_client("client assertions are not supported"));
        }
        let form_id = form.get("client_id");
        match (authorization, form.get("client_secret")) {
            (Some(_), Some(_)) => Err(OAuthError::invalid_client(
                "only one method of client authentication is allowed",
            )),
            (Some(header), None) => {
                let (client_id, secret) = parse_basic(header).ok_or(FAILED)?;
                if form_id.is_some_and(|named| named != client_id) {
                    return Err(FAILED);
                }
                Ok(Self { client_id, proof: Proof::Basic(secret) })
            }
            (None, secret) => {
                let client_id = form_id
                    .ok_or(OAuthError::invalid_client("client authentication is missing"))?;
                let proof = match secret {
                    Some(secret) => Proof::Post(Secret::from_presented(secret)),
                    None => Proof::Nothing,
                };
                Ok(Self { client_id: client_id.to_owned(), proof })
            }
        }
    }

    /// The client that is named, to be loaded before [`Credentials::authenticate`].
    pub fn client_id(&self) -> &str {
        &self.client_id
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
        if proven && client.enabled && client.id == self.client_id {
            Ok(Authenticated(client))
        } else {
            Err(FAILED)
        }
    }

    /// The answer when the named client does not exist: the same as for a wrong secret.
    pub const fn unknown_client() -> OAuthError {
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
    use crate::fixtures::{SECRET, client};

    const NOW: i64 = 1_795_262_400_000;

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
            assert!(!attempt(method, None, &[id, secret, ("client_assertion", "x")]));
        }
    }

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

    #[test]
    /// security.md 31.
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
