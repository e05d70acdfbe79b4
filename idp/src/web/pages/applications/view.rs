//! One application, with its groups and clients.

use askama::Template;
use axum::{extract::Path, response::Response};
use oidc_core::client::Client;
use portal_core::{
    access::{Environment, Group},
    permission::{Action, Object},
};
use serde::Deserialize;

use crate::{
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        query::Query,
    },
};

/// What was done before the page was shown.
#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

struct ClientView {
    id: String,
    name: String,
    is_enabled: bool,
    /// Where a tile starts it.
    address: Option<String>,
    redirect_uris: Vec<String>,
}

#[derive(Template)]
#[template(path = "applications/view.html")]
struct ViewPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    code: String,
    title: String,
    is_production: bool,
    is_enabled: bool,
    notice: Option<String>,
    facts: Vec<(String, String)>,
    groups: Vec<Group>,
    clients: Vec<ClientView>,
    may_modify: bool,
}

/// `GET /applications/{id}`.
pub(super) async fn show(
    asking: Asking,
    (Path(code), Query(done)): (Path<String>, Query<Done>),
) -> Result<Response, PageError> {
    let found = super::load(&asking, &code, Action::ViewApplication).await?;
    let (texts, application, details) = (asking.texts(), &found.application, &found.details);
    let groups = asking.app.store.list_groups_of(application.id).await?;
    let clients = asking.app.store.list_clients_of(&application.code).await?;
    let months = details.review_months.to_string();
    let facts = [
        ("applications-code", application.code.clone()),
        ("applications-subtitle", details.subtitle.clone()),
        ("applications-review", texts.msg1("applications-every", "months", &months)),
        ("applications-position", details.position.to_string()),
    ];
    chrome::page(&ViewPage {
        t: texts,
        chrome: asking.chrome("nav-applications"),
        code: application.code.clone(),
        title: details.title.clone(),
        is_production: application.environment == Environment::Production,
        is_enabled: found.details.is_enabled,
        notice: (done.done == "saved").then(|| texts.msg("applications-done-saved")),
        facts: facts.into_iter().map(|(key, value)| (texts.msg(key), value)).collect(),
        groups,
        clients: clients.into_iter().map(client_view).collect(),
        may_modify: asking.is_allowed(Action::ModifyApplication, &Object::Everything),
    })
}

fn client_view(of: Client) -> ClientView {
    ClientView {
        id: of.id,
        name: of.name,
        is_enabled: of.enabled,
        address: of.initiate_login_uri,
        redirect_uris: of.redirect_uris,
    }
}
