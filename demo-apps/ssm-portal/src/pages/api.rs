//! `GET /api/me`: what the SSM Portal knows of the caller.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use relying_party::Bearer;
use serde_json::json;

use crate::{App, accounts, permissions};

/// Permissions count only together with the group in the token (I21).
pub(crate) async fn me(
    State(app): State<App>,
    Bearer(token): Bearer,
) -> Result<Response, StatusCode> {
    let down = |error: sqlx::Error| {
        tracing::error!(%error, "the database does not answer");
        StatusCode::SERVICE_UNAVAILABLE
    };
    let has_group = token.groups.iter().any(|group| group == app.environment.group());
    let account = accounts::find_of(&app.pool, &token.iss, &token.sub).await.map_err(down)?;
    let granted = match &account {
        Some(account) if has_group => {
            permissions::effective(&app.pool, account).await.map_err(down)?
        }
        _ => Vec::new(),
    };
    let permissions: Vec<_> = granted
        .iter()
        .map(|one| {
            json!({
                "process_type": one.process_type,
                "institution": one.institution,
                "level": one.level.label(),
            })
        })
        .collect();
    let body = json!({
        "iss": token.iss,
        "sub": token.sub,
        "client_id": token.client_id,
        "name": account.as_ref().map(accounts::Account::full_name),
        "has_account": account.is_some(),
        "groups": token.groups,
        "app_admin": token.app_admin,
        "permissions": permissions,
    });
    Ok(Json(body).into_response())
}
