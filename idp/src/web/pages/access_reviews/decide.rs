//! One review: keep or remove each membership, then sign off.

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::permission::Action;
use serde::Deserialize;

use super::{
    page::{Again, Asked},
    posted::Posted,
};
use crate::{
    administration::AdministrationError,
    web::{asking::Asking, error::PageError, form::OwnForm, query::Query},
};

/// What is shown.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::web::pages) struct Wanted {
    pub(super) show: String,
    pub(super) search: String,
    pub(super) after: String,
    pub(super) done: String,
}

/// `GET /reviews/{id}`.
pub(super) async fn show(
    asking: Asking,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let asked = Asked::find(asking, &id, Action::ViewAccessReview).await?;
    asked.page(wanted, Again::default()).await
}

/// `POST /reviews/{id}`: stores what is chosen on the page, and keeps all else that it shows if so wanted. What is not
/// stored comes back with the page.
pub(super) async fn submit(
    asking: Asking,
    Path(id): Path<String>,
    form: OwnForm,
) -> Result<Response, PageError> {
    let asked = Asked::find(asking, &id, Action::ReviewAccess).await?;
    let posted = Posted::read(&form)?;
    let id = asked.review.id;
    let (status, error) =
        match asked.asking.administration().decide_review(id, &posted.choices()).await {
            Ok(()) => {
                let query = form_urlencoded::Serializer::new(String::new())
                    .append_pair("show", &posted.wanted.show)
                    .append_pair("search", &posted.wanted.search)
                    .append_pair("after", &posted.wanted.after)
                    .append_pair("done", "saved")
                    .finish();
                return Ok(Redirect::to(&format!("/reviews/{id}?{query}")).into_response());
            }
            Err(error) => why(&asked, error, "review-stale")?,
        };
    let again = Again { status, error: Some(error), posted: Some(&posted) };
    asked.page(posted.wanted.clone(), again).await
}

/// `POST /reviews/{id}/sign-off`.
pub(super) async fn sign_off(
    asking: Asking,
    Path(id): Path<String>,
    form: OwnForm,
) -> Result<Response, PageError> {
    let asked = Asked::find(asking, &id, Action::ReviewAccess).await?;
    form.only(&["decisions"], &[])?;
    let (id, known) = (asked.review.id, form.get("decisions"));
    match asked.asking.administration().sign_off_review(id, Some(known)).await {
        Ok(_) => Ok(Redirect::to(&format!("/reviews/{id}?done=signed")).into_response()),
        Err(error) => {
            let (status, error) = why(&asked, error, "review-sign-off-stale")?;
            let again = Again { status, error: Some(error), posted: None };
            asked.page(Wanted::default(), again).await
        }
    }
}

/// What the page says when nothing was stored.
fn why(
    asked: &Asked,
    error: AdministrationError,
    stale: &str,
) -> Result<(StatusCode, String), PageError> {
    match error {
        AdministrationError::Rule(rule) => {
            Ok((StatusCode::UNPROCESSABLE_ENTITY, asked.asking.text(rule.key())))
        }
        AdministrationError::Stale => Ok((StatusCode::CONFLICT, asked.asking.text(stale))),
        error => Err(error.into()),
    }
}
