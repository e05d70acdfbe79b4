//! "Create a new user" (manual §3).

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::permission::{Action, Object, Sight};

use super::{
    form::{UserErrors, UserForm},
    place::{self, Places},
};
use crate::{
    invitation,
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        form::OwnForm,
        level_choice::is_root,
    },
};

#[derive(Template)]
#[template(path = "users/new.html")]
struct NewPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    form: &'a UserForm,
    errors: UserErrors,
    /// The name of the level as it was typed, where there are too many to list them.
    level_name: String,
    are_named: bool,
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
    let places = creating.places("").await?;
    let own = creating.asking.who.account.level.id;
    let own = places.levels.iter().find(|level| level.id == own && !is_root(level));
    let level = own.map(|level| level.id.to_string()).unwrap_or_default();
    let form = UserForm { level, ..UserForm::default() };
    creating.page(&form, (places, ""), UserErrors::default()).await
}

/// `POST /users/new`.
pub(super) async fn submit(asking: Asking, form: OwnForm) -> Result<Response, PageError> {
    let creating = Creating::begin(asking)?;
    let (asking, name) = (&creating.asking, form.get("level_name"));
    let places = creating.places(name).await?;
    let mut form = UserForm::read(&form, &["level_name"])?;
    form.level = places.chosen(&form.level);
    let places = (places, name);
    let new = match form.parse(asking.app.now(), None, asking.texts()) {
        Ok(new) => new,
        Err(errors) => return creating.refuse(&form, places, *errors).await,
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
            creating.refuse(&form, places, errors).await
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

    async fn places(&self, name: &str) -> Result<Places, PageError> {
        Places::load(&self.asking.app, &self.sight, name).await
    }

    async fn refuse(
        &self,
        form: &UserForm,
        places: (Places, &str),
        errors: UserErrors,
    ) -> Result<Response, PageError> {
        let page = self.page(form, places, errors).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    }

    async fn page(
        &self,
        form: &UserForm,
        (places, level_name): (Places, &str),
        errors: UserErrors,
    ) -> Result<Response, PageError> {
        let levels = &places.levels;
        let subsidiaries = place::subsidiaries(&self.asking.app, levels).await?;
        let mut options: Vec<_> = levels.iter().map(place::option).collect();
        if levels.len() > 1 && form.level.is_empty() {
            options.insert(0, (String::new(), self.asking.text("users-level-choose")));
        }
        chrome::page(&NewPage {
            t: self.asking.texts(),
            chrome: self.asking.chrome("nav-users"),
            form,
            errors,
            level_name: level_name.to_owned(),
            are_named: places.are_named,
            levels: options,
            subsidiaries,
        })
    }
}
