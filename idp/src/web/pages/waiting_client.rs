//! The client that waits for a login: its name for the page, its origin for the policy.

use portal_core::login::Target;
use storage::RequestDigest;
use url::Url;

use crate::{
    App, secrets,
    web::{browser::Browser, error::PageError},
};

/// A client whose authorization request is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WaitingClient {
    /// Its name.
    pub(super) name: String,
    /// Where the answer will go.
    pub(super) origin: Option<String>,
}

/// Finds the client behind a target; `None` for a page of the portal, and for a request that is over or was begun
/// in another browser.
pub(super) async fn find(
    app: &App,
    browser: &Browser,
    target: &Target,
) -> Result<Option<WaitingClient>, PageError> {
    let Target::AuthorizationRequest(id) = target else {
        return Ok(None);
    };
    let digest = RequestDigest { id: secrets::digest(id), browser: browser.digest };
    let Some(pending) = app.store.find_pending_request(&digest, app.now()).await? else {
        return Ok(None);
    };
    let client = app.store.find_client(&pending.client_id).await?;
    let address = pending.params.get("redirect_uri").and_then(|uri| Url::parse(uri).ok());
    Ok(client.map(|client| WaitingClient {
        name: client.name,
        origin: address.map(|url| url.origin().ascii_serialization()),
    }))
}
