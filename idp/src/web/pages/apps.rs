//! My Apps: tiles of the applications that the person may open (manual §2, I19).

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use portal_core::permission::Action;

use super::{
    own,
    tiles::{self, Tile},
};
use crate::{
    App,
    texts::Texts,
    web::{
        browser::Browser,
        chrome::{self, Chrome},
        error::PageError,
        request_id::RequestContext,
        visitor::SignedIn,
    },
};

#[derive(Template)]
#[template(path = "apps.html")]
struct AppsPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    tiles: Vec<Tile>,
}

/// `GET /apps`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    who: SignedIn,
) -> Result<Response, PageError> {
    own::check(&app, &who, Action::ViewOwnProfile)?;
    let tiles = tiles::load(&app, &who).await?;
    let chrome = Chrome::personal(&app, &browser, &context, &who, "apps");
    chrome::page(&AppsPage { t: &context.texts, chrome, tiles })
}
