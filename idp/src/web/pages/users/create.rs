//! "Create a new user" (manual §3).

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::permission::{Action, Object, Sight};

use super::{
    form::{UserErrors, UserForm},
    place,
};
use crate::{
    invitation,
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        form::OwnForm,
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
struct Creating {
    asking: Asking,
    sight: Sight,
}

/// `GET /users/new`.
pub(super) async fn show(asking: Asking) -> Result<Response, PageError> {
    let creating = Creating::begin(asking)?;
    let own = creating.asking.who.account.level.id.to_string();
    let form = UserForm { level: own, ..UserForm::default() };
    creating.page(&form, UserErrors::default()).await
}

/// `POST /users/new`.
pub(super) async fn submit(asking: Asking, form: OwnForm) -> Result<Response, PageError> {
    let creating = Creating::begin(asking)?;
    let (asking, form) = (&creating.asking, UserForm::read(&form, &[])?);
    let new = match form.parse(asking.app.now(), None, asking.texts()) {
        Ok(new) => new,
        Err(errors) => return creating.refuse(&form, *errors).await,
    };
    let level =
        asking.app.store.find_level_by_id(new.level_id).await?.ok_or(PageError::NotFound)?;
    asking.may(Action::CreateUser, &Object::Level(level.path))?;
    let administration = asking.administration();
    match invitation::invite(&asking.app, &administration, &new, &asking.texts().lang()).await {
        Ok((user, is_sent)) => {
            let done = if is_sent { "created" } else { "created-unsent" };
            Ok(Redirect::to(&format!("/users/{user}?done={done}")).into_response())
        }
        Err(error) => {
            let errors = UserErrors::of_refusal(error, asking.texts())?;
            creating.refuse(&form, errors).await
        }
    }
}

impl Creating {
    fn begin(asking: Asking) -> Result<Self, PageError> {
        let sight = asking.sight(Action::CreateUser);
        if sight.is_empty() {
            return Err(PageError::Forbidden);
        }
        Ok(Self { asking, sight })
    }

    async fn refuse(&self, form: &UserForm, errors: UserErrors) -> Result<Response, PageError> {
        let page = self.page(form, errors).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    }

    async fn page(&self, form: &UserForm, errors: UserErrors) -> Result<Response, PageError> {
        let app = &self.asking.app;
        let levels = place::options(app, &self.sight, None).await?;
        let subsidiaries = place::subsidiaries(app, &levels).await?;
        chrome::page(&NewPage {
            t: self.asking.texts(),
            chrome: self.asking.chrome("nav-users"),
            form,
            errors,
            levels: levels.iter().map(place::option).collect(),
            subsidiaries,
        })
    }
}
