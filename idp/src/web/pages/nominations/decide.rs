//! What staff decide on a nomination. Each step says which version was seen; an older one is refused.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{
    id::NominationId,
    nomination::{MOST_NOMINEES, Remark},
    one_time_link::LinkPurpose,
    permission::Action,
};

use super::{Seen, view};
use crate::{
    App,
    administration::{AdministrationError, Confirmed},
    invitation::FreshLink,
    web::{
        browser::Browser, error::PageError, form::OwnForm, request_id::RequestContext,
        visitor::SignedIn,
    },
};

/// A request that decides.
struct Deciding<'a> {
    app: &'a App,
    browser: &'a Browser,
    context: &'a RequestContext,
    who: &'a SignedIn,
    seen: Seen,
}

/// `POST /nominations/{id}/review`.
pub(super) async fn review(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    who: SignedIn,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let seen = super::load(&app, &who, &id, Action::RefuseNomination).await?;
    let deciding = Deciding { app: &app, browser: &browser, context: &context, who: &who, seen };
    let (id, version) = deciding.version(&form)?;
    let done = who.administration(&app, &context).review_nomination(id, version).await;
    deciding.answer(done).await
}

/// `POST /nominations/{id}/confirm`: the last confirmation appoints, and sends the invitations.
pub(super) async fn confirm(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    who: SignedIn,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let seen = super::load(&app, &who, &id, Action::ConfirmNomination).await?;
    let deciding = Deciding { app: &app, browser: &browser, context: &context, who: &who, seen };
    let version = deciding.version(&form)?;
    let links: Vec<FreshLink> = (0..MOST_NOMINEES).map(|_| FreshLink::draw(&app)).collect();
    let digests: Vec<_> = links.iter().map(|link| link.digest).collect();
    let done = who.administration(&app, &context).confirm_nomination(version, &digests).await;
    if let Ok(Confirmed::Appointed { invited, .. }) = &done {
        for (user, link) in invited.iter().zip(&links) {
            if let Some(account) = app.store.find_account(*user).await? {
                let user = &account.user;
                link.send(&app, &user.email, LinkPurpose::Activation, &user.locale).await;
            }
        }
    }
    deciding.answer(done.map(|_| ())).await
}

/// `POST /nominations/{id}/reject`.
pub(super) async fn reject(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    who: SignedIn,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let seen = super::load(&app, &who, &id, Action::RefuseNomination).await?;
    let deciding = Deciding { app: &app, browser: &browser, context: &context, who: &who, seen };
    let version = deciding.version(&form)?;
    let Ok(reason) = Remark::parse(form.get("remark")) else {
        return deciding.no_remark().await;
    };
    let done = who.administration(&app, &context).reject_nomination(version, &reason).await;
    deciding.answer(done.map(|_| ())).await
}

/// `POST /nominations/{id}/withdraw`.
pub(super) async fn withdraw(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    who: SignedIn,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let seen = super::load(&app, &who, &id, Action::RefuseNomination).await?;
    let deciding = Deciding { app: &app, browser: &browser, context: &context, who: &who, seen };
    let version = deciding.version(&form)?;
    let Ok(reason) = Remark::parse(form.get("remark")) else {
        return deciding.no_remark().await;
    };
    let done = who.administration(&app, &context).withdraw_nomination(version, &reason).await;
    deciding.answer(done.map(|_| ())).await
}

impl Deciding<'_> {
    /// Which nomination in which version the person saw.
    fn version(&self, form: &OwnForm) -> Result<(NominationId, i64), PageError> {
        let version = form.get("version").parse().map_err(|_| PageError::BadRequest)?;
        Ok((self.seen.nomination.id, version))
    }

    /// Back to the page, or the page with what went wrong.
    async fn answer(&self, done: Result<(), AdministrationError>) -> Result<Response, PageError> {
        let id = self.seen.nomination.id;
        let (status, key) = match done {
            Ok(()) => return Ok(Redirect::to(&format!("/nominations/{id}")).into_response()),
            Err(AdministrationError::Stale) => (StatusCode::CONFLICT, "nomination-stale"),
            Err(AdministrationError::Rule(rule)) => (StatusCode::UNPROCESSABLE_ENTITY, rule.key()),
            Err(error) => return Err(error.into()),
        };
        self.show(status, (Some(self.context.texts.msg(key)), None)).await
    }

    async fn no_remark(&self) -> Result<Response, PageError> {
        let error = self.context.texts.msg("nomination-remark-missing");
        self.show(StatusCode::UNPROCESSABLE_ENTITY, (None, Some(error))).await
    }

    async fn show(
        &self,
        status: StatusCode,
        errors: (Option<String>, Option<String>),
    ) -> Result<Response, PageError> {
        let id = self.seen.nomination.id.to_string();
        let seen = super::load(self.app, self.who, &id, Action::ViewNomination).await?;
        let request = (self.app, self.browser, self.context, self.who);
        let page = view::page(request, &seen, errors).await?;
        Ok((status, page).into_response())
    }
}
