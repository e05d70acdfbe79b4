//! Profile, tabs My Apps and Security (manual §2).

use askama::Template;
use axum::{
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
    password_source,
    person::PersonView,
    tiles::{self, Tile},
};
use crate::{
    entropy, secrets,
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        cookie::Cookie,
        error::PageError,
        form::OwnForm,
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
pub(super) async fn show(asking: Asking) -> Result<Response, PageError> {
    asking.may_own(Action::ViewOwnProfile)?;
    let page = ProfilePage {
        t: asking.texts(),
        chrome: asking.chrome("profile"),
        tab: "apps",
        person: PersonView::of(&asking),
        tiles: tiles::load(&asking).await?,
        password: PasswordForm::default(),
        notice: None,
        sessions: Vec::new(),
    };
    chrome::page(&page)
}

/// `GET /profile/security`: tab Security.
pub(super) async fn show_security(asking: Asking) -> Result<Response, PageError> {
    asking.may_own(Action::ViewOwnProfile)?;
    page(&asking, PasswordForm::default(), None).await
}

/// The fields of the password's form. The address stands there for password managers.
const PASSWORD_FIELDS: [&str; 4] =
    ["username", "current_password", "new_password", "repeat_password"];

/// `POST /profile/security`: change password.
pub(super) async fn change_password(
    mut asking: Asking,
    form: OwnForm,
) -> Result<Response, PageError> {
    asking.may_own(Action::ChangeOwnPassword)?;
    form.only(&PASSWORD_FIELDS, &[])?;
    let new = match check(&asking, &form).await? {
        Ok(new) => new,
        Err(errors) => {
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&asking, errors, None).await?)
                .into_response());
        }
    };
    let hash = asking.app.passwords.hash(new.expose().to_owned()).await?;
    let (cookie, session) = apply(&asking, &hash).await?;
    asking.who.session = session;
    let page =
        page(&asking, PasswordForm::default(), Some(asking.text("password-changed"))).await?;
    Ok((AppendHeaders([(SET_COOKIE, Cookie::Session.set(&cookie, &asking.app.issuer))]), page)
        .into_response())
}

/// The new password, or the errors at the fields. Wrong current passwords are counted with those of sign-in
/// (security.md 60).
async fn check(
    asking: &Asking,
    form: &OwnForm,
) -> Result<Result<NewPassword, PasswordForm>, PageError> {
    let (texts, user) = (asking.texts(), &asking.who.account.user);
    let error = |key: &str| Some(texts.msg(key));
    let current = form.get("current_password");
    let mut errors = PasswordForm::default();
    let context = [user.first_name.as_str(), user.last_name.as_str(), user.email.as_str()];
    let new = NewPassword::parse(form.get("new_password"), &context);
    errors.current = refuse_current(asking, current).await?.and_then(error);
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
    let has_errors = errors.current.is_some() || errors.new.is_some() || errors.repeat.is_some();
    Ok(match new {
        Ok(new) if !has_errors => Ok(new),
        _ => Err(errors),
    })
}

/// The key of the error at the field, if the password is not the person's present one.
async fn refuse_current(asking: &Asking, typed: &str) -> Result<Option<&'static str>, PageError> {
    if typed.is_empty() {
        return Ok(Some("password-current-missing"));
    }
    let (app, account) = (&asking.app, &asking.who.account);
    let key = EmailKey::of(&account.user.email);
    let source =
        password_source::of(app, &asking.browser, &asking.context, (&key, Some(account))).await?;
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
        tx.append_audit(&event(asking, AuditAction::PasswordRefused, json!({}))).await?;
    }
    tx.commit().await?;
    Ok((!is_right).then_some("password-current-wrong"))
}

fn event(asking: &Asking, action: AuditAction, detail: serde_json::Value) -> AuditEvent {
    let account = &asking.who.account;
    AuditEvent {
        at: asking.app.now(),
        actor: AuditActor::User(account.user.id),
        action,
        object: format!("user:{}", account.user.id),
        level_id: Some(account.level.id),
        detail,
        origin: asking.context.origin(),
    }
}

/// Stores the new password, ends all other sessions, gives this one a new cookie (security.md 49, 52).
async fn apply(asking: &Asking, hash: &str) -> Result<(String, Session), PageError> {
    let (app, now, user) = (&asking.app, asking.app.now(), &asking.who.account.user);
    let sid = &asking.who.session.sid;
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
    tx.append_audit(&event(asking, AuditAction::PasswordChanged, detail)).await?;
    tx.commit().await?;
    let session = Session { created_at: now, ..asking.who.session.clone() };
    Ok((cookie, session))
}

async fn page(
    asking: &Asking,
    password: PasswordForm,
    notice: Option<String>,
) -> Result<Response, PageError> {
    let (app, texts, now) = (&asking.app, asking.texts(), asking.app.now());
    let sessions = app.store.list_sessions(asking.who.account.user.id).await?;
    let alive = sessions.iter().filter(|session| session.is_alive(now));
    let page = ProfilePage {
        t: texts,
        chrome: asking.chrome("profile"),
        tab: "security",
        person: PersonView::of(asking),
        tiles: Vec::new(),
        password,
        notice,
        sessions: alive.map(|s| session_view(s, &asking.who.session.sid, texts)).collect(),
    };
    chrome::page(&page)
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
