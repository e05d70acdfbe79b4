//! Login step one: e-mail and password (manual §1, Fig. 1). Also where every restart arrives.

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
    email::EmailKey,
    id::UserId,
    login::{self, Code, Ended, Event, Next, PortalPage, Refusal, StepOne, Target},
    password,
};
use serde::Deserialize;
use serde_json::json;
use storage::{Account, Digest, LoginDigest, NewLogin, PasswordClaim};
use uuid::Uuid;

use super::{password_source, target, waiting_client};
use crate::{
    App, entropy, notify,
    notify::Message,
    secrets,
    texts::Texts,
    web::{
        browser::Browser,
        chrome::{self, Chrome},
        client_view::ClientView,
        cookie::Cookie,
        error::PageError,
        form::OwnForm,
        headers::policy_with,
        query::Query,
        request_id::RequestContext,
        visitor::CurrentSession,
    },
};

/// A restart is explained for this long after the code was sent; later visits begin afresh.
const NOTICE_SECONDS: i64 = 15 * 60;

/// Where the login is to lead, in the address of the page.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    request: Option<String>,
    page: Option<String>,
    again: Option<String>,
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    email: String,
    error: Option<String>,
    notice: Option<String>,
    request: Option<String>,
    client: Option<ClientView>,
    page: Option<String>,
    again: Option<String>,
    /// The channel to offer when a code could not be sent over the other one.
    offer: Option<&'static str>,
}

impl LoginPage<'_> {
    fn lead_to(&mut self, target: &Target) {
        match target {
            Target::AuthorizationRequest(id) => self.request = Some(id.clone()),
            Target::Page(PortalPage::Apps) => {}
            Target::Again(address) => self.again = Some(address.as_str().to_owned()),
            Target::Page(page) => self.page = Some(page.as_str().to_owned()),
        }
    }

    /// The page; its policy lets in the logo of the waiting client, where there is one.
    fn show(&self) -> Result<Response, PageError> {
        let picture = self.client.as_ref().and_then(ClientView::logo_source);
        let policy = [(CONTENT_SECURITY_POLICY, policy_with(None, picture.as_ref()))];
        Ok((policy, chrome::page(self)?).into_response())
    }
}

/// `GET /login`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    CurrentSession(live): CurrentSession,
    (headers, Query(wanted)): (HeaderMap, Query<Wanted>),
) -> Result<Response, PageError> {
    let named =
        target::named(wanted.request.as_deref(), wanted.page.as_deref(), wanted.again.as_deref());
    let wanted = named.clone().unwrap_or(Target::Page(PortalPage::Apps));
    if let Some(live) = &live
        && target::leads_on(&wanted, live, app.now())
    {
        return Ok(Redirect::to(&target::address(&wanted)).into_response());
    }
    let before = earlier_login(&app, &browser, &headers).await?;
    let target = named.or_else(|| before.as_ref().map(|b| b.target.clone()));
    let target = target.unwrap_or(Target::Page(PortalPage::Apps));
    let client = waiting_client::find(&app, &browser, &target).await?;
    let context = waiting_client::in_its_language(&context, client.as_ref());
    let is_lost = client.is_none() && matches!(target, Target::AuthorizationRequest(_));
    let notice =
        if is_lost { Some("login-request-lost") } else { before.as_ref().and_then(|b| b.notice) };
    // Who is asked for a fresh sign-in is known, and is told why.
    let known = live.as_ref().filter(|_| matches!(target, Target::Again(_)));
    let notice = if known.is_some() { Some("login-again-fresh") } else { notice };
    let hint = client.as_ref().and_then(|client| client.login_hint.clone());
    let hint = known.map(|live| live.account.user.email.clone()).or(hint);
    // Who came back to this very login typed an address already.
    let typed = before.as_ref().filter(|b| hint.is_none() || b.target == target);
    let mut page = LoginPage {
        t: &context.texts,
        chrome: Chrome::public(&app, &browser, &context, live.as_ref().map(|live| &live.session)),
        offer: before.as_ref().and_then(|b| b.offer),
        email: typed.map(|b| b.email.clone()).or(hint).unwrap_or_default(),
        error: None,
        notice: notice.map(|key| context.texts.msg(key)),
        request: None,
        client: client.map(|client| client.view),
        page: None,
        again: None,
    };
    if !is_lost {
        page.lead_to(&target);
    }
    page.show()
}

/// `POST /login`.
pub(super) async fn submit(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    CurrentSession(live): CurrentSession,
    form: OwnForm,
) -> Result<Response, PageError> {
    form.only(&["request", "page", "again", "email", "password"], &[])?;
    let target = target::named(form.find("request"), form.find("page"), form.find("again"))
        .unwrap_or(Target::Page(PortalPage::Apps));
    let attempt = Attempt { app: &app, browser: &browser, context: &context, target: &target };
    let error = match attempt.run(form.get("email"), form.get("password")).await? {
        Outcome::CodeSent(cookie) => {
            let headers = AppendHeaders([(SET_COOKIE, Cookie::Login.set(&cookie, &app.issuer))]);
            return Ok((headers, Redirect::to("/login/code")).into_response());
        }
        Outcome::CodeNotSent(cookie) => {
            let headers = AppendHeaders([(SET_COOKIE, Cookie::Login.set(&cookie, &app.issuer))]);
            return Ok((headers, Redirect::to("/login")).into_response());
        }
        Outcome::Refused(key) => key,
    };
    let client = waiting_client::find(&app, &browser, &target).await?;
    let context = waiting_client::in_its_language(&context, client.as_ref());
    let mut page = LoginPage {
        t: &context.texts,
        chrome: Chrome::public(&app, &browser, &context, live.as_ref().map(|live| &live.session)),
        email: form.get("email").trim().to_owned(),
        offer: None,
        error: Some(context.texts.msg(error)),
        notice: None,
        request: None,
        client: client.map(|client| client.view),
        page: None,
        again: None,
    };
    page.lead_to(&target);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page.show()?).into_response())
}

/// What an earlier login in this browser leaves to the next one.
struct Earlier {
    email: String,
    target: Target,
    notice: Option<&'static str>,
    offer: Option<&'static str>,
}

async fn earlier_login(
    app: &App,
    browser: &Browser,
    headers: &HeaderMap,
) -> Result<Option<Earlier>, PageError> {
    let Some(cookie) = Cookie::Login.read(headers, &app.issuer) else {
        return Ok(None);
    };
    let digest = LoginDigest { login: secrets::digest(&cookie), browser: browser.digest };
    let now = app.now();
    let Some((login, _)) = app.store.find_login(&digest).await? else {
        return Ok(None);
    };
    let is_recent = now < login.code_sent_at.plus_seconds(NOTICE_SECONDS);
    let notice = match login.next(Event::Opened, now) {
        Next::Restart(ended) if is_recent => notice_key(ended),
        _ => None,
    };
    let offer = (login.ended == Some(Ended::NotSent)).then(|| login.channel.other().as_str());
    Ok(is_recent.then_some(Earlier { email: login.email, target: login.target, notice, offer }))
}

const fn notice_key(ended: Ended) -> Option<&'static str> {
    match ended {
        Ended::SignedIn => None,
        Ended::Expired => Some("code-expired"),
        Ended::ResendSms => Some("resend-restarted-sms"),
        Ended::ResendVoice => Some("resend-restarted-voice"),
        Ended::TooManyTries => Some("code-too-many"),
        Ended::Locked => Some("code-locked"),
        Ended::Superseded => Some("code-superseded"),
        Ended::PasswordChanged => Some("login-again"),
        Ended::NotSent => Some("code-not-sent"),
    }
}

/// How step one ended.
enum Outcome {
    /// The value of the login cookie.
    CodeSent(String),
    /// The same, of a login that ended because the gateway did not take the code.
    CodeNotSent(String),
    /// The key of the error text.
    Refused(&'static str),
}

/// One submission of step one.
struct Attempt<'a> {
    app: &'a App,
    browser: &'a Browser,
    context: &'a RequestContext,
    target: &'a Target,
}

impl Attempt<'_> {
    async fn run(&self, email: &str, typed: &str) -> Result<Outcome, PageError> {
        if email.trim().is_empty() || email.len() > 320 {
            return Ok(Outcome::Refused("login-email-missing"));
        }
        if typed.is_empty() {
            return Ok(Outcome::Refused("login-password-missing"));
        }
        let (app, now, key) = (self.app, self.app.now(), EmailKey::of(email));
        let account = app.store.find_account_by_email(&key).await?;
        let source =
            password_source::of(app, self.browser, self.context, (&key, account.as_ref())).await?;
        let tx = app.store.begin().await?;
        let claim = tx.claim_password_try(&source, now).await?;
        tx.commit().await?;
        if claim == PasswordClaim::Locked {
            self.write_down(self.refusal("source locked", account.as_ref(), &key)).await?;
            return Ok(Outcome::Refused("login-locked"));
        }
        // A password that is too long to be anybody's is compared like any other, as an empty one.
        let normal = password::normalize(typed).unwrap_or_default();
        let hash = account.as_ref().and_then(|a| a.user.password_hash.as_deref());
        let is_right = app.passwords.verify(normal, hash).await?;
        let user = account.as_ref().map_or(UserId(Uuid::nil()), |account| account.user.id);
        let failures = app.store.code_failures(user).await?;
        let facts =
            account.as_ref().map(|account| (&account.user, account.standing(now), failures));
        match (login::step_one(facts, is_right, now), account) {
            (StepOne::SendCode(channel), Some(account)) => {
                self.send_code(&account, channel, email, &source).await
            }
            (StepOne::SendCode(_), None) => Err(PageError::internal("a code without an account")),
            (StepOne::Refuse(reason), account) => self.refuse(reason, account.as_ref(), &key).await,
        }
    }

    async fn send_code(
        &self,
        account: &Account,
        channel: Channel,
        email: &str,
        source: &Digest,
    ) -> Result<Outcome, PageError> {
        let app = self.app;
        let cookie = entropy::secret(app.entropy.as_ref(), "lg_");
        let digest = LoginDigest { login: secrets::digest(&cookie), browser: self.browser.digest };
        let code = Code::draw(|| app.entropy.number());
        let code_mac = app.server_keys.code_mac(&digest, &code);
        let texts = Texts::for_header(&account.user.locale);
        let message = notify::code_message(&texts, channel, account.user.phone.clone(), code);
        let sent = app.gateway.send(message).await;
        let tx = app.store.begin().await?;
        // The password was right, whatever became of the message, unless it was changed in this very moment.
        if !tx.confirm_password(&account.user).await? {
            return Ok(Outcome::Refused("login-refused"));
        }
        tx.clear_password_failures(source).await?;
        let login = NewLogin {
            digest,
            user_id: account.user.id,
            email: email.trim().to_owned(),
            target: self.target.clone(),
            channel,
            code_mac,
            code_sent_at: app.now(),
        };
        tx.insert_login(&login).await?;
        let action = match &sent {
            Ok(()) => AuditAction::CodeSent,
            Err(error) => {
                tracing::warn!(%error, "a code was not taken");
                tx.end_login(&digest, Ended::NotSent, login.code_sent_at).await?;
                AuditAction::CodeNotSent
            }
        };
        let detail = json!({ "channel": channel.as_str() });
        tx.append_audit(&self.event(action, account, detail)).await?;
        tx.commit().await?;
        Ok(if sent.is_ok() { Outcome::CodeSent(cookie) } else { Outcome::CodeNotSent(cookie) })
    }

    /// The same answer whatever the reason; the trail knows it, and the owner of an expired account is told.
    async fn refuse(
        &self,
        reason: Refusal,
        account: Option<&Account>,
        key: &EmailKey,
    ) -> Result<Outcome, PageError> {
        self.write_down(self.refusal(&format!("{reason:?}"), account, key)).await?;
        if let (Refusal::NotInGoodStanding(Standing::Expired), Some(account)) = (reason, account) {
            self.explain_expiry(account);
        }
        Ok(Outcome::Refused("login-refused"))
    }

    /// The screen does not say that an account has expired; a mail to its owner does (E9). It is sent apart, so
    /// that the answer takes no longer.
    fn explain_expiry(&self, account: &Account) {
        let gateway = Arc::clone(&self.app.gateway);
        let text = Texts::for_header(&account.user.locale).msg("mail-account-expired");
        let message = Message::Email { to: account.user.email.clone(), text };
        tokio::spawn(async move {
            if let Err(error) = gateway.send(message).await {
                tracing::warn!(%error, "a mail was not taken");
            }
        });
    }

    async fn write_down(&self, event: AuditEvent) -> Result<(), PageError> {
        let tx = self.app.store.begin().await?;
        tx.append_audit(&event).await?;
        Ok(tx.commit().await?)
    }

    /// An unknown address is written as a digest: people type passwords into this field.
    fn refusal(&self, reason: &str, account: Option<&Account>, key: &EmailKey) -> AuditEvent {
        let detail = json!({ "reason": reason });
        match account {
            Some(account) => self.event(AuditAction::LoginRefused, account, detail),
            None => AuditEvent {
                at: self.app.now(),
                actor: AuditActor::Anonymous,
                action: AuditAction::LoginRefused,
                object: format!(
                    "address:{:02x?}",
                    secrets::digest(key.as_str()).first_chunk::<8>()
                ),
                level_id: None,
                detail,
                origin: self.context.origin(),
            },
        }
    }

    fn event(
        &self,
        action: AuditAction,
        account: &Account,
        detail: serde_json::Value,
    ) -> AuditEvent {
        AuditEvent {
            at: self.app.now(),
            actor: AuditActor::Anonymous,
            action,
            object: format!("user:{}", account.user.id),
            level_id: Some(account.level.id),
            detail,
            origin: self.context.origin(),
        }
    }
}
