//! `GET /api/me`: what CASPER knows of the bearer of an access token.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use relying_party::{Bearer, Rejection};
use serde::Serialize;

use crate::{AppState, Environment, Identity, Role, Roles};

/// The answer; a published interface.
#[derive(Serialize)]
struct Me {
    iss: String,
    sub: String,
    /// Absent before the first sign-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    environment: Environment,
    roles: Vec<Role>,
    assignments: Vec<MyAssignment>,
}

/// One assignment in effect.
#[derive(Serialize)]
struct MyAssignment {
    role: Role,
    collection: String,
    entity: String,
    lei: String,
}

/// Rights are the token's groups of this environment, met with the own database (I21). A token
/// without such a group is answered with 403 (RFC 6750 section 3.1). Makes no account.
pub(crate) async fn me(
    State(state): State<AppState>,
    Bearer(token): Bearer,
) -> Result<Response, Rejection> {
    let roles = Roles::from_claims(state.environment, &token.groups, &[]);
    if !roles.any() {
        return Ok(no_role());
    }
    let identity = Identity { iss: token.iss, sub: token.sub };
    let account = state.database.find_account(&identity).await;
    let account = account.map_err(|error| state.failed(&error))?;
    let assignments = state.database.list_assignments(&identity, state.clock.now()).await;
    let assignments = assignments.map_err(|error| state.failed(&error))?;
    let assignments = assignments.into_iter().filter(|row| row.is_effective(roles));
    let me = Me {
        iss: identity.iss,
        sub: identity.sub,
        name: account.map(|account| account.name),
        environment: state.environment,
        roles: roles.assignable().collect(),
        assignments: assignments
            .filter_map(|row| {
                Some(MyAssignment {
                    role: row.role()?,
                    collection: row.collection,
                    entity: row.entity,
                    lei: row.lei,
                })
            })
            .collect(),
    };
    Ok(Json(me).into_response())
}

fn no_role() -> Response {
    let challenge = "Bearer error=\"insufficient_scope\"";
    let body = serde_json::json!({
        "error": "insufficient_scope",
        "error_description": "the token carries no group of this environment",
    });
    (StatusCode::FORBIDDEN, [(header::WWW_AUTHENTICATE, challenge)], Json(body)).into_response()
}
