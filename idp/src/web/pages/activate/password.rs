//! The page that a link opens: password, terms of use, and where to send the code.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, header::SET_COOKIE},
    response::{AppendHeaders, IntoResponse as _, Redirect, Response},
};
use portal_core::{
    account::Channel,
    one_time_link::LinkPurpose,
    password::{NewPassword, PasswordError},
};
use serde::Deserialize;

use super::waiting::{OpenLink, Sent};
use crate::{
    App,
    texts::Texts,
    web::{
        browser::Browser,
        chrome::{self, Chrome},
        cookie::Cookie,
        error::PageError,
        form::OwnForm,
        query::Query,
        request_id::RequestContext,
        visitor::CurrentSession,
    },
};

/// The link of the address.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    link: String,
}

/// What is wrong, each at its field.
#[derive(Default)]
struct Errors {
    password: Option<String>,
    repeat: Option<String>,
    terms: Option<String>,
    form: Option<String>,
}

#[derive(Template)]
#[template(path = "activate/password.html")]
struct PasswordPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    link: &'a str,
    title: String,
    lead: String,
    email: String,
    errors: Errors,
    terms_accepted: bool,
    is_voice: bool,
}

#[derive(Template)]
#[template(path = "activate/dead.html")]
struct DeadPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
}

/// What the requests share.
pub(super) struct Visit<'a> {
    pub(super) app: &'a App,
    pub(super) browser: &'a Browser,
    pub(super) context: &'a RequestContext,
    pub(super) sid: Option<String>,
}

/// `GET /activate?link=…`: nothing is used up.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    CurrentSession(live): CurrentSession,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let sid = live.map(|live| live.session.sid);
    let visit = Visit { app: &app, browser: &browser, context: &context, sid };
    match OpenLink::find(&app, &wanted.link).await? {
        Some(link) => visit.page(&link, &wanted.link, (Errors::default(), false, false)),
        None => visit.dead(),
    }
}

/// The fields of the form. The address stands there for password managers.
const FIELDS: [&str; 6] =
    ["link", "username", "new_password", "repeat_password", "channel", "terms"];

/// `POST /activate`: the password is chosen, and a code is sent.
pub(super) async fn submit(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    CurrentSession(live): CurrentSession,
    form: OwnForm,
) -> Result<Response, PageError> {
    form.only(&FIELDS, &[])?;
    let sid = live.map(|live| live.session.sid);
    let visit = Visit { app: &app, browser: &browser, context: &context, sid };
    let Some(link) = OpenLink::find(&app, form.get("link")).await? else {
        return visit.dead();
    };
    let is_voice = form.get("channel") == "voice";
    let accepted = form.get("terms") == "accepted";
    let refuse = |errors: Errors, is_voice: bool| -> Result<Response, PageError> {
        let page = visit.page(&link, form.get("link"), (errors, accepted, is_voice))?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let password = match visit.check(&link, &form) {
        Ok(password) => password,
        Err(errors) => return refuse(errors, is_voice),
    };
    let hash = app.passwords.hash(password.expose().to_owned()).await?;
    let channel = if is_voice { Channel::Voice } else { Channel::Sms };
    let as_error = |key: &str| Errors { form: Some(context.texts.msg(key)), ..Errors::default() };
    match link.send_code(&app, &browser, channel, &hash).await? {
        Sent::Code(secret) => Ok(to_code(&app, &secret)),
        Sent::NotTaken => refuse(as_error("activate-not-sent"), !is_voice),
        Sent::TooMany => refuse(as_error("activate-too-many"), is_voice),
    }
}

/// On to the code, with the cookie that names the proof.
pub(super) fn to_code(app: &App, secret: &str) -> Response {
    let cookie = Cookie::Activation.set(secret, &app.issuer);
    (AppendHeaders([(SET_COOKIE, cookie)]), Redirect::to("/activate/code")).into_response()
}

impl Visit<'_> {
    /// The password, or what is wrong.
    fn check(&self, link: &OpenLink, form: &OwnForm) -> Result<NewPassword, Errors> {
        let (texts, user) = (&self.context.texts, &link.account.user);
        let typed = form.get("new_password");
        let context = [user.first_name.as_str(), user.last_name.as_str(), user.email.as_str()];
        let password = NewPassword::parse(typed, &context);
        let mut errors = Errors::default();
        match &password {
            _ if typed.is_empty() => errors.password = Some(texts.msg("password-new-missing")),
            Err(reason) => errors.password = Some(texts.msg(refusal_key(*reason))),
            Ok(_) if typed != form.get("repeat_password") => {
                errors.repeat = Some(texts.msg("password-repeat-differs"));
            }
            Ok(_) => {}
        }
        if form.get("terms") != "accepted" {
            errors.terms = Some(texts.msg("activate-terms-missing"));
        }
        let is_right =
            errors.password.is_none() && errors.repeat.is_none() && errors.terms.is_none();
        match password {
            Ok(password) if is_right => Ok(password),
            _ => Err(errors),
        }
    }

    fn page(
        &self,
        link: &OpenLink,
        secret: &str,
        (errors, terms_accepted, is_voice): (Errors, bool, bool),
    ) -> Result<Response, PageError> {
        let (texts, user) = (&self.context.texts, &link.account.user);
        let (title, lead) = match link.purpose {
            LinkPurpose::NewEmail => ("activate-email-title", "activate-email-lead"),
            _ => ("activate-title", "activate-lead"),
        };
        let (name, phone) = (user.display_name(), user.phone.masked());
        chrome::page(&PasswordPage {
            t: texts,
            chrome: self.chrome(),
            link: secret,
            title: texts.msg(title),
            lead: texts.msg_with(lead, [("name", name.as_str()), ("phone", phone.as_str())]),
            email: user.email.clone(),
            errors,
            terms_accepted,
            is_voice,
        })
    }

    /// The link is used or over: whom to ask.
    pub(super) fn dead(&self) -> Result<Response, PageError> {
        let page = chrome::page(&DeadPage { t: &self.context.texts, chrome: self.chrome() })?;
        Ok((StatusCode::GONE, page).into_response())
    }

    pub(super) fn chrome(&self) -> Chrome {
        let mut chrome = Chrome::public(self.app, self.browser, self.context, None);
        let sid = self.sid.as_deref();
        chrome.csrf_token = self.app.server_keys.csrf_token(&self.browser.digest, sid);
        chrome
    }
}

const fn refusal_key(reason: PasswordError) -> &'static str {
    match reason {
        PasswordError::TooShort => "password-too-short",
        PasswordError::TooLong => "password-too-long",
        PasswordError::Common => "password-common",
        PasswordError::Context => "password-context",
    }
}
