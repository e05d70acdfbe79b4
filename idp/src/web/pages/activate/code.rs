//! The code that proves the phone. The right one uses the link up.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header::SET_COOKIE},
    response::{AppendHeaders, IntoResponse as _, Redirect, Response},
};
use portal_core::{
    account::Channel,
    audit::{AuditAction, AuditActor, AuditEvent},
    login::Code,
    permission::Actor,
    phone::PhoneNumber,
    terms::Document,
};
use serde_json::json;
use storage::Account;

use super::{
    password::{Visit, to_code},
    waiting::{OpenLink, Sent, Waiting},
};
use crate::{
    App,
    administration::{Administration, AdministrationError, Proof},
    texts::Texts,
    web::{
        browser::Browser,
        chrome::{self, Chrome},
        cookie::Cookie,
        error::PageError,
        form::OwnForm,
        request_id::RequestContext,
        visitor::CurrentSession,
    },
};

#[derive(Template)]
#[template(path = "activate/code.html")]
struct CodePage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    phone: String,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "activate/done.html")]
struct DonePage<'a> {
    t: &'a Texts,
    chrome: Chrome,
}

/// `GET /activate/code`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    (CurrentSession(live), headers): (CurrentSession, HeaderMap),
) -> Result<Response, PageError> {
    let sid = live.map(|live| live.session.sid);
    let visit = Visit { app: &app, browser: &browser, context: &context, sid };
    match find(&visit, &headers).await? {
        Some((waiting, link)) => {
            let is_over = !waiting.is_open(&link.account.user.phone, app.now());
            page(&visit, &link.account, is_over.then_some("activate-code-over"))
        }
        None => visit.dead(),
    }
}

/// `POST /activate/code`.
pub(super) async fn submit(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    (CurrentSession(live), headers): (CurrentSession, HeaderMap),
    form: OwnForm,
) -> Result<Response, PageError> {
    form.only(&["code"], &[])?;
    let sid = live.map(|live| live.session.sid);
    let visit = Visit { app: &app, browser: &browser, context: &context, sid };
    let Some((waiting, link)) = find(&visit, &headers).await? else {
        return visit.dead();
    };
    let Some(code) = Code::parse(form.get("code")) else {
        return page(&visit, &link.account, Some("code-malformed"));
    };
    let phone = &link.account.user.phone;
    match waiting.compare(&app, (phone, &code)).await? {
        Some(true) => activate(&visit, &waiting, phone).await,
        Some(false) => {
            refuse(&visit, &link.account).await?;
            page(&visit, &link.account, Some("activate-code-wrong"))
        }
        None => page(&visit, &link.account, Some("activate-code-over")),
    }
}

/// `POST /activate/resend`: another code, by the channel that was chosen. The one before is dead (I3).
pub(super) async fn resend(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    (CurrentSession(live), headers): (CurrentSession, HeaderMap),
    form: OwnForm,
) -> Result<Response, PageError> {
    form.only(&["channel"], &[])?;
    let sid = live.map(|live| live.session.sid);
    let visit = Visit { app: &app, browser: &browser, context: &context, sid };
    let channel = Channel::parse(form.get("channel")).ok_or(PageError::BadRequest)?;
    let Some((waiting, link)) = find(&visit, &headers).await? else {
        return visit.dead();
    };
    let hash = &waiting.proof.password_hash;
    match link.send_code(&app, &browser, channel, hash).await? {
        Sent::Code(secret) => Ok(to_code(&app, &secret)),
        Sent::NotTaken => page(&visit, &link.account, Some("activate-not-sent")),
        Sent::TooMany => page(&visit, &link.account, Some("activate-too-many")),
    }
}

/// `GET /activate/done`: on to sign-in.
pub(super) async fn done(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
) -> Result<Response, PageError> {
    let chrome = Chrome::public(&app, &browser, &context, None);
    chrome::page(&DonePage { t: &context.texts, chrome })
}

async fn find(
    visit: &Visit<'_>,
    headers: &HeaderMap,
) -> Result<Option<(Waiting, OpenLink)>, PageError> {
    let Some(waiting) = Waiting::find(visit.app, visit.browser, headers).await? else {
        return Ok(None);
    };
    let link = OpenLink::find_digest(visit.app, &waiting.proof.link).await?;
    Ok(link.map(|link| (waiting, link)))
}

/// The link is used up, and the account is in use. The person proves it all: nobody else acts.
async fn activate(
    visit: &Visit<'_>,
    waiting: &Waiting,
    phone: &PhoneNumber,
) -> Result<Response, PageError> {
    let app = visit.app;
    let administration = Administration {
        store: &app.store,
        actor: &Actor::Setup,
        now: app.now(),
        origin: visit.context.origin(),
    };
    let proof = Proof {
        link: waiting.proof.link,
        purpose: waiting.proof.purpose(),
        user: waiting.user,
        phone: Some(phone),
        password_hash: &waiting.proof.password_hash,
        terms: app.terms.version(Document::EndUsers),
    };
    match administration.use_link(&proof).await {
        Ok(()) => {
            let clear = Cookie::Activation.clear(&app.issuer);
            let cookies = AppendHeaders([(SET_COOKIE, clear)]);
            Ok((cookies, Redirect::to("/activate/done")).into_response())
        }
        Err(AdministrationError::Missing(_)) => visit.dead(),
        Err(error) => Err(error.into()),
    }
}

async fn refuse(visit: &Visit<'_>, account: &Account) -> Result<(), PageError> {
    let event = AuditEvent {
        at: visit.app.now(),
        actor: AuditActor::Anonymous,
        action: AuditAction::CodeRefused,
        object: format!("user:{}", account.user.id),
        level_id: Some(account.level.id),
        detail: json!({ "reason": "wrong code of an activation" }),
        origin: visit.context.origin(),
    };
    let tx = visit.app.store.begin().await?;
    tx.append_audit(&event).await?;
    Ok(tx.commit().await?)
}

fn page(visit: &Visit<'_>, account: &Account, error: Option<&str>) -> Result<Response, PageError> {
    let page = chrome::page(&CodePage {
        t: &visit.context.texts,
        chrome: visit.chrome(),
        phone: account.user.phone.masked(),
        error: error.map(|key| visit.context.texts.msg(key)),
    })?;
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, page).into_response())
}
