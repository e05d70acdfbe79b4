//! What staff decide on a nomination. Each step says which version was seen; an older one is refused.

use super::{
    Seen,
    remark::{self, RemarkFor},
    view,
};
use crate::{
    administration::{AdministrationError, Confirmed},
    invitation::FreshLink,
    nomination_mail,
    web::{asking::Asking, error::PageError, form::OwnForm},
};
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{
    id::NominationId,
    nomination::{MOST_NOMINEES, Remark},
    one_time_link::LinkPurpose,
    permission::Action,
};

/// A request that decides.
struct Deciding<'a> {
    asking: &'a Asking,
    seen: Seen,
}

/// `POST /nominations/{id}/review`.
pub(super) async fn review(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let begun = Deciding::begin(&asking, &id, (&form, Action::RefuseNomination));
    let (deciding, (id, version)) = begun.await?;
    let done = asking.administration().review_nomination(id, version).await;
    deciding.answer(done.map(|()| "reviewing")).await
}

/// `POST /nominations/{id}/confirm`: the last confirmation appoints, and sends the invitations.
pub(super) async fn confirm(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let begun = Deciding::begin(&asking, &id, (&form, Action::ConfirmNomination));
    let (deciding, version) = begun.await?;
    let app = &asking.app;
    let links: Vec<FreshLink> = (0..MOST_NOMINEES).map(|_| FreshLink::draw(app)).collect();
    let digests: Vec<_> = links.iter().map(|link| link.digest).collect();
    let done = asking.administration().confirm_nomination(version, &digests).await;
    let word = match &done {
        Ok(Confirmed::Appointed { invited, .. }) => {
            let mut are_sent = true;
            for account in app.store.list_accounts(invited).await? {
                let place = invited.iter().position(|user| *user == account.user.id);
                let Some(link) = place.and_then(|place| links.get(place)) else { continue };
                let user = &account.user;
                are_sent &=
                    link.send(app, &user.email, LinkPurpose::Activation, &user.locale).await;
            }
            let is_told = deciding.tell(None).await;
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
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    decide(&asking, &id, &form, RemarkFor::Return).await
}

/// `POST /nominations/{id}/reject`.
pub(super) async fn reject(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    decide(&asking, &id, &form, RemarkFor::Reject).await
}

/// `POST /nominations/{id}/withdraw`.
pub(super) async fn withdraw(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    decide(&asking, &id, &form, RemarkFor::Withdraw).await
}

/// Decides with a remark, and tells it to the signatory.
async fn decide(
    asking: &Asking,
    id: &str,
    form: &OwnForm,
    what: RemarkFor,
) -> Result<Response, PageError> {
    let begun = Deciding::begin(asking, id, (form, Action::RefuseNomination));
    let (deciding, version) = begun.await?;
    let Ok(remark) = Remark::parse(form.get("remark")) else {
        return deciding.no_remark(what, form);
    };
    let administration = asking.administration();
    let link = FreshLink::draw(&asking.app);
    let done = match what {
        RemarkFor::Return => administration.return_nomination(version, &remark, link.digest).await,
        RemarkFor::Reject => administration.reject_nomination(version, &remark).await,
        RemarkFor::Withdraw => administration.withdraw_nomination(version, &remark).await,
    };
    if let Err(error) = done {
        return deciding.ask_again(what, error, remark.as_str()).await;
    }
    let word = match (what, deciding.tell(Some(link)).await) {
        (RemarkFor::Return, true) => "returned",
        (RemarkFor::Return, false) => "link-unsent",
        (_, true) => "told",
        (_, false) => "unsent",
    };
    deciding.answer(Ok(word)).await
}

/// `POST /nominations/{id}/resend`: another link for the signatory; the one from before is dead.
pub(super) async fn resend(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let seen = super::load(&asking, &id, Action::FileNomination).await?;
    form.only(&[], &[])?;
    let deciding = Deciding { asking: &asking, seen };
    let nomination = &deciding.seen.nomination;
    let link = FreshLink::draw(&asking.app);
    let renewing = asking.administration();
    if let Err(error) = renewing.renew_nomination_link((nomination.id, link.digest)).await {
        return deciding.answer(Err(error)).await;
    }
    let word = if deciding.tell(Some(link)).await { "invited" } else { "link-unsent" };
    deciding.answer(Ok(word)).await
}

impl<'a> Deciding<'a> {
    /// The request, if the person may do this, with which nomination in which version the person saw.
    async fn begin(
        asking: &'a Asking,
        id: &str,
        (form, action): (&OwnForm, Action),
    ) -> Result<(Self, (NominationId, i64)), PageError> {
        let seen = super::load(asking, id, action).await?;
        form.only(&["version", "remark"], &[])?;
        let version = form.get("version").parse().map_err(|_| PageError::BadRequest)?;
        let nomination = seen.nomination.id;
        Ok((Self { asking, seen }, (nomination, version)))
    }

    /// Writes to the signatory what was done, with the link that was made; whether the mail was taken.
    async fn tell(&self, link: Option<FreshLink>) -> bool {
        nomination_mail::send_now(&self.asking.app, self.seen.nomination.id, link).await
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
            Err(error) => told(error)?,
        };
        let seen = super::load(self.asking, &id.to_string(), Action::ViewNomination).await?;
        let error = Some(self.asking.text(key));
        let page = view::page(self.asking, &seen, (error, None)).await?;
        Ok((status, page).into_response())
    }

    /// What was written stays in its field while the step can still be done, and goes with the state that is shown.
    async fn ask_again(
        &self,
        what: RemarkFor,
        error: AdministrationError,
        written: &str,
    ) -> Result<Response, PageError> {
        let id = self.seen.nomination.id.to_string();
        let seen = super::load(self.asking, &id, Action::RefuseNomination).await?;
        if !what.fits(seen.nomination.status) {
            return self.answer(Err(error)).await;
        }
        let (status, key) = told(error)?;
        let errors = [Some(self.asking.text(key)), None];
        let page = remark::page(self.asking, &seen, what, (written, errors))?;
        Ok((status, page).into_response())
    }

    fn no_remark(&self, what: RemarkFor, form: &OwnForm) -> Result<Response, PageError> {
        let error = Some(self.asking.text("nomination-remark-missing"));
        let typed = form.get("remark");
        let page = remark::page(self.asking, &self.seen, what, (typed, [None, error]))?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    }
}

/// How it is told that somebody was faster, or that a rule refuses.
fn told(error: AdministrationError) -> Result<(StatusCode, &'static str), PageError> {
    match error {
        AdministrationError::Stale => Ok((StatusCode::CONFLICT, "nomination-stale")),
        AdministrationError::Rule(rule) => Ok((StatusCode::UNPROCESSABLE_ENTITY, rule.key())),
        error => Err(error.into()),
    }
}
