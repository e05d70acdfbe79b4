//! Resource indicators: which resource server a token is for (RFC 8707).
//!
//! The rule, for one audience in each token (security.md 40):
//! - The authorization request names the resources that the grant may be used for. Each must be on
//!   the client's list.
//! - A token request names at most one of them. Naming none means the only one; of several it has
//!   to choose. A grant without resources gives tokens for the client itself.
//! - The provider itself can be named by its issuer: that gives a token for the client itself, which
//!   userinfo takes, whatever else the grant is for.

use url::Url;

use crate::client::Client;
use crate::error::{ErrorCode, OAuthError};
use crate::params::Params;

/// The one parameter that may come several times (RFC 8707 2).
pub const PARAMETER: &str = "resource";

const fn invalid_target(description: &'static str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidTarget, description)
}

/// The resources of an authorization request, each once, in its order.
pub(crate) fn of_authorization(
    params: &Params,
    client: &Client,
    issuer: &str,
) -> Result<Vec<String>, OAuthError> {
    let mut resources: Vec<String> = Vec::new();
    for named in params.get_all(PARAMETER) {
        check(named, client, issuer)?;
        if !resources.iter().any(|known| known == named) {
            resources.push(named.to_owned());
        }
    }
    Ok(resources)
}

/// The resource of a token request: at most one.
pub(crate) fn of_token_request(form: &Params) -> Result<Option<String>, OAuthError> {
    let mut named = form.get_all(PARAMETER);
    match (named.next(), named.next()) {
        (first, None) => Ok(first.map(str::to_owned)),
        (_, Some(_)) => Err(invalid_target("a token is for one resource only")),
    }
}

/// For which resource a token of a grant is; `None` is the client itself.
pub fn of_grant(
    granted: &[String],
    asked: Option<&str>,
    client: &Client,
    issuer: &str,
) -> Result<Option<String>, OAuthError> {
    let resource = match (asked, granted) {
        (Some(asked), _) if asked == issuer || granted.iter().any(|known| known == asked) => asked,
        (Some(_), _) => return Err(invalid_target("the grant is not for this resource")),
        (None, []) => return Ok(None),
        (None, [only]) => only,
        (None, _) => {
            return Err(invalid_target("the grant is for several resources: name one"));
        }
    };
    // What the client lost since the grant was given is not issued any more.
    check(resource, client, issuer)?;
    Ok((resource != issuer).then(|| resource.to_owned()))
}

/// For which resource a token of a client that acts for itself is.
pub fn of_client(
    asked: Option<&str>,
    client: &Client,
    issuer: &str,
) -> Result<Option<String>, OAuthError> {
    let Some(resource) = asked else {
        return Ok(None);
    };
    check(resource, client, issuer)?;
    Ok((resource != issuer).then(|| resource.to_owned()))
}

/// An absolute URI without fragment that is on the client's list, or the issuer.
fn check(resource: &str, client: &Client, issuer: &str) -> Result<(), OAuthError> {
    if Url::parse(resource).is_err() || resource.contains('#') {
        return Err(invalid_target("resource must be an absolute URI without a fragment"));
    }
    if resource == issuer || client.resources.iter().any(|known| known == resource) {
        Ok(())
    } else {
        Err(invalid_target("the client may not ask for this resource"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, ISSUER};

    const A: &str = "https://a.example/api";
    const B: &str = "https://b.example/";

    fn client() -> Client {
        Client { resources: vec![A.to_owned(), B.to_owned()], ..fixtures::client() }
    }

    fn params(resources: &[&str]) -> Params {
        Params::from_pairs(resources.iter().map(|r| (PARAMETER.to_owned(), (*r).to_owned())))
    }

    fn authorized(resources: &[&str]) -> Result<Vec<String>, ErrorCode> {
        of_authorization(&params(resources), &client(), ISSUER).map_err(|error| error.code)
    }

    #[test]
    fn rfc8707_2_a_resource_is_an_absolute_uri_of_the_clients_list() {
        assert_eq!(authorized(&[]), Ok(vec![]));
        assert_eq!(authorized(&[A, B, A]), Ok(vec![A.to_owned(), B.to_owned()]));
        assert_eq!(authorized(&[ISSUER]), Ok(vec![ISSUER.to_owned()]));
        for wrong in [
            "api",
            "/api",
            "https://a.example/api#",
            "https://a.example/api#x",
            "https://a.example/api/",
            "https://A.example/api",
            "https://c.example/",
            "casper",
        ] {
            assert_eq!(authorized(&[A, wrong]), Err(ErrorCode::InvalidTarget), "{wrong}");
        }
    }

    #[test]
    fn rfc8707_2_2_each_token_is_for_one_resource_of_its_grant() {
        let all = [A.to_owned(), B.to_owned()];
        let target = |granted: &[String], asked| {
            of_grant(granted, asked, &client(), ISSUER).map_err(|error| error.code)
        };
        let a = Ok(Some(A.to_owned()));
        assert_eq!(target(&[], None), Ok(None));
        assert_eq!(target(&all[..1], None), a);
        assert_eq!(target(&all, Some(A)), a);
        assert_eq!(target(&all, Some(ISSUER)), Ok(None));
        assert_eq!(target(&[ISSUER.to_owned()], None), Ok(None));
        assert_eq!(target(&all, None), Err(ErrorCode::InvalidTarget));
        assert_eq!(target(&all[..1], Some(B)), Err(ErrorCode::InvalidTarget));
        assert_eq!(target(&[], Some(A)), Err(ErrorCode::InvalidTarget));
    }

    #[test]
    fn what_a_client_may_no_longer_ask_for_is_not_issued() {
        let granted = [A.to_owned()];
        let stripped = fixtures::client();
        assert!(of_grant(&granted, None, &stripped, ISSUER).is_err());
        assert_eq!(of_grant(&granted, Some(ISSUER), &stripped, ISSUER), Ok(None));
        assert!(of_client(Some(A), &stripped, ISSUER).is_err());
        assert_eq!(of_client(Some(A), &client(), ISSUER), Ok(Some(A.to_owned())));
        assert_eq!(of_client(None, &client(), ISSUER), Ok(None));
    }

    #[test]
    fn a_token_request_names_at_most_one_resource() {
        assert_eq!(of_token_request(&params(&[A])), Ok(Some(A.to_owned())));
        let two = of_token_request(&params(&[A, B])).map_err(|error| error.code);
        assert_eq!(two, Err(ErrorCode::InvalidTarget));
    }
}
