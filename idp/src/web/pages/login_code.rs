//! Login step two: the six-digit code (manual §1, Fig. 2), and both ways to ask for another.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::{
        HeaderMap, StatusCode,
        header::{CONTENT_SECURITY_POLICY, SET_COOKIE},
    },
    response::{AppendHeaders, IntoResponse as _, Redirect, Response},
};
use portal_core::{
    account::{Channel, Standing},
    audit::{AuditAction, AuditActor, AuditEvent},
    login::{Code, Ended, Event, Next, PasswordProved},
    session::{self, ACR_TWO_FACTOR},
};
use serde_json::json;
use storage::{CodeClaim, LoginDigest, NewSession};

use super::{target, waiting_client};
use crate::{
    App, entropy, secrets,
    texts::Texts,
    web::{
        browser::Browser,
        chrome::{self, Chrome},
        cookie::Cookie,
        error::PageError,
        form::OwnForm,
        headers as policy,
        request_id::RequestContext,
        visitor::CurrentSession,
    },
};

#[derive(Template)]
#[template(path = "login_code.html")]
struct CodePage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    channel_is_voice: bool,
    masked_phone: String,
    seconds_left: i64,
    error: Option<String>,
    client_name: Option<String>,
    restart_url: String,
}

/// What every request of step two begins with.
struct Step<'a> {
    app: &'a App,
    browser: &'a Browser,
    context: &'a RequestContext,
    digest: LoginDigest,
    login: PasswordProved,
}

/// `GET /login/code`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    CurrentSession(live): CurrentSession,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let Some(step) = Step::load(&app, &browser, &context, &headers).await? else {
        return Ok(Redirect::to("/login").into_response());
    };
    let sid = live.map(|live| live.session.sid);
    step.page(None, sid.as_deref()).await
}

/// `POST /login/code`.
pub(super) async fn submit(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    (CurrentSession(live), headers): (CurrentSession, HeaderMap),
    form: OwnForm,
) -> Result<Response, PageError> {
    let Some(mut step) = Step::load(&app, &browser, &context, &headers).await? else {
        return Ok(Redirect::to("/login").into_response());
    };
    let sid = live.map(|live| live.session.sid);
    if let Next::Restart(_) = step.login.next(Event::Opened, app.now()) {
        return Ok(Redirect::to("/login").into_response());
    }
    let Some(code) = Code::parse(form.get("code")) else {
        return step.page(Some("code-malformed"), sid.as_deref()).await;
    };
    let Some(is_right) = step.compare(&code).await? else {
        return Ok(Redirect::to("/login").into_response());
    };
    match step.login.next(Event::Compared { is_right }, app.now()) {
        Next::SignIn => step.sign_in(sid.as_deref()).await,
        Next::WrongCode { .. } | Next::AskCode { .. } => {
            step.page(Some("code-wrong"), sid.as_deref()).await
        }
        Next::Restart(ended) => {
            step.end(ended).await?;
            Ok(Redirect::to("/login").into_response())
        }
    }
}

/// `POST /login/resend`: restarts the login; the channel becomes the default (manual §1).
pub(super) async fn resend(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    headers: HeaderMap,
    form: OwnForm,
) -> Result<Response, PageError> {
    let channel = Channel::parse(form.get("channel")).ok_or(PageError::BadRequest)?;
    let Some(step) = Step::load(&app, &browser, &context, &headers).await? else {
        return Ok(Redirect::to("/login").into_response());
    };
    if let Next::Restart(ended) = step.login.next(Event::Resend(channel), app.now()) {
        let tx = app.store.begin().await?;
        if tx.end_login(&step.digest, ended, app.now()).await? {
            tx.set_default_channel(step.login.user_id, channel).await?;
        }
        tx.commit().await?;
    }
    Ok(Redirect::to("/login").into_response())
}

impl<'a> Step<'a> {
    async fn load(
        app: &'a App,
        browser: &'a Browser,
        context: &'a RequestContext,
        headers: &HeaderMap,
    ) -> Result<Option<Self>, PageError> {
        let Some(cookie) = Cookie::Login.read(headers, &app.issuer) else {
            return Ok(None);
        };
        let digest = LoginDigest { login: secrets::digest(&cookie), browser: browser.digest };
        let found = app.store.find_login(&digest).await?;
        Ok(found.map(|(login, _)| Self { app, browser, context, digest, login }))
    }

    /// Step two, or step one when this login is over.
    async fn page(&self, error: Option<&str>, sid: Option<&str>) -> Result<Response, PageError> {
        let Next::AskCode { seconds_left } = self.login.next(Event::Opened, self.app.now()) else {
            return Ok(Redirect::to("/login").into_response());
        };
        let account =
            self.app.store.find_account(self.login.user_id).await?.ok_or(PageError::NotFound)?;
        let client = waiting_client::find(self.app, self.browser, &self.login.target).await?;
        let mut chrome = Chrome::public(self.app, self.browser, self.context, None);
        chrome.csrf_token = self.app.server_keys.csrf_token(&self.browser.digest, sid);
        let page = CodePage {
            t: &self.context.texts,
            chrome,
            channel_is_voice: self.login.channel == Channel::Voice,
            masked_phone: account.user.phone.masked(),
            seconds_left,
            error: error.map(|key| self.context.texts.msg(key)),
            client_name: client.as_ref().map(|client| client.name.clone()),
            restart_url: target::restart_address(&self.login.target),
        };
        let status =
            if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        let origin = client.and_then(|client| client.origin);
        let policy = [(CONTENT_SECURITY_POLICY, policy::policy_leading_to(origin.as_deref()))];
        Ok((status, policy, chrome::page(&page)?).into_response())
    }

    /// Claims a try, then compares; `None` when there is nothing to compare with any more. A wrong code is in the
    /// audit trail, like every failure (I25).
    async fn compare(&mut self, code: &Code) -> Result<Option<bool>, PageError> {
        let (app, now) = (self.app, self.app.now());
        let tx = app.store.begin().await?;
        let claim = tx.claim_code_try(&self.digest, self.login.user_id, now).await?;
        let is_right = match claim {
            CodeClaim::Granted(login, mac) => {
                self.login = login;
                app.server_keys.is_code(&self.digest, code, &mac)
            }
            CodeClaim::LoginOver => return Ok(None),
            CodeClaim::AccountLocked => {
                tx.end_login(&self.digest, Ended::Locked, now).await?;
                tx.commit().await?;
                return Ok(None);
            }
        };
        if !is_right {
            tx.append_audit(
                &self.event(AuditAction::CodeRefused, json!({ "tries": self.login.tries })),
            )
            .await?;
        }
        tx.commit().await?;
        Ok(Some(is_right))
    }

    /// Both factors are proved: the login is used up, and a session begins, in one transaction.
    async fn sign_in(&self, old_sid: Option<&str>) -> Result<Response, PageError> {
        let (app, now, user_id) = (self.app, self.app.now(), self.login.user_id);
        let account = app.store.find_account(user_id).await?.ok_or(PageError::NotFound)?;
        if account.standing(now) != Standing::Good {
            self.end(Ended::Locked).await?;
            return Ok(Redirect::to("/login").into_response());
        }
        let cookie = entropy::secret(app.entropy.as_ref(), "se_");
        let session = NewSession {
            digest: secrets::digest(&cookie),
            sid: entropy::secret(app.entropy.as_ref(), "sid_"),
            user_id,
            acr: ACR_TWO_FACTOR,
            amr: session::amr_of(self.login.channel),
        };
        let tx = app.store.begin().await?;
        if !tx.end_login(&self.digest, Ended::SignedIn, now).await? {
            return Ok(Redirect::to("/login").into_response());
        }
        tx.clear_code_failures(user_id).await?;
        if let Some(sid) = old_sid {
            tx.end_session(sid, now).await?;
        }
        tx.insert_session(&session, now).await?;
        tx.remember_device(&self.browser.digest, user_id, now).await?;
        tx.append_audit(
            &self.event(
                AuditAction::LoginSucceeded,
                json!({ "amr": session.amr, "sid": session.sid }),
            ),
        )
        .await?;
        tx.commit().await?;
        let cookies = AppendHeaders([
            (SET_COOKIE, Cookie::Session.set(&cookie, &app.issuer)),
            (SET_COOKIE, Cookie::Login.clear(&app.issuer)),
        ]);
        Ok((cookies, Redirect::to(&target::address(&self.login.target))).into_response())
    }

    async fn end(&self, ended: Ended) -> Result<(), PageError> {
        let tx = self.app.store.begin().await?;
        tx.end_login(&self.digest, ended, self.app.now()).await?;
        Ok(tx.commit().await?)
    }

    fn event(&self, action: AuditAction, detail: serde_json::Value) -> AuditEvent {
        AuditEvent {
            at: self.app.now(),
            actor: AuditActor::User(self.login.user_id),
            action,
            object: format!("user:{}", self.login.user_id),
            level_id: None,
            detail,
            origin: self.context.origin(),
        }
    }
}
