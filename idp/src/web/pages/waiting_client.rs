//! The client that waits for a login: what the page shows of it, and its origin for the policy.

use portal_core::{email::Email, login::Target};
use storage::RequestDigest;

use crate::{
    App, secrets,
    texts::Texts,
    web::{
        browser::Browser, client_view::ClientView, error::PageError, headers::Source,
        request_id::RequestContext,
    },
};

/// A client whose authorization request is stored.
#[derive(Clone, Debug)]
pub(super) struct WaitingClient {
    /// What people see of it.
    pub(super) view: ClientView,
    /// Where the answer will go, for the policy of a form that leads there.
    pub(super) origin: Option<Source>,
    /// Who the client expects to sign in, if it told an e-mail address (OpenID Connect Core 3.1.2.1).
    pub(super) login_hint: Option<String>,
    /// The language that it asks for, where there are texts in it.
    texts: Option<Texts>,
}

/// The request as the reader sees it: in the language that the client asks for (`ui_locales`), if it can be had.
pub(super) fn in_its_language(
    context: &RequestContext,
    client: Option<&WaitingClient>,
) -> RequestContext {
    let mut context = context.clone();
    if let Some(texts) = client.and_then(|client| client.texts.as_ref()) {
        context.texts.clone_from(texts);
    }
    context
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
    let params = pending.params;
    Ok(client.map(|client| WaitingClient {
        view: ClientView::of(&client),
        origin: params.get("redirect_uri").and_then(Source::of),
        login_hint: params
            .get("login_hint")
            .filter(|hint| Email::parse(hint).is_ok())
            .map(str::to_owned),
        texts: params.get("ui_locales").and_then(Texts::for_ui_locales),
    }))
}
