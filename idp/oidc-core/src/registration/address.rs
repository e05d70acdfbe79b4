//! Addresses that a client may register (RFC 7591 5, OpenID Connect Dynamic Client Registration 2;
//! security.md 35).

use url::Url;

use super::{Terms, invalid};
use crate::error::{ErrorCode, OAuthError};
use crate::redirect_uri::check_registrable;

/// Longest address, bytes.
pub(super) const MAX_LENGTH: usize = 255;

pub(super) const fn bad_redirect(description: &'static str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRedirectUri, description)
}

/// A redirect URI: `https`; for a native application also a private-use scheme or its own machine
/// (RFC 8252 7).
pub(super) fn check_redirect(uri: &str, is_native: bool, terms: &Terms) -> Result<(), OAuthError> {
    check_registrable(uri).map_err(|_| bad_redirect("a redirect_uri cannot be registered"))?;
    if uri.len() > MAX_LENGTH {
        return Err(bad_redirect("a redirect_uri is too long"));
    }
    match uri.split(':').next() {
        Some("https") => Ok(()),
        Some("http") if is_native || terms.allow_local_http => Ok(()),
        Some("http") => Err(bad_redirect("a web application needs https")),
        _ if is_native => Ok(()),
        _ => Err(bad_redirect("only a native application may have a scheme of its own")),
    }
}

/// An address of the web that people or the provider open: `https`, without user or fragment.
pub(super) fn check_web(uri: Option<&str>, terms: &Terms) -> Result<Option<String>, OAuthError> {
    const REFUSED: OAuthError = invalid("an address must be https, without user and fragment");
    let Some(uri) = uri else {
        return Ok(None);
    };
    let url = Url::parse(uri).map_err(|_| REFUSED)?;
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let is_safe =
        url.scheme() == "https" || (url.scheme() == "http" && is_local && terms.allow_local_http);
    let is_bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if is_safe && is_bare && uri.len() <= MAX_LENGTH {
        Ok(Some(uri.to_owned()))
    } else {
        Err(REFUSED)
    }
}
