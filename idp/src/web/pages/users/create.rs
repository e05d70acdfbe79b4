//! "Create a new user" (manual §3).

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::permission::{Action, Object, Sight, sight};

use super::{
    form::{UserErrors, UserForm},
    place,
};
use crate::{
    App, invitation,
    texts::Texts,
    web::{
        browser::Browser,
        chrome::{self, Chrome},
        error::PageError,
        form::OwnForm,
        request_id::RequestContext,
        visitor::SignedIn,
    },
};

#[derive(Template)]
#[template(path = "users/new.html")]
struct NewPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    form: &'a UserForm,
    errors: UserErrors,
    levels: Vec<(String, String)>,
    subsidiaries: Vec<(String, String)>,
}

/// What both requests begin with.
struct Creating<'a> {
    app: &'a App,
    browser: &'a Browser,
    context: &'a RequestContext,
    who: &'a SignedIn,
    sight: Sight,
}

/// `GET /users/new`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    who: SignedIn,
) -> Result<Response, PageError> {
    let creating = Creating::begin((&app, &browser, &context, &who))?;
    let own = who.account.level.id.to_string();
    let form = UserForm { level: own, ..UserForm::default() };
    creating.page(&form, UserErrors::default()).await
}

/// `POST /users/new`.
pub(super) async fn submit(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    who: SignedIn,
    form: OwnForm,
) -> Result<Response, PageError> {
    let creating = Creating::begin((&app, &browser, &context, &who))?;
    let form = UserForm::read(&form, &[])?;
    let new = match form.parse(app.now(), None, &context.texts) {
        Ok(new) => new,
        Err(errors) => return creating.refuse(&form, *errors).await,
    };
    let level = app.store.find_level_by_id(new.level_id).await?.ok_or(PageError::NotFound)?;
    who.may(&app, Action::CreateUser, &Object::Level(level.path))?;
    let administration = who.administration(&app, &context);
    match invitation::invite(&app, &administration, &new, &context.texts.lang()).await {
        Ok((user, is_sent)) => {
            let done = if is_sent { "created" } else { "created-unsent" };
            Ok(Redirect::to(&format!("/users/{user}?done={done}")).into_response())
        }
        Err(error) => {
            let errors = UserErrors::of_refusal(error, &context.texts)?;
            creating.refuse(&form, errors).await
        }
    }
}

impl<'a> Creating<'a> {
    fn begin(
        (app, browser, context, who): (&'a App, &'a Browser, &'a RequestContext, &'a SignedIn),
    ) -> Result<Self, PageError> {
        let sight = sight(&who.actor, Action::CreateUser, app.now());
        if sight.is_empty() {
            return Err(PageError::Forbidden);
        }
        Ok(Self { app, browser, context, who, sight })
    }

    async fn refuse(&self, form: &UserForm, errors: UserErrors) -> Result<Response, PageError> {
        let page = self.page(form, errors).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    }

    async fn page(&self, form: &UserForm, errors: UserErrors) -> Result<Response, PageError> {
        let (app, context) = (self.app, self.context);
        let levels = place::options(app, &self.sight, None).await?;
        let subsidiaries = place::subsidiaries(app, &levels).await?;
        chrome::page(&NewPage {
            t: &context.texts,
            chrome: Chrome::personal(app, self.browser, context, self.who, "nav-users"),
            form,
            errors,
            levels: levels.iter().map(place::option).collect(),
            subsidiaries,
        })
    }
}
