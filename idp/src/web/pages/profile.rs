//! Profile with its tabs My Apps and Security (manual §2).

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, header::SET_COOKIE},
    response::{AppendHeaders, IntoResponse as _, Response},
};
use portal_core::{
    Timestamp,
    account::Channel,
    audit::{AuditAction, AuditActor, AuditEvent},
    expiry::ExpirationDate,
    password::{self, NewPassword, PasswordError},
    permission::{self, Action, Object},
    session::Session,
};
use serde_json::json;
use storage::PasswordClaim;

use super::tiles::{self, Tile};
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
        visitor::{LiveSession, SignedIn},
    },
};

/// The person as the page shows them.
struct PersonView {
    name: String,
    email: String,
    masked_phone: String,
    level: String,
    third_party: String,
    subsidiary: Option<String>,
    channel_is_voice: bool,
    expires_on: Option<String>,
    last_login: Option<String>,
}

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
    check_own(&app, &who, Action::ViewOwnProfile).await?;
    let page = ProfilePage {
        t: &context.texts,
        chrome: Chrome::personal(&app, &browser, &context, &who, "profile"),
        tab: "apps",
        person: person_view(&who, &context.texts),
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
    check_own(&app, &who, Action::ViewOwnProfile).await?;
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
    check_own(&app, &who, Action::ChangeOwnPassword).await?;
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
    let (cookie, live) = tab.apply(&hash).await?;
    who.live = live;
    let tab = SecurityTab { app: &app, browser: &browser, context: &context, who: &who };
    let page =
        tab.page(PasswordForm::default(), Some(context.texts.msg("password-changed"))).await?;
    Ok((AppendHeaders([(SET_COOKIE, Cookie::Session.set(&cookie, &app.issuer))]), page)
        .into_response())
}

/// Asks the permission table, like every page.
async fn check_own(app: &App, who: &SignedIn, action: Action) -> Result<(), PageError> {
    let actor = app.store.actor(&who.account).await?;
    let object = Object::User { id: who.account.user.id, level: who.account.level.path.clone() };
    let decision = permission::decide(&actor, action, &object, app.now());
    if decision.is_allowed() { Ok(()) } else { Err(PageError::Forbidden) }
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
        if current.is_empty() {
            errors.current = error("password-current-missing");
        } else if !self.is_current(current).await? {
            errors.current = error("password-current-wrong");
        }
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

    async fn is_current(&self, typed: &str) -> Result<bool, PageError> {
        let (app, user) = (self.app, &self.who.account.user);
        let source = secrets::digest(&format!("session of {}", user.id));
        let tx = app.store.begin().await?;
        let claim = tx.claim_password_try(&source, app.now()).await?;
        tx.commit().await?;
        let normal = password::normalize(typed).unwrap_or_default();
        let is_right = claim == PasswordClaim::Granted
            && app.passwords.verify(normal, user.password_hash.as_deref()).await?;
        if is_right {
            let tx = app.store.begin().await?;
            tx.clear_password_failures(&source).await?;
            tx.commit().await?;
        }
        Ok(is_right)
    }

    /// Stores the new password, ends all other sessions, gives this one a new cookie (security.md 49, 52).
    async fn apply(&self, hash: &str) -> Result<(String, LiveSession), PageError> {
        let (app, now, user) = (self.app, self.app.now(), &self.who.account.user);
        let sid = &self.who.live.session.sid;
        let cookie = entropy::secret(app.entropy.as_ref(), "se_");
        let digest = secrets::digest(&cookie);
        let tx = app.store.begin().await?;
        let is_changed = tx.change_password(user, hash, now).await?
            && tx.renew_session(sid, &digest, now).await?;
        if !is_changed {
            return Err(PageError::StaleForm);
        }
        let ended = tx.end_other_sessions(user.id, sid, now).await?;
        tx.append_audit(&AuditEvent {
            at: now,
            actor: AuditActor::User(user.id),
            action: AuditAction::PasswordChanged,
            object: format!("user:{}", user.id),
            level_id: Some(self.who.account.level.id),
            detail: json!({ "sessions_ended": ended }),
            origin: self.context.origin(),
        })
        .await?;
        tx.commit().await?;
        let session = Session { created_at: now, ..self.who.live.session.clone() };
        Ok((cookie, LiveSession { session, digest }))
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
            person: person_view(self.who, &context.texts),
            tiles: Vec::new(),
            password,
            notice,
            sessions: alive
                .map(|s| session_view(s, &self.who.live.session.sid, &context.texts))
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

fn person_view(who: &SignedIn, texts: &Texts) -> PersonView {
    let (account, user) = (&who.account, &who.account.user);
    PersonView {
        name: user.display_name(),
        email: user.email.clone(),
        masked_phone: user.phone.masked(),
        level: account.level.name.clone(),
        third_party: account
            .third_party
            .as_ref()
            .map_or_else(|| account.level.name.clone(), |t| t.name.clone()),
        subsidiary: account.subsidiary.as_ref().map(|s| s.short_name.clone()),
        channel_is_voice: user.default_channel == Channel::Voice,
        expires_on: user.expires_on.map(ExpirationDate::to_iso),
        last_login: user.last_login_at.map(|at: Timestamp| texts.instant(at)),
    }
}

fn session_view(session: &Session, current_sid: &str, texts: &Texts) -> SessionView {
    SessionView {
        started: texts.instant(session.auth_time),
        last_seen: texts.instant(session.last_seen_at),
        is_current: session.sid == current_sid,
    }
}
