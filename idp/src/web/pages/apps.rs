//! My Apps: tiles of the applications that the person may open (manual §2, I19).

use askama::Template;
use axum::response::Response;
use portal_core::permission::Action;

use super::tiles::{self, Tile};
use crate::{
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
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
pub(super) async fn show(asking: Asking) -> Result<Response, PageError> {
    asking.may_own(Action::ViewOwnProfile)?;
    let tiles = tiles::load(&asking).await?;
    let chrome = asking.chrome("apps");
    chrome::page(&AppsPage { t: asking.texts(), chrome, tiles })
}
