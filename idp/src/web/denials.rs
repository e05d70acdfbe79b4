//! What a signed-in person was denied is in the audit trail (security.md 128): who, what, where, and from where. Written
//! here for all pages, after the handler has answered.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts as _, MatchedPath, Request, State},
    http::request::Parts,
    middleware::Next,
    response::Response,
};
use portal_core::{
    audit::{AuditAction, AuditActor, AuditEvent},
    denial::{MOST, WINDOW_SECONDS},
    permission::Action,
};
use serde_json::json;

use crate::{
    App,
    web::{error::PageError, pages, request_id::RequestContext, visitor::CurrentSession},
};

/// Most characters of a path that are written down.
const PATH: usize = 200;

/// Middleware in front of the pages. A denial that cannot be written down is answered as unavailable.
pub(super) async fn note(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let Some(action) = asked(&request) else {
        return next.run(request).await;
    };
    let (mut parts, body) = request.into_parts();
    // The session is loaded once; whoever comes after finds it.
    match CurrentSession::from_request_parts(&mut parts, &app).await {
        Ok(current) => parts.extensions.insert(current),
        Err(error) => return axum::response::IntoResponse::into_response(error),
    };
    let seen = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    let is_denial = response.extensions().get::<PageError>().is_some_and(PageError::is_denial);
    if !is_denial {
        return response;
    }
    match write_down(&app, &seen, action).await {
        Ok(()) => response,
        Err(error) => axum::response::IntoResponse::into_response(error),
    }
}

/// What the permission table is asked before the page does anything; `None` for a page that asks nothing.
fn asked(request: &Request) -> Option<Action> {
    let matched = request.extensions().get::<MatchedPath>()?;
    let route = pages::routes().find(|route| route.path == matched.as_str())?;
    route.asked_by(request.method()).map(|(action, _)| action)
}

async fn write_down(app: &App, seen: &Parts, action: Action) -> Result<(), PageError> {
    let Some(CurrentSession(Some(live))) = seen.extensions.get::<CurrentSession>() else {
        return Ok(());
    };
    let (user, now) = (live.account.user.id, app.now());
    let path: String = seen.uri.path().chars().take(PATH).collect();
    let context = seen.extensions.get::<RequestContext>();
    let event = AuditEvent {
        at: now,
        actor: AuditActor::User(user),
        action: AuditAction::AccessDenied,
        object: format!("page:{path}"),
        // What a page is of may be out of the person's sight, and so of those who administer the person.
        level_id: None,
        detail: json!({ "asked": format!("{action:?}"), "method": seen.method.as_str() }),
        origin: context.map(RequestContext::origin).unwrap_or_default(),
    };
    tracing::warn!(%user, ?action, path, "denied");
    let since = now.plus_seconds(-WINDOW_SECONDS);
    if app.store.count_audit_of(&event, since, MOST).await? < MOST {
        let tx = app.store.begin().await?;
        if tx.append_audit_up_to(&event, since, MOST).await? {
            tx.commit().await?;
        }
    }
    Ok(())
}
