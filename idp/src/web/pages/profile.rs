//! Profile, tabs My Apps and Security (manual §2).

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, header::SET_COOKIE},
    response::{AppendHeaders, IntoResponse as _, Response},
};
use portal_core::{
    audit::{AuditAction, AuditActor, AuditEvent},
    email::EmailKey,
    login::Ended,
    password::{self, NewPassword, PasswordError},
    permission::Action,
    session::Session,
};
use serde_json::json;
use storage::PasswordClaim;

use super::{
    own, password_source,
    person::PersonView,
    tiles::{self, Tile},
};
use crate::{
    App, entropy, secrets,
    texts::Texts,
    web::{
        browser::Browser,
        chrome::{self, Chrome},
        cookie::Cookie,
        error::PageError,
        form::OwnForm,
        request_id::RequestContext,
        visitor::SignedIn,
    },
};

/// Errors of the form "Change password", each at its field.
#[derive(Default)]
struct PasswordForm {
    current: Option<String>,
    new: Option<String>,
    repeat: Option<String>,
}

/// A session in the list.
struct SessionView {
    started: String,
    last_seen: String,
    is_current: bool,
}

#[derive(Template)]
#[template(path = "profile.html")]
struct ProfilePage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    tab: &'static str,
    person: PersonView,
    tiles: Vec<Tile>,
    password: PasswordForm,
    notice: Option<String>,
    sessions: Vec<SessionView>,
}

/// `GET /profile`: tab My Apps.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    who: SignedIn,
) -> Result<Response, PageError> {
    own::check(&app, &who, Action::ViewOwnProfile)?;
    let page = ProfilePage {
        t: &context.texts,
        chrome: Chrome::personal(&app, &browser, &context, &who, "profile"),
        tab: "apps",
        person: PersonView::of(&who, &context.texts),
        tiles: tiles::load(&app, &who).await?,
        password: PasswordForm::default(),
        notice: None,
        sessions: Vec::new(),
    };
    chrome::page(&page)
}

/// `GET /profile/security`: tab Security.
pub(super) async fn show_security(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    who: SignedIn,
) -> Result<Response, PageError> {
    own::check(&app, &who, Action::ViewOwnProfile)?;
    let tab = SecurityTab { app: &app, browser: &browser, context: &context, who: &who };
    tab.page(PasswordForm::default(), None).await
}

/// `POST /profile/security`: change password.
pub(super) async fn change_password(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    mut who: SignedIn,
    form: OwnForm,
) -> Result<Response, PageError> {
    own::check(&app, &who, Action::ChangeOwnPassword)?;
    let tab = SecurityTab { app: &app, browser: &browser, context: &context, who: &who };
    let new = match tab.check(&form).await? {
        Ok(new) => new,
        Err(errors) => {
            return Ok(
                (StatusCode::UNPROCESSABLE_ENTITY, tab.page(errors, None).await?).into_response()
            );
        }
    };
    let hash = app.passwords.hash(new.expose().to_owned()).await?;
    let (cookie, session) = tab.apply(&hash).await?;
    who.session = session;
    let tab = SecurityTab { app: &app, browser: &browser, context: &context, who: &who };
    let page =
        tab.page(PasswordForm::default(), Some(context.texts.msg("password-changed"))).await?;
    Ok((AppendHeaders([(SET_COOKIE, Cookie::Session.set(&cookie, &app.issuer))]), page)
        .into_response())
}

/// What the requests of the tab share.
struct SecurityTab<'a> {
    app: &'a App,
    browser: &'a Browser,
    context: &'a RequestContext,
    who: &'a SignedIn,
}

impl SecurityTab<'_> {
    /// The new password, or the errors at the fields. Wrong current passwords are counted with those of sign-in
    /// (security.md 60).
    async fn check(&self, form: &OwnForm) -> Result<Result<NewPassword, PasswordForm>, PageError> {
        let (texts, user) = (&self.context.texts, &self.who.account.user);
        let error = |key: &str| Some(texts.msg(key));
        let current = form.get("current_password");
        let mut errors = PasswordForm::default();
        let context = [user.first_name.as_str(), user.last_name.as_str(), user.email.as_str()];
        let new = NewPassword::parse(form.get("new_password"), &context);
        errors.current = self.refuse_current(current).await?.and_then(error);
        errors.new = match &new {
            _ if form.get("new_password").is_empty() => error("password-new-missing"),
            Err(reason) => error(refusal_key(*reason)),
            Ok(_) if errors.current.is_none() && current == form.get("new_password") => {
                error("password-same")
            }
            Ok(_) => None,
        };
        if errors.new.is_none() && form.get("new_password") != form.get("repeat_password") {
            errors.repeat = error("password-repeat-differs");
        }
        let has_errors =
            errors.current.is_some() || errors.new.is_some() || errors.repeat.is_some();
        Ok(match new {
            Ok(new) if !has_errors => Ok(new),
            _ => Err(errors),
        })
    }

    /// The key of the error at the field, if the password is not the person's present one.
    async fn refuse_current(&self, typed: &str) -> Result<Option<&'static str>, PageError> {
        if typed.is_empty() {
            return Ok(Some("password-current-missing"));
        }
        let (app, account) = (self.app, &self.who.account);
        let key = EmailKey::of(&account.user.email);
        let source =
            password_source::of(app, self.browser, self.context, (&key, Some(account))).await?;
        let tx = app.store.begin().await?;
        let claim = tx.claim_password_try(&source, app.now()).await?;
        tx.commit().await?;
        if claim == PasswordClaim::Locked {
            return Ok(Some("login-locked"));
        }
        let normal = password::normalize(typed).unwrap_or_default();
        let is_right = app.passwords.verify(normal, account.user.password_hash.as_deref()).await?;
        let tx = app.store.begin().await?;
        if is_right {
            tx.clear_password_failures(&source).await?;
        } else {
            tx.append_audit(&self.event(AuditAction::PasswordRefused, json!({}))).await?;
        }
        tx.commit().await?;
        Ok((!is_right).then_some("password-current-wrong"))
    }

    fn event(&self, action: AuditAction, detail: serde_json::Value) -> AuditEvent {
        let account = &self.who.account;
        AuditEvent {
            at: self.app.now(),
            actor: AuditActor::User(account.user.id),
            action,
            object: format!("user:{}", account.user.id),
            level_id: Some(account.level.id),
            detail,
            origin: self.context.origin(),
        }
    }

    /// Stores the new password, ends all other sessions, gives this one a new cookie (security.md 49, 52).
    async fn apply(&self, hash: &str) -> Result<(String, Session), PageError> {
        let (app, now, user) = (self.app, self.app.now(), &self.who.account.user);
        let sid = &self.who.session.sid;
        let cookie = entropy::secret(app.entropy.as_ref(), "se_");
        let digest = secrets::digest(&cookie);
        let tx = app.store.begin().await?;
        let is_changed = tx.change_password(user, hash, now).await?;
        tx.end_logins(user.id, Ended::PasswordChanged, now).await?;
        if !is_changed || !tx.renew_session(sid, &digest, now).await? {
            return Err(PageError::StaleForm);
        }
        let ended = tx.end_other_sessions(user.id, sid, now).await?;
        let detail = json!({ "sessions_ended": ended });
        tx.append_audit(&self.event(AuditAction::PasswordChanged, detail)).await?;
        tx.commit().await?;
        let session = Session { created_at: now, ..self.who.session.clone() };
        Ok((cookie, session))
    }

    async fn page(
        &self,
        password: PasswordForm,
        notice: Option<String>,
    ) -> Result<Response, PageError> {
        let (app, context, now) = (self.app, self.context, self.app.now());
        let sessions = app.store.list_sessions(self.who.account.user.id).await?;
        let alive = sessions.iter().filter(|session| session.is_alive(now));
        let page = ProfilePage {
            t: &context.texts,
            chrome: Chrome::personal(app, self.browser, context, self.who, "profile"),
            tab: "security",
            person: PersonView::of(self.who, &context.texts),
            tiles: Vec::new(),
            password,
            notice,
            sessions: alive
                .map(|s| session_view(s, &self.who.session.sid, &context.texts))
                .collect(),
        };
        chrome::page(&page)
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

fn session_view(session: &Session, current_sid: &str, texts: &Texts) -> SessionView {
    SessionView {
        started: texts.instant(session.auth_time),
        last_seen: texts.instant(session.last_seen_at),
        is_current: session.sid == current_sid,
    }
}
