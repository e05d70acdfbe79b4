//! Pushed authorization requests (RFC 9126).

use crate::authorization::Refusal;
use crate::client::Client;
use crate::client_authentication::Authenticated;
use crate::error::OAuthError;
use crate::params::Params;
use crate::secret::{Secret, SecretKind};

/// For how long the browser may come with the `request_uri`, milliseconds (RFC 9126 2.2).
pub const LIFETIME: i64 = 90_000;

/// What proves the client and is no part of the authorization request. Never stored.
const PROOFS: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

/// The authorization request in the form that a client pushed. Whether it may be acted on, the
/// authorization endpoint's own validation tells.
pub fn authorization_request(
    form: &Params,
    client: &Authenticated<Client>,
) -> Result<Params, OAuthError> {
    if form.get("request_uri").is_some() {
        return Err(OAuthError::invalid_request("request_uri cannot be pushed"));
    }
    if form.get("client_id") != Some(&client.id) {
        return Err(OAuthError::invalid_request("client_id must be that of the client"));
    }
    Ok(form.without(&PROOFS))
}

/// A refusal, told to the client: here is no browser that could be redirected or shown a page.
pub fn error_of(refusal: &Refusal) -> OAuthError {
    match refusal {
        Refusal::Redirect(_, error) => *error,
        Refusal::Page(_) => {
            OAuthError::invalid_request("redirect_uri is missing or not registered")
        }
    }
}

/// The `request_uri` of an authorization request, if it is one of ours; `Some(None)` when it looks
/// like one and cannot be.
pub fn named_in(params: &Params) -> Option<Option<Secret>> {
    let uri = params.get("request_uri")?;
    uri.starts_with(SecretKind::PushedRequest.prefix())
        .then(|| Secret::parse(SecretKind::PushedRequest, uri))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{authenticated, client};

    fn form(pairs: &[(&str, &str)]) -> Params {
        Params::from_pairs(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())))
    }

    #[test]
    fn rfc9126_2_1_what_proves_the_client_is_no_part_of_the_request() {
        let client = authenticated(client());
        let pushed = form(&[
            ("client_id", "casper"),
            ("scope", "openid"),
            ("client_secret", "s"),
            ("client_assertion", "a"),
            ("client_assertion_type", "t"),
        ]);
        let request = authorization_request(&pushed, &client).unwrap();
        assert_eq!(request, form(&[("client_id", "casper"), ("scope", "openid")]));
    }

    #[test]
    fn rfc9126_2_1_a_request_uri_or_another_client_id_cannot_be_pushed() {
        let client = authenticated(client());
        for pairs in [
            vec![],
            vec![("client_id", "other")],
            vec![("client_id", "casper"), ("request_uri", "urn:x")],
        ] {
            assert!(authorization_request(&form(&pairs), &client).is_err(), "{pairs:?}");
        }
    }

    #[test]
    fn rfc9126_2_2_only_what_looks_like_ours_is_ours() {
        let uri = Secret::from_entropy(SecretKind::PushedRequest, [7; 32]);
        assert!(uri.expose().starts_with("urn:ietf:params:oauth:request_uri:"));
        let named = |uri: &str| named_in(&form(&[("request_uri", uri)]));
        assert_eq!(named(uri.expose()).unwrap().unwrap().digest(), uri.digest());
        assert!(named("urn:ietf:params:oauth:request_uri:short").unwrap().is_none());
        assert!(named("https://rp.example/request.jwt").is_none());
        assert!(named_in(&form(&[])).is_none());
    }
}
