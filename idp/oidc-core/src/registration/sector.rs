//! Sectors of pairwise identifiers (OpenID Connect Core 8.1, Dynamic Client Registration 5).

use url::Url;

use super::invalid;
use crate::error::OAuthError;

/// The sector identifier: the host of the sector document, or the one host of all redirect URIs.
pub(super) fn of(document: Option<&str>, redirect_uris: &[String]) -> Result<String, OAuthError> {
    let host = |uri: &str| Url::parse(uri).ok()?.host_str().map(str::to_owned);
    if let Some(uri) = document {
        return host(uri).ok_or(invalid("sector_identifier_uri has no host"));
    }
    let mut hosts = redirect_uris.iter().map(|uri| host(uri));
    match hosts.next() {
        Some(Some(first)) if hosts.all(|other| other.as_deref() == Some(&first)) => Ok(first),
        _ => Err(invalid("redirect URIs of several hosts need a sector_identifier_uri")),
    }
}

/// Checks the fetched sector document: a JSON list that names every redirect URI of the client
/// (Dynamic Client Registration 5).
pub fn check_sector_document(body: &[u8], redirect_uris: &[String]) -> Result<(), OAuthError> {
    let named: Vec<String> = serde_json::from_slice(body)
        .map_err(|_| invalid("the sector document is not a list of addresses"))?;
    if redirect_uris.iter().all(|uri| named.contains(uri)) {
        Ok(())
    } else {
        Err(invalid("the sector document does not name every redirect URI"))
    }
}
