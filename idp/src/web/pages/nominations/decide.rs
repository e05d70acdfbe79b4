//! What staff decide on a nomination. Each step says which version was seen; an older one is refused.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{
    id::NominationId,
    nomination::{MOST_NOMINEES, NominationStatus, Remark},
    one_time_link::LinkPurpose,
    permission::Action,
};
use storage::Nomination;

use super::{
    Seen,
    remark::{self, RemarkFor},
    view,
};
use crate::{
    App,
    administration::{AdministrationError, Confirmed},
    invitation::FreshLink,
    nomination_mail::NominationMail,
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
    deciding.answer(done.map(|()| "reviewing")).await
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
    let word = match &done {
        Ok(Confirmed::Appointed { invited, .. }) => {
            let mut are_sent = true;
            for account in app.store.list_accounts(invited).await? {
                let place = invited.iter().position(|user| *user == account.user.id);
                let Some(link) = place.and_then(|place| links.get(place)) else { continue };
                let user = &account.user;
                are_sent &=
                    link.send(&app, &user.email, LinkPurpose::Activation, &user.locale).await;
            }
            let is_told = deciding.tell(&NominationMail::Confirmed).await;
            if !are_sent {
                "invitations-unsent"
            } else if is_told {
                "appointed"
            } else {
                "unsent"
            }
        }
        _ => "confirmed-once",
    };
    deciding.answer(done.map(|_| word)).await
}

/// `POST /nominations/{id}/return`: a new link goes to the signatory, with the question.
pub(super) async fn send_back(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    who: SignedIn,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let seen = super::load(&app, &who, &id, Action::RefuseNomination).await?;
    let deciding = Deciding { app: &app, browser: &browser, context: &context, who: &who, seen };
    let version = deciding.version(&form)?;
    let Ok(question) = Remark::parse(form.get("remark")) else {
        return deciding.no_remark(RemarkFor::Return, &form);
    };
    let link = FreshLink::draw(&app);
    let administration = who.administration(&app, &context);
    match administration.return_nomination(version, &question, link.digest).await {
        Ok(_) => {
            let mail = NominationMail::Question(question.as_str(), &link);
            let word = if deciding.tell(&mail).await { "returned" } else { "link-unsent" };
            deciding.answer(Ok(word)).await
        }
        Err(error) => deciding.answer(Err(error)).await,
    }
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
        return deciding.no_remark(RemarkFor::Reject, &form);
    };
    let done = who.administration(&app, &context).reject_nomination(version, &reason).await;
    deciding.ended(done, &NominationMail::Rejected(reason.as_str())).await
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
        return deciding.no_remark(RemarkFor::Withdraw, &form);
    };
    let done = who.administration(&app, &context).withdraw_nomination(version, &reason).await;
    deciding.ended(done, &NominationMail::Withdrawn(reason.as_str())).await
}

/// `POST /nominations/{id}/resend`: another link for the signatory; the one from before is dead.
pub(super) async fn resend(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    who: SignedIn,
    (Path(id), _form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let seen = super::load(&app, &who, &id, Action::FileNomination).await?;
    let deciding = Deciding { app: &app, browser: &browser, context: &context, who: &who, seen };
    let nomination = &deciding.seen.nomination;
    let link = FreshLink::draw(&app);
    let renewing = who.administration(&app, &context);
    if let Err(error) = renewing.renew_nomination_link((nomination.id, link.digest)).await {
        return deciding.answer(Err(error)).await;
    }
    let mail = match (nomination.status, nomination.remark.as_deref()) {
        (NominationStatus::Returned, Some(question)) => NominationMail::Question(question, &link),
        _ => NominationMail::Invitation(&link),
    };
    let word = if deciding.tell(&mail).await { "invited" } else { "link-unsent" };
    deciding.answer(Ok(word)).await
}

impl Deciding<'_> {
    /// Which nomination in which version the person saw.
    fn version(&self, form: &OwnForm) -> Result<(NominationId, i64), PageError> {
        let version = form.get("version").parse().map_err(|_| PageError::BadRequest)?;
        Ok((self.seen.nomination.id, version))
    }

    /// Writes to the signatory; whether the mail was taken.
    async fn tell(&self, mail: &NominationMail<'_>) -> bool {
        mail.send(self.app, (&self.seen.third_party, &self.seen.nomination)).await
    }

    /// A nomination that ended, of which its signatory is told.
    async fn ended(
        &self,
        done: Result<Nomination, AdministrationError>,
        mail: &NominationMail<'_>,
    ) -> Result<Response, PageError> {
        match done {
            Ok(_) => {
                let word = if self.tell(mail).await { "told" } else { "unsent" };
                self.answer(Ok(word)).await
            }
            Err(error) => self.answer(Err(error)).await,
        }
    }

    /// Back to the page with what was done, or the page with what went wrong.
    async fn answer(
        &self,
        done: Result<&'static str, AdministrationError>,
    ) -> Result<Response, PageError> {
        let id = self.seen.nomination.id;
        let (status, key) = match done {
            Ok(word) => {
                let to = format!("/nominations/{id}?done={word}");
                return Ok(Redirect::to(&to).into_response());
            }
            Err(AdministrationError::Stale) => (StatusCode::CONFLICT, "nomination-stale"),
            Err(AdministrationError::Rule(rule)) => (StatusCode::UNPROCESSABLE_ENTITY, rule.key()),
            Err(error) => return Err(error.into()),
        };
        let seen = super::load(self.app, self.who, &id.to_string(), Action::ViewNomination).await?;
        let request = (self.app, self.browser, self.context, self.who);
        let page = view::page(request, &seen, (Some(self.context.texts.msg(key)), None)).await?;
        Ok((status, page).into_response())
    }

    fn no_remark(&self, what: RemarkFor, form: &OwnForm) -> Result<Response, PageError> {
        let error = Some(self.context.texts.msg("nomination-remark-missing"));
        let request = (self.app, self.browser, self.context, self.who);
        let typed = form.get("remark");
        let page = remark::page(request, &self.seen, what, (typed, [None, error]))?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    }
}
