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
use storage::{Account, CodeClaim, LoginDigest, NewSession, StorageError, Transaction};

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
    account: Account,
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
    form.only(&["code"], &[])?;
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
    form.only(&["channel"], &[])?;
    let channel = Channel::parse(form.get("channel")).ok_or(PageError::BadRequest)?;
    let Some(step) = Step::load(&app, &browser, &context, &headers).await? else {
        return Ok(Redirect::to("/login").into_response());
    };
    if let Next::Restart(ended) = step.login.next(Event::Resend(channel), app.now()) {
        step.restart(ended, channel).await?;
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
        let Some((login, _)) = app.store.find_login(&digest).await? else {
            return Ok(None);
        };
        let account = app.store.find_account(login.user_id).await?;
        Ok(account.map(|account| Self { app, browser, context, digest, login, account }))
    }

    /// Step two, or step one when this login is over.
    async fn page(&self, error: Option<&str>, sid: Option<&str>) -> Result<Response, PageError> {
        let Next::AskCode { seconds_left } = self.login.next(Event::Opened, self.app.now()) else {
            return Ok(Redirect::to("/login").into_response());
        };
        let client = waiting_client::find(self.app, self.browser, &self.login.target).await?;
        let context = waiting_client::in_its_language(self.context, client.as_ref());
        let mut chrome = Chrome::public(self.app, self.browser, &context, None);
        chrome.csrf_token = self.app.server_keys.csrf_token(&self.browser.digest, sid);
        let page = CodePage {
            t: &context.texts,
            chrome,
            channel_is_voice: self.login.channel == Channel::Voice,
            masked_phone: self.account.user.phone.masked(),
            seconds_left,
            error: error.map(|key| context.texts.msg(key)),
            client_name: client.as_ref().map(|client| client.view.name.clone()),
            restart_url: target::restart_address(&self.login.target),
        };
        let status =
            if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        let origin = client.and_then(|client| client.origin);
        let policy = [(CONTENT_SECURITY_POLICY, policy::policy_leading_to(origin.as_ref()))];
        Ok((status, policy, chrome::page(&page)?).into_response())
    }

    /// Claims a try, then compares; `None` when there is nothing to compare with any more. Failures are in the audit
    /// trail (I25).
    async fn compare(&mut self, code: &Code) -> Result<Option<bool>, PageError> {
        let (app, now) = (self.app, self.app.now());
        let tx = app.store.begin().await?;
        let (login, mac) = match tx.claim_code_try(&self.digest, self.login.user_id, now).await? {
            CodeClaim::Granted(login, mac) => (login, mac),
            CodeClaim::LoginOver => return Ok(None),
            CodeClaim::AccountLocked => {
                tx.end_login(&self.digest, Ended::Locked, now).await?;
                tx.append_audit(&self.refusal("locked")).await?;
                tx.commit().await?;
                return Ok(None);
            }
        };
        self.login = login;
        let is_right = app.server_keys.is_code(&self.digest, code, &mac);
        if !is_right {
            tx.append_audit(&self.refusal("wrong code")).await?;
        }
        tx.commit().await?;
        Ok(Some(is_right))
    }

    /// Both factors are proved: the login is used up, and a session begins, in one transaction. The person's row
    /// comes first, as in every transaction that touches logins or sessions.
    async fn sign_in(&self, old_sid: Option<&str>) -> Result<Response, PageError> {
        let (app, now, user_id) = (self.app, self.app.now(), self.login.user_id);
        if self.account.standing(now) != Standing::Good {
            self.end(Ended::Locked).await?;
            return Ok(Redirect::to("/login").into_response());
        }
        let cookie = entropy::secret(app.entropy.as_ref(), "se_");
        let mut session = NewSession {
            digest: secrets::digest(&cookie),
            sid: entropy::secret(app.entropy.as_ref(), "sid_"),
            user_id,
            acr: ACR_TWO_FACTOR,
            amr: session::amr_of(self.login.channel),
        };
        let tx = app.store.begin().await?;
        tx.note_login(user_id, now).await?;
        if !tx.end_login(&self.digest, Ended::SignedIn, now).await? {
            return Ok(Redirect::to("/login").into_response());
        }
        tx.clear_code_failures(user_id).await?;
        let replaced = self.begin_session(&tx, &mut session, old_sid).await?;
        tx.remember_device(&self.browser.digest, user_id, now).await?;
        let detail = json!({
            "amr": session.amr,
            "sid": session.sid,
            "replaced_sid": replaced,
        });
        let event = self.event(AuditAction::LoginSucceeded, detail);
        tx.append_audit(&AuditEvent { actor: AuditActor::User(user_id), ..event }).await?;
        tx.commit().await?;
        let cookies = AppendHeaders([
            (SET_COOKIE, Cookie::Session.set(&cookie, &app.issuer)),
            (SET_COOKIE, Cookie::Login.clear(&app.issuer)),
        ]);
        Ok((cookies, Redirect::to(&target::address(&self.login.target))).into_response())
    }

    /// The same person in the same browser goes on under the name that relying parties know, with a new cookie
    /// (security.md 49): to prove both factors again is no sign-out. The session of anybody else ends; its name is
    /// returned.
    async fn begin_session<'s>(
        &self,
        tx: &Transaction,
        session: &mut NewSession,
        old_sid: Option<&'s str>,
    ) -> Result<Option<&'s str>, StorageError> {
        let now = self.app.now();
        if let Some(old_sid) = old_sid {
            let continued = NewSession { sid: old_sid.to_owned(), ..session.clone() };
            if tx.reauthenticate_session(&continued, now).await? {
                *session = continued;
                return Ok(None);
            }
        }
        tx.insert_session(session, now).await?;
        match old_sid {
            Some(old_sid) if tx.end_session(old_sid, now).await? => Ok(Some(old_sid)),
            _ => Ok(None),
        }
    }

    /// Ends the login for another code. The channel is chosen by somebody who proved the password (O13).
    async fn restart(&self, ended: Ended, channel: Channel) -> Result<(), PageError> {
        let (app, now) = (self.app, self.app.now());
        let tx = app.store.begin().await?;
        if ended != Ended::by_resend(channel) {
            tx.end_login(&self.digest, ended, now).await?;
            return Ok(tx.commit().await?);
        }
        tx.set_default_channel(self.login.user_id, channel).await?;
        if tx.end_login(&self.digest, ended, now).await? {
            let detail = json!({ "channel": channel.as_str() });
            tx.append_audit(&self.event(AuditAction::DefaultChannelChanged, detail)).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn end(&self, ended: Ended) -> Result<(), PageError> {
        let tx = self.app.store.begin().await?;
        if tx.end_login(&self.digest, ended, self.app.now()).await? {
            tx.append_audit(&self.refusal(ended.as_str())).await?;
        }
        Ok(tx.commit().await?)
    }

    fn refusal(&self, reason: &str) -> AuditEvent {
        self.event(AuditAction::CodeRefused, json!({ "reason": reason, "tries": self.login.tries }))
    }

    /// Until both factors are proved, nobody is known to act.
    fn event(&self, action: AuditAction, detail: serde_json::Value) -> AuditEvent {
        AuditEvent {
            at: self.app.now(),
            actor: AuditActor::Anonymous,
            action,
            object: format!("user:{}", self.login.user_id),
            level_id: Some(self.account.level.id),
            detail,
            origin: self.context.origin(),
        }
    }
}
