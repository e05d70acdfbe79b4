//! Editing a user (manual §3, §5): Personal Details, and the Roles below them. Whoever is no user administrator sees
//! the details read-only (E16), and a crafted request that carries some is refused (I12).

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{account::NewUser, permission::Action, phone::PhoneNumber};
use storage::Account;

use super::{
    Rights,
    form::{UserErrors, UserForm},
    place,
};
use crate::{
    App,
    administration::{AdministrationError, UserSave},
    invitation::FreshLink,
    notify::Message,
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        form::OwnForm,
        roles_section::RolesSection,
    },
};

/// A field that somebody else changed while the form was open, with what is stored now.
struct DifferenceView {
    label: String,
    stored: String,
}

#[derive(Template)]
#[template(path = "users/edit.html")]
struct EditPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    id: String,
    name: String,
    version: i64,
    form: &'a UserForm,
    errors: UserErrors,
    differences: Vec<DifferenceView>,
    is_stale: bool,
    may_modify: bool,
    levels: Vec<(String, String)>,
    subsidiaries: Vec<(String, String)>,
    level_name: String,
    subsidiary_name: String,
    self_registered_text: String,
    section: Option<RolesSection>,
}

/// What both requests begin with.
struct Editing {
    asking: Asking,
    account: Account,
    rights: Rights,
}

/// `GET /users/{id}/edit`.
pub(super) async fn show(asking: Asking, Path(id): Path<String>) -> Result<Response, PageError> {
    let editing = Editing::begin(asking, &id).await?;
    let form = UserForm::of(&editing.account);
    editing.page(&form, UserErrors::default(), None).await
}

/// `POST /users/{id}/edit`.
pub(super) async fn submit(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let editing = Editing::begin(asking, &id).await?;
    if !editing.rights.modify {
        return Err(PageError::Forbidden);
    }
    let typed = UserForm::read(&form, &["version"])?;
    let version: i64 = form.get("version").parse().map_err(|_| PageError::BadRequest)?;
    let kept = editing.account.user.expires_on;
    match typed.parse(editing.asking.app.now(), kept, editing.asking.texts()) {
        Ok(details) => editing.save(&typed, (version, details)).await,
        Err(errors) => {
            let page = editing.page(&typed, *errors, None).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

impl Editing {
    async fn begin(asking: Asking, id: &str) -> Result<Self, PageError> {
        let account = asking.account(id, Action::ViewUser).await?;
        let rights = Rights::over(&asking, &account);
        if !rights.edit() {
            return Err(PageError::Forbidden);
        }
        Ok(Self { asking, account, rights })
    }

    async fn save(
        &self,
        typed: &UserForm,
        (version, details): (i64, NewUser),
    ) -> Result<Response, PageError> {
        let (app, texts, user) = (&self.asking.app, self.asking.texts(), &self.account.user);
        let link = FreshLink::draw(app);
        let save = UserSave { version, details, link: link.digest };
        let administration = self.asking.administration();
        let modified = match administration.modify_user(user.id, &save).await {
            Ok(modified) => modified,
            Err(AdministrationError::Stale) => return self.stale(typed).await,
            Err(error) => {
                let errors = UserErrors::of_refusal(error, texts)?;
                let page = self.page(typed, errors, None).await?;
                return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
            }
        };
        if let Some(number) = &modified.was_number {
            tell_old_number(app, number, &user.locale).await;
        }
        let done = match &modified.send {
            None if modified.is_dormant => "saved-dormant",
            None => "saved",
            Some((to, purpose)) => {
                let is_sent = link.send(app, to, *purpose, &user.locale).await;
                match (is_sent, modified.is_dormant) {
                    (true, true) => "saved-link-dormant",
                    (true, false) => "saved-link",
                    (false, _) => "saved-unsent",
                }
            }
        };
        Ok(Redirect::to(&format!("/users/{}?done={done}", user.id)).into_response())
    }

    /// Somebody else saved meanwhile: the form keeps what was typed and says what is stored now (E22).
    async fn stale(&self, typed: &UserForm) -> Result<Response, PageError> {
        let account = self.asking.app.store.find_account(self.account.user.id).await?;
        let account = account.ok_or(PageError::NotFound)?;
        let stored = UserForm::of(&account);
        let page = self.page(typed, UserErrors::default(), Some((&account, &stored))).await?;
        Ok((StatusCode::CONFLICT, page).into_response())
    }

    async fn page(
        &self,
        form: &UserForm,
        errors: UserErrors,
        stored: Option<(&Account, &UserForm)>,
    ) -> Result<Response, PageError> {
        let (asking, user) = (&self.asking, &self.account.user);
        let (app, texts, sight) = (&asking.app, asking.texts(), asking.sight(Action::ViewUser));
        let levels = place::options(app, &sight, &self.account.level).await?;
        let subsidiaries = place::subsidiaries(app, &levels).await?;
        let levels: Vec<_> = levels.iter().map(place::option).collect();
        let differences = stored.map_or_else(Vec::new, |(_, stored)| {
            differences(form, stored, (&levels, &subsidiaries), texts)
        });
        let section = RolesSection::load(asking, &self.account).await?;
        let subsidiary = self.account.subsidiary.as_ref().map(|s| s.short_name.clone());
        let registered = if user.self_registered { "users-yes" } else { "users-no" };
        chrome::page(&EditPage {
            t: texts,
            chrome: asking.chrome("nav-users"),
            id: user.id.to_string(),
            name: user.display_name(),
            version: stored.map_or(user.version, |(account, _)| account.user.version),
            form,
            errors,
            differences,
            is_stale: stored.is_some(),
            may_modify: self.rights.modify,
            levels,
            subsidiaries,
            level_name: self.account.level.name.clone(),
            subsidiary_name: subsidiary.unwrap_or_default(),
            self_registered_text: texts.msg(registered),
            section,
        })
    }
}

type Choices<'a> = (&'a [(String, String)], &'a [(String, String)]);

fn differences(
    typed: &UserForm,
    stored: &UserForm,
    (levels, subsidiaries): Choices<'_>,
    texts: &Texts,
) -> Vec<DifferenceView> {
    let named = |choices: &[(String, String)], id: &str| {
        choices.iter().find(|(known, _)| known == id).map(|(_, name)| name.clone())
    };
    let all = [
        ("users-first-name", &typed.first_name, &stored.first_name, None),
        ("users-last-name", &typed.last_name, &stored.last_name, None),
        ("users-email", &typed.email, &stored.email, None),
        ("users-phone-number", &typed.phone_number, &stored.phone_number, None),
        ("users-company-id", &typed.company_id, &stored.company_id, None),
        (
            "users-expiration-date",
            &typed.account_expiration_date,
            &stored.account_expiration_date,
            None,
        ),
        ("users-level", &typed.level, &stored.level, named(levels, &stored.level)),
        (
            "users-subsidiary",
            &typed.subsidiary,
            &stored.subsidiary,
            named(subsidiaries, &stored.subsidiary),
        ),
    ];
    all.into_iter()
        .filter(|(_, typed, stored, _)| typed != stored)
        .map(|(key, _, stored, name)| DifferenceView {
            label: texts.msg(key),
            stored: name.unwrap_or_else(|| stored.clone()),
        })
        .map(|view| {
            if view.stored.is_empty() {
                DifferenceView { stored: texts.msg("users-empty-value"), ..view }
            } else {
                view
            }
        })
        .collect()
}

/// Whoever has the number that was replaced hears of it, whether or not that is the person (I28). The change is made;
/// a gateway that does not take it changes nothing.
async fn tell_old_number(app: &App, number: &PhoneNumber, locale: &str) {
    let text = Texts::for_locale(locale).msg("sms-number-replaced");
    if let Err(error) = app.gateway.send(Message::Text { to: number.clone(), text }).await {
        tracing::warn!(%error, "the old number was not told");
    }
}
