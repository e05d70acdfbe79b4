//! "Invite a signatory": the link goes by mail, and nobody else sees it.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{
    email::{Email, EmailError},
    person_name::PersonName,
};
use storage::{Signatory, ThirdParty};

use crate::{
    administration::AdministrationError,
    invitation::FreshLink,
    nomination_mail,
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        form::OwnForm,
    },
};

/// What is wrong, each at its field.
#[derive(Default)]
struct Errors {
    name: Option<String>,
    email: Option<String>,
    form: Option<String>,
}

#[derive(Template)]
#[template(path = "nominations/invite.html")]
struct InvitePage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    id: String,
    third_party: &'a str,
    signatory: &'a str,
    email: &'a str,
    locale: String,
    languages: Vec<(String, String)>,
    no_error: Option<String>,
    errors: Errors,
}

/// `GET /third-parties/{id}/nominations/invite`.
pub(super) async fn show(asking: Asking, Path(id): Path<String>) -> Result<Response, PageError> {
    let third_party = super::load_third_party(&asking, &id).await?;
    page(&asking, &third_party, (["", "", "en"], Errors::default()))
}

/// `POST /third-parties/{id}/nominations/invite`.
pub(super) async fn submit(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let third_party = super::load_third_party(&asking, &id).await?;
    let texts = asking.texts();
    form.only(&["name", "email", "locale"], &[])?;
    let typed = ["name", "email", "locale"].map(|name| form.get(name));
    let refuse = |errors: Errors| -> Result<Response, PageError> {
        let page = page(&asking, &third_party, (typed, errors))?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let signatory = match parse(typed, texts) {
        Ok(signatory) => signatory,
        Err(errors) => return refuse(errors),
    };
    let link = FreshLink::draw(&asking.app);
    let administration = asking.administration();
    match administration.invite_signatory(third_party.id, signatory, link.digest).await {
        Ok(nomination) => {
            let is_sent = nomination_mail::send_now(&asking.app, nomination, Some(link)).await;
            let done = if is_sent { "invited" } else { "link-unsent" };
            Ok(Redirect::to(&format!("/nominations/{nomination}?done={done}")).into_response())
        }
        Err(AdministrationError::Rule(rule)) => {
            refuse(Errors { form: Some(texts.msg(rule.key())), ..Errors::default() })
        }
        Err(error) => Err(error.into()),
    }
}

/// What follows from the address of a signatory that cannot be used.
pub(super) const fn email_key(error: EmailError) -> &'static str {
    match error {
        EmailError::Malformed => "users-error-email",
        EmailError::Shared => "users-error-email-shared",
    }
}

fn parse([name, email, locale]: [&str; 3], texts: &Texts) -> Result<Signatory, Errors> {
    match (PersonName::parse(name), Email::parse(email)) {
        (Ok(name), Ok(email)) => Ok(Signatory {
            name: name.as_str().to_owned(),
            function: String::new(),
            email: email.as_str().to_owned(),
            locale: super::language(locale),
        }),
        (name, email) => Err(Errors {
            name: name.err().map(|_| texts.msg("nomination-signatory-name-missing")),
            email: email.err().map(|error| texts.msg(email_key(error))),
            form: None,
        }),
    }
}

fn page(
    asking: &Asking,
    third_party: &ThirdParty,
    ([name, email, locale], errors): ([&str; 3], Errors),
) -> Result<Response, PageError> {
    chrome::page(&InvitePage {
        t: asking.texts(),
        chrome: asking.chrome("nav-nominations"),
        id: third_party.id.to_string(),
        third_party: &third_party.legal_name,
        signatory: name,
        email,
        locale: super::language(locale),
        languages: super::languages(asking.texts()),
        no_error: None,
        errors,
    })
}
