//! Where the answer of the authorization endpoint goes, and how.

use url::form_urlencoded;

use crate::client::Client;
use crate::error::OAuthError;
use crate::redirect_uri;

/// How the response parameters travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ResponseMode {
    /// In the query of the redirect URI (OAuth 2.0 Multiple Response Types 2.1).
    #[default]
    Query,
    /// In a form that the browser posts by itself (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

impl ResponseMode {
    /// Every mode, in the order of discovery.
    pub const ALL: [Self; 2] = [Self::Query, Self::FormPost];

    /// The name in requests and metadata.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::FormPost => "form_post",
        }
    }

    /// Parses the name in requests and metadata.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == text)
    }
}

/// A redirect URI that was checked against the registration of its client, with all that must come
/// back with any answer. Only [`ReturnAddress::check`] makes one: what has none cannot redirect
/// (RFC 6749 4.1.2.1; security.md 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnAddress {
    redirect_uri: String,
    mode: ResponseMode,
    state: Option<String>,
    issuer: String,
}

impl ReturnAddress {
    /// Checks a presented redirect URI. `None` when the client has not registered it.
    pub fn check(client: &Client, presented: &str, issuer: &str) -> Option<Self> {
        client
            .redirect_uris
            .iter()
            .any(|registered| redirect_uri::matches(registered, presented))
            .then(|| Self {
                redirect_uri: presented.to_owned(),
                mode: ResponseMode::default(),
                state: None,
                issuer: issuer.to_owned(),
            })
    }

    /// Adds the opaque value that every answer returns unchanged.
    #[must_use]
    pub fn with_state(mut self, state: Option<&str>) -> Self {
        self.state = state.map(str::to_owned);
        self
    }

    /// Chooses how the answer travels.
    #[must_use]
    pub fn with_mode(mut self, mode: ResponseMode) -> Self {
        self.mode = mode;
        self
    }

    /// The redirect URI as it was presented, to be bound to the code.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// The answer with a code (RFC 6749 4.1.2).
    pub fn success(&self, code: &str) -> AuthorizationResponse {
        self.respond(&[("code", code)])
    }

    /// The answer with an error (RFC 6749 4.1.2.1).
    pub fn error(&self, error: OAuthError) -> AuthorizationResponse {
        self.respond(&[("error", error.code.as_str()), ("error_description", error.description)])
    }

    /// Adds `state`, and `iss` to success and error alike (RFC 9207 2).
    fn respond(&self, parameters: &[(&str, &str)]) -> AuthorizationResponse {
        let all = parameters
            .iter()
            .copied()
            .chain(self.state.as_deref().map(|state| ("state", state)))
            .chain([("iss", self.issuer.as_str())]);
        match self.mode {
            ResponseMode::Query => AuthorizationResponse::Redirect {
                location: append_query(&self.redirect_uri, all) + "#",
            },
            ResponseMode::FormPost => AuthorizationResponse::FormPost {
                action: self.redirect_uri.clone(),
                fields: all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            },
        }
    }
}

/// Appends parameters to the query of a URI and keeps what is there (RFC 6749 3.1.2).
pub(crate) fn append_query<'a>(
    uri: &str,
    parameters: impl Iterator<Item = (&'a str, &'a str)>,
) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in parameters {
        query.append_pair(name, value);
    }
    let separator = match uri.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some((_, existing)) if existing.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{uri}{separator}{}", query.finish())
}

/// An answer of the authorization endpoint, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorizationResponse {
    /// Send the browser there with 303, never 307 (RFC 9700 4.12). The location ends with an empty
    /// fragment: without one a browser would carry over that of the request (RFC 9110 10.2.2).
    Redirect {
        /// Complete address.
        location: String,
    },
    /// Show a page whose form posts the fields.
    FormPost {
        /// Where the form goes.
        action: String,
        /// Its hidden fields, not yet escaped.
        fields: Vec<(String, String)>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use crate::fixtures::{ISSUER, REDIRECT_URI, client};

    fn address(uri: &str) -> ReturnAddress {
        let mut client = client();
        client.redirect_uris = vec![uri.to_owned()];
        ReturnAddress::check(&client, uri, ISSUER).unwrap()
    }

    fn location(response: AuthorizationResponse) -> String {
        match response {
            AuthorizationResponse::Redirect { location } => location,
            AuthorizationResponse::FormPost { .. } => panic!("expected a redirect"),
        }
    }

    #[test]
    fn rfc6749_4_1_2_and_rfc9207_2_success_carries_code_state_and_issuer() {
        let response = address(REDIRECT_URI).with_state(Some("a&b=c #<>")).success("ac_1");
        assert_eq!(
            location(response),
            "https://rp.example/callback?code=ac_1&state=a%26b%3Dc+%23%3C%3E&iss=https%3A%2F%2Fid.example#"
        );
    }

    #[test]
    fn rfc6749_4_1_2_1_errors_carry_state_and_issuer_too() {
        let error = OAuthError::new(ErrorCode::AccessDenied, "no");
        let response = address(REDIRECT_URI).with_state(Some("s")).error(error);
        assert_eq!(
            location(response),
            "https://rp.example/callback?error=access_denied&error_description=no&state=s&iss=https%3A%2F%2Fid.example#"
        );
    }

    #[test]
    fn rfc6749_3_1_2_a_registered_query_is_kept_once() {
        for (registered, expected) in [
            (
                "https://rp.example/cb?a=b",
                "https://rp.example/cb?a=b&code=c&iss=https%3A%2F%2Fid.example#",
            ),
            (
                "https://rp.example/cb?",
                "https://rp.example/cb?code=c&iss=https%3A%2F%2Fid.example#",
            ),
            (
                "https://rp.example/cb?a=b&",
                "https://rp.example/cb?a=b&code=c&iss=https%3A%2F%2Fid.example#",
            ),
            ("com.example.app:/cb", "com.example.app:/cb?code=c&iss=https%3A%2F%2Fid.example#"),
        ] {
            assert_eq!(location(address(registered).success("c")), expected);
        }
    }

    #[test]
    fn form_post_2_fields_are_posted_to_the_redirect_uri_and_nothing_is_in_its_query() {
        let response = address(REDIRECT_URI)
            .with_state(Some("\"><script>"))
            .with_mode(ResponseMode::FormPost)
            .success("c");
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            response,
            AuthorizationResponse::FormPost {
                action: REDIRECT_URI.to_owned(),
                fields: vec![
                    field("code", "c"),
                    field("state", "\"><script>"),
                    field("iss", ISSUER)
                ],
            }
        );
    }

    #[test]
    fn an_unregistered_uri_gives_no_return_address() {
        assert_eq!(ReturnAddress::check(&client(), "https://evil.example/", ISSUER), None);
        assert_eq!(ReturnAddress::check(&client(), "", ISSUER), None);
    }
}
