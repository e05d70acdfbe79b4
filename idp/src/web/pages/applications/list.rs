//! The list of applications, in the order of their tiles.

use askama::Template;
use axum::response::Response;
use portal_core::{
    access::Environment,
    permission::{Action, Object},
};
use storage::ApplicationSummary;

use crate::{
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
    },
};

struct RowView {
    code: String,
    title: String,
    is_production: bool,
    is_enabled: bool,
    groups: u64,
    clients: u64,
    third_parties: u64,
    review_months: String,
}

#[derive(Template)]
#[template(path = "applications/list.html")]
struct ListPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    rows: Vec<RowView>,
}

/// `GET /applications`.
pub(super) async fn show(asking: Asking) -> Result<Response, PageError> {
    asking.may(Action::ViewApplication, &Object::Everything)?;
    let found = asking.app.store.list_registered_applications().await?;
    chrome::page(&ListPage {
        t: asking.texts(),
        chrome: asking.chrome("nav-applications"),
        rows: found.iter().map(|of| row(of, asking.texts())).collect(),
    })
}

fn row(of: &ApplicationSummary, texts: &Texts) -> RowView {
    let (application, details) = (&of.registered.application, &of.registered.details);
    let months = details.review_months.to_string();
    RowView {
        code: application.code.clone(),
        title: application.title.clone(),
        is_production: application.environment == Environment::Production,
        is_enabled: of.registered.details.is_enabled,
        groups: of.groups,
        clients: of.clients,
        third_parties: of.third_parties,
        review_months: texts.msg1("applications-every", "months", &months),
    }
}
